"""The official procedure against the optimum: yen a year, proven gaps, CPU seconds.

    python tests/bench/optimum.py [CASE …]

Cases are synthetic municipalities (two of each size) and, with the data at hand, Sendai's west fringe. The gap at final prices
is that of the zoning to the proven bound of the problem at the prices of the networks designed; the gap of any plan is that to
what no plan costs less than. CPU seconds are those of the whole run by the optimum less one by the official procedure.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from measure import cpu_seconds, table
from stages import FRINGE, real

import sewerzone as sz

TOWNS = {f"town_{size}_{seed}": (size, seed) for size in (1_000, 3_000, 10_000) for seed in (1, 2)}


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", choices=[*TOWNS, "fringe", []])
    names = arguments.parse_args().names or [*TOWNS, "fringe"]
    there = [n for n in names if n in TOWNS or FRINGE.with_suffix(".gpkg").exists()]
    heads = ["case", "study units", "official, M yen/y", "optimum, M yen/y", "saving %", "units changed", "rounds", "settled",
             "gap at final prices %", "gap of any plan %", "CPU s beyond official"]  # fmt: skip
    print(table(heads, [row(name) for name in there]))


def row(name: str) -> list[Any]:
    """Measurements of one case; run once before, which compiles."""
    with tempfile.TemporaryDirectory() as folder:
        path = sz.sample(Path(folder) / "s", *TOWNS[name]) if name in TOWNS else real(name, Path(folder) / "s")
        inputs = sz.read(path)
    planned(inputs, "optimum")
    _, official_s = planned(inputs, "official")
    plan, optimum_s = planned(inputs, "optimum")
    told = plan.run["optimum"]
    yen = [told[key] / 1e6 for key in ("official_yen_per_yr", "optimum_yen_per_yr")]
    shares = [100.0 * told[key] for key in ("saving_share", "gap_at_final_prices_share", "gap_of_any_plan_share")]
    counts = told["units_changed"], told["rounds"], str(told["is_settled"])
    return [name, len(plan.units), *yen, shares[0], *counts, *shares[1:], optimum_s - official_s]


def planned(inputs: sz.Inputs, method: str) -> tuple[sz.Plan, float]:
    """The plan by a method, and its CPU seconds."""
    start = cpu_seconds()
    zoning = inputs.config.zoning.model_copy(update={"method": method})
    plan = sz.run(replace(inputs, config=inputs.config.model_copy(update={"zoning": zoning})))
    return plan, cpu_seconds() - start


if __name__ == "__main__":
    main()
