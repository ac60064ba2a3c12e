"""What the years bring: fewer people, renewal of what is old, sewers to give up; each only where asked for."""

from __future__ import annotations

import numpy as np

from sewerzone import tables
from sewerzone.output.report.blocks import Block, Figures, Grid, Picture, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import Years
from sewerzone.tables import Table
from sewerzone.tables.ageing import ASSETS

TURNED = (
    "unit_id", "people_rate_per_yr", "steady_treatment", "decline_treatment", "turn_year", "sewer_regret_yen",
    "johkasou_regret_yen", "least_regret_treatment",
)  # fmt: skip
SUMS = ("asset", "replacement_yen", "unknown_yen", "overdue_yen", "statutory_yen", "target_yen", "levelled_yen", "mark")
URGENCY = ("urgency", "sewers", "sewer_m", "replacement_yen", "first_year", "last_year", "due_5_m", "due_10_m")
BRANCHES = ("branch_id", "turn_year", "sewer_m", "dwellings", "dwellings_then", "tanks", "saving_yen", "install_yen", "reason")
OUTLETS = ("name", "sewer_m", "given_up_m", "dwellings", "turned_dwellings", "later_m3_per_d", "left_m3_per_d", "left_share")
WARNINGS = ("branch_id", "topic", "note")
ASSET_COLOURS = {"pipe": "#1f3864", "plant": "#6f93c7", "pump": "#d5a021"}
STATUTORY, TARGET = "#b03a2e", "#3f8f6b"


def decline(case: Case) -> list[Block]:
    """Units whose verdict falling population turns, and the regret of both choices."""
    say, found = case.say, case.plan.decline
    if not len(found):
        return []
    settings = case.plan.config.decline
    turned = found[found["is_turned"].astype(bool)]
    within = found["turn_year"].notna() & ~found["is_turned"].astype(bool)
    words = say(
        "decline_text", years=settings.horizon_yr, rate=case.number(settings.discount_rate, "share"), units=len(found),
        turned=len(turned), later=int(within.sum()),
    )  # fmt: skip
    shown = found[found["is_turned"].astype(bool) | within].sort_values(
        ["is_turned", "sewer_regret_yen", "unit_id"], ascending=[False, False, True]
    )
    return [Text(words), *([case.grid("decline", shown, TURNED)] if len(shown) else [])]


def renewal(case: Case) -> list[Block]:
    """What renewal costs in every year, levelled, beside what falls due; sums and classes of urgency."""
    say, plan = case.say, case.plan
    if not len(plan.renewal):
        return []
    table, years = plan.renewal, sorted(plan.renewal["year"].unique().tolist())

    def by_year(column: str, asset: str | None = None) -> np.ndarray:
        rows = table if asset is None else table[table["asset"] == asset]
        return rows.groupby("year")[column].sum().reindex(years, fill_value=0.0).to_numpy(float) / 1e6

    def word(column: str) -> str:
        return say.heading_of("renewal", column).split("\n")[0]

    present = [a for a in ASSETS if (table["asset"] == a).any()]
    columns = [
        (f"{word('levelled_yen')}: {say.choice('asset', a)}", ASSET_COLOURS[a], by_year("levelled_yen", a)) for a in present
    ]
    lines = [
        (word("target_yen"), TARGET, by_year("target_yen")), (word("statutory_yen"), STATUTORY, by_year("statutory_yen")),
    ]  # fmt: skip
    picture = Years(years, columns, lines, say("million_yen")).source()
    return [
        Picture(picture, say.note(tables.RENEWAL)),
        *_listed(case, tables.RENEWAL_SUMS, SUMS),
        *_listed(case, tables.RENEWAL_URGENCY, URGENCY),
    ]


def retreat(case: Case) -> list[Block]:
    """Branches that should go back to johkasou, what becomes of the plant, what money does not show."""
    say, plan = case.say, case.plan
    if not len(plan.retreat_sewers):
        return []
    found = plan.retreat
    if not len(found):
        return [Text(say("retreat_none"))]
    amounts = [
        (say.heading_of("retreat", c).split("\n")[0], case.number(float(found[c].sum()), form), unit)
        for c, form, unit in (("sewer_m", "count", "m"), ("dwellings", "count", ""))
    ]
    saved = (
        say.heading_of("retreat", "saving_yen").split("\n")[0],
        case.million(float(found["saving_yen"].sum())),
        say("million_yen"),
    )
    return [
        Text(say("retreat_text", branches=len(found))),
        Figures([*amounts, saved]),
        *_listed(case, tables.RETREAT, BRANCHES),
        *_listed(case, tables.RETREAT_OUTLETS, OUTLETS),
        *_listed(case, tables.RETREAT_WARNINGS, WARNINGS),
    ]


def _listed(case: Case, table: Table, columns: tuple[str, ...]) -> list[Block]:
    frame = case.plan.tables()[table.name]
    if not len(frame):
        return []
    grid: Grid = case.grid(table, frame, columns)
    return [Text(case.say.table(table), "heading"), Text(case.say.note(table), "note"), grid]
