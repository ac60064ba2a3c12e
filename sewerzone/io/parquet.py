"""Tables as (Geo)Parquet files; large ones slice by slice, so that a second copy of them never exists as a whole."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from sewerzone.io.wkb import wkb

SLICE = 200_000
"""Rows of a slice: a row group of the file."""
FEW = 3_000
"""Rows that are left to geopandas; more are put together faster here."""
_KIND: Literal["zstd"] = "zstd"
_NOTHING: dict[tuple[str, str, tuple[tuple[str, str], ...]], bytes] = {}
"""Files of tables without rows, by name, coordinate system and columns; there are as many as there are tables."""


def write_parquet(tables: dict[str, pd.DataFrame], directory: Path) -> None:
    """Write conforming tables as (Geo)Parquet files of their names into a new directory."""
    directory.mkdir()
    for name, frame in tables.items():
        path = directory / f"{name}.parquet"
        if not len(frame):
            _write_nothing(name, frame, path)
        elif isinstance(frame, gpd.GeoDataFrame) and len(frame) > FEW:
            _write_slices(frame, path)
        else:
            _write(frame, path)


def _write(frame: pd.DataFrame, path: Path | BytesIO) -> None:
    if isinstance(frame, gpd.GeoDataFrame):
        frame.to_parquet(path, index=False, compression=_KIND, use_dictionary=_texts(frame))
    else:
        frame.to_parquet(path, index=False, compression=_KIND, use_dictionary=_texts(frame), engine="pyarrow")


def _write_nothing(name: str, frame: pd.DataFrame, path: Path) -> None:
    """What :func:`_write` writes of a table without rows: most tables of most municipalities, made once for all of a batch."""
    crs = frame.crs.to_wkt() if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None else ""
    held = name, crs, tuple((str(column), str(kind)) for column, kind in frame.dtypes.items())
    if held not in _NOTHING:
        made = BytesIO()
        _write(frame, made)
        _NOTHING[held] = made.getvalue()
    path.write_bytes(_NOTHING[held])


def _texts(frame: pd.DataFrame) -> list[str]:
    """Columns of texts, which repeat; numbers and places seldom do, and a dictionary of them is built only to be given up."""
    return [str(name) for name, kind in frame.dtypes.items() if kind.name in ("object", "string", "str")]


def _write_slices(frame: gpd.GeoDataFrame, path: Path) -> None:
    """What :func:`_write` writes, in row groups, each made on its own."""
    shapes, plain = np.asarray(frame.geometry.to_numpy()), pd.DataFrame(frame)
    first = np.array([plain[name].notna().to_numpy().argmax() for name in plain.columns])
    some = [np.unique(shapely.get_type_id(shapes), return_index=True)[1], first]
    sample = BytesIO()
    # one row of every type of geometry, and one in which each column has a value: the file's schema and its list of types
    _write(frame.iloc[np.unique(np.concatenate(some))], sample)
    schema = pq.read_schema(BytesIO(sample.getvalue()))
    geo = json.loads(schema.metadata[b"geo"])
    geo["columns"][frame.geometry.name]["bbox"] = [float(x) for x in frame.total_bounds]
    schema = schema.with_metadata({**schema.metadata, b"geo": json.dumps(geo).encode()})
    with pq.ParquetWriter(path, schema, compression=_KIND, use_dictionary=_texts(frame)) as file:
        for start in range(0, len(frame), SLICE):
            part = slice(start, start + SLICE)
            columns = [
                wkb(shapes[part]) if field.name == frame.geometry.name
                else pa.array(plain[field.name].iloc[part], field.type, from_pandas=True)
                for field in schema
            ]  # fmt: skip
            file.write_table(pa.table(columns, schema=schema))
