"""Limits of flow of places of delivery: what they add to the bound, and decisions made to keep them.

A price on the flow to a limited kind, the same for all, gives a bound: the least zoning at that price, less the price times
what the kind takes (Lagrange; Held and Karp 1971 for the steps by which prices are found). Decisions met at these prices are
cut back to the limits, and the cheapest is kept. What is left open is closed by the programme over directed cuts with the
limits as rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, vstack

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.layering import Layered
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.prize_problem import SERVED, Prizes, Zoned, cost_of, roots_of

# Prices tried, and the share of the step that would close the gap at once.
_STEPS, _SHARE = 24, 0.8
# Flows may exceed a limit by this share: rounding.
_ROOM = 1.0 + 1e-9


class Priced(NamedTuple):
    """What prices on limited flows led to.

    Attributes
    ----------
    least_yen_per_yr : no decision within the limits costs less
    price : (k,) yen per m3/d and year that gave it
    best : the cheapest decision within the limits that was met, if any was
    """

    least_yen_per_yr: float
    price: Floats
    best: Zoned | None


def priced(given: Prizes, solve: Callable[[Prizes], Zoned], start: Zoned | None, equal: float) -> Priced:
    """Raise the bound step by step, until it and the cheapest decision differ by the share ``equal`` only.

    ``solve`` finds a decision that need not keep limits, and its bound.
    """
    limits = given.kind_most_m3_per_d
    is_limited = np.isfinite(limits)
    price = np.zeros(len(limits))
    found = Priced(-math.inf, price, start)
    share = _SHARE
    for _ in range(_STEPS):
        met = solve(given._replace(kind_yen_per_m3_per_d=given.kind_yen_per_m3_per_d + price))
        least = met.least_yen_per_yr - float(price[is_limited] @ limits[is_limited])
        if least > found.least_yen_per_yr:
            found = found._replace(least_yen_per_yr=least, price=price)
        else:
            share *= 0.7
        within = fitted(given, met)
        if within is not None and (found.best is None or cost_of(given, within) < cost_of(given, found.best)):
            found = found._replace(best=within)
        over = np.where(is_limited, flow_of(given, met.entry) - limits, 0.0)
        over[(price <= 0.0) & (over < 0.0)] = 0.0
        upper = cost_of(given, found.best) if found.best is not None else met.yen_per_yr + float(np.abs(over) @ price)
        if not over.any() or (found.best is not None and upper - found.least_yen_per_yr <= equal * abs(upper)):
            break
        step = share * max(upper - least, equal * abs(upper)) / float(over @ over)
        price = np.maximum(price + step * over, 0.0)
    return found


def flow_of(given: Prizes, entry: Ints) -> Floats:
    """Flow to every kind."""
    served = np.flatnonzero(entry >= 0)
    kinds = len(given.kind_yen_per_m3_per_d)
    return np.bincount(given.entry_kind[entry[served]], given.flow_m3_per_d[served], kinds).astype(np.float64)


def fitted(given: Prizes, decision: Zoned) -> Zoned | None:
    """The decision cut back to the limits, branches first that lose least for their flow; None if that cannot be."""
    entry, arcs, kind = decision.entry.copy(), decision.arcs, decision.arc_kind
    n = given.nodes
    unit_at = np.full(n, -1, dtype=np.int64)
    unit_at[given.unit_node] = np.arange(len(given.unit_node))
    while True:
        over = flow_of(given, entry) - given.kind_most_m3_per_d * _ROOM
        if (over <= 0.0).all():
            return decision._replace(entry=entry, arcs=arcs, arc_kind=kind)
        k = int(np.flatnonzero(over > 0.0)[0])
        mine, used = np.flatnonzero(kind == k), np.unique(entry[entry >= 0])
        used = used[given.entry_kind[used] == k]
        node = np.concatenate([given.entry_node[used], given.head[arcs[mine]]])
        place = np.zeros(n, dtype=np.int64)
        place[node] = np.arange(len(node))
        above = np.concatenate([np.full(len(used), -1, dtype=np.int64), place[given.tail[arcs[mine]]]])
        paid = np.concatenate([given.entry_yen_per_yr[used], given.cost_yen_per_yr[arcs[mine]]])
        branch = _least_loss(given, k, above, paid, unit_at[node], float(over[k]))
        if branch < 0:
            return None
        gone = _behind(above, branch)
        units = unit_at[node[gone]]
        entry[units[units >= 0]] = -1
        keep = np.ones(len(arcs), dtype=np.bool_)
        keep[mine[gone[len(used) :]]] = False
        arcs, kind = arcs[keep], kind[keep]


def _behind(above: Ints, branch: int) -> Bools:
    """The entries of a branch."""
    cut = above.copy()
    cut[branch] = -1
    return np.asarray(roots_of(cut) == branch)


def _least_loss(given: Prizes, kind: int, above: Ints, paid: Floats, unit: Ints, over: float) -> int:
    """The branch that loses least for every m3/d of what is too much; -1 if all that have flow must stay."""
    is_unit = unit >= 0
    serving = given.serving_yen_per_yr + given.kind_yen_per_m3_per_d[kind] * given.flow_m3_per_d
    saved = np.where(given.side == SERVED, np.inf, given.tanks_yen_per_yr - serving)
    loss = np.where(is_unit, saved[unit], 0.0) - paid
    flow = np.where(is_unit, given.flow_m3_per_d[unit], 0.0)
    for some in reversed(from_roots(above)):
        np.add.at(loss, above[some], loss[some])
        np.add.at(flow, above[some], flow[some])
    may = np.flatnonzero((flow > 0.0) & np.isfinite(loss))
    if len(may) == 0:
        return -1
    rate = loss[may] / np.minimum(flow[may], over)
    return int(may[np.lexsort((may, flow[may], rate))[0]])


def limit_rows(given: Prizes, layers: Layered, task: Arborescence, arcs: Ints) -> csr_matrix:
    """Rows over the arcs of a task, which are ``arcs`` of the layers, that are at most 1.

    One for the flow of every kind with a limit, as a share of it, and one for the copies of every unit.
    """
    m = len(arcs)
    node = layers.task.head[arcs]
    into = np.flatnonzero((layers.node[node] >= 0) & (layers.unit[node] >= 0))
    unit, kind = layers.unit[node[into]], layers.kind[node[into]]
    limit = given.kind_most_m3_per_d * _ROOM
    limited = (np.isfinite(limit) & (limit > 0.0))[kind]
    share = given.flow_m3_per_d[unit[limited]] / limit[kind[limited]]
    flows = csr_matrix((share, (kind[limited], into[limited])), shape=(len(limit), m))
    copies = csr_matrix((np.ones(len(into)), (unit, into)), shape=(len(given.unit_node), m))
    rows: csr_matrix = vstack([flows, copies], format="csr")
    return csr_matrix(rows[np.diff(rows.indptr) > 1])  # one arc alone is within the limit
