"""Shortest trees: how near the optimum the heuristics come, what is proven, and in what time.

    python tests/bench/steiner.py [series] [roads] [country] [--stp FOLDER]

- ``series``: instances made by the recipe of SteinLib's series B, C and D; all must be proven, each within 20 s.
  ``--stp FOLDER`` also solves the ``.stp`` files of a folder. Optima of series B with up to 17 terminals are checked by a
  flow model; with ``STEINERPY_PYTHON`` naming a Python that has steinerpy, those of B and C by steinerpy too (20 s each).
- ``roads``: every unit of towns and of the real sets, and all their houses on one network.
- ``country``: a road graph of 1.1 million edges with 200,000 places to join, within 10 s on one core.

By default all three. Seconds are CPU seconds; a small problem of each kind runs first, so that nothing is compiled in them.
Gaps are what a tree costs above the bound that is proven.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from against_pysewer import OMAN
from measure import table
from peers import REAL, TOWNS, study_of
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from steinlib import SERIES, Instance, by_flow, by_steinerpy, generated, read_stp

import sewerzone as sz
from sewerzone.engineering import exact
from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.ascent import dual_ascent, tree_along
from sewerzone.engineering.bounds import certify
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.paths import RoadGraph, road_graph
from sewerzone.engineering.primal import exchanged
from sewerzone.engineering.reduction import reduce
from sewerzone.engineering.steiner import Trees, grow_trees, improve

sys.path.append(str(Path(__file__).parents[2]))
from tests.least_trees import of_edges

LIMIT_S = 20.0
SETS = ("town_1000", "town_10000", "fringe", "oman")
SHARE = "{:.4%}".format


def main() -> None:
    """Print the tables asked for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", choices=["series", "roads", "country", []])
    arguments.add_argument("--stp", type=Path, help="a folder of SteinLib files")
    given = arguments.parse_args()
    parts = given.parts or ([] if given.stp else ["series", "roads", "country"])
    if given.stp:
        print_series(given.stp.name, [read_stp(path) for path in sorted(given.stp.glob("*.stp"))], {})
    if "series" in parts:
        for name in SERIES:
            instances = list(generated(name))
            print_series(name, instances, optima(name, instances))
    if "roads" in parts:
        print_roads()
    if "country" in parts:
        print_country()


def optima(series: str, instances: list[Instance]) -> dict[str, list[float | None]]:
    """Optima of a series by other programs."""
    checks: dict[str, list[float | None]] = {}
    if series == "B":
        checks["flow model"] = [by_flow(i, most=17) for i in instances]
    python = os.environ.get("STEINERPY_PYTHON")
    if python and series in "BC":
        checks["steinerpy"] = by_steinerpy(instances, python, limit_s=LIMIT_S)
    return checks


def print_series(name: str, instances: list[Instance], checks: dict[str, list[float | None]]) -> None:
    """One row per instance."""
    problem_row(next(generated("B")))
    rows = [problem_row(i) for i in instances]
    heads = ["instance", "nodes", "edges", "terminals", "lower bound", "tree", "grown", "and exchanged", "dual ascent",
             "proof by", "CPU s", *checks]  # fmt: skip
    print(f"\n### Series {name}\n")
    print(table(heads, [[*row.values(), *(c[k] for c in checks.values())] for k, row in enumerate(rows)]))
    proven = sum(row["proof"] != "none" for row in rows)
    print(f"\n{proven} of {len(rows)} proven; slowest {max(row['cpu_s'] for row in rows):.2f} s; mean gap of grown trees "
          f"{SHARE(mean_gap(rows, 'grown'))}, exchanged {SHARE(mean_gap(rows, 'exchanged'))}.")  # fmt: skip
    for check, found in checks.items():
        differ = [r["name"] for r, f in zip(rows, found, strict=True) if f is not None and abs(f - r["upper"]) > 1e-6]
        print(f"Against {check}: {sum(f is not None for f in found)} optima, different: {', '.join(differ) or 'none'}.")


def mean_gap(rows: list[dict[str, Any]], key: str) -> float:
    """Mean of what trees cost above the optimum."""
    return float(np.mean([row[key] / row["upper"] - 1.0 for row in rows]))


def problem_row(given: Instance) -> dict[str, Any]:
    """An instance by the heuristics, by dual ascent, and exactly."""
    task = of_edges(given.nodes, given.a, given.b, given.cost, int(given.terminals[0]), given.terminals)
    graph = road_graph(given.nodes, given.a, given.b, given.cost)
    grown, better = grow(graph, given.terminals)
    start = time.process_time()
    found = exact.solve(task, seconds=LIMIT_S)
    cpu_s = time.process_time() - start
    used = np.unique(found.arcs % len(given.cost))
    assert is_tree(given.nodes, given.a[used], given.b[used], given.terminals)
    assert abs(given.cost[used].sum() - found.upper) < 1e-6
    return {
        "name": given.name, "nodes": given.nodes, "edges": len(given.cost), "terminals": len(given.terminals),
        "lower": found.lower, "upper": found.upper, "grown": float(grown.cost[0]), "exchanged": float(better.cost[0]),
        "ascent": dual_ascent(task).lower, "proof": proof(task, found), "cpu_s": cpu_s,
    }  # fmt: skip


