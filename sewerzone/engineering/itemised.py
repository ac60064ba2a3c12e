"""What designed networks cost, way by way and part by part, and which ways are a unit's own sewers.

A way that carries some but not all of a unit's sewage is one of the unit's own sewers: it would be laid, here or beside,
whatever the unit is joined to. All other ways are links. Shares of a reach go to its ways by length; crossings to the way that
crosses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Forest, Ints, Laid
from sewerzone.engineering.heap import lean_kernel, offer, take
from sewerzone.engineering.networks import Ground, Loads, Members, forest, load_places
from sewerzone.engineering.paths import arcs_between
from sewerzone.engineering.trees import Trees
from sewerzone.engineering.trench import lay, least_excavation_m, manhole_flows

LAYING = (
    "sewer.capital", "sewer.upkeep", "pressure_main.capital", "pressure_main.upkeep", "manhole.capital", "manhole.upkeep",
    "pump.capital", "pump.upkeep", "energy.upkeep", "crossing.capital", "crossing.upkeep", "easement.capital",
    "easement.upkeep",
)  # fmt: skip
"""What laying consists of; columns of every (…, l) array here."""
_LEAST_SPARE_M = 0.5
_SEWER, _MAIN, _MANHOLE, _PUMP, _ENERGY, _CROSSING = 0, 2, 4, 6, 8, 9


class Upkeeps(NamedTuple):
    """What of the laying prices is upkeep, in yen a year; the rest is capital.

    ``way_yen_per_yr`` (m, 4) is what the edges cost beside their sewer: crossings and easements, capital and upkeep.
    """

    sewer_yen_per_m_yr: float
    main_yen_per_m_yr: float
    manhole_yen_per_yr: float
    pump_yen_per_yr: float
    way_yen_per_yr: Floats


class Itemised(NamedTuple):
    """The ways of designed networks; w ways, u units.

    Attributes
    ----------
    down, up : (w,) nodes of the road graph: sewage flows from up to down
    below : (w,) the way next downstream, -1 at outlets
    edge : (w,) of the road graph
    unit : (w,) whose own sewer it is, -1 for links; of several units the smallest
    yen_per_yr : (w, l) cost of laying it, by part
    outlet_yen_per_yr : (u, l) what outlets cost, at the smallest unit draining there
    served : units with a network, rising
    """

    down: Ints
    up: Ints
    below: Ints
    edge: Ints
    unit: Ints
    yen_per_yr: Floats
    outlet_yen_per_yr: Floats
    served: Ints


def itemise(ground: Ground, loads: Loads, trees: Trees, members: Members, upkeeps: Upkeeps) -> Itemised:
    """Design the networks and tell what each of their ways costs."""
    units = len(loads.offsets) - 1
    loaded = forest(ground, trees, loads, members)
    laid = lay(loaded, ground.rules, ground.prices)
    of_manhole = _manhole_parts(ground, loaded, laid, upkeeps)
    way = np.flatnonzero(trees.parent >= 0)
    reach = laid.reach_of[way]
    metres = np.bincount(reach, loaded.length_m[way], minlength=len(laid.up))
    count = np.bincount(reach, minlength=len(laid.up))
    share = np.where(metres[reach] > 0.0, loaded.length_m[way] / np.maximum(metres[reach], 1e-12), 1.0 / count[reach])
    yen = of_manhole[laid.up[reach]] * share[:, None]
    yen[:, _CROSSING:] += upkeeps.way_yen_per_yr[trees.arc_edge[way]]
    unit, first = _own_ways(ground, trees, loads, members, units)
    is_root = np.ones(len(laid.manhole), bool)
    is_root[laid.up] = False
    outlet = np.zeros((units, len(LAYING)))
    at = first[laid.manhole[is_root]]
    np.add.at(outlet, at[at >= 0], of_manhole[is_root][at >= 0])
    index = np.full(len(trees.node), -1, np.int64)
    index[way] = np.arange(len(way))
    below = index[trees.parent[way]]
    served = np.unique(members.units)
    return Itemised(trees.node[trees.parent[way]], trees.node[way], below, trees.arc_edge[way], unit[way], yen, outlet, served)


def relaid(arc: Floats, own: Itemised, anew: Sequence[Itemised], ground: Ground) -> Itemised:
    """Units' own sewers after networks were designed anew, batch by batch: what the last tells of a unit is what is known.

    ``arc`` (arcs, l) are prices by arc, which are changed. An arc that several networks of a batch use has the mean of their
    prices.
    """
    for batch in anew:
        is_link = batch.unit < 0
        at = arcs_between(ground.graph, batch.down[is_link], batch.up[is_link])
        order = np.argsort(at, kind="stable")
        used, first, count = np.unique(at[order], return_index=True, return_counts=True)
        if len(used):
            arc[used] = np.add.reduceat(batch.yen_per_yr[is_link][order], first, axis=0) / count[:, None]
    return _latest([own, *anew]) if anew else own


def _latest(found: Sequence[Itemised]) -> Itemised:
    """The ways of units' own, those of each unit from the last of some networks that serve it, or else from the first."""
    outlet = found[0].outlet_yen_per_yr.copy()
    source = np.zeros(len(outlet), np.int64)
    for k, one in enumerate(found[1:], start=1):
        source[one.served] = k
        outlet[one.served] = one.outlet_yen_per_yr[one.served]
    parts, shift = [], 0
    for k, one in enumerate(found):
        which = (one.unit >= 0) & (source[one.unit] == k)
        number = np.full(len(which) + 1, -1, np.int64)  # one entry more for what is below outlets
        number[:-1][which] = shift + np.arange(int(which.sum()))
        shift += int(which.sum())
        parts.append((one.down[which], one.up[which], number[one.below[which]], one.edge[which], one.unit[which],
                      one.yen_per_yr[which]))  # fmt: skip
    down, up, below, edge, unit, yen = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    served = np.unique(np.concatenate([one.served for one in found]))
    return Itemised(down, up, below, edge, unit, yen, outlet, served)


