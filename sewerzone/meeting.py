"""What lies in or meets what: points in areas, straight segments and barriers; and the points that stand for shapes.

A town has millions of points and segments and few areas. Points stay arrays: a grid finds those in the boxes of areas, and
only these are asked one by one, of prepared areas; no object is made for a point, and for few segments. A point as an object
takes some two hundred bytes, its coordinates sixteen: those that stand for shapes are made block by block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.engineering.places import centres, insides

Geometries = NDArray[np.object_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

POINTS_PER_CELL = 4.0
MOST_CELLS_ACROSS = 30_000
"""Bounds the grid where one stray point lies far away."""
ASKED_AT_ONCE = 200_000
"""Points for which the areas that may hold them are looked up together."""
POINTS_AT_ONCE = 20_000
"""Shapes whose corners and points are held together."""

_POLYGON = 3


def centroids(geometries: Geometries) -> Floats:
    """(n, 2) centre of gravity of each geometry; NaN where there is none."""
    return _points(geometries, centres, shapely.centroid)


def surface_points(geometries: Geometries) -> Floats:
    """(n, 2) a point in or on each geometry; NaN where there is none."""
    return _points(geometries, insides, shapely.point_on_surface)


def _points(geometries: Geometries, of_rings: Callable[..., None], of_any: Callable[..., Any]) -> Floats:
    """A point for each geometry; polygons of one ring, nearly all houses, need no object for it."""
    out = np.full((len(geometries), 2), np.nan)
    for begin in range(0, len(geometries), POINTS_AT_ONCE):
        some, place = geometries[begin : begin + POINTS_AT_ONCE], out[begin : begin + POINTS_AT_ONCE]
        plain = np.flatnonzero((shapely.get_type_id(some) == _POLYGON) & (shapely.get_num_interior_rings(some) == 0))
        xy, of = shapely.get_coordinates(some[plain], return_index=True)
        found = np.empty((len(plain), 2))
        of_rings(xy, np.searchsorted(of, np.arange(len(plain) + 1)), found)
        place[plain] = found
        rest = np.flatnonzero(np.isnan(place[:, 0]))
        left, row = shapely.get_coordinates(of_any(some[rest]), return_index=True)
        place[rest[row]] = left
    return out


def lying_in(x_m: Floats, y_m: Floats, areas: Geometries, with_border: bool = True) -> tuple[Ints, Ints]:
    """Pairs (point, area) of points in areas, on their border too if asked; sorted by point, then area."""
    boxes = shapely.bounds(areas)
    shapely.prepare(areas)
    ask = shapely.intersects_xy if with_border else shapely.contains_xy
    found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for begin in range(0, len(x_m), ASKED_AT_ONCE):
        x, y = x_m[begin : begin + ASKED_AT_ONCE], y_m[begin : begin + ASKED_AT_ONCE]
        point, area = in_boxes(x, y, boxes)
        is_in = ask(areas[area], x[point], y[point])
        point, area = point[is_in], area[is_in]
        order = np.lexsort((area, point))
        found.append((begin + point[order], area[order]))
    shapely.destroy_prepared(areas)
    return np.concatenate([point for point, _ in found]), np.concatenate([area for _, area in found])


def meeting(start_m: Floats, end_m: Floats, barriers: Geometries) -> tuple[Ints, Ints]:
    """Pairs (barrier, segment) of lines and areas that straight segments (m, 2) meet, touching included; sorted.

    A segment meets a barrier if its middle lies there or if it meets the line or the border; then its middle is no farther
    from that than half its length.
    """
    middle = (start_m + end_m) / 2.0
    segment, barrier = lying_in(middle[:, 0], middle[:, 1], barriers)
    walls, of = _walls(barriers)
    half = 0.5 * float(np.hypot(*(end_m - start_m).T).max(initial=0.0)) * (1.0 + 1e-9)
    boxes = np.concatenate([walls.min(axis=1) - half, walls.max(axis=1) + half], axis=1)
    near, wall = in_boxes(middle[:, 0], middle[:, 1], boxes)
    pairs = np.unique(of[wall] * len(middle) + near)
    pairs = pairs[~np.isin(pairs, barrier * len(middle) + segment)]
    which, at = pairs // max(len(middle), 1), pairs % max(len(middle), 1)
    asked, line = np.unique(at, return_inverse=True)
    lines = np.asarray(shapely.linestrings(np.stack([start_m[asked], end_m[asked]], axis=1)), dtype=object)
    shapely.prepare(barriers)
    is_met = shapely.intersects(barriers[which], lines[line])
    shapely.destroy_prepared(barriers)
    barrier, segment = np.concatenate([barrier, which[is_met]]), np.concatenate([segment, at[is_met]])
    order = np.lexsort((segment, barrier))
    return barrier[order], segment[order]


def _walls(barriers: Geometries) -> tuple[Floats, Ints]:
    """Straight stretches (k, 2, 2) of lines and borders, and the barrier of each."""
    parts, of_part = shapely.get_parts(barriers, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    is_line = shapely.get_dimensions(parts) == 1
    lines = np.concatenate([parts[is_line], rings])
    owner = np.concatenate([of_part[is_line], of_part[of_ring]])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    follows = np.flatnonzero(line[1:] == line[:-1])
    return np.stack([xy[follows], xy[follows + 1]], axis=1), owner[line[follows]].astype(np.int64)


def in_boxes(x_m: Floats, y_m: Floats, boxes: Floats) -> tuple[Ints, Ints]:
    """Pairs (point, box) of points in boxes (west, south, east, north), borders included; NaN boxes hold none.

    Points are sorted by the cells of a grid, so that those in a row of cells that a box meets follow each other.
    """
    known = np.flatnonzero(np.isfinite(boxes).all(axis=1))
    if not len(x_m) or not len(known):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    corner, size = np.array([x_m.min(), y_m.min()]), np.array([np.ptp(x_m), np.ptp(y_m)])
    cell = max(1.0, float(np.sqrt(size.prod() * POINTS_PER_CELL / len(x_m))), float(size.max()) / MOST_CELLS_ACROSS)
    columns, rows = (size // cell).astype(np.int64) + 1
    key = ((y_m - corner[1]) // cell).astype(np.int64) * columns + ((x_m - corner[0]) // cell).astype(np.int64)
    order = np.argsort(key, kind="stable")
    key = key[order]
    limit = np.array([columns - 1, rows - 1, columns - 1, rows - 1])
    west, south, east, north = np.clip((boxes[known] - np.tile(corner, 2)) // cell, 0, limit).astype(np.int64).T
    box, row = _ranges(south, north + 1)
    first = np.searchsorted(key, row * columns + west[box])
    last = np.searchsorted(key, row * columns + east[box], side="right")
    of, at = _ranges(first, last)
    point, box = order[at], known[box[of]]
    x, y, held = x_m[point], y_m[point], boxes[box]
    keep = (x >= held[:, 0]) & (y >= held[:, 1]) & (x <= held[:, 2]) & (y <= held[:, 3])
    return point[keep], box[keep]


def _ranges(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """All whole numbers of the ranges start[i] .. stop[i] - 1, with i."""
    counts = stop - start
    of = np.repeat(np.arange(len(counts)), counts)
    return of, np.arange(len(of)) + (start - np.cumsum(counts) + counts)[of]
