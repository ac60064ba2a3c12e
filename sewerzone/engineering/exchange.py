"""Local search on collector trees: take out a key path, join what it drained again, cheaper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sewerzone.engineering.forest import Ints
from sewerzone.engineering.heap import kernel, offer, take
from sewerzone.engineering.trees import Net, Work, longer

# How many nodes of a subtree are tried as its new outflow.
_REACH = 500
# An exchange must save this share of the key path, so that rounding cannot go on for ever.
_LEAST_GAIN = 1e-9
_OUTSIDE, _OUTLET, _INSIDE = 0, 1, 2
# Rows of the scratch by node: arc down, place in the result, children as linked list, arc of the search, and whether
# the node lies in the subtree at hand (even stamp) or in the rest (odd), and the last search whose ways out it closed.
_STATE, _WANTED, _IS_OUTLET, _ARC, _AT, _KIDS, _CHILD, _SIBLING, _VIA, _STAMP, _IS_SEEN, _IS_LISTED, _CLOSED = range(13)
# Rows of the scratch by turn: nodes of the tree, all nodes touched, nodes searched, a stack or queue, a round's turns.
_NODE, _SEEN, _LOOKED, _QUEUE, _TURN, _ROWS = range(13, 19)
# Counters: nodes listed, seen and searched, stamp of the search, whether its subtree is known in full, outlets, most roots.
_NODES, _SAW, _LOOKS, _SEARCH, _IS_WHOLE, _OUTLETS, _ROOTS = range(7)


def exchange(
    net: Net, groups: Sequence[Ints], offsets: Ints, node: Ints, arc: Ints, rounds: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Improve trees given by node and arc down; ``groups`` as in ``grow_trees``; returns offsets, node, parent, arc."""
    n = len(net.indptr) - 1
    heap, place, counts = (np.zeros(size, dtype=np.int64) for size in (n + 1, n, 7))
    work = Work(np.full(n, np.inf), heap, place, np.zeros((_ROWS, n), dtype=np.int64), counts)
    new = np.zeros(len(offsets), dtype=np.int64)
    better, parent, down = _exchange(net, work, groups[0], groups[1], groups[2], groups[3], offsets, node, arc, rounds, new)
    return new, better[: new[-1]].copy(), parent[: new[-1]].copy(), down[: new[-1]].copy()


