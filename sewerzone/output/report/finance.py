"""Who pays, what a household pays, indicators, income and expenditure by year, fewer people; each only where asked for."""

from __future__ import annotations

import pandas as pd

from sewerzone import tables
from sewerzone.output.report.blocks import Block, Grid, Picture, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import Bars, Lines
from sewerzone.stages.outcome import SEWERED
from sewerzone.tables.money import MEASURES, PAYERS, PLANS

PAYER_COLOURS = {
    "national": "#1f3864", "prefecture": "#6f93c7", "city": "#3f8f6b", "bond": "#a9cdb8", "resident": "#d5a021",
}  # fmt: skip
PLAN_COLOURS = {"today_plan": "#8a94a0", "new_plan": "#b03a2e"}
HOUSEHOLD = ("kind", "charge", "once_yen", "yen_per_yr", "mark")
INDICATOR = ("indicator", "measured_in", "now", "planned", "formula")
OUTLOOK = (
    "plan",
    "year",
    "people_connected",
    "fee_yen",
    "construction_yen",
    "upkeep_yen",
    "balance_yen",
    "lacking_yen",
    "debt_yen",
)
TURNED = (
    "unit_id", "people_rate_per_yr", "steady_treatment", "decline_treatment", "turn_year", "sewer_regret_yen",
    "johkasou_regret_yen", "least_regret_treatment",
)  # fmt: skip
STEADY = (
    "unit_id", "static_treatment", "sewer_yen_per_yr", "johkasou_yen_per_yr", "steady_treatment", "sewer_present_yen",
    "johkasou_present_yen",
)  # fmt: skip
EVERY_YR = 5
"""Years of the outlook that the report prints; the workbook has them all."""


def payers(case: Case) -> list[Block]:
    """Who pays for construction, by what is built, and what one household pays."""
    plan, say = case.plan, case.say
    blocks: list[Block] = []
    if len(plan.payments):
        blocks += _payments(case, plan.payments)
    if len(plan.households):
        blocks += _listed(case, tables.HOUSEHOLDS, plan.households, HOUSEHOLD)
    return [Text(say("payers_text")), *blocks] if blocks else []


def _payments(case: Case, paid: pd.DataFrame) -> list[Block]:
    say = case.say
    sums = paid.pivot_table(index="measure", columns="payer", values="paid_yen", aggfunc="sum", fill_value=0)
    sums = sums.reindex(index=[m for m in MEASURES if m in sums.index], columns=[p for p in PAYERS if p in sums])
    names = [say.choice("measure", str(m)) for m in sums.index]
    parts = [(say.choice("payer", str(p)), PAYER_COLOURS[str(p)], (sums[p] / 1e6).tolist()) for p in sums]
    ends = [case.million(float(yen)) for yen in sums.sum(axis=1)]
    rows = [
        [name, *map(case.million, row), end] for name, row, end in zip(names, sums.to_numpy(float).tolist(), ends, strict=True)
    ]
    heads = [f"{say('million_yen')}", *(label for label, _, _ in parts), say("all")]
    total = [say("all"), *(case.million(float(sums[p].sum())) for p in sums), case.million(float(sums.to_numpy().sum()))]
    return [
        Picture(Bars(names, parts, ends, say("million_yen")).source(), say("payers_caption")),
        Grid(heads, rows, frozenset(range(1, len(heads))), total=total),
    ]


def accounts(case: Case) -> list[Block]:
    """Indicators today and with the plan, and the outlook of both plans."""
    plan = case.plan
    blocks: list[Block] = []
    if len(plan.indicators):
        blocks += _listed(case, tables.INDICATORS_TABLE, plan.indicators, INDICATOR)
    if len(plan.outlook):
        blocks += _outlook(case, plan.outlook)
    return blocks


