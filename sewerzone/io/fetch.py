"""What one municipality needs from the public tile services, on disk, with sources named and a study that points to it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone import config as config_
from sewerzone import crs as crs_guard
from sewerzone.config import Layer, Municipality, Sources
from sewerzone.errors import ConfigError, DataError, counted, problem
from sewerzone.formats import codes, ksj, published, tiles
from sewerzone.io import agency, fetch_boundary, study
from sewerzone.io.proposal import relative
from sewerzone.io.tile_store import ABSENT, TileStore, elevations, wrong_buildings, wrong_elevations, wrong_roads
from sewerzone.io.web import Manners, Web, base_url, refuse_without_library
from sewerzone.model import Progress, no_progress

GSI = "https://cyberjapandata.gsi.go.jp/xyz"
FINE = ("dem5a_png", "dem5b_png", "dem5c_png")
"""Layers of 5 m cells, the surest first; one is asked for only where those before it leave the ground unknown."""
FINE_ZOOM, COARSE, COARSE_ZOOM = 15, "dem_png", 14
ROADS, ROADS_ZOOM = "experimental_rdcl", 16
BUILDINGS, BUILDINGS_ZOOM = "optimal_bvmap-v1", 16
MARGIN_M = 500.0
MOST_TILES = 45_000
"""Twice what the largest municipality (Takayama, 2,178 km2) takes."""
ELEVATION_FOLDER, ROADS_FOLDER, BUILDINGS_FOLDER = "elevation", "roads", "buildings"
SOURCES_NAME = "SOURCES.txt"
OUTLINE_NAME = "outline.gpkg"
_LAYERS = {ELEVATION_FOLDER: (*FINE, COARSE), ROADS_FOLDER: (ROADS,), BUILDINGS_FOLDER: (BUILDINGS,)}
JAPAN = (122.0, 20.0, 154.5, 46.0)
TITLES = {
    "dem5a_png": "標高タイル（基盤地図情報数値標高モデル DEM5A）",
    "dem5b_png": "標高タイル（基盤地図情報数値標高モデル DEM5B）",
    "dem5c_png": "標高タイル（基盤地図情報数値標高モデル DEM5C）",
    "dem_png": "標高タイル（基盤地図情報数値標高モデル DEM10B）",
    "experimental_rdcl": "ベクトルタイル「道路中心線」（提供実験）",
    "optimal_bvmap-v1": "最適化ベクトルタイル（建築物 BldA）",
}
"""What the service calls its layers."""
_OF_BUILDINGS = (
    "buildings are those of the tiles: outlines and kind (普通建物, 堅ろう建物, 無壁舎), without use, storeys or dwellings, so "
    "that shops and sheds from 20 m2 on count as homes; PLATEAU or FGD (基盤地図情報) can take their place, as downloaded"
)
_BY_HAND = (
    "no tile tells who lives where, or what is sewered: add districts (国勢調査 小地域 of e-Stat) for people and households, "
    "served_areas (下水道の供用区域; KSJ A16 DID stands in), barriers (FGD WA, RailCL) and plants; until then every building "
    "is prepare.dwellings_per_building dwellings of prepare.people_per_dwelling people, and nothing is sewered today"
)
TERMS = """\
利用規約 / terms: 国土地理院コンテンツ利用規約 https://www.gsi.go.jp/kikakuchousei/kikakuchousei40182.html
地理院タイル一覧 / list of tiles: https://maps.gsi.go.jp/development/ichiran.html
What is made from the tiles names them, e.g. 「国土地理院 地理院タイルを加工して作成」. Publishing them, or what
is made of them, may need an approval under the Survey Act (測量法第29条・第30条): ask the Geospatial Information Authority.
"""


@dataclass(frozen=True)
class Place:
    """The area of a study."""

    area: shapely.Geometry
    """Polygons in degrees (JGD2011)."""
    municipalities: tuple[str, ...]
    name: str | None
    boundary: Path | None = None
    """The file, or folder of files, that told the area."""


@dataclass(frozen=True)
class Services:
    """Where tiles come from: addresses before ``/<layer>/<zoom>/<column>/<row>``."""

    elevation: str = GSI
    roads: str = GSI
    buildings: str = GSI


@dataclass(frozen=True)
class Fetched:
    """What there is now."""

    study: Path
    sources: Path
    facts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Tiles fetched, kept from before and absent, of elevation, roads and buildings."""
    notes: tuple[str, ...] = ()


