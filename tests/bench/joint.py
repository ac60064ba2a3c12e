"""Tree and profile together: what each step of the search is worth, and how near the end is to a lower bound.

    python tests/bench/joint.py [--scale] [--large] [CASE …]

Every study unit of a case is drained to its lowest house, whichever way; nothing counts as served. Sum of the yearly
laying costs of all networks of a case, 100 = shortest-path trees (SPT) dug by the greedy rule: dig to the deepest trench,
then lift (see ``rules``). The rule is tried with rising mains too, in place of several lifts in a row. Then the exact
profile, the same on the shortest trees, the best of the product's slope weights with the exact profile, and the search on
the designed cost; at last the lower bound of the laying cost over all trees and profiles. Once by Fuji's book (one price
whatever the depth) and once by one that prices depth.

Cases are synthetic municipalities, as hilly as they come and twice so, and with the data at hand Sendai's west fringe and
Oman. ``--scale`` prints seconds, growth and memory of towns of 100 to 10,000 dwellings, ``--large`` of 100,000 too; with
``PYSEWER_PYTHON`` pysewer's fast solver runs beside it up to 1,000.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from against_pysewer import FUJI_PUMP_M, OMAN, ours, row_of, run_pysewer, seconds_of, write_study
from connection_graph import built_by_pysewer, laying_prices, read_connection
from measure import HERE, alone, cpu_seconds, peak_mb, table
from rules import greedy
from stages import FRINGE, real

import sewerzone as sz
from sewerzone import costbooks
from sewerzone.engineering import manholes, profile, reaches
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.networks import (
    Ground,
    Loads,
    Members,
    cheapest,
    forest,
    no_exit,
    price,
    terminals,
    tree_of,
)
from sewerzone.engineering.paths import arcs_between, cost_to
from sewerzone.engineering.pipes import rule_list, size_table
from sewerzone.engineering.proof import Ends, prove
from sewerzone.engineering.search import Outlets, refine
from sewerzone.engineering.steiner import Trees, grow_trees, improve
from sewerzone.io import study
from sewerzone.model import Inputs, Terrain
from sewerzone.pipeline.town import find_limits
from sewerzone.samples import town
from sewerzone.stages import cluster, cost, design, network, prepare, route

BOOKS = {"fuji_2018": "fuji_2018", "depth": str(HERE / "depth_prices.toml")}
TOWNS = {
    f"town of {dwellings:,}, seed {seed}, relief x {relief:g}": (dwellings, seed, relief)
    for dwellings, seed, relief in ((600, 1, 1.0), (600, 2, 2.0), (2_000, 3, 1.0), (2_000, 4, 2.0))
}
SIZES = (100, 1_000, 10_000, 100_000)
PYSEWER_MOST = 1_000
STEPS = (
    "SPT, greedy", "SPT, greedy with mains", "SPT, exact", "shortest, greedy", "shortest, greedy with mains",
    "shortest, exact", "best slope weight, exact", "search", "lower bound",
)  # fmt: skip
BEST = "best slope weight, exact"
KEY_PATH_ROUNDS = 10
T = TypeVar("T")


class Case(NamedTuple):
    """Networks to be built: who is drained where, over which ground, with so many rounds of search."""

    ground: Ground
    loads: Loads
    members: Members
    roots: tuple[Ints, Ints]
    rounds: int

    @property
    def nowhere(self) -> Outlets:
        """The outlets of the networks, and no others."""
        return Outlets(self.roots, np.empty(0, np.int64), np.zeros(self.ground.nodes, bool))


class Steps(NamedTuple):
    """Yearly cost and pumps of all networks after every step, and the CPU seconds of the product's own steps."""

    yen_per_yr: dict[str, float]
    pumps: dict[str, int]
    seconds: dict[str, float]


