"""Routing: the ground sewers run on, where sewage enters it, and the networks of every unit standing alone."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.config import Route
from sewerzone.engineering.adapting import shrunk
from sewerzone.engineering.forest import Bools, Floats, Ints, LayingPrices, Rules
from sewerzone.engineering.networks import (
    Alone,
    Ground,
    Loads,
    Members,
    Priced,
    best_of,
    cheapest,
    cheapest_along,
    ground_costs,
    judged_yen_per_yr,
    nets_of,
    terminals,
    tree_of,
)
from sewerzone.engineering.paths import cost_to, cost_within, road_graph
from sewerzone.engineering.search import Outlets, append, least_net, pick, refine
from sewerzone.engineering.trees import Net
from sewerzone.engineering.trench import least_excavation_m
from sewerzone.hands import ALONE, Hands
from sewerzone.meeting import lying_in

ANY_NETWORK = 20
"""What any network takes to route, in places where sewage enters: larger ones take so much more."""


class Exits(NamedTuple):
    """Ways out of the study area: per slope weight (cost to the place of delivery, next node on the way)."""

    ways: list[tuple[Floats, Ints]]
    targets: Ints
    is_reachable: Bools
    """(n,) whether a node lies within the longest link of the place of delivery."""
    nets: tuple[Net, ...]
    """The ways as routing takes them."""
    outlets: Outlets
    """The place of delivery as the search takes it, for networks without roots of their own."""

    def for_each(self, networks: int) -> Outlets:
        """The same for so many networks."""
        return replace(self.outlets, roots=(np.zeros(networks + 1, np.int64), np.empty(0, np.int64)))


def build_ground(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    price_factor: Floats,
    fixed_yen_per_yr: Floats,
    entry_invert_m: pd.Series[float],
    rules: Rules,
    prices: LayingPrices,
    settings: Route,
) -> Ground:
    """The road graph as arrays.

    ``price_factor`` and ``fixed_yen_per_yr`` (what a way costs beside its sewer) belong to the edges; ``entry_invert_m``
    gives the known invert elevations (m) of inlets by node_id. Routing sees the fixed cost as metres of the least sewer,
    and the depth a sewer must go below a crossing as height lost. Designed networks are compared as if a metre of road
    with weight w cost (w - 1) metres of the least sewer more, which is no cost that is reported.
    """
    start, end = _ints(edges["from_node_id"]), _ints(edges["to_node_id"])
    graph = road_graph(len(nodes), start, end, _floats(edges["length_m"]), _ints(nodes["component"]))
    elevation = _floats(nodes["ground_elev_m"])
    entry = np.where(nodes["is_served"].to_numpy(bool), settings.entry_max_excavation_m, rules.excavation_max_m)
    if len(entry_invert_m):
        at = _ints(entry_invert_m.index)
        entry[at] = elevation[at] - entry_invert_m.to_numpy(float) + rules.pipe_wall_m + rules.bedding_m
    costs = ground_costs(
        graph, elevation, _floats(edges["weight"]), tuple(settings.slope_weights), settings.free_slope_permille / 1000.0
    )
    least = _floats(edges["least_excavation_m"])
    per_metre = _least_sewer_yen_per_m_yr(rules, prices)
    avoid = (_floats(edges["weight"]) - 1.0) * _floats(edges["length_m"]) * per_metre
    fixed_m = fixed_yen_per_yr / per_metre
    sunk_m = np.maximum(least - float(least_excavation_m(rules.diameter_mm[:1], rules)[0]), 0.0)
    if fixed_m.any() or sunk_m.any():
        extra = [(fixed_m + weight * sunk_m)[graph.edge] for weight in settings.slope_weights]
        costs = tuple(cost + more for cost, more in zip(costs, extra, strict=True))
    return Ground(
        graph, _floats(nodes["x_m"]), _floats(nodes["y_m"]), elevation, entry, _floats(edges["length_m"]), price_factor,
        least, fixed_yen_per_yr, avoid, costs, rules, prices,
    )  # fmt: skip


def _least_sewer_yen_per_m_yr(rules: Rules, prices: LayingPrices) -> float:
    """Yearly price of a metre of the least sewer at least cover."""
    least_m = least_excavation_m(rules.diameter_mm[:1], rules)
    return float(np.interp(least_m, prices.depth_m, prices.trench_yen_per_m_yr[0])[0])


def load_units(
    buildings: gpd.GeoDataFrame, laterals: pd.DataFrame, nodes: pd.DataFrame, units: int
) -> tuple[Loads, pd.DataFrame]:
    """Where the sewage of every unit enters the road graph, and the laterals with houses cut off marked.

    A unit is drained along one connected part of the roads: the one with most of its dwellings. Houses of the unit
    on other parts get the status ``cut_off``.
    """
    houses = laterals.loc[laterals["status"] == "connected", ["building_id", "node_id"]].merge(
        buildings[["building_id", "unit_id", "dwellings", "flow_hourly_l_per_s", "flow_mean_m3_per_d"]].dropna(
            subset="unit_id"
        ),
        on="building_id",
    )
    houses = houses.astype({"node_id": "int64", "unit_id": "int64"})
    houses["component"] = nodes["component"].to_numpy()[houses["node_id"]]
    parts = houses.groupby(["unit_id", "component"])["dwellings"].sum().reset_index()
    parts = parts.sort_values(["unit_id", "dwellings", "component"], ascending=[True, False, True])
    main = parts.drop_duplicates("unit_id").set_index("unit_id")["component"]
    is_main = houses["component"].to_numpy() == main.reindex(houses["unit_id"]).to_numpy()
    marked = laterals.copy()
    marked.loc[marked["building_id"].isin(houses.loc[~is_main, "building_id"]), "status"] = "cut_off"
    sums = (
        houses[is_main]
        .groupby(["unit_id", "node_id"], as_index=False)[["flow_hourly_l_per_s", "flow_mean_m3_per_d", "dwellings"]]
        .sum()
    )
    counts = np.bincount(sums["unit_id"], minlength=units)
    return (
        Loads(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            _ints(sums["node_id"]),
            _floats(sums["flow_hourly_l_per_s"]),
            _floats(sums["flow_mean_m3_per_d"]),
            _floats(sums["dwellings"]),
        ),
        marked,
    )


def find_exits(ground: Ground, targets: Ints, settings: Route) -> Exits:
    """Cheapest ways to ``targets`` (served nodes, or plant sites) from and along all nodes within the longest link of one.

    The way by length from a node so near lies among such nodes, so all of them have a way.
    """
    metres, _ = cost_to(ground.graph, ground.graph.length_m, targets, settings.max_link_m)
    near = np.isfinite(metres)
    ways = [cost_within(ground.graph, cost, targets, near) for cost in ground.arc_costs]
    outlets = Outlets((np.zeros(1, np.int64), np.empty(0, np.int64)), targets, near)
    outlets = replace(outlets, least=least_net(ground, outlets))
    return Exits(ways, targets, near, nets_of(ground, ways), outlets)


def route_alone(
    ground: Ground,
    loads: Loads,
    exits: Exits,
    plant_exits: Exits | None,
    may_own: Bools,
    settings: Route,
    edge_unit: Ints,
    known: Priced | None = None,
    hands: Hands = ALONE,
) -> Alone:
    """The cheapest designed network of every unit to the served network, and to a plant of its own.

    ``plant_exits`` lead to the plant sites the user named; None: every unit tries sites of its own.
    ``may_own`` (u,) are the units for which an own plant is looked at at all; ``edge_unit`` (m,) is the unit in whose
    outline an edge lies, -1 outside all. ``known`` are networks of single units to the served network found before.
    """
    units = np.arange(len(loads.offsets) - 1)
    can_connect = reaches(loads, exits)
    known = pick(known, np.flatnonzero(can_connect[known.members.units])) if known else None
    has = np.isin(units, known.members.units) if known else np.zeros(len(units), bool)
    connect = connect_networks(ground, loads, Members.single(units[can_connect & ~has]), exits, settings, hands)
    if known:
        connect = append([connect, known])
        connect = pick(connect, np.argsort(connect.members.units, kind="stable"))
    if plant_exits is not None:
        can_own = reaches(loads, plant_exits) & may_own
        own = connect_networks(ground, loads, Members.single(units[can_own]), plant_exits, settings, hands)
    else:
        can_own = (np.diff(loads.offsets) > 0) & may_own
        own = plant_networks(ground, loads, Members.single(units[can_own]), settings, hands=hands)
    return Alone(
        connect, own, can_connect, can_own, _link_lengths(ground, connect, edge_unit), _link_lengths(ground, own, edge_unit)
    )


def connect_networks(
    ground: Ground, loads: Loads, members: Members, exits: Exits, settings: Route, hands: Hands = ALONE
) -> Priced:  # fmt: skip
    """The cheapest designed networks of groups of units that leave by the exits."""

    def part_of(which: Ints) -> tuple[Members, Route]:
        return members.some(which), settings

    return together(hands.work(_connected, (ground, loads, exits), _sizes(loads, members), part_of))


def _connected(ground: Ground, loads: Loads, exits: Exits, members: Members, settings: Route) -> Priced:
    outlets = exits.for_each(len(members.offsets) - 1)
    first = cheapest_along(exits.nets, ground, loads, members, outlets.roots, min(settings.search_rounds, 1))
    return refine(ground, loads, first, outlets, settings.search_rounds)


def shrunk_networks(
    ground: Ground, before: Loads, loads: Loads, known: Priced, exits: Exits, settings: Route, hands: Hands = ALONE
) -> Priced:  # fmt: skip
    """Networks of single units after some of their loads left; those of units that no longer reach an exit go."""
    units = known.members.units
    is_less = (np.diff(before.offsets) != np.diff(loads.offsets))[units]
    same, less = pick(known, np.flatnonzero(~is_less)), pick(known, np.flatnonzero(is_less & reaches(loads, exits)[units]))

    def part_of(which: Ints) -> tuple[Priced, Route]:
        return pick(less, which), settings

    return append([same, together(hands.work(_shrunk, (ground, before, loads, exits), _sizes(loads, less.members), part_of))])


def _shrunk(ground: Ground, before: Loads, loads: Loads, exits: Exits, less: Priced, settings: Route) -> Priced:
    return shrunk(ground, before, loads, less, exits.for_each(len(less.yen_per_yr)), settings.search_rounds)


def plant_networks(
    ground: Ground, loads: Loads, members: Members, settings: Route, others: NDArray[np.int64] | None = None,
    hands: Hands = ALONE,
) -> Priced:  # fmt: skip
    """The cheapest designed networks of groups of units to a plant, over the candidate sites of each.

    ``others`` (t, k) are sites besides those among the houses of each group, -1: none.
    """

    def part_of(which: Ints) -> tuple[Members, Route, NDArray[np.int64] | None]:
        return members.some(which), settings, None if others is None else others[which]

    return together(hands.work(_to_plants, (ground, loads), _sizes(loads, members), part_of))


def together(parts: list[tuple[Ints, Priced]]) -> Priced:
    """The networks of some parts in the order of their numbers."""
    if len(parts) == 1:
        return parts[0][1]
    return pick(append([found for _, found in parts]), np.argsort(np.concatenate([which for which, _ in parts])))


def _sizes(loads: Loads, members: Members) -> Ints:
    """(t,) about how much work each network is: the places where sewage enters it, and what any takes, in such places."""
    return np.diff(terminals(loads, members)[0]) + ANY_NETWORK


def _to_plants(
    ground: Ground, loads: Loads, members: Members, settings: Route, others: NDArray[np.int64] | None
) -> Priced:  # fmt: skip
    sites = plant_sites(ground, loads, members, settings.outlet_candidates)
    if others is not None:
        sites = np.column_stack([sites, _each_once(np.where(others < 0, sites[:, :1], others))])
    count = len(members.offsets) - 1
    starts = np.arange(count + 1)
    tried = [cheapest(ground, loads, members, (starts, sites[:, k].copy()), None) for k in range(sites.shape[1])]
    best = np.argmin(np.round([judged_yen_per_yr(ground, p) for p in tried], 3), axis=0) if tried else np.empty(0, np.int64)
    roots = starts, sites[np.arange(count), best]
    outlets = Outlets(roots, np.empty(0, np.int64), np.zeros(ground.nodes, bool))
    if settings.search_rounds:
        tried.append(cheapest(ground, loads, members, roots, None, 1))
    return refine(ground, loads, best_of(ground, tried), outlets, settings.search_rounds)


def _each_once(sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sites of each row, every one once; columns that then add nothing are left out."""
    rows = np.sort(sites, axis=1)
    rows[:, 1:] = np.where(rows[:, 1:] == rows[:, :-1], rows[:, :1], rows[:, 1:])
    rows = np.sort(rows, axis=1)
    return rows[:, (rows != rows[:, :1]).any(axis=0) | (np.arange(rows.shape[1]) == 0)]


