"""Fetching tiles: a server on 127.0.0.1 serves SYNTHETIC tiles, lacks some, fails, cuts off, dawdles and lies."""

from __future__ import annotations

import dataclasses
import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from click.testing import CliRunner, Result

import sewerzone as sz
from sewerzone.cli import cli
from sewerzone.errors import ConfigError, DataError
from sewerzone.formats import tiles
from sewerzone.io import fetch, web
from tests.agency import shapefile, zipped
from tests.tile_server import Answer, Service, corner, dawdle, houses, png, send

X, Y = 29090, 12977
"""A tile of zoom 15 in the hills of Shizuoka."""
pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")
HASTY = web.Manners(per_s=1e6, attempts=3, pause_s=0.01, timeout_s=5.0)


HOUSES = f"/xyz/optimal_bvmap-v1/16/{2 * X}/{2 * Y}.pbf"


def square(west: float, north: float, side: float) -> shapely.Geometry:
    """A square in parts of the tile, in degrees."""
    (w, n), (e, s) = corner(15, X + west, Y + north), corner(15, X + west + side, Y + north + side)
    return shapely.box(w, s, e, n)


def box(west: float = 0.1, north: float = 0.1, east: float = 0.4, south: float = 0.4) -> str:
    """A box in parts of the tile; by default within its north-western quarter, one road tile."""
    (w, n), (e, s) = corner(15, X + west, Y + north), corner(15, X + east, Y + south)
    return f"{w:.9f},{s:.9f},{e:.9f},{n:.9f}"


def ground(value: float, hole: bool = False) -> bytes:
    metres = np.full((256, 256), value) + np.arange(256) * 0.05
    if hole:
        metres[:20, :20] = np.nan
    return png(metres)


def roads(column: int, row: int, zoom: int = 16) -> bytes:
    """A cross of two roads in a tile, each with an identifier that goes on in the next tile."""
    (w, n), (e, s) = corner(zoom, column, row), corner(zoom, column + 1, row + 1)
    lines = {f"h{row}": [[w, (n + s) / 2], [(w + e) / 2, (n + s) / 2], [e, (n + s) / 2]],
             f"v{column}": [[(w + e) / 2, n], [(w + e) / 2, (n + s) / 2], [(w + e) / 2, s]]}  # fmt: skip
    features = [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": line},
         "properties": {"class": "RdCL", "rID": key, "rdCtg": "市区町村道等", "rnkWidth": "3m-5.5m未満", "type": "通常部"}}
        for key, line in lines.items()
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Service()
    running.put(f"dem5a_png/15/{X}/{Y}.png", ground(100.0))
    running.put(f"experimental_rdcl/16/{2 * X}/{2 * Y}.geojson", roads(2 * X, 2 * Y))
    running.put(HOUSES[5:], houses(tmp_path_factory.mktemp("mvt"), [square(0.2, 0.2, 0.02)], [3101])[HOUSES[5:]])
    yield running
    running.server.shutdown()
    running.server.server_close()


def get(service: Service, path: Path, bounds: str = "", **more: object) -> fetch.Fetched:
    place = fetch.within(bounds or box(), ["22210"])
    services = fetch.Services(service.url, service.url, service.url)
    return fetch.fetch(path, place, services, **{"margin_m": 0.0, "manners": HASTY, **more})  # type: ignore[arg-type]


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["fetch", *map(str, words)])


def files(path: Path) -> list[str]:
    return sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())


