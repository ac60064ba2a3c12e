"""An Excel file sheet by sheet: text that can do no harm, one look for all tables, pages ready to print."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xlsxwriter
from numpy.typing import NDArray
from xlsxwriter.worksheet import CellNumberTuple, Worksheet

from sewerzone import style
from sewerzone.output.workbook import words
from sewerzone.style import Language

Ints = NDArray[np.int64]
MOST_ROWS = 1_000_000
"""Rows of a table on one sheet; Excel takes 1,048,576. What is longer goes on on a second sheet."""
MOST_LETTERS = 32_767
"""Letters Excel takes in a cell."""
FIRST = 4
"""Row (from 0) of the first line of a table: title, note, totals and headings lie above."""
MADE = datetime(2000, 1, 1)
"""Written as the date of every file, so that equal plans give equal files."""
A3 = 8
LEAST_SCALE = 60
"""Per cent to which a sheet is made smaller at most on paper."""
ONE_PAGE, PAGE_WIDTH = 320.0, 245.0
"""Letters in the width of a table that is made to fit one A3 page, and in that of each page of a wider one."""
TWO_LINES = 27.0
GRID = {"border": 1, "border_color": "#BFBFBF"}

FORMATS = {
    "text": "@", "id": "0", "count": "#,##0", "yen": "#,##0;[Red]-#,##0", "d1": "#,##0.0", "d2": "#,##0.00", "d3": "#,##0.000",
    "share": "0.0%", "share5": "0.00000",
}  # fmt: skip
"""Number formats by name; no figure shows more than three decimals."""
FONT = {"ja": "Yu Gothic", "en": "Calibri"}
_NOT_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Controls, halves of letters, and marks that turn the direction of writing: shown as blanks."""


def safe_text(value: object) -> str:
    """Text as a cell may hold it: no control, nothing that turns the direction of writing, no longer than Excel takes."""
    text = _NOT_XML.sub(" ", str(value))
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


@dataclass(frozen=True)
class Field:
    """A column of a sheet.

    ``values`` are what its cells show; with ``formula``, which gives the formula of row i in the sheet's row r (from 1) or
    None, they are the values it must give. ``total`` puts the sum above the headings; ``wraps`` text takes two lines;
    ``formats`` are those of single rows; a verdict is coloured as on the maps.
    """

    heading: str
    values: Sequence[Any] | NDArray[Any]
    format: str = "text"
    formula: Callable[[int, int], str | None] | None = None
    total: bool = False
    width: float = 12.0
    look: Literal["", "input", "weak"] = ""
    wraps: bool = False
    is_verdict: bool = False
    formats: Sequence[str] | None = None


@dataclass(frozen=True)
class Placed:
    """Where a table lies: its sheets with the row (from 0) of the table each begins with, and its number of rows."""

    sheets: tuple[str, ...]
    starts: Ints
    rows: int

    @classmethod
    def of(cls, name: str, rows: int, groups: Ints | None = None) -> Placed:
        """Where a table of so many rows will lie; ``groups`` (rows,) are rising numbers of runs that must not be parted."""
        starts = _starts(rows, groups)
        return cls(tuple(name if k == 0 else f"{name} ({k + 1})" for k in range(len(starts))), starts, rows)

    @property
    def name(self) -> str:
        """The first of its sheets."""
        return self.sheets[0]

    def where(self, row: int) -> tuple[str, int]:
        """Sheet, and row in it (from 1), of a row of the table."""
        part = int(np.searchsorted(self.starts, row, side="right")) - 1
        return self.sheets[part], row - int(self.starts[part]) + FIRST + 1

    def cell(self, column: str, row: int) -> str:
        """Address of one cell from other sheets."""
        sheet, at = self.where(row)
        return f"'{sheet}'!${column}${at}"

    def cells(self, column: str, first: int, stop: int) -> str:
        """Address of rows ``first`` to ``stop`` - 1, which lie on one sheet."""
        sheet, at = self.where(first)
        return f"'{sheet}'!${column}${at}:${column}${at + stop - first - 1}"

    def whole(self, column: str) -> list[str]:
        """Addresses of the whole column, one for each sheet."""
        ends = [*self.starts.tolist()[1:], self.rows]
        return [self.cells(column, int(a), b) for a, b in zip(self.starts, ends, strict=True) if b > a]


