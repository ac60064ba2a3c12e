"""Plan -> directory: GeoPackage, Parquet tables, summary and run record; all or nothing."""

from __future__ import annotations

import json
import math
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sewerzone.errors import DataError, first_ids, problem
from sewerzone.io.geopackage import write_geopackage
from sewerzone.io.parquet import write_parquet
from sewerzone.io.qgz import PROJECT, write_project
from sewerzone.io.summary import summary
from sewerzone.model import Plan
from sewerzone.tables import ALL_TABLES, EDGES, NODES

TABLES = "tables"
RUN, SUMMARY = "run.json", "summary.json"
GRAPH = (NODES.name, EDGES.name)
"""The road graph."""
OWN_FILES: tuple[str, ...] = (
    "plan.gpkg", "plan.gpkg-wal", "plan.gpkg-shm", "plan.gpkg-journal", "plan.inp", SUMMARY, RUN, "map.html", "map.png",
    "map_a3.pdf", "map_a4.pdf", "map_districts_a3.pdf", "map_districts_a4.pdf", PROJECT, "cost_curve.png",
    "programme.png",
    *(f"{TABLES}/{t.name}.parquet" for t in ALL_TABLES),
)  # fmt: skip
"""Files of a plan's directory that belong to the plan; all others are the user's and stay untouched.

The SQLite side files are there because a stale one beside a new ``plan.gpkg`` would corrupt it.
"""


def write(
    plan: Plan, directory: str | Path, finish: Callable[[Path], None] | None = None, force: bool = False,
    has_graph: bool = True,
) -> None:  # fmt: skip
    """Write a plan; a failure on the way leaves the previous contents of ``directory`` as they were.

    Parameters
    ----------
    plan : every table must satisfy its declaration
    directory : new, empty, or an earlier plan's; files in it that are not a plan's are kept
    finish : called with the temporary directory once all else is written, to add maps and reports
    force : write into any other directory as well; files of a plan's names in it are replaced
    has_graph : with the road graph as layers of the GeoPackage, most of its rows; it is among the tables in any case

    Raises
    ------
    DataError
        A table breaks its declaration, or the directory cannot be written or holds other files than a plan's.
    """
    directory = Path(directory)
    refuse_foreign(directory, force)
    tables = {t.name: t.conform(getattr(plan, t.name)) for t in ALL_TABLES}
    with writable(directory), temporary_beside(directory) as fresh:
        layers = tables if has_graph else {name: frame for name, frame in tables.items() if name not in GRAPH}
        shapes = write_geopackage(plan, layers, fresh / "plan.gpkg")
        write_project(plan, tables, shapes, fresh / PROJECT)
        write_parquet(tables, fresh / TABLES)
        write_json(summary(plan), fresh / SUMMARY)
        write_json({**plan.run, "config": plan.config.model_dump(mode="json")}, fresh / RUN)
        if finish is not None:
            finish(fresh)
        swap(fresh, directory, OWN_FILES)


def is_plan(directory: Path) -> bool:
    """Whether ``directory`` was written by :func:`write`."""
    return (directory / RUN).is_file() and (directory / TABLES).is_dir()


def refuse_foreign(directory: Path, force: bool = False) -> None:
    """Raise DataError where a plan cannot be put: no way to make the directory, or files there and no plan among them.

    Ask before the work begins.
    """
    nearest = next(place for place in [directory, *directory.absolute().parents] if place.exists())
    if nearest != directory and not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        why = "not yours to write to" if nearest.is_dir() else "no directory"
        raise DataError(
            problem(
                f"{directory} cannot be made: {nearest} is {why}",
                "the plan could not be saved",
                "name another output directory",
            )
        )
    if directory.exists() and not directory.is_dir():
        raise DataError(problem(f"{directory} is a file", "a plan is a directory", "name another output directory"))
    if force or not directory.is_dir() or is_plan(directory):
        return
    taken = [name for name in OWN_FILES if (directory / name).exists()]
    others = sorted(path.name for path in directory.iterdir() if path.name not in taken and not path.name.startswith("."))
    if taken or others:
        raise DataError(
            problem(
                f"{directory} holds {first_ids([*taken, *others])} but is not the output of an earlier run",
                f"{', '.join(taken)} would be overwritten" if taken else "a plan would be mixed up with these files",
                "name another output directory, or give --force (in Python force=True)",
            )
        )


@contextmanager
def writable(directory: Path) -> Iterator[None]:
    """Failures of the file system inside become a DataError."""
    try:
        yield
    except OSError as error:
        raise DataError(
            problem(
                f"{directory} cannot be written: {error}",
                "nothing is saved; earlier results there are as they were",
                "check permissions and free space, close programs that hold files there open, then run again",
            )
        ) from error


@contextmanager
def temporary_beside(directory: Path) -> Iterator[Path]:
    """An empty directory on the same file system, removed at the end whatever happens."""
    parent = directory.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    fresh = parent / f".{directory.resolve().name}.{uuid.uuid4().hex[:12]}.partial"
    fresh.mkdir()
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_json(data: dict[str, Any], path: Path) -> None:
    """Write plain data as JSON, NaN as null."""
    text = json.dumps(_plain(data), ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _plain(value: Any) -> Any:
    """``value`` as JSON knows it: NumPy numbers plain, NaN and infinities null, keys text, the rest as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (np.generic, np.ndarray)):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def swap(fresh: Path, directory: Path, ours: Iterable[str]) -> None:
    """Put every file of ``fresh`` into ``directory``; on failure put the earlier ones back.

    Earlier files named in ``ours`` that are not in ``fresh`` go too: a stale map beside new tables would mislead.
    """
    arriving = sorted(p.relative_to(fresh) for p in fresh.rglob("*") if p.is_file())
    leaving = sorted({*map(Path, ours), *arriving})
    existed = directory.exists()
    with temporary_beside(directory) as kept:
        moved: list[tuple[Path, Path]] = []
        try:
            for name in leaving:
                if (directory / name).is_file():
                    _move(directory / name, kept / name, moved)
            for name in arriving:
                _move(fresh / name, directory / name, moved)
        except BaseException:
            for source, target in reversed(moved):
                target.replace(source)
            if not existed:
                shutil.rmtree(directory, ignore_errors=True)
            raise


def _move(source: Path, target: Path, moved: list[tuple[Path, Path]]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    moved.append((source, target))
