"""What a study is made from: its files, told apart cheaply by size and time, surely by content; brought here from URLs.

Of a file behind a URL the storage tells whether it is another one (fsspec's ``ukey``); it is fetched once to a computer.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pyogrio
from pydantic import BaseModel
from pyogrio.errors import DataLayerError, DataSourceError

from sewerzone import config as study_file
from sewerzone import costbooks
from sewerzone.batch.area import Area
from sewerzone.batch.lock import locked
from sewerzone.batch.places import FILE, Place, cache
from sewerzone.config import Config, Layer
from sewerzone.errors import ConfigError, SewerzoneError, problem
from sewerzone.io import vector

Stamp = list[list[Any]]
"""Name, size and time (ns) of each file behind one path of a study; or its URL and the storage's mark of its version."""
BYTES_PER_BUILDING = 400
"""Of a layer whose rows cannot be counted without reading it."""
_Part = TypeVar("_Part", bound=BaseModel)


def load(area: Area) -> Config:
    """The configuration of an area; raises ConfigError where its study cannot be read."""
    study = Place(area.study)
    why = "nothing can be planned of its municipality"
    gone = problem(f"there is no study {study}", why, "put it there or correct the table, then start the batch again")
    if study.is_local:
        if not study.exists():
            raise ConfigError(gone)
        return _plain(study_file.load(study.path, area.changes))
    try:
        data = study.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(gone) from error
    except OSError as error:
        remedy = "check its address and who may read it, then start the batch again"
        raise ConfigError(problem(f"the study {study} cannot be read ({error})", why, remedy)) from error
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "study.toml"
        copy.write_bytes(data)
        try:
            return _plain(study_file.load(copy, area.changes))
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(copy), str(study))) from error


def estimated_buildings(config: Config, study: Place) -> int:
    """How many buildings a study has, without reading them; 0 where that cannot be told."""
    layer = config.inputs.buildings
    place = study.beside(layer.path)
    try:
        if not place.is_local:
            system, path = place.filesystem()
            return int(system.size(path) or 0) // BYTES_PER_BUILDING
        if not place.path.is_file():
            return 0
        rows = int(pyogrio.read_info(place.path, layer=layer.layer)["features"])
        return rows if rows >= 0 else place.path.stat().st_size // BYTES_PER_BUILDING
    except (DataSourceError, DataLayerError):  # read by other means than GDAL, or not at all, as its worker will tell
        return place.path.stat().st_size // BYTES_PER_BUILDING
    except (OSError, SewerzoneError):
        return 0


def paths(config: Config) -> list[str]:
    """Every path a study names, as it is written there: layers, terrain, cost books of its own."""
    books = [book for book in (config.cost.book, config.cost.fallback) if book and book not in costbooks.SHIPPED]
    return sorted({*_layers(config), *config.inputs.terrain, *books})


def record(config: Config, study: Place) -> dict[str, dict[str, Any]]:
    """Stamps and content hashes of all files of a study, as a manifest keeps them."""
    return {text: {"stamp": _stamp(study.beside(text)), "sha256": _digest(study.beside(text))} for text in paths(config)}


def is_unchanged(kept: dict[str, dict[str, Any]], config: Config, study: Place) -> bool:
    """Whether a study's files are those of a manifest; their content is looked at only where size or time differ."""
    now = {text: study.beside(text) for text in paths(config)}
    return kept.keys() == now.keys() and all(_is_same(place, kept[text]) for text, place in now.items())


def _is_same(place: Place, kept: dict[str, Any]) -> bool:
    stamp = _stamp(place)
    return bool(stamp) and (stamp == kept["stamp"] or (kept["sha256"] is not None and _digest(place) == kept["sha256"]))


@contextmanager
def at_hand(config: Config, study: Place) -> Iterator[tuple[Config, Path]]:
    """The configuration and the folder its paths are relative to; what lies behind URLs has been fetched."""
    places = {text: study.beside(text) for text in paths(config)}
    if all(place.is_local for place in places.values()):
        yield config, study.path.parent if study.is_local else Path()
        return
    with tempfile.TemporaryDirectory() as folder:
        names = {
            text: str(place.path.absolute()) if place.is_local else _fetched(place, Path(folder), f"inputs/{number}")
            for number, (text, place) in enumerate(places.items())
        }
        yield _elsewhere(config, names), Path(folder)


def _plain(config: Config) -> Config:
    """The configuration with paths where it has URLs of files of this computer."""
    urls = [text for text in paths(config) if text.startswith(FILE)]
    return _elsewhere(config, {text: str(Place(text)) for text in urls}) if urls else config


def _fetched(place: Place, folder: Path, name: str) -> str:
    """Put the files behind a URL below ``folder/name``; returns the path to write in the study."""
    system, path = place.filesystem()
    for file in _far_files(system, path):
        top = path.rpartition("/")[0]
        target = folder / name / file.removeprefix(top).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        held = _held(system, file)
        try:
            os.link(held, target)
        except OSError:
            shutil.copy2(held, target)
    return f"{name}/{path.rpartition('/')[2]}"


def _held(system: Any, file: str) -> Path:
    """A file behind a URL as it lies in this computer's cache, fetched where this version of it is not there yet."""
    mark = hashlib.sha256(f"{type(system).__name__} {file} {system.ukey(file)}".encode()).hexdigest()
    held = cache() / "inputs" / mark
    with locked(held.with_suffix(".lock")):
        if not held.exists():
            spare = held.with_suffix(f".{uuid.uuid4().hex}")
            system.get_file(file, str(spare))
            spare.replace(held)
    return held


def _far_files(system: Any, path: str) -> list[str]:
    """The files behind a path: itself, all of a Shapefile, all of a folder, all that fit a pattern."""
    if any(sign in path.rpartition("/")[2] for sign in "*?["):
        return sorted(map(str, system.glob(path)))
    if path.lower().endswith(".shp"):
        return sorted(map(str, system.glob(f"{path[:-4]}.*")))
    if system.isdir(path):
        return sorted(map(str, system.find(path)))
    return [path]


def _layers(part: BaseModel) -> Iterator[str]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Layer):
            yield value.path
        elif isinstance(value, BaseModel):
            yield from _layers(value)


def _elsewhere(config: Config, names: dict[str, str]) -> Config:
    """A copy of the configuration with other paths."""
    books = {key: names.get(str(getattr(config.cost, key)), getattr(config.cost, key)) for key in ("book", "fallback")}
    terrain = tuple(names.get(text, text) for text in config.inputs.terrain)
    renamed = _renamed(config, names)
    inputs = renamed.inputs.model_copy(update={"terrain": terrain})
    return renamed.model_copy(update={"inputs": inputs, "cost": config.cost.model_copy(update=books)})


def _renamed(part: _Part, names: dict[str, str]) -> _Part:
    """A copy of settings with other paths in its layers."""
    changed: dict[str, Any] = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Layer):
            changed[name] = value.model_copy(update={"path": names.get(value.path, value.path)})
        elif isinstance(value, BaseModel):
            changed[name] = _renamed(value, names)
    return part.model_copy(update=changed)


def _digest(place: Place) -> str | None:
    return vector.digest(place.path) if place.is_local and _stamp(place) else None


def _stamp(place: Place) -> Stamp:
    """Empty where there is no such file; reading the study tells that properly."""
    try:
        if not place.is_local:
            system, path = place.filesystem()
            return [[file, str(system.ukey(file))] for file in _far_files(system, path)]
        stats = [(file, file.stat()) for file in vector.parts(place.path)]
    except OSError:
        return []
    return [[file.name, facts.st_size, facts.st_mtime_ns] for file, facts in stats]
