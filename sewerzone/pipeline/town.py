"""From clean tables to the ground the zoning works on: units, road graph, loads, ways out, networks alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.branches import dear_loads
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.networks import Alone, Ground, Loads, Members, Priced
from sewerzone.hands import ALONE, Hands
from sewerzone.model import Inputs
from sewerzone.noted import Note
from sewerzone.pipeline.clock import Clock
from sewerzone.stages import cluster, cost, design, existing, network, overrides, prepare, route, sites
from sewerzone.stages.existing import Existing
from sewerzone.tables.inputs import OF_EXISTING


class Town(NamedTuple):
    """The study area: clean tables, study units, road graph, and the limits they were made with.

    Existing small plants are the last of the units, each with one building that stands for what it treats.
    """

    clean: prepare.Cleaned
    buildings: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    decided: overrides.Decided
    roads: network.RoadNetwork
    limits: pd.DataFrame
    limit_m: float
    served_limit_m: float
    notes: list[str]
    existing: Existing | None = None

    @property
    def houses_units(self) -> int:
        """Number of units that are houses: those before the existing plants."""
        return len(self.units) if self.existing is None else self.existing.first_unit

    @property
    def plants(self) -> int:
        """Number of existing plants."""
        return 0 if self.existing is None else len(self.existing.plant_id)


class Field(NamedTuple):
    """What routing and zoning work on.

    ``rivers`` are sites near them at which plants of the optimum may stand besides those among the houses; ``plant_nodes``
    (p,) are the nodes of existing plants, -1 without one; ``hands`` is who does work that can be cut in parts.
    """

    ground: Ground
    loads: Loads
    exits: route.Exits
    plant_exits: route.Exits | None
    edge_unit: Ints
    laterals: pd.DataFrame
    alone: Alone
    rivers: sites.Rivers
    plant_nodes: Ints = np.empty(0, np.int64)
    hands: Hands = ALONE


def build_town(inputs: Inputs, clean: prepare.Cleaned, book: CostBook, clock: Clock) -> Town:
    """Limit distances, study units, the planner's decisions and the road graph."""
    config = inputs.config
    crs = clean.buildings.crs
    barriers = _with_motorways(clean, config)
    with clock.stage("cluster") as rows:
        limits = find_limits(clean, barriers, config, book)
        limit_m, served_limit_m = limits["limit_m"]
        buildings, units = cluster.group(
            clean.buildings, clean.served_areas, barriers, clean.districts, limit_m, served_limit_m, config.cluster, crs
        )
        decided = overrides.apply(buildings, units, clean.overrides)
        rows.update(units=len(decided.units))
    with clock.stage("network") as rows:
        roads = network.build(
            clean.roads,
            decided.buildings,
            inputs.terrain,
            clean.served_areas,
            clean.barriers,
            clean.plants[~clean.plants["kind"].isin(OF_EXISTING)],
            config.network,
        )
        roads = _without_small(roads, clean, decided.units, inputs.boundary)
        rows.update(nodes=len(roads.nodes), edges=len(roads.edges), laterals=len(roads.laterals))
    prices = cost.laying_prices(book, config.cost, config.design)
    flat = [] if prices.is_depth_priced else [Note("flat_price")]
    notes = [*decided.notes, *roads.notes, *flat]
    town = Town(clean, decided.buildings, decided.units, decided, roads, limits, limit_m, served_limit_m, notes)
    return with_existing(town, config, book) if (clean.plants["kind"] == existing.MODE).any() else town


def _without_small(
    roads: network.RoadNetwork, clean: prepare.Cleaned, units: gpd.GeoDataFrame, boundary: shapely.Geometry | None
) -> network.RoadNetwork:
    """The road graph with the areas of existing plants, neighbours' too, taken out of the served network."""
    own = clean.plants[clean.plants["kind"] == existing.MODE]
    if not len(own) and not len(clean.plants_beyond):
        return roads
    small = gpd.GeoDataFrame(pd.concat([own, clean.plants_beyond], ignore_index=True), crs=own.crs)
    nodes = roads.nodes.copy()
    nodes.loc[existing.own_nodes(small, clean.served_areas, nodes, clean.buildings, units, boundary), "is_served"] = False
    return roads._replace(nodes=nodes)


