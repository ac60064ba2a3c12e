"""The inset of a printed map: the whole study, small, and where the sheet lies in it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output.artists import Geometries, areas, lines, parts
from sewerzone.output.map_content import Box
from sewerzone.output.sheet import Rect

SHARE = 0.24
"""Of the frame's sides, where the inset has to stand in the map."""

FRAME_COLOUR = "#d00000"


_FINENESS = 1 / 1500
"""Of the width of the whole: shapes are drawn to this, for an inset is small and a series has one on every sheet."""


@dataclass(frozen=True)
class Overview:
    """What an inset shows of the whole study, plain enough to be drawn on every sheet of a series."""

    box: Box
    zones: tuple[tuple[style.Look, Geometries], ...]
    districts: Geometries
    sewers: Geometries


def overview(plan: Plan) -> Overview | None:
    """Zones, districts and sewers of a plan within the edges of all there is to place a sheet in; None where there is none."""
    found = [g for f in (plan.districts, plan.zones, plan.units) for g in f.geometry.dropna().to_numpy()]
    if not found:
        return None
    west, south, east, north = shapely.total_bounds(found).tolist()
    fine = max(east - west, north - south) * _FINENESS

    def plain(frame: gpd.GeoDataFrame, kind: str) -> Geometries:
        shapes = shapely.simplify(parts(frame, kind), fine, preserve_topology=False)
        return shapes[~shapely.is_empty(shapes)]

    zones = [
        (look, plain(plan.zones[plan.zones["treatment"] == name], "POLYGON")) for name, look in style.TREATMENT_LOOKS.items()
    ]
    box = west, south, east, north
    return Overview(box, tuple(zones), plain(plan.districts, "POLYGON"), plain(plan.pipes, "LINE"))


def is_needed(whole: Overview, view: Box) -> bool:
    """Whether the study reaches beyond the sheet."""
    return not shapely.box(*view).contains(shapely.box(*whole.box))


def draw(axes: Axes, whole: Overview, view: Box, size: float, ratio: float) -> None:
    """Draw on ``axes``, whose width over height is ``ratio``; the sheet's frame in red."""
    west, south, east, north = whole.box
    wide = max(1.1 * (east - west), 1.1 * (north - south) * ratio)
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - wide / 2, x + wide / 2)
    axes.set_ylim(y - wide / ratio / 2, y + wide / ratio / 2)
    for look, zones in whole.zones:
        areas(axes, zones, look.fill, look.line, 0.2 * size)
    areas(axes, whole.districts, None, style.UNIT, 0.4 * size)
    lines(axes, whole.sewers, style.GRAVITY, 0.3 * size)
    corner, width, height = view[:2], view[2] - view[0], view[3] - view[1]
    least = 0.02 * wide
    if min(width, height) < least:  # too small to see: a cross of lines leads to it
        axes.axhline((view[1] + view[3]) / 2, color=FRAME_COLOUR, linewidth=0.5 * size)
        axes.axvline((view[0] + view[2]) / 2, color=FRAME_COLOUR, linewidth=0.5 * size)
    axes.add_patch(Rectangle(corner, width, height, facecolor="none", edgecolor=FRAME_COLOUR, linewidth=1.4 * size))


def corner(plan: Plan, view: Box, frame: Rect) -> Rect:
    """The corner of the map in which the inset covers least of what is drawn."""
    width, height = SHARE * frame.width, SHARE * frame.height
    places = [
        Rect(left, bottom, width, height)
        for bottom in (frame.bottom + frame.height - height, frame.bottom)
        for left in (frame.left, frame.left + frame.width - width)
    ]
    layers = (plan.buildings, plan.pipes, plan.units)
    shown = [parts(layer, kind, view) for layer in layers for kind in ("POLYGON", "LINE", "POINT")]
    xy = shapely.get_coordinates(np.concatenate(shown))
    mm = (xy - view[:2]) * (frame.width / (view[2] - view[0])) + (frame.left, frame.bottom)

    def ink(place: Rect) -> int:
        inside = (mm >= (place.left, place.bottom)) & (mm <= (place.left + width, place.bottom + height))
        return int(inside.all(axis=1).sum())

    return min(places, key=ink)
