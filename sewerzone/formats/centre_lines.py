"""Centre lines of roads of which only the areas (PLATEAU ``tran``) or the outlines (FGD RdEdg, 道路縁) are published.

Areas are joined and outlines made faces; the middle of what is left between the borders is found by ``medial`` and cleared:
spurs into corners pruned, the pairs of forks that a crossing makes drawn together, junctions put where the roads' directions
meet, dead ends drawn out to the border. What was made is measured, and refused where it is no network of roads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.errors import NetworkError, problem
from sewerzone.formats import medial
from sewerzone.formats.axis_lines import components, network
from sewerzone.formats.features import valid
from sewerzone.formats.medial import Floats, Ints, Triangles
from sewerzone.noted import Note

Shapes = NDArray[Any]

SPACING_M = 3.0
"""Of points along borders. The axis between parallel borders is exact for any; junctions move by less than this."""
GAP_M = 0.5
"""Areas nearer to each other than this are one."""
ISLAND_M = 4.0
"""Islands in an area that are nowhere wider are no blocks."""
SMOOTH_M = 0.1
"""Of borders, before; of lines, after, twice this."""
WIDEST_M = 24.0
"""Between outlines; what lies farther apart has a block, a square or a field between."""
CLEAR_M = 0.5
"""Buildings may overlap outlines by so much and no more, or they count for nothing."""
LEAST_PIECE_M = 40.0
"""Between outlines, loose pieces shorter than this in all are the corners of open blocks."""
LEAST_COVERED = 0.7
"""Share of the areas or outlines that must have a line in their middle."""
LEAST_CONNECTED = 0.3
"""Share of the length that must hang together, of a town's worth of roads (``MANY_KM``)."""
MANY_KM = 5.0
LEAST_TRIANGLE_M2 = 0.05
"""Regions without a larger triangle are slivers between points of one straight border, which are round to the millimetre."""
LONGEST_STEP_M = 50_000.0
"""Between two positions of a border; Japan's longest straight road has 29 km."""
MOST_POINTS = 3_000_000
"""Along borders: some 4,500 km of roads, in 3 GB of memory."""
MOST_SAMPLES = 50_000
BETTER = "KSJ N13 (国土数値情報), GSI RdCL (道路中心線 tiles) or OpenStreetMap highways"
"""Published centre lines; ours are a second choice."""


@dataclass(frozen=True)
class Quality:
    """Measures of centre lines that were derived."""

    length_km: float
    mean_width_m: float
    area_km2: float | None
    """Of the areas; None for outlines."""
    covered_share: float
    """Of the area or of the outlines' length: has a line in its middle."""
    components: int
    largest_share: float
    """Of the length, in the largest component."""
    dead_ends: int
    junctions: int

    def note(self, what: str) -> Note:
        """In words, for the run's notes; ``what`` names a phrase for what they are derived from."""
        facts = {
            "what": what, "km": self.length_km, "width_m": self.mean_width_m, "covered": self.covered_share,
            "components": self.components, "largest": self.largest_share, "junctions": self.junctions, "ends": self.dead_ends,
        }  # fmt: skip
        if self.area_km2 is None:
            return Note("centre_lines", **facts)
        filled = self.length_km * self.mean_width_m / 1e3 / self.area_km2 if self.area_km2 else 0.0
        return Note("centre_lines_area", **facts, area_km2=self.area_km2, filled=filled)


@dataclass(frozen=True)
class CentreLines:
    """Lines from junction to junction, in metres, the width of the road along each, and what they are worth."""

    line: Shapes
    width_m: Floats
    quality: Quality


