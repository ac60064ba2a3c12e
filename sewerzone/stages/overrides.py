"""Decisions of the planner applied to study units: forced sewer, forced johkasou, kept together."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone.engineering.forest import Bools, Ints
from sewerzone.errors import DataError, first_ids, problem
from sewerzone.meeting import lying_in, surface_points
from sewerzone.model import Plan
from sewerzone.noted import Note, some
from sewerzone.outlines import per_ha
from sewerzone.style import COLLECTIVE


class Decided(NamedTuple):
    """Buildings and units after merging what is kept together, and what is forced; (u,) arrays follow the units."""

    buildings: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    is_sewer: Bools
    is_johkasou: Bools
    override_id: Ints
    """-1 where no decision applies."""
    notes: list[str]


def apply(buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame) -> Decided:
    """A decision applies to the unit named by it, or to units with at least half of their dwellings inside its polygon.

    Names are looked up before anything is merged: a unit keeps the number it has in a run without keep_together.
    Polygons that force a kind of treatment are laid over the units as merged. Edits win over the study's own decisions.

    Raises DataError when a unit is not known, or when two decisions contradict each other on a unit.
    """
    _refuse_unknown(overrides, len(units))
    kind, override_id = overrides["kind"].to_numpy(), overrides["override_id"].to_numpy()
    named = _named(buildings, overrides)
    sets = _kept_together(buildings, units, overrides, named)
    notes: list[str] = [Note("decision_small", ids=some(ids), several=len(ids)) for ids, found in sets if len(found) < 2]
    buildings, units, number = _merge(buildings, units, [found for _, found in sets])
    forced = {"force_sewer": np.full(len(units), -1), "force_johkasou": np.full(len(units), -1)}
    is_edit, held = overrides["is_edit"].to_numpy(bool), np.zeros(len(units), dtype=bool)
    for i in np.lexsort((override_id, ~is_edit)):  # edits first
        if kind[i] == "keep_together":
            continue
        polygon = overrides.geometry.iloc[i]
        covered = _inside(buildings, units, polygon) if polygon is not None else number[named[[i]][named[[i]] >= 0]]
        if not len(covered):
            notes.append(Note("decision_nowhere", ids=some(override_id[[i]]), decision=kind[i]))
        if is_edit[i]:
            held[covered] = True
        elif len(lost := covered[held[covered] & (forced[kind[i]][covered] < 0)]):
            notes.append(Note("decision_yields", ids=some(override_id[[i]]), decision=kind[i], units=some(lost)))
        covered = covered if is_edit[i] else covered[~held[covered]]
        free = covered[forced[kind[i]][covered] < 0]
        forced[kind[i]][free] = override_id[i]
    _refuse_contradictions(forced["force_sewer"], forced["force_johkasou"])
    if len(units) < len(number) and overrides["unit_id"].notna().any():
        notes.append(Note("decisions_renumbered", units=len(units), before=len(number)))
    return Decided(
        buildings, units, forced["force_sewer"] >= 0, forced["force_johkasou"] >= 0,
        np.maximum(forced["force_sewer"], forced["force_johkasou"]).astype(np.int64), notes,
    )  # fmt: skip


def of_zones(zones: gpd.GeoDataFrame, earlier: Plan) -> gpd.GeoDataFrame:
    """Decisions told by zones of an earlier plan whose ``treatment`` or shape was edited by hand.

    A unit takes the kind of treatment of the zones that most of its dwellings lie in; where zones of both kinds overlap, that
    which differs from the plan. A decision is made for every unit that differs from the plan or was decided there; it names the
    smallest building of the unit.
    """
    treatment = zones["treatment"].astype(str).str.strip().to_numpy(object)
    if len(wrong := zones[~np.isin(treatment.astype(str), (*COLLECTIVE, "johkasou"))]):
        raise DataError(
            problem(
                f"edited zones: {len(wrong):,} have the treatment {first_ids(wrong['treatment'].unique())}",
                "it is not clear what they shall be",
                "write sewer or johkasou there",
            )
        )
    houses = pd.DataFrame(earlier.buildings)
    houses = houses[houses["unit_id"].notna() & (houses["dwellings"] > 0)]
    unit = houses["unit_id"].to_numpy(np.int64)
    xy = surface_points(houses["geometry"].to_numpy(object))
    point, zone = lying_in(xy[:, 0], xy[:, 1], zones.geometry.to_numpy())
    was_sewer = (earlier.units["treatment"] != "johkasou").to_numpy()
    to_sewer = treatment[zone] != "johkasou"
    turned, kept = np.zeros(len(unit), dtype=bool), np.zeros(len(unit), dtype=bool)
    turned[point[to_sewer != was_sewer[unit[point]]]] = True
    kept[point[to_sewer == was_sewer[unit[point]]]] = True
    dwellings = houses["dwellings"].to_numpy(float)
    for_it, all_of = (np.bincount(unit, dwellings * of, minlength=len(was_sewer)) for of in (turned, turned | kept))
    is_turned = for_it > 0.5 * all_of
    wanted = np.where(is_turned, ~was_sewer, was_sewer)
    told = np.flatnonzero(is_turned | (earlier.units["override_id"].notna().to_numpy() & (all_of > 0.0)))
    first = houses.groupby("unit_id")["building_id"].min()
    return gpd.GeoDataFrame(
        {
            "kind": np.where(wanted[told], "force_sewer", "force_johkasou").astype(object),
            "building_id": first.reindex(told).to_numpy(object),
        },
        geometry=np.full(len(told), None, dtype=object), crs=zones.crs,
    )  # fmt: skip


def _which(ids: Ints) -> str:
    return f"override{'s' if len(ids) > 1 else ''} {first_ids(ids)}"


def _refuse_unknown(overrides: gpd.GeoDataFrame, units: int) -> None:
    row = overrides[overrides["unit_id"].fillna(0) >= units]
    if len(row):
        raise DataError(
            problem(
                f"overrides.unit_id: there is no study unit {first_ids(row['unit_id'].unique())}",
                "the decision would change nothing",
                (f"units are numbered from 0 to {units - 1:,}" if units else "there are no units in this study")
                + " on the map of a run without keep_together; unit numbers change with inputs and settings, so name "
                "buildings (building_id) in decisions that shall last",
            )
        )


def _refuse_contradictions(sewer: Ints, johkasou: Ints) -> None:
    both = np.flatnonzero((sewer >= 0) & (johkasou >= 0))
    if len(both):
        raise DataError(
            problem(
                f"overrides: units {first_ids(both)} are forced to sewer and to johkasou "
                f"(overrides {first_ids(np.unique([sewer[both], johkasou[both]]))})",
                "the plan cannot follow both",
                "remove one of the decisions, or draw polygons without overlap",
            )
        )


def _named(buildings: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame) -> Ints:
    """(rows,) the unit a row names itself or by a building; -1 for polygons and for buildings outside all units."""
    of_building = buildings.set_index("building_id")["unit_id"].reindex(overrides["building_id"].fillna(-1)).to_numpy()
    unit: Ints = overrides["unit_id"].fillna(-1).to_numpy(np.int64)
    return np.where(unit >= 0, unit, pd.Series(of_building, dtype="Int64").fillna(-1).to_numpy(np.int64))


def _kept_together(
    buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame, named: Ints
) -> list[tuple[Ints, Ints]]:
    """Overrides and the units they keep together: one set per polygon, one per group of named units."""
    wanted = (overrides["kind"] == "keep_together").to_numpy()
    is_drawn = overrides.geometry.notna().to_numpy()
    ids = overrides["override_id"].to_numpy()
    sets = [(ids[[i]], _inside(buildings, units, overrides.geometry.iloc[i])) for i in np.flatnonzero(wanted & is_drawn)]
    group = overrides["group"].fillna("").to_numpy()
    for name in np.unique(group[wanted & ~is_drawn].astype(str)):
        rows = np.flatnonzero(wanted & ~is_drawn & (group == name))
        found = np.unique(named[rows])
        sets.append((ids[rows], found[found >= 0]))
    return sets


def _inside(buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame, polygon: Any) -> Ints:
    """Units with at least half of their dwellings inside, ascending positions."""
    houses = buildings[buildings["unit_id"].notna()]
    inside = houses.representative_point().within(polygon).to_numpy()
    unit = houses["unit_id"].to_numpy(np.int64)
    dwellings = houses["dwellings"].to_numpy(float)
    all_of = np.bincount(unit, dwellings, minlength=len(units))
    part = np.bincount(unit[inside], dwellings[inside], minlength=len(units))
    return np.flatnonzero((part > 0) & (part >= 0.5 * all_of))


def _merge(
    buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame, sets: list[Ints]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Ints]:
    """Units of every set as one, renumbered in the order of their smallest member; and the new number of every old unit."""
    target = np.arange(len(units))
    for members in sets:
        if len(members) > 1:
            old = np.unique(target[members])
            target[np.isin(target, old)] = old.min()
    if (target == np.arange(len(units))).all():
        return buildings, units, target
    number = np.unique(target, return_inverse=True)[1]
    out = buildings.copy()
    has = out["unit_id"].notna()
    out.loc[has, "unit_id"] = number[out.loc[has, "unit_id"].to_numpy(np.int64)]
    sums = ["buildings", "dwellings", "people", "flow_mean_m3_per_d", "flow_max_m3_per_d", "flow_hourly_l_per_s", "area_ha"]
    rules: dict[str, str] = {**dict.fromkeys(sums, "sum"), "is_adjoining": "max"}
    largest = units.assign(unit_id=number).sort_values(["unit_id", "dwellings"], ascending=[True, False], kind="stable")
    merged = units.assign(unit_id=number).dissolve("unit_id", aggfunc=rules).reset_index()
    merged["district_id"] = pd.array(largest.drop_duplicates("unit_id")["district_id"], dtype="Int64")
    merged["dwellings_per_ha"] = per_ha(merged["dwellings"].to_numpy(float), merged["area_ha"].to_numpy(float))
    return out, merged[units.columns], number.astype(np.int64)
