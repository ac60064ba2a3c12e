"""The words of the workbook, beside those that tables, maps and explanations share."""

from __future__ import annotations

from typing import Any

from sewerzone import style
from sewerzone.output import explain_words
from sewerzone.output.workbook import ageing_words, money_words
from sewerzone.tables import ALL_TABLES, Column, Table

PHRASES: dict[str, tuple[str, str]] = {
    "title": ("{study} 汚水処理区域 比較検討書", "{study}: wastewater zoning, comparison of options"),
    "part": (" ({all}行のうち{first}~{last}行)", " (rows {first} to {last} of {all})"),
    "total": ("計", "Total"),
    "yes": ("○", "yes"),
    "no": ("×", "no"),
    # sheets
    "cover": ("表紙", "Cover"),
    "summary": ("要約", "Summary"),
    "prices": ("単価", "Unit costs"),
    "units": ("検討単位区域", "Study units"),
    "options": ("処理方式比較", "Options"),
    "systems": ("系統", "Systems"),
    "districts": ("地区別", "Districts"),
    "alone_rows": ("費用内訳(単独)", "Cost rows alone"),
    "plan_rows": ("費用内訳(計画)", "Cost rows of the plan"),
    # what sheets are for
    "cover_note": ("内容の一覧と、この資料の読み方", "What is in this file and how to read it"),
    "summary_note": ("計画全体の規模・費用・普及率", "Size, cost and coverage of the plan as a whole"),
    "prices_note": (
        "黄色のセルを書き換えると、費用と判定がすべて再計算される。出典と確度は各行の右。",
        "Change a yellow cell and all costs and verdicts are computed anew. Mark and source stand at the right of every line.",
    ),
    "units_note": (
        "1行が1区域。「再計算の判定」は単価シートの値による。薄い字の列は計画時の値で、再計算されない。",
        "A line a unit. 'Recomputed verdict' follows the sheet of unit costs; columns in grey are of the plan and stay.",
    ),
    "options_note": (
        "各区域を単独で整備した場合の3方式。費用は「費用内訳(単独)」の各行の合計。",
        "The three options of every unit standing alone; costs are sums of the rows in 'Cost rows alone'.",
    ),
    "systems_note": (
        "計画の管渠系統。区域を別々に整備するより高くなければ成立する。",
        "Sewer systems of the plan. A system holds while it costs no more than its units by themselves.",
    ),
    "districts_note": ("地区ごとの規模と普及率", "Size and coverage by district"),
    "alone_rows_note": (
        "数量×単価。単独で整備した場合の各方式の費用(計画には計上しない)。単価は単価シートの該当行×補正。",
        "Quantity times unit cost, of every option standing alone (not part of the plan). Unit cost = its line on the sheet of "
        "unit costs x factor.",
    ),
    "plan_rows_note": (
        "数量×単価。計画に計上するすべての費用。単価は単価シートの該当行×補正。",
        "Quantity times unit cost: every yen of the plan. Unit cost = its line on the sheet of unit costs x factor.",
    ),
    # settings
    "rate": ("割引率", "Discount rate"),
    "annualisation": ("建設費の年価", "Construction a year"),
    "straight_line": ("建設費÷耐用年数", "cost / life"),
    "annuity": ("割引率による年賦", "annuity at the rate"),
    "sewer_factor": ("管渠建設単価の倍率", "Factor on sewer construction"),
    "treatment_factor": ("処理費の倍率", "Factor on treatment"),
    "tank_factor": ("浄化槽費の倍率", "Factor on johkasou"),
    # unit costs
    "line": ("番号", "No."),
    "item": ("費目", "Item"),
    "detail": ("規格", "Size or class"),
    "quantity_unit": ("数量の単位", "Unit"),
    "plan_price": ("建設単価\n計画時(円)", "Construction\nin the plan (yen)"),
    "plan_upkeep": ("維持管理単価\n計画時(円/年)", "Upkeep\nin the plan (yen/yr)"),
    "plan_life": ("耐用年数\n計画時(年)", "Life\nin the plan (yr)"),
    "price": ("建設単価(円)\n変更可", "Construction (yen)\nedit"),
    "upkeep": ("維持管理単価(円/年)\n変更可", "Upkeep (yen/yr)\nedit"),
    "life": ("耐用年数(年)\n変更可", "Life (yr)\nedit"),
    "used_price": ("建設単価\n計算用(円)", "Construction\nused (yen)"),
    "used_upkeep": ("維持管理単価\n計算用(円/年)", "Upkeep\nused (yen/yr)"),
    "yearly_share": ("年価係数(1/年)", "Yearly share (1/yr)"),
    "mark": ("確度", "Mark"),
    "source": ("出典", "Source"),
    "spread": ("行による差", "Differs by row"),
    "is_mean": ("平均値。行ごとの補正を掛ける", "mean; rows carry a factor"),
    # cost rows
    "option": ("方式", "Option"),
    "unit": ("検討単位区域", "Study unit"),
    "system": ("系統", "System"),
    "quantity": ("数量", "Quantity"),
    "price_line": ("単価番号", "Line of\nunit costs"),
    "price_factor": ("建設単価\nの補正", "Factor on\nconstruction"),
    "upkeep_factor": ("維持管理\nの補正", "Factor on\nupkeep"),
    "row_price": ("建設単価(円)", "Construction,\none (yen)"),
    "row_upkeep": ("維持管理単価\n(円/年)", "Upkeep,\none (yen/yr)"),
    "capital": ("建設費(円)", "Construction (yen)"),
    "capital_per_yr": ("建設費年価\n(円/年)", "Construction a year\n(yen/yr)"),
    "upkeep_per_yr": ("維持管理費\n(円/年)", "Upkeep\n(yen/yr)"),
    "total_per_yr": ("年価(円/年)", "Total a year\n(yen/yr)"),
    # units
    "district": ("地区", "District"),
    "plan_verdict": ("処理方式\n(計画)", "Verdict\nof the plan"),
    "live_verdict": ("再計算の判定", "Recomputed verdict"),
    "is_turned": ("計画との\n相違", "Differs from\nthe plan"),
    "turned": ("変更", "turned"),
    "pipes_m": ("区域内管渠\n(計画, m)", "Sewers inside\n(plan, m)"),
    "option_sewer_m": ("集合処理の\n管渠延長(m)", "Sewer of the cheapest\nsewered option (m)"),
    "option_link_m": ("うち接続\n管渠(m)", "of it link (m)"),
    "option_pumps": ("ポンプ\n(箇所)", "Pumps of it"),
    "connect_yen": ("下水道に接続\n年価(円/年)", "Connect\n(yen/yr)"),
    "own_plant_yen": ("単独集合処理\n年価(円/年)", "Own plant\n(yen/yr)"),
    "johkasou_yen": ("浄化槽\n年価(円/年)", "Johkasou\n(yen/yr)"),
    "alone_verdict": ("単独比較の\n判定", "Verdict\nstanding alone"),
    "set_by": ("判定の決め方", "Set by"),
    "by_cost": ("費用", "cost"),
    "by_absorbed": ("取り込み規則", "absorption"),
    "by_decision": ("政策判断", "decision"),
    "by_other": ("その他の条件", "other conditions"),
    "least_yen": ("許される方式の\n最安(円/年)", "Cheapest allowed\n(yen/yr)"),
    "plan_tanks_yen": ("計画の浄化槽\n(円/年)", "Tanks in the plan\n(yen/yr)"),
    "margin_yen": ("集合・個別の差額\n(円/年)", "Margin over the\nother kind (yen/yr)"),
    "margin_share": ("差額率", "Margin share"),
    "alone_turn": ("単独の損益分岐\n管渠単価の倍率", "Turns alone at\nsewer price x"),
    "alone_turn_yen": ("単独の損益分岐\n管渠単価(円/m)", "Turns alone at\n(yen/m)"),
    "falling_turn": ("計画の損益分岐\n倍率(下落時)", "Plan turns at sewer\nprice x, falling"),
    "rising_turn": ("計画の損益分岐\n倍率(上昇時)", "Plan turns at sewer\nprice x, rising"),
    "alone_plan": ("単独比較の判定\n(計画時)", "Verdict alone\n(in the plan)"),
    "other_lives": ("別耐用年数での\n判定", "Verdict under\nthe other lives"),
    "unverified": ("未検証単価\nの割合", "Share of\nunverified"),
    "override": ("政策判断\n番号", "Decision\nno."),
    "override_price": ("政策判断の費用\n(円/年)", "Price of decision\n(yen/yr)"),
    "reason": ("判定理由", "Reason"),
    # systems
    "leftover_tanks": ("管渠の届かない\n家屋の浄化槽(円/年)", "Tanks of houses not\nreached (yen/yr)"),
    "system_all": ("系統の計\n(円/年)", "System in all\n(yen/yr)"),
    "apart": ("別々に整備\nした場合(円/年)", "Its units by\nthemselves (yen/yr)"),
    "plants_yen": ("接続する既設処理場\nを存続(円/年)", "Keeping the existing\nplants it takes (yen/yr)"),
    "saving": ("削減額\n(円/年)", "Saving\n(yen/yr)"),
    "is_kept": ("成立", "Holds"),
    # options
    "is_possible": ("可否", "Possible"),
    "why": ("理由", "Reason"),
    "is_least": ("単独で\n最安", "Least\nalone"),
    "rank": ("順位", "Rank"),
    # districts
    "no_district": ("(地区なし)", "(no district)"),
    "district_people": ("人口", "People"),
    "sewered_people": ("うち集合処理\n人口(計画)", "of it on sewers\n(plan)"),
    "coverage": ("集合処理\n人口率", "Share on\nsewers"),
    "live_units": ("集合処理区域数\n(再計算)", "Sewered units\n(recomputed)"),
    "plan_units": ("集合処理区域数\n(計画)", "Sewered units\n(plan)"),
    # summary
    "by_treatment": ("処理方式別", "By treatment"),
    "of_people": ("人口構成比", "Share of people"),
    "all": ("合計", "All"),
    "cost_of": ("費用の比較", "Costs compared"),
    "case": ("ケース", "Case"),
    "all_tanks": ("検討単位区域をすべて浄化槽", "Johkasou for all study units"),
    "each_alone": ("区域ごとに単独で最安", "Every unit by itself, cheapest option"),
    "the_plan": ("計画", "The plan"),
    "thousand_per_yr": ("千円/年", "thousand yen/yr"),
    "thousand": ("千円", "thousand yen"),
    "checks": ("検算", "Checks"),
    "check_plan_yen": ("計画の年価(再計算) 円/年", "Yearly cost of the plan, recomputed, yen"),
    "check_stored_yen": ("計画の年価(計画時) 円/年", "Yearly cost of the plan, as planned, yen"),
    "check_difference": ("差 円/年", "Difference, yen"),
    "check_turned": ("判定が計画と異なる区域数", "Units whose recomputed verdict is not the plan's"),
    "check_alone": ("単独比較の判定が計画時と異なる区域数", "Units whose verdict standing alone is not the plan's"),
    "check_lost": ("成立しない系統数", "Systems that do not hold"),
    "check_held": ("費用以外で判定が決まる区域数", "Units whose verdict is set by something else than cost"),
    "chart_cost": ("年価の比較(千円/年)", "Yearly cost compared (thousand yen)"),
    "chart_people": ("処理方式別人口", "People by treatment"),
    "chart_curve": ("集合処理人口率と年価(百万円/年)", "Yearly cost over share of people on sewers (million yen)"),
    # cover
    "sheet_list": ("シート", "Sheets"),
    "data_sources": ("資料と出典", "Data and their sources"),
    "settings": ("計画の条件", "Settings of the plan"),
    "how": ("読み方", "How to read it"),
    "method": ("判定方法", "Method"),
    "official": ("手順書方式", "official procedure"),
    "optimum": ("最適解", "optimum"),
    "all_johkasou": ("全区域浄化槽(対照案)", "johkasou everywhere (reference)"),
    "all_sewer": ("全区域集合処理(対照案)", "sewers everywhere (reference)"),
    "book": ("単価表", "Cost book"),
    "lives": ("耐用年数", "Lives"),
    "actual": ("実耐用年数", "actual use"),
    "statutory": ("法定耐用年数", "statutory"),
    "version": ("プログラム", "Program"),
    "digest": ("設定の識別番号", "Settings"),
    "file": ("入力ファイル", "Input file"),
}
"""Key -> (Japanese, English)."""

