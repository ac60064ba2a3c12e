"""PLATEAU's CityGML 2 and 3 (3D都市モデル): buildings; carriageways, planning areas, land use and buried sewers.

Versions differ in namespaces, so only local names count. Coordinates are latitude, longitude, height, or northing, easting,
height. Files of hundreds of megabytes are read one feature at a time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from lxml import etree
from numpy.typing import NDArray

from sewerzone.errors import DataError, problem
from sewerzone.formats import gml, markup
from sewerzone.formats.features import Features, joined, number, without_doubles
from sewerzone.formats.sheets import Sheet, Sources, sheets
from sewerzone.noted import Note

ROOT = "CityModel"
NAMESPACE = "citygml"
FOOTPRINTS = ("lod0FootPrint", "lod0RoofEdge", "lod0MultiSurface")
"""Of a building, best first; CityGML 3 has the last only."""
BOTTOM = "lod1Solid, bottom"
OUTLINE = "outline of all faces"
PARTS = ("consistsOfBuildingPart", "buildingPart")
WALL_LESS = ("3003", "3004")
"""Classes of roofs without walls (無壁舎): more telling than their usage."""
UNKNOWN = (-9999.0, 9999.0)
_LEVEL_M = 1e-6
"""A face is level if its corners differ by no more."""
_PLAIN = {
    "usage": "usage_code", "class": "class_code", "measuredHeight": "height_m", "storeysAboveGround": "storeys",
    "yearOfConstruction": "built_year", "dateOfConstruction": "built_year",
}  # fmt: skip
_NESTED = {
    "totalFloorArea": "floor_area_m2", "buildingStructureType": "structure_code", "buildingID": "plateau_id",
    "city": "municipality_code", "value": "height_m",
}  # fmt: skip
_HOLDERS = ("buildingDetailAttribute", "buildingIDAttribute", "adeOfAbstractBuilding", "adeOfAbstractCityObject", "height")
_INNER = ("BuildingDetailAttribute", "BuildingIDAttribute", "Height")
_WANTED = frozenset((*FOOTPRINTS, "lod1Solid", *PARTS, *_PLAIN, *_HOLDERS))
_COLUMNS = (
    "usage_code", "class_code", "height_m", "storeys", "built_year", "floor_area_m2", "structure_code", "plateau_id",
    "municipality_code",
)  # fmt: skip


def holds(sheet: Sheet) -> bool:
    """Whether a sheet is CityGML."""
    top = markup.root(sheet)
    return top.name == ROOT and any(NAMESPACE in uri for uri in top.namespaces.values())


def city_sheets(sources: Sources, theme: str | None = None) -> list[Sheet]:
    """CityGML sheets among what was delivered.

    Of a whole city, whose sheets lie in ``udx/<theme>/``, only those of the theme (``bldg``, ``tran``, ...) are opened.
    """
    found = markup.candidates(sheets(sources), NAMESPACE)
    if theme is not None and any("/udx/" in s.name for s in found):
        found = [s for s in found if f"/udx/{theme}/" in s.name]
    return [s for s in found if holds(s)]


def buildings(sources: Sources) -> Features:
    """Buildings with footprints.

    Returns
    -------
    Features
        ``source_id`` (gml:id), ``use`` (usage code; class 3003 and 3004 for roofs without walls), ``floor_area_m2``,
        ``storeys``, ``height_m``, ``ground_elev_m`` (lowest corner of LOD1), ``built_year``, codes, and ``footprint_from``:
        what the footprint was taken from. Values that stand for unknown (9999, -9999, year 1) are missing.

    Raises
    ------
    DataError, CRSError
        No sheet holds a building, or a sheet is damaged.
    """
    parts, notes = [], []
    bad = 0
    for sheet in city_sheets(sources, "bldg"):
        frame, rings = read_buildings(sheet)
        bad += rings
        if len(frame):
            parts.append(frame)
    if not parts:
        raise DataError(_nothing(sources, "building"))
    frame, said = joined(parts, "buildings")
    notes += said
    frame, said = without_doubles(frame, "source_id", None, "buildings")
    notes += said
    if bad:
        notes.append(Note("rings_dropped", what="buildings", count=bad))
    for kind, what in ((BOTTOM, "footprint_bottom"), (OUTLINE, "footprint_outline")):
        count = int((frame["footprint_from"] == kind).sum())
        if count:
            notes.append(Note(what, count=count, rows=len(frame)))
    if missing := int(frame.geometry.isna().sum()):
        notes.append(Note("shapeless", what="buildings", count=missing, rows=len(frame)))
    if frame["usage_code"].isin(["461"]).all() or frame["usage_code"].isna().all():
        notes.append(Note("use_unknown"))
    return Features(frame, tuple(notes))


def _nothing(sources: Sources, what: str) -> str:
    return problem(
        f"{sources} holds no {what} in CityGML (PLATEAU)",
        "nothing can be read",
        "give the .gml files of udx/, the folder that holds them or the zip as downloaded",
    )


@dataclass
class _Gathered:
    """What is gathered of a sheet's buildings, one after the other."""

    sheet: Sheet
    dimension: int
    ids: list[str] = field(default_factory=list)
    origin: list[str | None] = field(default_factory=list)
    values: dict[str, list[str | None]] = field(default_factory=lambda: {name: [] for name in _COLUMNS})
    solid_of: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.footprints = gml.Surfaces(self.sheet, self.dimension)
        self.solids = gml.Depths(self.sheet, self.dimension)
        """Corners of LOD1 solids, for the ground alone."""
        self.faces = gml.Surfaces(self.sheet, self.dimension)
        """Faces of solids where there is no footprint; solids are numbered, for each has a bottom of its own."""
        self.owner: list[int] = []
        """Building of each numbered solid."""

    def add(self, building: etree._Element) -> None:
        """One more building."""
        index = len(self.ids)
        self.ids.append(next((v for k, v in building.attrib.items() if k.endswith("}id")), ""))
        held = _children([building])
        parts = [p for name in PARTS for c in held.get(name, ()) for p in c]
        of_parts = _children(parts) if parts else {}
        self.origin.append(self._shape(index, building, held) or (self._shape(index, building, of_parts) if parts else None))
        if self.origin[-1] is None and self._faced(index, building):
            self.origin[-1] = OUTLINE
        found = {**_values(of_parts), **_values(held)} if parts else _values(held)
        for name, column in self.values.items():
            column.append(found.get(name))

    def _shape(self, index: int, building: etree._Element, held: dict[str, list[etree._Element]]) -> str | None:
        """Take the footprint and the solid; where from, None where there is neither."""
        origin = next(
            (n for n in FOOTPRINTS if n in held and self.footprints.add(index, _polygons(held[n]))),
            None,
        )
        solid = held.get("lod1Solid", [])
        if origin is None:
            faced = [self._faced(index, s) for s in solid]
            return BOTTOM if any(faced) else None
        texts = [e.text or "" for s in solid for e in s.iter("{*}posList")]
        if texts:
            self.solids.add(" ".join(texts))
            self.solid_of.append(index)
        return origin

    def _faced(self, index: int, solid: etree._Element) -> bool:
        """Take the faces of a solid; whether it has any."""
        self.owner.append(index)
        return bool(self.faces.add(len(self.owner) - 1, solid.iter("{*}Polygon")))


