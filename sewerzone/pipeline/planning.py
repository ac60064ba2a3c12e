"""Planning ahead on a finished plan, where its study asks for it: each part is one call; its tables stay empty otherwise."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from sewerzone import tables
from sewerzone.costbooks import CostBook
from sewerzone.model import Inputs, Plan
from sewerzone.pipeline.money import money
from sewerzone.pipeline.people import is_followed, over_years
from sewerzone.pipeline.programme import programme
from sewerzone.pipeline.renewal import renewal
from sewerzone.pipeline.retreat import retreat


def plan_ahead(inputs: Inputs, parts: Plan, book: CostBook) -> tuple[dict[str, Any], list[str]]:
    """Tables of the plan to come, by name, and notes on what was noticed.

    Parameters
    ----------
    inputs : what the plan was made from
    parts : the plan, its zoning and networks decided
    book : its cost book
    """
    crs = parts.units.crs
    out: dict[str, Any] = {
        t.name: t.empty(crs) for t in (tables.PROGRAMME_AREAS, tables.PROGRAMME_SEWERS, tables.RETREAT_SEWERS)
    }
    notes: list[str] = []
    if inputs.config.programme.years:
        out |= programme(inputs, parts, book)
    if inputs.config.renewal.years:
        out |= renewal(replace(parts, **out), book)
    people = partial(over_years, inputs, parts) if is_followed(inputs) else None
    if inputs.config.retreat.years:
        found, notes = retreat(replace(parts, **out), inputs.terrain, book, inputs.base, people)
        out |= found
    return out | money(replace(parts, **out), inputs.base, people, inputs.present_plan), notes
