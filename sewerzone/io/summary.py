"""The headline of a plan as plain data: what ``summary.json`` holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sewerzone.model import Plan
from sewerzone.stages.doubts import CLOSE_BELOW, close_calls
from sewerzone.style import COLLECTIVE
from sewerzone.tables.findings import SURENESS, UNIT_EDIT_KINDS
from sewerzone.tables.inputs import TREATMENTS


def summary(plan: Plan) -> dict[str, Any]:
    """Totals, shares and counts of a plan under language-neutral keys; amounts in yen, lengths in metres."""
    return {
        "study": plan.config.study.name,
        "crs": plan.config.study.crs,
        "totals": _totals(plan),
        "by_treatment": _by_treatment(plan),
        "sewers": _sewers(plan),
        "cost": _cost(plan),
        "units": _units(plan),
        "sureness": _sureness(plan),
        "optimum": _told(plan, "optimum"),
        "in_time": _in_time(plan),
        "houses": _houses(plan),
        "consolidation": _consolidation(plan),
    }


def _in_time(plan: Plan) -> dict[str, Any] | None:
    """What the deadline of building turned, and what the optimum would cost without it."""
    told = plan.run.get("in_time")
    return told and {key: _number(value) if isinstance(value, float) else value for key, value in told.items()}


def _number(value: Any, decimals: int = 3) -> float | int:
    """A plain rounded number; whole numbers as int."""
    rounded = round(float(value), decimals)
    return int(rounded) if rounded.is_integer() else rounded


def _share(part: float, whole: float) -> float | None:
    return round(float(part) / float(whole), 4) if whole > 0 else None


def _totals(plan: Plan) -> dict[str, Any]:
    buildings = pd.DataFrame(plan.buildings)[["status", "treatment", "dwellings", "people"]]
    collective = buildings["treatment"].isin(COLLECTIVE)
    people = buildings["people"].sum()
    return {
        "buildings": len(buildings),
        "buildings_by_status": {str(k): int(v) for k, v in buildings["status"].value_counts().sort_index().items()},
        "dwellings": _number(buildings["dwellings"].sum()),
        "people": _number(people),
        "collective_people_share": _share(buildings.loc[collective, "people"].sum(), people),
    }


def _by_treatment(plan: Plan) -> dict[str, Any]:
    buildings, units, zones = pd.DataFrame(plan.buildings)[["treatment", "dwellings", "people"]], plan.units, plan.zones
    dwellings, people = buildings["dwellings"].sum(), buildings["people"].sum()
    out = {}
    for treatment in TREATMENTS:
        houses = buildings[buildings["treatment"] == treatment]
        out[treatment] = {
            "buildings": len(houses),
            "dwellings": _number(houses["dwellings"].sum()),
            "dwellings_share": _share(houses["dwellings"].sum(), dwellings),
            "people": _number(houses["people"].sum()),
            "people_share": _share(houses["people"].sum(), people),
            "units": int((units["treatment"] == treatment).sum()),
            "area_ha": _number(zones.loc[zones["treatment"] == treatment, "area_ha"].sum()),
        }
    return out


def _sewers(plan: Plan) -> dict[str, Any]:
    lengths = plan.pipes.groupby("kind")["length_m"].sum()
    return {
        "length_m": _number(plan.pipes["length_m"].sum(), 1),
        "gravity_m": _number(lengths.get("gravity", 0.0), 1),
        "pressure_m": _number(lengths.get("pressure", 0.0), 1),
        "links": len(plan.links),
        "link_m": _number(plan.links["length_m"].sum(), 1),
        "pumps": len(plan.pumps),
        **_nearness(plan),
        "manholes": len(plan.manholes),
        "crossings": int(plan.pipes["crossing"].notna().sum()),
        "off_road_m": _number(plan.pipes["off_road_m"].sum(), 1),
        "systems": len(plan.systems),
        "own_plants": int((plan.systems["kind"] == "own_plant").sum()),
    }


def _nearness(plan: Plan) -> dict[str, Any]:
    """How near the plan's systems together are to their proven bounds; shares are None without sewers."""
    columns = ["sewer_m", "least_sewer_m", "least_pumps", "laying_yen_per_yr", "least_laying_yen_per_yr"]
    metres, least_m, pumps, yen, least_yen = plan.systems[columns].sum()
    return {
        "least_pumps": int(pumps),
        "least_length_m": _number(least_m, 1),
        "length_gap_share": _share(metres - least_m, least_m),
        "laying_yen_per_yr": _number(yen, 0),
        "least_laying_yen_per_yr": _number(least_yen, 0),
        "laying_gap_share": _share(yen - least_yen, least_yen),
    }


