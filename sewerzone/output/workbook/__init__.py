"""The workbook of a plan: every figure a reviewer needs to check it without us, from the stored tables alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sewerzone.model import Plan, Redrawing
from sewerzone.output import spoken
from sewerzone.output.workbook import comparison, cost_rows, declared, districts, overview, prices, redrawn
from sewerzone.output.workbook.book import Book
from sewerzone.output.workbook.study import Facts, Layout
from sewerzone.style import Language

__all__ = ["write"]


def write(plan: Plan, path: str | Path, language: Language | None = None, redrawing: Redrawing | None = None) -> None:
    """Write a plan as an Excel workbook whose totals, costs and verdicts are live formulas.

    Parameters
    ----------
    plan : a finished plan; nothing is computed anew but sums and break-even prices
    path : file to write, in a directory that exists; it is whole or not there
    language : of sheets and headings; the study's if not given
    redrawing : what the plan changes against an earlier one; adds its sheets
    """
    path = Path(path)
    told = language or plan.config.study.language
    facts = Facts.of(spoken.of_language(plan, told))
    with tempfile.TemporaryDirectory(prefix=".workbook.", dir=path.parent) as spare:
        made = Path(spare) / "workbook.xlsx"
        book = Book(made, told, plan.config.study.name)
        _sheets(book, facts, redrawing)
        book.close()
        made.replace(path)


def _sheets(book: Book, facts: Facts, redrawing: Redrawing | None) -> None:
    say = book.words
    at = Layout.of(facts, say)
    lines = prices.price_list(facts.plan.costs, facts.moving)
    is_plan = facts.plan.costs["is_in_plan"].to_numpy(bool)
    cover = book.sheet(say("cover"), say("cover_note"), "#1F3864")
    overview.summary(book, facts, at)
    if redrawing is not None:
        redrawn.sheets(book, redrawing)
    prices.write(book, lines, facts.plan.config.cost, at.prices)
    comparison.units(book, facts, at)
    comparison.systems(book, facts, at)
    comparison.options(book, facts, at)
    districts.write(book, facts, at)
    cost_rows.write(book, at.rows, "plan_rows_note", facts.rows, lines.rows(is_plan), at.prices)
    cost_rows.write(book, at.alone, "alone_rows_note", facts.alone, lines.rows(~is_plan), at.prices)
    for listed in declared.SHEETS:
        declared.write(book, facts.plan, listed)
    overview.cover(book, facts, cover)
