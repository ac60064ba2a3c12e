"""Redrawing: today's sewer area, or an earlier plan, against a new plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone.errors import DataError, problem
from sewerzone.meeting import lying_in, surface_points
from sewerzone.model import Inputs, Plan, Redrawing
from sewerzone.stages.redrawing.areas import overlay, surface
from sewerzone.stages.redrawing.houses import FIGURES, carried, places, turned
from sewerzone.stages.redrawing.sums import called, effects, summary
from sewerzone.style import COLLECTIVE
from sewerzone.tables.redrawing import BASES, MOVED, REDRAWN_AREAS, REDRAWN_BUILDINGS, REDRAWN_UNITS

__all__ = ["compare", "effects", "forced", "summary"]


def compare(new: Plan, old: gpd.GeoDataFrame | Plan, laid: Plan | None = None) -> Redrawing:
    """What a new plan changes against an old one.

    Parameters
    ----------
    new : the new plan; its houses, people, units and districts count
    old : polygons of the old sewer area in the study CRS, or an old plan
    laid : with polygons, a plan that serves them: gives the cost of the old area; without, unit figures of ``new`` do

    Houses belong to where their point on the surface lies; those sewered today count as sewer before and after.
    """
    drawn = old.zones[old.zones["treatment"].isin(COLLECTIVE)] if isinstance(old, Plan) else old
    area = surface(drawn.geometry.to_numpy())
    notes: list[str] = []
    was = _was_sewer(new, old, area)
    earlier = old if isinstance(old, Plan) else laid
    houses, basis, rest = _houses(new, was, earlier, notes)
    areas = REDRAWN_AREAS.conform(_named(overlay(new.zones, area, new.districts), new.districts))
    houses = _named(houses, new.districts)
    units = _units(new, houses, basis)
    _tell(new, drawn, was, houses, units, areas, notes)
    listed = summary(areas, units, houses, new.districts, rest)
    return Redrawing(
        config=new.config, redrawing_effect=effects(listed, houses), redrawing=listed, redrawn_areas=areas,
        redrawn_units=units, redrawn_buildings=REDRAWN_BUILDINGS.conform(houses), served_areas=new.served_areas,
        run={"basis": "two_plans" if earlier is not None else "unit_figures", "notes": notes},
    )  # fmt: skip


def forced(inputs: Inputs, new: Plan, old: gpd.GeoDataFrame) -> Inputs:
    """The study of ``new`` with other decisions: sewer for units most of whose dwellings lie in the old area, tanks for others.

    Raises DataError where ``inputs`` are not those of the plan.
    """
    if len(inputs.buildings) != len(new.buildings):
        raise DataError(
            problem(
                f"the study has {len(inputs.buildings):,} buildings, the plan {len(new.buildings):,}",
                "the old area would be priced for another town",
                "name the study that NEW was run from, or run it again",
            )
        )
    was = _was_sewer(new, old, surface(old.geometry.to_numpy()))
    houses = pd.DataFrame(new.buildings).assign(inside=np.where(was, new.buildings["dwellings"], 0.0))
    houses = houses[houses["unit_id"].notna()]
    sums = houses.groupby(houses["unit_id"].astype("int64"))[["inside", "dwellings"]].sum()
    is_in = (sums["inside"] >= 0.5 * sums["dwellings"]).reindex(new.units["unit_id"]).to_numpy(bool)
    shapes = [shapely.union_all(new.units.geometry.to_numpy()[some]) for some in (is_in, ~is_in)]
    rows = gpd.GeoDataFrame(
        {name: pd.Series([None, None], dtype=object) for name in ("note", "group", "unit_id", "building_id")}
        | {"kind": ["force_sewer", "force_johkasou"]},
        geometry=shapes, crs=inputs.buildings.crs,
    )  # fmt: skip
    return replace(inputs, overrides=rows[~rows.geometry.is_empty].reset_index(drop=True))


def _named(frame: Any, districts: pd.DataFrame) -> Any:
    """A frame with names and codes of its districts."""
    told = called(districts).reindex(frame["district_id"].fillna(-1).astype("int64"))
    told = told.astype(object).where(told.notna(), None)
    return frame.assign(district=told["name"].to_numpy(), district_code=told["code"].to_numpy())


def _was_sewer(new: Plan, old: gpd.GeoDataFrame | Plan, area: Any) -> Any:
    """(houses,) whether the old plan sewers them; served houses are left to :func:`_houses`."""
    xy = surface_points(new.buildings.geometry.to_numpy())
    was = np.zeros(len(xy), dtype=bool)
    known = np.flatnonzero(~np.isnan(xy[:, 0]))
    was[known[lying_in(xy[known, 0], xy[known, 1], area)[0]]] = True
    if isinstance(old, Plan):
        at = places(new, old)
        then = (
            old.buildings["treatment"].to_numpy(object)[np.maximum(at, 0)] if len(old.buildings) else np.full(len(at), "none")
        )
        told = (at >= 0) & (then != "none")
        was = np.where(told, np.isin(then.astype(str), COLLECTIVE), was)
    return was


def _houses(new: Plan, was: Any, earlier: Plan | None, notes: list[str]) -> tuple[gpd.GeoDataFrame, Any, Any]:
    """Buildings with their change and figures before and after; the basis of units; what belongs to no building (2, 3)."""
    treatment = new.buildings["treatment"].to_numpy(object).astype(str)
    was = was | (treatment == "served")
    is_sewer = np.isin(treatment, COLLECTIVE)
    change = np.select(
        [treatment == "none", was & is_sewer, was, is_sewer],
        ["nobody", "stays_sewer", "sewer_to_johkasou", "johkasou_to_sewer"], "stays_johkasou",
    )  # fmt: skip
    after = carried(new)
    if earlier is None:
        found = turned(new, change, after.each)
        before, rest, basis = after.each + found.more, np.stack([after.rest, after.rest]), found.basis
        if found.unpriced.any():
            notes.append(f"houses_unpriced: {int(found.unpriced.sum())}")
    else:
        at, then = places(new, earlier), carried(earlier)
        before = np.where((at >= 0)[:, None], then.each[np.maximum(at, 0)] if len(then.each) else 0.0, 0.0)
        rest = np.stack([then.rest + then.each.sum(axis=0) - before.sum(axis=0), after.rest])
        basis = np.full(len(new.units), BASES.index("two_plans"))
        if (at < 0).any():
            notes.append(f"houses_new: {int((at < 0).sum())}")
    columns = ["building_id", "district_id", "unit_id", "treatment", "dwellings", "people", "geometry"]
    out = new.buildings[columns].assign(is_old_sewer=was, change=change)
    for k, name in enumerate(FIGURES):
        out[f"old_{name}"], out[f"new_{name}"] = before[:, k], after.each[:, k]
    return out.assign(saving_yen_per_yr=before[:, 2] - after.each[:, 2]), basis, rest


def _units(new: Plan, houses: gpd.GeoDataFrame, basis: Any) -> Any:
    """The table of units."""
    inside = houses[houses["unit_id"].notna() & (houses["dwellings"] > 0)]
    key = inside["unit_id"].astype("int64")
    figures = [f"{when}_{name}" for name in FIGURES for when in ("old", "new")]
    sums = inside[[*figures, "saving_yen_per_yr"]].groupby(key).sum()
    number = new.units["unit_id"].to_numpy()
    dwellings = pd.DataFrame(inside).assign(key=key).pivot_table("dwellings", "key", "change", "sum", fill_value=0.0)
    dwellings = dwellings.reindex(number).fillna(0.0)
    for name in ("stays_sewer", "stays_johkasou", *MOVED):
        dwellings[name] = dwellings.get(name, 0.0)
    old = (dwellings["stays_sewer"] + dwellings["sewer_to_johkasou"]).to_numpy(float)
    whole = dwellings.sum(axis=1).to_numpy(float)
    change: Any = np.where((dwellings > 0).sum(axis=1) > 1, "split", dwellings.idxmax(axis=1)) if len(number) else []
    out = new.units[["unit_id", "district_id", "treatment", "dwellings", "people", "geometry"]].assign(
        old_sewer_share=np.divide(old, whole, out=np.zeros(len(whole)), where=whole > 0.0).clip(0.0, 1.0),
        change=change,
        moved_to_johkasou_dwellings=dwellings["sewer_to_johkasou"].to_numpy(float),
        moved_to_sewer_dwellings=dwellings["johkasou_to_sewer"].to_numpy(float),
        basis=np.array(BASES, dtype=object)[basis],
    )
    for name in sums:
        out[name] = sums[name].reindex(number).fillna(0.0).to_numpy(float)
    return REDRAWN_UNITS.conform(_named(out, new.districts))


def _tell(new: Plan, drawn: Any, was: Any, houses: Any, units: Any, areas: Any, notes: list[str]) -> None:
    """Facts to be said with the tables, as ``key: number``; the words are the output's."""
    outside = (houses["treatment"] == "served").to_numpy() & ~was
    if outside.any():
        notes.append(f"served_outside: {int(outside.sum())}")
    absorbed = houses[(houses["treatment"] == "absorbed")]
    if (absorbed["change"] == "johkasou_to_sewer").any():
        notes.append(f"absorbed_moved: {int((absorbed['change'] == 'johkasou_to_sewer').sum())}")
    if (units["basis"] == "unknown").any():
        notes.append(f"units_unknown: {int((units['basis'] == 'unknown').sum())}")
    if (units["change"] == "split").any():
        notes.append(f"units_split: {int((units['change'] == 'split').sum())}")
