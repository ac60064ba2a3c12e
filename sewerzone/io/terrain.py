"""Elevation rasters -> one Terrain: the window round the study, several tiles as one mosaic, nodata of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio import Affine
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.warp import Resampling, reproject
from rasterio.windows import Window

from sewerzone import crs as crs_guard
from sewerzone.errors import CRSError, TerrainError, problem, raise_all
from sewerzone.formats.grid import Grid
from sewerzone.io import agency
from sewerzone.io.vector import Bounds, locate
from sewerzone.model import Terrain
from sewerzone.noted import Note

HIGHEST_M = 9000.0
"""Beyond it no ground lies: -9999, -32767, 3.4e38 and -3.4e38 are nodata whether tagged or not."""
MARGIN_CELLS = 2
CACHE_BYTES = 64_000_000
"""Of blocks of a raster, each wanted once: GDAL's own measure, a twentieth of the machine, keeps the whole sheet twice."""
MOST_CELLS = 60_000_000
"""Larger windows are thinned: 1 m cells over more than 60 km2."""


@dataclass(frozen=True)
class _Sheet:
    """One raster: its grid, and the part of it that the study needs."""

    path: Path
    crs: CRS
    transform: Affine
    window: Window | None
    cells: tuple[int, int]
    held: NDArray[np.float32] | None = None
    """The whole raster, where an agency's sheets had to be read to know anything of it."""
    notes: tuple[str, ...] = ()


def read_terrain(paths: Sequence[str], base: Path, study_crs: CRS, bounds: Bounds) -> tuple[Terrain, tuple[str, ...]]:
    """Ground elevations round ``bounds`` (study CRS) from one or more rasters, and notes on what was met.

    Earlier files win where they overlap. The grid is that of the first file that meets the window; files on
    another grid are brought onto it bilinearly. Raises TerrainError or CRSError that lists every unusable file.
    """
    sheets = _sheets(paths, base, study_crs, bounds)
    near = [sheet for sheet in sheets if sheet.window is not None]
    if not near:
        raise TerrainError(_elsewhere(sheets, bounds, study_crs))
    elevation, transform, notes = _mosaic(near, bounds, study_crs)
    if np.isnan(elevation).all():
        raise TerrainError(
            problem(
                f"inputs.terrain: every cell of {', '.join(s.path.name for s in near)} in the study area is nodata",
                "sewers cannot be laid without ground elevations",
                "look at the raster in a GIS; give one that covers the buildings",
            )
        )
    return Terrain(elevation, tuple(transform)[:6], near[0].crs, study_crs), tuple(notes)


def refuse_unusable(paths: Sequence[str], base: Path, study_crs: CRS, bounds: Bounds) -> None:
    """Raise, as ``read_terrain`` does, for files that are no terrain, wherever they lie: where the buildings are not known."""
    for sheet in _sheets(paths, base, study_crs, bounds):
        rows, columns = sheet.cells
        _values(replace(sheet, window=Window(0, rows - 1, columns, 1)))  # a file cut short lacks its last row


def _sheets(paths: Sequence[str], base: Path, study_crs: CRS, bounds: Bounds) -> list[_Sheet]:
    """Every raster, opened; raises one error that lists all unusable ones."""
    sheets: list[_Sheet] = []
    problems: list[str] = []
    kinds: set[type[TerrainError] | type[CRSError]] = set()
    for text in paths:
        try:
            published = agency.elevation(text, base, study_crs, bounds)
            sheets.append(
                _sheet(locate(text, base, "inputs.terrain"), bounds, study_crs)
                if published is None
                else _published(base / text, *published, bounds, study_crs)
            )
        except (TerrainError, CRSError) as error:
            problems.append(str(error))
            kinds.add(type(error))
    raise_all(problems, TerrainError if len(kinds) != 1 else kinds.pop())
    return sheets


def _sheet(path: Path, bounds: Bounds, study_crs: CRS) -> _Sheet:
    facts = path.stat()
    crs, transform, shape = _header(path, facts.st_size, facts.st_mtime_ns)
    return _Sheet(path, crs, transform, _window(bounds, study_crs, crs, transform, shape), shape)


