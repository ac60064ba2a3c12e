"""Tables of the programme: what is built when, what each yearly cap means, and coverage by year. Empty unless asked for."""

from sewerzone.tables.schema import Column, Table

LATE_VERDICTS = ("sewer", "johkasou")
GOAL_WAYS_KINDS = ("sewer", "johkasou")
GOALS = ("met", "missed")
POPULATION_RULES = ("trend", "last_share", "projected", "proportional")
PERIOD_ENDS = (5, 10, 15, 20, 30)
"""Last year, counted from 1, of each stretch of years that maps draw in one colour; what comes later is one more."""

_PACKAGE = Column("package_id", "int", "Work package, numbered from 1 in the order of building", "工区番号", unique=True)
_YEAR = Column("year", "int", "Fiscal year", "年度", min=0)


def _share(name: str, meaning: str, ja: str) -> Column:
    return Column(name, "float", meaning, ja, min=0, max=1, null=True)


PROGRAMME = Table(
    "programme", "年度別整備計画", "Work packages (branches of the plan's networks) in their order of building.", ("package_id",), None,
    (
        _PACKAGE,
        Column("system_id", "int", "Sewer system it is part of", "系統番号"),
        Column("unit_id", "int", "Study unit most of its houses are in; missing: a trunk", "検討単位区域番号", null=True),
        Column("downstream_package_id", "int", "Package it drains to, finished in the same year or before; missing: an outlet", "下流工区番号", null=True),
        Column("sewer_m", "float", "Sewer length", "管渠延長", "m", min=0),
        Column("area_ha", "float", "Area it serves", "整備面積", "ha", min=0),
        Column("dwellings", "float", "Dwellings it serves", "戸数", min=0),
        Column("people", "float", "People it serves", "人口", min=0),
        Column("score", "float", "What a person of it counts in the order of building", "優先度", min=0),
        Column("capital_yen", "float", "Construction cost: sewers, pumps, crossings; a plant with the first package of its system", "建設費", "yen", min=0),
        Column("capital_per_person_yen", "float", "Construction cost a person; missing: it serves nobody itself", "1人当たり建設費", "yen", min=0, null=True),
        Column("start_year", "int", "Fiscal year in which work begins; missing: not within the years of the programme", "着工年度", null=True),
        Column("built_year", "int", "Fiscal year in which it is finished; missing: not within the years of the programme", "完成年度", null=True),
        Column("is_in_time", "bool", "Finished within zoning.build_years (10年概成)", "期限内完成"),
        Column("late_verdict", "text", "Where it is not in time: what costs less, the sewer with the tanks lost that its houses need until then, or tanks for good; missing: in time, or a trunk", "期限後の再判定", choices=LATE_VERDICTS, null=True),
        Column("late_yen_per_yr", "float", "Tanks for good less sewer and tanks lost, a year (negative: tanks cost less)", "再判定の差額", "yen/y", null=True),
        Column("reason", "text", "Why then, in one sentence", "理由"),
    ),
)  # fmt: skip

_PERIOD = Column(
    "period",
    "int",
    f"Years it is finished in, by their number from the first: 1 up to year {PERIOD_ENDS[0]}, and on up to years {', '.join(map(str, PERIOD_ENDS[1:]))}, then later; missing: not within the programme",
    "完成期",
    min=1,
    max=len(PERIOD_ENDS) + 1,
    null=True,
)

PROGRAMME_AREAS = Table(
    "programme_areas", "年度別整備区域", "Where and when: the area of every work package with houses, and of every unit that gets tanks, without overlap.", ("area_id",), "polygon",
    (
        Column("area_id", "int", "Number", "番号", unique=True, min=0),
        Column("kind", "text", "Sewers or tanks", "整備手法", choices=GOAL_WAYS_KINDS),
        Column("package_id", "int", "Work package; missing: tanks", "工区番号", null=True),
        Column("unit_id", "int", "Study unit (of most of its houses)", "検討単位区域番号", null=True),
        Column("start_year", "int", "Fiscal year in which work begins; missing: not within the programme", "着工年度", null=True),
        Column("built_year", "int", "Fiscal year in which it is finished (tanks: the last of them); missing: not within the programme", "完成年度", null=True),
        _PERIOD,
        Column("people", "float", "People it serves", "人口", min=0),
        Column("dwellings", "float", "Dwellings it serves; tanks to install", "戸数・基数", min=0),
    ),
)  # fmt: skip

