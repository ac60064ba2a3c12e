"""How a pipe of a size may lie between two manholes: where it may start, how it must fall, how deep it may go.

The *depth* of a pipe is its excavation less its diameter. With least cover it is the same for every size (``COVER``),
and pipes joined at the crown have the same depth. For a size and a flow, ``lie`` finds four numbers. A pipe that starts
at ``up`` (at least START, at most LIMIT) ends at ``max(FLOOR, up + FALL)``, and then every limit holds, limits included:

- slope: at least the size's own, and at least the slope at which it carries the flow with its margin (``slope_for``);
- velocity: START is so deep that a pipe ending at FLOOR is not too steep for ``velocity_max_m_per_s``;
- clearance under a crossing at both ends; where the shallowest such pipe lies deeper than ``excavation_max_m``, it may
  (it is driven, not dug), but none deeper;
- excavation at the ends and at every point between: LIMIT is exact;
- cover at the ends and at every point between: exact at the ends. Where the ground between dips below what the slope
  leaves, START (on falling ground FLOOR too) lies deeper by the missing cover. That is on the safe side; a pipe lowered
  at one end only could be shallower at the other. Such a pipe lies at most ``ground_tolerance_m`` deeper than it need:
  lowering any lawful profile by the tolerance makes it lawful here, but for the deepest excavation and the deepest arrival
  at outlets, which must leave that room. So a design costs at most the exact optimum with ``excavation_max_m`` and the
  arrivals at outlets less by the tolerance, plus its trenches and shafts dug deeper by the tolerance.
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering import hydraulics
from sewerzone.engineering.forest import Floats, Ints, Rules
from sewerzone.engineering.heap import lean_kernel

DIAMETER, SLOPE_MIN, FLOW_AT_ONE, FLOW_MOST, SLOPE_SAFE = 0, 1, 2, 3, 4
"""Columns of a table of sizes: diameter in m, least slope, flow with its margin at a slope of 1, largest design flow (never
falling with the size), slope at which no flow is too fast."""
COVER, EXCAVATION, VELOCITY, MANNING, SPACING, TOLERANCE = 0, 1, 2, 3, 4, 5
"""Entries of a list of rules: depth that gives least cover, largest excavation, largest velocity, Manning's n, spacing of
manholes, tolerance of the ground between."""
START, FALL, FLOOR, LIMIT = 0, 1, 2, 3
"""How a pipe may lie; LIMIT is -inf if it may not."""

TOLERANCE_M = 1e-9
"""Limits are included: lengths and depths may pass them by this rounding."""
STEEPEST = 1e6
"""Slope that stands for any: without flow no slope is too fast."""


def size_table(rules: Rules) -> Floats:
    """The (k, 5) table of sizes."""
    at_one = hydraulics.full_flow_l_per_s(rules.diameter_mm, 1.0, rules.manning_n) / (1.0 + rules.capacity_margin)
    most = hydraulics.largest_flows(rules.diameter_mm, rules.slope_min, rules.capacity_margin, rules.manning_n)
    safe = hydraulics.slope_never_too_steep(rules.diameter_mm, rules.velocity_max_m_per_s, rules.manning_n)
    return np.column_stack([rules.diameter_mm / 1000.0, rules.slope_min, at_one, most, safe])


def rule_list(rules: Rules) -> Floats:
    """The rules the kernels need."""
    cover = rules.cover_min_m + 2.0 * rules.pipe_wall_m + rules.bedding_m
    return np.array(
        [cover, rules.excavation_max_m, rules.velocity_max_m_per_s, rules.manning_n, rules.manhole_spacing_m,
         rules.ground_tolerance_m]
    )  # fmt: skip


@lean_kernel
def largest_size(flow: float, sizes: Floats) -> int:
    """The smallest size that carries the flow at its own least slope: no pipe of the reach is larger."""
    size: int = np.int64(0)  # type: ignore[assignment]
    while flow > sizes[size, FLOW_MOST]:
        size += 1
    return size


@lean_kernel
def slope_for(flow: float, size: int, sizes: Floats) -> float:
    """Least slope of a size that carries the flow with its margin."""
    ratio = flow / sizes[size, FLOW_AT_ONE]
    return float(max(sizes[size, SLOPE_MIN], ratio * ratio))


@lean_kernel
def is_too_fast(flow: float, size: int, slope: float, sizes: Floats, rule: Floats) -> bool:
    """Whether a flow is faster than allowed in a pipe of a slope."""
    if slope <= sizes[size, SLOPE_SAFE]:
        return False
    most = hydraulics.largest_slope(flow, 1000.0 * sizes[size, DIAMETER], rule[VELOCITY], rule[MANNING])
    return bool(slope > most * (1.0 + 1e-9))


@lean_kernel
def lie(
    start: int, length: float, flow: float, size: int, slope: float, clearance: float, parent: Ints, length_m: Floats,
    ground: Floats, stop: int, sizes: Floats, rule: Floats, row: int, pipe: Floats,
) -> bool:  # fmt: skip
    """Fill a row, START to LIMIT, for a pipe from node ``start`` to node ``stop``; returns whether it may lie there."""
    diameter = sizes[size, DIAMETER]
    rise = ground[stop] - ground[start]
    deepest = rule[EXCAVATION] - diameter
    fall = rise + slope * length
    floor = max(rule[COVER], clearance - diameter)
    begin = floor
    at, walked, highest = parent[start], length_m[start], 0.0
    while at != stop:
        share = walked / length if length > 0.0 else 0.0
        bump = ground[at] - ground[start] - rise * share
        begin = max(begin, rule[COVER] - bump - share * max(fall, 0.0))
        highest = max(highest, bump)
        walked += length_m[at]
        at = parent[at]
    if fall < 0.0:
        floor = max(floor, begin)
        if -rise > sizes[size, SLOPE_SAFE] * length:
            steepest = hydraulics.largest_slope(flow, 1000.0 * diameter, rule[VELOCITY], rule[MANNING])
            begin = max(begin, floor - rise - min(max(steepest, slope), STEEPEST) * length)
    limit = min(deepest, deepest - fall)
    if highest > 0.0:
        at, walked = parent[start], length_m[start]
        while at != stop:
            share = walked / length if length > 0.0 else 0.0
            room = deepest - (ground[at] - ground[start] - rise * share)
            limit = min(limit, room - share * fall)
            if share < 1.0:
                limit = min(limit, (room - share * floor) / (1.0 - share))
            walked += length_m[at]
            at = parent[at]
    if clearance > 0.0:
        limit = max(limit, begin)
        deepest = max(deepest, floor)
    pipe[row, START], pipe[row, FALL], pipe[row, FLOOR], pipe[row, LIMIT] = begin, fall, floor, limit
    return bool(begin <= limit + TOLERANCE_M and floor <= deepest + TOLERANCE_M)
