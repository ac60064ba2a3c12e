"""Mutated files end in data or in one of our errors; the bench reads many more (``python tests/bench/readers.py --fuzz``)."""

from __future__ import annotations

import warnings

import pytest

from tests.fuzzing import fuzz


@pytest.mark.parametrize("seed", [1, 2])
def test_mutants(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's, of files it repairs
        told = fuzz(400, seed)
    assert not told.faults
    assert told.read > 50
    assert told.refused > 100
