"""Roads, districts, served areas, barriers, plants and overrides: cleaned, in canonical order."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone.config import OSM_AND_KSJ_KINDS, KindRule, Network
from sewerzone.errors import first_ids, problem
from sewerzone.noted import Note
from sewerzone.stages.prepare import geometry as shapes
from sewerzone.stages.prepare.values import Findings, ids, numbers, texts
from sewerzone.stages.prepare.years import whole, years
from sewerzone.tables import BARRIERS, DISTRICTS, OVERRIDES, PLANTS, SERVED_AREAS, Table
from sewerzone.tables.order import natural

SHARE, HAS_HOUSES = "share_here", "has_houses_here"
"""Columns of the districts of one municipality of many: how much of each one's people and dwellings is its own, and whether
there are houses of its own in it that tell so."""
FILE_ROW = "file_row"
"""Row of a district in the user's file, while districts are counted in canonical order."""


def roads(raw: gpd.GeoDataFrame, settings: Network, found: Findings) -> gpd.GeoDataFrame:
    """Every road line with its kind, weight and status."""
    lines = raw.geometry.to_numpy()
    kind = _kinds(raw, settings.kinds)
    if unmet := sorted({r.column for r in settings.kinds if r not in OSM_AND_KSJ_KINDS} - {str(c) for c in raw.columns}):
        found.notes.append(Note("roads_no_column", columns=unmet))
    order = shapes.canonical_order(lines, (kind,))
    lines, kind = lines[order], kind[order]
    nothing = shapes.is_nothing(lines) | (shapely.length(lines) == 0)
    unusable = np.isin(kind, settings.kinds_without_sewer)
    usable_first = np.argsort(unusable, kind="stable")  # of two lines alike the usable one stays
    again = np.zeros(len(lines), dtype=bool)
    again[usable_first] = shapes.repeats(shapes.shape_keys(lines[usable_first]))
    status = np.select([nothing, again, unusable], ["no_geometry", "duplicate", "unusable"], default="usable")
    weight = pd.Series(kind, dtype=object).map(settings.weights).fillna(1.0).astype(float)
    for what, count in (("roads_placeless", nothing.sum()), ("roads_twice", again.sum())):
        if count:
            found.notes.append(Note(what, count=count))
    if not (status == "usable").any():
        found.problems.append(
            problem(
                f"roads: none of {len(raw):,} lines is usable ({_counted(status)})",
                "sewers follow roads",
                "check network.kinds and network.unusable_kinds, and that the roads layer is the right one",
            )
        )
    data = {"road_id": np.arange(len(lines)), "kind": kind, "weight": weight.to_numpy(), "status": status}
    return gpd.GeoDataFrame(data, geometry=lines, crs=raw.crs)


def _counted(values: Any) -> str:
    names, counts = np.unique(np.asarray(values, dtype=str), return_counts=True)
    return ", ".join(f"{n:,} {name}" for name, n in zip(names, counts, strict=True))


def _kinds(raw: gpd.GeoDataFrame, rules: tuple[KindRule, ...]) -> Any:
    """Kind of each road; a later rule wins. Values are compared as text, and as numbers where the rule gives numbers."""
    kind = np.full(len(raw), "ordinary", dtype=object)
    columns = {name: pd.factorize(texts(raw, name)) for name in {rule.column for rule in rules} if name in raw.columns}
    for rule in rules:
        if rule.column in columns:
            code, distinct = columns[rule.column]
            values = pd.Series(distinct, dtype=object)
            numeric = [v for v in rule.values if not isinstance(v, str)]
            hit = values.isin([f"{v}" for v in rule.values]) | pd.to_numeric(values, errors="coerce").isin(numeric)
            kind[np.append(hit.to_numpy(), False)[code]] = rule.kind
    return kind


