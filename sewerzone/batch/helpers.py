"""Workers that have no municipality any more help those that still do: parts of a large one, sent and fetched over Dask.

Whatever a helper does not bring, because it fails or is lost, is done by the worker that has the municipality: it waits no
longer for a part than that would take, and goes on meanwhile with the others, from the smallest. The plan is the same.
"""

from __future__ import annotations

import importlib
import logging
import pickle
import time
from collections.abc import Callable
from typing import Any, TypeVar

import distributed
import numpy as np
from numpy.typing import NDArray

from sewerzone.batch.cluster import LEAST_BYTES, known_workers, spare
from sewerzone.errors import counted
from sewerzone.hands import Hands, parts
from sewerzone.memory import keep_pages

log = logging.getLogger(__name__)
_Found = TypeVar("_Found")

LEAST_SIZE = 2_000
"""Work of less than this (places on networks, see ``route``; a tenth of a millisecond each) is not worth sending."""
FIRST_SIZE = 5_000
"""The same where what it needs is not there yet."""
PARTS_EACH = 6
"""Parts for each that takes part: enough to even out what they take, few enough to cost nothing."""
_TIMES_PACKED = 3.0
"""Memory of a helper, in times of what it is sent."""
_ROOM = 0.9
_KEPT = 2
"""Of what was sent, what stays with the helpers: that of the last calls."""
_BREATH_S = 0.01
"""For the thread that talks to Dask, which compiled code keeps waiting."""
_SOONEST_S = 0.5
_PATIENCE = 2.0
"""Times as long as it seems to take here a part under way is waited for: large networks take more than their share."""
_FETCH_S = 10.0
_ASK_S = 0.5
_PROTOCOL = 5
_IN_VAIN = ("error", "cancelled", "lost")
"""States of what Dask will not bring any more."""


class Packed:
    """Something large, as bytes until it is wanted; then the same object for every part."""

    def __init__(self, held: bytes) -> None:
        self.held: bytes | None = held
        self.opened: Any = None

    def __reduce__(self) -> tuple[type[Packed], tuple[bytes]]:
        return Packed, (pickle.dumps(self.opened, _PROTOCOL) if self.held is None else self.held,)

    def open(self) -> Any:
        """What was packed, in memory of its own."""
        if self.held is not None:
            keep_pages()
            self.opened, self.held = pickle.loads(self.held), None
        return self.opened


def load() -> None:
    """Load the program; compiled code is loaded when it is first wanted."""
    importlib.import_module("sewerzone.batch.work")


def lent(function: Callable[..., Any], shared: Packed, part: bytes) -> tuple[str, bytes]:
    """What a helper does: the name of the worker, and what came of the part."""
    found = function(*shared.open(), *pickle.loads(part))
    return str(distributed.get_worker().name), pickle.dumps(found, _PROTOCOL)


