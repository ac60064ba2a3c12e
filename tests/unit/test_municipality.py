"""One municipality of layers that cover many: every building in exactly one, whatever the borders, files and systems."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from sewerzone import config as config_file
from sewerzone.config import Config
from sewerzone.errors import ConfigError, CRSError, DataError
from sewerzone.io import geoparquet
from sewerzone.io.accounting import account, list_municipalities
from sewerzone.io.municipality import NOWHERE, Areas, read_areas
from sewerzone.io.read import read
from sewerzone.io.study import write_sample
from sewerzone.samples import town

METRIC = "EPSG:6676"
CODES = ("22201", "22202", "22203", "22204")


# Whose a place is -----------------------------------------------------------------------------------------------------


def areas_of(shapes: list[Any], codes: list[str], crs: str = METRIC) -> Areas:
    order = np.argsort(codes, kind="stable")
    names, of = np.unique(np.array(codes)[order], return_inverse=True)
    held = np.array(shapes, dtype=object)[order]
    return Areas(names.astype(object), names.astype(object), held, of.astype(np.int64), CRS.from_user_input(crs), 1.0, ())


whole = st.integers(0, 12)


@settings(deadline=None, max_examples=60)
@given(
    cuts_x=st.lists(whole, min_size=1, max_size=4, unique=True),
    cuts_y=st.lists(whole, min_size=1, max_size=4, unique=True),
    points=st.lists(st.tuples(whole, whole), min_size=1, max_size=40),
    order=st.randoms(use_true_random=False),
)
def test_borders_through_building_points_leave_each_building_in_one_municipality(
    cuts_x: list[int], cuts_y: list[int], points: list[tuple[int, int]], order: Any
) -> None:
    xs, ys = sorted({-1, *cuts_x, 13}), sorted({-1, *cuts_y, 13})
    cells = [
        shapely.box(a, c, b, d) for a, b in pairwise(xs) for c, d in pairwise(ys)
    ]  # fmt: skip
    codes = [f"{22201 + k % 5}" for k in range(len(cells))]
    houses = np.array([shapely.Point(p) for p in points], dtype=object)
    areas = areas_of(cells, codes)
    owner, is_shared = areas.owners(houses, areas.crs)
    assert (owner != NOWHERE).all()
    for place, mine, shared in zip(points, owner, is_shared, strict=True):
        holding = {c for c, cell in zip(codes, cells, strict=True) if cell.intersects(shapely.Point(place))}
        assert areas.codes[mine] == min(holding)
        assert shared == (len(holding) > 1)
    shuffled = list(range(len(cells)))
    order.shuffle(shuffled)
    again = areas_of([cells[k] for k in shuffled], [codes[k] for k in shuffled])
    one_by_one = [again.owners(houses[k : k + 1], areas.crs)[0][0] for k in range(len(houses))]
    assert one_by_one == owner.tolist()


def test_degrees_are_compared_without_a_digit_lost(tmp_path: Path) -> None:
    edge = 138.1234567890123
    cells = [shapely.box(138.0, 35.0, edge, 35.5), shapely.box(edge, 35.0, 138.5, 35.5)]
    frame = gpd.GeoDataFrame({"N03_007": ["22202", "22201"]}, geometry=cells, crs="EPSG:6668")
    frame.to_file(tmp_path / "n03.gpkg", layer="n03")
    areas = read_areas(config_of({"boundary": "n03.gpkg"}).municipality, tmp_path)
    near = [np.nextafter(edge, 0.0), edge, np.nextafter(edge, 180.0)]
    owner, is_shared = areas.owners(shapely.points(near, 35.2), areas.crs)
    assert areas.codes[owner].tolist() == ["22202", "22201", "22201"]
    assert is_shared.tolist() == [False, True, False]


def config_of(municipality: dict[str, Any], **inputs: Any) -> Config:
    data = {"study": {"crs": METRIC}, "inputs": {"buildings": "b", "roads": "r", "terrain": "t", **inputs}}
    return config_file.parse({**data, "municipality": municipality})


# Reading one of four --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town cut in four through houses, one part of it in no municipality, and its buildings in several formats."""
    directory = tmp_path_factory.mktemp("town")
    write_sample(town(300, 3), directory, force=True)
    houses = gpd.read_file(directory / "town.gpkg", layer="buildings")
    west, south, east, north = houses.total_bounds
    middle = shapely.get_coordinates(houses.representative_point().to_numpy())[len(houses) // 2]
    x, y = middle.round(2)
    cells = [
        shapely.box(west - 9, south - 9, x, y), shapely.box(x, south - 9, east + 9, y),
        shapely.box(west - 9, y, x, north + 9), shapely.box(x, y, east - 150, north + 9),
    ]  # fmt: skip
    frame = gpd.GeoDataFrame(
        {"N03_003": [None, "駿河郡", None, None], "N03_004": ["西市", "東町", "北市", "奥市"], "N03_007": CODES},
        geometry=cells, crs=houses.crs,
    )  # fmt: skip
    frame.to_crs(6668).to_file(directory / "n03.gpkg", layer="n03")
    mixed = houses.sample(frac=1.0, random_state=1)
    mixed.to_parquet(directory / "covered.parquet", write_covering_bbox=True, row_group_size=50)
    mixed.to_crs(6668).to_parquet(directory / "plain.parquet", row_group_size=50)
    mixed.to_file(directory / "houses.fgb")
    mixed.to_file(directory / "houses.shp", encoding="utf-8")
    return directory


def study(place: Path, *changes: str) -> Config:
    return config_file.load(place / "study.toml", ('municipality.boundary="n03.gpkg"', *changes))


def source(name: str) -> str:
    return f'inputs.buildings={{path="{name}", columns={{source_id="id"}}}}'


@pytest.mark.parametrize("name", ["town.gpkg", "covered.parquet", "plain.parquet", "houses.fgb", "houses.shp"])
def test_every_building_is_read_by_one_municipality_or_listed_as_outside(place: Path, name: str) -> None:
    layer = () if name == "town.gpkg" else (source(name),)
    total = account(study(place, *layer), place)
    read_ids: list[str] = []
    for code, buildings in total.municipalities[["code", "buildings"]].itertuples(index=False):
        inputs = read(study(place, f"municipality.code={code}", *layer), place)
        ids = pd.to_numeric(inputs.buildings["source_id"]).astype(int).astype(str).tolist()
        assert len(ids) == buildings == inputs.municipality["buildings"]["own"]
        read_ids += ids
    outside = pd.to_numeric(total.outside["id"]).astype(int).astype(str).tolist()
    every = gpd.read_file(place / "town.gpkg", layer="buildings")["id"].astype(str)
    assert sorted(read_ids + outside) == sorted(every)
    assert total.buildings == len(every)
    assert len(outside) > 0
    assert set(total.outside["why"]) == {"outside"}


def test_formats_and_systems_agree_whose_a_building_is(place: Path) -> None:
    tables = [account(study(place, *x), place) for x in ((), (source("covered.parquet"),), (source("houses.fgb"),))]
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0].municipalities, other.municipalities)
        assert sorted(tables[0].outside["id"]) == sorted(other.outside["id"])


