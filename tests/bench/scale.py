"""Seconds, memory and growth of whole prefectures: ``new --municipalities`` and ``batch``, from 10^3 to 1.5 x 10^6 buildings.

    python tests/bench/scale.py [--workers 1 2] [--method optimum] [--effort once] [--maps] [BUILDINGS …]

By default 10^3, 10^4 and 10^5 buildings with 1 and 2 workers, without pictures; name 1500000 for a prefecture. There are at
least two municipalities, of about 37,500 buildings each in large prefectures. The optimum starts with the official plan: its
time is that of both methods. Stages are summed over all municipalities; CPU seconds are those of the whole command, its workers
and scheduler included.
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
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from measure import cpu_seconds, table

from sewerzone.pipeline import STAGES

SIZES = (1_000, 10_000, 100_000)
PER_MUNICIPALITY = 37_500
BUILDINGS_PER_DWELLING = 1.19
"""Of a synthetic town, sheds and shops included."""
PARTS = ("read", *STAGES, "write")
BESIDE = {"before the first municipality": ("begin", "start"), "roll-up": ("rollup", "end")}
"""What no worker does, by the events of the batch's log between which it lies."""
BARS = "bars for 1.5 million buildings, 2 workers: 300 s without pictures, 900 s with them, 6,000 MB a worker, exponent 1.1"


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("buildings", nargs="*", type=int, default=list(SIZES))
    arguments.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    arguments.add_argument("--method", default="optimum", choices=["official", "optimum"])
    arguments.add_argument("--effort", default="auto", choices=["auto", "once"], help="zoning.effort")
    arguments.add_argument("--maps", action="store_true", help="with pictures")
    given = arguments.parse_args()
    print(
        f"method {given.method}, effort {given.effort}, {'with' if given.maps else 'without'} pictures, "
        f"load before {os.getloadavg()[0]:.1f}\n"
    )
    runs: dict[int, list[dict[str, Any]]] = {w: [] for w in given.workers}
    with tempfile.TemporaryDirectory() as folder:
        warm(Path(folder), given.method)
        for size in sorted(given.buildings):
            path, new_s = prefecture(Path(folder) / f"p{size}", size)
            for workers in given.workers:
                out = Path(folder) / f"out{size}_{workers}"
                runs[workers].append({"new": new_s, **batch(path, out, workers, given)})
    for workers, found in runs.items():
        print(f"{workers} worker{'s' if workers > 1 else ''}\n")
        print_runs(found)
    print(BARS)


def print_runs(runs: list[dict[str, Any]]) -> None:
    """Seconds stage by stage, memory and exponents."""
    heads = [f"{run['buildings']:,} buildings" for run in runs]
    rows = [[part, *(run["seconds"].get(part, 0.0) for run in runs)] for part in PARTS]
    rows += [[part, *(run["beside"][part] for run in runs)] for part in BESIDE]
    rows += [[label, *(run[key] for run in runs)] for key, label in (
        ("wall_s", "batch, s"), ("cpu_s", "batch, CPU s"), ("peak_mb", "largest worker, MB"),
        ("municipalities", "municipalities"),
        ("new", "writing the prefecture, s"))]  # fmt: skip
    print(table(["seconds", *heads], rows) + "\n")
    steps = list(pairwise(runs))
    if steps:
        names = [f"{a['buildings']:,} → {b['buildings']:,}" for a, b in steps]
        lines = [[part, *(exponent(a, b, a["seconds"].get(part, 0.0), b["seconds"].get(part, 0.0)) for a, b in steps)]
                 for part in PARTS]  # fmt: skip
        lines.append(["batch, s", *(exponent(a, b, a["wall_s"], b["wall_s"]) for a, b in steps)])
        lines.append(["batch, CPU s", *(exponent(a, b, a["cpu_s"], b["cpu_s"]) for a, b in steps)])
        print(table(["exponent", *names], lines) + "\n")


def exponent(small: dict[str, Any], large: dict[str, Any], before: float, after: float) -> float | None:
    """Growth from one size to the next; None where the smaller one is too short to tell."""
    return math.log(after / before) / math.log(large["buildings"] / small["buildings"]) if before > 0.01 else None


def warm(folder: Path, method: str) -> None:
    """Compile what a batch needs."""
    call("new", str(folder / "warm"), "--dwellings", "300")
    call("run", str(folder / "warm" / "study.toml"), "--no-maps", "--set", f"zoning.method={method}")


def prefecture(folder: Path, buildings: int) -> tuple[Path, float]:
    """A synthetic prefecture of about so many buildings, and the seconds it took to write."""
    start = time.perf_counter()
    count = max(2, round(buildings / PER_MUNICIPALITY))
    dwellings = round(buildings / BUILDINGS_PER_DWELLING)
    call("new", str(folder), "--dwellings", str(dwellings), "--municipalities", str(count))
    return folder / "prefecture.toml", time.perf_counter() - start


def batch(path: Path, out: Path, workers: int, given: argparse.Namespace) -> dict[str, Any]:
    """Run a prefecture; seconds by stage summed over its municipalities, and what the command took."""
    start, cpu = time.perf_counter(), cpu_seconds()
    call("batch", str(path), "--out", str(out), "--workers", str(workers), "--maps" if given.maps else "--no-maps", "--quiet",
         "--set", f"zoning.method={given.method}", "--set", f"zoning.effort={given.effort}")  # fmt: skip
    wall_s, cpu_s = time.perf_counter() - start, cpu_seconds() - cpu
    plans = [json.loads(path.read_text("utf-8")) for path in sorted(out.glob("*/manifest.json"))]
    names = {name for plan in plans for name in plan["seconds"]}
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "peak_mb": max(plan["peak_memory_mb"] for plan in plans),
        "municipalities": len(plans),
        "buildings": sum(plan["summary"]["totals"]["buildings"] for plan in plans),
        "beside": beside(out / "batch.log"),
        "seconds": {name: sum(plan["seconds"].get(name, 0.0) for plan in plans) for name in names},
    }


def beside(log: Path) -> dict[str, float]:
    """Seconds of what no worker does."""
    events = [line.split(maxsplit=2)[:2] for line in log.read_text("utf-8").splitlines()]
    at: dict[str, datetime] = {}
    for time_, event in events:
        at.setdefault(event, datetime.fromisoformat(time_))
    return {part: (at[end] - at[begin]).total_seconds() for part, (begin, end) in BESIDE.items()}


def call(*arguments: str) -> None:
    """The command line, as a user calls it."""
    done = subprocess.run([sys.executable, "-m", "sewerzone", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)


if __name__ == "__main__":
    main()
