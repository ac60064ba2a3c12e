"""Outlines of study units: closed round their houses, apart from each other and from served areas."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.engineering.closing import Rings, closed, is_fine
from sewerzone.engineering.gaps import Features, Ints
from sewerzone.engineering.neighbours import pairs
from sewerzone.meeting import lying_in
from sewerzone.shapes import features, parts

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_POLYGON, _RING = 3, 2
_ARC = 3
"""Segments per quarter circle of outlines."""
_ROUND = 1.0 / np.cos(np.pi / (4 * _ARC))
"""Arcs are drawn with corners inside the circle; this radius puts their sides outside it."""
_TOLERANCE = 1 / 20
"""Times the margin: how far simplifying may move an outline."""
_WIDEST = 1.1
"""Times the margin: no outline goes farther from its houses where no bays are filled, rounding and simplifying included."""
_AT_ONCE = 20_000
"""Footprints asked at a time whether an outline holds them."""
_HOLE_M2 = 500.0
_PIECE_M2 = 300.0
_DRY_M = 0.01
"""A point needs some ground even on its neighbour's wall."""


def per_ha(count: NDArray[np.float64], area_ha: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density; an outline others leave nothing of, as may be of a house given as a point, counts as a square metre."""
    return np.asarray(count / np.maximum(area_ha, 1e-4))


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
    count, rings = np.bincount(unit), features(footprints)
    closing_m = np.where(count > 1, closing_m, 0.0)
    raw = _closed(footprints, rings, unit, closing_m, margin_m)
    least_m = min(margin_m, 1.0)
    is_cut = (closing_m > 0) & ~is_fine(closing_m, margin_m)
    if home is not None:
        bound = np.flatnonzero(~shapely.is_missing(home))
        raw[bound] = _areal(np.asarray(shapely.intersection(raw[bound], home[bound]), dtype=object))
        is_cut[bound] = True
    raw = _with_ground(raw, _left_out(raw, unit, footprints, is_cut), footprints, unit, least_m)
    row, area = _meeting(raw, away, *_near(raw, away))
    raw = _without(raw, row, area, away)
    is_cut = np.isin(np.arange(len(raw)), row)
    raw = _with_ground(raw, _left_out(raw, unit, footprints, is_cut, by_a_point=True), footprints, unit, least_m)
    ground, owner = _own_ground(footprints, rings, unit, raw, margin_m, closing_m)
    return _settled(raw, ground, owner, footprints, unit, count)


def _closed(footprints: Geometries, rings: Features, unit: Ints, closing_m: Floats, margin_m: float) -> Geometries:
    """Each unit's footprints with margin, bays and small holes filled, a little simplified."""
    is_closed = closing_m > 0
    lines = closed(rings, np.where(is_closed[unit], unit, -1), closing_m, margin_m)
    corner = np.floor(shapely.total_bounds(footprints)[:2])
    out = _drawn(lines._replace(xy_m=lines.xy_m + corner), len(closing_m), margin_m * _TOLERANCE)
    plain = np.flatnonzero(~is_closed[unit])
    out[unit[plain]] = shapely.buffer(footprints[plain], margin_m * _ROUND, quad_segs=_ARC)
    several = plain[(np.bincount(unit) > 1)[unit[plain]]]
    return _filled(_with_ground(out, several, footprints, unit, margin_m * _ROUND))


def _drawn(rings: Rings, count: int, tolerance_m: float) -> Geometries:
    """Polygons by unit of shells and the holes in them, small holes filled; simplified, but not where this makes them cross."""
    of = np.repeat(np.arange(len(rings.unit)), np.diff(rings.start))
    exact = np.asarray(shapely.linearrings(rings.xy_m, indices=of), dtype=object)
    area = np.asarray(shapely.area(shapely.polygons(exact)))
    fair = np.asarray(shapely.simplify(exact, tolerance_m, preserve_topology=False), dtype=object)
    is_shell, is_ring = shapely.is_ccw(exact), shapely.get_type_id(fair) == _RING  # slivers become lines
    shell, hole = np.flatnonzero(is_shell & is_ring), np.flatnonzero(~is_shell & is_ring & (area >= _HOLE_M2))
    x, y = rings.xy_m[rings.start[hole]].T
    inner, outer = lying_in(x, y, np.asarray(shapely.polygons(exact[shell]), dtype=object))
    inner, outer = hole[inner], shell[outer]
    own = np.flatnonzero(rings.unit[inner] == rings.unit[outer])
    own = own[np.lexsort((area[outer[own]], inner[own]))]  # the narrowest shell round each hole first
    inner, first = np.unique(inner[own], return_index=True)
    every = np.concatenate([shell, inner])
    piece = np.concatenate([np.arange(len(shell)), np.searchsorted(shell, outer[own][first])])
    order = np.argsort(piece, kind="stable")
    every, piece = every[order], piece[order]
    out = np.asarray(shapely.polygons(fair[every], indices=piece), dtype=object)
    amiss = np.flatnonzero(~shapely.is_valid(out))
    if len(amiss):
        again = np.isin(piece, amiss)
        whole = shapely.polygons(exact[every[again]], indices=np.searchsorted(amiss, piece[again]))
        out[amiss] = shapely.simplify(whole, tolerance_m)
    return _gathered(out, rings.unit[shell], count)


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


def _left_out(outlines: Geometries, unit: Ints, footprints: Geometries, is_asked: Bools, by_a_point: bool = False) -> Ints:
    """Rows of footprints that their unit's outline does not contain, wholly or ``by_a_point`` inside them; of units asked."""
    rows = np.flatnonzero(is_asked[unit])
    is_in = np.empty(len(rows), np.bool_)
    shapely.prepare(outlines)
    for begin in range(0, len(rows), _AT_ONCE):
        some = rows[begin : begin + _AT_ONCE]
        asked = shapely.point_on_surface(footprints[some]) if by_a_point else footprints[some]
        is_in[begin : begin + _AT_ONCE] = shapely.contains(outlines[unit[some]], asked)
    shapely.destroy_prepared(outlines)
    return rows[~is_in]


def _with_ground(outlines: Geometries, which: Ints, footprints: Geometries, unit: Ints, margin_m: float) -> Geometries:
    """Outlines that take back some of their footprints, which a cut would have left outside."""
    out = outlines.copy()
    order = which[np.argsort(unit[which], kind="stable")]
    ground = shapely.buffer(footprints[order], margin_m, quad_segs=_ARC)
    units, start = np.unique(unit[order], return_index=True)
    for i, own in zip(units, np.split(ground, start[1:]), strict=bool(len(units))):
        out[i] = shapely.union_all([out[i], *own])
    return out


def _near(one: Geometries, other: Geometries) -> tuple[Ints, Ints]:
    """Rows of ``one`` and ``other`` whose boxes meet, sorted."""
    i, j = shapely.STRtree(other).query(one)
    order = np.lexsort((j, i))
    return i[order].astype(np.int64), j[order].astype(np.int64)


def _meeting(one: Geometries, other: Geometries, i: Ints, j: Ints) -> tuple[Ints, Ints]:
    """Those of the pairs (i, j) that meet; fast where ``one`` is the more intricate."""
    shapely.prepare(one)
    meets = shapely.intersects(one[i], other[j])
    shapely.destroy_prepared(one)
    return i[meets], j[meets]


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


def _own_ground(
    footprints: Geometries, rings: Features, unit: Ints, raw: Geometries, margin_m: float, closing_m: Floats
) -> tuple[Geometries, Ints]:
    """Ground that is a footprint's own although another unit's outline reaches it, and the index of the footprint.

    Footprint and margin, but no more than half the gap to the nearest footprint of another unit, so own grounds
    of different units never meet.
    """
    reach_m = margin_m * _WIDEST
    a, b, gap_m = pairs(rings, 2 * reach_m + float(closing_m.max()), unit, is_same_group=False)
    one, other, gap_m = np.concatenate([a, b]), unit[np.concatenate([b, a])], np.concatenate([gap_m, gap_m])
    least = np.full(len(footprints), np.inf)
    np.minimum.at(least, one, gap_m)
    near, outline = np.unique(np.stack([one, other])[:, gap_m <= 2 * reach_m + closing_m[other]], axis=1)
    shapely.prepare(raw)
    is_reached = shapely.dwithin(raw[outline], footprints[near], reach_m)
    shapely.destroy_prepared(raw)
    contested = np.unique(near[is_reached])
    radius = np.minimum(margin_m, 0.49 * least[contested])
    radius[shapely.area(footprints[contested]) == 0] += _DRY_M
    return np.asarray(shapely.buffer(footprints[contested], radius, quad_segs=_ARC), dtype=object), contested


def _settled(raw: Geometries, ground: Geometries, owner: Ints, footprints: Geometries, unit: Ints, count: Ints) -> Geometries:
    """Outlines without overlaps: single houses keep to their own ground, which the others leave them."""
    settled = raw.copy()
    alone = count[unit[owner]] == 1
    lone = unit[owner[alone]]
    settled[lone] = _areal(np.asarray(shapely.intersection(ground[alone], raw[lone]), dtype=object))
    several = np.flatnonzero(count > 1)
    row, taker = _near(settled[several], ground)
    other = unit[owner[taker]] != several[row]
    row, taker = _meeting(settled[several], ground, row[other], taker[other])
    settled[several] = _without(settled[several], row, taker, ground)
    rank = np.empty(len(several), np.int64)
    rank[np.lexsort((several, count[several]))] = np.arange(len(several))
    row, taker = _near(settled[several], settled[several])
    loses = rank[row] > rank[taker]
    row, taker = _meeting(settled[several], settled[several], row[loses], taker[loses])
    settled[several] = _without(settled[several], row, taker, settled[several])
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
