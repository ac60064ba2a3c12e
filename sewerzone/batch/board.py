"""Where a batch stands: what is done, what is worked on, how long it will take; for terminals, log files and notebooks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from html import escape
from itertools import accumulate, pairwise
from typing import NamedTuple

from sewerzone.batch.area import Area
from sewerzone.style import Language

BASE_BUILDINGS = 1500
"""What a municipality costs beside its buildings, in buildings: starting, reading wide layers, writing."""
_OFFICIAL = {
    "read": 24, "prepare": 18, "cluster": 15, "network": 18, "route": 67, "compare": 8, "zone": 48, "outcome": 41,
    "findings": 0, "planning": 0, "write": 53,
}  # fmt: skip
"""CPU seconds of the stages in their order, of 1.5 million buildings in 40 municipalities; only what they are to each other
counts."""
_OPTIMUM = {"zone": 211, "findings": 12}
_MAPS = {"write": 178}
"""Stages that take longer with the optimum, and with maps."""
Shares = dict[str, tuple[float, float]]
"""By stage: what of a municipality's time is over when it begins, and when it ends."""


def usual_shares(is_optimum: bool, has_maps: bool) -> Shares:
    """The shares of stages as they are as a rule."""
    seconds = {**_OFFICIAL, **(_OPTIMUM if is_optimum else {}), **(_MAPS if has_maps else {})}
    over = [0.0, *accumulate(seconds.values())]
    return {
        stage: (before / over[-1], after / over[-1]) for stage, (before, after) in zip(seconds, pairwise(over), strict=True)
    }


class _Course(NamedTuple):
    """Since when a municipality is worked on, and since when it is in its stage, with the shares over before and after it."""

    begun: float
    stage: str
    entered: float
    before: float
    after: float

    def seconds(self, now: float) -> float | None:
        """How long it takes in all, if it goes as it has gone so far; None before the first stage is over."""
        if not self.before:
            return None
        return max((self.entered - self.begun) / self.before, (now - self.begun) / self.after)


class Running(NamedTuple):
    """A municipality being worked on; ``left_s`` is None while there is nothing to tell it from."""

    code: str
    name: str
    stage: str
    elapsed_s: float
    left_s: float | None


class Status(NamedTuple):
    """A batch at one moment; ``skipped`` municipalities were done and unchanged when it started.

    ``event`` is what has just happened, ``warnings`` what is known since before the first municipality began.
    """

    areas: int
    done: int
    skipped: int
    failed: int
    elapsed_s: float
    left_s: float | None
    running: tuple[Running, ...]
    event: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Municipalities that need no more work, as a share of all."""
        return (self.done + self.skipped + self.failed) / self.areas if self.areas else 1.0

    def left_of(self, code: str) -> str:
        """What is left of a municipality and of all, as the end of a line; empty where that is not known."""
        own = next((row.left_s for row in self.running if row.code == code), None)
        return "" if own is None or self.left_s is None else f", about {span(own)} left of it, {span(self.left_s)} of all"

    def __str__(self) -> str:
        left = "" if self.left_s is None else f", about {span(self.left_s)} left"
        failed = f", {self.failed} failed" if self.failed else ""
        skipped = f", {self.skipped} unchanged" if self.skipped else ""
        working = f"; now {', '.join(f'{r.code} {r.stage}' for r in self.running)}" if self.running else ""
        return f"{self.done} done{skipped}{failed} of {self.areas}, {span(self.elapsed_s)}{left}{working}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(r.code)}</td><td>{escape(r.name)}</td><td>{escape(r.stage)}</td><td>{span(r.elapsed_s)}</td>"
            f"<td>{'' if r.left_s is None else span(r.left_s)}</td></tr>"
            for r in self.running
        )
        head = "<tr><th>code</th><th>name</th><th>stage</th><th>for</th><th>left</th></tr>"
        bar = f'<progress value="{self.share:.4f}" max="1" style="width: 20em"></progress>'
        notes = "".join(f"<p>{escape(text)}</p>" for text in self.warnings)
        return f"{bar} {escape(str(self._replace(running=())))}<table>{head}{rows}</table>{notes}"


Report = Callable[[Status], None]
"""Called whenever something has changed, and once a second."""


def no_report(status: Status) -> None:
    """The silent callback."""


def span(seconds: float, language: Language = "en") -> str:
    """A length of time to read: ``48 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = round(seconds)
    hour, minute, second = ("時間", "分", "秒") if language == "ja" else (" h ", " min ", " s")
    if whole < 60:
        return f"{whole}{second}"
    if whole < 3600:
        return f"{whole // 60}{minute}{whole % 60:02d}{second}"
    return f"{whole // 3600}{hour}{whole % 3600 // 60:02d}{minute.rstrip()}"


