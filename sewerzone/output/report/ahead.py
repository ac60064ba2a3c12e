"""What is built when, and coverage year by year."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import matplotlib as mpl

from sewerzone import tables
from sewerzone.output import maps, programme_chart
from sewerzone.output.report.blocks import Block, Picture, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import address

MAP_PX = 2400
YEARS = ("year", "cap_yen", "sewer_yen", "finished_ha", "built_ha", "people_reached", "tanks", "tank_yen")
RATES = ("year", "people", "people_sewered", "people_tanks", "coverage_share", "sewered_share", "built_share")
PEOPLE = ("name", "people_now", "people_goal", "people_end", "change_share", "rule", "correlation")
PACKAGES = ("package_id", "unit_id", "sewer_m", "people", "capital_yen", "built_year", "reason")
CURVE = ("cap_share", "finished_year", "people_in_time", "mean_wait_yr", "gap_share")
GOAL = ("rank", "kind", "package_id", "unit_id", "tanks", "people", "capital_yen", "coverage_share", "goal")


def programme(case: Case) -> list[Block]:
    """The chart, then years, rates, the goal, packages and other caps; nothing where no programme was asked for."""
    plan, say = case.plan, case.say
    if not len(plan.coverage):
        return []
    out = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "sewerzone", "svg.fonttype": "path"}):
        programme_chart.draw(plan).savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    blocks: list[Block] = [Picture(address(out.getvalue(), "image/svg+xml"), say.note(tables.PROGRAMME_YEARS))]
    if len(plan.programme_areas):
        blocks.append(Picture(address(_map(case), "image/png"), say("programme_map_caption"), is_map=True))
    lists = (
        (tables.PROGRAMME_YEARS, YEARS), (tables.COVERAGE, RATES), (tables.POPULATION, PEOPLE), (tables.COVERAGE_GOAL, GOAL),
        (tables.PROGRAMME, PACKAGES), (tables.PROGRAMME_CURVE, CURVE),
    )  # fmt: skip
    for table, columns in lists:
        frame = plan.tables()[table.name]
        if len(frame):
            blocks += [Text(say.table(table), "heading"), Text(say.note(table), "note"), case.grid(table.name, frame, columns)]
    return blocks


def _map(case: Case) -> bytes:
    """The map of the programme as a PNG file."""
    if "programme" in case.pictures:
        return case.pictures["programme"]
    with tempfile.TemporaryDirectory() as spare:
        path = Path(spare) / "programme.png"
        maps.programme_png(case.plan, path, MAP_PX)
        return path.read_bytes()
