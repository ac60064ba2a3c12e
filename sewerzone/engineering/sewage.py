"""Design flows, tank sizes, and the spreading of totals over houses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SECONDS_PER_DAY = 86_400.0
LITRES_PER_M3 = 1_000.0


def daily_flow_m3(people: Floats, l_per_person_d: float) -> Floats:
    """Flow (m3/d) of so many people."""
    return people * (l_per_person_d / LITRES_PER_M3)


def flow_l_per_s(people: Floats, l_per_person_d: float) -> Floats:
    """Flow (l/s) of so many people, from a rate in litres per person and day."""
    return people * (l_per_person_d / SECONDS_PER_DAY)


def tanks(
    dwellings: Floats, floor_area_m2: Floats, five_person_up_to_m2: float = 130.0, ten_person_from_dwellings: float = 2.0
) -> tuple[Ints, Floats]:
    """Johkasou of buildings: size (persons) and number (JIS A 3302).

    A house takes a 5-person tank up to ``five_person_up_to_m2`` of floor area per dwelling, a 7-person tank
    above; an area of 0 is unknown and counts as small. From ``ten_person_from_dwellings`` on, 10-person tanks
    serve two dwellings each. Buildings without dwellings take none.

    Parameters
    ----------
    dwellings, floor_area_m2 : (n,)

    Returns
    -------
    persons : (n,) int64, 0 where there is no tank
    count : (n,)
    """
    is_house = dwellings > 0
    is_shared = dwellings >= ten_person_from_dwellings
    # Houses count as one dwelling at least: half a dwelling (an empty home in a statistic) halves no kitchen.
    per_dwelling_m2 = floor_area_m2 / np.maximum(dwellings, 1.0)
    persons = np.select([~is_house, is_shared, per_dwelling_m2 > five_person_up_to_m2], [0, 10, 7], default=5)
    count = np.where(is_shared, np.ceil(dwellings / 2.0), is_house.astype(np.float64))
    return persons.astype(np.int64), np.where(is_house, count, 0.0)


def spread(totals: Floats, group: Ints, weight: Floats) -> Floats:
    """Spread the total of each group over its members in proportion to weight; totals are conserved.

    Groups whose members all weigh nothing are spread evenly. What rounding leaves over goes to the heaviest
    member (the first of equals), so that every group sums to its total.

    Parameters
    ----------
    totals : (k,)
    group : (n,) group of each member, -1 for none
    weight : (n,) not negative

    Returns
    -------
    (n,) shares, 0 where the group is -1
    """
    shares = np.zeros(len(group))
    rows = np.flatnonzero(group >= 0)
    if not len(rows):
        return shares
    of = group[rows]
    w = weight[rows]
    heavy = np.bincount(of, w, len(totals))
    w = np.where(heavy[of] > 0, w, 1.0)
    part = totals[of] * w / np.bincount(of, w, len(totals))[of]
    order = np.lexsort((np.arange(len(of)), -w, of))
    heads = order[np.r_[True, np.diff(of[order]) > 0]]
    left = totals - np.bincount(of, part, len(totals))
    part[heads] += left[of[heads]]
    shares[rows] = part
    return shares
