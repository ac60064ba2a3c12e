"""Shared ways off the road: houses far from their road reach it through neighbours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sewerzone.engineering.noding import Streets
from sewerzone.engineering.segments import Floats, Ints

Bools = NDArray[np.bool_]

NEIGHBOURS = 8
"""Nearest neighbours of a far house that are offered; a shortest tree rarely needs a farther one."""


class Ways(NamedTuple):
    """Pairs of houses (indices) that a straight way may join."""

    one: Ints
    other: Ints


NONE = Ways(np.empty(0, np.int64), np.empty(0, np.int64))


def candidates(house: Floats, distance_m: Floats, is_connected: Bools, over_m: float, reach_m: float) -> Ways:
    """Pairs worth offering: a house farther than ``over_m`` from its road, and a neighbour nearer than the road.

    ``house`` (n, 2) places, ``distance_m`` (n,) to the road, ``reach_m`` the longest way. Pairs ascend and are unique.
    """
    there = np.flatnonzero(is_connected)
    far = there[distance_m[there] > over_m]
    if not len(far):
        return NONE
    count = min(NEIGHBOURS + 1, len(there))
    gap, at = cKDTree(house[there]).query(house[far], k=np.arange(1, count + 1), distance_upper_bound=reach_m)
    gap, at = np.ravel(gap), np.ravel(at)
    found = np.isfinite(gap)
    one, other, gap = np.repeat(far, count)[found], there[at[found]], gap[found]
    useful = (one != other) & (gap < np.maximum(distance_m[one], distance_m[other]))
    pairs = np.unique(np.sort(np.column_stack([one, other])[useful], axis=1), axis=0)
    return Ways(np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]))


def add(streets: Streets, house: Floats, foot_node: Ints, ways: Ways, road: int) -> tuple[Streets, Ints]:
    """The streets with the ways and the laterals of all houses on them as segments of ``road``, not yet tidy.

    Returns them with each house's node: its own place if a way touches it, its foot on the road otherwise.
    """
    if not len(ways.one):
        return streets, foot_node
    involved = np.unique(np.concatenate([ways.one, ways.other]))
    first = len(streets.x_m)
    node = foot_node.copy()
    node[involved] = first + np.arange(len(involved))
    start = np.concatenate([streets.start, node[involved], node[ways.one]])
    end = np.concatenate([streets.end, foot_node[involved], node[ways.other]])
    ranks = np.full(len(involved) + len(ways.one), road, dtype=streets.road.dtype)
    return Streets(
        np.concatenate([streets.x_m, house[involved, 0]]),
        np.concatenate([streets.y_m, house[involved, 1]]),
        np.concatenate([streets.is_end, np.zeros(len(involved), bool)]),
        start,
        end,
        np.concatenate([streets.road, ranks]),
    ), node
