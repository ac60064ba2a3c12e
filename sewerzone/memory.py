"""Memory that is free again, handed back to the system; and how often Python looks for objects that only hold each other.

A stage frees arrays and shapes of many sizes among others that stay. The C library and Arrow keep such pages for later
requests of like size, so that every stage would add its own leavings to those before: in a town of 1.5 million dwellings
a third of the peak. Handing them back between stages costs milliseconds.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

_OBJECTS = 200_000
"""New objects after which cycles are looked for; by itself Python does so after some hundreds."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _KEPT_BYTES = -1, -3, 64 * 2**20
"""Numbers of mallopt's settings, and the most that glibc by itself would come to after a while."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for cycles of objects seldom: tables, shapes and compiling make many objects and few cycles.

    As often as Python does by itself costs a third of the time to read a town, over and over for shapes that all stay.
    """
    held = gc.get_threshold()
    gc.set_threshold(_OBJECTS, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*held)


def give_back() -> None:
    """Return free pages to the system: those of Arrow, and of the C library where it is glibc (others do so themselves)."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def keep_pages() -> None:
    """Let the C library keep freed pages for the next request (glibc): :func:`give_back` hands them back between stages.

    Dask tells its workers to hand back every 64 kB at once; a tenth of the time would go to getting the same pages again.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if set_option is not None:
        set_option(_TRIM_THRESHOLD, _KEPT_BYTES)
        set_option(_MMAP_THRESHOLD, _KEPT_BYTES // 2)
