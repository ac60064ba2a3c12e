"""Bounds for proportional costs are worked out once and hold as if each had been worked out by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import proof
from sewerzone.engineering.laying_bound import least_arc_costs
from sewerzone.engineering.networks import Members, no_exit, price
from sewerzone.engineering.steiner import grow_trees
from tests.grounds import random_ground, random_loads


def bounded(*costs: list[float]) -> tuple[list[list[float]], int]:
    """Bounds, each the sum of its costs, and how many of them were worked out."""
    calls = []

    def bound(cost: np.ndarray) -> np.ndarray:
        calls.append(cost)
        return np.array([cost.sum()])

    return [least.tolist() for least in proof._bounds([np.array(c) for c in costs], bound)], len(calls)


def test_multiples_are_not_worked_out_again() -> None:
    assert bounded([1.0, 2.0, 0.0], [3.0, 6.0, 0.0], [0.5, 1.0, 0.0]) == ([[3.0], [9.0], [1.5]], 1)


@pytest.mark.parametrize("other", [[3.0, 6.0, 0.001], [3.0, 6.1, 0.0], [0.0, 6.0, 0.0]])
def test_whatever_is_no_multiple_is(other: list[float]) -> None:
    assert bounded([1.0, 2.0, 0.0], other) == ([[3.0], [sum(other)]], 2)


def test_costs_of_nothing_have_bounds_of_their_own() -> None:
    assert bounded([0.0, 0.0], [0.0, 0.0], [1.0, 2.0]) == ([[0.0], [0.0], [3.0]], 3)


def test_a_factor_that_varies_by_rounding_bounds_from_below() -> None:
    (_, (least,)), calls = bounded([1.0, 1.0], [3.0, 3.0 * (1.0 + 1e-13)])
    assert (least, calls) == (6.0, 1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 40))
def test_proofs_are_those_of_each_cost_by_itself(seed: int) -> None:
    ground = random_ground(seed)
    prices = replace(ground.prices, manhole_yen_per_yr=np.zeros_like(ground.prices.manhole_yen_per_yr))
    ground = replace(ground, prices=prices, price_factor=np.full_like(ground.price_factor, 1.1))
    assert proof._factor(least_arc_costs(ground), ground.graph.length_m) > 0.0, "one price for every metre"
    loads = random_loads(seed, ground)
    members = Members.single(np.arange(len(loads.offsets) - 1))
    count = len(loads.offsets) - 1
    roots = np.arange(count + 1), np.zeros(count, np.int64)
    ends = proof.Ends(roots, np.empty(0, np.int64), np.zeros(ground.nodes, bool))
    trees = grow_trees(ground.graph, ground.graph.length_m, loads.offsets, loads.node, *roots, *no_exit(ground))
    found = price(ground, trees, loads, members, np.zeros(count, np.int64))
    shared = proof.prove(ground, loads, found, ends)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proof, "_SAME_FACTOR", -1.0)
        apart = proof.prove(ground, loads, found, ends)
    for name, values in vars(apart).items():
        np.testing.assert_allclose(vars(shared)[name], values, rtol=1e-9)