def within(bounds: str, municipalities: Sequence[str] = ()) -> Place:
    """A box given as ``W,S,E,N`` in degrees; ConfigError where it is none, or not in Japan."""
    try:
        west, south, east, north = (float(part) for part in bounds.split(","))
    except ValueError as error:
        raise _no_box(bounds, "is not four numbers") from error
    if not (JAPAN[0] <= west < east <= JAPAN[2] and JAPAN[1] <= south < north <= JAPAN[3]):
        raise _no_box(bounds, "is no box in Japan: west < east and south < north, longitudes first")
    return Place(shapely.box(west, south, east, north), tuple(codes.municipality(c) for c in municipalities), None)


def _no_box(text: str, what: str) -> ConfigError:
    return ConfigError(
        problem(
            f"--bounds {text!r} {what}",
            "tiles of another place, or of none, would be fetched",
            "give west,south,east,north in degrees, such as 138.58,35.10,138.80,35.36",
        )
    )


def outlined(
    directory: str | Path, municipalities: Sequence[str], url: str = fetch_boundary.URL, manners: Manners | None = None
) -> Place:  # fmt: skip
    """Municipalities by their boundaries (国土数値情報 N03), which are fetched into ``directory/boundary``."""
    refuse_without_library()
    _refuse_file(Path(directory))
    fetch_boundary.fetch(Path(directory).resolve(), municipalities, url, Web(manners or Manners()))
    return inside(Path(directory).resolve() / fetch_boundary.FOLDER, municipalities)


def inside(boundary: str | Path, municipalities: Sequence[str]) -> Place:
    """Municipalities by their boundaries (国土数値情報 N03, as downloaded); ConfigError where one is not in the file."""
    wanted = tuple(dict.fromkeys(codes.municipality(c) for c in municipalities))
    frame = ksj.read(boundary, "N03").frame.to_crs(6668)
    held = frame.dropna(subset=["municipality_code"]).set_index("municipality_code")
    if lost := [c for c in wanted if c not in held.index]:
        near = [c for c in held.index if c[:2] == lost[0][:2]]
        listed = (
            ", ".join(f"{c} {held['name'][c]}" for c in near[:8]) or f"prefectures {', '.join(sorted({*held.index.str[:2]}))}"
        )
        raise ConfigError(
            problem(
                f"{boundary} has no municipality {', '.join(lost)}; it has {listed}{' ...' if len(near) > 8 else ''}",
                "its boundary is not known",
                "give the N03 file of its prefecture; of a designated city name the wards (--municipality again for each)",
            )
        )
    rows = held.loc[list(wanted)]
    name = "・".join(rows["name"])
    return Place(shapely.union_all(shapely.make_valid(rows.geometry.to_numpy())), wanted, name, Path(boundary))


def fetch(
    directory: str | Path, place: Place, services: Services | None = None, margin_m: float = MARGIN_M,
    buildings: str | None = None, name: str | None = None, force: bool = False, manners: Manners | None = None,
    progress: Progress = no_progress,
) -> Fetched:  # fmt: skip
    """Fetch elevation, road and building tiles of a place into a directory and write a study that points to them.

    Parameters
    ----------
    directory : ``elevation/``, ``roads/`` and ``buildings/`` with the tiles, ``SOURCES.txt`` and ``study.toml`` are made in it;
        tiles that are there and whole are not fetched again
    place : see :func:`within`, :func:`inside` and :func:`outlined`
    services : where tiles come from
    margin_m : how far round the place tiles are fetched
    buildings : ``path`` or ``path:layer`` of buildings for the study, of which no tiles are fetched then
    name : of the study
    force : replace a study file that is there
    manners : pace, attempts, timeouts
    progress : called as (stage, done, total) with stages ``elevation``, ``roads`` and ``buildings``

    Raises
    ------
    ConfigError, DataError
        An address or the area is wrong, a tile cannot be fetched or is wrong each time, or there is none at all. Tiles that
        came before are kept.
    """
    refuse_without_library()
    services = services or Services()
    root = Path(directory).resolve()
    _refuse_size(int(shapely.area(place.area) / (360.0 / (1 << ROADS_ZOOM)) ** 2))  # at once, for the next line takes its time
    ground, ways = (tiles.covering(place.area, margin_m, zoom) for zoom in (FINE_ZOOM, ROADS_ZOOM))
    _refuse_size(len(ground) + (len(ways) if buildings is not None else 2 * len(ways)))
    _refuse_paths(root, buildings)
    web = Web(manners or Manners())
    stores = [
        TileStore(root, ELEVATION_FOLDER, base_url(services.elevation, "--elevation-url"), web),
        TileStore(root, ROADS_FOLDER, base_url(services.roads, "--roads-url"), web),
    ]
    if buildings is None:
        stores.append(TileStore(root, BUILDINGS_FOLDER, base_url(services.buildings, "--buildings-url"), web))
    root.mkdir(parents=True, exist_ok=True)
    _write_sources(root, place, stores)
    try:
        _fetch_elevation(stores[0], ground, progress)
        _fetch_roads(stores[1], ways, progress)
        for store in stores[2:]:
            _fetch_buildings(store, ways, progress)
    finally:  # what came before a failure is someone's, too
        _write_sources(root, place, stores)
    path, notes = _write_study(root, place, buildings, name, force, _origins(stores))
    facts = {
        store.folder.name: {key: store.counts[key] for key in ("fetched", "kept", "absent")} for store in stores
    }  # fmt: skip
    return Fetched(path, root / SOURCES_NAME, facts, tuple(notes))


