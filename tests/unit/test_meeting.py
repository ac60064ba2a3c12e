"""Points in areas, segments and barriers, against shapely one by one."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sewerzone import meeting as looking_up
from sewerzone import model
from sewerzone.meeting import centroids, lying_in, meeting, surface_points

WHOLE = st.integers(0, 12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(WHOLE, WHOLE, WHOLE, WHOLE), min_size=1, max_size=6), st.lists(st.tuples(WHOLE, WHOLE), max_size=30))
def test_points_lie_in_areas_as_shapely_says_borders_included(boxes, points) -> None:
    areas = np.array([shapely.box(*box).buffer(0) for box in boxes])  # a box without width becomes an empty polygon
    ring = shapely.box(-3, -3, 30, 30) - shapely.box(2, 2, 5, 5)
    areas = np.append(areas, shapely.MultiPolygon([ring, shapely.box(3, 3, 4, 4)]))
    x, y = np.array(points, float).reshape(-1, 2).T * 1.5
    expected = [(p, a) for p in range(len(x)) for a in range(len(areas)) if areas[a].intersects(shapely.Point(x[p], y[p]))]
    assert list(zip(*(v.tolist() for v in lying_in(x, y, areas)), strict=True)) == expected


def test_points_on_the_border_are_left_out_when_asked() -> None:
    x, y = np.array([0.0, 0.5, 1.0, 2.0]), np.array([0.5, 0.5, 1.0, 0.5])
    area = np.array([shapely.box(0, 0, 1, 1)])
    assert lying_in(x, y, area)[0].tolist() == [0, 1, 2]
    assert lying_in(x, y, area, with_border=False)[0].tolist() == [1]


def test_no_points_or_no_areas_give_no_pairs() -> None:
    nowhere = np.array([shapely.Polygon()])
    assert not len(lying_in(np.zeros(0), np.zeros(0), np.array([shapely.box(0, 0, 1, 1)]))[0])
    assert not len(lying_in(np.zeros(1), np.zeros(1), nowhere)[0])
    assert not len(lying_in(np.zeros(1), np.zeros(1), nowhere[:0])[0])


@example([(0, 0, 0, 0)], [(0, 0, 0, 1)])
@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(WHOLE, WHOLE, WHOLE, WHOLE), max_size=20),
    st.lists(st.tuples(WHOLE, WHOLE, WHOLE, WHOLE).filter(lambda v: v[:2] != v[2:]), min_size=1, max_size=4),
)
def test_segments_meet_barriers_as_shapely_says_touching_included(segments, lines) -> None:
    ends = np.array(segments, float).reshape(-1, 2, 2)
    rivers = [shapely.LineString([line[:2], line[2:], (40, 1)]) for line in lines]
    lake = shapely.box(2, 2, 9, 9) - shapely.box(4, 4, 6, 6)
    barriers = np.array([*rivers, lake, shapely.MultiPolygon([shapely.box(0, 11, 1, 12), lake.buffer(-0.5)])])
    # GEOS finds a line of no length on another one or not, depending on whether that was prepared
    ways = [shapely.LineString(way) if (way[0] != way[1]).any() else shapely.Point(way[0]) for way in ends]
    expected = [(b, w) for b in range(len(barriers)) for w in range(len(ways)) if barriers[b].intersects(ways[w])]
    found = meeting(ends[:, 0].copy(), ends[:, 1].copy(), barriers)
    assert list(zip(*(v.tolist() for v in found), strict=True)) == expected


def test_no_segments_or_no_barriers_meet_nothing() -> None:
    none, one = np.zeros((0, 2)), np.zeros((1, 2))
    assert not len(meeting(none, none, np.array([shapely.box(0, 0, 1, 1)]))[0])
    assert not len(meeting(one, one + 1.0, np.zeros(0, dtype=object))[0])


def test_blocks_change_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    x, y, corner = rng.uniform(0, 100, 50), rng.uniform(0, 100, 50), rng.uniform(0, 80, (9, 2))
    areas = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 40, corner[:, 1] + 30)
    ground = model.Terrain(rng.uniform(0, 9, (10, 10)).astype(np.float32), (12, 0, 0, 0, -12, 110), "here", "here")
    whole = [*lying_in(x, y, areas), centroids(areas), surface_points(areas), ground.sample(x, y)]
    for module, name in ((looking_up, "ASKED_AT_ONCE"), (looking_up, "POINTS_AT_ONCE"), (model, "POINTS_AT_ONCE")):
        monkeypatch.setattr(module, name, 7)
    for one, other in zip(
        whole, [*lying_in(x, y, areas), centroids(areas), surface_points(areas), ground.sample(x, y)], strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert len(whole[0]) > 20, "enough pairs to tell"


def test_points_of_nothing_are_unknown() -> None:
    shapes = np.array([None, shapely.Polygon(), shapely.box(0, 0, 2, 4)], dtype=object)
    for points in (centroids(shapes), surface_points(shapes)):
        assert np.isnan(points[:2]).all()
        assert points[2].tolist() == [1.0, 2.0]
