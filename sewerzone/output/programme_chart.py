"""The programme as a chart: who is treated how at the end of every year, with the goal, and what every year costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

from sewerzone import style, tables
from sewerzone.model import Plan
from sewerzone.output import fonts, headline

WIDTH_IN, HEIGHT_IN = 10.0, 7.0
_PARTS = {
    "people_sewered": style.TREATMENT_LOOKS["sewer"].line,
    "people_tanks": style.TREATMENT_LOOKS["johkasou"].fill,
    "people_other": style.TREATMENT_LOOKS["own_plant"].fill,
    "people_left": style.TREATMENT_LOOKS["none"].fill,
}
"""Columns of COVERAGE from the bottom to the top, and their colours."""
MOST_LABELS = 16
"""Years whose rate is written over their bar; of more years only every second, third, ..."""


def png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the programme of ``plan`` as a PNG file of ``width_px`` pixels in width; labels in the study's language."""
    draw(plan, width_px / WIDTH_IN).savefig(path, format="png", metadata={"Software": None})


def draw(plan: Plan, dpi: float = 100.0) -> Figure:
    """The programme as a figure."""
    language, family = plan.config.study.language, fonts.family()
    font = FontProperties(family=family, size=10)
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    top, bottom = figure.add_axes((0.09, 0.44, 0.88, 0.41)), figure.add_axes((0.09, 0.09, 0.88, 0.25))
    _people(top, plan, font)
    _money(bottom, plan, font)
    name = fonts.printable(plan.config.study.name)
    title = style.table_name(tables.PROGRAMME, language)
    figure.text(0.09, 0.955, f"{name}: {title}" if name else title, fontproperties=FontProperties(family=family, size=14))
    top.legend(
        prop=font, loc="lower left", bbox_to_anchor=(-0.01, 1.07), ncols=5, borderaxespad=0.0, frameon=False, columnspacing=1.2
    )
    for axes in (top, bottom):
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.grid(axis="y", color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.set_xlim(float(plan.coverage["year"].min()) - 0.6, float(plan.coverage["year"].max()) + 0.6)
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(font)
    source = headline.source(plan, language)
    small = fonts.fitting(source, family, 7.5, WIDTH_IN - 0.5)
    figure.text(0.99, 0.01, source, ha="right", va="bottom", color="#666666", fontproperties=small)
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
            axes.text(year[k], base[k], f"{rate:.1%}" if every > 1 else f"{100 * rate:.0f}%", ha="center", va="bottom",
                      fontproperties=font, fontsize=8.5)  # fmt: skip
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
    every = max(1, -(-len(table) // MOST_LABELS))
    for k, ha in enumerate(table["finished_ha"]):
        if k % every == 0 or every == 1:
            axes.text(year[k], base[k], f"{ha:,.1f}", ha="center", va="bottom", fontproperties=font, fontsize=8.5)
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
