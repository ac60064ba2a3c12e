"""When things fall due, and how what is due is levelled over the years: pure functions on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLACK = 1e-9
"""A peak this share higher is the same."""
_HALVINGS = 50


class Window(NamedTuple):
    """Years by which works may come before they are due, and after."""

    early_yr: int
    late_yr: int


def dues(first_due: Ints, life_yr: Floats, amount: Floats, years: int) -> Floats:
    """What is due in every year (years,): at ``first_due`` (n, year 0 the first), and again after every life.

    What was due before the first year is due in it. A life of 32.5 years ends within its 33rd.
    """
    out = np.zeros(years)
    if not len(first_due):
        return out
    begin = np.maximum(first_due, 0)
    rounds = int(np.ceil(years / max(float(life_yr.min()), 1.0))) + 1
    for k in range(rounds):
        at = begin + np.floor(k * life_yr).astype(np.int64)
        again = (at < years) & ((k == 0) | (np.floor(k * life_yr) > 0))
        np.add.at(out, at[again], amount[again])
    return out


def least_rate(due: Floats, years: int, window: Window) -> float:
    """Least amount a year with which all that is due in the first ``years`` is done within its window.

    ``due`` goes on for at least ``early_yr`` years more. What falls due in years s to t must be done within those years,
    ``early_yr`` before and ``late_yr`` after.

    >>> least_rate(np.array([100.0, 0.0, 0.0, 0.0]), 4, Window(0, 3))
    25.0
    """
    least, most = _limits(due, years, window)
    end, begin = np.arange(len(least))[:, None], np.arange(years + 1)[None, :]
    span = np.where(end > begin, end - begin, 1)
    return float(np.max(np.where(end > begin, (least[:, None] - most[None, :]) / span, 0.0), initial=0.0))


def _limits(due: Floats, years: int, window: Window) -> tuple[Floats, Floats]:
    """What must be done by the end of every year (years + late_yr + 1,), and may be (years + 1,); before the first nothing."""
    whole = np.concatenate([[0.0], np.cumsum(due)])
    at = np.arange(years + window.late_yr + 1)
    most = whole[np.minimum(at[: years + 1] + window.early_yr, len(whole) - 1)]
    most[0] = 0.0
    return whole[np.clip(at - window.late_yr, 0, years)], most


def levelled(due: Floats, years: int, window: Window) -> Floats:
    """What is done in every year (years,): of the least peak, and then as even as can be (平準化).

    Of all courses of work that reach the same sum in the end, the string pulled tight between what must and what may be done
    by every year is the most even. The sum is free as far as the peak stays the least, what is left over then included:
    it is the one with which the years differ least (in squares from their mean).
    """
    if not years:
        return np.zeros(0)
    rate = least_rate(due, years, window)
    least, most = _limits(due, years, window)

    def course(total: float) -> Floats:
        return np.diff(_tight(np.append(least[:years], total), np.append(most[:years], total)))

    high = float(most[years])
    low = min(float(np.max(least[years:] - rate * np.arange(window.late_yr + 1))), high)
    if course(high).max(initial=0.0) > rate * (1.0 + SLACK):
        high = _halved(low, high, lambda total: course(total).max(initial=0.0) <= rate * (1.0 + SLACK))
    # more in all is more in the last stretch: nearer to the mean as long as that is below it
    best = _halved(low, high, lambda total: course(total)[-1] <= total / years)
    return np.asarray(np.maximum(course(best), 0.0))


def _halved(low: float, high: float, is_below: Callable[[float], bool]) -> float:
    """The greatest value for which something holds that holds below some value only."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low


def _tight(least: Floats, most: Floats) -> Floats:
    """The shortest course between limits that meet at both ends (a string pulled tight)."""
    out, last = np.array(least, np.float64), len(least) - 1
    at = 0
    while at < last:
        steps = np.arange(1, last - at + 1)
        up, down = (most[at + 1 :] - out[at]) / steps, (least[at + 1 :] - out[at]) / steps
        over, under = np.minimum.accumulate(up), np.maximum.accumulate(down)  # slopes that stay below and above all so far
        crossed = np.flatnonzero(under > over)
        stop = int(crossed[0]) if len(crossed) else last - at - 1
        if len(crossed):  # the string bends round the limit that came before
            bends_up = down[stop] > (over[stop - 1] if stop else np.inf)
            slopes = up[:stop] if bends_up else down[:stop]
            slope = over[stop - 1] if bends_up else under[stop - 1]
            stop = int(np.flatnonzero(slopes == slope)[-1])
        else:
            slope = up[stop]
        out[at + 1 : at + stop + 2] = out[at] + slope * steps[: stop + 1]
        at += stop + 1
    return out


def parts_of(done: Floats, due: Floats, part: Floats) -> Floats:
    """Of what is done in every year, what belongs to ``part`` of what is due: oldest first, all of a year alike."""
    until, reached = np.concatenate([[0.0], np.cumsum(due)]), np.concatenate([[0.0], np.cumsum(done)])
    rising = np.concatenate([[True], np.diff(until) > 0.0])
    mine = np.interp(reached, until[rising], np.concatenate([[0.0], np.cumsum(part)])[rising])
    return np.asarray(np.maximum(np.diff(mine), 0.0))
