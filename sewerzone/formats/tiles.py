"""Tiles of the Geospatial Information Authority (地理院タイル) kept as ``.../<layer>/<z>/<x>/<y>.<ending>``.

Elevation tiles as PNG or text, and road centre lines (RdCL) as GeoJSON, which are cut at the edges of tiles.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile

from sewerzone.errors import DataError, TerrainError, problem
from sewerzone.formats import grid, vectors
from sewerzone.formats.features import Features, text
from sewerzone.formats.grid import Bounds, Grid
from sewerzone.formats.sheets import Sheet, Sources, damaged, sheets
from sewerzone.noted import Note

SIDE = 256
WORLD_M = 40075016.685578488
"""Width of the world in Web Mercator metres."""
PRODUCTS = ("dem1a", "dem5a", "dem5b", "dem5c", "dem", "demgm")
"""Layers of elevation tiles, the surest first; ``_png`` may follow. dem is DEM10B."""
MERCATOR = CRS.from_epsg(3857)
ROAD_FIELDS = ("rID", "rdCtg", "rnkWidth")
WIDTHS_M = {"3m未満": 2.5, "3m-5.5m未満": 4.25, "5.5m-13m未満": 9.25, "13m-19.5m未満": 16.25, "19.5m以上": 22.0}
"""Middles of width classes."""
_ELEVATION = re.compile(r"(?:^|/)(dem1a|dem5[abc]|demgm|dem)(?:_png)?/(\d{1,2})/(\d+)/(\d+)\.(png|txt)$")
_DEEPEST_ZOOM = 20
_STEP_M = 0.01
_MOST_BYTES = 4_000_000
_UNKNOWN = 1 << 23
_BY_TYPE = (("トンネル", "tunnel", "yes"), ("橋", "bridge", "yes"), ("石段", "highway", "steps"), ("徒歩道", "highway", "path"))
"""What the type of a centre line tells, in the words by which roads are sorted."""


@dataclass(frozen=True)
class _Place:
    """Where a tile lies, and of which product it is."""

    product: str
    zoom: int
    column: int
    row: int


def _place(sheet: Sheet) -> _Place | None:
    found = _ELEVATION.search(sheet.name)
    if found is None:
        return None
    zoom, column, row = (int(found.group(k)) for k in (2, 3, 4))
    is_there = zoom <= _DEEPEST_ZOOM and max(column, row) < 1 << zoom
    return _Place(found.group(1), zoom, column, row) if is_there else None


def is_elevation(sheet: Sheet) -> bool:
    """Whether a sheet is an elevation tile, by its place in the folder of a layer."""
    return _place(sheet) is not None


def is_road_tile(names: tuple[str, ...]) -> bool:
    """Whether a layer's fields are those of road centre lines (RdCL)."""
    return set(ROAD_FIELDS) <= set(names)


def elevation(sources: Sources, bounds: Bounds | None = None) -> tuple[Grid, list[str]]:
    """Elevation tiles as one grid in Web Mercator; and notes.

    Parameters
    ----------
    sources : folders or zips of tiles
    bounds : box in degrees; tiles outside are not read

    Notes
    -----
    The grid has the finest zoom; holes are filled from surer products first, then from coarser zooms. Cells are stretched
    by 1 / cos(latitude), which reading a study's terrain undoes.
    """
    found = [(place, s) for s in sheets(sources) if (place := _place(s)) is not None]
    box: Bounds | None = None
    if bounds is not None:
        west, south, east, north = Transformer.from_crs(6668, MERCATOR, always_xy=True).transform_bounds(*bounds)
        box = west, south, east, north
        found = [(p, s) for p, s in found if _meets(p, box)]
    if not found:
        raise TerrainError(
            problem(
                f"{sources} holds no elevation tiles of the study area (dem5a_png/<z>/<x>/<y>.png)",
                "buildings and roads would have no ground elevation",
                "fetch the tiles of the municipality, and keep the folders of layer, zoom and column",
            )
        )
    found.sort(key=lambda item: (-item[0].zoom, PRODUCTS.index(item[0].product), item[0].column, item[0].row))
    zooms = sorted({p.zoom for p, _ in found}, reverse=True)
    levels = [grid.mosaic([_grid(p, s) for p, s in found if p.zoom == zoom]) for zoom in zooms]
    total, counts = grid.layered(levels, box)
    notes: list[str] = [Note("elevation_tiles", tiles=len(found), zooms=zooms)]
    for count, zoom in zip(counts, zooms[1:], strict=True):
        notes.append(Note("tiles_filled", zoom=zoom, cells=count))
    return total, notes


def _meets(place: _Place, box: Bounds) -> bool:
    side = WORLD_M / (1 << place.zoom)
    west, north = place.column * side - WORLD_M / 2, WORLD_M / 2 - place.row * side
    return west < box[2] and box[0] < west + side and north - side < box[3] and box[1] < north


def _grid(place: _Place, sheet: Sheet) -> Grid:
    values = metres(sheet)
    half = (SIDE << place.zoom) // 2
    column, row = place.column * SIDE - half, half - (place.row + 1) * SIDE
    return Grid(values, np.zeros(values.shape, dtype=bool), column, row, WORLD_M / (SIDE << place.zoom), MERCATOR)


def metres(sheet: Sheet) -> NDArray[np.float32]:
    """Elevations of a tile, shape (256, 256), metres, NaN where unknown; DataError where it is damaged."""
    content = sheet.bytes(_MOST_BYTES)
    return _png(content, sheet) if sheet.ending == ".png" else _text(content, sheet)


