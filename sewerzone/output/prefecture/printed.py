"""The overview map of a prefecture as one picture, in the proportions of A3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from sewerzone import style
from sewerzone.output import artists, fonts, map_scale
from sewerzone.output.pen import Pen
from sewerzone.output.prefecture.content import METRES_PER_DEGREE, Prefecture
from sewerzone.output.prefecture.words import how_many, lacks, say
from sewerzone.style import COLLECTIVE, RGB, Language
from sewerzone.tables.prefecture import LIVED_IN

Geometries = NDArray[np.object_]
WIDTH_IN, HEIGHT_IN, PANEL_IN, EDGE_IN = 16.0, 11.3, 3.75, 0.3
_DPI = 150
_BACK_TO_FRONT = ("none", "johkasou", "own_plant", "sewer", "absorbed", "served")
"""Areas are coarse and may overlap; what is sewered today is the surest."""
_FAILED: RGB = (176, 0, 32)
_STATES: dict[str, tuple[RGB, str, str]] = {
    "done": (style.UNIT, "solid", ""), "not run": (style.UNIT, "dashed", ".."), "failed": (_FAILED, "dashed", "xx"),
}  # fmt: skip
"""Colour, line and hatch of outlines."""
_NAME_PT, _LONGEST_NAME = 9.0, 24
_GREY = "#444444"


def write(prefecture: Prefecture, path: Path) -> None:
    """Draw the zones of all municipalities, their outlines and names."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    height, width = HEIGHT_IN - 2 * EDGE_IN, WIDTH_IN - PANEL_IN - 3 * EDGE_IN
    axes = _axes(figure, EDGE_IN, width, height)
    axes.set_facecolor("#f7f6f2")
    metres_per_in = _draw(axes, prefecture, width, height)
    panel = _axes(figure, WIDTH_IN - PANEL_IN - EDGE_IN, PANEL_IN, height)
    panel.set_xlim(0, PANEL_IN)
    panel.set_ylim(height, 0)
    _panel(Pen(panel, 1.0, prefecture.language), prefecture, metres_per_in)
    figure.savefig(path, format="png", metadata={"Software": None})


def _axes(figure: Figure, left_in: float, width_in: float, height_in: float) -> Axes:
    axes = figure.add_axes((left_in / WIDTH_IN, EDGE_IN / HEIGHT_IN, width_in / WIDTH_IN, height_in / HEIGHT_IN))
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _draw(axes: Axes, prefecture: Prefecture, width_in: float, height_in: float) -> float:
    """Zones, outlines and names; returns metres per inch."""
    west, south, east, north = prefecture.bounds or (137.9, 35.9, 138.1, 36.1)
    shrink = float(np.cos(np.radians((south + north) / 2)))
    wide = 1.05 * max((east - west) * shrink, (north - south) * width_in / height_in, 0.005)
    x, y = (west + east) / 2 * shrink, (south + north) / 2
    axes.set_xlim(x - wide / 2, x + wide / 2)
    axes.set_ylim(y - wide * height_in / width_in / 2, y + wide * height_in / width_in / 2)
    drawn = prefecture.drawn
    for name in _BACK_TO_FRONT:
        look = style.TREATMENT_LOOKS[name]
        _areas(axes, _parts([d.areas[name] for d in drawn.values() if name in d.areas], shrink), look.fill, look.line, 0.3)
    states = dict(zip(prefecture.municipalities["code"], prefecture.municipalities["status"], strict=True))
    for state, (line, dash, hatch) in _STATES.items():
        outlines = _parts([d.outline for code, d in drawn.items() if states[code] == state], shrink)
        _areas(axes, outlines, None, line, 1.0, linestyles=dash)
        if hatch:
            _areas(axes, outlines, None, line, 0.0, hatch=hatch)
    _names(axes, prefecture, shrink, wide / (72 * width_in))
    return wide * METRES_PER_DEGREE / width_in


def _areas(axes: Axes, polygons: Geometries, fill: RGB | None, line: RGB, width_pt: float, **more: Any) -> None:
    """Polygons in one colour; nobody asks for their limits, which takes longer than drawing them."""
    face = artists.rgb(fill) if fill else "none"
    paths = list(artists.outlines(polygons))
    axes.add_collection(
        PathCollection(paths, facecolors=face, edgecolors=[artists.rgb(line)], linewidths=width_pt, **more), autolim=False
    )


def _parts(shapes: list[shapely.Geometry], shrink: float) -> Geometries:
    """Polygons, with degrees of longitude as long as those of latitude."""
    parts: Geometries = shapely.get_parts(np.array(shapes, dtype=object))
    return np.asarray(shapely.transform(parts, lambda xy: xy * (shrink, 1.0)), dtype=object)


