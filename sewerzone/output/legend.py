"""The legend of the printed map: what the map shows, and only that, in the official order, in one column or several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import headline, map_content
from sewerzone.output.artists import rgb
from sewerzone.output.pen import Pen
from sewerzone.style import RGB, Language

_SAMPLE_IN, _ROW_IN, _TITLE_IN = 0.42, 0.27, 0.43

Sample = Callable[[Pen, float, float], None]
"""Draws one sample at its left end and middle height."""


@dataclass(frozen=True)
class Row:
    """One row: a sample, what it is, and a figure at the right."""

    sample: Sample
    label: str
    figure: str = ""


@dataclass(frozen=True)
class Group:
    """Rows under a heading."""

    title: str
    rows: list[Row]

    @property
    def height_in(self) -> float:
        """What it takes where there is room enough."""
        return _TITLE_IN + _ROW_IN * len(self.rows)


def groups(plan: Plan, language: Language, part: Plan | None = None) -> list[Group]:
    """All groups that have rows, for what of a plan is on the sheet.

    Of a ``part``, whose people are told in place of the plan's, there are no counts and lengths: things reach beyond it.
    """
    found = [
        Group(style.text("areas_people", language), _area_rows(plan, plan if part is None else part, language)),
        Group(style.text("boundaries", language), _boundary_rows(plan, language)),
        Group(style.text("sewers", language), _sewer_rows(plan, language, "link" if part else "of_which_links")),
        Group(style.text("points", language), _point_rows(plan, language)),
    ]
    if part is not None:
        found = [found[0], *(Group(g.title, [Row(r.sample, r.label) for r in g.rows]) for g in found[1:])]
    return [group for group in found if group.rows]


def columns(all_groups: list[Group], most: int) -> list[list[Group]]:
    """Groups in order over at most ``most`` columns, the highest column as low as can be."""
    heights = [group.height_in for group in all_groups]
    best = [all_groups]
    for cut in range(1, len(heights)) if most > 1 else ():
        if max(sum(heights[:cut]), sum(heights[cut:])) < max(sum(g.height_in for g in column) for column in best):
            best = [all_groups[:cut], all_groups[cut:]]
    return best


def draw(pen: Pen, column: list[Group], left: float, right: float, top: float, bottom: float) -> float:
    """Draw one column between the given sides (inches), closer together where room is short; returns where it ends."""
    needed = sum(group.height_in for group in column)
    tight = min(1.0, (bottom - top) / max(needed, 1e-9))
    y = top
    for group in column:
        pen.line((left, right), (y, y), "#cccccc", 0.7)
        pen.text(left, y + 0.09 * tight, group.title, 8.5, "#555555", width_in=right - left)
        y += (_TITLE_IN - 0.02) * tight
        for row in group.rows:
            row.sample(pen, left, y)
            room = right - left - _SAMPLE_IN - 0.12
            figure_in = min(0.065 * len(row.figure) + (0.1 if row.figure else 0.0), 0.55 * room)
            size_pt = 9.5 * max(tight, 0.8)
            pen.text(left + _SAMPLE_IN + 0.12, y, row.label, size_pt, down="center", width_in=room - figure_in)
            pen.text(right, y, row.figure, 8 * max(tight, 0.8), "#555555", "right", "center", figure_in or None)
            y += _ROW_IN * tight
        y += 0.02 * tight
    return y


def box_sample(
    fill: RGB | None, line: RGB, width: float, hatch: str = "", dash: object = "solid", alpha: float = 0.45,
    hatch_colour: RGB | None = None,
) -> Sample:  # fmt: skip
    """A sample of areas; their hatch has the colour of the outline unless another is given."""

    def sample(pen: Pen, x: float, y: float) -> None:
        face = rgb(fill) if fill else "none"
        pen.box(x, y - 0.085, _SAMPLE_IN, 0.17, face, rgb(line), width, linestyle=dash)
        if hatch:
            pen.box(x, y - 0.085, _SAMPLE_IN, 0.17, "none", (*rgb(hatch_colour or line), alpha), 0, hatch=hatch)

    return sample


def over_white(colour: RGB, alpha: float) -> RGB:
    """How a colour of that opacity looks on paper."""
    red, green, blue = (round(255 - (255 - part) * alpha) for part in colour)
    return red, green, blue


def barrier_rows(plan: Plan, language: Language) -> list[Row]:
    """The legend's row of rivers and railways, where there are any."""
    return [Row(stroke_sample(style.BARRIER, 1.4), style.text("barrier", language))] if len(plan.barriers) else []


