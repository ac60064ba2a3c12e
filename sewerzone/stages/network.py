"""The road graph sewers may follow: noded, carrying ground elevations, with every dwelling and plant connected.

Distances of dwellings are measured from the centroid of the footprint, not from its wall: the lateral starts where the
sewage arises, and a point or a polygon of the same house gives the same answer.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone import config
from sewerzone.engineering import noding, road_edges, segments
from sewerzone.engineering.noding import Streets
from sewerzone.engineering.segments import Feet, Floats, Ints
from sewerzone.errors import NetworkError, TerrainError, problem
from sewerzone.model import Progress, Terrain, no_progress
from sewerzone.tables import EDGES, LATERALS, NODES

logger = logging.getLogger(__name__)

Bools = NDArray[np.bool_]

PLANT_REACH_M = 500.0
"""A plant farther than this from a usable road is left unconnected: the point is likely misplaced."""
MISSING_GROUND_SHARE = 0.05
"""Above this share of nodes without ground the terrain does not cover the study, and nothing is filled in."""
APART_KINDS = ("bridge", "tunnel", "motorway")
"""Roads at another level than those they cross: never joined to them in mid-line, even where sewers may use them."""
GAPS_NOTED = 5
"""Disconnected parts whose gap to the largest is looked up and noted."""
BLOCKED_AT_ONCE = 2_000
"""Dwellings behind a barrier whose other ways are tested together; bounds memory."""


class RoadNetwork(NamedTuple):
    """The road graph and what hangs on it.

    ``plant_nodes``: index plant_id, value node_id (Int64, missing where no usable road lies within reach).
    ``notes``: what the user should know, one sentence each.
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    laterals: gpd.GeoDataFrame
    plant_nodes: pd.Series[Any]
    notes: list[str]


def build(
    roads: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    terrain: Terrain,
    served_areas: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    settings: config.Network,
    crs: Any,
    progress: Progress = no_progress,
) -> RoadNetwork:
    """Node the usable roads, connect dwellings and plants, take ground elevations, find connected parts.

    Raises TerrainError where more than 5 % of the nodes sewers need have no ground.
    """
    notes: list[str] = []
    usable = roads[roads["status"] == "usable"].sort_values(["weight", "road_id"], kind="stable")
    lines = shapely.force_2d(usable.geometry.to_numpy())
    origin = np.floor(shapely.total_bounds(lines)[:2]) if len(lines) else np.zeros(2)
    progress("network", 0, 4)
    streets = _streets(lines, origin, usable["kind"].to_numpy(), settings, notes)
    progress("network", 1, 4)

    dwellings = buildings[buildings["status"] == "dwelling"].sort_values("building_id", kind="stable")
    house = shapely.get_coordinates(shapely.centroid(dwellings.geometry.to_numpy())) - origin
    is_needed = ((dwellings["dwellings"] > 0) & ~dwellings["is_served"]).to_numpy(dtype=bool)
    walls = np.zeros(0, object) if settings.laterals_cross_barriers else barriers.geometry.dropna().to_numpy()
    feet, status = _connect(streets, house, is_needed, _moved(walls, origin), settings.max_lateral_m)
    plants = plants.sort_values("plant_id", kind="stable")
    site = shapely.get_coordinates(shapely.centroid(plants.geometry.to_numpy())) - origin
    plant_feet = segments.nearest(streets.grid(), site[:, 0], site[:, 1], PLANT_REACH_M)
    progress("network", 2, 4)

    streets, house_node, plant_node = _attach(streets, feet, status == "connected", plant_feet, settings.profile_spacing_m)
    ground = _ground(streets, origin, terrain, np.r_[house_node, plant_node], notes)
    progress("network", 3, 4)

    outlets = plant_node[(plants["kind"] == "outlet").to_numpy(dtype=bool)]
    nodes = _node_table(streets, origin, ground, served_areas, outlets, crs)
    edges = _edge_table(streets, nodes, usable, crs)
    laterals = _lateral_table(dwellings, house, origin, status, house_node, feet.distance_m, nodes, crs)
    plant_nodes = pd.Series(plant_node, index=pd.Index(plants["plant_id"], name="plant_id"), name="node_id")
    plant_nodes = plant_nodes.astype("Int64").mask(plant_node < 0)
    notes += _plant_notes(plants, plant_node)
    notes += _component_notes(streets, nodes, house_node, dwellings["dwellings"].to_numpy(dtype=float), settings)
    logger.info("network: %d nodes, %d edges, %d connected dwellings", len(nodes), len(edges), int((house_node >= 0).sum()))
    progress("network", 4, 4)
    return RoadNetwork(nodes, edges, laterals, plant_nodes, notes)


