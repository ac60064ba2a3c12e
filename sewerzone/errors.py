"""Every way an area can fail, as a tree::

    SewerzoneError
    ├─ ConfigError      a study file or option: key, value, allowed range, file
    ├─ DataError        a table: table, column, rule, count, first ids, remedy
    │  ├─ CRSError      a coordinate reference system that cannot be measured in
    │  └─ TerrainError  points outside the grid or on nodata
    ├─ NetworkError     no sink can be reached along usable roads
    └─ DesignError      no pipe or profile keeps the limits

A message says what is wrong (table, ids, numbers with units), why it matters and what to do.
Facts about single rows (a house too far from a road) are no errors: they are a status in that row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class SewerzoneError(Exception):
    """Base of all errors the program raises on purpose; the command line exits with code 1.

    ``parts`` : what it lists, one message each; itself where it is about one thing
    """

    def __init__(self, message: str, parts: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.parts: tuple[str, ...] = tuple(parts) or (message,)


class ConfigError(SewerzoneError):
    """A study file, cost book or option is wrong."""


class DataError(SewerzoneError):
    """Input data break a rule."""


class CRSError(DataError):
    """A layer has no usable coordinate reference system."""


class TerrainError(DataError):
    """Ground elevation is missing where it is needed."""


class NetworkError(SewerzoneError):
    """The road network cannot carry what is asked of it."""


class DesignError(SewerzoneError):
    """No pipe or profile keeps the design limits."""


def problem(what: str, why: str, remedy: str) -> str:
    """One message in the house's form: what is wrong, why it matters, what to do."""
    return f"{what.rstrip('.')}. Why it matters: {why.rstrip('.')}. What to do: {remedy.rstrip('.')}."


def first_ids(ids: Iterable[object], most: int = 5) -> str:
    """The first few ids of many, for a message: ``3, 8, 12 and 40 more``."""
    listed = list(ids)
    text = ", ".join(str(i) for i in listed[:most])
    return text if len(listed) <= most else f"{text} and {len(listed) - most:,} more"


def counted(count: float, one: str, many: str | None = None) -> str:
    """A number with its noun: ``1 line``, ``1,204 lines``; ``many`` where the plural takes more than an s."""
    return f"{count:,.0f} {one if round(count) == 1 else many or one + 's'}"


def in_a_line(message: str) -> str:
    """A message of several lines as one."""
    lines = [line.strip() for line in message.splitlines()]
    return "".join(f"{line} " if line.endswith(":") else f"{line}; " for line in lines[:-1]) + "".join(lines[-1:])


def raise_all(problems: Sequence[str], kind: type[SewerzoneError] = DataError) -> None:
    """Raise one error that lists every problem; return when there is none."""
    if not problems:
        return
    if len(problems) == 1:
        raise kind(problems[0])
    lines = "\n".join(f"  {i}. {p}" for i, p in enumerate(problems, 1))
    raise kind(f"{len(problems)} problems:\n{lines}", problems)