def main() -> None:
    """Print the tables, or measure one town for them in this process."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("cases", nargs="*", choices=[*TOWNS, "fringe", "Oman", []])
    arguments.add_argument("--scale", action="store_true", help="seconds, growth and memory by size as well")
    arguments.add_argument("--large", action="store_true", help="with --scale: the town of 100,000 too")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.one:
        print(json.dumps(measured(int(given.one))))
        return
    names = given.cases or [*TOWNS, *["fringe"] * FRINGE.with_suffix(".gpkg").exists(), *["Oman"] * OMAN.is_dir()]
    rows = [row for name in names for row in case_rows(name)]
    counts = ["pumps of the first", "of the rule with mains", "of the search", "needed at least"]
    heads = ["case", "book", "dwellings", "networks", "million yen a year = 100", *STEPS[1:], *counts]
    print(table(heads, rows))
    if given.scale:
        print_scale(SIZES if given.large else SIZES[:-1])


def case_rows(name: str) -> list[list[Any]]:
    """The rows of a case, one by book."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = inputs_of(name, Path(folder))
    case = built(inputs)
    settings, rows = inputs.config, []
    for book_name, book in BOOKS.items():
        prices = cost.laying_prices(costbooks.load(book, "generic"), settings.cost, settings.design)
        found = stepped(case._replace(ground=replace(case.ground, prices=prices)))
        first = found.yen_per_yr[STEPS[0]]
        numbers = [100.0 * found.yen_per_yr[step] / first for step in STEPS[1:]]
        pumps = [found.pumps[step] for step in (*STEPS[:2], "search", "lower bound")]
        head = [name, book_name, round(case.loads.dwellings.sum()), len(case.members.units), first / 1e6]
        rows.append([*head, *(f"{n:.1f}" for n in numbers), *pumps])
    return rows


def inputs_of(name: str, folder: Path) -> Inputs:
    """What is read for a case, without served areas."""
    if name in TOWNS:
        dwellings, seed, relief = TOWNS[name]
        inputs = sz.read(sz.sample(folder / "study", dwellings, seed))
        steeper = replace(inputs.terrain, elevation_m=inputs.terrain.elevation_m * np.float32(relief))
        inputs = replace(inputs, terrain=steeper)
    else:
        inputs = sz.read(real("fringe", folder / "study") if name == "fringe" else write_study(folder))
    return everyone_drained(inputs)


def everyone_drained(inputs: Inputs) -> Inputs:
    """The same without served areas and sites for plants."""
    return replace(inputs, served_areas=inputs.served_areas.iloc[:0], plants=inputs.plants.iloc[:0])


def built(inputs: Inputs) -> Case:
    """The networks of a case by Fuji's book: one per study unit, drained to its lowest house."""
    settings = inputs.config
    book = costbooks.load(BOOKS["fuji_2018"], "generic")
    clean = prepare.clean(inputs)
    limits = find_limits(clean, clean.barriers, settings, book)["limit_m"]
    buildings, units = cluster.group(
        clean.buildings, clean.served_areas, clean.barriers, clean.districts, limits[0], limits[1], settings.cluster,
        clean.buildings.crs,
    )  # fmt: skip
    roads = network.build(
        clean.roads, buildings, inputs.terrain, clean.served_areas, clean.barriers, clean.plants, settings.network
    )
    ways = len(roads.edges)
    ground = route.build_ground(
        roads.nodes, roads.edges, np.ones(ways), np.zeros(ways), pd.Series(dtype=float), design.rules(settings.design),
        cost.laying_prices(book, settings.cost, settings.design), settings.route,
    )  # fmt: skip
    loads, _ = route.load_units(buildings, roads.laterals, roads.nodes, len(units))
    members = Members.single(np.flatnonzero(np.diff(loads.offsets) > 0))
    lowest = route.plant_sites(ground, loads, members, 1)[:, 0].copy()
    return Case(ground, loads, members, (members.offsets, lowest), settings.route.search_rounds)


def stepped(case: Case) -> Steps:
    """Every step of the search, and the bound."""
    ground, ends = case.ground, (*terminals(case.loads, case.members), *case.roots)
    seconds: dict[str, float] = {}
    out = no_exit(ground)
    by_length = ground.graph.length_m
    paths = shortest_paths(case)
    grown = grow_trees(ground.graph, by_length, *ends, *out)
    short = improve(ground.graph, by_length, grown, *ends, *out, rounds=KEY_PATH_ROUNDS)
    best = timed(seconds, BEST, lambda: cheapest(ground, case.loads, case.members, case.roots, None))
    found = timed(seconds, "search", lambda: refine(ground, case.loads, best, case.nowhere, case.rounds))
    yen: dict[str, float] = {}
    pumps: dict[str, int] = {}
    for name, trees in (("SPT", paths), ("shortest", short)):
        exact = price(ground, trees, case.loads, case.members, np.zeros(len(trees.cost), np.int64))
        yen[f"{name}, exact"], pumps[f"{name}, exact"] = float(exact.yen_per_yr.sum()), int(exact.pumps.sum())
        for suffix, rule in (("greedy", greedy), ("greedy with mains", greedy_with_mains)):
            dug, lifts = by_rule(case, trees, rule)
            assert (exact.yen_per_yr <= dug + 1.0).all(), "a rule is never cheaper"
            yen[f"{name}, {suffix}"], pumps[f"{name}, {suffix}"] = float(dug.sum()), lifts
    for name, priced in ((BEST, best), ("search", found)):
        yen[name], pumps[name] = float(priced.yen_per_yr.sum()), int(priced.pumps.sum())
    proof = prove(ground, case.loads, found, Ends(case.roots, np.empty(0, np.int64), np.zeros(ground.nodes, bool)))
    yen["lower bound"], pumps["lower bound"] = float(proof.least_laying_yen_per_yr.sum()), int(proof.least_pumps.sum())
    return Steps(yen, pumps, seconds)


