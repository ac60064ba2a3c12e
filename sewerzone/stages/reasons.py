"""The verdict of every unit in one sentence, Japanese or English."""

from __future__ import annotations

from typing import Any

import pandas as pd

BUILDING_REASONS = {
    "en": {
        "served": "lies in an area sewered today",
        "unit": "follows its study unit",
        "too_far": "johkasou: no usable road within the longest lateral",
        "blocked": "johkasou: a river or railway lies between the house and every road in reach",
        "no_road": "johkasou: there is no usable road",
        "cut_off": "johkasou: its road is not connected with those of the unit",
        "dear_branch": "johkasou: the branch to its houses would cost more than their tanks",
        "shed": "no dwelling: smaller than a house",
        "wall_less": "no dwelling: a roof without walls",
        "non_residential": "no dwelling: its use holds no residents",
        "duplicate": "counted once: the same footprint occurs before",
        "no_geometry": "no place: the row has no geometry",
        "dwelling": "no dwelling: the number of dwellings is 0",
    },
    "ja": {
        "served": "既整備区域内",
        "unit": "検討単位区域の判定による",
        "too_far": "浄化槽: 取付管の限度内に使用可能な道路がない",
        "blocked": "浄化槽: 道路との間に河川・鉄道がある",
        "no_road": "浄化槽: 使用可能な道路がない",
        "cut_off": "浄化槽: 道路が検討単位区域の道路網とつながっていない",
        "dear_branch": "浄化槽: 枝線の費用が浄化槽を上回る",
        "shed": "住宅でない: 小規模建物",
        "wall_less": "住宅でない: 無壁舎",
        "non_residential": "住宅でない: 非住宅用途",
        "duplicate": "重複する建物(一度だけ計上)",
        "no_geometry": "位置情報なし",
        "dwelling": "住宅でない: 戸数0",
    },
}  # fmt: skip

_TEXTS = {
    "en": {
        "absorbed": "Adjoins the served area: {per_house:.1f} m of sewer per house (pumps counted at their price in metres), "
        "within the limit of {limit:.1f} m.",
        "loss": " By cost alone johkasou would be {loss} a year cheaper.",
        "sewer": "Sewer costs {sewer} a year, johkasou {tanks}: {sewer_m:,.0f} m of sewer ({link_m:,.0f} m of it link) "
        "serve {houses:,.0f} houses.",
        "joined": "Alone johkasou is cheaper ({tanks} a year against {sewer}), but in one network with {others} other unit(s) "
        "what it needs for itself costs only {own} a year.",
        "joined_only": "Alone no sewer is possible ({why}), but in one network with {others} other unit(s) what it needs for "
        "itself costs {own} a year, johkasou {tanks}.",
        "johkasou": "Johkasou costs {tanks} a year, the cheapest sewer of its own {sewer}: {sewer_m:,.0f} m ({link_m:,.0f} m "
        "of it link) would serve {houses:,.0f} houses.",
        "impossible": "Johkasou ({tanks} a year): no sewer is possible, {why}.",
        "forced": "Decided by the planner (override {override}), not by cost.",
        "unmet": "Johkasou ({tanks} a year): the planner decided for sewer (override {override}), but none is possible, {why}.",
        "late": "Sewer is cheaper ({sewer} a year against {tanks}) but could not be built in time; johkasou after comparing "
        "again: {late}.",
        "late_joined": "In one network with its neighbours the sewer is cheaper but could not be built in time; johkasou after "
        "comparing again: {late}.",
        "late_figures": "{system} would be finished in year {year:.0f}, and with {system_yen} a year and {lost} a year for the "
        "life its tanks still have then it is dearer than tanks for good, {system_tanks}",
        "late_alone": "its sewer",
        "late_system": "the sewer of {units:.0f} units together",
        "reference": "Reference plan: not decided by cost.",
    },
    "ja": {
        "absorbed": "既整備区域に隣接: 1戸当たり管渠{per_house:.1f} m(ポンプは価格相当の管渠長に換算、"
        "限界距離{limit:.1f} m以内)。",
        "loss": "ただし費用だけなら浄化槽が年{loss}安い。",
        "sewer": "集合処理の年価{sewer}、浄化槽{tanks}: 管渠{sewer_m:,.0f} m(うち接続管渠{link_m:,.0f} m)で"
        "{houses:,.0f}戸を処理。",
        "joined": "単独では浄化槽が有利({tanks}/年、集合処理{sewer}/年)だが、他{others}区域と一体なら、"
        "この区域だけに要する費用は年{own}。",
        "joined_only": "単独では集合処理は不可({why})だが、他{others}区域と一体なら、"
        "この区域だけに要する費用は年{own}、浄化槽は{tanks}。",
        "johkasou": "浄化槽の年価{tanks}、単独の集合処理は最小で{sewer}: {houses:,.0f}戸に管渠{sewer_m:,.0f} m"
        "(うち接続管渠{link_m:,.0f} m)が必要。",
        "impossible": "浄化槽(年価{tanks}): 集合処理は不可({why})。",
        "forced": "政策判断(番号{override})による。費用比較によらない。",
        "unmet": "浄化槽(年価{tanks}): 政策判断(番号{override})は集合処理だが、不可({why})。",
        "late": "集合処理が有利({sewer}/年、浄化槽{tanks}/年)だが期間内に整備できず、再比較により浄化槽({late})。",
        "late_joined": "隣接区域と一体の集合処理が有利だが期間内に整備できず、再比較により浄化槽({late})。",
        "late_figures": "{system}の完成は{year:.0f}年目。集合処理{system_yen}/年に、それまで使う浄化槽の残存価値の"
        "損失{lost}/年を加えると、浄化槽{system_tanks}/年より高い",
        "late_alone": "この区域の管渠",
        "late_system": "{units:.0f}区域一体の管渠",
        "reference": "参考案: 費用比較によらない。",
    },
}  # fmt: skip


