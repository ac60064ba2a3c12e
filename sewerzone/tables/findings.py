"""Tables on the zoning itself: against the other method, how sure, what any share of sewers costs; empty unless asked for."""

from sewerzone.tables.inputs import TREATMENTS
from sewerzone.tables.schema import Column, Table

SURENESS = ("firm_sewer", "firm_johkasou", "contested")
BREAK_EVEN_BASES = ("decided_again", "networks_designed", "not_confirmed")
CONSOLIDATION_VERDICTS = ("keep", "join")
CURVE_KINDS = ("least", "today", "official", "optimum", "plan", "fast", "few_pumps")
UNIT_EDIT_KINDS = ("cut", "grow")

_UNIT = Column("unit_id", "int", "Study unit", "検討単位区域番号")

DIFFERENCES = Table(
    "differences", "判定比較", "The official procedure against the optimum, unit by unit, both as far as they can be built in time.", ("unit_id",), None,
    (
        _UNIT,
        Column("official_treatment", "text", "Verdict of the official procedure", "手順書方式の判定", choices=TREATMENTS),
        Column("optimum_treatment", "text", "Verdict in the optimum, the plan", "計画(最適解)の判定", choices=TREATMENTS),
        Column("is_changed", "bool", "Whether the two differ", "判定変更"),
        Column("official_group", "int", "Smallest unit treated together with it by the official procedure", "手順書方式の系統"),
        Column("optimum_group", "int", "Smallest unit treated together with it in the optimum", "最適解の系統"),
        Column("saving_yen_per_yr", "float", "What the plan would cost more a year with this unit as in the official procedure, the rest as in the optimum", "削減額", "yen/y", null=True),
        Column("concerned", "int", "Smallest unit of those that either zoning treats together with it, directly or by way of others", "関係区域"),
        Column("concerned_saving_yen_per_yr", "float", "What the optimum saves in all these units together, at the smallest of them, 0 at the others: adds up to the whole saving", "関係区域の削減額", "yen/y"),
        Column("reason", "text", "Why the two differ, in verdict or in the units treated together, in one sentence", "理由", null=True),
    ),
)  # fmt: skip

ROBUSTNESS = Table(
    "robustness", "判定の確実性", "How sure the verdict of every unit is.", ("unit_id",), None,
    (
        _UNIT,
        Column("sureness", "text", "Firm where at most the share robustness.contested_share of the samples decides otherwise, else contested; missing: fewer than 50 samples", "確実性", choices=SURENESS, null=True),
        Column("sewer_probability", "float", "Share of the samples in which the unit is sewered", "集合処理となる確率", min=0, max=1),
        Column("plan_agrees", "bool", "Whether the model that is zoned anew, at the study's own figures, decides as the plan; where not, nothing of what turns it is told but what was found by deciding again", "計画との一致"),
        Column("sewer_yen_per_m", "float", "Construction price of a metre of least sewer now", "現行管渠単価", "yen/m", min=0),
        Column("break_even_sewer_yen_per_m", "float", "Price of a metre of sewer at which the verdict turns; see its basis", "管渠損益分岐単価", "yen/m", min=0, null=True),
        Column("break_even_sewer_basis", "text", "How that price was found: decided_again, the verdict is today's where the whole study is decided 1 % nearer to today's price and the other 1 % farther; networks_designed, by all networks designed, not decided again there; not_confirmed, networks designed would turn the verdict within robustness.verified_range, deciding again does not; missing: nothing turns it, or nothing is told", "管渠損益分岐単価の根拠", choices=BREAK_EVEN_BASES, null=True),
        Column("break_even_johkasou_share", "float", "Price of tanks, over today's, at which the verdict turns; see its basis", "浄化槽損益分岐比", min=0, null=True),
        Column("break_even_johkasou_basis", "text", "How that share was found: decided_again, the verdict is today's where the whole study is decided 1 % nearer to today's price and the other 1 % farther; networks_designed, by all networks designed, not decided again there; not_confirmed, networks designed would turn the verdict within robustness.verified_range, deciding again does not; missing: nothing turns it, or nothing is told", "浄化槽損益分岐比の根拠", choices=BREAK_EVEN_BASES, null=True),
        Column("break_even_treatment_share", "float", "Price of treatment, over today's, at which the verdict turns; see its basis", "処理費損益分岐比", min=0, null=True),
        Column("break_even_treatment_basis", "text", "How that share was found: decided_again, the verdict is today's where the whole study is decided 1 % nearer to today's price and the other 1 % farther; networks_designed, by all networks designed, not decided again there; not_confirmed, networks designed would turn the verdict within robustness.verified_range, deciding again does not; missing: nothing turns it, or nothing is told", "処理費損益分岐比の根拠", choices=BREAK_EVEN_BASES, null=True),
        Column("scenarios_turned", "text", "Scenarios that turn the verdict, separated by commas; missing: none, or plan_agrees is false", "判定が変わる条件", null=True),
        Column("rests_on_unverified", "bool", "Whether plan_agrees, and the verdict turns within the stated range of some unverified figure (mark U) alone", "未検証単価に依存"),
    ),
)  # fmt: skip

SCENARIOS = Table(
    "scenarios", "条件別結果", "The zoning under other lives, discount rates, populations and prices.", ("scenario",), None,
    (
        Column("scenario", "text", "Name", "条件", unique=True),
        Column("meaning", "text", "What is different", "内容"),
        Column("yen_per_yr", "float", "Least yearly cost found", "年価", "yen/y", min=0),
        Column("least_yen_per_yr", "float", "No zoning costs less at the prices of the scenario", "年価の下限", "yen/y", min=0),
        Column("units_sewered", "int", "Units that get a sewer", "集合処理区域数", min=0),
        Column("dwellings_sewered", "float", "Dwellings in them that a sewer serves", "集合処理戸数", min=0),
        Column("units_turned", "int", "Units with another verdict than at the study's own figures", "判定変更区域数", min=0),
    ),
)  # fmt: skip

