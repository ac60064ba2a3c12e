"""An old network under the streets: the town sewered from its centre outwards since the 1960s, and far villages after it."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from sewerzone.samples.grids import Bools, Floats, Ints, accumulate, graph, ways
from sewerzone.samples.houses import Houses
from sewerzone.samples.places import VILLAGE, Places, Streets
from sewerzone.samples.terrain import Land

FIRST_YEAR, GROWING_YR, EARLIER_YR = 1964, 24, 6
"""The centre is sewered first, its edge after so many years, villages so many years before that."""
UNKNOWN_SHARE, INSPECTED_SHARE = 0.06, 0.5
INSPECTED_YEAR, INSPECTED_FROM_YR = 2023, 40
"""Half of the sewers older than that were inspected."""
URGENCIES = np.array(["I", "II", "III", "none"], dtype=object)
CHANCES = (0.04, 0.14, 0.32, 0.5)
SIZES_MM = np.array([200, 250, 300, 400, 600])
HOUSES_ABOVE = np.array([120, 300, 700, 2000])
"""Dwellings upstream from which sewers are larger."""
VILLAGES_PER = 4000
"""One village is sewered for so many dwellings of the municipality, at least one."""
PUMP_RISE_M = 6.0


class Old(NamedTuple):
    """The old network: its lines, and where it ends and is pumped."""

    sewers: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame


def sewered_villages(settled: Places) -> Ints:
    """Villages sewered long ago: of the nearer half of them those far for their size."""
    villages = np.flatnonzero(settled.kind == VILLAGE)
    away = np.hypot(*(settled.xy_m[villages] - settled.xy_m[0]).T)
    near = villages[np.argsort(away, kind="stable")]
    wanted = 1 + int(settled.dwellings.sum() // VILLAGES_PER)
    near = near[: max(len(near) // 2, wanted)]
    worth = settled.dwellings[near] / np.hypot(*(settled.xy_m[near] - settled.xy_m[0]).T)
    return near[np.argsort(worth, kind="stable")][:wanted]


def network(land: Land, streets: Streets, built: Houses, is_served: Bools, villages: Ints, rng: np.random.Generator) -> Old:
    """Sewers along the shortest ways from every served house to the lowest street of the town near its river."""
    mine = np.flatnonzero(is_served & (built.dwellings > 0))
    nodes = np.unique(np.concatenate([streets.u, streets.v]))
    door = nodes[cKDTree(streets.xy_m[nodes]).query(built.xy_m[mine])[1]]
    level = land.sample(streets.xy_m)
    in_town = np.unique(door[~np.isin(built.place[mine], villages)])
    outlet = in_town[np.argmin(level[in_town])]
    length = np.hypot(*(streets.xy_m[streets.u] - streets.xy_m[streets.v]).T)
    bridge_too = np.where(streets.is_bridge, 3.0, 1.0)
    net = graph(streets.u, streets.v, length * bridge_too, len(streets.xy_m))
    away, before, _ = ways(net, outlet)
    down = np.where(before >= 0, before, np.arange(len(before)))
    houses = np.bincount(door, built.dwellings[mine], minlength=len(down))
    houses[~np.isfinite(away)] = 0.0
    flow = accumulate(down, houses.astype(np.float64))
    top = np.flatnonzero((flow > 0.0) & (down != np.arange(len(down))))
    top = top[np.lexsort((streets.xy_m[top, 1], streets.xy_m[top, 0]))]
    year = _years(away[top], np.isin(top, door[np.isin(built.place[mine], villages)]), rng)
    frame = gpd.GeoDataFrame(
        {
            "id": np.arange(1, len(top) + 1),
            "up_manhole": _manholes(top),
            "down_manhole": _manholes(down[top]),
            "diameter_mm": SIZES_MM[np.searchsorted(HOUSES_ABOVE, flow[top])],
            "installed_year": np.where(rng.random(len(top)) < UNKNOWN_SHARE, 0, year),
            **_inspected(year, rng),
            "material": np.where(year < 1980, "陶管・HP", "VU"),
        },
        geometry=shapely.linestrings(np.stack([streets.xy_m[top], streets.xy_m[down[top]]], axis=1)),
    )
    rises = top[level[down[top]] - level[top] > PUMP_RISE_M]
    places = shapely.points(streets.xy_m[np.concatenate([[outlet], rises[:1]])])
    plants = gpd.GeoDataFrame(
        {
            "name": ["終末処理場", *["中継ポンプ場"] * len(rises[:1])], "kind": ["terminal", *["pump"] * len(rises[:1])],
            "installed_year": [FIRST_YEAR + 16, *[2004] * len(rises[:1])],
            "replacement_yen": [float(round(2.2e6 * flow[outlet], -6)), *[None] * len(rises[:1])],
        },
        geometry=places,
    )  # fmt: skip
    return Old(frame, plants)


def _manholes(nodes: Ints) -> list[str]:
    """One at every corner of the streets."""
    return [f"MH{node:06d}" for node in nodes.tolist()]


def _years(away_m: Floats, is_village: Bools, rng: np.random.Generator) -> Ints:
    """Years of installation: outwards from the outlet, villages last; every street some years off."""
    rank = np.argsort(np.argsort(away_m, kind="stable"), kind="stable") / max(len(away_m), 1)
    year = FIRST_YEAR + np.floor(GROWING_YR * rank) + rng.integers(0, 3, len(away_m))
    later = FIRST_YEAR + GROWING_YR - EARLIER_YR + rng.integers(0, 3, len(away_m))
    return np.asarray(np.where(is_village, later, year), np.int64)


def _inspected(year: Ints, rng: np.random.Generator) -> dict[str, object]:
    """Urgency and year of inspection of some of the old sewers."""
    found = URGENCIES[rng.choice(len(URGENCIES), len(year), p=CHANCES)]
    seen = (INSPECTED_YEAR - year >= INSPECTED_FROM_YR) & (rng.random(len(year)) < INSPECTED_SHARE)
    urgency = found.copy()
    urgency[~seen] = None
    return {"urgency": urgency, "inspected_year": np.where(seen, INSPECTED_YEAR, 0)}
