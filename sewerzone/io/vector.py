"""Opening one vector file: where it lies, which layer, which encoding; nothing is ever written beside it."""

from __future__ import annotations

import codecs
import difflib
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError
from shapely.errors import GEOSException

from sewerzone.config import Layer
from sewerzone.errors import ConfigError, DataError, problem
from sewerzone.formats import vectors
from sewerzone.formats.features import Features
from sewerzone.io import agency, geoparquet
from sewerzone.noted import Note, of_layer

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""

PARQUET_ENDINGS = (".parquet", ".geoparquet", ".pq")
_ZIPPED_ENDINGS = (".shp", ".gpkg", ".fgb", ".geojson", ".json", ".gml")
_RASTER_ENDINGS = (".tif", ".tiff", ".img", ".asc", ".vrt", ".png", ".jpg")
_SQLITE_WAL = 2


@dataclass(frozen=True)
class Source:
    """One layer ready to be opened: ``name`` is what GDAL is given, ``fields`` the layer's columns."""

    path: Path
    name: str
    layer: str | None
    encoding: str | None
    fields: tuple[str, ...]
    crs: Any
    rows: int
    bounds: Bounds | None
    notes: tuple[str, ...] = ()
    is_placed: bool = True
    """Whether the rows have geometry; only tables read for their ids have none."""
    held: gpd.GeoDataFrame | None = None
    """The rows, where an agency's file had to be read to know anything of it."""


def locate(text: str, base: Path, key: str) -> Path:
    """The existing file meant by ``text``; raises ConfigError that names its nearest neighbours on disk."""
    path = Path(text) if Path(text).is_absolute() else base / text
    if path.is_dir() and path.suffix.lower() != ".gdb":
        inside = ", ".join(sorted(p.name for p in path.iterdir() if p.is_file())[:8]) or "nothing"
        raise ConfigError(
            problem(
                f"{key}: {path} is a folder, not a file", "one file is one layer", f"name the file; the folder holds {inside}"
            )
        )
    if path.exists():
        return path
    folder = next(parent for parent in path.parents if parent.is_dir())
    near = sorted(p.name for p in folder.iterdir())
    close = difflib.get_close_matches(
        path.name if folder == path.parent else path.parts[len(folder.parts)], near, n=4, cutoff=0.4
    )
    held = f"; {_shown(folder)} holds {', '.join(close or near[:8]) or 'nothing'}"
    raise ConfigError(
        problem(
            f"{key}: there is no file {path}{held}",
            "the layer cannot be read",
            f"correct the path; it is taken relative to the study file's folder, {_shown(base)}",
        )
    )


def _shown(folder: Path) -> Path:
    """A folder as it was given; the working directory, which has no name of its own, in full."""
    return folder.absolute() if folder == Path() else folder


@contextmanager
def opened(layer: Layer, base: Path, key: str, may_be_table: bool = False, role: str = "") -> Iterator[Source]:
    """The layer as a Source; temporary copies that some drivers need live until the block ends.

    Layers without geometry (CSV, spreadsheets) are refused unless ``may_be_table``. With ``role`` files, folders and
    patterns of files as agencies publish them are read for what that layer of a study needs.
    """
    published = agency.features(layer, base, key, role)
    if published is not None:
        yield _published(*published, key)
        return
    path = locate(layer.path, base, key)
    with tempfile.TemporaryDirectory(prefix="sewerzone-") as spare:
        name = _gdal_name(path, Path(spare), key)
        encoding, notes = _encoding(layer, path, name, key)
        if path.suffix.lower() in PARQUET_ENDINGS:
            yield _parquet(path, name, key)
            return
        chosen = _layer(layer, name, path, key, may_be_table)
        try:
            info = pyogrio.read_info(name, layer=chosen, encoding=encoding, force_feature_count=True, force_total_bounds=True)
        except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
            raise _unreadable(path, key, error) from error
        bounds = info["total_bounds"]
        yield Source(
            path, name, chosen, encoding, tuple(map(str, info["fields"])), info["crs"], int(info["features"]),
            _known(bounds), notes, info["geometry_type"] is not None,
        )  # fmt: skip


