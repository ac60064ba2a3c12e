"""Undirected Steiner problems and plain oracles for them: a dynamic programme, and trying every choice of arcs."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.forest import Floats, Ints


def of_edges(nodes: int, a: Ints, b: Ints, cost: Floats, root: int, terminals: Ints) -> Arborescence:
    """Both directions of undirected edges; arc k and arc k + e belong to edge k of e."""
    others = np.setdiff1d(terminals, [root]).astype(np.int64)
    tail, head = np.concatenate([a, b]).astype(np.int64), np.concatenate([b, a]).astype(np.int64)
    return Arborescence(nodes, tail, head, np.concatenate([cost, cost]).astype(np.float64), root, others)


def random_problem(seed: int, directed: bool, nodes: int = 8, edges: int = 10, most: int = 4) -> Arborescence:
    """A connected graph with small whole costs, so that ties, loops and parallel edges are frequent."""
    rng = np.random.default_rng(seed)
    more = edges - nodes + 1
    a = np.concatenate([np.arange(1, nodes), rng.integers(0, nodes, more)])
    b = np.concatenate([(rng.random(nodes - 1) * np.arange(1, nodes)).astype(np.int64), rng.integers(0, nodes, more)])
    terminals = np.unique(rng.integers(0, nodes, rng.integers(1, 6)))
    problem = of_edges(nodes, a, b, rng.integers(0, most, len(a)).astype(float), int(rng.integers(0, nodes)), terminals)
    if directed:
        problem = problem._replace(cost=problem.cost + rng.integers(0, most, len(problem.cost)))
    return problem


def optimum(problem: Arborescence) -> float:
    """Least cost by dynamic programming over sets of terminals (Dreyfus and Wagner 1972); infinite without a tree."""
    distance = np.full((problem.nodes, problem.nodes), np.inf)
    np.minimum.at(distance, (problem.tail, problem.head), problem.cost)
    np.fill_diagonal(distance, 0.0)
    for v in range(problem.nodes):
        distance = np.minimum(distance, distance[:, v, None] + distance[v])
    count = len(problem.terminals)
    least = np.full((1 << count, problem.nodes), np.inf)
    least[0] = 0.0
    for some in range(1, 1 << count):
        if some & (some - 1) == 0:
            least[some] = distance[:, problem.terminals[some.bit_length() - 1]]
            continue
        part = (some - 1) & some
        while part:
            least[some] = np.minimum(least[some], least[part] + least[some ^ part])
            part = (part - 1) & some
        least[some] = (distance + least[some]).min(axis=1)
    return float(least[-1, problem.root])


def least_arcs(problem: Arborescence) -> Ints:
    """The arcs of a least tree of a small problem, by trying all ways to have at most one arc into every node."""
    best, chosen = np.inf, np.zeros(0, np.int64)
    into = [[*np.flatnonzero(problem.head == v).tolist(), -1] for v in range(problem.nodes) if v != problem.root]
    tail, head, cost = problem.tail.tolist(), problem.head.tolist(), problem.cost.tolist()
    for pick in itertools.product(*into):
        arcs = [a for a in pick if a >= 0]
        if sum(cost[a] for a in arcs) < best and _is_tree(problem, {head[a]: tail[a] for a in arcs}):
            best, chosen = sum(cost[a] for a in arcs), np.array(sorted(arcs), dtype=np.int64)
    return chosen


def _is_tree(problem: Arborescence, above: dict[int, int]) -> bool:
    for v in {*above, *problem.terminals.tolist()}:
        x, steps = v, 0
        while x != problem.root and x in above and steps <= len(above):
            x, steps = above[x], steps + 1
        if x != problem.root:
            return False
    return True


def check_tree(problem: Arborescence, arcs: Ints) -> float:
    """The arcs make a tree from the root to all terminals; returns its cost."""
    tree = nx.DiGraph(zip(problem.tail[arcs].tolist(), problem.head[arcs].tolist(), strict=True))
    tree.add_node(problem.root)
    assert tree.number_of_edges() == len(arcs)
    assert nx.is_arborescence(tree)
    assert tree.in_degree(problem.root) == 0
    assert set(problem.terminals.tolist()) <= set(tree.nodes)
    return float(problem.cost[arcs].sum())
