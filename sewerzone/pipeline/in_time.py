"""What can be built in time: collective areas that cannot are compared again with johkasou (10年概成)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering import economics
from sewerzone.engineering.forest import Bools, Floats
from sewerzone.engineering.groups import Group, Zoning
from sewerzone.errors import ConfigError, problem
from sewerzone.pipeline import verdicts
from sewerzone.pipeline.optimum import Sought, yen
from sewerzone.pipeline.outcome import LaidSystems, lay_systems
from sewerzone.pipeline.town import Field, Town, kept_yen_per_yr
from sewerzone.stages import cost
from sewerzone.tables import no_ids

MOST_YEARS = 1_000
"""A building budget that takes longer than this is a mistake."""


class Late(NamedTuple):
    """Which units turned to tanks since their sewer comes too late, and the comparison of the whole system that turned them.

    Attributes
    ----------
    is_late : (u,)
    late_year : (u,) years from the start until the system would have been finished
    late_units : (u,) units (and existing plants) in it
    late_sewer_yen_per_yr, late_lost_yen_per_yr, late_tanks_yen_per_yr : (u,) of all of them: the system, what is left of their
        tanks' life when it comes, tanks for good
    """

    is_late: Bools
    late_year: Floats
    late_units: Floats
    late_sewer_yen_per_yr: Floats
    late_lost_yen_per_yr: Floats
    late_tanks_yen_per_yr: Floats


class InTime(NamedTuple):
    """A zoning that can be built in time, its systems (None where nobody asked when they are built), and what turned."""

    zoning: Zoning
    laid: LaidSystems | None
    late: Late


class Decided(NamedTuple):
    """A zoning that can be built in time, and where the method is the optimum how it was found.

    Attributes
    ----------
    sought : its zonings as far as they can be built in time
    timeless : the optimum without a deadline, where the zoning is another
    """

    found: InTime
    sought: Sought | None
    timeless: Zoning | None

    def zonings(self) -> dict[str, Zoning]:
        """Those of the plan, by the kind of their point on the cost curve."""
        plan = self.found.zoning
        if self.sought is None:
            return {"official": plan}
        if self.timeless is None:
            return {"optimum": plan, "official": self.sought.official}
        return {"optimum": self.timeless, "official": self.sought.official, "plan": plan}


class _Facts(NamedTuple):
    """What the comparison takes of the units: tanks' capital and life, tanks a year, dwellings and their density."""

    tank_capital: Floats
    tank_life: float
    tanks: Floats
    size: Floats
    density: Floats
    is_fixed: Bools


def build_in_time(
    zoning: Zoning, absorbed: verdicts.Absorbed, town: Town, field: Field, config: Config, book: CostBook,
    without_override: int | None = None,
) -> InTime:  # fmt: skip
    """Compare collective areas that cannot be built in time again with johkasou (10年概成).

    Their houses get tanks now; when the sewer comes, what is left of the tanks' life is lost. Where sewer plus that
    loss is dearer than tanks, the area stays with tanks. ``without_override`` leaves one of the planner's decisions out.
    """
    late = Late(np.zeros(len(town.units), bool), *(np.full(len(town.units), np.nan) for _ in range(5)))
    if not _is_asked(config):
        return InTime(zoning, None, late)
    laid = lay_systems(zoning, town, field, config, book)
    money = np.array(config.money_by_year(max(len(config.programme.renewal_yen_per_yr), 1)))
    facts = _facts(absorbed, town, config, book, without_override)
    tanks, size = facts.tanks, facts.size
    while True:
        systems = [g for g in zoning.groups if g.trees is not None]
        capital = laid.capital_yen()
        density = np.array([np.average(facts.density[g.units], weights=size[g.units]) for g in systems])
        years = economics.building_years(capital, density, money)
        tank_capital = np.array([facts.tank_capital[g.units].sum() for g in systems])
        lost = economics.stranded_yen_per_yr(tank_capital, years, facts.tank_life)
        turn = [
            k for k, g in enumerate(systems)
            if years[k] > config.zoning.build_years and not facts.is_fixed[g.units].any()
            and g.yen_per_yr + lost[k] > tanks[g.units].sum()
        ]  # fmt: skip
        if not turn:
            _refuse_endless(years, capital, config)
            return InTime(zoning, laid._replace(built_year=years), late)
        last = max(turn, key=lambda k: (years[k], k))
        group = systems[last]
        told = years[last], len(group.units), group.yen_per_yr, lost[last], tanks[group.units].sum()
        late.is_late[group.units] = True
        for column, value in zip(late[1:], told, strict=True):
            column[group.units] = value
        zoning = zoning._replace(groups=_as_tanks(zoning.groups, group, tanks))
        laid = lay_systems(zoning, town, field, config, book)


