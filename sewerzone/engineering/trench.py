"""The design of collector trees: manholes, diameters, and the cheapest exact profile with its pumps.

``lay`` designs a whole forest at once. Excavation, from the ground to the bottom of the trench, is cover + wall +
diameter + wall + bedding; it is positive downwards. Pipes join at the crown: where the pipe grows, its bottom lies
lower by the difference, and a pump's head is counted from there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering import manholes, profile
from sewerzone.engineering.forest import Bools, Floats, Forest, Ints, Laid, LayingPrices, Rules
from sewerzone.engineering.hydraulics import largest_slope, smallest_diameter
from sewerzone.engineering.manholes import TOLERANCE_M, Spans
from sewerzone.errors import DesignError, TerrainError, problem

MAIN_STEP_MM = 25.0
"""Rising mains come in steps of this diameter."""


class Limits(NamedTuple):
    """What each span's pipe is and how it may lie, per manhole; see ``profile.Reaches`` for the lengths.

    ``size`` is the index of the diameter, ``least_m`` the excavation that just gives the least cover.
    """

    size: Ints
    least_m: Floats
    fall_m: Floats
    start_m: Floats
    floor_m: Floats
    limit_m: Floats
    is_layable: Bools


def lay(forest: Forest, rules: Rules, prices: LayingPrices) -> Laid:
    """Design a forest at least annual cost.

    Manholes are set at heads, junctions, outlets and sharp bends, and between them wherever spacing or uneven ground
    ask for one. A reach gets the smallest diameter that carries its flow at that diameter's least slope. Among all
    profiles that keep cover, excavation, least slope and largest velocity, with a pump in any manhole and rising
    mains along any reaches without inflow, the cheapest is taken (see ``profile``).

    Reaches too steep for one straight pipe are split at the points between, and if that is not enough a rising main
    climbs, or a pipe falls faster than ``velocity_max_m_per_s``, from one point to the next.

    Parameters
    ----------
    forest : trees; flows, lengths and prices must not be negative. A way between two points that is longer than
        ``manhole_spacing_m`` stays one reach
    rules : limits, all of them included
    prices : yearly prices of laying

    Raises
    ------
    DesignError
        If the largest diameter is too small, its cover does not fit into the deepest trench, or nodes drain in a circle.
    TerrainError
        If ground is unknown somewhere.
    """
    forest = _contiguous(forest)
    _check_ground(forest)
    course = manholes.courses(forest, rules.bend_deg)
    is_manhole = manholes.place(forest, course.is_forced, rules)
    while True:
        span = manholes.spans(forest, course, is_manhole)
        limits = _limits(forest, span, rules)
        split = ~limits.is_layable & (span.middle >= 0)
        if not split.any():
            break
        is_manhole[span.middle[split]] = True
    reaches = _reaches(forest, course, span, limits, rules, prices)
    mode = profile.choose(reaches, profile.labels(reaches))
    return _laid(span, limits, mode, profile.evaluate(reaches, mode), rules)


def manhole_flows(forest: Forest, laid: Laid) -> tuple[Floats, Floats]:
    """Hourly maximum (l/s) and daily mean (m3/d) through every manhole, its own inflow included: what its pump lifts."""
    h, node = len(laid.manhole), laid.manhole
    flow = np.bincount(laid.down, laid.flow_l_per_s, minlength=h) + forest.flow_l_per_s[node]
    mean = np.bincount(laid.down, laid.flow_mean_m3_per_d, minlength=h) + forest.flow_mean_m3_per_d[node]
    return flow, mean


def _contiguous(forest: Forest) -> Forest:
    """The same forest in the types and memory order the kernels are compiled for."""
    numbers = {k: np.ascontiguousarray(v, np.float64) for k, v in vars(forest).items() if k != "parent"}
    return Forest(parent=np.ascontiguousarray(forest.parent, np.int64), **numbers)


def _check_ground(forest: Forest) -> None:
    unknown = np.flatnonzero(~np.isfinite(forest.ground_elev_m))
    if len(unknown):
        i = unknown[0]
        raise TerrainError(
            problem(
                f"ground elevation is unknown at {len(unknown):,} of {len(forest):,} points of the collector trees, "
                f"the first at x = {forest.x_m[i]:,.1f}, y = {forest.y_m[i]:,.1f}",
                "cover and excavation cannot be kept there",
                "add a terrain file that covers the place",
            )
        )


def main_diameter_mm(flow_l_per_s: Floats, rules: Rules) -> Floats:
    """Diameter of a rising main for its velocity, in steps of 25 mm."""
    bore = np.sqrt(4.0 * flow_l_per_s / 1000.0 / np.pi / rules.pressure_velocity_m_per_s) * 1000.0
    return np.asarray(np.maximum(np.ceil(bore / MAIN_STEP_MM - 1e-9) * MAIN_STEP_MM, rules.pressure_diameter_min_mm))


def least_excavation_m(diameter_mm: Floats, rules: Rules) -> Floats:
    """Excavation that gives a pipe its least cover."""
    return np.asarray(rules.cover_min_m + 2.0 * rules.pipe_wall_m + diameter_mm / 1000.0 + rules.bedding_m)


def _limits(forest: Forest, span: Spans, rules: Rules) -> Limits:
    size = _sizes(forest, span, rules)
    diameter, slope = rules.diameter_mm[size], rules.slope_min[size]
    least = least_excavation_m(diameter, rules)
    ground = forest.ground_elev_m[span.node]
    is_reach = span.down >= 0
    rise = np.where(is_reach, ground[span.down] - ground, 0.0)
    fall = rise + slope * span.length_m
    floor = least + span.dip_m
    limit = rules.excavation_max_m - span.bump_m
    start = floor.copy()
    steep = np.flatnonzero(fall < 0.0)  # only where the ground falls faster than the pipe must can it be too fast
    steepest = largest_slope(span.flow_l_per_s[steep], diameter[steep], rules.velocity_max_m_per_s, rules.manning_n)
    run = np.minimum(np.maximum(steepest, slope[steep]), 1e6) * span.length_m[steep]
    start[steep] = np.maximum(floor[steep], floor[steep] - rise[steep] - run)
    is_layable = (start <= limit + TOLERANCE_M) & (np.maximum(floor, start + fall) <= limit + TOLERANCE_M) | ~is_reach
    is_chute = (span.middle < 0) & (start > limit) & (floor <= limit)
    start[is_chute] = limit[is_chute]
    tight = np.flatnonzero(is_reach & (least > rules.excavation_max_m + TOLERANCE_M))
    if len(tight):
        i = int(tight[0])
        raise DesignError(
            problem(
                f"{_place_text(forest, span, i)}: a pipe of {diameter[i]:g} mm needs {least[i]:.2f} m of excavation for its "
                f"cover, excavation_max_m is {rules.excavation_max_m:g} m",
                f"{len(tight):,} reaches cannot be laid at any depth",
                "raise design.excavation_max_m or lower design.cover_min_m",
            )
        )
    return Limits(size, least, fall, start, floor, limit, is_layable)


def _sizes(forest: Forest, span: Spans, rules: Rules) -> Ints:
    size = smallest_diameter(span.flow_l_per_s, rules.diameter_mm, rules.slope_min, rules.capacity_margin, rules.manning_n)
    over = np.flatnonzero(size == len(rules.diameter_mm))
    if len(over):
        i = int(over[np.argmax(span.flow_l_per_s[over])])
        raise DesignError(
            problem(
                f"{_place_text(forest, span, i)}: the design flow of {span.flow_l_per_s[i]:,.1f} l/s with its margin is more "
                f"than the largest diameter ({rules.diameter_mm[-1]:g} mm) carries at its least slope "
                f"({1000.0 * rules.slope_min[-1]:.2f} permille)",
                f"{len(over):,} reaches have no pipe",
                "add larger diameters to design.diameters_mm or raise design.slope_min_permille",
            )
        )
    return size


def _reaches(
    forest: Forest, course: manholes.Courses, span: Spans, limits: Limits, rules: Rules, prices: LayingPrices
) -> profile.Reaches:
    node, h = span.node, len(span.node)
    index = np.full(len(forest), -1, np.int64)
    index[node] = np.arange(h)
    order = index[course.order]
    reach = np.flatnonzero(span.down >= 0)
    arriving = np.bincount(span.down[reach], minlength=h)
    is_root = span.down < 0
    grows = np.maximum(limits.least_m[span.down] - limits.least_m, 0.0)
    shift = np.where(is_root | is_root[span.down], 0.0, grows)
    mean = 0.5 * (limits.start_m + np.maximum(limits.floor_m, limits.start_m + limits.fall_m))
    priced = span.length_m * span.price_factor
    no_inflow = (forest.flow_l_per_s[node] == 0.0) & (forest.flow_mean_m3_per_d[node] == 0.0)
    columns = {
        profile.LENGTH: span.length_m,
        profile.FALL: limits.fall_m,
        profile.START: limits.start_m,
        profile.FLOOR: limits.floor_m,
        profile.LIMIT: limits.limit_m,
        profile.BASE: np.where(is_root, 0.0, limits.least_m),
        profile.SHIFT: shift,
        profile.GROUND: forest.ground_elev_m[node],
        profile.TOP: span.top_elev_m,
        profile.MAIN_DEPTH: least_excavation_m(main_diameter_mm(span.flow_l_per_s, rules), rules),
        profile.ROOT_MAX: forest.root_max_excavation_m[node],
        profile.ENERGY: prices.energy_yen_per_yr * course.flow_mean_m3_per_d[node],
        profile.PRICED: priced,
        profile.LEAST_YEN: priced * _price(prices, limits.size, mean),
        profile.TIE: np.zeros(h) if prices.is_depth_priced else _ties(span, rules.excavation_max_m),
        profile.DRY: span.is_dry,
        profile.PASSABLE: no_inflow & (arriving == 1) & ~is_root,
    }
    number = np.empty((h, len(columns)))
    for column, values in columns.items():
        number[:, column] = values
    price = np.empty(5)
    price[profile.PUMP_YEN] = prices.pump_yen_per_yr
    price[profile.MAIN_YEN] = prices.pressure_yen_per_m_yr
    price[profile.MANHOLE_YEN] = prices.manhole_yen_per_yr[0]
    price[profile.WET_WELL] = rules.wet_well_m
    price[profile.FRICTION] = rules.pressure_friction
    return profile.Reaches(
        order=order[order >= 0],
        down=span.down,
        first=np.concatenate(([0], np.cumsum(arriving))).astype(np.int64),
        incoming=reach[np.argsort(span.down[reach], kind="stable")],
        size=limits.size,
        number=number,
        price=price,
        depth_m=np.ascontiguousarray(prices.depth_m, np.float64),
        trench=np.ascontiguousarray(prices.trench_yen_per_m_yr, np.float64),
    )


def _price(prices: LayingPrices, size: Ints, mean_m: Floats) -> Floats:
    """Trench price per metre at mean excavations."""
    out = np.empty(len(size))
    for row in np.unique(size):
        at = size == row
        out[at] = np.interp(mean_m[at], prices.depth_m, prices.trench_yen_per_m_yr[row])
    return out


def _roots(down: Ints) -> Ints:
    """The root of every manhole."""
    root = np.where(down < 0, np.arange(len(down)), down)
    while not np.array_equal(onward := root[root], root):
        root = onward
    return root


def _ties(span: Spans, excavation_max_m: float) -> Floats:
    """Price of a metre of mean excavation so small that a whole tree at full depth costs one yen a year."""
    root = _roots(span.down)
    tree_m = np.bincount(root, span.length_m, minlength=len(root))[root]
    return np.asarray(span.length_m / np.maximum(tree_m * excavation_max_m, 1e-9))


def _laid(span: Spans, limits: Limits, mode: Ints, found: Floats, rules: Rules) -> Laid:
    up = np.flatnonzero(span.down >= 0)
    reach_of_manhole = np.full(len(span.node), -1, np.int64)
    reach_of_manhole[up] = np.arange(len(up))
    is_main = (mode == profile.MAIN) | (mode == profile.PASSED)
    diameter = np.where(is_main, main_diameter_mm(span.flow_l_per_s, rules), rules.diameter_mm[limits.size])
    arrival, head = found[:, profile.ARRIVAL], found[:, profile.HEAD].copy()
    is_bare = (span.down < 0) & (arrival == 0.0)  # an outlet where nothing arrives
    return Laid(
        manhole=span.node,
        up=up,
        down=span.down[up],
        reach_of=np.where(span.of_node >= 0, reach_of_manhole[span.of_node], -1),
        length_m=span.length_m[up],
        price_factor=span.price_factor[up],
        flow_l_per_s=span.flow_l_per_s[up],
        flow_mean_m3_per_d=span.flow_mean_m3_per_d[up],
        diameter_mm=diameter[up],
        is_pressure=is_main[up],
        excavation_up_m=found[up, profile.UP],
        excavation_down_m=found[up, profile.DOWN],
        is_pump=(mode == profile.LIFT) | (mode == profile.MAIN) | (head > 0.0),  # a head alone: a lift at a root
        head_m=head,
        arrival_m=np.where(is_bare, least_excavation_m(rules.diameter_mm[:1], rules)[0], arrival),
        yen_per_yr=found[:, profile.YEN].copy(),
        root_of=_roots(span.down),
    )


def _place_text(forest: Forest, span: Spans, i: int) -> str:
    node = span.node[i]
    return f"reach from x = {forest.x_m[node]:,.1f}, y = {forest.y_m[node]:,.1f} (length {span.length_m[i]:.1f} m)"
