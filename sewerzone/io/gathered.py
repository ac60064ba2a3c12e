"""Tables of many plans in one GeoPackage and one set of GeoParquet files, plan after plan, so that one is held at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from sewerzone.io import geopackage
from sewerzone.io.qml import Shape
from sewerzone.style import Language
from sewerzone.tables import Table

CRS_OF_ALL = CRS.from_epsg(6668)
"""JGD2011 in degrees: municipalities may be planned in different zones of plane coordinates."""
LAYERS = "prefecture.gpkg"
_ARROW = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "text": pa.string()}
_BOX = pa.struct([(side, pa.float64()) for side in ("xmin", "ymin", "xmax", "ymax")])
_SHAPE: dict[str, tuple[Shape, str]] = {
    "point": ("point", "Point"), "line": ("line", "MultiLineString"), "polygon": ("polygon", "MultiPolygon"),
}  # fmt: skip


def rows(table: Table, frame: pd.DataFrame) -> pa.Table:
    """Rows of a declared table ready to be put among others: checked, in the CRS of all, lines and polygons multiple."""
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame.to_crs(CRS_OF_ALL)
    frame = table.conform(frame)
    columns = [pa.array(frame[c.name], _ARROW[c.kind], from_pandas=True) for c in table.columns]
    if table.geometry:
        shapes = _multiple(np.asarray(frame["geometry"], dtype=object))
        sides = [pa.array(side, from_pandas=True) for side in shapely.bounds(shapes).T]
        columns += [pa.array(shapely.to_wkb(shapes), pa.binary()), pa.StructArray.from_arrays(sides, fields=list(_BOX))]
    return pa.table(columns, schema=_schema(table))


def write_rows(held: pa.Table, path: Path) -> None:
    """Keep what :func:`rows` made in a file of its own."""
    pq.write_table(held, path, compression="zstd")


def read_rows(table: Table, path: Path, column: str, text: str) -> pa.Table:
    """What :func:`write_rows` kept, with ``text`` in each row of a column, for what people call a municipality may change."""
    held = pq.ParquetFile(path).read()
    at = table.names.index(column)
    return held.set_column(at, held.schema.field(at), pa.repeat(pa.scalar(text, pa.string()), len(held)))


def write(folder: Path, parts: Iterable[tuple[Table, Iterable[pa.Table]]], language: Language) -> None:
    """Write ``prefecture.gpkg`` with a layer, and a Parquet file, for each table.

    Parameters
    ----------
    folder : where the files go; nothing of their names lies there
    parts : layers from back to front; of each the rows of one plan after the other, in the order of its key
    """
    shapes: dict[Table, Shape | None] = {}
    for table, tables in parts:
        schema = _schema(table)
        with pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as file:
            _write_layer(table, _kept(tables, file), folder / LAYERS)
        shapes[table] = _SHAPE[table.geometry][0] if table.geometry and table.geometry != "any" else None
    geopackage.describe_layers(folder / LAYERS, shapes, language)


def _kept(tables: Iterable[pa.Table], file: pq.ParquetWriter) -> Iterator[pa.Table]:
    """The tables, each written to a Parquet file on its way."""
    for held in tables:
        if len(held):
            file.write_table(held)
            yield held


def _write_layer(table: Table, tables: Iterable[pa.Table], path: Path) -> None:
    """All rows of a layer in one go, floats rounded for reading as in the layers of a plan."""
    schema = _schema(table)
    if table.geometry:
        schema = schema.remove(schema.get_field_index("bbox")).remove_metadata()
    places = geopackage.decimals(table)

    def batches() -> Iterator[pa.RecordBatch]:
        for held in tables:
            columns = [
                pc.round(held[name], ndigits=places[name]) if name in places else held[name] for name in schema.names
            ]  # fmt: skip
            yield from pa.table(columns, schema=schema).to_batches()

    own = {"geometry_name": "geometry", "geometry_type": _SHAPE[table.geometry][1]} if table.geometry else {}
    with geopackage.gdal_options():
        pyogrio.raw.write_arrow(
            pa.RecordBatchReader.from_batches(schema, batches()), path, layer=table.name, driver="GPKG", append=path.exists(),
            crs="EPSG:6668" if table.geometry else None, layer_options={"DESCRIPTION": f"{table.ja}: {table.meaning}"}, **own,
        )  # fmt: skip


def _multiple(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Single lines and polygons as multiple ones, as a layer has one kind of geometry."""
    kind, out = shapely.get_type_id(shapes), shapes.copy()
    is_line, is_polygon = (kind == one for one in (shapely.GeometryType.LINESTRING, shapely.GeometryType.POLYGON))
    out[is_line] = shapely.multilinestrings(out[is_line][:, None])
    out[is_polygon] = shapely.multipolygons(out[is_polygon][:, None])
    return out


def _schema(table: Table) -> pa.Schema:
    fields = [pa.field(c.name, _ARROW[c.kind]) for c in table.columns]
    if not table.geometry:
        return pa.schema(fields)
    covering = {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}
    told = {"encoding": "WKB", "crs": CRS_OF_ALL.to_json_dict(), "geometry_types": [], "covering": {"bbox": covering}}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": told}}
    return pa.schema([*fields, pa.field("geometry", pa.binary()), pa.field("bbox", _BOX)], {"geo": json.dumps(geo)})
