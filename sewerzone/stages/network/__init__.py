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
from sewerzone.engineering import noding, segments, sharing
from sewerzone.engineering.noding import Streets
from sewerzone.engineering.segments import Feet, Floats, Ints
from sewerzone.errors import TerrainError, problem
from sewerzone.meeting import centroids, meeting
from sewerzone.model import Progress, Terrain, no_progress
from sewerzone.noted import Note
from sewerzone.stages.network import easements
from sewerzone.stages.network.crossings import Special, cross, near_rivers, obstacles, unknown_kinds
from sewerzone.stages.network.frames import (
    PLANT_REACH_M,
    component_notes,
    edge_table,
    lateral_table,
    node_table,
    plant_notes,
)
from sewerzone.stages.network.refusal import refuse_road_edges, welded

__all__ = [
    "RoadNetwork",
    "Survey",
    "build",
    "draw",
    "houses",
    "in_the_way",
    "near_rivers",
    "refuse_road_edges",
    "survey",
    "tabulate",
]

logger = logging.getLogger(__name__)

Bools = NDArray[np.bool_]

MISSING_GROUND_SHARE = 0.05
"""Above this share of nodes without ground the terrain does not cover the study, and nothing is filled in."""
APART_KINDS = ("bridge", "tunnel", "motorway")
"""Roads at another level than those they cross: never joined to them in mid-line, even where sewers may use them."""
BLOCKED_AT_ONCE = 2_000
"""Dwellings behind a barrier whose other ways are tested together; bounds memory."""


