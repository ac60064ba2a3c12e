"""Geometry that several stages need: footprints as plain arrays, barriers between them, outlines round them.

The one small module between stages and engineering that may use shapely; it knows no tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.engineering.gaps import Features, Ints
from sewerzone.engineering.neighbours import SLACK_M, pairs
from sewerzone.meeting import in_boxes

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_POLYGON, _LINE, _POINT, _RING = 3, 1, 0, 2
_BANK_M = 0.01
"""A barrier polygon's wall stands this far inside it: touching the bank is not crossing the river."""
_END_M = 0.001
"""Lines between footprints are shortened by this at both ends: starting at a wall is not crossing it."""


def parts(geometries: Geometries) -> tuple[Geometries, Ints]:
    """Single points, lines and polygons of all geometries, nested collections included, with their row."""
    single, row = shapely.get_parts(geometries, return_index=True)
    if (shapely.get_type_id(single) > _POLYGON).any():
        deeper, inner = parts(single)
        return deeper, row[inner].astype(np.int64)
    keep = ~shapely.is_empty(single)
    return single[keep], row[keep].astype(np.int64)


def features(geometries: Geometries) -> Features:
    """Footprints as arrays for the kernels, shifted to a local origin; none may be missing or empty."""
    is_plain = (shapely.get_type_id(geometries) == _POLYGON) & (shapely.get_num_interior_rings(geometries) == 0)
    plain, rest = np.flatnonzero(is_plain), np.flatnonzero(~is_plain)  # nearly all houses: one ring, taken as it is
    single, row = parts(geometries[rest])
    is_polygon = shapely.get_type_id(single) == _POLYGON
    rings, of_polygon = shapely.get_rings(single[is_polygon], return_index=True)
    every = np.concatenate([geometries[plain], rings, single[~is_polygon]])
    owner = np.concatenate([plain, rest[row[is_polygon][of_polygon]], rest[row[~is_polygon]]])
    order = np.argsort(owner, kind="stable")
    xy, ring_of = shapely.get_coordinates(every[order], return_index=True)
    if len(xy):
        xy = xy - np.floor(xy.min(axis=0))
    ring = np.concatenate([[0], np.cumsum(np.bincount(ring_of, minlength=len(every)))]).astype(np.int64)
    feature = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(geometries)))]).astype(np.int64)
    return Features(np.ascontiguousarray(xy, dtype=np.float64), ring, feature)


