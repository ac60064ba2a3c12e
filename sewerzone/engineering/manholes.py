"""Where manholes stand along collector trees.

The points of a forest are dense (road vertices, laterals, profile points); manholes are some of them. A reach is the
straight pipe from a manhole to the next one downstream; the points between carry inflow and ground.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Forest, Ints
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.pipes import SLOPE_MIN, SPACING, TOLERANCE, TOLERANCE_M, largest_size, lie
from sewerzone.errors import DesignError, problem


class Courses(NamedTuple):
    """What flows where.

    Attributes
    ----------
    order : (n,) nodes in post-order: all upstream of a node stand right before it
    flow_l_per_s, flow_mean_m3_per_d : (n,) all that has entered at the node and upstream of it
    is_forced : (n,) node that must be a manhole: head, junction, root, sharp bend or end of a crossing
    """

    order: Ints
    flow_l_per_s: Floats
    flow_mean_m3_per_d: Floats
    is_forced: Bools


def courses(forest: Forest, bend_deg: float) -> Courses:
    """Order, accumulated flows and forced manholes of a forest; raises DesignError if it is no forest."""
    cosine = float(np.cos(np.radians(bend_deg))) if bend_deg < 180.0 else -2.0
    n = len(forest)
    order, child, sibling, forced = np.empty(n, np.int64), np.full(n, -1), np.full(n, -1), np.empty(n, np.bool_)
    flow, mean = forest.flow_l_per_s.copy(), forest.flow_mean_m3_per_d.copy()
    found = _courses(
        forest.parent, forest.x_m, forest.y_m, forest.least_excavation_m, cosine, order, child, sibling,
        flow, mean, forced,
    )  # fmt: skip
    if found < len(forest):
        raise DesignError(
            problem(
                f"{len(forest) - found:,} of {len(forest):,} nodes of the collector trees drain in a circle",
                "a sewer must end at an outlet",
                "this is a fault of the routing; report it with the study file",
            )
        )
    return Courses(order, flow, mean, forced)


def place(forest: Forest, course: Courses, sizes: Floats, rule: Floats) -> Bools:
    """Manholes: the forced ones, and between them as few as allow straight pipes, from upstream.

    A pipe is at most the spacing long, the ground between departs from the line between its ends by at most the
    tolerance, and it is not too steep for one straight pipe (see ``pipes.lie``); if it is, it ends at the point nearest
    to half its length.
    """
    is_manhole = course.is_forced.copy()
    _place(
        forest.parent, forest.length_m, forest.ground_elev_m, forest.least_excavation_m, course.flow_l_per_s, course.is_forced,
        sizes, rule, np.empty((1, 4)), is_manhole,
    )  # fmt: skip
    return is_manhole


@lean_kernel
def _courses(
    parent: Ints, x_m: Floats, y_m: Floats, clearance: Floats, cosine: float, order: Ints, child: Ints,
    sibling: Ints, flow: Floats, mean: Floats, forced: Bools,
) -> int:  # fmt: skip
    """Fill order and forced, accumulate flow and mean; returns how many nodes reach a root."""
    n, found = len(parent), 0
    for v in range(n - 1, -1, -1):
        if parent[v] >= 0:
            sibling[v] = child[parent[v]]
            child[parent[v]] = v
    for v in range(n):
        p, c = parent[v], child[v]
        forced[v] = p < 0 or c < 0 or sibling[c] >= 0 or clearance[v] > 0.0
        if not forced[v]:
            ax, ay = x_m[v] - x_m[c], y_m[v] - y_m[c]
            bx, by = x_m[p] - x_m[v], y_m[p] - y_m[v]
            size = np.sqrt((ax * ax + ay * ay) * (bx * bx + by * by))
            is_bend = size > 0.0 and ax * bx + ay * by < (cosine - 1e-9) * size
            forced[v] = is_bend or clearance[c] > 0.0
    for root in range(n):
        at: int = root if parent[root] < 0 else np.int64(-1)  # type: ignore[assignment]
        while at >= 0:
            c = child[at]
            if c >= 0:  # upstream first, every way in once
                child[at], at = sibling[c], c
                continue
            order[found] = at
            found, p = found + 1, parent[at]
            if p >= 0:
                flow[p] += flow[at]
                mean[p] += mean[at]
            at = p
    return found


@lean_kernel
def _place(
    parent: Ints, length_m: Floats, ground: Floats, clearance: Floats, flow: Floats, forced: Bools, sizes: Floats, rule: Floats,
    pipe: Floats, is_manhole: Bools,
) -> None:  # fmt: skip
    """Mark manholes between the forced ones."""
    row: int = np.int64(0)  # type: ignore[assignment]
    for v in range(len(parent)):
        if not forced[v]:
            continue
        start = v
        while parent[start] >= 0:
            far = _farthest(start, parent, length_m, ground, forced, rule)
            while parent[start] != far:
                at, length = start, 0.0
                while at != far:
                    length, last, at = length + length_m[at], at, parent[at]
                size = largest_size(flow[last], sizes)
                if lie(
                    start, length, flow[last], size, sizes[size, SLOPE_MIN], clearance[start], parent, length_m, ground, far,
                    sizes, rule, row, pipe,
                ):  # fmt: skip
                    break
                at, walked, nearest, stop = parent[start], length_m[start], np.inf, far
                while at != stop:
                    if abs(walked - 0.5 * length) < nearest:
                        nearest, far = abs(walked - 0.5 * length), at
                    walked, at = walked + length_m[at], parent[at]
            is_manhole[far] = True
            start = far
            if forced[far]:
                break


@lean_kernel
def _farthest(start: int, parent: Ints, length_m: Floats, ground: Floats, forced: Bools, rule: Floats) -> int:
    """The farthest node that a straight pipe may reach by spacing and ground, at least the next one."""
    # Every node passed narrows the band of slopes a straight line may take.
    far: int = parent[start]
    at, distance, low, high = start, 0.0, -np.inf, np.inf
    while True:
        distance += length_m[at]
        at = parent[at]
        if at != far and distance > rule[SPACING] + TOLERANCE_M:
            break
        rise = ground[at] - ground[start]
        if low * distance <= rise + TOLERANCE_M and rise <= high * distance + TOLERANCE_M:
            far = at
        if forced[at] or low > high:
            break
        if distance > 0.0:
            low = max(low, (rise - rule[TOLERANCE]) / distance)
            high = min(high, (rise + rule[TOLERANCE]) / distance)
    return far
