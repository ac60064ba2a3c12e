"""Grid search over segments against shapely, and cases checked by hand."""

import numpy as np
import pytest
import shapely

from sewerzone.engineering import segments


def random_segments(seed: int, count: int, longest_m: float = 200.0):
    draw = np.random.default_rng(seed)
    start = draw.uniform(0, 2000, (count, 2))
    way = draw.normal(0, 1, (count, 2)) * draw.uniform(0.1, longest_m / 2, (count, 1))
    return start[:, 0], start[:, 1], start[:, 0] + way[:, 0], start[:, 1] + way[:, 1]


def lines_of(ends):
    x0, y0, x1, y1 = ends
    return shapely.linestrings(np.stack([np.column_stack([x0, y0]), np.column_stack([x1, y1])], axis=1))


@pytest.mark.parametrize(("seed", "count", "longest_m"), [(1, 1, 50.0), (2, 40, 3000.0), (3, 3000, 100.0)])
def test_nearest_agrees_with_shapely_even_far_outside_the_grid(seed, count, longest_m):
    ends = random_segments(seed, count, longest_m)
    points = np.random.default_rng(seed + 100).uniform(-3000, 5000, (500, 2))
    feet = segments.nearest(segments.grid(*ends), points[:, 0], points[:, 1])
    lines, places = lines_of(ends), shapely.points(points)
    best = shapely.distance(lines[shapely.STRtree(lines).nearest(places)], places)
    np.testing.assert_allclose(feet.distance_m, best, rtol=0, atol=1e-9)
    foot = shapely.line_interpolate_point(lines[feet.segment], feet.share, normalized=True)
    np.testing.assert_allclose(shapely.distance(foot, places), best, rtol=0, atol=1e-9)


def test_reach_is_included_and_beyond_it_there_is_nothing():
    one = segments.grid(*(np.array([v]) for v in (0.0, 0.0, 100.0, 0.0)))
    feet = segments.nearest(one, np.array([50.0, 50.0, 103.0]), np.array([5.0, 5.001, 4.0]), 5.0)
    assert feet.segment.tolist() == [0, -1, 0]
    assert feet.distance_m.tolist() == [5.0, np.inf, 5.0]
    assert feet.share.tolist() == [0.5, 0.0, 1.0]


@pytest.mark.parametrize("stray_m", [400.0, 90_000.0])
def test_equal_distances_go_to_the_first_segment_whatever_the_cells(stray_m):
    """A house midway between two roads, one drawn twice; a stray segment changes the cell size, not the answer."""
    x, y = np.array([0.0, 0.0, 0.0, stray_m]), np.array([10.0, -10.0, 10.0, stray_m])
    for order, first in (([0, 1, 2, 3], 0), ([1, 0, 2, 3], 0), ([3, 2, 1, 0], 1)):
        grid = segments.grid(x[order], y[order], x[order] + 100.0, y[order])
        feet = segments.nearest(grid, np.array([50.0]), np.array([0.0]))
        assert feet.segment.tolist() == [first]
        assert feet.distance_m.tolist() == [10.0]


def test_within_lists_each_segment_once_and_agrees_with_shapely():
    ends = random_segments(7, 800, 400.0)
    points = np.random.default_rng(8).uniform(-50, 2050, (150, 2))
    point, feet = segments.within(segments.grid(*ends), points[:, 0], points[:, 1], 60.0)
    lines, places = lines_of(ends), shapely.points(points)
    expected = shapely.STRtree(lines).query(places, predicate="dwithin", distance=60.0)
    expected = expected[:, np.lexsort((expected[1], expected[0]))]
    np.testing.assert_array_equal(np.stack([point, feet.segment]), expected)
    np.testing.assert_allclose(feet.distance_m, shapely.distance(lines[feet.segment], places[point]), atol=1e-9)


def test_crossings_agree_with_shapely():
    ends = random_segments(11, 600, 500.0)
    one, other, on_one, on_other = segments.crossings(segments.grid(*ends))
    lines = lines_of(ends)
    expected = shapely.STRtree(lines).query(lines, predicate="intersects")
    expected = expected[:, expected[0] < expected[1]]
    expected = expected[:, np.lexsort((expected[1], expected[0]))]
    assert len(one) > 500
    np.testing.assert_array_equal(np.stack([one, other]), expected)
    here = shapely.line_interpolate_point(lines[one], on_one, normalized=True)
    there = shapely.line_interpolate_point(lines[other], on_other, normalized=True)
    np.testing.assert_allclose(shapely.distance(here, there), 0.0, atol=1e-6)


def test_touching_ends_cross_and_collinear_segments_do_not():
    x0, y0 = np.array([0.0, 5.0, 2.0, 20.0]), np.array([0.0, 0.0, 0.0, 0.0])
    x1, y1 = np.array([10.0, 5.0, 8.0, 30.0]), np.array([0.0, 7.0, 0.0, 0.0])
    one, other, on_one, on_other = segments.crossings(segments.grid(x0, y0, x1, y1))
    assert one.tolist() == [0, 1]
    assert other.tolist() == [1, 2]
    assert on_one.tolist() == [0.5, 0.0]
    assert on_other.tolist() == [0.0, 0.5]


def test_no_segments_and_no_points():
    nothing = np.zeros(0)
    empty = segments.grid(nothing, nothing, nothing, nothing)
    assert segments.nearest(empty, np.array([1.0]), np.array([2.0])).segment.tolist() == [-1]
    assert len(segments.within(empty, np.array([1.0]), np.array([2.0]), 10.0)[0]) == 0
    assert len(segments.crossings(empty)[0]) == 0
    one = segments.grid(*(np.array([v]) for v in (0.0, 0.0, 0.0, 0.0)))
    assert len(segments.nearest(one, nothing, nothing).segment) == 0
    assert segments.nearest(one, np.array([3.0]), np.array([4.0])).distance_m.tolist() == [5.0]
