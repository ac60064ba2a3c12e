"""The road graph cut down to what a zoning can use: dead ends without sewage go, ways without a choice become one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.networks import segments
from sewerzone.engineering.paths import RoadGraph


class Chains(NamedTuple):
    """Arcs between the nodes that stay; c chains over m arcs of the road graph.

    Attributes
    ----------
    of_arc : (m,) chain on which an arc lies, in its direction; -1 for none
    tail, head : (c,) its ends, nodes of the road graph; like the arcs (row, neighbour), sewage flows from head to tail
    """

    of_arc: Ints
    tail: Ints
    head: Ints

    def sums(self, by_arc: Floats) -> Floats:
        """(c, p) sums over the arcs of every chain of what is given (m, p) by arc."""
        sums = np.zeros((len(self.tail), by_arc.shape[1]))
        _add(self.of_arc, np.ascontiguousarray(by_arc, dtype=np.float64), sums)
        return sums


@lean_kernel
def _add(chain: Ints, values: Floats, sums: Floats) -> None:
    for i in range(len(chain)):
        if chain[i] >= 0:
            for k in range(sums.shape[1]):
                sums[chain[i], k] += values[i, k]


def without_dead_ends(graph: RoadGraph, usable: Bools, kept: Bools) -> Bools:
    """(m,) the usable arcs that are left when ends of ways at which nothing is to be ``kept`` (n,) are cut back."""
    left = usable & usable[graph.reverse]
    degree = np.bincount(graph.row[left], minlength=len(graph))
    ends = np.flatnonzero((degree == 1) & ~kept)
    while len(ends):
        starts, stops = graph.indptr[ends], graph.indptr[ends + 1]
        arc = segments(starts, stops)
        arc = arc[left[arc]]
        left[arc], left[graph.reverse[arc]] = False, False
        degree[graph.row[arc]] = 0
        np.subtract.at(degree, graph.neighbour[arc], 1)
        ends = np.unique(graph.neighbour[arc])
        ends = ends[(degree[ends] == 1) & ~kept[ends]]
    return left


def chains(graph: RoadGraph, usable: Bools, kept: Bools) -> Chains:
    """Chains of usable arcs (given in both directions) between nodes that are ``kept`` or where more than two ways meet."""
    count = len(usable)
    row, neighbour, reverse = graph.row, graph.neighbour, graph.reverse
    degree = np.bincount(row[usable], minlength=len(graph))
    stays = kept | (degree != 2)
    arcs = np.flatnonzero(usable)
    first, last = np.full(len(graph), -1, np.int64), np.full(len(graph), -1, np.int64)
    first[row[arcs[::-1]]] = arcs[::-1]
    last[row[arcs]] = arcs
    through = arcs[~stays[neighbour[arcs]]]
    middle = neighbour[through]
    follows = np.full(count, -1, np.int64)
    follows[through] = np.where(first[middle] == reverse[through], last[middle], first[middle])
    starts = arcs[stays[row[arcs]]]  # rings on which nothing stays have none
    ends, number, of_arc = starts.copy(), np.full(len(starts), -1, np.int64), np.full(count, -1, np.int64)
    _walk(follows, starts, number, ends, of_arc)
    found = np.flatnonzero(row[starts] != neighbour[ends])
    found = found[np.argsort(ends[found])]
    number[found] = np.arange(len(found))
    _walk(follows, starts, number, ends, of_arc)
    return Chains(of_arc, row[starts[found]], neighbour[ends[found]])


@lean_kernel
def _walk(follows: Ints, starts: Ints, number: Ints, ends: Ints, of_arc: Ints) -> None:
    """Follow every way from where it starts: its last arc, and its ``number`` to all of its arcs."""
    for k in range(len(starts)):
        arc = starts[k]
        of_arc[arc] = number[k]
        while follows[arc] >= 0:
            arc = follows[arc]
            of_arc[arc] = number[k]
        ends[k] = arc