def covering(area: shapely.Geometry, margin_m: float, zoom: int) -> list[tuple[int, int]]:
    """Columns and rows of the tiles of a zoom that come within ``margin_m`` of an area in degrees, sorted."""
    place = Transformer.from_crs(6668, MERCATOR, always_xy=True)
    stretch = 1.0 / np.cos(np.radians(np.abs(shapely.bounds(area)[[1, 3]]).max()))
    flat = shapely.transform(area, lambda xy: np.column_stack(place.transform(xy[:, 0], xy[:, 1])))
    near = shapely.buffer(flat, margin_m * stretch)
    shapely.prepare(near)
    column, row = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for level in range(zoom + 1):  # quarters of tiles that were met: islands may lie far apart
        if level:
            column = (2 * column[:, None] + (0, 1, 0, 1)).ravel()
            row = (2 * row[:, None] + (0, 0, 1, 1)).ravel()
        side = WORLD_M / (1 << level)
        left, top = column * side - WORLD_M / 2, WORLD_M / 2 - row * side
        hit = shapely.intersects(near, shapely.box(left, top - side, left + side, top))
        column, row = column[hit], row[hit]
    return sorted(zip(column.tolist(), row.tolist(), strict=True))


def _png(content: bytes, sheet: Sheet) -> NDArray[np.float32]:
    """Colours to metres: x = 65536 R + 256 G + B in centimetres, above 2**23 below the sea, 2**23 unknown."""
    try:
        with warnings.catch_warnings(), MemoryFile(content) as memory:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # the tile's name says where it lies
            with memory.open(driver="PNG") as image:
                if image.count < 3 or image.shape != (SIDE, SIDE) or image.dtypes[0] != "uint8":
                    raise damaged(sheet, "not an image of 256 by 256 cells in three colours")
                red, green, blue = image.read([1, 2, 3]).astype(np.int64)
    except RasterioError as error:
        raise damaged(sheet, str(error)) from error
    coded = (red << 16) + (green << 8) + blue
    metres = np.where(coded < _UNKNOWN, coded, coded - (1 << 24)) * _STEP_M
    return np.where(coded == _UNKNOWN, np.nan, metres).astype(np.float32)


def _text(content: bytes, sheet: Sheet) -> NDArray[np.float32]:
    """256 lines of 256 metres with commas; ``e`` is unknown."""
    try:
        rows = [line.split(",") for line in content.decode("ascii").split()]
        values = np.array([["nan" if v == "e" else v for v in row] for row in rows], dtype=np.float32)
    except (UnicodeDecodeError, ValueError) as error:
        raise damaged(sheet, str(error)) from error
    if values.shape != (SIDE, SIDE):
        raise damaged(sheet, "not 256 lines of 256 elevations")
    return values


def roads(sources: Sources) -> Features:
    """Road centre lines (RdCL) of many GeoJSON tiles, the pieces of a line put together again.

    Returns
    -------
    Features
        ``source_id`` (rID), ``width_m``, ``rdCtg``, ``rnkWidth``, ``type``; ``tunnel``, ``bridge`` and ``highway`` as far as
        the type tells.
    """
    found = [v for v in vectors.vector_sheets(sheets(sources)) if is_road_tile(vectors.fields(v))]
    if not found:
        raise DataError(
            problem(
                f"{sources} holds no tiles of road centre lines (RdCL)",
                "nothing can be read",
                "give the folder of the GeoJSON tiles (experimental_rdcl/16/<x>/<y>.geojson)",
            )
        )
    parts = [vectors.read(v, ROAD_FIELDS)[0] for v in found]
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)
    whole = _whole(frame)
    kind = pd.Series(text(whole["type"]) if "type" in whole else [None] * len(whole), dtype=object).fillna("")
    for word, column, value in _BY_TYPE:
        hit = kind.str.contains(word, regex=False).to_numpy(bool)
        if hit.any():
            before = whole[column] if column in whole else pd.Series([None] * len(whole), index=whole.index, dtype=object)
            whole[column] = before.mask(hit, value)
    whole["width_m"] = whole["rnkWidth"].map(WIDTHS_M).astype(float)
    notes = (Note("road_tiles", lines=len(frame), tiles=len(found), whole=len(whole)),)
    return Features(whole.rename(columns={"rID": "source_id"}), notes)


def _whole(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row a road: what tiles cut is joined, what several tiles hold is kept once."""
    identifier = pd.Series(text(frame["rID"]), index=frame.index, dtype=object)
    alone = identifier.isna() | ~identifier.duplicated(keep=False)
    single = frame[alone].assign(rID=identifier[alone])
    cut = frame[~alone].assign(rID=identifier[~alone])
    rows = [cut.iloc[:0]]
    for _, group in cut.groupby("rID", sort=True):
        first = group.iloc[:1].copy()
        first.geometry = [_joined(group.geometry.dropna().to_numpy())]
        rows.append(first)
    out = pd.concat([single, *rows])
    return gpd.GeoDataFrame(out, geometry="geometry", crs=frame.crs).reset_index(drop=True)


def _joined(pieces: Sequence[shapely.Geometry] | NDArray[np.object_]) -> shapely.Geometry | None:
    return shapely.line_merge(shapely.union_all(pieces)) if len(pieces) else None
