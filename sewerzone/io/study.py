"""Writing studies: a synthetic one with its data, or a study file on the user's own files. Whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import rasterio
from rasterio.transform import Affine

from sewerzone import config as config_
from sewerzone.config import Config
from sewerzone.errors import ConfigError, problem
from sewerzone.io.proposal import propose
from sewerzone.io.study_text import render
from sewerzone.model import Terrain
from sewerzone.samples import Sample

__all__ = ["FILE_NAME", "propose", "render", "sample_config", "write_sample", "write_study", "write_terrain"]

FILE_NAME = "study.toml"
DATA_NAME = "town.gpkg"
DISTRICT_CODES = {"code": "district_id"}
"""How samples call their columns."""
TERRAIN_NAME = "terrain.tif"
LAYERS = ("buildings", "roads", "served_areas", "districts", "barriers", "plants")
SAMPLE_SOURCE = "sewerzone の架空の町 / synthetic town of sewerzone"
NODATA = -9999.0
FIXED_DATE = "2000-01-01T00:00:00Z"
"""Date written into GeoPackages, so that the same sample gives the same bytes."""


def sample_config(sample: Sample) -> Config:
    """The study of a synthetic municipality whose files lie beside its study file."""
    layers: dict[str, Any] = {name: {"path": DATA_NAME, "layer": name} for name in LAYERS}
    layers["buildings"]["columns"] = {"source_id": "id"}
    layers["districts"]["columns"] = DISTRICT_CODES
    sources = dict.fromkeys((*LAYERS, "terrain"), SAMPLE_SOURCE)
    inputs = {**layers, "terrain": [TERRAIN_NAME], "sources": sources}
    ahead = {}
    if sample.sewers is not None:
        inputs["sewers"] = {"path": DATA_NAME, "layer": "sewers", "columns": {"source_id": "id"}}
        ahead = {"renewal": {"years": 50}, "retreat": {"years": 50}}
    data = {**ahead, "study": {"name": sample.name, "crs": sample.crs}, "inputs": inputs}
    return config_.parse(data, "the study of a sample")


def write_sample(sample: Sample, directory: str | Path, force: bool = False) -> Path:
    """Write a synthetic municipality as a study ready to run; returns the path of its study file.

    Parameters
    ----------
    directory : new or empty; ``town.gpkg``, ``terrain.tif`` and ``study.toml`` are written into it
    force : replace files of these names in a directory that is not empty; others stay

    Raises
    ------
    ConfigError : the directory is not empty, is a file, or cannot be written
    """
    directory = Path(directory).resolve()
    refuse_taken(directory, force, f"{DATA_NAME}, {TERRAIN_NAME} and {FILE_NAME}")
    remarks = ("a synthetic municipality: no such place exists, and no figure in it is real",)
    with arriving(directory) as fresh:
        _write_layers(sample, fresh / DATA_NAME)
        write_terrain(sample.terrain, fresh / TERRAIN_NAME)
        (fresh / FILE_NAME).write_text(render(sample_config(sample), remarks), encoding="utf-8", newline="\n")
    return directory / FILE_NAME


def refuse_taken(directory: Path, force: bool, files: str) -> None:
    """Raise ConfigError where a directory holds something, unless ``force`` allows to replace ``files`` in it."""
    if directory.is_dir() and any(directory.iterdir()) and not force:
        held = ", ".join(sorted(p.name for p in directory.iterdir())[:5])
        raise ConfigError(
            problem(
                f"{directory} is not empty (it holds {held})",
                "files of yours might be overwritten",
                f"give a new directory, or --force (in Python force=True) to replace {files} in it",
            )
        )


def write_study(config: Config, directory: str | Path, remarks: Sequence[str] = (), force: bool = False) -> Path:
    """Write the study file of a configuration, commented, remarks on top; returns its path.

    Raises
    ------
    ConfigError : there is a study file already and ``force`` is not given, or the directory cannot be written
    """
    directory = Path(directory).resolve()
    path = directory / FILE_NAME
    if path.exists() and not force:
        raise ConfigError(
            problem(
                f"{path} exists",
                "your settings in it would be lost",
                "give another directory, or --force (in Python force=True) to replace it",
            )
        )
    with arriving(directory) as fresh:
        (fresh / FILE_NAME).write_text(render(config, remarks), encoding="utf-8", newline="\n")
    return path


@contextmanager
def arriving(directory: Path) -> Iterator[Path]:
    """An empty directory beside ``directory``; when the block ends well its files move into place, else they are gone."""
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{directory.name}.", dir=directory.parent) as spare:
            fresh = Path(spare) / "fresh"
            fresh.mkdir()
            yield fresh
            directory.mkdir(exist_ok=True)
            for path in sorted(p for p in fresh.rglob("*") if p.is_file()):
                target = directory / path.relative_to(fresh)
                target.parent.mkdir(exist_ok=True)
                path.replace(target)
    except OSError as error:
        raise ConfigError(
            problem(
                f"{directory} cannot be written ({error.strerror or error})",
                "the study was not created",
                "give a directory you may write to, on a disk with room",
            )
        ) from error


@contextmanager
def fixed_date() -> Iterator[None]:
    """GeoPackages written in the block carry one date, so that the same content gives the same bytes."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_layers(sample: Sample, path: Path) -> None:
    with fixed_date():
        for name in (*LAYERS, *(("sewers",) if sample.sewers is not None else ())):
            frame: gpd.GeoDataFrame = getattr(sample, name)
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG")


def write_terrain(terrain: Terrain, path: Path) -> None:
    """Write a terrain as GeoTIFF."""
    rows, columns = terrain.elevation_m.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="float32", crs=terrain.crs.to_wkt(),
        transform=Affine(*terrain.transform), nodata=NODATA, compress="deflate", predictor=3, tiled=True,
    ) as raster:  # fmt: skip
        raster.write(terrain.elevation_m, 1)
