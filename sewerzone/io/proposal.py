"""A first study file for a user's own files: CRS, columns and road classes as far as they can be recognised.

What is proposed is written into the study file for the user to confirm; nothing here is used when a study runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Transformer

from sewerzone import config as config_
from sewerzone import crs as crs_guard
from sewerzone.config import OSM_AND_KSJ_KINDS, Config, KindRule, Layer
from sewerzone.errors import ConfigError, CRSError, DataError, problem
from sewerzone.formats import codes
from sewerzone.formats.published import TO_BE_NAMED
from sewerzone.io import agency, vector
from sewerzone.io.layers import MAY_BE_TABLES, of_right_kind
from sewerzone.io.vector import Source

KNOWN_COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "buildings": {
        "use": ("use", "usage", "building", "用途", "建物用途", "type", "種別"),
        "floor_area_m2": ("floor_area_m2", "totalFloorArea", "floor_area", "延べ面積", "延床面積", "延べ床面積"),
        "storeys": ("storeys", "storeysAboveGround", "building:levels", "building_levels", "levels", "階数", "地上階数"),
        "height_m": ("height_m", "measuredHeight", "建物高さ", "計測高さ"),
        "dwellings": ("dwellings", "households", "戸数", "世帯数", "世帯"),
        "people": ("people", "population", "pop", "人口", "residents", "inhabitants", "Einw_GEB"),
        "existing_tanks": ("existing_tanks", "johkasou", "浄化槽", "浄化槽基数"),
    },
    "roads": {},
    "served_areas": {"name": ("name", "名称", "処理区名", "処理区")},
    "districts": {
        "name": ("name", "town_name", "S_NAME", "MOJI", "町名", "町丁目名", "地区名", "名称"),
        "people": ("people", "total_pop", "population", "JINKO", "人口", "人口総数", "総人口", "POP"),
        "dwellings": ("dwellings", "households", "SETAI", "世帯数", "世帯総数", "世帯"),
        "vacant_share": ("vacant_share", "空家率"),
        "code": ("code", "district_id", "KEY_CODE", "地区コード", "地区番号", "行政区コード", "町丁目コード", "町字コード"),
    },
    "barriers": {"kind": ("kind", "waterway", "railway", "種別", "type")},
    "plants": {
        "name": ("name", "名称", "施設名"),
        "kind": ("kind",),
        "capacity_m3_per_d": ("capacity_m3_per_d", "処理能力"),
        "flow_max_m3_per_d": ("flow_max_m3_per_d", "日最大処理水量"),
        "keep_yen_per_yr": ("keep_yen_per_yr", "存続年価"),
        "decision": ("decision",),
        "installed_year": ("installed_year", "設置年度", "供用開始年度"),
        "replacement_yen": ("replacement_yen", "再調達価額"),
        "invert_elev_m": ("invert_elev_m",),
    },
    "overrides": {
        "kind": ("kind",),
        "note": ("note", "備考", "理由"),
        "group": ("group", "組"),
        "unit_id": ("unit_id", "検討単位区域番号"),
        "building_id": ("building_id", "建物番号"),
    },
    "sewers": {
        "kind": ("kind", "種別", "排水方式"),
        "diameter_mm": ("diameter_mm", "管径", "口径"),
        "length_m": ("length_m", "延長", "管渠延長"),
        "excavation_m": ("excavation_m", "掘削深", "掘削深さ"),
        "up_manhole": ("up_manhole", "上流人孔", "上流人孔番号", "上流マンホール番号"),
        "down_manhole": ("down_manhole", "下流人孔", "下流人孔番号", "下流マンホール番号"),
        "up_invert_elev_m": ("up_invert_elev_m", "上流管底高"),
        "down_invert_elev_m": ("down_invert_elev_m", "下流管底高"),
        "installed_year": ("installed_year", "布設年度", "施工年度", "布設年", "設置年度"),
        "material": ("material", "管種"),
        "urgency": ("urgency", "緊急度"),
        "inspected_year": ("inspected_year", "調査年度", "点検年度"),
        "decision": ("decision",),
    },
}
"""Column names recognised for each of our columns, best first; letter case does not matter."""
KNOWN_IDS = (
    "source_id",
    "building_id",
    "buildingID",
    "gml_id",
    "gml:id",
    "osm_id",
    "road_id",
    "rID",
    "id",
    "建物ID",
    "OBJECTID",
)
NUMBERS = (
    "floor_area_m2",
    "storeys",
    "height_m",
    "vacant_share",
    "dwellings",
    "people",
    "existing_tanks",
    "capacity_m3_per_d",
    "invert_elev_m",
    "replacement_yen",
    "length_m",
    "diameter_mm",
)
CODE = "municipality_code"
"""Column of agencies' layers by which the plane rectangular zone is known."""
OSM_WIDTHS_M = (18.0, 16.0, 12.0, 10.0, 8.0, 6.0, 4.0, 2.5, 2.0)
"""Widths by which some converters encode OpenStreetMap classes, from motorway to path."""
WIDTH_OF_MOTORWAYS = KindRule(column="width_m", values=(18.0,), kind="motorway")
WIDTHS_OF_PATHS = KindRule(column="width_m", values=(2.0, 2.5), kind="path")
LEAST_WIDTHS = 4
"""Fewer distinct widths may be measured ones rounded."""


