"""Where people settle, and the roads that join the places: both follow the valleys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from sewerzone.samples.grids import Bools, Floats, Ints, accumulate, graph, independent, neighbour_pairs, smooth, ways
from sewerzone.samples.terrain import COARSE_M, Land, river_mask

TOWN, VILLAGE, HAMLET, FARM = 0, 1, 2, 3
SPACING_M = np.array([0.0, 440.0, 250.0, 150.0])
OUTSIDE_SHARES = {VILLAGE: 0.66, HAMLET: 0.25, FARM: 0.09}
MEAN_DWELLINGS = {VILLAGE: 38.0, HAMLET: 7.0, FARM: 1.5}
M2_PER_DWELLING = np.array([330.0, 900.0, 1300.0, 1500.0])

CLASSES = ("primary", "secondary", "tertiary", "unclassified", "track", "residential", "service")
RESIDENTIAL, SERVICE = 5, 6


@dataclass(frozen=True, eq=False)
class Places:
    """Settlements, towns first.

    Attributes
    ----------
    cell : coarse cell of each centre
    xy_m : centres (n, 2)
    kind : TOWN, VILLAGE, HAMLET or FARM
    dwellings : dwellings wanted in each
    radius_m : extent of each
    """

    cell: Ints
    xy_m: Floats
    kind: Ints
    dwellings: Floats
    radius_m: Floats


@dataclass(frozen=True, eq=False)
class Streets:
    """Roads as a planar graph: nodes (n, 2), edges between them, class and bridge of each edge, lane number (-1: trunk)."""

    xy_m: Floats
    u: Ints
    v: Ints
    highway: Ints
    is_bridge: Bools
    lane: Ints


def radius_m(dwellings: Floats, kind: Ints) -> Floats:
    """Radius of a round settlement of so many dwellings."""
    return np.asarray(np.sqrt(dwellings * M2_PER_DWELLING[kind] / np.pi) + 25.0)


def enlarged(places: Places, factor: float) -> Places:
    """The same places on larger ground."""
    return replace(places, radius_m=places.radius_m * factor)


def settle(land: Land, town_dwellings: Floats, outside: float, rng: np.random.Generator) -> Places:
    """Villages on valley floors, hamlets up the side valleys and farms on the hillsides, round the given towns."""
    count = land.cells**2
    here = land.centres_m(np.arange(count))
    towns = land.centres_m(land.town_cells)
    town_radius = radius_m(town_dwellings, np.zeros(len(towns), dtype=np.int64))
    rim = np.minimum.reduce([here[:, 0], here[:, 1], land.side_m - here[:, 0], land.side_m - here[:, 1]])
    free = (rim > min(160.0, 0.12 * land.side_m)) & ~river_mask(land, here, 45.0)
    fringe = np.ones(count)
    for xy, radius in zip(towns, town_radius, strict=True):
        away = np.hypot(*(here - xy).T)
        free &= away > radius + 140.0
        fringe[away < radius + 900.0] = 3.0  # people like to live near a town
    slope, above = land.slope.ravel(), np.maximum(land.above_stream_m(), 0.0)
    tempers = {
        VILLAGE: np.exp(-((slope / 0.08) ** 2) - above / 10.0) * np.minimum(land.drained_km2 + 0.2, 1.0),
        HAMLET: np.exp(-((slope / 0.14) ** 2) - above / 25.0),
        FARM: np.exp(-((slope / 0.20) ** 2) - above / 90.0) * (slope > 0.04),
    }
    cells, kinds = [], []
    for kind, share in OUTSIDE_SHARES.items():
        wanted = max(1, round(outside * share / MEAN_DWELLINGS[kind]))
        weight = np.where(free, tempers[kind] * fringe, 0.0)
        race = rng.exponential(size=count) / np.maximum(weight, 1e-300)  # smallest first: drawn without replacement
        drawn = np.argsort(race, kind="stable")[: 4 * wanted]
        cells.append(drawn[weight[drawn] > 1e-6])
        kinds.append(np.full(len(cells[-1]), kind))
    cell, kind_of = np.concatenate(cells), np.concatenate(kinds)
    keep = _thinned(here[cell], kind_of)
    cell, kind_of = cell[keep], kind_of[keep]
    chosen = np.concatenate(
        [np.flatnonzero(kind_of == k)[: max(1, round(outside * s / MEAN_DWELLINGS[k]))] for k, s in OUTSIDE_SHARES.items()]
    )
    cell, kind_of = cell[chosen], kind_of[chosen]
    size = _sizes(kind_of, outside, rng)
    cell = np.concatenate([land.town_cells, cell])
    kind_of = np.concatenate([np.zeros(len(towns), dtype=np.int64), kind_of])
    size = np.concatenate([town_dwellings, size])
    return Places(cell, here[cell], kind_of, size, radius_m(size, kind_of))


def _thinned(xy: Floats, kind: Ints) -> Bools:
    """Which places stay when each keeps its distance to those drawn before it."""
    pairs = cKDTree(xy).query_pairs(float(SPACING_M.max()), output_type="ndarray").astype(np.int64)
    apart = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    close = pairs[apart < (SPACING_M[kind[pairs[:, 0]]] + SPACING_M[kind[pairs[:, 1]]]) / 2]
    close = close[np.lexsort((close[:, 1], close[:, 0]))]
    return independent(len(xy), close[:, 0], close[:, 1], np.arange(len(xy)))


def _sizes(kind: Ints, outside: float, rng: np.random.Generator) -> Floats:
    """Dwellings of each place; those of a kind add up to its share of all outside the towns."""
    present = {k: s for k, s in OUTSIDE_SHARES.items() if (kind == k).any()}
    size = np.zeros(len(kind))
    for k, share in present.items():
        drawn = rng.lognormal(0.0, 0.6 if k == VILLAGE else 0.4, int((kind == k).sum()))
        size[kind == k] = drawn * outside * share / sum(present.values()) / drawn.sum()
    return np.maximum(size, 1.0)


def trunk_roads(land: Land, places: Places, rng: np.random.Generator) -> Streets:
    """Roads that join all places and leave the area at the outlet and at a far end, as a graph of 25 m edges.

    Cheapest ways to the largest town over a cost that punishes slope and crossing the river; ways run together,
    and the dwellings behind an edge give its class. A tenth as many short links between neighbours make loops.
    """
    count = land.cells**2
    u, v, length = neighbour_pairs(land.cells)
    weight = _road_cost(land, u, v, length * COARSE_M, rng)
    net = graph(u, v, weight, count)
    root = int(places.cell[0])
    away, towards, _ = ways(net, root)
    towards[root] = root
    load = np.zeros(count)
    np.add.at(load, places.cell, places.dwellings)
    exits = _exits(land, away)
    load[exits] += 0.3 * places.dwellings.sum()
    traffic = accumulate(towards, load)
    used = np.flatnonzero((traffic > 0) & (towards != np.arange(count)))
    ones, others, loads = used, towards[used], traffic[used]
    more = _loops(net, u, v, weight, places, towards, rng)
    key = np.minimum(ones, others) * count + np.maximum(ones, others)
    extra = np.setdiff1d(np.minimum(more[:, 0], more[:, 1]) * count + np.maximum(more[:, 0], more[:, 1]), key)
    key = np.concatenate([key, extra])
    loads = np.concatenate([loads, np.full(len(extra), 5.0)])
    order = np.argsort(key)
    return _drawn(land, key[order] // count, key[order] % count, loads[order], exits, rng)


def _road_cost(land: Land, u: Ints, v: Ints, length_m: Floats, rng: np.random.Generator) -> Floats:
    height = land.elevation_m.ravel()
    grade = np.abs(height[u] - height[v]) / length_m
    side = 0.5 * (land.slope.ravel()[u] + land.slope.ravel()[v])
    cost = length_m * (1.0 + (grade / 0.06) ** 2 + 2.0 * side) * rng.uniform(0.9, 1.1, len(u))
    xy = land.centres_m(np.arange(land.cells**2))
    near = river_mask(land, xy, 1.6 * COARSE_M)
    maybe = np.flatnonzero(near[u] | near[v])
    lines = shapely.linestrings(np.stack([xy[u[maybe]], xy[v[maybe]]], axis=1))
    wet = shapely.buffer(land.river, 6.0)
    shapely.prepare(wet)
    cost[maybe[shapely.intersects(wet, lines)]] += 900.0
    return np.asarray(cost)


def _exits(land: Land, away: Floats) -> Ints:
    """A cell on the southern border and one on the northern: the cheapest to reach."""
    south, north = np.arange(land.cells), np.arange(land.cells) + land.cells * (land.cells - 1)
    return np.array([south[np.argmin(away[south])], north[np.argmin(away[north])]], dtype=np.int64)


def _loops(net: Any, u: Ints, v: Ints, weight: Floats, places: Places, towards: Ints, rng: np.random.Generator) -> Ints:
    """Edges (n, 2) of short ways between neighbouring places whose ways to town differ."""
    reach, before, source = ways(net, places.cell)
    meets = np.flatnonzero(source[u] != source[v])
    way = reach[u[meets]] + reach[v[meets]] + weight[meets]
    a, b = np.minimum(source[u[meets]], source[v[meets]]), np.maximum(source[u[meets]], source[v[meets]])
    order = np.lexsort((way, b, a))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (a[order][1:] != a[order][:-1]) | (b[order][1:] != b[order][:-1])
    best = order[first]
    best = best[(way[best] < 1100.0) & (rng.random(len(best)) < 0.10)]
    front = np.concatenate([u[meets[best]], v[meets[best]]])
    out = [np.column_stack([u[meets[best]], v[meets[best]]])]
    while len(front):
        onward = before[front]
        out.append(np.column_stack([front, onward])[onward >= 0])
        front = np.unique(onward[onward >= 0])
    return np.concatenate(out).astype(np.int64)


def _drawn(land: Land, a: Ints, b: Ints, loads: Floats, exits: Ints, rng: np.random.Generator) -> Streets:
    """The used grid edges as smooth roads: jittered, halved, smoothed, classed, bridges marked."""
    nodes, flat = np.unique(np.concatenate([a, b]), return_inverse=True)
    a, b = flat[: len(a)].astype(np.int64), flat[len(a) :].astype(np.int64)
    xy = land.centres_m(nodes)
    out = np.isin(nodes, exits)
    xy = smooth(xy + np.where(out[:, None], 0.0, rng.uniform(-9.0, 9.0, xy.shape)), a, b, 3)
    middle = np.arange(len(a)) + len(xy)
    xy = np.concatenate([xy, 0.5 * (xy[a] + xy[b])])
    u, v, loads = np.concatenate([a, middle]), np.concatenate([middle, b]), np.concatenate([loads, loads])
    xy = smooth(xy, u, v, 2)
    lines = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    river = shapely.buffer(land.river, 3.0)
    shapely.prepare(river)
    total = loads.max()
    highway = np.digitize(-loads, [-max(0.25 * total, 60.0), -max(0.06 * total, 40.0), -25.0, -3.0]).astype(np.int64)
    return Streets(xy, u, v, highway, np.asarray(shapely.intersects(river, lines)), np.full(len(u), -1))
