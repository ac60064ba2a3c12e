"""Sheets of a redrawing: effect, what stays and moves, units, the households concerned."""

from __future__ import annotations

import pandas as pd

from sewerzone.model import Redrawing
from sewerzone.output.changes.words import say
from sewerzone.output.workbook import declared
from sewerzone.output.workbook.book import Book, Placed
from sewerzone.stages.redrawing.concerned import concerned
from sewerzone.tables import Table
from sewerzone.tables.redrawing import CONCERNED, MOVED, REDRAWING, REDRAWING_EFFECT, REDRAWN_UNITS

COLOUR = "#990099"
"""Of the tabs, as the border of the old area is drawn."""


def sheets(book: Book, redrawing: Redrawing) -> None:
    """Add them to a workbook; hostile text in names stays text."""
    units = redrawing.redrawn_units[redrawing.redrawn_units["change"].isin((*MOVED, "split"))]
    _sheet(book, REDRAWING_EFFECT, redrawing.redrawing_effect)
    _sheet(book, REDRAWING, redrawing.redrawing)
    _sheet(
        book,
        REDRAWN_UNITS,
        units,
        ("dwellings", "people", "moved_to_johkasou_dwellings", "moved_to_sewer_dwellings", "saving_yen_per_yr"),
    )
    _sheet(book, CONCERNED, concerned(redrawing.redrawn_buildings), ("dwellings",), say("note", book.language))


def _sheet(book: Book, table: Table, frame: pd.DataFrame, totals: tuple[str, ...] = (), note: str = "") -> None:
    without = {"row_id", "district_id"} | (set() if frame["district_code"].notna().any() else {"district_code"})
    said = note or ("" if book.language == "ja" else table.meaning)
    fields = declared.fields(frame.reset_index(drop=True), table, book.words, totals, tuple(without))
    placed = Placed.of(book.words.table(table), len(frame))
    book.table(placed, said, fields, frozen=3 if table is not CONCERNED else 2, colour=COLOUR)
