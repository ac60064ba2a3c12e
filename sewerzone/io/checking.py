"""A study and its files -> everything that is wrong, and what was understood; nothing is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sewerzone import config as study_file
from sewerzone import costbooks
from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.errors import ConfigError, SewerzoneError, counted
from sewerzone.io import coverage, plausibility, read, systems
from sewerzone.model import Inputs
from sewerzone.stages import network, prepare
from sewerzone.stages.cost import prices as cost


@dataclass(frozen=True)
class Findings:
    """What a check found: problems, warnings and notes, and counts of what was read (empty if nothing was)."""

    study: str
    problems: tuple[str, ...]
    """What a run refuses."""
    notes: tuple[str, ...]
    summary: dict[str, Any]
    warnings: tuple[str, ...] = ()
    """What a run accepts though it can hardly be meant: holes, missing sheets, datums, people, layers apart."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "study": self.study, "problems": list(self.problems), "warnings": list(self.warnings), "notes": list(self.notes),
            "summary": self.summary,
        }  # fmt: skip

    def text(self) -> str:
        """A report for the terminal."""
        lines = [self.study]
        if self.summary:
            lines += ["", *_summary_lines(self.summary)]
        if self.notes:
            lines += ["", "Notes:", *(f"  - {note}" for note in self.notes)]
        if self.warnings:
            lines += ["", f"{counted(len(self.warnings), 'warning')} (a run goes on):"]
            lines += [f"  {k}. {text}" for k, text in enumerate(self.warnings, 1)]
        if self.problems:
            lines += ["", f"{counted(len(self.problems), 'problem')}:"]
            lines += [f"  {k}. {text}" for k, text in enumerate(self.problems, 1)]
        else:
            lines += ["", "No problems."]
        return "\n".join(lines)


def check(study: Path, changes: tuple[str, ...] = ()) -> Findings:
    """Read a study file and every input; all problems of settings, cost book, layers and values at once.

    Where settings are wrong the files are checked all the same, as far as the rest of the study names them.

    Raises
    ------
    ConfigError : there is no study file, or it is no TOML
    """
    problems: list[str] = []
    try:
        config: Config | None = study_file.load(study, changes)
    except ConfigError as error:
        problems.append(str(error))
        config = _without_wrong_settings(study, changes, error)
        if config is None and not isinstance(error.__cause__, ValidationError):
            raise
    if config is None:
        return Findings(str(study), tuple(problems), (), {})
    book = None
    try:
        book = costbooks.load(config.cost.book, config.cost.fallback, study.parent)
        cost.laying_prices(book, config.cost, config.design)
    except SewerzoneError as error:
        problems.append(str(error))
    inputs, found = read.gather(config, study.parent)
    problems += [str(error) for error in found]
    if inputs is None:
        return Findings(str(study), tuple(problems), (), {})
    wrong, notes, counts, odd = _values(inputs, book)
    warnings = [
        *coverage.holes(inputs), *coverage.missing_sheets(inputs, study.parent),
        *systems.mixtures(inputs.systems, config.inputs.terrain, study.parent), *odd,
    ]  # fmt: skip
    said = (*inputs.notes, *notes)
    return Findings(str(study), (*problems, *wrong), said, {**read.summary(inputs), **counts}, tuple(warnings))


def _values(inputs: Inputs, book: CostBook | None) -> tuple[list[str], list[str], dict[str, Any], list[str]]:
    """Problems of the values in the layers; where there is none, notes, counts and warnings of what preparing makes of them."""
    wrong = []
    roads = inputs.config.inputs.roads
    try:
        network.refuse_road_edges(inputs.roads, roads.short)
    except SewerzoneError as error:
        wrong.append(str(error))
    wrong += prepare.problems(inputs)
    if wrong:
        return wrong, [], {}, []
    clean = prepare.clean(inputs)
    if book is not None:
        try:
            cost.tank_keys(clean.buildings["tank_persons"].to_numpy(), book)
        except SewerzoneError as error:
            wrong.append(str(error))
    counts = {
        "building_statuses": clean.buildings["status"].value_counts().sort_index().to_dict(),
        "road_statuses": clean.roads["status"].value_counts().sort_index().to_dict(),
        "dwellings": round(float(clean.buildings["dwellings"].sum()), 3),
        "people": round(float(clean.buildings["people"].sum()), 3),
        "dwellings_served_today": round(float(clean.buildings.loc[clean.buildings["is_served"], "dwellings"].sum()), 3),
    }
    odd = [*plausibility.people(clean), *plausibility.uncovered(inputs, clean), *plausibility.apart(inputs, clean)]
    return wrong, clean.notes, counts, odd


def _without_wrong_settings(study: Path, changes: tuple[str, ...], error: ConfigError) -> Config | None:
    """The study without the settings found wrong (their defaults stand in), for checking the rest; None if none remains."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return None
    data = study_file.plain(study, changes)
    for item in cause.errors():
        for location in (item["loc"],) if item["loc"] else _named(item["msg"]):
            _remove(data, location)
    try:
        return study_file.parse(data, str(study))
    except ConfigError:
        return None


def _named(message: str) -> list[tuple[int | str, ...]]:
    """The settings that a message names: where several do not go together, it alone tells which they are."""
    keys: list[tuple[str, str]] = re.findall(r"\b([a-z]+)\.([a-z]\w*)", message)
    return [(section, key) for section, key in keys if section in Config.model_fields]


def _remove(data: Any, location: tuple[int | str, ...]) -> None:
    """Take the innermost entry of ``location`` that is there out of nested data."""
    for part in location[:-1]:
        if not isinstance(data, dict) or not isinstance(data.get(str(part)), dict):
            break
        data, location = data[str(part)], location[1:]
    if isinstance(data, dict):
        data.pop(str(location[0]), None)


def _summary_lines(summary: dict[str, Any]) -> list[str]:
    lines = [f"CRS {summary['crs']}"]
    for name, facts in summary.items():
        if not isinstance(facts, dict) or "rows" not in facts or name == "terrain":
            continue
        extent = facts["extent_m"]
        where = f", x {extent[0]:,.0f} to {extent[2]:,.0f} m, y {extent[1]:,.0f} to {extent[3]:,.0f} m" if extent else ""
        lines.append(f"{name:<13}{facts['rows']:>9,} rows{where}")
    grid = summary["terrain"]
    lines.append(
        f"{'terrain':<13}{grid['rows']:>9,} x {grid['columns']:,} cells, {grid['lowest_elev_m']:,.1f} to "
        f"{grid['highest_elev_m']:,.1f} m, {grid['share_unknown']:.1%} unknown, {grid['crs']}"
    )
    if "people" in summary:
        for name in ("building_statuses", "road_statuses"):
            said = ", ".join(f"{count:,} {status}" for status, count in summary[name].items())
            lines.append(f"{name.split('_')[0] + 's':<13}{said}")
        lines.append(
            f"{summary['dwellings']:,.0f} dwellings and {summary['people']:,.0f} people, of them "
            f"{summary['dwellings_served_today']:,.0f} dwellings served today"
        )
    return lines
