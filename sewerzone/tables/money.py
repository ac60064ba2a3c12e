"""Tables of money: who pays, falling population in the decision, indicators, yearly outlook, official forms. Empty unless asked for."""

from sewerzone.tables.schema import Column, Table

MEASURES = ("sewer", "pump", "plant", "johkasou")
PAYERS = ("national", "prefecture", "city", "bond", "resident")
KINDS = ("sewer", "johkasou")
POPULATIONS = ("low", "mid", "high")
INDICATORS = ("fee_price", "treatment_price", "recovery_rate", "billed_rate", "connection_rate", "built_rate")
PLANS = ("today_plan", "new_plan")
_MARK = Column("mark", "text", "P published, S second-hand, U unverified", "確度", choices=("P", "S", "U"))
_UNIT = Column("unit_id", "int", "Study unit", "検討単位区域番号")


def _yen(name: str, meaning: str, ja: str, least: float | None = 0) -> Column:
    return Column(name, "float", meaning, ja, "yen" if name.endswith("_yen") else "yen/y", min=least)


PAYMENTS = Table(
    "payments", "費用負担", "Who pays for the construction of the plan, by measure, exact to the yen.", ("measure", "payer"), None,
    (
        Column("measure", "text", "What is built", "整備内容", choices=MEASURES),
        Column("payer", "text", "Who pays", "負担者", choices=PAYERS),
        Column("paid_yen", "int", "Amount; the amounts of a measure sum to its construction cost in whole yen", "負担額", "yen", min=0),
        Column("paid_share", "float", "Share of the measure's cost", "負担率", min=0, max=1),
        Column("is_remainder", "bool", "Bears what the rounded amounts of the others leave", "端数負担"),
        _MARK,
        Column("source", "text", "Where the rule comes from", "出典"),
    ),
)  # fmt: skip

PAYMENT_YEARS = Table(
    "payment_years", "年度別費用負担", "Who pays for what the programme builds in every year; rules are applied year by year.", ("year", "measure", "payer"), None,
    (
        Column("year", "int", "Fiscal year", "年度", min=0),
        *PAYMENTS.columns[:2],
        Column("paid_yen", "int", "Amount; those of a year and measure sum to its cost in whole yen", "負担額", "yen", min=0),
    ),
)  # fmt: skip

HOUSEHOLDS = Table(
    "households", "1世帯の負担", "What one household pays under each kind of treatment.", ("kind", "charge"), None,
    (
        Column("kind", "text", "Kind of treatment", "処理方式", choices=KINDS),
        Column("charge", "text", "What is paid for", "費目", choices=("connection_charge", "house_works", "tank_share", "fee", "tank_upkeep", "all_charges")),
        _yen("once_yen", "Paid once", "初期負担額"),
        _yen("yen_per_yr", "Paid every year", "年間負担額"),
        _MARK,
        Column("source", "text", "Where the figure comes from", "出典"),
    ),
)  # fmt: skip

DECLINE = Table(
    "decline", "人口減少下の比較", "Sewer against johkasou over the horizon as people become fewer: every unit that can have a sewer, standing alone.", ("unit_id",), None,
    (
        Column("unit_id", "int", "Study unit", "検討単位区域番号", unique=True),
        Column("option", "text", "Cheapest collective option", "集合処理の方式", choices=("connect", "own_plant")),
        Column("people_rate_per_yr", "float", "Yearly change of people", "人口増減率"),
        _yen("sewer_yen_per_yr", "Static annual cost of the sewer", "集合処理年価(静的)"),
        _yen("johkasou_yen_per_yr", "Static annual cost of johkasou", "個別処理年価(静的)"),
        Column("static_treatment", "text", "What costs less by static annual cost", "静的な判定", choices=KINDS),
        _yen("sewer_present_yen", "Present value of the sewer's costs over the horizon", "集合処理の現在価値"),
        _yen("johkasou_present_yen", "Present value of the tanks' costs over the horizon", "個別処理の現在価値"),
        Column("decline_treatment", "text", "What costs less over the horizon", "人口減少下の判定", choices=KINDS),
        Column("steady_treatment", "text", "What would cost less over the horizon if nobody left: the static verdict at the rate of present values", "人口一定での判定", choices=KINDS),
        Column("is_turned", "bool", "Whether falling population turns it: the verdict over the horizon differs from that if nobody left", "判定変更"),
        Column("turn_year", "int", "First year, from 1, in which that year's costs say otherwise than those of the first, within the life of the pipes; missing: none", "逆転年次", min=1, null=True),
        _yen("sewer_regret_yen", "Most that a sewer costs more than the better choice, over low, mid and high population", "集合処理の最大後悔額"),
        _yen("johkasou_regret_yen", "The same for johkasou", "個別処理の最大後悔額"),
        Column("least_regret_treatment", "text", "Choice of the smaller regret", "最小後悔の判定", choices=KINDS),
    ),
)  # fmt: skip

