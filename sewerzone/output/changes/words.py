"""The words of a redrawing, beside those all outputs share."""

from __future__ import annotations

import re
from typing import Any

from sewerzone import style
from sewerzone.model import Redrawing
from sewerzone.output.brief_words import Count
from sewerzone.style import Language

PHRASES: dict[str, tuple[str, str]] = {
    "title": ("集合処理区域の見直し図", "Redrawing of the sewer area"),
    "area": ("区域面積 {old:,.1f} → {new:,.1f} ha ({more:+,.1f})", "Sewer area {old:,.1f} -> {new:,.1f} ha ({more:+,.1f})"),
    "empty": ("うち居住のない土地 {ha:,.1f} ha(変更しない)", "of which {ha:,.1f} ha where nobody lives (left as it is)"),
    "dwellings": (
        "区域内未整備戸数 {old:,.0f} → {new:,.0f} 戸 ({more:+,.0f})",
        "Unserved dwellings in it {old:,.0f} -> {new:,.0f} ({more:+,.0f})",
    ),
    "people": (
        "区域内未整備人口 {old:,.0f} → {new:,.0f} 人 ({more:+,.0f})",
        "Unserved people in it {old:,.0f} -> {new:,.0f} ({more:+,.0f})",
    ),
    "built": (
        "新設管渠 {old_km:,.2f} → {new_km:,.2f} km、ポンプ {old_pumps:,.0f} → {new_pumps:,.0f} 箇所",
        "New sewers {old_km:,.2f} -> {new_km:,.2f} km, pumps {old_pumps:,.0f} -> {new_pumps:,.0f}",
    ),
    "yearly": (
        "年価 {old:,.2f} → {new:,.2f} 百万円/年",
        "Yearly cost {old:,.2f} -> {new:,.2f} million yen",
    ),
    "saving": (
        "削減額 1年 {one:,.2f} 百万円、20年 {twenty:,.2f} 百万円、50年 {fifty:,.2f} 百万円",
        "Saves in 1 year {one:,.2f}, in 20 years {twenty:,.2f}, in 50 years {fifty:,.2f} million yen",
    ),
    "two_plans": (
        "旧計画の費用: 両計画をそれぞれ設計した費用。合計はその差、"
        "区分別・地区別は系統の費用を戸数で按分した値(残る戸の負担も変わる)。",
        "Cost of the old plan: both plans are laid out; the total is their difference. By class and district "
        "a system's cost is shared "
        "among its houses by dwellings, so that the share of those who stay changes too.",
    ),
    "unit_figures": (
        "旧計画の費用: 新計画の検討単位区域ごとの差額による(戸数按分)。区域全体を設計した費用は --study で求める。",
        "Cost of the old area: from the unit figures of the new plan, by the share of dwellings; --study lays it out instead.",
    ),
    "served_outside": (
        "旧区域の外にある既整備の建物 {n} 棟は、集合処理のままとした。",
        "Sewered today but outside the old area, counted as sewer before and after: {n} buildings.",
    ),
    "absorbed_moved": (
        "浄化槽から集合処理へ移る建物のうち {n} 棟は、既整備区域への取り込みによる。",
        "Of the buildings that move to the sewer, absorbed neighbours of areas sewered today: {n} buildings.",
    ),
    "units_split": (
        "{n} 区域は一部の建物だけが移り(旧区域の境界が通る、または枝線が高い建物が浄化槽のまま)、数量は戸ごとに分けた。",
        "Units of which only some houses move (the old border, or dear branches left on tanks), split house by house: "
        "{n} units.",
    ),
    "units_unknown": (
        "{n} 区域はもう一方の方式の費用が不明で、削減額に計上していない。",
        "Units of which the cost of the other way is not known, so that no saving is counted: {n}.",
    ),
    "houses_unpriced": (
        "{n} 棟は枝線が高く浄化槽のままとした建物で、旧計画での費用が不明のため計上していない。",
        "Houses with tanks in sewered units; what a sewer to them would cost is not known and not counted: {n}.",
    ),
    "houses_new": (
        "{n} 棟は旧計画に同じ位置の建物がなく、位置で判定し、旧計画の費用は計上していない。",
        "Buildings that are not in the old plan; their place decides, and no cost is counted for them there: {n}.",
    ),
    "old_elsewhere": (
        "旧区域のうち計画から離れた {n} 件のポリゴンは除いた。",
        "Polygons of the old area away from the plan, left out: {n}.",
    ),
    "units_by_half": (
        "旧区域の費用計算では、境界で分かれる区域を戸数の多い側とした。",
        "To lay out the old area, units on its border were put on the side of most of their dwellings.",
    ),
    "million": ("{n} 百万円/年", "{n} M yen/yr"),
    "split": ("一部の建物だけが移る区域", "Unit of which only some houses move"),
    "legend": ("凡例", "Legend"),
    "old_area": ("見直し前の集合処理区域", "Old sewer area"),
    "unit": ("検討単位区域", "Study unit"),
    "houses": ("{n:,.0f} 戸", "{n:#dwelling}"),
    "hectares": ("{n:,.2f} ha", "{n:,.2f} ha"),
    "district": ("地区", "District"),
    "saving_of": ("削減額(百万円/年)", "Saving (M yen/yr)"),
    "note": (
        "変更の対象となる世帯の一覧。個人情報は含まない(建物番号のみ)。",
        "Houses that move. Of persons nothing is told but the number of the building.",
    ),
    "by_district": ("地区別の変更", "What moves, by district"),
}  # fmt: skip
MOST_LETTERS = 40
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def say(key: str, language: Language, **values: Any) -> str:
    """A phrase with its values."""
    told = {name: Count(value) if isinstance(value, int | float) else value for name, value in values.items()}
    return PHRASES[key][0 if language == "ja" else 1].format(**told)


