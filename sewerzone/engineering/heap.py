"""A binary heap of numbered items whose keys can fall, for searches over graphs.

``heap`` holds items, ``place[item]`` its position there (negative: not in the heap), ``key[item]`` its key. The order
is (key, item), so equal keys never leave the order of a search to chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

from sewerzone.engineering.forest import Floats, Ints

_Function = TypeVar("_Function", bound=Callable[..., object])


def kernel(function: _Function) -> _Function:
    """Compile a function on first use and keep the machine code on disk; plain IEEE arithmetic, one thread."""
    return cast(_Function, njit(cache=True)(function))


@kernel
def offer(heap: Ints, place: Ints, key: Floats, size: int, item: int) -> int:
    """Insert an item, or move it up after its key fell; returns the new size."""
    i = place[item]
    if i < 0:
        i = size
        size += 1
    while i > 0:
        up = (i - 1) >> 1
        other = heap[up]
        if key[other] < key[item] or (key[other] == key[item] and other < item):
            break
        heap[i] = other
        place[other] = i
        i = up
    heap[i] = item
    place[item] = i
    return size


@kernel
def take(heap: Ints, place: Ints, key: Floats, size: int) -> int:
    """Remove the least item of ``size`` > 0 and return it; the new size is one less."""
    least = heap[0]
    place[least] = -1
    size -= 1
    item = heap[size]
    if size == 0:
        return int(least)
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        other = heap[down]
        if down + 1 < size:
            right = heap[down + 1]
            if key[right] < key[other] or (key[right] == key[other] and right < other):
                down += 1
                other = right
        if key[item] < key[other] or (key[item] == key[other] and item < other):
            break
        heap[i] = other
        place[other] = i
        i = down
    heap[i] = item
    place[item] = i
    return int(least)
