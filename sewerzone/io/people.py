"""People over the years as a study gives them: counts of districts observed, or grid squares projected; refused early."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone.errors import DataError, first_ids, problem, raise_all
from sewerzone.io.history import read_history
from sewerzone.io.vector import locate
from sewerzone.noted import Note
from sewerzone.stages.prepare.layers import SHARE

KEY, SQUARES_KEY = "inputs.people_history", "inputs.projected_people"
LEAST_YEARS = 3
"""Through two points there always is a line."""
YEARS = tuple(f"people_{year}" for year in range(1950, 2151))
"""Columns that projected people may have."""


def history_of(districts: gpd.GeoDataFrame, text: str, base: Path, is_part: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """The people of every district over the years: ``district`` (a name of the layer), ``year``, ``count``; and notes.

    Parameters
    ----------
    districts : the layer as read
    text : path of the CSV, relative to ``base``
    is_part : whether the districts are those of one municipality of many; rows of the others are then left out, and of
        those it shares its part counts

    Raises
    ------
    ConfigError, DataError
        The CSV is not there or no such table; districts of the layer that it lacks, of which each needs every year.
    """
    path = locate(text, base, KEY)
    rows = read_history(path)
    if "name" not in districts:
        raise DataError(
            problem(
                f"{KEY}: the districts have no names",
                "nothing tells which row is of which",
                "name the column: districts = { path = ..., columns = { name = ... } }",
            )
        )
    names = districts["name"].dropna().map(_plain)
    rows = rows.assign(district=rows["district"].map(_plain))
    strange = sorted(set(rows["district"]) - set(names))
    notes: list[str] = []
    if strange and is_part:
        notes.append(Note("history_elsewhere", key=KEY, districts=len(strange), file=path.name))
        rows = rows[~rows["district"].isin(strange)]
        strange = []
    raise_all(_problems(path, rows, sorted(set(names)), strange))
    ours = dict(zip(names, districts.loc[names.index, "name"], strict=True))
    rows = rows.assign(district=rows["district"].map(ours)).reset_index(drop=True)
    if SHARE in districts:  # of a district in part elsewhere only these people are among those that shares are of
        rows["count"] = rows["count"] * rows["district"].map(districts.groupby("name")[SHARE].max())
    first, last = int(rows["year"].min()), int(rows["year"].max())
    read = Note("history_read", key=KEY, districts=rows["district"].nunique(), first=first, last=last, file=path.name)
    return rows, [*notes, read]


def _problems(path: Path, rows: pd.DataFrame, names: list[str], strange: list[str]) -> list[str]:
    out = []
    if lost := sorted(set(names) - set(rows["district"])):
        what = f"{KEY}: {len(lost):,} districts are not in {path.name} ({first_ids(lost)})"
        out.append(problem(what, "nothing tells how their people change", "add them, or write the names alike"))
    if strange:
        what = f"{KEY}: {len(strange):,} districts of {path.name} are not in the districts layer ({first_ids(strange)})"
        out.append(problem(what, "their shares would be lost", "write the names as in the layer, or add these districts to it"))
    counted = rows.groupby(["district", "year"]).size().unstack("year")  # noqa: PD010 - nothing to add up
    if (counted > 1).to_numpy().any():
        again = [str(d) for d in counted.index[(counted > 1).any(axis=1)]]
        what = f"{KEY}: {len(again):,} districts have a year more than once ({first_ids(again)})"
        out.append(problem(what, "it is not clear which figure holds", "keep one row each; give districts of one name others"))
    if counted.isna().to_numpy().any():
        less = [str(d) for d in counted.index[counted.isna().any(axis=1)]]
        what = f"{KEY}: {len(less):,} districts lack a year that others have ({first_ids(less)})"
        out.append(
            problem(what, "the shares of all would be wrong then", "fill it in (0 where nobody lived), or drop the year")
        )
    if counted.shape[1] < LEAST_YEARS:
        what = f"{KEY}: {path.name} has {counted.shape[1]} years, at least {LEAST_YEARS} are needed"
        out.append(problem(what, "two points always lie on a line", "give more years; ten are usual"))
    if (rows["count"] < 0).any() or (rows.groupby("year")["count"].sum() <= 0).any():
        out.append(
            problem(f"{KEY}: {path.name} has people below 0, or a year of none", "shares are parts of all", "correct it")
        )
    return out


def refuse_wrong_squares(squares: gpd.GeoDataFrame) -> None:
    """DataError where projected people have no years, or figures that are none."""
    columns = [c for c in squares.columns if str(c).startswith("people_")]
    if not len(squares):
        return
    if not columns:
        raise DataError(
            problem(
                f"{SQUARES_KEY}: no column is called people_2025, people_2030 or alike",
                "no year has people",
                "take the file as downloaded, or map its columns: columns = { people_2030 = ... }",
            )
        )
    figures = squares[columns].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    bad = ~(np.isfinite(figures) & (figures >= 0.0)).all(axis=1)
    if bad.any():
        raise DataError(
            problem(
                f"{SQUARES_KEY}: {int(bad.sum()):,} squares have a year without people, or below 0 "
                f"(rows {first_ids(np.flatnonzero(bad))})",
                "people of the houses in them follow from these",
                "write 0 where nobody will live, or leave the square out",
            )
        )


def _plain(name: object) -> str:
    return unicodedata.normalize("NFKC", str(name)).strip()
