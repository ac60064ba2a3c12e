"""Geometry as arrays: points in areas, footprints as rings."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone import shapes

WHOLE = st.integers(0, 12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(WHOLE, WHOLE, WHOLE, WHOLE), min_size=1, max_size=6), st.lists(st.tuples(WHOLE, WHOLE), max_size=30))
def test_points_lie_in_areas_as_shapely_says_borders_included(boxes, points) -> None:
    areas = np.array([shapely.box(*box).buffer(0) for box in boxes])  # a box without width becomes an empty polygon
    ring = shapely.box(-3, -3, 30, 30) - shapely.box(2, 2, 5, 5)
    areas = np.append(areas, shapely.MultiPolygon([ring, shapely.box(3, 3, 4, 4)]))
    x, y = np.array(points, float).reshape(-1, 2).T * 1.5
    expected = [(p, a) for p in range(len(x)) for a in range(len(areas)) if areas[a].intersects(shapely.Point(x[p], y[p]))]
    assert list(zip(*(v.tolist() for v in shapes.lying_in(x, y, areas)), strict=True)) == expected


def test_no_points_or_no_areas_give_no_pairs() -> None:
    nowhere = np.array([shapely.Polygon()])
    assert not len(shapes.lying_in(np.zeros(0), np.zeros(0), np.array([shapely.box(0, 0, 1, 1)]))[0])
    assert not len(shapes.lying_in(np.zeros(1), np.zeros(1), nowhere)[0])
    assert not len(shapes.lying_in(np.zeros(1), np.zeros(1), nowhere[:0])[0])


def test_footprints_of_all_kinds_keep_their_order_as_rings() -> None:
    house, court = shapely.box(0, 0, 2, 1), shapely.box(10, 0, 20, 10) - shapely.box(12, 2, 14, 4)
    two = shapely.MultiPolygon([shapely.box(30, 0, 31, 1), court])
    given_ = np.array([shapely.Point(5, 5), house, two, house, court, shapely.MultiPoint([(7, 7), (8, 8)])])
    rings = shapes.features(given_)
    assert np.diff(rings.feature).tolist() == [1, 1, 3, 1, 2, 2]
    assert np.diff(rings.ring).tolist() == [1, 5, 5, 5, 5, 5, 5, 5, 1, 1]
    xy = rings.xy_m + np.floor(shapely.total_bounds(given_)[:2])
    assert xy[0].tolist() == [5.0, 5.0]
    assert xy[1:6].tolist() == shapely.get_coordinates(house).tolist()
    assert xy[6:21].tolist() == shapely.get_coordinates(two).tolist()
