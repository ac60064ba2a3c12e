"""The edge of a city: a served core, and round it houses that thin out outward, all inside the sewer plan of today.

Sizes are those of Fuji (METHOD.md, section 8): a core of 4,141 ha sewered in 2017, 1,950 ha of plan without sewers round it,
12,977 houses there with 2.38 people each. A smaller number of houses is a sector of the same city. The rest is drawn: streets
of a bent grid, fewer outward, houses along them in clusters, ground that falls to the sea with hills on it.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from sewerzone import config as config_file
from sewerzone.engineering.forest import Floats
from sewerzone.model import Inputs, Terrain

CRS = "EPSG:6676"
CENTRE_M = np.array([10_000.0, -92_000.0])
HOUSES, PEOPLE = 12_977, 30_845
PLAN_HA, SERVED_HA = 6_091.0, 3_982.0 + 159.0
CORE_M, EDGE_M = (float(np.sqrt(ha * 1e4 / np.pi)) for ha in (SERVED_HA, PLAN_HA))
BLOCK_M, BEND_M, INTO_CORE_M = 125.0, 25.0, 200.0
PLOT_M, OFF_ROAD_M, OFF_CORNER_M = 13.0, 12.0, 22.0
CELL_M = 10.0
FALL_PERMILLE = 12.0


def city(houses: int = HOUSES, seed: int = 1, thins_out_m: float = 350.0, **sections: Any) -> Inputs:
    """A sector of the city with so many houses; the same numbers give the same houses.

    ``thins_out_m`` from the core houses have become a third as likely. A small sector is noisier than the whole.
    """
    draw = np.random.default_rng([seed, houses])
    half = np.pi * houses / HOUSES
    ends = _streets(half, draw)
    data = {
        "study": {"crs": CRS, "language": "en"},
        "inputs": {"buildings": "b", "roads": "r", "terrain": "t"},
        "compare": {"receiving_flow_m3_per_d": 55_800.0},
        **sections,
        "prepare": {"people_per_dwelling": PEOPLE / HOUSES, **sections.get("prepare", {})},
    }
    none = _layer([])
    return Inputs(
        config=config_file.parse(data),
        buildings=_layer(_houses(ends, houses, thins_out_m, draw)),
        roads=_layer(shapely.linestrings(ends)),
        terrain=_terrain(ends, draw),
        served_areas=_layer([_ring(0.0, CORE_M, half)]),
        **dict.fromkeys(("districts", "barriers", "plants", "overrides"), none),
    )


def _ring(inner_m: float, outer_m: float, half: float) -> shapely.Geometry:
    """Part of a ring round the centre, open to both sides by an angle."""
    angle = np.linspace(-half, half, 721)
    arc = np.column_stack([np.cos(angle), np.sin(angle)])
    return shapely.Polygon(CENTRE_M + np.concatenate([outer_m * arc, inner_m * arc[::-1]]))


def _layer(shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)


def _streets(half: float, draw: np.random.Generator) -> Floats:
    """(streets, 2, 2) ends; a grid of which ever fewer streets are left outward, all of them connected."""
    count = int(EDGE_M / BLOCK_M) + 1
    i, j = np.mgrid[-count : count + 1, -count : count + 1].reshape(2, -1)
    xy = BLOCK_M * np.column_stack([i, j]) + draw.uniform(-BEND_M, BEND_M, (len(i), 2))
    away, turn = np.hypot(*xy.T), np.abs(np.arctan2(xy[:, 1], xy[:, 0]))
    row = np.full((2 * count + 1, 2 * count + 1), -1)
    inside = (away > CORE_M - INTO_CORE_M) & (away < EDGE_M) & (turn <= half)
    row[i[inside] + count, j[inside] + count] = np.flatnonzero(inside)
    pairs = np.concatenate(
        [np.stack([row[:-1], row[1:]], -1).reshape(-1, 2), np.stack([row[:, :-1], row[:, 1:]], -1).reshape(-1, 2)]
    )
    pairs = pairs[(pairs >= 0).all(axis=1)]
    out = np.clip((away[pairs].mean(axis=1) - CORE_M) / (EDGE_M - CORE_M), 0.0, 1.0)
    order = draw.permutation(len(pairs))
    needed = _tree(pairs[order], len(xy))
    kept = np.zeros(len(pairs), bool)
    kept[order[needed]] = True
    return np.asarray(xy[pairs[kept | (draw.random(len(pairs)) > 0.75 * out)]] + CENTRE_M)


def _tree(pairs: Floats, nodes: int) -> Floats:
    """Rows that join what the rows before did not."""
    owner = np.arange(nodes)

    def find(node: int) -> int:
        while owner[node] != node:
            owner[node] = owner[owner[node]]
            node = owner[node]
        return node

    rows = []
    for row, (a, b) in enumerate(pairs):
        a, b = find(a), find(b)
        if a != b:
            owner[b] = a
            rows.append(row)
    return np.array(rows)


def _houses(ends: Floats, houses: int, thins_out_m: float, draw: np.random.Generator) -> Any:
    """Squares of 10 m on both sides of the streets outside the core, clustered, ever fewer outward."""
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    plots = np.floor((length - 2.0 * OFF_CORNER_M) / PLOT_M).astype(int) + 1
    street = np.repeat(np.arange(len(ends)), 2 * plots)
    number = np.arange(len(street)) - np.repeat(2 * np.cumsum(plots) - 2 * plots, 2 * plots)
    along = (ends[street, 1] - ends[street, 0]) / length[street, None]
    across = np.column_stack([-along[:, 1], along[:, 0]]) * np.where(number % 2 == 0, OFF_ROAD_M, -OFF_ROAD_M)[:, None]
    xy = ends[street, 0] + along * (OFF_CORNER_M + PLOT_M * (number // 2))[:, None] + across
    away = np.hypot(*(xy - CENTRE_M).T) - CORE_M
    likes = _waves(xy, np.geomspace(250.0, 1500.0, 12), draw) - away / thins_out_m + draw.gumbel(0.0, 0.7, len(xy))
    chosen = np.argsort(np.where(away > 20.0, -likes, np.inf), kind="stable")[:houses]
    x, y = xy[np.sort(chosen)].T
    return shapely.box(x - 5.0, y - 5.0, x + 5.0, y + 5.0)


def _waves(xy: Floats, lengths_m: Floats, draw: np.random.Generator) -> Floats:
    """Noise of about unit spread, of these wave lengths."""
    out = np.zeros(len(xy))
    for wave_m in lengths_m:
        turn, phase = draw.uniform(0.0, 2.0 * np.pi, 2)
        out += np.sin(2.0 * np.pi / wave_m * (xy @ [np.cos(turn), np.sin(turn)]) + phase)
    return np.asarray(out * np.sqrt(2.0 / len(lengths_m)))


def _terrain(ends: Floats, draw: np.random.Generator) -> Terrain:
    """Ground that falls southward, with hills of some metres."""
    west, south = np.floor(ends.min(axis=(0, 1)) - 100.0)
    columns, rows = np.ceil((ends.max(axis=(0, 1)) + 100.0 - (west, south)) / CELL_M).astype(int)
    x, y = np.meshgrid(west + CELL_M * (np.arange(columns) + 0.5), south + CELL_M * (rows - 0.5 - np.arange(rows)))
    xy = np.column_stack([x.ravel(), y.ravel()])
    ground = 100.0 + FALL_PERMILLE / 1000.0 * (xy[:, 1] - CENTRE_M[1]) + 4.0 * _waves(xy, np.geomspace(400.0, 3000.0, 8), draw)
    crs = pyproj.CRS(CRS)
    grid = ground.reshape(rows, columns).astype(np.float32)
    return Terrain(grid, (CELL_M, 0.0, float(west), 0.0, -CELL_M, float(south + rows * CELL_M)), crs, crs)