def shortest_paths(case: Case) -> Trees:
    """Every house's shortest way to the outlet of its network, put together."""
    graph = case.ground.graph
    offsets, houses = terminals(case.loads, case.members)
    parts = []
    for k, root in enumerate(case.roots[1]):
        _, onward = cost_to(graph, graph.length_m, np.array([root]))
        level = {int(root): 0}
        for house in houses[offsets[k] : offsets[k + 1]].tolist():
            way = []
            while house not in level:
                way.append(house)
                house = int(onward[house])
            for depth, node in enumerate(reversed(way), start=level[house] + 1):
                level[node] = depth
        node = np.array(sorted(level, key=lambda n: (level[n], n)), dtype=np.int64)
        place = np.full(len(graph), -1, np.int64)
        place[node] = np.arange(len(node))
        parent = np.where(node == root, -1, place[onward[node]])
        arc = arcs_between(graph, onward[node], node)
        edge = np.where(node == root, -1, graph.edge[arc])
        length = float(graph.length_m[arc[1:]].sum())
        parts.append(Trees(np.array([0, len(node)]), node, parent, edge, np.empty(0, np.int64), np.array([length])))
    return side_by_side(parts)


def side_by_side(parts: list[Trees]) -> Trees:
    """Single trees as one batch."""
    sizes = [len(p.node) for p in parts]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    shifted = [np.where(p.parent < 0, -1, p.parent + start) for p, start in zip(parts, offsets, strict=False)]
    node, edge, total = (np.concatenate([getattr(p, key) for p in parts]) for key in ("node", "arc_edge", "cost"))
    return Trees(offsets, node, np.concatenate(shifted), edge, np.empty(0, np.int64), total)


def by_rule(case: Case, trees: Trees, rule: Callable[[reaches.Reaches], Ints]) -> tuple[Floats, int]:
    """Yearly cost of every tree, and the pumps of all, with the pumps where a rule puts them."""
    rules, prices = case.ground.rules, case.ground.prices
    whole = forest(case.ground, trees, case.loads, case.members)
    sizes, limits = size_table(rules), rule_list(rules)
    course = manholes.courses(whole, rules.bend_deg)
    is_manhole = manholes.place(whole, course, sizes, limits)
    span, found = reaches.reaches(whole, course, is_manhole, rules, prices, sizes, limits)
    choice = rule(found)
    dug, _ = profile.evaluate(found, choice)
    is_pump = np.isin(choice[:, profile.MODE], (profile.LIFT, profile.MAIN)) | (dug[:, profile.HEAD] > 0.0)
    yen = np.bincount(tree_of(trees)[span.node], dug[:, profile.YEN], minlength=len(trees.cost))
    return yen.astype(np.float64), int(is_pump.sum())


def greedy_with_mains(r: reaches.Reaches) -> Ints:
    """The greedy rule, but where one lift would follow another before anything flows in, one rising main all the way.

    That is how pysewer pumps: along the whole way to the next junction, if gravity cannot take it.
    """
    choice = greedy(r)
    mode = choice[:, profile.MODE]
    is_dry, is_passable = r.number[:, reaches.DRY] > 0.0, r.number[:, reaches.PASSABLE] > 0.0
    for w in range(len(mode)):
        if mode[w] != profile.LIFT or not is_dry[w]:
            continue
        way = [w]
        while is_passable[end := r.down[way[-1]]] and is_dry[end]:
            way.append(int(end))
        last = max((k for k, at in enumerate(way) if mode[at] in (profile.LIFT, profile.MAIN)), default=0)
        if last:
            mode[w], mode[way[1 : last + 1]] = profile.MAIN, profile.PASSED
    return choice


def timed(seconds: dict[str, float], name: str, run: Callable[[], T]) -> T:
    """What ``run`` returns; its CPU seconds are noted."""
    start = cpu_seconds()
    out = run()
    seconds[name] = cpu_seconds() - start
    return out


