"""One zoning problem at other prices and populations: what a decision costs by part, and the best one known to start from.

Where networks are laid does not change with a price, only what they cost: a decision is priced anew by one product, and
thousands of zonings rest on one graph. Population scales houses: tanks and flows go with it, sewers and what stands at places
of delivery do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from sewerzone.engineering.break_even import Line
from sewerzone.engineering.forest import Bools, Floats
from sewerzone.engineering.prizes import Prizes, Zoned

SLACK = 1e-9
"""Share by which flow may exceed what a place of delivery takes: rounding."""


class Parts(Protocol):
    """Yearly costs of a problem by part of cost: names (p,), yen a year per arc, served unit, unit with tanks, entry, kind."""

    @property
    def names(self) -> Sequence[str]:
        """(p,) such as ``sewer.capital``."""

    @property
    def arc(self) -> Floats:
        """(m, p) laying a sewer along every arc."""

    @property
    def serving(self) -> Floats:
        """(u, p) what serving every unit costs beside that and treatment."""

    @property
    def tanks(self) -> Floats:
        """(u, p) not serving it."""

    @property
    def entry(self) -> Floats:
        """(e, p) using every place of delivery."""

    @property
    def kind(self) -> Floats:
        """(k, p) every m3/d at a kind of them."""


class Decision(NamedTuple):
    """A zoning and what it costs by part (p,): ``fixed`` whatever the people, ``by_people`` at today's; (k,) flow by kind."""

    zoned: Zoned
    fixed_yen_per_yr: Floats
    by_people_yen_per_yr: Floats
    flow_m3_per_d: Floats

    @property
    def is_served(self) -> Bools:
        """(u,) whether a unit is served."""
        return self.zoned.is_served

    def yen_per_yr(self, factors: Floats, people: float = 1.0) -> float:
        """Its cost with every part times its factor (p,) and so many times today's people."""
        return float(factors @ (self.fixed_yen_per_yr + people * self.by_people_yen_per_yr))


class Solved(NamedTuple):
    """The best decision found at some prices, its cost and the proven bound there."""

    decision: Decision
    yen_per_yr: float
    least_yen_per_yr: float


Zone = Callable[[Prizes, Zoned | None], Zoned]
"""How a problem is decided, from a decision to start with."""


class Repricer:
    """Decides a zoning problem at any prices, remembering what it found.

    Parameters
    ----------
    at : the problem with every part of cost times its factor (p,)
    parts : yearly costs by part, which ``at`` scales
    is_tank : (p,) parts that are tanks at houses, which go with the people
    zone : decides a problem
    """

    def __init__(self, at: Callable[[Floats], Prizes], parts: Parts, is_tank: Bools, zone: Zone) -> None:
        self.at, self.parts, self.is_tank, self.zone = at, parts, is_tank, zone
        self.problem = at(np.ones(len(parts.names)))
        self.known: list[Decision] = []
        self._costs = np.empty((2, 0, len(parts.names)))
        self._flows = np.empty((0, len(self.problem.kind_yen_per_m3_per_d)))

    def problem_at(self, factors: Floats, people: float = 1.0) -> Prizes:
        """The problem at other prices and with so many times today's people."""
        problem = self.at(np.where(self.is_tank, factors * people, factors))
        return problem._replace(flow_m3_per_d=problem.flow_m3_per_d * people)

    def decision(self, zoned: Zoned) -> Decision:
        """What a zoning costs by part at today's prices."""
        parts, problem = self.parts, self.problem
        served, tanks = zoned.is_served, ~zoned.is_served
        kind = problem.entry_kind[zoned.entry[served]]
        kinds = len(problem.kind_yen_per_m3_per_d)
        flow = np.bincount(kind, problem.flow_m3_per_d[served], minlength=kinds).astype(np.float64)
        houses = parts.serving[served].sum(axis=0) + parts.tanks[tanks].sum(axis=0)
        works = parts.arc[zoned.arcs].sum(axis=0) + parts.entry[np.unique(zoned.entry[served])].sum(axis=0)
        treated = flow @ parts.kind
        fixed = works + np.where(self.is_tank, 0.0, houses)
        return Decision(zoned, fixed, treated + np.where(self.is_tank, houses, 0.0), flow)

    def has_room(self, decision: Decision, people: float = 1.0) -> bool:
        """Whether the places of delivery can take its flow."""
        return bool(self._fits(decision.flow_m3_per_d * people))

    def _fits(self, flow_m3_per_d: Floats) -> Bools:
        return np.asarray((flow_m3_per_d <= self.problem.kind_most_m3_per_d * (1.0 + SLACK)).all(axis=-1))

    def best_known(self, factors: Floats, people: float = 1.0) -> Decision | None:
        """The cheapest remembered decision that there is room for, of equal ones the first."""
        fixed, by_people = self._costs
        yen = np.where(self._fits(self._flows * people), (fixed + people * by_people) @ factors, np.inf)
        return self.known[int(yen.argmin())] if np.isfinite(yen).any() else None

    def solve(self, factors: Floats, people: float = 1.0) -> Solved:
        """The best decision at other prices: found anew from the best one known, or that one where nothing better is found."""
        start = self.best_known(factors, people)
        zoned = self.zone(self.problem_at(factors, people), None if start is None else start.zoned)
        found = self.decision(zoned)
        yen = found.yen_per_yr(factors, people)
        if start is not None and start.yen_per_yr(factors, people) <= yen:
            found, yen = start, start.yen_per_yr(factors, people)
        return Solved(found, yen, min(zoned.least_yen_per_yr, yen))

    def remember(self, decision: Decision) -> None:
        """Keep a decision for later solves to start from; one that is known already is not kept twice."""
        if any(_is_same(decision.zoned, other.zoned) for other in self.known):
            return
        self.known.append(decision)
        costs = np.stack([decision.fixed_yen_per_yr, decision.by_people_yen_per_yr])
        self._costs = np.concatenate([self._costs, costs[:, None]], axis=1)
        self._flows = np.vstack([self._flows, decision.flow_m3_per_d])

    def line(self, decision: Decision, varies: Bools) -> Line:
        """A decision's cost as the parts that vary (p,) are scaled together, the others at today's prices."""
        today = decision.fixed_yen_per_yr + decision.by_people_yen_per_yr
        return Line(float(today[~varies].sum()), float(today[varies].sum()), decision.is_served)


def _is_same(one: Zoned, other: Zoned) -> bool:
    return np.array_equal(one.entry, other.entry) and np.array_equal(one.arcs, other.arcs)
