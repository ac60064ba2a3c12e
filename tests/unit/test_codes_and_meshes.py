"""Municipality codes, plane zones and grid squares."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sewerzone import crs
from sewerzone.errors import ConfigError, DataError
from sewerzone.formats import codes, mesh
from tests.agency import SHARED

DIGITS = (4, 6, 8, 9, 10, 11)
"""Of codes for squares of 80, 10 and 1 km, 500, 250 and 125 m."""
LIST = SHARED / "jp_ksj_estat" / "codes" / "code_pref_muni.csv"


def test_codes() -> None:
    assert codes.with_check_digit("01100") == "011002"
    assert codes.with_check_digit(22210) == "222101"
    assert codes.municipality("222101") == "22210"
    assert codes.municipality(1100) == "01100"
    assert codes.municipality(11002) == "11002", "five digits are a code without check digit"
    for wrong in ("222102", "99201", "2221O", "", "00201", "2221012"):
        with pytest.raises(ConfigError, match="no municipality code"):
            codes.municipality(wrong)


@pytest.mark.skipif(not LIST.exists(), reason="real files are not at hand")
def test_every_code_of_japan() -> None:
    with LIST.open(encoding="utf-8") as stream:
        listed = [row["code_dantai"].zfill(6) for row in csv.DictReader(stream)]
    assert len(listed) == 1965
    assert [codes.with_check_digit(c[:5]) for c in listed] == listed
    assert all(codes.plane_zone(c) is not None for c in listed)


@pytest.mark.parametrize(
    ("code", "zone"),
    [("22210", 8), ("04100", 10), ("42", 1), ("13", 9), ("13421", 14), ("46222", 1), ("46201", 2), ("47201", 15), ("47207", 16),
     ("47357", 17), ("01100", 12), ("01202", 11), ("01206", 13), ("01219", 12), ("01543", 13), ("01555", 12), ("01634", 13),
     ("01", None), ("31", 5), ("1", None), ("01571", 11), ("01578", 12)],
)  # fmt: skip
def test_zones(code: str, zone: int | None) -> None:
    assert codes.plane_zone(code) == zone


def test_zones_of_prefectures_agree_with_the_nearest_origin_for_most() -> None:
    assert set(codes.ZONE_OF_PREFECTURE) == {f"{p:02d}" for p in range(2, 48)}
    assert set(codes.ZONE_OF_PREFECTURE.values()) <= set(crs.ZONE_ORIGINS_DEG)


@pytest.mark.parametrize(
    ("longitude", "latitude", "expected"),
    [(138.6763, 35.1613, ["5238", "523855", "52385594", "523855941", "5238559413", "52385594131"]),
     (140.82, 38.26, ["5740", "574036", "57403615", "574036152", "5740361521", "57403615213"])],
)  # fmt: skip
def test_known_squares(longitude: float, latitude: float, expected: list[str]) -> None:
    assert [mesh.code(longitude, latitude, d) for d in DIGITS] == expected
    box = mesh.bounds(expected)
    assert (box[:, 0] <= longitude).all()
    assert (longitude < box[:, 2]).all()
    assert (box[:, 1] <= latitude).all()
    assert (latitude < box[:, 3]).all()
    assert box[2] == pytest.approx([box[2][0], box[2][1], box[2][0] + 45 / 3600, box[2][1] + 30 / 3600])


@given(st.floats(122.0, 153.99), st.floats(20.0, 45.99), st.sampled_from(DIGITS))
def test_squares_hold_the_places_they_are_named_for(longitude: float, latitude: float, digits: int) -> None:
    code = mesh.code(longitude, latitude, digits)
    assert mesh.is_code(code)
    west, south, east, north = mesh.bounds([code])[0]
    assert west - 1e-9 <= longitude <= east + 1e-9
    assert south - 1e-9 <= latitude <= north + 1e-9
    middle = mesh.code((west + east) / 2, (south + north) / 2, digits)
    assert middle == code


def test_squares_tile_those_above_them() -> None:
    quarter = [f"52385594{a}{b}{c}" for a in "1234" for b in "1234" for c in "1234"]
    box = mesh.bounds(quarter)
    whole = mesh.bounds(["52385594"])[0]
    assert np.allclose([*box[:, :2].min(axis=0), *box[:, 2:].max(axis=0)], whole)
    assert sum(p.area for p in mesh.polygons(quarter)) == pytest.approx(mesh.polygons(["52385594"])[0].area)


def test_what_is_no_square() -> None:
    with pytest.raises(DataError, match=r"2 grid square codes are none \(523885, 5238559415\)"):
        mesh.bounds(["5238", "523885", "5238559415"])
