"""Better trees of directed Steiner problems: the local search of the road graph's trees, arc by arc."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.paths import arcs_between, road_graph
from sewerzone.engineering.steiner import grow_trees, improve


def exchanged(task: Arborescence, arcs: Ints, rounds: int = 10) -> Ints:
    """The arcs of a tree after key-path exchange (``steiner.improve``), rising; it is no dearer than before."""
    if len(arcs) == 0:
        return arcs
    n = task.nodes
    graph = road_graph(n, task.tail, task.head, task.cost)
    place = task.tail * n + task.head
    order = np.lexsort((task.cost, place))
    wanted = graph.row * n + graph.neighbour
    at = np.minimum(np.searchsorted(place[order], wanted), len(order) - 1)
    is_arc = place[order[at]] == wanted
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