def _moved(geometries: NDArray[Any], origin: Floats) -> NDArray[Any]:
    """Geometries in coordinates from ``origin``, without Z."""
    return np.asarray(shapely.transform(shapely.force_2d(geometries), lambda xy: xy - origin))


def _welded(lines: NDArray[Any], origin: Floats) -> Streets:
    """Street graph by shared vertices alone; the rank of a road is its place in ``lines``."""
    parts, road = shapely.get_parts(lines, return_index=True)
    xy, line = shapely.get_coordinates(parts, return_index=True)
    return noding.weld(xy[:, 0] - origin[0], xy[:, 1] - origin[1], line.astype(np.int64), road.astype(np.int64))


def _streets(lines: NDArray[Any], origin: Floats, kinds: NDArray[Any], settings: config.Network, notes: list[str]) -> Streets:
    """Topological street graph of the lines, sorted by preference; roads are known by their rank in that order."""
    streets = _welded(lines, origin)
    is_joinable = ~np.isin(kinds, APART_KINDS)
    streets, snapped = noding.snap_ends(streets, settings.snap_tolerance_m)
    joined = 0
    if settings.join_ends_to_lines:
        streets, joined = noding.join_ends(streets, settings.snap_tolerance_m, is_joinable)
    if snapped or joined:
        notes.append(
            f"roads: {snapped:,} pairs of line ends within {settings.snap_tolerance_m:g} m of each other were made one node, "
            f"and {joined:,} line ends were joined to the middle of a line (network.snap_tolerance_m)."
        )
    pairs = noding.crossing_pairs(streets, is_joinable)
    if not len(pairs[0]):
        return streets
    places = noding.count_places(streets, pairs)
    if settings.node_crossings:
        notes.append(f"roads: {places:,} crossings without a shared vertex were made nodes (network.node_crossings).")
        return noding.node_crossings(streets, pairs)
    notes.append(
        f"roads: lines cross without a shared vertex at {places:,} places and are not joined there; "
        "if these are ordinary crossings, set network.node_crossings = true."
    )
    return streets


def _connect(
    streets: Streets, house: Floats, is_needed: Bools, barriers: NDArray[Any], most_m: float
) -> tuple[Feet, NDArray[Any]]:
    """Foot on the nearest segment that can be reached, and the lateral status, of every dwelling."""
    count = len(house)
    status = np.full(count, "not_needed", dtype=object)
    segment, share, distance = np.full(count, -1, np.int64), np.zeros(count), np.full(count, np.nan)
    needed = np.flatnonzero(is_needed)
    if not len(streets.start):
        status[needed] = "no_road"
        return Feet(segment, share, distance), status
    grid = streets.grid()
    feet = segments.nearest(grid, house[needed, 0], house[needed, 1])
    segment[needed], share[needed], distance[needed] = feet
    status[needed] = np.where(feet.distance_m <= most_m, "connected", "too_far")
    near = np.flatnonzero(status == "connected")
    blocked = near[_is_blocked(streets, house[near], segment[near], share[near], barriers)]
    status[blocked] = "blocked"
    for begin in range(0, len(blocked), BLOCKED_AT_ONCE):
        some = blocked[begin : begin + BLOCKED_AT_ONCE]
        point, ways = segments.within(grid, house[some, 0], house[some, 1], most_m)
        is_open = ~_is_blocked(streets, house[some[point]], ways.segment, ways.share, barriers)
        order = np.lexsort((ways.segment, ways.distance_m, point))
        order = order[is_open[order]]
        order = order[np.r_[True, np.diff(point[order]) != 0]] if len(order) else order
        found = some[point[order]]
        segment[found], share[found], distance[found] = (values[order] for values in ways)
        status[found] = "connected"
    return Feet(segment, share, distance), status


