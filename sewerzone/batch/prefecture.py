"""A prefecture from its table of areas to a folder of plans: ``sewerzone batch``."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from sewerzone.batch import areas as tables
from sewerzone.batch import cluster, nowhere, rollup
from sewerzone.batch import settings as studies
from sewerzone.batch.area import Area
from sewerzone.batch.board import Board, Report, Status, no_report, usual_shares
from sewerzone.batch.compiling import compile_once
from sewerzone.batch.engine import Engine
from sewerzone.batch.log import Log
from sewerzone.batch.nowhere import Lost, Nowhere
from sewerzone.batch.places import Place, refuse_unshared
from sewerzone.batch.remote import open_store
from sewerzone.batch.store import BOOKS, FAILURES, LOG, NOWHERE, RUN, Store, Superseded
from sewerzone.batch.work import DONE, FAILED, Job, Outcome, is_current
from sewerzone.config import Config
from sewerzone.engineering.heap import is_compiled_before
from sewerzone.errors import DataError, SewerzoneError, counted, in_a_line, problem
from sewerzone.style import Language

log = logging.getLogger(__name__)

NOT_RUN = "not run"
_EXCEL = "\ufeff"
"""The mark by which Excel knows UTF-8."""


class Batch(NamedTuple):
    """How a batch ended.

    Attributes
    ----------
    out : the folder of plans
    status : counts and seconds
    failures : code, name, kind and message of each municipality without a plan because it failed
    failed_earlier : the same of those that were not asked for
    not_run : codes of municipalities without a plan of the present files and settings that were not tried
    language : of the files of all together, that of the first plan
    lost : buildings that lie in no municipality, layer by layer; in_no_municipality.csv lists them
    """

    out: str
    status: Status
    failures: list[dict[str, str]]
    failed_earlier: list[dict[str, str]]
    not_run: list[str]
    language: Language
    lost: tuple[Lost, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        counts = {name: getattr(self.status, name) for name in ("areas", "done", "skipped", "failed")}
        return {
            "out": self.out, **counts, "seconds": round(self.status.elapsed_s, 1), "failures": self.failures,
            "failed_earlier": self.failed_earlier, "not_run": self.not_run,
            "in_no_municipality": [lost._asdict() for lost in self.lost],
        }  # fmt: skip


def run(
    prefecture: str | Path, out: str | Path, workers: int = 1, scheduler: str | None = None, memory: str | None = None,
    fresh: bool = False, only: tuple[str, ...] = (), fail_fast: bool = False, maps: bool = True,
    changes: tuple[str, ...] = (), progress: Report = no_report,
) -> Batch:  # fmt: skip
    """Plan every municipality of a prefecture; what is done and unchanged since is skipped.

    Parameters
    ----------
    prefecture : table of areas (CSV or TOML)
    out : folder for a folder of each municipality, failures.csv, run.json, batch.log and the roll-up
    workers : processes on this computer
    scheduler : address of a Dask scheduler instead, ``tcp://host:port``
    memory : what each local worker may take, such as "6GB"; an equal share of the memory free if not given
    fresh : plan anew what is done, too
    only : codes of the areas to plan; all if empty
    fail_fast : stop at the first municipality that fails
    maps : draw the maps of each municipality
    changes : ``section.key=value`` that hold for all and win over the table's
    progress : called with a :class:`sewerzone.batch.Status` whenever something has changed

    Raises
    ------
    SewerzoneError
        Something is wrong with the table, the folder or the cluster; a municipality that fails raises nothing.
    """
    cluster.load_dask()  # what is not installed or not enough shall be said before anything is written
    memory_bytes = 0 if scheduler else cluster.memory_bytes(memory, workers)
    refuse_unshared(prefecture, out)
    areas = tables.read_table(Place(prefecture), changes)
    refuse_unshared(*(area.study for area in areas))
    asked = {area.code for area in tables.only(areas, only)}
    settings, broken = studies.loaded(areas, asked)
    studies.refuse_broken(Place(prefecture), broken, len(asked), fail_fast)
    store = open_store(str(out))
    with _writable(store), store.claimed() as token:
        jobs, current, astray = _looked_at([Job(area, str(store), token, maps) for area in areas], settings, store, fresh)
        due = [job for job in jobs if job.area.code in asked and (fresh or job.area.code not in current)]
        board = _board([job for job in jobs if job.area.code in asked], {job.area.code for job in due}, settings)
        book = Log(store.root / LOG)
        book.write("begin", text=f"{counted(len(due), 'municipality', 'municipalities')} to plan, {board.skipped} unchanged")
        _warn(broken, astray, board, book, progress)
        engine = Engine(due, store, board, book, progress, fail_fast)
        if due:
            _work_through(engine, workers, scheduler, memory_bytes)
        current = (current - {job.area.code for job in due}) | {c for c, o in engine.outcomes.items() if o.status == DONE}
        lost = _lost(nowhere.found(store, areas, settings, current), board, book)
        failures, states = _books(store, areas, current, engine.outcomes, lost)
        book.write("rollup")
        language = rollup.write(store, areas, states, failures, lost.total)
        book.write("end", text=str(board.status()))
    progress(board.status())
    not_run = [code for code, state in states.items() if state == NOT_RUN]
    own, others = ([row for row in failures if (row["code"] in asked) is is_own] for is_own in (True, False))
    return Batch(str(out), board.status(), own, others, not_run, language, lost.lost)


def _board(jobs: list[Job], due: set[str], settings: dict[str, Config]) -> Board:
    """The board of a batch, on which what is not due counts as skipped."""
    shares = {
        job.area.code: usual_shares(settings[job.area.code].zoning.method == "optimum", job.has_maps)
        for job in jobs
        if job.area.code in settings
    }
    board = Board([job.area for job in jobs], shares=shares)
    for job in jobs:
        if job.area.code not in due:
            board.skip(job.area.code)
    return board


def _compile_first(scheduler: str | None, board: Board, book: Log, progress: Report) -> None:
    """On the first run on a computer, before all workers of it do so each for itself."""
    if scheduler or is_compiled_before():
        return
    book.write("compile")
    progress(board.status("first run on this computer: compiling, this happens once"))
    compile_once()


def _warn(broken: dict[str, str], astray: list[Lost], board: Board, book: Log, progress: Report) -> None:
    """Tell what is going to fail or be missing, in the evening rather than the next morning."""
    for lost in astray:
        book.write("warn", text=f"about {lost}")
        board.warnings.append(f"about {lost}")
        progress(board.status(board.warnings[-1]))
    for code, why in broken.items():
        book.write("warn", code, why)
        board.warnings.append(f"{code} will fail: {in_a_line(why)}")
        progress(board.status(board.warnings[-1]))


def _lost(buildings: Nowhere, board: Board, book: Log) -> Nowhere:
    """The buildings that no municipality has, told in the log and to who watches."""
    told = [f"{lost}; {NOWHERE} lists them" for lost in buildings.lost]
    told += [f"buildings in no municipality could not be counted: {why}" for why in buildings.untold]
    for text in told:
        book.write("warn", text=text)
        board.warnings.append(in_a_line(text))
    return buildings


def _looked_at(
    jobs: list[Job], settings: dict[str, Config], store: Store, is_fresh: bool
) -> tuple[list[Job], set[str], list[Lost]]:  # fmt: skip
    """The jobs with an estimate of their buildings, the codes of those that are done and unchanged since, and an estimate of
    the buildings in no municipality.

    A study that cannot be read is left to its worker, which will tell why.
    """
    current = set()
    for job in jobs:
        try:
            known = settings.get(job.area.code)
            if known is not None and is_current(store.manifest(job.area.code), job, known):
                current.add(job.area.code)
        except SewerzoneError as error:
            log.debug("%s: %s", job.area.code, error)
    if len(current) == len(jobs) and not is_fresh:
        return jobs, current, []
    counts, astray = tables.buildings([job.area for job in jobs], settings)
    return [job._replace(area=job.area._replace(buildings=counts.get(job.area.code, 0))) for job in jobs], current, astray


def _work_through(engine: Engine, workers: int, scheduler: str | None, memory_bytes: int) -> None:
    """Find a crew and let it work until all that is due has ended."""
    with _halts_told(engine.log):
        _compile_first(scheduler, engine.board, engine.log, engine.report)
        with engine.interrupts_as_events(), _crew(workers, scheduler, memory_bytes) as crew, _ended_at_once(crew):
            engine.refuse_interrupted()
            engine.store.withdraw(*BOOKS, *rollup.FILES)  # not before there is somebody to make them anew
            engine.run(crew)


def _crew(workers: int, scheduler: str | None, memory_bytes: int) -> AbstractContextManager[cluster.Crew]:
    return cluster.remote(scheduler) if scheduler else cluster.local(workers, memory_bytes)


@contextmanager
def _ended_at_once(crew: cluster.Crew) -> Iterator[None]:
    """Ctrl-C and errors do not wait for what workers are doing."""
    try:
        yield
    finally:
        crew.stop_at_once()


@contextmanager
def _halts_told(book: Log) -> Iterator[None]:
    """What ends a batch early stands in its log."""
    try:
        yield
    except BaseException as error:
        book.write("halt", text=f"{type(error).__name__}: {error}")
        raise


@contextmanager
def _writable(store: Store) -> Iterator[None]:
    try:
        yield
    except Superseded as error:
        raise DataError(problem(str(error), "two at once get in each other's way", "wait until it has ended")) from error
    except OSError as error:
        raise DataError(
            problem(
                f"{store} cannot be written: {error.strerror or error}",
                "the batch keeps its plans and books there; plans done so far are whole",
                "check permissions and free space, or name another folder; the same command goes on where it was",
            )
        ) from error


def _books(
    store: Store, areas: list[Area], current: set[str], outcomes: dict[str, Outcome], lost: Nowhere
) -> tuple[list[dict[str, str]], dict[str, str]]:  # fmt: skip
    """The failures and the state of every area, from the manifests; of what has failed now, as it was told. Put down.

    Its folder may be what cannot be written.
    """
    failures, states = [], {}
    for area in areas:
        manifest = store.manifest(area.code)
        if area.code in current:
            states[area.code] = DONE
        elif area.code in outcomes:
            states[area.code], told = FAILED, outcomes[area.code]
            failures.append({"code": area.code, "name": area.name, "kind": told.kind, "message": told.message})
        elif manifest is not None and manifest.get("status") == FAILED and "error" in manifest:
            states[area.code] = FAILED
            failures.append({"code": area.code, "name": area.name, **manifest["error"]})
        else:
            states[area.code] = NOT_RUN
    _write_books(store, areas, failures, states, lost)
    return failures, states


def _write_books(
    store: Store, areas: list[Area], failures: list[dict[str, str]], states: dict[str, str], lost: Nowhere
) -> None:  # fmt: skip
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, ("code", "name", "kind", "message"), lineterminator="\n")
    table.writeheader()
    table.writerows({**row, "name": _no_formula(row["name"]), "message": in_a_line(row["message"])} for row in failures)
    store.write(FAILURES, _EXCEL + text.getvalue())
    store.withdraw(NOWHERE)
    if lost.lost:
        listed_as = lost.rows.assign(id=lost.rows["id"].map(_no_formula))
        store.write(NOWHERE, _EXCEL + listed_as.to_csv(index=False, lineterminator="\n"))
    listed = [{"code": a.code, "name": a.name, "changes": list(a.changes), "status": states[a.code]} for a in areas]
    facts = {"program": "sewerzone", "version": version("sewerzone"), "areas": listed}
    store.write(RUN, json.dumps(facts, ensure_ascii=False, indent=2) + "\n")


def _no_formula(text: str) -> str:
    """A text that a spreadsheet shows as it is, after a mark if it would calculate it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
