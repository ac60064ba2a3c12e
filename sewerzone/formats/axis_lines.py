"""Lines from junction to junction made of a chordal axis: spurs pruned, forks drawn together, junctions and ends set right."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sewerzone.formats.medial import Axis, Floats, Ints

Shapes = NDArray[Any]

SPUR = 2.2
"""Dead ends shorter than so many half widths of the road they leave are its corners (a right angle's: 1.4)."""
AHEAD = 3.0
"""A road's direction at a junction is taken within so many half widths of it."""
FARTHEST = 1.5
"""A junction moves by no more than so many half widths."""
_TOWARDS_MEAN = 0.05
"""Weight of the mean of a junction's nodes beside each of its roads' directions."""
SMOOTH_M = 0.2
MOST_ROUNDS = 50


class Chains:
    """Lines between nodes of an axis; what the axis knows of a position is found by the position."""

    def __init__(self, axis: Axis, lines: Shapes) -> None:
        self.axis, self.lines = axis, lines
        self._order = np.argsort(_complex(axis.xy), kind="stable")
        self._place = _complex(axis.xy)[self._order]

    def nodes(self, xy: Floats) -> Ints:
        """The nodes at positions."""
        return np.asarray(self._order[np.searchsorted(self._place, _complex(xy))], dtype=np.int64)

    def ends(self) -> tuple[Ints, Ints]:
        """First and last node of each line."""
        first, last = (shapely.get_coordinates(shapely.get_point(self.lines, k)) for k in (0, -1))
        return self.nodes(first), self.nodes(last)

    def prune(self) -> None:
        """Drop dead ends that only lead into corners, all at once, again until none is left."""
        radius = self.axis.radius
        for _ in range(MOST_ROUNDS):
            a, b = self.ends()
            degree = np.bincount(np.concatenate([a, b]), minlength=len(radius))
            tip = np.where(degree[a] == 1, a, b)
            root = np.where(degree[a] == 1, b, a)
            is_dead = (degree[tip] == 1) & (degree[root] > 2)
            is_spur = is_dead & (shapely.length(self.lines) + radius[tip] <= SPUR * radius[root])
            if not is_spur.any():
                return
            self.lines = merged(self.lines[~is_spur])

    def widths(self) -> Floats:
        """Of the road along each line: the chords as seen across the line, the middle one of all."""
        xy, line = shapely.get_coordinates(self.lines, return_index=True)
        chord = self.axis.chord[self.nodes(xy)]
        ahead, behind = np.minimum(np.arange(len(xy)) + 1, len(xy) - 1), np.maximum(np.arange(len(xy)) - 1, 0)
        ahead = np.where(line[ahead] == line, ahead, np.arange(len(xy)))
        behind = np.where(line[behind] == line, behind, np.arange(len(xy)))
        way = xy[ahead] - xy[behind]
        width = np.abs(chord[:, 0] * way[:, 1] - chord[:, 1] * way[:, 0]) / np.hypot(*way.T)
        a, b = self.ends()
        ends = np.maximum(self.axis.radius[a], self.axis.radius[b]) * 2.0
        return _medians(width, line.astype(np.int64), len(self.lines), ends)


def _complex(xy: Floats) -> NDArray[np.complex128]:
    return np.ascontiguousarray(xy).view(np.complex128).ravel()


def _medians(value: Floats, group: Ints, count: int, otherwise: Floats) -> Floats:
    """Lower median of each group's finite values; ``otherwise`` where it has none."""
    good = np.isfinite(value)
    value, group = value[good], group[good]
    order = np.lexsort((value, group))
    size = np.bincount(group, minlength=count)
    start = np.cumsum(size) - size
    out = otherwise.copy()
    has = size > 0
    out[has] = value[order][(start + (size - 1) // 2)[has]]
    return out


def merged(lines: Shapes) -> Shapes:
    """Lines from junction to junction, in the order and direction that their coordinates give them."""
    if not len(lines):
        return lines
    made = shapely.normalize(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))))
    return np.asarray(made[np.argsort(shapely.to_wkb(made))])


def components(lines: Shapes) -> tuple[Ints, Ints]:
    """Connected component of each line, and how many lines end at each of their end points."""
    first, last = (shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1))
    node = np.unique(np.concatenate([first, last]), axis=0, return_inverse=True)[1].reshape(-1)
    a, b = node[: len(lines)], node[len(lines) :]
    count = int(node.max()) + 1
    links = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    component = connected_components(links, directed=False)[1]
    return np.unique(component[a], return_inverse=True)[1].astype(np.int64), np.bincount(node).astype(np.int64)


