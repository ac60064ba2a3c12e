"""Every network on a copy of its own of the roads round it, so that networks searched together do not meet.

Costs changed for one network change nothing for another: what comes out for a network does not depend on which others
are searched in the same call.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.networks import Ground, Loads, Members, segments, terminals, tree_of
from sewerzone.engineering.paths import RoadGraph
from sewerzone.engineering.remembered import remembered
from sewerzone.engineering.steiner import Trees

CELL_M = 150.0
"""A network's surroundings are the squares of this side it touches and those next to them: it has room for 150 to 300 m."""


class Surroundings(NamedTuple):
    """Copies of parts of the road graph, one per network, as one graph of separate parts.

    ``node`` (n,) is the node of the whole graph a copy stands for; ``key`` (n,) is network * nodes + node, rising.
    """

    ground: Ground
    node: Ints
    key: Ints

    def find(self, network: Ints, node: Ints, nodes: int) -> Ints:
        """Copies of nodes of the whole graph (of ``nodes`` nodes) in the surroundings of networks, -1 where outside."""
        wanted = network * nodes + node
        if not len(self.key):
            return np.full(len(wanted), -1, np.int64)
        at = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return np.where(self.key[at] == wanted, at, -1).astype(np.int64)


def surroundings(ground: Ground, trees: Trees, slope_weight: Ints) -> Surroundings:
    """The surroundings of every tree, with the arc costs of its own slope weight, ``slope_weight`` (t,) by index."""
    network, node = _near(ground, trees)
    key = network * ground.nodes + node
    count = np.diff(ground.graph.indptr)[node]
    arc = segments(ground.graph.indptr[node], ground.graph.indptr[node + 1])
    row = np.repeat(np.arange(len(node)), count)
    wanted = network[row] * ground.nodes + ground.graph.neighbour[arc]
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    is_inside = key[at] == wanted
    arc, row, at = arc[is_inside], row[is_inside], at[is_inside]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(node)))]).astype(np.int64)
    graph = RoadGraph(indptr, at.astype(np.int64), ground.graph.edge[arc], ground.graph.length_m[arc])
    part = replace(
        ground,
        graph=graph,
        x_m=ground.x_m[node],
        y_m=ground.y_m[node],
        ground_elev_m=ground.ground_elev_m[node],
        entry_m=ground.entry_m[node],
        arc_costs=(np.choose(slope_weight[network[row]], [cost[arc] for cost in ground.arc_costs]),),
    )
    return Surroundings(part, node, key)


def moved(trees: Trees, node: Ints) -> Trees:
    """The same trees over other numbers of their nodes."""
    return replace(trees, node=node)


def loads_there(there: Surroundings, ground: Ground, loads: Loads, members: Members) -> tuple[Loads, Members]:
    """The loads of every network on its copy of the roads; a network's members become units of their own."""
    offsets, node = terminals(loads, Members.single(members.units))
    at = segments(loads.offsets[members.units], loads.offsets[members.units + 1])
    network = np.repeat(np.arange(len(members.offsets) - 1), np.diff(members.offsets))
    copies = there.find(np.repeat(network, np.diff(offsets)), node, ground.nodes)
    own = Members(members.offsets, np.arange(len(members.units)))
    return Loads(offsets, copies, loads.flow_l_per_s[at], loads.flow_mean_m3_per_d[at], loads.dwellings[at]), own


def _near(ground: Ground, trees: Trees) -> tuple[Ints, Ints]:
    """Network and node of every node in the surroundings of every tree, in order."""
    cell, order, sorted_cell, width, cells = _squares(ground)
    touched = np.unique(tree_of(trees) * cells + cell[trees.node])
    steps = np.array([dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    wanted = np.unique(touched[:, None] + steps[None, :])
    first = np.searchsorted(sorted_cell, wanted % cells)
    last = np.searchsorted(sorted_cell, wanted % cells, side="right")
    node = order[segments(first, last)]
    network = np.repeat(wanted // cells, last - first)
    by_node = np.lexsort((node, network))
    return network[by_node], node[by_node]


@remembered
def _squares(ground: Ground) -> tuple[Ints, Ints, Ints, int, int]:
    """Square of every node, nodes by square, their squares, squares in a row and in all with a margin round them."""
    column, row = (_cells(values) for values in (ground.x_m, ground.y_m))
    width = int(column.max(initial=0)) + 3
    cell = (row + 1) * width + column + 1
    order = np.argsort(cell, kind="stable")
    return cell, order, cell[order], width, int(cell.max(initial=0)) + width + 2


def _cells(values_m: Floats) -> Ints:
    return np.asarray(np.floor((values_m - values_m.min(initial=np.inf)) / CELL_M), dtype=np.int64)
