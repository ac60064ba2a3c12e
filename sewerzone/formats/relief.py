"""Ground of PLATEAU (CityGML ``dem``): triangles of a surface, turned into a regular grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from sewerzone.errors import CRSError, DataError, TerrainError, counted, problem
from sewerzone.formats import citygml, gml, grid, markup
from sewerzone.formats.dem import HIGHEST_M
from sewerzone.formats.grid import Bounds, Grid
from sewerzone.formats.sheets import Sheet, Sources, damaged
from sewerzone.noted import Note

CELL_DEG = 0.2 / 3600
"""Of the grid, some 5 m: the spacing of the surveys that the triangles are made of."""
CLASS = "TINRelief"
CORNERS = 4
"""Positions of a triangle's ring, the first repeated."""
TRIANGLES_AT_ONCE = 200_000
CELLS_AT_ONCE = 4_000_000
MOST_CELLS_OF_ONE = 1_000_000
"""Of the box round one triangle: 5 km each way. Larger ones are made of wrong positions."""
_ON_EDGE = 1e-9
"""A cell centre on the edge of two triangles belongs to one of them, rounding or not."""


def read(sources: Sources, bounds: Bounds | None = None) -> tuple[Grid, list[str]]:
    """Triangles of all sheets as one grid, and notes.

    Parameters
    ----------
    sources : files, folders and zips of CityGML; sheets without ``dem:TINRelief`` are passed over
    bounds : box in degrees; triangles wholly outside are not kept

    Notes
    -----
    A cell takes the height of the triangle its centre lies in; where triangles overlap, that of the last one read. Cells
    without a triangle are unknown.

    Raises
    ------
    DataError, CRSError, TerrainError
        No sheet holds triangles (in the box), a sheet is damaged, or its system is not in degrees.
    """
    parts: list[NDArray[np.float64]] = []
    count, crs = 0, None
    found = [s for s in citygml.city_sheets(sources, "dem") if CLASS in markup.root(s).first]
    for sheet in found:
        corners, crs = _triangles(sheet)
        count += len(corners)
        parts.append(corners if bounds is None else corners[_meeting(corners, bounds)])
    if crs is None or not count:
        raise DataError(
            problem(
                f"{sources} holds no ground surface in CityGML (dem:TINRelief)",
                "ground elevations come from it",
                "give the .gml files of udx/dem, the folder that holds them or the zip as downloaded",
            )
        )
    corners = np.concatenate(parts)
    if not len(corners):
        raise TerrainError(
            problem(
                f"none of the {count:,} triangles of {sources} meets the study area",
                "buildings and roads would have no ground elevation",
                "fetch the sheets of the meshes the municipality lies in",
            )
        )
    held = of_triangles(corners, crs)
    return held, [Note("tin", triangles=len(corners), sheets=len(found))]


def of_triangles(corners: NDArray[np.float64], crs: CRS) -> Grid:
    """(t, 3, 3) corners (east and north in degrees, height in m) as a grid of ``CELL_DEG``."""
    low, high = corners[..., :2].min(axis=(0, 1)), corners[..., :2].max(axis=(0, 1))
    first = np.floor(low / CELL_DEG).astype(np.int64)
    columns, rows = (np.ceil(high / CELL_DEG).astype(np.int64) - first).tolist()
    if columns * rows > grid.MOST_CELLS:
        raise TerrainError(
            problem(
                f"the sheets of triangles span {columns:,} by {rows:,} cells",
                "they do not fit into memory together",
                "give the sheets of the municipality only",
            )
        )
    elevation = np.full((max(rows, 1), max(columns, 1)), np.nan, dtype=np.float32)
    in_cells = corners.copy()
    in_cells[..., :2] = corners[..., :2] / CELL_DEG - first  # in cells from the south-western corner
    for begin in range(0, len(in_cells), TRIANGLES_AT_ONCE):
        _drop(in_cells[begin : begin + TRIANGLES_AT_ONCE], elevation)
    return Grid(elevation[::-1].copy(), np.zeros(elevation.shape, dtype=bool), int(first[0]), int(first[1]), CELL_DEG, crs)


