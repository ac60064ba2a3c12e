"""The Dask cluster: started here, or one that runs elsewhere and whose workers have been looked at."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing import resource_tracker
from typing import Any

from sewerzone.batch.fitness import Fitness, differences, teller
from sewerzone.errors import ConfigError, DataError, first_ids, problem

CONNECT_S = 10.0
"""For a scheduler that must be there already; Dask itself would wait half a minute without a word."""
RETRIES = 2
"""Times a municipality is tried again whose worker died (local cluster; a scheduler of one's own has a setting for it)."""
STARTS = 3
PATIENCE_S = 10.0
"""For a worker of our own that died and is started again."""
SHARE = 0.9
"""Of the memory free, given to workers."""
LEAST_BYTES = 550e6
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "GDAL_NUM_THREADS", "ARROW_IO_THREADS"),
    1,
)
"""A worker is one process of one thread; libraries with pools of their own would fight over the cores."""
_SETTINGS = {
    "distributed.nanny.pre-spawn-environ": ONE_THREAD,
    "distributed.scheduler.allowed-failures": RETRIES,
    "distributed.scheduler.worker-ttl": None,  # compiled code keeps a worker from answering; if it dies its nanny tells
    "distributed.worker.memory.target": False,  # nothing is kept in workers that could be spilled
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,  # memory not yet given back must not idle a worker
    "distributed.worker.memory.terminate": 0.95,
    "distributed.admin.tick.limit": "1h",
}

_TALKERS = ("distributed", "tornado", "asyncio")
"""Loggers that tell of lost workers and of what they leave undone."""


def known_workers(client: Any) -> dict[str, Any]:
    """What the scheduler knows of its workers, by address.

    It is asked itself: ``Client.scheduler_info`` answers from a copy that a clock of the client's keeps replacing by one
    without workers. Raises OSError where the scheduler is gone.
    """
    found: dict[str, Any] = client.sync(client.scheduler.identity, n_workers=-1)["workers"]
    return found


def spare(topic: str) -> str:
    """Key under which a batch tells its workers whether those without a municipality may help the others: all, or which."""
    return f"{topic}-spare"


class Crew:
    """The workers of a batch; ``fitness`` tells those of a cluster elsewhere that may be given work."""

    def __init__(self, client: Any, cluster: Any = None, wanted: int = 0, fitness: Fitness | None = None) -> None:
        self.client = client
        self.fitness = fitness
        self.cluster = cluster
        self.wanted = wanted
        self.full_at = time.monotonic()
        self.known: dict[str, float] = {}

    def limits(self) -> dict[str, float]:
        """Memory limit in bytes of every fit worker by address, infinite where it has none; the last known without answer."""
        try:
            workers = known_workers(self.client)
        except OSError:  # the next round finds the scheduler gone, or back
            return self.known
        workers = self.fitness.of(workers) if self.fitness else workers
        if len(workers) >= self.wanted:
            self.full_at = time.monotonic()
        elif time.monotonic() - self.full_at > PATIENCE_S:  # its nanny died, too, or gave up: Dask does not make a new one
            self.cluster.scale(self.wanted)
            self.full_at = time.monotonic()
        self.known = {address: float(facts["memory_limit"] or "inf") for address, facts in sorted(workers.items())}
        return self.known

    def is_reached(self) -> bool:
        """Whether the scheduler still answers."""
        return bool(self.client.status in ("running", "connecting"))

    def stop_at_once(self) -> None:
        """End workers of our own without waiting for what they do; what they publish is whole or not there."""
        for nanny in self.cluster.workers.values() if self.cluster else ():
            nanny.auto_restart = False
            if nanny.pid:
                os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def memory_bytes(text: str | None, workers: int) -> int:
    """The memory of each of so many workers here: as given ("6GB"), or an equal share of what is free."""
    dask, _ = load_dask()
    if text is None:
        import psutil

        return int(psutil.virtual_memory().available * SHARE / workers)
    try:
        size = int(dask.utils.parse_bytes(text))
    except ValueError as error:
        raise ConfigError(problem(f"--memory {text}: no amount of memory", "workers are held to it", "write 6GB")) from error
    if size < LEAST_BYTES:
        least = f"{LEAST_BYTES / 1e6:.0f} MB"
        raise ConfigError(problem(f"--memory {text}: the program alone takes {least}", "nothing would run", "give 2GB or more"))
    return size


