"""Forms 1 to 3 of the circular of 19 November 2015, as the plan fills them in; nothing where no accounts are given."""

from __future__ import annotations

import pandas as pd

from sewerzone import tables
from sewerzone.output.report.blocks import Block, Grid, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.finance import renewal_missing

GOALS = ("measure", "indicator", "now", "mid_term", "long_term", "focus", "main_works", "remarks")
UPKEEP = ("facility", "inspection_interval", "repair_criterion", "renewal_outline", "renewal_outlook", "assumptions")
EVERY_YR = 5
"""Years of the finance plan that the report prints; the workbook has them all."""
PLANS = (("today_plan", "today_plan_yen"), ("new_plan", "new_plan_yen"))


def forms(case: Case) -> list[Block]:
    """Goals, upkeep, and the finance plan of both plans by year."""
    plan = case.plan
    blocks: list[Block] = []
    for table, columns in ((tables.FORM_1, GOALS), (tables.FORM_2, UPKEEP)):
        frame = plan.tables()[table.name]
        if len(frame):
            given = tuple(name for name in columns if frame[name].notna().any() or name == columns[0])
            note = Text(case.say.note(table), "note")
            blocks += [Text(case.say.table(table), "heading"), note, case.grid(table, frame, given)]
    return [*blocks, *(_finance(case, plan.form_3) if len(plan.form_3) else [])]


def _finance(case: Case, rows: pd.DataFrame) -> list[Block]:
    """Form 3 with years across, as its sheet of paper has them: a table for each plan, in million yen."""
    say = case.say
    years = sorted(rows["year"].unique().tolist())
    shown = sorted({*years[::EVERY_YR], years[-1]})
    items = list(dict.fromkeys(rows["item_of_form"]))
    blocks: list[Block] = [Text(say.table(tables.FORM_3), "heading"), Text(say("form_3_text", years=EVERY_YR), "note")]
    blocks += renewal_missing(case)
    for name, column in PLANS:
        wide = rows.pivot_table(index="item_of_form", columns="year", values=column, aggfunc="sum").reindex(items)[shown]
        cells = [
            [str(item), *("" if yen != yen else case.million(yen) for yen in wide.loc[item].to_numpy(float).tolist())]
            for item in items
        ]
        heads = [f"{say.choice('plan', name)}\n({say('million_yen')})", *(str(year) for year in shown)]
        blocks.append(Grid(heads, cells, frozenset(range(1, len(heads)))))
    return blocks