def test_what_lies_across_the_border_counts_within_the_halo_only(place: Path) -> None:
    read_with = {halo: read(study(place, "municipality.code=22201", f"municipality.halo_m={halo}"), place) for halo in (0, 300)}
    areas = read_areas(study(place).municipality, place)
    own = gpd.GeoSeries(areas.whole(0), crs=areas.crs).to_crs(METRIC).union_all()
    roads = gpd.read_file(place / "town.gpkg", layer="roads").geometry
    for halo, inputs in read_with.items():
        away = roads.distance(own)
        assert int((away < halo - 1).sum()) <= len(inputs.roads) <= int((away <= halo + 6).sum())
        assert inputs.roads.distance(own).max() <= halo + 6
        assert inputs.municipality["roads"] == {"within_halo": len(inputs.roads), "in_file": len(roads)}
        height = inputs.terrain.elevation_m.shape[0] * 10
        assert height < 2 * halo + (own.bounds[3] - own.bounds[1]) + 100
    assert len(read_with[300].roads) > len(read_with[0].roads)
    assert len(read_with[300].buildings) == len(read_with[0].buildings)


def test_the_study_carries_the_name_of_the_municipality_and_codes_are_read_in_any_spelling(place: Path) -> None:
    for code in ("22202", '"22202"', "222020"):
        inputs = read(study(place, f"municipality.code={code}"), place)
        assert inputs.config.study.name == "見本町 駿河郡東町"
        assert inputs.municipality["name"] == "駿河郡東町"


