"""Closing of footprints: their surroundings with bays and gaps filled, as contours.

Ground within margin + closing of a unit's footprints, less what lies within the closing of all other ground: houses with
their margin, gaps up to twice the closing filled (grow, join, shrink). Distances are exact at the nodes of a lattice, and
contours run straight between its sides, so nothing is joined shape by shape. The lattice is worked off in tiles, each with
the nodes round it that its own depend on: memory does not grow with the town, and tiles meet without a seam.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sewerzone.engineering.gaps import Features, Floats, Ints, is_inside, point_segment2
from sewerzone.engineering.heap import lean_kernel

Bools = NDArray[np.bool_]

_ACROSS = 64
"""Cells along a side of a tile; more than any house's surroundings reach, see :func:`step_m`."""
_SLACK = 1.01
"""Times a cell's side: how far the distances at its two ends may differ, with some room for rounding."""
_OFF_NODE = 1e-3
"""Part of a cell's side that contours keep off its ends, so that they never touch themselves there."""
_CHORDS = 0.05
"""Times the margin: how much farther out contours are asked for, as chords round corners fall that much short of the arc."""
_FINE = 0.6
"""Times the margin: cells no wider let no contour cut into a footprint."""


class Rings(NamedTuple):
    """Closed lines with the ground inside to their left: shells run counter-clockwise, holes clockwise.

    Attributes
    ----------
    xy_m : (v, 2) vertices; the first of a ring is not repeated
    start : (k + 1,) offsets of the rings
    unit : (k,) unit of each, ascending
    """

    xy_m: Floats
    start: Ints
    unit: Ints


def step_m(closing_m: Floats, margin_m: float) -> Floats:
    """Side of the lattice's cells; chords of a contour of radius r stay within step ** 2 / 8 r of it.

    That is 5 % of the margin round corners. Where margins are narrow beside the closing, cells stay wider than that asks:
    their number would grow without end.
    """
    reach = closing_m + margin_m
    return np.maximum(np.minimum(_FINE * margin_m, reach / 4.0), reach / 12.0)


def is_fine(closing_m: Floats, margin_m: float) -> Bools:
    """Whether cells are so small that contours hold all footprints."""
    return step_m(closing_m, margin_m) <= _FINE * margin_m


def closed(features: Features, unit: Ints, closing_m: Floats, margin_m: float) -> Rings:
    """Contours round the footprints of each unit.

    Parameters
    ----------
    features : n footprints
    unit : (n,) unit of each, 0 .. u-1; below 0 for those to leave out
    closing_m : (u,) half the width of gaps and bays to fill, above 0
    margin_m : ground kept round footprints
    """
    rows = np.flatnonzero(unit >= 0)
    if not len(rows):
        return Rings(np.empty((0, 2)), np.zeros(1, np.int64), np.empty(0, np.int64))
    step = step_m(closing_m, margin_m)
    reach = closing_m + margin_m * (1.0 + _CHORDS)
    first = features.ring[features.feature[:-1]]
    box = np.concatenate([np.minimum.reduceat(features.xy_m, first), np.maximum.reduceat(features.xy_m, first)], axis=1)
    corner = features.xy_m.min(axis=0) - float((reach + closing_m + 4.0 * step).max())
    tile, start, item = _tiles(box, rows, unit, corner, step, reach + closing_m + 4.0 * step)
    size = (tile[:, 1:].max(axis=0) + 1) * _ACROSS + 1
    halo = np.ceil(closing_m / step).astype(np.int64) + 2
    value = np.empty((2, *[_ACROSS + 2 * int(halo.max()) + 1] * 2))
    room = 1024 + 256 * len(tile)
    while True:
        ends, at = np.empty((room, 2), np.int64), np.empty((room, 2))
        found = _trace(
            features.xy_m, features.ring, features.feature, box, tile, start, item, corner, size, halo, step, reach,
            closing_m, value[0], value[1], np.empty(4, np.int64), ends, at,
        )  # fmt: skip
        if found <= room:
            return _rings(ends[:found], at[:found], 2 * int(size.prod()))
        room = found


def _tiles(box: Floats, rows: Ints, unit: Ints, corner: Floats, step: Floats, far: Floats) -> tuple[Ints, Ints, Ints]:
    """Tiles (unit, column, row) that footprints have a part in, and the footprints of each: offsets, rows."""
    of, most = unit[rows], far[unit[rows]]
    side = (_ACROSS * step[of])[:, None]
    least = np.floor((box[rows, :2] - corner - most[:, None]) / side).astype(np.int64)
    across = np.floor((box[rows, 2:] - corner + most[:, None]) / side).astype(np.int64) + 1 - least
    times = across.prod(axis=1)
    each = np.repeat(np.arange(len(rows)), times)
    turn = np.arange(len(each)) - (np.cumsum(times) - times)[each]
    column, row = least[each, 0] + turn % across[each, 0], least[each, 1] + turn // across[each, 0]
    key = (of[each] * (row.max() + 1) + row) * (column.max() + 1) + column
    order = np.argsort(key, kind="stable")
    start = np.concatenate([np.flatnonzero(np.diff(key[order], prepend=-1)), [len(order)]])
    at = order[start[:-1]]
    return np.stack([of[each[at]], column[at], row[at]], axis=1), start.astype(np.int64), rows[each[order]]


