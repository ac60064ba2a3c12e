"""Samples of uncertain figures, and what each figure decides."""

from __future__ import annotations

import numpy as np
import pytest

from sewerzone.engineering.sampling import first_order, spread


def ishigami(x: np.ndarray, a: float = 7.0, b: float = 0.1) -> np.ndarray:
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_indices_of_the_ishigami_function_are_those_in_print() -> None:
    # Ishigami and Homma 1990, a = 7, b = 0.1: S1 = 0.3139, S2 = 0.4424, S3 = 0.
    low, high = [-np.pi] * 3, [np.pi] * 3
    points = spread(low, high, 1024, 1)
    assert first_order(points, low, high, ishigami(points)) == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)


def test_indices_hold_for_few_points_in_many_figures() -> None:
    rng = np.random.default_rng(3)
    weight = np.array([3.0, 2.0, 1.0, *[0.0] * 12])
    low, high = np.full(15, 0.7), np.full(15, 1.5)
    points = spread(low, high, 300, 7)
    values = points @ weight + 0.05 * rng.standard_normal(300)
    assert first_order(points, low, high, values) == pytest.approx(weight**2 / (weight**2).sum(), abs=0.02)


def test_a_step_counts_by_what_it_explains() -> None:
    points = spread([0.0, 0.0], [1.0, 1.0], 2048, 5)
    found = first_order(points, [0.0, 0.0], [1.0, 1.0], (points[:, 0] > 0.3).astype(float))
    assert found[0] > 0.85
    assert found[1] == pytest.approx(0.0, abs=0.02)


def test_figures_that_act_together_only_decide_nothing_by_themselves() -> None:
    points = spread([-1.0, -1.0], [1.0, 1.0], 2048, 5)
    assert first_order(points, [-1.0, -1.0], [1.0, 1.0], points[:, 0] * points[:, 1]) == pytest.approx([0.0, 0.0], abs=0.02)


def test_nothing_decides_what_does_not_vary() -> None:
    points = spread([0.0], [1.0], 128, 5)
    assert first_order(points, [0.0], [1.0], np.full(128, 1e9)).tolist() == [0.0]


def test_the_same_seed_gives_the_same_points_within_their_ranges() -> None:
    low, high = np.array([0.9, 0.7, 0.5]), np.array([1.1, 1.5, 2.0])
    one, same, other = (spread(low, high, 100, seed) for seed in (4, 4, 5))
    assert one.shape == (100, 3)
    assert (one == same).all()
    assert not (one == other).any()
    assert (one >= low).all()
    assert (one <= high).all()


def test_points_fill_their_ranges_evenly() -> None:
    points = spread([0.0] * 5, [1.0] * 5, 256, 9)
    counts = np.stack([np.histogram(points[:, k], bins=16, range=(0, 1))[0] for k in range(5)])
    assert (counts == 16).all()
