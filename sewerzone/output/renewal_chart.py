"""The renewal outlook as a chart: yearly cost at the statutory life above, at the target life and levelled below."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from sewerzone import style, tables
from sewerzone.model import Plan
from sewerzone.output import charts, fonts
from sewerzone.output.workbook.words import Words
from sewerzone.tables.ageing import ASSETS

HEIGHT_IN = 6.6
COLOURS = {"pipe": "#3d6bb3", "plant": "#7a9e7e", "pump": "#c97b4a"}
ASSUMED = "#9fb6dc"
"""Of the levelled amount, what rests on an assumed year."""
_MILLION = 1e6
TEXTS = {
    "unit": ("百万円/年", "M yen a year"),
    "rate": ("平準化: 最大 {rate:,.1f} 百万円/年", "Levelled: at most {rate:,.1f} M yen a year"),
    "left": ("最大 {most:,.0f}、計 {total:,.0f} 百万円", "at most {most:,.0f}, in all {total:,.0f} M yen"),
    "assumed": ("うち布設年度不明", "of which of unknown year"),
}


def png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the outlook of ``plan`` as a PNG file of ``width_px`` pixels in width; labels in the study's language."""
    charts.png(draw, plan, path, width_px)


def draw(plan: Plan, dpi: float = 100.0) -> Figure:
    """The outlook as a figure."""
    font = FontProperties(family=fonts.family(), size=10)
    figure = charts.named(plan, style.table_name(tables.RENEWAL, plan.config.study.language), HEIGHT_IN, 0.08, dpi)
    top, bottom = figure.add_axes((0.08, 0.54, 0.89, 0.33)), figure.add_axes((0.08, 0.09, 0.89, 0.33))
    years = plan.renewal["year"]
    for axes, columns in ((top, ("statutory_yen",)), (bottom, ("target_yen", "levelled_yen"))):
        _bars(axes, plan, columns[0], font)
        if len(columns) > 1:
            _levelled(axes, plan, font)
        charts.over_years(axes, (float(years.min()), float(years.max())), font, 0.8)
        axes.legend(
            prop=font, loc="upper right", ncols=2, borderaxespad=0.2, framealpha=0.9, edgecolor="#e3e6ea",
            columnspacing=1.2, handlelength=1.3,
        )  # fmt: skip
    return figure


def _say(key: str, plan: Plan, **values: float) -> str:
    return TEXTS[key][plan.config.study.language == "en"].format(**values)


def _bars(axes: Axes, plan: Plan, column: str, font: FontProperties) -> None:
    """One kind of outlook: bars by year, stacked by what is renewed."""
    language, say = plan.config.study.language, Words(plan.config.study.language)
    table = plan.renewal.pivot_table(index="year", columns="asset", values=column, aggfunc="sum", fill_value=0.0)
    base = np.zeros(len(table))
    for asset in ASSETS:
        if asset in table:
            height = table[asset].to_numpy(float) / _MILLION
            axes.bar(table.index, height, 0.78, base, color=COLOURS[asset], label=say.choice("asset", asset))
            base = base + height
    axes.set_ylim(0.0, max(1.45 * float(base.max(initial=0.0)), 1e-6))  # room for the key
    name = style.heading(tables.RENEWAL.column(column), language).split("\n")[0]
    told = _say("left", plan, most=float(base.max(initial=0.0)), total=float(base.sum()))
    axes.set_title(f"{name} ({_say('unit', plan)}): {told}", fontproperties=font, loc="left", pad=8.0)


def _levelled(axes: Axes, plan: Plan, font: FontProperties) -> None:
    """The levelled amount as a line over the bars, the part of unknown years shaded."""
    yearly = plan.renewal.groupby("year")[["levelled_yen", "assumed_yen"]].sum() / _MILLION
    edges = np.append(yearly.index.to_numpy(float), yearly.index.max() + 1.0) - 0.5
    rate = float(plan.renewal_sums["levelled_yen_per_yr"].max()) / _MILLION
    label = _say("rate", plan, rate=rate)
    if yearly["assumed_yen"].any():
        axes.stairs(yearly["assumed_yen"], edges, fill=True, color=ASSUMED, alpha=0.8, zorder=3, label=_say("assumed", plan))
    axes.stairs(yearly["levelled_yen"], edges, color="#b3261e", linewidth=1.8, zorder=4, label=label, baseline=None)