def _is_blocked(streets: Streets, house: Floats, segment: Ints, share: Floats, barriers: NDArray[Any]) -> Bools:
    """Whether the straight way from a house to its foot meets a barrier.

    The last few centimetres are left out: a road drawn on a river's very bank is on both sides of it.
    """
    out = np.zeros(len(house), bool)
    if not len(barriers) or not len(house):
        return out
    start, end = streets.start[segment], streets.end[segment]
    x = streets.x_m[start] + share * (streets.x_m[end] - streets.x_m[start])
    y = streets.y_m[start] + share * (streets.y_m[end] - streets.y_m[start])
    way = np.column_stack([x, y]) - house
    length = np.hypot(way[:, 0], way[:, 1])
    keep = np.maximum(0.0, 1.0 - noding.SHARE_M / np.maximum(length, noding.SHARE_M))
    lines = np.asarray(shapely.linestrings(np.stack([house, house + keep[:, None] * way], axis=1)))
    # The tree holds the many laterals, so that each of the few large barriers is prepared once.
    out[shapely.STRtree(lines).query(barriers, predicate="intersects")[1]] = True
    return out


def _attach(
    streets: Streets, feet: Feet, is_connected: Bools, plant_feet: Feet, spacing_m: float
) -> tuple[Streets, Ints, Ints]:
    """Cut the segments at all foot points, then to the profile spacing; nodes of dwellings and plants, -1 for none."""
    houses, sites = np.flatnonzero(is_connected), np.flatnonzero(plant_feet.segment >= 0)
    segment = np.r_[feet.segment[houses], plant_feet.segment[sites]]
    cut, node = noding.split(streets, segment, np.r_[feet.share[houses], plant_feet.share[sites]])
    out, number = noding.tidy(noding.subdivide(cut, spacing_m))
    house_node = np.full(len(is_connected), -1, np.int64)
    plant_node = np.full(len(plant_feet.segment), -1, np.int64)
    house_node[houses] = number[node[: len(houses)]]
    plant_node[sites] = number[node[len(houses) :]]
    return out, house_node, plant_node


def _ground(streets: Streets, origin: Floats, terrain: Terrain, used: Ints, notes: list[str]) -> Floats:
    """Ground elevation of every node; a few missing ones are taken from the nearest node along the roads."""
    x, y = streets.x_m + origin[0], streets.y_m + origin[1]
    ground = terrain.sample(x, y)
    missing = np.isnan(ground)
    if not missing.any():
        return ground
    matters = _matters(streets, used[used >= 0])
    bad = missing & matters
    if missing.all() or bad.sum() > MISSING_GROUND_SHARE * max(1, int(matters.sum())):
        shown = bad if bad.any() else missing
        places = "; ".join(f"({a:.0f}, {b:.0f})" for a, b in zip(x[shown][:3], y[shown][:3], strict=True))
        raise TerrainError(
            problem(
                f"terrain: {int(shown.sum()):,} of {int(matters.sum()):,} road nodes between the dwellings have no ground "
                f"elevation, e.g. at {places}",
                "sewers are laid by the ground, and more than 5 % of it cannot be guessed",
                "add terrain tiles that cover the roads and buildings (inputs.terrain takes several), "
                "or check the raster's CRS and nodata value",
            )
        )
    filled, farthest_m = noding.filled(streets, ground)
    notes.append(
        f"terrain: {int(missing.sum()):,} road nodes ({int(bad.sum()):,} of them between the dwellings) have no ground "
        f"elevation; they took that of the nearest road node with one, up to {farthest_m:,.0f} m away."
    )
    return filled


