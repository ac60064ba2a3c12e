"""Small prefectures, batches as processes of their own, and ways to kill them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from sewerzone import api
from sewerzone.batch import rollup

SIZES = {"22101": 60, "22102": 70, "22103": 80, "22104": 60, "22105": 100, "22106": 60}
RAISED = "22103"
"""The municipality whose sewers lie deeper."""
OPTIONS = ("--no-maps", "--quiet")


class Prefecture(NamedTuple):
    """A table of areas and the folder of an undisturbed batch."""

    table: Path
    out: Path


def make(place: Path, sizes: dict[str, int]) -> Path:
    """A table of synthetic municipalities, one of them with a setting of its own."""
    lines = ["code,name,study,design.cover_min_m"]
    for seed, (code, dwellings) in enumerate(sizes.items(), 1):
        api.sample(place / code, dwellings, seed)
        lines.append(f"{code},第{seed}町,{code}/study.toml,{'1.2' if code == RAISED else ''}")
    table = place / "areas.csv"
    table.write_text("\n".join(lines) + "\n", "utf-8")
    return table


def tables(out: Path) -> dict[str, bytes]:
    """Every table of a batch by its path, byte by byte; of single municipalities as well as of all.

    Without what the work took: that differs, and the workbook shows it.
    """
    kept = [*out.glob("*/tables/*.parquet"), *out.glob("*/plan.gpkg"), *out.glob("*/summary.json"), *out.glob("*.csv")]
    kept += [out / name for name in ("run.json", *rollup.FILES) if (out / name).exists()]
    took = {"effort.parquet", "prefecture.xlsx"}
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(kept) if path.name not in took}


def wrong(out: Path, sound: dict[str, bytes]) -> list[str]:
    """Tables of municipalities that look done and are not as they should be: other bytes, or not there."""
    claimed = [
        path.parent.name for path in out.glob("*/manifest.json") if json.loads(path.read_text("utf-8"))["status"] == "done"
    ]
    return [
        name
        for name, content in sound.items()
        if name.split("/")[0] in claimed and (not (out / name).exists() or (out / name).read_bytes() != content)
    ]


def start(table: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    """A batch as a process of its own, leader of its group."""
    command = [sys.executable, "-m", "sewerzone", "batch", str(table), "--out", str(out), *OPTIONS, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def workers_of(process: int) -> list[psutil.Process]:
    """The Dask workers among the children of a process."""
    with contextlib.suppress(psutil.Error):
        return [c for c in psutil.Process(process).children(recursive=True) if "spawn_main" in " ".join(c.cmdline())]
    return []


class Cluster:
    """A scheduler and workers of their own processes on this computer."""

    def __init__(self, workers: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler = self._start_scheduler()
        self.workers = [self._start_worker() for _ in range(workers)]

    def _start_scheduler(self) -> subprocess.Popen[bytes]:
        return _dask("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def _start_worker(self) -> subprocess.Popen[bytes]:
        options = ("--nthreads", "1", "--memory-limit", "3GB", "--no-dashboard", "--death-timeout", "30")
        return _dask("worker", self.address, *options)

    def mend(self) -> None:
        """Start again what has died; workers that lost their scheduler, too, for they would look for it long."""
        if self.scheduler.poll() is not None:
            self.close()
            self.scheduler = self._start_scheduler()
        self.workers = [self._start_worker() if worker.poll() is not None else worker for worker in self.workers]
        self.wait()

    def wait(self) -> None:
        """Until all workers have come."""
        import distributed

        with distributed.Client(self.address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=120)

    def close(self) -> None:
        """End all of it."""
        for process in (*self.workers, self.scheduler):
            for child in workers_of(process.pid):
                with contextlib.suppress(psutil.Error):
                    child.kill()
            process.kill()
            process.wait()


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[Cluster]:
    """A cluster that has all its workers, for as long as the block runs."""
    made = Cluster(workers)
    try:
        made.wait()
        yield made
    finally:
        made.close()


def kill(process: int) -> bool:
    """SIGKILL; whether there was anything to kill."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def until(condition: object, seconds: float = 120.0) -> None:
    """Wait until a function returns something true."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise TimeoutError(f"nothing came of {condition}")
        time.sleep(0.05)


def _dask(*words: Sequence[str] | str) -> subprocess.Popen[bytes]:
    silent = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-m", "dask", *map(str, words)], stdout=silent, stderr=silent)
