"""What becomes of a branch of the existing network, or of the sewer of a house, and why: as data and as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sewerzone.errors import DataError, first_ids, problem
from sewerzone.model import Plan
from sewerzone.output.workbook.words import Words
from sewerzone.style import Language
from sewerzone.tables import RETREAT

PHRASES: dict[str, tuple[str, str]] = {
    "branch": ("{study} 撤退の候補 枝{branch}", "Branch {branch} of {study}, to be given up"),
    "house": ("{study} 建物{building}: {status}", "Building {building} of {study}: {status}"),
    "turned": ("{year}年度に浄化槽へ転換(枝{branch})", "to johkasou in {year} (branch {branch})"),
    "kept": ("下水道を存続", "its sewer stays"),
    "too_far": (
        "既設管渠まで{reach:g} mより遠く、検討できない",
        "farther than {reach:g} m from every existing sewer: not decided",
    ),
    "not_served": ("今日の下水道区域の外", "outside today's sewered areas"),
    "on": (
        "管渠{sewer}(区間{piece}、{distance:.0f} m): {status}、改築年度{due}、上流{upstream:,.0f}戸",
        "Sewer {sewer} (piece {piece}, {distance:.0f} m away): {status}, due in {due}; dwellings on it and upstream: "
        "{upstream:,.0f}",
    ),
    "drains": ("流下方向の根拠: {direction}", "It drains by: {direction}"),
    "either_way": (
        "この区間と上流の現在価値: 残す場合{keep}円、撤退する場合{turn}円(差{more}円)",
        "Present value of it and all upstream: {keep} yen if it stays, {turn} yen if it is given up (difference {more})",
    ),
    "with_others": (
        "この区間だけでは高いが、下流の管渠を含めた枝全体では安い",
        "By itself this would cost more; the branch as a whole, with the sewers downstream, costs less",
    ),
    "must_stay": ("費用によらず残す区間", "It stays whatever it costs"),
    "outlet": (
        "{study} 施設{plant} {name}({kind}): 既設管渠の撤退による影響",
        "Plant {plant} {name} of {study} ({kind}): what giving up sewers means for it",
    ),
    "outlet_today": (
        "現在: 管渠{sewer_m:,.0f} m、{dwellings:,.0f}戸、日平均汚水量{flow_mean_m3_per_d:,.0f} m³/日",
        "Today: {sewer_m:,.0f} m of sewers, {dwellings:,.0f} dwellings, {flow_mean_m3_per_d:,.0f} m³/d in the mean",
    ),
    "outlet_later": (
        "{last_year}年度: すべて存続なら{later_m3_per_d:,.0f} m³/日、撤退({given_up_m:,.0f} m、{turned_dwellings:,.0f}戸)なら"
        "{left_m3_per_d:,.0f} m³/日(現在の{left_share:.0%})",
        "In {last_year}: {later_m3_per_d:,.0f} m³/d if all sewers stay, {left_m3_per_d:,.0f} m³/d ({left_share:.0%} of "
        "today's) if {given_up_m:,.0f} m with {turned_dwellings:,.0f} dwellings are given up",
    ),
    "outlet_branches": ("撤退の候補の枝: {ids} (explain --branch)", "Branches to be given up: {ids} (explain --branch)"),
    "outlet_fixed": (
        "処理場の固定費は減らないものとして比較している",
        "Fixed costs of the plant are not counted as saved",
    ),
    "houses": ("建物: {ids}", "Buildings: {ids}"),
    "money": ("現在価値(円)", "Present values (yen)"),
    "warnings": ("留意事項", "To settle before"),
    "general": (
        "ほかに全体の留意事項{number}件(report, 比較検討書)",
        "{number} more for every branch: see the report or the workbook",
    ),
}
FACTS = (
    "first_turn_year", "turn_year", "first_due_year", "sewers", "sewer_m", "pumps", "dwellings", "people", "dwellings_then",
    "tanks",
)  # fmt: skip
MONEY = (
    "keep_renewal_yen", "keep_upkeep_yen", "keep_treatment_yen", "before_yen", "tank_yen", "tank_upkeep_yen", "house_works_yen",
    "abandon_yen", "saving_yen", "install_yen", "subsidy_yen",
)  # fmt: skip
OUTLET_FACTS = (
    "sewer_m", "dwellings", "flow_mean_m3_per_d", "later_m3_per_d", "left_m3_per_d", "left_share", "given_up_m",
    "turned_dwellings", "last_year",
)  # fmt: skip
MOST_HOUSES = 40


def explain_branches(plan: Plan, branches: Iterable[int]) -> list[dict[str, Any]]:
    """Everything a plan says about some branches that turn, as plain data: the row of RETREAT, its houses and its warnings.

    Raises
    ------
    DataError : there is no branch of that number
    """
    wanted = list(branches)
    _refuse_unknown(plan, wanted, plan.retreat["branch_id"], "branch", "retreat")
    warned = plan.retreat_warnings
    out = []
    for branch in wanted:
        row = plan.retreat[plan.retreat["branch_id"] == branch].iloc[0]
        of = plan.retreat_houses["branch_id"].eq(branch).fillna(False).astype(bool)
        mine = warned["branch_id"].eq(branch).fillna(False).astype(bool)
        out.append(
            {
                "study": plan.config.study.name,
                **{str(name): plain(value) for name, value in row.items()},
                "building_ids": [int(b) for b in plan.retreat_houses.loc[of, "building_id"]],
                "warnings": [{"topic": r["topic"], "note": r["note"]} for r in warned[mine].to_dict("records")],
                "general_warnings": int(warned["branch_id"].isna().sum()),
            }
        )
    return out


def explain_houses(plan: Plan, buildings: Iterable[int]) -> list[dict[str, Any]]:
    """What becomes of the sewer of some houses, as plain data: rows of RETREAT_HOUSES and of their sewers, and the branch.

    Raises
    ------
    DataError : there is no such dwelling
    """
    wanted = list(buildings)
    _refuse_unknown(plan, wanted, plan.retreat_houses["building_id"], "dwelling", "retreat_houses")
    out = []
    for building in wanted:
        row = plan.retreat_houses[plan.retreat_houses["building_id"] == building].iloc[0]
        told = {"study": plan.config.study.name, **{str(name): plain(value) for name, value in row.items()}}
        pieces = pd.DataFrame(plan.retreat_sewers.drop(columns="geometry"))
        piece = (
            pieces[pieces["reach_id"].eq(row["reach_id"]).fillna(False).astype(bool)] if told["reach_id"] is not None else None
        )
        told["sewer"] = None if piece is None else {str(name): plain(value) for name, value in piece.iloc[0].items()}
        told["branch"] = None if told["branch_id"] is None else explain_branches(plan, [told["branch_id"]])[0]
        told["house_reach_m"] = plan.config.retreat.house_reach_m
        out.append(told)
    return out


def explain_outlets(plan: Plan, plants: Iterable[int]) -> list[dict[str, Any]]:
    """What the retreat means for some plants or outlets of the existing network, as plain data: rows of RETREAT_OUTLETS with
    the branches that drain there."""
    out = []
    for plant in plants:
        row = plan.retreat_outlets[plan.retreat_outlets["plant_id"].eq(plant).fillna(False).astype(bool)].iloc[0]
        of = plan.retreat_sewers["outlet_id"].eq(row["outlet_id"]).fillna(False).astype(bool)
        branches = plan.retreat_sewers.loc[of, "branch_id"].dropna().astype(int)
        first = plan.config.programme.first_year
        out.append(
            {
                "study": plan.config.study.name, **{str(name): plain(value) for name, value in row.items()},
                "first_year": first, "last_year": first + plan.config.retreat.years - 1,
                "branch_ids": sorted(set(branches.tolist())),
            }
        )  # fmt: skip
    return out


def ends(plan: Plan) -> list[int]:
    """Plants and outlets that the existing network ends in."""
    return [int(plant) for plant in plan.retreat_outlets["plant_id"].dropna()]


def _refuse_unknown(plan: Plan, wanted: list[int], known: pd.Series[Any], what: str, table: str) -> None:
    lost = [number for number in wanted if number not in set(known)]
    if not lost:
        return
    if not plan.config.retreat.years:
        why = "the study did not ask for a retreat (retreat.years)"
    else:
        why = (
            f"the plan knows {first_ids(known)}" if len(known) else "no branch of the existing network costs less with johkasou"
        )
    raise DataError(
        problem(
            f"there is no {what} {first_ids(lost)} in {plan.config.study.name}",
            why,
            f"take the number from the table `{table}`",
        )
    )


def branch_text(branch: dict[str, Any], language: Language = "en") -> str:
    """One branch as :func:`explain_branches` returns it."""
    say = Words(language)
    return "\n".join(
        [_say("branch", language, study=branch["study"], branch=branch["branch_id"]), *_of_branch(branch, say, language)]
    )


def house_text(house: dict[str, Any], language: Language = "en") -> str:
    """One house as :func:`explain_houses` returns it."""
    say = Words(language)
    status = _say(house["status"], language, year=house["turn_year"], branch=house["branch_id"], reach=house["house_reach_m"])
    lines = [_say("house", language, study=house["study"], building=house["building_id"], status=status)]
    sewer = house["sewer"]
    if sewer is not None:
        said = say.choice("status", sewer["status"])
        lines.append(
            "  " + _say(
                "on", language, sewer=sewer["sewer_id"], piece=sewer["reach_id"], distance=house["distance_m"], status=said,
                due=sewer["due_year"], upstream=sewer["dwellings_upstream"],
            )
        )  # fmt: skip
        if sewer["direction"] is not None:
            lines.append("  " + _say("drains", language, direction=say.choice("direction", sewer["direction"])))
        keep, turn = sewer["keep_present_yen"], sewer["turn_present_yen"]
        if turn is None:
            lines.append("  " + _say("must_stay", language))
        else:
            lines.append(
                "  " + _say("either_way", language, keep=f"{keep:,.0f}", turn=f"{turn:,.0f}", more=f"{turn - keep:+,.0f}")
            )
    if sewer is not None and sewer["status"] == "turned" and sewer["turn_present_yen"] > sewer["keep_present_yen"]:
        lines.append("  " + _say("with_others", language))
    if house["branch"] is not None:
        lines += ["", *_of_branch(house["branch"], say, language)]
    return "\n".join(lines)


def outlet_text(outlet: dict[str, Any], language: Language = "en") -> str:
    """One plant or outlet as :func:`explain_outlets` returns it."""
    kind = Words(language).choice("ends_in", outlet["ends_in"])
    ids = ", ".join(str(number) for number in outlet["branch_ids"]) or "-"
    lines = [_say("outlet", language, plant=outlet["plant_id"], name=outlet["name"] or "", kind=kind, **_only(outlet, "study"))]
    lines += ["  " + _say(key, language, **_only(outlet, *OUTLET_FACTS)) for key in ("outlet_today", "outlet_later")]
    return "\n".join([*lines, "  " + _say("outlet_branches", language, ids=ids), "  " + _say("outlet_fixed", language)])


def _only(told: dict[str, Any], *names: str) -> dict[str, Any]:
    """Some of what is told; a share of nothing is 0."""
    return {name: 0.0 if told[name] is None else told[name] for name in names}


def _of_branch(branch: dict[str, Any], say: Words, language: Language) -> list[str]:
    def line(name: str) -> str:
        column, value = RETREAT.column(name), branch[name]
        title = column.ja if language == "ja" else column.meaning.partition(";")[0]
        shown = "-" if value is None else f"{value:.0f}" if name.endswith("year") else f"{value:,.0f}"
        unit = f" {column.unit}" if column.unit == "m" and value is not None else ""
        return f"    {title}: {shown}{unit}"

    ids = [str(number) for number in branch["building_ids"][:MOST_HOUSES]]
    more = " ..." if len(branch["building_ids"]) > MOST_HOUSES else ""
    return [
        f"  {branch['reason']}",
        *(line(name) for name in FACTS),
        f"  {_say('money', language)}",
        *(line(name) for name in MONEY),
        f"  {_say('houses', language, ids=', '.join(ids) + more)}",
        f"  {_say('warnings', language)}",
        *(f"    {say.choice('topic', told['topic'])}: {told['note']}" for told in branch["warnings"]),
        f"    {_say('general', language, number=branch['general_warnings'])}",
    ]


def _say(key: str, language: Language, **values: Any) -> str:
    return PHRASES[key][0 if language == "ja" else 1].format(**values)


def plain(value: Any) -> Any:
    """A cell of a table as JSON has it; None where there is no value."""
    if value is None or pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
