"""Single linkage and spanning forests against brute force on all pairs."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from shapely import affinity

from sewerzone import shapes
from sewerzone.engineering import neighbours

FRINGE = Path(__file__).parents[2].parent / "shared" / "data" / "jp_sendai_osm_gsi" / "sendai_west_fringe.gpkg"


def town(seed: int, count: int = 150, extent_m: float = 400.0) -> np.ndarray:
    """Rotated houses, points, courtyards, two-part footprints, a huge hall, a house in a courtyard, duplicates."""
    random = np.random.default_rng(seed)
    out = []
    for kind in random.integers(0, 8, count):
        x, y = random.uniform(0, extent_m, 2)
        w, h = random.lognormal(2.2, 0.5, 2)
        block = affinity.rotate(shapely.box(x, y, x + w, y + h), random.uniform(0, 180))
        if kind == 0:
            block = shapely.Point(x, y)
        elif kind == 1:
            block = block.difference(affinity.scale(block, 0.7, 0.7))
        elif kind == 2:
            block = shapely.MultiPolygon([block, affinity.translate(block, 3 * w, 2 * h)])
        elif kind == 3:  # an L whose box centre lies outside it
            block = shapely.box(x, y, x + 20, y + 20).difference(shapely.box(x + 4, y + 4, x + 20, y + 20))
        out.append(block)
    hall = shapely.box(50, 50, 230, 120).difference(shapely.box(80, 70, 200, 100))
    out += [
        hall,
        shapely.box(130, 80, 140, 90),
        out[0],
        out[3],
        shapely.box(300, 300, 304, 304),
        shapely.box(301, 301, 302, 302),
    ]
    return np.array(out, dtype=object)


def brute(footprints: np.ndarray, limit_m: float, group: np.ndarray | None = None) -> np.ndarray:
    gap = shapely.distance(footprints[:, None], footprints[None, :])
    linked = gap <= limit_m + neighbours.SLACK_M
    if group is not None:
        linked &= group[:, None] == group[None, :]
    return canonical(connected_components(linked)[1])


def canonical(label: np.ndarray) -> np.ndarray:
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    return first[inverse]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limit_m", [0.0, 3.0, 12.0, 40.0])
def test_components_equal_brute_force(seed: int, limit_m: float) -> None:
    footprints = town(seed)
    label = neighbours.components(shapes.features(footprints), limit_m)
    np.testing.assert_array_equal(label, brute(footprints, limit_m))


@pytest.mark.parametrize("seed", range(3))
def test_groups_are_never_linked(seed: int) -> None:
    footprints = town(seed)
    group = np.random.default_rng(seed).integers(0, 3, len(footprints))
    label = neighbours.components(shapes.features(footprints), 15.0, group)
    np.testing.assert_array_equal(label, brute(footprints, 15.0, group))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit_m", [0.0, 25.0])
def test_pairs_and_gaps_equal_shapely(seed: int, limit_m: float) -> None:
    footprints = town(seed)
    a, b, gap_m = neighbours.pairs(shapes.features(footprints), limit_m)
    every = shapely.distance(footprints[:, None], footprints[None, :])
    want_a, want_b = np.nonzero(np.triu(every <= limit_m + neighbours.SLACK_M, 1))
    np.testing.assert_array_equal(np.stack([a, b]), np.stack([want_a, want_b]))
    np.testing.assert_allclose(gap_m, every[a, b], atol=1e-9)


def test_marked_and_unmarked_pairs_together_are_all_pairs() -> None:
    footprints = town(11)
    features = shapes.features(footprints)
    is_marked = np.random.default_rng(1).random(len(footprints)) < 0.5
    label = neighbours.components(features, 15.0, is_marked=is_marked)
    a, b, _ = neighbours.pairs(features, 15.0, is_marked=is_marked)
    assert (is_marked[a] & is_marked[b]).all()
    assert len(np.unique(label)) > len(np.unique(brute(footprints, 15.0)))
    np.testing.assert_array_equal(neighbours.joined(label, a, b), brute(footprints, 15.0))


def test_pairs_of_two_groups_only() -> None:
    footprints = town(12)
    group = np.arange(len(footprints)) % 2
    a, b, _ = neighbours.pairs(shapes.features(footprints), 20.0, group, is_same_group=False)
    every, _ = np.nonzero(
        np.triu(shapely.distance(footprints[:, None], footprints[None, :]) <= 20.0, 1) & (group[:, None] != group)
    )
    assert (group[a] != group[b]).all()
    assert len(a) == len(every)


@pytest.mark.parametrize("seed", range(4))
def test_spanning_forest_is_minimal(seed: int) -> None:
    footprints = town(seed)
    gap = shapely.distance(footprints[:, None], footprints[None, :])
    a, b, gap_m = neighbours.spanning_forest(shapes.features(footprints), 60.0)
    i, j = np.nonzero(np.triu(gap <= 60.0, 1))
    tree = minimum_spanning_tree(coo_matrix((gap[i, j] + 1e-3, (i, j)), shape=gap.shape))  # csgraph takes 0 for no edge
    assert len(a) == tree.nnz
    assert gap_m.sum() == pytest.approx(tree.sum() - 1e-3 * tree.nnz, abs=1e-6)
    assert (a < b).all()
    assert (np.diff(gap_m) >= 0).all()
    for limit_m in (5.0, 20.0):  # every threshold of the forest is single linkage
        label = neighbours.joined(np.arange(len(footprints)), a[gap_m <= limit_m], b[gap_m <= limit_m])
        np.testing.assert_array_equal(label, brute(footprints, limit_m))


def test_footprints_that_cross_without_a_corner_inside_have_no_gap() -> None:
    cross = np.array([shapely.box(0, 8, 20, 12), shapely.box(8, 0, 12, 20)], dtype=object)
    a, b, gap_m = neighbours.pairs(shapes.features(cross), 5.0)
    assert (a.tolist(), b.tolist(), gap_m.tolist()) == ([0], [1], [0.0])


def test_forest_breaks_ties_by_number() -> None:
    square = shapely.points([(0, 0), (10, 0), (10, 10), (0, 10)])
    a, b, gap_m = neighbours.spanning_forest(shapes.features(square), 12.0)
    assert list(zip(a, b, strict=True)) == [(0, 1), (0, 3), (1, 2)]
    assert gap_m == pytest.approx([10.0] * 3)


def test_the_limit_itself_links_after_rotation() -> None:
    row = np.array([shapely.box(i * 40, 0, i * 40 + 10, 10) for i in range(10)], dtype=object)
    turned = np.array([affinity.rotate(g, 33.3, origin=(0, 0)) for g in row], dtype=object)
    assert len(np.unique(neighbours.components(shapes.features(turned), 30.0))) == 1
    assert len(np.unique(neighbours.components(shapes.features(turned), 29.999))) == 10


def test_heavy_tail_and_far_islands() -> None:
    """A plant two kilometres long among houses, and an island a thousand kilometres away, cost no memory or truth."""
    x, y = np.random.default_rng(5).uniform(0, 3000, (2, 400))
    houses = shapely.box(x, y, x + 9, y + 8)
    plant, island = shapely.box(500, 1000, 2500, 1010), shapely.box(1e6, 1e6, 1e6 + 9, 1e6 + 8)
    footprints = np.array([*houses, plant, island], dtype=object)
    np.testing.assert_array_equal(neighbours.components(shapes.features(footprints), 60.0), brute(footprints, 60.0))


def test_no_feature_and_one_feature() -> None:
    none = shapes.features(np.empty(0, dtype=object))
    assert len(neighbours.components(none, 30.0)) == 0
    assert len(neighbours.spanning_forest(none, 30.0)[0]) == 0
    one = shapes.features(np.array([shapely.Point(1, 1)], dtype=object))
    assert neighbours.components(one, 30.0).tolist() == [0]


def test_mean_rule_lets_dense_houses_carry_a_long_gap() -> None:
    # five houses 4 m apart, then one 40 m on: (16 + 40) / 6 = 9.33 m per dwelling
    a, b = np.arange(5), np.arange(1, 6)
    gap_m = np.array([4.0, 4.0, 4.0, 4.0, 40.0])
    assert len(np.unique(neighbours.grown(a, b, gap_m, np.ones(6), 9.4))) == 1
    assert neighbours.grown(a, b, gap_m, np.ones(6), 9.3).tolist() == [0, 0, 0, 0, 0, 5]


def test_mean_rule_counts_dwellings_and_tries_again() -> None:
    # 0-1 gap 10 refused at first (10 / 2 > 3); once 1 has joined the block of 20 flats over 12 m, 22 / 22 <= 3
    a, b, gap_m = np.array([0, 1]), np.array([1, 2]), np.array([10.0, 12.0])
    assert neighbours.grown(a, b, gap_m, np.array([1.0, 1.0, 20.0]), 3.0).tolist() == [0, 0, 0]
    assert neighbours.grown(a, b, gap_m, np.array([1.0, 1.0, 1.0]), 3.0).tolist() == [0, 1, 2]


@pytest.mark.skipif(not FRINGE.exists(), reason="real data not at hand")
def test_real_footprints_equal_strtree() -> None:
    import geopandas as gpd

    frame = gpd.read_file(FRINGE, layer="buildings").to_crs("EPSG:6678")
    footprints = np.asarray(frame.geometry.make_valid().to_numpy(), dtype=object)
    features = shapes.features(footprints)
    for limit_m in (20.0, 40.0):
        i, j = shapely.STRtree(footprints).query(footprints, predicate="dwithin", distance=limit_m)
        linked = coo_matrix((np.ones(len(i)), (i, j)), shape=(len(footprints),) * 2)
        label = neighbours.components(features, limit_m)
        np.testing.assert_array_equal(label, canonical(connected_components(linked, directed=False)[1]))
        a, b, gap_m = neighbours.spanning_forest(features, limit_m)
        np.testing.assert_array_equal(neighbours.joined(np.arange(len(footprints)), a, b), label)
        np.testing.assert_allclose(gap_m, shapely.distance(footprints[a], footprints[b]), atol=1e-6)