def network(axis: Axis, least_piece_m: float) -> tuple[Shapes, Floats]:
    """The axis as lines from junction to junction, and the width of the road along each.

    Parameters
    ----------
    axis : nodes and links
    least_piece_m : connected pieces that are shorter in all are left out
    """
    links = shapely.linestrings(np.stack([axis.xy[axis.start], axis.xy[axis.end]], axis=1))
    chains = Chains(axis, merged(np.asarray(links)[shapely.length(links) > 0]))
    if len(chains.lines):
        chains.prune()
    if len(chains.lines) and least_piece_m > 0:
        component, _ = components(chains.lines)
        chains.lines = chains.lines[np.bincount(component, weights=shapely.length(chains.lines))[component] >= least_piece_m]
    if not len(chains.lines):
        return chains.lines, np.empty(0)
    return _cleared(chains)


def _cleared(chains: Chains) -> tuple[Shapes, Floats]:
    """Forks of one crossing drawn together where the roads' directions meet; dead ends drawn out to the border."""
    a, b = chains.ends()
    radius = chains.axis.radius
    degree = np.bincount(np.concatenate([a, b]), minlength=len(radius))
    is_link = (degree[a] > 2) & (degree[b] > 2) & (shapely.length(chains.lines) <= np.maximum(radius[a], radius[b]))
    width = chains.widths()
    links = coo_array((np.ones(int(is_link.sum()), dtype=np.int8), (a[is_link], b[is_link])), shape=(len(radius),) * 2)
    group = connected_components(links, directed=False)[1].astype(np.int64)
    lines, width = chains.lines[~is_link], width[~is_link]
    a, b = a[~is_link], b[~is_link]
    xy, line, distance_a, distance_b = _along(lines)
    reach = np.where(degree > 1, radius, np.minimum(radius, width.max(initial=0.0)))
    outer = (distance_a > reach[a][line]) & (distance_b > reach[b][line])
    is_end = np.r_[True, line[1:] != line[:-1]] | np.r_[line[1:] != line[:-1], True]
    middle = _middles(chains.axis, degree, group, lines, (a, b))
    keep = outer | is_end
    xy, line = xy[keep], line[keep]
    first = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    last = np.r_[first[1:], len(line)] - 1
    xy[first], xy[last] = middle[a], middle[b]
    for tip, end, beside in ((a, first, first + 1), (b, last, last - 1)):
        way = xy[end] - xy[beside]
        length = np.hypot(*way.T)
        out = (degree[tip] == 1) & (length > 0)
        xy[end[out]] += way[out] / length[out, None] * reach[tip[out], None]
    made = shapely.simplify(shapely.linestrings(xy, indices=line), SMOOTH_M)
    good = shapely.length(made) > 0
    return np.asarray(made)[good], width[good]


def _along(lines: Shapes) -> tuple[Floats, Ints, Floats, Floats]:
    """Positions of lines, the line of each, and how far it lies along it from either end."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    step = np.r_[0.0, np.hypot(*np.diff(xy, axis=0).T)]
    is_first = np.r_[True, line[1:] != line[:-1]]
    step[is_first] = 0.0
    run = np.cumsum(step)
    first = np.flatnonzero(is_first)
    last = np.r_[first[1:], len(line)] - 1
    return xy, line.astype(np.int64), run - run[first][line], run[last][line] - run


def _middles(axis: Axis, degree: Ints, group: Ints, lines: Shapes, ends: tuple[Ints, Ints]) -> Floats:
    """Places of nodes: those of a group where the directions of its roads meet best, or their mean where that is far off."""
    is_junction = degree > 2
    some = group[is_junction]
    count = int(group.max()) + 1
    members = np.maximum(np.bincount(some, minlength=count), 1)
    mean = np.column_stack([np.bincount(some, weights=axis.xy[is_junction, k], minlength=count) / members for k in (0, 1)])
    radius = np.zeros(count)
    np.maximum.at(radius, some, axis.radius[is_junction])
    node = np.concatenate(ends)
    length = np.tile(shapely.length(lines), 2)
    near = np.minimum(radius[group[node]], length / 3.0)
    far = np.minimum(AHEAD * radius[group[node]], length * 2.0 / 3.0)
    turned = np.concatenate([lines, shapely.reverse(lines)])
    p, q = (shapely.get_coordinates(shapely.line_interpolate_point(turned, away)) for away in (near, far))
    way = q - p
    size = np.hypot(*way.T)
    good = (size > 0) & is_junction[node]
    way, p, of = way[good] / size[good, None], p[good], group[node[good]]
    across = np.eye(2) - way[:, :, None] * way[:, None, :]  # what lies beside the direction counts, what lies along does not
    matrix = np.broadcast_to(np.eye(2) * _TOWARDS_MEAN, (count, 2, 2)).copy()
    target = mean * _TOWARDS_MEAN
    np.add.at(matrix, of, across)
    np.add.at(target, of, np.einsum("nij,nj->ni", across, p))
    best = np.linalg.solve(matrix, target[:, :, None])[:, :, 0]
    off = np.hypot(*(best - mean).T) > FARTHEST * radius
    best[off] = mean[off]
    return np.where(is_junction[:, None], best[group], axis.xy)
