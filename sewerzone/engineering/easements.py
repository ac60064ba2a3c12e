"""Straight ways off the road that close gaps between streets: few, and only where the way by road is long.

Roads leave a gap where they end or where a part of them is apart from the rest. From every such node the nearest nodes of
every part are looked at to which there is no way by road, or one longer than ``detour`` times the straight one; the ways by
road come from one bounded search per node. Of two parts of the streets that face each other along a border, the shortest way
per square of the longest way allowed is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from sewerzone.engineering import noding
from sewerzone.engineering.heap import kernel, offer, take
from sewerzone.engineering.noding import Bools, Streets
from sewerzone.engineering.segments import Floats, Ints

NEAREST = 4
"""Ways offered from one node to one part of the streets; the shortest that nothing stands in is taken."""
AT_ONCE = 20_000
"""Nodes whose neighbours are looked up together; bounds memory."""


class Links(NamedTuple):
    """Straight ways between nodes, ``one`` the node at the gap."""

    one: Ints
    other: Ints
    length_m: Floats


def candidates(streets: Streets, part: Ints, reach_m: float, detour: float) -> Links:
    """From every node at a gap up to ``NEAREST`` ways to every part of the streets, no longer than ``reach_m``.

    ``part`` (n,) is the connected part of every node. Sorted by node, part, length.
    """
    n = len(streets.x_m)
    degree = np.bincount(np.r_[streets.start, streets.end], minlength=n)
    at_gap = np.flatnonzero((degree == 1) | (part > 0))
    if not len(at_gap) or reach_m <= 0:
        return Links(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    xy = np.column_stack([streets.x_m, streets.y_m])
    tree = cKDTree(xy)
    found = [_far(streets, part, tree, xy, at_gap[k : k + AT_ONCE], reach_m, detour) for k in range(0, len(at_gap), AT_ONCE)]
    return Links(*(np.concatenate(values) for values in zip(*found, strict=True)))


def _far(streets: Streets, part: Ints, tree: cKDTree, xy: Floats, source: Ints, reach_m: float, detour: float) -> Links:
    """The nearest nodes of each source that lie near it, but not by road."""
    pairs = cKDTree(xy[source]).sparse_distance_matrix(tree, reach_m, output_type="ndarray")
    order = np.lexsort((pairs["j"], pairs["v"], part[pairs["j"]], pairs["i"]))
    rank, other = pairs["i"][order].astype(np.int64), pairs["j"][order].astype(np.int64)
    length = np.hypot(*(xy[other] - xy[source[rank]]).T)
    first = np.searchsorted(rank, np.arange(len(source) + 1)).astype(np.int64)
    n = len(xy)
    metres = np.maximum(streets.length_m, 1e-9)
    graph = csr_array((np.r_[metres, metres], (np.r_[streets.start, streets.end], np.r_[streets.end, streets.start])), (n, n))
    indptr, neighbour = graph.indptr.astype(np.int64), graph.indices.astype(np.int64)
    is_far = np.zeros(len(other), np.bool_)
    work = np.full(n, np.inf), np.zeros(n + 1, np.int64), np.zeros(n, np.int64), np.empty(n, np.int64)
    _detours(indptr, neighbour, graph.data, source, first, other, length, detour, reach_m, is_far, *work)
    kept = np.flatnonzero(is_far)
    place = rank[kept] * (int(part.max()) + 1) + part[other[kept]]
    kept = kept[np.arange(len(kept)) - np.searchsorted(place, place) < NEAREST]
    return Links(source[rank[kept]], other[kept], length[kept])


def chosen(streets: Streets, part: Ints, links: Links, is_open: Bools, reach_m: float) -> Links:
    """Of the open ways the shortest from every node to every part; between two parts one per square of ``reach_m``."""
    at = np.flatnonzero(is_open)
    order = at[np.lexsort((links.other[at], links.length_m[at], part[links.other[at]], links.one[at]))]
    is_first = (np.diff(links.one[order]) != 0) | (np.diff(part[links.other[order]]) != 0)
    order = order[np.r_[True, is_first]] if len(order) else order
    low, high = (f(links.one[order], links.other[order]) for f in (np.minimum, np.maximum))
    apart = part[low] != part[high]
    one_part, other_part = (f(part[low], part[high]) for f in (np.minimum, np.maximum))
    middle = [0.5 * (v[low] + v[high]) for v in (streets.x_m, streets.y_m)]
    column, row = (np.where(apart, np.floor(v / reach_m), -1).astype(np.int64) for v in middle)
    own = np.where(apart, -1, np.arange(len(order)))  # within one part every way is a place of its own
    key = np.column_stack([one_part, other_part, column, row, own])
    first = np.lexsort((high, low, links.length_m[order], *key.T))
    is_new = np.r_[True, (np.diff(key[first], axis=0) != 0).any(axis=1)] if len(first) else np.zeros(0, bool)
    kept = first[is_new]
    pairs, index = np.unique(np.column_stack([low[kept], high[kept]]), axis=0, return_index=True)
    return Links(np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]), links.length_m[order[kept[index]]])


def add(streets: Streets, links: Links, road: int) -> tuple[Streets, Ints]:
    """The streets with the ways as segments of ``road``, tidy; and the new number of every node."""
    more = np.full(len(links.one), road, dtype=streets.road.dtype)
    return noding.tidy(
        streets._replace(
            start=np.r_[streets.start, links.one], end=np.r_[streets.end, links.other], road=np.r_[streets.road, more]
        )
    )


@kernel
def _detours(
    indptr: Ints,
    neighbour: Ints,
    length: Floats,
    source: Ints,
    first: Ints,
    other: Ints,
    straight: Floats,
    detour: float,
    reach: float,
    is_far: Bools,
    total: Floats,
    heap: Ints,
    place: Ints,
    touched: Ints,
) -> None:
    """Mark the pairs (source k, other[first[k]:first[k + 1]]) whose way by road exceeds ``detour`` times the straight one."""
    limit = detour * reach
    for k in range(len(source)):
        count = 1
        touched[0] = source[k]
        total[source[k]] = 0.0
        offer(heap, place, total, source[k])
        while heap[0] > 0:
            x = take(heap, place, total)
            for q in range(indptr[x], indptr[x + 1]):
                y = neighbour[q]
                way = total[x] + length[q]
                if way <= limit and way < total[y]:
                    if total[y] == np.inf:
                        touched[count] = y
                        count += 1
                    total[y] = way
                    offer(heap, place, total, y)
        for p in range(first[k], first[k + 1]):
            is_far[p] = other[p] != source[k] and total[other[p]] > detour * straight[p] * (1.0 + 1e-9)  # rounding
        for i in range(count):
            total[touched[i]] = np.inf
