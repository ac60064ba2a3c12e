"""The local search by labels: its sums hold after every change, it keeps trees whole, and it is judged by laying."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sewerzone.engineering.descent import descend
from sewerzone.engineering.laying_bound import least_arc_costs
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, cheapest, price, segments, terminals
from sewerzone.engineering.paths import arcs_between, cost_to
from sewerzone.engineering.sketch import terms_of
from sewerzone.engineering.trees import Trees, net_of, trees_of
from tests.grounds import RULES, random_ground, random_loads

SEEDS = range(12)
ENERGY_YEN = 200.0


def case(seed: int, is_by_depth: bool) -> tuple[Ground, Loads, Members]:
    """Five networks on rough ground; with prices by depth, energy and pump size, or a flat price per metre."""
    ground = random_ground(seed, relief_m=3.0)
    if is_by_depth:
        knots = np.array([0.0, 2.0, 5.0])
        trench = np.outer(1.0 + 0.1 * np.arange(len(RULES.diameter_mm)), [1500.0, 2000.0, 4000.0])
        prices = replace(
            ground.prices, depth_m=knots, trench_yen_per_m_yr=trench, energy_yen_per_yr=ENERGY_YEN, pump_size_yen_per_yr=3e3,
            manhole_yen_per_yr=np.zeros(3), is_depth_priced=True,
        )  # fmt: skip
        ground = replace(ground, prices=prices)
    return ground, random_loads(seed, ground), Members.single(np.arange(5))


def start_of(ground: Ground, loads: Loads, members: Members, targets: np.ndarray) -> Priced:
    ways = [cost_to(ground.graph, cost, targets, np.inf) for cost in ground.arc_costs]
    return cheapest(ground, loads, members, (np.zeros(6, np.int64), np.empty(0, np.int64)), ways)


def searched(
    ground: Ground, loads: Loads, members: Members, trees: Trees, targets: np.ndarray, passes: int
) -> tuple[Trees, np.ndarray]:
    graph, cost = ground.graph, least_arc_costs(ground)
    net = net_of(graph, cost, *cost_to(graph, cost, targets, np.inf))
    at = segments(loads.offsets[members.units], loads.offsets[members.units + 1])
    flows = np.stack([loads.flow_l_per_s[at], loads.flow_mean_m3_per_d[at]])
    arc = np.where(trees.parent >= 0, arcs_between(graph, trees.node[trees.parent], trees.node), -1)
    groups = (*terminals(loads, members), np.zeros(6, np.int64), np.empty(0, np.int64))
    *new, yen = descend(net, terms_of(ground), groups, flows, trees.offsets, trees.node, arc, passes)
    return trees_of(graph, cost, *new, trees.missed), yen


@pytest.mark.parametrize("is_by_depth", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_sums_kept_through_all_moves_are_those_of_the_tree_found(seed: int, is_by_depth: bool) -> None:
    ground, loads, members = case(seed, is_by_depth)
    targets = np.array([0, 24])
    start = start_of(ground, loads, members, targets)
    found, yen = searched(ground, loads, members, start.trees, targets, 20)
    _, again = searched(ground, loads, members, found, targets, 0)
    assert yen == pytest.approx(again, abs=0.1)
    _, before = searched(ground, loads, members, start.trees, targets, 0)
    assert (yen <= before + 0.1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_trees_stay_whole(seed: int) -> None:
    ground, loads, members = case(seed, False)
    targets = np.array([0, 24])
    found, _ = searched(ground, loads, members, start_of(ground, loads, members, targets).trees, targets, 20)
    offsets, node = terminals(loads, members)
    for t in range(5):
        first, last = found.offsets[t], found.offsets[t + 1]
        mine, parent = found.node[first:last], found.parent[first:last]
        assert len(np.unique(mine)) == len(mine)
        assert np.isin(node[offsets[t] : offsets[t + 1]], mine).all()
        assert (parent[parent >= 0] < np.arange(first, last)[parent >= 0]).all()
        assert (parent[parent >= 0] >= first).all()
        assert np.isin(mine[parent < 0], targets).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_say_what_laying_costs_where_every_point_is_a_manhole(seed: int) -> None:
    """One size only, no pipe too fast: then the estimate is the design, but for ties of up to a yen."""
    ground, loads, members = case(seed, False)
    one = replace(
        RULES, diameter_mm=RULES.diameter_mm[:1], capacity_margin=RULES.capacity_margin[:1], slope_min=RULES.slope_min[:1],
        velocity_max_m_per_s=100.0, manhole_spacing_m=1e-3,
    )  # fmt: skip
    prices = replace(ground.prices, trench_yen_per_m_yr=ground.prices.trench_yen_per_m_yr[:1])
    ground = replace(ground, rules=one, prices=prices)
    targets = np.array([0, 24])
    start = start_of(ground, loads, members, targets)
    _, yen = searched(ground, loads, members, start.trees, targets, 0)
    laid = price(ground, start.trees, loads, members, start.slope_weight)
    assert yen == pytest.approx(laid.yen_per_yr, abs=2.0)


def test_moves_are_found() -> None:
    gains = []
    for seed in SEEDS:
        ground, loads, members = case(seed, False)
        targets = np.array([0, 24])
        start = start_of(ground, loads, members, targets)
        found, _ = searched(ground, loads, members, start.trees, targets, 20)
        laid = price(ground, found, loads, members, start.slope_weight)
        gains += (start.yen_per_yr - laid.yen_per_yr).tolist()
    assert sum(gain > 1.0 for gain in gains) >= 5
