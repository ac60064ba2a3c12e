"""Sections of what is there already: renewal of the existing network, and where it should be given up; only where asked for."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from sewerzone.config.sections import NotNegative, Positive, Section


class Renewal(Section):
    """Renewal outlook (改築需要見通し) from programme.first_year on: inputs.sewers, existing plants and pumps, and what the
    programme builds."""

    years: Annotated[int, Field(ge=0, le=100)] = 0
    """Years looked ahead (見通し期間); 0: not asked for. 30 to 50 are usual. Needs inputs.sewers."""
    pipe_target_yr: Positive | None = None
    """Target life of sewers (目標耐用年数); none: the cost book's actual life. The statutory life is the cost book's."""
    plant_target_yr: Positive | None = None
    """The same of treatment plants."""
    pump_target_yr: Positive | None = None
    """The same of pumps."""
    late_yr: Annotated[int, Field(ge=0, le=50)] = 10
    """Years by which what is due at its target life may be put off (先送り), so that every year costs alike (平準化).
    Unverified."""
    early_yr: Annotated[int, Field(ge=0, le=50)] = 0
    """Years by which it may be drawn forward for that (前倒し)."""
    unknown_year: Annotated[int, Field(ge=1850, le=2300)] | None = None
    """Year of installation taken where it is unknown (布設年度不明); none: half of the known metres are as old or older. What
    rests on it is shown apart."""
    price_share: Positive = 1.0
    """Price of a renewed sewer over that of a new one: below 1 where it is lined instead (更生工法)."""
    excavation_m: Positive = 2.0
    """Excavation taken where inputs.sewers has no excavation_m, for cost books whose prices rise with depth."""
    urgency_yr: tuple[NotNegative, NotNegative] = (1.0, 5.0)
    """Years after their inspection within which sewers of urgency I and II are due (緊急度Ⅰ・Ⅱ); those of III are due by their
    age, not before the second."""

    @field_validator("urgency_yr")
    @classmethod
    def _rising(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[0] > value[1]:
            raise ValueError(f"urgency I is due before II; got {value[0]:g} and {value[1]:g} years")
        return value


class Retreat(Section):
    """Retreat (撤退): sewered areas that cost less with johkasou once their sewers fall due. Needs inputs.sewers; people fall
    as coverage.people or inputs.projected_people tell, from then on and without them as [decline] says, which also tells
    the rate of present values; target lives are those of [renewal]. A municipality among many sees its own sewers alone:
    of those that take a neighbour's sewage the ledger's decision should be keep."""

    years: Annotated[int, Field(ge=0, le=100)] = 0
    """Years, from programme.first_year on, in which an area may turn (検討期間); 0: not asked for. 50 is usual."""
    horizon_yr: Annotated[int, Field(ge=1, le=200)] = 80
    """Years over which costs are counted (評価期間), no fewer than retreat.years: what is built is charged by the year."""
    snap_m: NotNegative = 1.0
    """Ends of sewers this near to each other, or to another sewer, are joined (端点の結合距離)."""
    house_reach_m: Positive = 60.0
    """Houses farther from every sewer than this have none (取付管の最大延長)."""
    outlet_reach_m: Positive = 100.0
    """Plants, outlets and pumps of inputs.plants farther from every sewer than this have none."""
    least_dwellings: NotNegative = 3.0
    """Branches of fewer dwellings are not given up by themselves (撤退する枝の最小戸数): scattered houses are no area.
    Unverified."""
    abandon_yen_per_m: NotNegative = 15_000.0
    """Filling or removing a metre of sewer that is given up (管渠の充填・撤去). Unverified."""
    house_works_yen: NotNegative = 300_000.0
    """Works at a dwelling that turns, besides the tank (宅内配管の切替). Unverified."""

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        if self.horizon_yr < self.years:
            raise ValueError(f"horizon_yr = {self.horizon_yr} is less than years = {self.years}: count costs at least as long")
        return self
