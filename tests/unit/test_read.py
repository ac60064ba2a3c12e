"""Reading layers: formats, encodings, columns, geometry and CRS of made files, and the traps of real ones."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyproj import CRS

from sewerzone import config as config_file
from sewerzone.config import Layer
from sewerzone.errors import ConfigError, DataError
from sewerzone.io import vector
from sewerzone.io.read import read, read_layer, summary
from sewerzone.model import Inputs
from tests import village

STUDY = CRS.from_user_input(village.CRS)
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
real = pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")


def layer(text: str | dict[str, Any]) -> Layer:
    return Layer.model_validate(text)


def read_village(folder: Path, **inputs: Any) -> Inputs:
    data = village.write(folder)
    data["inputs"] |= inputs
    return read(config_file.parse(data), folder)


def test_the_village(tmp_path: Path):
    seen: list[tuple[str, int, int]] = []
    data = village.write(tmp_path)
    inputs = read(config_file.parse(data), tmp_path, lambda *step: seen.append(step))
    assert inputs.buildings["source_id"].tolist() == [f"h{i}" for i in range(village.HOUSES)]
    assert set(inputs.roads.columns) == {"highway", "geometry"}
    assert inputs.districts["people"].sum() == village.PEOPLE
    assert inputs.districts["name"].tolist() == ["upper", "lower"]
    assert "dwellings" not in inputs.districts.columns  # SETAI was not mapped
    assert inputs.overrides["kind"].tolist() == ["force_sewer"]
    assert all(getattr(inputs, role).crs == STUDY for role in ("buildings", "roads", "served_areas", "plants"))
    assert inputs.notes == ()
    assert set(inputs.hashes) == {"village.gpkg", "dem.tif"}
    assert all(len(h) == 64 for h in inputs.hashes.values())
    assert inputs.base == tmp_path
    assert seen[0] == ("read", 0, 11)
    assert seen[-1] == ("read", 11, 11)


def test_layers_that_are_not_named_are_empty(tmp_path: Path):
    nothing = dict.fromkeys(("served_areas", "districts", "barriers", "plants", "overrides"))
    inputs = read_village(tmp_path, **nothing)
    assert [len(getattr(inputs, role)) for role in nothing] == [0] * 5
    told = summary(inputs)
    assert told["buildings"]["rows"] == 12
    assert told["districts"] == {
        "rows": 0,
        "columns": ["name", "people", "dwellings", "vacant_share", "code"],
        "extent_m": None,
    }
    assert told["terrain"]["share_unknown"] == 0.0


def test_empty_layers_are_fine_where_nothing_is_needed(tmp_path: Path):
    for kind in ("Unknown", "Polygon"):
        gpd.GeoDataFrame(geometry=[], crs=4326).to_file(tmp_path / f"{kind}.gpkg", geometry_type=kind)
        for role in ("served_areas", "barriers", "overrides", "districts", "plants"):
            frame, _ = read_layer(layer(f"{kind}.gpkg"), tmp_path, STUDY, role)
            assert len(frame) == 0
            assert frame.crs == STUDY


FORMATS = {
    "houses.gpkg": "GPKG",
    "houses.shp": "ESRI Shapefile",
    "houses.geojson": "GeoJSON",
    "houses.fgb": "FlatGeobuf",
    "houses.parquet": "",
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("epsg", [6678, 4326])
def test_formats_give_the_same_rows(tmp_path: Path, name: str, epsg: int):
    frame = village.houses(n=np.arange(12), use="普通建物").to_crs(epsg)
    if FORMATS[name]:
        frame.to_file(tmp_path / name, driver=FORMATS[name])
    else:
        frame.to_parquet(tmp_path / name)
    before = sorted(tmp_path.iterdir())
    got, notes = read_layer(
        layer({"path": name, "columns": {"people": "n", "source_id": "fid_text"}}), tmp_path, STUDY, "buildings"
    )
    got = got.sort_values("people", ignore_index=True)  # FlatGeobuf stores rows in its own order
    assert got["people"].tolist() == list(range(12))
    assert got["use"].tolist() == ["普通建物"] * 12
    assert got["source_id"].tolist() == [f"h{i}" for i in range(12)]
    moved = shapely.hausdorff_distance(got.geometry.to_numpy(), village.houses().geometry.to_numpy())
    assert moved.max() < (0.02 if name.endswith("json") else 1e-4)  # GeoJSON keeps 7 decimals of a degree
    assert notes == []
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(("encoding", "said"), [("CP932", "CP932"), ("UTF-8", "UTF-8")])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_shapefile_that_does_not_say_its_encoding(tmp_path: Path, encoding: str, said: str, is_zipped: bool):
    """No .cpg and language byte 0: GDAL would read ISO-8859-1 without a word."""
    long = "静岡県富士市永田町一丁目百番地" * 6  # cut inside a character at the field's width in UTF-8
    frame = village.houses(用途=["普通建物", "堅ろう建物", long] + ["無壁舎"] * 9)
    frame.to_file(tmp_path / "b.shp", encoding=encoding)
    (tmp_path / "b.cpg").unlink()
    dbf = bytearray((tmp_path / "b.dbf").read_bytes())
    dbf[29] = 0
    (tmp_path / "b.dbf").write_bytes(dbf)
    path = "b.shp"
    if is_zipped:
        with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
            for part in tmp_path.glob("b.*"):
                if part.suffix != ".zip":
                    archive.write(part, f"内側/{part.name}")
        path = "b.zip"
    got, notes = read_layer(layer({"path": path, "columns": {"use": "用途"}}), tmp_path, STUDY, "buildings")
    assert got["use"].tolist()[:2] == ["普通建物", "堅ろう建物"]
    assert said in notes[0]


def test_a_stated_encoding_wins(tmp_path: Path):
    village.houses(use="普通建物").to_file(tmp_path / "b.shp", encoding="CP932")
    (tmp_path / "b.cpg").write_text("ISO-8859-1")
    with pytest.raises(DataError, match="garbled"):
        read_layer(layer("b.shp"), tmp_path, STUDY, "buildings")
    got, _ = read_layer(layer({"path": "b.shp", "encoding": "cp932"}), tmp_path, STUDY, "buildings")
    assert set(got["use"]) == {"普通建物"}


def test_letters_of_other_languages_are_no_mojibake(tmp_path: Path):
    village.houses(use="Grüße, réa Éé Ñandú").to_file(tmp_path / "b.gpkg")
    got, _ = read_layer(layer("b.gpkg"), tmp_path, STUDY, "buildings")
    assert set(got["use"]) == {"Grüße, réa Éé Ñandú"}


def test_a_geopackage_left_open_elsewhere_is_read_without_a_trace(tmp_path: Path):
    """QGIS keeps open files in write-ahead mode, in which merely reading creates -shm and -wal files."""
    village.houses().to_file(tmp_path / "b.gpkg", layer="houses")
    with sqlite3.connect(tmp_path / "b.gpkg") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    before = sorted(p.name for p in tmp_path.iterdir())
    got, _ = read_layer(layer("b.gpkg"), tmp_path, STUDY, "buildings")
    assert len(got) == 12
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_heights_and_the_vertical_part_of_a_crs_are_dropped(tmp_path: Path):
    frame = village.houses().set_crs(CRS.from_epsg(10171), allow_override=True)  # zone X with height
    frame["geometry"] = shapely.force_3d(frame.geometry.to_numpy(), 12.0)
    frame.to_file(tmp_path / "b.gpkg")
    got, _ = read_layer(layer("b.gpkg"), tmp_path, STUDY, "buildings")
    assert not got.has_z.any()
    assert got.crs == STUDY
    assert got.geometry.geom_equals(village.houses().geometry).all()


def test_closed_lines_become_areas(tmp_path: Path):
    ring = shapely.LineString(village.box(0, 0, 40, 80).exterior.coords)
    halves = shapely.MultiLineString([list(ring.coords)[:3], list(ring.coords)[2:]])
    gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[ring, halves], crs=village.CRS).to_file(tmp_path / "s.gpkg")
    got, notes = read_layer(layer("s.gpkg"), tmp_path, STUDY, "served_areas")
    assert got.area.tolist() == pytest.approx([3200.0, 3200.0])
    assert got["name"].tolist() == ["a", "b"]
    assert "2 closed lines" in notes[0]


def test_a_plant_drawn_as_an_area_stands_for_a_point(tmp_path: Path):
    gpd.GeoDataFrame(geometry=[village.box(0, 0, 40, 80)], crs=village.CRS).to_file(tmp_path / "p.gpkg")
    got, notes = read_layer(layer("p.gpkg"), tmp_path, STUDY, "plants")
    assert got.geom_type.tolist() == ["Point"]
    assert village.box(0, 0, 40, 80).contains(got.geometry.iloc[0])
    assert len(notes) == 1


@pytest.mark.parametrize("name", ["r.gpkg", "r.parquet", "r.geojson"])
def test_only_roads_near_the_buildings_are_read(tmp_path: Path, name: str):
    lines = [village.line((0, 40), (180, 40)), village.line((0, 1900), (50, 1900)), village.line((0, 9000), (50, 9000))]
    frame = gpd.GeoDataFrame({"highway": ["a", "b", "c"]}, geometry=lines, crs=village.CRS).to_crs(4326)
    frame.to_parquet(tmp_path / name) if name.endswith("parquet") else frame.to_file(tmp_path / name)
    inputs = read_village(tmp_path, roads=name)
    assert sorted(inputs.roads["highway"]) == ["a", "b"]
    assert "2 of 3 rows lie near" in "".join(inputs.notes)


def test_missing_correction_grid_is_said(tmp_path: Path):
    """JGD2000 to JGD2011 in Tohoku: without its grid PROJ moves nothing and says nothing (USERS 3.3)."""
    village.houses().set_crs(2452, allow_override=True).to_file(tmp_path / "b.gpkg")
    got, notes = read_layer(layer("b.gpkg"), tmp_path, STUDY, "buildings")
    moved = shapely.hausdorff_distance(got.geometry.to_numpy(), village.houses().geometry.to_numpy()).max()
    assert moved > 0.1 or any("correction grid touhokutaiheiyouoki2011" in n for n in notes)


def test_hashes_follow_the_contents(tmp_path: Path):
    (tmp_path / "a").mkdir()
    first = read_village(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    again = read(first.config, tmp_path / "b")
    assert again.hashes == first.hashes
    village.write_raster(tmp_path / "b" / "dem.tif", village.ground() + 1)
    changed = read(first.config, tmp_path / "b")
    assert changed.hashes["village.gpkg"] == first.hashes["village.gpkg"]
    assert changed.hashes["dem.tif"] != first.hashes["dem.tif"]


# --- real files


@real
def test_tottori_small_areas_are_read_in_their_encoding():
    """CP932 without .cpg and with language byte 0; the people sum to the prefecture's official total."""
    folder = SHARED / "jp_ksj_estat" / "smallarea"
    asked = layer({"path": "31-tottori-all.shp", "columns": {"people": "JINKO", "dwellings": "SETAI", "name": "MOJI"}})
    got, notes = read_layer(asked, folder, CRS.from_epsg(6673), "districts")
    assert len(got) == 2504
    assert got["people"].sum() == 573_441
    assert got["dwellings"].sum() == 216_894
    assert got["name"].str.contains("町").any()
    assert any("CP932" in n for n in notes)


