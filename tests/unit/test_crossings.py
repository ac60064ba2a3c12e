"""Crossings of rivers and railways: chains of streets, and what barriers and bridges make of them."""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone import config
from sewerzone.engineering import crossings, noding
from sewerzone.model import Terrain
from sewerzone.stages.network.crossings import unknown_kinds
from sewerzone.tables import EDGES

sys.path.insert(0, str(Path(__file__).parents[1]))
from roadside import CRS, build, houses, plants, roads

ACROSS = [(-100, 0), (100, 0)]
FREE_M = config.CROSSING_DEPTH_M["river"]


def streets_of(lines):
    """A street graph by shared vertices."""
    xy = np.concatenate([np.asarray(line, float) for line in lines])
    line = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    return noding.weld(xy[:, 0], xy[:, 1], line, np.arange(len(lines)))


def random_streets(seed, side=5):
    """A bent grid with streets missing, cut into pieces of at most 20 m."""
    rng = np.random.default_rng(seed)
    place = {(i, j): (60.0 * i + rng.uniform(-9, 9), 60.0 * j + rng.uniform(-9, 9)) for i in range(side) for j in range(side)}
    pairs = [((i, j), (i + 1, j)) for i in range(side - 1) for j in range(side)]
    pairs += [((i, j), (i, j + 1)) for i in range(side) for j in range(side - 1)]
    lines = [[place[a], place[b]] for a, b in pairs if rng.random() < 0.7]
    return noding.tidy(noding.subdivide(streets_of(lines), 20.0))[0]


def barriers(*shapes, kind="river"):
    return gpd.GeoDataFrame({"barrier_id": np.arange(len(shapes)), "kind": kind}, geometry=list(shapes), crs=CRS)


def crossed(net):
    """The crossings: (kind, x of its two ends rounded), sorted."""
    edges = net.edges[net.edges["crossing"].notna()]
    ends = np.sort(net.nodes["x_m"].to_numpy()[edges[["from_node_id", "to_node_id"]].to_numpy()], axis=1)
    return sorted((kind, *np.round(row, 3).tolist()) for kind, row in zip(edges["crossing"], ends, strict=True))


def parts(net):
    return int(net.nodes["component"].max()) + 1


def bed(profile_m, size_m=1000.0):
    """Ground that depends on x alone: elevations (x, z) joined by straight lines, 1 m cells."""
    n = int(size_m)
    x = -size_m / 2 + np.arange(n) + 0.5
    row = np.interp(x, *np.array(profile_m, float).T).astype(np.float32)
    metric = pyproj.CRS(CRS)
    return Terrain(np.tile(row, (n, 1)), (1.0, 0.0, -size_m / 2, 0.0, -1.0, size_m / 2), metric, metric)


# Chains ---------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=40)
def test_chains_run_from_stop_to_stop_without_a_gap(seed):
    streets = random_streets(seed)
    loaded = np.random.default_rng(seed).random(len(streets.x_m)) < 0.1
    along = crossings.chains(streets, loaded)
    ends = np.r_[streets.start, streets.end]
    is_stop = loaded | (np.bincount(ends, minlength=len(streets.x_m)) != 2)
    for chain in range(len(along.length_m)):
        mine = along.order[along.chain[along.order] == chain]
        at_first = along.at_start_m[mine] < along.at_end_m[mine]
        first = np.where(at_first, streets.start[mine], streets.end[mine])
        last = np.where(at_first, streets.end[mine], streets.start[mine])
        assert (last[:-1] == first[1:]).all()
        assert is_stop[[first[0], last[-1]]].all()
        assert not is_stop[last[:-1]].any()
        reach = np.r_[0.0, np.cumsum(streets.length_m[mine])]
        np.testing.assert_allclose(np.minimum(along.at_start_m, along.at_end_m)[mine], reach[:-1], atol=1e-9)
        assert along.length_m[chain] == pytest.approx(reach[-1])
    # Only rings without a stop are on no chain.
    off = np.flatnonzero(along.chain < 0)
    assert not is_stop[np.r_[streets.start[off], streets.end[off]]].any()


def test_a_ring_without_a_stop_is_on_no_chain():
    ring = [(0, 0), (50, 0), (50, 50), (0, 0)]
    along = crossings.chains(streets_of([ring, [(100, 0), (200, 0)]]), np.zeros(5, bool))
    assert sorted(along.chain) == [-1, -1, -1, 0]
    assert along.length_m.tolist() == [100.0]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 6), st.integers(0, 3)), max_size=14),
       st.sampled_from([0, 1]))  # fmt: skip
