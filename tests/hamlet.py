"""Towns small enough to check by hand, as Inputs in memory: houses along straight roads, flat or tilted ground.

Nothing is read from disk. Coordinates count from a corner west of Sendai; a house is a square of 10 m whose centre lies
12 m off its road, so that its lateral meets the road beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from sewerzone import config as config_file
from sewerzone.model import Inputs, Terrain
from sewerzone.samples import town

CRS = "EPSG:6678"
EAST_M, NORTH_M = -5000.0, -190000.0
OFF_ROAD_M = 12.0
LAYERS = ("served_areas", "districts", "barriers", "plants", "overrides")

Ground = Callable[[np.ndarray, np.ndarray], np.ndarray]


def at(x_m: float, y_m: float) -> tuple[float, float]:
    """A place counted from the corner, on the map."""
    return EAST_M + x_m, NORTH_M + y_m


def line(*places: tuple[float, float]) -> Any:
    """A road."""
    return shapely.LineString([at(*place) for place in places])


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> Any:
    """A rectangle."""
    return shapely.box(*at(west_m, south_m), *at(east_m, north_m))


def house(x_m: float, y_m: float) -> Any:
    """A house whose centre is there."""
    return box(x_m - 5, y_m - 5, x_m + 5, y_m + 5)


def row(first_m: float, count: int, step_m: float = 20.0, road_y_m: float = 0.0) -> list[Any]:
    """Houses north of a road that runs east, from ``first_m``."""
    return [house(first_m + k * step_m, road_y_m + OFF_ROAD_M) for k in range(count)]


def layer(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    """A raw layer."""
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def flat(x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
    """Level ground."""
    return np.full(np.broadcast_shapes(x_m.shape, y_m.shape), 50.0)


def rising_east(permille: float) -> Ground:
    """Ground that rises to the east."""
    return lambda x_m, y_m: 50.0 + x_m * permille / 1000.0 + 0.0 * y_m


def terrain(ground: Ground, size_m: float = 7000.0, cell_m: float = 5.0) -> Terrain:
    """A grid of ``ground`` from 1,000 m west and south of the corner."""
    n = int(size_m / cell_m)
    centre = cell_m * (np.arange(n) + 0.5) - 1000.0
    crs = pyproj.CRS(CRS)
    top = NORTH_M - 1000.0 + size_m
    grid = ground(centre[None, :], centre[::-1, None]).astype(np.float32)
    return Terrain(
        np.ascontiguousarray(np.broadcast_to(grid, (n, n))), (cell_m, 0.0, EAST_M - 1000.0, 0.0, -cell_m, top), crs, crs
    )


def study(
    houses: list[Any], roads: list[Any], ground: Ground = flat, sections: dict[str, Any] | None = None,
    columns: dict[str, Any] | None = None, **layers: gpd.GeoDataFrame,
) -> Inputs:  # fmt: skip
    """A study of houses (one dwelling each unless ``columns`` say more) and roads; ``layers`` replace the empty ones."""
    data = {
        "study": {"crs": CRS, "language": "en"},
        "inputs": {"buildings": "b", "roads": "r", "terrain": "t"},
        **(sections or {}),
    }
    empty = {name: layer([]) for name in LAYERS}
    return Inputs(
        config=config_file.parse(data), buildings=layer(houses, **(columns or {})), roads=layer(roads), terrain=terrain(ground),
        **{**empty, **layers},
    )  # fmt: skip


def sample(dwellings: int, seed: int, **sections: Any) -> Inputs:
    """A synthetic municipality as Inputs."""
    made = town(dwellings, seed)
    data = {
        "study": {"crs": made.crs, "language": "en"}, "inputs": {"buildings": "b", "roads": "r", "terrain": "t"}, **sections,
    }  # fmt: skip
    return Inputs(
        config=config_file.parse(data),
        buildings=made.buildings.rename(columns={"id": "source_id"}),
        roads=made.roads,
        terrain=made.terrain,
        overrides=gpd.GeoDataFrame(geometry=[], crs=made.crs),
        **{name: getattr(made, name) for name in LAYERS if name != "overrides"},
    )
