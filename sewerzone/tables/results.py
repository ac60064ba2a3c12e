"""Result tables: what the method writes."""

from sewerzone.tables.inputs import CROSSINGS, TREATMENTS
from sewerzone.tables.schema import Column, Table

OPTION_NAMES = ("connect", "own_plant", "johkasou")
LATERAL_STATUSES = ("connected", "too_far", "blocked", "no_road", "cut_off", "dear_branch", "not_needed")

_UNIT = Column("unit_id", "int", "Study unit", "検討単位区域番号")
_SYSTEM = Column("system_id", "int", "Sewer system (one network with one kind of outlet)", "系統番号")
_NEARNESS = (
    Column("least_sewer_m", "float", "No network that joins the same houses to the same outlets along the roads is shorter (proven bound)", "最短管渠延長の下限", "m", min=0, null=True),
    Column("length_gap_share", "float", "Sewer length over that bound, less 1: detours that save depth or pumps included", "延長の下限超過率", min=0, null=True),
    Column("least_pumps", "int", "Pumps that no such network can do without (proven bound)", "最少ポンプ数の下限", min=0, null=True),
    Column("laying_yen_per_yr", "float", "Annual cost of sewers, manholes, pumps and crossings", "管渠年価", "yen/y", min=0, null=True),
    Column("least_laying_yen_per_yr", "float", "No such network costs less a year (proven bound: every way at its shallowest, and the pumps none can do without)", "管渠年価の下限", "yen/y", min=0, null=True),
    Column("laying_gap_share", "float", "Annual laying cost over that bound, less 1: how far from the best design at most", "管渠年価の下限超過率", min=0, null=True),
)  # fmt: skip

UNITS = Table(
    "units", "検討単位区域", "Study units: contiguous dwellings, with their verdict.", ("unit_id",), "polygon",
    (
        Column("unit_id", "int", "Number in canonical order (smallest building in it decides)", "検討単位区域番号", unique=True),
        Column("is_adjoining", "bool", "Linked to a served area by gaps within the served limit", "既整備区域に隣接"),
        Column("buildings", "int", "Buildings with dwellings", "建物数", min=1),
        Column("dwellings", "float", "Dwellings", "戸数", min=0),
        Column("people", "float", "People in the target year", "人口", min=0),
        Column("flow_mean_m3_per_d", "float", "Daily mean flow", "日平均汚水量", "m3/d", min=0),
        Column("flow_max_m3_per_d", "float", "Daily maximum flow", "日最大汚水量", "m3/d", min=0),
        Column("flow_hourly_l_per_s", "float", "Hourly maximum flow", "時間最大汚水量", "l/s", min=0),
        Column("area_ha", "float", "Area of the outline", "面積", "ha", min=0),
        Column("dwellings_per_ha", "float", "Density", "戸数密度", "1/ha", min=0),
        Column("district_id", "int", "District of most of its dwellings", "地区番号", null=True),
        Column("treatment", "text", "Verdict", "処理方式", choices=TREATMENTS),
        Column("system_id", "int", "Sewer system it belongs to in the plan", "系統番号", null=True),
        Column("runner_up", "text", "Cheapest option of the other kind of treatment", "次点", null=True),
        Column("margin_yen_per_yr", "float", "What the plan would cost more if the unit were treated the other way, the rest staying as it is (negative: a rule or a decision, not cost, set the verdict)", "差額", "yen/y", null=True),
        Column("margin_share", "float", "That margin over the cost of johkasou for the unit", "差額率", null=True),
        Column("sewer_yen_per_yr", "float", "Cheapest collective option of the unit alone", "集合処理年価", "yen/y", min=0, null=True),
        Column("johkasou_yen_per_yr", "float", "Johkasou for every house", "個別処理年価", "yen/y", min=0),
        Column("break_even_yen_per_m", "float", "Sewer construction price at which the verdict of the unit alone turns; missing: not even free sewers turn it", "損益分岐管渠単価", "yen/m", null=True),
        Column("alone_treatment", "text", "Verdict of the unit alone, before the connection study", "単独比較の判定", choices=TREATMENTS),
        Column("other_lives_treatment", "text", "Verdict of the unit alone under the other set of lives", "別耐用年数での判定", choices=TREATMENTS),
        Column("unverified_share", "float", "Share of the compared cost that rests on unverified figures (mark U)", "未検証単価の割合", min=0, max=1),
        Column("override_id", "int", "Planner's decision that set the verdict", "政策判断番号", null=True),
        Column("override_price_yen_per_yr", "float", "What that decision as a whole costs a year: the plan with it less the plan without it", "政策判断の費用", "yen/y", null=True),
        Column("reason", "text", "The verdict in one sentence", "判定理由"),
    ),
)  # fmt: skip

