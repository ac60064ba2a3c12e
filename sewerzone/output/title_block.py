"""The title block of a printed sheet: scale, coordinate system, date, data, program, notes."""

from __future__ import annotations

from collections.abc import Sequence

from pyproj import CRS

from sewerzone import style
from sewerzone.crs import in_japanese
from sewerzone.model import Plan
from sewerzone.output import columns, fonts
from sewerzone.output.origins import by_source, origins
from sewerzone.output.pen import Pen
from sewerzone.output.sheet import Sheet
from sewerzone.style import Language

ROW_IN = 0.185
_LABEL_IN = 0.62
_CELLS = 50.0
"""Half-wide letters in a line of the block; a little more, and it is set smaller."""
_MOST_LINES, _MOST_LETTERS = 6, 300
"""Of sources, and letters of one; more end in an ellipsis."""

Rows = list[tuple[str, str]]


def rows(plan: Plan, sheet: Sheet, scale: float, language: Language, notes: Sequence[str] = (), with_data: bool = True) -> Rows:
    """Label and value of every row; what the plan does not know is left out."""

    def say(key: str) -> str:
        return style.text(key, language)

    crs = CRS.from_user_input(plan.config.study.crs).name
    crs = in_japanese(crs) if language == "ja" else crs
    date = plan.run.get("date")
    version = plan.run.get("version")
    out = [
        (say("scale"), f"1:{scale:,.0f} ({sheet.paper.upper()})"),
        (say("crs"), f"{crs} ({plan.config.study.crs})" if crs != plan.config.study.crs else crs),
        *([(say("date"), str(date))] if date else []),
        *(data(plan, language) if with_data else []),
        (say("program"), f"sewerzone{f' {version}' if version else ''} · {say('settings')} {plan.config.digest()[:8]}"),
        (say("note"), say("is_draft")),
        *((say("note"), words) for words in notes),
    ]
    return [(label, fonts.printable(value)) for label, value in out]


def data(plan: Plan, language: Language) -> Rows:
    """Layers with their source and date, long ones on several lines; files in place of what is not stated."""
    clean = [fonts.printable(words, _MOST_LETTERS) for words in sources(plan, language)]
    held = [list(columns.folded(words, _CELLS)) for words in clean]
    if sum(map(len, held)) > _MOST_LINES:  # every source keeps its share of the lines
        each = max(_MOST_LINES // len(held), 1)
        held = [[*lines[: each - 1], f"{lines[each - 1]} …"] if len(lines) > each else lines for lines in held]
    lines = [line for some in held for line in some]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1]} …"]
    return [(style.text("data", language) if k == 0 else "", line) for k, line in enumerate(lines)]


def sources(plan: Plan, language: Language) -> list[str]:
    """A sentence for all layers of one source, as the study file has it."""
    return [f"{names}: {words}" for names, words in by_source(origins(plan, language), language)]


def draw(pen: Pen, block: Rows, left: float, right: float, bottom: float) -> float:
    """Draw the rows as a small table that ends at ``bottom``; returns where it begins."""
    top = bottom - ROW_IN * len(block)
    for index, (label, value) in enumerate(block):
        y = top + ROW_IN * index
        if label:
            pen.line((left, right), (y, y), "#bbbbbb", 0.5)
        pen.text(left + 0.04, y + ROW_IN / 2, label, 7.5, "#555555", down="center", width_in=_LABEL_IN - 0.08)
        pen.text(left + _LABEL_IN, y + ROW_IN / 2, value, 7.5, down="center", width_in=right - left - _LABEL_IN - 0.04)
    pen.box(left, top, right - left, bottom - top, "none", "#888888", 0.7)
    pen.line((left + _LABEL_IN - 0.05,) * 2, (top, bottom), "#bbbbbb", 0.5)
    return top