READING: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (
        ("数式", "Formulas"),
        (
            "合計・費用・判定はすべて数式であり、単価シートの黄色いセルを変えれば再計算される。",
            "Totals, costs and verdicts are formulas: they follow the yellow cells on the sheet of unit costs.",
        ),
    ),
    (
        ("再計算の判定", "Recomputed verdicts"),
        (
            "区域の判定(再計算): 単独では可能な方式のうち最も安いもの。計画で系統に属する区域は、系統の年価が、"
            "属する区域を別々に整備する場合(既設処理場があればその存続費も加える)の年価の計を(1円を超えて)上回らない限り、計画どおり系統で処理する。",
            "Recomputed verdict: a unit by itself takes the cheapest possible option. Units of a system stay in it "
            "while the system costs no more a year (to one yen) than its units by themselves.",
        ),
    ),
    (
        ("固定するもの", "What is held fixed"),
        (
            "再計算で固定するもの: 管渠のルート・延長・深さ・ポンプの位置、数量、系統の構成、家屋間限界距離による区域の取り方。"
            "単価が大きく変わる場合は、計画そのものを計算し直すこと。",
            "Held fixed when prices change: routes, lengths and depths of sewers, places of pumps, all quantities, "
            "which units share a system, and the outlines of units. Where prices change much, run the study again.",
        ),
    ),
    (
        ("費用以外の判定", "Verdicts not set by cost"),
        (
            "費用以外で決まる判定(既整備区域周辺の取り込み、政策判断、整備期間などその他の条件)は再計算でも変わらない。「判定の決め方」の列に示す。",
            "Verdicts that cost does not set (absorption round served areas, decisions of the planner, other conditions "
            "such as years to build) stay; see the column 'Set by'.",
        ),
    ),
    (
        ("損益分岐", "Break-even"),
        (
            "損益分岐は、管渠建設単価の倍率(単価シート)がその値を超えて動くと判定が変わる点。計画時の単価で求めた値。",
            "Break-even: the factor on sewer construction (sheet of unit costs) beyond which the verdict turns, at "
            "the plan's other prices.",
        ),
    ),
    (
        ("平均単価と補正", "Means and factors"),
        (
            "同じ費目でも深さ・規模で単価が異なるものは、平均単価を1行に示し、各行の補正で元の単価に戻す。処理場の費用曲線などは、この補正の形で固定している。",
            "Where unit costs of one line differ by depth or size, the line shows their mean and every row a factor "
            "on it; curves such as those of plants are held in that form.",
        ),
    ),
    (
        ("確度", "Marks"),
        (
            "確度: P 公表値、S 二次資料、U 未検証。",
            "Marks: P published, S second-hand, U unverified.",
        ),
    ),
    (
        ("ここにないもの", "Not in this file"),
        (
            "管渠・人孔の1本ごとの一覧は plan.gpkg と tables フォルダーにある。",
            "Single sewers and manholes are in plan.gpkg and the folder tables.",
        ),
    ),
)
"""What the cover says on reading the workbook: topic and text."""
NOTES: dict[str, str] = {
    **money_words.NOTES,
    **ageing_words.NOTES,
    "zones": "地図に描かれる区域。重なりはない。",
    "links": "区域と既設管、区域どうし、区域と処理場を結ぶ管渠。",
    "pumps": "計画のマンホールポンプ。",
    "plants": "入力で与えられた処理場候補地と流入点。",
    "overrides": "費用に優先する計画者の判断。その費用は検討単位区域のシートに示す。",
    "differences": "手順書方式と最適解の判定の比較。",
    "unit_edits": "戸別に見た場合に区域を縮める・広げるとよい箇所。",
    "robustness": "単価・耐用年数・人口などを動かして全体を判定し直した場合の確からしさ。損益分岐の根拠が「再判定で確認」の"
    "ものは前後1%で全体を判定し直して確かめた値、「設計済み管網による」ものはその単価での再探索をしていない値。",
    "scenarios": "耐用年数・割引率・人口・単価を変えた場合の結果。",
    "figures": "動かした単価等と、それぞれの影響の大きさ。",
    "consolidation": "既設の小規模処理場を存続するか、他へ統合するか。",
    "programme": "工区(管渠網の枝)と完成年度。下流が先、幹線は一度だけ計上。",
    "programme_areas": "工区・浄化槽区域の範囲と完成年度(図形は plan.gpkg)。",
    "programme_sewers": "工区ごとの管渠と完成年度(図形は plan.gpkg)。",
    "programme_works": "工区ごとの年度別事業費。年間上限に収まらない工区は翌年度に続く。",
    "programme_years": "年度ごとの管渠と浄化槽の事業量・事業費。",
    "tank_programme": "集合処理区域外で設置する浄化槽の基数(区域・年度別)。",
    "population": "地区別人口の見通しと推計方法(構成比の回帰、将来推計人口メッシュ等)。",
    "programme_curve": "年間上限を変えた場合の供用の早さ。完了年度が空欄のものは計画期間内に完了しない。",
    "coverage": "各年度末の人口と処理状況、普及率・水洗化率・整備率。",
    "coverage_districts": "地区ごとの人口と普及率(各年度末)。",
    "coverage_goal": "中期目標の達成見込みと、達成に必要な追加整備(1人当たり事業費の安い順)。",
    "cost_curve": "集合処理する人口の割合ごとの最小の年価と、各案の位置。",
}
"""What declared tables hold, in Japanese; in English they say it themselves."""
CHOICES: dict[str, tuple[str, str]] = {
    **money_words.CHOICES,
    **ageing_words.CHOICES,
    "least": ("最小年価", "Least cost"),
    "today": ("現況(すべて浄化槽)", "Today: tanks everywhere"),
    "kind.plan": ("計画(期限内に整備できるもの)", "Plan, built in time"),
    "sewer": ("下水道", "Sewer"),
    "met": ("達成", "Met"),
    "missed": ("未達成", "Missed"),
    "decided_again": ("再判定で確認", "Decided again"),
    "networks_designed": ("設計済み管網による", "By networks designed"),
    "not_confirmed": ("再判定では変わらず", "Not so when decided again"),
    "trend": ("構成比の回帰式", "Line of its share"),
    "last_share": ("現況構成比", "Share as last observed"),
    "projected": ("将来推計人口メッシュ", "Projected squares"),
    "proportional": ("全体と同率", "As all people"),
    "done": ("計画済み", "planned"),
    "failed": ("失敗", "failed"),
    "not run": ("未計算", "not run"),
    "keep": ("存続", "Keep"),
    "join": ("統合", "Join"),
    "served_network": ("既整備区域", "Served network"),
    "flows_to.own_plant": ("処理場", "Treatment plant"),
    "flows_to.link": ("接続管渠の途中", "Another link"),
    "existing_plant": ("既設小規模処理場", "Existing small plant"),
}
"""Choices of columns that no map shows."""
CHOICES_OF_OPTIONS = ("option", "runner_up")
FIGURES: dict[str, tuple[str, str]] = {
    "johkasou": ("浄化槽", "Johkasou"),
    "plant": ("処理場", "Plant"),
    "people": ("人口", "People"),
    "discount_rate": ("割引率", "Discount rate"),
    "energy": ("電力", "Electricity"),
    ".capital": ("建設費", "construction"),
    ".upkeep": ("維持管理費", "upkeep"),
    ".life": ("耐用年数", "life"),
}
"""What was varied, where it is no cost item, and parts of a price."""


