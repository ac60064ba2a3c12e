"""National Land Numerical Information and the census: real files where they are at hand, synthetic ones elsewhere."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS

from sewerzone.config import Layer
from sewerzone.errors import CRSError, DataError
from sewerzone.formats import census, ksj, mesh, sheets, vectors
from sewerzone.io.layers import read_layer
from tests.agency import SHARED, shapefile, statistics, zipped

REAL = SHARED / "jp_ksj_estat"
real = pytest.mark.skipif(not REAL.exists(), reason="real files are not at hand")
BOXES = [shapely.box(x, 35.0, x + 0.01, 35.01) for x in (139.0, 139.01, 139.02, 139.5)]


def packed(folder: Path, name: str, inner: str = "") -> Path:
    """All files of a folder but zips, as one zip with an inner folder."""
    files = {f"{inner}{p.name}": p.read_bytes() for p in sorted(folder.iterdir()) if p.suffix != ".zip"}
    return zipped(folder / name, files)


@real
def test_real_municipalities() -> None:
    found = ksj.read(REAL / "n03" / "N03-20240101_17.shp")
    frame = found.frame
    assert found.notes == ("N03: 1,710 polygons of 19 municipalities made one row each",)
    assert frame["municipality_code"].is_unique
    assert frame.crs.to_epsg() == 6668
    kanazawa = frame.set_index("municipality_code").loc["17201"]
    assert (kanazawa["name"], kanazawa["code_with_check_digit"]) == ("金沢市", "172014")
    raw, _ = vectors.read(vectors.vector_sheets(sheets.sheets(REAL / "n03" / "N03-20240101_17.shp"))[0])
    assert len(raw) == 1710
    area = "EPSG:6675"
    assert frame.to_crs(area).area.sum() == pytest.approx(raw.to_crs(area).area.sum(), rel=1e-6)
    simple = ksj.read(REAL / "n03" / "N03-21_22_210101_simplified.geojson").frame
    assert "静岡市葵区" in set(simple["name"])


@real
def test_real_districts_with_an_inner_folder() -> None:
    assert [len(ksj.read(REAL / "did" / f"2010_did_ddsw_{p}.zip").frame) for p in ("04",)] == [38]
    new = ksj.read(REAL / "did" / "r02_did_22_shizuoka.geojson").frame
    old = ksj.read(REAL / "did" / "2010_did_ddsw_04.zip").frame
    assert len(new) == 52
    assert len(ksj.read(REAL / "did" / "r02_did_04_miyagi.geojson").frame) == 40
    assert old.crs.to_epsg() == 4612
    first = old.iloc[0]
    assert (first["name"], first["municipality_code"], first["people"], first["area_km2"]) == (
        "青葉区",
        "04101",
        232_230,
        30.57,
    )
    both = ksj.read(REAL / "did", "DID")
    assert len(both.frame) == 38 + len(ksj.read(REAL / "did" / "2010_did_ddsw_22.zip").frame) + 40 + 52
    assert "differ in their system" in both.notes[0]


@real
def test_real_small_areas_lose_nobody() -> None:
    found = census.small_areas(REAL / "smallarea" / "31-tottori-all.shp")
    frame = found.frame
    assert frame["people"].sum() == 573_441, "the official total"
    assert frame["dwellings"].sum() == 216_894
    assert frame["code"].is_unique
    assert len(frame) == 2_486
    assert set(frame["municipality_code"].str[:2]) == {"31"}
    assert frame.set_index("code").loc["312012070", "name"] == "双六原", "CP932, though nothing says so"
    assert found.notes == (
        "31-tottori-all.shp does not say how its text is encoded; read as CP932",
        "small areas: 2 water areas (HCODE 8154) dropped, with 0 people",
        "small areas: 13 towns in pieces made whole, 2,502 polygons 2,486 towns",
    )
    old = census.small_areas(REAL / "smallarea" / "estat_2000_h12ka31.zip").frame
    assert old["people"].sum() == 613_289
    assert old.crs.to_epsg() == 4612


def test_towns_in_pieces_and_water(tmp_path: Path) -> None:
    shapefile(
        tmp_path / "r2ka99999.shp",
        {"KEY_CODE": ["22210001", "22210001", "22210001", "22210002"], "PREF": ["22"] * 4, "CITY": ["210"] * 4,
         "S_NAME": ["表町"] * 3 + ["能町"], "MOJI": ["x"] * 4, "CITY_NAME": ["富士市"] * 4,
         "HCODE": [8154, 8101, 8101, 8101], "JINKO": [7, 0, 120, 50], "SETAI": [3, 0, 60, 20]},
        BOXES,
    )  # fmt: skip
    path = packed(tmp_path, "A002005212020DDSWC22210.zip", "内/")
    found = census.small_areas(path)
    assert found.frame[["code", "name", "municipality", "municipality_code", "people", "dwellings"]].to_numpy().tolist() == [
        ["22210001", "表町", "富士市", "22210", 120.0, 60.0], ["22210002", "能町", "富士市", "22210", 50.0, 20.0],
    ]  # fmt: skip
    assert found.frame.geometry.iloc[0].symmetric_difference(shapely.box(139.01, 35.0, 139.03, 35.01)).area < 1e-15
    assert "dropped, with 7 people" in found.notes[1]


def test_pieces_that_repeat_or_share_their_people(tmp_path: Path) -> None:
    shapefile(
        tmp_path / "h27ka99.shp",
        {"KEY_CODE": ["1", "1", "2", "2"], "KEN": ["01"] * 4, "CITY": ["202"] * 4, "MOJI": ["a"] * 4,
         "GST_NAME": ["函館市"] * 4, "HCODE": [8101] * 4, "JINKO": [30, 30, 30, 12], "SETAI": [9, 9, 9, 4]},
        BOXES,
    )  # fmt: skip
    frame = census.small_areas(tmp_path).frame
    assert frame["people"].tolist() == [30, 42]
    assert frame["dwellings"].tolist() == [9, 13]


def test_people_without_a_code_are_not_lost(tmp_path: Path) -> None:
    columns = {"KEY_CODE": [None, "2"], "KEN": ["22"] * 2, "CITY": ["210"] * 2, "MOJI": ["a"] * 2, "HCODE": [8101] * 2}
    shapefile(tmp_path / "h27ka22.shp", {**columns, "JINKO": [30, 12], "SETAI": [9, 4]}, BOXES[:2])
    with pytest.raises(DataError, match="1 rows with 30 people have no code"):
        census.small_areas(tmp_path)


HEADER = ["KEY_CODE", "HTKSYORI", "HTKSAKI", "GASSAN", "T001141001", "T001141002", "T001141034"]
LABELS = ["", "", "", "", "　人口（総数）", "　人口（総数）　男", "　世帯総数"]


def test_statistics_of_grid_squares(tmp_path: Path) -> None:
    """The published excerpt, with the header of the table."""
    rows = [
        ["533900054", "0", "", "", "64", "33", "31"],
        ["533900064", "2", "533900073", "", "3", "*", "*"],
        ["533900073", "1", "", "533900064", "57", "27", "30"],
        ["533900074", "0", "", "", "-", "-", "-"],
    ]
    found = census.squares(zipped(tmp_path / "tblT001141H5339.zip", {"tblT001141H5339.txt": statistics(HEADER, LABELS, rows)}))
    frame = found.frame
    assert frame["people"].tolist() == [64, 3, 57, 0]
    assert np.array_equal(frame["dwellings"], [31, np.nan, 30, 0], equal_nan=True)
    assert frame.crs.to_epsg() == 6668
    assert frame.geometry.iloc[0].equals(mesh.polygons(["533900054"])[0])
    secret = [[*r[:4], "*" if r[1] == "2" else r[4], *r[5:]] for r in rows]
    found = census.squares(zipped(tmp_path / "b.zip", {"tblT001101H5339.txt": statistics(HEADER, LABELS, secret)}))
    assert found.frame["people"].tolist() == [64, 57, 0]
    assert found.frame.crs.to_epsg() == 6668, "the table's own columns decide"
    assert found.frame.geometry.iloc[1].area == pytest.approx(2 * mesh.polygons(["533900054"])[0].area)


def test_old_grid_squares_are_of_jgd2000(tmp_path: Path) -> None:
    header = [h.replace("T001141", "T000847") for h in HEADER]
    (tmp_path / "tblT000847H5339.txt").write_bytes(statistics(header, LABELS, [["5339000", "0", "", "", "1", "1", "1"]]))
    with pytest.raises(DataError, match=r"codes are none \(5339000\)"):
        census.squares(tmp_path)
    (tmp_path / "tblT000847H5339.txt").write_bytes(statistics(header, LABELS, [["53390005", "0", "", "", "1", "1", "1"]]))
    assert census.squares(tmp_path).frame.crs.to_epsg() == 4612


def test_statistics_joined_to_towns(tmp_path: Path) -> None:
    shapefile(
        tmp_path / "r2ka22210.shp",
        {"KEY_CODE": ["222100010", "222100020", "222100030"], "PREF": ["22"] * 3, "CITY": ["210"] * 3, "S_NAME": list("甲乙丙"),
         "CITY_NAME": ["富士市"] * 3, "HCODE": [8101] * 3, "JINKO": [10, 20, 30], "SETAI": [4, 8, 12]},
        BOXES[:3],
    )  # fmt: skip
    header = ["KEY_CODE", "HYOSYO", "CITYNAME", "NAME", "HTKSYORI", "HTKSAKI", "GASSAN", "T001082001"]
    labels = ["", "", "", "", "", "", "", "総数、年齢「不詳」含む"]
    rows = [["22210", "1", "富士市", "", "0", "", "", "60"], ["222100010", "3", "富士市", "甲", "0", "", "", "10"],
            ["222100020", "3", "富士市", "乙", "2", "222100030", "", "X"]]  # fmt: skip
    table = tmp_path / "tblT001082C22210.txt"
    table.write_bytes(statistics(header, labels, rows))
    found = census.small_areas(tmp_path / "r2ka22210.shp", table)
    assert np.array_equal(found.frame["T001082001"], [10, np.nan, np.nan], equal_nan=True)
    assert found.notes[-2:] == (
        "statistics T001082: 2 of 3 towns have figures", "statistics T001082: 1 town with secret figures (X), left unknown",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"KEY_CODE,T001141001\r\n,label\r\n5339,1,2\r\n", "another length"),
        (b"KEY_CODE,T001141001\r\n", "two header rows"),
        (b"KEY_CODE,T001141001\r\n,\x81\r\n", "neither UTF-8 nor CP932"),
        (b"KEY_CODE,T001141001\r\n,l\r\n5339,1\r\n5339,2\r\n", "codes with differing rows, e.g. 5339"),
        (b"CODE,T001141001\r\n", "no statistics table"),
        (b"KEY_CODE,A\r\n,l\r\n5339,1\r\n", "no figures"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "tblT001141.txt").write_bytes(content)
    with pytest.raises(DataError, match=said):
        census.squares(tmp_path)


def test_projected_people(tmp_path: Path) -> None:
    shapefile(
        tmp_path / "500m_mesh_2024_22.shp",
        {"MESH_ID": ["533900054", "533900054", "533900073"], "SHICODE": [22210, 22211, 22210], "PTN_2020": [10.5, 4.5, 7.0],
         "PTN_2050": [5.0, 2.0, 1.0], "PT00_2050": [0.0, 0.0, 1.0]},
        mesh.polygons(["533900054", "533900054", "533900073"]),
    )  # fmt: skip
    now, then = ksj.read(tmp_path), ksj.read(tmp_path, "mesh", 2050)
    assert now.frame["people"].tolist() == [15, 7]
    assert then.frame["people"].tolist() == [7, 1]
    assert then.frame["people_2020"].tolist() == [15, 7]
    assert then.frame["municipality_code"].tolist() == ["22210;22211", "22210"]
    assert "1 square of two municipalities" in now.notes[-1]
    with pytest.raises(DataError, match="years 2020, 2050"):
        ksj.read(tmp_path, year=2045)


def test_a_study_takes_the_year_it_asks_for(tmp_path: Path) -> None:
    """Of a zip as downloaded: squares of two municipalities together, whichever year is named."""
    shapefile(
        tmp_path / "500m_mesh_2024_22.shp",
        {"MESH_ID": ["533900054", "533900054"], "SHICODE": [22210, 22211], "PTN_2020": [10.5, 4.5], "PTN_2050": [5.0, 2.0]},
        mesh.polygons(["533900054", "533900054"]),
    )
    packed = zipped(tmp_path / "mesh.zip", {p.name: p.read_bytes() for p in sorted(tmp_path.glob("500m*"))})
    for year, people in ((2020, 15.0), (2050, 7.0)):
        layer = Layer(path=packed.name, columns={"people": f"people_{year}"})
        frame, _ = read_layer(layer, tmp_path, CRS.from_epsg(6676), "districts")
        assert frame["people"].tolist() == [people]


def test_roads_and_other_products(tmp_path: Path) -> None:
    line = shapely.LineString([(139.0, 35.0), (139.01, 35.0)])
    roads = {
        "N13_001": ["2024"] * 2,
        "N13_002": ["1", "3"],
        "N13_003": ["3", "4"],
        "N13_004": ["1", "3"],
        "N13_006": ["2", "6"],
    }
    shapefile(tmp_path / "N13-24_5238.shp", roads, [line, line])
    path = packed(tmp_path, "N13-24_5238_SHP.zip", "N13-24_5238_SHP/")
    frame = ksj.read(path).frame
    assert frame["road_class"].tolist() == ["municipal", "expressway"]
    assert np.array_equal(frame["width_m"], [4.25, np.nan], equal_nan=True)
    assert frame["N13_004"].tolist() == ["1", "3"], "by which a study knows tunnels"
    plants = {"P22b_001": [22210], "P22b_002": ["西部浄化センター"], "P22b_003": ["富士市"], "P22b_004": ["市"]}
    shapefile(tmp_path / "P22b-12_22.shp", plants, [shapely.Point(138.6, 35.1)], 4612)
    zones = {"A29_001": [22210], "A29_004": [1], "A29_005": ["第一種低層住居専用地域"], "A29_006": [60], "A29_007": [100]}
    shapefile(tmp_path / "A29-19_22.shp", zones, BOXES[:1])
    regions = {"PREFEC_CD": ["22", "22"], "AREA_CD": ["a", "b"], "LAYER_NO": [2, 3]}
    shapefile(tmp_path / "a001.shp", regions, BOXES[:2])
    dense = {"A16_001": ["x"], "A16_002": [1202], "A16_003": ["函館市"], "A16_005": [6543], "A16_006": [1.5]}
    shapefile(tmp_path / "A16-15_01.shp", dense, BOXES[:1])
    plant = ksj.read(tmp_path, "P22b").frame.iloc[0]
    assert (plant["municipality_code"], plant["name"]) == ("22210", "西部浄化センター")
    assert ksj.read(tmp_path, "A29").frame["floor_area_ratio_percent"].tolist() == [100]
    assert ksj.read(tmp_path, "A09").frame["kind"].tolist() == ["urbanisation_promotion", "urbanisation_control"]
    assert ksj.read(tmp_path, "A16").frame[["municipality_code", "people"]].to_numpy().tolist() == [["01202", 6543.0]]
    with pytest.raises(DataError, match=r"holds A09 .*, A16 .*, A29 .*, N13 .*, P22b"):
        ksj.read(tmp_path)
    with pytest.raises(DataError, match="does not hold N03"):
        ksj.read(tmp_path, "N03")


def test_twins_are_read_once_and_geojson_alone_is_enough(tmp_path: Path) -> None:
    columns = {"N03_001": ["静岡県"], "N03_003": [None], "N03_004": ["富士市"], "N03_007": ["22210"]}
    shapefile(tmp_path / "N03-20240101_22.shp", columns, BOXES[:1])
    raw, _ = vectors.read(vectors.vector_sheets(sheets.sheets(tmp_path))[0])
    raw.to_file(tmp_path / "N03-20240101_22.geojson")
    (tmp_path / "KS-META-N03-20240101_22.xml").write_text("<meta/>", "utf-8")
    assert len(ksj.read(tmp_path).frame) == 1
    alone = ksj.read(tmp_path / "N03-20240101_22.geojson").frame
    assert alone[["municipality_code", "name"]].to_numpy().tolist() == [["22210", "富士市"]]


def test_incomplete_shapefiles(tmp_path: Path) -> None:
    columns = {"N03_001": ["静岡県"], "N03_004": ["富士市"], "N03_007": ["22210"]}
    path = shapefile(tmp_path / "N03.shp", columns, BOXES[:1])
    whole = {p.suffix: p.read_bytes() for p in tmp_path.iterdir()}
    for missing, kind, said in (
        (".dbf", DataError, ".dbf is missing"),
        (".shx", DataError, ".shx is missing"),
        (".prj", CRSError, "no coordinate"),
    ):
        path.with_suffix(missing).unlink()
        with pytest.raises(kind, match=said):
            ksj.read(path)
        path.with_suffix(missing).write_bytes(whole[missing])
    path.write_bytes(whole[".shp"][:90])
    with pytest.raises(DataError, match="damaged"):
        ksj.read(path)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(DataError, match="none that is known"):
        ksj.read(tmp_path / "x.zip")