def with_existing(town: Town, config: Config, book: CostBook) -> Town:
    """The town with the existing plants as units after the others; in reference plans all are kept."""
    plants = town.clean.plants[town.clean.plants["kind"] == existing.MODE].sort_values("plant_id", ignore_index=True)
    every = town.clean.buildings
    flows = existing.flows_of(every)
    most = plants["flow_max_m3_per_d"].to_numpy(float)

    def by_book(flow: Floats) -> Floats:
        return cost.treatment_split(flows.mean * flow, flow, "own_plant", book, config.cost, config.compare)

    given = plants["keep_yen_per_yr"].to_numpy(float)
    is_given = ~np.isnan(given)
    keep = np.where(is_given[:, None], np.stack([np.zeros(len(given)), np.nan_to_num(given)], axis=1), by_book(most))
    more = (by_book(most * 1.02) - by_book(most / 1.02))[:, 1] / (most * 1.02 - most / 1.02)
    more = np.minimum(more, keep.sum(axis=1) / most)  # no m3/d more costs more than those of today do
    is_joined = (plants["decision"] == "join").to_numpy(bool)
    is_site = (keep.sum(axis=1) <= by_book(most).sum(axis=1)) & ~is_joined
    found = Existing(
        plants["plant_id"].to_numpy(np.int64), len(town.units), len(every),
        town.roads.plant_nodes.reindex(plants["plant_id"]).to_numpy(np.int64, na_value=-1), flows.mean * most, most,
        plants["capacity_m3_per_d"].to_numpy(float), keep, more, is_given,
        is_site, (plants["decision"] == "keep").to_numpy(bool), is_joined,
    )  # fmt: skip
    laterals = existing.laterals_of(found, town.roads.laterals, not config.zoning.is_reference)
    decided = town.decided._replace(
        is_sewer=np.append(town.decided.is_sewer, found.is_joined),
        is_johkasou=np.append(town.decided.is_johkasou, found.is_kept),
        override_id=np.append(town.decided.override_id, np.full(len(plants), -1)),
    )
    return town._replace(
        buildings=existing.houses_of(found, plants, flows, town.buildings),
        units=existing.units_of(found, plants, flows, town.units),
        decided=decided,
        roads=town.roads._replace(laterals=laterals),
        existing=found,
    )


def kept_yen_per_yr(homes: pd.DataFrame) -> Floats:
    """(n, 2) capital a year and upkeep of the existing plants that some of the houses stand for; 0 for the others."""
    if "keep_upkeep_yen_per_yr" not in homes:
        return np.zeros((len(homes), 2))
    return homes[["keep_capital_yen_per_yr", "keep_upkeep_yen_per_yr"]].to_numpy(float)


def find_limits(clean: prepare.Cleaned, barriers: gpd.GeoDataFrame, config: Config, book: CostBook) -> pd.DataFrame:
    """Limit distances (家屋間限界距離) of study units and round served areas: two rows with what they rest on.

    An own plant's share of treatment depends on the size of units, and the size of units on the limit: rounds
    go on until the two agree.
    """
    homes = clean.buildings[(clean.buildings["status"] == "dwelling") & ~clean.buildings["is_served"]]
    homes = homes[homes["dwellings"] > 0]
    if not len(homes):
        homes = clean.buildings[clean.buildings["dwellings"] > 0]
    per = max(float(homes["dwellings"].sum()), 1e-9)
    tanks = (homes.groupby("tank_persons")["tank_count"].sum() / per).to_dict()
    flows = float(homes["flow_mean_m3_per_d"].sum()) / per, float(homes["flow_max_m3_per_d"].sum()) / per
    settings = config.cluster

    def limits_at(dwellings: float) -> tuple[cost.Limit, cost.Limit]:
        return cost.limit_distances(book, config, dwellings, *flows, tanks)

    def typical_unit(dwellings: float) -> float:
        limit = limits_at(dwellings)[0].limit_m
        found = cluster.members(clean.buildings, clean.served_areas, barriers, limit, 0.0, settings)
        sizes = np.bincount(found.unit, clean.buildings["dwellings"].to_numpy(float)[found.rows])
        return float((sizes**2).sum() / sizes.sum()) if len(sizes) else 1.0

    dwellings, rounds, is_cycle = settings.representative_dwellings or per, 0, False
    if (
        settings.limit_distance_m == "auto"
        and settings.treatment_basis == "own_plant"
        and not settings.representative_dwellings
    ):
        dwellings, rounds, is_cycle = cost.fixed_point(typical_unit, per, settings.most_rounds)
    table = pd.DataFrame([asdict(limit) for limit in limits_at(dwellings)])
    table.insert(0, "for", ["units", "served"])
    table = table.assign(dwellings=dwellings, rounds=rounds, is_two_cycle=is_cycle, is_given=False)
    for row, given in enumerate((settings.limit_distance_m, settings.served_limit_distance_m)):
        if given != "auto":
            table.loc[row, ["limit_m", "is_given"]] = [float(given), True]
    return table


