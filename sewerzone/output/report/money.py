"""What the plan costs, beside the other ways."""

from __future__ import annotations

import pandas as pd

from sewerzone.output import charts, cost_chart
from sewerzone.output.report.blocks import Block, Grid, Picture, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import Bars, Stairs, address

CAPITAL, UPKEEP = "#1f3864", "#9db8dd"
MARK_COLOURS = {"P": "#1f3864", "S": "#6f93c7", "U": "#d5a021"}
MOST_ITEMS = 12


def cost(case: Case) -> list[Block]:
    """Cases side by side, items with their marks, the curve over the share of sewers, the years it takes."""
    say = case.say
    if not len(case.costs):
        return []
    cases = _cases(case)
    rows = [[name, *(case.million(v) for v in (capital, upkeep, capital + upkeep))] for name, capital, upkeep in cases]
    heads = [
        say("cost_case"),
        *(f"{say(key)}\n({say('million_yen_a_year')})" for key in ("construction", "upkeep", "both_kinds")),
    ]
    bars = Bars(
        [name for name, _, _ in cases],
        [
            (say("construction"), CAPITAL, [c / 1e6 for _, c, _ in cases]),
            (say("upkeep"), UPKEEP, [u / 1e6 for _, _, u in cases]),
        ],
        [case.million(c + u) for _, c, u in cases],
        say("million_yen_a_year"),
    )
    return [
        Text(say("cost_text")),
        Picture(bars.source(), f"{say('chart_options')}: {say('chart_options_caption')}"),
        Grid(heads, rows, frozenset({1, 2, 3})),
        *_items(case),
        *_curve(case),
        *_build_out(case),
    ]


def _cases(case: Case) -> list[tuple[str, float, float]]:
    """(case, construction a year, upkeep a year) of tanks everywhere, of every unit by itself, of the plan."""
    say, options = case.say, case.plan.options
    tanks, alone = options[options["option"] == "johkasou"], options[(options["rank"] == 1).fillna(False).astype(bool)]

    def sums(frame: pd.DataFrame) -> tuple[float, float]:
        return float(frame["capital_yen_per_yr"].sum()), float(frame["upkeep_yen_per_yr"].sum())

    found = [(say("case_tanks"), *sums(tanks)), (say("case_alone"), *sums(alone))] if len(options) else []
    return [*found, (say("case_plan"), *sums(case.costs))]


def _items(case: Case) -> list[Block]:
    say = case.say
    table = case.costs.assign(what=[say.item(str(i)) for i in case.costs["item"]])
    by = table.pivot_table(index="what", columns="mark", values="yen_per_yr", aggfunc="sum", fill_value=0.0)
    order = by.sum(axis=1).sort_values(ascending=False, kind="stable").head(MOST_ITEMS)
    by = by.loc[order.index]
    parts = [(say(f"mark_{m}"), MARK_COLOURS[m], (by[m] / 1e6).tolist()) for m in MARK_COLOURS if m in by]
    ends = [f"{case.million(yen)} ({yen / case.yen_per_yr:.1%})" if case.yen_per_yr > 0 else "" for yen in order]
    picture = Bars([str(what) for what in by.index], parts, ends, say("million_yen_a_year")).source()
    return [Picture(picture, f"{say('chart_items')}: {say('chart_items_caption')}")]


def _curve(case: Case) -> list[Block]:
    if not len(case.plan.cost_curve):
        return []
    return [Picture(address(charts.svg(cost_chart.draw(case.plan)), "image/svg+xml"), case.say("curve_caption"))]


def _build_out(case: Case) -> list[Block]:
    """People in systems completed by each year; only where a budget says so."""
    systems = case.plan.systems.dropna(subset="built_year")
    if not len(systems):
        return []
    by_year = systems.groupby("built_year")["people"].sum().cumsum()
    years, people = [0.0, *by_year.index.astype(float)], [0.0, *by_year.to_numpy(float)]
    say = case.say
    return [
        Text(say("build_out"), "heading"),
        Picture(Stairs(years, people, say("year_axis"), say("people_of_plan")).source(), say("build_out_caption")),
    ]
