"""The least-cost zoning and its proof.

1. The zoning becomes a Steiner arborescence: a copy of the graph for every kind of delivery (``layering``).
2. Growth: trees along the arcs that dual ascent pays in full, at the true price of tanks and at dearer ones, pruned, grown anew
   and put together (``decisions``). The bound is that of dual ascent.
3. Proof: the programme over directed cuts (``exact``), which starts from the cuts of dual ascent (``ascent_cuts``). Every
   tree it leads to is improved in the same way.

Limits of flow are first priced, then rows of the programme (``capacity``).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from sewerzone.engineering.ascent import Ascent, dual_ascent, improving_arcs, least_through, tree_along
from sewerzone.engineering.ascent_cuts import ascent_cuts
from sewerzone.engineering.capacity import Priced, fitted, limit_rows, priced
from sewerzone.engineering.cutmodel import CutModel
from sewerzone.engineering.cuts import unfed
from sewerzone.engineering.decisions import TRUE_SHARE, Improver, decided, pruned, tree_of
from sewerzone.engineering.exact import Search
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.layering import Layered, layered
from sewerzone.engineering.prize_problem import FREE, SERVED, TANKS, Prizes, Zoned, check, cost_of
from sewerzone.errors import NetworkError, first_ids, problem

__all__ = ["FREE", "SERVED", "TANKS", "Prizes", "Zoned", "always", "check", "cost_of", "least_of_any", "zone"]

# A decision is proven if none is cheaper by more than this share.
_EQUAL = 1e-6
# Turns of improvement on every tree met, and on what trees met are put together to.
_TURNS, _MOST_TURNS = 2, 6
# Simplex steps allowed where no decision is known that keeps all limits.
_PIVOTS_FOR_ANY = 20_000
# Ways are looked at first that trees may use whose cost lies above the bound by less than this share.
_NEAR = 3e-4
# Cuts of dual ascent become rows until they have so many arcs.
_MOST_IN_CUTS = 1_000_000
# What leaves a node arrived there: so for every arc at once, where so many arcs arrive at most; elsewhere once it is violated.
_MOST_IN_TURN = 8


def always(_: Zoned) -> bool:
    """Every decision is worth a proof."""
    return True


def zone(
    given: Prizes, *, pivots: int = 200_000, seconds: float = math.inf, start: Zoned | None = None,
    is_worth_proof: Callable[[Zoned], bool] = always,
) -> Zoned:  # fmt: skip
    """Look for the zoning of least cost until it is proven or a limit is reached.

    Parameters
    ----------
    pivots : limit of simplex steps, by which the result does not depend on the computer; 0 for what growth finds, and its bound
    seconds : limit of time; the result depends on the computer where it bites
    start : a decision that is known; the result costs no more, at the present prices. Growth then begins with it alone
    is_worth_proof : asked of what growth found; if not, that is the result, with the bound known by then

    Raises
    ------
    NetworkError
        figures that make no sense, a unit that must be served and cannot, a start that is no decision of this problem
    """
    check(given)
    upper = cost_of(given, start) if start is not None else math.inf
    if not np.isfinite(given.kind_most_m3_per_d).any():
        return _without_limits(given, pivots, seconds, start, upper, is_worth_proof)
    end = time.monotonic() + seconds
    found = priced(given, lambda task: _without_limits(task, 0, end - time.monotonic(), None, math.inf, always), start, _EQUAL)
    if found.best is None:  # any decision that keeps the limits is worth looking for
        pivots = max(pivots, _PIVOTS_FOR_ANY)
    search = _LimitedSearch(given, found, end - time.monotonic(), pivots)
    search.ascend()
    if found.best is None or is_worth_proof(search.limited_decision()):
        search.cut()
    return search.limited_decision()


def least_of_any(given: Prizes) -> float:
    """No zoning costs less: what dual ascent proves, limits of flow aside, without a look for zonings."""
    check(given)
    layers = _layers(given)
    return layers.base_yen_per_yr + dual_ascent(layers.task).lower


def _without_limits(
    given: Prizes, pivots: int, seconds: float, start: Zoned | None, upper: float, is_worth_proof: Callable[[Zoned], bool]
) -> Zoned:  # fmt: skip
    """The least zoning if kinds took any flow, though not of units that alone are too much.

    It is looked for among the ways that trees little dearer than the bound of dual ascent may use; what is found tells how much
    dearer the cheapest may be, and whether it was too little.
    """
    given, layers = given._replace(kind_most_m3_per_d=np.full(len(given.kind_most_m3_per_d), np.inf)), _layers(given)
    found, end = dual_ascent(layers.task), time.monotonic() + seconds
    least = found.lower + layers.base_yen_per_yr
    room = min(_NEAR * abs(least), max(upper - least, 0.0))
    near = least_through(layers.task, found, room) <= room
    search = _search_within(given, layers.only(near), found.lower, start, upper, end - time.monotonic(), pivots)
    missed = search.upper - found.lower
    if room < missed and (farther := least_through(layers.task, found, missed) <= missed).sum() > near.sum():
        start = search.decision(given, start)
        within, left = layers.only(farther), end - time.monotonic()
        search = _search_within(given, within, found.lower, start, start.yen_per_yr, left, search.pivots)
    if not search.is_over() and is_worth_proof(search.decision(given, start)):
        search.cut()
    return search.decision(given, start)


def _search_within(
    given: Prizes, layers: Layered, lower: float, start: Zoned | None, upper: float, seconds: float, pivots: int
) -> _Search:  # fmt: skip
    """Growth among some of the ways, as far as nothing is proven."""
    search = _Search(layers, upper, seconds, pivots)
    search.note_bound(lower)
    if start is not None:
        tree = tree_of(layers, start, given.entry_kind, len(given.tail))
        must = np.flatnonzero(given.side == SERVED)
        if np.isin(must, layers.unit[layers.task.head[tree]]).all():  # layers leave out ways that others make needless
            search.offer(tree)
    for arcs, guide in search.improver.sketches() if start is None else ():
        search.guide = guide
        search.offer(arcs)
    search.ascend()
    search.recombine()
    return search


def _layers(given: Prizes) -> Layered:
    layers = layered(given)
    if math.isfinite(layers.base_yen_per_yr):
        return layers
    reached = layers.unit[layers.node >= 0]
    missed = np.setdiff1d(np.flatnonzero(given.side == SERVED), reached)
    raise NetworkError(
        problem(
            f"Zoning: no way leads from a place of delivery that takes their flow to the units {first_ids(missed.tolist())}, "
            "which must be served",
            "a decision must serve them",
            "let them keep their tanks, or give arcs that lead to them",
        )
    )


class _Search(Search):
    """The search for the least tree of the layers, with every tree met made a better one."""

    def __init__(self, layers: Layered, upper: float, seconds: float, pivots: int) -> None:
        self.layers, self.improver, self.tree = layers, Improver(layers), np.zeros(0, dtype=np.int64)
        self.guide = np.zeros(0)
        self.turns = _TURNS
        # what no decision changes counts for how near two costs are
        super().__init__(layers.task, layers.base_yen_per_yr, upper, seconds, pivots)
        self.step = 0.0  # a start may use what is left out here: its cost says nothing about those of other trees

    def grow_along(self, found: Ascent) -> None:
        """Try the tree along the arcs dual ascent has paid in full, improved with what is left of the others' costs."""
        self.guide = np.full(len(self.layers.task.cost), np.inf)
        self.guide[self.arcs] = found.reduced_cost + TRUE_SHARE * self.task.cost
        super().grow_along(found)

    def grow_like(self, value: Floats) -> None:
        """Try a tree near a fractional one, improved towards it."""
        self.guide = np.full(len(self.layers.task.cost), np.inf)
        self.guide[self.arcs] = self.task.cost * (1.0 - value + TRUE_SHARE)
        super().grow_like(value)

    def recombine(self) -> None:
        """Look for the best of what the trees met are made of, as long as that helps."""
        before, self.turns = math.inf, _MOST_TURNS
        while self.lower < self.aim and self.upper < before and self.seconds() > 0.0:
            before = self.upper
            tree, self.guide = self.improver.recombined()
            self.offer(tree)
        self.turns = _TURNS

    def model(self) -> CutModel:
        """The programme of the present task, from the bound of dual ascent on."""
        model = CutModel(self.task)
        self.limit(model)
        model.add_cuts(ascent_cuts(self.task, _MOST_IN_CUTS))
        turns = unfed(self.task, np.ones(len(self.task.cost)), -math.inf)
        model.add_rows(turns[np.diff(turns.indptr) <= _MOST_IN_TURN])
        return model

    def limit(self, model: CutModel) -> None:
        """Add what else decisions must keep."""

    def take(self, arcs: Ints) -> None:
        """Keep the decision a tree leads to, if it is the cheapest so far; arcs of the present task."""
        self.offer(self.arcs[arcs])

    def offer(self, arcs: Ints) -> None:
        """The same for a tree of the layers."""
        tree = self.improver.improved(arcs, self.guide, self.turns if len(self.guide) else 0)
        cost = float(self.layers.task.cost[tree].sum())
        if cost < self.upper:
            self.upper, self.tree, self.has_tree = cost, tree, True

    def decision(self, given: Prizes, start: Zoned | None) -> Zoned:
        """The best decision met, and what is proven of it."""
        if self.has_tree or start is None:
            start = decided(given, self.layers, self.tree)
        return _judged(given, start, self.lower + self.fixed)


