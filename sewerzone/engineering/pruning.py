"""Which branches of a tree pay: strong pruning, exact for the tree it is given (Klau et al. 2004).

From the leaves to the roots, what a branch gains is its own gain and that of those of its branches that gain more than the
way to them costs; the others go.
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.levels import from_roots


def worth_keeping(above: Ints, cost: Floats, gain: Floats) -> Bools:
    """Nodes of the best part of a forest that holds with every node the one above it.

    Parameters
    ----------
    above : (n,) node the way to a node comes from, -1 at roots
    cost : (n,) of the way to the node, at roots of having the root at all
    gain : (n,) what reaching the node saves; infinite if it must be reached
    """
    value = gain - cost
    rows = from_roots(above)
    for some in reversed(rows):
        pays = some[value[some] > 0.0]
        np.add.at(value, above[pays], value[pays])
    is_kept = value > 0.0
    for some in rows:
        is_kept[some] &= is_kept[above[some]]
    return np.asarray(is_kept)


def root_of(above: Ints) -> Ints:
    """The root of every node's tree."""
    root = np.where(above >= 0, above, np.arange(len(above)))
    while not np.array_equal(root[root], root):
        root = root[root]
    return root


def behind(above: Ints, node: int) -> Bools:
    """Whether a node is the one given or behind it."""
    cut = above.copy()
    cut[node] = -1
    return np.asarray(root_of(cut) == node)
