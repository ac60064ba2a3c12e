"""The optimum beside the official procedure, on towns small enough to check by hand; prices as there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sewerzone import pipeline
from sewerzone.io.summary import summary
from sewerzone.model import Inputs, Plan
from sewerzone.output import brief
from sewerzone.output.explain import explain
from sewerzone.output.explain import text as explain_text
from sewerzone.output.web_map import page_data
from tests import hamlet
from tests.e2e.test_official_procedure import METRE, TANK, along, by_place, decision, total, treatment, villages


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


@pytest.mark.parametrize("seed", range(6))
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
    changed = plan.differences["official_treatment"] != plan.differences["optimum_treatment"]
    assert plan.differences["is_changed"].tolist() == changed.tolist()
    assert plan.differences["optimum_treatment"].tolist() == plan.units["treatment"].tolist()
    assert plan.differences["official_treatment"].tolist() == official.units["treatment"].tolist()
    for method in ("all_sewer", "all_johkasou"):
        reference = pipeline.run(hamlet.sample(150, seed, zoning={"method": method, "leave_out_dear_branches": True}))
        assert reference.run["plan_yen_per_yr"] >= told["least_of_any_plan_yen_per_yr"] - 1e-6


def test_the_same_input_in_another_order_gives_the_same_optimum() -> None:
    inputs = sample(3, 300)
    first = pipeline.run(inputs)
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
    assert units["is_changed"] == [True] * 3
    official = pipeline.run(along(*villages(400, 690)))
    assert summary(official)["optimum"] is None
    assert "Optimum" not in brief.text(summary(official), tmp_path)
    assert page_data(official)["layers"]["units"]["columns"]["is_changed"] == [False] * 2
    assert "Official procedure" not in explain_text(explain(official, [0])[0])
