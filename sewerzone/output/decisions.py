"""The planner's decisions with what each costs a year, for the terminal."""

from __future__ import annotations

from typing import Any

from sewerzone.errors import first_ids
from sewerzone.model import Plan
from sewerzone.output.brief_words import labelled, say
from sewerzone.output.columns import columns
from sewerzone.style import Language

MOST = 40
"""Decisions listed; all are in the tables."""


def priced(plan: Plan) -> list[dict[str, Any]]:
    """Every decision with the units it set and its price: the plan with it less the plan without it, None where it set none."""
    units = plan.units[plan.units["override_id"].notna()]
    out = []
    for row in plan.overrides.drop(columns="geometry").to_dict("records"):
        own = units[units["override_id"] == row["override_id"]]
        price = own["override_price_yen_per_yr"].dropna()
        out.append(
            {
                "override_id": int(row["override_id"]), "kind": row["kind"], "note": row["note"] or None,
                "is_edit": bool(row["is_edit"]), "units": own["unit_id"].tolist(),
                "price_yen_per_yr": float(price.iloc[0]) if len(price) else None,
            }
        )  # fmt: skip
    return out


def lines(plan: Plan, language: Language = "en") -> list[str]:
    """A line for each decision; nothing where there is none."""
    found = priced(plan)
    if not found:
        return []
    rows = [
        [
            f"  {row['override_id']}", say(str(row["kind"]), language), say("edit" if row["is_edit"] else "of_study", language),
            say("decided_units", language, ids=first_ids(row["units"])) if row["units"] else say("sets_nothing", language),
            "" if row["price_yen_per_yr"] is None else say("price", language, yen=row["price_yen_per_yr"]),
        ]
        for row in found[:MOST]
    ]  # fmt: skip
    more = [say("more_decisions", language, number=len(found) - MOST)] if len(found) > MOST else []
    return [*labelled("decisions", language, say("decisions", language)), *columns(rows, "rlllr"), *more]
