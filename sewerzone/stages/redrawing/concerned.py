"""The households that a redrawing concerns."""

from __future__ import annotations

import pandas as pd

from sewerzone.tables.redrawing import CONCERNED, MOVED


def concerned(buildings: pd.DataFrame) -> pd.DataFrame:
    """The table CONCERNED of the table REDRAWN_BUILDINGS: houses that move, by district; those in none come last."""
    out: pd.DataFrame = CONCERNED.conform(pd.DataFrame(buildings[buildings["change"].isin(MOVED)]))
    last = out["district_id"].isna()
    order = out.assign(last=last).sort_values(["last", "district_id", "change", "building_id"], kind="stable").index
    return out.loc[order].reset_index(drop=True)