def _matters(streets: Streets, used: Ints) -> Bools:
    """Nodes a sewer may need: within the convex hull of all connected dwellings and plants (all nodes if there is none)."""
    if not len(used):
        return np.ones(len(streets.x_m), bool)
    hull = shapely.convex_hull(shapely.multipoints(np.column_stack([streets.x_m[used], streets.y_m[used]])))
    return np.asarray(shapely.contains_xy(shapely.buffer(hull, 1.0), streets.x_m, streets.y_m))


def _node_table(
    streets: Streets, origin: Floats, ground: Floats, served_areas: gpd.GeoDataFrame, outlets: Ints, crs: Any
) -> gpd.GeoDataFrame:
    x, y = streets.x_m + origin[0], streets.y_m + origin[1]
    points = shapely.points(x, y)
    is_served = np.zeros(len(x), bool)
    areas = served_areas.geometry.dropna().to_numpy()
    if len(x) and len(areas):
        is_served[shapely.STRtree(points).query(areas, predicate="contains_properly")[1]] = True
    is_served[outlets[outlets >= 0]] = True
    data = {
        "node_id": np.arange(len(x)), "x_m": x, "y_m": y, "ground_elev_m": ground,
        "component": noding.components(streets), "is_served": is_served,
    }  # fmt: skip
    return NODES.conform(gpd.GeoDataFrame(data, geometry=points, crs=crs)) if len(x) else NODES.empty(crs)


def _edge_table(streets: Streets, nodes: gpd.GeoDataFrame, usable: gpd.GeoDataFrame, crs: Any) -> gpd.GeoDataFrame:
    if not len(streets.start):
        return EDGES.empty(crs)
    xy = nodes[["x_m", "y_m"]].to_numpy()
    data = {
        "edge_id": np.arange(len(streets.start)),
        "road_id": usable["road_id"].to_numpy()[streets.road],
        "from_node_id": streets.start,
        "to_node_id": streets.end,
        "length_m": streets.length_m,
        "weight": usable["weight"].to_numpy(dtype=float)[streets.road],
    }
    lines = shapely.linestrings(np.stack([xy[streets.start], xy[streets.end]], axis=1))
    return EDGES.conform(gpd.GeoDataFrame(data, geometry=lines, crs=crs))


def _lateral_table(
    dwellings: gpd.GeoDataFrame,
    house: Floats,
    origin: Floats,
    status: NDArray[Any],
    node: Ints,
    distance_m: Floats,
    nodes: gpd.GeoDataFrame,
    crs: Any,
) -> gpd.GeoDataFrame:
    """One row a dwelling; where there is no lateral the length is the distance to the nearest usable road, if any."""
    if not len(dwellings):
        return LATERALS.empty(crs)
    lines = np.full(len(house), None, dtype=object)
    length = distance_m.copy()
    there = node >= 0
    if there.any():
        foot = nodes[["x_m", "y_m"]].to_numpy()[node[there]]
        lines[there] = shapely.linestrings(np.stack([house[there] + origin, foot], axis=1))
        length[there] = shapely.length(lines[there])
    data = {
        "building_id": dwellings["building_id"].to_numpy(),
        "status": status,
        "node_id": pd.array(node, dtype="Int64"),
        "length_m": length,
    }
    frame = gpd.GeoDataFrame(data, geometry=lines, crs=crs)
    frame["node_id"] = frame["node_id"].mask(~there)
    return LATERALS.conform(frame)


def _plant_notes(plants: gpd.GeoDataFrame, node: Ints) -> list[str]:
    lost = plants["plant_id"].to_numpy()[node < 0]
    if not len(lost):
        return []
    ids = ", ".join(str(i) for i in lost[:5])
    return [
        f"plants: {len(lost):,} of {len(plants):,} lie farther than {PLANT_REACH_M:g} m from any usable road and are not "
        f"connected (ids {ids}); move the point to the road or add the access road."
    ]


