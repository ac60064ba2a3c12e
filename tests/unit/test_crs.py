"""Coordinate reference systems: the table of zones, what is refused, and what is proposed."""

from __future__ import annotations

import pytest
from pyproj import CRS

from sewerzone import crs
from sewerzone.errors import CRSError

DATA_B1 = {
    1: (33, 129.5), 2: (33, 131), 3: (36, 132.1667), 4: (33, 133.5), 5: (36, 134.3333), 6: (36, 136), 7: (36, 137.1667),
    8: (36, 138.5), 9: (36, 139.8333), 10: (40, 140.8333), 11: (44, 140.25), 12: (44, 142.25), 13: (44, 144.25),
    14: (26, 142), 15: (26, 127.5), 16: (26, 124), 17: (26, 131), 18: (20, 136), 19: (26, 154),
}  # fmt: skip
"""Origins of the plane rectangular zones (latitude, longitude), Public Survey notice (平面直角座標系の原点)."""


@pytest.mark.parametrize("zone", DATA_B1)
def test_origins_agree_with_the_notice_and_with_proj(zone: int) -> None:
    assert crs.ZONE_ORIGINS_DEG[zone] == pytest.approx(DATA_B1[zone], abs=1e-4)
    found = CRS.from_epsg(crs.zone_epsg(zone))
    operation = found.coordinate_operation
    assert operation is not None
    values = {p.name: p.value for p in operation.params}
    origin = values["Latitude of natural origin"], values["Longitude of natural origin"]
    assert crs.ZONE_ORIGINS_DEG[zone] == pytest.approx(origin, abs=1e-9)
    assert values["Scale factor at natural origin"] == 0.9999
    assert found.name.startswith("JGD2011 / Japan Plane Rectangular CS")


def test_all_zones_are_there() -> None:
    assert sorted(crs.ZONE_ORIGINS_DEG) == list(range(1, 20))
    assert (crs.zone_epsg(1), crs.zone_epsg(19)) == (6669, 6687)


@pytest.mark.parametrize(
    "text", ["EPSG:6678", "EPSG:2452", "EPSG:32640", "epsg:6677", "+proj=utm +zone=54 +datum=WGS84 +units=m"]
)
def test_metric_systems_are_taken(text: str) -> None:
    assert crs.metric(text).is_projected


def test_of_a_compound_system_the_plane_part_counts() -> None:
    assert crs.metric("EPSG:10171").to_epsg() == 6678
    assert crs.horizontal(CRS.from_epsg(6697)).to_epsg() == 6668
    assert crs.horizontal(CRS.from_epsg(6678)).to_epsg() == 6678


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("EPSG:6668", "EPSG:6668 is in degrees"),
        ("EPSG:4326", "EPSG:4326 is in degrees"),
        ("EPSG:6697", "EPSG:6697 is in degrees"),
        ("EPSG:2263", "EPSG:2263 is in US survey foot"),
        ("EPSG:4978", r"EPSG:4978 is no map projection \(Geocentric CRS\)"),
        ("EPSG:6695", r"EPSG:6695 is no map projection \(Vertical CRS\)"),
    ],
    ids=["JGD2011", "WGS 84", "JGD2011 with heights", "feet", "geocentric", "heights alone"],
)
def test_others_are_refused_with_the_remedy(text: str, said: str) -> None:
    with pytest.raises(
        CRSError, match=f"^study.crs: {said}. Why it matters: .*What to do: name a plane rectangular zone.*6669–6687"
    ):
        crs.metric(text)


@pytest.mark.parametrize("text", ["", "zone 10", "EPSG:999999", "EPSG:"])
def test_what_is_no_system_is_refused(text: str) -> None:
    with pytest.raises(CRSError, match=r"^--crs: .* is not a coordinate reference system.*EPSG:6678"):
        crs.metric(text, "--crs")


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "zone"),
    [
        ("Sendai", 140.87, 38.27, 10), ("Fuji", 138.68, 35.16, 8), ("Yaizu", 138.32, 34.87, 8), ("Naha", 127.68, 26.21, 15),
        ("Sapporo", 141.35, 43.06, 12), ("Tokyo", 139.70, 35.68, 9), ("Osaka", 135.50, 34.69, 6), ("Nagoya", 136.90, 35.18, 7),
        ("Fukuoka", 130.40, 33.59, 2), ("Nagasaki", 129.87, 32.75, 1), ("Hiroshima", 132.46, 34.39, 3),
        ("Kochi", 133.53, 33.56, 4),
        ("Hakodate", 140.73, 41.77, 11), ("Aomori", 140.74, 40.82, 10), ("Kushiro", 144.38, 42.98, 13),
        ("Amami", 129.49, 28.38, 1), ("Ogasawara", 142.19, 27.09, 14), ("Miyako", 125.28, 24.80, 16),
        ("Minamidaito", 131.23, 25.83, 17), ("Okinotorishima", 136.08, 20.42, 18), ("Minamitorishima", 153.98, 24.29, 19),
    ],
)  # fmt: skip
def test_zone_of_a_place(place: str, longitude: float, latitude: float, zone: int) -> None:
    assert crs.propose_zone(longitude, latitude) == f"EPSG:{6668 + zone}", place


@pytest.mark.parametrize(("longitude", "latitude"), [(0.0, 51.5), (121.5, 25.0), (58.4, 23.6), (140.0, -38.0)])
def test_no_zone_outside_japan(longitude: float, latitude: float) -> None:
    assert crs.propose_zone(longitude, latitude) is None


@pytest.mark.parametrize(
    ("longitude", "latitude", "epsg"), [(58.4, 23.6, 32640), (-0.1, 51.5, 32630), (180.0, 10.0, 32601), (151.2, -33.9, 32756)]
)
def test_utm_zone_of_a_place(longitude: float, latitude: float, epsg: int) -> None:
    assert crs.propose_utm(longitude, latitude) == f"EPSG:{epsg}"


def test_planes_and_utm_zones_have_japanese_names() -> None:
    told = [crs.in_japanese(CRS.from_epsg(code).name) for code in (6676, 2443, 6691, 4326)]
    assert told == [
        "平面直角座標系 第VIII系(JGD2011)", "平面直角座標系 第I系(JGD2000)", "UTM座標系 第54帯(JGD2011)", "WGS 84",
    ]  # fmt: skip
