"""Every count, total and extent that is written down of the real files at hand, read with our own readers.

Beside these, test_fgd, test_citygml, test_ksj_and_census, test_codes_and_meshes, test_convert and test_read assert those
of FGD, PLATEAU, N03, DID, small areas and municipality codes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from lxml import etree
from pyproj import CRS

from sewerzone.config import Layer
from sewerzone.errors import DataError
from sewerzone.formats import census, citygml, cityobjects, dem, fgd, ksj, sheets, vectors
from sewerzone.io.layers import layer_as_placed, read_layer
from tests.agency import SHARED

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="real files are not at hand")
SENDAI, YAIZU, PLATEAU = SHARED / "jp_sendai_osm_gsi", SHARED / "jp_yaizu_opendata", SHARED / "jp_plateau_citygml"
ZONE_8, ZONE_10 = CRS.from_epsg(6676), CRS.from_epsg(6678)
ROLES = {"waters": "barriers", "landcover": "barriers", "did_2020": "served_areas", "population_town_2020_pts": "districts"}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("sendai_west_fringe", {"buildings": 5_182, "roads": 2_013, "waters": 37, "landcover": 90, "did_2020": 3,
                                "population_town_2020_pts": 19}),
        ("sendai_yagiyama_nagamachi", {"buildings": 32_030, "roads": 7_623, "waters": 31, "landcover": 270}),
        ("sendai_small_tile", {"buildings": 3_625, "roads": 1_599, "waters": 0, "landcover": 41}),
    ],
)  # fmt: skip
def test_sendai_packages(name: str, rows: dict[str, int]) -> None:
    path = SENDAI / f"{name}.gpkg"
    for layer, count in rows.items():
        frame, _ = read_layer(Layer(path=path.name, layer=layer), SENDAI, ZONE_10, ROLES.get(layer, layer))
        assert len(frame) == count, layer
        if name == "sendai_yagiyama_nagamachi" and layer == "roads":
            assert frame.length.sum() == pytest.approx(626_600, abs=50)
        if name == "sendai_small_tile" and layer == "roads":
            assert frame.length.sum() == pytest.approx(105_500, abs=50)


def test_sendai_fringe_people_and_share_in_did() -> None:
    towns = Layer(path="sendai_west_fringe.gpkg", layer="population_town_2020_pts", columns={"people": "total_pop"})
    assert read_layer(towns, SENDAI, ZONE_10, "districts")[0]["people"].sum() == 17_009
    houses, _ = read_layer(Layer(path="sendai_west_fringe.gpkg", layer="buildings"), SENDAI, ZONE_10, "buildings")
    did, _ = read_layer(Layer(path="sendai_west_fringe.gpkg", layer="did_2020"), SENDAI, ZONE_10, "served_areas")
    area = shapely.union_all(did.geometry.to_numpy())
    shapely.prepare(area)
    assert shapely.intersects(area, houses.centroid.to_numpy()).mean() == pytest.approx(0.571, abs=5e-4)
    degrees = houses.to_crs(4326).total_bounds
    assert np.allclose(degrees, [140.797, 38.240, 140.845, 38.280], atol=1.5e-3)


@pytest.mark.parametrize(
    ("name", "role", "count", "bad"),
    [("buildings", "buildings", 160_355, 1), ("roads", "roads", 39_847, 0), ("waters", "barriers", 143, 0),
     ("landcover", "barriers", 1_270, 1)],
)  # fmt: skip
def test_sendai_city(name: str, role: str, count: int, bad: int) -> None:
    frame, _, system = layer_as_placed(Layer(path=f"sendai_full_{name}.parquet"), SENDAI, ZONE_10, role)
    assert len(frame) == count
    assert (~frame.is_valid).sum() == bad
    assert system is not None
    assert system.to_epsg() == 4326
    if name == "buildings":
        assert np.allclose(frame.to_crs(4326).total_bounds, [140.797, 38.213, 140.947, 38.320], atol=1.5e-3)


@pytest.mark.parametrize(
    ("name", "shape", "lowest", "highest", "unknown"),
    [
        ("sendai_dem_gsi_dem5a_3857", (609, 737), -0.6, 320.9, 0.355), ("sendai_west_fringe_dem", (190, 179), 31, 293, 0.022),
        ("sendai_yagiyama_nagamachi_dem", (160, 256), 2.8, 196.4, 0.0), ("sendai_small_tile_dem", (96, 96), 6, 117, 0.0),
    ],
)  # fmt: skip
def test_sendai_ground(name: str, shape: tuple[int, int], lowest: float, highest: float, unknown: float) -> None:
    with rasterio.open(SENDAI / f"{name}.tif") as raster:
        values = raster.read(1, masked=True)
        assert (raster.shape, raster.nodata, raster.dtypes[0]) == (shape, -9999, "float32")
        assert raster.crs.to_epsg() == 3857
    assert values.min() == pytest.approx(lowest, abs=0.5)
    assert values.max() == pytest.approx(highest, abs=0.6)
    assert np.ma.getmaskarray(values).mean() == pytest.approx(unknown, abs=5e-4)


def test_sendai_context() -> None:
    path = SENDAI / "sendai_context.gpkg"
    counts = {name: pyogrio.read_info(path, layer=name)["features"] for name, _ in pyogrio.list_layers(path)}
    assert counts == {"admin_n03_2021_simplified": 9, "did_2020": 18, "population_town_2020_pts": 949}
    rows = (SENDAI / "sendai_population_2020_town.csv").read_text("utf-8").splitlines()
    names = [row.split(",")[0] for row in rows[1:]]
    assert len(names) == 949
    assert len(names) - len(set(names)) == 2


def test_yaizu() -> None:
    """24 layers; DATA.md counts one in EPSG:6668 where there are two."""
    found = sorted([*YAIZU.rglob("*.shp"), *YAIZU.rglob("*.geojson")])
    systems = [vectors.read(v)[0].crs.to_epsg() for v in vectors.vector_sheets(sheets.sheets(found))]
    assert sorted(systems) == [2450] * 21 + [4326] + [6668] * 2

    def shapes_of(pattern: str) -> Any:
        held = [read_layer(Layer(path=str(p)), YAIZU, ZONE_8, "served_areas")[0] for p in found if pattern in str(p.parent)]
        return np.concatenate([h.geometry.to_numpy() for h in held])

    def areas(pattern: str) -> tuple[int, int, float]:
        shapes = shapes_of(pattern)
        whole = shapely.union_all(shapely.make_valid(shapes))
        return len(shapes), int((~shapely.is_valid(shapes)).sum()), shapely.area(whole) / 1e4

    assert areas("市街化区域界_市街化調整区域界") == (8, 1, pytest.approx(2_100, abs=1))
    assert areas("都市計画図_") == (97, 5, pytest.approx(2_058, abs=1))
    promotion, zones = (
        shapely.make_valid(shapes_of("市街化区域界_市街化調整区域界")),
        shapely.make_valid(shapes_of("都市計画図_")),
    )
    agreeing = shapely.area(shapely.intersection(promotion, shapely.union_all(zones))) / shapely.area(promotion)
    assert 0.95 <= agreeing.min() <= agreeing.max() <= 1.0
    assert areas("内水浸水想定区域") == (6, 4, pytest.approx(593, abs=1))
    lines = [p for p in found if pyogrio.read_info(p)["geometry_type"] == "LineString" and "行政区域界" in str(p.parent)]
    assert [pyogrio.read_info(p)["features"] for p in lines] == [123]


def test_plateau_files() -> None:
    """A file of each theme, its content's system whatever its name says; counts beside those of test_citygml."""
    parts = citygml.buildings(PLATEAU / "bldg" / "14201_yokosuka_52397519_bldg_6697_op.gml")
    assert len(parts.frame) == 13
    yamaguchi = citygml.buildings(PLATEAU / "bldg" / "yamaguchi_51311568_bldg_6697_op_lod1only.gml").frame
    assert set(yamaguchi["use"]) == {"461", "3003"}, "usage 461 for all; roofs without walls are told by their class"
    kawasaki = cityobjects.read(PLATEAU / "urf" / "14130_kawasaki_533915_urf_6668_kuiki_op.gml", "urbanisation").frame
    zones = cityobjects.read(PLATEAU / "urf" / "14130_kawasaki_533915_urf_6668_yoto_op.gml", "use_zones").frame
    assert len(kawasaki) > 0
    assert len(zones) > 0
    for frame in (kawasaki, zones):
        west, south, east, north = frame.to_crs(6668).total_bounds
        assert 139.3 < west < east < 139.9
        assert 35.4 < south < north < 35.7
    triangles = sum(1 for _ in etree.parse(PLATEAU / "dem" / "14201_yokosuka_523965_dem_6697_05_op.gml").iter("{*}Triangle"))
    assert triangles == 1_066


