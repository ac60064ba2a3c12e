"""A directed graph without its dead ends and with one arc for every chain, as long as nothing is at the nodes in between."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints


class Contracted(NamedTuple):
    """Arcs between some nodes of a graph, and the chains of given arcs they stand for.

    Attributes
    ----------
    tail, head : (m,) nodes of the given graph; no pair twice, none to itself
    cost : (m,) sum along the chain
    first : (m,) where the chain begins, in ``arc`` and ``following``
    arc, following : by step of any chain the given arc, and the next step, -1 at the end
    """

    tail: Ints
    head: Ints
    cost: Floats
    first: Ints
    arc: Ints
    following: Ints

    def expand(self, some: Ints) -> tuple[Ints, Ints]:
        """The given arcs that ``some`` stand for, in no order, and the place in ``some`` each belongs to."""
        steps, of, arcs, places = self.first[some], np.arange(len(some)), [], []
        while len(steps):
            arcs.append(self.arc[steps])
            places.append(of)
            steps, of = self.following[steps], of[self.following[steps] >= 0]
            steps = steps[steps >= 0]
        none = np.zeros(0, dtype=np.int64)
        return np.concatenate([none, *arcs]), np.concatenate([none, *places])


def contract(nodes: int, tail: Ints, head: Ints, cost: Floats, is_kept: Bools) -> Contracted:
    """Leave out what no least way between the nodes kept needs.

    Of parallel arcs the cheapest stays, of loops none; dead ends go, and nodes between two others are taken out, unless
    they are kept (n,). Ways keep their cost. Arcs must cost something finite or nothing.
    """
    arc = np.lexsort((cost, head, tail))
    arc = arc[tail[arc] != head[arc]]
    arc = arc[_is_new(tail[arc], head[arc])]
    low, high = np.minimum(tail, head)[arc], np.maximum(tail, head)[arc]
    pair, edge = np.unique(low * nodes + high, return_inverse=True)
    a, b = pair // nodes, pair % nodes
    is_there = _without_dead_ends(nodes, a, b, is_kept)
    half = np.full((2, len(pair)), -1, dtype=np.int64)  # the arc from a to b and the arc back
    half[(tail[arc] > head[arc]).astype(np.int64), edge] = arc
    a, b, half = a[is_there], b[is_there], half[:, is_there]
    return _chained(nodes, np.concatenate([a, b]), np.concatenate([b, a]), half.ravel(), cost, is_kept)


def _is_new(one: Ints, two: Ints) -> Bools:
    """Whether a pair differs from the one before."""
    is_new = np.ones(len(one), dtype=np.bool_)
    is_new[1:] = (np.diff(one) != 0) | (np.diff(two) != 0)
    return is_new


def _without_dead_ends(nodes: int, a: Ints, b: Ints, is_kept: Bools) -> Bools:
    """Whether edges are left when nodes with one edge are taken out, again and again; no pair may be given twice."""
    left = np.bincount(np.concatenate([a, b]), minlength=nodes)
    other = np.zeros(nodes, dtype=np.int64)  # exclusive or of all neighbours: the neighbour, where one is left
    np.bitwise_xor.at(other, a, b)
    np.bitwise_xor.at(other, b, a)
    ends = np.flatnonzero((left == 1) & ~is_kept)
    is_gone = np.zeros(nodes, dtype=np.bool_)
    while len(ends):
        is_gone[ends] = True
        near = other[ends]
        np.subtract.at(left, near, 1)
        np.bitwise_xor.at(other, near, ends)
        ends = np.unique(near)
        ends = ends[(left[ends] == 1) & ~is_kept[ends] & ~is_gone[ends]]
    return np.asarray(~is_gone[a] & ~is_gone[b])


def _chained(nodes: int, tail: Ints, head: Ints, arc: Ints, cost: Floats, is_kept: Bools) -> Contracted:
    """Chains of steps there and back, the second half of the steps being the way back of the first; arc -1: not possible."""
    steps, count = np.arange(len(tail)), len(tail) // 2
    back = np.where(steps < count, steps + count, steps - count)
    is_between = (np.bincount(tail, minlength=nodes) == 2) & ~is_kept
    total = np.zeros(nodes, dtype=np.int64)
    np.add.at(total, tail, steps)
    # at a node between two others the step on is the one that does not lead back
    following = np.where(is_between[head], total[head] - back, -1)
    paid = np.where(arc >= 0, cost[arc], np.inf) if len(cost) else np.zeros(0)
    end, jump = head.copy(), following.copy()
    for _ in range(int(np.ceil(np.log2(max(2, len(steps)))))):
        on = np.flatnonzero(jump >= 0)
        paid[on] += paid[jump[on]]
        end[on], jump[on] = end[jump[on]], jump[jump[on]]
    first = np.flatnonzero(~is_between[tail] & (tail != end) & (jump < 0) & np.isfinite(paid))
    first = first[np.lexsort((paid[first], end[first], tail[first]))]
    first = first[_is_new(tail[first], end[first])]
    return Contracted(tail[first], end[first], paid[first], first, arc, following)
