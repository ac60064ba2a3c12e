"""National Land Numerical Information (国土数値情報) as JPGIS 2.x XML, for want of the Shapefile or GeoJSON beside it.

Curves, surfaces made of them and features that point to surfaces, curves or points follow each other in one file; all are
tied by ``xlink:href``. Latitude stands before longitude. Only N03's tags are known for certain (行政区域 製品仕様書 2.x); other
products keep their tags as columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from lxml import etree
from numpy.typing import NDArray

from sewerzone.errors import DataError, problem
from sewerzone.formats import gml, markup
from sewerzone.formats.features import Features, joined, valid
from sewerzone.formats.sheets import Sheet, Sources, damaged, sheets
from sewerzone.noted import Note

ROOT = "Dataset"
NAMESPACE = "nlftp.mlit.go.jp/ksj"
FIELDS = {
    "N03": {
        "prefectureName": "N03_001", "subPrefectureName": "N03_002", "countyName": "N03_003", "cityName": "N03_004",
        "administrativeAreaCode": "N03_007", "prn": "N03_001", "sun": "N03_002", "con": "N03_003", "cn2": "N03_004",
        "aac": "N03_007",
    },
}  # fmt: skip
"""Tags and the fields of the Shapefile that say the same."""
_CODE = re.compile(r"(?<![A-Za-z0-9])([A-Z]\d{2})(?![0-9])")
_GEOMETRY = ("Curve", "Surface", "Point", "MultiSurface", "MultiCurve")
_MEMBERS = ("featureMember", "member")
_FEWEST = 4
_FREE = ("description", "name", "boundedBy", "metaDataProperty")


def code_of(sheet: Sheet) -> str | None:
    """Product code of a sheet (``N03``), from its file name or its root's id; None for anything else."""
    top = markup.root(sheet)
    if top.name != ROOT or not any(NAMESPACE in uri for uri in top.namespaces.values()):
        return None
    head = sheet.head(4096).decode("utf-8", "replace")
    named = re.search(r'gml:id="([A-Z]\d{2})', head)
    found = _CODE.search(sheet.base) or named
    return found.group(1) if found else "unknown"


def found_in(sources: Sources) -> list[tuple[str, Sheet]]:
    """Product code of each sheet of JPGIS XML."""
    held = [(code_of(s), s) for s in markup.candidates(sheets(sources), NAMESPACE)]
    return [(code, sheet) for code, sheet in held if code is not None]


@dataclass
class _Places:
    """Curves and points by id; surfaces as rings of curves."""

    positions: gml.Positions
    line_of: dict[str, int] = field(default_factory=dict)
    rings_of: dict[str, list[tuple[bool, list[str]]]] = field(default_factory=dict)
    """Of a surface: whether a ring begins a polygon, and its curves."""
    unnamed: int = 0

    def add(self, item: etree._Element, sheet: Sheet) -> str:
        """One more geometry; its id."""
        key = _id(item)
        if not key:
            self.unnamed += 1
            key = f"?{self.unnamed}"
        name = markup.local(item)
        if name in ("Curve", "Point"):
            self.line_of[key] = len(self.line_of)
            self.positions.add(gml.position_text(item, sheet))
            return key
        rings = self.rings_of.setdefault(key, [])
        for patch in item.iter("{*}PolygonPatch", "{*}Polygon"):
            for border in patch:
                kind = markup.local(border)
                if kind in ("exterior", "interior"):
                    rings.append((kind == "exterior", self._curves(border, sheet)))
        return key

    def _curves(self, border: etree._Element, sheet: Sheet) -> list[str]:
        """Ids of a ring's curves; a ring that has its positions in itself is a curve of its own."""
        held = [ref for e in border.iter("{*}curveMember") if (ref := _target(e))]
        if held:
            return held
        self.unnamed += 1
        key = f"?{self.unnamed}"
        self.line_of[key] = len(self.line_of)
        self.positions.add(gml.position_text(border, sheet))
        return [key]


def _id(item: etree._Element) -> str:
    return next((v for k, v in item.attrib.items() if k.endswith("}id")), "")


def _target(item: etree._Element) -> str:
    return next((v.removeprefix("#") for k, v in item.attrib.items() if k.endswith("}href")), "")


def read(sources: Sources, code: str) -> Features:
    """All features of a product's XML.

    Parameters
    ----------
    sources : where the sheets are
    code : product, e.g. ``N03``

    Returns
    -------
    Features
        Columns by the fields of the Shapefile where they are known (``FIELDS``), else by tags; ``class_name``.
    """
    parts = [(read_sheet(sheet, FIELDS.get(code, {}))) for held, sheet in found_in(sources) if held == code]
    if not parts:
        raise DataError(problem(f"{sources} holds no JPGIS XML of {code}", "nothing can be read", "give the zip as downloaded"))
    frame, notes = joined([f for f, _ in parts], code)
    if lost := sum(n for _, n in parts):
        notes.append(Note("placeless_features", what=code, count=lost))
    if code not in FIELDS:
        notes.append(Note("jpgis_tags", what=code))
    return Features(frame, tuple(notes))


