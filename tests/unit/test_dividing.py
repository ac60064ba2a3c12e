"""People of districts that borders of municipalities cut: none lost, none twice, shared out by houses."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from sewerzone import config as config_file
from sewerzone.config import Config, Layer
from sewerzone.io import dividing
from sewerzone.io.layers import read_layer
from sewerzone.io.municipality import part_of
from sewerzone.io.people import history_of
from sewerzone.io.prefecture import BUILDINGS_NAME, write_prefecture
from sewerzone.io.read import read
from sewerzone.stages import prepare
from sewerzone.stages.prepare.layers import HAS_HOUSES, SHARE

METRIC = "EPSG:6676"
ORIGIN = np.array([1000.0, 2000.0])
Points = NDArray[np.float64]

# A whole prefecture ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prefecture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small prefecture with squares of a mesh as districts, in degrees, and its buildings in another file format."""
    place = tmp_path_factory.mktemp("prefecture")
    write_prefecture(800, 4, 5, place, force=True)
    houses = gpd.read_parquet(place / BUILDINGS_NAME)
    inside = houses.representative_point().to_crs(6668)
    dx, dy = 1 / 160, 1 / 240
    column, row = np.floor(inside.x / dx).astype(int), np.floor(inside.y / dy).astype(int)
    held = pd.DataFrame({"column": column, "row": row}).value_counts().sort_index()
    x, y = (held.index.get_level_values(k).to_numpy(float) for k in ("column", "row"))
    cells = shapely.box(x * dx, y * dy, (x + 1) * dx, (y + 1) * dy)
    squares = {"name": [f"m{k}" for k in range(len(held))], "people": 3 * held.to_numpy() + 1}
    gpd.GeoDataFrame(squares, geometry=cells, crs=6668).to_file(place / "mesh.gpkg", layer="mesh")
    houses.to_crs(6668).to_file(place / "houses.fgb")
    return place


@pytest.mark.parametrize("houses", [BUILDINGS_NAME, "houses.fgb"])
@pytest.mark.parametrize("districts", ["mesh.gpkg:mesh", "layers.gpkg:districts"])
def test_people_of_all_municipalities_are_those_of_the_districts(prefecture: Path, districts: str, houses: str) -> None:
    path, layer = districts.split(":")
    given = gpd.read_file(prefecture / path, layer=layer).groupby("name")["people"].sum()
    changes = (f'inputs.districts="{districts}"', f'inputs.buildings="{houses}"', 'municipality.boundary="boundaries.gpkg"')
    everyone, of_districts, divided = 0.0, [], 0
    for code in gpd.read_file(prefecture / "boundaries.gpkg")["N03_007"]:
        config = config_file.load(prefecture / "study.toml", (*changes, f'municipality.code="{code}"'))
        inputs = read(config, prefecture)
        clean = prepare.clean(inputs)
        everyone += clean.buildings["people"].sum()
        of_districts.append(clean.districts.set_index("name")["people"])
        divided += inputs.municipality["districts"]["divided"]
    assert everyone == pytest.approx(given.sum(), abs=1e-6)
    sums = pd.concat(of_districts).groupby(level=0).sum()
    pd.testing.assert_series_equal(sums, given.astype(float), check_names=False)
    assert divided > 1 or "mesh" not in districts


# Houses and districts by hand -----------------------------------------------------------------------------------------


def world(place: Path, houses: Points, districts: list[shapely.Geometry], crs: str = METRIC) -> dict[str, Config]:
    """Two municipalities, west and east of x = 100, houses of 6 m round points, and districts of 100 people each."""
    cells = shapely.transform(np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]), lambda xy: xy + ORIGIN)
    gpd.GeoDataFrame({"code": ["22101", "22102"]}, geometry=cells, crs=METRIC).to_file(place / "border.gpkg")
    x, y = (houses + ORIGIN).T
    gpd.GeoDataFrame(geometry=shapely.box(x - 3, y - 3, x + 3, y + 3), crs=METRIC).to_file(place / "houses.gpkg")
    shapes = shapely.transform(np.array(districts, dtype=object), lambda xy: xy + ORIGIN)
    frame = gpd.GeoDataFrame({"name": range(len(shapes)), "people": 100}, geometry=shapes, crs=METRIC)
    frame.to_crs(crs).to_file(place / "districts.gpkg")
    data = {
        "study": {"crs": METRIC},
        "inputs": {"buildings": "houses.gpkg", "roads": "r", "terrain": "t", "districts": "districts.gpkg"},
    }
    border = {"boundary": "border.gpkg", "field": "code"}
    return {c: config_file.parse({**data, "municipality": {**border, "code": c}}) for c in ("22101", "22102")}


