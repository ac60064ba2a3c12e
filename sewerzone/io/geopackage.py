"""``plan.gpkg``: all tables as layers with aliases and QGIS styles; the same bytes for the same plan."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from sewerzone import style
from sewerzone.io.qml import Shape, qml
from sewerzone.io.wkb import wkb
from sewerzone.model import Plan
from sewerzone.style import Language
from sewerzone.tables import ALL_TABLES, FINDINGS, Table

FIXED_DATE = "2000-01-01T00:00:00.000Z"
"""Written wherever the format demands a date, so that equal plans give equal bytes; the true times are in run.json."""

DATASET_OPTIONS = {"VERSION": "1.2"}
"""The version of the format that the GIS programs of the last years know; of later ones they warn at every layer."""

DECIMALS: dict[str, int] = {
    "m": 2, "mm": 0, "m2": 1, "ha": 3, "m3/d": 3, "l/s": 3, "m/s": 3, "permille": 2, "kW": 3, "kWh/y": 0, "y": 1,
    "yen": 0, "yen/y": 0, "yen/m": 0, "1/ha": 2, "persons": 0, "": 4,
}  # fmt: skip
"""Decimals kept for people to read, by unit; elevations keep millimetres. The Parquet tables keep every digit."""

BACK_TO_FRONT = (
    "served_areas", "districts", "zones", "units", "programme_areas", "overrides", "barriers", "roads", "edges", "nodes",
    "laterals", "sewers", "retreat_sewers", "buildings", "links", "pipes", "programme_sewers",
    "manholes", "pumps", "systems", "plants", "options",
    "costs", *(t.name for t in FINDINGS if t.geometry is None),
)  # fmt: skip
"""Order of layers in the file: what is added later lies on top."""

_MULTIPLE = {
    "MultiPoint": (4, shapely.GeometryType.POINT), "MultiLineString": (5, shapely.GeometryType.LINESTRING),
    "MultiPolygon": (6, shapely.GeometryType.POLYGON),
}  # fmt: skip
"""Multiple kinds: their number in WKB, and the kind that becomes one."""

_ARROW = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "text": pa.string()}

_TIME_WORDS = frozenset({"seconds", "started", "finished", "time", "date", "duration", "host", "machine", "platform"})


def write_geopackage(plan: Plan, tables: dict[str, pd.DataFrame], path: Path) -> dict[str, Shape | None]:
    """Write the conformed ``tables`` of ``plan`` as one GeoPackage; returns the shapes of its layers.

    Parameters
    ----------
    plan : its configuration gives the language, its run record the ``run`` table
    tables : the frames by table name, conforming to their declarations
    path : a file that does not exist yet
    """
    language = plan.config.study.language
    shapes = write_layers(tables, path)
    with gdal_options():
        pyogrio.raw.write_arrow(_run_table(plan), path, layer="run", driver="GPKG", append=True)
    describe_layers(path, {t: shapes[t.name] for t in ALL_TABLES if t.name in shapes}, language)
    return shapes


def write_layers(tables: dict[str, pd.DataFrame], path: Path) -> dict[str, Shape | None]:
    """Write conforming tables as layers, from back to front; returns the shapes of those that have one.

    Tables nobody asked for are left out.
    """
    declared = {t.name: t for t in ALL_TABLES}
    unasked = {t.name for t in FINDINGS if not len(tables.get(t.name, ()))}
    with gdal_options():
        return {
            name: _write_layer(declared[name], tables[name], path)
            for name in BACK_TO_FRONT
            if name in tables and name not in unasked
        }


def write_declared(declared: Sequence[Table], frames: dict[str, pd.DataFrame], path: Path, language: Language) -> None:
    """Write conforming frames of any declared tables, the last on top, as one GeoPackage with aliases and styles."""
    with gdal_options():
        shapes = {table: _write_layer(table, frames[table.name], path) for table in declared}
    describe_layers(path, shapes, language)


def describe_layers(path: Path, shapes: dict[Table, Shape | None], language: Language) -> None:
    """Give layers, called as their tables, titles of all columns and QGIS styles."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")  # as in gdal_options
        _write_aliases(connection, shapes, language)
        _write_styles(connection, shapes, language)


def decimals(table: Table) -> dict[str, int]:
    """Decimals that the float columns of a table keep for reading, by the unit of the column."""
    return {c.name: 3 if c.name.endswith("_elev_m") else DECIMALS[c.unit] for c in table.columns if c.kind == "float"}


