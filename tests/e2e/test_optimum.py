"""The optimum beside the official procedure, on towns small enough to check by hand; prices as there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sewerzone import costbooks, pipeline
from sewerzone.io.summary import summary
from sewerzone.model import Inputs, Plan, no_progress
from sewerzone.output import brief
from sewerzone.output.explain import explain
from sewerzone.output.explain import text as explain_text
from sewerzone.output.web_map import page_data
from sewerzone.pipeline import verdicts
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.least import begin_least
from sewerzone.pipeline.town import build_town, lay_ground
from sewerzone.stages import prepare
from tests import hamlet
from tests.e2e.test_official_procedure import METRE, SERVED, TANK, along, by_place, decision, total, treatment, villages


def optimum(*rows: list[Any], sections: dict[str, Any] | None = None, **layers: Any) -> Plan:
    given = {**(sections or {}), "zoning": {**(sections or {}).get("zoning", {}), "method": "optimum"}}
    return pipeline.run(along(*rows, sections=given, **layers))


def test_three_that_pay_only_together_are_found() -> None:
    """No pair pays, so the official procedure leaves all three with tanks; one network for all saves."""
    plan = optimum(*villages(400, 800, 1090))
    joint = 1300 * METRE + treatment(45)
    assert by_place(plan) == ["sewer"] * 3
    assert plan.systems["units"].tolist() == [3]
    assert total(plan) == pytest.approx(joint)
    told = plan.run["optimum"]
    assert told["official_yen_per_yr"] == pytest.approx(45 * TANK)
    assert told["saving_yen_per_yr"] == pytest.approx(45 * TANK - joint)
    assert told["units_changed"] == 3
    assert told["is_settled"]
    assert told["least_of_any_plan_yen_per_yr"] <= told["least_at_final_prices_yen_per_yr"] * (1 + 1e-9)
    assert told["gap_at_final_prices_share"] == pytest.approx(0.0, abs=1e-3)
    rows = plan.differences
    assert rows["is_changed"].all()
    assert set(rows["official_treatment"]) == {"johkasou"}
    assert set(rows["optimum_treatment"]) == {"sewer"}
    assert rows["optimum_group"].nunique() == 1
    assert rows["official_group"].tolist() == rows["unit_id"].tolist()
    assert all("2 other unit(s)" in reason for reason in rows["reason"])
    # the last of the three saves its tanks less 290 m and its treatment; one reach of these serves its neighbour too
    last = rows["saving_yen_per_yr"].to_numpy()[np.argmax(plan.units.geometry.bounds["minx"])]
    assert last == pytest.approx(15 * TANK - 290 * METRE - (treatment(45) - treatment(30)), abs=40 * METRE)


def test_what_does_not_pay_together_keeps_tanks() -> None:
    plan = optimum(*villages(400, 800))
    assert by_place(plan) == ["johkasou", "johkasou"]
    assert total(plan) == pytest.approx(30 * TANK)
    assert not plan.differences["is_changed"].any()
    assert plan.differences["reason"].isna().all()
    assert (plan.differences["saving_yen_per_yr"] == 0.0).all()


def test_the_official_plan_has_no_differences() -> None:
    assert len(pipeline.run(along(*villages(400, 800, 1090))).differences) == 0


def test_decisions_hold_and_cost_what_they_cost() -> None:
    """The middle village with tanks: the third does not pay then, and nor does the first alone."""
    tanks = decision("force_johkasou", hamlet.box(790, 0, 1020, 40))
    plan = optimum(*villages(400, 800, 1090), overrides=tanks)
    assert by_place(plan) == ["johkasou"] * 3
    joint = 1300 * METRE + treatment(45)
    assert plan.units["override_price_yen_per_yr"].dropna().tolist() == pytest.approx([45 * TANK - joint])
    sewer = decision("force_sewer", hamlet.box(390, 0, 620, 40))
    alone = optimum(hamlet.row(400, 15, 15.0), overrides=sewer)
    assert by_place(alone) == ["sewer"]
    assert total(alone) == pytest.approx(610 * METRE + treatment(15))


def sample(seed: int, dwellings: int = 150, **zoning: Any) -> Inputs:
    return hamlet.sample(dwellings, seed, zoning={"method": "optimum", **zoning})


@pytest.mark.parametrize("seed", range(4))
def test_official_is_never_below_the_optimum_nor_the_optimum_below_its_bounds(seed: int) -> None:
    plan = pipeline.run(sample(seed))
    told = plan.run["optimum"]
    assert plan.run["plan_yen_per_yr"] == pytest.approx(plan.run["searched_yen_per_yr"], abs=1.0)
    assert told["optimum_yen_per_yr"] == pytest.approx(plan.run["searched_yen_per_yr"], abs=1.0)
    assert told["official_yen_per_yr"] >= told["optimum_yen_per_yr"] - 1e-6
    official = pipeline.run(hamlet.sample(150, seed))
    assert told["official_yen_per_yr"] == pytest.approx(official.run["searched_yen_per_yr"], abs=1.0)
    assert told["optimum_yen_per_yr"] >= told["least_at_final_prices_yen_per_yr"] - 1e-6
    assert told["optimum_yen_per_yr"] >= told["least_of_any_plan_yen_per_yr"] - 1e-6
    rows = plan.differences
    assert rows["concerned_saving_yen_per_yr"].sum() == pytest.approx(told["saving_yen_per_yr"], abs=1.0)
    regrouped = rows["optimum_treatment"].ne("johkasou") & rows["official_treatment"].ne("johkasou")
    regrouped &= rows["official_group"] != rows["optimum_group"]
    assert rows.loc[regrouped | rows["is_changed"], "reason"].notna().all()
    changed = plan.differences["official_treatment"] != plan.differences["optimum_treatment"]
    assert plan.differences["is_changed"].tolist() == changed.tolist()
    assert plan.differences["optimum_treatment"].tolist() == plan.units["treatment"].tolist()
    assert plan.differences["official_treatment"].tolist() == official.units["treatment"].tolist()
    everywhere = pipeline.run(hamlet.sample(150, seed, zoning={"method": "all_sewer"}))
    assert everywhere.run["plan_yen_per_yr"] >= told["least_of_any_plan_yen_per_yr"] - 1e-6


def test_what_the_problem_expects_of_its_ways_is_what_they_cost() -> None:
    """Here the growers choose other ways than the problem, and those of the problem cost more than it thinks at first."""
    inputs = sample(1, 600)
    ground = inputs.terrain.elevation_m
    steep = replace(inputs.terrain, elevation_m=2.0 * ground - np.nanmin(ground))
    told = pipeline.run(replace(inputs, terrain=steep)).run["optimum"]
    assert told["is_settled"]
    assert told["gap_at_final_prices_share"] == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("effort", ["thorough", "once"])
def test_the_same_input_in_another_order_gives_the_same_optimum(effort: str) -> None:
    inputs = sample(3, 300, effort=effort)
    first = pipeline.run(inputs)
    told = first.run["optimum"]
    assert told["official_yen_per_yr"] >= told["optimum_yen_per_yr"] >= told["least_of_any_plan_yen_per_yr"]
    if (least := told["least_at_final_prices_yen_per_yr"]) is not None:
        assert least <= told["optimum_yen_per_yr"] * (1.0 + 1e-6)
        assert told["gap_at_final_prices_share"] < 2e-3
    order = np.random.default_rng(0)
    shuffled = {
        name: getattr(inputs, name).iloc[order.permutation(len(getattr(inputs, name)))].reset_index(drop=True)
        for name in ("buildings", "roads")
    }
    again = pipeline.run(Inputs(**{**inputs.__dict__, **shuffled}))
    assert first.run["optimum"] == pytest.approx(again.run["optimum"])
    assert first.differences.equals(again.differences)


def test_the_difference_is_told_everywhere(tmp_path: Path) -> None:
    plan = optimum(*villages(400, 800, 1090))
    told = explain(plan, [0])[0]
    assert told["difference"]["is_changed"]
    assert "Official procedure: " in explain_text(told)
    assert "手順書方式では浄化槽" in explain_text(told, "ja")
    saved = plan.run["optimum"]["saving_yen_per_yr"]
    figures = summary(plan)
    assert figures["optimum"]["saving_yen_per_yr"] == pytest.approx(saved, abs=1.0)
    assert f"Optimum      {saved / 1e6:,.2f} million yen a year" in brief.text(figures, tmp_path)
    units = page_data(plan)["layers"]["units"]["columns"]
    assert units["is_changed"] == [1] * 3
    official = pipeline.run(along(*villages(400, 690)))
    assert summary(official)["optimum"] is None
    assert "Optimum" not in brief.text(summary(official), tmp_path)
    assert page_data(official)["layers"]["units"]["columns"]["is_changed"] == [0] * 2
    assert "Official procedure" not in explain_text(explain(official, [0])[0])


def test_towns_without_choices() -> None:
    nowhere = optimum(hamlet.row(100, 10), served_areas=hamlet.layer([]), sections={"compare": {"own_plant": False}})
    assert by_place(nowhere) == ["johkasou"]
    assert nowhere.run["optimum"]["least_of_any_plan_yen_per_yr"] == pytest.approx(10 * TANK)
    everywhere = optimum(hamlet.row(100, 10), served_areas=hamlet.layer([hamlet.box(-200, -200, 2000, 200)]))
    assert len(everywhere.units) == len(everywhere.differences) == 0
    near = optimum(hamlet.row(30, 10, 15.0))
    assert by_place(near) == ["absorbed"]
    assert near.differences["official_treatment"].tolist() == ["absorbed"]


def partitions(items: list[int]) -> Iterator[list[list[int]]]:
    """All ways to share items out to groups."""
    if not items:
        yield []
        return
    first, *rest = items
    for size in range(len(rest) + 1):
        for company in combinations(rest, size):
            for others in partitions([i for i in rest if i not in company]):
                yield [[first, *company], *others]


@pytest.mark.parametrize("seed", range(8))
def test_no_partition_of_a_few_villages_costs_less(seed: int) -> None:
    """Five villages at random along two roads: every way to put them into networks, with tanks or to a sewer, designed."""
    rng = np.random.default_rng(seed)
    roads = [hamlet.line((-100, 0), (0, 0), (4000, 0)), hamlet.line((900, 0), (900, 1500))]
    first = np.cumsum(rng.uniform(260, 420, 5)) - 100
    houses = [h for k, x in enumerate(first) for h in hamlet.row(float(x), int(rng.integers(4, 14)), 15.0)]
    ground = hamlet.rising_east(float(rng.choice([5.0, -2.0, 0.0])))
    sections = {"zoning": {"method": "optimum"}, "compare": {"own_plant": False}}
    inputs = hamlet.study(houses, roads, ground, sections, served_areas=SERVED)
    book = costbooks.load(inputs.config.cost.book, inputs.config.cost.fallback, inputs.base)
    town = build_town(inputs, prepare.clean(inputs), book, Clock(no_progress))
    field = lay_ground(town, inputs.config, book)
    absorbed = verdicts.absorb(town, field)
    study = verdicts._study(town, field, inputs.config, book, absorbed, None)
    units = len(town.units)
    yen = {}
    for size in range(1, units + 1):
        for members in combinations(range(units), size):
            (group,) = study.grown([("connect", np.array(members))], is_quick=False)
            tanks = study.yearly.johkasou[list(members)].sum() if not absorbed.is_absorbed[list(members)].any() else np.inf
            yen[members] = min(tanks, np.inf if group is None else group.yen_per_yr)
    least = min(sum(yen[tuple(g)] for g in parts) for parts in partitions(list(range(units))))
    found = verdicts.seek_optimum(town, field, inputs.config, book, absorbed)
    cost = sum(g.yen_per_yr for g in found.zoning.groups)
    assert cost == pytest.approx(least, rel=1e-9)
    bound = begin_least(town, field, inputs.config, book, found.final.units)()
    assert bound <= least + 1e-6


CAPPED = {"zoning": {"build_cap_yen_per_yr": 12e6}}
"""The network of the three villages would take 15 years of the 10 allowed."""


def test_what_turns_for_a_deadline_is_in_every_figure_of_the_optimum(tmp_path: Path) -> None:
    """The three villages pay together but cannot be built in time: the plan is that of the procedure again, and says so."""
    joint = 1300 * METRE + treatment(45)
    plan = optimum(*villages(400, 800, 1090), sections=CAPPED | {"curve": {"points": 5}})
    assert by_place(plan) == ["johkasou"] * 3
    told, in_time = plan.run["optimum"], plan.run["in_time"]
    assert told["optimum_yen_per_yr"] == pytest.approx(total(plan)) == pytest.approx(45 * TANK)
    assert (told["saving_yen_per_yr"], told["units_changed"]) == (pytest.approx(0.0), 0)
    assert in_time["optimum_without_deadline_yen_per_yr"] == pytest.approx(joint)
    assert sorted(in_time["turned_units"]) == [0, 1, 2]
    assert not plan.differences["is_changed"].any()
    assert set(plan.differences["optimum_treatment"]) == {"johkasou"}
    curve = plan.cost_curve.set_index("kind")["yen_per_yr"]
    assert (curve["optimum"], curve["plan"]) == (pytest.approx(joint), pytest.approx(45 * TANK))
    said = brief.text(summary(plan), tmp_path)
    assert f"without a deadline the optimum costs {joint / 1e6:,.2f} million" in said
    assert all("3 units together would be finished in year 15" in reason for reason in plan.units["reason"])
    unit = explain(plan, [0])[0]
    assert unit["is_late"]
    assert "the official procedure treats it alike" in explain_text(unit)


def test_a_decision_against_the_deadline_has_the_price_of_both_plans_in_time() -> None:
    """Forcing one of the villages builds all three, late: the plan without that decision has tanks."""
    forced = decision("force_sewer", hamlet.box(390, 0, 600, 40))
    plan = optimum(*villages(400, 800, 1090), sections=CAPPED, overrides=forced)
    assert by_place(plan) == ["sewer"] * 3
    price = plan.units["override_price_yen_per_yr"].dropna().iloc[0]
    assert price == pytest.approx(1300 * METRE + treatment(45) - 45 * TANK)