@kernel
def _exchange(
    net: Net, work: Work, terminal_offsets: Ints, terminals: Ints, root_offsets: Ints, roots: Ints, offsets: Ints,
    node: Ints, arc: Ints, rounds: int, new: Ints,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """All trees one after the other; fills the new offsets."""
    rows = work.rows
    out_node = np.empty(len(node) + 16, np.int64)
    out_parent = np.empty(len(out_node), np.int64)
    out_arc = np.empty(len(out_node), np.int64)
    for t in range(len(offsets) - 1):
        work.counts[_OUTLETS] = root_offsets[t + 1] - root_offsets[t]
        for r in roots[root_offsets[t] : root_offsets[t + 1]]:
            _see(work, r)
            rows[_IS_OUTLET, r] = 1
            rows[_STATE, r] = _OUTLET
        for v in terminals[terminal_offsets[t] : terminal_offsets[t + 1]]:
            _see(work, v)
            rows[_WANTED, v] = 1
        for i in range(offsets[t], offsets[t + 1]):
            _enter(work, node[i])
            rows[_ARC, node[i]] = arc[i]
        _number(net.row, work)
        for _ in range(rounds):
            is_better = _round(net, work)
            _number(net.row, work)
            if not is_better:
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
def _see(work: Work, v: int) -> None:
    """Note that the scratch of a node is in use."""
    rows = work.rows
    if rows[_IS_SEEN, v] == 0:
        rows[_IS_SEEN, v] = 1
        rows[_SEEN, work.counts[_SAW]] = v
        work.counts[_SAW] += 1


@kernel
def _enter(work: Work, v: int) -> None:
    """Make a node part of the tree, as a root without children for the time being."""
    _see(work, v)
    rows = work.rows
    rows[_STATE, v] = _INSIDE
    rows[_ARC, v] = -1
    rows[_CHILD, v] = -1
    rows[_KIDS, v] = 0
    if rows[_IS_LISTED, v] == 0:
        rows[_IS_LISTED, v] = 1
        rows[_NODE, work.counts[_NODES]] = v
        work.counts[_NODES] += 1


@kernel
def _leave(work: Work, v: int) -> None:
    """Take a node out of the tree."""
    work.rows[_STATE, v] = _OUTLET if work.rows[_IS_OUTLET, v] else _OUTSIDE


@kernel
def _link(row: Ints, work: Work, v: int, arc: int) -> None:
    """Drain a node along ``arc``."""
    rows = work.rows
    rows[_ARC, v] = arc
    below = row[arc]
    rows[_SIBLING, v] = rows[_CHILD, below]
    rows[_CHILD, below] = v
    rows[_KIDS, below] += 1


@kernel
def _unlink(row: Ints, work: Work, v: int) -> None:
    """Take a node from the children of the next one down; its arc stays readable."""
    rows = work.rows
    below = row[rows[_ARC, v]]
    rows[_KIDS, below] -= 1
    if rows[_CHILD, below] == v:
        rows[_CHILD, below] = rows[_SIBLING, v]
        return
    child = rows[_CHILD, below]
    while rows[_SIBLING, child] != v:
        child = rows[_SIBLING, child]
    rows[_SIBLING, child] = rows[_SIBLING, v]


@kernel
def _number(row: Ints, work: Work) -> None:
    """List and number the nodes of the tree anew, parents before children, and rebuild the lists of children."""
    rows, count = work.rows, work.counts[_NODES]
    for i in range(count):
        v = rows[_NODE, i]
        rows[_CHILD, v] = -1
        rows[_KIDS, v] = 0
        rows[_IS_LISTED, v] = 0
    top = 0
    for i in range(count):
        v = rows[_NODE, i]
        if rows[_STATE, v] != _INSIDE:
            continue
        rows[_IS_LISTED, v] = 1
        if rows[_ARC, v] >= 0:
            _link(row, work, v, rows[_ARC, v])
        else:
            rows[_QUEUE, top] = v
            top += 1
    work.counts[_ROOTS] = top
    placed = 0
    while top > 0:
        top -= 1
        v = rows[_QUEUE, top]
        rows[_NODE, placed] = v
        rows[_AT, v] = placed
        placed += 1
        child = rows[_CHILD, v]
        while child >= 0:
            rows[_QUEUE, top] = child
            top += 1
            child = rows[_SIBLING, child]
    work.counts[_NODES] = placed


@kernel
def _round(net: Net, work: Work) -> bool:
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
            _leave(work, y)
            saved += net.cost[rows[_ARC, y]]
            y = net.row[rows[_ARC, y]]
        is_all = rows[_ARC, y] < 0 and rows[_KIDS, y] == 1 and work.counts[_ROOTS] == 1 and work.counts[_OUTLETS] == 0
        end, is_exit = _search(net, work, s, saved * (1.0 - _LEAST_GAIN), is_all)
        if end >= 0:
            _rejoin(net, work, s, end, is_exit)
            is_better = True
        else:
            y = net.row[rows[_ARC, s]]
            while rows[_STATE, y] != _INSIDE:
                rows[_STATE, y] = _INSIDE
                y = net.row[rows[_ARC, y]]
        _forget(work)
    return is_better


@kernel
def _start(net: Net, work: Work, s: int, bound: float, is_all: bool) -> None:
    """Offer the nodes that drain through ``s``, nearest first, at what turning round the pipes between costs.

    Nodes that cost ``bound`` or more, or whose every neighbour drains through ``s`` too, are not offered: nothing can
    be joined from them.
    """
    rows, row, counts = work.rows, net.row, work.counts
    counts[_SEARCH] += 2
    rows[_QUEUE, 0] = s
    head, tail = 0, 1
    while head < tail and head < _REACH:
        v = rows[_QUEUE, head]
        head += 1
        rows[_STAMP, v] = counts[_SEARCH]
        a = rows[_ARC, v]
        turned = 0.0 if v == s else work.key[row[a]] + net.cost[net.reverse[a]] - net.cost[a]
        if turned < np.inf:
            rows[_VIA, v] = -1
            work.key[v] = turned
            rows[_LOOKED, counts[_LOOKS]] = v
            counts[_LOOKS] += 1
            leads_on = v == s or net.indptr[v + 1] - net.indptr[v] > rows[_KIDS, v] + 1
            leads_on = leads_on or turned + net.exit_cost[v] < bound
            if leads_on and turned < bound and not _is_vain(net, v, turned, bound, is_all):
                offer(work.heap, work.place, work.key, v)
        child = rows[_CHILD, v]
        while child >= 0:
            rows[_QUEUE, tail] = child
            tail += 1
            child = rows[_SIBLING, child]
    counts[_IS_WHOLE] = head == tail


@kernel
def _is_own(row: Ints, work: Work, y: int) -> bool:
    """Whether a node of the tree drains through the node at hand."""
    rows, own = work.rows, work.counts[_SEARCH]
    if work.counts[_IS_WHOLE]:
        return rows[_STAMP, y] == own  # type: ignore[no-any-return]
    v = y
    while rows[_STAMP, v] < own and rows[_ARC, v] >= 0:
        v = row[rows[_ARC, v]]
    stamp = own if rows[_STAMP, v] == own else own + 1
    while y != v:
        rows[_STAMP, y] = stamp
        y = row[rows[_ARC, y]]
    rows[_STAMP, v] = stamp
    return stamp == own  # type: ignore[no-any-return]


@kernel
def _is_vain(net: Net, v: int, key: float, bound: float, is_all: bool) -> bool:
    """Whether nothing cheaper lies beyond a node: if the whole tree looks for its end, no way out is shorter than the known."""
    return is_all and net.exit_cost[v] < np.inf and key + net.exit_cost[v] >= bound


@kernel
def _search(net: Net, work: Work, s: int, bound: float, is_all: bool) -> tuple[int, bool]:
    """Where what drains through ``s`` joins for less than ``bound`` (-1: nowhere), and whether by the way out there.

    ``is_all``: the whole tree drains through ``s`` and ends by a way out; ways out are known to be the cheapest.
    """
    rows, key = work.rows, work.key
    _start(net, work, s, bound, is_all)
    end, is_exit = -1, False
    while work.heap[0] > 0:
        x = take(work.heap, work.place, key)
        if key[x] >= bound:
            break
        if rows[_STATE, x] == _OUTLET or (rows[_STATE, x] == _INSIDE and not _is_own(net.row, work, x)):
            return x, False
        if key[x] + net.exit_cost[x] < bound and _is_clear(net, work, x):
            end, is_exit, bound = x, True, key[x] + net.exit_cost[x]
        for q in range(net.indptr[x], net.indptr[x + 1]):
            y = net.neighbour[q]
            way = key[x] + net.cost[net.reverse[q]]
            if way >= bound or way >= key[y] or _is_vain(net, y, way, bound, is_all):
                continue
            if rows[_STATE, y] == _INSIDE and _is_own(net.row, work, y):
                continue
            if key[y] == np.inf:
                rows[_LOOKED, work.counts[_LOOKS]] = y
                work.counts[_LOOKS] += 1
            rows[_VIA, y] = net.reverse[q]
            key[y] = way
            offer(work.heap, work.place, key, y)
    return end, is_exit


@kernel
def _forget(work: Work) -> None:
    """Clean what the last search left."""
    for i in range(work.counts[_LOOKS]):
        v = work.rows[_LOOKED, i]
        work.key[v] = np.inf
        work.place[v] = 0
    work.counts[_LOOKS] = 0
    work.heap[0] = 0


@kernel
def _is_clear(net: Net, work: Work, x: int) -> bool:
    """Whether the way out from ``x`` arrives, or meets an unused outlet, without touching the tree.

    Where it does not, the nodes on it are noted: many ways out of one search run into the same one.
    """
    rows, own = work.rows, work.counts[_SEARCH]
    y = x
    while rows[_CLOSED, y] < own:
        if net.exit_arc[y] < 0 or rows[_STATE, y] == _OUTLET:
            return True
        y = net.row[net.exit_arc[y]]
        if rows[_STATE, y] == _INSIDE:
            break
    while x != y:
        rows[_CLOSED, x] = own
        x = net.row[net.exit_arc[x]]
    return False


@kernel
def _rejoin(net: Net, work: Work, s: int, end: int, is_exit: bool) -> None:
    """Take out the key path of ``s`` and drain its subtree by the way the search found to ``end``."""
    rows, row = work.rows, net.row
    foot = s
    while True:
        _unlink(row, work, foot)
        foot = row[rows[_ARC, foot]]
        if rows[_STATE, foot] == _INSIDE:
            break
    outflow = end
    while rows[_VIA, outflow] >= 0:
        outflow = net.neighbour[rows[_VIA, outflow]]
    _turn(net, work, outflow, s)
    if is_exit or rows[_STATE, end] != _INSIDE:
        work.counts[_ROOTS] += 1
    if rows[_STATE, end] != _INSIDE:
        _enter(work, end)
    y = end
    while rows[_VIA, y] >= 0:
        a = rows[_VIA, y]
        y = net.neighbour[a]
        if rows[_STATE, y] != _INSIDE:
            _enter(work, y)
        _link(row, work, y, a)
    if is_exit:
        _leave_by_exit(net, work, end)
    if rows[_KIDS, foot] == 0 and rows[_ARC, foot] < 0 and rows[_WANTED, foot] == 0:
        _leave(work, foot)


@kernel
def _turn(net: Net, work: Work, outflow: int, s: int) -> None:
    """Turn round the pipes from ``outflow`` down to ``s``, which drains to it from now on."""
    path = work.rows[_QUEUE]
    steps = 0
    v = outflow
    while v != s:
        path[steps] = v
        steps += 1
        _unlink(net.row, work, v)
        v = net.row[work.rows[_ARC, v]]
    for i in range(steps - 1, -1, -1):
        a = work.rows[_ARC, path[i]]
        _link(net.row, work, net.row[a], net.reverse[a])


@kernel
def _leave_by_exit(net: Net, work: Work, y: int) -> None:
    """Lay the way out from a node to where it arrives or meets an outlet."""
    work.rows[_ARC, y] = -1
    is_on = True
    while is_on and net.exit_arc[y] >= 0:
        below = net.row[net.exit_arc[y]]
        is_on = work.rows[_STATE, below] == _OUTSIDE
        _enter(work, below)
        _link(net.row, work, y, net.exit_arc[y])
        y = below


@kernel
def _reset(work: Work) -> None:
    """Clean the scratch of the nodes seen."""
    rows = work.rows
    for i in range(work.counts[_SAW]):
        v = rows[_SEEN, i]
        rows[_STATE, v] = _OUTSIDE
        rows[_WANTED, v] = rows[_IS_OUTLET, v] = rows[_IS_SEEN, v] = rows[_IS_LISTED, v] = 0
    work.counts[_NODES] = 0
    work.counts[_SAW] = 0
