"""What the plan changes against today's sewer area or an earlier plan; only where a binder is made against one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from sewerzone import style
from sewerzone.model import Redrawing
from sewerzone.output.changes.words import headlines, name, notes
from sewerzone.output.report.blocks import Block, Figures, Grid, Picture, Points, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import address
from sewerzone.stages.redrawing.concerned import concerned
from sewerzone.tables.redrawing import CONCERNED, MOVED, REDRAWING, REDRAWING_EFFECT

AMOUNTS = ("area_ha", "units", "buildings", "dwellings", "people", "saving_yen_per_yr")
EFFECT = (
    "old_area_ha",
    "new_area_ha",
    "moved_dwellings",
    "moved_people",
    "saving_yen_per_yr",
    "saving_20_yr_yen",
    "saving_50_yr_yen",
)
MOST_BY_DISTRICT = 12
"""Households of one district that the report lists; the CSV and the workbook have them all."""


def redrawing(case: Case) -> list[Block]:
    """Sentences, what it saves in 1, 20 and 50 years, the map, what moves in all and by district, the households."""
    found = case.redrawing
    if found is None:
        return []
    say, effect = case.say, found.redrawing_effect.iloc[0]
    saved = (("1", "saving_yen_per_yr"), ("20", "saving_20_yr_yen"), ("50", "saving_50_yr_yen"))
    figures = [(say("saved_in", years=years), case.million(float(effect[c])), say("million_yen")) for years, c in saved]
    return [
        Points([("", words) for words in headlines(found, case.language)]),
        Figures(figures),
        *(Text(words, "note") for words in notes(found, case.language)),
        _map(case, found),
        _classes(case, found),
        *_districts(case, found),
        *_households(case, found),
    ]


def _map(case: Case, found: Redrawing) -> Picture:
    caption = case.say("changes_caption")
    if "changes" in case.pictures:
        return Picture(address(case.pictures["changes"], "image/png"), caption, is_map=True)
    from sewerzone.output.changes import printed

    with tempfile.TemporaryDirectory() as spare:
        path = Path(spare) / "changes.png"
        printed.draw(found, [path], case.language)
        return Picture(address(path.read_bytes(), "image/png"), caption, is_map=True)


def _classes(case: Case, found: Redrawing) -> Grid:
    """What stays and what moves, in all."""
    total = found.redrawing[found.redrawing["scope"] == "total"]
    shown = total[(total["area_ha"] > 0) | (total["buildings"] > 0) | (total["units"] > 0)]
    looks = style.CHANGE_LOOKS
    rows = [[looks[row["change"]].label(case.language), *_amounts(case, row)] for row in shown.to_dict("records")]
    heads = [case.say.heading(REDRAWING.column(c)) for c in ("change", *AMOUNTS)]
    swatches = [style.hex_colour(looks[change].fill) for change in shown["change"]]
    sums = {c: total[c].sum() for c in AMOUNTS}
    return Grid(
        heads,
        rows,
        frozenset(range(1, len(heads))),
        case.say.table(REDRAWING),
        [case.say("all"), *_amounts(case, sums)],
        swatches,
    )


def _amounts(case: Case, row: dict[Any, Any]) -> list[str]:
    return [case.cell(REDRAWING.column(c), row[c]) for c in AMOUNTS]


def _districts(case: Case, found: Redrawing) -> list[Block]:
    """The effect in every district where something moves."""
    effect = found.redrawing_effect
    rows = effect[effect["scope"] != "total"]
    moving = found.redrawing[found.redrawing["change"].isin(MOVED) & (found.redrawing["dwellings"] > 0)]
    keys = set(zip(moving["scope"], moving["district_id"].fillna(-1), strict=True))
    held = [key in keys for key in zip(rows["scope"], rows["district_id"].fillna(-1), strict=True)]
    rows = rows[held].assign(district=lambda frame: [name(d, case.language) for d in frame["district"]])
    if not len(rows):
        return []
    return [Text(case.say("by_district"), "heading"), case.grid(REDRAWING_EFFECT, rows, ("district", *EFFECT))]


def _households(case: Case, found: Redrawing) -> list[Block]:
    """The first households of every district; their number in all."""
    listed = concerned(found.redrawn_buildings)
    say = case.say
    if not len(listed):
        return [Text(say("no_households"))]
    named = listed.assign(district=[name(d, case.language) for d in listed["district"]])
    first: pd.DataFrame = named.groupby("district_id", sort=False, dropna=False).head(MOST_BY_DISTRICT)
    words = say(
        "households_text", buildings=len(listed), dwellings=case.number(listed["dwellings"].sum()), most=MOST_BY_DISTRICT
    )
    columns = ("district", "building_id", "unit_id", "change", "dwellings")
    return [Text(say.table(CONCERNED), "heading"), Text(words), case.grid(CONCERNED, first, columns)]
