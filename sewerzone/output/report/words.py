"""The words of the report, beside those that tables, maps, explanations and the workbook share."""

from __future__ import annotations

import re
from typing import Any

from sewerzone.config import Section
from sewerzone.output.report import ageing_words, sureness_words
from sewerzone.output.report.file_words import FILES
from sewerzone.output.report.method_words import METHOD
from sewerzone.output.report.setting_words import SETTINGS, VALUES
from sewerzone.output.workbook import words as workbook_words

PHRASES: dict[str, tuple[str, str]] = {
    **ageing_words.PHRASES,
    **sureness_words.PHRASES,
    "report_title": ("{study} 汚水処理区域 検討報告書", "{study}: report on wastewater zoning"),
    "report_kind": ("汚水処理区域 検討報告書", "Report on wastewater zoning"),
    "contents": ("目次", "Contents"),
    "and_more": ("ほか{number:,}件(比較検討書に全件)", "{number:,} more in the workbook"),
    # sections
    "section_summary": ("要約", "Summary"),
    "section_map": ("処理区域図", "Zoning map"),
    "section_redrawing": ("区域の見直し", "What changes"),
    "section_method": ("決め方", "How it is decided"),
    "section_inputs": ("使用したデータ", "What it rests on: data"),
    "section_assumptions": ("条件と単価", "What it rests on: settings and unit costs"),
    "section_programme": ("年度別整備計画と普及率", "Programme and coverage by year"),
    "section_cost": ("費用", "Cost"),
    "section_areas": ("区域と人口", "Areas and people"),
    "section_sewers": ("管渠と系統", "Sewers and systems"),
    "section_sureness": ("判定の確からしさ", "How sure the verdicts are"),
    "section_close": ("判定が分かれる区域", "Close calls"),
    "section_decisions": ("政策判断とその費用", "Planner's decisions and their price"),
    "section_official": ("手順書方式との違い", "Against the official procedure"),
    "section_houses": ("区域の見直し案", "Units that might be cut or grown"),
    "section_plants": ("既設処理場の存続と統合", "Existing small plants"),
    "section_limits": ("検討していないこと", "What was not considered"),
    "section_record": ("計算の記録", "Record of the run"),
    # summary
    "people_of_plan": ("計画人口", "People planned for"),
    "person_unit": ("人", "people"),
    "on_sewers": ("集合処理人口", "People on sewers"),
    "on_tanks_people": ("浄化槽人口", "People with johkasou"),
    "new_sewers": ("新設管渠", "New sewers"),
    "pumps_of_plan": ("ポンプ", "Pumps"),
    "place_unit": ("箇所", ""),
    "build_cost": ("建設費", "To build"),
    "million_yen": ("百万円", "million yen"),
    "plan_year_cost": ("年価", "Cost a year"),
    "million_yen_a_year": ("百万円/年", "million yen a year"),
    "summary_who": (
        "{study}の{people}人のうち、{sewered}人({sewered_share})を集合処理(下水道など)、"
        "{tanks}人({tanks_share})を浄化槽とする計画である。"
        "今すでに下水道を使える区域の{served}人を含む。",
        "Of the {people} people of {study}, {sewered} ({sewered_share}) are to be on a common sewer and {tanks} "
        "({tanks_share}) to "
        "have johkasou, tanks at the house. {served} of them live where there is a sewer today.",
    ),
    "summary_build": (
        "新しく管渠{length}とポンプ{pumps}箇所を造り、浄化槽を{dwellings}戸に置く。建設費は{capital}百万円、"
        "耐用年数で割った建設費と維持管理費を合わせた年価は{yearly}百万円である。",
        "That takes {length} of new sewers with {pumps} pumps, and johkasou for {dwellings} dwellings. Building it costs "
        "{capital} "
        "million yen; construction spread over its life and upkeep together come to {yearly} million yen a year.",
    ),
    "summary_compared": (
        "対象区域をすべて浄化槽にすると年{tanks}百万円かかる。計画はそれより年{saved}百万円安い。",
        "Johkasou for all study units would cost {tanks} million yen a year; the plan costs {saved} million less.",
    ),
    "summary_compared_more": (
        "対象区域をすべて浄化槽にすると年{tanks}百万円である。計画はそれより年{saved}百万円高い(政策判断、既設処理場、"
        "取り込みなど、費用以外で決まる部分がある)。",
        "Johkasou for all study units would cost {tanks} million yen a year; the plan costs {saved} million more, since "
        "decisions, "
        "existing plants or rules set part of it.",
    ),
    "summary_close": (
        "検討単位区域{units:,}のうち{close:,}は判定が分かれやすい({section}の章に一覧)。"
        "比較した年価の{share}は未検証の単価による。",
        "{close:,} of {units:,} study units are close calls, listed under '{section}'. {share} of the yearly cost rests "
        "on unit costs "
        "that nobody has verified.",
    ),
    "summary_optimum": (
        "手順書方式の年{official}百万円に対し{saving}百万円({share})安い。同じ家屋の一部を下水道とするどの計画も、"
        "年{least}百万円を下回らない(証明済みの下限)。",
        "The official procedure would cost {official} million yen a year; this is {saving} million ({share}) less. No plan "
        "that sewers some of the same houses costs less than {least} million a year (a proven bound).",
    ),
    "treatment": ("処理方式", "Treatment"),
    "buildings": ("建物", "Buildings"),
    "share_of_people": ("人口構成比", "Share of people"),
    "map_caption": ("処理区域図。番号は検討単位区域。", "The zoning map; numbers are those of study units."),
    # inputs
    "inputs_text": (
        "次のファイルから計画した。照合番号(SHA-256)が同じなら同じデータである。",
        "The plan was made from these files. A file with the same check number (SHA-256) holds the same data.",
    ),
    "layer": ("内容", "What"),
    "file": ("ファイル", "File"),
    "rows_used": ("行数", "Rows"),
    "check_number": ("照合番号(先頭16桁)", "Check number (first 16 digits)"),
    "origin": ("出典", "Source"),
    "origin_date": ("時点", "Date"),
    "origin_unknown": ("記載なし", "not stated"),
    "other_file": ("その他", "Other"),
    "origin_note": (
        "出典と時点は、設定ファイルに書かれたものだけを示す。ファイルの更新日はデータの時点ではないので用いない。"
        "記載がなければデータの提供元に確かめること。",
        "Sources and dates are those written in the study file; the date of a file is not that of its "
        "data and is not used. Where none is stated, ask whoever supplied the data.",
    ),
    "found_in_inputs": ("データの内訳", "What was found in the data"),
    "status": ("状態", "Status"),
    "count": ("件数", "Number"),
    # assumptions
    "settings_text": (
        "次の条件を標準から変えた。ここにない条件はすべて標準値である。",
        "These settings differ from the default; all others are at their default.",
    ),
    "settings_none": ("条件はすべて標準値である。", "All settings are at their default."),
    "setting": ("条件", "Setting"),
    "default": ("標準", "Default"),
    "used": ("採用", "Used"),
    "nothing_set": ("なし", "none"),
    "book_text": (
        "単価表: {book}{fallback}。確度は P 公表値、S 二次資料、U 未検証。費用の大きい順に示す。",
        "Cost book: {book}{fallback}. Marks: P published, S second-hand, U unverified. The dearest come first.",
    ),
    "book_fallback": ("(ない項目は {book})", " (for what it does not know: {book})"),
    "book_shipped": ("「{name}」", "'{name}'"),
    "by_mark": ("年価のうち確度別の割合", "Share of the yearly cost by mark"),
    "mark_P": ("P 公表値", "P published"),
    "mark_S": ("S 二次資料", "S second-hand"),
    "mark_U": ("U 未検証", "U unverified"),
    "yen_a_year": ("年価(百万円)", "A year (million yen)"),
    "share": ("割合", "Share"),
    "unit_cost": ("建設単価(円)", "Construction, one (yen)"),
    "upkeep_cost": ("維持管理単価(円/年)", "Upkeep, one (yen/yr)"),
    "price_list": ("主な単価", "Unit costs"),
    # cost
    "cost_text": (
        "費用は、数量と単価の積を1件ずつ積み上げたものである。建設費は耐用年数で割って1年当たりにし、"
        "維持管理費と足して「年価」とする。四捨五入のため、内訳の和が合計と合わないことがある。",
        "Every amount is a quantity times a unit cost. Construction is spread over its life and added to a year's "
        "upkeep: that is the "
        "cost a year by which options are compared. Rounded figures may not add up to the last digit.",
    ),
    "chart_options": ("整備案ごとの年価", "Cost a year, case by case"),
    "chart_options_caption": (
        "すべて浄化槽とした場合、区域ごとに単独で最も安い方式とした場合、計画の年価。",
        "Johkasou for all study units, the cheapest option of every unit by itself, and the plan.",
    ),
    "chart_items": ("費目ごとの年価と単価の確度", "Cost a year by item and mark"),
    "chart_items_caption": (
        "計画の年価の内訳と、もとになる単価の確度(凡例の色)。",
        "Where the plan's yearly cost goes; colours tell the mark of the unit costs it rests on.",
    ),
    "case_tanks": ("すべて浄化槽", "Johkasou everywhere"),
    "case_alone": ("区域ごとに最安", "Each unit by itself"),
    "case_official": ("手順書方式", "Official procedure"),
    "case_plan": ("計画", "The plan"),
    "construction": ("建設費", "Construction"),
    "upkeep": ("維持管理費", "Upkeep"),
    "both_kinds": ("年価", "Together"),
    "cost_case": ("整備案", "Case"),
    "curve_caption": (
        "集合処理する人口の割合ごとの最小の年価。曲線より安い案はない。",
        "Least cost a year for every share of people on sewers: no plan lies below the curve.",
    ),
    "build_out": ("整備の進み方", "Build-out"),
    "build_out_caption": (
        "完成する系統の累計人口(年間事業費の上限による)。",
        "People in systems completed by each year, under the budget.",
    ),
    "year_axis": ("年目", "Year"),
    # areas
    "chart_people": ("処理方式別の人口", "People by treatment"),
    "chart_people_caption": ("処理方式別の人口とその割合。", "People by treatment, and their share."),
    "chart_density": ("家屋の密度と判定", "Verdict against density"),
    "density_axis": ("戸数密度(戸/ha)", "Dwellings per hectare"),
    "ratio_axis": ("集合処理÷浄化槽(単独での年価)", "Sewer over johkasou, cost a year standing alone"),
    "chart_density_caption": (
        "点は検討単位区域、大きさは戸数。1より下なら単独でも集合処理が安い。上にあって集合処理となる区域は、"
        "隣の区域と一体にすると安いもの、"
        "または規則や政策判断によるもの。{missing}",
        "Each dot is a study unit, as large as its dwellings. Below 1 a sewer is cheaper even standing alone; units "
        "above it on a "
        "sewer share one with neighbours, or follow a rule or a decision.{missing}",
    ),
    "density_missing": (
        "集合処理が不可能な{number:,}区域は示さない。",
        " {number:,} units that no sewer can reach are not shown.",
    ),
    "district": ("地区", "District"),
    "district_share": ("集合処理人口率", "On sewers"),
    "by_district": ("地区別", "By district"),
    # sewers
    "systems_text": (
        "計画の管渠は{systems:,}系統、延長{length}、うち圧送管{pressure}、ポンプ{pumps:,}箇所、人孔{manholes:,}箇所。",
        "The plan's sewers: {systems:,} systems, {length}, of it {pressure} rising mains; {pumps:,} pumps, {manholes:,} "
        "manholes.",
    ),
    "systems_proof": (
        "管渠の年価は、同じ家屋を同じ流末へつなぐどの管渠網と比べても、高くて{gap}以内である(証明済みの下限との比較)。",
        "Whatever the routes and depths, sewers for the same houses and outlets can cost at most {gap} less: that is proven.",
    ),
    # close calls
    "close_text": (
        "費用の差が小さい、または条件しだいで判定が変わる区域。現地の事情を優先して決めてよい。",
        "Units where the two ways cost nearly the same, or where conditions turn the verdict: local reasons may decide.",
    ),
    "close_none": ("判定が分かれる区域はない。", "There are no close calls."),
    "probability": ("集合処理\nとなる確率", "On a sewer\nin samples"),
    # decisions
    "decisions_text": (
        "費用にかかわらず計画者が決めたもの。費用は、その判断がない場合の計画との年価の差である。",
        "Set by the planner whatever the cost. The price is what the plan costs more a year than without that decision.",
    ),
    "programme_late": (
        "次の表の期限後の比較は、工区ごとの参考である。計画の判定は、着工順と年間上限による系統全体の再比較によるもので、これによっては変わらない。",
        "What the next table compares after the deadline is told of each package for information; verdicts of the plan come "
        "from comparing whole systems again and do not change by it.",
    ),
    "decisions_late": (
        "費用が負のものは、期限内に整備できないため浄化槽となる区域を、判断により期限後でも下水道とする場合などに生じる。",
        "A price below nothing comes from building, though late, what would get johkasou since it cannot be built in time.",
    ),
    "decisions_none": ("政策判断はない。判定はすべて費用と規則による。", "There are none: cost and rules set every verdict."),
    "decision": ("判断", "Decision"),
    "decided_units": ("区域", "Units"),
    "note": ("理由", "Reason given"),
    "price_a_year": ("費用(円/年)", "Price (yen/yr)"),
    "all_decisions": ("計", "In all"),
    # official
    "official_text": (
        "計画は最適解である。手順書方式なら年{official}百万円、計画は年{plan}百万円で、{saving}百万円安い。"
        "判定が異なる区域は{changed:,}。",
        "The plan is the optimum. The official procedure would cost {official} million yen a year, the plan costs "
        "{plan}: {saving} "
        "million less. {changed:,} units are treated otherwise.",
    ),
    "official_text_in_time": (
        "手順書方式なら年{official}百万円、計画は年{plan}百万円で、{saving}百万円安い。判定が異なる区域は{changed:,}。",
        "The official procedure would cost {official} million yen a year, the plan costs {plan}: {saving} million less. "
        "{changed:,} units are treated otherwise.",
    ),
    "in_time_text": (
        "整備期限を問わない最適解は年{free}百万円である。期限({years}年)までに整備できず、改めて比べると浄化槽の方が安い区域"
        "(区域{units})を浄化槽としたため、計画は年{plan}百万円となった。手順書方式との比較は、どちらも同じ期限で直したものによる。",
        "Without a deadline the optimum would cost {free} million yen a year. Units that cannot be built within {years} years "
        "and for which johkasou then come out cheaper (unit {units}) got johkasou, so that the plan costs {plan}. Plan and "
        "official procedure are compared as they are after this same rule.",
    ),
    "official_same": ("手順書方式と判定が異なる区域はない。", "No unit is treated otherwise."),
    "houses_text": (
        "1戸ごとに決めた場合との比較。区域の取り方を見直すとよい箇所を示す。",
        "Compared with a zoning house by house: where a unit should be cut or grown.",
    ),
    "plants_text": (
        "既設の小規模処理場を、そのまま存続する場合と、廃止して他へ統合する場合とで比べた。{plants:,}箇所のうち{joined:,"
        "}箇所を統合する。",
        "Existing small plants were compared: kept, or given up and joined to others. {joined:,} of {plants:,} are joined.",
    ),
    "limits_text": (
        "この検討は費用の比較である。次のことは含まないので、決定の前に別に確かめること。",
        "This study compares costs. What follows is not in it and must be looked at before anything is decided.",
    ),
    # record
    "record_text": (
        "この報告書の数値はすべて保存された計画の表から取ったもので、同じ計画からは同じ報告書ができる。",
        "Every number here is taken from the tables of the stored plan; the same plan gives the same report.",
    ),
    "record_what": ("項目", "What"),
    "record_value": ("内容", "Value"),
    "program_version": ("プログラム", "Program"),
    "settings_digest": ("設定の識別番号", "Settings"),
    "crs_used": ("座標系", "Coordinate system"),
    "messages": ("計算時のお知らせ", "Notes of the run"),
    "no_messages": ("お知らせはない。", "There were none."),
    "reasons_told": (
        "理由の文は、計算したときの言語(英語)のままである。",
        "Sentences of reasons are in Japanese, the language the study was run in.",
    ),
}
"""Key -> (Japanese, English)."""