def _outlook(case: Case, outlook: pd.DataFrame) -> list[Block]:
    say = case.say
    years = sorted(outlook["year"].unique().tolist())
    by_plan = {name: outlook[outlook["plan"] == name].set_index("year").reindex(years) for name in PLANS}
    names = {name: say.choice("plan", name) for name in PLANS}
    charts: list[Block] = []
    for column in ("balance_yen", "debt_yen"):
        lines = [(names[n], PLAN_COLOURS[n], by_plan[n][column].to_numpy(float) / 1e6) for n in PLANS]
        title = say.heading_of("outlook", column).split("\n")[0]
        charts.append(Picture(Lines(years, lines, f"{title} ({say('million_yen')})").source(), title))
    first = int(years[0])
    shown = outlook[((outlook["year"] - first) % EVERY_YR == 0) | (outlook["year"] == years[-1])]
    head, note = Text(say.table(tables.OUTLOOK), "heading"), Text(say("outlook_text", years=EVERY_YR))
    order = shown.assign(rank=shown["plan"].map({name: k for k, name in enumerate(PLANS)})).sort_values(["rank", "year"])
    return [head, note, *charts, case.grid("outlook", order.drop(columns="rank"), OUTLOOK)]


def decline(case: Case) -> list[Block]:
    """Sewered units that would cost less with johkasou over the horizon even if nobody left, and why; then those that falling
    population turns, and the regret of both choices."""
    say, found = case.say, case.plan.decline
    if not len(found):
        return []
    settings = case.plan.config.decline
    rate = case.number(settings.discount_rate, "share")
    is_turned = found["is_turned"].astype(bool)
    turns = found["turn_year"].notna() & ~is_turned
    words = say(
        "decline_text", years=settings.horizon_yr, rate=rate, units=len(found), turned=int(is_turned.sum()),
        later=int(turns.sum()), beyond=int((found.loc[turns, "turn_year"] > settings.horizon_yr).sum()),
    )  # fmt: skip
    shown = found[is_turned | turns].sort_values(["is_turned", "sewer_regret_yen", "unit_id"], ascending=[False, False, True])
    blocks: list[Block] = [Text(words), *_dearer_at_the_rate(case, rate)]
    if len(shown):
        blocks += [Text(say("turned_heading"), "heading"), case.grid("decline", shown, TURNED)]
    return blocks


def _dearer_at_the_rate(case: Case, rate: str) -> list[Block]:
    """Units the plan sewers that cost less with johkasou over the horizon although nobody leaves."""
    plan, say = case.plan, case.say
    config = plan.config
    houses = plan.buildings[plan.buildings["treatment"].isin(SEWERED)]
    dwellings = houses.groupby("unit_id")["dwellings"].sum()
    some = plan.decline[plan.decline["unit_id"].isin(dwellings.index)]
    dear = some[some["steady_treatment"] == "johkasou"]
    if not len(some):
        return []
    if not len(dear):
        return [Text(say("steady_holds", units=len(some), years=config.decline.horizon_yr, rate=rate))]
    alone = dear["static_treatment"] == "sewer"
    words = say(
        "steady_text", units=len(some), dear=len(dear), dwellings=case.number(dwellings[dear["unit_id"]].sum()),
        years=config.decline.horizon_yr, rate=rate,
    )  # fmt: skip
    reasons = []
    if alone.any():
        kind = "steady_flat" if config.cost.annualisation == "straight_line" else "steady_annuity"
        reasons.append(say(kind, units=int(alone.sum()), rate=rate, static=case.number(config.cost.discount_rate, "share")))
    if not alone.all():
        reasons.append(say("steady_alone", units=int((~alone).sum())))
    dear = dear.assign(more=dear["sewer_present_yen"] - dear["johkasou_present_yen"])
    dear = dear.sort_values(["more", "unit_id"], ascending=[False, True])
    counts = [case.number(n) for n in dwellings[dear["unit_id"]]]
    grid = case.grid("decline", dear, STEADY, more=[(say("houses_of_unit"), counts)])
    return [Text(" ".join([words, *reasons]) if case.language == "en" else "".join([words, *reasons])), grid]


def _listed(case: Case, table: tables.Table, frame: pd.DataFrame, columns: tuple[str, ...]) -> list[Block]:
    say = case.say
    return [Text(say.table(table), "heading"), Text(say.note(table), "note"), case.grid(table, frame, columns)]
