"""Cost books: prices as data, one TOML file each, and their reader.

A book holds items (sewer, pump, tank, plant ...). An item holds up to four *figures* (construction, upkeep, actual life,
statutory life), each with its mark (P published, S second-hand, U unverified), price year and source. Where a book is
silent on a figure, the fallback book speaks, and its mark and source travel with it. A book never converts or computes:
its curves are evaluated by ``stages.cost`` with the formulas of ``engineering.economics``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from sewerzone.costbooks.curves import (
    ByDepth,
    ByDiameter,
    Curve,
    Data,
    DepthDiameter,
    DepthTable,
    Flat,
    Positive,
    Power,
    ShareOfSewer,
    Steps,
    told,
)
from sewerzone.errors import ConfigError, problem

Mark = Literal["P", "S", "U"]
Lives = Literal["actual", "statutory"]
SHIPPED = ("fuji_2018", "generic", "snip_2015", "rust_2021")

_FLAT, _SEWER, _PLANT = ("flat",), ("flat", "depth_diameter", "by_diameter", "depth_table"), ("flat", "power", "steps")
_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sewer": (_SEWER, _FLAT),
    "pressure_main": (("flat", "share_of_sewer"), _FLAT),
    "manhole": (("flat", "by_depth"), _FLAT),
    "drop_manhole": (("flat", "by_depth"), _FLAT),
    "pump": (_FLAT, _FLAT),
    "energy": ((), _FLAT),
    "crossing_river": (_FLAT, _FLAT),
    "crossing_railway": (_FLAT, _FLAT),
    "crossing_motorway": (_FLAT, _FLAT),
    "crossing_other": (_FLAT, _FLAT),
    "easement": (_FLAT, _FLAT),
    "plant_small": (_PLANT, _PLANT),
    "plant_large": (_PLANT, _PLANT),
    "treatment": (_PLANT, _PLANT),
    "treatment_west": (_PLANT, _PLANT),
}  # fmt: skip
"""Known items and the kinds of curve their construction and upkeep may have; johkasou_N is flat, flat."""


class _FigureData(Data):
    curve: Curve = Field(discriminator="kind")
    mark: Mark
    source: str | None = None
    source_ja: str | None = None
    price_year: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, value: Any) -> Any:
        """In the file the curve's keys stand beside mark and source."""
        if not isinstance(value, dict):
            return value
        own = {k: v for k, v in value.items() if k in ("mark", "source", "source_ja", "price_year")}
        return {**own, "curve": {k: v for k, v in value.items() if k not in own}}


class _LifeData(Data):
    years: Positive
    mark: Mark
    source: str | None = None
    source_ja: str | None = None


class _ItemData(Data):
    quantity_unit: str
    construction: _FigureData | None = None
    per_kw: _FigureData | None = None
    upkeep: _FigureData | None = None
    life_yr: _LifeData | None = None
    statutory_life_yr: _LifeData | None = None
    includes_manholes: bool = False
    up_to_m3_per_d: Positive | None = None
    road_factors: dict[str, Positive] = {}


class _BookData(Data):
    name: str
    title: str
    currency: str
    price_year: int | None = None
    source: str | None = None
    source_ja: str | None = None
    items: dict[str, _ItemData]

    @model_validator(mode="after")
    def _known_items(self) -> Self:
        wrong = []
        for key, item in self.items.items():
            if key not in _KINDS and not re.fullmatch(r"johkasou_\d+", key):
                wrong.append(f"no item {key!r}; known: {', '.join(_KINDS)}, johkasou_5, johkasou_7, ...")
                continue
            for part, kinds in zip(("construction", "upkeep"), _KINDS.get(key, (_FLAT, _FLAT)), strict=True):
                figure = getattr(item, part)
                if figure is not None and figure.curve.kind not in kinds:
                    wrong.append(f"{key}.{part} is {figure.curve.kind!r}; allowed: {', '.join(kinds) or 'none'}")
            if item.per_kw is not None and (key != "pump" or item.per_kw.curve.kind != "flat"):
                wrong.append(f"{key}.per_kw: only pumps have a price per kW, and a flat one")
        if not (self.source or self.source_ja):
            wrong.append("no source: say where the figures come from, as source or in Japanese as source_ja")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


@dataclass(frozen=True)
class Figure:
    """One price curve with its origin; ``book`` and ``currency`` are of the book that supplies it.

    ``source_ja`` is ``source`` where the book gives no Japanese, and the other way round.
    """

    curve: Curve
    mark: Mark
    source: str
    price_year: int | None
    currency: str
    book: str
    source_ja: str


@dataclass(frozen=True)
class Life:
    """One life in years with its origin."""

    years: float
    mark: Mark
    source: str
    book: str
    source_ja: str


@dataclass(frozen=True)
class Item:
    """What is paid for; figures the books are silent on are None.

    ``includes_manholes``: the sewer price is all in. ``up_to_m3_per_d``: largest plant of this kind.
    ``road_factors``: factor on the sewer price by kind of road. ``per_kw``: construction of a pump per kW of shaft power,
    beside its ``construction``.
    """

    key: str
    quantity_unit: str
    construction: Figure | None
    upkeep: Figure | None
    life_yr: Life | None
    statutory_life_yr: Life | None
    includes_manholes: bool = False
    up_to_m3_per_d: float | None = None
    road_factors: Mapping[str, float] = field(default_factory=dict)
    per_kw: Figure | None = None

    def life(self, lives: Lives) -> Life:
        """The actual or statutory life; raises ConfigError where no book gives it."""
        found = self.life_yr if lives == "actual" else self.statutory_life_yr
        if found is None:
            name = "life_yr" if lives == "actual" else "statutory_life_yr"
            raise ConfigError(_silent(self.key, name))
        return found


