"""Repair, canonical order and duplicates of geometry, on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.meeting import surface_points

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
PLACE_DIGITS = 3
"""Places are compared to the millimetre."""
NO_SHAPE = -1


def is_nothing(geometry: Any) -> Bools:
    """Whether there is no geometry, or an empty one."""
    return np.asarray(shapely.is_missing(geometry) | shapely.is_empty(geometry), dtype=bool)


def repaired(geometry: Any) -> tuple[Any, int]:
    """``geometry`` with invalid polygons made valid (their areas kept, loose lines dropped), and how many there were.

    A polygon that encloses no area at all becomes empty.
    """
    is_area = np.isin(shapely.get_type_id(geometry), (3, 6))
    bad = np.flatnonzero(is_area & ~shapely.is_valid(geometry))
    if not len(bad):
        return geometry, 0
    out = geometry.copy()
    out[bad] = areas_only(shapely.make_valid(geometry[bad]))
    return out, len(bad)


def areas_only(geometry: Any) -> Any:
    """What of each geometry encloses area, as a polygon or multipolygon; empty where nothing does."""
    parts, row = shapely.get_parts(geometry, return_index=True)
    inner, outer = shapely.get_parts(parts, return_index=True)  # a multipolygon inside a collection
    row = row[outer]
    keep = (shapely.get_type_id(inner) == 3) & (shapely.area(inner) > 0)
    out = np.full(len(geometry), shapely.from_wkt("POLYGON EMPTY"), dtype=object)
    if keep.any():
        held = np.unique(row[keep])
        whole = shapely.multipolygons(inner[keep], indices=np.searchsorted(held, row[keep]))
        single = shapely.get_num_geometries(whole) == 1
        out[held] = np.where(single, shapely.get_geometry(whole, 0), whole)
    return out


def places(geometry: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y (m) of a point in or on each geometry; NaN where there is none."""
    xy = surface_points(geometry)
    return np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])


def canonical_order(geometry: Any, ties: Sequence[Any] = (), spots: tuple[Any, Any] | None = None) -> Ints:
    """Row numbers in an order that does not depend on the order of rows.

    By place (x, then y), size, shape, then ``ties`` (columns of any kind); rows equal in all of that are
    interchangeable. Rows without geometry come last. ``spots`` are the :func:`places`, where they are known.
    """
    x, y = places(geometry) if spots is None else spots
    x, y = np.round(x, PLACE_DIGITS), np.round(y, PLACE_DIGITS)
    size = np.round(shapely.area(geometry) + shapely.length(geometry), PLACE_DIGITS)
    keys = [np.where(np.isnan(k), np.inf, k) for k in (x, y, size)]
    order = np.lexsort(keys[::-1])
    same = np.all([k[order][1:] == k[order][:-1] for k in keys], axis=0) if len(order) else np.zeros(0, dtype=bool)
    tied = np.zeros(len(order), dtype=bool)
    tied[1:] |= same
    tied[:-1] |= same
    rows = order[tied]
    if not len(rows):
        return order.astype(np.int64)
    shape = np.zeros(len(order), dtype=np.int64)
    shape[rows] = _codes(shapely.to_wkb(shapely.normalize(geometry[rows]), hex=True))
    finer = []
    for column in ties:
        code = np.zeros(len(order), dtype=np.int64)
        code[rows] = _codes(column[rows])
        finer.append(code)
    return np.lexsort([*finer[::-1], shape, *keys[::-1]]).astype(np.int64)


def _codes(values: Any) -> Ints:
    """Rank of each value among the sorted distinct ones, as text; missing first."""
    texts = pd.Series(values, dtype=object).map(lambda v: "" if pd.isna(v) else f"{v}")
    return np.unique(texts.to_numpy(dtype=str), return_inverse=True)[1].astype(np.int64)


def shape_keys(geometry: Any) -> Ints:
    """One number per shape, the same wherever a ring starts and whichever way it runs; ``NO_SHAPE`` where there is none.

    Only shapes of the same extent and number of corners are compared corner by corner.
    """
    key = np.arange(len(geometry))
    nothing = is_nothing(geometry)
    key[nothing] = NO_SHAPE
    alike = pd.DataFrame(shapely.bounds(geometry)).assign(corners=shapely.get_num_coordinates(geometry))
    rows = np.flatnonzero(alike.duplicated(keep=False) & ~nothing)
    code, _ = pd.factorize(np.asarray(shapely.to_wkb(shapely.normalize(geometry[rows])), dtype=object))
    _, first = np.unique(code, return_index=True)
    key[rows] = rows[first][code]
    return key


def repeats(keys: Ints, same_too: Sequence[Any] = ()) -> Bools:
    """Whether an earlier row has the same shape key and the same values in ``same_too``; never for rows without shape."""
    out = np.zeros(len(keys), dtype=bool)
    rows = np.flatnonzero(pd.Series(keys).duplicated(keep=False) & (keys != NO_SHAPE))
    frame = pd.DataFrame({"shape": keys[rows], **{f"value_{k}": column[rows] for k, column in enumerate(same_too)}})
    out[rows] = frame.duplicated()
    return out
