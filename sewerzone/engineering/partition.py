"""The cheapest way to part things into groups, where some groups are known with their costs.

Every thing lies in exactly one of the groups chosen (set partitioning). Groups that have no thing in common decide nothing of
one another, so the programme falls into small ones, which HiGHS solves to the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_matrix, csr_matrix, vstack
from scipy.sparse.csgraph import connected_components

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.errors import NetworkError, problem

SLACK = 1e-9
"""Share by which a limit may be exceeded: sums round."""
WHOLE = 1e-9
"""Share of a group up to which a mixture counts as a choice: the cheapest one nearly always is one, and is found at once."""


def cheapest_partition(members: Sequence[Ints], yen: Floats, things: int, load: Floats, most: Floats) -> Ints:
    """Numbers of the groups chosen, rising: each of ``things`` is in one, and together they cost the least.

    Parameters
    ----------
    members : things of every group (g,); of groups of the same things the first of the cheapest is taken
    yen : (g,) what a group costs
    load : (g, k) what a group takes of each of k places
    most : (k,) what all groups together may take there
    """
    sizes = np.array([len(m) for m in members], dtype=np.int64)
    group = np.repeat(np.arange(len(members)), sizes)
    thing = np.concatenate(members).astype(np.int64) if len(members) else group
    loaded, place = np.nonzero(load)  # a place with a limit ties those together that use it, like a thing they have in common
    row, column = np.concatenate([group, loaded]), np.concatenate([thing, things + place])
    nodes = len(members) + things + len(most)
    joined = coo_matrix((np.ones(len(row)), (row, len(members) + column)), shape=(nodes, nodes))
    label = connected_components(joined, directed=False)[1]
    part = label[: len(members)]
    is_lone = np.bincount(part, sizes > 1, minlength=nodes) + np.bincount(part[loaded], minlength=nodes) == 0
    single = np.flatnonzero(is_lone[part])
    order = single[np.lexsort((single, yen[single], thing[np.cumsum(sizes) - sizes][single]))]
    first = thing[np.cumsum(sizes) - sizes][order]
    chosen = [order[np.r_[True, first[1:] != first[:-1]]] if len(order) else order]
    contains = csr_matrix((np.ones(len(group)), (thing, group)), shape=(things, len(members)))
    rest = np.flatnonzero(~is_lone[part])
    rest = rest[np.argsort(part[rest], kind="stable")]
    for at in np.split(rest, np.flatnonzero(np.diff(part[rest])) + 1) if len(rest) else []:
        chosen.append(at[_chosen(contains[:, at], yen[at], load[at], most)])
    return np.sort(np.concatenate(chosen))


def values(members: Sequence[Ints], yen: Floats, things: int) -> Floats:
    """(things,) what each thing costs in the cheapest mixture of choices, limits aside: its price in the relaxed programme.

    Together that is what the mixture costs, and no group costs less than its things do.
    """
    sizes = np.array([len(m) for m in members], dtype=np.int64)
    group = np.repeat(np.arange(len(members)), sizes)
    contains: Any = csr_matrix((np.ones(len(group)), (np.concatenate(members), group)), shape=(things, len(members)))
    found = linprog(yen, A_eq=contains, b_eq=np.ones(things), bounds=(0.0, None), method="highs-ds")
    if found.status != 0:
        raise NetworkError(
            problem(
                f"Zoning: no mixture of {len(yen)} groups serves every unit ({found.message})",
                "every unit must be treated in one way",
                "report this with the study",
            )
        )
    return np.asarray(found.eqlin.marginals, dtype=np.float64)


def _chosen(contains: csr_matrix, yen: Floats, load: Floats, most: Floats) -> Bools:
    """(g,) the groups taken, one over another in what they have in common."""
    inside: Any = contains[np.flatnonzero(np.diff(contains.indptr))]
    rows, low, high = [inside], [np.ones(inside.shape[0])], [np.ones(inside.shape[0])]
    used = load.any(axis=0)
    if not used.any():
        mixed: Any = linprog(yen, A_eq=inside, b_eq=high[0], bounds=(0.0, None), method="highs-ds")
        if mixed.status == 0 and (np.minimum(mixed.x, 1.0 - mixed.x) < WHOLE).all():
            return np.asarray(mixed.x > 0.5)
    else:
        rows.append(csr_matrix(load[:, used].T))
        low.append(np.full(int(used.sum()), -np.inf))
        high.append(most[used] * (1.0 + SLACK))
    found = milp(
        yen,
        constraints=LinearConstraint(vstack(rows) if len(rows) > 1 else inside, np.concatenate(low), np.concatenate(high)),
        integrality=np.ones(len(yen), np.int64),
        bounds=Bounds(0.0, 1.0),
        options={"mip_rel_gap": 0.0},
    )
    if found.status != 0:
        raise NetworkError(
            problem(
                f"Zoning: no choice among {len(yen)} groups serves every unit once within the limits of flow ({found.message})",
                "every unit must be treated in one way",
                "raise the limits, or report this with the study",
            )
        )
    return np.asarray(found.x > 0.5)
