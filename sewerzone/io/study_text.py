"""A study file as text: every key with its meaning, from the declarations in :mod:`sewerzone.config` alone."""

from __future__ import annotations

import json
import re
import textwrap
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sewerzone.config import Config, Layer, Sources

WIDTH = 100
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

HEAD = """\
A study for sewerzone. Run it with:  sewerzone run study.toml
Every setting stands here with its meaning; a line taken out falls back to its default.
Check study.crs and the files under [inputs] first, then prepare (people, flows), design and cost.
Paths are relative to this file. "file.gpkg:layer" names a layer inside a file.
"""

EXAMPLES: dict[str, str] = {
    "layer": '"buildings"',
    "served_areas": '"town.gpkg:served_areas"',
    "districts": '{ path = "areas.shp", columns = { people = "JINKO", dwellings = "SETAI" } }',
    "forecast": '"forecast.csv"',
    "people_history": '"districts.csv"',
    "projected_people": '"500m_mesh_2024_22_GML.zip"',
    "people_year": "2025",
    "present_plan": '"present_plan.shp"',
    "barriers": '"town.gpkg:rivers"',
    "plants": '"town.gpkg:plants"',
    "overrides": '"decisions.gpkg:overrides"',
    "sewers": '{ path = "ledger.shp", columns = { installed_year = "布設年度", diameter_mm = "管径" } }',
    "sources": '{ source = "国土地理院 基盤地図情報", date = "2024-04-01" }',
    "boundary": '"N03-20240101_22.shp"',
    "code": '"22210"',
    "representative_dwellings": "50.0",
    "share_laterals_over_m": "50.0",
    "fallback": '"generic"',
    "yen_per_currency": "150.0",
    "build_cap_yen_per_yr": "500000000.0",
    "unknown_year": "1985",
    "verified_range": "[0.85, 1.15]",
}
"""What to write for keys that are off unless given; for others something of the right type."""


def render(config: Config, remarks: Sequence[str] = ()) -> str:
    """The study file of a configuration: all keys, commented; parsing it gives an equal configuration.

    Parameters
    ----------
    config : any configuration
    remarks : facts for the reader, printed as comments at the top
    """
    parts = ["".join(_comment(line) for line in HEAD.splitlines())]
    if remarks:
        parts.append(
            _comment("Noticed when this file was written:") + "".join(_comment(f"- {_CONTROL.sub(' ', r)}") for r in remarks)
        )
    for name in type(config).model_fields:
        parts.append(_section(name, getattr(config, name)))
    return "\n".join(parts)


def _section(name: str, section: BaseModel) -> str:
    lines = [f"\n# {'-' * (WIDTH - 2)}\n", _comment(type(section).__doc__ or ""), f"[{name}]\n"]
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        lines.append("\n" + _comment(_meaning(field, value)))
        if isinstance(value, Sources):  # the last key: what follows is in a table of its own
            lines += [f"[{name}.{key}]\n", *_sources(value)]
        elif value is None:
            off = f'{key} = ""\n' if field.default is not None else f"# {key} = {_example(key, field)}\n"
            lines.append(off)
        else:
            lines.append(f"{key} = {_value(value)}\n")
    return "".join(lines)


def _sources(sources: Sources) -> list[str]:
    """A line for every layer whose source is stated, or one to fill in."""
    lines = [f"{name} = {_value(source)}\n" for name, source in sources.given().items()]
    return lines or [f"# buildings = {EXAMPLES['sources']}\n"]


def _example(key: str, field: FieldInfo) -> str:
    """A value one may write for a key that is off."""
    if key in EXAMPLES:
        return EXAMPLES[key]
    kinds = [get_args(a)[0] if get_origin(a) is Annotated else a for a in get_args(field.annotation)]
    return next(
        text for kind, text in ((Layer, '"file.gpkg:layer"'), (float, "1.0"), (int, "1"), (str, '"text"')) if kind in kinds
    )


def _meaning(field: FieldInfo, value: Any) -> str:
    """The help text of a key, its choices, and its default where another value stands."""
    text = (field.description or "").strip()
    if choices := _choices(field.annotation):
        text += f" One of: {', '.join(choices)}."
    if not field.is_required() and field.default is not None and value != field.default and not isinstance(value, Sources):
        default = " ".join(_value(field.default).split())
        text += f" Default: {default if len(default) < 60 else 'see the manual'}."
    return text


def _choices(annotation: Any) -> list[str]:
    """The texts a key may hold, when they are few and fixed."""
    if get_origin(annotation) is Literal:
        return [repr(a).replace("'", '"') for a in get_args(annotation)]
    if get_origin(annotation) in (Union, types.UnionType):
        found = [c for a in get_args(annotation) for c in _choices(a)]
        return [*found, "a number"] if found else []
    return []


def _comment(text: str) -> str:
    lines = []
    for paragraph in text.strip().split("\n\n"):
        lines += textwrap.wrap(" ".join(paragraph.split()), WIDTH - 2, break_on_hyphens=False, subsequent_indent="") or [""]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _value(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, Layer):
        return _layer(value)
    if isinstance(value, BaseModel):
        return _inline({key: item for key, item in value if item is not None})
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        return _inline(value)
    if isinstance(value, Sequence):
        return _array(value)
    raise TypeError(f"no TOML for {type(value).__name__}")


def _string(text: str) -> str:
    """A basic string; JSON escapes all that TOML wants escaped but the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _layer(layer: Layer) -> str:
    """The short form of a layer where it says the same."""
    short = layer.path if layer.layer is None else f"{layer.path}:{layer.layer}"
    if Layer.model_validate(short) == layer:
        return _string(short)
    fields = type(layer).model_fields
    given = {k: v for k, v in layer if k == "path" or v != fields[k].get_default(call_default_factory=True)}
    return _inline(given)


def _inline(data: Mapping[str, Any]) -> str:
    pairs = [f"{key if _BARE_KEY.fullmatch(key) else _string(key)} = {_value(item)}" for key, item in data.items()]
    return f"{{ {', '.join(pairs)} }}" if pairs else "{}"


def _array(items: Sequence[Any]) -> str:
    """One line where it fits; else filled lines, or one line for each table."""
    texts = [_value(item) for item in items]
    line = f"[{', '.join(texts)}]"
    if len(line) <= WIDTH - 20:
        return line
    if any(isinstance(item, BaseModel) for item in items):
        return "[\n" + "".join(f"    {text},\n" for text in texts) + "]"
    rows: list[str] = []
    for text in texts:
        if rows and len(rows[-1]) + len(text) + 2 <= WIDTH - 6:
            rows[-1] += f" {text},"
        else:
            rows.append(f"{text},")
    return "[\n" + "".join(f"    {row}\n" for row in rows) + "]"