def _refuse_size(count: int) -> None:
    if count > MOST_TILES:
        raise ConfigError(
            problem(
                f"the area takes {count:,} tiles or more",
                f"no municipality takes {MOST_TILES:,}, and the services are not made for mass downloads",
                "give a smaller area, or a smaller --margin",
            )
        )


def _refuse_file(root: Path) -> None:
    if root.exists() and not root.is_dir():
        raise ConfigError(problem(f"{root} is a file", "tiles need a folder", "name a new directory"))


def _refuse_paths(root: Path, buildings: str | None) -> None:
    """Refuse before the first request what could not be written, or put into a study, after the last."""
    _refuse_file(root)
    path = None if buildings is None else Path(Layer.model_validate(buildings).path).expanduser()
    if path is not None and not path.exists() and not agency.is_there(path):
        raise ConfigError(
            problem(
                f"--buildings: there is no file {path}", "the study would be of nothing", "correct the path, or leave it out"
            )
        )


def _fetch_elevation(store: TileStore, places: Sequence[tuple[int, int]], progress: Progress) -> None:
    """Tiles of 5 m cells, and of 10 m cells under those that leave ground unknown."""
    coarse: set[tuple[int, int]] = set()
    known = False
    for done, (column, row) in enumerate(places):
        progress(ELEVATION_FOLDER, done, len(places))
        unknown: NDArray[np.bool_] = np.ones((tiles.SIDE, tiles.SIDE), dtype=bool)
        for layer in FINE:
            content = store.get(layer, (FINE_ZOOM, column, row), ".png", wrong_elevations)
            if content is not None:
                unknown &= np.isnan(elevations(content))
            if not unknown.any():
                break
        known |= not unknown.all()
        if unknown.any():
            coarse.add((column >> 1, row >> 1))
    for done, (column, row) in enumerate(sorted(coarse)):
        progress(ELEVATION_FOLDER, len(places) + done, len(places) + len(coarse))
        content = store.get(COARSE, (COARSE_ZOOM, column, row), ".png", wrong_elevations)
        known |= content is not None and bool(np.isfinite(elevations(content)).any())
    progress(ELEVATION_FOLDER, len(places) + len(coarse), len(places) + len(coarse))
    if not known:
        raise _nothing(store, "elevation", "--elevation-url")


def _fetch_roads(store: TileStore, places: Sequence[tuple[int, int]], progress: Progress) -> None:
    is_any = False
    for done, (column, row) in enumerate(places):
        progress(ROADS_FOLDER, done, len(places))
        is_any |= store.get(ROADS, (ROADS_ZOOM, column, row), ".geojson", wrong_roads) is not None
    progress(ROADS_FOLDER, len(places), len(places))
    if not is_any:
        raise _nothing(store, "road", "--roads-url")


def _fetch_buildings(store: TileStore, places: Sequence[tuple[int, int]], progress: Progress) -> None:
    is_any = False
    for done, (column, row) in enumerate(places):
        progress(BUILDINGS_FOLDER, done, len(places))
        is_any |= store.get(BUILDINGS, (BUILDINGS_ZOOM, column, row), ".pbf", wrong_buildings) is not None
    progress(BUILDINGS_FOLDER, len(places), len(places))
    if not is_any:
        raise _nothing(store, "building", "--buildings-url")


def _nothing(store: TileStore, what: str, option: str) -> DataError:
    store.forget_absent()
    return DataError(
        problem(
            f"{store.base} has no {what} tile of the whole area",
            "a study without ground, roads and buildings cannot be made",
            f"see whether the area is land and {option} is right"
            + (", or give buildings of your own (--buildings)" if what == "building" else ""),
        )
    )


def _held(store: TileStore, layer: str) -> tuple[int, list[str]]:
    """Tiles of a layer on disk, and the days on which they came."""
    held = [p for p in (store.folder / layer).rglob("*") if p.is_file()]
    return len(held), sorted({datetime.date.fromtimestamp(p.stat().st_mtime).isoformat() for p in held})


