"""Bilinear sampling: exact on planes, honest about what is unknown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from sewerzone.engineering.grid import bilinear
from sewerzone.model import Terrain

NAN = np.nan


def at(grid: list[list[float]], *places: tuple[float, float]) -> list[float]:
    column, row = np.array(places, dtype=float).T
    return bilinear(np.array(grid, dtype=np.float32), column, row).tolist()


def test_cell_centres_and_the_middle_of_four():
    grid = [[1.0, 2.0], [3.0, 8.0]]
    assert at(grid, (0, 0), (1, 0), (0, 1), (1, 1), (0.5, 0.5)) == [1.0, 2.0, 3.0, 8.0, 3.5]


def test_half_a_cell_outside_takes_the_border_and_beyond_is_unknown():
    assert at([[1.0, 2.0]], (-0.5, 0), (1.5, 0), (0, 0.5)) == [1.0, 2.0, 1.0]
    assert np.isnan(at([[1.0, 2.0]], (-0.51, 0), (1.51, 0), (0, 0.51), (0, -0.51))).all()


def test_unknown_corners_are_left_out():
    grid = [[1.0, NAN], [3.0, NAN]]
    assert at(grid, (0.5, 0.5), (0.9, 0.0)) == [2.0, 1.0]
    assert np.isnan(at(grid, (1.0, 0.5))).all()
    assert np.isnan(at([[NAN, NAN]], (0.3, 0.0))).all()


@settings(deadline=None, max_examples=40)
@given(
    st.floats(-3, 3), st.floats(-3, 3), st.floats(-100, 100),
    st.lists(st.tuples(st.floats(0, 8), st.floats(0, 5)), min_size=1, max_size=20),
)  # fmt: skip
def test_a_plane_is_sampled_exactly(a: float, b: float, c: float, places: list[tuple[float, float]]):
    columns, rows = np.meshgrid(np.arange(9.0), np.arange(6.0))
    grid = (a * columns + b * rows + c).astype(np.float32)
    column, row = np.array(places).T
    assert bilinear(grid, column, row) == pytest.approx(a * column + b * row + c, abs=1e-4)


def test_terrain_transforms_the_points_not_the_grid():
    """Two CRS, one place: a grid in degrees answers for metres of the study CRS."""
    plane, degrees = CRS.from_epsg(6678), CRS.from_epsg(6668)
    lon = 140.8 + 0.001 * np.arange(21)  # cell corners
    grid = np.broadcast_to(np.arange(20.0, dtype=np.float32), (10, 20)).copy()
    terrain = Terrain(grid, (0.001, 0.0, 140.8, 0.0, -0.001, 38.27), degrees, plane)
    from pyproj import Transformer

    x, y = Transformer.from_crs(degrees, plane, always_xy=True).transform((lon[:-1] + 0.0005)[3:8], np.full(5, 38.2655))
    assert terrain.sample(np.array(x), np.array(y)) == pytest.approx([3, 4, 5, 6, 7], abs=1e-3)
    assert np.isnan(terrain.sample(np.array([0.0]), np.array([0.0]))).all()
