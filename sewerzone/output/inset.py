"""The inset of a printed map: the whole study, small, and where the sheet lies in it."""

from __future__ import annotations

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output.artists import areas, lines, parts
from sewerzone.output.map_content import Box
from sewerzone.output.sheet import Rect

SHARE = 0.24
"""Of the frame's sides, where the inset has to stand in the map."""

FRAME_COLOUR = "#d00000"


def whole(plan: Plan) -> Box | None:
    """Edges of all there is to place a sheet in: districts, zones, units."""
    found = [g for f in (plan.districts, plan.zones, plan.units) for g in f.geometry.dropna().to_numpy()]
    if not found:
        return None
    west, south, east, north = shapely.total_bounds(found).tolist()
    return west, south, east, north


def is_needed(plan: Plan, view: Box) -> bool:
    """Whether the study reaches beyond the sheet."""
    box = whole(plan)
    return box is not None and not shapely.box(*view).contains(shapely.box(*box))


def draw(axes: Axes, plan: Plan, view: Box, size: float, ratio: float) -> None:
    """Draw on ``axes``, whose width over height is ``ratio``; the sheet's frame in red."""
    box = whole(plan)
    if box is None:
        return
    west, south, east, north = box
    wide = max(1.1 * (east - west), 1.1 * (north - south) * ratio)
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - wide / 2, x + wide / 2)
    axes.set_ylim(y - wide / ratio / 2, y + wide / ratio / 2)
    for name, look in style.TREATMENT_LOOKS.items():
        areas(axes, parts(plan.zones[plan.zones["treatment"] == name], "POLYGON"), look.fill, look.line, 0.2 * size)
    areas(axes, parts(plan.districts, "POLYGON"), None, style.UNIT, 0.4 * size)
    lines(axes, parts(plan.pipes, "LINE"), style.GRAVITY, 0.3 * size)
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
