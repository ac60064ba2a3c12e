"""At which price decisions turn when every decision is made anew, each a whole search at one price.

A search decides better here and worse there, so its decisions may turn to and fro, and each takes long. So they are made at
steps from today's price, where a turn is expected, and between two steps that differ until these are neighbours: the turn lies
between the two, and is known as their middle. Decisions at a step serve all units.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from sewerzone.engineering.forest import Bools, Floats

BESIDE = 0.01
"""Every turn lies so much, as a share of itself, from the steps on either side of it."""
RATIO = (1.0 + BESIDE) / (1.0 - BESIDE)


def steps(low: float, high: float) -> tuple[int, int]:
    """How many steps there are below today's price and above it, so that they hold ``low`` to ``high`` (shares of it)."""
    down, up = (int(np.ceil(abs(np.log(end)) / np.log(RATIO) - 1e-9)) for end in (low, high))
    return down, up


def turns(decide: Callable[[float], Bools], today: Bools, expected: Floats, low: float, high: float) -> Floats:
    """(u,) a price over today's at which each decision turns, from ``low`` to ``high``; NaN where none was met.

    Parameters
    ----------
    decide : decisions (u,) at a price over today's
    today : those at today's price
    expected : (u,) where they are expected to turn, NaN: nowhere

    A turn is a price so that ``BESIDE`` nearer to 1 the decision is that of today, and ``BESIDE`` farther it is not; of several
    met that nearest to 1. Where a decision does not turn as expected it is looked for up to the end of the range, in steps that
    double.
    """
    out = np.full(len(today), np.nan)
    for way, most in zip((-1, 1), steps(low, high), strict=True):
        inner = np.round((np.log(expected) * way + np.log(1.0 - way * BESIDE) * way) / np.log(RATIO))
        is_expected = (expected >= low) & (expected <= high) & ((expected > 1.0) == (way > 0))
        found = _first_turns(partial(_at_step, decide, way), today, np.where(is_expected, inner, -1.0), most)
        at = RATIO ** (way * found) / (1.0 - way * BESIDE)
        out = np.where(np.abs(np.log(at)) < np.abs(np.log(out)), at, np.where(np.isnan(out), at, out))
    return out


def _at_step(decide: Callable[[float], Bools], way: int, step: int) -> Bools:
    return decide(RATIO ** (way * step))


def _first_turns(decide: Callable[[int], Bools], today: Bools, inner: Floats, most: int) -> Floats:
    """(u,) the last step before each decision turns, first of those met; NaN for none.

    ``inner`` (u,) is where this is expected, -1: nowhere; ``most`` the last step there is.
    """
    known = {0: today}
    while True:
        at = np.array(sorted(known))
        other = np.array([known[k] for k in at]) != today
        turned, first = other.any(axis=0), other.argmax(axis=0)
        beyond, before = at[first], at[np.maximum(first - 1, 0)]
        wanted = set(((beyond + before) // 2)[turned & (beyond - before > 1)].tolist())
        for step in inner[~turned & (inner >= 0)].astype(np.int64):
            ends = [k for k in (step, step + 1) if k <= most]
            last = int(at[-1])
            wanted |= {int(k) for k in ends if k not in known} or {min(most, last + max(last - int(step), 1))}
        wanted -= set(known)
        if not wanted:
            return np.where(turned, before, np.nan)
        known |= {k: decide(k) for k in sorted(wanted)}
