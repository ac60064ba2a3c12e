"""The settings of a study as lines, and a study file to fill in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sewerzone import config as study_file
from sewerzone.config import Config
from sewerzone.errors import ConfigError, problem
from sewerzone.io.study_text import render


def blank() -> Config:
    """A study whose files are yet to be named; the names in it only show how such lines are written."""
    return study_file.parse(
        {
            "study": {"name": "Name of the municipality", "crs": "EPSG:6678"},
            "inputs": {"buildings": "buildings.gpkg:buildings", "roads": "roads.gpkg:roads", "terrain": ["terrain.tif"]},
        },
        "a blank study",
    )


def blank_text() -> str:
    """A complete, commented study file to fill in."""
    return render(blank())


def write_blank(path: Path) -> Path:
    """Write :func:`blank_text` to a file that is not there yet; raises ConfigError where it is."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(blank_text())
    except FileExistsError as error:
        raise ConfigError(
            problem(f"{path} exists", "your settings in it would be lost", "name another file, or move this one away")
        ) from error
    return path


def change(one: Any, other: Any) -> str:
    """How a setting differs between two studies; of lists only what was added and removed."""
    if not (isinstance(one, list) and isinstance(other, list)):
        return f"{one!r} -> {other!r}"
    added = [f"added {value!r}" for value in other if value not in one]
    removed = [f"removed {value!r}" for value in one if value not in other]
    return "; ".join([*added, *removed]) or f"{one!r} -> {other!r}"


def lines(config: Config) -> list[str]:
    """``section.key = value`` of every setting in force; those that differ from their default say so."""
    out = []
    for name in type(config).model_fields:
        section = getattr(config, name)
        values = section.model_dump(mode="json")
        for key, field in type(section).model_fields.items():
            line = f"{name}.{key} = {_json(values[key])}"
            if not field.is_required() and getattr(section, key) != field.default:
                plain = type(section).model_construct(**{key: field.default}).model_dump(mode="json", include={key})[key]
                line += f"   # default: {_json(plain)}"
            out.append(line)
    return out


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
