"""What is there already: existing sewers, their renewal, and where the network should be given up. Empty unless asked for."""

from sewerzone.tables.schema import Column, Table

SEWER_KINDS = ("gravity", "pressure")
SEWER_STATUSES = ("known", "unknown_year", "duplicate")
URGENCIES = ("I", "II", "III", "none")
ASSETS = ("pipe", "plant", "pump")
STOCK_STATUSES = ("known", "assumed_year", "planned")
REACH_STATUSES = ("kept", "turned", "needed_by_plan", "kept_by_decision", "no_geometry", "merged")
DIRECTIONS = ("manholes", "inverts", "shortest_way", "against_ledger")
HOUSE_STATUSES = ("kept", "turned", "too_far", "not_served")
OUTLETS = ("terminal", "outlet", "existing", "lowest_end")
TOPICS = (
    "connection_duty", "service_area", "subsidy", "bonds", "consent", "tank_ground", "discharge", "groundwater", "water_source",
    "flood", "plant",
)  # fmt: skip


def _yen(name: str, meaning: str, ja: str, null: bool = False, least: float | None = 0) -> Column:
    return Column(name, "float", meaning, ja, "yen/y" if name.endswith("_yr") else "yen", min=least, null=null)


SEWERS = Table(
    "sewers", "既設管渠", "Every sewer of the existing network, with a status.", ("sewer_id",), "any",
    (
        Column("sewer_id", "int", "Number in canonical order", "既設管渠番号", unique=True),
        Column("source_id", "text", "Identifier in the user's file, if a column was named", "元データID", null=True),
        Column("kind", "text", "Gravity sewer or pressure main", "種別", choices=SEWER_KINDS),
        Column("diameter_mm", "float", "Diameter; missing: unknown", "管径", "mm", min=0, null=True),
        Column("length_m", "float", "Length: as given, else that of the line", "延長", "m", min=0),
        Column("excavation_m", "float", "Mean excavation; missing: unknown", "掘削深", "m", min=0, null=True),
        Column("up_manhole", "text", "Manhole at its upper end", "上流人孔", null=True),
        Column("down_manhole", "text", "Manhole at its lower end", "下流人孔", null=True),
        Column("up_invert_elev_m", "float", "Invert at its upper end; missing: unknown", "上流管底高", "m", null=True),
        Column("down_invert_elev_m", "float", "Invert at its lower end; missing: unknown", "下流管底高", "m", null=True),
        Column("installed_year", "int", "Fiscal year of installation; missing: unknown", "布設年度", min=1850, max=2300, null=True),
        Column("material", "text", "Material", "管種", null=True),
        Column("urgency", "text", "Class of urgency found by inspection (緊急度); none: inspected and sound; missing: not inspected", "緊急度", choices=URGENCIES, null=True),
        Column("inspected_year", "int", "Fiscal year of inspection", "調査年度", min=1850, max=2300, null=True),
        Column("decision", "text", "The planner's decision, whatever it costs", "政策判断", choices=("keep",), null=True),
        Column("status", "text", "What is known of it; duplicate: the same line as an earlier one, not counted", "状態", choices=SEWER_STATUSES),
    ),
)  # fmt: skip

RENEWAL_STOCK = Table(
    "renewal_stock", "改築対象施設", "What is there, and what the programme builds, by kind, year of installation and price.", ("stock_id",), None,
    (
        Column("stock_id", "int", "Number", "番号", unique=True),
        Column("asset", "text", "What it is", "施設", choices=ASSETS),
        Column("installed_year", "int", "Fiscal year of installation", "布設年度", min=1850, max=2400),
        Column("status", "text", "Whether that year is known, assumed, or planned by the programme", "年度の根拠", choices=STOCK_STATUSES),
        Column("urgency", "text", "Class of urgency found by inspection; missing: not inspected", "緊急度", choices=URGENCIES, null=True),
        Column("quantity", "float", "How much of it", "数量", min=0),
        Column("quantity_unit", "text", "What is counted", "単位"),
        _yen("replacement_yen", "What replacing it costs at today's prices", "再調達価額"),
        Column("statutory_life_yr", "float", "Statutory life", "標準耐用年数", "y", min=0),
        Column("target_life_yr", "float", "Target life", "目標耐用年数", "y", min=0),
        Column("statutory_due_year", "int", "Fiscal year in which it is due at its statutory life, the first of the outlook if that is past", "標準改築年度"),
        Column("target_due_year", "int", "Likewise at its target life, or by its urgency", "目標改築年度"),
        Column("mark", "text", "P published, S second-hand, U unverified, of its price and life", "確度", choices=("P", "S", "U")),
        Column("source", "text", "Where its price comes from", "出典"),
    ),
)  # fmt: skip

