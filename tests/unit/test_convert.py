"""Agencies' files into GeoPackage and GeoTIFF, and what files are told to be."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from click.testing import CliRunner, Result

from sewerzone.cli import cli
from sewerzone.errors import ConfigError, CRSError, DataError
from sewerzone.formats import mesh, published
from sewerzone.io.convert import convert
from tests.agency import (
    SHARED,
    building,
    carriageway,
    city,
    dataset,
    elevation_sheet,
    footprint,
    road_edge,
    shapefile,
    square,
    statistics,
    zipped,
)  # fmt: skip

real = pytest.mark.skipif(not SHARED.exists(), reason="real files are not at hand")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["convert", *map(str, arguments)])


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A delivery of everything FGD has of one square."""
    return zipped(
        tmp_path / "PackDLMap.zip",
        {"FG-GML-533935-BldA-20200101-0001.xml": dataset([building("a", [square(139.0, 35.0)])]),
         "FG-GML-533935-BldA-20200101-0002.xml": dataset([building("b", [square(139.1, 35.0)], "普通無壁舎")]),
         "FG-GML-533935-RdEdg-20200101-0001.xml": dataset([road_edge("r", [(139.0, 35.0), (139.001, 35.0)])]),
         "FG-GML-5339-35-00-DEM5A-20200101.xml": elevation_sheet(35.0, 139.0, 0.2, np.array([[1.0, np.nan], [3.0, 4.0]])),
         "readme.txt": "x", "broken.xml": "<a"},
    )  # fmt: skip


def test_features_to_geopackage(mixed: Path, tmp_path: Path) -> None:
    done = run(mixed, "-o", tmp_path / "b.gpkg", "--kind", "buildings")
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(tmp_path / "b.gpkg")
    assert "Note: BldA: 2 sheets read as one" in done.stderr
    assert "国土地理院" in done.stderr
    frame = gpd.read_file(tmp_path / "b.gpkg", layer="buildings")
    assert frame["source_id"].tolist() == ["a", "b"]
    assert frame["use"].tolist() == ["普通建物", "普通無壁舎"]
    assert frame.crs.to_epsg() == 6668
    assert frame.total_bounds == pytest.approx([139.0, 35.0, 139.1001, 35.0001])
    before = (tmp_path / "b.gpkg").read_bytes()
    again = run(mixed, "-o", tmp_path / "b.gpkg", "--kind", "buildings")
    assert again.exit_code == 1
    assert "exists" in again.stderr
    assert run(mixed, "-o", tmp_path / "b.gpkg", "--kind", "buildings", "--force").exit_code == 0
    assert (tmp_path / "b.gpkg").read_bytes() == before, "the same bytes for the same files"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["PackDLMap.zip", "b.gpkg"]


def test_terrain_to_geotiff(mixed: Path, tmp_path: Path) -> None:
    done = run(mixed, "-o", tmp_path / "t.tif", "--json")
    facts = json.loads(done.stdout)
    assert (facts["kind"], facts["rows"], facts["columns"], facts["known_cells"]) == ("terrain", 2, 2, 3)
    with rasterio.open(tmp_path / "t.tif") as raster:
        held = raster.read(1, masked=True).filled(np.nan)
        assert np.array_equal(held, [[1, np.nan], [3, 4]], equal_nan=True)
        assert raster.crs.to_epsg() == 6668
        assert raster.bounds == pytest.approx((139.0, 35.0, 139.0 + 0.4 / 3600, 35.0 + 0.4 / 3600))
        assert "国土地理院" in raster.tags()["SOURCE"]


def test_what_must_be_said(mixed: Path, tmp_path: Path) -> None:
    several = run(mixed, "-o", tmp_path / "b.gpkg")
    assert several.exit_code == 1
    assert "holds several kinds of data: buildings, road_edges, terrain" in several.stderr
    assert "no plants, but buildings" in run(mixed, "-o", tmp_path / "b.gpkg", "--kind", "plants").stderr
    for name, kind in (("b.shp", None), ("b", None), ("t.gpkg", "terrain"), ("b.tif", "buildings")):
        with pytest.raises(ConfigError, match="cannot be written as"):
            convert([mixed], tmp_path / name, kind)
    twice = [mixed, tmp_path / "city.gml"]
    twice[1].write_text(city({"x": footprint(square(139.0, 35.0))}), "utf-8")
    with pytest.raises(ConfigError, match="holds buildings more than once: FGD BldA, PLATEAU buildings"):
        convert(twice, tmp_path / "b.gpkg", "buildings")
    (tmp_path / "note.txt").write_text("nothing", "utf-8")
    (tmp_path / "N03.xml").write_text('<ksj:Dataset xmlns:ksj="http://nlftp.mlit.go.jp/ksj/schemas/ksj-app"/>', "utf-8")
    with pytest.raises(CRSError, match="names no srsName"):
        convert([tmp_path / "N03.xml"], tmp_path / "b.gpkg")
    with pytest.raises(DataError, match="nothing that is recognised"):
        convert([tmp_path / "note.txt"], tmp_path / "b.gpkg")
    assert run(tmp_path / "no.zip", "-o", tmp_path / "b.gpkg").exit_code == 1
    assert not (tmp_path / "b.gpkg").exists()


