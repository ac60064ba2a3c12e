"""Street graphs from arrays: joining, cutting, parts, gaps, filling; and the signs of road edges."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import noding, road_edges


def streets(*lines, roads=None):
    """Streets from lists of vertices, one list a line."""
    xy = np.vstack([np.asarray(line, float) for line in lines])
    line = np.repeat(np.arange(len(lines)), [len(one) for one in lines])
    return noding.weld(xy[:, 0], xy[:, 1], line, np.arange(len(lines)) if roads is None else np.asarray(roads))


def test_vertices_that_agree_to_the_centimetre_are_one_node_at_the_smallest_place():
    net = streets([(0, 0), (10.004, 0)], [(9.996, 0), (20, 0)])
    assert net.x_m.tolist() == [0.0, 9.996, 20.0]
    assert net.is_end.tolist() == [True, True, True]
    assert list(zip(net.start.tolist(), net.end.tolist(), strict=True)) == [(0, 1), (1, 2)]


def test_inner_vertices_are_no_ends():
    assert streets([(0, 0), (10, 0), (20, 0)]).is_end.tolist() == [True, False, True]


def test_loops_and_doubles_vanish_and_the_smallest_rank_stays():
    net = streets([(0, 0), (0.001, 0), (10, 0)], [(10, 0), (0, 0)], [(5, 5), (5, 5)], roads=[4, 2, 0])
    assert net.road.tolist() == [2]
    assert net.x_m.tolist() == [0.0, 10.0]


def test_merge_keeps_the_place_that_does_not_yield():
    net = streets([(0, 0), (10, 0)], [(10.3, 0), (20, 0)])
    first, number = noding.merge(net, np.array([1]), np.array([2]), np.zeros(4, bool))
    assert first.x_m.tolist() == [0.0, 10.0, 20.0]
    assert number.tolist() == [0, 1, 1, 2]
    moved, _ = noding.merge(net, np.array([1]), np.array([2]), np.array([False, True, False, False]))
    assert moved.x_m.tolist() == [0.0, 10.3, 20.0]


def test_split_shares_nodes_within_five_centimetres_and_keeps_the_order():
    net = streets([(0, 0), (100, 0)])
    cut, node = noding.split(net, np.zeros(5, np.int64), np.array([0.5, 0.0004, 0.2, 0.5004, 0.9996]))
    assert node.tolist() == [3, 0, 2, 3, 1]
    assert cut.x_m.tolist() == [0.0, 100.0, 20.0, 50.0]
    assert list(zip(cut.start.tolist(), cut.end.tolist(), strict=True)) == [(0, 2), (2, 3), (3, 1)]


def test_split_of_a_segment_shorter_than_five_centimetres_takes_the_nearer_end():
    net = streets([(0, 0), (0.04, 0)])
    cut, node = noding.split(net, np.zeros(2, np.int64), np.array([0.4, 0.6]))
    assert node.tolist() == [0, 1]
    assert len(cut.start) == 1


@pytest.mark.parametrize(("length_m", "pieces"), [(20.0, 1), (20.001, 2), (60.0, 3), (0.5, 1)])
def test_subdivide_counts(length_m, pieces):
    cut = noding.subdivide(streets([(0, 0), (0, length_m)]), 20.0)
    np.testing.assert_allclose(cut.length_m, length_m / pieces)
    assert len(cut.start) == pieces


def test_the_part_with_most_nodes_is_zero_and_ties_go_to_the_smallest_node():
    net = streets([(0, 0), (1, 0)], [(2, 0), (3, 0)], [(4, 0), (5, 0), (6, 0)])
    assert noding.components(net).tolist() == [1, 1, 2, 2, 0, 0, 0]


def test_gap_is_found_from_either_side():
    """The nearest place is the end of the short street in one case, of the long one in the other."""
    for lines in (([(0, 0), (100, 0)], [(50, 7), (50, 30)]), ([(50, 7), (50, 30), (60, 90)], [(0, 0), (100, 0)])):
        net = streets(*lines)
        part = noding.components(net)
        for one, other in ((0, 1), (1, 0)):
            metres, x, y = noding.gap(net, noding.cells(net), part == one, part == other)
            assert (metres, x, y) == (7.0, 50.0, 7.0)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([1.0, 30.0, 1000.0]), st.sampled_from([0.0, 80.0, 5000.0]))
def test_gap_is_the_distance_of_the_lines(seed, size_m, apart_m):
    rng = np.random.default_rng(seed)
    one = [rng.uniform(0.0, size_m, (4, 2)) for _ in range(3)]
    shift = np.array([size_m + 1.0 + apart_m, apart_m])
    other = [rng.uniform(0.0, size_m, (4, 2)) + shift for _ in range(3)]
    net = streets(*one, *other)
    is_one = net.x_m < size_m + 0.5
    metres, x, y = noding.gap(net, noding.cells(net), is_one, ~is_one)
    lines = [shapely.MultiLineString(list(part)) for part in (one, other)]
    assert metres == pytest.approx(lines[0].distance(lines[1]), abs=2.0 * noding.WELD_M)
    assert max(line.distance(shapely.Point(x, y)) for line in lines) == pytest.approx(metres, abs=2.0 * noding.WELD_M)


def test_filled_takes_the_nearest_along_the_road_not_across():
    """A hairpin: the node at (0, 2) is 2 m from (0, 0) as the crow flies and 200 m along the road."""
    net = streets([(0, 0), (100, 0), (100, 2), (0, 2), (-30, 2)])
    ground = np.where((net.x_m == 0) & (net.y_m == 2), np.nan, 10 * net.y_m + net.x_m)
    out, farthest_m = noding.filled(net, ground)
    assert out[(net.x_m == 0) & (net.y_m == 2)].tolist() == [-10.0]
    assert farthest_m == 30.0


def test_signs_of_a_pair_of_lines_and_of_a_grid():
    pair = road_edges.signs(streets([(0, 0), (1000, 0)], [(0, 5), (1000, 5)]))
    assert pair == pytest.approx((2.0, 1.0, 5.0, 0.0))
    assert pair.is_outline
    wide = road_edges.signs(streets([(0, 0), (1000, 0)], [(0, 11), (1000, 11)]))
    assert not wide.is_outline
    lines = [[(i * 50, j * 50) for j in range(11)] for i in range(11)] + [
        [(i * 50, j * 50) for i in range(11)] for j in range(11)
    ]
    town = road_edges.signs(streets(*lines))
    assert town.paired_share == 0.0
    assert town.junctions_per_km == pytest.approx(117 / 11.0)
    assert not road_edges.signs(streets([(0, 0), (10, 0)], [(0, 5), (10, 5)])).is_outline


@given(st.lists(st.tuples(st.integers(-(10**8), 10**8), st.integers(-(10**8), 10**8)), min_size=1, max_size=30))
@settings(deadline=None, max_examples=50)
def test_the_curve_goes_through_every_place_once_square_by_square(places):
    xy = np.array(places) * noding.WELD_M
    found = noding.along_curve(xy[:, 0], xy[:, 1]).tolist()
    for (x, y), number in zip(places, found, strict=True):
        bits = [f"{at + noding.CURVE_MIDDLE:031b}" for at in (x, y)]
        assert number == int("".join(a + b for a, b in zip(*bits, strict=True)), 2)
    assert len(set(found)) == len(set(places))