class Helpers(Hands):
    """The workers that have nothing to do, as seen by one that has a municipality.

    ``helping`` is called with the number of helpers whenever some begin.
    """

    def __init__(self, worker: distributed.Worker, topic: str, helping: Callable[[int], None]) -> None:
        self.worker, self.topic, self.helping = worker, topic, helping
        self.client: Any = None
        self.sent: list[tuple[tuple[Any, ...], tuple[str, ...], Any]] = []
        self.helped: dict[str, int] = {}
        self.lost = 0
        self.loading: dict[str, Any] = {}
        self.asked_at, self.places = -np.inf, tuple[str, ...]()

    def work(
        self, function: Callable[..., Any], shared: tuple[Any, ...], sizes: NDArray[np.int64],
        part_of: Callable[[NDArray[np.int64]], tuple[Any, ...]],
    ) -> list[tuple[NDArray[np.int64], Any]]:  # fmt: skip
        """As for :class:`Hands`, in parts if others have time."""
        total = int(sizes.sum())
        places = self.look() if total >= LEAST_SIZE and len(sizes) > 1 else ()
        packed = self._packed(shared, places, total) if places else None
        if packed is None:
            return super().work(function, shared, sizes, part_of)
        which = parts(sizes, PARTS_EACH * (len(places) + 1))
        given = [part_of(some) for some in which]
        futures = [self._lent(function, packed, part, places) for part in given]
        self.helping(len(places))
        weights = [int(sizes[some].sum()) for some in which]
        found = self._gathered(futures, weights, lambda k: function(*shared, *given[k]), len(places))
        return list(zip(which, found, strict=True))

    def later(
        self, function: Callable[..., Any], size: int, given: Callable[[], tuple[tuple[Any, ...], tuple[Any, ...]]]
    ) -> Callable[[], Any]:  # fmt: skip
        """As for :class:`Hands`, begun at once by a worker that has time."""
        places = self.look()[:1] if size >= FIRST_SIZE else ()
        if not places:
            return super().later(function, size, given)
        shared, rest = given()
        packed = self._packed(shared, places, size)
        if packed is None:
            return lambda: function(*shared, *rest)
        begin = time.perf_counter()
        future = self._lent(function, packed, rest, places)
        self.asked_at = -np.inf
        self.helping(len(places))

        def then() -> Any:
            found = self._fetched(future) if future is not None and self._comes(future, time.perf_counter() - begin) else None
            self.lost += int(found is None)
            return function(*shared, *rest) if found is None else found

        return then

    def _lent(self, function: Callable[..., Any], packed: Any, part: tuple[Any, ...], places: tuple[str, ...]) -> Any:
        """A part on its way to one of these places; None where Dask does not take it."""
        data = pickle.dumps(part, _PROTOCOL)
        return self._asked(lambda: self.client.submit(lent, function, packed, data, workers=list(places), pure=False), None)

    def told(self) -> str:
        """Who helped since this was asked last, and what came to nothing, in words; nothing if nobody was asked."""
        words = [f"{counted(count, 'part')} by {name}" for name, count in sorted(self.helped.items())]
        words += [f"{counted(self.lost, 'part')} lost or late, done here"] if self.lost else []
        self.helped, self.lost = {}, 0
        return ", ".join(words)

    def look(self) -> tuple[str, ...]:
        """Addresses of the workers that have nothing to do and are ready, if no municipality waits for one of them."""
        if time.monotonic() - self.asked_at >= _ASK_S:
            self.places, self.asked_at = self._asked(self._seen_free, ()), time.monotonic()
        return self.places

    def _seen_free(self) -> tuple[str, ...]:
        self.client = self.client or distributed.get_client()
        free = self.client.get_metadata(spare(self.topic), default=False)
        if not free:
            return ()
        idle = [where for where, tasks in self.client.processing().items() if not tasks and where != self.worker.address]
        idle = idle if free is True else [where for where in idle if where in free]
        for where in idle:  # one that has just been started loads the program first, which is not waited for
            if where not in self.loading or self.loading[where].status in _IN_VAIN:
                self.loading[where] = self.client.submit(load, workers=[where], pure=False)
        return tuple(sorted(where for where in idle if self.loading[where].status == "finished"))

    def _packed(self, shared: tuple[Any, ...], places: tuple[str, ...], total: int) -> Any:
        """What is shared, at all these places; None if that does not pay or does not fit."""
        for held, there, future in self.sent:
            is_same = len(held) == len(shared) and all(a is b for a, b in zip(held, shared, strict=True))
            if is_same and set(places) <= set(there) and future.status == "finished":
                return future
        if total < FIRST_SIZE:
            return None
        data = Packed(pickle.dumps(shared, _PROTOCOL))
        future = self._asked(lambda: self._scattered(data, list(places)), None)
        self.sent = [*self.sent[1 - _KEPT :], (shared, places, future)] if future is not None else self.sent
        return future

    def _scattered(self, data: Packed, places: list[str]) -> Any:
        workers = known_workers(self.client)
        more = _TIMES_PACKED * len(data.held or b"")
        for where in places:
            most = float(workers[where]["memory_limit"] or "inf") * _ROOM
            if max(float(workers[where]["metrics"]["memory"]), LEAST_BYTES) + more > most:
                return None
        return self.client.scatter(data, workers=places, broadcast=True, hash=False)

    def _gathered(self, futures: list[Any], sizes: list[int], do: Callable[[int], Any], helpers: int) -> list[Any]:
        """The results, of helpers as far as they bring them: parts are done here from the last, those under way waited for."""
        found: dict[int, Any] = {}
        gone = {k for k, future in enumerate(futures) if future is None}
        seconds = size = 0.0
        while left := [k for k in range(len(futures)) if k not in found]:
            time.sleep(_BREATH_S)
            ready = [k for k in left if k not in gone and futures[k].status == "finished"]
            for k in ready[:1]:  # one at a time: of a helper that hangs, each is waited for in vain
                if (back := self._fetched(futures[k])) is None:
                    gone.add(k)
                else:
                    found[k] = back
            if ready:
                continue
            k, begin = left[-1], time.perf_counter()
            is_near_end = len(left) <= helpers and size > 0.0 and k not in gone
            if is_near_end and self._comes(futures[k], _PATIENCE * sizes[k] * seconds / size):
                continue
            found[k] = do(k)
            self.lost += int(is_near_end or k in gone or futures[k].status in _IN_VAIN)
            seconds, size = seconds + time.perf_counter() - begin, size + sizes[k]
        self._asked(
            lambda: self.client.cancel([future for future in futures if future is not None and not future.done()]), None
        )
        return [found[k] for k in range(len(futures))]

    def _comes(self, future: Any, seconds: float) -> bool:
        """Whether a part comes within this time, from a worker that is still there."""
        end = time.perf_counter() + max(seconds, _SOONEST_S)
        while future.status == "pending" and time.perf_counter() < end and self._is_worked_on(future):
            time.sleep(_BREATH_S)
        time.sleep(_BREATH_S)  # Dask may know already that it is done
        return bool(future.status == "finished")

    def _is_worked_on(self, future: Any) -> bool:
        return self._asked(lambda: any(future.key in tasks for tasks in self.client.processing().values()), False)

    def _fetched(self, future: Any) -> Any:
        """What a helper made; None where it is lost."""
        back = self._asked(lambda: future.result(timeout=_FETCH_S), None)
        if back is None:
            return None
        name, found = back
        self.helped[name] = self.helped.get(name, 0) + 1
        return pickle.loads(found)

    def _asked(self, ask: Callable[[], _Found], otherwise: _Found) -> _Found:
        """An answer of Dask, or this where it has none: a worker or the scheduler is gone, and the work is done here."""
        try:
            return ask()
        except Exception as error:  # noqa: BLE001  of Dask, of a worker that dies or of the part, which fails here as well
            log.debug("%s: %s", type(error).__name__, error)
            return otherwise
