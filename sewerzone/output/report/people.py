"""Which people the chapters of a report count."""

from __future__ import annotations

from sewerzone.output.report.blocks import Block, Text
from sewerzone.output.report.case import Case


def followed(case: Case) -> list[Block]:
    """One sentence: what coverage follows, and what the chapters after it; nothing where there are none."""
    plan, say = case.plan, case.say
    config = plan.config
    is_told = bool(config.coverage.people) or config.inputs.projected_people is not None
    has_outlook = len(plan.outlook) > 0 and (is_told or config.decline.horizon_yr > 0)  # else it keeps people as coverage does
    others = [
        say(f"section_{name}")
        for name, is_asked in (
            ("decline", config.decline.horizon_yr), ("accounts", has_outlook), ("retreat", config.retreat.years),
        )
        if is_asked
    ]  # fmt: skip
    if not others:
        return []
    rate = case.number(config.decline.rate_per_yr, "share")
    listed = say("and_so_on").join(others)
    if config.inputs.projected_people is not None:
        words = say("people_projected", others=listed, rate=rate)
    elif config.coverage.people:
        words = say("people_given", others=listed, rate=rate, year=config.coverage.people[-1][0])
    else:
        words = say("people_steady", others=listed, rate=rate)
    return [Text(words, "note")]