def proof(task: Arborescence, found: exact.Exact) -> str:
    """The last step a proof needed."""
    if not found.is_proven:
        return "none"
    if found.whole_rounds:
        return "whole trees"
    if found.rounds:
        return "directed cuts"
    return "dual ascent" if len(reduce(task).problem.terminals) else "reductions"


def grow(graph: RoadGraph, terminals: Ints) -> tuple[Trees, Trees]:
    """The program's own tree from the first terminal, grown, and after key-path exchange."""
    return grow_all(graph, np.array([0, len(terminals)]), terminals, terminals[:1])


def grow_all(graph: RoadGraph, offsets: Ints, terminals: Ints, roots: Ints) -> tuple[Trees, Trees]:
    """The program's own trees of shortest length, grown, and after key-path exchange."""
    ends = ends_of(graph, offsets, terminals, roots)
    grown = grow_trees(graph, graph.length_m, *ends)
    return grown, improve(graph, graph.length_m, grown, *ends)


def ends_of(graph: RoadGraph, offsets: Ints, terminals: Ints, roots: Ints) -> tuple[Any, ...]:
    """What the tree kernels ask for: terminals, one root each, no ways out."""
    n = len(graph)
    return offsets, terminals, np.arange(len(roots) + 1), roots, np.full(n, np.inf), np.full(n, -1, dtype=np.int64)


def is_tree(nodes: int, a: Ints, b: Ints, terminals: Ints) -> bool:
    """Whether edges hang together, without a circle, and join all terminals."""
    _, part = connected_components(csr_matrix((np.ones(len(a)), (a, b)), shape=(nodes, nodes)), directed=False)
    used = np.unique(np.concatenate([a, b, terminals]))
    return len(np.unique(part[used])) == 1 and len(used) == len(a) + 1


def print_roads() -> None:
    """Every unit of every set, and each set's houses on one network."""
    rows = []
    roads_rows("town_1000")
    for name in SETS:
        if name not in TOWNS and not (OMAN if name == "oman" else Path(REAL[name][2])).exists():
            print(f"{name}: no data")
            continue
        rows += roads_rows(name)
    print("\n### Road graphs\n")
    heads = ["networks", "count", "places to join", "proven", "length, m", "gap", "largest gap", "CPU s", "grown",
             "and exchanged", "CPU s to grow", "networkx Mehlhorn"]  # fmt: skip
    print(table(heads, rows))
    networks, proven = sum(row[1] for row in rows), sum(row[3] for row in rows)
    print(f"\n{proven} of {networks} networks proven.")


def roads_rows(name: str) -> list[list[Any]]:
    """The rows of one set."""
    with tempfile.TemporaryDirectory() as folder:
        plan = sz.run(sz.read(study_of(name, Path(folder)), changes=("zoning.method=all_johkasou",)))
    edges = plan.edges
    ends = (edges[c].to_numpy(np.int64) for c in ("from_node_id", "to_node_id"))
    graph = road_graph(len(plan.nodes), *ends, edges["length_m"].to_numpy(float))
    homes = plan.laterals.merge(plan.buildings[["building_id", "unit_id"]])
    homes = homes[homes["status"] == "connected"]
    unit, node = homes["unit_id"].to_numpy(np.int64), homes["node_id"].to_numpy(np.int64)
    units = [np.unique(node[unit == u]) for u in np.unique(unit)]
    return [
        roads_row(f"{name}, {what}", graph, groups) for what, groups in (("units", units), ("all on one", [np.unique(node)]))
    ]


def roads_row(name: str, graph: RoadGraph, groups: list[Ints]) -> list[Any]:
    """One set of networks; places in another part of the roads than most of their network stay out."""
    groups = [g[graph.part[g] == np.bincount(graph.part[g]).argmax()] for g in groups]
    groups = [g for g in groups if len(g) > 1]
    offsets = np.concatenate([[0], np.cumsum([len(g) for g in groups])])
    places, roots = np.concatenate(groups), np.array([g[0] for g in groups])
    start = time.process_time()
    grown, better = grow_all(graph, offsets, places, roots)
    middle = time.process_time()
    found = certify(graph, graph.length_m, better, *ends_of(graph, offsets, places, roots))
    end = time.process_time()
    lower = float(found.lower.sum())
    gaps = found.upper / np.maximum(found.lower, 1e-9) - 1.0
    theirs = sum(mehlhorn(graph, g, float(c)) for g, c in zip(groups, grown.cost, strict=True))
    return [
        name, len(groups), len(places), int(found.is_proven.sum()), float(found.upper.sum()),
        SHARE(found.upper.sum() / lower - 1.0), SHARE(gaps.max()), end - middle, SHARE(grown.cost.sum() / lower - 1.0),
        SHARE(better.cost.sum() / lower - 1.0), middle - start, SHARE(theirs / lower - 1.0),
    ]  # fmt: skip