def _component_notes(
    streets: Streets, nodes: gpd.GeoDataFrame, house_node: Ints, dwellings: Floats, settings: config.Network
) -> list[str]:
    """How many parts the roads fall into, who lives on the smaller ones, and how near they come to the largest."""
    component = nodes["component"].to_numpy(dtype=np.int64)
    count = int(component.max()) + 1 if len(component) else 0
    if count < 2:
        return [] if count else ["roads: no usable road; no dwelling can be connected."]
    there = house_node >= 0
    housed = np.bincount(component[house_node[there]], weights=dwellings[there], minlength=count)
    notes = [
        f"roads: the usable roads fall into {count:,} disconnected parts; "
        f"{housed[1:].sum():,.0f} of {housed.sum():,.0f} connected dwellings are not on the largest."
    ]
    others = 1 + np.lexsort((np.arange(1, count), -np.bincount(component)[1:], -housed[1:]))
    gaps = []
    for part in others[:GAPS_NOTED]:
        metres, x, y = noding.gap(streets, component == part, component == 0)
        gaps.append((metres, x, y, part))
    origin = nodes[["x_m", "y_m"]].to_numpy()[0] - np.array([streets.x_m[0], streets.y_m[0]])
    for metres, x, y, part in gaps:
        notes.append(
            f"roads: part {part} ({housed[part]:,.0f} dwellings) comes within {metres:,.2f} m of the largest part at "
            f"({x + origin[0]:.1f}, {y + origin[1]:.1f}); to join them, raise network.snap_tolerance_m (now "
            f"{settings.snap_tolerance_m:g} m), set network.node_crossings, or add the missing road."
        )
    return notes


ROAD_EDGE_TYPE = "真幅道路"
ROAD_EDGE_TYPES = (ROAD_EDGE_TYPE, "軽車道", "徒歩道", "庭園路等", "トンネル内の道路", "建設中の道路", "その他", "不明")
"""Values of ``type`` in FGD's RdEdg (schema V4.1); centre lines of GSI have 通常部, 徒歩道, ..."""


def refuse_road_edges(roads: gpd.GeoDataFrame, name: str) -> None:
    """Raise NetworkError when the lines are outlines of carriageways (FGD RdEdg, 道路縁) and not centre lines.

    They are known by file or layer name, by the values of ``type``, or by their geometry.
    """
    sign = _sign_of_edges(roads, name)
    if sign:
        raise NetworkError(
            problem(
                f"roads: {name} holds road edges (道路縁, FGD RdEdg), not centre lines: {sign}",
                "road edges are the left and right outlines of the carriageway, broken at junctions; they do not meet where "
                "roads meet, so no sewer could follow them from house to plant",
                "use road centre lines: KSJ N13 (国土数値情報), GSI RdCL (道路中心線 tiles) or OpenStreetMap highways",
            )
        )


def _sign_of_edges(roads: gpd.GeoDataFrame, name: str) -> str:
    """What gives road edges away, or nothing."""
    if "rdedg" in name.lower():
        return "its name says RdEdg"
    for column in roads.columns.drop(roads.geometry.name):
        values = roads[column].dropna()
        if not len(values) or not isinstance(values.iloc[0], str):
            continue
        kinds = set(values.unique())
        if ROAD_EDGE_TYPE in kinds or (kinds <= set(ROAD_EDGE_TYPES) and kinds & {"軽車道", "庭園路等", "トンネル内の道路"}):
            return f"column {column} has FGD's road edge types, e.g. {values.iloc[0]}"
    if roads.crs is not None and roads.crs.is_geographic:
        roads = roads.to_crs(roads.estimate_utm_crs())
    lines = roads.geometry[roads.geometry.geom_type.isin(["LineString", "MultiLineString"])].to_numpy()
    if not len(lines):
        return ""
    streets = noding.snap_ends(_welded(lines, np.floor(shapely.total_bounds(lines)[:2])), 0.5)[0]
    signs = road_edges.signs(streets)
    if not signs.is_outline:
        return ""
    return (
        f"{signs.paired_share:.0%} of their length runs beside a parallel line {signs.gap_m:.1f} m away (median), "
        f"with {signs.junctions_per_km:.2f} junctions per km where centre lines have several"
    )
