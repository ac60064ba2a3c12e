"""Decisions of the planner applied to study units: forced sewer, forced johkasou, kept together."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone.engineering.forest import Bools, Ints
from sewerzone.errors import first_ids, problem, raise_all


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
    """A decision applies to the units named by it, or with at least half of their dwellings inside its polygon.

    Raises DataError when two decisions contradict each other on a unit.
    """
    together = overrides[overrides["kind"] == "keep_together"]
    buildings, units = _merge(buildings, units, [_covered(buildings, units, row) for row in _rows(together)])
    forced = {"force_sewer": np.full(len(units), -1), "force_johkasou": np.full(len(units), -1)}
    notes = []
    for row in _rows(overrides[overrides["kind"] != "keep_together"]):
        covered = _covered(buildings, units, row)
        if not len(covered):
            notes.append(f"override {row['override_id']} ({row['kind']}) covers no study unit: it changes nothing")
        free = covered[forced[row["kind"]][covered] < 0]
        forced[row["kind"]][free] = row["override_id"]
    both = np.flatnonzero((forced["force_sewer"] >= 0) & (forced["force_johkasou"] >= 0))
    if len(both):
        raise_all(
            [
                problem(
                    f"overrides: units {first_ids(both)} are forced to sewer and to johkasou "
                    f"(overrides {first_ids(np.unique([forced['force_sewer'][both], forced['force_johkasou'][both]]))})",
                    "the plan cannot follow both",
                    "remove one of the polygons or draw them without overlap",
                )
            ]
        )
    return Decided(
        buildings, units, forced["force_sewer"] >= 0, forced["force_johkasou"] >= 0,
        np.maximum(forced["force_sewer"], forced["force_johkasou"]).astype(np.int64), notes,
    )  # fmt: skip


def _rows(overrides: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    return [dict(zip(overrides.columns, row, strict=True)) for row in overrides.itertuples(index=False, name=None)]


def _covered(buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame, row: dict[str, Any]) -> Ints:
    """Units to which a decision applies, ascending positions."""
    houses = buildings[buildings["unit_id"].notna()]
    inside = houses.representative_point().within(row["geometry"]).to_numpy()
    unit = houses["unit_id"].to_numpy(np.int64)
    dwellings = houses["dwellings"].to_numpy(float)
    all_of = np.bincount(unit, dwellings, minlength=len(units))
    part = np.bincount(unit[inside], dwellings[inside], minlength=len(units))
    return np.flatnonzero((part > 0) & (part >= 0.5 * all_of))


def _merge(buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame, sets: list[Ints]) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Units of every set as one, renumbered in the order of their smallest member."""
    target = np.arange(len(units))
    for members in sets:
        if len(members) > 1:
            old = np.unique(target[members])
            target[np.isin(target, old)] = old.min()
    if (target == np.arange(len(units))).all():
        return buildings, units
    number = np.unique(target, return_inverse=True)[1]
    out = buildings.copy()
    has = out["unit_id"].notna()
    out.loc[has, "unit_id"] = number[out.loc[has, "unit_id"].to_numpy(np.int64)]
    sums = ["buildings", "dwellings", "people", "flow_mean_m3_per_d", "flow_max_m3_per_d", "flow_hourly_l_per_s", "area_ha"]
    rules: dict[str, str] = {**dict.fromkeys(sums, "sum"), "is_adjoining": "max"}
    largest = units.assign(unit_id=number).sort_values(["unit_id", "dwellings"], ascending=[True, False], kind="stable")
    merged = units.assign(unit_id=number).dissolve("unit_id", aggfunc=rules).reset_index()
    merged["district_id"] = pd.array(largest.drop_duplicates("unit_id")["district_id"], dtype="Int64")
    merged["dwellings_per_ha"] = merged["dwellings"] / merged["area_ha"]
    return out, merged[units.columns]
