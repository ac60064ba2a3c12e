"""Elevation models of the Fundamental Geospatial Data (基盤地図情報 数値標高モデル): DEM1A, DEM5A/B/C, DEM10A/B.

A sheet is XML with one long list of ``kind,elevation`` from the north-western cell on. The list may begin later
(``startPoint``) and end early; both mean cells without data. GDAL does not read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
from lxml import etree
from numpy.typing import NDArray
from pyarrow import csv

from sewerzone.errors import CRSError, DataError, TerrainError, problem
from sewerzone.formats import gml, grid, markup, mesh
from sewerzone.formats.fgd import NAMESPACE
from sewerzone.formats.grid import Bounds, Grid
from sewerzone.formats.sheets import Sheet, Sources, damaged, sheets
from sewerzone.noted import Note

WATER = ("海水面", "内水面")
"""Kinds of cell whose figure, if any, is a water level and not the ground."""
WITHOUT_DATA = "データなし"
HIGHEST_M = 4000.0
"""Above Mount Fuji and below the deepest pit: figures beyond (-9999) mean unknown."""
SECONDS = (0.04, 0.2, 0.4)
"""Cells of DEM1, DEM5 and DEM10 in seconds of arc."""
MOST_BYTES = 200_000_000
"""Of a sheet; DEM1A has some 20 MB."""
MOST_CELLS = 20_000_000
"""Of a sheet; the largest have 843,750."""
_PRODUCT = re.compile(r"DEM(\d+)([ABC])", re.IGNORECASE)
_SQUARE = re.compile(r"FG-GML-(\d{4})-?(\d{2})(?:-(\d{2}))?-DEM", re.IGNORECASE)
_LIST = re.compile(rb"<((?:[\w.\-]+:)?tupleList)\b[^<>]*>")


@dataclass(frozen=True)
class _Sheet:
    """A sheet's grid, and what decides between sheets of one place."""

    grid: Grid
    product: str
    """``DEM5A``, ...; ``DEM`` where the name does not say."""
    date: str


def is_elevation_sheet(sheet: Sheet) -> bool:
    """Whether a sheet is an elevation model of the Fundamental Geospatial Data."""
    top = markup.root(sheet)
    return top.name == "Dataset" and "DEM" in top.first


def read(sources: Sources, bounds: Bounds | None = None) -> tuple[Grid, list[str]]:
    """Elevation sheets as one grid of the finest product, holes filled from coarser ones; and notes.

    Parameters
    ----------
    sources : files, folders and zips of sheets; anything that is no elevation model is passed over
    bounds : box in degrees; sheets wholly outside are not kept

    Notes
    -----
    Where sheets of one cell size overlap, laser survey (A) goes before photographs (B, C), newer before older. Water has no
    ground elevation: the cells are unknown and marked. The extent is that of all products, within the box.

    Raises
    ------
    DataError, CRSError, TerrainError
        No elevation sheet is found (in the box), a sheet is damaged, or sheets differ in their datum.
    """
    found = [s for s in markup.candidates(sheets(sources), NAMESPACE) if is_elevation_sheet(s)]
    if not found:
        raise DataError(
            problem(
                f"{sources} holds no elevation model of the Fundamental Geospatial Data (FG-GML-...-DEM5A-...xml)",
                "ground elevations come from it",
                "give the sheets, or the zip or folder that holds them",
            )
        )
    held = [_read_sheet(s) for s in found if bounds is None or _may_meet(s, bounds)]
    if bounds is not None:
        held = [s for s in held if grid.meets(s.grid, bounds)]
    if not held:
        raise TerrainError(
            problem(
                f"none of the {len(found):,} elevation sheets of {sources} meets the study area",
                "buildings and roads would have no ground elevation",
                "fetch the sheets of the meshes the municipality lies in",
            )
        )
    _refuse_mixture(held)
    held.sort(key=lambda s: s.date, reverse=True)
    held.sort(key=lambda s: (s.grid.cell, s.product))
    sizes = sorted({s.grid.cell for s in held})
    levels = [grid.mosaic([s.grid for s in held if s.grid.cell == size]) for size in sizes]
    total, counts = grid.layered(levels, bounds)
    notes: list[str] = [Note("dem_sheets", **_told(held, sizes[0]))]
    for count, size in zip(counts, sizes[1:], strict=True):
        notes.append(Note("dem_filled", **_told(held, size), cells=count))
    if total.is_water.any():
        notes.append(Note("dem_water", count=total.is_water.sum()))
    return total, notes


