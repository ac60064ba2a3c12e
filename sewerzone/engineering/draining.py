"""Lines of an existing network -> which piece of sewer drains to which, down to its outlets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from sewerzone.engineering.noding import Streets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AGAINST = 1e4
"""Times its length that a way against the known flow of a sewer counts: only where none else leads to an outlet."""


class Drained(NamedTuple):
    """Pieces of sewers (n,), each between junctions, sorted by sewer and place, and the segments (m,) they are made of.

    Attributes
    ----------
    sewer : (n,) rank of the sewer a piece is part of
    down : (n,) piece that it drains to, -1 at outlets
    outlet : (n,) position of its outlet among those given; of parts that reach none, beyond them
    length_m : (n,)
    x_m, y_m, piece_of : vertices of the pieces from their upper end down, piece by piece
    piece : (m,) piece of every segment of the streets
    is_against : (n,) whether a piece drains against the way its sewer is known to flow
    """

    sewer: Ints
    down: Ints
    outlet: Ints
    length_m: Floats
    x_m: Floats
    y_m: Floats
    piece_of: Ints
    piece: Ints
    is_against: NDArray[np.bool_]


def outlets(streets: Streets, x_m: Floats, y_m: Floats, reach_m: float) -> Ints:
    """Node nearest to each place (k,), -1 where none lies within reach."""
    if not len(streets.x_m) or not len(x_m):
        return np.full(len(x_m), -1, np.int64)
    away, node = cKDTree(np.column_stack([streets.x_m, streets.y_m])).query(np.column_stack([x_m, y_m]))
    return np.where(away <= reach_m, node, -1).astype(np.int64)


def lowest_ends(streets: Streets, given: Ints, elev_m: Floats, flow: Ints) -> Ints:
    """Of every part of the network without any of the ``given`` nodes, its lowest end (by ``elev_m`` of all nodes).

    ``flow`` (m,), 1 or -1: a segment is known to flow from its start to its end, or back; what flows on is no end.
    """
    n = len(streets.x_m)
    part = _parts(streets)
    has = np.zeros(part.max(initial=-1) + 1, np.bool_)
    has[part[given[given >= 0]]] = True
    degree = np.bincount(np.concatenate([streets.start, streets.end]), minlength=n)
    goes_on = np.zeros(n, np.bool_)
    goes_on[np.where(flow > 0, streets.start, streets.end)[flow != 0]] = True
    known = np.where(np.isnan(elev_m), np.inf, elev_m)
    order = np.lexsort((np.arange(n), known, degree != 1, goes_on, part))
    first = order[np.unique(part[order], return_index=True)[1]]
    return first[~has[part[first]]]


def _parts(streets: Streets) -> Ints:
    n = len(streets.x_m)
    links = coo_matrix((np.ones(len(streets.start), np.int8), (streets.start, streets.end)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def drain(streets: Streets, outlet: Ints, flow: Ints) -> Drained:
    """Everything flows to one of the ``outlet`` nodes, as it is known to, else the shortest way; every part has one.

    ``flow`` (m,): 1 where a segment is known to flow from its start to its end, -1 the other way, 0 where that is unknown.
    Where sewers form a loop, both ways round drain apart, and the one segment between them as it flows or to the nearer side.
    """
    n, start, end = len(streets.x_m), streets.start, streets.end
    m = len(start)
    there, back = (streets.length_m * np.where(flow == way, AGAINST, 1.0) for way in (-1, 1))
    begin, to = np.concatenate([start, end]), np.concatenate([end, start])
    weight, segment = np.concatenate([there, back]), np.tile(np.arange(m), 2)
    order = np.lexsort((segment, weight, to, begin))
    order = order[np.diff(begin[order] * n + to[order], prepend=-1) != 0]  # of segments side by side the best
    begin, to, weight, segment = begin[order], to[order], weight[order], segment[order]
    net = coo_matrix((weight, (to, begin)), shape=(n, n)).tocsr()  # from the outlets up
    away, before, source = dijkstra(net, indices=outlet, min_only=True, return_predecessors=True)
    is_outlet = np.zeros(n, np.bool_)
    is_outlet[outlet] = True
    of_node = np.full(n, -1, np.int64)  # the segment by which a node drains
    tree = np.flatnonzero((before[begin] == to) & ~is_outlet[begin])
    of_node[begin[tree]] = segment[tree]
    is_up = np.where(flow == 0, (away[start] > away[end]) | ((away[start] == away[end]) & (start > end)), flow > 0)
    is_up[segment[tree]] = start[segment[tree]] == begin[tree]
    up, low = np.where(is_up, start, end), np.where(is_up, end, start)
    down = of_node[low]
    arriving = np.bincount(down[down >= 0], minlength=m)
    is_against = (flow != 0) & (is_up != (flow > 0))
    under = np.maximum(down, 0)
    goes_on = (down >= 0) & (streets.road[under] == streets.road) & (arriving[under] == 1) & (is_against[under] == is_against)
    rows = np.flatnonzero(goes_on)
    joined = coo_matrix((np.ones(len(rows), np.int8), (rows, down[rows])), shape=(m, m))
    label = np.asarray(connected_components(joined, directed=False)[1], np.int64)
    position = np.full(n, -1, np.int64)
    position[outlet] = np.arange(len(outlet))
    far = away[low] + np.where(is_up, there, back)  # of a segment's upper end by way of it
    return _pieces(streets, up, low, far, label, down, ~goes_on, position[source[low]], is_against)


def _pieces(
    streets: Streets, up: Ints, low: Ints, far: Floats, label: Ints, down: Ints, is_last: NDArray[np.bool_], outlet: Ints,
    is_against: NDArray[np.bool_],
) -> Drained:  # fmt: skip
    """Segments put together to pieces, numbered by sewer and the place of their lower end."""
    last = np.flatnonzero(is_last)
    ends = low[last]
    order = np.lexsort((streets.y_m[ends], streets.x_m[ends], far[last], streets.road[last]))
    last = last[order]
    number = np.empty(len(last), np.int64)
    number[label[last]] = np.arange(len(last))
    piece = number[label]
    at = np.lexsort((-far, piece))
    first = np.flatnonzero(np.diff(piece[at], prepend=-1))
    size = np.diff(np.append(first, len(at)))
    node = np.insert(up[at], first + size, low[last])
    return Drained(
        streets.road[last], np.where(down[last] >= 0, piece[np.maximum(down[last], 0)], -1), outlet[last],
        np.asarray(np.bincount(piece, streets.length_m, minlength=len(last)), np.float64), streets.x_m[node], streets.y_m[node],
        np.repeat(np.arange(len(last)), size + 1), piece, is_against[last],
    )  # fmt: skip