RENEWAL = Table(
    "renewal", "改築需要見通し", "What renewal costs in every year: at the statutory life, at the target life, and levelled.", ("year", "asset"), None,
    (
        Column("year", "int", "Fiscal year", "年度", min=0),
        Column("asset", "text", "What is renewed", "施設", choices=ASSETS),
        _yen("statutory_yen", "Due at the statutory life (simple replacement); what was due before falls to the first year", "単純改築"),
        _yen("target_yen", "Due at the target life, or by urgency", "目標耐用年数"),
        _yen("levelled_yen", "The same with works moved within renewal.early_yr and late_yr so that the dearest year costs least and all cost alike as far as can be", "平準化"),
        _yen("assumed_yen", "Of the levelled amount, what is due by an assumed year of installation", "うち年度不明分"),
    ),
)  # fmt: skip

RENEWAL_SUMS = Table(
    "renewal_sums", "改築需要の総括", "The outlook in sum, by what is renewed; the amount a year that levels all of it.", ("row",), None,
    (
        Column("row", "int", "Order", "順", unique=True),
        Column("asset", "text", "What is renewed", "施設", choices=(*ASSETS, "all")),
        _yen("replacement_yen", "What replacing all that stands today would cost", "再調達価額"),
        _yen("unknown_yen", "Of this, with an unknown year of installation", "うち布設年度不明"),
        _yen("overdue_yen", "Of this, past its target life, or its urgency's time, in the first year", "うち改築時期到来"),
        _yen("statutory_yen", "Renewal within the outlook at the statutory life", "単純改築の総額"),
        _yen("target_yen", "The same at the target life", "目標耐用年数の総額"),
        _yen("levelled_yen", "Of that, done within the outlook when levelled", "平準化後の総額"),
        _yen("levelled_yen_per_yr", "Dearest year when levelled: the least with which all is done within its allowed years; of all together", "平準化した年額(最大)", null=True),
        Column("mark", "text", "Worst mark of the prices and lives it rests on", "確度", choices=("P", "S", "U"), null=True),
    ),
)  # fmt: skip

RENEWAL_URGENCY = Table(
    "renewal_urgency", "緊急度別の管渠", "Existing sewers by class of urgency, and when they are due.", ("row",), None,
    (
        Column("row", "int", "Order", "順", unique=True),
        Column("urgency", "text", "Class", "緊急度", choices=(*URGENCIES, "not_inspected")),
        Column("sewers", "int", "Sewers", "本数", min=0),
        Column("sewer_m", "float", "Their length", "延長", "m", min=0),
        _yen("replacement_yen", "What replacing them costs", "再調達価額"),
        Column("first_year", "int", "Fiscal year in which the first of them is due", "最初の改築年度"),
        Column("last_year", "int", "The same of the last", "最後の改築年度"),
        Column("due_5_m", "float", "Due within five years", "5年以内", "m", min=0),
        Column("due_10_m", "float", "Due within ten years", "10年以内", "m", min=0),
    ),
)  # fmt: skip

