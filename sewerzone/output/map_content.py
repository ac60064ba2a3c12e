"""What both maps show of a plan: the window, the houses no sewer reaches, lengths of sewers."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.style import Language

Box = tuple[float, float, float, float]

UNREACHED = ("too_far", "blocked", "no_road", "cut_off")
"""Statuses of laterals of houses no sewer can reach."""


def window(plan: Plan) -> Box | None:
    """West, south, east and north edge of the study in its own system; None for a plan without any place.

    The study is its buildings, units and sewers. Served areas and roads may reach far beyond and do not count; plant
    sites count where they lie within half the study's size of it.
    """
    study = _around([plan.buildings, plan.units, plan.pipes])
    if study is None:
        return _around([plan.zones, plan.roads])
    west, south, east, north = study
    reach = 0.5 * max(east - west, north - south)
    near = plan.plants[plan.plants.intersects(shapely.box(west - reach, south - reach, east + reach, north + reach))]
    return _around([plan.buildings, plan.units, plan.pipes, near])


def _around(frames: list[gpd.GeoDataFrame]) -> Box | None:
    boxes = np.array([frame.total_bounds for frame in frames], dtype=np.float64)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return None
    (west, south), (east, north) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def unconnected(plan: Plan) -> gpd.GeoDataFrame:
    """The houses no sewer can reach, as points, with the status of their lateral."""
    failed = plan.laterals[plan.laterals["status"].isin(UNREACHED)]
    houses = plan.buildings.set_index("building_id").geometry.reindex(failed["building_id"])
    points = gpd.GeoSeries(shapely.point_on_surface(houses.to_numpy()), crs=plan.buildings.crs)
    return gpd.GeoDataFrame(failed[["building_id", "status", "length_m"]].reset_index(drop=True), geometry=points)


@dataclass(frozen=True)
class Sewers:
    """One kind of sewer in the legend; ``pipe_class`` is an index into the diameter classes, None for rising mains."""

    pipe_class: int | None
    label: str
    length: str


def sewers(plan: Plan, language: Language) -> list[Sewers]:
    """The kinds of sewer in the plan with their lengths, which add up to the headline's."""
    gravity = plan.pipes["kind"] == "gravity"
    group = np.searchsorted([c.up_to_mm for c in style.PIPE_CLASSES], plan.pipes["diameter_mm"].to_numpy())
    out = []
    for index in range(len(style.PIPE_CLASSES)):
        here = gravity & (group == index)
        if here.any():
            label = f"{style.text('gravity', language)} {style.pipe_class_label(index, language)}"
            out.append(Sewers(index, label, metres(plan.pipes.loc[here, "length_m"].sum())))
    if (~gravity).any():
        out.append(Sewers(None, style.text("pressure", language), metres(plan.pipes.loc[~gravity, "length_m"].sum())))
    return out


def metres(length_m: float) -> str:
    """``6,843 m``: parts of a length stay in metres, so that they can be added."""
    return f"{length_m:,.0f} m"


def plants(plan: Plan) -> gpd.GeoDataFrame:
    """Plants with the kind ``joined`` where an existing one is given up, and the reason of what becomes of it."""
    told = plan.consolidation.set_index("plant_id")[["verdict", "reason"]].reindex(plan.plants["plant_id"].to_numpy())
    kind = plan.plants["kind"].mask((told["verdict"] == "join").to_numpy(bool), "joined")
    return plan.plants.assign(kind=kind, reason=told["reason"].to_numpy())


def edited(plan: Plan) -> gpd.GeoDataFrame:
    """Buildings that the zoning house by house would treat otherwise, with the edit of their unit that says so."""
    edits = plan.unit_edits[["unit_id", "kind", "reason", "building_ids"]]
    edits = edits.assign(building_id=edits["building_ids"].astype(str).str.split(" ")).explode("building_id")
    edits = edits.drop(columns="building_ids").astype({"building_id": "int64"})
    return plan.buildings[["building_id", "geometry"]].merge(edits, on="building_id")


def contested(plan: Plan) -> gpd.GeoDataFrame:
    """Units whose verdict is contested among the samples of uncertain figures."""
    found = plan.robustness.loc[plan.robustness["sureness"] == "contested", "unit_id"]
    return plan.units[plan.units["unit_id"].isin(found)]


def changed(plan: Plan) -> gpd.GeoDataFrame:
    """Units to which the optimum gives another verdict than the official procedure."""
    found = plan.differences.loc[plan.differences["is_changed"].astype(bool), "unit_id"]
    return plan.units[plan.units["unit_id"].isin(found)]