def _names(axes: Axes, prefecture: Prefecture, shrink: float, degrees_per_pt: float) -> None:
    """Names where there is room, of larger municipalities first."""
    font = FontProperties(family=fonts.family(), size=_NAME_PT)
    halo = [withStroke(linewidth=2.5, foreground="white")]
    taken: list[tuple[float, float, float, float]] = []
    rows = prefecture.municipalities.sort_values(["people", "code"], ascending=[False, True], na_position="last")
    for code, name in zip(rows["code"], rows["name"], strict=True):
        if code not in prefecture.drawn:
            continue
        text = fonts.printable(name) or code
        text = text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"
        (x, y), *_ = shapely.get_coordinates(shapely.point_on_surface(prefecture.drawn[code].outline)).tolist()
        half = (0.55 * _NAME_PT * len(text) * degrees_per_pt, 0.75 * _NAME_PT * degrees_per_pt)
        box = (x * shrink - half[0], y - half[1], x * shrink + half[0], y + half[1])
        if any(b[0] < box[2] and box[0] < b[2] and b[1] < box[3] and box[1] < b[3] for b in taken):
            continue
        taken.append(box)
        axes.text(
            x * shrink, y, text, ha="center", va="center_baseline", fontproperties=font, path_effects=halo, clip_on=True,
            parse_math=False, zorder=7,
        )  # fmt: skip


def _panel(pen: Pen, prefecture: Prefecture, metres_per_in: float) -> None:
    """Title, figures, legend and scale."""
    height, language = HEIGHT_IN - 2 * EDGE_IN, prefecture.language
    y, inside = 0.25, PANEL_IN - 0.4
    if name := fonts.printable(prefecture.name):
        pen.text(0.2, y, name, 20, width_in=inside)
        y += 0.42
    pen.text(0.2, y, say("title", language), 13, width_in=inside)
    y += 0.36
    for words in _figures(prefecture, language):
        pen.text(0.2, y, words, 9.5, _GREY, width_in=inside)
        y += 0.24
    for told in lacks(prefecture, language):
        pen.text(0.2, y, told, 9.5, artists.rgb(_FAILED), width_in=inside)
        y += 0.24
    _legend(pen, prefecture, y + 0.15)
    map_scale.draw(pen, 0.2, PANEL_IN - 0.2, height - 1.5, metres_per_in)
    for k, words in enumerate((*say("note", language).split("\n"), say("made_by", language))):
        pen.text(0.2, height - 0.62 + 0.16 * k, words, 7, "#666666", width_in=inside)


def _figures(prefecture: Prefecture, language: Language) -> list[str]:
    table = prefecture.municipalities
    states = table["status"].value_counts()
    told = [f"{say(s, language)} {states[s]}" for s in _STATES if states.get(s, 0)]
    out = [f"{how_many(len(table), language)}: {', '.join(told)}"]
    people = table["people"].sum()
    if people > 0:
        share = sum(table[f"{t}_people"].sum() for t in COLLECTIVE) / people
        out += [
            f"{say('people', language)} {people:,.0f}   {say('share', language)} {share:.1%}",
            f"{say('cost', language)} {table['total_yen_per_yr'].sum() / 1e6:,.0f} {say('million', language)}",
        ]
    return out


def _legend(pen: Pen, prefecture: Prefecture, y: float) -> None:
    """What the map shows, and only that."""
    table, language = prefecture.municipalities, prefecture.language
    people = {t: float(table[f"{t}_people"].sum()) for t in LIVED_IN}
    for name, look in style.TREATMENT_LOOKS.items():
        if any(name in d.areas for d in prefecture.drawn.values()):
            pen.box(0.2, y - 0.085, 0.42, 0.17, artists.rgb(look.fill), artists.rgb(look.line), 0.9)
            pen.text(0.74, y, look.label(language), 9.5, down="center")
            if name in people:
                share = people[name] / max(sum(people.values()), 1.0)
                pen.text(PANEL_IN - 0.2, y, f"{share:.1%}", 8.5, "#555555", across="right", down="center")
            y += 0.27
    for state in ("failed", "not run"):
        line, dash, hatch = _STATES[state]
        if (table["status"] == state).any():
            pen.box(0.2, y - 0.085, 0.42, 0.17, "none", artists.rgb(line), 0.9, hatch=hatch * 2, linestyle=dash)
            pen.text(0.74, y, say(state, language), 9.5, down="center")
            y += 0.27
