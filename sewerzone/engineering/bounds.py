"""How near the optimum collector trees are: lower bounds for many networks at once, and better trees where they show.

Every network is bounded on the part of the graph round it (``vicinity``), all parts of a batch side by side: reductions
(``reduction``), dual ascent (``ascent``), the tree along arcs without reduced cost, then without the arcs no cheaper tree can
use all of it again, until bound and tree meet or nothing changes. What stays open is handed to ``exact``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sewerzone.engineering import exact
from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.ascent import Ascent, dual_ascent, improving_arcs, tree_along
from sewerzone.engineering.exchange import exchange
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.networks import concat, segments, take
from sewerzone.engineering.paths import RoadGraph, arcs_between, cost_to
from sewerzone.engineering.reduction import Core, arborescence_of, leads_away, shrink
from sewerzone.engineering.reduction_rules import GONE, ROOT
from sewerzone.engineering.steiner import Trees
from sewerzone.engineering.trees import net_of, trees_of
from sewerzone.engineering.vicinity import Vicinity, Wanted, vicinities

# Bound and tree are equal if they differ by no more than this share: what rounding may add up to.
_EQUAL = 1e-9
# Dual ascent is repeated while it leaves out at least this share of the edges.
_WORTH_REPEATING = 0.02
# Parts of the graph have so many nodes and those of the tree given, times each of these while bound and tree differ. The
# smallest is enough for six networks in seven; beyond four times as many, bounds hardly improve.
_LEAST_NODES = 50
_SIZES = (1, 4, 16)
# Networks of more nodes are bounded on a part of the middle size at once, which is worth all three to them.
_LARGE = 1_000
# Rounds of key-path exchange on trees found; mostly nothing is left to gain.
_EXCHANGES = 10
# Networks of more arcs than this, after all reductions, are not solved exactly.
_MOST_ARCS = 20_000


# Lays a network's tree, given by arcs within its part and nodes it is entered at from outside, on the whole graph.
_Laying = Callable[[int, Ints, Ints], tuple[Ints, float]]


class Certificates:
    """What is proven of t networks; trees are put together when they are asked for.

    Attributes
    ----------
    lower : (t,) no tree that joins the same terminals costs less, to 1e-7 of it as in ``exact``
    """

    def __init__(self, proof: _Proof) -> None:
        self._proof, self.lower = proof, proof.lower

    @cached_property
    def trees(self) -> Trees:
        """Those given, or cheaper ones where they were found."""
        return self._proof.trees()

    @property
    def upper(self) -> Floats:
        """Cost of the trees (t,)."""
        return self.trees.cost

    @property
    def is_proven(self) -> Bools:
        """Whether the tree is a cheapest one, as exactly as the bound is known (t,)."""
        return np.asarray(self.upper - self.lower <= _EQUAL * self.upper)


def certify(
    graph: RoadGraph,
    cost: Floats,
    trees: Trees,
    terminal_offsets: Ints,
    terminals: Ints,
    root_offsets: Ints,
    roots: Ints,
    exit_cost: Floats,
    exit_next: Ints,
    seconds: float = math.inf,
    most_arcs: int = _MOST_ARCS,
) -> Certificates:
    """Bound every network from below and look for cheaper trees; what ``steiner.grow_trees`` was given must be given again.

    ``seconds`` is the time after which networks are no longer solved exactly; results depend on the computer if it bites.
    Nor are networks of more than ``most_arcs`` after all reductions; 0 for dual ascent alone.
    """
    groups = terminal_offsets, terminals, root_offsets, roots
    return Certificates(_Proof(graph, cost, trees, groups, exit_cost, exit_next, time.monotonic() + seconds, most_arcs))


class _Proof:
    """Bounds of all networks, and the arcs of the trees that are cheaper than those given."""

    def __init__(
        self, graph: RoadGraph, cost: Floats, trees: Trees, groups: tuple[Ints, Ints, Ints, Ints], exit_cost: Floats,
        exit_next: Ints, end: float, most_arcs: int,
    ) -> None:  # fmt: skip
        self.graph, self.given, self.most_arcs = graph, trees, most_arcs
        self.net = net_of(graph, cost, exit_cost, exit_next)
        self.is_arrived = np.isfinite(exit_cost) & (exit_next < 0)
        self.away, self.following = cost_to(graph, cost, np.flatnonzero(self.is_arrived))
        self.groups = [np.ascontiguousarray(g, dtype=np.int64) for g in groups]
        self.lower, self.upper = np.zeros(len(trees.cost)), trees.cost.copy()
        self.better: dict[int, Ints] = {}
        self.walks, self.walked, self.way = 0, np.zeros(len(graph), dtype=np.int64), np.empty(len(graph), dtype=np.int64)
        self.wanted = _without(Wanted(*self.groups), trees.missed)
        is_large, is_open = np.diff(trees.offsets) > _LARGE, np.ones(len(trees.cost), dtype=np.bool_)
        # without ways out nothing is known of distances outside, and small parts are worth little
        sizes = _SIZES if self.is_arrived.any() else _SIZES[1:]
        for k, size in enumerate(sizes):
            # the largest parts are for trees proven on a part but not on the whole graph
            if k < 2 or time.monotonic() < end:
                which = np.flatnonzero(is_open & (~is_large | (size == _SIZES[1])))
                is_open[which] = self._bound(which, size, end)

    @cached_property
    def arc_in(self) -> Ints:
        """The arc into every node on its way to where trees arrive, from the node that follows (n,); -1 if none does."""
        return arcs_between(self.graph, self.following, np.arange(len(self.graph)))

    def _bound(self, which: Ints, size: int, end: float) -> Bools:
        """Bound some networks on parts of a size; whether larger parts may still help them."""
        wanted = Wanted(*_some(self.wanted[0], self.wanted[1], which), *_some(self.wanted[2], self.wanted[3], which))
        most = size * (_LEAST_NODES + np.diff(self.given.offsets)[which])
        is_open = np.zeros(len(which), dtype=np.bool_)
        for some, part in vicinities(self.net, self.away, wanted, most):
            these = which[some.start : some.stop]
            batch = _Batch(part, self.lower[these], self.upper[these], these, self._laid)
            batch.narrow()
            if size > _SIZES[0]:  # many more are proven on a larger part at once
                batch.solve(end, self.most_arcs)
            self.lower[these], self.upper[these] = batch.lower, batch.upper
            self.better.update({int(these[t]): arcs for t, arcs in batch.better.items()})
            is_cut_out = np.zeros(len(these), dtype=np.bool_)
            is_cut_out[part.network[part.edges.b[part.arcs[0] < 0]]] = True
            is_open[some.start : some.stop] = batch.open() & is_cut_out
        return is_open

    def _laid(self, t: int, arcs: Ints, entries: Ints) -> tuple[Ints, float]:
        """A tree that enters its part at ``entries`` from outside, with their ways out; infinitely dear if it has none."""
        if not np.isfinite(self.away[entries]).all():
            return arcs, math.inf
        graph, wanted = self.graph, self.wanted
        self.walks += 1
        on_ways = self.way[: _follow(self.following, entries, self.walks, self.walked, self.way)]
        arcs = _each_once(np.concatenate([arcs, self.arc_in[on_ways]]))
        outlets = wanted.roots[wanted.root_offsets[t] : wanted.root_offsets[t + 1]]
        terminals = wanted.terminals[wanted.terminal_offsets[t] : wanted.terminal_offsets[t + 1]]
        nodes = _each_once(np.concatenate([graph.row[arcs], graph.neighbour[arcs], terminals]))
        is_root = self.is_arrived[nodes]
        if len(outlets):
            is_root |= np.isin(nodes, outlets)
        number = np.where(is_root, 0, np.arange(1, len(nodes) + 1))
        tail, head, goals = (number[np.searchsorted(nodes, v)] for v in (graph.row[arcs], graph.neighbour[arcs], terminals))
        cost = self.net.cost[arcs]
        problem = Arborescence(len(nodes) + 1, tail, head, cost, 0, _each_once(goals[goals > 0]))
        chosen = tree_along(problem, np.ones(len(arcs), dtype=np.bool_))
        is_joined = np.zeros(problem.nodes, dtype=np.bool_)
        is_joined[head[chosen]] = True
        if not is_joined[problem.terminals].all():
            return arcs, math.inf
        return arcs[chosen], float(cost[chosen].sum())

    def trees(self) -> Trees:
        """The trees given, with those found in the place of dearer ones."""
        if not self.better:
            return self.given
        found = np.array(sorted(self.better), dtype=np.int64)
        parts = [self._nodes(t) for t in found.tolist()]
        offsets = np.concatenate([[0], np.cumsum([len(node) for node, _ in parts])]).astype(np.int64)
        node, arc = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        groups = [*_some(self.groups[0], self.groups[1], found), *_some(self.groups[2], self.groups[3], found)]
        ordered = exchange(self.net, groups, offsets, node, arc, _EXCHANGES)
        new = trees_of(self.graph, self.net.cost, *ordered, self.given.missed)
        everything = concat([self.given, new])
        which = np.arange(len(self.given.cost))
        which[found] = len(which) + np.arange(len(found))
        chosen = take(everything, which)
        return Trees(chosen.offsets, chosen.node, chosen.parent, chosen.arc_edge, self.given.missed, chosen.cost)

    def _nodes(self, t: int) -> tuple[Ints, Ints]:
        """Nodes of a cheaper tree and the arc each drains along; terminals that are outlets stand for themselves."""
        arcs, offsets = self.better[t], self.wanted.terminal_offsets
        head = self.graph.neighbour[arcs]
        ends = np.concatenate([self.graph.row[arcs], self.wanted.terminals[offsets[t] : offsets[t + 1]]])
        ends = np.setdiff1d(ends, head)
        return np.concatenate([ends, head]), np.concatenate([np.full(len(ends), -1, dtype=np.int64), arcs])


class _Left(NamedTuple):
    """What is left of a batch as one problem, and the network of its nodes, the edge of its arcs, the core's nodes."""

    problem: Arborescence
    network: Ints
    edge: Ints
    node: Ints


