"""Agencies' files -> one GeoPackage layer or one GeoTIFF that any GIS reads."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
from rasterio import Affine

from sewerzone.errors import ConfigError, DataError, problem
from sewerzone.formats import published
from sewerzone.formats.grid import Grid
from sewerzone.io.geopackage import gdal_options

NODATA = -9999.0
ENDINGS = {".gpkg": "GeoPackage", ".tif": "GeoTIFF"}


@dataclass(frozen=True)
class Conversion:
    """What was converted into what."""

    path: Path
    facts: dict[str, Any]
    """Kind, publisher, rows or cells, system, extent."""
    notes: tuple[str, ...]


def convert(
    sources: Sequence[str | Path], output: str | Path, kind: str | None = None, year: int | None = None, force: bool = False
) -> Conversion:
    """Read files as agencies publish them and write them as one layer with columns by our names.

    Parameters
    ----------
    sources : files, folders, zips and patterns; what they are is told by their content
    output : ``.gpkg`` for features (the layer bears the kind's name), ``.tif`` for elevations
    kind : which kind of data is meant, where the sources hold several
    year : of projected population
    force : replace a file that is there

    Raises
    ------
    ConfigError, DataError, CRSError, TerrainError
        The output's ending does not fit, it exists, or the sources are damaged or hold nothing of the kind.
    """
    path = Path(output)
    ending = path.suffix.lower()
    if ending not in ENDINGS or (ending == ".tif") != (kind == published.TERRAIN or (kind is None and ending == ".tif")):
        what = f"{path}: {kind or 'data'} cannot be written as {ending or 'a file without ending'}"
        raise ConfigError(problem(what, "the ending tells the format", "end the name in .gpkg; in .tif for terrain"))
    if path.exists() and not force:
        raise DataError(problem(f"{path} exists", "it would be replaced", "choose another name, or say --force"))
    held = list(sources)
    if ending == ".tif":
        grid, notes = published.terrain(held)
        publisher = published.choose(held, published.TERRAIN).publisher
        facts = _write_grid(grid, path, publisher)
        return Conversion(path, {"kind": published.TERRAIN, "publisher": publisher, **facts}, tuple(notes))
    holding = published.choose(held, kind or _only_kind(held))
    found = published.read(held, holding, year)
    _write_features(found.frame, path, holding.kind)
    box = [round(float(v), 7) for v in found.frame.total_bounds]
    facts = {"rows": len(found.frame), "columns": [c for c in found.frame.columns if c != "geometry"], "extent": box}
    facts["crs"] = found.frame.crs.name
    return Conversion(path, {"kind": holding.kind, "publisher": holding.publisher, **facts}, found.notes)


def _only_kind(sources: list[str | Path]) -> str | None:
    """The one kind of features there is; None where a choice must be made."""
    kinds = {h.kind for h in published.holdings(sources)} - {published.TERRAIN}
    return kinds.pop() if len(kinds) == 1 else None


def _write_features(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    kinds = {str(k).removeprefix("Multi") for k in frame.geometry.dropna().geom_type.unique()}
    geometry = f"Multi{kinds.pop()}" if len(kinds) == 1 and kinds != {"Point"} else "Unknown"
    with tempfile.TemporaryDirectory(prefix=".sewerzone-", dir=path.parent) as spare, gdal_options():
        fresh = Path(spare) / "out.gpkg"
        pyogrio.write_dataframe(
            frame, fresh, layer=layer, driver="GPKG", geometry_type=geometry, promote_to_multi=geometry != "Unknown"
        )
        fresh.replace(path)


def _write_grid(grid: Grid, path: Path, publisher: str) -> dict[str, Any]:
    elevation = grid.elevation_m
    rows, columns = elevation.shape
    with tempfile.TemporaryDirectory(prefix=".sewerzone-", dir=path.parent) as spare:
        fresh = Path(spare) / "out.tif"
        with rasterio.open(
            fresh, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="float32", crs=grid.crs.to_wkt(),
            transform=Affine(*grid.transform), nodata=NODATA, compress="deflate", predictor=3,
            tiled=min(rows, columns) > 256,
        ) as raster:  # fmt: skip
            raster.write(np.where(np.isnan(elevation), np.float32(NODATA), elevation), 1)
            raster.update_tags(SOURCE=published.CREDITS[publisher])
        fresh.replace(path)
    return {
        "rows": rows, "columns": columns, "known_cells": int(np.isfinite(elevation).sum()),
        "lowest_elev_m": _rounded(np.nanmin, elevation), "highest_elev_m": _rounded(np.nanmax, elevation),
        "extent": [round(v, 9) for v in grid.bounds], "crs": grid.crs.name,
    }  # fmt: skip


def _rounded(which: Any, elevation: Any) -> float | None:
    return round(float(which(elevation)), 2) if np.isfinite(elevation).any() else None
