"""At which price decisions turn when every decision is made anew: step by step from today's price, both ways.

A search decides better here and worse there, so its decisions may turn to and fro. Each step is one whole decision, and where
a unit's decision is another for the first time, its turn lies between that step and the last: known as the middle of the two.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sewerzone.engineering.forest import Bools, Floats

BESIDE = 0.01
"""Every turn lies so much, as a share of itself, from the steps on either side of it."""
RATIO = (1.0 + BESIDE) / (1.0 - BESIDE)


def steps(low: float, high: float) -> tuple[Floats, Floats]:
    """Prices over today's at which is decided, from 1 downwards and from 1 upwards, so that they hold ``low`` to ``high``."""
    down, up = (int(np.ceil(abs(np.log(end)) / np.log(RATIO) - 1e-9)) for end in (low, high))
    return RATIO ** -np.arange(down + 1.0), RATIO ** np.arange(up + 1.0)


def first_turns(decide: Callable[[float], Bools], today: Bools, low: float, high: float) -> Floats:
    """(u,) the price over today's at which each decision first turns between two prices, the nearer of both ways; NaN: nowhere.

    Parameters
    ----------
    decide : decisions (u,) at a price over today's
    today : those at today's price

    A turn is a price so that ``BESIDE`` nearer to 1 the decision is that of today, and ``BESIDE`` farther it is not.
    """
    out = np.full(len(today), np.nan)
    for prices, beyond in zip(steps(low, high), (1.0 - BESIDE, 1.0 + BESIDE), strict=True):
        is_open = np.ones(len(today), bool)
        for price in prices[1:].tolist():
            at = price / beyond
            is_open &= ~(np.abs(np.log(out)) <= abs(np.log(at)))  # turned nearer the other way
            if not is_open.any():
                break
            turned = is_open & (decide(price) != today)
            out[turned], is_open = at, is_open & ~turned
    return out