def formula_parts(ground: Ground, upkeeps: Upkeeps) -> Floats:
    """(arcs, l) what laying along every arc of the road graph costs, before anything is designed there.

    The least sewer at least cover, with a manhole each spacing; and of a pump the share by which the arc uses up the depth
    a sewer may gain before it must be lifted.
    """
    rules, prices, graph = ground.rules, ground.prices, ground.graph
    edge, length = graph.edge, graph.length_m
    least = float(least_excavation_m(float(rules.diameter_mm[0]), rules))
    excavation = np.maximum(ground.least_excavation_m[edge], least)
    out = np.zeros((len(edge), len(LAYING)))
    trench = np.interp(excavation, prices.depth_m, prices.trench_yen_per_m_yr[0]) * length * ground.price_factor[edge]
    upkeep = upkeeps.sewer_yen_per_m_yr * length * ground.price_factor[edge]
    out[:, _SEWER], out[:, _SEWER + 1] = trench - upkeep, upkeep
    manholes = length / rules.manhole_spacing_m
    upkeep = upkeeps.manhole_yen_per_yr * manholes
    out[:, _MANHOLE] = np.interp(excavation, prices.depth_m, prices.manhole_yen_per_yr) * manholes - upkeep
    out[:, _MANHOLE + 1] = upkeep
    climb, adverse = climb_parts(ground, upkeeps), adverse_m(ground)
    for part in np.flatnonzero(climb):
        out[:, part] += adverse * climb[part]
    out[:, _CROSSING:] = upkeeps.way_yen_per_yr[edge]
    return out


def climb_parts(ground: Ground, upkeeps: Upkeeps) -> Floats:
    """(l,) what a metre of depth gained costs: a pump, over the depth a sewer may gain before it must be lifted."""
    rules, prices = ground.rules, ground.prices
    spare = rules.excavation_max_m - float(least_excavation_m(float(rules.diameter_mm[0]), rules))
    out = np.zeros(len(LAYING))
    out[_PUMP], out[_PUMP + 1] = prices.pump_yen_per_yr - upkeeps.pump_yen_per_yr, upkeeps.pump_yen_per_yr
    return out / max(spare, _LEAST_SPARE_M)


def adverse_m(ground: Ground) -> Floats:
    """(arcs,) depth a sewer gains along every arc, with sewage flowing from the neighbour to the row's node; not negative."""
    graph, elevation = ground.graph, np.nan_to_num(ground.ground_elev_m)
    rise = elevation[graph.row] - elevation[graph.neighbour]
    return np.asarray(np.maximum(0.0, rise + float(ground.rules.slope_min[0]) * graph.length_m))


