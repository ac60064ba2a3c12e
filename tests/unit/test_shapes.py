"""Footprints as rings."""

import numpy as np
import shapely
from shapely import affinity

from sewerzone import meeting, shapes


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


def test_centroids_and_surface_points_are_those_of_shapely_to_the_last_digit() -> None:
    random = np.random.default_rng(4)
    at = random.uniform(-1e6, 1e6, (400, 2))
    stars = [p.buffer(9.0, quad_segs=int(random.integers(1, 6))) for p in shapely.points(at)]
    nicked = shapely.difference(stars, [shapely.box(x, y, x + 4, y + 20) for x, y in at - (2, 0)])
    combs = shapely.difference(stars, [shapely.box(x, y - 1, x + 20, y + 1) for x, y in at])
    turned = np.array([affinity.rotate(g, random.uniform(0, 90)) for g in [*nicked, *combs]])
    ring = shapely.box(0, 0, 9, 9) - shapely.box(2, 2, 7, 7)
    other = [None, shapely.Polygon(), ring, shapely.MultiPolygon([ring, shapely.box(20, 0, 22, 1)]), shapely.Point(3, 4)]
    other += [shapely.Polygon([(0, 0), (5, 5), (0, 0)]), shapely.LineString([(0, 0), (3, 1), (8, 8)])]
    given_ = np.array([*turned, *shapely.reverse(turned), *stars, *shapely.force_3d(stars), *other], dtype=object)
    for found, wanted in ((meeting.centroids, shapely.centroid), (meeting.surface_points, shapely.point_on_surface)):
        xy = [g.coords[0] if g is not None and not g.is_empty else (np.nan, np.nan) for g in wanted(given_)]
        np.testing.assert_array_equal(found(given_), np.array(xy)[:, :2])
    assert meeting.centroids(given_[:0]).shape == (0, 2)
