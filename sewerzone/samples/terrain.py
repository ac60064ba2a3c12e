"""Synthetic terrain that drains: a dendritic valley network, flat valley floors, a plain for each town, a river.

A shortest-path tree over random costs gives the valleys; slopes that fall with the area drained (Flint's law)
give their long profiles, so the land has no pits and its valleys join as real ones do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage

from sewerzone.samples.grids import (
    Bools,
    Floats,
    Ints,
    accumulate,
    depths,
    graph,
    neighbour_pairs,
    noise,
    smooth,
    smoothstep,
    ways,
)

COARSE_M = 50.0
FINE_M = 10.0
BASE_ELEV_M = 12.0
STREAM_FROM_KM2 = 0.12


@dataclass(frozen=True, eq=False)
class Land:
    """Terrain on a coarse grid (row 0 in the south) for planning and a fine one (row 0 in the north) for output.

    Attributes
    ----------
    side_m : side of the square
    downstream : coarse cell each coarse cell drains to; the outlet drains to itself
    drained_km2 : area draining through each coarse cell
    elevation_m : coarse (cells, cells)
    slope : coarse, metres per metre
    fine_elevation_m : fine float32, row 0 in the north
    river : polygon of the main river
    town_cells : coarse cells of town centres, largest town first
    """

    side_m: float
    downstream: Ints
    drained_km2: Floats
    elevation_m: Floats
    slope: Floats
    fine_elevation_m: np.ndarray
    river: shapely.Geometry
    town_cells: Ints

    @property
    def cells(self) -> int:
        """Coarse cells along a side."""
        return len(self.elevation_m)

    def centres_m(self, cells: Ints) -> Floats:
        """Coordinates (n, 2) of the centres of coarse cells, from the south-western corner."""
        return np.column_stack([cells % self.cells + 0.5, cells // self.cells + 0.5]) * COARSE_M

    def above_stream_m(self) -> Floats:
        """Height of each coarse cell above the stream it drains to."""
        here = np.arange(self.cells**2)
        jump = np.where(self.drained_km2 > STREAM_FROM_KM2, here, self.downstream)
        while not np.array_equal(onward := jump[jump], jump):
            jump = onward
        height = self.elevation_m.ravel()
        return np.asarray(height - height[jump])

    def sample(self, xy_m: Floats) -> Floats:
        """Ground elevation (m) at points, bilinear on the fine grid."""
        column = xy_m[:, 0] / FINE_M - 0.5
        row = (self.side_m - xy_m[:, 1]) / FINE_M - 0.5
        grid = self.fine_elevation_m
        return np.asarray(ndimage.map_coordinates(grid, [row, column], order=1, mode="nearest", output=np.float64))


def make(side_m: float, town_radii_m: Floats, rng: np.random.Generator) -> Land:
    """Terrain of a square with a plain for each town.

    Parameters
    ----------
    side_m : multiple of 50 m
    town_radii_m : radius of each town, largest first
    """
    cells = round(side_m / COARSE_M)
    downstream, length_m = _drainage(cells, rng)
    drained = accumulate(downstream, np.full(cells * cells, (COARSE_M / 1000) ** 2))
    raw = _profiles(downstream, length_m, drained, rng).reshape(cells, cells)
    towns = _town_cells(drained, raw, town_radii_m, cells, rng)
    coarse = _with_floors(raw, drained.reshape(cells, cells), towns, town_radii_m, rng)
    u, xy, width_m = _river_course(downstream, drained, cells, rng)
    river = _river_polygon(u, downstream, xy, width_m)
    fine = _fine(coarse, rng)
    _carve(fine, u, downstream, xy, width_m)
    north_up = np.ascontiguousarray(fine[::-1]).astype(np.float32)
    block = round(COARSE_M / FINE_M)
    mean = fine.reshape(cells, block, cells, block).mean((1, 3))
    gy, gx = np.gradient(mean, COARSE_M)
    return Land(side_m, downstream, drained, mean, np.hypot(gx, gy), north_up, river, towns)


def _drainage(cells: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """The cell each cell drains to, and the metres to it; the outlet lies on the southern border."""
    u, v, length = neighbour_pairs(cells)
    cost = np.exp(0.9 * noise(cells, max(cells / 4.0, 8.0), 3.0, rng)) * rng.uniform(0.6, 1.4, (cells, cells))
    t = np.linspace(0.0, 1.0, 4 * cells)
    phase, bends = rng.uniform(0, 2 * np.pi), rng.uniform(1.2, 1.9)
    wander = 0.5 + 0.14 * np.sin(2 * np.pi * bends * t + phase) + (rng.uniform(-0.15, 0.15)) * (t - 0.5)
    stem_row = np.minimum((t * 0.86 * cells).astype(np.int64), cells - 1)
    stem_column = np.clip((wander * cells).astype(np.int64), 1, cells - 2)
    cost[stem_row, stem_column] *= 0.3
    flat = cost.ravel()
    outlet = int(stem_column[0])
    weight = length * (flat[u] + flat[v])
    _, downstream, _ = ways(graph(u, v, weight, cells * cells), outlet)
    downstream[outlet] = outlet
    here = np.arange(cells * cells)
    step = np.hypot(here % cells - downstream % cells, here // cells - downstream // cells) * COARSE_M
    return downstream, step


def _profiles(downstream: Ints, length_m: Floats, drained_km2: Floats, rng: np.random.Generator) -> Floats:
    """Elevation of every cell by adding up slopes from the outlet."""
    slope = np.clip(0.036 * drained_km2**-0.45, 0.0022, 0.42) * rng.uniform(0.75, 1.25, len(downstream))
    elevation = BASE_ELEV_M + depths(downstream, slope * length_m)
    cells = round(np.sqrt(len(downstream)))
    grid = elevation.reshape(cells, cells)
    for _ in range(14):  # cliffs where two valleys of unlike height meet crumble to 27 degrees
        lowest = ndimage.minimum_filter(grid, footprint=[[0, 1, 0], [1, 1, 1], [0, 1, 0]], mode="nearest")
        grid = np.minimum(grid, lowest + 0.5 * COARSE_M)
    return grid.ravel()


def _town_cells(drained: Floats, raw: Floats, radii_m: Floats, cells: int, rng: np.random.Generator) -> Ints:
    """A stretch of large valley for each town, away from borders and from one another."""
    total = drained.max()
    candidates = np.flatnonzero(drained > 0.12 * total)
    x, y = candidates % cells, candidates // cells
    height = raw.ravel()[candidates]
    likes = np.exp(-2.0 * (height - height.min()) / (np.ptp(height) + 1.0)) * rng.uniform(0.9, 1.1, len(candidates))
    chosen: list[int] = []
    reach = np.full(len(candidates), np.inf)  # cells to the edge of the nearest town so far
    for radius in radii_m / COARSE_M:
        rim = np.minimum.reduce([x, y, cells - 1 - x, cells - 1 - y]) - 1.35 * radius
        score = likes + 0.5 * np.minimum(rim, 0.0) / radius + np.minimum(reach / radius - 1.5, 0.0)
        best = int(np.argmax(score))
        aside = round(0.45 * radius)  # a town lies on one bank, its far quarter on the other
        sides = [candidates[best] + k for k in (-aside, aside)]
        chosen.append(int(min(sides, key=lambda c: raw.ravel()[c])))
        reach = np.minimum(reach, np.hypot(x - x[best], y - y[best]) - radius)
    return np.array(chosen, dtype=np.int64)


def _with_floors(raw: Floats, drained: Floats, towns: Ints, radii_m: Floats, rng: np.random.Generator) -> Floats:
    """Terrain with flat floors along streams, wider with the area drained, and a plain round each town."""
    cells = len(raw)
    softened = ndimage.gaussian_filter(raw, 1.0, mode="nearest")
    stream = drained > STREAM_FROM_KM2
    distance, (row, column) = ndimage.distance_transform_edt(~stream, return_indices=True)
    away_m = distance * COARSE_M
    stream_elev = raw[row, column]
    half_width = np.clip(70.0 * drained[row, column] ** 0.4, 25.0, 700.0) * np.exp(0.35 * noise(cells, cells / 3.0, 3.0, rng))
    t = smoothstep((away_m - half_width) / (half_width + 2.0 * COARSE_M))
    floor = np.minimum(stream_elev + 0.012 * away_m, softened)
    out = floor * (1.0 - t) + np.maximum(softened, floor) * t
    trunk = drained > 0.12 * drained.max()
    trunk_m, (row, column) = ndimage.distance_transform_edt(~trunk, return_indices=True)
    plain = raw[row, column] + 0.008 * trunk_m * COARSE_M
    grid_row, grid_column = np.mgrid[0:cells, 0:cells]
    for cell, radius_m in zip(towns, radii_m, strict=True):
        away = np.hypot(grid_row - cell // cells, grid_column - cell % cells) * COARSE_M
        t = smoothstep((away * np.exp(0.12 * noise(cells, 24.0, 3.0, rng)) - 1.05 * radius_m) / (0.5 * radius_m + 100.0))
        out = np.minimum(plain, out) * (1.0 - t) + out * t
    return np.asarray(ndimage.gaussian_filter(out, 0.7, mode="nearest"), np.float64)


def _river_course(downstream: Ints, drained: Floats, cells: int, rng: np.random.Generator) -> tuple[Ints, Floats, Floats]:
    """Cells of the river, smooth coordinates (m) and width (m) for all cells."""
    u = np.flatnonzero(drained > min(0.2 * drained.max(), 40.0))
    here = np.arange(cells * cells)
    xy = np.column_stack([here % cells + 0.5, here // cells + 0.5]) * COARSE_M
    xy[u] += rng.uniform(-18.0, 18.0, (len(u), 2))
    links = u[downstream[u] != u]
    outlet = u[downstream[u] == u]
    xy = smooth(xy, links, downstream[links], 6)
    xy[outlet, 1] = 0.0
    width = np.clip(6.0 * drained**0.42, 6.0, 90.0)
    return links, xy, width


def _river_polygon(u: Ints, downstream: Ints, xy: Floats, width_m: Floats) -> shapely.Geometry:
    lines = shapely.linestrings(np.stack([xy[u], xy[downstream[u]]], axis=1))
    return shapely.simplify(shapely.union_all(shapely.buffer(lines, width_m[u] / 2, quad_segs=3)), 0.5)


def _fine(coarse: Floats, rng: np.random.Generator) -> Floats:
    """The coarse terrain on the fine grid (row 0 in the south) with roughness that grows with slope."""
    block = round(COARSE_M / FINE_M)
    fine = ndimage.zoom(coarse, block, order=3, mode="nearest", grid_mode=True)
    gy, gx = np.gradient(coarse, COARSE_M)
    steep = ndimage.zoom(np.hypot(gx, gy), block, order=1, mode="nearest", grid_mode=True)
    tile = noise(512, 40.0, 3.2, rng)
    copies = -(-len(fine) // 512)
    rough = np.tile(tile, (copies, copies))[: len(fine), : len(fine)]
    return np.asarray(fine + rough * (0.12 + 9.0 * np.clip(steep - 0.03, 0.0, 0.3)))


def _carve(fine: Floats, u: Ints, downstream: Ints, xy: Floats, width_m: Floats) -> None:
    """Sink the river bed 1.5–3 m into the fine grid, in place."""
    along = np.linspace(0.0, 1.0, 12)[None, :, None]
    across = np.linspace(-0.5, 0.5, 9)[None, None, :]
    a, b = xy[u], xy[downstream[u]]
    direction = (b - a) / np.maximum(np.hypot(*(b - a).T), 1e-9)[:, None]
    normal = np.column_stack([-direction[:, 1], direction[:, 0]])
    points = [
        (a[:, k, None, None] + (b - a)[:, k, None, None] * along + normal[:, k, None, None] * across * width_m[u, None, None])
        for k in (0, 1)
    ]
    last = len(fine) - 1
    column = np.clip((points[0] / FINE_M).astype(np.int64), 0, last).ravel()
    row = np.clip((points[1] / FINE_M).astype(np.int64), 0, last).ravel()
    cells = np.unique(row * len(fine) + column)
    fine.ravel()[cells] -= 1.5 + np.minimum(width_m[u].mean() / 30.0, 1.5)


def river_mask(land: Land, xy_m: Floats, margin_m: float) -> Bools:
    """Whether points lie within ``margin_m`` of the river."""
    near = shapely.buffer(land.river, margin_m)
    shapely.prepare(near)
    return np.asarray(shapely.contains_xy(near, xy_m[:, 0], xy_m[:, 1]))
