"""The tables that the page holds: those of the plan with what belongs to the same thing beside it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import map_content
from sewerzone.output.districts import labels
from sewerzone.output.explain_words import Words
from sewerzone.output.web_map import packing

TOLERANCE_M = {
    "roads": 1.0,
    "zones": 0.2,
    "units": 0.2,
    "served_areas": 0.5,
    "barriers": 0.5,
    "districts": 1.0,
    "buildings": 0.0,
}
"""Outlines are simplified to this; others stay as they are."""

MOST_OUTLINES = 250_000
"""Of more buildings than this, points are drawn instead of outlines, or the page would grow too large to open quickly."""
LAYERS: dict[str, tuple[str, ...]] = {
    "roads": (),
    "barriers": ("kind",),
    "districts": ("code", "name", "people", "dwellings", "people_sewered", "units"),
    "zones": ("treatment", "system_id", "dwellings", "people", "area_ha", "first_year", "last_year"),
    "served_areas": ("name",),
    "units": (
        "unit_id", "treatment", "reason", "dwellings", "people", "area_ha", "dwellings_per_ha", "flow_max_m3_per_d",
        "runner_up", "margin_yen_per_yr", "margin_share", "break_even_yen_per_m", "alone_treatment",
        "other_lives_treatment", "unverified_share", "override_price_yen_per_yr", "system_id", "sureness",
        "sewer_probability", "turned_ja", "turned_en", "is_changed",
        "official_treatment", "difference", "district", "first_year", "last_year",
    ),
    "overrides": ("kind", "note", "price_yen_per_yr", "units"),
    "buildings": ("building_id", "treatment", "reason", "dwellings", "people", "unit_id"),
    "edits": ("building_id", "unit_id", "kind", "reason"),
    "links": ("link_id", "unit_id", "flows_to", "to_unit_id", "length_m", "flow_l_per_s", "system_id"),
    "pipes": (
        "pipe_id", "kind", "diameter_mm", "length_m", "slope_permille", "flow_l_per_s", "velocity_m_per_s",
        "excavation_up_m", "excavation_down_m", "system_id", "unit_id", "crossing",
    ),
    "stock": (
        "sewer_id", "status", "kind", "diameter_mm", "length_m", "installed_year", "urgency", "due_year", "turn_year",
        "branch_id", "dwellings_upstream", "keep_present_yen", "turn_present_yen",
    ),
    "unconnected": ("building_id", "status", "length_m"),
    "plants": (
        "plant_id", "name", "kind", "flow_max_m3_per_d", "capacity_m3_per_d", "verdict", "reason", "keep_yen_per_yr",
        "join_yen_per_yr", "saving_yen_per_yr", "joined_to", "to_plant_id", "decision", "join_probability",
    ),
    "systems": (
        "system_id", "kind", "dwellings", "people", "flow_max_m3_per_d", "sewer_m", "pumps", "capital_yen", "total_yen_per_yr",
    ),
    "pumps": ("pump_id", "kind", "flow_l_per_s", "head_m", "power_kw", "main_m", "system_id"),
}  # fmt: skip
"""What the page needs of each table."""
_PLANT_COLUMNS = (
    "flow_max_m3_per_d", "capacity_m3_per_d", "verdict", "keep_yen_per_yr", "join_yen_per_yr", "saving_yen_per_yr", "joined_to",
    "to_plant_id", "decision", "join_probability",
)  # fmt: skip


def frames(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Every layer with its columns, rows without a place left out."""
    found = {
        name: getattr(plan, name)
        for name in ("roads", "barriers", "served_areas", "buildings", "links", "pipes", "systems", "pumps")
    }
    found |= {
        "districts": _districts(plan),
        "zones": _zones(plan),
        "units": units(plan),
        "overrides": _overrides(plan),
        "stock": _stock(plan),
        "edits": map_content.edited(plan),
        "unconnected": map_content.unconnected(plan),
        "plants": _plants(plan),
    }
    placed = {name: _placed(found[name], TOLERANCE_M.get(name, 0.0)) for name in LAYERS}
    houses = placed["buildings"]
    if len(houses) > MOST_OUTLINES:
        placed["buildings"] = houses.set_geometry(shapely.point_on_surface(houses.geometry.to_numpy()), crs=houses.crs)
    return placed


