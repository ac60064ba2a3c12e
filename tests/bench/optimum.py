"""How much the optimum saves against the official procedure: synthetic towns and Sendai's fringe, and the bare problem.

    python tests/bench/optimum.py [--towns | --problems] [--quick]

First whole studies (``zoning.method = "optimum"``, prices of the Fuji plan unless named): both zonings designed and priced
alike. Then the zoning problem itself on ``districts.py``, where the optimum is proven, against two readings of the official
rule: one pass, and asked again until nothing changes (``one_by_one.py``). Ends with an error if a zoning is dearer than one it
must not be dearer than, or cheaper than a bound. ``--quick``: the small cases only. Synthetic places: the shares say how
much method matters, not what a town would save.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from districts import district, zoning
from measure import cpu_seconds, table
from one_by_one import official
from stages import FRINGE, real

import sewerzone as sz
from sewerzone import costbooks
from sewerzone.engineering.prizes import Zoned, zone
from sewerzone.model import Inputs

SEWER_YEN, TANK_YEN = "138_000", "752_000"
PIVOTS = 20_000
EQUAL = 1e-9


class Case(NamedTuple):
    """A synthetic town: relief, prices of sewers and tanks as shares of what they are."""

    dwellings: int
    seed: int
    relief: float = 1.0
    sewer: float = 1.0
    tank: float = 1.0
    changes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the table calls it."""
        varied = (("relief", self.relief), ("sewers", self.sewer), ("tanks", self.tank))
        words = [f"{word} x {share:g}" for word, share in varied if share != 1.0]
        return ", ".join([f"town {self.dwellings:,}, seed {self.seed}", *words, *self.changes])


TOWNS = (
    Case(300, 1), Case(300, 2), Case(600, 1), Case(600, 1, relief=0.1), Case(600, 1, relief=2.0), Case(600, 1, sewer=0.6),
    Case(600, 1, tank=1.3), Case(1000, 2), Case(1000, 2, relief=0.1), Case(1000, 2, sewer=0.6), Case(1500, 3),
    Case(3000, 1), Case(3000, 2, tank=1.3), Case(6000, 1),
)  # fmt: skip
SMALL = 600


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    only = arguments.add_mutually_exclusive_group()
    only.add_argument("--towns", action="store_true", help="whole studies only")
    only.add_argument("--problems", action="store_true", help="the bare problem only")
    arguments.add_argument("--quick", action="store_true", help="the small cases only")
    given = arguments.parse_args()
    if not given.problems:
        print_towns(given.quick)
    if not given.towns:
        print_problems(given.quick)


def print_towns(is_quick: bool) -> None:
    """Whole studies, a row each."""
    heads = ["", "units", "official, M yen/y", "optimum, M yen/y", "saving, %", "changed", "sewered dwellings", "optimum",
             "gap at its prices, %", "to any plan, %", "rounds", "settled", "CPU s: official", "optimum"]  # fmt: skip
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        sz.run(sz.read(sz.sample(Path(folder) / "warm", 300), changes=("zoning.method=optimum",)))
    for name, path, relief, changes in studies(is_quick):
        rows.append(study_row(name, path, relief, changes))
        print(table(heads, rows[-1:]).splitlines()[-1], flush=True)
    print("\n" + table(heads, rows))


def studies(is_quick: bool) -> Iterator[tuple[str, Path, float, tuple[str, ...]]]:
    """Studies with their names, shares of relief and changes."""
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(TOWNS):
            if is_quick and case.dwellings > SMALL:
                continue
            path = sz.sample(Path(folder) / f"{number}", case.dwellings, case.seed)
            book = (Path(costbooks.__file__).parent / "fuji_2018.toml").read_text(encoding="utf-8")
            for price, share in ((SEWER_YEN, case.sewer), (TANK_YEN, case.tank)):
                book = book.replace(price, f"{int(price) * share:.0f}")
            (path.parent / "prices.toml").write_text(book, encoding="utf-8")
            yield case.name, path, case.relief, ("cost.book=prices.toml", *case.changes)
        if FRINGE.with_suffix(".gpkg").exists():
            yield "Sendai fringe", real("fringe", Path(folder) / "fringe"), 1.0, ()
        else:
            print(f"Sendai fringe: no data at {FRINGE}.gpkg")


