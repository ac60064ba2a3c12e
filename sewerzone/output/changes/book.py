"""The workbook of a redrawing alone."""

from __future__ import annotations

from pathlib import Path

from sewerzone.model import Redrawing
from sewerzone.output.workbook import redrawn
from sewerzone.output.workbook.book import Book
from sewerzone.style import Language


def write(redrawing: Redrawing, path: Path, language: Language) -> None:
    """Write the workbook; hostile text in names stays text."""
    book = Book(path, language, redrawing.config.study.name)
    redrawn.sheets(book, redrawing)
    book.close()
