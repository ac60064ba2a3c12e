"""The road graph as compressed rows, and cheapest ways along it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.heap import lean_kernel, offer, take
from sewerzone.errors import NetworkError, first_ids, problem


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """Both directions of every usable road edge over n nodes, as compressed sparse rows.

    The arcs of node x are ``indptr[x]:indptr[x + 1]``, sorted by neighbour, at most one per neighbour.

    Attributes
    ----------
    indptr : (n + 1,) first arc of every node
    neighbour : (m,) node at the other end of the arc
    edge : (m,) index into the edge arrays the graph was built from
    length_m : (m,) length of the edge
    known_part : (n,) connected parts as of ``components``, where they are known already
    """

    indptr: Ints
    neighbour: Ints
    edge: Ints
    length_m: Floats
    known_part: Ints | None = None

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @cached_property
    def row(self) -> Ints:
        """The node every arc starts from, (m,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.indptr))

    @cached_property
    def reverse(self) -> Ints:
        """The arc the other way, (m,)."""
        by_neighbour = np.argsort(self.neighbour, kind="stable")
        out = np.empty_like(by_neighbour)
        out[by_neighbour] = np.arange(len(out))  # arcs by neighbour, then row, are their reverses by row, then neighbour
        return out

    @cached_property
    def part(self) -> Ints:
        """Connected part of every node, (n,), see ``components``."""
        return components(self) if self.known_part is None else self.known_part


def road_graph(nodes: int, from_node: Ints, to_node: Ints, length_m: Floats, known_part: Ints | None = None) -> RoadGraph:
    """Graph over ``nodes`` nodes; of parallel edges the shortest stays (then the first given), loops go.

    Parameters
    ----------
    nodes : number of nodes
    from_node, to_node : (e,) end nodes of the edges, 0 … nodes - 1
    length_m : (e,) lengths, not negative
    known_part : (nodes,) connected parts as of ``components``, where they are known

    Raises
    ------
    NetworkError
        an end that is no node, or a length that is negative or unknown
    """
    _check_edges(nodes, from_node, to_node, length_m)
    edge, indptr, neighbour = _rows(nodes, np.minimum(from_node, to_node), np.maximum(from_node, to_node), length_m)
    # a column of a table may be read-only, for which every kernel would be compiled a second time
    part = None if known_part is None else np.array(known_part, dtype=np.int64)
    return RoadGraph(indptr, neighbour, edge, np.asarray(length_m, dtype=np.float64)[edge], part)


def _rows(nodes: int, low: Ints, high: Ints, length_m: Floats) -> tuple[Ints, Ints, Ints]:
    """Edge of every arc, first arc of every node, node at the arc's end.

    With edges in order of their ends, the arcs of a node are those to smaller nodes, then those to larger ones, each in the
    order of the edges: every arc knows its place without sorting.
    """
    kept = _kept(low, high, length_m)
    low, high = low[kept], high[kept]
    to_smaller, to_larger = np.bincount(high, minlength=nodes), np.bincount(low, minlength=nodes)
    indptr = np.zeros(nodes + 1, np.int64)
    np.cumsum(to_smaller + to_larger, out=indptr[1:])
    edge, neighbour = np.empty(2 * len(kept), np.int64), np.empty(2 * len(kept), np.int64)
    at = np.arange(len(kept)) + (indptr[:-1] + to_smaller - np.cumsum(to_larger) + to_larger)[low]
    edge[at], neighbour[at] = kept, high
    by_high = np.argsort(high, kind="stable")
    high = high[by_high]
    at = np.arange(len(kept)) + (indptr[:-1] - np.cumsum(to_smaller) + to_smaller)[high]
    edge[at], neighbour[at] = kept[by_high], low[by_high]
    return edge, indptr, neighbour


def _kept(low: Ints, high: Ints, length_m: Floats) -> Ints:
    """Edges that no shorter, or earlier equal, one runs beside, and that are no loops; by their ends."""
    rises = (low[1:] > low[:-1]) | ((low[1:] == low[:-1]) & (high[1:] > high[:-1]))
    if rises.all():
        return np.flatnonzero(low != high)
    order = np.lexsort((np.arange(len(low)), length_m, high, low))
    order = order[low[order] != high[order]]
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    return np.asarray(order[is_new], dtype=np.int64)


def _check_edges(nodes: int, from_node: Ints, to_node: Ints, length_m: Floats) -> None:
    """Refuse what would silently give wrong ways."""
    is_lost = (np.minimum(from_node, to_node) < 0) | (np.maximum(from_node, to_node) >= nodes)
    is_odd = ~(np.isfinite(length_m) & (np.asarray(length_m) >= 0.0))
    if is_lost.any():
        raise NetworkError(
            problem(
                f"roads: edges {first_ids(np.flatnonzero(is_lost))} end at nodes outside 0 … {nodes - 1}",
                "no way can be found along an edge without ends",
                "build nodes and edges together",
            )
        )
    if is_odd.any():
        raise NetworkError(
            problem(
                f"roads: edges {first_ids(np.flatnonzero(is_odd))} have a negative or unknown length",
                "ways are chosen by their length",
                "repair these road lines",
            )
        )


