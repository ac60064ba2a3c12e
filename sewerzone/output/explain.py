"""Why a study unit got its verdict: options, cost rows, doubts and the system it belongs to, as data and as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from sewerzone.errors import DataError, first_ids, problem
from sewerzone.model import Plan
from sewerzone.output import spoken
from sewerzone.output.explain_retreat import plain
from sewerzone.output.explain_text import plant_text, text
from sewerzone.output.explain_trunk import trunk

__all__ = ["explain", "explain_plants", "plant_text", "text"]

UNIT_FACTS = (
    "unit_id", "treatment", "reason", "buildings", "dwellings", "people", "area_ha", "dwellings_per_ha", "district_id",
    "is_adjoining", "flow_max_m3_per_d", "runner_up", "margin_yen_per_yr", "margin_share", "sewer_yen_per_yr",
    "johkasou_yen_per_yr", "break_even_yen_per_m", "alone_treatment", "other_lives_treatment", "unverified_share",
    "override_id", "override_price_yen_per_yr",
)  # fmt: skip
SYSTEM_FACTS = (
    "system_id", "kind", "units", "dwellings", "people", "flow_max_m3_per_d", "sewer_m", "pumps", "length_gap_share",
    "laying_gap_share", "least_pumps", "capital_yen", "total_yen_per_yr", "outlet_node_id", "built_year",
)  # fmt: skip
COST_FACTS = (
    "item", "detail", "quantity", "quantity_unit", "unit_cost_yen", "unit_upkeep_yen_per_yr", "capital_yen", "life_yr",
    "capital_yen_per_yr", "upkeep_yen_per_yr", "total_yen_per_yr", "mark", "source", "source_ja",
)  # fmt: skip


PACKAGE_FACTS = (
    "package_id", "people", "capital_yen", "start_year", "built_year", "is_in_time", "late_verdict", "late_yen_per_yr",
    "reason",
)  # fmt: skip
TANK_FACTS = ("year", "tanks", "people", "capital_yen")

SURENESS_FACTS = (
    "sureness", "sewer_probability", "plan_agrees", "sewer_yen_per_m", "break_even_sewer_yen_per_m",
    "break_even_johkasou_share", "break_even_treatment_share", "break_even_sewer_basis", "break_even_johkasou_basis",
    "break_even_treatment_basis", "scenarios_turned", "rests_on_unverified",
)  # fmt: skip


def explain_plants(plan: Plan, plants: Iterable[int]) -> list[dict[str, Any]]:
    """Everything a plan says about some existing plants, as plain data.

    One dict per plant: its row of ``consolidation`` and its name, ``plan_costs`` of keeping it, ``system`` with its units,
    plants and ``costs`` (None where it is kept by itself), ``joins``, ``trunk`` (sewers it shares, and who pays).
    DataError where the plan knows no such plant.
    """
    wanted, known = list(plants), plan.consolidation["plant_id"]
    unknown = [plant for plant in wanted if plant not in set(known)]
    if unknown:
        raise DataError(
            problem(
                f"there is no existing plant {first_ids(unknown)} in {plan.config.study.name}",
                f"the plan decides on {first_ids(known)}" if len(known) else "the plan has no existing plants to decide on",
                "take the number from the table `consolidation`; one that existing sewers end in, from `retreat_outlets`",
            )
        )
    costs = _costs(plan)
    return [_plant(plan, costs, plant) for plant in wanted]


def _plant(plan: Plan, costs: pd.DataFrame, plant: int) -> dict[str, Any]:
    row = plan.consolidation[plan.consolidation["plant_id"] == plant].iloc[0]
    own = costs[costs["item"].isin(["existing_plant", "existing_plant_more"]) & (costs["detail"] == f"plant {plant}")]
    return {
        "study": plan.config.study.name,
        **{str(name): plain(value) for name, value in row.items()},
        "name": plain(plan.plants.set_index("plant_id").loc[plant, "name"]),
        "samples": plan.config.robustness.samples,
        "reason_language": plan.config.study.language,
        "plan_costs": _rows(own),
        "system": None if pd.isna(row["system_id"]) else _system(plan, costs, int(row["system_id"])),
        "joins": _joins(plan, row["system_id"]),
        "trunk": trunk(plan, plant, int(row["system_id"])) if row["verdict"] == "join" else None,
    }


def explain(plan: Plan, units: Iterable[int]) -> list[dict[str, Any]]:
    """Everything a plan says about some study units, as plain data.

    Parameters
    ----------
    plan : a finished plan
    units : numbers of units

    Returns
    -------
    one dict per unit: the facts of its row; ``options`` with their ``costs``; ``other_lives``; ``unconnected`` houses by
    reason; ``packages`` of the programme and ``tank_years``; ``difference`` against the official procedure
    (None without an optimum); ``is_late``, whether a sewer pays but cannot be built in time; ``edits`` of
    the unit by the zoning house by house; ``sureness`` from the samples (None without); ``system`` with its units and
    ``costs`` (None without sewer); ``plan_costs`` of its own tanks; ``joins``

    Raises
    ------
    DataError : there is no unit of that number
    """
    wanted = list(units)
    _refuse_unknown(plan, wanted)
    costs = _costs(plan)
    return [_unit(plan, costs, unit) for unit in wanted]


def _costs(plan: Plan) -> pd.DataFrame:
    """The plan's cost rows with their sum, and their source in Japanese where the run knew it."""
    both = plan.costs["capital_yen_per_yr"] + plan.costs["upkeep_yen_per_yr"]
    return plan.costs.assign(total_yen_per_yr=both, source_ja=spoken.in_japanese(plan, plan.costs["source"]))


