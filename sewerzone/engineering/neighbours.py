"""Which footprints lie within a gap of each other: single linkage on true polygon gaps.

A hierarchical grid finds candidate pairs; two radii settle nearly all of them without geometry. With centre
distance c, circumradius R and inradius r of two footprints, c <= limit + r + r means linked for sure and
c > limit + R + R means apart for sure; only what is left, and is not linked through others already, needs the
exact gap between segments. Sizes are heavy-tailed (one school among a hundred houses), so footprints live in one
grid per size class and the large ones look down into the finer grids; no cell grows with the largest.

Gaps up to the limit count, the limit included, with a micrometre of slack for the rounding of coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sewerzone.engineering.gaps import Features, Floats, Ints, gap2
from sewerzone.engineering.heap import kernel

Bools = NDArray[np.bool_]
Pairs = tuple[Ints, Ints, Floats]

SLACK_M = 1e-6
"""Rounding of coordinates that must not part two houses exactly one limit apart."""

_SURE, _EXACT, _COLLECT = 0, 1, 2
_BANDS = 6


def components(features: Features, limit_m: float, group: Ints | None = None, is_marked: Bools | None = None) -> Ints:
    """Single linkage: features joined by chains of gaps up to the limit.

    Parameters
    ----------
    features : n footprints
    limit_m : largest gap (m) of a link
    group : (n,) features of different groups are never linked
    is_marked : (n,) pairs of two marked features are left out (the caller judges them one by one)

    Returns
    -------
    (n,) label: index of the smallest feature of the component
    """
    parent = np.arange(len(features), dtype=np.int64)
    filters = _Filter(group, True, is_marked, False)
    for mode in (_SURE, _EXACT):
        _run(mode, features, limit_m, parent, filters)
    return _roots(parent)


def pairs(
    features: Features,
    limit_m: float,
    group: Ints | None = None,
    is_same_group: bool = True,
    is_marked: Bools | None = None,
    label: Ints | None = None,
) -> Pairs:
    """All pairs with a gap up to the limit, with that gap.

    Parameters
    ----------
    features : n footprints
    limit_m : largest gap (m)
    group, is_same_group : (n,) only pairs of one group, or only pairs of two groups
    is_marked : (n,) only pairs of two marked features
    label : (n,) canonical labels (see :func:`components`); pairs with one label are left out

    Returns
    -------
    a, b, gap_m : sorted by (a, b), with a < b
    """
    parent = np.arange(len(features), dtype=np.int64) if label is None else label.astype(np.int64)
    a, b, gap = _run(_COLLECT, features, limit_m, parent, _Filter(group, is_same_group, is_marked, True))
    order = np.lexsort((b, a))
    return a[order], b[order], gap[order]


def spanning_forest(features: Features, most_m: float, group: Ints | None = None, is_marked: Bools | None = None) -> Pairs:
    """Minimum spanning forest of exact gaps up to ``most_m``; ties by (gap, a, b).

    Gaps are taken band by band: what a band has joined needs no exact gap in the next, so nearly all of the
    many wide pairs are never measured.

    Parameters
    ----------
    features, group, is_marked : as in :func:`components`
    most_m : largest gap (m)

    Returns
    -------
    a, b, gap_m : sorted by (gap, a, b), with a < b
    """
    parent = np.arange(len(features), dtype=np.int64)
    filters = _Filter(group, True, is_marked, False)
    chosen: list[Pairs] = []
    for band in range(_BANDS):
        top_m = most_m * 2.0 ** (band + 1 - _BANDS)
        chosen.append(_forest(_run(_COLLECT, features, top_m, parent, filters), parent))
    return _ascending(*(np.concatenate([c[i] for c in chosen]) for i in range(3)))


def least_forest(count: int, a: Ints, b: Ints, gap_m: Floats) -> Pairs:
    """Minimum spanning forest of given pairs over ``count`` features; ties and order by (gap, a, b)."""
    return _forest((a, b, gap_m), np.arange(count, dtype=np.int64))


def joined(label: Ints, a: Ints, b: Ints) -> Ints:
    """Canonical labels after the pairs (a, b) have been linked as well."""
    parent = label.astype(np.int64)
    _forest((a, b, np.zeros(len(a))), parent)
    return _roots(parent)


def grown(a: Ints, b: Ints, gap_m: Floats, dwellings: Floats, limit_m: float) -> Ints:
    """Mean rule: groups grown along a spanning forest while metres per dwelling stay within the limit.

    A group's metres are the gaps it was joined by. Gaps are tried in the given order (ascending); a join is made if
    (metres of both + gap) / (dwellings of both) <= limit. Passes repeat until none makes a join, because a group
    refused early may be welcome to one that has grown since.

    Parameters
    ----------
    a, b, gap_m : spanning forest, ascending
    dwellings : (n,) of each feature
    limit_m : metres per dwelling

    Returns
    -------
    (n,) canonical labels
    """
    parent = np.arange(len(dwellings), dtype=np.int64)
    _grow(a, b, gap_m, np.ascontiguousarray(dwellings, dtype=np.float64), float(limit_m) + SLACK_M, parent)
    return _roots(parent)


@dataclass(frozen=True, eq=False)
class _Filter:
    """Which pairs are looked at: by group, and all but pairs of two marked features, or only those."""

    group: Ints | None
    is_same_group: bool
    is_marked: Bools | None
    is_marked_only: bool


@dataclass(frozen=True, eq=False)
class _Grid:
    """Features sorted by size class and cell; class k starts at ``start[k]`` and holds radii up to ``reach_m[k]``."""

    order: Ints
    key: Ints
    start: Ints
    cell_m: Floats
    columns: Ints
    rows: Ints
    reach_m: Floats


def _ascending(a: Ints, b: Ints, gap_m: Floats) -> Pairs:
    order = np.lexsort((b, a, gap_m))
    return a[order].astype(np.int64), b[order].astype(np.int64), gap_m[order].astype(np.float64)


def _forest(candidates: Pairs, parent: Ints) -> Pairs:
    """The pairs by which Kruskal's rule goes on joining ``parent`` (changed in place)."""
    a, b, gap_m = _ascending(*candidates)
    kept = _grow(a, b, gap_m, np.ones(len(parent)), np.inf, parent)
    return a[kept], b[kept], gap_m[kept]


