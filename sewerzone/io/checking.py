"""A study and its files -> everything that is wrong, and what was understood; nothing is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sewerzone import config as study_file
from sewerzone import costbooks
from sewerzone import crs as crs_guard
from sewerzone.config import Config, Layer
from sewerzone.costbooks import CostBook
from sewerzone.errors import ConfigError, SewerzoneError
from sewerzone.io import coverage, plausibility, read, systems, vector
from sewerzone.io.accounting import account
from sewerzone.io.layers import ROLE_COLUMNS
from sewerzone.io.proposal import centre
from sewerzone.model import Inputs
from sewerzone.noted import Language, Note, check_words, some
from sewerzone.stages import network, prepare
from sewerzone.stages.cost import prices as cost


@dataclass(frozen=True)
class Findings:
    """What a check found: problems, warnings and notes, and counts of what was read (empty if nothing was).

    ``language`` is that of the study; ``unnamed`` are the layers it does not name.
    """

    study: str
    problems: tuple[str, ...]
    """What a run refuses."""
    notes: tuple[str, ...]
    summary: dict[str, Any]
    warnings: tuple[str, ...] = ()
    """What a run accepts though it can hardly be meant: holes, missing sheets, datums, people, layers apart."""
    language: Language = "en"
    unnamed: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "study": self.study, "problems": list(self.problems), "warnings": list(self.warnings), "notes": list(self.notes),
            "summary": self.summary,
        }  # fmt: skip


def check(study: Path, changes: tuple[str, ...] = ()) -> Findings:
    """Read a study file and every input; all problems of settings, cost book, layers and values at once.

    Where settings are wrong the files are checked all the same, as far as the rest of the study names them.

    Raises
    ------
    ConfigError : there is no study file, or it is no TOML
    """
    problems: list[str] = []
    said: list[str] = []
    try:
        config: Config | None = study_file.load(study, changes)
    except ConfigError as error:
        problems += error.parts
        config, said = _without_wrong_settings(study, changes, error)
        if config is None and not isinstance(error.__cause__, ValidationError):
            raise
    if config is None:
        return Findings(str(study), tuple(problems), (), {}, language=_language(study, changes))
    language, book = config.study.language, None
    try:
        book = costbooks.load(config.cost.book, config.cost.fallback, study.parent)
        cost.laying_prices(book, config.cost, config.design)
    except SewerzoneError as error:
        problems += error.parts
    inputs, found = read.gather(config, study.parent)
    problems += [part for error in found for part in error.parts]
    if inputs is None:
        return Findings(str(study), tuple(problems), tuple(said), {}, language=language)
    wrong, notes, counts, odd = _values(inputs, book)
    odd_files = [note for note in inputs.notes if isinstance(note, Note) and note.kind in check_words.NOTES]
    warnings = [
        *odd_files, *coverage.holes(inputs), *coverage.missing_sheets(inputs, study.parent),
        *systems.mixtures(inputs.systems, config.inputs.terrain, study.parent), *odd,
        *_in_no_municipality(config, study.parent),
    ]  # fmt: skip
    said += [*(note for note in inputs.notes if note not in odd_files), *notes]
    unnamed = tuple(role for role in ROLE_COLUMNS if getattr(config.inputs, role) is None)
    known = {**read.summary(inputs), **counts}
    return Findings(str(study), (*problems, *wrong), tuple(said), known, tuple(warnings), language, unnamed)


def _in_no_municipality(config: Config, base: Path) -> list[str]:
    """A warning where municipalities share the layers of a study and some buildings are in none of them."""
    boundary, layer = config.municipality.boundary, config.inputs.buildings
    if boundary is None:
        return []
    counted = account(config, base)
    outside = counted.outside
    if not len(outside):
        return []
    names = outside["id"].where(outside["id"] != "", "row " + outside["row"].astype(str))
    told = {"file": layer.short, "boundary": boundary.short, "count": len(outside), "buildings": counted.buildings}
    return [Note("in_no_municipality", **told, names=some(names))]


def _language(study: Path, changes: tuple[str, ...]) -> Language:
    """What a study that cannot be read says of its language."""
    section = study_file.plain(study, changes).get("study")
    return "en" if isinstance(section, dict) and section.get("language") == "en" else "ja"


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


def _without_wrong_settings(study: Path, changes: tuple[str, ...], error: ConfigError) -> tuple[Config | None, list[str]]:
    """The study without the settings found wrong (their defaults stand in), for checking the rest; None if none remains.

    A wrong study.crs is taken to be the plane rectangular or UTM zone of the layers, and a note says so.
    """
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return None, []
    data = study_file.plain(study, changes)
    for item in cause.errors():
        for location in (item["loc"],) if item["loc"] else _named(item["msg"]):
            _remove(data, location)
    notes: list[str] = []
    section = data.setdefault("study", {})
    if isinstance(section, dict) and "crs" not in section and (zone := _zone(data, study.parent)):
        section["crs"] = zone
        notes.append(Note("checked_in", crs=zone))
    try:
        return study_file.parse(data, str(study)), notes
    except ConfigError:
        return None, []


def _zone(data: dict[str, Any], base: Path) -> str | None:
    """The zone in which the first layer lies that tells where it is."""
    named = data.get("inputs")
    for role in ("buildings", "roads"):
        try:
            layer = Layer.model_validate(named[role]) if isinstance(named, dict) else None
            if layer is None:
                continue
            with vector.opened(layer, base, f"inputs.{role}", role=role) as source:
                place = centre(source)
        except (KeyError, ValidationError, SewerzoneError):
            continue  # told when the layers are read
        if place is not None:
            return crs_guard.propose_zone(*place) or crs_guard.propose_utm(*place)
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
