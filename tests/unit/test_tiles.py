"""GSI's tiles, SYNTHETIC ones: elevations as PNG and text, road centre lines cut at the edges of tiles."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from sewerzone.errors import DataError, TerrainError
from sewerzone.formats import published, tiles
from sewerzone.io.convert import convert
from sewerzone.io.terrain import read_terrain

X, Y, ZOOM = 29090, 12977, 15
"""A tile in the hills of Shizuoka."""


def plane(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ground that rises by a centimetre a cell eastwards and falls by two southwards, over tiles of zoom 15."""
    return 50.0 + 0.01 * x - 0.02 * y


def tile(zoom: int, column: int, row: int) -> NDArray[np.float64]:
    """The plane seen at a zoom, on cells of that zoom."""
    step = 2.0 ** (ZOOM - zoom)
    x = ((column * 256 + np.arange(256) + 0.5) * step) - X * 256
    y = ((row * 256 + np.arange(256) + 0.5) * step) - Y * 256
    return plane(*np.meshgrid(x, y))


def png(path: Path, metres: NDArray[np.float64]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    coded = np.where(np.isnan(metres), 1 << 23, np.round(np.nan_to_num(metres) * 100).astype(np.int64) % (1 << 24))
    bands = np.stack([coded >> 16, coded >> 8 & 255, coded & 255]).astype(np.uint8)
    with rasterio.open(path, "w", driver="PNG", width=256, height=256, count=3, dtype="uint8") as image:
        image.write(bands)
    path.with_suffix(".png.aux.xml").unlink(missing_ok=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    first = tile(ZOOM, X, Y)
    first[10:40, 20:60] = np.nan
    png(tmp_path / "dem5a_png" / str(ZOOM) / str(X) / f"{Y}.png", first)
    second = tile(ZOOM, X, Y)
    second[20:, :] = np.nan
    png(tmp_path / "dem5b_png" / str(ZOOM) / str(X) / f"{Y}.png", second)
    text = tile(ZOOM, X + 1, Y) - 60.0  # below the sea
    path = tmp_path / "dem5a" / str(ZOOM) / str(X + 1) / f"{Y}.txt"
    path.parent.mkdir(parents=True)
    path.write_text(
        "\n".join(",".join("e" if (i, j) == (5, 5) else f"{v:.2f}" for j, v in enumerate(r)) for i, r in enumerate(text))
    )
    png(tmp_path / "dem_png" / "14" / str(X // 2) / f"{Y // 2}.png", tile(14, X // 2, Y // 2))
    return tmp_path


def test_elevations(folder: Path) -> None:
    grid, notes = tiles.elevation(folder)
    assert grid.elevation_m.shape == (512, 512), "as far as the coarser tile, which begins a tile farther north"
    above = np.hstack([tile(ZOOM, X, Y - 1), tile(ZOOM, X + 1, Y - 1)])
    assert np.abs(grid.elevation_m[:256] - above).max() < 0.06
    assert np.abs(grid.elevation_m[256:, :256] - tile(ZOOM, X, Y)).max() < 0.02, "5B fills 5A, then zoom 14 what is left"
    assert np.abs(grid.elevation_m[262:, 256:] - (tile(ZOOM, X + 1, Y) - 60.0)[6:]).max() < 0.006
    assert notes == [
        "4 elevation tiles, zoom 15, 14",
        "terrain: tiles of zoom 14 gave 131,873 cells where finer ones know nothing",
    ]
    west, south, east, north = grid.bounds
    side = tiles.WORLD_M / 2**ZOOM
    assert (west, north) == pytest.approx((X * side - tiles.WORLD_M / 2, tiles.WORLD_M / 2 - (Y - 1) * side))
    assert (east - west, north - south) == pytest.approx((2 * side, 2 * side))
    assert Transformer.from_crs(3857, 4326, always_xy=True).transform(west, north)[0] == pytest.approx(X / 2**ZOOM * 360 - 180)


def test_a_study_reads_tiles_round_it(folder: Path) -> None:
    grid, _ = tiles.elevation(folder)
    zone = CRS.from_epsg(6677)
    west, south, east, north = Transformer.from_crs(3857, zone, always_xy=True).transform_bounds(*grid.bounds)
    middle = ((west * 3 + east) / 4, (3 * south + north) / 4)
    terrain, notes = read_terrain(
        [folder.name], folder.parent, zone, (middle[0] - 50, middle[1] - 50, middle[0] + 50, middle[1] + 50)
    )
    assert abs(terrain.sample(np.array([middle[0]]), np.array([middle[1]]))[0] - plane(np.array(128.0), np.array(128.0))) < 0.1
    assert any("地理院タイル" in n for n in notes)
    with pytest.raises(TerrainError, match="no elevation tiles of the study area"):
        tiles.elevation(folder, (130.0, 33.0, 130.1, 33.1))
    assert convert([folder], folder / "t.tif").facts["publisher"] == published.TILES


@pytest.mark.parametrize(("name", "content"), [("png", b"no image"), ("txt", b"1,2\n3,4"), ("txt", b"1,x\n"), ("txt", b"\xff")])
def test_damaged_tiles(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "dem5a" / str(ZOOM) / str(X) / f"{Y}.{name}"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        tiles.elevation(tmp_path)


def road(identifier: str | None, line: list[list[float]], **more: str) -> dict[str, object]:
    held = {"class": "RdCL", "rID": identifier, "rdCtg": "市区町村道等", "rnkWidth": "3m-5.5m未満", "type": "通常部", **more}
    return {"type": "Feature", "properties": held, "geometry": {"type": "LineString", "coordinates": line}}


def test_road_centre_lines(tmp_path: Path) -> None:
    one = [
        road("a", [[139.0, 35.0], [139.1, 35.0]]),
        road("b", [[139.0, 35.1], [139.1, 35.1]], type="トンネル"),
        road(None, [[139.0, 35.2], [139.1, 35.2]]),
    ]
    two = [
        road("a", [[139.1, 35.0], [139.2, 35.0]]),
        road("b", [[139.0, 35.1], [139.1, 35.1]], type="トンネル"),
        road("c", [[139.0, 35.3], [139.1, 35.3]], rdCtg="高速自動車国道等", rnkWidth="19.5m以上"),
    ]
    for name, features in (("1", one), ("2", two), ("3", [])):
        path = tmp_path / "experimental_rdcl" / "16" / name / "1.geojson"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")
    assert [h.kind for h in published.holdings(tmp_path)] == ["roads"]
    found = tiles.roads(tmp_path)
    frame = found.frame.set_index(found.frame["source_id"].fillna("none"))
    assert sorted(frame.index) == ["a", "b", "c", "none"]
    assert frame.geometry["a"].wkt == "LINESTRING (139 35, 139.1 35, 139.2 35)"
    assert frame.loc["b", "tunnel"] == "yes"
    assert frame.geometry["b"].length == pytest.approx(0.1)
    assert frame.loc[["a", "c"], "width_m"].tolist() == [4.25, 22.0]
    assert found.notes == ("roads: 6 lines of 2 tiles put together to 4",)
