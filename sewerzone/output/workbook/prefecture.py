"""The workbook of a prefecture: municipalities, districts, failures and what the work took; totals are live formulas."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from sewerzone.output.prefecture.content import Prefecture
from sewerzone.output.prefecture.words import partial, say, stage
from sewerzone.output.workbook import declared
from sewerzone.output.workbook.book import Book, Field, Placed, amount, letter
from sewerzone.style import COLLECTIVE, treatment_label
from sewerzone.tables import Table
from sewerzone.tables.prefecture import EFFORT, LIVED_IN, MUNICIPAL_DISTRICTS, MUNICIPALITIES

_SHARES = ("collective_people_share", "gap_share", "unverified_share")
_NOT_SUMMED = ("code", "name", "status", "district_id", "district", *_SHARES)
_IN_SUMMARY = (
    "sewer_m", "pumps", "own_plants", "capital_yen", "total_yen_per_yr", "official_yen_per_yr", "optimum_yen_per_yr",
    "saving_yen_per_yr",
)  # fmt: skip
_COUNT_WIDTH, _NAME_WIDTH = 11.0, 20.0


def write(prefecture: Prefecture, path: Path) -> None:
    """Write the workbook; it is whole or not there."""
    with tempfile.TemporaryDirectory(prefix=".workbook.", dir=path.parent) as spare:
        made = Path(spare) / "workbook.xlsx"
        book = Book(made, prefecture.language, f"{prefecture.name} {say('book_title', prefecture.language)}".strip())
        listed = Placed.of(book.words.table(MUNICIPALITIES), len(prefecture.municipalities))
        lacks = partial(prefecture, prefecture.language)
        _summary(book, prefecture, listed, lacks)
        book.table(listed, _note(book, MUNICIPALITIES, lacks), _fields(book, prefecture.municipalities, MUNICIPALITIES), 3)
        _declared(book, prefecture.districts, MUNICIPAL_DISTRICTS, lacks)
        _failures(book, prefecture.failures)
        took = prefecture.effort.assign(slowest=[stage(s, book.language) for s in prefecture.effort["slowest"]])
        _declared(book, took, EFFORT, lacks)
        book.close()
        made.replace(path)


def _note(book: Book, table: Table, lacks: str) -> str:
    """Below the title of a sheet: that its totals are partial, and what it shows."""
    return "  ".join(filter(None, (lacks, "" if book.language == "ja" else table.meaning)))


def _fields(book: Book, frame: pd.DataFrame, table: Table) -> list[Field]:
    """The columns of a table; the share of people on sewers and the gap are live."""
    names = [c.name for c in table.columns]
    totals = tuple(c.name for c in table.columns if c.kind in ("int", "float") and c.name not in _NOT_SUMMED)
    at = {name: letter(k) for k, name in enumerate(names)}
    fields = declared.fields(frame, table, book.words, totals if table is not EFFORT else ("seconds",))
    formulas: dict[str, Callable[[int, int], str | None]] = {}
    if "collective_people_share" in at:
        sewered = [at[f"{t}_people"] for t in COLLECTIVE]
        formulas["collective_people_share"] = lambda _, row: (
            f"=IF(N({at['people']}{row})>0,({'+'.join(f'{c}{row}' for c in sewered)})/{at['people']}{row},0)"
        )
    if "gap_share" in at:
        formulas["gap_share"] = lambda _, row: f"={at['optimum_yen_per_yr']}{row}/{at['least_yen_per_yr']}{row}-1"
        formulas["saving_yen_per_yr"] = lambda _, row: f"={at['official_yen_per_yr']}{row}-{at['optimum_yen_per_yr']}{row}"
    return [
        _live(replace(field, width=_width(name, field), format=_format(name, field)), frame[name], formulas.get(name))
        for name, field in zip(names, fields, strict=True)
    ]


def _live(field: Field, values: Any, formula: Callable[[int, int], str | None] | None) -> Field:
    """With a formula where there is a value."""
    if formula is None:
        return field
    known = values.notna().to_numpy()
    return replace(field, formula=lambda i, row: formula(i, row) if known[i] else None)


def _format(name: str, field: Field) -> str:
    if name.endswith("people"):
        return "count"
    return amount(field.values) if name.endswith("dwellings") else field.format


def _width(name: str, field: Field) -> float:
    if name == "code":
        return 10.0
    if name in ("name", "district"):
        return _NAME_WIDTH
    return max(_COUNT_WIDTH, field.width if "yen" in name else 0.0)


def _declared(book: Book, frame: pd.DataFrame, table: Table, lacks: str) -> None:
    if len(frame):
        book.table(Placed.of(book.words.table(table), len(frame)), _note(book, table, lacks), _fields(book, frame, table), 2)


def _failures(book: Book, failures: list[dict[str, str]]) -> None:
    if not failures:
        return
    language = book.language
    fields = [
        Field(say("code", language), [f["code"] for f in failures], width=10),
        Field(say("municipality", language), [f["name"] for f in failures], width=_NAME_WIDTH),
        Field(say("kind", language), [f["kind"] for f in failures], width=16),
        Field(say("message", language), [f["message"] for f in failures], width=110, wraps=True),
    ]
    book.table(Placed.of(say("failures", language), len(failures)), "", fields, 2, "#E6B8B7")


def _summary(book: Book, prefecture: Prefecture, listed: Placed, lacks: str) -> None:
    """Totals by treatment and of costs, as formulas over the sheet of municipalities."""
    language, words, table = book.language, book.words, prefecture.municipalities
    column = {c.name: letter(k) for k, c in enumerate(MUNICIPALITIES.columns)}
    sheet = book.sheet(words("summary"), "", "#1F3864")
    book.title(sheet, book.study, lacks)
    for k, width in enumerate((40.0, 16.0, 16.0, 14.0)):
        sheet.set_column(k, k, width)

    def total(name: str) -> tuple[str, float]:
        ranges = ",".join(listed.whole(column[name])) or "0"
        return f"SUM({ranges})", float(table[name].sum())

    states = table["status"].value_counts()
    row = 3
    for state in ("done", "failed", "not run"):
        label = words.choice("status", state)
        sheet.write_string(row, 0, f"{say('municipality', language)}: {say(state, language)}", book.look(**_GRID))
        ranges = "+".join(f'COUNTIF({r},"{label}")' for r in listed.whole(column["status"])) or "0"
        sheet.write_formula(row, 1, f"={ranges}", book.number("count", **_GRID), int(states.get(state, 0)))
        row += 1
    row = _by_treatment(book, sheet, total, row + 1)
    for name in _IN_SUMMARY:
        formula, value = total(name)
        sheet.write_string(row, 0, words.heading(MUNICIPALITIES.column(name)).replace("\n", " "), book.look(**_GRID))
        form = "yen" if "yen" in name else "count"
        sheet.write_formula(row, 1, f"={formula}", book.number(form, **_GRID), value)
        row += 1


_GRID = {"border": 1, "border_color": "#BFBFBF"}


def _by_treatment(book: Book, sheet: Any, total: Callable[[str], tuple[str, float]], row: int) -> int:
    """Dwellings, people and share of people by treatment; returns the row below."""
    language = book.language
    heads = (say("by_treatment", language), say("dwellings", language), say("people", language), say("of_people", language))
    for k, head in enumerate(heads):
        sheet.write_string(row, k, head, book.head)
    first, last = row + 1, row + len(LIVED_IN) + 1
    everyone = sum(total(f"{t}_people")[1] for t in LIVED_IN)
    sums = {f: sum(total(f"{t}_{f}")[1] for t in LIVED_IN) for f in ("dwellings", "people")}
    for k, treatment in enumerate((*LIVED_IN, None)):
        at = first + k
        bold = {} if treatment else {"bold": True}
        sheet.write_string(
            at, 0, treatment_label(treatment, language) if treatment else say("all", language), book.look(**_GRID, **bold)
        )
        for c, figure in ((1, "dwellings"), (2, "people")):
            column = letter(c)
            formula, value = (
                total(f"{treatment}_{figure}") if treatment else (f"SUM({column}{first + 1}:{column}{last})", sums[figure])
            )
            sheet.write_formula(at, c, f"={formula}", book.number("count", **_GRID, **bold), value)
        people = total(f"{treatment}_people")[1] if treatment else everyone
        share = people / everyone if everyone > 0 else 0.0
        sheet.write_formula(at, 3, f"=IF(C{last + 1}>0,C{at + 1}/C{last + 1},0)", book.number("share", **_GRID, **bold), share)
    return last + 2
