"""Tables of a redrawing: today's sewer plan against a new zoning, house by house, unit by unit, hectare by hectare."""

from sewerzone.tables.inputs import TREATMENTS
from sewerzone.tables.schema import Column, Table

CHANGES = ("stays_sewer", "stays_johkasou", "sewer_to_johkasou", "johkasou_to_sewer", "nobody")
"""Nobody: buildings without residents, and land of the old sewer area in no zone of the new plan."""
MOVED = ("sewer_to_johkasou", "johkasou_to_sewer")
SCOPES = ("total", "district", "no_district")
BASES = ("nothing_moves", "two_plans", "tanks_instead", "by_margin", "options_alone", "unknown")

_DISTRICT = Column("district_id", "int", "District", "地区番号", null=True)
_DISTRICT_CODE = Column("district_code", "text", "Code of the district in the user's file", "地区コード", null=True)
_DISTRICT_NAME = Column("district", "text", "Name of the district", "地区名", null=True)
_SCOPE = Column("scope", "text", "Whether the row tells of all, of a district, or of what lies in none", "範囲", choices=SCOPES)
_CHANGE = Column("change", "text", "What becomes of it", "区分", choices=CHANGES)
_UNIT_CHANGE = Column(
    "change",
    "text",
    "What becomes of it; split: of some houses one thing, of some another",
    "区分",
    choices=(*CHANGES, "split"),
)
_AREA = Column("area_ha", "float", "Area", "面積", "ha", min=0)
_DWELLINGS = Column("dwellings", "float", "Dwellings", "戸数", min=0)
_PEOPLE = Column("people", "float", "People in the target year", "人口", min=0)
_SHARES = (
    Column("old_sewer_m", "float", "New sewer under the old plan; of each system shared among its houses by dwellings", "旧計画の管渠延長", "m", min=0),
    Column("new_sewer_m", "float", "New sewer under the new plan, shared likewise", "新計画の管渠延長", "m", min=0),
    Column("old_pumps", "float", "Pumps under the old plan, shared likewise", "旧計画のポンプ数", min=0),
    Column("new_pumps", "float", "Pumps under the new plan, shared likewise", "新計画のポンプ数", min=0),
    Column("old_yen_per_yr", "float", "Annual cost under the old plan, shared likewise", "旧計画の年価", "yen/y"),
    Column("new_yen_per_yr", "float", "Annual cost under the new plan, shared likewise", "新計画の年価", "yen/y"),
    Column("saving_yen_per_yr", "float", "Annual cost under the old plan less that under the new", "年間削減額", "yen/y"),
)  # fmt: skip

REDRAWING = Table(
    "redrawing", "見直し総括", "What stays and what moves between sewer and johkasou: in total, by district, and where there is none.", ("row_id",), None,
    (
        Column("row_id", "int", "Number", "番号", unique=True),
        _SCOPE, _DISTRICT, _DISTRICT_CODE, _DISTRICT_NAME, _UNIT_CHANGE, _AREA,
        Column("units", "int", "Study units all of whose houses belong here (split: units of which some move)", "検討単位区域数", min=0),
        Column("buildings", "int", "Buildings", "建物数", min=0),
        _DWELLINGS, _PEOPLE, *_SHARES,
    ),
)  # fmt: skip

REDRAWING_EFFECT = Table(
    "redrawing_effect", "見直しの効果", "The sewer area before and after, and what the redrawing saves in 1, 20 and 50 years.", ("row_id",), None,
    (
        Column("row_id", "int", "Number", "番号", unique=True),
        _SCOPE, _DISTRICT, _DISTRICT_CODE, _DISTRICT_NAME,
        Column("old_area_ha", "float", "Sewer area before, areas sewered today included", "見直し前の集合処理区域面積", "ha", min=0),
        Column("new_area_ha", "float", "Sewer area after", "見直し後の集合処理区域面積", "ha", min=0),
        Column("empty_area_ha", "float", "Of both, in no zone of the new plan: nobody lives there, so nothing moves it", "うち居住のない区域の面積", "ha", min=0),
        Column("moved_area_ha", "float", "After less before", "増減面積", "ha"),
        Column("old_dwellings", "float", "Dwellings in it before", "見直し前の区域内戸数", min=0),
        Column("new_dwellings", "float", "Dwellings in it after", "見直し後の区域内戸数", min=0),
        Column("old_unserved_dwellings", "float", "Of these not yet sewered, before", "見直し前の未整備戸数", min=0),
        Column("new_unserved_dwellings", "float", "Of these not yet sewered, after", "見直し後の未整備戸数", min=0),
        Column("moved_dwellings", "float", "Dwellings not yet sewered: after less before", "増減戸数"),
        Column("old_unserved_people", "float", "People not yet sewered in it, before", "見直し前の未整備人口", min=0),
        Column("new_unserved_people", "float", "People not yet sewered in it, after", "見直し後の未整備人口", min=0),
        Column("moved_people", "float", "People not yet sewered: after less before", "増減人口"),
        *_SHARES,
        Column("saving_20_yr_yen", "float", "Yearly saving x 20", "20年間の削減額", "yen"),
        Column("saving_50_yr_yen", "float", "Yearly saving x 50", "50年間の削減額", "yen"),
    ),
)  # fmt: skip

