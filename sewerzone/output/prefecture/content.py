"""What maps and workbook show of a prefecture: figures of its municipalities, and their zones drawn coarsely."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.style import TREATMENT_LOOKS, Language

Geometries = NDArray[np.object_]
MOST_VERTICES = 600_000
"""Of all zones on the maps together: some 6 MB of a page, which browsers draw without delay."""
_FEWEST, _PER_DWELLING = 10_000, 1 / 3
"""Vertices that a municipality may have in any case, and for each of its dwellings."""
FINEST_M, COARSEST_M = 12.0, 400.0
"""Zones closer together than twice this are drawn as one, at first and where that leaves too many vertices."""
_COARSER = 1.6
_MITRE_LIMIT = 2.0
"""How many times as far as its sides a corner may stick out of what is drawn wider."""
_OF_HULL_M = 150.0
METRES_PER_DEGREE = 111_320.0
OUTLINE_DEG = 0.0004
"""Some 40 m: how far outlines are simplified for maps."""


class Drawn(NamedTuple):
    """A municipality on the maps, in degrees: its outline, and the areas of each treatment."""

    outline: shapely.Geometry
    areas: dict[str, shapely.Geometry]


class Prefecture(NamedTuple):
    """A prefecture as far as it is planned.

    Attributes
    ----------
    name : as the studies of its municipalities call it; may be empty
    language : of the printed map and the workbook, and the one the page begins with
    municipalities, districts, effort : rows of the tables of these names, without geometry
    failures : code, name, kind, message
    drawn : by code; municipalities whose place is not known are missing
    linked : codes of municipalities that have a map of their own
    lost : buildings that lie in no municipality, so that no plan has them; None where that is not known
    """

    name: str
    language: Language
    municipalities: pd.DataFrame
    districts: pd.DataFrame
    effort: pd.DataFrame
    failures: list[dict[str, str]]
    drawn: dict[str, Drawn]
    linked: frozenset[str]
    lost: int | None = 0

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of all that is drawn, in degrees."""
        shapes = np.array([s for d in self.drawn.values() for s in (d.outline, *d.areas.values())], dtype=object)
        if not len(shapes) or shapely.is_empty(shapes).all():
            return None
        west, south, east, north = map(float, shapely.total_bounds(shapes))
        return west, south, east, north


def most_vertices(dwellings: float) -> float:
    """Vertices that the zones of one municipality may have on the maps, so that those of 1.5 million dwellings stay light."""
    return max(_FEWEST, _PER_DWELLING * dwellings)


def coarse_areas(zones: gpd.GeoDataFrame, most_vertices: float, crs: object) -> dict[str, shapely.Geometry]:
    """The zones of one plan (in metres) by treatment, near ones drawn as one and small ones left out until they are few.

    Parameters
    ----------
    crs : of the areas returned
    """
    is_there = ~shapely.is_missing(zones.geometry.to_numpy())
    shapes, treatment = zones.geometry.to_numpy()[is_there], zones["treatment"].to_numpy()[is_there]
    fine: dict[str, shapely.Geometry]
    fine = {t: polygons_of(shapely.get_parts(shapes[treatment == t])) for t in TREATMENT_LOOKS if (treatment == t).any()}
    out = _few(fine, most_vertices)
    turned = gpd.GeoSeries(list(out.values()), crs=zones.crs).to_crs(crs).to_numpy()
    return _not_empty(dict(zip(out, turned, strict=True)))


def within(areas: dict[str, shapely.Geometry], outline: shapely.Geometry) -> dict[str, shapely.Geometry]:
    """What of areas lies in an outline: a plan knows of what its neighbours have near the border, too."""
    return _not_empty({t: polygons_of(shapely.get_parts(shapely.intersection(shape, outline))) for t, shape in areas.items()})


def few_enough(drawn: dict[str, Drawn], most_vertices: float = MOST_VERTICES) -> dict[str, Drawn]:
    """All as it is where that is light enough to draw, else each municipality coarser."""
    counts = {code: _vertices(d.areas) for code, d in drawn.items()}
    share = most_vertices / max(sum(counts.values()), 1)
    if share >= 1.0:
        return drawn
    out = {}
    for code, (outline, areas) in drawn.items():
        m = METRES_PER_DEGREE * np.array([np.cos(np.radians(shapely.bounds(outline)[1])), 1.0])
        few = _few({t: _scaled(shape, m) for t, shape in areas.items()}, share * counts[code])
        out[code] = Drawn(outline, {t: _scaled(shape, 1.0 / m) for t, shape in few.items()})
    return out


