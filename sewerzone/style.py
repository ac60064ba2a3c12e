"""How a plan looks and what its parts are called: colours, widths, Japanese and English labels, legend order.

One mapping for the web map, the printed map and the QGIS styles. The fills are those of the Color Universal Design
set, in the order in which Japanese plans list the kinds of treatment; no national colour standard exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sewerzone.tables.programme import PERIOD_ENDS
from sewerzone.tables.schema import Column, Table

Language = Literal["ja", "en"]
RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """How one class is drawn and named.

    Attributes
    ----------
    fill, line : colours of areas and of their outlines; buildings are filled with ``line`` to stand out on areas
    ja, en : what the legend says
    hatch : matplotlib hatch that tells the class apart in a black and white print
    """

    fill: RGB
    line: RGB
    ja: str
    en: str
    hatch: str = ""

    def label(self, language: Language) -> str:
        """The name of the class."""
        return self.ja if language == "ja" else self.en


TREATMENT_LOOKS: dict[str, Look] = {
    "served": Look((255, 170, 150), (196, 88, 64), "既整備区域(下水道)", "Sewered today"),
    "absorbed": Look((255, 202, 128), (225, 130, 0), "周辺家屋の取り込み", "Absorbed neighbours", "//"),
    "sewer": Look((255, 216, 207), (255, 75, 0), "下水道接続区域", "Connect to the sewer", "\\\\"),
    "own_plant": Look((119, 217, 168), (3, 145, 102), "単独集合処理区域", "Own treatment plant", ".."),
    "johkasou": Look((255, 255, 140), (190, 150, 0), "浄化槽区域(個別処理)", "Johkasou (on-site tanks)"),
    "none": Look((214, 216, 219), (132, 145, 158), "対象外(居住なし)", "No residents"),
}
"""Treatments in legend order."""

COLLECTIVE = ("served", "absorbed", "sewer", "own_plant")
"""Treatments that end in a common sewer."""


CHANGE_LOOKS: dict[str, Look] = {
    "stays_sewer": Look((255, 216, 207), (225, 130, 100), "集合処理のまま", "Stays sewer"),
    "stays_johkasou": Look((255, 255, 170), (190, 150, 0), "浄化槽のまま", "Stays johkasou"),
    "sewer_to_johkasou": Look((77, 196, 255), (0, 65, 170), "集合処理 → 浄化槽", "Sewer -> johkasou", "//"),
    "johkasou_to_sewer": Look((220, 130, 220), (130, 0, 130), "浄化槽 → 集合処理", "Johkasou -> sewer", ".."),
    "split": Look((200, 200, 203), (84, 91, 102), "一部変更", "Split"),
    "nobody": Look((228, 229, 232), (160, 168, 176), "居住なし", "Nobody lives there"),
}
"""What becomes of houses, units and land in a redrawing, in legend order."""


PERIOD_LOOKS: tuple[Look, ...] = (
    Look((68, 1, 84), (52, 0, 66), "1–5年目", "Years 1 to 5"),
    Look((59, 82, 139), (40, 60, 110), "6–10年目", "Years 6 to 10"),
    Look((33, 145, 140), (16, 110, 106), "11–15年目", "Years 11 to 15"),
    Look((94, 201, 98), (50, 150, 60), "16–20年目", "Years 16 to 20"),
    Look((190, 223, 38), (140, 165, 20), "21–30年目", "Years 21 to 30"),
    Look((253, 231, 37), (190, 170, 10), "31年目以降", "Year 31 and later"),
)
"""When the programme finishes what it builds, by the number ``period`` less 1: the darker the sooner, in print as well."""
PERIOD_NEVER = Look((214, 216, 219), (132, 145, 158), "計画期間外", "Not within the programme")
"""What it does not reach."""


def period_label(period: int, first_year: int, last_year: int, language: Language) -> str:
    """The fiscal years of a period of the programme, such as ``2026-2030``; none later than its ``last_year``."""
    begin = first_year + (PERIOD_ENDS[period - 2] if period > 1 else 0)
    end = min(first_year + PERIOD_ENDS[period - 1] - 1, last_year) if period <= len(PERIOD_ENDS) else last_year
    span = f"{begin}" if end <= begin else f"{begin}–{end}"
    return f"{span}年度" if language == "ja" else span


@dataclass(frozen=True)
class PipeClass:
    """Pipes up to ``up_to_mm`` in diameter are drawn ``width`` pixels wide."""

    up_to_mm: int
    width: float


PIPE_CLASSES: tuple[PipeClass, ...] = (
    PipeClass(150, 1.2), PipeClass(250, 2.2), PipeClass(400, 3.4), PipeClass(100_000, 5.0),
)  # fmt: skip
"""Diameter classes, rising."""

GRAVITY: RGB = (0, 90, 255)
PRESSURE: RGB = (153, 0, 153)
LINK: RGB = (20, 30, 120)
PUMP: RGB = (200, 0, 60)
MANHOLE: RGB = (70, 80, 110)
PLANT: RGB = (3, 110, 80)
BARRIER: RGB = (110, 170, 220)
ROAD: RGB = (190, 192, 196)
OVERRIDE: RGB = (153, 0, 153)
UNIT: RGB = (84, 91, 102)
CHANGED: RGB = (0, 0, 0)
FIRM_SEWER: RGB = (255, 75, 0)
CONTESTED: RGB = (153, 0, 153)
FIRM_JOHKASOU: RGB = (255, 241, 0)
COLOURS: dict[str, RGB] = {
    "gravity": GRAVITY, "pressure": PRESSURE, "link": LINK, "pump": PUMP, "plant": PLANT, "barrier": BARRIER,
    "override": OVERRIDE, "unit": UNIT, "road": ROAD, "firm_sewer": FIRM_SEWER, "contested": CONTESTED,
    "firm_johkasou": FIRM_JOHKASOU, "changed": CHANGED,
}  # fmt: skip
"""Colours by name, for the web page."""

TEXTS: dict[str, tuple[str, str]] = {
    "map_title": ("汚水処理区域図", "Wastewater zoning map"),
    "legend": ("凡例", "Legend"),
    "areas": ("処理区域", "Areas"),
    "sewers": ("管渠", "Sewers"),
    "points": ("施設", "Points"),
    "gravity": ("自然流下管", "Gravity sewer"),
    "pressure": ("圧送管", "Rising main"),
    "link": ("接続管渠", "Link"),
    "pump": ("マンホールポンプ", "Pump"),
    "manhole": ("人孔", "Manhole"),
    "plant": ("単独処理場", "Own plant"),
    "outlet": ("既設管への流入点", "Inlet of the served network"),
    "existing": ("既設小規模処理場に接続", "To an existing small plant"),
    "unit": ("検討単位区域", "Study unit"),
    "served_area": ("既整備区域", "Served area"),
    "override": ("政策判断", "Planner's decision"),
    "barrier": ("河川・鉄道等", "Barriers"),
    "building": ("建物", "Buildings"),
    "connected": ("集合処理の建物", "Connected buildings"),
    "on_site": ("浄化槽の建物", "Johkasou buildings"),
    "other_buildings": ("その他の建物", "Other buildings"),
    "unit_number": ("検討単位区域(番号)", "Study units (numbered)"),
    "unit_numbers": ("検討単位区域番号", "Numbers of study units"),
    "of_which_links": ("うち接続管渠", "of which links"),
    "unconnected": ("接続できない建物", "Houses no sewer can reach"),
    "connect": ("下水道に接続", "Connect"),
    "own_plant": ("単独集合処理", "Own plant"),
    "johkasou": ("浄化槽", "Johkasou"),
    "lift": ("揚水(次の自然流下管へ)", "Lift to the next gravity sewer"),
    "rising_main": ("圧送", "Feeds a rising main"),
    "crossing": ("横断", "Crossing"),
    "crossing_river": ("河川", "river"),
    "crossing_railway": ("鉄道", "railway"),
    "crossing_motorway": ("高速道路", "motorway"),
    "crossing_other": ("その他", "other"),
    "too_far": ("道路から遠い", "Too far from a road"),
    "blocked": ("河川・鉄道等にさえぎられる", "Blocked by a barrier"),
    "no_road": ("使える道路がない", "No usable road"),
    "dear_branch": ("枝線が浄化槽より高い", "The branch to them costs more than their tanks"),
    "cut_off": ("道路網が分断されている", "Its roads are cut off from the rest"),
    "by_sewer": ("下水道", "Sewers"),
    "by_tanks": ("浄化槽", "Johkasou"),
    "group_programme": ("年度別整備計画", "Programme by year"),
    "curve_title": ("集合処理率と年価", "Cost of every share of sewers"),
    "people_sewered": ("集合処理人口率(検討単位区域内)", "People on sewers, of those in study units"),
    "million_yen": ("百万円", "Million yen"),
    "million_yen_per_yr": ("百万円/年", "million yen a year"),
    "least_cost": ("最小年価(凸包、設計済み管渠網の単価による)", "Least cost (hull), at prices of networks designed"),
    "on_tanks": ("現況(すべて浄化槽)", "Today: tanks everywhere"),
    "official": ("手順書方式", "Official procedure"),
    "optimum": ("最適解", "Optimum"),
    "optimum_timeless": ("最適解(整備期限なし)", "Optimum without a deadline"),
    "plan_in_time": ("計画(期限内に整備できるもの)", "Plan, built in time"),
    "few_pumps": ("ポンプの少ない案", "Few pumps"),
    "fast": ("整備期間内の処理人口が多い案", "Many people in time"),
    "verdict": ("判定", "Verdict"),
    "reason": ("理由", "Reason"),
    "option": ("方式", "Option"),
    "capital": ("建設費", "Construction"),
    "yearly_capital": ("建設費年価", "Construction a year"),
    "yearly_upkeep": ("維持管理費", "Upkeep a year"),
    "yearly_total": ("年価", "Total a year"),
    "impossible": ("不可", "not possible"),
    "runner_up": ("次点", "Runner-up"),
    "margin": ("集合・個別の差額", "Margin over the other kind"),
    "alone": ("単独比較の判定", "Verdict standing alone"),
    "other_lives": ("別耐用年数での判定", "Verdict under the other lives"),
    "unverified": ("未検証単価の割合", "Share of unverified prices"),
    "edits": ("区域見直し案(戸別)", "Edits of units, house by house"),
    "cut": ("浄化槽へ", "Better with tanks"),
    "grow": ("集合処理へ", "Better on a sewer"),
    "changed": ("手順書方式からの変更", "Changed against the official procedure"),
    "by_official": ("手順書方式の判定", "By the official procedure"),
    "difference": ("変更理由", "Why it differs"),
    "sureness": ("判定の確実性", "How sure the verdicts are"),
    "firm_sewer": ("確実(集合処理)", "Firm: sewer"),
    "contested": ("判定が分かれる", "Contested"),
    "few_samples": ("試行数不足", "Too few samples"),
    "firm_johkasou": ("確実(浄化槽)", "Firm: johkasou"),
    "sewer_probability": ("集合処理となる確率", "Probability of a sewer"),
    "scenarios_turned": ("判定が変わる条件", "Turned by"),
    "dwellings": ("戸数", "Dwellings"),
    "people": ("人口", "People"),
    "flow": ("日最大汚水量", "Daily maximum flow"),
    "density": ("戸数密度", "Density"),
    "sewer_length": ("管渠延長", "Sewer length"),
    "pumps": ("ポンプ", "Pumps"),
    "diameter": ("管径", "Diameter"),
    "slope": ("勾配", "Slope"),
    "length": ("延長", "Length"),
    "excavation": ("掘削深(上流/下流)", "Excavation (upper/lower end)"),
    "design_flow": ("計画時間最大汚水量", "Design flow"),
    "velocity": ("流速", "Velocity"),
    "head": ("揚程", "Head"),
    "power": ("動力", "Power"),
    "override_price": ("政策判断の費用", "Price of the planner's decision"),
    "area": ("面積", "Area"),
    "system": ("系統", "System"),
    "to_unit": ("接続先", "Flows into"),
    "yen": ("円", "yen"),
    "yen_per_yr": ("円/年", "yen/yr"),
    "yen_per_m": ("円/m", "yen/m"),
    "up_to": ("以下", "up to"),
    "above": ("超", "above"),
    "north": ("北", "N"),
    "made_by": ("sewerzone(費用比較による計画案。設計図ではない)", "sewerzone (from compared costs; no drawing to build by)"),
    "settings": ("設定", "settings"),
    "areas_people": ("処理区域・計画人口", "Areas, people"),
    "boundaries": ("境界", "Boundaries"),
    "systems": ("系統の流末", "Outlets of systems"),
    "plants": ("処理場候補地・流入点", "Plant sites and inlets"),
    "entry": ("既設管への接続点", "Entry to the served network"),
    "site_plant": ("処理場候補地", "Plant site"),
    "site_outlet": ("流入点(指定)", "Named inlet"),
    "site_existing": ("既設小規模処理場(存続)", "Existing small plant, kept"),
    "terminal": ("既設管渠の流末", "End of the existing sewers"),
    "site_terminal": ("既設管渠の流末", "End of the existing sewers"),
    "site_pump": ("既設ポンプ場", "Existing pumping station"),
    "existing_sewers": ("既設管渠", "Existing sewers"),
    "given_up": ("撤退する管渠", "Sewers to give up"),
    "given_up_in": ("{}–{}年度に撤退", "Given up in {} to {}"),
    "retreat_title": ("撤退検討図", "Retreat: sewers to give up"),
    "site_joined": ("既設小規模処理場(統合)", "Existing small plant, joined"),
    "road": ("道路", "Roads"),
    "kind": ("種別", "Kind"),
    "per_ha": ("戸/ha", "dwellings/ha"),
    "force_sewer": ("下水道とする", "Sewer by decision"),
    "force_johkasou": ("浄化槽とする", "Johkasou by decision"),
    "keep_together": ("一体とする", "Kept together"),
    "source": ("座標系", "CRS"),
    "changes": ("手順書方式との違い", "Against the official procedure"),
    "group_findings": ("判定の検証", "Findings on verdicts"),
    "group_buildings": ("建物(処理方式別)", "Buildings by treatment"),
    "group_ground": ("道路・河川等", "Roads and barriers"),
    "group_graph": ("道路網(計算用)", "Road graph"),
    "group_tables": ("表", "Tables"),
    "run": ("実行記録", "Record of the run"),
    "scale": ("縮尺", "Scale"),
    "crs": ("座標系", "CRS"),
    "date": ("作成日", "Date"),
    "data": ("資料", "Data"),
    "programme_title": ("年度別整備計画図", "Programme of construction by year"),
    "areas_by_year": ("下水道整備区域(完成年度)", "Sewered areas, by year of completion"),
    "tanks_by_year": ("浄化槽整備区域(完了年度)", "Johkasou, by year of completion"),
    "sewers_by_year": ("管渠(完成年度)", "Sewers, by year of completion"),
    "all_layers": ("すべての資料", "All data"),
    "trunk": ("うち幹線", "Trunks among them"),
    "origin_unknown": ("出典・時点の記載なし", "source and date not stated"),
    "date_unknown": ("時点の記載なし", "date not stated"),
    "source_unknown": ("出典の記載なし", "source not stated"),
    "terrain": ("標高", "Terrain"),
    "forecast": ("将来人口", "Forecast of people"),
    "program": ("作成", "Made by"),
    "note": ("注記", "Note"),
    "and_more": ("ほか", "and more:"),
    "is_draft": ("費用比較による計画案。設計図ではない", "A plan from compared costs; no drawing to build by"),
    "no_letter": ("字形のない文字", "letter that no font has"),
    "place": ("位置図", "Location"),
    "key_map": ("索引図", "Key map"),
    "sheet": ("図葉", "Sheet"),
    "page_frame": ("各図の範囲(番号は頁)", "Frames of the sheets (numbers are pages)"),
    "district": ("地区", "District"),
    "districts_left_out": ("戸数の少ない地区は省略", "Districts with fewest dwellings left out"),
    "districts_empty": ("建物のない地区は省略", "Districts without buildings left out"),
    "base_pale": ("地理院タイル(淡色)", "GSI tiles (pale)"),
    "base_photo": ("地理院タイル(写真)", "GSI tiles (photo)"),
    **{name: (look.ja, look.en) for name, look in CHANGE_LOOKS.items()},
    "total": ("合計", "Total"),
    "no_district": ("地区外", "In no district"),
    "nothing_moves": ("変更なし", "Nothing moves"),
    "two_plans": ("両計画の費用", "Both plans laid out"),
    "tanks_instead": ("系統全体を浄化槽とした場合", "Tanks instead of the whole system"),
    "by_margin": ("計画での差額", "Margin in the plan"),
    "options_alone": ("単独比較の差", "Options standing alone"),
    "unknown": ("不明(計上せず)", "Unknown, not counted"),
    "no_base": ("背景なし", "No base map"),
    "tiles_source": ("出典: 国土地理院 地理院タイル", "Source: Geospatial Information Authority of Japan, GSI Tiles"),
}  # fmt: skip
"""Every word on a map: key -> (Japanese, English)."""


JAPANESE_UNITS: dict[str, str] = {
    "persons": "人槽", "yen": "円", "yen/y": "円/年", "yen/m": "円/m", "y": "年", "m2": "m²", "m3/d": "m³/日", "l/s": "L/秒",
    "m/s": "m/秒", "permille": "‰", "1/ha": "戸/ha", "m": "m", "mm": "mm", "ha": "ha", "kW": "kW", "kWh/y": "kWh/年",
}  # fmt: skip
"""Units of columns as Japanese tables write them."""


def text(key: str, language: Language) -> str:
    """One word or sentence of :data:`TEXTS`."""
    return TEXTS[key][0 if language == "ja" else 1]


def texts(language: Language) -> dict[str, str]:
    """All of :data:`TEXTS` in one language."""
    return {key: text(key, language) for key in TEXTS}


def treatment_label(treatment: str, language: Language) -> str:
    """The legend's name of a treatment."""
    return TREATMENT_LOOKS[treatment].label(language)


