"""How near the programme of construction is to the best: its proven gap, and seconds, under money, hectares and both.

    python tests/bench/programme.py [--years N] [CASE …]

Cases are synthetic municipalities and, with the data at hand, Sendai's west fringe, planned by the official procedure with
a sewer wherever one is cheaper. The caps are what would build everything in 1.5 times the years, so that the order
matters. The gap is what the best order could gain at most in people times years served; a gap of 0 is proven the best.
"Packages × years" up to 1,500 are also solved as an integer programme (HiGHS). Every schedule is checked: no cap exceeded,
none before its downstream; the bench ends with an error otherwise.
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
from sewerzone import costbooks
from sewerzone.config import Coverage, Programme
from sewerzone.pipeline.planning import plan_ahead

TOWNS = {"town_1000": 1_000, "town_3000": 3_000, "town_10000": 10_000, "city_85000": 85_000}
LARGE = ("city_85000",)
"""About 100,000 buildings: only where it is named (zoning them takes a minute)."""
SHORT = 1.5
"""Years that the caps would take over those of the programme."""
LIMITS = ("money", "hectares", "both")


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", choices=[*TOWNS, "fringe", []])
    arguments.add_argument("--years", type=int, default=20)
    given = arguments.parse_args()
    names = given.names or [*(name for name in TOWNS if name not in LARGE), "fringe"]
    heads = ["case", "cap", "packages", "packages × years", "built within", "people × years served", "gap, %", "CPU s"]
    rows = []
    for name in names:
        if name in TOWNS or FRINGE.with_suffix(".gpkg").exists():
            inputs, plan = planned(name)
            rows += [[name, limit, *timed(inputs, plan, limit, given.years)] for limit in LIMITS]
    print(table(heads, rows))


def planned(name: str) -> tuple[sz.Inputs, sz.Plan]:
    """A study and its plan, without a programme."""
    with tempfile.TemporaryDirectory() as folder:
        path = sz.sample(Path(folder) / "s", TOWNS[name]) if name in TOWNS else real(name, Path(folder) / "s")
        inputs = sz.read(path, changes=("zoning.method=official",))
    return inputs, sz.run(inputs)


def timed(inputs: sz.Inputs, plan: sz.Plan, limit: str, years: int) -> list[Any]:
    """The cells of one programme."""
    capital, ha = float(plan.systems["capital_yen"].sum()), float(plan.units["area_ha"][plan.units["system_id"].notna()].sum())
    has_yen, has_ha = limit != "hectares", limit != "money"
    programme = Programme(years=years, curve=(), cap_ha_per_yr=(ha / (SHORT * years),) if has_ha else ())
    zoning = plan.config.zoning.model_copy(update={"build_cap_yen_per_yr": capital / (SHORT * years) if has_yen else None})
    config = plan.config.model_copy(update={"programme": programme, "zoning": zoning, "coverage": Coverage()})
    book = costbooks.load(config.cost.book, config.cost.fallback)
    begin = cpu_seconds()
    found, _ = plan_ahead(replace(inputs, config=config), replace(plan, config=config), book)
    seconds = cpu_seconds() - begin
    check(found)
    curve, made = found["programme_curve"].iloc[0], found["programme"]
    built = float(made.loc[made["built_year"].notna(), "people"].sum()) / float(made["people"].sum())
    return [len(made), len(made) * years, f"{100 * built:.0f} % of people", float(curve["people_years"]),
            100 * float(curve["gap_share"]), seconds]  # fmt: skip


def check(found: dict[str, pd.DataFrame]) -> None:
    """No year exceeds a cap, and work on no package begins before the one downstream is finished."""
    years, made = found["programme_years"], found["programme"].set_index("package_id")
    for spent, cap in (("sewer_yen", "cap_yen"), ("worked_ha", "cap_ha")):
        over = years[spent] > years[cap].fillna(np.inf) * (1.0 + 1e-9)
        if over.any():
            raise SystemExit(f"{spent} exceeds {cap} in {years.loc[over, 'year'].tolist()}")
    upstream = made.dropna(subset="downstream_package_id")
    below = made["built_year"].fillna(9999).loc[upstream["downstream_package_id"]].to_numpy()
    if (upstream["start_year"].fillna(9999).to_numpy() < below).any():
        raise SystemExit("a package is begun before the one downstream of it is finished")


if __name__ == "__main__":
    main()
