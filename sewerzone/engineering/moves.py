"""What a change of a collector tree would cost: a key path taken out, what it drained joined elsewhere.

Only the labels on the ways down from the change are made anew (see ``sketch``): of the subtree that turns round, of its
new way, and of what lies below the two places where the tree changes, down to where no more than a constant cost differs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.grafting import ARC, CHILD, INSIDE, KIDS, OUTSIDE, QUEUE, SIBLING, STATE, VIA, WANTED
from sewerzone.engineering.heap import lean_kernel, plain
from sewerzone.engineering.sketch import (
    ABOVE,
    CAPACITY,
    COSTS,
    ENERGY,
    FLOW,
    GAIN,
    IN_FLOW,
    IN_MEAN,
    LOSS,
    MAIN_YEN,
    MANY,
    MEAN,
    NOTHING,
    PASSED_BY,
    PRICED_ARC,
    PUMP_SIZE,
    RENEWED,
    ROOT_YEN,
    SLOT,
    WAY,
    Terms,
    at_root,
    gather,
    push,
    shift_of,
    size_of,
)
from sewerzone.engineering.trees import Net

ONE, OTHER, THIRD, FIRST_SLOT = plain(1), plain(2), plain(3), 4
"""Rows of the store that a label rolls down a way in, by turns, and the first that belongs to a node."""
_SAME_FLOW = 1e-9  # l/s: sums of flows taken in another order differ by rounding
NOBODY = plain(-1)
"""The arrival that is left out where none is."""
INNER = plain(False)
"""No root."""
NO_ARC = -2
"""What ``PRICED_ARC`` says of a node whose labels must be made anew."""
SLOTS, WALK, WAY_MANY, PASS, STATES = range(5)
"""Counters: rows of the store given out, walks made, arcs of the way listed, pass of the search."""


class Draft(NamedTuple):
    """The tree at hand with its labels; n nodes of the graph, of which each in the tree has a row of labels.

    Attributes
    ----------
    rows : (…, n) scratch of ``grafting`` and SLOT … of ``sketch``
    sums : (7, n) IN_FLOW … GAIN
    store : (rows, ROW) labels by SLOT; behind the middle, those of the tree without the subtree taken out
    labels : (LABEL_ROWS, WIDE) of the node at hand
    counts : (4,) SLOTS … PASS
    """

    rows: Ints
    sums: Floats
    store: Floats
    labels: Floats
    counts: Ints


@lean_kernel
def _labels(
    terms: Terms, d: Draft, v: int, flow: float, is_root: bool, but: int, but_too: int, also: int, also_too: int
) -> int:
    return gather(d.rows, d.sums, d.store, terms.size, d.labels, v, flow, is_root, but, but_too, also, also_too)


@lean_kernel
def sum_up(d: Draft, v: int) -> None:
    """Flows through a node of the tree from those above it."""
    rows, sums = d.rows, d.sums
    flow, mean = sums[IN_FLOW, v], sums[IN_MEAN, v]
    child = rows[CHILD, v]
    while child >= 0:
        flow += sums[FLOW, child]
        mean += sums[MEAN, child]
        child = rows[SIBLING, child]
    sums[FLOW, v], sums[MEAN, v] = flow, mean


@lean_kernel
def find_leeway(net: Net, terms: Terms, d: Draft, v: int) -> None:
    """How much flow may be lost and gained at a node before costs from there down change by more than a constant.

    Before a size changes, that is; none where pumps are paid for by their flow. The node below comes first.
    """
    rows, sums, size = d.rows, d.sums, terms.size
    k: int = size_of(size, sums[FLOW, v])
    loss = sums[FLOW, v] - size[k - 1, CAPACITY] if k > 0 else np.inf
    gain = size[k, CAPACITY] - sums[FLOW, v]
    if terms.price[ENERGY] > 0.0 or terms.price[PUMP_SIZE] > 0.0:
        loss = gain = _SAME_FLOW
    a = rows[ARC, v]
    if a >= 0:
        loss = min(loss, sums[LOSS, net.row[a]])
        gain = min(gain, sums[GAIN, net.row[a]])
    sums[LOSS, v], sums[GAIN, v] = loss, gain


@lean_kernel
def slot_of(d: Draft, v: int) -> int:
    """The row of a node's labels; a new one at the first call."""
    if d.rows[SLOT, v] == 0:
        d.rows[SLOT, v] = FIRST_SLOT + d.counts[SLOTS]
        d.counts[SLOTS] += 1
    return d.rows[SLOT, v]  # type: ignore[no-any-return]


