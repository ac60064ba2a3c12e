"""One municipality of layers that cover many: whose each building is, and what beyond the border still counts.

A building belongs to the municipality in which a point inside it lies; a point on a border that several share goes to the
lowest code. Points and borders are compared in the coordinates of the boundary file, whatever system a study is in, so every
municipality comes to the same answer and each building belongs to one at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from sewerzone import crs as crs_guard
from sewerzone.config import Config, Layer, Municipality
from sewerzone.errors import ConfigError, CRSError, DataError, first_ids, problem
from sewerzone.formats import codes as codes_of_japan
from sewerzone.io import vector
from sewerzone.io.vector import Bounds, Source
from sewerzone.meeting import Geometries, lying_in, surface_points
from sewerzone.noted import Note
from sewerzone.stages.prepare.geometry import repaired

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

KEY = "municipality.boundary"
CODE_FIELDS = (
    "N03_007", "code", "CODE", "municipality_code", "city_code", "CITYCODE", "JCODE", "jiscode", "市区町村コード",
    "行政区域コード",
)  # fmt: skip
"""Columns that hold the code of a municipality in files of agencies and of this program."""
NAME_FIELDS = ("N03_004", "name", "NAME", "municipality", "city_name", "CITY_NAME", "市区町村名", "行政区域名")
N03_PARTS = ("N03_003", "N03_004", "N03_005")
"""County or designated city, municipality, ward: a name is made of those that are given."""
FINER = 65_536.0
"""Degrees are held in this fraction; a power of two, so that no digit changes and the grid that finds areas is fine enough."""
NOWHERE = -1
SPARE = 1e-4
"""Of its extent, by which a box is widened where it is turned into another system: edges bend between their corners."""
ROUGH_M = 5.0
"""The rim of the halo, not the border, is drawn from outlines simplified by this much at most."""


class Areas(NamedTuple):
    """All municipalities of a boundary file.

    Attributes
    ----------
    codes, names : (k,) distinct codes in ascending order, and names
    shapes : (n,) polygons, by code; several rows may belong to one municipality
    of : (n,) municipality of each row
    crs : of the file
    scale : coordinates of ``shapes`` are those of the file times this
    notes : what was noticed
    """

    codes: NDArray[np.object_]
    names: NDArray[np.object_]
    shapes: Geometries
    of: Ints
    crs: CRS
    scale: float
    notes: tuple[str, ...]

    def owners(self, geometries: Geometries, crs: CRS) -> tuple[Ints, Bools]:
        """Municipality of each geometry (``NOWHERE``: of none), and whether it lies on a border that several share."""
        return self.owners_at(surface_points(geometries), crs)

    def owners_at(self, xy: NDArray[np.float64], crs: CRS) -> tuple[Ints, Bools]:
        """Municipality of each place (n, 2), NaN for none, and whether it lies on a border that several share."""
        x, y = xy.T
        if crs != self.crs:
            x, y = Transformer.from_crs(crs, self.crs, always_xy=True).transform(x, y)
        is_placed = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        point, row = lying_in(x[is_placed] * self.scale, y[is_placed] * self.scale, self.shapes)
        owner = np.full(len(xy), NOWHERE, np.int64)
        owner[is_placed[point[::-1]]] = self.of[row[::-1]]  # rows go by code: the lowest is written last and stays
        is_shared = np.zeros(len(xy), np.bool_)
        is_shared[is_placed[point]] = self.of[row] != owner[is_placed[point]]
        return owner, is_shared

    def whole(self, number: int) -> Geometries:
        """The polygons of one municipality, in coordinates of the file."""
        return np.asarray(shapely.transform(self.shapes[self.of == number], lambda xy: xy / self.scale), dtype=object)


class Houses(NamedTuple):
    """The buildings within bounds, whosever they are.

    Attributes
    ----------
    layer, base : where they were read
    crs, bounds : of the file, and within which they were read (None: all of it)
    xy : (n, 2) a point inside each; NaN where there is none
    owner : municipality of each, ``NOWHERE`` if none
    is_own : whether it is one of the part's own
    """

    layer: Layer
    base: Path
    crs: CRS
    bounds: Bounds | None
    xy: NDArray[np.float64]
    owner: Ints
    is_own: Bools


@dataclass(eq=False)
class Part:
    """One municipality (or a strip along the border of two) and its surroundings, in a study CRS.

    Attributes
    ----------
    areas, numbers : all municipalities, and which of them this is
    study_crs : of the zone and the bounds
    zone : its polygon with the halo round it
    bounds, own_bounds : of the zone, and of the municipality itself
    strip : only buildings in this polygon count; None: all of the municipality
    facts : counts for the run record, filled in while layers are read
    houses : its buildings and those of neighbours, once they are read
    """

    areas: Areas
    numbers: tuple[int, ...]
    study_crs: CRS
    halo_m: float
    zone: shapely.Geometry
    bounds: Bounds
    own_bounds: Bounds
    strip: shapely.Geometry | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    houses: Houses | None = None

    @property
    def code(self) -> str:
        """Its code."""
        return " + ".join(str(self.areas.codes[k]) for k in self.numbers)

    @property
    def name(self) -> str:
        """Its name, else its code."""
        return " + ".join(str(self.areas.names[k] or self.areas.codes[k]) for k in self.numbers)

    def named(self, config: Config) -> Config:
        """The configuration with the municipality's name in that of the study, which maps and tables carry."""
        if config.study.name.endswith(self.name):
            return config
        study = config.study.model_copy(update={"name": f"{config.study.name} {self.name}"})
        return config.model_copy(update={"study": study})

    def outline(self, crs: CRS) -> shapely.Geometry:
        """The municipality's area in a study CRS."""
        shapes = np.concatenate([self.areas.whole(k) for k in self.numbers])
        own = gpd.GeoSeries(shapes, crs=self.areas.crs).to_crs(crs).to_numpy()
        return shapely.union_all(shapely.make_valid(own))

    def mine(self, xy: NDArray[np.float64], crs: CRS) -> tuple[Bools, Ints, Bools]:
        """Which places (n, 2) belong to the municipality, whose each is, and whether it lies on a shared border."""
        owner, is_shared = self.areas.owners_at(xy, crs)
        mine = np.isin(owner, self.numbers)
        if self.strip is not None:
            x, y = Transformer.from_crs(crs, self.study_crs, always_xy=True).transform(*xy[mine].T)
            mine[mine] = shapely.contains_xy(self.strip, x, y)
        return np.asarray(mine, np.bool_), owner, is_shared

    def own(self, geometries: Geometries, crs: CRS, role: str) -> Bools:
        """Which of the geometries belong to the municipality, by a point inside, sewers by their middle; counted."""
        return self._own(_middles(geometries) if role == "sewers" else surface_points(geometries), crs, role)[0]

    def own_houses(self, geometries: Geometries, crs: CRS, layer: Layer, base: Path, bounds: Bounds | None) -> Bools:
        """Which of the buildings of a layer, read within bounds, belong to the municipality; all are kept in mind."""
        xy = surface_points(geometries)
        mine, owner = self._own(xy, crs, "buildings")
        self.houses = Houses(layer, base, crs, bounds, xy, owner, mine)
        return mine

    def _own(self, xy: NDArray[np.float64], crs: CRS, role: str) -> tuple[Bools, Ints]:
        mine, owner, is_shared = self.mine(xy, crs)
        self.facts[role] = {
            "own": int(mine.sum()),
            "neighbours": int((~mine & (owner != NOWHERE)).sum()),
            "nowhere": int((owner == NOWHERE).sum()),
            "own_on_shared_border": int((mine & is_shared).sum()),
        }
        return mine, owner

    def within(self, frame: gpd.GeoDataFrame, role: str) -> gpd.GeoDataFrame:
        """The rows that meet the municipality or its halo, decisions the municipality itself; counted under ``role``."""
        decides = role == "overrides"
        zone = self.outline(self.study_crs) if decides else self.zone
        shapely.prepare(zone)
        meets = shapely.intersects(zone, frame.geometry.to_numpy())
        kept = frame[meets].reset_index(drop=True)
        self.facts[role] = {"meeting" if decides else "within_halo": len(kept)}
        return kept

    def said(self, role: str, layer: str) -> Note:
        """The counts of a layer in words."""
        facts = self.facts[role]
        told = {"layer": layer, "rows": facts["in_file"], "name": self.name}
        if "meeting" in facts:
            return Note("rows_meeting", **told, meeting=facts["meeting"])
        if "own" not in facts:
            return Note("rows_of_halo", **told, within=facts["within_halo"], halo_m=self.halo_m)
        if facts.get("divided"):
            return Note("rows_divided", **told, own=facts["own"], divided=facts["divided"])
        if not (shared := facts["own_on_shared_border"]):
            return Note("rows_own", **told, own=facts["own"])
        return Note("rows_own_shared", **told, own=facts["own"], shared=shared)

    def lacks(self, role: str, where: str) -> str:
        """That a layer which is needed has no row here."""
        return problem(
            f"{where} has no {role} in {self.name} ({self.code})",
            "there is nothing to plan",
            f"see whether the file covers it; its bounds are x {self.own_bounds[0]:,.0f} to {self.own_bounds[2]:,.0f}, "
            f"y {self.own_bounds[1]:,.0f} to {self.own_bounds[3]:,.0f} (metres in the study CRS)",
        )