def _rings(ends: Ints, at: Floats, keys_per_unit: int) -> Rings:
    """Stretches (from, to: numbers of the sides they cross) put together; ``at`` is where each begins."""
    order = np.argsort(ends[:, 0])
    key = ends[order, 0]
    visited, start = np.empty(len(key), np.int64), np.empty(len(key) + 1, np.int64)
    count = _follow(np.searchsorted(key, ends[order, 1]), visited, start)
    begin = start[:count]
    return Rings(at[order[visited]], start[: count + 1].copy(), key[visited[begin]] // keys_per_unit)


@lean_kernel
def _follow(following: Ints, visited: Ints, start: Ints) -> int:
    """Closed rounds through ``following``, one after the other; negates what it has passed."""
    count, place = 0, 0
    for first in range(len(following)):
        if following[first] < 0:
            continue
        start[count] = place
        count += 1
        i = first
        while following[i] >= 0:
            visited[place] = i
            place += 1
            after = following[i]
            following[i] = -1
            i = after
    start[count] = place
    return count


@lean_kernel
def _trace(
    xy: Floats, ring: Ints, feature: Ints, box: Floats, tile: Ints, start: Ints, item: Ints, corner: Floats, size: Ints,
    halo: Ints, step: Floats, reach: Floats, closing: Floats, grown: Floats, shrunk: Floats, window: Ints, ends: Ints,
    at: Floats,
) -> int:  # fmt: skip
    """Contours of all tiles, stretch by stretch; returns how many there are and fills those there is room for."""
    found = 0
    for t in range(len(tile)):
        u = tile[t, 0]
        h, west, south = step[u], tile[t, 1] * _ACROSS - halo[u], tile[t, 2] * _ACROSS - halo[u]
        x0, y0 = corner[0] + west * h, corner[1] + south * h
        _grow(grown, window, _ACROSS + 2 * halo[u], x0, y0, h, reach[u], xy, ring, feature, box, item, start[t], start[t + 1])
        _shrink(grown, shrunk, window, h, closing[u])
        for j in range(max(window[1], halo[u]), min(window[3], halo[u] + _ACROSS)):
            for i in range(max(window[0], halo[u]), min(window[2], halo[u] + _ACROSS)):
                for side in range(4):
                    last = _end(shrunk, i, j, side)
                    if last < 0:
                        continue
                    if found < len(ends):
                        ends[found, 0] = _number(u, south + j, west + i, side, size)
                        ends[found, 1] = _number(u, south + j, west + i, last, size)
                        x, y = _crossing(shrunk, i, j, side)
                        at[found, 0], at[found, 1] = x0 + x * h, y0 + y * h
                    found += 1
    return found


@lean_kernel
def _number(unit: int, row: int, column: int, side: int, size: Ints) -> int:
    """Number of a side of a cell (0 south, 1 east, 2 north, 3 west), the same from both cells it parts."""
    row, column = row + (1 if side == 2 else 0), column + (1 if side == 1 else 0)
    return 2 * ((unit * size[1] + row) * size[0] + column) + side % 2  # type: ignore[no-any-return]


@lean_kernel
def _grow(
    value: Floats, window: Ints, cells: int, x0: float, y0: float, h: float, reach: float, xy: Floats, ring: Ints,
    feature: Ints, box: Floats, item: Ints, begin: int, end: int,
) -> None:  # fmt: skip
    """How much nearer than ``reach`` each node is to the nearest footprint, as far as a cell's side matters; 0 and less is not.

    ``window`` becomes the nodes (west, south, east, north) that contours may run between.
    """
    far, sure2 = reach + _SLACK * h, max(0.0, reach - _SLACK * h) ** 2
    _fill(value, cells, far * far)
    for k in range(begin, end):
        _sink(value, cells, xy, (ring[feature[item[k]]] + ring[feature[item[k]] + 1] - 1) // 2, x0, y0, h, sure2)
    window[0], window[1], window[2], window[3] = cells, cells, 0, 0
    for k in range(begin, end):
        f = item[k]
        west, east = max(int(np.floor((box[f, 0] - far - x0) / h)), 0), min(int((box[f, 2] + far - x0) / h) + 1, cells)
        south, north = max(int(np.floor((box[f, 1] - far - y0) / h)), 0), min(int((box[f, 3] + far - y0) / h) + 1, cells)
        window[0], window[1] = min(window[0], west), min(window[1], south)
        window[2], window[3] = max(window[2], east), max(window[3], north)
        for j in range(south, north + 1):
            y = y0 + j * h
            dy = max(max(box[f, 1] - y, y - box[f, 3]), 0.0)
            for i in range(west, east + 1):
                if value[j, i] > sure2:
                    x = x0 + i * h
                    dx = max(max(box[f, 0] - x, x - box[f, 2]), 0.0)
                    if dx * dx + dy * dy < value[j, i]:
                        value[j, i] = min(value[j, i], _away2(x, y, xy, ring, feature, f))
    for j in range(window[1], window[3] + 1):
        for i in range(window[0], window[2] + 1):
            value[j, i] = reach - np.sqrt(value[j, i])


@lean_kernel
def _fill(value: Floats, cells: int, with_: float) -> None:
    for j in range(cells + 1):
        for i in range(cells + 1):
            value[j, i] = with_


@lean_kernel
def _sink(value: Floats, cells: int, xy: Floats, m: int, x0: float, y0: float, h: float, sure2: float) -> None:
    """Nodes so near a vertex that their exact distance does not matter: most of those in a town."""
    x, y, radius2 = (xy[m, 0] - x0) / h, (xy[m, 1] - y0) / h, sure2 / (h * h)
    radius = np.sqrt(radius2)
    for j in range(max(int(np.ceil(y - radius)), 0), min(int(np.floor(y + radius)), cells) + 1):
        half = np.sqrt(max(radius2 - (j - y) ** 2, 0.0))
        for i in range(max(int(np.ceil(x - half)), 0), min(int(np.floor(x + half)), cells) + 1):
            value[j, i] = 0.0


@lean_kernel
def _away2(x: float, y: float, xy: Floats, ring: Ints, feature: Ints, f: int) -> float:
    """Squared distance of a place from footprint f, 0 in it."""
    least = np.inf
    for k in range(feature[f], feature[f + 1]):
        for m in range(ring[k], max(ring[k + 1] - 1, ring[k] + 1)):
            e = min(m + 1, ring[k + 1] - 1)
            least = min(least, point_segment2(x, y, xy[m, 0], xy[m, 1], xy[e, 0], xy[e, 1]))
    return 0.0 if is_inside(x, y, xy, ring, feature, f) else least


@lean_kernel
def _shrink(grown: Floats, value: Floats, window: Ints, h: float, closing: float) -> None:
    """How much farther than ``closing`` each node is inside the contour of what has grown, as far as a cell's side matters."""
    west, south, east, north = window[0], window[1], window[2], window[3]
    far = closing / h + _SLACK
    _fill(value, max(east, north), far * far)
    for j in range(south, north):
        for i in range(west, east):
            for side in range(4):
                last = _end(grown, i, j, side)
                if last < 0:
                    continue
                ax, ay = _crossing(grown, i, j, side)
                bx, by = _crossing(grown, i, j, last)
                for q in range(max(south, int(np.ceil(min(ay, by) - far))), min(north, int(max(ay, by) + far)) + 1):
                    for p in range(max(west, int(np.ceil(min(ax, bx) - far))), min(east, int(max(ax, bx) + far)) + 1):
                        value[q, p] = min(value[q, p], point_segment2(p, q, ax, ay, bx, by))
    for j in range(south, north + 1):
        for i in range(west, east + 1):
            depth = np.sqrt(value[j, i]) * h
            value[j, i] = (depth if grown[j, i] > 0.0 else -depth) - closing


@lean_kernel
def _end(value: Floats, i: int, j: int, side: int) -> int:
    """Side of a cell where the contour ends that begins at ``side``, the ground above 0 to its left; -1: none begins there.

    Going round the cell counter-clockwise, a contour begins where the ground sinks below 0 and ends where it next rises: so
    ground that meets at two opposite corners is joined.
    """
    if not (_is_high(value, i, j, side) and not _is_high(value, i, j, side + 1)):
        return -1
    end = side + 1
    while not _is_high(value, i, j, end + 1):
        end += 1
    return end % 4


@lean_kernel
def _is_high(value: Floats, i: int, j: int, corner: int) -> bool:
    """Whether a corner of a cell, counter-clockwise from the south-west, is above 0."""
    return value[j + (corner % 4) // 2, i + ((corner + 1) % 4) // 2] > 0.0  # type: ignore[no-any-return]


@lean_kernel
def _crossing(value: Floats, i: int, j: int, side: int) -> tuple[float, float]:
    """Where the contour crosses a side of a cell, in cells from the first node."""
    p, q = i + (1 if side == 1 else 0), j + (1 if side == 2 else 0)
    one = value[q, p]
    other = value[q, p + 1] if side % 2 == 0 else value[q + 1, p]
    t = min(max(one / (one - other), _OFF_NODE), 1.0 - _OFF_NODE)
    return (p + t, float(q)) if side % 2 == 0 else (float(p), q + t)