def read_sheet(sheet: Sheet, fields: dict[str, str]) -> tuple[gpd.GeoDataFrame, int]:
    """The features of one sheet, and how many have no place."""
    top = markup.root(sheet)
    places = _Places(gml.Positions(sheet, 2))
    rows: list[dict[str, str]] = []
    targets: list[list[str]] = []
    for child in _members(sheet):
        name = markup.local(child)
        if name in _GEOMETRY:
            places.add(child, sheet)
        elif name not in _FREE:
            rows.append({"class_name": name, **_attributes(child, fields)})
            targets.append(_places_of(child, places, sheet))
    crs = gml.system(top.system, sheet)
    xy, counts = places.positions.finish(gml.is_north_first(crs))
    starts = np.cumsum(counts) - counts
    lines = {key: xy[starts[k] : starts[k] + counts[k]] for key, k in places.line_of.items()}
    shapes = np.full(len(rows), None, dtype=object)
    for k, refs in enumerate(targets):
        shapes[k] = _shape([r for ref in refs for r in _resolved(ref, places, lines)], places, lines)
    if not rows:
        raise damaged(sheet, "no feature in it")
    names = list(dict.fromkeys(n for row in rows for n in row))
    data = {n: [row.get(n) for row in rows] for n in names}
    frame = gpd.GeoDataFrame(data, geometry=shapes, crs=crs)
    placed = frame.geometry.notna()
    return frame[placed].reset_index(drop=True), int((~placed).sum())


def _members(sheet: Sheet) -> Iterator[etree._Element]:
    for child in markup.children(sheet):
        yield from child if markup.local(child) in _MEMBERS else (child,)


def _attributes(item: etree._Element, fields: dict[str, str]) -> dict[str, str]:
    """Texts of a feature by field or tag; those of nested elements too, those of geometry not."""
    held: dict[str, str] = {}
    for child in item.iter():
        is_leaf = child is not item and not len(child) and "opengis.net/gml" not in child.tag
        if is_leaf and child.text and (text := child.text.strip()):
            name = markup.local(child)
            held.setdefault(fields.get(name, name), text)
    return held


def _places_of(item: etree._Element, places: _Places, sheet: Sheet) -> list[str]:
    """What a feature points to, and geometry inside it."""
    refs = [ref for e in item.iter() if e is not item and (ref := _target(e)) and markup.local(e) != "curveMember"]
    inner = [places.add(e, sheet) for e in item.iter("{*}Surface")]
    return refs + (inner or [places.add(e, sheet) for e in item.iter("{*}Curve", "{*}Point")])


def _resolved(ref: str, places: _Places, lines: dict[str, NDArray[np.float64]]) -> list[str]:
    """The id that is meant: some products write ``#_cv1`` for ``cv1``."""
    return [key for key in (ref, ref.removeprefix("_")) if key in places.rings_of or key in lines][:1]


def _shape(keys: list[str], places: _Places, lines: dict[str, NDArray[np.float64]]) -> Any:
    """One geometry of what a feature points to; None for nothing that is whole."""
    made: list[Any] = []
    for key in keys:
        if key in places.rings_of:
            made += _polygons(places.rings_of[key], places, lines)
        elif len(xy := lines[key]) and np.isfinite(xy).all():
            made.append(shapely.Point(xy[0]) if len(xy) == 1 else shapely.LineString(xy))
    if not made:
        return None
    return made[0] if len(made) == 1 else shapely.union_all(valid(np.array(made, dtype=object)) if _are_areas(made) else made)


def _are_areas(made: list[Any]) -> bool:
    return all(shape.geom_type == "Polygon" for shape in made)


def _polygons(
    rings: list[tuple[bool, list[str]]], places: _Places, lines: dict[str, NDArray[np.float64]]
) -> list[shapely.Polygon]:
    out: list[tuple[NDArray[np.float64], list[NDArray[np.float64]]]] = []
    is_lost = True  # of a polygon whose outer ring is
    for is_outer, curves in rings:
        ring = gml.chained([lines[k] for ref in curves for k in _resolved(ref, places, lines) if k in lines])
        is_whole = len(ring) >= _FEWEST and bool(np.isfinite(ring).all())
        if is_outer:
            is_lost = not is_whole
            if is_whole:
                out.append((ring, []))
        elif is_whole and not is_lost:
            out[-1][1].append(ring)
    return [shapely.Polygon(outer, inner) for outer, inner in out]
