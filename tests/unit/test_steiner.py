import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import paths, steiner
from sewerzone.errors import NetworkError

INT = np.int64


def none():
    return np.zeros(0, INT)


def no_exit(graph):
    return np.full(len(graph), np.inf), np.full(len(graph), -1, INT)


def town(seed, nodes=30, extra=15, whole_metres=False):
    """A connected random road graph with ground: a random tree and some loops; whole metres make ties likely."""
    rng = np.random.default_rng(seed)
    a = np.concatenate([np.arange(1, nodes), rng.integers(0, nodes, extra)])
    b = np.concatenate([(rng.random(nodes - 1) * np.arange(1, nodes)).astype(INT), rng.integers(0, nodes, extra)])
    length = rng.integers(1, 5, len(a)).astype(float) if whole_metres else rng.uniform(10.0, 100.0, len(a))
    graph = paths.road_graph(nodes, a, b, length)
    slope_weight = 0.0 if whole_metres else 20.0
    cost = paths.laying_cost(graph, rng.normal(0, 3, nodes), np.ones(len(a)), slope_weight, 0.003)
    return graph, cost, rng


def grow(graph, cost, terminals, roots, exits=None):
    """One tree."""
    terminals, roots = np.asarray(terminals, INT), np.asarray(roots, INT)
    exit_cost, exit_next = exits or no_exit(graph)
    return steiner.grow_trees(
        graph, cost, np.array([0, len(terminals)]), terminals, np.array([0, len(roots)]), roots, exit_cost, exit_next
    )


def check_trees(graph, cost, trees, offsets, terminals, entry_points):
    """What must hold of any result: directed forests along roads, every terminal in, no idle leaf, costs add up."""
    for t in range(len(offsets) - 1):
        first, last = trees.offsets[t], trees.offsets[t + 1]
        node, parent = trees.node[first:last], trees.parent[first:last]
        wanted = set(terminals[offsets[t] : offsets[t + 1]].tolist())
        missed = set(terminals[[m for m in trees.missed if offsets[t] <= m < offsets[t + 1]]].tolist())
        assert len(set(node.tolist())) == len(node)
        assert wanted - missed == wanted & set(node.tolist())
        assert np.all(parent < np.arange(first, last))
        assert np.all((parent >= first) | (parent == -1))
        assert set(node[parent < 0].tolist()) <= set(entry_points[t])
        has_child = np.isin(np.arange(first, last), parent)
        assert set(node[~has_child].tolist()) <= wanted
        is_pipe = parent >= 0
        arc = paths.arcs_between(graph, trees.node[parent[is_pipe]], node[is_pipe])
        assert np.all(arc >= 0)
        np.testing.assert_array_equal(graph.edge[arc], trees.arc_edge[first:last][is_pipe])
        assert np.all(trees.arc_edge[first:last][~is_pipe] == -1)
        assert trees.cost[t] == pytest.approx(cost[arc].sum())


def twin(graph, cost, terminals, roots, exit_cost, exit_next):
    """The heuristic said plainly: join the cheapest terminal, start over. Returns {node: parent node or None}."""
    reached, parent = set(roots), {}
    left = set(terminals)
    while left:
        total, following = paths.cost_to(graph, cost, np.array(sorted(reached), INT))
        by_tree = min(((total[v], v) for v in left), default=(np.inf, -1))
        by_exit = min((exit_cost[v], v) for v in left)
        if min(by_tree[0], by_exit[0]) == np.inf:
            break
        next_node, v = (following, by_tree[1]) if by_tree[0] <= by_exit[0] else (exit_next, by_exit[1])
        left.discard(v)
        while v not in parent:
            reached.add(v)
            step = next_node[v] if v not in roots else -1
            parent[v] = None if step < 0 else int(step)
            if step < 0:
                break
            v = int(step)
        left -= parent.keys()
    return parent


def as_dict(trees, t=0):
    first, last = trees.offsets[t], trees.offsets[t + 1]
    parents = trees.parent[first:last]
    return {int(v): None if p < 0 else int(trees.node[p]) for v, p in zip(trees.node[first:last], parents, strict=True)}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 2), st.booleans())
