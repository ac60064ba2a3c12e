"""Design of the plan's networks: sewers and rising mains, manholes and pumps as tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone import config
from sewerzone.engineering import hydraulics, trench
from sewerzone.engineering.economics import pump_energy_kwh_per_yr, pump_power_kw
from sewerzone.engineering.forest import Floats, Forest, Ints, Laid, LayingPrices, Rules
from sewerzone.engineering.manholes import courses
from sewerzone.tables import MANHOLES, PIPES, PUMPS


def rules(design: config.Design) -> Rules:
    """The design limits as plain numbers."""
    diameter = np.array(design.diameters_mm, np.float64)
    slope = hydraulics.least_slope(diameter, design.velocity_min_m_per_s, design.manning_n)
    margin = np.select([diameter < 700.0, diameter <= 1650.0], [design.margin_small, design.margin_medium], design.margin_large)
    return Rules(
        diameter_mm=diameter,
        capacity_margin=np.asarray(margin, np.float64),
        slope_min=np.maximum(slope, design.slope_min_permille / 1000.0),
        manning_n=design.manning_n,
        velocity_max_m_per_s=design.velocity_max_m_per_s,
        cover_min_m=design.cover_min_m,
        excavation_max_m=design.excavation_max_m,
        pipe_wall_m=design.pipe_wall_m,
        bedding_m=design.bedding_m,
        manhole_spacing_m=design.manhole_spacing_m,
        bend_deg=design.bend_deg,
        ground_tolerance_m=design.ground_tolerance_m,
        drop_manhole_m=design.drop_manhole_m,
        wet_well_m=design.wet_well_m,
        pressure_velocity_m_per_s=design.pressure_velocity_m_per_s,
        pressure_diameter_min_mm=float(design.pressure_diameter_min_mm),
        pressure_velocity_min_m_per_s=design.velocity_min_m_per_s,
        pressure_hazen_williams_c=design.pressure_hazen_williams_c,
    )


class Rank(NamedTuple):
    """Canonical order of a designed forest.

    Attributes
    ----------
    manhole : (h,) id of every manhole: by system, then road node
    reach : (r,) reaches in the order of their upper manhole; pipe ids are positions in it
    nodes : forest nodes of all pipes, pipe by pipe, each from its upper manhole to the last point before the lower
    pipe_of : pipe id of each of ``nodes``
    last : (r,) position in ``nodes`` of the last point of each pipe
    """

    manhole: Ints
    reach: Ints
    nodes: Ints
    pipe_of: Ints
    last: Ints


def lay(
    forest: Forest,
    places: pd.DataFrame,
    crs: Any,
    rules: Rules,
    prices: LayingPrices,
    cost: config.Cost,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Design the networks of the plan.

    Parameters
    ----------
    forest : the collector trees of all systems
    places : one row per forest node: system_id, node_id (road node), unit_id (missing where the way to the parent is a
        link), dwellings (entering there), crossing and off_road_m (of the way to the parent)
    crs : of the coordinates
    rules, prices : limits and yearly prices
    cost : efficiency of pumps

    Returns
    -------
    tables PIPES, MANHOLES, PUMPS; ids follow systems and road nodes, not the order of rows

    Raises
    ------
    DesignError
        See ``engineering.trench.lay``.
    """
    if not len(forest):
        return PIPES.empty(crs), MANHOLES.empty(crs), PUMPS.empty(crs)
    laid = trench.lay(forest, rules, prices)
    dwellings = np.ascontiguousarray(places["dwellings"], np.float64)
    course = courses(replace(forest, flow_l_per_s=dwellings), 180.0)
    rank = _rank(forest, places, laid, course.order)
    pipes = _pipes(forest, places, laid, rank, rules, course.flow_l_per_s, crs)
    manholes = _manholes(forest, places, laid, rank, rules, crs)
    return pipes, manholes, _pumps(forest, places, laid, rank, cost, crs)


