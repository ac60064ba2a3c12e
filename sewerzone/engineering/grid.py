"""Sampling of elevation grids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bilinear(grid: NDArray[np.float32], column: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of ``grid`` (rows, columns; NaN unknown) at fractional cell-centre positions.

    Unknown corners are left out and the others' weights rescaled; NaN only where all corners that carry
    weight are unknown, or more than half a cell outside the grid. Half a cell outside takes the border's value.
    """
    rows, columns = grid.shape
    c0 = np.floor(column).astype(np.int64)
    r0 = np.floor(row).astype(np.int64)
    fx, fy = column - c0, row - r0
    total = np.zeros(len(column))
    weight = np.zeros(len(column))
    for dr, wy in ((0, 1.0 - fy), (1, fy)):
        for dc, wx in ((0, 1.0 - fx), (1, fx)):
            r = np.clip(r0 + dr, 0, rows - 1)
            c = np.clip(c0 + dc, 0, columns - 1)
            value = grid[r, c].astype(np.float64)
            w = np.where(np.isnan(value), 0.0, wx * wy)
            total += w * np.where(np.isnan(value), 0.0, value)
            weight += w
    inside = (column >= -0.5) & (column <= columns - 0.5) & (row >= -0.5) & (row <= rows - 0.5)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(inside & (weight > 1e-9), total / weight, np.nan)
