"""The workbook of a redrawing: effect, what stays and moves, units, households."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sewerzone.model import Redrawing
from sewerzone.output.changes.words import say
from sewerzone.output.workbook import declared
from sewerzone.output.workbook.book import Book, Placed
from sewerzone.style import Language
from sewerzone.tables import Table
from sewerzone.tables.redrawing import HOUSEHOLDS, MOVED, REDRAWING, REDRAWING_EFFECT, REDRAWN_UNITS


def write(redrawing: Redrawing, path: Path, language: Language) -> None:
    """Write the workbook; hostile text in names stays text."""
    book = Book(path, language, redrawing.config.study.name)
    houses = pd.DataFrame(redrawing.redrawn_buildings)
    houses = houses[houses["change"].isin(MOVED)].sort_values(["district_id", "change", "building_id"], na_position="last")
    units = redrawing.redrawn_units[redrawing.redrawn_units["change"].isin((*MOVED, "split"))]
    _sheet(book, REDRAWING_EFFECT, redrawing.redrawing_effect)
    _sheet(book, REDRAWING, redrawing.redrawing)
    _sheet(
        book,
        REDRAWN_UNITS,
        units,
        ("dwellings", "people", "moved_to_johkasou_dwellings", "moved_to_sewer_dwellings", "saving_yen_per_yr"),
    )
    _sheet(book, HOUSEHOLDS, houses.reset_index(drop=True), ("dwellings",), say("note", language))
    book.close()


def _sheet(book: Book, table: Table, frame: pd.DataFrame, totals: tuple[str, ...] = (), note: str = "") -> None:
    said = note or ("" if book.language == "ja" else table.meaning)
    fields = declared.fields(
        frame.reset_index(drop=True), table, book.words, totals, ("row_id",) if "row_id" in table.names else ()
    )
    book.table(Placed.of(book.words.table(table), len(frame)), said, fields, frozen=3 if table is not HOUSEHOLDS else 2)
