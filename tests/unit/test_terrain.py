"""Elevation rasters: mosaics, grids, and nodata of every kind that real files have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from pyproj import CRS

from sewerzone.errors import ConfigError, CRSError, TerrainError
from sewerzone.io import terrain as module
from sewerzone.io.terrain import read_terrain
from sewerzone.model import Terrain
from tests import village

STUDY = CRS.from_user_input(village.CRS)
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
BOUNDS = (village.EAST_M, village.NORTH_M, village.EAST_M + 180.0, village.NORTH_M + 80.0)


def read(folder: Path, *names: str, bounds: Any = BOUNDS) -> tuple[Terrain, tuple[str, ...]]:
    return read_terrain(names, folder, STUDY, bounds)


def sample(terrain: Terrain, *places_m: tuple[float, float]) -> list[float]:
    x, y = np.array(places_m, dtype=float).T
    return terrain.sample(village.EAST_M + x, village.NORTH_M + y).tolist()


def test_one_raster_is_read_round_the_bounds_only(tmp_path: Path):
    village.write_raster(tmp_path / "dem.tif", village.ground())
    terrain, notes = read(tmp_path, "dem.tif")
    assert notes == ()
    assert terrain.elevation_m.shape == (8 + 4, 18 + 4)  # two cells of margin on each side
    assert sample(terrain, (0, 40), (100, 10), (180, 80)) == pytest.approx([50.0, 51.0, 51.8], abs=1e-4)
    assert np.isnan(sample(terrain, (400, 40))).all()


@pytest.mark.parametrize("hole", [-9999.0, -32767.0, 3.4e38, -3.4e38, np.nan])
@pytest.mark.parametrize("is_tagged", [True, False])
def test_nodata_of_every_kind_is_unknown_ground(tmp_path: Path, hole: float, is_tagged: bool):
    values = village.ground()
    values[:, 20] = hole  # the cell 100 to 110 m east
    village.write_raster(tmp_path / "dem.tif", values, nodata=float(np.float32(hole)) if is_tagged else None)
    terrain, notes = read(tmp_path, "dem.tif")
    assert np.isnan(terrain.elevation_m).sum() == terrain.elevation_m.shape[0]
    assert np.isnan(sample(terrain, (105, 40))).all()
    assert sample(terrain, (111, 40)) == pytest.approx([51.15], abs=1e-3)  # the unknown corner is left out
    assert ("untagged" in "".join(notes)) == (not is_tagged and not np.isnan(hole))


def test_a_tag_of_zero_is_obeyed_and_said(tmp_path: Path):
    values = village.ground()
    values[:, 20] = 0.0
    village.write_raster(tmp_path / "dem.tif", values, nodata=0.0)
    terrain, notes = read(tmp_path, "dem.tif")
    assert np.isnan(sample(terrain, (105, 40))).all()
    assert "tags 0 m as nodata" in notes[0]


def test_zero_without_a_tag_is_ground(tmp_path: Path):
    values = village.ground()
    values[:, 20] = 0.0
    village.write_raster(tmp_path / "dem.tif", values)
    terrain, notes = read(tmp_path, "dem.tif")
    assert sample(terrain, (105, 40)) == [0.0]
    assert notes == ()


def test_integers_with_scale_and_offset(tmp_path: Path):
    values = (village.ground() * 100 - 1000).round().astype("int16")
    values[:, 20] = -32768
    village.write_raster(tmp_path / "dem.tif", values, dtype="int16", nodata=-32768)
    with rasterio.open(tmp_path / "dem.tif", "r+") as raster:
        raster.scales, raster.offsets = (0.01,), (10.0,)
    terrain, _ = read(tmp_path, "dem.tif")
    assert sample(terrain, (0, 40), (55, 10)) == pytest.approx([50.0, 50.55], abs=0.011)
    assert np.isnan(sample(terrain, (105, 40))).all()


def test_sheets_of_one_grid_make_a_seamless_mosaic(tmp_path: Path):
    values = village.ground()
    village.write_raster(tmp_path / "west.tif", values[:, :20])
    village.write_raster(tmp_path / "east.tif", values[:, 20:], east_m=100.0)
    village.write_raster(tmp_path / "whole.tif", values)
    whole, _ = read(tmp_path, "whole.tif")
    for names in (("west.tif", "east.tif"), ("east.tif", "west.tif")):
        terrain, notes = read(tmp_path, *names)
        assert notes == ()
        np.testing.assert_array_equal(terrain.elevation_m, whole.elevation_m)
        assert terrain.transform == pytest.approx(whole.transform)


def test_earlier_files_win_and_later_ones_fill_holes(tmp_path: Path):
    holed = village.ground()
    holed[:, 20] = -9999.0
    village.write_raster(tmp_path / "first.tif", holed, nodata=-9999.0)
    village.write_raster(tmp_path / "second.tif", np.full((60, 60), 7.0))
    terrain, _ = read(tmp_path, "first.tif", "second.tif")
    assert sample(terrain, (105, 40), (55, 40)) == pytest.approx([7.0, 50.55], abs=1e-4)
    terrain, _ = read(tmp_path, "second.tif", "first.tif")
    assert (terrain.elevation_m == 7.0).all()


def test_another_resolution_and_another_crs_are_brought_onto_the_first_grid(tmp_path: Path):
    values = village.ground()
    village.write_raster(tmp_path / "west.tif", values[:, :20])
    fine = 50.0 + (np.arange(120) * 5.0 - 100.0 + 2.5) / 100.0
    village.write_raster(tmp_path / "fine.tif", np.broadcast_to(fine, (120, 120)), cell_m=5.0)
    terrain, notes = read(tmp_path, "west.tif", "fine.tif")
    assert sample(terrain, (55, 40), (150, 40)) == pytest.approx([50.55, 51.5], abs=2e-3)
    assert "another grid" in notes[0]
    from rasterio.warp import calculate_default_transform, reproject

    with rasterio.open(tmp_path / "fine.tif") as source:
        move, width, height = calculate_default_transform(source.crs, "EPSG:4326", 120, 120, *source.bounds)
        warped = np.full((height, width), -9999.0, dtype="float32")
        reproject(rasterio.band(source, 1), warped, dst_transform=move, dst_crs="EPSG:4326", dst_nodata=-9999.0, resampling=1)
    profile = {"driver": "GTiff", "width": width, "height": height, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "degrees.tif", "w", transform=move, nodata=-9999.0, **profile) as out:
        out.write(warped, 1)
    terrain, notes = read(tmp_path, "west.tif", "degrees.tif")
    assert sample(terrain, (55, 40), (150, 40)) == pytest.approx([50.55, 51.5], abs=0.05)
    alone, _ = read(tmp_path, "degrees.tif")
    assert alone.crs.is_geographic
    assert sample(alone, (150, 40)) == pytest.approx([51.5], abs=0.05)


def test_untagged_nodata_does_not_bleed_into_a_warped_sheet(tmp_path: Path):
    village.write_raster(tmp_path / "west.tif", village.ground()[:, :20])
    fine = np.full((120, 120), 60.0)
    fine[:, 60:64] = -3.4e38
    village.write_raster(tmp_path / "fine.tif", fine, cell_m=5.0)
    terrain, _ = read(tmp_path, "west.tif", "fine.tif")
    known = terrain.elevation_m[~np.isnan(terrain.elevation_m)]
    assert known.min() > 49.0
    assert known.max() <= 60.0


def test_sheets_far_away_are_not_read(tmp_path: Path):
    village.write_raster(tmp_path / "far.tif", village.ground(), east_m=50_000.0)
    village.write_raster(tmp_path / "dem.tif", village.ground())
    terrain, _ = read(tmp_path, "far.tif", "dem.tif")
    assert terrain.elevation_m.shape == (12, 22)
    assert not np.isnan(terrain.elevation_m).any()


def test_a_south_up_raster_is_turned(tmp_path: Path):
    values = np.broadcast_to(np.arange(60.0)[:, None], (60, 60)).astype("float32")  # rising to the south
    move = rasterio.Affine(10.0, 0.0, village.EAST_M - 100, 0.0, 10.0, village.NORTH_M - 100)
    with rasterio.open(
        tmp_path / "dem.tif",
        "w",
        driver="GTiff",
        width=60,
        height=60,
        count=1,
        dtype="float32",
        crs=village.CRS,
        transform=move,
    ) as out:
        out.write(values[::-1], 1)
    village.write_raster(tmp_path / "north_up.tif", values)
    turned, _ = read(tmp_path, "dem.tif")
    usual, _ = read(tmp_path, "north_up.tif")
    np.testing.assert_array_equal(turned.elevation_m, usual.elevation_m)
    assert turned.transform == pytest.approx(usual.transform)


def test_too_fine_a_raster_is_thinned_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    village.write_raster(tmp_path / "dem.tif", village.ground())
    monkeypatch.setattr(module, "MOST_CELLS", 100)
    terrain, notes = read(tmp_path, "dem.tif")
    assert terrain.elevation_m.size <= 100 * 2
    assert "one cell in" in notes[0]
    assert sample(terrain, (100, 40)) == pytest.approx([51.0], abs=0.06)


def test_reading_leaves_the_folder_as_it_was(tmp_path: Path):
    village.write_raster(tmp_path / "dem.tif", village.ground())
    before = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    read(tmp_path, "dem.tif")
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == before


def test_all_unusable_files_are_named_at_once(tmp_path: Path):
    village.write_raster(tmp_path / "bare.tif", village.ground(), crs=None)
    (tmp_path / "noise.tif").write_bytes(b"no raster at all")
    with pytest.raises((TerrainError, CRSError)) as caught:
        read(tmp_path, "bare.tif", "noise.tif")
    assert "bare.tif" in str(caught.value)
    assert "noise.tif" in str(caught.value)
    with pytest.raises(ConfigError, match=r"dem\.tif"):
        read(tmp_path, "dem.tif")


@pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
def test_real_rasters():
    """Oman: tag 0 and untagged -3.4e38; Sendai: Web Mercator, tag -9999."""
    oman = SHARED / "om_pysewer_example"
    terrain, notes = read_terrain(["dem_10m1.tif"], oman, CRS.from_epsg(32640), (689273.0, 2552656.0, 691769.0, 2557613.0))
    assert np.nanmin(terrain.elevation_m) > 90
    assert np.nanmax(terrain.elevation_m) < 600
    assert "untagged" in "".join(notes)
    sendai = SHARED / "jp_sendai_osm_gsi"
    terrain, _ = read_terrain(["sendai_west_fringe_dem.tif"], sendai, STUDY, (-3127.0, -195396.0, 1084.0, -190909.0))
    assert np.nanmin(terrain.elevation_m) >= 31
    assert np.nanmax(terrain.elevation_m) <= 293
