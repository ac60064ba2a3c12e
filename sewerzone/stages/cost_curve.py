"""The least yearly cost for every share of people on sewers, and the front of cost against a second aim.

Every person served is worth a price; as that price goes from a fine to a reward, the zoning that is best goes from nobody to
everybody, along the lower hull of all zonings in people and cost (Everett 1963, Operations Research 11). The bounds of those
solves prove how low the curve can lie at any number of people, on the hull or between its corners, at the prices of the
problem: those of networks designed once. A plan's own networks may cost less; plans therefore count as zonings of the hull,
and where one lies below the bound none is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sewerzone import tables
from sewerzone.engineering.break_even import Line, envelope
from sewerzone.engineering.forest import Bools, Floats
from sewerzone.engineering.prizes import SERVED, Prizes
from sewerzone.engineering.repricing import Decision, Repricer

LEAST_SAVING = 1e-8
"""Share of the whole cost below which a zoning is no better than another."""
DEAREST = 1000.0
"""Times its price: what the second aim makes of the parts of cost that stand in its way."""


class PlanPoint(NamedTuple):
    """A plan on the chart: who is served (u,), what its own networks cost a year, and the second aim, NaN where not known."""

    is_served: Bools
    yen_per_yr: float
    second_aim: float = np.nan


class SecondAim(NamedTuple):
    """What else is wanted: ``value`` of a decision, more or less of it; ``varies`` (p,) the parts of cost in its way."""

    kind: str
    value: Callable[[Decision], float]
    is_more_better: bool
    varies: Bools


def cost_curve(
    repricer: Repricer, people: Floats, everyone: float, steps: int, plans: Mapping[str, PlanPoint],
    aim: SecondAim | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The table ``COST_CURVE``.

    Parameters
    ----------
    repricer : the zoning problem of the study
    people : (u,) that a sewer serves where the unit gets one
    everyone : people of the units, with those who keep tanks in any case
    steps : corners of the hull nearer to each other than this part of all people are not told apart
    plans : plans to show beside the curve, by kind; the hull is never above one that serves who must be served
    aim : second aim; the zonings that serve it best for their cost follow
    """
    hull = _Hull(repricer, people)
    forced = repricer.problem.side == SERVED
    rows: list[tuple[str, Decision | PlanPoint]]
    rows = [("least", d) for d in hull.corners(steps, [p for p in plans.values() if p.is_served[forced].all()])]
    rows += plans.items()
    if aim is not None:
        rows += [(aim.kind, d) for d in front(repricer, aim)]
    served = np.array([hull.people_of(d.is_served) for _, d in rows])
    yen = np.array([hull.yen_of(d) for _, d in rows])
    least = np.array([hull.bound(n) if d.is_served[forced].all() else np.nan for n, (_, d) in zip(served, rows, strict=True)])
    table = pd.DataFrame(
        {
            "point_id": np.arange(len(rows)),
            "kind": [kind for kind, _ in rows],
            "people_sewered": served,
            "people_sewered_share": np.minimum(served / max(everyone, 1e-9), 1.0),
            "yen_per_yr": yen,
            # a plan that leaves out who must be served, or whose networks cost less, is none of those the bound speaks of
            "least_yen_per_yr": np.where(least <= yen * (1.0 + LEAST_SAVING), least, np.nan),
            "second_aim": [d.second_aim if isinstance(d, PlanPoint) else aim.value(d) if aim else np.nan for _, d in rows],
        }
    )
    conformed: pd.DataFrame = tables.COST_CURVE.conform(table)
    return conformed


def front(repricer: Repricer, aim: SecondAim) -> list[Decision]:
    """Zonings of which none is both cheaper and better by the second aim, the cheapest first."""
    today = np.ones(len(repricer.parts.names))
    start = repricer.solve(today)
    repricer.remember(start.decision)
    met: list[Decision] = [start.decision]

    def solve(x: float) -> Line:
        met.append(repricer.solve(np.where(aim.varies, x, 1.0)).decision)
        repricer.remember(met[-1])
        return repricer.line(met[-1], aim.varies)

    envelope(solve, 1.0, DEAREST, [], LEAST_SAVING * start.yen_per_yr)
    sign = -1.0 if aim.is_more_better else 1.0
    cost, value = np.array([d.yen_per_yr(today) for d in met]), np.array([sign * aim.value(d) for d in met])
    order = np.lexsort((np.arange(len(met)), value, cost))
    best = np.minimum.accumulate(value[order])
    is_better = np.ones(len(met), bool)
    is_better[1:] = best[1:] < best[:-1]
    return [met[i] for i in order[is_better]]


