"""The cost curve as a chart: least yearly cost over the share of people on sewers, and where plans lie."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import charts, fonts
from sewerzone.style import Language

HEIGHT_IN = 6.25
_MILLION = 1e6
_POINTS = {
    "few_pumps": ("^", 45.0, style.PUMP, "few_pumps"),
    "fast": ("v", 45.0, style.PLANT, "fast"),
    "today": ("o", 110.0, style.TREATMENT_LOOKS["johkasou"].line, "on_tanks"),
    "official": ("s", 110.0, style.TREATMENT_LOOKS["sewer"].line, "official"),
    "optimum": ("D", 110.0, style.CONTESTED, "optimum"),
    "plan": ("*", 220.0, style.CONTESTED, "plan_in_time"),
}
"""Marker, size, colour and label of the points beside the curve, from the bottom to the top."""


def png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the cost curve of ``plan`` as a PNG file of ``width_px`` pixels in width.

    Labels are in the study's language.
    """
    charts.png(draw, plan, path, width_px)


def draw(plan: Plan, dpi: float = 100.0) -> Figure:
    """The cost curve as a figure."""
    language = plan.config.study.language
    font = FontProperties(family=fonts.family(), size=11)
    figure = charts.named(plan, style.text("curve_title", language), HEIGHT_IN, 0.08, dpi)
    axes = figure.add_axes((0.08, 0.13, 0.89, 0.79))
    table = plan.cost_curve
    _curve(axes, table[table["kind"] == "least"], language)
    zoning = plan.config.zoning
    is_other = zoning.method != "optimum" and zoning.build_cap_yen_per_yr is not None
    is_timeless = is_other or bool((table["kind"] == "plan").any())
    for kind, (marker, size, colour, word) in _POINTS.items():
        some = table[table["kind"] == kind]
        word = "optimum_timeless" if kind == "optimum" and is_timeless else word
        if len(some):
            axes.scatter(
                100.0 * some["people_sewered_share"], some["yen_per_yr"] / _MILLION, s=size, marker=marker, zorder=3,
                color=style.hex_colour(colour), edgecolors="white", linewidths=0.9, label=style.text(word, language),
            )  # fmt: skip
    axes.set_xlim(-2.0, 102.0)
    axes.set_xlabel(style.text("people_sewered", language) + " (%)", fontproperties=font)
    axes.set_ylabel(
        style.text("yearly_total", language) + f" ({style.text('million_yen_per_yr', language)})", fontproperties=font
    )
    charts.dress(axes, font, "both")
    axes.legend(prop=font, loc="upper center", frameon=False)
    return figure


def _curve(axes: Axes, least: pd.DataFrame, language: Language) -> None:
    """Corners of the curve, joined by its hull: no plan shown lies below the line."""
    share = 100.0 * least["people_sewered_share"]
    axes.plot(
        share, least["yen_per_yr"] / _MILLION, color=style.hex_colour(style.GRAVITY), linewidth=1.8, marker="o", markersize=4,
        label=style.text("least_cost", language), zorder=2,
    )  # fmt: skip
