"""From the street graph to road lines as a map has them: chains between junctions, classes, bridges, a motorway."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse.csgraph import connected_components

from sewerzone.samples.grids import Bools, Ints, graph, ways
from sewerzone.samples.places import CLASSES, Streets
from sewerzone.samples.terrain import Land


@dataclass(frozen=True, eq=False)
class Motorway:
    """Lines of the motorway, and which of them are viaducts or tunnels."""

    lines: NDArray[np.object_]
    is_bridge: Bools
    is_tunnel: Bools


def pruned(streets: Streets, used_edges: Ints) -> Streets:
    """The streets without lanes that lead to no building."""
    alive = np.ones(len(streets.u), dtype=bool)
    needed = streets.lane < 0
    needed[used_edges] = True
    while True:
        degree = np.bincount(np.concatenate([streets.u[alive], streets.v[alive]]), minlength=len(streets.xy_m))
        dead = alive & ~needed & ((degree[streets.u] == 1) | (degree[streets.v] == 1))
        if not dead.any():
            break
        alive &= ~dead
    return replace(
        streets,
        u=streets.u[alive],
        v=streets.v[alive],
        highway=streets.highway[alive],
        is_bridge=streets.is_bridge[alive],
        lane=streets.lane[alive],
    )


def frame(streets: Streets, way: Motorway) -> gpd.GeoDataFrame:
    """Road lines with highway, bridge and tunnel as in OpenStreetMap, and the motorway."""
    lines, edge = chains(streets)
    highway = np.array(CLASSES, dtype=object)[streets.highway[edge]]
    bridge = _yes(streets.is_bridge[edge])
    return gpd.GeoDataFrame(
        {
            "highway": np.concatenate([highway, np.full(len(way.lines), "motorway", dtype=object)]),
            "bridge": np.concatenate([bridge, _yes(way.is_bridge)]),
            "tunnel": np.concatenate([_yes(np.zeros(len(lines), dtype=bool)), _yes(way.is_tunnel)]),
        },
        geometry=np.concatenate([lines, way.lines]),
    )


def _yes(is_so: Bools) -> NDArray[np.object_]:
    """OpenStreetMap's way of saying it: "yes" or nothing."""
    out = np.full(len(is_so), None, dtype=object)
    out[is_so] = "yes"
    return out


def chains(streets: Streets) -> tuple[np.ndarray, Ints]:
    """Lines between junctions, dead ends and changes of class or bridge, and an edge of each line."""
    count = len(streets.xy_m)
    ends = np.concatenate([streets.u, streets.v])
    sort = streets.highway * 2 + streets.is_bridge
    degree = np.bincount(ends, minlength=count)
    both = np.concatenate([sort, sort])
    low, high = np.full(count, 99), np.full(count, -1)
    np.minimum.at(low, ends, both)
    np.maximum.at(high, ends, both)
    breaks = (degree != 2) | (low != high)
    own = np.arange(2 * len(streets.u)) + count  # every end at a break becomes a node of its own
    u = np.where(breaks[streets.u], own[: len(streets.u)], streets.u)
    v = np.where(breaks[streets.v], own[len(streets.u) :], streets.v)
    nodes, flat = np.unique(np.concatenate([u, v]), return_inverse=True)
    u, v = flat[: len(u)], flat[len(u) :]
    source = np.concatenate([np.arange(count), ends])[nodes]
    net = graph(u, v, np.ones(len(u)), len(nodes))
    _, label = connected_components(net, directed=False)
    tip = np.bincount(np.concatenate([u, v]), minlength=len(nodes)) == 1
    order = np.lexsort((np.arange(len(nodes)), ~tip, label))
    first = order[np.unique(label[order], return_index=True)[1]]
    hops, _, _ = ways(net, first)
    order = np.lexsort((hops, label))
    lines = shapely.linestrings(streets.xy_m[source[order]], indices=label[order])
    edge = np.zeros(len(lines), dtype=np.int64)
    edge[label[u][::-1]] = np.arange(len(u))[::-1]
    return lines, edge


def motorway(land: Land, rng: np.random.Generator) -> Motorway:
    """A motorway across the area from west to east, level where the ground is not."""
    t = np.arange(0.0, land.side_m + 1.0, 25.0)
    phase = rng.uniform(0.0, 2 * np.pi)
    level = (land.centres_m(land.town_cells[:1])[0, 1] + 0.26 * land.side_m) % land.side_m
    y = (
        level
        + 0.05 * land.side_m * np.sin(2 * np.pi * t / land.side_m + phase)
        + rng.uniform(-0.2, 0.2) * (t - land.side_m / 2)
    )
    xy = np.column_stack([t, np.clip(y, 25.0, land.side_m - 25.0)])
    ground = land.sample(xy)
    grade = ndimage.gaussian_filter1d(ground, 500.0 / 25.0, mode="nearest")
    state = np.where(ground - grade > 12.0, 2, np.where(grade - ground > 6.0, 1, 0))
    river = shapely.buffer(land.river, 10.0)
    shapely.prepare(river)
    state[shapely.intersects_xy(river, xy[:, 0], xy[:, 1])] = 1
    state = ndimage.median_filter(state, 5, mode="nearest")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(state[:-1])) + 1])
    ends = np.concatenate([starts[1:], [len(t) - 1]])
    lines = np.array([shapely.linestrings(xy[a : b + 1]) for a, b in zip(starts, ends, strict=True)], dtype=object)
    return Motorway(lines, state[starts] == 1, state[starts] == 2)