def unit_reasons(options: pd.DataFrame, facts: pd.DataFrame, language: str, is_reference: bool) -> list[str]:
    """One sentence per unit.

    ``facts`` has per unit, in unit order: treatment, override_id (-1 none), is_forced_sewer, is_absorbed, is_late
    and the figures of that comparison, metres_per_house, limit_m, dwellings, units_in_system, margin_yen_per_yr.
    """
    texts = _TEXTS[language]
    by_unit = options.sort_values(["unit_id", "total_yen_per_yr"], kind="stable")
    best = by_unit[by_unit["option"] != "johkasou"].drop_duplicates("unit_id").set_index("unit_id")
    tanks = by_unit[by_unit["option"] == "johkasou"].set_index("unit_id")["total_yen_per_yr"]
    rows: list[Any] = list(best.reindex(facts.index).itertuples())
    told: list[Any] = list(facts.itertuples())
    out = []
    for row, fact in zip(rows, told, strict=True):
        mine = float(tanks[fact.Index])
        values = {
            "sewer": _yen(row.total_yen_per_yr, language), "tanks": _yen(mine, language), "sewer_m": row.sewer_m,
            "link_m": row.link_m, "houses": fact.dwellings, "why": row.reason, "others": fact.units_in_system - 1,
            "own": _yen(mine - fact.margin_yen_per_yr, language), "per_house": fact.metres_per_house, "limit": fact.limit_m,
            "override": fact.override_id, "loss": _yen(-fact.margin_yen_per_yr, language),
            "late": _late(fact, language) if fact.is_late else "",
        }  # fmt: skip
        which = "reference" if is_reference else _which(fact, row, mine)
        text = texts[which] + (texts["loss"] if which == "absorbed" and fact.margin_yen_per_yr < 0 else "")
        out.append(text.format(**values))
    return out


def _late(fact: Any, language: str) -> str:
    """The comparison that turned the system of a unit to tanks."""
    texts = _TEXTS[language]
    system = texts["late_alone" if fact.late_units == 1 else "late_system"].format(units=fact.late_units)
    return texts["late_figures"].format(
        system=system, year=fact.late_year, system_yen=_yen(fact.late_sewer_yen_per_yr, language),
        lost=_yen(fact.late_lost_yen_per_yr, language), system_tanks=_yen(fact.late_tanks_yen_per_yr, language),
    )  # fmt: skip


