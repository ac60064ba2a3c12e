"""Columns of the user's files -> numbers and texts; what cannot be read is a problem with its ids."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.errors import first_ids, problem
from sewerzone.noted import Note

Floats = NDArray[np.float64]
_UNKNOWN = -9999.0
"""PLATEAU and many others write it for "unknown"."""
_UNKNOWN_STOREYS = 9999.0


class Findings:
    """What cleaning met: problems that stop it, and notes for the run record."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.notes: list[str] = []


def ids(frame: gpd.GeoDataFrame) -> Any:
    """What a row is called in messages: its source id, else its number in the file."""
    rows = pd.Series([f"row {i}" for i in range(len(frame))], dtype=object)
    if "source_id" not in frame.columns:
        return rows.to_numpy()
    named = texts(frame, "source_id")
    return np.where(pd.isna(named), rows.to_numpy(), named)


def texts(frame: gpd.GeoDataFrame, name: str) -> Any:
    """A column as text without surrounding blanks, None where missing or blank; all None without the column.

    Whole numbers lose no zeros and gain no decimals: 411.0 becomes "411".
    """
    if name not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    values = frame[name].reset_index(drop=True)
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    if pd.api.types.infer_dtype(values, skipna=True) not in ("string", "integer", "floating", "empty"):
        out = values.astype(object).map(lambda v: None if pd.isna(v) else _text(v)).astype(object)
        return out.where(out.notna(), None).to_numpy(dtype=object)
    code, distinct = pd.factorize(values)  # of one kind, so that equal values are equal texts; -1: missing
    known = np.array([*map(_text, distinct), None], dtype=object)
    return known[code]


def _text(value: Any) -> str | None:
    return f"{value}".strip() or None


def numbers(frame: gpd.GeoDataFrame, name: str, table: str, found: Findings, least: float | None = 0.0) -> Floats:
    """A column as floats, NaN where missing; text that is no number and values below ``least`` are problems."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    values = frame[name].reset_index(drop=True)
    if not pd.api.types.is_numeric_dtype(values.dtype):
        text = pd.Series(texts(frame, name), dtype=object)
        plain = text.astype("string").str.normalize("NFKC").str.replace(",", "", regex=False)
        values = pd.to_numeric(plain, errors="coerce")
        _complain(found, table, name, text.notna() & values.isna(), text, frame, "no number")
    out: Floats = values.astype("float64").to_numpy(copy=True)
    unknown = (out == _UNKNOWN) | ((out == _UNKNOWN_STOREYS) & (name == "storeys"))
    if unknown.any():
        out[unknown] = np.nan
        found.notes.append(Note("unknown_values", layer=table, column=name, count=unknown.sum()))
    _complain(found, table, name, np.isinf(out), out, frame, "infinite")
    if least is not None:
        _complain(found, table, name, out < least, out, frame, f"below {least:g}")
    if len(out) and np.isnan(out).all() and table == "buildings":
        found.problems.append(
            problem(
                f"{table}.{name}: the column has no value in any of {len(out):,} rows",
                "it would be read as given while nothing is known",
                "map another column or remove it from `columns`",
            )
        )
    return out


def _complain(found: Findings, table: str, name: str, bad: Any, values: Any, frame: gpd.GeoDataFrame, rule: str) -> None:
    wrong = np.asarray(bad, dtype=bool)
    if not wrong.any():
        return
    shown = ", ".join(f"{v}" for v in pd.unique(pd.Series(values)[wrong])[:3])
    said = f"1 value is {rule}" if wrong.sum() == 1 else f"{wrong.sum():,} values are {rule}"
    found.problems.append(
        problem(
            f"{table}.{name}: {said}: {shown} ({first_ids(ids(frame)[wrong])})",
            "flows and costs would be computed from them",
            "correct them in the source, or map another column",
        )
    )
