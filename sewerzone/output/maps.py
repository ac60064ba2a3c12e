"""Maps of a plan: an interactive one that needs no internet, and a printed one; its cost curve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sewerzone.model import Plan
from sewerzone.output.sheet import Paper
from sewerzone.style import Language

if TYPE_CHECKING:
    from sewerzone.output.web_map import WebMap


def html(plan: Plan, path: str | Path | None = None, base_map: bool = False) -> WebMap:
    """The zoning map as a page in Japanese and English; written to ``path`` as one self-contained file if given.

    Parameters
    ----------
    plan : a finished plan
    path : HTML file to write; it opens and works without internet
    base_map : add tiles of the Geospatial Information Authority of Japan, the only thing that needs the internet
    """
    from sewerzone.output import web_map  # its templates take long to import

    return web_map.html(plan, path, base_map)


def curve(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the cost curve as a PNG file ``width_px`` pixels wide."""
    from sewerzone.output import cost_chart  # likewise matplotlib

    cost_chart.png(plan, path, width_px)


def programme(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw coverage and build-out by year as a PNG file ``width_px`` pixels wide."""
    from sewerzone.output import programme_chart  # likewise matplotlib

    programme_chart.png(plan, path, width_px)


def programme_png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the printed map of the programme as a PNG file ``width_px`` pixels wide."""
    from sewerzone.output import programme_map  # likewise matplotlib

    programme_map.png(plan, path, width_px)


def programme_pdf(plan: Plan, path: str | Path, paper: Paper = "a3") -> None:
    """Draw the map of the programme as a PDF file of vectors in true scale."""
    from sewerzone.output import programme_map  # likewise matplotlib

    programme_map.pdf(plan, path, paper)


def retreat_png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the printed map of the retreat as a PNG file ``width_px`` pixels wide."""
    from sewerzone.output import retreat_map  # likewise matplotlib

    retreat_map.png(plan, path, width_px)


def retreat_pdf(plan: Plan, path: str | Path, paper: Paper = "a3") -> None:
    """Draw the map of the retreat as a PDF file of vectors in true scale."""
    from sewerzone.output import retreat_map  # likewise matplotlib

    retreat_map.pdf(plan, path, paper)


def coverage(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw coverage by district as a PNG file ``width_px`` pixels wide."""
    from sewerzone.output import coverage_chart  # likewise matplotlib

    coverage_chart.png(plan, path, width_px)


def renewal(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the renewal outlook as a PNG file ``width_px`` pixels wide."""
    from sewerzone.output import renewal_chart  # likewise matplotlib

    renewal_chart.png(plan, path, width_px)


def png(plan: Plan, path: str | Path, width_px: int = 1600, paper: Paper = "a3", language: Language | None = None) -> None:
    """Draw the zoning map as a PNG file in the proportions of ``paper``, ``width_px`` pixels wide."""
    from sewerzone.output import printed_map  # likewise matplotlib

    printed_map.png(plan, path, width_px, paper, language)


def pdf(
    plan: Plan, path: str | Path, paper: Paper = "a3", series: bool = False, language: Language | None = None
) -> tuple[str, ...]:
    """Draw the zoning map as a PDF file of vectors in true scale, or a series of sheets by district with a key map.

    Parameters
    ----------
    plan : a finished plan
    path : file to write
    paper : ``a3`` or ``a4``; it lies in landscape or portrait by the shape of the study
    series : one sheet for every district that has buildings, after a key map
    language : of labels; the study's if not given

    Returns
    -------
    tuple of str
        What of a series was left out, in words; empty where nothing was.
    """
    from sewerzone.output import map_series, printed_map

    if series:
        return map_series.pdf(plan, path, paper, language)
    printed_map.pdf(plan, path, paper, language)
    return ()
