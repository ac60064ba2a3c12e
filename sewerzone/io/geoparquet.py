"""GeoParquet read by place: row groups that cannot meet the bounds stay closed, rows of the others are sifted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

Bounds = tuple[float, float, float, float]

_DEFAULT_CRS = "OGC:CRS84"
"""The format's, where nothing is said; null means unknown."""
_SIDES = ("xmin", "ymin", "xmax", "ymax")


class Layout(NamedTuple):
    """What a file says of itself.

    Attributes
    ----------
    geometry, encoding, crs, box : name of the geometry column, how it is written, CRS, bounds if given
    covering : columns of each row's bounds (path in the file for west, south, east, north), if there are any
    fields, rows : other columns, number of rows
    """

    geometry: str
    encoding: str
    crs: Any
    box: list[float] | None
    covering: tuple[str, ...] | None
    fields: tuple[str, ...]
    rows: int


def layout(name: str) -> Layout:
    """What the file says of itself; raises ValueError where it has no geometry."""
    held = pq.read_metadata(name)
    geo = (held.metadata or {}).get(b"geo")
    if geo is None:
        raise ValueError("it is a Parquet file without geometry, no GeoParquet")
    told = json.loads(geo)
    geometry = str(told["primary_column"])
    column = told["columns"][geometry]
    covering = column.get("covering", {}).get("bbox")
    paths = None if covering is None else tuple(".".join(covering[side]) for side in _SIDES)
    hidden = {geometry} | ({path.split(".")[0] for path in paths} if paths else set())
    fields = tuple(n for n in held.schema.to_arrow_schema().names if n not in hidden)
    return Layout(
        geometry, str(column["encoding"]), column.get("crs", _DEFAULT_CRS), column.get("bbox"), paths, fields, held.num_rows
    )


def read(name: str, columns: Sequence[str], bounds: Bounds | None) -> gpd.GeoDataFrame:
    """The rows whose bounding boxes meet ``bounds`` (CRS of the file), all where there are none; with ``columns``."""
    told = layout(name)
    if bounds is None or told.encoding != "WKB":
        return gpd.read_parquet(name, columns=[*columns, told.geometry])
    parts = [_sifted(table, told, bounds) for table in _tables(name, told, columns, bounds)]
    with pq.ParquetFile(name) as file:
        schema = file.schema_arrow
    wanted = pa.schema([schema.field(n) for n in (*columns, told.geometry)], metadata=schema.metadata)
    table = pa.concat_tables([part.select([*columns, told.geometry]) for part in parts]) if parts else wanted.empty_table()
    frame = table.drop_columns([told.geometry]).replace_schema_metadata(None).to_pandas()
    shapes = shapely.from_wkb(table[told.geometry].to_numpy(zero_copy_only=False))
    return gpd.GeoDataFrame(frame, geometry=np.asarray(shapes, dtype=object), crs=told.crs)


def batches(name: str, columns: Sequence[str], rows: int) -> Iterator[gpd.GeoDataFrame]:
    """The whole file in slices of so many rows, so that it is never held at once."""
    told = layout(name)
    if told.encoding != "WKB":
        yield gpd.read_parquet(name, columns=[*columns, told.geometry])
        return
    with pq.ParquetFile(name) as file:
        for batch in file.iter_batches(batch_size=rows, columns=[*columns, told.geometry]):
            shapes = shapely.from_wkb(batch.column(told.geometry).to_numpy(zero_copy_only=False))
            frame = pa.Table.from_batches([batch]).drop_columns([told.geometry]).replace_schema_metadata(None).to_pandas()
            yield gpd.GeoDataFrame(frame, geometry=np.asarray(shapes, dtype=object), crs=told.crs)


def boxes(name: str, rows: int) -> Iterator[NDArray[np.float64]]:
    """(n, 4) bounds of each row in slices, from the columns that cover them; of nothing else is anything read."""
    told = layout(name)
    assert told.covering is not None, "boxes are asked of files that have them"
    with pq.ParquetFile(name) as file:
        for batch in file.iter_batches(batch_size=rows, columns=list(told.covering)):
            yield _boxes(pa.Table.from_batches([batch]), told.covering)


def _tables(name: str, told: Layout, columns: Sequence[str], bounds: Bounds) -> Iterator[pa.Table]:
    """The row groups that may meet the bounds."""
    with pq.ParquetFile(name) as file:
        for group in range(file.num_row_groups):
            if told.covering is None or _may_meet(file.metadata.row_group(group), told.covering, bounds):
                yield file.read_row_group(group, columns=[*columns, told.geometry, *(told.covering or ())])


def _may_meet(group: Any, covering: tuple[str, ...], bounds: Bounds) -> bool:
    held = {group.column(k).path_in_schema: group.column(k).statistics for k in range(group.num_columns)}
    sides: list[Any] = [held.get(path) for path in covering]
    if any(side is None or not side.has_min_max for side in sides):
        return True
    west, south, east, north = sides
    return bool(west.min <= bounds[2] and east.max >= bounds[0] and south.min <= bounds[3] and north.max >= bounds[1])


def _sifted(table: pa.Table, told: Layout, bounds: Bounds) -> pa.Table:
    box = _bounds_of(table, told)
    meets = (box[:, 0] <= bounds[2]) & (box[:, 2] >= bounds[0]) & (box[:, 1] <= bounds[3]) & (box[:, 3] >= bounds[1])
    return table.filter(pa.array(meets))


def _bounds_of(table: pa.Table, told: Layout) -> NDArray[np.float64]:
    if told.covering is not None:
        return _boxes(table, told.covering)
    return np.asarray(shapely.bounds(shapely.from_wkb(table[told.geometry].to_numpy(zero_copy_only=False))))


def _boxes(table: pa.Table, covering: tuple[str, ...]) -> NDArray[np.float64]:
    """Bounds from covering columns; written in single precision they are rounded outwards, so none is too small."""
    flat = table
    while any(pa.types.is_struct(f.type) for f in flat.schema):
        flat = flat.flatten()
    return np.column_stack([flat[path].to_numpy(zero_copy_only=False).astype(np.float64) for path in covering])
