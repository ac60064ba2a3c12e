"""What is wrong with a study file, in words: the key and its value, what is needed there, what the key means."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

Place = tuple[str, FieldInfo | None, type[BaseModel] | None]
"""Key, its declaration, and the section it stands in."""

LONGEST_DEFAULT = 60
"""Longer defaults (lists) are not repeated in a message."""
NEEDED = {
    "greater_than": "a number greater than {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number less than {lt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "finite_number": "a finite number",
    "literal_error": "{expected}",
    "too_short": "a list of at least {min_length} value",
    "tuple_type": "a list in square brackets",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text in quotes",
    "dict_type": "a table of keys and values",
    "model_type": "a section of keys and values",
}
"""What takes the place of a wrong value, by pydantic's name of the error."""


def lines(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One line for every wrong key of a ``model``; the alternatives of one key share a line."""
    by_key: dict[str, list[tuple[ErrorDetails, Place]]] = {}
    for item in error.errors():
        place = _place(item["loc"], model)
        by_key.setdefault(place[0], []).append((item, place))
    inner = {tuple(map(str, item["loc"])) for item in error.errors()}
    out = []
    for key, found in by_key.items():
        item, (_, field, section) = found[0]
        if item["type"] == "too_short" and item["input"] and any(".".join(loc).startswith(f"{key}.") for loc in inner):
            continue  # its values are wrong, and those are told by themselves
        if item["type"] == "extra_forbidden":
            out.append(f"{key}: no such key; {_known_keys(str(item['loc'][-1]), section)}")
        elif item["type"] == "missing":
            out.append(f"{key}: missing; it has no default because nothing sensible can be guessed{_meaning(field)}")
        elif item["type"] == "value_error":
            out.append(_own_words(key, item))
        else:
            needed = dict.fromkeys(_needed(item) for item, _ in found)
            out.append(f"{key} = {item['input']!r}: {' or '.join(needed)} is needed{_meaning(field)}")
    return out


def _needed(item: ErrorDetails) -> str:
    return NEEDED[item["type"]].format(**item.get("ctx", {})) if item["type"] in NEEDED else item["msg"]


def _own_words(key: str, item: ErrorDetails) -> str:
    """A message of our own; the value is repeated only where it is one, not a whole section."""
    said = item["msg"].removeprefix("Value error, ")
    if not key or said.startswith((f"{key}:", f"{key} =")):  # without a key: what concerns several sections
        return said
    return f"{key}: {said}" if isinstance(item["input"], dict) else f"{key} = {item['input']!r}: {said}"


def _meaning(field: FieldInfo | None) -> str:
    if field is None or field.description is None:
        return ""
    is_told = field.default not in (None, PydanticUndefined) and len(_shown(field.default)) <= LONGEST_DEFAULT
    default = f"; its default is {_shown(field.default)}" if is_told else ""
    return f"; it means: {' '.join(field.description.split()).rstrip('.')}{default}"


def _shown(value: Any) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)


def _place(location: tuple[int | str, ...], model: type[BaseModel]) -> Place:
    """Where an error lies; names that pydantic adds for the alternatives of a type are left out of the key."""
    section: type[BaseModel] | None = model
    parent: type[BaseModel] | None = model
    field: FieldInfo | None = None
    parts: list[str] = []
    for part in location:
        if isinstance(part, int):
            parts.append(str(part))
        elif section is not None:
            parent, field = section, section.model_fields.get(part)
            section = next(_sections_in(field.annotation), None) if field else None
            parts.append(part)
        elif field is None or (get_origin(field.annotation) is dict and part != "[key]"):
            parts.append(part)
    return ".".join(parts), field, parent


def _sections_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Sections that a type consists of: itself, or those of its alternatives or members."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _sections_in(part)


def _known_keys(key: str, section: type[BaseModel] | None) -> str:
    known = list(section.model_fields) if section else []
    close = difflib.get_close_matches(key, known, n=1)
    return (f"did you mean {close[0]}? " if close else "") + f"known here: {', '.join(known)}"