@dataclass(frozen=True)
class _Found:
    """A layer of the user's as the study will name it, and what is known of it."""

    layer: Layer
    crs: Any
    centre: tuple[float, float] | None
    fields: tuple[str, ...]
    values: pd.DataFrame
    source: str | None
    """Who publishes it, where the file tells."""


def propose(
    directory: str | Path,
    buildings: str,
    roads: str,
    terrain: str | Sequence[str],
    served_areas: str | None = None,
    districts: str | None = None,
    barriers: str | None = None,
    plants: str | None = None,
    overrides: str | None = None,
    sewers: str | None = None,
    crs: str | None = None,
    name: str | None = None,
) -> tuple[Config, list[str]]:
    """A study of the user's files, to be written into ``directory``, and remarks on what was assumed.

    Parameters
    ----------
    directory : where the study file will lie; paths are written relative to it where they share a root
    buildings, roads, served_areas, districts, barriers, plants, overrides, sewers : "path" or "path:layer", from the working
        directory
    terrain : one or more elevation rasters
    crs : metric CRS; proposed from the buildings' place when not given
    name : of the study; the directory's when not given

    Raises
    ------
    ConfigError, CRSError, DataError
        A file or layer is missing or unreadable, or the CRS is not metric.
    """
    directory = Path(directory).resolve()
    given = {
        "buildings": buildings, "roads": roads, "served_areas": served_areas, "districts": districts,
        "barriers": barriers, "plants": plants, "overrides": overrides, "sewers": sewers,
    }  # fmt: skip
    remarks: list[str] = []
    found = {role: _look(role, text, directory, remarks) for role, text in given.items() if text is not None}
    rasters = [terrain] if isinstance(terrain, str) else list(terrain)
    if crs is None:
        crs = _crs_of_codes(found, remarks) or _propose_crs(found["buildings"], remarks)
    crs_guard.metric(crs, "--crs")
    data: dict[str, Any] = {
        "study": {"name": name or directory.name, "crs": crs},
        "inputs": {
            **{role: item.layer for role, item in found.items()},
            "terrain": [relative(_existing(text, "--terrain"), directory) for text in rasters],
            "sources": _sources(found, rasters),
        },
        "network": {"kinds": _kinds(found["roads"], remarks)},
    }
    _remark_people(found, remarks)
    return config_.parse(data, "the proposed study"), remarks


def _sources(found: dict[str, _Found], rasters: Sequence[str]) -> dict[str, str]:
    """The publishers of files that are as agencies deliver them; of others only the user knows."""
    known = {role: item.source for role, item in found.items() if item.source is not None}
    credits = [agency.elevation_credit(Path(text).expanduser()) for text in rasters]
    if None not in credits:
        known["terrain"] = ", ".join(dict.fromkeys(filter(None, credits)))
    return known


