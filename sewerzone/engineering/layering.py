"""A zoning as a Steiner arborescence: one copy of the graph for every kind of delivery.

From the root an arc leads to every place of delivery, in the copy of its kind, at its fixed price. A unit is a node in every
copy and a terminal beside them, with an arc from each of its nodes and one from the root, which stands for its tanks. What
serving a unit costs more than its tanks is paid on the arcs into its node, whoever passes; what its tanks cost more than
serving it, on the arc from the root. So growth sees at the terminal what a unit is worth, and passing a unit that pays is free.

Least trees use no node in two copies: what lies behind it in the dearer one may as well hang on the other. Only limits of
flow can change this.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.ascent import distances
from sewerzone.engineering.contraction import Contracted, contract
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.prize_problem import SERVED, TANKS, Prizes

# Ways that cost as much as all units together are worth are out of reach; rounding may not decide it.
_ROOM = 1.0 + 1e-9


class Layered(NamedTuple):
    """The arborescence of a zoning; N nodes, M arcs.

    Attributes
    ----------
    task : the arborescence
    base_yen_per_yr : the zoning costs this much more than the tree
    node, kind : (N,) node of the zoning and kind of its copy; -1 for root and terminals
    unit : (N,) the unit at a node or of a terminal, -1 for none
    gain : (N,) what is saved where the unit at a node is served there; 0 elsewhere
    feed : (N,) arc from a unit's node to its terminal, -1 elsewhere
    tanks : (u,) arc from the root to a unit's terminal, -1 where there is none
    chain : (M,) arc of ``graph`` an arc stands for, -1 for those from the root and to terminals
    entry : (M,) place of delivery an arc from the root leads to, -1 elsewhere
    graph : what there are copies of
    """

    task: Arborescence
    base_yen_per_yr: float
    node: Ints
    kind: Ints
    unit: Ints
    gain: Floats
    feed: Ints
    tanks: Ints
    chain: Ints
    entry: Ints
    graph: Contracted

    def only(self, keep: Bools) -> Layered:
        """Some of the arcs, with their ends; arcs to terminals stay wherever they come from."""
        task = self.task
        is_last, is_end = self.node[task.head] < 0, np.zeros(task.nodes, dtype=np.bool_)
        is_end[task.root] = is_end[task.head[keep]] = is_end[task.tail[keep]] = True
        arcs = np.flatnonzero(keep | (is_last & is_end[task.tail]))
        is_end[task.head[arcs]] = True
        nodes, number = np.flatnonzero(is_end), np.cumsum(is_end) - 1
        place = np.full(len(keep) + 1, -1, dtype=np.int64)  # the last one for arcs there are not
        place[arcs] = np.arange(len(arcs))
        left = Arborescence(
            len(nodes), number[task.tail[arcs]], number[task.head[arcs]], task.cost[arcs], int(number[task.root]),
            number[task.terminals[is_end[task.terminals]]],
        )  # fmt: skip
        return Layered(
            left, self.base_yen_per_yr, self.node[nodes], self.kind[nodes], self.unit[nodes], self.gain[nodes],
            place[self.feed[nodes]], place[self.tanks], self.chain[arcs], self.entry[arcs], self.graph,
        )  # fmt: skip


class _Arcs(NamedTuple):
    """Arcs between numbered places: copies kind by kind, then the root, then the units' terminals."""

    tail: Ints
    head: Ints
    cost: Floats
    chain: Ints
    entry: Ints

    @classmethod
    def of(cls, tail: Ints, head: Ints, cost: Floats, chain: Ints | None = None, entry: Ints | None = None) -> _Arcs:
        """Arcs of one sort."""
        none = np.full(len(tail), -1, dtype=np.int64)
        return cls(tail, head, cost, none if chain is None else chain, none if entry is None else entry)

    @classmethod
    def joined(cls, *parts: _Arcs) -> _Arcs:
        """Arcs of several sorts, one after the other."""
        tail, head, cost, chain, entry = (np.concatenate(values) for values in zip(*parts, strict=True))
        return cls(tail, head, cost, chain, entry)

    def only(self, keep: Bools) -> _Arcs:
        """Some of the arcs."""
        return _Arcs(self.tail[keep], self.head[keep], self.cost[keep], self.chain[keep], self.entry[keep])


def layered(problem: Prizes) -> Layered:
    """Make a copy for every kind, as far as all units together could pay for the way there."""
    serving = serving_yen_per_yr(problem)
    tanks = np.where(problem.side == SERVED, np.inf, problem.tanks_yen_per_yr)
    enter = np.maximum(serving - tanks, 0.0)
    graph = _graph(problem)
    ways, reached = _ways(problem, graph, enter, float(np.maximum(tanks - serving, 0.0).max(axis=0, initial=0.0).sum()))
    is_served = reached[:, problem.unit_node] & (problem.side != TANKS)
    least = np.minimum(np.where(is_served, serving, np.inf).min(axis=0, initial=np.inf), tanks)
    is_worth = (tanks > least) & is_served.any(axis=0)
    kinds, n = reached.shape
    terminal = kinds * n + 1 + np.arange(len(tanks))
    kind, unit = np.nonzero(is_served & is_worth)
    feeding = np.minimum(serving[kind, unit], tanks[unit]) - least[unit]
    feeds = _Arcs.of(kind * n + problem.unit_node[unit], terminal[unit], feeding)
    free = np.flatnonzero(is_worth & np.isfinite(tanks))
    refusals = _Arcs.of(np.full(len(free), kinds * n), terminal[free], tanks[free] - least[free])
    return _numbered(problem, graph, _Arcs.joined(ways, feeds, refusals), float(least.sum()))