def _cost(plan: Plan) -> dict[str, Any]:
    """What the plan costs: the rows that count in its total, by kind of system, by item and by certainty of the price."""
    counted = plan.costs[plan.costs["is_in_plan"].astype(bool)]
    yearly = counted["capital_yen_per_yr"] + counted["upkeep_yen_per_yr"]
    unverified = yearly[counted["mark"] == "U"].sum()
    kind_of_system = plan.systems.set_index("system_id")["kind"]
    kind = counted["system_id"].map(kind_of_system).astype(object)
    is_plant = counted["item"].astype(str).str.startswith("existing_plant")
    # what belongs to no system stands at a house, or is an existing plant that treats what it does today
    kind = kind.where(counted["system_id"].notna(), is_plant.map({True: "existing", False: "johkasou"}))

    def by(groups: Any) -> dict[str, float | int]:
        return {str(k): _number(v, 0) for k, v in yearly.groupby(groups).sum().sort_index().items()}

    return {
        "capital_yen": _number(counted["capital_yen"].sum(), 0),
        "capital_yen_per_yr": _number(counted["capital_yen_per_yr"].sum(), 0),
        "upkeep_yen_per_yr": _number(counted["upkeep_yen_per_yr"].sum(), 0),
        "total_yen_per_yr": _number(yearly.sum(), 0),
        "total_yen_per_yr_by_kind": by(kind),
        "total_yen_per_yr_by_item": by(counted["item"]),
        "total_yen_per_yr_by_mark": by(counted["mark"]),
        "unverified_share": _share(unverified, yearly.sum()),
    }


def _sureness(plan: Plan) -> dict[str, Any] | None:
    """How many verdicts are firm, and the figures that decide most; None where it was not asked for."""
    if plan.robustness.empty:
        return None
    counts = plan.robustness["sureness"].value_counts()
    deciding = plan.figures.sort_values(["sewered_index", "figure"], ascending=[False, True])
    return {
        "samples": plan.config.robustness.samples,
        "has_classes": bool(plan.robustness["sureness"].notna().any()),
        **{name: int(counts.get(name, 0)) for name in SURENESS},
        "plan_differs": int((~plan.robustness["plan_agrees"].astype(bool)).sum()),
        "rests_on_unverified": int(plan.robustness["rests_on_unverified"].sum()),
        "deciding_figures": deciding.loc[deciding["sewered_index"] > 0, "figure"].head(3).tolist(),
    }


def _houses(plan: Plan) -> dict[str, Any] | None:
    """The reference house by house, and what it would change of the units; None where it was not asked for."""
    told = _told(plan, "houses")
    if told is None:
        return None
    kinds = plan.unit_edits.groupby("kind")["dwellings"].sum()
    return {**told, "edits": len(plan.unit_edits), **{f"{k}_dwellings": _number(kinds.get(k, 0.0)) for k in UNIT_EDIT_KINDS}}


def _consolidation(plan: Plan) -> dict[str, Any] | None:
    """What becomes of existing small plants; None where there are none."""
    rows = plan.consolidation
    if rows.empty:
        return None
    joined = rows[rows["verdict"] == "join"]
    return {
        "plants": len(rows),
        "joined": len(joined),
        "joined_to": {str(k): int(v) for k, v in joined["joined_to"].value_counts().sort_index().items()},
        "joined_m3_per_d": _number(joined["flow_max_m3_per_d"].sum()),
        "keep_yen_per_yr": _number(rows["keep_yen_per_yr"].sum(), 0),
        "saving_yen_per_yr": _number(joined["saving_yen_per_yr"].sum(), 0),
    }


def _told(plan: Plan, what: str) -> dict[str, Any] | None:
    """Zonings in yen a year and how near the best they are, from the record; None where they were not asked for."""
    told = plan.run.get(what)
    if told is None:
        return None
    out: dict[str, Any] = {}
    for name, value in told.items():
        decimals = 0 if name.endswith("yen_per_yr") else 6
        out[name] = value if value is None or isinstance(value, bool | int) else _number(value, decimals)
    return out


def _units(plan: Plan) -> dict[str, Any]:
    units = plan.units
    price = units["override_price_yen_per_yr"].sum()
    return {
        "count": len(units),
        "adjoining": int(units["is_adjoining"].sum()),
        "close_calls": int(np.count_nonzero(close_calls(units, plan.robustness))),
        "close_below_margin_share": CLOSE_BELOW,
        "turned_by_connection_study": int((units["treatment"] != units["alone_treatment"]).sum()),
        "turned_by_other_lives": int((units["alone_treatment"] != units["other_lives_treatment"]).sum()),
        "overridden": int(units["override_id"].notna().sum()),
        "override_price_yen_per_yr": _number(price, 0),
    }