@settings(deadline=None, max_examples=150)
def test_joined_intervals_are_those_of_a_sweep(given_intervals, slack):
    chain, begin, length, rank = np.array(given_intervals, np.int64).reshape(-1, 4).T
    found, became = crossings.joined(chain, begin.astype(float), (begin + length).astype(float), rank, float(slack))
    expected = []
    for c, b, e, r in sorted(zip(chain, begin, begin + length, rank, strict=True)):
        if expected and expected[-1][0] == c and b <= expected[-1][2] + slack:
            expected[-1] = (c, expected[-1][1], max(expected[-1][2], e), min(expected[-1][3], r))
        else:
            expected.append((c, b, e, r))
    assert list(zip(*found, strict=True)) == expected
    for k, of in enumerate(became):
        assert found.chain[of] == chain[k]
        assert found.begin_m[of] <= begin[k] <= begin[k] + length[k] <= found.end_m[of]


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_replaced_stretches_are_straight_and_nothing_else_changes(seed):
    rng = np.random.default_rng(seed)
    streets = random_streets(seed)
    along = crossings.chains(streets, np.zeros(len(streets.x_m), bool))
    chain = np.flatnonzero(along.length_m > 30.0)
    begin = rng.uniform(0.5, 12.0, len(chain))
    taken = crossings.Stretches(chain, begin, begin + rng.uniform(1.0, 15.0, len(chain)), np.zeros(len(chain), np.int64))
    ends = [crossings.points(streets, *crossings.place(along, chain, t)) for t in taken[1:3]]
    straight = np.hypot(*(ends[1] - ends[0]).T)
    base = int(streets.road.max()) + 1
    out, number = crossings.replace(streets, along, taken, base + np.arange(len(chain)))
    new = out.road >= base
    np.testing.assert_allclose(out.length_m[new][np.argsort(out.road[new])], straight, atol=noding.SHARE_M)
    rest = streets.length_m.sum() - (taken.end_m - taken.begin_m).sum()
    assert out.length_m[~new].sum() == pytest.approx(rest, abs=2 * noding.SHARE_M * len(chain))
    assert noding.components(out).max() == noding.components(streets).max()
    kept = number >= 0
    np.testing.assert_array_equal(out.x_m[number[kept]], streets.x_m[kept])
    cut, _ = crossings.replace(streets, along, taken, np.full(len(chain), -1))
    assert cut.length_m.sum() == pytest.approx(rest, abs=2 * noding.SHARE_M * len(chain))


# What is a crossing ---------------------------------------------------------------------------------------------------


AREA, LINE = shapely.box(-15, -300, 15, 300), shapely.LineString([(0, -300), (0, 300)])


@pytest.mark.parametrize(
    ("shapes", "ends"),
    [
        ([AREA], (-20.0, 20.0)),
        ([LINE], (-5.5, 5.5)),
        ([AREA, LINE], (-20.0, 20.0)),
        ([shapely.box(-15, -300, 3, 300), shapely.box(3, -300, 15, 300)], (-20.0, 20.0)),
        ([shapely.LineString([(x, -300), (x, 300)]) for x in (-3, 1, 5)], (-8.5, 10.5)),
        ([shapely.MultiLineString([[(-4, -300), (-4, 0)], [(-4, 0), (-4, 300)]])], (-9.5, 1.5)),
    ],
    ids=["area", "line", "area and its middle", "area in pieces", "three tracks", "line in pieces"],
)
def test_a_road_over_a_barrier_is_one_straight_crossing_however_it_is_drawn(shapes, ends):
    net = build(roads(ACROSS), barriers=barriers(*shapes))
    assert crossed(net) == [("river", *ends)]
    assert parts(net) == 1
    EDGES.check(net.edges)
    assert any("1 river crossing" in note for note in net.notes)


def test_without_barriers_nothing_is_crossed():
    net = build(roads(ACROSS))
    assert crossed(net) == []
    assert (net.edges["least_excavation_m"] == 0.0).all()


def test_barriers_farther_apart_than_both_margins_are_two_crossings():
    two = [shapely.LineString([(x, -300), (x, 300)]) for x in (-5.5, 5.5)]
    assert len(crossed(build(roads(ACROSS), barriers=barriers(*two), crossing_margin_m=4.99))) == 2
    assert len(crossed(build(roads(ACROSS), barriers=barriers(*two), crossing_margin_m=5.0))) == 1


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(-60, 0, 60, 300),  # a road drawn on the very bank
        shapely.Point(0, 98).buffer(100),  # dips 2 m into a lake and comes out on the same bank
        shapely.LineString([(-80, -4), (80, 4)]),  # drawn over the road at 3 degrees
        shapely.LineString([(0, 0), (0, 300)]),  # begins at the road
        shapely.LineString([(0, 0.2), (0, 300)]),
        shapely.Point(0, 0),
    ],
    ids=["on the bank", "dips in", "along", "begins at the road", "ends before the road", "a point"],
)
def test_a_road_beside_a_barrier_crosses_nothing(shape):
    assert crossed(build(roads(ACROSS), barriers=barriers(shape))) == []


