"""A synthetic municipality, put together from terrain, places, lanes, houses and districts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from sewerzone.errors import ConfigError, problem
from sewerzone.model import Terrain
from sewerzone.samples import districts, houses, lanes, places, roads, sewers, terrain
from sewerzone.samples.grids import Bools, Floats

CRS_TEXT = "EPSG:6676"
CORNER_M = (-21000.0, -104000.0)
"""South-western corner in plane rectangular zone VIII: the hills of central Shizuoka."""
DWELLINGS_PER_KM2 = 110.0
LEAST, MOST = 50, 200_000
TOWN_SHARE = 0.56
SERVED_SHARE = 0.9
MOTORWAY_HALF_M = 22.0


@dataclass(frozen=True, eq=False)
class Sample:
    """A synthetic municipality: all input layers of a study, in one metric CRS.

    Attributes
    ----------
    name : of the municipality
    crs : EPSG text of all layers
    buildings : polygons with id, use, storeys, dwellings
    roads : lines with highway, bridge, tunnel, as in OpenStreetMap
    served_areas : polygons sewered today, with name
    districts : polygons with name, people and dwellings in the target year, people_2014 … people_2023
    barriers : polygons of the river, with kind
    plants : points where a plant could stand, with name and kind
    terrain : elevation grid of 10 m
    sewers : lines of an old network, with id, year and inspection as a ledger has them; none unless asked for
    """

    name: str
    crs: str
    buildings: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    served_areas: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame
    terrain: Terrain
    sewers: gpd.GeoDataFrame | None = None


def town(dwellings: int = 1500, seed: int = 1, side_m: float | None = None, old_sewers: bool = False) -> Sample:
    """A municipality with exactly so many dwellings; the same numbers give the same municipality.

    Parameters
    ----------
    dwellings : 50 to 200,000
    seed : any whole number from 0
    side_m : of its square, a multiple of 50 m; by the usual density if not given
    old_sewers : with the lines of an old network under its served areas, to which some far villages belong

    Raises
    ------
    ConfigError : outside these limits
    """
    _check(dwellings, seed)
    rngs = [np.random.default_rng([seed, dwellings, part]) for part in range(7)]
    if side_m is None:
        side_m = max(np.ceil(np.sqrt(dwellings / DWELLINGS_PER_KM2) * 1000 / terrain.COARSE_M) * terrain.COARSE_M, 1200.0)
    sizes = _town_sizes(dwellings)
    radii = places.radius_m(sizes, np.zeros(len(sizes), dtype=np.int64))
    land = terrain.make(side_m, radii, rngs[0])
    settled = places.settle(land, sizes, dwellings - sizes.sum(), rngs[1])
    trunk = places.trunk_roads(land, settled, rngs[2])
    way = roads.motorway(land, rngs[6])
    built, streets = _build_up(land, settled, trunk, way, dwellings, rngs[3:5])
    lives = built.dwellings > 0
    areas, _ = districts.draw(side_m, settled, built.xy_m[lives], built.dwellings[lives], built.place[lives], rngs[5])
    far = sewers.sewered_villages(settled) if old_sewers else np.empty(0, np.int64)
    served, sites, old = _served(settled, built, far), _plant_sites(land, settled), None
    if old_sewers:
        here = shapely.union_all(np.asarray(served.geometry))
        is_served = np.asarray(shapely.contains_xy(here, *built.xy_m.T), np.bool_)
        old = sewers.network(land, streets, built, is_served, far, np.random.default_rng([seed, dwellings, 7]))
        sites = gpd.GeoDataFrame(pd.concat([sites, old.plants], ignore_index=True), geometry="geometry")
    name = "見本町" if dwellings < 20_000 else "見本市"
    return Sample(
        name,
        CRS_TEXT,
        _placed(_building_frame(built)),
        _placed(roads.frame(streets, way)),
        _placed(served),
        _placed(areas),
        _placed(gpd.GeoDataFrame({"kind": ["river"]}, geometry=[land.river])),
        _placed(sites),
        _terrain(land),
        None if old is None else _placed(old.sewers),
    )


def _check(dwellings: int, seed: int) -> None:
    if not LEAST <= dwellings <= MOST:
        raise ConfigError(
            problem(
                f"a synthetic town of {dwellings:,} dwellings is not possible; {LEAST} to {MOST:,} are",
                "below there is no town to speak of, above the grid would not fit into memory",
                "choose another number of dwellings",
            )
        )
    if seed < 0:
        raise ConfigError(
            problem(f"seed {seed} is negative", "random numbers start from whole numbers from 0", "give 0 or more")
        )


def _town_sizes(dwellings: int) -> Floats:
    """Dwellings of each town: one town up to 20,000 dwellings, then one more for each 20,000, by rank."""
    rank = np.arange(1, 2 + dwellings // 20_000, dtype=np.float64)
    weight = rank**-0.9
    return np.asarray(TOWN_SHARE * dwellings * weight / weight.sum())


def _build_up(
    land: terrain.Land,
    settled: places.Places,
    trunk: places.Streets,
    way: roads.Motorway,
    dwellings: int,
    rngs: list[np.random.Generator],
) -> tuple[houses.Houses, places.Streets]:
    """Lanes and houses; with more lanes until there is room for all dwellings."""
    corridor = shapely.buffer(way.lines[~way.is_tunnel], MOTORWAY_HALF_M)
    closed = shapely.union_all([*corridor, shapely.buffer(land.river, 14.0)])
    slack = 1.25
    for attempt in count():
        streets, edge_place = lanes.grow(land, settled, trunk, slack, rngs[0])
        standing = houses.build(land, settled, streets, edge_place, closed, rngs[1])
        chosen = houses.choose(standing, settled, dwellings, attempt < 5, rngs[1])
        if chosen is not None:
            return chosen, roads.pruned(streets, chosen.edge)
        slack *= 1.5
        settled = places.enlarged(settled, 1.15)
    raise AssertionError("ground was enlarged without end")


def _served(settled: places.Places, built: houses.Houses, villages: NDArray[np.int64]) -> gpd.GeoDataFrame:
    """The sewered core of each town: its inner nine tenths, outlines without holes; where a river parts it, one a bank.

    Of some ``villages`` (places) all houses.
    """
    shapes: list[shapely.Geometry] = []
    names: list[str] = []
    for number, k in enumerate([*np.flatnonzero(settled.kind == places.TOWN), *villages], 1):
        mine = np.flatnonzero(built.place == k)
        away = np.hypot(*(built.xy_m[mine] - settled.xy_m[k]).T)
        mine = mine[np.argsort(away, kind="stable")]
        share = SERVED_SHARE if settled.kind[k] == places.TOWN else np.inf
        inner = np.cumsum(built.dwellings[mine]) <= share * settled.dwellings[k]
        spots = np.unique(np.round(built.xy_m[mine[inner]] / 15.0), axis=0) * 15.0
        grown = shapely.union_all(shapely.buffer(shapely.points(spots), 50.0, quad_segs=2))
        parts = shapely.get_parts(shapely.buffer(grown, -32.0, quad_segs=2))
        filled = np.asarray(shapely.simplify(shapely.polygons(shapely.get_exterior_ring(parts)), 3.0))
        large = filled[shapely.area(filled) > 0.08 * shapely.area(filled).sum()]
        shapes += list(large)
        names += [f"第{number}処理区"] * len(large)
    return gpd.GeoDataFrame({"name": names}, geometry=shapes)


def _building_frame(built: houses.Houses) -> gpd.GeoDataFrame:
    columns = {
        "id": np.arange(1, len(built.use) + 1),
        "use": houses.USES[built.use],
        "storeys": built.storeys,
        "dwellings": built.dwellings,
    }
    return gpd.GeoDataFrame(columns, geometry=houses.rectangles(np.round(built.corners(), 2)))


def _plant_sites(land: terrain.Land, settled: places.Places) -> gpd.GeoDataFrame:
    """A site down the valley from each of the larger villages far from the towns: two, more in a large area."""
    villages = np.flatnonzero(settled.kind == places.VILLAGE)
    towns = settled.kind == places.TOWN
    away = np.min(np.hypot(*(settled.xy_m[villages][:, None, :] - settled.xy_m[towns][None, :, :]).transpose(2, 0, 1)), axis=1)
    wanted = 2 + int(settled.dwellings.sum() // 10_000)
    best = villages[np.argsort(-settled.dwellings[villages] * np.sqrt(away), kind="stable")[:wanted]]
    cell = settled.cell[best]
    for _ in range(5):
        cell = land.downstream[cell]
    cell = np.unique(cell)
    points = shapely.points(_dry(land, land.centres_m(cell)))
    names = [f"処理場候補地{k + 1}" for k in range(len(cell))]
    return gpd.GeoDataFrame({"name": names, "kind": ["plant"] * len(cell)}, geometry=points)


def _dry(land: terrain.Land, xy: Floats) -> Floats:
    """Points moved eastward out of the river."""
    out = xy.copy()
    wet: Bools = terrain.river_mask(land, out, 20.0)
    while wet.any():
        out[wet, 0] += np.where(out[wet, 0] > land.side_m - 100.0, -200.0, 10.0)
        wet = terrain.river_mask(land, out, 20.0)
    return out


def _placed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame moved from the south-western corner to its place on the map."""
    a: NDArray[np.object_] = np.asarray(frame.geometry.array)
    moved = shapely.transform(a, lambda xy: np.round(xy + CORNER_M, 2))
    return gpd.GeoDataFrame(pd.DataFrame(frame.drop(columns="geometry")), geometry=moved, crs=CRS_TEXT)


def _terrain(land: terrain.Land) -> Terrain:
    crs = CRS.from_user_input(CRS_TEXT)
    step = terrain.FINE_M
    transform = (step, 0.0, CORNER_M[0], 0.0, -step, CORNER_M[1] + land.side_m)
    return Terrain(np.round(land.fine_elevation_m, 2), transform, crs, crs)