DECLINE_POPULATIONS = Table(
    "decline_populations", "人口想定別の比較", "Present values and regret of both choices by population.", ("unit_id", "population"), None,
    (
        _UNIT,
        Column("population", "text", "Which population", "人口想定", choices=POPULATIONS),
        _yen("sewer_present_yen", "Present value of the sewer's costs", "集合処理の現在価値"),
        _yen("johkasou_present_yen", "Present value of the tanks' costs", "個別処理の現在価値"),
        _yen("sewer_regret_yen", "What a sewer costs more than the better choice", "集合処理の後悔額"),
        _yen("johkasou_regret_yen", "What johkasou cost more than the better choice", "個別処理の後悔額"),
    ),
)  # fmt: skip

INDICATORS_TABLE = Table(
    "indicators", "経営指標", "Management indicators by the accounts of today, and when the plan is built.", ("indicator",), None,
    (
        Column("indicator", "text", "使用料単価, 汚水処理原価, 経費回収率, 有収率, 水洗化率, 整備率", "指標", choices=INDICATORS, unique=True),
        Column("measured_in", "text", "Unit of the values", "単位", choices=("yen_per_m3", "percent")),
        Column("now", "float", "Today", "現況", min=0, null=True),
        Column("planned", "float", "With the plan built and connected as today; capital as far as no grant or charge pays it", "計画", min=0, null=True),
        Column("formula", "text", "Numerator over denominator", "算式"),
    ),
)  # fmt: skip

OUTLOOK = Table(
    "outlook", "収支計画", "Yearly income and expenditure of today's plan and the new one. Income (fees, subsidies, bonds, charges, transfers) less expenditure (construction, renewal, upkeep, interest, redemption) is the balance.", ("plan", "year"), None,
    (
        Column("plan", "text", "Today's plan or the new one", "計画", choices=PLANS),
        Column("year", "int", "Fiscal year", "年度", min=0),
        Column("people_connected", "float", "People who pay fees, at the end of the year before", "水洗化人口", min=0),
        _yen("fee_yen", "Fees", "使用料収入"),
        _yen("subsidy_yen", "Grants of nation and prefecture", "国県補助金"),
        _yen("bond_yen", "Bonds issued", "企業債発行額"),
        _yen("resident_yen", "Charges on residents", "受益者負担金等"),
        _yen("transfer_yen", "Agreed transfer from the general account", "一般会計繰入金"),
        _yen("construction_yen", "Construction of sewers, pumps, plants and tanks", "建設費"),
        _yen("renewal_yen", "Renewal", "改築費"),
        _yen("upkeep_yen", "Upkeep", "維持管理費"),
        _yen("interest_yen", "Interest on bonds", "支払利息"),
        _yen("redemption_yen", "Redemption of bonds", "償還金"),
        _yen("balance_yen", "Income less expenditure", "収支", None),
        _yen("lacking_yen", "Transfer needed beyond the agreed one for the year to balance", "追加繰入必要額"),
        _yen("debt_yen", "Bonds owed at the end of the year", "企業債残高"),
    ),
)  # fmt: skip

FORM_1 = Table(
    "form_1", "様式1 施設の整備目標", "Form 1 of the circular of 19 November 2015: goals for facilities.", ("row",), None,
    (
        Column("row", "int", "Row", "番号", unique=True),
        Column("measure", "text", "Measure", "施策"),
        Column("indicator", "text", "Indicator", "指標"),
        Column("now", "text", "Now", "現状"),
        Column("mid_term", "text", "Mid-term goal", "中期目標", null=True),
        Column("long_term", "text", "Long-term goal", "長期目標", null=True),
        Column("focus", "text", "Areas of focus", "重点区域", null=True),
        Column("main_works", "text", "Main works", "主な事業内容", null=True),
        Column("remarks", "text", "Remarks; also what the plan does not know and the municipality must fill in", "備考", null=True),
    ),
)  # fmt: skip

FORM_2 = Table(
    "form_2", "様式2 維持管理の方針", "Form 2 of the circular: policy of upkeep.", ("row",), None,
    (
        Column("row", "int", "Row", "番号", unique=True),
        Column("facility", "text", "Facility", "施設"),
        Column("inspection_interval", "text", "Inspection interval; missing: the municipality states it", "点検頻度", null=True),
        Column("repair_criterion", "text", "Criterion of repair; missing: the municipality states it", "修繕・改築の判断基準", null=True),
        Column("renewal_outline", "text", "Outline of renewal", "改築の概要"),
        Column("renewal_outlook", "text", "Renewal over 50 years at the lives of the plan", "改築需要見通し(50年)"),
        Column("assumptions", "text", "Its assumptions", "試算の条件"),
    ),
)  # fmt: skip

FORM_3 = Table(
    "form_3", "様式3 財政計画", "Form 3 of the circular: finance plan.", ("year", "item_of_form"), None,
    (
        Column("year", "int", "Fiscal year", "年度", min=0),
        Column("item_of_form", "text", "Income or expenditure", "区分"),
        _yen("today_plan_yen", "Today's plan", "現行計画", None),
        _yen("new_plan_yen", "The new plan", "新計画", None),
        _yen("more_yen", "The new plan less today's", "差額", None),
    ),
)  # fmt: skip

MONEY_TABLES: tuple[Table, ...] = (
    PAYMENTS, PAYMENT_YEARS, HOUSEHOLDS, DECLINE, DECLINE_POPULATIONS, INDICATORS_TABLE, OUTLOOK, FORM_1, FORM_2, FORM_3,
)  # fmt: skip
