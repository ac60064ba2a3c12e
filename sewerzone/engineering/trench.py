"""The design of collector trees: manholes, pipe sizes, and the cheapest exact profile with its pumps.

``lay`` designs a whole forest at once. Excavation, from the ground to the bottom of the trench, is cover + wall +
diameter + wall + bedding; it is positive downwards. Pipes join at the crown: where the pipe grows, its bottom lies
lower by the difference, and a pump's head is counted from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sewerzone.engineering import labels, manholes, profile, reaches
from sewerzone.engineering.forest import Bools, Floats, Forest, Ints, Laid, LayingPrices, Rules
from sewerzone.engineering.manholes import Courses
from sewerzone.engineering.pipes import FLOW_MOST, TOLERANCE_M, largest_size, rule_list, size_table
from sewerzone.engineering.reaches import Reaches, Spans
from sewerzone.errors import DesignError, TerrainError, problem

PIECE = 8192
"""Nodes laid at a time, as whole trees: what is known of them stays in the processor's cache."""


class Site(NamedTuple):
    """A forest set out to be laid: what flows where, its manholes, and the tables of sizes and rules (see ``pipes``)."""

    forest: Forest
    course: Courses
    is_manhole: Bools
    sizes: Floats
    rule: Floats


class Profiles(NamedTuple):
    """Whole trees of a forest: their nodes, reaches, what was chosen for these and what came of it; see ``profile``."""

    nodes: Ints
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
    site = _set_out(forest, rules)
    h, roots = int(site.is_manhole.sum()), int((site.forest.parent < 0).sum())
    laid, first, reach = Laid.empty(h, h - roots, len(forest)), 0, 0
    for done in _profiles(site, rules, prices):
        reach = _fill(laid, done, rules, first, reach)
        first += len(done.root)
    return laid


def price_only(forest: Forest, rules: Rules, prices: LayingPrices, tree: Ints, count: int) -> Totals:
    """Totals of the design of ``lay`` in less time; ``tree`` (n,) is the number of each node's tree, of ``count``."""
    found = Totals(np.zeros(count), np.zeros(count), np.zeros(count, np.int64))
    for done in _profiles(_set_out(forest, rules), rules, prices):
        at = tree[done.nodes[done.span.node]]
        np.add.at(found.yen_per_yr, at, done.found[:, profile.YEN])
        np.add.at(found.sewer_m, at, done.reaches.number[:, reaches.LENGTH])
        np.add.at(found.pumps, at[_is_pump(done)], 1)
    return found


def manhole_flows(forest: Forest, laid: Laid) -> tuple[Floats, Floats]:
    """Hourly maximum (l/s) and daily mean (m3/d) through every manhole, its own inflow included: what its pump lifts."""
    h, node = len(laid.manhole), laid.manhole
    flow = np.bincount(laid.down, laid.flow_l_per_s, minlength=h) + forest.flow_l_per_s[node]
    mean = np.bincount(laid.down, laid.flow_mean_m3_per_d, minlength=h) + forest.flow_mean_m3_per_d[node]
    return flow, mean


def _set_out(forest: Forest, rules: Rules) -> Site:
    """What flows where, and the manholes, of a forest that can be laid."""
    forest = _contiguous(forest)
    _check_ground(forest)
    sizes, rule = size_table(rules), rule_list(rules)
    course = manholes.courses(forest, rules.bend_deg)
    _check_flows(forest, course, rules, sizes)
    return Site(forest, course, manholes.place(forest, course, sizes, rule), sizes, rule)


def _profiles(site: Site, rules: Rules, prices: LayingPrices) -> Iterator[Profiles]:
    """The cheapest profiles, piece by piece."""
    for nodes, trees, course in _pieces(site.forest, site.course):
        span, found = reaches.reaches(trees, course, site.is_manhole[nodes], rules, prices, site.sizes, site.rule)
        choice = profile.choose(found, labels.labels(found))
        yield Profiles(nodes, span, found, choice, *profile.evaluate(found, choice))


def _pieces(forest: Forest, course: Courses) -> Iterator[tuple[Ints, Forest, Courses]]:
    """Cut a forest into whole trees of about ``PIECE`` nodes together; the nodes of each piece in post-order."""
    n, place = len(forest), np.empty(len(forest), np.int64)
    place[course.order] = np.arange(n)
    end = np.flatnonzero(forest.parent[course.order] < 0) + 1
    cut = np.searchsorted(end, np.arange(PIECE, n + PIECE, PIECE))
    start = 0
    for stop in np.unique(end[np.minimum(cut, len(end) - 1)]).tolist():
        nodes = course.order[start:stop]
        fields = {name: values[nodes] for name, values in vars(forest).items()}
        fields["parent"] = np.where(fields["parent"] >= 0, place[fields["parent"]] - start, -1)
        flow, mean, is_forced = course.flow_l_per_s[nodes], course.flow_mean_m3_per_d[nodes], course.is_forced[nodes]
        yield nodes, Forest(**fields), Courses(np.arange(stop - start), flow, mean, is_forced)
        start = stop


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


def _fill(laid: Laid, done: Profiles, rules: Rules, first: int, first_reach: int) -> int:
    """Write the design of a piece, from its first manhole and reach on; returns the end of its reaches."""
    span, r, mode, found = done.span, done.reaches, done.choice[:, profile.MODE], done.found
    up = np.flatnonzero(r.down >= 0)
    h, these = slice(first, first + len(mode)), slice(first_reach, first_reach + len(up))
    reach_of = np.full(len(mode) + 1, -1, np.int64)  # one entry more for the ways of roots, which are on none
    reach_of[up] = np.arange(these.start, these.stop)
    is_main, diameter = mode[up] >= profile.MAIN, rules.diameter_mm[done.choice[up, profile.TAKEN_SIZE]]
    diameter[is_main] = reaches.main_diameter_mm(r.number[up[is_main], reaches.FLOW], rules)
    laid.manhole[h] = done.nodes[span.node]
    laid.up[these] = first + up
    laid.down[these] = first + r.down[up]
    laid.reach_of[done.nodes] = reach_of[span.of_node]
    laid.length_m[these] = r.number[up, reaches.LENGTH]
    laid.price_factor[these] = r.number[up, reaches.FACTOR]
    laid.flow_l_per_s[these] = r.number[up, reaches.FLOW]
    laid.flow_mean_m3_per_d[these] = r.number[up, reaches.MEAN]
    laid.diameter_mm[these] = diameter
    laid.is_pressure[these] = is_main
    laid.excavation_up_m[these] = found[up, profile.UP]
    laid.excavation_down_m[these] = found[up, profile.DOWN]
    laid.is_pump[h] = _is_pump(done)
    laid.head_m[h] = found[:, profile.HEAD]
    is_bare = (r.down < 0) & (found[:, profile.ARRIVAL] == 0.0)  # outlets where nothing arrives
    laid.arrival_m[h] = np.where(is_bare, least_excavation_m(rules.diameter_mm[0], rules), found[:, profile.ARRIVAL])
    laid.shaft_m[h], laid.is_drop[h] = _shafts(done, rules)
    laid.yen_per_yr[h] = found[:, profile.YEN]
    laid.root_of[h] = first + done.root
    return these.stop