def _children(elements: Iterable[etree._Element]) -> dict[str, list[etree._Element]]:
    """Children by local name."""
    out: dict[str, list[etree._Element]] = {}
    for element in elements:
        for child in element:
            name = markup.local_name(child.tag)
            if name in _WANTED:
                out.setdefault(name, []).append(child)
    return out


def _polygons(elements: Sequence[etree._Element]) -> Iterable[etree._Element]:
    return (p for e in elements for p in e.iter("{*}Polygon"))


def _values(held: dict[str, list[etree._Element]]) -> dict[str, str]:
    """Our columns from a building's children; the first that says something."""
    out: dict[str, str] = {}
    for theirs, ours in _PLAIN.items():
        for element in held.get(theirs, ()):
            if element.text and (text := element.text.strip()):
                out.setdefault(ours, sys.intern(text))
    for holder in _HOLDERS:
        for element in held.get(holder, ()):
            for inner in element:
                if markup.local_name(inner.tag) not in _INNER:
                    continue
                for leaf in inner:
                    ours = _NESTED.get(markup.local_name(leaf.tag), "")
                    if ours and leaf.text and (text := leaf.text.strip()):
                        out.setdefault(ours, sys.intern(text))
    return out


def read_buildings(sheet: Sheet) -> tuple[gpd.GeoDataFrame, int]:
    """The buildings of one sheet as they stand, and the number of rings dropped for want of corners."""
    top = markup.root(sheet)
    held = _Gathered(sheet, top.dimension or 3)
    system = top.system
    for building in markup.features(sheet, ("Building",), top):
        if system is None:
            system = next((s for e in building.iter() if (s := e.get("srsName"))), None)
        held.add(building)
    if not held.ids:
        return gpd.GeoDataFrame({"source_id": []}, geometry=[], crs="EPSG:6668"), 0
    crs = gml.system(system, sheet)
    north_first = gml.is_north_first(crs)
    count = len(held.ids)
    footprints, faces = held.footprints.finish(north_first), held.faces.finish(north_first)
    ground = np.full(count, np.nan)
    owner = np.array(held.owner, dtype=np.int64)
    np.fmin.at(ground, owner[faces.feature], faces.low)
    np.fmin.at(ground, np.array(held.solid_of, dtype=np.int64), held.solids.lowest())
    shapes = footprints.by_feature(count)
    origin = np.array(held.origin, dtype=object)
    _from_faces(faces, owner, shapes, origin)
    origin[[s is None for s in shapes]] = None
    return gpd.GeoDataFrame(_columns(held, ground, origin), geometry=shapes, crs=crs), footprints.bad_rings + faces.bad_rings


