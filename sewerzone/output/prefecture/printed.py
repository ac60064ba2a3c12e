"""The overview map of a prefecture as one picture, in the proportions of A3."""

from __future__ import annotations

from pathlib import Path as FilePath

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from sewerzone import style
from sewerzone.output import fonts, map_scale
from sewerzone.output.pen import Pen
from sewerzone.output.prefecture.content import Prefecture
from sewerzone.output.prefecture.words import say
from sewerzone.style import COLLECTIVE, RGB, Language
from sewerzone.tables.prefecture import LIVED_IN

WIDTH_IN, HEIGHT_IN, PANEL_IN, EDGE_IN = 16.0, 11.3, 3.75, 0.3
_DPI = 150
_M_PER_DEGREE = 111_320.0
_BACK_TO_FRONT = ("none", "johkasou", "own_plant", "sewer", "absorbed", "served")
"""Areas are coarse and may overlap; what is sewered today is the surest."""
_FAILED: RGB = (176, 0, 32)
_LONGEST_NAME = 24


def write(prefecture: Prefecture, path: FilePath) -> None:
    """Draw the zones of all municipalities, their outlines and names."""
    language = prefecture.language
    names = fonts.family()
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    height, width = HEIGHT_IN - 2 * EDGE_IN, WIDTH_IN - PANEL_IN - 3 * EDGE_IN
    axes = _axes(figure, EDGE_IN, width, height)
    axes.set_facecolor("#f7f6f2")
    metres_per_in = _draw(axes, prefecture, names, width, height)
    _panel(_axes(figure, WIDTH_IN - PANEL_IN - EDGE_IN, PANEL_IN, height), prefecture, language, names, metres_per_in)
    figure.savefig(path, format="png", metadata={"Software": None})


def _axes(figure: Figure, left_in: float, width_in: float, height_in: float) -> Axes:
    axes = figure.add_axes((left_in / WIDTH_IN, EDGE_IN / HEIGHT_IN, width_in / WIDTH_IN, height_in / HEIGHT_IN))
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _draw(axes: Axes, prefecture: Prefecture, names: list[str], width_in: float, height_in: float) -> float:
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
        paths = [p for d in drawn.values() if name in d.areas for p in _paths(d.areas[name], shrink)]
        axes.add_collection(
            PathCollection(paths, facecolors=_rgb(look.fill), edgecolors=[_rgb(look.line)], linewidths=0.3), autolim=False
        )
    states = dict(zip(prefecture.municipalities["code"], prefecture.municipalities["status"], strict=True))
    for state, line, dash, hatch in (
        ("done", style.UNIT, "solid", ""), ("not run", style.UNIT, "dashed", ".."), ("failed", _FAILED, "dashed", "xx"),
    ):  # fmt: skip
        paths = [p for code, d in drawn.items() if states[code] == state for p in _paths(d.outline, shrink)]
        axes.add_collection(
            PathCollection(paths, facecolors="none", edgecolors=[_rgb(line)], linewidths=1.0, linestyles=dash, hatch=hatch),
            autolim=False,
        )
    _names(axes, prefecture, names, shrink, wide / (72 * width_in))
    return wide * _M_PER_DEGREE / width_in


def _names(axes: Axes, prefecture: Prefecture, names: list[str], shrink: float, degrees_per_pt: float) -> None:
    """Names where there is room, of larger municipalities first."""
    size_pt = 9.0
    halo = [withStroke(linewidth=2.5, foreground="white")]
    taken: list[tuple[float, float, float, float]] = []
    rows = prefecture.municipalities.sort_values(["people", "code"], ascending=[False, True], na_position="last")
    for code, name in zip(rows["code"], rows["name"], strict=True):
        text = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        if code not in prefecture.drawn or not fonts.can_draw(text, names) or not text.isprintable():
            text = code
        if code not in prefecture.drawn:
            continue
        (x, y), *_ = shapely.get_coordinates(shapely.point_on_surface(prefecture.drawn[code].outline)).tolist()
        half = (0.55 * size_pt * len(text) * degrees_per_pt, 0.75 * size_pt * degrees_per_pt)
        box = (x * shrink - half[0], y - half[1], x * shrink + half[0], y + half[1])
        if any(b[0] < box[2] and box[0] < b[2] and b[1] < box[3] and box[1] < b[3] for b in taken):
            continue
        taken.append(box)
        font = FontProperties(family=names, size=size_pt)
        axes.text(x * shrink, y, text, ha="center", va="center_baseline", fontproperties=font, path_effects=halo, clip_on=True,
                  parse_math=False)  # fmt: skip


