"""What each house carries of a plan: its share of pipes, pumps and yen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.meeting import surface_points
from sewerzone.model import Plan
from sewerzone.style import COLLECTIVE
from sewerzone.tables.redrawing import BASES

FIGURES = ("sewer_m", "pumps", "yen_per_yr")
_SAME_PLACE_M = 1e-3


class Carried(NamedTuple):
    """Figures per building (rows x 3: metres of sewer, pumps, yen a year), and what belongs to no building (3,)."""

    each: Floats
    rest: Floats


def carried(plan: Plan) -> Carried:
    """A system's figures shared among the houses on it by dwellings, a unit's tanks among its houses with tanks."""
    houses = plan.buildings
    unit = houses["unit_id"].fillna(-1).to_numpy(np.int64)
    treatment = houses["treatment"].to_numpy(object).astype(str)
    of_unit = pd.Series(plan.units["system_id"].fillna(-1).to_numpy(np.int64), index=plan.units["unit_id"].to_numpy())
    is_on_sewer = np.isin(treatment, COLLECTIVE) & (treatment != "served") & (unit >= 0)
    system = np.where(is_on_sewer, of_unit.reindex(unit).fillna(-1).to_numpy(np.int64), -1)
    tanks = np.where((treatment == "johkasou") & (unit >= 0), unit, -1)
    rows = plan.costs[plan.costs["is_in_plan"].astype(bool)]
    yen = rows["capital_yen_per_yr"] + rows["upkeep_yen_per_yr"]
    is_system = rows["system_id"].notna()
    by_system = pd.DataFrame(
        {
            "sewer_m": plan.pipes.groupby("system_id")["length_m"].sum(),
            "pumps": plan.pumps.groupby("system_id").size().astype(float),
            "yen_per_yr": yen[is_system].groupby(rows["system_id"][is_system].astype("int64")).sum(),
        }
    ).fillna(0.0)
    is_tank = ~is_system & rows["unit_id"].notna()
    by_unit = pd.DataFrame({"yen_per_yr": yen[is_tank].groupby(rows["unit_id"][is_tank].astype("int64")).sum()})
    by_unit = by_unit.reindex(columns=list(FIGURES)).fillna(0.0)
    dwellings = houses["dwellings"].to_numpy(float)
    each = _shared(by_system, system, dwellings) + _shared(by_unit, tanks, dwellings)
    whole = np.array([plan.pipes["length_m"].sum(), float(len(plan.pumps)), yen.sum()])
    rest = whole - each.sum(axis=0)
    return Carried(each, np.where(np.abs(rest) <= 1e-9 * np.maximum(np.abs(whole), 1.0), 0.0, rest))


def _shared(figures: pd.DataFrame, of: Ints, dwellings: Floats) -> Floats:
    """(houses, 3) figures of what a house belongs to (-1: nothing), shared by dwellings."""
    known = pd.Series(np.arange(len(figures)), index=figures.index.astype("int64"))
    at = known.reindex(of).fillna(-1).to_numpy(np.int64)
    has = at >= 0
    sums = np.bincount(at[has], dwellings[has], minlength=len(figures))
    share = np.zeros(len(of))
    whole = sums[at[has]]
    share[has] = np.divide(dwellings[has], whole, out=np.zeros(len(whole)), where=whole > 0.0)
    values = figures.to_numpy(float)
    return np.where(has[:, None], values[np.maximum(at, 0)] if len(values) else 0.0, 0.0) * share[:, None]


def places(new: Plan, old: Plan) -> Ints:
    """(houses of the new plan,) the row of the same house in the old plan, -1 where it has none: by place, to a millimetre."""
    here, there = (surface_points(p.buildings.geometry.to_numpy()) for p in (new, old))
    if here.shape == there.shape and np.allclose(here, there, rtol=0.0, atol=_SAME_PLACE_M, equal_nan=True):
        return np.arange(len(here), dtype=np.int64)
    keys = [pd.MultiIndex.from_arrays(list(np.round(xy / _SAME_PLACE_M).T)) for xy in (here, there)]
    first = ~keys[1].duplicated()
    found = pd.Series(np.flatnonzero(first), index=keys[1][first]).reindex(keys[0])
    found[np.isnan(here).any(axis=1) | keys[0].duplicated()] = np.nan
    return found.fillna(-1).to_numpy(np.int64)


class Turned(NamedTuple):
    """What the old plan's figures differ by from the new plan's (houses x 3), and by unit why (positions in ``BASES``)."""

    more: Floats
    basis: Ints
    unpriced: Bools
    """Houses that move and whose other way has no price: left on tanks in a unit that is sewered."""


def turned(new: Plan, change: Floats, each: Floats) -> Turned:
    """The old plan by the unit figures of the new: a moved house carries its dwellings' share of its unit's other way.

    ``change`` (houses,) are the names of changes, ``each`` what houses carry under the new plan. Yen: where all houses of a
    system had tanks, tanks for them against the system, which adds up; else what the new plan would cost more with the unit
    treated the other way; where that is not known, its options standing alone. Pipes and pumps of
    the old plan: those of the unit's cheapest sewer standing alone; of houses that had tanks, none.
    """
    houses, units = new.buildings, new.units.set_index("unit_id")
    unit = houses["unit_id"].fillna(-1).to_numpy(np.int64)
    now = units["treatment"].reindex(unit).to_numpy(object)
    to_tank, to_sewer = change == "sewer_to_johkasou", change == "johkasou_to_sewer"
    unpriced = to_tank & (now != "johkasou")
    moved = (to_tank & ~unpriced) | to_sewer
    share = np.zeros(len(houses))
    all_of = units["dwellings"].reindex(unit).to_numpy(float)
    share[moved] = houses["dwellings"].to_numpy(float)[moved] / all_of[moved]
    apart, basis = _apart(new)
    best = new.options[new.options["option"].isin(("connect", "own_plant")) & new.options["is_possible"].astype(bool)]
    best = best.sort_values(["unit_id", "total_yen_per_yr"], kind="stable").drop_duplicates("unit_id").set_index("unit_id")
    more = np.zeros((len(houses), 3))
    for k, name in enumerate(("sewer_m", "pumps")):
        alone = best[name].reindex(unit).fillna(0.0).to_numpy(float)
        more[:, k] = np.where(to_tank, alone * share, np.where(to_sewer, -each[:, k], 0.0))
    more[:, 2] = np.where(moved, pd.Series(apart, index=units.index).reindex(unit).fillna(0.0).to_numpy(float) * share, 0.0)
    whole = _of_whole_systems(new, unit, to_sewer)
    tanks = _tanks_instead(new, unit, whole, each[:, 2])
    whole &= ~np.isnan(tanks)
    more[whole, 2] = tanks[whole]
    basis[np.isin(units.index.to_numpy(), unit[whole])] = BASES.index("tanks_instead")
    is_moved = np.isin(units.index.to_numpy(), unit[moved])
    return Turned(more, np.where(is_moved, basis, BASES.index("nothing_moves")), unpriced)


def _of_whole_systems(new: Plan, unit: Ints, to_sewer: Bools) -> Bools:
    """(houses,) that come onto a system together with all others on it."""
    system = new.units.set_index("unit_id")["system_id"].reindex(unit).fillna(-1).to_numpy(np.int64)
    treatment = new.buildings["treatment"].to_numpy(object).astype(str)
    on_it = np.isin(treatment, COLLECTIVE) & (treatment != "served") & (system >= 0)
    return np.asarray(to_sewer & on_it & ~np.isin(system, system[on_it & ~to_sewer]))


def _tanks_instead(new: Plan, unit: Ints, whole: Bools, yen_per_yr: Floats) -> Floats:
    """(houses,) what tanks cost more a year than the sewer: all those of the unit less what its houses with tanks have."""
    rows = pd.DataFrame({"dwellings": new.buildings["dwellings"].to_numpy(float), "yen": yen_per_yr})
    kept = rows["yen"].where(~whole, 0.0).groupby(unit).transform("sum").to_numpy(float)
    moved = rows["dwellings"].where(whole, 0.0).groupby(unit).transform("sum").to_numpy(float)
    share = np.divide(rows["dwellings"].to_numpy(float), moved, out=np.zeros(len(rows)), where=moved > 0.0)
    all_tanks = new.units.set_index("unit_id")["johkasou_yen_per_yr"].reindex(unit).to_numpy(float)
    return np.asarray((all_tanks - kept) * share - yen_per_yr)


def _apart(new: Plan) -> tuple[Floats, Ints]:
    """(units,) what the other way costs more a year, 0 where unknown, and what tells it."""
    units = new.units
    margin = units["margin_yen_per_yr"].to_numpy(float)
    is_tank = (units["treatment"] == "johkasou").to_numpy()
    alone = units["sewer_yen_per_yr"].to_numpy(float) - units["johkasou_yen_per_yr"].to_numpy(float)
    alone = np.where(is_tank, alone, -alone)
    basis = np.select(
        [~np.isnan(margin), ~np.isnan(alone)], [BASES.index("by_margin"), BASES.index("options_alone")], BASES.index("unknown")
    )
    return np.nan_to_num(np.where(np.isnan(margin), alone, margin)), basis.astype(np.int64)
