"""The exact choice of pumps and rising mains along collector trees.

For a fixed set of pumps every cost rises with depth, so the pointwise shallowest profile is the cheapest, and the only
real choice is where to pump. A label at a manhole is (excavation its outgoing pipe needs to take all arrivals, least
cost upstream). Labels are pushed down the reaches, a restart at a pump and a rising main add one label each, arrivals
of several reaches are merged by taking at each depth the cheapest label no deeper, and what is deeper and no cheaper is
dropped. That is exact and continuous in depth. Costs in labels are counted above those of the shallowest gravity pipe,
which keeps the numbers small and so their sums precise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sewerzone.engineering.forest import Bools, Floats, Ints

GRAVITY, LIFT, MAIN, PASSED = 0, 1, 2, 3
"""What leaves a manhole: gravity, gravity after a lift, a rising main with its pump, a rising main passing through."""

_SAME_M = 1e-9
_SAME_YEN = 1e-7


class Reaches(NamedTuple):
    """The outgoing reach of every manhole; entries of roots are unused.

    Attributes
    ----------
    order : (h,) manholes, every one before those downstream
    down : (h,) next manhole, -1 at roots
    first, incoming : (h + 1,), (reaches,) manholes whose reach arrives at manhole i: incoming[first[i]:first[i + 1]]
    length_m, fall_m : (h,) length; least fall of the pipe's invert over the reach plus the rise of the ground
    start_m, floor_m, limit_m : (h,) least excavation at the upper end, at the lower end, and largest at both
    base_m, shift_m : (h,) excavation needed where nothing arrives; what the next pipe is larger, as crowns are joined
    is_dry, is_passable : (h,) nothing flows in along the reach; nothing but one reach flows in at the manhole
    ground_elev_m, top_elev_m : (h,) at the manhole; highest along the reach
    main_m : (h,) excavation of a rising main
    root_max_m : (h,) deepest arrival allowed at a root
    energy_yen_per_m_yr : (h,) energy of a pump in the manhole per metre of head
    depth_m, price : (m,), (k, m) trench price in yen per metre by excavation
    size, priced_m, least_yen : (h,) row of ``price``; length times road factor; price of the shallowest gravity pipe
    tie_yen_per_m : (h,) price of a metre of mean excavation that decides between profiles of equal price
    pump_yen, main_yen_per_m, manhole_yen, wet_well_m, friction : scalars
    """

    order: Ints
    down: Ints
    first: Ints
    incoming: Ints
    length_m: Floats
    fall_m: Floats
    start_m: Floats
    floor_m: Floats
    limit_m: Floats
    base_m: Floats
    shift_m: Floats
    is_dry: Bools
    is_passable: Bools
    ground_elev_m: Floats
    top_elev_m: Floats
    main_m: Floats
    root_max_m: Floats
    energy_yen_per_m_yr: Floats
    depth_m: Floats
    price: Floats
    size: Ints
    priced_m: Floats
    least_yen: Floats
    tie_yen_per_m: Floats
    pump_yen: float
    main_yen_per_m: float
    manhole_yen: float
    wet_well_m: float
    friction: float


class Profile(NamedTuple):
    """The shallowest profile of a choice, per manhole.

    Attributes
    ----------
    up_m, down_m : (h,) excavation at the two ends of the outgoing reach
    arrival_m : (h,) of the deepest arriving pipe
    head_m : (h,) of the pump, 0 without one
    yen_per_yr : (h,) reach, pump, energy and manhole
    """

    up_m: Floats
    down_m: Floats
    arrival_m: Floats
    head_m: Floats
    yen_per_yr: Floats


class Labels(NamedTuple):
    """Labels of all manholes (``begin``, ``count`` into ``depth_m``, ``cost``) and the best pump and main of each reach.

    ``lift_*``: pump at the manhole into its gravity reach. ``main_*``: a rising main whose last reach is the
    manhole's; it starts at manhole ``main_start``. ``*_label`` is the label taken where the pump stands.
    """

    begin: Ints
    count: Ints
    depth_m: Floats
    cost: Floats
    lift_yen: Floats
    lift_label: Ints
    main_yen: Floats
    main_start: Ints
    main_label: Ints


@njit(cache=True)
def trench_yen(r: Reaches, i: int, mean_m: float) -> float:
    """Gravity pipe of reach i at a mean excavation; flat beyond the outer knots."""
    row, knots = r.size[i], r.depth_m
    last = len(knots) - 1
    if mean_m <= knots[0]:
        return r.priced_m[i] * r.price[row, 0]
    if mean_m >= knots[last]:
        return r.priced_m[i] * r.price[row, last]
    k = 0
    while mean_m > knots[k + 1]:
        k += 1
    share = (mean_m - knots[k]) / (knots[k + 1] - knots[k])
    return r.priced_m[i] * (r.price[row, k] + share * (r.price[row, k + 1] - r.price[row, k]))


@njit(cache=True)
def _lower_end(r: Reaches, i: int, up_m: float) -> float:
    """Least excavation at the lower end of a gravity reach."""
    return max(r.floor_m[i], up_m + r.fall_m[i])


@njit(cache=True)
def _above_least(r: Reaches, i: int, up_m: float, down_m: float) -> float:
    mean = 0.5 * (up_m + down_m)
    return trench_yen(r, i, mean) - r.least_yen[i] + r.tie_yen_per_m[i] * mean


@njit(cache=True)
def _lift_head(r: Reaches, i: int, arrival_m: float, restart_m: float) -> float:
    return max(arrival_m - restart_m + r.wet_well_m, 0.0)


@njit(cache=True)
def _main_head(r: Reaches, i: int, arrival_m: float, top_elev_m: float, length_m: float) -> float:
    climb = top_elev_m - r.ground_elev_m[i] + arrival_m - r.main_m[i] + r.wet_well_m
    return max(climb + r.friction * length_m, 0.0)


@njit(cache=True)
def _best_lift(r: Reaches, i: int, depth: Floats, cost: Floats) -> tuple[float, int]:
    best, label = np.inf, -1
    for k in range(len(depth)):
        if depth[k] > r.start_m[i] + _SAME_M:
            yen = cost[k] + r.pump_yen + r.energy_yen_per_m_yr[i] * _lift_head(r, i, depth[k], r.start_m[i])
            if yen < best:
                best, label = yen, k
    return best, label


@njit(cache=True)
def _best_main(r: Reaches, i: int, begin: Ints, count: Ints, depth: Floats, cost: Floats) -> tuple[float, int, int]:
    """Cheapest rising main whose last reach is i: every start upstream along dry reaches and passable manholes."""
    best, start, label = np.inf, -1, -1
    length, top, fixed, at = 0.0, -np.inf, r.pump_yen, i
    while r.is_dry[at]:
        length += r.length_m[at]
        top = max(top, r.top_elev_m[at])
        fixed += r.main_yen_per_m * r.length_m[at] - r.least_yen[at]
        for k in range(count[at]):
            head = _main_head(r, at, depth[begin[at] + k], top, length)
            yen = cost[begin[at] + k] + fixed + r.energy_yen_per_m_yr[at] * head
            if yen < best:
                best, start, label = yen, at, k
        if not r.is_passable[at]:
            break
        at = r.incoming[r.first[at]]
    return best, start, label


@njit(cache=True)
def _arrivals(
    r: Reaches, i: int, depth: Floats, cost: Floats, lift_yen: float, main_yen: float, to_m: Floats, to_cost: Floats
) -> int:
    """Labels of reach i where it arrives: depth rising, cost strictly falling; returns their number."""
    w = r.down[i]
    found = 0
    if main_yen < np.inf:
        to_m[0], to_cost[0] = r.base_m[w], main_yen
        found = 1
    for k in range(-1, len(depth)):  # -1: the restart behind a lift, which is the shallowest start
        up = r.start_m[i] if k < 0 else max(depth[k], r.start_m[i])
        yen = lift_yen if k < 0 else cost[k]
        down = _lower_end(r, i, up)
        if up > r.limit_m[i] + _SAME_M or down > r.limit_m[i] + _SAME_M:
            break
        yen += _above_least(r, i, up, down)
        at = max(r.base_m[w], down + r.shift_m[i])
        if yen == np.inf or (found > 0 and yen >= to_cost[found - 1] - _SAME_YEN):
            continue
        if found == 0 or at > to_m[found - 1]:
            found += 1
        to_m[found - 1], to_cost[found - 1] = at, yen
    return found


@njit(cache=True)
def _merge(a_m: Floats, a: Floats, count_a: int, b_m: Floats, b: Floats, count_b: int, to_m: Floats, to: Floats) -> int:
    """Add two falling step functions of depth; returns the number of steps."""
    i, j, found = 0, 0, 0
    depth = max(a_m[0], b_m[0])
    while True:
        while i + 1 < count_a and a_m[i + 1] <= depth:
            i += 1
        while j + 1 < count_b and b_m[j + 1] <= depth:
            j += 1
        to_m[found], to[found] = depth, a[i] + b[j]
        found += 1
        if i + 1 < count_a and (j + 1 >= count_b or a_m[i + 1] <= b_m[j + 1]):
            depth = a_m[i + 1]
        elif j + 1 < count_b:
            depth = b_m[j + 1]
        else:
            return found


@njit(cache=True)
def labels(r: Reaches) -> tuple[int, Labels]:
    """Labels of all manholes; first value: a reach no pipe can take, or -1."""
    h = len(r.down)
    begin, count = np.zeros(h, np.int64), np.zeros(h, np.int64)
    depth, cost, total = np.empty(4 * h + 64), np.empty(4 * h + 64), 0
    lift, main = np.full(h, np.inf), np.full(h, np.inf)
    lift_label, main_start, main_label = np.full(h, -1, np.int64), np.full(h, -1, np.int64), np.full(h, -1, np.int64)
    a_m, a, b_m, b, c_m, c = np.empty(64), np.empty(64), np.empty(64), np.empty(64), np.empty(64), np.empty(64)
    wrong = -1
    for w in r.order:
        need = 1
        for e in range(r.first[w], r.first[w + 1]):
            need += count[r.incoming[e]] + 2
        if need > len(a):  # between junctions lists only shrink, so these grow seldom
            a_m, a, b_m = np.empty(2 * need), np.empty(2 * need), np.empty(2 * need)
            b, c_m, c = np.empty(2 * need), np.empty(2 * need), np.empty(2 * need)
        if total + need > len(depth):
            more = np.empty(len(depth) + need)
            depth, cost = np.concatenate((depth, more)), np.concatenate((cost, more))
        a_m[0], a[0], found = r.base_m[w], 0.0, 1
        for e in range(r.first[w], r.first[w + 1]):
            i = r.incoming[e]
            own = slice(begin[i], begin[i] + count[i])
            lift[i], lift_label[i] = _best_lift(r, i, depth[own], cost[own])
            main[i], main_start[i], main_label[i] = _best_main(r, i, begin, count, depth, cost)
            arriving = _arrivals(r, i, depth[own], cost[own], lift[i], main[i], b_m, b)
            if arriving == 0:
                wrong = i
                break
            found = _merge(a_m, a, found, b_m, b, arriving, c_m, c)
            a_m, c_m = c_m, a_m
            a, c = c, a
        if wrong >= 0:
            break
        depth[total : total + found], cost[total : total + found] = a_m[:found], a[:found]
        begin[w], count[w] = total, found
        total += found
    return wrong, Labels(begin, count, depth[:total], cost[:total], lift, lift_label, main, main_start, main_label)


@njit(cache=True)
def choose(r: Reaches, s: Labels) -> Ints:
    """What leaves every manhole (GRAVITY, LIFT, MAIN, PASSED) in the cheapest plan, from the roots up."""
    h = len(r.down)
    mode = np.zeros(h, np.int64)
    bound = np.empty(h)  # a manhole's arrivals may need no more than this
    for q in range(h - 1, -1, -1):
        w = r.order[q]
        if r.down[w] < 0:
            best = np.inf
            for k in range(s.begin[w], s.begin[w] + s.count[w]):
                yen = s.cost[k]
                if s.depth_m[k] > r.root_max_m[w] + _SAME_M:
                    yen += r.pump_yen + r.energy_yen_per_m_yr[w] * _lift_head(r, w, s.depth_m[k], r.root_max_m[w])
                if yen < best - _SAME_YEN:
                    best, bound[w] = yen, s.depth_m[k]
        elif mode[w] == PASSED:
            continue
        for e in range(r.first[w], r.first[w + 1]):
            i = r.incoming[e]
            best, choice, taken = np.inf, GRAVITY, -1
            for k in range(s.count[i] - 1, -2, -1):
                up = r.start_m[i] if k < 0 else max(s.depth_m[s.begin[i] + k], r.start_m[i])
                down = _lower_end(r, i, up)
                if up > r.limit_m[i] + _SAME_M or down > r.limit_m[i] + _SAME_M:
                    continue
                if max(r.base_m[w], down + r.shift_m[i]) > bound[w]:
                    continue
                yen = (s.lift_yen[i] if k < 0 else s.cost[s.begin[i] + k]) + _above_least(r, i, up, down)
                if yen < best - _SAME_YEN:
                    best, choice, taken = yen, (LIFT if k < 0 else GRAVITY), (s.lift_label[i] if k < 0 else k)
            if s.main_yen[i] < best - _SAME_YEN:
                choice, taken = MAIN, s.main_label[i]
            at = i
            while choice == MAIN and at != s.main_start[i]:
                mode[at] = PASSED
                at = r.incoming[r.first[at]]
            mode[at], bound[at] = choice, s.depth_m[s.begin[at] + taken]
    return mode


@njit(cache=True)
def evaluate(r: Reaches, mode: Ints) -> Profile:
    """The shallowest profile of a choice, and what it costs."""
    h = len(r.down)
    up, down, head, yen = np.zeros(h), np.zeros(h), np.zeros(h), np.full(h, r.manhole_yen)
    arrival, joined = np.zeros(h), r.base_m.copy()
    for w in r.order:
        to = r.down[w]
        if to < 0:
            if joined[w] > r.root_max_m[w] + _SAME_M:
                head[w] = _lift_head(r, w, joined[w], r.root_max_m[w])
                yen[w] += r.pump_yen + r.energy_yen_per_m_yr[w] * head[w]
            continue
        arrival[w] = arrival[w] if arrival[w] > 0.0 else r.base_m[w]
        if mode[w] == MAIN or mode[w] == PASSED:
            up[w], down[w] = r.main_m[w], r.main_m[w]
            yen[w] += r.main_yen_per_m * r.length_m[w]
        else:
            up[w] = r.start_m[w] if mode[w] == LIFT else max(joined[w], r.start_m[w])
            down[w] = _lower_end(r, w, up[w])
            yen[w] += trench_yen(r, w, 0.5 * (up[w] + down[w]))
            joined[to] = max(joined[to], down[w] + r.shift_m[w])
        arrival[to] = max(arrival[to], down[w])
        if mode[w] == LIFT:
            head[w] = _lift_head(r, w, joined[w], up[w])
        elif mode[w] == MAIN:
            length, top, at = r.length_m[w], r.top_elev_m[w], to
            while r.down[at] >= 0 and mode[at] == PASSED:
                length, top, at = length + r.length_m[at], max(top, r.top_elev_m[at]), r.down[at]
            head[w] = _main_head(r, w, joined[w], top, length)
        if mode[w] == LIFT or mode[w] == MAIN:
            yen[w] += r.pump_yen + r.energy_yen_per_m_yr[w] * head[w]
    return Profile(up, down, arrival, head, yen)
