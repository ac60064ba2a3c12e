"""How sure verdicts are: seconds of break-evens, scenarios and samples, and whether the same seed gives the same tables.

    python tests/bench/sureness.py [--samples N] [CASE …]
    python tests/bench/sureness.py --turns [--around SHARE] [CASE …]

Cases are synthetic municipalities and, with the data at hand, Sendai's west fringe, planned by the official procedure. CPU
seconds are those beyond the plan: for the sureness of its verdicts, and for a cost curve of 40 steps.

``--turns``: are break-even prices right? The optimum is planned and its break-evens told; then it is planned anew as a whole,
with a cost book in which this price is 1 % nearer and 1 % farther than where a verdict is said to turn. Each break-even price
from the study's divided by SHARE to SHARE times it is a row. Study units, dear branches and what is absorbed by rule stay:
limit distances are given, the other two are off. "Same networks": of all networks designed, the cheapest zoning 1 % on either
side, without another search; there the verdict must turn. Ends with an error if it does not.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from measure import cpu_seconds, table
from stages import FRINGE, real

import sewerzone as sz
from sewerzone import costbooks
from sewerzone.config import Curve, Robustness
from sewerzone.model import no_progress
from sewerzone.pipeline import verdicts
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.designs import MONEY
from sewerzone.pipeline.optimum import Sought
from sewerzone.pipeline.repriced import served_by
from sewerzone.pipeline.sureness import price_groups
from sewerzone.pipeline.town import Field, build_town, lay_ground
from sewerzone.pipeline.turning import Turning
from sewerzone.stages import prepare

TOWNS = {"town_1000": 1_000, "town_3000": 3_000}


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", choices=[*TOWNS, "fringe", []])
    arguments.add_argument("--samples", type=int, default=1000)
    arguments.add_argument("--turns", action="store_true")
    arguments.add_argument("--around", type=float, default=1.5)
    given = arguments.parse_args()
    names = given.names or [*TOWNS, "fringe"]
    there = [n for n in names if n in TOWNS or FRINGE.with_suffix(".gpkg").exists()]
    if given.turns:
        for name in given.names or ["town_1000", *(["fringe"] if "fringe" in there else [])]:
            print_turns(name, given.around)
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


def print_turns(name: str, around: float) -> None:
    """Every break-even price near the study's, and whether verdicts turn there."""
    rows, counts = [], np.zeros(3, np.int64)
    with tempfile.TemporaryDirectory() as folder:
        path = sz.sample(Path(folder) / "s", TOWNS[name]) if name in TOWNS else real(name, Path(folder) / "s")
        first = sz.read(path, changes=("zoning.method=optimum",))
        limits = sz.run(first).run["limits"]
        kept = ("zoning.method=optimum", "zoning.leave_out_dear_branches=false", "cluster.absorb_round_served=false",
                f"cluster.limit_distance_m={limits[0]['limit_m']!r}",
                f"cluster.served_limit_distance_m={limits[1]['limit_m']!r}")  # fmt: skip
        study = Case(sz.read(path, changes=kept))
        for price, share in study.shares().items():
            near = np.flatnonzero((share > 1.0 / around) & (share < around))
            for at in np.unique(share[near].round(9)):
                units = near[share[near].round(9) == at]
                sides = (0.99, 1.01) if at > 1.0 else (1.01, 0.99)
                again = [study.anew(price, at * side) for side in sides]
                same = [study.same(price, at * side) for side in sides]
                turned = [
                    (before[units] == study.today[units]) & (beyond[units] != study.today[units])
                    for before, beyond in (again, same)
                ]
                counts += [len(units), int(turned[0].sum()), int(turned[1].sum())]
                words = ["sewer" if study.today[units[0]] else "johkasou", *(f"{int(t.sum())} of {len(units)}" for t in turned)]
                rows.append([price, float(100.0 * at), ", ".join(map(str, units)), words[0], words[2], words[1]])
                print(rows[-1], flush=True)
    heads = ["price", "turns at, % of today's", "units", "verdict today", "turned, same networks", "turned, planned anew"]
    print(f"\n{name}: break-even prices, each verdict 1 % before and 1 % beyond\n\n" + table(heads, rows))
    print(f"\n{counts[0]} verdicts: {counts[2]} turn with the same networks, {counts[1]} in whole re-runs\n")
    if counts[2] < counts[0]:
        raise SystemExit("does not hold: a verdict turns at its break-even price with the same networks")


class Case:
    """A study whose optimum is planned at several prices."""

    def __init__(self, inputs: sz.Inputs) -> None:
        self.inputs = inputs
        self.book = costbooks.load(inputs.config.cost.book, inputs.config.cost.fallback, inputs.base)
        self.sought, self.field = self.planned(self.book)
        self.today = served_by(self.sought.zoning, len(self.sought.final.units.side))
        self.groups = price_groups(self.book)
        self.turning = Turning(self.sought.settling, self.field, inputs.config.robustness.break_even_range)

    def planned(self, book: costbooks.CostBook) -> tuple[Sought, Field]:
        """The optimum at the prices of a book, from the inputs on."""
        config = self.inputs.config
        town = build_town(self.inputs, prepare.clean(self.inputs), book, Clock(no_progress))
        field = lay_ground(town, config, book)
        return verdicts.seek_optimum(town, field, config, book, verdicts.absorb(town, field)), field

    def shares(self) -> dict[str, np.ndarray]:
        """(u,) break-even prices as shares of today's, by price."""
        return self.turning.break_evens(self.groups)

    def same(self, price: str, share: float) -> np.ndarray:
        """(u,) verdicts by the networks known, with the price so many times what it is."""
        varies = self.groups[price]
        return self.turning.line(np.where(varies, share, 1.0) * MONEY, varies).is_served

    def anew(self, price: str, share: float) -> np.ndarray:
        """(u,) verdicts of a plan made anew."""
        return served_by(self.planned(scaled(self.book, price, share))[0].zoning, len(self.today))


ITEMS = {"sewer": ("sewer",), "johkasou": ("johkasou_",), "treatment": ("treatment", "plant_")}


def scaled(book: costbooks.CostBook, price: str, share: float) -> costbooks.CostBook:
    """The book with the prices of some items so many times what they are; of sewers their construction."""

    def times(figure: costbooks.Figure | None) -> costbooks.Figure | None:
        if figure is None:
            return None
        curve = figure.curve
        found = {
            key: np.multiply(getattr(curve, key), share).tolist() for key in ("price", "a", "prices") if hasattr(curve, key)
        }
        return replace(figure, curve=curve.model_copy(update=found))

    items = {
        key: replace(i, construction=times(i.construction), upkeep=i.upkeep if price == "sewer" else times(i.upkeep))
        if key.startswith(ITEMS[price]) else i
        for key, i in book.items.items()
    }  # fmt: skip
    return replace(book, items=items, fallback=scaled(book.fallback, price, share) if book.fallback else None)


if __name__ == "__main__":
    main()
