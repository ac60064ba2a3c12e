"""The table of areas: which municipalities a prefecture has, where their studies lie and what is set differently in each."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from sewerzone.batch import sources
from sewerzone.batch.area import Area
from sewerzone.batch.nowhere import Lost
from sewerzone.batch.places import Place
from sewerzone.batch.settings import wrong_options, wrong_settings
from sewerzone.config import Config
from sewerzone.errors import ConfigError, SewerzoneError, counted, first_ids, problem

COLUMNS = ("code", "name", "study")
"""Columns of a table; every other one is a setting such as ``design.cover_min_m``."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_KEY = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
_CODE_SETTING = "municipality.code="
_TOP = ("study", "boundaries", "set", "areas")
_BOUNDARY = ("layer", "code", "name")
_ENCODINGS = ("utf-8-sig", "cp932")
_WHY = "each municipality is planned by its own row and written to a folder named after its code"


class _Read(NamedTuple):
    """What a table says: areas as written, problems, and the one study that all municipalities of a boundary layer share."""

    rows: list[Area]
    problems: list[str]
    shared: tuple[str, ...] = ()
    study: str = ""
    boundary: tuple[str, ...] = ()


def read_table(table: Place, changes: tuple[str, ...] = ()) -> list[Area]:
    """The areas of a table (CSV or TOML) in its order, or of a boundary layer by code; all that is wrong is told at once.

    A TOML may be a study with ``municipality.boundary``, or name one as ``study``: its areas are all municipalities of the
    boundary, and ``[[areas]]`` only says what is different in some. ``changes`` hold for all and win over the table's.

    Raises
    ------
    ConfigError
        The table cannot be read, has unknown columns, codes missing, twice or unfit for a folder.
    """
    text = _text(table)
    read = _toml_rows(text, table) if table.suffix == ".toml" else _Read(*_csv_rows(text))
    problems, rows = list(read.problems), read.rows
    problems += _wrong_codes([row.code for row in rows])
    if read.study and not problems:
        rows, wrong = _of_boundary(table.beside(read.study).absolute(), read, changes)
        problems += wrong
    elif not rows and not problems:
        problems.append("no area in it")
    areas = []
    for row in rows:
        study = table.beside(row.study).absolute()
        areas.append(row._replace(study=str(study), changes=(*row.changes, *changes), name=row.name or row.code))
    if not problems and (problems := wrong_settings(areas)) and (wrong := wrong_options(areas, changes)):
        raise _refused("--set", "it", wrong)
    if problems:
        raise _refused(str(table), "the table", problems)
    return areas


def _refused(where: str, what: str, problems: list[str]) -> ConfigError:
    lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(problems, 1))
    return ConfigError(f"{where}: {counted(len(problems), 'problem')}; correct {what} and start again\n{lines}")


def buildings(areas: list[Area], configs: dict[str, Config]) -> tuple[dict[str, int], list[Lost]]:
    """Estimated buildings of areas by code, as far as they can be told, and those in no municipality of layers of many.

    Such layers are counted once.
    """
    from sewerzone.io.accounting import IN_NONE, list_municipalities
    from sewerzone.io.municipality import spellings

    out: dict[str, int] = {}
    lost = []
    for area in areas:
        config = configs.get(area.code)
        if config is None or area.code in out:
            continue
        study = Place(area.study)
        if config.municipality.code is None:
            out[area.code] = sources.estimated_buildings(config, study)
            continue
        try:
            with sources.at_hand(config, study) as (local, base):
                found = list_municipalities(local, base)
        except SewerzoneError:  # its worker will tell
            out[area.code] = 0
            continue
        together = {a.code for a in areas if a.study == area.study and a.code not in out}
        counts = dict(zip(found["code"].astype(str), found["buildings"].astype(int), strict=True))
        out |= {code: sum(counts.get(spelling, 0) for spelling in set(spellings(code))) for code in sorted(together)}
        boundary = config.municipality.boundary
        if found.attrs[IN_NONE] and boundary is not None:
            lost.append(Lost(config.inputs.buildings.short, boundary.short, found.attrs[IN_NONE]))
    return out, list(dict.fromkeys(lost))