def _may_meet(sheet: Sheet, bounds: Bounds) -> bool:
    """Whether the square a sheet is named for meets a box; sheets of other names may."""
    named = _SQUARE.search(sheet.base)
    code = "".join(part or "" for part in named.groups()) if named else ""
    if not mesh.is_code(code):
        return True
    west, south, east, north = mesh.bounds([code])[0]
    return bool(west < bounds[2] and bounds[0] < east and south < bounds[3] and bounds[1] < north)


def _told(held: Sequence[_Sheet], size: float) -> dict[str, Any]:
    """Sheets of one size of cell, as facts of a note."""
    products = sorted({s.product for s in held if s.grid.cell == size})
    count = sum(s.grid.cell == size for s in held)
    return {"sheets": count, "products": products, "seconds": size * 3600}


def _refuse_mixture(held: Sequence[_Sheet]) -> None:
    codes = sorted({s.grid.crs.name for s in held})
    if len(codes) > 1:
        raise CRSError(
            problem(
                f"elevation sheets are in different datums: {', '.join(codes)}",
                "they may lie metres apart, after the earthquake of 2011 up to five",
                "give the sheets of each datum as an entry of their own (terrain = [new, old])",
            )
        )


def _read_sheet(sheet: Sheet) -> _Sheet:
    header, block = _cut(sheet, sheet.bytes(MOST_BYTES))
    document = markup.parsed(sheet, header)
    one: dict[str, etree._Element] = {}
    for element in document.iter():
        one.setdefault(markup.local(element), element)

    def text(name: str) -> str:
        if name not in one:
            raise damaged(sheet, f"no {name} in it")
        return (one[name].text or "").strip()

    crs = gml.system(one["Envelope"].get("srsName") if "Envelope" in one else None, sheet)
    (south, west), (north, east) = _pair(text("lowerCorner"), sheet), _pair(text("upperCorner"), sheet)
    (left, top), (right, bottom) = _pair(text("low"), sheet), _pair(text("high"), sheet)
    columns, rows = int(right - left) + 1, int(bottom - top) + 1
    if not (columns > 0 and rows > 0 and columns * rows <= MOST_CELLS):
        raise damaged(sheet, f"a grid of {columns:,} by {rows:,} cells")
    order = one["sequenceRule"].get("order", "+x-y") if "sequenceRule" in one else "+x-y"
    if order != "+x-y":
        raise damaged(sheet, f"cells in the order {order}, not +x-y")
    cell = _cell(sheet, (west, south, east, north), columns, rows)
    start = _pair(text("startPoint"), sheet) if "startPoint" in one else (0.0, 0.0)
    elevation, water = _cells(sheet, block, columns, rows, int(start[1]) * columns + int(start[0]))
    product = _PRODUCT.search(sheet.base)
    held = Grid(elevation, water, round(west / cell), round(south / cell), cell, crs)
    date = next((e.text or "" for e in document.iter("{*}timePosition")), "")
    return _Sheet(held, product.group(0).upper() if product else "DEM", date)


