"""The reaches of a forest between its manholes, as the arrays that the kernels of ``profile`` share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Forest, Ints, LayingPrices, Rules
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.hydraulics import full_area_m2, pressure_loss
from sewerzone.engineering.manholes import Courses
from sewerzone.engineering.pipes import (
    COVER,
    FALL,
    FLOOR,
    LIMIT,
    SLOPE_MIN,
    START,
    is_too_fast,
    largest_size,
    lie,
    slope_for,
)

MAIN_STEP_MM = 25.0
"""Rising mains come in steps of this diameter."""

LENGTH, FACTOR, FLOW, MEAN, GROUND, TOP, ROOT_MAX, CLEARANCE = 0, 1, 2, 3, 4, 5, 6, 7
FIXED, ENERGY, MAIN_DIAMETER, LEAST_YEN, TIE, DRY, PASSABLE, FRICTION = 8, 9, 10, 11, 12, 13, 14, 15
"""Columns of ``Reaches.number``."""
SIZE, LOW, MAIN_SIZE = 0, 1, 2
"""Columns of ``Reaches.kind``."""
PUMP_YEN, MAIN_YEN, DROP_YEN, DROP_M, WET_WELL, LEAST, SPREAD = 0, 1, 2, 3, 4, 5, 6
"""Entries of ``Reaches.price``."""


class Reaches(NamedTuple):
    """The outgoing reach of every manhole, in post-order; what concerns the reach is unused at roots.

    Depths are excavations less diameters (see ``pipes``).

    Attributes
    ----------
    down : (h,) next manhole, -1 at roots
    first, incoming : (h + 1,), (reaches,) manholes whose reach arrives at manhole i: incoming[first[i]:first[i + 1]]
    slot : (h + 1,) where the sizes of a reach begin in ``pipe``: 0 to SIZE; roots have one slot
    kind : (h, 3) SIZE, the largest a pipe of the reach may have; LOW, the least that anything arriving from upstream can
        ask for; MAIN_SIZE, the size a rising main counts as
    number : (h, 16) LENGTH; FACTOR of the road class; FLOW and MEAN of the reach; GROUND elevation at the manhole and TOP,
        the highest along the reach; ROOT_MAX, the deepest arrival (excavation) a root takes; CLEARANCE, least excavation
        under a crossing; FIXED yen a year; ENERGY, yen a year per metre of head; MAIN_DIAMETER in m; LEAST_YEN, trench and
        manhole of the shallowest pipe of the largest size; TIE, price of a metre of mean excavation that decides between
        equal prices; DRY (0, 1), nothing flows in along the reach; PASSABLE, nothing but one reach flows in at the manhole;
        FRICTION of a rising main, m of head per m
    pipe : (slots, 4) how a pipe of the size may lie, see ``pipes``
    price : (7,) PUMP_YEN, MAIN_YEN per metre, DROP_YEN of a manhole whose fall is at least DROP_M, and the lengths WET_WELL,
        LEAST, the depth that gives least cover, SPREAD, largest diameter less the smallest
    diameter_m : (k,)
    depth_m, table : (m,), (k + 1, 2 m - 1) trench price in yen per metre by size and excavation, then its rise from each
        to the next; the last row is the price of a manhole
    """

    down: Ints
    first: Ints
    incoming: Ints
    slot: Ints
    kind: Ints
    number: Floats
    pipe: Floats
    price: Floats
    diameter_m: Floats
    depth_m: Floats
    table: Floats


class Spans(NamedTuple):
    """Where the reaches are: ``node`` (h,) of every manhole, ``of_node`` (n,) manhole whose reach a way lies on (-1)."""

    node: Ints
    of_node: Ints


def main_diameter_mm(flow_l_per_s: Floats, rules: Rules) -> Floats:
    """Diameter of a rising main for its velocity, in steps of 25 mm."""
    bore = np.sqrt(flow_l_per_s * (4.0e3 / (np.pi * rules.pressure_velocity_m_per_s)))
    return np.asarray(np.maximum(np.ceil(bore / MAIN_STEP_MM - 1e-9) * MAIN_STEP_MM, rules.pressure_diameter_min_mm))


def main_friction(flow_l_per_s: Floats, diameter_mm: Floats, rules: Rules) -> Floats:
    """Friction loss (m of head per m) at what a pump gives its main: its flow, or what keeps the least velocity."""
    pumped = np.maximum(flow_l_per_s, 1000.0 * full_area_m2(diameter_mm) * rules.pressure_velocity_min_m_per_s)
    return pressure_loss(pumped, diameter_mm, rules.pressure_hazen_williams_c)


def reaches(
    forest: Forest, course: Courses, is_manhole: Bools, rules: Rules, prices: LayingPrices, sizes: Floats, rule: Floats
) -> tuple[Spans, Reaches]:
    """The reaches between manholes, the sizes their pipes may have and how these may lie."""
    node = course.order[is_manhole[course.order]]
    h, n = len(node), len(forest)
    index, of_node = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    index[node] = np.arange(h)
    down, incoming, first, slot = np.empty((4, h + 1), np.int64)
    kind, number = np.zeros((h, 3), np.int64), np.zeros((h, 16))
    _span(
        node, index, forest.parent, forest.length_m, forest.ground_elev_m, forest.price_factor,
        forest.flow_l_per_s, forest.flow_mean_m3_per_d, course.flow_l_per_s, course.flow_mean_m3_per_d, sizes,
        np.array([prices.energy_yen_per_yr, prices.pump_size_yen_per_yr]), down, first, incoming, slot, of_node, kind,
        number,
    )  # fmt: skip
    number[:, ROOT_MAX] = forest.root_max_excavation_m[node]
    number[:, CLEARANCE] = forest.least_excavation_m[node]
    way = np.flatnonzero(of_node >= 0)
    number[:, FIXED] = np.bincount(of_node[way], forest.fixed_yen_per_yr[way], minlength=h)
    main = main_diameter_mm(number[:, FLOW], rules)
    number[:, MAIN_DIAMETER] = main / 1000.0
    number[:, FRICTION] = main_friction(number[:, FLOW], main, rules)
    kind[:, MAIN_SIZE] = np.minimum(np.searchsorted(rules.diameter_mm, main), kind[:, SIZE])
    price = np.array(
        [prices.pump_yen_per_yr, prices.pressure_yen_per_m_yr, prices.drop_yen_per_yr, rules.drop_manhole_m, rules.wet_well_m,
         rule[COVER], (rules.diameter_mm[-1] - rules.diameter_mm[0]) / 1000.0]
    )  # fmt: skip
    yen = np.vstack([prices.trench_yen_per_m_yr, prices.manhole_yen_per_yr])
    found = Reaches(
        down[:h], first, incoming[: first[h]], slot, kind, number, np.empty((slot[h], 4)), price,
        rules.diameter_mm / 1000.0, np.ascontiguousarray(prices.depth_m, np.float64),
        np.hstack([yen, np.diff(yen) / np.diff(prices.depth_m)]),
    )  # fmt: skip
    _pipes(node, forest.parent, forest.length_m, forest.ground_elev_m, sizes, rule, np.zeros(h, np.int64), *found)
    if not prices.is_depth_priced:
        _ties(found.down, number, rules.excavation_max_m, np.zeros(h))
    return Spans(node, of_node), found


@lean_kernel
def price_at(knots: Floats, table: Floats, row: int, depth_m: float) -> float:
    """A row of the table, linear between knots, flat beyond the outer ones; prices never fall with depth."""
    last = len(knots) - 1
    if depth_m <= knots[0] or table[row, 0] == table[row, last]:
        return float(table[row, 0])
    if depth_m >= knots[last]:
        return float(table[row, last])
    k = 0
    while depth_m > knots[k + 1]:
        k += 1
    return float(table[row, k] + (depth_m - knots[k]) * table[row, last + 1 + k])


@lean_kernel
def _span(
    node: Ints, index: Ints, parent: Ints, length_m: Floats, ground: Floats, factor: Floats, flow: Floats,
    mean: Floats, flow_sum: Floats, mean_sum: Floats, sizes: Floats, yen: Floats, down: Ints, first: Ints,
    incoming: Ints, slot: Ints, of_node: Ints, kind: Ints, number: Floats,
) -> None:  # fmt: skip
    """Walk every reach; ``index`` is the manhole of a node (-1)."""
    h = len(node)
    first[:], slot[0] = 0, 0
    for i in range(h):
        start = node[i]
        number[i, GROUND] = number[i, TOP] = ground[start]
        number[i, ENERGY] = yen[0] * mean_sum[start] + yen[1] * flow_sum[start]
        number[i, DRY], down[i], at, weighted = 1.0, -1, start, 0.0
        while parent[at] >= 0:
            of_node[at] = i
            number[i, LENGTH] += length_m[at]
            weighted += length_m[at] * factor[at]
            number[i, FLOW], number[i, MEAN] = flow_sum[at], mean_sum[at]
            at = parent[at]
            number[i, TOP] = max(number[i, TOP], ground[at])
            if index[at] >= 0:
                down[i] = index[at]
                first[down[i] + 1] += 1
                break
            if flow[at] != 0.0 or mean[at] != 0.0:
                number[i, DRY] = 0.0
        number[i, FACTOR] = weighted / number[i, LENGTH] if number[i, LENGTH] > 0.0 else factor[start]
        if down[i] >= 0:
            kind[i, SIZE] = largest_size(number[i, FLOW], sizes)
        slot[i + 1] = slot[i] + kind[i, SIZE] + 1
    for i in range(h):
        if down[i] >= 0 and first[i + 1] == 1 and flow[node[i]] == 0.0 and mean[node[i]] == 0.0:
            number[i, PASSABLE] = 1.0
    for i in range(h):
        first[i + 1] += first[i]
    many = first[h]
    for i in range(h - 1, -1, -1):  # first[d + 1], the end of d's arrivals, runs down to their start
        if down[i] >= 0:
            first[down[i] + 1] -= 1
            incoming[first[down[i] + 1]] = i
    for i in range(h):
        first[i] = first[i + 1]
    first[h] = many


@lean_kernel
def _pipes(
    node: Ints, parent: Ints, length_m: Floats, ground: Floats, sizes: Floats, rule: Floats, arriving: Ints,
    down: Ints, first: Ints, incoming: Ints, slot: Ints, kind: Ints, number: Floats, pipe: Floats, price: Floats,
    diameter_m: Floats, knots: Floats, table: Floats,
) -> None:  # fmt: skip
    """Fill ``pipe``, LOW and LEAST_YEN; ``arriving`` becomes the least size that arrives by a reach."""
    manhole = len(table) - 1
    for w in range(len(down)):
        to, largest, flow, length = down[w], kind[w, SIZE], number[w, FLOW], number[w, LENGTH]
        low: int = np.int64(0)  # type: ignore[assignment]
        for e in range(first[w], first[w + 1]):
            low = max(low, arriving[incoming[e]])
        if to < 0:
            continue
        kind[w, LOW] = low
        smallest = largest
        for size in range(largest, -1, -1):
            q = slot[w] + size
            slope = sizes[size, SLOPE_MIN] if size == largest else slope_for(flow, size, sizes)
            may = lie(
                node[w], length, flow, size, slope, number[w, CLEARANCE], parent, length_m, ground, node[to], sizes, rule, q,
                pipe,
            )  # fmt: skip
            if size == largest:
                up = pipe[q, START]
                mean = 0.5 * (up + max(pipe[q, FLOOR], up + pipe[q, FALL])) + diameter_m[size]
                number[w, LEAST_YEN] = length * number[w, FACTOR] * price_at(knots, table, size, mean)
                number[w, LEAST_YEN] += price_at(knots, table, manhole, up + diameter_m[size])
                if not may and pipe[q, FALL] < 0.0 and parent[node[w]] == node[to] and pipe[q, FLOOR] <= pipe[q, LIMIT]:
                    pipe[q, START], may = pipe[q, LIMIT], True  # down a cliff that no lawful pipe descends: a chute
            elif may:
                may = not is_too_fast(flow, size, slope, sizes, rule)
            if may:
                smallest = size
            else:
                pipe[q, LIMIT] = -np.inf
        by_gravity = max(low, smallest)
        arriving[w] = min(by_gravity, max(low, kind[w, MAIN_SIZE])) if number[w, DRY] > 0.0 else by_gravity
        if number[w, DRY] == 0.0:
            kind[w, LOW] = by_gravity


@lean_kernel
def _ties(down: Ints, number: Floats, excavation_max_m: float, tree_m: Floats) -> None:
    """A price of excavation so small that a whole tree at full depth costs one yen a year."""
    for w in range(len(down)):
        if down[w] >= 0:
            tree_m[down[w]] += tree_m[w] + number[w, LENGTH]
    for w in range(len(down) - 1, -1, -1):
        if down[w] >= 0:
            tree_m[w] = tree_m[down[w]]
            number[w, TIE] = number[w, LENGTH] / max(tree_m[w] * excavation_max_m, 1e-9)