def _of_boundary(study: Place, read: _Read, changes: tuple[str, ...]) -> tuple[list[Area], list[str]]:
    """Every municipality of the boundary layer, and codes with settings of their own that are none of them."""
    from sewerzone.io.accounting import list_municipalities

    area = Area("", "", str(study), (*read.boundary, *read.shared, *changes))
    try:
        shared = sources.load(area)
    except ConfigError:  # of [set]: told with all others once it is known which areas there are
        shared = sources.load(area._replace(changes=read.boundary))
    if shared.municipality.boundary is None:
        if read.rows and all(row.study for row in read.rows):
            return read.rows, []
        return [], ["no areas: give [[areas]], or a study with municipality.boundary, a layer of municipalities"]
    with sources.at_hand(shared, study) as (local, base):
        found = list_municipalities(local, base, count="no")
    own = {row.code: row for row in read.rows}
    out = []
    for code, name in zip(found["code"], found["name"], strict=True):
        row = own.pop(str(code), Area(str(code), ""))
        out.append(
            Area(
                row.code, row.name or str(name or ""), row.study or str(study),
                (*read.boundary, f"{_CODE_SETTING}{json.dumps(row.code)}", *(row.changes or read.shared)),
            )
        )  # fmt: skip
    return out, [f"area {code}: {shared.municipality.boundary.short} has no such code" for code in own]


def only(areas: list[Area], codes: tuple[str, ...]) -> list[Area]:
    """The areas with these codes; all if none is given. Raises ConfigError on codes that are not there."""
    unknown = sorted(set(codes) - {area.code for area in areas})
    if unknown:
        there = first_ids(area.code for area in areas)
        raise ConfigError(problem(f"--only: no area {', '.join(unknown)}", "nothing would be run for it", f"there are {there}"))
    return [area for area in areas if area.code in codes] if codes else areas


def _text(table: Place) -> str:
    try:
        data = table.read_bytes()
    except FileNotFoundError as error:
        remedy = "name a CSV with the columns code, name, study, or a TOML with [[areas]]"
        raise ConfigError(problem(f"there is no table of areas {table}", _WHY, remedy)) from error
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError(problem(f"{table} is no text in UTF-8 or Shift_JIS", _WHY, "save it as CSV (UTF-8)"))


def _wrong_codes(codes: list[str]) -> list[str]:
    wrong = [code for code in codes if code and not _CODE.fullmatch(code)]
    out = [f"codes {first_ids(wrong)} cannot name a folder: letters, digits, - and _ only"] if wrong else []
    # "A1" and "a1" are one folder on Windows and macOS
    twice = sorted(code for code, times in Counter(code.lower() for code in codes if code).items() if times > 1)
    return [*out, f"codes {first_ids(twice)} stand there more than once"] if twice else out


def _csv_rows(text: str) -> tuple[list[Area], list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(number, [cell.strip() for cell in line]) for number, line in enumerate(reader, 1)]
    except csv.Error as error:
        return [], [f"line {reader.line_num} is no CSV ({error})"]
    lines = [(number, line) for number, line in lines if any(line)]  # numbers are those of a spreadsheet
    head = lines[0][1] if lines else []
    problems = [f"there is no column `{name}`; the first line holds {', '.join(head) or 'nothing'}" for name in COLUMNS
                if name not in head]  # fmt: skip
    strange = [name for name in head if name not in COLUMNS and not _KEY.fullmatch(name)]
    if strange:
        problems.append(f"unknown columns {first_ids(strange)}: code, name, study, or settings such as design.cover_min_m")
    problems += [f"column `{name}` stands there twice" for name, times in Counter(head).items() if times > 1]
    if problems:
        return [], problems
    rows = []
    for number, line in lines[1:]:
        if len(line) != len(head):
            problems.append(f"row {number} has {len(line)} cells, the first line {len(head)}")
            continue
        cells = dict(zip(head, line, strict=True))
        where = f"row {number} ({cells['code']})" if cells["code"] else f"row {number}"
        problems += [f"{where}: no {key}" for key in ("code", "study") if not cells[key]]
        changes = tuple(f"{key}={value}" for key, value in cells.items() if key not in COLUMNS and value)
        rows.append(Area(cells["code"], cells["name"], cells["study"], changes))
    return rows, problems