class _LimitedSearch(_Search):
    """The search where kinds take so much flow only; every tree met is cut back to what they take."""

    def __init__(self, given: Prizes, found: Priced, seconds: float, pivots: int) -> None:
        layers = _layers(given)
        self.given, self.best_decision = given, found.best
        # a limit's price is paid on the arcs into units, and what the kind takes is got back
        limits, into = given.kind_most_m3_per_d, layers.task.head
        is_unit = (layers.node[into] >= 0) & (layers.unit[into] >= 0)
        self.price = np.where(is_unit, found.price[layers.kind[into]] * given.flow_m3_per_d[layers.unit[into]], 0.0)
        self.refund = float(found.price[np.isfinite(limits)] @ limits[np.isfinite(limits)])
        # without a decision all are cheaper than everything together
        upper = layers.base_yen_per_yr + 2.0 * float(layers.task.cost.sum()) + 1.0
        if found.best is not None:
            upper = cost_of(given, found.best)
        super().__init__(layers, upper, seconds, pivots)
        self.note_bound(found.least_yen_per_yr - layers.base_yen_per_yr)

    def ascend(self) -> None:
        """Leave out what no cheaper decision uses at the prices found."""
        if self.lower >= self.aim:
            return
        dearer = self.task._replace(cost=self.task.cost + self.price)
        found = dual_ascent(dearer)
        lower = found.lower - self.refund
        self.note_bound(lower)
        self.grow_along(found)
        if self.lower < self.aim:
            self.keep(improving_arcs(dearer, found, np.full(dearer.nodes, self.aim - lower)))

    def limit(self, model: CutModel) -> None:
        """Add the limits of flow, and that a unit lies on one network only."""
        model.limit(limit_rows(self.given, self.layers, self.task, self.arcs), 1.0)

    def grow_like(self, value: Floats) -> None:
        """Try the tree itself where it is whole, else one near it."""
        arcs = tree_along(self.task, value > 0.5)
        if np.isin(self.task.terminals, self.task.head[arcs]).all():
            self.take(arcs)
        super().grow_like(value)

    def offer(self, arcs: Ints) -> None:
        """Cut the decision of a tree back to what kinds take, and keep it if it is the cheapest so far."""
        within = fitted(self.given, decided(self.given, self.layers, pruned(self.layers, arcs)))
        if within is None:
            return
        cost = cost_of(self.given, within) - self.fixed
        if cost < self.upper:
            self.upper, self.best_decision = cost, within

    def limited_decision(self) -> Zoned:
        """The best decision met, and what is proven of it."""
        if self.best_decision is None:
            raise NetworkError(
                problem(
                    "Zoning: no decision was found that serves all units that must be served and keeps all limits of flow",
                    "places of delivery take no more than their limits",
                    "raise the limits, let units keep their tanks, or allow more pivots",
                )
            )
        return _judged(self.given, self.best_decision, self.lower + self.fixed)


def _judged(given: Prizes, decision: Zoned, least: float) -> Zoned:
    yen = cost_of(given, decision)
    least = min(least, yen)
    return decision._replace(yen_per_yr=yen, least_yen_per_yr=least, is_proven=yen - least <= _EQUAL * abs(yen))
