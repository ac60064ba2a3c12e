"""From nothing but a municipality's code to a plan: outline and tiles, SYNTHETIC ones of a synthetic town, from 127.0.0.1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

import sewerzone as sz
from sewerzone import samples
from sewerzone.errors import ConfigError
from sewerzone.formats import tiles
from sewerzone.io.study import write_terrain
from sewerzone.samples.town import Sample
from tests.agency import shapefile, zipped
from tests.e2e.conftest import call
from tests.tile_server import Service, corner, houses, png

CODE = "22999"
pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


@pytest.fixture(scope="module")
def sample() -> Sample:
    return samples.town(150, 1)


@pytest.fixture(scope="module")
def outline(sample: Sample) -> shapely.Geometry:
    """The municipality: all of the town but its twenty easternmost houses."""
    west, south, east, north = sample.buildings.buffer(30.0).total_bounds
    at = np.sort(sample.buildings.centroid.x)[-20]
    return shapely.box(west, south, min(at - 0.01, east), north)


@pytest.fixture(scope="module")
def service(sample: Sample, outline: shapely.Geometry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that holds the town."""
    running, folder = Service(), tmp_path_factory.mktemp("service")
    area = gpd.GeoSeries([outline], crs=sample.crs).to_crs(6668).iloc[0]
    names = {"N03_001": ["静岡県"] * 2, "N03_003": [None] * 2, "N03_004": ["見本市", "隣町"], "N03_007": [CODE, "22998"]}
    _, south, east, north = area.bounds
    next_to_it = shapely.box(east, south, east + 0.02, north)
    shapefile(folder / "N03-24_22_240101.shp", names, [area, next_to_it])
    parts = {f"N03-24_22_GML/{p.name}": p.read_bytes() for p in sorted(folder.glob("N03*"))}
    running.put("N03-24_22_GML.zip", zipped(folder / "n03.zip", parts).read_bytes())
    for zoom, layer in ((15, "dem5a_png"), (14, "dem_png")):
        for column, row in tiles.covering(area, 600.0, zoom):
            running.put(f"{layer}/{zoom}/{column}/{row}.png", _ground(sample, zoom, column, row))
    lines = sample.roads.to_crs(6668)
    for column, row in tiles.covering(area, 600.0, 16):
        running.put(f"experimental_rdcl/16/{column}/{row}.geojson", _roads(lines, column, row))
    for name, content in houses(folder, list(sample.buildings.to_crs(4326).geometry), [3101] * len(sample.buildings)).items():
        running.put(name, content)
    yield running
    running.server.shutdown()
    running.server.server_close()


def _ground(sample: Sample, zoom: int, column: int, row: int) -> bytes:
    side = tiles.WORLD_M / (256 << zoom)
    x = (column * 256 + np.arange(256) + 0.5) * side - tiles.WORLD_M / 2
    y = tiles.WORLD_M / 2 - (row * 256 + np.arange(256) + 0.5) * side
    to_plane = Transformer.from_crs(3857, sample.crs, always_xy=True)
    return png(sample.terrain.sample(*to_plane.transform(*(a.ravel() for a in np.meshgrid(x, y)))).reshape(256, 256))


