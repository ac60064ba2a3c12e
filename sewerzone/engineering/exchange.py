"""Local search on collector trees: take out a key path, join what it drained again, cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import kernel, offer, take
from sewerzone.engineering.trees import Net, longer

# How many nodes of a subtree are tried as its new outflow.
_REACH = 500
# An exchange must save this share of the key path, so that rounding cannot go on for ever.
_LEAST_GAIN = 1e-9
_OUTSIDE, _OUTLET, _INSIDE = 0, 1, 2
# Rows of the scratch by node: arc down, place in preorder, nodes drained, children as linked list, arc of the search.
_STATE, _WANTED, _IS_OUTLET, _ARC, _AT, _SIZE, _KIDS, _CHILD, _SIBLING, _VIA, _IS_SEEN = range(11)
# Rows of the scratch by turn: the tree in preorder, nodes of the tree so far, nodes searched, a stack, a round's turns.
_NODE, _SEEN, _LOOKED, _STACK, _TURN, _ROWS = range(11, 17)
# Counters: nodes in the tree, nodes seen, nodes searched.
_NODES, _SAW, _LOOKS = 0, 1, 2


class _Work(NamedTuple):
    """Scratch arrays as in ``steiner``."""

    key: Floats
    heap: Ints
    place: Ints
    rows: Ints
    counts: Ints


def exchange(
    net: Net, groups: Sequence[Ints], offsets: Ints, node: Ints, arc: Ints, rounds: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Improve trees given by node and arc down; ``groups`` as in ``grow_trees``; returns offsets, node, parent, arc."""
    n = len(net.indptr) - 1
    work = _Work(
        key=np.full(n, np.inf),
        heap=np.zeros(n + 1, dtype=np.int64),
        place=np.zeros(n, dtype=np.int64),
        rows=np.zeros((_ROWS, n), dtype=np.int64),
        counts=np.zeros(3, dtype=np.int64),
    )
    new = np.zeros(len(offsets), dtype=np.int64)
    better, parent, down = _exchange(net, work, groups[0], groups[1], groups[2], groups[3], offsets, node, arc, rounds, new)
    used = new[-1]
    return new, better[:used].copy(), parent[:used].copy(), down[:used].copy()


@kernel
def _exchange(
    net: Net,
    work: _Work,
    terminal_offsets: Ints,
    terminals: Ints,
    root_offsets: Ints,
    roots: Ints,
    offsets: Ints,
    node: Ints,
    arc: Ints,
    rounds: int,
    new: Ints,
) -> tuple[Ints, Ints, Ints]:
    """All trees one after the other; fills the new offsets."""
    rows = work.rows
    out_node = np.empty(len(node) + 16, np.int64)
    out_parent = np.empty(len(out_node), np.int64)
    out_arc = np.empty(len(out_node), np.int64)
    for t in range(len(offsets) - 1):
        for r in roots[root_offsets[t] : root_offsets[t + 1]]:
            _see(work, r)
            rows[_IS_OUTLET, r] = 1
            rows[_STATE, r] = _OUTLET
        for v in terminals[terminal_offsets[t] : terminal_offsets[t + 1]]:
            _see(work, v)
            rows[_WANTED, v] = 1
        for i in range(offsets[t], offsets[t + 1]):
            _enter(work, node[i], arc[i])
        _number(net.row, work)
        for _ in range(rounds):
            if not _round(net, work):
                break
        start = new[t]
        end = start + work.counts[_NODES]
        new[t + 1] = end
        if end > len(out_node):
            out_node = longer(out_node, end)
            out_parent = longer(out_parent, end)
            out_arc = longer(out_arc, end)
        for i in range(end - start):
            v = rows[_NODE, i]
            a = rows[_ARC, v]
            out_node[start + i] = v
            out_parent[start + i] = start + rows[_AT, net.row[a]] if a >= 0 else -1
            out_arc[start + i] = a
        _reset(work)
    return out_node, out_parent, out_arc