def _panel(axes: Axes, prefecture: Prefecture, language: Language, names: list[str], metres_per_in: float) -> None:
    """Title, figures, legend and scale, on an axis measured in inches from the top left."""
    width, height = PANEL_IN, HEIGHT_IN - 2 * EDGE_IN
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    y = 0.25

    def line(words: str, size: float, step: float, colour: str = "#222222") -> None:
        nonlocal y
        font = fonts.fitting(words, names, size, width - 0.4)
        axes.text(0.2, y, words, va="top", color=colour, fontproperties=font, parse_math=False)
        y += step

    if prefecture.name and fonts.can_draw(prefecture.name, names) and prefecture.name.isprintable():
        line(prefecture.name, 20, 0.42)
    line(say("title", language), 13, 0.36)
    table = prefecture.municipalities
    states = table["status"].value_counts()
    told = [f"{say(s, language)} {states[s]}" for s in ("done", "failed", "not run") if states.get(s, 0)]
    line(f"{len(table)} {say('municipalities', language)}: {', '.join(told)}", 9.5, 0.24, "#444444")
    people = {t: float(table[f"{t}_people"].sum()) for t in LIVED_IN}
    total = sum(people.values())
    if total > 0:
        share = sum(people[t] for t in COLLECTIVE) / total
        line(f"{say('people', language)} {total:,.0f}   {say('share', language)} {share:.1%}", 9.5, 0.24, "#444444")
        cost = table["total_yen_per_yr"].sum() / 1e6
        line(f"{say('cost', language)} {cost:,.0f} {say('million', language)}", 9.5, 0.24, "#444444")
    y += 0.15
    for name, look in style.TREATMENT_LOOKS.items():
        if not any(name in d.areas for d in prefecture.drawn.values()):
            continue
        axes.add_patch(Rectangle((0.2, y - 0.085), 0.42, 0.17, facecolor=_rgb(look.fill), edgecolor=_rgb(look.line)))
        axes.text(0.74, y, look.label(language), va="center", fontproperties=FontProperties(family=names, size=9.5))
        if name in people and total > 0:
            axes.text(width - 0.2, y, f"{people[name] / total:.1%}", va="center", ha="right", color="#555555",
                      fontproperties=FontProperties(family=names, size=8.5))  # fmt: skip
        y += 0.27
    for state, colour, hatch in (("failed", _FAILED, "xxx"), ("not run", style.UNIT, "...")):
        if states.get(state, 0):
            corner = (0.2, y - 0.085)
            axes.add_patch(Rectangle(corner, 0.42, 0.17, facecolor="none", edgecolor=_rgb(colour), hatch=hatch, linestyle="--"))
            axes.text(0.74, y, say(state, language), va="center", fontproperties=FontProperties(family=names, size=9.5))
            y += 0.27
    map_scale.draw(Pen(axes, 1.0, language), 0.2, width - 0.2, height - 1.35, metres_per_in)
    y = height - 0.55
    for words in (say("note", language), say("made_by", language)):
        line(words, 7.5, 0.17, "#666666")


def _paths(shape: shapely.Geometry, shrink: float) -> list[Path]:
    """Outlines with holes: rings in opposite directions, so that holes stay empty."""
    out = []
    for polygon in shapely.orient_polygons(shapely.get_parts(shape)):
        rings = [shapely.get_coordinates(ring) * (shrink, 1.0) for ring in shapely.get_rings(polygon)]
        if rings:
            out.append(Path.make_compound_path(*(Path(ring, closed=True) for ring in rings)))
    return out


def _rgb(colour: RGB) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255