class _Batch:
    """Parts of the graph for some networks, side by side, reduced until their bounds meet their trees.

    Every network goes as far as it would alone: what is found does not depend on the others.

    Attributes
    ----------
    lower, upper : (t,)
    numbers : (t,) the networks, by which ``laid`` knows them
    better : arcs of the graph of trees cheaper than those given, by network
    """

    def __init__(self, part: Vicinity, lower: Floats, upper: Floats, numbers: Ints, laid: _Laying) -> None:
        self.part, self.lower, self.upper, self.numbers, self.laid = part, lower, upper, numbers, laid
        self.better: dict[int, Ints] = {}
        self.core = Core.of(part.edges, part.kind)
        self.is_at_work, self.aside = np.ones(len(lower), dtype=np.bool_), list[tuple[Core, Bools]]()
        self.roots = np.flatnonzero(part.kind == ROOT)

    def ascend(self) -> tuple[_Left, Ascent, Floats]:
        """Reduce and raise the bounds; what is left, and its bounds."""
        self.core = core = shrink(self.core)
        problem, edge, node = arborescence_of(core)
        left = _Left(problem, self.part.network[node], edge, node)
        # terminals follow one another network by network, as nodes do
        ascent = dual_ascent(problem, np.searchsorted(left.network[problem.terminals], np.arange(len(self.lower) + 1)))
        bound = self._fixed() + np.bincount(left.network[problem.terminals], ascent.raised, len(self.lower))
        self.lower = np.maximum(self.lower, np.minimum(bound, self.upper))
        return left, ascent, bound

    def narrow(self) -> None:
        """Raise bounds, look for cheaper trees and leave out what none can use, until that is not much."""
        edges = np.full(len(self.lower), math.inf)
        while self.is_at_work.any():
            left, ascent, bound = self.ascend()
            self._take_trees(left, tree_along(left.problem, ascent.reduced_cost <= 0.0))
            self.is_at_work &= self.open()
            slack = np.where(self.is_at_work, self.upper * (1.0 - _EQUAL) - bound, -math.inf)
            self._keep(left, improving_arcs(left.problem, ascent, slack[left.network]))
            before, edges = edges, np.bincount(self.part.network[self.core.edges.a], minlength=len(edges)).astype(float)
            is_done = self.is_at_work & (edges >= (1.0 - _WORTH_REPEATING) * before)
            if is_done.any():
                self.aside.append((self._of(is_done), is_done))
                self.is_at_work &= ~is_done
                self.core = self._of(self.is_at_work)

    def _of(self, some: Bools) -> Core:
        """The core of some networks."""
        core, is_mine = self.core, some[self.part.network]
        return core._replace(kind=np.where(is_mine, core.kind, GONE)).only(is_mine[core.edges.a])

    def solve(self, end: float, most_arcs: int) -> None:
        """Solve what is open and small enough exactly, until the clock shows ``end``."""
        for core, some in self.aside:
            self.core, self.is_at_work = core, some
            left, _, _ = self.ascend()
            self.is_at_work = some & self.open()
            for t in np.flatnonzero(self.is_at_work).tolist():
                self._solve(left, t, end - time.monotonic(), most_arcs)

    def _solve(self, left: _Left, t: int, seconds: float, most_arcs: int) -> None:
        """Solve one network exactly, if it is small enough."""
        problem, fixed = left.problem, float(self._fixed()[t])
        arcs = np.flatnonzero(left.network[problem.head] == t)
        if len(arcs) > most_arcs or seconds <= 0.0:
            return
        nodes, ends = np.unique(np.concatenate([[0], problem.tail[arcs], problem.head[arcs]]), return_inverse=True)
        tail, head = ends[1 : len(arcs) + 1], ends[len(arcs) + 1 :]
        terminals = np.flatnonzero(np.isin(nodes, problem.terminals))
        task = Arborescence(len(nodes), tail, head, problem.cost[arcs], 0, terminals)
        solved = exact.solve(task, self.upper[t] - fixed, seconds)
        if len(solved.arcs):
            self._take_trees(left, arcs[solved.arcs])
        # a tree found on the part may lead through what stands for the rest of the graph: it bounds, and is not taken
        bound = fixed + (solved.upper if solved.is_proven else solved.lower)
        self.lower[t] = min(max(self.lower[t], bound), self.upper[t])

    def _fixed(self) -> Floats:
        """What the tree of every network pays in any case (t,)."""
        core = self.core
        return np.bincount(self.part.network[core.forced_at], core.forced_cost, len(self.lower)).astype(np.float64)

    def open(self) -> Bools:
        """Networks whose bound and tree do not meet (t,)."""
        return np.asarray(self.upper - self.lower > _EQUAL * self.upper)

    def _take_trees(self, left: _Left, arcs: Ints) -> None:
        """Keep those trees, given by the arcs of all networks at once, that join all terminals and are cheaper."""
        problem, core, count = left.problem, self.core, len(self.lower)
        total = self._fixed() + np.bincount(left.network[problem.head[arcs]], problem.cost[arcs], count)
        is_joined = np.zeros(problem.nodes, dtype=np.bool_)
        is_joined[problem.head[arcs]] = True
        total[left.network[problem.terminals[~is_joined[problem.terminals]]]] = math.inf
        names = np.concatenate([core.name[left.edge[arcs]], core.forced])
        network = np.concatenate([left.network[problem.head[arcs]], self.part.network[core.forced_at]])
        order = np.argsort(network, kind="stable")
        starts = np.searchsorted(network[order], np.arange(count + 1))
        cheaper = np.flatnonzero(self.is_at_work & (total < self.upper * (1.0 - _EQUAL)))
        if not len(cheaper):
            return
        expanded = [core.expand(names[order[starts[t] : starts[t + 1]]]) for t in cheaper.tolist()]
        every = np.concatenate(expanded)
        ends, last = np.cumsum([len(edges) for edges in expanded]), 0
        a, b = self.part.edges.a[every], self.part.edges.b[every]
        is_forth = leads_away(a, b, self.roots[cheaper], len(self.part.kind))
        every_arc = np.where(is_forth, self.part.arcs[0, every], self.part.arcs[1, every])
        foot = self.part.node[np.where(is_forth, b, a)]
        for t, end in zip(cheaper.tolist(), ends.tolist(), strict=True):
            found, entries, cost = every_arc[last:end], foot[last:end], float(total[t])
            is_outside, last = found < 0, end
            if is_outside.any():
                entries = entries[is_outside]
                found, cost = self.laid(int(self.numbers[t]), found[~is_outside], entries[entries >= 0])
            if cost < self.upper[t] * (1.0 - _EQUAL):
                self.better[t], self.upper[t] = found, cost

    def _keep(self, left: _Left, keep: Bools) -> None:
        """Leave out arcs, and networks that are proven."""
        core, edge = self.core, left.edge
        is_forth = left.node[left.problem.head] == core.edges.b[edge]
        forth, back = np.zeros(len(core.name), np.bool_), np.zeros(len(core.name), np.bool_)
        forth[edge[keep & is_forth]] = True
        back[edge[keep & ~is_forth]] = True
        edges = core.edges
        if not np.array_equal(edges.forth, edges.back):
            edges = edges._replace(forth=np.where(forth, edges.forth, math.inf), back=np.where(back, edges.back, math.inf))
        self.core = core._replace(edges=edges).only(forth | back)
        self.core = self._of(self.is_at_work)


