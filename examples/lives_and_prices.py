"""How firm is a zoning? The same town under other lives, prices and limits, side by side.

Run: ``python examples/lives_and_prices.py``; it makes its own town in a temporary folder.
"""

from __future__ import annotations

import tempfile

import sewerzone as sz

CASES = {
    "as it stands": (),
    "statutory lives": ('cost.lives="statutory"',),
    "annuity at 4 %": ('cost.annualisation="annuity"',),
    "share of a new plant": ('compare.treatment="full"',),
    "tighter units": ("cluster.limit_distance_m=20",),
}


def main() -> None:
    """Print people by treatment and the yearly cost of every case."""
    with tempfile.TemporaryDirectory() as folder:
        study = sz.sample(folder, dwellings=400)
        for name, settings in CASES.items():
            plan = sz.run(sz.read(study, changes=settings))
            people = plan.buildings.groupby("treatment")["people"].sum()
            shares = ", ".join(f"{t} {p:,.0f}" for t, p in people.items() if p)
            print(f"{name:22s} {plan.run['plan_yen_per_yr'] / 1e6:7.2f} M yen a year   people: {shares}")


if __name__ == "__main__":
    main()