def districts(raw: gpd.GeoDataFrame, found: Findings) -> gpd.GeoDataFrame:
    """Districts with their people and dwellings, missing where the file does not say.

    Rows that share a ``code`` are parts of one district: their shapes are joined, and the largest figure counts,
    because census small areas give the whole population on one part and 0 on the others.
    """
    raw = _joined_by_code(raw, found)
    name = texts(raw, "name")
    people, dwellings = (_figure(raw, n, found) for n in ("people", "dwellings"))
    vacant = numbers(raw, "vacant_share", "districts", found)
    if len(raw) and np.isnan(people).all() and np.isnan(dwellings).all() and np.isnan(vacant).all():
        found.problems.append(
            problem(
                "districts: neither people nor dwellings nor vacant_share are given",
                "districts serve to spread them over the houses",
                'map its columns in the study file, e.g. columns = {people = "JINKO", dwellings = "SETAI"}',
            )
        )
    over = vacant > 1
    if over.any():
        found.problems.append(
            problem(
                f"districts.vacant_share: {int(over.sum()):,} are above 1 ({first_ids(vacant[over])})",
                "no more than all dwellings can stand empty",
                "give shares (0.13), not per cent (13)",
            )
        )
    columns = {"code": texts(raw, "code"), "name": name, "people": people, "dwellings": dwellings, "vacant_share": vacant}
    has_houses = raw[HAS_HOUSES].to_numpy(bool) if HAS_HOUSES in raw else np.zeros(len(raw), dtype=bool)
    columns |= {FILE_ROW: raw[FILE_ROW].to_numpy(), HAS_HOUSES: has_houses}
    return _table(raw, DISTRICTS, "district_id", columns, found)


def _figure(raw: gpd.GeoDataFrame, name: str, found: Findings) -> Any:
    """People or dwellings of districts; of one that municipalities share, this one's part."""
    whole = numbers(raw, name, "districts", found)
    return whole * raw[SHARE].to_numpy() if SHARE in raw else whole


