"""Labels of depth and cost at every manhole, from the heads down; see ``profile``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.pipes import FALL, FLOOR, LIMIT, START, TOLERANCE_M
from sewerzone.engineering.reaches import (
    CLEARANCE,
    DROP_M,
    DROP_YEN,
    DRY,
    ENERGY,
    FACTOR,
    FRICTION,
    GROUND,
    LEAST,
    LEAST_YEN,
    LENGTH,
    LOW,
    MAIN_DIAMETER,
    MAIN_SIZE,
    MAIN_YEN,
    PASSABLE,
    PUMP_YEN,
    SIZE,
    SPREAD,
    TIE,
    TOP,
    WET_WELL,
    Reaches,
    price_at,
)

BEGIN, MANY, LIFT_LABEL, MAIN_START, MAIN_LABEL = 0, 1, 2, 3, 4
"""Columns of ``Labels.place``."""
DEPTH, GRAVITY_YEN, PUMPED_YEN, FROM_SLOT, FROM_LABEL = 0, 1, 2, 3, 4
"""Rows of ``Labels.label``."""
KEY, YEN, BOTTOM, SLOT, LABEL, LEAST_SO_FAR = 0, 1, 2, 3, 4, 5
"""Rows of a list of arrivals: depth (at a root excavation) and cost where a reach ends, excavation there, and where it comes
from: slot and label of the upper manhole, or BY_LIFT, BY_MAIN. The last row serves to merge lists."""
BY_LIFT, BY_MAIN, UNKNOWN = -1.0, -2.0, -3.0

SAME_YEN = 1e-7
"""Costs closer than this are equal: then the shallower label is kept."""
ANY_SIZE = 1 << 30
MOST_FOR_DROPS = 64
"""Lists as long as this keep no more labels for the sake of drop manholes alone."""


class Labels(NamedTuple):
    """The labels of all manholes by slot (manhole and size), and the best lift and rising main of each.

    Attributes
    ----------
    place : (slots, 5) BEGIN, MANY: where the labels stand; LIFT_LABEL: the label that a lift into a pipe of the size takes;
        MAIN_START, MAIN_LABEL: the manhole where the best rising main over this reach, as its last, has its pump, if no
        pipe upstream is larger than the size, and the label taken there
    yen : (slots, 2) cost upstream with that lift, and with that main
    label : (5, labels) DEPTH, rising within a slot; cost upstream if a pipe of the slot's size leaves by gravity, drop manhole
        included; cost upstream if a pump lifts it or nothing leaves; SLOT and LABEL of the arrival if but one is behind it,
        else FROM_SLOT is UNKNOWN
    scratch, ends : room for the arrivals at any one manhole
    """

    place: Ints
    yen: Floats
    label: Floats
    scratch: Floats
    ends: Ints


def labels(r: Reaches) -> Labels:
    """Labels of all manholes; every reach must have a gravity pipe within its limits or be dry."""
    slots = len(r.pipe)
    place, yen = np.empty((slots, 5), np.int64), np.empty((slots, 2))
    room, widest = 6 * slots + 64, 1024
    while True:
        found = Labels(place, yen, np.empty((5, room)), np.empty((6, widest)), np.empty((2, widest), np.int64))
        if _label(*r, *found):
            return found
        room, widest = 2 * room, 4 * widest


@lean_kernel
def trench_yen(i: int, size: int, excavation_m: float, number: Floats, knots: Floats, table: Floats) -> float:
    """Price of a gravity pipe of a size and a mean excavation along reach i."""
    return float(number[i, LENGTH] * number[i, FACTOR] * price_at(knots, table, size, excavation_m))


@lean_kernel
def lift_head(price: Floats, depth_m: float, restart_m: float) -> float:
    """Head of a lift from the arrivals' depth."""
    return float(max(depth_m - restart_m + price[WET_WELL], 0.0))


@lean_kernel
def main_head(i: int, excavation_m: float, top_elev_m: float, length_m: float, number: Floats, price: Floats) -> float:
    """Head of a rising main from an excavation at manhole i over the highest ground on its way."""
    climb = top_elev_m - number[i, GROUND] + excavation_m - price[LEAST] - number[i, MAIN_DIAMETER] + price[WET_WELL]
    return float(max(climb + number[i, FRICTION] * length_m, 0.0))


