"""Costs year by year as people become fewer: pure functions on arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sewerzone.engineering.economics import annuity_factor

Floats = NDArray[np.float64]


def paths(rates: Floats, years: int) -> Floats:
    """What is left of 1 in every year at yearly rates (n,): (n, years), 1 in the first."""
    out: Floats = (1.0 + rates)[:, None] ** np.arange(years)
    return out


def continued(rates: Floats, years: int, known: Floats | None) -> Floats:
    """What is left of 1 in every year (n, years): as the ``known`` numbers (n, first years) say, then at the rates.

    Where these begin with nobody the rates say all of it.
    """
    if known is None:
        return paths(rates, years)
    first = known[:, :1]
    seen = np.divide(known[:, :years], first, out=np.ones_like(known[:, :years]), where=first > 0.0)
    seen = np.where(first > 0.0, seen, paths(rates, seen.shape[1]))
    return np.hstack([seen, seen[:, -1:] * paths(rates, years - seen.shape[1] + 1)[:, 1:]])


def charges(rate: float, life_yr: float, path: Floats, is_sized: bool) -> Floats:
    """Yearly charge of one yen of capital (n, years): its annuity, renewed at the end of each life.

    What is sized by need is renewed for the need of that year; what was built first serves its life as built.

    Parameters
    ----------
    path : (n, years) need over that of the first year
    is_sized : whether renewals follow it
    """
    factor = annuity_factor(rate, life_yr)
    if not is_sized:
        return np.full(path.shape, factor)
    year = np.arange(path.shape[1])
    begun = np.ceil(np.floor(year / life_yr) * life_yr).astype(np.int64)  # a life of 32.5 years ends within its 33rd
    return np.asarray(factor * path[:, begun])


def discounts(rate: float, years: int) -> Floats:
    """Present value of one yen at the end of every year (years,)."""
    return np.asarray((1.0 + rate) ** -np.arange(1.0, years + 1.0))


def turning(first: Floats, second: Floats, years: Floats) -> Floats:
    """First year, from 1 and within ``years`` (n,), in which the cheaper of two yearly costs (n, t) is not that of the first
    year; NaN where there is none."""
    is_first = first <= second
    turned = (is_first != is_first[:, :1]) & (np.arange(first.shape[1]) < years[:, None])
    return np.where(turned.any(axis=1), turned.argmax(axis=1) + 1.0, np.nan)
