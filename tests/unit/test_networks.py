"""Candidate networks by the batch, on small random road graphs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sewerzone.engineering import hanging
from sewerzone.engineering.hanging import hung, joined, unite
from sewerzone.engineering.networks import (
    Ground,
    Loads,
    Members,
    best_of,
    cheapest,
    concat,
    dwellings_at,
    forest,
    price,
    segments,
    take,
    terminals,
    tree_of,
)
from sewerzone.engineering.paths import arcs_between, cost_to
from sewerzone.engineering.steiner import Trees, grow_trees
from sewerzone.engineering.trench import lay
from tests.grounds import random_ground, random_loads, same_trees

SEEDS = range(6)


def plants(ground: Ground, loads: Loads, members: Members) -> tuple[np.ndarray, np.ndarray]:
    """One root per network: its lowest terminal."""
    offsets, node = terminals(loads, members)
    low = [min(node[a:b], key=lambda n: (ground.ground_elev_m[n], n)) for a, b in pairwise(offsets)]
    return np.arange(len(low) + 1), np.array(low, dtype=np.int64)


def exits(ground: Ground, targets: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    return [cost_to(ground.graph, cost, targets, np.inf) for cost in ground.arc_costs]


def flow_of(loads: Loads, units: np.ndarray) -> float:
    return float(sum(loads.flow_l_per_s[loads.offsets[u] : loads.offsets[u + 1]].sum() for u in units))


def check(ground: Ground, loads: Loads, trees: Trees, members: Members) -> None:
    """Directed trees along roads, parents before children, every terminal once."""
    offsets, wanted = terminals(loads, members)
    for t in range(len(trees.offsets) - 1):
        first, last = trees.offsets[t], trees.offsets[t + 1]
        node, parent, edge = trees.node[first:last], trees.parent[first:last], trees.arc_edge[first:last]
        assert len(np.unique(node)) == len(node)
        assert np.isin(wanted[offsets[t] : offsets[t + 1]], node).all()
        is_root = parent < 0
        assert is_root.any()
        assert (parent[~is_root] >= first).all()
        assert (parent[~is_root] < first + np.flatnonzero(~is_root)).all()
        arc = arcs_between(ground.graph, trees.node[parent[~is_root]], node[~is_root])
        assert (arc >= 0).all()
        assert (ground.graph.edge[arc] == edge[~is_root]).all()
        assert (edge[is_root] == -1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_flow_is_conserved_from_the_houses_to_the_outlets(seed: int) -> None:
    ground = random_ground(seed)
    loads = random_loads(seed, ground)
    members = Members.of([np.array([0, 2]), np.array([1]), np.array([3, 4])])
    found = cheapest(ground, loads, members, plants(ground, loads, members), exits(ground, np.array([0, 7])))
    check(ground, loads, found.trees, members)
    wood = forest(ground, found.trees, loads, members)
    laid = lay(wood, ground.rules, ground.prices)
    tree = tree_of(found.trees)
    at_roots = np.bincount(laid.down, laid.flow_l_per_s, minlength=len(laid.manhole))
    is_root = found.trees.parent[laid.manhole] < 0
    for t in range(3):
        units = members.units[members.offsets[t] : members.offsets[t + 1]]
        carried = flow_of(loads, units)
        assert wood.flow_l_per_s[tree == t].sum() == pytest.approx(carried)
        at_outlet = wood.flow_l_per_s[laid.manhole[is_root]] + at_roots[is_root]
        assert at_outlet[tree[laid.manhole[is_root]] == t].sum() == pytest.approx(carried)
        houses = sum(loads.dwellings[loads.offsets[u] : loads.offsets[u + 1]].sum() for u in units)
        assert dwellings_at(ground, found.trees, loads, members)[tree == t].sum() == houses
    assert found.sewer_m == pytest.approx(np.bincount(tree, wood.length_m, minlength=3))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_equals_its_networks_one_by_one(seed: int) -> None:
    ground = random_ground(seed)
    loads = random_loads(seed, ground)
    ways = exits(ground, np.array([3]))
    members = Members.single(np.arange(5))
    none = np.zeros(6, np.int64), np.empty(0, np.int64)
    batch = cheapest(ground, loads, members, none, ways)
    for t in range(5):
        one = cheapest(ground, loads, Members.single(np.array([t])), (none[0][:2], none[1]), ways)
        assert same_trees(take(batch.trees, np.array([t])), one.trees)
        assert batch.yen_per_yr[t] == one.yen_per_yr[0]
        assert (batch.sewer_m[t], batch.pumps[t]) == (one.sewer_m[0], one.pumps[0])
        assert batch.slope_weight[t] == one.slope_weight[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cheapest_of_all_slope_weights_is_kept_for_each_network(seed: int) -> None:
    ground = random_ground(seed)
    loads = random_loads(seed, ground)
    members = Members.single(np.arange(5))
    offsets, node = terminals(loads, members)
    roots = plants(ground, loads, members)
    none = np.full(ground.nodes, np.inf), np.full(ground.nodes, -1)
    tried = [
        price(ground, grow_trees(ground.graph, cost, offsets, node, *roots, *none), loads, members, np.full(5, k))
        for k, cost in enumerate(ground.arc_costs)
    ]
    every = np.stack([p.yen_per_yr for p in tried])
    for best in (best_of(ground, tried), cheapest(ground, loads, members, roots, None)):
        assert best.yen_per_yr.tolist() == every.min(axis=0).tolist()
        for t, k in enumerate(best.slope_weight):
            assert same_trees(take(best.trees, np.array([t])), take(tried[k].trees, np.array([t])))
            assert best.sewer_m[t] == tried[k].sewer_m[t]
            assert not (every[:k, t] <= every[k, t]).any()  # the earlier wins a tie


def test_no_slope_weight_is_best_everywhere() -> None:
    winners = set()
    for seed in SEEDS:
        ground = random_ground(seed)
        loads = random_loads(seed, ground)
        members = Members.single(np.arange(5))
        winners |= set(cheapest(ground, loads, members, plants(ground, loads, members), None).slope_weight.tolist())
    assert len(winners) > 1


@pytest.mark.parametrize("seed", SEEDS)
def test_taken_and_put_together_again_trees_are_the_same(seed: int) -> None:
    ground = random_ground(seed)
    loads = random_loads(seed, ground)
    members = Members.single(np.arange(5))
    trees = cheapest(ground, loads, members, plants(ground, loads, members), None).trees
    order = np.random.default_rng(seed).permutation(5)
    shuffled = take(trees, order)
    check(ground, loads, shuffled, Members.single(order))
    assert same_trees(take(shuffled, np.argsort(order)), trees)
    assert same_trees(concat([take(trees, np.array([0, 1])), take(trees, np.array([2, 3, 4]))]), trees)
    assert same_trees(take(trees, np.array([1, 1])), concat([take(trees, np.array([1]))] * 2))


def hang(
    ground: Ground, loads: Loads, base: Trees, guests: Members, weights: np.ndarray, is_shared: bool = False
) -> tuple[Trees, np.ndarray]:  # fmt: skip
    bases = [take(base, np.array([t])) for t in range(len(base.offsets) - 1)]
    of = np.arange(len(bases))
    found = hung(ground, loads, bases, of, guests, weights, is_shared)
    return joined(bases, of, found.trees, ground.nodes), found.is_reached


@pytest.mark.parametrize("seed", SEEDS)
def test_hanging_a_unit_on_a_network_keeps_the_network_and_adds_the_unit(seed: int) -> None:
    ground = random_ground(seed)
    loads = random_loads(seed, ground)
    hosts, guests = Members.of([np.array([0]), np.array([1, 3]), np.array([4])]), Members.single(np.array([2, 0, 2]))
    base = cheapest(ground, loads, hosts, plants(ground, loads, hosts), exits(ground, np.array([5, 11, 17])))
    weights = np.array([1, 0, 2])
    trees, is_reached = hang(ground, loads, base.trees, guests, weights)
    members = unite(hosts, guests)
    assert is_reached.all()
    assert [g.tolist() for g in np.split(members.units, members.offsets[1:-1])] == [[0, 2], [0, 1, 3], [2, 4]]
    check(ground, loads, trees, members)
    whole = price(ground, trees, loads, members, weights)
    for t in range(3):
        old = slice(base.trees.offsets[t], base.trees.offsets[t + 1])
        new = slice(trees.offsets[t], trees.offsets[t] + old.stop - old.start)
        assert trees.node[new].tolist() == base.trees.node[old].tolist()
        assert trees.arc_edge[new].tolist() == base.trees.arc_edge[old].tolist()
        assert trees.cost[t] >= base.trees.cost[t]
        assert whole.sewer_m[t] >= base.sewer_m[t] - 1e-9
        flow = forest(ground, trees, loads, members).flow_l_per_s[tree_of(trees) == t].sum()
        assert flow == pytest.approx(flow_of(loads, members.units[members.offsets[t] : members.offsets[t + 1]]))
        guest = Members.of([guests.units[guests.offsets[t] : guests.offsets[t + 1]]])
        one = hang(ground, loads, take(base.trees, np.array([t])), guest, weights[t : t + 1])
        assert same_trees(one[0], take(trees, np.array([t])))


def test_what_no_road_leads_to_is_not_reached() -> None:
    ground = random_ground(0, parts=2)
    loads = random_loads(0, ground, parts=2)  # units 0 and 1 on one part of the roads, 2 and 3 on the other
    hosts, guests = Members.single(np.array([0, 0, 2])), Members.single(np.array([2, 1, 3]))
    base = cheapest(ground, loads, hosts, plants(ground, loads, hosts), None)
    assert hang(ground, loads, base.trees, guests, np.zeros(3, np.int64))[1].tolist() == [False, True, True]


@pytest.mark.parametrize("seed", SEEDS)
def test_ways_to_a_network_are_the_same_where_they_are_worked_out_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ground = random_ground(seed, parts=1 + seed % 2)
    loads = random_loads(seed, ground, parts=1 + seed % 2)
    host = Members.single(np.array([0]))
    base = [cheapest(ground, loads, host, plants(ground, loads, host), None).trees]
    guests, weights = Members.of([np.array([u]) for u in (1, 2, 3, 1, 2, 3)]), np.array([0, 0, 0, 1, 1, 1])
    of = np.zeros(6, np.int64)
    one = hung(ground, loads, base, of, guests, weights, False)
    monkeypatch.setattr(hanging, "FEW_NODES", 0)
    other = hung(ground, loads, base, of, guests, weights, True)
    assert one.is_reached.tolist() == other.is_reached.tolist()
    np.testing.assert_allclose(one.trees.cost, other.trees.cost, rtol=0.02)  # of equal next ways another may be taken
    for found in (one, other):
        assert np.isin(found.trees.node[found.trees.parent < 0], base[0].node).all()
    whole = joined(base, of, other.trees, ground.nodes)
    reached = np.flatnonzero(other.is_reached)
    check(
        ground,
        loads,
        take(whole, reached),
        unite(Members.of([host.units] * len(reached)), Members.of([guests.units[k : k + 1] for k in reached])),
    )


def test_terminals_are_the_loads_of_the_members() -> None:
    loads = Loads(np.array([0, 2, 2, 5]), np.array([4, 9, 1, 2, 7]), *[np.ones(5)] * 3)
    offsets, node = terminals(loads, Members.of([np.array([2]), np.array([0, 1]), np.array([1]), np.array([0, 2])]))
    assert offsets.tolist() == [0, 3, 5, 5, 10]
    assert node.tolist() == [1, 2, 7, 4, 9, 4, 9, 1, 2, 7]


def test_members_are_united_in_order() -> None:
    one, other = Members.of([np.array([3, 5]), np.array([1])]), Members.of([np.array([4]), np.array([0, 9])])
    both = unite(one, other)
    assert both.offsets.tolist() == [0, 3, 6]
    assert both.units.tolist() == [3, 4, 5, 0, 1, 9]


def test_segments_are_concatenated_ranges() -> None:
    assert segments(np.array([3, 5, 0]), np.array([5, 5, 3])).tolist() == [3, 4, 0, 1, 2]
    assert segments(np.empty(0, np.int64), np.empty(0, np.int64)).tolist() == []


def test_no_network_costs_nothing() -> None:
    ground = random_ground(0)
    loads = random_loads(0, ground)
    nothing = Members.single(np.empty(0, np.int64))
    found = cheapest(ground, loads, nothing, (np.zeros(1, np.int64), np.empty(0, np.int64)), None)
    assert len(found.yen_per_yr) == len(found.trees.node) == 0