def test_a_tree_equals_the_plain_twin(seed, count, outlets, has_exit):
    graph, cost, rng = town(seed)
    terminals, roots = rng.integers(0, 30, count), rng.integers(0, 30, outlets)
    exits = paths.cost_to(graph, cost, rng.integers(0, 30, 2)) if has_exit else no_exit(graph)
    trees = grow(graph, cost, terminals, roots, exits)
    assert as_dict(trees) == twin(graph, cost, terminals.tolist(), roots.tolist(), *exits)
    arrived = np.flatnonzero((exits[1] < 0) & np.isfinite(exits[0]))
    check_trees(graph, cost, trees, [0, count], terminals, [{*roots.tolist(), *arrived.tolist()}])
    assert len(trees.missed) == (0 if has_exit or outlets else count)


def optimum(graph, cost, terminals, root):
    """Least directed tree by trying every set of further nodes."""
    roads = nx.DiGraph()
    roads.add_weighted_edges_from((int(x), int(y), float(c)) for x, y, c in zip(graph.row, graph.neighbour, cost, strict=True))
    needed = {root, *terminals}
    others = [v for v in range(len(graph)) if v not in needed]
    best = np.inf
    for size in range(len(others) + 1):
        for chosen in itertools.combinations(others, size):
            part = nx.DiGraph(roads.subgraph(needed.union(chosen)))
            part.remove_edges_from(list(part.in_edges(root)))
            try:
                tree = nx.minimum_spanning_arborescence(part, preserve_attrs=False)
            except nx.NetworkXException:
                continue
            best = min(best, tree.size(weight="weight"))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_cost_lies_between_the_optimum_and_all_shortest_ways(seed):
    graph, cost, rng = town(seed, nodes=9, extra=8)
    terminals, root = rng.integers(0, 9, 4), int(rng.integers(0, 9))
    trees = grow(graph, cost, terminals, [root])
    least = optimum(graph, cost, set(terminals.tolist()), root)
    total, _ = paths.cost_to(graph, cost, np.array([root]))
    assert least - 1e-9 <= trees.cost[0] <= total[np.unique(terminals)].sum() + 1e-9
    assert trees.cost[0] <= 2.0 * least


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.booleans())
def test_many_trees_at_once_equal_one_by_one(seed, whole_metres):
    graph, cost, rng = town(seed, whole_metres=whole_metres)
    sizes, outlets = rng.integers(0, 8, 6), rng.integers(0, 3, 6)
    offsets, root_offsets = np.r_[0, np.cumsum(sizes)], np.r_[0, np.cumsum(outlets)]
    terminals, roots = rng.integers(0, 30, offsets[-1]), rng.integers(0, 30, root_offsets[-1])
    total, following = paths.cost_to(graph, cost, rng.integers(0, 30, 1), 60.0)
    trees = steiner.grow_trees(graph, cost, offsets, terminals, root_offsets, roots, total, following)
    groups = offsets, terminals, root_offsets, roots, total, following
    improved = steiner.improve(graph, cost, trees, *groups)
    missed = []
    for t in range(6):
        mine = terminals[offsets[t] : offsets[t + 1]]
        alone = grow(graph, cost, mine, roots[root_offsets[t] : root_offsets[t + 1]], (total, following))
        first, last = trees.offsets[t], trees.offsets[t + 1]
        np.testing.assert_array_equal(alone.node, trees.node[first:last])
        np.testing.assert_array_equal(
            alone.parent, np.where(trees.parent[first:last] < 0, -1, trees.parent[first:last] - first)
        )
        assert alone.cost[0] == trees.cost[t]
        alone = better(graph, cost, alone, mine, roots[root_offsets[t] : root_offsets[t + 1]], (total, following))
        assert as_dict(alone) == as_dict(improved, t)
        missed += (alone.missed + offsets[t]).tolist()
    assert missed == trees.missed.tolist()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_order_of_edges_terminals_and_outlets_does_not_matter(seed):
    graph, _, rng = town(seed, whole_metres=True)
    is_up = graph.row < graph.neighbour
    a, b, length = graph.row[is_up], graph.neighbour[is_up], graph.length_m[is_up]
    new = rng.permutation(len(a))
    other = paths.road_graph(30, b[new], a[new], length[new])
    terminals, roots = rng.integers(0, 30, 10), rng.integers(0, 30, 2)
    one = grow(graph, graph.length_m, terminals, roots)
    two = grow(other, other.length_m, rng.permutation(terminals), roots[::-1])
    np.testing.assert_array_equal(one.node, two.node)
    np.testing.assert_array_equal(one.parent, two.parent)