def parts(place: Path, configs: dict[str, Config]) -> pd.DataFrame:
    """The share of each district (row) that each municipality (column) has, and whether houses told it."""
    out = {}
    for code, config in configs.items():
        part = part_of(config, place)
        read_layer(config.inputs.buildings, place, CRS(METRIC), "buildings", part.own_bounds, (), part)
        layer = config.inputs.districts or Layer(path="")
        frame, _ = read_layer(layer, place, CRS(METRIC), "districts", part.bounds, (), part)
        rows = frame.set_index(frame["name"].astype(int))
        out |= {code: rows[SHARE], f"{code} told": rows[HAS_HOUSES]}
    return pd.DataFrame(out)


def grid(count: int, west: float, south: float) -> Points:
    """So many points in rows of five, 1 m apart."""
    k = np.arange(count)
    return np.column_stack([west + k % 5, south + k // 5]).astype(float)


@pytest.mark.parametrize("crs", [METRIC, "EPSG:6668"])
def test_a_district_is_shared_out_by_the_houses_in_it(tmp_path: Path, crs: str) -> None:
    houses = np.vstack([grid(6, 90, 50), grid(2, 110, 50), grid(3, 150, 80)])
    configs = world(tmp_path, houses, [shapely.box(80, 40, 130, 60), shapely.box(140, 70, 170, 90)], crs)
    found = parts(tmp_path, configs)
    assert found["22101"].to_dict() == pytest.approx({0: 0.75, 1: np.nan}, nan_ok=True)
    assert found["22102"].to_dict() == pytest.approx({0: 0.25, 1: 1.0})
    assert found.loc[0, ["22101 told", "22102 told"]].all()


def test_who_has_all_the_houses_has_all_the_people_wherever_the_middle_lies(tmp_path: Path) -> None:
    middle_in_the_west = shapely.box(20, 40, 120, 60)
    configs = world(tmp_path, np.vstack([grid(5, 110, 50), grid(5, 50, 10)]), [middle_in_the_west])
    assert parts(tmp_path, configs).loc[0, ["22101", "22102"]].fillna(0.0).tolist() == [0.0, 1.0]


def test_houses_beyond_the_bounds_of_a_municipality_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A district that reaches far into the neighbour, whose houses there are not read with the municipality's own."""
    reads: list[object] = []
    again = dividing._read
    monkeypatch.setattr(dividing, "_read", lambda *given: reads.append(given) or again(*given))
    houses = np.vstack([grid(10, 90, 50), grid(30, 180, 50)])
    far = parts(tmp_path, world(tmp_path, houses, [shapely.box(80, 40, 190, 70)]))
    assert far.loc[0, ["22101", "22102"]].tolist() == pytest.approx([0.25, 0.75])
    assert len(reads) == 2
    near = parts(tmp_path, world(tmp_path, houses, [shapely.box(10, 40, 99, 70), shapely.box(101, 40, 190, 70)]))
    assert near[["22101", "22102"]].sum().tolist() == [1.0, 1.0]
    assert len(reads) == 2, "districts that end at the border cost nothing"


def test_a_few_houses_between_two_lines_are_no_part_of_a_district(tmp_path: Path) -> None:
    most = grid(40, 90, 50)
    for few, expected in ((1, [1.0, 0.0]), (3, [40 / 43, 3 / 43])):
        found = parts(
            tmp_path, world(tmp_path, np.vstack([most, grid(few, 110, 50), grid(2, 150, 10)]), [shapely.box(80, 40, 130, 70)])
        )
        assert found.loc[0, ["22101", "22102"]].fillna(0.0).tolist() == pytest.approx(expected)


def test_people_of_earlier_years_count_by_the_same_share(tmp_path: Path) -> None:
    lines = [f"{name},{year},{count}" for name, count in (("A", 100), ("B", 300), ("C", 50)) for year in (2010, 2015, 2020)]
    (tmp_path / "history.csv").write_text("\n".join(["district,year,people", *lines]) + "\n", "utf-8")
    districts = gpd.GeoDataFrame({"name": ["A", "B"], SHARE: [0.25, 1.0]}, geometry=[shapely.Point(0, 0)] * 2, crs=METRIC)
    rows, _ = history_of(districts, "history.csv", tmp_path, is_part=True)
    assert rows.groupby("district")["count"].sum().to_dict() == {"A": 75.0, "B": 900.0}


def test_a_district_without_houses_and_one_that_is_a_point_go_by_their_place(tmp_path: Path) -> None:
    houses = np.vstack([grid(5, 50, 50), grid(5, 150, 50)])
    empty = parts(tmp_path, world(tmp_path, houses, [shapely.box(80, 10, 130, 20)]))
    assert empty.loc[0, ["22102", "22102 told"]].tolist() == [1.0, False]
    assert empty.loc[0, "22101"] is np.nan or np.isnan(empty.loc[0, "22101"])
    spot = parts(tmp_path, world(tmp_path, houses, [shapely.Point(99, 10)]))
    assert spot.loc[0, ["22101", "22101 told"]].tolist() == [1.0, False]
