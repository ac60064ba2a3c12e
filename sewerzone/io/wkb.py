"""Plane shapes as well-known binary (WKB): the bytes GEOS makes of them, for plain kinds put together all at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

_BINARY = pa.binary()
_MOST_BYTES = 2**31 - 1
"""Of one array: offsets have 32 bits."""
_POINT, _LINE, _POLYGON = (
    shapely.GeometryType.POINT, shapely.GeometryType.LINESTRING, shapely.GeometryType.POLYGON
)  # fmt: skip
_HEADS = {_POINT: (1,), _LINE: (2, -1), _POLYGON: (3, 1, -1)}
"""Of kinds that are one run of places: their number, for polygons the number of rings, the number of places (-1)."""


def wkb(shapes: NDArray[np.object_]) -> pa.Array:
    """Little-endian WKB of shapes without heights; missing ones stay missing."""
    missing = shapely.is_missing(shapes)
    if (plain := _runs(shapes[~missing] if missing.any() else shapes)) is None:
        return pa.array(shapely.to_wkb(shapes, byte_order=1), _BINARY)
    return plain.take(pa.array(np.cumsum(~missing) - 1, mask=missing)) if missing.any() else plain


def _runs(shapes: NDArray[np.object_]) -> pa.Array | None:
    """The same of points, of lines or of polygons without holes, of one kind and none empty; None of others, or of too many."""
    if not len(shapes) or (kind := shapely.get_type_id(shapes[0])) not in _HEADS:
        return None
    if (shapely.get_type_id(shapes) != kind).any() or shapely.has_z(shapes).any():
        return None
    count = shapely.get_num_coordinates(shapes).astype(np.int64)
    if not count.all() or (kind == _POLYGON and shapely.get_num_interior_rings(shapes).any()):
        return None
    numbers, places = _HEADS[kind], shapely.get_coordinates(shapes)
    is_even = bool((count == count[0]).all())
    heads = [("order", "u1"), *((f"n{k}", "<u4") for k in range(len(numbers)))]
    rows = np.empty(len(shapes), heads + ([("places", "<f8", 2 * int(count[0]))] if is_even else []))
    rows["order"] = 1
    for k, number in enumerate(numbers):
        rows[f"n{k}"] = count if number < 0 else number
    if rows.nbytes + places.nbytes > _MOST_BYTES:
        return None
    if is_even:
        rows["places"] = places.reshape(len(shapes), -1)
    made = _cut(rows, np.full(len(shapes), rows.itemsize))
    if is_even:
        return made
    return pc.binary_join_element_wise(made, _cut(places.astype("<f8", copy=False), 16 * count), pa.scalar(b"", _BINARY))


def _cut(held: NDArray[np.generic], length: NDArray[np.int64]) -> pa.Array:
    """The bytes of an array cut at lengths."""
    ends = np.zeros(len(length) + 1, np.int32)
    np.cumsum(length, out=ends[1:])
    return pa.Array.from_buffers(_BINARY, len(length), [None, pa.py_buffer(ends), pa.py_buffer(held.view(np.uint8))])