def column_label(column: Column, language: Language) -> str:
    """What a column is called in attribute tables: the Japanese term with its unit, or the English name."""
    if language == "en":
        return column.name
    return f"{column.ja} ({JAPANESE_UNITS.get(column.unit, column.unit)})" if column.unit else column.ja


ENGLISH_UNITS: dict[str, str] = {
    "yen/y": "yen/yr", "y": "yr", "m2": "m²", "m3/d": "m³/d", "l/s": "L/s", "permille": "‰", "1/ha": "per ha",
    "kWh/y": "kWh/yr",
}  # fmt: skip
"""Units of columns as English tables write them."""
ENGLISH_NAMES: dict[str, str] = {
    "yen_per_yr": "Yearly cost", "least_yen_per_yr": "Least yearly cost", "sewer_yen_per_m": "Sewer price today",
    "flow_mean_m3_per_d": "Daily mean flow", "flow_max_m3_per_d": "Daily maximum flow", "keep_yen_per_yr": "Keeping it",
    "join_yen_per_yr": "Joining it", "length_gap_share": "Longer than the shortest by",
    "laying_gap_share": "Dearer than the least by",
    "district_id": "District no.",
    "old_yen_per_yr": "Yearly cost before", "new_yen_per_yr": "Yearly cost after", "old_area_ha": "Sewer area before",
    "new_area_ha": "Sewer area after", "saving_20_yr_yen": "Saving in 20 years", "saving_50_yr_yen": "Saving in 50 years",
    "people_sewered": "People in sewered areas", "people_tanks": "People on johkasou", "people_other": "People on other plants",
    "people_left": "People without treatment", "coverage_share": "Coverage", "sewer_yen": "Cost of sewers",
    "tank_yen": "Cost of johkasou", "cap_yen": "Money for sewers",
    "least_pumps": "Pumps needed at least", "to_unit_id": "Flows into unit", "built_year": "Complete in year",
}  # fmt: skip
"""Headings that the names of columns do not say well."""
_UNIT_OF_NAME = re.compile(
    r"_(m|m2|m3|ha|mm|permille|m3_per_d|l_per_s|m_per_s|kw|yr|yen|yen_per_m|yen_per_yr|per_ha|kwh_per_yr|id)$"
)


