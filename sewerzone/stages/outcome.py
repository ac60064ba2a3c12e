"""The plan's tables from its groups: places of the networks, units, buildings, systems, links, zones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone import tables
from sewerzone.engineering.forest import Bools, Floats, Forest, Ints
from sewerzone.engineering.groups import Group
from sewerzone.engineering.levels import levels
from sewerzone.engineering.networks import Ground, Loads, Members, concat, dwellings_at, forest, tree_of
from sewerzone.engineering.steiner import Trees
from sewerzone.noted import Note

SEWERED = ("absorbed", "sewer", "own_plant")
"""Treatments of houses whose sewers are new."""
TREATMENT_OF_KIND = {"connect": "sewer", "own_plant": "own_plant", "existing": "sewer"}


def collective(groups: list[Group]) -> list[Group]:
    """The groups with a network; their position is their system_id."""
    return [g for g in groups if g.trees is not None]


def kind(group: Group) -> str:
    """Where a group with a network drains to: connect (the served network), own_plant, existing."""
    return group.mode.partition(" ")[0]


def network_places(
    groups: list[Group], ground: Ground, loads: Loads, edge_unit: Ints, edges: pd.DataFrame
) -> tuple[Forest, pd.DataFrame]:
    """All networks of the plan as one forest, and per forest node its system, road node, unit and dwellings.

    And what its way to the parent crosses, and the length of it off the road.
    """
    systems = collective(groups)
    trees = concat([g.trees for g in systems if g.trees is not None])
    members = Members.of([g.units for g in systems])
    system = tree_of(trees)
    unit = np.where(trees.parent >= 0, edge_unit[np.maximum(trees.arc_edge, 0)], -1)
    system_of_unit = np.full(int(edge_unit.max(initial=-1)) + 2 + int(members.units.max(initial=-1)), -1)
    system_of_unit[members.units] = np.repeat(np.arange(len(systems)), np.diff(members.offsets))
    own = (unit >= 0) & (system_of_unit[unit] == system)
    places = pd.DataFrame(
        {
            "system_id": system,
            "node_id": trees.node,
            "unit_id": pd.array(np.where(own, unit, 0), dtype="Int64"),
            "dwellings": dwellings_at(ground, trees, loads, members),
            **way_columns(trees, edges),
        }
    )
    places.loc[~own, "unit_id"] = pd.NA
    return forest(ground, trees, loads, members), places


def way_columns(trees: Trees, edges: pd.DataFrame) -> dict[str, np.ndarray]:
    """Per tree node what its way to the parent crosses (None: nothing) and how much of it lies off the road."""
    is_way = trees.parent >= 0
    at = trees.arc_edge[is_way]
    crossing, off_road_m = np.full(len(trees.node), None, object), np.zeros(len(trees.node))
    crossing[is_way] = edges["crossing"].to_numpy()[at]
    off_road_m[is_way] = np.where(edges["road_id"].isna(), edges["length_m"], 0.0)[at]
    return {"crossing": crossing, "off_road_m": off_road_m}


def unit_systems(groups: list[Group], units: int) -> tuple[Ints, list[str]]:
    """Per unit its system (-1: none) and treatment."""
    system, treatment = np.full(units, -1, np.int64), np.full(units, "johkasou", object)
    for number, group in enumerate(collective(groups)):
        system[group.units] = number
        treatment[group.units] = TREATMENT_OF_KIND[kind(group)]
    return system, treatment.tolist()


def finish_units(
    units: gpd.GeoDataFrame,
    system: Ints,
    treatment: list[str],
    is_absorbed: Bools,
    measures: pd.DataFrame,
    alone: pd.Series[str],
    other_lives: pd.Series[str],
    override_id: Ints,
    override_price: dict[int, float],
    margin_yen_per_yr: Floats,
    reasons: list[str],
) -> gpd.GeoDataFrame:
    """The UNITS table: verdicts with everything that explains them."""
    out = units.copy()
    number = out["unit_id"]
    verdict = pd.Series(treatment, index=out.index).where(~(is_absorbed & (system >= 0)), "absorbed")
    out["treatment"] = verdict
    out["system_id"] = pd.array(np.where(system >= 0, system, 0), dtype="Int64")
    out.loc[system < 0, "system_id"] = pd.NA
    for column in measures.columns:
        out[column] = measures[column].reindex(number).to_numpy()
    is_tank = verdict == "johkasou"
    out["runner_up"] = out["cheapest_collective"].where(is_tank, "johkasou")
    out["margin_yen_per_yr"] = margin_yen_per_yr
    out["margin_share"] = margin_yen_per_yr / out["johkasou_yen_per_yr"].where(out["johkasou_yen_per_yr"] > 0)
    out["alone_treatment"] = alone.reindex(number).to_numpy()
    out["other_lives_treatment"] = other_lives.reindex(number).to_numpy()
    decided = override_id >= 0
    out["override_id"] = pd.array(np.where(decided, override_id, 0), dtype="Int64")
    out.loc[~decided, "override_id"] = pd.NA
    out["override_price_yen_per_yr"] = pd.Series(override_id, index=out.index).map(override_price).astype(float)
    out["reason"] = reasons
    return tables.UNITS.conform(out)


def finish_buildings(
    buildings: gpd.GeoDataFrame, laterals: pd.DataFrame, units: gpd.GeoDataFrame, reasons: dict[str, str]
) -> gpd.GeoDataFrame:
    """The BUILDINGS table: every building with its treatment and why; ``reasons`` are texts by status."""
    out = buildings.copy()
    of_unit = units.set_index(units["unit_id"].astype("Int64"))["treatment"].reindex(out["unit_id"]).to_numpy()
    status = laterals.set_index("building_id")["status"].reindex(out["building_id"]).fillna("").to_numpy()
    is_home = ((out["status"] == "dwelling") & (out["dwellings"] > 0)).to_numpy()
    is_served = out["is_served"].to_numpy(bool) & is_home
    sewered = np.isin(of_unit.astype(str), SEWERED)
    left_out = is_home & ~is_served & sewered & (status != "connected")
    treatment = np.where(is_home, np.where(is_served, "served", of_unit.astype(str)), "none").astype(object)
    treatment[left_out] = "johkasou"
    out["treatment"] = treatment
    reason = np.where(is_home, np.where(is_served, "served", "unit"), out["status"].astype(str)).astype(object)
    reason[left_out] = status[left_out]
    out["reason"] = pd.Series(reason, index=out.index).map(reasons)
    return tables.BUILDINGS.conform(out)


def system_table(
    groups: list[Group], units: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame,
    manholes: gpd.GeoDataFrame, pumps: gpd.GeoDataFrame, costs: pd.DataFrame, built_year: np.ndarray, proof: pd.DataFrame,
    crs: object, plant_flow_m3_per_d: Floats,
) -> gpd.GeoDataFrame:  # fmt: skip
    """The SYSTEMS table; ``costs`` are the rows of the plan, ``proof`` tells how near its networks are to the best
    (see ``engineering.proof``); existing plants, whose flow ``plant_flow_m3_per_d`` tells, are numbered after the units.
    Houses that keep a tank in a sewered unit are not on its system."""
    systems = collective(groups)
    if not systems:
        return tables.SYSTEMS.empty(crs)
    on_sewer = buildings[buildings["treatment"].isin(SEWERED)]
    size = on_sewer.groupby("unit_id")[["dwellings", "people", "flow_max_m3_per_d"]].sum().reindex(units["unit_id"]).fillna(0.0)
    number = pd.RangeIndex(len(systems))
    members = [g.units[g.units < len(units)] for g in systems]
    plants = [g.units[g.units >= len(units)] - len(units) for g in systems]
    out = pd.DataFrame([size.loc[some].sum() for some in members], index=number)
    out["flow_max_m3_per_d"] += [float(plant_flow_m3_per_d[some].sum()) for some in plants]
    out["system_id"] = number
    out["kind"] = [kind(g) for g in systems]
    out["units"] = [len(some) for some in members]
    out["plants"] = [len(some) for some in plants]
    out["sewer_m"] = pipes.groupby("system_id")["length_m"].sum().reindex(number).fillna(0.0)
    out["pumps"] = pumps.groupby("system_id").size().reindex(number).fillna(0).astype("int64")
    by_system = costs[costs["system_id"].notna()].groupby("system_id")
    sums = by_system[["capital_yen", "capital_yen_per_yr", "upkeep_yen_per_yr"]].sum().reindex(number).fillna(0.0)
    out["capital_yen"] = sums["capital_yen"]
    out["total_yen_per_yr"] = sums["capital_yen_per_yr"] + sums["upkeep_yen_per_yr"]
    out["built_year"] = built_year
    out = out.join(proof.drop(columns="sewer_m"))
    flow = pipes.groupby("to_manhole_id")["flow_l_per_s"].sum()
    outlets = manholes[manholes["kind"] == "outlet"].assign(flow=lambda m: m["manhole_id"].map(flow).fillna(0.0))
    outlets = outlets.sort_values(["system_id", "flow", "node_id"], ascending=[True, False, True]).drop_duplicates("system_id")
    outlets = outlets.set_index("system_id").reindex(number)
    out["outlet_node_id"] = outlets["node_id"].astype("int64")
    return tables.SYSTEMS.conform(gpd.GeoDataFrame(out, geometry=outlets.geometry.to_numpy(), crs=crs))


def capacity_notes(systems: gpd.GeoDataFrame, plants: gpd.GeoDataFrame, plant_nodes: pd.Series[int]) -> list[str]:
    """Plants and inlets that would receive more than their capacity, a sentence each; the zoning does not share it out."""
    limited = plants.dropna(subset="capacity_m3_per_d").set_index("plant_id")["capacity_m3_per_d"]
    flow = systems.groupby("outlet_node_id")["flow_max_m3_per_d"].sum()
    arriving = plant_nodes.reindex(limited.index).map(flow).fillna(0.0).astype(float)
    return [
        Note("over_capacity", plant=number, flow=arriving[number], most=most)
        for number, most in limited.items()
        if arriving[number] > most
    ]


_ENDS = {"connect": "served_network", "own_plant": "own_plant", "existing": "existing_plant"}


def link_table(
    pipes: gpd.GeoDataFrame, units: gpd.GeoDataFrame, crs: object, plants: gpd.GeoDataFrame, systems: pd.DataFrame
) -> gpd.GeoDataFrame:
    """The LINKS table: unbroken stretches of pipes outside the outlines of their system's units.

    ``plants`` are the existing plants as further units with their system; ``systems`` tell where each one ends.
    """
    position = pd.Series(np.arange(len(pipes)), index=pipes["from_manhole_id"])
    below = position.reindex(pipes["to_manhole_id"]).fillna(-1).to_numpy(np.int64)
    unit = pipes["unit_id"].fillna(-1).to_numpy(np.int64)
    link = np.flatnonzero(unit < 0)
    if not len(link):
        return tables.LINKS.empty(crs)
    feeder = _main_feeder(below, pipes["dwellings"].to_numpy(float))
    stretch, origin = np.full(len(pipes), -1), np.full(len(pipes), -1)
    for at in link[np.lexsort((link, -levels(below)[link]))]:
        above = feeder[at]
        carries_on = above >= 0 and unit[above] < 0
        stretch[at] = stretch[above] if carries_on else at
        origin[at] = origin[above] if carries_on else (unit[above] if above >= 0 else -1)
    rows = pipes.iloc[link].assign(stretch=stretch[link], at=link)
    last = rows.sort_values(["stretch", "dwellings", "at"]).drop_duplicates("stretch", keep="last").set_index("stretch")
    lengths = rows.groupby("stretch")
    ends = below[last["at"]] < 0
    to_unit = np.where(ends, -1, unit[below[last["at"]]])
    whither = systems.set_index("system_id")["kind"].map(_ENDS).reindex(last["system_id"]).to_numpy(object)
    out = gpd.GeoDataFrame(
        {
            "link_id": np.arange(len(last)),
            "system_id": last["system_id"].to_numpy(),
            "unit_id": origin[last.index.to_numpy()],
            "flows_to": np.where(ends, whither, np.where(to_unit >= 0, "unit", "link")),
            "to_unit_id": pd.array(to_unit, dtype="Int64"),
            "length_m": lengths["length_m"].sum().to_numpy(),
            "flow_l_per_s": last["flow_l_per_s"].to_numpy(),
        },
        geometry=_merged(rows.geometry.to_numpy(), rows["stretch"].to_numpy(np.int64)),
        crs=crs,
    )
    out.loc[to_unit < 0, "to_unit_id"] = pd.NA
    unnamed = out["unit_id"] < 0  # a house beside the link, outside every outline: the nearest unit's
    columns = ["unit_id", "system_id", "geometry"]
    every = units[columns]
    if len(plants):
        every = gpd.GeoDataFrame(pd.concat([every, plants[columns].astype({"system_id": "Int64"})], ignore_index=True), crs=crs)
    out.loc[unnamed, "unit_id"] = _nearest_unit(out[unnamed], every)
    out["unit_id"] = out["unit_id"].astype("Int64").mask(out["unit_id"] >= len(units))
    return tables.LINKS.conform(out)


def _merged(lines: np.ndarray, label: Ints) -> np.ndarray:
    """Lines of the same label as one, by label."""
    order = np.argsort(label, kind="stable")
    number = np.cumsum(np.diff(label[order], prepend=label[order[:1]]) != 0)
    return np.asarray(shapely.line_merge(shapely.multilinestrings(lines[order], indices=number)))


def _main_feeder(below: Ints, dwellings: np.ndarray) -> Ints:
    """For every pipe the pipe above it that carries most dwellings (the smallest on ties), -1 at heads."""
    feeder = np.full(len(below), -1, np.int64)
    order = np.lexsort((-np.arange(len(below)), dwellings))  # the last written stays
    order = order[below[order] >= 0]
    feeder[below[order]] = order
    return feeder


def _nearest_unit(links: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> Ints:
    starts = shapely.get_point(shapely.get_geometry(links.geometry.to_numpy(), 0), 0)
    out = np.empty(len(links), np.int64)
    for system in links["system_id"].unique():
        own = units[units["system_id"] == system]
        here = (links["system_id"] == system).to_numpy()
        nearest = own.sindex.nearest(starts[here], return_all=False)[1]
        out[here] = own["unit_id"].to_numpy(np.int64)[nearest]
    return out


def zone_table(
    units: gpd.GeoDataFrame, served_areas: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, crs: object
) -> gpd.GeoDataFrame:
    """The ZONES table: unit outlines dissolved by treatment and system, and the served areas."""
    parts = []
    if len(units):
        area = units.assign(system=units["system_id"].fillna(-1).astype("int64"), units=1)
        by = pd.DataFrame(area.drop(columns="geometry")).groupby(["treatment", "system"])
        sums = by[["units", "dwellings", "people"]].sum().reset_index()
        outlines, number = area.geometry.to_numpy(), by.ngroup().to_numpy()
        # outlines rarely meet: only those that do need be made one
        shapes = [shapely.disjoint_subset_union_all(outlines[number == k]) for k in range(len(sums))]
        merged = gpd.GeoDataFrame(sums, geometry=shapes, crs=crs)
        parts.append(merged)
    if len(served_areas):
        shape = shapely.disjoint_subset_union_all(served_areas.geometry.to_numpy())
        homes = buildings[buildings["treatment"] == "served"]
        served = {"treatment": "served", "system": -1, "units": 0, **homes[["dwellings", "people"]].sum()}
        parts.append(gpd.GeoDataFrame([served], geometry=[shape], crs=crs))
    if not parts:
        return tables.ZONES.empty(crs)
    zones = pd.concat(parts, ignore_index=True)
    order = {t: k for k, t in enumerate(tables.ZONES.column("treatment").choices)}
    zones = zones.assign(rank=zones["treatment"].map(order)).sort_values(["rank", "system"], ignore_index=True)
    zones["zone_id"] = np.arange(len(zones))
    zones["system_id"] = pd.array(zones["system"], dtype="Int64")
    zones.loc[zones["system"] < 0, "system_id"] = pd.NA
    zones["area_ha"] = zones.area / 10_000.0
    return tables.ZONES.conform(gpd.GeoDataFrame(zones, crs=crs))
