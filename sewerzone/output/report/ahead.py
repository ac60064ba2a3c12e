"""What is built when, and coverage year by year."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sewerzone import tables
from sewerzone.output import charts, coverage_chart, maps, programme_chart
from sewerzone.output.report.blocks import Block, Grid, Picture, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import address
from sewerzone.output.report.people import followed

MAP_PX = 2400
YEARS = ("year", "cap_yen", "sewer_yen", "finished_ha", "built_ha", "people_reached", "tanks", "tank_yen")
RATES = ("year", "people", "people_sewered", "people_tanks", "coverage_share", "sewered_share", "built_share")
PEOPLE = ("people_now", "people_goal", "people_end", "change_share", "rule", "correlation")
PACKAGES = ("package_id", "unit_id", "sewer_m", "people", "capital_yen", "built_year", "reason")
CURVE = ("cap_share", "finished_year", "people_in_time", "mean_wait_yr", "gap_share")
GOAL = ("rank", "kind", "package_id", "unit_id", "tanks", "people", "capital_yen", "coverage_share", "goal")


def programme(case: Case) -> list[Block]:
    """The chart, then years, rates, the goal, packages and other caps; nothing where no programme was asked for."""
    plan, say = case.plan, case.say
    if not len(plan.coverage):
        return []
    blocks: list[Block] = [
        Picture(address(charts.svg(programme_chart.draw(plan)), "image/svg+xml"), say.note(tables.PROGRAMME_YEARS))
    ]
    if len(plan.programme_areas):
        blocks.append(Picture(address(_map(case), "image/png"), say("programme_map_caption"), is_map=True))
    blocks += _lists(case, ((tables.PROGRAMME_YEARS, YEARS), (tables.COVERAGE, RATES)))
    blocks += [*followed(case), *_lists(case, ((tables.COVERAGE_GOAL, GOAL),))]
    blocks += _districts(case)
    if plan.run.get("in_time") and plan.programme["late_verdict"].notna().any():
        blocks.append(Text(say("programme_late")))
    return blocks + _lists(case, ((tables.PROGRAMME, PACKAGES), (tables.PROGRAMME_CURVE, CURVE)))


def _lists(case: Case, listed: tuple[tuple[tables.Table, tuple[str, ...]], ...]) -> list[Block]:
    """Some columns of each table that has rows."""
    blocks: list[Block] = []
    for table, columns in listed:
        frame = case.plan.tables()[table.name]
        if len(frame):
            note = Text(case.say.note(table), "note")
            blocks += [Text(case.say.table(table), "heading"), note, case.grid(table.name, frame, columns)]
    return blocks


def _districts(case: Case) -> list[Block]:
    """Coverage by district: the chart, then rates at the beginning, in the goal year and at the end, and people."""
    plan, say = case.plan, case.say
    if not len(plan.districts) or not len(plan.coverage_districts):
        return []
    rows, years = coverage_chart.by_district(plan), coverage_chart.moments(plan)
    shown = [(name, year) for name, year in zip(("first", "goal", "last"), years, strict=True) if year is not None]
    rates = [[case.number(share, "share") for share in rows[name]] for name, _ in shown]
    names = [say("no_district") if number < 0 else case.district_names[int(number)] for number in rows["district_id"]]
    heads, columns = [say("district"), *(say("coverage_at", year=year) for _, year in shown)], [names, *rates]
    right = set(range(1, len(columns)))
    if len(plan.population):
        people = plan.population.set_index("district_id").reindex(rows["district_id"]).reset_index()
        shown_of_people = PEOPLE if people["correlation"].notna().any() else PEOPLE[:-1]
        grown = case.grid("population", people, shown_of_people, most=len(people))
        right |= {k + len(columns) for k in grown.right}
        heads, columns = [*heads, *grown.heads], [*columns, *map(list, zip(*grown.rows, strict=True))]
    cells = [list(row) for row in zip(*columns, strict=True)]
    chart = Picture(address(charts.svg(coverage_chart.draw(plan)), "image/svg+xml"), say("coverage_districts_caption"))
    return [Text(say.table(tables.COVERAGE_DISTRICTS), "heading"), chart, Grid(heads, cells, frozenset(right))]


def _map(case: Case) -> bytes:
    """The map of the programme as a PNG file."""
    if "programme" in case.pictures:
        return case.pictures["programme"]
    with tempfile.TemporaryDirectory() as spare:
        path = Path(spare) / "programme.png"
        maps.programme_png(case.plan, path, MAP_PX)
        return path.read_bytes()