def _segments(lines: Geometries) -> Geometries:
    """Every stretch between two vertices as a line of its own, so that trees find near ones fast."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    follows = np.flatnonzero(line[1:] == line[:-1])
    return np.asarray(shapely.linestrings(np.stack([xy[follows], xy[follows + 1]], axis=1)), dtype=object)


def boundary(geometries: Geometries) -> Geometries:
    """The lines of lines and the boundaries of polygons, as segments; points have none."""
    single, _ = parts(geometries)
    kind = shapely.get_type_id(single)
    return _segments(np.concatenate([single[(kind == _LINE) | (kind == _RING)], shapely.get_rings(single[kind == _POLYGON])]))


class Barriers:
    """Rivers, railways, motorways as walls: lines, and the banks of polygons."""

    def __init__(self, geometries: Geometries) -> None:
        single, _ = parts(geometries)
        is_area = shapely.get_type_id(single) == _POLYGON
        self.areas: Geometries = single[is_area]
        self.walls = boundary(np.concatenate([single[~is_area], shapely.buffer(self.areas, -_BANK_M, join_style="mitre")]))
        self._tree = shapely.STRtree(self.walls)

    def distance_m(self, geometries: Geometries, most_m: float) -> Floats:
        """Distance of each geometry from the nearest wall; infinite beyond ``most_m``."""
        out = np.full(len(geometries), np.inf)
        if len(self.walls) and len(geometries):
            reach = max(most_m, 0.0) + SLACK_M
            (row, _), distance = self._tree.query_nearest(
                geometries, max_distance=reach, return_distance=True, all_matches=False
            )
            out[row] = distance
        return out

    def on_land(self, geometries: Geometries) -> tuple[Geometries, Bools]:
        """Each footprint without what reaches into a barrier polygon, and which lie wholly inside one (kept as they are).

        Footprints drawn a little over the bank are common; their neighbours are those on their own side.
        """
        is_afloat = np.zeros(len(geometries), np.bool_)
        out = geometries.copy()
        area, row = shapely.STRtree(geometries).query(self.areas, predicate="intersects")
        order = np.lexsort((area, row))
        area, row = area[order], row[order]
        turn = np.arange(len(row)) - np.searchsorted(row, row)
        for k in range(int(turn.max(initial=-1)) + 1):  # a footprint meets few areas; most meet none
            now = turn == k
            dry = shapely.difference(out[row[now]], self.areas[area[now]])
            is_afloat[row[now]] |= shapely.is_empty(dry)
            out[row[now]] = dry
        out[is_afloat] = geometries[is_afloat]
        return out, is_afloat

    def is_between(self, one: Geometries, other: Geometries) -> Bools:
        """Whether the shortest line from each footprint to its partner crosses a wall."""
        out = np.zeros(len(one), np.bool_)
        if not len(one) or not len(self.walls):
            return out
        ends = shapely.get_coordinates(shapely.shortest_line(one, other)).reshape(-1, 2, 2)
        along = ends[:, 1] - ends[:, 0]
        length = np.hypot(along[:, 0], along[:, 1])
        inwards = along * np.minimum(_END_M / np.maximum(length, 1e-12), 0.1)[:, None]
        lines = shapely.linestrings(np.stack([ends[:, 0] + inwards, ends[:, 1] - inwards], axis=1))
        out[self._tree.query(lines, predicate="intersects")[0]] = True
        return out & (length > SLACK_M)


def geometries(frame: Any) -> Geometries:
    """The geometries of a frame as an array, missing and empty ones left out."""
    values = np.asarray(frame.geometry.to_numpy(), dtype=object)
    return np.asarray(values[~(shapely.is_missing(values) | shapely.is_empty(values))], dtype=object)


_ARC = 3
"""Segments per quarter circle of outlines."""
_ROUND = 1.0 / np.cos(np.pi / (4 * _ARC))
"""Arcs are drawn with corners inside the circle; this radius puts their sides outside it."""
_AT_ONCE = 20_000
"""Footprints, or a little more, of which hulls and buffers are held at a time."""
_HOLE_M2 = 500.0
_PIECE_M2 = 300.0


def outlines(
    footprints: Geometries,
    unit: Ints,
    closing_m: Floats,
    margin_m: float,
    away: Geometries,
    home: Geometries | None = None,
) -> Geometries:
    """One outline per unit that an analyst can draw on: whole, smooth, apart from the others and from ``away``.

    Footprints with the margin, gaps up to twice the closing filled (grow, join, shrink). Ground that several
    outlines claim goes first to the footprints on it (up to half the way to the next unit's), then to the unit with
    fewer buildings, whose outline is no more than the surroundings of its own houses.

    Parameters
    ----------
    footprints : (n,) not empty
    unit : (n,) unit of each footprint, 0 .. u-1, every unit with one at least
    closing_m : (u,) half the width of gaps and bays to fill
    margin_m : ground kept round footprints
    away : polygons no outline covers (served areas)
    home : (u,) polygon that a unit's outline leaves only for its own footprints (its district); None where there is none

    Returns
    -------
    (u,) polygons and multipolygons, without overlaps unless footprints themselves overlap
    """
    if not len(footprints):
        return np.empty(0, dtype=object)
    count = np.bincount(unit)
    raw = _closed(footprints, unit, np.where(count > 1, closing_m, 0.0), margin_m)
    least_m = min(margin_m, 1.0)
    if home is not None:
        bound = np.flatnonzero(~shapely.is_missing(home))
        raw[bound] = _areal(np.asarray(shapely.intersection(raw[bound], home[bound]), dtype=object))
        raw = _with_ground(raw, _left_out(raw, unit, footprints), footprints, unit, least_m)
    raw = _without(raw, *_meeting(raw, away), away)
    stranded = _left_out(raw, unit, footprints, by_a_point=True)
    raw = _with_ground(raw, stranded, footprints, unit, least_m)
    ground, owner = _own_ground(footprints, unit, raw, margin_m)
    return _settled(raw, ground, owner, footprints, unit, count)


def _left_out(outlines: Geometries, unit: Ints, footprints: Geometries, by_a_point: bool = False) -> Ints:
    """Rows of the footprints that their unit's outline does not contain, wholly or ``by_a_point`` inside them."""
    shapely.prepare(outlines)
    is_in = np.empty(len(unit), np.bool_)
    for begin in range(0, len(unit), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        asked = shapely.point_on_surface(footprints[some]) if by_a_point else footprints[some]
        is_in[some] = shapely.contains(outlines[unit[some]], asked)
    shapely.destroy_prepared(outlines)
    return np.flatnonzero(~is_in)


def _with_ground(outlines: Geometries, which: Ints, footprints: Geometries, unit: Ints, margin_m: float) -> Geometries:
    """Outlines that take back some of their footprints, which a cut would have left outside."""
    out = outlines.copy()
    order = which[np.argsort(unit[which], kind="stable")]
    ground = shapely.buffer(footprints[order], margin_m, quad_segs=_ARC)
    units, start = np.unique(unit[order], return_index=True)
    for i, own in zip(units, np.split(ground, start[1:]), strict=bool(len(units))):
        out[i] = shapely.union_all([out[i], *own])
    return out


def _closed(footprints: Geometries, unit: Ints, closing_m: Floats, margin_m: float) -> Geometries:
    """Each unit's footprints with margin, bays and small holes filled, a little simplified; not too many at once."""
    order = np.argsort(unit, kind="stable")
    end = np.searchsorted(unit[order], np.arange(1, len(closing_m) + 1))
    block = (end - 1) // _AT_ONCE
    out = np.empty(len(closing_m), dtype=object)
    for units in np.split(np.arange(len(out)), 1 + np.flatnonzero(np.diff(block))):
        rows = order[end[units[0] - 1] if units[0] else 0 : end[units[-1]]]
        out[units] = _closed_together(footprints[rows], unit[rows] - units[0], closing_m[units], margin_m)
    return out


def _closed_together(footprints: Geometries, unit: Ints, closing_m: Floats, margin_m: float) -> Geometries:
    hull, owner = _hulls(footprints, unit, closing_m)
    grown = shapely.buffer(hull, (margin_m + closing_m[owner]) * _ROUND, quad_segs=_ARC)
    start = np.searchsorted(owner, np.arange(len(closing_m) + 1))
    joined = grown[start[:-1]].copy()
    several = np.flatnonzero(np.diff(start) > 1)
    for i in several:
        joined[i] = shapely.union_all(grown[start[i] : start[i + 1]])
    shrunk = shapely.buffer(joined, -closing_m, quad_segs=_ARC)
    return _filled(np.asarray(shapely.simplify(shrunk, _tolerance_m(margin_m)), dtype=object))


def _tolerance_m(margin_m: float) -> float:
    """How far simplifying may move an outline: little against the margin, so footprints stay inside."""
    return min(1.0, margin_m / 4)


def _hulls(footprints: Geometries, unit: Ints, closing_m: Floats) -> tuple[Geometries, Ints]:
    """Hulls of a unit's footprints that share a cell no wider than what closing fills anyway: far fewer to join."""
    box = shapely.bounds(footprints)
    cell = np.maximum(1.5 * closing_m[unit], 0.1)
    column = np.floor((box[:, 0] + box[:, 2]) / 2 / cell).astype(np.int64)
    row = np.floor((box[:, 1] + box[:, 3]) / 2 / cell).astype(np.int64)
    single = np.where(closing_m[unit] > 0, -1, np.arange(len(unit)))
    order = np.lexsort((single, column, row, unit))
    keys = np.stack([single, column, row, unit])[:, order]
    is_first = np.concatenate([[True], (keys[:, 1:] != keys[:, :-1]).any(axis=0)])
    group = np.cumsum(is_first) - 1
    xy, of = shapely.get_coordinates(footprints[order], return_index=True)
    at = group[of]
    twice = 1 + np.concatenate([[True], at[1:] != at[:-1]])  # a line, faster made than points, has two places at least
    lines = shapely.linestrings(np.repeat(xy, twice, axis=0), indices=np.repeat(at, twice))
    return np.asarray(shapely.convex_hull(lines), dtype=object), unit[order][is_first].astype(np.int64)


def _filled(polygons: Geometries) -> Geometries:
    """Polygons without their small holes."""
    is_whole = (shapely.get_type_id(polygons) == _POLYGON) & (shapely.get_num_interior_rings(polygons) == 0)
    out, rows = polygons.copy(), np.flatnonzero(~is_whole | shapely.is_empty(polygons))
    single, row = parts(polygons[rows])
    rings, of = shapely.get_rings(single, return_index=True)
    is_shell = np.concatenate([[True], of[1:] != of[:-1]]) if len(of) else np.zeros(0, np.bool_)
    keep = is_shell | (shapely.area(shapely.polygons(rings)) >= _HOLE_M2)
    out[rows] = _gathered(np.asarray(shapely.polygons(rings[keep], indices=of[keep]), dtype=object), row, len(rows))
    return out


def _gathered(single: Geometries, row: Ints, count: int) -> Geometries:
    """Polygons put together by row (sorted): a polygon where there is one, else a multipolygon."""
    out = np.full(count, shapely.MultiPolygon())
    is_alone = (np.bincount(row, minlength=count) == 1)[row]
    out[row[is_alone]] = single[is_alone]
    if not is_alone.all():
        shapely.multipolygons(single[~is_alone], indices=row[~is_alone], out=out)
    return out


def _meeting(one: Geometries, other: Geometries) -> tuple[Ints, Ints]:
    """Rows of ``one`` and ``other`` that meet, sorted by row of ``one``."""
    j, i = shapely.STRtree(one).query(other, predicate="intersects")
    order = np.lexsort((j, i))
    return i[order].astype(np.int64), j[order].astype(np.int64)


def _without(polygons: Geometries, row: Ints, taker: Ints, takers: Geometries) -> Geometries:
    """Polygons less their takers; (row, taker) pairs sorted by row. What would vanish stays whole."""
    out = polygons.copy()
    rows, start = np.unique(row, return_index=True)
    if not len(rows):
        return out
    taken = np.array([shapely.union_all(takers[t]) for t in np.split(taker, start[1:])], dtype=object)
    left = _areal(np.asarray(shapely.difference(out[rows], taken), dtype=object))
    out[rows] = np.where(shapely.is_empty(left), out[rows], left)
    return out


def _areal(geometry: Geometries) -> Geometries:
    """The polygons of overlay results, which may carry stray lines and points."""
    mixed = np.flatnonzero(shapely.get_type_id(geometry) > 6)
    if len(mixed):
        single, row = parts(geometry[mixed])
        keep = shapely.get_type_id(single) == _POLYGON
        geometry[mixed] = _gathered(single[keep], row[keep], len(mixed))
    return geometry


def _own_ground(footprints: Geometries, unit: Ints, raw: Geometries, margin_m: float) -> tuple[Geometries, Ints]:
    """Ground that is a footprint's own although another unit's outline reaches it, and the index of the footprint.

    Footprint and margin, but no more than half the gap to the nearest footprint of another unit, so own grounds
    of different units never meet.
    """
    reach_m = margin_m * _ROUND + _tolerance_m(margin_m)  # as far as a single house's outline goes
    near, outline = _boxes_meeting(shapely.bounds(footprints), shapely.bounds(raw), reach_m)
    near, outline = near[unit[near] != outline], outline[unit[near] != outline]  # its own reaches every footprint
    shapely.prepare(raw)
    is_reached = shapely.dwithin(raw[outline], footprints[near], reach_m)
    shapely.destroy_prepared(raw)
    contested = np.unique(near[is_reached]).astype(np.int64)
    if not len(contested):
        return np.empty(0, dtype=object), contested
    a, b, gap_m = pairs(features(footprints), 2 * margin_m, unit, is_same_group=False)
    least = np.full(len(footprints), np.inf)
    np.minimum.at(least, a, gap_m)
    np.minimum.at(least, b, gap_m)
    radius = np.minimum(margin_m, 0.49 * least[contested])
    radius[shapely.area(footprints[contested]) == 0] += _BANK_M  # a point needs some ground even on its neighbour's wall
    return np.asarray(shapely.buffer(footprints[contested], radius, quad_segs=_ARC), dtype=object), contested


def _boxes_meeting(small: Floats, large: Floats, reach_m: float) -> tuple[Ints, Ints]:
    """Pairs of boxes (west, south, east, north) no farther apart than the reach in x and in y; far more small than large."""
    middle, half = (small[:, :2] + small[:, 2:]) / 2, (small[:, 2:] - small[:, :2]) / 2
    most = np.tile(half.max(axis=0, initial=0.0) + reach_m, 2) * (1.0 + 1e-9)
    one, other = in_boxes(middle[:, 0], middle[:, 1], large + most * np.array([-1.0, -1.0, 1.0, 1.0]))
    a, b = small[one], large[other]
    meets = ((a[:, :2] - reach_m <= b[:, 2:]) & (a[:, 2:] + reach_m >= b[:, :2])).all(axis=1)
    return one[meets], other[meets]


def _settled(raw: Geometries, ground: Geometries, owner: Ints, footprints: Geometries, unit: Ints, count: Ints) -> Geometries:
    """Outlines without overlaps: single houses keep to their own ground, which the others leave them."""
    settled = raw.copy()
    alone = count[unit[owner]] == 1
    lone = unit[owner[alone]]
    settled[lone] = _areal(np.asarray(shapely.intersection(ground[alone], raw[lone]), dtype=object))
    several = np.flatnonzero(count > 1)
    row, taker = _meeting(settled[several], ground)
    other = unit[owner[taker]] != several[row]
    settled[several] = _without(settled[several], row[other], taker[other], ground)
    rank = np.empty(len(several), np.int64)
    rank[np.lexsort((several, count[several]))] = np.arange(len(several))
    row, taker = _meeting(settled[several], settled[several])
    loses = rank[row] > rank[taker]
    settled[several] = _without(settled[several], row[loses], taker[loses], settled[several])
    return _without_scraps(settled, footprints, unit)


def _without_scraps(outlines: Geometries, footprints: Geometries, unit: Ints) -> Geometries:
    """Outlines without the small detached pieces on which none of their footprints stands."""
    single, of = parts(outlines)
    keep = shapely.area(single) >= _PIECE_M2
    small = np.flatnonzero(~keep)
    piece, footprint = shapely.STRtree(footprints).query(single[small], predicate="intersects")
    small = small[piece]
    keep[small[of[small] == unit[footprint]]] = True
    return _gathered(single[keep], of[keep], len(outlines))
