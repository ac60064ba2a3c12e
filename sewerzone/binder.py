"""The binder: everything that is handed over of a plan, in one folder, from its stored tables alone; all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sewerzone.errors import DataError, first_ids, problem
from sewerzone.io import swmm, write
from sewerzone.io.geopackage import write_geopackage
from sewerzone.io.qgz import PROJECT, write_project
from sewerzone.model import Plan, Progress, no_progress
from sewerzone.output import maps
from sewerzone.output.report.case import in_language
from sewerzone.output.sheet import Paper
from sewerzone.style import Language
from sewerzone.tables import ALL_TABLES

REPORT, MAP, MAP_PX = "report.html", "map.png", 2400
LISTED = "binder.json"
"""Names the files of an earlier binder: what a new one may replace or take away."""


@dataclass(frozen=True)
class Deliverable:
    """One file of the binder: what makes it, whether a plan has anything to put in it, and files made along with it."""

    name: str
    make: Callable[[Plan, Path], None]
    is_wanted: Callable[[Plan], bool] = lambda plan: True
    along: tuple[str, ...] = ()


def _report(plan: Plan, path: Path) -> None:
    from sewerzone.output import report  # matplotlib takes long to import

    drawn = path.with_name(MAP)
    report.write(plan, path, map_png=drawn if drawn.exists() else None)


def _workbook(plan: Plan, path: Path) -> None:
    from sewerzone.output import workbook

    workbook.write(plan, path)


def _geopackage(plan: Plan, path: Path) -> None:
    conformed = {t.name: t.conform(getattr(plan, t.name)) for t in ALL_TABLES}
    write_project(plan, conformed, write_geopackage(plan, conformed, path), path.with_name(PROJECT))


def _swmm(plan: Plan, path: Path) -> None:
    swmm.write_inp(path, swmm.inp(plan.pipes, plan.manholes, plan.pumps, plan.config.design, plan.config.study.name))


def _map(plan: Plan, path: Path) -> None:
    maps.html(plan, path)


def _picture(plan: Plan, path: Path) -> None:
    maps.png(plan, path, MAP_PX)


def _sheet(paper: Paper, by_district: bool) -> Callable[[Plan, Path], None]:
    """What prints the map on ``paper``."""

    def make(plan: Plan, path: Path) -> None:
        maps.pdf(plan, path, paper, by_district)

    return make


def _has_districts(plan: Plan) -> bool:
    return len(plan.districts) > 0


DELIVERABLES: tuple[Deliverable, ...] = (
    Deliverable(REPORT, _report),
    Deliverable("map.html", _map),
    Deliverable("map_a3.pdf", _sheet("a3", False)),
    Deliverable("map_a4.pdf", _sheet("a4", False)),
    Deliverable("map_districts_a4.pdf", _sheet("a4", True), _has_districts),
    Deliverable(MAP, _picture),
    Deliverable("cost_curve.png", maps.curve, lambda plan: len(plan.cost_curve) > 0),
    Deliverable("programme.png", maps.programme, lambda plan: len(plan.coverage) > 0),
    Deliverable("workbook.xlsx", _workbook),
    Deliverable("plan.gpkg", _geopackage, along=(PROJECT,)),
    Deliverable("plan.inp", _swmm, lambda plan: len(plan.pipes) > 0),
)
"""In the order of the index; a new file is a line here and a line in the words of the index."""


def bind(
    plan: Plan, directory: str | Path, language: Language | None = None, force: bool = False, progress: Progress = no_progress
) -> list[Path]:
    """Write every deliverable and an index into a folder; a failure leaves what was there as it was.

    Parameters
    ----------
    plan : a finished plan; nothing of it is computed anew
    directory : new, empty or an earlier binder's; other files in it are kept
    language : of all files; the study's if not given
    force : write into a folder with other files of the same names as well; they are replaced

    Returns
    -------
    the files written, the index first

    Raises
    ------
    DataError : the folder cannot be written, or holds files of these names that no binder wrote
    """
    from sewerzone.output.report import index

    directory, plan = Path(directory), in_language(plan, language or plan.config.study.language)
    wanted = [d for d in DELIVERABLES if d.is_wanted(plan)]
    made = [name for d in wanted for name in (d.name, *d.along)]
    names = ["index.html", *made, LISTED]
    earlier = _earlier(directory)
    _refuse_foreign(directory, sorted(set(names) - set(earlier)), force)
    with write.writable(directory), write.temporary_beside(directory) as fresh:
        for k, deliverable in enumerate(sorted(wanted, key=lambda d: d.name == REPORT)):  # it shows the map drawn before
            progress(deliverable.name, k, len(wanted))
            deliverable.make(plan, fresh / deliverable.name)
        sizes = [(name, (fresh / name).stat().st_size) for name in made]
        (fresh / "index.html").write_text(index.html(plan, sizes), encoding="utf-8", newline="\n")
        (fresh / LISTED).write_text(json.dumps(names, indent=2) + "\n", encoding="utf-8", newline="\n")
        write.swap(fresh, directory, [*earlier, *names])
    progress("report", len(wanted), len(wanted))
    return [directory / name for name in names if name != LISTED]


def _earlier(directory: Path) -> list[str]:
    """Files of the binder that is there; only names of this folder itself are believed."""
    try:
        names = json.loads((directory / LISTED).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except ValueError as error:
        what = f"{directory / LISTED} cannot be read ({error})"
        remedy = "delete it, or name another directory"
        raise DataError(problem(what, "it tells which files there may be replaced", remedy)) from error
    return [n for n in names if isinstance(n, str) and Path(n).name == n]


def _refuse_foreign(directory: Path, names: list[str], force: bool) -> None:
    if directory.exists() and not directory.is_dir():
        raise DataError(problem(f"{directory} is a file", "the deliverables go into a folder", "name another directory"))
    taken = [name for name in names if (directory / name).exists()]
    if taken and not force:
        raise DataError(
            problem(
                f"{directory} holds {first_ids(taken)}, which no earlier report wrote",
                "these would be overwritten",
                "name another directory with --out, or give --force (in Python force=True)",
            )
        )
