"""The report of a plan: one page that anybody can read, print and check, from the stored tables alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sewerzone.model import Plan
from sewerzone.output import headline
from sewerzone.output.report import page
from sewerzone.output.report.blocks import Section
from sewerzone.output.report.case import Case
from sewerzone.output.report.contents import SECTIONS
from sewerzone.style import Language

__all__ = ["SECTIONS", "html", "write"]


def write(plan: Plan, path: str | Path, language: Language | None = None, map_png: str | Path | None = None) -> None:
    """Write the report of a plan as one HTML file, whole or not at all; it needs no internet and prints on A4.

    Parameters
    ----------
    plan : a finished plan; nothing is computed anew but sums
    path : file to write, in a directory that exists
    language : of the report; the study's if not given
    map_png : the zoning map in that language, where it is drawn already
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix=".report.", dir=path.parent) as spare:
        made = Path(spare) / "report.html"
        made.write_text(html(plan, language, map_png), encoding="utf-8", newline="\n")
        made.replace(path)


def html(plan: Plan, language: Language | None = None, map_png: str | Path | None = None) -> str:
    """The report as the text of a page; the same plan gives the same text."""
    case = Case.of(plan, language, None if map_png is None else Path(map_png).read_bytes())
    sections = [Section(key, case.say(f"section_{key}"), blocks) for key, build in SECTIONS if (blocks := build(case))]
    return page.fill(
        "report.html",
        language=case.language,
        title=case.say("report_title", study=plan.config.study.name),
        kind=case.say("report_kind"),
        name=plan.config.study.name,
        lines=headline.lines(plan, case.language),
        contents=case.say("contents"),
        sections=sections,
        source=headline.source(plan, case.language),
    )
