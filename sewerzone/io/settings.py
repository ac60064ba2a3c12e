"""The settings of a study as lines, and a study file to fill in."""

from __future__ import annotations

import json

from sewerzone import config as study_file
from sewerzone.config import Config


def blank() -> Config:
    """A study whose files are yet to be named; the names in it only show how such lines are written."""
    return study_file.parse(
        {
            "study": {"name": "Name of the municipality", "crs": "EPSG:6678"},
            "inputs": {"buildings": "buildings.gpkg:buildings", "roads": "roads.gpkg:roads", "terrain": ["terrain.tif"]},
        },
        "a blank study",
    )


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
