"""The zoning house by house: its problem against that by units and against trying everything, its edits in hamlets."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from sewerzone import costbooks
from sewerzone.engineering.doors import Delivery, Doors, door_prices, door_problem, networks_of
from sewerzone.engineering.forest import Floats
from sewerzone.engineering.paths import RoadGraph, road_graph
from sewerzone.engineering.prizes import FREE, SERVED, TANKS, Prizes, cost_of, zone
from sewerzone.errors import ConfigError
from sewerzone.model import Inputs, Plan, no_progress
from sewerzone.output import explain
from sewerzone.pipeline import candidates, run, verdicts
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.doors import door_town
from sewerzone.pipeline.houses import places_of
from sewerzone.pipeline.town import build_town, lay_ground
from sewerzone.stages import prepare
from tests import hamlet
from tests.least_zonings import least_cost

DWELLING = {"method": "optimum", "resolution": "dwelling"}
METRE = 138_000 / 72 + 154
"""Yen a year for a metre of the least sewer by the cost book of Fuji."""


def lane_that_does_not_pay(limit_m: float = 70.0, first_m: float = 100.0, **layers: Any) -> Inputs:
    """30 houses on a main road to a served area ``first_m`` away, in one unit with four along a lane of 228 m."""
    lane_m = first_m + 200.0
    houses = hamlet.row(first_m, 30, 15.0) + [hamlet.house(lane_m + 12.0, 60.0 + 60.0 * k) for k in range(4)]
    roads = [hamlet.line((-100, 0), (0, 0), (lane_m, 0), (2000, 0)), hamlet.line((lane_m, 0), (lane_m, 400))]
    served = hamlet.layer([hamlet.box(-200, -200, 1, 3000)])
    sections = {
        "zoning": {**DWELLING, "leave_out_dear_branches": False},
        "cluster": {"limit_distance_m": limit_m, "absorb_round_served": False},
    }
    return hamlet.study(houses, roads, hamlet.rising_east(5.0), served_areas=served, sections=sections, **layers)


def house_beside_the_sewer() -> Inputs:
    """Two rows on one main road; between them a unit of three along a lane, the first of them beside the sewer of the rows."""
    houses = hamlet.row(100, 15, 15.0) + hamlet.row(480, 20, 15.0) + [hamlet.house(407, 12.0 + 56.0 * k) for k in range(3)]
    roads = [hamlet.line((-100, 0), (0, 0), (395, 0), (2000, 0)), hamlet.line((395, 0), (395, 400))]
    served = hamlet.layer([hamlet.box(-200, -200, 1, 3000)])
    sections = {"zoning": DWELLING, "cluster": {"limit_distance_m": 60.0, "absorb_round_served": False}}
    return hamlet.study(houses, roads, hamlet.rising_east(5.0), served_areas=served, sections=sections)


def test_a_long_lane_is_cut() -> None:
    plan = run(lane_that_does_not_pay())
    assert plan.units["treatment"].tolist() == ["sewer"]
    edit = plan.unit_edits.iloc[0]
    assert len(plan.unit_edits) == 1
    assert (edit["unit_id"], edit["kind"], edit["dwellings"]) == (0, "cut", 4.0)
    lane = plan.buildings.geometry.centroid.y > hamlet.NORTH_M + 30.0
    assert edit["building_ids"] == " ".join(map(str, sorted(plan.buildings.loc[lane, "building_id"])))
    assert edit["sewer_m"] == pytest.approx(228.0)
    assert edit["johkasou_yen_per_yr"] == pytest.approx(4 * 75_500)
    told = plan.run["houses"]
    assert told["saving_yen_per_yr"] == pytest.approx(edit["sewer_yen_per_yr"] - edit["johkasou_yen_per_yr"])
    assert told["units_cost_yen_per_yr"] == told["saving_yen_per_yr"]
    assert edit["sewer_yen_per_yr"] == pytest.approx(228 * METRE, rel=0.1)  # and treatment
    assert "House by house (Better with tanks): 4 dwelling(s)" in explain.text(explain.explain(plan, [0])[0], "en")
    assert "戸別の最適解との差(浄化槽へ)" in explain.text(explain.explain(plan, [0])[0], "ja")


def test_a_house_beside_the_sewer_is_added() -> None:
    plan = run(house_beside_the_sewer())
    units = plan.units.set_index("unit_id")
    alone = units.index[units["dwellings"] == 3.0]
    assert units.loc[alone, "treatment"].tolist() == ["johkasou"]
    assert (units.drop(alone)["treatment"] == "sewer").all()
    assert plan.unit_edits[["unit_id", "kind", "buildings"]].to_numpy().tolist() == [[alone[0], "grow", 1]]
    edit = plan.unit_edits.iloc[0]
    first = plan.buildings[plan.buildings["unit_id"] == alone[0]].geometry.centroid.y.idxmin()
    assert edit["building_ids"] == str(plan.buildings.loc[first, "building_id"])
    assert plan.run["houses"]["units_cost_yen_per_yr"] == pytest.approx(
        edit["johkasou_yen_per_yr"] - edit["sewer_yen_per_yr"], rel=0.05
    )


def test_what_the_planner_decides_holds_for_houses() -> None:
    force = hamlet.layer([shapely.box(*hamlet.at(0, -100), *hamlet.at(2000, 500))], kind=["force_sewer"])
    assert run(lane_that_does_not_pay(overrides=force)).unit_edits.empty
    tanks = hamlet.layer([shapely.box(*hamlet.at(0, -100), *hamlet.at(2000, 500))], kind=["force_johkasou"])
    plan = run(lane_that_does_not_pay(overrides=tanks))
    assert plan.unit_edits.empty
    assert plan.run["houses"]["yen_per_yr"] == pytest.approx(plan.run["plan_yen_per_yr"])


def test_houses_by_themselves_are_a_study_with_nothing_to_edit() -> None:
    """Where every house is a unit, the reference has nothing to cut or grow; the lane is no part of a sewered unit."""
    plan = run(lane_that_does_not_pay(limit_m=1.0))
    assert len(plan.units) == 34
    assert plan.unit_edits.empty
    assert plan.run["houses"]["units_cost_yen_per_yr"] == pytest.approx(0.0, abs=1.0)


def facts(plan: Plan) -> dict[str, Any]:
    return plan.run["houses"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", [1, 4])
def test_the_reference_lies_between_the_bound_and_the_plan(seed: int) -> None:
    inputs = hamlet.sample(400, seed, zoning=DWELLING)
    plan = run(inputs)
    told = facts(plan)
    assert told["by_unit_yen_per_yr"] == pytest.approx(plan.run["plan_yen_per_yr"])
    assert told["least_of_any_plan_yen_per_yr"] <= told["yen_per_yr"] <= told["same_houses_yen_per_yr"] + 1e-3
    assert told["same_houses_yen_per_yr"] <= told["by_unit_yen_per_yr"] + 1e-3
    assert told["saving_yen_per_yr"] >= told["units_cost_yen_per_yr"] - 1e-3
    served = plan.buildings.set_index("building_id")["treatment"].isin(["sewer", "absorbed", "own_plant"])
    for edit in plan.unit_edits.itertuples():
        mine = [int(i) for i in edit.building_ids.split()]
        assert (served[mine] == (edit.kind == "cut")).all()
        assert (plan.buildings.set_index("building_id").loc[mine, "unit_id"] == edit.unit_id).all()
    shuffled = dataclasses.replace(
        inputs, buildings=inputs.buildings.sample(frac=1.0, random_state=3), roads=inputs.roads.sample(frac=1.0, random_state=4)
    )
    again = run(shuffled)
    assert facts(again) == told
    pd.testing.assert_frame_equal(again.unit_edits, plan.unit_edits)


def problems(inputs: Inputs) -> tuple[Prizes, Prizes, float]:
    """The problem of units, that of doors at its prices, and tanks of houses without a door."""
    config = inputs.config
    book = costbooks.load(config.cost.book, config.cost.fallback, inputs.base)
    town = build_town(inputs, prepare.clean(inputs), book, Clock(no_progress))
    field = lay_ground(town, config, book)
    none = np.zeros(len(town.units), bool)
    instance = candidates.study_candidates(town, field, config, book, (none, none))
    absorbed = verdicts.Absorbed(none, np.full(len(none), np.nan), np.full(len(none), np.nan))
    at = door_town(town, field, config, book, absorbed, none)
    sewers = instance.sewers
    prices = door_prices(field.ground, sewers.arc.sum(axis=1), float(sewers.climb.sum()), sewers.own)
    y = at.study.yearly
    doors = Doors(at.study.loads.node, y.johkasou, y.flow_max_m3_per_d, np.full(len(y.johkasou), FREE))
    found = door_problem(field.ground.graph, prices, doors, places_of(instance, []))
    return instance.candidates.problem, found.problem, at.kept_yen_per_yr


@pytest.mark.parametrize("seed", [2, 3, 5, 8])
def test_no_decision_by_units_costs_less_at_the_same_prices(seed: int) -> None:
    """Its ways and own sewers lead to all its houses in the problem of doors too, at no higher prices (``door_prices``)."""
    by_unit, by_door, kept = problems(hamlet.sample(400, seed))
    units, doors = zone(by_unit), zone(by_door)
    assert units.is_proven
    assert doors.is_proven
    assert doors.yen_per_yr + kept <= units.yen_per_yr * (1.0 + 1e-6)


@pytest.mark.parametrize("seed", [2, 7])
def test_units_of_one_house_are_doors(seed: int) -> None:
    limits = {"limit_distance_m": 0.1, "served_limit_distance_m": 0.1}
    by_unit, by_door, kept = problems(hamlet.sample(150, seed, cluster=limits))
    assert len(by_unit.unit_node) == len(by_door.unit_node)
    units, doors = zone(by_unit), zone(by_door)
    assert units.is_proven
    assert doors.is_proven
    assert doors.yen_per_yr + kept == pytest.approx(units.yen_per_yr, rel=1e-6)


def town_of_ways(seed: int) -> tuple[RoadGraph, Floats, Doors, Delivery]:
    """A grid of 4 by 4 nodes with dead ends, six doors (two at one node), and two kinds of delivery."""
    draw = np.random.default_rng(seed)
    at = np.arange(16).reshape(4, 4)
    ends = np.concatenate([np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()]), np.stack([at[:-1].ravel(), at[1:].ravel()])], 1)
    ends = ends[:, draw.random(ends.shape[1]) < 0.75]
    graph = road_graph(16, ends[0], ends[1], draw.uniform(10.0, 100.0, ends.shape[1]))
    node = np.sort(draw.choice(16, 6))
    doors = Doors(node, draw.uniform(20.0, 200.0, 6), draw.uniform(0.5, 2.0, 6), draw.choice([FREE, FREE, FREE, TANKS], 6))
    places = Delivery(
        draw.choice(16, 3), np.array([0, 0, 1]), np.array([0.0, 0.0, 60.0]), np.array([8.0, 2.0]), np.full(2, np.inf)
    )
    return graph, graph.length_m * draw.uniform(0.5, 1.5, len(graph.edge)), doors, places


@pytest.mark.parametrize("seed", range(60))
def test_equals_trying_everything(seed: int) -> None:
    """The problem with its ways made into chains against every tree of every set of doors on the whole grid."""
    graph, prices, doors, places = town_of_ways(seed)
    found = door_problem(graph, prices, doors, places)
    decided = zone(found.problem)
    house = len(graph) + np.arange(len(doors.node))
    plain = Prizes(
        len(graph) + len(house), np.concatenate([graph.row, doors.node]), np.concatenate([graph.neighbour, house]),
        np.concatenate([prices, np.zeros(len(house))]), house, np.zeros(len(house)), doors.tanks_yen_per_yr,
        doors.flow_m3_per_d, doors.side, places.node, places.kind, places.yen_per_yr, places.kind_yen_per_m3_per_d,
        places.kind_most_m3_per_d,
    )  # fmt: skip
    assert decided.is_proven
    assert decided.yen_per_yr == pytest.approx(least_cost(plain))
    check_networks(graph, prices, found.problem, networks_of(graph, found, places.node, decided), decided)


def check_networks(graph: RoadGraph, prices: Floats, problem: Prizes, networks: Any, decided: Any) -> None:
    """The trees end at their places, lead to their doors, and cost what the decision's ways cost."""
    trees, members = networks.trees, networks.members
    assert members.units.tolist() == sorted(members.units, key=lambda d: (decided.entry[d], d))
    way = np.flatnonzero(trees.parent >= 0)
    assert (trees.parent[way] < way).all()
    edge = {(int(a), int(b)): k for k, (a, b) in enumerate(zip(graph.row, graph.neighbour, strict=True))}
    arc = [edge[int(d), int(u)] for d, u in zip(trees.node[trees.parent[way]], trees.node[way], strict=True)]
    assert graph.edge[arc].tolist() == trees.arc_edge[way].tolist()
    used = np.unique(decided.entry[decided.entry >= 0])
    laid = prices[arc].sum() + problem.entry_yen_per_yr[used].sum()
    served = decided.entry >= 0
    flow = problem.kind_yen_per_m3_per_d[problem.entry_kind[decided.entry[served]]] @ problem.flow_m3_per_d[served]
    tanks = problem.tanks_yen_per_yr[~served].sum()
    assert laid + flow + tanks == pytest.approx(cost_of(problem, decided))


