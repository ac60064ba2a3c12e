"""The ground of PLATEAU: triangles as a grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyproj import CRS

from sewerzone.errors import CRSError, DataError, TerrainError
from sewerzone.formats import published, relief
from tests import agency

REAL = agency.SHARED / "jp_plateau_citygml" / "dem"
WEST, SOUTH = 139.7, 35.2


def height(east: float, north: float) -> float:
    """A slope."""
    return 10.0 + 2000.0 * (east - WEST) + 1000.0 * (north - SOUTH)


def square(side: float, at: float = 0.0) -> list[list[tuple[float, float, float]]]:
    """Two triangles of a square on the slope; corners are latitude, longitude, height."""
    corners = {k: (SOUTH + at + k[1] * side, WEST + at + k[0] * side) for k in ((0, 0), (1, 0), (1, 1), (0, 1))}
    told = {k: (lat, lon, height(lon, lat)) for k, (lat, lon) in corners.items()}
    return [[told[0, 0], told[1, 0], told[1, 1]], [told[0, 0], told[1, 1], told[0, 1]]]


def written(path: Path, triangles: list[list[tuple[float, float, float]]], epsg: int = 6697, corners: int = 4) -> Path:
    path.write_text(agency.relief(triangles, epsg, corners), encoding="utf-8")
    return path


def test_cells_take_the_height_of_their_triangle(tmp_path: Path) -> None:
    side = 6.3 * relief.CELL_DEG
    held, notes = relief.read(written(tmp_path / "a_op.gml", square(side)))
    rows, columns = held.elevation_m.shape
    a, _, west, _, e, north = held.transform
    east, up = np.meshgrid(west + a * (np.arange(columns) + 0.5), north + e * (np.arange(rows) + 0.5))
    is_inside = (east > WEST) & (east < WEST + side) & (up > SOUTH) & (up < SOUTH + side)
    assert is_inside.sum() >= 36
    assert (np.isfinite(held.elevation_m) == is_inside).all()
    assert held.elevation_m[is_inside] == pytest.approx(height(east[is_inside], up[is_inside]), abs=1e-4)
    assert "2 triangles" in notes[0]
    assert held.crs == CRS.from_epsg(6668)


def test_sheets_come_together_and_those_far_off_are_left_out(tmp_path: Path) -> None:
    side = 4 * relief.CELL_DEG
    written(tmp_path / "a_op.gml", square(side))
    written(tmp_path / "b_op.gml", square(side, at=side))
    together, _ = relief.read(tmp_path)
    assert np.isfinite(together.elevation_m).sum() == 32
    one, _ = relief.read(tmp_path, (WEST, SOUTH, WEST + 0.9 * side, SOUTH + 0.9 * side))
    assert np.isfinite(one.elevation_m).sum() == 16
    with pytest.raises(TerrainError, match="none of the 4 triangles"):
        relief.read(tmp_path, (130.0, 33.0, 130.1, 33.1))


def test_many_triangles_go_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a_op.gml", [t for k in range(5) for t in square(7.5 * relief.CELL_DEG, at=k * 4e-4)])
    whole, _ = relief.read(path)
    monkeypatch.setattr(relief, "TRIANGLES_AT_ONCE", 3)
    monkeypatch.setattr(relief, "CELLS_AT_ONCE", 20)
    parts, _ = relief.read(path)
    np.testing.assert_array_equal(whole.elevation_m, parts.elevation_m)


def test_damage_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2 triangles without four positions"):
        relief.read(written(tmp_path / "a_op.gml", square(1e-3), corners=3))
    with pytest.raises(CRSError, match="not in degrees"):
        relief.read(written(tmp_path / "b_op.gml", square(1e-3), epsg=6677))
    far = [[(35.0, 139.0, 1.0), (35.1, 139.0, 1.0), (35.1, 139.1, 1.0)]]
    for wrong in (far, [[(35.0, 139.0, 9999.0)] * 3], [[(95.0, 139.0, 9.0)] * 3]):
        with pytest.raises(DataError, match="cannot be"):
            relief.read(written(tmp_path / "w_op.gml", wrong))
    whole = (tmp_path / "b_op.gml").read_bytes()
    (tmp_path / "c_op.gml").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(DataError, match=r"c_op\.gml"):
        relief.read(tmp_path / "c_op.gml")
    with pytest.raises(DataError, match="no ground surface"):
        relief.read(written(tmp_path / "d_op.gml", []))


@pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not here")
def test_the_real_file() -> None:
    held, notes = published.terrain(REAL)
    assert "1,066 triangles" in notes[0]
    assert held.elevation_m.shape == (241, 226)
    assert held.bounds == pytest.approx((139.6875, 35.19494653600746, 139.7, 35.20833178021569), abs=relief.CELL_DEG)
    assert np.nanmin(held.elevation_m) >= -0.02
    assert np.nanmax(held.elevation_m) <= 24.199632
