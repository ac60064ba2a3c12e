"""Footprints as rings."""

import numpy as np
import shapely

from sewerzone import shapes


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
