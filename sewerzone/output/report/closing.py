"""What was not considered, and the record of the run."""

from __future__ import annotations

from sewerzone import noted
from sewerzone.output.report.blocks import Block, Grid, Log, Points, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.method_words import LIMITS


def limits(case: Case) -> list[Block]:
    """The list of what is not in the comparison; what a later part of the plan holds is left out of it."""
    at, held = case.say.at, {name for name, frame in case.plan.tables().items() if len(frame)}
    points = [(topic[at], words[at]) for topic, words, table in LIMITS if table not in held]
    return [Text(case.say("limits_text")), Points(points)]


def record(case: Case) -> list[Block]:
    """Program, settings, coordinate system, and every note of the run."""
    say, plan = case.say, case.plan
    rows = [
        [say("program_version"), f"sewerzone {plan.run.get('version', '')}".strip()],
        [say("settings_digest"), plan.config.digest()],
        [say("crs_used"), plan.config.study.crs],
    ]
    notes = noted.said(plan.run.get("warnings", ()), plan.run.get("note_facts", ()), say.language, with_settings=False)
    return [
        Text(say("record_text")),
        Grid([say("record_what"), say("record_value")], rows, verbatim=frozenset({1})),
        Text(say("messages"), "heading"),
        Log(notes) if notes else Text(say("no_messages")),
    ]
