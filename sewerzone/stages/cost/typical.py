"""Prices that stand for many: those of the least sewer and of the tank most houses take."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sewerzone.config import Cost, Design
from sewerzone.costbooks import CostBook
from sewerzone.stages.cost.figures import both, metre_yen
from sewerzone.stages.cost.prices import tank_keys


def least_sewer_yen_per_m(book: CostBook, cost: Cost, design: Design) -> float:
    """Construction of a metre of the least diameter at the least cover."""
    construction, _ = both(book.item("sewer"))
    least_m = design.cover_min_m + design.diameters_mm[0] / 1000.0 + 2.0 * design.pipe_wall_m + design.bedding_m
    return float(metre_yen(construction, cost, np.array([float(design.diameters_mm[0])]), np.array([least_m]))[0])


def most_frequent_tank(tank_persons: ArrayLike, tank_count: ArrayLike, book: CostBook) -> str:
    """The item of the size of tank that most of n buildings take, of equally many the smallest."""
    index, keys = tank_keys(tank_persons, book)
    return keys[int(np.bincount(index, np.asarray(tank_count, dtype=np.float64), minlength=len(keys)).argmax())]
