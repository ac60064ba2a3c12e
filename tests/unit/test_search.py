"""The search on the designed cost: cheaper or equal, deterministic, network by network on its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sewerzone.engineering import search
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, cheapest, take, terminals
from sewerzone.engineering.paths import cost_to
from sewerzone.engineering.search import Outlets, refine
from tests.grounds import PUMP_YEN_PER_YR, SEWER_YEN_PER_M_YR, ground_of, random_ground, random_loads, same_trees

SEEDS = range(8)


def outlets_of(ground: Ground, loads: Loads, members: Members, targets: tuple[int, ...]) -> Outlets:
    """The targets, or without any the lowest terminal of every network."""
    count = len(members.offsets) - 1
    if targets:
        none = np.zeros(count + 1, np.int64), np.empty(0, np.int64)
        return Outlets(none, np.array(targets), np.ones(ground.nodes, bool))
    offsets, node = terminals(loads, members)
    low = [int(n[np.argmin(ground.ground_elev_m[n])]) for n in np.split(node, offsets[1:-1])]
    return Outlets((np.arange(count + 1), np.array(low)), np.empty(0, np.int64), np.zeros(ground.nodes, bool))


def begin(ground: Ground, loads: Loads, members: Members, outlets: Outlets) -> Priced:
    ways = [cost_to(ground.graph, cost, outlets.targets, np.inf) for cost in ground.arc_costs]
    return cheapest(ground, loads, members, outlets.roots, ways if len(outlets.targets) else None)


def case(seed: int, targets: tuple[int, ...]) -> tuple[Ground, Loads, Members, Outlets, Priced]:
    ground = random_ground(seed)
    loads = random_loads(seed, ground)
    members = Members.single(np.arange(5))
    outlets = outlets_of(ground, loads, members, targets)
    return ground, loads, members, outlets, begin(ground, loads, members, outlets)


@pytest.mark.parametrize("targets", [(), (0, 24)])
@pytest.mark.parametrize("seed", SEEDS)
def test_never_dearer_and_always_the_same(seed: int, targets: tuple[int, ...]) -> None:
    ground, loads, members, outlets, start = case(seed, targets)
    one, again = (refine(ground, loads, start, outlets, 12) for _ in range(2))
    assert (one.yen_per_yr <= start.yen_per_yr).all()
    assert same_trees(one.trees, again.trees)
    assert one.yen_per_yr.tolist() == again.yen_per_yr.tolist()
    assert one.members.units.tolist() == members.units.tolist()
    offsets, node = terminals(loads, members)
    for t in range(5):
        tree = one.trees.node[one.trees.offsets[t] : one.trees.offsets[t + 1]]
        assert np.isin(node[offsets[t] : offsets[t + 1]], tree).all()


def test_the_search_finds_something() -> None:
    found = []
    for seed in SEEDS:
        ground, loads, _, outlets, start = case(seed, (0, 24))
        found.append((start.yen_per_yr - refine(ground, loads, start, outlets, 12).yen_per_yr).sum())
    assert sum(f > 0 for f in found) >= 3


@pytest.mark.parametrize("targets", [(), (0, 24)])
@pytest.mark.parametrize("seed", SEEDS)
def test_networks_searched_together_come_out_as_each_alone(seed: int, targets: tuple[int, ...]) -> None:
    ground, loads, members, outlets, start = case(seed, targets)
    batch = refine(ground, loads, start, outlets, 12)
    for t in range(5):
        alone = Members.single(members.units[t : t + 1])
        out = outlets_of(ground, loads, alone, targets)
        one = refine(ground, loads, begin(ground, loads, alone, out), out, 12)
        assert one.yen_per_yr[0] == batch.yen_per_yr[t]
        assert same_trees(one.trees, take(batch.trees, np.array([t])))


def test_no_rounds_change_nothing() -> None:
    ground, loads, _, outlets, start = case(3, (0, 24))
    same = refine(ground, loads, start, outlets, 0)
    assert same_trees(same.trees, start.trees)
    assert same.yen_per_yr.tolist() == start.yen_per_yr.tolist()


def test_nothing_to_search() -> None:
    ground = random_ground(0)
    loads = random_loads(0, ground)
    nobody = Members.single(np.empty(0, np.int64))
    outlets = outlets_of(ground, loads, nobody, (0,))
    start = begin(ground, loads, nobody, outlets)
    assert len(refine(ground, loads, start, outlets, 5).yen_per_yr) == 0


def test_the_way_round_a_hill() -> None:
    """A hill of 6 m lies on the straight road of 200 m to the outlet; the level road round it is 320 m long.

    Without a slope weight the straight road is taken and a pump of 588,000 yen a year lifts over the hill; 120 m more
    of sewer cost 248,400. The search must find the way round.
    """
    x, y = np.array([0.0, 100.0, 200.0, 0.0, 200.0]), np.array([0.0, 0.0, 0.0, 60.0, 60.0])
    height = np.array([10.0, 15.0, 9.0, 9.6, 9.2])
    ground = ground_of(x, y, height, [0, 1, 0, 3, 4], [1, 2, 3, 4, 2], slope_weights=(0.0,))
    loads = Loads(np.array([0, 1]), np.array([0]), np.array([0.1]), np.array([3.0]), np.array([5.0]))
    alone = Members.single(np.array([0]))
    outlets = outlets_of(ground, loads, alone, (2,))
    start = begin(ground, loads, alone, outlets)
    assert start.trees.node.tolist() == [2, 1, 0]
    assert (start.pumps.tolist(), start.sewer_m.tolist()) == ([1], [200.0])
    assert start.yen_per_yr[0] == pytest.approx(200 * SEWER_YEN_PER_M_YR + PUMP_YEN_PER_YR)
    found = refine(ground, loads, start, outlets, 5)
    assert found.trees.node.tolist() == [2, 4, 3, 0]
    assert (found.pumps.tolist(), found.sewer_m.tolist()) == ([0], [320.0])
    assert found.yen_per_yr[0] == pytest.approx(320 * SEWER_YEN_PER_M_YR)


def two_ways() -> tuple[Ground, Loads, Members, Outlets]:
    """A house 200 m from its outlet by one way (node 1) and 240 m by another (node 3), on falling ground."""
    x, y = np.array([0.0, 100.0, 200.0, 100.0]), np.array([0.0, 0.0, 0.0, 66.332])
    ground = ground_of(x, y, 10.0 - 0.01 * x, [0, 1, 0, 3], [1, 2, 3, 2], slope_weights=(0.0,))
    loads = Loads(np.array([0, 1]), np.array([0]), np.array([0.1]), np.array([3.0]), np.array([5.0]))
    alone = Members.single(np.array([0]))
    return ground, loads, alone, outlets_of(ground, loads, alone, (2,))


@pytest.mark.parametrize(("weight", "by"), [(1.0, 1), (1.1, 1), (1.3, 3), (5.0, 3)])
def test_a_way_to_avoid_is_left_by_the_search_at_no_reported_cost(weight: float, by: int) -> None:
    """The start knows nothing of weights and takes the short way; from 1.2 times its length on it must be left."""
    ground, loads, alone, outlets = two_ways()
    avoid = np.where(np.isin(np.arange(4), [0, 1]), (weight - 1.0) * SEWER_YEN_PER_M_YR * ground.length_m, 0.0)
    ground = replace(ground, avoid_yen_per_yr=avoid)
    start = begin(ground, loads, alone, outlets)
    assert start.trees.node.tolist() == [2, 1, 0]
    found = refine(ground, loads, start, outlets, 5)
    assert found.trees.node.tolist() == [2, by, 0]
    assert found.yen_per_yr[0] == pytest.approx(found.sewer_m[0] * SEWER_YEN_PER_M_YR)


def test_of_several_trees_the_one_with_less_to_avoid_is_kept_at_an_equal_price() -> None:
    ground, loads, alone, outlets = two_ways()
    plain = ground.arc_costs[0]
    away = plain + np.where(np.isin(ground.graph.edge, [0, 1]), 1000.0, 0.0)
    ground = replace(ground, arc_costs=(plain, away), avoid_yen_per_yr=np.array([0.0, 4.0 * 2070.0 * 100.0, 0.0, 0.0]))
    found = begin(ground, loads, alone, outlets)
    assert (found.trees.node.tolist(), found.slope_weight.tolist()) == ([2, 3, 0], [1])


def test_what_reaches_fewer_houses_is_no_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """Round its pumps a network is searched on a cut-out of the roads, where the way out some houses take may be missing."""
    ground, loads, _, outlets, start = case(1, (0, 24))
    nowhere = Outlets(outlets.roots, outlets.targets, np.zeros(ground.nodes, bool))
    monkeypatch.setattr(
        search, "_next_pumps", lambda ground, loads, some, tried: dict.fromkeys(range(len(tried)), np.array([0]))
    )
    found = search._refine_some(ground, loads, replace(start, pumps=np.ones(5, np.int64)), nowhere, np.zeros(2, np.int64), 3)
    assert found.yen_per_yr.tolist() == start.yen_per_yr.tolist()
    assert same_trees(found.trees, start.trees)