PROGRAMME_SEWERS = Table(
    "programme_sewers", "年度別整備管渠", "The sewers of every work package as one line, with their year.", ("package_id",), "line",
    (
        _PACKAGE,
        Column("system_id", "int", "Sewer system it is part of", "系統番号"),
        Column("is_trunk", "bool", "A trunk: it serves nobody itself", "幹線"),
        Column("sewer_m", "float", "Sewer length", "管渠延長", "m", min=0),
        Column("start_year", "int", "Fiscal year in which work begins; missing: not within the programme", "着工年度", null=True),
        Column("built_year", "int", "Fiscal year in which it is finished; missing: not within the programme", "完成年度", null=True),
        _PERIOD,
    ),
)  # fmt: skip

PROGRAMME_WORKS = Table(
    "programme_works", "工区別年割", "What is spent on every package in every year: a package larger than what a year's cap leaves goes on in the next.", ("package_id", "year"), None,
    (
        Column("package_id", "int", "Work package", "工区番号"),
        _YEAR,
        Column("done_share", "float", "Share of its work done in the year", "施工割合", min=0, max=1),
        Column("capital_yen", "float", "Spent on it in the year", "事業費", "yen", min=0),
        Column("area_ha", "float", "Part of its area that this is", "施工面積", "ha", min=0),
    ),
)  # fmt: skip

PROGRAMME_YEARS = Table(
    "programme_years", "年度別事業量", "Sewers and tanks built in every year, and what they cost.", ("year",), None,
    (
        Column("year", "int", "Fiscal year", "年度", unique=True, min=0),
        Column("cap_yen", "float", "Money for new sewers: the yearly budget less renewal; missing: no cap", "投資可能額", "yen", min=0, null=True),
        Column("sewer_yen", "float", "Spent on sewers", "管渠等事業費", "yen", min=0),
        Column("cap_ha", "float", "Hectares that may be built; missing: no cap", "整備可能面積", "ha", min=0, null=True),
        Column("worked_ha", "float", "Hectares worked on", "施工面積", "ha", min=0),
        Column("finished_ha", "float", "Hectares of the packages finished", "供用開始面積", "ha", min=0),
        Column("built_ha", "float", "Hectares sewered at the end of the year, those of today included", "整備済面積", "ha", min=0),
        Column("packages", "int", "Packages finished", "完成工区数", min=0),
        Column("people_reached", "float", "People of the packages finished", "新規供用人口", min=0),
        Column("tanks", "float", "Johkasou installed", "浄化槽設置基数", min=0),
        Column("tank_people", "float", "People whose tank is installed", "浄化槽設置人口", min=0),
        Column("tank_yen", "float", "Construction cost of these tanks, whoever pays", "浄化槽事業費", "yen", min=0),
    ),
)  # fmt: skip

TANK_PROGRAMME = Table(
    "tank_programme", "浄化槽設置計画", "Johkasou to be installed outside the sewers, by study unit and year.", ("unit_id", "year"), None,
    (
        Column("unit_id", "int", "Study unit", "検討単位区域番号"),
        _YEAR,
        Column("tanks", "float", "Johkasou installed", "浄化槽設置基数", min=0),
        Column("people", "float", "People in their houses", "人口", min=0),
        Column("capital_yen", "float", "Construction cost, whoever pays", "浄化槽事業費", "yen", min=0),
    ),
)  # fmt: skip

PROGRAMME_CURVE = Table(
    "programme_curve", "投資額と整備速度", "What the yearly cap costs in people served later; without a year of completion: not finished within the programme.", ("cap_share",), None,
    (
        Column("cap_share", "float", "Cap over the programme's own", "上限倍率", min=0),
        Column("cap_yen", "float", "Money for new sewers in all years of the programme; missing: no cap", "投資可能額計", "yen", min=0, null=True),
        Column("finished_year", "int", "Fiscal year in which everything is built; missing: not within the programme", "完了年度", null=True),
        Column("people_in_time", "float", "People served within zoning.build_years", "期限内供用人口", min=0),
        Column("people_years", "float", "People served, times the years they are, within the programme", "供用人口・年", min=0),
        Column("mean_wait_yr", "float", "Years a person of the plan's sewers waits on average; those not reached wait the whole programme", "平均待ち年数", "y", min=0),
        Column("gap_share", "float", "The best order would gain at most this share of people-years (proven)", "最適性ギャップ", min=0, max=1),
    ),
)  # fmt: skip

