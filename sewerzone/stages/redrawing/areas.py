"""The old sewer area laid over the zones of the new plan: pieces without overlap whose areas add up."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone import tables
from sewerzone.style import COLLECTIVE
from sewerzone.tables.redrawing import CHANGES, REDRAWN_AREAS

Geometries = NDArray[np.object_]
Ints = NDArray[np.int64]


def surface(geometries: Any) -> Geometries:
    """The polygons that some geometries cover together, each a part of its own."""
    valid = shapely.make_valid(np.asarray(geometries, dtype=object))
    return _polygons(shapely.union_all(_polygons(valid)[0]))[0]


def overlay(zones: gpd.GeoDataFrame, old_area: Geometries, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The table of areas without the names of districts.

    Parameters
    ----------
    zones : of the new plan, without overlap
    old_area : parts of the old sewer area, as :func:`surface` gives them
    districts : polygons, or points that stand for what is nearest to them

    Returns
    -------
    REDRAWN_AREAS without names and codes of districts: a row for every district, change and treatment. What is sewered today
    counts as sewer before and after, wherever the old area lies.
    """
    parts, of = _polygons(zones.geometry.to_numpy())
    treatment = zones["treatment"].to_numpy(object)[of]
    inside, outside = _split(parts, old_area)
    is_sewer, is_served = np.isin(treatment.astype(str), COLLECTIVE), treatment == "served"
    was_in = np.where(is_sewer, "stays_sewer", "sewer_to_johkasou")
    was_out = np.where(is_served, "stays_sewer", np.where(is_sewer, "johkasou_to_sewer", "stays_johkasou"))
    left = _split(old_area, parts)[1]
    geometry = np.concatenate([inside, outside, left])
    change = np.concatenate([was_in, was_out, np.full(len(left), "nobody")])
    kind = np.concatenate([treatment, treatment, np.full(len(left), "none", dtype=object)])
    piece, district = _by_district(geometry, districts)
    rows = pd.DataFrame({"district_id": district[1], "change": change[district[0]], "treatment": kind[district[0]]})
    return _joined(rows, piece, zones.crs)


def _polygons(geometries: Any) -> tuple[Geometries, Ints]:
    """Polygons of which geometries consist, and where each comes from; lines and points have no area."""
    parts, of = shapely.get_parts(np.atleast_1d(geometries), return_index=True)
    nested = np.isin(shapely.get_type_id(parts), (6, 7))
    while nested.any():  # collections of multi-polygons
        inner, at = shapely.get_parts(parts, return_index=True)
        parts, of = inner, of[at]
        nested = np.isin(shapely.get_type_id(parts), (6, 7))
    is_area = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    return parts[is_area], of[is_area].astype(np.int64)


def _split(shapes: Geometries, others: Geometries) -> tuple[Geometries, Geometries]:
    """What of each shape lies in the others, and what does not."""
    inside, outside = np.full(len(shapes), shapely.Polygon(), dtype=object), shapes.copy()
    if not len(shapes) or not len(others):
        return inside, outside
    at, other = shapely.STRtree(others).query(shapes, predicate="intersects")
    order = np.lexsort((other, at))
    at, other = at[order], other[order]
    for first, stop in zip(*_runs(at), strict=True):
        near = shapely.union_all(others[other[first:stop]])
        inside[at[first]] = shapely.intersection(shapes[at[first]], near)
        outside[at[first]] = shapely.difference(shapes[at[first]], near)
    return inside, outside


def _runs(values: Ints) -> tuple[Ints, Ints]:
    """Begin and end of every run of equal values."""
    begins = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else np.empty(0, np.int64)
    return begins, np.r_[begins[1:], len(values)].astype(np.int64) if len(values) else begins


def _by_district(geometry: Geometries, districts: gpd.GeoDataFrame) -> tuple[Geometries, tuple[Ints, Ints]]:
    """Pieces of geometries, each in one district; with them the geometry they come from and the district, -1 where none."""
    areas, of = _polygons(_cells(districts.geometry.to_numpy(), geometry))
    number = districts["district_id"].to_numpy(np.int64)[of]
    pieces, origin, name = [], [], []
    rest = geometry.copy()
    if len(areas):
        at, area = shapely.STRtree(areas).query(geometry, predicate="intersects")
        order = np.lexsort((area, at))
        for i, k in zip(at[order].tolist(), area[order].tolist(), strict=True):
            pieces.append(shapely.intersection(rest[i], areas[k]))  # of what is left: districts may overlap
            rest[i] = shapely.difference(rest[i], areas[k])
            origin.append(i)
            name.append(int(number[k]))
    whole = np.array([*pieces, *rest], dtype=object)
    at = np.array([*origin, *range(len(rest))], dtype=np.int64)
    return whole, (at, np.array([*name, *[-1] * len(rest)], dtype=np.int64))


def _cells(districts: Geometries, pieces: Geometries) -> Geometries:
    """Districts as polygons; where all are points, what of the pieces' window is nearest to each (the first at its place)."""
    is_point = shapely.get_type_id(districts) == 0
    if not len(districts) or not is_point.all() or not len(pieces):
        return districts
    window = shapely.box(*shapely.total_bounds(np.concatenate([pieces, districts])))
    first = np.unique(shapely.get_coordinates(districts), axis=0, return_index=True)[1]
    cells = np.array([window], dtype=object)
    if len(first) > 1:
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(districts[first]), extend_to=window))
    out = np.full(len(districts), shapely.Polygon(), dtype=object)
    cell, of = shapely.STRtree(districts[first]).query(cells, predicate="intersects")
    out[first[of]] = cells[cell]
    return out


def _joined(rows: pd.DataFrame, pieces: Geometries, crs: Any) -> gpd.GeoDataFrame:
    """One row for all pieces of a kind; its area is the sum of theirs."""
    rows = rows.assign(area_m2=shapely.area(pieces), at=np.arange(len(rows)))[shapely.area(pieces) > 0.0]
    out = []
    for (district, change, treatment), some in rows.groupby(["district_id", "change", "treatment"]):
        polygons = _polygons(shapely.union_all(_polygons(pieces[some["at"].to_numpy()])[0]))[0]
        out.append((district, change, treatment, some["area_m2"].sum() / 10_000.0, shapely.multipolygons(polygons)))
    columns = ["district_id", "change", "treatment", "area_ha", "geometry"]
    frame = pd.DataFrame(out, columns=columns)
    rank = frame["change"].map({name: k for k, name in enumerate(CHANGES)})
    kinds = tables.ZONES.column("treatment").choices
    frame = frame.assign(rank=rank, kind=frame["treatment"].map({name: k for k, name in enumerate(kinds)}))
    frame["last"] = frame["district_id"] < 0
    frame = frame.sort_values(["last", "district_id", "rank", "kind"], ignore_index=True)
    frame["district_id"] = frame["district_id"].astype("Int64").mask(frame["last"])
    frame["area_id"] = np.arange(len(frame))
    keep = [n for n in REDRAWN_AREAS.names if n not in ("district", "district_code")]
    return gpd.GeoDataFrame(frame[keep], geometry=frame["geometry"].to_numpy(object), crs=crs)
