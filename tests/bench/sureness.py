"""How sure verdicts are: seconds of break-evens, scenarios and samples, and whether the same seed gives the same tables.

    python tests/bench/sureness.py [--samples N] [CASE …]
    python tests/bench/sureness.py --turns [--designed] [--around SHARE] [--set KEY=VALUE] [CASE …]

Cases are synthetic municipalities and, with the data at hand, Sendai's west fringe, planned by the official procedure. CPU
seconds are those beyond the plan: for the sureness of its verdicts, and for a cost curve of 40 steps.

``--turns``: are break-even prices right? The study is planned by the optimum with ``robustness.verified_range``, and at 1 %
before and 1 % beyond every break-even price told there it is read and run anew from its files, with ``cost.<price>_factor``
so much and the limit distances of its units given. Ends with an error unless every verdict is today's before and the other
beyond. ``--designed`` looks at the break-even prices of the networks designed instead, which nothing was decided again for.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
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
    arguments.add_argument("--turns", action="store_true")
    arguments.add_argument("--designed", action="store_true")
    arguments.add_argument("--set", action="append", default=[], dest="changes")
    arguments.add_argument("--around", type=float, default=1.15)
    given = arguments.parse_args()
    names = given.names or [*TOWNS, "fringe"]
    there = [n for n in names if n in TOWNS or FRINGE.with_suffix(".gpkg").exists()]
    if given.turns:
        for name in given.names or ["town_1000", *(["fringe"] if "fringe" in there else [])]:
            print_turns(name, given.around, given.designed, tuple(given.changes))
        return
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


def print_turns(name: str, around: float, is_designed: bool, changes: tuple[str, ...]) -> None:
    """Every break-even price near the study's, and whether verdicts turn there in whole runs from the files."""
    rows, counts = [], np.zeros(2, np.int64)
    with tempfile.TemporaryDirectory() as folder:
        path = sz.sample(Path(folder) / "s", TOWNS[name]) if name in TOWNS else real(name, Path(folder) / "s")
        asked = (
            *changes,
            "zoning.method=optimum",
            "robustness.samples=1",
            f"robustness.break_even_range=[{1 / around}, {around}]",
        )
        more = () if is_designed else (f"robustness.verified_range=[{1 / around}, {around}]",)
        start = cpu_seconds()
        plan = sz.run(sz.read(path, changes=(*asked, *more)))
        seconds = cpu_seconds() - start
        today, runs = sewered(plan), Runs(path, plan, changes)
        for price, share in shares(plan.robustness, "networks_designed" if is_designed else "decided_again").items():
            told = np.flatnonzero(np.isfinite(share))
            for at in np.unique(share[told].round(9)):
                units = told[share[told].round(9) == at]
                p = float(share[units[0]])
                before, beyond = (runs.at(price, p * side)[units] for side in ((0.99, 1.01) if p > 1.0 else (1.01, 0.99)))
                turned = (before == today[units]) & (beyond != today[units])
                counts += [len(units), int(turned.sum())]
                verdict = "sewer" if today[units[0]] else "johkasou"
                rows.append([price, 100.0 * p, ", ".join(map(str, units)), verdict, f"{turned.sum()} of {len(units)}"])
                print(rows[-1], flush=True)
        never = {p: int((plan.robustness[f"break_even_{p}_basis"] == "not_confirmed").sum()) for p in PRICES}
    heads = ["price", "turns at, % of today's", "units", "verdict today", "turned, run anew"]
    print(f"\n{name}: break-even prices, each verdict 1 % before and 1 % beyond\n\n" + table(heads, rows))
    print(f"\n{counts[0]} verdicts: {counts[1]} turn in whole runs from the files; {len(plan.units)} units, planned in "
          f"{seconds:.0f} CPU s; turned by networks designed alone, so that nothing is told: {never}\n")  # fmt: skip
    if counts[1] < counts[0] and not is_designed:
        raise SystemExit("does not hold: a verdict does not turn at its break-even price")


PRICES = ("sewer", "johkasou", "treatment")


def sewered(plan: sz.Plan) -> np.ndarray:
    """(u,) units that get a sewer."""
    return (plan.units["treatment"] != "johkasou").to_numpy()


def shares(told: pd.DataFrame, basis: str) -> dict[str, np.ndarray]:
    """(u,) break-even prices as shares of today's that were found so, by price; NaN for the others."""
    columns = {p: f"break_even_{p}_share" for p in PRICES[1:]}
    found = {p: told[c].to_numpy(float) for p, c in columns.items()}
    found = {"sewer": (told["break_even_sewer_yen_per_m"] / told["sewer_yen_per_m"]).to_numpy(float), **found}
    return {p: np.where(told[f"break_even_{p}_basis"] == basis, share, np.nan) for p, share in found.items()}


class Runs:
    """Whole runs from the files of a study at other prices, each once; its units stay those of the plan."""

    def __init__(self, path: Path, plan: sz.Plan, changes: tuple[str, ...]) -> None:
        units, served = (limit["limit_m"] for limit in plan.run["limits"])
        limits = f"cluster.limit_distance_m={units!r}", f"cluster.served_limit_distance_m={served!r}"
        self.path, self.kept = path, (*changes, "zoning.method=optimum", *limits)
        self.known: dict[tuple[str, float], np.ndarray] = {}

    def at(self, price: str, share: float) -> np.ndarray:
        """(u,) units that get a sewer."""
        key = price, round(share, 12)
        if key not in self.known:
            inputs = sz.read(self.path, changes=(*self.kept, f"cost.{price}_factor={share!r}"))
            self.known[key] = sewered(sz.run(inputs))
        return self.known[key]


if __name__ == "__main__":
    main()
