"""Which branches of a tree pay: strong pruning, exact for the tree it is given (Klau et al. 2004).

From the leaves to the roots, what a branch gains is its own gain and that of those of its branches that gain more than the
way to them costs; the others go.
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.heap import lean_kernel


def worth_keeping(above: Ints, cost: Floats, gain: Floats) -> Bools:
    """Nodes of the best part of a forest that holds with every node the one above it.

    Parameters
    ----------
    above : (n,) node the way to a node comes from, -1 at roots
    cost : (n,) of the way to the node, at roots of having the root at all
    gain : (n,) what reaching the node saves; infinite if it must be reached
    """
    value, is_kept = gain - cost, np.zeros(len(above), dtype=np.bool_)
    waiting, line = np.bincount(above[above >= 0], minlength=len(above)), np.empty(len(above), dtype=np.int64)
    _prune(np.ascontiguousarray(above, dtype=np.int64), value, waiting, line, is_kept)
    return is_kept


@lean_kernel
def _prune(above: Ints, value: Floats, waiting: Ints, line: Ints, is_kept: Bools) -> None:
    """Leaves first: a node is in line once all nodes behind it, of which it is ``waiting`` for so many, have been looked at."""
    done, last = 0, 0
    for v in range(len(above)):
        if waiting[v] == 0:
            line[last] = v
            last += 1
    while done < last:
        v = line[done]
        done += 1
        a = above[v]
        if a >= 0:
            if value[v] > 0.0:
                value[a] += value[v]
            waiting[a] -= 1
            if waiting[a] == 0:
                line[last] = a
                last += 1
    for i in range(last - 1, -1, -1):
        v = line[i]
        is_kept[v] = value[v] > 0.0 and (above[v] < 0 or is_kept[above[v]])


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
