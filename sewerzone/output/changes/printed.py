"""The printed map of a redrawing: an A3 sheet in landscape, as PNG and as vector PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sewerzone import style
from sewerzone.model import Redrawing
from sewerzone.output import artists, columns, fonts, map_scale, sheet
from sewerzone.output.changes.words import headlines, name, notes, say
from sewerzone.output.pen import Pen
from sewerzone.style import RGB, Language
from sewerzone.tables.redrawing import MOVED

PNG_DPI = 150
MOST_ROWS = 14
"""Districts listed in the panel."""
_EDGE_IN = 0.18
_UP = ("nobody", "stays_sewer", "stays_johkasou", *MOVED)
"""What moves lies on top."""


def draw(redrawing: Redrawing, paths: Sequence[Path], language: Language) -> None:
    """Draw what stays and what moves, into a file for each path; its ending decides whether PNG or PDF."""
    page = sheet.wide("a3")
    width, height = page.width_mm / sheet.MM_PER_IN, page.height_mm / sheet.MM_PER_IN
    figure = Figure(figsize=(width, height), dpi=PNG_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    west, south, east, north = window(redrawing)
    scale = page.scale_for((west, south, east, north))
    view = page.view((west, south, east, north), scale)
    axes = _axes(figure, page, page.frame)
    axes.set_xlim(view[0], view[2])
    axes.set_ylim(view[1], view[3])
    axes.set_facecolor("#f7f6f2")
    _draw(axes, redrawing)
    _panel(_axes(figure, page, page.panel), redrawing, language, page, scale / 1000 * sheet.MM_PER_IN)
    for path in paths:
        kind = path.suffix[1:].lower()
        made = {"Software": None} if kind == "png" else {"CreationDate": None, "Producer": None, "Creator": None}
        figure.savefig(path, format=kind, metadata=made)


def window(redrawing: Redrawing) -> tuple[float, float, float, float]:
    """Edges of what is studied: houses and units; areas sewered today may reach far beyond and do not count."""
    layers = (redrawing.redrawn_buildings, redrawing.redrawn_units)
    layers = layers if any(map(len, layers)) else (redrawing.redrawn_areas, redrawing.redrawn_areas)
    boxes = np.array([f.total_bounds for f in layers if len(f)])
    boxes = boxes if len(boxes) else np.array([[0.0, 0.0, 100.0, 100.0]])
    (west, south), (east, north) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def _axes(figure: Figure, page: sheet.Sheet, rect: sheet.Rect) -> Axes:
    axes = figure.add_axes(
        (rect.left / page.width_mm, rect.bottom / page.height_mm, rect.width / page.width_mm, rect.height / page.height_mm)
    )
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _draw(axes: Axes, redrawing: Redrawing) -> None:
    """Areas, the border of the old area, houses, split units with a dashed border, numbers of units that move."""
    areas, houses, units = redrawing.redrawn_areas, redrawing.redrawn_buildings, redrawing.redrawn_units
    looks = style.CHANGE_LOOKS
    for change in _UP:
        some = artists.parts(areas[areas["change"] == change], "POLYGON")
        artists.areas(axes, some, looks[change].fill, looks[change].line, 0.4)
        if looks[change].hatch:
            artists.hatched(axes, some, looks[change].line, looks[change].hatch, 0.6)
    served = artists.parts(redrawing.served_areas, "POLYGON")
    artists.areas(axes, served, None, style.TREATMENT_LOOKS["served"].line, 1.2)
    old = areas[areas["change"].isin(("stays_sewer", "sewer_to_johkasou", "nobody"))]
    border = gpd.GeoDataFrame(geometry=[old.union_all()] if len(old) else [], crs=areas.crs)
    artists.areas(axes, artists.parts(border, "POLYGON"), None, style.CHANGED, 1.6)
    split = artists.parts(units[units["change"] == "split"], "POLYGON")
    artists.areas(axes, split, None, looks["split"].line, 1.0, dash=(0, (4, 2)))
    for change in _UP:
        some = houses[houses["change"] == change]
        artists.areas(axes, artists.parts(some, "POLYGON"), looks[change].line, looks[change].line, 0.3, zorder=3)
        xy = shapely.get_coordinates(artists.parts(some, "POINT"))
        axes.scatter(xy[:, 0], xy[:, 1], s=4, facecolors=[artists.rgb(looks[change].line)], linewidths=0, zorder=3)
    moving = units[units["change"].isin((*MOVED, "split"))]
    for number, box in zip(moving["unit_id"].tolist(), shapely.bounds(moving.geometry.to_numpy()).tolist(), strict=True):
        axes.annotate(
            str(number), ((box[0] + box[2]) / 2, box[3]), (0, 2), textcoords="offset points", ha="center", va="bottom",
            fontsize=7.5, family=fonts.LATIN_FONT, clip_on=True, zorder=5,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "alpha": 0.7, "linewidth": 0},
        )  # fmt: skip


def _panel(axes: Axes, redrawing: Redrawing, language: Language, page: sheet.Sheet, metres_per_in: float) -> None:
    """Title, effect, legend with hectares and dwellings, districts, scale, notes; measured in inches from the top left."""
    width, height = page.panel.width / sheet.MM_PER_IN, page.panel.height / sheet.MM_PER_IN
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    pen, inside, y = Pen(axes, page.size, language), width - 2 * _EDGE_IN, _EDGE_IN
    for words, size, step in (
        (fonts.printable(name(redrawing.config.study.name, language)), 17, 0.38), (say("title", language), 13, 0.38),
    ):  # fmt: skip
        pen.text(_EDGE_IN, y, words, size, width_in=inside)
        y += step
    for words in _folded(headlines(redrawing, language), 9.0, inside):
        pen.text(_EDGE_IN, y, words, 9.0, "#333333", width_in=inside)
        y += 0.2
    y = _legend(pen, redrawing, language, y + 0.2, width)
    told = _folded(notes(redrawing, language), 7.5, inside)
    scale_top = height - 0.3 - 0.16 * len(told) - map_scale.HEIGHT_IN
    _districts(pen, redrawing, language, y + 0.15, scale_top, width)
    map_scale.draw(pen, _EDGE_IN, width - _EDGE_IN, scale_top, metres_per_in)
    for index, words in enumerate(reversed(told)):
        pen.text(_EDGE_IN, height - 0.15 - 0.16 * index, words, 7.5, "#666666", down="bottom", width_in=inside)


def _folded(sentences: list[str], size_pt: float, width_in: float) -> list[str]:
    """Sentences on lines that fit."""
    return [line for sentence in sentences for line in columns.folded(sentence, 72 * width_in / size_pt / 0.54)]


def _key(pen: Pen, y: float, fill: RGB | None, line: RGB, words: str, hatch: str = "", dash: bool = False) -> None:
    face = artists.rgb(fill) if fill else "none"
    more = {"hatch": hatch, "linestyle": (0, (4, 2)) if dash else "solid"}
    pen.box(_EDGE_IN, y - 0.08, 0.34, 0.16, face, artists.rgb(line), 1.0 if fill else 1.5, **more)
    pen.text(_EDGE_IN + 0.44, y, words, 9.0, down="center")


def _legend(pen: Pen, redrawing: Redrawing, language: Language, top: float, width: float) -> float:
    """A line for every class that occurs; returns where it ends."""
    listed = redrawing.redrawing
    total = listed[listed["scope"] == "total"].set_index("change")
    pen.text(_EDGE_IN, top, say("legend", language), 11)
    y = top + 0.33
    for change, look in style.CHANGE_LOOKS.items():
        if change == "split" or not total.loc[change, ["area_ha", "buildings"]].to_numpy(float).any():
            continue
        _key(pen, y, look.fill, look.line, look.label(language), look.hatch)
        area, dwellings = total.loc[change, ["area_ha", "dwellings"]].to_numpy(float)
        amount = f"{area:,.1f} ha   {say('houses', language, n=dwellings)}"
        pen.text(width - _EDGE_IN, y, amount, 8.5, "#444444", across="right", down="center")
        y += 0.25
    _key(pen, y, None, style.CHANGED, say("old_area", language))
    y += 0.25
    if len(redrawing.served_areas):
        _key(pen, y, None, style.TREATMENT_LOOKS["served"].line, style.text("served_area", language))
        y += 0.25
    if (redrawing.redrawn_units["change"] == "split").any():
        _key(pen, y, None, style.CHANGE_LOOKS["split"].line, say("split", language), dash=True)
        y += 0.25
    return y


def _districts(pen: Pen, redrawing: Redrawing, language: Language, top: float, bottom: float, width: float) -> None:
    """The districts where most moves, as many as there is room for."""
    listed = redrawing.redrawing
    some = listed[(listed["scope"] != "total") & listed["change"].isin(MOVED) & (listed["dwellings"] > 0)]
    some = some.sort_values("dwellings", ascending=False, kind="stable")
    some = some[: max(0, min(MOST_ROWS, int((bottom - top - 0.5) / 0.2)))]
    if not len(some):
        return
    pen.text(_EDGE_IN, top, say("by_district", language), 11)
    for k, row in enumerate(some.to_dict("records")):
        y = top + 0.36 + 0.2 * k
        look = style.CHANGE_LOOKS[row["change"]]
        pen.box(_EDGE_IN, y - 0.05, 0.12, 0.1, artists.rgb(look.fill), artists.rgb(look.line), 0.8)
        pen.text(_EDGE_IN + 0.2, y, fonts.printable(name(row["district"], language, 14)), 8.5, down="center", width_in=1.5)
        saving = f"{row['saving_yen_per_yr'] / 1e6:,.2f}"
        amount = (
            f"{row['area_ha']:,.1f} ha  {say('houses', language, n=row['dwellings'])}  {say('million', language, n=saving)}"
        )
        pen.text(width - _EDGE_IN, y, amount, 8.0, "#444444", across="right", down="center")
