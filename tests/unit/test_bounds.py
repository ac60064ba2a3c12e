"""Bounds never exceed the optimum, whatever part of the graph is looked at; certified trees cost what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import bounds, paths, steiner
from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.reduction import Core, arborescence_of
from sewerzone.engineering.trees import net_of
from sewerzone.engineering.vicinity import Wanted, vicinities
from tests.least_trees import optimum

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
    lower = bounds.lower_bounds(study.graph, study.cost, *ends)
    proof = bounds.certify(study.graph, study.cost, study.trees, *ends)
    for t in range(3):
        least = optimum(study.problem(t))
        assert lower[t] <= least + 1e-9
        assert proof.lower[t] <= least + 1e-9 <= proof.upper[t] + 2e-9
        assert proof.is_proven[t]
        assert proof.upper[t] == pytest.approx(least)
    check_trees(study, proof.trees)
    np.testing.assert_array_equal(proof.trees.cost, proof.upper)


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
