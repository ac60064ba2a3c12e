"""Years of the packages under the yearly caps, and what other caps would mean."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sewerzone import tables
from sewerzone.config import Programme
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.scheduling import Caps, Schedule, Work, depth, schedule, yearly
from sewerzone.engineering.scheduling_exact import MOST_SIDE_BY_SIDE


class Timed(NamedTuple):
    """Packages (numbered in the order of building) with what they cost and serve, and their schedule."""

    packages: pd.DataFrame
    work: Work
    found: Schedule
    caps: Caps
    number: Ints
    """Place in that order of every package as it was numbered before."""


def build(packages: pd.DataFrame, below: Ints, settings: Programme, money: tuple[float, ...]) -> Timed:
    """The years of all packages, which are numbered anew: earlier ones first, downstream first.

    ``packages``: a row a package with ``capital_yen``, ``area_ha``, ``people`` and ``score``; ``money``: yen of every year.
    """
    caps = Caps(np.array(money), yearly(settings.cap_ha_per_yr, settings.years, np.inf))
    worth = packages["people"] * packages["score"]
    yen, ha = (packages[c].to_numpy(np.float64) for c in ("capital_yen", "area_ha"))
    work = Work(yen, ha, worth.to_numpy(np.float64), below)
    found = schedule(work, caps)
    begun = np.full(len(below), settings.years)
    np.minimum.at(begun, found.package, found.year)
    order = np.lexsort((np.arange(len(below)), begun, depth(below), found.finished))
    number = np.empty(len(below), np.int64)
    number[order] = np.arange(len(below))
    lower = below[order]
    work = Work(work.yen[order], work.ha[order], work.worth[order], np.where(lower >= 0, number[lower], -1))
    found = found._replace(finished=found.finished[order], package=number[found.package])
    return Timed(packages.iloc[order].reset_index(drop=True), work, found, caps, number)


def works(timed: Timed, settings: Programme) -> pd.DataFrame:
    """The table PROGRAMME_WORKS."""
    work, found = timed.work, timed.found
    data = {
        "package_id": 1 + found.package, "year": settings.first_year + found.year, "done_share": np.minimum(found.share, 1.0),
        "capital_yen": found.share * work.yen[found.package], "area_ha": found.share * work.ha[found.package],
    }  # fmt: skip
    return pd.DataFrame(tables.PROGRAMME_WORKS.conform(pd.DataFrame(data)))


def curve(timed: Timed, settings: Programme, build_years: int) -> pd.DataFrame:
    """The table PROGRAMME_CURVE: the same packages under other caps."""
    people, years, caps = timed.packages["people"].to_numpy(float), settings.years, timed.caps
    rows = []
    for factor in sorted({1.0, *settings.curve}):
        other = Caps(caps.yen * factor, caps.ha * factor)
        found = timed.found if factor == 1.0 else schedule(timed.work, other, most_exact=MOST_SIDE_BY_SIDE)
        last = int(found.finished.max(initial=0))
        rows.append(
            {
                "cap_share": factor, "cap_yen": float(other.yen.sum()) if np.isfinite(other.yen).all() else np.nan,
                "finished_year": settings.first_year + last if last < years else None,
                "people_in_time": float(people[found.finished < build_years].sum()),
                "people_years": float(people @ (years - found.finished)),
                "mean_wait_yr": float(people @ found.finished) / max(float(people.sum()), 1e-9),
                "gap_share": round(max(found.gap_share, 0.0), 9),
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    return pd.DataFrame(tables.PROGRAMME_CURVE.conform(frame.assign(finished_year=frame["finished_year"].astype("Int64"))))
