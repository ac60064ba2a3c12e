"""Buildings beside the lanes: rotated rectangles that touch neither one another nor a road."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sewerzone.samples.grids import Bools, Floats, Ints, independent
from sewerzone.samples.places import FARM, HAMLET, TOWN, VILLAGE, Places, Streets
from sewerzone.samples.terrain import Land

Texts = NDArray[np.object_]
SLOT_M = 12.5
FILLED = np.array([0.93, 0.75, 0.65, 0.6])
ROAD_HALF_M = np.array([4.5, 4.0, 3.5, 2.8, 2.2, 2.4, 2.0])
STEEPEST = 0.28
GAP_M = 0.8

HOUSE, APARTMENTS, RETAIL, OFFICE, SCHOOL, SHRINE, INDUSTRIAL, SHED, CARPORT, WAREHOUSE = range(10)
USES: Texts = np.array(
    ["house", "apartments", "retail", "office", "school", "shrine", "industrial", "shed", "carport", "warehouse"], dtype=object
)
CHANCES = {
    TOWN: {HOUSE: 0.85, APARTMENTS: 0.045, RETAIL: 0.055, OFFICE: 0.02, SCHOOL: 0.002, SHRINE: 0.006, INDUSTRIAL: 0.022},
    VILLAGE: {HOUSE: 0.945, APARTMENTS: 0.004, RETAIL: 0.012, SCHOOL: 0.004, SHRINE: 0.015, INDUSTRIAL: 0.02},
    HAMLET: {HOUSE: 0.99, SHRINE: 0.01},
    FARM: {HOUSE: 1.0},
}
SIZES_M = np.array(  # least and largest width along the road, then depth
    [
        [7.5, 11.5, 6.5, 9.5], [16.0, 30.0, 9.0, 11.0], [10.0, 24.0, 9.0, 18.0], [11.0, 22.0, 9.0, 15.0],
        [40.0, 60.0, 12.0, 16.0], [6.0, 12.0, 6.0, 11.0], [16.0, 40.0, 12.0, 24.0],
        [2.5, 5.0, 2.2, 3.8], [2.8, 5.6, 5.0, 5.6], [6.0, 13.0, 5.0, 9.0],
    ]
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Houses:
    """Rectangles: centre (n, 2), width along and depth across ``heading`` (radians), with use, storeys and dwellings.

    ``place`` is the settlement, ``edge`` the road edge it faces; ``host`` the house a shed or carport belongs to (else itself).
    """

    xy_m: Floats
    width_m: Floats
    depth_m: Floats
    heading: Floats
    use: Ints
    storeys: Ints
    dwellings: Ints
    place: Ints
    edge: Ints
    host: Ints

    def only(self, keep: Ints) -> Houses:
        """These rows, in this order; hosts renumbered (a host must be among them)."""
        number = np.full(len(self.use), -1, dtype=np.int64)
        number[keep] = np.arange(len(keep))
        return Houses(
            self.xy_m[keep], self.width_m[keep], self.depth_m[keep], self.heading[keep], self.use[keep],
            self.storeys[keep], self.dwellings[keep], self.place[keep], self.edge[keep], number[self.host[keep]],
        )  # fmt: skip

    def corners(self, margin_m: float = 0.0) -> Floats:
        """Corners (n, 4, 2), counter-clockwise, of the rectangles grown by a margin."""
        half_w, half_d = self.width_m / 2 + margin_m, self.depth_m / 2 + margin_m
        along = np.column_stack([np.cos(self.heading), np.sin(self.heading)])
        across = np.column_stack([-along[:, 1], along[:, 0]])
        signs = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        return np.asarray(
            self.xy_m[:, None, :]
            + signs[None, :, :1] * (along * half_w[:, None])[:, None, :]
            + signs[None, :, 1:] * (across * half_d[:, None])[:, None, :]
        )


def build(
    land: Land, places: Places, streets: Streets, edge_place: Ints, closed: shapely.Geometry, rng: np.random.Generator
) -> Houses:
    """All buildings the roads have room for outside ``closed`` ground, sheds and carports after their houses."""
    main = _slots(places, streets, edge_place, rng)
    main = _fitting(main, land, streets, closed)
    small = _outbuildings(main, places, rng)
    both = _joined(main, small)
    return _fitting(both, land, streets, closed, len(main.use))


def choose(houses: Houses, places: Places, dwellings: int, full_towns: bool, rng: np.random.Generator) -> Houses | None:
    """Of all buildings those nearest the settlement centres, with exactly ``dwellings``; None where there is no room.

    Each settlement takes what it wants as far as it goes; what is lacking is made up elsewhere, but with
    ``full_towns`` not more than a twentieth of what the towns want.
    """
    away = np.hypot(*(houses.xy_m - places.xy_m[houses.place]).T) / places.radius_m[houses.place]
    own = houses.host == np.arange(len(houses.use))
    main = np.flatnonzero(own)
    room = np.bincount(houses.place, weights=houses.dwellings, minlength=len(places.kind))
    towns = places.kind == TOWN
    short = np.minimum(room, places.dwellings)[towns].sum() < 0.95 * places.dwellings[towns].sum()
    if room.sum() < dwellings or (full_towns and short):
        return None
    order = main[np.lexsort((main, away[main] * rng.uniform(0.8, 1.2, len(main)), houses.place[main]))]
    place = houses.place[order]
    so_far = np.cumsum(houses.dwellings[order])
    first = np.concatenate([[True], place[1:] != place[:-1]])
    before = np.maximum.accumulate(np.where(first, so_far - houses.dwellings[order], 0))
    surplus = (so_far - before) / places.dwellings[place]
    final = order[np.lexsort((order, np.maximum(surplus, 1.0)))]  # those wanted, then the least superfluous
    total = np.cumsum(houses.dwellings[final])
    last = int(np.searchsorted(total, dwellings))
    taken = final[: last + 1]
    over = int(total[last]) - dwellings
    count = houses.dwellings.copy()
    count[taken[-1]] -= over
    keep = np.flatnonzero(np.isin(houses.host, taken))
    return replace(houses, dwellings=count).only(keep)


def _slots(places: Places, streets: Streets, edge_place: Ints, rng: np.random.Generator) -> Houses:
    """A building for each filled slot on both sides of each road edge inside a settlement."""
    edge = np.flatnonzero((edge_place >= 0) & ~streets.is_bridge)
    a, b = streets.xy_m[streets.u[edge]], streets.xy_m[streets.v[edge]]
    length = np.hypot(*(b - a).T)
    slots = np.maximum(1, np.round(length / SLOT_M).astype(np.int64))
    row = np.repeat(np.arange(len(edge)), 2 * slots)
    number = np.arange(len(row)) - np.repeat(np.cumsum(2 * slots) - 2 * slots, 2 * slots)
    place = edge_place[edge[row]]
    kind = places.kind[place]
    filled = rng.random(len(row)) < FILLED[kind]
    row, number, place, kind = row[filled], number[filled], place[filled], kind[filled]
    use = _uses(kind, streets.highway[edge[row]] <= 2, rng)
    size = SIZES_M[use]
    roomy = np.where((kind != TOWN) & (use == HOUSE), rng.uniform(1.0, 1.45, len(use)), 1.0)
    width = (size[:, 0] + (size[:, 1] - size[:, 0]) * rng.random(len(use))) * roomy
    depth = (size[:, 2] + (size[:, 3] - size[:, 2]) * rng.random(len(use))) * roomy
    side = np.where(number % 2 == 0, 1.0, -1.0)
    along = (b - a)[row] / length[row][:, None]
    at = ((number // 2) + rng.uniform(0.35, 0.65, len(row))) / slots[row]
    yard = np.where(kind == TOWN, rng.uniform(0.8, 3.0, len(row)), rng.uniform(1.5, 9.0, len(row)))
    setback = side * (ROAD_HALF_M[streets.highway[edge[row]]] + yard + depth / 2)
    normal = np.column_stack([-along[:, 1], along[:, 0]])
    xy = a[row] + (b - a)[row] * at[:, None] + normal * setback[:, None]
    heading = np.arctan2(along[:, 1], along[:, 0]) + rng.normal(0.0, 1.0, len(row)) * np.where(kind == TOWN, 0.02, 0.09)
    storeys, dwellings = _storeys(use, width, kind, rng)
    return Houses(xy, width, depth, heading, use, storeys, dwellings, place, edge[row], np.arange(len(row)))


def _uses(kind: Ints, on_main_road: Bools, rng: np.random.Generator) -> Ints:
    """Use of each building by the chances of its settlement; shops and offices keep to main roads."""
    draw = rng.random(len(kind))
    out = np.full(len(kind), HOUSE)
    for settlement, chances in CHANCES.items():
        rows = kind == settlement
        steps = np.cumsum(list(chances.values()))
        picked = np.array(list(chances))[np.minimum(np.searchsorted(steps, draw * steps[-1]), len(steps) - 1)]
        out[rows] = picked[rows]
    shops = np.isin(out, (RETAIL, OFFICE))
    out[shops & ~on_main_road & (rng.random(len(kind)) < 0.7)] = HOUSE
    out[(out == HOUSE) & on_main_road & (kind == TOWN) & (rng.random(len(kind)) < 0.25)] = RETAIL
    return out


def _storeys(use: Ints, width: Floats, kind: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    draw = rng.random(len(use))
    storeys = np.where(draw < 0.78, 2, np.where(draw < 0.95, 1, 3))
    flats = np.where(kind == TOWN, 2 + (draw * 4).astype(np.int64), 2)
    storeys = np.where(use == APARTMENTS, flats, storeys)
    storeys = np.where(use == SCHOOL, 3, np.where(np.isin(use, (SHRINE, INDUSTRIAL)), 1, storeys))
    homes = np.where(use == HOUSE, 1, np.where(use == APARTMENTS, storeys * np.maximum(1, (width / 7.0).astype(np.int64)), 0))
    return storeys.astype(np.int64), homes.astype(np.int64)


def _outbuildings(main: Houses, places: Places, rng: np.random.Generator) -> Houses:
    """Sheds, carports and farm stores beside or behind houses."""
    rural = places.kind[main.place] != TOWN
    draw = rng.random(len(main.use))
    use = np.where(
        draw < np.where(rural, 0.38, 0.14), SHED,
        np.where(draw < np.where(rural, 0.5, 0.26), CARPORT, np.where(rural & (draw < 0.62), WAREHOUSE, -1)),
    )  # fmt: skip
    host = np.flatnonzero((use >= 0) & (main.use == HOUSE))
    use = use[host]
    size = SIZES_M[use]
    width = size[:, 0] + (size[:, 1] - size[:, 0]) * rng.random(len(host))
    depth = size[:, 2] + (size[:, 3] - size[:, 2]) * rng.random(len(host))
    along = np.column_stack([np.cos(main.heading[host]), np.sin(main.heading[host])])
    across = np.column_stack([-along[:, 1], along[:, 0]])
    behind = rng.random(len(host)) < 0.5
    side = np.where(rng.random(len(host)) < 0.5, -1.0, 1.0)
    gap = 1.0 + rng.uniform(0.0, 1.5, len(host))
    off_along = np.where(behind, rng.uniform(-0.4, 0.4, len(host)) * main.width_m[host], (main.width_m[host] + width) / 2 + gap)
    off_across = np.where(
        behind, (main.depth_m[host] + depth) / 2 + gap, rng.uniform(-0.3, 0.3, len(host)) * main.depth_m[host]
    )
    xy = main.xy_m[host] + along * (off_along * np.where(behind, 1.0, side))[:, None] + across * (off_across * side)[:, None]
    one, none = np.ones(len(host), dtype=np.int64), np.zeros(len(host), dtype=np.int64)
    return Houses(xy, width, depth, main.heading[host], use, one, none, main.place[host], main.edge[host], host)


def _joined(main: Houses, small: Houses) -> Houses:
    names = ("xy_m", "width_m", "depth_m", "heading", "use", "storeys", "dwellings", "place", "edge", "host")
    return Houses(**{n: np.concatenate([getattr(main, n), getattr(small, n)]) for n in names})


def _fitting(houses: Houses, land: Land, streets: Streets, closed: shapely.Geometry, standing: int = 0) -> Houses:
    """Only buildings on open, not too steep ground inside the area, clear of roads and of those before them.

    The first ``standing`` rows have passed before and stay.
    """
    new = np.arange(standing, len(houses.use))
    corners = houses.corners()[new]
    ground = land.sample(corners.reshape(-1, 2)).reshape(-1, 4)
    reach = np.hypot(houses.width_m, houses.depth_m)[new]
    good = ((corners > 10.0) & (corners < land.side_m - 10.0)).all(axis=(1, 2))
    good &= np.ptp(ground, axis=1) < STEEPEST * reach + 0.8
    shapely.prepare(closed)
    good &= ~shapely.contains_xy(closed, *houses.xy_m[new].T)
    left = np.flatnonzero(good)
    good[left] = ~_on_roads(houses.corners(1.5)[new[left]], streets)
    ok = np.ones(len(houses.use), dtype=bool)
    ok[new] = good
    ok &= ok[houses.host]
    i, j = _overlapping(houses, np.flatnonzero(ok))
    kept = independent(len(ok), i, j, np.arange(len(ok))) & ok
    return houses.only(np.flatnonzero(kept & kept[houses.host]))


def _on_roads(corners: Floats, streets: Streets) -> Bools:
    """Which rectangles a road runs through."""
    ends = np.stack([streets.xy_m[streets.u], streets.xy_m[streets.v]], axis=1)
    lines = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, ends.reshape(-1, 2), (2 * np.arange(len(ends) + 1),)
    )  # fmt: skip
    hit, _ = shapely.STRtree(lines).query(rectangles(corners), predicate="intersects")
    out = np.zeros(len(corners), dtype=bool)
    out[hit] = True
    return out


def rectangles(corners: Floats) -> NDArray[np.object_]:
    """Polygons of (n, 4, 2) corners."""
    rings = np.concatenate([corners, corners[:, :1]], axis=1).reshape(-1, 2)
    count = np.arange(len(corners) + 1)
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, rings, (5 * count, count)), dtype=object)


def _overlapping(houses: Houses, rows: Ints) -> tuple[Ints, Ints]:
    """Pairs of buildings closer than the least gap, by the separating-axis test."""
    reach = np.hypot(houses.width_m, houses.depth_m) / 2 + GAP_M
    large = reach[rows] > 9.5
    tree = cKDTree(houses.xy_m[rows])
    pairs = tree.query_pairs(19.0, output_type="ndarray").astype(np.int64)
    big = np.flatnonzero(large)
    if len(big):
        widest = float(reach[rows].max())
        near = tree.query_ball_point(houses.xy_m[rows[big]], reach[rows[big]] + widest)
        a = np.repeat(big, [len(n) for n in near])
        b = np.concatenate(near).astype(np.int64)
        pairs = np.concatenate([pairs, np.column_stack([np.minimum(a, b), np.maximum(a, b)])[a != b]])
    i, j = rows[pairs[:, 0]], rows[pairs[:, 1]]
    close = np.hypot(*(houses.xy_m[i] - houses.xy_m[j]).T) < reach[i] + reach[j]
    i, j = np.divmod(np.unique(i[close] * len(reach) + j[close]), len(reach))
    corners = houses.corners(GAP_M / 2)
    for which in (0, 1):
        for turn in (0.0, np.pi / 2):
            heading = houses.heading[(i, j)[which]] + turn
            axis = np.column_stack([np.cos(heading), np.sin(heading)])
            one = np.einsum("nkd,nd->nk", corners[i], axis)
            other = np.einsum("nkd,nd->nk", corners[j], axis)
            meet = (one.min(1) < other.max(1)) & (other.min(1) < one.max(1))
            i, j = i[meet], j[meet]
    return i, j