def lay_ground(town: Town, config: Config, book: CostBook, hands: Hands = ALONE) -> Field:
    """The road graph as priced ground, the loads of the units, the ways out, and every unit's networks alone."""
    nodes, edges = town.roads.nodes, town.roads.edges
    rules = design.rules(config.design)
    prices = cost.laying_prices(book, config.cost, config.design)
    factor = price_factors(town.clean.roads, edges, book)
    inverts = _inlet_inverts(town)
    off_road_m = np.where(edges["road_id"].isna(), edges["length_m"], 0.0)
    fixed = cost.way_yen_per_yr(edges["crossing"], off_road_m, book, config.cost)
    ground = route.build_ground(nodes, edges, factor, fixed, inverts, rules, prices, config.route)
    loads, laterals = route.load_units(town.buildings, town.roads.laterals, nodes, len(town.units))
    exits = route.find_exits(ground, np.flatnonzero(nodes["is_served"].to_numpy(bool)), config.route)
    known = None
    if config.zoning.leave_out_dear_branches and not config.zoning.is_reference:
        laterals, known = _without_dear_branches(town, ground, loads, exits, laterals, config, book, hands)
        before, (loads, laterals) = loads, route.load_units(town.buildings, laterals, nodes, len(town.units))
        known = route.shrunk_networks(ground, before, loads, known, exits, config.route, hands) if known else None
    given = _plant_sites(town)
    plant_exits = route.find_exits(ground, given, config.route) if len(given) else None
    edge_unit = route.units_of_edges(nodes, edges, town.units)
    # Half the least size may still become large enough by joining; anything smaller never hosts a plant.
    least = config.compare.own_plant_min_dwellings / 2.0 if not config.zoning.is_reference else 0.0
    may_own = (town.units["dwellings"].to_numpy(float) >= least) & config.compare.own_plant
    if town.existing is not None:
        may_own[town.houses_units :] &= town.existing.is_site
    # Reference plans do not rest on the units' own networks: these are shown, but not searched round pumps.
    settings = config.route if not config.zoning.is_reference else config.route.model_copy(update={"search_rounds": 0})
    alone = route.route_alone(ground, loads, exits, plant_exits, may_own, settings, edge_unit, known, hands)
    rivers = sites.NO_RIVERS
    if config.zoning.method == "optimum" and plant_exits is None and config.compare.river_site_max_m > 0.0:
        near = network.near_rivers(nodes, town.clean.barriers, config.compare.river_site_max_m, config.network)
        rivers = sites.at_rivers(ground, loads, near, may_own, config.route.max_link_m)
    stands = np.empty(0, np.int64) if town.existing is None else town.existing.node
    return Field(ground, loads, exits, plant_exits, edge_unit, laterals, alone, rivers, stands, hands)


def price_factors(roads: pd.DataFrame, edges: pd.DataFrame, book: CostBook) -> Floats:
    """(m,) factor of the cost book on the price of a sewer along every edge, by the kind of its road; 1 off the road."""
    factor = roads["kind"].map(dict(book.item("sewer").road_factors)).fillna(1.0).astype(float)
    of_road = pd.Series(factor.to_numpy(), index=roads["road_id"].to_numpy(np.int64))
    return np.asarray(of_road.reindex(edges["road_id"].to_numpy(np.int64, na_value=-1)).fillna(1.0), dtype=np.float64)


