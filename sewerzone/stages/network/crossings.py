"""Rivers, railways and motorways on the way: where roads meet them, a crossing from bank to bank takes the road's place.

A barrier is met where a road runs through it: through an area, or through a line given a little width. That is no crossing
where the road only dips in and comes out on the same bank, or runs along it at a small angle: a sewer is then laid beside.
A crossing begins ``crossing_margin_m`` before the barrier and ends as far behind it, but never beyond a junction or a house
or plant connected between; crossings that touch are one. It is a single straight edge: no manhole stands in a river.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone import config
from sewerzone.engineering import crossings
from sewerzone.engineering.crossings import Chains, Stretches
from sewerzone.engineering.noding import Streets
from sewerzone.engineering.segments import Floats, Ints
from sewerzone.meeting import lying_in
from sewerzone.model import Terrain
from sewerzone.noted import Note
from sewerzone.stages.network.banks import TOUCH_M, Obstacles, through

Bools = NDArray[np.bool_]

HALF_WIDTH_M = 0.5
"""Half the width given to barriers drawn as lines: no road keeps its two ends within that of both banks by chance."""
SAMPLE_M = 2.0
"""Distance of the elevations that give a barrier's lowest ground."""
CLOSED, CARRIER = "closed", "carrier"
ORDER = (CLOSED, "railway", "motorway", "river", "other", CARRIER)
"""Of barriers crossed at once the first in this order counts: closed ones stop all, then the dearest."""


class Special(NamedTuple):
    """Edges that are no piece of road: w ways, known in the streets by the road ranks that follow those off the road.

    ``of`` (w,) rank of the road a way takes the place of; ``kind`` (w,) of barrier crossed, "carrier" on a bridge;
    ``low_elev_m`` (w,) lowest ground of the barrier, NaN where unknown.
    """

    of: Ints
    kind: NDArray[Any]
    low_elev_m: Floats

    def pick(self, which: Ints) -> Special:
        """Some of them, in this order."""
        return Special(self.of[which], self.kind[which], self.low_elev_m[which])


NO_OBSTACLES = Obstacles(np.empty(0, object), np.empty(0, np.int64))
NO_WAYS = Special(np.empty(0, np.int64), np.empty(0, object), np.empty(0))


def kinds_of(barriers: gpd.GeoDataFrame, settings: config.Network) -> NDArray[Any]:
    """Kind of every barrier by the rules of the study."""
    kind = np.full(len(barriers), "other", dtype=object)
    given = barriers["kind"].astype(str)
    for rule in settings.barrier_kinds:
        kind[given.isin(rule.values).to_numpy()] = rule.kind
    return kind


def near_rivers(nodes: pd.DataFrame, barriers: gpd.GeoDataFrame, most_m: float, settings: config.Network) -> Bools:
    """(n,) nodes of the road graph no farther than ``most_m`` from a river, but for served ones."""
    there = barriers[barriers.geometry.notna()]
    rivers = there.geometry.to_numpy()[kinds_of(there, settings) == "river"]
    out = np.zeros(len(nodes), bool)
    x_m, y_m = nodes["x_m"].to_numpy(float), nodes["y_m"].to_numpy(float)
    out[lying_in(x_m, y_m, shapely.buffer(shapely.force_2d(rivers), most_m))[0]] = True
    return np.asarray(out & ~nodes["is_served"].to_numpy(bool), dtype=np.bool_)


def unknown_kinds(barriers: gpd.GeoDataFrame, settings: config.Network) -> list[str]:
    """One sentence on barriers whose kind no rule of the study names; they are ``other``."""
    given = barriers["kind"].astype(object)
    unknown = given[~given.isin([value for rule in settings.barrier_kinds for value in rule.values])]
    counts = unknown.fillna("no kind given").value_counts().sort_index()
    if not len(counts):
        return []
    return [Note("barrier_kinds", kinds=counts.to_dict())]


def obstacles(barriers: gpd.GeoDataFrame, origin: Floats, settings: config.Network) -> Obstacles:
    """The barriers that cost something to cross, as areas in coordinates from ``origin``; touching ones of a kind are one."""
    there = barriers[barriers.geometry.notna()]
    kind = kinds_of(there, settings)
    shape = shapely.transform(shapely.force_2d(there.geometry.to_numpy()), lambda xy: xy - origin)
    # Flat ends: a stream that ends at the road has not crossed it.
    is_line = shapely.get_dimensions(shape) == 1
    shape[is_line] = shapely.buffer(shape[is_line], HALF_WIDTH_M, cap_style="flat", join_style="mitre")
    name = np.where(np.isin(kind, settings.closed_barriers), CLOSED, kind)
    usable = ~np.isin(kind, settings.free_barriers) & (shapely.get_dimensions(shape) == 2)
    areas, ranks = [], []
    for rank, one in enumerate(ORDER):
        of_kind = shape[usable & (name == one)]
        if len(of_kind):
            parts = shapely.get_parts(shapely.union_all(of_kind))
            areas.append(parts)
            ranks.append(np.full(len(parts), rank))
    return Obstacles(np.concatenate(areas), np.concatenate(ranks)) if areas else NO_OBSTACLES


