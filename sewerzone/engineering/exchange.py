"""Local search on collector trees: take out a key path, join what it drained again, cheaper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sewerzone.engineering.forest import Ints
from sewerzone.engineering.grafting import (
    ARC,
    CHILD,
    INSIDE,
    IS_WHOLE,
    KIDS,
    LOOKED,
    LOOKS,
    NODE,
    NODES,
    OUTLET,
    OUTLETS,
    QUEUE,
    ROOTS,
    ROWS,
    SEARCH,
    SIBLING,
    STAMP,
    STATE,
    TURN,
    VIA,
    WANTED,
    forget,
    is_clear,
    is_own,
    leave,
    lift_out,
    number,
    plant,
    rejoin,
    reset,
)
from sewerzone.engineering.heap import kernel, lean_kernel, offer, take
from sewerzone.engineering.trees import Net, Work, longer

# How many nodes of a subtree are tried as its new outflow.
_REACH = 500
# An exchange must save this share of the key path, so that rounding cannot go on for ever.
_LEAST_GAIN = 1e-9


def exchange(
    net: Net, groups: Sequence[Ints], offsets: Ints, node: Ints, arc: Ints, rounds: int, work: Work | None = None
) -> tuple[Ints, Ints, Ints, Ints]:
    """Improve trees given by node and arc down; ``groups`` as in ``grow_trees``; returns offsets, node, parent, arc.

    ``work`` is the scratch of an earlier search over as many nodes, which every search leaves clean.
    """
    work, new = work or scratch(len(net.indptr) - 1), np.zeros(len(offsets), dtype=np.int64)
    better, parent, down = _exchange(net, work, groups[0], groups[1], groups[2], groups[3], offsets, node, arc, rounds, new)
    return new, better[: new[-1]].copy(), parent[: new[-1]].copy(), down[: new[-1]].copy()


def scratch(n: int) -> Work:
    """Scratch for searches over n nodes."""
    heap, place, counts = (np.zeros(size, dtype=np.int64) for size in (n + 1, n, 7))
    return Work(np.full(n, np.inf), heap, place, np.zeros((ROWS, n), dtype=np.int64), counts)


@kernel
def _exchange(
    net: Net, work: Work, terminal_offsets: Ints, terminals: Ints, root_offsets: Ints, roots: Ints, offsets: Ints,
    node: Ints, arc: Ints, rounds: int, new: Ints,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """All trees one after the other; fills the new offsets."""
    out_node = np.empty(len(node) + 16, np.int64)
    out_parent = np.empty(len(out_node), np.int64)
    out_arc = np.empty(len(out_node), np.int64)
    for t in range(len(offsets) - 1):
        outlets, wanted = roots[root_offsets[t] : root_offsets[t + 1]], terminals[terminal_offsets[t] : terminal_offsets[t + 1]]
        plant(net.row, work, outlets, wanted, node[offsets[t] : offsets[t + 1]], arc[offsets[t] : offsets[t + 1]])
        for _ in range(rounds):
            is_better = _round(net, work)
            number(net.row, work)
            if not is_better:
                break
        start = new[t]
        end = start + work.counts[NODES]
        new[t + 1] = end
        if end > len(out_node):
            out_node = longer(out_node, end)
            out_parent = longer(out_parent, end)
            out_arc = longer(out_arc, end)
        lift_out(net.row, work, out_node[start:end], out_parent[start:end], out_arc[start:end], start)
        reset(work)
    return out_node, out_parent, out_arc


@lean_kernel
def _round(net: Net, work: Work) -> bool:
    """Try the key path of every terminal and junction once; whether any exchange was made."""
    rows = work.rows
    count = work.counts[NODES]
    for i in range(count):
        rows[TURN, i] = rows[NODE, i]
    is_better = False
    for i in range(count):
        s = rows[TURN, i]
        if rows[STATE, s] != INSIDE or rows[ARC, s] < 0 or (rows[WANTED, s] == 0 and rows[KIDS, s] < 2):
            continue
        y, saved = net.row[rows[ARC, s]], net.cost[rows[ARC, s]]
        while rows[WANTED, y] == 0 and rows[KIDS, y] == 1 and rows[ARC, y] >= 0:
            leave(work, y)
            saved += net.cost[rows[ARC, y]]
            y = net.row[rows[ARC, y]]
        is_all = rows[ARC, y] < 0 and rows[KIDS, y] == 1 and work.counts[ROOTS] == 1 and work.counts[OUTLETS] == 0
        end, is_exit = _search(net, work, s, saved * (1.0 - _LEAST_GAIN), is_all)
        if end >= 0:
            rejoin(net, work, s, end, is_exit)
            is_better = True
        else:
            y = net.row[rows[ARC, s]]
            while rows[STATE, y] != INSIDE:
                rows[STATE, y] = INSIDE
                y = net.row[rows[ARC, y]]
        forget(work)
    return is_better


@lean_kernel
def _start(net: Net, work: Work, s: int, bound: float, is_all: bool) -> None:
    """Offer the nodes that drain through ``s``, nearest first, at what turning round the pipes between costs.

    Nodes that cost ``bound`` or more, or whose every neighbour drains through ``s`` too, are not offered: nothing can
    be joined from them.
    """
    rows, row, counts = work.rows, net.row, work.counts
    counts[SEARCH] += 2
    rows[QUEUE, 0] = s
    head, tail = 0, 1
    while head < tail and head < _REACH:
        v = rows[QUEUE, head]
        head += 1
        rows[STAMP, v] = counts[SEARCH]
        a = rows[ARC, v]
        turned = 0.0 if v == s else work.key[row[a]] + net.cost[net.reverse[a]] - net.cost[a]
        if turned < np.inf:
            rows[VIA, v] = -1
            work.key[v] = turned
            rows[LOOKED, counts[LOOKS]] = v
            counts[LOOKS] += 1
            leads_on = v == s or net.indptr[v + 1] - net.indptr[v] > rows[KIDS, v] + 1
            leads_on = leads_on or turned + net.exit_cost[v] < bound
            if leads_on and turned < bound and not _is_vain(net, v, turned, bound, is_all):
                offer(work.heap, work.place, work.key, v)
        child = rows[CHILD, v]
        while child >= 0:
            rows[QUEUE, tail] = child
            tail += 1
            child = rows[SIBLING, child]
    counts[IS_WHOLE] = head == tail


@lean_kernel
def _is_vain(net: Net, v: int, key: float, bound: float, is_all: bool) -> bool:
    """Whether nothing cheaper lies beyond a node: if the whole tree looks for its end, no way out is shorter than the known."""
    return is_all and net.exit_cost[v] < np.inf and key + net.exit_cost[v] >= bound


@lean_kernel
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
        if rows[STATE, x] == OUTLET or (rows[STATE, x] == INSIDE and not is_own(net.row, work, x)):
            return x, False
        if key[x] + net.exit_cost[x] < bound and is_clear(net, work, x):
            end, is_exit, bound = x, True, key[x] + net.exit_cost[x]
        for q in range(net.indptr[x], net.indptr[x + 1]):
            y = net.neighbour[q]
            way = key[x] + net.cost[net.reverse[q]]
            if way >= bound or way >= key[y] or _is_vain(net, y, way, bound, is_all):
                continue
            if rows[STATE, y] == INSIDE and is_own(net.row, work, y):
                continue
            if key[y] == np.inf:
                rows[LOOKED, work.counts[LOOKS]] = y
                work.counts[LOOKS] += 1
            rows[VIA, y] = net.reverse[q]
            key[y] = way
            offer(work.heap, work.place, key, y)
    return end, is_exit