class RoadNetwork(NamedTuple):
    """The road graph and what hangs on it; the tables without their geometry, which :func:`draw` adds.

    ``plant_nodes``: index plant_id, value node_id (Int64, missing where no usable road lies within reach).
    ``notes``: what the user should know, one sentence each.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    laterals: pd.DataFrame
    plant_nodes: pd.Series[Any]
    notes: list[str]


class Survey(NamedTuple):
    """The streets and what hangs on them, as arrays: all that shapes and terrain are asked for, before it is tabulated.

    n nodes, d dwellings and p plants, by their ids; coordinates count from ``origin``.

    Attributes
    ----------
    streets, ways : the street graph, and its edges that are no piece of road
    origin : (2,) place of the graph's zero in the study CRS
    ground_elev_m : (n,)
    usable, unusable : roads that sewers may follow, in order of preference; kinds of the others
    dwellings : building_id and dwellings of each building that holds some
    house, status, distance_m, house_node : (d, 2) places, (d,) state of the lateral, distance to the road, node (-1: none)
    plant_node : (p,) node, -1: none
    """

    streets: Streets
    ways: Special
    origin: Floats
    ground_elev_m: Floats
    usable: pd.DataFrame
    unusable: pd.Series[Any]
    dwellings: pd.DataFrame
    house: Floats
    status: NDArray[Any]
    distance_m: Floats
    house_node: Ints
    plant_node: Ints
    notes: list[str]


def build(
    roads: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    terrain: Terrain,
    served_areas: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    settings: config.Network,
    progress: Progress = no_progress,
) -> RoadNetwork:
    """Node the usable roads, connect dwellings and plants, take ground elevations, find connected parts.

    Raises TerrainError where more than 5 % of the nodes sewers need have no ground.
    """
    found = survey(roads, houses(buildings), in_the_way(buildings, settings), terrain, barriers, plants, settings, progress)
    return tabulate(found, served_areas, plants, settings, progress)


def houses(buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    """What the road graph asks of the dwellings, by building_id: how many, whether they are served, and their centroids."""
    columns = ["building_id", "dwellings", "is_served", "geometry"]
    found = buildings.loc[buildings["status"] == "dwelling", columns].sort_values("building_id", kind="stable")
    x_m, y_m = centroids(found.geometry.to_numpy()).T
    return pd.DataFrame(found.drop(columns="geometry")).assign(x_m=x_m, y_m=y_m)


def in_the_way(buildings: gpd.GeoDataFrame, settings: config.Network) -> NDArray[Any]:
    """Shapes of the buildings where ways off the road are looked for, which must not run through them; else none."""
    return buildings.geometry.dropna().to_numpy() if settings.easement_max_m > 0 else np.empty(0, object)


def survey(
    roads: gpd.GeoDataFrame, houses: pd.DataFrame, footprints: NDArray[Any], terrain: Terrain, barriers: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame, settings: config.Network, progress: Progress = no_progress,
) -> Survey:  # fmt: skip
    """The first half of :func:`build`: neither the shapes of roads nor the terrain are looked at after it."""
    notes: list[str] = []
    usable = roads[roads["status"] == "usable"].sort_values(["weight", "road_id"], kind="stable")
    lines, usable = usable.geometry.to_numpy(), pd.DataFrame(usable.drop(columns="geometry"))
    kinds = usable["kind"].to_numpy()
    origin = np.floor(shapely.total_bounds(lines)[:2]) if len(lines) else np.zeros(2)
    progress("network", 0, 4)
    streets = _streets(lines, origin, kinds, settings, notes)
    del lines
    progress("network", 1, 4)

    house = houses[["x_m", "y_m"]].to_numpy(np.float64) - origin
    is_needed = ((houses["dwellings"] > 0) & ~houses["is_served"]).to_numpy(dtype=bool)
    walls = np.zeros(0, object) if settings.laterals_cross_barriers else barriers.geometry.dropna().to_numpy()
    feet, status = _connect(streets, house, is_needed, _moved(walls, origin), settings.max_lateral_m)
    plants = plants.sort_values("plant_id", kind="stable")
    site = centroids(plants.geometry.to_numpy()) - origin
    plant_feet = segments.nearest(streets.grid(), site[:, 0], site[:, 1], PLANT_REACH_M)
    progress("network", 2, 4)

    shared = _shared_ways(house, feet, status == "connected", _moved(walls, origin), settings)
    streets, house_node, plant_node = _attach(streets, feet, status == "connected", plant_feet, house, shared, len(usable))
    streets, house_node, plant_node = _fine(streets, house_node, plant_node, settings.profile_spacing_m)
    streets, ways, house_node, plant_node = _special(
        streets, house_node, plant_node, kinds, footprints, barriers, terrain, origin, settings, notes
    )
    ground = _ground(streets, origin, terrain, np.r_[house_node, plant_node], notes)
    progress("network", 3, 4)
    unusable = roads.loc[roads["status"] == "unusable", "kind"]
    return Survey(
        streets, ways, origin, ground, usable, unusable, houses, house, status, feet.distance_m, house_node, plant_node,
        notes,
    )  # fmt: skip


def tabulate(
    found: Survey, served_areas: gpd.GeoDataFrame, plants: gpd.GeoDataFrame, settings: config.Network,
    progress: Progress = no_progress,
) -> RoadNetwork:  # fmt: skip
    """The second half of :func:`build`: what was surveyed, as tables."""
    streets, dwellings, house_node, plant_node = found.streets, found.dwellings, found.house_node, found.plant_node
    plants = plants.sort_values("plant_id", kind="stable")
    outlets = plant_node[(plants["kind"] == "outlet").to_numpy(dtype=bool)]
    nodes = node_table(streets, found.origin, found.ground_elev_m, served_areas, outlets)
    edges = edge_table(streets, found.ways, nodes, found.usable, settings)
    laterals = lateral_table(dwellings, found.house, found.status, house_node, found.distance_m, streets)
    plant_nodes = pd.Series(plant_node, index=pd.Index(plants["plant_id"], name="plant_id"), name="node_id")
    plant_nodes = plant_nodes.astype("Int64").mask(plant_node < 0)
    notes = found.notes + plant_notes(plants, plant_node)
    people = dwellings["dwellings"].to_numpy(dtype=float)
    notes += component_notes(streets, nodes, house_node, people, found.unusable, settings)
    logger.info("network: %d nodes, %d edges, %d connected dwellings", len(nodes), len(edges), int((house_node >= 0).sum()))
    progress("network", 4, 4)
    return RoadNetwork(nodes, edges, laterals, plant_nodes, notes)


def draw(
    nodes: pd.DataFrame, edges: pd.DataFrame, laterals: pd.DataFrame, buildings: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Nodes as points, edges as lines, laterals as lines from their building; none for dwellings without a lateral."""
    xy = nodes[["x_m", "y_m"]].to_numpy()
    ends = [edges[name].to_numpy() for name in ("from_node_id", "to_node_id")]
    lines = shapely.linestrings(np.stack([xy[end] for end in ends], axis=1))
    ways = np.full(len(laterals), None, dtype=object)
    there = np.flatnonzero(laterals["node_id"].notna())
    homes = buildings.set_index("building_id").geometry.loc[laterals["building_id"].to_numpy()[there]].to_numpy()
    feet = xy[laterals["node_id"].to_numpy(np.int64, na_value=-1)[there]]
    ways[there] = shapely.linestrings(np.stack([centroids(homes), feet], axis=1))
    drawn = (nodes, shapely.points(xy)), (edges, lines), (laterals, ways)
    first, second, third = (gpd.GeoDataFrame(frame, geometry=shapes, crs=buildings.crs) for frame, shapes in drawn)
    return first, second, third


def _moved(geometries: NDArray[Any], origin: Floats) -> NDArray[Any]:
    """Geometries in coordinates from ``origin``, without Z."""
    return np.asarray(shapely.transform(geometries, lambda xy: xy - origin))


def _streets(lines: NDArray[Any], origin: Floats, kinds: NDArray[Any], settings: config.Network, notes: list[str]) -> Streets:
    """Topological street graph of the lines, sorted by preference; roads are known by their rank in that order."""
    streets = welded(lines, origin)
    is_joinable = ~np.isin(kinds, APART_KINDS)
    streets, snapped = noding.snap_ends(streets, settings.snap_tolerance_m)
    joined = 0
    if settings.join_ends_to_lines:
        streets, joined = noding.join_ends(streets, settings.snap_tolerance_m, is_joinable)
    if snapped or joined:
        kind = "ends_both" if snapped and joined else "ends_snapped" if snapped else "ends_joined"
        notes.append(Note(kind, pairs=snapped, ends=joined, most_m=settings.snap_tolerance_m))
    pairs = noding.crossing_pairs(streets, is_joinable)
    if not len(pairs[0]):
        return streets
    places = noding.count_places(streets, pairs)
    if settings.node_crossings:
        notes.append(Note("crossings_joined", places=places))
        return noding.node_crossings(streets, pairs)
    notes.append(Note("crossings_apart", places=places))
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
    out[meeting(house, house + keep[:, None] * way, barriers)[1]] = True
    return out


