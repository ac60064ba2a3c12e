"""Compact data inside a page: whole numbers as steps of few bytes, shapes as steps of a decimetre, all of it deflated."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.output.report.page import shown

STEP_M = 0.1
"""Grid of coordinates, in metres of the web's Mercator projection."""
POINT, LINE, RING = 0, 1, 2
"""Kinds of parts of shapes."""

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Shapes:
    """Shapes one after the other: parts of each, kind and points of every part, steps from point to point (x, y, x, y, ...)."""

    parts: Whole
    kinds: Whole
    points: Whole
    steps: Whole

    def as_data(self) -> dict[str, Whole]:
        """For the page."""
        return {"parts": self.parts, "kinds": self.kinds, "points": self.points, "steps": self.steps}


def shapes(geometry: NDArray[Any], origin: tuple[int, int]) -> Shapes:
    """Shapes of the web's Mercator projection on the grid, from ``origin`` (grid steps); rings without their last point."""
    bodies, owner = shapely.get_parts(shapely.orient_polygons(geometry), return_index=True)
    is_area = shapely.get_type_id(bodies) == shapely.GeometryType.POLYGON
    rings, of_body = shapely.get_rings(bodies[is_area], return_index=True)
    pieces = np.concatenate([bodies[~is_area], rings])
    owner = np.concatenate([owner[~is_area], owner[is_area][of_body]])
    order = np.argsort(owner, kind="stable")
    pieces, owner = pieces[order], owner[order]
    type_id = shapely.get_type_id(pieces)
    kinds = np.where(type_id == shapely.GeometryType.POINT, POINT, LINE)
    kinds[type_id == shapely.GeometryType.LINEARRING] = RING
    points = shapely.get_num_coordinates(pieces).astype(np.int64)
    at = np.round(shapely.get_coordinates(pieces) / STEP_M).astype(np.int64) - origin
    keep = np.ones(len(at), bool)
    keep[(np.cumsum(points) - 1)[kinds == RING]] = False  # the first point again
    points[kinds == RING] -= 1
    steps = np.diff(at[keep], axis=0, prepend=np.zeros((1, 2), np.int64))
    parts = np.bincount(owner, minlength=len(geometry)).astype(np.int64)
    return Shapes(parts, kinds.astype(np.int64), points, steps.ravel())


def columns(frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, Any]:
    """Columns of a table: numbers as lists, missing ones null; texts as codes into their words, -1 where missing."""
    return {name: _column(frame[name]) for name in names}


def _column(column: pd.Series[Any]) -> Any:
    if pd.api.types.is_bool_dtype(column):
        return column.astype("int64").tolist()
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.astype("float64").round(3)
        return [None if np.isnan(v) else int(v) if v.is_integer() else v for v in numbers.tolist()]
    codes, words = pd.factorize(column)
    return {"words": [shown(w) for w in words], "codes": codes.astype(np.int64)}


def mercator(frame: gpd.GeoDataFrame) -> NDArray[Any]:
    """The shapes of a frame in the web's Mercator projection."""
    return np.asarray(frame.geometry.to_crs(3857).to_numpy(), dtype=object) if len(frame) else np.empty(0, object)


def text(data: Any) -> str:
    """Any plain data with arrays of whole numbers in it, as letters that a page may hold anywhere."""
    arrays: list[bytes] = []
    place = 0

    def array(values: Whole) -> dict[str, list[int]]:
        nonlocal place
        arrays.append(varints(values))
        place += len(arrays[-1])
        return {"array": [place - len(arrays[-1]), len(values)]}

    said = json.dumps(data, allow_nan=False, separators=(",", ":"), default=array).encode("ascii")
    whole = b"".join([len(said).to_bytes(4, "little"), said, *arrays])
    return base64.b64encode(zlib.compress(whole, 6)).decode("ascii")


def varints(values: Whole) -> bytes:
    """Whole numbers of either sign in seven bits a byte, lowest first; the eighth says that more follow."""
    signed = np.asarray(values, dtype=np.int64)
    number = ((signed << 1) ^ (signed >> 63)).astype(np.uint64)
    size = np.ones(len(number), np.int64)
    for k in range(1, 10):
        size += number >> np.uint64(7 * k) > 0
    end = np.cumsum(size)
    out = np.zeros(int(end[-1]) if len(end) else 0, np.uint8)
    for k in range(int(size.max(initial=0))):
        rows = size > k
        more = np.where(size[rows] - 1 > k, 128, 0)
        out[(end - size)[rows] + k] = ((number[rows] >> np.uint64(7 * k)) & np.uint64(127)).astype(np.int64) | more
    return out.tobytes()
