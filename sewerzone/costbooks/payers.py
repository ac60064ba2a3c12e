"""Who pays: rules of sharing costs as data, one TOML file each, and their reader.

A book says for every measure (sewer, pump, plant, johkasou) what each payer bears, and which one takes the remainder; and what
a household pays. Every figure has its mark (P published, S second-hand, U unverified) and source.
"""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from sewerzone.costbooks.curves import Data, NotNegative, Sourced, told
from sewerzone.errors import ConfigError, problem

Mark = Literal["P", "S", "U"]
Measure = Literal["sewer", "pump", "plant", "johkasou"]
Payer = Literal["national", "prefecture", "city", "bond", "resident"]
Rounding = Literal["down", "nearest", "up"]
MEASURES: tuple[Measure, ...] = ("sewer", "pump", "plant", "johkasou")
PAYERS: tuple[Payer, ...] = ("national", "prefecture", "city", "bond", "resident")
SHIPPED = ("generic", "fuji_2018", "fukushima_2004")
FINEST = 10_000
"""Largest denominator of a share: with it whole yen stay exact in 64 bits up to 10^14 yen."""


class Rule(Data):
    """What one payer bears: ``share`` of the cost ("1/3" or "0.075") or a fixed amount of ``yen``; shares to the 1,000 yen."""

    payer: Payer
    share: Fraction | None = None
    yen: Annotated[int, Field(ge=0)] | None = None
    rounding: Rounding = "down"
    mark: Mark
    source: str | None = None
    source_ja: str | None = None

    @field_validator("share", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:
        try:
            share = Fraction(str(value)) if value is not None else None
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f'write a share as "1/3" or "0.075"; got {value!r}') from error
        if share is not None and (not 0 <= share <= 1 or share.denominator > FINEST):
            raise ValueError(f"a share lies between 0 and 1, in steps of 1/{FINEST:,} at least; got {value!r}")
        return share

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.share is None) == (self.yen is None):
            raise ValueError("give either share or yen")
        return self


class Sharing(Data):
    """How one measure is paid: by ``rules`` in their order, each at most what is left; ``remainder`` bears the rest.

    ``per``: whether rules speak of the cost of one unit (a tank), or of all of a measure in a year.
    """

    per: Literal["unit", "total"] = "total"
    remainder: Payer
    mark: Mark
    source: str | None = None
    source_ja: str | None = None
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = [self.remainder, *(rule.payer for rule in self.rules)]
        if len(set(named)) < len(named):
            raise ValueError(f"each payer once, the one who takes the remainder included; got {', '.join(named)}")
        return self


class Amount(Data):
    """One figure of a household's view."""

    value: NotNegative
    mark: Mark
    source: str | None = None
    source_ja: str | None = None


class Household(Data):
    """What one household meets: charges once, water it uses, the fee for it."""

    connection_charge_yen: Amount
    sewer_house_works_yen: Amount
    tank_house_works_yen: Amount
    water_m3_per_month: Amount
    fee_base_yen_per_month: Amount
    fee_base_m3_per_month: Amount
    fee_yen_per_m3: Amount
    tank_upkeep_share: Amount

    def amounts(self) -> tuple[Amount, ...]:
        """All figures."""
        return tuple(getattr(self, name) for name in type(self).model_fields)


class PayersBook(Data):
    """A book of shares."""

    name: str
    title: str
    title_ja: str | None = None
    source: str | None = None
    source_ja: str | None = None
    measures: dict[Measure, Sharing]
    household: Household

    @model_validator(mode="after")
    def _all_measures(self) -> Self:
        if missing := [m for m in MEASURES if m not in self.measures]:
            raise ValueError(f"no shares of {', '.join(missing)}; every measure needs a payer")
        if not (self.source or self.source_ja):
            raise ValueError("no source: say where the shares come from, as source or in Japanese as source_ja")
        return self

    def source_of(self, figure: Sourced) -> str:
        """Where a figure of this book comes from, as tables keep it."""
        return told(figure, self)[0]


def load(book: str, base_dir: str | Path = ".") -> PayersBook:
    """Read a book of shares: a shipped one by name, or a TOML file relative to ``base_dir``."""
    path = Path(__file__).with_name(f"payers_{book}.toml") if book in SHIPPED else Path(base_dir) / book
    try:
        return PayersBook.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
        raise ConfigError("\n".join([f"{path}: wrong entries in the book of shares; correct and run again", *lines])) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a readable TOML file ({error}); check quotes and that it is saved as UTF-8") from error
    except OSError as error:
        raise ConfigError(
            problem(
                f"payers.book = {book!r}: neither a shipped book of shares nor a readable file {path} ({error.strerror})",
                "without rules nobody's share is known",
                f"use one of {', '.join(SHIPPED)}, or the path of a TOML file relative to the study",
            )
        ) from error


__all__ = ["MEASURES", "PAYERS", "SHIPPED", "Amount", "Household", "PayersBook", "Rule", "Sharing", "load"]