def _toml_rows(text: str, table: Place) -> _Read:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _Read([], [f"no readable TOML ({error})"])
    if "inputs" in data:
        return _Read([], [], study=str(table.absolute()))
    problems = [f"unknown key `{key}`; there are {', '.join(_TOP)}" for key in data if key not in _TOP]
    shared, wrong = _changes(data.get("set", {}), "[set]")
    boundary, more = _boundary(data.get("boundaries", {}), table, str(data.get("study", "")))
    problems += wrong + more
    listed = data.get("areas", [])
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        return _Read([], [*problems, "`areas` must be written as [[areas]] tables"])
    study = data.get("study", "")
    if not isinstance(study, str) or (boundary and not study):
        problems.append("`study` must be text in quotes" if study else "[boundaries] without `study`")
    rows = []
    for number, item in enumerate(listed, 1):
        where = f"area {item.get('code') or number}"
        problems += [] if item.get("code") else [f"{where}: no code"]
        problems += [f"{where}: unknown key `{key}`; there are code, name, study, set" for key in item
                     if key not in (*COLUMNS, "set")]  # fmt: skip
        problems += [f"{where}: `{key}` must be text in quotes" for key in COLUMNS if not isinstance(item.get(key, ""), str)]
        own, wrong = _changes(item.get("set", {}), where)
        problems += wrong
        if not study and not item.get("study"):
            problems.append(f"{where}: no study")
        of = str(item.get("study", "" if boundary else study))
        rows.append(Area(str(item.get("code", "")), str(item.get("name", "")), of, (*shared, *own)))
    return _Read(rows, problems, shared, str(study), boundary)


def _boundary(given: Any, table: Place, study: str) -> tuple[tuple[str, ...], list[str]]:
    """``[boundaries]`` as settings of the study: its layer is relative to the table."""
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        return (), ["[boundaries] may have `layer`, and `code` and `name`, its columns, in quotes"]
    wrong = [f"[boundaries]: unknown key `{key}`; there are {', '.join(_BOUNDARY)}" for key in given if key not in _BOUNDARY]
    layer = _seen_from(table.beside(study), table.beside(given["layer"])) if "layer" in given else None
    keys = {"boundary": layer, "field": given.get("code"), "name_field": given.get("name")}
    return tuple(f"municipality.{k}={json.dumps(v, ensure_ascii=False)}" for k, v in keys.items() if v is not None), wrong


def _seen_from(study: Place, layer: Place) -> str:
    """A path as a study would write it, so that plans do not depend on where the whole folder lies."""
    if study.is_local and layer.is_local:
        return Path(os.path.relpath(layer.absolute().path, study.absolute().path.parent)).as_posix()
    return str(layer.absolute())


def _changes(settings: Any, where: str) -> tuple[tuple[str, ...], list[str]]:
    """``section.key=value`` of a table of settings, written with dots or as tables in tables."""
    if not isinstance(settings, dict):
        return (), [f"{where}: `set` must be a table of settings"]
    flat = _flat(settings)
    wrong = [f"{where}: `{key}` is no setting; write section.key = value" for key in flat if not _KEY.fullmatch(key)]
    return tuple(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in flat.items()), wrong


def _flat(settings: dict[str, Any], head: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in settings.items():
        out.update(_flat(value, f"{head}{key}.") if isinstance(value, dict) else {f"{head}{key}": value})
    return out
