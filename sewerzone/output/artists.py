"""What printed maps are drawn with: many shapes as few paths, so that a city of 100,000 houses stays quick and small.

Paths join axes as artists, not as patches: for patches matplotlib measures every corner one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from sewerzone.style import RGB

Box = tuple[float, float, float, float]
Geometries = NDArray[np.object_]

AT_ONCE = 4000
"""Shapes in one path: one path for each is slow and large, one for all is more than the pixel renderer takes."""

_NAMES = {"POINT": ("POINT",), "LINE": ("LINESTRING", "LINEARRING"), "POLYGON": ("POLYGON",)}


def rgb(colour: RGB) -> tuple[float, float, float]:
    """A colour as matplotlib takes it."""
    red, green, blue = colour
    return red / 255, green / 255, blue / 255


def parts(frame: gpd.GeoDataFrame, kind: str, view: Box | None = None) -> Geometries:
    """The single geometries of a frame of a kind (``POINT``, ``LINE``, ``POLYGON``), of those that reach into ``view``."""
    single: Geometries = shapely.get_parts(np.asarray(frame.geometry.dropna().to_numpy(), dtype=object))
    single = single[np.isin(shapely.get_type_id(single), [shapely.GeometryType[name].value for name in _NAMES[kind]])]
    single = single[~shapely.is_empty(single)]
    if view is not None:
        west, south, east, north = shapely.bounds(single).T
        single = single[(west <= view[2]) & (east >= view[0]) & (south <= view[3]) & (north >= view[1])]
    return single


def outlines(polygons: Geometries) -> Iterator[Path]:
    """Polygons as compound paths; rings run in opposite directions, so that holes stay empty."""
    for first in range(0, len(polygons), AT_ONCE):
        rings = shapely.get_rings(shapely.orient_polygons(polygons[first : first + AT_ONCE]))
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        codes = np.full(len(xy), Path.LINETO, dtype=Path.code_type)
        starts = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]])
        codes[starts] = Path.MOVETO
        codes[np.r_[starts[1:] - 1, len(xy) - 1]] = Path.CLOSEPOLY
        yield Path(xy, codes)


def strokes(lines: Geometries) -> Iterator[Path]:
    """Lines as compound paths."""
    for first in range(0, len(lines), AT_ONCE):
        xy, line = shapely.get_coordinates(lines[first : first + AT_ONCE], return_index=True)
        codes = np.full(len(xy), Path.LINETO, dtype=Path.code_type)
        codes[np.r_[True, line[1:] != line[:-1]]] = Path.MOVETO
        yield Path(xy, codes)


def areas(
    axes: Axes,
    polygons: Geometries,
    fill: RGB | None,
    line: RGB,
    width: float,
    alpha: float | None = None,
    dash: Any = "solid",
    zorder: float = 1.0,
) -> None:
    """Filled polygons with an outline of ``width`` points."""
    face = rgb(fill) if fill else "none"
    for path in outlines(polygons):
        axes.add_artist(
            PathPatch(
                path, facecolor=face, edgecolor=rgb(line), linewidth=width, alpha=alpha, linestyle=dash, zorder=zorder,
                joinstyle="round",
            )
        )  # fmt: skip


def hatched(axes: Axes, polygons: Geometries, line: RGB, hatch: str, alpha: float = 0.45, zorder: float = 1.0) -> None:
    """A hatch over polygons: tells classes apart in a black and white print."""
    for path in outlines(polygons):
        axes.add_artist(
            PathPatch(path, facecolor="none", edgecolor=(*rgb(line), alpha), linewidth=0, hatch=hatch, zorder=zorder)
        )


def lines(
    axes: Axes, geometries: Geometries, colour: RGB, width: float, alpha: float = 1.0, dash: Any = "solid", zorder: float = 1.0
) -> None:
    """Lines of ``width`` points."""
    for path in strokes(geometries):
        axes.add_artist(
            PathPatch(
                path, fill=False, edgecolor=rgb(colour), linewidth=width, alpha=alpha, linestyle=dash, zorder=zorder,
                capstyle="butt" if dash != "solid" else "round", joinstyle="round",
            )
        )  # fmt: skip


def points(
    axes: Axes,
    geometries: Geometries,
    fill: RGB | str,
    marker: str,
    size: float,
    edge: float = 0.9,
    line: RGB | None = None,
    zorder: float = 5.0,
) -> None:
    """Markers of an area of ``size`` square points."""
    xy = shapely.get_coordinates(geometries)
    face = fill if isinstance(fill, str) else rgb(fill)
    border = rgb(line) if line else "white"
    axes.scatter(
        xy[:, 0], xy[:, 1], s=size, marker=marker, facecolors=[face], edgecolors=[border], linewidths=edge, zorder=zorder
    )
