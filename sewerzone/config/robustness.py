"""How sure each verdict is, and what other shares of sewers would cost: both only where asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from sewerzone.config.sections import Section

Range = tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]


class Robustness(Section):
    """How sure verdicts are: all zoned anew at other prices, lives, rates and populations; not in reference plans."""

    samples: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Samples over all uncertain figures together (試行回数), each zoned anew; 0: not asked for. 1,000 is usual, 256 the least
    that tells figures apart; below 50 no verdict is called firm or contested."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Seed of the samples (乱数の種); the same seed gives the same tables."""
    published_range: Range = (0.9, 1.1)
    """Least and largest value of figures marked P (published), over the study's own."""
    second_hand_range: Range = (0.8, 1.2)
    """The same for figures marked S (second-hand)."""
    unverified_range: Range = (0.7, 1.5)
    """The same for figures marked U (unverified)."""
    people_range: Range = (0.8, 1.1)
    """Low and high population over that of the study, dwellings and flows with it (将来人口の幅)."""
    discount_rates: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.02, 0.04)
    """Discount rates whose annuities are compared (社会的割引率); the range of the rate where the study counts annuities."""
    contested_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """A verdict is firm where at most this share of the samples says otherwise."""
    break_even_range: Range = (0.2, 5.0)
    """Prices over today's between which break-even prices are looked for (損益分岐単価の探索範囲)."""
    verified_range: Range | None = None
    """Prices over today's between which break-even prices are verified (損益分岐単価を再判定で確かめる範囲): the whole study is
    decided again 1 % on either side of each, and where the verdict does not turn there, wherever it does. [0.85, 1.15] is
    usual; every decision takes as long as the zoning. Elsewhere they are those of the networks designed, which the search at
    another price may not find."""

    @field_validator(
        "published_range", "second_hand_range", "unverified_range", "people_range", "break_even_range", "verified_range"
    )
    @classmethod
    def _round_one(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not (value[0] < value[1] and value[0] <= 1.0 <= value[1]):
            raise ValueError(f"[low, high] must rise and hold 1, the study's own value; got {list(value)}")
        return value

    @field_validator("discount_rates")
    @classmethod
    def _rising(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not value[0] < value[1]:
            raise ValueError(f"[low, high] must rise; got {list(value)}")
        return value


class Curve(Section):
    """The least yearly cost for every share of people on sewers (集合処理率と年価); not in reference plans."""

    points: Annotated[int, Field(ge=0, le=1000)] = 0
    """Steps from nobody to everybody between which the curve is refined (曲線の点数); 0: not asked for. 40 draws it well."""
    second_aim: Literal["none", "pumps", "in_time"] = "none"
    """A second aim to set against cost (第二目標): few pumps, or people treated within zoning.build_years under
    zoning.build_cap_yen_per_yr."""
