"""Local search on collector trees by what they would cost once laid.

Every key path (from a terminal or junction down to the next) is taken out in turn, and what drained through it is joined
again where that costs least: to the rest of the tree, to an outlet or by a way out, draining from wherever in it (pipes
between turn round). Ways are tried nearest first, up to what the tree costs less without the key path; what each would
cost is worked out by ``moves``, label by label. The search ends when no key path pays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints
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
    QUEUE,
    SAW,
    SEARCH,
    SEEN,
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
from sewerzone.engineering.moves import (
    FIRST_SLOT,
    NO_ARC,
    PASS,
    SLOTS,
    STATES,
    Draft,
    change,
    find_leeway,
    least_of,
    renew,
    renew_down,
    slot_of,
    sum_up,
    without,
)  # fmt: skip
from sewerzone.engineering.sketch import (
    ALL_ROWS,
    GAIN,
    IN_FLOW,
    IN_MEAN,
    LABEL_ROWS,
    LOSS,
    PRICED_ARC,
    RENEWED,
    ROOT_YEN,
    ROW,
    SLOT,
    SUMS,
    WIDE,
    Terms,
)  # fmt: skip
from sewerzone.engineering.trees import Net, Work, longer

# How many nodes of a subtree are tried as its new outflow, how many nodes a search looks at beyond them, and how many
# places it tries.
_REACH = 1000
_LOOKS = 1600
_ENDS = 8
_LEAST_GAIN_YEN = 1.0
# Pass in which labels were made of what the search does not begin at.
LONG_AGO = -1


class Room(NamedTuple):
    """Scratch of a search: the tree under change, and its labels."""

    work: Work
    draft: Draft


def descend(
    net: Net, terms: Terms, groups: Sequence[Ints], loads: Floats, offsets: Ints, node: Ints, arc: Ints, passes: int,
    room: Room | None = None, is_changed: Bools | None = None,
) -> tuple[Ints, Ints, Ints, Ints, Floats]:  # fmt: skip
    """Improve trees given by node and arc down; ``groups`` as in ``grow_trees``, ``loads`` (2, terminals) their flows.

    ``net`` has the least a way costs; the kernels look no farther than that may pay. Without passes the trees stay.
    ``room`` is the scratch of an earlier search over as many nodes, which every search leaves clean. The search begins at the
    entries that are changed, or everywhere.

    Returns
    -------
    offsets, node, parent, arc : the trees found
    yen : (t,) what each costs by its labels
    """
    work, draft = room or room_for(len(net.indptr) - 1)
    new, yen = np.zeros(len(offsets), dtype=np.int64), np.zeros(len(offsets) - 1)
    begins = np.ones(len(node), dtype=np.bool_) if is_changed is None else is_changed
    better, parent, down = _descend(
        net, terms, work, draft, groups[0], groups[1], groups[2], groups[3], loads, offsets, node, arc, begins, passes, new, yen
    )
    return new, better[: new[-1]].copy(), parent[: new[-1]].copy(), down[: new[-1]].copy(), yen


def room_for(n: int) -> Room:
    """Scratch for searches over n nodes."""
    heap, place, counts = (np.zeros(size, dtype=np.int64) for size in (n + 1, n, 7))
    work = Work(np.full(n, np.inf), heap, place, np.zeros((ALL_ROWS, n), dtype=np.int64), counts)
    slots = 2 * (FIRST_SLOT + n)
    sums, store, labels = np.zeros((SUMS, n)), np.zeros((slots, ROW)), np.zeros((LABEL_ROWS, WIDE))
    return Room(work, Draft(work.rows, sums, store, labels, np.zeros(STATES, dtype=np.int64)))


@kernel
def _descend(
    net: Net, terms: Terms, work: Work, d: Draft, terminal_offsets: Ints, terminals: Ints, root_offsets: Ints, roots: Ints,
    loads: Floats, offsets: Ints, node: Ints, arc: Ints, begins: Bools, passes: int, new: Ints, yen: Floats,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """All trees one after the other; fills the new offsets and the costs."""
    out_node = np.empty(len(node) + 16, np.int64)
    out_parent = np.empty(len(out_node), np.int64)
    out_arc = np.empty(len(out_node), np.int64)
    ends = np.empty(_ENDS + 1, np.int64)
    for t in range(len(offsets) - 1):
        a, b = terminal_offsets[t], terminal_offsets[t + 1]
        outlets = roots[root_offsets[t] : root_offsets[t + 1]]
        plant(net.row, work, outlets, terminals[a:b], node[offsets[t] : offsets[t + 1]], arc[offsets[t] : offsets[t + 1]])
        for i in range(a, b):
            d.sums[IN_FLOW, terminals[i]] += loads[0, i]
            d.sums[IN_MEAN, terminals[i]] += loads[1, i]
        _draw(net, terms, work, d)
        for i in range(offsets[t], offsets[t + 1]):
            if not begins[i]:
                work.rows[RENEWED, node[i]] = LONG_AGO
        for _ in range(passes):
            for i in range(work.counts[NODES]):
                find_leeway(net, terms, d, work.rows[NODE, i])
            d.counts[PASS] += 1
            is_better = _pass(net, terms, work, d, ends)
            number(net.row, work)
            if not is_better:
                break
        for i in range(work.counts[NODES]):
            if d.rows[ARC, work.rows[NODE, i]] < 0:
                yen[t] += d.sums[ROOT_YEN, work.rows[NODE, i]]
        start = new[t]
        end = start + work.counts[NODES]
        new[t + 1] = end
        if end > len(out_node):
            out_node = longer(out_node, end)
            out_parent = longer(out_parent, end)
            out_arc = longer(out_arc, end)
        lift_out(net.row, work, out_node[start:end], out_parent[start:end], out_arc[start:end], start)
        _wipe(work, d)
    return out_node, out_parent, out_arc


@lean_kernel
def _draw(net: Net, terms: Terms, work: Work, d: Draft) -> None:
    """Flows and labels of a whole tree, upstream first."""
    for i in range(work.counts[NODES] - 1, -1, -1):
        v = work.rows[NODE, i]
        sum_up(d, v)
        renew(net, terms, d, v, slot_of(d, v))
        work.rows[RENEWED, v] = 0
    d.counts[PASS] = 0


@lean_kernel
def _wipe(work: Work, d: Draft) -> None:
    """Clean the scratch of the nodes seen."""
    for i in range(work.counts[SAW]):
        v = work.rows[SEEN, i]
        work.rows[SLOT, v] = 0
        d.sums[IN_FLOW, v] = d.sums[IN_MEAN, v] = d.sums[LOSS, v] = d.sums[GAIN, v] = 0.0
    d.counts[SLOTS] = 0
    reset(work)


@lean_kernel
def _pass(net: Net, terms: Terms, work: Work, d: Draft, ends: Ints) -> bool:
    """Try every key path near which something changed in the last pass; whether any move was made."""
    rows, count, is_better = work.rows, work.counts[NODES], False
    for i in range(count):
        rows[TURN, i] = rows[NODE, i]
    for i in range(count):
        s = rows[TURN, i]
        if rows[STATE, s] != INSIDE or rows[ARC, s] < 0 or (rows[WANTED, s] == 0 and rows[KIDS, s] < 2):
            continue
        above, foot = s, net.row[rows[ARC, s]]
        while rows[WANTED, foot] == 0 and rows[KIDS, foot] == 1 and rows[ARC, foot] >= 0:
            leave(work, foot)
            above, foot = foot, net.row[rows[ARC, foot]]
        if max(rows[RENEWED, s], rows[RENEWED, foot]) < d.counts[PASS] - 1 or not _move(
            net, terms, work, d, s, above, foot, ends
        ):
            y = net.row[rows[ARC, s]]
            while rows[STATE, y] != INSIDE:
                rows[STATE, y] = INSIDE
                y = net.row[rows[ARC, y]]
        else:
            is_better = True
        forget(work)
    return is_better


@lean_kernel
def _move(net: Net, terms: Terms, work: Work, d: Draft, s: int, above: int, foot: int, ends: Ints) -> bool:
    """Join what drains through ``s`` elsewhere if that pays; its key path has left the tree."""
    rows = work.rows
    gone = without(net, terms, d, s, above, foot)
    found = _seek(net, work, s, -gone - least_of(terms, d, s), ends)
    best, end = -_LEAST_GAIN_YEN, -1
    for k in range(found + 1):
        if ends[k] >= 0:
            yen = change(net, terms, d, s, ends[k], k == found, gone)
            if yen < best:
                best, end = yen, k
    if end < 0:
        return False
    v = s
    while v != foot:
        rows[PRICED_ARC, v] = NO_ARC
        v = net.row[rows[ARC, v]]
    rejoin(net, work, s, ends[end], end == found)
    if rows[STATE, foot] == INSIDE:
        renew_down(net, terms, d, foot)
    renew_down(net, terms, d, s)
    return True


@lean_kernel
def _seek(net: Net, work: Work, s: int, bound: float, ends: Ints) -> int:
    """Nearest places that what drains through ``s`` may join for less than ``bound``, and behind them the best way out (-1)."""
    rows, key, counts = work.rows, work.key, work.counts
    _start(net, work, s, bound)
    found, exit_bound, exit_end = 0, bound, -1
    room = counts[LOOKS] + _LOOKS
    while work.heap[0] > 0 and found < _ENDS and counts[LOOKS] < room:
        x = take(work.heap, work.place, key)
        if key[x] >= bound:
            break
        if rows[STATE, x] == OUTLET or (rows[STATE, x] == INSIDE and not is_own(net.row, work, x)):
            ends[found] = x
            found += 1
            continue
        if key[x] + net.exit_cost[x] < exit_bound and is_clear(net, work, x):
            exit_end, exit_bound = x, key[x] + net.exit_cost[x]
        for q in range(net.indptr[x], net.indptr[x + 1]):
            y = net.neighbour[q]
            way = key[x] + net.cost[net.reverse[q]]
            if way >= bound or way >= key[y] or (rows[STATE, y] == INSIDE and is_own(net.row, work, y)):
                continue
            if key[y] == np.inf:
                rows[LOOKED, counts[LOOKS]] = y
                counts[LOOKS] += 1
            rows[VIA, y] = net.reverse[q]
            key[y] = way
            offer(work.heap, work.place, key, y)
    ends[found] = exit_end
    return found


@lean_kernel
def _start(net: Net, work: Work, s: int, bound: float) -> None:
    """Offer the nodes that drain through ``s`` and from which something may be joined, nearest to it first."""
    rows, key, counts = work.rows, work.key, work.counts
    counts[SEARCH] += 2
    rows[QUEUE, 0] = s
    head, tail = 0, 1
    while head < tail and head < _REACH:
        v = rows[QUEUE, head]
        head += 1
        rows[STAMP, v], rows[VIA, v] = counts[SEARCH], -1
        key[v] = 0.0
        rows[LOOKED, counts[LOOKS]] = v
        counts[LOOKS] += 1
        if v == s or net.indptr[v + 1] - net.indptr[v] > rows[KIDS, v] + 1 or net.exit_cost[v] < bound:
            offer(work.heap, work.place, key, v)
        child = rows[CHILD, v]
        while child >= 0:
            rows[QUEUE, tail] = child
            tail += 1
            child = rows[SIBLING, child]
    counts[IS_WHOLE] = head == tail
