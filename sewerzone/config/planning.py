"""Sections of planning ahead: the programme of construction and coverage by year; both only where asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sewerzone.config.sections import NotNegative, Positive, Section


class Programme(Section):
    """What is built when (年度別整備計画), under zoning.build_cap_yen_per_yr, hectares a year, or both."""

    years: Annotated[int, Field(ge=0, le=100)] = 0
    """Years the programme looks ahead (計画年数); 0: not asked for. 20 is usual. Needs a cap."""
    first_year: Annotated[int, Field(ge=1900, le=2300)] = 2026
    """Fiscal year in which construction begins (初年度)."""
    renewal_yen_per_yr: tuple[NotNegative, ...] = ()
    """Renewal needs taken off zoning.build_cap_yen_per_yr (改築需要), year by year; the last one goes on."""
    cap_ha_per_yr: tuple[NotNegative, ...] = ()
    """Hectares that may be sewered a year (年間整備面積), year by year; the last one goes on."""
    tanks_per_yr: tuple[NotNegative, ...] = ()
    """Johkasou that may be installed a year (年間設置基数), year by year; the last one goes on. None: all in the first year."""
    package_max_yen: Positive | None = None
    """Networks are divided into packages of about this cost at most (工区の上限事業費); none: a tenth of all, or a third
    of what a year pays for if that is less."""
    scores: dict[str, NotNegative] = Field(default={})
    """What a person counts in the order of building, by district name or by "unit 12" (優先度); 1 where nothing is said. By
    default most people per yen come first."""
    curve: tuple[Positive, ...] = (0.5, 0.75, 1.5, 2.0)
    """Caps over the programme's own for which it is worked out again: what the cap costs in people served later."""


class Coverage(Section):
    """Coverage by year (普及率の見通し), with the programme."""

    people: tuple[tuple[int, NotNegative], ...] = ()
    """Years and all people then (行政人口): [[2025, 255060], [2036, 236000]]; straight lines between. None: the plan's
    people, or as inputs.projected_people change them. Every district keeps its share, unless inputs.people_history or
    inputs.projected_people tells otherwise. Falling population, outlook and retreat follow them too."""
    people_year: Annotated[int, Field(ge=1900, le=2300)] | None = None
    """Year of the plan's people, from which inputs.projected_people changes them; none: the year before the programme."""
    other_people: NotNegative = 0.0
    """People on other plants (コミュニティ・プラント等) that the plan does not show."""
    existing_ha: NotNegative | None = None
    """Hectares sewered today (整備済面積); none: those of the served areas."""
    connected_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of people in sewered areas who connect in the end (水洗化率の上限), today's areas included."""
    connect_years: Annotated[int, Field(ge=0, le=50)] = 3
    """Years over which people of a new area connect, in equal parts (接続の遅れ; the law gives three); 0: at once."""
    goal_share: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Mid-term goal (中期目標) for 汚水処理人口普及率."""
    goal_years: Annotated[int, Field(ge=1, le=100)] = 10
    """Years of the programme within which it is to be met."""

    @field_validator("people")
    @classmethod
    def _rising(cls, value: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
        years = [year for year, _ in value]
        if years != sorted(set(years)):
            raise ValueError(f"years must rise without repeats; got {years}")
        return value
