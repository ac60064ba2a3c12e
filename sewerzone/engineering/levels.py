"""The order in which trees are walked: everything upstream first, or everything downstream first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sewerzone.engineering.forest import Ints


def levels(down: Ints) -> Ints:
    """Number of steps between each entry and its root, by pointer doubling; ``down`` is the next entry, -1 at roots."""
    level = (down >= 0).astype(np.int64)
    jump = down.copy()
    while (on := jump >= 0).any():
        level[on] += level[jump[on]]
        jump[on] = jump[jump[on]]
    return level


def from_roots(down: Ints) -> list[Ints]:
    """Entries level by level, those next to the roots first; the roots themselves are left out."""
    level = levels(down)
    rows = np.argsort(level, kind="stable")
    starts = np.searchsorted(level[rows], np.arange(1, level.max(initial=0) + 2))
    return [rows[a:b] for a, b in pairwise(starts)]