def letter(index: int) -> str:
    """Excel's name of a column (from 0)."""
    name = ""
    while index >= 0:
        name, index = chr(ord("A") + index % 26) + name, index // 26 - 1
    return name


_letter = lru_cache(letter)


class _Sheet(Worksheet):  # type: ignore[misc]
    """A sheet of many numbers, and of formulas that use functions of Excel 2007 only: none has to be looked through for newer
    ones, which takes as long as all else."""

    def number(self, row: int, column: int, value: float, look: Any) -> None:
        """As ``write_number``, without guessing what is meant by its arguments."""
        self._write_number(row, column, value, look)

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if type(cell) is CellNumberTuple and cell.format:
            self.fh.write(f'<c r="{_letter(col)}{row + 1}" s="{cell.format._get_xf_index()}"><v>{cell.number:.16G}</v></c>')
        else:
            super()._write_cell(row, col, cell)

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        del expand_future_functions
        return formula.removeprefix("=")


class Book:
    """A workbook being written."""

    def __init__(self, path: Path, language: Language, study: str) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                   "nan_inf_to_errors": False}  # fmt: skip
        self.file = xlsxwriter.Workbook(str(path), options)
        self.language: Language = language
        self.words = words.Words(language)
        self.study = safe_text(study)
        self.file.set_properties({"title": self.study[:200], "author": "sewerzone", "created": MADE})
        self.file.set_calc_mode("auto")
        self.listed: list[tuple[str, str]] = []
        self._looks: dict[tuple[tuple[str, Any], ...], Any] = {}

    def look(self, **properties: Any) -> Any:
        """A cell format; equal ones are one."""
        base = {"font_name": FONT[self.language], "font_size": 10, "valign": "vcenter"}
        full = {**base, **properties}
        key = tuple(sorted(full.items()))
        if key not in self._looks:
            self._looks[key] = self.file.add_format(full)
        return self._looks[key]

    @property
    def head(self) -> Any:
        """The cell format of headings."""
        return self.look(bold=True, text_wrap=True, align="center", bg_color="#D9E1F2", **GRID)

    def number(self, name: str, **properties: Any) -> Any:
        """A cell format for one of ``FORMATS``."""
        return self.look(num_format=FORMATS[name], **properties)

    def sheet(self, name: str, meaning: str, colour: str) -> Any:
        """A new sheet, listed on the cover: A3 landscape, one page wide, its name and page below."""
        sheet = self.file.add_worksheet(name, worksheet_class=_Sheet)
        self.listed.append((name, meaning))
        sheet.set_tab_color(colour)
        sheet.hide_gridlines(2)
        sheet.set_paper(A3)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer(f"&L{self.study[:60].replace('&', '&&')}&C&A&R&P / &N")
        return sheet

    def title(self, sheet: Any, title: str, note: str) -> None:
        """The first two rows of a sheet."""
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, safe_text(title), self.look(bold=True, font_size=14, font_color="#1F3864"))
        sheet.write_string(1, 0, safe_text(note), self.look(font_color="#595959"))

    def table(self, placed: Placed, note: str, fields: Sequence[Field], frozen: int = 1, colour: str = "#8EA9DB") -> None:
        """A table where it is to lie; ``frozen`` columns stay in view."""
        ends = [*placed.starts.tolist()[1:], placed.rows]
        for name, first, stop in zip(placed.sheets, placed.starts.tolist(), ends, strict=True):
            sheet = self.sheet(name, note, colour)
            is_whole = stop - first == placed.rows
            part = "" if is_whole else self.words("part", first=f"{first + 1:,}", last=f"{stop:,}", all=f"{placed.rows:,}")
            self.title(sheet, f"{placed.name}{part}", note)
            self.body(sheet, fields, first, stop, FIRST)
            sheet.freeze_panes(FIRST, frozen)
            self.paginate(sheet, fields, frozen)
            for k in (k for k, field in enumerate(fields) if field.is_verdict):
                self.colour_verdicts(sheet, k, stop - first)

    def body(self, sheet: Any, fields: Sequence[Field], first: int, stop: int, at: int) -> None:
        """Totals, headings and rows ``first`` to ``stop`` - 1 of a table whose first line is row ``at`` (from 0)."""
        count, last = stop - first, max(at + stop - first - 1, at)
        if any(f.total for f in fields):
            sheet.set_row(at - 2, 18)
            sheet.write_string(at - 2, 0, self.words("total"), self.look(bold=True, top=1))
        for k, field in enumerate(fields):
            sheet.set_column(k, k, field.width)
            if field.total and count:
                column = letter(k)
                value = float(np.nansum(np.asarray(field.values[first:stop], dtype=np.float64)))
                bold = self.number(field.format, bold=True, top=1)
                sheet.write_formula(at - 2, k, f"=SUM({column}{at + 1}:{column}{last + 1})", bold, value)
        sheet.set_row(at - 1, 46)
        for k, field in enumerate(fields):
            sheet.write_string(at - 1, k, field.heading, self.head)
        writers = [self._writer(sheet, k, field) for k, field in enumerate(fields)]
        is_tall = any(field.wraps for field in fields)
        for i in range(first, stop):
            row = at + i - first
            if is_tall:
                sheet.set_row(row, TWO_LINES)
            for write in writers:
                write(row, i)
        sheet.autofilter(at - 1, 0, last, len(fields) - 1)
        sheet.repeat_rows(at - 1)
        sheet.print_area(0, 0, last, len(fields) - 1)

    def colour_verdicts(self, sheet: Any, column: int, rows: int) -> None:
        """Cells of a column take the colour that their kind of treatment has on the maps."""
        for name, look in style.TREATMENT_LOOKS.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{self.words.treatment(name)}"',
                    "format": self.file.add_format({"bg_color": style.hex_colour(look.fill)})}  # fmt: skip
            sheet.conditional_format(FIRST, column, FIRST + max(rows, 1) - 1, column, rule)

    def paginate(self, sheet: Any, fields: Sequence[Field], frozen: int) -> None:
        """One page wide where that can be read; else as many as it takes, each with the columns that stay in view."""
        widths = [field.width for field in fields]
        if sum(widths) <= ONE_PAGE:
            return
        sheet.set_print_scale(LEAST_SCALE)
        sheet.repeat_columns(0, frozen - 1)
        breaks, used = [], 0.0
        for k, width in enumerate(widths):
            if used + width > PAGE_WIDTH:
                breaks.append(k)
                used = sum(widths[:frozen])
            used += width
        sheet.set_v_pagebreaks(breaks)

    def _writer(self, sheet: Any, column: int, field: Field) -> Callable[[int, int], None]:
        """How a cell of a column is written, given its row on the sheet and its row in the table."""
        colours: dict[str, dict[str, Any]] = {"input": {"bg_color": "#FFF2CC"}, "weak": {"font_color": "#7F7F7F"}, "": {}}
        dress = {**GRID, **colours[field.look], **({"text_wrap": True, "font_size": 8} if field.wraps else {})}
        if field.format == "text" and not field.wraps:
            dress["indent"] = 1
        look, looks = self.number(field.format, **dress), field.formats and [self.number(f, **dress) for f in field.formats]
        values, formula, is_text = field.values, field.formula, field.format == "text"
        text, figure, formulas = sheet.write_string, sheet.number, sheet.write_formula

        def write(row: int, i: int) -> None:
            """Row ``i`` of the table into row ``row`` (from 0) of the sheet."""
            value, own = values[i], looks[i] if looks else look
            said = formula(i, row + 1) if formula is not None else None
            is_missing = value is None or value != value  # NaN differs from itself
            if said is not None:
                shown = "" if is_missing else safe_text(value) if isinstance(value, str) else float(value)
                formulas(row, column, said, own, shown)
            elif is_missing:
                sheet.write_blank(row, column, None, own)
            elif is_text:
                text(row, column, safe_text(value), own)
            else:
                figure(row, column, float(value), own)

        return write

    def close(self) -> None:
        """Finish the file."""
        self.file.close()


def amount(values: Sequence[Any] | NDArray[Any]) -> str:
    """Format of amounts that are mostly whole: a decimal where some are not."""
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    return "count" if (np.abs(numbers - np.round(numbers)) < 1e-9).all() else "d1"


def _starts(rows: int, groups: Ints | None) -> Ints:
    """First row on each sheet; where a sheet is full before a run of equal ``groups`` ends, the run begins the next."""
    starts = [0]
    while rows - starts[-1] > MOST_ROWS:
        stop = starts[-1] + MOST_ROWS
        if groups is not None:
            stop = max(int(np.searchsorted(groups, groups[stop])), starts[-1] + 1)
        starts.append(stop)
    return np.array(starts, dtype=np.int64)