RETREAT = Table(
    "retreat", "撤退の候補", "Branches of the existing network that should go back to johkasou: all upstream of a sewer; amounts are present values over the horizon.", ("branch_id",), None,
    (
        Column("branch_id", "int", "Branch, numbered by year of turning and saving", "枝番号", unique=True),
        Column("first_turn_year", "int", "Fiscal year from which its first houses, those farthest upstream, use johkasou", "転換開始年度"),
        Column("turn_year", "int", "Fiscal year from which all of them do", "転換年度"),
        Column("sewers", "int", "Sewers given up", "本数", min=0),
        Column("sewer_m", "float", "Their length", "管渠延長", "m", min=0),
        Column("pumps", "int", "Pumps given up", "ポンプ数", min=0),
        Column("first_due_year", "int", "Fiscal year in which the first of its sewers or pumps falls due", "最初の改築年度"),
        Column("dwellings", "float", "Dwellings today", "戸数", min=0),
        Column("people", "float", "People today", "人口", min=0),
        Column("dwellings_then", "float", "Of these left when they turn", "転換時の戸数", min=0),
        Column("tanks", "float", "Johkasou then installed", "設置基数", min=0),
        _yen("keep_renewal_yen", "Kept: renewing its sewers and pumps", "存続: 改築費"),
        _yen("keep_upkeep_yen", "Kept: upkeep of its sewers and pumps", "存続: 管渠維持管理費"),
        _yen("keep_treatment_yen", "Kept: treating its sewage, no fixed cost of the plant", "存続: 処理費(変動分)"),
        _yen("before_yen", "Turned: what the sewer costs until then, and what was renewed before and is not used up", "転換: それまでの費用"),
        _yen("tank_yen", "Turned: johkasou, renewed at the end of their lives", "転換: 浄化槽設置・更新"),
        _yen("tank_upkeep_yen", "Turned: upkeep of the johkasou", "転換: 浄化槽維持管理費"),
        _yen("house_works_yen", "Turned: works at the houses", "転換: 宅内配管"),
        _yen("abandon_yen", "Turned: filling or removing the sewers", "転換: 管渠の撤去・充填"),
        _yen("saving_yen", "What turning saves", "削減額", least=None),
        _yen("install_yen", "Johkasou installed, as paid in the years of turning", "設置費(転換時の額)"),
        _yen("subsidy_yen", "Of this, national and prefectural subsidies by the rules of payers.book; missing: no book", "うち国県補助", null=True),
        Column("young_m", "float", "Sewers not yet as old as their statutory life then: subsidies may have to be paid back", "処分制限の恐れのある延長", "m", min=0),
        Column("reason", "text", "Why then, in one sentence", "理由"),
    ),
)  # fmt: skip

RETREAT_SEWERS = Table(
    "retreat_sewers", "管渠の存続と撤退", "Every piece of an existing sewer between junctions, with what becomes of it; present values are of it and all upstream.", ("reach_id",), "any",
    (
        Column("reach_id", "int", "Piece of a sewer", "区間番号", unique=True),
        Column("sewer_id", "int", "Existing sewer it is part of", "既設管渠番号"),
        Column("downstream_reach_id", "int", "Piece it drains to; missing: an outlet", "下流区間番号", null=True),
        Column("outlet_id", "int", "Outlet it drains to; missing: none", "流末番号", min=0, null=True),
        Column("direction", "text", "What says where it drains: against_ledger, no other way leads to an outlet", "流下方向の根拠", choices=DIRECTIONS, null=True),
        Column("status", "text", "What becomes of it", "判定", choices=REACH_STATUSES),
        Column("branch_id", "int", "Branch that turns; missing: it stays", "枝番号", null=True),
        Column("turn_year", "int", "Fiscal year from which it is given up; missing: it stays", "転換年度", null=True),
        Column("due_year", "int", "Fiscal year in which it falls due", "改築年度", null=True),
        Column("length_m", "float", "Length", "延長", "m", min=0),
        Column("dwellings", "float", "Dwellings on it", "戸数", min=0),
        Column("dwellings_upstream", "float", "Dwellings on it and all upstream", "上流戸数", min=0),
        _yen("keep_present_yen", "Least cost of it and all upstream if it stays", "存続の現在価値", null=True),
        _yen("turn_present_yen", "The same if it is given up, in the best year; missing: it must stay", "撤退の現在価値", null=True),
    ),
)  # fmt: skip

