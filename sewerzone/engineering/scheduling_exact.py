"""The integer programme of years of construction (HiGHS): schedules, and a bound that none exceeds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from sewerzone.engineering.forest import Floats, Ints

MOST_EXACT = 1_500
"""Packages times years up to which it is worth solving."""
MOST_SIDE_BY_SIDE = 400
"""The same with shares of work in every year, which two caps need to be exact: a programme twice as large."""
MOST_RELAXED = 5_000
"""The same for the linear programme of both caps, of which only the bound is asked."""
MOST_NODES = 20
"""Nodes of its search: a limit that is the same on every machine."""
MOST_NODES_SMALL = 2_000
"""The same for programmes of up to ``MOST_SIDE_BY_SIDE``, which are solved to the end."""
_ROUNDED = 1e-7
"""To which HiGHS keeps its rows."""
_TINY = 1e-9


class Solved(NamedTuple):
    """``finished`` (n,) years; ``done`` (n, years) shares of work, None: one package after the other."""

    finished: Ints
    done: Floats | None


def solve(yen: Floats, ha: Floats, worth: Floats, below: Ints, cap_yen: Floats, cap_ha: Floats) -> tuple[list[Solved], float]:
    """Schedules (none where none was found) and the bound, infinite where nothing is limited.

    With one cap what is finished by every year need only have been paid for by then: whoever then works on one package
    after the other, in the order of their years, keeps the cap. With two caps that is a bound, and small programmes have the
    shares of work besides.
    """
    count, years = len(yen), len(cap_yen)
    limits = [(need, cap) for need, cap in ((yen, cap_yen), (ha, cap_ha)) if np.isfinite(cap).all()]
    is_small = count * years <= MOST_SIDE_BY_SIDE
    if not limits:
        return [], float("inf")
    has_shares = is_small and len(limits) > 1
    rows = _finished_stay(count, years) + _downstream_first(below, years, has_shares)
    if has_shares:
        rows += _shares_of_work(count, years, limits)
    else:
        for need, cap in limits:
            paid = np.maximum(np.cumsum(cap), _TINY)
            at = np.arange(count * years).reshape(count, years).T
            rows.append(([at], [need[None, :] / paid[:, None]], np.where(np.cumsum(cap) > 0.0, 1.0, 0.0)))
    size = count * years
    columns = 2 * size if has_shares else size
    matrix, most = _matrix(rows, columns)
    found = milp(
        np.append(-np.repeat(worth, years), np.zeros(columns - size)),
        integrality=np.append(np.ones(size), np.zeros(columns - size)), bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(matrix, -np.inf, most),
        options={"node_limit": MOST_NODES_SMALL if is_small else MOST_NODES, "mip_rel_gap": 0.0},
    )  # fmt: skip
    dual = float("inf") if found.mip_dual_bound is None else -float(found.mip_dual_bound)
    if found.x is None:
        return [], dual
    finished = years - np.rint(found.x[:size].reshape(count, years)).sum(axis=1).astype(np.int64)
    out = [Solved(finished, None)]
    if has_shares:
        out.append(Solved(finished, found.x[size:].reshape(count, years)))
    return out, dual


def relaxed(yen: Floats, ha: Floats, worth: Floats, below: Ints, cap_yen: Floats, cap_ha: Floats) -> float:
    """Bound of schedules under two caps: packages in use in part, as much as of their work is done, each year within both."""
    count, years = len(yen), len(cap_yen)
    rows = _finished_stay(count, years) + _downstream_first(below, years, True)
    rows += _shares_of_work(count, years, [(yen, cap_yen), (ha, cap_ha)])
    matrix, most = _matrix(rows, 2 * count * years)
    aim = np.append(-np.repeat(worth, years), np.zeros(count * years))
    solve: Any = linprog  # whose stubs know no sparse rows
    found = solve(aim, A_ub=matrix, b_ub=most, bounds=(0.0, 1.0), method="highs-ipm")
    return -float(found.fun) * (1.0 + _ROUNDED) if found.status == 0 else float("inf")


Rows = tuple[list[Ints], list[Floats], Floats]
"""Columns and values of each row, side by side, and the most of each row."""


def _finished_stay(count: int, years: int) -> list[Rows]:
    """What is finished stays so."""
    at, one = np.arange(count * years).reshape(count, years), np.ones(1)
    return [([at[:, :-1].ravel(), at[:, 1:].ravel()], [one, -one], np.zeros(count * (years - 1)))] if years > 1 else []


def _downstream_first(below: Ints, years: int, has_shares: bool) -> list[Rows]:
    """Finished, and worked on, only once what lies downstream is finished."""
    up = np.flatnonzero(below >= 0)
    if not len(up):
        return []
    at, one = np.arange(len(below) * years).reshape(len(below), years), np.ones(1)
    nothing = np.zeros(len(up) * years)
    rows: list[Rows] = [([at[up].ravel(), at[below[up]].ravel()], [one, -one], nothing)]
    if has_shares:
        rows.append(([at.size + at[up].ravel(), at[below[up]].ravel()], [one, -one], nothing))
    return rows


def _shares_of_work(count: int, years: int, limits: list[tuple[Floats, Floats]]) -> list[Rows]:
    """Finished only when all the work is done; no more than all of it, nor than the caps pay for."""
    at, one = np.arange(count * years).reshape(count, years), np.ones(1)
    rows: list[Rows] = [([at[:, t], at.size + at[:, : t + 1]], [one, -one], np.zeros(count)) for t in range(years)]
    rows.append(([at.size + at], [one], np.ones(count)))
    for need, cap in limits:
        scale = max(float(cap.max(initial=0.0)), _TINY)
        rows.append(([at.size + at.T], [need[None, :] / scale], cap / scale))
    return rows


def _matrix(rows: list[Rows], columns: int) -> tuple[sparse.csr_array, Floats]:
    """All rows as one matrix, and the most of each."""
    row, column, value, begin = [], [], [], 0
    for columns_of, values, most in rows:
        number = begin + np.arange(len(most))
        for c, v in zip(columns_of, values, strict=True):
            row.append(np.broadcast_to(number.reshape(-1, *[1] * (c.ndim - 1)), c.shape).ravel())
            column.append(c.ravel())
            value.append(np.broadcast_to(v, c.shape).ravel())
        begin += len(most)
    entries = (np.concatenate(value), (np.concatenate(row), np.concatenate(column)))
    return sparse.csr_array(entries, shape=(begin, columns)), np.concatenate([most for _, _, most in rows])