def _look(role: str, text: str, directory: Path, remarks: list[str]) -> _Found:
    """Open a layer, recognise its columns and read the few values that need a look."""
    option = f"--{role.split('_')[0]}"
    asked = Layer.model_validate(text)
    path = _existing(asked.path, option)
    with vector.opened(
        asked.model_copy(update={"path": str(path)}), path.parent, option, role in MAY_BE_TABLES, role
    ) as source:
        columns = _recognised(role, source.fields)
        candidates = _matches(KNOWN_IDS, source.fields)[:3] if role in ("buildings", "roads") else []
        wanted = sorted(
            {*candidates, *(c for o, c in columns.items() if o in (*NUMBERS, "code"))} | {"width_m", CODE} & set(source.fields)
        )
        must_fit = role in ("buildings", "roads")
        values = pd.DataFrame()
        if source.rows and (wanted or must_fit):
            raw = vector.frame(source, wanted, None, option)
            if must_fit:
                _refuse_swapped(raw, source, role, option)
            values = pd.DataFrame(raw[wanted])
        remarks.extend(source.notes)
        layer_name = source.layer if asked.layer or len(_layer_names(source)) > 1 else None
        crs, fields, middle, credit = source.crs, source.fields, centre(source), _credit(source.notes)
    columns = {ours: theirs for ours, theirs in columns.items() if ours not in NUMBERS or _is_numeric(values, theirs)}
    if columns.get("code", "code") != "code" and not _is_each(values, columns["code"]):
        del columns["code"]  # rows of one code count as one district, which only the user can mean
    if identifier := next((c for c in candidates if _is_each(values, c)), None):
        columns["source_id"] = identifier
    renamed = {ours: theirs for ours, theirs in columns.items() if ours != theirs}
    if renamed:
        said = ", ".join(f"{ours} = {theirs}" for ours, theirs in renamed.items())
        remarks.append(f"{option}: columns recognised: {said}; correct them under [inputs] if they mean something else")
    layer = Layer(path=relative(path, directory), layer=layer_name, encoding=asked.encoding, columns=renamed)
    return _Found(layer, crs, middle, fields, values, credit)


def _credit(notes: Sequence[str]) -> str | None:
    """The publisher that the reader of an agency's file names."""
    return next((note.removeprefix(TO_BE_NAMED) for note in notes if note.startswith(TO_BE_NAMED)), None)


def _refuse_swapped(raw: gpd.GeoDataFrame, source: Source, role: str, option: str) -> None:
    """Refuse roads that are areas and buildings that are lines before a study file is written on them."""
    try:
        of_right_kind(raw, source, role, option)
    except DataError as error:
        raise DataError(f"{error} Are --buildings and --roads swapped?") from error


def _layer_names(source: Source) -> list[str]:
    return [] if source.layer is None else vector.layers(source.name, with_tables=not source.is_placed)


def _existing(text: str, option: str) -> Path:
    path = Path(text).expanduser().resolve()
    if path.exists() or agency.is_there(path):
        return path
    folder = next(parent for parent in path.parents if parent.is_dir())
    held = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
    raise ConfigError(
        problem(
            f"{option}: there is no file {path}",
            "the study would name a file that cannot be read",
            f"correct the path; {folder} holds {held}",
        )
    )


def relative(path: Path, directory: Path) -> str:
    """The path from the study's directory, with forward slashes; absolute where they have only the root in common."""
    shared = Path(os.path.commonpath([path, directory])) if path.anchor == directory.anchor else None
    if shared is None or shared == Path(path.anchor):
        return path.as_posix()
    return Path(os.path.relpath(path, directory)).as_posix()


def _matches(names: Iterable[str], fields: Sequence[str]) -> list[str]:
    """The file's columns that bear one of these names, in the order of the names."""
    by_fold = {field.casefold(): field for field in reversed(fields)}
    return list(dict.fromkeys(by_fold[n.casefold()] for n in names if n.casefold() in by_fold))


def _recognised(role: str, fields: Sequence[str]) -> dict[str, str]:
    hits = {ours: _matches(names, fields) for ours, names in KNOWN_COLUMNS[role].items()}
    return {ours: theirs[0] for ours, theirs in hits.items() if theirs}


def _is_each(values: pd.DataFrame, column: str) -> bool:
    """Whether a column tells every row from every other."""
    return column in values and bool(values[column].notna().all() and values[column].is_unique)


def _is_numeric(values: pd.DataFrame, column: str) -> bool:
    """Whether a column holds numbers (as such or as text) in every row that has a value."""
    if column not in values:
        return False
    held = values[column].dropna()
    return len(held) > 0 and bool(pd.to_numeric(held, errors="coerce").notna().all())


def centre(source: Source) -> tuple[float, float] | None:
    """Longitude and latitude of the middle of a layer."""
    if source.crs is None or source.bounds is None:
        return None
    west, south, east, north = source.bounds
    transform = Transformer.from_crs(crs_guard.horizontal(CRS.from_user_input(source.crs)), "EPSG:4326", always_xy=True)
    longitude, latitude = transform.transform((west + east) / 2, (south + north) / 2)
    return (longitude, latitude) if np.isfinite([longitude, latitude]).all() else None


