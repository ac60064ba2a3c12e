"""What a worker does: plan one municipality and publish it. Only paths come, only a row of facts goes back."""

from __future__ import annotations

import errno
import json
import re
import shutil
import sqlite3
import time
import traceback
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from sewerzone import api
from sewerzone.batch import share, sources
from sewerzone.batch.area import Area
from sewerzone.batch.places import Place
from sewerzone.batch.remote import open_store
from sewerzone.batch.store import REASON, SHARE, Store, Superseded
from sewerzone.config import Config
from sewerzone.errors import DataError, SewerzoneError, problem
from sewerzone.hands import ALONE, Hands
from sewerzone.io import read
from sewerzone.io.write import SUMMARY
from sewerzone.memory import give_back, keep_pages, seldom_collected
from sewerzone.model import Progress

_NO_PLACE = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EFBIG)
"""There is no room for a plan, whatever the municipality."""
NEARLY_FULL_BYTES = 1e9
DONE, FAILED, STOPPED, SUPERSEDED = "done", "failed", "stopped", "superseded"
UNEXPECTED = "unexpected"
_KNOWN = {"status", "version", "files", "has_maps", "config_hash", "inputs", "seconds", "peak_memory_mb", "summary"}
"""What the manifest of a plan tells."""


class Job(NamedTuple):
    """One municipality to plan; plain texts, for it travels to other computers."""

    area: Area
    out: str
    token: str
    has_maps: bool


class Outcome(NamedTuple):
    """How a municipality ended: ``done``, ``failed``, ``stopped`` (the folder takes nothing more) or ``superseded``."""

    code: str
    status: str
    seconds: float
    peak_memory_mb: float
    kind: str = ""
    message: str = ""


class Changed(DataError):
    """A file was replaced while it was read."""


class Unwritable(DataError):
    """The folder of one municipality cannot be written; others can."""


def work(job: Job, progress: Progress, hands: Hands = ALONE) -> Outcome:
    """Plan one municipality and publish it, or why it failed; nothing is raised but what ends the process."""
    start = time.perf_counter()
    keep_pages()
    _forget_peak()
    store = open_store(job.out)

    def told(status: str, kind: str = "", message: str = "") -> Outcome:
        give_back()
        return Outcome(job.area.code, status, round(time.perf_counter() - start, 3), peak_memory_mb(), kind, message)

    try:
        with warnings.catch_warnings(), seldom_collected():
            warnings.simplefilter("ignore")  # of libraries; what matters stands in the plan's own notes
            _plan(job, store, progress, hands)
        return told(DONE)
    except Superseded as error:
        return told(SUPERSEDED, message=str(error))
    except Exception as error:  # noqa: BLE001  a municipality fails alone, whatever is wrong with it
        if (stop := _stop(error)) is not None:
            return told(STOPPED, "OSError", stop)
        kind = type(error).__name__
        message = str(error) if isinstance(error, SewerzoneError) else f"{kind}: {error}".rstrip(": ")
        kind = kind if isinstance(error, SewerzoneError) else UNEXPECTED
        return told(*put_down(store, job, kind, message, traceback.format_exc()))


def put_down(store: Store, job: Job, kind: str, message: str, story: str) -> tuple[str, str, str]:
    """Put down why a municipality failed, in place of an earlier plan of it; returns how it ended: status, kind and message.

    Where its folder cannot be written, but the place can, only what is returned says so.
    """
    facts = _head(job) | {"status": FAILED, "error": {"kind": kind, "message": message}}
    try:
        with store.scratch(job.area.code) as fresh:
            (fresh / REASON).write_text(story.rstrip() + "\n", encoding="utf-8", newline="\n")
            store.publish(job.area.code, fresh, facts, job.token)
    except Superseded as error:
        return SUPERSEDED, "", str(error)
    except OSError as error:
        if (stop := _stop(error)) is not None or not store.is_writable():
            return STOPPED, "OSError", stop or str(error.strerror or error)
        both = message if kind == Unwritable.__name__ else f"{message} Besides, {_unwritable(store, job, error)}"
        return FAILED, kind, both
    return FAILED, kind, message


