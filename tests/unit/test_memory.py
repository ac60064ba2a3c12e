"""Memory that is free again goes back to the system."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from sewerzone.memory import give_back, seldom_collected


def held_mb() -> float:
    """Resident memory of this process."""
    line = next(text for text in Path("/proc/self/status").read_text().splitlines() if text.startswith("VmRSS"))
    return int(line.split()[1]) / 1024.0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems tell and manage memory otherwise")
def test_shapes_between_shapes_that_stay_are_returned() -> None:
    points = shapely.points(np.zeros((400_000, 2)))
    points[np.arange(400_000) % 8000 != 0] = None  # a few stay, so that the rest cannot leave as one block
    before = held_mb()
    give_back()
    assert held_mb() < before - 10.0


def test_it_may_be_asked_at_any_time() -> None:
    give_back()
    give_back()


def test_cycles_are_looked_for_seldom_and_then_as_often_as_before() -> None:
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold()[0] > 10 * before[0]
    assert gc.get_threshold() == before
