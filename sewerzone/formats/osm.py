"""OpenStreetMap extracts (.osm, .osm.pbf): buildings, roads, water and railways, with the tags a study goes by."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError
from shapely.errors import GEOSException

from sewerzone.errors import DataError, problem
from sewerzone.formats import markup, vectors
from sewerzone.formats.features import Features, joined, number, without_doubles
from sewerzone.formats.sheets import Sheet, Sources, damaged, sheets
from sewerzone.noted import Note

ENDINGS = (".osm", ".pbf")
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_PBF_HEADER = b"OSMHeader"
_OWN_IDS = "OSM_USE_CUSTOM_INDEXING"
"""GDAL's option without which identifiers below nought, which editors give to what is not uploaded yet, are refused."""


@dataclass(frozen=True)
class _Kind:
    """One kind of data: GDAL's layer, which rows of it, and the tags that become columns."""

    layer: str
    rows: str
    tags: dict[str, str]
    """Our column = tag."""
    above_ground: bool = False
    """Leave out what runs in a tunnel or culvert."""


KINDS: dict[str, _Kind] = {
    "buildings": _Kind(
        "multipolygons", "building IS NOT NULL AND building <> 'no'",
        {"use": "building", "storeys": "building:levels", "dwellings": "building:flats"},
    ),
    "roads": _Kind(
        "lines", "highway IS NOT NULL",
        {"highway": "highway", "name": "name", "tunnel": "tunnel", "bridge": "bridge", "motorroad": "motorroad"},
    ),
    "water_areas": _Kind("multipolygons", "\"natural\" = 'water'", {"name": "name"}),
    "water_lines": _Kind(
        "lines", "waterway IN ('river', 'canal', 'stream', 'drain', 'ditch')",
        {"kind": "waterway", "name": "name", "tunnel": "tunnel"}, True,
    ),
    "railways": _Kind(
        "lines", "railway IN ('rail', 'light_rail', 'narrow_gauge', 'tram')",
        {"kind": "railway", "name": "name", "tunnel": "tunnel"}, True,
    ),
}  # fmt: skip
NUMBERS = ("storeys", "dwellings")


def is_extract(sheet: Sheet) -> bool:
    """Whether a sheet is an OpenStreetMap extract."""
    if sheet.ending == ".pbf":
        return _PBF_HEADER in sheet.head(64)
    return sheet.ending == ".osm" and markup.root(sheet).name == "osm"


def read(sources: Sources, kind: str) -> Features:
    """One kind of data (a key of ``KINDS``) from extracts; what several extracts hold is kept once."""
    found = [s for s in sheets(sources) if s.ending in ENDINGS and is_extract(s)]
    parts = [_read(s, KINDS[kind]) for s in found]
    parts = [p for p in parts if len(p)]
    if not parts:
        raise DataError(
            problem(
                f"{sources} holds no {kind} of OpenStreetMap", "nothing can be read", "give an extract that covers the place"
            )
        )
    frame, notes = joined(parts, kind)
    if KINDS[kind].above_ground:
        hidden = frame["tunnel"].notna() & ~frame["tunnel"].isin(["no"])
        if hidden.any():
            notes.append(Note("tunnels", what=kind, count=hidden.sum()))
        frame = frame[~hidden].reset_index(drop=True)
    frame, said = without_doubles(frame, "source_id", None, kind)
    notes += said
    return Features(frame, tuple(notes))


def _read(sheet: Sheet, kind: _Kind) -> gpd.GeoDataFrame:
    with tempfile.TemporaryDirectory(prefix="sewerzone-") as spare:
        path = Path(spare) / f"extract.osm{'.pbf' if sheet.ending == '.pbf' else ''}"
        vectors.write(sheet, path)
        try:
            raw = _rows(path, kind)
        except (DataSourceError, DataLayerError, FeatureError, GeometryError, GEOSException, ValueError) as error:
            raise damaged(sheet, str(error)) from error
    way = raw["osm_way_id"] if "osm_way_id" in raw else pd.Series([None] * len(raw), index=raw.index, dtype=object)
    ids = raw["osm_id"].where(raw["osm_id"].notna(), "w" + way.astype(object).fillna("").astype(str))
    rest = [dict(_TAG.findall(t)) if isinstance(t, str) else {} for t in raw["other_tags"]]
    data: dict[str, object] = {"source_id": ids.astype(str).to_numpy()}
    for ours, tag in kind.tags.items():
        values = raw[tag].to_numpy(object) if tag in raw else np.array([r.get(tag) for r in rest], dtype=object)
        texts = pd.Series(values, dtype=object).replace(np.nan, None)
        data[ours] = number(values) if ours in NUMBERS else texts.to_numpy(object)
    return gpd.GeoDataFrame(data, geometry=raw.geometry.to_numpy(), crs=raw.crs)


def _rows(path: Path, kind: _Kind) -> gpd.GeoDataFrame:
    """The rows of a kind; again with the slower index where identifiers are below nought."""
    try:
        return pyogrio.read_dataframe(path, layer=kind.layer, where=kind.rows)
    except FeatureError as error:
        if _OWN_IDS not in str(error):
            raise
    return pyogrio.read_dataframe(path, layer=kind.layer, where=kind.rows, USE_CUSTOM_INDEXING="NO")
