"""The cuts by which dual ascent raises its bound: rows that give a linear programme that bound at once.

A turn of ``ascent`` grows the set of a terminal level by level; every level but the last is a set that some arc must enter, and
the bound is the sum of what the levels differ by. So with a row for every level the programme over directed cuts starts where
dual ascent ends.
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.ascent import (
    COUNTS,
    CUT,
    IS_DONE,
    REACHED,
    ROWS,
    TAKEN,
    TOOK,
    TURN,
    Queue,
    forget,
    grow_set,
    lower_costs,
    queue_of,
)
from sewerzone.engineering.cuts import Cuts
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import kernel, offer, take
from sewerzone.engineering.trees import longer


def ascent_cuts(problem: Arborescence, most: int) -> Cuts:
    """The cuts of all turns, until they have ``most`` arcs in all; every terminal must be within reach."""
    n = problem.nodes
    offsets, order = problem.arriving()
    tail, left = problem.tail[order], problem.cost[order].astype(np.float64)
    rows, counts = np.zeros((ROWS, n), dtype=np.int64), np.zeros(COUNTS, dtype=np.int64)
    terminals = np.ascontiguousarray(problem.terminals, dtype=np.int64)
    queue, front, sizes = queue_of(n), queue_of(n), np.zeros(2, dtype=np.int64)
    ends, arc = _noted(offsets, tail, left, problem.root, terminals, queue, front, rows, counts, np.zeros(n), sizes, most)
    return Cuts(ends[: sizes[0] + 1].copy(), order[arc[: sizes[1]]])


@kernel
def _noted(
    offsets: Ints, tail: Ints, left: Floats, root: int, terminals: Ints, queue: Queue, front: Queue, rows: Ints,
    counts: Ints, level: Floats, sizes: Ints, most: int,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Turn after turn as in ``ascent``, with the cuts written out: offsets and arcs, as many as ``sizes`` says."""
    ends = np.zeros(16, np.int64)
    arc = np.zeros(16, np.int64)
    rows[REACHED, root] = root + 1
    for t in terminals:
        rows[REACHED, t] = t + 1
        queue.key[t] = offsets[t + 1] - offsets[t]
        offer(queue.heap, queue.place, queue.key, t)
    while queue.heap[0] > 0 and sizes[1] < most:
        t = take(queue.heap, queue.place, queue.key)
        until = queue.key[queue.heap[1]] if queue.heap[0] > 0 else np.inf
        gain = grow_set(offsets, tail, left, t, until, front, rows, counts, level)
        if 0.0 < gain < np.inf:
            for i in range(counts[TOOK]):
                low = level[rows[TAKEN, i]]
                high = level[rows[TAKEN, i + 1]] if i + 1 < counts[TOOK] else gain
                if low < high:
                    arc = _write(offsets, tail, rows, level, i, sizes, arc)
                    if sizes[0] + 2 > len(ends):
                        ends = longer(ends, sizes[0] + 2)
                    sizes[0] += 1
                    ends[sizes[0]] = sizes[1]
            lower_costs(offsets, tail, left, rows, counts, level, gain)
        if not counts[IS_DONE]:
            queue.key[t] = counts[CUT]
            offer(queue.heap, queue.place, queue.key, t)
        forget(front, rows, counts)
    return ends, arc


@kernel
def _write(offsets: Ints, tail: Ints, rows: Ints, level: Floats, last: int, sizes: Ints, arc: Ints) -> Ints:
    """The arcs that enter the set of the nodes taken in up to the ``last``, after those written before."""
    top, turn = level[rows[TAKEN, last]], rows[TURN, rows[TAKEN, last]]
    for i in range(last + 1):
        y = rows[TAKEN, i]
        if sizes[1] + offsets[y + 1] - offsets[y] > len(arc):
            arc = longer(arc, sizes[1] + offsets[y + 1] - offsets[y])
        for a in range(offsets[y], offsets[y + 1]):
            x = tail[a]
            if rows[TURN, x] != turn or level[x] > top:
                arc[sizes[1]] = a
                sizes[1] += 1
    return arc