def test_fetches_what_is_needed_and_no_more(service: Service, tmp_path: Path) -> None:
    done = get(service, tmp_path / "fuji")
    assert dict(service.asked) == {
        f"/xyz/dem5a_png/15/{X}/{Y}.png": 1, f"/xyz/experimental_rdcl/16/{2 * X}/{2 * Y}.geojson": 1, HOUSES: 1,
    }, "5A knows all ground: neither 5B nor 10B is asked for"  # fmt: skip
    assert files(tmp_path / "fuji") == [
        "SOURCES.txt", f"buildings/optimal_bvmap-v1/16/{2 * X}/{2 * Y}.pbf", f"elevation/dem5a_png/15/{X}/{Y}.png",
        f"roads/experimental_rdcl/16/{2 * X}/{2 * Y}.geojson", "study.toml",
    ]  # fmt: skip
    once = {"fetched": 1, "kept": 0, "absent": 0}
    assert done.facts == {"elevation": once, "roads": once, "buildings": once}
    assert any("no tile tells who lives where" in note for note in done.notes)
    assert all(agent.startswith("sewerzone/") for agent in service.agents)
    said = (tmp_path / "fuji" / "SOURCES.txt").read_text("utf-8")
    assert "国土地理院 地理院タイル 標高タイル（基盤地図情報数値標高モデル DEM5A）" in said
    assert "道路中心線" in said
    assert "最適化ベクトルタイル（建築物 BldA）" in said
    assert service.url in said
    assert "DEM10B" not in said, "only what was fetched is named"
    text = (tmp_path / "fuji" / "study.toml").read_text("utf-8")
    for line in ('crs = "EPSG:6676"', 'roads = "roads"', 'terrain = ["elevation"]', 'buildings = "buildings"'):
        assert line in text


def test_unknown_ground_is_asked_of_the_next_product(service: Service, tmp_path: Path) -> None:
    service.put(f"dem5a_png/15/{X}/{Y}.png", ground(100.0, hole=True))
    coarse = service.put(f"dem_png/14/{X // 2}/{Y // 2}.png", ground(90.0))
    done = get(service, tmp_path)
    assert {p for p in service.asked if "dem" in p} == {
        *(f"/xyz/dem5{k}_png/15/{X}/{Y}.png" for k in "abc"), coarse,
    }  # fmt: skip
    assert done.facts["elevation"] == {"fetched": 2, "kept": 0, "absent": 2}
    grid, _ = tiles.elevation(tmp_path / "elevation")
    assert np.isfinite(grid.elevation_m).all()


def test_tiles_cover_the_area_and_its_margin() -> None:
    area = fetch.within(box()).area
    assert tiles.covering(area, 0.0, 15) == [(X, Y)]
    assert tiles.covering(area, 0.0, 16) == [(2 * X, 2 * Y)]
    side_m = tiles.WORLD_M / 2**15 * np.cos(np.radians(shapely.bounds(area)[1]))
    assert tiles.covering(area, 0.09 * side_m, 15) == [(X, Y)]
    wider = tiles.covering(area, 0.11 * side_m, 15)
    assert wider == [(X - 1, Y), (X, Y - 1), (X, Y)], "round a corner 0.14 away it does not reach"
    slanted = shapely.LineString([corner(15, X + 0.5, Y + 0.5), corner(15, X + 9.5, Y + 9.5)]).buffer(1e-6)
    assert len(tiles.covering(slanted, 0.0, 15)) < 40, "the tiles an area meets, not those of its box"
    far = shapely.union_all([area, fetch.within("153.9,24.28,153.91,24.29").area])
    apart = [len(tiles.covering(part, 0.0, 16)) for part in far.geoms]
    assert len(tiles.covering(far, 0.0, 16)) == sum(apart) < 30, "islands far apart"


def test_goes_on_where_it_was_left(service: Service, tmp_path: Path) -> None:
    bounds = box(0.1, 0.1, 0.9, 0.4)
    late = service.put(f"experimental_rdcl/16/{2 * X + 1}/{2 * Y}.geojson", roads(2 * X + 1, 2 * Y))
    service.mishaps[late] = [send(503, b"busy")] * 3
    with pytest.raises(DataError, match=rf"{2 * X + 1}/{2 * Y}\.geojson cannot be fetched \(503 Service Unavailable; asked 3"):
        get(service, tmp_path, bounds)
    assert not (tmp_path / "study.toml").exists(), "no study on half of its tiles"
    assert "DEM5A" in (tmp_path / "SOURCES.txt").read_text("utf-8"), "what came is named although more is to come"
    service.asked.clear()
    done = get(service, tmp_path, bounds)
    assert {p: n for p, n in service.asked.items() if "bvmap" not in p} == {late: 1}
    assert done.facts["roads"] == {"fetched": 1, "kept": 1, "absent": 0}
    service.asked.clear()
    assert get(service, tmp_path, bounds, force=True).facts["elevation"]["kept"] == 1
    assert not service.asked


