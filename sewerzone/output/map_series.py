"""A series of printed maps: one sheet for every district, after a key map that tells which is where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from sewerzone import style
from sewerzone.errors import DataError, first_ids, problem
from sewerzone.model import Plan
from sewerzone.output.districts import labels
from sewerzone.output.inset import overview
from sewerzone.output.map_content import Box
from sewerzone.output.printed_map import Page, whole, write_pdf
from sewerzone.output.sheet import Paper, best
from sewerzone.output.windows import Windows
from sewerzone.style import Language

MOST_DISTRICTS = 60
"""Sheets in one file; of more districts those with most dwellings are drawn."""
MOST_HOUSES = 20_000
"""On the key map; of more none is drawn, for the sheets show them."""
_LEAST_M = 100.0


@dataclass(frozen=True)
class _District:
    """One sheet to be: the district's number and name, its window, and its outline where it has one."""

    number: int
    name: str
    box: Box
    outline: shapely.Geometry | None


def pdf(plan: Plan, path: str | Path, paper: Paper = "a3", language: Language | None = None) -> tuple[str, ...]:
    """Draw the series as one PDF file; returns what was left out, in words.

    Raises
    ------
    DataError
        The plan has no districts with buildings.
    """
    language = language or plan.config.study.language
    districts, told = _chosen(plan, language)
    if not districts:
        raise DataError(
            problem("the plan has no district with buildings", "a map series has one sheet for each",
                    "name a layer of districts under [inputs] and run the study again, or draw a single map")
        )  # fmt: skip
    write_pdf(_pages(plan, districts, paper, language, told), path, paper, language)
    return told


def _chosen(plan: Plan, language: Language) -> tuple[list[_District], tuple[str, ...]]:
    """The districts that get a sheet, in the user's order, and who does not."""
    inhabited = plan.buildings[plan.buildings["treatment"] != "none"]
    dwellings = inhabited.dropna(subset=["district_id"]).groupby("district_id")["dwellings"].sum()
    empty = int((~plan.districts["district_id"].isin(dwellings.index)).sum())
    ranked = dwellings.reset_index().sort_values(["dwellings", "district_id"], ascending=[False, True])["district_id"]
    kept = plan.districts[plan.districts["district_id"].isin(ranked.iloc[:MOST_DISTRICTS])].sort_values("district_id")
    names, told = labels(plan.districts, language), []
    if len(ranked) > MOST_DISTRICTS:
        left = first_ids([names[int(n)] for n in sorted(ranked.iloc[MOST_DISTRICTS:])])
        told.append(f"{style.text('districts_left_out', language)}: {len(ranked) - MOST_DISTRICTS} ({left})")
    if empty:
        told.append(f"{style.text('districts_empty', language)}: {empty}")
    boxes = gpd.GeoDataFrame(inhabited[["district_id"]].join(inhabited.geometry.bounds)).groupby("district_id")
    edges = pd.concat([boxes[["minx", "miny"]].min(), boxes[["maxx", "maxy"]].max()], axis=1)
    out = []
    for number, shape in zip(kept["district_id"], kept.geometry, strict=True):
        outline = shape if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") else None
        out.append(_District(int(number), names[int(number)], _at_least(edges.loc[number].tolist()), outline))
    return out, tuple(told)


def _at_least(edges: list[float]) -> Box:
    """A window no smaller than is of use."""
    west, south, east, north = edges
    x, y = max(0.0, (_LEAST_M - (east - west)) / 2), max(0.0, (_LEAST_M - (north - south)) / 2)
    return west - x, south - y, east + x, north + y


def _pages(plan: Plan, districts: list[_District], paper: Paper, language: Language, told: tuple[str, ...]) -> Iterator[Page]:
    """The key map, then a sheet for every district; each is made when it is drawn, for a city has no room for all at once."""
    views = []
    for district in districts:
        sheet, scale = best(paper, district.box)
        views.append(sheet.view(district.box, scale))
    key = whole(plan)
    edges = [key.box, *views]
    box = (min(b[0] for b in edges), min(b[1] for b in edges), max(b[2] for b in edges), max(b[3] for b in edges))
    notes = (style.text("page_frame", language), *told)
    frames = tuple((view, str(page)) for page, view in enumerate(views, 2))
    shown = replace(plan, buildings=plan.buildings.iloc[:0]) if len(plan.buildings) > MOST_HOUSES else plan
    yield replace(key, box=box, subtitle=style.text("key_map", language), frames=frames, notes=notes, shown=shown)
    windows, whole_study, last = Windows(plan), overview(plan), len(districts) + 1
    for page, (district, view) in enumerate(zip(districts, views, strict=True), 2):
        yield Page(
            plan, district.box, f"{district.name} ({page}/{last})", _part(plan, district.number), district.outline,
            shown=windows.on(view), overview=whole_study,
        )  # fmt: skip


def _part(plan: Plan, district: int) -> Plan:
    """What belongs to a district: its buildings and units, their sewers, pumps and cost."""
    buildings = plan.buildings[plan.buildings["district_id"] == district]
    units = plan.units[plan.units["district_id"] == district]
    return replace(
        plan,
        buildings=buildings,
        units=units,
        pipes=plan.pipes[plan.pipes["unit_id"].isin(units["unit_id"])],
        laterals=plan.laterals[plan.laterals["building_id"].isin(buildings["building_id"])],
    )
