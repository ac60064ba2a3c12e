"""Existing small plants (農業集落排水・コミュニティプラント等) as further study units.

What a plant treats may be taken elsewhere like the sewage of a unit, with the sign turned: its sewers stand already, all of its
sewage arises where it stands, and in place of tanks it has the plant itself, which costs its upkeep and its renewal. So plants
are carried through the study as units after the others, each with one house that stands for all it treats.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.meeting import centroids, lying_in
from sewerzone.outlines import per_ha

MODE = "existing"
"""Groups that an existing plant treats have the mode ``existing k``, k its position among them."""
OWN_AREA_FLOWS = 2.0
"""Houses of its own network send no more than so many times what a plant treats: else it stands within another network."""


class Existing(NamedTuple):
    """The p existing plants; that at position k is unit ``first_unit + k`` and building ``first_building + k``.

    Attributes
    ----------
    node : (p,) node of the road graph, -1 without one
    flow_max_m3_per_d, capacity_m3_per_d : (p,) what it treats, and what it can (NaN: no more is known than that)
    keep_yen_per_yr : (p, 2) capital a year and upkeep of keeping it
    more_yen_per_m3_per_d : (p,) upkeep a year of every m3/d more, no more than keeping it costs per m3/d today
    is_given : (p,) whether the study tells what keeping it costs, not the cost book
    is_site : (p,) whether a plant for several may be built anew where it stands: not where that would cost less than keeping
        it already for itself
    is_kept, is_joined : (p,) decided by the planner: it stays as it is, or is given up
    """

    plant_id: Ints
    first_unit: int
    first_building: int
    node: Ints
    flow_mean_m3_per_d: Floats
    flow_max_m3_per_d: Floats
    capacity_m3_per_d: Floats
    keep_yen_per_yr: Floats
    more_yen_per_m3_per_d: Floats
    is_given: Bools
    is_site: Bools
    is_kept: Bools
    is_joined: Bools

    def hosts(self) -> dict[str, int]:
        """Plants that may take sewage of others, by mode: those on the roads with more capacity than they need."""
        spare = (self.node >= 0) & (self.capacity_m3_per_d > self.flow_max_m3_per_d) & ~self.is_joined & ~self.is_kept
        return {f"{MODE} {k}": int(k) for k in np.flatnonzero(spare)}

    def frame(self, option: str) -> pd.DataFrame:
        """The plants as cost rows need them (``cost.existing_rows``), treating nothing for others."""
        none = pd.array([pd.NA] * len(self.plant_id), dtype="Int64")
        keep = self.keep_yen_per_yr.sum(axis=1)
        return pd.DataFrame(
            {
                "option": option,
                "unit_id": none,
                "system_id": none,
                "plant_id": self.plant_id,
                "flow_mean_m3_per_d": self.flow_mean_m3_per_d,
                "flow_max_m3_per_d": self.flow_max_m3_per_d,
                "keep_yen_per_yr": np.where(self.is_given, keep, np.nan),
                "more_m3_per_d": 0.0,
                "more_yen_per_m3_per_d": self.more_yen_per_m3_per_d,
                "is_more_given": self.is_given & (self.more_yen_per_m3_per_d * self.flow_max_m3_per_d >= keep),
            }
        )

    def treatment_yen_per_yr(self, mode: str, flow_max_m3_per_d: Floats) -> Floats:
        """What plant ``mode`` costs a year when it treats so much."""
        k = position(mode)
        more = flow_max_m3_per_d - self.flow_max_m3_per_d[k]
        return np.asarray(self.keep_yen_per_yr[k].sum() + more * self.more_yen_per_m3_per_d[k], dtype=np.float64)


def position(mode: str) -> int:
    """Position of the plant that treats groups of a mode, -1 for other modes."""
    name, _, k = mode.partition(" ")
    return int(k) if name == MODE else -1


class Flows(NamedTuple):
    """Flows of the town's houses, by which those of plants are told: per m3/d of the daily maximum, dwellings the same."""

    mean: float
    hourly_l_per_s: float
    dwellings: float


def flows_of(buildings: gpd.GeoDataFrame) -> Flows:
    """The town's flows per m3/d of the daily maximum."""
    names = ["flow_mean_m3_per_d", "flow_hourly_l_per_s", "dwellings"]
    most = max(float(buildings["flow_max_m3_per_d"].sum()), 1e-9)
    return Flows(*(float(buildings[name].sum()) / most for name in names))


