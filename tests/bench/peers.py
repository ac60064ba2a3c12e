"""Our kernels beside the obvious ways to do the same: clustering, nearest roads, collector trees, pumps.

    python tests/bench/peers.py [town_1000 | town_10000 | fringe | yagiyama | full | oman …]

By default a town of 10,000 dwellings and, where the data are, the Sendai west fringe and the Oman example. Medians of
three runs after a warm-up; trees and profiles serve every house of the largest connected part of the roads, from one outlet.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import networkx as nx
import numpy as np
import scipy.sparse as sp
import shapely
from against_pysewer import OMAN, write_study
from measure import table, timed
from rules import greedy
from scipy.sparse import csgraph
from stages import REAL, TOWNS, real

import sewerzone as sz
from sewerzone import costbooks, shapes
from sewerzone.engineering import neighbours, profile, segments
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, no_exit, price
from sewerzone.engineering.paths import cost_to, laying_cost, road_graph
from sewerzone.engineering.steiner import Trees, grow_trees, improve
from sewerzone.model import Plan
from sewerzone.stages import cost, design

GAP_M = 40.0


def main() -> None:
    """Print one group of tables per study."""
    for name in sys.argv[1:] or ["town_10000", "fringe", "oman"]:
        if name not in TOWNS and not (OMAN if name == "oman" else Path(REAL[name][2])).exists():
            print(f"{name}: no data")
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = study_of(name, Path(folder))
            plan = sz.run(sz.read(path, changes=("zoning.method=all_johkasou",)))
            town = Case(plan, path.parent)
        print(f"\n### {name}: {len(plan.buildings):,} buildings, {len(town.ground.graph.edge) // 2:,} edges\n")
        print_clusters(plan)
        print_feet(plan)
        print_trees(town)
        print_profiles(town)


def study_of(name: str, folder: Path) -> Path:
    """The study of that name."""
    if name == "oman":
        return write_study(folder)
    return sz.sample(folder, TOWNS[name]) if name in TOWNS else real(name, folder)


def print_clusters(plan: Plan) -> None:
    """Groups of footprints with gaps up to the limit: the same partition, two ways."""
    polygons = plan.buildings.geometry.to_numpy()
    features = shapes.features(polygons)

    def ours() -> Ints:
        return neighbours.components(replace(features), GAP_M)

    def theirs() -> Ints:
        a, b = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=GAP_M)
        return csgraph.connected_components(sp.coo_matrix((np.ones(len(a), bool), (a, b)), (len(polygons),) * 2))[1]

    rows = compare({"sewerzone, grid and two radii": ours, "shapely STRtree dwithin + scipy components": theirs})
    counts = [len(np.unique(done.result)) for done in rows.values()]
    print(table([f"clusters, gap {GAP_M:g} m", "groups", "s", "CPU s", "times"], with_ratio(rows, counts)) + "\n")


def print_feet(plan: Plan) -> None:
    """The nearest road of every building."""
    centre = shapely.centroid(plan.buildings.geometry.to_numpy())
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    lines = plan.roads.geometry.to_numpy()
    xy, line = shapely.get_coordinates(lines, return_index=True)
    is_same = line[1:] == line[:-1]
    ends = [xy[:-1][is_same, 0], xy[:-1][is_same, 1], xy[1:][is_same, 0], xy[1:][is_same, 1]]
    parts = shapely.linestrings(np.stack([np.column_stack(ends[:2]), np.column_stack(ends[2:])], axis=1))

    def ours() -> Floats:
        return segments.nearest(segments.grid(*ends), x, y).distance_m

    def theirs() -> Floats:
        tree = shapely.STRtree(parts)
        return np.asarray(shapely.distance(centre, parts[tree.nearest(centre)]))

    rows = compare({"sewerzone, segment grid": ours, "shapely STRtree.nearest on segments": theirs})
    print(table(["nearest road", "sum of distances, m", "s", "CPU s", "times"],
                with_ratio(rows, [float(done.result.sum()) for done in rows.values()])) + "\n")  # fmt: skip


class Case:
    """The road graph, the houses on its largest part, and an outlet at its lowest house."""

    def __init__(self, plan: Plan, base: Path) -> None:
        nodes, edges, config = plan.nodes, plan.edges, plan.config
        ends = (edges[c].to_numpy(np.int64) for c in ("from_node_id", "to_node_id"))
        length = edges["length_m"].to_numpy(float)
        graph = road_graph(len(nodes), *ends, length)
        elevation = nodes["ground_elev_m"].to_numpy(float)
        book = costbooks.load(config.cost.book, config.cost.fallback, base)
        rules, prices = design.rules(config.design), cost.laying_prices(book, config.cost, config.design)
        deepest = np.full(len(nodes), rules.excavation_max_m)
        costs = tuple(laying_cost(graph, elevation, np.ones(len(edges)), w, 0.003) for w in (0.0, *config.route.slope_weights))
        x, y = nodes["x_m"].to_numpy(float), nodes["y_m"].to_numpy(float)
        self.ground = Ground(
            graph,
            x,
            y,
            elevation,
            deepest,
            length,
            np.ones(len(edges)),
            np.zeros(len(edges)),
            np.zeros(len(edges)),
            np.zeros(len(edges)),
            costs,
            rules,
            prices,
        )
        homes = plan.laterals.merge(plan.buildings[["building_id", "flow_hourly_l_per_s", "flow_mean_m3_per_d", "dwellings"]])
        homes = homes[homes["status"] == "connected"].groupby("node_id", as_index=False).sum(numeric_only=True)
        homes = homes[nodes["component"].to_numpy()[homes["node_id"].to_numpy(np.int64)] == 0]
        self.node = np.ascontiguousarray(homes["node_id"].to_numpy(np.int64))
        self.outlet = int(self.node[np.argmin(elevation[self.node])])
        flows = (homes[c].to_numpy(float) for c in ("flow_hourly_l_per_s", "flow_mean_m3_per_d", "dwellings"))
        self.loads = Loads(np.array([0, len(self.node)]), self.node, *flows)

    def ends(self) -> tuple[Any, ...]:
        """What the tree kernels ask for: terminals, outlets, no ways out."""
        one = np.array([0, 1])
        return np.array([0, len(self.node)]), self.node, one, np.array([self.outlet]), *no_exit(self.ground)

    def grown(self, weight: int) -> Trees:
        """Our tree under one slope weight."""
        graph, costs, ends = self.ground.graph, self.ground.arc_costs[weight], self.ends()
        return improve(graph, costs, grow_trees(graph, costs, *ends), *ends)

    def shortest(self) -> Trees:
        """The union of the shortest ways from every house to the outlet."""
        _, following = cost_to(self.ground.graph, self.ground.arc_costs[0], np.array([self.outlet]))
        used = np.zeros(self.ground.nodes, bool)
        front = self.node
        while len(front):
            used[front] = True
            front = np.unique(following[front])
            front = front[(front >= 0) & ~used[front]]
        graph = self.ground.graph
        along = used[graph.neighbour] & (following[graph.neighbour] == graph.row)
        return grow_trees(graph, np.where(along, self.ground.arc_costs[0], np.inf), *self.ends())

    def priced(self, trees: Trees) -> Priced:
        """The tree laid and priced."""
        return price(self.ground, trees, self.loads, Members.single(np.array([0])), np.zeros(1, np.int64))


def print_trees(town: Case) -> None:
    """Length of collector trees."""
    graph = town.ground.graph
    roads = nx.Graph()
    arcs = (values[graph.row < graph.neighbour].tolist() for values in (graph.row, graph.neighbour, graph.length_m))
    roads.add_weighted_edges_from(zip(*arcs, strict=True))
    roads = roads.subgraph(nx.node_connected_component(roads, town.outlet)).copy()  # Mehlhorn asks for a connected graph
    wanted = [*town.node.tolist(), town.outlet]

    def theirs() -> float:
        tree = nx.algorithms.approximation.steiner_tree(roads, wanted, method="mehlhorn")
        return float(tree.size("weight"))

    rows = compare(
        {
            "sewerzone, growth and key-path exchange": lambda: float(town.grown(0).cost[0]),
            "sewerzone, growth only": lambda: float(grow_trees(graph, town.ground.arc_costs[0], *town.ends()).cost[0]),
            "union of shortest ways": lambda: float(town.shortest().cost[0]),
        }
    )
    rows["networkx steiner_tree, Mehlhorn"] = timed(theirs, runs=1, warm_up=False)
    print(table([f"tree, {len(town.node):,} places", "m", "s", "CPU s", "times"],
                with_ratio(rows, [done.result for done in rows.values()])) + "\n")  # fmt: skip


def print_profiles(town: Case) -> None:
    """Yearly cost and pumps of the same trees laid two ways, and of trees that heed the ground."""
    trees = {"union of shortest ways": town.shortest(), "shortest tree": town.grown(0)}
    slopes = [town.grown(w) for w in range(1, len(town.ground.arc_costs))]
    best = min(slopes, key=lambda t: float(town.priced(t).yen_per_yr[0]))
    trees["best tree of several slope weights"] = best
    rows = []
    for name, tree in trees.items():
        exact = timed(lambda tree=tree: town.priced(tree))  # type: ignore[misc]
        with mock.patch.object(profile, "choose", greedy):
            crude = timed(lambda tree=tree: town.priced(tree), runs=1, warm_up=False)  # type: ignore[misc]
        for kind, done in (("exact", exact), ("lift where too deep", crude)):
            found = done.result
            saved = 1.0 - float(exact.result.yen_per_yr[0]) / float(found.yen_per_yr[0])
            rows.append([f"{name}, {kind}", float(found.sewer_m[0]), float(found.yen_per_yr[0]) / 1e6, int(found.pumps[0]),
                         f"{-100.0 * saved:.1f} %", done.wall_s if kind == "exact" else None])  # fmt: skip
    print(table(["profile", "m", "million yen a year", "pumps", "exact against it", "s, manholes to profile"], rows))


def compare(ways: dict[str, Any]) -> dict[str, Any]:
    """Every way timed."""
    return {name: timed(way) for name, way in ways.items()}


def with_ratio(rows: dict[str, Any], results: list[Any]) -> list[list[Any]]:
    """Rows with the CPU time as a multiple of the first way's."""
    least = max(next(iter(rows.values())).cpu_s, 1e-4)
    return [[name, value, d.wall_s, d.cpu_s, d.cpu_s / least] for (name, d), value in zip(rows.items(), results, strict=True)]


if __name__ == "__main__":
    main()
