"""Existing small plants kept or joined, on a road where all can be checked by hand; prices as in the official procedure."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from sewerzone import pipeline, tables
from sewerzone.errors import DataError
from sewerzone.model import Plan
from tests import hamlet
from tests.e2e.test_official_procedure import METRE, SERVED, TANK, along, by_place, total, treatment

METHODS = ("official", "optimum")


def plant_yen(dwellings: float) -> float:
    """Renewal and upkeep a year of a plant for so many dwellings (book of Fuji)."""
    q = 1.32 * dwellings / 1000.0
    return 103.3 / 101.5 * (1_380e6 * q**0.42 / 33 + 19e6 * q**0.78)


def plants(*given: tuple[float, float, float | None], **columns: Any) -> Any:
    """Existing plants at x, with the flow of so many dwellings and yen a year to keep."""
    x_m, dwellings, keep = zip(*given, strict=True)
    places = [shapely.Point(hamlet.at(x, 5)) for x in x_m]
    flow = [1.32 * d for d in dwellings]
    every = {"kind": ["existing"] * len(given), "flow_max_m3_per_d": flow, "keep_yen_per_yr": list(keep), **columns}
    return hamlet.layer(places, **every)


def study(
    *given: tuple[float, float, float | None], first_m: float = 100.0, to_m: float = 2000.0, method: str = "official",
    columns: dict[str, Any] | None = None, sections: dict[str, Any] | None = None, **layers: Any,
) -> Plan:  # fmt: skip
    sections = {"zoning": {"method": method}, **(sections or {})}
    layer = plants(*given, **(columns or {}))
    return pipeline.run(along(hamlet.row(first_m, 10), to_m=to_m, plants=layer, sections=sections, **layers))


def rows(plan: Plan) -> list[dict[str, Any]]:
    """The table from west to east."""
    tables.CONSOLIDATION.conform(plan.consolidation)
    west = plan.plants.set_index("plant_id").geometry.x.sort_values().index
    return plan.consolidation.set_index("plant_id").loc[west].to_dict("records")


@pytest.mark.parametrize("method", METHODS)
def test_one_near_the_network_is_joined_and_a_far_one_kept(method: str) -> None:
    """The hamlet's sewer ends at 280 m; 120 m more reach the near plant, 1,100 m from there the far one."""
    plan = study((400, 30, None), (1500, 10, 1_000_000.0), method=method)
    near, far = rows(plan)
    assert near["verdict"] == "join"
    assert near["joined_to"] == "served_network"
    assert near["system_id"] == 0
    assert near["keep_yen_per_yr"] == pytest.approx(plant_yen(30))
    assert near["link_m"] == pytest.approx(120.0)
    assert near["join_yen_per_yr"] == pytest.approx(120 * METRE + treatment(40) - treatment(10))
    assert near["saving_yen_per_yr"] == pytest.approx(near["keep_yen_per_yr"] - near["join_yen_per_yr"])
    assert far["verdict"] == "keep"
    assert far["join_yen_per_yr"] == pytest.approx(1100 * METRE + treatment(50) - treatment(40))
    assert far["keep_yen_per_yr"] == 1_000_000.0
    assert by_place(plan) == ["sewer"]
    assert plan.pipes["length_m"].sum() == pytest.approx(400.0)
    assert total(plan) == pytest.approx(400 * METRE + treatment(40) + 1_000_000.0)
    system = plan.systems.iloc[0]
    assert (system["units"], system["plants"], system["dwellings"]) == (1, 1, 10)
    assert system["flow_max_m3_per_d"] == pytest.approx(1.32 * 40)
    kept = plan.costs[plan.costs["item"] == "existing_plant"]
    assert kept["is_in_plan"].all()
    assert kept["upkeep_yen_per_yr"].tolist() == [1_000_000.0]
    assert len(plan.buildings) == 10


@pytest.mark.parametrize("method", METHODS)
def test_a_kept_plant_priced_by_the_book_is_in_the_total(method: str) -> None:
    plan = study((1900, 3, None), method=method, sections={"route": {"max_link_m": 1000.0}})
    (row,) = rows(plan)
    assert row["verdict"] == "keep"
    assert "within reach" in row["reason"]
    assert total(plan) == pytest.approx(280 * METRE + treatment(10) + plant_yen(3))


@pytest.mark.parametrize("method", METHODS)
def test_the_hamlet_too_far_alone_rides_on_the_link_of_a_plant(method: str) -> None:
    """At 600 m tanks are cheaper for the hamlet; the plant beyond it pays for a sewer that passes by."""
    without = pipeline.run(along(hamlet.row(600, 10), sections={"zoning": {"method": method}}))
    assert by_place(without) == ["johkasou"]
    plan = study((900, 200, None), first_m=600.0, method=method)
    assert by_place(plan) == ["sewer"]
    assert rows(plan)[0]["verdict"] == "join"
    assert total(plan) == pytest.approx(900 * METRE + treatment(210))
    assert total(plan) < total(without) + plant_yen(200)


