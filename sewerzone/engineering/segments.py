"""Neighbours of straight segments: a uniform grid, nearest segment, segments within reach, crossings.

All answers depend on coordinates and on the order of the segments only, never on the cell size: equal distances go to
the segment that comes first, so a caller that sorts its segments gets the same answer whatever order the data came in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sewerzone.engineering.heap import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELL_LEAST_M = 25.0
"""Cells smaller than a house's distance to its road only cost memory."""


class Feet(NamedTuple):
    """Foot points of points on segments: ``share`` 0 at the segment's start, 1 at its end; distance point to foot."""

    segment: Ints
    share: Floats
    distance_m: Floats


@dataclass(frozen=True, eq=False)
class SegmentGrid:
    """Segments (m,) and the grid cells each of them passes through.

    Attributes
    ----------
    x0, y0, x1, y1 : (m,) ends of the segments, metres
    frame : (5,) west edge, south edge, cell size, columns, rows of the grid
    first : (cells + 1,) where each cell's list begins in ``member``
    member : segments by cell, rising within a cell
    """

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    frame: Floats
    first: Ints
    member: Ints

    def __len__(self) -> int:
        return len(self.x0)


def grid(x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> SegmentGrid:
    """Sort segments, given by their ends in metres, into grid cells; about one to four segments a cell."""
    x0, y0, x1, y1 = (np.ascontiguousarray(v, dtype=np.float64) for v in (x0, y0, x1, y1))
    if not len(x0):
        frame = np.array([0.0, 0.0, CELL_LEAST_M, 1.0, 1.0])
        return SegmentGrid(x0, y0, x1, y1, frame, np.zeros(2, np.int64), np.zeros(0, np.int64))
    west, south = min(x0.min(), x1.min()), min(y0.min(), y1.min())
    width, height = max(x0.max(), x1.max()) - west, max(y0.max(), y1.max()) - south
    # A cell count bounded by the segments keeps one stray road far away from costing gigabytes.
    cell = max(CELL_LEAST_M, math.sqrt(width * height / (2.0 * len(x0) + 64.0)), max(width, height) / 30_000.0)
    frame = np.array([west - 0.5 * cell, south - 0.5 * cell, cell, width // cell + 2.0, height // cell + 2.0])
    first, member = _rasterise(x0, y0, x1, y1, frame)
    return SegmentGrid(x0, y0, x1, y1, frame, first, member)


def nearest(of: SegmentGrid, x_m: Floats, y_m: Floats, reach_m: float = math.inf) -> Feet:
    """The nearest segment of every point; segment -1 and distance inf where none lies within ``reach_m`` (included).

    Equal distances go to the segment with the smaller index.
    """
    if not len(of):
        return Feet(np.full(len(x_m), -1, np.int64), np.zeros(len(x_m)), np.full(len(x_m), np.inf))
    x, y = np.ascontiguousarray(x_m, dtype=np.float64), np.ascontiguousarray(y_m, dtype=np.float64)
    return Feet(*_nearest(x, y, of.x0, of.y0, of.x1, of.y1, of.frame, of.first, of.member, float(reach_m)))


def within(of: SegmentGrid, x_m: Floats, y_m: Floats, reach_m: float) -> tuple[Ints, Feet]:
    """All segments within ``reach_m`` (finite, included) of points: index of the point, and its foot; sorted by both."""
    x, y = np.ascontiguousarray(x_m, dtype=np.float64), np.ascontiguousarray(y_m, dtype=np.float64)
    point, segment, share, distance = _within(x, y, of.x0, of.y0, of.x1, of.y1, of.frame, of.first, of.member, float(reach_m))
    order = np.lexsort((segment, point))
    return point[order], Feet(segment[order], share[order], distance[order])


def crossings(of: SegmentGrid) -> tuple[Ints, Ints, Floats, Floats]:
    """Pairs of segments that meet in one point: (one, other, share on one, share on other), one < other, sorted.

    Touching ends count; collinear segments, which meet in more than a point or none, do not.
    """
    one, other, on_one, on_other = _crossings(of.x0, of.y0, of.x1, of.y1, of.frame, of.first, of.member)
    order = np.lexsort((other, one))
    return one[order], other[order], on_one[order], on_other[order]


@kernel
def _rasterise(x0: Floats, y0: Floats, x1: Floats, y1: Floats, frame: Floats) -> tuple[Ints, Ints]:
    """Cells each segment passes through: row by row, the columns it spans there, a hair wider for rounding."""
    west, south, cell = frame[0], frame[1], frame[2]
    columns, rows = int(frame[3]), int(frame[4])
    first = np.zeros(columns * rows + 1, np.int64)
    place = np.zeros(1, np.int64)
    member = np.zeros(1, np.int64)
    hair = 1e-6 * cell
    for is_filling in (False, True):
        if is_filling:
            for c in range(columns * rows):
                first[c + 1] += first[c]
            place = first.copy()
            member = np.empty(first[-1], np.int64)
        for s in range(len(x0)):
            ax, ay, bx, by = x0[s], y0[s], x1[s], y1[s]
            if ay > by:
                ax, ay, bx, by = bx, by, ax, ay
            row_low = max(0, int((ay - south - hair) / cell))
            row_high = min(rows - 1, int((by - south + hair) / cell))
            for row in range(row_low, row_high + 1):
                xa, xb = ax, bx
                if by - ay > hair:
                    low = min(1.0, max(0.0, (south + row * cell - hair - ay) / (by - ay)))
                    high = min(1.0, max(0.0, (south + (row + 1) * cell + hair - ay) / (by - ay)))
                    xa, xb = ax + low * (bx - ax), ax + high * (bx - ax)
                column_low = max(0, int((min(xa, xb) - west - hair) / cell))
                column_high = min(columns - 1, int((max(xa, xb) - west + hair) / cell))
                for column in range(column_low, column_high + 1):
                    c = row * columns + column
                    if is_filling:
                        member[place[c]] = s
                        place[c] += 1
                    else:
                        first[c + 1] += 1
    return first, member


@kernel
def _foot(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> tuple[float, float]:
    """Share along the segment a-b of the point nearest to (x, y), and the squared distance to it."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    share = 0.0
    if square > 0.0:
        share = min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / square))
    ex, ey = x - ax - share * dx, y - ay - share * dy
    return share, ex * ex + ey * ey


@kernel
def _nearest(
    px: Floats,
    py: Floats,
    x0: Floats,
    y0: Floats,
    x1: Floats,
    y1: Floats,
    frame: Floats,
    first: Ints,
    member: Ints,
    reach: float,
) -> tuple[Ints, Floats, Floats]:
    """Search rings of cells outwards until no cell of the next ring can hold a nearer segment."""
    west, south, cell = frame[0], frame[1], frame[2]
    columns, rows = int(frame[3]), int(frame[4])
    segment = np.full(len(px), -1, np.int64)
    share = np.zeros(len(px))
    distance = np.full(len(px), np.inf)
    for k in range(len(px)):
        x, y = px[k], py[k]
        column, row = math.floor((x - west) / cell), math.floor((y - south) / cell)
        # A point outside the grid starts at the ring that first touches it.
        ring = max(0, -column, column - columns + 1, -row, row - rows + 1)
        last_ring = max(column, columns - 1 - column, row, rows - 1 - row)
        inner = min(x - west - column * cell, west + (column + 1) * cell - x)
        inner = min(inner, y - south - row * cell, south + (row + 1) * cell - y)
        best = reach * reach
        while ring <= last_ring:
            gap = (ring - 1) * cell + inner - 1e-6 * cell
            if ring > 0 and gap > 0.0 and gap * gap > best:
                break
            for r in range(max(0, row - ring), min(rows - 1, row + ring) + 1):
                is_edge = r == row - ring or r == row + ring
                step = 1 if is_edge or ring == 0 else 2 * ring
                low = column - ring
                if step == 1 and low < 0:
                    low = 0
                for c in range(low, min(columns - 1, column + ring) + 1, step):
                    if c < 0:
                        continue
                    for q in range(first[r * columns + c], first[r * columns + c + 1]):
                        s = member[q]
                        t, square = _foot(x, y, x0[s], y0[s], x1[s], y1[s])
                        if square < best or (square == best and (segment[k] < 0 or s < segment[k])):
                            best = square
                            segment[k] = s
                            share[k] = t
            ring += 1
        if segment[k] >= 0:
            distance[k] = math.sqrt(best)
    return segment, share, distance


@kernel
def _within(
    px: Floats,
    py: Floats,
    x0: Floats,
    y0: Floats,
    x1: Floats,
    y1: Floats,
    frame: Floats,
    first: Ints,
    member: Ints,
    reach: float,
) -> tuple[Ints, Ints, Floats, Floats]:
    """Count, then fill; ``seen`` keeps a segment that lies in several cells from being listed twice."""
    west, south, cell = frame[0], frame[1], frame[2]
    columns, rows = int(frame[3]), int(frame[4])
    found = 0
    point = np.zeros(0, np.int64)
    segment = np.zeros(0, np.int64)
    share = np.zeros(0)
    distance = np.zeros(0)
    for is_filling in (False, True):
        if is_filling:
            point = np.empty(found, np.int64)
            segment = np.empty(found, np.int64)
            share = np.empty(found)
            distance = np.empty(found)
        found = 0
        seen = np.full(len(x0), -1, np.int64)
        for k in range(len(px)):
            x, y = px[k], py[k]
            column_low = max(0, math.floor((x - reach - west) / cell))
            column_high = min(columns - 1, math.floor((x + reach - west) / cell))
            row_low = max(0, math.floor((y - reach - south) / cell))
            row_high = min(rows - 1, math.floor((y + reach - south) / cell))
            for row in range(row_low, row_high + 1):
                for column in range(column_low, column_high + 1):
                    c = row * columns + column
                    for q in range(first[c], first[c + 1]):
                        s = member[q]
                        if seen[s] == k:
                            continue
                        seen[s] = k
                        t, square = _foot(x, y, x0[s], y0[s], x1[s], y1[s])
                        if square <= reach * reach:
                            if is_filling:
                                point[found] = k
                                segment[found] = s
                                share[found] = t
                                distance[found] = math.sqrt(square)
                            found += 1
    return point, segment, share, distance


@kernel
def _crossings(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, frame: Floats, first: Ints, member: Ints
) -> tuple[Ints, Ints, Floats, Floats]:
    """Pairs within each cell; a pair is listed by the one cell its meeting point lies in."""
    west, south, cell = frame[0], frame[1], frame[2]
    columns, rows = int(frame[3]), int(frame[4])
    found = 0
    one = np.zeros(0, np.int64)
    other = np.zeros(0, np.int64)
    on_one = np.zeros(0)
    on_other = np.zeros(0)
    for is_filling in (False, True):
        if is_filling:
            one = np.empty(found, np.int64)
            other = np.empty(found, np.int64)
            on_one = np.empty(found)
            on_other = np.empty(found)
        found = 0
        for c in range(columns * rows):
            for q in range(first[c], first[c + 1]):
                s = member[q]
                for p in range(q + 1, first[c + 1]):
                    t = member[p]
                    sx, sy = x1[s] - x0[s], y1[s] - y0[s]
                    tx, ty = x1[t] - x0[t], y1[t] - y0[t]
                    wx, wy = x0[t] - x0[s], y0[t] - y0[s]
                    turn = sx * ty - sy * tx
                    if abs(turn) <= 1e-9 * (abs(sx) + abs(sy)) * (abs(tx) + abs(ty)):
                        continue
                    u, v = (wx * ty - wy * tx) / turn, (wx * sy - wy * sx) / turn
                    if u < -1e-9 or u > 1.0 + 1e-9 or v < -1e-9 or v > 1.0 + 1e-9:
                        continue
                    u, v = min(1.0, max(0.0, u)), min(1.0, max(0.0, v))
                    column = min(columns - 1, max(0, int((x0[s] + u * sx - west) / cell)))
                    row = min(rows - 1, max(0, int((y0[s] + u * sy - south) / cell)))
                    if row * columns + column != c:
                        continue
                    if is_filling:
                        one[found] = s
                        other[found] = t
                        on_one[found] = u
                        on_other[found] = v
                    found += 1
    return one, other, on_one, on_other
