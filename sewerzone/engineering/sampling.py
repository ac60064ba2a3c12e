"""Uncertain figures: points spread evenly over their ranges, and how much each figure decides by itself."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike

from sewerzone.engineering.forest import Floats

MOST_DEGREE = 8
"""Highest power by which the effect of one figure is described; a full wave over its range takes as much."""
POINTS_PER_TERM = 10
"""Points wanted for every number that is fitted beyond one for each figure: fewer would fit chance."""
LEAST_PER_FIGURE = 2
"""Points for each figure without which nothing is told apart."""


def spread(low: ArrayLike, high: ArrayLike, samples: int, seed: int) -> Floats:
    """Points (n, f) that fill the box between ``low`` and ``high`` (f,) evenly, the same for the same seed.

    A scrambled Sobol sequence (Owen 1998, J. Complexity 14); its balance is best where ``samples`` is a power of two.
    """
    from scipy.stats import qmc  # only here: it takes 40 MB and a third of a second, and few studies sample

    least, most = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    sequence = qmc.Sobol(len(least), scramble=True, seed=seed)
    unit = sequence.random_base2(int(np.ceil(np.log2(max(samples, 1)))))[:samples]
    return np.asarray(least + unit * (most - least), dtype=np.float64)


def first_order(points: Floats, low: ArrayLike, high: ArrayLike, values: Floats) -> Floats:
    """Share of the variance of ``values`` (n,) that each figure explains by itself: (f,) first-order Sobol indices.

    All of one sample: the effects of the single figures are fitted together as sums of Legendre polynomials, which are
    orthogonal over the box, by least squares; what chance alone would explain is taken off (as in adjusted R2). Below 0
    is given as 0. Nothing decides what does not vary, and nothing is known from too few points: then all are 0.
    """
    least, most = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    count, figures = points.shape
    variance = float(np.var(values))
    degree = min(MOST_DEGREE, max(1, count // (POINTS_PER_TERM * figures)))
    if count < LEAST_PER_FIGURE * figures or variance <= 1e-24 * float(np.mean(values)) ** 2:
        return np.zeros(figures)
    at = 2.0 * (points - least) / (most - least) - 1.0
    norm = np.sqrt(2.0 * np.arange(1, degree + 1) + 1.0)
    terms = legendre.legvander(at, degree)[:, :, 1:] * norm
    design = np.column_stack([np.ones(count), terms.reshape(count, figures * degree)])
    fit, *_ = np.linalg.lstsq(design, values, rcond=None)
    rest = values - design @ fit
    by_chance = float(rest @ rest) / (count - design.shape[1]) / count
    explained = (fit[1:].reshape(figures, degree) ** 2).sum(axis=1) - degree * by_chance
    return np.asarray(np.clip(explained / variance, 0.0, 1.0), dtype=np.float64)