def of_areas(areas: Shapes) -> CentreLines:
    """Centre lines of road areas.

    Parameters
    ----------
    areas : polygons of carriageways in plane metres, in any order; pieces that touch or nearly so (``GAP_M``) are joined

    Raises
    ------
    NetworkError
        What comes out is no network of roads (``LEAST_COVERED``, ``LEAST_CONNECTED``).
    """
    whole = _joined(areas)
    if not len(whole):
        raise NetworkError(_refused("areas of carriageways", "there is no area"))
    origin = np.floor(shapely.total_bounds(whole)[:2])
    triangles = medial.triangulate(_borders(shapely.get_parts(shapely.boundary(whole)), origin))
    inside = _in_areas(triangles, whole, origin)
    lines, width = network(medial.axis(triangles, inside), 0.0)
    area = triangles.area() * inside
    some = np.flatnonzero(inside)[:: max(1, int(inside.sum()) // MOST_SAMPLES)]
    covered = _covered(lines, width, triangles.centre()[some], area[some])
    quality = _quality(lines, width, covered, float(area.sum()) / 1e6)
    _refuse_poor(quality, "areas of carriageways")
    return CentreLines(shapely.transform(lines, lambda xy: xy + origin), width, quality)


def of_outlines(outlines: Shapes, buildings: Shapes | None = None) -> CentreLines:
    """Centre lines between the outlines of roads, which need not be closed; the last resort.

    Parameters
    ----------
    outlines : left and right borders of carriageways (道路縁) in plane metres, in any order
    buildings : footprints where they are known: no road leads past one without an outline between, so that yards of blocks
        that are open somewhere are not taken for lanes

    Raises
    ------
    NetworkError
        As for ``of_areas``.
    """
    lines = outlines[~(shapely.is_missing(outlines) | shapely.is_empty(outlines))]
    what = "outlines of carriageways (道路縁)"
    if not len(lines):
        raise NetworkError(_refused(what, "there is no outline"))
    origin = np.floor(shapely.total_bounds(lines)[:2])
    noded = _noded(lines)
    held = _borders(noded, origin, _walls(np.empty(0, dtype=object) if buildings is None else buildings, noded))
    if len(held.xy) < 4 or not np.ptp(held.xy, axis=0).all():
        raise NetworkError(_refused(what, "they enclose nothing"))
    triangles = medial.triangulate(held)
    is_near = medial.circles(triangles)[1] <= WIDEST_M / 2.0
    inside = is_near & ~triangles.is_solid & ~_in_blocks(triangles, noded, origin)
    found, width = network(medial.axis(triangles, inside), LEAST_PIECE_M)
    of_road = ~(held.is_solid[held.start] | held.is_solid[held.end])
    start, end = held.xy[held.start[of_road]], held.xy[held.end[of_road]]
    pieces, weight = (start + end) / 2.0, np.hypot(*(end - start).T)
    some = np.arange(0, len(pieces), max(1, len(pieces) // MOST_SAMPLES))
    quality = _quality(found, width, _covered(found, width, pieces[some], weight[some]), None)
    _refuse_poor(quality, what)
    return CentreLines(shapely.transform(found, lambda xy: xy + origin), width, quality)


def _joined(areas: Shapes) -> Shapes:
    """Polygons of areas that touch, without slits and islands; in an order of their own."""
    held = valid(shapely.get_parts(shapely.force_2d(areas)))
    held = held[shapely.area(held) > 0]
    held = shapely.normalize(held)
    held = held[np.argsort(shapely.to_wkb(held))]
    wide = shapely.buffer(held, GAP_M / 2.0, join_style="mitre", mitre_limit=2.0)
    whole = shapely.buffer(shapely.union_all(wide, grid_size=0.001), -GAP_M / 2.0, join_style="mitre", mitre_limit=2.0)
    parts = shapely.get_parts(shapely.simplify(whole, SMOOTH_M))
    parts = parts[shapely.area(parts) > 0]
    rings, owner = shapely.get_rings(parts, return_index=True)
    is_outer = np.r_[True, owner[1:] != owner[:-1]][: len(owner)]
    holes = shapely.polygons(rings[~is_outer])
    is_block = ~shapely.is_empty(shapely.buffer(holes, -ISLAND_M / 2.0, quad_segs=1))
    keep = is_outer.copy()
    keep[~is_outer] = is_block
    made = np.asarray(shapely.polygons(rings[keep], indices=owner[keep])) if keep.any() else parts
    made = shapely.normalize(made)
    return np.asarray(made[np.argsort(shapely.to_wkb(made))])


def _noded(lines: Shapes) -> Shapes:
    """Lines that meet at their ends only, without outlines of islands; in an order of their own."""
    held = shapely.normalize(shapely.get_parts(shapely.simplify(shapely.force_2d(lines), SMOOTH_M)))
    held = held[np.argsort(shapely.to_wkb(held))]
    noded = shapely.get_parts(shapely.line_merge(shapely.union_all(held, grid_size=0.001)))
    is_ring = shapely.is_closed(noded) & (shapely.get_num_coordinates(noded) > 3)
    areas = np.array([shapely.Polygon(shapely.get_coordinates(ring)) for ring in noded[is_ring]], dtype=object)
    is_island = np.zeros(len(noded), dtype=bool)
    is_island[is_ring] = shapely.is_empty(shapely.buffer(areas, -ISLAND_M / 2.0, quad_segs=1))
    return np.asarray(noded[~is_island])


def _walls(buildings: Shapes, noded: Shapes) -> Shapes:
    """Outlines of buildings a little within, of those that stand clear of all outlines of roads."""
    shrunk = shapely.buffer(buildings, -CLEAR_M, join_style="mitre")
    shrunk = shrunk[~shapely.is_empty(shrunk)]
    hit = shapely.STRtree(noded).query(shrunk, predicate="intersects")[0]
    clear = np.delete(shrunk, np.unique(hit))
    walls = shapely.normalize(shapely.get_parts(shapely.boundary(shapely.simplify(clear, SMOOTH_M))))
    return np.asarray(walls[np.argsort(shapely.to_wkb(walls))])


def _borders(lines: Shapes, origin: Floats, houses: Shapes | None = None) -> medial.Borders:
    """Points along borders; those of houses are solid."""
    every = lines if houses is None else np.concatenate([lines, houses])
    xy, line = shapely.get_coordinates(every, return_index=True)
    steps = np.hypot(*np.diff(xy, axis=0).T)[line[1:] == line[:-1]]
    if len(steps) and not steps.max() <= LONGEST_STEP_M:
        raise NetworkError(
            problem(
                f"roads: a border runs straight for {steps.max() / 1e3:,.0f} km",
                "no road does so: positions in the file must be damaged",
                "fetch the file again from the agency",
            )
        )
    points = shapely.length(every).sum() / SPACING_M + shapely.get_num_coordinates(every).sum()
    if not points <= MOST_POINTS:
        raise NetworkError(
            problem(
                f"roads: borders of {shapely.length(every).sum() / 1e3:,.0f} km are too many to derive centre lines from",
                "all of them are worked on at once, in memory",
                "give the sheets of one municipality",
            )
        )
    xy, line = shapely.get_coordinates(shapely.segmentize(every, SPACING_M), return_index=True)
    return medial.borders(xy - origin, line.astype(np.int64), line >= len(lines))


def _in_areas(triangles: Triangles, areas: Shapes, origin: Floats) -> NDArray[np.bool_]:
    """Triangles in areas: a whole region at once, by its largest triangle."""
    region, size = medial.regions(triangles), triangles.area()
    largest = _largest(region, size)
    shapely.prepare(areas)
    point = shapely.points(triangles.centre()[largest] + origin)
    hit = shapely.STRtree(areas).query(point, predicate="intersects")[0]
    is_in = np.zeros(len(largest), dtype=bool)
    is_in[hit] = size[largest[hit]] > LEAST_TRIANGLE_M2
    return np.asarray(is_in[region])


def _in_blocks(triangles: Triangles, noded: Shapes, origin: Floats) -> NDArray[np.bool_]:
    """Triangles in faces that outlines close all round: blocks, unless they are narrow and themselves hold blocks."""
    faces = shapely.get_parts(shapely.polygonize(noded))
    if not len(faces):
        return np.zeros(len(triangles.corner), dtype=bool)
    width = 2.0 * shapely.area(faces) / shapely.length(faces)
    blocks = faces[(shapely.get_num_interior_rings(faces) == 0) | (width > WIDEST_M)]
    return _in_areas(triangles, blocks, origin) if len(blocks) else np.zeros(len(triangles.corner), dtype=bool)


def _largest(region: Ints, area: Floats) -> Ints:
    """Of each region, its largest triangle."""
    order = np.lexsort((np.arange(len(region)), -area, region))
    return np.asarray(order[np.unique(region[order], return_index=True)[1]], dtype=np.int64)


def _covered(lines: Shapes, width_m: Floats, place: Floats, weight: Floats) -> float:
    """Share of the weight at places that lie within the width of the nearest line, and half as far again at bends."""
    if not len(lines) or not weight.sum():
        return 0.0
    index, away = shapely.STRtree(lines).query_nearest(shapely.points(place), return_distance=True, all_matches=False)
    near = away <= 0.75 * width_m[index[1]] + SPACING_M / 2.0
    return float(weight[index[0]][near].sum() / weight.sum())


def _quality(lines: Shapes, width_m: Floats, covered: float, area_km2: float | None) -> Quality:
    length = shapely.length(lines)
    if not len(lines):
        return Quality(0.0, 0.0, area_km2, covered, 0, 0.0, 0, 0)
    component, degree = components(lines)
    by = np.bincount(component, weights=length)
    return Quality(
        float(length.sum()) / 1e3, float((width_m * length).sum() / length.sum()), area_km2, covered, len(by),
        float(by.max() / length.sum()), int((degree == 1).sum()), int((degree >= 3).sum()),
    )  # fmt: skip


def _refuse_poor(quality: Quality, what: str) -> None:
    signs = []
    if quality.covered_share < LEAST_COVERED:
        of = "the area" if quality.area_km2 is not None else "the outlines' length"
        signs.append(f"only {quality.covered_share:.0%} of {of} has a line in its middle")
    if quality.length_km > MANY_KM and quality.largest_share < LEAST_CONNECTED:
        signs.append(
            f"its {quality.length_km:,.1f} km fall into {quality.components:,} pieces, the largest "
            f"{quality.largest_share:.0%} of it"
        )
    if signs:
        raise NetworkError(_refused(what, "; ".join(signs)))


def _refused(what: str, why: str) -> str:
    return problem(
        f"roads: no network of centre lines can be derived from {what}: {why}",
        "sewers follow roads from house to plant; lines that miss the roads or do not meet lead nowhere",
        f"use published centre lines: {BETTER}",
    )
