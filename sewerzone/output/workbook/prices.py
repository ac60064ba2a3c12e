"""The one sheet of unit costs that may be changed: everything else follows it.

A line stands for all cost rows of one item, size, life and origin. Where their unit costs differ (depth within a class, curves
of plants) the line has their mean by quantity and every row a factor on it, so that row = quantity x line x factor to the yen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.config import Cost
from sewerzone.engineering.economics import capital_share
from sewerzone.output.explain_words import ITEMS
from sewerzone.output.workbook.book import FIRST, GRID, Book, Field

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SIZED = re.compile(r"^for \S+ m3/d$")
"""Details that tell the size of one plant: all sizes share a line."""
_LINE = ["item", "detail", "quantity_unit", "life_yr", "mark", "source"]
_TREATMENT = ("plant_small", "plant_large", "treatment", "treatment_west", "treatment_capacity")
SETTINGS = ("rate", "annualisation", "sewer_factor", "treatment_factor", "tank_factor")
"""Cells above the lines, from the third column on; values stand in row 3 (from 1: 4)."""
RATE, METHOD, SEWER, TREATMENT, TANK = "$C$4", "$D$4", "$E$4", "$F$4", "$G$4"
AT = FIRST + 2
"""Row (from 0) of the first line of unit costs."""
USED, USED_UPKEEP, SHARE = "K", "L", "M"
"""Columns that cost rows refer to."""


@dataclass(frozen=True)
class PriceList:
    """Lines of unit costs (a frame), and the line of every cost row with its factors on construction and upkeep."""

    lines: pd.DataFrame
    of_row: Ints
    price_factor: Floats
    upkeep_factor: Floats

    def rows(self, at: NDArray[np.bool_]) -> PriceList:
        """The same lines for some of the rows."""
        return PriceList(self.lines, self.of_row[at], self.price_factor[at], self.upkeep_factor[at])


def price_list(costs: pd.DataFrame, moving: Sequence[str]) -> PriceList:
    """The lines of all cost rows, in the order of items; ``moving`` items follow the factor on sewer construction."""
    sized = costs["detail"].where(~costs["detail"].str.match(_SIZED), "")
    keys = costs[_LINE].assign(detail=sized, life_yr=costs["life_yr"].fillna(-1.0))
    code = keys.groupby(_LINE, sort=True).ngroup().to_numpy(np.int64)
    lines = keys.assign(code=code).drop_duplicates("code").set_index("code").sort_index()
    order = sorted(range(len(lines)), key=lambda k: (_rank(lines["item"].iloc[k]), _natural(lines["detail"].iloc[k]), k))
    lines = lines.iloc[order].reset_index(drop=True)
    of_row = np.argsort(np.array(order, dtype=np.int64))[code]
    lines["life_yr"] = lines["life_yr"].where(lines["life_yr"] >= 0.0)
    quantity = costs["quantity"].to_numpy(np.float64)
    factors = []
    for name in ("unit_cost_yen", "unit_upkeep_yen_per_yr"):
        values = costs[name].to_numpy(np.float64)
        mean, is_one = _means(values, quantity, of_row, len(lines))
        lines[name], lines[f"{name}_is_one"] = mean, is_one
        line_value = mean[of_row]
        factors.append(np.where(line_value > 0.0, values / np.where(line_value > 0.0, line_value, 1.0), 1.0))
    lines["factor"] = [_factor(item, moving) for item in lines["item"]]
    return PriceList(lines, of_row, *factors)


def _rank(item: str) -> tuple[int, tuple[str, ...]]:
    """Sewers, pumps, manholes, treatment; tanks last, by size."""
    known = list(ITEMS)
    return known.index(item) if item in known else len(known), _natural(item)


def _natural(text: str) -> tuple[str, ...]:
    """Sorts numbers within texts by size."""
    return tuple(part.zfill(12) if part.isdigit() else part for part in re.split(r"(\d+)", text))


def _means(values: Floats, quantity: Floats, of_row: Ints, count: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Mean of each line, to six figures where its rows differ; and whether they do not."""
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(least, of_row, values)
    np.maximum.at(most, of_row, values)
    is_one = most - least <= 1e-9 * most
    weight = np.bincount(of_row, quantity, minlength=count)
    mean = np.bincount(of_row, values * quantity, minlength=count) / np.where(weight > 0.0, weight, 1.0)
    rounded = np.array([float(f"{m:.6g}") for m in mean])
    return np.where(is_one, least, rounded), is_one