def _rank(forest: Forest, places: pd.DataFrame, laid: Laid, order: Ints) -> Rank:
    system = places["system_id"].to_numpy(np.int64)
    node = places["node_id"].to_numpy(np.int64)
    x, y, below = forest.x_m, forest.y_m, np.where(forest.parent >= 0, node[forest.parent], -1)
    sequence = np.lexsort([key[laid.manhole] for key in (below, y, x, node, system)])
    manhole = np.empty(len(sequence), np.int64)
    manhole[sequence] = np.arange(len(sequence))
    reach = np.argsort(manhole[laid.up], kind="stable")
    pipe = np.empty(len(reach), np.int64)
    pipe[reach] = np.arange(len(reach))
    # In ``order`` every node comes before its parent, so a stable sort by pipe leaves each pipe's nodes downstream.
    along = order[laid.reach_of[order] >= 0]
    along = along[np.argsort(pipe[laid.reach_of[along]], kind="stable")]
    pipe_of = pipe[laid.reach_of[along]]
    last = np.searchsorted(pipe_of, np.arange(len(reach)), side="right") - 1
    return Rank(manhole, reach, along, pipe_of, last)


def _lines(forest: Forest, rank: Rank) -> Any:
    """Every pipe through the points of its way, the lower manhole's included."""
    end = forest.parent[rank.nodes[rank.last]]
    nodes = np.concatenate([rank.nodes, end])
    pipe_of = np.concatenate([rank.pipe_of, np.arange(len(end))])
    sequence = np.argsort(pipe_of, kind="stable")
    points = nodes[sequence]
    return shapely.linestrings(np.column_stack([forest.x_m[points], forest.y_m[points]]), indices=pipe_of[sequence])


def _pipes(
    forest: Forest, places: pd.DataFrame, laid: Laid, rank: Rank, rules: Rules, dwellings: Floats, crs: Any
) -> gpd.GeoDataFrame:
    r = rank.reach
    up, down = laid.manhole[laid.up[r]], laid.manhole[laid.down[r]]
    diameter, length, is_main = laid.diameter_mm[r], laid.length_m[r], laid.is_pressure[r]
    depth_up, depth_down = laid.excavation_up_m[r], laid.excavation_down_m[r]
    invert_up = _invert(forest.ground_elev_m[up], depth_up, rules)
    invert_down = _invert(forest.ground_elev_m[down], depth_down, rules)
    least = np.interp(diameter, rules.diameter_mm, rules.slope_min)
    fall = np.divide(invert_up - invert_down, length, out=least, where=length > 0.0)  # least slope on a pipe of no length
    filling, velocity = hydraulics.part_full(laid.flow_l_per_s[r], diameter, fall, rules.manning_n)
    crossing, off_road_m = _ways(places, rank)
    shell = rules.bedding_m + 2.0 * rules.pipe_wall_m + diameter / 1000.0
    frame = pd.DataFrame(
        {
            "pipe_id": np.arange(len(r)),
            "system_id": places["system_id"].to_numpy()[up],
            "unit_id": places["unit_id"].array[up],
            "kind": np.where(is_main, "pressure", "gravity"),
            "from_manhole_id": rank.manhole[laid.up[r]],
            "to_manhole_id": rank.manhole[laid.down[r]],
            "length_m": length,
            "dwellings": dwellings[rank.nodes[rank.last]],
            "flow_l_per_s": laid.flow_l_per_s[r],
            "diameter_mm": diameter.astype(np.int64),
            "slope_permille": np.where(is_main, 0.0, 1000.0 * fall),
            "velocity_m_per_s": np.where(is_main, laid.flow_l_per_s[r] / 1000.0 / hydraulics.full_area_m2(diameter), velocity),
            "filling_share": np.where(is_main, 1.0, filling),
            "invert_up_elev_m": invert_up,
            "invert_down_elev_m": invert_down,
            "ground_up_elev_m": forest.ground_elev_m[up],
            "ground_down_elev_m": forest.ground_elev_m[down],
            "excavation_up_m": depth_up,
            "excavation_down_m": depth_down,
            "cover_up_m": depth_up - shell,
            "cover_down_m": depth_down - shell,
            "price_factor": laid.price_factor[r],
            "crossing": crossing,
            "off_road_m": off_road_m,
        }
    )
    return PIPES.conform(gpd.GeoDataFrame(frame, geometry=_lines(forest, rank), crs=crs))


