"""The design of collector trees: manholes, pipe sizes, and the cheapest exact profile with its pumps.

``lay`` designs a whole forest at once. Excavation, from the ground to the bottom of the trench, is cover + wall +
diameter + wall + bedding; it is positive downwards. Pipes join at the crown: where the pipe grows, its bottom lies
lower by the difference, and a pump's head is counted from there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering import labels, manholes, profile, reaches
from sewerzone.engineering.forest import Bools, Floats, Forest, Ints, Laid, LayingPrices, Rules
from sewerzone.engineering.manholes import Courses
from sewerzone.engineering.pipes import FLOW_MOST, TOLERANCE_M, largest_size, rule_list, size_table
from sewerzone.engineering.reaches import Reaches, Spans
from sewerzone.errors import DesignError, TerrainError, problem


class Profiles(NamedTuple):
    """The reaches of a forest, what was chosen for them and what came of it; see ``profile``."""

    span: Spans
    reaches: Reaches
    choice: Ints
    found: Floats
    root: Ints


class Totals(NamedTuple):
    """Per tree: annual cost in yen, length in metres, number of pumps."""

    yen_per_yr: Floats
    sewer_m: Floats
    pumps: Ints


def lay(forest: Forest, rules: Rules, prices: LayingPrices) -> Laid:
    """Design a forest at least annual cost.

    Manholes are set at heads, junctions, outlets, sharp bends and the ends of crossings, and between them wherever spacing
    or uneven ground ask for one. Among all profiles that keep cover, clearance under crossings, excavation, least slope,
    capacity and largest velocity, with a pump in any manhole, rising mains along any reaches without inflow, and any size
    of pipe that does not decrease downstream and is not larger than its flow needs at the least slope, the cheapest is
    taken (see ``profile``, and ``pipes`` for the ground between manholes).

    Reaches too steep for one straight pipe are split at the points between, and if that is not enough a rising main
    climbs, or a pipe falls faster than ``velocity_max_m_per_s``, from one point to the next. A pipe under a crossing may
    lie deeper than ``excavation_max_m`` where its clearance asks for it; the next reach then starts at a lift.

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
    return _laid(_profiles(_contiguous(forest), rules, prices), rules)


def price_only(forest: Forest, rules: Rules, prices: LayingPrices, tree: Ints, count: int) -> Totals:
    """Totals of the design of ``lay`` in less time; ``tree`` (n,) is the number of each node's tree, of ``count``."""
    done = _profiles(_contiguous(forest), rules, prices)
    at = tree[done.span.node]
    yen = np.bincount(at, done.found[:, profile.YEN], minlength=count)
    metres = np.bincount(at, done.reaches.number[:, reaches.LENGTH], minlength=count)
    pumps = np.bincount(at[_is_pump(done)], minlength=count)
    return Totals(yen.astype(np.float64, copy=False), metres.astype(np.float64, copy=False), pumps.astype(np.int64, copy=False))


def manhole_flows(forest: Forest, laid: Laid) -> tuple[Floats, Floats]:
    """Hourly maximum (l/s) and daily mean (m3/d) through every manhole, its own inflow included: what its pump lifts."""
    h, node = len(laid.manhole), laid.manhole
    flow = np.bincount(laid.down, laid.flow_l_per_s, minlength=h) + forest.flow_l_per_s[node]
    mean = np.bincount(laid.down, laid.flow_mean_m3_per_d, minlength=h) + forest.flow_mean_m3_per_d[node]
    return flow, mean


def _profiles(forest: Forest, rules: Rules, prices: LayingPrices) -> Profiles:
    _check_ground(forest)
    sizes, rule = size_table(rules), rule_list(rules)
    course = manholes.courses(forest, rules.bend_deg)
    _check_flows(forest, course, rules, sizes)
    is_manhole = manholes.place(forest, course, sizes, rule)
    span, found = reaches.reaches(forest, course, is_manhole, rules, prices, sizes, rule)
    choice = profile.choose(found, labels.labels(found))
    return Profiles(span, found, choice, *profile.evaluate(found, choice))


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


def least_excavation_m(diameter_mm: Floats | float, rules: Rules) -> Floats:
    """Excavation that gives a pipe its least cover."""
    return np.asarray(rules.cover_min_m + 2.0 * rules.pipe_wall_m + diameter_mm / 1000.0 + rules.bedding_m)


