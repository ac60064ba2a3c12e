"""A place for each closed ring: its centre of gravity, a point inside it. Bit by bit what GEOS finds, without its objects."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.gaps import Floats, Ints
from sewerzone.engineering.heap import lean_kernel


@lean_kernel
def centres(xy: Floats, start: Ints, place: Floats) -> None:
    """Centre of gravity of each ring (its first vertex repeated at the end); NaN where it encloses no area.

    Triangles between the first vertex and every side, weighed by area.
    """
    for k in range(len(place)):
        twice, east, north = 0.0, 0.0, 0.0
        for i in range(start[k], start[k + 1] - 1):
            x, y, ax, ay, bx, by = xy[start[k], 0], xy[start[k], 1], xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
            area2 = (ax - x) * (by - y) - (bx - x) * (ay - y)
            twice += area2
            east += area2 * (x + ax + bx)
            north += area2 * (y + ay + by)
        place[k, 0] = east / 3.0 / twice if twice != 0.0 else np.nan
        place[k, 1] = north / 3.0 / twice if twice != 0.0 else np.nan


@lean_kernel
def insides(xy: Floats, start: Ints, place: Floats) -> None:
    """Half-way between two walls of each ring, where a line at half its height meets no other; NaN where it meets more.

    The line keeps half-way between the two vertices next to it in height, so it meets none.
    """
    for k in range(len(place)):
        least, most = np.inf, -np.inf
        for i in range(start[k], start[k + 1]):
            least, most = min(least, xy[i, 1]), max(most, xy[i, 1])
        middle = (least + most) / 2.0
        for i in range(start[k], start[k + 1]):
            if xy[i, 1] <= middle:
                least = max(least, xy[i, 1])
            else:
                most = min(most, xy[i, 1])
        level, walls, one, other = (most + least) / 2.0, 0, 0.0, 0.0
        for i in range(start[k], start[k + 1] - 1):
            ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
            if (ay > level) != (by > level):
                walls += 1
                one, other = other, ax if ax == bx else ax + (level - ay) / ((by - ay) / (bx - ax))
        is_found = walls == 2 and one != other
        place[k, 0] = (one + other) / 2.0 if is_found else np.nan
        place[k, 1] = level if is_found else np.nan
