"""The map of the retreat: existing sewers that stay, and those given up in the colour of their year, branches numbered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import artists, fonts
from sewerzone.output.workbook.words import Words

WIDTH_IN = 8.2
MARGIN_SHARE = 0.05
ROAD_TOLERANCE_M = 5.0
COLOURS = ("#b3001b", "#e8590c", "#d99a00", "#7a7f00", "#4c6b8a")
"""Of the years of turning, by decades, the first first."""
KEPT, PINNED = "#2f3e55", "#7d5ba6"
MOST_NUMBERS = 60
TEXTS = {
    "decade": ("{first}~{last}年度に撤退", "Given up in {first} to {last}"),
    "branch": ("数字: 撤退する枝", "Numbers: branches given up"),
}


def png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the map as a PNG file ``width_px`` pixels wide; labels in the study's language."""
    draw(plan, width_px / WIDTH_IN).savefig(path, format="png", metadata={"Software": None})


def draw(plan: Plan, dpi: float = 100.0) -> Figure:
    """The map as a figure, of the window of the existing sewers."""
    language, pieces = plan.config.study.language, plan.retreat_sewers
    west, south, east, north = pieces.total_bounds
    margin = MARGIN_SHARE * max(east - west, north - south, 100.0)
    ratio = float(np.clip((north - south + 2 * margin) / (east - west + 2 * margin), 0.45, 1.0))
    wide = max(east - west + 2 * margin, (north - south + 2 * margin) / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    view = (x - wide / 2, y - wide * ratio / 2, x + wide / 2, y + wide * ratio / 2)
    figure = Figure(figsize=(WIDTH_IN, WIDTH_IN * ratio), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(view[0], view[2])
    axes.set_ylim(view[1], view[3])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#fbfaf7")
    served = style.TREATMENT_LOOKS["served"]
    artists.areas(axes, artists.parts(plan.served_areas, "POLYGON", view), served.fill, served.line, 0.5, alpha=0.3)
    roads = shapely.simplify(artists.parts(plan.roads, "LINE", view), ROAD_TOLERANCE_M)
    axes.add_collection(LineCollection(_lines(roads), colors="#d4d6da", linewidths=0.4), autolim=False)
    artists.areas(axes, artists.parts(plan.buildings, "POLYGON", view), (190, 194, 200), (190, 194, 200), 0.1)
    handles = _sewers(axes, plan, language)
    _sites(axes, plan, view)
    _numbers(axes, plan)
    font = FontProperties(family=fonts.family(), size=9)
    axes.legend(handles=handles, prop=font, loc="best", framealpha=0.92, edgecolor="#cfd6de")
    return figure


def decades(plan: Plan) -> pd.Series[int]:
    """Decade of the study, from 0, in which each piece is given up; -1 of those that stay."""
    year = plan.retreat_sewers["turn_year"].astype("Float64").astype(float)
    out = ((year - plan.config.programme.first_year) // 10).fillna(-1).astype(int)
    clipped: pd.Series[int] = out.clip(upper=len(COLOURS) - 1)
    return clipped


def _lines(geometry: np.ndarray) -> list[np.ndarray]:
    return [shapely.get_coordinates(line) for line in geometry]


def _sewers(axes: Axes, plan: Plan, language: style.Language) -> list[Line2D]:
    """Those that stay first, then those given up; what the key says of them."""
    pieces, decade, say = plan.retreat_sewers, decades(plan), Words(language)
    drawn = pieces.geometry.notna()
    first = plan.config.programme.first_year
    groups = (("kept", KEPT, 0.9), ("needed_by_plan", PINNED, 1.6), ("kept_by_decision", PINNED, 1.6))
    handles = []
    for status, colour, width in groups:
        some = pieces[drawn & (pieces["status"] == status)]
        if len(some):
            lines = LineCollection(_lines(some.geometry.to_numpy()), colors=colour, linewidths=width)
            axes.add_collection(lines, autolim=False)
            handles.append(Line2D([], [], color=colour, linewidth=width, label=say.choice("status", status)))
    at = language == "en"
    for number, colour in enumerate(COLOURS):
        some = pieces[drawn & (decade == number)]
        if len(some):
            lines = LineCollection(_lines(some.geometry.to_numpy()), colors=colour, linewidths=3.0, zorder=3, capstyle="round")
            axes.add_collection(lines, autolim=False)
            last = plan.config.retreat.years if number == len(COLOURS) - 1 else 10 * number + 10
            label = TEXTS["decade"][at].format(first=first + 10 * number, last=first + last - 1)
            handles.append(Line2D([], [], color=colour, linewidth=3.0, label=label))
    if len(plan.retreat):
        handles.append(Line2D([], [], linestyle="", label=TEXTS["branch"][at]))
    return handles


def _sites(axes: Axes, plan: Plan, view: tuple[float, float, float, float]) -> None:
    for kind, marker, area in (("terminal", "s", 60.0), ("existing", "p", 60.0), ("pump", "^", 40.0)):
        some = plan.plants[plan.plants["kind"] == kind]
        artists.points(axes, artists.parts(some, "POINT", view), style.PLANT if kind != "pump" else style.PUMP, marker, area)


def _numbers(axes: Axes, plan: Plan) -> None:
    """The number of each of the largest branches, beside its middle."""
    halo = [withStroke(linewidth=2.4, foreground="white")]
    font = FontProperties(family=fonts.LATIN_FONT, size=9)
    shown = plan.retreat.nlargest(MOST_NUMBERS, "saving_yen")["branch_id"]
    pieces = plan.retreat_sewers.dropna(subset="branch_id")
    pieces = pieces[pieces["branch_id"].isin(shown)]
    for number, some in pieces.groupby("branch_id"):
        x, y = shapely.get_coordinates(shapely.centroid(shapely.union_all(some.geometry.to_numpy())))[0]
        axes.annotate(
            str(number), (x, y), (5.0, 5.0), textcoords="offset points", fontproperties=font, path_effects=halo, zorder=7,
            clip_on=True,
        )  # fmt: skip
