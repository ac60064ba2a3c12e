"""What a reader hands back: features with columns by our names, and notes on what was dropped, merged or taken for granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.errors import DataError, problem
from sewerzone.noted import Note

SAME_PLACE = 0.5
"""Two features of one identifier that share more than this part of the smaller are versions of one; less, parts of one."""


@dataclass(frozen=True)
class Features:
    """Features read from one or more sheets.

    ``frame`` has x = east (or longitude) and y = north (or latitude), whatever the order in the file.
    """

    frame: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()


def number(values: Sequence[Any] | pd.Series[Any] | NDArray[Any], *unknown: float) -> NDArray[np.float64]:
    """Texts as numbers; NaN where there is none and for values that stand for unknown."""
    numbers = np.array(pd.to_numeric(pd.Series(values, dtype=object), errors="coerce"), dtype=np.float64)
    numbers[np.isin(numbers, unknown) | ~np.isfinite(numbers)] = np.nan
    return numbers


def text(values: pd.Series[Any]) -> list[str | None]:
    """Texts without blanks at their ends; whole numbers without a point; None for what is missing."""
    missing = values.isna().to_numpy(bool)
    whole = [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v).strip() for v in values.where(~missing, "")]
    return [None if m else t or None for m, t in zip(missing, whole, strict=True)]


def refuse_nameless(rows: pd.DataFrame, what: str) -> None:
    """Raise DataError where people belong to rows without ``code``: joining by code would lose them."""
    nameless = rows["code"].isna() & (rows["people"] > 0)
    if nameless.any():
        raise DataError(
            problem(
                f"{what}: {int(nameless.sum()):,} rows with {rows['people'][nameless].sum():,.0f} people have no code",
                "they would be lost when pieces of one code are joined",
                "fetch the file again from the agency",
            )
        )


def valid(shapes: Any) -> NDArray[Any]:
    """Shapes made valid for joining: polygons that cross themselves become areas, without lines and points as leavings."""
    return np.asarray(shapely.make_valid(np.asarray(shapes, dtype=object), method="structure", keep_collapsed=False))


def joined(parts: Sequence[gpd.GeoDataFrame], what: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Sheets as one table, in the system of the sheet that was newest; a note where systems differed."""
    if len({str(p.crs) for p in parts}) == 1:
        return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs), []
    codes = sorted({p.crs.to_epsg() or 0 for p in parts})
    newest = max((p.crs for p in parts), key=lambda crs: crs.to_epsg() or 0)
    moved = gpd.GeoDataFrame(pd.concat([p.to_crs(newest) for p in parts], ignore_index=True), crs=newest)
    listed = [f"EPSG:{code}" for code in codes]
    return moved, [Note("sheets_differ", what=what, codes=listed, newest=newest.name)]


def without_doubles(
    frame: gpd.GeoDataFrame, identifier: str, date: str | None, what: str
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Each feature once, though neighbouring or repeated sheets hold it twice; and notes.

    Rows of one identifier: equal geometry, or another version of it (the newest is kept), or parts cut at the border of
    sheets (joined). Rows of equal geometry and other identifiers are one as well.
    """
    notes: list[str] = []
    rows = frame
    if date is not None and rows[identifier].duplicated().any():
        rows = rows.sort_values(date, ascending=False, kind="stable")  # the newest first; sheets' order otherwise
    shape = pd.Series(shapely.to_wkb(shapely.normalize(rows.geometry.to_numpy())), index=rows.index)
    same = pd.DataFrame({"id": rows[identifier], "shape": shape}).duplicated() & rows[identifier].notna()
    rows = rows[~same]
    twice = rows[identifier].notna() & rows[identifier].duplicated(keep=False)
    if twice.any():
        merged, cut, older = _by_identifier(rows[twice], identifier)
        rows = gpd.GeoDataFrame(pd.concat([rows[~twice], merged]), crs=frame.crs)
        if cut:
            notes.append(Note("cut_features", what=what, count=cut))
        if older:
            notes.append(Note("older_versions", what=what, count=older))
    again = shape.loc[rows.index].duplicated() & ~(rows.geometry.isna() | rows.geometry.is_empty)
    rows = rows[~again].sort_index()
    dropped = int(same.sum()) + int(again.sum())
    if dropped:
        notes.insert(0, Note("delivered_twice", what=what, count=dropped))
    return rows.reset_index(drop=True), notes


def _by_identifier(rows: gpd.GeoDataFrame, identifier: str) -> tuple[gpd.GeoDataFrame, int, int]:
    """One row per identifier, the first row's values; how many were cut, how many rows were older versions."""
    cut = older = 0
    kept = {}
    for _, group in rows.groupby(identifier, sort=False):
        held = valid(group.geometry.dropna().to_numpy())
        whole: Any = held[0] if len(held) else None
        for part in held[1:]:
            measure = "area" if whole.area and part.area else "length"
            least = min(getattr(whole, measure), getattr(part, measure))
            if least > 0 and getattr(whole.intersection(part), measure) > SAME_PLACE * least:
                older += 1
            else:
                whole, cut = whole.union(part), cut + 1
        kept[group.index[0]] = whole
    first = rows.loc[list(kept)]
    return first.set_geometry(gpd.GeoSeries(list(kept.values()), index=first.index, crs=rows.crs)), cut, older