@lean_kernel
def arrivals(
    i: int, state: int, is_root: bool, at: int, slot: Ints, kind: Ints, number: Floats, pipe: Floats, price: Floats,
    diameter_m: Floats, knots: Floats, table: Floats, place: Ints, yen: Floats, label: Floats, to: Floats,
) -> int:  # fmt: skip
    """What reach i brings if nothing in it and upstream is larger than ``state``; written to ``to`` from ``at`` on.

    Returns the end of the list, which is sorted by key, without what can be no part of a cheapest plan.
    """
    begin, is_sorted, is_free, manhole = at, True, price[DROP_YEN] == 0.0, len(table) - 1
    largest = min(state, kind[i, SIZE])
    if state >= kind[i, LOW] and state >= kind[i, MAIN_SIZE] and yen[slot[i] + largest, 1] < np.inf:
        to[KEY, at] = 0.0 if is_root else price[LEAST]
        to[YEN, at], to[SLOT, at], to[LABEL, at] = yen[slot[i] + largest, 1], slot[i] + largest, BY_MAIN
        to[BOTTOM, at] = max(price[LEAST] + number[i, MAIN_DIAMETER], number[i, CLEARANCE])
        at += 1
    for size in range(kind[i, LOW], largest + 1):
        q = slot[i] + size
        size_m, first = diameter_m[size], place[q, BEGIN]
        for k in range(first - 1, first + place[q, MANY]):  # the first: a restart behind a lift, the shallowest start
            is_lift = k < first
            up = pipe[q, START] if is_lift else max(label[DEPTH, k], pipe[q, START])
            if up > pipe[q, LIMIT] + TOLERANCE_M:
                break
            total = yen[q, 0]
            if not is_lift:
                total = label[GRAVITY_YEN, k] + price_at(knots, table, manhole, up + size_m) - number[i, LEAST_YEN]
            if total == np.inf:
                continue
            down = max(pipe[q, FLOOR], up + pipe[q, FALL])
            mean = 0.5 * (up + down) + size_m
            key = down + size_m if is_root else down
            total += trench_yen(i, size, mean, number, knots, table) + number[i, TIE] * mean
            bottom = down + size_m
            if at > begin and key == to[KEY, at - 1] and bottom == to[BOTTOM, at - 1]:  # above a floor all end at it
                if total >= to[YEN, at - 1]:
                    continue
                at -= 1
            elif is_free and at > begin and key >= to[KEY, at - 1] and total >= to[YEN, at - 1] - SAME_YEN:
                continue  # deeper and no cheaper
            if at > begin and key <= to[KEY, at - 1]:
                is_sorted = is_sorted and key == to[KEY, at - 1] and total >= to[YEN, at - 1]
            to[KEY, at], to[YEN, at], to[BOTTOM, at] = key, total, bottom
            to[SLOT, at], to[LABEL, at] = q, BY_LIFT if is_lift else k
            at += 1
    if not is_sorted:
        _sort(begin, at, to)
    elif is_free:
        return at
    return _without_dominated(begin, at, price, to)


@lean_kernel
def _sort(begin: int, end: int, to: Floats) -> None:
    """Sort a list of arrivals by key, then cost."""
    for k in range(begin + 1, end):
        j = k
        while j > begin and (
            to[KEY, j] < to[KEY, j - 1] or (to[KEY, j] == to[KEY, j - 1] and to[YEN, j] < to[YEN, j - 1])
        ):  # fmt: skip
            for row in range(LEAST_SO_FAR):
                to[row, j], to[row, j - 1] = to[row, j - 1], to[row, j]
            j -= 1


@lean_kernel
def _without_dominated(begin: int, end: int, price: Floats, to: Floats) -> int:
    """Drop what another arrival of a sorted list makes needless; returns its end."""
    kept, least = begin, np.inf
    for k in range(begin, end):
        cost, needless = to[YEN, k], to[YEN, k] >= least - SAME_YEN
        if needless and price[DROP_YEN] > 0.0 and kept - begin < MOST_FOR_DROPS:
            needless, j = False, kept - 1
            while j >= begin and not needless:
                gap, least_drops = to[KEY, k] - to[KEY, j], 0.0
                if gap > 0.0 or to[BOTTOM, k] > to[BOTTOM, j]:
                    least_drops = 1.0
                needless = to[YEN, j] + least_drops * price[DROP_YEN] <= cost + SAME_YEN
                if needless and least_drops > 0.0:
                    drops = 1.0 + np.floor((gap + price[SPREAD]) / price[DROP_M])
                    needless = to[YEN, j] + drops * price[DROP_YEN] <= cost + SAME_YEN
                j -= 1
        if not needless:
            if kept < k:
                for row in range(LEAST_SO_FAR):
                    to[row, kept] = to[row, k]
            kept += 1
            least = min(least, cost)
    return kept


