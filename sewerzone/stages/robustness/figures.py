"""The uncertain figures of a study: what they are, how far they may be off, and what that does to each part of cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sewerzone.config import Cost, Robustness
from sewerzone.costbooks import Item
from sewerzone.engineering.economics import capital_share
from sewerzone.engineering.forest import Bools, Floats

CAPITAL = "capital"
RATE, PEOPLE = "discount_rate", "people"
OWN_MARK = "S"
"""Mark of what the study itself sets, population and discount rate: somebody's forecast, no price of a book."""


class Figure(NamedTuple):
    """An uncertain figure and its range over the study's own value."""

    name: str
    low_share: float
    high_share: float
    mark: str


class Ledger(NamedTuple):
    """What every part of cost (p,) rests on: its name ``item.capital`` or ``item.upkeep``, and the item of the cost book.

    What has no item is no price, and stays.
    """

    names: Sequence[str]
    items: Sequence[Item | None]
    cost: Cost

    def factors(self, values: Mapping[str, float], cost: Cost | None = None) -> Floats:
        """(p,) every part over the study's own, with some figures at other values, or under other settings of cost.

        ``values``: share of the study's own by name of figure; those not named stay.
        """
        cost = cost or self.cost
        out = np.ones(len(self.names))
        for k, (name, item) in enumerate(zip(self.names, self.items, strict=True)):
            if item is None:
                continue
            head, _, side = name.rpartition(".")
            out[k] = values.get(name, 1.0)
            if side == CAPITAL:
                life = item.life(cost.lives).years * values.get(f"{head}.life", 1.0)
                now = capital_share(life, cost.annualisation, cost.discount_rate * values.get(RATE, 1.0))
                own = capital_share(item.life(self.cost.lives).years, self.cost.annualisation, self.cost.discount_rate)
                out[k] *= now / own
        return out

    def figures(self, is_used: Bools, settings: Robustness) -> list[Figure]:
        """Prices and lives of the parts that carry cost, the discount rate where it counts, and the people."""
        ranges = {"P": settings.published_range, "S": settings.second_hand_range, "U": settings.unverified_range}
        out: dict[str, Figure] = {}
        for name, item, used in zip(self.names, self.items, is_used, strict=True):
            if item is None or not used:
                continue
            head, _, side = name.rpartition(".")
            price = item.construction if side == CAPITAL else item.upkeep
            if price is None:
                continue
            out[name] = Figure(name, *ranges[price.mark], price.mark)
            if side == CAPITAL:
                mark = item.life(self.cost.lives).mark
                out[f"{head}.life"] = Figure(f"{head}.life", *ranges[mark], mark)
        if self.cost.annualisation == "annuity" and self.cost.discount_rate > 0:
            low, high = (min(max(r / self.cost.discount_rate, 0.0), 10.0) for r in settings.discount_rates)
            out[RATE] = Figure(RATE, min(low, 1.0), max(high, 1.0), OWN_MARK)
        out[PEOPLE] = Figure(PEOPLE, *settings.people_range, OWN_MARK)
        return list(out.values())
