"""At which price every verdict turns, by the networks that were designed.

At other prices the problem goes on as at the study's own: solved, designed, priced by that (``settling``). The cheapest zoning
of all groups designed is a straight line in a price, so its turns are found as in ``break_even``: exactly, for the networks
known, as they are laid at the study's prices.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sewerzone.engineering.break_even import Line, envelope, lower, nearest_turns
from sewerzone.engineering.forest import Bools, Floats
from sewerzone.engineering.groups import Group
from sewerzone.pipeline.designs import MONEY
from sewerzone.pipeline.settling import Settling
from sewerzone.pipeline.town import Field
from sewerzone.stages.robustness import Price
from sewerzone.stages.zone import Study, priced_group

ROUNDS = 2
"""Times the problem is solved at one price: prices nearby follow."""
LEAST_SAVING = 1e-8
"""Share of the whole cost below which a zoning is no better than another."""


class Turning:
    """Break-even prices; ``range_share`` over the study's prices are looked through."""

    def __init__(self, settling: Settling, field: Field, range_share: tuple[float, float]) -> None:
        self.settling, self.range_share = settling, range_share
        settling.pivots = 0
        study = settling.maker.studies.whole
        for batch in alone(study, field):
            settling.pool.add(batch)

    def sweep(self, varies: Bools) -> None:
        """Design what is best as the parts that vary (p,) are scaled together through the range."""

        def solve(x: float) -> Line:
            factors = np.where(varies, x, 1.0) * MONEY
            self.settling.settle(factors, ROUNDS)
            return self.line(factors, varies)

        envelope(solve, *self.range_share, [self.line(MONEY, varies)], LEAST_SAVING * self.now_yen())

    def break_even(self, varies: Bools) -> Floats:
        """(u,) factor on these parts at which each verdict turns, by all groups designed; NaN where it never does."""

        def solve(x: float) -> Line:
            return self.line(np.where(varies, x, 1.0) * MONEY, varies)

        found = envelope(solve, *self.range_share, [self.line(MONEY, varies)], LEAST_SAVING * self.now_yen())
        return nearest_turns(lower(found.lines, *self.range_share), 1.0)

    def break_evens(self, groups: Mapping[Price, Bools]) -> dict[Price, Floats]:
        """The factors of ``break_even`` for every price, after all of them were looked through; ``groups`` as ``varies``."""
        for varies in groups.values():
            self.sweep(varies)
        return {name: self.break_even(varies) for name, varies in groups.items()}

    def is_sewered(self) -> Bools:
        """(u,) verdicts at the study's prices by all groups designed."""
        return self.line(MONEY, MONEY > 0.0).is_served

    def now_yen(self) -> float:
        """Cost of the cheapest zoning at the study's prices."""
        pool = self.settling.pool
        return float(pool.parts_of(pool.cheapest(MONEY)) @ MONEY)

    def line(self, factors: Floats, varies: Bools) -> Line:
        """The cheapest zoning at some prices, as the parts that vary are scaled."""
        pool = self.settling.pool
        groups = pool.cheapest(factors)
        parts = pool.parts_of(groups) * MONEY
        served = np.zeros(len(pool.units.side), bool)
        for group in groups:
            served[group.units] = group.trees is not None
        return Line(float(parts[~varies].sum()), float(parts[varies].sum()), served)


def alone(study: Study, field: Field) -> list[list[Group]]:
    """Every option of every unit by itself that is allowed, a batch for each."""
    forced, tanks = study.decisions, study.yearly.johkasou
    units = len(tanks)
    out = []
    can = np.zeros(units, bool)
    for mode, networks in (("connect", field.alone.connect), ("own_plant", field.alone.own_plant)):
        batch = []
        for k, unit in enumerate(networks.members.units.tolist()):
            if study.is_allowed(mode, np.array([unit])) and not forced.is_johkasou[unit]:
                batch.append(priced_group(np.array([unit]), mode, networks, k, study.yearly))
                can[unit] = True
        out.append(batch)
    keep = np.flatnonzero(~(forced.is_sewer & can))
    out.append([Group(np.array([u]), "johkasou", float(tanks[u]), None, 0, {}) for u in keep])
    return out