def _shared_ways(
    house: Floats, feet: Feet, is_connected: Bools, barriers: NDArray[Any], settings: config.Network
) -> sharing.Ways:
    """Straight ways off the road by which houses far from their road reach it through neighbours (none by default)."""
    if settings.share_laterals_over_m is None:
        return sharing.NONE
    ways = sharing.candidates(house, feet.distance_m, is_connected, settings.share_laterals_over_m, settings.max_lateral_m)
    if not len(barriers) or not len(ways.one):
        return ways
    is_open = np.ones(len(ways.one), bool)
    is_open[meeting(house[ways.one], house[ways.other], barriers)[1]] = False
    return sharing.Ways(ways.one[is_open], ways.other[is_open])


def _attach(
    streets: Streets, feet: Feet, is_connected: Bools, plant_feet: Feet, house: Floats, ways: sharing.Ways, off_road: int
) -> tuple[Streets, Ints, Ints]:
    """Cut the segments at all foot points and add shared ways; nodes of dwellings and plants.

    Ways off the road get the road rank ``off_road``; a house on such a way is a node itself. -1: no node.
    """
    houses, sites = np.flatnonzero(is_connected), np.flatnonzero(plant_feet.segment >= 0)
    segment = np.r_[feet.segment[houses], plant_feet.segment[sites]]
    cut, node = noding.split(streets, segment, np.r_[feet.share[houses], plant_feet.share[sites]])
    house_node = np.full(len(is_connected), -1, np.int64)
    plant_node = np.full(len(plant_feet.segment), -1, np.int64)
    house_node[houses] = node[: len(houses)]
    plant_node[sites] = node[len(houses) :]
    cut, house_node = sharing.add(cut, house, house_node, ways, off_road)
    return cut, house_node, plant_node


def _fine(streets: Streets, house_node: Ints, plant_node: Ints, spacing_m: float) -> tuple[Streets, Ints, Ints]:
    """The streets cut to the profile spacing, in canonical order, and the new numbers of the nodes of dwellings and plants."""
    out, number = noding.tidy(noding.subdivide(streets, spacing_m))
    house_node, plant_node = _renumbered(number, house_node, plant_node)
    return out, house_node, plant_node


def _special(
    streets: Streets, house_node: Ints, plant_node: Ints, kinds: NDArray[Any], footprints: NDArray[Any],
    barriers: gpd.GeoDataFrame, terrain: Terrain, origin: Floats, settings: config.Network, notes: list[str],
) -> tuple[Streets, Special, Ints, Ints]:  # fmt: skip
    """The streets with easements and crossings, the crossings, and the new numbers of the nodes of dwellings and plants."""
    off_road = len(kinds)
    met = obstacles(barriers, origin, settings)
    notes += unknown_kinds(barriers, settings)
    if settings.easement_max_m > 0:
        streets, number = easements.add(streets, _moved(footprints, origin), met, off_road, settings, notes)
        house_node, plant_node = _renumbered(number, house_node, plant_node)
        streets, house_node, plant_node = _fine(streets, house_node, plant_node, settings.profile_spacing_m)
    is_loaded = np.zeros(len(streets.x_m), bool)
    for node in (house_node, plant_node):
        is_loaded[node[node >= 0]] = True
    is_bridge = np.append(kinds == "bridge", False)[streets.road]
    streets, number, ways = cross(streets, is_loaded, met, is_bridge, off_road + 1, terrain, origin, settings, notes)
    house_node, plant_node = _renumbered(number, house_node, plant_node)
    return streets, ways, house_node, plant_node


def _renumbered(number: Ints, house_node: Ints, plant_node: Ints) -> tuple[Ints, Ints]:
    """Nodes of dwellings and plants by their new numbers; -1 stays -1."""
    with_none = np.append(number, -1)
    return with_none[house_node], with_none[plant_node]


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
    notes.append(Note("ground_filled", nodes=missing.sum(), between=bad.sum(), farthest_m=farthest_m))
    return filled


def _matters(streets: Streets, used: Ints) -> Bools:
    """Nodes a sewer may need: within the convex hull of all connected dwellings and plants (all nodes if there is none)."""
    if not len(used):
        return np.ones(len(streets.x_m), bool)
    hull = shapely.convex_hull(shapely.multipoints(np.column_stack([streets.x_m[used], streets.y_m[used]])))
    return np.asarray(shapely.contains_xy(shapely.buffer(hull, 1.0), streets.x_m, streets.y_m))