def _each_once(values: Ints) -> Ints:
    """The values, rising, every one once (``np.unique`` sorts what it has hashed)."""
    values = np.sort(values)
    is_new = np.ones(len(values), dtype=np.bool_)
    is_new[1:] = values[1:] != values[:-1]
    return values[is_new]


@lean_kernel
def _follow(following: Ints, entries: Ints, walk: int, walked: Ints, way: Ints) -> int:
    """List the nodes on the ways on from ``entries``, every one once, but for the last of each way; how many there are."""
    count = 0
    for v in entries:
        while walked[v] != walk and following[v] >= 0:
            walked[v] = walk
            way[count] = v
            count += 1
            v = following[v]
    return count


def _without(wanted: Wanted, missed: Ints) -> Wanted:
    """The same networks without some of their terminals, given as places in ``terminals``."""
    is_kept = np.ones(len(wanted.terminals), dtype=np.bool_)
    is_kept[missed] = False
    before = np.concatenate([[0], np.cumsum(is_kept)]).astype(np.int64)
    return wanted._replace(terminal_offsets=before[wanted.terminal_offsets], terminals=wanted.terminals[is_kept])


def _some(offsets: Ints, values: Ints, which: Ints) -> tuple[Ints, Ints]:
    """Compressed rows of some rows."""
    counts = np.diff(offsets)[which]
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), values[segments(offsets[which], offsets[which + 1])]