def frame(source: Source, columns: Sequence[str], bounds: Bounds | None, key: str) -> gpd.GeoDataFrame:
    """The layer's rows with ``columns``; only those that meet ``bounds`` (file's CRS) where the driver can tell."""
    if source.held is not None:
        return source.held[[*columns, "geometry"]]
    try:
        if source.path.suffix.lower() in PARQUET_ENDINGS:
            return geoparquet.read(source.name, columns, bounds)
        return pyogrio.read_dataframe(
            source.name, layer=source.layer, encoding=source.encoding, columns=list(columns), bbox=bounds
        )
    except (DataSourceError, DataLayerError, FeatureError, GeometryError, GEOSException, UnicodeDecodeError) as error:
        raise _unreadable(source.path, key, error) from error


def layers(name: str, with_tables: bool = False) -> list[str]:
    """Names of the layers with geometry in a file; those without as well where asked."""
    return [str(n) for n, kind in pyogrio.list_layers(name) if with_tables or kind is not None]


def parts(path: Path) -> list[Path]:
    """The files behind a path: one file; .shp and .dbf of a Shapefile; all files of a folder or pattern."""
    if agency.is_several(path.name):
        files = sorted(p for p in path.parent.glob(path.name) if p.is_file())
    else:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    if path.suffix.lower() == ".shp":
        files += [p for p in (_beside(path, ".dbf"),) if p]
    return files


def digest(path: Path) -> str:
    """SHA-256 (hex) of the contents of :func:`parts`; files that did not change since are not read again."""
    stats = [(file, file.stat()) for file in parts(path)]
    return _digest(tuple((str(file.absolute()), stat.st_size, stat.st_mtime_ns) for file, stat in stats))


@lru_cache(maxsize=1024)
def _digest(files: tuple[tuple[str, int, int], ...]) -> str:
    total = hashlib.sha256()
    for file, _, _ in files:
        with Path(file).open("rb") as stream:
            while block := stream.read(1 << 20):
                total.update(block)
    return total.hexdigest()


def _gdal_name(path: Path, spare: Path, key: str) -> str:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return f"/vsizip/{{{path}}}/{_zipped(path, key)}"
    if suffix in (".gml", ".xml"):  # GDAL's GML driver writes a .gfs beside the file and trusts stale ones
        return str(shutil.copy2(path, spare / path.name))
    if suffix == ".gpkg" and _is_wal(path):  # opening a write-ahead database creates -shm and -wal files
        for tail in ("", "-wal"):
            if (part := path.with_name(path.name + tail)).exists():
                shutil.copy2(part, spare / part.name)
        return str(spare / path.name)
    return str(path)


