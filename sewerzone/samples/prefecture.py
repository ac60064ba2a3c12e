"""A synthetic prefecture: towns of all sizes on squares side by side, roads and ground joined, borders that cut through them.

Squares are made from their own numbers, so they may be made in any order and by several processes. Where there are many,
those of like size show the same town, each mirrored in another way: making towns is what takes long. Borders of municipalities
wind along the seams of the squares, now on one side, now on the other, and part villages as real ones do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sewerzone.errors import ConfigError, counted, problem
from sewerzone.formats.codes import with_check_digit
from sewerzone.model import Terrain
from sewerzone.samples import terrain as ground
from sewerzone.samples.districts import HEADS, TAILS
from sewerzone.samples.grids import Floats, Ints, smoothstep
from sewerzone.samples.town import CORNER_M, CRS_TEXT, DWELLINGS_PER_KM2, LEAST, MOST, Sample, town

PREFECTURE, PREFECTURE_CODE = "見本県", "22"
CITY_SQUARES = 2
"""Squares along a side of the largest city, where there are many municipalities."""
CITY_FROM = 12
ALIKE, MIRRORED = 0.8, 4
"""Squares whose sizes differ by no more than this factor may show one town; so many, for it can be mirrored both ways."""
RANK_EXPONENT = 0.95
"""Dwellings of municipalities fall with rank to this power, as in most prefectures."""
CITY_DWELLINGS, TOWN_DWELLINGS = 15_000, 1_500
"""From which a municipality is called a city, and a town rather than a village."""
WIND_SHARE, WIND_MOST_M = 0.2, 1_500.0
"""How far borders stray from the seams: a share of the square's side, but no more than this."""
BORDER_POINTS = 40
SEAM_M = 1_500.0
"""Width of the strip on both sides of a seam in which the ground of one square passes into that of the next."""
ROAD_EVERY_M, ROAD_REACH_M, ROAD_MOST_M = 2_500.0, 1_500.0, 2_000.0
"""Roads across a seam: one in each such stretch, between road ends so near the seam, no longer than that."""


class Layout(NamedTuple):
    """Which square is whose.

    Attributes
    ----------
    seed : of the whole
    side_m : of every square
    column, row : (n,) place of each square, from the south-western one
    dwellings : (n,) of each
    municipality : (n,) its municipality
    shows : (n,) the square whose town it shows; its own where it is the first or only one of its size
    mirror : (n,) 0 as made, 1 east to west, 2 north to south, 3 both
    codes, names, counties : (m,) of the municipalities; a city has no county
    """

    seed: int
    side_m: float
    column: Ints
    row: Ints
    dwellings: Ints
    municipality: Ints
    shows: Ints
    mirror: Ints
    codes: list[str]
    names: list[str]
    counties: list[str | None]

    def corner_m(self, square: int) -> tuple[float, float]:
        """South-western corner of a square."""
        return (
            CORNER_M[0] + float(self.column[square]) * self.side_m,
            CORNER_M[1] + float(self.row[square]) * self.side_m,
        )

    def seams(self) -> list[tuple[int, int, bool]]:
        """Pairs of squares side by side: west and east (True), or south and north of the seam."""
        at = {(int(c), int(r)): k for k, (c, r) in enumerate(zip(self.column, self.row, strict=True))}
        east = [(k, at[c + 1, r], True) for (c, r), k in at.items() if (c + 1, r) in at]
        north = [(k, at[c, r + 1], False) for (c, r), k in at.items() if (c, r + 1) in at]
        return east + north


