"""Cleaning: every row keeps a status, totals are conserved, order of rows does not matter."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from sewerzone import config as config_file
from sewerzone.errors import DataError
from sewerzone.io.read import read
from sewerzone.model import Inputs, Terrain
from sewerzone.stages.prepare import Cleaned, clean
from sewerzone.stages.prepare import geometry as shapes
from tests import village

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
real = pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
ROAD = village.line((0, 40), (180, 40))


def layer(geometry: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=village.CRS)


def inputs(
    buildings: gpd.GeoDataFrame | None = None, sections: dict[str, Any] | None = None, **layers: gpd.GeoDataFrame
) -> Inputs:
    """A study in memory; ``sections`` are settings, ``layers`` replace the empty ones."""
    data = {"study": {"crs": village.CRS}, "inputs": {"buildings": "b", "roads": "r", "terrain": "t"}, **(sections or {})}
    terrain = Terrain(
        np.zeros((2, 2), dtype=np.float32), (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), CRS.from_epsg(6678), CRS.from_epsg(6678)
    )
    frames = {name: layer([]) for name in ("served_areas", "districts", "barriers", "plants", "overrides")}
    frames |= {"roads": layer([ROAD]), **layers}
    homes = village.houses() if buildings is None else buildings
    return Inputs(config=config_file.parse(data), buildings=homes, terrain=terrain, **frames)


def cleaned(*args: Any, **kwargs: Any) -> Cleaned:
    return clean(inputs(*args, **kwargs))


def by_source(frame: gpd.GeoDataFrame, column: str) -> dict[str, Any]:
    return dict(zip(frame["source_id"], frame[column], strict=True))


def districts(**columns: Any) -> gpd.GeoDataFrame:
    """West and east half of the village: 6 houses each."""
    return layer([village.box(0, 0, 90, 80), village.box(90, 0, 190, 80)], **columns)


# --- buildings: status


def test_every_building_is_there_once_with_a_status():
    square = village.box(0, 0, 10, 10)
    turned = shapely.Polygon([*list(square.exterior.coords)[2:], *list(square.exterior.coords)[1:3]])
    frame = layer(
        [square, turned, village.box(20, 0, 22, 2), village.box(30, 0, 40, 10), village.box(50, 0, 60, 10),
         village.box(70, 0, 80, 10), None, shapely.Polygon(), village.box(90, 0, 92, 2), village.box(100, 0, 110, 10)],
        source_id=list("abcdefghij"), use=["house", "house", None, "普通無壁舎", "421", "411", None, None, None, "school"],
        dwellings=[np.nan] * 8 + [1.0, 2.0],
    )  # fmt: skip
    got = cleaned(frame).buildings
    assert by_source(got, "status") == {
        "a": "dwelling", "b": "duplicate", "c": "shed", "d": "wall_less", "e": "non_residential", "f": "dwelling",
        "g": "no_geometry", "h": "no_geometry", "i": "dwelling", "j": "dwelling",  # a column that says dwellings wins
    }  # fmt: skip
    assert got["building_id"].tolist() == list(range(10))
    nobody = got[got["status"] != "dwelling"]
    assert not nobody[["dwellings", "people", "tank_count", "tank_persons", "flow_mean_m3_per_d", "flow_hourly_l_per_s"]].any(
        axis=None
    )
    assert (got.loc[got["status"] == "dwelling", "people"] > 0).all()
    assert got["treatment"].unique().tolist() == ["none"]
    assert got["unit_id"].isna().all()


def test_numbers_as_use_match_codes():
    frame = village.houses(use=[421.0, np.nan] + [411.0] * 10)
    assert (cleaned(frame).buildings["status"] == "non_residential").sum() == 1


def test_no_dwellings_in_a_building_that_says_so():
    got = cleaned(village.houses(dwellings=[0.0] + [1.0] * 11)).buildings
    assert (got["status"] == "non_residential").sum() == 1


def test_flats_at_one_point_are_not_duplicates_but_double_deliveries_are():
    place = [shapely.Point(village.EAST_M + x, village.NORTH_M) for x in (0, 0, 0, 50, 50)]
    frame = layer(place, source_id=list("abbcd"), people=[2.0, 3.0, 3.0, np.nan, np.nan])
    got = cleaned(frame).buildings
    assert sorted(got["status"]) == ["duplicate", "duplicate", "dwelling", "dwelling", "dwelling"]
    assert got["people"].sum() == pytest.approx(2.0 + 3.0 + 2.2)


def test_invalid_polygons_are_repaired_and_counted():
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    spike = shapely.Polygon([(50, 0), (60, 0), (60, 10), (80, 10), (60, 10), (50, 10)])
    flat = shapely.Polygon([(90, 0), (95, 0), (90, 0), (90, 0)])
    before = [g.wkb for g in (bow_tie, spike, flat)]
    frame = layer([bow_tie, spike, flat], source_id=["bow", "spike", "flat"])
    out = cleaned(frame)
    assert out.buildings.is_valid.all()
    assert by_source(out.buildings, "status") == {"bow": "dwelling", "spike": "dwelling", "flat": "no_geometry"}
    area = dict(zip(out.buildings["source_id"], out.buildings.area, strict=True))
    assert area["bow"] == pytest.approx(50.0)
    assert area["spike"] == pytest.approx(100.0)
    assert "3 invalid polygons" in "".join(out.notes)
    assert [g.wkb for g in frame.geometry] == before


def test_multipoints_stand_for_one_place():
    frame = layer([shapely.MultiPoint([(0, 0)]), shapely.MultiPoint([(9, 0), (11, 0)])])
    got = cleaned(frame).buildings
    assert got.geom_type.tolist() == ["Point", "Point"]
    assert got["floor_area_m2"].tolist() == [0.0, 0.0]
    assert got["tank_persons"].tolist() == [5, 5]


# --- floor area and tanks


def test_floor_area_from_column_storeys_or_footprint():
    frame = village.houses(floor_area_m2=[200.0] + [np.nan] * 11, storeys=[3, 2, 9999, -9999] + [np.nan] * 8)
    out = cleaned(frame)
    area = [by_source_row(out.buildings, frame, i)["floor_area_m2"] for i in range(5)]
    assert area == [200.0, 200.0, 100.0, 100.0, 100.0]
    assert any("storeys" in n and "unknown" in n for n in out.notes)


def test_floor_area_from_height_where_storeys_are_unknown():
    """Whole storeys that fit: 8.9 m are two of 3 m, 2 m still one; storeys given win; -9999 is unknown."""
    frame = village.houses(height_m=[8.9, 2.0, 12.0, -9999, 9.0] + [np.nan] * 7, storeys=[np.nan, np.nan, 2] + [np.nan] * 9)
    got = cleaned(frame, {"prepare": {"storey_height_m": 3.0}}).buildings
    assert [by_source_row(got, frame, i)["floor_area_m2"] for i in range(6)] == [200.0, 100.0, 200.0, 100.0, 300.0, 100.0]
    unasked = cleaned(frame).buildings  # many files carry a default by class for height
    assert [by_source_row(unasked, frame, i)["floor_area_m2"] for i in range(6)] == [100.0, 100.0, 200.0, 100.0, 100.0, 100.0]


def test_people_go_by_floor_area_of_storeys_from_heights():
    frame = village.houses(height_m=[6.0] * 3 + [3.0] * 9)
    got = cleaned(
        frame, {"prepare": {"spread_people_by": "floor_area", "storey_height_m": 3.0}}, districts=districts(people=[90.0, 60.0])
    ).buildings
    west = got[got["district_id"] == 0]
    per_m2 = west["people"] / west["floor_area_m2"]
    assert per_m2.to_numpy() == pytest.approx(np.full(6, per_m2.iloc[0]))
    assert set(west["floor_area_m2"]) == {100.0, 200.0}
    assert got["people"].sum() == 150.0


def by_source_row(got: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, row: int) -> pd.Series[Any]:
    """The cleaned row that stands where a row of the input stood."""
    return got[got.geometry.geom_equals(frame.geometry.iloc[row])].iloc[0]


def test_tanks_and_existing_tanks():
    frame = village.houses(
        floor_area_m2=[130.0, 131.0, 300.0] + [90.0] * 9,
        dwellings=[1.0, 1.0, 5.0] + [1.0] * 9,
        existing_tanks=[1.0] + [np.nan] * 11,
    )
    got = cleaned(frame).buildings
    first = [by_source_row(got, frame, i) for i in range(3)]
    assert [(r["tank_persons"], r["tank_count"]) for r in first] == [(5, 1.0), (7, 1.0), (10, 3.0)]
    assert first[0]["existing_tank_count"] == 1.0
    assert got["existing_tank_count"].sum() == 1.0


def test_flows_follow_people():
    got = cleaned(village.houses(people=[4.0] * 12)).buildings
    assert got["flow_mean_m3_per_d"].to_numpy() == pytest.approx(np.full(12, 4 * 0.475))
    assert got["flow_max_m3_per_d"].to_numpy() == pytest.approx(np.full(12, 4 * 0.6))
    assert got["flow_hourly_l_per_s"].to_numpy() == pytest.approx(np.full(12, 4 * 850 / 86400))


# --- people and dwellings


def test_people_from_a_constant():
    got = cleaned(sections={"prepare": {"people_per_dwelling": 2.5, "dwellings_per_building": 1.2}}).buildings
    assert got["dwellings"].tolist() == [1.2] * 12
    assert got["people"].to_numpy() == pytest.approx(np.full(12, 3.0))
    assert got["district_id"].isna().all()


def test_people_from_a_column_with_gaps():
    out = cleaned(village.houses(people=["3", "２", "1,000", None] + ["1"] * 8))
    assert sorted(out.buildings["people"]) == [1.0] * 8 + [2.0, 2.2, 3.0, 1000.0]
    assert any("1 homes have no value" in n for n in out.notes)


def test_people_of_district_polygons_over_dwellings_or_floor_area():
    frame = village.houses(floor_area_m2=[100.0, 300.0, 100.0, 100.0, 100.0, 100.0] * 2)
    west = frame.geometry.centroid.x < village.EAST_M + 90
    halves = districts(people=[30.0, 7.0], name=["w", "e"])
    even = cleaned(frame, districts=halves).buildings
    assert even["people"].to_numpy()[even["district_id"] == 0] == pytest.approx(np.full(6, 5.0))
    area = cleaned(frame, {"prepare": {"spread_people_by": "floor_area"}}, districts=halves).buildings
    assert sorted(area.loc[area["district_id"] == 0, "people"]) == pytest.approx([3.0] * 4 + [9.0] * 2)
    assert area["people"].sum() == pytest.approx(37.0, abs=1e-9)
    assert west.sum() == 6


def test_dwellings_of_districts_are_spread_too():
    got = cleaned(districts=districts(people=[30.0, 12.0], dwellings=[12.0, 6.0])).buildings
    assert got["dwellings"].tolist() == [2.0 if d == 0 else 1.0 for d in got["district_id"]]
    assert got["people"].sum() == pytest.approx(42.0)
    assert set(got.loc[got["district_id"] == 0, "tank_persons"]) == {10}


def test_points_stand_for_the_nearest_houses():
    spots = [
        village.box(0, 0, 60, 80).centroid,
        village.box(70, 0, 180, 80).centroid,
        shapely.Point(village.EAST_M, village.NORTH_M + 9e4),
    ]
    out = cleaned(districts=layer(spots, people=[8.0, 40.0, 999.0]))
    got = out.buildings
    assert got["people"].sum() == pytest.approx(48.0)
    x = got.geometry.centroid.x - village.EAST_M
    assert got.loc[x < 77, "people"].to_numpy() == pytest.approx(np.full(6, 8 / 6))
    assert any("999 people hold no building" in n for n in out.notes)


def test_people_of_a_district_of_sheds_go_to_the_nearest_homes_district():
    frame = village.houses(use=["shed" if x < village.EAST_M + 90 else None for x in village.house_places()[:, 0]])
    out = cleaned(frame, districts=districts(people=[30.0, 7.0], name=["w", "e"]))
    assert out.buildings["people"].sum() == pytest.approx(37.0)
    assert any("30 people have no home in them" in n and "(w)" in n for n in out.notes)


def test_empty_homes_are_taken_off_the_constant_only():
    """A share of the district wins over the setting; households given are lived in."""
    setting = {"prepare": {"vacant_share": 0.5}}
    got = cleaned(sections=setting, districts=districts(vacant_share=[0.2, np.nan])).buildings
    assert sorted(got["dwellings"]) == pytest.approx([0.5] * 6 + [0.8] * 6)
    assert got["people"].to_numpy() == pytest.approx(2.2 * got["dwellings"].to_numpy())
    shares = districts(vacant_share=[0.2, 0.3], people=[30.0, 12.0])
    got = cleaned(sections=setting, districts=shares).buildings
    assert got["people"].sum() == pytest.approx(42.0, abs=1e-9)
    assert got["dwellings"].sum() == pytest.approx(6 * 0.8 + 6 * 0.7)
    counted = districts(vacant_share=[0.2, 0.3], people=[30.0, 12.0], dwellings=[9.0, 5.0])
    assert cleaned(sections=setting, districts=counted).buildings["dwellings"].sum() == pytest.approx(14.0)
    own = cleaned(village.houses(dwellings=[2.0] * 12), setting, districts=shares).buildings
    assert own["dwellings"].tolist() == [2.0] * 12
    with pytest.raises(DataError, match="not per cent"):
        cleaned(districts=districts(vacant_share=[13.0, 9.0]))


def test_people_of_a_district_without_figure_take_the_constant():
    out = cleaned(districts=districts(people=[30.0, np.nan]))
    assert out.buildings["people"].sum() == pytest.approx(30.0 + 6 * 2.2)
    assert any("without a figure" in n for n in out.notes)


def test_districts_without_any_figure_of_people_are_told():
    assert any("no district has a figure" in note for note in cleaned(districts=districts(dwellings=[6.0, 6.0])).notes)
    assert not any("no district has a figure" in note for note in cleaned(village.houses(people=[2] * 12)).notes)
    assert not any("no district has a figure" in note for note in cleaned(districts=districts(people=[30.0, np.nan])).notes)


def test_buildings_outside_all_districts_take_the_nearest():
    out = cleaned(districts=layer([village.box(0, 0, 50, 80), village.box(50, 0, 100, 80)], people=[5.0, 6.0]))
    assert out.buildings["people"].sum() == pytest.approx(11.0)
    assert any("lie in none and take the nearest" in n for n in out.notes)


def test_districts_by_name():
    frame = village.houses(district=["n", "s"] * 6)
    got = cleaned(frame, districts=districts(people=[24.0, 12.0], name=["n", "s"])).buildings
    assert sorted(got["people"]) == pytest.approx([2.0] * 6 + [4.0] * 6)


def test_parts_of_one_district_share_its_people():
    """Census small areas: the whole population stands on one part, the others carry 0."""
    parts = districts(code=["31201001", "31201001"], people=[0.0, 24.0], name=["a", "a"])
    out = cleaned(districts=parts)
    assert out.buildings["people"].to_numpy() == pytest.approx(np.full(12, 2.0))
    assert len(out.districts) == 1
    assert out.districts.area.sum() == pytest.approx(190 * 80)
    assert any("2 rows share 1 codes" in n for n in out.notes)


def test_crowded_districts_are_named():
    out = cleaned(districts=districts(people=[900.0, 9.0], name=["w", "e"]))
    assert any("w: 900 on 6" in n for n in out.notes)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_totals_are_conserved_and_rows_may_be_shuffled(data: st.DataObject):
    """Any houses, any districts that each hold a building: the people sum to theirs, whatever the order of rows."""
    number = data.draw(st.integers(3, 25))
    grid = st.tuples(st.integers(0, 40), st.integers(0, 20))
    corner = data.draw(st.lists(grid, min_size=number, max_size=number, unique=True))
    side = data.draw(st.lists(st.sampled_from([3.0, 5.0, 10.0]), min_size=number, max_size=number))
    frame = layer([village.box(25 * x, 25 * y, 25 * x + s, 25 * y + s) for (x, y), s in zip(corner, side, strict=True)])
    frame["use"] = data.draw(st.lists(st.sampled_from([None, None, "school", "roof"]), min_size=number, max_size=number))
    areas_m2 = data.draw(st.lists(st.sampled_from([np.nan, 50.0, 333.3]), min_size=number, max_size=number))
    if not np.isnan(areas_m2).all():  # a column without any value is refused, and tested elsewhere
        frame["floor_area_m2"] = areas_m2
    if not cleanable(frame):
        return
    cuts = sorted(data.draw(st.sets(st.integers(1, 40), max_size=4)))
    edges = [0, *(25 * c - 1 for c in cuts), 1100]
    strips = [village.box(a, -1, b, 600) for a, b in pairwise(edges)]
    holds = [bool(frame.representative_point().within(s).any()) for s in strips]
    people = data.draw(st.lists(st.floats(0, 5000), min_size=len(strips), max_size=len(strips)))
    if data.draw(st.booleans()):
        strips = [s.centroid for s in strips]
    areas = layer(strips, people=people, code=[f"{k}" for k in range(len(strips))])
    choice = {"prepare": {"spread_people_by": data.draw(st.sampled_from(["dwellings", "floor_area"]))}}
    out = cleaned(frame, choice, districts=areas)
    if areas.geom_type.iloc[0] == "Polygon":
        assert out.buildings["people"].sum() == pytest.approx(
            sum(p for p, h in zip(people, holds, strict=True) if h), rel=1e-9, abs=1e-9
        )
    seed = data.draw(st.integers(0, 99))
    again = cleaned(frame.sample(frac=1, random_state=seed), choice, districts=areas.sample(frac=1, random_state=seed + 1))
    assert_same(out, again)


@pytest.mark.parametrize(
    ("codes", "order"),
    [
        (None, ["c", "a", "b"]), (["10", "9", "A"], ["a", "c", "b"]), ([10, 9, 101], ["a", "c", "b"]),
        (["3", None, "1"], ["c", "a", "b"]),
    ],
)  # fmt: skip
def test_districts_stand_in_the_order_of_their_codes_or_of_their_rows(codes: Any, order: list[str]) -> None:
    """Without a code for each, rows of the file; houses are with the district they lie in either way."""
    strips = [village.box(50 * k, -10, 50 * k + 50, 90) for k in (2, 0, 1)]
    areas = layer(strips, name=["c", "a", "b"], people=[30.0, 10.0, 20.0], **({} if codes is None else {"code": codes}))
    frame = layer([village.box(50 * k + 5, 0, 50 * k + 15, 10) for k in range(3)])
    out = cleaned(frame, districts=areas)
    assert out.districts["name"].tolist() == order
    assert out.districts["district_id"].tolist() == [0, 1, 2]
    assert out.buildings["people"].tolist() == pytest.approx([10.0, 20.0, 30.0])
    held = out.buildings["district_id"].map(out.districts["name"])
    assert held.tolist() == ["a", "b", "c"]
    if codes is not None:
        told = dict(zip(areas["name"], codes, strict=True))
        assert out.districts["code"].fillna("none").tolist() == [str(told[n] or "none") for n in order]


def test_parts_of_one_district_take_the_place_of_the_first() -> None:
    strips = [village.box(50 * k, -10, 50 * k + 50, 90) for k in (2, 0, 1)]
    areas = layer(strips, name=["c", "a", "b"], people=[30.0, 10.0, 0.0], code=["7", None, "7"])
    frame = layer([village.box(50 * k + 5, 0, 50 * k + 15, 10) for k in range(3)])
    out = cleaned(frame, districts=areas)
    assert out.districts["code"].fillna("none").tolist() == ["7", "none"]
    assert out.buildings["district_id"].tolist() == [1, 0, 0]


def cleanable(frame: gpd.GeoDataFrame) -> bool:
    return bool(((frame.area >= 20) & frame["use"].isna()).any())


def assert_same(one: Cleaned, other: Cleaned) -> None:
    for a, b in zip(one[:-1], other[:-1], strict=True):
        assert_geodataframe_equal(a, b)
        assert (shapely.to_wkb(a.geometry.to_numpy()) == shapely.to_wkb(b.geometry.to_numpy())).all()


# --- other layers


def test_served_buildings():
    got = cleaned(served_areas=layer([village.box(0, 0, 35, 80)], name=["west"]))
    assert got.buildings["is_served"].sum() == 2
    assert got.served_areas["name"].tolist() == ["west"]
    assert not cleaned().buildings["is_served"].any()


def test_kinds_weights_and_status_of_roads():
    lines = [village.line((0, y), (50, y)) for y in range(8)]
    roads = layer(
        [*lines, lines[0].reverse(), None, village.line((3, 3), (3, 3))],
        highway=["motorway", "residential", "steps", "primary", "primary", None, "residential", "path", "motorway", None, None],
        bridge=[None, "yes", None, None, "no", None, None, None, None, None, None],
        N13_004=[None, None, None, None, None, "3", 3, 1, None, None, None],
        width_m=[18.0, 6, 6, 6, 6, 6, 6, 2.5, 18, 6, 6],
    )
    rules = [
        {"column": "width_m", "values": [2.5], "kind": "steps"},
        {"column": "width_m", "values": ["2.50"], "kind": "tunnel"},
    ]
    default = [rule.model_dump() for rule in config_file.OSM_AND_KSJ_KINDS]
    got = cleaned(roads=roads, sections={"network": {"kinds": [*default, *rules]}}).roads
    y = shapely.get_y(shapely.get_point(got.geometry.to_numpy(), 0)) - village.NORTH_M
    first = (
        got[got["status"].isin(["usable", "unusable"])].assign(y=y[got["status"].isin(["usable", "unusable"])]).sort_values("y")
    )
    assert first["kind"].tolist() == ["motorway", "bridge", "steps", "major", "major", "tunnel", "tunnel", "steps"]
    assert first["status"].tolist() == ["unusable", "unusable", "usable", "usable", "usable", "unusable", "unusable", "usable"]
    assert first["weight"].tolist() == [1.0, 1.0, 2.0, 1.2, 1.2, 1.0, 1.0, 2.0]
    assert sorted(got["status"]) == ["duplicate", "no_geometry", "no_geometry", *["unusable"] * 4, *["usable"] * 4]


def test_of_two_like_lines_the_usable_one_stays():
    got = cleaned(roads=layer([ROAD, ROAD.reverse()], bridge=["yes", None])).roads
    assert dict(zip(got["status"], got["kind"], strict=True)) == {"usable": "ordinary", "duplicate": "bridge"}


def test_plants_and_overrides():
    spot = shapely.Point(village.EAST_M, village.NORTH_M)
    got = cleaned(
        plants=layer([spot, spot], name=["B", "A"], invert_elev_m=[-1.5, np.nan]),
        overrides=layer([village.box(0, 0, 9, 9)], kind=["keep_together"]),
    )
    assert got.plants["name"].tolist() == ["A", "B"]
    assert got.plants["kind"].tolist() == ["plant", "plant"]
    assert got.plants["invert_elev_m"].iloc[1] == -1.5  # below datum is a place, not a mistake
    assert got.overrides["kind"].tolist() == ["keep_together"]


def test_caller_frames_are_left_alone():
    study = inputs(village.houses(use=[421.0] * 6 + [None] * 6), districts=districts(people=["1", "2"]))
    before = {
        f.name: getattr(study, f.name)
        for f in dataclasses.fields(study)
        if isinstance(getattr(study, f.name), gpd.GeoDataFrame)
    }
    copies = {name: frame.copy(deep=True) for name, frame in before.items()}
    clean(study)
    for name, frame in before.items():
        assert_geodataframe_equal(frame, copies[name])


def test_large_buildings_of_unknown_use_are_noted():
    homes = [village.box(0, 0, 10, 10), village.box(20, 0, 60, 30), village.box(80, 0, 130, 30)]
    wanted = (
        "buildings: 2 of 3 dwellings have footprints over 1,000 m2 (largest 1,500 m2) and no column `use` tells them from "
        "schools or factories; each counts like a house: map a use or dwellings column"
    )
    assert wanted in cleaned(layer(homes)).notes
    for known in (layer(homes, use=["411", "411", None]), layer(homes, dwellings=[1, 20, 30]), layer(homes[:1])):
        assert not any("footprint" in note for note in cleaned(known).notes)


def test_problems_name_the_rows():
    frame = village.houses(people=[1.0, -2.0] + [1.0] * 10).drop(columns="fid_text")
    with pytest.raises(DataError, match=r"buildings\.people \(b\): 1 value is below 0: -2\.0 \(row 1\)"):
        cleaned(frame)


def test_shapes_are_alike_wherever_their_ring_starts():
    box = [(0, 0), (2, 0), (2, 1), (0, 1)]
    other = [(0, 0), (2, 0), (2, 1), (0, 1), (1, 0.5)]
    like_it = [(0, 0), (2, 0), (2, 1), (0, 1), (0.5, 0.5)]  # of the same extent and number of corners
    polygons = [shapely.Polygon(ring) for ring in (box, box[2:] + box[:2], other, like_it, box[::-1])]
    geometry = np.array([None, *polygons, shapely.Polygon(), shapely.Point(1, 1), shapely.Point(1, 1)], dtype=object)
    key = shapes.shape_keys(geometry)
    assert key.tolist() == [shapes.NO_SHAPE, 1, 1, 3, 4, 1, shapes.NO_SHAPE, 7, 7]
    assert np.flatnonzero(shapes.repeats(key)).tolist() == [2, 5, 8]
    assert np.flatnonzero(shapes.repeats(key, [np.array([0, 1, 2, 3, 4, 1, 0, 5, 6])])).tolist() == [5]


def test_canonical_order_separates_what_lies_at_one_place():
    place = shapely.Point(3, 4)
    geometry = np.array([place.buffer(2), place, place.buffer(1), None, place], dtype=object)
    ties = (np.array([0, 7, 0, 0, 5]),)
    order = shapes.canonical_order(geometry, ties)
    assert order.tolist() == [4, 1, 2, 0, 3]
    assert shapes.canonical_order(geometry[::-1], (ties[0][::-1],)).tolist() == (4 - order).tolist()


# --- real data


def sendai() -> Inputs:
    folder = SHARED / "jp_sendai_osm_gsi"
    file = "sendai_west_fringe.gpkg"
    towns = {"path": file, "layer": "population_town_2020_pts", "columns": {"people": "total_pop", "name": "town_name"}}
    data = {
        "study": {"crs": "EPSG:6678"},
        "inputs": {
            "buildings": f"{file}:buildings", "roads": f"{file}:roads", "terrain": "sendai_west_fringe_dem.tif",
            "served_areas": f"{file}:did_2020", "districts": towns, "barriers": f"{file}:waters",
        },
    }  # fmt: skip
    return read(config_file.parse(data), folder)


@real
def test_sendai_accounts_for_all_buildings_and_people():
    study = sendai()
    out = clean(study)
    assert len(out.buildings) == 5182
    assert out.buildings["status"].value_counts().to_dict() == {"dwelling": 5027, "shed": 155}
    assert out.buildings["people"].sum() == pytest.approx(17_009.0, abs=1e-9)
    assert out.buildings["is_served"].mean() == pytest.approx(0.571, abs=0.001)
    towns = out.buildings.groupby("district_id")["people"].sum()
    assert towns.to_numpy() == pytest.approx(out.districts["people"].to_numpy()[towns.index], abs=1e-9)
    names = ("buildings", "roads", "districts", "served_areas", "barriers")
    study = dataclasses.replace(study, districts=study.districts.assign(code=study.districts["name"]))
    out = clean(study)
    shuffled = dataclasses.replace(study, **{n: getattr(study, n).sample(frac=1, random_state=5) for n in names})
    assert_same(out, clean(shuffled))


@real
def test_yaizu_zones_are_repaired():
    from sewerzone.config import Layer
    from sewerzone.io.read import read_layer

    path = "都市計画図_第一種住居地域/第一種住居地域.shp"
    raw, _ = read_layer(Layer(path=path), SHARED / "jp_yaizu_opendata", CRS.from_epsg(6676), "served_areas")
    out = cleaned(served_areas=raw.set_crs(village.CRS, allow_override=True))
    assert out.served_areas.is_valid.all()
    assert len(out.served_areas) == len(raw)
    assert "2 invalid polygons" in "".join(out.notes)
    assert out.served_areas.union_all().area > 0
