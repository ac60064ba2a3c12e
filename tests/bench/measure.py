"""What the benches share: timing, peak memory, Markdown tables, studies on the real data sets."""

from __future__ import annotations

import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
DATA = Path(__file__).parents[2].parent / "shared" / "data"


class Timed(NamedTuple):
    """Median seconds of several runs, and what the last one returned."""

    wall_s: float
    cpu_s: float
    result: Any


def cpu_seconds() -> float:
    """CPU seconds of this process and its ended children; on a busy machine they say more than the clock."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def timed(run: Callable[[], Any], runs: int = 3, warm_up: bool = True) -> Timed:
    """Time a function; the first, untimed run compiles and fills caches."""
    if warm_up:
        run()
    walls, cpus, result = [], [], None
    for _ in range(runs):
        wall, cpu = time.perf_counter(), cpu_seconds()
        result = run()
        walls.append(time.perf_counter() - wall)
        cpus.append(cpu_seconds() - cpu)
    return Timed(statistics.median(walls), statistics.median(cpus), result)


def peak_mb() -> float:
    """Largest memory this process has held so far; Linux' own figure, as ``ru_maxrss`` starts from the parent's."""
    return _status_mb("VmHWM")


def held_mb() -> float:
    """Memory this process holds now; without Linux' figures its peak."""
    return _status_mb("VmRSS")


def _status_mb(key: str) -> float:
    status = Path("/proc/self/status")
    if status.exists():
        return float(next(line for line in status.read_text().splitlines() if line.startswith(key)).split()[1]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def alone(script: str, *arguments: str, python: str = sys.executable, timeout_s: float | None = None) -> dict[str, Any]:
    """Run a script in a process of its own and read the JSON on its last line."""
    done = subprocess.run([python, script, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False)
    if done.returncode:
        raise SystemExit(f"{Path(script).name} {' '.join(arguments)} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; numbers to three digits, nothing for None."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join(["---"] + ["---:"] * (len(heads) - 1)) + "|"]
    lines += ["| " + " | ".join(text(v) for v in row) + " |" for row in rows]
    return "\n".join(lines)


def text(value: Any) -> str:
    """A cell of a table."""
    if value is None:
        return ""
    if isinstance(value, float):
        digits = 0 if value == 0.0 else max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{value:,.{digits}f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
