"""The layers of the printed map, from the bottom to the top, drawn on any window of the study."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import fonts, map_content, map_labels
from sewerzone.output.artists import areas, hatched, lines, parts, points
from sewerzone.output.map_content import Box
from sewerzone.style import RGB

NUMBER_PT = 7.0
"""Size of the study units' numbers on A3."""

MARK_PT = 7.5
"""Width of the symbols that numbers keep off, on A3."""

BACKGROUND = "#f7f6f2"


def draw(axes: Axes, plan: Plan, view: Box, size: float) -> None:
    """All layers within ``view``; lines and markers are ``size`` times those of an A3 sheet."""
    lines(axes, parts(plan.roads, "LINE", view), style.ROAD, 0.5 * size)
    areas(axes, parts(plan.barriers, "POLYGON", view), style.BARRIER, style.BARRIER, 0.6 * size)
    lines(axes, parts(plan.barriers, "LINE", view), style.BARRIER, 1.4 * size)
    _zones(axes, plan, view, size)
    _buildings(axes, plan, view, size)
    _findings(axes, plan, view, size)
    _sewers(axes, plan, view, size)
    areas(axes, parts(plan.overrides, "POLYGON", view), None, style.OVERRIDE, 2.2 * size, zorder=3)
    _marks(axes, plan, view, size)


def _zones(axes: Axes, plan: Plan, view: Box, size: float) -> None:
    for name, look in style.TREATMENT_LOOKS.items():
        zones = parts(plan.zones[plan.zones["treatment"] == name], "POLYGON", view)
        areas(axes, zones, look.fill, look.line, 0.9 * size, alpha=0.85)
        if look.hatch:
            hatched(axes, zones, look.line, look.hatch)
    areas(axes, parts(plan.served_areas, "POLYGON", view), None, style.TREATMENT_LOOKS["served"].line, 1.6 * size)
    areas(axes, parts(plan.units, "POLYGON", view), None, style.UNIT, 0.5 * size, dash=(0, (4, 3)))


def _buildings(axes: Axes, plan: Plan, view: Box, size: float) -> None:
    for name, look in style.TREATMENT_LOOKS.items():
        houses = plan.buildings[plan.buildings["treatment"] == name]
        areas(axes, parts(houses, "POLYGON", view), look.line, look.line, 0.15 * size)
        points(axes, parts(houses, "POINT", view), look.line, "o", 3 * size**2, edge=0.0)


def _findings(axes: Axes, plan: Plan, view: Box, size: float) -> None:
    """Units whose verdict the samples contest, and those that the optimum treats otherwise than the official procedure."""
    contested = parts(map_content.contested(plan), "POLYGON", view)
    hatched(axes, contested, style.CONTESTED, "xx", alpha=0.55, zorder=2)
    areas(axes, parts(map_content.changed(plan), "POLYGON", view), None, style.CHANGED, 1.8 * size, zorder=3)


def _sewers(axes: Axes, plan: Plan, view: Box, size: float) -> None:
    lines(axes, parts(plan.links, "LINE", view), style.LINK, 5.0 * size, alpha=0.25, zorder=2)
    gravity = (plan.pipes["kind"] == "gravity").to_numpy()
    group = np.searchsorted([c.up_to_mm for c in style.PIPE_CLASSES], plan.pipes["diameter_mm"].to_numpy())
    for index, pipe_class in enumerate(style.PIPE_CLASSES):
        some = parts(plan.pipes[gravity & (group == index)], "LINE", view)
        lines(axes, some, style.GRAVITY, 0.75 * pipe_class.width * size, zorder=2)
    lines(axes, parts(plan.pipes[~gravity], "LINE", view), style.PRESSURE, 1.6 * size, dash=(0, (3.5, 1.8)), zorder=2)


def _marks(axes: Axes, plan: Plan, view: Box, size: float) -> None:
    """Pumps, plants, outlets and houses no sewer reaches, the most important on top."""

    def put(
        frame: gpd.GeoDataFrame,
        fill: RGB | str,
        marker: str,
        area: float,
        edge: float = 0.9,
        line: RGB | None = None,
    ) -> None:
        """Markers of so many square points (A3) on the points of a frame."""
        points(axes, parts(frame, "POINT", view), fill, marker, area * size**2, edge * size, line)

    put(map_content.unconnected(plan), "none", "o", 40, 1.4, style.PUMP)
    sites = map_content.plants(plan)
    for kind, marker, colour in (("outlet", "D", style.GRAVITY), ("plant", "s", style.PLANT), ("joined", "p", style.GRAVITY)):
        put(sites[sites["kind"] == kind], "white", marker, 60 if marker == "p" else 42, 1.4, colour)
    put(sites[sites["kind"] == "existing"], style.PLANT, "p", 60)
    put(plan.systems[plan.systems["kind"] == "connect"], style.GRAVITY, "D", 38)
    put(plan.systems[plan.systems["kind"] == "own_plant"], style.PLANT, "s", 48)
    put(plan.pumps, style.PUMP, "^", 46)


def number_units(axes: Axes, plan: Plan, view: Box, width_pt: float, size: float) -> None:
    """The numbers of study units, with which ``explain`` and tables of decisions name them."""
    layers = (plan.units, plan.pipes, plan.buildings, plan.served_areas)
    number(axes, plan.units, layers, view, width_pt, size, (plan.pumps, plan.systems, plan.plants))


def number(
    axes: Axes, areas_: gpd.GeoDataFrame, layers: Sequence[gpd.GeoDataFrame], view: Box, width_pt: float, size: float,
    marked: Sequence[gpd.GeoDataFrame] = (),
) -> None:  # fmt: skip
    """Write ``label``, else ``unit_id``, beside areas, where it covers least of what ``layers`` draw, symbols least of all."""
    step_m = 2 * (view[2] - view[0]) / width_pt
    shown = [parts(f, kind, view) for f in layers for kind in ("POINT", "LINE", "POLYGON")]
    drawn = [shapely.get_coordinates(shapely.segmentize(g, step_m)) for g in shown if len(g)]
    marks = np.concatenate([parts(f, "POINT", view) for f in marked]) if marked else np.empty(0, dtype=object)
    discs = shapely.segmentize(shapely.buffer(marks, 0.5 * MARK_PT * size * step_m / 2, quad_segs=2), step_m)
    letters = max(NUMBER_PT * size, 5.0)
    font = FontProperties(family=fonts.LATIN_FONT, size=letters)
    halo = [withStroke(linewidth=2.0 * size, foreground="white")]
    solid = [shapely.get_coordinates(discs), shapely.get_coordinates(marks)]
    places = map_labels.places(areas_, drawn, view, width_pt, letters, solid)
    words = map_labels.words(areas_.set_index("unit_id"))
    for unit_id, x, y in zip(places.index, places.x, places.y, strict=True):
        axes.text(
            x, y, words[unit_id], ha="center", va="center_baseline", fontproperties=font, path_effects=halo, zorder=7,
            clip_on=True,
        )  # fmt: skip
