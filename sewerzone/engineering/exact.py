"""Trees of least cost, proven: what reductions and dual ascent leave open is closed by directed cuts.

In this order (Koch and Martin 1998; Polzin and Vahdati Daneshmand 2001):

1. What every tree, or some least tree, does anyway is taken out (``reduction``).
2. Dual ascent gives a lower bound and a tree along the arcs it has paid in full; arcs that no cheaper tree can use are left
   out, again and again while that takes many away (``ascent``).
3. The linear programme over directed cuts is solved round by round (``cutmodel``, ``cuts``). Every round gives a bound, a
   tree (shortest-path heuristic on costs times 1 - x, then key-path exchange) and reduced costs that leave out more arcs.
4. Where the fractional tree x cannot be cut off any more, its variables are made integral; as the solver takes no cuts on
   the way, whole trees are asked for until one is connected.

The work is limited by steps of the simplex method, so that results do not depend on the computer's speed; a limit in
seconds, where it bites, gives that up. Either limit leaves a bound and a tree that hold.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.ascent import Ascent, dual_ascent, improving_arcs, tree_along
from sewerzone.engineering.cutmodel import CutModel, Solved
from sewerzone.engineering.cuts import Separator, unfed
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.primal import exchanged
from sewerzone.engineering.reduction import reduce
from sewerzone.errors import NetworkError, first_ids, problem

# Costs that differ by this share of the tree's count as equal.
_EQUAL = 1e-7
# Trees that differ by less than this share are told apart by rounding only.
_ROUNDING = 1e-12
# Dual ascent is repeated while it leaves out at least this share of the arcs.
_WORTH_REPEATING = 0.1
# Arcs are taken out of the programme when at least this share of them can go; closing them one by one costs more.
_WORTH_SHRINKING = 0.05
# By how much a cut or a turn must be violated to become a row, and how many cuts of a terminal lie one outside the other.
_LACK, _NESTED = 1e-4, 3
# Cuts with room to spare in so many rounds running are forgotten.
_IDLE_ROUNDS = 3


class Exact(NamedTuple):
    """What is known of the least tree.

    Attributes
    ----------
    lower : no tree costs less
    upper : cost of ``arcs``, or the caller's own ``upper`` where no cheaper tree was found
    arcs : the arcs of the cheapest tree found, rising; none where it is not cheaper than the caller's ``upper``
    is_proven : no tree costs less than ``upper``, to 1e-7 of it
    rounds : how many times the linear programme was solved; 0 where reductions and dual ascent were enough
    whole_rounds : how many times whole trees were asked for; 0 where the linear programme was enough
    """

    lower: float
    upper: float
    arcs: Ints
    is_proven: bool
    rounds: int
    whole_rounds: int


def solve(task: Arborescence, upper: float = math.inf, seconds: float = math.inf, pivots: int = 200_000) -> Exact:
    """Look for the least tree until it is proven or a limit is reached.

    Parameters
    ----------
    upper : cost of a tree the caller has; only cheaper ones are looked for
    seconds : limit of time; the result depends on the computer where it bites
    pivots : limit of simplex steps, by which the result does not depend on the computer; 0 for dual ascent only

    Raises
    ------
    NetworkError
        a terminal that no way from the root leads to
    """
    first = tree_along(task, np.ones(len(task.cost), dtype=np.bool_))
    missed = np.setdiff1d(task.terminals, task.head[first])
    if len(missed):
        raise NetworkError(
            problem(
                f"Steiner tree: no way leads from the root to the terminals {first_ids(missed)}",
                "a tree must join all terminals",
                "leave them out, or give arcs that lead to them",
            )
        )
    reduced = reduce(task)
    search = Search(reduced.problem, reduced.fixed, upper, seconds, pivots)
    search.ascend()
    search.cut()
    found = search.result()
    if not search.has_tree:
        return found
    arcs = reduced.expand(found.arcs)
    cost = float(task.cost[arcs].sum())
    return found._replace(arcs=arcs, upper=cost, lower=min(found.lower, cost))


class Search:
    """What is known so far, and the arcs a cheaper tree may use; costs are those beyond what every tree pays."""

    def __init__(self, task: Arborescence, fixed: float, upper: float, seconds: float, pivots: int) -> None:
        self.task, self.fixed, self.arcs = task, fixed, np.arange(len(task.cost))
        self.lower, self.upper, self.best = 0.0, upper - fixed, np.zeros(0, dtype=np.int64)
        self.given_upper, self.has_tree, self.tried = upper, False, np.full(1, -1)  # no tree tried
        self.pivots, self.end = pivots, time.monotonic() + seconds
        self.rounds = self.whole_rounds = 0
        # Trees of whole costs differ by at least their greatest common divisor.
        cost = self.task.cost
        step = float(np.gcd.reduce(cost.astype(np.int64))) if bool((cost == np.rint(cost)).all()) else 0.0
        self.step = step if step > _EQUAL * (cost.sum() + fixed) else 0.0
        self.try_tree(tree_along(self.task, np.ones(len(self.arcs), dtype=np.bool_)))

    @property
    def aim(self) -> float:
        """What a tree worth finding costs at most."""
        if self.step > 0.0:
            return self.upper - self.step * (1.0 - _LACK)
        return self.upper - _EQUAL * (self.upper + self.fixed)

    def is_over(self) -> bool:
        """Whether nothing better is left, or no work may be done any more."""
        return self.lower >= self.aim or self.pivots <= 0 or self.seconds() <= 0.0

    def seconds(self) -> float:
        """Seconds left."""
        return self.end - time.monotonic()

    def result(self) -> Exact:
        """What is known."""
        is_proven = self.lower >= self.aim
        lower = self.upper if is_proven and self.step > 0.0 else min(self.lower, self.upper)
        upper = self.upper + self.fixed if self.has_tree else self.given_upper
        return Exact(min(lower + self.fixed, upper), upper, self.best, is_proven, self.rounds, self.whole_rounds)

    def ascend(self) -> None:
        """Dual ascent, a tree, fewer arcs, again; once in any case."""
        is_worth_it = True
        while is_worth_it and self.lower < self.aim:
            found = dual_ascent(self.task)
            self.note_bound(found.lower)
            if self.lower >= self.aim:
                return
            self.grow_along(found)
            before = len(self.arcs)
            self.keep(self.improving(found))
            is_worth_it = len(self.arcs) <= (1.0 - _WORTH_REPEATING) * before and self.seconds() > 0.0

    def cut(self) -> None:
        """Linear programmes, until no cut is violated; then whole trees."""
        if self.is_over():
            return
        model, separator = self.model(), Separator(self.task)
        while not self.is_over():
            found = self.solved(model.relax(self.pivots, self.seconds()))
            self.rounds += 1
            if self.is_over() or not found.is_complete:
                return
            value, worth = found.value, self.improving(Ascent(found.lower, np.zeros(0), found.reduced_cost))
            if worth.sum() < (1.0 - _WORTH_SHRINKING) * len(worth):
                stays = model.shrink(worth)
                self.keep(stays)
                value, separator = value[stays], Separator(self.task)
            cuts, turns = separator.violated(value, _LACK, _NESTED), unfed(self.task, value, _LACK)
            if len(cuts.arc) == 0 and turns.shape[0] == 0:
                self.choose(model, separator)
                return
            model.forget(_IDLE_ROUNDS)
            model.add_cuts(cuts)
            model.add_rows(turns)

    def grow_along(self, found: Ascent) -> None:
        """Try the tree along the arcs dual ascent has paid in full."""
        self.try_tree(tree_along(self.task, found.reduced_cost <= 0.0))

    def grow_like(self, value: Floats) -> None:
        """Try a tree near a fractional one."""
        guided = self.task.cost * (1.0 - value)
        self.try_tree(tree_along(self.task._replace(cost=guided), np.ones(len(guided), dtype=np.bool_)))

    def model(self) -> CutModel:
        """The programme of the present task."""
        return CutModel(self.task)

    def choose(self, model: CutModel, separator: Separator) -> None:
        """Whole trees, until one is connected."""
        while not self.is_over():
            found = self.solved(model.choose(self.aim, self.pivots, self.seconds()))
            self.whole_rounds += 1
            cuts = separator.violated(np.rint(found.value), _LACK, _NESTED)
            if not found.is_complete or len(cuts.arc) == 0:
                return
            model.add_cuts(cuts)

    def solved(self, found: Solved) -> Solved:
        """Note what a programme proved, and the tree its solution leads to."""
        self.pivots -= found.pivots
        self.note_bound(found.lower)
        if self.lower < self.aim:
            self.grow_like(found.value)
        return found

    def note_bound(self, lower: float) -> None:
        """A bound for trees over the arcs that are left; all others cost more than ``aim``."""
        self.lower = max(self.lower, min(lower, self.aim))

    def try_tree(self, arcs: Ints) -> None:
        """Look at the arcs of a tree, if they make one; arcs of the present task."""
        if not np.isin(self.task.terminals, self.task.head[arcs]).all():
            self.note_bound(math.inf)  # not all terminals can be reached any more
            return
        self.take(arcs)

    def take(self, arcs: Ints) -> None:
        """Keep what a tree can be made, if it is the cheapest so far; arcs of the present task."""
        names = self.arcs[arcs]
        if np.array_equal(names, self.tried):  # programmes often lead to the same tree again
            return
        self.tried = names
        arcs = exchanged(self.task, arcs)
        cost = float(self.task.cost[arcs].sum())
        if cost + self.fixed < (self.upper + self.fixed) * (1.0 - _ROUNDING):
            self.upper, self.best, self.has_tree = cost, self.arcs[arcs], True

    def improving(self, found: Ascent) -> Bools:
        """Arcs of the present task that a cheaper tree may use."""
        return improving_arcs(self.task, found, np.full(self.task.nodes, self.aim - found.lower))

    def keep(self, stays: Bools) -> None:
        """Go on with some of the arcs, and the nodes at their ends."""
        task = self.task
        tail, head = task.tail[stays], task.head[stays]
        stands = np.zeros(task.nodes, dtype=np.bool_)
        stands[task.root] = stands[task.terminals] = stands[tail] = stands[head] = True
        number = np.cumsum(stands) - 1
        tail, head, root, terminals = number[tail], number[head], int(number[task.root]), number[task.terminals]
        self.task = Arborescence(int(stands.sum()), tail, head, task.cost[stays], root, terminals)
        self.arcs = self.arcs[stays]