def cross(
    streets: Streets, is_loaded: Bools, barriers: Obstacles, is_bridge: Bools, first_rank: int, terrain: Terrain,
    origin: Floats, settings: config.Network, notes: list[str],
) -> tuple[Streets, Ints, Special]:  # fmt: skip
    """Put crossings into the streets.

    Parameters
    ----------
    is_loaded : (n,) nodes where a house or plant is connected
    is_bridge : (m,) segments on a bridge; in the study's settings it is a crossing or a carrier
    first_rank : road rank of the first way

    Returns
    -------
    the streets, the new number of every old node (-1: gone), and the ways
    """
    if not (len(barriers.area) and len(streets.start)) and not is_bridge.any():
        return streets, np.arange(len(streets.x_m)), NO_WAYS
    along = crossings.chains(streets, is_loaded)
    cores = _joined_cores(through(streets, along, barriers), _on_bridges(along, is_bridge, settings))
    taken, low_m, high_m = _widened(cores, along, settings.crossing_margin_m)
    if not len(taken.chain):
        return streets, np.arange(len(streets.x_m)), NO_WAYS
    middle = crossings.place(along, taken.chain, 0.5 * (low_m + high_m))[0]
    ends = [crossings.points(streets, *crossings.place(along, taken.chain, t)) for t in taken[1:3]]
    length = np.hypot(*(ends[1] - ends[0]).T)
    kind = np.array(ORDER, dtype=object)[taken.rank]
    is_open = (kind != CLOSED) & ((length <= settings.crossing_max_m) | (kind == CARRIER))
    low = _lowest(streets, along, taken.chain, low_m, high_m, terrain, origin)
    road = np.where(is_open, first_rank + np.cumsum(is_open) - 1, -1)
    out, number = crossings.replace(streets, along, taken, road)
    notes += _notes(kind, is_open, settings)
    return out, number, Special(streets.road[middle[is_open]], kind[is_open], low[is_open])


def least_excavation_m(ways: Special, from_elev_m: Floats, to_elev_m: Floats, settings: config.Network) -> Floats:
    """Excavation at both ends that keeps the pipe's bottom below the lowest ground of the barrier by the depth asked for.

    Never less than that depth: below a railway on a dam the pipe goes as deep under the foot of the dam.
    """
    higher, lower = np.maximum(from_elev_m, to_elev_m), np.minimum(from_elev_m, to_elev_m)
    low = np.where(np.isnan(ways.low_elev_m), lower, ways.low_elev_m)
    depth = np.array([settings.crossing_depth_m.get(kind, 0.0) for kind in ways.kind], dtype=np.float64)
    return np.asarray(np.where(ways.kind == CARRIER, 0.0, np.maximum(higher - low, 0.0) + depth))


def _on_bridges(along: Chains, is_bridge: Bools, settings: config.Network) -> Stretches:
    """Stretches of chains on bridges: crossings of what they span, or carriers."""
    segment = np.flatnonzero(is_bridge & (along.chain >= 0))
    one, other = along.at_start_m[segment], along.at_end_m[segment]
    rank = np.full(len(segment), ORDER.index(CARRIER if settings.bridges == "carrier" else "other"))
    return crossings.joined(along.chain[segment], np.minimum(one, other), np.maximum(one, other), rank, TOUCH_M)[0]


def _joined_cores(through: Stretches, bridges: Stretches) -> Stretches:
    """Stretches through barriers and on bridges together; on a carrier no barrier is crossed but a closed one."""
    every = Stretches(
        np.concatenate([through.chain, bridges.chain]),
        np.concatenate([through.begin_m, bridges.begin_m]),
        np.concatenate([through.end_m, bridges.end_m]),
        np.concatenate([through.rank, bridges.rank]),
    )
    if not (bridges.rank == ORDER.index(CARRIER)).any():
        return every
    _, became = crossings.joined(*every)
    carried = np.isin(became, became[every.rank == ORDER.index(CARRIER)])
    keep = ~carried | np.isin(every.rank, [ORDER.index(CARRIER), ORDER.index(CLOSED)])
    return every.pick(keep)


def _widened(cores: Stretches, along: Chains, margin_m: float) -> tuple[Stretches, Floats, Floats]:
    """Crossings with their margins, those that touch made one; and where the barriers themselves begin and end."""
    margin = np.where(cores.rank == ORDER.index(CARRIER), 0.0, margin_m)
    begin = np.maximum(cores.begin_m - margin, 0.0)
    end = np.minimum(cores.end_m + margin, along.length_m[cores.chain])
    taken, became = crossings.joined(cores.chain, begin, end, cores.rank)
    low, high = np.full(len(taken.chain), np.inf), np.full(len(taken.chain), -np.inf)
    np.minimum.at(low, became, cores.begin_m)
    np.maximum.at(high, became, cores.end_m)
    return taken, low, high


def _lowest(
    streets: Streets, along: Chains, chain: Ints, low_m: Floats, high_m: Floats, terrain: Terrain, origin: Floats
) -> Floats:
    """Lowest ground along the barriers, NaN where the terrain knows none."""
    count = np.maximum(np.ceil((high_m - low_m) / SAMPLE_M), 1).astype(np.int64) + 1
    of = np.repeat(np.arange(len(chain)), count)
    rank = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    at_m = low_m[of] + rank / (count[of] - 1) * (high_m - low_m)[of]
    xy = crossings.points(streets, *crossings.place(along, chain[of], at_m)) + origin
    ground = terrain.sample(xy[:, 0], xy[:, 1])
    lowest = np.full(len(chain), np.inf)
    np.fmin.at(lowest, of, ground)
    return np.where(np.isfinite(lowest), lowest, np.nan)


def _notes(kind: NDArray[Any], is_open: Bools, settings: config.Network) -> list[str]:
    """How often the roads cross what, and where they are cut."""
    counts = pd.Series(kind[is_open & (kind != CARRIER)], dtype=object).value_counts().sort_index()
    out: list[str] = []
    if len(counts):
        out.append(Note("crossed", kinds=counts.to_dict()))
    closed, wide = int((kind == CLOSED).sum()), int((~is_open & (kind != CLOSED)).sum())
    if closed:
        out.append(Note("cut_closed", places=closed))
    if wide:
        out.append(Note("cut_wide", places=wide, most_m=settings.crossing_max_m))
    return out