@dataclass(frozen=True)
class CostBook:
    """A cost book and the one that speaks where it is silent."""

    name: str
    title: str
    currency: str
    price_year: int | None
    source: str
    items: Mapping[str, Item]
    fallback: CostBook | None = None

    def find(self, key: str) -> Item | None:
        """The item, each figure from this book or else from the fallback; None where neither knows the item.

        ``includes_manholes``, ``up_to_m3_per_d``, ``road_factors`` and ``per_kw`` come from the book that gives the
        construction price.
        """
        own = self.items.get(key)
        other = self.fallback.find(key) if self.fallback else None
        if own is None or other is None:
            return own or other
        base = own if own.construction is not None else other
        return replace(
            base,
            upkeep=own.upkeep or other.upkeep,
            life_yr=own.life_yr or other.life_yr,
            statutory_life_yr=own.statutory_life_yr or other.statutory_life_yr,
        )

    def item(self, key: str) -> Item:
        """The item with both construction and upkeep; raises ConfigError naming what no book gives."""
        found = self.find(key)
        for part in ("construction", "upkeep"):
            if found is None or getattr(found, part) is None:
                raise ConfigError(_silent(key, part, self))
        assert found is not None
        return found

    def keys(self) -> tuple[str, ...]:
        """Every item this book or its fallback knows, sorted."""
        return tuple(sorted({*self.items, *(self.fallback.keys() if self.fallback else ())}))


def load(book: str | Path, fallback: str | Path | None = None, base_dir: str | Path = ".") -> CostBook:
    """Read a cost book.

    Parameters
    ----------
    book, fallback : name of a shipped book, or path of a TOML file relative to ``base_dir``
    base_dir : folder of the study file

    Raises
    ------
    ConfigError
        Unknown name, unreadable file, or a list of everything wrong in it.
    """
    first = _read(book, Path(base_dir))
    if fallback is None or str(fallback) == str(book):
        return first
    second = _read(fallback, Path(base_dir))
    if len({first.currency, second.currency} - {"JPY"}) > 1:
        raise ConfigError(
            problem(
                f"cost.book {first.name!r} is in {first.currency} and cost.fallback {second.name!r} in {second.currency}",
                "one exchange rate (cost.yen_per_currency) cannot turn both into yen",
                "choose a fallback in yen or in the same currency, or none",
            )
        )
    return replace(first, fallback=second)


def _read(book: str | Path, base_dir: Path) -> CostBook:
    path = Path(__file__).with_name(f"{book}.toml") if str(book) in SHIPPED else base_dir / book
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ConfigError(
            problem(
                f"no cost book {str(book)!r}: neither a shipped book nor a file {path}",
                "without prices nothing can be compared",
                f"use one of {', '.join(SHIPPED)}, or the path of a TOML file relative to the study",
            )
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a readable TOML file ({error}); check quotes and that it is saved as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    return parse(data, str(path))


def parse(data: dict[str, Any], where: str = "cost book") -> CostBook:
    """A book without fallback from plain data; raises one ConfigError that lists everything wrong."""
    try:
        read = _BookData.model_validate(data)
    except ValidationError as error:
        lines = []
        for e in error.errors():
            where_in_book = ".".join(str(part) for part in e["loc"]) or "book"
            lines.append(f"  {where_in_book}: {e['msg'].removeprefix('Value error, ')}")
        head = f"{where}: {len(lines)} wrong entr{'ies' if len(lines) > 1 else 'y'} in the cost book; correct and run again"
        raise ConfigError("\n".join([head, *lines]), [f"{where}: {line.strip()}" for line in lines]) from error

    def figure(f: _FigureData | None) -> Figure | None:
        if f is None:
            return None
        source, source_ja = told(f, read)
        return Figure(f.curve, f.mark, source, f.price_year or read.price_year, read.currency, read.name, source_ja)

    def life(x: _LifeData | None) -> Life | None:
        if x is None:
            return None
        source, source_ja = told(x, read)
        return Life(x.years, x.mark, source, read.name, source_ja)

    items = {
        key: Item(
            key, i.quantity_unit, figure(i.construction), figure(i.upkeep), life(i.life_yr), life(i.statutory_life_yr),
            i.includes_manholes, i.up_to_m3_per_d, i.road_factors, figure(i.per_kw),
        )
        for key, i in read.items.items()
    }  # fmt: skip
    return CostBook(read.name, read.title, read.currency, read.price_year, told(read, read)[0], items)


def _silent(key: str, part: str, book: CostBook | None = None) -> str:
    books = f" in {book.name!r}{f' or {book.fallback.name!r}' if book.fallback else ''}" if book else ""
    return problem(
        f"cost books: no {part} of {key!r}{books}",
        "it is needed to price the plan, and no figure is invented",
        f"add [items.{key}] {part} to your cost book, or set cost.fallback",
    )


__all__ = [
    "SHIPPED", "ByDepth", "ByDiameter", "CostBook", "Curve", "DepthDiameter", "DepthTable", "Figure", "Flat", "Item", "Life",
    "Power", "ShareOfSewer", "Steps", "load", "parse",
]  # fmt: skip
