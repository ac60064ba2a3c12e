"""Coverage by district as a chart: from where to where it goes, and whether it reaches the goal in its year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from sewerzone import style, tables
from sewerzone.model import Plan
from sewerzone.output import charts, fonts
from sewerzone.output.districts import labels

MOST_DISTRICTS = 45
"""Rows of the chart; of more districts those with most people are drawn."""
ROW_IN, FRAME_IN = 0.27, 1.6
LINE, END, START = "#9db8dd", "#1f3864", "#8a94a0"
MISSED = "#b3261e"
TEXTS = {
    "year": ("{year}年度末", "end of {year}"),
    "goal": ("中期目標 {share:.0%}({year}年度)", "Goal: {share:.0%} in {year}"),
    "most": ("人口の多い{shown}地区(全{all}地区)", "The {shown} districts with most people, of {all}"),
    "people": ("{people:,.0f}人", "{people:,.0f} people"),
}


def png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw coverage by district as a PNG file of ``width_px`` pixels in width; labels in the study's language."""
    charts.png(draw, plan, path, width_px)


def moments(plan: Plan) -> tuple[int, int | None, int]:
    """First year of the table, the goal's year where it lies within, and the last."""
    years = plan.coverage_districts["year"]
    first, last = int(years.min()), int(years.max())
    goal = plan.config.programme.first_year + plan.config.coverage.goal_years - 1
    return first, goal if first < goal < last else None, last


def by_district(plan: Plan) -> pd.DataFrame:
    """``people`` in the first year and the ``first``, ``goal`` and ``last`` rate of every district, in the user's order.

    Houses outside all districts come last, as ``district_id`` -1; districts without people are left out.
    """
    first, goal, last = moments(plan)
    table = plan.coverage_districts
    rates = table.pivot_table(index="district_id", columns="year", values="coverage_share", aggfunc="first", dropna=False)
    people = table[table["year"] == first].set_index("district_id")["people"]
    out = pd.DataFrame(
        {
            "people": people, "first": rates.get(first), "goal": np.nan if goal is None else rates.get(goal),
            "last": rates.get(last),
        }
    )  # fmt: skip
    out = out[out["people"] > 0].rename_axis("district_id").reset_index()
    order = np.lexsort((out["district_id"], out["district_id"] < 0))
    return out.iloc[order].reset_index(drop=True)


def draw(plan: Plan, dpi: float = 100.0) -> Figure:
    """Coverage by district as a figure: a row for each, the first on top."""
    font = FontProperties(family=fonts.family(), size=9.5)
    every = by_district(plan)
    shown = every.loc[every["people"].nlargest(MOST_DISTRICTS).index.sort_values()]
    height = FRAME_IN + ROW_IN * max(len(shown), 2)
    figure = charts.named(plan, style.table_name(tables.COVERAGE_DISTRICTS, plan.config.study.language), height, 0.05, dpi)
    names = [_name(plan, int(number)) for number in shown["district_id"]]
    widest = max((len(name.encode("cp932", "replace")) for name in names), default=10)
    left = min(0.05 + 0.0075 * widest, 0.36)
    axes = figure.add_axes((left, 0.72 / height, 0.80 - left, 1.0 - FRAME_IN / height))
    _rates(axes, plan, shown, font)
    axes.set_yticks(range(len(shown)), names, parse_math=False)
    charts.dress(axes, font, "x")
    if len(shown) < len(every):
        said = _say("most", plan, shown=len(shown), all=len(every))
        axes.set_xlabel(said, fontproperties=font)
    return figure


def _rates(axes: Axes, plan: Plan, rows: pd.DataFrame, font: FontProperties) -> None:
    """A line from the first rate to the last, the goal year between; at the right people and the last rate."""
    first, goal_year, last = moments(plan)
    aim, at = plan.config.coverage.goal_share, np.arange(len(rows))
    axes.axvline(aim, color="#1b2430", linewidth=1.4, linestyle=(0, (4, 3)), zorder=1, label=_goal(plan))
    axes.hlines(at, rows["first"], rows["last"], color=LINE, linewidth=4.0, zorder=2)
    axes.scatter(rows["first"], at, s=38, facecolors="white", edgecolors=START, linewidths=1.6, zorder=3,
                 label=_say("year", plan, year=first))  # fmt: skip
    if goal_year is not None:
        axes.scatter(rows["goal"], at, s=34, marker="D", color=LINE, edgecolors=END, linewidths=0.8, zorder=4,
                     label=_say("year", plan, year=goal_year))  # fmt: skip
    axes.scatter(rows["last"], at, s=42, color=END, zorder=5, label=_say("year", plan, year=last))
    due = rows["last"] if goal_year is None else rows["goal"]
    for k, (people, begins, ends, then) in enumerate(zip(rows["people"], rows["first"], rows["last"], due, strict=True)):
        told = f"{_rate(begins)} → {_rate(ends)}   {_say('people', plan, people=people)}"
        colour = MISSED if then == then and then < aim - 5e-4 else "#1b2430"
        axes.text(1.03, k, told, va="center", fontproperties=font, fontsize=8.8, color=colour, clip_on=False)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.tick_params(axis="y", length=0)
    axes.legend(prop=font, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=4, borderaxespad=0.3, frameon=False,
                columnspacing=1.4, handletextpad=0.5)  # fmt: skip


def _name(plan: Plan, number: int) -> str:
    language = plan.config.study.language
    return style.text("no_district", language) if number < 0 else fonts.printable(labels(plan.districts, language)[number])


def _goal(plan: Plan) -> str:
    goal = plan.config.coverage
    return _say("goal", plan, share=goal.goal_share, year=plan.config.programme.first_year + goal.goal_years - 1)


def _say(key: str, plan: Plan, **values: float) -> str:
    return TEXTS[key][plan.config.study.language == "en"].format(**values)


def _rate(share: float) -> str:
    return "–" if share != share else f"{share:.1%}"