def plant_sites(ground: Ground, loads: Loads, members: Members, candidates: int) -> Ints:
    """Candidate sites (t, candidates): the terminals of a group in equal parts along its longer axis, the lowest of each."""
    offsets, node = terminals(loads, members)
    count = len(offsets) - 1
    group = np.repeat(np.arange(count), np.diff(offsets))
    x, y = ground.x_m[node], ground.y_m[node]
    is_wide = _spread(x, offsets) >= _spread(y, offsets)
    axis = np.where(is_wide[group], x, y)
    order = np.lexsort((node, axis, group))
    rank = np.arange(len(node)) - offsets[group]
    part = rank * candidates // np.diff(offsets)[group]
    by_height = np.lexsort((node[order], ground.ground_elev_m[node[order]], part, group))
    g, p, n = group[by_height], part[by_height], node[order][by_height]
    is_first = np.ones(len(g), bool)
    is_first[1:] = (g[1:] != g[:-1]) | (p[1:] != p[:-1])
    sites = np.full((count, candidates), -1, np.int64)
    sites[g[is_first], p[is_first]] = n[is_first]
    fill = sites.max(axis=1, initial=-1)
    return np.where(sites < 0, fill[:, None], sites)


def _spread(values: Floats, offsets: Ints) -> Floats:
    """Largest less smallest value of every group; no group is empty."""
    if not len(values):
        return np.zeros(len(offsets) - 1)
    return np.maximum.reduceat(values, offsets[:-1]) - np.minimum.reduceat(values, offsets[:-1])