def test_half_written_tiles_do_not_count(service: Service, tmp_path: Path) -> None:
    get(service, tmp_path)
    before = {p: (tmp_path / p).read_bytes() for p in files(tmp_path)}
    for name in (p for p in before if p not in ("SOURCES.txt", "study.toml")):
        (tmp_path / name).write_bytes(before[name][:-20])
    done = get(service, tmp_path, force=True)
    assert [c["fetched"] for c in done.facts.values()] == [1, 1, 1]
    assert {p: (tmp_path / p).read_bytes() for p in files(tmp_path)} == before


def test_what_the_service_lacks_is_remembered_for_its_address_only(service: Service, tmp_path: Path) -> None:
    bounds = box(0.1, 0.1, 0.9, 0.4)
    assert get(service, tmp_path, bounds).facts["roads"] == {"fetched": 1, "kept": 0, "absent": 1}
    service.asked.clear()
    get(service, tmp_path, bounds, force=True)
    assert not service.asked
    other = service.url.replace("127.0.0.1", "localhost")
    fetch.fetch(tmp_path, fetch.within(bounds), fetch.Services(other, other, other), 0.0, force=True, manners=HASTY)
    assert list(service.asked.values()) == [1, 1], "one tile of roads, one of buildings"


def test_an_address_without_any_tile_is_refused_and_not_remembered(service: Service, tmp_path: Path) -> None:
    wrong = fetch.Services(service.url.replace("xyz", "tiles"), service.url, service.url)
    with pytest.raises(DataError, match=r"no elevation tile of the whole area.*--elevation-url"):
        fetch.fetch(tmp_path, fetch.within(box()), wrong, 0.0, manners=HASTY)
    assert files(tmp_path) == ["SOURCES.txt"]
    service.tiles = {k: v for k, v in service.tiles.items() if "rdcl" not in k}
    with pytest.raises(DataError, match=r"no road tile of the whole area.*--roads-url"):
        get(service, tmp_path)
    service.put(f"experimental_rdcl/16/{2 * X}/{2 * Y}.geojson", roads(2 * X, 2 * Y))
    del service.tiles[HOUSES]
    with pytest.raises(DataError, match=r"no building tile of the whole area.*--buildings-url.*--buildings"):
        get(service, tmp_path)