REDRAWN_AREAS = Table(
    "redrawn_areas", "見直し区域", "Old sewer area laid over the zones of the new plan, without overlap.", ("area_id",), "polygon",
    (
        Column("area_id", "int", "Number", "番号", unique=True),
        _DISTRICT, _DISTRICT_CODE, _DISTRICT_NAME, _CHANGE,
        Column("treatment", "text", "In the new plan (none: no zone)", "新計画の処理方式", choices=TREATMENTS),
        _AREA,
    ),
)  # fmt: skip

REDRAWN_UNITS = Table(
    "redrawn_units", "検討単位区域の見直し", "Study units of the new plan and what becomes of their houses.", ("unit_id",), "polygon",
    (
        Column("unit_id", "int", "Study unit", "検討単位区域番号", unique=True),
        _DISTRICT, _DISTRICT_CODE, _DISTRICT_NAME,
        Column("old_sewer_share", "float", "Share of its dwellings in the old sewer area", "旧集合処理区域内の戸数割合", min=0, max=1),
        Column("treatment", "text", "In the new plan", "新計画の処理方式", choices=TREATMENTS),
        _UNIT_CHANGE, _DWELLINGS, _PEOPLE,
        Column("moved_to_johkasou_dwellings", "float", "Dwellings that move from sewer to johkasou", "集合から個別への戸数", min=0),
        Column("moved_to_sewer_dwellings", "float", "Dwellings that move from johkasou to sewer", "個別から集合への戸数", min=0),
        *_SHARES,
        Column("basis", "text", "Where its saving comes from: two_plans: both are laid out; tanks_instead: all houses of its system had tanks, so that tanks for them stand against the system; by_margin: what the new plan would cost more with the unit treated the other way; options_alone: its options standing alone; unknown: neither is known, nothing counted", "削減額の根拠", choices=BASES),
    ),
)  # fmt: skip

REDRAWN_BUILDINGS = Table(
    "redrawn_buildings", "建物の見直し", "Every building of the new plan and what becomes of it.", ("building_id",), "any",
    (
        Column("building_id", "int", "Building", "建物番号", unique=True),
        _DISTRICT, _DISTRICT_CODE, _DISTRICT_NAME,
        Column("unit_id", "int", "Study unit", "検討単位区域番号", null=True),
        Column("is_old_sewer", "bool", "Whether it lies in the old sewer area, or is sewered today", "旧集合処理区域内"),
        Column("treatment", "text", "In the new plan", "新計画の処理方式", choices=TREATMENTS),
        _CHANGE, _DWELLINGS, _PEOPLE, *_SHARES,
    ),
)  # fmt: skip

CONCERNED = Table(
    "households_concerned", "対象世帯一覧", "Houses that move between sewer and johkasou, by district; of persons nothing but the building's number.", ("building_id",), None,
    (_DISTRICT, _DISTRICT_CODE, _DISTRICT_NAME, *(c for c in REDRAWN_BUILDINGS.columns if c.name in ("building_id", "unit_id")), _CHANGE, _DWELLINGS),
)  # fmt: skip

REDRAWING_TABLES: tuple[Table, ...] = (REDRAWING_EFFECT, REDRAWING, REDRAWN_AREAS, REDRAWN_UNITS, REDRAWN_BUILDINGS)
