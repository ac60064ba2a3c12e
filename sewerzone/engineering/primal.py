"""Better trees of directed Steiner problems: the local search of the road graph's trees, arc by arc."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.exchange import exchange
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.steiner import grow_from
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
    single = np.setdiff1d(back, place)
    order = np.argsort(np.concatenate([place, single]), kind="stable")
    place = np.concatenate([place, single])[order]
    arc = np.concatenate([arc, np.full(len(single), -1)])[order]
    row, neighbour = np.divmod(place, n)
    reverse = np.searchsorted(place, neighbour * n + row)
    cost = np.where(arc >= 0, task.cost[arc], np.inf)
    return closed_net(np.searchsorted(row, np.arange(n + 1)), neighbour, row, reverse, cost), arc
