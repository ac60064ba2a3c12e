"""The printed map of a redrawing: an A3 sheet in landscape."""

from __future__ import annotations

import re
from pathlib import Path as FilePath
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from sewerzone import style
from sewerzone.model import Redrawing
from sewerzone.output import columns, fonts, map_scale
from sewerzone.output.changes.words import headlines, name, notes, say
from sewerzone.style import RGB, Language
from sewerzone.tables.redrawing import MOVED

WIDTH_IN, HEIGHT_IN, PANEL_IN, EDGE_IN = 16.0, 11.3, 4.1, 0.3
"""A3 but for a small margin; the panel with title and legend stands on the right."""
WIDTH_PX = 2400
MOST_ROWS = 14
"""Districts listed in the panel."""


def png(redrawing: Redrawing, path: str | FilePath, language: Language) -> None:
    """Draw what stays and what moves; labels are English where the computer has no Japanese font."""
    japanese = fonts.japanese_font()
    language = language if japanese else "en"
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=WIDTH_PX / WIDTH_IN, facecolor="white")
    FigureCanvasAgg(figure)
    height, width = HEIGHT_IN - 2 * EDGE_IN, WIDTH_IN - PANEL_IN - 3 * EDGE_IN
    axes = _axes(figure, EDGE_IN, width, height)
    metres_per_in = _view(axes, redrawing, width / height) / width
    _draw(axes, redrawing)
    panel = _axes(figure, WIDTH_IN - PANEL_IN - EDGE_IN, PANEL_IN, height)
    _panel(panel, redrawing, language, fonts.family(japanese), metres_per_in)
    figure.savefig(path, format="png", metadata={"Software": None})


def _axes(figure: Figure, left_in: float, width_in: float, height_in: float) -> Axes:
    axes = figure.add_axes((left_in / WIDTH_IN, EDGE_IN / HEIGHT_IN, width_in / WIDTH_IN, height_in / HEIGHT_IN))
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _view(axes: Axes, redrawing: Redrawing, ratio: float) -> float:
    """Show houses and areas with a margin; returns the width shown in metres."""
    boxes = np.array([f.total_bounds for f in (redrawing.redrawn_areas, redrawing.redrawn_units) if len(f)])
    boxes = boxes if len(boxes) else np.array([[0.0, 0.0, 100.0, 100.0]])
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    wide = max(1.06 * (east - west), 1.06 * (north - south) * ratio, 50.0)
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - wide / 2, x + wide / 2)
    axes.set_ylim(y - wide / ratio / 2, y + wide / ratio / 2)
    axes.set_facecolor("#f7f6f2")
    return float(wide)


def _draw(axes: Axes, redrawing: Redrawing) -> None:
    """Areas, the border of the old area, houses; what moves lies on top."""
    areas, houses = redrawing.redrawn_areas, redrawing.redrawn_buildings
    looks = style.CHANGE_LOOKS
    for change in ("nobody", "stays_sewer", "stays_johkasou", *MOVED):
        _areas(axes, areas[areas["change"] == change], looks[change].fill, looks[change].line, 0.4)
        if looks[change].hatch:
            _areas(axes, areas[areas["change"] == change], None, looks[change].line, 0.0, looks[change].hatch)
    _areas(axes, redrawing.served_areas, None, style.TREATMENT_LOOKS["served"].line, 1.2)
    old = areas[areas["change"].isin(("stays_sewer", "sewer_to_johkasou", "nobody"))]
    border = gpd.GeoDataFrame(geometry=[old.union_all()] if len(old) else [], crs=areas.crs)
    _areas(axes, border, None, style.CHANGED, 1.6)
    for change in ("nobody", "stays_sewer", "stays_johkasou", *MOVED):
        some = houses[houses["change"] == change]
        _areas(axes, some, looks[change].line, looks[change].line, 0.3)
        xy = shapely.get_coordinates(some.geometry[some.geom_type == "Point"].to_numpy())
        axes.scatter(xy[:, 0], xy[:, 1], s=4, facecolors=[_rgb(looks[change].line)], linewidths=0)


def _rgb(colour: RGB) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255


def _areas(axes: Axes, frame: gpd.GeoDataFrame, fill: RGB | None, line: RGB, width: float, hatch: str | None = None) -> None:
    parts: Any = shapely.get_parts(frame.geometry.dropna().to_numpy())
    parts = shapely.orient_polygons(parts[shapely.get_type_id(parts) == 3])
    paths = []
    for polygon in parts:
        rings = [np.asarray(r.coords)[:, :2] for r in (polygon.exterior, *polygon.interiors) if not r.is_empty]
        if rings:
            paths.append(Path.make_compound_path(*(Path(r, closed=True) for r in rings)))
    face = _rgb(fill) if fill else "none"
    axes.add_collection(
        PathCollection(paths, facecolors=face, edgecolors=[_rgb(line)], linewidths=width, hatch=hatch), autolim=False
    )


