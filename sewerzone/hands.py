"""Work in parts that do not meet: all of it done here, unless somebody else has time for some of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Hands:
    """Does everything here, at once. What comes of an item must not depend on those it is done with."""

    def work(
        self, function: Callable[..., Any], shared: tuple[Any, ...], sizes: NDArray[np.int64],
        part_of: Callable[[NDArray[np.int64]], tuple[Any, ...]],
    ) -> list[tuple[NDArray[np.int64], Any]]:  # fmt: skip
        """What ``function(*shared, *part_of(which))`` gives for parts of the items, with the numbers of each part's items.

        ``sizes`` tell how much work each item is; ``shared`` is large and the same from call to call, as an object, where it is
        equal. The function must be one of a module, for it may be called elsewhere.
        """
        every = np.arange(len(sizes), dtype=np.int64)
        return [(every, function(*shared, *part_of(every)))]


ALONE = Hands()
"""Nobody else has time."""


def parts(sizes: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The numbers of items in about so many parts of like size, the largest items first."""
    order = np.argsort(-sizes, kind="stable")
    before = np.cumsum(sizes[order]) - sizes[order]
    part = before * count // max(int(sizes.sum()), 1)
    return np.split(order, np.flatnonzero(np.diff(part)) + 1) if len(order) else []
