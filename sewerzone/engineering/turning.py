"""Where comparisons of costs that are linear in one price turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_STEPS = 1000
"""Far more steps than a sum of units has bends; Newton's method on straight pieces ends at a bend."""


class Lines(NamedTuple):
    """Costs (yen a year) that are ``fixed`` + ``slope`` x price; infinite ``fixed`` where there is no such way."""

    fixed: Floats
    slope: Floats

    def at(self, price: float | Floats) -> Floats:
        """The costs at a price, or at a price for each."""
        return np.asarray(self.fixed + self.slope * price)


def last_price(ways: Lines, other: Floats) -> Floats:
    """(n,) largest price at which the cheapest of (n, k) ways costs no more than ``other`` (n,); -inf: none, inf: any does."""
    spare = other[:, None] - ways.fixed
    with np.errstate(divide="ignore", invalid="ignore"):
        price = np.where(ways.slope > 0.0, spare / ways.slope, np.where(spare >= 0.0, np.inf, -np.inf))
    return np.asarray(np.where(np.isfinite(ways.fixed), price, -np.inf).max(axis=1, initial=-np.inf))


def kept_between(groups: Lines, of: Ints, ways: Lines, slack: float) -> tuple[Floats, Floats]:
    """Least and largest price at which each group costs no more than its members by themselves, and ``slack``.

    Parameters
    ----------
    groups : (s,) one line each; at price 1 each is kept
    of : (n,) group of a member, -1 without any
    ways : (n, k) lines of a member by itself, of which it takes the cheapest

    What is kept is an interval, for the cheapest of lines is concave: Newton's method comes to its ends from outside, never
    passes them and stops there. 0 and infinity where there is no end.
    """
    has = of >= 0
    of, ways = of[has], Lines(ways.fixed[has], ways.slope[has])

    def spare(price: Floats) -> Lines:
        """Tangent of what is spared by the group at a price for each; at infinity by slopes first."""
        at = price[of]
        value = ways.at(np.where(np.isfinite(at), at, 0.0)[:, None])
        slope = np.where(np.isfinite(ways.fixed), ways.slope, np.inf)
        best = np.where(np.isfinite(at), value.argmin(axis=1), np.lexsort((value, slope), axis=1)[:, 0])
        row = np.arange(len(of))
        count = len(groups.fixed)
        fixed = np.bincount(of, ways.fixed[row, best], minlength=count) + slack - groups.fixed
        return Lines(fixed, np.bincount(of, ways.slope[row, best], minlength=count) - groups.slope)

    return _root(spare, np.zeros(len(groups.fixed)), 1.0), _root(spare, np.full(len(groups.fixed), np.inf), -1.0)


def _root(spare: Callable[[Floats], Lines], price: Floats, rising: float) -> Floats:
    """Where a concave function leaves the negative, coming from ``price``; that price itself where it is not negative there."""
    for _ in range(_MOST_STEPS):
        line = spare(price)
        is_far = ~np.isfinite(price)
        value = np.where(is_far, line.slope, line.at(np.where(is_far, 0.0, price)))
        moves = (value < 0.0) & (line.slope * rising > 0.0)
        after = np.where(moves, -line.fixed / np.where(moves, line.slope, 1.0), price)
        is_new = moves & (is_far | (np.abs(after - np.where(is_far, 0.0, price)) > 1e-12 * np.abs(after)))
        if not is_new.any():
            return price
        price = np.where(is_new, after, price)
    return price
