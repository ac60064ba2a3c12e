"""Directed cuts that a fractional tree violates, found by maximum flow.

Whatever set of nodes holds a terminal but not the root, some arc of the tree enters it. A fractional tree that lets less
than one unit flow from the root to a terminal violates this for the least cut between the two (Ford and Fulkerson). As in
Koch and Martin (1998, Networks 32), every terminal gives several cuts: the one nearest to it, the one nearest to the root
("back cut"), and, with the arcs of the near cut filled up, the next ones further out ("nested cuts"), which share no arc.

The flow goes from the terminal backwards along the arcs and is found level by level (Dinic 1970): the last search,
which does not arrive, has seen exactly the side of the cut that is nearest to the terminal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import kernel, lean_kernel
from sewerzone.engineering.trees import longer

# Flows and what is left of capacities below this are rounding.
_NOTHING = 1e-9
# Rows of the scratch by node: level of the search (-1 unseen), next step to try, the search's queue, steps of the way.
_LEVEL, _AT, _QUEUE, _PATH, _ROWS = range(5)
# Counters: nodes in the queue, arcs written, cuts written.
_SEEN, _ARCS, _CUTS = range(3)


class Cuts(NamedTuple):
    """c sets of arcs, of each of which a tree needs one: cut i is ``arc[offsets[i]:offsets[i + 1]]``, rising, none twice."""

    offsets: Ints
    arc: Ints


class _Net(NamedTuple):
    """Steps 2a (from the head of arc a back to its tail) and 2a + 1 (the other way), as rows by the node they leave."""

    offsets: Ints
    step: Ints
    to: Ints
    left: Floats
    rows: Ints
    counts: Ints


class Separator:
    """Finds violated cuts of one problem, round by round."""

    def __init__(self, problem: Arborescence) -> None:
        self._problem = problem
        leaves = np.column_stack([problem.head, problem.tail]).ravel()
        self._to = np.column_stack([problem.tail, problem.head]).ravel()
        self._step = np.argsort(leaves, kind="stable").astype(np.int64)
        self._offsets = np.concatenate([[0], np.cumsum(np.bincount(leaves, minlength=problem.nodes))]).astype(np.int64)

    def violated(self, value: Floats, lack: float, nested: int) -> Cuts:
        """Cuts that hold less than ``1 - lack``, at most ``nested`` one outside the other per terminal.

        Parameters
        ----------
        value : (m,) how much of every arc is in the tree, 0 … 1
        """
        n = self._problem.nodes
        left = np.zeros(2 * len(value))
        rows, counts = np.zeros((_ROWS, n), dtype=np.int64), np.zeros(3, dtype=np.int64)
        net = _Net(self._offsets, self._step, self._to, left, rows, counts)
        root, terminals = int(self._problem.root), np.ascontiguousarray(self._problem.terminals, dtype=np.int64)
        ends, arc = _separate(net, np.ascontiguousarray(value), root, terminals, float(lack), int(nested))
        return _distinct(ends[: counts[_CUTS] + 1], arc[: counts[_ARCS]])


def _distinct(offsets: Ints, arc: Ints) -> Cuts:
    """Cuts with their arcs rising, and of equal cuts the first."""
    cut = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    arc = arc[np.lexsort((arc, cut))]
    first: dict[bytes, Ints] = {}
    for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        first.setdefault(arc[start:end].tobytes(), arc[start:end])
    kept = list(first.values())
    counts = np.array([len(c) for c in kept], dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Cuts(ends, np.concatenate(kept) if kept else np.zeros(0, dtype=np.int64))


def unfed(problem: Arborescence, value: Floats, lack: float) -> csr_matrix:
    """Rows that are not negative in any least tree, but are in this fractional one by more than ``lack``.

    What leaves a node that is neither root nor terminal arrived there by another arc than its own reverse.
    """
    n, m = problem.nodes, len(value)
    order = np.argsort(problem.tail * n + problem.head, kind="stable")
    back = problem.head * n + problem.tail
    at = np.minimum(np.searchsorted((problem.tail * n + problem.head)[order], back), m - 1)
    reverse = order[at]
    has_reverse = (problem.tail[reverse] == problem.head) & (problem.head[reverse] == problem.tail)
    is_plain = np.ones(n, dtype=np.bool_)
    is_plain[problem.terminals] = is_plain[problem.root] = False
    arrives = np.bincount(problem.head, weights=value, minlength=n)[problem.tail] - np.where(has_reverse, value[reverse], 0.0)
    short = np.flatnonzero(is_plain[problem.tail] & (value - arrives > lack))
    every, row = np.arange(m), np.arange(len(short))
    arriving = csr_matrix((np.ones(m), (problem.head, every)), shape=(n, m))[problem.tail[short]]
    leaving = csr_matrix((np.ones(len(short)), (row, short)), shape=(len(short), m))
    turning = csr_matrix((has_reverse[short].astype(np.float64), (row, reverse[short])), shape=(len(short), m))
    rows = arriving - leaving - turning
    rows.eliminate_zeros()
    return rows


@kernel
def _separate(net: _Net, value: Floats, root: int, terminals: Ints, lack: float, nested: int) -> tuple[Ints, Ints]:
    """Cuts of all terminals: offsets and arcs, as many as the counters say."""
    ends = np.zeros(16, np.int64)
    arc = np.zeros(16, np.int64)
    for t in terminals:
        for a in range(len(value)):
            net.left[2 * a] = value[a]
            net.left[2 * a + 1] = 0.0
        flow = 0.0
        for turn in range(nested):
            while flow < 1.0 - lack and _level(net, t, root, 0):
                flow += _augment(net, t, root, 1.0 - flow)
            if flow >= 1.0 - lack:
                break
            arc, ends = _write(net, arc, ends, 0)
            start, end = ends[net.counts[_CUTS] - 1], ends[net.counts[_CUTS]]
            if turn == 0:
                _level(net, root, t, 1)
                arc, ends = _write(net, arc, ends, 1)
            for k in range(start, end):
                net.left[2 * arc[k]] += 1.0 - value[arc[k]]
    return ends, arc


@lean_kernel
def _level(net: _Net, start: int, goal: int, back: int) -> bool:
    """Number the nodes by steps from ``start``, until ``goal`` is found; ``back``: against the flow, from the root."""
    level, queue = net.rows[_LEVEL], net.rows[_QUEUE]
    for v in range(len(level)):
        level[v] = -1
    level[start] = 0
    queue[0] = start
    seen, i = 1, 0
    while i < seen:
        v = queue[i]
        i += 1
        for q in range(net.offsets[v], net.offsets[v + 1]):
            s = net.step[q]
            w = net.to[s]
            if level[w] < 0 and net.left[s ^ back] > _NOTHING:
                level[w] = level[v] + 1
                if w == goal:
                    return True
                queue[seen] = w
                seen += 1
    net.counts[_SEEN] = seen
    return False


@lean_kernel
def _augment(net: _Net, start: int, goal: int, most: float) -> float:
    """Send flow along ways that climb one level a step, until none is left or ``most`` is sent."""
    level, at, path = net.rows[_LEVEL], net.rows[_AT], net.rows[_PATH]
    for v in range(len(at)):
        at[v] = net.offsets[v]
    sent, steps, v = 0.0, 0, start
    while sent < most - _NOTHING:
        if v == goal:
            least = most - sent
            for i in range(steps):
                least = min(least, net.left[path[i]])
            for i in range(steps):
                net.left[path[i]] -= least
                net.left[path[i] ^ 1] += least
            sent += least
            steps, v = 0, start
            continue
        while at[v] < net.offsets[v + 1]:
            s = net.step[at[v]]
            if net.left[s] > _NOTHING and level[net.to[s]] == level[v] + 1:
                break
            at[v] += 1
        if at[v] < net.offsets[v + 1]:
            path[steps] = net.step[at[v]]
            v = net.to[path[steps]]
            steps += 1
        elif v == start:
            break
        else:
            steps -= 1
            v = net.to[path[steps] ^ 1]
            at[v] += 1
    return sent


@kernel
def _write(net: _Net, arc: Ints, ends: Ints, back: int) -> tuple[Ints, Ints]:
    """The arcs between the nodes seen by the last search and the others, in the direction of the tree."""
    level, queue, counts = net.rows[_LEVEL], net.rows[_QUEUE], net.counts
    if counts[_CUTS] + 2 > len(ends):
        ends = longer(ends, counts[_CUTS] + 2)
    for i in range(counts[_SEEN]):
        v = queue[i]
        if counts[_ARCS] + net.offsets[v + 1] - net.offsets[v] > len(arc):
            arc = longer(arc, counts[_ARCS] + net.offsets[v + 1] - net.offsets[v])
        for q in range(net.offsets[v], net.offsets[v + 1]):
            s = net.step[q]
            if s & 1 == back and level[net.to[s]] < 0:
                arc[counts[_ARCS]] = s >> 1
                counts[_ARCS] += 1
    counts[_CUTS] += 1
    ends[counts[_CUTS]] = counts[_ARCS]
    return arc, ends