def heading(column: Column, language: Language) -> str:
    """What a column is called at the head of a table, its unit on a second line; in English from its name."""
    units = JAPANESE_UNITS if language == "ja" else ENGLISH_UNITS
    name = column.ja if language == "ja" else ENGLISH_NAMES.get(column.name) or _english(column.name)
    return f"{name}\n({units.get(column.unit, column.unit)})" if column.unit else name


ENGLISH_TABLES = {"coverage_districts": "Coverage by district", "population": "People by district"}


def table_name(table: Table, language: Language) -> str:
    """What a declared table is called."""
    return table.ja if language == "ja" else ENGLISH_TABLES.get(table.name) or table.name.replace("_", " ").capitalize()


def _english(name: str) -> str:
    words = _UNIT_OF_NAME.sub("", name.removeprefix("is_")).replace("_", " ")
    return words[:1].upper() + words[1:]


def pipe_class(diameter_mm: float) -> int:
    """Index into :data:`PIPE_CLASSES` of a diameter."""
    return next(i for i, c in enumerate(PIPE_CLASSES) if diameter_mm <= c.up_to_mm)


def pipe_class_label(index: int, language: Language) -> str:
    """The legend's name of a diameter class, such as ``up to 250 mm``."""
    last = index == len(PIPE_CLASSES) - 1
    limit = PIPE_CLASSES[index - 1 if last else index].up_to_mm
    word = text("above" if last else "up_to", language)
    return f"{limit} mm {word}" if language == "ja" else f"{word} {limit} mm"


def hex_colour(colour: RGB) -> str:
    """``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