@lru_cache(maxsize=4096)
def _header(path: Path, size: int, mtime_ns: int) -> tuple[CRS, Affine, tuple[int, int]]:
    """Where a raster lies and its cells; the municipalities of a batch share their sheets, each of which is opened once."""
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                raise CRSError(
                    problem(
                        f"inputs.terrain: {path} has no coordinate reference system",
                        "its cells cannot be placed under the buildings",
                        "assign the right one in a GIS (or with gdal_translate -a_srs EPSG:...), then save it",
                    )
                )
            if raster.transform.is_identity:
                raise TerrainError(
                    problem(
                        f"inputs.terrain: {path} is not georeferenced",
                        "its cells cannot be placed under the buildings",
                        "export it with its position, e.g. as GeoTIFF",
                    )
                )
            if raster.count >= 3 and raster.dtypes[0] == "uint8":
                raise TerrainError(
                    problem(
                        f"inputs.terrain: {path} is an image of {raster.count} colour bands",
                        "colours are not elevations",
                        "give a raster of heights in metres; decode elevation tiles (標高タイル) first",
                    )
                )
            return crs_guard.horizontal(CRS.from_wkt(raster.crs.to_wkt())), raster.transform, raster.shape
    except RasterioIOError as error:
        raise TerrainError(
            problem(
                f"inputs.terrain: {path} cannot be read as a raster ({str(error).strip().splitlines()[0]})",
                "ground elevations come from it",
                "give a GeoTIFF or another raster GDAL reads, or FGD DEM sheets (XML, zip, folder) as downloaded",
            )
        ) from error


def _published(path: Path, grid: Grid, notes: list[str], bounds: Bounds, study_crs: CRS) -> _Sheet:
    transform, shape = Affine(*grid.transform), grid.elevation_m.shape
    window = _window(bounds, study_crs, grid.crs, transform, shape)
    return _Sheet(path, grid.crs, transform, window, shape, grid.elevation_m, tuple(notes))


def _at(transform: Affine, column: float, row: float) -> tuple[float, float]:
    """Where a corner of a cell lies; with the inverse transform, which cell a place lies in."""
    a, b, c, d, e, f = tuple(transform)[:6]
    return a * column + b * row + c, d * column + e * row + f


def _moved(transform: Affine, column: float, row: float, wide: float = 1.0, high: float = 1.0) -> Affine:
    """The grid that starts at that cell, with cells so many times as wide and high (-1: rows in reverse order)."""
    x, y = _at(transform, column, row)
    a, b, _, d, e, _ = tuple(transform)[:6]
    return Affine(a * wide, b * high, x, d * wide, e * high, y)


def _corners(bounds: Bounds, study_crs: CRS, crs: CRS) -> Bounds:
    """``bounds`` in another CRS, edges followed closely."""
    if crs == study_crs:
        return bounds
    west, south, east, north = Transformer.from_crs(study_crs, crs, always_xy=True).transform_bounds(*bounds, densify_pts=21)
    return west, south, east, north


def _pixels(bounds: Bounds, transform: Affine) -> tuple[int, int, int, int]:
    """First and past-the-last column and row that cover ``bounds`` with a margin; not yet cut to the raster."""
    west, south, east, north = bounds
    inverse = ~transform
    spots = np.array([_at(inverse, *corner) for corner in ((west, south), (west, north), (east, south), (east, north))])
    low = np.floor(spots.min(axis=0)).astype(int) - MARGIN_CELLS
    high = np.ceil(spots.max(axis=0)).astype(int) + MARGIN_CELLS
    return int(low[0]), int(high[0]), int(low[1]), int(high[1])


