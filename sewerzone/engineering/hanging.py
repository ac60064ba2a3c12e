"""Units hung on networks that are there: the ways that join them, apart from the network they lead to.

A network that many units are tried with is looked at once: the cheapest ways to it from everywhere are known then, and a unit
costs only its own neighbourhood.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Ints
from sewerzone.engineering.networks import (
    Ground,
    Loads,
    Members,
    closed_nets,
    concat,
    entries,
    offsets_of,
    segments,
    take,
    terminals,
    tree_of,
)
from sewerzone.engineering.paths import cost_to
from sewerzone.engineering.steiner import Trees, grown
from sewerzone.engineering.trees import net_of

FEW_NODES = 1_000
"""Networks of no more nodes are searched from anew for every unit; so are those that few units are hung on."""
_FEW_UNITS = 4


class Hung(NamedTuple):
    """What joins: trees whose roots lie on networks, and whether they reach all that joins."""

    trees: Trees
    is_reached: Bools


def hung(
    ground: Ground, loads: Loads, bases: Sequence[Trees], of: Ints, joining: Members, slope_weight: Ints, is_shared: bool
) -> Hung:  # fmt: skip
    """Ways that hang ``joining`` i on the network ``bases[of[i]]``, to the nearest of its nodes.

    Every joining unit is routed with its own ``slope_weight`` (an index). ``is_shared``: the ways to large networks are worked
    out once for all that is hung on them; of equal ways others may be taken.
    """
    offsets, nodes = terminals(loads, joining)
    is_large = np.array([is_shared and len(b.node) > FEW_NODES for b in bases], dtype=bool)
    shared = is_large & (np.bincount(of, minlength=len(bases)) > _FEW_UNITS)
    out, index = [], []
    missed_any = np.zeros(len(of), bool)
    for k, net in enumerate(closed_nets(ground)):
        mine = slope_weight == k
        batches = [np.flatnonzero(mine & ~shared[of])]
        batches += [np.flatnonzero(mine & (of == b)) for b in np.flatnonzero(shared)]
        for pick in batches:
            if not len(pick):
                continue
            ends, at = offsets_of(np.diff(offsets)[pick]), segments(offsets[pick], offsets[pick + 1])
            if shared[of[pick[0]]]:
                base = np.sort(bases[of[pick[0]]].node)
                ways = net_of(ground.graph, net.cost, *cost_to(ground.graph, net.cost, base, asked=nodes[at]))
                part = grown(ground.graph, ways, (ends, nodes[at], np.zeros(len(ends), np.int64), base[:0]))
            else:
                roots = [bases[b].node for b in of[pick]]
                counts = np.array([len(r) for r in roots])
                part = grown(ground.graph, net, (ends, nodes[at], offsets_of(counts), np.concatenate(roots)))
            missed_any[pick[np.searchsorted(ends, part.missed, side="right") - 1]] = True
            out.append(part)
            index.append(pick)
    order = np.argsort(np.concatenate(index), kind="stable") if index else np.empty(0, np.int64)
    return Hung(take(concat(out), order), ~missed_any)


def joined(bases: Sequence[Trees], of: Ints, more: Trees, nodes: int) -> Trees:
    """The networks ``bases[of[i]]`` with the ways of ``more`` i, which are hung on them; ``nodes`` is their number."""
    base = take(concat(list(bases)), of)
    base_tree, more_tree = tree_of(base), tree_of(more)
    is_new = more.parent >= 0
    host = entries(base, more.offsets, more.node, nodes)
    place = np.where(is_new, len(base.node) + np.cumsum(is_new) - 1, host)
    node = np.concatenate([base.node, more.node[is_new]])
    parent = np.concatenate([base.parent, place[more.parent[is_new]]])
    edge = np.concatenate([base.arc_edge, more.arc_edge[is_new]])
    tree = np.concatenate([base_tree, more_tree[is_new]])
    by_tree = np.argsort(tree, kind="stable")
    new_place = np.empty(len(tree), np.int64)
    new_place[by_tree] = np.arange(len(tree))
    parent = parent[by_tree]
    parent = np.where(parent < 0, -1, new_place[parent])
    offsets = offsets_of(np.bincount(tree, minlength=len(base.offsets) - 1))
    return Trees(offsets, node[by_tree], parent, edge[by_tree], np.empty(0, np.int64), base.cost + more.cost)


def unite(one: Members, other: Members) -> Members:
    """Network by network the units of both."""
    groups = [
        np.sort(np.concatenate([one.units[a:b], other.units[c:d]]))
        for (a, b), (c, d) in zip(pairwise(one.offsets), pairwise(other.offsets), strict=True)
    ]
    return Members.of(groups)
