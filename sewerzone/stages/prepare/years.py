"""Fiscal years as ledgers write them: 1977, 1977年度, 昭和52年, S52.4, 1977-03-31 (of the fiscal year before)."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone.errors import first_ids, problem
from sewerzone.stages.prepare.values import Findings, Floats, ids, texts

EARLIEST, LATEST = 1850, 2300
ERAS = {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}
ERAS |= dict(zip(("明治", "大正", "昭和", "平成", "令和"), list(ERAS.values()), strict=True))
"""Year before the first of each era."""
_MONTH = r"(?:\s*(?P<fiscal>年度)|\s*年)?(?:[./-]?\s*(?P<month>\d{1,2})\s*(?:月|[./-]|$).*)?"
_FORMS = (
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})\d{2}(?P<fiscal>)"),
    re.compile(r"(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\.?\s*(?P<year>元|\d{1,2})" + _MONTH),
    re.compile(r"(?P<year>\d{4})(?:\.0+)?" + _MONTH),
)
_NOTHING = ("", "0", "0.0", "0年", "不明", "-", "―", "unknown", "nan", "9999", "-9999")
APRIL = 4
"""Fiscal years begin with it."""


def years(raw: gpd.GeoDataFrame, name: str, table: str, found: Findings) -> Floats:
    """A column of years, NaN where unknown; what is none is a problem."""
    said = texts(raw, name)
    code, distinct = pd.factorize(said)
    out: Floats = np.array([*(year(str(v)) for v in distinct), np.nan])[code]
    wrong = ~np.isnan(out) & ((out < EARLIEST) | (out > LATEST))
    if wrong.any():
        shown = ", ".join(f"{v!r}" for v in list(dict.fromkeys(said[wrong]))[:3])
        found.problems.append(
            problem(
                f"{table}.{name}: {int(wrong.sum()):,} are no year from {EARLIEST} to {LATEST}: {shown} "
                f"({first_ids(ids(raw)[wrong])})",
                "when things fall due follows from it",
                "write 1977, 1977年度, 昭和52年度, S52 or a date, and 0 or nothing where it is unknown, or map another column",
            )
        )
        out = np.where(wrong, np.nan, out)
    return out


def whole(values: Any) -> Any:
    """Years as whole numbers, missing where unknown."""
    return pd.array(values, dtype="Int64")


def year(value: str) -> float:
    """The fiscal year a text means; NaN where it says that nobody knows, 0 where it means nothing.

    >>> year("昭和52年"), year("S52.3.31"), year("1977-04-01"), year("平成元年度"), year("0年"), year("soon")
    (1977.0, 1976.0, 1977.0, 1989.0, nan, 0.0)
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if text in _NOTHING:
        return np.nan
    met = next((m for form in _FORMS if (m := form.fullmatch(text))), None)
    if met is None:
        return 0.0
    parts = met.groupdict()
    number = 1 if parts["year"] == "元" else int(parts["year"])
    month = int(parts["month"] or APRIL)
    if not 1 <= month <= 12:
        return 0.0
    return float(ERAS.get(parts.get("era") or "", 0) + number - (month < APRIL and not parts["fiscal"]))
