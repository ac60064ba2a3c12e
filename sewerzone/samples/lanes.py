"""Lanes grown off the trunk roads, all at once, step by step, on an occupancy grid that keeps them apart."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from scipy.spatial import cKDTree

from sewerzone.samples.grids import Bools, Floats, Ints
from sewerzone.samples.places import RESIDENTIAL, SERVICE, TOWN, Places, Streets
from sewerzone.samples.terrain import Land, river_mask

STEP_M = 12.0
GENERATIONS = 7
METRES_PER_DWELLING = np.array([9.5, 14.0, 18.0, 30.0])
BRANCH_STEPS = np.array([4, 5, 5, 4])
TURN = np.array([0.012, 0.09, 0.13, 0.15])
LONGEST_M = np.array([420.0, 170.0, 110.0, 90.0])
JOINS = np.array([0.95, 0.5, 0.4, 0.3])
STEEPEST = 0.20


@dataclass(eq=False)
class _Growth:
    """What has been grown so far; arrays are appended step by step."""

    xy: list[Floats]
    lane: list[Ints]
    place: list[Ints]
    u: list[Ints] = field(default_factory=list)
    v: list[Ints] = field(default_factory=list)
    edge_lane: list[Ints] = field(default_factory=list)
    edge_place: list[Ints] = field(default_factory=list)
    count: int = 0


@dataclass(eq=False)
class _Front:
    """The growing tips: last node, heading, lane, lane it sprang from, metres left, age in steps."""

    node: Ints
    heading: Floats
    lane: Ints
    mother: Ints
    place: Ints
    left_m: Floats
    age: int = 0

    def only(self, keep: Bools) -> _Front:
        return _Front(
            self.node[keep],
            self.heading[keep],
            self.lane[keep],
            self.mother[keep],
            self.place[keep],
            self.left_m[keep],
            self.age,
        )


class Occupancy:
    """A grid of cells one step wide that knows the last road node in each cell."""

    def __init__(self, side_m: float) -> None:
        self.cells = int(side_m / STEP_M) + 3
        self.node = np.full(self.cells * self.cells, -1, dtype=np.int64)

    def cell(self, xy: Floats) -> Ints:
        """Flat cell of points inside the area."""
        at = np.clip((xy / STEP_M).astype(np.int64) + 1, 1, self.cells - 2)
        return np.asarray(at[:, 1] * self.cells + at[:, 0])

    def mark(self, xy: Floats, node: Ints) -> None:
        """Enter nodes at points."""
        self.node[self.cell(xy)] = node

    def around(self, xy: Floats) -> Ints:
        """Nodes in the nine cells round each point, (n, 9), -1 for none."""
        offsets = np.array([dr * self.cells + dc for dr in (-1, 0, 1) for dc in (-1, 0, 1)])
        return np.asarray(self.node[self.cell(xy)[:, None] + offsets])


def place_of(xy: Floats, places: Places) -> Ints:
    """The settlement whose ground each point lies on, -1 for none; where grounds overlap the relatively nearest."""
    near = min(6, len(places.xy_m))
    away, which = cKDTree(places.xy_m).query(xy, k=near)
    away, which = np.reshape(away, (len(xy), near)), np.reshape(which, (len(xy), near)).astype(np.int64)
    relative = away / places.radius_m[which]
    best = np.argmin(relative, axis=1)
    rows = np.arange(len(xy))
    out = np.where(relative[rows, best] < 1.0, which[rows, best], -1)
    for town in np.flatnonzero(places.kind == TOWN):
        out[np.hypot(*(xy - places.xy_m[town]).T) < places.radius_m[town]] = town
    return out


def grow(land: Land, places: Places, trunk: Streets, slack: float, rng: np.random.Generator) -> tuple[Streets, Ints]:
    """Trunk roads and lanes as one graph, and the settlement of each edge (-1 outside all).

    Parameters
    ----------
    slack : lane length grown over what the dwellings wanted need
    """
    trunk_place = place_of(trunk.xy_m, places)
    trunk_place[river_mask(land, trunk.xy_m, 25.0)] = -1
    grown = _Growth([trunk.xy_m], [np.full(len(trunk.xy_m), -1)], [trunk_place], count=len(trunk.xy_m))
    occupancy = Occupancy(land.side_m)
    for t in (0.0, 0.5):
        points = trunk.xy_m[trunk.u] * (1 - t) + trunk.xy_m[trunk.v] * t
        occupancy.mark(points, trunk.u)
    occupancy.mark(trunk.xy_m, np.arange(len(trunk.xy_m)))
    wanted = places.dwellings * METRES_PER_DWELLING[places.kind] * slack
    have = np.zeros(len(wanted))
    wet_cells = _wet(land, occupancy)
    front = _first_front(trunk, trunk_place, places, rng)
    lanes = 0
    for _ in range(GENERATIONS):
        front = front.only(have[front.place] < wanted[front.place])
        if not len(front.node):
            break
        front.lane = np.arange(lanes, lanes + len(front.node))
        lanes += len(front.node)
        start = grown.count
        born = _grow_generation(land, places, grown, front, occupancy, wet_cells, wanted, have, rng)
        front = _next_front(grown, start, born, places, rng)
    return _streets(trunk, grown, places)


def _wet(land: Land, occupancy: Occupancy) -> Bools:
    index = np.arange(occupancy.cells**2)
    centre = np.column_stack([index % occupancy.cells - 0.5, index // occupancy.cells - 0.5]) * STEP_M
    near = np.flatnonzero(_near_box(land, centre))
    wet = np.zeros(len(index), dtype=bool)
    wet[near] = river_mask(land, centre[near], 16.0)
    return wet


def _near_box(land: Land, xy: Floats) -> Bools:
    x0, y0, x1, y1 = shapely.bounds(land.river)
    return np.asarray((xy[:, 0] > x0 - 50) & (xy[:, 0] < x1 + 50) & (xy[:, 1] > y0 - 50) & (xy[:, 1] < y1 + 50))


def _first_front(trunk: Streets, place: Ints, places: Places, rng: np.random.Generator) -> _Front:
    """Tips at right angles to the trunk roads inside settlements, on both sides."""
    node, first = np.unique(np.concatenate([trunk.u, trunk.v]), return_index=True)
    edge = first % len(trunk.u)
    along = trunk.xy_m[trunk.v[edge]] - trunk.xy_m[trunk.u[edge]]
    kind = places.kind[place[node]]
    inside = (place[node] >= 0) & (rng.random(len(node)) < np.where(kind == TOWN, 0.75, 0.6))
    node, along, kind = node[inside], along[inside], kind[inside]
    return _tips(node, np.arctan2(along[:, 1], along[:, 0]), np.full(len(node), -1), place[node], places, rng)


def _tips(node: Ints, along: Floats, mother: Ints, place: Ints, places: Places, rng: np.random.Generator) -> _Front:
    node, mother, place, along = np.repeat(node, 2), np.repeat(mother, 2), np.repeat(place, 2), np.repeat(along, 2)
    kind = places.kind[place]
    side = np.tile([-1.0, 1.0], len(node) // 2)
    heading = along + side * np.pi / 2 + rng.normal(0.0, 1.0, len(node)) * np.where(kind == TOWN, 0.02, 0.2)
    length = LONGEST_M[kind] * rng.uniform(0.25, 1.0, len(node))
    keep = rng.random(len(node)) < np.where(kind == TOWN, 0.9, 0.6)
    order = rng.permutation(np.flatnonzero(keep))  # no part of the map grows first
    return _Front(node, heading, np.zeros(len(node), dtype=np.int64), mother, place, length).only(order)


def _grow_generation(
    land: Land,
    places: Places,
    grown: _Growth,
    front: _Front,
    occupancy: Occupancy,
    wet: Bools,
    wanted: Floats,
    have: Floats,
    rng: np.random.Generator,
) -> list[tuple[Ints, Floats, int]]:
    """Grow all tips until each has stopped; returns (nodes, headings, age) of every step, for branching."""
    born: list[tuple[Ints, Floats, int]] = []
    position = np.concatenate(grown.xy)
    lane_of = np.concatenate(grown.lane)
    here = position[front.node]
    height = land.sample(here)
    while len(front.node):
        front.age += 1
        kind = places.kind[front.place]
        front.heading = front.heading + rng.normal(0.0, 1.0, len(front.node)) * TURN[kind]
        there = here + STEP_M * np.column_stack([np.cos(front.heading), np.sin(front.heading)])
        rise = land.sample(there)
        ahead = occupancy.around(there)
        foreign = (ahead >= 0) & (lane_of[ahead] != front.lane[:, None]) & (ahead != front.node[:, None])
        if front.age <= 2:
            foreign &= lane_of[ahead] != front.mother[:, None]
        blocked = foreign.any(axis=1)
        free = _free(land, places, there, front, occupancy, wet) & (np.abs(rise - height) < STEEPEST * STEP_M)
        joins = blocked & free & (front.age > 2) & (rng.random(len(free)) < JOINS[kind])
        _join(grown, front, here, ahead, foreign, joins, position)
        go = free & ~blocked & (front.left_m > 0) & (have[front.place] < wanted[front.place])
        front, here, height = front.only(go), there[go], rise[go]
        fresh = np.arange(grown.count, grown.count + len(here))
        _append(grown, front, fresh, here)
        occupancy.mark(here, fresh)
        position, lane_of = np.concatenate([position, here]), np.concatenate([lane_of, front.lane])
        np.add.at(have, front.place, STEP_M)
        front.node, front.left_m = fresh, front.left_m - STEP_M
        born.append((fresh, front.heading.copy(), front.age))
    return born


def _free(land: Land, places: Places, there: Floats, front: _Front, occupancy: Occupancy, wet: Bools) -> Bools:
    inside = ((there > 30.0) & (there < land.side_m - 30.0)).all(axis=1)
    away = np.hypot(*(there - places.xy_m[front.place]).T)
    return np.asarray(inside & (away < 1.3 * places.radius_m[front.place]) & ~wet[occupancy.cell(there)])


def _join(grown: _Growth, front: _Front, here: Floats, ahead: Ints, foreign: Bools, joins: Bools, position: Floats) -> None:
    """Tie tips that met another road to its nearest node."""
    rows = np.flatnonzero(joins)
    gap = np.hypot(*(position[ahead[rows]] - here[rows][:, None, :]).transpose(2, 0, 1))
    gap[~foreign[rows]] = np.inf
    target = ahead[rows, np.argmin(gap, axis=1)]
    grown.u.append(front.node[rows])
    grown.v.append(target)
    grown.edge_lane.append(front.lane[rows])
    grown.edge_place.append(front.place[rows])


def _append(grown: _Growth, front: _Front, fresh: Ints, here: Floats) -> None:
    grown.xy.append(here)
    grown.lane.append(front.lane)
    grown.place.append(front.place)
    grown.u.append(front.node)
    grown.v.append(fresh)
    grown.edge_lane.append(front.lane)
    grown.edge_place.append(front.place)
    grown.count += len(fresh)


def _next_front(
    grown: _Growth, start: int, born: list[tuple[Ints, Floats, int]], places: Places, rng: np.random.Generator
) -> _Front:
    """Tips at every few steps of the lanes just grown."""
    node = np.concatenate([b[0] for b in born])
    heading = np.concatenate([b[1] for b in born])
    age = np.concatenate([np.full(len(b[0]), b[2]) for b in born])
    place = np.concatenate(grown.place)[node]
    lane = np.concatenate(grown.lane)[node]
    kind = places.kind[place]
    branches = (age % BRANCH_STEPS[kind] == 0) & (rng.random(len(node)) < np.where(kind == TOWN, 0.9, 0.55))
    return _tips(node[branches], heading[branches], lane[branches], place[branches], places, rng)


def _streets(trunk: Streets, grown: _Growth, places: Places) -> tuple[Streets, Ints]:
    node_place = grown.place[0]
    trunk_edge_place = np.where(node_place[trunk.u] == node_place[trunk.v], node_place[trunk.u], -1)
    edge_place = np.concatenate([trunk_edge_place, *grown.edge_place])
    lane = np.concatenate([trunk.lane, *grown.edge_lane])
    u, v = np.concatenate([trunk.u, *grown.u]), np.concatenate([trunk.v, *grown.v])
    highway = np.full(len(u), RESIDENTIAL)
    highway[: len(trunk.u)] = trunk.highway
    lanes = np.arange(len(u)) >= len(trunk.u)
    highway[lanes & (places.kind[edge_place] != TOWN) & (lane % 3 != 0)] = SERVICE
    bridge = np.zeros(len(u), dtype=bool)
    bridge[: len(trunk.u)] = trunk.is_bridge
    return Streets(np.concatenate(grown.xy), u, v, highway, bridge, lane), edge_place