def _which(fact: Any, best: Any, tanks_yen_per_yr: float) -> str:
    """Which sentence tells why; ``best`` is the cheapest collective option of the unit alone."""
    is_cheaper = best.is_possible and best.total_yen_per_yr <= tanks_yen_per_yr
    if fact.override_id >= 0:
        return "unmet" if fact.is_forced_sewer and fact.treatment == "johkasou" else "forced"
    if fact.is_absorbed:
        return "absorbed"
    if fact.is_late:
        return "late" if is_cheaper else "late_joined"
    if fact.treatment == "johkasou":
        return "johkasou" if best.is_possible else "impossible"
    if is_cheaper:
        return "sewer"
    return "joined" if best.is_possible else "joined_only"


_DIFFERENCES = {
    "en": {
        "gained": "Sewer instead of johkasou: in one network with {others} other unit(s) what it needs for itself costs {own} "
        "a year, its tanks {tanks}; the {count} unit(s) concerned cost {after} a year together instead of {before}.",
        "gained_alone": "Sewer instead of johkasou: it costs {own} a year, tanks {tanks}.",
        "lost": "Johkasou instead of a sewer: what it would need for itself costs {own} a year, its tanks {tanks}; the {count} "
        "unit(s) concerned cost {after} a year together instead of {before}.",
        "lost_late": "Johkasou ({tanks} a year) instead of a sewer that could not be built in time; the {count} unit(s) "
        "concerned cost {after} a year together instead of {before}.",
        "lost_unknown": "Johkasou ({tanks} a year) instead of a sewer: the {count} unit(s) concerned cost {after} a year "
        "together instead of {before}.",
        "moved": "Another place of delivery: the {count} unit(s) concerned cost {after} a year together instead of {before}.",
        "regrouped": "Sewered either way, now in one network with {others} other unit(s): the {count} unit(s) concerned cost "
        "{after} a year together instead of {before}.",
    },
    "ja": {
        "gained": "浄化槽から集合処理へ: 他{others}区域と一体なら、この区域だけに要する費用は年{own}、浄化槽は年{tanks}。"
        "関係する{count}区域の合計は年{before}から{after}へ。",
        "gained_alone": "浄化槽から集合処理へ: 年{own}、浄化槽は年{tanks}。",
        "lost": "集合処理から浄化槽へ: この区域だけに要する集合処理の費用は年{own}、浄化槽は年{tanks}。"
        "関係する{count}区域の合計は年{before}から{after}へ。",
        "lost_late": "集合処理から浄化槽(年{tanks})へ: 期間内に整備できない。"
        "関係する{count}区域の合計は年{before}から{after}へ。",
        "lost_unknown": "集合処理から浄化槽(年{tanks})へ: 関係する{count}区域の合計は年{before}から{after}へ。",
        "moved": "接続先の変更: 関係する{count}区域の合計は年{before}から{after}へ。",
        "regrouped": "集合処理のまま、他{others}区域と一体の系統に変更: 関係する{count}区域の合計は年{before}から{after}へ。",
    },
}  # fmt: skip


def difference_reasons(facts: pd.DataFrame, language: str) -> list[str | None]:
    """Why the optimum treats a unit otherwise than the official procedure, or with other units, in one sentence; else None.

    ``facts`` has per unit: is_changed, is_regrouped, was_tank, is_tank, is_late, units_concerned, official_yen and
    optimum_yen (of these together), others (units in its network), tanks, own (what its sewer needs for itself,
    missing if unknown).
    """
    texts = _DIFFERENCES[language]
    out: list[str | None] = []
    told: list[Any] = list(facts.itertuples())
    for fact in told:
        if not fact.is_changed and not fact.is_regrouped:
            out.append(None)
            continue
        values = {
            "others": fact.others, "count": fact.units_concerned, "own": _yen(fact.own, language),
            "tanks": _yen(fact.tanks, language), "before": _yen(fact.official_yen, language),
            "after": _yen(fact.optimum_yen, language),
        }  # fmt: skip
        out.append(texts[_which_difference(fact)].format(**values))
    return out


