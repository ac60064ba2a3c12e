"""Roads of a study from files that hold only their areas (PLATEAU ``tran``) or outlines (FGD RdEdg)."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone import crs as crs_guard
from sewerzone.errors import NetworkError, problem
from sewerzone.formats import centre_lines
from sewerzone.formats.features import Features
from sewerzone.noted import Note

MARK = "derived_from"
"""Column that tells centre lines we derived from the lines of an agency."""
OUTSIDE = ("トンネル内の道路", "建設中の道路")
"""Types of RdEdg along which nothing can be laid."""
_EXPRESSWAY = "expressway"


def of_areas(found: Features) -> Features:
    """Centre lines of carriageway areas with ``width_m``, ``road_class`` and, for expressways, ``highway`` = motorway."""
    frame, shapes = _plane(found.frame, ("Polygon", "MultiPolygon"), "areas of carriageways")
    made = centre_lines.of_areas(shapes)
    out = _frame(made, frame, "carriageways")
    if "kind" in frame:
        out["road_class"] = _classes(made.line, shapes, frame["kind"].to_numpy(object))
        out["highway"] = ["motorway" if c == _EXPRESSWAY else None for c in out["road_class"]]
    note = made.quality.note("carriageways")
    return Features(out.to_crs(found.frame.crs), (*found.notes, note, _second_choice()))


def of_outlines(found: Features, buildings: Features | None) -> Features:
    """Centre lines between road edges with ``width_m``; ``buildings`` keep them out of yards."""
    rows, notes = found.frame, list(found.notes)
    if "type" in rows and (is_outside := rows["type"].isin(OUTSIDE)).any():
        notes.append(Note("outlines_outside", count=is_outside.sum()))
        rows = rows[~is_outside]
    frame, shapes = _plane(rows, ("LineString", "MultiLineString"), "outlines of carriageways")
    houses = None
    if buildings is not None:
        held = buildings.frame.geometry.to_crs(frame.crs).to_numpy()
        houses = held[np.isin(shapely.get_type_id(held), (3, 6)) & _is_placed(held)]
    made = centre_lines.of_outlines(shapes, houses)
    note = made.quality.note("outlines_apart" if houses is not None else "outlines")
    return Features(_frame(made, frame, "road_edges").to_crs(found.frame.crs), (*notes, note, _second_choice()))


def _second_choice() -> str:
    return Note("second_choice", better=centre_lines.BETTER)


def _plane(rows: gpd.GeoDataFrame, kinds: tuple[str, ...], what: str) -> tuple[gpd.GeoDataFrame, NDArray[Any]]:
    """The rows of these geometries in metres."""
    rows = rows[rows.geometry.geom_type.isin(kinds) & _is_placed(rows.geometry.to_numpy())]
    if rows.crs.is_geographic and len(rows):
        west, south, east, north = rows.total_bounds
        middle = float(west + east) / 2.0, float(south + north) / 2.0
        rows = rows.to_crs(crs_guard.propose_zone(*middle) or crs_guard.propose_utm(*middle))
        rows = rows[_is_placed(rows.geometry.to_numpy())]
    if not len(rows):
        raise NetworkError(
            problem(f"roads: there are no {what}", "centre lines cannot be derived", f"use {centre_lines.BETTER}")
        )
    return rows, rows.geometry.to_numpy()


def _is_placed(shapes: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(shapely.bounds(shapes)).all(axis=1))


def _frame(made: centre_lines.CentreLines, frame: gpd.GeoDataFrame, mark: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"width_m": made.width_m.round(2), MARK: mark}, geometry=made.line, crs=frame.crs)


def _classes(lines: NDArray[Any], areas: NDArray[Any], kinds: NDArray[Any]) -> NDArray[Any]:
    """Kind of the area in which the middle of each line lies; the first by name where areas overlap, None for none."""
    known = np.array([k if isinstance(k, str) else "" for k in kinds], dtype=object)
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    line, area = shapely.STRtree(areas).query(middle, predicate="intersects")
    order = np.lexsort((known[area].astype(str), known[area] == "", line))
    first, at = np.unique(line[order], return_index=True)
    out = np.full(len(lines), None, dtype=object)
    out[first] = [known[area[order][k]] or None for k in at]
    return out