def test_small_areas_rows_and_codes() -> None:
    raw, _ = vectors.read(vectors.vector_sheets(sheets.sheets(SHARED / "jp_ksj_estat" / "smallarea" / "31-tottori-all.shp"))[0])
    assert len(raw) == 2_504
    assert raw.crs.to_epsg() == 4612
    assert raw["HCODE"].value_counts().to_dict() == {8101: 2_502, 8154: 2}
    assert (raw["KEY_CODE"].value_counts() > 1).sum() == 14
    assert raw["KEY_CODE"].duplicated().sum() == 17
    assert raw["JINKO"].sum() == 573_441
    assert raw["SETAI"].sum() == 216_894
    assert raw["JINKO"].sum() - raw.drop_duplicates("KEY_CODE")["JINKO"].sum() == 9_420, "whom dropping duplicates would lose"
    old, _ = vectors.read(
        vectors.vector_sheets(sheets.sheets(SHARED / "jp_ksj_estat" / "smallarea" / "estat_2000_h12ka31.zip"))[0]
    )
    assert len(old) == 2_481
    whole = census.small_areas(SHARED / "jp_ksj_estat" / "smallarea" / "estat_2000_h12ka31.zip").frame
    assert whole["people"].sum() == 613_289


def test_simplified_municipalities() -> None:
    folder = SHARED / "jp_ksj_estat" / "n03"
    counts = {p.name[7:9]: len(ksj.read(p).frame) for p in sorted(folder.glob("*.geojson"))}
    assert counts == {"04": 39, "14": 58, "22": 43, "27": 72}
    codes = ksj.read(folder / "N03-20240101_17.shp").frame["municipality_code"]
    assert len(codes) == 19
    assert set(codes.str[:2]) == {"17"}


