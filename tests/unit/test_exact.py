"""Exact Steiner trees against enumeration, a flow model and shortest ways; honest bounds where a limit stops them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_matrix, eye_array, hstack, vstack
from scipy.sparse.csgraph import maximum_flow, shortest_path

from sewerzone.engineering.arborescence import Arborescence, of_edges
from sewerzone.engineering.cuts import Separator, unfed
from sewerzone.engineering.exact import Exact, solve
from sewerzone.errors import NetworkError

CLOSE = 1e-6


def directed(seed: int, nodes: int, arcs: int, terminals: int, whole: bool = False) -> Arborescence:
    """Random arcs, a random way to every terminal among them."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(nodes)
    ends = {(int(order[draw.integers(i)]), int(order[i])) for i in range(1, nodes)}
    while len(ends) < arcs:
        a, b = (int(v) for v in draw.integers(0, nodes, 2))
        if a != b:
            ends.add((a, b))
    tail, head = np.array(sorted(ends)).T
    cost = draw.integers(0, 6, arcs).astype(float) if whole else np.round(draw.random(arcs) * 10.0, 3)
    joined = np.sort(order[1:][draw.permutation(nodes - 1)[:terminals]])
    return Arborescence(nodes, tail, head, cost, int(order[0]), joined)


def undirected(seed: int, nodes: int, edges: int, terminals: int) -> Arborescence:
    """Random connected graph, costs 1 … 10, both directions."""
    draw = np.random.default_rng(seed)
    ends = {tuple(sorted((i, int(draw.integers(i))))) for i in range(1, nodes)}
    while len(ends) < edges:
        a, b = (int(v) for v in draw.integers(0, nodes, 2))
        if a != b:
            ends.add((min(a, b), max(a, b)))
    a, b = np.array(sorted(ends)).T
    joined = draw.permutation(nodes)[:terminals]
    return of_edges(nodes, a, b, draw.integers(1, 11, edges).astype(float), int(joined[0]), joined)


def enumerated(task: Arborescence) -> float:
    """Cost of the cheapest of all sets of arcs by which the root reaches every terminal."""
    m = len(task.cost)
    has = (np.arange(1 << m)[:, None] >> np.arange(m)) & 1 == 1
    reached = np.zeros((1 << m, task.nodes), dtype=bool)
    reached[:, task.root] = True
    for _ in range(task.nodes):
        for a in range(m):
            reached[:, task.head[a]] |= reached[:, task.tail[a]] & has[:, a]
    return float((has @ task.cost)[reached[:, task.terminals].all(axis=1)].min())


def flow_model(task: Arborescence) -> float:
    """Optimum of the multi-commodity flow model: one unit from the root to every terminal, over arcs that are paid for."""
    m, k = len(task.cost), len(task.terminals)
    every = np.arange(m)
    balance = csr_matrix(
        (np.r_[-np.ones(m), np.ones(m)], (np.r_[task.tail, task.head], np.r_[every, every])), shape=(task.nodes, m)
    )
    demand = np.zeros((k, task.nodes))
    demand[np.arange(k), task.terminals] = 1.0
    demand[:, task.root] = -1.0
    flows = hstack([csr_matrix((k * task.nodes, m)), block_diag([balance] * k)])
    paid = hstack([vstack([eye_array(m)] * k), -eye_array(k * m)])
    found = milp(
        np.r_[task.cost, np.zeros(k * m)], integrality=np.r_[np.ones(m), np.zeros(k * m)], bounds=Bounds(0.0, 1.0),
        constraints=[LinearConstraint(flows, demand.ravel(), demand.ravel()), LinearConstraint(paid, 0.0, np.inf)],
    )  # fmt: skip
    assert found.success
    return float(found.fun)


def check_tree(task: Arborescence, found: Exact) -> None:
    """The arcs cost what is said, and are an arborescence from the root whose leaves are terminals."""
    tail, head = task.tail[found.arcs], task.head[found.arcs]
    assert task.cost[found.arcs].sum() == pytest.approx(found.upper, abs=1e-9)
    assert len(np.unique(head)) == len(head)
    assert set(head) | {task.root} >= set(task.terminals.tolist())
    assert set(head) - set(tail) <= set(task.terminals.tolist())
    reached = {task.root}
    for _ in tail:
        reached |= {h for t, h in zip(tail.tolist(), head.tolist(), strict=True) if t in reached}
    assert set(head.tolist()) <= reached


def test_equals_enumeration_of_directed_problems() -> None:
    for seed in range(80):
        task = directed(seed, nodes=4 + seed % 5, arcs=12, terminals=1 + seed % 3, whole=seed % 2 == 0)
        found = solve(task)
        assert found.is_proven
        assert found.upper == pytest.approx(enumerated(task), abs=1e-9)
        assert found.lower == pytest.approx(found.upper, rel=CLOSE)
        check_tree(task, found)