def test_the_optimum_joins_two_that_pay_together_only() -> None:
    """800 m are too dear for either; the official procedure, which hangs one on a network of the other, finds them too."""
    given = (780, 20, 1_000_000.0), (800, 20, 1_000_000.0)
    for one in given:
        assert rows(study(one, first_m=1800.0, method="optimum"))[0]["verdict"] == "keep"
    for method in METHODS:
        plan = study(*given, first_m=1800.0, method=method)
        assert [row["verdict"] for row in rows(plan)] == ["join", "join"]
        assert total(plan) == pytest.approx(800 * METRE + treatment(40) + 10 * TANK)
        assert len(plan.links) >= 1


@pytest.mark.parametrize("method", METHODS)
def test_spare_capacity_takes_a_neighbour(method: str) -> None:
    """The larger plant has room for the smaller one's sewage 300 m up the road: it costs only more upkeep there."""
    columns = {"capacity_m3_per_d": [200.0, 20.0]}
    given = (1600, 100, 2_500_000.0), (1900, 10, 1_500_000.0)
    plan = study(*given, method=method, columns=columns)
    large, small = rows(plan)
    more = 2_500_000.0 * 10 / 100  # less than the upkeep of the book says
    assert large["verdict"] == "keep"
    assert (small["verdict"], small["joined_to"]) == ("join", "existing_plant")
    assert small["to_plant_id"] == plan.plants.set_index("plant_id").geometry.x.sort_values().index[0]
    assert total(plan) == pytest.approx(280 * METRE + treatment(10) + 2_500_000.0 + 300 * METRE + more)
    assert plan.systems["kind"].tolist() == ["connect", "existing"]
    full = study(*given, method=method, columns={"capacity_m3_per_d": [140.0, 20.0]})
    assert [row["verdict"] for row in rows(full)] == ["keep", "keep"]


@pytest.mark.parametrize("method", METHODS)
def test_decisions_of_the_planner_hold(method: str) -> None:
    plan = study(
        (400, 30, None), (1500, 10, 1_000_000.0), method=method, columns={"decision": ["keep", "join"]},
    )  # fmt: skip
    near, far = rows(plan)
    assert (near["verdict"], far["verdict"]) == ("keep", "join")
    assert near["saving_yen_per_yr"] > 0.0 > far["saving_yen_per_yr"]
    assert "decision" in near["reason"]
    beside = 280 * METRE if method == "official" else 0.0  # pair by pair those beyond a kept one are no neighbours
    assert total(plan) == pytest.approx(1500 * METRE + treatment(20) + plant_yen(30) + beside, rel=1e-5)


def test_no_plan_is_dearer_for_another_plant_to_decide_on() -> None:
    """Whatever they cost to keep: the plan never costs more than keeping all."""
    without = total(pipeline.run(along(hamlet.row(100, 10), sections={"zoning": {"method": "optimum"}})))
    for keep in (0.0, 300_000.0, 1e6, 4e6):
        assert total(study((700, 20, keep), (1100, 20, keep), method="optimum")) <= without + 2 * keep + 1.0


def test_its_own_served_area_is_no_place_to_take_its_sewage_to() -> None:
    own = hamlet.layer([*SERVED.geometry, hamlet.box(1400, -50, 1600, 50)])
    (row,) = rows(study((1500, 10, 2_000_000.0), served_areas=own))
    assert row["verdict"] == "keep"
    assert row["link_m"] >= 1200.0


def test_reference_plans_keep_all() -> None:
    for method in ("all_sewer", "all_johkasou"):
        plan = study((400, 30, 1e6), method=method)
        assert plan.consolidation.empty
        assert plan.costs.loc[plan.costs["item"] == "existing_plant", "upkeep_yen_per_yr"].sum() == 1e6


def test_flow_must_be_known_and_decisions_make_sense() -> None:
    with pytest.raises(DataError, match="flow_max_m3_per_d"):
        study((400, 0, None))
    with pytest.raises(DataError, match="decision"):
        study((400, 10, None), columns={"decision": ["move"]})


def test_everything_asked_for_at_once() -> None:
    sections = {
        "zoning": {"method": "optimum", "resolution": "dwelling"},
        "robustness": {"samples": 60},
        "curve": {"points": 5},
    }
    columns = {"capacity_m3_per_d": [None, 200.0, 20.0]}
    plan = study((400, 30, None), (1600, 100, 2.5e6), (1900, 10, 1.5e6), sections=sections, columns=columns)
    assert [row["verdict"] for row in rows(plan)] == ["join", "keep", "join"]
    assert plan.consolidation["join_probability"].between(0, 1).all()
    assert plan.robustness["unit_id"].tolist() == plan.units["unit_id"].tolist() == plan.differences["unit_id"].tolist()
    told = plan.run["optimum"]
    assert told["least_of_any_plan_yen_per_yr"] <= told["optimum_yen_per_yr"] <= told["official_yen_per_yr"]