def _scaled(shape: shapely.Geometry, by: NDArray[np.float64]) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy * by)


def _few(shapes: dict[str, shapely.Geometry], most_vertices: float) -> dict[str, shapely.Geometry]:
    """Ever coarser until there are few enough; the last may still be more."""
    tolerance_m = FINEST_M
    while True:
        shapes = {t: _coarse(shape, tolerance_m) for t, shape in shapes.items()}
        if _vertices(shapes) <= most_vertices or tolerance_m >= COARSEST_M:
            return _not_empty(shapes)
        tolerance_m *= _COARSER


def _vertices(shapes: dict[str, shapely.Geometry]) -> int:
    return int(sum(map(shapely.get_num_coordinates, shapes.values())))


def _not_empty(shapes: dict[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    return {t: shape for t, shape in shapes.items() if not shapely.is_empty(shape)}


def _coarse(shape: shapely.Geometry, tolerance_m: float) -> shapely.Geometry:
    """Gaps narrower than twice the tolerance closed, corners cut by half of it, specks below its square left out."""
    parts = _simpler(shapely.get_parts(shape), tolerance_m / 4)
    maybe = np.flatnonzero(_has_near(_boxes(parts, _MITRE_LIMIT * tolerance_m)))
    wide = shapely.buffer(parts[maybe], tolerance_m, quad_segs=1, join_style="mitre", mitre_limit=_MITRE_LIMIT)
    is_near = _has_near(wide)
    has_near = np.zeros(len(parts), np.bool_)
    has_near[maybe] = is_near
    joined = shapely.get_parts(shapely.union_all(wide[is_near]))
    closed = shapely.get_parts(shapely.buffer(joined, -tolerance_m, join_style="mitre", mitre_limit=_MITRE_LIMIT))
    left = np.concatenate([parts[~has_near], closed])
    return polygons_of(shapely.get_parts(_simpler(left[shapely.area(left) >= tolerance_m**2], tolerance_m / 2)))


def _boxes(shapes: Geometries, spare_m: float) -> Geometries:
    """Boxes round shapes: few need to be drawn wider to know that nothing is near."""
    west, south, east, north = shapely.bounds(shapes).T
    boxes = np.array(shapely.box(west - spare_m, south - spare_m, east + spare_m, north + spare_m), dtype=object)
    boxes[shapely.is_empty(shapes)] = None
    return boxes


def _has_near(shapes: Geometries) -> NDArray[np.bool_]:
    """Which shapes meet another one."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return np.bincount(one[one != other], minlength=len(shapes)) > 0


def _simpler(shapes: Geometries, tolerance_m: float) -> Geometries:
    """Simplified each by itself: much faster than with regard to the others, and mended where it then crosses itself."""
    simple = shapely.simplify(shapes, tolerance_m, preserve_topology=False)
    return np.asarray(shapely.make_valid(simple, method="structure", keep_collapsed=False), dtype=object)


def hull(zones: gpd.GeoDataFrame, crs: object) -> shapely.Geometry | None:
    """An outline for a municipality whose boundary is not known: round its zones."""
    shapes = zones.geometry.dropna()
    if not len(shapes):
        return None
    round_all = shapely.buffer(shapely.convex_hull(shapely.GeometryCollection(shapes.tolist())), _OF_HULL_M)
    return gpd.GeoSeries([round_all], crs=zones.crs).to_crs(crs).to_numpy()[0]  # type: ignore[no-any-return]


def polygons_of(shapes: Geometries) -> shapely.Geometry:
    """What of shapes has an area, as one."""
    return shapely.multipolygons(shapes[shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON])  # type: ignore[no-any-return]


def lighter(drawn: dict[str, Drawn]) -> dict[str, Drawn]:
    """With simpler outlines; what two municipalities share of them stays shared."""
    codes = list(drawn)
    outlines = shapely.coverage_simplify(np.array([drawn[code].outline for code in codes], dtype=object), OUTLINE_DEG)
    return drawn | {code: drawn[code]._replace(outline=outline) for code, outline in zip(codes, outlines, strict=True)}