def _crs_of_codes(found: dict[str, _Found], remarks: list[str]) -> str | None:
    """The plane rectangular zone of the municipality that agencies' layers name; None where none is named or it is unsure."""
    named = [item.values[CODE].dropna() for item in found.values() if CODE in item.values]
    usual = pd.concat(named).mode() if named else pd.Series(dtype=object)
    zone = codes.plane_zone(str(usual.iloc[0])) if len(usual) and codes.is_municipality(str(usual.iloc[0])) else None
    if zone is None:
        return None
    text = f"EPSG:{crs_guard.zone_epsg(zone)}"
    remarks.append(f"study.crs = {text} is the plane rectangular zone of municipality {usual.iloc[0]}, which the files name")
    return text


def _propose_crs(buildings: _Found, remarks: list[str]) -> str:
    """The buildings' own plane rectangular zone, else the zone of their place, else its UTM zone."""
    if buildings.centre is None:
        raise CRSError(
            problem(
                "--buildings: the layer has no coordinate reference system or no rows with geometry",
                "neither its place nor a metric CRS can be proposed",
                "assign the CRS the data are in (in QGIS: Assign projection), or name the study's with --crs",
            )
        )
    longitude, latitude = buildings.centre
    own = crs_guard.horizontal(CRS.from_user_input(buildings.crs)).to_epsg()
    for first in (6669, 2443):  # JGD2011, JGD2000: zones follow prefectures, so the file knows better than its place
        if own is not None and first <= own < first + 19:
            text = f"EPSG:{crs_guard.zone_epsg(own - first + 1)}"
            remarks.append(f"study.crs = {text} is the plane rectangular zone of the buildings' file")
            return text
    zone = crs_guard.propose_zone(longitude, latitude)
    text = zone or crs_guard.propose_utm(longitude, latitude)
    why = "plane rectangular zones follow prefectures, check it" if zone else "its UTM zone; a national grid may be better"
    remarks.append(f"study.crs = {text} is proposed from the buildings' centre ({longitude:.3f} E, {latitude:.3f} N): {why}")
    return text


def _kinds(roads: _Found, remarks: list[str]) -> tuple[KindRule, ...]:
    """The usual rules, and those for widths that encode classes where no column names the class."""
    if {rule.column for rule in OSM_AND_KSJ_KINDS} & set(roads.fields):
        return OSM_AND_KSJ_KINDS
    if "width_m" in roads.values:
        widths = pd.to_numeric(roads.values["width_m"], errors="coerce").dropna().unique()
        if rules := _width_rules(widths):
            said = {"motorway": "18 m is taken as motorway (no sewers)", "path": "2 and 2.5 m as paths"}
            remarks.append(
                "--roads: no column names the class of road, but width_m looks like OpenStreetMap classes in disguise: "
                f"{', '.join(said[rule.kind] for rule in rules)}; see network.kinds"
            )
            return (*OSM_AND_KSJ_KINDS, *rules)
    remarks.append(
        "--roads: no column is recognised that names the class of road, so motorways, bridges and tunnels count as "
        "ordinary roads; add rules to network.kinds if there are any"
    )
    return OSM_AND_KSJ_KINDS


def _width_rules(widths: Any) -> tuple[KindRule, ...]:
    """Rules for widths that can hardly be anything but codes of classes; none for widths that may be measured."""
    if not np.isin(widths, OSM_WIDTHS_M).all() or not np.isin(widths, WIDTHS_OF_PATHS.values).any():
        return ()
    motorways = (WIDTH_OF_MOTORWAYS,) if np.isin(widths, WIDTH_OF_MOTORWAYS.values).any() else ()
    return motorways + ((WIDTHS_OF_PATHS,) if len(widths) >= LEAST_WIDTHS else ())


def _remark_people(found: dict[str, _Found], remarks: list[str]) -> None:
    def has(role: str, column: str) -> bool:
        return role in found and (column in found[role].layer.columns or column in found[role].fields)

    if not has("buildings", "people") and not has("districts", "people"):
        remarks.append("people: neither buildings nor districts have a column with people; prepare.people_per_dwelling is used")
    if not has("buildings", "dwellings"):
        remarks.append("dwellings: buildings have no column with dwellings; prepare.dwellings_per_building is used")