def arcs_between(graph: RoadGraph, row: Ints, neighbour: Ints) -> Ints:
    """Arc from ``row`` to ``neighbour``, pair by pair; -1 where the two are not joined."""
    if len(graph.neighbour) == 0:
        return np.full(len(row), -1, dtype=np.int64)
    found = np.empty(len(row), dtype=np.int64)
    row, neighbour = (np.ascontiguousarray(ends, dtype=np.int64) for ends in (row, neighbour))
    _find_arcs(graph.indptr, graph.neighbour, row, neighbour, found)
    return found


@lean_kernel
def _find_arcs(indptr: Ints, neighbour: Ints, row: Ints, wanted: Ints, found: Ints) -> None:
    for i in range(len(row)):
        found[i] = -1
        if row[i] < 0:
            continue
        first, last = indptr[row[i]], indptr[row[i] + 1]
        while first < last:
            middle = (first + last) // 2
            if neighbour[middle] < wanted[i]:
                first = middle + 1
            else:
                last = middle
        if first < indptr[row[i] + 1] and neighbour[first] == wanted[i]:
            found[i] = first


def laying_cost(graph: RoadGraph, ground_elev_m: Floats, weight: Floats, slope_weight: float, free_slope: float) -> Floats:
    """Cost of laying a sewer along every arc if sewage flows **from the neighbour to the row's node**.

    ``length * weight + slope_weight * max(0, rise + free_slope * length)``, the rise being that of the ground in the
    direction of flow: trees grow outward from their outlet. Downhill at ``free_slope`` or steeper costs nothing extra.

    Parameters
    ----------
    ground_elev_m : (n,) ground of the nodes; an arc with unknown ground counts as level
    weight : (e,) factor on the length of every edge given to ``road_graph``
    slope_weight : metres of sewer that one metre of adverse height is worth
    free_slope : fall a sewer needs in any case, m per m

    Returns
    -------
    (m,) cost by arc
    """
    cost = np.repeat(ground_elev_m, np.diff(graph.indptr))  # one array throughout: arcs are what a large town has most of
    cost -= ground_elev_m[graph.neighbour]
    cost[np.isnan(cost)] = 0.0
    cost += free_slope * graph.length_m
    np.maximum(cost, 0.0, out=cost)
    cost *= slope_weight
    cost += graph.length_m * weight[graph.edge]
    return cost


def cost_to(
    graph: RoadGraph, cost: Floats, targets: Ints, limit: float = np.inf, asked: Ints | None = None
) -> tuple[Floats, Ints]:  # fmt: skip
    """Cheapest way following the flow from every node to any target.

    Parameters
    ----------
    cost : (m,) cost by arc as from ``laying_cost``, not negative; infinite forbids
    targets : nodes to reach
    limit : ways dearer than this are not looked for
    asked : nodes whose ways alone are wanted: the search ends when it has them, what it gives for the others is unfinished

    Returns
    -------
    total : (n,) cost, infinite where no target is reached
    next_node : (n,) next node on the way, -1 at targets and where there is none; of equal ways the one through
        the smallest node
    """
    if asked is not None:  # where no target lies none is found, and all of the rest would be searched for it
        asked = asked[np.isin(graph.part[asked], graph.part[targets])]
    total, next_node, _ = _spread(graph, cost, targets, limit, asked)
    return total, next_node


def cost_within(graph: RoadGraph, cost: Floats, targets: Ints, near: Bools) -> tuple[Floats, Ints]:
    """As ``cost_to``, along nodes that are ``near`` (n,) only: no way leads out of them and in again."""
    return cost_to(graph, np.where(near[graph.row] & near[graph.neighbour], cost, np.inf), targets[near[targets]])


def nearest_label(graph: RoadGraph, length: Floats, label: Ints, limit: float) -> tuple[Floats, Ints]:
    """(n,) distance to the nearest labelled node, and its label; infinite and -1 where none is within ``limit``."""
    total, _, origin = _spread(graph, length, np.flatnonzero(label >= 0), limit)
    return total, np.where(origin >= 0, label[origin], -1)


