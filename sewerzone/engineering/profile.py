"""The exact choice of pumps, rising mains and pipe sizes along collector trees, by labels of depth and cost.

For given pumps, mains and sizes every pipe lies as shallow as its limits allow; a choice costs what this profile costs.
The cheapest choice is found by dynamic programming over *labels* (depth that the pipes arriving at a manhole ask of its
outgoing pipe, cost upstream; see ``labels``). They are pushed down the reaches; a lift and a rising main add one each;
arrivals of several reaches are merged by taking at each depth the cheapest label no deeper. There is a list of labels per
manhole and size: what can arrive if no pipe upstream is larger, so that sizes never decrease downstream, through pumps and
mains too. A reach may take smaller sizes than the one that carries its flow at the least slope, where it lies steep
enough; never a larger one (the Ten States Standards forbid to oversize sewers for a flatter slope). A rising main counts as
the smallest size it fits into, as far as the reach may have it. No grid: labels are exact in depth.

A manhole is priced by the excavation of its outgoing pipe; where a pump stands, by that of a pipe joined to all arrivals
at the crown (behind a main: of the largest size); at an outlet by the deepest sewer that arrives. Shafts of a crossing that
a main passes are in the crossing's fixed price.

All costs but one rise with depth, so a label that is deeper and no cheaper than another can be dropped. The exception is
the drop manhole: a deeper arrival can save it. Of two arrivals that differ by a depth g, the shallower can pay at most
``1 + (g + s) / drop_manhole_m`` more drops before both lie equally deep (each reduces their difference by the drop, but
for s, what sizes grow downstream); so a deeper label is dropped only if it is dearer by as many drops. Among these choices
the result is exact as long as lists stay short (``labels.MOST_FOR_DROPS``); in longer ones deeper and dearer labels are
dropped, which can cost at most the drops the shallower one pays more downstream, as above. Pipes laid deeper than need be,
to save drops, are left out: they could save at most ``drop_yen_per_yr`` for every drop of the cheapest plan without a price
on drops, as that plan costs no more than any.

Costs in labels are counted above those of each reach's shallowest pipe (LEAST_YEN), which keeps the numbers small and so
their sums precise. Numbers travel in few arrays, into which the kernels write: that halves what numba compiles.
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.labels import (
    ANY_SIZE,
    BEGIN,
    BY_LIFT,
    BY_MAIN,
    DEPTH,
    FROM_LABEL,
    FROM_SLOT,
    LABEL,
    LIFT_LABEL,
    MAIN_LABEL,
    MAIN_START,
    MANY,
    PUMPED_YEN,
    SAME_YEN,
    SLOT,
    UNKNOWN,
    Labels,
    arrivals,
    cheapest,
    fall_from,
    joint_cost,
    lift_head,
    main_head,
    trench_yen,
)
from sewerzone.engineering.labels import YEN as ARRIVAL_YEN
from sewerzone.engineering.pipes import FALL, FLOOR, START, TOLERANCE_M
from sewerzone.engineering.reaches import (
    CLEARANCE,
    DROP_M,
    DROP_YEN,
    ENERGY,
    FIXED,
    LEAST,
    LENGTH,
    MAIN_DIAMETER,
    MAIN_YEN,
    PUMP_YEN,
    ROOT_MAX,
    SIZE,
    TOP,
    Reaches,
    price_at,
)

GRAVITY, LIFT, MAIN, PASSED = 0, 1, 2, 3
"""What leaves a manhole: gravity, gravity after a lift, a rising main with its pump, a rising main passing through."""
MODE, TAKEN_SIZE, TAKEN_LABEL = 0, 1, 2
"""Columns of a choice: what leaves a manhole, the size of its pipe (of a main: the largest upstream), its label."""
UP, DOWN, ARRIVAL, HEAD, YEN, JOINED, SHALLOWEST = 0, 1, 2, 3, 4, 5, 6
"""Columns of a profile: excavation at the two ends of the outgoing reach, of the deepest arriving pipe, head of the pump
(0 without one), annual cost of reach, pump, energy and manhole, depth that joins all arrivals at the crown (at a root the
excavation of the deepest), excavation of the shallowest arriving pipe."""


def choose(r: Reaches, s: Labels) -> Ints:
    """The cheapest plan: (h, 3) columns MODE to TAKEN_LABEL, from the roots up."""
    choice = np.zeros((len(r.down), 3), np.int64)
    _choose(*r, *s, choice)
    return choice


def evaluate(r: Reaches, choice: Ints) -> tuple[Floats, Ints]:
    """The shallowest profile of a choice: (h, 7) columns UP to SHALLOWEST; and (h,) the root of every manhole."""
    profile, root = np.zeros((len(r.down), 7)), np.empty(len(r.down), np.int64)
    _evaluate(
        r.down, r.slot, r.kind, r.number, r.pipe, r.price, r.diameter_m, r.depth_m, r.table, choice, profile, root
    )  # fmt: skip
    return profile, root


@lean_kernel
def _root_label(
    w: int, slot: Ints, number: Floats, price: Floats, knots: Floats, table: Floats, place: Ints, label: Floats
) -> int:  # fmt: skip
    """The cheapest label of a root, its lift and its manhole counted."""
    best, found, q = np.inf, -1, slot[w]
    for k in range(place[q, BEGIN], place[q, BEGIN] + place[q, MANY]):
        depth = label[DEPTH, k]
        total = label[PUMPED_YEN, k] + price_at(knots, table, len(table) - 1, depth)
        if depth > number[w, ROOT_MAX] + TOLERANCE_M:
            total += price[PUMP_YEN] + number[w, ENERGY] * lift_head(price, depth, number[w, ROOT_MAX])
        if total < best - SAME_YEN:
            best, found = total, k
    return found


@lean_kernel
def _take(
    i: int, from_slot: float, from_label: float, first: Ints, incoming: Ints, slot: Ints, kind: Ints, place: Ints, choice: Ints
) -> None:  # fmt: skip
    """Note the choice that brought an arrival by reach i."""
    q = int(from_slot)
    size = q - slot[i]
    if from_label == BY_MAIN:
        while i != place[q, MAIN_START]:
            choice[i, MODE] = PASSED
            i = incoming[first[i]]
        choice[i, MODE], choice[i, TAKEN_SIZE], choice[i, TAKEN_LABEL] = MAIN, min(size, kind[i, SIZE]), place[q, MAIN_LABEL]
    elif from_label == BY_LIFT:
        choice[i, MODE], choice[i, TAKEN_SIZE], choice[i, TAKEN_LABEL] = LIFT, size, place[q, LIFT_LABEL]
    else:
        choice[i, MODE], choice[i, TAKEN_SIZE], choice[i, TAKEN_LABEL] = GRAVITY, size, int(from_label)


@lean_kernel
def _pick(many: int, depth: float, above: float, by_gravity: bool, price: Floats, to: Floats, ends: Ints) -> None:
    """Write to ``ends[1]`` the arrival taken of each list, as ``labels`` merged them."""
    setter, least, more = -1, depth - TOLERANCE_M, np.inf
    if by_gravity:
        plain, without = joint_cost(to, ends, many, depth, above)
        by_gravity = without <= plain + price[DROP_YEN]
    if not by_gravity:
        above = -np.inf
    for c in range(many):
        k = cheapest(to, ends[0, c], ends[0, c + 1], -np.inf, depth, above)
        ends[1, c] = k
        deepest = cheapest(to, ends[0, c], ends[0, c + 1], least, depth, above)
        if deepest >= 0 and to[ARRIVAL_YEN, deepest] - to[ARRIVAL_YEN, k] < more:
            setter, more = c, to[ARRIVAL_YEN, deepest] - to[ARRIVAL_YEN, k]
    if price[DROP_YEN] > 0.0:
        ends[1, setter] = cheapest(to, ends[0, setter], ends[0, setter + 1], least, depth, above)


@lean_kernel
def _choose(
    down: Ints, first: Ints, incoming: Ints, slot: Ints, kind: Ints, number: Floats, pipe: Floats, price: Floats,
    diameter_m: Floats, knots: Floats, table: Floats, place: Ints, yen: Floats, label: Floats, scratch: Floats, ends: Ints,
    choice: Ints,
) -> None:  # fmt: skip
    """Fill the choice, from the roots up."""
    for w in range(len(down) - 1, -1, -1):
        is_root, size, many = down[w] < 0, choice[w, TAKEN_SIZE], first[w + 1] - first[w]
        if is_root:
            choice[w, TAKEN_LABEL] = _root_label(w, slot, number, price, knots, table, place, label)
        if many == 0 or choice[w, MODE] == PASSED:
            continue
        k = choice[w, TAKEN_LABEL]
        if label[FROM_SLOT, k] != UNKNOWN:
            _take(incoming[first[w]], label[FROM_SLOT, k], label[FROM_LABEL, k], first, incoming, slot, kind, place, choice)
            continue
        at, depth = 0, label[DEPTH, k]
        ends[0, 0] = 0
        for c in range(many):
            at = arrivals(
                incoming[first[w] + c], ANY_SIZE if is_root else size, is_root, at, slot, kind, number, pipe, price, diameter_m,
                knots, table, place, yen, label, scratch,
            )  # fmt: skip
            ends[0, c + 1] = at
        above = fall_from(depth, pipe[slot[w] + size, START], diameter_m[size], price)
        by_gravity = choice[w, MODE] == GRAVITY and not is_root and price[DROP_YEN] > 0.0
        _pick(many, depth, above, by_gravity, price, scratch, ends)
        for c in range(many):
            k = ends[1, c]
            _take(incoming[first[w] + c], scratch[SLOT, k], scratch[LABEL, k], first, incoming, slot, kind, place, choice)


@lean_kernel
def _evaluate(
    down: Ints, slot: Ints, kind: Ints, number: Floats, pipe: Floats, price: Floats, diameter_m: Floats,
    knots: Floats, table: Floats, choice: Ints, profile: Floats, root: Ints,
) -> None:  # fmt: skip
    """Fill the columns of the profile, upstream first."""
    for w in range(len(down)):
        profile[w, SHALLOWEST] = np.inf
    for w in range(len(down)):
        to, mode, size, manhole = down[w], choice[w, MODE], choice[w, TAKEN_SIZE], len(table) - 1
        if to < 0:
            profile[w, YEN] = price_at(knots, table, manhole, profile[w, JOINED])
            if profile[w, JOINED] > number[w, ROOT_MAX] + TOLERANCE_M:
                profile[w, HEAD] = lift_head(price, profile[w, JOINED], number[w, ROOT_MAX])
                profile[w, YEN] += price[PUMP_YEN] + number[w, ENERGY] * profile[w, HEAD]
            continue
        profile[w, JOINED] = max(profile[w, JOINED], price[LEAST])
        profile[w, YEN] = number[w, FIXED]
        is_main = mode in (MAIN, PASSED)
        size_m = diameter_m[kind[w, SIZE] if is_main else size]
        shaft = profile[w, JOINED] + size_m
        profile[w, ARRIVAL] = profile[w, ARRIVAL] if profile[w, ARRIVAL] > 0.0 else shaft
        if is_main:
            profile[w, UP] = profile[w, DOWN] = max(price[LEAST] + number[w, MAIN_DIAMETER], number[w, CLEARANCE])
            profile[w, YEN] += price[MAIN_YEN] * number[w, LENGTH]
        else:
            q = slot[w] + size
            up = pipe[q, START] if mode == LIFT else max(profile[w, JOINED], pipe[q, START])
            down_m = max(pipe[q, FLOOR], up + pipe[q, FALL])
            profile[w, UP], profile[w, DOWN] = up + size_m, down_m + size_m
            profile[w, YEN] += trench_yen(w, size, 0.5 * (profile[w, UP] + profile[w, DOWN]), number, knots, table)
            profile[to, JOINED] = max(profile[to, JOINED], down_m + size_m if down[to] < 0 else down_m)
            if mode == GRAVITY:
                shaft = profile[w, UP]
                if profile[w, UP] - profile[w, SHALLOWEST] >= price[DROP_M] - TOLERANCE_M:
                    profile[w, YEN] += price[DROP_YEN]
            else:
                profile[w, HEAD] = lift_head(price, profile[w, JOINED], up)
        profile[to, ARRIVAL] = max(profile[to, ARRIVAL], profile[w, DOWN])
        profile[to, SHALLOWEST] = min(profile[to, SHALLOWEST], profile[w, DOWN])
        if mode == MAIN:
            length, top, at = number[w, LENGTH], number[w, TOP], to
            while choice[at, MODE] == PASSED:
                length, top, at = length + number[at, LENGTH], max(top, number[at, TOP]), down[at]
            profile[w, HEAD] = main_head(w, shaft, top, length, number, price)
        profile[w, YEN] += price_at(knots, table, manhole, shaft)
        if mode in (LIFT, MAIN):
            profile[w, YEN] += price[PUMP_YEN] + number[w, ENERGY] * profile[w, HEAD]
    for w in range(len(down) - 1, -1, -1):
        root[w] = root[down[w]] if down[w] >= 0 else w
