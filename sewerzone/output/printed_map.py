"""The printed zoning map: an A3 sheet in landscape with legend, scale bar, north arrow, title and source."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import fonts, headline, map_content, map_labels, map_scale
from sewerzone.output.legend import draw_legend
from sewerzone.style import RGB, Language

WIDTH_IN, HEIGHT_IN = 16.0, 11.3
"""A3 but for a small margin; ``width_px`` only sets how many pixels that takes."""

PANEL_IN = 3.75
"""Width of the title and legend panel on the right."""

_EDGE_IN = 0.3

_NUMBER_PT = 7.0
"""Size of the study units' numbers."""


def png(plan: Plan, path: str | FilePath, width_px: int = 1600) -> None:
    """Draw the zoning map of ``plan`` as a PNG file of ``width_px`` pixels in width, in the proportions of A3.

    Labels are in the study's language; without a Japanese font on the computer they are in English, and the sheet says so.
    """
    wanted = plan.config.study.language
    japanese = fonts.japanese_font()
    language: Language = wanted if japanese else "en"
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=width_px / WIDTH_IN, facecolor="white")
    FigureCanvasAgg(figure)
    height, width = HEIGHT_IN - 2 * _EDGE_IN, WIDTH_IN - PANEL_IN - 3 * _EDGE_IN
    axes = _axes(figure, _EDGE_IN, width, height)
    view = _set_view(axes, plan, width / height)
    _draw(axes, plan)
    _unit_numbers(axes, plan, view, 72 * width)
    panel = _axes(figure, WIDTH_IN - PANEL_IN - _EDGE_IN, PANEL_IN, height)
    metres_per_in = (view[2] - view[0]) / width
    _panel(panel, plan, language, fonts.family(japanese), wanted == "ja" and japanese is None, metres_per_in)
    figure.savefig(path, format="png", metadata={"Software": None})


def _axes(figure: Figure, left_in: float, width_in: float, height_in: float) -> Axes:
    axes = figure.add_axes((left_in / WIDTH_IN, _EDGE_IN / HEIGHT_IN, width_in / WIDTH_IN, height_in / HEIGHT_IN))
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _set_view(axes: Axes, plan: Plan, ratio: float) -> map_content.Box:
    """Show the study with a margin, filling a frame of width over height ``ratio``; its edges are returned."""
    west, south, east, north = map_content.window(plan) or (0.0, 0.0, 100.0, 100.0)
    wide = max(1.06 * (east - west), 1.06 * (north - south) * ratio, 50.0)
    x, y = (west + east) / 2, (south + north) / 2
    view = x - wide / 2, y - wide / ratio / 2, x + wide / 2, y + wide / ratio / 2
    axes.set_xlim(view[0], view[2])
    axes.set_ylim(view[1], view[3])
    axes.set_aspect("equal")
    axes.set_facecolor("#f7f6f2")
    return view


def _draw(axes: Axes, plan: Plan) -> None:
    """All layers, from the bottom to the top."""
    _lines(axes, plan.roads, style.ROAD, 0.5)
    _areas(axes, plan.barriers, style.BARRIER, style.BARRIER, 0.6)
    _lines(axes, plan.barriers, style.BARRIER, 1.4)
    for name, look in style.TREATMENT_LOOKS.items():
        zones = plan.zones[plan.zones["treatment"] == name]
        _areas(axes, zones, look.fill, look.line, 0.9, alpha=0.85)
        if look.hatch:
            _hatch(axes, zones, look)
    _areas(axes, plan.served_areas, None, style.TREATMENT_LOOKS["served"].line, 1.6)
    _areas(axes, plan.units, None, style.UNIT, 0.5, dash=(0, (4, 3)))
    for name, look in style.TREATMENT_LOOKS.items():
        houses = plan.buildings[plan.buildings["treatment"] == name]
        _areas(axes, houses, look.line, look.line, 0.15)
        _points(axes, houses, look.line, "o", 3, edge=0.0)
    _lines(axes, plan.links, style.LINK, 5.0, alpha=0.25)
    gravity = plan.pipes["kind"] == "gravity"
    group = np.searchsorted([c.up_to_mm for c in style.PIPE_CLASSES], plan.pipes["diameter_mm"].to_numpy())
    for index, pipe_class in enumerate(style.PIPE_CLASSES):
        _lines(axes, plan.pipes[gravity & (group == index)], style.GRAVITY, 0.75 * pipe_class.width)
    _lines(axes, plan.pipes[~gravity], style.PRESSURE, 1.6, dash=(0, (3.5, 1.8)))
    _areas(axes, plan.overrides, None, style.OVERRIDE, 2.2)
    _points(axes, map_content.unconnected(plan), "none", "o", 40, edge=1.4, line=style.PUMP)
    sites = map_content.plants(plan)
    for kind, marker, colour in (("outlet", "D", style.GRAVITY), ("plant", "s", style.PLANT), ("joined", "p", style.GRAVITY)):
        _points(axes, sites[sites["kind"] == kind], "white", marker, 60 if marker == "p" else 42, edge=1.4, line=colour)
    _points(axes, sites[sites["kind"] == "existing"], style.PLANT, "p", 60)
    _points(axes, plan.systems[plan.systems["kind"] == "connect"], style.GRAVITY, "D", 38)
    _points(axes, plan.systems[plan.systems["kind"] == "own_plant"], style.PLANT, "s", 48)
    _points(axes, plan.pumps, style.PUMP, "^", 46)


