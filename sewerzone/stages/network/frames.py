"""The tables of the road graph, and what the user should know about it."""

from __future__ import annotations

from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone import config
from sewerzone.engineering import noding
from sewerzone.engineering.noding import Streets
from sewerzone.engineering.segments import Floats, Ints
from sewerzone.meeting import lying_in
from sewerzone.noted import Note, some
from sewerzone.stages.network.crossings import CARRIER, Special, least_excavation_m
from sewerzone.tables import EDGES, LATERALS, NODES

PLANT_REACH_M = 500.0
"""A plant farther than this from a usable road is left unconnected: the point is likely misplaced."""
GAPS_NOTED = 5
"""Disconnected parts whose gap to the largest is looked up and noted."""
DRAWING_GAP_M = 2.0
"""Wider gaps between roads are no inaccuracy of drawing, and closing them by snapping would join what is apart."""


def node_table(streets: Streets, origin: Floats, ground: Floats, served_areas: gpd.GeoDataFrame, outlets: Ints) -> pd.DataFrame:
    """The NODES table, not drawn."""
    x, y = streets.x_m + origin[0], streets.y_m + origin[1]
    is_served = np.zeros(len(x), bool)
    is_served[lying_in(x, y, served_areas.geometry.dropna().to_numpy(), with_border=False)[0]] = True
    is_served[outlets[outlets >= 0]] = True
    data = {
        "node_id": np.arange(len(x)), "x_m": x, "y_m": y, "ground_elev_m": ground,
        "component": noding.components(streets), "is_served": is_served,
    }  # fmt: skip
    return cast(pd.DataFrame, NODES.bare.conform(pd.DataFrame(data, copy=False)))


def edge_table(
    streets: Streets, ways: Special, nodes: pd.DataFrame, usable: pd.DataFrame, settings: config.Network
) -> pd.DataFrame:
    """The EDGES table, not drawn; segments of the rank after the usable roads lie off the road and have no road_id.

    The ranks after that are ``ways``, each with the road it takes the place of.
    """
    at, way = special_edges(streets, len(usable))
    road = streets.road.copy()
    road[at] = ways.of[way]
    is_off_road = road == len(usable)
    road_id = np.append(usable["road_id"].to_numpy(np.int64), 0)[road]
    crossing, least = np.full(len(road), None, object), np.zeros(len(road))
    there = ways.pick(way)
    crossing[at] = there.kind
    crossing[crossing == CARRIER] = None
    ground = nodes["ground_elev_m"].to_numpy()
    least[at] = least_excavation_m(there, ground[streets.start[at]], ground[streets.end[at]], settings)
    data = {
        "edge_id": np.arange(len(streets.start)),
        "road_id": pd.arrays.IntegerArray(road_id, is_off_road),
        "from_node_id": streets.start,
        "to_node_id": streets.end,
        "length_m": streets.length_m,
        "weight": np.r_[usable["weight"].to_numpy(dtype=float), settings.off_road_weight][road],
        "crossing": crossing,
        "least_excavation_m": least,
    }
    return cast(pd.DataFrame, EDGES.bare.conform(pd.DataFrame(data, copy=False)))


def special_edges(streets: Streets, off_road: int) -> tuple[Ints, Ints]:
    """Segments that are ways of their own, and which; ``off_road`` is the rank of those off the road."""
    at = np.flatnonzero(streets.road > off_road)
    return at, streets.road[at] - off_road - 1


def lateral_table(
    dwellings: pd.DataFrame, house: Floats, status: NDArray[Any], node: Ints, distance_m: Floats, streets: Streets
) -> pd.DataFrame:
    """The LATERALS table, not drawn: one row a dwelling.

    Where there is no lateral the length is the distance to the nearest usable road, if any. ``house`` (k, 2) are the
    places of the dwellings in the streets' coordinates.
    """
    length = distance_m.copy()
    there = node >= 0
    foot = node[there]
    length[there] = np.hypot(house[there, 0] - streets.x_m[foot], house[there, 1] - streets.y_m[foot])
    data = {
        "building_id": dwellings["building_id"].to_numpy(),
        "status": status,
        "node_id": pd.array(node, dtype="Int64"),
        "length_m": length,
    }
    frame = pd.DataFrame(data)
    frame["node_id"] = frame["node_id"].mask(~there)
    return cast(pd.DataFrame, LATERALS.bare.conform(frame))


def plant_notes(plants: gpd.GeoDataFrame, node: Ints) -> list[str]:
    """Plants that no usable road reaches."""
    lost = plants["plant_id"].to_numpy()[node < 0]
    if not len(lost):
        return []
    return [Note("plants_unreached", count=len(lost), plants=len(plants), most_m=PLANT_REACH_M, ids=some(lost))]


def component_notes(
    streets: Streets, nodes: pd.DataFrame, house_node: Ints, dwellings: Floats, unusable: pd.Series[Any],
    settings: config.Network,
) -> list[str]:  # fmt: skip
    """How many parts the roads fall into, who lives on the smaller ones, and how near they come to the largest.

    ``unusable`` holds the kinds of the roads left out, which may be what parts the others.
    """
    component = nodes["component"].to_numpy(dtype=np.int64)
    count = int(component.max()) + 1 if len(component) else 0
    if count < 2:
        return [] if count else [Note("no_roads")]
    there = house_node >= 0
    housed = np.bincount(component[house_node[there]], weights=dwellings[there], minlength=count)
    notes: list[str] = [Note("roads_in_parts", parts=count, apart=housed[1:].sum(), housed=housed.sum())]
    left_out = unusable.value_counts().sort_index().to_dict()
    if left_out:
        notes.append(Note("roads_excluded", kinds=left_out, total=len(unusable)))
    others = 1 + np.lexsort((np.arange(1, count), -np.bincount(component)[1:], -housed[1:]))
    gaps, within = [], noding.cells(streets)
    for part in others[:GAPS_NOTED]:
        metres, x, y = noding.gap(streets, within, component == part, component == 0)
        gaps.append((metres, x, y, part))
    origin = nodes[["x_m", "y_m"]].to_numpy()[0] - np.array([streets.x_m[0], streets.y_m[0]])
    for metres, x, y, part in gaps:
        place = {"x": x + origin[0], "y": y + origin[1]}
        remedy = _remedy(metres, bool(left_out), settings)
        notes.append(Note("road_gap", part=part, dwellings=housed[part], metres=metres, **place, **remedy))
    return notes


def _remedy(gap_m: float, may_be_excluded: bool, settings: config.Network) -> dict[str, str | float]:
    """What joins two parts of the roads that come so near each other, as facts of a note."""
    road = "add_or_allow" if may_be_excluded else "add_road"
    if gap_m > DRAWING_GAP_M:
        return {"remedy": road}
    remedy = "snap" if settings.node_crossings else "snap_and_cross"
    return {"remedy": remedy, "road": road, "snap_m": settings.snap_tolerance_m}