@lean_kernel
def renew(net: Net, terms: Terms, d: Draft, v: int, out: int) -> None:
    """Labels of a node of the tree from those above it, to row ``out``, or the whole cost if it is a root."""
    rows, sums = d.rows, d.sums
    a = rows[ARC, v]
    rows[PRICED_ARC, v] = a
    many = _labels(terms, d, v, sums[FLOW, v], a < 0, NOBODY, NOBODY, NOTHING, NOTHING)
    if a < 0:
        sums[ROOT_YEN, v] = at_root(terms, v, sums[FLOW, v], sums[MEAN, v], d.labels, many)
    else:
        push(terms, a, v, net.row[a], sums[FLOW, v], sums[MEAN, v], d.labels, many, d.store, out)


@lean_kernel
def renew_down(net: Net, terms: Terms, d: Draft, v: int) -> None:
    """Flows and labels from a node down to the root; where only the cost differs, it is added to what is known."""
    rows, sums, store, shift = d.rows, d.sums, d.store, np.inf
    while True:
        a, is_known = rows[ARC, v], rows[SLOT, v] > 0 and rows[PRICED_ARC, v] == rows[ARC, v]
        row, before = slot_of(d, v), sums[FLOW, v]
        sum_up(d, v)
        is_known = is_known and before - sums[FLOW, v] < sums[LOSS, v] and sums[FLOW, v] - before <= sums[GAIN, v]
        if shift < np.inf and is_known:
            if a < 0:
                sums[ROOT_YEN, v] += shift
            else:
                store[row, MAIN_YEN] += shift
                for i in range(COSTS, COSTS + int(store[row, MANY])):
                    store[row, i] += shift
        else:
            rows[RENEWED, v] = d.counts[PASS]
            renew(net, terms, d, v, ONE)
            if a >= 0:
                shift = shift_of(store, ONE, row) if is_known else np.inf
                for i in range(store.shape[1]):
                    store[row, i] = store[ONE, i]
        if a < 0:
            break
        v = net.row[a]


@lean_kernel
def without(net: Net, terms: Terms, d: Draft, top: int, above: int, foot: int) -> float:
    """Change of the whole cost if what drains through ``top`` were gone with its key path, which ends at ``foot``.

    ``above`` is the last node of the key path before the foot.
    """
    rows, sums, store = d.rows, d.sums, d.store
    flow, mean, behind = sums[FLOW, top], sums[MEAN, top], store.shape[0] // 2
    d.counts[WALK] += 1
    v, but, row = foot, above, NOTHING
    while True:
        rows[PASSED_BY, v], rows[ABOVE, v] = d.counts[WALK], but
        a = rows[ARC, v]
        if a < 0 and v == foot and rows[KIDS, v] == 1 and rows[WANTED, v] == 0:
            return float(-sums[ROOT_YEN, v])
        left, left_mean = sums[FLOW, v] - flow, sums[MEAN, v] - mean
        many = _labels(terms, d, v, left, a < 0, but, NOBODY, row, NOTHING)
        if a < 0:
            return float(at_root(terms, v, left, left_mean, d.labels, many) - sums[ROOT_YEN, v])
        row = behind + rows[SLOT, v]
        push(terms, a, v, net.row[a], left, left_mean, d.labels, many, store, row)
        if flow < sums[LOSS, v]:
            shift = shift_of(store, row, rows[SLOT, v])
            if shift < np.inf:
                return float(shift)
        but = v
        v = net.row[a]


@lean_kernel
def least_of(terms: Terms, d: Draft, v: int) -> float:
    """What the subtree of a node costs at least as it is."""
    many = _labels(terms, d, v, d.sums[FLOW, v], INNER, NOBODY, NOBODY, NOTHING, NOTHING)
    return float(d.labels[1, many - 1])


@lean_kernel
def _list_way(net: Net, d: Draft, end: int, is_exit: bool) -> int:
    """The arcs of the new way in order, to row WAY; returns the outflow it starts from."""
    rows, steps, v = d.rows, 0, end
    while rows[VIA, v] >= 0:
        rows[QUEUE, steps] = rows[VIA, v]
        steps += 1
        v = net.neighbour[rows[VIA, v]]
    for i in range(steps):
        rows[WAY, i] = rows[QUEUE, steps - 1 - i]
    at = end
    while is_exit and net.exit_arc[at] >= 0:
        rows[WAY, steps] = net.exit_arc[at]
        steps += 1
        at = net.row[net.exit_arc[at]]
        is_exit = rows[STATE, at] == OUTSIDE
    d.counts[WAY_MANY] = steps
    return v


