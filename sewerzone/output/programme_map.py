"""The printed map of the programme: what is built when, by colour, with the year written on every package."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sewerzone import style
from sewerzone.errors import counted
from sewerzone.model import Plan
from sewerzone.output import headline, map_content, map_layers, printed_map
from sewerzone.output.artists import areas, hatched, lines, parts, points
from sewerzone.output.legend import Group, Row, barrier_rows, box_sample, over_white, stroke_sample
from sewerzone.output.map_content import Box
from sewerzone.output.printed_map import Page, Theme
from sewerzone.output.sheet import Paper
from sewerzone.style import Language, Look

HATCH = "///"
"""Of areas where tanks are installed."""
_HOUSE = (120, 120, 124)
SERVED_ALPHA = 0.35
"""Of areas sewered today."""
_TRUNK, _BRANCH = 2.6, 1.2
"""Widths of lines in points."""


def pdf(plan: Plan, path: str | Path, paper: Paper = "a3", language: Language | None = None) -> None:
    """Draw the programme as one page of vectors in true scale."""
    printed_map.write_pdf([page(plan)], path, paper, language or plan.config.study.language)


def png(plan: Plan, path: str | Path, width_px: int = 1600, paper: Paper = "a3", language: Language | None = None) -> None:
    """Draw the programme as a PNG file of ``width_px`` pixels in width."""
    printed_map.write_png(page(plan), path, width_px, paper, language or plan.config.study.language)


def page(plan: Plan) -> Page:
    """The sheet of the whole study."""
    return Page(plan, map_content.window(plan) or printed_map.EMPTY, theme=THEME)


def _looks(frame: gpd.GeoDataFrame) -> list[tuple[int | None, Look, gpd.GeoDataFrame]]:
    """Rows by when they are finished, those never reached last: (period, look, rows)."""
    found: list[tuple[int | None, Look, gpd.GeoDataFrame]] = [
        (number, look, frame[(frame["period"] == number).fillna(False).to_numpy(bool)])
        for number, look in enumerate(style.PERIOD_LOOKS, 1)
    ]
    found.append((None, style.PERIOD_NEVER, frame[frame["period"].isna().to_numpy(bool)]))
    return [part for part in found if len(part[2])]


def _layers(axes: Axes, plan: Plan, view: Box, size: float) -> None:
    lines(axes, parts(plan.roads, "LINE", view), style.ROAD, 0.5 * size)
    areas(axes, parts(plan.barriers, "POLYGON", view), style.BARRIER, style.BARRIER, 0.6 * size)
    lines(axes, parts(plan.barriers, "LINE", view), style.BARRIER, 1.4 * size)
    served = style.TREATMENT_LOOKS["served"]
    areas(axes, parts(plan.zones[plan.zones["treatment"] == "served"], "POLYGON", view), served.fill, served.line, 0.5 * size,
          alpha=SERVED_ALPHA)  # fmt: skip
    areas(axes, parts(plan.served_areas, "POLYGON", view), None, served.line, 1.6 * size)
    for _, look, rows in _looks(plan.programme_areas):
        is_sewer = (rows["kind"] == "sewer").to_numpy(bool)
        areas(axes, parts(rows[is_sewer], "POLYGON", view), look.fill, look.line, 0.7 * size, alpha=0.8)
        tanks = parts(rows[~is_sewer], "POLYGON", view)
        areas(axes, tanks, (255, 255, 255), look.line, 0.7 * size)
        hatched(axes, tanks, look.fill, HATCH, alpha=0.9)
    houses = plan.buildings[plan.buildings["treatment"] != "none"]
    areas(axes, parts(houses, "POLYGON", view), _HOUSE, _HOUSE, 0.1 * size, alpha=0.7)
    points(axes, parts(houses, "POINT", view), _HOUSE, "o", 2 * size**2, edge=0.0)
    for _, look, rows in reversed(_looks(plan.programme_sewers)):
        for is_trunk, width in ((True, _TRUNK), (False, _BRANCH)):
            some = parts(rows[rows["is_trunk"].astype(bool) == is_trunk], "LINE", view)
            lines(axes, some, (255, 255, 255), (width + 1.0) * size, alpha=0.8, zorder=2)
            lines(axes, some, look.line, width * size, zorder=2)


def _years(axes: Axes, plan: Plan, view: Box, width_pt: float, size: float) -> None:
    """The year in which it is sewered on every area that finds room for it."""
    rows = plan.programme_areas
    rows = rows[(rows["kind"] == "sewer").to_numpy(bool) & rows["built_year"].notna().to_numpy(bool)]
    named = rows.assign(unit_id=rows["area_id"], label=rows["built_year"].astype(str))
    map_layers.number(axes, named, (rows, plan.programme_sewers), view, width_pt, size)


def _groups(plan: Plan, language: Language, part: Plan | None = None) -> list[Group]:
    del part  # there is no sheet of a part
    made, sewers = plan.programme_areas, plan.programme_sewers
    found = [
        Group(style.text("areas_by_year", language), _area_rows(plan, made[made["kind"] == "sewer"], language, "")),
        Group(style.text("tanks_by_year", language), _area_rows(plan, made[made["kind"] != "sewer"], language, HATCH)),
        Group(style.text("sewers_by_year", language), [
            Row(stroke_sample(look.line, _BRANCH), _label(plan, period, language), headline.length(rows["sewer_m"].sum()))
            for period, look, rows in _looks(sewers)
        ]),
        Group(style.text("boundaries", language), _served(plan, language)),
    ]  # fmt: skip
    if sewers["is_trunk"].any():
        trunk = float(sewers.loc[sewers["is_trunk"].astype(bool), "sewer_m"].sum())
        sample = stroke_sample(_HOUSE, _TRUNK)
        found[2].rows.append(Row(sample, style.text("trunk", language), headline.length(trunk)))
    return [group for group in found if group.rows]


def _area_rows(plan: Plan, rows: gpd.GeoDataFrame, language: Language, hatch: str) -> list[Row]:
    out = []
    for period, look, some in _looks(rows):
        fill = (255, 255, 255) if hatch else look.fill
        sample = box_sample(fill, look.line, 0.8, hatch, hatch_colour=look.fill if hatch else None)
        out.append(Row(sample, _label(plan, period, language), _people(float(some["people"].sum()), language)))
    return out


def _served(plan: Plan, language: Language) -> list[Row]:
    look = style.TREATMENT_LOOKS["served"]
    is_there = len(plan.served_areas) or (plan.zones["treatment"] == "served").any()
    sample = box_sample(over_white(look.fill, SERVED_ALPHA), look.line, 1.6)
    return [*([Row(sample, look.label(language))] if is_there else []), *barrier_rows(plan, language)]


def _label(plan: Plan, period: int | None, language: Language) -> str:
    if period is None:
        return style.PERIOD_NEVER.label(language)
    programme = plan.config.programme
    return style.period_label(period, programme.first_year, programme.first_year + programme.years - 1, language)


def _people(people: float, language: Language) -> str:
    return f"{people:,.0f} 人" if language == "ja" else counted(people, "person", "people")


def _lines(plan: Plan, language: Language) -> list[str]:
    """What is built in all years, and coverage before and after."""
    years, rates = plan.programme_years, plan.coverage.sort_values("year")
    if not len(years) or not len(rates):
        return []
    first, last = int(years["year"].min()), int(years["year"].max())
    sewers = plan.programme_sewers
    built = headline.length(float(sewers.loc[sewers["built_year"].notna(), "sewer_m"].sum()))
    spent = float(np.nansum(years[["sewer_yen", "tank_yen"]].to_numpy(float))) / 1e6
    before, after = (rates["coverage_share"].iloc[k] for k in (0, -1))
    tanks, hectares = years["tanks"].sum(), years["finished_ha"].sum()
    rate = "" if pd.isna(before) or pd.isna(after) else f"{before:.1%} → {after:.1%}"
    if language == "ja":
        return [
            f"{first}–{last}年度: 管渠 {built}、{hectares:,.1f} ha、浄化槽 {tanks:,.0f} 基",
            f"事業費 {spent:,.0f} 百万円", *([f"汚水処理人口普及率 {rate}"] if rate else []),
        ]  # fmt: skip
    return [
        f"{first}–{last}: {built} of sewers, {hectares:,.1f} ha, {counted(tanks, 'tank')}",
        f"{spent:,.0f} million yen", *([f"Coverage {rate}"] if rate else []),
    ]  # fmt: skip


THEME = Theme("programme_title", _layers, _groups, _lines, _years)
