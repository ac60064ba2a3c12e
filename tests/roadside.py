"""Small tables for the road network, made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from sewerzone import config
from sewerzone.model import Terrain
from sewerzone.stages import network
from sewerzone.tables import BARRIERS, PLANTS, SERVED_AREAS

CRS = "EPSG:6678"
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def plane(size_m: float = 4000.0, hole: tuple[slice, slice] | None = None, crs: str = CRS) -> Terrain:
    """Ground 100 + x/100 + y/50 over a square round the origin, 10 m cells."""
    n = int(size_m / 10)
    x = -size_m / 2 + 10 * np.arange(n) + 5
    grid = (100 + x[None, :] / 100 + -x[:, None] / 50).astype(np.float32)
    if hole:
        grid[hole] = np.nan
    metric = pyproj.CRS(crs)
    return Terrain(grid, (10.0, 0.0, -size_m / 2, 0.0, -10.0, size_m / 2), metric, metric)


def roads(*lines: Any, kind: Any = "ordinary", weight: Any = 1.0, status: Any = "usable") -> gpd.GeoDataFrame:
    """Roads from coordinate lists or geometries."""
    shapes = [line if isinstance(line, shapely.Geometry) else shapely.LineString(line) for line in lines]
    data = {"road_id": np.arange(len(shapes)), "kind": kind, "weight": weight, "status": status}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=CRS, index=range(len(shapes)))


def houses(
    *points: tuple[float, float], dwellings: Any = 1.0, is_served: Any = False, status: Any = "dwelling"
) -> gpd.GeoDataFrame:
    """Buildings as points."""
    data = {"building_id": np.arange(len(points)), "status": status, "dwellings": dwellings, "is_served": is_served}
    return gpd.GeoDataFrame(data, geometry=[shapely.Point(p) for p in points], crs=CRS, index=range(len(points)))


def barriers(*shapes: Any) -> gpd.GeoDataFrame:
    """Barriers from geometries."""
    return gpd.GeoDataFrame({"barrier_id": np.arange(len(shapes)), "kind": "river"}, geometry=list(shapes), crs=CRS)


def plants(*points: tuple[float, float], kind: Any = "plant") -> gpd.GeoDataFrame:
    """Plants at points."""
    data = {
        "plant_id": np.arange(len(points)),
        "name": None,
        "kind": kind,
        "capacity_m3_per_d": np.nan,
        "invert_elev_m": np.nan,
    }
    return gpd.GeoDataFrame(data, geometry=[shapely.Point(p) for p in points], crs=CRS)


def build(streets: gpd.GeoDataFrame, homes: gpd.GeoDataFrame | None = None, **changes: Any) -> network.RoadNetwork:
    """A road network, drawn, with empty tables for what is not given; other keywords are settings."""
    tables = {
        "terrain": plane(),
        "served_areas": SERVED_AREAS.empty(CRS),
        "barriers": BARRIERS.empty(CRS),
        "plants": PLANTS.empty(CRS),
    }
    tables = {name: changes.pop(name, value) for name, value in tables.items()}
    buildings = houses() if homes is None else homes
    net = network.build(streets, buildings, settings=config.Network(**changes), **tables)
    nodes, edges, laterals = network.draw(net.nodes, net.edges, net.laterals, buildings)
    return net._replace(nodes=nodes, edges=edges, laterals=laterals)


def degrees(net: network.RoadNetwork) -> list[int]:
    """Number of edges at every node."""
    ends = np.r_[net.edges["from_node_id"], net.edges["to_node_id"]]
    return np.bincount(ends, minlength=len(net.nodes)).tolist()