def _refuse_unknown(plan: Plan, wanted: Sequence[int]) -> None:
    known = plan.units["unit_id"]
    unknown = [unit for unit in wanted if unit not in set(known)]
    if not unknown:
        return
    span = f"units are numbered {known.min()} to {known.max()}" if len(known) else "the plan has no study units"
    raise DataError(
        problem(
            f"there is no unit {first_ids(unknown)} in {plan.config.study.name}",
            f"only units can be explained, and {span}",
            "take the number from the map or from the layer `units` of plan.gpkg",
        )
    )


def _unit(plan: Plan, costs: pd.DataFrame, unit: int) -> dict[str, Any]:
    row = plan.units[plan.units["unit_id"] == unit].iloc[0]
    district = plan.districts[plan.districts["district_id"] == row["district_id"]] if pd.notna(row["district_id"]) else None
    of_unit = costs[(costs["unit_id"] == unit).fillna(False).astype(bool)]
    in_plan = of_unit[of_unit["is_in_plan"].astype(bool)]
    return {
        "study": plan.config.study.name,
        **{name: plain(row[name]) for name in UNIT_FACTS},
        "district": None if district is None or district.empty else plain(district.iloc[0]["name"]),
        "lives": plan.config.cost.lives,
        "reason_language": plan.config.study.language,
        "options": [
            {
                **{str(name): plain(value) for name, value in option.items()},
                "costs": _rows(of_unit[of_unit["option"] == option["option"]]),
            }
            for option in plan.options[plan.options["unit_id"] == unit].to_dict("records")
        ],
        "unconnected": _unconnected(plan, unit),
        "sureness": _sureness(plan, unit),
        "difference": _difference(plan, unit),
        "edits": _edits(plan, unit),
        "plan_costs": _rows(in_plan),
        "system": None if pd.isna(row["system_id"]) else _system(plan, costs, int(row["system_id"])),
        "joins": _joins(plan, row["system_id"]),
        "is_late": unit in (plan.run.get("in_time") or {}).get("turned_units", ()),
        "packages": _of(plan.programme, unit, PACKAGE_FACTS),
        "tank_years": _of(plan.tank_programme, unit, TANK_FACTS),
    }


