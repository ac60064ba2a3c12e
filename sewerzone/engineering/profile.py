"""The exact choice of pumps and rising mains along collector trees.

For a fixed set of pumps every cost rises with depth, so the pointwise shallowest profile is the cheapest, and the only
real choice is where to pump. A label at a manhole is (excavation its outgoing pipe needs to take all arrivals, least
cost upstream). Labels are pushed down the reaches, a restart at a pump and a rising main add one label each, arrivals
of several reaches are merged by taking at each depth the cheapest label no deeper, and what is deeper and no cheaper is
dropped. That is exact and continuous in depth. Costs in labels are counted above those of the shallowest gravity pipe,
which keeps the numbers small and so their sums precise.

Numbers of reaches travel in few arrays, into which the kernels write what they find: that halves what numba compiles.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import kernel

GRAVITY, LIFT, MAIN, PASSED = 0, 1, 2, 3
"""What leaves a manhole: gravity, gravity after a lift, a rising main with its pump, a rising main passing through."""

LENGTH, FALL, START, FLOOR, LIMIT, BASE, SHIFT, GROUND, TOP = 0, 1, 2, 3, 4, 5, 6, 7, 8
MAIN_DEPTH, ROOT_MAX, ENERGY, PRICED, LEAST_YEN, TIE, DRY, PASSABLE = 9, 10, 11, 12, 13, 14, 15, 16
"""Columns of ``Reaches.number``."""
PUMP_YEN, MAIN_YEN, MANHOLE_YEN, WET_WELL, FRICTION = 0, 1, 2, 3, 4
"""Entries of ``Reaches.price``."""
BEGIN, MANY, LIFT_LABEL, MAIN_START, MAIN_LABEL = 0, 1, 2, 3, 4
"""Columns of ``Labels.place``."""
UP, DOWN, ARRIVAL, HEAD, YEN, JOINED = 0, 1, 2, 3, 4, 5
"""Columns of a profile: excavation at the two ends of the outgoing reach, of the deepest arriving pipe, head of the pump
(0 without one), annual cost of reach, pump, energy and manhole, excavation that would join all arrivals at the crown."""

_SAME_M = 1e-9
_SAME_YEN = 1e-7


class Reaches(NamedTuple):
    """The outgoing reach of every manhole; entries of roots are unused.

    Attributes
    ----------
    order : (h,) manholes, every one before those downstream
    down : (h,) next manhole, -1 at roots
    first, incoming : (h + 1,), (reaches,) manholes whose reach arrives at manhole i: incoming[first[i]:first[i + 1]]
    size : (h,) row of ``trench``
    number : (h, 17) LENGTH; FALL, the least fall of the invert over the reach plus the rise of the ground; START, FLOOR,
        LIMIT, the least excavation at the upper and lower end and the largest at both; BASE, excavation needed where
        nothing arrives; SHIFT, by how much the next pipe is larger, as crowns are joined; GROUND elevation at the
        manhole and TOP, the highest along the reach; MAIN_DEPTH, excavation of a rising main; ROOT_MAX, the deepest
        arrival a root takes; ENERGY in yen per metre of head; PRICED, length times road factor; LEAST_YEN, price of the
        shallowest gravity pipe; TIE, price of a metre of mean excavation that decides between equal prices; DRY (0, 1),
        nothing flows in along the reach; PASSABLE, nothing but one reach flows in at the manhole
    price : (5,) PUMP_YEN, MAIN_YEN per metre, MANHOLE_YEN, and the lengths WET_WELL and FRICTION per metre
    depth_m, trench : (m,), (k, m) trench price in yen per metre by excavation
    """

    order: Ints
    down: Ints
    first: Ints
    incoming: Ints
    size: Ints
    number: Floats
    price: Floats
    depth_m: Floats
    trench: Floats


class Labels(NamedTuple):
    """The labels of all manholes, and the best lift and rising main of each reach.

    Attributes
    ----------
    place : (h, 5) BEGIN, MANY: where a manhole's labels stand; LIFT_LABEL: the label a lift into the manhole's reach
        takes; MAIN_START, MAIN_LABEL: the manhole where the best rising main over this reach, as its last, has its
        pump, and the label taken there
    yen : (h, 2) cost upstream with that lift, and with that main
    depth_m, cost : labels, by manhole, deeper and cheaper
    """

    place: Ints
    yen: Floats
    depth_m: Floats
    cost: Floats


def labels(r: Reaches) -> Labels:
    """Labels of all manholes; every reach must have a gravity pipe within its limits or be dry."""
    h = len(r.down)
    place, yen = np.full((h, 5), -1, np.int64), np.full((h, 2), np.inf)
    room, widest = 6 * h + 64, 1024
    while True:
        found, scratch = Labels(place, yen, np.empty(room), np.empty(room)), np.empty((6, widest))
        if _label(
            r.order, r.down, r.first, r.incoming, r.size, r.number, r.price, r.depth_m, r.trench, *found, scratch
        ):  # fmt: skip
            return found
        room, widest = 2 * room, 4 * widest


def choose(r: Reaches, s: Labels) -> Ints:
    """What leaves every manhole (GRAVITY, LIFT, MAIN, PASSED) in the cheapest plan, from the roots up."""
    mode = np.zeros(len(r.down), np.int64)
    _choose(
        r.order, r.down, r.first, r.incoming, r.size, r.number, r.price, r.depth_m, r.trench, *s, mode, np.zeros(len(mode))
    )  # fmt: skip
    return mode


def evaluate(r: Reaches, mode: Ints) -> Floats:
    """The shallowest profile of a choice: (h, 6) columns UP to JOINED."""
    profile = np.zeros((len(r.down), 6))
    _evaluate(r.order, r.down, r.size, r.number, r.price, r.depth_m, r.trench, mode, profile)
    return profile


@kernel
def _trench_price(knots: Floats, prices: Floats, mean_m: float) -> float:
    """Linear between knots, flat beyond the outer ones."""
    last = len(knots) - 1
    if mean_m <= knots[0]:
        return float(prices[0])
    if mean_m >= knots[last]:
        return float(prices[last])
    k = 0
    while mean_m > knots[k + 1]:
        k += 1
    return float(prices[k] + (mean_m - knots[k]) / (knots[k + 1] - knots[k]) * (prices[k + 1] - prices[k]))


@kernel
def _above_least(own: Floats, knots: Floats, prices: Floats, up_m: float, down_m: float) -> float:
    """Price of a gravity reach above that of its shallowest pipe."""
    mean = 0.5 * (up_m + down_m)
    return float(own[PRICED] * _trench_price(knots, prices, mean) - own[LEAST_YEN] + own[TIE] * mean)


@kernel
def _lift_head(price: Floats, arrival_m: float, restart_m: float) -> float:
    return float(max(arrival_m - restart_m + price[WET_WELL], 0.0))


@kernel
def _main_head(own: Floats, price: Floats, arrival_m: float, top_elev_m: float, length_m: float) -> float:
    climb = top_elev_m - own[GROUND] + arrival_m - own[MAIN_DEPTH] + price[WET_WELL]
    return float(max(climb + price[FRICTION] * length_m, 0.0))


@kernel
def _best_lift(i: int, number: Floats, price: Floats, place: Ints, yen: Floats, depth: Floats, cost: Floats) -> None:
    own = number[i]
    for k in range(place[i, BEGIN], place[i, BEGIN] + place[i, MANY]):
        if depth[k] > own[START] + _SAME_M:
            total = cost[k] + price[PUMP_YEN] + own[ENERGY] * _lift_head(price, depth[k], own[START])
            if total < yen[i, 0]:
                yen[i, 0], place[i, LIFT_LABEL] = total, k


@kernel
def _best_main(
    i: int, first: Ints, incoming: Ints, number: Floats, price: Floats, place: Ints, yen: Floats, depth: Floats, cost: Floats
) -> None:
    """Cheapest rising main whose last reach is i: every start upstream along dry reaches and passable manholes."""
    length, top, fixed, at = 0.0, -np.inf, price[PUMP_YEN], i
    while number[at, DRY] > 0.0:
        own = number[at]
        length += own[LENGTH]
        top = max(top, own[TOP])
        fixed += price[MAIN_YEN] * own[LENGTH] - own[LEAST_YEN]
        for k in range(place[at, BEGIN], place[at, BEGIN] + place[at, MANY]):
            total = cost[k] + fixed + own[ENERGY] * _main_head(own, price, depth[k], top, length)
            if total < yen[i, 1]:
                yen[i, 1], place[i, MAIN_START], place[i, MAIN_LABEL] = total, at, k
        if own[PASSABLE] == 0.0:
            break
        at = incoming[first[at]]


@kernel
def _arrivals(
    i: int, base_m: float, number: Floats, knots: Floats, prices: Floats, place: Ints, yen: Floats, depth: Floats, cost: Floats,
    to_m: Floats, to_cost: Floats,
) -> int:  # fmt: skip
    """Labels of reach i where it arrives: depth rising, cost strictly falling; returns their number."""
    own, begin, found = number[i], place[i, BEGIN], 0
    if yen[i, 1] < np.inf:
        to_m[0], to_cost[0], found = base_m, yen[i, 1], 1
    for k in range(begin - 1, begin + place[i, MANY]):  # the first: a restart behind a lift, the shallowest start
        is_lift = k < begin
        up = own[START] if is_lift else max(depth[k], own[START])
        total = yen[i, 0] if is_lift else cost[k]
        down = max(own[FLOOR], up + own[FALL])
        if up > own[LIMIT] + _SAME_M or down > own[LIMIT] + _SAME_M:
            break
        total += _above_least(own, knots, prices, up, down)
        at = max(base_m, down + own[SHIFT])
        if total == np.inf or (found > 0 and total >= to_cost[found - 1] - _SAME_YEN):
            continue
        if found == 0 or at > to_m[found - 1]:
            found += 1
        to_m[found - 1], to_cost[found - 1] = at, total
    return found


@kernel
def _merge(a_m: Floats, a: Floats, many_a: int, b_m: Floats, b: Floats, many_b: int, to_m: Floats, to: Floats) -> int:
    """Add two falling step functions of depth; returns the number of steps."""
    i, j, found = 0, 0, 0
    depth = max(a_m[0], b_m[0])
    while True:
        while i + 1 < many_a and a_m[i + 1] <= depth:
            i += 1
        while j + 1 < many_b and b_m[j + 1] <= depth:
            j += 1
        to_m[found], to[found] = depth, a[i] + b[j]
        found += 1
        if i + 1 < many_a and (j + 1 >= many_b or a_m[i + 1] <= b_m[j + 1]):
            depth = a_m[i + 1]
        elif j + 1 < many_b:
            depth = b_m[j + 1]
        else:
            return found


@kernel
def _label(
    order: Ints, down: Ints, first: Ints, incoming: Ints, size: Ints, number: Floats, price: Floats, knots: Floats,
    trench: Floats, place: Ints, yen: Floats, depth: Floats, cost: Floats, scratch: Floats,
) -> bool:  # fmt: skip
    """Fill place, yen, depth and cost; returns whether there was room enough."""
    total = 0
    for w in order:
        need = 1
        for e in range(first[w], first[w + 1]):
            need += place[incoming[e], MANY] + 2
        if need > scratch.shape[1] or total + need > len(depth):
            return False
        # Rows of scratch: labels so far, labels merged; depths in the row, costs in the next. A plain 1 compiles _merge twice.
        here, there = 0, 2
        found: int = np.int64(1)  # type: ignore[assignment]
        scratch[here, 0], scratch[here + 1, 0] = number[w, BASE], 0.0
        for e in range(first[w], first[w + 1]):
            i = incoming[e]
            yen[i, 0] = yen[i, 1] = np.inf
            _best_lift(i, number, price, place, yen, depth, cost)
            _best_main(i, first, incoming, number, price, place, yen, depth, cost)
            arriving = _arrivals(
                i, number[w, BASE], number, knots, trench[size[i]], place, yen, depth, cost, scratch[4], scratch[5]
            )  # fmt: skip
            found = _merge(
                scratch[here], scratch[here + 1], found, scratch[4], scratch[5], arriving, scratch[there], scratch[there + 1]
            )  # fmt: skip
            here, there = there, here
        for k in range(found):
            depth[total + k], cost[total + k] = scratch[here, k], scratch[here + 1, k]
        place[w, BEGIN], place[w, MANY] = total, found
        total += found
    return True


@kernel
def _choose(
    order: Ints, down: Ints, first: Ints, incoming: Ints, size: Ints, number: Floats, price: Floats, knots: Floats,
    trench: Floats, place: Ints, yen: Floats, depth: Floats, cost: Floats, mode: Ints, bound: Floats,
) -> None:  # fmt: skip
    """Fill mode; ``bound`` becomes what a manhole's arrivals may need at most."""
    for q in range(len(order) - 1, -1, -1):
        w = order[q]
        if down[w] < 0:
            best = np.inf
            for k in range(place[w, BEGIN], place[w, BEGIN] + place[w, MANY]):
                total = cost[k]
                if depth[k] > number[w, ROOT_MAX] + _SAME_M:
                    total += price[PUMP_YEN] + number[w, ENERGY] * _lift_head(price, depth[k], number[w, ROOT_MAX])
                if total < best - _SAME_YEN:
                    best, bound[w] = total, depth[k]
        elif mode[w] == PASSED:
            continue
        for e in range(first[w], first[w + 1]):
            i = incoming[e]
            own, begin = number[i], place[i, BEGIN]
            best, choice, taken = np.inf, GRAVITY, -1
            for k in range(begin + place[i, MANY] - 1, begin - 2, -1):
                is_lift = k < begin
                up = own[START] if is_lift else max(depth[k], own[START])
                end = max(own[FLOOR], up + own[FALL])
                if max(up, end) > own[LIMIT] + _SAME_M or max(number[w, BASE], end + own[SHIFT]) > bound[w]:
                    continue
                total = (yen[i, 0] if is_lift else cost[k]) + _above_least(own, knots, trench[size[i]], up, end)
                if total < best - _SAME_YEN:
                    best, choice, taken = total, (LIFT if is_lift else GRAVITY), (place[i, LIFT_LABEL] if is_lift else k)
            at = i
            if yen[i, 1] < best - _SAME_YEN:
                choice, taken = MAIN, place[i, MAIN_LABEL]
                while at != place[i, MAIN_START]:
                    mode[at] = PASSED
                    at = incoming[first[at]]
            mode[at], bound[at] = choice, depth[taken]