STATUSES: dict[str, str] = {
    "dwelling": "住宅", "shed": "物置・車庫", "wall_less": "無壁舎", "non_residential": "住宅以外", "duplicate": "重複",
    "no_geometry": "図形なし", "usable": "管渠を敷設できる", "unusable": "管渠を敷設できない", "not_needed": "既整備のため不要",
    "connected": "管渠に接続できる", "merged": "短小(節点に統合)",
}  # fmt: skip
"""Statuses of rows in Japanese."""

_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_BRACKET = re.compile(r"\s*\(([^()]*)\)")


class Words(workbook_words.Words):
    """The words of one language."""

    def __call__(self, key: str, **values: Any) -> str:
        """A phrase with its values."""
        found = PHRASES.get(key) or FILES.get(key) or METHOD.get(key)
        return found[self.at].format(**values) if found else super().__call__(key, **values)

    def status(self, name: str) -> str:
        """What became of a row of the input."""
        if self.language == "ja" and name in STATUSES:
            return STATUSES[name]
        known = None if name in STATUSES else workbook_words.CHOICES.get(f"status.{name}")
        return known[self.at] if known else super().status(name)

    def setting(self, section: type[Section], name: str) -> str:
        """What a setting is about, from its help: the Japanese term where there is one, else its first sentence."""
        if (section.__name__, name) in SETTINGS:
            return SETTINGS[section.__name__, name][self.at]
        text = " ".join((section.model_fields[name].description or "").split())
        terms = [term for term in _BRACKET.findall(text) if _JAPANESE.search(term)]
        if self.language == "ja" and terms:
            return re.split("[;:]", terms[0])[0].strip()
        plain = re.split(r"(?<=[^.\d])[.;:](?:\s|$)", _BRACKET.sub("", text))[0].strip()
        return re.sub(r"`?(\w+)`?", lambda m: m[0].replace("_", " ").strip("`"), plain)

    def value(self, value: Any, name: str = "") -> str:
        """A setting's value; of a ``name`` that tells of a year as a year."""
        if value is None or value == "" or value == () or value == []:
            return self("nothing_set")
        if isinstance(value, bool):
            return self("yes") if value else self("no")
        if isinstance(value, float | int):
            if name.endswith("year"):
                return f"{value:.0f}{'年' if self.language == 'ja' else ''}"
            return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:,.6g}"
        if isinstance(value, list | tuple):
            if name == "people":  # of coverage: years and people
                pairs = [(self.value(year, "year"), self.value(people)) for year, people in value]
                return "、".join(map(" ".join, pairs)) if self.language == "ja" else "; ".join(map(": ".join, pairs))
            return ", ".join(self.value(v) for v in value)
        if isinstance(value, Section):
            return f"({', '.join(self.value(getattr(value, name)) for name in type(value).model_fields)})"
        if isinstance(value, dict):
            return ", ".join(f"{self.value(k)} {self.value(v)}" for k, v in value.items())
        known = ("official", "optimum", "all_sewer", "all_johkasou", "straight_line", "annuity", "actual", "statutory")
        text = str(value)
        if text in known:
            return self(text)
        return VALUES.get(text, text) if self.language == "ja" else text.replace("_", " ")
