"""Seconds, row counts and progress of a run."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sewerzone.memory import give_back
from sewerzone.model import Progress

log = logging.getLogger(__name__)

STAGES = ("prepare", "cluster", "network", "route", "compare", "zone", "outcome", "findings", "planning")


class Clock:
    """Times the stages of one run and tells ``progress`` where it is."""

    def __init__(self, progress: Progress) -> None:
        self.stages: list[dict[str, Any]] = []
        self.progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, int]]:
        """Time one stage, and return the memory it is done with; the caller puts its row counts into the yielded dict."""
        self.progress(name, STAGES.index(name), len(STAGES))
        rows: dict[str, int] = {}
        start = time.perf_counter()
        yield rows
        give_back()
        seconds = time.perf_counter() - start
        self.stages.append({"stage": name, "seconds": round(seconds, 3), "rows": rows})
        log.info("%s: %.2f s, %s", name, seconds, ", ".join(f"{v:,} {k}" for k, v in rows.items()))
