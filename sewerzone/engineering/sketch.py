"""What a collector tree will cost, node by node, without laying it.

``trench.lay`` designs whole trees: exact, but for a search that tries thousands of trees that differ by one way too
much. Here the labels of ``profile`` (depth the outgoing pipe needs, least cost upstream) are kept for every point of
the tree, so that a change costs only the labels on the way down from it. It is an estimate: every point of the road
graph counts as a manhole, mains may run along any way without inflow, and no pipe is too fast. What the search finds
is laid and judged by its exact cost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.grafting import CHILD, INSIDE, ROWS, SIBLING, STATE
from sewerzone.engineering.heap import lean_kernel, plain
from sewerzone.engineering.hydraulics import full_flow_l_per_s
from sewerzone.engineering.networks import Ground
from sewerzone.engineering.reaches import main_friction
from sewerzone.engineering.trench import least_excavation_m

LENGTH, PRICED, FIXED, CLEARANCE = 0, 1, 2, 3
"""Columns of ``Terms.arc``: metres, metres times road factor, yen a year whatever is laid (what avoiding the way is worth
among it), least excavation."""
ELEVATION, ENTRY = 0, 1
"""Columns of ``Terms.ground``: elevation, and the deepest arrival where a tree ends."""
CAPACITY, LEAST, SLOPE = 0, 1, 2
"""Columns of ``Terms.size``: flow carried at the least slope, excavation of least cover, least slope."""
PUMP, MAIN, PUMP_SIZE, ENERGY, WET_WELL, FRICTION, DEEPEST, STEP = 0, 1, 2, 3, 4, 5, 6, 7
"""Entries of ``Terms.price``."""
MANY, OF_SIZE, MAIN_YEN, MAIN_FROM, MAIN_TOP, MAIN_M, DEPTHS = 0, 1, 2, 3, 4, 5, 6
"""A row of labels where a pipe arrives: how many, the pipe's size; the best rising main over it: yen without energy,
elevation it is counted to lift from, highest ground, length; then the depths, then the costs."""
LABELS = 10
"""Labels kept for a pipe; of more the deepest ones give way."""
COSTS = DEPTHS + LABELS
ROW = COSTS + LABELS
WIDE = 256
"""Room for the labels of a node while those of its arrivals are added."""
DEPTH, COST, NEXT_DEPTH, NEXT_COST, RUNNING, LABEL_ROWS = range(6)
"""Rows of the labels of the node at hand: depth rising, cost falling; the two being made of them; MAIN_YEN … MAIN_M of the
rising main that may run on."""
NOTHING = plain(0)
"""The row that stands for no arrival."""
_STEP_M = 0.05
_SAME_M, _SAME_YEN = 1e-9, 1e-6
# Sums of yen taken in another order differ by rounding.
_EQUAL_YEN = 1e-3


SLOT, PASSED_BY, ABOVE, WAY, RENEWED, PRICED_ARC, ALL_ROWS = range(ROWS, ROWS + 7)
"""Further rows of the scratch by node: where its labels stand, last walk that passed it and by which node above, arcs of a
way (by turn), pass in which its labels were last made anew, the arc they were made for."""
IN_FLOW, IN_MEAN, FLOW, MEAN, ROOT_YEN, LOSS, GAIN, SUMS = range(8)
"""Numbers by node: flows entering, flows through, cost of the tree ending here, flow it may lose and gain before a size from
here down changes."""


class Terms(NamedTuple):
    """Prices and limits as the kernels read them; n nodes, m arcs, k diameters.

    Attributes
    ----------
    arc : (m, 4) LENGTH, PRICED, FIXED, CLEARANCE
    ground : (n, 2) ELEVATION, ENTRY
    size : (k, 3) CAPACITY, LEAST, SLOPE
    trench : (k, d) yen per metre and year at excavations of 0, STEP, 2 STEP … m
    price : (8,) PUMP … STEP
    """

    arc: Floats
    ground: Floats
    size: Floats
    trench: Floats
    price: Floats


def terms_of(ground: Ground) -> Terms:
    """Prices and limits of a ground; a manhole counts by its share of the usual spacing."""
    rules, prices, edge = ground.rules, ground.prices, ground.graph.edge
    flow = full_flow_l_per_s(rules.diameter_mm, rules.slope_min, rules.manning_n) / (1.0 + rules.capacity_margin)
    depth = np.arange(0.0, rules.excavation_max_m + 2.0 * _STEP_M, _STEP_M)
    trench = np.stack([np.interp(depth, prices.depth_m, row) for row in prices.trench_yen_per_m_yr])
    length = ground.graph.length_m
    manholes = prices.manhole_yen_per_yr[0] / rules.manhole_spacing_m * length
    arc = [
        length,
        length * ground.price_factor[edge],
        (ground.fixed_yen_per_yr + ground.avoid_yen_per_yr)[edge] + manholes,
        ground.least_excavation_m[edge],
    ]
    smallest = np.array([rules.pressure_diameter_min_mm])
    price = np.array([
        prices.pump_yen_per_yr, prices.pressure_yen_per_m_yr, prices.pump_size_yen_per_yr, prices.energy_yen_per_yr,
        rules.wet_well_m, float(main_friction(np.zeros(1), smallest, rules)[0]), rules.excavation_max_m, _STEP_M,
    ])  # fmt: skip
    size = np.column_stack([flow, least_excavation_m(rules.diameter_mm, rules), rules.slope_min])
    return Terms(np.column_stack(arc), np.column_stack([ground.ground_elev_m, ground.entry_m]), size, trench, price)


@lean_kernel
def size_of(size: Floats, flow: float) -> int:
    """The smallest diameter that carries a flow, or the largest there is."""
    k = 0
    while k + 1 < len(size) and size[k, CAPACITY] < flow:
        k += 1
    return k


@lean_kernel
def gather(
    rows: Ints, sums: Floats, store: Floats, size: Floats, labels: Floats, node: int, flow: float, is_root: bool, but: int,
    but_too: int, also: int, also_too: int,
) -> int:  # fmt: skip
    """Labels of a node from its arrivals but two, and from two more rows; returns how many."""
    k: int = size_of(size, flow)
    least, base = size[k, LEAST], 0.0
    if not is_root:
        base = least
    labels[DEPTH, 0], labels[COST, 0], labels[RUNNING, 0] = base, 0.0, np.inf
    many, arrivals, turn, child = 1, 0, 0, -1
    if rows[STATE, node] == INSIDE:
        child = rows[CHILD, node]
    while True:
        if child >= 0:
            at = child
            child = rows[SIBLING, child]
            if at in (but, but_too):
                continue
            row = rows[SLOT, at]
        elif turn < 2:
            turn += 1
            row = also if turn == 1 else also_too
            if row == NOTHING:
                continue
        else:
            break
        shift = 0.0 if is_root else max(0.0, least - size[int(store[row, OF_SIZE]), LEAST])
        many = _add(labels, many, store, row, base, shift, arrivals == 0)
        arrivals += 1
        if arrivals == 1 and not is_root and sums[IN_FLOW, node] == 0.0 and sums[IN_MEAN, node] == 0.0:
            for i in range(4):
                labels[RUNNING, i] = store[row, MAIN_YEN + i]
        else:
            labels[RUNNING, 0] = np.inf
    return many


@lean_kernel
def _add(labels: Floats, many: int, store: Floats, row: int, base_m: float, shift_m: float, is_first: bool) -> int:
    """Add a row of labels to those of the node; returns how many there are then."""
    arriving = int(store[row, MANY])
    if is_first:  # as it is, but no shallower than the node asks for
        found = 0
        for j in range(arriving):
            depth = max(labels[DEPTH, 0] if found == 0 else base_m, store[row, DEPTHS + j] + shift_m)
            if found > 0 and depth <= labels[DEPTH, found - 1]:
                found -= 1
            labels[DEPTH, found], labels[COST, found] = depth, store[row, COSTS + j]
            found += 1
        return found
    i, j, found = 0, 0, 0
    depth = max(labels[DEPTH, 0], store[row, DEPTHS] + shift_m)
    while found < WIDE:
        while i + 1 < many and labels[DEPTH, i + 1] <= depth:
            i += 1
        while j + 1 < arriving and store[row, DEPTHS + j + 1] + shift_m <= depth:
            j += 1
        labels[NEXT_DEPTH, found], labels[NEXT_COST, found] = depth, labels[COST, i] + store[row, COSTS + j]
        found += 1
        mine = labels[DEPTH, i + 1] if i + 1 < many else np.inf
        its = store[row, DEPTHS + j + 1] + shift_m if j + 1 < arriving else np.inf
        if mine == np.inf and its == np.inf:
            break
        depth = min(mine, its)
    for k in range(found):
        labels[DEPTH, k], labels[COST, k] = labels[NEXT_DEPTH, k], labels[NEXT_COST, k]
    return found


@lean_kernel
def at_root(terms: Terms, node: int, flow: float, mean: float, labels: Floats, many: int) -> float:
    """Least cost of a tree by the labels of its root, with a lift where it arrives too deep."""
    price = terms.price
    best, entry = np.inf, terms.ground[node, ENTRY]
    for k in range(many):
        total = labels[COST, k]
        if labels[DEPTH, k] > entry + _SAME_M:
            total += _lift(price, price[ENERGY] * mean + price[PUMP_SIZE] * flow, labels[DEPTH, k] - entry)
        best = min(best, total)
    return float(best)


@lean_kernel
def _lift(price: Floats, unit: float, height_m: float) -> float:
    """A pump and its energy."""
    return float(price[PUMP] + unit * max(height_m + price[WET_WELL], 0.0))


@lean_kernel
def push(
    terms: Terms, arc: int, above: int, below: int, flow: float, mean: float, labels: Floats, many: int, store: Floats, out: int
) -> None:
    """Write the labels of a node, pushed along its pipe, to row ``out``."""
    price, size, length = terms.price, terms.size, terms.arc[arc, LENGTH]
    k: int = size_of(size, flow)
    rise = terms.ground[below, ELEVATION] - terms.ground[above, ELEVATION]
    least = max(size[k, LEAST], terms.arc[arc, CLEARANCE])
    unit = price[ENERGY] * mean + price[PUMP_SIZE] * flow
    # what is dearer than the cheapest by a lift is no use: the lift starts as shallow as can be
    first, dearest = 0, labels[COST, many - 1] + _lift(price, unit, labels[DEPTH, many - 1] - least)
    while first + 1 < many and labels[COST, first] >= dearest:
        first += 1
    lift = np.inf
    for j in range(first, many):
        if labels[DEPTH, j] > least + _SAME_M:
            lift = min(lift, labels[COST, j] + _lift(price, unit, labels[DEPTH, j] - least))
    store[out, DEPTHS] = size[k, LEAST]
    store[out, COSTS] = _main(terms, arc, above, below, unit, least, labels, first, many, store, out) + terms.arc[arc, FIXED]
    fall, found = rise + size[k, SLOPE] * length, 1
    for j in range(first - 1, many):
        up, total = least, lift
        if j >= first:
            up, total = max(labels[DEPTH, j], least), labels[COST, j]
        down = max(least, up + fall)
        if max(up, down) > price[DEEPEST] + _SAME_M:
            break
        mean_m = 0.5 * (up + down) / price[STEP]
        i = min(int(mean_m), terms.trench.shape[1] - 2)
        metre = terms.trench[k, i] + (mean_m - i) * (terms.trench[k, i + 1] - terms.trench[k, i])
        total += terms.arc[arc, PRICED] * metre + terms.arc[arc, FIXED]
        if total >= store[out, COSTS + found - 1] - _SAME_YEN:
            continue
        if down > store[out, DEPTHS + found - 1] + _SAME_M and found < LABELS:
            found += 1
        store[out, DEPTHS + found - 1], store[out, COSTS + found - 1] = down, total
    store[out, MANY], store[out, OF_SIZE] = found, k


@lean_kernel
def _main(
    terms: Terms, arc: int, above: int, below: int, unit: float, least: float, labels: Floats, first: int, many: int,
    store: Floats, out: int,
) -> float:  # fmt: skip
    """The cheapest rising main over the pipe, begun here or running on: noted in row ``out``; returns its cost."""
    price, length = terms.price, terms.arc[arc, LENGTH]
    z, z_below = terms.ground[above, ELEVATION], terms.ground[below, ELEVATION]
    best, yen, start, top, metres = np.inf, np.inf, 0.0, 0.0, 0.0
    if labels[RUNNING, 0] < np.inf:
        yen, start = labels[RUNNING, 0], labels[RUNNING, 1]
        top, metres = max(labels[RUNNING, 2], z_below), labels[RUNNING, 3] + length
        best = yen + unit * max(top - start + price[FRICTION] * metres, 0.0)
    highest = max(z, z_below)
    for j in range(first, many):
        begin = z - labels[DEPTH, j] + least - price[WET_WELL]
        total = labels[COST, j] + price[PUMP] + unit * max(highest - begin + price[FRICTION] * length, 0.0)
        if total < best:
            best, yen, start, top, metres = total, labels[COST, j] + price[PUMP], begin, highest, length
    laid = price[MAIN] * length + terms.arc[arc, FIXED]
    store[out, MAIN_YEN], store[out, MAIN_FROM], store[out, MAIN_TOP], store[out, MAIN_M] = yen + laid, start, top, metres
    return float(best + price[MAIN] * length)


@lean_kernel
def shift_of(store: Floats, new: int, old: int) -> float:
    """By what constant cost two rows of labels differ, infinite if they differ in more."""
    if store[new, MANY] != store[old, MANY] or store[new, OF_SIZE] != store[old, OF_SIZE]:
        return float(np.inf)
    shift = store[new, COSTS] - store[old, COSTS]
    is_same = abs(store[new, MAIN_YEN] - store[old, MAIN_YEN] - shift) <= _EQUAL_YEN
    for i in range(MAIN_FROM, DEPTHS + int(store[new, MANY])):
        is_same = is_same and abs(store[new, i] - store[old, i]) <= _SAME_M
    for i in range(COSTS, COSTS + int(store[new, MANY])):
        is_same = is_same and abs(store[new, i] - store[old, i] - shift) <= _EQUAL_YEN
    return float(shift if is_same else np.inf)