@pytest.mark.parametrize("angle_deg", [20.0, 45.0, 90.0])
def test_skew_crossings_are_crossings(angle_deg):
    along = 250.0 * np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    assert len(crossed(build(roads(ACROSS), barriers=barriers(shapely.LineString([-along, along]))))) == 1


def test_an_island_is_reached_by_one_crossing_and_left_by_another():
    river = shapely.box(-60, -300, 60, 300) - shapely.box(-15, -100, 15, 100)
    net = build(roads(ACROSS), barriers=barriers(river))
    assert crossed(net) == [("river", -65.0, -10.0), ("river", 10.0, 65.0)]


def test_a_crossing_ends_at_junctions_and_laterals_near_the_bank():
    lanes = roads([(-100, 0), (-17, 0), (100, 0)], [(-17, 0), (-17, 80)])
    net = build(lanes, houses((18, 10)), barriers=barriers(AREA))
    assert crossed(net) == [("river", -17.0, 18.0)]


def test_a_junction_in_the_water_is_reached_from_every_bank():
    star = roads([(-100, 0), (0, 0)], [(0, 0), (100, 0)], [(0, 0), (0, 400)])
    net = build(star, barriers=barriers(shapely.box(-15, -200, 15, 200)))
    assert crossed(net) == [("river", -20.0, 0.0), ("river", 0.0, 0.0), ("river", 0.0, 20.0)]
    assert parts(net) == 1


def test_the_dearer_of_barriers_crossed_at_once_counts():
    railway = shapely.LineString([(20, -300), (20, 300)])
    both = gpd.GeoDataFrame({"barrier_id": [0, 1], "kind": ["river", "rail"]}, geometry=[AREA, railway], crs=CRS)
    assert crossed(build(roads(ACROSS), barriers=both)) == [("railway", -20.0, 25.5)]


@pytest.mark.parametrize(
    ("given_kind", "kind"),
    [("river", "river"), ("canal", "river"), ("鉄道", "railway"), ("motorway", "motorway"), (None, "other"), ("wall", "other")],
)
def test_kinds_of_barriers(given_kind, kind):
    net = build(roads(ACROSS), barriers=barriers(LINE, kind=given_kind))
    assert [k for k, *_ in crossed(net)] == [kind]


def test_ditches_are_crossed_like_ground_unless_told_otherwise():
    ditch = barriers(LINE, kind="ditch")
    assert crossed(build(roads(ACROSS), barriers=ditch)) == []
    net = build(roads(ACROSS), barriers=ditch, closed_barriers=["ditch"], free_barriers=[])
    assert parts(net) == 2


def test_closed_and_too_wide_barriers_part_the_roads():
    around = roads(ACROSS, [(-100, 0), (-100, 400), (100, 400), (100, 0)])
    river = barriers(shapely.box(-15, -300, 15, 300))
    for change in ({"closed_barriers": ["river"]}, {"crossing_max_m": 39.9}):
        assert parts(build(roads(ACROSS), barriers=river, **change)) == 2
        net = build(around, houses((-90, 10)), barriers=river, **change)
        assert crossed(net) == []
        assert parts(net) == 1
        assert any("cut at 1 place " in note for note in net.notes)
    assert crossed(build(roads(ACROSS), barriers=river, crossing_max_m=40.0)) == [("river", -20.0, 20.0)]


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=10)
def test_the_order_of_rows_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    lines = [[(-100, y), (100, y)] for y in (0, 40, 80)] + [[(x, 0), (x, 40), (x, 80)] for x in (-100, 100)]
    shapes = [shapely.box(-15, -300, 15, 300), *[shapely.LineString([(x, -300), (x + 9, 300)]) for x in (30, 36, 60)]]
    kinds = np.array(["river", "rail", "rail", "canal"])
    first, order = build(roads(*lines), barriers=barriers(*shapes, kind=kinds)), rng.permutation(len(shapes))
    turned = [shapely.reverse(shapes[k]) if rng.random() < 0.5 else shapes[k] for k in order]
    other = build(roads(*lines), barriers=barriers(*turned, kind=kinds[order]))
    assert first.edges.equals(other.edges)


# Depth ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth_m", [0.0, 2.5, 4.0])
def test_the_pipe_lies_below_the_lowest_ground_between_the_banks(depth_m):
    ground = bed([(-500, 12.0), (-15, 12.0), (-6, 7.0), (0, 7.0), (15, 11.0), (500, 11.0)])
    net = build(roads(ACROSS), barriers=barriers(AREA), terrain=ground, crossing_depth_m={"river": depth_m})
    edge = net.edges[net.edges["crossing"].notna()].iloc[0]
    banks = net.nodes["ground_elev_m"].to_numpy()[[edge["from_node_id"], edge["to_node_id"]]]
    assert sorted(banks) == [11.0, 12.0]
    assert edge["least_excavation_m"] == pytest.approx(12.0 - 7.0 + depth_m)


