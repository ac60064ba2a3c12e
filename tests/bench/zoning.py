"""The least-cost zoning: how near the best the fast pass comes, what is proven, and in what time.

    python tests/bench/zoning.py [small] [large] [plants] [many]

Synthetic districts (``districts``) at tanks of 97,000, 85,000 and 75,000 yen a household and year:

- ``small``: 50 and 158 units, six districts each;
- ``large``: 700 to 1,000 units, four districts: all proven within 5 s;
- ``plants``: with plants of one price or of concave cost: 158 units proven within 5 s, 728 within 0.5 % in 30 s;
- ``many``: 5,000 units: within 0.2 % in 2 s by the fast pass, within 0.05 % in 2 minutes.

By default all of them. Seconds are CPU seconds on one core; a small district comes first, so that nothing is compiled in them.
Gaps are what a decision costs above the bound that is proven for it; every decision's cost is added up anew from its parts.
"""

from __future__ import annotations

import argparse
import math
import time
from typing import Any, NamedTuple

import numpy as np
from districts import district, zoning
from measure import table

from sewerzone.engineering.prizes import Prizes, Zoned, cost_of, zone

TANKS_YEN = (97e3, 85e3, 75e3)
LIMIT_S = 120.0
PIVOTS = 10_000_000
SHARE = "{:.4%}".format


class Case(NamedTuple):
    """Districts of a size, their plants, and seeds."""

    units: int
    plants: str
    seeds: range


CASES = {
    "small": [Case(50, "none", range(6)), Case(158, "none", range(6))],
    "large": [Case(700, "none", range(2)), Case(850, "none", range(2, 4)), Case(1000, "none", range(4, 6))],
    "plants": [Case(158, "linear", range(4)), Case(158, "concave", range(4)), Case(728, "linear", range(2)),
               Case(728, "concave", range(2))],
    "many": [Case(5000, "none", range(1)), Case(5000, "linear", range(1))],
}  # fmt: skip
HEADS = [
    "district",
    "tanks, yen",
    "served",
    "fast: CPU s",
    "gap",
    "exact: CPU s",
    "gap",
    "proven",
    "all tanks",
    "fast above exact",
]


def main() -> None:
    """Print the tables asked for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", choices=[*CASES, []])
    for plants in ("none", "concave"):
        row(zoning(district(0, 50), TANKS_YEN[0], plants))
    for part in arguments.parse_args().parts or CASES:
        for case in CASES[part]:
            print_case(case)


def print_case(case: Case) -> None:
    """One row per district and price of tanks."""
    print(f"\n### {case.units} units, plants: {case.plants}\n")
    rows = []
    for seed in case.seeds:
        for tanks in TANKS_YEN:
            rows.append([f"seed {seed}", int(tanks), *row(zoning(district(seed, case.units), tanks, case.plants))])
    print(table(HEADS, [[*r[:4], SHARE(r[4]), r[5], SHARE(r[6]), r[7], SHARE(r[8]), SHARE(r[9])] for r in rows]))
    fast_s, fast_gap, exact_s, gap = (np.array([r[k] for r in rows]) for k in (3, 4, 5, 6))
    proven = sum(r[7] == "yes" for r in rows)
    print(
        f"\nFast pass: at most {fast_s.max():.3g} s, gap {SHARE(fast_gap.mean())} in the mean, {SHARE(fast_gap.max())} at most."
    )
    print(f"Proven: {proven} of {len(rows)}, at most {exact_s.max():.3g} s, largest gap {SHARE(gap.max())}.", flush=True)


def row(given: Prizes) -> list[Any]:
    """A zoning by the fast pass and to proof."""
    fast, fast_s = timed_zone(given, 0)
    exact, exact_s = timed_zone(given, PIVOTS)
    served = given.flow_m3_per_d[exact.is_served].sum() / given.flow_m3_per_d.sum()
    return [
        f"{served:.0%}", fast_s, gap_of(fast), exact_s, gap_of(exact), "yes" if exact.is_proven else "no",
        given.tanks_yen_per_yr.sum() / exact.yen_per_yr - 1.0, fast.yen_per_yr / exact.yen_per_yr - 1.0,
    ]  # fmt: skip


def timed_zone(given: Prizes, pivots: int) -> tuple[Zoned, float]:
    """A zoning and its CPU seconds; its cost is added up anew."""
    start = time.process_time()
    found = zone(given, pivots=pivots, seconds=LIMIT_S if pivots else math.inf)
    seconds = time.process_time() - start
    assert cost_of(given, found) == found.yen_per_yr >= found.least_yen_per_yr
    return found, seconds


def gap_of(found: Zoned) -> float:
    """What a decision costs above its bound, as a share."""
    return found.yen_per_yr / found.least_yen_per_yr - 1.0


if __name__ == "__main__":
    main()