def test_terrain_beside_features_is_told(mixed: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "FG-GML-5339-35-DEM10B.xml"
    sheet.write_text(elevation_sheet(35.0, 139.0, 0.4, np.array([[1.0, 2.0], [3.0, 4.0]])), "utf-8")
    houses = tmp_path / "bldg.gml"
    houses.write_text(city({"x": footprint(square(139.0, 35.0))}), "utf-8")
    both = run(sheet, houses, "-o", tmp_path / "b.gpkg")
    assert both.exit_code == 0, both.output
    assert "Note: only buildings written; the files also hold terrain: write it to a .tif" in both.stderr
    assert "also hold" not in run(sheet, houses, "-o", tmp_path / "k.gpkg", "--kind", "buildings").stderr
    assert "also hold" not in run(houses, "-o", tmp_path / "h.gpkg").stderr
    ground = run(mixed, "-o", tmp_path / "t.tif")
    assert "also hold buildings, road_edges: write each to a .gpkg of its own, with --kind" in ground.stderr
    wrong = run(sheet, "-o", tmp_path / "t.gpkg")
    assert wrong.exit_code == 1
    assert "terrain cannot be written as .gpkg" in wrong.stderr
    assert "in .tif for terrain" in wrong.stderr
    assert "no terrain, but buildings" in run(houses, "-o", tmp_path / "x.tif").stderr


def test_a_missing_folder_is_named(mixed: Path, tmp_path: Path) -> None:
    for name, kind in (("x.gpkg", "buildings"), ("x.tif", "terrain")):
        done = run(mixed, "-o", tmp_path / "nodir" / name, "--kind", kind)
        assert done.exit_code == 1
        assert f"{tmp_path / 'nodir'} is no folder" in done.stderr
        assert ".sewerzone" not in done.stderr
    assert not (tmp_path / "nodir").exists()


def test_lines_of_roads_that_are_no_centre_lines_are_told(mixed: Path, tmp_path: Path) -> None:
    told = run(mixed, "-o", tmp_path / "e.gpkg", "--kind", "road_edges").stderr
    assert "road_edges are outlines" in told
    assert "--kind roads derives centre lines" in told
    refused = run(mixed, "-o", tmp_path / "r.gpkg", "--kind", "roads")
    assert refused.exit_code == 1
    assert "no network of centre lines can be derived from outlines of carriageways" in refused.stderr
    tran = tmp_path / "52385706_tran_6697_op.gml"
    ring = [(138.5, 36.0), (138.502, 36.0), (138.502, 36.00005), (138.5, 36.00005), (138.5, 36.0)]
    tran.write_text(city({"a": carriageway(ring, "3")}, "tran:Road"), "utf-8")
    derived = run(tran, "-o", tmp_path / "d.gpkg", "--kind", "roads")
    assert derived.exit_code == 0, derived.output
    assert "Note: roads: centre lines derived from areas of carriageways: 0.18 km, 5.5 m wide" in derived.stderr
    line = gpd.read_file(tmp_path / "d.gpkg", layer="roads")
    assert line["road_class"].tolist() == ["prefectural"]
    assert run(tran, "-o", tmp_path / "a.gpkg").exit_code == 0, "areas stay areas where roads are not asked for"
    assert gpd.read_file(tmp_path / "a.gpkg").geom_type.tolist() == ["MultiPolygon"]
    strips = tmp_path / "FG-GML-533935-RdCompt.xml"
    strips.write_text(dataset([road_edge("r", [(139.0, 35.0), (139.001, 35.0)])]).replace("RdEdg", "RdCompt"), "utf-8")
    done = run(strips, "-o", tmp_path / "s.gpkg")
    assert done.exit_code == 0, done.output
    assert "road_parts are median strips and other lines within roads (道路構成線): sewers cannot follow them" in done.stderr
    with pytest.raises(ConfigError, match="holds road_parts: median strips") as refused:
        published.for_role(strips, "roads")
    assert "give road centre lines: KSJ N13" in str(refused.value)
    assert "road_edges" not in str(refused.value)
    assert "carriageways" not in str(refused.value)


def test_a_year_is_of_projected_population_only(mixed: Path, tmp_path: Path) -> None:
    for name, kind in (("b.gpkg", "buildings"), ("t.tif", "terrain")):
        done = run(mixed, "-o", tmp_path / name, "--kind", kind, "--year", "1900")
        assert done.exit_code == 1
        assert f"year 1900 is asked of {kind}" in done.stderr
        assert not (tmp_path / name).exists()
    squares = tmp_path / "tblT001141H5339.txt"
    squares.write_bytes(statistics(["KEY_CODE", "T001141001"], ["", "人口（総数）"], [["53393500", "11"]]))
    with pytest.raises(ConfigError, match="year 2020 is asked of population"):
        convert([squares], tmp_path / "s.gpkg", year=2020)
    code = ["533900054"]
    columns = {"MESH_ID": code, "SHICODE": [22210], "PTN_2020": [10.5], "PTN_2050": [5.0]}
    shapefile(tmp_path / "500m_mesh_2024_22.shp", columns, mesh.polygons(code))
    convert([tmp_path / "500m_mesh_2024_22.shp"], tmp_path / "p.gpkg", year=2050)
    assert gpd.read_file(tmp_path / "p.gpkg")["people"].tolist() == [5]


def test_kinds_are_told_by_content(mixed: Path, tmp_path: Path) -> None:
    assert [h.kind for h in published.holdings(mixed)] == ["buildings", "road_edges", "terrain"]
    folder = tmp_path / "census"
    folder.mkdir()
    shapefile(
        folder / "r2ka22210.shp",
        {"KEY_CODE": ["222100010"], "PREF": ["22"], "CITY": ["210"], "S_NAME": ["甲"], "CITY_NAME": ["富士市"], "HCODE": [8101],
         "JINKO": [10], "SETAI": [4]},
        [shapely.box(138.6, 35.1, 138.61, 35.11)],
    )  # fmt: skip
    header, labels = ["KEY_CODE", "T001082001"], ["", "総数、年齢「不詳」含む"]
    (folder / "tblT001082C22210.txt").write_bytes(statistics(header, labels, [["222100010", "11"]]))
    assert [h.kind for h in published.holdings(folder)] == ["small_areas", "statistics"]
    assert convert([folder], tmp_path / "t.gpkg", "small_areas").facts["rows"] == 1
    assert gpd.read_file(tmp_path / "t.gpkg")["T001082001"].tolist() == [11]
    squares = tmp_path / "tblT001141H5339.txt"
    squares.write_bytes(statistics(["KEY_CODE", "T001141001"], ["", "人口（総数）"], [["53393500", "11"]]))
    assert convert([squares], tmp_path / "s.gpkg").facts["kind"] == "population"
    with pytest.raises(DataError, match="without their boundaries"):
        convert([folder / "tblT001082C22210.txt"], tmp_path / "x.gpkg")


@real
@pytest.mark.parametrize(
    ("source", "kind", "rows"),
    [
        ("jp_plateau_citygml/bldg/43206_tamana_49303425_bldg_6697_op.gml", None, 242),
        ("jp_plateau_citygml/urf", "facilities", 26),
        ("jp_plateau_citygml/unf", None, 4),
        ("jp_fgd_gml", "road_parts", 2),
        ("jp_ksj_estat/did/2010_did_ddsw_04.zip", None, 38),
        ("jp_ksj_estat/n03/N03-20240101_17.shp", None, 19),
        ("jp_ksj_estat/smallarea/31-tottori-all.shp", None, 2486),
    ],
)
def test_real_files(source: str, kind: str | None, rows: int, tmp_path: Path) -> None:
    done = convert([SHARED / source], tmp_path / "out.gpkg", kind)
    assert done.facts["rows"] == rows
    info = pyogrio.read_info(tmp_path / "out.gpkg")
    assert info["features"] == rows
    assert pyogrio.list_layers(tmp_path / "out.gpkg")[0][0] == done.facts["kind"]


@real
def test_real_terrain(tmp_path: Path) -> None:
    done = convert([SHARED / "jp_taketomi_dem5b_roads" / "FG-GML-3624-30-DEM5B.zip"], tmp_path / "t.tif")
    assert (done.facts["rows"], done.facts["columns"], done.facts["known_cells"]) == (450, 675, 134_630)
    with rasterio.open(tmp_path / "t.tif") as raster:
        assert raster.bounds == pytest.approx((124.075, 24.3083333, 124.1125, 24.3333333))


@real
def test_folders_of_other_files_are_no_agency_data() -> None:
    assert published.holdings(SHARED / "jp_yaizu_opendata") == []
    assert published.holdings(SHARED / "jp_sendai_osm_gsi") == []