def test_municipalities_are_listed_with_their_buildings_and_bounds(place: Path) -> None:
    exact = account(study(place), place).municipalities
    listed = list_municipalities(study(place), place)
    assert listed["buildings"].tolist() == exact["buildings"].tolist()
    quick = list_municipalities(study(place, source("covered.parquet")), place)
    assert (quick["buildings"] - exact["buildings"]).abs().max() <= 3
    assert quick["code"].tolist() == list(CODES)
    assert (quick["area_km2"] > 0).all()
    assert list_municipalities(study(place), place, count="no")["buildings"].sum() == 0


def test_places_that_cannot_be_told_are_refused(place: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"22299.*22201 西市"):
        read(study(place, "municipality.code=22299"), place)
    with pytest.raises(ConfigError, match=r"municipality\.field.*'CITY'.*N03_007"):
        read(study(place, "municipality.code=22201", "municipality.field=CITY"), place)
    with pytest.raises(ConfigError, match=r"municipality\.boundary is not given"):
        read(config_file.load(place / "study.toml", ("municipality.code=22201",)), place)
    nowhere = gpd.GeoDataFrame({"code": ["1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=METRIC)
    nowhere.to_file(tmp_path / "far.gpkg")
    with pytest.raises(DataError, match="no buildings in 00001"):
        read(study(place, f'municipality.boundary="{tmp_path / "far.gpkg"}"', "municipality.code=1"), place)
    nowhere.set_geometry(nowhere.boundary).to_file(tmp_path / "line.gpkg")
    with pytest.raises(DataError, match="no polygons"):
        read(study(place, f'municipality.boundary="{tmp_path / "line.gpkg"}"', "municipality.code=1"), place)
    gpd.GeoDataFrame({"code": ["1"]}, geometry=[shapely.box(0, 0, 1, 1)]).to_file(tmp_path / "bare.gpkg")
    with pytest.raises(CRSError, match="no coordinate reference system"):
        read_areas(config_of({"boundary": "bare.gpkg"}).municipality, tmp_path)


# GeoParquet by place --------------------------------------------------------------------------------------------------


def test_geoparquet_reads_the_rows_that_meet_a_box_and_no_others(place: Path) -> None:
    for name in ("covered.parquet", "plain.parquet"):
        every = gpd.read_parquet(place / name)
        west, south, east, north = every.total_bounds
        box = (west, south, (west + east) / 2, (south + north) / 2)
        found = geoparquet.read(str(place / name), ["id", "use"], box)
        bounds = every.bounds
        meets = (bounds["minx"] <= box[2]) & (bounds["miny"] <= box[3])
        # Single-precision boxes are rounded outwards: they may meet where the shape just does not.
        assert set(every.loc[meets, "id"]) <= set(found["id"])
        assert len(found) <= meets.sum() + 2
        assert found.crs == every.crs
        same = every.set_index("id").loc[found["id"]].geometry.to_numpy()
        assert shapely.equals_exact(found.geometry.to_numpy(), same).all()
        assert not len(geoparquet.read(str(place / name), ["id"], (0.0, 0.0, 1.0, 1.0)))
