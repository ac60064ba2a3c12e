"""Reductions keep the optimum, and what they leave expands to a tree of the original problem."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import ascent, reduction
from tests.least_trees import check_tree, least_arcs, optimum, random_problem


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([3, 50]))
def test_the_optimum_stays_the_same_and_a_least_tree_expands_to_one(seed, directed, most):
    problem = random_problem(seed, directed, most=most)
    reduced = reduction.reduce(problem)
    least = optimum(problem)
    assert reduced.fixed + optimum(reduced.problem) == pytest.approx(least)
    arcs = reduced.expand(least_arcs(reduced.problem))
    assert check_tree(problem, arcs) == pytest.approx(least)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.booleans())
def test_larger_graphs_expand_to_trees_of_the_stated_cost(seed, directed):
    problem = random_problem(seed, directed, nodes=60, edges=90, most=30)
    reduced = reduction.reduce(problem)
    for usable in (ascent.dual_ascent(reduced.problem).reduced_cost <= 0.0, np.ones(len(reduced.problem.cost), bool)):
        arcs = ascent.tree_along(reduced.problem, usable)
        expanded = reduced.expand(arcs)
        assert check_tree(problem, expanded) == pytest.approx(reduced.fixed + reduced.problem.cost[arcs].sum())
