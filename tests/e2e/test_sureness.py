"""A small town whose sureness and cost curve are asked for: the tables, what is told of them, and re-runs at other prices."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sewerzone import api
from sewerzone.io.summary import summary
from sewerzone.model import no_progress
from sewerzone.output import brief, web_map
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.deciding import Again
from sewerzone.pipeline.town import build_town
from sewerzone.stages import cost, prepare
from sewerzone.stages.robustness import Price

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "data" / "hamlet" / "study.toml"
SETTLED = ("cluster.limit_distance_m=40", "cluster.served_limit_distance_m=40", "zoning.leave_out_dear_branches=false")
"""Units and houses that do not change with prices."""


@pytest.fixture(scope="module")
def asked() -> api.Plan:
    verified = "robustness.verified_range=[0.85, 1.0]"
    changes = (verified, "robustness.samples=64", "curve.points=20", 'curve.second_aim="pumps"', 'zoning.method="optimum"')
    return api.run(api.read(STUDY, changes=(*SETTLED, *changes)))


def sewered(plan: api.Plan) -> np.ndarray:
    return (plan.units["treatment"] != "johkasou").to_numpy()


def test_verdicts_turn_a_per_cent_from_the_price_told_in_whole_runs_from_the_files(asked: api.Plan) -> None:
    told, today = asked.robustness, sewered(asked)
    rows = told[told["break_even_sewer_basis"] == "decided_again"]
    assert len(rows) == 1
    unit, at = int(rows["unit_id"].iloc[0]), float((rows["break_even_sewer_yen_per_m"] / rows["sewer_yen_per_m"]).iloc[0])
    assert at < 1.0
    assert sewered(at_price("sewer", at * 1.01))[unit] == today[unit]
    assert sewered(at_price("sewer", at * 0.99))[unit] != today[unit]
    # farther than is decided again, the networks designed are what is known, and it is said
    far = told["break_even_sewer_yen_per_m"] / told["sewer_yen_per_m"] < 0.84
    assert far.any()
    assert (told.loc[far, "break_even_sewer_basis"] == "networks_designed").all()
    for number, basis in ((unit, "decided again"), (int(told.loc[far, "unit_id"].iloc[0]), "by the networks designed")):
        assert basis in asked.explain(number, "en")
    assert "再判定して確認" in asked.explain(unit, "ja")


@pytest.mark.parametrize("method", ["optimum", "official"])
@pytest.mark.parametrize(("price", "share"), [("sewer", 0.8), ("johkasou", 1.2), ("treatment", 4.0)])
def test_deciding_again_is_what_a_run_from_the_files_decides(price: Price, share: float, method: str) -> None:
    inputs = api.read(STUDY, changes=(f"zoning.method={method}",))
    book = cost.book_of(inputs.config.cost, inputs.base)
    town = build_town(inputs, prepare.clean(inputs), book, Clock(no_progress))
    limits = f"cluster.limit_distance_m={town.limit_m!r}", f"cluster.served_limit_distance_m={town.served_limit_m!r}"
    changes = (*limits, f"zoning.method={method}", f"cost.{price}_factor={share}")
    run = sewered(api.run(api.read(STUDY, changes=changes)))
    assert np.array_equal(Again(inputs, town).at(price, share), run)
    assert not np.array_equal(run, sewered(api.run(inputs))) or price == "treatment"


@cache
def at_price(price: str, share: float) -> api.Plan:
    """The whole study read and run again with one price so many times what it is."""
    changes = (*SETTLED, 'zoning.method="optimum"', f"cost.{price}_factor={float(share)!r}")
    return api.run(api.read(STUDY, changes=changes))


def test_every_unit_has_a_row_and_plans_lie_on_or_above_the_curve(asked: api.Plan) -> None:
    assert asked.robustness["unit_id"].tolist() == asked.units["unit_id"].tolist()
    curve = asked.cost_curve
    assert {"least", "today", "official", "optimum", "few_pumps"} == set(curve["kind"])
    told = curve.dropna(subset="least_yen_per_yr")
    assert (told["yen_per_yr"] >= told["least_yen_per_yr"] * (1.0 - 1e-4)).all()
    least = curve[curve["kind"] == "least"]
    assert least["people_sewered_share"].iloc[0] == 0.0
    assert least["people_sewered_share"].iloc[-1] > 0.9
    point = curve.set_index("kind").loc["optimum"]
    homes = asked.buildings[asked.buildings["unit_id"].notna() & (asked.buildings["treatment"] != "johkasou")]
    assert point["people_sewered"] == pytest.approx(homes["people"].sum())
    assert point["second_aim"] == len(asked.pumps)
    assert curve.loc[curve["kind"].isin(["today", "official"]), "second_aim"].notna().all()
    slopes = np.diff(least["yen_per_yr"]) / np.diff(least["people_sewered"])
    assert (np.diff(slopes) > 0).all()


def test_sureness_is_told_everywhere(asked: api.Plan, tmp_path: Path) -> None:
    facts = summary(asked)["sureness"]
    assert facts["firm_sewer"] + facts["firm_johkasou"] + facts["contested"] == len(asked.units)
    text = brief.text(summary(asked), tmp_path)
    assert facts["plan_differs"] == (~asked.robustness["plan_agrees"]).sum()
    assert f"{facts['contested']:,} contested in 64 samples" in text
    unit = int(asked.robustness.dropna(subset="break_even_sewer_yen_per_m")["unit_id"].iloc[0])
    price = asked.robustness.set_index("unit_id").loc[unit, "break_even_sewer_yen_per_m"]
    assert f"{price:,.0f} yen/m" in asked.explain(unit, "en")
    assert "64試行" in asked.explain(unit, "ja")
    assert ("Reasons are in Japanese" in asked.explain(unit, "en")) == (asked.config.study.language == "ja")
    columns = web_map.page_data(asked)["layers"]["units"]["columns"]
    assert set(columns["sureness"]["words"]) <= {"firm_sewer", "firm_johkasou", "contested"}
    assert -1 not in columns["sureness"]["codes"]
    asked.write(tmp_path / "out")
    assert (tmp_path / "out" / "cost_curve.png").read_bytes()[:4] == b"\x89PNG"
    assert api.load(tmp_path / "out").robustness.equals(asked.robustness)


def test_a_plan_that_stands_by_another_verdict_than_the_model_says_so(asked: api.Plan, tmp_path: Path) -> None:
    unit = int(asked.robustness["unit_id"].iloc[0])
    sure = asked.robustness.assign(plan_agrees=asked.robustness["unit_id"] != unit, sureness=None)
    other = replace(asked, robustness=sure)
    text = brief.text(summary(other), tmp_path)
    assert "1 unit the plan treats otherwise than the model" in text
    assert "too few to call a verdict firm or contested in 64 samples" in text
    assert "decides otherwise than the plan" in other.explain(unit, "en")
    assert "zoned anew as a whole" not in other.explain(unit, "en")
    assert "few samples" in other.explain(unit, "en")
    assert "計画と異なる判定" in other.explain(unit, "ja")


def test_nothing_is_told_where_nothing_is_asked(tmp_path: Path) -> None:
    plan = api.run(api.read(STUDY))
    for name in ("robustness", "scenarios", "figures", "cost_curve"):
        assert getattr(plan, name).empty
    assert summary(plan)["sureness"] is None
    assert "Sureness" not in brief.text(summary(plan), tmp_path)
    plan.write(tmp_path / "out")
    assert not (tmp_path / "out" / "cost_curve.png").exists()


def test_people_treated_in_time_are_set_against_cost() -> None:
    cap = ("curve.points=10", 'curve.second_aim="in_time"', "zoning.build_cap_yen_per_yr=3e6", "zoning.build_years=3")
    price = ('cost.book="generic"', "cluster.absorb_round_served=false")
    plan = api.run(api.read(STUDY, changes=(*SETTLED, *cap, *price)))
    front = plan.cost_curve[plan.cost_curve["kind"] == "fast"].sort_values("yen_per_yr")
    people = plan.units["people"].sum()
    assert len(front) >= 2
    assert (np.diff(front["second_aim"]) > 0).all()
    assert front["second_aim"].iloc[-1] == pytest.approx(people)  # tanks alone are there in time
    assert front["second_aim"].iloc[0] < people