OPTIONS = Table(
    "options", "処理方式比較", "The options of every unit standing alone.", ("unit_id", "option"), None,
    (
        _UNIT,
        Column("option", "text", "Option", "方式", choices=OPTION_NAMES),
        Column("is_possible", "bool", "Whether the option can be built", "可否"),
        Column("reason", "text", "Why not, or how", "理由"),
        Column("sewer_m", "float", "Sewer length, rising mains included", "管渠延長", "m", min=0),
        Column("link_m", "float", "Part of it outside the unit", "接続管渠延長", "m", min=0),
        *_NEARNESS,
        Column("pumps", "int", "Manhole pumps", "ポンプ数", min=0),
        Column("capital_yen", "float", "Construction cost", "建設費", "yen", min=0),
        Column("capital_yen_per_yr", "float", "Construction cost a year", "建設費年価", "yen/y", min=0),
        Column("upkeep_yen_per_yr", "float", "Upkeep a year", "維持管理費", "yen/y", min=0),
        Column("total_yen_per_yr", "float", "Annual cost", "年価", "yen/y", min=0, null=True),
        Column("rank", "int", "1 = cheapest possible", "順位", min=1, null=True),
    ),
)  # fmt: skip

COSTS = Table(
    "costs", "費用内訳", "Every yen: quantity times unit cost, with its source.", ("cost_id",), None,
    (
        Column("cost_id", "int", "Number", "番号", unique=True),
        Column("option", "text", "Option of a unit alone, or `plan` for a system of the plan", "方式", choices=(*OPTION_NAMES, "plan")),
        Column("unit_id", "int", "Unit of the option", "検討単位区域番号", null=True),
        Column("system_id", "int", "System of the plan", "系統番号", null=True),
        Column("item", "text", "What is paid for", "費目"),
        Column("detail", "text", "Size or class", "規格"),
        Column("quantity", "float", "How much of it", "数量", min=0),
        Column("quantity_unit", "text", "Unit of the quantity", "単位"),
        Column("unit_cost_yen", "float", "Construction cost of one unit", "建設単価", "yen", min=0),
        Column("unit_upkeep_yen_per_yr", "float", "Yearly upkeep of one unit", "維持管理単価", "yen/y", min=0),
        Column("capital_yen", "float", "Construction cost", "建設費", "yen", min=0),
        Column("life_yr", "float", "Life", "耐用年数", "y", min=0, null=True),
        Column("capital_yen_per_yr", "float", "Construction cost a year", "建設費年価", "yen/y", min=0),
        Column("upkeep_yen_per_yr", "float", "Upkeep a year", "維持管理費", "yen/y", min=0),
        Column("mark", "text", "P published, S second-hand, U unverified", "確度", choices=("P", "S", "U")),
        Column("source", "text", "Where the figures come from", "出典"),
        Column("is_in_plan", "bool", "Counts in the plan's total", "計画計上"),
    ),
)  # fmt: skip

ZONES = Table(
    "zones", "処理区域", "The map: areas by treatment, without overlap.", ("zone_id",), "polygon",
    (
        Column("zone_id", "int", "Number", "番号", unique=True),
        Column("treatment", "text", "How sewage is treated", "処理方式", choices=TREATMENTS),
        Column("system_id", "int", "Sewer system", "系統番号", null=True),
        Column("units", "int", "Study units", "検討単位区域数", min=0),
        Column("dwellings", "float", "Dwellings", "戸数", min=0),
        Column("people", "float", "People", "人口", min=0),
        Column("area_ha", "float", "Area", "面積", "ha", min=0),
    ),
)  # fmt: skip

