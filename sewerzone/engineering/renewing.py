"""When things fall due, and how what is due is levelled over the years: pure functions on arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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


def least_rate(due: Floats, late_yr: int) -> float:
    """Least amount a year with which nothing is done more than ``late_yr`` years after it is due.

    What falls due in years s to t must be done within those years and ``late_yr`` more.

    >>> least_rate(np.array([100.0, 0.0, 0.0, 0.0]), 3)
    25.0
    """
    whole = np.concatenate([[0.0], np.cumsum(due)])
    end, begin = np.arange(1, len(whole))[:, None], np.arange(len(due))[None, :]
    span = np.where(end > begin, end - begin + late_yr, 1)
    return float(np.max(np.where(end > begin, (whole[1:, None] - whole[None, :-1]) / span, 0.0), initial=0.0))


def levelled(due: Floats, rate: float) -> Floats:
    """What is done in every year: what is due, oldest first, up to ``rate``; nothing before it is due."""
    out, left = np.zeros(len(due)), 0.0
    for year, more in enumerate(due.tolist()):
        left += more
        out[year] = min(left, rate)
        left -= out[year]
    return out


def parts_of(done: Floats, due: Floats, part: Floats) -> Floats:
    """Of what is done in every year, what belongs to ``part`` of what is due: oldest first, all of a year alike."""
    until, reached = np.concatenate([[0.0], np.cumsum(due)]), np.concatenate([[0.0], np.cumsum(done)])
    rising = np.concatenate([[True], np.diff(until) > 0.0])
    mine = np.interp(reached, until[rising], np.concatenate([[0.0], np.cumsum(part)])[rising])
    return np.asarray(np.maximum(np.diff(mine), 0.0))