def _roots(parent: Ints) -> Ints:
    """The root of every entry: the smallest member, because links always point down."""
    while not np.array_equal(parent, up := parent[parent]):
        parent = up
    return parent


def _grid(features: Features, limit_m: float) -> _Grid:
    """One grid per size class for links up to ``limit_m``; classes double above the 90th percentile."""
    centre, outer, _ = features.circles
    base = max(float(np.quantile(outer, 0.9)), limit_m / 4, 1.0)
    level = np.ceil(np.log2(np.maximum(outer / base, 1.0))).astype(np.int64)
    levels = int(level.max()) + 1
    reach = np.array(base * 2.0 ** np.arange(levels), dtype=np.float64)
    cell = limit_m + 2.0 * reach
    place = np.floor((centre - centre.min(axis=0)) / cell[level][:, None]).astype(np.int64)
    size = np.zeros((levels, 2), np.int64)
    np.maximum.at(size, level, place + 1)
    key = place[:, 1] * size[level, 0] + place[:, 0]
    order = np.lexsort((key, level)).astype(np.int64)
    start = np.searchsorted(level[order], np.arange(levels + 1)).astype(np.int64)
    return _Grid(order, key[order], start, cell, size[:, 0].copy(), size[:, 1].copy(), reach)


def _run(mode: int, features: Features, limit_m: float, parent: Ints, filters: _Filter) -> Pairs:
    """Scan the candidate pairs of all features; see :func:`_scan`."""
    n = len(features)
    if n == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    grid = _grid(features, limit_m)
    centre, outer, inner = features.circles
    group = np.zeros(n, np.int64) if filters.group is None else np.ascontiguousarray(filters.group, dtype=np.int64)
    is_marked = np.zeros(n, np.bool_) if filters.is_marked is None else np.ascontiguousarray(filters.is_marked, dtype=np.bool_)
    marked_rule = 0 if filters.is_marked is None else (1 if filters.is_marked_only else -1)
    corner, sorted_xy, far = centre.min(axis=0), np.ascontiguousarray(centre[grid.order]), outer[grid.order]
    room = 8 * n + 64 if mode == _COLLECT else 1
    while True:
        ends, gap = np.empty((room, 2), np.int64), np.empty(room)
        found = _scan(
            mode, float(limit_m) + SLACK_M, features.xy_m, features.ring, features.feature, centre, outer, inner,
            grid.order, grid.key, grid.start, grid.cell_m, grid.columns, grid.rows, grid.reach_m, corner, sorted_xy, far,
            group, filters.is_same_group, is_marked, marked_rule, parent, ends, gap,
        )  # fmt: skip
        if found <= room:
            return ends[:found, 0].copy(), ends[:found, 1].copy(), gap[:found].copy()
        room = found


