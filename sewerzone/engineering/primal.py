"""Better trees of directed Steiner problems: the local search of the road graph's trees, arc by arc."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.exchange import exchange, scratch
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.steiner import grow_from, grow_one, work_for
from sewerzone.engineering.trees import Net, closed_net


def exchanged(task: Arborescence, arcs: Ints, rounds: int = 10) -> Ints:
    """The arcs of a tree after key-path exchange (``exchange``), rising; it is no dearer."""
    if len(arcs) == 0:
        return arcs
    net, arc = _both_ways(task)
    in_tree = np.zeros(len(task.cost) + 1, dtype=np.bool_)  # the last one for arcs that the problem does not have
    in_tree[arcs] = True
    down = grow_from(task.root, task.terminals, net.indptr, net.neighbour, np.where(in_tree[arc], net.cost, np.inf))
    ends = np.array([0, len(task.terminals)]), task.terminals, np.array([0, 1]), np.array([task.root])
    node, down = np.concatenate([[task.root], net.neighbour[down]]), np.concatenate([[-1], down])
    _, _, _, better = exchange(net, ends, np.array([0, len(node)]), node, down, rounds)
    return np.sort(arc[better[better >= 0]])


def _both_ways(task: Arborescence) -> tuple[Net, Ints]:
    """The arcs with one the other way for each, infinitely dear where the problem has none, and the problem's arc of each.

    Of arcs between the same nodes the cheapest stays.
    """
    n, place = task.nodes, task.tail * task.nodes + task.head
    arc = np.lexsort((task.cost, place))
    arc = arc[np.diff(place[arc], prepend=-1) != 0]
    place, back = place[arc], (task.head * n + task.tail)[arc]
    at = np.minimum(np.searchsorted(place, back), max(len(place) - 1, 0))
    single = np.sort(back[place[at] != back])
    order = np.argsort(np.concatenate([place, single]), kind="stable")
    place = np.concatenate([place, single])[order]
    arc = np.concatenate([arc, np.full(len(single), -1)])[order]
    row, neighbour = np.divmod(place, n)
    reverse = np.searchsorted(place, neighbour * n + row)
    cost = np.where(arc >= 0, task.cost[arc], np.inf)
    return closed_net(np.searchsorted(row, np.arange(n + 1)), neighbour, row, reverse, cost), arc


class Grower:
    """Trees of one problem at any costs of its arcs; what follows from the arcs alone is worked out once."""

    def __init__(self, task: Arborescence) -> None:
        self._task = task
        self._net, self._arc = _both_ways(task)
        is_arc = self._arc >= 0
        self._step = np.full(len(task.cost), -1, dtype=np.int64)
        self._step[self._arc[is_arc]] = np.flatnonzero(is_arc)
        self._growing, self._exchanging = work_for(task.nodes), scratch(task.nodes)

    def grown(self, cost: Floats) -> Ints:
        """Arcs of a tree by the shortest-path heuristic, rising; infinite ``cost`` (m,) forbids.

        Terminals no way leads to are left out.
        """
        task, net = self._task, self._priced(cost)
        return np.sort(self._arc[grow_one(net, task.root, task.terminals, self._growing)])

    def exchanged(self, arcs: Ints, cost: Floats, rounds: int = 10) -> Ints:
        """The arcs of a tree after key-path exchange, rising; terminals not in the tree are left out of it."""
        head = self._task.head[arcs]
        terminals = self._task.terminals[np.isin(self._task.terminals, head, kind="table")]
        ends = np.array([0, len(terminals)]), terminals, np.array([0, 1]), np.array([self._task.root])
        node, step = np.concatenate([[self._task.root], head]), np.concatenate([[-1], self._step[arcs]])
        offsets = np.array([0, len(node)])
        _, _, _, better = exchange(self._priced(cost), ends, offsets, node, step, rounds, self._exchanging)
        return np.sort(self._arc[better[better >= 0]])

    def _priced(self, cost: Floats) -> Net:
        return self._net._replace(cost=np.where(self._arc >= 0, cost[self._arc], np.inf))