def _drop(corners: NDArray[np.float64], elevation: NDArray[np.float32]) -> None:
    """Heights at the cell centres that lie in the triangles; row 0 of ``elevation`` is in the south here."""
    low = np.maximum(np.ceil(corners[..., :2].min(axis=1) - 0.5), 0).astype(np.int64)
    high = np.floor(corners[..., :2].max(axis=1) - 0.5).astype(np.int64) + 1
    high = np.minimum(high, [elevation.shape[1], elevation.shape[0]])
    wide, tall = np.maximum(high - low, 0).T
    cells = wide * tall
    for part in np.split(np.arange(len(corners)), np.flatnonzero(np.diff(np.cumsum(cells) // CELLS_AT_ONCE)) + 1):
        owner = np.repeat(part, cells[part])
        inner = np.arange(len(owner)) - np.repeat(np.cumsum(cells[part]) - cells[part], cells[part])
        column = low[owner, 0] + inner % np.maximum(wide[owner], 1)
        row = low[owner, 1] + inner // np.maximum(wide[owner], 1)
        height, is_inside = _heights(corners[owner], column + 0.5, row + 0.5)
        elevation[row[is_inside], column[is_inside]] = height[is_inside]


def _heights(
    corners: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Height of each triangle's plane at its point, and whether the point lies in the triangle."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):  # triangles without area hold no point
        of_b = ((x - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (y - a[:, 1])) / area
        of_c = ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (x - a[:, 0]) * (b[:, 1] - a[:, 1])) / area
        height = a[:, 2] + of_b * (b[:, 2] - a[:, 2]) + of_c * (c[:, 2] - a[:, 2])
        is_inside = (of_b >= -_ON_EDGE) & (of_c >= -_ON_EDGE) & (of_b + of_c <= 1.0 + _ON_EDGE)
    return height, is_inside & np.isfinite(height)


def _triangles(sheet: Sheet) -> tuple[NDArray[np.float64], CRS]:
    """(t, 3, 3) corners of a sheet's triangles: east and north in degrees, height in m; and their system."""
    top = markup.root(sheet)
    crs = gml.system(top.system, sheet)
    if not crs.is_geographic:
        raise CRSError(
            problem(
                f"{sheet.name} is in {crs.name}, not in degrees",
                "PLATEAU publishes its ground in EPSG:6697, and grids are made in degrees",
                "fetch the file again, or give the terrain as a GeoTIFF",
            )
        )
    texts = [gml.position_text(t, sheet) for t in markup.features(sheet, ("Triangle",), top)]
    values, counts = gml.numbers(texts, sheet)
    if (counts != 3 * CORNERS).any():
        raise damaged(
            sheet, f"{counted(int((counts != 3 * CORNERS).sum()), 'triangle')} without four positions of three numbers"
        )
    corners = values.reshape(-1, CORNERS, 3)[:, :3]
    corners = corners[..., [1, 0, 2]] if gml.is_north_first(crs) else corners
    is_possible = (np.abs(corners) < (360.0, 90.0, HIGHEST_M)).all()
    if not is_possible or (np.ptp(corners[..., :2], axis=1).prod(axis=1) > MOST_CELLS_OF_ONE * CELL_DEG**2).any():
        raise damaged(sheet, "positions of triangles that cannot be: no place on earth, or kilometres apart")
    return corners, crs


def _meeting(corners: NDArray[np.float64], bounds: Bounds) -> NDArray[np.bool_]:
    low, high = corners[..., :2].min(axis=1), corners[..., :2].max(axis=1)
    return np.asarray((low < bounds[2:]).all(axis=1) & (high > bounds[:2]).all(axis=1))