@kernel
def _see(work: _Work, v: int) -> None:
    """Note that the scratch of a node is in use."""
    rows = work.rows
    if rows[_IS_SEEN, v] == 0:
        rows[_IS_SEEN, v] = 1
        rows[_SEEN, work.counts[_SAW]] = v
        work.counts[_SAW] += 1


@kernel
def _enter(work: _Work, v: int, arc: int) -> None:
    """Make a node part of the tree, draining along ``arc``."""
    _see(work, v)
    work.rows[_STATE, v] = _INSIDE
    work.rows[_ARC, v] = arc
    work.rows[_NODE, work.counts[_NODES]] = v
    work.counts[_NODES] += 1


@kernel
def _number(row: Ints, work: _Work) -> None:
    """Drop outlets nothing drains to; number the tree in preorder, so that a subtree is a range of numbers."""
    rows, count = work.rows, work.counts[_NODES]
    for i in range(count):
        v = rows[_NODE, i]
        rows[_CHILD, v] = -1
        rows[_KIDS, v] = 0
        rows[_SIZE, v] = 1
    top = 0
    for i in range(count):
        v = rows[_NODE, i]
        if rows[_ARC, v] >= 0:
            p = row[rows[_ARC, v]]
            rows[_SIBLING, v] = rows[_CHILD, p]
            rows[_CHILD, p] = v
            rows[_KIDS, p] += 1
        else:
            rows[_STACK, top] = v
            top += 1
    placed = 0
    while top > 0:
        top -= 1
        v = rows[_STACK, top]
        if rows[_ARC, v] < 0 and rows[_KIDS, v] == 0 and rows[_WANTED, v] == 0:
            rows[_STATE, v] = _OUTLET if rows[_IS_OUTLET, v] else _OUTSIDE
            continue
        rows[_NODE, placed] = v
        rows[_AT, v] = placed
        placed += 1
        child = rows[_CHILD, v]
        while child >= 0:
            rows[_STACK, top] = child
            top += 1
            child = rows[_SIBLING, child]
    work.counts[_NODES] = placed
    for i in range(placed - 1, -1, -1):
        v = rows[_NODE, i]
        if rows[_ARC, v] >= 0:
            rows[_SIZE, row[rows[_ARC, v]]] += rows[_SIZE, v]


@kernel
def _round(net: Net, work: _Work) -> bool:
    """Try the key path of every terminal and junction once; whether any exchange was made."""
    rows = work.rows
    count = work.counts[_NODES]
    for i in range(count):
        rows[_TURN, i] = rows[_NODE, i]
    is_better = False
    for i in range(count):
        s = rows[_TURN, i]
        if rows[_STATE, s] != _INSIDE or rows[_ARC, s] < 0 or (rows[_WANTED, s] == 0 and rows[_KIDS, s] < 2):
            continue
        y, saved = net.row[rows[_ARC, s]], net.cost[rows[_ARC, s]]
        while rows[_WANTED, y] == 0 and rows[_KIDS, y] == 1 and rows[_ARC, y] >= 0:
            rows[_STATE, y] = _OUTSIDE
            saved += net.cost[rows[_ARC, y]]
            y = net.row[rows[_ARC, y]]
        end, is_exit = _search(net, work, s, saved * (1.0 - _LEAST_GAIN))
        if end >= 0:
            _rejoin(net, work, s, end, is_exit)
            is_better = True
        else:
            y = net.row[rows[_ARC, s]]
            while rows[_STATE, y] == _OUTSIDE:
                rows[_STATE, y] = _INSIDE
                y = net.row[rows[_ARC, y]]
        _forget(work)
    return is_better


