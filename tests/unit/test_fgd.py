"""Fundamental Geospatial Data: features and elevation models, real ones where they are at hand, synthetic ones elsewhere."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.errors import CRSError, DataError, NetworkError, TerrainError
from sewerzone.formats import dem, fgd, gml, published, sheets
from sewerzone.formats.features import Features
from sewerzone.stages.network import refuse_road_edges
from tests.agency import SHARED, building, dataset, elevation_sheet, road_edge, square, zipped

REAL = SHARED / "jp_fgd_gml"
real = pytest.mark.skipif(not REAL.exists(), reason="real files are not at hand")


def written(folder: Path, **documents: str) -> Path:
    for name, text in documents.items():
        (folder / f"{name}.xml").write_text(text, "utf-8")
    return folder


def same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(one.symmetric_difference(other).area < 1e-15)


@real
def test_real_buildings() -> None:
    found = fgd.read(REAL / "FG-GML-533946-BldA-20151001-0001.xml", "BldA")
    frame = found.frame
    assert frame["use"].value_counts().to_dict() == {"堅ろう建物": 3, "普通建物": 2, "堅ろう無壁舎": 1, "普通無壁舎": 1}
    assert sorted(len(g.interiors) for g in frame.geometry)[-3:] == [1, 3, 10]
    assert frame.crs.to_epsg() == 6668
    assert frame.geometry.is_valid.all()
    west, south, east, north = frame.total_bounds
    assert 139.6 < west < east < 139.9
    assert 35.5 < south < north < 35.8
    old = fgd.read(REAL / "BldA_fgdconv_old.xml", "BldA").frame
    assert len(old) == 3
    assert old["date"].tolist() == ["2016-12-09"] * 3


@real
def test_real_lines_and_points() -> None:
    lines = fgd.read(REAL, "RdCompt").frame
    assert len(lines) == 2
    assert set(lines["type"]) == {"分離帯"}
    assert lines.to_crs("EPSG:6677").length.round(1).tolist() == [326.1, 3.5]
    point = fgd.read(REAL / "FG-GML-000000-AdmPt-dummy.xml", "AdmPt").frame
    assert point.geometry.iloc[0].wkt == "POINT (140.085 36.1035)"
    with pytest.raises(DataError, match="AdmPt, BldA, RdCompt"):
        fgd.read(REAL, "WA")


@real
@pytest.mark.parametrize("name", ["FG-GML-3926-76-DEM10B-20161001.xml", "FG-GML-3926-76-DEM10B.zip"])
def test_real_dem10(name: str) -> None:
    grid, _ = dem.read(REAL / name)
    assert grid.elevation_m.shape == (750, 1125)
    assert np.isfinite(grid.elevation_m).sum() == 297
    assert grid.bounds == pytest.approx((126.75, 26.583333333, 126.875, 26.666666667))
    assert grid.elevation_m[639, 743] == np.float32(1.2), "the first of the list stands at the start point"
    assert grid.crs.to_epsg() == 6668


@real
def test_real_dem5_mosaic() -> None:
    grid, notes = dem.read(REAL / "FG-GML-3624-30-DEM5B.zip")
    assert grid.elevation_m.shape == (450, 675)
    assert grid.bounds == pytest.approx((124.075, 24.308333333, 124.1125, 24.333333333))
    assert np.nanmin(grid.elevation_m) == np.float32(-0.1)
    assert 20 < np.nanmax(grid.elevation_m) < 20.5
    assert np.isfinite(grid.elevation_m).sum() == 134_630
    assert notes == ["8 sheets of DEM5B, cells of 0.2 seconds"]


def test_buildings_on_the_border_of_sheets(tmp_path: Path) -> None:
    west, east = square(139.0, 35.0), square(139.0001, 35.0)
    whole = building("twice", [square(139.1, 35.1)])
    folder = written(
        tmp_path,
        one=dataset([whole, building("cut", [west]), building("moved", [square(139.2, 35.2)], date="2019-01-01")]),
        two=dataset([whole, building("cut", [east]), building("moved", [square(139.20002, 35.2)], date="2021-01-01")]),
        three=dataset([building("renamed", [square(139.1, 35.1)])]),
    )
    found = fgd.read(folder, "BldA")
    frame = found.frame.set_index("source_id")
    assert sorted(frame.index) == ["cut", "moved", "twice"]
    assert same(frame.geometry["cut"], shapely.box(139.0, 35.0, 139.0002, 35.0001))
    assert frame.geometry["moved"].bounds[0] == pytest.approx(139.20002)
    assert "delivered more than once" in found.notes[1]
    assert any("made whole" in n for n in found.notes)
    assert any("older version" in n for n in found.notes)
    assert len(gpd.GeoDataFrame(frame).query("use == '普通建物'")) == 3


def test_archive_of_all_types(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "FG-GML-533946-ALL-20200101.zip",
        {"FG-GML-533946-BldA-20200101-0001.xml": dataset([building("a", [square(139.0, 35.0)])]),
         "FG-GML-533946-RdEdg-20200101-0001.xml": dataset([road_edge("r", [(139.0, 35.0), (139.001, 35.0)])]),
         "fmdid15-3111.xml": "<meta/>"},
    )  # fmt: skip
    assert len(fgd.read(path, "BldA").frame) == 1
    edges = fgd.read(path, "RdEdg").frame
    with pytest.raises(NetworkError, match="road edges"):
        refuse_road_edges(edges, "roads.gpkg")


def test_outlines_of_buildings(tmp_path: Path) -> None:
    """BldL: rings alone or of several lines are buildings, what they enclose is a yard, what stays open is told."""
    outer, yard, other = square(139.0, 35.0, 3e-4), square(139.0001, 35.0001), square(139.01, 35.0)
    lines = [outer, yard, other[:3], other[2:], [(139.02, 35.0), (139.021, 35.0)]]
    sheet = dataset([road_edge(f"l{i}", line) for i, line in enumerate(lines)]).replace("RdEdg", "BldL")
    (tmp_path / "FG-GML-533946-BldL-20200101-0001.xml").write_text(sheet.replace("真幅道路", "普通建物"), "utf-8")
    found = published.for_role(tmp_path, "buildings")
    assert found is not None
    expected = [shapely.Polygon(outer, [yard]), shapely.Polygon(other)]
    assert max(min(g.symmetric_difference(e).area for e in expected) for g in found.frame.geometry) < 1e-15
    assert found.frame["use"].tolist() == ["普通建物"] * 2
    assert "BldL: 2 buildings of 5 outlines" in found.notes
    assert "BldL: 1 outline that nothing closes left out" in found.notes
    with pytest.raises(DataError, match="none of 1 outline of buildings is closed"):
        fgd.outlined(Features(found.frame.iloc[:1].assign(geometry=[shapely.LineString(lines[-1])])))


def test_rings_in_pieces_holes_and_rings_without_corners(tmp_path: Path) -> None:
    outer, hole = square(139.0, 35.0, 3e-4), square(139.0001, 35.0001)
    pieces = building("a", [outer, hole], pieces=3)
    turned = pieces.replace(  # the second piece the other way round, as chained curves may be
        "35.000000000 139.000300000\n35.000300000 139.000300000", "35.000300000 139.000300000\n35.000000000 139.000300000"
    )
    assert turned != pieces
    thin = building("b", [[(139.0, 35.0), (139.0, 35.0)]])
    gap = building("c", [square(139.1, 35.0), [(139.0, 35.0)]])
    found = fgd.read(written(tmp_path, x=dataset([pieces, turned.replace("fid>a<", "fid>t<"), thin, gap])), "BldA")
    frame = found.frame.set_index("source_id")
    assert same(frame.geometry["a"], shapely.Polygon(outer, [hole]))
    assert frame.geometry["b"] is None
    assert frame.geometry["c"].area == pytest.approx(1e-8)
    assert "t" not in frame.index, "the same building"
    assert "BldA: 2 rings without three corners dropped" in found.notes


@pytest.mark.parametrize(("datum", "code"), [("jgd2000", 4612), ("jgd2001", 4612), ("jgd2011", 6668), ("jgd2024", 6668)])
def test_datums(tmp_path: Path, datum: str, code: int) -> None:
    frame = fgd.read(written(tmp_path, a=dataset([building("a", [square(139.0, 35.0)], datum=datum)])), "BldA").frame
    assert frame.crs.to_epsg() == code
    assert frame.total_bounds == pytest.approx([139.0, 35.0, 139.0001, 35.0001])


def test_mixed_and_unknown_datums(tmp_path: Path) -> None:
    new, old = building("a", [square(139.0, 35.0)]), building("b", [square(139.1, 35.0)], datum="jgd2000")
    found = fgd.read(written(tmp_path, a=dataset([new]), b=dataset([old])), "BldA")
    assert found.frame.crs.to_epsg() == 6668
    assert any("differ in their system (EPSG:4612, EPSG:6668)" in n for n in found.notes)
    with pytest.raises(DataError, match="JGD2000"):
        fgd.read(written(tmp_path, a=dataset([new, old])), "BldA")
    with pytest.raises(CRSError, match="unknown"):
        fgd.read(written(tmp_path, a=dataset([building("a", [square(139.0, 35.0)], datum="tokyo")])), "BldA")


@pytest.mark.parametrize(
    ("name", "code"),
    [("http://www.opengis.net/def/crs/EPSG/0/6697", 6668), ("urn:ogc:def:crs:EPSG::6668", 6668), ("EPSG:10169", 6676),
     ("urn:ogc:def:crs:EPSG:9.1:6677", 6677), ("http://www.opengis.net/gml/srs/epsg.xml#4612", None), ("nowhere", None),
     ("EPSG:99999", None), ("", None)],
)  # fmt: skip
def test_names_of_systems(name: str, code: int | None) -> None:
    sheet = sheets.Sheet(Path("SYNTHETIC.gml"), "", 0, lambda: (_ for _ in ()).throw(OSError()))
    if code is None:
        with pytest.raises(CRSError):
            gml.system(name, sheet)
    else:
        assert gml.system(name, sheet).to_epsg() == code
        assert gml.is_north_first(gml.system(name, sheet))


@pytest.mark.parametrize("text", ["35.0 x", "35.0 nan", "35.0 139.0 35.0", "35.0,139.0"])
def test_positions_that_are_no_numbers(tmp_path: Path, text: str) -> None:
    document = dataset([building("a", [square(139.0, 35.0)])])
    start = document.index("<gml:posList>") + 13
    with pytest.raises(DataError, match="positions that are"):
        fgd.read(written(tmp_path, a=document[:start] + text + document[document.index("</gml:posList>") :]), "BldA")


SOUTH, WEST = 35.0, 139.0


def sheet_of(folder: Path, name: str, elevation: object, seconds: float = 0.2, **more: object) -> Path:
    south, west = more.pop("south", SOUTH), more.pop("west", WEST)
    text = elevation_sheet(south, west, seconds, np.asarray(elevation, float), **more)  # type: ignore[arg-type]
    path = folder / f"{name}.xml"
    path.write_text(text, "utf-8")
    return path


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_list_of_elevations_comes_back(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    cells = st.one_of(st.just(np.nan), st.integers(-500, 380_000).map(lambda v: v / 100))
    values = np.array(data.draw(st.lists(cells, min_size=rows * columns, max_size=rows * columns)))
    start = data.draw(st.integers(0, rows * columns - 1))
    values[:start] = np.nan
    at = {"start": (start % columns, start // columns), "cut_tail": data.draw(st.booleans())}
    with tempfile.TemporaryDirectory() as folder:
        grid, _ = dem.read(sheet_of(Path(folder), "FG-GML-00-DEM5A-SYNTHETIC", values.reshape(rows, columns), **at))
    assert np.array_equal(grid.elevation_m, values.reshape(rows, columns).astype(np.float32), equal_nan=True)
    assert grid.bounds[:2] == pytest.approx((WEST, SOUTH))


def test_holes_filled_from_coarser_sheets_but_water_left(tmp_path: Path) -> None:
    fine = np.add.outer(np.arange(7.5, 0, -1), np.arange(8.0)) + 100.0  # a plane: falls by 1 a cell southwards, rises eastwards
    coarse = np.add.outer(np.arange(7.0, 0, -2), np.arange(0.5, 8, 2)) + 100.0  # the same plane in cells twice as wide
    fine = fine[:8, :8]
    holed = fine.copy()
    holed[2:5, 2:5] = np.nan
    water = np.zeros((8, 8), bool)
    water[3, 3] = True
    sheet_of(tmp_path, "FG-GML-1-DEM5A-1", holed, water=water)
    sheet_of(tmp_path, "FG-GML-1-DEM10B-1", coarse, 0.4)
    grid, notes = dem.read(tmp_path)
    expected = fine.copy()
    expected[3, 3] = np.nan
    assert np.allclose(grid.elevation_m, expected, atol=1e-4, equal_nan=True)
    assert notes == [
        "1 sheet of DEM5A, cells of 0.2 seconds",
        "terrain: 1 sheet of DEM10B, cells of 0.4 seconds gave 8 cells where that knows nothing",
        "terrain: 1 cells are water, without ground elevation",
    ]


def test_coarser_sheets_reach_beyond_finer_ones(tmp_path: Path) -> None:
    sheet_of(tmp_path, "FG-GML-1-DEM5A-1", [[7.0, 7.0], [7.0, 7.0]], south=SOUTH + 0.8 / 3600, west=WEST + 0.8 / 3600)
    sheet_of(tmp_path, "FG-GML-1-DEM10B-1", np.full((4, 5), 3.0), 0.4)
    grid, _ = dem.read(tmp_path)
    assert grid.elevation_m.shape == (8, 10)
    assert grid.bounds == pytest.approx((WEST, SOUTH, WEST + 2.0 / 3600, SOUTH + 1.6 / 3600))
    assert (grid.elevation_m == 7).sum() == 4
    assert (grid.elevation_m == 3).sum() == 76
    assert grid.elevation_m[2, 4] == 7
    box = (WEST + 0.7 / 3600, SOUTH + 0.7 / 3600, WEST + 1.5 / 3600, SOUTH + 1.5 / 3600)
    assert dem.read(tmp_path, box)[0].elevation_m.shape == (5, 5), "whole cells of the box, and the finer sheet"


def test_overlapping_sheets_laser_first_then_the_newest(tmp_path: Path) -> None:
    sheet_of(tmp_path, "FG-GML-1-DEM5B-1", [[5.0, 6.0]])
    sheet_of(tmp_path, "FG-GML-1-DEM5A-1", [[1.0, np.nan]])
    (tmp_path / "FG-GML-1-DEM5A-0.xml").write_text(
        elevation_sheet(SOUTH, WEST, 0.2, np.array([[2.0, np.nan]])).replace("2020-01-01", "2019-01-01"), "utf-8"
    )
    sheet_of(tmp_path, "FG-GML-2-DEM5A-1", [[7.0, 8.0]], south=SOUTH + 0.2 / 3600, west=WEST + 0.4 / 3600)
    grid, _ = dem.read(tmp_path)
    assert np.array_equal(
        grid.elevation_m, np.array([[np.nan, np.nan, 7, 8], [1, 6, np.nan, np.nan]], np.float32), equal_nan=True
    )
    part, _ = dem.read(tmp_path, bounds=(WEST, SOUTH, WEST + 0.3 / 3600, SOUTH + 0.1 / 3600))
    assert part.elevation_m.shape == (1, 2)
    with pytest.raises(TerrainError, match="none of the 4 elevation sheets"):
        dem.read(tmp_path, bounds=(130.0, 35.0, 131.0, 36.0))


def test_damaged_elevation_sheets(tmp_path: Path) -> None:
    good = elevation_sheet(SOUTH, WEST, 0.2, np.ones((3, 4)))
    spoilt = {
        "too many": (good.replace("地表面,1.00\n", "地表面,1.00\n地表面,1.00\n", 1), "13 elevations"),
        "start": (good.replace("<gml:startPoint>0 0", "<gml:startPoint>0 1"), "12 elevations from cell 4"),
        "before": (good.replace("<gml:startPoint>0 0", "<gml:startPoint>0 -1"), "from cell -4"),
        "number": (good.replace("地表面,1.00", "地表面,one", 1), "list of elevations"),
        "columns": (good.replace("地表面,1.00", "1.00", 1), "list of elevations"),
        "cut": (good[: good.index("</gml:tupleList>")], "does not end"),
        "cut later": (good[: good.index("<gml:startPoint>")], "damaged"),
        "element": (good.replace("地表面,1.00", "地表面,1.00<x/>", 1), "does not end"),
        "no list": (good.replace("tupleList", "tuple"), "no tupleList"),
        "corner": (good.replace("<gml:lowerCorner>35", "<gml:lowerCorner>36"), "corners"),
        "size": (good.replace("<gml:high>3 2", "<gml:high>3 3"), "corners"),
        "huge": (good.replace("<gml:high>3 2", "<gml:high>99999 99999"), "10,000,000,000|100,000 by 100,000"),
        "order": (good.replace("+x-y", "+x+y"), "order"),
        "word": (good.replace("<gml:high>3 2", "<gml:high>3"), "two numbers"),
        "datum": (good.replace("jgd2011", "tokyo"), "unknown"),
    }
    for name, (text, said) in spoilt.items():
        assert text != good, name
        (tmp_path / "FG-GML-1-DEM5A.xml").write_text(text, "utf-8")
        with pytest.raises(DataError, match=said):
            dem.read(tmp_path)
    (tmp_path / "FG-GML-1-DEM5A.xml").write_text(good.replace("\n", "\r\n").replace("地表面,1.00", "  地表面, 1.00 "), "utf-8")
    assert (dem.read(tmp_path)[0].elevation_m == 1).all()


def test_elevation_sheets_of_two_datums_are_no_mosaic(tmp_path: Path) -> None:
    sheet_of(tmp_path, "a", [[1.0]])
    sheet_of(tmp_path, "b", [[1.0]], datum="jgd2000")
    with pytest.raises(CRSError, match="different datums: JGD2000, JGD2011"):
        dem.read(tmp_path)
    with pytest.raises(DataError, match="no elevation model"):
        dem.read(written(tmp_path / "..", other=dataset([])) / "other.xml")
