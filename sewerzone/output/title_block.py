"""The title block of a printed sheet: scale, coordinate system, date, data, program, notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from pyproj import CRS

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import fonts
from sewerzone.output.pen import Pen
from sewerzone.output.sheet import Sheet
from sewerzone.style import Language

ROW_IN = 0.185
_LABEL_IN = 0.62
_MOST_FILES = 3

Rows = list[tuple[str, str]]


def rows(plan: Plan, sheet: Sheet, scale: float, language: Language, notes: Sequence[str] = ()) -> Rows:
    """Label and value of every row; what the plan does not know is left out."""

    def say(key: str) -> str:
        return style.text(key, language)

    crs = CRS.from_user_input(plan.config.study.crs).name
    date = plan.run.get("date")
    version = plan.run.get("version")
    out = [
        (say("scale"), f"1:{scale:,.0f} ({sheet.paper.upper()})"),
        (say("crs"), f"{crs} ({plan.config.study.crs})" if crs != plan.config.study.crs else crs),
        *([(say("date"), str(date))] if date else []),
        (say("data"), data(plan, language)),
        (say("program"), f"sewerzone{f' {version}' if version else ''} · {say('settings')} {plan.config.digest()[:8]}"),
        (say("note"), say("is_draft")),
        *((say("note"), words) for words in notes),
    ]
    return [(label, fonts.printable(value)) for label, value in out]


def data(plan: Plan, language: Language) -> str:
    """Names of the files the plan was made from, without their folders."""
    inputs = plan.config.inputs.model_dump(mode="json")
    named = list(dict.fromkeys(PurePath(path.replace("\\", "/")).name for path in _paths(inputs.values())))
    more = len(named) - _MOST_FILES
    shown = ", ".join(named[:_MOST_FILES])
    return f"{shown} {style.text('and_more', language)} {more}" if more > 0 else shown


def draw(pen: Pen, block: Rows, left: float, right: float, bottom: float) -> float:
    """Draw the rows as a small table that ends at ``bottom``; returns where it begins."""
    top = bottom - ROW_IN * len(block)
    for index, (label, value) in enumerate(block):
        y = top + ROW_IN * index
        pen.line((left, right), (y, y), "#bbbbbb", 0.5)
        pen.text(left + 0.04, y + ROW_IN / 2, label, 7.5, "#555555", down="center", width_in=_LABEL_IN - 0.08)
        pen.text(left + _LABEL_IN, y + ROW_IN / 2, value, 7.5, down="center", width_in=right - left - _LABEL_IN - 0.04)
    pen.box(left, top, right - left, bottom - top, "none", "#888888", 0.7)
    pen.line((left + _LABEL_IN - 0.05,) * 2, (top, bottom), "#bbbbbb", 0.5)
    return top


def _paths(values: Iterable[object]) -> Iterable[str]:
    """Every path among the settings of inputs: texts, lists of texts, and layers with a path."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict) and isinstance(value.get("path"), str):
            yield value["path"]
        elif isinstance(value, list):
            yield from _paths(value)