def better(graph, cost, trees, terminals, roots, exits=None, rounds=10):
    terminals, roots = np.asarray(terminals, INT), np.asarray(roots, INT)
    exit_cost, exit_next = exits or no_exit(graph)
    ends = np.array([0, len(terminals)]), terminals, np.array([0, len(roots)]), roots
    return steiner.improve(graph, cost, trees, *ends, exit_cost, exit_next, rounds)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 3), st.booleans(), st.booleans())
def test_exchanges_keep_a_tree_whole_and_never_make_it_dearer(seed, count, outlets, has_exit, whole_metres):
    graph, cost, rng = town(seed, whole_metres=whole_metres)
    terminals, roots = rng.integers(0, 30, count), rng.integers(0, 30, outlets)
    exits = paths.cost_to(graph, cost, rng.integers(0, 30, 2)) if has_exit else no_exit(graph)
    grown = grow(graph, cost, terminals, roots, exits)
    trees = better(graph, cost, grown, terminals, roots, exits)
    arrived = np.flatnonzero((exits[1] < 0) & np.isfinite(exits[0]))
    check_trees(graph, cost, trees, [0, count], terminals, [{*roots.tolist(), *arrived.tolist()}])
    assert trees.cost[0] <= grown.cost[0] + 1e-9
    again = better(graph, cost, trees, terminals, roots, exits)
    assert as_dict(again) == as_dict(trees)
    if not has_exit and outlets:
        # any spanning tree of the same nodes, outlets tied together, is no shorter when directions cost the same
        level = grow(graph, graph.length_m, terminals, roots)
        level = better(graph, graph.length_m, level, terminals, roots)
        within = nx.Graph()
        inside = set(level.node.tolist())
        for x, y, metres in zip(graph.row, graph.neighbour, graph.length_m, strict=True):
            if x in inside and y in inside:
                ends = tuple("outlet" if v in roots else int(v) for v in (x, y))
                if ends[0] != ends[1]:
                    least = min(metres, within.get_edge_data(*ends, {"weight": np.inf})["weight"])
                    within.add_edge(*ends, weight=least)
        assert level.cost[0] == pytest.approx(nx.minimum_spanning_tree(within).size(weight="weight"))


@pytest.mark.parametrize("seed", range(6))
def test_exchanges_stay_above_the_optimum(seed):
    graph, cost, rng = town(seed, nodes=9, extra=8)
    terminals, root = rng.integers(0, 9, 4), int(rng.integers(0, 9))
    trees = better(graph, cost, grow(graph, cost, terminals, [root]), terminals, [root])
    assert trees.cost[0] >= optimum(graph, cost, set(terminals.tolist()), root) - 1e-9


def test_a_key_path_is_exchanged():
    # 1 and 2 each join the outlet 0 at 10; then 3 joins 2; a tree given by hand takes the long way from 3
    graph = paths.road_graph(4, np.array([0, 0, 2, 0]), np.array([1, 2, 3, 3]), np.array([10.0, 10.0, 5.0, 12.0]))
    given_tree = steiner.Trees(
        np.array([0, 4]), np.array([0, 1, 2, 3]), np.array([-1, 0, 0, 0]), np.array([-1, 0, 1, 3]), none(), np.array([32.0])
    )
    trees = better(graph, graph.length_m, given_tree, [1, 2, 3], [0])
    assert as_dict(trees) == {0: None, 1: 0, 2: 0, 3: 2}
    assert trees.cost.tolist() == [25.0]
    assert better(graph, graph.length_m, given_tree, [1, 2, 3], [0], rounds=0).cost.tolist() == [32.0]


