"""No network has fewer pumps than its bound, whatever the trees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import pump_bound
from sewerzone.engineering.networks import Ground, Loads, Members, forest, no_exit, price, tree_of
from sewerzone.engineering.proof import Ends, prove
from sewerzone.engineering.pump_bound import least_pumps
from sewerzone.engineering.steiner import grow_trees
from sewerzone.engineering.trench import lay
from tests.grounds import RULES, ground_of, random_ground, random_loads

COVER_M = RULES.cover_min_m + 2.0 * RULES.pipe_wall_m + RULES.bedding_m
SIZE_M = RULES.diameter_mm[0] / 1000.0
ROOM_M = RULES.excavation_max_m - COVER_M - SIZE_M
"""How far the crown may sink below its highest place before the trench is too deep."""
NOWHERE = np.empty(0, np.int64)


def bound(ground: Ground, loads: Loads, roots: tuple[np.ndarray, np.ndarray], targets: np.ndarray = NOWHERE) -> list[int]:
    members = Members.single(np.arange(len(loads.offsets) - 1))
    return least_pumps(ground, loads, members, (loads.offsets, loads.node), roots, targets).tolist()


def street(elevation_m: list[float], step_m: float, houses: list[int]) -> tuple[Ground, Loads]:
    """A straight street with houses at some nodes; the outlet is node 0 and takes sewage at any depth."""
    n = len(elevation_m)
    ground = ground_of(step_m * np.arange(n), np.zeros(n), np.array(elevation_m), np.arange(n - 1), np.arange(1, n), (0.0,))
    ground = replace(ground, entry_m=np.full(n, RULES.excavation_max_m))
    count = len(houses)
    return ground, Loads(np.array([0, count]), np.array(houses), np.full(count, 0.1), np.full(count, 3.0), np.ones(count))


TO_NODE_0 = np.array([0, 1]), np.array([0])


@pytest.mark.parametrize(("over_m", "pumps"), [(0.0, 0), (1e-3, 1), (-1.0, 0)])
def test_a_ridge_is_passed_by_gravity_up_to_the_deepest_trench(over_m: float, pumps: int) -> None:
    """Equality included: what the trench may be deep, less the fall on the way to the ridge."""
    step = 50.0
    ridge = ROOM_M - RULES.slope_min[0] * step + over_m
    ground, loads = street([-2.0, ridge, 0.0], step, [2])
    assert bound(ground, loads, TO_NODE_0) == [pumps]
    trees = grow_trees(ground.graph, ground.graph.length_m, loads.offsets, loads.node, *TO_NODE_0, *no_exit(ground))
    laid = lay(forest(ground, trees, loads, Members.single(np.array([0]))), ground.rules, ground.prices)
    assert laid.is_pump.sum() == pumps


def test_hollows_that_share_no_node_need_a_pump_each() -> None:
    ground, loads = street([0.0, 20.0, 10.0, 30.0, 15.0, 40.0, 41.0], 50.0, [2, 4, 6])
    assert bound(ground, loads, TO_NODE_0) == [2]  # the house on the hill drains into the second hollow


def test_an_outlet_too_shallow_for_what_arrives_needs_a_lift() -> None:
    ground, loads = street([0.0, 0.0], 100.0, [1])
    arriving = COVER_M + SIZE_M + RULES.slope_min[0] * 100.0
    for entry_m, pumps in ((arriving, 0), (arriving - 1e-3, 1)):
        assert bound(replace(ground, entry_m=np.full(2, entry_m)), loads, TO_NODE_0) == [pumps]


def test_a_house_at_an_outlet_needs_no_pump_however_shallow_the_outlet() -> None:
    ground, loads = street([0.0, 0.0], 50.0, [0])
    assert bound(replace(ground, entry_m=np.full(2, 0.8)), loads, TO_NODE_0) == [0]


def test_a_network_has_the_same_bound_alone_and_among_others() -> None:
    """Flows of very different size, so that the networks of a call have several flattest slopes."""
    for seed in range(20):
        ground = random_ground(seed, relief_m=8.0)
        loads = random_loads(seed, ground)
        flow = loads.flow_l_per_s * np.repeat([1.0, 300.0, 1.0, 3000.0, 40.0], np.diff(loads.offsets))
        loads = replace(loads, flow_l_per_s=flow)
        outlets = np.random.default_rng(seed).choice(ground.nodes, 5)
        every = bound(ground, loads, (np.arange(6), outlets))
        for k in range(5):
            part = slice(loads.offsets[k], loads.offsets[k + 1])
            one = Loads(np.array([0, part.stop - part.start]), loads.node[part], flow[part], flow[part], flow[part])
            assert bound(ground, one, (np.array([0, 1]), outlets[k : k + 1])) == every[k : k + 1]


def test_one_way_out_of_several_is_enough() -> None:
    ground, loads = street([50.0, 40.0, 0.0, 40.0, -5.0], 50.0, [2])
    nothing = np.zeros(2, np.int64), NOWHERE
    assert bound(ground, loads, nothing, np.array([0])) == [1]
    assert bound(ground, loads, nothing, np.array([0, 2])) == [0]


def test_under_a_crossing_no_trench_is_too_deep() -> None:
    ground, loads = street([-20.0, 15.0, 0.0], 50.0, [2])
    assert bound(ground, loads, TO_NODE_0) == [1]
    deep = np.array([20.0, 20.0])  # both ways lie under an obstacle
    assert bound(replace(ground, least_excavation_m=deep), loads, TO_NODE_0) == [0]


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 10**6), st.sampled_from([1.0, 4.0, 12.0]))
def test_no_plan_has_fewer_pumps_or_costs_less_than_proven(seed: int, relief_m: float) -> None:
    ground = random_ground(seed % 40, relief_m=relief_m)
    loads = random_loads(seed % 40, ground)
    members = Members.single(np.arange(5))
    rng = np.random.default_rng(seed)
    outlets = rng.choice(ground.nodes, 5)
    ground = replace(ground, entry_m=rng.uniform(0.5, 4.0, ground.nodes))
    ends = Ends((np.arange(6), outlets), NOWHERE, np.zeros(ground.nodes, bool))
    weight = rng.uniform(0.2, 5.0, len(ground.length_m))[ground.graph.edge]
    trees = grow_trees(ground.graph, ground.graph.length_m * weight, loads.offsets, loads.node, *ends.roots, *no_exit(ground))
    found = price(ground, trees, loads, members, np.zeros(5, np.int64))
    # Of networks said to be longer and dearer the bounds are those worked out, not cut at what was found.
    proof = prove(ground, loads, replace(found, yen_per_yr=np.full(5, 1e15), sewer_m=np.full(5, 1e9)), ends)
    assert (proof.least_pumps <= found.pumps).all()
    laid = lay(forest(ground, trees, loads, members), ground.rules, ground.prices)
    yen = np.bincount(tree_of(trees)[laid.manhole], laid.yen_per_yr, minlength=5)
    np.testing.assert_allclose(found.yen_per_yr, yen)
    assert (proof.least_laying_yen_per_yr <= yen * (1.0 + 1e-9)).all()
    assert (proof.least_sewer_m <= found.sewer_m * (1.0 + 1e-9)).all()


def test_bounds_are_reached_where_nothing_can_be_saved() -> None:
    """A street falling at its least slope to its outlet: shortest, without pump, every trench at its shallowest."""
    fall = RULES.slope_min[0] * 50.0
    ground, loads = street([0.0, fall, 2 * fall], 50.0, [2])
    trees = grow_trees(ground.graph, ground.graph.length_m, loads.offsets, loads.node, *TO_NODE_0, *no_exit(ground))
    found = price(ground, trees, loads, Members.single(np.array([0])), np.zeros(1, np.int64))
    columns = prove(ground, loads, found, Ends(TO_NODE_0, NOWHERE, np.zeros(3, bool))).columns()
    assert columns["least_pumps"].tolist() == [0]
    assert columns["length_gap_share"] == pytest.approx(0.0)
    assert columns["laying_gap_share"] == pytest.approx(0.0)


def spread(ground: Ground, crown: dict[int, float], falls: bool) -> dict[int, float]:
    """The highest crown attainable at every node reached from these, or the lowest from which these are reached."""
    highest, lowest, _ = pump_bound._crowns(ground)
    graph, slope, waiting = ground.graph, float(RULES.slope_min[0]), list(crown)
    while waiting:
        v = waiting.pop()
        for q in range(graph.indptr[v], graph.indptr[v + 1]):
            y, fall = int(graph.neighbour[q]), slope * graph.length_m[q]
            new = min(crown[v] - fall, highest[y]) if falls else max(crown[v] + fall, lowest[y])
            is_room = new >= lowest[y] if falls else new <= highest[y]
            if is_room and (y not in crown or (new > crown[y] if falls else new < crown[y])):
                crown[y] = new
                waiting.append(y)
    return crown


@pytest.mark.parametrize("seed", range(12))
def test_basins_are_counted_as_if_every_one_were_searched_to_its_end(seed: int) -> None:
    """Floods that stop with the last house and searches that stop where an earlier one led nowhere change nothing."""
    ground = random_ground(seed, side=12, relief_m=[0.5, 2.0, 8.0][seed % 3])
    houses = np.sort(np.random.default_rng(seed).choice(ground.nodes, 70, replace=False))
    few = np.full(70, 1e-6)
    loads, roots = Loads(np.array([0, 70]), houses, few, few, few), (np.array([0, 1]), houses[:1])
    highest, _, entry = pump_bound._crowns(ground)
    begun = {int(v): float(entry[v]) for v in houses[:1] if entry[v] <= highest[v]}
    dry = set(spread(ground, begun, falls=False)) | {int(houses[0])}
    used: set[int] = set()
    pumps = 0
    for v in houses[np.argsort(highest[houses], kind="stable")].tolist():
        if v not in dry and v not in used:
            basin = set(spread(ground, {v: float(highest[v])}, falls=True))
            pumps += not basin & used
            used |= set() if basin & used else basin
    assert bound(ground, loads, roots) == [pumps]
