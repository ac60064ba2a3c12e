"""Candidate networks by the batch: grow collector trees, lay them, price them, join them.

The zoning compares thousands of networks. They are held concatenated (:class:`Trees`) and designed in one call,
so that a candidate costs little more than its own pipes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Forest, Ints, LayingPrices, Rules
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.paths import RoadGraph, laying_cost
from sewerzone.engineering.remembered import remembered
from sewerzone.engineering.steiner import Trees, grown, improved
from sewerzone.engineering.trees import Net, net_of
from sewerzone.engineering.trench import price_only

IMPROVE_MOST_NODES = 20_000
"""Trees larger than this are routed without key-path exchange, whose time grows faster than their size."""

_FIGURES = (
    "flow_l_per_s", "flow_mean_m3_per_d", "x_m", "y_m", "ground_elev_m", "root_max_excavation_m", "length_m", "price_factor",
    "least_excavation_m", "fixed_yen_per_yr",
)  # fmt: skip
"""Numbers of a Forest by node, as they stand in the rows that kernels fill."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The road graph with everything that decides what a sewer along it costs; n nodes, m edges.

    Attributes
    ----------
    x_m, y_m, ground_elev_m : (n,)
    entry_m : (n,) deepest arrival allowed where a network ends at the node
    length_m, price_factor : (m,) per edge
    least_excavation_m, fixed_yen_per_yr : (m,) per edge, see ``Forest``; above 0 on crossings
    avoid_yen_per_yr : (m,) per edge, what it may cost more a year not to use it: it decides between networks and is no cost;
        below 0 where an edge is preferred
    arc_costs : one array over the graph's arcs per slope weight: what routing minimises
    """

    graph: RoadGraph
    x_m: Floats
    y_m: Floats
    ground_elev_m: Floats
    entry_m: Floats
    length_m: Floats
    price_factor: Floats
    least_excavation_m: Floats
    fixed_yen_per_yr: Floats
    avoid_yen_per_yr: Floats
    arc_costs: tuple[Floats, ...]
    rules: Rules
    prices: LayingPrices

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.x_m)


@dataclass(frozen=True, eq=False)
class Loads:
    """Where the sewage of every unit enters the road graph: CSR over u units.

    ``node`` is sorted within a unit and unique there; flows as in Forest.
    """

    offsets: Ints
    node: Ints
    flow_l_per_s: Floats
    flow_mean_m3_per_d: Floats
    dwellings: Floats


@dataclass(frozen=True, eq=False)
class Members:
    """Which units each of t networks serves: CSR, units ascending."""

    offsets: Ints
    units: Ints

    @classmethod
    def of(cls, groups: list[Ints]) -> Members:
        """From one array of units per network."""
        counts = np.array([len(g) for g in groups], dtype=np.int64)
        return cls(offsets_of(counts), np.concatenate(groups) if groups else np.empty(0, np.int64))

    @classmethod
    def single(cls, units: Ints) -> Members:
        """One network per unit."""
        return cls(np.arange(len(units) + 1), units)

    def some(self, which: Ints) -> Members:
        """Those of the networks numbered ``which``, in that order."""
        at = segments(self.offsets[which], self.offsets[which + 1])
        return Members(offsets_of(np.diff(self.offsets)[which]), self.units[at])


@dataclass(frozen=True, eq=False)
class Priced:
    """Networks with their design and yearly laying cost; t trees.

    ``slope_weight`` (t,) is the index of the slope weight each was routed with.
    """

    trees: Trees
    members: Members
    yen_per_yr: Floats
    sewer_m: Floats
    pumps: Ints
    slope_weight: Ints


@dataclass(frozen=True, eq=False)
class Alone:
    """The networks of every unit standing alone; u units.

    ``connect`` and ``own_plant`` hold one network per unit that can have one (``can_connect``, ``can_own_plant``, (u,)),
    in unit order; ``*_link_m`` is the part of each outside its unit's outline.
    """

    connect: Priced
    own_plant: Priced
    can_connect: Bools
    can_own_plant: Bools
    connect_link_m: Floats
    own_plant_link_m: Floats


def ground_costs(
    graph: RoadGraph, ground_elev_m: Floats, weight: Floats, slope_weights: tuple[float, ...], free_slope: float
) -> tuple[Floats, ...]:
    """Arc costs for every slope weight (metres; see ``paths.laying_cost``)."""
    return tuple(laying_cost(graph, ground_elev_m, weight, w, free_slope) for w in slope_weights)


def terminals(loads: Loads, members: Members) -> tuple[Ints, Ints]:
    """Offsets and nodes of the terminals of every network."""
    unit_at = segments(loads.offsets[members.units], loads.offsets[members.units + 1])
    counts = (loads.offsets[1:] - loads.offsets[:-1])[members.units]
    ends = np.concatenate([[0], np.cumsum(counts)])
    return ends[members.offsets], loads.node[unit_at]


def forest(ground: Ground, trees: Trees, loads: Loads, members: Members) -> Forest:
    """The trees as a Forest, loaded with the sewage of the units they serve."""
    place, at = load_places(trees, loads, members, ground.nodes)
    out = np.zeros((len(_FIGURES), len(trees.node)))
    _load(place, at, loads.flow_l_per_s, loads.flow_mean_m3_per_d, out)
    _figure(
        trees.node, trees.parent, trees.arc_edge, ground.x_m, ground.y_m, ground.ground_elev_m, ground.entry_m,
        ground.length_m, ground.price_factor, ground.least_excavation_m, ground.fixed_yen_per_yr, out,
    )  # fmt: skip
    return Forest(parent=trees.parent, **dict(zip(_FIGURES, out, strict=True)))


@lean_kernel
def _load(place: Ints, at: Ints, flow_l_per_s: Floats, flow_mean_m3_per_d: Floats, out: Floats) -> None:
    """Add up what enters at the nodes of trees."""
    for i in range(len(place)):
        out[0, place[i]] += flow_l_per_s[at[i]]
        out[1, place[i]] += flow_mean_m3_per_d[at[i]]


@lean_kernel
def _figure(
    node: Ints, parent: Ints, edge: Ints, x_m: Floats, y_m: Floats, elevation_m: Floats, entry_m: Floats, length_m: Floats,
    price_factor: Floats, least_excavation_m: Floats, fixed_yen_per_yr: Floats, out: Floats,
) -> None:  # fmt: skip
    """Note what is known of the nodes of trees and of their ways down; roots have none."""
    for i in range(len(node)):
        v = node[i]
        out[2, i], out[3, i], out[4, i], out[5, i], out[7, i] = x_m[v], y_m[v], elevation_m[v], entry_m[v], 1.0
        if parent[i] >= 0:
            e = edge[i]
            out[6, i], out[7, i] = length_m[e], price_factor[e]
            out[8, i], out[9, i] = least_excavation_m[e], fixed_yen_per_yr[e]


def dwellings_at(ground: Ground, trees: Trees, loads: Loads, members: Members) -> Floats:
    """Dwellings entering at every tree node."""
    out = np.zeros(len(trees.node))
    place, at = load_places(trees, loads, members, ground.nodes)
    np.add.at(out, place, loads.dwellings[at])
    return out


def price(ground: Ground, trees: Trees, loads: Loads, members: Members, slope_weight: Ints) -> Priced:
    """Lay the trees and sum their yearly cost, length and pumps."""
    count = len(trees.offsets) - 1
    if not len(trees.node):
        return Priced(trees, members, np.zeros(count), np.zeros(count), np.zeros(count, np.int64), slope_weight)
    found = price_only(forest(ground, trees, loads, members), ground.rules, ground.prices, tree_of(trees), count)
    return Priced(trees, members, found.yen_per_yr, found.sewer_m, found.pumps, slope_weight)


def cheapest(
    ground: Ground, loads: Loads, members: Members, roots: tuple[Ints, Ints], exits: list[tuple[Floats, Ints]] | None,
    rounds: int = 0,
) -> Priced:  # fmt: skip
    """For every network the cheapest designed tree over all slope weights.

    ``roots`` are offsets and nodes a network may drain to; ``exits`` per slope weight the cost of leaving by a
    precomputed way and its next node (see ``steiner.grow_trees``), None where there is none; ``rounds`` as in ``routed``.
    """
    nets = closed_nets(ground) if exits is None else nets_of(ground, exits)
    return cheapest_along(nets, ground, loads, members, roots, rounds)


def cheapest_along(
    nets: tuple[Net, ...], ground: Ground, loads: Loads, members: Members, roots: tuple[Ints, Ints], rounds: int
) -> Priced:
    """As ``cheapest``, over costs and ways out in the form of the kernels."""
    tried: list[Priced] = []
    for net in nets:
        trees = routed(ground.graph, net, (*terminals(loads, members), *roots), rounds)
        tried.append(_price_new(ground, trees, loads, members, tried))
    return best_of(ground, tried)


def _price_new(ground: Ground, trees: Trees, loads: Loads, members: Members, tried: list[Priced]) -> Priced:
    """The trees laid, at the next slope weight; those that an earlier one led to as well cost what they did."""
    count = len(members.offsets) - 1
    known = np.full(count, -1)
    for k in range(len(tried) - 1, -1, -1):
        known[_same(trees, tried[k].trees)] = k
    new = np.flatnonzero(known < 0)
    laid = price(ground, take(trees, new), loads, members.some(new), new)
    yen, sewer_m, pumps = np.empty(count), np.empty(count), np.empty(count, np.int64)
    yen[new], sewer_m[new], pumps[new] = laid.yen_per_yr, laid.sewer_m, laid.pumps
    for k, before in enumerate(tried):
        at = known == k
        yen[at], sewer_m[at], pumps[at] = before.yen_per_yr[at], before.sewer_m[at], before.pumps[at]
    return Priced(trees, members, yen, sewer_m, pumps, np.full(count, len(tried)))


def _same(one: Trees, other: Trees) -> Bools:
    """(t,) which trees have the same entries in the same order."""
    is_same: Bools = np.asarray(np.diff(one.offsets) == np.diff(other.offsets))
    which = np.flatnonzero(is_same)
    at, there = (segments(t.offsets[which], t.offsets[which + 1]) for t in (one, other))
    differs = (one.node[at] != other.node[there]) | (one.arc_edge[at] != other.arc_edge[there])
    is_same[tree_of(one)[at[differs]]] = False
    return is_same


def nets_of(ground: Ground, exits: list[tuple[Floats, Ints]]) -> tuple[Net, ...]:
    """Arc costs and ways out in the form of the kernels, per slope weight."""
    return tuple(net_of(ground.graph, cost, *way) for cost, way in zip(ground.arc_costs, exits, strict=True))


@remembered
def closed_nets(ground: Ground) -> tuple[Net, ...]:
    """The same where no way leads out."""
    return nets_of(ground, [no_exit(ground)] * len(ground.arc_costs))


def routed(graph: RoadGraph, net: Net, groups: tuple[Ints, Ints, Ints, Ints], rounds: int) -> Trees:
    """Trees grown at the net's arc costs, those small enough improved by so many rounds of key-path exchange.

    ``groups`` are terminals and roots with their offsets, see ``steiner.grow_trees``.
    """
    trees = grown(graph, net, groups)
    small = np.flatnonzero(np.diff(trees.offsets) <= IMPROVE_MOST_NODES)
    if not rounds or not len(small):
        return trees
    if len(small) == len(trees.cost):
        return improved(graph, net, trees, groups, rounds)
    ends = (*_some(groups[0], groups[1], small), *_some(groups[2], groups[3], small))
    better = improved(graph, net, take(trees, small), ends, rounds)
    source = np.arange(len(trees.cost))
    source[small] = len(source) + np.arange(len(small))
    return take(concat([trees, better]), source)


def _some(offsets: Ints, values: Ints, which: Ints) -> tuple[Ints, Ints]:
    """The segments numbered ``which`` of concatenated values."""
    return offsets_of(np.diff(offsets)[which]), values[segments(offsets[which], offsets[which + 1])]


def judged_yen_per_yr(ground: Ground, priced: Priced) -> Floats:
    """What networks are compared by: their yearly cost, and what avoiding their edges is worth."""
    return priced.yen_per_yr + avoidance_yen_per_yr(ground, priced.trees)


def avoidance_yen_per_yr(ground: Ground, trees: Trees) -> Floats:
    """What avoiding the edges of each tree would be worth a year; never part of a reported cost."""
    way = trees.parent >= 0
    worth = ground.avoid_yen_per_yr[trees.arc_edge[way]]
    return np.bincount(tree_of(trees)[way], worth, minlength=len(trees.offsets) - 1).astype(np.float64)


def best_of(ground: Ground, tried: list[Priced]) -> Priced:
    """Per network the cheapest of several trials as they are compared (the earlier on ties)."""
    judged = np.stack([judged_yen_per_yr(ground, p) for p in tried])
    yen = np.stack([p.yen_per_yr for p in tried])
    count = yen.shape[1]
    which = np.argmin(np.round(judged, 3), axis=0) * count + np.arange(count)
    every = concat([p.trees for p in tried])
    return Priced(
        take(every, which),
        tried[0].members,
        yen.ravel()[which],
        np.concatenate([p.sewer_m for p in tried])[which],
        np.concatenate([p.pumps for p in tried])[which],
        np.concatenate([p.slope_weight for p in tried])[which],
    )


def no_exit(ground: Ground) -> tuple[Floats, Ints]:
    """Exit arrays that let nothing out."""
    return np.full(ground.nodes, np.inf), np.full(ground.nodes, -1, np.int64)


def tree_of(trees: Trees) -> Ints:
    """Tree number of every tree node."""
    return np.repeat(np.arange(len(trees.offsets) - 1), np.diff(trees.offsets))


def take(trees: Trees, which: Ints) -> Trees:
    """The trees numbered ``which``, in that order (repeats allowed)."""
    counts = np.diff(trees.offsets)[which]
    offsets = offsets_of(counts)
    at = segments(trees.offsets[which], trees.offsets[which + 1])
    shift = np.repeat(offsets[:-1] - trees.offsets[which], counts)
    parent = np.where(trees.parent[at] < 0, -1, trees.parent[at] + shift)
    return Trees(offsets, trees.node[at], parent, trees.arc_edge[at], np.empty(0, np.int64), trees.cost[which])


def concat(parts: list[Trees]) -> Trees:
    """Several batches of trees as one."""
    starts = np.concatenate([[0], np.cumsum([len(p.node) for p in parts])])
    return Trees(
        np.concatenate([[0], *(p.offsets[1:] + s for p, s in zip(parts, starts, strict=False))]).astype(np.int64),
        np.concatenate([p.node for p in parts]),
        np.concatenate([np.where(p.parent < 0, -1, p.parent + s) for p, s in zip(parts, starts, strict=False)]),
        np.concatenate([p.arc_edge for p in parts]),
        np.empty(0, np.int64),
        np.concatenate([p.cost for p in parts]),
    )


def load_places(trees: Trees, loads: Loads, members: Members, nodes: int) -> tuple[Ints, Ints]:
    """Index into the tree nodes, and into the loads, of every load the trees carry."""
    at = segments(loads.offsets[members.units], loads.offsets[members.units + 1])
    counts = (loads.offsets[1:] - loads.offsets[:-1])[members.units]
    place = entries(trees, np.concatenate([[0], np.cumsum(counts)])[members.offsets], loads.node[at], nodes)
    found = place >= 0
    return (place, at) if found.all() else (place[found], at[found])


def entries(trees: Trees, offsets: Ints, node: Ints, nodes: int) -> Ints:
    """Entry of every node asked for in its tree, -1 where that does not have it; CSR by tree."""
    found = np.empty(len(node), np.int64)
    _find_entries(trees.offsets, trees.node, np.ascontiguousarray(offsets), node, np.zeros(nodes, np.int64), found)
    return found


@lean_kernel
def _find_entries(offsets: Ints, node: Ints, asked_offsets: Ints, asked: Ints, entry: Ints, found: Ints) -> None:
    for t in range(len(offsets) - 1):
        first, last = offsets[t], offsets[t + 1]
        for i in range(last - 1, first - 1, -1):
            entry[node[i]] = i
        for i in range(asked_offsets[t], asked_offsets[t + 1]):
            at = entry[asked[i]]
            found[i] = at if first <= at < last and node[at] == asked[i] else -1


def segments(start: Ints, stop: Ints) -> Ints:
    """Concatenated ranges start[i]..stop[i]."""
    counts = stop - start
    shift = np.repeat(start - np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64), counts)
    return np.arange(int(counts.sum())) + shift


def offsets_of(counts: Ints) -> Ints:
    """Where each of some runs of so many begins, and the end of the last."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
