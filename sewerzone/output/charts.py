"""What charts that stand by themselves have in common: a named figure, axes over years, the source at its foot."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from sewerzone.model import Plan
from sewerzone.output import fonts, headline

WIDTH_IN, HEAD_IN = 10.0, 0.34
Draw = Callable[[Plan, float], Figure]
"""Draws a plan with so many pixels an inch."""


def named(plan: Plan, title: str, height_in: float, left: float, dpi: float) -> Figure:
    """An empty figure that bears the name of the study, a title, and the source of the data."""
    family = fonts.family()
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    name = fonts.printable(plan.config.study.name)
    said = f"{name}: {title}" if name else title
    large = FontProperties(family=family, size=14)
    figure.text(left, 1.0 - HEAD_IN / height_in, said, fontproperties=large, parse_math=False)
    source = headline.source(plan, plan.config.study.language)
    small = fonts.fitting(source, family, 7.5, WIDTH_IN - 0.5)
    figure.text(0.99, 0.07 / height_in, source, ha="right", va="bottom", color="#666666", fontproperties=small)
    return figure


def dress(axes: Axes, font: FontProperties, grid: str = "y") -> None:
    """The look of all axes: no box, a pale grid across the bars, figures with commas."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis=grid, color="#dddddd", linewidth=0.6)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font)


def over_years(axes: Axes, years: tuple[float, float], font: FontProperties, margin: float = 0.6) -> None:
    """Dress axes with whole years along and amounts up."""
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.set_xlim(years[0] - margin, years[1] + margin)
    dress(axes, font)


def png(draw: Draw, plan: Plan, path: str | Path, width_px: int) -> None:
    """Draw a chart as a PNG file of ``width_px`` pixels in width; equal plans give equal bytes."""
    draw(plan, width_px / WIDTH_IN).savefig(path, format="png", metadata={"Software": None})


def svg(figure: Figure) -> bytes:
    """A figure as an SVG picture whose letters are outlines; equal figures give equal bytes."""
    out = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "sewerzone", "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()
