"""The lines of the ledger as a network: what drains where, and which house to which sewer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone.config import Retreat
from sewerzone.engineering import draining, noding, segments
from sewerzone.engineering.draining import Drained
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.segments import SegmentGrid
from sewerzone.meeting import centroids
from sewerzone.noted import Note
from sewerzone.stages.retreat.directions import directions, of_segments
from sewerzone.tables.ageing import DIRECTIONS

ENDS = ("terminal", "outlet")
"""Kinds of plants that a network ends in: where ends are named the outlets are only inlets for new sewers."""


class Network(NamedTuple):
    """The drained pieces of sewers (n,), the ledger's rows they come from, and what they end in.

    Attributes
    ----------
    sewer_id, length_m : (n,) of the ledger; its lengths, shared out among the pieces of a sewer as drawn
    outlets : outlet_id, kind, plant_id, name, by position of ``drained.outlet``
    lost : sewer_id and status of those that are no piece of it
    direction : (n,) what says where a piece drains
    """

    drained: Drained
    sewer_id: Ints
    length_m: Floats
    lines: Any
    outlets: pd.DataFrame
    lost: pd.DataFrame
    grid: SegmentGrid
    origin: Floats
    notes: list[str]
    direction: Any


def survey(
    sewers: gpd.GeoDataFrame, plants: gpd.GeoDataFrame, settings: Retreat, ground: Callable[[Floats, Floats], Floats]
) -> Network | None:
    """The network of the ledger's lines; None where there are none.

    Parameters
    ----------
    sewers, plants : the tables
    settings : distances within which ends are joined and outlets found
    ground : elevation (m) at places of the study, for parts that reach no outlet
    """
    shape = sewers.geometry.to_numpy()
    is_drawn = ~(shapely.is_missing(shape) | shapely.is_empty(shape))
    counted = (sewers["status"] != "duplicate").to_numpy(bool)
    rows = np.flatnonzero(is_drawn & counted)
    if not len(rows):
        return None
    lines, of = shapely.get_parts(shape[rows], return_index=True)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    origin = np.floor(xy.min(axis=0))
    streets = noding.weld(xy[:, 0] - origin[0], xy[:, 1] - origin[1], line, of.astype(np.int64))
    streets, _ = noding.snap_ends(streets, settings.snap_m)
    streets, _ = noding.join_ends(streets, settings.snap_m, np.ones(len(rows), np.bool_))
    if not len(streets.start):
        return None
    ends, node, notes = _outlets(streets, plants, settings, origin)
    ways = directions(sewers.iloc[rows], shape[rows])
    flow = of_segments(streets, shape[rows], ways.way, origin)
    lowest = draining.lowest_ends(streets, node, ground(streets.x_m + origin[0], streets.y_m + origin[1]), flow)
    ends = pd.concat([ends, pd.DataFrame({"kind": ["lowest_end"] * len(lowest)})], ignore_index=True)
    found = draining.drain(streets, np.concatenate([node, lowest]), flow)
    drawn_m = np.bincount(found.sewer, found.length_m, minlength=len(rows))
    length_m = sewers["length_m"].to_numpy(float)[rows[found.sewer]] * found.length_m / drawn_m[found.sewer]
    at_lowest = found.outlet >= len(node)
    if at_lowest.any():
        notes.append(Note("retreat_lowest_ends", metres=length_m[at_lowest].sum(), parts=len(lowest)))
    direction = np.where(found.is_against, "against_ledger", ways.source[found.sewer])
    notes += _told_directions(direction, length_m)
    is_used = np.zeros(len(rows), np.bool_)
    is_used[found.sewer] = True
    status = np.where(~is_drawn, "no_geometry", "merged")
    lost = np.setdiff1d(np.arange(len(sewers)), rows[is_used])
    number = sewers["sewer_id"].to_numpy(np.int64)
    return Network(
        found, number[rows[found.sewer]], length_m,
        shapely.linestrings(np.column_stack([found.x_m, found.y_m]) + origin, indices=found.piece_of),
        ends.assign(outlet_id=np.arange(len(ends))), pd.DataFrame({"sewer_id": number[lost], "status": status[lost]}),
        streets.grid(), origin, notes, direction,
    )  # fmt: skip


def _told_directions(direction: Any, length_m: Floats) -> list[str]:
    """What says where the sewers drain, where the ledger says anything."""
    metres = {name: float(length_m[direction == name].sum()) for name in DIRECTIONS}
    if metres["shortest_way"] == float(length_m.sum()):
        return []
    return [Note("retreat_directions", **metres)]


def _outlets(
    streets: noding.Streets, plants: gpd.GeoDataFrame, settings: Retreat, origin: Floats
) -> tuple[pd.DataFrame, Ints, list[str]]:
    """Outlets of the network and their nodes: existing plants, and where it ends, else the inlets."""
    kind = plants["kind"].to_numpy(object)
    ending = "terminal" if (kind == "terminal").any() else "outlet"
    some = plants[np.isin(kind.astype(str), ("existing", ending))]
    place = centroids(some.geometry.to_numpy()) - origin
    node = draining.outlets(streets, place[:, 0], place[:, 1], settings.outlet_reach_m)
    notes: list[str] = []
    if (node < 0).any():
        notes.append(Note("retreat_far_outlets", count=(node < 0).sum(), most_m=settings.outlet_reach_m))
    some, node = some[node >= 0], node[node >= 0]
    _, first = np.unique(node, return_index=True)  # of two at one node the first
    first = np.sort(first)
    return pd.DataFrame(some[["kind", "plant_id", "name"]]).iloc[first].reset_index(drop=True), node[first], notes


def pieces(network: Network, geometry: Any, reach_m: float) -> tuple[Ints, Floats]:
    """Piece of sewer nearest to each geometry, -1 beyond reach, and the distance to it (m)."""
    place = centroids(geometry) - network.origin
    feet = segments.nearest(network.grid, place[:, 0], place[:, 1], reach_m)
    piece = np.where(feet.segment >= 0, network.drained.piece[np.maximum(feet.segment, 0)], -1)
    return piece, feet.distance_m


def attach(network: Network, buildings: gpd.GeoDataFrame, settings: Retreat) -> pd.DataFrame:
    """Every dwelling: building_id, status (kept until decided), piece and distance; in the order of the buildings.

    Only houses in today's sewered areas are on the network.
    """
    homes = buildings[((buildings["status"] == "dwelling") & (buildings["dwellings"] > 0.0)).to_numpy(bool)]
    piece, distance = pieces(network, homes.geometry.to_numpy(), settings.house_reach_m)
    is_served = homes["is_served"].to_numpy(bool)
    status = np.select([~is_served, piece < 0], ["not_served", "too_far"], default="kept")
    is_on = status == "kept"
    return pd.DataFrame(
        {
            "building_id": homes["building_id"].to_numpy(np.int64),
            "status": status,
            "piece": np.where(is_on, piece, -1),
            "distance_m": np.where(is_on, distance, np.nan),
        }
    )
