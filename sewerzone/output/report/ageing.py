"""What stands already: its renewal, and where it should be given up."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sewerzone import tables
from sewerzone.output import charts, maps, renewal_chart
from sewerzone.output.report.blocks import Block, Picture, Points, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import address
from sewerzone.stages.retreat import warnings

SUMS = (
    "asset", "replacement_yen", "unknown_yen", "overdue_yen", "statutory_yen", "target_yen", "levelled_yen",
    "levelled_yen_per_yr", "mark",
)  # fmt: skip
URGENCY = ("urgency", "sewers", "sewer_m", "replacement_yen", "first_year", "last_year", "due_5_m", "due_10_m")
BRANCHES = (
    "branch_id", "first_turn_year", "turn_year", "sewer_m", "dwellings", "dwellings_then", "saving_yen", "install_yen",
    "subsidy_yen", "young_m", "reason",
)  # fmt: skip
OUTLETS = (
    "name", "ends_in", "sewer_m", "given_up_m", "dwellings", "turned_dwellings", "flow_mean_m3_per_d", "later_m3_per_d",
    "left_m3_per_d", "left_share",
)  # fmt: skip
YEARS = (
    "year", "sewer_m", "dwellings", "install_yen", "abandon_yen", "renewal_avoided_yen", "people_kept", "people_left",
    "fee_lost_yen",
)  # fmt: skip
MILLION = 1e6
MAP_PX = 2400


def renewal(case: Case) -> list[Block]:
    """The chart, sums and classes of urgency; nothing where no outlook was asked for."""
    plan, say = case.plan, case.say
    if not len(plan.renewal):
        return []
    settings, sums = plan.config.renewal, plan.renewal_sums.iloc[-1]
    counted = plan.sewers[plan.sewers["status"] != "duplicate"]
    text = say(
        "renewal_text", metres=counted["length_m"].sum(), years=settings.years, early=settings.early_yr,
        late=settings.late_yr,
        replacement=sums["replacement_yen"] / MILLION, statutory=sums["statutory_yen"] / MILLION,
        target=sums["target_yen"] / MILLION, rate=sums["levelled_yen_per_yr"] / MILLION,
    )  # fmt: skip
    blocks: list[Block] = [Text(text)]
    if sums["unknown_yen"] > 0.0:
        blocks.append(Text(say("renewal_unknown", yen=sums["unknown_yen"] / MILLION), "note"))
    blocks.append(Picture(address(charts.svg(renewal_chart.draw(plan)), "image/svg+xml"), say("renewal_caption")))
    for table, columns in ((tables.RENEWAL_SUMS, SUMS), (tables.RENEWAL_URGENCY, URGENCY)):
        frame = plan.tables()[table.name]
        if len(frame):
            blocks += [Text(say.table(table), "heading"), Text(say.note(table), "note"), case.grid(table.name, frame, columns)]
    return blocks


def retreat(case: Case) -> list[Block]:
    """The map, branches, outlets, years and what is to be settled; nothing where no retreat was asked for."""
    plan, say = case.plan, case.say
    settings, branches = plan.config.retreat, plan.retreat
    if not len(plan.retreat_houses):
        return []
    if not len(branches):
        return [Text(say("retreat_none", years=settings.years))]
    text = say(
        "retreat_text", count=len(branches), metres=branches["sewer_m"].sum(), dwellings=branches["dwellings"].sum(),
        horizon=settings.horizon_yr, rate=plan.config.decline.discount_rate, saving=branches["saving_yen"].sum() / MILLION,
        least=settings.least_dwellings,
    )  # fmt: skip
    blocks: list[Block] = [
        Text(text), Text(say("retreat_careful")), Picture(address(_map(case), "image/png"), say("retreat_caption")),
    ]  # fmt: skip
    shown = branches.sort_values("saving_yen", ascending=False, kind="stable")
    years = plan.retreat_years[(plan.retreat_years["sewer_m"] > 0.0) | (plan.retreat_years["renewal_avoided_yen"] > 0.0)]
    lists = (
        (tables.RETREAT, shown, BRANCHES), (tables.RETREAT_OUTLETS, plan.retreat_outlets, OUTLETS),
        (tables.RETREAT_YEARS, years, YEARS),
    )  # fmt: skip
    for table, frame, columns in lists:
        kept = [c for c in columns if frame[c].notna().any() and (c != "young_m" or frame[c].any())]
        blocks += [Text(say.table(table), "heading"), Text(say.note(table), "note"), case.grid(table.name, frame, kept)]
    warned = warnings(branches, plan.retreat_outlets, say.language)  # in the language of the report
    general = warned[warned["branch_id"].isna()]
    points = [(say.choice("topic", topic), note) for topic, note in zip(general["topic"], general["note"], strict=True)]
    return [*blocks, Text(say("retreat_topics"), "heading"), Points(points)]


def _map(case: Case) -> bytes:
    """The map of the retreat as a PNG file."""
    if "retreat" in case.pictures:
        return case.pictures["retreat"]
    with tempfile.TemporaryDirectory() as spare:
        path = Path(spare) / "retreat.png"
        maps.retreat_png(case.plan, path, MAP_PX)
        return path.read_bytes()