@contextmanager
def gdal_options() -> Iterator[None]:
    """GDAL's settings for this file only: the fixed date, and for each of 20 layers no journal and no waiting for the disk.

    The latter are safe because the file takes its place only once it is whole.
    """
    wanted = {"OGR_CURRENT_DATE": FIXED_DATE, "OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_SQLITE_JOURNAL": "OFF"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in wanted}
    pyogrio.set_gdal_config_options(wanted)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _write_layer(table: Table, frame: pd.DataFrame, path: Path) -> Shape | None:
    """Append one layer; returns its shape for the style, None when it has no geometry or a mixed one."""
    held, own, shape = _values(table, frame), dict[str, Any](), None
    if isinstance(frame, gpd.GeoDataFrame):
        shape = _shape(table, frame)
        geometry_type = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon", None: "Unknown"}[shape]
        geometry = np.asarray(frame.geometry.to_numpy(), dtype=object)
        if shape == "point" and (shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOINT).any():
            geometry_type = "MultiPoint"
        held = held.append_column("geometry", _multiple_wkb(geometry, geometry_type))
        own = {"geometry_type": geometry_type, "geometry_name": "geometry", "crs": frame.crs and _named(frame.crs)}
    append = path.exists()
    pyogrio.raw.write_arrow(
        held, path, layer=table.name, driver="GPKG", append=append, dataset_options=None if append else DATASET_OPTIONS,
        layer_options={"DESCRIPTION": f"{table.ja}: {table.meaning}"}, **own,
    )  # fmt: skip
    return shape


@lru_cache(maxsize=16)
def _named(crs: CRS) -> str:
    """A system by its number where it has one, as GDAL knows most about those."""
    epsg = crs.to_epsg()
    return f"EPSG:{epsg}" if epsg else crs.to_wkt("WKT1_GDAL")


def _values(table: Table, frame: pd.DataFrame) -> pa.Table:
    """The declared columns, floats rounded for reading; column by column, for pandas takes its time to copy small frames."""
    plain, places = pd.DataFrame(frame), decimals(table)
    columns = {
        c.name: np.round(plain[c.name].to_numpy(), places[c.name]) if c.name in places else plain[c.name].array
        for c in table.columns
    }
    return pa.table({c.name: pa.array(columns[c.name], _ARROW[c.kind], from_pandas=True) for c in table.columns})


def _multiple_wkb(geometry: NDArray[np.object_], geometry_type: str) -> pa.Array:
    """Plane geometries in WKB, single ones as multiple where the layer has those: the bytes behind the head of a collection."""
    flat = wkb(shapely.force_2d(geometry) if shapely.has_z(geometry).any() else geometry)
    if geometry_type not in _MULTIPLE:
        return flat
    several, single = _MULTIPLE[geometry_type]
    is_one = shapely.get_type_id(geometry) == single
    head = pa.scalar(struct.pack("<BII", 1, several, 1), pa.binary())
    joined = pc.binary_join_element_wise(head, flat, pa.scalar(b"", pa.binary()))
    return joined if is_one.all() else pc.if_else(pa.array(is_one), joined, flat)


def _shape(table: Table, frame: gpd.GeoDataFrame) -> Shape | None:
    """The declared shape; for tables of any geometry the one all rows have."""
    if table.geometry != "any":
        return table.geometry
    kinds = {str(kind).removeprefix("Multi") for kind in frame.geom_type.dropna().unique()}
    names: dict[str, Shape] = {"Point": "point", "LineString": "line", "LinearRing": "line", "Polygon": "polygon"}
    shapes = {names[kind] for kind in kinds if kind in names}
    return shapes.pop() if len(shapes) == 1 and kinds <= set(names) else None


def _run_table(plan: Plan) -> pa.Table:
    """The record of the run as key and value, without what differs between two equal runs."""
    record = {**plan.run, "config": plan.config.model_dump(mode="json"), "config_hash": plan.config.digest()}
    flat = dict(_flat(_timeless(record)))
    return pa.table({"key": pa.array(flat.keys(), pa.string()), "value": pa.array(flat.values(), pa.string())})


def _timeless(value: Any) -> Any:
    """``value`` without the entries, at any depth, that tell times or machines."""
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if not _TIME_WORDS & set(str(key).lower().split("_"))}
    return [_timeless(item) for item in value] if isinstance(value, (list, tuple)) else value


def _flat(value: Any, head: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{head}.{key}" if head else str(key))
    elif isinstance(value, str):
        yield head, value
    else:
        yield head, json.dumps(value, ensure_ascii=False, default=str)


def _write_aliases(connection: sqlite3.Connection, layers: Iterable[Table], language: Language) -> None:
    """Titles and descriptions of all columns of the layers, by the GeoPackage schema extension."""
    connection.executescript(
        """
        CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
            description TEXT, mime_type TEXT, constraint_name TEXT,
            CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
        CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL,
            value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
            CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
        """
    )
    definition = "http://www.geopackage.org/spec121/#extension_schema"
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        connection.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')", (table, definition))
    connection.executemany(
        "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)",
        [(t.name, c.name, c.name, style.column_label(c, language), c.meaning) for t in layers for c in t.columns],
    )


def _write_styles(connection: sqlite3.Connection, shapes: dict[Table, Shape | None], language: Language) -> None:
    """The table QGIS looks in for default styles, registered so that it finds it."""
    connection.execute(
        """
        CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
            f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),
            styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT(256), owner TEXT(30), ui TEXT(30),
            update_time DATETIME DEFAULT '2000-01-01T00:00:00.000Z')
        """
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS styles', ?, 0)",
        (FIXED_DATE,),
    )
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,"
        " styleSLD, useAsDefault, description, owner, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, 'sewerzone', '', ?)",
        [
            (table.name, "geom" if table.geometry else "", table.name, qml(table, shape, language), FIXED_DATE)
            for table, shape in shapes.items()
        ],
    )