@real
def test_fgd_buildings_leave_no_schema_file(tmp_path: Path):
    """GDAL's GML driver writes a .gfs beside what it reads."""
    shutil.copy(SHARED / "jp_fgd_gml" / "FG-GML-533946-BldA-20151001-0001.xml", tmp_path / "BldA.xml")
    asked = layer({"path": "BldA.xml", "columns": {"use": "type", "source_id": "fid"}})
    got, _ = read_layer(asked, tmp_path, CRS.from_epsg(6677), "buildings")
    assert sorted(got["use"]) == sorted(["堅ろう建物"] * 3 + ["普通建物"] * 2 + ["普通無壁舎", "堅ろう無壁舎"])
    assert sorted(shapely.get_num_interior_rings(shapely.get_parts(got.geometry.to_numpy())))[-3:] == [1, 3, 10]
    assert [p.name for p in tmp_path.iterdir()] == ["BldA.xml"]


@real
def test_did_zip_with_an_inner_folder():
    folder = SHARED / "jp_ksj_estat" / "did"
    asked = layer({"path": "2010_did_ddsw_04.zip", "columns": {"name": "CITYNAME"}})
    got, notes = read_layer(asked, folder, STUDY, "served_areas")
    assert len(got) == 38
    assert "石巻市" in "".join(got["name"])
    assert any("touhoku" in n for n in notes)  # EPSG:4612