def _roads(lines: gpd.GeoDataFrame, column: int, row: int) -> bytes:
    (w, n), (e, s) = corner(16, column, row), corner(16, column + 1, row + 1)
    frame = lines[["geometry"]].clip((w, s, e, n)).explode()
    frame = frame[frame.geom_type == "LineString"]
    features = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(line),
         "properties": {"rID": f"r{key}", "rdCtg": "市区町村道等", "rnkWidth": "3m-5.5m未満", "type": "通常部"}}
        for key, line in zip(frame.index, frame.geometry, strict=True)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_a_code_is_enough(service: Service, sample: Sample, outline: shapely.Geometry, tmp_path: Path) -> None:
    words = ["fetch", "--municipality", CODE, tmp_path / "town", "--margin", 300, "--rate", 20]
    for what in ("elevation", "roads", "buildings"):
        words += [f"--{what}-url", service.url]
    done = call(*words, "--boundary-url", service.url + "/N03-24_{prefecture}_GML.zip")
    assert done.exit_code == 0, done.output
    assert "add districts" in done.stderr, "what must be added by hand is told"
    path = tmp_path / "town" / "study.toml"
    checked = call("check", path, "--json")
    assert checked.exit_code == 0, checked.output
    told = json.loads(checked.stdout)
    inside = shapely.contains(outline, sample.buildings.centroid.to_numpy()).sum()
    assert told["summary"]["buildings"]["rows"] == inside == len(sample.buildings) - 20
    assert any("belong to 見本市; the others to other places" in note for note in told["notes"])
    done = call("run", path, "--quiet")
    assert done.exit_code == 0, done.output
    plan = sz.load(tmp_path / "town" / "out")
    assert plan.config.study.name == "見本市"
    assert plan.config.study.crs == "EPSG:6676"
    assert len(plan.buildings) == inside
    theirs = sample.buildings.geometry.to_numpy()
    near = shapely.STRtree(theirs).nearest(plan.buildings.geometry.to_numpy())
    shared = shapely.area(shapely.intersection(theirs[near], plan.buildings.geometry.to_numpy()))
    assert (shared / plan.buildings.area).min() > 0.9, "outlines are those of the town, across edges of tiles too"
    middle = plan.buildings.centroid
    at_m = sz.read(path).terrain.sample(middle.x.to_numpy(), middle.y.to_numpy())
    assert np.abs(at_m - sample.terrain.sample(middle.x.to_numpy(), middle.y.to_numpy())).max() < 1.5
    homes = plan.buildings["status"] == "dwelling"
    assert plan.buildings["people"][homes].tolist() == [2.2] * int(homes.sum()), "until districts are given"
    assert plan.units["dwellings"].sum() == homes.sum()


def test_the_outline_as_downloaded(service: Service, sample: Sample, outline: shapely.Geometry, tmp_path: Path) -> None:
    """N03 in a zip with an inner folder, CP932 that is not declared: named in a study as it is."""
    sample.buildings.to_file(tmp_path / "t.gpkg", layer="b")
    sample.roads.to_file(tmp_path / "t.gpkg", layer="r")
    write_terrain(sample.terrain, tmp_path / "t.tif")
    (tmp_path / "n03.zip").write_bytes(service.tiles["/xyz/N03-24_22_GML.zip"])
    text = '[study]\ncrs = "EPSG:6676"\n[inputs]\nbuildings = "t.gpkg:b"\nroads = "t.gpkg:r"\nterrain = "t.tif"\n'
    (tmp_path / "s.toml").write_text(f'{text}[municipality]\nboundary = "n03.zip"\ncode = "{CODE}"\n', "utf-8")
    held = sz.read(tmp_path / "s.toml")
    assert len(held.buildings) == len(sample.buildings) - 20
    assert held.municipality["name"] == "見本市"
    assert held.boundary is not None
    assert held.boundary.symmetric_difference(outline).area < 1e-3 * outline.area
    with pytest.raises(ConfigError, match=r"none of this code; it has 22998 隣町, 22999 見本市"):
        sz.read(tmp_path / "s.toml", changes=("municipality.code='22100'",))
    (tmp_path / "town").mkdir()
    road = {"N13_002": ["1"], "N13_003": ["3"], "N13_006": ["2"]}
    shapefile(tmp_path / "town" / "r.shp", road, [sample.roads.to_crs(6668).geometry[0]])
    (tmp_path / "s.toml").write_text(f'{text}[municipality]\nboundary = "town"\ncode = "{CODE}"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"municipality.boundary: .* holds roads, nothing for boundary"):
        sz.read(tmp_path / "s.toml")