HTML = b"<html>Please log in</html>"
CUT = ground(100.0)[:-400]
MISHAPS: dict[str, tuple[Answer, str]] = {
    "500": (send(500, b"oops"), "500 Internal Server Error"),
    "429": (send(429, b"", Retry_After="0"), "429 Too Many Requests"),
    "truncated": (send(200, CUT, announced=len(CUT) + 400), "IncompleteRead"),
    "cut but announced so": (send(200, CUT), "no PNG image, or one cut off"),
    "wrong content": (send(200, HTML), "no PNG image"),
    "wrong size": (send(200, ground(1.0)[:16] + ground(1.0)[16:].replace(b"\0\0\1\0", b"\0\0\2\0", 1)), "no elevation tile"),
    "empty": (send(200, b""), "no PNG image"),
    "slow": (dawdle(2.0), "timed out"),
    "drop by drop": (dawdle(30.0, b"x"), "not all sent within"),
    "endless": (send(200, b"x" * 33_000_000), "more than 32 MB"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISHAPS)
def test_mishaps_pass_when_they_do_and_stop_when_they_do_not(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    mishap, said = MISHAPS[name]
    path = f"/xyz/dem5a_png/15/{X}/{Y}.png"
    hasty = web.Manners(per_s=1e6, attempts=2, pause_s=0.01, timeout_s=0.5 if name in ("slow", "drop by drop") else 10.0)
    monkeypatch.setattr(web, "_WHOLE", 1)
    service.mishaps[path] = [mishap]
    assert get(service, tmp_path / "once", manners=hasty).facts["elevation"]["fetched"] == 1
    assert service.asked[path] == 2
    service.mishaps[path] = [mishap] * 2
    with pytest.raises(DataError, match=said) as caught:
        get(service, tmp_path / "always", manners=hasty)
    assert "What to do" in str(caught.value)
    assert files(tmp_path / "always") == ["SOURCES.txt"], "nothing half-written"


@pytest.mark.parametrize(
    "content",
    [HTML, b"", b"[1]", b'{"features": 3}', b'{"features": [3]}', b'{"features": [{"properties": {}, "geometry": null}]}',
     roads(1, 1)[:-30], roads(1, 1).replace(b"rnkWidth", b"width"), roads(1, 1).replace(b"LineString", b"Point")],
)  # fmt: skip
def test_wrong_roads_are_refused(service: Service, tmp_path: Path, content: bytes) -> None:
    service.put(f"experimental_rdcl/16/{2 * X}/{2 * Y}.geojson", content)
    with pytest.raises(DataError, match=r"geojson cannot be fetched \((no GeoJSON|lines without)"):
        get(service, tmp_path)
    assert not (tmp_path / "roads").exists()


def test_refusals_are_not_asked_again(service: Service, tmp_path: Path) -> None:
    path = f"/xyz/dem5a_png/15/{X}/{Y}.png"
    service.mishaps[path] = [send(403, b"no")]
    with pytest.raises(DataError, match=r"refused \(403 Forbidden\)"):
        get(service, tmp_path)
    assert service.asked[path] == 1


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{spare.getsockname()[1]}"
        with pytest.raises(DataError, match=r"cannot be fetched \(.*refused.*asked 3 times"):
            fetch.fetch(tmp_path, fetch.within(box()), fetch.Services(url, url, url), 0.0, manners=HASTY)


def test_through_the_proxy_of_the_environment(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", service.url.removesuffix("/xyz"))
    monkeypatch.setenv("no_proxy", "")
    service.tiles = {f"http://tiles.invalid{path}": content for path, content in service.tiles.items()}
    away = fetch.Services(*["http://tiles.invalid/xyz"] * 3)
    assert fetch.fetch(tmp_path, fetch.within(box()), away, 0.0, manners=HASTY).facts["roads"]["fetched"] == 1


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "urllib3", None)
    done = run(tmp_path / "x", "--bounds", box())
    assert done.exit_code == 1
    assert "pip install 'sewerzone[fetch]'" in done.stderr
    assert not (tmp_path / "x").exists()


def test_pace_and_pauses(service: Service, tmp_path: Path) -> None:
    starts: list[float] = []
    path = f"/xyz/dem5a_png/15/{X}/{Y}.png"

    def note(status: int, **headers: str) -> Answer:
        return lambda handler: (starts.append(time.monotonic()), send(status, ground(1.0), **headers)(handler))[0]

    service.mishaps[path] = [note(500), note(500), note(503, Retry_After="1"), note(200)]
    get(service, tmp_path, manners=web.Manners(per_s=1e6, attempts=4, pause_s=0.1, timeout_s=5.0))
    gaps = np.diff(starts)
    assert gaps[0] > 0.09
    assert gaps[1] > 0.19
    assert gaps[2] > 0.99, "the server asked for a second"
    begun = time.monotonic()
    get(service, tmp_path / "paced", box(0.1, 0.1, 0.9, 0.9), manners=web.Manners(per_s=20.0))
    assert time.monotonic() - begun > 8 * 0.05, "nine requests at twenty a second"


def test_places() -> None:
    assert fetch.within("138.6,35.1,138.7,35.2", ["222101"]).municipalities == ("22210",)
    for text, said in (
        ("138.6,35.1,138.7", "not four numbers"), ("a,b,c,d", "not four numbers"),
        ("35.1,138.6,35.2,138.7", "longitudes first"),
        ("138.7,35.1,138.6,35.2", "west < east"), ("nan,35.1,138.6,35.2", "west < east"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=said):
            fetch.within(text)
    with pytest.raises(ConfigError, match=r"takes [\d,]+ tiles or more"):
        fetch.fetch("nowhere", fetch.within("130,33,140,40"))
    for url in ("ftp://tiles", "tiles", "http://", "https://tiles/?key=1"):
        with pytest.raises(ConfigError, match="--elevation-url"):
            fetch.fetch("nowhere", fetch.within(box()), fetch.Services(elevation=url))
    assert not Path("nowhere").exists()


@pytest.fixture
def boundary(tmp_path: Path) -> Path:
    """A prefecture of two municipalities, one of two islands."""

    def square(west: float, south: float, size: float = 0.2) -> shapely.Geometry:
        (w, n), (e, s) = corner(15, X + west, Y + south), corner(15, X + west + size, Y + south + size)
        return shapely.box(w, s, e, n)

    rows = [square(0.1, 0.1), square(0.3, 0.3, 0.1), square(5.0, 5.0)]
    names = {"N03_001": ["静岡県"] * 3, "N03_003": [None] * 3, "N03_004": ["富士市", "富士市", "沼津市"],
             "N03_007": ["22210", "22210", "22203"]}  # fmt: skip
    folder = tmp_path / "n03"
    folder.mkdir()
    return shapefile(folder / "N03-24_22_240101.shp", names, rows)


def test_a_municipality_by_its_boundary(service: Service, tmp_path: Path, boundary: Path) -> None:
    done = run(
        tmp_path / "fuji", "--municipality", "222101", "--boundary", boundary, "--margin", 0, "--rate", 20, "--json",
        "--elevation-url", service.url + "/", "--roads-url", service.url, "--buildings-url", service.url,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["tiles"]["roads"] == {"fetched": 1, "kept": 0, "absent": 0}
    text = (tmp_path / "fuji" / "study.toml").read_text("utf-8")
    assert 'name = "富士市"' in text
    assert 'crs = "EPSG:6676"' in text
    assert "国土数値情報（国土交通省） 行政区域データ (N03), file N03-24_22_240101.shp" in (
        tmp_path / "fuji" / "SOURCES.txt"
    ).read_text("utf-8")
    lost = run(tmp_path / "x", "--municipality", "22100", "--boundary", boundary)
    assert lost.exit_code == 1
    assert "22203 沼津市, 22210 富士市" in lost.stderr
    assert "wards" in lost.stderr


def test_the_outline_is_fetched_and_kept(service: Service, tmp_path: Path, boundary: Path) -> None:
    parts = {p.name: p.read_bytes() for p in sorted(boundary.parent.glob("N03*"))}
    zipped(tmp_path / "n03.zip", parts)
    path = service.put("N03-24_22_GML.zip", (tmp_path / "n03.zip").read_bytes())
    service.mishaps[path] = [send(200, b"PK\3\4 and no more"), send(503, b"")]
    words = ["--municipality", "22210", "--margin", 0, "--rate", 20, "--json"]
    for what in ("elevation", "roads", "buildings"):
        words += [f"--{what}-url", service.url]
    words += ["--boundary-url", service.url + "/N03-24_{prefecture}_GML.zip"]
    done = run(tmp_path / "fuji", *words)
    assert done.exit_code == 0, done.output
    assert service.asked[path] == 3
    text = (tmp_path / "fuji" / "study.toml").read_text("utf-8")
    assert '\nboundary = "boundary"\n' in text
    assert '\ncode = "22210"\n' in text
    assert "行政区域データ (N03), file N03-24_22_GML.zip" in (tmp_path / "fuji" / "SOURCES.txt").read_text("utf-8")
    assert run(tmp_path / "fuji", *words, "--force").exit_code == 0
    assert service.asked[path] == 3, "kept"
    (tmp_path / "fuji" / "boundary" / "N03-24_22_GML.zip").write_bytes(b"half of it")
    assert run(tmp_path / "fuji", *words, "--force").exit_code == 0
    assert service.asked[path] == 4, "fetched again where it is not whole"
    absent = run(tmp_path / "x", *words[:2], "--boundary-url", service.url + "/N03-99_{prefecture}_GML.zip")
    assert absent.exit_code == 1
    assert "there is no http" in absent.stderr
    assert "--boundary" in absent.stderr
    assert "{prefecture}" in run(tmp_path / "x", *words[:2], "--boundary-url", service.url + "/N03.zip").stderr
    assert run(tmp_path / "x", "--municipality", "99999").exit_code == 1
    assert not (tmp_path / "x").exists()


def test_several_municipalities_are_one_area(service: Service, tmp_path: Path, boundary: Path) -> None:
    place = fetch.inside(boundary, ["22210", "22203"])
    near = dataclasses.replace(place, area=shapely.intersection(place.area, fetch.within(box()).area))
    done = fetch.fetch(tmp_path / "both", near, fetch.Services(*[service.url] * 3), 0.0, manners=HASTY)
    assert "outline.gpkg joins 22210, 22203 to one area with the code 22210" in done.notes
    outline = gpd.read_file(tmp_path / "both" / "outline.gpkg")
    assert outline.loc[0, ["municipality_code", "name"]].tolist() == ["22210", "富士市・沼津市"]
    assert '\nboundary = "outline.gpkg"\n' in done.study.read_text("utf-8")


def test_command(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in ([], ["--boundary", "n03"], ["--bounds", box(), "--boundary", "n03"]):
        assert run(tmp_path / "x", *words).exit_code == 2
    monkeypatch.setenv("SEWERZONE_ELEVATION_URL", service.url)
    monkeypatch.setenv("SEWERZONE_ROADS_URL", service.url)
    monkeypatch.setenv("SEWERZONE_BUILDINGS_URL", service.url)
    first = run(tmp_path / "x", "--bounds", box(), "--margin", "0")
    assert first.exit_code == 0, first.output
    assert first.stdout.strip() == str(tmp_path / "x" / "study.toml")
    assert "elevation: 1 tile fetched" in first.stderr
    (tmp_path / "x" / "study.toml").write_text("mine")
    again = run(tmp_path / "x", "--bounds", box(), "--margin", "0")
    assert again.exit_code == 0
    assert "stays as it is" in again.stderr
    assert (tmp_path / "x" / "study.toml").read_text() == "mine"
    (tmp_path / "file").write_text("")
    lost = run(tmp_path / "y", "--bounds", box(), "--buildings", tmp_path / "no.zip")
    assert "--buildings: there is no file" in lost.stderr
    assert not (tmp_path / "y").exists(), "told before anything is fetched"
    assert "is a file" in run(tmp_path / "file", "--bounds", box()).stderr
    assert "add districts (国勢調査 小地域 of e-Stat)" in first.stderr, "what is not fetched is told"


def test_an_interrupted_call_keeps_whole_tiles(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch, "_fetch_roads", stop)
    words = [tmp_path / "x", "--bounds", box(), "--margin", "0"]
    for what in ("elevation", "roads", "buildings"):
        words += [f"--{what}-url", service.url]
    done = run(*words)
    assert done.exit_code == 130
    assert "the same command goes on" in done.stderr
    assert files(tmp_path / "x") == ["SOURCES.txt", f"elevation/dem5a_png/15/{X}/{Y}.png"]


def test_a_study_of_what_was_fetched_can_be_read(service: Service, tmp_path: Path) -> None:
    for column in (2 * X, 2 * X + 1):
        for row in (2 * Y, 2 * Y + 1):
            service.put(f"experimental_rdcl/16/{column}/{row}.geojson", roads(column, row))
    service.put(f"dem5a_png/15/{X}/{Y}.png", ground(100.0))
    at = [shapely.Point(corner(15, X + k, Y + 0.27)).buffer(4e-5) for k in np.linspace(0.1, 0.9, 9)]
    gpd.GeoDataFrame({"use": ["411"] * 9}, geometry=at, crs="EPSG:6668").to_file(tmp_path / "b.gpkg", layer="b")
    done = get(service, tmp_path / "fuji", box(0.05, 0.05, 0.95, 0.95), buildings=str(tmp_path / "b.gpkg"), name="富士")
    inputs = sz.read(done.study)
    assert len(inputs.buildings) == 9
    assert len(inputs.roads) == 4, "pieces of a road in two tiles are one"
    middle = inputs.buildings.geometry.centroid
    at_m = inputs.terrain.sample(middle.x.to_numpy(), middle.y.to_numpy())
    assert np.abs(at_m - (100.0 + 0.05 * 256 * np.linspace(0.1, 0.9, 9))).max() < 0.2
