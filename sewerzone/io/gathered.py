"""Tables of many plans in one GeoPackage and one set of GeoParquet files, plan after plan, so that one is held at a time."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS

from sewerzone.io import geopackage
from sewerzone.io.qml import Shape
from sewerzone.style import Language
from sewerzone.tables import Table

CRS_OF_ALL = CRS.from_epsg(6668)
"""JGD2011 in degrees: municipalities may be planned in different zones of plane coordinates."""
_ARROW = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "text": pa.string()}
_BOX = pa.struct([(side, pa.float64()) for side in ("xmin", "ymin", "xmax", "ymax")])
_SHAPE: dict[str, tuple[Shape, str]] = {
    "point": ("point", "Point"), "line": ("line", "MultiLineString"), "polygon": ("polygon", "MultiPolygon"),
}  # fmt: skip


class Gathered:
    """Files being filled: ``prefecture.gpkg`` with a layer, and a Parquet file, for each table.

    Parameters
    ----------
    folder : where the files go; nothing of their names lies there
    tables : layers from back to front; all rows of one come in the order of its key
    """

    def __init__(self, folder: Path, tables: tuple[Table, ...], language: Language) -> None:
        self.path = folder / "prefecture.gpkg"
        self.tables, self.language = tables, language
        self._parquet = {t: pq.ParquetWriter(folder / f"{t.name}.parquet", _schema(t), compression="zstd") for t in tables}
        for table in tables:
            self._to_layer(table, table.empty(CRS_OF_ALL))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for file in self._parquet.values():
            file.close()
        if kind is None:
            shapes = {t: _SHAPE[t.geometry][0] if t.geometry and t.geometry != "any" else None for t in self.tables}
            geopackage.describe_layers(self.path, shapes, self.language)

    def append(self, table: Table, frame: pd.DataFrame) -> None:
        """Add rows of a table; geometries are turned to the CRS of all."""
        if not len(frame):
            return
        if isinstance(frame, gpd.GeoDataFrame):
            frame = frame.to_crs(CRS_OF_ALL)
        frame = table.conform(frame)
        self._parquet[table].write_table(_arrow(table, frame))
        self._to_layer(table, frame)

    def _to_layer(self, table: Table, frame: pd.DataFrame) -> None:
        """With text as text even where all of it is missing, or a later row would not fit."""
        texts = {c.name: "string" for c in table.columns if c.kind == "text"}
        frame = geopackage.rounded(table, frame).astype(texts)
        is_new = frame.empty
        own: dict[str, Any] = {}
        if table.geometry:
            kind = _SHAPE[table.geometry][1]
            own = {"geometry_type": kind, "promote_to_multi": kind.startswith("Multi")}
        if is_new:
            own["layer_options"] = {"DESCRIPTION": f"{table.ja}: {table.meaning}"}
        with geopackage.gdal_options():
            pyogrio.write_dataframe(
                frame, self.path, layer=table.name, driver="GPKG", append=self.path.exists(), use_arrow=True, **own
            )


def _schema(table: Table) -> pa.Schema:
    fields = [pa.field(c.name, _ARROW[c.kind]) for c in table.columns]
    if not table.geometry:
        return pa.schema(fields)
    covering = {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}
    told = {"encoding": "WKB", "crs": CRS_OF_ALL.to_json_dict(), "geometry_types": [], "covering": {"bbox": covering}}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": told}}
    return pa.schema([*fields, pa.field("geometry", pa.binary()), pa.field("bbox", _BOX)], {"geo": json.dumps(geo)})


def _arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    columns = [pa.array(frame[c.name], _ARROW[c.kind], from_pandas=True) for c in table.columns]
    if table.geometry:
        shapes = np.asarray(frame["geometry"], dtype=object)
        sides = [pa.array(side, from_pandas=True) for side in shapely.bounds(shapes).T]
        columns += [pa.array(shapely.to_wkb(shapes), pa.binary()), pa.StructArray.from_arrays(sides, fields=list(_BOX))]
    return pa.table(columns, schema=_schema(table))