RETREAT_HOUSES = Table(
    "retreat_houses", "家屋の存続と撤退", "Every dwelling, with what becomes of its sewer.", ("building_id",), None,
    (
        Column("building_id", "int", "Building", "建物番号", unique=True),
        Column("status", "text", "What becomes of its sewer: too_far, no sewer within reach; not_served, outside today's areas", "判定", choices=HOUSE_STATUSES),
        Column("reach_id", "int", "Piece of a sewer it drains to", "区間番号", null=True),
        Column("distance_m", "float", "Distance to the nearest sewer", "管渠までの距離", "m", min=0, null=True),
        Column("branch_id", "int", "Branch that turns; missing: it stays", "枝番号", null=True),
        Column("turn_year", "int", "Fiscal year from which it uses a johkasou", "転換年度", null=True),
    ),
)  # fmt: skip

RETREAT_OUTLETS = Table(
    "retreat_outlets", "撤退の処理場への影響", "What reaches each outlet in the first and last year of the study, with and without retreat.", ("outlet_id",), None,
    (
        Column("outlet_id", "int", "Outlet", "流末番号", unique=True),
        Column("ends_in", "text", "Plant or outlet of inputs.plants, or the lowest end of sewers that reach none", "流末の種別", choices=OUTLETS),
        Column("plant_id", "int", "Row of the table plants", "施設番号", null=True),
        Column("name", "text", "Name", "名称", null=True),
        Column("sewer_m", "float", "Sewers that drain there", "管渠延長", "m", min=0),
        Column("given_up_m", "float", "Of these, given up", "うち撤退", "m", min=0),
        Column("dwellings", "float", "Dwellings on them today", "戸数", min=0),
        Column("turned_dwellings", "float", "Of these, on branches that turn", "うち転換", min=0),
        Column("flow_mean_m3_per_d", "float", "Daily mean flow today", "日平均汚水量", "m3/d", min=0),
        Column("later_m3_per_d", "float", "The same in the last year, nothing given up", "最終年度(存続)", "m3/d", min=0),
        Column("left_m3_per_d", "float", "The same with retreat", "最終年度(撤退)", "m3/d", min=0),
        Column("left_share", "float", "Flow left over today's", "残存率", min=0, null=True),
    ),
)  # fmt: skip

RETREAT_YEARS = Table(
    "retreat_years", "撤退の年次", "Retreat year by year: what turns, what is spent and saved in that year's money, and the base of fees.", ("year",), None,
    (
        Column("year", "int", "Fiscal year", "年度", unique=True, min=0),
        Column("sewer_m", "float", "Sewers given up", "撤退する管渠", "m", min=0),
        Column("dwellings", "float", "Dwellings that turn, as many as are left then", "転換戸数", min=0),
        _yen("install_yen", "Johkasou installed and works at houses", "浄化槽設置・宅内配管"),
        _yen("abandon_yen", "Sewers filled or removed", "管渠の撤去・充填"),
        _yen("renewal_avoided_yen", "Renewal due in the year that is not needed", "不要となる改築費"),
        Column("people_kept", "float", "People on sewers if nothing is given up", "水洗化人口(存続)", min=0),
        Column("people_left", "float", "The same with retreat", "水洗化人口(撤退)", min=0),
        Column("flow_left_m3_per_d", "float", "Their daily mean flow with retreat", "日平均汚水量(撤退)", "m3/d", min=0),
        _yen("fee_lost_yen", "Fees no longer paid, at the price of [accounts]; missing: no accounts", "失われる使用料", null=True),
    ),
)  # fmt: skip

RETREAT_WARNINGS = Table(
    "retreat_warnings", "撤退の留意事項", "What money does not show, to be settled before any branch is given up.", ("row",), None,
    (
        Column("row", "int", "Order", "順", unique=True),
        Column("branch_id", "int", "Branch meant; missing: all", "枝番号", null=True),
        Column("topic", "text", "What it is about", "論点", choices=TOPICS),
        Column("note", "text", "What to settle", "内容"),
    ),
)  # fmt: skip

AGEING_TABLES: tuple[Table, ...] = (
    RENEWAL_STOCK, RENEWAL, RENEWAL_SUMS, RENEWAL_URGENCY,
    RETREAT, RETREAT_SEWERS, RETREAT_HOUSES, RETREAT_OUTLETS, RETREAT_YEARS, RETREAT_WARNINGS,
)  # fmt: skip
