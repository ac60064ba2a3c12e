"""Geometry that several stages need: footprints as plain arrays, barriers between them.

The one small module between stages and engineering that may use shapely; it knows no tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.engineering.gaps import Features, Ints
from sewerzone.engineering.neighbours import SLACK_M

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
