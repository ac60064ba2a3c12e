"""Districts that cover the area, with names, people, dwellings and ten years of population."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import ndimage
from scipy.spatial import cKDTree

from sewerzone.samples.grids import Bools, Floats, Ints
from sewerzone.samples.places import TOWN, VILLAGE, Places

FIRST_YEAR, LAST_YEAR, TARGET_YEAR = 2014, 2023, 2035
TOWN_NAMES = (
    "本町",
    "上町",
    "中町",
    "下町",
    "栄町",
    "旭町",
    "幸町",
    "駅前",
    "緑町",
    "宮町",
    "新町",
    "末広町",
    "寿町",
    "川原町",
    "錦町",
    "大手町",
)
HEADS = "上中下大小東西南北前奥高長石岩松竹杉梅桜柳川水滝岸島野原草花鳥鹿熊馬牛白黒青赤金"
TAILS = (
    "沢",
    "川",
    "田",
    "野",
    "山",
    "谷",
    "原",
    "尾",
    "坂",
    "倉",
    "里",
    "村",
    "窪",
    "瀬",
    "平",
    "畑",
    "森",
    "根",
    "井",
    "津",
    "浦",
    "橋",
)


def draw(
    side_m: float, places: Places, homes_xy_m: Floats, homes: Ints, home_place: Ints, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, Ints]:
    """Districts (without CRS, from the south-western corner) and the district row of each home.

    Borders run where the nearest centre changes, on a fine irregular tessellation, so no border is a ruler's line.

    Parameters
    ----------
    homes_xy_m, homes, home_place : centre, dwellings and settlement of each residential building
    """
    centres, is_town = _centres(places, homes_xy_m, homes, home_place, rng)
    seeds = _seeds(side_m, len(centres), rng)
    while True:
        label = _nearest(centres, _warped(seeds, side_m, rng.spawn(1)[0]))
        district = label[_nearest(seeds, homes_xy_m)]
        peopled = np.bincount(district, weights=homes, minlength=len(centres)) > 0
        if peopled.all():
            break
        centres, is_town = centres[peopled], is_town[peopled]
    cells = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=shapely.box(0, 0, side_m, side_m), ordered=True)
    cells = shapely.get_parts(cells)
    west, south, east, north = shapely.bounds(cells).T
    over = (np.minimum(west, south) < 0.0) | (np.maximum(east, north) > side_m)
    cells[over] = shapely.intersection(cells[over], shapely.box(0, 0, side_m, side_m))
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(len(centres) + 1))
    shapes = [shapely.coverage_union_all(cells[order[a:b]]) for a, b in pairwise(starts)]
    counts = np.bincount(district, weights=homes, minlength=len(centres)).astype(np.int64)
    frame = pd.DataFrame({"district_id": np.arange(1, len(centres) + 1), "name": _names(is_town, rng)})
    frame = pd.concat([frame, _people(counts, is_town, rng)], axis=1)
    return gpd.GeoDataFrame(frame, geometry=shapes), district


def _nearest(centres: Floats, xy: Floats) -> Ints:
    """The nearest centre of each point."""
    return np.asarray(cKDTree(centres).query(xy)[1], dtype=np.int64)


def _centres(places: Places, xy: Floats, homes: Ints, home_place: Ints, rng: np.random.Generator) -> tuple[Floats, Bools]:
    """Villages, and for each town homes drawn so that a district has some 250 dwellings."""
    parts = []
    for town in np.flatnonzero(places.kind == TOWN):
        mine = np.flatnonzero(home_place == town)
        wanted = max(2, round(homes[mine].sum() / 250))
        parts.append(_spread(xy[mine], wanted, rng))
    town_count = sum(len(p) for p in parts)
    villages = places.xy_m[(places.kind == VILLAGE) & np.isin(np.arange(len(places.kind)), home_place)]
    return np.concatenate([*parts, villages]), np.arange(town_count + len(villages)) < town_count


def _spread(xy: Floats, wanted: int, rng: np.random.Generator) -> Floats:
    """A few points spread evenly over many: drawn, then moved to the middle of those nearest, three times."""
    centres = xy[rng.permutation(len(xy))[:wanted]]
    for _ in range(3):
        label = _nearest(centres, xy)
        count = np.bincount(label, minlength=len(centres))
        sums = np.column_stack([np.bincount(label, weights=xy[:, k], minlength=len(centres)) for k in (0, 1)])
        centres = np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], centres)
    return np.asarray(centres)


def _seeds(side_m: float, districts: int, rng: np.random.Generator) -> Floats:
    """A jittered grid of points, some sixty to a district."""
    rows = int(np.clip(np.sqrt(60 * districts), 16, 300))
    grid = (np.stack(np.meshgrid(np.arange(rows), np.arange(rows)), axis=-1).reshape(-1, 2) + 0.5) * side_m / rows
    return np.asarray(grid + rng.uniform(-0.35, 0.35, grid.shape) * side_m / rows)


def _warped(xy: Floats, side_m: float, rng: np.random.Generator) -> Floats:
    """Points moved by a smooth random field, so that borders bend."""
    field = ndimage.zoom(rng.normal(0.0, 1.0, (2, 9, 9)), (1, 8, 8), order=3)
    at = (xy / side_m * (field.shape[1] - 1)).T[::-1]
    push = np.column_stack([ndimage.map_coordinates(f, at, order=1, mode="nearest") for f in field])
    return np.asarray(xy + 0.01 * side_m * push)


def _names(is_town: Bools, rng: np.random.Generator) -> list[str]:
    """A name for each district: town quarters by blocks (丁目), villages from two characters; no name twice."""
    quarters = rng.permutation(np.array(TOWN_NAMES, dtype=object))
    towns = int(is_town.sum())
    if towns <= len(quarters):
        urban = list(quarters[:towns])
    else:
        urban = [f"{quarters[k % len(quarters)]}{k // len(quarters) + 1}丁目" for k in range(towns)]
    pairs = [h + t for h in HEADS for t in TAILS if h != t]
    rural = rng.permutation(np.array(pairs, dtype=object))
    wards = "東西南北"
    villages = [
        rural[k % len(rural)] + ("" if k < len(rural) else wards[(k // len(rural) - 1) % 4])
        for k in range(int((~is_town).sum()))
    ]
    return [*urban, *villages]


def _people(dwellings: Ints, is_town: Bools, rng: np.random.Generator) -> pd.DataFrame:
    """People and dwellings in the target year, and people in each of the last ten years.

    Towns hold their people or lose them slowly, villages lose one to three per cent a year, a few grow.
    """
    n = len(dwellings)
    yearly = np.where(is_town, rng.normal(-0.004, 0.004, n), rng.normal(-0.016, 0.008, n))
    yearly = np.where(rng.random(n) < 0.08, np.abs(yearly) * 0.6, yearly)
    per_home = np.where(is_town, rng.normal(2.35, 0.12, n), rng.normal(2.6, 0.2, n)).clip(1.6)
    last = dwellings * per_home
    columns: dict[str, Ints] = {}
    target = np.maximum(1, np.round(last * np.exp(yearly * (TARGET_YEAR - LAST_YEAR) * 0.8)).astype(np.int64))
    columns["people"] = target
    columns["dwellings"] = dwellings
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        wobble = rng.normal(0.0, 0.004, n)
        columns[f"people_{year}"] = np.maximum(
            1, np.round(last * np.exp(yearly * (year - LAST_YEAR) + wobble)).astype(np.int64)
        )
    return pd.DataFrame(columns)