def _is_wal(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(20)
    return len(head) == 20 and head[:6] == b"SQLite" and head[18] == _SQLITE_WAL


def _zipped(path: Path, key: str) -> str:
    """The one data file inside a zip, inner folders included."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        raise _unreadable(path, key, error) from error
    for ending in _ZIPPED_ENDINGS:
        found = [m for m in members if PurePosixPath(m).suffix.lower() == ending and "__MACOSX" not in m]
        if len(found) == 1:
            return found[0]
        if found:
            raise ConfigError(
                problem(
                    f"{key}: {path} holds {len(found)} {ending} files: {', '.join(found[:6])}",
                    "which one is meant cannot be guessed",
                    "unpack the archive and name the file",
                )
            )
    raise DataError(
        problem(
            f"{key}: {path} holds no vector file ({', '.join(members[:6]) or 'it is empty'})",
            "the layer cannot be read",
            f"give an archive with one of {', '.join(_ZIPPED_ENDINGS)}",
        )
    )


def _layer(layer: Layer, name: str, path: Path, key: str, may_be_table: bool) -> str | None:
    try:
        have = layers(name)
        if may_be_table and (layer.layer is not None or not have):  # styles and the like are tables too: never a first guess
            have = layers(name, with_tables=True)
    except (DataSourceError, DataLayerError) as error:
        raise _unreadable(path, key, error) from error
    if layer.layer is not None:
        if layer.layer in have:
            return layer.layer
        close = difflib.get_close_matches(layer.layer, have, n=1)
        hint = f'write "{layer.path}:{close[0]}"' if close else "name one of these layers"
        raise ConfigError(
            problem(
                f"{key}: {path} has no layer {layer.layer!r}; it has {', '.join(have) or 'none'}", "nothing can be read", hint
            )
        )
    if len(have) == 1:
        return have[0]
    if have:
        raise ConfigError(
            problem(
                f"{key}: {path} holds {len(have)} layers: {', '.join(have)}",
                "which one is meant cannot be guessed",
                f'name it, e.g. "{layer.path}:{have[0]}"',
            )
        )
    raise DataError(
        problem(
            f"{key}: {path} holds no layer with geometry",
            "places are needed, not only a table",
            "give a GeoPackage, Shapefile, GeoJSON, FlatGeobuf or GeoParquet; save a CSV of points as one of these in a GIS",
        )
    )


def _unreadable(path: Path, key: str, error: Exception) -> DataError:
    if isinstance(error, UnicodeDecodeError):
        return DataError(
            problem(
                f"{key}: text in {path} is not encoded as {error.encoding} ({_first_line(error)})",
                "names would be mojibake and columns not be found",
                f'take the encoding out of {key} or set it to "auto"; Japanese Shapefiles are mostly "cp932"',
            )
        )
    raster = path.suffix.lower() in _RASTER_ENDINGS
    what = "is a raster, not a vector layer" if raster else f"cannot be read as a vector file ({_first_line(error)})"
    remedy = (
        "give footprints, lines or points; rasters belong under inputs.terrain"
        if raster
        else "see in a GIS whether it is damaged or incomplete (a Shapefile needs .shp, .shx, .dbf and .prj) and save it anew"
    )
    return DataError(problem(f"{key}: {path} {what}", "the study cannot start without it", remedy))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _parquet(path: Path, name: str, key: str) -> Source:
    try:
        told = geoparquet.layout(name)
    except (ValueError, KeyError, OSError, pa.ArrowException) as error:
        raise _unreadable(path, key, error) from error
    box = None if told.box is None else _known(np.reshape(told.box, (2, -1))[:, :2].ravel())
    return Source(path, name, None, None, told.fields, told.crs, told.rows, box)


def _published(path: Path, found: Features, key: str) -> Source:
    frame = found.frame
    notes = tuple(of_layer(key, note) for note in found.notes)
    return Source(
        path, str(path), None, None, tuple(map(str, frame.columns.drop("geometry"))), frame.crs, len(frame),
        _known(frame.total_bounds), notes, held=frame,
    )  # fmt: skip


def _known(bounds: Any) -> Bounds | None:
    if bounds is None or not np.isfinite(bounds).all():
        return None
    west, south, east, north = map(float, bounds)
    return west, south, east, north


def _encoding(layer: Layer, path: Path, name: str, key: str) -> tuple[str | None, tuple[str, ...]]:
    """What to tell GDAL, and a note; None leaves the choice to GDAL (.cpg, or the language byte of the .dbf)."""
    if layer.encoding != "auto":
        try:
            codecs.lookup(layer.encoding)
        except LookupError as error:
            raise ConfigError(
                problem(f"{key}: encoding {layer.encoding!r} is unknown", "text cannot be read", "write auto, utf-8 or cp932")
            ) from error
        return layer.encoding, ()
    if path.suffix.lower() == ".csv":
        return ("UTF-8" if _decodes(path.read_bytes()) else "CP932"), ()
    held = _dbf(path, name)
    if held is None or (len(held) > 29 and held[29] != 0):
        return None, ()
    encoding = "UTF-8" if vectors.is_utf8(held) else "CP932"
    return encoding, (Note("not_encoded", layer=key, file=path.name, encoding=encoding),)


def _dbf(path: Path, name: str) -> bytes | None:
    """The bytes of a Shapefile's .dbf when nothing beside it (.cpg) says how it is encoded."""
    if path.suffix.lower() == ".shp":
        dbf = _beside(path, ".dbf")
        return dbf.read_bytes() if dbf and not _beside(path, ".cpg") else None
    if path.suffix.lower() != ".zip" or not name.lower().endswith(".shp"):
        return None
    with zipfile.ZipFile(path) as archive:
        stem = name.partition("}/")[2][:-4].lower()
        parts = {m.lower(): m for m in archive.namelist()}
        found = parts.get(f"{stem}.dbf")
        return archive.read(found) if found and f"{stem}.cpg" not in parts else None


def _beside(path: Path, suffix: str) -> Path | None:
    return next((p for s in (suffix, suffix.upper()) if (p := path.with_suffix(s)).exists()), None)


def _decodes(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