SYSTEMS = Table(
    "systems", "系統", "Sewer systems of the plan.", ("system_id",), "point",
    (
        _SYSTEM,
        Column("kind", "text", "connect: to a served network; own_plant; existing: to a small plant in use", "種別", choices=("connect", "own_plant", "existing")),
        Column("units", "int", "Study units in it", "検討単位区域数", min=0),
        Column("plants", "int", "Existing small plants whose sewage it takes", "統合する既設処理場数", min=0),
        Column("dwellings", "float", "Dwellings", "戸数", min=0),
        Column("people", "float", "People", "人口", min=0),
        Column("flow_max_m3_per_d", "float", "Daily maximum flow", "日最大汚水量", "m3/d", min=0),
        Column("sewer_m", "float", "Sewer length, rising mains included", "管渠延長", "m", min=0),
        *_NEARNESS,
        Column("pumps", "int", "Manhole pumps", "ポンプ数", min=0),
        Column("capital_yen", "float", "Construction cost", "建設費", "yen", min=0),
        Column("total_yen_per_yr", "float", "Annual cost", "年価", "yen/y", min=0),
        Column("outlet_node_id", "int", "Node where it delivers (the largest if several)", "流末節点"),
        Column("built_year", "float", "Year of completion under the yearly budget, counted from 1", "完成年次", "y", null=True),
    ),
)  # fmt: skip

PIPES = Table(
    "pipes", "管渠", "Sewers and rising mains of the plan, manhole to manhole, in the direction of flow.", ("pipe_id",), "line",
    (
        Column("pipe_id", "int", "Number", "管渠番号", unique=True),
        _SYSTEM,
        Column("unit_id", "int", "Unit whose collector it is; missing for links", "検討単位区域番号", null=True),
        Column("kind", "text", "Gravity sewer or rising main", "種別", choices=("gravity", "pressure")),
        Column("from_manhole_id", "int", "Upper manhole", "上流人孔"),
        Column("to_manhole_id", "int", "Lower manhole", "下流人孔"),
        Column("length_m", "float", "Length along the road", "延長", "m", min=0),
        Column("dwellings", "float", "Dwellings upstream; existing plants as many as would send their flow", "上流戸数", min=0),
        Column("flow_l_per_s", "float", "Design flow (hourly maximum) at its lower end", "計画時間最大汚水量", "l/s", min=0),
        Column("diameter_mm", "int", "Diameter", "管径", "mm", min=1),
        Column("slope_permille", "float", "Slope of the invert (0 for rising mains)", "勾配", "permille", min=0),
        Column("velocity_m_per_s", "float", "Velocity at design flow", "流速", "m/s", min=0),
        Column("filling_share", "float", "Water depth over diameter at design flow", "水深比", min=0, max=1),
        Column("invert_up_elev_m", "float", "Invert elevation at the upper end", "上流管底高", "m"),
        Column("invert_down_elev_m", "float", "Invert elevation at the lower end", "下流管底高", "m"),
        Column("ground_up_elev_m", "float", "Ground elevation at the upper end", "上流地盤高", "m"),
        Column("ground_down_elev_m", "float", "Ground elevation at the lower end", "下流地盤高", "m"),
        Column("excavation_up_m", "float", "Excavation at the upper end", "上流掘削深", "m", min=0),
        Column("excavation_down_m", "float", "Excavation at the lower end", "下流掘削深", "m", min=0),
        Column("cover_up_m", "float", "Cover at the upper end", "上流土被り", "m"),
        Column("cover_down_m", "float", "Cover at the lower end", "下流土被り", "m"),
        Column("price_factor", "float", "Factor of the road class on the sewer price", "単価補正", min=0),
        Column("crossing", "text", "What it crosses at a price (the first, if several)", "横断", choices=CROSSINGS, null=True),
        Column("off_road_m", "float", "Part of its length off the road", "道路外延長", "m", min=0),
    ),
)  # fmt: skip

MANHOLES = Table(
    "manholes", "人孔", "Manholes of the plan.", ("manhole_id",), "point",
    (
        Column("manhole_id", "int", "Number", "人孔番号", unique=True),
        _SYSTEM,
        Column("node_id", "int", "Road node", "節点番号"),
        Column("kind", "text", "What it is", "種別", choices=("ordinary", "drop", "pump", "outlet")),
        Column("ground_elev_m", "float", "Ground elevation", "地盤高", "m"),
        Column("invert_elev_m", "float", "Invert elevation of the outgoing pipe (the arriving one at outlets)", "管底高", "m"),
        Column("excavation_m", "float", "Excavation of the deepest pipe there", "掘削深", "m", min=0),
        Column("priced_excavation_m", "float", "Excavation by which it is priced: of the outgoing sewer; of a pump's shaft that takes all arrivals; at an outlet of the deepest arriving sewer", "計上掘削深", "m", min=0),
        Column("drop_m", "float", "Largest fall from an arriving to the outgoing invert", "落差", "m", min=0),
    ),
)  # fmt: skip