def _origins(stores: Sequence[TileStore]) -> dict[str, dict[str, str]]:
    """What SOURCES.txt says, as the study states it: the service's layers, and when they were fetched."""
    out = {}
    for store in stores:
        found = [(layer, days) for layer in _LAYERS[store.folder.name] for count, days in [_held(store, layer)] if count]
        if not found:
            continue
        titles = "、".join(TITLES[layer] for layer, _ in found)
        days = sorted({day for _, some in found for day in some})
        when = "～".join(dict.fromkeys((days[0], days[-1])))
        role = "terrain" if store.folder.name == ELEVATION_FOLDER else store.folder.name
        out[role] = {"source": f"{published.CREDITS[published.TILES]} {titles}を加工して作成", "date": f"{when} 取得"}
    return out


def _write_sources(root: Path, place: Place, stores: Sequence[TileStore]) -> None:
    """Name whose data these are, with what lies on disk."""
    lines = ["出典 / sources to be named with whatever is made from these files", ""]
    for store in stores:
        for layer in _LAYERS[store.folder.name]:
            count, days = _held(store, layer)
            if count:
                when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
                lines.append(f"{store.folder.name}/{layer}: {published.CREDITS[published.TILES]} {TITLES[layer]}")
                lines.append(f"    {counted(count, 'tile')}, fetched {when}")
        lines.append(
            f"{store.folder.name}/: fetched from {store.base}; what it lacks is marked in {ABSENT}/{store.folder.name}/"
        )
    if place.boundary is not None:
        names = sorted(p.name for p in place.boundary.iterdir()) if place.boundary.is_dir() else [place.boundary.name]
        lines.append(f"boundary: {published.CREDITS[published.KSJ]} 行政区域データ (N03), file {', '.join(names)}")
    lines += ["", TERMS]
    (root / SOURCES_NAME).write_text("\n".join(lines), encoding="utf-8", newline="\n")


def _write_study(
    root: Path, place: Place, buildings: str | None, name: str | None, force: bool, origins: dict[str, dict[str, str]]
) -> tuple[Path, list[str]]:
    """The study file and remarks; one that is there stays unless ``force``."""
    path = root / study.FILE_NAME
    if path.exists() and not force:
        return path, [f"{path} was there and stays as it is; --force writes a new one"]
    crs, notes = _crs(place)
    titled = name or place.name or root.name
    if buildings is not None:
        proposed, said = study.propose(
            root, buildings, str(root / ROADS_FOLDER), [str(root / ELEVATION_FOLDER)], crs=crs, name=titled
        )
        notes += said
    else:
        data: dict[str, Any] = {
            "study": {"name": titled, "crs": crs},
            "inputs": {"buildings": BUILDINGS_FOLDER, "roads": ROADS_FOLDER, "terrain": [ELEVATION_FOLDER]},
        }
        proposed = config_.parse(data, "the proposed study")
        notes.append(_OF_BUILDINGS)
    stated = proposed.inputs.sources.model_copy(update=Sources.model_validate(origins).given())
    proposed = proposed.model_copy(update={"inputs": proposed.inputs.model_copy(update={"sources": stated})})
    if place.boundary is not None:
        proposed = proposed.model_copy(update={"municipality": _municipality(root, place, notes)})
    notes += [_BY_HAND, f"sources to be named stand in {SOURCES_NAME}"]
    return study.write_study(proposed, root, notes, force), notes


def _municipality(root: Path, place: Place, notes: list[str]) -> Municipality:
    """The section by which buildings outside are left out; several municipalities become one area, ``outline.gpkg``."""
    assert place.boundary is not None
    path, code = relative(place.boundary.resolve(), root), place.municipalities[0]
    if len(place.municipalities) > 1:
        path = OUTLINE_NAME
        row = {"municipality_code": [code], "name": [place.name]}
        gpd.GeoDataFrame(row, geometry=[place.area], crs=6668).to_file(root / path, driver="GPKG", layer="outline")
        notes.append(f"{path} joins {', '.join(place.municipalities)} to one area with the code {code}")
    return Municipality(boundary=Layer(path=path), code=code)


def _crs(place: Place) -> tuple[str, list[str]]:
    """The plane rectangular zone of the municipality, else the nearest."""
    zones = {codes.plane_zone(c) for c in place.municipalities}
    zone = zones.pop() if len(zones) == 1 else None
    if zone is not None:
        text = f"EPSG:{crs_guard.zone_epsg(zone)}"
        return text, [f"study.crs = {text} is the plane rectangular zone of {', '.join(place.municipalities)}"]
    west, south, east, north = shapely.bounds(place.area)
    middle = (west + east) / 2, (south + north) / 2
    text = crs_guard.propose_zone(*middle) or crs_guard.propose_utm(*middle)
    return text, [f"study.crs = {text} is proposed from the middle of the area: zones follow prefectures, check it"]