def study_row(name: str, path: Path, relief: float, changes: tuple[str, ...]) -> list[Any]:
    """One study, by both methods."""
    inputs = flattened(sz.read(path, changes=("zoning.method=optimum", *changes)), relief)
    official_inputs = replace(inputs, config=sz.read(path, changes=changes).config)
    start = cpu_seconds()
    reference = sz.run(official_inputs)
    between = cpu_seconds()
    plan = sz.run(inputs)
    end = cpu_seconds()
    told, rows = plan.run["optimum"], plan.differences.set_index("unit_id")
    yen, best = told["official_yen_per_yr"], told["optimum_yen_per_yr"]
    require(f"{name}: official as by itself", abs(yen - reference.run["searched_yen_per_yr"]) < 1.0)
    require(f"{name}: optimum as written", abs(best - plan.run["plan_yen_per_yr"]) < 1.0)
    require(f"{name}: official >= optimum", yen >= best * (1.0 - EQUAL))
    require(f"{name}: optimum >= least of any plan", best >= told["least_of_any_plan_yen_per_yr"] * (1.0 - EQUAL))
    gap = told["gap_at_final_prices_share"]
    dwellings = plan.units.set_index("unit_id")["dwellings"].reindex(rows.index)
    sewered = [float(dwellings[rows[f"{which}_treatment"] != "johkasou"].sum()) for which in ("official", "optimum")]
    return [name, len(rows), yen / 1e6, best / 1e6, 100.0 * told["saving_share"], told["units_changed"],
            *(round(s) for s in sewered), None if gap is None else 100.0 * gap, 100.0 * told["gap_of_any_plan_share"],
            told["rounds"], "yes" if told["is_settled"] else "no", between - start, end - between]  # fmt: skip


def flattened(inputs: Inputs, relief: float) -> Inputs:
    """The same place with its heights above the lowest ground multiplied."""
    ground = inputs.terrain.elevation_m
    lowest = np.nanmin(ground)
    return replace(inputs, terrain=replace(inputs.terrain, elevation_m=lowest + relief * (ground - lowest)))


def print_problems(is_quick: bool) -> None:
    """The bare problem: excess of the two readings of the rule over the optimum."""
    heads = ["units", "tanks, k yen", "plants", "districts", "all tanks, %", "one pass, %", "repeated, %", "optimum's gap, %",
             "proven", "served: one pass", "repeated", "optimum", "CPU s optimum"]  # fmt: skip
    sizes = (50, 150) if is_quick else (50, 150, 600)
    rows = []
    zone(zoning(district(99, 50), 85e3, "concave"), pivots=PIVOTS)
    for units in sizes:
        for plants in ("none", "linear", "concave"):
            for tanks_k in (97, 85, 75):
                seeds = range(2 if units > 150 else 4)
                rows.append([units, tanks_k, plants, len(seeds), *problem_figures(units, 1e3 * tanks_k, plants, seeds)])
                print(table(heads, rows[-1:]).splitlines()[-1], flush=True)
    print("\nExcess over the optimum's yearly cost, mean of the districts:\n\n" + table(heads, rows))


def problem_figures(units: int, tanks_yen: float, plants: str, seeds: range) -> list[Any]:
    """Means over districts of one kind."""
    figures, proven = [], 0
    for seed in seeds:
        given = zoning(district(seed, units), tanks_yen, plants)
        start = cpu_seconds()
        best = zone(given, pivots=PIVOTS)
        cpu = cpu_seconds() - start
        once, repeated = official(given, False), official(given, True)
        name = f"{units} units, seed {seed}, {tanks_yen:g} yen, plants {plants}"
        require(f"{name}: optimum >= bound", best.yen_per_yr >= best.least_yen_per_yr * (1.0 - EQUAL))
        for rule in (once, repeated):
            require(f"{name}: rule >= bound", rule.yen_per_yr >= best.least_yen_per_yr * (1.0 - EQUAL))
            require(f"{name}: rule >= optimum", rule.yen_per_yr >= best.yen_per_yr * (1.0 - EQUAL))
        over = [100.0 * (yen / best.yen_per_yr - 1.0)
                for yen in (given.tanks_yen_per_yr.sum(), once.yen_per_yr, repeated.yen_per_yr)]  # fmt: skip
        gap = 100.0 * (best.yen_per_yr / best.least_yen_per_yr - 1.0)
        figures.append([*over, gap, *(served(given.flow_m3_per_d, z) for z in (once, repeated, best)), cpu])
        proven += best.is_proven
    mean = np.mean(figures, axis=0).tolist()
    return [
        *mean[:3],
        round(mean[3], 4),
        f"{proven} of {len(seeds)}",
        *(f"{100.0 * share:.0f} %" for share in mean[4:7]),
        mean[7],
    ]


def served(flow: np.ndarray, decided: Zoned) -> float:
    """Share of the households on sewers."""
    return float(flow[decided.is_served].sum() / flow.sum())


def require(what: str, holds: bool) -> None:
    """Stop where a figure cannot be."""
    if not holds:
        raise SystemExit(f"does not hold: {what}")


if __name__ == "__main__":
    main()
