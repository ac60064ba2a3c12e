"""The programme as a chart: who is treated how at the end of every year, with the goal, and what every year costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from sewerzone import style, tables
from sewerzone.model import Plan
from sewerzone.output import charts, fonts

HEIGHT_IN = 7.0
_PARTS = {
    "people_sewered": style.TREATMENT_LOOKS["sewer"].line,
    "people_tanks": style.TREATMENT_LOOKS["johkasou"].fill,
    "people_other": style.TREATMENT_LOOKS["own_plant"].fill,
    "people_left": style.TREATMENT_LOOKS["none"].fill,
}
"""Columns of COVERAGE from the bottom to the top, and their colours."""
MOST_LABELS = 22
"""Years whose rate is written over their bar; of more years only every second, third, ..."""


def png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the programme of ``plan`` as a PNG file of ``width_px`` pixels in width; labels in the study's language."""
    charts.png(draw, plan, path, width_px)


def draw(plan: Plan, dpi: float = 100.0) -> Figure:
    """The programme as a figure."""
    font = FontProperties(family=fonts.family(), size=10)
    figure = charts.named(plan, style.table_name(tables.PROGRAMME, plan.config.study.language), HEIGHT_IN, 0.09, dpi)
    top, bottom = figure.add_axes((0.09, 0.44, 0.88, 0.41)), figure.add_axes((0.09, 0.09, 0.88, 0.25))
    _people(top, plan, font)
    _money(bottom, plan, font)
    top.legend(
        prop=font, loc="lower left", bbox_to_anchor=(-0.01, 1.07), ncols=5, borderaxespad=0.0, frameon=False, columnspacing=1.2
    )
    for axes in (top, bottom):
        charts.over_years(axes, (float(plan.coverage["year"].min()), float(plan.coverage["year"].max())), font)
    return figure


def _people(axes: Axes, plan: Plan, font: FontProperties) -> None:
    """Stacked bars of people, the rate of coverage over each, and the goal in its year."""
    language, table, goal = plan.config.study.language, plan.coverage, plan.config.coverage
    year, base = table["year"].to_numpy(), np.zeros(len(table))
    for name, colour in _PARTS.items():
        people = table[name].to_numpy(float)
        if people.any():
            label = style.heading(tables.COVERAGE.column(name), language)
            axes.bar(year, people, 0.74, base, color=style.hex_colour(colour), label=label, edgecolor="white", linewidth=0.4)
        base = base + people
    every = max(1, -(-len(table) // MOST_LABELS))
    for k in range(0, len(table), every):
        rate = table["coverage_share"].iloc[k]
        if rate == rate:
            axes.text(year[k], base[k], "100%" if rate >= 1.0 else f"{rate:.1%}", ha="center", va="bottom",
                      fontproperties=font, fontsize=8.0)  # fmt: skip
    at = plan.config.programme.first_year + goal.goal_years - 1
    if at in set(year.tolist()):
        aim = goal.goal_share * float(table.loc[table["year"] == at, "people"].iloc[0])
        label = f"{style.table_name(tables.COVERAGE_GOAL, language)} ({goal.goal_share:.0%})"
        axes.plot([at - 0.48, at + 0.48], [aim, aim], color="#1b2430", linewidth=2.2, label=label)
    axes.set_ylim(0.0, max(float(base.max(initial=0.0)) * 1.08, 1.0))
    share = style.heading(tables.COVERAGE.column("coverage_share"), language)
    people_of = style.heading(tables.COVERAGE.column("people"), language)
    axes.set_title(f"{people_of} / {share}", fontproperties=font, loc="left")


def _money(axes: Axes, plan: Plan, font: FontProperties) -> None:
    """What sewers and tanks cost in every year, the cap on sewers, and the hectares finished over each bar."""
    language, table = plan.config.study.language, plan.programme_years
    year, base = table["year"].to_numpy(), np.zeros(len(table))
    for name, treatment in (("sewer_yen", "sewer"), ("tank_yen", "johkasou")):
        million = table[name].to_numpy(float) / 1e6
        if million.any():
            look = style.TREATMENT_LOOKS[treatment]
            label = style.heading(tables.PROGRAMME_YEARS.column(name), language).split("\n")[0]
            colour = style.hex_colour(look.line if treatment == "sewer" else look.fill)
            axes.bar(year, million, 0.74, base, color=colour, label=label, edgecolor="white", linewidth=0.4)
        base = base + million
    cap = table["cap_yen"].to_numpy(float) / 1e6
    if np.isfinite(cap).any():
        label = style.heading(tables.PROGRAMME_YEARS.column("cap_yen"), language).split("\n")[0]
        axes.hlines(cap, year - 0.48, year + 0.48, color="#1b2430", linewidth=1.6, label=label)
        base = np.fmax(base, cap)
    for k, ha in enumerate(table["finished_ha"]):
        if ha > 0.0:  # few years finish something, and these figures are short
            axes.annotate(f"{ha:,.1f}", (year[k], base[k]), (0.0, 2.0), textcoords="offset points", ha="center", va="bottom",
                          fontproperties=font, fontsize=8.5)  # fmt: skip
    axes.set_ylim(0.0, max(float(base.max(initial=0.0)) * 1.14, 1e-6))
    ha_word = style.heading(tables.PROGRAMME_YEARS.column("finished_ha"), language).replace("\n", " ")
    money = style.text("million_yen", language)
    axes.set_title(f"{money} / {ha_word}", fontproperties=font, loc="left")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            prop=font,
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=3,
            borderaxespad=0.0,
            frameon=False,
            columnspacing=1.2,
        )
