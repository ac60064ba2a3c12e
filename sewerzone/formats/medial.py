"""The middle of strips whose borders are known: the chordal axis of a Delaunay triangulation of points along the borders.

A triangle of a strip has corners on both sides; the middles of its sides that cross the strip follow each other along the
strip, exactly in the middle where the sides are parallel. Triangles with three such sides are junctions. (L. Prasad:
Morphological analysis of shapes, CNLS Newsletter 139, 1997.) Plane coordinates in metres, no geometry library.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_ROUNDS = 8
"""Of refining the points; borders that still are no sides of triangles lie nearer to each other than any road is wide."""
SHORTEST_M = 0.3
"""Pieces of borders that are not parted further."""
_NONE = -1


class Borders(NamedTuple):
    """Points along borders and the pieces between them."""

    xy: Floats
    start: Ints
    end: Ints
    is_solid: Flags
    """Points of what no strip lies beside: buildings."""


class Triangles(NamedTuple):
    """Corners anticlockwise; the neighbour (-1: none) and the side opposite to each corner."""

    xy: Floats
    corner: Ints
    neighbour: Ints
    side: Ints
    """A number that both triangles of a side share."""
    is_border: Flags
    """Whether a side lies on a border."""
    is_solid: Flags
    """Triangles with a corner on what no strip lies beside."""

    def centre(self) -> Floats:
        """Centroids."""
        return np.asarray(self.xy[self.corner].mean(axis=1))

    def area(self) -> Floats:
        """In square metres."""
        a, b, c = (self.xy[self.corner[:, k]] for k in range(3))
        return np.asarray(np.abs(_cross(b - a, c - a)) / 2.0)


class Axis(NamedTuple):
    """Nodes in the middle of strips and the links between them."""

    xy: Floats
    chord: Floats
    """From border to border through the node; NaN at junctions."""
    radius: Floats
    """Distance to the borders, nearly."""
    start: Ints
    end: Ints


def borders(xy: Floats, line: Ints, is_solid: Flags) -> Borders:
    """Points of lines, in order along each, as borders; points of one place are one, to the millimetre."""
    place, index = np.unique(np.round(xy, 3), axis=0, return_inverse=True)
    index = index.reshape(-1).astype(np.int64)
    solid = np.ones(len(place), dtype=bool)
    solid[index[~is_solid]] = False
    same = line[1:] == line[:-1]
    start, end = index[:-1][same], index[1:][same]
    pieces = np.unique(np.sort(np.column_stack([start, end])[start != end], axis=1), axis=0)
    return Borders(place, pieces[:, 0], pieces[:, 1], solid)


def triangulate(held: Borders) -> Triangles:
    """Triangles of the plane whose sides the borders are: where they are not, points are added halfway."""
    for _ in range(MOST_ROUNDS):
        made = _triangles(held)
        lost = ~np.isin(_key(held.start, held.end, len(held.xy)), made.side[made.is_border])
        step = held.xy[held.end] - held.xy[held.start]
        lost &= np.hypot(step[:, 0], step[:, 1]) > SHORTEST_M
        if not lost.any():
            break
        middle = (held.xy[held.start[lost]] + held.xy[held.end[lost]]) / 2.0
        fresh = len(held.xy) + np.arange(len(middle))
        held = Borders(
            np.concatenate([held.xy, middle]),
            np.concatenate([held.start[~lost], held.start[lost], fresh]),
            np.concatenate([held.end[~lost], fresh, held.end[lost]]),
            np.concatenate([held.is_solid, held.is_solid[held.start[lost]] & held.is_solid[held.end[lost]]]),
        )
    return made


def _triangles(held: Borders) -> Triangles:
    found = Delaunay(held.xy)
    corner, neighbour = found.simplices.astype(np.int64), found.neighbors.astype(np.int64)
    count = len(held.xy)
    side = np.column_stack([_key(corner[:, (k + 1) % 3], corner[:, (k + 2) % 3], count) for k in range(3)])
    is_border = np.isin(side, _key(held.start, held.end, count))
    is_solid = np.asarray(held.is_solid[corner].any(axis=1))
    return Triangles(held.xy, corner, neighbour, side, is_border, is_solid)


def _key(a: Ints, b: Ints, count: int) -> Ints:
    """One number for two points, whichever comes first."""
    return np.asarray(np.minimum(a, b) * count + np.maximum(a, b))


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def regions(triangles: Triangles) -> Ints:
    """Number of the region each triangle lies in; borders part regions."""
    triangle, k = np.nonzero((triangles.neighbour >= 0) & ~triangles.is_border)
    links = coo_array(
        (np.ones(len(triangle), dtype=np.int8), (triangle, triangles.neighbour[triangle, k])),
        shape=(len(triangles.corner), len(triangles.corner)),
    )
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def circles(triangles: Triangles) -> tuple[Floats, Floats]:
    """Centres and radii of the circles through the corners."""
    a, b, c = (triangles.xy[triangles.corner[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    twice = 2.0 * _cross(ab, ac)
    with np.errstate(divide="ignore", invalid="ignore"):
        ab2, ac2 = (ab**2).sum(axis=1), (ac**2).sum(axis=1)
        off = np.column_stack([ac[:, 1] * ab2 - ab[:, 1] * ac2, ab[:, 0] * ac2 - ac[:, 0] * ab2]) / twice[:, None]
    radius = np.hypot(off[:, 0], off[:, 1])
    return a + off, np.where(np.isfinite(radius), radius, np.inf)


def axis(triangles: Triangles, inside: Flags) -> Axis:
    """The chordal axis of the triangles inside strips."""
    beyond = np.where(triangles.neighbour >= 0, inside[triangles.neighbour], False)
    is_open = inside[:, None] & beyond & ~triangles.is_border
    sides, first = np.unique(triangles.side[is_open], return_index=True)
    triangle, k = (v[first] for v in np.nonzero(is_open))
    left = triangles.xy[triangles.corner[triangle, (k + 1) % 3]]
    right = triangles.xy[triangles.corner[triangle, (k + 2) % 3]]
    node = np.where(is_open, np.searchsorted(sides, triangles.side), _NONE)
    many = is_open.sum(axis=1)
    through = np.sort(node[many == 2], axis=1)[:, 1:]
    junction = np.flatnonzero(many == 3)
    at, radius = _middles(triangles, junction)
    centre = len(sides) + np.arange(len(junction))
    return Axis(
        np.concatenate([(left + right) / 2.0, at]),
        np.concatenate([right - left, np.full((len(junction), 2), np.nan)]),
        np.concatenate([np.hypot(*(right - left).T) / 2.0, radius]),
        np.concatenate([through[:, 0], np.repeat(centre, 3)]),
        np.concatenate([through[:, 1], node[junction].ravel()]),
    )


def _middles(triangles: Triangles, which: Ints) -> tuple[Floats, Floats]:
    """Where the axes of a junction's triangle meet, and how far that is from its corners."""
    some = triangles._replace(corner=triangles.corner[which])
    centre, radius = circles(some)
    points = some.xy[some.corner]
    after = np.roll(points, -1, axis=1)
    squares = ((after - points) ** 2).sum(axis=2)
    longest, row = squares.argmax(axis=1), np.arange(len(squares))
    is_obtuse = 2.0 * squares[row, longest] > squares.sum(axis=1)  # the circle's centre lies beyond the longest side
    centre[is_obtuse] = (points[row, longest] + after[row, longest])[is_obtuse] / 2.0
    return centre, np.where(is_obtuse, np.sqrt(squares[row, longest]) / 2.0, radius)
