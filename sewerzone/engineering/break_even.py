"""At which price decisions turn: the least of many lines, found by solving where they cross.

The yearly cost of one zoning is a straight line in any single price. The least cost over all zonings is therefore concave and
made of straight pieces, and what is best changes only where two of them meet. Solving at the crossing of two known lines
either finds a better one or proves the crossing to be such a turn (Eisner and Severance 1976, J. ACM 23), so that every turn
is found as exactly as zonings are solved, without a grid of prices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats


class Line(NamedTuple):
    """A decision whose cost is ``fixed_yen + yen_per_x * x``; ``is_served`` (u,) tells who gets a sewer."""

    fixed_yen: float
    yen_per_x: float
    is_served: Bools

    def at(self, x: float) -> float:
        """Cost at a price."""
        return self.fixed_yen + self.yen_per_x * x


class Envelope(NamedTuple):
    """The cheapest of all lines between two prices: ``lines[i]`` up to ``turns[i]``, the next beyond."""

    lines: list[Line]
    turns: Floats


Near = Callable[[Line, Line], bool]


def envelope(
    solve: Callable[[float], Line], low: float, high: float, known: Sequence[Line], least_saving_yen: float,
    is_near: Near = lambda one, other: False,
) -> Envelope:  # fmt: skip
    """The cheapest decisions for all prices from ``low`` to ``high``.

    Parameters
    ----------
    solve : the best decision at a price
    known : decisions found elsewhere; they count as well
    least_saving_yen : a decision that saves less than this at a crossing is no better one
    is_near : whether two decisions are so much alike that nothing between them is wanted
    """
    lines = [*(lower(known, low, high).lines if known else []), solve(low), solve(high)]
    gaps = [(_least(lines, low), _least(lines, high))]
    while gaps:
        left, right = gaps.pop()
        if is_near(left, right) or left.yen_per_x - right.yen_per_x <= 0.0:
            continue  # the same line, or so from rounding: nothing lies between
        x = min(max((right.fixed_yen - left.fixed_yen) / (left.yen_per_x - right.yen_per_x), low), high)
        lines.append(solve(x))
        best = _least(lines, x)
        if best.at(x) < min(left.at(x), right.at(x)) - least_saving_yen:
            gaps += [(best, right), (left, best)]
    return lower(lines, low, high)


def lower(lines: Sequence[Line], low: float, high: float) -> Envelope:
    """The least of ``lines`` from ``low`` to ``high``; of equal ones the first."""
    fixed, slope = np.array([line.fixed_yen for line in lines]), np.array([line.yen_per_x for line in lines])
    order = np.arange(len(lines))
    now = int(np.lexsort((order, slope, fixed + slope * low))[0])
    out, turns, x = [now], list[float](), low
    while True:
        flatter = np.flatnonzero(slope < slope[now])
        at = (fixed[flatter] - fixed[now]) / (slope[now] - slope[flatter])
        k = int(np.lexsort((flatter, slope[flatter], at))[0]) if len(flatter) else -1
        if k < 0 or at[k] >= high:
            return Envelope([lines[i] for i in out], np.array(turns))
        x = max(x, float(at[k]))
        now = int(flatter[k])
        out.append(now)
        turns.append(x)


def nearest_turns(found: Envelope, today: float) -> Floats:
    """(u,) the price nearest to ``today`` (as a ratio) at which each unit's decision turns; NaN where it never does."""
    served = np.stack([line.is_served for line in found.lines])
    now = int(np.searchsorted(found.turns, today, side="right"))
    differs = served != served[now]
    out = np.full(served.shape[1], np.nan)
    for rows, turns in ((differs[now + 1 :], found.turns[now:]), (differs[:now][::-1], found.turns[:now][::-1])):
        has = rows.any(axis=0)
        if has.any():
            at = turns[rows[:, has].argmax(axis=0)]
            before = out[has]
            is_nearer = ~(np.abs(np.log(before / today)) <= np.abs(np.log(at / today)))
            out[has] = np.where(is_nearer, at, before)
    return out


def _least(lines: Sequence[Line], x: float) -> Line:
    """The cheapest line at a price, of equal ones the first."""
    return min(lines, key=lambda line: line.at(x))
