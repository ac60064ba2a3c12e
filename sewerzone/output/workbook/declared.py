"""Sheets of declared tables: headings, units and number formats come from the declaration.

A new table gets its sheet by a line in ``SHEETS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sewerzone import tables
from sewerzone.model import Plan
from sewerzone.output.districts import labels
from sewerzone.output.workbook.book import Book, Field, Placed
from sewerzone.output.workbook.words import Words
from sewerzone.tables import Column, Table
from sewerzone.tables.order import natural


@dataclass(frozen=True)
class Listed:
    """A declared table that gets a sheet where it has rows: ``without`` some columns, ``totals`` of others."""

    table: Table
    totals: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


SHEETS: tuple[Listed, ...] = (
    Listed(tables.ZONES, ("units", "dwellings", "people", "area_ha")),
    Listed(tables.LINKS, ("length_m",)),
    Listed(tables.PUMPS, ("energy_kwh_per_yr",)),
    Listed(tables.PLANTS),
    Listed(tables.OVERRIDES),
    Listed(tables.DIFFERENCES),
    Listed(tables.CONSOLIDATION, ("flow_max_m3_per_d", "saving_yen_per_yr")),
    Listed(tables.UNIT_EDITS, ("buildings", "dwellings", "sewer_m", "sewer_yen_per_yr", "johkasou_yen_per_yr")),
    Listed(tables.ROBUSTNESS),
    Listed(tables.SCENARIOS),
    Listed(tables.FIGURES),
    Listed(tables.COST_CURVE),
    Listed(tables.PROGRAMME, ("sewer_m", "area_ha", "dwellings", "people", "capital_yen")),
    Listed(tables.PROGRAMME_AREAS, ("people", "dwellings")),
    Listed(tables.PROGRAMME_WORKS, ("capital_yen", "area_ha")),
    Listed(
        tables.PROGRAMME_YEARS,
        ("sewer_yen", "worked_ha", "finished_ha", "packages", "people_reached", "tanks", "tank_people", "tank_yen"),
    ),
    Listed(tables.TANK_PROGRAMME, ("tanks", "people", "capital_yen")),
    Listed(tables.PROGRAMME_CURVE),
    Listed(tables.POPULATION, ("people_now", "people_goal", "people_end"), ("name",)),
    Listed(tables.COVERAGE),
    Listed(tables.COVERAGE_DISTRICTS),
    Listed(tables.COVERAGE_GOAL),
    Listed(tables.PAYMENTS, ("paid_yen",)),
    Listed(tables.PAYMENT_YEARS),
    Listed(tables.HOUSEHOLDS),
    Listed(tables.DECLINE),
    Listed(tables.DECLINE_POPULATIONS),
    Listed(tables.INDICATORS_TABLE),
    Listed(tables.OUTLOOK),
    Listed(tables.FORM_1),
    Listed(tables.FORM_2),
    Listed(tables.FORM_3),
    Listed(tables.RENEWAL_SUMS),
    Listed(tables.RENEWAL),
    Listed(tables.RENEWAL_URGENCY, ("sewers", "sewer_m", "replacement_yen", "due_5_m", "due_10_m")),
    Listed(tables.RENEWAL_STOCK, ("replacement_yen",)),
    Listed(tables.RETREAT, ("sewers", "sewer_m", "dwellings", "people", "saving_yen")),
    Listed(tables.RETREAT_YEARS, ("sewer_m", "dwellings", "install_yen", "abandon_yen", "renewal_avoided_yen")),
    Listed(tables.RETREAT_OUTLETS, ("sewer_m", "given_up_m", "dwellings", "turned_dwellings")),
    Listed(tables.RETREAT_WARNINGS),
)
"""In the order of the sheets."""

_DEEP = ("excavation", "elev", "cover", "head", "drop", "depth")
_BY_UNIT = {
    "ha": "d1", "m3/d": "d1", "l/s": "d2", "1/ha": "d1", "m/s": "d2", "permille": "d1", "kW": "d1", "kWh/y": "count",
    "m": "count", "mm": "count", "m2": "d1", "y": "d1", "yen": "yen", "yen/y": "yen", "yen/m": "yen",
}  # fmt: skip


OF_FORMS = (
    "focus", "main_works", "remarks", "inspection_interval", "repair_criterion", "renewal_outline", "renewal_outlook",
    "assumptions",
)  # fmt: skip
"""Columns of a few words, of which a form has several beside each other on one page."""
LONG = ("reason", "meaning", "note", "building_ids", "source", *OF_FORMS)
"""Columns of sentences."""


def format_of(column: Column) -> str:
    """Number format of a declared column."""
    if column.kind in ("text", "bool"):
        return "text"
    if column.kind == "int":
        return "id" if column.name.endswith(("_id", "year")) or column.name in ("rank", "row") else "count"
    if column.unit == "m" and any(word in column.name for word in _DEEP):
        return "d2"
    if column.name.endswith(("_share", "_probability", "_index", "_rate_per_yr")):
        return "share"
    return _BY_UNIT.get(column.unit, "count" if column.name == "people" else "d1")


def width_of(column: Column) -> float:
    """Width of a declared column."""
    if column.name in LONG:
        return 36.0 if column.name in OF_FORMS else 70.0
    if column.kind == "text":
        return 24.0
    return 16.0 if column.unit.startswith("yen") else 13.0


def fields(
    frame: pd.DataFrame,
    table: Table,
    words: Words,
    totals: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    districts: Mapping[int, str] | None = None,
) -> list[Field]:
    """The columns of a sheet for a frame of a declared table; what ``districts`` are called stands for their number."""
    return [
        Field(words("district"), _districts(frame[c.name], districts, words), width=26)
        if c.name == "district_id" and districts is not None
        else Field(
            words.heading(c), _values(frame[c.name], c, words), format_of(c), total=c.name in totals, width=width_of(c),
            wraps=c.name in LONG,
        )
        for c in table.columns
        if c.name not in without
    ]  # fmt: skip


def _districts(numbers: pd.Series[Any], districts: Mapping[int, str], words: Words) -> list[str]:
    return [words("no_district") if pd.isna(n) or n < 0 else districts[int(n)] for n in numbers]


def _values(values: pd.Series[Any], column: Column, words: Words) -> Any:
    if column.kind in ("int", "float"):
        return values.to_numpy(np.float64, na_value=np.nan)
    return [words.said(column, value) for value in values]


def _are_names(names: pd.Series[Any]) -> bool:
    return bool(names.notna().all() and names.is_unique)


def _by_name(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of their names, numbers in them as numbers."""
    order = sorted(range(len(frame)), key=lambda row: natural(str(frame["name"].iloc[row])))
    return frame.iloc[order].reset_index(drop=True)


def write(book: Book, plan: Plan, listed: Listed) -> None:
    """The sheet of one table; none where it is empty."""
    frame, without = plan.tables()[listed.table.name], listed.without
    if not len(frame):
        return
    if listed.table is tables.PLANTS and not len(plan.consolidation) and _are_names(frame["name"]):
        frame, without = _by_name(frame), ("plant_id",)
    words = book.words
    name = words.table(listed.table)
    named = labels(plan.districts, book.language)
    columns = fields(frame, listed.table, words, listed.totals, without, named)
    book.table(Placed.of(name, len(frame)), words.note(listed.table), columns, colour="#C9C9C9")
