"""Tables of a whole prefecture, gathered from the plans of its municipalities: ``sewerzone batch``."""

from dataclasses import replace

from sewerzone.tables.inputs import TREATMENTS
from sewerzone.tables.results import UNITS, ZONES
from sewerzone.tables.schema import Column, Table

STATUSES = ("done", "failed", "not run")
LIVED_IN = tuple(t for t in TREATMENTS if t != "none")
"""Treatments that dwellings and people have."""
_JA = {"served": "既整備", "absorbed": "取り込み", "sewer": "下水道接続", "own_plant": "単独集合処理", "johkasou": "浄化槽"}

_CODE = Column("code", "text", "Code of the municipality; its plan lies in the folder of this name", "市区町村コード")
_NAME = Column("name", "text", "Municipality", "市区町村名")
_BY_TREATMENT = (
    *(
        Column(f"{t}_dwellings", "float", f"Dwellings with treatment `{t}`", f"{_JA[t]}戸数", min=0, null=True)
        for t in LIVED_IN
    ),
    *(Column(f"{t}_people", "float", f"People with treatment `{t}`", f"{_JA[t]}人口", min=0, null=True) for t in LIVED_IN),
)
_SIZE = (
    Column("dwellings", "float", "Dwellings", "戸数", min=0, null=True),
    Column("people", "float", "People in the target year", "人口", min=0, null=True),
    Column("collective_people_share", "float", "Share of people whose sewage ends in a common sewer", "集合処理人口率", min=0, max=1, null=True),
)  # fmt: skip

MUNICIPALITIES = Table(
    "municipalities", "市区町村別", "Every municipality of a prefecture with the figures of its plan; none where it has no plan of the present files and settings.", ("code",), "polygon",
    (
        _CODE, _NAME,
        Column("status", "text", "done; failed (failures.csv says why); not run with the present files and settings", "状態", choices=STATUSES),
        Column("buildings", "int", "Buildings, without dwellings too", "建物数", min=0, null=True),
        *_SIZE, *_BY_TREATMENT,
        Column("units", "int", "Study units", "検討単位区域数", min=0, null=True),
        Column("sewer_m", "float", "New sewers and rising mains", "新設管渠延長", "m", min=0, null=True),
        Column("pumps", "int", "Manhole pumps", "ポンプ数", min=0, null=True),
        Column("own_plants", "int", "New treatment plants", "単独処理場数", min=0, null=True),
        Column("capital_yen", "float", "Construction cost of the plan", "建設費", "yen", min=0, null=True),
        Column("total_yen_per_yr", "float", "Annual cost of the plan", "計画の年価", "yen/y", min=0, null=True),
        Column("official_yen_per_yr", "float", "Annual cost of the official procedure, where it was computed", "手順書方式の年価", "yen/y", min=0, null=True),
        Column("optimum_yen_per_yr", "float", "Annual cost of the optimum, where it was asked for", "最適解の年価", "yen/y", min=0, null=True),
        Column("saving_yen_per_yr", "float", "What the optimum saves against the official procedure", "削減額", "yen/y", null=True),
        Column("least_yen_per_yr", "float", "No plan at all costs less a year (proven bound)", "年価の下限", "yen/y", min=0, null=True),
        Column("gap_share", "float", "Cost of the optimum over that bound, less 1: how far from the best plan at most", "下限超過率", min=0, null=True),
        Column("unverified_share", "float", "Share of the annual cost that rests on unverified figures (mark U)", "未検証単価の割合", min=0, max=1, null=True),
    ),
)  # fmt: skip

MUNICIPAL_DISTRICTS = Table(
    "municipal_districts", "市区町村・地区別", "Dwellings and people by municipality, district and treatment; what lies in no district has none.", ("code", "district_id"), None,
    (
        _CODE, _NAME,
        Column("district_id", "int", "District", "地区番号", null=True),
        Column("district", "text", "Its name", "地区名", null=True),
        *_SIZE, *_BY_TREATMENT,
    ),
)  # fmt: skip

EFFORT = Table(
    "effort", "計算時間", "What planning each municipality took; differs between equal runs, and so stands apart.", ("code",), None,
    (
        _CODE, _NAME,
        Column("seconds", "float", "From the first file read to the last one written", "所要時間(秒)", min=0),
        Column("read_seconds", "float", "Of these: reading", "うち読込(秒)", min=0),
        Column("write_seconds", "float", "Of these: writing, maps included", "うち書込(秒)", min=0),
        Column("slowest", "text", "Slowest stage of the method", "最長の段階"),
        Column("slowest_seconds", "float", "Its time", "その時間(秒)", min=0),
        Column("peak_memory_mb", "float", "Highest memory of its process", "最大メモリ(MB)", min=0),
    ),
)  # fmt: skip


def _of_all(table: Table, name: str) -> Table:
    """A table of plans with the municipality in front of each row."""
    meaning = (
        f"{table.meaning} Of all municipalities: numbers are those of each one's own plan, and outlines of units of neighbours "
        "may overlap a little along their border."
    )
    return replace(table, name=name, meaning=meaning, key=("code", *table.key),
                   columns=(_CODE, replace(_NAME, name="municipality"), *(replace(c, unique=False) for c in table.columns)))  # fmt: skip


ALL_ZONES = _of_all(ZONES, "all_zones")
ALL_UNITS = _of_all(UNITS, "all_units")
PREFECTURE_TABLES: tuple[Table, ...] = (MUNICIPALITIES, MUNICIPAL_DISTRICTS, EFFORT, ALL_ZONES, ALL_UNITS)
"""Each a file of its name beside the folders of the municipalities; those with geometry also a layer of prefecture.gpkg."""
