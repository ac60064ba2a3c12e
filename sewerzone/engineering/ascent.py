"""Dual ascent: a lower bound for directed Steiner trees, and which arcs a better tree could use.

Wong (1984): every set of nodes that holds a terminal but not the root is entered by an arc of any tree. As long as the
arcs that enter such a set all cost something, what the cheapest of them costs must be paid: it goes into the bound and is
taken off all of them. The sets are the nodes from which a terminal is reached along arcs that cost nothing any more. The
terminal whose set is entered by the fewest arcs is raised first, and goes on for as long as that is so.

A set grows like a search for shortest ways backward from its terminal: the level of a node is the raise at which it came
in, and an arc lost the difference of the levels of its ends. So a turn costs the arcs of the set once, whatever it
gains. A terminal whose set takes in another one that is still active is done: what reaches the other reaches it. So is one
whose set meets a node that the root or another active terminal is known to reach at no cost: nodes on the way found when a
terminal is done are told by whom they are reached.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.heap import lean_kernel, offer, take
from sewerzone.engineering.paths import RoadGraph, cost_to
from sewerzone.engineering.steiner import grow_from

# Rows of the scratch by node: last turn that took it in, arcs from it into the set at hand, terminal or root by which it is
# reached at no cost (0: unknown, else its number + 1; terminals not done by themselves), where its arc into the set leads;
# by turn: nodes taken in, nodes touched.
TURN, ENTERING, REACHED, ONTO, TAKEN, TOUCHED, ROWS = range(7)
# Counters: turn, nodes taken in, nodes touched, arcs into the set, whether the terminal is done.
NOW, TOOK, TOUCHES, CUT, IS_DONE, COUNTS = range(6)
# A set of so many nodes is large.
_LARGE = 1024


class Ascent(NamedTuple):
    """What dual ascent proves.

    Attributes
    ----------
    lower : no tree costs less; infinite if a terminal cannot be reached
    raised : (k,) what every terminal added to ``lower``
    reduced_cost : (m,) a tree costs at least ``lower`` plus the reduced costs of its arcs; 0 on ways to all terminals
    """

    lower: float
    raised: Floats
    reduced_cost: Floats


class Queue(NamedTuple):
    """A heap of nodes, see ``heap``."""

    key: Floats
    heap: Ints
    place: Ints


def dual_ascent(problem: Arborescence, parts: Ints | None = None) -> Ascent:
    """Raise the dual of a directed Steiner problem until the root reaches every terminal at no reduced cost.

    Independent problems that share the root may lie side by side: with ``parts`` (p + 1,), where the terminals of each begin,
    they are worked on one after the other, each as it would be alone.
    """
    n = problem.nodes
    offsets, order = problem.arriving()
    tail, left = problem.tail[order], problem.cost[order].astype(np.float64)
    raised = np.zeros(n)
    queue, front = queue_of(n), queue_of(n)
    rows, counts = np.zeros((ROWS, n), dtype=np.int64), np.zeros(COUNTS, dtype=np.int64)
    terminals = np.ascontiguousarray(problem.terminals, dtype=np.int64)
    ends = np.array([0, len(terminals)], dtype=np.int64) if parts is None else parts
    _ascend(offsets, tail, left, problem.root, terminals, ends, queue, front, rows, counts, np.zeros(n), raised)
    reduced = np.empty(len(left))
    reduced[order] = left
    by_terminal = raised[terminals]
    return Ascent(float(by_terminal.sum()), by_terminal, reduced)


def tree_along(problem: Arborescence, usable: Bools) -> Ints:
    """Arcs of a tree by the shortest-path heuristic along ``usable`` (m,) arcs only; all terminals must be reachable."""
    offsets, order = problem.leaving()
    cost = np.where(usable[order], problem.cost[order], np.inf)
    return np.sort(order[grow_from(problem.root, problem.terminals, offsets, problem.head[order], cost)])


def improving_arcs(problem: Arborescence, ascent: Ascent, slack: Floats) -> Bools:
    """Whether a tree through an arc may cost no more than the bound plus the ``slack`` (n,) at the arc's head.

    Such a tree leads from the root to the arc and on to a terminal, and pays the reduced costs of all of it. Slack by
    node lets independent problems that share the root be looked at together.
    """
    more = least_through(problem, ascent, float(slack.max()))
    return np.asarray((more <= slack[problem.head]) & (problem.head != problem.root))


def least_through(problem: Arborescence, ascent: Ascent, most: float) -> Floats:
    """(m,) how much more than the bound a tree through an arc costs at least; infinite if more than ``most``, or none does."""
    reduced, tail, head = ascent.reduced_cost, problem.tail, problem.head
    from_root = distances(problem.leaving(), head, reduced, np.array([problem.root]), most)
    to_terminal = distances(problem.arriving(), tail, reduced, problem.terminals, most)
    return np.asarray(from_root[tail] + reduced + to_terminal[head])


def distances(rows: tuple[Ints, Ints], ends: Ints, cost: Floats, sources: Ints, most: float = np.inf) -> Floats:
    """Distance of every node from the nearest source along arcs listed by the node they are walked from, up to ``most``."""
    offsets, order = rows
    total, _ = cost_to(RoadGraph(offsets, ends[order], order, cost[order]), cost[order], sources, most)
    return total


def queue_of(n: int) -> Queue:
    """Room for n nodes."""
    return Queue(np.full(n, np.inf), np.zeros(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int64))


@lean_kernel
def _ascend(
    offsets: Ints, tail: Ints, left: Floats, root: int, terminals: Ints, parts: Ints, queue: Queue, front: Queue, rows: Ints,
    counts: Ints, level: Floats, raised: Floats,
) -> None:  # fmt: skip
    """Turn after turn until every terminal is done, part by part; ``left`` are costs of arcs by head, reduced in place."""
    rows[REACHED, root] = root + 1
    for part in range(len(parts) - 1):
        for t in terminals[parts[part] : parts[part + 1]]:
            rows[REACHED, t] = t + 1
            queue.key[t] = offsets[t + 1] - offsets[t]
            offer(queue.heap, queue.place, queue.key, t)
        while queue.heap[0] > 0:
            t = take(queue.heap, queue.place, queue.key)
            most = queue.key[queue.heap[1]] if queue.heap[0] > 0 else np.inf
            gain = grow_set(offsets, tail, left, t, most, front, rows, counts, level)
            raised[t] += gain
            if 0.0 < gain < np.inf:
                lower_costs(offsets, tail, left, rows, counts, level, gain)
            if not counts[IS_DONE]:
                queue.key[t] = counts[CUT]
                offer(queue.heap, queue.place, queue.key, t)
            forget(front, rows, counts)


@lean_kernel
def forget(front: Queue, rows: Ints, counts: Ints) -> None:
    """Clean the scratch of the nodes touched in a turn."""
    for i in range(counts[TOUCHES]):
        x = rows[TOUCHED, i]
        front.key[x] = np.inf
        front.place[x] = 0
        rows[ENTERING, x] = 0
    front.heap[0] = 0


@lean_kernel
def grow_set(
    offsets: Ints, tail: Ints, left: Floats, t: int, most: float, front: Queue, rows: Ints, counts: Ints,
    level: Floats,
) -> float:  # fmt: skip
    """Grow the set of terminal ``t`` until more than ``most`` arcs enter it or it is done; returns the raise.

    Infinite where no arc enters the set: the terminal cannot be reached. A large set is not laid aside without a raise:
    terminals that share its nodes would grow it again for one another, whichever of them is raised.
    """
    counts[NOW] += 1
    counts[TOOK] = 0
    counts[CUT] = 0
    counts[TOUCHES] = 0
    counts[IS_DONE] = 0
    gain, done = 0.0, 0
    _take_in(rows, counts, level, t, gain)
    while True:
        # first what reaches the set at no cost, then the nearest
        while done < counts[TOOK]:
            y = rows[TAKEN, done]
            done += 1
            for a in range(offsets[y], offsets[y + 1]):
                x = tail[a]
                if rows[TURN, x] == counts[NOW]:
                    continue
                if left[a] > 0.0:
                    _enters(rows, counts, front, x, y, gain + left[a])
                    continue
                rows[ONTO, x] = y
                if _is_reached(rows, x, t):
                    counts[IS_DONE] = 1
                    return gain
                _take_in(rows, counts, level, x, gain)
        if front.heap[0] == 0:
            counts[IS_DONE] = 1
            return np.inf
        if front.key[front.heap[1]] > gain and counts[CUT] > most and (gain > 0.0 or counts[TOOK] < _LARGE):
            return gain
        x = take(front.heap, front.place, front.key)
        if rows[TURN, x] == counts[NOW]:
            continue
        gain = front.key[x]
        if _is_reached(rows, x, t):
            counts[IS_DONE] = 1
            return gain  # type: ignore[no-any-return]
        _take_in(rows, counts, level, x, gain)


@lean_kernel
def _is_reached(rows: Ints, x: int, t: int) -> bool:
    """Whether the root or an active terminal other than ``t`` is known to reach ``x``; then it reaches ``t``, which is done."""
    reached = rows[REACHED]
    if reached[x] == 0:
        return False
    by = reached[x] - 1
    while reached[by] != by + 1:
        by = reached[by] - 1
    reached[x] = by + 1
    if by == t:
        return False
    while x != t:
        reached[x] = by + 1
        x = rows[ONTO, x]
    reached[t] = by + 1
    return True


@lean_kernel
def _take_in(rows: Ints, counts: Ints, level: Floats, x: int, gain: float) -> None:
    """Make a node part of the set."""
    rows[TURN, x] = counts[NOW]
    level[x] = gain
    rows[TAKEN, counts[TOOK]] = x
    counts[TOOK] += 1
    counts[CUT] -= rows[ENTERING, x]


@lean_kernel
def _enters(rows: Ints, counts: Ints, front: Queue, x: int, y: int, key: float) -> None:
    """Note one more arc into the set, from ``x`` to ``y``, that costs nothing any more once the set has gained ``key``."""
    if front.key[x] == np.inf:
        rows[TOUCHED, counts[TOUCHES]] = x
        counts[TOUCHES] += 1
    rows[ENTERING, x] += 1
    counts[CUT] += 1
    if key < front.key[x]:
        front.key[x] = key
        rows[ONTO, x] = y
        offer(front.heap, front.place, front.key, x)


@lean_kernel
def lower_costs(offsets: Ints, tail: Ints, left: Floats, rows: Ints, counts: Ints, level: Floats, gain: float) -> None:
    """Take what the set gained off the arcs that entered it while it grew."""
    for i in range(counts[TOOK]):
        y = rows[TAKEN, i]
        for a in range(offsets[y], offsets[y + 1]):
            x = tail[a]
            top = level[x] if rows[TURN, x] == counts[NOW] else gain
            if top <= level[y]:
                continue
            # the sum is the one by which x came in, so that rounding never leaves a little on its arc
            left[a] = 0.0 if level[y] + left[a] <= top else left[a] - (top - level[y])