def serving_yen_per_yr(problem: Prizes) -> Floats:
    """What serving a unit costs beside ways, treatment included, (k, u)."""
    treatment = problem.kind_yen_per_m3_per_d[:, None] * problem.flow_m3_per_d
    return np.asarray(problem.serving_yen_per_yr + treatment)


def _graph(problem: Prizes) -> Contracted:
    """Ways between units and places of delivery that lead through no unit that must keep its tanks."""
    is_kept, is_closed = np.zeros(problem.nodes, dtype=np.bool_), np.zeros(problem.nodes, dtype=np.bool_)
    is_kept[problem.unit_node] = is_kept[problem.entry_node] = True
    is_closed[problem.unit_node[problem.side == TANKS]] = True
    open_arcs = np.flatnonzero(~is_closed[problem.tail] & ~is_closed[problem.head])
    tail, head, cost = problem.tail[open_arcs], problem.head[open_arcs], problem.cost_yen_per_yr[open_arcs]
    found = contract(problem.nodes, tail, head, cost, is_kept)
    return found._replace(arc=np.where(found.arc >= 0, open_arcs[found.arc], -1) if len(open_arcs) else found.arc)


def _ways(problem: Prizes, graph: Contracted, enter: Floats, worth: float) -> tuple[_Arcs, Bools]:
    """Arcs into and in the copies, and which nodes of the copies (k, n) can be reached for what the units are worth."""
    kinds, n = len(problem.kind_yen_per_m3_per_d), problem.nodes
    paid = np.zeros((kinds, n))
    paid[:, problem.unit_node] = enter
    offset = n * np.arange(kinds)[:, None]
    tail, head = (offset + graph.tail).ravel(), (offset + graph.head).ravel()
    cost = (graph.cost + paid[:, graph.head]).ravel()
    steps = _Arcs.of(tail, head, cost, np.tile(np.arange(len(graph.tail)), kinds))
    entry = _best_entries(problem)
    head = problem.entry_kind[entry] * n + problem.entry_node[entry]
    cost = problem.entry_yen_per_yr[entry] + paid.ravel()[head]
    entries = _Arcs.of(np.full(len(entry), kinds * n), head, cost, entry=entry)
    too_much = problem.flow_m3_per_d > problem.kind_most_m3_per_d[:, None] * _ROOM
    is_closed = np.zeros(kinds * n + 1, dtype=np.bool_)
    is_closed[(offset + problem.unit_node)[too_much]] = True
    ways = _Arcs.joined(entries, steps)
    ways = ways.only(~is_closed[ways.head] & ~is_closed[ways.tail])
    whole = Arborescence(kinds * n + 1, ways.tail, ways.head, ways.cost, kinds * n, np.zeros(0, dtype=np.int64))
    away = distances(whole.leaving(), whole.head, whole.cost, np.array([kinds * n]))
    is_near = np.isfinite(away) & (away <= worth * _ROOM)
    return ways.only(is_near[ways.tail] & is_near[ways.head]), is_near[:-1].reshape(kinds, n)


def _best_entries(problem: Prizes) -> Ints:
    """Places of delivery that may be used, of several of one kind at one node the cheapest."""
    is_closed = np.zeros(problem.nodes, dtype=np.bool_)
    is_closed[problem.unit_node[problem.side == TANKS]] = True
    order = np.lexsort((np.arange(len(problem.entry_node)), problem.entry_yen_per_yr, problem.entry_kind, problem.entry_node))
    node, kind = problem.entry_node[order], problem.entry_kind[order]
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (np.diff(node) != 0) | (np.diff(kind) != 0)
    return np.sort(order[is_first & ~is_closed[node]])


def _numbered(problem: Prizes, graph: Contracted, arcs: _Arcs, base: float) -> Layered:
    """The places in use numbered anew, the root first."""
    kinds, n = len(problem.kind_yen_per_m3_per_d), problem.nodes
    root = kinds * n
    number = np.zeros(root + 1 + len(problem.unit_node), dtype=np.int64)
    number[arcs.tail] = number[arcs.head] = 1
    number[root] = 0
    place = np.concatenate([[root], np.flatnonzero(number)])
    number[place] = np.arange(len(place))
    tail, head = number[arcs.tail], number[arcs.head]
    terminals = np.flatnonzero(place > root)
    in_copy = place < root
    node, kind = np.where(in_copy, place % max(1, n), -1), np.where(in_copy, place // max(1, n), -1)
    unit_at = np.full(n + 1, -1, dtype=np.int64)
    unit_at[problem.unit_node] = np.arange(len(problem.unit_node))
    unit = np.where(in_copy, unit_at[node], np.where(place > root, place - root - 1, -1))
    is_last = place[head] > root
    is_tanks = is_last & (tail == 0)
    tanks, feed = np.full(len(problem.unit_node), -1, dtype=np.int64), np.full(len(place), -1, dtype=np.int64)
    tanks[unit[head[is_tanks]]] = np.flatnonzero(is_tanks)
    feeds = np.flatnonzero(is_last & (tail != 0))
    feed[tail[feeds]] = feeds
    gain = np.zeros(len(place))
    refusal = tanks[unit[tail[feeds]]]
    gain[tail[feeds]] = np.where(refusal >= 0, arcs.cost[refusal] - arcs.cost[feeds], np.inf)
    task = Arborescence(len(place), tail, head, arcs.cost, 0, terminals)
    return Layered(task, base, node, kind, unit, gain, feed, tanks, arcs.chain, arcs.entry, graph)