def name(value: Any, language: Language, most: int = MOST_LETTERS) -> str:
    """A name out of the data on one short line: no controls, nothing that turns the direction of writing."""
    if value is None or value != value:
        return style.text("no_district", language)
    clean = _UNSEEN.sub(" ", str(value)).strip()
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def headlines(redrawing: Redrawing, language: Language) -> list[str]:
    """The effect in total, a sentence each, as the Fuji plan prints it."""
    e = redrawing.redrawing_effect.iloc[0]
    million = {"one": e["saving_yen_per_yr"], "twenty": e["saving_20_yr_yen"], "fifty": e["saving_50_yr_yen"]}
    area = say("area", language, old=e["old_area_ha"], new=e["new_area_ha"], more=e["moved_area_ha"])
    empty = say("empty", language, ha=e["empty_area_ha"])
    return [
        f"{area}{'、' if language == 'ja' else ', '}{empty}" if round(e["empty_area_ha"], 1) else area,
        *(
            say(n, language, old=e[f"old_unserved_{n}"], new=e[f"new_unserved_{n}"], more=e[f"moved_{n}"])
            for n in ("dwellings", "people")
        ),
        say(
            "built", language, old_km=e["old_sewer_m"] / 1000, new_km=e["new_sewer_m"] / 1000, old_pumps=e["old_pumps"],
            new_pumps=e["new_pumps"],
        ),
        say("yearly", language, old=e["old_yen_per_yr"] / 1e6, new=e["new_yen_per_yr"] / 1e6),
        say("saving", language, **{key: value / 1e6 for key, value in million.items()}),
    ]  # fmt: skip


def notes(redrawing: Redrawing, language: Language) -> list[str]:
    """Where the cost of the old plan comes from, and what else must be known."""
    out = [say(redrawing.run["basis"], language)]
    for note in redrawing.run["notes"]:
        key, _, number = note.partition(": ")
        out.append(say(key, language, n=number))
    return out