def _manhole_parts(ground: Ground, loaded: Forest, laid: Laid, upkeeps: Upkeeps) -> Floats:
    """(h, l) what each manhole and its outgoing reach cost, crossings left out."""
    prices, rules = ground.prices, ground.rules
    out = np.zeros((len(laid.manhole), len(LAYING)))
    depth = (laid.excavation_up_m + laid.excavation_down_m) / 2.0
    size = np.minimum(np.searchsorted(rules.diameter_mm, laid.diameter_mm), len(rules.diameter_mm) - 1)
    per_metre = np.zeros(len(depth))
    for k in np.unique(size):
        per_metre[size == k] = np.interp(depth[size == k], prices.depth_m, prices.trench_yen_per_m_yr[k])
    factored = laid.length_m * laid.price_factor
    upkeep = upkeeps.sewer_yen_per_m_yr * factored
    is_sewer, is_main = laid.up[~laid.is_pressure], laid.up[laid.is_pressure]
    out[is_sewer, _SEWER] = (per_metre * factored - upkeep)[~laid.is_pressure]
    out[is_sewer, _SEWER + 1] = upkeep[~laid.is_pressure]
    metres = laid.length_m[laid.is_pressure]
    out[is_main, _MAIN] = (prices.pressure_yen_per_m_yr - upkeeps.main_yen_per_m_yr) * metres
    out[is_main, _MAIN + 1] = upkeeps.main_yen_per_m_yr * metres
    shaft = np.interp(laid.shaft_m, prices.depth_m, prices.manhole_yen_per_yr) + prices.drop_yen_per_yr * laid.is_drop
    out[:, _MANHOLE], out[:, _MANHOLE + 1] = shaft - upkeeps.manhole_yen_per_yr, upkeeps.manhole_yen_per_yr
    flow, mean = manhole_flows(loaded, laid)
    size_yen = prices.pump_size_yen_per_yr * flow * laid.head_m
    out[:, _PUMP] = (prices.pump_yen_per_yr - upkeeps.pump_yen_per_yr + size_yen) * laid.is_pump
    out[:, _PUMP + 1] = upkeeps.pump_yen_per_yr * laid.is_pump
    out[:, _ENERGY] = prices.energy_yen_per_yr * mean * laid.head_m * laid.is_pump
    return out


def _own_ways(ground: Ground, trees: Trees, loads: Loads, members: Members, units: int) -> tuple[Ints, Ints]:
    """Per tree node the unit whose sewage its way carries in part (-1 none); per root the smallest unit draining there."""
    place, at = load_places(trees, loads, members, ground.nodes)
    unit = np.repeat(np.arange(units), np.diff(loads.offsets))[at]
    by_unit = np.argsort(unit, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(unit, minlength=units))]).astype(np.int64)
    count = len(trees.node)
    own, root = np.full(count, -1, np.int64), np.empty(count, np.int64)
    heap, there = np.zeros(count + 1, np.int64), np.zeros(count, np.int64)
    _mark_own(trees.parent, place[by_unit], offsets, heap, there, -np.arange(count, dtype=np.float64), own, root)
    first = np.full(count, units, np.int64)
    np.minimum.at(first, root[place], unit)
    return own, np.where(first < units, first, -1)


@lean_kernel
def _mark_own(parent: Ints, place: Ints, offsets: Ints, heap: Ints, there: Ints, key: Floats, own: Ints, root: Ints) -> None:
    """Fill ``own`` and the root of every tree node; ``place`` are the tree nodes where the sewage of every unit enters.

    From where a unit's sewage enters, walks go down together, those farthest up first, until they are one.
    """
    for v in range(len(parent)):
        root[v] = v if parent[v] < 0 else root[parent[v]]
    for unit in range(len(offsets) - 1):
        for i in range(offsets[unit], offsets[unit + 1]):
            offer(heap, there, key, place[i])
        is_parted = False  # some of the sewage has left by another outlet
        while heap[0] > 1 or (is_parted and heap[0] > 0):
            v = take(heap, there, key)
            if parent[v] >= 0:
                if own[v] < 0:  # units rise: the smallest comes first
                    own[v] = unit
                offer(heap, there, key, parent[v])
            else:
                is_parted = True
        if heap[0] == 1:
            take(heap, there, key)
