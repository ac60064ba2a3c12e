"""From loose road lines to a topological graph of straight segments.

Every vertex of a line is a node and every segment straight, so elevations at the two ends of a segment are the profile
of the road. All functions return new arrays, in an order that depends on coordinates and road rank only: the same lines
shuffled or reversed give the same graph.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from sewerzone.engineering import segments
from sewerzone.engineering.segments import Floats, Ints, SegmentGrid

Bools = NDArray[np.bool_]

WELD_M = 0.01
"""Vertices that agree to the centimetre are one node."""
FACING_CELL_M = 100.0
"""Cells in which the nearest places of two disconnected parts are looked for first."""
SHARE_M = 0.05
"""A split closer than this to a node, or to another split of the segment, shares it: no sewer reach is that short."""

CURVE_MIDDLE = 1 << 30
"""What is added to coordinates, in units of ``WELD_M``, so that they have no sign."""
_SPREADS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
"""Shifts and masks that set the bits of a number apart, step by step, for those of another to go between."""


class Streets(NamedTuple):
    """Straight segments between nodes: n nodes, m segments.

    Attributes
    ----------
    x_m, y_m : (n,) nodes
    is_end : (n,) a line of the input begins or ends there
    start, end : (m,) nodes of a segment
    road : (m,) rank of its road; where segments coincide the smallest rank is kept
    """

    x_m: Floats
    y_m: Floats
    is_end: Bools
    start: Ints
    end: Ints
    road: Ints

    @property
    def length_m(self) -> Floats:
        """Length of every segment (m,)."""
        return np.hypot(self.x_m[self.end] - self.x_m[self.start], self.y_m[self.end] - self.y_m[self.start])

    def grid(self) -> SegmentGrid:
        """The segments in a grid, in their order."""
        return segments.grid(self.x_m[self.start], self.y_m[self.start], self.x_m[self.end], self.y_m[self.end])


def weld(x_m: Floats, y_m: Floats, line: Ints, road_of_line: Ints) -> Streets:
    """Nodes where vertices agree to the centimetre; vertices are listed line by line, ``line`` (k,) rising.

    A node keeps the smallest of the exact coordinates that fall into it.
    """
    order, is_new = _sorted(np.rint(x_m / WELD_M), np.rint(y_m / WELD_M), x_m, y_m)
    node = np.empty(len(x_m), np.int64)
    node[order] = np.cumsum(is_new) - 1
    kept = order[is_new]
    same_line = line[1:] == line[:-1]
    is_tip = np.ones(len(x_m), bool)
    is_tip[1:-1] = ~(same_line[1:] & same_line[:-1])
    is_end = np.zeros(len(kept), bool)
    is_end[node[is_tip]] = True
    road = road_of_line[line[:-1][same_line]]
    return tidy(Streets(x_m[kept], y_m[kept], is_end, node[:-1][same_line], node[1:][same_line], road))[0]


def tidy(streets: Streets) -> tuple[Streets, Ints]:
    """Canonical form: no loops, no doubles, no stray nodes; nodes as ``along_curve``, start < end, segments sorted.

    Returns the streets and, for every old node, its new number (-1: gone).
    """
    start, end, road = streets.start, streets.end, streets.road
    keep = start != end
    if not keep.all():
        start, end, road = start[keep], end[keep], road[keep]
    used = np.zeros(len(streets.x_m), bool)
    used[start] = used[end] = True
    old = np.flatnonzero(used)
    curve = along_curve(streets.x_m[old], streets.y_m[old])
    old = old[_sorted(curve, np.zeros_like(curve), streets.x_m[old], streets.y_m[old])[0]]
    number = np.full(len(streets.x_m), -1, np.int64)
    number[old] = np.arange(len(old))
    start, end = number[start], number[end]
    low = np.minimum(start, end)
    high = np.maximum(start, end, out=end)
    del start
    order, first = _sorted(low, high, road)
    order = order[first]
    out = Streets(streets.x_m[old], streets.y_m[old], streets.is_end[old], low[order], high[order], road[order])
    return out, number


def along_curve(x_m: Floats, y_m: Floats) -> Ints:
    """Numbers of places, to the centimetre, along a Z-shaped curve: bits of both coordinates by turns, those of x first.

    What lies near each other mostly has numbers near each other: a search of a neighbourhood finds it together in memory.
    """
    code = np.zeros(len(x_m), np.int64)
    for shift, at in enumerate((y_m, x_m)):
        spread = np.rint(at / WELD_M).astype(np.int64) + CURVE_MIDDLE
        for step, mask in _SPREADS:
            spread |= spread << step
            spread &= mask
        code |= spread << shift
    return code


def _sorted(major: Floats | Ints, minor: Floats | Ints, *ties: Floats | Ints) -> tuple[Ints, Bools]:
    """Rows in order of two whole numbers, then of the ties; and which of them, so sorted, have numbers of their own first.

    One sort of both numbers together; the ties, which cost as much as the rest, are only asked where they tell rows apart.
    """
    if not len(major):
        return np.empty(0, np.int64), np.zeros(0, np.bool_)
    low, span = minor.min(), minor.max() - minor.min() + 1
    places = major - major.min()
    places *= span
    places += minor - low
    key = places.astype(np.int64)
    del places
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    is_new = np.concatenate([[True], ranked[1:] != ranked[:-1]])
    again = np.flatnonzero(~is_new)
    if any((tie[order[again]] != tie[order[again - 1]]).any() for tie in ties):
        order = np.lexsort((*ties[::-1], key))
    return order, is_new


def merge(streets: Streets, one: Ints, other: Ints, yields: Bools) -> tuple[Streets, Ints]:
    """Make pairs of nodes one; the place kept is that of the first node that does not yield (n,), else the first.

    Returns tidy streets and, for every old node, its new number (-1: gone).
    """
    n = len(streets.x_m)
    pairs = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(n, n))
    groups, group = connected_components(pairs, directed=False)
    rank = np.arange(n) + np.where(yields, n, 0)
    best = np.full(groups, 2 * n)
    np.minimum.at(best, group, rank)
    kept = (best % max(n, 1))[group]
    is_end = streets.is_end.copy()
    is_end[kept[streets.is_end]] = True
    joined = streets._replace(start=kept[streets.start], end=kept[streets.end], is_end=is_end)
    out, number = tidy(joined)
    return out, number[kept]


def split(streets: Streets, segment: Ints, share: Floats) -> tuple[Streets, Ints]:
    """Cut segments at points (k,) given by segment and share; returns the streets, not yet tidy, and each point's node.

    Points within ``SHARE_M`` of a node, or of the point before on the same segment, share its node.
    New nodes follow the old ones, so old numbers stay valid.
    """
    length = streets.length_m
    along = share * length[segment]
    rest = length[segment] - along
    node = np.where(along <= rest, streets.start[segment], streets.end[segment])
    inner = np.flatnonzero(np.minimum(along, rest) > SHARE_M)
    inner = inner[np.lexsort((along[inner], segment[inner]))]
    s, a = segment[inner], along[inner]
    is_new = np.r_[True, (s[1:] != s[:-1]) | (a[1:] - a[:-1] > SHARE_M)] if len(s) else np.zeros(0, bool)
    n = len(streets.x_m)
    node[inner] = n + np.cumsum(is_new) - 1
    return _insert(streets, s[is_new], (a / length[s])[is_new]), node


def subdivide(streets: Streets, spacing_m: float) -> Streets:
    """Cut segments longer than ``spacing_m`` into equal pieces; old node numbers stay valid."""
    pieces = np.maximum(1, np.ceil(streets.length_m / spacing_m - 1e-9)).astype(np.int64)
    cuts = pieces - 1
    segment = np.repeat(np.arange(len(pieces)), cuts)
    rank = np.arange(len(segment)) - np.repeat(np.cumsum(cuts) - cuts, cuts) + 1
    return _insert(streets, segment, rank / pieces[segment])


def _insert(streets: Streets, segment: Ints, share: Floats) -> Streets:
    """Cut at new nodes sorted by segment and share: a segment with c cuts becomes c + 1."""
    x, y, start, end = streets.x_m, streets.y_m, streets.start, streets.end
    new = len(x) + np.arange(len(segment))
    count = np.bincount(segment, minlength=len(start))
    parent = np.repeat(np.arange(len(start)), count + 1)
    begin, finish = start[parent], end[parent]
    piece = np.arange(len(segment)) + segment  # the piece that ends at each new node
    finish[piece] = new
    begin[piece + 1] = new
    a, b = start[segment], end[segment]
    return Streets(
        np.r_[x, x[a] + share * (x[b] - x[a])],
        np.r_[y, y[a] + share * (y[b] - y[a])],
        np.r_[streets.is_end, np.zeros(len(segment), bool)],
        begin,
        finish,
        streets.road[parent],
    )


def _spots(streets: Streets, tolerance_m: float) -> Ints:
    """Label (n,) of nodes joined by segments no longer than the tolerance: already one place on the ground.

    Without this a curve drawn in steps shorter than the tolerance would collapse into a point.
    """
    short = streets.length_m <= tolerance_m
    n = len(streets.x_m)
    near = coo_matrix((np.ones(int(short.sum()), np.int8), (streets.start[short], streets.end[short])), shape=(n, n))
    return np.asarray(connected_components(near, directed=False)[1], dtype=np.int64)


def snap_ends(streets: Streets, tolerance_m: float) -> tuple[Streets, int]:
    """Make line ends within the tolerance of each other one node; returns the number of joins."""
    ends = np.flatnonzero(streets.is_end)
    if tolerance_m <= 0 or len(ends) < 2:
        return streets, 0
    near = cKDTree(np.column_stack([streets.x_m[ends], streets.y_m[ends]]))
    pairs = ends[near.query_pairs(tolerance_m, output_type="ndarray").reshape(-1, 2)]
    spot = _spots(streets, tolerance_m)
    pairs = pairs[spot[pairs[:, 0]] != spot[pairs[:, 1]]]
    out, _ = merge(streets, pairs[:, 0], pairs[:, 1], np.zeros(len(streets.x_m), bool))
    return out, len(pairs)


def join_ends(streets: Streets, tolerance_m: float, is_joinable: Bools) -> tuple[Streets, int]:
    """Join line ends to the nearest segment within the tolerance, cutting it there; ``is_joinable`` (roads,) by rank.

    The end moves to its foot, so that the through road stays straight. Returns the number of joins.
    """
    ends = np.flatnonzero(streets.is_end)
    if tolerance_m <= 0 or not len(ends):
        return streets, 0
    point, feet = segments.within(streets.grid(), streets.x_m[ends], streets.y_m[ends], tolerance_m)
    spot = _spots(streets, tolerance_m)
    own = spot[ends[point]]
    ok = (spot[streets.start[feet.segment]] != own) & (spot[streets.end[feet.segment]] != own)
    ok &= is_joinable[streets.road[feet.segment]]
    point, segment, share, distance = point[ok], feet.segment[ok], feet.share[ok], feet.distance_m[ok]
    order = np.lexsort((segment, distance, point))
    chosen = order[np.r_[True, np.diff(point[order]) != 0]] if len(order) else order
    cut, node = split(streets, segment[chosen], share[chosen])
    yields = np.zeros(len(cut.x_m), bool)
    yields[ends[point[chosen]]] = True
    out, _ = merge(cut, ends[point[chosen]], node, yields)
    return out, len(chosen)


def crossing_pairs(streets: Streets, is_joinable: Bools) -> tuple[Ints, Ints, Floats, Floats]:
    """Segments that cross or touch without sharing a node, both on joinable roads: (one, other, share, share)."""
    one, other, on_one, on_other = segments.crossings(streets.grid())
    a, b, c, d = streets.start[one], streets.end[one], streets.start[other], streets.end[other]
    ok = (a != c) & (a != d) & (b != c) & (b != d)
    ok &= is_joinable[streets.road[one]] & is_joinable[streets.road[other]]
    return one[ok], other[ok], on_one[ok], on_other[ok]


def node_crossings(streets: Streets, pairs: tuple[Ints, Ints, Floats, Floats]) -> Streets:
    """Make a node where the given pairs of segments cross."""
    one, other, on_one, on_other = pairs
    cut, node = split(streets, np.r_[one, other], np.r_[on_one, on_other])
    k = len(one)
    return merge(cut, node[:k], node[k:], np.zeros(len(cut.x_m), bool))[0]


def count_places(streets: Streets, pairs: tuple[Ints, Ints, Floats, Floats]) -> int:
    """Number of different places (to a decimetre) where the given pairs of segments cross."""
    one, _, share, _ = pairs
    a, b = streets.start[one], streets.end[one]
    x = streets.x_m[a] + share * (streets.x_m[b] - streets.x_m[a])
    y = streets.y_m[a] + share * (streets.y_m[b] - streets.y_m[a])
    return len(np.unique(np.rint(np.column_stack([x, y]) * 10.0), axis=0))


def components(streets: Streets) -> Ints:
    """Connected part of every node (n,): 0 has the most nodes, ties go to the smallest node."""
    n = len(streets.x_m)
    links = coo_matrix((np.ones(len(streets.start), np.int8), (streets.start, streets.end)), shape=(n, n))
    count, label = connected_components(links, directed=False)
    size = np.bincount(label, minlength=count)
    smallest = np.full(count, n)
    np.minimum.at(smallest, label, np.arange(n))
    rank = np.empty(count, np.int64)
    rank[np.lexsort((smallest, -size))] = np.arange(count)
    return np.asarray(rank[label], np.int64)


class Cells(NamedTuple):
    """The cell of a coarse grid that every node lies in (n,), of how many in a row and in all; the longest segment (m)."""

    place: Ints
    columns: int
    total: int
    longest_m: float


def cells(streets: Streets) -> Cells:
    """A grid by which :func:`gap` sees what cannot be near; made once for all gaps."""
    column, row = ((at - at.min()) // FACING_CELL_M for at in (streets.x_m, streets.y_m))
    columns, rows = int(column.max()) + 1, int(row.max()) + 1
    return Cells((row * columns + column).astype(np.int64), columns, columns * rows, float(streets.length_m.max()))


def gap(streets: Streets, within: Cells, one: Bools, other: Bools) -> tuple[float, float, float]:
    """Shortest distance between two sets of nodes' segments (masks, n) that share none: (metres, x, y of a place on it)."""
    best = (np.inf, 0.0, 0.0)
    if not one.any() or not other.any():
        return best
    x, y = streets.x_m, streets.y_m
    one, other, reach = _facing(within, one, other)
    for here, there in ((one, other), (other, one)):
        way, points = np.flatnonzero(there[streets.start] & there[streets.end]), np.flatnonzero(here)
        s, e = streets.start[way], streets.end[way]
        feet = segments.nearest(segments.grid(x[s], y[s], x[e], y[e]), x[points], y[points], reach)
        k = int(np.argmin(feet.distance_m))
        if feet.distance_m[k] < best[0]:
            best = (float(feet.distance_m[k]), float(x[points[k]]), float(y[points[k]]))
            reach = best[0]
    return best


