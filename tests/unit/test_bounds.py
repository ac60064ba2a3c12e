"""Bounds never exceed the optimum, whatever part of the graph is looked at; certified trees cost what they say."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import bounds, paths, steiner
from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.reduction import Core, arborescence_of
from sewerzone.engineering.trees import net_of
from sewerzone.engineering.vicinity import Wanted, vicinities
from tests import roadlike
from tests.least_trees import optimum


def lower_bounds(graph, cost, *ends):
    """The bounds of dual ascent alone, beside the trees grown."""
    return bounds.certify(graph, cost, steiner.grow_trees(graph, cost, *ends), *ends, most_arcs=0).lower


INT = np.int64


class Study:
    """Networks on a small random road graph, some with ways out, some with outlets, some with both; ties are frequent."""

    def __init__(self, seed, directed, nodes=14, networks=3):
        rng = np.random.default_rng(seed)
        more = int(rng.integers(0, nodes))
        a = np.concatenate([np.arange(1, nodes), rng.integers(0, nodes, more)])
        b = np.concatenate([(rng.random(nodes - 1) * np.arange(1, nodes)).astype(INT), rng.integers(0, nodes, more)])
        self.graph = paths.road_graph(nodes, a, b, rng.integers(0, 6, len(a)).astype(float))
        rise = rng.integers(0, 4, nodes).astype(float) if directed else np.zeros(nodes)
        self.cost = paths.laying_cost(self.graph, rise, np.ones(len(a)), 1.0, 0.0)
        targets = rng.integers(0, nodes, rng.integers(0, 3))
        self.exits = paths.cost_to(self.graph, self.cost, targets, float(rng.choice([3.0, np.inf])))
        counts, outlets = rng.integers(0, 6, networks), rng.integers(0, 4, networks)
        self.offsets = np.concatenate([[0], np.cumsum(counts)]).astype(INT)
        self.terminals = rng.integers(0, nodes, self.offsets[-1])
        self.root_offsets = np.concatenate([[0], np.cumsum(outlets)]).astype(INT)
        self.roots = rng.integers(0, nodes, self.root_offsets[-1])
        self.groups = self.offsets, self.terminals, self.root_offsets, self.roots
        self.trees = steiner.grow_trees(self.graph, self.cost, *self.groups, *self.exits)
        self.arrived = np.flatnonzero(np.isfinite(self.exits[0]) & (self.exits[1] < 0))

    def wanted(self):
        """What is to be joined, without what grow_trees missed."""
        keep = np.setdiff1d(np.arange(len(self.terminals)), self.trees.missed)
        before = np.searchsorted(keep, self.offsets)
        return Wanted(before, self.terminals[keep], self.root_offsets, self.roots)

    def problem(self, t):
        """One network on the whole graph, all its outlets and ways out being one root."""
        wanted = self.wanted()
        root = len(self.graph)
        place = np.arange(root + 1)
        place[wanted.roots[wanted.root_offsets[t] : wanted.root_offsets[t + 1]]] = root
        place[self.arrived] = root
        terminals = np.unique(place[wanted.terminals[wanted.terminal_offsets[t] : wanted.terminal_offsets[t + 1]]])
        tail, head = place[self.graph.row], place[self.graph.neighbour]
        return Arborescence(root + 1, tail, head, self.cost, root, terminals[terminals != root])


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6), st.booleans(), st.integers(1, 20))
def test_a_part_of_the_graph_never_costs_more_than_the_whole(seed, directed, most):
    study = Study(seed, directed)
    net = net_of(study.graph, study.cost, *study.exits)
    away, _ = paths.cost_to(study.graph, study.cost, study.arrived)
    for which, part in vicinities(net, away, study.wanted(), np.full(3, most)):
        assert which == range(3)
        for t in which:
            core = Core.of(part.edges, np.where(part.network == t, part.kind, -1)).only(part.network[part.edges.a] == t)
            least, whole = optimum(arborescence_of(core)[0]), optimum(study.problem(t))
            assert least <= whole + 1e-9
            if most >= len(study.graph):
                assert least == pytest.approx(whole)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6), st.booleans())
def test_bounds_are_below_the_optimum_and_certificates_reach_it(seed, directed):
    study = Study(seed, directed)
    ends = study.groups + study.exits
    lower = lower_bounds(study.graph, study.cost, *ends)
    proof = bounds.certify(study.graph, study.cost, study.trees, *ends)
    for t in range(3):
        least = optimum(study.problem(t))
        assert lower[t] <= least + 1e-9
        assert proof.lower[t] <= least + 1e-9 <= proof.upper[t] + 2e-9
        assert proof.is_proven[t]
        assert proof.upper[t] == pytest.approx(least)
    check_trees(study, proof.trees)
    np.testing.assert_array_equal(proof.trees.cost, proof.upper)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6), st.booleans())
def test_trees_proven_on_a_part_only_prove_nothing_of_the_whole(seed, directed):
    study = Study(seed, directed, nodes=24)
    with mock.patch.multiple(bounds, _SIZES=(0, 1, 1), _LEAST_NODES=-2):
        proof = bounds.certify(study.graph, study.cost, study.trees, *study.groups, *study.exits)
    for t in range(3):
        least = optimum(study.problem(t))
        assert proof.lower[t] <= least + 1e-9 <= proof.upper[t] + 2e-9
        assert proof.is_proven[t] == (proof.lower[t] == pytest.approx(proof.upper[t]))
    check_trees(study, proof.trees)


def check_trees(study, trees):
    """Directed forests along roads that join every terminal not missed, end where they may and cost what they say."""
    wanted = study.wanted()
    np.testing.assert_array_equal(trees.missed, study.trees.missed)
    for t in range(len(trees.offsets) - 1):
        first, last = trees.offsets[t], trees.offsets[t + 1]
        node, parent = trees.node[first:last], trees.parent[first:last]
        assert len(np.unique(node)) == len(node)
        assert np.isin(wanted.terminals[wanted.terminal_offsets[t] : wanted.terminal_offsets[t + 1]], node).all()
        assert np.all(parent < np.arange(first, last))
        ends = np.union1d(wanted.roots[wanted.root_offsets[t] : wanted.root_offsets[t + 1]], study.arrived)
        assert np.isin(node[parent < 0], ends).all()
        arc = paths.arcs_between(study.graph, trees.node[parent[parent >= 0]], node[parent >= 0])
        assert np.all(arc >= 0)
        np.testing.assert_array_equal(study.graph.edge[arc], trees.arc_edge[first:last][parent >= 0])
        assert trees.cost[t] == pytest.approx(study.cost[arc].sum())


def units(town, count, hilly, seed=0):
    """A town whose houses are shared out to units round some of them, with two ways out, as grow_trees takes it."""
    rng = np.random.default_rng(seed)
    graph = paths.road_graph(town.nodes, town.a, town.b, town.length_m)
    ground = rng.normal(0.0, 2.0, town.nodes)
    cost = paths.laying_cost(graph, ground, np.ones(len(town.a)), 5.0, 0.003) if hilly else graph.length_m
    label = np.full(town.nodes, -1)
    label[rng.choice(town.houses, count, replace=False)] = np.arange(count)
    unit = label[nearest(graph, np.flatnonzero(label >= 0))[town.houses]]
    order = np.lexsort((town.houses, unit))
    offsets = np.searchsorted(unit[order], np.arange(count + 1))
    exits = paths.cost_to(graph, cost, rng.choice(town.nodes, 2, replace=False))
    none = np.zeros(count + 1, INT), np.zeros(0, INT)
    return graph, cost, (offsets, town.houses[order], *none, *exits)


def nearest(graph, sources):
    distance = np.stack([paths.cost_to(graph, graph.length_m, np.array([s]))[0] for s in sources])
    return sources[distance.argmin(axis=0)]


@pytest.mark.parametrize("hilly", [False, True])
def test_units_of_a_town_are_proven_and_hardly_any_needs_the_exact_method(hilly):
    graph, cost, ends = units(roadlike.town(20, seed=1, built=0.6), 25, hilly)
    trees = steiner.grow_trees(graph, cost, *ends)
    lower = lower_bounds(graph, cost, *ends)
    quick = bounds.certify(graph, cost, trees, *ends, seconds=0.0)
    proof = bounds.certify(graph, cost, trees, *ends)
    assert proof.is_proven.all()
    assert np.all(lower <= proof.upper * (1.0 + 1e-9))
    assert np.all(quick.lower <= proof.upper * (1.0 + 1e-9))
    assert np.all(proof.upper <= quick.upper * (1.0 + 1e-9))
    assert np.all(quick.upper <= trees.cost * (1.0 + 1e-9))
    assert lower.sum() >= 0.995 * proof.upper.sum()
    assert quick.is_proven.mean() >= 0.6


def test_units_together_are_bounded_as_one_by_one():
    graph, cost, ends = units(roadlike.town(12, seed=2, built=0.6), 6, True)
    together = lower_bounds(graph, cost, *ends)
    offsets, houses = ends[:2]
    for t in range(6):
        mine = houses[offsets[t] : offsets[t + 1]]
        alone = np.array([0, len(mine)]), mine, np.zeros(2, INT), np.zeros(0, INT), *ends[4:]
        assert lower_bounds(graph, cost, *alone)[0] == together[t]


def test_order_of_edges_and_terminals_does_not_matter():
    town = roadlike.town(10, seed=4, built=0.6)
    rng = np.random.default_rng(1)
    new = rng.permutation(len(town.a))
    other = town._replace(a=town.b[new], b=town.a[new], length_m=town.length_m[new])
    graph, cost, ends = units(town, 5, False)
    again, new_cost, _ = units(other, 5, False)
    shuffled = np.concatenate([rng.permutation(g) for g in np.split(ends[1], ends[0][1:-1])])
    one = bounds.certify(graph, cost, steiner.grow_trees(graph, cost, *ends), *ends)
    ends = ends[0], shuffled, *ends[2:]
    two = bounds.certify(again, new_cost, steiner.grow_trees(again, new_cost, *ends), *ends)
    np.testing.assert_array_equal(one.lower, two.lower)
    np.testing.assert_array_equal(one.upper, two.upper)
    np.testing.assert_array_equal(one.trees.node, two.trees.node)
    np.testing.assert_array_equal(one.trees.parent, two.trees.parent)


def test_an_outlet_within_whose_streets_lie_outside():
    # 0 is terminal and outlet; the part of one node does not hold the street between the two
    graph = paths.road_graph(3, np.array([0, 1]), np.array([1, 2]), np.array([10.0, 10.0]))
    ends = np.array([0, 2]), np.array([0, 2]), np.array([0, 1]), np.array([0]), np.full(3, np.inf), np.full(3, -1)
    assert lower_bounds(graph, graph.length_m, *ends).tolist() == [20.0]


def test_nothing_to_bound():
    graph = paths.road_graph(2, np.array([0]), np.array([1]), np.array([10.0]))
    nowhere = np.full(2, np.inf), np.full(2, -1, INT)
    none = np.zeros(1, INT), np.zeros(0, INT), np.zeros(1, INT), np.zeros(0, INT)
    assert len(lower_bounds(graph, graph.length_m, *none, *nowhere)) == 0
    # a terminal without outlet is missed, and left out
    lonely = np.array([0, 1]), np.array([1]), np.zeros(2, INT), np.zeros(0, INT), *nowhere
    trees = steiner.grow_trees(graph, graph.length_m, *lonely)
    proof = bounds.certify(graph, graph.length_m, trees, *lonely)
    assert proof.lower.tolist() == proof.upper.tolist() == [0.0]
    assert proof.is_proven.all()
    assert proof.trees.missed.tolist() == [0]