def in_their_order(districts: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Districts and buildings with districts numbered as their people know them, now that nothing is counted by the number.

    That is by code, where each has one of its own (numbers within codes as numbers), else by the rows of the file.
    """
    code = districts["code"]
    if len(code) and code.notna().all() and code.is_unique:
        ranked = sorted(range(len(code)), key=lambda row: natural(code.iloc[row]))
    else:
        ranked = np.argsort(districts[FILE_ROW].to_numpy(), kind="stable").tolist()
    number = np.empty(len(ranked), dtype=np.int64)
    number[ranked] = np.arange(len(ranked))
    known = buildings["district_id"].notna().to_numpy(bool)
    moved = buildings["district_id"].copy()
    moved[known] = number[moved[known].to_numpy(np.int64)]
    return districts.drop(columns=[FILE_ROW, HAS_HOUSES]).assign(district_id=number), buildings.assign(district_id=moved)


def _joined_by_code(raw: gpd.GeoDataFrame, found: Findings) -> gpd.GeoDataFrame:
    """Rows of one code as one, each with its (first) row in the file."""
    code = pd.Series(texts(raw, "code"), dtype=object)
    again = code.notna() & code.duplicated(keep=False)
    raw = raw.reset_index(drop=True).assign(**{FILE_ROW: np.arange(len(raw))})
    if not again.any():
        return raw
    figures = {n: _figure(raw, n, found) for n in ("people", "dwellings")}
    figures["vacant_share"] = numbers(raw, "vacant_share", "districts", found)
    shape = shapes.repaired(raw.geometry.to_numpy())[0]
    parts = gpd.GeoDataFrame({"name": texts(raw, "name"), "code": code, **figures}, geometry=shape, crs=raw.crs)
    parts[FILE_ROW] = raw[FILE_ROW]
    parts[HAS_HOUSES] = raw[HAS_HOUSES].to_numpy(bool) if HAS_HOUSES in raw else False
    key = code.where(code.notna(), [f"row {i}" for i in range(len(raw))]).to_numpy()
    parts = parts.iloc[shapes.canonical_order(shape, (parts["name"].to_numpy(),))].assign(key=lambda f: key[f.index])
    taken = {"name": "first", "code": "first", FILE_ROW: "min", HAS_HOUSES: "max", **dict.fromkeys(figures, "max")}
    whole = parts.dissolve("key", aggfunc=taken).reset_index(drop=True)
    found.notes.append(Note("districts_joined", rows=again.sum(), codes=code[again].nunique()))
    return whole


def served_areas(raw: gpd.GeoDataFrame, found: Findings) -> gpd.GeoDataFrame:
    """Polygons sewered today."""
    return _table(raw, SERVED_AREAS, "area_id", {"name": texts(raw, "name")}, found)


def inside(areas: gpd.GeoDataFrame, boundary: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """The parts of areas within a municipality; all of them where no boundary is known.

    Routing sees the others, too, but built they are counted by the municipality in which they lie.
    """
    if boundary is None or not len(areas):
        return areas
    shape = areas.geometry.to_numpy()
    shapely.prepare(boundary)
    cut = np.flatnonzero(~shapely.covers(boundary, shape))
    own = shape.copy()
    own[cut] = shapes.areas_only(shapely.intersection(shape[cut], boundary))
    out = areas.set_geometry(gpd.GeoSeries(own, index=areas.index, crs=areas.crs))
    return out[~shapes.is_nothing(own)].reset_index(drop=True)


def barriers(raw: gpd.GeoDataFrame, found: Findings) -> gpd.GeoDataFrame:
    """Rivers, railways and the like."""
    return _table(raw, BARRIERS, "barrier_id", {"kind": texts(raw, "kind")}, found)


def plants(
    raw: gpd.GeoDataFrame, ledger: gpd.GeoDataFrame, reach_m: float, found: Findings
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Places where sewage may be delivered, and pumps; of kind ``plant`` where nothing is said. And neighbours' small plants.

    Rows beyond the border (``is_beyond``) that sewage may be delivered to stay, but what stands there is renewed there; where
    the network ends (terminal) only within reach of a sewer of the ledger, which is the municipality's own.
    """
    kind = texts(raw, "kind")
    kind = np.where(pd.isna(kind), "plant", kind)
    _refuse_kinds(raw, kind, PLANTS, found)
    columns = {
        "name": texts(raw, "name"),
        "kind": kind,
        "capacity_m3_per_d": numbers(raw, "capacity_m3_per_d", "plants", found),
        "invert_elev_m": numbers(raw, "invert_elev_m", "plants", found, least=None),
        "flow_max_m3_per_d": numbers(raw, "flow_max_m3_per_d", "plants", found),
        "keep_yen_per_yr": numbers(raw, "keep_yen_per_yr", "plants", found),
        "decision": texts(raw, "decision"),
        "installed_year": years(raw, "installed_year", "plants", found),
        "replacement_yen": numbers(raw, "replacement_yen", "plants", found),
    }
    _refuse_existing(raw, columns, found)
    is_beyond = raw["is_beyond"].to_numpy(bool) if "is_beyond" in raw else np.zeros(len(raw), dtype=bool)
    for name in ("installed_year", "replacement_yen"):
        columns[name] = np.where(is_beyond, np.nan, columns[name])
    columns["installed_year"] = whole(columns["installed_year"])

    def table(some: Any) -> gpd.GeoDataFrame:
        if some.all():
            return _table(raw, PLANTS, "plant_id", columns, found)
        return _table(raw[some], PLANTS, "plant_id", {name: values[some] for name, values in columns.items()}, found)

    is_there = is_beyond & (kind == "existing")
    is_end = np.zeros(len(raw), dtype=bool)
    is_end[shapely.STRtree(ledger.geometry.to_numpy()).query(raw.geometry.to_numpy(), "dwithin", distance=reach_m)[0]] = True
    of_others = is_beyond & ((kind == "pump") | ((kind == "terminal") & ~is_end))
    return table(~is_there & ~of_others), table(is_there)


def _refuse_existing(raw: gpd.GeoDataFrame, columns: dict[str, Any], found: Findings) -> None:
    """Complain of existing plants without flow, and of decisions that mean nothing."""
    is_existing = columns["kind"] == "existing"
    unknown = is_existing & ~(columns["flow_max_m3_per_d"] > 0.0)
    if unknown.any():
        found.problems.append(
            problem(
                f"plants.flow_max_m3_per_d: {int(unknown.sum()):,} existing plants have none ({first_ids(ids(raw)[unknown])})",
                "what they treat decides whether they are kept or joined to others",
                "fill in the daily maximum flow (m3/d) each treats, or leave the row out",
            )
        )
    decision, choices = columns["decision"], PLANTS.column("decision").choices
    wrong = ~pd.isna(decision) & ~(np.isin(decision.astype(str), choices) & is_existing)
    if wrong.any():
        shown = ", ".join(dict.fromkeys(f"{d!r}" for d in decision[wrong]))
        found.problems.append(
            problem(
                f"plants.decision: {int(wrong.sum()):,} rows have {shown} ({first_ids(ids(raw)[wrong])})",
                "only plants of kind existing are kept or joined",
                f"write one of {', '.join(choices)} there, and nothing at others, or map the column that holds it",
            )
        )


def overrides(raw: gpd.GeoDataFrame, buildings: int, found: Findings) -> gpd.GeoDataFrame:
    """The planner's decisions: polygons, or rows without geometry that name a study unit or one of so many buildings."""
    kind = texts(raw, "kind")
    _refuse_kinds(raw, kind, OVERRIDES, found)
    unit, building = (numbers(raw, name, "overrides", found) for name in ("unit_id", "building_id"))
    is_drawn = ~shapes.is_nothing(raw.geometry.to_numpy())
    named = (~np.isnan(unit)).astype(int) + ~np.isnan(building)
    if (is_drawn & (named > 0)).any():
        found.notes.append(Note("overrides_named", count=(is_drawn & (named > 0)).sum()))
    unit, building = np.where(is_drawn, np.nan, unit), np.where(is_drawn, np.nan, building)
    _refuse_names(raw, ~is_drawn & (named != 1), unit, building, buildings, found)
    columns = {
        "kind": kind,
        "note": texts(raw, "note"),
        "group": np.where(is_drawn, None, texts(raw, "group")),
        "unit_id": pd.array(np.where(unit % 1 == 0, unit, np.nan), dtype="Int64"),
        "building_id": pd.array(np.where(building % 1 == 0, building, np.nan), dtype="Int64"),
        "is_edit": raw["is_edit"].to_numpy(bool) if "is_edit" in raw else np.zeros(len(raw), dtype=bool),
    }
    return _table(raw, OVERRIDES, "override_id", columns, found, ~is_drawn)


def _refuse_names(raw: gpd.GeoDataFrame, unclear: Any, unit: Any, building: Any, buildings: int, found: Findings) -> None:
    """Complain of rows without a polygon that name nothing or two things, or numbers that cannot be ids."""
    if unclear.any():
        found.problems.append(
            problem(
                f"overrides: {int(unclear.sum()):,} rows without a polygon name neither a unit nor a building, or both "
                f"({first_ids(ids(raw)[unclear])})",
                "it is not clear where the decision applies",
                "fill in either unit_id or building_id in each row, or draw a polygon; columns of other names can be mapped",
            )
        )
    for name, values in (("unit_id", unit), ("building_id", building)):
        wrong = values % 1 > 0
        if wrong.any():
            found.problems.append(
                problem(
                    f"overrides.{name}: {first_ids(values[wrong])} are no whole numbers ({first_ids(ids(raw)[wrong])})",
                    "it is not clear where the decision applies",
                    "write the number shown on the map and in the tables of a run",
                )
            )
    unknown = building >= buildings
    if unknown.any():
        found.problems.append(
            problem(
                f"overrides.building_id: there is no building {first_ids(building[unknown].astype(int))} "
                f"({first_ids(ids(raw)[unknown])})",
                "the decision would change nothing",
                f"buildings are numbered from 0 to {buildings - 1:,}, as shown on the map and in the tables of a run",
            )
        )


def _refuse_kinds(raw: gpd.GeoDataFrame, kind: Any, table: Table, found: Findings) -> None:
    choices = table.column("kind").choices
    wrong = ~np.isin(kind.astype(str), choices)
    if wrong.any():
        shown = ", ".join(dict.fromkeys(f"{k!r}" for k in kind[wrong]))
        found.problems.append(
            problem(
                f"{table.name}.kind: {int(wrong.sum()):,} rows have {shown} ({first_ids(ids(raw)[wrong])})",
                "nothing else has a meaning there",
                f"write one of {', '.join(choices)}, or map the column that holds it",
            )
        )


def _table(
    raw: gpd.GeoDataFrame, table: Table, key: str, columns: dict[str, Any], found: Findings, placeless: Any = False
) -> gpd.GeoDataFrame:
    """A small layer: polygons repaired, rows without geometry left out and counted unless ``placeless``, canonical order."""
    geometry, mended = shapes.repaired(raw.geometry.to_numpy())
    if mended:
        found.notes.append(Note("repaired", layer=table.name, count=mended))
    rows = np.flatnonzero(~shapes.is_nothing(geometry) | placeless)
    if len(rows) < len(raw):
        lost = np.nansum(columns["people"]) - np.nansum(columns["people"][rows]) if "people" in columns else 0
        told = {"layer": table.name, "count": len(raw) - len(rows)}
        found.notes.append(Note("placeless_people", **told, people=lost) if lost else Note("placeless", **told))
    rows = rows[shapes.canonical_order(geometry[rows], [c[rows] for c in columns.values()])]
    data = {key: np.arange(len(rows)), **{name: values[rows] for name, values in columns.items()}}
    return gpd.GeoDataFrame(data, geometry=geometry[rows], crs=raw.crs)