FIGURES = Table(
    "figures", "不確実な単価等", "The uncertain figures that were varied together, and how much each decides.", ("figure",), None,
    (
        Column("figure", "text", "What was varied", "項目", unique=True),
        Column("low_share", "float", "Least value, over the study's own", "下限比", min=0),
        Column("high_share", "float", "Largest value, over the study's own", "上限比", min=0),
        Column("mark", "text", "P published, S second-hand, U unverified", "確度", choices=("P", "S", "U")),
        Column("cost_index", "float", "First-order index: share of the variance of the yearly cost that it explains by itself", "年価への寄与率"),
        Column("sewered_index", "float", "First-order index on the dwellings sewered", "集合処理戸数への寄与率"),
        Column("units_turned", "int", "Units whose verdict turns within its range, the other figures at their own values", "判定変更区域数", min=0),
    ),
)  # fmt: skip

COST_CURVE = Table(
    "cost_curve", "集合処理率と年価", "Least yearly cost for every share of people on sewers, and where plans lie.", ("point_id",), None,
    (
        Column("point_id", "int", "Number", "番号", unique=True),
        Column("kind", "text", "least: on the curve; otherwise a plan. plan: the optimum after what cannot be built in time turned to johkasou, where optimum is the one without a deadline", "種別", choices=CURVE_KINDS),
        Column("people_sewered", "float", "People whose house is on a sewer; those of sewered units who keep tanks are not counted", "集合処理人口", min=0),
        Column("people_sewered_share", "float", "Share of all people of the units", "集合処理人口率", min=0, max=1),
        Column("yen_per_yr", "float", "Yearly cost", "年価", "yen/y", min=0),
        Column("least_yen_per_yr", "float", "No zoning with so many people on sewers costs less at the prices of the networks designed for the optimum (proven bound; absorption by rule left free); missing: a plan this does not speak of, since it leaves out who must be served or its own networks cost less", "年価の下限", "yen/y", min=0, null=True),
        Column("second_aim", "float", "Value of the second aim: people served within the building years, or pumps (of official, optimum and today those designed, of others an estimate by their cost); missing: not known", "第二目標", min=0, null=True),
    ),
)  # fmt: skip

UNIT_EDITS = Table(
    "unit_edits", "区域見直し案", "Where the zoning house by house would cut or grow a unit.", ("edit_id",), None,
    (
        Column("edit_id", "int", "Number", "番号", unique=True),
        _UNIT,
        Column("kind", "text", "cut: houses with a sewer that do better with tanks; grow: houses with tanks that do better on a sewer", "種別", choices=UNIT_EDIT_KINDS),
        Column("buildings", "int", "Buildings concerned", "建物数", min=1),
        Column("dwellings", "float", "Dwellings concerned", "戸数", min=0),
        Column("sewer_m", "float", "Sewer that serves them alone", "専用管渠延長", "m", min=0),
        Column("sewer_yen_per_yr", "float", "What they need for themselves of the sewer and of treatment", "専用の集合処理年価", "yen/y"),
        Column("johkasou_yen_per_yr", "float", "Their tanks", "浄化槽年価", "yen/y", min=0),
        Column("building_ids", "text", "Their numbers, separated by spaces", "建物番号"),
        Column("reason", "text", "The edit in one sentence", "理由"),
    ),
)  # fmt: skip

CONSOLIDATION = Table(
    "consolidation", "統廃合検討", "Existing small plants: kept, or given up and joined to others.", ("plant_id",), None,
    (
        Column("plant_id", "int", "Existing plant", "処理場番号", unique=True),
        Column("flow_max_m3_per_d", "float", "Daily maximum flow it treats", "日最大処理水量", "m3/d", min=0),
        Column("capacity_m3_per_d", "float", "Largest daily maximum flow it may treat; missing: no more than today", "能力", "m3/d", min=0, null=True),
        Column("verdict", "text", "Kept, or joined to others", "判定", choices=CONSOLIDATION_VERDICTS),
        Column("joined_to", "text", "Where its sewage goes instead", "統合先", choices=("served_network", "own_plant", "existing_plant"), null=True),
        Column("to_plant_id", "int", "Existing plant that treats it instead", "統合先処理場番号", null=True),
        Column("system_id", "int", "Sewer system of the plan it belongs to, its own where it treats others' sewage", "系統番号", null=True),
        Column("keep_yen_per_yr", "float", "Keeping it: upkeep, and renewal a year", "存続年価", "yen/y", min=0),
        Column("join_yen_per_yr", "float", "Joining it: what the plan needs for its sewage alone, the rest staying as it is (link, larger pipes and pumps below, treatment there); missing: nothing within reach", "統合年価", "yen/y", null=True),
        Column("saving_yen_per_yr", "float", "Keeping it less joining it", "統合による削減額", "yen/y", null=True),
        Column("link_m", "float", "Sewer that carries its sewage alone: in the plan where it is joined, else on its own way to the served network", "接続管渠延長", "m", min=0, null=True),
        Column("decision", "text", "The planner's decision", "政策判断", choices=CONSOLIDATION_VERDICTS, null=True),
        Column("official_verdict", "text", "What the official procedure would do, where the plan is the optimum", "公式手順の判定", choices=CONSOLIDATION_VERDICTS, null=True),
        Column("join_probability", "float", "Share of samples in which it is joined; missing for plants with room for others", "統合となる確率", min=0, max=1, null=True),
        Column("reason", "text", "The verdict in one sentence", "理由"),
    ),
)  # fmt: skip