def lay_out(dwellings: int, municipalities: int, seed: int = 1) -> Layout:
    """Squares, their dwellings and municipalities; one of two squares by two for the largest of many.

    Raises
    ------
    ConfigError : fewer than 2 municipalities, or towns too small or too large
    """
    many = municipalities >= CITY_FROM
    squares = municipalities + (CITY_SQUARES**2 - 1 if many else 0)
    _check(dwellings, municipalities, seed)
    rng = np.random.default_rng([seed, dwellings, municipalities])
    weight = np.arange(1, municipalities + 1, dtype=np.float64) ** -RANK_EXPONENT * rng.uniform(0.85, 1.15, municipalities)
    weight = np.sort(weight)[::-1] / weight.sum()
    columns = int(np.ceil(np.sqrt(squares)))
    place = np.arange(-(-squares // columns) * columns)
    column, row = place % columns, place // columns
    owner = np.full(len(place), -1)
    if many:
        middle = np.array([columns // 2, max(row.max() // 2, 1)])
        owner[(np.abs(column - middle[0] + 0.5) < 1) & (np.abs(row - middle[1] + 0.5) < 1)] = 0
    free = np.flatnonzero(owner < 0)[: squares - (owner == 0).sum()]
    first = int(many)
    owner[free] = first + rng.permutation(municipalities - first)
    there = np.flatnonzero(owner >= 0)
    column, row, owner = column[there], row[there], owner[there]
    share = weight[owner] / np.bincount(owner)[owner]
    size = np.maximum(np.floor(share * dwellings), LEAST).astype(np.int64)
    shows, mirror = _alike(size) if many else (np.arange(len(size)), np.zeros(len(size), np.int64))
    size = np.bincount(shows, weights=size, minlength=len(size))[shows].astype(np.int64) // np.bincount(shows)[shows]
    size[np.argmax(size)] += dwellings - size.sum()
    side = max(np.sqrt(dwellings / squares / DWELLINGS_PER_KM2) * 1000.0, 1200.0)
    side_m = float(np.ceil(side / ground.COARSE_M) * ground.COARSE_M)
    codes, names, counties = _called(np.bincount(owner, weights=size).astype(np.float64), rng)
    return Layout(seed, side_m, column, row, size, owner.astype(np.int64), shows, mirror, codes, names, counties)


def _alike(size: Ints) -> tuple[Ints, Ints]:
    """Which square's town each square shows, and how it is mirrored; the largest square is alone."""
    shows, mirror = np.arange(len(size)), np.zeros(len(size), dtype=np.int64)
    order = np.lexsort((shows, -size))
    first, count = order[0], MIRRORED
    for k in order[1:]:
        if count == MIRRORED or size[k] < ALIKE * size[first]:
            first, count = k, 0
        shows[k], mirror[k] = first, count
        count += 1
    return shows, mirror


def _check(dwellings: int, municipalities: int, seed: int) -> None:
    if municipalities < 2 or seed < 0:
        raise ConfigError(
            problem(
                f"a prefecture of {counted(municipalities, 'municipality', 'municipalities')} with seed {seed} is not possible",
                "it has at least two, and random numbers start from whole numbers from 0",
                "give other numbers; without --municipalities one town is written",
            )
        )
    least, most = LEAST * 4 * municipalities, MOST * municipalities // 4
    if not least <= dwellings <= most:
        raise ConfigError(
            problem(
                f"{dwellings:,} dwellings in {municipalities:,} municipalities are not possible; {least:,} to {most:,} are",
                "the smallest would be no village, or the largest would not fit into memory",
                "choose other numbers",
            )
        )


def _called(dwellings: Floats, rng: np.random.Generator) -> tuple[list[str], list[str], list[str | None]]:
    """Codes, names and counties as in N03: cities from 201, towns and villages from 301, by counties of four."""
    stems = rng.permutation([h + t for h in HEADS for t in TAILS if h != t])[: 2 * len(dwellings)]
    codes: list[str] = []
    names: list[str] = []
    counties: list[str | None] = []
    cities = towns = 0
    for k, count in enumerate(dwellings):
        if count >= CITY_DWELLINGS or k == 0:
            cities += 1
            codes.append(f"{PREFECTURE_CODE}{200 + cities}")
            names.append(f"{stems[k]}市")
            counties.append(None)
        else:
            codes.append(f"{PREFECTURE_CODE}{301 + 20 * (towns // 4) + towns % 4}")
            names.append(f"{stems[k]}{'町' if count >= TOWN_DWELLINGS else '村'}")
            counties.append(f"{stems[len(dwellings) + towns // 4]}郡")
            towns += 1
    return codes, names, counties


def squares(layout: Layout, shown: int) -> Iterator[tuple[int, Sample]]:
    """The squares that show one town, by number, each in its place; ids of the buildings of each count from 1."""
    made = town(int(layout.dwellings[shown]), layout.seed * 1_000 + shown, layout.side_m)
    for number in np.flatnonzero(layout.shows == shown).tolist():
        yield number, _placed(made, layout, number)


def _placed(made: Sample, layout: Layout, number: int) -> Sample:
    """A town mirrored and moved to its square."""
    is_mirrored = (layout.mirror[number] & np.array([1, 2])) > 0  # east to west, north to south
    sign = np.where(is_mirrored, -1.0, 1.0)
    start = np.array(layout.corner_m(number)) + np.where(is_mirrored, layout.side_m, 0.0)

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = np.asarray(frame.geometry.array)
        shapes = shapely.transform(shapes, lambda xy: np.round(start + sign * (xy - CORNER_M), 2))
        if is_mirrored.sum() == 1:
            shapes = shapely.reverse(shapes)  # so that polygons run the same way round as before
        return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=CRS_TEXT))

    a, b, _, d, e, _ = made.terrain.transform
    west, south = layout.corner_m(number)
    along = (slice(None, None, -1 if is_mirrored[1] else 1), slice(None, None, -1 if is_mirrored[0] else 1))
    grid = np.ascontiguousarray(made.terrain.elevation_m[along])
    return replace(
        made,
        buildings=moved(made.buildings), roads=moved(made.roads), served_areas=moved(made.served_areas),
        districts=moved(made.districts), barriers=moved(made.barriers), plants=moved(made.plants),
        terrain=Terrain(grid, (a, b, west, d, e, south + layout.side_m), made.terrain.crs, made.terrain.study_crs),
    )  # fmt: skip


def road_ends(roads: gpd.GeoDataFrame) -> Floats:
    """(n, 2) ends of roads that others may join: no motorways, bridges or tunnels."""
    open_ = (roads["highway"] != "motorway") & roads["bridge"].isna() & roads["tunnel"].isna()
    lines = np.asarray(roads.geometry.array)[open_.to_numpy()]
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)])
    return np.asarray(np.unique(ends, axis=0), np.float64)


