"""Collector trees over the road graph, and what their construction shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import kernel
from sewerzone.engineering.paths import RoadGraph, arcs_between, components
from sewerzone.errors import NetworkError, first_ids, problem


@dataclass(frozen=True, eq=False)
class Trees:
    """t directed trees (or forests with several roots), concatenated; parents stand before their children.

    Attributes
    ----------
    offsets : (t + 1,) tree i holds the entries ``offsets[i]:offsets[i + 1]``
    node : (k,) node of the road graph
    parent : (k,) next entry downstream, as index into these arrays, -1 at a root
    arc_edge : (k,) edge towards the parent, -1 at a root
    missed : terminals no way leads to, as indices into ``terminals``
    cost : (t,) sum of the arc costs
    """

    offsets: Ints
    node: Ints
    parent: Ints
    arc_edge: Ints
    missed: Ints
    cost: Floats


class Net(NamedTuple):
    """What all trees share: the arcs, what they cost, where they lead out; ``reverse`` is the arc the other way."""

    indptr: Ints
    neighbour: Ints
    row: Ints
    reverse: Ints
    cost: Floats
    part: Ints
    exit_cost: Floats
    exit_arc: Ints


class Work(NamedTuple):
    """Scratch of a search, reset node by node after each tree so that a tree costs only its neighbourhood.

    Integer rows lie in one array because every array handed from kernel to kernel costs compile time.
    """

    key: Floats
    heap: Ints
    place: Ints
    rows: Ints
    counts: Ints


def net_of(graph: RoadGraph, cost: Floats, exit_cost: Floats, exit_next: Ints) -> Net:
    """Bring costs and ways out into the form the kernels work on; refuse ways out that leave the roads."""
    leaving = np.flatnonzero(np.isfinite(exit_cost) & (exit_next >= 0))
    away = arcs_between(graph, leaving, exit_next[leaving])
    exit_arc = np.full(len(graph), -1, dtype=np.int64)
    astray = leaving[away < 0]
    if len(astray):
        raise NetworkError(
            problem(
                f"ways out: the next node of nodes {first_ids(astray)} is not their neighbour",
                "a sewer is laid along road edges",
                "compute exit_cost and exit_next with paths.cost_to on the same graph",
            )
        )
    exit_arc[leaving] = graph.reverse[away]
    cost = np.ascontiguousarray(cost, dtype=np.float64)
    usable = np.isfinite(cost)
    part = graph.part if usable.all() else components(graph, usable)
    exits = np.ascontiguousarray(exit_cost, dtype=np.float64)
    return Net(graph.indptr, graph.neighbour, graph.row, graph.reverse, cost, part, exits, exit_arc)


def closed_net(indptr: Ints, neighbour: Ints, row: Ints, reverse: Ints, cost: Floats) -> Net:
    """Arcs alone: no way leads out, and all nodes count as one part, so that trees grow to what they can reach at all."""
    n = len(indptr) - 1
    nowhere = np.full(n, np.inf), np.full(n, -1, dtype=np.int64)
    return Net(indptr, neighbour, row, reverse, cost, np.zeros(n, dtype=np.int64), *nowhere)


def trees_of(graph: RoadGraph, cost: Floats, offsets: Ints, node: Ints, parent: Ints, arc: Ints, missed: Ints) -> Trees:
    """Trees from kernel results: edges for arcs, and what each tree costs."""
    if len(arc) == 0:
        return Trees(offsets, node, parent, arc, missed, np.zeros(len(offsets) - 1))
    edge = np.where(arc >= 0, graph.edge[arc], -1)
    paid = np.where(arc >= 0, cost[arc], 0.0)
    tree = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    total = np.bincount(tree, weights=paid, minlength=len(offsets) - 1).astype(np.float64)
    return Trees(offsets, node, parent, edge, missed, total)


@kernel
def longer(values: Ints, needed: int) -> Ints:
    """The same values with room for at least ``needed``."""
    roomy = np.empty(max(needed, 2 * len(values)), np.int64)
    for i in range(len(values)):
        roomy[i] = values[i]
    return roomy
