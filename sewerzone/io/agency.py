"""Files as agencies publish them, used as layers and terrain of a study as they are."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from pyproj import CRS, Transformer

from sewerzone.config import Layer
from sewerzone.errors import CRSError, SewerzoneError, TerrainError
from sewerzone.formats import published
from sewerzone.formats.features import Features
from sewerzone.formats.grid import Bounds, Grid

_GEODETIC = "EPSG:6668"
_MARGIN_DEG = 0.002
"""Beyond the study, so that its rim is interpolated between known cells."""
_READ_BY_GDAL = (".shp", ".geojson", ".json", ".zip", ".osm", ".pbf")
_SEVERAL = "*?["
_OF_A_YEAR = re.compile(r"people_\d{4}")


def is_several(text: str) -> bool:
    """Whether a path is a pattern such as ``sheets/*.zip``."""
    return any(sign in Path(text).name for sign in _SEVERAL)


def features(layer: Layer, base: Path, key: str, role: str) -> tuple[Path, Features] | None:
    """The layer where it is a file, folder or pattern of files as an agency publishes them; None for any other.

    Columns such as ``people_2050`` ask for a year of projected population, which only our reader tells apart. Otherwise
    a Shapefile or GeoJSON with ``columns``, ``layer`` or ``encoding`` given is read as the user says, and so is a sheet of
    FGD with ``columns`` of its schema.
    """
    path = base / layer.path
    is_of_a_year = any(_OF_A_YEAR.fullmatch(theirs) for theirs in layer.columns.values())  # made from PTN_<year> by our reader
    is_told = layer.layer is not None or (bool(layer.columns) and not is_of_a_year) or layer.encoding != "auto"
    if role not in published.ROLE_KINDS or not is_there(path) or (is_told and path.suffix.lower() in _READ_BY_GDAL):
        return None
    try:
        found = published.for_role(path, role)
    except SewerzoneError as error:
        raise type(error)(f"{key}: {error}") from error
    if found is None or (path.suffix.lower() == ".xml" and not set(layer.columns.values()) <= set(found.frame.columns)):
        return None  # GDAL reads FGD's features too, with columns named as in the schema
    silent = [
        c for c in found.frame.columns if c != "geometry" and found.frame[c].isna().all()
    ]  # in the schema, not in the data
    return path, replace(found, frame=found.frame.drop(columns=silent))


def elevation(text: str, base: Path, study_crs: CRS, bounds: Bounds) -> tuple[Grid, list[str]] | None:
    """Elevation sheets of an agency round ``bounds`` (study CRS) as one grid, and notes; None for any other file."""
    path = base / text
    if not is_there(path):
        return None
    try:
        if all(h.kind != published.TERRAIN for h in published.holdings(path)):
            return None
        placed = Transformer.from_crs(study_crs, _GEODETIC, always_xy=True).transform_bounds(*bounds, densify_pts=21)
        west, south, east, north = np.add(placed, (-_MARGIN_DEG, -_MARGIN_DEG, _MARGIN_DEG, _MARGIN_DEG)).tolist()
        return published.terrain(path, (west, south, east, north))
    except SewerzoneError as error:
        raise (CRSError if isinstance(error, CRSError) else TerrainError)(f"inputs.terrain: {error}") from error


def elevation_credit(path: Path) -> str | None:
    """Who publishes elevation sheets; None for any other file."""
    if not is_there(path) or all(h.kind != published.TERRAIN for h in published.holdings(path)):
        return None
    return published.CREDITS[published.choose(path, published.TERRAIN).publisher]


def is_there(path: Path) -> bool:
    """Whether a path leads to files that an agency may have published."""
    if is_several(path.name):
        return any(path.parent.glob(path.name))
    return path.exists() and path.suffix.lower() != ".gdb" and published.may_be(path)