POPULATION = Table(
    "population", "地区別人口の見通し", "People of every district as the programme begins, in the goal year and at its end, and by what rule.", ("district_id",), None,
    (
        Column("district_id", "int", "District; -1: houses outside all districts", "地区番号", unique=True, min=-1),
        Column("name", "text", "Name of the district", "地区名", null=True),
        Column("people_now", "float", "People in the year before the programme", "現況人口", min=0),
        Column("people_goal", "float", "People in the goal year", "中期目標年度の人口", min=0),
        Column("people_end", "float", "People in its last year", "最終年度の人口", min=0),
        Column("change_share", "float", "People in its last year over those before it, less 1", "増減率", min=-1, null=True),
        Column("rule", "text", "trend: its share of all people on a line by the year; last_share: its share as last observed; projected: as its grid squares; proportional: as all people", "推計方法", choices=POPULATION_RULES),
        Column("correlation", "float", "Correlation of its share and the year", "構成比の相関係数", min=-1, max=1, null=True),
    ),
)  # fmt: skip

COVERAGE = Table(
    "coverage", "年度別普及率", "Population and how its sewage is treated at the end of every year.", ("year",), None,
    (
        Column("year", "int", "Fiscal year; the first is the one before the programme begins", "年度", unique=True, min=0),
        Column("people", "float", "All people", "行政人口", min=0),
        Column("people_sewered", "float", "People in sewered areas, connected or not", "処理区域内人口", min=0),
        Column("people_connected", "float", "Of these, connected", "水洗化人口", min=0),
        Column("people_tanks", "float", "People on johkasou outside sewered areas", "浄化槽人口", min=0),
        Column("people_other", "float", "People on other plants", "その他施設人口", min=0),
        Column("people_left", "float", "People without treatment", "未普及人口", min=0),
        _share("coverage_share", "汚水処理人口普及率: people in sewered areas, on johkasou outside and on other plants, over all", "汚水処理人口普及率"),
        _share("sewered_share", "下水道処理人口普及率: people in sewered areas over all", "下水道処理人口普及率"),
        _share("connected_share", "水洗化率: connected people over people in sewered areas", "水洗化率"),
        _share("built_share", "整備率: hectares built over hectares planned", "整備率"),
    ),
)  # fmt: skip

COVERAGE_DISTRICTS = Table(
    "coverage_districts", "地区別普及率", "Population and coverage of every district at the end of every year.", ("district_id", "year"), None,
    (
        Column("district_id", "int", "District; -1: houses outside all districts", "地区番号", min=-1),
        _YEAR,
        Column("people", "float", "All people", "人口", min=0),
        Column("people_sewered", "float", "People in sewered areas", "処理区域内人口", min=0),
        Column("people_tanks", "float", "People on johkasou outside sewered areas", "浄化槽人口", min=0),
        _share("coverage_share", "汚水処理人口普及率", "汚水処理人口普及率"),
    ),
)  # fmt: skip

COVERAGE_GOAL = Table(
    "coverage_goal", "中期目標", "Whether the mid-term goal is met, and the cheapest further works that would meet it.", ("rank",), None,
    (
        Column("rank", "int", "Order by yen a person; 0: the goal itself", "順位", unique=True, min=0),
        Column("kind", "text", "What more to build; missing: the goal itself", "整備手法", choices=GOAL_WAYS_KINDS, null=True),
        Column("package_id", "int", "Work package brought forward", "工区番号", null=True),
        Column("unit_id", "int", "Study unit of it, or whose tanks are installed earlier", "検討単位区域番号", null=True),
        Column("tanks", "float", "Johkasou more", "浄化槽基数", min=0, null=True),
        Column("people", "float", "People more who are served in the goal year; of the goal itself: people lacking", "人口", min=0),
        Column("capital_yen", "float", "Money needed by then besides the programme's", "追加事業費", "yen", min=0),
        Column("capital_per_person_yen", "float", "The same a person", "1人当たり事業費", "yen", min=0, null=True),
        Column("coverage_share", "float", "Coverage in the goal year with this and all before", "汚水処理人口普及率", min=0, max=1),
        Column("goal", "text", "Whether the goal is met with this and all before", "目標達成", choices=GOALS),
    ),
)  # fmt: skip

PROGRAMME_TABLES: tuple[Table, ...] = (
    PROGRAMME, PROGRAMME_AREAS, PROGRAMME_SEWERS, PROGRAMME_WORKS, PROGRAMME_YEARS, TANK_PROGRAMME, PROGRAMME_CURVE, POPULATION, COVERAGE, COVERAGE_DISTRICTS, COVERAGE_GOAL,
)  # fmt: skip
