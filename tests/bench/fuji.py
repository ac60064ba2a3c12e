"""Redrawing the sewer plan of a city like Fuji: what leaves it, and the yen a year that saves.

    python tests/bench/fuji.py [--seed N]

A PLAUSIBILITY CASE ON SYNTHETIC DATA. The city is drawn (``tests/outskirts.py``): of Fuji it has the area of the plan, the area
served, the number of houses without sewers and their people, and the published unit costs (cost book ``fuji_2018``; the upkeep
of its plants is not legible and comes from the generic book). Where the houses stand is not known to us: they are drawn
thinning out outward, at two rates. Today's plan is a sewer for all of them; it is redrawn by the official procedure and by the
optimum, unit by unit as at Fuji, and last also leaving out single dear branches. Areas are those of the units' outlines, 10 m
round their houses.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from measure import cpu_seconds, table

from sewerzone import pipeline
from sewerzone.model import Plan

sys.path.append(str(Path(__file__).parents[2]))
from tests.outskirts import HOUSES, PEOPLE, city

THINS_OUT_M = (350.0, 600.0)
TODAY: dict[str, Any] = {"method": "all_sewer", "leave_out_dear_branches": False}
REDRAWN: dict[str, dict[str, Any]] = {
    "official": {"method": "official", "leave_out_dear_branches": False},
    "optimum": {"method": "optimum", "leave_out_dear_branches": False},
    "optimum, dear branches out": {"method": "optimum"},
}
PRINTED = [
    "Fuji's plan, as printed",
    100,
    None,
    1846,
    100.0 * 1846 / HOUSES,
    4831,
    None,
    None,
    None,
    77,
    1540,
    3850,
    None,
    None,
]


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=1)
    seed = arguments.parse_args().seed
    print("Plausibility case on synthetic data; printed figures beside it for their size only.\n")
    heads = ["", "ha leaving", "of ha", "houses leaving", "%", "people leaving", "km of sewer left", "own plants", "systems",
             "saved, M yen a year", "in 20 years", "in 50 years", "gap at its prices, %", "CPU s"]  # fmt: skip
    rows: list[list[Any]] = [PRINTED]
    for thins_out_m in THINS_OUT_M:
        today = pipeline.run(city(HOUSES, seed, thins_out_m, zoning=TODAY))
        yen = today.run["plan_yen_per_yr"]
        told = f"today's plan {yen / 1e6:,.1f} M yen a year, {today.systems['sewer_m'].sum() / 1e3:,.1f} km of sewers"
        print(f"Thinning out over {thins_out_m:.0f} m: {HOUSES:,} houses, {PEOPLE:,} people; {told}", flush=True)
        for name, zoning in REDRAWN.items():
            start = cpu_seconds()
            plan = pipeline.run(city(HOUSES, seed, thins_out_m, zoning=zoning))
            rows.append([f"{name}, {thins_out_m:.0f} m", *figures(plan, yen), cpu_seconds() - start])
    print("\n" + table(heads, rows))


def figures(plan: Plan, today_yen_per_yr: float) -> list[Any]:
    """What leaves the sewer plan, and what that saves."""
    leaves = plan.buildings["treatment"] == "johkasou"
    out = plan.units["treatment"] == "johkasou"
    saved = (today_yen_per_yr - plan.run["plan_yen_per_yr"]) / 1e6
    houses = int(leaves.sum())
    share = plan.run["optimum"]["gap_at_final_prices_share"] if "optimum" in plan.run else None
    gap = None if share is None else 100.0 * share
    area_ha, sewer_km = plan.units["area_ha"], float(plan.systems["sewer_m"].sum() / 1e3)
    own_plants = int((plan.systems["kind"] == "own_plant").sum())
    return [float(area_ha[out].sum()), float(area_ha.sum()), houses, 100.0 * houses / HOUSES,
            round(float(plan.buildings.loc[leaves, "people"].sum())), sewer_km, own_plants, len(plan.systems),
            saved, 20.0 * saved, 50.0 * saved, gap]  # fmt: skip


if __name__ == "__main__":
    main()