@real
def test_yaizu_areas_as_lines_and_invalid_polygons():
    folder, zone8 = SHARED / "jp_yaizu_opendata", CRS.from_epsg(6676)
    got, notes = read_layer(
        layer("住まいるエリア_居住誘導区域/住まいるエリア（居住誘導区域）.shp"), folder, zone8, "served_areas"
    )
    assert set(got.geom_type) == {"Polygon"}
    assert "3 closed lines" in "".join(notes)
    with pytest.raises(DataError, match="21 open lines"):
        read_layer(layer("土地区画整理事業区域/土地区画整理事業区域.shp"), folder, zone8, "served_areas")
    got, _ = read_layer(layer("都市計画図_第一種住居地域/第一種住居地域.shp"), folder, zone8, "served_areas")
    assert (~got.is_valid).sum() == 2


@real
def test_oman_points_in_a_compound_crs():
    folder, utm = SHARED / "om_pysewer_example", CRS.from_epsg(32640)
    asked = layer({"path": "buildings_projected.shp", "columns": {"people": "Einw_GEB"}})
    got, _ = read_layer(asked, folder, utm, "buildings")
    assert len(got) == 800
    assert not got.has_z.any()
    assert got["people"].sum() == 1600
    small, _ = read_layer(layer("small/buildings_clipped.shp"), folder, utm, "buildings")
    assert set(small.geom_type) == {"MultiPoint"}


