"""Dual ascent: bounds below the optimum, reduced costs that price every tree, arcs that no better tree uses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import ascent
from sewerzone.engineering.arborescence import Arborescence
from tests import roadlike
from tests.least_trees import check_tree, least_arcs, of_edges, optimum, random_problem


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([3, 50]))
def test_a_tree_costs_at_least_the_bound_and_the_reduced_costs_of_its_arcs(seed, directed, most):
    problem = random_problem(seed, directed, most=most)
    result = ascent.dual_ascent(problem)
    least = least_arcs(problem)
    assert np.all((result.reduced_cost >= 0.0) & (result.reduced_cost <= problem.cost))
    assert result.lower == pytest.approx(result.raised.sum())
    for arcs in (least, ascent.tree_along(problem, np.ones(len(problem.cost), bool))):
        cost = check_tree(problem, arcs)
        assert result.lower + result.reduced_cost[arcs].sum() <= cost + 1e-9
    saturated = ascent.tree_along(problem, result.reduced_cost <= 0.0)
    assert result.lower - 1e-9 <= optimum(problem) <= check_tree(problem, saturated) + 1e-9


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10**6), st.booleans())
def test_arcs_left_out_are_in_no_tree_as_cheap_as_the_limit(seed, directed):
    problem = random_problem(seed, directed)
    result, least = ascent.dual_ascent(problem), optimum(problem)
    kept = ascent.improving_arcs(problem, result, np.full(problem.nodes, least - result.lower + 1e-9))
    fewer = problem._replace(tail=problem.tail[kept], head=problem.head[kept], cost=problem.cost[kept])
    assert optimum(fewer) == pytest.approx(least)


def line(costs, terminals):
    n = len(costs) + 1
    return of_edges(n, np.arange(n - 1), np.arange(1, n), np.asarray(costs, float), 0, np.asarray(terminals, np.int64))


def test_a_tree_shaped_graph_is_bounded_exactly():
    result = ascent.dual_ascent(line([3.0, 5.0, 7.0, 9.0], [1, 3]))
    assert result.lower == 15.0
    assert result.reduced_cost[:4].tolist() == [0.0, 0.0, 0.0, 9.0]


def test_two_directions_are_bounded_by_the_one_used():
    # sewage flows from head to tail: the arcs away from the root count
    problem = Arborescence(3, np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]), np.array([2.0, 1.0, 4.0, 1.0]), 0, np.array([2]))
    assert ascent.dual_ascent(problem).lower == 6.0


def test_a_triangle_is_bounded_exactly():
    # cuts of edges without direction would prove no more than 3
    problem = of_edges(4, np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([2.0, 2.0, 2.0]), 0, np.array([1, 2]))
    assert ascent.dual_ascent(problem).lower == 4.0


def test_terminals_nothing_leads_to_are_worth_infinitely_much():
    problem = line([1.0, 1.0], [1, 2])._replace(tail=np.array([0, 2]), head=np.array([1, 1]), cost=np.ones(2))
    result = ascent.dual_ascent(problem)
    assert result.lower == np.inf
    assert result.raised.tolist() == [1.0, np.inf]
    assert ascent.tree_along(problem, np.ones(2, bool)).tolist() == [0]


def test_nothing_to_join():
    assert ascent.dual_ascent(line([1.0], [])).lower == 0.0
    assert ascent.dual_ascent(line([0.0], [1])).lower == 0.0


@pytest.mark.parametrize("built", [0.2, 0.9])
def test_bounds_of_towns_are_close_and_do_not_depend_on_the_order_of_arcs(built):
    town = roadlike.town(15, seed=3, built=built)
    problem = of_edges(town.nodes, town.a, town.b, town.length_m, int(town.houses[0]), town.houses)
    result = ascent.dual_ascent(problem)
    tree = ascent.tree_along(problem, result.reduced_cost <= 0.0)
    assert result.lower <= problem.cost[tree].sum() * (1.0 + 1e-12)
    assert result.lower >= 0.97 * problem.cost[tree].sum()
    new = np.random.default_rng(5).permutation(len(problem.cost))
    shuffled = problem._replace(tail=problem.tail[new], head=problem.head[new], cost=problem.cost[new])
    again = ascent.dual_ascent(shuffled)
    np.testing.assert_array_equal(again.raised, result.raised)
    np.testing.assert_array_equal(again.reduced_cost, result.reduced_cost[new])
