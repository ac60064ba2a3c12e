"""Where the numbers of study units stand on the printed map: beside their units, not on each other, always the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.output.map_content import Box

Cells = NDArray[np.int64]

MUST_HAVE_DWELLINGS = 10.0
"""Units of this size get their number even where it covers something; smaller ones only where there is room."""

MARK_COUNTS = 20
"""What a square of a symbol counts against one of anything else drawn."""

_CELL_PT = 2.0
"""The sheet is looked at in squares of this size."""

_GAP = 1
"""Cells between a unit and its number."""


def places(
    units: gpd.GeoDataFrame, drawn: list[NDArray[np.float64]], view: Box, width_pt: float, size_pt: float,
    marks: Sequence[NDArray[np.float64]] = (),
) -> gpd.GeoSeries:  # fmt: skip
    """The middle of each number that finds a place, as points with ``unit_id`` as index.

    The largest units choose first. Each takes the place that covers least of what is drawn, of five: right, left, above
    and below its outline, and inside it.

    Parameters
    ----------
    units : with ``unit_id``, ``dwellings`` and outlines; maybe ``label``
    drawn : coordinates of what should stay visible, close enough together not to slip through
    view : edges of the map
    width_pt : its width on the sheet
    size_pt : size of letters
    marks : coordinates of symbols, which are spared before anything else
    """
    west, south, east, north = view
    cell = (east - west) * _CELL_PT / width_pt
    shape = int(np.ceil((east - west) / cell)), int(np.ceil((north - south) / cell))
    units = units[shapely.intersects(units.geometry.to_numpy(), shapely.box(*view))]
    units = units.sort_values(["dwellings", "unit_id"], ascending=[False, True])
    digits = words(units).str.len().to_numpy()
    wide = np.ceil(0.64 * size_pt * digits / _CELL_PT).astype(np.int64)
    high = int(np.ceil(0.8 * size_pt / _CELL_PT))
    origin = np.array([west, south])
    corners = _candidates(units, origin, cell, wide, high)
    covered = _covered(drawn, origin, cell, shape, corners, wide, high)
    covered += MARK_COUNTS * _covered(list(marks), origin, cell, shape, corners, wide, high)
    kept = _choose(corners, covered, wide, high, units["dwellings"].to_numpy() >= MUST_HAVE_DWELLINGS, shape)
    found = kept >= 0
    lower_left = corners[found, kept[found]]
    middle = (lower_left + np.c_[wide[found], np.full(found.sum(), high)] / 2) * cell + (west, south)
    return gpd.GeoSeries(shapely.points(middle), index=units["unit_id"].to_numpy()[found], crs=units.crs)


def words(units: gpd.GeoDataFrame) -> pd.Series[str]:
    """What is written beside each: its ``label`` where it has one, else its number (a column, or the index)."""
    name = next((c for c in ("label", "unit_id") if c in units), None)
    out: pd.Series[str] = (units.index.to_series() if name is None else units[name]).astype(str)
    return out


def _candidates(units: gpd.GeoDataFrame, origin: NDArray[np.float64], cell: float, wide: Cells, high: int) -> Cells:
    """(units, 5, 2) cells of lower left corners: right, left, above, below, inside."""
    outlines = units.geometry.to_numpy()
    xy, row = shapely.get_coordinates(outlines, return_index=True)
    inside = shapely.get_coordinates(shapely.point_on_surface(outlines))
    middle = np.c_[wide, np.full(len(wide), high)] / 2
    out = np.empty((len(units), 5, 2))
    away: NDArray[np.int64] = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    for k, direction in enumerate(away):
        order = np.lexsort((-(xy @ direction), row))
        farthest = xy[order[np.r_[True, np.diff(row[order]) > 0]]] if len(row) else xy
        out[:, k] = (farthest - origin) / cell + direction * (middle + _GAP)
    out[:, 4] = (inside - origin) / cell
    lower_left: Cells = np.floor(out - middle[:, None, :] + 0.5).astype(np.int64)
    return lower_left


def _covered(
    drawn: list[NDArray[np.float64]],
    origin: NDArray[np.float64],
    cell: float,
    shape: tuple[int, int],
    corners: Cells,
    wide: Cells,
    high: int,
) -> NDArray[np.float64]:
    """(units, 5) drawn cells under each place; infinite where it would leave the map."""
    ink = np.zeros(shape, dtype=np.int64)
    at = np.floor((np.vstack([*drawn, np.empty((0, 2))]) - origin) / cell).astype(np.int64)
    at = at[((at >= 0) & (at < shape)).all(axis=1)]
    ink[at[:, 0], at[:, 1]] = 1
    sums = np.pad(ink.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    left, low = corners[..., 0], corners[..., 1]
    right, top = left + wide[:, None], low + high
    outside = (left < 0) | (low < 0) | (right > shape[0]) | (top > shape[1])
    x0, x1 = (v.clip(0, shape[0]) for v in (left, right))
    y0, y1 = (v.clip(0, shape[1]) for v in (low, top))
    return np.where(outside, np.inf, sums[x1, y1] - sums[x0, y1] - sums[x1, y0] + sums[x0, y0])


def _choose(
    corners: Cells, covered: NDArray[np.float64], wide: Cells, high: int, is_needed: NDArray[Any], shape: tuple[int, int]
) -> Cells:
    """The place each unit takes, -1 for none; numbers never overlap."""
    taken = np.zeros(shape, dtype=bool)
    kept = np.full(len(corners), -1, dtype=np.int64)
    for row, order in enumerate(np.argsort(covered, axis=1, kind="stable").tolist()):
        for k in order:
            if np.isinf(covered[row, k]) or (covered[row, k] > 0 and not is_needed[row]):
                break
            x, y = corners[row, k].tolist()
            here = taken[x : x + wide[row], y : y + high]
            if not here.any():
                taken[max(x - 1, 0) : x + wide[row] + 1, max(y - 1, 0) : y + high + 1] = True
                kept[row] = k
                break
    return kept
