"""Why one house gets a sewer or a tank: itself, its study unit, and its existing sewer where that is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from sewerzone.errors import DataError, first_ids, problem
from sewerzone.model import Plan
from sewerzone.output import explain
from sewerzone.output.explain_retreat import explain_houses as leaving
from sewerzone.output.explain_retreat import house_text as leaving_text
from sewerzone.output.explain_retreat import plain
from sewerzone.output.explain_text import text as unit_text
from sewerzone.stages.reasons import BUILDING_REASONS
from sewerzone.style import Language, treatment_label

PHRASES: dict[str, tuple[str, str]] = {
    "house": ("{study} 建物{building}{district}: {treatment}", "Building {building} of {study}{district}: {treatment}"),
    "district": ("({name})", ", {name}"),
    "size": ("戸数{dwellings:,.0f}、人口{people:,.1f}人", "dwellings {dwellings:,.0f}, people {people:,.1f}"),
    "tank": ("、浄化槽なら{persons}人槽{tanks:,.0f}基", ", a johkasou of {persons} persons ({tanks:,.0f})"),
    "why": ("理由: {reason}", "Why: {reason}"),
    "lateral": ("道路まで{metres:,.1f} m", "{metres:,.1f} m from the road it would drain to"),
    "served": (
        "今日の下水道区域にあり、この計画では判定しない。下水道を残すかどうかは、撤退の検討を設定した計画で示す。",
        "It is sewered today, so the plan decides nothing about it. Whether its sewer stays is told by plans of studies that "
        "ask for a retreat.",
    ),
    "empty": ("住む人がいないため、処理方式を判定しない。", "Nobody lives in it, so nothing is decided about it."),
    "unit_follows": (
        "この建物の処理方式は、検討単位区域{unit}の判定による。",
        "It is treated as its study unit {unit} is.",
    ),
    "unit_differs": (
        "検討単位区域{unit}のうち、この建物は管渠に接続しない。",
        "Of its study unit {unit}, this house is not connected to the sewer.",
    ),
}  # fmt: skip


def explain_houses(plan: Plan, buildings: Iterable[int]) -> list[dict[str, Any]]:
    """Everything a plan says about some buildings, as plain data.

    One dict per building: its row (``reason_key`` where the reason is one of the house's own, ``lateral_m`` to its road),
    ``unit`` with its verdict, options and costs as :func:`sewerzone.output.explain.explain` has them (None without a unit), and
    ``retreat`` where the plan looks at the existing sewers (None elsewhere).

    Raises
    ------
    DataError : there is no building of that number
    """
    wanted, known = list(buildings), plan.buildings["building_id"]
    lost = sorted(set(wanted) - set(known))
    if lost:
        span = f"{known.min()} to {known.max()}" if len(known) else "not at all"
        raise DataError(
            problem(
                f"there is no building {first_ids(lost)} in {plan.config.study.name}: they are numbered {span}",
                "only buildings of the plan can be explained",
                "take the number from the map or from the layer `buildings` of plan.gpkg",
            )
        )
    return [_house(plan, building) for building in wanted]


def _house(plan: Plan, building: int) -> dict[str, Any]:
    row = pd.DataFrame(plan.buildings[plan.buildings["building_id"] == building].drop(columns="geometry")).iloc[0]
    names = plan.districts.set_index("district_id")["name"]
    lateral = plan.laterals.loc[plan.laterals["building_id"] == building, "length_m"].dropna()
    facts = {str(name): plain(value) for name, value in row.items()}
    keys = {sentence: key for said in BUILDING_REASONS.values() for key, sentence in said.items()}
    is_looked_at = plan.retreat_houses["building_id"].eq(building).any()
    return {
        "study": plan.config.study.name,
        **facts,
        "district": None if facts["district_id"] is None else plain(names.get(facts["district_id"])),
        "reason_key": keys.get(facts["reason"]),
        "lateral_m": float(lateral.iloc[0]) if len(lateral) else None,
        "unit": None if facts["unit_id"] is None else explain.explain(plan, [facts["unit_id"]])[0],
        "retreat": leaving(plan, [building])[0] if is_looked_at else None,
    }


def house_text(house: dict[str, Any], language: Language = "en") -> str:
    """One building as :func:`explain_houses` returns it, with its unit below."""
    district = _say("district", language, name=house["district"]) if house["district"] else ""
    treatment = treatment_label(house["treatment"], language)
    size = _say("size", language, dwellings=house["dwellings"], people=house["people"])
    if house["tank_persons"] and not house["is_served"]:
        size += _say("tank", language, persons=house["tank_persons"], tanks=house["tank_count"])
    key = house["reason_key"]
    lines = [
        _say("house", language, study=house["study"], building=house["building_id"], district=district, treatment=treatment),
        f"  {size}",
    ]
    if key != "unit":
        lines.append(f"  {_say('why', language, reason=BUILDING_REASONS[language][key] if key else house['reason'])}")
    if house["lateral_m"] is not None:
        lines.append(f"  {_say('lateral', language, metres=house['lateral_m'])}")
    lines += [f"  {line}" for line in _of_unit(house, language)]
    parts = ["\n".join(lines)]
    if house["retreat"] is not None:
        parts.append(leaving_text(house["retreat"], language))
    if house["unit"] is not None:
        parts.append(unit_text(house["unit"], language))
    return "\n\n".join(parts)


def _of_unit(house: dict[str, Any], language: Language) -> list[str]:
    """Whether the unit's verdict is the house's, or why there is none."""
    unit = house["unit"]
    if unit is None:
        known = {"none": ["empty"], "served": [] if house["retreat"] is not None else ["served"]}
        return [_say(key, language) for key in known.get(house["treatment"], [])]
    follows = house["treatment"] in (unit["treatment"], "absorbed")
    return [_say("unit_follows" if follows else "unit_differs", language, unit=unit["unit_id"])]


def _say(key: str, language: Language, **values: Any) -> str:
    return PHRASES[key][0 if language == "ja" else 1].format(**values)
