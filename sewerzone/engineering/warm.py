"""Compile the kernels of routing, search and design on a street of three houses, so that their machine code lies on disk.

Run as processes of their own beside the first run on a computer: reading and grouping go on while these compile.
"""

from __future__ import annotations

import gc
import sys

import numpy as np

from sewerzone.engineering.descent import descend
from sewerzone.engineering.forest import Forest, LayingPrices, Rules
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, no_exit
from sewerzone.engineering.paths import arcs_between, cost_to, nearest_pairs, road_graph
from sewerzone.engineering.proof import Ends, prove
from sewerzone.engineering.sketch import terms_of
from sewerzone.engineering.steiner import grow_trees, improve
from sewerzone.engineering.trees import net_of
from sewerzone.engineering.trench import lay

STREET_M = 50.0


def routing() -> None:
    """Route and improve two houses on a street with a side street; the result is thrown away."""
    graph = road_graph(4, np.array([0, 1, 1]), np.array([1, 2, 3]), np.full(3, STREET_M))
    cost = graph.length_m
    total, following = cost_to(graph, cost, np.array([0]), np.inf)
    none = np.zeros(2, np.int64), np.empty(0, np.int64)
    ends = np.array([0, 2]), np.array([2, 3]), *none, total, following
    improve(graph, cost, grow_trees(graph, cost, *ends), *ends, rounds=1)
    nearest_pairs(graph, cost, np.array([0, -1, 1, -1]), 1, 1000.0)


def profile() -> None:
    """Lay a sewer under a street; the result is thrown away."""
    x, flow = np.array([0.0, STREET_M, 2.0 * STREET_M]), np.array([0.0, 0.0, 0.02])
    length = np.array([0.0, STREET_M, STREET_M])
    nothing = np.zeros(3)
    street = Forest(
        np.array([-1, 0, 1]), length, x, nothing, 0.02 * x, flow, flow, np.ones(3), np.full(3, 3.0), nothing, nothing
    )  # fmt: skip
    lay(street, *_terms())


def proof() -> None:
    """Bound the network of a house at the end of a street; the result is thrown away."""
    ground, none = _street(), np.empty(0, np.int64)
    loads = Loads(np.array([0, 1]), np.array([2]), np.full(1, 0.02), np.full(1, 0.02), np.ones(1))
    members, roots = Members.single(np.array([0])), (np.array([0, 1]), np.array([0]))
    trees = grow_trees(ground.graph, ground.graph.length_m, loads.offsets, loads.node, *roots, *no_exit(ground))
    found = Priced(trees, members, np.full(1, 1e9), np.full(1, 1e9), np.zeros(1, np.int64), np.zeros(1, np.int64))
    prove(ground, loads, found, Ends(roots, none, np.zeros(ground.nodes, bool)))


def search() -> None:
    """Search for a cheaper way from a house to the end of a street; the result is thrown away."""
    ground = _street()
    graph = ground.graph
    net = net_of(graph, graph.length_m, *no_exit(ground))
    groups = np.array([0, 1]), np.array([2]), np.array([0, 1]), np.array([0])
    arc = np.concatenate([[-1], arcs_between(graph, np.array([0, 1]), np.array([1, 2]))])
    descend(net, terms_of(ground), groups, np.zeros((2, 1)), np.array([0, 3]), np.arange(3), arc, 1)


def _street() -> Ground:
    """A street of three nodes."""
    graph = road_graph(3, np.array([0, 1]), np.array([1, 2]), np.full(2, STREET_M))
    x, two, three = STREET_M * np.arange(3.0), np.zeros(2), np.zeros(3)
    return Ground(
        graph, x, three, 0.02 * x, three, np.full(2, STREET_M), np.ones(2), two, two, two, (graph.length_m,), *_terms()
    )  # fmt: skip


def _terms() -> tuple[Rules, LayingPrices]:
    """Rules and prices of no place."""
    rules = Rules(
        diameter_mm=np.array([150.0]), capacity_margin=np.array([1.0]), slope_min=np.array([0.003]), manning_n=0.01,
        velocity_max_m_per_s=3.0, cover_min_m=1.0, excavation_max_m=5.0, pipe_wall_m=0.01, bedding_m=0.0,
        manhole_spacing_m=75.0, bend_deg=30.0, ground_tolerance_m=0.3, drop_manhole_m=0.6, wet_well_m=1.0,
        pressure_velocity_m_per_s=1.0,
        pressure_diameter_min_mm=75.0, pressure_velocity_min_m_per_s=0.6, pressure_hazen_williams_c=130.0,
    )  # fmt: skip
    prices = LayingPrices(np.array([0.0, 100.0]), np.full((1, 2), 2000.0), 2000.0, 600_000.0, 0.0, 0.0, np.zeros(2), 0.0, False)
    return rules, prices


PARTS = {"routing": routing, "profile": profile, "search": search, "proof": proof}

if __name__ == "__main__":
    gc.disable()  # a compiler makes many objects and few cycles, and this process ends soon
    for part in sys.argv[1:]:
        PARTS[part]()
