"""Prices that stand for many: those of the least sewer and of the tank most houses take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sewerzone.config import Cost, Design
from sewerzone.costbooks import CostBook, Item, Mark
from sewerzone.stages.cost.figures import both, flat_yen, metre_yen, yearly_share
from sewerzone.stages.cost.prices import new_tanks, tank_keys

Floats = NDArray[np.float64]
MATERIAL_SHARE = 0.1
"""Share of the yen from which a figure's certainty counts for all that stand under one name."""
BY_CERTAINTY = "PSU"
"""Marks, the least certain last."""


def least_sewer_yen_per_m(book: CostBook, cost: Cost, design: Design) -> float:
    """Construction of a metre of the least diameter at the least cover."""
    construction, _ = both(book.item("sewer"))
    least_m = design.cover_min_m + design.diameters_mm[0] / 1000.0 + 2.0 * design.pipe_wall_m + design.bedding_m
    return float(metre_yen(construction, cost, np.array([float(design.diameters_mm[0])]), np.array([least_m]))[0])


def typical_tank(
    tank_persons: ArrayLike, tank_count: ArrayLike, existing_tank_count: ArrayLike, book: CostBook, cost: Cost
) -> Item:
    """The size of tank that most of n buildings take, of equally many the smallest; marks are those of ``stands_for``."""
    index, keys = tank_keys(tank_persons, book)
    items = [book.item(key) for key in keys]
    new, every = (
        np.bincount(index, np.asarray(count, dtype=np.float64), minlength=len(keys)).astype(np.float64)
        for count in (new_tanks(tank_count, existing_tank_count), tank_count)
    )
    return stands_for(int(every.argmax()), items, new, every, cost)


def stands_for(which: int, items: Sequence[Item], built: Floats, kept: Floats, cost: Cost) -> Item:
    """One of the items for all: every figure has the widest mark of those that make a material part of the yen.

    ``built`` and ``kept`` (n,) are how many of each are built and kept up.
    """
    construction, upkeep = zip(*(both(item) for item in items), strict=True)
    lives = [item.life(cost.lives) for item in items]
    capital = built * [flat_yen(f, cost) * yearly_share(item, cost) for f, item in zip(construction, items, strict=True)]
    yearly = kept * [flat_yen(f, cost) for f in upkeep]
    own = items[which]
    life = replace(lives[which], mark=widest_mark([life.mark for life in lives], capital, which))
    own = replace(own, life_yr=life) if cost.lives == "actual" else replace(own, statutory_life_yr=life)
    return replace(
        own,
        construction=replace(construction[which], mark=widest_mark([f.mark for f in construction], capital, which)),
        upkeep=replace(upkeep[which], mark=widest_mark([f.mark for f in upkeep], yearly, which)),
    )


def widest_mark(marks: Sequence[Mark], yen: Floats, which: int) -> Mark:
    """The least certain mark of n that have a material part of the yen (n,); that of ``which`` where nothing costs."""
    is_material = (yen > 0.0) & (yen >= MATERIAL_SHARE * yen.sum())
    found: list[Mark] = [mark for mark, counts in zip(marks, is_material, strict=True) if counts]
    return max(found or [marks[which]], key=BY_CERTAINTY.index)
