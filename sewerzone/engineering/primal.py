"""Better trees of directed Steiner problems: the local search of the road graph's trees, arc by arc."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.exchange import exchange
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.paths import arcs_between, road_graph
from sewerzone.engineering.steiner import grow_on, grow_trees, improve
from sewerzone.engineering.trees import Net


def exchanged(task: Arborescence, arcs: Ints, rounds: int = 10) -> Ints:
    """The arcs of a tree after key-path exchange (``steiner.improve``), rising; it is no dearer than before."""
    if len(arcs) == 0:
        return arcs
    n = task.nodes
    graph = road_graph(n, task.tail, task.head, task.cost)
    place = task.tail * n + task.head
    order = np.lexsort((task.cost, place))
    at = np.minimum(np.searchsorted(place[order], graph.place), len(order) - 1)
    is_arc = place[order[at]] == graph.place
    arc = np.where(is_arc, order[at], -1)
    cost = np.where(is_arc, task.cost[arc], np.inf)
    in_tree = np.zeros(len(task.cost), dtype=np.bool_)
    in_tree[arcs] = True
    no_exit = np.full(n, np.inf), np.full(n, -1, dtype=np.int64)
    ends = np.array([0, len(task.terminals)]), task.terminals, np.array([0, 1]), np.array([task.root]), *no_exit
    tree = grow_trees(graph, np.where(is_arc & in_tree[arc], cost, np.inf), *ends)
    better = improve(graph, cost, tree, *ends, rounds=rounds)
    joined = better.parent >= 0
    step = arcs_between(graph, better.node[better.parent[joined]], better.node[joined])
    return np.sort(arc[step])


class Grower:
    """Trees of one problem at any costs of its arcs; what follows from the arcs alone is worked out once."""

    def __init__(self, task: Arborescence) -> None:
        n = task.nodes
        graph = road_graph(n, task.tail, task.head, task.cost)
        place = task.tail * n + task.head
        order = np.lexsort((task.cost, place))
        at = np.minimum(np.searchsorted(place[order], graph.place), max(0, len(order) - 1))
        is_arc = place[order[at]] == graph.place if len(order) else np.zeros(0, dtype=np.bool_)
        self._task, self._arc = task, np.where(is_arc, order[at], -1) if len(order) else np.zeros(0, dtype=np.int64)
        self._step = np.full(len(task.cost), -1, dtype=np.int64)
        self._step[self._arc[is_arc]] = np.flatnonzero(is_arc)
        none = np.full(n, -1, dtype=np.int64)
        parts = np.zeros(n, dtype=np.int64)
        self._net = Net(graph.indptr, graph.neighbour, graph.row, graph.reverse, task.cost, parts, np.full(n, np.inf), none)
        self._roots = np.array([0, 1]), np.array([task.root])

    def grown(self, cost: Floats) -> Ints:
        """Arcs of a tree by the shortest-path heuristic, rising; infinite ``cost`` (m,) forbids.

        Terminals no way leads to are left out.
        """
        terminals = np.array([0, len(self._task.terminals)]), self._task.terminals
        _, _, _, step, _ = grow_on(self._priced(cost), *terminals, *self._roots)
        return np.sort(self._arc[step[step >= 0]])

    def exchanged(self, arcs: Ints, cost: Floats, rounds: int = 10) -> Ints:
        """The arcs of a tree after key-path exchange, rising; terminals not in the tree are left out of it."""
        head = self._task.head[arcs]
        terminals = np.intersect1d(head, self._task.terminals)
        groups = np.array([0, len(terminals)]), terminals, *self._roots
        node, step = np.concatenate([[self._task.root], head]), np.concatenate([[-1], self._step[arcs]])
        _, _, _, better = exchange(self._priced(cost), groups, np.array([0, len(node)]), node, step, rounds)
        return np.sort(self._arc[better[better >= 0]])

    def _priced(self, cost: Floats) -> Net:
        return self._net._replace(cost=np.where(self._arc >= 0, cost[self._arc], np.inf))
