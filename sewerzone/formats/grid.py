"""Elevation grids in degrees or Mercator metres: a sheet, a mosaic of sheets, and finer grids whose holes coarser ones fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from sewerzone.errors import TerrainError, problem

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""
MOST_CELLS = 400_000_000
"""Of one mosaic, held in memory with its water: 20 km each way at 1 m, 100 km at 5 m."""
_NEARLY = 1e-6
"""Of a cell: edges of grids coincide but for rounding."""
STRIP = 512
"""Rows filled at a time."""


@dataclass(frozen=True)
class Grid:
    """Ground elevations on a regular grid whose edges lie at whole multiples of its cells.

    ``elevation_m`` (rows, columns), float32, row 0 in the north, NaN where the ground is unknown; ``is_water`` of the same
    shape marks cells of sea and inland water, whose ground is unknown. Places are in ``crs``, east before north.
    """

    elevation_m: NDArray[np.float32]
    is_water: NDArray[np.bool_]
    column: int
    """Number of cells between x = 0 and the western edge."""
    row: int
    """Number of cells between y = 0 and the southern edge."""
    cell: float
    """Width and height of a cell in the unit of ``crs``."""
    crs: CRS

    @property
    def bounds(self) -> Bounds:
        """Edges, in the unit of ``crs``."""
        rows, columns = self.elevation_m.shape
        at = self.cell
        return self.column * at, self.row * at, (self.column + columns) * at, (self.row + rows) * at

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """(a, b, c, d, e, f) of x = a * column + b * row + c, y = d * column + e * row + f."""
        west, _, _, north = self.bounds
        return self.cell, 0.0, west, 0.0, -self.cell, north


def meets(grid: Grid, bounds: Bounds) -> bool:
    """Whether a grid and a box in its system share any ground."""
    west, south, east, north = grid.bounds
    return west < bounds[2] and bounds[0] < east and south < bounds[3] and bounds[1] < north


def mosaic(grids: Sequence[Grid]) -> Grid:
    """Grids of one cell size as one; where they overlap, what is known in an earlier one stays."""
    if len(grids) == 1:
        return grids[0]
    left = min(g.column for g in grids)
    low = min(g.row for g in grids)
    width = max(g.column + g.elevation_m.shape[1] for g in grids) - left
    height = max(g.row + g.elevation_m.shape[0] for g in grids) - low
    if width * height > MOST_CELLS:
        raise TerrainError(
            problem(
                f"the sheets of elevations span {width:,} by {height:,} cells",
                "they do not fit into memory together",
                "give the sheets of the municipality only, or a coarser product (DEM5 or DEM10 instead of DEM1)",
            )
        )
    elevation = np.full((height, width), np.nan, dtype=np.float32)
    water = np.zeros((height, width), dtype=bool)
    for grid in grids:
        rows, columns = grid.elevation_m.shape
        top = height - (grid.row - low) - rows
        place = np.s_[top : top + rows, grid.column - left : grid.column - left + columns]
        unknown = np.isnan(elevation[place]) & ~water[place]
        np.copyto(elevation[place], grid.elevation_m, where=unknown)
        np.copyto(water[place], grid.is_water, where=unknown)
    return Grid(elevation, water, left, low, grids[0].cell, grids[0].crs)


def layered(levels: Sequence[Grid], bounds: Bounds | None) -> tuple[Grid, list[int]]:
    """Grids of falling fineness as one in the cells of the first; and how many cells each of the others gave.

    It reaches as far as any level does, within ``bounds`` where given: the finest product often covers a part only.
    """
    edges = np.array([level.bounds for level in levels])
    box = np.concatenate([edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)])
    if bounds is not None:
        box = np.concatenate([np.maximum(box[:2], bounds[:2]), np.minimum(box[2:], bounds[2:])])
    total = _padded(levels[0], box) if len(levels) > 1 else levels[0]
    counts = []
    for level in levels[1:]:
        total, count = filled(total, level)
        counts.append(count)
    return total, counts


def _padded(grid: Grid, box: NDArray[np.float64]) -> Grid:
    """The grid with unknown cells round it, as far as the box reaches."""
    rows, columns = grid.elevation_m.shape
    low = np.floor(box[:2] / grid.cell + _NEARLY).astype(np.int64)
    high = np.ceil(box[2:] / grid.cell - _NEARLY).astype(np.int64)
    left, right = min(grid.column, int(low[0])), max(grid.column + columns, int(high[0]))
    bottom, top = min(grid.row, int(low[1])), max(grid.row + rows, int(high[1]))
    if (right - left, top - bottom) == (columns, rows):
        return grid
    rim = Grid(np.full((1, 1), np.nan, dtype=np.float32), np.zeros((1, 1), dtype=bool), left, top - 1, grid.cell, grid.crs)
    return mosaic([grid, rim, replace(rim, column=right - 1, row=bottom)])


def filled(fine: Grid, coarse: Grid) -> tuple[Grid, int]:
    """``fine`` with its holes filled from ``coarse``, bilinearly, but for water; and how many cells were filled.

    A cell is filled where the four coarse cells round its centre are known, else from the one it lies in. The grid's extent
    stays that of ``fine``.
    """
    elevation = fine.elevation_m.copy()
    rows, columns = elevation.shape
    west, _, _, north = fine.bounds
    coarse_west, _, _, coarse_north = coarse.bounds
    x: NDArray[Any] = (west + (np.arange(columns) + 0.5) * fine.cell - coarse_west) / coarse.cell
    y: NDArray[Any] = (coarse_north - north + (np.arange(rows) + 0.5) * fine.cell) / coarse.cell
    count = 0
    for first in range(0, rows, STRIP):
        part = np.s_[first : first + STRIP]
        hole_row, hole_column = np.nonzero(np.isnan(elevation[part]) & ~fine.is_water[part])
        found = _bilinear(coarse.elevation_m, x[hole_column], y[part][hole_row])
        elevation[part][hole_row, hole_column] = found
        count += int(np.isfinite(found).sum())
    return replace(fine, elevation_m=elevation), count


def _bilinear(values: NDArray[np.float32], x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float32]:
    """Values at places given in cells from the north-western corner; NaN outside and where unknown."""
    height, width = values.shape
    out = np.full(len(x), np.nan, dtype=np.float32)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    x, y = x[inside], y[inside]
    nearest = values[y.astype(np.int64), x.astype(np.int64)]
    left = np.clip(np.floor(x - 0.5).astype(np.int64), 0, max(width - 2, 0))
    top = np.clip(np.floor(y - 0.5).astype(np.int64), 0, max(height - 2, 0))
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = np.clip(x - 0.5 - left, 0.0, 1.0), np.clip(y - 0.5 - top, 0.0, 1.0)
    upper = values[top, left] * (1.0 - across) + values[top, right] * across
    lower = values[bottom, left] * (1.0 - across) + values[bottom, right] * across
    between = upper * (1.0 - down) + lower * down
    out[inside] = np.where(np.isnan(between), nearest, between)
    return out
