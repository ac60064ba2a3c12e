"""Networks along given ways: what a decision of the zoning problem would build, laid and priced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sewerzone.engineering.forest import Ints
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, price, terminals
from sewerzone.engineering.paths import road_graph
from sewerzone.engineering.steiner import grow_trees


def grown_along(ground: Ground, loads: Loads, members: Members, roots: list[Ints], ways: list[Ints]) -> Priced:
    """For every network the tree from its roots to its units' houses along its own ways alone; t networks.

    Parameters
    ----------
    roots : nodes each may drain to
    ways : arcs of the road graph, each in one of its directions, which a network may use in both
    """
    graph, nodes = ground.graph, ground.nodes
    arcs = np.concatenate(ways) if ways else np.empty(0, np.int64)
    network = np.repeat(np.arange(len(ways)), [len(w) for w in ways])
    offsets, house = terminals(loads, members)
    of_house = np.repeat(np.arange(len(ways)), np.diff(offsets))
    ends = network * nodes + graph.row[arcs], network * nodes + graph.neighbour[arcs]
    counts = [len(r) for r in roots]
    root = np.repeat(np.arange(len(ways)), counts) * nodes + (np.concatenate(roots) if roots else arcs)
    houses = of_house * nodes + house
    copies = np.unique(np.concatenate([*ends, root, houses]))  # a network's ways are no others': each has nodes of its own
    tail, head = (np.searchsorted(copies, end) for end in ends)
    there = road_graph(len(copies), tail, head, graph.length_m[arcs])
    arc = arcs[there.edge]
    arc = np.where(graph.row[arc] == copies[there.row] % nodes, arc, graph.reverse[arc])
    nowhere = np.full(len(copies), np.inf), np.full(len(copies), -1, np.int64)
    outlets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), np.searchsorted(copies, root)
    trees = grow_trees(there, ground.arc_costs[0][arc], offsets, np.searchsorted(copies, houses), *outlets, *nowhere)
    edge = np.where(trees.parent >= 0, graph.edge[arcs][trees.arc_edge], -1)
    trees = replace(trees, node=copies[trees.node] % nodes, arc_edge=edge, missed=np.empty(0, np.int64))
    return price(ground, trees, loads, members, np.zeros(len(ways), np.int64))
