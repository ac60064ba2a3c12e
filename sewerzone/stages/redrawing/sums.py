"""Sums of a redrawing: in total, by district and in none; and its effect in 1, 20 and 50 years."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sewerzone.stages.redrawing.houses import FIGURES
from sewerzone.tables.redrawing import CHANGES, REDRAWING, REDRAWING_EFFECT

YEARS = (20, 50)
"""Over which yearly savings are added up, as the Fuji plan prints them (2018, effect of the redrawing)."""
_KEYS = ["district_id", "change"]
_FIGURES = [f"{when}_{name}" for name in FIGURES for when in ("old", "new")]


def summary(areas: pd.DataFrame, units: pd.DataFrame, houses: pd.DataFrame, districts: pd.DataFrame, rest: Any) -> Any:
    """The table of what stays and moves; ``rest`` (old and new, 3 figures) belongs to no building and to no district."""
    plain = [
        pd.DataFrame(frame).assign(district_id=frame["district_id"].fillna(-1).astype("int64"))
        for frame in (areas, units, houses)
    ]
    parts: list[Any] = [
        plain[0].groupby(_KEYS)["area_ha"].sum(),
        plain[1].groupby(_KEYS).size().rename("units"),
        plain[2].groupby(_KEYS).size().rename("buildings"),
        plain[2].groupby(_KEYS)[["dwellings", "people", *_FIGURES]].sum(),
    ]
    cells = pd.concat(parts, axis=1)
    other = pd.Series(np.asarray(rest).T.ravel(), index=_FIGURES)
    if (other != 0.0).any():
        cells = cells.reindex(cells.index.union(pd.MultiIndex.from_tuples([(-1, "nobody")], names=_KEYS)))
        cells.loc[(-1, "nobody"), _FIGURES] = cells.loc[(-1, "nobody"), _FIGURES].fillna(0.0).to_numpy(float) + other.to_numpy()
    cells = cells.fillna(0.0).reset_index()
    total = cells.drop(columns="district_id").groupby("change").sum().reset_index().assign(district_id=-1, scope="total")
    cells["scope"] = np.where(cells["district_id"] < 0, "no_district", "district")
    total = total.set_index("change").reindex([*CHANGES, *(["split"] if "split" in set(total["change"]) else [])]).reset_index()
    total = total.assign(district_id=-1, scope="total").fillna(0.0)
    out = pd.concat([total, cells], ignore_index=True)
    rank = {name: k for k, name in enumerate((*CHANGES, "split"))}
    scopes = {"total": 0, "district": 1, "no_district": 2}
    out = out.assign(at=out["scope"].map(scopes), rank=out["change"].map(rank))
    out = out.sort_values(["at", "district_id", "rank"], kind="stable", ignore_index=True)
    for column, source in (("district", "name"), ("district_code", "code")):
        told = out["district_id"].map(called(districts)[source]).astype(object)
        out[column] = told.where(told.notna(), None)
    out["district_id"] = out["district_id"].astype("Int64").mask(out["district_id"] < 0)
    out["saving_yen_per_yr"] = out["old_yen_per_yr"] - out["new_yen_per_yr"]
    return REDRAWING.conform(out.assign(row_id=np.arange(len(out))).astype({"units": "int64", "buildings": "int64"}))


def called(districts: pd.DataFrame) -> pd.DataFrame:
    """``name`` and ``code`` of districts by number; the code is the name of what has none."""
    told = pd.DataFrame(districts).set_index("district_id")[["name", "code"]].astype(object)
    return told.assign(name=told["name"].where(told["name"].notna(), told["code"]))


def effects(listed: pd.DataFrame, houses: pd.DataFrame) -> Any:
    """The table of the effect: a row for every scope of :func:`summary`; savings are the year's times the years."""
    key = ["scope", "district_id"]
    rows = listed.assign(district_id=listed["district_id"].fillna(-1).astype("int64"))
    out = rows.groupby(key)[_FIGURES].sum()
    for figure, source, changes in (
        ("old_area_ha", "area_ha", ("stays_sewer", "sewer_to_johkasou", "nobody")),
        ("new_area_ha", "area_ha", ("stays_sewer", "johkasou_to_sewer", "nobody")),
        ("empty_area_ha", "area_ha", ("nobody",)),
        ("old_dwellings", "dwellings", ("stays_sewer", "sewer_to_johkasou")),
        ("new_dwellings", "dwellings", ("stays_sewer", "johkasou_to_sewer")),
        ("old_people", "people", ("stays_sewer", "sewer_to_johkasou")),
        ("new_people", "people", ("stays_sewer", "johkasou_to_sewer")),
    ):
        out[figure] = rows[rows["change"].isin(changes)].groupby(key)[source].sum().reindex(out.index).fillna(0.0)
    served = _served(houses, out.index)
    for name in ("dwellings", "people"):  # of those not sewered today
        for when in ("old", "new"):
            out[f"{when}_unserved_{name}"] = (out[f"{when}_{name}"] - served[name]).clip(lower=0.0)
        out[f"moved_{name}"] = out[f"new_unserved_{name}"] - out[f"old_unserved_{name}"]
    out["moved_area_ha"] = out["new_area_ha"] - out["old_area_ha"]
    out["saving_yen_per_yr"] = out["old_yen_per_yr"] - out["new_yen_per_yr"]
    out = out.assign(**{f"saving_{years}_yr_yen": out["saving_yen_per_yr"] * years for years in YEARS})
    first = rows.drop_duplicates(key).set_index(key)
    out = out.reindex(first.index)
    out[["district", "district_code"]] = first[["district", "district_code"]]
    out = out.reset_index()
    out["district_id"] = out["district_id"].astype("Int64").mask(out["district_id"] < 0)
    return REDRAWING_EFFECT.conform(out.assign(row_id=np.arange(len(out))))


def _served(houses: pd.DataFrame, index: pd.Index[Any]) -> pd.DataFrame:
    """Dwellings and people sewered today, by scope."""
    served = pd.DataFrame(houses[houses["treatment"] == "served"])
    number = served["district_id"].fillna(-1).astype("int64")
    by: Any = served.groupby(number)[["dwellings", "people"]].sum()
    by.index = pd.MultiIndex.from_arrays([np.where(by.index < 0, "no_district", "district"), by.index], names=index.names)
    by.loc[("total", -1), :] = served[["dwellings", "people"]].sum()
    out: pd.DataFrame = by.reindex(index).fillna(0.0)
    return out
