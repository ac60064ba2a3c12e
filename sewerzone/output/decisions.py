"""The planner's decisions with what each costs a year, for the terminal."""

from __future__ import annotations

from typing import Any

from sewerzone.errors import first_ids
from sewerzone.model import Plan
from sewerzone.output.columns import columns

MOST = 40
"""Decisions listed; all are in the tables."""
_NAMES = {"force_sewer": "sewer", "force_johkasou": "johkasou", "keep_together": "kept together"}


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


def lines(plan: Plan) -> list[str]:
    """A line for each decision; nothing where there is none."""
    found = priced(plan)
    rows = [
        [
            f"  {row['override_id']}", _NAMES[str(row["kind"])], "edit" if row["is_edit"] else "study",
            f"units {first_ids(row['units'])}" if row["units"] else "sets no verdict",
            "" if row["price_yen_per_yr"] is None else f"{row['price_yen_per_yr']:+,.0f} yen a year",
        ]
        for row in found[:MOST]
    ]  # fmt: skip
    more = [f"  and {len(found) - MOST:,} more in the table overrides"] if len(found) > MOST else []
    return (
        ["Decisions    what each costs, the plan with it less the plan without it:", *columns(rows, "rlllr"), *more]
        if rows
        else []
    )
