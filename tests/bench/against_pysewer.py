"""Side by side with pysewer on its own example: 800 houses in Oman, one outlet, every house on the sewer.

    python tests/bench/against_pysewer.py

Minimum slope 1 %, cover 0.25 m, depth limit 8 m, a pump at the price of 1,000 m of sewer (pysewer's default). Ours is
the reference plan ``all_sewer`` after one warm-up run: reading the files, every stage of the method, all tables of the
plan. pysewer 0.3.1's figures are those measured for the project (2 cores); with ``PYSEWER_PYTHON`` naming a Python that
has pysewer, its fast solver runs here too (``PYSEWER_SOLVER=best`` for the other one), on a copy of the terrain.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import shapely
from measure import DATA, HERE, alone, peak_mb, table, timed

import sewerzone as sz
from sewerzone.model import Plan

OMAN = DATA / "om_pysewer_example"
OUTLET = (691350.0, 2553250.0)
NETWORK, DESIGN = ("prepare", "cluster", "network"), ("route", "compare", "zone", "outcome")
PUBLISHED = {
    "pysewer 0.3.1, best solver, published": {
        "sewer_m": 35_057 - 13_911, "laterals_m": 13_911, "total_m": 35_057, "stations": 17, "private": 1, "all": 270.0,
        "peak_mb": 1_600.0,
    },
    "pysewer 0.3.1, fast solver, published": {"total_m": 36_113, "stations": 22, "private": 1, "all": 65.0},
}  # fmt: skip


def main() -> None:
    """Print the comparison."""
    if not OMAN.is_dir():
        print(f"no example data at {OMAN}: nothing to compare")
        return
    rows: dict[str, dict[str, Any]] = {"sewerzone": ours()}
    python = os.environ.get("PYSEWER_PYTHON")
    if python:
        solver = os.environ.get("PYSEWER_SOLVER", "fast")
        rows[f"pysewer 0.3.1, {solver} solver, this run"] = theirs(python, solver)
    rows.update(PUBLISHED)
    heads = ["", "sewer, m", "laterals, m", "total, m", "pumps, lifting stations", "single houses' pumps", "network, s",
             "design, s", "all, s", "all, CPU s", "peak memory, MB"]  # fmt: skip
    keys = ["sewer_m", "laterals_m", "total_m", "stations", "private", "network", "design", "all", "cpu", "peak_mb"]
    print(table(heads, [[name, *(row.get(key) for key in keys)] for name, row in rows.items()]))
    mine, best = rows["sewerzone"], PUBLISHED["pysewer 0.3.1, best solver, published"]
    print(f"\nAgainst pysewer's best: length {mine['total_m'] / best['total_m'] - 1.0:+.1%}, stations {mine['stations']} to "
          f"{best['stations']}, time {best['all'] / mine['all']:,.0f} times shorter.")  # fmt: skip
    print(f"Of our sewer {mine['off_road_m']:,} m lie off the roads: ways that several houses share instead of a lateral each.")


def ours() -> dict[str, Any]:
    """Our plan of the example."""
    with tempfile.TemporaryDirectory() as folder:
        study = write_study(Path(folder))

        def run() -> Plan:
            return sz.run(sz.read(study))

        done = timed(run, runs=5)
        peak = peak_mb()
        read_s = timed(lambda: sz.read(study), runs=3).wall_s
    plan: Plan = done.result
    seconds = {s["stage"]: float(s["seconds"]) for s in plan.run["stages"]}
    first = plan.pipes.groupby("from_manhole_id")["dwellings"].first()
    connected = plan.laterals[plan.laterals["status"] == "connected"]
    assert len(connected) == 800, "every house is on the sewer"
    roads = shapely.buffer(shapely.union_all(plan.roads.geometry.to_numpy()), 0.5)
    off_road = shapely.length(shapely.difference(plan.pipes.geometry.to_numpy(), roads))
    private = int((first.reindex(plan.pumps["manhole_id"]) <= 1.0).sum())
    sewer_m, laterals_m = round(plan.pipes["length_m"].sum()), round(connected["length_m"].sum())
    return {
        "sewer_m": sewer_m,
        "laterals_m": laterals_m,
        "total_m": sewer_m + laterals_m,
        "off_road_m": round(float(off_road.sum())),
        "stations": len(plan.pumps) - private,
        "private": private,
        "network": read_s + sum(seconds[s] for s in NETWORK),
        "design": sum(seconds[s] for s in DESIGN),
        "all": done.wall_s,
        "cpu": done.cpu_s,
        "peak_mb": peak,
    }


def write_study(folder: Path) -> Path:
    """The study of the comparison."""
    outlet = {"type": "Point", "coordinates": OUTLET}
    feature = {"type": "Feature", "properties": {"kind": "outlet"}, "geometry": outlet}
    crs = {"type": "name", "properties": {"name": "EPSG:32640"}}
    (folder / "outlet.geojson").write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    study = folder / "study.toml"
    study.write_text(f"""
[study]
name = "Oman"
crs = "EPSG:32640"
language = "en"
[inputs]
buildings = "{OMAN / "buildings_projected.shp"}"
roads = "{OMAN / "roads_projected.shp"}"
terrain = ["{OMAN / "dem_10m1.tif"}"]
plants = "outlet.geojson"
[network]
max_lateral_m = 1000.0
share_laterals_over_m = 20.0
[route]
max_link_m = 20000.0
free_slope_permille = 10.0
search_rounds = 60
slope_weights = [0.0, 20.0, 60.0, 120.0]
[design]
cover_min_m = 0.25
excavation_max_m = 8.0
slope_min_permille = 10.0
[cost]
book = "{HERE / "pysewer_prices.toml"}"
[zone]
method = "all_sewer"
""")
    return study


def theirs(python: str, solver: str) -> dict[str, Any]:
    """pysewer's plan, run by its own Python as a program of its own."""
    with tempfile.TemporaryDirectory() as folder:
        terrain = Path(folder) / "dem.tif"
        shutil.copyfile(OMAN / "dem_10m1.tif", terrain)
        files = str(terrain), str(OMAN / "roads_projected.shp"), str(OMAN / "buildings_projected.shp")
        found = alone(str(HERE / "run_pysewer.py"), *files, *(str(v) for v in OUTLET), solver, python=python)
    info, seconds = found["info"], found["seconds"]
    total = info["Gravity Sewer Length [m]"] + info["Pressurized Sewer Length [m]"]
    return {
        "sewer_m": round(total - found["laterals_m"]),
        "laterals_m": round(found["laterals_m"]),
        "total_m": total,
        "stations": info["Pumping Stations"] + info["Lifting Stations"],
        "private": info["Private Pumps"],
        "network": seconds["read and network"],
        "design": seconds["routing"] + seconds["profile, pumps, sizes"],
        "all": seconds["all"],
        "cpu": found["cpu_s"],
        "peak_mb": found["peak_mb"],
    }


if __name__ == "__main__":
    main()
