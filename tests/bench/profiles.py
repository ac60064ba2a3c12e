"""Profiles: exact against enumeration and against plain rules; seconds and memory by number of pipes.

    python tests/bench/profiles.py [town_1000 | town_10000 | fringe …]

By default a town of 10,000 dwellings: its slope-aware tree from one outlet, laid exactly and by two rules that pump where
it gets too deep. Capital and upkeep of trenches rise with depth as in a placeholder book of this bench, since a book with a
flat price has no depth to gain on; its lives and prices are typed below.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from measure import alone, held_mb, peak_mb, table
from peers import Case, study_of
from rules import greedy

import sewerzone as sz
from sewerzone.engineering import labels, manholes, pipes, profile, reaches, trench
from sewerzone.engineering.forest import Forest, LayingPrices, Rules
from sewerzone.engineering.networks import Members, forest
from sewerzone.stages import design

sys.path.append(str(Path(__file__).parents[2]))
from tests.properties.test_profile import MOST_CHOICES, oracle, random_case

TREES = 2_000
"""Random trees enumerated."""
DEPTH_M = np.array([1.2, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0])
SEWER_YEN_PER_M = np.array([65.0, 75.0, 95.0, 125.0, 165.0, 220.0, 320.0]) * 1000.0
"""Construction of 150 mm by mean excavation; 20 % more for every 100 mm of diameter."""
SEWER_YR, SEWER_YEN_PER_M_YR, MAIN_YEN_PER_M = 72.0, 60.0, 55_000.0
PUMP_YEN, PUMP_YR, PUMP_YEN_PER_YR = 9.2e6, 25.0, 220_000.0
MANHOLE_YEN, MANHOLE_YEN_PER_M, DROP_YEN = 200_000.0, 60_000.0, 150_000.0
ENERGY_YEN_PER_YR, PUMP_SIZE_YEN_PER_YR = 1.0 * 365.0 * 9.81 / 3600.0 / 0.5 * 25.0, 500.0
"""Energy of 1 m3 a day lifted by 1 m at an efficiency of 0.5 and 25 yen per kWh; a share of pumps' price by l/s and m."""
TREE_PIPES = 5_000
"""Size of the random trees, a town of some 5,000 houses each."""
TRIGGERS = 12
"""Depths at which the tuned rule may pump; the best one for the whole town is taken."""


def main() -> None:
    """Print the tables."""
    if sys.argv[1:2] == ["--pipes"]:
        print(json.dumps(pipes_in_seconds(int(sys.argv[2]))))
        return
    print_enumeration()
    for name in sys.argv[1:] or ["town_10000"]:
        print_gains(name)
    rows = [alone(__file__, "--pipes", str(count)) for count in (1_500, 30_000, 1_000_000)]
    print(table(list(rows[0]), [list(row.values()) for row in rows]))


def print_enumeration() -> None:
    """Exact against all choices of pumps, mains and sizes."""
    compared, wrong, start = 0, 0, time.process_time()
    for seed in range(TREES):
        one, rules, prices = random_case(seed)
        laid = trench.lay(one, rules, prices)
        best = oracle(one, rules, prices, set(laid.manhole.tolist()), MOST_CHOICES)
        compared += not math.isnan(best)
        wrong += bool(abs(laid.yen_per_yr.sum() - best) > 1e-6 + 1e-9 * best)
    print(table(["random trees of at most 8 edges", "enumerated", "mismatches", "CPU s"],
                [[TREES, compared, wrong, time.process_time() - start]]) + "\n")  # fmt: skip


def placeholder_prices(rules: Rules) -> LayingPrices:
    """The prices above, a year."""
    size = 1.0 + 0.2 * (rules.diameter_mm - rules.diameter_mm[0]) / 100.0
    return LayingPrices(
        depth_m=DEPTH_M,
        trench_yen_per_m_yr=np.outer(size, SEWER_YEN_PER_M) / SEWER_YR + SEWER_YEN_PER_M_YR,
        pressure_yen_per_m_yr=MAIN_YEN_PER_M / SEWER_YR + SEWER_YEN_PER_M_YR,
        pump_yen_per_yr=PUMP_YEN / PUMP_YR + PUMP_YEN_PER_YR,
        pump_size_yen_per_yr=PUMP_SIZE_YEN_PER_YR,
        energy_yen_per_yr=ENERGY_YEN_PER_YR,
        manhole_yen_per_yr=(MANHOLE_YEN + MANHOLE_YEN_PER_M * DEPTH_M) / SEWER_YR,
        drop_yen_per_yr=DROP_YEN / SEWER_YR,
        is_depth_priced=True,
    )