def joining_roads(layout: Layout, ends: list[Floats]) -> gpd.GeoDataFrame:
    """Roads across the seams, each from an end of a road on one side to the nearest on the other."""
    lines: list[Floats] = []
    for one, other, is_east in layout.seams():
        along, across = (1, 0) if is_east else (0, 1)
        seam = layout.corner_m(other)[across]
        start = layout.corner_m(other)[along]
        a, b = (p[np.abs(p[:, across] - seam) < ROAD_REACH_M] for p in (ends[one], ends[other]))
        if not len(a) or not len(b):
            continue
        found = cKDTree(b).query(a)
        gap, nearest = np.asarray(found[0]), np.asarray(found[1])
        stretch = ((a[:, along] - start) // ROAD_EVERY_M).astype(np.int64)
        order = np.lexsort((a[:, 1], a[:, 0], gap, stretch))
        best = order[np.unique(stretch[order], return_index=True)[1]]
        best = best[gap[best] < ROAD_MOST_M]
        lines += [np.stack([a[k], b[nearest[k]]]) for k in best]
    shapes = np.asarray(shapely.linestrings(np.array(lines)) if lines else [], dtype=object)
    data = {"highway": ["tertiary"] * len(lines), "bridge": pd.Series([None] * len(lines), dtype=object)}
    return gpd.GeoDataFrame({**data, "tunnel": data["bridge"]}, geometry=shapes, crs=CRS_TEXT)


def join_ground(one: NDArray[np.float32], other: NDArray[np.float32], is_east: bool) -> None:
    """Let the ground of two squares (row 0 in the north) meet half-way at their seam, in place."""
    cells = min(round(SEAM_M / ground.FINE_M), one.shape[0] // 3)
    near, far = (one.T[::-1], other.T) if is_east else (one, other[::-1])  # row 0 at the seam, on both sides
    half = (far[0].astype(np.float64) - near[0]) / 2.0
    fade = 1.0 - smoothstep((np.arange(cells) + 0.5) / cells)
    near[:cells] = np.round(near[:cells] + fade[:, None] * half, 2)
    far[:cells] = np.round(far[:cells] - fade[:, None] * half, 2)


def boundaries(layout: Layout) -> gpd.GeoDataFrame:
    """The municipalities with columns as in KSJ N03; neighbours share every vertex of their border."""
    rng = np.random.default_rng([layout.seed, 3])
    columns, rows = int(layout.column.max()) + 2, int(layout.row.max()) + 2
    most = min(WIND_SHARE * layout.side_m, WIND_MOST_M)
    post = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1) * layout.side_m + CORNER_M
    stray = rng.uniform(-most, most, post.shape) * 0.4
    bent = {key: _wind(most, rng) for key in np.ndindex(rows, columns, 2)}
    whose = {(int(r), int(c)): int(m) for r, c, m in zip(layout.row, layout.column, layout.municipality, strict=True)}
    for r, c in np.ndindex(rows, columns):  # posts on the outer rim stand straight, so that no building lies outside
        if not all((r - i, c - k) in whose for i in (0, 1) for k in (0, 1)):
            stray[r, c] = 0.0
    post = post + stray

    def border(r: int, c: int, is_east: bool) -> Floats:
        """From a post to the next one east or north of it."""
        a, b = post[r, c], post[r, c + 1] if is_east else post[r + 1, c]
        inner = whose.keys() >= ({(r - 1, c), (r, c)} if is_east else {(r, c - 1), (r, c)})
        t = np.linspace(0.0, 1.0, BORDER_POINTS + 1)[:, None]
        line = a + (b - a) * t
        if inner:
            line[:, int(is_east)] += bent[r, c, int(is_east)]
        return np.asarray(np.round(line, 2), np.float64)

    shapes: list[list[shapely.Geometry]] = [[] for _ in layout.codes]
    for (r, c), m in whose.items():
        ring = [border(r, c, True), border(r, c + 1, False), border(r + 1, c, True)[::-1], border(r, c, False)[::-1]]
        shapes[m].append(shapely.Polygon(np.concatenate(ring)))
    frame = {
        "N03_001": PREFECTURE, "N03_002": None, "N03_003": layout.counties, "N03_004": layout.names, "N03_005": None,
        "N03_007": layout.codes, "code_with_check_digit": [with_check_digit(c) for c in layout.codes],
    }  # fmt: skip
    whole = [shapely.union_all(parts) for parts in shapes]
    return gpd.GeoDataFrame(frame, geometry=whole, crs=CRS_TEXT).sort_values("N03_007", ignore_index=True)


def _wind(most: float, rng: np.random.Generator) -> Floats:
    """How far a border strays at each of its points: waves that end at the posts."""
    t = np.linspace(0.0, 1.0, BORDER_POINTS + 1)
    waves = [rng.normal(0.0, 1.0 / k) * np.sin(np.pi * k * t) for k in range(1, 9)]
    stray = np.sum(waves, axis=0) * np.sin(np.pi * t)  # level at the posts, where borders must not cross
    return np.asarray(stray * (most / np.abs(stray).max()), np.float64)
