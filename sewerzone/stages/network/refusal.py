"""Road edges (道路縁) are refused: outlines of carriageways are no network."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.engineering import noding, road_edges
from sewerzone.engineering.noding import Streets
from sewerzone.engineering.segments import Floats
from sewerzone.errors import NetworkError, problem

ROAD_EDGE_TYPE = "真幅道路"
ROAD_EDGE_TYPES = (ROAD_EDGE_TYPE, "軽車道", "徒歩道", "庭園路等", "トンネル内の道路", "建設中の道路", "その他", "不明")
"""Values of ``type`` in FGD's RdEdg (schema V4.1); centre lines of GSI have 通常部, 徒歩道, ..."""
MOST_LINES = 20_000
"""All of a town, a part of a prefecture: road edges and centre lines do not share a file."""


def welded(lines: NDArray[Any], origin: Floats) -> Streets:
    """Street graph by shared vertices alone; the rank of a road is its place in ``lines``."""
    parts, road = lines, np.arange(len(lines))
    if (shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING).any():  # parts are copies
        parts, road = shapely.get_parts(lines, return_index=True)
    xy, line = shapely.get_coordinates(parts, return_index=True)
    return noding.weld(xy[:, 0] - origin[0], xy[:, 1] - origin[1], line.astype(np.int64), road.astype(np.int64))


def _in_the_middle(lines: NDArray[Any]) -> NDArray[Any]:
    """Of very many lines those nearest to the middle of all, whole junctions together: enough to tell what they are."""
    if len(lines) <= MOST_LINES:
        return lines
    box = shapely.bounds(lines)
    place = (box[:, :2] + box[:, 2:]) / 2.0
    away_m = np.nan_to_num(np.abs(place - np.nanmedian(place, axis=0)).max(axis=1), nan=np.inf)
    return np.asarray(lines[away_m <= np.partition(away_m, MOST_LINES)[MOST_LINES]])


def refuse_road_edges(roads: gpd.GeoDataFrame, name: str) -> None:
    """Raise NetworkError when the lines are outlines of carriageways (FGD RdEdg, 道路縁) and not centre lines.

    They are known by file or layer name, by the values of ``type``, or by their geometry. Centre lines that reading derived
    from them bear the column ``derived_from``.
    """
    if "derived_from" in roads:
        return
    sign = _sign_of_edges(roads, name)
    if sign:
        raise NetworkError(
            problem(
                f"roads: {name} holds road edges (道路縁, FGD RdEdg), not centre lines: {sign}",
                "road edges are the left and right outlines of the carriageway, broken at junctions; they do not meet where "
                "roads meet, so no sewer could follow them from house to plant",
                "use road centre lines: KSJ N13 (国土数値情報), GSI RdCL (道路中心線 tiles) or OpenStreetMap highways",
            )
        )


def _sign_of_edges(roads: gpd.GeoDataFrame, name: str) -> str:
    """What gives road edges away, or nothing."""
    if "rdedg" in name.lower():
        return "its name says RdEdg"
    for column in roads.columns.drop(roads.geometry.name):
        values = roads[column].dropna()
        if not len(values) or not isinstance(values.iloc[0], str):
            continue
        kinds = set(values.unique())
        if ROAD_EDGE_TYPE in kinds or (kinds <= set(ROAD_EDGE_TYPES) and kinds & {"軽車道", "庭園路等", "トンネル内の道路"}):
            return f"column {column} has FGD's road edge types, e.g. {values.iloc[0]}"
    if roads.crs is not None and roads.crs.is_geographic:
        roads = roads.to_crs(roads.estimate_utm_crs())
    lines = roads.geometry[roads.geometry.geom_type.isin(["LineString", "MultiLineString"])].to_numpy()
    if not len(lines):
        return ""
    lines = _in_the_middle(lines)
    streets = noding.snap_ends(welded(lines, np.floor(shapely.total_bounds(lines)[:2])), 0.5)[0]
    signs = road_edges.signs(streets)
    if not signs.is_outline:
        return ""
    return (
        f"{signs.paired_share:.0%} of their length runs beside a parallel line {signs.gap_m:.1f} m away (median), "
        f"with {signs.junctions_per_km:.2f} junctions per km where centre lines have several"
    )