def stroke_sample(colour: RGB, width: float, dash: object = "solid", alpha: float = 1.0) -> Sample:
    """A sample of lines."""

    def sample(pen: Pen, x: float, y: float) -> None:
        pen.line((x, x + _SAMPLE_IN), (y, y), rgb(colour), width, linestyle=dash, alpha=alpha)

    return sample


def mark_sample(fill: RGB | str, marker: str, area: float, line: RGB | None = None) -> Sample:
    """A sample of markers."""

    def sample(pen: Pen, x: float, y: float) -> None:
        face = fill if isinstance(fill, str) else rgb(fill)
        edge, width = (rgb(line), 1.4) if line else ("white", 0.9)
        pen.mark(x + _SAMPLE_IN / 2, y, face, marker, area, edge, width)

    return sample


def _area_rows(plan: Plan, part: Plan, language: Language) -> list[Row]:
    people = headline.people_by_treatment(part)
    total = sum(people.values())
    shown = set(plan.zones["treatment"]) | set(plan.buildings["treatment"])
    return [
        Row(
            box_sample(look.fill, look.line, 0.9, look.hatch),
            look.label(language),
            headline.people_share(people[name], total, language) if people[name] or part is plan else "",
        )
        for name, look in style.TREATMENT_LOOKS.items()
        if name in shown
    ]


def _boundary_rows(plan: Plan, language: Language) -> list[Row]:
    rows = []
    if len(plan.units):
        rows.append(
            Row(
                box_sample(None, style.UNIT, 0.7, dash=(0, (4, 3))), style.text("unit_number", language), f"{len(plan.units):,}"
            )
        )
    if len(plan.served_areas):
        rows.append(Row(box_sample(None, style.TREATMENT_LOOKS["served"].line, 1.6), style.text("served_area", language)))
    changed, contested = map_content.changed(plan), map_content.contested(plan)
    if len(changed):
        rows.append(Row(box_sample(None, style.CHANGED, 1.8), style.text("changed", language), f"{len(changed):,}"))
    if len(contested):
        sample = box_sample(None, style.CONTESTED, 0.0, "xx", alpha=0.55)
        rows.append(Row(sample, style.text("contested", language), f"{len(contested):,}"))
    if len(plan.overrides):
        rows.append(Row(box_sample(None, style.OVERRIDE, 2.2), style.text("override", language)))
    return rows + barrier_rows(plan, language)


def _sewer_rows(plan: Plan, language: Language, links: str) -> list[Row]:
    rows = []
    for kind in map_content.sewers(plan, language):
        is_main = kind.pipe_class is None
        width = 1.6 if kind.pipe_class is None else 0.75 * style.PIPE_CLASSES[kind.pipe_class].width
        sample = stroke_sample(style.PRESSURE, width, (0, (3.5, 1.8))) if is_main else stroke_sample(style.GRAVITY, width)
        rows.append(Row(sample, kind.label, kind.length))
    if len(plan.links):
        length = map_content.metres(plan.links["length_m"].sum())
        rows.append(Row(stroke_sample(style.LINK, 5.0, alpha=0.25), style.text(links, language), length))
    return rows


def _point_rows(plan: Plan, language: Language) -> list[Row]:
    systems, sites = plan.systems["kind"], map_content.plants(plan)["kind"]
    counted = (
        (mark_sample(style.PUMP, "^", 46), "pump", len(plan.pumps)),
        (mark_sample(style.PLANT, "s", 48), "plant", int((systems == "own_plant").sum())),
        (mark_sample(style.GRAVITY, "D", 38), "entry", int((systems == "connect").sum())),
        (mark_sample("white", "s", 42, style.PLANT), "site_plant", int((sites == "plant").sum())),
        (mark_sample("white", "D", 42, style.GRAVITY), "site_outlet", int((sites == "outlet").sum())),
        (mark_sample(style.PLANT, "p", 60), "site_existing", int((sites == "existing").sum())),
        (mark_sample("white", "p", 60, style.GRAVITY), "site_joined", int((sites == "joined").sum())),
        (mark_sample("none", "o", 40, style.PUMP), "unconnected", len(map_content.unconnected(plan))),
    )
    return [Row(sample, style.text(key, language), f"{count:,}") for sample, key, count in counted if count]