def read_areas(settings: Municipality, base: Path) -> Areas:
    """The municipalities of the boundary layer.

    Raises
    ------
    ConfigError, CRSError, DataError : no such file or column, no polygons, no codes
    """
    if settings.boundary is None:
        raise ConfigError(
            problem(
                f"{KEY} is not given", "which building lies in which municipality is not known", "name a layer, e.g. KSJ N03"
            )
        )
    with vector.opened(settings.boundary, base, KEY, role="boundary") as source:
        code_field = _column(source, settings.field, CODE_FIELDS, "municipality.field")
        name_fields = _name_columns(source, settings.name_field)
        if source.crs is None:
            raise CRSError(
                problem(
                    f"{KEY}: {source.path} has no coordinate reference system",
                    "borders cannot be placed among the houses",
                    "assign the right one in a GIS; KSJ N03 is in JGD2011 (EPSG:6668)",
                )
            )
        crs = crs_guard.horizontal(CRS.from_user_input(source.crs))
        raw = vector.frame(source, [code_field, *(n for n in name_fields if n != code_field)], None, KEY)
    code = np.array([_code(value) for value in raw[code_field]], dtype=object)
    flat = np.asarray(shapely.force_2d(raw.geometry.to_numpy()), dtype=object)
    notes = _refuse_no_areas(flat, code, source, code_field)
    order = np.flatnonzero(code != "")
    order = order[np.argsort(code[order].astype(str), kind="stable")]
    codes, of = np.unique(code[order].astype(str), return_inverse=True)
    scale = FINER if crs.is_geographic else 1.0
    shapes = repaired(np.asarray(shapely.transform(flat[order], lambda xy: xy * scale), dtype=object))[0]
    name = _names(raw, name_fields)[order]
    first = np.searchsorted(of, np.arange(len(codes)))
    return Areas(codes.astype(object), name[first], shapes, of.astype(np.int64), crs, scale, tuple(notes))


