"""Networks made from those of nearly the same units, on small random road graphs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sewerzone.config import Route
from sewerzone.engineering import adapting
from sewerzone.engineering.adapting import adapted, is_large, nearest
from sewerzone.engineering.groups import Group
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, load_places, price, terminals
from sewerzone.stages import route
from tests.grounds import random_ground, random_loads

SEEDS = range(6)
ROUTE = Route(search_rounds=3)


def case(seed: int) -> tuple[Ground, Loads, route.Exits]:
    ground = random_ground(seed)
    return ground, random_loads(seed, ground), route.find_exits(ground, np.array([0, 24]), ROUTE)


def group_of(found: Priced) -> Group:
    return Group(found.members.units, "connect", float(found.yen_per_yr[0]), found.trees, 0, {"connect": found.trees})


def designed(ground: Ground, loads: Loads, exits: route.Exits, units: list[int]) -> Priced:
    return route.connect_networks(ground, loads, Members.of([np.array(units)]), exits, ROUTE)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("before", "after"), [([0, 1, 2], [0, 1, 3]), ([0, 1, 2, 3, 4], [1, 3]), ([2], [0, 1, 2, 3, 4])])
def test_all_houses_of_the_units_are_joined_and_no_others(seed: int, before: list[int], after: list[int]) -> None:
    ground, loads, exits = case(seed)
    found = adapted(ground, loads, group_of(designed(ground, loads, exits, before)), np.array(after), exits.for_each(1))
    assert found.members.units.tolist() == after
    _, at = load_places(found.trees, loads, found.members, ground.nodes)
    assert sorted(at.tolist()) == [k for u in after for k in range(loads.offsets[u], loads.offsets[u + 1])]
    ends = found.trees.parent < 0
    assert np.isin(found.trees.node[ends], exits.targets).all()
    has_child = np.isin(np.arange(len(ends)), found.trees.parent[~ends])
    wanted = set(terminals(loads, found.members)[1].tolist())
    leaves = found.trees.node[~has_child]
    assert set(leaves.tolist()) <= wanted  # nothing leads nowhere
    again = price(ground, found.trees, loads, found.members, found.slope_weight)
    assert found.yen_per_yr.tolist() == again.yen_per_yr.tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_units_keep_their_network(seed: int) -> None:
    ground, loads, exits = case(seed)
    known = designed(ground, loads, exits, [0, 2, 4])
    same = adapted(ground, loads, group_of(known), np.array([0, 2, 4]), exits.for_each(1))
    assert same.yen_per_yr[0] == pytest.approx(known.yen_per_yr[0])


def test_it_costs_little_more_than_a_network_designed_anew() -> None:
    made, anew = 0.0, 0.0
    for seed in SEEDS:
        ground, loads, exits = case(seed)
        for old, new in pairwise([[0, 1, 2], [0, 1, 2, 3], [0, 1, 3], [0, 3, 4]]):
            known = group_of(designed(ground, loads, exits, old))
            made += float(adapted(ground, loads, known, np.array(new), exits.for_each(1)).yen_per_yr[0])
            anew += float(designed(ground, loads, exits, new).yen_per_yr[0])
    assert made <= anew * 1.05


def test_loads_that_leave_take_their_branches_along() -> None:
    made, anew = 0.0, 0.0
    for seed in SEEDS:
        ground, loads, exits = case(seed)
        known = route.connect_networks(ground, loads, Members.single(np.arange(5)), exits, ROUTE)
        stays = np.arange(len(loads.node)) % 2 == 0
        stays[: loads.offsets[1]] = False  # the first unit keeps none of its loads
        stays[loads.offsets[2] : loads.offsets[3]] = True  # the third all of them
        offsets = np.concatenate([[0], np.cumsum(stays)])[loads.offsets]
        fewer = Loads(offsets, *(values[stays] for name, values in vars(loads).items() if name != "offsets"))
        left = route.shrunk_networks(ground, loads, fewer, known, exits, ROUTE)
        units = np.flatnonzero(np.diff(offsets) > 0)
        assert sorted(left.members.units.tolist()) == units.tolist()
        _, at = load_places(left.trees, fewer, left.members, ground.nodes)
        assert sorted(at.tolist()) == list(range(len(fewer.node)))
        has_child = np.isin(np.arange(len(left.trees.node)), left.trees.parent)
        assert set(left.trees.node[~has_child].tolist()) <= set(fewer.node.tolist())
        again = price(ground, left.trees, fewer, left.members, left.slope_weight)
        assert left.yen_per_yr.tolist() == again.yen_per_yr.tolist()
        made += float(left.yen_per_yr.sum())
        anew += float(route.connect_networks(ground, fewer, Members.single(units), exits, ROUTE).yen_per_yr.sum())
    assert made <= anew * 1.05


def test_a_network_without_other_ways_out_ends_where_it_did() -> None:
    ground, loads, exits = case(1)
    known = group_of(designed(ground, loads, exits, [0, 1, 2]))
    assert known.trees is not None
    ends = known.trees.node[known.trees.parent < 0]
    found = adapted(ground, loads, known, np.array([0, 1, 2, 3]), None)
    assert np.isin(found.trees.node[found.trees.parent < 0], ends).all()


def test_a_large_group_is_made_from_the_one_that_differs_least(monkeypatch: pytest.MonkeyPatch) -> None:
    ground, loads, exits = case(2)
    known = [group_of(designed(ground, loads, exits, units)) for units in ([0], [0, 1, 2], [0, 1, 2, 3])]
    units = np.array([0, 1, 2, 3, 4])
    assert not is_large(loads, units)
    assert nearest(loads, units, known) is None
    monkeypatch.setattr(adapting, "LEAST_PLACES", 1)
    monkeypatch.setattr(adapting, "MOST_CHANGED", 0.6)
    assert nearest(loads, units, known) is known[2]
    assert nearest(loads, units, known[:1]) is None
