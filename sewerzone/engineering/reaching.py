"""The least cost of serving so many: packages with all that lie downstream of them, and what may be had in part besides."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from sewerzone.engineering.forest import Bools, Floats, Ints

MOST_PACKAGES = 3_000
"""Of more nothing is solved."""
MOST_NODES = 500
"""Nodes of the search: a limit that is the same on every machine."""
_TINY = 1e-9


class Reached(NamedTuple):
    """Which packages (n,) are taken, and how much of each part (k,)."""

    is_taken: Bools
    share: Floats


def cheapest(worth: Floats, cost: Floats, below: Ints, part_worth: Floats, part_cost: Floats, wanted: float) -> Reached | None:
    """The cheapest packages and parts that are worth ``wanted`` together (HiGHS); None where nothing is found.

    Parameters
    ----------
    worth, cost : (n,) of packages, taken whole
    below : (n,) package that must be taken with it, -1: none
    part_worth, part_cost : (k,) of what may be taken in part
    """
    n, k = len(worth), len(part_worth)
    scale = max(float(cost.sum() + part_cost.sum()), _TINY)
    if n > MOST_PACKAGES or float(worth.sum() + part_worth.sum()) < wanted * (1.0 - _TINY):
        return None
    up = np.flatnonzero(below >= 0)
    at = np.arange(len(up))
    entries = np.concatenate([np.ones(len(up)), -np.ones(len(up))])
    first = sparse.csr_array((entries, (np.tile(at, 2), np.concatenate([up, below[up]]))), shape=(len(up), n + k))
    whole = sparse.csr_array(np.concatenate([worth, part_worth])[None, :] / max(wanted, _TINY))
    found = milp(
        np.concatenate([cost, part_cost]) / scale, integrality=np.append(np.ones(n), np.zeros(k)), bounds=Bounds(0.0, 1.0),
        constraints=[LinearConstraint(first, -np.inf, 0.0), LinearConstraint(whole, 1.0, np.inf)],
        options={"node_limit": MOST_NODES, "mip_rel_gap": 0.0},
    )  # fmt: skip
    if found.x is None:
        return None
    return Reached(found.x[:n] > 0.5, np.clip(found.x[n:], 0.0, 1.0))