def _placed(frame: gpd.GeoDataFrame, tolerance_m: float) -> gpd.GeoDataFrame:
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].reset_index(drop=True)
    return frame if tolerance_m <= 0 else frame.set_geometry(frame.geometry.simplify(tolerance_m))


def packed(found: dict[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    """The layers as the page reads them, with the corner their coordinates count from."""
    shapes = {name: packing.mercator(frame) for name, frame in found.items()}
    corners = np.array([shapely.total_bounds(s)[:2] for s in shapes.values() if len(s)]).reshape(-1, 2)
    west, south = np.floor(corners.min(axis=0) / packing.STEP_M).astype(np.int64) if len(corners) else (0, 0)
    origin = (int(west), int(south))
    layers = {
        name: {
            "rows": len(frame),
            "columns": packing.columns(frame, LAYERS[name]),
            "shapes": packing.shapes(shapes[name], origin).as_data(),
        }
        for name, frame in found.items()
    }
    return {"step": packing.STEP_M, "origin": list(origin), "layers": layers}


def units(plan: Plan) -> gpd.GeoDataFrame:
    """Study units with how sure their verdict is, the official one, their district and the years of their works."""
    out = plan.units.merge(plan.robustness.drop(columns="rests_on_unverified"), on="unit_id", how="left")
    against = plan.differences[["unit_id", "is_changed", "official_treatment", "reason"]]
    out = out.merge(against.rename(columns={"reason": "difference"}), on="unit_id", how="left")
    out["is_changed"] = out["is_changed"].eq(True)
    for language in ("ja", "en"):
        say = Words(language)
        out[f"turned_{language}"] = out["scenarios_turned"].map(say.scenarios, na_action="ignore")
    out["district"] = out["district_id"].map(labels(plan.districts, plan.config.study.language))
    return out.merge(_unit_years(plan), on="unit_id", how="left").assign(is_late=lambda f: f["is_late"].eq(True))


def _unit_years(plan: Plan) -> pd.DataFrame:
    """First and last year of the works of every unit: its packages where it is sewered, tanks elsewhere.

    A package counts for the unit of most of its houses; a sewered unit without one waits for all of its system.
    """
    rows, units = plan.programme, plan.units
    of_unit = _span(rows["unit_id"], rows["start_year"], rows["built_year"])
    of_system = _span(rows["system_id"], rows["start_year"], rows["built_year"])
    sewered = units[units["treatment"].isin(style.COLLECTIVE)]
    own = sewered["unit_id"].isin(of_unit.index).to_numpy(bool)
    found = [
        of_unit.reindex(sewered["unit_id"][own]),
        of_system.reindex(sewered["system_id"][~own]).set_axis(sewered["unit_id"][~own]),
    ]
    tanks = plan.tank_programme[plan.tank_programme["unit_id"].isin(units.loc[units["treatment"] == "johkasou", "unit_id"])]
    found.append(_span(tanks["unit_id"], tanks["year"], tanks["year"]))
    return pd.concat(found).rename_axis("unit_id").reset_index().astype({"unit_id": "int64"})


def _span(key: pd.Series[Any], start: pd.Series[Any], end: pd.Series[Any]) -> pd.DataFrame:
    """By key the first start and the last end; late, and without an end, where some end is missing."""
    rows = pd.DataFrame({"key": key, "start": start.astype("float64"), "end": end.astype("float64")})
    by = rows.groupby("key")
    out = pd.DataFrame(
        {"first_year": by["start"].min(), "last_year": by["end"].max(), "is_late": by["end"].apply(_any_missing)}
    )
    out.loc[out["is_late"].astype(bool), "last_year"] = np.nan
    return out


def _any_missing(values: pd.Series[Any]) -> bool:
    return bool(values.isna().any())


def _zones(plan: Plan) -> gpd.GeoDataFrame:
    """Zones with the years in which sewers are laid, or tanks installed; every part by itself, which draws faster."""
    laid = _span(plan.programme["system_id"], plan.programme["start_year"], plan.programme["built_year"])
    out = plan.zones.merge(laid, left_on="system_id", right_index=True, how="left")
    treatment = plan.units.set_index("unit_id")["treatment"]
    tanks = plan.tank_programme[plan.tank_programme["unit_id"].map(treatment) == "johkasou"]
    if len(tanks):
        is_tank = out["treatment"] == "johkasou"
        out.loc[is_tank, ["first_year", "last_year"]] = [float(tanks["year"].min()), float(tanks["year"].max())]
    return out.explode(ignore_index=True)


def _districts(plan: Plan) -> gpd.GeoDataFrame:
    """Districts with what the plan means for them; those given as points by the box round their houses."""
    houses = plan.buildings[plan.buildings["district_id"].notna()]
    key = houses["district_id"].astype("int64")
    sums = houses.groupby(key)[["people", "dwellings"]].sum()
    sewered = houses[houses["treatment"].isin(style.COLLECTIVE)].groupby(key)["people"].sum()
    number = plan.units.groupby(plan.units["district_id"])["unit_id"].size()
    out = plan.districts[["district_id", "code", "name", "geometry"]].copy()
    at = out["district_id"].to_numpy()
    called = out["district_id"].map(labels(plan.districts, plan.config.study.language))
    out["code"] = out["code"].where(out["code"].notna(), [str(number + 1) for number in at])
    out["name"] = called.where(out["name"].notna(), None)
    out["people"], out["dwellings"] = (sums[c].reindex(at).fillna(0.0).to_numpy() for c in ("people", "dwellings"))
    out["people_sewered"] = sewered.reindex(at).fillna(0.0).to_numpy()
    out["units"] = number.reindex(at).fillna(0).to_numpy()
    is_area = shapely.get_dimensions(out.geometry.to_numpy()) == 2
    out["is_area"] = is_area
    if not is_area.all() and len(houses):
        box = houses.geometry.bounds.groupby(key).agg({"minx": "min", "miny": "min", "maxx": "max", "maxy": "max"}).reindex(at)
        boxes = shapely.box(*(box[c].to_numpy(float) for c in ("minx", "miny", "maxx", "maxy")))
        swap = ~is_area & box["minx"].notna().to_numpy()
        out = out.set_geometry(
            gpd.GeoSeries(np.where(swap, boxes, out.geometry.to_numpy()), crs=plan.districts.crs, index=out.index)
        )
    return out


def _overrides(plan: Plan) -> gpd.GeoDataFrame:
    """Decisions with their price and how many units they set; those of a table lie where these units are."""
    units = plan.units[plan.units["override_id"].notna()]
    key = units["override_id"].astype("int64")
    out, at = plan.overrides.copy(), plan.overrides["override_id"].to_numpy()
    out["price_yen_per_yr"] = units.groupby(key)["override_price_yen_per_yr"].first().reindex(at).to_numpy(float)
    out["units"] = units.groupby(key).size().reindex(at).fillna(0).to_numpy()
    placed = out.geometry.to_numpy().copy()
    for row in np.flatnonzero(out.geometry.isna() | out.geometry.is_empty):
        placed[row] = shapely.union_all(units.geometry[key == at[row]].to_numpy())
    return out.set_geometry(gpd.GeoSeries(placed, index=out.index, crs=out.crs))


def _stock(plan: Plan) -> gpd.GeoDataFrame:
    """Existing sewers: in pieces, with what becomes of each, where retreat was asked for."""
    facts = ["sewer_id", "kind", "diameter_mm", "installed_year", "urgency"]
    if len(plan.retreat_sewers):
        return plan.retreat_sewers.merge(pd.DataFrame(plan.sewers)[facts], on="sewer_id", how="left")
    own = plan.sewers[plan.sewers["status"] != "duplicate"].drop(columns="status")
    return own.assign(**{name: None for name in LAYERS["stock"] if name not in own.columns})


def _plants(plan: Plan) -> gpd.GeoDataFrame:
    """Plants with both costs of existing ones and what becomes of them."""
    own = map_content.plants(plan).drop(columns=list(_PLANT_COLUMNS), errors="ignore")
    told = plan.consolidation.set_index("plant_id").reindex(own["plant_id"].to_numpy())
    values = {c: told[c].to_numpy() for c in _PLANT_COLUMNS}
    values["capacity_m3_per_d"] = plan.plants["capacity_m3_per_d"].to_numpy()
    return own.assign(**values)


def bounds(plan: Plan) -> list[list[float]] | None:
    """South-west and north-east corner of the study in degrees."""
    window = map_content.window(plan)
    if window is None:
        return None
    west, south, east, north = gpd.GeoSeries([shapely.box(*window)], crs=plan.buildings.crs).to_crs(4326).total_bounds.tolist()
    return [[south, west], [north, east]]
