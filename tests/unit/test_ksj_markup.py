"""KSJ as JPGIS XML alone: SYNTHETIC sheets written from the product specification of N03."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from sewerzone.errors import CRSError, DataError
from sewerzone.formats import ksj, ksj_markup, markup, published
from sewerzone.formats.sheets import sheets
from tests.agency import jpgis, jpgis_points, shapefile, square, zipped

RINGS = [[square(138.6, 35.1, 0.1), square(138.64, 35.14, 0.01)], [square(138.8, 35.1, 0.02)], [square(138.7, 35.3, 0.05)]]


def tags(city: str, code: str) -> str:
    space = ' codeSpace="AdministrativeAreaCode.xml"'
    return (
        "<ksj:prefectureName>静岡県</ksj:prefectureName><ksj:subPrefectureName/><ksj:countyName/>"
        f"<ksj:cityName>{city}</ksj:cityName><ksj:administrativeAreaCode{space}>{code}</ksj:administrativeAreaCode>"
    )


TOWNS = [tags("富士市", "22210"), tags("富士市", "22210"), tags("富士宮市", "22207")]


def test_municipalities(tmp_path: Path) -> None:
    """Islands of one municipality are one row, holes stay holes, curves in pieces are one ring; as of a Shapefile."""
    (tmp_path / "KS-META-N03.xml").write_text("<gmd:MD_Metadata xmlns:gmd='http://www.isotc211.org/2005/gmd'/>", "utf-8")
    (tmp_path / "N03-20_22_200101.xml").write_text(jpgis(RINGS, TOWNS), "utf-8")
    assert published.holdings(tmp_path) == [published.Holding("municipalities", published.KSJ, "N03")]
    found = published.read(tmp_path, published.choose(tmp_path, None))
    frame = found.frame.set_index("municipality_code")
    assert frame.index.tolist() == ["22207", "22210"]
    assert frame["name"].tolist() == ["富士宮市", "富士市"]
    assert frame.crs.to_epsg() == 6668
    expected = shapely.Polygon(RINGS[0][0], [RINGS[0][1]]).union(shapely.Polygon(RINGS[1][0]))
    assert frame.geometry["22210"].symmetric_difference(expected).area < 1e-12, "longitude first, the hole open"
    assert "N03: read from JPGIS XML" in found.notes
    shapes = [shapely.Polygon(r[0], r[1:]) for r in RINGS]
    fields = {"N03_001": ["静岡県"] * 3, "N03_003": [None] * 3, "N03_004": ["富士市", "富士市", "富士宮市"],
              "N03_005": [None] * 3, "N03_007": ["22210", "22210", "22207"]}  # fmt: skip
    (tmp_path / "shp").mkdir()
    shapefile(tmp_path / "shp" / "N03-20_22_200101.shp", fields, shapes)
    known = ksj.read(tmp_path / "shp", "N03").frame.set_index("municipality_code")
    assert known["name"].tolist() == frame["name"].tolist()
    assert shapely.area(known.geometry.symmetric_difference(frame.geometry).to_numpy()).max() < 1e-12
    assert not any("JPGIS" in n for n in ksj.read(tmp_path, "N03").notes), "the Shapefile goes before"


def test_other_products_keep_their_tags(tmp_path: Path) -> None:
    places = [(138.7, 35.2), (138.9, 35.3)]
    body = ["<ksj:facilityName>東部</ksj:facilityName><ksj:plan><ksj:Plan><ksj:people>120</ksj:people></ksj:Plan></ksj:plan>",
            "<ksj:facilityName>西部</ksj:facilityName>"]  # fmt: skip
    path = zipped(tmp_path / "P22-12_22_GML.zip", {"P22-12_22/P22-12_22.xml": jpgis_points(places, body, "TreatmentPlant")})
    holding = published.choose(path, "ksj_P22")
    found = published.read(path, holding)
    assert found.frame["facilityName"].tolist() == ["東部", "西部"]
    assert found.frame["people"].tolist()[0] == "120"
    assert found.frame["class_name"].unique().tolist() == ["TreatmentPlant"]
    assert [(p.x, p.y) for p in found.frame.geometry] == places
    assert any("columns are the tags" in n for n in found.notes)


def test_links_that_lead_nowhere_are_counted(tmp_path: Path) -> None:
    text = jpgis(RINGS, TOWNS).replace('bounds xlink:href="#sf3"', 'bounds xlink:href="#none"')
    text = text.replace('curveMember xlink:href="#cv1_0_0"', 'curveMember xlink:href="#_cv1_0_0"')
    (tmp_path / "N03-20.xml").write_text(text, "utf-8")
    found = ksj_markup.read(tmp_path, "N03")
    assert len(found.frame) == 2, "an underscore more is no harm"
    assert "N03: 1 feature of the JPGIS XML without a place" in found.notes


def test_damaged_sheets(tmp_path: Path) -> None:
    good = jpgis(RINGS, TOWNS)
    path = tmp_path / "N03-20.xml"
    for text, kind, said in [
        (good[: len(good) // 2], DataError, "damaged"),
        (good.replace("JGD2011", "Tokyo"), CRSError, "unknown"),
        (good.replace("35.100000000 138.600000000", "here there", 1), DataError, "no numbers"),
        (jpgis([], []), DataError, "no feature"),
        (f"<!DOCTYPE a [<!ENTITY b 'c'>]>{good[39:]}", DataError, "document type"),
    ]:
        path.write_text(text, "utf-8")
        with pytest.raises(kind, match=said):
            published.read(path, published.choose(path, None))


def test_children_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "N03-20.xml"
    path.write_text(jpgis(RINGS * 400, TOWNS * 400), "utf-8")
    assert path.stat().st_size > 2 * markup.CHUNK_BYTES
    held = [len(child.getparent()) for child in markup.children(sheets(path)[0])]
    count = len(held)
    assert count == 1 + 400 * (8 + 3 + 3)
    assert max(held) < 0.6 * count