@lean_kernel
def cheapest(to: Floats, begin: int, end: int, least_m: float, most_m: float, above_m: float) -> int:
    """The cheapest of a list's arrivals with a key from ``least_m`` to ``most_m`` and a bottom deeper than ``above_m``."""
    best, found = np.inf, -1
    for k in range(begin, end):
        if to[KEY, k] > most_m:
            break
        if to[KEY, k] >= least_m and to[BOTTOM, k] > above_m and to[YEN, k] < best - SAME_YEN:
            best, found = to[YEN, k], k
    return found


@lean_kernel
def fall_from(depth_m: float, start_m: float, size_m: float, price: Floats) -> float:
    """Excavation from which on an arriving pipe is deep enough to save the drop manhole, itself too shallow."""
    return float(max(depth_m, start_m) + size_m - price[DROP_M] + TOLERANCE_M)


@lean_kernel
def joint_cost(to: Floats, ends: Ints, many: int, depth_m: float, above_m: float) -> tuple[float, float]:
    """Least cost of arrivals whose deepest is at ``depth_m``: all, and those that need no drop manhole."""
    without, plain, more_without, more = 0.0, 0.0, np.inf, np.inf
    for c in range(many):
        best = deepest = low = lowest = np.inf  # the cheapest: of all, at the depth, of those that need no drop, both
        for k in range(ends[0, c], ends[0, c + 1]):
            key, cost = to[KEY, k], to[YEN, k]
            if key > depth_m:
                break
            is_low, is_deepest = to[BOTTOM, k] > above_m, key >= depth_m - TOLERANCE_M
            if cost < best - SAME_YEN:
                best = cost
            if is_deepest and cost < deepest - SAME_YEN:
                deepest = cost
            if is_low and cost < low - SAME_YEN:
                low = cost
            if is_low and is_deepest and cost < lowest - SAME_YEN:
                lowest = cost
        plain, without = plain + best, without + low
        more = min(more, deepest - best)
        if lowest < np.inf:
            more_without = min(more_without, lowest - low)
    return plain + more, without + more_without


@lean_kernel
def _merge(
    many: int, start_m: float, size_m: float, is_root: bool, price: Floats, to: Floats, ends: Ints, label: Floats, at: int
) -> int:
    """Labels of a manhole from the lists of what arrives there; returns their end."""
    if many == 0:
        label[DEPTH, at] = 0.0 if is_root else price[LEAST]
        label[GRAVITY_YEN, at] = label[PUMPED_YEN, at] = 0.0
        return at + 1
    depth = -np.inf
    for c in range(many):
        if ends[0, c] == ends[0, c + 1]:
            return at
        depth = max(depth, to[KEY, ends[0, c]])
        ends[1, c], to[LEAST_SO_FAR, c] = ends[0, c], np.inf
    while depth < np.inf:
        onward, plain = np.inf, 0.0
        for c in range(many):
            k = ends[1, c]
            while k < ends[0, c + 1] and to[KEY, k] <= depth:
                to[LEAST_SO_FAR, c] = min(to[LEAST_SO_FAR, c], to[YEN, k])
                k += 1
            ends[1, c] = k
            plain += to[LEAST_SO_FAR, c]
            if k < ends[0, c + 1]:
                onward = min(onward, to[KEY, k])
        cost, k, above = plain, ends[1, 0] - 1, fall_from(depth, start_m, size_m, price)
        label[FROM_SLOT, at] = UNKNOWN
        if many == 1 and (k == ends[0, 0] or to[KEY, k - 1] < depth - TOLERANCE_M):  # the usual case: no choice
            label[FROM_SLOT, at], label[FROM_LABEL, at], plain = to[SLOT, k], to[LABEL, k], to[YEN, k]
            cost = plain if to[BOTTOM, k] > above else plain + price[DROP_YEN]
        elif price[DROP_YEN] > 0.0:
            plain, cost = joint_cost(to, ends, many, depth, above)
            cost = min(cost, plain + price[DROP_YEN])
        label[DEPTH, at], label[GRAVITY_YEN, at], label[PUMPED_YEN, at] = depth, cost, plain
        at += 1
        depth = onward
    return at