class Board:
    """Keeps count and estimates; the time a municipality takes is taken to grow with its buildings.

    How long one takes is told by those that are done; until there is one, by the stages that those under way have behind them.
    """

    def __init__(
        self, areas: list[Area], now: Callable[[], float] = time.monotonic, shares: Mapping[str, Shares] | None = None
    ) -> None:
        """``shares`` : of municipalities by code; those of the official method without maps where not given."""
        self.now = now
        self.shares = shares or {}
        self.start = now()
        self.areas = {area.code: area for area in areas}
        self.waiting = set(self.areas)
        self.began: dict[str, float] = {}
        self.stage: dict[str, str] = {}
        self.course: dict[str, _Course] = {}
        self.done = self.skipped = self.failed = 0
        self.warnings: list[str] = []
        self.workers = 1
        self._work = self._seconds = 0.0

    def skip(self, code: str) -> None:
        """A municipality needs no work."""
        self.waiting.discard(code)
        self.skipped += 1

    def begin(self, code: str, stage: str, note: str = "") -> None:
        """A municipality is in this stage; ``note`` is told with it."""
        if code not in self.waiting:
            return
        now = self.now()
        self.began.setdefault(code, now)
        self.stage[code] = f"{stage} {note}".rstrip()
        if code in self.course and self.course[code].stage == stage:
            return
        shares = self.shares.get(code) or usual_shares(is_optimum=False, has_maps=False)
        before, after = shares.get(stage, (0.0, 1.0))
        begun = self.course[code].begun if before and code in self.course else now
        self.course[code] = _Course(begun, stage, now, before, after)

    def end(self, code: str, is_done: bool) -> None:
        """A municipality is done, or failed."""
        self.waiting.discard(code)
        self.done += is_done
        self.failed += not is_done
        began = self.began.pop(code, None)
        self.stage.pop(code, None)
        self.course.pop(code, None)
        if is_done and began is not None:
            self._work += self._size(code)
            self._seconds += self.now() - began

    def status(self, event: str = "") -> Status:
        """How it stands now."""
        now = self.now()
        running = tuple(
            Running(code, self.areas[code].name, self.stage[code], now - began, self._left(code, now))
            for code, began in sorted(self.began.items())
        )
        left = None
        lefts = [seconds for code in sorted(self.waiting) if (seconds := self._left(code, now)) is not None]
        if lefts:  # of one is known how long it takes: of all
            left = max(sum(lefts) / max(self.workers, 1), max(lefts, default=0.0))
        counts = len(self.areas), self.done, self.skipped, self.failed
        return Status(*counts, now - self.start, left, running, event, tuple(self.warnings))

    def _size(self, code: str) -> int:
        return self.areas[code].buildings + BASE_BUILDINGS

    def _left(self, code: str, now: float) -> float | None:
        known = {} if self._work else {c: s for c, course in self.course.items() if (s := course.seconds(now)) is not None}
        if code in known:
            return known[code] - (now - self.course[code].begun)
        work = self._work or sum(self._size(c) for c in known)
        if not work:
            return None
        passed = now - self.began[code] if code in self.began else 0.0
        return max(self._size(code) * (self._seconds or sum(known.values())) / work - passed, 0.0)
