"""Steiner problems with known optimum for ``steiner.py``: Beasley's recipe, SteinLib files, and oracles of their optimum."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from measure import HERE, alone
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_matrix, eye_array, hstack, vstack

from sewerzone.engineering.forest import Floats, Ints

SERIES = {
    "B": [(n, m, k) for n, edges, joined in ((50, (63, 100), (9, 13, 25)), (75, (94, 150), (13, 19, 38)),
                                             (100, (125, 200), (17, 25, 50))) for m in edges for k in joined],
    "C": [(500, m, k) for m in (625, 1_000, 2_500, 12_500) for k in (5, 10, 83, 125, 250)],
    "D": [(1_000, m, k) for m in (1_250, 2_000, 5_000, 25_000) for k in (5, 10, 167, 250, 500)],
}  # fmt: skip
"""Nodes, edges and terminals of the instances of SteinLib's series, in their order."""


class Instance(NamedTuple):
    """An undirected Steiner problem: edges a-b with their cost, and the nodes to join."""

    name: str
    nodes: int
    a: Ints
    b: Ints
    cost: Floats
    terminals: Ints


def generated(series: str) -> Iterator[Instance]:
    """Instances like SteinLib's (Beasley 1989): a random spanning tree, random edges on top, costs of 1 … 10."""
    for number, (nodes, edges, joined) in enumerate(SERIES[series], 1):
        draw = np.random.default_rng([ord(series), number])
        order = draw.permutation(nodes)
        above = order[(draw.random(nodes - 1) * np.arange(1, nodes)).astype(np.int64)]
        ends = {(min(p), max(p)) for p in zip(order[1:].tolist(), above.tolist(), strict=True)}
        while len(ends) < edges:
            a, b = (int(v) for v in draw.integers(0, nodes, 2))
            if a != b:
                ends.add((min(a, b), max(a, b)))
        a, b = np.array(sorted(ends)).T
        terminals = np.sort(draw.permutation(nodes)[:joined])
        yield Instance(f"{series.lower()}{number:02}", nodes, a, b, draw.integers(1, 11, edges).astype(float), terminals)


def read_stp(path: Path) -> Instance:
    """An instance in SteinLib's format; edges (E) and arcs (A) both count as edges."""
    nodes, edges, terminals = 0, [], []
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        words = line.split()
        if len(words) == 2 and words[0].lower() == "nodes":
            nodes = int(words[1])
        elif len(words) == 4 and words[0] in ("E", "A"):
            edges.append((int(words[1]) - 1, int(words[2]) - 1, float(words[3])))
        elif len(words) == 2 and words[0] == "T":
            terminals.append(int(words[1]) - 1)
    a, b, cost = (np.array(column) for column in zip(*edges, strict=True))
    return Instance(path.stem, nodes, a, b, cost.astype(float), np.sort(np.array(terminals)))


def by_flow(given: Instance, most: int) -> float | None:
    """The optimum by a model that shares nothing with ours: one flow per terminal, over arcs that are paid for.

    None where more than ``most`` terminals would make the model large.
    """
    m, k = 2 * len(given.cost), len(given.terminals) - 1
    if k >= most:
        return None
    tail, head, arcs = np.r_[given.a, given.b], np.r_[given.b, given.a], np.arange(m)
    signs = np.r_[-np.ones(m), np.ones(m)]
    balance = csr_matrix((signs, (np.r_[tail, head], np.r_[arcs, arcs])), shape=(given.nodes, m))
    demand = np.zeros((k, given.nodes))
    demand[np.arange(k), given.terminals[1:]], demand[:, given.terminals[0]] = 1.0, -1.0
    flows = hstack([csr_matrix((k * given.nodes, m)), block_diag([balance] * k)])
    paid = hstack([vstack([eye_array(m)] * k), -eye_array(k * m)])
    found = milp(
        np.r_[given.cost, given.cost, np.zeros(k * m)], integrality=np.r_[np.ones(m), np.zeros(k * m)], bounds=Bounds(0.0, 1.0),
        constraints=[LinearConstraint(flows, demand.ravel(), demand.ravel()), LinearConstraint(paid, 0.0, np.inf)],
    )  # fmt: skip
    if not found.success:
        raise SystemExit(f"{given.name}: {found.message}")
    return float(found.fun)


def by_steinerpy(given: list[Instance], python: str, limit_s: float) -> list[float | None]:
    """The optima by steinerpy, run by a Python that has it; None where it proves none in time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problems.json"
        problems = [{"edges": [i.a.tolist(), i.b.tolist(), i.cost.tolist()], "terminals": i.terminals.tolist()} for i in given]
        path.write_text(json.dumps(problems))
        return list(alone(str(HERE / "run_steinerpy.py"), str(path), str(limit_s), python=python)["optima"])
