"""Where manholes stand along collector trees, and the reaches between them.

The points of a forest are dense (road vertices, laterals, profile points); manholes are some of them. A reach is the
straight pipe from a manhole to the next one downstream; the points between carry inflow and ground.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Forest, Ints, Rules
from sewerzone.engineering.heap import kernel
from sewerzone.errors import DesignError, problem

TOLERANCE_M = 1e-9
"""Limits are included: lengths and depths may pass them by this rounding."""


class Courses(NamedTuple):
    """What flows where.

    Attributes
    ----------
    order : (n,) nodes, every one before its parent
    flow_l_per_s, flow_mean_m3_per_d : (n,) all that has entered at the node and upstream of it
    is_forced : (n,) node that must be a manhole: head, junction, root or sharp bend
    """

    order: Ints
    flow_l_per_s: Floats
    flow_mean_m3_per_d: Floats
    is_forced: Bools


class Spans(NamedTuple):
    """The way from every manhole to the next one downstream; entries of roots are zero.

    Attributes
    ----------
    node : (h,) forest node of the manhole
    down : (h,) next manhole, -1 at roots
    of_node : (n,) manhole whose span a node's way to its parent lies on, -1 at roots
    length_m, price_factor : (h,) factor weighted by length
    flow_l_per_s, flow_mean_m3_per_d : (h,) at the lower end
    is_dry : (h,) nothing flows in between the two manholes
    top_elev_m : (h,) highest ground, ends included
    dip_m, bump_m : (h,) how far the ground between lies below and above the straight line
    middle : (h,) node nearest to half the length, -1 if the span has no node between its ends
    """

    node: Ints
    down: Ints
    of_node: Ints
    length_m: Floats
    price_factor: Floats
    flow_l_per_s: Floats
    flow_mean_m3_per_d: Floats
    is_dry: Bools
    top_elev_m: Floats
    dip_m: Floats
    bump_m: Floats
    middle: Ints


def courses(forest: Forest, bend_deg: float) -> Courses:
    """Order, accumulated flows and forced manholes of a forest; raises DesignError if it is no forest."""
    cosine = float(np.cos(np.radians(bend_deg))) if bend_deg < 180.0 else -2.0
    n = len(forest)
    order, waiting, child, forced = (
        np.empty(n, np.int64),
        np.zeros(n, np.int64),
        np.full(n, -1, np.int64),
        np.empty(n, np.bool_),
    )
    flow, mean = forest.flow_l_per_s.copy(), forest.flow_mean_m3_per_d.copy()
    found = _courses(forest.parent, forest.x_m, forest.y_m, cosine, order, waiting, child, flow, mean, forced)
    if found < len(forest):
        raise DesignError(
            problem(
                f"{len(forest) - found:,} of {len(forest):,} nodes of the collector trees drain in a circle",
                "a sewer must end at an outlet",
                "this is a fault of the routing; report it with the study file",
            )
        )
    return Courses(order, flow, mean, forced)


def place(forest: Forest, forced: Bools, rules: Rules) -> Bools:
    """Manholes: the forced ones, and between them as few as spacing and straight ground allow, from upstream."""
    is_manhole = forced.copy()
    limits = np.array([rules.manhole_spacing_m, rules.ground_tolerance_m])
    _place(forest.parent, forest.length_m, forest.ground_elev_m, forced, limits, is_manhole)
    return is_manhole


def spans(forest: Forest, course: Courses, is_manhole: Bools) -> Spans:
    """The spans between manholes, manholes in the order of their nodes."""
    node = np.flatnonzero(is_manhole).astype(np.int64)
    h, n = len(node), len(forest)
    index, of_node = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    index[node] = np.arange(h)
    down, middle, is_dry, number = np.full(h, -1, np.int64), np.full(h, -1, np.int64), np.ones(h, np.bool_), np.zeros((7, h))
    _spans(
        node, index, forest.parent, forest.length_m, forest.ground_elev_m, forest.price_factor, forest.flow_l_per_s,
        forest.flow_mean_m3_per_d, course.flow_l_per_s, course.flow_mean_m3_per_d, down, of_node, middle, is_dry, number,
    )  # fmt: skip
    length, factor, flow, mean, top, dip, bump = number
    return Spans(node, down, of_node, length, factor, flow, mean, is_dry, top, dip, bump, middle)


@kernel
def _courses(
    parent: Ints, x_m: Floats, y_m: Floats, cosine: float, order: Ints, waiting: Ints, child: Ints, flow: Floats, mean: Floats,
    forced: Bools,
) -> int:  # fmt: skip
    """Fill order and forced, accumulate flow and mean; returns how many nodes reach a root."""
    n, found = len(parent), 0
    for v in range(n):
        if parent[v] >= 0:
            waiting[parent[v]] += 1
            child[parent[v]] = v
    for v in range(n):
        p = parent[v]
        forced[v] = p < 0 or waiting[v] != 1
        if waiting[v] == 0:
            order[found] = v
            found += 1
        elif not forced[v]:
            c = child[v]
            ax, ay = x_m[v] - x_m[c], y_m[v] - y_m[c]
            bx, by = x_m[p] - x_m[v], y_m[p] - y_m[v]
            size = np.sqrt((ax * ax + ay * ay) * (bx * bx + by * by))
            forced[v] = size > 0.0 and ax * bx + ay * by < (cosine - 1e-9) * size
    done = 0
    while done < found:
        v = order[done]
        done += 1
        p = parent[v]
        if p >= 0:
            flow[p] += flow[v]
            mean[p] += mean[v]
            waiting[p] -= 1
            if waiting[p] == 0:
                order[found] = p
                found += 1
    return found


@kernel
def _place(parent: Ints, length_m: Floats, ground: Floats, forced: Bools, limits: Floats, is_manhole: Bools) -> None:
    """Mark manholes between the forced ones; ``limits`` are the spacing and the tolerance of ground."""
    spacing, tolerance = limits[0], limits[1]
    for v in range(len(parent)):
        if not forced[v]:
            continue
        start = v
        while parent[start] >= 0:
            # Walk as far as the spacing; every node passed narrows the band of slopes a straight line may take.
            far, at, distance, low, high = -1, start, 0.0, -np.inf, np.inf
            while True:
                distance += length_m[at]
                at = parent[at]
                if far >= 0 and distance > spacing + TOLERANCE_M:
                    break
                rise = ground[at] - ground[start]
                if far < 0 or (low * distance <= rise + TOLERANCE_M and rise <= high * distance + TOLERANCE_M):
                    far = at
                if forced[at] or low > high:
                    break
                if distance > 0.0:
                    low = max(low, (rise - tolerance) / distance)
                    high = min(high, (rise + tolerance) / distance)
            is_manhole[far] = True
            start = far
            if forced[far]:
                break


@kernel
def _spans(
    node: Ints, index: Ints, parent: Ints, length_m: Floats, ground: Floats, factor: Floats, flow: Floats, mean: Floats,
    flow_sum: Floats, mean_sum: Floats, down: Ints, of_node: Ints, middle: Ints, is_dry: Bools, number: Floats,
) -> None:  # fmt: skip
    """Fill down, of_node, middle, is_dry and number; ``index`` is the manhole of a node, -1 for none."""
    length, weight, flow_down, mean_down, top, dip, bump = (
        number[0], number[1], number[2], number[3], number[4], number[5], number[6]
    )  # fmt: skip
    for i in range(len(node)):
        start = node[i]
        if parent[start] < 0:
            continue
        at, whole, weighted = start, 0.0, 0.0
        top[i] = ground[start]
        while True:
            of_node[at] = i
            whole += length_m[at]
            weighted += length_m[at] * factor[at]
            flow_down[i], mean_down[i] = flow_sum[at], mean_sum[at]
            at = parent[at]
            top[i] = max(top[i], ground[at])
            if index[at] >= 0:
                break
            is_dry[i] = is_dry[i] and flow[at] == 0.0 and mean[at] == 0.0
        down[i], length[i] = index[at], whole
        weight[i] = weighted / whole if whole > 0.0 else factor[start]
        fall = (ground[at] - ground[start]) / whole if whole > 0.0 else 0.0
        distance, nearest, at = length_m[start], np.inf, parent[start]
        while index[at] < 0:
            departure = ground[at] - ground[start] - fall * distance
            bump[i] = max(bump[i], departure)
            dip[i] = max(dip[i], -departure)
            if abs(distance - 0.5 * whole) < nearest:
                nearest = abs(distance - 0.5 * whole)
                middle[i] = at
            distance += length_m[at]
            at = parent[at]