def is_current(manifest: dict[str, Any] | None, job: Job, settings: Config) -> bool:
    """Whether a plan is there and was made from the same files and settings by this version of the program."""
    if manifest is None or not manifest.keys() >= _KNOWN or manifest["status"] != DONE:
        return False
    if manifest["version"] != version("sewerzone"):
        return False
    if not manifest["files"].keys() >= set(SHARE):
        return False
    if job.has_maps and not manifest["has_maps"]:
        return False
    is_same = bool(manifest["config_hash"] == settings.digest())
    return is_same and sources.is_unchanged(manifest["inputs"], settings, Place(job.area.study))


def _head(job: Job) -> dict[str, Any]:
    return {
        "code": job.area.code, "name": job.area.name, "study": job.area.study, "version": version("sewerzone"),
        "has_maps": job.has_maps,
    }  # fmt: skip


def _plan(job: Job, store: Store, progress: Progress, hands: Hands) -> None:
    settings, study = sources.load(job.area), Place(job.area.study)
    before = sources.record(settings, study)
    seconds: dict[str, float] = {}
    clock = _Clock(seconds)
    progress("read", 0, 1)
    with sources.at_hand(settings, study) as (local, base):
        inputs = clock("read", lambda: read.read(local, base, progress))
        plan = api.run(inputs, progress=progress, hands=hands)
    del inputs
    seconds |= {row["stage"]: row["seconds"] for row in plan.run["stages"]}
    progress("write", 0, 1)
    with store.scratch(job.area.code) as fresh:
        clock("write", lambda: _write(plan, fresh / "plan", job))
        if sources.record(settings, study) != before:
            raise Changed(
                problem(
                    "files of the study were replaced while they were read",
                    "the plan would mix old and new",
                    "start the batch again once they stay as they are",
                )
            )
        facts = _head(job) | {
            "status": DONE, "config_hash": settings.digest(), "inputs": before, "seconds": seconds,
            "peak_memory_mb": peak_memory_mb(),
            "summary": json.loads((fresh / "plan" / SUMMARY).read_text("utf-8")),
        }  # fmt: skip
        try:
            store.publish(job.area.code, fresh / "plan", facts, job.token)
        except OSError as error:
            raise Unwritable(_unwritable(store, job, error)) from error
    progress("write", 1, 1)


def _unwritable(store: Store, job: Job, error: OSError) -> str:
    what = error.filename2 or error.filename or f"the folder {job.area.code} in {store}"
    return problem(
        f"{what} cannot be written: {error.strerror or error}",
        "the files of this municipality belong there",
        "take away what is in the way, close it in other programs or check whose it is, then start the batch again",
    )


def _write(plan: api.Plan, folder: Path, job: Job) -> None:
    """Write a plan and its share of the roll-up.

    The road graph would be the larger half of every GeoPackage; it stays among the tables, for few look at it.

    GDAL and SQLite do not say in so many words that a disk is full, and may find their file damaged by it.
    """
    try:
        plan.write(folder, maps=job.has_maps, graph=False)
        share.write(plan, job.area, folder)
    except (DataSourceError, DataLayerError, FeatureError, sqlite3.Error) as error:
        free = shutil.disk_usage(folder.parent).free
        if free < NEARLY_FULL_BYTES:
            raise OSError(errno.ENOSPC, f"{error}, with {free / 1e6:,.0f} MB free") from error
        raise


class _Clock:
    """Seconds of what a worker does beside the stages of the method."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    def __call__(self, stage: str, do: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        out = do()
        self.seconds[stage] = round(time.perf_counter() - start, 3)
        return out


def _stop(error: BaseException) -> str | None:
    """Why nothing more can be written, where that is what went wrong."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _NO_PLACE:
            return f"{cause.strerror or cause}"
        cause = cause.__cause__
    return None


def _forget_peak() -> None:
    """Let the peak of this process be that of the municipality to come (Linux; elsewhere it is the highest so far)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return


def peak_memory_mb() -> float:
    """Highest memory of this process, since it was last forgotten where the system can forget it."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    except OSError:
        found = None
    if found:
        return round(int(found[1]) / 1024.0, 1)
    import psutil  # comes with Dask

    held = psutil.Process().memory_info()
    return round(float(getattr(held, "peak_wset", held.rss)) / 2**20, 1)