def test_without_the_optimum_there_is_no_reference() -> None:
    with pytest.raises(ConfigError, match=r"resolution = 'dwelling' with method = 'official'.*set method = 'optimum'"):
        hamlet.sample(50, 1, zoning={"resolution": "dwelling"})


def test_forced_doors_are_served() -> None:
    graph, prices, doors, places = town_of_ways(3)
    found = door_problem(graph, prices, doors._replace(side=np.full(6, SERVED)), places)
    reached = found.problem.side == SERVED
    assert reached.any()
    assert (zone(found.problem).entry[reached] >= 0).all()


def test_an_inlet_with_a_limit_takes_the_nearest_houses() -> None:
    """Of 30 houses with 1.32 m3 a day each the unit is too much for an inlet of 12: house by house the nearest nine go in."""
    plants = hamlet.layer([shapely.Point(hamlet.at(0, 3))], kind=["outlet"], capacity_m3_per_d=[12.0])
    sections = {
        "zoning": DWELLING, "compare": {"own_plant": False},
        "cluster": {"limit_distance_m": 70.0, "absorb_round_served": False},
    }  # fmt: skip
    houses, roads = hamlet.row(100, 30, 15.0), [hamlet.line((-100, 0), (0, 0), (2000, 0))]
    plan = run(hamlet.study(houses, roads, hamlet.rising_east(5.0), plants=plants, sections=sections))
    assert plan.units["treatment"].tolist() == ["johkasou"]
    edit = plan.unit_edits.iloc[0]
    nearest = plan.buildings.geometry.centroid.x.sort_values().index[:9]
    assert edit["building_ids"] == " ".join(map(str, sorted(plan.buildings.loc[nearest, "building_id"])))
    assert (edit["kind"], edit["sewer_m"]) == ("grow", pytest.approx(220.0))


def test_what_cannot_be_built_in_time_is_not_grown_again() -> None:
    inputs = lane_that_does_not_pay(first_m=350.0)
    late = {"build_cap_yen_per_yr": 2e7, "build_years": 1}
    config = inputs.config.model_copy(update={"zoning": inputs.config.zoning.model_copy(update=late)})
    plan = run(dataclasses.replace(inputs, config=config))
    assert "could not be built in time" in plan.units["reason"][0]
    assert facts(plan)["by_unit_yen_per_yr"] == pytest.approx(plan.run["plan_yen_per_yr"])
    assert plan.unit_edits.empty
