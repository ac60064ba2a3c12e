"""Easements: straight ways off the road where roads leave a gap."""

import sys
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from sewerzone.engineering import easements, noding

sys.path.insert(0, str(Path(__file__).parents[1]))
from roadside import CRS, build, houses, roads

GAP = [(-200, 0), (-30, 0)], [(30, 0), (200, 0)]


def barriers(*shapes, kind="river"):
    return gpd.GeoDataFrame({"barrier_id": np.arange(len(shapes)), "kind": kind}, geometry=list(shapes), crs=CRS)


def parts(net):
    return int(net.nodes["component"].max()) + 1


def off_road_m(net):
    return float(net.edges.loc[net.edges["road_id"].isna(), "length_m"].sum())


def test_no_gap_is_closed_unless_asked():
    net = build(roads(*GAP))
    assert parts(net) == 2
    assert off_road_m(net) == 0.0


@pytest.mark.parametrize(("reach_m", "closed"), [(60.0, True), (59.99, False)])
def test_a_gap_of_60_m_is_closed_by_one_straight_way(reach_m, closed):
    net = build(roads(*GAP), easement_max_m=reach_m, off_road_weight=2.0)
    assert parts(net) == (1 if closed else 2)
    assert off_road_m(net) == pytest.approx(60.0 if closed else 0.0)
    way = net.edges[net.edges["road_id"].isna()]
    assert (way["weight"] == 2.0).all()
    assert (way["length_m"] <= 20.0 + 1e-9).all()
    assert any("1 way off the road may close gaps, 60 m at most" in note for note in net.notes) == closed


@pytest.mark.parametrize(("detour", "offered"), [(4.99, True), (5.0, False)])
def test_a_way_is_offered_only_where_the_road_is_long(detour, offered):
    """Two dead ends 40 m apart, 200 m by road."""
    comb = [(-100, 0), (0, 0), (40, 0), (100, 0)], [(0, 0), (0, 80)], [(40, 0), (40, 80)]
    net = build(roads(*comb), easement_max_m=45.0, easement_detour=detour)
    assert off_road_m(net) == pytest.approx(40.0 if offered else 0.0)


def test_never_through_a_building_but_round_it():
    wall = houses((0, 0))
    wall.geometry = [shapely.box(-5, -200, 5, 6)]
    assert parts(build(roads(*GAP), wall, easement_max_m=60.0)) == 2
    bent = roads([(-200, 0), (-30, 0)], [(30, 0), (200, 0)], [(30, 0), (30, 20)])
    net = build(bent, wall, easement_max_m=64.0)
    assert parts(net) == 1
    assert off_road_m(net) == pytest.approx(np.hypot(60, 20))
    ways = net.edges.geometry[net.edges["road_id"].isna()]
    assert not ways.intersects(wall.geometry.iloc[0]).any()
    point = houses((0, 0), dwellings=0.0)
    assert parts(build(roads(*GAP), point, easement_max_m=60.0)) == 1


def test_over_a_river_a_way_becomes_a_crossing_unless_the_river_is_closed():
    river = barriers(shapely.box(-10, -300, 10, 300))
    net = build(roads(*GAP), barriers=river, easement_max_m=60.0)
    assert parts(net) == 1
    crossing = net.edges[net.edges["crossing"] == "river"]
    assert crossing["length_m"].tolist() == [pytest.approx(30.0)]
    assert crossing["road_id"].isna().all()
    assert off_road_m(net) == pytest.approx(60.0)
    closed = build(roads(*GAP), barriers=river, easement_max_m=60.0, closed_barriers=["river"])
    assert parts(closed) == 2
    assert off_road_m(closed) == 0.0


def random_streets(seed):
    """Short crooked lanes, some apart."""
    rng = np.random.default_rng(seed)
    xy, line = [], []
    for k in range(9):
        at = rng.uniform(0, 250, 2)
        for _ in range(rng.integers(2, 5)):
            xy.append(at)
            line.append(k)
            at = at + rng.uniform(-60, 60, 2)
    place = np.array(xy)
    streets = noding.weld(place[:, 0], place[:, 1], np.array(line), np.arange(9))
    return noding.tidy(noding.subdivide(streets, 20.0))[0]


@given(st.integers(0, 10_000), st.sampled_from([1.0, 3.0]))
@settings(deadline=None, max_examples=40)
def test_candidates_are_those_of_all_pairs(seed, detour):
    streets = random_streets(seed)
    part, reach = noding.components(streets), 55.0
    found = easements.candidates(streets, part, reach, detour)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(part)))
    graph.add_weighted_edges_from(zip(streets.start, streets.end, streets.length_m, strict=True))
    by_road = dict(nx.all_pairs_dijkstra_path_length(graph))
    xy = np.column_stack([streets.x_m, streets.y_m])
    straight = cdist(xy, xy)
    expected = []
    for a in range(len(part)):
        if graph.degree(a) != 1 and part[a] == 0:
            continue
        far = [
            (part[b], straight[a, b], b) for b in range(len(part))
            if b != a and straight[a, b] <= reach and by_road[a].get(b, np.inf) > detour * straight[a, b] * (1 + 1e-9)
        ]  # fmt: skip
        for to in np.unique(part):
            expected += [(a, b) for p, _, b in sorted(far) if p == to][: easements.NEAREST]
    assert list(zip(found.one, found.other, strict=True)) == expected
    chosen = easements.chosen(streets, part, found, np.ones(len(found.one), bool), reach)
    assert (chosen.one < chosen.other).all()
    pairs = set(zip(chosen.one, chosen.other, strict=True))
    assert len(pairs) == len(chosen.one)
    assert pairs <= {(min(p), max(p)) for p in expected}
    before, after = noding.components(streets), noding.components(easements.add(streets, chosen, 9)[0])
    joined = nx.Graph(pairs)
    joined.add_nodes_from(range(len(part)))
    joined.add_edges_from(zip(streets.start, streets.end, strict=True))
    assert after.max() + 1 == nx.number_connected_components(joined)
    assert after.max() <= before.max()


def test_parts_side_by_side_are_joined_every_so_often_not_everywhere():
    net = build(roads([(-300, 0), (300, 0)], [(-300, 30), (300, 30)]), easement_max_m=60.0)
    assert parts(net) == 1
    assert 5 <= len(net.edges[net.edges["road_id"].isna()]) / 2 <= 11  # 30 m ways in two pieces, one per 60 m


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=10)
def test_the_order_of_rows_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    lanes = [[tuple(at), tuple(at + rng.uniform(-60, 60, 2))] for at in rng.uniform(0, 250, (8, 2))]
    order = rng.permutation(8)
    first = build(roads(*lanes), easement_max_m=50.0)
    other = build(roads(*[lanes[k][::-1] for k in order]), easement_max_m=50.0)
    columns = ["from_node_id", "to_node_id", "length_m"]
    assert first.edges[columns].equals(other.edges[columns])
