"""Years of construction: which parts of networks to build when, so that most people are served soonest under yearly caps.

Packages of work form trees: each needs the one downstream of it built first. Work on a package may go on over several
years; its people are served from the year it is finished. What is maximised is worth-years: the worth (people) of every
package times the years it serves within those looked at.

With one cap the problem is a knapsack in time with precedence. Its linear relaxation falls into the years, each of which
takes the densest closures (sets of packages with all that lie downstream of them) that its money up to then pays for:
the Sidney chain, found for trees by Horn's rule (SIAM J. Appl. Math. 23, 1972). It gives a bound at any size, and its
order a schedule; ordinary sizes are also solved by HiGHS. Two caps are one of both in the proportion, year by year, that
bounds most (the surrogate of Glover, Operations Research 13, 1965); ordinary sizes as a linear programme of both.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

from sewerzone.engineering import scheduling_exact as exact
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.scheduling_search import bettered

FIRST_THRESHOLDS, NEXT_THRESHOLDS = (1e-3, 1e-4, 1e-5), (3e-4, 1e-4, 3e-5)
"""Shares of all worth-years that a move may cost at first: of searches from every order, then from the best of all found."""
_KEPT = 3
"""Orders from which is searched on."""
_PROPORTIONS = 24
"""Proportions of two caps tried for every year."""
_GOLDEN = (5.0**0.5 - 1.0) / 2.0
_TINY = 1e-9


class Work(NamedTuple):
    """Packages of work, all (n,)."""

    yen: Floats
    ha: Floats
    worth: Floats
    """What it counts to have the package in use for a year: its people, or these by a score."""
    below: Ints
    """Package downstream of it, -1: none."""


class Caps(NamedTuple):
    """What may be built in each year, both (years,); infinite without a cap."""

    yen: Floats
    ha: Floats


class Schedule(NamedTuple):
    """Who is built when: ``share`` (p,) of the work on ``package`` (p,) in ``year`` (p,), years counted from 0."""

    finished: Ints
    """(n,) year in which a package is finished; the number of years where that is not within them."""
    package: Ints
    year: Ints
    share: Floats
    worth_years: float
    bound: float
    """No schedule under the caps is worth more (proven)."""

    @property
    def gap_share(self) -> float:
        """How far from the best schedule at most."""
        return (self.bound - self.worth_years) / self.bound if self.bound > 0.0 else 0.0


class Chain(NamedTuple):
    """All packages in an order that keeps downstream first, in blocks of falling density."""

    order: Ints
    block: Ints
    """(n,) number of the block, by position in ``order``."""


def yearly(values: tuple[float, ...], years: int, otherwise: float) -> Floats:
    """(years,) ``values`` with the last one carried on; ``otherwise`` in all years where there are none."""
    if not values:
        return np.full(years, otherwise)
    return np.asarray(values, dtype=np.float64)[np.minimum(np.arange(years), len(values) - 1)]


def chain(worth: Floats, cost: Floats, below: Ints) -> Chain:
    """The Sidney chain of trees of packages: closures of greatest worth per cost one after the other (Horn's rule).

    The densest package is taken next where the one below it is built, else it is tied to that one, of which it then is
    part. Equal densities keep the smaller number first.
    """
    count = len(worth)
    value, price = worth.tolist(), np.maximum(cost, _TINY).tolist()
    lower, group, last, after = below.tolist(), list(range(count)), list(range(count)), [-1] * count
    is_taken, size = [False] * count, [1] * count
    heap = [(-value[k] / price[k], k, 1) for k in range(count)]
    heapq.heapify(heap)

    def head(k: int) -> int:
        while group[k] != k:
            group[k] = group[group[k]]
            k = group[k]
        return k

    order: list[int] = []
    block: list[int] = []
    blocks = 0
    while heap:
        _, k, told = heapq.heappop(heap)
        if group[k] != k or is_taken[k] or told != size[k]:
            continue
        under = head(lower[k]) if lower[k] >= 0 else -1
        if under < 0 or is_taken[under]:
            is_taken[k] = True
            at = k
            while at >= 0:
                order.append(at)
                block.append(blocks)
                at = after[at]
            blocks += 1
            continue
        group[k] = under
        after[last[under]], last[under] = k, last[k]
        value[under] += value[k]
        price[under] += price[k]
        size[under] += size[k]
        heapq.heappush(heap, (-value[under] / price[under], under, size[under]))
    return Chain(np.array(order, np.int64), np.array(block, np.int64))


def fluid_worth(worth: Floats, cost: Floats, found: Chain, paid: Floats) -> Floats:
    """(years,) greatest worth in use when ``paid`` (years,) has been spent and blocks of the chain may be built in part."""
    if not len(worth):
        return np.zeros(len(paid))
    is_last = np.append(found.block[1:] != found.block[:-1], True)
    spent = np.append(0.0, np.cumsum(cost[found.order])[is_last])
    served = np.append(0.0, np.cumsum(worth[found.order])[is_last])
    return np.asarray(np.interp(paid, spent, served), dtype=np.float64)


def in_order(order: Ints, work: Work, caps: Caps) -> Schedule:
    """The schedule that works on one package after the other; ``order`` keeps downstream first.

    Money that finishing one package leaves over in a year goes into the next. No year exceeds a cap.
    """
    years = len(caps.yen)
    finished = np.full(len(work.yen), years, np.int64)
    parts: list[tuple[int, int, float]] = []
    year, yen, ha = 0, _first(caps.yen), _first(caps.ha)
    for k in order.tolist():
        todo = 1.0
        while year < years:
            part = min(todo, _part(work.yen[k], yen), _part(work.ha[k], ha))
            part = todo if part > todo - _TINY else part
            if part > 0.0:
                parts.append((k, year, part))
                yen, ha, todo = max(yen - part * work.yen[k], 0.0), max(ha - part * work.ha[k], 0.0), todo - part
            if todo <= 0.0:
                finished[k] = year
                break
            year += 1
            if year < years:
                yen, ha = float(caps.yen[year]), float(caps.ha[year])
    return _schedule(finished, parts, work, years)


def _first(values: Floats) -> float:
    return float(values[0]) if len(values) else 0.0


def _part(need: float, left: float) -> float:
    """The part of a need that ``left`` pays for."""
    return 1.0 if need <= left else left / need


def _schedule(finished: Ints, parts: list[tuple[int, int, float]], work: Work, years: int) -> Schedule:
    package, year, share = (np.array(column) for column in zip(*parts, strict=True)) if parts else (np.empty(0),) * 3
    worth_years = float(work.worth @ (years - finished))
    return Schedule(
        finished, package.astype(np.int64), year.astype(np.int64), share.astype(np.float64), worth_years, np.inf
    )  # fmt: skip


def fitted(order: Ints, work: Work, caps: Caps) -> Ints:
    """``order`` with what can be finished in a year drawn forward where the next package cannot: downstream stays first."""
    years, lower = len(caps.yen), work.below.tolist()
    yen_of, ha_of = work.yen.tolist(), work.ha.tolist()
    waiting, done = order.tolist(), [False] * len(order)
    out: list[int] = []
    yen = ha = 0.0
    for year in range(years):
        yen, ha = yen + float(caps.yen[year]), ha + float(caps.ha[year])
        rest: list[int] = []
        for k in waiting:
            is_free = lower[k] < 0 or done[lower[k]]
            if is_free and yen_of[k] <= yen * (1.0 + _TINY) and ha_of[k] <= ha * (1.0 + _TINY):
                done[k] = True
                out.append(k)
                yen, ha = yen - yen_of[k], ha - ha_of[k]
            else:
                rest.append(k)
        waiting = rest
        if not waiting:
            break
    return np.array(out + waiting, np.int64)


def of_both(work: Work, caps: Caps) -> Floats:
    """(years,) greatest worth in use when both caps have been spent up to then, packages in part: the least over proportions.

    Any mixture of both costs within the same mixture of both sums is a bound; it has one valley (golden section).
    """
    sums = np.cumsum(caps.yen), np.cumsum(caps.ha)
    out = np.full(len(caps.yen), work.worth.sum())
    for year, (yen, ha) in enumerate(zip(*sums, strict=True)):

        def worth(part: float, yen: float = yen, ha: float = ha) -> float:
            cost = part * work.yen / max(yen, _TINY) + (1.0 - part) * work.ha / max(ha, _TINY)
            paid = part * (yen > 0.0) + (1.0 - part) * (ha > 0.0)
            return float(fluid_worth(work.worth, cost, chain(work.worth, cost, work.below), np.array([paid]))[0])

        low, high = 0.0, 1.0
        inner = [(worth(part), part) for part in (1.0 - _GOLDEN, _GOLDEN)]
        least = min(worth(low), worth(high), inner[0][0], inner[1][0])
        for _ in range(_PROPORTIONS):
            if inner[0][0] <= inner[1][0]:
                high, part = inner[1][1], inner[1][1] - _GOLDEN * (inner[1][1] - low)
                inner = [(worth(part), part), inner[0]]
            else:
                low, part = inner[0][1], inner[0][1] + _GOLDEN * (high - inner[0][1])
                inner = [inner[1], (worth(part), part)]
            least = min(least, inner[0][0], inner[1][0])
        out[year] = min(out[year], least)
    return out


def schedule(work: Work, caps: Caps, most_exact: int = exact.MOST_EXACT) -> Schedule:
    """The best schedule found under the caps, with a bound that none exceeds.

    The orders of the densest closures are bettered by :func:`scheduling_search.bettered`. Where packages times years are few,
    the integer programme is solved besides, which mostly lowers the bound.

    Parameters
    ----------
    most_exact : packages times years up to which the integer programme is solved
    """
    orders, bound = _by_closures(work, caps)
    most = float(bound.sum())
    best = _searched(orders, work, caps, most)
    size = len(work.yen) * len(caps.yen)
    is_open = best.worth_years < most - _TINY * max(most, 1.0)
    if is_open and np.isfinite(caps.yen).all() and np.isfinite(caps.ha).all() and size <= exact.MOST_RELAXED and most_exact:
        most = min(most, exact.relaxed(*work, caps.yen, caps.ha))
    if is_open and size <= most_exact and (np.isfinite(caps.yen).all() or np.isfinite(caps.ha).all()):
        solved, dual = exact.solve(*work, caps.yen, caps.ha)
        most = min(most, dual)
        best = max([best, *(_as_solved(one, work, caps) for one in solved)], key=_worth_years)
    return best._replace(bound=max(most, best.worth_years))


def _by_closures(work: Work, caps: Caps) -> tuple[list[Ints], Floats]:
    """Orders of the densest closures by each cap and both, as they come and fitted to the years; and the bounds (years,)."""
    costs = ((work.yen, np.cumsum(caps.yen)), (work.ha, np.cumsum(caps.ha)))
    limited = [both for both in costs if np.isfinite(both[1]).all()]
    bound = np.full(len(caps.yen), work.worth.sum())
    mixed = np.zeros(len(work.yen))
    orders = []
    for cost, paid in limited:
        found = chain(work.worth, cost, work.below)
        bound = np.minimum(bound, fluid_worth(work.worth, cost, found, paid))
        orders.append(found.order)
        mixed += cost / max(float(paid[-1]), _TINY) if len(paid) else 0.0
    if len(limited) != 1:
        orders.append(chain(work.worth, mixed, work.below).order)
    if len(limited) > 1 and len(work.yen):
        bound = np.minimum(bound, of_both(work, caps))
    return [*orders, *(fitted(o, work, caps) for o in orders)], bound


def _searched(orders: list[Ints], work: Work, caps: Caps, most: float) -> Schedule:
    """The best schedule that the search finds from some orders."""

    def search(starts: list[Ints], threshold: float) -> list[tuple[Ints, Schedule]]:
        better = [bettered(o, *work, caps.yen, caps.ha, threshold * most) for o in starts]
        return [(o, in_order(o, work, caps)) for o in better]

    found = [(o, in_order(o, work, caps)) for o in orders]
    for threshold in FIRST_THRESHOLDS:
        found += search(orders, threshold)
    for threshold in NEXT_THRESHOLDS:
        found.sort(key=lambda each: -each[1].worth_years)
        if found[0][1].worth_years >= most - _TINY * max(most, 1.0):
            break
        found = found[:_KEPT] + search([o for o, _ in found[:_KEPT]], threshold)
    return max((each for _, each in found), key=_worth_years)


def _as_solved(solved: exact.Solved, work: Work, caps: Caps) -> Schedule:
    """The schedule that the integer programme says: one package after the other, or side by side as it divides the work."""
    if solved.done is not None:
        return _side_by_side(solved.done, solved.finished, work, caps)
    order = np.lexsort((np.arange(len(work.yen)), depth(work.below), solved.finished))
    return max((in_order(o, work, caps) for o in (order, bettered(order, *work, caps.yen, caps.ha, 0.0))), key=_worth_years)


def _worth_years(found: Schedule) -> float:
    return found.worth_years


def _side_by_side(done: Floats, finished: Ints, work: Work, caps: Caps) -> Schedule:
    """The schedule that works on packages side by side as the programme says; rounding never exceeds a cap."""
    years = len(caps.yen)
    done = np.clip(done, 0.0, 1.0)
    done[finished >= years] = 0.0
    done /= np.maximum(done.sum(axis=1, keepdims=True), 1.0)
    for need, cap in ((work.yen, caps.yen), (work.ha, caps.ha)):
        done *= np.minimum(1.0, cap / np.maximum(need @ done, _TINY))
    package, year = np.nonzero(done > _TINY)
    parts = list(zip(package.tolist(), year.tolist(), done[package, year].tolist(), strict=True))
    return _schedule(finished, parts, work, years)


def depth(below: Ints) -> Ints:
    """(n,) packages downstream of each."""
    out = np.zeros(len(below), np.int64)
    at = below.copy()
    while (at >= 0).any():
        out[at >= 0] += 1
        at = np.where(at >= 0, below[np.maximum(at, 0)], -1)
    return out


def spread(people: Floats, per_year: Floats) -> tuple[Ints, Ints, Floats]:
    """Lots of ``people`` (sizes, in order of building) over years of a cap each: lot, year and how much of it then."""
    ends, caps = np.cumsum(people), np.cumsum(per_year)
    marks = np.unique(np.concatenate([[0.0], ends, np.minimum(caps, ends[-1] if len(ends) else 0.0)]))
    marks = marks[marks <= (min(caps[-1], ends[-1]) if len(ends) and len(caps) else 0.0)]
    middle, amount = (marks[1:] + marks[:-1]) / 2.0, np.diff(marks)
    keep = amount > _TINY
    middle, amount = middle[keep], amount[keep]
    return np.searchsorted(ends, middle), np.searchsorted(caps, middle), amount
