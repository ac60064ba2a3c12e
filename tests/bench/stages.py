"""Seconds from reading to maps, stage by stage, and peak memory by size: synthetic towns and the real Sendai sets.

    python tests/bench/stages.py [--large] [--cold] [NAME …]

Names: town_1000, town_10000, town_100000 (with --large or by name), fringe, yagiyama, full; by default all but the
largest of each kind. Every study runs in a process of its own, after a small town that loads the compiled kernels.
``--cold`` first runs the fringe as a user does, ``new`` and ``run``, with an empty numba cache, and again with a full one.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from measure import DATA, alone, cpu_seconds, peak_mb, table

import sewerzone as sz
from sewerzone.io import study
from sewerzone.memory import seldom_collected
from sewerzone.output import redrawing
from sewerzone.pipeline import STAGES

SENDAI = DATA / "jp_sendai_osm_gsi"
TOWNS = {f"town_{n}": n for n in (1_000, 10_000, 100_000)}
FRINGE, YAGIYAMA = SENDAI / "sendai_west_fringe", SENDAI / "sendai_yagiyama_nagamachi"
CONTEXT = SENDAI / "sendai_context.gpkg"
REAL = {
    "fringe": (f"{FRINGE}.gpkg:buildings", f"{FRINGE}.gpkg:roads", f"{FRINGE}_dem.tif"),
    "yagiyama": (f"{YAGIYAMA}.gpkg:buildings", f"{YAGIYAMA}.gpkg:roads", f"{YAGIYAMA}_dem.tif"),
    "full": (
        str(SENDAI / "sendai_full_buildings.parquet"), str(SENDAI / "sendai_full_roads.parquet"),
        str(SENDAI / "sendai_dem_gsi_dem5a_3857.tif"),
    ),
}  # fmt: skip
"""Buildings, roads, terrain of the real sets."""
PARTS = ("read", *STAGES, "write", "maps", "all")


def main() -> None:
    """Print the table, or run one study for it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", choices=[*TOWNS, *REAL, []])
    arguments.add_argument("--large", action="store_true", help="the town of 100,000 and all of Sendai too")
    arguments.add_argument("--cold", action="store_true", help="also the first run of a fresh installation")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.one:
        print(json.dumps(one(given.one)))
        return
    if given.cold and FRINGE.with_suffix(".gpkg").exists():
        print_cold()
    names = given.names or ["town_1000", "town_10000", "fringe", "yagiyama"] + ["town_100000", "full"] * given.large
    there = [n for n in names if n in TOWNS or Path(REAL[n][2]).exists()]
    for name in set(names) - set(there):
        print(f"{name}: no data at {SENDAI}")
    runs = {name: alone(__file__, "--one", name) for name in there}
    rows = [[stage, *(runs[n]["seconds"].get(stage, 0.0) for n in there)] for stage in PARTS]
    rows += [[label, *(runs[n][key] for n in there)] for key, label in (
        ("cpu_s", "all, CPU s"), ("floor_cpu_s", "of these read, write and maps, CPU s"),
        ("peak_mb", "peak memory, MB"), ("buildings", "buildings"), ("edges", "road graph edges"),
        ("units", "study units"), ("pipes", "pipes of the plan"))]  # fmt: skip
    print(table(["seconds", *there], rows))
    towns = sorted((n for n in there if n in TOWNS), key=lambda n: TOWNS[n])
    if len(towns) > 1:
        print("\nGrowth with the number of dwellings (seconds ~ dwellings ^ exponent):\n")
        steps = list(pairwise(towns))
        print(table(["exponent", *(f"{a} → {b}" for a, b in steps)],
                    [[s, *(exponent(runs[a], runs[b], s) for a, b in steps)] for s in PARTS]))  # fmt: skip


def exponent(small: dict[str, Any], large: dict[str, Any], stage: str) -> float | None:
    """Growth of a stage between two sizes; None where the smaller one is too short to tell."""
    a, b = small["seconds"][stage], large["seconds"][stage]
    return math.log(b / a) / math.log(large["dwellings"] / small["dwellings"]) if a > 0.01 else None


def one(name: str) -> dict[str, Any]:
    """Run one study in this process."""
    with tempfile.TemporaryDirectory() as folder:
        sz.run(sz.read(sz.sample(Path(folder) / "warm", 300)), Path(folder) / "warm" / "out")
        path = sz.sample(Path(folder) / "study", TOWNS[name]) if name in TOWNS else real(name, Path(folder) / "study")
        start, cpu = time.perf_counter(), cpu_seconds()
        inputs = sz.read(path)
        read_s, read_cpu = time.perf_counter() - start, cpu_seconds() - cpu
        plan = sz.run(inputs)
        seconds = {"read": read_s, **{s["stage"]: float(s["seconds"]) for s in plan.run["stages"]}}
        run_cpu = cpu_seconds()
        out = Path(folder) / "out"
        with seldom_collected():
            begin = time.perf_counter()
            plan.write(out, maps=False)
            seconds["write"], begin = time.perf_counter() - begin, time.perf_counter()
            redrawing.draw(plan, [out / "map.html", out / "map.png"])
            seconds["maps"] = time.perf_counter() - begin
        floor_cpu = read_cpu + cpu_seconds() - run_cpu
        seconds["all"] = time.perf_counter() - start
        return {
            "seconds": seconds,
            "cpu_s": cpu_seconds() - cpu,
            "floor_cpu_s": floor_cpu,
            "peak_mb": peak_mb(),
            "dwellings": float(plan.buildings["dwellings"].sum()),
            "buildings": len(plan.buildings),
            "edges": len(plan.edges),
            "units": len(plan.units),
            "pipes": len(plan.pipes),
        }


def real(name: str, folder: Path) -> Path:
    """A study on a real set, with the densely inhabited districts of 2020 as served areas."""
    buildings, roads, terrain = REAL[name]
    layers = {"buildings": buildings, "roads": roads, "served_areas": f"{CONTEXT}:did_2020"}
    proposed, remarks = study.propose(folder, terrain=(terrain,), crs="EPSG:6678", name=name, **layers)
    return study.write_study(proposed, folder, remarks, False)


def print_cold() -> None:
    """``new`` and ``run`` on the fringe with an empty and with a full numba cache."""
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        for label in ("first run of a fresh installation", "any later run"):
            with tempfile.TemporaryDirectory() as folder:
                start, cpu = time.perf_counter(), cpu_seconds()
                buildings, roads, terrain = REAL["fringe"]
                call("new", folder + "/s", "--buildings", buildings, "--roads", roads, "--terrain", terrain, "--served",
                     f"{FRINGE}.gpkg:did_2020", "--districts", f"{FRINGE}.gpkg:population_town_2020_pts", "--crs", "EPSG:6678",
                     cache=cache)  # fmt: skip
                call("run", folder + "/s/study.toml", cache=cache)
                rows.append([label, time.perf_counter() - start, cpu_seconds() - cpu])
    print(table(["sewerzone new … && sewerzone run …, Sendai west fringe", "s", "CPU s"], rows) + "\n")


def call(*arguments: str, cache: str) -> None:
    """The command line, as a user calls it."""
    done = subprocess.run(
        [sys.executable, "-m", "sewerzone", *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)


if __name__ == "__main__":
    main()