def part_of(config: Config, base: Path) -> Part:
    """The municipality that the settings name; raises ConfigError where the boundary does not know it."""
    settings = config.municipality
    areas = read_areas(settings, base)
    found = np.flatnonzero(np.isin(areas.codes, spellings(settings.code)))
    if not len(found):
        near = [f"{c} {n or ''}".strip() for c, n in zip(areas.codes, areas.names, strict=True)]
        raise ConfigError(
            problem(
                f"municipality.code = {settings.code!r}: {settings.boundary.short if settings.boundary else KEY} has none of "
                f"this code; it has {first_ids(near, 8)}",
                "nothing would be planned",
                "give one of these codes, or name the column that holds them as municipality.field",
            )
        )
    number = int(found[0])
    study_crs = crs_guard.metric(config.study.crs)
    own = gpd.GeoSeries(areas.whole(number), crs=areas.crs).to_crs(study_crs).to_numpy()
    own_bounds = _box(own)
    rough_m = min(ROUGH_M, settings.halo_m / 20.0)
    zone = shapely.union_all(shapely.buffer(shapely.simplify(own, rough_m), settings.halo_m + rough_m))
    facts = {"code": settings.code, "name": areas.names[number], "halo_m": settings.halo_m}
    return Part(areas, (number,), study_crs, settings.halo_m, zone, _box(zone), own_bounds, facts=facts)