def _of(table: pd.DataFrame, unit: int, facts: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of the programme that are of a unit."""
    rows = table[table["unit_id"].eq(unit).fillna(False).astype(bool)]
    return [{name: plain(row[name]) for name in facts} for row in rows.to_dict("records")]


def _difference(plan: Plan, unit: int) -> dict[str, Any] | None:
    """How the optimum treats the unit otherwise than the official procedure."""
    row = plan.differences[plan.differences["unit_id"] == unit]
    return None if row.empty else {str(name): plain(value) for name, value in row.iloc[0].items() if name != "unit_id"}


def _edits(plan: Plan, unit: int) -> list[dict[str, Any]]:
    """Where the zoning house by house would cut or grow the unit."""
    rows = plan.unit_edits[plan.unit_edits["unit_id"] == unit].drop(columns="unit_id")
    return [{str(name): plain(value) for name, value in row.items()} for row in rows.to_dict("records")]


def _sureness(plan: Plan, unit: int) -> dict[str, Any] | None:
    """What the samples say of the unit."""
    row = plan.robustness[plan.robustness["unit_id"] == unit]
    if row.empty:
        return None
    asked = plan.config.robustness
    facts = {name: plain(row.iloc[0][name]) for name in SURENESS_FACTS}
    return {**facts, "samples": asked.samples, "verified_range": asked.verified_range}


def _unconnected(plan: Plan, unit: int) -> dict[str, int]:
    """Houses of the unit that no sewer can reach, by reason."""
    houses = plan.buildings.loc[plan.buildings["unit_id"].eq(unit).fillna(False), "building_id"]
    status = plan.laterals.loc[plan.laterals["building_id"].isin(houses), "status"].value_counts().sort_index()
    return {str(name): int(count) for name, count in status.items() if name not in ("connected", "not_needed")}


def _system(plan: Plan, costs: pd.DataFrame, system: int) -> dict[str, Any]:
    row = plan.systems[plan.systems["system_id"] == system].iloc[0]
    node = plan.nodes[plan.nodes["node_id"] == row["outlet_node_id"]]
    members = plan.units.loc[plan.units["system_id"].eq(system).fillna(False), "unit_id"]
    rows = costs[costs["system_id"].eq(system).fillna(False) & costs["is_in_plan"].astype(bool)]
    return {
        **{name: plain(row[name]) for name in SYSTEM_FACTS},
        "unit_ids": [int(member) for member in members],
        "plant_ids": _plants(plan, system),
        "outlet_x_m": None if node.empty else plain(node.iloc[0]["x_m"]),
        "outlet_y_m": None if node.empty else plain(node.iloc[0]["y_m"]),
        "costs": _rows(rows),
    }


def _joins(plan: Plan, system: Any) -> list[dict[str, Any]]:
    """Steps of the connection study that built the system, in their order."""
    if pd.isna(system):
        return []
    members = set(plan.units.loc[plan.units["system_id"].eq(system).fillna(False), "unit_id"])
    known, inside = plan.run.get("existing_plants", {}), _plants(plan, system)
    members |= {int(unit) for unit, plant in known.items() if plant in inside}
    return [
        dict(join) | {f"{who}_plant": known[str(join[who])] for who in ("unit", "with_unit") if str(join[who]) in known}
        for join in plan.run.get("joins", [])
        if join["unit"] in members and join["with_unit"] in members
    ]


def _plants(plan: Plan, system: int) -> list[int]:
    """Existing plants whose sewage a system takes."""
    rows = plan.consolidation
    return [int(plant) for plant in rows.loc[rows["system_id"].eq(system).fillna(False), "plant_id"]]


def _rows(costs: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): plain(value) for name, value in row.items()} for row in costs[list(COST_FACTS)].to_dict("records")]