def nearest_pairs(graph: RoadGraph, length: Floats, label: Ints, most: int, limit: float) -> tuple[Ints, Ints, Floats]:
    """Which labelled groups of nodes lie next to one another along the roads, and how far apart.

    One search from all labelled nodes shares the graph out to the nearest label; every edge between two shares
    joins two labels (Mehlhorn's construction: it contains a shortest spanning tree of the labels). Each label keeps
    its ``most`` nearest partners; a pair stays if either side keeps it.

    Parameters
    ----------
    length : (m,) length by arc, the same in both directions
    label : (n,) label of every node, -1 for none
    limit : joining ways longer than this are left out

    Returns
    -------
    a, b : labels of the pair, a < b, sorted
    length : of the shortest joining way found (an upper bound of the distance where a third label lies between)
    """
    # A joining way never reaches further from its own side than half its length; the factor is for rounding.
    radius = 0.5 * limit * (1.0 + 1e-9)
    total, owner = nearest_label(graph, length, label, radius)
    one, other = owner[graph.row], owner[graph.neighbour]
    joining = total[graph.row] + length + total[graph.neighbour]
    keep = (one >= 0) & (one < other) & (joining <= limit)
    a, b, joining = one[keep], other[keep], joining[keep]
    order = np.lexsort((joining, b, a))
    a, b, joining = a[order], b[order], joining[order]
    is_new = np.ones(len(a), dtype=np.bool_)
    is_new[1:] = (np.diff(a) != 0) | (np.diff(b) != 0)
    a, b, joining = a[is_new], b[is_new], joining[is_new]
    kept = _is_among_nearest(a, b, joining, most)
    return a[kept], b[kept], joining[kept]


def _is_among_nearest(a: Ints, b: Ints, length: Floats, most: int) -> Bools:
    """Whether a pair is among the ``most`` shortest of either of its labels."""
    pairs = np.arange(len(a))
    one, other = np.concatenate([a, b]), np.concatenate([b, a])
    pair = np.concatenate([pairs, pairs])
    order = np.lexsort((other, length[pair], one))
    _, first, count = np.unique(one[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(first, count)
    kept = np.zeros(len(a), dtype=np.bool_)
    kept[pair[order][rank < most]] = True
    return kept


def components(graph: RoadGraph, usable: Bools | None = None) -> Ints:
    """Connected part of every node: 0 has the most nodes, ties go to the part with the smallest node.

    ``usable`` (m,) leaves out arcs; a pair of nodes is joined if either of its arcs is usable.
    """
    starts, neighbour, size = graph.indptr, graph.neighbour, len(graph)
    if usable is not None:
        starts, neighbour = np.concatenate([[0], np.cumsum(usable)])[starts], neighbour[usable]
    if size == 0:
        return np.zeros(0, dtype=np.int64)
    joined = csr_matrix((np.ones(len(neighbour), dtype=np.int8), neighbour, starts), shape=(size, size))
    count, found = connected_components(joined, directed=False)
    first = np.empty(count, dtype=np.int64)
    first[found[::-1]] = np.arange(size - 1, -1, -1)  # of equal places the last written stays: the smallest node
    rank = np.empty(count, dtype=np.int64)
    rank[np.lexsort((first, -np.bincount(found)))] = np.arange(count)
    return np.asarray(rank[found], dtype=np.int64)


def _spread(
    graph: RoadGraph, cost: Floats, sources: Ints, limit: float, asked: Ints | None = None
) -> tuple[Floats, Ints, Ints]:  # fmt: skip
    """Search from all sources at once: total, next node towards the source, the source itself (-1 unreached)."""
    n = len(graph)
    is_asked = np.full(n, asked is None)
    if asked is not None:
        is_asked[asked] = True
    total = np.full(n, np.inf)
    next_node, origin = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    sources = np.ascontiguousarray(sources, dtype=np.int64)
    cost = np.ascontiguousarray(cost, dtype=np.float64)
    heap, place = np.zeros(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    left = np.array([np.count_nonzero(is_asked)])
    _dijkstra(
        graph.indptr, graph.neighbour, cost, sources, float(limit), is_asked, left, total, next_node, origin, heap, place
    )  # fmt: skip
    return total, next_node, origin


@lean_kernel
def _dijkstra(
    indptr: Ints,
    neighbour: Ints,
    cost: Floats,
    sources: Ints,
    limit: float,
    is_asked: Bools,
    left: Ints,
    total: Floats,
    next_node: Ints,
    origin: Ints,
    heap: Ints,
    place: Ints,
) -> None:
    for s in sources:
        total[s] = 0.0
        origin[s] = s
        offer(heap, place, total, s)
    while heap[0] > 0 and left[0] > 0:
        x = take(heap, place, total)
        left[0] -= is_asked[x]
        for q in range(indptr[x], indptr[x + 1]):
            y = neighbour[q]
            way = total[x] + cost[q]
            if not way <= limit:
                continue
            # of equal ways the smallest next node, but only while y waits: a node already done must not turn
            # round, or free arcs could chase their own tail
            if way < total[y] or (way == total[y] and place[y] > 0 and x < next_node[y]):
                total[y] = way
                next_node[y] = x
                origin[y] = origin[x]
                offer(heap, place, total, y)
