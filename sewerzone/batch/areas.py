"""The table of areas: which municipalities a prefecture has, where their studies lie and what is set differently in each."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections import Counter
from typing import Any, NamedTuple

from sewerzone.batch.places import Place
from sewerzone.errors import ConfigError, first_ids, problem, raise_all

COLUMNS = ("code", "name", "study")
"""Columns of a table; every other one is a setting such as ``design.cover_min_m``."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_KEY = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
_ENCODINGS = ("utf-8-sig", "cp932")
_WHY = "each municipality is planned by its own row and written to a folder named after its code"


class Area(NamedTuple):
    """One municipality of a batch.

    Attributes
    ----------
    code : municipality code; names the folder of its plan
    name : as people know it
    study : path or URL of its study file
    changes : ``section.key=value`` that hold for it, later ones win
    buildings : estimate, for what memory it takes and how long; 0 where not known
    """

    code: str
    name: str
    study: str
    changes: tuple[str, ...] = ()
    buildings: int = 0


def read_areas(table: Place, changes: tuple[str, ...] = ()) -> list[Area]:
    """The areas of a table (CSV or TOML), in its order; what is wrong with it is told all at once.

    ``changes`` hold for all areas and win over the table's.

    Raises
    ------
    ConfigError
        The table cannot be read, has unknown columns, codes missing, twice or unfit for a folder, studies missing.
    """
    text = _text(table)
    rows, problems = _toml_rows(text, table) if table.suffix == ".toml" else _csv_rows(text, table)
    areas = []
    for row in rows:
        study = table.beside(row.study) if row.study else table
        areas.append(row._replace(study=str(study), changes=(*row.changes, *changes), name=row.name or row.code))
        if row.study and not study.exists():
            problems.append(f"area {row.code or '?'}: there is no study {study}")
    problems += _wrong_codes([row.code for row in rows])
    if not rows and not problems:
        problems.append("no area in it")
    raise_all([problem(f"{table}: {what}", _WHY, "correct the table") for what in problems], ConfigError)
    return areas


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
    out = [f"row {i}: no code" for i, code in enumerate(codes, 1) if not code]
    wrong = [code for code in codes if code and not _CODE.fullmatch(code)]
    if wrong:
        out.append(f"codes {first_ids(wrong)} cannot name a folder: letters, digits, - and _ only")
    # "A1" and "a1" are one folder on Windows and macOS
    twice = sorted(code for code, times in Counter(code.lower() for code in codes if code).items() if times > 1)
    return [*out, f"codes {first_ids(twice)} stand there more than once"] if twice else out


def _csv_rows(text: str, table: Place) -> tuple[list[Area], list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [[cell.strip() for cell in line] for line in reader]
    except csv.Error as error:
        return [], [f"line {reader.line_num} is no CSV ({error})"]
    lines = [line for line in lines if any(line)]
    head = lines[0] if lines else []
    problems = [f"there is no column `{name}`; the first line holds {', '.join(head) or 'nothing'}" for name in COLUMNS
                if name not in head]  # fmt: skip
    strange = [name for name in head if name not in COLUMNS and not _KEY.fullmatch(name)]
    if strange:
        problems.append(f"unknown columns {first_ids(strange)}: code, name, study, or settings such as design.cover_min_m")
    problems += [f"column `{name}` stands there twice" for name, times in Counter(head).items() if times > 1]
    if problems:
        return [], problems
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(head):
            problems.append(f"row {number} has {len(line)} cells, the first line {len(head)}")
            continue
        cells = dict(zip(head, line, strict=True))
        if not cells["study"]:
            problems.append(f"row {number} ({cells['code'] or 'no code'}): no study")
        changes = tuple(f"{key}={value}" for key, value in cells.items() if key not in COLUMNS and value)
        rows.append(Area(cells["code"], cells["name"], cells["study"], changes))
    return rows, problems


def _toml_rows(text: str, table: Place) -> tuple[list[Area], list[str]]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [], [f"no readable TOML ({error})"]
    problems = [f"unknown key `{key}`; there are study, set, areas" for key in data if key not in ("study", "set", "areas")]
    shared, wrong = _changes(data.get("set", {}), "[set]")
    listed = data.get("areas", [])
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        return [], [*problems, *wrong, "`areas` must be written as [[areas]] tables"]
    problems += wrong
    rows = []
    for number, item in enumerate(listed, 1):
        where = f"area {item.get('code', number)}"
        problems += [f"{where}: unknown key `{key}`; there are code, name, study, set" for key in item
                     if key not in (*COLUMNS, "set")]  # fmt: skip
        problems += [f"{where}: `{key}` must be text in quotes" for key in COLUMNS if not isinstance(item.get(key, ""), str)]
        own, wrong = _changes(item.get("set", {}), where)
        problems += wrong
        study = str(item.get("study", data.get("study", "")))
        if not study:
            problems.append(f"{where}: no study")
        rows.append(Area(str(item.get("code", "")), str(item.get("name", "")), study, (*shared, *own)))
    return rows, problems


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
