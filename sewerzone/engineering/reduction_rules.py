"""The rules of ``reduction``, applied node by node from a waiting line to lists of half edges.

Nodes made one share the list of one of them (union-find). After every change the nodes whose rules it may have made apply
wait again, so the order in which rules are found is that of the nodes and the result does not depend on chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import lean_kernel

GONE, PLAIN, TERMINAL, ROOT = range(-1, 3)
# Terminals with more edges than this are not made one with a neighbour if each of their edges would have to change.
_MANY = 64
# Rows of the scratch by node: first and last half edge, representative, kind, edges left, a mark and the half edge it was
# set for, whether it waits, the waiting line, and by turn what must be in every tree: names and the nodes they were at.
_FIRST, _LAST, _REP, _KIND, _DEGREE, _MARK, _SEEN, _WAITS, _LINE, _FORCED, _FORCED_AT, _ROWS = range(12)
# Counters: start and length of the waiting line, scans made, pairs joined, edges forced, whether costs are symmetric, edges
# of the whole problem.
_HEAD, _WAITING, _SCANS, _JOINS, _FORCES, _IS_SYMMETRIC, _WHOLE, _COUNTS = range(8)


class _Graph(NamedTuple):
    """Half edges h and h ^ 1 make an edge: the node at ``end[h]`` (-1: gone) lists h; ``cost[h]`` is paid away from there."""

    end: Ints
    following: Ints
    cost: Floats
    name: Ints
    joined: Ints
    nodes: Ints
    forced_cost: Floats
    counts: Ints


class Applied(NamedTuple):
    """What the rules left, and what they put into every tree; arguments and results as in ``reduction.Core``."""

    end: Ints
    cost: Floats
    kind: Ints
    name: Ints
    joined: Ints
    forced: Ints
    forced_at: Ints
    forced_cost: Floats


def apply(end: Ints, cost: Floats, kind: Ints, name: Ints, joined: Ints, whole: int) -> Applied:
    """Apply the rules to edges given by the nodes at their half edges (2 e,) and what is paid away from them (2 e,)."""
    n = len(kind)
    is_symmetric = np.array_equal(cost[::2], cost[1::2])
    cost = cost.copy()
    if not is_symmetric:  # nothing flows into a root
        cost[np.flatnonzero(kind[end] == ROOT) ^ 1] = np.inf
    nodes, counts = np.zeros((_ROWS, n), dtype=np.int64), np.zeros(_COUNTS, dtype=np.int64)
    nodes[_KIND], nodes[_REP] = kind, np.arange(n)
    nodes[_FIRST] = nodes[_LAST] = -1
    counts[_JOINS], counts[_WHOLE], counts[_IS_SYMMETRIC] = len(joined), whole, is_symmetric
    joined = np.concatenate([joined, np.zeros((n, 2), dtype=np.int64)])
    following = np.full(len(end), -1, dtype=np.int64)
    graph = _Graph(end.astype(np.int64), following, cost, name.copy(), joined, nodes, np.zeros(n), counts)
    _work(graph)
    place = _representatives(nodes[_REP])
    forces = counts[_FORCES]
    return Applied(
        np.where(graph.end >= 0, place[graph.end], -1), cost, np.where(place == np.arange(n), nodes[_KIND], GONE), graph.name,
        joined[: counts[_JOINS]].copy(), nodes[_FORCED, :forces].copy(), nodes[_FORCED_AT, :forces].copy(),
        graph.forced_cost[:forces].copy(),
    )  # fmt: skip


def _representatives(parent: Ints) -> Ints:
    """The node at the end of every chain of nodes made one."""
    while not np.array_equal(parent[parent], parent):
        parent = parent[parent]
    return parent


@lean_kernel
def _work(graph: _Graph) -> None:
    """List all edges at their nodes and work until no node waits."""
    nodes = graph.nodes
    for h in range(len(graph.end)):
        _list(graph, graph.end[h], h)
    for v in range(nodes.shape[1]):
        _wait(graph, v)
    while graph.counts[_WAITING] > 0:
        v = nodes[_LINE, graph.counts[_HEAD]]
        graph.counts[_HEAD] = (graph.counts[_HEAD] + 1) % nodes.shape[1]
        graph.counts[_WAITING] -= 1
        nodes[_WAITS, v] = 0
        if nodes[_REP, v] != v or nodes[_KIND, v] == GONE:
            continue
        _tidy(graph, v)
        if nodes[_KIND, v] != PLAIN:
            _try_terminal(graph, v)
        elif nodes[_DEGREE, v] <= 1:
            nodes[_KIND, v] = GONE
            _drop_all(graph, v)
        elif nodes[_DEGREE, v] == 2:
            nodes[_KIND, v] = GONE
            _bridge(graph, nodes[_FIRST, v], nodes[_LAST, v])


@lean_kernel
def _wait(graph: _Graph, v: int) -> None:
    """Put a node at the end of the waiting line."""
    nodes, counts = graph.nodes, graph.counts
    if nodes[_WAITS, v] == 0:
        nodes[_WAITS, v] = 1
        nodes[_LINE, (counts[_HEAD] + counts[_WAITING]) % nodes.shape[1]] = v
        counts[_WAITING] += 1


@lean_kernel
def _list(graph: _Graph, v: int, h: int) -> None:
    """Add a half edge to those of a node."""
    nodes = graph.nodes
    graph.following[h] = -1
    if nodes[_FIRST, v] < 0:
        nodes[_FIRST, v] = h
    else:
        graph.following[nodes[_LAST, v]] = h
    nodes[_LAST, v] = h
    nodes[_DEGREE, v] += 1


@lean_kernel
def _at(graph: _Graph, h: int) -> int:
    """The node a half edge is at, with what was made one with it."""
    rep = graph.nodes[_REP]
    v = graph.end[h]
    while rep[v] != v:
        rep[v] = rep[rep[v]]
        v = rep[v]
    graph.end[h] = v
    return v  # type: ignore[no-any-return]


@lean_kernel
def _drop(graph: _Graph, h: int) -> None:
    """Take out an edge; its other end is looked at again."""
    _wait(graph, _at(graph, h ^ 1))
    graph.end[h] = -1
    graph.end[h ^ 1] = -1


@lean_kernel
def _drop_all(graph: _Graph, v: int) -> None:
    """Take out all edges of a node."""
    h = graph.nodes[_FIRST, v]
    while h >= 0:
        if graph.end[h] >= 0:
            _drop(graph, h)
        h = graph.following[h]


@lean_kernel
def _tidy(graph: _Graph, v: int) -> None:
    """Take loops, edges nothing may use and dearer parallel edges out of the list of a node, and what is gone already."""
    nodes, cost = graph.nodes, graph.cost
    graph.counts[_SCANS] += 1
    h = nodes[_FIRST, v]
    nodes[_FIRST, v] = nodes[_LAST, v] = -1
    nodes[_DEGREE, v] = 0
    while h >= 0:
        after = graph.following[h]
        if graph.end[h] >= 0:
            y = _at(graph, h ^ 1)
            if y == v or min(cost[h], cost[h ^ 1]) == np.inf:
                _drop(graph, h)
            else:
                if nodes[_MARK, y] == graph.counts[_SCANS]:
                    k = nodes[_SEEN, y]
                    if cost[k] <= cost[h] and cost[k ^ 1] <= cost[h ^ 1]:
                        _drop(graph, h)
                    elif cost[h] <= cost[k] and cost[h ^ 1] <= cost[k ^ 1]:
                        # the half edge already listed takes over what the cheaper edge is
                        cost[k], cost[k ^ 1] = cost[h], cost[h ^ 1]
                        graph.name[k >> 1] = graph.name[h >> 1]
                        _drop(graph, h)
                nodes[_MARK, y] = graph.counts[_SCANS]
                if graph.end[h] >= 0:
                    nodes[_SEEN, y] = h
                    _list(graph, v, h)
        h = after


@lean_kernel
def _bridge(graph: _Graph, h: int, k: int) -> None:
    """Make one edge of the two of a node without terminal."""
    cost, counts = graph.cost, graph.counts
    x, y = _at(graph, h ^ 1), _at(graph, k ^ 1)
    there, back = cost[h ^ 1] + cost[k], cost[k ^ 1] + cost[h]
    if x == y or min(there, back) == np.inf:
        _drop(graph, h)
        _drop(graph, k)
        return
    graph.joined[counts[_JOINS], 0] = graph.name[h >> 1]
    graph.joined[counts[_JOINS], 1] = graph.name[k >> 1]
    graph.name[h >> 1] = counts[_WHOLE] + counts[_JOINS]
    counts[_JOINS] += 1
    cost[h ^ 1] = there
    cost[h] = back
    _drop(graph, k)
    graph.end[h] = y
    _list(graph, y, h)
    _wait(graph, x)


@lean_kernel
def _try_terminal(graph: _Graph, v: int) -> None:
    """Make a terminal or root one with a neighbour it surely is joined to, if there is one."""
    nodes, cost = graph.nodes, graph.cost
    least, best = np.inf, -1
    h = nodes[_FIRST, v]
    while h >= 0:
        least = min(least, cost[h ^ 1])
        kind = nodes[_KIND, _at(graph, h ^ 1)]
        may = kind != PLAIN or (nodes[_DEGREE, v] == 1 and nodes[_KIND, v] == TERMINAL)
        if may and (best < 0 or cost[h ^ 1] < cost[best ^ 1] or (cost[h ^ 1] == cost[best ^ 1] and kind == ROOT)):
            best = h
        h = graph.following[h]
    if best < 0 or cost[best ^ 1] > least or least == np.inf:
        return
    x = _at(graph, best ^ 1)
    if nodes[_DEGREE, v] == 1 or graph.counts[_IS_SYMMETRIC] or nodes[_KIND, x] == ROOT:
        if graph.counts[_IS_SYMMETRIC] or nodes[_KIND, v] == TERMINAL:
            _unite(graph, best, cost[best ^ 1])
    elif nodes[_DEGREE, v] == 2 and nodes[_KIND, v] == TERMINAL:
        _unite_either_way(graph, v, x, best)


@lean_kernel
def _unite_either_way(graph: _Graph, v: int, x: int, h: int) -> None:
    """Make terminal ``v`` of two edges one with terminal ``x``, whichever of the two is entered first."""
    nodes, cost = graph.nodes, graph.cost
    paid = min(cost[h], cost[h ^ 1])
    if cost[h ^ 1] > paid:
        if nodes[_DEGREE, x] > _MANY:
            return
        k = nodes[_FIRST, x]
        while k >= 0:
            if graph.end[k] >= 0 and k != h ^ 1:
                cost[k ^ 1] += cost[h ^ 1] - paid
            k = graph.following[k]
    other = nodes[_FIRST, v] if nodes[_FIRST, v] != h else nodes[_LAST, v]
    cost[other ^ 1] += cost[h] - paid
    _unite(graph, h, paid)


@lean_kernel
def _unite(graph: _Graph, h: int, paid: float) -> None:
    """Make the two ends of an edge one node and pay for the edge."""
    nodes, counts = graph.nodes, graph.counts
    v, x = _at(graph, h), _at(graph, h ^ 1)
    nodes[_FORCED, counts[_FORCES]] = graph.name[h >> 1]
    nodes[_FORCED_AT, counts[_FORCES]] = v
    graph.forced_cost[counts[_FORCES]] = paid
    counts[_FORCES] += 1
    _drop(graph, h)
    if nodes[_DEGREE, v] > nodes[_DEGREE, x]:
        v, x = x, v
    # v goes into x: what is near either is looked at again if that one has become more than it was
    kind = max(nodes[_KIND, v], nodes[_KIND, x])
    _wait(graph, x)
    _tell(graph, v, kind)
    if nodes[_KIND, x] != kind:
        _tell(graph, x, kind)
    nodes[_KIND, x] = kind
    nodes[_REP, v] = x
    if nodes[_FIRST, v] >= 0:
        if nodes[_FIRST, x] < 0:
            nodes[_FIRST, x] = nodes[_FIRST, v]
        else:
            graph.following[nodes[_LAST, x]] = nodes[_FIRST, v]
        nodes[_LAST, x] = nodes[_LAST, v]
        nodes[_DEGREE, x] += nodes[_DEGREE, v]


@lean_kernel
def _tell(graph: _Graph, v: int, kind: int) -> None:
    """Have the neighbours of a node looked at again; nothing flows into a root."""
    h = graph.nodes[_FIRST, v]
    while h >= 0:
        if graph.end[h] >= 0:
            _wait(graph, _at(graph, h ^ 1))
            if kind == ROOT and graph.counts[_IS_SYMMETRIC] == 0:
                graph.cost[h ^ 1] = np.inf
        h = graph.following[h]