def _unit_numbers(axes: Axes, plan: Plan, view: map_content.Box, width_pt: float) -> None:
    """The numbers of study units, with which ``explain`` and tables of decisions name them."""
    step_m = 2 * (view[2] - view[0]) / width_pt
    layers = (plan.units, plan.pipes, plan.buildings, plan.pumps, plan.systems, plan.plants)
    drawn = [shapely.get_coordinates(shapely.segmentize(f.geometry.dropna().to_numpy(), step_m)) for f in layers]
    font = FontProperties(family=fonts.LATIN_FONT, size=_NUMBER_PT)
    halo = [withStroke(linewidth=2.0, foreground="white")]
    places = map_labels.places(plan.units, drawn, view, width_pt, _NUMBER_PT)
    for unit_id, x, y in zip(places.index, places.x, places.y, strict=True):
        axes.text(
            x,
            y,
            str(unit_id),
            ha="center",
            va="center_baseline",
            fontproperties=font,
            path_effects=halo,
            zorder=7,
            clip_on=True,
        )


def rgb(colour: RGB) -> tuple[float, float, float]:
    """A colour as matplotlib takes it."""
    red, green, blue = colour
    return red / 255, green / 255, blue / 255


def _parts(frame: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> NDArray[Any]:
    parts: NDArray[Any] = shapely.get_parts(frame.geometry.dropna().to_numpy())
    return parts[np.isin(shapely.get_type_id(parts), [shapely.GeometryType[k].value for k in kinds])]


def _paths(polygons: Iterable[shapely.Polygon]) -> list[Path]:
    """Outlines with holes: rings in opposite directions, so that holes stay empty."""
    out = []
    for polygon in shapely.orient_polygons(np.asarray(polygons)):
        rings = [np.asarray(r.coords)[:, :2] for r in (polygon.exterior, *polygon.interiors) if not r.is_empty]
        if rings:
            out.append(Path.make_compound_path(*(Path(r, closed=True) for r in rings)))
    return out


def _areas(
    axes: Axes,
    frame: gpd.GeoDataFrame,
    fill: RGB | None,
    line: RGB,
    width: float,
    alpha: float | None = None,
    dash: Any = "solid",
) -> None:
    face = rgb(fill) if fill else "none"
    paths = _paths(_parts(frame, ("POLYGON",)))
    axes.add_collection(
        PathCollection(paths, facecolors=face, edgecolors=[rgb(line)], linewidths=width, alpha=alpha, linestyles=dash),
        autolim=False,
    )


def _hatch(axes: Axes, frame: gpd.GeoDataFrame, look: style.Look) -> None:
    """Tells classes apart in a black and white print."""
    paths = _paths(_parts(frame, ("POLYGON",)))
    axes.add_collection(
        PathCollection(paths, facecolors="none", edgecolors=[(*rgb(look.line), 0.45)], linewidths=0, hatch=look.hatch),
        autolim=False,
    )


def _lines(axes: Axes, frame: gpd.GeoDataFrame, colour: RGB, width: float, alpha: float = 1.0, dash: Any = "solid") -> None:
    lines = [shapely.get_coordinates(g) for g in _parts(frame, ("LINESTRING", "LINEARRING"))]
    axes.add_collection(
        LineCollection(lines, colors=[rgb(colour)], linewidths=width, alpha=alpha, linestyles=dash, capstyle="round"),
        autolim=False,
    )


def _points(
    axes: Axes, frame: gpd.GeoDataFrame, fill: RGB | str, marker: str, size: float, edge: float = 0.9, line: RGB | None = None
) -> None:
    xy = shapely.get_coordinates(_parts(frame, ("POINT",)))
    face = fill if isinstance(fill, str) else rgb(fill)
    border = rgb(line) if line else "white"
    axes.scatter(xy[:, 0], xy[:, 1], s=size, marker=marker, facecolors=[face], edgecolors=[border], linewidths=edge, zorder=5)


def _panel(axes: Axes, plan: Plan, language: Language, names: list[str], missing_japanese: bool, metres_per_in: float) -> None:
    """Title, figures, legend, scale and source line, on an axis measured in inches from the top left."""
    width, height, inside = PANEL_IN, HEIGHT_IN - 2 * _EDGE_IN, PANEL_IN - 0.4
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_facecolor("white")
    name = plan.config.study.name
    texts = [name if fonts.can_draw(name, names) else "", style.text("map_title", language)]
    y = 0.2
    for words, size, step in ((texts[0], 20, 0.42), (texts[1], 13, 0.36)):
        if words:
            axes.text(0.2, y, words, va="top", fontproperties=fonts.fitting(words, names, size, inside))
            y += step
    y += 0.04
    for words in headline.lines(plan, language):
        axes.text(0.2, y, words, va="top", color="#444444", fontproperties=fonts.fitting(words, names, 9.5, inside))
        y += 0.215
    notes = [*headline.source(plan, language).split(" · "), *([style.TEXTS["no_japanese_font"][1]] if missing_japanese else [])]
    scale_top = height - 0.2 - 0.165 * len(notes) - 0.1 - map_scale.HEIGHT_IN
    draw_legend(axes, plan, language, names, y + 0.12, scale_top)
    map_scale.draw(axes, (0.2, width - 0.2), scale_top, metres_per_in, names, language)
    for index, words in enumerate(reversed(notes)):
        small = fonts.fitting(words, names, 7.5, inside)
        axes.text(0.2, height - 0.2 - 0.165 * index, words, va="bottom", color="#666666", fontproperties=small)
