"""The part of a large road graph on which a network is bounded, and what stands for the rest of it.

A part is the nodes nearest to the terminals. Nothing it leaves out may make a tree cheaper than it looks: what lies
outside is folded onto a line. The distance p of every node from the nearest arrived way out is known. What a tree lays outside
to reach nodes of distance p and q costs at least their difference, and at least p if it starts at a way out; so the nodes just
outside are strung up in order of their distance, behind the root. Any tree of the whole graph becomes one of the part that
costs no more, however small the part: its size decides only how tight the bound is. Where distances mean nothing, because
outlets were not met, the line costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import lean_kernel, offer, take
from sewerzone.engineering.reduction import Edges
from sewerzone.engineering.reduction_rules import PLAIN, ROOT, TERMINAL
from sewerzone.engineering.trees import Net, Work

# An outlet is looked for in a part up to so many times as large.
_FARTHER = 8
# Parts are worked on together up to about so many nodes.
_BATCH_NODES = 1_000_000
# Rows of the scratch by node: place in the part (0: none), whether it is an outlet, a terminal, in use; by turn: nodes in
# use; by connected part of the graph: the last network with terminals there.
_PLACE, _IS_OUTLET, _IS_WANTED, _IS_SEEN, _TOUCHED, _OPEN, _ROWS = range(7)
# Counters: nodes and edges listed, nodes touched.
_NODES, _EDGES, _TOUCHES, _COUNTS = range(4)
_ROOT_PLACE = -1


class Wanted(NamedTuple):
    """The terminals and outlets of t networks, see ``steiner.grow_trees``, without terminals missed."""

    terminal_offsets: Ints
    terminals: Ints
    root_offsets: Ints
    roots: Ints


class Vicinity(NamedTuple):
    """Parts of the graph for some networks, side by side; every part's first node is its root: all outlets and ways out.

    Attributes
    ----------
    edges : between the nodes of the parts, see ``reduction``
    kind : (n,) of the nodes
    network : (n,) the network a node is for
    node : (n,) the node of the graph, -1 for a root
    arcs : (2, e) arcs of the graph from a to b and back; -1 for what stands for the rest of the graph
    """

    edges: Edges
    kind: Ints
    network: Ints
    node: Ints
    arcs: Ints


def vicinities(net: Net, away: Floats, wanted: Wanted, most: Ints) -> Iterator[tuple[range, Vicinity]]:
    """Parts for all networks, batch by batch, with the numbers of the networks of the batch.

    Parameters
    ----------
    away : (n,) distance of every node from the nearest arrived way out, infinite if there is none
    most : (t,) nodes to gather for every network; more where outlets lie farther
    """
    n, count = len(away), len(most)
    work = Work(
        np.full(n, np.inf), np.zeros(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int64),
        np.zeros((_ROWS, n), dtype=np.int64), np.zeros(_COUNTS, dtype=np.int64),
    )  # fmt: skip
    room = int(min(_BATCH_NODES, (n + 2) * count))
    first = 0
    while first < count:
        node, edge = np.zeros((2, room), dtype=np.int64), np.zeros((3, 2 * room), dtype=np.int64)
        ends = np.zeros((count, 4), dtype=np.int64)
        last = _gather(net, work, wanted, first, most, node, edge, ends)
        if last > first:
            nodes, edges = ends[last - 1, 0], ends[last - 1, 2]
            yield range(first, last), _vicinity(net, away, node[:, :nodes], edge[:, :edges], ends[first:last])
            first = last
        else:
            room *= 2


def _vicinity(net: Net, away: Floats, node: Ints, edge: Ints, ends: Ints) -> Vicinity:
    """Nodes and edges listed, with costs and with the line that stands for the rest."""
    is_symmetric = np.array_equal(net.cost, net.cost[net.reverse])
    network = np.repeat(np.arange(len(ends)), np.diff(ends[:, 0], prepend=0))
    root = np.concatenate([[0], ends[:-1, 0]])
    outer = np.flatnonzero(np.arange(node.shape[1]) >= ends[network, 1])
    distance = np.where(ends[network[outer], 3] > 0, 0.0, away[node[0, outer]])
    order = np.lexsort((node[0, outer], distance, network[outer]))
    outer, distance = outer[order], distance[order]
    is_first = np.diff(network[outer], prepend=-1) != 0
    before = np.where(is_first, root[network[outer]], np.concatenate([[0], outer])[: len(outer)])
    nearer = np.where(is_first, 0.0, np.concatenate([[0.0], distance])[: len(outer)])
    is_same = distance == nearer
    step = np.where(is_same, 0.0, distance - np.where(is_same, 0.0, nearer))
    arc = edge[2]
    edges = Edges(
        np.concatenate([edge[0], before]),
        np.concatenate([edge[1], outer]),
        np.concatenate([net.cost[arc], step]),
        np.concatenate([net.cost[net.reverse[arc]], step if is_symmetric else np.zeros(len(step))]),
    )
    arcs = np.full((2, len(edges.a)), -1, dtype=np.int64)
    arcs[:, : len(arc)] = arc, net.reverse[arc]
    return Vicinity(edges, node[1].copy(), network, node[0].copy(), arcs)


@lean_kernel
def _gather(net: Net, work: Work, wanted: Wanted, first: int, limit: Ints, node: Ints, edge: Ints, ends: Ints) -> int:
    """List the parts of networks from ``first`` on while there is room; returns the first network without.

    ``node``: node of the graph (-1: the root) and kind; ``edge``: ends and arc of the graph between them; ``ends``: where
    the nodes of a network end, where its nodes just outside begin, where its edges end, and whether outlets lie outside.
    """
    counts, rows = work.counts, work.rows
    counts[_NODES] = 0
    counts[_EDGES] = 0
    for t in range(first, len(limit)):
        start = counts[_NODES]
        outside = _reach(net, work, wanted, t, limit[t], node)
        border = counts[_NODES]
        is_room = outside >= 0 and _list_edges(net, work, start, node, edge)
        for i in range(counts[_TOUCHES]):
            v = rows[_TOUCHED, i]
            work.key[v] = np.inf
            work.place[v] = 0
            for row in range(_TOUCHED):
                rows[row, v] = 0
        counts[_TOUCHES] = 0
        work.heap[0] = 0
        if not is_room:
            return t
        ends[t, 0] = counts[_NODES]
        ends[t, 1] = border
        ends[t, 2] = counts[_EDGES]
        ends[t, 3] = outside
    return len(limit)


@lean_kernel
def _reach(net: Net, work: Work, wanted: Wanted, t: int, limit: int, node: Ints) -> int:
    """List the root of a network, its terminals and the nodes nearest to them; outlets left outside, -1 without room."""
    rows, counts, key = work.rows, work.counts, work.key
    start = counts[_NODES]
    if start == node.shape[1]:
        return -1
    node[0, start] = -1
    node[1, start] = ROOT
    counts[_NODES] += 1
    for v in wanted.terminals[wanted.terminal_offsets[t] : wanted.terminal_offsets[t + 1]]:
        rows[_OPEN, net.part[v]] = t + 1
        rows[_IS_WANTED, v] = 1
        _see(work, v)
        key[v] = 0.0
        offer(work.heap, work.place, key, v)
    left = 0
    for r in wanted.roots[wanted.root_offsets[t] : wanted.root_offsets[t + 1]]:
        if rows[_IS_OUTLET, r] == 0 and rows[_OPEN, net.part[r]] == t + 1:
            left += 1
            rows[_IS_OUTLET, r] = 1
            _see(work, r)
    while work.heap[0] > 0:
        most = limit * _FARTHER if left > 0 else limit
        if counts[_NODES] - start > most and key[work.heap[1]] > 0.0:  # terminals are at 0: all of them are in
            break
        if counts[_NODES] == node.shape[1]:
            return -1
        x = take(work.heap, work.place, key)
        is_outlet = rows[_IS_OUTLET, x] == 1
        rows[_PLACE, x] = _ROOT_PLACE
        if is_outlet:
            left -= 1
        elif not _is_arrived(net, x):
            node[0, counts[_NODES]] = x
            node[1, counts[_NODES]] = TERMINAL if rows[_IS_WANTED, x] == 1 else PLAIN
            counts[_NODES] += 1
            rows[_PLACE, x] = counts[_NODES]
        else:
            continue
        for q in range(net.indptr[x], net.indptr[x + 1]):
            y = net.neighbour[q]
            # outlets are walked through to further outlets, as the nodes of a network already planned hang together
            if rows[_PLACE, y] == 0 and (not is_outlet or rows[_IS_OUTLET, y] == 1):
                way = key[x] if is_outlet else key[x] + min(net.cost[q], net.cost[net.reverse[q]])
                if way < key[y]:
                    _see(work, y)
                    key[y] = way
                    offer(work.heap, work.place, key, y)
    return left


@lean_kernel
def _is_arrived(net: Net, v: int) -> bool:
    """Whether a way out has arrived at a node."""
    return net.exit_cost[v] < np.inf and net.exit_arc[v] < 0  # type: ignore[no-any-return]


@lean_kernel
def _see(work: Work, v: int) -> None:
    """Note that the scratch of a node is in use."""
    if work.rows[_IS_SEEN, v] == 0:
        work.rows[_IS_SEEN, v] = 1
        work.rows[_TOUCHED, work.counts[_TOUCHES]] = v
        work.counts[_TOUCHES] += 1


@lean_kernel
def _list_edges(net: Net, work: Work, start: int, node: Ints, edge: Ints) -> bool:
    """List the edges at nodes and outlets listed, and the nodes just outside as they are met; whether there was room."""
    rows, counts = work.rows, work.counts
    inner, touched = counts[_NODES], counts[_TOUCHES]
    for k in range(inner - start - 1 + touched):
        if k < inner - start - 1:
            i = start + 1 + k
            x = node[0, i]
        else:
            i = start
            x = rows[_TOUCHED, k - (inner - start - 1)]
            if rows[_IS_OUTLET, x] == 0 or rows[_PLACE, x] != _ROOT_PLACE:
                continue
        if counts[_EDGES] + net.indptr[x + 1] - net.indptr[x] > edge.shape[1]:
            return False
        for q in range(net.indptr[x], net.indptr[x + 1]):
            y = net.neighbour[q]
            if min(net.cost[q], net.cost[net.reverse[q]]) == np.inf:
                continue
            if rows[_PLACE, y] == 0:
                _see(work, y)
                if rows[_IS_OUTLET, y] == 1 or _is_arrived(net, y):
                    rows[_PLACE, y] = _ROOT_PLACE
                elif counts[_NODES] == node.shape[1]:
                    return False
                else:
                    node[0, counts[_NODES]] = y
                    node[1, counts[_NODES]] = PLAIN
                    counts[_NODES] += 1
                    rows[_PLACE, y] = counts[_NODES]
            j = start if rows[_PLACE, y] == _ROOT_PLACE else rows[_PLACE, y] - 1
            # edges within are listed from their first node, those between root and nodes within from the latter
            if (i > start and (j > i or j == start)) or (i == start and j >= inner):
                edge[0, counts[_EDGES]] = i
                edge[1, counts[_EDGES]] = j
                edge[2, counts[_EDGES]] = q
                counts[_EDGES] += 1
    return True
