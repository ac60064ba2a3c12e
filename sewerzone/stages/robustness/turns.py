"""Which break-even prices are told, and how each was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np

from sewerzone.engineering.forest import Bools, Floats

Price = Literal["sewer", "johkasou", "treatment"]
GROUPS: tuple[Price, ...] = get_args(Price)
"""Prices whose break-even is looked for."""


class Verified(NamedTuple):
    """(u,) factors on each price at which verdicts turn when the whole study is decided again; NaN: not from low to high."""

    turns: Mapping[Price, Floats]
    low: float
    high: float


class Told(NamedTuple):
    """(u,) factors on a price, NaN where none is told, and how they were found, as in the table ``ROBUSTNESS``."""

    share: Floats
    basis: list[str | None]


def told(designed: Floats, verified: Verified | None, price: Price, agrees: Bools) -> Told:
    """Factors by whole decisions where these were made, elsewhere those by the networks designed if that model ``agrees``."""
    known = np.where(agrees, designed, np.nan)
    again = np.full(len(known), np.nan) if verified is None else verified.turns[price]
    is_within = np.zeros(len(known), bool) if verified is None else (known >= verified.low) & (known <= verified.high)
    is_again, is_designed = np.isfinite(again), np.isfinite(known)
    basis = np.where(
        is_again, "decided_again", np.where(is_within, "not_confirmed", np.where(is_designed, "networks_designed", ""))
    )
    share = np.where(is_again, again, np.where(is_within, np.nan, known))
    return Told(share, [str(name) or None for name in basis])
