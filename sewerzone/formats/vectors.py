"""Shapefiles and GeoJSON as agencies deliver them: folders in zips, CP932 that is not declared, both formats of one layer."""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError
from shapely.errors import GEOSException

from sewerzone.errors import CRSError, problem
from sewerzone.formats.sheets import Sheet, damaged
from sewerzone.noted import Note

MOST_BYTES = 4_000_000_000
"""Of one part of a Shapefile or one GeoJSON."""
_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")
_JSON = (".geojson", ".json")
_NEEDED = (".dbf", ".shx")
_TEXT_FIELD = ord("C")
_LANGUAGE = 29
"""Byte of a .dbf that may say how its text is encoded; 0 says nothing."""
_HEAD_BYTES = 1 << 16
_FEATURE_BYTES = 1 << 22
"""Of a GeoJSON within which the first feature's properties are looked for."""
_KEY = re.compile(rb'"((?:[^"\\]|\\.)+)"\s*:')
_PROPERTIES = re.compile(rb'"properties"\s*:\s*\{([^{}]*)\}')


@dataclass(frozen=True)
class VectorSheet:
    """One layer: a Shapefile with its parts, or a GeoJSON."""

    main: Sheet
    parts: Mapping[str, Sheet]

    @property
    def name(self) -> str:
        """As messages name it."""
        return self.main.name


def vector_sheets(found: Sequence[Sheet]) -> list[VectorSheet]:
    """Layers among delivered files; of a Shapefile and a GeoJSON of one name in one folder, the Shapefile."""
    stems: dict[str, dict[str, Sheet]] = {}
    for sheet in found:
        ending = sheet.ending
        if ending in _PARTS or ending in _JSON:
            stems.setdefault(sheet.name[: len(sheet.name) - len(ending)].casefold(), {})[ending] = sheet
    out = []
    for parts in stems.values():
        main = next((parts[e] for e in (".shp", *_JSON) if e in parts), None)
        if main is not None:
            out.append(VectorSheet(main, parts))
    return out


def fields(layer: VectorSheet) -> tuple[str, ...]:
    """Names of a layer's columns, from its first bytes."""
    if layer.main.ending == ".shp":
        dbf = _part(layer, ".dbf")
        head = dbf.head(_HEAD_BYTES)
        names = [row[:11].split(b"\0")[0] for row in _descriptors(head)]
        encoding = "utf-8" if all(_is_utf8(n) for n in names) else "cp932"
        return tuple(n.decode(encoding, "replace") for n in names)
    head = layer.main.head(_FEATURE_BYTES)
    found = _PROPERTIES.search(head, max(head.find(b'"features"'), 0))  # before it, the CRS has some too
    return tuple(k.decode("utf-8", "replace") for k in _KEY.findall(found.group(1))) if found else ()


def read(layer: VectorSheet, needed: Sequence[str] = ()) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The layer's rows, and a note where its encoding had to be found out; codes in text columns stay text.

    Raises DataError where it is damaged or lacks a column that is needed (whatever its letter case), CRSError where it has no
    system of reference.
    """
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="sewerzone-") as spare:
        encoding = None
        if layer.main.ending == ".shp":
            for ending in _NEEDED:
                _part(layer, ending)
            for ending in _PARTS:
                if ending in layer.parts:
                    write(layer.parts[ending], Path(spare) / f"layer{ending}")
            path = Path(spare) / "layer.shp"
            if ".cpg" not in layer.parts:
                encoding = encoding_of((Path(spare) / "layer.dbf").read_bytes())
                if encoding is not None:
                    notes.append(Note("file_not_encoded", file=layer.main.base, encoding=encoding))
        else:
            path = Path(spare) / "layer.geojson"
            write(layer.main, path)
        try:
            frame = pyogrio.read_dataframe(path, encoding=encoding)
        except (
            DataSourceError,
            DataLayerError,
            FeatureError,
            GeometryError,
            GEOSException,
            UnicodeDecodeError,
            ValueError,
        ) as error:
            raise damaged(layer.main, str(error)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise damaged(layer.main, "a table without geometry")
    if lost := {n.casefold() for n in needed} - {str(c).casefold() for c in frame.columns}:
        raise damaged(layer.main, f"its columns {', '.join(sorted(lost))} are gone")
    if frame.crs is None:
        raise CRSError(
            problem(
                f"{layer.name} has no coordinate reference system (.prj)",
                "it cannot be placed, and nothing is guessed",
                "fetch it again with its .prj, or assign the system in a GIS",
            )
        )
    return frame, notes


def encoding_of(dbf: bytes) -> str | None:
    """How the text of a .dbf is encoded where nothing beside it says so; None where its language byte does.

    Strict UTF-8, else CP932: GDAL would take ISO-8859-1 and hand out garbled text without a word.
    """
    if len(dbf) > _LANGUAGE and dbf[_LANGUAGE] != 0:
        return None
    return "UTF-8" if is_utf8(dbf) else "CP932"


def is_utf8(dbf: bytes) -> bool:
    """Whether all text of a .dbf, field names included, is strict UTF-8; a character cut at a field's end is allowed."""
    head, width = int.from_bytes(dbf[8:10], "little"), max(int.from_bytes(dbf[10:12], "little"), 1)
    described = _descriptors(dbf[:head])
    texts = {f[:11].split(b"\0")[0] for f in described}
    rows = np.frombuffer(dbf[head : head + (len(dbf) - head) // width * width], dtype=np.uint8)
    table = rows.reshape(-1, width)
    start = 1
    for field in described:
        if field[11] == _TEXT_FIELD and field[16]:
            cells = np.ascontiguousarray(table[:, start : start + field[16]])
            cells = cells[(cells >= 0x80).any(axis=1)]
            texts |= set(cells.view(f"S{field[16]}").ravel().tolist()) if cells.size else set()
        start += field[16]
    return all(_is_utf8(text.rstrip(b" \0")) for text in texts)


def _is_utf8(text: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _descriptors(head: bytes) -> list[bytes]:
    """The 32 bytes that describe each field of a .dbf."""
    end = min(int.from_bytes(head[8:10], "little"), len(head))
    out = []
    for k in range(32, end - 31, 32):
        if head[k] == 0x0D:
            break
        out.append(head[k : k + 32])
    return out


def _part(layer: VectorSheet, ending: str) -> Sheet:
    if ending in layer.parts:
        return layer.parts[ending]
    raise damaged(layer.main, f"its {ending} is missing: a Shapefile needs .shp, .shx, .dbf and .prj side by side")


def write(sheet: Sheet, path: Path) -> None:
    """Copy a sheet to a file of our own naming."""
    left = MOST_BYTES
    with sheet.open() as stream, path.open("wb") as target:
        while block := stream.read(1 << 20):
            left -= len(block)
            if left < 0:
                raise damaged(sheet, f"more than {MOST_BYTES / 1e9:,.0f} GB")
            target.write(block)