def _check_flows(forest: Forest, course: Courses, rules: Rules, sizes: Floats) -> None:
    """Whether every way can have a pipe that carries its flow, and under its cover."""
    flow = np.where(forest.parent >= 0, course.flow_l_per_s, 0.0)
    i = int(np.argmax(flow)) if len(flow) else 0
    if not len(flow) or flow[i] == 0.0:
        return
    place = f"way from x = {forest.x_m[i]:,.1f}, y = {forest.y_m[i]:,.1f}"
    if flow[i] > sizes[-1, FLOW_MOST]:
        raise DesignError(
            problem(
                f"{place}: the design flow of {flow[i]:,.1f} l/s with its margin is more than the largest diameter "
                f"({rules.diameter_mm[-1]:g} mm) carries at its least slope ({1000.0 * rules.slope_min[-1]:.2f} permille)",
                f"{(flow > sizes[-1, FLOW_MOST]).sum():,} ways between two points have no pipe",
                "add larger diameters to design.diameters_mm or raise design.slope_min_permille",
            )
        )
    diameter = rules.diameter_mm[largest_size(flow[i], sizes)]
    least = float(least_excavation_m(diameter, rules))
    if least > rules.excavation_max_m + TOLERANCE_M:
        raise DesignError(
            problem(
                f"{place}: a pipe of {diameter:g} mm needs {least:.2f} m of excavation for its cover, excavation_max_m is "
                f"{rules.excavation_max_m:g} m",
                "it cannot be laid at any depth",
                "raise design.excavation_max_m or lower design.cover_min_m",
            )
        )


def _is_pump(done: Profiles) -> Bools:
    """Manholes with a pump: before a lift or a main, and at roots whose arrivals lie too deep, which have a head alone."""
    mode = done.choice[:, profile.MODE]
    return np.asarray((mode == profile.LIFT) | (mode == profile.MAIN) | (done.found[:, profile.HEAD] > 0.0))


def _shafts(done: Profiles, rules: Rules) -> tuple[Floats, Bools]:
    """Excavation by which each manhole is priced, and whether as a drop manhole; as ``profile.evaluate`` prices them."""
    r, mode, found = done.reaches, done.choice[:, profile.MODE], done.found
    is_root, is_main = r.down < 0, mode >= profile.MAIN
    size = np.where(is_main, r.kind[:, reaches.SIZE], done.choice[:, profile.TAKEN_SIZE])
    joined = found[:, profile.JOINED]
    by_gravity = (mode == profile.GRAVITY) & ~is_root
    shaft = np.where(by_gravity, found[:, profile.UP], joined + np.where(is_root, 0.0, rules.diameter_mm[size] / 1000.0))
    drop = found[:, profile.UP] - found[:, profile.SHALLOWEST]
    return shaft, np.asarray(by_gravity & (drop >= rules.drop_manhole_m - TOLERANCE_M))


def _laid(done: Profiles, rules: Rules) -> Laid:
    span, r, mode, found = done.span, done.reaches, done.choice[:, profile.MODE], done.found
    up = np.flatnonzero(r.down >= 0)
    reach_of = np.full(len(r.down) + 1, -1, np.int64)  # one entry more for the ways of roots, which are on none
    reach_of[up] = np.arange(len(up))
    is_main = mode[up] >= profile.MAIN
    diameter = rules.diameter_mm[done.choice[up, profile.TAKEN_SIZE]]
    arrival = found[:, profile.ARRIVAL].copy()
    arrival[(r.down < 0) & (arrival == 0.0)] = least_excavation_m(rules.diameter_mm[0], rules)  # outlets where nothing arrives
    number = r.number[up]
    shaft, is_drop = _shafts(done, rules)
    return Laid(
        manhole=span.node,
        up=up,
        down=r.down[up],
        reach_of=reach_of[span.of_node],
        length_m=number[:, reaches.LENGTH].copy(),
        price_factor=number[:, reaches.FACTOR].copy(),
        flow_l_per_s=number[:, reaches.FLOW].copy(),
        flow_mean_m3_per_d=number[:, reaches.MEAN].copy(),
        diameter_mm=np.where(is_main, reaches.main_diameter_mm(number[:, reaches.FLOW], rules), diameter),
        is_pressure=is_main,
        excavation_up_m=found[up, profile.UP],
        excavation_down_m=found[up, profile.DOWN],
        is_pump=_is_pump(done),
        head_m=found[:, profile.HEAD].copy(),
        arrival_m=arrival,
        shaft_m=shaft,
        is_drop=is_drop,
        yen_per_yr=found[:, profile.YEN].copy(),
        root_of=done.root,
    )
