"""When each pipe of a network that drains to outlets is given up at least cost: exact, and what every year costs.

A pipe may be given up in no later year than the one it drains to, or never. With f(v, t) the least cost of v and all upstream
where v is given up in year t, and M(u, t) the least of f(u, s) over s <= t,

    f(v, t) = cost(v, t) + sum over the pipes u that drain to v of M(u, t)

A pipe that only passes on what others bring is given up with the last of them, so that one of these pays f(u, t), not M(u, t):
the one for which that is least more. So the levels of the forest, from the leaves down, give the optimum in n T steps, and from
the outlets up its years.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sewerzone.engineering.economics import annuity_factor
from sewerzone.engineering.levels import from_roots

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SLACK = 1e-12
"""Costs that differ by this share of them are the same: sums round, and of equal years the later one counts."""


class Turned(NamedTuple):
    """Of every pipe (n,): its year (T: never), and the least cost of it and all upstream kept for good, and given up."""

    year: Ints
    keep: Floats
    turn: Floats


def best_years(
    down: Ints, cost: Floats, must_stay: Bools, follows: Bools, passes_on: Bools, is_small: Bools
) -> Turned:  # fmt: skip
    """The years that cost least in all.

    Parameters
    ----------
    down : (n,) pipe that each drains to, -1 at outlets
    cost : (n, T + 1) of each pipe given up in year 0 to T - 1, and in the last column never
    must_stay : (n,) pipes that are never given up, nor any downstream
    follows : (n,) pipes that are given up with the one they drain to, and with all upstream of them
    passes_on : (n,) pipes that are given up with the last of those that drain to them and do not follow; others than the former
    is_small : (n,) pipes that are given up only where the one they drain to is given up too
    """
    best, never = cost.copy(), cost.shape[1] - 1
    best[must_stay, :never] = np.inf
    more = np.full(cost.shape, np.inf)  # at least, for one of the pipes upstream to be the last
    levels = from_roots(down)
    for rows in levels[::-1]:
        best[rows] += np.where(passes_on[rows, None], more[rows], 0.0)
        least = np.where(follows[rows, None], best[rows], np.minimum.accumulate(best[rows], axis=1))
        least[is_small[rows], never] = best[rows[is_small[rows]], never]
        np.add.at(best, down[rows], least)
        np.minimum.at(more, down[rows], _more(best[rows], least, follows[rows]))
    roots = np.flatnonzero(down < 0)
    best[roots] += np.where(passes_on[roots, None], more[roots], 0.0)
    year = np.full(len(down), -1, np.int64)
    for rows in (roots, *levels):
        latest = np.where(down[rows] < 0, never, year[down[rows]])
        first = np.where(is_small[rows] & (latest == never), never, 0)[:, None]
        column = np.arange(never + 1)
        allowed = np.where((column >= first) & (column <= latest[:, None]), best[rows], np.inf)
        least = allowed.min(axis=1, initial=np.inf)
        is_best = allowed <= (least + SLACK * np.abs(least))[:, None]
        own = best[rows, latest]
        is_last = _last(down[rows], _more(own, least, follows[rows]), passes_on)
        year[rows] = np.where(follows[rows] | is_last, latest, never - np.argmax(is_best[:, ::-1], axis=1))
    return Turned(year, best[:, never], best[:, :never].min(axis=1, initial=np.inf))


def _more(own: Floats, least: Floats, follows: Bools) -> Floats:
    """What it costs more to be given up in a year than in the best until then; infinite for those that follow."""
    out = np.full(own.shape, np.inf)
    np.subtract(own, least, out=out, where=np.isfinite(own))
    out[follows] = np.inf
    return out


def _last(down: Ints, more: Floats, passes_on: Bools) -> Bools:
    """Of the pipes that drain to one that passes on, the one that is given up with it."""
    some = np.flatnonzero((down >= 0) & passes_on[np.maximum(down, 0)])
    order = some[np.lexsort((some, more[some], down[some]))]
    out = np.zeros(len(down), np.bool_)
    out[order[np.unique(down[order], return_index=True)[1]]] = True
    return out


class Years(NamedTuple):
    """A study of so many years to turn in, costs counted over a horizon, present values at a rate."""

    turning: int
    horizon: int
    rate: float

    @property
    def ends(self) -> Ints:
        """Years for which a pipe serves, if it is given up in year 0 to T - 1 or, in the last place, never (T + 1,)."""
        return np.append(np.arange(self.turning), self.horizon)

    @property
    def yearly(self) -> Floats:
        """Present value of one yen at the end of every year (horizon,)."""
        return np.asarray((1.0 + self.rate) ** -np.arange(1.0, self.horizon + 1.0))

    @property
    def begun(self) -> Floats:
        """Present value of one yen at the beginning of the year of turning, 0 where there is none (T + 1,)."""
        return np.append((1.0 + self.rate) ** -np.arange(float(self.turning)), 0.0)


def until(years: Years, path: Floats) -> Floats:
    """Present value of one yen a year times ``path`` (k, horizon) until a pipe is given up (k, T + 1)."""
    spent = np.cumsum(np.pad(path * years.yearly, ((0, 0), (1, 0))), axis=1)
    return np.asarray(spent[:, years.ends])


def after(years: Years, path: Floats) -> Floats:
    """The same from then on (k, T + 1)."""
    whole = until(years, path)
    return np.asarray(whole[:, -1:] - whole)


def renewals(years: Years, life_yr: float) -> Floats:
    """Present value of renewing one yen of pipe due in year d, if it is given up in a year: (horizon + 1, T + 1).

    Renewed once it is due and every life after, as long as it serves; each time charged by the year over its life, so that
    what is not used up at the horizon is not charged, and what is renewed is paid though it be given up soon after.
    """
    charged = np.concatenate([[0.0], np.cumsum(annuity_factor(years.rate, life_yr) * years.yearly)])
    out = np.zeros((years.horizon + 1, len(years.ends)))
    due = np.arange(years.horizon + 1)
    for k in range(int(years.horizon / max(life_yr, 1.0)) + 1):
        begin = np.minimum(due + int(k * life_yr), years.horizon)
        end = np.minimum(due + int((k + 1) * life_yr), years.horizon)
        out += np.where(begin[:, None] < years.ends[None, :], (charged[end] - charged[begin])[:, None], 0.0)
    return out


def installations(years: Years, path: Floats, life_yr: float) -> Floats:
    """Present value of one yen of tanks installed when a pipe is given up, for as many as ``path`` (k, horizon) then says.

    Renewed after every life for those then there; charged by the year (k, T + 1).
    """
    factor = annuity_factor(years.rate, life_yr)
    out = np.zeros((len(path), years.turning + 1))
    for year in range(years.turning):
        past = np.arange(years.horizon - year)
        built = year + np.floor(np.floor(past / life_yr) * life_yr).astype(np.int64)
        out[:, year] = factor * (path[:, built] @ years.yearly[year:])
    return out


def at_turning(years: Years, path: Floats) -> Floats:
    """Present value of one yen paid when a pipe is given up, times ``path`` (k, horizon) of that year (k, T + 1)."""
    return np.asarray(np.pad(path[:, : years.turning], ((0, 0), (0, 1))) * years.begun)