def units_of_edges(nodes: pd.DataFrame, edges: pd.DataFrame, units: gpd.GeoDataFrame) -> Ints:
    """The unit in whose outline the middle of every edge lies, -1 outside all."""
    x, y = _floats(nodes["x_m"]), _floats(nodes["y_m"])
    a, b = _ints(edges["from_node_id"]), _ints(edges["to_node_id"])
    out = np.full(len(edges), -1, np.int64)
    edge, unit = lying_in((x[a] + x[b]) / 2.0, (y[a] + y[b]) / 2.0, units.geometry.to_numpy())
    out[edge[::-1]] = units["unit_id"].to_numpy()[unit[::-1]]  # the smallest unit is written last and stays
    return out


def reaches(loads: Loads, exits: Exits) -> Bools:
    """Units with houses on the roads, at least one of them within the longest link of an exit.

    A unit lies on one connected part of the roads, so one house within reach is enough for all.
    """
    unit = np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))
    return np.bincount(unit[exits.is_reachable[loads.node]], minlength=len(loads.offsets) - 1) > 0


def _link_lengths(ground: Ground, priced: Priced, edge_unit: Ints) -> Floats:
    """Length (m) of every single-unit network outside the outline of its unit."""
    tree = tree_of(priced.trees)
    way = priced.trees.parent >= 0
    edge, of = priced.trees.arc_edge[way], tree[way]
    outside = edge_unit[edge] != priced.members.units[of]
    return np.bincount(of[outside], ground.length_m[edge[outside]], minlength=len(priced.yen_per_yr)).astype(np.float64)


def _ints(values: pd.Series[int] | pd.Index[int]) -> Ints:
    return np.ascontiguousarray(values.to_numpy(), dtype=np.int64)


def _floats(values: pd.Series[float]) -> Floats:
    return np.ascontiguousarray(values.to_numpy(), dtype=np.float64)