def test_where_the_bed_is_unknown_the_lower_bank_counts():
    ground = bed([(-500, 12.0), (0, 12.0), (1, 11.0), (500, 11.0)])
    ground.elevation_m[:, 480:520] = np.nan
    net = build(roads(ACROSS), barriers=barriers(shapely.box(-10, -300, 10, 300)), terrain=ground, crossing_margin_m=15.0)
    edge = net.edges[net.edges["crossing"].notna()].iloc[0]
    assert edge["least_excavation_m"] == pytest.approx(1.0 + FREE_M)


def test_below_a_dam_the_depth_is_kept_from_the_ends_too():
    ground = bed([(-500, 10.0), (-12, 10.0), (-6, 15.0), (6, 15.0), (12, 10.0), (500, 10.0)])
    railway = barriers(shapely.box(-4, -300, 4, 300), kind="railway")
    net = build(roads(ACROSS), barriers=railway, terrain=ground, crossing_margin_m=20.0)
    edge = net.edges[net.edges["crossing"].notna()].iloc[0]
    assert edge["least_excavation_m"] == config.CROSSING_DEPTH_M["railway"]


# Bridges --------------------------------------------------------------------------------------------------------------

OVER = [(-100, 0), (-30, 0)], [(-30, 0), (0, 3), (30, 0)], [(30, 0), (100, 0)]


def over(bridges, **changes):
    """A road with a bridge of 60 m; the network stage gets usable roads as prepare would mark them."""
    status = ["usable", "unusable" if bridges == "closed" else "usable", "usable"]
    lanes = roads(*OVER, kind=["ordinary", "bridge", "ordinary"], status=status)
    return build(lanes, bridges=bridges, **changes)


def test_closed_bridges_part_the_banks():
    assert parts(over("closed", barriers=barriers(AREA))) == 2


@pytest.mark.parametrize(("given_barriers", "kind"), [((), "other"), ((AREA,), "river")])
def test_beside_a_bridge_the_sewer_crosses_from_end_to_end(given_barriers, kind):
    changes = {"barriers": barriers(*given_barriers)} if given_barriers else {}
    net = over("crossing", **changes)
    assert crossed(net) == [(kind, -35.0, 35.0)]
    assert net.edges.loc[net.edges["crossing"].notna(), "length_m"].tolist() == [pytest.approx(70.0)]


def test_a_sewer_hung_on_a_bridge_pays_no_crossing_and_feels_no_river_bed():
    ground = bed([(-500, 12.0), (-25, 12.0), (0, 2.0), (25, 12.0), (500, 12.0)])
    net = over("carrier", barriers=barriers(AREA), terrain=ground, profile_spacing_m=10.0)
    assert crossed(net) == []
    assert parts(net) == 1
    assert net.nodes["ground_elev_m"].min() == pytest.approx(12.0)
    long = net.edges[net.edges["length_m"] > 10.001]
    assert long["length_m"].tolist() == [pytest.approx(60.0)]
    assert long["road_id"].tolist() == [1]


def test_a_closed_barrier_is_not_crossed_on_a_bridge_either():
    assert parts(over("carrier", barriers=barriers(AREA), closed_barriers=["river"])) == 2


def test_bridges_and_unusable_kinds_must_not_contradict():
    with pytest.raises(ValueError, match="take bridge out of it"):
        config.Network(unusable_kinds=("bridge",), bridges="carrier")
    assert config.Network(unusable_kinds=("bridge",)).kinds_without_sewer == ("bridge",)
    assert config.Network(bridges="crossing").kinds_without_sewer == ("motorway", "tunnel", "construction")
    with pytest.raises(ValueError, match="no barrier is of kind lava"):
        config.Network(crossing_depth_m={"lava": 3.0})
    with pytest.raises(ValueError, match="free_barriers and in closed"):
        config.Network(closed_barriers=("ditch",))


def test_plants_are_not_lost_in_a_crossing():
    net = build(roads(ACROSS), barriers=barriers(AREA), plants=plants((0, 5)))
    assert net.nodes.loc[int(net.plant_nodes[0]), "x_m"] == 0.0
    assert len(crossed(net)) == 2


def test_kinds_no_rule_knows_are_named():
    frame = gpd.GeoDataFrame({"kind": ["river", "hogehoge", None, "hogehoge"]}, geometry=[shapely.Point(0, 0)] * 4)
    (note,) = unknown_kinds(frame, config.Network())
    assert "hogehoge (2)" in note
    assert "no kind given (1)" in note
    assert unknown_kinds(frame.iloc[:1], config.Network()) == []
