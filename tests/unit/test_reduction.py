"""Reductions keep the optimum, and what they leave expands to a tree of the original problem."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import ascent, reduction
from tests import roadlike
from tests.least_trees import check_tree, least_arcs, of_edges, optimum, random_problem


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


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.booleans(), st.integers(0, 2))
def test_reducing_again_without_edges_no_least_tree_uses_keeps_the_optimum(seed, directed, left_out):
    problem = random_problem(seed, directed)
    edges, arcs = reduction._pair(problem)
    kind = np.zeros(problem.nodes, np.int64)
    kind[problem.terminals], kind[problem.root] = reduction.TERMINAL, reduction.ROOT
    core = reduction.shrink(reduction.Core.of(edges, kind))
    least = optimum(problem)
    for _ in range(left_out):
        left, edge, _ = reduction.arborescence_of(core)
        used = np.unique(edge[least_arcs(left)])
        spare = np.setdiff1d(np.arange(len(core.name)), used)
        core = reduction.shrink(core.only(~np.isin(np.arange(len(core.name)), spare[:1])))
    left, edge, _ = reduction.arborescence_of(core)
    assert core.forced_cost.sum() + optimum(left) == pytest.approx(least)
    names = np.concatenate([core.forced, core.name[edge[least_arcs(left)]]])
    chosen = reduction.directed(problem, arcs[:, core.expand(names)])
    assert check_tree(problem, chosen) == pytest.approx(least)


@pytest.mark.parametrize("hilly", [False, True])
def test_streets_full_of_houses_are_mostly_settled(hilly):
    town = roadlike.town(20, seed=1, missing=0.45, built=1.0)
    problem = of_edges(town.nodes, town.a, town.b, town.length_m, int(town.houses[0]), town.houses)
    if hilly:
        problem = problem._replace(cost=problem.cost * np.random.default_rng(0).uniform(1.0, 1.5, len(problem.cost)))
    reduced = reduction.reduce(problem)
    assert len(reduced.problem.cost) < 0.12 * len(problem.cost)
    assert reduction.reduce(reduced.problem).fixed == pytest.approx(0.0)


def edge_of(costs, terminals, nodes, directed=()):
    """Edges {(a, b): cost} rooted at node 0; ``directed`` are further arcs (tail, head, cost)."""
    a, b = np.array(list(costs), dtype=np.int64).reshape(-1, 2).T
    problem = of_edges(nodes, a, b, np.array(list(costs.values()), float), 0, np.asarray(terminals))
    for tail, head, cost in directed:
        is_it = (problem.tail == tail) & (problem.head == head)
        problem.cost[is_it] = cost
    return problem


def test_terminals_at_equal_distance_are_joined_once():
    # a ring of four equal edges: any three of them
    reduced = reduction.reduce(edge_of({(0, 1): 2.0, (1, 2): 2.0, (2, 3): 2.0, (3, 0): 2.0}, [1, 2, 3], 4))
    assert reduced.fixed == 6.0
    assert len(reduced.problem.terminals) == 0
    assert len(reduced.expand(np.zeros(0, np.int64))) == 3


def test_a_chain_between_two_terminals_keeps_its_way_through():
    # 1 and 2 hang together at 1 down or 5 up; entering at 2 pays the way up to 1
    ring = {(0, 1): 10.0, (1, 2): 1.0, (2, 3): 4.0, (3, 0): 4.0, (3, 4): 1.0, (0, 4): 9.0}
    problem = edge_of(ring, [1, 2, 4], 5, directed=[(2, 1, 5.0)])
    reduced = reduction.reduce(problem)
    assert reduced.fixed + optimum(reduced.problem) == optimum(problem) == 14.0


def test_a_terminal_cut_off_stays_a_terminal():
    problem = edge_of({(0, 1): 1.0, (2, 3): 1.0}, [1, 3], 4)
    reduced = reduction.reduce(problem)
    assert len(reduced.problem.terminals) == 1
    assert ascent.dual_ascent(reduced.problem).lower == np.inf


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_edges_of_several_trees_are_turned_away_from_their_roots(seed):
    """Whatever way round an edge is given, and in whatever order; nodes of no tree stay out of it."""
    rng = np.random.default_rng(seed)
    above, below, roots, nodes = [], [], [], 0
    for _ in range(3):
        size = int(rng.integers(1, 9))
        number = nodes + rng.permutation(size)
        roots.append(number[0])
        above += [number[rng.integers(k)] for k in range(1, size)]
        below += number[1:].tolist()
        nodes += size + 1
    order, is_forth = rng.permutation(len(below)), rng.random(len(below)) < 0.5
    a, b = np.array(above, dtype=np.int64)[order], np.array(below, dtype=np.int64)[order]
    found = reduction.leads_away(np.where(is_forth, a, b), np.where(is_forth, b, a), np.array(roots), nodes)
    assert found.tolist() == is_forth.tolist()
