"""Pages from templates: whatever the data say is text, never markup."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sewerzone.output.workbook.book import safe_text

MOST_LETTERS = 1000
"""A longer text in the data is cut: it is no name and no reason, and would push all else off the page."""


def fill(template: str, **values: Any) -> str:
    """A template of the folder ``page`` with its values and the style sheet."""
    home = files("sewerzone.output") / "page"
    css = Markup((home / "report.css").read_text("utf-8"))
    page = Environment(autoescape=True, keep_trailing_newline=True, undefined=StrictUndefined)
    page.filters["safe_text"] = shown
    return page.from_string((home / template).read_text("utf-8")).render(css=css, **values)


def shown(value: object) -> str:
    """A text of the data as a page may show it: without controls and marks that turn the direction of writing, and cut."""
    text = "\n".join(safe_text(line) for line in str(value).split("\n"))
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
