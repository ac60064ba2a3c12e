"""Search on the designed cost: key paths exchanged by what they cost once laid, and ways round pumps.

The cheapest tree is not the shortest: what a way costs shows only when it is laid. From a network routed by plain arc costs
a local search goes on that judges every exchange of a key path by labels of depth and cost (``descent``). Exchanges move one
key path at a time; what asks for more is found from the pumps: the network is laid, one of its pumps is chosen, the way it
pumps along is made dearer, and the network is routed and laid again, until no pump is left to try or the last ones led
nowhere. Whatever is found stays only if it is cheaper when laid. Networks are searched for pumps together, each on its own
copy of the roads round it (see ``surroundings``), so that they do not meet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sewerzone.engineering.descent import Room, descend, room_for
from sewerzone.engineering.forest import Bools, Floats, Ints, Laid
from sewerzone.engineering.laying_bound import least_arc_costs
from sewerzone.engineering.networks import (
    Ground,
    Loads,
    Members,
    Priced,
    concat,
    forest,
    judged_yen_per_yr,
    load_places,
    no_exit,
    price,
    routed,
    segments,
    take,
    terminals,
    tree_of,
)
from sewerzone.engineering.paths import RoadGraph, arcs_between, cost_within
from sewerzone.engineering.remembered import remembered
from sewerzone.engineering.sketch import Terms, terms_of
from sewerzone.engineering.surroundings import loads_there, moved, surroundings
from sewerzone.engineering.trees import Net, net_of, trees_of
from sewerzone.engineering.trench import lay

DETOUR_PER_PUMP = 2.0
"""A pump's way is made dearer by this many times the length whose yearly cost equals the pump's."""
PORTION_NODES = 10_000
"""Networks are searched together up to this many nodes: enough to share the work, few enough for the cache and last rounds."""
DESCENT_PASSES = 30
"""Passes of the local search by labels; it mostly ends before."""
MOST_IN_VAIN = 4
"""A network is left after so many pumps in a row round which no cheaper way was found."""


@dataclass(frozen=True, eq=False)
class Outlets:
    """Where networks may end: fixed ``roots`` per network (offsets, nodes), and ``targets`` for anyone within ``near``.

    ``least`` is the net at the least a way costs (``least_net``), where it is known.
    """

    roots: tuple[Ints, Ints]
    targets: Ints
    near: Bools
    least: Net | None = None

    def of(self, which: Ints) -> tuple[Ints, Ints]:
        """The fixed roots of some networks."""
        at = segments(self.roots[0][which], self.roots[0][which + 1])
        counts = np.diff(self.roots[0])[which]
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), self.roots[1][at]

    def exits(self, ground: Ground, cost: Floats) -> tuple[Floats, Ints]:
        """Cheapest ways to the targets at these arc costs."""
        if not len(self.targets):
            return no_exit(ground)
        return cost_within(ground.graph, cost, self.targets, self.near)


def least_net(ground: Ground, outlets: Outlets) -> Net:
    """Ways at the least they cost, and ways out along these: what the local search by labels looks along."""
    cost = np.maximum(least_arc_costs(ground) + ground.avoid_yen_per_yr[ground.graph.edge], 0.0)
    return net_of(ground.graph, cost, *outlets.exits(ground, cost))


@remembered
def _closed_least_net(ground: Ground) -> Net:
    """The same where no way leads out."""
    nobody = np.zeros(1, np.int64), np.empty(0, np.int64)
    return least_net(ground, Outlets(nobody, nobody[1], np.zeros(ground.nodes, bool)))


@remembered
def _room(graph: RoadGraph) -> Room:
    """The scratch of the local search over a road graph."""
    return room_for(len(graph))


@remembered
def _terms(ground: Ground) -> Terms:
    return terms_of(ground)


def refine(
    ground: Ground, loads: Loads, start: Priced, outlets: Outlets, rounds: int, is_changed: Bools | None = None
) -> Priced:  # fmt: skip
    """Every network of ``start`` or a cheaper one; ``rounds`` is how many ways round pumps a network may try.

    ``is_changed`` as in ``descended``.
    """
    every = np.arange(len(start.yen_per_yr))
    if not rounds or not len(every):
        return start
    start = found = descended(ground, loads, start, outlets, every, is_changed)
    for which in _portions(start, np.flatnonzero(start.pumps > 0)):
        found = _put(found, _search_apart(ground, loads, pick(start, which), outlets, which, rounds), which)
    changed = np.flatnonzero(judged_yen_per_yr(ground, found) < judged_yen_per_yr(ground, start))
    return _put(found, descended(ground, loads, pick(found, changed), outlets, changed), changed)


def descended(
    ground: Ground, loads: Loads, start: Priced, outlets: Outlets, which: Ints, is_changed: Bools | None = None
) -> Priced:  # fmt: skip
    """The networks after the local search by labels, or as they were where that is not cheaper when laid.

    ``which`` are their numbers among the outlets; ``is_changed`` tells of every entry of the trees whether to begin there, if
    not everywhere.
    """
    if not len(which):
        return start
    graph, trees = ground.graph, start.trees
    at = segments(loads.offsets[start.members.units], loads.offsets[start.members.units + 1])
    flows = np.stack([loads.flow_l_per_s[at], loads.flow_mean_m3_per_d[at]])
    arc = np.where(trees.parent >= 0, arcs_between(graph, trees.node[trees.parent], trees.node), -1)
    groups = (*terminals(loads, start.members), *outlets.of(which))
    net = outlets.least or (least_net(ground, outlets) if len(outlets.targets) else _closed_least_net(ground))
    offsets, node, parent, down, _ = descend(
        net, _terms(ground), groups, flows, trees.offsets, trees.node, arc, DESCENT_PASSES, _room(graph), is_changed
    )
    found = trees_of(graph, net.cost, offsets, node, parent, down, trees.missed)
    return _better(ground, start, price(ground, found, loads, start.members, start.slope_weight))


def _put(found: Priced, better: Priced, which: Ints) -> Priced:
    """``found`` with its networks numbered ``which`` replaced."""
    source = np.arange(len(found.yen_per_yr))
    source[which] = len(source) + np.arange(len(which))
    return pick(append([found, better]), source)


def _portions(priced: Priced, which: Ints) -> list[Ints]:
    """The networks in portions of bounded size."""
    portion = np.cumsum(np.diff(priced.trees.offsets)[which]) // PORTION_NODES
    return [which[portion == k] for k in np.unique(portion)]


def _search_apart(ground: Ground, loads: Loads, now: Priced, outlets: Outlets, which: Ints, rounds: int) -> Priced:
    """The search for ways round pumps, each network on its own copy of the roads round it.

    ``which`` are their numbers among the outlets.
    """
    there = surroundings(ground, now.trees, now.slope_weight)
    tree = tree_of(now.trees)
    own_loads, own = loads_there(there, ground, loads, now.members)
    trees = moved(now.trees, there.find(tree, now.trees.node, ground.nodes))
    roots = outlets.of(which)
    root = there.find(np.repeat(np.arange(len(which)), np.diff(roots[0])), roots[1], ground.nodes)
    is_target = np.isin(there.node, outlets.targets)
    ends = Outlets((roots[0], root), np.flatnonzero(is_target), outlets.near[there.node])
    begun = replace(now, trees=trees, members=own, slope_weight=np.zeros(len(which), np.int64))
    found = _refine_some(there.ground, own_loads, begun, ends, there.key[ends.targets] // ground.nodes, rounds)
    trees = moved(found.trees, there.node[found.trees.node])
    return replace(found, trees=trees, members=now.members, slope_weight=now.slope_weight)


def _refine_some(ground: Ground, loads: Loads, now: Priced, outlets: Outlets, network: Ints, rounds: int) -> Priced:
    """The search for networks on separate parts of a ground with one slope weight; ``network`` of each of the targets."""
    cost = ground.arc_costs[0]
    penalty = np.zeros(len(cost))
    tried: list[set[int]] = [set() for _ in now.yen_per_yr]
    in_vain = np.zeros(len(tried), np.int64)
    judged = judged_yen_per_yr(ground, now)
    detour_m = DETOUR_PER_PUMP * ground.prices.pump_yen_per_yr / float(ground.prices.trench_yen_per_m_yr[0].mean())
    is_open = np.ones(len(tried), bool)
    for _ in range(rounds):
        pumped = np.flatnonzero((now.pumps > 0) & is_open & (in_vain < MOST_IN_VAIN))
        ways = _next_pumps(ground, loads, pick(now, pumped), [tried[k] for k in pumped])
        ways = {int(pumped[k]): arcs for k, arcs in ways.items()}
        is_open[:] = False
        is_open[list(ways)] = True  # where no pump was left to try, none will be
        if not ways:
            break
        active = np.array(sorted(ways), dtype=np.int64)
        trial = penalty.copy()
        for k in active:
            length = ground.graph.length_m[ways[k]]
            trial[ways[k]] += detour_m * length / length.sum()
        near = replace(outlets, targets=outlets.targets[np.isin(network, active)])  # no ways out for those that are done
        new = _route(ground, loads, pick(now, active), near, active, cost + trial)
        is_better = judged_yen_per_yr(ground, new) < judged[active] - 1.0
        is_better &= _reached(ground, loads, new) >= _reached(ground, loads, pick(now, active))
        judged[active[is_better]] = judged_yen_per_yr(ground, new)[is_better]
        in_vain[active] = np.where(is_better, 0, in_vain[active] + 1)
        for k in active[is_better]:
            penalty[ways[k]] = trial[ways[k]]
            tried[k].clear()
        source = np.arange(len(tried))
        source[active[is_better]] = len(tried) + np.flatnonzero(is_better)
        now = pick(append([now, new]), source)
    return now


def _reached(ground: Ground, loads: Loads, some: Priced) -> Ints:
    """How many of its terminals every network reaches: a cut-out of the roads may lack the way out that some of them take."""
    place, _ = load_places(some.trees, loads, some.members, ground.nodes)
    return np.bincount(tree_of(some.trees)[place], minlength=len(some.yen_per_yr))


def _route(ground: Ground, loads: Loads, some: Priced, outlets: Outlets, which: Ints, cost: Floats) -> Priced:
    """The networks routed anew at these arc costs and laid."""
    groups = (*terminals(loads, some.members), *outlets.of(which))
    trees = routed(ground.graph, net_of(ground.graph, cost, *outlets.exits(ground, cost)), groups, 1)
    return price(ground, trees, loads, some.members, some.slope_weight)


def _next_pumps(ground: Ground, loads: Loads, some: Priced, tried: list[set[int]]) -> dict[int, Ints]:
    """For every network with an untried pump the arcs its first one (by node) pumps along; marks it as tried."""
    if not len(some.yen_per_yr):
        return {}
    laid = lay(forest(ground, some.trees, loads, some.members), ground.rules, ground.prices)
    tree = tree_of(some.trees)
    pumps = np.flatnonzero(laid.is_pump)
    pumps = pumps[np.lexsort((some.trees.node[laid.manhole[pumps]], tree[laid.manhole[pumps]]))]
    outgoing = np.full(len(laid.manhole), -1, np.int64)
    outgoing[laid.up] = np.arange(len(laid.up))
    by_reach = np.argsort(laid.reach_of, kind="stable")
    first = np.searchsorted(laid.reach_of[by_reach], np.arange(len(laid.up) + 1))
    out: dict[int, Ints] = {}
    for pump in pumps:
        number, node = int(tree[laid.manhole[pump]]), int(some.trees.node[laid.manhole[pump]])
        if number in out or node in tried[number] or outgoing[pump] < 0:
            continue
        tried[number].add(node)
        reaches = _pumped_reaches(laid, outgoing, int(pump))
        at = np.concatenate([by_reach[first[reach] : first[reach + 1]] for reach in reaches])
        out[number] = arcs_between(ground.graph, some.trees.node[some.trees.parent[at]], some.trees.node[at])
    return out


def _pumped_reaches(laid: Laid, outgoing: Ints, pump: int) -> list[int]:
    """The reach a pump lifts into, and the further reaches of its rising main."""
    reaches = [int(outgoing[pump])]
    while laid.is_pressure[reaches[-1]]:
        end = int(laid.down[reaches[-1]])
        onward = int(outgoing[end])
        if onward < 0 or laid.is_pump[end] or not laid.is_pressure[onward]:
            break
        reaches.append(onward)
    return reaches


def _better(ground: Ground, one: Priced, other: Priced) -> Priced:
    """Network by network the cheaper of two as they are compared (the first on ties)."""
    is_better = judged_yen_per_yr(ground, other) < judged_yen_per_yr(ground, one) - 1.0
    source = np.arange(len(one.yen_per_yr))
    return pick(append([one, other]), np.where(is_better, source + len(source), source))


def pick(priced: Priced, which: Ints) -> Priced:
    """The networks numbered ``which``, in that order."""
    return Priced(
        take(priced.trees, which), priced.members.some(which), priced.yen_per_yr[which], priced.sewer_m[which],
        priced.pumps[which], priced.slope_weight[which],
    )  # fmt: skip


def append(parts: list[Priced]) -> Priced:
    """Several batches of networks as one."""
    starts = np.concatenate([[0], np.cumsum([len(p.members.units) for p in parts])]).astype(np.int64)
    members = Members(
        np.concatenate([[0], *(p.members.offsets[1:] + s for p, s in zip(parts, starts, strict=False))]).astype(np.int64),
        np.concatenate([p.members.units for p in parts]),
    )
    return Priced(
        concat([p.trees for p in parts]), members, *(np.concatenate([getattr(p, n) for p in parts]) for n in
        ("yen_per_yr", "sewer_m", "pumps", "slope_weight")),
    )  # fmt: skip