def border_strips(config: Config, areas: Areas, reach_m: float) -> dict[tuple[int, int], shapely.Geometry]:
    """The ground within ``reach_m`` of both of two municipalities that lie that near to each other (study CRS)."""
    study_crs = crs_guard.metric(config.study.crs)
    near = [
        shapely.buffer(
            shapely.simplify(shapely.union_all(gpd.GeoSeries(areas.whole(k), crs=areas.crs).to_crs(study_crs)), ROUGH_M),
            reach_m,
        )
        for k in range(len(areas.codes))
    ]
    one, other = shapely.STRtree(near).query(near, predicate="intersects")
    pairs = sorted((int(a), int(b)) for a, b in zip(one, other, strict=True) if a < b)
    strips = {(a, b): shapely.intersection(near[a], near[b]) for a, b in pairs}
    return {pair: strip for pair, strip in strips.items() if strip.area > 0}


def strip_part(config: Config, areas: Areas, numbers: tuple[int, ...], strip: shapely.Geometry) -> Part:
    """What of these municipalities lies in a strip, with the usual halo round it."""
    halo_m = config.municipality.halo_m
    zone = shapely.buffer(strip, halo_m)
    study_crs = crs_guard.metric(config.study.crs)
    return Part(areas, numbers, study_crs, halo_m, zone, _box(zone), _box(strip), strip, {"strip": True, "halo_m": halo_m})


def _middles(lines: Geometries) -> NDArray[np.float64]:
    """(n, 2) the place halfway along each line, NaN where there is none: sewers that end on a border do not lie on it."""
    out = np.full((len(lines), 2), np.nan)
    is_line = shapely.get_dimensions(lines) == 1
    xy, of = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[is_line], 0.5, normalized=True), return_index=True
    )  # fmt: skip
    out[np.flatnonzero(is_line)[of]] = xy
    return out


def _box(shapes: Any) -> Bounds:
    west, south, east, north = map(float, shapely.total_bounds(shapes))
    spare = 1.0 + SPARE * max(east - west, north - south)
    return west - spare, south - spare, east + spare, north + spare


def spellings(code: str | None) -> list[str]:
    """A code with and without its check digit (222101 is 22210)."""
    text = _code(code)
    if not codes_of_japan.is_municipality(text):
        return [text]
    return [text, text[:5] if len(text) == 6 else codes_of_japan.with_check_digit(text)]


def _code(value: Any) -> str:
    """A code as text; a number has lost its zero."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    text = str(int(value)) if isinstance(value, (int, float, np.integer, np.floating)) else str(value).strip()
    return text.zfill(5) if text.isdigit() and len(text) < 5 else text


def _column(source: Source, asked: str, usual: tuple[str, ...], key: str) -> str:
    found = [n for n in usual if n in source.fields] if asked == "auto" else [n for n in (asked,) if n in source.fields]
    if found:
        return found[0]
    what = "none of the usual columns of codes" if asked == "auto" else f"no column {asked!r}"
    raise ConfigError(
        problem(
            f"{key}: {source.path} has {what}",
            "municipalities cannot be told apart",
            f"name one of its columns: {', '.join(source.fields) or 'it has none'}",
        )
    )


def _name_columns(source: Source, asked: str) -> list[str]:
    if asked != "auto":
        return [_column(source, asked, (), "municipality.name_field")]
    parts = [n for n in N03_PARTS if n in source.fields]
    return parts if "N03_004" in parts else [n for n in NAME_FIELDS if n in source.fields][:1]


def _names(raw: pd.DataFrame, columns: list[str]) -> NDArray[np.object_]:
    out = np.full(len(raw), "", dtype=object)
    for column in columns:
        text = raw[column].astype(object).where(raw[column].notna(), "").astype(str).to_numpy(dtype=object)
        out = out + text
    return out


def _refuse_no_areas(flat: Geometries, code: NDArray[np.object_], source: Source, column: str) -> list[str]:
    """Notes on rows left out; raises DataError where there is nothing to go by."""
    wrong = ~np.isin(shapely.get_type_id(flat), (-1, 3, 6))
    if wrong.any():
        raise DataError(
            problem(
                f"{KEY}: {int(wrong.sum()):,} of {len(flat):,} rows of {source.path} are no polygons",
                "a building lies in a polygon, not on a line or point",
                "give the polygons of municipalities (KSJ N03)",
            )
        )
    if not (code != "").any():
        raise DataError(
            problem(
                f"{KEY}: column {column} of {source.path} is empty",
                "municipalities cannot be told apart",
                "name another column",
            )
        )
    lost = int((code == "").sum())
    return [Note("no_municipality", layer=KEY, count=lost)] if lost else []
