"""Districts that borders of municipalities cut: each has as much of the people as it has of the houses.

A census district ends at the border, a square of a mesh does not. Whose a house is and in which district it lies is decided in
the coordinates of the files, and houses of neighbours in such a district are counted wherever they are. So all
municipalities come to the same numbers, and their parts add up to the district.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from sewerzone.config import Layer
from sewerzone.io import vector
from sewerzone.io.municipality import FINER, SPARE, Houses, Part
from sewerzone.io.vector import Bounds
from sewerzone.meeting import Geometries, lying_in, surface_points
from sewerzone.stages.prepare.geometry import repaired
from sewerzone.stages.prepare.layers import HAS_HOUSES, SHARE

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROLE = "districts"
LEAST_OF_LARGEST = 0.05
"""Of the houses of that municipality which has most in a district; one with fewer has none of its people. Borders of districts
and of municipalities are drawn by different hands, and a few houses between the two lines are no part of a district."""


def own(
    part: Part, shapes: Geometries, crs: CRS, role: str, source: tuple[Layer, Path, Bounds | None]
) -> tuple[Bools, dict[str, Any]]:  # fmt: skip
    """Which rows, read from a layer within bounds, are the municipality's own; and further columns of these."""
    if role == "buildings":
        return part.own_houses(shapes, crs, *source), {}
    if role != ROLE:
        return part.own(shapes, crs, role), {}
    share, is_told = shares(part, shapes, crs)
    mine = np.asarray(share > 0, np.bool_)
    return mine, {SHARE: share[mine], HAS_HOUSES: is_told[mine]}


def shares(part: Part, shapes: Geometries, crs: CRS) -> tuple[Floats, Bools]:
    """Of each district the share that belongs to the municipality, and whether that is told by houses in it.

    Where a district holds no house at all, and where districts are points, a point inside decides: all or nothing.
    """
    share, is_told = part.own(shapes, crs, ROLE).astype(np.float64), np.zeros(len(shapes), np.bool_)
    houses, rows = part.houses, np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if houses is None or not len(rows):
        return share, is_told
    areas = repaired(shapes[rows])[0]
    row, house = _held(areas, crs, houses)
    asked = np.union1d(row[houses.is_own[house]], np.flatnonzero(share[rows]))
    own, every = _counted(asked, row, house, houses, len(rows))
    boxes = _boxes(areas[asked], crs, houses.crs)
    is_beyond = _is_beyond(boxes, houses.bounds)
    if is_beyond.any():
        beyond = asked[is_beyond]
        houses = _read(part, houses, boxes[is_beyond])
        row, house = _held(areas[beyond], crs, houses)
        own[beyond], every[beyond] = _counted(np.arange(len(beyond)), row, house, houses, len(beyond))
    is_told[rows] = every > 0
    share[rows] = np.divide(own, every, out=share[rows], where=every > 0)
    at_all = share > 0
    part.facts[ROLE] |= {"own": int(at_all.sum()), "divided": int((at_all & (share < 1)).sum())}
    return share, is_told & at_all


def _held(areas: Geometries, crs: CRS, houses: Houses) -> tuple[Ints, Ints]:
    """Pairs of areas and the houses that lie in them."""
    x, y = houses.xy.T
    if houses.crs != crs:
        x, y = Transformer.from_crs(houses.crs, crs, always_xy=True).transform(x, y)
    scale = FINER if crs.is_geographic else 1.0
    scaled = np.asarray(shapely.transform(areas, lambda xy: xy * scale), dtype=object)
    is_placed = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    house, row = lying_in(x[is_placed] * scale, y[is_placed] * scale, scaled)
    return row, is_placed[house]


def _counted(asked: Ints, row: Ints, house: Ints, houses: Houses, count: int) -> tuple[Floats, Floats]:
    """Houses of the municipality, and of all that have a part, in each of so many areas; 0 where not asked."""
    is_asked = np.isin(row, asked)
    row, house = row[is_asked], house[is_asked]
    owner = houses.owner[house]
    most = int(owner.max(initial=0)) + 2  # NOWHERE is the lowest
    pair, of, number = np.unique(row * most + owner + 1, return_inverse=True, return_counts=True)
    largest = np.zeros(count, np.int64)
    np.maximum.at(largest, pair // most, number)
    has_part = (number >= LEAST_OF_LARGEST * largest[pair // most])[of]
    every = np.bincount(row[has_part], minlength=count)
    own = np.bincount(row[has_part & houses.is_own[house]], minlength=count)
    return own.astype(np.float64), every.astype(np.float64)


def _boxes(areas: Geometries, crs: CRS, to: CRS) -> Floats:
    """(n, 4) bounds of areas in another system, a little wider: edges bend between their corners."""
    if to != crs:
        across = Transformer.from_crs(crs, to, always_xy=True)
        areas = np.asarray(shapely.transform(areas, lambda xy: np.column_stack(across.transform(*xy.T))), dtype=object)
    boxes = shapely.bounds(areas)
    spare = SPARE * np.max(boxes[:, 2:] - boxes[:, :2], axis=1, keepdims=True)
    return np.hstack([boxes[:, :2] - spare, boxes[:, 2:] + spare])


def _is_beyond(boxes: Floats, bounds: Bounds | None) -> Bools:
    """Whether boxes reach beyond bounds."""
    if bounds is None:
        return np.zeros(len(boxes), np.bool_)
    west, south, east, north = boxes.T
    return np.asarray((west < bounds[0]) | (south < bounds[1]) | (east > bounds[2]) | (north > bounds[3]), np.bool_)


def _read(part: Part, houses: Houses, boxes: Floats) -> Houses:
    """The houses of all municipalities in other bounds, those of all boxes; everywhere where a box cannot be expressed."""
    west, south, east, north = map(float, (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)))
    bounds = (west, south, east, north) if np.isfinite(boxes).all() else None
    with vector.opened(houses.layer, houses.base, "inputs.buildings", role="buildings") as source:
        shapes = vector.frame(source, [], bounds, "inputs.buildings").geometry.to_numpy()
    shapes = shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes
    xy = surface_points(shapes)
    is_own, owner, _ = part.mine(xy, houses.crs)
    return houses._replace(bounds=bounds, xy=xy, owner=owner, is_own=is_own)
