"""PLATEAU's other themes: carriageways (tran), planning areas (urf), land use (luse) and buried sewers (unf).

Each object keeps its plain attributes under the names of CityGML, beside ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from lxml import etree
from numpy.typing import NDArray

from sewerzone import crs as crs_guard
from sewerzone.errors import DataError, problem
from sewerzone.formats import gml, markup
from sewerzone.formats.citygml import city_sheets
from sewerzone.formats.features import Features, joined, without_doubles
from sewerzone.formats.sheets import Sheet, Sources
from sewerzone.noted import Note

AREA_CLASSES = {
    "22": "urbanisation_promotion", "23": "urbanisation_control", "24": "undivided_with_use_zones", "25": "undivided",
    "31": "residence_guidance", "32": "urban_function_guidance",
}  # fmt: skip
"""``AreaClassification``: 市街化区域, 市街化調整区域, ..."""
PLANNING_AREAS = {"21": "city_planning", "26": "quasi_city_planning", "27": "outside"}
USE_ZONES = {
    "1": "第一種低層住居専用地域", "2": "第二種低層住居専用地域", "3": "第一種中高層住居専用地域",
    "4": "第二種中高層住居専用地域", "5": "第一種住居地域", "6": "第二種住居地域", "7": "準住居地域", "8": "田園住居地域",
    "9": "近隣商業地域", "10": "商業地域", "11": "準工業地域", "12": "工業地域", "13": "工業専用地域",
}  # fmt: skip
FACILITIES = {"3040": "treatment", "3041": "sewer", "3042": "night_soil"}
REACH_M = 30.0
"""Houses nearer to an existing sewer than this are served by it: the depth of a lot on either side of the road."""
ROADS = {
    "1": "expressway", "2": "national", "3": "prefectural", "4": "municipal", "10": "building_standards",
    "11": "building_standards", "12": "building_standards", "13": "building_standards", "14": "building_standards",
    "15": "building_standards",
}  # fmt: skip
"""``tran:Road`` function; 9000 and more are unknown."""


@dataclass(frozen=True)
class Theme:
    """Objects of one kind: their class in CityGML, the folder of their theme, what names and shapes them."""

    title: str
    classes: tuple[str, ...]
    folder: str
    code: str
    """Attribute that tells the kind."""
    kinds: dict[str, str]
    shapes: tuple[str, ...] = ("lod1MultiSurface", "lod0MultiSurface", "lod2MultiSurface")
    """Properties that may hold the geometry, best first."""


THEMES: dict[str, Theme] = {
    "carriageways": Theme("carriageway areas (道路)", ("Road",), "tran", "function", ROADS),
    "urbanisation": Theme("urbanisation areas (区域区分)", ("AreaClassification",), "urf", "function", AREA_CLASSES),
    "planning": Theme("planning areas (都市計画区域)", ("UrbanPlanningArea",), "urf", "function", PLANNING_AREAS),
    "use_zones": Theme("use zones (用途地域)", ("UseDistrict",), "urf", "function", USE_ZONES),
    "facilities": Theme("treatment facilities (処理施設)", ("TreatmentFacility",), "urf", "function", FACILITIES),
    "land_use": Theme("land use (土地利用)", ("LandUse",), "luse", "class", {}),
    "sewers": Theme(
        "sewers and manholes (下水道)", ("SewerPipe", "Manhole"), "unf", "name", {},
        ("lod0Geometry", "lod1Geometry", "lod2Geometry", "lod3Geometry"),
    ),
}  # fmt: skip


@dataclass
class _Gathered:
    """Objects of one sheet."""

    sheet: Sheet
    dimension: int
    rows: list[dict[str, str | None]] = field(default_factory=list)
    line_of: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.surfaces = gml.Surfaces(self.sheet, self.dimension)
        self.lines = gml.Positions(self.sheet, self.dimension)

    def add(self, item: etree._Element, theme: Theme) -> None:
        """One more object."""
        index = len(self.rows)
        row: dict[str, str | None] = {
            "source_id": next((v for k, v in item.attrib.items() if k.endswith("}id")), ""),
            "class_name": markup.local(item),
            "geometry_from": None,
        }
        for child in item:
            if not len(child) and child.text and (text := child.text.strip()):
                row.setdefault(markup.local(child), text)
        for name in theme.shapes:
            taken = [self._take(index, holder) for holder in item.iter(f"{{*}}{name}")]
            if any(taken):
                row["geometry_from"] = name
                break
        self.rows.append(row)

    def _take(self, index: int, holder: etree._Element) -> bool:
        if self.surfaces.add(index, holder.iter("{*}Polygon")):
            return True
        texts = [e.text or "" for e in holder.iter("{*}posList", "{*}pos")]
        for text in texts:
            self.lines.add(text)
            self.line_of.append(index)
        return bool(texts)


def read(sources: Sources, theme: str) -> Features:
    """Objects of one theme from CityGML files, folders and zips.

    Parameters
    ----------
    sources : where the files are
    theme : a key of ``THEMES``

    Returns
    -------
    Features
        ``source_id`` (gml:id), ``kind`` (from its code, missing where that means nothing), ``class_name``, ``geometry_from``
        and the object's own attributes. Carriageways are areas: no network can be made of them as they are.
    """
    chosen = THEMES[theme]
    parts = [read_sheet(s, chosen) for s in city_sheets(sources, chosen.folder)]
    parts = [(f, n) for f, n in parts if len(f)]
    if not parts:
        raise DataError(
            problem(
                f"{sources} holds no {chosen.title} in CityGML (PLATEAU)",
                "nothing can be read",
                f"give the .gml files of udx/{chosen.folder}, the folder that holds them or the zip as downloaded",
            )
        )
    frame, notes = joined([f for f, _ in parts], theme)
    frame, said = without_doubles(frame, "source_id", None, theme)
    notes += said
    if bad := sum(n for _, n in parts):
        notes.append(Note("rings_dropped", what=theme, count=bad))
    if missing := int(frame.geometry.isna().sum()):
        notes.append(Note("shapeless", what=theme, count=missing, rows=len(frame)))
    return Features(frame, tuple(notes))


def served_by(sewers: Features) -> Features:
    """Land that existing sewers serve: within ``REACH_M`` of a sewer pipe, in one piece where such land meets."""
    pipes = sewers.frame[(sewers.frame["class_name"] == "SewerPipe") & sewers.frame.geometry.notna()]
    if not len(pipes):
        raise DataError(
            problem("there are no sewer pipes with a place", "no land can be taken as served", "give served areas as polygons")
        )
    west, south, east, north = pipes.to_crs("EPSG:6668").total_bounds
    middle = float(west + east) / 2.0, float(south + north) / 2.0
    plane = pipes.to_crs(crs_guard.propose_zone(*middle) or crs_guard.propose_utm(*middle))
    land = shapely.get_parts(shapely.union_all(shapely.buffer(plane.geometry.to_numpy(), REACH_M)))
    note = Note("served_by_pipes", metres=REACH_M, pipes=len(pipes))
    return Features(gpd.GeoDataFrame(geometry=land, crs=plane.crs).to_crs(sewers.frame.crs), (*sewers.notes, note))


def classes_in(sheet: Sheet) -> set[str]:
    """Classes of all themes that occur anywhere in a sheet, from its bytes."""
    known = sorted({c for theme in THEMES.values() for c in theme.classes})
    pattern = re.compile(rb"<(?:\w+:)?(" + "|".join(known).encode() + rb")[\s>]")
    held: set[str] = set()
    tail = b""
    with sheet.open() as stream:
        while chunk := stream.read(markup.CHUNK_BYTES):
            held |= {name.decode() for name in pattern.findall(tail + chunk)}
            tail = chunk[-64:]
    return held


def read_sheet(sheet: Sheet, theme: Theme) -> tuple[gpd.GeoDataFrame, int]:
    """The objects of one sheet as they stand, and the number of rings dropped for want of corners."""
    top = markup.root(sheet)
    held = _Gathered(sheet, top.dimension or 3)
    system = top.system
    for item in markup.features(sheet, theme.classes, top):
        if system is None:
            system = next((s for e in item.iter() if (s := e.get("srsName"))), None)
        held.add(item, theme)
    if not held.rows:
        return gpd.GeoDataFrame({"source_id": []}, geometry=[], crs="EPSG:6668"), 0
    crs = gml.system(system, sheet)
    north_first = gml.is_north_first(crs)
    faces = held.surfaces.finish(north_first)
    shapes = faces.by_feature(len(held.rows))
    _lines(held, north_first, shapes)
    names = list(dict.fromkeys(["source_id", *(k for row in held.rows for k in row)]))
    data: dict[str, Any] = {name: [row.get(name) for row in held.rows] for name in names}
    kinds = [theme.kinds.get(code or "") for code in data.get(theme.code, [None] * len(held.rows))]
    if theme.kinds:
        data = {"source_id": data.pop("source_id"), "kind": kinds, **data}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=crs), faces.bad_rings


def _lines(held: _Gathered, north_first: bool, shapes: NDArray[Any]) -> None:
    """Put lines, and points for single positions, where there is no surface."""
    xyz, counts = held.lines.finish(north_first)
    owner = np.array(held.line_of, dtype=np.int64)
    starts = np.cumsum(counts) - counts
    for index in np.unique(owner):
        pieces = [xyz[a : a + n, :2] for a, n in zip(starts[owner == index], counts[owner == index], strict=True) if n]
        made = [shapely.Point(p[0]) if len(p) == 1 else shapely.LineString(p) for p in pieces if np.isfinite(p).all()]
        if made:
            shapes[index] = made[0] if len(made) == 1 else shapely.line_merge(shapely.union_all(made))
