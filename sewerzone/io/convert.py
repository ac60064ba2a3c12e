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
    year : of projected population; refused for anything else
    force : replace a file that is there

    Raises
    ------
    ConfigError, DataError, CRSError, TerrainError
        The output's ending does not fit, it exists or has no folder, the year means nothing, or the sources are damaged or
        hold nothing of the kind.
    """
    path = Path(output)
    is_grid = path.suffix.lower() == ".tif"
    if path.suffix.lower() not in ENDINGS or (kind is not None and is_grid != (kind == published.TERRAIN)):
        raise ConfigError(_wrong_ending(path, kind or "data"))
    _refuse_place(path, force)
    held = list(sources)
    holding = published.choose(held, kind or (published.TERRAIN if is_grid else _only_kind(held)))
    if is_grid != (holding.kind == published.TERRAIN):
        raise ConfigError(_wrong_ending(path, holding.kind))
    _refuse_year(year, holding)
    left_out = _left_out(held, holding) if kind is None else ()
    if is_grid:
        grid, notes = published.terrain(held)
        facts = _write_grid(grid, path, holding.publisher)
        facts = {"kind": holding.kind, "publisher": holding.publisher, **facts}
        return Conversion(path, facts, (*notes, *left_out))
    found = published.read(held, holding, year)
    _write_features(found.frame, path, holding.kind)
    box = [round(float(v), 7) for v in found.frame.total_bounds]
    facts = {"rows": len(found.frame), "columns": [c for c in found.frame.columns if c != "geometry"], "extent": box}
    facts["crs"] = found.frame.crs.name
    return Conversion(
        path, {"kind": holding.kind, "publisher": holding.publisher, **facts}, (*found.notes, *_no_roads(holding), *left_out)
    )


def _wrong_ending(path: Path, kind: str) -> str:
    what = f"{path}: {kind} cannot be written as {path.suffix.lower() or 'a file without ending'}"
    return problem(what, "the ending tells the format", "end the name in .gpkg; in .tif for terrain")


def _refuse_place(path: Path, force: bool) -> None:
    if not path.parent.is_dir():
        raise DataError(
            problem(f"{path.parent} is no folder", f"{path.name} cannot be written there", "make it, or correct it")
        )
    if path.exists() and not force:
        raise DataError(problem(f"{path} exists", "it would be replaced", "choose another name, or say --force"))


def _refuse_year(year: int | None, holding: published.Holding) -> None:
    """A year chooses among those of projected population and nothing else."""
    if year is not None and not (holding.publisher == published.KSJ and holding.kind == "population"):
        what = f"year {year} is asked of {holding.kind} ({holding.publisher} {holding.product})"
        why = "only projected population (KSJ 将来推計人口メッシュ) is of several years"
        raise ConfigError(problem(what, why, "leave --year out"))


def _left_out(sources: list[str | Path], holding: published.Holding) -> tuple[str, ...]:
    """What else there is where the output's ending alone made the choice."""
    others = sorted({h.kind for h in published.holdings(sources)} - {holding.kind})
    if not others:
        return ()
    remedy = "write it to a .tif" if others == [published.TERRAIN] else "write each to a .gpkg of its own, with --kind"
    return (f"only {holding.kind} written; the files also hold {', '.join(others)}: {remedy}",)


def _no_roads(holding: published.Holding) -> tuple[str, ...]:
    if holding.kind not in published.NO_CENTRE_LINES:
        return ()
    what = published.NO_CENTRE_LINES[holding.kind]
    derive = "; --kind roads derives centre lines" if holding.kind in published.DERIVED_ROADS else ""
    return (f"{holding.kind} are {what}: sewers cannot follow them{derive}; for inputs.roads give {published.CENTRE_LINES}",)


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