@lean_kernel
def _best_lift(
    i: int, q: int, size_m: float, number: Floats, pipe: Floats, price: Floats, knots: Floats, table: Floats, place: Ints,
    yen: Floats, label: Floats,
) -> None:  # fmt: skip
    """Cheapest lift into a pipe of the slot's size."""
    if pipe[q, START] > pipe[q, LIMIT] + TOLERANCE_M:
        return
    manhole, fixed = len(table) - 1, price[PUMP_YEN] - number[i, LEAST_YEN]
    for k in range(place[q, BEGIN], place[q, BEGIN] + place[q, MANY]):
        depth, total = label[DEPTH, k], label[PUMPED_YEN, k] + fixed
        if depth > pipe[q, START] + TOLERANCE_M and total < yen[q, 0] - SAME_YEN:
            total += number[i, ENERGY] * lift_head(price, depth, pipe[q, START]) + price_at(
                knots, table, manhole, depth + size_m
            )
            if total < yen[q, 0] - SAME_YEN:
                yen[q, 0], place[q, LIFT_LABEL] = total, k


@lean_kernel
def _best_main(
    i: int, state: int, first: Ints, incoming: Ints, slot: Ints, kind: Ints, number: Floats, price: Floats, diameter_m: Floats,
    knots: Floats, table: Floats, place: Ints, yen: Floats, label: Floats,
) -> None:  # fmt: skip
    """Cheapest rising main whose last reach is i: every start upstream along dry reaches and passable manholes."""
    length, top, fixed, at, q, manhole = 0.0, -np.inf, price[PUMP_YEN], i, slot[i] + state, len(table) - 1
    while number[at, DRY] > 0.0 and state >= kind[at, LOW]:
        size_m = diameter_m[kind[at, SIZE]]
        length += number[at, LENGTH]
        top = max(top, number[at, TOP])
        fixed += price[MAIN_YEN] * number[at, LENGTH] - number[at, LEAST_YEN]
        here = slot[at] + min(state, kind[at, SIZE])
        for k in range(place[here, BEGIN], place[here, BEGIN] + place[here, MANY]):
            excavation, total = label[DEPTH, k] + size_m, label[PUMPED_YEN, k] + fixed
            total += number[at, ENERGY] * main_head(at, excavation, top, length, number, price)
            if total >= yen[q, 1] - SAME_YEN:
                continue  # too dear even without its manhole
            total += price_at(knots, table, manhole, excavation)
            if total < yen[q, 1] - SAME_YEN:
                yen[q, 1], place[q, MAIN_START], place[q, MAIN_LABEL] = total, at, k
        if number[at, PASSABLE] == 0.0:
            break
        fixed += price_at(knots, table, manhole, price[LEAST] + size_m)
        at = incoming[first[at]]


@lean_kernel
def _label(
    down: Ints, first: Ints, incoming: Ints, slot: Ints, kind: Ints, number: Floats, pipe: Floats, price: Floats,
    diameter_m: Floats, knots: Floats, table: Floats, place: Ints, yen: Floats, label: Floats, scratch: Floats, ends: Ints,
) -> bool:  # fmt: skip
    """Fill place, yen and label; returns whether there was room enough."""
    total = 0
    for w in range(len(down)):
        need, many, is_root = 1, first[w + 1] - first[w], down[w] < 0
        for e in range(first[w], first[w + 1]):
            i = incoming[e]
            for q in range(slot[i], slot[i] + kind[i, SIZE] + 1):
                need += place[q, MANY] + 2
        if need >= scratch.shape[1]:
            return False
        for q in range(slot[w], slot[w + 1]):
            place[q, BEGIN], place[q, MANY] = total, 0
            yen[q, 0] = yen[q, 1] = np.inf
        for size in range(kind[w, LOW], kind[w, SIZE] + 1):
            q, at = slot[w] + size, 0
            if total + need > label.shape[1]:
                return False
            ends[0, 0] = 0
            for c in range(many):
                at = arrivals(
                    incoming[first[w] + c], ANY_SIZE if is_root else size, is_root, at, slot, kind, number, pipe, price,
                    diameter_m, knots, table, place, yen, label, scratch,
                )  # fmt: skip
                ends[0, c + 1] = at
            found = _merge(many, pipe[q, START], diameter_m[size], is_root, price, scratch, ends, label, total)
            place[q, BEGIN], place[q, MANY] = total, found - total
            total = found
        if is_root:
            continue
        for size in range(kind[w, LOW], kind[w, SIZE] + 1):
            _best_lift(w, slot[w] + size, diameter_m[size], number, pipe, price, knots, table, place, yen, label)
            _best_main(w, size, first, incoming, slot, kind, number, price, diameter_m, knots, table, place, yen, label)
    return True