@lean_kernel
def _turned(net: Net, terms: Terms, d: Draft, top: int, outflow: int) -> int:
    """Labels of ``outflow`` if the subtree of ``top`` drained from there; returns how many."""
    rows, sums, steps, v = d.rows, d.sums, 0, outflow
    rows[QUEUE, 0] = v
    while v != top:
        v = net.row[rows[ARC, v]]
        steps += 1
        rows[QUEUE, steps] = v
    row, out = NOTHING, ONE
    for i in range(steps, 0, -1):
        v, onward = rows[QUEUE, i], rows[QUEUE, i - 1]
        flow, mean = sums[FLOW, top] - sums[FLOW, onward], sums[MEAN, top] - sums[MEAN, onward]
        many = _labels(terms, d, v, flow, INNER, onward, NOBODY, row, NOTHING)
        push(terms, net.reverse[rows[ARC, onward]], v, onward, flow, mean, d.labels, many, d.store, out)
        row, out = out, ONE + OTHER - out
    return _labels(terms, d, outflow, sums[FLOW, top], d.counts[WAY_MANY] == 0, NOBODY, NOBODY, row, NOTHING)


@lean_kernel
def change(net: Net, terms: Terms, d: Draft, top: int, end: int, is_exit: bool, gone: float) -> float:
    """Change of the whole cost if what drains through ``top`` went by the way found to ``end``, ``gone`` if nowhere."""
    rows, sums = d.rows, d.sums
    v = _list_way(net, d, end, is_exit)
    flow, mean, last = sums[FLOW, top], sums[MEAN, top], d.counts[WAY_MANY] - 1
    many = _turned(net, terms, d, top, v)
    row, out = NOTHING, THIRD
    for i in range(last + 1):
        a = rows[WAY, i]
        push(terms, a, v, net.row[a], flow, mean, d.labels, many, d.store, out)
        row, out, v = out, ONE + THIRD - out, net.row[a]
        if i < last or rows[STATE, v] != INSIDE:
            many = _labels(terms, d, v, flow, i == last, NOBODY, NOBODY, row, NOTHING)
    if last < 0 or rows[STATE, v] != INSIDE:
        return float(gone + at_root(terms, v, flow, mean, d.labels, many))
    return _below(net, terms, d, v, row, flow, mean, gone)


@lean_kernel
def _below(net: Net, terms: Terms, d: Draft, v: int, row: int, flow: float, mean: float, gone: float) -> float:
    """Change of the whole cost if the flow of row ``row`` arrives at ``v``: first alone, then where the old way passed."""
    rows, sums, store = d.rows, d.sums, d.store
    but, out, is_alone = NOBODY, ONE + THIRD - row, rows[PASSED_BY, v] != d.counts[WALK]
    while True:
        a, above, other, more, more_mean = rows[ARC, v], -1, NOTHING, flow, mean
        if is_alone and rows[PASSED_BY, v] == d.counts[WALK]:
            is_alone = False
        if not is_alone:
            more, more_mean = 0.0, 0.0
            if gone < np.inf:  # here the two meet
                above, gone = rows[ABOVE, v], np.inf
                if rows[PASSED_BY, above] == d.counts[WALK] and rows[STATE, above] == INSIDE:
                    other = store.shape[0] // 2 + rows[SLOT, above]
        many = _labels(terms, d, v, sums[FLOW, v] + more, a < 0, but, above, row, other)
        base = gone if is_alone else 0.0
        if a < 0:
            whole = at_root(terms, v, sums[FLOW, v] + more, sums[MEAN, v] + more_mean, d.labels, many)
            return float(base + whole - sums[ROOT_YEN, v])
        push(terms, a, v, net.row[a], sums[FLOW, v] + more, sums[MEAN, v] + more_mean, d.labels, many, store, out)
        if more <= sums[GAIN, v]:
            shift = shift_of(store, out, rows[SLOT, v])
            if shift < np.inf:
                return float(base + shift)
        row, out, but, v = out, ONE + THIRD - out, v, net.row[a]