def _columns(held: _Gathered, ground: NDArray[np.float64], origin: NDArray[Any]) -> dict[str, Any]:
    """Attributes of all buildings, in order."""
    v = held.values
    wall_less = [c if c in WALL_LESS else u for c, u in zip(v["class_code"], v["usage_code"], strict=True)]
    year = number([y[:4] if y else None for y in v["built_year"]], 0.0, 1.0, 9999.0)
    return {
        "source_id": held.ids, "use": wall_less, "floor_area_m2": number(v["floor_area_m2"], *UNKNOWN),
        "storeys": number(v["storeys"], *UNKNOWN), "height_m": number(v["height_m"], *UNKNOWN), "ground_elev_m": ground,
        "built_year": year, "usage_code": v["usage_code"], "class_code": v["class_code"],
        "structure_code": v["structure_code"], "plateau_id": v["plateau_id"], "municipality_code": v["municipality_code"],
        "footprint_from": origin,
    }  # fmt: skip


def _from_faces(faces: gml.Faces, owner: NDArray[np.int64], shapes: NDArray[Any], origin: NDArray[Any]) -> None:
    """Footprints of buildings that have none: the level faces at the bottom of each solid, else the outline of all faces."""
    solid, building = faces.feature, owner[faces.feature]
    bottom = np.full(len(owner), np.inf)
    np.fmin.at(bottom, solid, faces.low)
    wide = shapely.area(faces.shape) > 0
    level = wide & (faces.high - faces.low <= _LEVEL_M) & (faces.low - bottom[solid] <= _LEVEL_M) & (origin[building] == BOTTOM)
    found = _joined(faces, building, level, len(shapes))
    has = np.array([s is not None for s in found], dtype=bool)
    shapes[has] = found[has]
    found = _joined(faces, building, wide & ~has[building], len(shapes))
    has = np.array([s is not None for s in found], dtype=bool)
    shapes[has] = found[has]
    origin[has] = OUTLINE


def _joined(faces: gml.Faces, building: NDArray[np.int64], chosen: NDArray[np.bool_], count: int) -> NDArray[Any]:
    """The chosen faces of each building as one shape."""
    some = gml.Faces(building[chosen], faces.shape[chosen], faces.low[chosen], faces.high[chosen], 0)
    return some.by_feature(count)
