"""Settings and studies of areas, looked at before anything starts.

What is wrong with settings of a table is wrong with the table; of a study that cannot be read the municipality fails alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from sewerzone.batch import sources
from sewerzone.batch.area import Area
from sewerzone.batch.places import Place
from sewerzone.config import Config
from sewerzone.errors import ConfigError, SewerzoneError, counted, first_ids, in_a_line

MOST_TOLD = 5


def wrong_settings(areas: Sequence[Area]) -> list[str]:
    """What is wrong with settings of areas, each line once with the areas it is wrong in.

    A study that cannot be read without them is no fault of the table: its municipality fails alone.
    """
    return [f"{_of(codes, len(areas))}: {line}" for line, codes in _found(areas).items()]


def wrong_options(areas: Sequence[Area], changes: tuple[str, ...]) -> list[str]:
    """What is wrong with changes for all areas, whatever their table says."""
    return list(_found([area._replace(changes=changes) for area in {area.study: area for area in areas}.values()]))


def _found(areas: Sequence[Area]) -> dict[str, list[str]]:
    """Codes of areas by what is wrong with their settings."""
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
    return found


def loaded(areas: Sequence[Area], asked: set[str]) -> tuple[dict[str, Config], dict[str, str]]:
    """By code: the settings of areas; and why, of those asked for, they cannot be had: the study is missing or wrong."""
    configs, broken = {}, {}
    for area in areas:
        try:
            configs[area.code] = sources.load(area)
        except SewerzoneError as error:
            broken[area.code] = str(error)
    return configs, {code: why for code, why in broken.items() if code in asked}


def refuse_broken(table: Place, broken: dict[str, str], count: int, is_fail_fast: bool) -> None:
    """Raise ConfigError where none of so many areas has a study that can be read, or where one is enough to end it all."""
    if not broken or (len(broken) < count and not is_fail_fast):
        return
    told = [f"  {n}. area {code}: {in_a_line(why)}" for n, (code, why) in enumerate(broken.items(), 1)]
    more = [f"  and {len(told) - MOST_TOLD:,} more"] if len(told) > MOST_TOLD else []
    enough = " (--fail-fast)" if len(broken) < count else ""
    which = f"{counted(len(broken), 'study', 'studies')} of {count} cannot be read, so nothing was begun{enough}"
    raise ConfigError("\n".join([f"{table}: {which}", *told[:MOST_TOLD], *more]))


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