@kernel
def _find(parent: Ints, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def _judge(
    mode: int, limit: float, xy: Floats, ring: Ints, feature: Ints, centre: Floats, outer: Floats, inner: Floats, u: int, v: int
) -> float:
    """Squared gap of a candidate pair as far as the mode needs it: at most limit squared means linked."""
    if mode == 0:  # two points at most c - r - r apart exist for sure; more is not asked
        surest = limit + inner[u] + inner[v]
        c2 = (centre[u, 0] - centre[v, 0]) ** 2 + (centre[u, 1] - centre[v, 1]) ** 2
        return 0.0 if surest >= 0.0 and c2 <= surest * surest else np.inf
    if outer[v] > outer[u] or (outer[v] == outer[u] and v < u):  # the larger one's segments are filtered
        u, v = v, u
    limit2 = limit * limit
    enough2 = limit2 if mode == 1 else 0.0
    return gap2(xy, ring, feature, u, v, centre[v, 0], centre[v, 1], outer[v], enough2, limit2 * (1.0 + 1e-9) + 1e-30)


@kernel
def _place(key: Ints, low: int, high: int, wanted: int) -> int:
    """The first place from ``low`` whose key is at least ``wanted``, ``high`` if there is none."""
    while low < high:
        middle = (low + high) // 2
        if key[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _scan(
    mode: int, limit: float, xy: Floats, ring: Ints, feature: Ints, centre: Floats, outer: Floats, inner: Floats,
    order: Ints, key: Ints, start: Ints, cell: Floats, columns: Ints, rows: Ints, reach: Floats, corner: Floats,
    sorted_xy: Floats, far: Floats, group: Ints, is_same_group: bool, is_marked: Bools, marked_rule: int, parent: Ints,
    ends: Ints, gap: Floats,
) -> int:  # fmt: skip
    """Visit every candidate pair once: join the sure ones (mode 0) or the exact ones (1), or collect gaps (2).

    Returns how many pairs were found; of those there is room for, ``ends`` and ``gap`` are filled.
    """
    x, y, x0, y0 = sorted_xy[:, 0], sorted_xy[:, 1], corner[0], corner[1]
    found, level = 0, 0
    for p in range(len(order)):
        u = order[p]
        while p >= start[level + 1]:
            level += 1
        for k in range(level + 1):
            around = limit + far[p] + reach[k]
            west = max(int(np.floor((x[p] - x0 - around) / cell[k])), 0)
            east = min(int(np.floor((x[p] - x0 + around) / cell[k])), columns[k] - 1)
            south = max(int(np.floor((y[p] - y0 - around) / cell[k])), 0)
            north = min(int(np.floor((y[p] - y0 + around) / cell[k])), rows[k] - 1)
            if k == level:  # each pair once: in one size class only look ahead in the order
                south = max(south, key[p] // columns[k])
            for row in range(south, north + 1):
                q = _place(key, start[k], start[k + 1], row * columns[k] + west)
                q = max(q, p + 1) if k == level else q
                while q < start[k + 1] and key[q] <= row * columns[k] + east:
                    v, c2, widest = order[q], (x[p] - x[q]) ** 2 + (y[p] - y[q]) ** 2, limit + far[p] + far[q]
                    q += 1
                    if c2 > widest * widest or (group[u] == group[v]) != is_same_group:
                        continue
                    if marked_rule != 0 and (is_marked[u] and is_marked[v]) != (marked_rule > 0):
                        continue
                    a, b = _find(parent, u), _find(parent, v)
                    if a == b:
                        continue
                    distance2 = _judge(mode, limit, xy, ring, feature, centre, outer, inner, u, v)
                    if distance2 > limit * limit:
                        continue
                    if mode < 2:
                        parent[max(a, b)] = min(a, b)
                        continue
                    if found < len(gap):
                        ends[found, 0], ends[found, 1], gap[found] = min(u, v), max(u, v), np.sqrt(distance2)
                    found += 1
    return found


@kernel
def _grow(a: Ints, b: Ints, gap: Floats, weight: Floats, limit: float, parent: Ints) -> Bools:
    """Join along pairs in order while metres per weight stay within the limit; passes until none joins."""
    metres, total = np.zeros(len(weight)), np.zeros(len(weight))
    for i in range(len(weight)):
        total[_find(parent, i)] += weight[i]
    kept = np.zeros(len(a), np.bool_)
    again = True
    while again:
        again = False
        for e in range(len(a)):
            i, j = _find(parent, a[e]), _find(parent, b[e])
            together = metres[i] + metres[j] + gap[e]
            if i == j or not (limit == np.inf or together <= limit * (total[i] + total[j])):
                continue
            low = min(i, j)
            parent[max(i, j)] = low
            metres[low], total[low] = together, total[i] + total[j]
            kept[e] = True
            again = limit != np.inf
    return kept