def _facing(within: Cells, one: Bools, other: Bools) -> tuple[Bools, Bools, float]:
    """Of two sets of nodes those between which the gap can lie, and a length (m) it cannot exceed.

    Two nodes are no farther apart than the middles of their cells and one diagonal.
    """
    found = [np.flatnonzero(np.bincount(within.place[side], minlength=within.total)) for side in (one, other)]
    middles = [np.column_stack([cell % within.columns, cell // within.columns]) * FACING_CELL_M for cell in found]
    away = [np.asarray(cKDTree(middles[1 - k]).query(middles[k])[0]) for k in (0, 1)]
    diagonal = FACING_CELL_M * np.sqrt(2.0)
    reach = float(away[0].min()) + diagonal
    # A segment within reach has both ends within reach and its own length.
    far = reach + within.longest_m + diagonal
    masks = []
    for side, cell, distance in zip((one, other), found, away, strict=True):
        is_near = np.zeros(within.total, np.bool_)
        is_near[cell[distance <= far]] = True
        masks.append(side & is_near[within.place])
    return masks[0], masks[1], reach


def filled(streets: Streets, ground: Floats) -> tuple[Floats, float]:
    """Missing elevations from the nearest node along the roads, else as the crow flies; and the farthest it came from."""
    n = len(ground)
    missing = np.isnan(ground)
    known = np.flatnonzero(~missing)
    length = np.maximum(streets.length_m, 1e-6)  # a zero would be no edge
    graph = csr_array((length, (streets.start, streets.end)), shape=(n, n))
    distance, _, source = dijkstra(graph, directed=False, indices=known, min_only=True, return_predecessors=True)
    out = ground.copy()
    reached = missing & np.isfinite(distance)
    out[reached] = ground[source[reached]]
    lost = np.flatnonzero(missing & ~reached)
    tree = cKDTree(np.column_stack([streets.x_m[known], streets.y_m[known]]))
    far, nearest = tree.query(np.column_stack([streets.x_m[lost], streets.y_m[lost]]))
    out[lost] = ground[known[nearest]]
    return out, max(float(distance[reached].max(initial=0.0)), float(np.max(far, initial=0.0)))