def _cut(sheet: Sheet, content: bytes) -> tuple[bytes, bytes]:
    """The document without its list, and the list: parsing millions of lines as XML text would need its limits lifted."""
    start = _LIST.search(content)
    if start is None:
        raise damaged(sheet, "no tupleList in it")
    if start.group(0).endswith(b"/>"):
        return content, b""
    end = content.find(b"<", start.end())
    closing = b"</" + start.group(1)
    if end < 0 or not content.startswith(closing, end):
        raise damaged(sheet, "its list of elevations does not end")
    if _LIST.search(content, end):
        raise damaged(sheet, "more than one list of elevations in it")
    return content[: start.end()] + content[end:], content[start.end() : end]


def _pair(text: str, sheet: Sheet) -> tuple[float, float]:
    try:
        first, second = map(float, text.split())
    except ValueError as error:
        raise damaged(sheet, f"{text[:40]!r} where two numbers belong") from error
    if not np.isfinite([first, second]).all():
        raise damaged(sheet, f"{text[:40]!r} where two numbers belong")
    return first, second


def _cell(sheet: Sheet, bounds: Bounds, columns: int, rows: int) -> float:
    """Size of the square cells in degrees; corners are cut to nine decimals, so the product's own size is taken."""
    west, south, east, north = bounds
    wide, high = (east - west) / columns, (north - south) / rows
    if not (-90 <= south < north <= 90 and -180 <= west < east <= 360) or abs(wide - high) > 1e-3 * wide:
        raise damaged(sheet, f"corners {south:g} {west:g} and {north:g} {east:g} for {columns:,} by {rows:,} cells")
    seconds = next((s for s in SECONDS if abs(wide * 3600 - s) < 1e-3 * s), None)
    if seconds is None:
        raise damaged(sheet, f"cells of {wide * 3600:.4g} seconds; products have {', '.join(map(str, SECONDS))}")
    return seconds / 3600


def _cells(sheet: Sheet, block: bytes, columns: int, rows: int, start: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Elevations (NaN unknown) and water from the list's lines, placed from cell ``start`` on."""
    elevation = np.full(columns * rows, np.nan, dtype=np.float32)
    water = np.zeros(columns * rows, dtype=bool)
    kinds, values = _lines(sheet, block)
    end = start + len(values)
    if start < 0 or end > len(elevation):
        raise damaged(sheet, f"{len(values):,} elevations from cell {start:,} on, for {columns:,} by {rows:,} cells")
    with np.errstate(invalid="ignore"):
        values[~(np.abs(values) < HIGHEST_M)] = np.nan
    is_water = kinds == 1
    values[kinds > 0] = np.nan
    elevation[start:end] = values
    water[start:end] = is_water
    return elevation.reshape(rows, columns), water.reshape(rows, columns)


def _lines(sheet: Sheet, block: bytes) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Of each line the kind (0 ground, 1 water, 2 no data) and the elevation."""
    if not block.strip():
        return np.zeros(0, dtype=np.int8), np.zeros(0, dtype=np.float32)
    if b" " in block or b"\t" in block:
        block = block.translate(None, b" \t")
    try:
        table = csv.read_csv(
            BytesIO(block),
            read_options=csv.ReadOptions(column_names=["kind", "value"], use_threads=False, block_size=1 << 22),
            parse_options=csv.ParseOptions(quote_char=False),
            convert_options=csv.ConvertOptions(
                column_types={"kind": pa.dictionary(pa.int32(), pa.binary()), "value": pa.float32()}, null_values=[]
            ),
        )
    except pa.ArrowException as error:
        raise damaged(sheet, f"its list of elevations: {error}") from error
    kind = table.column("kind").combine_chunks()
    kind = kind.chunk(0) if isinstance(kind, pa.ChunkedArray) else kind
    named = np.array([_kind(name) for name in kind.dictionary.to_pylist()], dtype=np.int8)
    values = np.array(table.column("value").to_numpy(), dtype=np.float32)
    return named[kind.indices.to_numpy()], values


def _kind(name: bytes) -> int:
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        text = name.decode("cp932", "replace")
    return 1 if text in WATER else 2 if text == WITHOUT_DATA else 0
