"""Contours round footprints, against shapes grown, joined and shrunk one by one."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone import shapes
from sewerzone.engineering import closing


def contours(footprints, unit, closing_m, margin_m):
    """Polygon of each unit, all its rings taken as even-odd; rings keep the local origin of the footprints."""
    footprints, unit = np.asarray(footprints, dtype=object), np.asarray(unit, dtype=np.int64)
    rings = closing.closed(shapes.features(footprints), unit, np.asarray(closing_m, dtype=float), margin_m)
    corner = np.floor(shapely.total_bounds(footprints)[:2])
    out = np.full(int(unit.max()) + 1, shapely.Polygon(), dtype=object)
    for k, u in enumerate(rings.unit):
        ring = shapely.Polygon(rings.xy_m[rings.start[k] : rings.start[k + 1]] + corner)
        assert ring.is_valid
        out[u] = shapely.symmetric_difference(out[u], ring)
        is_shell = shapely.is_ccw(ring.exterior)
        assert is_shell == (shapely.area(out[u] & ring) > 0.5 * ring.area)
    return out


def grown_and_shrunk(footprints, closing_m, margin_m, notch_m):
    """Footprints with margin, bays and gaps filled; of what has grown, notches this narrow are filled before it shrinks."""
    joined = shapely.union_all(shapely.buffer(footprints, margin_m + closing_m, quad_segs=64))
    return joined.buffer(notch_m / 2, quad_segs=64).buffer(-notch_m / 2 - closing_m, quad_segs=64)


@st.composite
def villages(draw):
    seed = draw(st.integers(0, 10_000))
    random = np.random.default_rng(seed)
    count = draw(st.integers(1, 40))
    at = random.uniform(0, draw(st.sampled_from([60.0, 250.0, 900.0])), (count, 2))
    size = random.uniform(3, 25, (count, 2))
    return np.array(
        [shapely.affinity.rotate(shapely.box(*a, *(a + s)), random.uniform(0, 90)) for a, s in zip(at, size, strict=True)]
    )


@settings(deadline=None, max_examples=60)
@given(footprints=villages(), closing_m=st.sampled_from([2.0, 9.0, 20.0]), margin_m=st.sampled_from([4.0, 10.0, 25.0]))
def test_contours_are_those_of_shapes_grown_and_shrunk(footprints, closing_m, margin_m):
    (found,) = contours(footprints, np.zeros(len(footprints)), [closing_m], margin_m)
    assert shapely.covers(found, shapely.union_all(shapely.buffer(footprints, 0.9 * margin_m)))
    assert grown_and_shrunk(footprints, closing_m, margin_m, 0.0).difference(found.buffer(0.1 * margin_m)).area < 2.0
    cell_m = closing.step_m(np.array([closing_m]), margin_m)[0]  # narrower notches pass between the nodes
    most = grown_and_shrunk(footprints, closing_m, margin_m, 2.0 * cell_m)
    assert found.difference(most.buffer(0.1 * margin_m)).area < 2.0 + 5e-3 * found.area


@settings(deadline=None, max_examples=40)
@given(footprints=villages(), margin_m=st.sampled_from([0.2, 3.0, 10.0]), units=st.integers(1, 3), seed=st.integers(0, 99))
def test_units_keep_apart_and_order_of_rows_changes_nothing(footprints, margin_m, units, seed):
    unit = np.arange(len(footprints)) % units
    closing_m = np.array([4.0, 15.0, 20.0])[:units]
    features = shapes.features(footprints)
    rings = closing.closed(features, unit, closing_m, margin_m)
    order = np.random.default_rng(seed).permutation(len(footprints))
    other = closing.closed(shapes.features(footprints[order]), unit[order], closing_m, margin_m)
    for one, two in zip(rings, other, strict=True):
        np.testing.assert_array_equal(one, two)
    for u in range(min(units, len(footprints))):
        alone = closing.closed(features, np.where(unit == u, u, -1), closing_m, margin_m)
        wanted = np.flatnonzero(np.repeat(rings.unit, np.diff(rings.start)) == u)
        assert set(alone.unit) <= {u}
        np.testing.assert_array_equal(alone.xy_m, rings.xy_m[wanted])


def test_a_row_of_houses_over_many_tiles_is_one_straight_strip():
    row = [shapely.box(x, 3.3, x + 10, 13.3) for x in range(0, 3000, 25)]
    (strip,) = contours(row, [0] * len(row), [20.0], 10.0)
    assert strip.geom_type == "Polygon"
    assert not strip.interiors
    inner = strip & shapely.box(100, -100, 2900, 100)
    assert inner.bounds[3] - inner.bounds[1] == pytest.approx(10.0 + 2 * 10.5, abs=0.1)
    assert inner.area == pytest.approx(2800 * 31.0, rel=0.02)  # bays between the houses are all but filled


def test_gaps_up_to_twice_the_closing_are_filled_and_wider_ones_are_not():
    for gap, parts in ((30.0, 1), (64.0, 2)):
        (found,) = contours([shapely.box(0, 0, 30, 30), shapely.box(30 + gap, 0, 60 + gap, 30)], [0, 0], [20.0], 10.0)
        assert shapely.get_num_geometries(found) == parts
    court = shapely.box(0, 0, 200, 200) - shapely.box(10, 10, 190, 190)
    (found,) = contours([court], [0], [20.0], 10.0)
    assert found.interiors[0].envelope.area == pytest.approx(159.0**2, rel=0.01)
    filled = shapely.box(0, 0, 60, 60) - shapely.box(10, 10, 50, 50)
    (found,) = contours([filled], [0], [20.0], 10.0)
    assert not found.interiors


def test_points_large_halls_and_footprints_left_out():
    hall, post = shapely.box(0, 0, 700, 500), shapely.Point(1000, 1000)
    found = contours([hall, post, shapely.box(5000, 0, 5010, 10)], [0, 1, -1], [5.0, 20.0], 10.0)
    assert found[0].area == pytest.approx(hall.buffer(10.0).area, rel=0.01)
    assert found[1].area == pytest.approx(np.pi * 100.0, rel=0.05)
    nothing = closing.closed(shapes.features(np.array([hall])), np.array([-1]), np.empty(0), 10.0)
    assert len(nothing.unit) == 0
    assert nothing.start.tolist() == [0]


def test_cells_are_fine_unless_the_margin_is_narrow_beside_the_closing():
    closing_m = np.array([0.5, 20.0, 20.0])
    assert closing.is_fine(closing_m, 10.0).all()
    assert closing.is_fine(closing_m, 1.0).tolist() == [True, False, False]
    assert (closing.step_m(closing_m, 10.0) <= 6.0).all()
    assert closing.step_m(closing_m, 0.1)[1] > 1.0
