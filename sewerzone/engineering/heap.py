"""A binary heap of numbered items whose keys can fall, for searches over graphs.

``heap[0]`` is the number of items in the heap, which follow it; ``place[item]`` is an item's position (0: not in the
heap), ``key[item]`` its key. The order is (key, item), so equal keys never leave the order of a search to chance.

Kernels keep their counters in arrays and fill arrays they are given: numba compiles a function again for every
constant that may reach an argument, and allocation inside a kernel costs more compile time than most kernels.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.sources import digest

_Function = TypeVar("_Function", bound=Callable[..., object])
_Number = TypeVar("_Number", bound=int)


def kernel(function: _Function) -> _Function:
    """Compile a function on first use and keep the machine code on disk; plain IEEE arithmetic, one thread."""
    return _kept(function, True)


def lean_kernel(function: _Function) -> _Function:
    """As ``kernel``, for functions that create no arrays: without counting references to those they are given.

    Counting takes two locked instructions per array argument of every call and per view of a row, which is most of the
    time of kernels that call small helpers (profiles: four fifths, searches two thirds). A function that does create an array
    does not compile; one that fills arrays it is given, or is called by one that creates them, does.
    """
    return _kept(function, False)


def _kept(function: _Function, counts_references: bool) -> _Function:
    """Machine code kept by another version of the program may name types that are gone: it is compiled again then.

    numba keeps it with a digest of the function's own file alone and would go on with what it calls in other files as that
    was before an upgrade: here the digest is of all files the code is made of.
    """
    compiled = njit(cache=True, _nrt=counts_references)(function)
    kept = compiled._cache
    kept._cache_file._source_stamp = digest(Path(function.__code__.co_filename))
    load = kept.load_overload

    def load_or_forget(signature: Any, target: Any) -> Any:
        try:
            return load(signature, target)
        except (AttributeError, ImportError, pickle.UnpicklingError):
            kept.flush()
            return None

    kept.load_overload = load_or_forget
    return cast(_Function, compiled)


def plain(number: _Number) -> _Number:
    """A constant that kernels hand to other kernels: of NumPy's it is no type of its own, for which they would be compiled."""
    return cast(_Number, np.bool_(number) if isinstance(number, bool) else np.int64(number))


def is_compiled_before() -> bool:
    """Whether an earlier run left machine code on this computer, so that compiling need not be waited for."""
    path = Path(offer.stats.cache_path)  # type: ignore[attr-defined]
    return path.is_dir() and any(path.glob("*.nbi"))


@lean_kernel
def offer(heap: Ints, place: Ints, key: Floats, item: int) -> None:
    """Insert an item, or move it up after its key fell."""
    i = place[item]
    if i == 0:
        heap[0] += 1
        i = heap[0]
    while i > 1:
        other = heap[i >> 1]
        if key[other] < key[item] or (key[other] == key[item] and other < item):
            break
        heap[i] = other
        place[other] = i
        i >>= 1
    heap[i] = item
    place[item] = i


@lean_kernel
def take(heap: Ints, place: Ints, key: Floats) -> int:
    """Remove the least item and return it; the heap must not be empty."""
    least = heap[1]
    place[least] = 0
    size = heap[0] - 1
    heap[0] = size
    if size == 0:
        return least  # type: ignore[no-any-return]
    item = heap[size + 1]
    i = 1
    while 2 * i <= size:
        down = 2 * i
        other = heap[down]
        if down < size:
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
    return least  # type: ignore[no-any-return]
