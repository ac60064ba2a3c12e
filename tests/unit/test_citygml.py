"""PLATEAU's CityGML: real files where they are at hand, synthetic ones elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from sewerzone.errors import ConfigError, CRSError, DataError
from sewerzone.formats import citygml, cityobjects, published
from tests.agency import SHARED, block, city, face, footprint, square, zipped

REAL = SHARED / "jp_plateau_citygml"
real = pytest.mark.skipif(not REAL.exists(), reason="real files are not at hand")
TWINS = [REAL / "bldg" / f"27100_osaka_51357309_bldg_6697_op_citygml{v}.gml" for v in (2, 3)]


@real
@pytest.mark.parametrize(
    ("name", "count", "origin", "known"),
    [
        ("14201_yokosuka_52397519_bldg_6697_op", 13, "lod0FootPrint", {"floor_area_m2": 11, "storeys": 11, "height_m": 13}),
        ("27100_osaka_51357309_bldg_6697_op_citygml2", 63, "lod0FootPrint", {"storeys": 62, "height_m": 62}),
        ("27100_osaka_51357309_bldg_6697_op_citygml3", 63, "lod0MultiSurface", {"storeys": 62, "height_m": 62}),
        ("43206_tamana_49303425_bldg_6697_op", 242, "lod0RoofEdge", {"floor_area_m2": 181, "storeys": 181, "built_year": 132}),
        ("yamaguchi_51311568_bldg_6697_op_lod1only", 225, citygml.BOTTOM, {"floor_area_m2": 0, "storeys": 0, "height_m": 225}),
    ],
)
def test_real_buildings(name: str, count: int, origin: str, known: dict[str, int]) -> None:
    found = citygml.buildings(REAL / "bldg" / f"{name}.gml")
    frame = found.frame
    assert len(frame) == count
    assert set(frame["footprint_from"]) == {origin}
    assert frame.geometry.is_valid.all()
    assert not frame.geometry.is_empty.any()
    assert frame.crs.to_epsg() == 6668
    assert frame["ground_elev_m"].notna().all()
    assert frame["source_id"].is_unique
    assert {column: int(frame[column].notna().sum()) for column in known} == known
    west, south, east, north = frame.total_bounds
    assert 122 < west < east < 146, "longitude first"
    assert 24 < south < north < 46
    assert (frame.to_crs("EPSG:3099").area > 1).all()
    assert not np.isin(frame[["storeys", "height_m", "floor_area_m2"]].to_numpy(), citygml.UNKNOWN).any()


@real
def test_real_towns_without_usage_say_so() -> None:
    notes = citygml.buildings(REAL / "bldg" / "yamaguchi_51311568_bldg_6697_op_lod1only.gml").notes
    assert any("225 of 225 have LOD1 only" in n for n in notes)
    assert any("no usage is known" in n for n in notes)


@real
def test_twins_agree_building_by_building() -> None:
    two, three = (citygml.buildings(p).frame.set_index("source_id") for p in TWINS)
    assert sorted(two.index) == sorted(three.index)
    three = three.loc[two.index]
    assert two.geometry.symmetric_difference(three.geometry).is_empty.all()
    for column in two.columns.drop(["geometry", "footprint_from"]):
        same = (two[column] == three[column]) | (two[column].isna() & three[column].isna())
        assert same.all(), column
    both = citygml.buildings(TWINS)
    assert len(both.frame) == 63
    assert both.notes[0] == "buildings: 63 features delivered more than once, kept once"


@real
def test_real_themes() -> None:
    numazu = REAL / "urf" / "22203_numazu_523857_urf_6668_op.gml"
    areas = cityobjects.read(numazu, "urbanisation").frame
    assert areas["function"].value_counts().to_dict() == {"22": 2, "23": 1}
    assert areas["kind"].value_counts().to_dict() == {"urbanisation_promotion": 2, "urbanisation_control": 1}
    assert len(cityobjects.read(numazu, "use_zones").frame) == 38
    assert areas.crs.to_epsg() == 6668, "what the content says, not the name"
    facilities = cityobjects.read(REAL / "urf" / "41206_takeo_493060_urf_6668_op.gml", "facilities").frame
    assert facilities["kind"].tolist() == ["sewer"] * 26
    planned = cityobjects.read(REAL / "urf", "planning").frame
    assert planned["name"].tolist() == ["研究学園都市計画区域", "武雄都市計画区域"]
    sewers = cityobjects.read(REAL / "unf", "sewers").frame
    assert sewers["class_name"].tolist() == ["SewerPipe", "SewerPipe", "Manhole", "Manhole"]
    assert sewers.crs.to_epsg() == 6676
    assert sewers.geometry.iloc[0].length == pytest.approx(51.27, abs=0.01)
    assert sewers.total_bounds[:2] == pytest.approx([22009.9, 158105.0], abs=0.1), "easting first"
    road = cityobjects.read(REAL / "tran", "carriageways").frame
    assert road.geometry.geom_type.tolist() == ["Polygon"]
    assert road["geometry_from"].tolist() == ["lod1MultiSurface"]
    assert len(cityobjects.read(REAL / "luse", "land_use").frame) == 363


@real
def test_real_planning_areas_as_layers_of_a_study() -> None:
    """What a file holds beyond its first lines is found too; sewers serve the land beside them."""
    numazu = REAL / "urf" / "22203_numazu_523857_urf_6668_op.gml"
    served = published.for_role(numazu, "served_areas")
    assert served is not None
    assert served.frame["kind"].tolist() == ["urbanisation_promotion"] * 2
    takeo = REAL / "urf" / "41206_takeo_493060_urf_6668_op.gml"
    assert [h.kind for h in published.holdings(takeo)] == ["facilities", "planning", "use_zones"]
    with pytest.raises(ConfigError, match="facilities, planning, use_zones, nothing for served_areas"):
        published.for_role(takeo, "served_areas")  # its 26 "sewer" facilities are strips of storm drains (雨水幹線, 下水路)
    names = cityobjects.read(takeo, "facilities").frame["name"]
    assert names.str.contains("雨水幹線|下水路|支線").all()
    sewered = published.for_role(REAL / "unf", "served_areas")
    assert sewered is not None
    assert "served areas: land within 30 m of 2 sewer pipes (unf) taken as served" in sewered.notes
    assert 3_000 < sewered.frame.area.sum() < 15_000
    assert sewered.frame.crs.to_epsg() == 6676


HOME = square(139.0, 35.0)


def test_attributes_and_values_for_unknown(tmp_path: Path) -> None:
    detail = (
        "<uro:buildingDetailAttribute><uro:BuildingDetailAttribute><uro:totalFloorArea>{}</uro:totalFloorArea>"
        "</uro:BuildingDetailAttribute></uro:buildingDetailAttribute>"
    )
    path = tmp_path / "53394503_bldg_6697_op.gml"
    known = "<bldg:class>3001</bldg:class><bldg:usage>411</bldg:usage><bldg:yearOfConstruction>1990</bldg:yearOfConstruction>"
    known += "<bldg:measuredHeight>6.5</bldg:measuredHeight><bldg:storeysAboveGround>2</bldg:storeysAboveGround>"
    known += detail.format(120.5)
    unknown = "<bldg:class>3003</bldg:class><bldg:usage>461</bldg:usage><bldg:yearOfConstruction>0001</bldg:yearOfConstruction>"
    unknown += "<bldg:measuredHeight>-9999</bldg:measuredHeight><bldg:storeysAboveGround>9999</bldg:storeysAboveGround>"
    unknown += detail.format(-9999)
    bodies = {"a": known + footprint(HOME) + block(HOME, 10, 16), "b": unknown + footprint(square(139.1, 35.0))}
    path.write_text(city(bodies), "utf-8")
    frame = citygml.buildings(path).frame.set_index("source_id")
    figures = ["floor_area_m2", "storeys", "height_m", "ground_elev_m", "built_year"]
    assert frame.loc["a", figures].tolist() == [120.5, 2, 6.5, 10, 1990]
    assert frame.loc["b", figures].isna().all()
    assert frame["use"].tolist() == ["411", "3003"], "a roof without walls holds no residents, whatever its usage"


def test_footprints_where_there_is_none(tmp_path: Path) -> None:
    half = f"<bldg:BuildingPart><bldg:usage>412</bldg:usage>{block(HOME, 5, 9)}</bldg:BuildingPart>"
    part = f"<bldg:consistsOfBuildingPart>{half}</bldg:consistsOfBuildingPart>"
    second = part.replace(block(HOME, 5, 9), block(square(139.0001, 35.0), 4, 9)).replace("412", "413")
    slope = face([(139.0, 35.0, 1), (139.001, 35.0, 2), (139.0, 35.001, 1), (139.0, 35.0, 1)])
    roof = f"<bldg:boundedBy><bldg:RoofSurface><gml:MultiSurface>{slope}</gml:MultiSurface></bldg:RoofSurface></bldg:boundedBy>"
    link = '<gml:surfaceMember xlink:href="#x" xmlns:xlink="http://www.w3.org/1999/xlink"/>'
    linked = f"<bldg:lod0RoofEdge><gml:MultiSurface>{link}</gml:MultiSurface></bldg:lod0RoofEdge>"
    bodies = {
        "bottom": block(HOME, 5, 9), "tilted": block(square(139.1, 35.0), 5, 9, tilt=1.0), "parts": part + second,
        "roof": roof, "nothing": "<bldg:usage>411</bldg:usage>", "linked": linked + block(square(139.3, 35.0), 1, 2),
    }  # fmt: skip
    (tmp_path / "a.gml").write_text(city(bodies), "utf-8")
    found = citygml.buildings(tmp_path)
    frame = found.frame.set_index("source_id")
    expected = {"bottom": shapely.Polygon(HOME), "tilted": shapely.Polygon(square(139.1, 35.0)),
                "parts": shapely.box(139.0, 35.0, 139.0002, 35.0001), "linked": shapely.Polygon(square(139.3, 35.0)),
                "roof": shapely.Polygon([(139.0, 35.0), (139.001, 35.0), (139.0, 35.001)])}  # fmt: skip
    for key, shape in expected.items():
        assert frame.geometry[key].symmetric_difference(shape).area < 1e-15, key
    assert frame.geometry["nothing"] is None
    kinds = ["bottom", "tilted", "parts", "roof", "nothing", "linked"]
    sources = [citygml.BOTTOM, citygml.OUTLINE, citygml.BOTTOM, citygml.OUTLINE, None, citygml.BOTTOM]
    assert [v if isinstance(v, str) else None for v in frame.loc[kinds, "footprint_from"]] == sources
    assert frame["ground_elev_m"].dropna().tolist() == [5, 5, 4, 1, 1]
    assert frame.loc["parts", "use"] == "412"
    assert "buildings: 1 of 6 have no geometry at all" in found.notes


def test_city_as_downloaded(tmp_path: Path) -> None:
    document = city({"a": footprint(HOME)})
    path = zipped(
        tmp_path / "22203_numazu-shi_city_2023_citygml_1_op.zip",
        {"22203_op/udx/bldg/52385618_bldg_6697_op.gml": document, "22203_op/udx/dem/523856_dem_6697_op.gml": document,
         "22203_op/codelists/Building_usage.xml": "<gml:Dictionary xmlns:gml='http://www.opengis.net/gml'/>"},
    )  # fmt: skip
    assert len(citygml.city_sheets(path)) == 2
    assert [s.base for s in citygml.city_sheets(path, "bldg")] == ["52385618_bldg_6697_op.gml"]
    assert len(citygml.buildings(path).frame) == 1


def test_damaged_cities(tmp_path: Path) -> None:
    good = city({"a": footprint(HOME) + block(HOME, 1, 2)})
    for text, kind, said in [
        (good.replace("6697", "9999"), CRSError, "unknown"),
        (good.replace("srsName=", "was="), CRSError, "no srsName"),
        (good[:-40], DataError, "damaged"),
        (good.replace(" 1.000", ""), DataError, "positions that are not 3 numbers|no numbers"),
        (good.replace("1.000", "one"), DataError, "no numbers"),
        (good.replace("bldg:Building", "bldg:Bridge"), DataError, "holds no building"),
        (good.replace("citygml", "other"), DataError, "holds no building"),
    ]:
        (tmp_path / "a.gml").write_text(text, "utf-8")
        with pytest.raises(kind, match=said):
            citygml.buildings(tmp_path)
    with pytest.raises(DataError, match=r"holds no sewers and manholes"):
        cityobjects.read(tmp_path, "sewers")