def mehlhorn(graph: RoadGraph, places: Ints, longest: float) -> float:
    """Length of networkx' tree, on the part of the graph a tree no longer than ``longest`` can reach."""
    roads = nx.Graph()
    one_way = graph.row < graph.neighbour
    near = csr_matrix((np.maximum(graph.length_m, 1e-9), graph.neighbour, graph.indptr))
    is_near = np.isfinite(dijkstra(near, indices=places[0], limit=longest * (1.0 + 1e-9)))
    keep = one_way & is_near[graph.row] & is_near[graph.neighbour]
    roads.add_weighted_edges_from(
        zip(graph.row[keep].tolist(), graph.neighbour[keep].tolist(), graph.length_m[keep].tolist(), strict=True)
    )
    return float(nx.algorithms.approximation.steiner_tree(roads, places.tolist(), method="mehlhorn").size("weight"))


def country(side: int) -> tuple[int, Ints, Ints, Floats, Ints]:
    """Roads between ``side`` squared crossings, a quarter of the links missing, in pieces between houses.

    Returns nodes, edges with their length, and houses.
    """
    draw = np.random.default_rng(side)
    crossing = np.arange(side * side).reshape(side, side)
    a = np.concatenate([crossing[:, :-1].ravel(), crossing[:-1].ravel()])
    b = np.concatenate([crossing[:, 1:].ravel(), crossing[1:].ravel()])
    x, y = (80.0 * (crossing.ravel() // d % side) + draw.normal(0.0, 20.0, side * side) for d in (1, side))
    keep = draw.random(len(a)) < 0.75
    a, b = a[keep], b[keep]
    _, part = connected_components(csr_matrix((np.ones(len(a)), (a, b)), shape=(side * side,) * 2), directed=False)
    keep = part[a] == np.bincount(part).argmax()
    a, b = a[keep], b[keep]
    pieces = 1 + draw.poisson(7.2, len(a))
    first = side * side + np.cumsum(pieces - 1) - (pieces - 1)
    road = np.repeat(np.arange(len(a)), pieces)
    turn = np.arange(len(road)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    tail = np.where(turn == 0, a[road], first[road] + turn - 1)
    head = np.where(turn == pieces[road] - 1, b[road], first[road] + turn)
    share = draw.random(len(road)) + 0.2
    length = np.hypot(x[a] - x[b], y[a] - y[b]) * (1.0 + 0.3 * draw.random(len(a)))
    nodes = side * side + int((pieces - 1).sum())
    houses = draw.permutation(np.arange(side * side, nodes))[: round(0.2 * nodes)]
    return nodes, tail, head, length[road] * share / np.bincount(road, share)[road], np.sort(houses)


def print_country() -> None:
    """Approximation and bound on the largest graph."""
    country_rows(30)
    rows, gap, seconds = country_rows(300)
    print("\n### A country\n")
    print(table(["step", "CPU s", "tree above the bound"], rows))
    print(f"\nTree and bound: {seconds:.1f} s, gap {SHARE(gap)}.")


def country_rows(side: int) -> tuple[list[list[Any]], float, float]:
    """Steps, the gap at the end, and seconds in all."""
    nodes, a, b, length, houses = country(side)
    clock = [time.process_time()]

    def took() -> float:
        clock.append(time.process_time())
        return clock[-1] - clock[-2]

    task = of_edges(nodes, a, b, length, int(houses[0]), houses)
    reduced = reduce(task)
    rows = [
        [
            f"{len(length):,} edges, {len(houses):,} places: reductions, to {len(reduced.problem.cost) // 2:,} edges",
            took(),
            None,
        ]
    ]
    bound = dual_ascent(reduced.problem)
    lower = bound.lower + reduced.fixed
    rows.append(["dual ascent: the bound", took(), None])
    tree = tree_along(reduced.problem, bound.reduced_cost <= 0.0)
    above = [task.cost[reduced.expand(tree)].sum() / lower - 1.0]
    rows.append(["tree along its arcs", took(), SHARE(above[0])])
    tree = exchanged(reduced.problem, tree, rounds=1)
    above.append(task.cost[reduced.expand(tree)].sum() / lower - 1.0)
    rows.append(["one round of key-path exchange", took(), SHARE(above[1])])
    seconds = clock[-1] - clock[0]
    graph = road_graph(nodes, a, b, length)
    grown = grow_trees(graph, length[graph.edge], *ends_of(graph, np.array([0, len(houses)]), houses, houses[:1]))
    rows.append(["beside it: the tree grown on the whole graph", took(), SHARE(grown.cost[0] / lower - 1.0)])
    return rows, above[1], seconds


if __name__ == "__main__":
    main()
