"""Declared tables: the check lists every broken rule, conforming orders and types, empty frames, the dictionary."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sewerzone.errors import DataError
from sewerzone.tables import ALL_TABLES, INPUT_TABLES, RESULT_TABLES, Column, Table

CRS = "EPSG:6678"
SITES = Table(
    "sites", "用地", "Places.", ("site_id",), "point",
    (
        Column("site_id", "int", "Number", "番号", unique=True),
        Column("kind", "text", "What it is", "種別", choices=("plant", "outlet")),
        Column("area_ha", "float", "Area", "面積", "ha", min=0, max=10),
        Column("owner", "text", "Owner", "所有者", null=True),
        Column("district_id", "int", "District", "地区番号", null=True),
        Column("is_open", "bool", "Open", "供用中"),
    ),
)  # fmt: skip
PAIRS = Table(
    "pairs",
    "組",
    "Two of them.",
    ("one", "other"),
    None,
    (Column("one", "int", "One", "一"), Column("other", "int", "Other", "他")),
)


def sites(**changed: object) -> gpd.GeoDataFrame:
    data = {
        "site_id": [2, 0, 1], "kind": ["plant", "outlet", "plant"], "area_ha": [0.0, 10.0, 2.5], "owner": ["A", None, "B"],
        "district_id": [1, None, 3], "is_open": [True, False, True], **changed,
    }  # fmt: skip
    return gpd.GeoDataFrame(data, geometry=[shapely.Point(k, k) for k in range(3)], crs=CRS)


# check ----------------------------------------------------------------------------------------------------------------


def test_a_good_table_passes_limits_and_missing_values_included() -> None:
    SITES.check(sites())
    assert SITES.problems(sites()) == []


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("site_id", [1, 0, 1], r"site_id: 2 rows repeat a value that must be unique \(values \[1\], ids 1, 1\)"),
        ("site_id", [None, 0, 1], r"site_id: 1 rows have no value"),
        ("kind", ["plant", "tank", None], r"sites\.kind: 1 rows are none of plant, outlet \(values \['tank'\], ids 0\)"),
        ("kind", ["plant", "tank", None], r"sites\.kind: 1 rows have no value"),
        ("area_ha", [-0.1, 1.0, 1.0], r"area_ha: 1 rows are below 0 ha \(values \[-0\.1\], ids 2\)"),
        ("area_ha", [1.0, 10.1, 1.0], r"area_ha: 1 rows are above 10 ha"),
        ("area_ha", [1.0, np.inf, 1.0], r"area_ha: 1 rows are infinite"),
        ("area_ha", [1.0, "big", 1.0], r"area_ha: 1 rows are not numbers \(values \['big'\]"),
        ("area_ha", [1.0, np.nan, 1.0], r"area_ha: 1 rows have no value"),
    ],
)
def test_each_rule(column: str, values: list[object], said: str) -> None:
    with pytest.raises(DataError, match=said):
        SITES.check(sites(**{column: values}))


def test_all_broken_rules_are_listed_at_once() -> None:
    bad = sites(site_id=[1, 1, 1], kind=["x", "y", "z"], area_ha=[-1.0, 11.0, np.nan]).drop(columns=["owner", "is_open"])
    bad.geometry = [shapely.LineString([(0, 0), (1, 1)])] * 3
    with pytest.raises(DataError) as caught:
        SITES.check(bad)
    text = str(caught.value)
    assert text.startswith("7 problems:")
    for said in (
        "columns missing: owner, is_open; have site_id, kind", "must be unique", "are none of", "no value", "below 0",
        "above 10",
        "3 rows are LineString, not points",
    ):  # fmt: skip
        assert said in text, said


def test_a_key_of_two_columns_is_unique_as_a_whole() -> None:
    PAIRS.check(pd.DataFrame({"one": [0, 0, 1], "other": [0, 1, 0]}))
    with pytest.raises(DataError, match=r"pairs: 2 rows repeat the key \('one', 'other'\)"):
        PAIRS.check(pd.DataFrame({"one": [0, 0, 1], "other": [1, 1, 0]}))


def test_a_key_of_one_column_is_unique_even_where_the_column_is_shared_with_other_tables() -> None:
    rows = pd.DataFrame({"one": [0, 0], "other": [1, 2]})
    with pytest.raises(DataError, match=r"pairs: 2 rows repeat the key \('one',\)"):
        Table("pairs", "組", "By one.", ("one",), None, PAIRS.columns).check(rows)
    assert len(SITES.problems(sites(site_id=[1, 1, 0]))) == 1, "said once"


def test_geometry_is_needed_and_may_be_missing_in_a_row() -> None:
    with pytest.raises(DataError, match="has no geometry; a GeoDataFrame is needed"):
        SITES.check(pd.DataFrame(sites().drop(columns="geometry")))
    rows = sites()
    rows.geometry = [shapely.Point(0, 0), None, shapely.MultiPoint([(0, 0), (1, 1)])]
    SITES.check(rows)


# conform and empty ----------------------------------------------------------------------------------------------------


def test_conform_orders_columns_and_rows_and_sets_types() -> None:
    given = sites(area_ha=[0, 10, 2], extra=[1, 2, 3])[
        ["geometry", "owner", "extra", "is_open", "area_ha", "kind", "site_id", "district_id"]
    ]
    before = given.copy()
    made = SITES.conform(given)
    assert list(made.columns) == [*SITES.names, "geometry"]
    assert made["site_id"].tolist() == [0, 1, 2]
    assert made.geometry.x.tolist() == [1.0, 2.0, 0.0], "geometry goes with its row"
    assert list(made.index) == [0, 1, 2]
    assert {c: str(made[c].dtype) for c in SITES.names} == {
        "site_id": "int64", "kind": "object", "area_ha": "float64", "owner": "object", "district_id": "Int64",
        "is_open": "bool",
    }  # fmt: skip
    assert made["district_id"].isna().tolist() == [True, False, False]
    assert made.crs == CRS
    pd.testing.assert_frame_equal(given, before)


def test_conform_refuses_what_breaks_a_rule() -> None:
    with pytest.raises(DataError, match="below 0"):
        SITES.conform(sites(area_ha=[-1.0, 0.0, 0.0]))


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda t: t.name)
def test_empty_frames_conform(table: Table) -> None:
    frame = table.empty(CRS) if table.geometry else table.empty()
    assert len(frame) == 0
    assert isinstance(frame, gpd.GeoDataFrame) == bool(table.geometry)
    pd.testing.assert_frame_equal(pd.DataFrame(table.conform(frame)), pd.DataFrame(frame))


def test_equal_texts_of_a_column_are_one_object() -> None:
    made = SITES.conform(sites(kind=pd.array(["plant", "outlet", "plant"], dtype="str")))
    assert made["kind"].dtype == object
    assert made["kind"].tolist() == ["outlet", "plant", "plant"], "rows follow the key"
    assert made["kind"][1] is made["kind"][2]
    owner = SITES.conform(sites(owner=pd.array(["A", None, "A"], dtype="str")))["owner"]
    assert pd.isna(owner[0])
    assert owner[1] is owner[2]


# Declarations ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda t: t.name)
def test_declarations_are_sound(table: Table) -> None:
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    for column in table.columns:
        assert table.column(column.name) is column
        assert not (column.kind == "bool" and column.null), f"{column.name}: bool has no missing value"
        assert not (column.choices and column.kind != "text"), column.name
        assert not (column.unique and column.null), column.name
        assert column.min is None or column.max is None or column.min < column.max


def test_names_of_tables_are_unique() -> None:
    assert ALL_TABLES == INPUT_TABLES + RESULT_TABLES
    assert len({t.name for t in ALL_TABLES}) == len(ALL_TABLES)


def test_markdown_is_the_dictionary() -> None:
    lines = SITES.to_markdown().splitlines()
    assert lines[0] == "### sites 用地"
    assert "Places. Key: site_id. Geometry: point." in lines
    assert "| area_ha | float | ha | Area | 面積 |" in lines
    assert "| kind | text |  | What it is One of: plant, outlet. | 種別 |" in lines
    assert "| owner | text or missing |  | Owner | 所有者 |" in lines
    assert "Geometry" not in PAIRS.to_markdown()
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 1 + len(SITES.columns)
