"""The official procedure against the optimum: unit by unit, and in yen a year.

Both as far as they can be built in time: what cannot was compared again with johkasou by the same rule.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sewerzone import tables
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.groups import Group
from sewerzone.engineering.overlay import part_sums, parts
from sewerzone.model import Plan
from sewerzone.pipeline.least import bounded
from sewerzone.pipeline.optimum import Sought, yen
from sewerzone.pipeline.town import Town
from sewerzone.stages import outcome, reasons


def compared(
    plan: Plan, sought: Sought, town: Town, is_absorbed: Bools, is_late: Bools, margins: Floats
) -> Plan:  # fmt: skip
    """The plan with the table of differences, and in its record both zonings in yen and how near the best the optimum is.

    ``is_late`` (u,) tells what could not be built in time, ``margins`` (u,) what the optimum would cost more with the unit
    treated the other way.
    """
    config, units = plan.config, sought.final.units
    table = difference_table(sought, is_absorbed, is_late, margins, units.apart_yen_per_yr(), config.study.language)
    table = table[: town.houses_units]  # existing plants have a table of their own
    plan.run["optimum"] = money(sought, sought.least(), table)
    return replace(plan, differences=table)


def difference_table(
    sought: Sought, is_absorbed: Bools, is_late: Bools, margins: Floats, tanks: Floats, language: str
) -> pd.DataFrame:  # fmt: skip
    """The DIFFERENCES table.

    ``is_late`` (u,) tells what could not be built in time, ``margins`` (u,) what the optimum would cost more with the unit
    treated the other way, ``tanks`` (u,) johkasou for it.
    """
    units = len(margins)
    official, optimum = sought.official.groups, sought.zoning.groups
    part = parts(official, optimum, units)
    before, after = (_treatments(groups, units, is_absorbed) for groups in (official, optimum))
    was_tank, is_tank = before == "johkasou", after == "johkasou"
    saving = np.where(before == after, 0.0, np.where(was_tank != is_tank, margins, np.nan))
    first = np.unique(part, return_index=True)[1]
    together = np.zeros(units)
    together[first] = part_sums(official, part) - part_sums(optimum, part) if units else 0.0
    frame = pd.DataFrame(
        {
            "unit_id": np.arange(units),
            "official_treatment": before,
            "optimum_treatment": after,
            "is_changed": before != after,
            "official_group": _first(official, units),
            "optimum_group": _first(optimum, units),
            "saving_yen_per_yr": saving,
            "concerned": first[part] if units else part,
            "concerned_saving_yen_per_yr": together,
        }
    )
    facts = frame.assign(
        was_tank=was_tank,
        is_tank=is_tank,
        is_late=is_late,
        is_regrouped=_is_regrouped(official, optimum, units),
        units_concerned=np.bincount(part, minlength=units)[part] if units else part,
        official_yen=part_sums(official, part)[part] if units else saving,
        optimum_yen=part_sums(optimum, part)[part] if units else saving,
        others=_sizes(optimum, units) - 1,
        tanks=tanks,
        own=np.where(is_tank, tanks + margins, tanks - margins),
    )
    frame["reason"] = pd.Series(reasons.difference_reasons(facts, language), index=frame.index, dtype=object)
    return tables.DIFFERENCES.conform(frame)  # type: ignore[no-any-return]


def money(sought: Sought, least_yen_per_yr: float, differences: pd.DataFrame) -> dict[str, Any]:
    """Both zonings in yen a year, and how near the best the optimum is."""
    official, optimum = yen(sought.official.groups), yen(sought.zoning.groups)
    least_at_prices, gap_at_prices = bounded(optimum, sought.decided.least_yen_per_yr)
    return {
        "official_yen_per_yr": official,
        "official_keeps_limits": sought.official_keeps_limits,
        "optimum_yen_per_yr": optimum,
        "saving_yen_per_yr": official - optimum,
        "saving_share": (official - optimum) / official if official > 0.0 else 0.0,
        "units_changed": int(differences["is_changed"].sum()),
        "rounds": sought.rounds,
        "is_settled": sought.is_settled,
        "least_at_final_prices_yen_per_yr": least_at_prices,
        "gap_at_final_prices_share": gap_at_prices,
        "least_of_any_plan_yen_per_yr": least_yen_per_yr,
        "gap_of_any_plan_share": max(optimum / least_yen_per_yr - 1.0, 0.0) if least_yen_per_yr > 0.0 else 0.0,
    }


def _treatments(groups: list[Group], units: int, is_absorbed: Bools) -> np.ndarray:
    system, treatment = outcome.unit_systems(groups, units)
    return np.where(is_absorbed & (system >= 0), "absorbed", np.array(treatment, dtype=object))


def _is_regrouped(official: list[Group], optimum: list[Group], units: int) -> Bools:
    """(units,) whether a unit is sewered in both zonings, and together with others."""
    before, after = ({g.units[0]: g for g in groups} for groups in (official, optimum))
    one, other = _first(official, units), _first(optimum, units)
    out = np.zeros(units, bool)
    for unit in range(units):
        a, b = before[one[unit]], after[other[unit]]
        out[unit] = a.trees is not None and b.trees is not None and not np.array_equal(a.units, b.units)
    return out


def _first(groups: list[Group], units: int) -> Ints:
    """(units,) smallest unit treated together with each."""
    out = np.arange(units)
    for group in groups:
        out[group.units] = group.units[0]
    return out


def _sizes(groups: list[Group], units: int) -> Ints:
    out = np.ones(units, np.int64)
    for group in groups:
        out[group.units] = len(group.units)
    return out
