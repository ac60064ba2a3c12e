"""The report of a plan: one page that anybody can read, print and check, from the stored tables alone."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from sewerzone.model import Plan, Redrawing
from sewerzone.output.report import page
from sewerzone.output.report.blocks import Section
from sewerzone.output.report.case import Case
from sewerzone.output.report.contents import SECTIONS
from sewerzone.style import Language

__all__ = ["SECTIONS", "html", "write"]


def write(
    plan: Plan, path: str | Path, language: Language | None = None, redrawing: Redrawing | None = None,
    pictures: Mapping[str, bytes] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Write the report of a plan as one HTML file, whole or not at all; it needs no internet and prints on A4.

    Parameters
    ----------
    plan : a finished plan; nothing is computed anew but sums
    path : file to write, in a directory that exists
    language : of the report; the study's if not given
    redrawing : what the plan changes against an earlier one; adds a section
    pictures : PNG files in that language that are drawn already: ``map`` (the zoning), ``changes``
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix=".report.", dir=path.parent) as spare:
        made = Path(spare) / "report.html"
        made.write_text(html(plan, language, redrawing, pictures), encoding="utf-8", newline="\n")
        made.replace(path)


def html(
    plan: Plan, language: Language | None = None, redrawing: Redrawing | None = None,
    pictures: Mapping[str, bytes] = MappingProxyType({}),
) -> str:  # fmt: skip
    """The report as the text of a page; the same plan gives the same text."""
    case = Case.of(plan, language, redrawing, pictures)
    sections = [Section(key, case.say(f"section_{key}"), blocks) for key, build in SECTIONS if (blocks := build(case))]
    return page.fill(
        "report.html",
        plan,
        case.say,
        kind="report_kind",
        contents=case.say("contents"),
        sections=sections,
    )
