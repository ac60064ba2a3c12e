"""Compile the kernels of routing and design on a street of three houses, so that their machine code lies on disk.

Run as a process of its own beside the first run on a computer: reading and grouping go on while this compiles.
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import LayingPrices, Rules
from sewerzone.engineering.networks import Ground, Loads, Members, cheapest, ground_costs, no_exit
from sewerzone.engineering.paths import nearest_pairs, road_graph
from sewerzone.engineering.search import Outlets, refine

STREET_M = 50.0


def compile_kernels() -> None:
    """Route, improve and lay one network on a rising street with a side street; the result is thrown away."""
    x = np.array([0.0, STREET_M, 2.0 * STREET_M, STREET_M])
    y = np.array([0.0, 0.0, 0.0, STREET_M])
    graph = road_graph(4, np.array([0, 1, 1]), np.array([1, 2, 3]), np.full(3, STREET_M))
    elevation = 0.02 * x
    costs = ground_costs(graph, elevation, np.ones(3), (0.0,), 0.003)
    rules = Rules(
        diameter_mm=np.array([150.0]), capacity_margin=np.array([1.0]), slope_min=np.array([0.003]), manning_n=0.01,
        velocity_max_m_per_s=3.0, cover_min_m=1.0, excavation_max_m=5.0, pipe_wall_m=0.01, bedding_m=0.0,
        manhole_spacing_m=75.0, bend_deg=30.0, ground_tolerance_m=0.3, wet_well_m=1.0, pressure_velocity_m_per_s=1.0,
        pressure_diameter_min_mm=75.0, pressure_friction=0.01,
    )  # fmt: skip
    prices = LayingPrices(np.array([0.0, 100.0]), np.full((1, 2), 2000.0), 2000.0, 600_000.0, 0.0, 0.0, False)
    ground = Ground(graph, x, y, elevation, np.full(4, 3.0), np.full(3, STREET_M), np.ones(3), costs, rules, prices)
    flow = np.full(3, 0.02)
    loads = Loads(np.array([0, 3]), np.array([1, 2, 3]), flow, flow, np.ones(3))
    members, roots = Members.single(np.array([0])), (np.array([0, 1]), np.array([0]))
    network = cheapest(ground, loads, members, roots, [no_exit(ground)])
    outlets = Outlets(roots, np.array([0]), np.ones(4, bool))  # a target, so that the search for ways out is compiled too
    refine(ground, loads, network, outlets, 1)
    nearest_pairs(graph, graph.length_m, np.array([0, -1, 1, -1]), 1, 1000.0)


if __name__ == "__main__":
    compile_kernels()
