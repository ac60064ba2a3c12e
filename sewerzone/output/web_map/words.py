"""The words of the page's controls, beside those that all maps share."""

from __future__ import annotations

from sewerzone import style
from sewerzone.output import explain_words
from sewerzone.output.workbook import ageing_words
from sewerzone.output.workbook.words import CHOICES
from sewerzone.style import Language
from sewerzone.tables.ageing import REACH_STATUSES, URGENCIES
from sewerzone.tables.results import LINK_ENDS

Words = tuple[str, str]
"""Japanese and English."""

PHRASES: dict[str, Words] = {
    "other_language": ("English", "日本語"),
    "hide_panel": ("パネルを隠す", "Hide the panel"),
    "show_panel": ("パネルを表示", "Show the panel"),
    "map": ("地図", "Map"),
    "whole_plan": ("全体を表示", "Show the whole plan"),
    "zoom_in": ("拡大", "Zoom in"),
    "zoom_out": ("縮小", "Zoom out"),
    "close": ("閉じる", "Close"),
    "loading": ("読み込み中…", "Loading…"),
    "search": ("検索", "Search"),
    "search_hint": ("地区名・区域番号・施設名・緯度経度", "District, unit number, place"),
    "nothing_found": ("見つかりません", "Nothing found"),
    "place_found": ("緯度経度", "Latitude, longitude"),
    "measure_length": ("距離を測る", "Measure length"),
    "measure_area": ("面積を測る", "Measure area"),
    "measure_clear": ("消去", "Clear"),
    "measure_hint": (
        "地図をクリック(Enter で中央に点)。ダブルクリックか Esc で終了",
        "Click on the map (Enter: at its centre); double click or Esc ends",
    ),
    "colour_areas": ("区域の色分け", "Colour areas by"),
    "colour_sewers": ("管渠の色分け", "Colour sewers by"),
    "by_treatment": ("処理方式", "How sewage is treated"),
    "by_gap": ("集合・個別の差額", "Margin between the two kinds"),
    "by_sureness": ("判定の確実性", "How sure the verdicts are"),
    "by_change": ("手順書方式との違い", "Difference from the official procedure"),
    "by_year": ("整備の完成年度", "Year of completion"),
    "by_diameter": ("管径", "Diameter"),
    "by_depth": ("掘削深", "Excavation depth"),
    "group_points": ("施設", "Plants and pumps"),
    "group_lines": ("管渠・道路", "Sewers and roads"),
    "group_borders": ("境界・判断", "Borders and decisions"),
    "group_houses": ("建物", "Buildings"),
    "houses_note": ("拡大すると表示されます", "Zoom in to see them"),
    "base_map": ("背景地図", "Base map"),
    "sewer_by": ("集合処理: {} 有利", "Sewer better by {}"),
    "tanks_by": ("浄化槽: {} 有利", "Johkasou better by {}"),
    "over_30": ("30% 超", "over 30 %"),
    "to_30": ("10~30%", "10 to 30 %"),
    "under_10": ("10% 未満", "less than 10 %"),
    "not_by_cost": ("費用以外で決定", "Not decided by cost"),
    "margin_unknown": ("差額なし(一方のみ可能)", "No margin: one kind alone is possible"),
    "units_counted": ("数字は検討単位区域の数", "Figures are numbers of study units"),
    "margin_note": (
        "数字は検討単位区域の数。割合はその区域をすべて浄化槽とする費用に対するもの",
        "Figures are numbers of study units; shares are of what johkasou for all of the unit would cost",
    ),
    "same_verdict": ("同じ判定", "Same verdict"),
    "sure_unknown": ("試算なし", "Not tried"),
    "not_in_years": ("計画期間内に完成しない", "Not within the programme"),
    "no_works": ("事業なし", "No works"),
    "depth_below": ("{} m 以下", "up to {} m"),
    "depth_from": ("{} m 超", "over {} m"),
    "years_of": ("整備年度", "Years of building"),
    "tank_years": ("浄化槽の設置年度", "Years of installing tanks"),
    "package_years": ("管渠の整備年度", "Years of laying sewers"),
    "house": ("建物", "Building"),
    "unit_of_house": ("この建物の区域を表示", "Show its study unit"),
    "districts": ("地区界", "District borders"),
    "people_on_sewers": ("うち集合処理", "of them on sewers"),
    "units_of_district": ("検討単位区域", "Study units"),
    "kept": ("存続", "Kept"),
    "joined": ("統合", "Joined to others"),
    "keep_cost": ("存続の年価", "Keeping it, a year"),
    "join_cost": ("統合の年価", "Joining it, a year"),
    "joined_to": ("統合先", "Joined to"),
    "served_network": ("既設の管渠網", "the served network"),
    "to_own_plant": ("新しい処理場", "a new plant"),
    **{f"flows_to_{end}": CHOICES.get(f"flows_to.{end}", CHOICES.get(end, ("", ""))) for end in LINK_ENDS if end != "unit"},
    "existing_plant": ("他の既設処理場", "another existing plant"),
    "plant_number": ("処理場", "Plant"),
    "capacity": ("能力", "Capacity"),
    "daily_flow": ("日最大処理水量", "Daily maximum flow treated"),
    "join_chance": ("統合となる確率", "Probability of joining"),
    "stock": ("既設管渠", "Existing sewers"),
    "stock_kept": ("既設管渠(存続)", "Existing sewers that stay"),
    "stock_turned": ("既設管渠(撤退の候補)", "Existing sewers to be given up"),
    "outcome": ("存続・撤退", "What becomes of it"),
    "installed_year": ("布設年度", "Laid in"),
    "urgency": ("緊急度", "Urgency"),
    "due_year": ("改築年度", "Renewal due in"),
    "turn_year": ("転換年度", "Given up from"),
    "branch": ("撤退する枝", "Branch given up"),
    "upstream": ("上流戸数", "Dwellings upstream"),
    "keep_present": ("存続の現在価値(上流を含む)", "Staying, present value with all upstream"),
    "turn_present": ("撤退の現在価値(上流を含む)", "Giving up, present value with all upstream"),
    **{f"outcome_{k}": ageing_words.CHOICES[f"status.{k}"] for k in REACH_STATUSES if f"status.{k}" in ageing_words.CHOICES},
    **{f"urgency_{k}": ageing_words.CHOICES[f"urgency.{k}"] for k in URGENCIES},
    "options_compared": ("3方式の比較(単独で整備した場合)", "The three options, standing alone"),
    "in_plan": ("計画", "the plan"),
    "break_even_alone": ("判定が変わる管渠単価(単独)", "Sewer price that turns the verdict, standing alone"),
    "of_dwellings": (" 戸", " homes"),
    "of_people": (" 人", " people"),
    "told_in": explain_words.PHRASES["reasons_in"],
    "too_old": (
        "このブラウザーは古いため表示できません。新しい Edge、Chrome、Firefox、Safari で開いてください。",
        "This browser is too old for the map. Please open it in a recent Edge, Chrome, Firefox or Safari.",
    ),
    "m3_per_d": ("m³/日", "m³/d"),
}
"""Key -> (Japanese, English)."""


def both(key: str) -> Words:
    """A word of this page, or else one of all maps."""
    return PHRASES[key] if key in PHRASES else style.TEXTS[key]


def of_page(language: Language) -> dict[str, str]:
    """All words the page may say in one language."""
    at = 0 if language == "ja" else 1
    return style.texts(language) | {key: said[at] for key, said in PHRASES.items()}