class Words(explain_words.Words):
    """The words of one language."""

    def __call__(self, key: str, **values: Any) -> str:
        """A phrase with its values."""
        found = PHRASES.get(key)
        return found[self.at].format(**values) if found else super().__call__(key, **values)

    def treatment(self, name: str) -> str:
        """A kind of treatment, as legends call it."""
        return style.treatment_label(name, self.language)

    def heading(self, column: Column) -> str:
        """The heading of a declared column, its unit below."""
        return style.heading(column, self.language)

    def heading_of(self, table: str, column: str) -> str:
        """The heading of a declared column by names."""
        return self.heading(next(t for t in ALL_TABLES if t.name == table).column(column))

    def table(self, table: Table) -> str:
        """What a declared table is called."""
        return style.table_name(table, self.language)

    def note(self, table: Table) -> str:
        """What a declared table holds."""
        return NOTES.get(table.name, "") if self.language == "ja" else table.meaning

    def choice(self, column: str, value: str) -> str:
        """One of the choices of a column."""
        if column in CHOICES_OF_OPTIONS and value in explain_words.OPTIONS:
            return self.option(value)
        if column.endswith("treatment"):
            return self.treatment(value)
        if found := CHOICES.get(f"{column}.{value}") or CHOICES.get(value):
            return found[self.at]
        if value in style.TEXTS:
            return style.text(value, self.language)
        return value if self.language == "ja" else value.replace("_", " ")

    def figure(self, name: str) -> str:
        """An uncertain figure: what, and which part of its price."""
        item, _, part = name.partition(".")
        said = FIGURES[item][self.at] if item in FIGURES else self.item(item)
        said = said[:1].upper() + said[1:]
        found = FIGURES.get(f".{part}")
        return f"{said}{' ' if self.language == 'ja' else ': '}{found[self.at]}" if found else said

    def said(self, column: Column, value: Any) -> Any:
        """A value of a text or yes-no column as people read it; what is missing stays missing."""
        if column.kind == "bool":
            return self("yes") if value else self("no")
        if column.kind != "text" or value is None or value != value:
            return value
        text = str(value)
        if column.name in ("scenario", "scenarios_turned"):
            return self.scenarios(text)
        if column.name == "figure":
            return self.figure(text)
        if column.name == "item":
            return self.item(text)
        if column.name == "detail":
            return self.detail(text)
        if column.name == "quantity_unit":
            return self.quantity_unit(text)
        return self.choice(column.name, text) if column.choices or column.name in CHOICES_OF_OPTIONS else text
