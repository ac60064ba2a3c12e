"""Zoning decisions as trees of a layered graph: which branches pay, what else would, and the decision a tree stands for.

A tree is given by its arcs, with one into the terminal of every unit. It is made cheaper in turns: grown to all units along
what guides it, cut back to the branches that pay if tanks are somewhat dearer, exchanged key path by key path, and cut back to
what pays indeed (``pruning``, exact for the tree at hand). So groups come in that pay together only. What different trees do
better in different places is put together by dual ascent on their arcs alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sewerzone.engineering.ascent import dual_ascent, tree_along
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.layering import Layered
from sewerzone.engineering.primal import Grower
from sewerzone.engineering.prize_problem import Prizes, Zoned
from sewerzone.engineering.pruning import behind, root_of, worth_keeping

# Gains below this share of a tree's cost are rounding.
_ROUNDING = 1e-12
# Where what guides growth is free, true costs decide, by this share of them.
TRUE_SHARE = 1e-3
# Trees are grown anew at tanks so many times as dear, turn by turn: so groups stay in that pay once the way to them has been
# exchanged for a better one. Trees made from nothing start at others.
_DEARER, _SKETCHED = (1.2, 1.0, 1.5), (1.5, 1.2)
# Rounds of key-path exchange on a tree; it is exchanged again after growing.
_EXCHANGES = 1


class Improver:
    """Makes trees of one layered graph cheaper."""

    def __init__(self, layers: Layered) -> None:
        self._layers, self._grower = layers, Grower(layers.task)
        refusals = layers.tanks[layers.tanks >= 0]
        self._richer = [_at_dearer_tanks(layers, refusals, factor) for factor in _DEARER]
        self._sketched = [_at_dearer_tanks(layers, refusals, factor) for factor in _SKETCHED]
        self.pool: list[Ints] = []
        self._is_refusal = np.zeros(len(layers.task.cost), dtype=np.bool_)
        self._is_refusal[refusals] = True

    def sketches(self) -> Iterator[tuple[Ints, Floats]]:
        """Trees along the arcs dual ascent pays in full at dearer and dearer tanks, each with what guides its improvement."""
        for richer in self._sketched:
            found = dual_ascent(richer.task)
            cost = richer.task.cost
            arcs = self._grower.grown(np.where(found.reduced_cost <= 0.0, cost, np.inf))
            yield pruned(richer, arcs), found.reduced_cost + TRUE_SHARE * cost

    def improved(self, arcs: Ints, guide: Floats, rounds: int) -> Ints:
        """A tree made cheaper until no turn helps, or for so many ``rounds``; pruned in any case.

        ``guide`` (M,) are costs along which it is grown, infinite where it is not.
        """
        cost = self._layers.task.cost
        best = pruned(self._layers, arcs)
        idle = 0
        for turn in range(rounds):
            other = self._regrown(best, guide, self._richer[turn % len(self._richer)])
            idle += 1
            if cost[other].sum() < cost[best].sum() * (1.0 - _ROUNDING):
                best, idle = other, 0
            if idle == len(self._richer):
                break
        self.pool.append(best)
        return best

    def recombined(self) -> tuple[Ints, Floats]:
        """The tree along arcs that dual ascent pays in full on the arcs of all trees met, and what guides its improvement."""
        task = self._layers.task
        keep = self._is_refusal.copy()
        keep[self._layers.feed[self._layers.feed >= 0]] = True
        for tree in self.pool:
            keep[tree] = True
        arcs = np.flatnonzero(keep)
        found = dual_ascent(task._replace(tail=task.tail[arcs], head=task.head[arcs], cost=task.cost[arcs]))
        guide = np.full(len(task.cost), np.inf)
        guide[arcs] = np.where(found.reduced_cost <= 0.0, task.cost[arcs], np.inf)
        tree = pruned(self._layers, self._grower.grown(guide))
        guide[arcs] = found.reduced_cost + TRUE_SHARE * task.cost[arcs]
        return tree, guide

    def _regrown(self, arcs: Ints, guide: Floats, richer: Layered) -> Ints:
        """The tree grown to all units, pruned and exchanged at dearer tanks, then pruned at the true ones."""
        cost = np.where(self._is_refusal, np.inf, guide)
        cost[arcs[~self._is_refusal[arcs]]] = 0.0
        tree = pruned(richer, self._grower.grown(cost))
        return self._exchanged(tree, richer.task.cost)

    def _exchanged(self, tree: Ints, cost: Floats) -> Ints:
        """The tree of the units it serves after key-path exchange, pruned."""
        served = tree[~self._is_refusal[tree]]
        return pruned(self._layers, self._grower.exchanged(served, np.where(self._is_refusal, np.inf, cost), _EXCHANGES))


def _at_dearer_tanks(layers: Layered, refusals: Ints, factor: float) -> Layered:
    """The same with tanks that cost so many times as much."""
    cost = layers.task.cost.copy()
    cost[refusals] *= factor
    gain = layers.gain.copy()
    at = np.flatnonzero(layers.feed >= 0)
    refusal = layers.tanks[layers.unit[at]]
    gain[at] = np.where(refusal >= 0, cost[refusal] - cost[layers.feed[at]], np.inf)
    return layers._replace(task=layers.task._replace(cost=cost), gain=gain)


def pruned(layers: Layered, arcs: Ints) -> Ints:
    """The best part of a tree; units outside it keep their tanks. A unit passed twice counts where it is worth more."""
    task, unit = layers.task, layers.unit
    ways = arcs[layers.node[task.head[arcs]] >= 0]
    head = task.head[ways]
    place = np.full(task.nodes, -1, dtype=np.int64)
    place[head] = np.arange(len(ways))
    gain = np.zeros(len(ways))
    first = _served_at(layers, head)
    gain[place[first]] = layers.gain[first]
    is_kept = worth_keeping(place[task.tail[ways]], task.cost[ways], gain)
    at = _served_at(layers, head[is_kept])
    refusals = layers.tanks.copy()
    refusals[unit[at]] = -1
    return np.sort(np.concatenate([ways[is_kept], layers.feed[at], refusals[refusals >= 0]]))


def _served_at(layers: Layered, nodes: Ints) -> Ints:
    """Of some nodes those at which units are served: one for every unit, where it gains most."""
    nodes = nodes[layers.feed[nodes] >= 0]
    unit = layers.unit[nodes]
    order = np.lexsort((nodes, layers.task.cost[layers.feed[nodes]], unit))
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = np.diff(unit[order]) != 0
    return nodes[order[is_first]]


def tree_of(layers: Layered, decision: Zoned, entry_kind: Ints, arcs: int) -> Ints:
    """The tree nearest to a decision: along its arcs and places of delivery, as far as the layers have them."""
    task, graph = layers.task, layers.graph
    kind = layers.kind[task.head]
    usable = (layers.chain < 0) & (layers.entry < 0)
    refusals = layers.tanks[decision.is_served]
    usable[refusals[refusals >= 0]] = False
    is_open = np.zeros(len(entry_kind), dtype=np.bool_)
    is_open[decision.entry[decision.entry >= 0]] = True
    at = np.flatnonzero(layers.entry >= 0)
    usable[at] = is_open[layers.entry[at]]
    steps, of = graph.expand(np.arange(len(graph.tail)))
    for k in np.unique(decision.arc_kind).tolist():
        is_used = np.zeros(arcs, dtype=np.bool_)
        is_used[decision.arcs[decision.arc_kind == k]] = True
        is_whole = np.bincount(of, ~is_used[steps], len(graph.tail)) == 0
        at = np.flatnonzero((layers.chain >= 0) & (kind == k))
        usable[at] = is_whole[layers.chain[at]]
    return tree_along(task, usable)


def decided(problem: Prizes, layers: Layered, arcs: Ints) -> Zoned:
    """The decision a tree stands for; what it costs is not said.

    A unit passed in two copies is left in that of the lower price of flow, with all that lies behind it in the other.
    """
    task = layers.task
    ways = arcs[layers.node[task.head[arcs]] >= 0]
    head = task.head[ways]
    kind, node, unit = layers.kind[head].copy(), layers.node[head], layers.unit[head]
    place = np.full(task.nodes, -1, dtype=np.int64)
    place[head] = np.arange(len(ways))
    above = place[task.tail[ways]]
    is_used = np.ones(len(ways), dtype=np.bool_)
    price = problem.kind_yen_per_m3_per_d
    while len(twice := _twice(unit, is_used)):
        rows = np.flatnonzero(is_used & (unit == twice[0]))
        rows = rows[np.lexsort((kind[rows], price[kind[rows]]))]
        _merge(rows[0], rows[1], above, kind, node, is_used)
    entry = layers.entry[ways][root_of(above)]
    served = np.full(len(problem.unit_node), -1, dtype=np.int64)
    here = is_used & (unit >= 0)
    served[unit[here]] = entry[here]
    chains = np.flatnonzero(is_used & (layers.chain[ways] >= 0))
    steps, of = layers.graph.expand(layers.chain[ways[chains]])
    step_kind = kind[chains][of]
    order = np.lexsort((steps, step_kind))
    return Zoned(np.nan, np.nan, False, served, steps[order], step_kind[order])


def _twice(unit: Ints, is_used: Bools) -> Ints:
    """Units passed more than once, rising."""
    some, count = np.unique(unit[is_used & (unit >= 0)], return_counts=True)
    return np.asarray(some[count > 1])


def _merge(to: int, gone: int, above: Ints, kind: Ints, node: Ints, is_used: Bools) -> None:
    """Hang what lies behind entry ``gone`` of a forest on ``to``, at the same node in another copy; changes the arrays."""
    moved = np.flatnonzero(behind(above, gone) & is_used)
    there = np.flatnonzero(is_used & (kind == kind[to]))
    there = there[np.argsort(node[there], kind="stable")]
    at = np.minimum(np.searchsorted(node[there], node[moved]), len(there) - 1)
    is_there = node[there[at]] == node[moved]
    is_used[moved[is_there]] = False
    stands_for = np.arange(len(above))
    stands_for[moved[is_there]] = there[at[is_there]]
    left = moved[~is_there]
    kind[left] = kind[to]
    above[:] = np.where(above >= 0, stands_for[above], -1)
