"""Parts of networks: what is left of trees without some of their loads, and loads that lie beside one another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.networks import tree_of
from sewerzone.engineering.trees import Trees


class Strips(NamedTuple):
    """Loads that lie beside one another: ``strip`` (loads,) numbers them from 0, -1 where not asked for; ``alone`` (s, p)
    sums what is given of ways over those that carry the sewage of one strip only."""

    strip: Ints
    alone: Floats


def trimmed(trees: Trees, place: Ints) -> Trees:
    """The trees as far as they lead to the loads at these entries."""
    return part_of(trees, leading(trees, place) | (trees.parent < 0))


def leading(trees: Trees, place: Ints) -> Bools:
    """Entries of the trees on the ways from these entries down."""
    is_on = np.zeros(len(trees.node), bool)
    is_on[place] = True
    for row in reversed(from_roots(trees.parent)):
        is_on[trees.parent[row[is_on[row]]]] = True
    return is_on


def part_of(trees: Trees, is_kept: Bools) -> Trees:
    """The trees without some of their entries; with an entry all below it stay."""
    number = np.cumsum(is_kept) - 1
    counts = np.bincount(tree_of(trees)[is_kept], minlength=len(trees.offsets) - 1)
    parent = trees.parent[is_kept]
    return Trees(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), trees.node[is_kept],
        np.where(parent < 0, -1, number[parent]), trees.arc_edge[is_kept], np.empty(0, np.int64), trees.cost,
    )  # fmt: skip


def strips(trees: Trees, ways: Floats, place: Ints, label: Ints, is_wanted: Bools) -> Strips:
    """Loads of one label that lie beside one another along the trees, or on one branch that serves none but those wanted.

    Parameters
    ----------
    ways : (k, p) what is given of the way from every entry of the trees to its parent
    place : (loads,) entry at which each load lies
    label : (loads,) loads of different labels are never in one strip
    is_wanted : (loads,) which loads to look at
    """
    count = len(trees.node)
    rows = from_roots(trees.parent)
    is_load, others = np.zeros(count, bool), np.zeros(count, np.int64)
    is_load[place] = True
    np.add.at(others, place[~is_wanted], 1)
    is_wanted_at = np.zeros(count, bool)
    is_wanted_at[place[is_wanted]] = True
    behind = others.copy()
    for row in reversed(rows):
        np.add.at(behind, trees.parent[row], behind[row])
    below = np.full(count, -1, np.int64)  # the next entry downstream with a load
    for row in rows:
        up = trees.parent[row]
        below[row] = np.where(is_load[up], up, below[up])
    is_inside = is_wanted_at | ((behind == 0) & (trees.parent >= 0))
    one = np.flatnonzero(is_inside & (trees.parent >= 0))
    one = one[is_inside[trees.parent[one]]]
    other = np.flatnonzero(is_wanted_at & (below >= 0))
    other = other[is_wanted_at[below[other]]]
    start, end = np.concatenate([one, other]), np.concatenate([trees.parent[one], below[other]])
    _, part = connected_components(coo_matrix((np.ones(len(start)), (start, end)), shape=(count, count)), directed=False)
    at = np.flatnonzero(is_wanted)
    _, number = np.unique(np.stack([label[at], part[place[at]]]), axis=1, return_inverse=True)
    strip = np.full(len(place), -1, np.int64)
    strip[at] = np.reshape(number, -1)
    return Strips(strip, _alone(trees, rows, ways, place, strip))


def _alone(trees: Trees, rows: list[Ints], ways: Floats, place: Ints, strip: Ints) -> Floats:
    """(s, p) sums over ways that carry the sewage of one strip only."""
    count = int(strip.max(initial=-1)) + 1
    least, most = np.full(len(trees.node), count, np.int64), np.full(len(trees.node), -1, np.int64)
    np.minimum.at(least, place, strip)  # -1, of loads not asked for, is alone with nobody
    np.maximum.at(most, place, strip)
    for row in reversed(rows):
        np.minimum.at(least, trees.parent[row], least[row])
        np.maximum.at(most, trees.parent[row], most[row])
    only = (least == most) & (least >= 0) & (trees.parent >= 0)
    out = np.zeros((count, ways.shape[1]))
    np.add.at(out, most[only], ways[only])
    return out
