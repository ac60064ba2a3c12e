import heapq

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import paths
from sewerzone.errors import NetworkError

INT = np.int64


def random_edges(seed, nodes, edges, whole_metres=False):
    """Random multigraph with loops and parallel edges; whole metres make ties likely."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, nodes, edges), rng.integers(0, nodes, edges)
    length = rng.integers(0, 6, edges).astype(float) if whole_metres else rng.uniform(1.0, 100.0, edges)
    return a, b, length


def arcs_of(graph):
    return list(zip(graph.row, graph.neighbour, graph.edge, graph.length_m, strict=True))


def test_road_graph_keeps_the_shortest_parallel_edge_and_drops_loops():
    graph = paths.road_graph(4, np.array([0, 1, 0, 2, 1]), np.array([1, 0, 1, 2, 2]), np.array([5.0, 3.0, 3.0, 1.0, 7.0]))
    assert [tuple(map(float, a)) for a in arcs_of(graph)] == [(0, 1, 1, 3), (1, 0, 1, 3), (1, 2, 4, 7), (2, 1, 4, 7)]
    assert graph.indptr.tolist() == [0, 1, 3, 4, 4]
    assert len(graph) == 4


def test_road_graph_without_edges():
    none = np.zeros(0, INT)
    graph = paths.road_graph(3, none, none, np.zeros(0))
    assert graph.indptr.tolist() == [0, 0, 0, 0]
    assert paths.arcs_between(graph, np.array([0]), np.array([1])).tolist() == [-1]
    assert paths.components(graph).tolist() == [0, 1, 2]
    total, following = paths.cost_to(graph, np.zeros(0), np.array([1]))
    assert total.tolist() == [np.inf, 0.0, np.inf]
    assert following.tolist() == [-1, -1, -1]


@pytest.mark.parametrize(
    ("to_node", "length", "says"), [([9], [1.0], "outside"), ([1], [-1.0], "negative"), ([1], [np.nan], "unknown")]
)
def test_road_graph_refuses_nonsense(to_node, length, says):
    with pytest.raises(NetworkError, match=says):
        paths.road_graph(2, np.array([0]), np.array(to_node), np.array(length))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(0, 80))
def test_road_graph_does_not_depend_on_edge_order_or_direction(seed, nodes, edges):
    a, b, length = random_edges(seed, nodes, edges, whole_metres=True)
    graph = paths.road_graph(nodes, a, b, length)
    rng = np.random.default_rng(seed)
    new, flip = rng.permutation(edges), rng.random(edges) < 0.5
    other = paths.road_graph(nodes, np.where(flip, b, a)[new], np.where(flip, a, b)[new], length[new])
    for name in ("indptr", "neighbour", "length_m"):
        np.testing.assert_array_equal(getattr(graph, name), getattr(other, name))
    arc = paths.arcs_between(graph, graph.row, graph.neighbour)
    np.testing.assert_array_equal(arc, np.arange(len(arc)))


def test_laying_cost_charges_what_runs_against_the_ground():
    graph = paths.road_graph(3, np.array([0, 1]), np.array([1, 2]), np.array([100.0, 50.0]))
    cost = paths.laying_cost(graph, np.array([10.0, 12.0, np.nan]), np.array([1.0, 2.0]), 5.0, 0.01)
    # arcs 0<-1 (2 m down, 1 m needed), 1<-0 (2 m up + 1), 1<-2 and 2<-1 (level: 0.5 m needed)
    assert cost.tolist() == pytest.approx([100.0, 100.0 + 5 * 3.0, 100.0 + 5 * 0.5, 100.0 + 5 * 0.5])


def simple_dijkstra(graph, cost, targets, limit):
    """Plain Python twin: least total, then smallest next node."""
    total, following = {int(t): 0.0 for t in targets}, {}
    heap, done = [(0.0, int(t)) for t in set(targets.tolist())], set()
    heapq.heapify(heap)
    while heap:
        d, x = heapq.heappop(heap)
        if x in done:
            continue
        done.add(x)
        for q in range(graph.indptr[x], graph.indptr[x + 1]):
            y, way = int(graph.neighbour[q]), d + cost[q]
            if y in done or way > limit or not way < np.inf:
                continue
            if way < total.get(y, np.inf) or (way == total[y] and x < following.get(y, -1)):
                total[y], following[y] = way, x
                heapq.heappush(heap, (way, y))
    return total, following


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 40), st.integers(0, 120), st.booleans(), st.sampled_from([np.inf, 60.0, 3.0]))
def test_cost_to_equals_networkx_and_a_plain_twin(seed, nodes, edges, whole_metres, limit):
    a, b, length = random_edges(seed, nodes, edges, whole_metres)
    graph = paths.road_graph(nodes, a, b, length)
    rng = np.random.default_rng(seed + 1)
    cost = graph.length_m * rng.integers(1, 3, len(graph.neighbour))
    cost[rng.random(len(cost)) < 0.1] = np.inf
    targets = rng.integers(0, nodes, 3)
    total, following = paths.cost_to(graph, cost, targets, limit)
    twin_total, twin_following = simple_dijkstra(graph, cost, targets, limit)
    assert {v: total[v] for v in np.flatnonzero(np.isfinite(total))} == twin_total
    assert {v: following[v] for v in np.flatnonzero(following >= 0)} == twin_following
    known = nx.DiGraph()
    known.add_nodes_from(range(nodes))
    known.add_weighted_edges_from((x, y, c) for (x, y, _, _), c in zip(arcs_of(graph), cost, strict=True) if np.isfinite(c))
    expected = nx.multi_source_dijkstra_path_length(known, set(targets.tolist()))
    for v in range(nodes):
        if expected.get(v, np.inf) <= limit:
            assert total[v] == pytest.approx(expected.get(v, np.inf))
        else:
            assert total[v] == np.inf


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 40), st.integers(0, 120), st.booleans())
def test_the_ways_of_nodes_asked_for_are_those_of_a_whole_search(seed, nodes, edges, whole_metres):
    a, b, length = random_edges(seed, nodes, edges, whole_metres)
    graph = paths.road_graph(nodes, a, b, length)
    rng = np.random.default_rng(seed + 1)
    targets, asked = rng.integers(0, nodes, 3), rng.integers(0, nodes, 4)
    total, following = paths.cost_to(graph, graph.length_m, targets)
    some, way = paths.cost_to(graph, graph.length_m, targets, asked=asked)
    for v in asked.tolist():
        assert some[v] == total[v]
        while v >= 0:  # and so is all of the way there
            assert way[v] == following[v]
            v = int(following[v])


def test_a_search_ends_with_the_last_node_asked_for():
    graph = paths.road_graph(1_000, np.arange(999), np.arange(1, 1_000), np.ones(999))
    total, _ = paths.cost_to(graph, graph.length_m, np.array([0]), asked=np.array([3]))
    assert np.isfinite(total).sum() <= 6


def test_cost_to_follows_the_flow():
    graph = paths.road_graph(2, np.array([0]), np.array([1]), np.array([100.0]))
    cost = paths.laying_cost(graph, np.array([0.0, 10.0]), np.ones(1), 3.0, 0.0)
    assert paths.cost_to(graph, cost, np.array([0]))[0].tolist() == [0.0, 100.0]  # 1 drains down to 0
    assert paths.cost_to(graph, cost, np.array([1]))[0].tolist() == [130.0, 0.0]  # 0 must climb to 1


def line(length):
    n = len(length) + 1
    return paths.road_graph(n, np.arange(n - 1), np.arange(1, n), np.asarray(length, float))


def test_nearest_pairs_on_a_line():
    graph = line([10, 10, 10, 10, 50, 10])
    label = np.array([0, -1, 2, -1, 1, 3, 3])
    a, b, length = paths.nearest_pairs(graph, graph.length_m, label, 5, np.inf)
    assert list(zip(a, b, length, strict=True)) == [(0, 2, 20.0), (1, 2, 20.0), (1, 3, 50.0)]
    a, b, length = paths.nearest_pairs(graph, graph.length_m, label, 5, 20.0)  # the limit included
    assert list(zip(a, b, length, strict=True)) == [(0, 2, 20.0), (1, 2, 20.0)]


def test_nearest_pairs_keeps_a_pair_either_side_wants():
    # a star: the middle keeps only its nearest, but it is the nearest of everyone
    graph = paths.road_graph(4, np.zeros(3, INT), np.arange(1, 4), np.array([10.0, 20.0, 30.0]))
    a, b, length = paths.nearest_pairs(graph, graph.length_m, np.arange(4), 1, np.inf)
    assert list(zip(a, b, length, strict=True)) == [(0, 1, 10.0), (0, 2, 20.0), (0, 3, 30.0)]
    # a path of four: 1-2 is nobody's nearest
    graph = line([10, 15, 10])
    a, b, length = paths.nearest_pairs(graph, graph.length_m, np.arange(4), 1, np.inf)
    assert list(zip(a, b, length, strict=True)) == [(0, 1, 10.0), (2, 3, 10.0)]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(1, 60))
def test_nearest_pairs_hold_a_shortest_spanning_tree_of_the_labels(seed, nodes, edges):
    a, b, length = random_edges(seed, nodes, edges)
    graph = paths.road_graph(nodes, a, b, length)
    rng = np.random.default_rng(seed)
    label = np.where(rng.random(nodes) < 0.5, rng.integers(0, 6, nodes), -1)
    one, other, way = paths.nearest_pairs(graph, graph.length_m, label, 99, np.inf)
    found, exact = nx.Graph(), nx.Graph()
    found.add_weighted_edges_from(zip(one.tolist(), other.tolist(), way.tolist(), strict=True))
    for i in np.unique(label[label >= 0]):
        total, _ = paths.cost_to(graph, graph.length_m, np.flatnonzero(label == i))
        for j in np.unique(label[label > i]):
            least = total[label == j].min()
            if np.isfinite(least):
                exact.add_edge(int(i), int(j), weight=least)
    for i, j, d in found.edges(data="weight"):
        assert d >= exact[i][j]["weight"] - 1e-9

    def spanning(g):
        return nx.minimum_spanning_tree(g).size(weight="weight")

    assert spanning(found) == pytest.approx(spanning(exact))


def test_nearest_pairs_limit_loses_no_pair_it_should_keep():
    a, b, length = random_edges(7, 200, 260)
    graph = paths.road_graph(200, a, b, length)
    label = np.where(np.arange(200) % 9 == 0, np.arange(200) // 9, -1)
    everything = paths.nearest_pairs(graph, graph.length_m, label, 99, np.inf)
    for limit in (50.0, 120.0, 200.0):
        some = paths.nearest_pairs(graph, graph.length_m, label, 99, limit)
        keep = everything[2] <= limit
        assert 0 < keep.sum() < len(keep)
        for x, y in zip(some, everything, strict=True):
            np.testing.assert_array_equal(x, y[keep])


def test_components_are_numbered_by_size_then_smallest_node():
    graph = paths.road_graph(7, np.array([5, 3, 1]), np.array([6, 4, 2]), np.array([0.0, 1.0, 1.0]))
    assert paths.components(graph).tolist() == [3, 0, 0, 1, 1, 2, 2]
    graph = paths.road_graph(4, np.array([1, 2]), np.array([2, 3]), np.ones(2))
    assert paths.components(graph).tolist() == [1, 0, 0, 0]
    usable = graph.edge == 1
    assert paths.components(graph, usable).tolist() == [1, 2, 0, 0]
