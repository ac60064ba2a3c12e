"""Laws of the road network on random streets: order does not matter, length is kept, nobody is lost."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import noding, segments

sys.path.insert(0, str(Path(__file__).parents[1]))
from roadside import barriers, build, houses, plants, roads

CASES = settings(deadline=None, max_examples=20)


def random_town(seed: int, count: int = 25):
    """Bent streets, some sharing vertices, some ending near others, some crossing, some twice."""
    draw = np.random.default_rng(seed)
    shared = draw.uniform(-400, 400, (12, 2)).round(2)
    streets = []
    for _ in range(count):
        start = shared[draw.integers(12)] + (draw.uniform(-0.4, 0.4, 2) if draw.random() < 0.3 else 0.0)
        bends = start + np.cumsum(draw.normal(0, 60, (draw.integers(1, 5), 2)), axis=0)
        if draw.random() < 0.3:
            bends[-1] = shared[draw.integers(12)]
        streets.append(np.vstack([start, bends]))
    streets += [streets[0], streets[1][::-1]]
    middle = (streets[2][0] + streets[2][1]) / 2
    streets.append(np.vstack([middle + 0.1, middle + draw.uniform(20, 90, 2)]))
    weight = draw.choice([1.0, 1.3, 2.0], len(streets))
    homes = draw.uniform(-450, 450, (60, 2))
    return streets, weight, homes


def network_of(streets, weight, homes, order=None, is_reversed=None, **changes):
    """The network of a random town with a river and two plants; rows shuffled and lines reversed as told."""
    lines = [line[::-1] if back else line for line, back in zip(streets, is_reversed or [False] * len(streets), strict=True)]
    table, people = roads(*lines, weight=weight), houses(*map(tuple, homes))
    if order is not None:
        table = table.iloc[order]
        people = people.sample(frac=1.0, random_state=int(order[0]))
    river = barriers(shapely.LineString([(-500, -300), (500, 250)]).buffer(5.0))
    return build(table, people, barriers=river, plants=plants((0, 0), (200, 100), kind=["plant", "outlet"]), **changes)


@CASES
@given(seed=st.integers(0, 10_000), shuffle=st.randoms(use_true_random=False), is_noded=st.booleans())
def test_shuffled_and_reversed_lines_give_identical_tables(seed, shuffle, is_noded):
    streets, weight, homes = random_town(seed)
    order = list(range(len(streets)))
    shuffle.shuffle(order)
    is_reversed = [shuffle.random() < 0.5 for _ in streets]
    one = network_of(streets, weight, homes, node_crossings=is_noded)
    other = network_of(streets, weight, homes, order, is_reversed, node_crossings=is_noded)
    for name in ("nodes", "edges", "laterals"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    pd.testing.assert_series_equal(one.plant_nodes, other.plant_nodes)
    assert one.notes == other.notes


@CASES
@given(seed=st.integers(0, 10_000), spacing=st.sampled_from([5.0, 20.0, 333.0]))
def test_network_is_whole_and_every_dwelling_is_accounted_for(seed, spacing):
    streets, weight, homes = random_town(seed)
    net = network_of(streets, weight, homes, node_crossings=True, profile_spacing_m=spacing)
    assert net.laterals["building_id"].tolist() == list(range(60))
    xy = net.nodes[["x_m", "y_m"]].to_numpy()
    a, b = net.edges["from_node_id"].to_numpy(), net.edges["to_node_id"].to_numpy()
    assert (a < b).all()
    assert not net.edges.duplicated(["from_node_id", "to_node_id"]).any()
    length = net.edges["length_m"].to_numpy()
    np.testing.assert_allclose(np.hypot(*(xy[b] - xy[a]).T), length, rtol=0, atol=1e-6)
    assert length.min() > 0
    assert length[net.edges["crossing"].isna()].max() <= spacing + 1e-6  # a crossing is one way from bank to bank
    assert set(np.r_[a, b]) == set(range(len(xy)))
    component = net.nodes["component"].to_numpy()
    assert (component[a] == component[b]).all()
    assert (np.diff(np.bincount(component)) <= 0).all()
    done = net.laterals[net.laterals["status"] == "connected"]
    foot = shapely.get_coordinates(shapely.get_point(done.geometry.to_numpy(), -1))
    np.testing.assert_array_equal(foot, xy[done["node_id"].to_numpy(dtype=int)])
    assert (done["length_m"] <= 100.0 + noding.SHARE_M).all()
    river = shapely.LineString([(-500, -300), (500, 250)]).buffer(5.0 - 2 * noding.SHARE_M)
    assert not shapely.intersects(done.geometry.to_numpy(), river).any()


def clean_town(seed: int, count: int):
    """Streets that share no place but their crossings: every length must be found again."""
    draw = np.random.default_rng(seed)
    start = draw.uniform(-500, 500, (count, 2))
    return np.stack([start, start + draw.normal(0, 200, (count, 2))], axis=1)


@CASES
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40))
def test_noding_and_splitting_keep_the_length_and_the_place_of_all_streets(seed, count):
    lines = clean_town(seed, count)
    homes = np.random.default_rng(seed).uniform(-500, 500, (50, 2))
    net = build(roads(*lines), houses(*map(tuple, homes)), node_crossings=True, snap_tolerance_m=0.0)
    expected = shapely.linestrings(lines)
    # Crossings within 5 cm of a line's end move that end by as much; anything else keeps the length to rounding.
    near_ends = shapely.STRtree(expected).query(shapely.points(lines.reshape(-1, 2)), predicate="dwithin", distance=0.1)
    slack = 1e-6 + 0.1 * (near_ends.shape[1] - 2 * count)
    assert net.edges["length_m"].sum() == pytest.approx(shapely.length(expected).sum(), abs=slack)
    crossings = shapely.get_parts(shapely.node(shapely.multilinestrings(expected)))
    ends = pd.Series(map(tuple, shapely.get_coordinates(shapely.boundary(crossings)).round(3)))
    busy = np.bincount(np.r_[net.edges["from_node_id"], net.edges["to_node_id"]]) >= 3
    if slack <= 1e-6 and len(crossings) < 2000:
        assert busy.sum() == pytest.approx((ends.value_counts() >= 3).sum(), abs=0.02 * len(ends))


@CASES
@given(seed=st.integers(0, 10_000), share=st.floats(0, 1), points=st.integers(1, 40))
def test_split_gives_every_point_a_node_at_its_place(seed, share, points):
    draw = np.random.default_rng(seed)
    lines = clean_town(seed, 10)
    x, y = lines.reshape(-1, 2).T
    streets = noding.weld(x, y, np.repeat(np.arange(10), 2), np.arange(10))
    segment = draw.integers(0, len(streets.start), points)
    along = np.r_[share, draw.uniform(0, 1, points - 1)]
    cut, node = noding.split(streets, segment, along)
    a, b = streets.start[segment], streets.end[segment]
    px = streets.x_m[a] + along * (streets.x_m[b] - streets.x_m[a])
    py = streets.y_m[a] + along * (streets.y_m[b] - streets.y_m[a])
    off = np.hypot(cut.x_m[node] - px, cut.y_m[node] - py)
    assert (off <= noding.SHARE_M * points + 1e-9).all()
    assert cut.length_m.sum() == pytest.approx(streets.length_m.sum(), rel=1e-8)
    feet = segments.nearest(streets.grid(), cut.x_m, cut.y_m)
    np.testing.assert_allclose(feet.distance_m, 0.0, atol=1e-6)