@contextmanager
def local(workers: int, memory_bytes: int) -> Iterator[Crew]:
    """A cluster of processes on this computer, each with one thread and so much memory at most."""
    dask, distributed = load_dask()
    settings = dask.config.set(_SETTINGS)
    with settings, _quiet(), _started(distributed, workers, memory_bytes) as cluster, distributed.Client(cluster) as client:
        yield Crew(client, cluster, workers)


def _started(distributed: Any, workers: int, memory_bytes: int) -> Any:
    """A cluster; tried again where a worker dies while it starts."""
    error: Exception | None = None
    for _ in range(STARTS):
        try:
            return distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, memory_limit=memory_bytes, dashboard_address=None,
                silence_logs=logging.CRITICAL, host="127.0.0.1", worker_class=_deaf(distributed.Nanny),
            )  # fmt: skip
        except (RuntimeError, TimeoutError) as failed:
            error = failed
    what = f"Dask's workers do not start ({error.__cause__ or error})" if error else ""
    remedy = "see what ends them (memory? a script without `if __name__ == '__main__':`), or run fewer with --workers"
    raise DataError(problem(what, "there is nobody to work", remedy)) from error


def _deaf(nanny: Any) -> Any:
    """Nannies whose workers do not hear Ctrl-C, which a terminal sends to all: the batch ends them.

    A process begins with the signals blocked that its parent's thread has blocked; this is a thread of Dask's.
    """

    class Deaf(nanny):  # type: ignore[misc]  # Dask is not typed
        async def start_unsafe(self) -> Any:
            if hasattr(signal, "pthread_sigmask"):
                resource_tracker.ensure_running()  # Python's own child; it would unblock them when it starts
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            return await super().start_unsafe()

    return Deaf


@contextmanager
def remote(address: str) -> Iterator[Crew]:
    """A scheduler that runs already; its workers must be of this version and have one thread each."""
    dask, distributed = load_dask()
    with dask.config.set({**_SETTINGS, "distributed.comm.timeouts.connect": f"{CONNECT_S}s"}), _quiet():
        try:
            client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise ConfigError(
                problem(
                    f"no Dask scheduler answers at {address} within {CONNECT_S:.0f} s ({error})",
                    "there is nobody to work",
                    "start one with `dask scheduler` and workers with `dask worker ADDRESS --nthreads 1`, or give --workers N",
                )
            ) from error
        with client:
            yield Crew(client, fitness=Fitness(client, refuse_unfit(client, address)))


def refuse_unfit(client: Any, address: str) -> set[str]:
    """Raise ConfigError unless there are workers, each with one thread and this version of the program; their addresses."""
    workers = known_workers(client)
    start = f"start workers with `dask worker {address} --nthreads 1 --memory-limit 6GB --death-timeout 60`"
    if not workers:
        raise ConfigError(problem(f"the scheduler at {address} has no workers", "there is nobody to work", start))
    many = sorted(str(facts.get("name", where)) for where, facts in workers.items() if facts["nthreads"] != 1)
    if many:
        what = f"workers {first_ids(many)} have more than one thread"
        raise ConfigError(problem(what, "two municipalities would share the memory meant for one", start))

    told = client.run(teller())
    wrong = [line for where in sorted(told) for line in differences(where, told[where])]
    if wrong:
        raise ConfigError(
            problem(
                f"workers differ from this computer: {first_ids(wrong)}",
                "municipalities would be planned by different rules",
                f"install sewerzone {version('sewerzone')} with the same libraries on every worker",
            )
        )
    return set(told)


def load_dask() -> tuple[Any, Any]:
    """Dask and its distributed part; DataError with the remedy where they are not installed."""
    try:
        import dask
        import distributed
    except ImportError as error:
        raise DataError(
            problem("Dask is not installed", "it works through the municipalities", "pip install 'sewerzone[batch]'")
        ) from error
    return dask, distributed


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's own complaints about lost workers and slow events are not for the user, who is told in our words."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in _TALKERS]  # some have their own level
    before = {log: log.level for log in map(logging.getLogger, (*_TALKERS, *names))}
    for log in before:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in before.items():
            log.setLevel(level)
