"""No plan costs less than the sum of the least its ways can cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering.laying_bound import least_arc_costs
from sewerzone.engineering.networks import Ground, Loads, Members, forest
from sewerzone.engineering.steiner import grow_trees
from sewerzone.engineering.trench import lay
from tests.grounds import PUMP_YEN_PER_YR, RULES, ground_of, random_ground, random_loads

MANHOLE_YEN = 9_000.0


def priced(ground: Ground, seed: int) -> Ground:
    """Prices by depth and size, manholes, drops, mains dearer or cheaper than trenches, crossings, road factors."""
    rng = np.random.default_rng(seed)
    edges, sizes = len(ground.length_m), len(RULES.diameter_mm)
    knots = np.array([0.0, 1.5, 3.0, 5.0])
    trench = np.cumsum(rng.uniform(100.0, 900.0, (sizes, 4)), axis=1)
    is_crossing = rng.random(edges) < 0.1
    prices = replace(
        ground.prices, depth_m=knots, trench_yen_per_m_yr=trench, pressure_yen_per_m_yr=float(rng.uniform(100.0, 2_000.0)),
        pump_yen_per_yr=float(rng.uniform(0.0, PUMP_YEN_PER_YR)), pump_size_yen_per_yr=100.0, energy_yen_per_yr=20.0,
        manhole_yen_per_yr=np.cumsum(rng.uniform(0.0, MANHOLE_YEN, 4)), drop_yen_per_yr=1_000.0, is_depth_priced=True,
    )  # fmt: skip
    return replace(
        ground, prices=prices, price_factor=rng.uniform(0.5, 2.0, edges),
        least_excavation_m=np.where(is_crossing, 3.0, 0.0), fixed_yen_per_yr=np.where(is_crossing, 50_000.0, 0.0),
        rules=replace(RULES, manhole_spacing_m=float(rng.choice([20.0, 75.0, 200.0]))),
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_no_plan_costs_less_than_its_bound(seed: int) -> None:
    ground = priced(random_ground(seed % 50), seed)
    loads = random_loads(seed % 50, ground)
    members = Members.single(np.arange(5))
    offsets = loads.offsets
    roots = np.arange(6), loads.node[offsets[:-1]]
    out = np.full(ground.nodes, np.inf), np.full(ground.nodes, -1, np.int64)
    trees = grow_trees(ground.graph, least_arc_costs(ground), offsets, loads.node, *roots, *out)
    laid = lay(forest(ground, trees, loads, members), ground.rules, ground.prices)
    tree = np.repeat(np.arange(5), np.diff(trees.offsets))
    yen = np.bincount(tree[laid.manhole], laid.yen_per_yr, minlength=5)
    assert (trees.cost <= yen * (1.0 + 1e-12)).all()
    # the manhole of the outlet is on no way
    assert (trees.cost + ground.prices.manhole_yen_per_yr.min() <= yen * (1.0 + 1e-12)).all()


@pytest.mark.parametrize("length_m", [75.0, 150.0, 30.0])
def test_a_level_street_costs_no_more_than_its_bound_and_its_outlet(length_m: float) -> None:
    """Of the spacing's length or longer: equal. Shorter: the rest of one manhole."""
    depth = RULES.cover_min_m + 2.0 * RULES.pipe_wall_m + RULES.diameter_mm[0] / 1000.0 + RULES.bedding_m
    fall = RULES.slope_min[0] * length_m
    ground = ground_of(np.array([0.0, length_m]), np.zeros(2), np.array([fall, 0.0]), np.array([0]), np.array([1]), (0.0,))
    knots = np.array([0.0, depth, 5.0])
    prices = replace(
        ground.prices, depth_m=knots, trench_yen_per_m_yr=np.tile([1_000.0, 1_000.0, 3_000.0], (len(RULES.diameter_mm), 1)),
        pressure_yen_per_m_yr=1_000.0, manhole_yen_per_yr=np.array([MANHOLE_YEN, MANHOLE_YEN, 2.0 * MANHOLE_YEN]),
        is_depth_priced=True,
    )  # fmt: skip
    ground = replace(ground, prices=prices)
    loads = Loads(np.array([0, 1]), np.array([0]), np.array([0.1]), np.array([3.0]), np.array([5.0]))
    out = np.full(2, np.inf), np.full(2, -1, np.int64)
    cost = least_arc_costs(ground)
    tree = grow_trees(ground.graph, cost, loads.offsets, loads.node, np.array([0, 1]), np.array([1]), *out)
    laid = lay(forest(ground, tree, loads, Members.single(np.array([0]))), RULES, prices)
    rest = MANHOLE_YEN * (1.0 - length_m / max(length_m, RULES.manhole_spacing_m))
    assert laid.yen_per_yr.sum() == pytest.approx(tree.cost[0] + MANHOLE_YEN + rest, abs=1e-6)