def test_an_exchange_may_turn_pipes_round():
    # a row of houses 1-2-3 drains over 1 at 50 though 3 lies 10 from the outlet
    graph = paths.road_graph(4, np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3]), np.array([50.0, 5.0, 5.0, 10.0]))
    given_tree = steiner.Trees(
        np.array([0, 4]), np.array([0, 1, 2, 3]), np.array([-1, 0, 1, 2]), np.array([-1, 0, 1, 2]), none(), np.array([60.0])
    )
    trees = better(graph, graph.length_m, given_tree, [1, 2, 3], [0])
    assert as_dict(trees) == {0: None, 3: 0, 2: 3, 1: 2}
    # ... but not against a hill that costs more than it saves
    uphill = graph.length_m + np.where((graph.edge == 2) & (graph.row == 3), 100.0, 0.0)
    trees = better(graph, uphill, given_tree, [1, 2, 3], [0])
    assert as_dict(trees) == as_dict(given_tree)


def line(length):
    n = len(length) + 1
    return paths.road_graph(n, np.arange(n - 1), np.arange(1, n), np.asarray(length, float))


def test_the_way_out_is_taken_where_it_is_cheaper_than_the_tree():
    graph = line([10, 10, 50, 10, 10])  # served at both ends: 0 and 5
    exits = paths.cost_to(graph, graph.length_m, np.array([0, 5]))
    trees = grow(graph, graph.length_m, [2, 3], [], exits)
    assert as_dict(trees) == {0: None, 1: 0, 2: 1, 5: None, 4: 5, 3: 4}
    assert trees.cost[0] == 40.0
    trees = grow(graph, graph.length_m, [2, 3], [1], exits)  # an outlet on the way out ends it
    assert as_dict(trees) == {1: None, 2: 1, 5: None, 4: 5, 3: 4}


def test_a_terminal_at_an_outlet_is_a_tree_of_one_node():
    graph = line([10, 10])
    for roots, exits in (([1], None), ([], paths.cost_to(graph, graph.length_m, np.array([1])))):
        trees = grow(graph, graph.length_m, [1, 1], roots, exits)
        assert as_dict(trees) == {1: None}
        assert trees.cost.tolist() == [0.0]


def test_outlets_not_used_do_not_appear():
    graph = line([10, 10, 10])
    assert as_dict(grow(graph, graph.length_m, [1], [0, 3])) == {0: None, 1: 0}


def test_terminals_out_of_reach_are_listed():
    graph = paths.road_graph(5, np.array([0, 2]), np.array([1, 3]), np.array([1.0, 1.0]))
    trees = grow(graph, graph.length_m, [3, 1, 4, 3], [0])
    assert as_dict(trees) == {0: None, 1: 0}
    assert trees.missed.tolist() == [0, 2, 3]
    forbidden = np.where(graph.edge == 0, np.inf, graph.length_m)
    assert grow(graph, forbidden, [1], [0]).missed.tolist() == [0]
    one_way = np.where(graph.row == 0, np.inf, graph.length_m)  # 1 may not flow to 0
    assert grow(graph, one_way, [1], [0]).missed.tolist() == [0]
    assert len(grow(graph, one_way, [0], [1]).missed) == 0


def test_nothing_to_grow():
    graph = line([10])
    trees = steiner.grow_trees(graph, graph.length_m, np.zeros(1, INT), none(), np.zeros(1, INT), none(), *no_exit(graph))
    assert trees.offsets.tolist() == [0]
    assert len(trees.node) == len(trees.cost) == 0


def test_a_way_out_that_leaves_the_roads_is_refused():
    graph = line([10, 10])
    with pytest.raises(NetworkError, match="not their neighbour"):
        grow(graph, graph.length_m, [0], [], (np.array([5.0, 5.0, 0.0]), np.array([2, 2, -1])))
