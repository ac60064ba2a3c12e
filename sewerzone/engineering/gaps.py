"""Gaps between footprints: the exact least distance of two polygons or points, and circles that spare it.

A gap is 0 where footprints touch, overlap or one contains the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sewerzone.engineering.heap import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Features:
    """Footprints as rings: polygons (shells and holes alike), several parts, or points.

    Attributes
    ----------
    xy_m : (v, 2) vertices; a polygon's ring repeats its first vertex, a point is a ring of one vertex
    ring : (k + 1,) offsets of the rings into ``xy_m``
    feature : (n + 1,) offsets of the features into the rings; no feature is empty
    """

    xy_m: Floats
    ring: Ints
    feature: Ints

    def __len__(self) -> int:
        return len(self.feature) - 1

    @cached_property
    def circles(self) -> tuple[Floats, Floats, Floats]:
        """Centres (n, 2), circumradii (n,) and signed inradii (n,), see :func:`circles`."""
        centre, outer, inner = circles(self.xy_m, self.ring, self.feature)
        return centre, outer, inner


@kernel
def point_segment2(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Squared distance of a point from a segment, which may be a point itself."""
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    t = 0.0 if length2 == 0.0 else ((px - ax) * dx + (py - ay) * dy) / length2
    t = min(1.0, max(0.0, t))
    ex, ey = px - ax - t * dx, py - ay - t * dy
    return ex * ex + ey * ey


@kernel
def segment_segment2(ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float) -> float:
    """Squared distance of two segments; 0 where they cross."""
    side_c = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    side_d = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    side_a = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    side_b = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    if ((side_c > 0.0 and side_d < 0.0) or (side_c < 0.0 and side_d > 0.0)) and (
        (side_a > 0.0 and side_b < 0.0) or (side_a < 0.0 and side_b > 0.0)
    ):
        return 0.0  # a proper crossing; where an end lies on the other segment the distances below are 0 anyway
    return min(
        min(point_segment2(ax, ay, cx, cy, dx, dy), point_segment2(bx, by, cx, cy, dx, dy)),
        min(point_segment2(cx, cy, ax, ay, bx, by), point_segment2(dx, dy, ax, ay, bx, by)),
    )


@kernel
def is_inside(px: float, py: float, xy: Floats, ring: Ints, feature: Ints, i: int) -> bool:
    """Whether a point lies in feature i: even-odd over all its rings, so holes and parts need no order."""
    inside = False
    for k in range(feature[i], feature[i + 1]):
        for m in range(ring[k], ring[k + 1] - 1):
            ax, ay, bx, by = xy[m, 0], xy[m, 1], xy[m + 1, 0], xy[m + 1, 1]
            if (ay > py) != (by > py) and px < (bx - ax) * (py - ay) / (by - ay) + ax:
                inside = not inside
    return inside


@kernel
def circles(xy: Floats, ring: Ints, feature: Ints) -> tuple[Floats, Floats, Floats]:
    """Centre of the bounding box, circumradius and signed inradius about it.

    The inradius is negative where the centre lies outside the footprint (an L, a courtyard): then the footprint
    comes no nearer than that to its own centre, and the test for sure links stays on the safe side.
    """
    n = len(feature) - 1
    centre, outer, inner = np.empty((n, 2)), np.empty(n), np.empty(n)
    for i in range(n):
        first, last = ring[feature[i]], ring[feature[i + 1]]
        west, east, south, north = xy[first, 0], xy[first, 0], xy[first, 1], xy[first, 1]
        for m in range(first, last):
            west, east = min(west, xy[m, 0]), max(east, xy[m, 0])
            south, north = min(south, xy[m, 1]), max(north, xy[m, 1])
        cx, cy = (west + east) / 2, (south + north) / 2
        far2, near2 = 0.0, np.inf
        for k in range(feature[i], feature[i + 1]):
            for m in range(ring[k], ring[k + 1]):
                e = min(m + 1, ring[k + 1] - 1)
                far2 = max(far2, (xy[m, 0] - cx) ** 2 + (xy[m, 1] - cy) ** 2)
                near2 = min(near2, point_segment2(cx, cy, xy[m, 0], xy[m, 1], xy[e, 0], xy[e, 1]))
        centre[i, 0], centre[i, 1], outer[i] = cx, cy, np.sqrt(far2)
        inner[i] = np.sqrt(near2) if is_inside(cx, cy, xy, ring, feature, i) else -np.sqrt(near2)
    return centre, outer, inner


@kernel
def gap2(
    xy: Floats, ring: Ints, feature: Ints, i: int, j: int, cx: float, cy: float, outer: float, enough2: float, most2: float
) -> float:
    """Squared gap of features i and j, or ``most2`` if it is wider; stops once it is no more than ``enough2``.

    ``cx, cy, outer`` is the circumcircle of j: segments of i beyond it by the best gap so far are skipped.
    """
    for k in range(feature[i], feature[i + 1]):
        if is_inside(xy[ring[k], 0], xy[ring[k], 1], xy, ring, feature, j):
            return 0.0
    for k in range(feature[j], feature[j + 1]):
        if is_inside(xy[ring[k], 0], xy[ring[k], 1], xy, ring, feature, i):
            return 0.0
    best2 = most2
    for k in range(feature[i], feature[i + 1]):
        for m in range(ring[k], max(ring[k + 1] - 1, ring[k] + 1)):
            e = min(m + 1, ring[k + 1] - 1)
            ax, ay, bx, by = xy[m, 0], xy[m, 1], xy[e, 0], xy[e, 1]
            away = np.sqrt(point_segment2(cx, cy, ax, ay, bx, by)) - outer
            if away > 0.0 and away * away > best2:
                continue
            for o in range(feature[j], feature[j + 1]):
                for q in range(ring[o], max(ring[o + 1] - 1, ring[o] + 1)):
                    f = min(q + 1, ring[o + 1] - 1)
                    best2 = min(best2, segment_segment2(ax, ay, bx, by, xy[q, 0], xy[q, 1], xy[f, 0], xy[f, 1]))
                    if best2 <= enough2:
                        return best2
    return best2
