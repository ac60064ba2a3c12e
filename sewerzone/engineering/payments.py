"""Sharing costs among payers to the yen, and bonds with interest and redemption: pure functions on numbers and arrays."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sewerzone.engineering.economics import annuity_factor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
THOUSAND = 1000


class Part(NamedTuple):
    """What one payer bears: a share, rounded to whole thousands of yen, or (``share`` None) a fixed amount of yen."""

    share: Fraction | None
    yen: int
    rounding: str


def in_thousands(yen: Ints, share: Fraction, rounding: str) -> Ints:
    """A share of whole yen in whole thousands, exactly: down, up, or to the nearest (a half upwards).

    >>> in_thousands(np.array([1_026_000]), Fraction(3, 40), "down").tolist()
    [76000]
    """
    above, below = yen * share.numerator, share.denominator * THOUSAND
    if rounding == "nearest":
        return (2 * above + below) // (2 * below) * THOUSAND
    return (-(-above // below) if rounding == "up" else above // below) * THOUSAND


def split(yen: Ints, parts: Sequence[Part]) -> Ints:
    """Amounts (n,) divided among the parts in their order, each at most what is left; the last column takes the remainder.

    Returns
    -------
    (n, parts + 1) not negative; every row sums to its amount exactly
    """
    out = np.zeros((len(yen), len(parts) + 1), np.int64)
    left = yen.copy()
    for k, part in enumerate(parts):
        wanted = np.full(len(yen), part.yen, np.int64) if part.share is None else in_thousands(yen, part.share, part.rounding)
        out[:, k] = np.minimum(wanted, left)
        left -= out[:, k]
    out[:, -1] = left
    return out


class Service(NamedTuple):
    """Bonds by year (years,), yen: interest and redemption paid, debt at the end of the year."""

    interest: Floats
    redemption: Floats
    debt: Floats


def redemption_plan(rate: float, life_yr: int, grace_yr: int) -> Floats:
    """Redemption of one yen in every year of a bond (life_yr,): none in the years of grace, then equal yearly amounts
    of interest and redemption together (元利均等); it sums to 1."""
    paying = life_yr - grace_yr
    first = annuity_factor(rate, paying) - rate
    return np.concatenate([np.zeros(grace_yr), first * (1.0 + rate) ** np.arange(paying)])


def service(issued: Floats, rate: float, life_yr: int, grace_yr: int) -> Service:
    """What bonds issued in every year cost until the last of these years; payments begin the year after the issue."""
    plan = redemption_plan(rate, life_yr, grace_yr)
    years = len(issued)
    paid = np.concatenate([[0.0], np.convolve(issued, plan)])[:years]
    debt = np.cumsum(issued) - np.cumsum(paid)
    before = np.concatenate([[0.0], debt[:-1]])
    return Service(rate * before, paid, debt)
