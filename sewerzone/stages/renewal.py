"""Renewal outlook (改築需要見通し): what stands and what is planned, when it falls due, what levels it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sewerzone.config import Renewal
from sewerzone.engineering import renewing
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.tables import RENEWAL, RENEWAL_STOCK, RENEWAL_SUMS, RENEWAL_URGENCY
from sewerzone.tables.ageing import ASSETS, URGENCIES

STOCK_KEYS = [
    "asset", "installed_year", "status", "urgency", "quantity_unit", "statutory_life_yr", "target_life_yr",
    "statutory_due_year", "target_due_year", "mark", "source",
]  # fmt: skip
SOON_YR, LATER_YR = 5, 10
"""Within which sewers of each class of urgency are counted."""


class Assumed(NamedTuple):
    """Years of installation (n,) with those unknown filled in, and which were (n,)."""

    year: Ints
    is_assumed: Any


def assumed_years(installed: pd.Series[Any], weight: Floats, given: int | None, first_year: int) -> Assumed:
    """Years of installation; where unknown the ``given`` one, else the median of those known by weight, else the first year."""
    unknown = installed.isna().to_numpy(bool)
    year = installed.fillna(0).to_numpy(np.int64)
    known = np.flatnonzero(~unknown & (weight > 0.0))
    if given is None and len(known):
        order = known[np.argsort(year[known], kind="stable")]
        half = np.searchsorted(np.cumsum(weight[order]), 0.5 * weight[order].sum())
        given = int(year[order[min(int(half), len(order) - 1)]])
    return Assumed(np.where(unknown, first_year if given is None else given, year), unknown)


def due_years(assets: pd.DataFrame, settings: Renewal, first_year: int) -> pd.DataFrame:
    """The assets with the fiscal years in which they are due at the statutory and at the target life, or by their urgency.

    ``assets`` : installed_year, statutory_life_yr, target_life_yr, urgency, inspected_year (float, NaN where not inspected).
    What was due before the first year is due in it.
    """
    year = assets["installed_year"].to_numpy(np.int64)
    statutory, target = (
        year + np.floor(assets[name].to_numpy(float)).astype(np.int64) for name in ("statutory_life_yr", "target_life_yr")
    )
    urgency = assets["urgency"].to_numpy(object)
    seen = assets["inspected_year"].fillna(0.0).to_numpy(float)
    soon, later = (np.floor(seen + years).astype(np.int64) for years in settings.urgency_yr)
    target = np.where(urgency == "I", soon, np.where(urgency == "II", later, target))
    target = np.where(urgency == "III", np.maximum(target, later), target)
    return assets.assign(statutory_due_year=np.maximum(statutory, first_year), target_due_year=np.maximum(target, first_year))


def outlook(assets: pd.DataFrame, settings: Renewal, first_year: int) -> dict[str, pd.DataFrame]:
    """The tables RENEWAL_STOCK, RENEWAL and RENEWAL_SUMS.

    Parameters
    ----------
    assets : as ``due_years`` returns them, with asset, status, quantity, quantity_unit, replacement_yen, mark and source
    settings : years of the outlook, and how long works may be drawn forward and put off
    first_year : of the outlook
    """
    years, window = settings.years, renewing.Window(settings.early_yr, settings.late_yr)
    amount = assets["replacement_yen"].to_numpy(float)
    kind = assets["asset"].to_numpy(object)
    is_assumed = (assets["status"] == "assumed_year").to_numpy(bool)
    yearly: dict[str, Floats] = {}
    for name in ("statutory", "target"):
        begin = assets[f"{name}_due_year"].to_numpy(np.int64) - first_year
        life = assets[f"{name}_life_yr"].to_numpy(float)
        for asset in ASSETS:
            some = kind == asset
            yearly[f"{name} {asset}"] = renewing.dues(begin[some], life[some], amount[some], years + window.early_yr)
            if name == "target":
                some = some & is_assumed
                yearly[f"assumed {asset}"] = renewing.dues(begin[some], life[some], amount[some], years + window.early_yr)
    due = np.asarray(sum(yearly[f"target {asset}"] for asset in ASSETS))
    rate = renewing.least_rate(due, years, window)
    done = renewing.levelled(due, years, window)
    frames = [
        pd.DataFrame(
            {
                "year": first_year + np.arange(years),
                "asset": asset,
                "statutory_yen": yearly[f"statutory {asset}"][:years],
                "target_yen": yearly[f"target {asset}"][:years],
                "levelled_yen": renewing.parts_of(done, due, yearly[f"target {asset}"]),
                "assumed_yen": renewing.parts_of(done, due, yearly[f"assumed {asset}"]),
            }
        )
        for asset in ASSETS
        if (kind == asset).any()
    ]
    table = RENEWAL.conform(pd.concat(frames)) if frames else RENEWAL.empty()
    return {
        "renewal_stock": _stock(assets),
        "renewal": table,
        "renewal_sums": _sums(assets, table, rate, first_year),
    }


def _stock(assets: pd.DataFrame) -> pd.DataFrame:
    """Assets alike as one row."""
    grouped = assets.groupby(STOCK_KEYS, dropna=False, sort=True)[["quantity", "replacement_yen"]].sum().reset_index()
    grouped["asset"] = pd.Categorical(grouped["asset"], ASSETS)
    grouped = grouped.sort_values(STOCK_KEYS, kind="stable", ignore_index=True).astype({"asset": object})
    grouped["urgency"] = grouped["urgency"].astype(object).where(grouped["urgency"].notna(), None)
    out: pd.DataFrame = RENEWAL_STOCK.conform(grouped.assign(stock_id=np.arange(len(grouped))))
    return out


def _sums(assets: pd.DataFrame, yearly: pd.DataFrame, rate: float, first_year: int) -> pd.DataFrame:
    standing = assets[assets["status"] != "planned"]
    rows: list[dict[str, Any]] = []
    for asset in (*ASSETS, None):
        here, of_year = (frame if asset is None else frame[frame["asset"] == asset] for frame in (standing, yearly))
        every = assets if asset is None else assets[assets["asset"] == asset]
        if not len(every):
            continue
        is_due = here["target_due_year"] <= first_year
        rows.append(
            {
                "row": len(rows), "asset": asset or "all", "replacement_yen": here["replacement_yen"].sum(),
                "unknown_yen": here.loc[here["status"] == "assumed_year", "replacement_yen"].sum(),
                "overdue_yen": here.loc[is_due, "replacement_yen"].sum(),
                **{name: of_year[name].sum() for name in ("statutory_yen", "target_yen", "levelled_yen")},
                "levelled_yen_per_yr": rate if asset is None else np.nan,
                "mark": max(every["mark"], key="PSU".index),
            }
        )  # fmt: skip
    out: pd.DataFrame = RENEWAL_SUMS.conform(pd.DataFrame(rows, columns=RENEWAL_SUMS.names)) if rows else RENEWAL_SUMS.empty()
    return out


def urgencies(pipes: pd.DataFrame, first_year: int) -> pd.DataFrame:
    """The table RENEWAL_URGENCY of existing sewers; empty where none was inspected."""
    if not pipes["urgency"].notna().any():
        none: pd.DataFrame = RENEWAL_URGENCY.empty()
        return none
    rows: list[dict[str, Any]] = []
    for urgency in (*URGENCIES, None):
        here = pipes[pipes["urgency"].isna() if urgency is None else pipes["urgency"] == urgency]
        if not len(here):
            continue
        due, metres = here["target_due_year"], here["quantity"]
        rows.append(
            {
                "row": len(rows), "urgency": urgency or "not_inspected", "sewers": len(here), "sewer_m": metres.sum(),
                "replacement_yen": here["replacement_yen"].sum(), "first_year": due.min(), "last_year": due.max(),
                "due_5_m": metres[due < first_year + SOON_YR].sum(), "due_10_m": metres[due < first_year + LATER_YR].sum(),
            }
        )  # fmt: skip
    out: pd.DataFrame = RENEWAL_URGENCY.conform(pd.DataFrame(rows, columns=RENEWAL_URGENCY.names))
    return out
