"""The least-cost zoning and its proof.

In this order: the zoning becomes a Steiner arborescence (``layering``); reductions, dual ascent and directed cuts bound it from
below, as for any other (``exact``); every tree met on the way is made a decision and improved (``decisions``).
"""

from __future__ import annotations

import math

import numpy as np

from sewerzone.engineering.decisions import decided, improved, tree_of
from sewerzone.engineering.exact import Search
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.layering import Layered, layered
from sewerzone.engineering.prize_problem import FREE, SERVED, TANKS, Prizes, Zoned, check, cost_of
from sewerzone.engineering.reduction import reduce
from sewerzone.errors import NetworkError, first_ids, problem

__all__ = ["FREE", "SERVED", "TANKS", "Prizes", "Zoned", "check", "cost_of", "zone"]

# A decision is proven if none is cheaper by more than this share.
_EQUAL = 1e-6
# Turns of improvement on every tree met.
_ROUNDS = 20


def zone(given: Prizes, *, pivots: int = 200_000, seconds: float = math.inf, start: Zoned | None = None) -> Zoned:
    """Look for the zoning of least cost until it is proven or a limit is reached.

    Parameters
    ----------
    pivots : limit of simplex steps, by which the result does not depend on the computer; 0 for what growth finds, and its bound
    seconds : limit of time; the result depends on the computer where it bites
    start : a decision that is known; the result costs no more, at the present prices

    Raises
    ------
    NetworkError
        figures that make no sense, a unit that must be served and cannot, a start that is no decision of this problem
    """
    check(given)
    if np.isfinite(given.kind_most_m3_per_d).any():
        raise NetworkError(problem("Zoning: kinds with limits of flow", "they are not decided yet", "leave the limits out"))
    layers = layered(given)
    if not math.isfinite(layers.base_yen_per_yr):
        raise _unreachable(given, layers)
    upper = cost_of(given, start) if start is not None else math.inf
    search = _Search(layers, upper, seconds, pivots)
    if start is not None:
        tree = tree_of(layers, start, given.entry_kind, len(given.tail))
        if np.isin(layers.task.terminals, layers.task.head[tree]).all():  # layers leave out ways that others make needless
            search.offer(tree)
    search.ascend()
    search.cut()
    return search.decision(given, start)


class _Search(Search):
    """The search for the least tree of the layers, with every tree met made a better one."""

    def __init__(self, layers: Layered, upper: float, seconds: float, pivots: int) -> None:
        self.layers, self.tree = layers, np.zeros(0, dtype=np.int64)
        reduced = reduce(layers.task)
        # what no decision changes counts for how near two costs are
        super().__init__(reduced._replace(fixed=reduced.fixed + layers.base_yen_per_yr), upper, seconds, pivots)
        self.step = 0.0  # a start may use what is left out here: its cost says nothing about those of other trees

    def take(self, arcs: Ints) -> None:
        """Keep the decision a tree leads to, if it is the cheapest so far; arcs of the present task."""
        self.offer(self.reduced.expand(self.arcs[arcs]))

    def offer(self, arcs: Ints) -> None:
        """The same for a tree of the layers."""
        tree = improved(self.layers, arcs, _ROUNDS)
        cost = float(self.layers.task.cost[tree].sum()) + self.layers.base_yen_per_yr - self.reduced.fixed
        if cost < self.upper:
            self.upper, self.tree, self.has_tree = cost, tree, True

    def decision(self, given: Prizes, start: Zoned | None) -> Zoned:
        """The best decision met, and what is proven of it."""
        least = self.lower + self.reduced.fixed
        if self.has_tree or start is None:
            entry, arcs, kind = decided(given, self.layers, self.tree)
            start = Zoned(math.nan, math.nan, False, entry, arcs, kind)
        yen = cost_of(given, start)
        least = min(least, yen)
        return start._replace(yen_per_yr=yen, least_yen_per_yr=least, is_proven=yen - least <= _EQUAL * abs(yen))


def _unreachable(given: Prizes, layers: Layered) -> NetworkError:
    """Units that must be served and cannot."""
    reached = layers.unit[layers.node >= 0]
    missed = np.setdiff1d(np.flatnonzero(given.side == SERVED), reached)
    return NetworkError(
        problem(
            f"Zoning: no way leads from a place of delivery to the units {first_ids(missed.tolist())}, which must be served",
            "a decision must serve them",
            "let them keep their tanks, or give arcs that lead to them",
        )
    )
