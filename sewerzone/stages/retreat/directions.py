"""Which way the sewers of a ledger flow: by their manholes, else by their inverts; where neither is known nothing is said."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.noding import Streets

_SAME_M = 0.5
"""Ends of sewers this near to each other are at one manhole."""
_LEVEL_M = 1e-3
"""Inverts that differ by less say nothing."""


class Directions(NamedTuple):
    """Of every sewer (n,): 1 where it flows as it is drawn, -1 the other way, 0 unknown; and what says so."""

    way: Ints
    source: Any


def directions(sewers: pd.DataFrame, geometry: Any) -> Directions:
    """By the ledger's columns; pressure mains rise, so that their inverts say nothing.

    The upper invert is that at the beginning of the line; the upper manhole, too, unless those of its neighbours lie otherwise.
    """
    first, last = (shapely.get_coordinates(shapely.get_point(_outermost(geometry, k), k)) for k in (0, -1))
    upper, lower = (sewers[name].to_numpy(object) for name in ("up_manhole", "down_manhole"))
    named = ~pd.isna(upper) & ~pd.isna(lower) & (upper != lower)
    rise = (sewers["up_invert_elev_m"] - sewers["down_invert_elev_m"]).to_numpy(float)
    has_levels = (np.abs(np.nan_to_num(rise)) >= _LEVEL_M) & (sewers["kind"] == "gravity").to_numpy(bool)
    way = np.where(has_levels, np.sign(np.nan_to_num(rise)), 0.0).astype(np.int64)
    way[named] = _by_manholes(upper[named], lower[named], first[named], last[named])
    return Directions(way, np.select([named, has_levels], ["manholes", "inverts"], default="shortest_way").astype(object))


def _outermost(geometry: Any, k: int) -> Any:
    """The first or last part of lines of several parts."""
    return np.where(shapely.get_num_geometries(geometry) > 1, shapely.get_geometry(geometry, k), geometry)


def _by_manholes(upper: Any, lower: Any, first: Floats, last: Floats) -> Ints:
    """1 where a sewer begins at its upper manhole or ends at its lower one, -1 where it is the other way round.

    A manhole lies where several of the sewers that name it begin or end; where that says nothing a sewer flows as it is drawn.
    """
    count = len(upper)
    manhole = np.concatenate([pd.factorize(np.concatenate([upper, lower]))[0]] * 2)
    point = np.unique(np.rint(np.concatenate([first, last]) / _SAME_M), axis=0, return_inverse=True)[1].ravel()
    begins, ends = point[:count], point[count:]
    seen = pd.DataFrame({"manhole": manhole, "point": np.concatenate([begins, begins, ends, ends])})
    often = seen.groupby(["manhole", "point"]).size().rename("sewers").reset_index()
    often = often[often["sewers"] > 1].sort_values(["manhole", "sewers", "point"], ascending=[True, False, True])
    place = often.drop_duplicates("manhole").set_index("manhole")["point"].reindex(range(int(manhole.max(initial=-1)) + 1))
    above, below = (place.fillna(-1).to_numpy(np.int64)[manhole[rows]] for rows in (slice(count), slice(count, 2 * count)))
    as_drawn = (begins == above).astype(np.int64) + (ends == below)
    return np.where((ends == above).astype(np.int64) + (begins == below) > as_drawn, -1, 1)


def of_segments(streets: Streets, geometry: Any, way: Ints, origin: Floats) -> Ints:
    """(m,) 1 where a segment flows from its start to its end, -1 the other way, 0 unknown; by its place on the sewer drawn.

    ``geometry``, ``way`` : of the roads of ``streets``
    """
    out = np.zeros(len(streets.start), np.int64)
    known = np.flatnonzero(way[streets.road] != 0)
    line = geometry[streets.road[known]]
    along = [
        shapely.line_locate_point(line, shapely.points(streets.x_m[node] + origin[0], streets.y_m[node] + origin[1]))
        for node in (streets.start[known], streets.end[known])
    ]
    out[known] = np.sign(along[1] - along[0]).astype(np.int64) * way[streets.road[known]]
    return out
