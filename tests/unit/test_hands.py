"""Work in parts: the same plan whatever is done where, and whoever is lost on the way."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import distributed
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sewerzone import api
from sewerzone.batch import cluster
from sewerzone.batch.cluster import Crew, known_workers, spare
from sewerzone.batch.helpers import FIRST_SIZE, Helpers
from sewerzone.hands import ALONE, Hands, parts
from tests.prefectures import until

TOPIC = "test"


class Cut(Hands):
    """Everything in parts, each as if it came from elsewhere."""

    def __init__(self, count: int) -> None:
        self.count, self.cut, self.begun = count, 0, 0
        self.sent: dict[tuple[int, ...], tuple[Any, Any]] = {}

    def work(
        self, function: Callable[..., Any], shared: tuple[Any, ...], sizes: NDArray[np.int64],
        part_of: Callable[[NDArray[np.int64]], tuple[Any, ...]],
    ) -> list[tuple[NDArray[np.int64], Any]]:  # fmt: skip
        if len(sizes) < 2:
            return super().work(function, shared, sizes, part_of)
        copy = self.sent.setdefault(tuple(map(id, shared)), (shared, pickle.loads(pickle.dumps(shared))))[1]
        which = parts(sizes, self.count)
        self.cut += len(which)
        return [(some, function(*copy, *pickle.loads(pickle.dumps(part_of(some))))) for some in which]

    def later(
        self, function: Callable[..., Any], size: int, given: Callable[[], tuple[tuple[Any, ...], tuple[Any, ...]]]
    ) -> Callable[[], Any]:  # fmt: skip
        self.begun += 1
        shared, rest = pickle.loads(pickle.dumps(given()))
        found = function(*shared, *rest)
        return lambda: found


@given(st.lists(st.integers(1, 1000), max_size=60), st.integers(1, 12))
@settings(deadline=None, max_examples=50)
def test_parts_hold_every_item_once_the_largest_first(sizes: list[int], count: int) -> None:
    which = parts(np.array(sizes, dtype=np.int64), count)
    assert sorted(np.concatenate([*which, np.empty(0, np.int64)]).tolist()) == list(range(len(sizes)))
    assert len(which) <= count
    if sizes:
        assert sizes[which[0][0]] == max(sizes)
        most = sum(sizes) / count + max(sizes)
        assert all(sum(sizes[k] for k in some) <= most for some in which)


@pytest.mark.parametrize("method", ["official", "optimum"])
def test_the_plan_is_the_same_in_parts(tmp_path: Path, method: str) -> None:
    study = api.sample(tmp_path / "town", dwellings=250, seed=3)
    inputs = api.read(study, changes=(f"zoning.method={method}",))
    hands = Cut(5)
    cut, whole = api.run(inputs, hands=hands).tables(), api.run(inputs).tables()
    assert hands.cut > 5
    assert hands.begun >= 2 + (method == "optimum")
    for name, frame in whole.items():
        pd.testing.assert_frame_equal(pd.DataFrame(cut[name]), pd.DataFrame(frame), check_exact=True, obj=name)


# --- real workers ----------------------------------------------------------------------------------------------------


def squared(base: NDArray[np.int64], numbers: NDArray[np.int64], seconds: float, bad: int) -> NDArray[np.int64]:
    """Something to do in parts; a number ends whoever is a helper, or is wrong."""
    time.sleep(seconds * len(numbers))
    if bad in numbers and bad == KILLS and distributed.get_worker().name != OWNER:
        os.kill(os.getpid(), signal.SIGKILL)
    if bad in numbers and bad != KILLS:
        raise ValueError(f"{bad} is no good")
    return base[numbers] ** 2


KILLS, OWNER = 0, 0


def hands_of(told: list[int], wait: bool) -> Helpers:
    """Those of a worker with a municipality; if asked for, as soon as the others are ready."""
    helpers, end = Helpers(distributed.get_worker(), TOPIC, told.append), time.monotonic() + 90.0
    while wait and len(helpers.look()) < 2 and time.monotonic() < end:
        time.sleep(0.1)
    return helpers


def owned(seconds: float, bad: int, wait: bool) -> tuple[list[int], str, list[int]]:
    """As a municipality does it: all squares in their order, who helped, how many helpers were told of."""
    told: list[int] = []
    helpers, base = hands_of(told, wait), np.arange(FIRST_SIZE, dtype=np.int64)
    sizes = np.full(60, FIRST_SIZE // 50)
    done = helpers.work(squared, (base,), sizes, lambda which: (which, seconds, bad))
    which, found = (np.concatenate(part) for part in zip(*done, strict=True))
    return found[np.argsort(which)].tolist(), helpers.told(), told


def begun(seconds: float, bad: int, wait: bool) -> tuple[list[int], str, list[int]]:
    """The same of something that is begun early and wanted late."""
    told: list[int] = []
    helpers, base = hands_of(told, wait), np.arange(FIRST_SIZE, dtype=np.int64)
    then = helpers.later(squared, FIRST_SIZE, lambda: ((base,), (np.arange(60), seconds, bad)))
    time.sleep(60 * seconds)
    return then().tolist(), helpers.told(), told


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with cluster.local(3, int(1e9)) as made:
        made.client.set_metadata(spare(TOPIC), True)
        yield made
        made.stop_at_once()


def ask(crew: Crew, seconds: float, bad: int = -1, wait: bool = True, do: Callable[..., Any] = owned) -> Any:
    (place,) = [where for where, facts in known_workers(crew.client).items() if facts["name"] == OWNER]
    return crew.client.submit(do, seconds, bad, wait, workers=[place], pure=False).result(timeout=120)


SQUARES = [k * k for k in range(60)]


def test_workers_without_a_municipality_help(crew: Crew) -> None:
    found, told, count = ask(crew, 0.01)
    assert found == SQUARES
    assert "by " in told
    assert count == [2]
    found, told, count = ask(crew, 0.01, do=begun)
    assert (found, count) == (SQUARES, [1])
    assert "1 part by " in told


def test_nobody_helps_while_a_municipality_waits(crew: Crew) -> None:
    crew.client.set_metadata(spare(TOPIC), False)
    assert ask(crew, 0.0, wait=False) == ask(crew, 0.0, wait=False, do=begun) == (SQUARES, "", [])
    crew.client.set_metadata(spare(TOPIC), True)


def test_what_is_wrong_with_a_part_is_told_as_if_done_here(crew: Crew) -> None:
    with pytest.raises(ValueError, match="7 is no good"):
        ask(crew, 0.0, bad=7)
    with pytest.raises(ValueError, match="7 is no good"):
        ask(crew, 0.0, bad=7, do=begun)


def test_a_helper_killed_loses_nothing(crew: Crew) -> None:
    """Number 0 is in the first part, which a helper takes: it ends, and so does the next that is given it."""
    found, told, count = ask(crew, 0.01, bad=KILLS)
    assert found == SQUARES
    assert count == [2]
    assert "lost or late, done here" in told
    assert ask(crew, 0.01, bad=KILLS, do=begun) == (SQUARES, "1 part lost or late, done here", [1])


def test_what_dask_does_not_take_is_done_here(crew: Crew) -> None:
    assert ask(crew, 0.0, do=refused) == (SQUARES, True)


def refused(seconds: float, bad: int, wait: bool) -> tuple[list[int], bool]:
    """The squares where the client is closed between asking who is free and sending."""
    helpers, base = hands_of([], wait), np.arange(FIRST_SIZE, dtype=np.int64)

    def closed(*_: Any, **__: Any) -> Any:
        raise RuntimeError("closed")

    helpers.client = SimpleNamespace(submit=closed, cancel=closed)
    packed = helpers._packed
    helpers._packed = lambda *given: base  # type: ignore[method-assign]  # taken as sent
    done = helpers.work(squared, (base,), np.full(60, FIRST_SIZE // 50), lambda which: (which, seconds, bad))
    helpers._packed = packed  # type: ignore[method-assign]
    which, found = (np.concatenate(part) for part in zip(*done, strict=True))
    return found[np.argsort(which)].tolist(), "lost" in helpers.told()


def test_workers_are_asked_of_the_scheduler_itself(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own copy is replaced by one without workers every two seconds; those killed above are on their way back."""
    monkeypatch.setattr(crew.client, "scheduler_info", lambda **_: {"workers": {}})
    until(lambda: len(crew.limits()) == 3)


def test_alone_everything_is_done_at_once() -> None:
    ((which, found),) = ALONE.work(lambda base, some: base + some, (10,), np.array([3, 1]), lambda which: (which,))
    assert which.tolist() == [0, 1]
    assert found.tolist() == [10, 11]
