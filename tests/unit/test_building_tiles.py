"""Buildings of vector tiles, SYNTHETIC ones made by GDAL: cut at the edges of tiles, made whole again."""

from __future__ import annotations

import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sewerzone.errors import DataError
from sewerzone.formats import building_tiles, published
from tests.agency import zipped
from tests.tile_server import corner, houses

X, Y, ZOOM = 58180, 25954, 16


def metres(*boxes: tuple[float, float, float, float]) -> list[shapely.Geometry]:
    """Boxes (west, south, east, north) in Mercator metres from the corner where four tiles meet, as degrees."""
    at = gpd.GeoSeries([shapely.Point(corner(ZOOM, X + 1, Y + 1))], crs=4326).to_crs(3857).iloc[0]
    flat = [shapely.box(at.x + w, at.y + s, at.x + e, at.y + n) for w, s, e, n in boxes]
    return list(gpd.GeoSeries(flat, crs=3857).to_crs(4326))


def put(folder: Path, tiles: dict[str, bytes]) -> Path:
    for name, content in tiles.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


ROW = [(-6.0, 20.0 + 8 * k, 6.0, 28.0 + 8 * k) for k in range(5)]
"""A terrace whose walls meet, all cut by the same edge."""
BOXES = [(-50, 100, -40, 110), (-5, -5, 5, 5), *ROW, (-60.0, -6.0, -40.0, 8.0), (30, -30, 40, -20)]


@pytest.mark.parametrize("buffer", [0, 80])
def test_what_edges_cut_is_made_whole(tmp_path: Path, buffer: int) -> None:
    shapes = metres(*BOXES)
    codes = [3101, 3102, 3101, 3101, 3101, 3101, 3101, 3112, 9999]
    tiles = houses(tmp_path, shapes, codes, buffer)
    assert len(tiles) == 4
    found = building_tiles.read(put(tmp_path / "t", tiles))
    frame = found.frame.to_crs(3857)
    assert len(frame) == len(BOXES), "the one on the corner of four tiles is one, the terrace stays five houses"
    assert found.frame.crs.to_epsg() == 6668
    want = gpd.GeoSeries(shapes, crs=4326).to_crs(3857)
    nearest = shapely.STRtree(frame.geometry.to_numpy()).nearest(want.centroid.to_numpy())
    assert sorted(nearest) == list(range(len(BOXES)))
    ours = frame.geometry.to_numpy()[nearest]
    assert shapely.hausdorff_distance(ours, want.to_numpy()).max() < 0.2, "tiles know steps of 0.15 m"
    assert (shapely.get_num_coordinates(ours) == 5).all(), "no corners left where edges ran"
    kinds = ["普通建物", "堅ろう建物", *["普通建物"] * 5, "堅ろう無壁舎", "9999"]
    assert frame["use"].to_numpy()[nearest].tolist() == kinds
    assert found.notes == ("buildings: 4 tiles of zoom 16; 7 buildings cut at the edges of tiles made whole",)


def test_courtyards_and_shapes_cut_into_several_pieces(tmp_path: Path) -> None:
    outer, hole, notch = metres((-20, 40, 20, 80), (-8, 50, 8, 70), (-5, 110, 30, 120))
    (u,) = metres((-15, 100, 30, 130))
    tiles = houses(tmp_path, [outer - hole, u - notch], [3101, 3101])
    frame = building_tiles.read(put(tmp_path / "t", tiles)).frame.to_crs(3857)
    assert len(frame) == 2
    assert sorted(frame.area) == pytest.approx([45 * 30 - 35 * 10, 40 * 40 - 16 * 20], rel=0.03)
    assert sorted(shapely.get_num_interior_rings(frame.geometry.to_numpy())) == [0, 1]


def test_tiles_given_twice_packed_or_of_other_zooms_count_once(tmp_path: Path) -> None:
    shapes = metres(*BOXES)
    tiles = houses(tmp_path, shapes, [3101] * len(shapes))
    put(tmp_path / "t", {name: gzip.compress(content) for name, content in tiles.items()})
    zipped(tmp_path / "t" / "again.zip", tiles)
    put(tmp_path / "t", {"optimal_bvmap-v1/15/29090/12977.pbf": b"of another zoom, never opened"})
    assert len(building_tiles.read(tmp_path / "t").frame) == len(BOXES)
    held = published.holdings(tmp_path / "t")
    assert held == [published.Holding("buildings", published.TILES, "BldA")]
    layer = published.for_role(tmp_path / "t", "buildings")
    assert layer is not None
    assert "source to be named: 国土地理院 地理院タイル" in layer.notes


def test_tiles_of_the_experiment_before(tmp_path: Path) -> None:
    import pyogrio

    frame = gpd.GeoDataFrame({"ftCode": [3101, 3111]}, geometry=metres(*BOXES[:2]), crs=4326).to_crs(3857)
    pyogrio.write_dataframe(frame, tmp_path / "made", layer="building", driver="MVT", MINZOOM=16, MAXZOOM=16, COMPRESS="NO")
    (tmp_path / "made").rename(tmp_path / "experimental_bvmap")
    assert sorted(building_tiles.read(tmp_path).frame["use"]) == ["普通建物", "普通無壁舎"]


def test_tiles_without_buildings(tmp_path: Path) -> None:
    tiles = houses(tmp_path, metres(*BOXES), [3101] * len(BOXES))
    sea = f"optimal_bvmap-v1/16/{X + 5}/{Y}.pbf"
    put(tmp_path / "t", {**tiles, sea: b""})
    assert len(building_tiles.read(tmp_path / "t").frame) == len(BOXES)
    with pytest.raises(DataError, match="no tiles with buildings"):
        building_tiles.read(put(tmp_path / "sea", {sea: b""}))


def test_damage(tmp_path: Path) -> None:
    tiles = houses(tmp_path, metres(*BOXES), [3101] * len(BOXES))
    name, content = max(tiles.items(), key=lambda item: len(item[1]))
    generator = np.random.default_rng(0)
    assert building_tiles.wrong_layers(content) is None
    for wrong in (content[:-1], content[:1], b"<html>", b"\x1a" + b"\xff" * 9, gzip.compress(content)[:-9], b"\x1f\x8b"):
        with pytest.raises(DataError, match="is damaged or incomplete"):
            building_tiles.read(put(tmp_path / "t", {name: wrong}))
    refused = 0
    for _ in range(150):  # never anything but our errors
        bad = bytearray(content)
        for at in generator.integers(len(bad), size=3):
            bad[at] = generator.integers(256)
        try:
            building_tiles.read(put(tmp_path / "t", {name: bytes(bad)}))
        except DataError:
            refused += 1
    assert 0 < refused < 150
