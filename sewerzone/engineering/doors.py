"""Doors: places where houses of one unit enter the road graph, each decided by itself as if it were a unit.

The problem is that of ``prize_problem`` on the whole road graph: a door has no sewers of its own, so every metre that leads to
it is a way. What a way costs is given by arc: the least of any plan for a bound, designed prices for a plan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone.engineering.chains import Chains, chains, without_dead_ends
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.itemised import Itemised, adverse_m
from sewerzone.engineering.levels import levels
from sewerzone.engineering.networks import Ground, Members, segments
from sewerzone.engineering.paths import RoadGraph, arcs_between
from sewerzone.engineering.prize_problem import TANKS, Prizes, Zoned
from sewerzone.engineering.pruning import root_of
from sewerzone.engineering.trees import Trees


class Doors(NamedTuple):
    """What h doors bring: node of the road graph, yen a year of their tanks, daily maximum, side (see ``Prizes``)."""

    node: Ints
    tanks_yen_per_yr: Floats
    flow_m3_per_d: Floats
    side: Ints


class Delivery(NamedTuple):
    """e places of delivery with their fixed yen a year, of k kinds with a price of flow and a limit of flow each."""

    node: Ints
    kind: Ints
    yen_per_yr: Floats
    kind_yen_per_m3_per_d: Floats
    kind_most_m3_per_d: Floats


class DoorProblem(NamedTuple):
    """The problem of the doors; its first arcs are the ``chains`` of ways, in their order, then come those into houses."""

    problem: Prizes
    chains: Chains


class Network(NamedTuple):
    """Decided networks as trees over the road graph: the doors each serves, and the kind it delivers to (t,)."""

    trees: Trees
    members: Members
    kind: Ints


def door_problem(graph: RoadGraph, arc_yen_per_yr: Floats, doors: Doors, places: Delivery) -> DoorProblem:
    """Every door decided by itself, along ways at these prices (by arc: sewage flows from neighbour to row)."""
    count = len(doors.node)
    wanted = np.zeros(len(graph), bool)
    wanted[places.node], wanted[doors.node] = True, True
    found = chains(graph, without_dead_ends(graph, np.ones(len(graph.edge), bool), wanted), wanted)
    wanted[found.tail], wanted[found.head] = True, True
    used = np.flatnonzero(wanted)
    number = np.full(len(graph), -1, np.int64)
    number[used] = np.arange(len(used))
    house = len(used) + np.arange(count)
    tail, head = np.concatenate([number[found.tail], number[doors.node]]), np.concatenate([number[found.head], house])
    cost = np.concatenate([np.maximum(found.sums(arc_yen_per_yr[:, None])[:, 0], 0.0), np.zeros(count)])
    nodes, entry = len(used) + count, number[places.node]
    side = possible(nodes, tail, head, house, entry, doors.side)
    problem = Prizes(
        nodes, tail, head, cost, house, np.zeros(count), doors.tanks_yen_per_yr, doors.flow_m3_per_d, side, entry, places.kind,
        places.yen_per_yr, places.kind_yen_per_m3_per_d, places.kind_most_m3_per_d,
    )  # fmt: skip
    return DoorProblem(problem, found)


def possible(nodes: int, tail: Ints, head: Ints, unit_node: Ints, entry: Ints, side: Ints) -> Ints:
    """Sides, with tanks where no place of delivery can be reached."""
    parts, part = connected_components(coo_matrix((np.ones(len(tail)), (tail, head)), shape=(nodes, nodes)), directed=False)
    is_served = np.zeros(parts, bool)
    is_served[part[entry]] = True
    return np.where(is_served[part[unit_node]], side, TANKS)


def door_prices(ground: Ground, arc_yen_per_yr: Floats, climb_yen_per_m_yr: float, own: Itemised) -> Floats:
    """(arcs,) the prices of ways where units' own sewers are ways like all others, avoidance included.

    A unit's own sewer has its designed price, the other way round that and what the depth then gained costs: so no decision by
    units costs more along these ways than by the prices it was made at.
    """
    graph, adverse = ground.graph, adverse_m(ground)
    mine = own.unit >= 0
    arc = arcs_between(graph, own.down[mine], own.up[mine])
    back = graph.reverse[arc]
    yen = own.yen_per_yr[mine].sum(axis=1)
    out = arc_yen_per_yr.copy()
    np.minimum.at(out, arc, yen)
    np.minimum.at(out, back, yen + np.maximum(0.0, adverse[back] - adverse[arc]) * climb_yen_per_m_yr)
    return np.asarray(out + ground.avoid_yen_per_yr[graph.edge])


def networks_of(graph: RoadGraph, found: DoorProblem, node: Ints, zoned: Zoned) -> Network:
    """The trees of a decision, one for every place of delivery in use; ``node`` (e,) are these on the road graph."""
    n, kinds = len(graph), found.problem.entry_kind
    used = np.unique(zoned.entry[zoned.entry >= 0])
    is_way = zoned.arcs < len(found.chains.tail)
    chain, kind = zoned.arcs[is_way], zoned.arc_kind[is_way]
    arcs, of = _along(found.chains, chain)
    row, up = kind[of] * n + graph.row[arcs], kind[of] * n + graph.neighbour[arcs]
    key = np.concatenate([kinds[used] * n + node[used], up])
    below = np.concatenate([np.full(len(used), -1, np.int64), row])
    edge = np.concatenate([np.full(len(used), -1, np.int64), graph.edge[arcs]])
    by_key = np.argsort(key, kind="stable")
    at = np.minimum(np.searchsorted(key[by_key], below), len(key) - 1)
    parent = np.where(below >= 0, by_key[at], -1) if len(key) else below
    root = root_of(parent)  # of used places, in their order
    order = np.lexsort((key, levels(parent), root))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    parent = np.where(parent[order] < 0, -1, place[parent[order]])
    offsets = np.searchsorted(root[order], np.arange(len(used) + 1))
    trees = Trees(offsets, key[order] % n, parent, edge[order], np.empty(0, np.int64), np.zeros(len(used)))
    return Network(trees, Members.of([np.flatnonzero(zoned.entry == e) for e in used]), kinds[used])


def _along(found: Chains, chain: Ints) -> tuple[Ints, Ints]:
    """Arcs of the road graph on some chains, and the position of the chain each is on."""
    on = np.flatnonzero(found.of_arc >= 0)
    on = on[np.argsort(found.of_arc[on], kind="stable")]
    ends = np.searchsorted(found.of_arc[on], np.arange(len(found.tail) + 1))
    start, stop = ends[chain], ends[chain + 1]
    return on[segments(start, stop)], np.repeat(np.arange(len(chain)), stop - start)