@real
def test_taketomi_roads():
    got, _ = read_layer(layer("road.shp"), SHARED / "jp_taketomi_dem5b_roads", CRS.from_epsg(6684), "roads")
    assert len(got) == 245
    assert got.length.sum() == pytest.approx(35_400, rel=0.01)


@real
def test_sendai_parquet_and_geopackage_agree():
    folder = SHARED / "jp_sendai_osm_gsi"
    small, _ = read_layer(layer("sendai_small_tile.gpkg:buildings"), folder, STUDY, "buildings")
    box = tuple(small.total_bounds)
    whole, _ = read_layer(layer("sendai_full_buildings.parquet"), folder, STUDY, "buildings", near=box)
    assert len(whole) >= len(small)
    keys = [pd.Series(shapely.to_wkb(shapely.normalize(f.geometry.to_numpy()))) for f in (small, whole)]
    assert keys[0].isin(keys[1]).mean() > 0.99
    empty, _ = read_layer(layer("sendai_small_tile.gpkg:waters"), folder, STUDY, "barriers")
    assert_geodataframe_equal(empty, gpd.GeoDataFrame(geometry=[], crs=STUDY), check_index_type=False)


def test_the_working_directory_is_shown_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "houses.gpkg").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        vector.locate("house.gpkg", Path(), "inputs.buildings")
    assert f"{tmp_path} holds houses.gpkg" in str(caught.value)
    assert f"folder, {tmp_path}." in str(caught.value)
    with pytest.raises(ConfigError, match=r"there is no file \.\./away/house\.gpkg; \.\. holds"):
        vector.locate("house.gpkg", Path("../away"), "inputs.buildings")
