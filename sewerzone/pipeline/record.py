"""The record of a run: what it was made from, how long it took, what it found."""

from __future__ import annotations

import os
from datetime import date
from importlib.metadata import version
from typing import Any

import pandas as pd

from sewerzone import noted
from sewerzone.costbooks import CostBook, payers
from sewerzone.costbooks.cited import in_japanese
from sewerzone.engineering.groups import Zoning
from sewerzone.model import Inputs, Plan
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.town import Town
from sewerzone.stages.cost import priced_by_sewer


def record(
    plan: Plan, inputs: Inputs, clock: Clock, zoning: Zoning, town: Town, notes: list[str], book: CostBook
) -> dict[str, Any]:
    """Version, configuration and its hash, input hashes, seconds and rows per stage, status counts, notes.

    ``priced_by_sewer`` are the cost items whose construction price moves with that of sewers; ``sources_ja`` says in Japanese
    where prices come from, for the texts that tables have in English.
    """
    in_plan = plan.costs[plan.costs["is_in_plan"]]
    return {
        "program": "sewerzone",
        "version": version("sewerzone"),
        "date": _today(),
        "study": plan.config.study.name,
        "config_hash": plan.config.digest(),
        "config": plan.config.model_dump(mode="json"),
        "input_hashes": inputs.hashes,
        **({"municipality": inputs.municipality} if inputs.municipality else {}),
        "stages": clock.stages,
        "limits": town.limits.to_dict(orient="records"),
        "joins": [join._asdict() for join in zoning.joins],
        "rounds": zoning.rounds,
        "existing_plants": _existing(town),
        "priced_by_sewer": priced_by_sewer(book),
        "sources_ja": _sources_in_japanese(plan, inputs, book),
        "searched_yen_per_yr": float(sum(g.yen_per_yr for g in zoning.groups)),
        "plan_yen_per_yr": float(in_plan["capital_yen_per_yr"].sum() + in_plan["upkeep_yen_per_yr"].sum()),
        "status_counts": {
            "buildings": _counts(plan.buildings["status"]),
            "treatments": _counts(plan.buildings["treatment"]),
            "laterals": _counts(plan.laterals["status"]),
            "roads": _counts(plan.roads["status"]),
            "units": _counts(plan.units["treatment"]),
        },
        "people": float(plan.buildings["people"].sum()),
        "dwellings": float(plan.buildings["dwellings"].sum()),
        "warnings": notes,
        "note_facts": noted.rows(notes),
    }


def _sources_in_japanese(plan: Plan, inputs: Inputs, book: CostBook) -> dict[str, str]:
    """Japanese of every source the plan's tables name."""
    texts = pd.concat([plan.costs["source"], plan.renewal_stock["source"], plan.payments["source"], plan.households["source"]])
    name = plan.config.payers.book
    return in_japanese(sorted(texts.dropna().unique()), book, payers.load(name, inputs.base) if name else None)


def _today() -> str:
    """The day of the run, printed on its maps; SOURCE_DATE_EPOCH, if set, tells it (reproducible-builds.org)."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    return str(date.fromtimestamp(int(seconds)) if seconds else date.today())


def _existing(town: Town) -> dict[str, int]:
    """Existing plants by the number of a unit that joins know them by."""
    if town.existing is None:
        return {}
    return {str(town.existing.first_unit + k): int(plant) for k, plant in enumerate(town.existing.plant_id)}


def _counts(values: pd.Series[str]) -> dict[str, int]:
    return {str(k): int(v) for k, v in values.value_counts().sort_index().items()}
