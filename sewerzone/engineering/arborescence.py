"""The directed Steiner problem that bounds and exact solutions work on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import lean_kernel


class Arborescence(NamedTuple):
    """Join a root to all terminals by arcs of least total cost; n nodes, m arcs.

    Trees grow outward from the root: where an arc is used, sewage flows from its head to its tail. Costs may differ by
    direction; an undirected edge is two arcs.

    Attributes
    ----------
    nodes : n
    tail, head : (m,) ends of every arc, 0 … n - 1
    cost : (m,) finite, not negative
    root : the node all sewage flows to
    terminals : (k,) nodes to be joined, rising, without repeats and without the root
    """

    nodes: int
    tail: Ints
    head: Ints
    cost: Floats
    root: int
    terminals: Ints

    def leaving(self) -> tuple[Ints, Ints]:
        """Compressed rows of the arcs leaving every node: offsets (n + 1,), arcs (m,), rising within a node."""
        return _rows(self.tail, self.nodes)

    def arriving(self) -> tuple[Ints, Ints]:
        """Compressed rows of the arcs arriving at every node: offsets (n + 1,), arcs (m,), rising within a node."""
        return _rows(self.head, self.nodes)


def _rows(node: Ints, nodes: int) -> tuple[Ints, Ints]:
    offsets = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=nodes))]).astype(np.int64)
    order = np.empty(len(node), dtype=np.int64)
    _list(np.ascontiguousarray(node, dtype=np.int64), offsets[:-1].copy(), order)
    return offsets, order


@lean_kernel
def _list(node: Ints, place: Ints, order: Ints) -> None:
    """Every arc to the next ``place`` of its node."""
    for a in range(len(node)):
        order[place[node[a]]] = a
        place[node[a]] += 1
