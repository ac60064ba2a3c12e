"""Which verdicts hang by a thread."""

from __future__ import annotations

import pandas as pd

CLOSE_BELOW = 0.1
"""A unit whose margin is below this share of the cost of its verdict is a close call."""


def close_calls(units: pd.DataFrame) -> pd.Series[bool]:
    """Units whose verdict hangs by a thread: a thin margin, or another verdict under the other set of lives."""
    thin = units["margin_share"].abs() < CLOSE_BELOW
    return thin | (units["alone_treatment"] != units["other_lives_treatment"])