@kernel
def _evaluate(
    order: Ints,
    down: Ints,
    size: Ints,
    number: Floats,
    price: Floats,
    knots: Floats,
    trench: Floats,
    mode: Ints,
    profile: Floats,
) -> None:
    """Fill the columns of the profile, upstream first."""
    for w in order:
        own, out, to = number[w], profile[w], down[w]
        out[JOINED] = max(out[JOINED], own[BASE])
        out[YEN] = price[MANHOLE_YEN]
        if to < 0:
            if out[JOINED] > own[ROOT_MAX] + _SAME_M:
                out[HEAD] = _lift_head(price, out[JOINED], own[ROOT_MAX])
                out[YEN] += price[PUMP_YEN] + own[ENERGY] * out[HEAD]
            continue
        out[ARRIVAL] = out[ARRIVAL] if out[ARRIVAL] > 0.0 else own[BASE]
        if mode[w] == MAIN or mode[w] == PASSED:
            out[UP] = out[DOWN] = own[MAIN_DEPTH]
            out[YEN] += price[MAIN_YEN] * own[LENGTH]
        else:
            out[UP] = own[START] if mode[w] == LIFT else max(out[JOINED], own[START])
            out[DOWN] = max(own[FLOOR], out[UP] + own[FALL])
            out[YEN] += own[PRICED] * _trench_price(knots, trench[size[w]], 0.5 * (out[UP] + out[DOWN]))
            profile[to, JOINED] = max(profile[to, JOINED], out[DOWN] + own[SHIFT])
        profile[to, ARRIVAL] = max(profile[to, ARRIVAL], out[DOWN])
        if mode[w] == LIFT:
            out[HEAD] = _lift_head(price, out[JOINED], out[UP])
        elif mode[w] == MAIN:
            length, top, at = own[LENGTH], own[TOP], to
            while mode[at] == PASSED:
                length, top, at = length + number[at, LENGTH], max(top, number[at, TOP]), down[at]
            out[HEAD] = _main_head(own, price, out[JOINED], top, length)
        if mode[w] == LIFT or mode[w] == MAIN:
            out[YEN] += price[PUMP_YEN] + own[ENERGY] * out[HEAD]
