"""Forecast by shares: what part of a total each district will have, and whole numbers that sum to it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_CORRELATION = 0.9
"""Below it (either sign) a district's share is taken to have no trend (sewer plan of Fuji City, chapter 6)."""
_CONSTANT = 1e-12
"""Shares that vary by less than this part of themselves do not vary: what remains is rounding."""


class Shares(NamedTuple):
    """Each district's share of the total, and where it comes from; all (n,)."""

    last: Floats
    """In the last year observed."""
    slope_per_yr: Floats
    """Of the least-squares line of share on year."""
    correlation: Floats
    """Of share and year; NaN where the share does not vary."""
    is_trend: Bools
    """Whether the line's value was taken rather than the last share."""
    unscaled: Floats
    """The line's value in the target year (not below 0), or the last share."""
    share: Floats
    """The same, scaled to sum to 1."""


def shares(years: Floats, figures: Floats, target_year: float, least_correlation: float = LEAST_CORRELATION) -> Shares:
    """Shares in the target year by regression of each district's share on the year.

    Where share and year correlate by at least ``least_correlation`` (absolute value), the least-squares line is drawn on to
    the target year, else the last share stays; then all are scaled to sum to 1. A line that falls below 0 counts as 0.

    Parameters
    ----------
    years : (m,) rising, m >= 2
    figures : (n, m) people or households of each district in each year; every year's sum positive
    target_year : year of the forecast

    Returns
    -------
    Shares
        ``share`` is NaN throughout where all lines taken fall to 0 and no other district has anybody.
    """
    share = figures / figures.sum(axis=0)
    middle_year, middle = years.mean(), share.mean(axis=1)
    t, d = years - middle_year, share - middle[:, None]
    varies = np.abs(d).max(axis=1) > _CONSTANT * middle
    spread_t, spread_d = np.sqrt((t * t).sum()), np.sqrt((d * d).sum(axis=1))
    product = (d * t).sum(axis=1)  # row by row, so that no district's figures depend on its neighbours
    slope = np.where(varies, product / (spread_t * spread_t), 0.0)
    correlation = np.full(len(share), np.nan)
    correlation[varies] = np.clip(product[varies] / (spread_t * spread_d[varies]), -1.0, 1.0)
    is_trend = np.abs(np.nan_to_num(correlation)) >= least_correlation
    line = np.maximum(middle + slope * (target_year - middle_year), 0.0)
    unscaled = np.where(is_trend, line, share[:, -1])
    whole = unscaled.sum()
    scaled = unscaled / whole if whole > 0 else np.full(len(share), np.nan)
    return Shares(share[:, -1], slope, correlation, is_trend, unscaled, scaled)


def shares_by_year(years: Floats, figures: Floats, wanted: Floats) -> Floats:
    """Shares (n, m) in the years ``wanted`` (m,): up to the last observed one as observed, on straight lines between; later
    by :func:`shares`, or as last observed where all lines fall to nothing."""
    share = figures / figures.sum(axis=0)
    out = np.empty((len(figures), len(wanted)))
    for k, year in enumerate(wanted.tolist()):
        if year <= years[-1]:
            out[:, k] = [np.interp(year, years, row) for row in share]
        else:
            later = shares(years, figures, year).share
            out[:, k] = share[:, -1] if np.isnan(later).any() else later
    return out


def whole_numbers(total: int, share: Floats) -> Ints:
    """Whole numbers in proportion to shares that sum to the total (largest remainders; the first of equals).

    Parameters
    ----------
    total : not negative
    share : (n,) not negative, summing to 1

    Returns
    -------
    (n,) each less than 1 away from ``total * share``
    """
    wanted = total * share
    out = np.floor(wanted).astype(np.int64)
    order = np.argsort(-(wanted - out), kind="stable")
    out[order[: total - int(out.sum())]] += 1
    return out
