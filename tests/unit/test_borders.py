"""What lies across municipal borders: found from both sides, counted once, and priced as the strip along the border shows."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from sewerzone import config as config_file
from sewerzone.batch import borders
from sewerzone.cli import cli
from sewerzone.io.municipality import read_areas
from sewerzone.io.study import write_study, write_terrain
from tests import hamlet


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A street of twelve houses that a border parts after the fourth, and two of a third place far away."""
    folder = tmp_path_factory.mktemp("border")
    houses = [*hamlet.row(0, 12), *hamlet.row(3000, 2)]
    roads = [hamlet.line((-20, 0), (300, 0)), hamlet.line((2980, 0), (3060, 0))]
    made = hamlet.study(houses, roads)
    made.buildings.to_file(folder / "place.gpkg", layer="buildings")
    made.roads.to_file(folder / "place.gpkg", layer="roads")
    write_terrain(hamlet.terrain(lambda x, y: 50.0 - 0.005 * x + 0.0 * y, size_m=8000.0), folder / "terrain.tif")
    x = np.sort(made.buildings.geometry.representative_point().x.to_numpy())
    cut = float((x[3] + x[4]) / 2.0)
    west, south, _, north = made.roads.total_bounds
    cells = [
        shapely.box(west - 50, south - 400, cut, north + 400), shapely.box(cut, south - 400, cut + 1500, north + 400),
        shapely.box(cut + 1500, south - 400, cut + 4000, north + 400),
    ]  # fmt: skip
    gpd.GeoDataFrame({"code": ["1", "2", "3"]}, geometry=cells, crs=made.roads.crs).to_file(folder / "areas.gpkg")
    config = config_file.parse(
        {
            "study": {"crs": hamlet.CRS},
            "inputs": {"buildings": "place.gpkg:buildings", "roads": "place.gpkg:roads", "terrain": ["terrain.tif"]},
            "cluster": {"limit_distance_m": 40.0},
            "municipality": {"boundary": "areas.gpkg"},
        }
    )
    return config, folder


def test_a_street_that_a_border_parts_is_one_group_of_both_sides(place: Any) -> None:
    config, folder = place
    areas, found = borders.borders(config, folder)
    assert [(b.one, b.other) for b in found] == [(0, 1), (1, 2)]
    table = borders.table([borders.compare(config, folder, areas, b) for b in reversed(found)])
    first, second = table.to_dict("records")
    assert (first["code"], first["other_code"], first["groups"]) == ("00001", "00002", 1)
    assert (first["dwellings"], first["other_dwellings"], first["strip_dwellings"]) == (4.0, 8.0, 12.0)
    assert first["groups_beyond_strip"] == 0
    assert first["apart_more_yen_per_yr"] == first["apart_yen_per_yr"] - first["joint_yen_per_yr"]
    assert first["joint_yen_per_yr"] > 0
    assert (second["groups"], second["dwellings"]) == (0, 0.0)
    assert np.isnan(second["joint_yen_per_yr"])  # no house of the second place lies near the third
    assert "no buildings in 00002" in second["note"]
    assert first["note"] == ""


def test_a_strip_too_narrow_for_a_group_says_so(place: Any) -> None:
    config, folder = place
    areas, found = borders.borders(config, folder, reach_m=80.0)
    row = borders.compare(config, folder, areas, found[0])
    assert row["groups"] == row["groups_beyond_strip"] == 1
    assert row["strip_dwellings"] < 12.0
    assert read_areas(config.municipality, folder).codes.tolist() == ["00001", "00002", "00003"]


def test_the_command_writes_the_table_and_tells_the_sum(place: Any) -> None:
    config, folder = place
    write_study(config, folder)
    out = folder / "borders.csv"
    done = CliRunner().invoke(cli, ["borders", str(folder / "study.toml"), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "2 borders part 1 groups of houses with 12 dwellings" in done.output
    table = pd.read_csv(out, dtype={"code": str})
    assert table["code"].tolist() == ["00001", "00002"]
    assert f"{table['apart_more_yen_per_yr'].sum():+,.0f} yen/yr" in done.output
