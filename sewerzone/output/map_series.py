"""A series of printed maps: one sheet for every district, after a key map that tells which is where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from sewerzone import style
from sewerzone.errors import DataError, first_ids, problem
from sewerzone.model import Plan
from sewerzone.output.map_content import Box
from sewerzone.output.printed_map import Page, whole, write_pdf
from sewerzone.output.sheet import Paper, best
from sewerzone.style import Language

MOST_DISTRICTS = 60
"""Sheets in one file; of more districts those with most dwellings are drawn."""

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
    """The districts that get a sheet, in order of their numbers, and who does not."""
    inhabited = plan.buildings[plan.buildings["treatment"] != "none"]
    dwellings = inhabited.dropna(subset=["district_id"]).groupby("district_id")["dwellings"].sum()
    empty = int((~plan.districts["district_id"].isin(dwellings.index)).sum())
    ranked = dwellings.reset_index().sort_values(["dwellings", "district_id"], ascending=[False, True])["district_id"]
    kept = plan.districts[plan.districts["district_id"].isin(ranked.iloc[:MOST_DISTRICTS])].sort_values("district_id")
    told = []
    if len(ranked) > MOST_DISTRICTS:
        left = first_ids(sorted(int(n) for n in ranked.iloc[MOST_DISTRICTS:]))
        told.append(f"{style.text('districts_left_out', language)}: {len(ranked) - MOST_DISTRICTS} ({left})")
    if empty:
        told.append(f"{style.text('districts_empty', language)}: {empty}")
    boxes = gpd.GeoDataFrame(inhabited[["district_id"]].join(inhabited.geometry.bounds)).groupby("district_id")
    edges = pd.concat([boxes[["minx", "miny"]].min(), boxes[["maxx", "maxy"]].max()], axis=1)
    out = []
    for number, name, shape in zip(kept["district_id"], kept["name"], kept.geometry, strict=True):
        outline = shape if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") else None
        words = name if isinstance(name, str) and name.strip() else f"{style.text('district', language)} {number}"
        out.append(_District(int(number), words, _at_least(edges.loc[number].tolist()), outline))
    return out, tuple(told)


def _at_least(edges: list[float]) -> Box:
    """A window no smaller than is of use."""
    west, south, east, north = edges
    x, y = max(0.0, (_LEAST_M - (east - west)) / 2), max(0.0, (_LEAST_M - (north - south)) / 2)
    return west - x, south - y, east + x, north + y


def _pages(plan: Plan, districts: list[_District], paper: Paper, language: Language, told: tuple[str, ...]) -> list[Page]:
    frames = []
    for page, district in enumerate(districts, 2):
        sheet, scale = best(paper, district.box)
        frames.append((sheet.view(district.box, scale), str(page)))
    key = whole(plan)
    edges = [key.box, *(box for box, _ in frames)]
    box = (min(b[0] for b in edges), min(b[1] for b in edges), max(b[2] for b in edges), max(b[3] for b in edges))
    notes = (style.text("page_frame", language), *told)
    first = replace(key, box=box, subtitle=style.text("key_map", language), frames=tuple(frames), notes=notes)
    last = len(districts) + 1
    return [first] + [
        Page(
            plan, district.box, f"{district.name} ({page}/{last})", _part(plan, district.number), district.outline,
        )
        for page, district in enumerate(districts, 2)
    ]  # fmt: skip


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
