"""Settings a table gives to its areas, looked at before anything starts: what is wrong with them is wrong with the table."""

from __future__ import annotations

from collections.abc import Sequence

from sewerzone.batch import sources
from sewerzone.batch.area import Area
from sewerzone.errors import ConfigError, first_ids


def wrong_settings(areas: Sequence[Area]) -> list[str]:
    """What is wrong with settings of areas, each line once with the areas it is wrong in.

    A study that cannot be read without them is no fault of the table: its municipality fails alone.
    """
    found: dict[str, list[str]] = {}
    sound: dict[str, bool] = {}
    for area in areas:
        if not area.changes:
            continue
        try:
            sources.load(area)
        except ConfigError as error:
            if area.study not in sound:
                sound[area.study] = _is_sound(area)
            if sound[area.study]:
                for line in _lines(str(error)):
                    found.setdefault(line, []).append(area.code)
    return [f"{_of(codes, len(areas))}: {line}" for line, codes in found.items()]


def _is_sound(area: Area) -> bool:
    try:
        sources.load(area._replace(changes=()))
    except ConfigError:
        return False
    return True


def _lines(message: str) -> list[str]:
    """The wrong settings of a message, without the study's name, which is not where they stand."""
    head, *lines = message.splitlines()
    return [line.strip() for line in lines] or [head]


def _of(codes: list[str], count: int) -> str:
    if len(codes) == count > 1:
        return "every area"
    return f"area {codes[0]}" if len(codes) == 1 else f"areas {first_ids(codes)}"
