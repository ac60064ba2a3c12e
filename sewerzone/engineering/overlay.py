"""Two zonings of the same units laid over one another: the parts within which they differ, and the cheaper of each."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone.engineering.forest import Ints
from sewerzone.engineering.groups import Group


def parts(one: list[Group], other: list[Group], units: int) -> Ints:
    """(units,) the part each unit lies in: units that either zoning treats together are in one; numbered by smallest unit."""
    groups = [g.units for g in (*one, *other)]
    row = np.concatenate([np.full(len(g), g[0]) for g in groups]) if groups else np.empty(0, np.int64)
    column = np.concatenate(groups) if groups else row
    joined = coo_matrix((np.ones(len(row)), (row, column)), shape=(units, units))
    label = connected_components(joined, directed=False)[1]
    _, first, part = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[part]


def part_sums(groups: list[Group], part: Ints) -> np.ndarray:
    """Yearly cost of the groups in every part."""
    at = np.array([part[g.units[0]] for g in groups], dtype=np.int64)
    return np.bincount(at, [g.yen_per_yr for g in groups], minlength=int(part.max(initial=-1)) + 1)


def cheaper(one: list[Group], other: list[Group], units: int, least_saving_yen: float) -> list[Group]:
    """In every part the cheaper of the two, ``one`` unless ``other`` saves something; by smallest unit."""
    part = parts(one, other, units)
    better = part_sums(other, part) < part_sums(one, part) - least_saving_yen
    out = [g for g in one if not better[part[g.units[0]]]] + [g for g in other if better[part[g.units[0]]]]
    return sorted(out, key=lambda g: int(g.units[0]))
