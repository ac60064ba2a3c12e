"""Districts with the people (and households) of a forecast, as ``sewerzone forecast`` writes it: joined by name or code."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone.errors import ConfigError, DataError, first_ids, problem, raise_all
from sewerzone.io.history import COUNT_NAMES, DISTRICT_NAMES, column_called, csv_rows
from sewerzone.io.vector import locate
from sewerzone.noted import Note

KEY = "inputs.forecast"
CODE_NAMES = ("code", "key_code", "コード", "町丁目コード")
_FIGURES = {"people": COUNT_NAMES["people"], "dwellings": COUNT_NAMES["households"]}


def with_forecast(
    districts: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, text: str, base: Path, is_part: bool = False
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The districts with the figures of a forecast in the place of their own; and notes.

    Rows are joined by ``code`` where both have one, else by ``name`` (blanks at the ends and the width of letters do not
    matter). Every row of either side must find the other: what did not would be lost, or stay of another year.

    Parameters
    ----------
    districts : the layer as read; not touched
    buildings : to refuse a forecast that their own column of people would outdo; None where they could not be read
    text : path of the CSV, relative to ``base``
    is_part : whether the districts are those of one municipality of many; rows of the others are then left out, with a note

    Raises
    ------
    ConfigError, DataError
        The CSV is not there or no such table; names or codes that do not match, listed for each side; figures that are none.
    """
    path = locate(text, base, KEY)
    table = _table(path)
    by = "code" if "code" in table and "code" in districts and districts["code"].notna().any() else "name"
    if by not in table or by not in districts:
        raise DataError(
            problem(
                f"{KEY}: {path.name} has the columns {', '.join(map(str, table))}, the districts "
                f"{', '.join(map(str, districts.columns))}",
                "nothing tells which row is of which district",
                "give both a column name (districts: columns = {name = ...}), or code",
            )
        )
    key = districts[by].map(_plain)
    notes: list[str] = []
    if is_part and not (ours := table[by].isin(set(key.dropna()))).all():
        others = table["people"][~ours]
        notes.append(Note("forecast_elsewhere", key=KEY, rows=len(others), file=path.name, people=others.sum()))
        table = table[ours]
    raise_all(_problems(path, table, key, districts, by))
    if buildings is not None and "people" in buildings and buildings["people"].notna().any():
        raise ConfigError(
            problem(
                f"{KEY}: the buildings have people of their own, which go before those of districts",
                "the forecast would have no effect",
                "take the column out of inputs.buildings, or leave the forecast out",
            )
        )
    wanted = table.set_index(by)
    out = districts.copy()
    for figure in _FIGURES:
        if figure in table:
            out[figure] = key.map(wanted[figure]).astype(float)
            told = {"figure": figure, "total": wanted[figure].sum(), "file": path.name, "by": by}
            before = _sum_before(districts, figure, key)
            none = before is None
            notes.append(Note("forecast_joined", **told) if none else Note("forecast_joined_before", **told, before=before))
        elif figure in districts:
            notes.append(Note("forecast_has_none", figure=figure, file=path.name))
    return out, notes


def _sum_before(districts: gpd.GeoDataFrame, figure: str, key: pd.Series) -> float | None:
    """What the layer itself has; parts of one district hold its figure once."""
    if figure not in districts or districts[figure].isna().all():
        return None
    return float(pd.to_numeric(districts[figure], errors="coerce").groupby(key).max().sum())


def _table(path: Path) -> pd.DataFrame:
    """``name`` and / or ``code``, ``people`` and maybe ``dwellings``, as numbers."""
    header, rows = csv_rows(path)
    at = {"name": column_called(header, DISTRICT_NAMES), "code": column_called(header, CODE_NAMES)}
    at |= {figure: column_called(header, names) for figure, names in _FIGURES.items()}
    if at["people"] is None or (at["name"] is None and at["code"] is None):
        raise DataError(
            problem(
                f"{KEY}: the columns of {path} are {', '.join(header) or 'none'}",
                "people of districts are needed",
                "give a CSV with name (or code) and people, such as sewerzone forecast writes",
            )
        )
    table = pd.DataFrame({n: [row[k] for row in rows] for n, k in at.items() if k is not None}, dtype=object)
    wrong = []
    for figure in _FIGURES:
        if figure in table:
            number = pd.to_numeric(table[figure].str.replace(",", ""), errors="coerce")
            bad = ~(np.isfinite(number) & (number >= 0)).to_numpy(bool)
            if bad.any():
                wrong.append(
                    problem(
                        f"{KEY}: {int(bad.sum()):,} figures of {figure} in {path.name} are no numbers from 0 on "
                        f"({first_ids(table[figure][bad])})",
                        "they are spread over houses",
                        "correct them",
                    )
                )
            table[figure] = number
    raise_all(wrong)
    return table


def _plain(value: object) -> str | None:
    """A name or code without blanks round it, letters in one width; None where there is none."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return None
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return unicodedata.normalize("NFKC", text).strip() or None


def _problems(path: Path, table: pd.DataFrame, key: pd.Series, districts: gpd.GeoDataFrame, by: str) -> list[str]:
    """Rows of either side that do not find the other, or more than one."""
    out = []
    again = table[by][table[by].duplicated()]
    if len(again):
        out.append(
            problem(
                f"{KEY}: {path.name} has {again.nunique():,} {by}s more than once ({first_ids(again.unique())})",
                "it is not clear which figure holds",
                "keep one row each",
            )
        )
    several = key[key.notna() & key.duplicated(keep=False)]
    if by == "name" and "code" in districts:  # parts of one district share its code, and one figure
        several = several[districts["code"][several.index].groupby(several).transform("nunique") > 1]
    if by == "name" and len(several):
        out.append(
            problem(
                f"inputs.districts: {several.nunique():,} names are those of several rows ({first_ids(sorted(set(several)))})",
                "the figure of a name would count for each of them",
                "give them different names in both files, or join by a column code",
            )
        )
    lost = sorted(set(key.dropna()) - set(table[by]))
    if lost or key.isna().any():
        nameless = f", and {int(key.isna().sum()):,} have no {by}" if key.isna().any() else ""
        out.append(
            problem(
                f"{KEY}: {len(lost):,} districts are not in {path.name} ({first_ids(lost)}){nameless}",
                "their people would stay those of another year",
                f"add them to the forecast (0 where nobody will live), or write the {by}s alike",
            )
        )
    strange = table[~table[by].isin(set(key.dropna()))]
    if len(strange):
        out.append(
            problem(
                f"{KEY}: {len(strange):,} rows of {path.name} with {strange['people'].sum():,.0f} people are no districts "
                f"of the layer ({first_ids(strange[by])})",
                "their people would be lost",
                f"write the {by}s as in the districts layer, or add these districts to it",
            )
        )
    return out
