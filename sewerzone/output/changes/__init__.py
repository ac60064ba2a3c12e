"""What a new plan changes against today's: for people to read, as text, workbook, printed map and web page."""

from __future__ import annotations

from pathlib import Path

from sewerzone.model import Redrawing
from sewerzone.output.changes.text import text
from sewerzone.style import Language

__all__ = ["draw", "text"]


def draw(redrawing: Redrawing, directory: Path, language: Language) -> None:
    """Write workbook, printed map and web page into a folder that exists."""
    from sewerzone.output.changes import book, page, printed  # matplotlib and xlsxwriter take long to import

    book.write(redrawing, directory / "redrawing.xlsx", language)
    printed.draw(redrawing, [directory / "changes.png", directory / "changes.pdf"], language)
    page.write(redrawing, directory / "changes.html", language)