def houses_of(existing: Existing, plants: gpd.GeoDataFrame, flows: Flows, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The buildings with one for every plant, whose dwellings are as many as would send what it treats; nobody lives there."""
    rows: dict[str, Any] = {name: np.zeros(len(plants)) for name in buildings.columns if buildings[name].dtype.kind == "f"}
    count = existing.flow_max_m3_per_d
    rows |= {
        "building_id": existing.first_building + np.arange(len(plants)),
        "unit_id": pd.array(existing.first_unit + np.arange(len(plants)), dtype="Int64"),
        "dwellings": count * flows.dwellings,
        "flow_mean_m3_per_d": existing.flow_mean_m3_per_d,
        "flow_max_m3_per_d": count,
        "flow_hourly_l_per_s": count * flows.hourly_l_per_s,
        "status": "dwelling",
        "is_served": False,
        "tank_persons": 0,
        "keep_capital_yen_per_yr": existing.keep_yen_per_yr[:, 0],
        "keep_upkeep_yen_per_yr": existing.keep_yen_per_yr[:, 1],
    }
    more = gpd.GeoDataFrame(rows, geometry=plants.geometry.to_numpy(), crs=buildings.crs)
    more = more.reindex(columns=[*buildings.columns, "keep_capital_yen_per_yr", "keep_upkeep_yen_per_yr"])
    more = more.astype({name: buildings[name].dtype for name in buildings.columns if name != "geometry"})
    kept = buildings.assign(keep_capital_yen_per_yr=0.0, keep_upkeep_yen_per_yr=0.0)
    return gpd.GeoDataFrame(pd.concat([kept, more], ignore_index=True), crs=buildings.crs)


def units_of(existing: Existing, plants: gpd.GeoDataFrame, flows: Flows, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The units with one for every plant, as dense as the others together; its outline is a dot."""
    dwellings = existing.flow_max_m3_per_d * flows.dwellings
    area_ha = float(units["area_ha"].sum()) / max(float(units["dwellings"].sum()), 1e-9) * dwellings
    rows = {
        "unit_id": existing.first_unit + np.arange(len(plants)),
        "is_adjoining": False,
        "buildings": 1,
        "dwellings": dwellings,
        "people": 0.0,
        "flow_mean_m3_per_d": existing.flow_mean_m3_per_d,
        "flow_max_m3_per_d": existing.flow_max_m3_per_d,
        "flow_hourly_l_per_s": existing.flow_max_m3_per_d * flows.hourly_l_per_s,
        "area_ha": area_ha,
        "dwellings_per_ha": per_ha(dwellings, area_ha),
    }
    dots = shapely.buffer(shapely.points(centroids(plants.geometry.to_numpy())), 0.01)
    more = gpd.GeoDataFrame(rows, geometry=dots, crs=units.crs).reindex(columns=units.columns)
    more = more.astype({name: units[name].dtype for name in units.columns if name != "geometry"})
    return gpd.GeoDataFrame(pd.concat([units, more], ignore_index=True), crs=units.crs)


def laterals_of(existing: Existing, laterals: pd.DataFrame, is_studied: bool) -> pd.DataFrame:
    """The laterals with one for every plant, of no length; plants that are not studied are on no road."""
    there = (existing.node >= 0) & is_studied
    rows = {
        "building_id": existing.first_building + np.arange(len(there)),
        "status": np.where(there, "connected", "no_road"),
        "node_id": pd.array(existing.node, dtype="Int64"),
        "length_m": 0.0,
    }
    more = pd.DataFrame(rows).reindex(columns=laterals.columns)
    more["node_id"] = more["node_id"].mask(~there)
    return pd.concat([laterals, more], ignore_index=True)


def own_nodes(
    plants: gpd.GeoDataFrame, served_areas: gpd.GeoDataFrame, nodes: pd.DataFrame, houses: gpd.GeoDataFrame,
    units: pd.DataFrame, boundary: shapely.Geometry | None = None,
) -> Ints:  # fmt: skip
    """Nodes in parts of served areas that drain to an existing plant: nothing is taken from there to the served network.

    Houses beyond the boundary are not known: served land there counts as densely settled as the study units.
    """
    parts = shapely.get_parts(served_areas.geometry.to_numpy())
    x_m, y_m = centroids(plants.geometry.to_numpy()).T
    plant, part = lying_in(x_m, y_m, parts)
    treated = np.bincount(part, plants["flow_max_m3_per_d"].to_numpy(float)[plant], minlength=len(parts))
    served = houses[houses["is_served"]]
    x_m, y_m = centroids(served.geometry.to_numpy()).T
    house, of = lying_in(x_m, y_m, parts)
    sent: Floats = np.bincount(of, served["flow_max_m3_per_d"].to_numpy(float)[house], minlength=len(parts)).astype(np.float64)
    if boundary is not None:
        beyond_ha = shapely.area(shapely.difference(parts, boundary)) / 1e4
        sent = sent + beyond_ha * per_ha(*units[["flow_max_m3_per_d", "area_ha"]].sum().to_numpy(float))
    own = parts[(treated > 0.0) & (sent <= OWN_AREA_FLOWS * treated)]
    return np.unique(lying_in(nodes["x_m"].to_numpy(float), nodes["y_m"].to_numpy(float), own)[0])