class _Hull:
    """Solves with a price on every person served, and what they prove."""

    def __init__(self, repricer: Repricer, people: Floats) -> None:
        self.repricer, self.people = repricer, people
        self.today = np.ones(len(repricer.parts.names))
        self.found: list[Decision] = []
        self.bounds: list[tuple[float, float]] = []

    def corners(self, steps: int, plans: Sequence[PlanPoint]) -> list[Decision | PlanPoint]:
        """Corners of the hull from nobody to everybody, of plans as well, refined to a part of all people."""
        low, high = worth_range(self.repricer.problem, self.people)
        step = float(self.people.sum()) / steps
        saving = LEAST_SAVING * float(self.repricer.problem.tanks_yen_per_yr.sum())
        known = [self._line(p) for p in plans]
        hull = envelope(self._solve, low, high, known, saving, lambda one, other: one.yen_per_x - other.yen_per_x <= step)
        met: list[Decision | PlanPoint] = [*plans, *reversed(self.found)]
        by_line = {self._line(d)[:2]: d for d in met}
        return [by_line[line[:2]] for line in hull.lines]

    def yen_of(self, one: Decision | PlanPoint) -> float:
        """Its yearly cost."""
        return one.yen_per_yr if isinstance(one, PlanPoint) else one.yen_per_yr(self.today)

    def _line(self, one: Decision | PlanPoint) -> Line:
        return Line(self.yen_of(one), -self.people_of(one.is_served), one.is_served)

    def people_of(self, is_served: Bools) -> float:
        """People served."""
        return float(self.people[is_served].sum())

    def bound(self, people: float) -> float:
        """No zoning that serves so many people costs less, at the prices of the problem."""
        return max(least + worth * people for worth, least in self.bounds)

    def _solve(self, worth: float) -> Line:
        """The best zoning when serving a person is worth so much a year."""
        problem, repricer = self.repricer.problem, self.repricer
        rewarded = problem._replace(
            tanks_yen_per_yr=problem.tanks_yen_per_yr + max(worth, 0.0) * self.people,
            serving_yen_per_yr=problem.serving_yen_per_yr + max(-worth, 0.0) * self.people,
        )
        starts = self.found or repricer.known
        best = min(starts, key=lambda d: self._judged(d, worth)) if starts else None
        zoned = repricer.zone(rewarded, None if best is None else best.zoned)
        self.bounds.append((worth, zoned.least_yen_per_yr - max(worth, 0.0) * float(self.people.sum())))
        found = repricer.decision(zoned)
        if best is not None and self._judged(best, worth) <= self._judged(found, worth):
            found = best
        self.found.append(found)
        return self._line(found)

    def _judged(self, decision: Decision, worth: float) -> float:
        return decision.yen_per_yr(self.today) - worth * self.people_of(decision.is_served)


def worth_range(problem: Prizes, people: Floats) -> tuple[float, float]:
    """Worths of serving a person a year at which nobody is served who need not be, and everybody who can be.

    Nobody is worth serving below the dearest tank saved, and everybody above the dearest way to be served alone.
    """
    has = people > 0.0
    each = np.maximum(people, 1e-9)
    at_node = np.zeros(problem.nodes)  # ways through a unit serve it
    at_node[problem.unit_node] = problem.serving_yen_per_yr
    at_node[problem.unit_node] += problem.flow_m3_per_d * problem.kind_yen_per_m3_per_d.max(initial=0.0)
    far = dijkstra(_least_arcs(problem, at_node), indices=np.unique(problem.entry_node), min_only=True)
    alone = far[problem.unit_node] + problem.entry_yen_per_yr.max(initial=0.0)
    can = has & np.isfinite(alone)
    low = float((problem.tanks_yen_per_yr / each)[has].max(initial=1.0))
    return -1.01 * low, 1.01 * float((alone / each)[can].max(initial=1.0))


def _least_arcs(problem: Prizes, at_node: Floats) -> csr_array:
    """Arcs with the costs of their heads as a matrix; of parallel ones the cheapest, and never 0, which vanishes in it."""
    cost = np.maximum(problem.cost_yen_per_yr + at_node[problem.head], 1e-6)
    order = np.lexsort((cost, problem.head, problem.tail))
    tail, head = problem.tail[order], problem.head[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    at = order[is_first]
    return csr_array((cost[at], (problem.tail[at], problem.head[at])), shape=(problem.nodes, problem.nodes))