def _ways(places: pd.DataFrame, rank: Rank) -> tuple[Any, Floats]:
    """Per pipe what it crosses, the first from upstream (None: nothing), and how much of it lies off the road."""
    crossed = places["crossing"].to_numpy()[rank.nodes]
    crossing = np.full(len(rank.reach), None, object)
    at = np.flatnonzero(pd.notna(crossed))[::-1]  # the first along a pipe is written last and stays
    crossing[rank.pipe_of[at]] = crossed[at]
    metres = places["off_road_m"].to_numpy(np.float64)[rank.nodes]
    return crossing, np.bincount(rank.pipe_of, metres, minlength=len(rank.reach)).astype(np.float64)


def _invert(ground_elev_m: Floats, excavation_m: Floats, rules: Rules) -> Floats:
    return ground_elev_m - excavation_m + rules.bedding_m + rules.pipe_wall_m


def _manholes(forest: Forest, places: pd.DataFrame, laid: Laid, rank: Rank, rules: Rules, crs: Any) -> gpd.GeoDataFrame:
    h = len(laid.manhole)
    leaving, shallowest, deepest = laid.arrival_m.copy(), np.full(h, np.inf), np.zeros(h)
    leaving[laid.up] = laid.excavation_up_m
    np.minimum.at(shallowest, laid.down, laid.excavation_down_m)
    np.maximum.at(deepest, laid.down, laid.excavation_down_m)
    drop = np.maximum(leaving - shallowest, 0.0)  # -inf, so 0, where nothing arrives
    is_outlet = np.ones(h, np.bool_)
    is_outlet[laid.up] = False
    kind = np.select([is_outlet, laid.is_pump, laid.is_drop], ["outlet", "pump", "drop"], "ordinary")
    node = laid.manhole
    frame = pd.DataFrame(
        {
            "manhole_id": rank.manhole,
            "system_id": places["system_id"].to_numpy()[node],
            "node_id": places["node_id"].to_numpy()[node],
            "kind": kind,
            "ground_elev_m": forest.ground_elev_m[node],
            "invert_elev_m": _invert(forest.ground_elev_m[node], leaving, rules),
            "excavation_m": np.maximum(leaving, deepest),
            "priced_excavation_m": laid.shaft_m,
            "drop_m": drop,
        }
    )
    points = shapely.points(forest.x_m[node], forest.y_m[node])
    return MANHOLES.conform(gpd.GeoDataFrame(frame, geometry=points, crs=crs))


def _pumps(forest: Forest, places: pd.DataFrame, laid: Laid, rank: Rank, cost: config.Cost, crs: Any) -> gpd.GeoDataFrame:
    at = np.flatnonzero(laid.is_pump)
    at = at[np.argsort(rank.manhole[at])]
    node = laid.manhole[at]
    flow, mean = (values[at] for values in trench.manhole_flows(forest, laid))
    frame = pd.DataFrame(
        {
            "pump_id": np.arange(len(at)),
            "system_id": places["system_id"].to_numpy()[node],
            "manhole_id": rank.manhole[at],
            "kind": np.where(_feeds_main(laid)[at], "rising_main", "lift"),
            "flow_l_per_s": flow,
            "flow_mean_m3_per_d": mean,
            "head_m": laid.head_m[at],
            "main_m": _main_lengths(laid)[at],
            "power_kw": pump_power_kw(flow, laid.head_m[at], cost.pump_efficiency),
            "energy_kwh_per_yr": pump_energy_kwh_per_yr(mean, laid.head_m[at], cost.pump_efficiency),
        }
    )
    points = shapely.points(forest.x_m[node], forest.y_m[node])
    return PUMPS.conform(gpd.GeoDataFrame(frame, geometry=points, crs=crs))


def _feeds_main(laid: Laid) -> Any:
    """Per manhole, whether a rising main leaves it."""
    out = np.zeros(len(laid.manhole), np.bool_)
    out[laid.up[laid.is_pressure]] = True
    return out


def _main_lengths(laid: Laid) -> Floats:
    """Per manhole, the length of the rising main that its pump feeds."""
    h = len(laid.manhole)
    start = np.arange(h)
    # A main that passes a manhole without a pump came by the only reach that arrives there.
    passed = _feeds_main(laid) & ~laid.is_pump
    goes_on = passed[laid.down]
    start[laid.down[goes_on]] = laid.up[goes_on]
    while not np.array_equal(back := start[start], start):
        start = back
    mains = np.flatnonzero(laid.is_pressure)
    return np.bincount(start[laid.up[mains]], laid.length_m[mains], minlength=h).astype(np.float64)