def print_gains(name: str) -> None:
    """The same tree laid exactly and by rule, by largest excavation."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = study_of(name, Path(folder))
        except FileNotFoundError:
            print(f"{name}: no data\n")
            return
        town = Case(sz.run(sz.read(path, changes=("zoning.method=all_johkasou",))), path.parent)
    weights = range(len(town.ground.arc_costs))
    tree = min((town.grown(w) for w in weights), key=lambda t: float(town.priced(t).yen_per_yr[0]))
    way = forest(town.ground, tree, town.loads, Members.single(np.array([0])))
    rows = []
    for deepest_m in (3.0, 5.0, 8.0):
        rules = replace(town.ground.rules, excavation_max_m=deepest_m)
        found = laid_by_rule(way, rules, placeholder_prices(rules))
        exact, pumps = found.pop("exact")
        rows.append([f"{deepest_m:g} m", exact / 1e6, pumps])
        for yen, by_rule in found.values():
            rows[-1] += [by_rule, f"{100.0 * (exact / yen - 1.0):.1f} %"]
    heads = [f"{name}, excavation at most", "million yen a year, exact", "pumps"]
    print(table([*heads, *(f"{k}: {v}" for k in found for v in ("pumps", "exact against it"))], rows) + "\n")


def laid_by_rule(way: Forest, rules: Rules, prices: LayingPrices) -> dict[str, tuple[float, int]]:
    """Yearly cost and pumps of several ways to lay the same tree."""

    def total(choose: Callable[..., Any]) -> tuple[float, int]:
        with mock.patch.object(profile, "choose", choose):
            laid = trench.lay(way, rules, prices)
        return float(laid.yen_per_yr.sum()), int(laid.is_pump.sum())

    depths = np.linspace(1.5, rules.excavation_max_m, TRIGGERS)
    tuned = min(total(lambda r, s, d=d: greedy(r, s, trigger_m=d)) for d in depths)
    today = replace(prices, drop_yen_per_yr=0.0)
    exact = total(profile.choose)
    drops = exact[0] - float(trench.lay(way, rules, today).yen_per_yr.sum())
    print(f"excavation {rules.excavation_max_m:g} m: a price on drops adds {100.0 * drops / exact[0]:.3f} %, "
          "the most that pipes laid deeper than need be could save")  # fmt: skip
    return {"exact": exact, "dig, then pump": total(greedy), "tuned": tuned}


def pipes_in_seconds(count: int) -> dict[str, Any]:
    """CPU seconds of laying one random town of so many pipes, part by part."""
    rules = replace(design.rules(sz.config.Design()), manhole_spacing_m=1.0)
    prices = placeholder_prices(rules)
    trench.lay(random_town(100), rules, prices)  # loads the machine code
    way = random_town(count)
    tree = np.zeros(len(way), np.int64)
    before, runs = held_mb(), max(3, 300_000 // count)
    laid = trench.lay(way, rules, prices)
    added = peak_mb() - before
    sizes, rule = pipes.size_table(rules), pipes.rule_list(rules)
    course = manholes.courses(way, rules.bend_deg)
    is_manhole = manholes.place(way, course, sizes, rule)
    _, found = reaches.reaches(way, course, is_manhole, rules, prices, sizes, rule)
    known = labels.labels(found)
    choice = profile.choose(found, known)
    free = replace(prices, drop_yen_per_yr=0.0)
    parts: dict[str, Callable[[], object]] = {
        "labels": lambda: labels.labels(found),
        "choose": lambda: profile.choose(found, known),
        "evaluate": lambda: profile.evaluate(found, choice),
        "price_only": lambda: trench.price_only(way, rules, prices, tree, 1),
        "lay": lambda: trench.lay(way, rules, prices),
        "lay without a price on drops": lambda: trench.lay(way, rules, free),
    }
    seconds = {f"{name}, CPU s": least_seconds(part, runs) for name, part in parts.items()}
    sums = {"pipes": len(laid.up), "labels a pipe": float(known.place[:, labels.MANY].sum() / len(laid.up))}
    pumped = {"pumps": int(laid.is_pump.sum()), "peak memory of lay, MB above the tree": added}
    return {**sums, **seconds, **pumped}


def least_seconds(part: Callable[[], object], runs: int) -> float:
    """Least CPU seconds of several runs: on a busy machine what it takes when undisturbed."""
    least = np.inf
    for _ in range(runs):
        start = time.process_time()
        part()
        least = min(least, time.process_time() - start)
    return float(least)


def random_town(count: int) -> Forest:
    """Trees of ``TREE_PIPES`` pipes of 15 to 40 m on hilly ground; one way in eight joins farther down."""
    rng = np.random.default_rng(count)
    trees = max(1, count // TREE_PIPES)
    last = np.repeat(np.cumsum(np.full(trees, count // trees + 1)) - 1, count // trees + 1)  # root of every node
    n = len(last)
    parent = np.minimum(np.arange(n) + np.where(rng.random(n) < 0.125, rng.integers(1, 60, n), 1), last)
    length = np.where(parent == np.arange(n), 0.0, rng.uniform(15.0, 40.0, n))
    step = (rng.normal(0.0, 0.03, n) * length).tolist()
    x, ground = [0.0] * n, [0.0] * n
    for i in range(n - 1, -1, -1):
        p = int(parent[i])
        if p > i:
            x[i], ground[i] = x[p] + length[i], 0.995 * ground[p] + step[i]
    flow, none = np.where(rng.random(n) < 0.6, 0.005, 0.0), np.zeros(n)
    return Forest(
        np.where(parent == np.arange(n), -1, parent), length, np.array(x), none, np.array(ground), flow, 30.0 * flow,
        np.ones(n), np.full(n, 5.0), none, none,
    )  # fmt: skip


if __name__ == "__main__":
    main()
