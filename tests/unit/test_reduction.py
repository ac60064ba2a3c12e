"""Reductions keep the optimum, and what they leave expands to a tree of the original problem."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import ascent, reduction
from sewerzone.engineering.arborescence import Arborescence, of_edges


def random_problem(seed, directed, nodes=8, edges=10, most=4):
    """Small costs, so that ties, loops and parallel edges are frequent."""
    rng = np.random.default_rng(seed)
    a = np.concatenate([np.arange(1, nodes), rng.integers(0, nodes, edges - nodes + 1)])
    b = np.concatenate(
        [(rng.random(nodes - 1) * np.arange(1, nodes)).astype(np.int64), rng.integers(0, nodes, edges - nodes + 1)]
    )
    terminals = np.unique(rng.integers(0, nodes, rng.integers(1, 6)))
    problem = of_edges(nodes, a, b, rng.integers(0, most, len(a)).astype(float), int(rng.integers(0, nodes)), terminals)
    if directed:
        problem = problem._replace(cost=problem.cost + rng.integers(0, most, len(problem.cost)))
    return problem


def optimum(problem: Arborescence) -> float:
    """Least tree by trying every set of further nodes; infinite if a terminal cannot be reached."""
    roads = nx.DiGraph()
    for tail, head, cost in zip(problem.tail.tolist(), problem.head.tolist(), problem.cost.tolist(), strict=True):
        if tail != head and head != problem.root:
            roads.add_edge(tail, head, weight=min(cost, roads.get_edge_data(tail, head, {"weight": np.inf})["weight"]))
    needed = {problem.root, *problem.terminals.tolist()}
    if len(needed) == 1:
        return 0.0
    others = [v for v in range(problem.nodes) if v not in needed]
    best = np.inf
    for size in range(len(others) + 1):
        for chosen in itertools.combinations(others, size):
            part = roads.subgraph(needed.union(chosen))
            if len(part) < len(needed) + size:
                continue
            try:
                best = min(best, nx.minimum_spanning_arborescence(part, preserve_attrs=False).size(weight="weight"))
            except nx.NetworkXException:
                continue
    return best


def check_tree(problem: Arborescence, arcs) -> float:
    """The arcs make a tree from the root to all terminals; returns its cost."""
    tree = nx.DiGraph(zip(problem.tail[arcs].tolist(), problem.head[arcs].tolist(), strict=True))
    tree.add_node(problem.root)
    assert tree.number_of_edges() == len(arcs)
    assert nx.is_arborescence(tree)
    assert tree.in_degree(problem.root) == 0
    assert set(problem.terminals.tolist()) <= set(tree.nodes)
    return float(problem.cost[arcs].sum())


def least_arcs(problem: Arborescence):
    """The arcs of a least tree, by trying every set of arcs of a small problem that has one arc into every node."""
    best, chosen = np.inf, np.zeros(0, np.int64)
    into = [np.append(np.flatnonzero(problem.head == v), -1) for v in range(problem.nodes) if v != problem.root]
    for pick in itertools.product(*into):
        arcs = np.array([a for a in pick if a >= 0], dtype=np.int64)
        cost = problem.cost[arcs].sum()
        if cost >= best:
            continue
        tree = nx.DiGraph(zip(problem.tail[arcs].tolist(), problem.head[arcs].tolist(), strict=True))
        tree.add_node(problem.root)
        if len(tree) == len(arcs) + 1 and nx.is_arborescence(tree) and set(problem.terminals.tolist()) <= set(tree):
            best, chosen = cost, arcs
    return np.sort(chosen)


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
