"""Pages from templates: whatever the data say is text, never markup."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from sewerzone.model import Plan
from sewerzone.output import headline
from sewerzone.output.report.words import Words
from sewerzone.output.workbook.book import safe_text

MOST_LETTERS = 1000
"""A longer text in the data is cut: it is no name and no reason, and would push all else off the page."""


def fill(template: str, plan: Plan, say: Words, kind: str, **values: Any) -> str:
    """A template of the folder ``page``, with what every page begins and ends with; ``kind`` is a phrase."""
    home = files("sewerzone.output") / "page"
    loader = FunctionLoader(lambda name: (home / name).read_text("utf-8"))
    page = Environment(autoescape=True, keep_trailing_newline=True, undefined=StrictUndefined, loader=loader)
    page.filters["safe_text"] = shown
    name = plan.config.study.name
    return page.get_template(template).render(
        css=Markup((home / "report.css").read_text("utf-8")),
        language=say.language,
        title=say("report_title", study=name),
        kind=say(kind),
        name=name,
        lines=headline.lines(plan, say.language),
        source=headline.source(plan, say.language),
        **values,
    )


def shown(value: object) -> str:
    """A text of the data as a page may show it: without controls and marks that turn the direction of writing, and cut."""
    text = "\n".join(safe_text(line) for line in str(value).split("\n"))
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
