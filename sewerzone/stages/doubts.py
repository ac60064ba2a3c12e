"""Which verdicts hang by a thread."""

from __future__ import annotations

import pandas as pd

CLOSE_BELOW = 0.1
"""A unit whose margin is below this share of the cost of its verdict is a close call."""


def close_calls(units: pd.DataFrame, sureness: pd.DataFrame) -> pd.Series[bool]:
    """Units whose verdict hangs by a thread: a thin margin, another verdict under the other set of lives, or in samples.

    ``sureness`` is the table ROBUSTNESS, which may be empty.
    """
    contested = sureness.loc[(sureness["sureness"] == "contested").fillna(False).astype(bool), "unit_id"]
    thin = units["margin_share"].abs() < CLOSE_BELOW
    return thin | (units["alone_treatment"] != units["other_lives_treatment"]) | units["unit_id"].isin(contested)
