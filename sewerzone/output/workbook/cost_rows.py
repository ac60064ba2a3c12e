"""Every yen a row: quantity x line of unit costs x factor, as live formulas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.output.workbook.book import Book, Field, Placed
from sewerzone.output.workbook.prices import AT, SHARE, USED, USED_UPKEEP, PriceList

Ints = NDArray[np.int64]

CAPITAL, CAPITAL_PER_YR, UPKEEP_PER_YR, TOTAL_PER_YR = "N", "O", "P", "Q"
"""Columns of what rows cost."""


def write(book: Book, placed: Placed, note: str, costs: pd.DataFrame, prices: PriceList, price_sheet: str) -> None:
    """The rows on a sheet of their own; rows of one option of one unit, or of one system, follow each other."""
    book.table(placed, book.words(note), _fields(book, costs, prices, price_sheet), 4, "#A9D08E")


def runs(costs: pd.DataFrame) -> Ints:
    """(rows,) number of the run of rows of one option, unit and system a row belongs to, rising."""
    keys = costs[["option", "unit_id", "system_id"]]
    keys = keys.assign(unit_id=keys["unit_id"].fillna(-1), system_id=keys["system_id"].fillna(-1))
    changes = (keys != keys.shift()).any(axis=1).to_numpy()
    return np.asarray(np.cumsum(changes), dtype=np.int64)


def _fields(book: Book, costs: pd.DataFrame, prices: PriceList, sheet: str) -> list[Field]:
    words = book.words
    line = prices.of_row + AT + 1
    said = {c: _said(costs[c], say) for c, say in
            (("item", words.item), ("detail", words.detail), ("quantity_unit", words.quantity_unit))}  # fmt: skip
    option = _said(costs["option"], lambda o: words("the_plan") if o == "plan" else words.option(o))
    capital_per_yr, upkeep = costs["capital_yen_per_yr"].to_numpy(float), costs["upkeep_yen_per_yr"].to_numpy(float)
    has_life = costs["life_yr"].notna().to_numpy()

    def priced(column: str, factor: str) -> Callable[[int, int], str]:
        return lambda i, row: f"='{sheet}'!${column}${line[i]}*{factor}{row}"

    def per_yr(i: int, row: int) -> str | None:
        return f"=N{row}*'{sheet}'!${SHARE}${line[i]}" if has_life[i] else None

    return [
        Field(words("line"), costs["cost_id"].to_numpy(), "id", width=8),
        Field(words("option"), option, width=16),
        Field(words("unit"), _numbers(costs["unit_id"]), "id", width=10),
        Field(words("system"), _numbers(costs["system_id"]), "id", width=8),
        Field(words("item"), said["item"], width=22),
        Field(words("detail"), said["detail"], width=34),
        Field(words("quantity"), costs["quantity"].to_numpy(float), "d2", width=12),
        Field(words("quantity_unit"), said["quantity_unit"], width=11),
        Field(words("price_line"), prices.of_row + 1, "id", width=9),
        Field(words("price_factor"), prices.price_factor, "d3", width=10, look="weak"),
        Field(words("upkeep_factor"), prices.upkeep_factor, "d3", width=10, look="weak"),
        Field(words("row_price"), costs["unit_cost_yen"].to_numpy(float), "d1", priced(USED, "J"), width=15),
        Field(words("row_upkeep"), costs["unit_upkeep_yen_per_yr"].to_numpy(float), "d1", priced(USED_UPKEEP, "K"), width=14),
        Field(words("capital"), costs["capital_yen"].to_numpy(float), "yen", lambda _, row: f"=G{row}*L{row}", True, 16),
        Field(words("capital_per_yr"), capital_per_yr, "yen", per_yr, True, 15),
        Field(words("upkeep_per_yr"), upkeep, "yen", lambda _, row: f"=G{row}*M{row}", True, 15),
        Field(words("total_per_yr"), capital_per_yr + upkeep, "yen", lambda _, row: f"=O{row}+P{row}", True, 15),
        Field(words("mark"), costs["mark"].to_numpy(object), width=6),
    ]


def _said(values: pd.Series[str], say: Callable[[str], str]) -> NDArray[np.object_]:
    """Texts as people read them; each different one is put into words once."""
    code, distinct = pd.factorize(values)
    return np.array([say(str(v)) for v in distinct], dtype=object)[code]


def _numbers(values: pd.Series[int]) -> NDArray[np.float64]:
    return np.asarray(values.to_numpy(np.float64, na_value=np.nan), dtype=np.float64)
