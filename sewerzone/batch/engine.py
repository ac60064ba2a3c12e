"""Hand municipalities to workers, largest first, and keep the books: what ended, what died, what would not fit."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sewerzone.batch.area import Area
from sewerzone.batch.board import Board, Report, span
from sewerzone.batch.cluster import Crew, spare
from sewerzone.batch.log import Log
from sewerzone.batch.store import Store, Superseded
from sewerzone.batch.work import DONE, STOPPED, SUPERSEDED, Job, Outcome, put_down
from sewerzone.errors import DataError, counted, problem

BASE_BYTES = 550e6
BYTES_PER_BUILDING = 8e3
"""Memory of a municipality: the program with its libraries and maps, and each building (8 kB in synthetic towns, 4 kB in
Sendai; README, "How fast it is")."""
TRIES = 3
"""Times a municipality is begun that loses its workers each time."""
DIED, TOO_LARGE = "worker died", "memory"
_TICK_S = 0.5


def expected_bytes(area: Area) -> float:
    """Estimate of the memory a municipality takes."""
    return BASE_BYTES + BYTES_PER_BUILDING * area.buildings


class _Underway(NamedTuple):
    job: Job
    future: Any
    places: tuple[str, ...]
    """Addresses of the workers that may take it; empty for all."""


class Engine:
    """The municipalities of one batch that wait, run and ended."""

    def __init__(self, jobs: list[Job], store: Store, board: Board, log: Log, report: Report, is_fail_fast: bool) -> None:
        self.waiting = sorted(jobs, key=lambda job: (-job.area.buildings, job.area.code))
        self.underway: dict[str, _Underway] = {}
        self.tries: dict[str, int] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.store, self.board, self.log, self.report = store, board, log, report
        self.is_fail_fast = is_fail_fast
        self.free: bool | list[str] = False
        self.is_interrupted = False
        self.events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def run(self, crew: Crew) -> None:
        """Work until nothing is left, or one has failed and the rest shall not be tried.

        Raises DataError where the scheduler is gone or the folder takes nothing more, Superseded where another batch has
        taken it over.
        """
        if not self.waiting:
            return
        topic = f"sewerzone-{self.waiting[0].token}"
        crew.client.subscribe_topic(topic, self._hear)
        try:
            while self.waiting or self.underway:
                self._refuse_lost(crew)
                self._hand_out(crew, topic)
                self._await_event()
        finally:
            crew.client.unsubscribe_topic(topic)

    @contextmanager
    def interrupts_as_events(self) -> Iterator[None]:
        """Ctrl-C is raised between two events, not while workers start or end, which Dask would not end in good order.

        Pressed again it is raised at once.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def press(*_: object) -> None:
            self.refuse_interrupted()
            self.is_interrupted = True
            self.events.put(self.refuse_interrupted)

        before = signal.signal(signal.SIGINT, press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
        self.refuse_interrupted()

    def refuse_interrupted(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        if self.is_interrupted:
            raise KeyboardInterrupt

    def _await_event(self) -> None:
        try:
            self.events.get(timeout=_TICK_S)()
        except queue.Empty:
            self.report(self.board.status())

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Called by Dask, in a thread of its own."""
        self.events.put(lambda: self._note(**event[1]))

    def _note(self, code: str, stage: str, worker: str, helpers: int = 0, helped: str = "") -> None:
        if code in self.underway:
            self.board.begin(code, stage, f"with {counted(helpers, 'helper')}" if helpers else "")
            status = self.board.status()
            if helped:
                self.log.write("helped", code, f"{stage}: {helped}")
            elif not helpers:
                self.log.write("stage", code, f"{stage} on {worker}{status.left_of(code)}")
            self.report(status)

    def _refuse_lost(self, crew: Crew) -> None:
        if crew.is_reached():
            return
        raise DataError(
            problem(
                f"the Dask scheduler is gone; {counted(self.board.done, 'municipality', 'municipalities')} done so far",
                "nobody hands out work any more",
                "start it and its workers again, then the batch by the same command: it goes on where it was",
            )
        )

    def _hand_out(self, crew: Crew, topic: str) -> None:
        """Never more municipalities than workers, and none to a worker it would not fit in."""
        limits = crew.limits()
        if not limits and self.board.workers:
            self.log.write("wait", text="no worker is there")
        self.board.workers = len(limits)
        for text in crew.fitness.told() if crew.fitness else ():
            self.log.write("warn", text=text)
            self.report(self.board.status(text))
        for code, held in list(self.underway.items()):
            if held.places and not limits.keys() & set(held.places):  # started anew they have other addresses
                held.future.cancel()
                del self.underway[code]
                self._lost(held.job)
        self._spare(crew, topic, limits)
        while self.waiting and len(self.underway) < len(limits):
            job = self.waiting.pop(0)
            places = tuple(where for where, limit in limits.items() if expected_bytes(job.area) <= limit)
            if places:
                is_any = len(places) == len(limits) and not crew.fitness
                self._submit(crew, topic, job, () if is_any else places)
            else:
                self._refuse_large(job, max(limits.values()))
        self._spare(crew, topic, limits)

    def _spare(self, crew: Crew, topic: str, limits: dict[str, float]) -> None:
        """Let workers without a municipality help others, or no longer, for one waits; only fit ones of a cluster elsewhere."""
        free = not self.waiting and (list(limits) if crew.fitness else True)
        if free != self.free:
            self.free = free
            crew.client.set_metadata(spare(topic), free)

    def _submit(self, crew: Crew, topic: str, job: Job, places: tuple[str, ...]) -> None:
        from sewerzone.batch.task import run

        code = job.area.code
        self.tries[code] = self.tries.get(code, 0) + 1
        key = f"run-{code}-{job.token[:8]}-{self.tries[code]}"
        future = crew.client.submit(run, job, topic, key=key, workers=list(places) or None, pure=False)
        self.underway[code] = _Underway(job, future, places)
        self.log.write("start", code, f"{job.area.name}, about {counted(job.area.buildings, 'building')}")
        self.board.begin(code, "waiting")
        future.add_done_callback(lambda ended: self.events.put(lambda: self._ended(code, ended)))

    def _ended(self, code: str, future: Any) -> None:
        held = self.underway.get(code)
        if held is None or held.future is not future:
            return
        del self.underway[code]
        if future.status == "finished":
            self._close(held.job, future.result())
        elif future.status == "error" and type(future.exception()).__name__ == "KilledWorker":
            self._fail(held.job, DIED, self._how_it_died(held.job))
        elif future.status == "error":
            error = future.exception()
            self._fail(held.job, type(error).__name__, f"{type(error).__name__}: {error}")
        else:  # cancelled or lost: with the scheduler, which the next round notices, or with its workers
            self._lost(held.job)

    def _lost(self, job: Job) -> None:
        self.log.write("lost", job.area.code, "its worker is gone")
        if self.tries[job.area.code] < TRIES:
            self.waiting.insert(0, job)
        else:
            self._fail(job, DIED, self._how_it_died(job))

    def _how_it_died(self, job: Job) -> str:
        return problem(
            f"its worker died each time it was tried (memory? about {expected_bytes(job.area) / 1e9:.2f} GB were expected for "
            f"{counted(job.area.buildings, 'building')})",
            "there is no plan of it",
            "give workers more with --memory, or run fewer at once with --workers; then start the batch again",
        )

    def _refuse_large(self, job: Job, most: float) -> None:
        need = expected_bytes(job.area)
        text = problem(
            f"about {need / 1e9:.2f} GB are expected for {counted(job.area.buildings, 'building')}, and the largest worker has "
            f"{most / 1e9:.2f} GB",
            "it would be killed halfway",
            f"give workers more with --memory {1.1 * need / 1e9:.1f}GB, or run fewer at once with --workers; then start again",
        )
        self._fail(job, TOO_LARGE, text)

    def _fail(self, job: Job, kind: str, message: str) -> None:
        """What no worker could put down."""
        status, kind, message = put_down(self.store, job, kind, message, f"{kind}: {message}")
        self._close(job, Outcome(job.area.code, status, 0.0, 0.0, kind, message))

    def _close(self, job: Job, outcome: Outcome) -> None:
        code = job.area.code
        if outcome.status == STOPPED:
            self.log.write("stop", code, outcome.message)
            raise DataError(
                problem(
                    f"{self.store} takes no more: {outcome.message}",
                    f"{code} and those after it cannot be saved; the {self.board.done} done before are whole",
                    "free space or name a larger place, then start the batch again: it goes on where it was",
                )
            )
        if outcome.status == SUPERSEDED:
            raise Superseded(outcome.message)
        self.outcomes[code] = outcome
        is_done = outcome.status == DONE
        self.board.end(code, is_done)
        facts = f"{span(outcome.seconds)}, {outcome.peak_memory_mb:,.0f} MB"
        self.log.write("done" if is_done else "failed", code, facts if is_done else f"{outcome.kind}: {outcome.message}")
        self.log.write("so far", text=str(self.board.status()))
        self.report(self.board.status(f"{code} {job.area.name}: {facts if is_done else 'failed, ' + outcome.kind}"))
        if self.is_fail_fast and not is_done:
            self.waiting.clear()
            self.underway.clear()
