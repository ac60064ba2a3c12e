"""Collector trees along roads: many terminals joined to an outlet at little cost.

The shortest-path heuristic (Takahashi and Matsuyama 1980) with one continuing heap: from the tree outward, the
cheapest terminal to reach is joined next and its way becomes part of the tree. On road graphs with houses as
terminals it stays within about 0.1 % of the shortest tree. Arc costs may differ by direction (see
``paths.laying_cost``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sewerzone.engineering.exchange import exchange, scratch
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import kernel, lean_kernel, offer, take
from sewerzone.engineering.paths import RoadGraph, arcs_between
from sewerzone.engineering.remembered import remembered
from sewerzone.engineering.trees import Net, Trees, Work, closed_net, longer, net_of, trees_of

__all__ = ["Trees", "grow_from", "grow_trees", "grown", "improve", "improved"]

# What a node is to the tree being grown.
_OUTSIDE, _OUTLET, _INSIDE = 0, 1, 2
# Rows of the scratch: by node, then by entry of the tree or by turn.
_STATE, _WANTED, _ARC, _ENTRY, _IS_SEEN, _OPEN, _NODE, _PARENT, _PARENT_ARC, _SEEN, _PATH, _ROWS = range(12)
# Counters of the tree being grown: entries filled, nodes seen, terminals left to join; and of the trees grown with a scratch.
_FILLED, _SAW, _LEFT, _TREES = 0, 1, 2, 3


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
    return grown(graph, net_of(graph, cost, exit_cost, exit_next), (terminal_offsets, terminals, root_offsets, roots))


def grown(graph: RoadGraph, net: Net, ends: Sequence[Ints]) -> Trees:
    """As ``grow_trees``, over costs and ways out in the form of the kernels; ``ends`` are terminals and roots with offsets."""
    groups = [np.ascontiguousarray(g, dtype=np.int64) for g in ends]
    offsets, missed = np.zeros(len(groups[0]), dtype=np.int64), np.zeros(len(groups[1]), dtype=np.int64)
    node, parent, arc, misses = _grow(net, _scratch(graph), groups[0], groups[1], groups[2], groups[3], offsets, missed)
    used = offsets[-1]
    return trees_of(graph, net.cost, offsets, node[:used].copy(), parent[:used].copy(), arc[:used], missed[:misses].copy())


def grow_from(root: int, terminals: Ints, indptr: Ints, neighbour: Ints, cost: Floats) -> Ints:
    """As ``grow_trees``, one tree along arcs that lead away from nodes, given as compressed rows; the arcs of the tree."""
    row = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    net = closed_net(indptr, neighbour, row, np.empty(0, dtype=np.int64), cost)  # growing turns no arc round
    return grow_one(net, root, terminals, work_for(len(indptr) - 1))


def grow_one(net: Net, root: int, terminals: Ints, work: Work) -> Ints:
    """As ``grow_from`` along a net; ``work`` is for its nodes, and left clean."""
    ends = np.array([0, len(terminals)]), np.ascontiguousarray(terminals, dtype=np.int64), np.array([0, 1]), np.array([root])
    _, _, arc, _ = _grow(net, work, *ends, offsets := np.zeros(2, dtype=np.int64), np.zeros(len(terminals), dtype=np.int64))
    arc = arc[: offsets[1]]
    return arc[arc >= 0]


def improve(
    graph: RoadGraph,
    cost: Floats,
    trees: Trees,
    terminal_offsets: Ints,
    terminals: Ints,
    root_offsets: Ints,
    roots: Ints,
    exit_cost: Floats,
    exit_next: Ints,
    rounds: int = 10,
) -> Trees:
    """Make trees cheaper by exchanging key paths until no exchange helps, or for ``rounds`` rounds.

    A key path runs from a terminal or junction down to the next. It is taken out, and what drained through it is
    joined again at the least cost: to the rest of the tree, to an outlet or by a way out, draining from wherever in
    it that is cheapest (the pipes between turn round). Subtrees of more than 500 nodes leave from one of the first
    500, counted down from their old outflow. With costs equal in both directions no spanning tree of the same nodes
    is shorter than the result. What ``grow_trees`` was given must be given again; no tree gets dearer.
    """
    net = net_of(graph, cost, exit_cost, exit_next)
    return improved(graph, net, trees, (terminal_offsets, terminals, root_offsets, roots), rounds)


def improved(graph: RoadGraph, net: Net, trees: Trees, ends: Sequence[Ints], rounds: int) -> Trees:
    """As ``improve``, over costs and ways out in the form of the kernels."""
    groups = [np.ascontiguousarray(g, dtype=np.int64) for g in ends]
    below = trees.node[trees.parent] if len(trees.node) else trees.node
    arc = np.where(trees.parent >= 0, arcs_between(graph, below, trees.node), -1)
    offsets, node, parent, arc = exchange(net, groups, trees.offsets, trees.node, arc, rounds, _scratch_of_exchange(graph))
    return trees_of(graph, net.cost, offsets, node, parent, arc, trees.missed)


def work_for(n: int) -> Work:
    """Scratch for growing trees over n nodes, which every search leaves clean for the next.

    Items of the heap are nodes (reach the tree) and, from n on, nodes again (leave by the way out).
    """
    return Work(
        key=np.full(2 * n, np.inf),
        heap=np.zeros(2 * n + 1, dtype=np.int64),
        place=np.zeros(2 * n, dtype=np.int64),
        rows=np.zeros((_ROWS, n), dtype=np.int64),
        counts=np.zeros(4, dtype=np.int64),
    )


@remembered
def _scratch(graph: RoadGraph) -> Work:
    """The scratch for a road graph; every search leaves it clean for the next."""
    return work_for(len(graph))


@remembered
def _scratch_of_exchange(graph: RoadGraph) -> Work:
    """The same for exchanges."""
    return scratch(len(graph))


@kernel
def _grow(
    net: Net,
    work: Work,
    terminal_offsets: Ints,
    terminals: Ints,
    root_offsets: Ints,
    roots: Ints,
    offsets: Ints,
    missed: Ints,
) -> tuple[Ints, Ints, Ints, int]:
    """All trees one after the other: node, parent, arc to the parent; fills offsets and missed (returns how many)."""
    node = np.empty(2 * len(terminals) + 16, np.int64)
    parent = np.empty(len(node), np.int64)
    arc = np.empty(len(node), np.int64)
    misses = 0
    for t in range(len(offsets) - 1):
        wanted = terminals[terminal_offsets[t] : terminal_offsets[t + 1]]
        work.counts[_TREES] += 1
        _start(net, work, work.counts[_TREES], wanted, roots[root_offsets[t] : root_offsets[t + 1]])
        _grow_one(net, work)
        for i in range(len(wanted)):
            if work.rows[_STATE, wanted[i]] != _INSIDE:
                missed[misses] = terminal_offsets[t] + i
                misses += 1
        start = offsets[t]
        end = start + work.counts[_FILLED]
        offsets[t + 1] = end
        if end > len(node):
            node = longer(node, end)
            parent = longer(parent, end)
            arc = longer(arc, end)
        for i in range(end - start):
            node[start + i] = work.rows[_NODE, i]
            parent[start + i] = work.rows[_PARENT, i] + start if work.rows[_PARENT, i] >= 0 else -1
            arc[start + i] = work.rows[_PARENT_ARC, i]
        _reset(work)
    return node, parent, arc, misses


@lean_kernel
def _start(net: Net, work: Work, tree: int, wanted: Ints, outlets: Ints) -> None:
    """Put outlets and ways out into the heap and count the terminals to join.

    Terminals in parts of the graph without outlet or way out are not looked for, or each such tree would search
    the whole part it can reach before giving up.
    """
    n = work.rows.shape[1]
    for r in outlets:
        _see(work, r)
        work.rows[_STATE, r] = _OUTLET
        work.key[r] = 0.0
        work.rows[_OPEN, net.part[r]] = tree
        offer(work.heap, work.place, work.key, r)
    for v in wanted:
        if net.exit_cost[v] < np.inf:
            work.rows[_OPEN, net.part[v]] = tree
    for v in wanted:
        if work.rows[_OPEN, net.part[v]] != tree or work.rows[_WANTED, v]:
            continue
        _see(work, v)
        work.rows[_WANTED, v] = 1
        work.counts[_LEFT] += 1
        if net.exit_cost[v] < np.inf:
            work.key[n + v] = net.exit_cost[v]
            offer(work.heap, work.place, work.key, n + v)


@lean_kernel
def _grow_one(net: Net, work: Work) -> None:
    """Grow one tree into ``work.node``, ``parent`` and ``parent_arc``."""
    n = work.rows.shape[1]
    key = work.key
    while work.counts[_LEFT] > 0 and work.heap[0] > 0:
        item = take(work.heap, work.place, key)
        v = item % n
        is_exit = item >= n
        if is_exit and work.rows[_STATE, v] == _INSIDE:
            continue
        if is_exit or (work.rows[_WANTED, v] and work.rows[_STATE, v] != _INSIDE):
            _join(net, work, v, is_exit)
            continue
        for q in range(net.indptr[v], net.indptr[v + 1]):
            y = net.neighbour[q]
            way = key[v] + net.cost[q]
            if way < key[y]:
                if key[y] == np.inf:
                    _see(work, y)
                key[y] = way
                work.rows[_ARC, y] = q
                offer(work.heap, work.place, key, y)


@lean_kernel
def _join(net: Net, work: Work, v: int, by_exit: bool) -> None:
    """Make the way from terminal ``v`` part of the tree.

    Nodes of the tree start again at no cost, so that the search continues from the grown tree.
    """
    arc = net.exit_arc if by_exit else work.rows[_ARC]
    steps = 0
    y = v
    while work.rows[_STATE, y] == _OUTSIDE and arc[y] >= 0:
        work.rows[_PATH, steps] = y
        steps += 1
        y = net.row[arc[y]]
    if work.rows[_STATE, y] != _INSIDE:
        none: int = np.int64(-1)  # type: ignore[assignment]  # a plain -1 has numba compile _enter once more
        _enter(work, y, none, none)
    for i in range(steps - 1, -1, -1):
        x = work.rows[_PATH, i]
        _enter(work, x, work.rows[_ENTRY, net.row[arc[x]]], arc[x])


@lean_kernel
def _enter(work: Work, v: int, parent: int, arc: int) -> None:
    """Put one node into the tree."""
    _see(work, v)
    filled = work.counts[_FILLED]
    work.rows[_NODE, filled] = v
    work.rows[_PARENT, filled] = parent
    work.rows[_PARENT_ARC, filled] = arc
    work.rows[_ENTRY, v] = filled
    work.counts[_FILLED] += 1
    work.rows[_STATE, v] = _INSIDE
    if work.rows[_WANTED, v]:
        work.counts[_LEFT] -= 1
    work.key[v] = 0.0
    offer(work.heap, work.place, work.key, v)


@lean_kernel
def _see(work: Work, v: int) -> None:
    """Note that the scratch of a node is in use."""
    if not work.rows[_IS_SEEN, v]:
        work.rows[_IS_SEEN, v] = 1
        work.rows[_SEEN, work.counts[_SAW]] = v
        work.counts[_SAW] += 1


@lean_kernel
def _reset(work: Work) -> None:
    """Clean the scratch of the nodes seen."""
    n = work.rows.shape[1]
    for i in range(work.counts[_SAW]):
        v = work.rows[_SEEN, i]
        work.key[v] = np.inf
        work.key[n + v] = np.inf
        work.place[v] = 0
        work.place[n + v] = 0
        work.rows[_STATE, v] = _OUTSIDE
        work.rows[_WANTED, v] = 0
        work.rows[_IS_SEEN, v] = 0
    work.heap[0] = 0
    work.counts[_FILLED] = work.counts[_SAW] = work.counts[_LEFT] = 0