@kernel
def _search(net: Net, work: _Work, s: int, bound: float) -> tuple[int, bool]:
    """Where what drains through ``s`` joins for less than ``bound`` (-1: nowhere), and whether by the way out there.

    All nodes of the subtree are starting points, at what turning round the pipes between them and ``s`` costs.
    """
    rows, key, row = work.rows, work.key, net.row
    first, size = rows[_AT, s], rows[_SIZE, s]
    for i in range(first, first + min(size, _REACH)):
        v = rows[_NODE, i]
        a = rows[_ARC, v]
        turned = 0.0 if v == s else key[row[a]] + net.cost[net.reverse[a]] - net.cost[a]
        if turned < np.inf:
            rows[_VIA, v] = -1
            _look(work, v, turned)
    end, is_exit = -1, False
    while work.heap[0] > 0:
        x = take(work.heap, work.place, key)
        if key[x] >= bound:
            break
        is_own = rows[_STATE, x] == _INSIDE and first <= rows[_AT, x] < first + size
        if rows[_STATE, x] != _OUTSIDE and not is_own:
            return x, False
        if key[x] + net.exit_cost[x] < bound and _is_clear(net, work, x):
            end, is_exit, bound = x, True, key[x] + net.exit_cost[x]
        for q in range(net.indptr[x], net.indptr[x + 1]):
            y = net.neighbour[q]
            way = key[x] + net.cost[net.reverse[q]]
            is_own = rows[_STATE, y] == _INSIDE and first <= rows[_AT, y] < first + size
            if way < bound and way < key[y] and not is_own:
                rows[_VIA, y] = net.reverse[q]
                _look(work, y, way)
    return end, is_exit


@kernel
def _look(work: _Work, v: int, key: float) -> None:
    """Offer a node to the search at a new key."""
    if work.key[v] == np.inf:
        work.rows[_LOOKED, work.counts[_LOOKS]] = v
        work.counts[_LOOKS] += 1
    work.key[v] = key
    offer(work.heap, work.place, work.key, v)


@kernel
def _forget(work: _Work) -> None:
    """Clean what the last search left."""
    for i in range(work.counts[_LOOKS]):
        v = work.rows[_LOOKED, i]
        work.key[v] = np.inf
        work.place[v] = 0
    work.counts[_LOOKS] = 0
    work.heap[0] = 0


@kernel
def _is_clear(net: Net, work: _Work, x: int) -> bool:
    """Whether the way out from ``x`` arrives, or meets an unused outlet, without touching the tree."""
    while net.exit_arc[x] >= 0:
        x = net.row[net.exit_arc[x]]
        if work.rows[_STATE, x] != _OUTSIDE:
            return work.rows[_STATE, x] == _OUTLET  # type: ignore[no-any-return]
    return True


@kernel
def _rejoin(net: Net, work: _Work, s: int, end: int, is_exit: bool) -> None:
    """Drain the subtree of ``s`` by the way the search found to ``end``."""
    rows, row = work.rows, net.row
    kept = 0
    for i in range(work.counts[_NODES]):
        v = rows[_NODE, i]
        if rows[_STATE, v] == _INSIDE:
            rows[_NODE, kept] = v
            kept += 1
    work.counts[_NODES] = kept
    outflow = end
    while rows[_VIA, outflow] >= 0:
        outflow = net.neighbour[rows[_VIA, outflow]]
    v, a = outflow, rows[_ARC, outflow]
    while v != s:
        v = row[a]
        following = rows[_ARC, v]
        rows[_ARC, v] = net.reverse[a]
        a = following
    y = end
    a = net.exit_arc[end] if is_exit else -1
    if rows[_STATE, y] != _INSIDE:
        _enter(work, y, a)
    elif is_exit:
        rows[_ARC, y] = a
    while rows[_VIA, y] >= 0:
        a = rows[_VIA, y]
        y = net.neighbour[a]
        if rows[_STATE, y] != _INSIDE:
            _enter(work, y, a)
        rows[_ARC, y] = a
    y = end
    while is_exit and net.exit_arc[y] >= 0:
        y = row[net.exit_arc[y]]
        is_exit = rows[_STATE, y] == _OUTSIDE
        _enter(work, y, net.exit_arc[y] if is_exit else -1)
    _number(row, work)


@kernel
def _reset(work: _Work) -> None:
    """Clean the scratch of the nodes seen."""
    rows = work.rows
    for i in range(work.counts[_SAW]):
        v = rows[_SEEN, i]
        rows[_STATE, v] = _OUTSIDE
        rows[_WANTED, v] = 0
        rows[_IS_OUTLET, v] = 0
        rows[_IS_SEEN, v] = 0
    work.counts[_NODES] = 0
    work.counts[_SAW] = 0