def print_scale(sizes: tuple[int, ...]) -> None:
    """Seconds, growth and memory by size, and pysewer's."""
    runs = {n: alone(__file__, "--one", str(n)) for n in sizes}
    keys = [key for key in next(iter(runs.values())) if key not in ("ours", "pysewer")]
    print("\nTowns by dwellings; CPU seconds after a warm-up, every town in a process of its own:\n")
    print(table(["", *(f"{n:,}" for n in sizes)], [[key, *(runs[n][key] for n in sizes)] for key in keys]))
    steps = list(pairwise(sizes))
    stages = [key for key in keys if key.endswith(", s")]
    print("\nGrowth (seconds ~ dwellings ^ exponent):\n")
    print(table(["", *(f"{a:,} → {b:,}" for a, b in steps)],
                [[key, *(growth(runs[a][key], runs[b][key], b / a) for a, b in steps)] for key in stages]))  # fmt: skip
    beside = [n for n in sizes if "pysewer" in runs[n]]
    if beside:
        print("\nBeside pysewer's fast solver, ours on its connection graph:\n")
        heads = ["dwellings", "program", "sewer and laterals, m", "stations", "single houses' pumps", "read, network, s",
                 "route, profile, s"]  # fmt: skip
        columns = ["length", "stations", "private", "read, network", "route, profile"]
        rows = [[f"{n:,}", who, *(runs[n][who].get(c) for c in columns)] for n in beside for who in ("pysewer", "ours")]
        print(table(heads, rows))


def growth(small_s: float, large_s: float, times: float) -> float | None:
    """Exponent between two sizes; None where the smaller one is too short to tell."""
    return math.log(large_s / small_s) / math.log(times) if small_s > 0.01 else None


def measured(dwellings: int) -> dict[str, Any]:
    """One town in this process, after a small one that loads the compiled kernels."""
    python = os.environ.get("PYSEWER_PYTHON")
    with tempfile.TemporaryDirectory() as folder:
        stepped(built(everyone_drained(sz.read(sz.sample(Path(folder) / "small", 300)))))
        seconds: dict[str, float] = {}
        path = sz.sample(Path(folder) / "study", dwellings)
        case = timed(seconds, "read to road graph", lambda: built(everyone_drained(sz.read(path))))
        start = timed(seconds, BEST, lambda: cheapest(case.ground, case.loads, case.members, case.roots, None))
        found = timed(seconds, "search", lambda: refine(case.ground, case.loads, start, case.nowhere, case.rounds))
        out = {f"{key}, s": value for key, value in seconds.items()}
        out |= {
            "peak memory, MB": peak_mb(),
            "networks": len(case.members.units),
            "nodes of the road graph": case.ground.nodes,
            "search saves, %": 100.0 * (1.0 - float(found.yen_per_yr.sum() / start.yen_per_yr.sum())),
        }
        return out | (beside_pysewer(python, Path(folder), dwellings) if python and dwellings <= PYSEWER_MOST else {})


def beside_pysewer(python: str, folder: Path, dwellings: int) -> dict[str, Any]:
    """A town by pysewer and by us on its connection graph."""
    sample = town(dwellings)
    lived_in = sample.buildings[sample.buildings["dwellings"] > 0]
    lived_in[["dwellings", "geometry"]].set_geometry(lived_in.centroid).to_file(folder / "houses.shp")
    sample.roads[["highway", "geometry"]].to_file(folder / "roads.shp")
    study.write_terrain(with_rim(sample.terrain), folder / "dem.tif")
    run_pysewer(python, folder, "route", *(str(folder / name) for name in ("dem.tif", "roads.shp", "houses.shp")), "fast")
    connection = read_connection(folder / "graph.json")
    prices = {"fuji_2018": laying_prices("fuji_2018")}
    result = json.loads((folder / "fast.json").read_text())
    mine = ours(connection, prices["fuji_2018"], FUJI_PUMP_M, 0)
    return {
        "pysewer": row_of(built_by_pysewer(connection, result), prices) | seconds_of(result),
        "ours": row_of(mine.design, prices) | {"route, profile": mine.seconds},
    }


def with_rim(terrain: Terrain) -> Terrain:
    """The terrain with one more cell all round: roads end on its border, where pysewer finds nothing."""
    a, b, c, d, e, f = terrain.transform
    return replace(terrain, elevation_m=np.pad(terrain.elevation_m, 1, "edge"), transform=(a, b, c - a, d, e, f - e))


if __name__ == "__main__":
    main()
