"""The official procedure, step by step, on towns small enough to check by hand.

Prices of the Fuji plan: a metre of sewer 138,000 / 72 + 154 yen a year, a tank 752,000 / 32 + 52,000. One dwelling sends
1.32 m3/d (daily maximum) to a plant that treats 20,000 m3/d today. Roads run east from a sewered area that ends at
x = 1 m and fall towards it by 5 permille, so that no pump is needed; the last sewered node is the one at x = 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sewerzone import pipeline
from sewerzone.errors import DataError
from sewerzone.model import Inputs, Plan
from tests import hamlet

METRE = 138_000 / 72 + 154
TANK = 752_000 / 32 + 52_000
FALL = hamlet.rising_east(5.0)
SERVED = hamlet.layer([hamlet.box(-200, -200, 1, 3000)])


def treatment(dwellings: float) -> float:
    """Extra upkeep a year of the receiving plant."""

    def upkeep(flow: float) -> float:
        return 19_000_000 / 19.0 * 18.8 * 103.3 / 101.5 * (flow / 1000.0) ** 0.69

    return upkeep(20_000 + 1.32 * dwellings) - upkeep(20_000)


def along(*rows: list[Any], sections: dict[str, Any] | None = None, to_m: float = 2000.0, **layers: Any) -> Inputs:
    """Houses along one road."""
    houses = [house for row in rows for house in row]
    layers = {"served_areas": SERVED, **layers}
    return hamlet.study(houses, [hamlet.line((-100, 0), (0, 0), (to_m, 0))], FALL, sections, **layers)


def villages(*first_m: float, count: int = 15, step_m: float = 15.0) -> list[list[Any]]:
    return [hamlet.row(first, count, step_m) for first in first_m]


def by_place(plan: Plan, column: str = "treatment") -> list[Any]:
    """A column of the units, from west to east (then from south to north)."""
    west = plan.units.geometry.bounds[["minx", "miny"]].round()
    return plan.units.loc[west.sort_values(["minx", "miny"]).index, column].tolist()


def total(plan: Plan) -> float:
    assert plan.run["plan_yen_per_yr"] == pytest.approx(plan.run["searched_yen_per_yr"], abs=1.0)
    return plan.run["plan_yen_per_yr"]


# --- step 3: each unit alone


def test_a_unit_near_enough_is_connected() -> None:
    plan = pipeline.run(along(hamlet.row(100, 10)))
    assert by_place(plan) == ["sewer"]
    assert plan.systems["kind"].tolist() == ["connect"]
    assert plan.systems["sewer_m"].tolist() == pytest.approx([280.0])
    assert total(plan) == pytest.approx(280 * METRE + treatment(10))
    unit = plan.units.iloc[0]
    assert unit["sewer_yen_per_yr"] == pytest.approx(280 * METRE + treatment(10))
    assert unit["johkasou_yen_per_yr"] == pytest.approx(10 * TANK)
    assert unit["margin_yen_per_yr"] == pytest.approx(10 * TANK - 280 * METRE - treatment(10))
    assert unit["runner_up"] == "johkasou"
    assert (plan.buildings["treatment"] == "sewer").all()
    assert "280 m of sewer" in unit["reason"]


def test_a_unit_too_far_keeps_tanks() -> None:
    plan = pipeline.run(along(hamlet.row(600, 10)))
    assert by_place(plan) == ["johkasou"]
    assert len(plan.systems) == len(plan.pipes) == 0
    assert total(plan) == pytest.approx(10 * TANK)
    assert plan.units["margin_yen_per_yr"].tolist() == pytest.approx([780 * METRE + treatment(10) - 10 * TANK])
    assert "780 m" in plan.units["reason"].iloc[0]


def test_beyond_the_longest_link_no_sewer_is_possible() -> None:
    plan = pipeline.run(along(hamlet.row(600, 10), sections={"route": {"max_link_m": 500.0}}))
    option = plan.options.set_index("option").loc["connect"]
    assert not option["is_possible"]
    assert "500 m" in option["reason"]
    assert by_place(plan) == ["johkasou"]
    assert np.isnan(plan.units["sewer_yen_per_yr"]).all()


def test_a_village_far_from_everything_gets_a_plant_of_its_own() -> None:
    """The least plant of the generic book costs 1,404 M yen x (q / 1000)^0.42 and 19.3 M x (q / 1000)^0.78 a year.

    For 300 flats in 10 houses beside one another (396 m3/d): 28.8 M + 9.4 M yen a year against tanks for 300 flats,
    2 flats sharing a tank of 10 persons.
    """
    houses = hamlet.row(3000, 10)
    study = along(houses, to_m=4000.0, sections={"compare": {"own_plant_min_dwellings": 20}})
    flats = study.buildings.assign(dwellings=30.0, people=66.0)
    plan = pipeline.run(Inputs(**{**study.__dict__, "buildings": flats}))
    q = 300 * 1.32
    factor = 103.3 / 101.5
    plant = factor * (1_380e6 * (q / 1000) ** 0.42 / 33 + 19e6 * (q / 1000) ** 0.78)
    option = plan.options.set_index("option")
    assert option.loc["own_plant", "total_yen_per_yr"] == pytest.approx(180 * METRE + plant)
    assert option.loc["own_plant", "sewer_m"] == pytest.approx(180.0)
    cheapest = min(option["total_yen_per_yr"].items(), key=lambda item: item[1])[0]
    assert by_place(plan) == [{"connect": "sewer"}.get(cheapest, cheapest)]


def test_existing_tanks_need_no_installation() -> None:
    columns = {"existing_tanks": [1.0] * 4 + [0.0] * 6}
    study = hamlet.study(hamlet.row(600, 10), [hamlet.line((-100, 0), (2000, 0))], FALL, columns=columns, served_areas=SERVED)
    assert total(pipeline.run(study)) == pytest.approx(10 * 52_000 + 6 * 752_000 / 32)


# --- step 4: the connection study


def test_two_units_pay_only_together() -> None:
    plan = pipeline.run(along(*villages(400, 690)))
    alone = 610 * METRE + treatment(15), 900 * METRE + treatment(15)
    assert by_place(plan, "alone_treatment") == ["johkasou", "johkasou"]
    assert by_place(plan, "sewer_yen_per_yr") == pytest.approx(alone)
    assert by_place(plan) == ["sewer", "sewer"]
    assert plan.systems["units"].tolist() == [2]
    joint = 900 * METRE + treatment(30)
    assert total(plan) == pytest.approx(joint)
    (join,) = plan.run["joins"]
    assert join["round"] == 1
    assert join["saving_yen_per_yr"] == pytest.approx(30 * TANK - joint)
    assert all("1 other" in reason for reason in plan.units["reason"])


def test_a_join_that_does_not_pay_is_not_made() -> None:
    plan = pipeline.run(along(*villages(400, 800)))
    assert 1010 * METRE + treatment(30) > 30 * TANK
    assert by_place(plan) == ["johkasou", "johkasou"]
    assert plan.run["joins"] == []


def test_three_that_pay_only_together_are_not_found() -> None:
    """The procedure joins two at a time: no pair pays here, though one network for all three would.

    So the official plan can be dearer than the reference plan with sewers everywhere.
    """
    rows = villages(400, 800, 1090)
    official = pipeline.run(along(*rows))
    assert by_place(official) == ["johkasou"] * 3
    everywhere = pipeline.run(along(*rows, sections={"zoning": {"method": "all_sewer"}}))
    assert total(everywhere) == pytest.approx(1300 * METRE + treatment(45))
    assert total(everywhere) < total(official)


def test_a_chain_is_joined_over_several_rounds() -> None:
    plan = pipeline.run(along(*villages(400, 690, 980)))
    assert by_place(plan, "alone_treatment") == ["johkasou"] * 3
    assert 1190 * METRE + treatment(30) > 30 * TANK  # the second and third without the first do not pay
    assert by_place(plan) == ["sewer"] * 3
    assert [join["round"] for join in plan.run["joins"]] == [1, 2]
    assert plan.run["rounds"] == 3
    assert total(plan) == pytest.approx(1190 * METRE + treatment(45))
    assert sum(join["saving_yen_per_yr"] for join in plan.run["joins"]) == pytest.approx(45 * TANK - total(plan))


def test_a_study_cut_short_says_so() -> None:
    plan = pipeline.run(along(*villages(400, 690, 980), sections={"zoning": {"most_rounds": 1}}))
    assert by_place(plan) == ["sewer", "sewer", "johkasou"]
    assert any("had not settled" in note for note in plan.run["warnings"])


def test_no_neighbours_no_joins() -> None:
    plan = pipeline.run(along(*villages(400, 690), sections={"zoning": {"neighbours": 0}}))
    assert by_place(plan) == ["johkasou", "johkasou"]


# --- step 1: absorption round served areas


def test_houses_round_a_served_area_are_absorbed() -> None:
    plan = pipeline.run(along(hamlet.row(30, 10, 15.0)))
    assert plan.units["is_adjoining"].tolist() == [True]
    assert by_place(plan) == ["absorbed"]
    assert (plan.buildings["treatment"] == "absorbed").all()
    assert total(plan) == pytest.approx(165 * METRE + treatment(10))
    assert "16.5 m of sewer per house" in plan.units["reason"].iloc[0]


def test_houses_near_a_served_area_but_far_along_the_roads_are_not_absorbed() -> None:
    """The road from the three houses reaches the sewered area after 70 + 400 + 200 + 300 m."""
    road = hamlet.line((20, 0), (100, 0), (100, 400), (-100, 400), (-100, 100), (-100, 50))
    served = hamlet.layer([hamlet.box(-200, -100, 1, 101)])
    plan = pipeline.run(hamlet.study(hamlet.row(30, 3, 30.0), [road], served_areas=served))
    assert plan.units["is_adjoining"].tolist() == [True]
    assert plan.options.set_index("option").loc["connect", "sewer_m"] == pytest.approx(970.0)
    assert by_place(plan) == ["johkasou"]


def test_the_limit_round_served_areas_decides() -> None:
    """16.5 m per house against a limit of 20 m, and of 16 m."""
    for limit, verdict in ((20.0, "absorbed"), (16.0, "sewer")):
        sections = {"cluster": {"served_limit_distance_m": limit, "limit_distance_m": 30.0}}
        served = hamlet.layer([hamlet.box(-200, -200, 11, 3000)])  # 14 m from the first house, whose road node is at 0
        plan = pipeline.run(along(hamlet.row(30, 10, 15.0), sections=sections, served_areas=served))
        assert plan.units["is_adjoining"].tolist() == [True]
        assert plan.options.set_index("option").loc["connect", "sewer_m"] == pytest.approx(165.0)
        assert by_place(plan) == [verdict]


# --- step 5: decisions of the planner


def decision(kind: str, *shapes: Any) -> Any:
    return hamlet.layer(list(shapes), kind=[kind] * len(shapes))


def test_a_forced_sewer_is_built_and_its_price_shown() -> None:
    plan = pipeline.run(along(hamlet.row(600, 10), overrides=decision("force_sewer", hamlet.box(590, 0, 800, 40))))
    assert by_place(plan) == ["sewer"]
    assert total(plan) == pytest.approx(780 * METRE + treatment(10))
    assert plan.units["override_id"].tolist() == [0]
    assert plan.units["override_price_yen_per_yr"].tolist() == pytest.approx([780 * METRE + treatment(10) - 10 * TANK])
    assert "planner" in plan.units["reason"].iloc[0]


def test_forced_tanks_are_installed_and_their_price_shown() -> None:
    plan = pipeline.run(along(hamlet.row(100, 10), overrides=decision("force_johkasou", hamlet.box(90, 0, 300, 40))))
    assert by_place(plan) == ["johkasou"]
    assert plan.units["override_price_yen_per_yr"].tolist() == pytest.approx([10 * TANK - 280 * METRE - treatment(10)])


def test_forced_tanks_keep_out_of_joins_and_absorption() -> None:
    far = pipeline.run(along(*villages(400, 690), overrides=decision("force_johkasou", hamlet.box(680, 0, 920, 40))))
    assert by_place(far) == ["johkasou", "johkasou"]
    near = pipeline.run(along(hamlet.row(30, 10, 15.0), overrides=decision("force_johkasou", hamlet.box(20, 0, 200, 40))))
    assert by_place(near) == ["johkasou"]


def test_a_forced_sewer_brings_its_neighbour_along() -> None:
    """The second village forced, the first pays by hanging on: its houses cost no metre more."""
    plan = pipeline.run(along(*villages(400, 690), overrides=decision("force_sewer", hamlet.box(680, 0, 920, 40))))
    assert by_place(plan) == ["sewer", "sewer"]
    (join,) = plan.run["joins"]
    assert join["saving_yen_per_yr"] == pytest.approx(15 * TANK - (treatment(30) - treatment(15)))


def test_units_kept_together_are_one() -> None:
    plan = pipeline.run(along(*villages(400, 690), overrides=decision("keep_together", hamlet.box(390, 0, 920, 40))))
    assert len(plan.units) == 1
    assert plan.units["dwellings"].tolist() == [30.0]
    assert by_place(plan) == ["sewer"]
    assert plan.run["joins"] == []
    assert total(plan) == pytest.approx(900 * METRE + treatment(30))
    assert (plan.buildings["unit_id"] == 0).all()


def test_less_than_half_of_a_unit_is_not_decided() -> None:
    plan = pipeline.run(along(hamlet.row(600, 10), overrides=decision("force_sewer", hamlet.box(590, 0, 670, 40))))
    assert by_place(plan) == ["johkasou"]
    assert plan.units["override_id"].isna().all()
    assert any("covers no study unit" in note for note in plan.run["warnings"])


def test_contradicting_decisions_are_refused() -> None:
    both = hamlet.layer([hamlet.box(590, 0, 800, 40), hamlet.box(600, 0, 790, 30)], kind=["force_sewer", "force_johkasou"])
    with pytest.raises(DataError, match="forced to sewer and to johkasou"):
        pipeline.run(along(hamlet.row(600, 10), overrides=both))


def test_a_sewer_decided_where_none_is_possible_is_said() -> None:
    forced = decision("force_sewer", hamlet.box(590, 0, 800, 40))
    plan = pipeline.run(along(hamlet.row(600, 10), overrides=forced, sections={"route": {"max_link_m": 500.0}}))
    assert by_place(plan) == ["johkasou"]
    assert any("forced to sewer, but none is possible" in note for note in plan.run["warnings"])
    assert "none is possible" in plan.units["reason"].iloc[0]


# --- step 6: what can be built in time


def three_areas(**zone: Any) -> Inputs:
    """Ten houses each at 15, 20 and 30 m along three roads: 185, 230 and 320 m of sewer, the last pays by a little."""
    roads = [hamlet.line((-100, y), (0, y), (1000, y)) for y in (0, 1000, 2000)]
    houses = [h for y, step in ((0, 15.0), (1000, 20.0), (2000, 30.0)) for h in hamlet.row(50, 10, step, road_y_m=y)]
    return hamlet.study(houses, roads, FALL, {"zoning": zone}, served_areas=SERVED)


def test_without_a_budget_nothing_is_late() -> None:
    plan = pipeline.run(three_areas())
    assert by_place(plan) == ["sewer"] * 3
    assert plan.systems["built_year"].isna().all()


def test_the_densest_areas_are_built_first_and_a_late_one_is_compared_again() -> None:
    """Capital of 25.53, 31.74 and 44.16 M yen at 6 M a year: years 5, 10 and 17.

    The third saves 10 tanks but 17 years late: tanks have lost 15 / 32 of 235,000 yen a year by then.
    """
    sewer = 320 * METRE + treatment(10)
    assert sewer < 10 * TANK < sewer + 235_000 * (1 - 17 / 32)
    plan = pipeline.run(three_areas(build_cap_yen_per_yr=6e6))
    by_capital = plan.systems.set_index("capital_yen")["built_year"].sort_index()
    assert by_capital.index.tolist() == pytest.approx([25.53e6, 31.74e6])
    assert by_capital.tolist() == [5.0, 10.0]
    assert by_place(plan) == ["sewer", "sewer", "johkasou"]
    assert by_place(plan, "alone_treatment") == ["sewer"] * 3
    assert "in time" in by_place(plan, "reason")[2]
    assert total(plan) == pytest.approx(415 * METRE + 2 * treatment(10) + 10 * TANK)


def test_with_more_years_the_late_area_stays() -> None:
    plan = pipeline.run(three_areas(build_cap_yen_per_yr=6e6, build_years=17))
    assert by_place(plan) == ["sewer"] * 3
    assert sorted(plan.systems["built_year"]) == [5.0, 10.0, 17.0]


# --- reference plans


def test_reference_plans() -> None:
    rows = hamlet.row(100, 10), hamlet.row(1500, 10)
    sewer = pipeline.run(along(*rows, sections={"zoning": {"method": "all_sewer"}}))
    assert by_place(sewer) == ["sewer", "sewer"]
    assert total(sewer) == pytest.approx(1680 * METRE + treatment(20))
    tanks = pipeline.run(along(*rows, sections={"zoning": {"method": "all_johkasou"}}))
    assert by_place(tanks) == ["johkasou", "johkasou"]
    assert total(tanks) == pytest.approx(20 * TANK)
    official = pipeline.run(along(*rows))
    assert by_place(official) == ["sewer", "johkasou"]
    assert total(official) == pytest.approx(280 * METRE + treatment(10) + 10 * TANK)
    assert all("Reference plan" in reason for plan in (sewer, tanks) for reason in plan.units["reason"])


def test_reference_plans_heed_no_decision() -> None:
    forced = decision("force_sewer", hamlet.box(590, 0, 800, 40))
    plan = pipeline.run(along(hamlet.row(600, 10), overrides=forced, sections={"zoning": {"method": "all_johkasou"}}))
    assert by_place(plan) == ["johkasou"]
    assert plan.units["override_id"].isna().all()


def test_a_town_sewered_everywhere_has_nothing_to_decide() -> None:
    plan = pipeline.run(along(hamlet.row(100, 10), served_areas=hamlet.layer([hamlet.box(-200, -200, 2000, 200)])))
    assert len(plan.units) == 0
    assert total(plan) == 0.0
    assert (plan.buildings["treatment"] == "served").all()
