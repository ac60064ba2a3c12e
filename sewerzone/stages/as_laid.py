"""Verdicts as anyone can recompute them from the cost rows: networks stay as laid, prices change, the cheapest is taken.

The rule. A unit by itself takes the cheapest of its possible options. The units of a system of the plan stay in it while it
costs no more than their cheapest options by themselves, to the yen below which a join is no join. What cost does not decide
stays: absorption round served areas, decisions of the planner, and verdicts that this comparison does not give at the plan's
own prices (a budget of years, a plant without room, a reference plan).

Every cost is linear in the price of sewers, so that the price at which a verdict turns is found exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.engineering.turning import Lines, kept_between, last_price

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

OPTIONS = ("connect", "own_plant", "johkasou")
_TREATMENTS = np.array(["sewer", "own_plant", "johkasou"], dtype=object)
LEAST_SAVING_YEN = 1.0
"""A system that costs so much a year more than its units by themselves is still kept: the connection study asks for more."""
BY_COST, BY_RULE, BY_DECISION, BY_OTHER = "cost", "absorbed", "decision", "other"
"""What sets the verdict of a unit: cost, absorption, the planner, or anything else that is no comparison of these costs."""


class AsLaid(NamedTuple):
    """Costs of n units by option and of s systems as lines over the price of sewers (1: the plan's), and what is held.

    ``alone`` (n, 3) every option by itself, ``systems`` (s,) with the tanks of their houses that no sewer reaches,
    ``plants_yen`` (s,) keeping the existing plants whose sewage they take; ``system`` (n,) of a unit, -1 without;
    ``treatment`` (n,) of the plan; ``held_by`` (n,) what sets it, one of the names above; ``sewer_yen_per_m`` (n, 3) and
    ``system_sewer_yen_per_m`` (s,) the plan's mean price of a metre of their sewers.
    """

    alone: Lines
    system: Ints
    systems: Lines
    plants_yen: Floats
    treatment: Texts
    held_by: Texts
    sewer_yen_per_m: Floats
    system_sewer_yen_per_m: Floats

    def allowed(self) -> Lines:
        """Options by themselves, without those that a rule or a decision forbids."""
        is_tank, is_held = self.treatment == "johkasou", self.held_by != BY_COST
        forbidden = np.zeros(self.alone.fixed.shape, bool)
        forbidden[is_held & is_tank, :2] = True
        forbidden[:, 2] = is_held & ~is_tank & np.isfinite(self.alone.fixed[:, :2]).any(axis=1)
        return Lines(np.where(forbidden, np.inf, self.alone.fixed), self.alone.slope)

    def is_kept(self, price: float = 1.0) -> Bools:
        """(s,) whether a system pays."""
        return np.asarray(self.systems.at(price) <= self.apart(price) + LEAST_SAVING_YEN)

    def apart(self, price: float = 1.0) -> Floats:
        """(s,) yearly cost of the units of a system by themselves, and of its existing plants kept."""
        least, has = self.allowed().at(price).min(axis=1), self.system >= 0
        return np.bincount(self.system[has], least[has], minlength=len(self.systems.fixed)) + self.plants_yen

    def by_itself(self, price: float = 1.0) -> Texts:
        """(n,) treatment by the cheapest option standing alone, of equal ones the first."""
        return np.asarray(_TREATMENTS[self.alone.at(price).argmin(axis=1)])

    def verdicts(self, price: float = 1.0) -> Texts:
        """(n,) treatment of every unit by the rule."""
        kept = np.append(self.is_kept(price), False)[self.system]
        return np.asarray(np.where((self.held_by != BY_COST) | kept, self.treatment, self.by_itself(price)))

    def turns_by_itself(self) -> tuple[Floats, Floats]:
        """(n,) price of sewers, over the plan's, at which a unit by itself turns, and in yen per m; NaN: at none."""
        price, way = _last(self.alone)
        yen_per_m = price * np.take_along_axis(self.sewer_yen_per_m, way[:, None], axis=1)[:, 0]
        return price, yen_per_m

    def turns(self) -> tuple[Floats, Floats]:
        """(n,) prices of sewers, over the plan's, at which a verdict turns as they fall and as they rise; NaN: at none."""
        by_itself = np.where(self.held_by == BY_COST, np.nan_to_num(_last(self.alone)[0], nan=0.0), np.nan)
        own = Lines(self.systems.fixed - self.plants_yen, self.systems.slope)
        low, high = kept_between(own, self.system, self.allowed(), LEAST_SAVING_YEN)
        low, high = (np.append(end, np.nan)[self.system] for end in (low, high))
        falling = np.where(self.system < 0, by_itself, np.where((low > 0.0) & (by_itself < low), low, np.nan))
        rising = np.where(self.system < 0, np.nan, np.maximum(by_itself, high))
        rising = np.where(np.isfinite(rising), rising, np.nan)
        return np.where(falling > 0.0, falling, np.nan), rising


def as_laid(
    units: pd.DataFrame, options: pd.DataFrame, costs: pd.DataFrame, overrides: pd.DataFrame, plants: pd.DataFrame,
    moving: Sequence[str] = ("sewer",),
) -> AsLaid:  # fmt: skip
    """The costs of a plan's tables, and what holds its verdicts where cost does not.

    ``plants`` is the table CONSOLIDATION of existing plants; ``moving`` are the cost items whose construction price moves with
    that of sewers.
    """
    number = pd.Index(units["unit_id"].to_numpy(np.int64))
    system = units["system_id"].fillna(-1).to_numpy(np.int64)
    rows = costs[
        ["option", "unit_id", "system_id", "item", "quantity", "capital_yen", "capital_yen_per_yr", "upkeep_yen_per_yr"]
    ]
    is_moving = rows["item"].isin(moving).to_numpy()
    capital = rows["capital_yen_per_yr"].to_numpy(np.float64)
    rows = rows.assign(
        unit=number.get_indexer(rows["unit_id"].fillna(-1).to_numpy(np.int64)),
        slope=np.where(is_moving, capital, 0.0),
        fixed=np.where(is_moving, 0.0, capital) + rows["upkeep_yen_per_yr"].to_numpy(np.float64),
        metres=rows["quantity"].where(rows["item"] == "sewer", 0.0),
        yen=rows["capital_yen"].where(rows["item"] == "sewer", 0.0),
    )
    of_plant = plants["system_id"].fillna(-1).to_numpy(np.int64)
    joined = of_plant >= 0
    count, systems = len(number), int(max(system.max(initial=-1), of_plant.max(initial=-1))) + 1
    plants_yen = np.bincount(of_plant[joined], plants["keep_yen_per_yr"].to_numpy(np.float64)[joined], minlength=systems)
    is_plan = (rows["option"] == "plan").to_numpy()
    alone = rows[~is_plan]
    place = alone["unit"].to_numpy() * len(OPTIONS) + pd.Index(OPTIONS).get_indexer(pd.Index(alone["option"]))
    by_option = _sums(alone, place, count * len(OPTIONS)).reshape(4, count, len(OPTIONS))
    plan = rows[is_plan]
    of_unit = np.append(system, -1)[plan["unit"].to_numpy()]
    of = np.where(plan["system_id"].notna(), plan["system_id"].fillna(-1).to_numpy(np.int64), of_unit)
    by_system = _sums(plan[of >= 0], of[of >= 0], systems)
    possible = options.set_index(["unit_id", "option"])["is_possible"].reindex(pd.MultiIndex.from_product([number, OPTIONS]))
    fixed = np.where(possible.fillna(False).to_numpy(bool).reshape(count, len(OPTIONS)), by_option[0], np.inf)
    treatment = units["treatment"].to_numpy(object)
    found = AsLaid(
        Lines(fixed, by_option[1]), system, Lines(by_system[0], by_system[1]), plants_yen.astype(np.float64), treatment,
        _held_by_decision(units, overrides), _price(by_option), _price(by_system),
    )  # fmt: skip
    return _hold_the_rest(found)


def _sums(rows: pd.DataFrame, of: Ints, count: int) -> Floats:
    """(4, count) fixed and moving yearly cost, metres and construction yen of sewers."""
    return np.stack(
        [np.bincount(of, rows[c].to_numpy(np.float64), minlength=count) for c in ("fixed", "slope", "metres", "yen")]
    )


def _price(sums: Floats) -> Floats:
    return np.asarray(np.divide(sums[3], sums[2], out=np.full(sums[2].shape, np.nan), where=sums[2] > 0.0))


def _held_by_decision(units: pd.DataFrame, overrides: pd.DataFrame) -> Texts:
    out = np.full(len(units), BY_COST, dtype=object)
    kind = units["override_id"].map(overrides.set_index("override_id")["kind"])
    wanted = kind.map({"force_sewer": False, "force_johkasou": True})
    is_tank = units["treatment"] == "johkasou"
    out[(wanted.notna() & (wanted == is_tank)).to_numpy(bool)] = BY_DECISION
    out[(units["treatment"] == "absorbed").to_numpy(bool)] = BY_RULE
    return out


def _hold_the_rest(found: AsLaid) -> AsLaid:
    """Held too: what the comparison, at the plan's own prices, would treat otherwise; in systems all or none."""
    kept = found.is_kept()
    differs = np.where(found.system >= 0, ~np.append(kept, True)[found.system], found.by_itself() != found.treatment)
    is_other = (found.held_by == BY_COST) & differs
    return found._replace(held_by=np.where(is_other, BY_OTHER, found.held_by))


def _last(ways: Lines) -> tuple[Floats, Ints]:
    """(n,) largest price at which one of the first two ways costs no more than the third, NaN without; and which it is."""
    prices = np.stack([last_price(Lines(ways.fixed[:, [k]], ways.slope[:, [k]]), ways.fixed[:, 2]) for k in (0, 1)], axis=1)
    way = prices.argmax(axis=1)
    price = prices.max(axis=1)
    return np.where(np.isfinite(price) & (price > 0.0), price, np.nan), way
