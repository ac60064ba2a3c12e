"""The printed map of the retreat: existing sewers that stay, and those given up in the colour of their year."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke

from sewerzone import style
from sewerzone.errors import counted
from sewerzone.model import Plan
from sewerzone.output import fonts, headline, printed_map
from sewerzone.output.artists import areas, lines, parts, points
from sewerzone.output.legend import Group, Row, barrier_rows, box_sample, mark_sample, over_white, stroke_sample
from sewerzone.output.map_content import Box
from sewerzone.output.printed_map import Page, Theme
from sewerzone.output.sheet import Paper
from sewerzone.output.workbook.words import Words
from sewerzone.style import RGB, Language

DECADES: tuple[RGB, ...] = ((179, 0, 27), (232, 89, 12), (217, 154, 0), (122, 127, 0), (60, 130, 150))
"""Colours of the years of turning, by tens, the first first."""
STAYS: tuple[tuple[str, RGB, float], ...] = (
    ("kept", (47, 62, 85), 0.9), ("needed_by_plan", (125, 91, 166), 1.6), ("kept_by_decision", (125, 91, 166), 1.6),
)  # fmt: skip
"""Statuses of sewers that stay, their colour and width in points."""
SITES: tuple[tuple[str, str, RGB, float], ...] = (
    ("terminal", "s", style.GRAVITY, 60.0), ("existing", "p", style.PLANT, 60.0), ("pump", "^", style.PUMP, 46.0),
)  # fmt: skip
"""Plants shown: kind, marker, colour and size."""
GONE = 2.6
SERVED_ALPHA = 0.3
_HOUSE: RGB = (196, 199, 204)
MOST_NUMBERS = 60
NUMBER_PT = 8.0
MARGIN_SHARE = 0.06


def pdf(plan: Plan, path: str | Path, paper: Paper = "a3", language: Language | None = None) -> None:
    """Draw the retreat as one page of vectors in true scale."""
    printed_map.write_pdf([page(plan)], path, paper, language or plan.config.study.language)


def png(plan: Plan, path: str | Path, width_px: int = 1600, paper: Paper = "a3", language: Language | None = None) -> None:
    """Draw the retreat as a PNG file of ``width_px`` pixels in width."""
    printed_map.write_png(page(plan), path, width_px, paper, language or plan.config.study.language)


def page(plan: Plan) -> Page:
    """The sheet of the existing network."""
    west, south, east, north = plan.retreat_sewers.total_bounds
    margin = MARGIN_SHARE * max(east - west, north - south, 100.0)
    return Page(plan, (west - margin, south - margin, east + margin, north + margin), theme=THEME)


def decades(plan: Plan) -> pd.Series[int]:
    """Ten years of the study, from 0, in which each piece is given up; -1 of those that stay."""
    year = plan.retreat_sewers["turn_year"].astype("Float64").astype(float)
    found = ((year - plan.config.programme.first_year) // 10).fillna(-1).astype(int)
    out: pd.Series[int] = found.clip(upper=len(DECADES) - 1)
    return out


def decade_words(plan: Plan, number: int) -> tuple[str, str]:
    """What the key says of ten years, in Japanese and English."""
    first = plan.config.programme.first_year
    last = plan.config.retreat.years if number == len(DECADES) - 1 else min(10 * number + 10, plan.config.retreat.years)
    ja, en = style.TEXTS["given_up_in"]
    return ja.format(first + 10 * number, first + last - 1), en.format(first + 10 * number, first + last - 1)


def _looks(plan: Plan) -> list[tuple[str | int, RGB, float, gpd.GeoDataFrame]]:
    """Sewers from the bottom to the top: those that stay by status, those given up by decade, the last first."""
    pieces, decade = plan.retreat_sewers, decades(plan)
    found: list[tuple[str | int, RGB, float, gpd.GeoDataFrame]] = [
        (status, colour, width, pieces[pieces["status"] == status]) for status, colour, width in STAYS
    ]
    found += [(k, DECADES[k], GONE, pieces[(decade == k).to_numpy(bool)]) for k in reversed(range(len(DECADES)))]
    return [part for part in found if len(part[3])]


def _layers(axes: Axes, plan: Plan, view: Box, size: float) -> None:
    lines(axes, parts(plan.roads, "LINE", view), style.ROAD, 0.5 * size)
    areas(axes, parts(plan.barriers, "POLYGON", view), style.BARRIER, style.BARRIER, 0.6 * size)
    lines(axes, parts(plan.barriers, "LINE", view), style.BARRIER, 1.4 * size)
    served = style.TREATMENT_LOOKS["served"]
    areas(axes, parts(plan.served_areas, "POLYGON", view), served.fill, served.line, 0.8 * size, alpha=SERVED_ALPHA)
    houses = plan.buildings[plan.buildings["treatment"] != "none"]
    areas(axes, parts(houses, "POLYGON", view), _HOUSE, _HOUSE, 0.1 * size)
    points(axes, parts(houses, "POINT", view), _HOUSE, "o", 2 * size**2, edge=0.0)
    for _, colour, width, some in _looks(plan):
        lines(axes, parts(some, "LINE", view), colour, width * size, zorder=2)
    for kind, marker, colour, area in SITES:
        points(axes, parts(plan.plants[plan.plants["kind"] == kind], "POINT", view), colour, marker, area * size**2)


def _numbers(axes: Axes, plan: Plan, view: Box, width_pt: float, size: float) -> None:
    """The numbers of the branches that save most, beside their middles."""
    del view, width_pt
    font = FontProperties(family=fonts.LATIN_FONT, size=max(NUMBER_PT * size, 5.0))
    halo = [withStroke(linewidth=2.2 * size, foreground="white")]
    shown = plan.retreat.nlargest(MOST_NUMBERS, "saving_yen")["branch_id"]
    pieces = plan.retreat_sewers.dropna(subset="branch_id")
    for number, some in pieces[pieces["branch_id"].isin(shown)].groupby("branch_id"):
        middle = shapely.line_interpolate_point(some.geometry.to_numpy(), 0.5, normalized=True)
        x, y = shapely.get_coordinates(middle)[np.argsort(some["dwellings_upstream"].to_numpy(float))[-1]]
        axes.annotate(
            str(number), (x, y), (4.0 * size, 4.0 * size), textcoords="offset points", fontproperties=font, path_effects=halo,
            zorder=7, clip_on=True, annotation_clip=True,
        )  # fmt: skip


def _groups(plan: Plan, language: Language, part: Plan | None = None) -> list[Group]:
    del part  # there is no sheet of a part
    say, at = Words(language), ("ja", "en").index(language)
    rows = []
    for key, colour, width, some in _looks(plan)[::-1]:
        label = say.choice("status", key) if isinstance(key, str) else decade_words(plan, key)[at]
        rows.append(Row(stroke_sample(colour, width), label, headline.length(float(some["length_m"].sum()))))
    served = style.TREATMENT_LOOKS["served"]
    sites = [
        Row(mark_sample(colour, marker, area), style.text(f"site_{kind}", language), f"{count:,}")
        for kind, marker, colour, area in SITES
        if (count := int((plan.plants["kind"] == kind).sum()))
    ]
    found = [Group(style.text("existing_sewers", language), rows), Group(style.text("points", language), sites)]
    borders = barrier_rows(plan, language)
    if len(plan.served_areas):
        borders.insert(0, Row(box_sample(over_white(served.fill, SERVED_ALPHA), served.line, 0.8), served.label(language)))
    found.append(Group(style.text("boundaries", language), borders))
    return [group for group in found if group.rows]


def _lines(plan: Plan, language: Language) -> list[str]:
    """What is given up in all, and what that saves."""
    branches = plan.retreat
    metres, saving = headline.length(float(branches["sewer_m"].sum())), branches["saving_yen"].sum() / 1e6
    houses, horizon = float(branches["dwellings"].sum()), plan.config.retreat.horizon_yr
    if language == "ja":
        return [
            f"撤退する枝 {len(branches):,}: 管渠 {metres}、{houses:,.0f} 戸",
            f"削減額(現在価値、{horizon}年間) {saving:,.1f} 百万円",
        ]
    return [
        f"{counted(len(branches), 'branch', 'branches')} given up: {metres} of sewers, {houses:,.0f} dwellings",
        f"Saving over {horizon} years (present value): {saving:,.1f} million yen",
    ]


THEME = Theme("retreat_title", _layers, _groups, _lines, _numbers)