def _which_difference(fact: Any) -> str:
    if fact.was_tank and not fact.is_tank:
        return "gained" if fact.others else "gained_alone"
    if fact.is_tank and not fact.was_tank:
        if fact.is_late:
            return "lost_late"
        return "lost_unknown" if pd.isna(fact.own) else "lost"
    return "moved" if fact.is_changed else "regrouped"


_CONSOLIDATION = {
    "en": {
        "keep": "Keeping it costs {keep} a year, joining it {join}.",
        "alone": "Keeping it costs {keep} a year; there is nothing to join it to within reach.",
        "host": "Kept: it also treats the sewage of {others} other unit(s) or plant(s).",
        "join": "Joined to {to}: what its sewage needs for itself ({link_m:,.0f} m of sewer, larger pipes below, treatment) "
        "costs {join} a year, keeping it {keep}.",
        "late": "Kept: joining it pays but could not be built in time.",
        "decided_keep": "Kept by the planner's decision: keeping it costs {keep} a year, joining it {join}.",
        "decided_join": "Joined to {to} by the planner's decision: that costs {join} a year ({link_m:,.0f} m of sewer for it "
        "alone), keeping it {keep}.",
        "unmet": "Kept ({keep} a year): the planner decided to join it, but there is nothing to join it to within reach.",
        "served_network": "the served network",
        "own_plant": "a new plant",
        "existing_plant": "existing plant {plant:.0f}",
    },
    "ja": {
        "keep": "存続の年価{keep}、統合の年価{join}。",
        "alone": "存続の年価{keep}。統合できる相手が範囲内にない。",
        "host": "存続: 他{others}区域・施設の汚水も受け入れる。",
        "join": "{to}へ統合: この施設の汚水だけに要する費用(管渠{link_m:,.0f} m、下流の増径・ポンプ、処理)は"
        "年{join}、存続は年{keep}。",
        "late": "存続: 統合が有利だが期間内に整備できない。",
        "decided_keep": "政策判断により存続: 存続の年価{keep}、統合の年価{join}。",
        "decided_join": "政策判断により{to}へ統合: 年価{join}(専用の管渠{link_m:,.0f} m)、存続は年{keep}。",
        "unmet": "存続(年価{keep}): 政策判断は統合だが、統合できる相手が範囲内にない。",
        "served_network": "既整備区域",
        "own_plant": "新設処理場",
        "existing_plant": "既設処理場{plant:.0f}",
    },
}  # fmt: skip


def consolidation_reasons(facts: pd.DataFrame, language: str) -> list[str]:
    """One sentence per existing plant; ``facts`` are rows of CONSOLIDATION with is_late and others (treated with it)."""
    texts = _CONSOLIDATION[language]
    told: list[Any] = list(facts.itertuples())
    out = []
    for fact in told:
        to = texts[fact.joined_to].format(plant=fact.to_plant_id) if fact.verdict == "join" else ""
        values = {
            "keep": _yen(fact.keep_yen_per_yr, language), "join": _yen(fact.join_yen_per_yr, language), "to": to,
            "link_m": fact.link_m, "others": fact.others,
        }  # fmt: skip
        out.append(texts[_which_consolidation(fact)].format(**values))
    return out


def _which_consolidation(fact: Any) -> str:
    if fact.verdict == "join":
        return "decided_join" if fact.decision == "join" else "join"
    if fact.decision == "join":
        return "unmet"
    if fact.is_late:
        return "late"
    if fact.others:
        return "host"
    if pd.isna(fact.join_yen_per_yr):
        return "alone"
    return "decided_keep" if fact.decision == "keep" else "keep"


def _yen(value: float, language: str) -> str:
    if pd.isna(value):
        return "?"
    if language == "ja":
        return f"{value / 10_000:,.1f}万円"
    return f"{value / 1_000_000:,.2f} M yen"
