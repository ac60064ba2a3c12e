"""Input tables: what reading and preparing hand to the method."""

from sewerzone.tables.schema import Column, Table

PLANT_KINDS = ("plant", "outlet", "existing", "terminal", "pump")
OF_EXISTING = ("terminal", "pump")
"""Plants of the existing network alone: nothing new is delivered to them."""
BUILDING_STATUSES = ("dwelling", "shed", "wall_less", "non_residential", "duplicate", "no_geometry")
CROSSINGS = ("river", "railway", "motorway", "other")
"""Kinds of barrier a sewer crosses at a price."""
TREATMENTS = ("served", "absorbed", "sewer", "own_plant", "johkasou", "none")

BUILDINGS = Table(
    "buildings", "建物", "Every building of the input, exactly once, with a status.", ("building_id",), "any",
    (
        Column("building_id", "int", "Number in canonical order (independent of the order of input rows)", "建物番号", unique=True),
        Column("source_id", "text", "Identifier in the user's file, if a column was named", "元データID", null=True),
        Column("status", "text", "What the row is", "状態", choices=BUILDING_STATUSES),
        Column("use", "text", "Use as given in the input", "用途", null=True),
        Column("floor_area_m2", "float", "Total floor area; footprint times storeys (given, or those that fit in the height) where only these are known", "延べ面積", "m2", min=0),
        Column("dwellings", "float", "Dwellings in the building", "戸数", min=0),
        Column("people", "float", "Residents in the target year", "人口", min=0),
        Column("tank_persons", "int", "Size of the johkasou the building would take (0: none)", "浄化槽人槽", "persons", min=0),
        Column("tank_count", "float", "Number of johkasou of that size", "浄化槽基数", min=0),
        Column("existing_tank_count", "float", "Usable johkasou there already", "既設浄化槽基数", min=0),
        Column("flow_mean_m3_per_d", "float", "Daily mean sewage flow", "日平均汚水量", "m3/d", min=0),
        Column("flow_max_m3_per_d", "float", "Daily maximum sewage flow", "日最大汚水量", "m3/d", min=0),
        Column("flow_hourly_l_per_s", "float", "Hourly maximum sewage flow", "時間最大汚水量", "l/s", min=0),
        Column("district_id", "int", "District the building belongs to", "地区番号", null=True),
        Column("is_served", "bool", "Lies in an area sewered today", "既整備区域内"),
        Column("unit_id", "int", "Study unit", "検討単位区域番号", null=True),
        Column("treatment", "text", "How its sewage is treated in the plan", "処理方式", choices=TREATMENTS),
        Column("reason", "text", "Why, in a few words", "理由"),
    ),
)  # fmt: skip

ROADS = Table(
    "roads", "道路", "Every road line of the input, with a status.", ("road_id",), "line",
    (
        Column("road_id", "int", "Number in canonical order", "道路番号", unique=True),
        Column("kind", "text", "ordinary, major, path, steps, motorway, tunnel, bridge, construction", "道路種別"),
        Column("weight", "float", "Factor on length when laying along it", "重み", min=0),
        Column("status", "text", "Whether sewers may follow it", "状態", choices=("usable", "unusable", "duplicate", "no_geometry")),
    ),
)  # fmt: skip

DISTRICTS = Table(
    "districts", "地区", "Districts (polygons, or points that stand for the nearest houses) with their people; of one that municipalities share, those of the municipality.", ("district_id",), "any",
    (
        Column("district_id", "int", "Number in the order of the codes if every district has its own, else of the file's rows", "地区番号", unique=True),
        Column("code", "text", "Code in the user's file, if a column was named", "地区コード", null=True),
        Column("name", "text", "Name", "地区名", null=True),
        Column("people", "float", "People in the target year", "人口", min=0, null=True),
        Column("dwellings", "float", "Dwellings in the target year", "世帯数", min=0, null=True),
        Column("vacant_share", "float", "Share of dwellings that stand empty", "空家率", min=0, max=1, null=True),
    ),
)  # fmt: skip

SERVED_AREAS = Table(
    "served_areas", "既整備区域", "Polygons sewered today; of one municipality among many what lies in it.", ("area_id",), "polygon",
    (
        Column("area_id", "int", "Number in canonical order", "区域番号", unique=True),
        Column("name", "text", "Name", "名称", null=True),
    ),
)  # fmt: skip

BARRIERS = Table(
    "barriers", "河川・鉄道等", "Rivers, railways, motorways: no house-to-house link crosses them.", ("barrier_id",), "any",
    (
        Column("barrier_id", "int", "Number in canonical order", "番号", unique=True),
        Column("kind", "text", "river, railway, ...", "種別", null=True),
    ),
)  # fmt: skip

PLANTS = Table(
    "plants", "処理場・流入点", "Points where sewage may be delivered, and small plants in use; of neighbours only where sewage may be delivered, without years and values of what stands there.", ("plant_id",), "point",
    (
        Column("plant_id", "int", "Number in canonical order", "番号", unique=True),
        Column("name", "text", "Name", "名称", null=True),
        Column("kind", "text", "plant: a site for an own plant; outlet: an inlet of the served network; existing: a small plant in use, kept or joined to others; terminal: where the existing network ends; pump: one of its pumps", "種別", choices=PLANT_KINDS),
        Column("capacity_m3_per_d", "float", "Largest daily maximum flow it may take", "能力", "m3/d", min=0, null=True),
        Column("invert_elev_m", "float", "Invert elevation at which it takes sewage", "流入管底高", "m", null=True),
        Column("flow_max_m3_per_d", "float", "Daily maximum flow an existing plant treats", "日最大処理水量", "m3/d", min=0, null=True),
        Column("keep_yen_per_yr", "float", "What keeping an existing plant costs a year, renewal included; missing: by the cost book", "存続年価", "yen/y", min=0, null=True),
        Column("decision", "text", "The planner's decision on an existing plant, whatever it costs", "政策判断", choices=("keep", "join"), null=True),
        Column("installed_year", "int", "Fiscal year of installation of what stands; missing: unknown", "設置年度", min=1850, max=2300, null=True),
        Column("replacement_yen", "float", "What replacing what stands costs; missing: by the cost book, and nothing at outlets and terminals", "再調達価額", "yen", min=0, null=True),
    ),
)  # fmt: skip

OVERRIDES = Table(
    "overrides", "政策判断",
    "Decisions of the planner that win over cost; their price is shown. One applies to the study unit named, to the unit "
    "of the building named, or to the units with at least half of their dwellings inside its polygon.", ("override_id",), "any",
    (
        Column("override_id", "int", "Number in canonical order", "番号", unique=True),
        Column("kind", "text", "What is decided", "内容", choices=("force_sewer", "force_johkasou", "keep_together")),
        Column("note", "text", "Reason given", "備考", null=True),
        Column("group", "text", "Which named units keep_together joins: those of equal group", "組", null=True),
        Column("unit_id", "int", "Unit named, by its number without keep_together", "検討単位区域番号", min=0, null=True),
        Column("building_id", "int", "Building named, for the unit it belongs to", "建物番号", min=0, null=True),
        Column("is_edit", "bool", "Given with `run --overrides`: wins over the study's own decisions on the same units", "手編集"),
    ),
)  # fmt: skip