def _panel(axes: Axes, redrawing: Redrawing, language: Language, names: list[str], metres_per_in: float) -> None:
    """Title, effect, legend with hectares and dwellings, districts, scale, notes; measured in inches from the top left."""
    height, inside = HEIGHT_IN - 2 * EDGE_IN, PANEL_IN - 0.4
    axes.set_xlim(0, PANEL_IN)
    axes.set_ylim(height, 0)
    axes.set_facecolor("white")
    y = 0.2
    title = name(redrawing.config.study.name, language)
    for words, size, step in ((title if fonts.can_draw(title, names) else "", 18, 0.4), (say("title", language), 13, 0.4)):
        if words:
            axes.text(0.2, y, words, va="top", fontproperties=fonts.fitting(words, names, size, inside))
            y += step
    for words in _folded(headlines(redrawing, language), 9.5, inside):
        axes.text(0.2, y, words, va="top", color="#333333", fontproperties=fonts.fitting(words, names, 9.5, inside))
        y += 0.215
    y = _legend(axes, redrawing, language, names, y + 0.2)
    told = _folded(notes(redrawing, language), 7.5, inside)
    scale_top = height - 0.25 - 0.16 * len(told) - map_scale.HEIGHT_IN
    _districts(axes, redrawing, language, names, y + 0.15, scale_top)
    map_scale.draw(axes, (0.2, PANEL_IN - 0.2), scale_top, metres_per_in, names, language)
    for index, words in enumerate(reversed(told)):
        small = fonts.fitting(words, names, 7.5, inside)
        axes.text(0.2, height - 0.15 - 0.16 * index, words, va="bottom", color="#666666", fontproperties=small)


def _folded(sentences: list[str], size_pt: float, width_in: float) -> list[str]:
    """Sentences on lines that fit."""
    most = 72 * width_in / size_pt / 0.54
    lines = []
    for sentence in sentences:
        line = ""
        for piece in re.findall(r"[\x21-\x7e]+ ?|.", sentence):  # a word, or a Japanese letter
            if line and columns.width(line + piece.rstrip()) > most:
                lines.append(line.rstrip())
                line = ""
            line += piece
        lines.append(line.rstrip())
    return lines


def _legend(axes: Axes, redrawing: Redrawing, language: Language, names: list[str], top: float) -> float:
    """A line for every class that occurs; returns where it ends."""
    listed = redrawing.redrawing
    total = listed[listed["scope"] == "total"].set_index("change")
    font, small = FontProperties(family=names, size=9.5), FontProperties(family=names, size=8.5)
    axes.text(0.2, top, say("legend", language), va="top", fontproperties=FontProperties(family=names, size=11))
    y = top + 0.33
    for change, look in style.CHANGE_LOOKS.items():
        if change == "split" or change not in total.index or not total.loc[change, ["area_ha", "buildings"]].any():
            continue
        box = Rectangle((0.2, y - 0.08), 0.34, 0.16, facecolor=_rgb(look.fill), edgecolor=_rgb(look.line), hatch=look.hatch)
        axes.add_patch(box)
        axes.text(0.64, y, look.label(language), va="center", fontproperties=font)
        area, dwellings = total.loc[change, ["area_ha", "dwellings"]].to_numpy(float)
        amount = f"{area:,.1f} ha   {say('houses', language, n=dwellings)}"
        axes.text(PANEL_IN - 0.2, y, amount, va="center", ha="right", fontproperties=small, color="#444444")
        y += 0.25
    for colour, key in ((style.CHANGED, "old_area"), (style.TREATMENT_LOOKS["served"].line, "served")):
        label = say(key, language) if key == "old_area" else style.text("served_area", language)
        axes.add_patch(Rectangle((0.2, y - 0.08), 0.34, 0.16, facecolor="none", edgecolor=_rgb(colour), linewidth=1.6))
        axes.text(0.64, y, label, va="center", fontproperties=font)
        y += 0.25
    return y


def _districts(axes: Axes, redrawing: Redrawing, language: Language, names: list[str], top: float, bottom: float) -> None:
    """The districts where most moves, as many as there is room for."""
    listed = redrawing.redrawing
    some = listed[(listed["scope"] != "total") & listed["change"].isin(MOVED) & (listed["dwellings"] > 0)]
    some = some.sort_values("dwellings", ascending=False, kind="stable")[: min(MOST_ROWS, int((bottom - top - 0.5) / 0.2))]
    if not len(some):
        return
    axes.text(0.2, top, say("by_district", language), va="top", fontproperties=FontProperties(family=names, size=11))
    font = FontProperties(family=names, size=8.5)
    for k, row in enumerate(some.to_dict("records")):
        y = top + 0.36 + 0.2 * k
        look, words = style.CHANGE_LOOKS[row["change"]], name(row["district"], language, 16)
        axes.add_patch(Rectangle((0.2, y - 0.05), 0.12, 0.1, facecolor=_rgb(look.fill), edgecolor=_rgb(look.line)))
        axes.text(
            0.4,
            y,
            words if fonts.can_draw(words, names) else str(row["district_id"]),
            va="center",
            fontproperties=font,
            parse_math=False,
        )
        amount = f"{row['area_ha']:,.2f} ha   {say('houses', language, n=row['dwellings'])}"
        axes.text(PANEL_IN - 0.2, y, amount, va="center", ha="right", fontproperties=font, color="#444444")
