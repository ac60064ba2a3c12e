"""How sure verdicts are: seconds of break-evens, scenarios and samples, and whether the same seed gives the same tables.

    python tests/bench/sureness.py [--samples N] [CASE …]

Cases are synthetic municipalities and, with the data at hand, Sendai's west fringe, planned by the official procedure. CPU
seconds are those beyond the plan: for the sureness of its verdicts, and for a cost curve of 40 steps.
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
from sewerzone.config import Curve, Robustness

TOWNS = {"town_1000": 1_000, "town_3000": 3_000}


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", choices=[*TOWNS, "fringe", []])
    arguments.add_argument("--samples", type=int, default=1000)
    given = arguments.parse_args()
    names = given.names or [*TOWNS, "fringe"]
    there = [n for n in names if n in TOWNS or FRINGE.with_suffix(".gpkg").exists()]
    heads = ["case", "study units", f"sureness, {given.samples:,} samples, CPU s", "cost curve, CPU s", "firm sewer",
             "firm johkasou", "contested", "turned by a U figure alone", "same seed, same tables"]  # fmt: skip
    print(table(heads, [row(name, given.samples) for name in there]))


def row(name: str, samples: int) -> list[Any]:
    """Measurements of one case."""
    with tempfile.TemporaryDirectory() as folder:
        path = sz.sample(Path(folder) / "s", TOWNS[name]) if name in TOWNS else real(name, Path(folder) / "s")
        inputs = sz.read(path)
    some, some_s = planned(inputs, Robustness(samples=50), Curve())  # compiles too
    both, both_s = planned(inputs, Robustness(samples=50), Curve(points=40))
    found, sure_s = planned(inputs, Robustness(samples=samples), Curve())
    is_same = all(getattr(some, t).equals(getattr(both, t)) for t in ("robustness", "scenarios", "figures"))
    counts = found.robustness["sureness"].value_counts()
    classes = [int(counts.get(c, 0)) for c in ("firm_sewer", "firm_johkasou", "contested")]
    rests = int(found.robustness["rests_on_unverified"].sum())
    return [name, len(found.units), sure_s, max(both_s - some_s, 0.0), *classes, rests, str(is_same)]


def planned(inputs: sz.Inputs, robustness: Robustness, curve: Curve) -> tuple[sz.Plan, float]:
    """The plan with what is asked for, and the CPU seconds of that alone."""
    at: dict[str, float] = {}
    config = inputs.config.model_copy(update={"robustness": robustness, "curve": curve})
    plan = sz.run(replace(inputs, config=config), progress=lambda stage, done, total: at.setdefault(stage, cpu_seconds()))
    return plan, at["done"] - at["findings"]


if __name__ == "__main__":
    main()
