"""Ways of the street graph between stops, and stretches of them replaced by one straight way.

A river meets the streets somewhere between two *stops*: junctions, ends, and nodes where a house or plant is connected.
What lies between two stops is a *chain*; a place on it is a distance from its first stop, and what a barrier, a bridge or
both banks of a river take of it are intervals of that distance. A sewer is laid from the beginning of an interval to its
end in one straight piece without a manhole: :func:`replace` puts one segment there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering import noding
from sewerzone.engineering.noding import Bools, Streets
from sewerzone.engineering.segments import Floats, Ints


class Chains(NamedTuple):
    """Where the m segments lie on c chains.

    Attributes
    ----------
    chain : (m,) chain of every segment, -1 on rings without a stop
    at_start_m, at_end_m : (m,) distances of the segment's start and end node from the chain's first stop
    length_m : (c,)
    order : segments on chains, by chain and distance
    """

    chain: Ints
    at_start_m: Floats
    at_end_m: Floats
    length_m: Floats
    order: Ints


class Stretches(NamedTuple):
    """Intervals of chains (k,), sorted by chain and begin: from ``begin_m`` to ``end_m``, ``rank`` the least of its parts."""

    chain: Ints
    begin_m: Floats
    end_m: Floats
    rank: Ints

    def pick(self, which: Ints | Bools) -> Stretches:
        """Some of them, in their order."""
        return Stretches(self.chain[which], self.begin_m[which], self.end_m[which], self.rank[which])


def chains(streets: Streets, is_loaded: Bools) -> Chains:
    """The chains of a street graph; ``is_loaded`` (n,) are nodes where something is connected.

    Both directions of every segment are arcs; an arc's successor is the arc that leaves where it arrives, unless that
    is a stop. Doubling the jumps leads every arc to the last of its chain in as many rounds as the chain has bits.
    """
    m, n = len(streets.start), len(streets.x_m)
    tail, head = np.r_[streets.start, streets.end], np.r_[streets.end, streets.start]
    is_stop = is_loaded | (np.bincount(tail, minlength=n) != 2)
    length, arcs = streets.length_m, np.arange(2 * m)
    # Where a node has two arcs, the other one is their sum less the one known; sums of numbers of arcs are exact.
    both = np.bincount(tail, weights=arcs, minlength=n)
    onward = both[head].astype(np.int64) - np.r_[arcs[m:], arcs[:m]]
    jump = np.where(is_stop[head], arcs, onward)
    del both, onward, arcs, tail
    ahead_m = np.where(is_stop[head], 0.0, np.r_[length, length])
    for _ in range(int(2 * m).bit_length()):
        further = jump[jump]
        if np.array_equal(further, jump):
            break
        ahead_m += ahead_m[jump]
        jump = further
    # ``ahead_m`` counts up to the tail of the last arc; the chain is known by the smaller of its two last arcs.
    rest_m = ahead_m + np.r_[length, length][jump]
    is_whole = is_stop[head[jump]]
    one, other = jump[:m], jump[m:]
    key = np.where(is_whole[:m] & is_whole[m:], np.minimum(one, other), -1)
    is_name = np.zeros(2 * m + 1, np.bool_)
    is_name[key] = True
    chain = np.where(key < 0, -1, (np.cumsum(is_name[:-1]) - 1)[key])
    forward = key == one
    at_start = np.where(forward, rest_m[:m], rest_m[m:] - length)
    at_end = np.where(forward, rest_m[:m] - length, rest_m[m:])
    whole = np.zeros(int(chain.max(initial=-1)) + 1)
    on = np.flatnonzero(chain >= 0)
    np.maximum.at(whole, chain[on], np.maximum(at_start, at_end)[on])
    order = on[np.lexsort((np.minimum(at_start, at_end)[on], chain[on]))]
    return Chains(chain, at_start, at_end, whole, order)


def joined(chain: Ints, begin_m: Floats, end_m: Floats, rank: Ints, slack_m: float = 0.0) -> tuple[Stretches, Ints]:
    """Intervals that overlap or come within ``slack_m`` of each other made one; and for every one given, which it became."""
    if not len(chain):
        return Stretches(chain, begin_m, end_m, rank), np.empty(0, np.int64)
    order = np.lexsort((end_m, begin_m, chain))
    c, b, e = chain[order], begin_m[order], end_m[order]
    group = np.cumsum(np.r_[0, np.diff(c) != 0])
    step = float(e.max()) + 1.0  # lifts every chain above the one before, so that one running maximum serves all
    reach = np.maximum.accumulate(e + group * step) - group * step
    is_new = np.r_[True, (np.diff(c) != 0) | (b[1:] > reach[:-1] + slack_m)]
    at = np.flatnonzero(is_new)
    became = np.empty(len(order), np.int64)
    became[order] = np.cumsum(is_new) - 1
    return Stretches(c[at], b[at], np.maximum.reduceat(e, at), np.minimum.reduceat(rank[order], at)), became


def place(along: Chains, chain: Ints, distance_m: Floats) -> tuple[Ints, Floats]:
    """Segment and share along it of places given by chain and distance."""
    step = float(along.length_m.max(initial=0.0)) + 1.0
    low = np.minimum(along.at_start_m, along.at_end_m)[along.order] + along.chain[along.order] * step
    segment = along.order[np.maximum(np.searchsorted(low, distance_m + chain * step, side="right") - 1, 0)]
    span = along.at_end_m[segment] - along.at_start_m[segment]
    share = (distance_m - along.at_start_m[segment]) / np.where(span == 0.0, 1.0, span)
    return segment, np.clip(share, 0.0, 1.0)


def points(streets: Streets, segment: Ints, share: Floats) -> Floats:
    """Coordinates (k, 2) of places given by segment and share."""
    a, b = streets.start[segment], streets.end[segment]
    x = streets.x_m[a] + share * (streets.x_m[b] - streets.x_m[a])
    y = streets.y_m[a] + share * (streets.y_m[b] - streets.y_m[a])
    return np.column_stack([x, y])


def replace(streets: Streets, along: Chains, taken: Stretches, road: Ints) -> tuple[Streets, Ints]:
    """The streets with each stretch replaced by one straight segment of a ``road`` (k,), or by nothing where that is -1.

    Returns them tidy and, for every old node, its new number (-1: gone). A stretch too short to be cut out stays.
    """
    k, m = len(taken.chain), len(streets.start)
    ends = np.r_[taken.begin_m, taken.end_m]
    segment, share = place(along, np.r_[taken.chain, taken.chain], ends)
    cut, node = noding.split(streets._replace(road=np.arange(m)), segment, share)
    parent = cut.road
    middle = _share_of_middle(streets, cut, parent)
    at_m = along.at_start_m[parent] + middle * (along.at_end_m[parent] - along.at_start_m[parent])
    step = float(along.length_m.max(initial=0.0)) + 1.0
    which = np.searchsorted(taken.begin_m + taken.chain * step, at_m + along.chain[parent] * step) - 1
    near = np.maximum(which, 0)
    is_wide = node[:k] != node[k:]
    is_taken = (which >= 0) & (taken.chain[near] == along.chain[parent]) & (at_m < taken.end_m[near]) & is_wide[near]
    keep, new = np.flatnonzero(~is_taken), np.flatnonzero(is_wide & (road >= 0))
    made = cut._replace(
        start=np.r_[cut.start[keep], node[:k][new]],
        end=np.r_[cut.end[keep], node[k:][new]],
        road=np.r_[streets.road[parent[keep]], road[new]],
    )
    out, number = noding.tidy(made)
    return out, number[: len(streets.x_m)]


def _share_of_middle(streets: Streets, cut: Streets, parent: Ints) -> Floats:
    """Where on its parent the middle of every piece lies."""
    a, b = streets.start[parent], streets.end[parent]
    dx, dy = streets.x_m[b] - streets.x_m[a], streets.y_m[b] - streets.y_m[a]
    x = 0.5 * (cut.x_m[cut.start] + cut.x_m[cut.end]) - streets.x_m[a]
    y = 0.5 * (cut.y_m[cut.start] + cut.y_m[cut.end]) - streets.y_m[a]
    square = dx * dx + dy * dy
    return np.asarray(np.divide(x * dx + y * dy, square, out=np.full(len(parent), 0.5), where=square > 0.0))