def _factor(item: str, moving: Sequence[str]) -> str:
    """Which factor of the settings a line follows."""
    if item in moving:
        return "sewer"
    if item in _TREATMENT:
        return "treatment"
    return "tank" if item.startswith("johkasou") else ""


def write(book: Book, prices: PriceList, cost: Cost, name: str) -> None:
    """The sheet of unit costs."""
    words = book.words
    sheet = book.sheet(name, words("prices_note"), "#FFC000")
    book.title(sheet, words("prices"), words("prices_note"))
    _settings(book, sheet, cost)
    fields = _fields(book, prices.lines, cost)
    book.body(sheet, fields, 0, len(prices.lines), AT)
    sheet.freeze_panes(AT, 3)
    book.paginate(sheet, fields, 3)


def _settings(book: Book, sheet: Any, cost: Cost) -> None:
    words = book.words
    head = book.look(bold=True, text_wrap=True, align="center", bg_color="#FFE699", **GRID)
    methods = words("straight_line"), words("annuity")
    values = (cost.discount_rate, methods[cost.annualisation == "annuity"], 1.0, 1.0, 1.0)
    sheet.set_row(2, 32)
    for k, key in enumerate(SETTINGS):
        sheet.write_string(2, 2 + k, words(key), head)
    edit = {"bg_color": "#FFF2CC", **GRID, "align": "center", "bold": True}
    for k, value in enumerate(values):
        if isinstance(value, str):
            sheet.write_string(3, 2 + k, value, book.look(**edit))
        else:
            sheet.write_number(3, 2 + k, value, book.look(num_format="0.0%" if k == 0 else "0.000", **edit))
    sheet.data_validation(3, 3, 3, 3, {"validate": "list", "source": list(methods)})


def _fields(book: Book, lines: pd.DataFrame, cost: Cost) -> list[Field]:
    words = book.words
    price, upkeep = (lines[c].to_numpy(np.float64) for c in ("unit_cost_yen", "unit_upkeep_yen_per_yr"))
    life, factor = lines["life_yr"].to_numpy(np.float64), lines["factor"].to_numpy(object)
    share = np.array([capital_share(y, cost.annualisation, cost.discount_rate) if y == y else 0.0 for y in life])
    annuity = f'{METHOD}="{words("annuity")}"'

    def used(column: str, kinds: dict[str, str]) -> Any:
        def formula(i: int, row: int) -> str:
            cell = kinds.get(factor[i])
            return f"={column}{row}*{cell}" if cell else f"={column}{row}"

        return formula

    def yearly(i: int, row: int) -> str | None:
        if life[i] != life[i]:
            return None
        return f"=IF(AND({annuity},{RATE}>0),{RATE}/(1-(1+{RATE})^-J{row}),1/J{row})"

    is_mean = ~(lines["unit_cost_yen_is_one"] & lines["unit_upkeep_yen_per_yr_is_one"]).to_numpy(bool)
    digits, yearly_digits = (["yen" if v == round(v) else "d2" for v in values] for values in (price, upkeep))
    both = {"treatment": TREATMENT, "tank": TANK}
    return [
        Field(words("line"), np.arange(1, len(lines) + 1), "id", width=6),
        Field(words("item"), [words.item(v) for v in lines["item"]], width=22),
        Field(words("detail"), [words.detail(v) for v in lines["detail"]], width=34),
        Field(words("quantity_unit"), [words.quantity_unit(v) for v in lines["quantity_unit"]], width=13),
        Field(words("plan_price"), price, "yen", formats=digits, width=15, look="weak"),
        Field(words("plan_upkeep"), upkeep, "yen", formats=yearly_digits, width=15, look="weak"),
        Field(words("plan_life"), life, "d1", width=11, look="weak"),
        Field(words("price"), price, "yen", formats=digits, width=16, look="input"),
        Field(words("upkeep"), upkeep, "yen", formats=yearly_digits, width=16, look="input"),
        Field(words("life"), life, "d1", width=11, look="input"),
        Field(words("used_price"), price, "yen", formats=digits, formula=used("H", {"sewer": SEWER, **both}), width=16),
        Field(words("used_upkeep"), upkeep, "yen", formats=yearly_digits, formula=used("I", both), width=16),
        Field(words("yearly_share"), share, "share5", yearly, width=11),
        Field(words("mark"), lines["mark"].to_numpy(object), width=6),
        Field(words("spread"), np.where(is_mean, words("is_mean"), ""), width=24, look="weak"),
        Field(words("source"), lines["source"].to_numpy(object), width=70, look="weak", wraps=True),
    ]
