"""The legend of the printed map, drawn row by row on an axis measured in inches from the top left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import headline, map_content
from sewerzone.style import RGB, Language

_LEFT_IN, _SAMPLE_IN, _ROW_IN, _TITLE_IN = 0.2, 0.42, 0.27, 0.43

Sample = Callable[[Axes, float], None]
"""Draws one sample at a height."""


@dataclass(frozen=True)
class Row:
    """One row: a sample, what it is, and a figure at the right."""

    sample: Sample
    label: str
    figure: str = ""


def draw_legend(axes: Axes, plan: Plan, language: Language, names: list[str], top_in: float, bottom_in: float) -> None:
    """Draw what the map shows, and only that, in the official order, between ``top_in`` and ``bottom_in`` inches."""
    right = axes.get_xlim()[1] - 0.2
    groups = [
        (style.text("areas_people", language), _area_rows(plan, language)),
        (style.text("boundaries", language), _boundary_rows(plan, language)),
        (style.text("sewers", language), _sewer_rows(plan, language)),
        (style.text("points", language), _point_rows(plan, language)),
    ]
    groups = [(title, rows) for title, rows in groups if rows]
    needed = sum(_TITLE_IN + _ROW_IN * len(rows) for _, rows in groups)
    tight = min(1.0, (bottom_in - top_in) / max(needed, 1e-9))
    y = top_in
    for title, rows in groups:
        axes.plot([_LEFT_IN, right], [y, y], color="#cccccc", linewidth=0.7)
        axes.text(_LEFT_IN, y + 0.09, title, va="top", color="#555555", fontproperties=FontProperties(family=names, size=8.5))
        y += (_TITLE_IN - 0.02) * tight
        for row in rows:
            row.sample(axes, y)
            label = FontProperties(family=names, size=9.5)
            axes.text(_LEFT_IN + _SAMPLE_IN + 0.12, y, row.label, va="center", fontproperties=label)
            figure = FontProperties(family=names, size=8)
            axes.text(right, y, row.figure, va="center", ha="right", color="#555555", fontproperties=figure)
            y += _ROW_IN * tight
        y += 0.02 * tight


def _colour(colour: RGB) -> tuple[float, float, float]:
    return colour[0] / 255, colour[1] / 255, colour[2] / 255


def _box(fill: RGB | None, line: RGB, width: float, hatch: str = "", dash: object = "solid") -> Sample:
    def draw(axes: Axes, y: float) -> None:
        corner = (_LEFT_IN, y - 0.085)
        face = _colour(fill) if fill else "none"
        axes.add_patch(
            Rectangle(corner, _SAMPLE_IN, 0.17, facecolor=face, edgecolor=_colour(line), linewidth=width, linestyle=dash)
        )
        if hatch:
            shade = (*_colour(line), 0.45)
            axes.add_patch(Rectangle(corner, _SAMPLE_IN, 0.17, facecolor="none", edgecolor=shade, linewidth=0, hatch=hatch))

    return draw


def _stroke(colour: RGB, width: float, dash: object = "solid", alpha: float = 1.0) -> Sample:
    def draw(axes: Axes, y: float) -> None:
        ends = [_LEFT_IN, _LEFT_IN + _SAMPLE_IN]
        axes.add_line(Line2D(ends, [y, y], color=_colour(colour), linewidth=width, linestyle=dash, alpha=alpha))

    return draw


def _mark(fill: RGB | str, marker: str, size: float, line: RGB | None = None) -> Sample:
    def draw(axes: Axes, y: float) -> None:
        face = fill if isinstance(fill, str) else _colour(fill)
        edge, width = (_colour(line), 1.4) if line else ("white", 0.9)
        axes.scatter(
            [_LEFT_IN + _SAMPLE_IN / 2], [y], s=size, marker=marker, facecolors=[face], edgecolors=[edge], linewidths=width
        )

    return draw


def _area_rows(plan: Plan, language: Language) -> list[Row]:
    people = headline.people_by_treatment(plan)
    total = sum(people.values())
    shown = set(plan.zones["treatment"]) | set(plan.buildings["treatment"])
    return [
        Row(
            _box(look.fill, look.line, 0.9, look.hatch),
            look.label(language),
            headline.people_share(people[name], total, language),
        )
        for name, look in style.TREATMENT_LOOKS.items()
        if name in shown
    ]


def _boundary_rows(plan: Plan, language: Language) -> list[Row]:
    rows = []
    if len(plan.units):
        rows.append(
            Row(_box(None, style.UNIT, 0.7, dash=(0, (4, 3))), style.text("unit_number", language), f"{len(plan.units):,}")
        )
    if len(plan.served_areas):
        rows.append(Row(_box(None, style.TREATMENT_LOOKS["served"].line, 1.6), style.text("served_area", language)))
    if len(plan.overrides):
        rows.append(Row(_box(None, style.OVERRIDE, 2.2), style.text("override", language)))
    if len(plan.barriers):
        rows.append(Row(_stroke(style.BARRIER, 1.4), style.text("barrier", language)))
    return rows


def _sewer_rows(plan: Plan, language: Language) -> list[Row]:
    rows = []
    for kind in map_content.sewers(plan, language):
        is_main = kind.pipe_class is None
        width = 1.6 if kind.pipe_class is None else 0.75 * style.PIPE_CLASSES[kind.pipe_class].width
        sample = _stroke(style.PRESSURE, width, (0, (3.5, 1.8))) if is_main else _stroke(style.GRAVITY, width)
        rows.append(Row(sample, kind.label, kind.length))
    if len(plan.links):
        length = map_content.metres(plan.links["length_m"].sum())
        rows.append(Row(_stroke(style.LINK, 5.0, alpha=0.25), style.text("of_which_links", language), length))
    return rows


def _point_rows(plan: Plan, language: Language) -> list[Row]:
    systems, sites = plan.systems["kind"], map_content.plants(plan)["kind"]
    counted = (
        (_mark(style.PUMP, "^", 46), "pump", len(plan.pumps)),
        (_mark(style.PLANT, "s", 48), "plant", int((systems == "own_plant").sum())),
        (_mark(style.GRAVITY, "D", 38), "entry", int((systems == "connect").sum())),
        (_mark("white", "s", 42, style.PLANT), "site_plant", int((sites == "plant").sum())),
        (_mark("white", "D", 42, style.GRAVITY), "site_outlet", int((sites == "outlet").sum())),
        (_mark(style.PLANT, "p", 60), "site_existing", int((sites == "existing").sum())),
        (_mark("white", "p", 60, style.GRAVITY), "site_joined", int((sites == "joined").sum())),
        (_mark("none", "o", 40, style.PUMP), "unconnected", len(map_content.unconnected(plan))),
    )
    return [Row(sample, style.text(key, language), f"{count:,}") for sample, key, count in counted if count]