PUMPS = Table(
    "pumps", "ポンプ", "Manhole pumps of the plan.", ("pump_id",), "point",
    (
        Column("pump_id", "int", "Number", "ポンプ番号", unique=True),
        _SYSTEM,
        Column("manhole_id", "int", "Manhole it stands in", "人孔番号"),
        Column("kind", "text", "lift: raises to the next gravity sewer; rising_main: feeds a pressure pipe", "種別", choices=("lift", "rising_main")),
        Column("flow_l_per_s", "float", "Hourly maximum flow", "揚水量", "l/s", min=0),
        Column("flow_mean_m3_per_d", "float", "Daily mean flow", "日平均汚水量", "m3/d", min=0),
        Column("head_m", "float", "Static head, wet well and friction", "揚程", "m", min=0),
        Column("main_m", "float", "Length of its rising main", "圧送管延長", "m", min=0),
        Column("power_kw", "float", "Shaft power at hourly maximum over efficiency", "動力", "kW", min=0),
        Column("energy_kwh_per_yr", "float", "Energy a year", "電力量", "kWh/y", min=0),
    ),
)  # fmt: skip

LINK_ENDS = ("unit", "link", "served_network", "own_plant", "existing_plant")
LINKS = Table(
    "links", "接続管渠", "Links of the plan: unit to served network, unit to unit, unit to plant.", ("link_id",), "line",
    (
        Column("link_id", "int", "Number", "番号", unique=True),
        _SYSTEM,
        Column("unit_id", "int", "Unit whose sewage leaves by it; missing: an existing plant's", "検討単位区域番号", null=True),
        Column("flows_to", "text", "What it flows into; link: into another link of its system", "接続先", choices=LINK_ENDS),
        Column("to_unit_id", "int", "Unit it flows into; missing: no unit", "接続先の検討単位区域番号", null=True),
        Column("length_m", "float", "Length between the two networks", "延長", "m", min=0),
        Column("flow_l_per_s", "float", "Hourly maximum flow", "計画時間最大汚水量", "l/s", min=0),
    ),
)  # fmt: skip

LATERALS = Table(
    "laterals", "取付管", "How every dwelling reaches the road graph, or why not.", ("building_id",), "line",
    (
        Column("building_id", "int", "Building", "建物番号", unique=True),
        Column("status", "text", "Whether it can be connected", "状態", choices=LATERAL_STATUSES),
        Column("node_id", "int", "Road node it is connected to", "節点番号", null=True),
        Column("length_m", "float", "Distance from the building to the road", "延長", "m", min=0, null=True),
    ),
)  # fmt: skip

NODES = Table(
    "nodes", "節点", "Nodes of the road graph: road ends, junctions, vertices, profile points, laterals.", ("node_id",), "point",
    (
        Column("node_id", "int", "Number in canonical order", "節点番号", unique=True),
        Column("x_m", "float", "Easting in the study CRS", "東距", "m"),
        Column("y_m", "float", "Northing in the study CRS", "北距", "m"),
        Column("ground_elev_m", "float", "Ground elevation", "地盤高", "m", null=True),
        Column("component", "int", "Connected part of the usable road graph (0 = largest)", "連結成分", min=0),
        Column("is_served", "bool", "Lies in a served area or at an inlet of its network", "既整備区域内"),
    ),
)  # fmt: skip

EDGES = Table(
    "edges", "辺", "Straight edges of the usable road graph.", ("edge_id",), "line",
    (
        Column("edge_id", "int", "Number in canonical order", "辺番号", unique=True),
        Column("road_id", "int", "Road it lies on; missing: off the road, a shared way or an easement", "道路番号", null=True),
        Column("from_node_id", "int", "One end (the smaller node)", "始点"),
        Column("to_node_id", "int", "Other end", "終点"),
        Column("length_m", "float", "Length", "延長", "m", min=0),
        Column("weight", "float", "Factor on length when laying along it", "重み", min=0),
        Column("crossing", "text", "What it crosses at a price, from bank to bank", "横断", choices=CROSSINGS, null=True),
        Column("least_excavation_m", "float", "Least excavation at both ends, to pass below what it crosses", "最小掘削深", "m", min=0),
    ),
)  # fmt: skip
