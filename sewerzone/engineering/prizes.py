"""The least-cost zoning and its proof.

In this order: the zoning becomes a Steiner arborescence (``layering``); reductions, dual ascent and directed cuts bound it from
below, as for any other (``exact``); every tree met on the way is made a decision and improved (``decisions``).
"""

from __future__ import annotations

import math

import numpy as np

from sewerzone.engineering.ascent import Ascent
from sewerzone.engineering.ascent_cuts import ascent_cuts
from sewerzone.engineering.cutmodel import CutModel
from sewerzone.engineering.cuts import unfed
from sewerzone.engineering.decisions import Improver, decided, tree_of
from sewerzone.engineering.exact import Search
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.layering import Layered, layered
from sewerzone.engineering.prize_problem import FREE, SERVED, TANKS, Prizes, Zoned, check, cost_of
from sewerzone.errors import NetworkError, first_ids, problem

__all__ = ["FREE", "SERVED", "TANKS", "Prizes", "Zoned", "check", "cost_of", "zone"]

# A decision is proven if none is cheaper by more than this share.
_EQUAL = 1e-6
# Turns of improvement on every tree met.
_ROUNDS = 20
_MOST_IN_CUTS = 1_000_000
# Where what guides growth is free, true costs decide, by this share of them.
_TRUE = 1e-3


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
        search.offer(tree_of(layers, start, given.entry_kind, len(given.tail)))
    for arcs, guide in search.improver.sketches():
        search.guide = guide
        search.offer(arcs)
    search.ascend()
    search.cut()
    return search.decision(given, start)


class _Search(Search):
    """The search for the least tree of the layers, with every tree met made a better one."""

    def __init__(self, layers: Layered, upper: float, seconds: float, pivots: int) -> None:
        self.layers, self.improver, self.tree = layers, Improver(layers), np.zeros(0, dtype=np.int64)
        self.guide = np.zeros(0)
        # what no decision changes counts for how near two costs are
        super().__init__(layers.task, layers.base_yen_per_yr, upper, seconds, pivots)
        self.step = 0.0  # a start may use what is left out here: its cost says nothing about those of other trees

    def grow_along(self, found: Ascent) -> None:
        """Try the tree along the arcs dual ascent has paid in full, improved with what is left of the others' costs."""
        self.guide = np.full(len(self.layers.task.cost), np.inf)
        self.guide[self.arcs] = found.reduced_cost + _TRUE * self.task.cost
        super().grow_along(found)

    def grow_like(self, value: Floats) -> None:
        """Try a tree near a fractional one, improved towards it."""
        self.guide = np.full(len(self.layers.task.cost), np.inf)
        self.guide[self.arcs] = self.task.cost * (1.0 - value + _TRUE)
        super().grow_like(value)

    def model(self) -> CutModel:
        """The programme of the present task, from the bound of dual ascent on."""
        model, cuts = CutModel(self.task), ascent_cuts(self.task, _MOST_IN_CUTS)
        import os
        if os.environ.get('V'): print(len(self.task.cost), len(self.task.terminals), 'cuts',len(cuts.offsets)-1,len(cuts.arc),'lower %.5f'%(1-self.lower/self.upper))
        model.add_cuts(cuts)
        model.add_rows(unfed(self.task, np.ones(len(self.task.cost)), -10.0))
        return model

    def take(self, arcs: Ints) -> None:
        """Keep the decision a tree leads to, if it is the cheapest so far; arcs of the present task."""
        self.offer(self.arcs[arcs])

    def offer(self, arcs: Ints) -> None:
        """The same for a tree of the layers."""
        tree = self.improver.improved(arcs, self.guide, _ROUNDS if len(self.guide) else 0)
        cost = float(self.layers.task.cost[tree].sum())
        if cost < self.upper:
            self.upper, self.tree, self.has_tree = cost, tree, True

    def decision(self, given: Prizes, start: Zoned | None) -> Zoned:
        """The best decision met, and what is proven of it."""
        least = self.lower + self.fixed
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
