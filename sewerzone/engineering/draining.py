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
    """

    sewer: Ints
    down: Ints
    outlet: Ints
    length_m: Floats
    x_m: Floats
    y_m: Floats
    piece_of: Ints
    piece: Ints


def outlets(streets: Streets, x_m: Floats, y_m: Floats, reach_m: float) -> Ints:
    """Node nearest to each place (k,), -1 where none lies within reach."""
    if not len(streets.x_m) or not len(x_m):
        return np.full(len(x_m), -1, np.int64)
    away, node = cKDTree(np.column_stack([streets.x_m, streets.y_m])).query(np.column_stack([x_m, y_m]))
    return np.where(away <= reach_m, node, -1).astype(np.int64)


def lowest_ends(streets: Streets, given: Ints, elev_m: Floats) -> Ints:
    """Of every part of the network without any of the ``given`` nodes, its lowest end (by ``elev_m`` of all nodes)."""
    n = len(streets.x_m)
    part = _parts(streets)
    has = np.zeros(part.max(initial=-1) + 1, np.bool_)
    has[part[given[given >= 0]]] = True
    degree = np.bincount(np.concatenate([streets.start, streets.end]), minlength=n)
    known = np.where(np.isnan(elev_m), np.inf, elev_m)
    order = np.lexsort((np.arange(n), known, degree != 1, part))
    first = order[np.unique(part[order], return_index=True)[1]]
    return first[~has[part[first]]]


def _parts(streets: Streets) -> Ints:
    n = len(streets.x_m)
    links = coo_matrix((np.ones(len(streets.start), np.int8), (streets.start, streets.end)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def drain(streets: Streets, outlet: Ints) -> Drained:
    """Everything flows the shortest way to one of the ``outlet`` nodes; every part of the network has one.

    Where sewers form a loop, both ways round drain apart, and the one segment between them to the nearer side.
    """
    n, start, end, length = len(streets.x_m), streets.start, streets.end, streets.length_m
    net = coo_matrix((length, (start, end)), shape=(n, n)).tocsr()
    away, before, source = dijkstra(net, directed=False, indices=outlet, min_only=True, return_predecessors=True)
    is_up = (away[start] > away[end]) | ((away[start] == away[end]) & (start > end))
    up, low = np.where(is_up, start, end), np.where(is_up, end, start)
    of_node = np.full(n, -1, np.int64)  # the segment by which a node drains
    tree = np.flatnonzero(before[up] == low)
    of_node[up[tree]] = tree
    is_outlet = np.zeros(n, np.bool_)
    is_outlet[outlet] = True
    of_node[is_outlet] = -1
    down = of_node[low]
    arriving = np.bincount(down[down >= 0], minlength=len(up))
    goes_on = (down >= 0) & (streets.road[np.maximum(down, 0)] == streets.road) & (arriving[np.maximum(down, 0)] == 1)
    rows = np.flatnonzero(goes_on)
    joined = coo_matrix((np.ones(len(rows), np.int8), (rows, down[rows])), shape=(len(up), len(up)))
    label = np.asarray(connected_components(joined, directed=False)[1], np.int64)
    position = np.full(n, -1, np.int64)
    position[outlet] = np.arange(len(outlet))
    return _pieces(streets, up, low, away, label, down, ~goes_on, position[source[low]])


def _pieces(
    streets: Streets, up: Ints, low: Ints, away: Floats, label: Ints, down: Ints, is_last: NDArray[np.bool_], outlet: Ints
) -> Drained:  # fmt: skip
    """Segments put together to pieces, numbered by sewer and the place of their lower end."""
    last = np.flatnonzero(is_last)
    ends = low[last]
    order = np.lexsort((streets.y_m[ends], streets.x_m[ends], away[up[last]], streets.road[last]))
    last = last[order]
    number = np.empty(len(last), np.int64)
    number[label[last]] = np.arange(len(last))
    piece = number[label]
    at = np.lexsort((-away[up], piece))
    first = np.flatnonzero(np.diff(piece[at], prepend=-1))
    size = np.diff(np.append(first, len(at)))
    node = np.insert(up[at], first + size, low[last])
    return Drained(
        streets.road[last], np.where(down[last] >= 0, piece[np.maximum(down[last], 0)], -1), outlet[last],
        np.asarray(np.bincount(piece, streets.length_m, minlength=len(last)), np.float64), streets.x_m[node], streets.y_m[node],
        np.repeat(np.arange(len(last)), size + 1), piece,
    )  # fmt: skip
