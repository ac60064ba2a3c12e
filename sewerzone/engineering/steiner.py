"""Collector trees along roads: many terminals joined to an outlet at little cost.

The shortest-path heuristic (Takahashi and Matsuyama 1980) with one continuing heap: from the tree outward, the
cheapest terminal to reach is joined next and its way becomes part of the tree. On road graphs with houses as
terminals it stays within about 0.1 % of the shortest tree. Arc costs may differ by direction (see
``paths.laying_cost``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.heap import kernel, offer, take
from sewerzone.engineering.paths import RoadGraph, arc_rows, arcs_between, components
from sewerzone.errors import NetworkError, first_ids, problem

# What a node is to the tree being grown.
_OUTSIDE, _OUTLET, _INSIDE = 0, 1, 2


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


class _Net(NamedTuple):
    """What all trees share."""

    indptr: Ints
    neighbour: Ints
    row: Ints
    cost: Floats
    part: Ints
    exit_cost: Floats
    exit_arc: Ints


class _Work(NamedTuple):
    """Scratch arrays, reset node by node after each tree so that a tree costs only its neighbourhood.

    Items of the heap are nodes (reach the tree) and, from n on, nodes again (leave by the exit way).
    """

    key: Floats
    heap: Ints
    place: Ints
    arc: Ints
    state: Ints
    is_wanted: Bools
    is_seen: Bools
    seen: Ints
    open_part: Ints
    path: Ints
    entry: Ints
    node: Ints
    parent: Ints
    parent_arc: Ints


def grow_trees(
    graph: RoadGraph,
    cost: Floats,
    terminal_offsets: Ints,
    terminals: Ints,
    root_offsets: Ints,
    roots: Ints,
    exit_cost: Floats,
    exit_next: Ints,
) -> Trees:
    """Grow one tree per group of terminals, each on its own, over the same road graph.

    Tree t joins ``terminals[terminal_offsets[t]:terminal_offsets[t + 1]]`` to the outlets
    ``roots[root_offsets[t]:root_offsets[t + 1]]``, of which only those used appear in it, or by a way out worked out
    beforehand (``paths.cost_to`` the served network): the terminal joined next is the one with the least of its cost
    to the present tree and its exit cost. A way out ends where it meets the tree or an outlet, or where it has
    arrived; that node then is a root. Equal costs go by node.

    Parameters
    ----------
    cost : (m,) cost by arc, not negative, flow from neighbour to row; infinite forbids
    terminals : nodes, repeats allowed; a terminal may be an outlet itself
    exit_cost : (n,) cost of the way out from every node, infinite without one
    exit_next : (n,) next node on it, -1 where it has arrived

    Returns
    -------
    Trees
        unreachable terminals are listed in ``missed``

    Raises
    ------
    NetworkError
        a way out that does not follow the roads
    """
    net = _net(graph, cost, exit_cost, exit_next)
    groups = [np.ascontiguousarray(g, dtype=np.int64) for g in (terminal_offsets, terminals, root_offsets, roots)]
    offsets, node, parent, arc, missed = _grow(net, _work(len(graph)), groups[0], groups[1], groups[2], groups[3])
    return _trees(graph, net.cost, offsets, node, parent, arc, missed)


def _net(graph: RoadGraph, cost: Floats, exit_cost: Floats, exit_next: Ints) -> _Net:
    exit_next = np.where(np.isfinite(exit_cost), exit_next, -1)
    exit_arc = arcs_between(graph, exit_next, np.arange(len(graph), dtype=np.int64))
    astray = np.flatnonzero((exit_next >= 0) & (exit_arc < 0))
    if len(astray):
        raise NetworkError(
            problem(
                f"ways out: the next node of nodes {first_ids(astray)} is not their neighbour",
                "a sewer is laid along road edges",
                "compute exit_cost and exit_next with paths.cost_to on the same graph",
            )
        )
    cost = np.ascontiguousarray(cost, dtype=np.float64)
    part = components(graph, usable=np.isfinite(cost))
    exits = np.ascontiguousarray(exit_cost, dtype=np.float64)
    return _Net(graph.indptr, graph.neighbour, arc_rows(graph), cost, part, exits, exit_arc)


def _work(n: int) -> _Work:
    def none(size: int) -> Ints:
        return np.full(size, -1, dtype=np.int64)

    no, key, state = np.zeros(n, dtype=np.bool_), np.full(2 * n, np.inf), np.zeros(n, dtype=np.int64)
    heap, place = none(2 * n), none(2 * n)
    return _Work(key, heap, place, none(n), state, no, no.copy(), none(n), none(n), none(n), none(n), none(n), none(n), none(n))


def _trees(graph: RoadGraph, cost: Floats, offsets: Ints, node: Ints, parent: Ints, arc: Ints, missed: Ints) -> Trees:
    if len(arc) == 0:
        return Trees(offsets, node, parent, arc, missed, np.zeros(len(offsets) - 1))
    edge = np.where(arc >= 0, graph.edge[arc], -1)
    paid = np.where(arc >= 0, cost[arc], 0.0)
    tree = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    total = np.bincount(tree, weights=paid, minlength=len(offsets) - 1).astype(np.float64)
    return Trees(offsets, node, parent, edge, missed, total)


@kernel
def _grow(
    net: _Net, work: _Work, terminal_offsets: Ints, terminals: Ints, root_offsets: Ints, roots: Ints
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """All trees one after the other: offsets, node, parent, arc to the parent, missed."""
    count = len(terminal_offsets) - 1
    offsets = np.zeros(count + 1, np.int64)
    node = np.empty(2 * len(terminals) + 16, np.int64)
    parent = np.empty_like(node)
    arc = np.empty_like(node)
    missed = np.empty(len(terminals), np.int64)
    misses = 0
    for t in range(count):
        wanted = terminals[terminal_offsets[t] : terminal_offsets[t + 1]]
        outlets = roots[root_offsets[t] : root_offsets[t + 1]]
        filled, seen = _grow_one(net, work, t, wanted, outlets)
        for i in range(len(wanted)):
            if work.state[wanted[i]] != _INSIDE:
                missed[misses] = terminal_offsets[t] + i
                misses += 1
        start = offsets[t]
        end = start + filled
        offsets[t + 1] = end
        if end > len(node):
            node = _longer(node, end)
            parent = _longer(parent, end)
            arc = _longer(arc, end)
        for i in range(filled):
            node[start + i] = work.node[i]
            parent[start + i] = work.parent[i] + start if work.parent[i] >= 0 else -1
            arc[start + i] = work.parent_arc[i]
        _reset(work, seen)
    used = offsets[count]
    return offsets, node[:used].copy(), parent[:used].copy(), arc[:used].copy(), missed[:misses].copy()


@kernel
def _longer(values: Ints, needed: int) -> Ints:
    """The same values with room for at least ``needed``."""
    roomy = np.empty(max(needed, 2 * len(values)), np.int64)
    roomy[: len(values)] = values
    return roomy


@kernel
def _grow_one(net: _Net, work: _Work, tree: int, wanted: Ints, outlets: Ints) -> tuple[int, int]:
    """Grow one tree into ``work.node/parent/parent_arc``; returns entries filled and nodes seen."""
    n = len(net.indptr) - 1
    size, seen, left = _start(net, work, tree, wanted, outlets)
    filled = 0
    while left > 0 and size > 0:
        item = take(work.heap, work.place, work.key, size)
        size -= 1
        v = item % n
        if item >= n and work.state[v] == _INSIDE:
            continue
        if item >= n or (work.is_wanted[v] and work.state[v] != _INSIDE):
            filled, size, seen, left = _join(net, work, v, item >= n, filled, size, seen, left)
            continue
        for q in range(net.indptr[v], net.indptr[v + 1]):
            y = net.neighbour[q]
            way = work.key[v] + net.cost[q]
            if way < work.key[y]:
                seen = _see(work, seen, y)
                work.key[y] = way
                work.arc[y] = q
                size = offer(work.heap, work.place, work.key, size, y)
    return filled, seen


@kernel
def _start(net: _Net, work: _Work, tree: int, wanted: Ints, outlets: Ints) -> tuple[int, int, int]:
    """Put outlets and ways out into the heap; returns heap size, nodes seen and terminals to join.

    Terminals in parts of the graph without outlet or way out are not looked for, or each such tree would search
    the whole part it can reach before giving up.
    """
    n = len(net.indptr) - 1
    size, seen, left = 0, 0, 0
    for r in outlets:
        seen = _see(work, seen, r)
        work.state[r] = _OUTLET
        work.key[r] = 0.0
        work.open_part[net.part[r]] = tree
        size = offer(work.heap, work.place, work.key, size, r)
    for v in wanted:
        if net.exit_cost[v] < np.inf:
            work.open_part[net.part[v]] = tree
    for v in wanted:
        if work.open_part[net.part[v]] != tree or work.is_wanted[v]:
            continue
        seen = _see(work, seen, v)
        work.is_wanted[v] = True
        left += 1
        if net.exit_cost[v] < np.inf:
            work.key[n + v] = net.exit_cost[v]
            size = offer(work.heap, work.place, work.key, size, n + v)
    return size, seen, left


@kernel
def _join(
    net: _Net, work: _Work, v: int, by_exit: bool, filled: int, size: int, seen: int, left: int
) -> tuple[int, int, int, int]:
    """Make the way from terminal ``v`` part of the tree; returns the four counters.

    Nodes of the tree start again at no cost, so that the search continues from the grown tree.
    """
    arc = net.exit_arc if by_exit else work.arc
    steps = 0
    y = v
    while work.state[y] == _OUTSIDE and arc[y] >= 0:
        work.path[steps] = y
        steps += 1
        y = net.row[arc[y]]
    if work.state[y] != _INSIDE:
        work.path[steps] = y
        steps += 1
    for i in range(steps - 1, -1, -1):
        x = work.path[i]
        seen = _see(work, seen, x)
        is_root = i == steps - 1 and x == y
        work.node[filled] = x
        work.parent[filled] = -1 if is_root else work.entry[net.row[arc[x]]]
        work.parent_arc[filled] = -1 if is_root else arc[x]
        work.entry[x] = filled
        work.state[x] = _INSIDE
        work.key[x] = 0.0
        size = offer(work.heap, work.place, work.key, size, x)
        left -= work.is_wanted[x]
        filled += 1
    return filled, size, seen, left


@kernel
def _see(work: _Work, seen: int, v: int) -> int:
    """Note that the scratch of a node is in use."""
    if not work.is_seen[v]:
        work.is_seen[v] = True
        work.seen[seen] = v
        seen += 1
    return seen


@kernel
def _reset(work: _Work, seen: int) -> None:
    """Clean the scratch of the nodes seen."""
    n = len(work.state)
    for i in range(seen):
        v = work.seen[i]
        work.key[v] = np.inf
        work.key[n + v] = np.inf
        work.place[v] = -1
        work.place[n + v] = -1
        work.state[v] = _OUTSIDE
        work.is_wanted[v] = False
        work.is_seen[v] = False