def _without_dear_branches(
    town: Town, ground: Ground, loads: Loads, exits: route.Exits, laterals: pd.DataFrame, config: Config, book: CostBook,
    hands: Hands,
) -> tuple[pd.DataFrame, Priced | None]:  # fmt: skip
    """The laterals with houses behind branches that cost more than their tanks marked ``dear_branch``.

    Judged on the network to the served area; never in units the planner forces to sewer. Returned with the networks.
    """
    units = np.flatnonzero((route.reaches(loads, exits) & ~town.decided.is_sewer)[: town.houses_units])
    if not len(units):
        return laterals, None
    members = Members.single(units)
    networks = route.connect_networks(ground, loads, members, exits, config.route, hands)
    houses = laterals[laterals["status"] == "connected"][["building_id", "node_id"]].merge(
        pd.DataFrame(town.buildings.drop(columns="geometry")), on="building_id"
    )
    tanks = cost.johkasou_yen_per_yr(
        houses["tank_persons"], houses["tank_count"], houses["existing_tank_count"], book, config.cost
    )
    flows = houses["flow_mean_m3_per_d"], houses["flow_max_m3_per_d"]
    treatment = cost.treatment_yen_per_yr(*flows, config.compare.treatment, book, config.cost, config.compare)
    key = houses["unit_id"].to_numpy(np.int64) * ground.nodes + houses["node_id"].to_numpy(np.int64)
    unit_of_load = np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))
    load_key = unit_of_load * ground.nodes + loads.node  # ascending: loads are sorted by unit, then node
    at = np.searchsorted(load_key, key)
    worth = np.bincount(at, tanks - treatment, minlength=len(load_key)).astype(np.float64)
    is_dear = dear_loads(ground, loads, networks.trees, members, worth)
    marked = laterals.copy()
    marked.loc[marked["building_id"].isin(houses.loc[is_dear[at], "building_id"]), "status"] = "dear_branch"
    return marked, networks


def main_component(field: Field, nodes: pd.DataFrame) -> Ints:
    """(u,) connected part of the road graph along which a unit drains, -1 for units without a house on the roads."""
    counts = np.diff(field.loads.offsets)
    out = np.full(len(counts), -1, np.int64)
    has = counts > 0
    out[has] = nodes["component"].to_numpy()[field.loads.node[field.loads.offsets[:-1][has]]]
    return out


def has_road(field: Field) -> Bools:
    """(u,) whether any house of the unit reaches a usable road."""
    return np.diff(field.loads.offsets) > 0


def _with_motorways(clean: prepare.Cleaned, config: Config) -> gpd.GeoDataFrame:
    motorways = clean.roads[clean.roads["kind"] == "motorway"]
    if not config.network.motorways_are_barriers or not len(motorways):
        return clean.barriers
    extra = gpd.GeoDataFrame(
        {"barrier_id": np.arange(len(motorways)) + len(clean.barriers), "kind": "motorway"},
        geometry=motorways.geometry.to_numpy(),
        crs=clean.roads.crs,
    )
    return gpd.GeoDataFrame(pd.concat([clean.barriers, extra], ignore_index=True), crs=clean.roads.crs)


def _plant_sites(town: Town) -> Ints:
    plants = town.clean.plants
    sites = plants.loc[plants["kind"] == "plant", "plant_id"]
    return np.unique(town.roads.plant_nodes.reindex(sites).dropna().to_numpy(np.int64))


def _inlet_inverts(town: Town) -> pd.Series[float]:
    plants = town.clean.plants[town.clean.plants["kind"] != existing.MODE]
    plants = plants.dropna(subset="invert_elev_m").set_index("plant_id")["invert_elev_m"]
    nodes = town.roads.plant_nodes.reindex(plants.index)
    known = nodes.notna()
    lowest: pd.Series[float] = plants[known].groupby(nodes[known].astype("int64")).min()
    return lowest
