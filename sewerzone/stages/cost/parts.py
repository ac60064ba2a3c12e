"""Yearly costs split into capital and upkeep, so that each can be varied by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sewerzone.config import Compare, Cost
from sewerzone.costbooks import CostBook
from sewerzone.engineering.itemised import Upkeeps
from sewerzone.stages.cost.figures import both, flat_yen, item_yen, yearly_share
from sewerzone.stages.cost.prices import Basis, new_tanks, tank_keys, treatment_parts
from sewerzone.tables.inputs import CROSSINGS

Floats = NDArray[np.float64]


def upkeeps(crossing: ArrayLike, off_road_m: Floats, book: CostBook, cost: Cost) -> Upkeeps:
    """What of ``laying_prices`` is upkeep; ``crossing`` and ``off_road_m`` belong to the edges as for ``way_yen_per_yr``."""
    kind = np.asarray(crossing, dtype=object)
    ways = np.zeros((len(kind), 4))
    for name in CROSSINGS:
        if (kind == name).any():
            ways[kind == name, :2] = _split(book, cost, f"crossing_{name}")
    if (off_road_m > 0.0).any():
        ways[:, 2:] = off_road_m[:, None] * _split(book, cost, "easement")
    manhole = 0.0 if book.item("sewer").includes_manholes else _split(book, cost, "manhole", capital=False)[1]
    sewer, main, pump = (_split(book, cost, key, capital=False)[1] for key in ("sewer", "pressure_main", "pump"))
    return Upkeeps(sewer, main, manhole, pump, ways)


def tank_split(
    tank_persons: ArrayLike, tank_count: ArrayLike, existing_tank_count: ArrayLike, book: CostBook, cost: Cost
) -> Floats:
    """(n, 2) capital a year and upkeep of each building's tanks; their sum is ``johkasou_yen_per_yr``."""
    index, keys = tank_keys(tank_persons, book)
    each = np.array([_split(book, cost, key) for key in keys]).reshape(-1, 2)[index]
    count = np.asarray(tank_count, dtype=np.float64)
    return np.stack([each[:, 0] * new_tanks(count, existing_tank_count), each[:, 1] * count], axis=1)


def treatment_split(
    flow_mean_m3_per_d: ArrayLike, flow_max_m3_per_d: ArrayLike, basis: Basis, book: CostBook, cost: Cost, compare: Compare
) -> Floats:
    """(n, 2) capital a year and upkeep of treatment; their sum is ``treatment_yen_per_yr``."""
    parts = treatment_parts(flow_mean_m3_per_d, flow_max_m3_per_d, basis, book, cost, compare)
    capital = sum(part.capital_yen * yearly_share(part.item, cost) for part in parts if part.construction)
    upkeep = sum(part.upkeep_yen_per_yr for part in parts)
    return np.stack(np.broadcast_arrays(np.asarray(capital, float), np.asarray(upkeep, float)), axis=1)


def _split(book: CostBook, cost: Cost, key: str, capital: bool = True) -> tuple[float, float]:
    """Capital a year (0 where it is not asked for, and may have no flat price) and upkeep of one of an item."""
    item = book.item(key)
    construction, upkeep = both(item)
    return item_yen(book, construction, cost) * yearly_share(item, cost) if capital else 0.0, flat_yen(upkeep, cost)
