"""Which municipalities there are, and whose every building is: all of them counted, in slices, each once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from sewerzone import crs as crs_guard
from sewerzone.config import Config
from sewerzone.errors import CRSError, DataError, problem
from sewerzone.io import geoparquet, vector
from sewerzone.io.municipality import NOWHERE, Areas, read_areas
from sewerzone.io.vector import Source
from sewerzone.meeting import surface_points

Ints = NDArray[np.int64]
KEY = "inputs.buildings"
IN_NONE = "in_none"
ROWS_AT_ONCE = 100_000
ID_FIELDS = ("source_id", "id", "gml_id", "osm_id", "fid")
"""Columns that name a building in the list of those outside, where the study names none."""


class Account(NamedTuple):
    """Every building of the layer in exactly one place.

    Attributes
    ----------
    municipalities : code, name, buildings, on_shared_border (of them, decided for the lowest code); by code
    outside : row (from 0, in the order of the file), id, x, y (CRS of the file), why: "outside" every municipality, or
        "no_geometry"
    buildings : rows of the layer, the sum of both
    """

    municipalities: pd.DataFrame
    outside: pd.DataFrame
    buildings: int


def list_municipalities(config: Config, base: Path, count: Literal["boxes", "no"] = "boxes") -> pd.DataFrame:
    """One row per municipality of the boundary, by code.

    Columns: code, name, buildings, area_km2, west_m, south_m, east_m, north_m (study CRS). ``buildings`` is an estimate by
    the middle of each building's bounds where a GeoParquet file holds these, else exact; 0 where ``count`` is "no".
    ``attrs[IN_NONE]`` is how many are in no municipality, estimated alike.

    Raises
    ------
    ConfigError, CRSError, DataError : the boundary or the buildings cannot be read
    """
    areas = read_areas(config.municipality, base)
    study_crs = crs_guard.metric(config.study.crs)
    whole = gpd.GeoSeries(
        [shapely.union_all(areas.whole(k)) for k in range(len(areas.codes))], crs=areas.crs
    ).to_crs(study_crs)  # fmt: skip
    bounds = whole.bounds.to_numpy()
    counts, outside = (np.zeros(len(areas.codes), np.int64), 0) if count == "no" else _estimated(config, base, areas)
    out = pd.DataFrame(
        {
            "code": areas.codes, "name": areas.names, "buildings": counts, "area_km2": whole.area.to_numpy() / 1e6,
            "west_m": bounds[:, 0], "south_m": bounds[:, 1], "east_m": bounds[:, 2], "north_m": bounds[:, 3],
        }
    )  # fmt: skip
    out.attrs[IN_NONE] = outside
    return out


def account(config: Config, base: Path) -> Account:
    """Whose every building of the buildings layer is: the rule by which each municipality's study picks its own.

    The file is read once, in slices; memory does not grow with it but for the list of buildings outside.
    """
    areas = read_areas(config.municipality, base)
    own, shared = np.zeros((2, len(areas.codes)), np.int64)
    outside: list[pd.DataFrame] = []
    begin = 0
    with vector.opened(config.inputs.buildings, base, KEY, role="buildings") as source:
        crs = _crs(source)
        named = config.inputs.buildings.columns.get("source_id")
        ids = [n for n in (named, *ID_FIELDS) if n in source.fields][:1]
        for frame in _slices(source, ids):
            shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
            owner, is_shared = areas.owners(shapes, crs)
            has = owner != NOWHERE
            own += np.bincount(owner[has], minlength=len(own))
            shared += np.bincount(owner[has & is_shared], minlength=len(own))
            outside.append(_outside(frame, shapes, np.flatnonzero(~has), begin, ids))
            begin += len(frame)
    if begin != source.rows:
        raise DataError(
            problem(
                f"{KEY}: {source.path} says it has {source.rows:,} rows, but {begin:,} were read",
                "buildings would be lost without a word",
                "see in a GIS whether the file is damaged and save it anew",
            )
        )
    table = pd.DataFrame({"code": areas.codes, "name": areas.names, "buildings": own, "on_shared_border": shared})
    return Account(table, pd.concat(outside, ignore_index=True) if outside else _outside_none(), begin)


def _outside(frame: gpd.GeoDataFrame, shapes: NDArray[np.object_], rows: Ints, begin: int, ids: list[str]) -> pd.DataFrame:
    x, y = surface_points(shapes[rows]).T
    return pd.DataFrame(
        {
            "row": begin + rows,
            "id": frame[ids[0]].to_numpy()[rows].astype(str) if ids else np.full(len(rows), "", dtype=object),
            "x": x,
            "y": y,
            "why": np.where(np.isfinite(x) & np.isfinite(y), "outside", "no_geometry").astype(object),
        }
    )


def _outside_none() -> pd.DataFrame:
    return pd.DataFrame({"row": np.zeros(0, np.int64), "id": [], "x": [], "y": [], "why": []})


def _estimated(config: Config, base: Path, areas: Areas) -> tuple[Ints, int]:
    """Buildings of each municipality, and of none."""
    with vector.opened(config.inputs.buildings, base, KEY, role="buildings") as source:
        is_covered = source.path.suffix.lower() in vector.PARQUET_ENDINGS and geoparquet.layout(source.name).covering
        if not is_covered:
            exact = account(config, base)
            return np.asarray(exact.municipalities["buildings"], np.int64), len(exact.outside)
        crs, counts = _crs(source), np.zeros(len(areas.codes), np.int64)
        for box in geoparquet.boxes(source.name, ROWS_AT_ONCE):
            owner = areas.owners_at((box[:, :2] + box[:, 2:]) / 2.0, crs)[0]
            counts += np.bincount(owner[owner != NOWHERE], minlength=len(counts))
        return counts, source.rows - int(counts.sum())


def _slices(source: Source, columns: list[str]) -> Iterator[gpd.GeoDataFrame]:
    """The layer's rows, some at a time, in the order of the file."""
    if source.held is not None:
        yield source.held[[*columns, "geometry"]]
    elif source.path.suffix.lower() in vector.PARQUET_ENDINGS:
        yield from geoparquet.batches(source.name, columns, ROWS_AT_ONCE)
    else:
        with pyogrio.open_arrow(
            source.name,
            layer=source.layer,
            encoding=source.encoding,
            columns=columns,
            batch_size=ROWS_AT_ONCE,
            use_pyarrow=True,
        ) as (told, reader):
            name = told["geometry_name"] or "wkb_geometry"
            for batch in reader:
                shapes = shapely.from_wkb(batch.column(name).to_numpy(zero_copy_only=False))
                rest = pa.Table.from_batches([batch]).select(columns).to_pandas()
                yield gpd.GeoDataFrame(rest, geometry=np.asarray(shapes, dtype=object), crs=source.crs)


def _crs(source: Source) -> CRS:
    if source.crs is None:
        raise CRSError(
            problem(
                f"{KEY}: {source.path} has no coordinate reference system",
                "the buildings cannot be placed among the municipalities",
                "assign the right one in a GIS",
            )
        )
    return crs_guard.horizontal(CRS.from_user_input(source.crs))
