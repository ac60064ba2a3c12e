"""What a check found, as text for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sewerzone import noted
from sewerzone.crs import in_japanese
from sewerzone.errors import counted
from sewerzone.output.brief_words import say
from sewerzone.output.columns import columns
from sewerzone.style import Language

NOUNS: dict[str, tuple[str, ...]] = {
    "buildings": ("building",), "roads": ("road line",), "served_areas": ("served area",), "districts": ("district",),
    "barriers": ("barrier",), "plants": ("plant or inlet", "plants or inlets"), "overrides": ("decision",),
    "sewers": ("existing sewer",), "projected_people": ("area with future people", "areas with future people"),
    "present_plan": ("area of today's plan", "areas of today's plan"),
}  # fmt: skip
"""What one row of a layer is in English."""
_STATUSES = {"buildings": "building_statuses", "roads": "road_statuses"}


def text(found: Mapping[str, Any], language: Language) -> str:
    """Layers as read, notes, warnings and problems, of :class:`sewerzone.io.checking.Findings` as plain data."""
    lines = [found["study"]]
    if found["summary"]:
        lines += ["", *_summary(found["summary"], found["unnamed"], language)]
    for key, sign in (("notes", "-"), ("warnings", ""), ("problems", "")):
        told = noted.said(found[key], noted.rows(found[key]), language)
        if told:
            lines += ["", say(key, language, number=len(told))]
            lines += [f"  {sign or f'{k}.'} {sentence}" for k, sentence in enumerate(told, 1)]
    return "\n".join(lines if found["problems"] else [*lines, "", say("no_problems", language)])


def _summary(summary: Mapping[str, Any], unnamed: Sequence[str], language: Language) -> list[str]:
    rows = []
    for role, nouns in NOUNS.items():
        if role not in unnamed:
            count = summary[role]["rows"]
            rows.append([*_counted(role, count, nouns, language), _extent(summary[role]["extent_m"], language)])
            told = summary.get(_STATUSES.get(role, ""))
            if told:
                rows.append(["", "", _statuses(told, language)])
    rows.append(_terrain(summary["terrain"], language))
    lines = [f"{say('crs', language)} {summary['crs']}", *columns(rows, "lrl" if language == "ja" else "rll")]
    if "people" in summary:
        loads = {"dwellings": summary["dwellings"], "people": summary["people"], "served": summary["dwellings_served_today"]}
        lines.append(say("loads", language, **loads))
    return lines


def _counted(role: str, count: int, nouns: Sequence[str], language: Language) -> list[str]:
    """A layer and its rows in two cells: ``建物 | 1,765件``, ``1,765 | buildings``."""
    if language == "ja":
        return [noted.term(role, language), say("layer_rows", language, rows=count)]
    number, _, noun = counted(count, *nouns).partition(" ")
    return [number, noun]


def _extent(extent: Sequence[float] | None, language: Language) -> str:
    if extent is None:
        return ""
    return say("extent", language, **dict(zip(("west", "south", "east", "north"), extent, strict=True)))


def _statuses(told: Mapping[str, int], language: Language) -> str:
    named = [(noted.term(status, language), count) for status, count in told.items()]
    if language == "ja":
        return "、".join(f"{name} {count:,}" for name, count in named)
    return ", ".join(f"{count:,} {name}" for name, count in named)


def _terrain(grid: Mapping[str, Any], language: Language) -> list[str]:
    known = {"lowest": grid["lowest_elev_m"], "highest": grid["highest_elev_m"], "unknown": grid["share_unknown"]}
    said = say("grid", language, **known, crs=in_japanese(grid["crs"]) if language == "ja" else grid["crs"])
    size = say("cells", language, rows=grid["rows"], columns=grid["columns"])
    if language == "ja":
        return [noted.term("terrain", language), size, said]
    number, _, noun = size.rpartition(" ")
    return [number, f"{noun} of terrain", said]