def decide(
    town: Town, field: Field, config: Config, book: CostBook, absorbed: verdicts.Absorbed, without_override: int | None = None
) -> Decided:
    """The zoning by the method of the study as far as it can be built in time.

    Of the optimum that may turn large networks and leave the small ones of the procedure alone: where the procedure, by the
    same rule, comes out cheaper for that, its zoning is the plan, so that the plan never costs more.
    """
    where = town, field, config, book
    if config.zoning.method != "optimum":
        zoning = verdicts.zone_units(*where, absorbed, without_override)
        return Decided(build_in_time(zoning, absorbed, *where, without_override), None, None)
    sought = verdicts.seek_optimum(*where, absorbed, without_override)
    found = build_in_time(sought.zoning, absorbed, *where, without_override)
    if not _is_asked(config):
        return Decided(found, sought, None)
    official = build_in_time(sought.official, absorbed, *where, without_override)
    is_turned = bool(found.late.is_late.any())
    if is_turned and sought.official_keeps_limits and yen(official.zoning.groups) < yen(found.zoning.groups):
        found = official
    after = sought._replace(zoning=found.zoning, official=official.zoning)
    return Decided(found, after, sought.zoning if is_turned else None)


def told(decided: Decided, town: Town, config: Config) -> dict[str, Any] | None:
    """What the record says of the re-comparison; None without one."""
    if not _is_asked(config):
        return None
    is_late = decided.found.late.is_late[: town.houses_units]
    out: dict[str, Any] = {"build_years": config.zoning.build_years, "turned_units": np.flatnonzero(is_late).tolist()}
    if decided.timeless is not None:
        out["optimum_without_deadline_yen_per_yr"] = yen(decided.timeless.groups)
    return out


def override_prices(
    zoning: Zoning, town: Town, field: Field, config: Config, book: CostBook, absorbed: verdicts.Absorbed
) -> dict[int, float]:
    """What each of the planner's decisions costs a year: the plan with it less the plan without it, both built in time."""
    if config.zoning.is_reference:
        return {}
    prices = {}
    for number in np.unique(town.decided.override_id[town.decided.override_id >= 0]):
        without = decide(town, field, config, book, absorbed, int(number)).found.zoning
        prices[int(number)] = yen(zoning.groups) - yen(without.groups)
    return prices


def _is_asked(config: Config) -> bool:
    return config.zoning.build_cap_yen_per_yr is not None and not config.zoning.is_reference


def _facts(absorbed: verdicts.Absorbed, town: Town, config: Config, book: CostBook, without_override: int | None) -> _Facts:
    tank_capital, tank_life, tanks = _tank_capital(town, config, book)
    size = town.units["dwellings"].to_numpy(float)
    density = size / np.maximum(town.units["area_ha"].to_numpy(float), 1e-9)
    holds = town.decided.override_id != (-2 if without_override is None else without_override)
    return _Facts(tank_capital, tank_life, tanks, size, density, absorbed.is_absorbed | (town.decided.is_sewer & holds))


def _refuse_endless(years: Floats, capital: Floats, config: Config) -> None:
    if years.max(initial=0.0) <= MOST_YEARS:
        return
    cap = config.zoning.build_cap_yen_per_yr
    what = f"zoning.build_cap_yen_per_yr = {cap:,.0f}: what must be built would take {years.max():,.0f} years"
    least = f"set {capital.sum() / MOST_YEARS:,.0f} or more"
    raise ConfigError(problem(what, "years of completion say nothing then", least))


def _tank_capital(town: Town, config: Config, book: CostBook) -> tuple[Floats, float, Floats]:
    """Per unit the yearly capital of its new tanks and their whole yearly cost; and the tanks' life (years)."""
    homes = verdicts.homes_of(town)
    frame = homes[["unit_id", *verdicts.TANKS]]
    frame = frame.assign(option="johkasou", system_id=no_ids(len(frame)))
    rows = cost.johkasou_rows(frame, book, config.cost)
    of = rows["unit_id"].to_numpy(np.int64)
    capital = np.bincount(of, rows["capital_yen_per_yr"].to_numpy(float), minlength=len(town.units)).astype(np.float64)
    upkeep = np.bincount(of, rows["upkeep_yen_per_yr"].to_numpy(float), minlength=len(town.units)).astype(np.float64)
    life = rows["life_yr"].dropna()
    upkeep[town.houses_units :] += kept_yen_per_yr(homes).sum(axis=1)[len(homes) - town.plants :]
    return capital, float(life.min()) if len(life) else np.inf, capital + upkeep


def _as_tanks(groups: list[Group], turned: Group, tanks: Floats) -> list[Group]:
    """The groups with one of them turned into units with tanks."""
    rest = [g for g in groups if g is not turned]
    rest += [Group(np.array([u]), "johkasou", float(tanks[u]), None, 0, {}) for u in turned.units]
    return sorted(rest, key=lambda g: int(g.units[0]))