def _window(bounds: Bounds, study_crs: CRS, crs: CRS, transform: Affine, shape: tuple[int, int]) -> Window | None:
    placed = _corners(bounds, study_crs, crs)
    if not np.isfinite(placed).all():
        return None
    left, right, top, bottom = _pixels(placed, transform)
    left, right = max(left, 0), min(right, shape[1])
    top, bottom = max(top, 0), min(bottom, shape[0])
    return Window(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _elsewhere(sheets: list[_Sheet], bounds: Bounds, study_crs: CRS) -> str:
    sheet = sheets[0]
    rows, columns = sheet.cells
    corners = [_at(sheet.transform, *c) for c in ((0, 0), (columns, 0), (0, rows), (columns, rows))]
    x, y = [c[0] for c in corners], [c[1] for c in corners]
    here = _corners(bounds, study_crs, sheet.crs)
    return problem(
        f"inputs.terrain: {', '.join(s.path.name for s in sheets)} lies elsewhere: x {min(x):,.6g} to {max(x):,.6g}, "
        f"y {min(y):,.6g} to {max(y):,.6g} in its CRS ({sheet.crs.name}), "
        f"the study x {here[0]:,.6g} to {here[2]:,.6g}, y {here[1]:,.6g} to {here[3]:,.6g}",
        "buildings and roads would have no ground elevation",
        "check the raster's CRS (wrong zone?) and that its sheets cover the study",
    )


def _mosaic(near: list[_Sheet], bounds: Bounds, study_crs: CRS) -> tuple[NDArray[np.float32], Affine, list[str]]:
    """All sheets on the first one's grid, over the part of the study window that any of them covers."""
    first = near[0]
    left, right, top, bottom = _reach(near, bounds, study_crs)
    step = int(np.ceil(np.sqrt(max(1.0, (right - left) * (bottom - top) / MOST_CELLS))))
    notes: list[str] = [Note("terrain_thinned", step=step)] if step > 1 else []
    width, height = -(-(right - left) // step), -(-(bottom - top) // step)
    transform = _moved(first.transform, left, top, step, step)
    total = None
    for sheet in near:
        values, placed, said = _values(sheet)
        notes += said
        if step == 1 and _is_aligned(placed, first.transform) and sheet.crs == first.crs:
            column, row = _at(~first.transform, placed.c, placed.f)
            spot = round(column) - left, round(row) - top
            if total is None and spot == (0, 0) and values.shape == (height, width):
                total = values  # one sheet for all is the rule: no second grid beside it
                continue
            total = _unknown(height, width) if total is None else total
            _lay(values, *spot, total)
            continue
        part = _unknown(height, width)
        reproject(
            values, part, src_transform=placed, src_crs=sheet.crs.to_wkt(), src_nodata=np.nan,
            dst_transform=transform, dst_crs=first.crs.to_wkt(), dst_nodata=np.nan, resampling=Resampling.bilinear,
        )  # fmt: skip
        if sheet is not first:
            notes.append(Note("terrain_grids_differ", file=sheet.path.name, first=first.path.name))
        if total is None:
            total = part
        else:
            np.copyto(total, part, where=np.isnan(total))
    assert total is not None, "a mosaic of no sheets"
    if transform.e > 0:  # stored south-up: row 0 belongs in the north
        total = np.ascontiguousarray(total[::-1])
        transform = _moved(transform, 0, height, high=-1.0)
    return total, transform, notes


def _reach(near: list[_Sheet], bounds: Bounds, study_crs: CRS) -> tuple[int, int, int, int]:
    """Columns and rows of the first sheet's grid that the study window and the sheets have in common."""
    first = near[0]
    left, right, top, bottom = _pixels(_corners(bounds, study_crs, first.crs), first.transform)
    ends = []
    for sheet in near:
        assert sheet.window is not None
        w = sheet.window
        placed = _moved(sheet.transform, w.col_off, w.row_off)
        corners = [_at(placed, *c) for c in ((0, 0), (w.width, 0), (0, w.height), (w.width, w.height))]
        if sheet.crs != first.crs:
            to_first = Transformer.from_crs(sheet.crs, first.crs, always_xy=True)
            corners = [to_first.transform(*c) for c in corners]
        ends.append(np.array([_at(~first.transform, *c) for c in corners]))
    low, high = np.min([e.min(axis=0) for e in ends], axis=0), np.max([e.max(axis=0) for e in ends], axis=0)
    return (
        max(left, int(np.floor(low[0] + 1e-6))), min(right, int(np.ceil(high[0] - 1e-6))),
        max(top, int(np.floor(low[1] + 1e-6))), min(bottom, int(np.ceil(high[1] - 1e-6))),
    )  # fmt: skip


def _is_aligned(one: Affine, other: Affine) -> bool:
    """Whether the cells of two grids of one CRS coincide."""
    if not np.allclose(one[:2] + one[3:5], other[:2] + other[3:5], rtol=1e-9):
        return False
    offset = np.array(_at(~other, one.c, one.f))
    return bool((np.abs(offset - np.round(offset)) < 1e-3).all())


def _unknown(height: int, width: int) -> NDArray[np.float32]:
    return np.full((height, width), np.nan, dtype=np.float32)


def _lay(values: NDArray[np.float32], column: int, row: int, total: NDArray[np.float32]) -> None:
    """Fill what is unknown in ``total`` from ``values`` with their corner at (column, row); what sticks out is cut."""
    r0, c0 = max(row, 0), max(column, 0)
    r1, c1 = min(row + values.shape[0], total.shape[0]), min(column + values.shape[1], total.shape[1])
    if r1 > r0 and c1 > c0:
        there = total[r0:r1, c0:c1]
        np.copyto(there, values[r0 - row : r1 - row, c0 - column : c1 - column], where=np.isnan(there))


def _masked(raster: rasterio.DatasetReader, **part: Any) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The first band and where it is nodata; a second pass over the file only for masks that are not values of the band."""
    flags = raster.mask_flag_enums[0]
    if flags in ([MaskFlags.all_valid], [MaskFlags.nodata]):
        raw = raster.read(1, **part)
        return raw, raw == raster.nodata if flags == [MaskFlags.nodata] else np.zeros(raw.shape, np.bool_)
    held = raster.read(1, masked=True, **part)
    return held.data, np.ma.getmaskarray(held)


def _values(sheet: _Sheet) -> tuple[NDArray[np.float32], Affine, list[str]]:
    """Elevations of a sheet's window in metres, NaN where unknown, their grid, and notes."""
    window = sheet.window
    assert window is not None
    notes: list[str] = []
    step = int(np.ceil(np.sqrt(max(1.0, window.width * window.height / MOST_CELLS))))
    shape = (-(-window.height // step), -(-window.width // step))
    placed = _moved(sheet.transform, window.col_off, window.row_off, window.width / shape[1], window.height / shape[0])
    if sheet.held is not None:
        part = sheet.held[window.row_off : window.row_off + window.height, window.col_off : window.col_off + window.width]
        chosen = [
            np.minimum((np.arange(n) + 0.5) * size / n, size - 1).astype(np.int64)
            for n, size in zip(shape, part.shape, strict=True)
        ]
        return part[np.ix_(*chosen)], placed, list(sheet.notes)
    try:
        with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES), rasterio.open(sheet.path) as raster:
            # Nearest, not averaged: untagged nodata must not mix with ground before it is recognised.
            raw, masked = _masked(raster, window=window, out_shape=shape, resampling=Resampling.nearest)
            scale, offset, tag, bands = raster.scales[0], raster.offsets[0], raster.nodata, raster.count
    except RasterioError as error:
        raise TerrainError(
            problem(
                f"inputs.terrain: {sheet.path} is damaged ({str(error).strip().splitlines()[0]})",
                "its cells cannot be read",
                "fetch or export it again",
            )
        ) from error
    values = np.asarray(raw, dtype=np.float32)
    values = values * np.float32(scale) + np.float32(offset) if (scale, offset) != (1.0, 0.0) else values
    wild = (values > HIGHEST_M) | (values < -HIGHEST_M)
    wild &= ~masked
    name, total = sheet.path.name, values.size
    if bands > 1:
        notes.append(Note("terrain_bands", file=name, bands=bands))
    if tag == 0 and masked.any():
        notes.append(Note("terrain_zero_nodata", file=name, share=masked.sum() / total))
    if wild.any():
        notes.append(Note("terrain_wild", file=name, count=wild.sum(), most_m=HIGHEST_M))
    values[masked | wild] = np.nan
    return values, placed, notes
