"""The binder: everything that is handed over of a plan, in one folder, from its stored tables alone; all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sewerzone.errors import DataError, first_ids, problem
from sewerzone.io import redrawing as redrawing_files
from sewerzone.io import swmm, write
from sewerzone.io.geopackage import write_geopackage
from sewerzone.io.qgz import PROJECT, write_project
from sewerzone.model import Plan, Progress, Redrawing, no_progress
from sewerzone.output import maps
from sewerzone.output.sheet import Paper
from sewerzone.style import Language
from sewerzone.tables import ALL_TABLES

REPORT, MAP, MAP_PX = "report.html", "map.png", 2400
CHANGES, PROGRAMME, RETREAT = "changes.png", "programme_map.png", "retreat_map.png"
LISTED = "binder.json"
"""Names the files of an earlier binder: what a new one may replace or take away."""


@dataclass(frozen=True)
class Matter:
    """What a binder is made of: a plan in the language of all files, and maybe what it changes against an earlier one."""

    plan: Plan
    redrawing: Redrawing | None = None

    @property
    def language(self) -> Language:
        """Of all files."""
        return self.plan.config.study.language

    @property
    def changes(self) -> Redrawing:
        """What the plan changes; only where it is known."""
        assert self.redrawing is not None
        return self.redrawing


@dataclass(frozen=True)
class Deliverable:
    """One file of the binder: what makes it, whether there is anything to put in it, and files made along with it."""

    name: str
    make: Callable[[Matter, Path], None]
    is_wanted: Callable[[Matter], bool] = lambda matter: True
    along: tuple[str, ...] = ()


def _report(matter: Matter, path: Path) -> None:
    from sewerzone.output import report  # matplotlib takes long to import

    named = {"map": MAP, "changes": CHANGES, "programme": PROGRAMME, "retreat": RETREAT}
    drawn = {key: path.with_name(name) for key, name in named.items()}
    pictures = {key: file.read_bytes() for key, file in drawn.items() if file.exists()}
    report.write(matter.plan, path, redrawing=matter.redrawing, pictures=pictures)


def _workbook(matter: Matter, path: Path) -> None:
    from sewerzone.output import workbook

    workbook.write(matter.plan, path, redrawing=matter.redrawing)


def _geopackage(matter: Matter, path: Path) -> None:
    plan = matter.plan
    conformed = {t.name: t.conform(getattr(plan, t.name)) for t in ALL_TABLES}
    write_project(plan, conformed, write_geopackage(plan, conformed, path), path.with_name(PROJECT))


def _swmm(matter: Matter, path: Path) -> None:
    plan = matter.plan
    swmm.write_inp(path, swmm.inp(plan.pipes, plan.manholes, plan.pumps, plan.config.design, plan.config.study.name))


def _map(matter: Matter, path: Path) -> None:
    maps.html(matter.plan, path)


def _changes_page(matter: Matter, path: Path) -> None:
    from sewerzone.output.changes import page

    page.write(matter.changes, path, matter.language)


def _changes_printed(matter: Matter, path: Path) -> None:
    from sewerzone.output.changes import printed

    printed.draw(matter.changes, [path, path.with_name(CHANGES)], matter.language)


def _households(matter: Matter, path: Path) -> None:
    redrawing_files.write_households(matter.changes, path, matter.language)


def _changes_layers(matter: Matter, path: Path) -> None:
    redrawing_files.write_layers(matter.changes, path, matter.language)


def _sheet(paper: Paper, by_district: bool) -> Callable[[Matter, Path], None]:
    """What prints the map on ``paper``."""

    def make(matter: Matter, path: Path) -> None:
        maps.pdf(matter.plan, path, paper, by_district)

    return make


def _is_programmed(matter: Matter) -> bool:
    return len(matter.plan.programme_areas) > 0


def _is_covered_by_district(matter: Matter) -> bool:
    return len(matter.plan.districts) > 0 and len(matter.plan.coverage_districts) > 0


def _is_retreating(matter: Matter) -> bool:
    return len(matter.plan.retreat) > 0


def _is_redrawn(matter: Matter) -> bool:
    return matter.redrawing is not None


DELIVERABLES: tuple[Deliverable, ...] = (
    Deliverable(REPORT, _report),
    Deliverable("map.html", _map),
    Deliverable("map_a3.pdf", _sheet("a3", False)),
    Deliverable("map_a4.pdf", _sheet("a4", False)),
    Deliverable("map_districts_a4.pdf", _sheet("a4", True), lambda matter: len(matter.plan.districts) > 0),
    Deliverable(MAP, lambda matter, path: maps.png(matter.plan, path, MAP_PX)),
    Deliverable("programme_a3.pdf", lambda m, path: maps.programme_pdf(m.plan, path), _is_programmed),
    Deliverable(PROGRAMME, lambda m, path: maps.programme_png(m.plan, path, MAP_PX), _is_programmed),
    Deliverable("cost_curve.png", lambda m, path: maps.curve(m.plan, path), lambda m: len(m.plan.cost_curve) > 0),
    Deliverable("programme.png", lambda m, path: maps.programme(m.plan, path), lambda m: len(m.plan.coverage) > 0),
    Deliverable("coverage_districts.png", lambda m, path: maps.coverage(m.plan, path), _is_covered_by_district),
    Deliverable("renewal.png", lambda m, path: maps.renewal(m.plan, path), lambda m: len(m.plan.renewal) > 0),
    Deliverable("retreat_a3.pdf", lambda m, path: maps.retreat_pdf(m.plan, path), _is_retreating),
    Deliverable(RETREAT, lambda m, path: maps.retreat_png(m.plan, path, MAP_PX), _is_retreating),
    Deliverable("changes.html", _changes_page, _is_redrawn),
    Deliverable("changes_a3.pdf", _changes_printed, _is_redrawn, along=(CHANGES,)),
    Deliverable("households.csv", _households, _is_redrawn),
    Deliverable("workbook.xlsx", _workbook),
    Deliverable("plan.gpkg", _geopackage, along=(PROJECT,)),
    Deliverable("changes.gpkg", _changes_layers, _is_redrawn),
    Deliverable("plan.inp", _swmm, lambda matter: len(matter.plan.pipes) > 0),
)
"""In the order of the index; a new file is a line here and a line in the words of the index."""


def bind(
    plan: Plan, directory: str | Path, language: Language | None = None, force: bool = False,
    progress: Progress = no_progress, redrawing: Redrawing | None = None,
) -> list[Path]:  # fmt: skip
    """Write every deliverable and an index into a folder; a failure leaves what was there as it was.

    Parameters
    ----------
    plan : a finished plan; nothing of it is computed anew
    directory : new, empty or an earlier binder's; other files in it are kept
    language : of all files; the study's if not given
    force : write into a folder with other files of the same names as well; they are replaced
    redrawing : what the plan changes against an earlier one; adds its maps, lists, sheets and a section of the report

    Returns
    -------
    the files written, the index first

    Raises
    ------
    DataError : the folder cannot be written, or holds files of these names that no binder wrote
    """
    from sewerzone.output.report import index
    from sewerzone.output.report.case import in_language

    directory, plan = Path(directory), in_language(plan, language or plan.config.study.language)
    matter = Matter(plan, redrawing)
    wanted = [d for d in DELIVERABLES if d.is_wanted(matter)]
    made = [name for d in wanted for name in (d.name, *d.along)]
    names = ["index.html", *made, LISTED]
    earlier = _earlier(directory)
    _refuse_foreign(directory, sorted(set(names) - set(earlier)), force)
    with write.writable(directory), write.temporary_beside(directory) as fresh:
        for k, deliverable in enumerate(sorted(wanted, key=lambda d: d.name == REPORT)):  # it shows the map drawn before
            progress(deliverable.name, k, len(wanted))
            deliverable.make(matter, fresh / deliverable.name)
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