def test_taketomi() -> None:
    folder, zone_16 = SHARED / "jp_taketomi_dem5b_roads", CRS.from_epsg(6684)
    road, _, system = layer_as_placed(Layer(path="road.shp"), folder, zone_16, "roads")
    assert len(road) == 245
    assert road.length.sum() == pytest.approx(35_400, abs=50)
    assert system == zone_16
    assert pyogrio.read_info(folder / "points.shp")["features"] == 5
    assert pyogrio.read_info(folder / "polygon.shp")["features"] == 1
    grid, _ = dem.read(folder / "FG-GML-3624-30-DEM5B.zip")
    assert grid.bounds == pytest.approx((124.075, 24.3083333, 124.1125, 24.3333333))
    assert np.nanmin(grid.elevation_m) == np.float32(-0.1)
    assert 20.0 < np.nanmax(grid.elevation_m) < 20.5
    sheets_ = [s for s in sheets.sheets(folder / "FG-GML-3624-30-DEM5B.zip") if s.ending == ".xml"]
    assert len(sheets_) == 8


def test_dummies_of_other_converters() -> None:
    """A building is read; elevation sheets without a place (all corners 0) are refused, not laid into the Gulf of Guinea."""
    folder = SHARED / "jp_fgd_gml"
    assert len(fgd.read(folder / "BldA_source_fgdconv.xml", "BldA").frame) >= 1
    for name in ("FG-GML-0000-00-00-DEM5A-dummy.xml", "FG-GML-0000-10-dem10b-dummy.xml"):
        with pytest.raises(DataError, match="is damaged or incomplete"):
            dem.read(folder / name)


def test_oman() -> None:
    folder, utm = Path(SHARED / "om_pysewer_example"), CRS.from_epsg(32640)
    houses, _ = read_layer(Layer(path="buildings_projected.shp"), folder, utm, "buildings")
    roads, _ = read_layer(Layer(path="roads_projected.shp"), folder, utm, "roads")
    assert (len(houses), len(roads)) == (800, 148)
    houses, _ = read_layer(Layer(path="small/buildings_clipped.shp"), folder, utm, "buildings")
    roads, _ = read_layer(Layer(path="small/roads_clipped.shp"), folder, utm, "roads")
    assert (len(houses), len(roads)) == (57, 8)
