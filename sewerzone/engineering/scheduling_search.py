"""Better orders of work under yearly caps: packages moved about, for a while also where that costs a little.

Threshold accepting (Dueck and Scheuer, J. Computational Physics 90, 1990): a move is kept unless it costs more than a threshold
that falls to nothing. Only sums and comparisons, and steps that are counted: the same on every machine.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_LOOKS = 20_000_000
"""Packages looked at in one search: moves tried times packages."""
MOST_MOVES = 200_000
_TINY = 1e-9


def bettered(
    order: Ints, yen: Floats, ha: Floats, worth: Floats, below: Ints, cap_yen: Floats, cap_ha: Floats, threshold: float
) -> Ints:
    """The best order met from ``order`` on, which keeps downstream first; ``threshold``: worth-years that a move may cost
    at first."""
    count, years = len(order), len(cap_yen)
    if count < 2 or not years:
        return order.copy()
    moves = min(MOST_LOOKS // count, MOST_MOVES)
    places = np.random.default_rng(count).integers(0, count, (moves, 2))
    found: Ints = _search(
        order.astype(np.int64), yen, ha, worth, below.astype(np.int64), cap_yen, cap_ha, places.astype(np.int64), threshold
    )
    return found


@njit(cache=True)
def _search(order, yen_of, ha_of, worth, below, cap_yen, cap_ha, places, threshold):  # type: ignore[no-untyped-def] # kernel
    count, years, moves = len(order), len(cap_yen), len(places)
    now, best = order.copy(), order.copy()
    at = np.empty(count, np.int64)
    for i in range(count):
        at[now[i]] = i
    value, most = -1.0, -1.0
    for step in range(-1, moves):  # the first only values the order as it comes
        start = places[step, 0] if step >= 0 else 0
        stop = places[step, 1] if step >= 0 else 0
        moved = now[start]
        is_allowed = stop > start or below[moved] < 0 or at[below[moved]] < stop or step < 0
        for i in range(start + 1, stop + 1):
            is_allowed = is_allowed and below[now[i]] != moved
        if not is_allowed or (start == stop and step >= 0):
            continue
        way = 1 if stop > start else -1
        for i in range(start, stop, way):
            now[i] = now[i + way]
        now[stop] = moved
        total, year, yen, ha = 0.0, 0, cap_yen[0], cap_ha[0]
        for k in now:
            todo = 1.0
            while year < years:
                part = todo
                if part * yen_of[k] > yen:
                    part = yen / yen_of[k]
                if part * ha_of[k] > ha:
                    part = ha / ha_of[k]
                if part > todo - _TINY:
                    part = todo
                yen, ha, todo = max(yen - part * yen_of[k], 0.0), max(ha - part * ha_of[k], 0.0), todo - part
                if todo <= 0.0:
                    total += worth[k] * (years - year)
                    break
                year += 1
                if year < years:
                    yen, ha = cap_yen[year], cap_ha[year]
            if year == years:
                break
        if total >= value - threshold * (1.0 - (step + 1.0) / moves):
            value = total
            for i in range(min(start, stop), max(start, stop) + 1):
                at[now[i]] = i
            if value > most:
                most = value
                best[:] = now
        else:
            for i in range(stop, start, -way):
                now[i] = now[i - way]
            now[start] = moved
    return best
