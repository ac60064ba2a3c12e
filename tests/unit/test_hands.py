"""Work in parts: the same plan whatever is done where, and whoever is lost on the way."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
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
from sewerzone.batch.cluster import Crew, spare
from sewerzone.batch.helpers import FIRST_SIZE, Helpers
from sewerzone.hands import ALONE, Hands, parts

TOPIC = "test"


class Cut(Hands):
    """Everything in parts, each as if it came from elsewhere."""

    def __init__(self, count: int) -> None:
        self.count, self.cut = count, 0
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


def owned(seconds: float, bad: int, wait: bool) -> tuple[list[int], str, list[int]]:
    """As a municipality does it: all squares in their order, who helped, how many helpers were told of."""
    told: list[int] = []
    helpers = Helpers(distributed.get_worker(), TOPIC, told.append)
    end = time.monotonic() + 90.0
    while wait and len(helpers.look()) < 2 and time.monotonic() < end:
        time.sleep(0.1)
    base = np.arange(FIRST_SIZE, dtype=np.int64)
    sizes = np.full(60, FIRST_SIZE // 50)
    done = helpers.work(squared, (base,), sizes, lambda which: (which, seconds, bad))
    which, found = (np.concatenate(part) for part in zip(*done, strict=True))
    return found[np.argsort(which)].tolist(), helpers.told(), told


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with cluster.local(3, int(1e9)) as made:
        made.client.set_metadata(spare(TOPIC), True)
        yield made
        made.stop_at_once()


def ask(crew: Crew, seconds: float, bad: int = -1, wait: bool = True) -> Any:
    (place,) = [where for where, facts in crew.client.scheduler_info(n_workers=-1)["workers"].items() if facts["name"] == OWNER]
    return crew.client.submit(owned, seconds, bad, wait, workers=[place], pure=False).result(timeout=120)


SQUARES = [k * k for k in range(60)]


def test_workers_without_a_municipality_help(crew: Crew) -> None:
    found, told, count = ask(crew, 0.01)
    assert found == SQUARES
    assert "by " in told
    assert count == [2]


def test_nobody_helps_while_a_municipality_waits(crew: Crew) -> None:
    crew.client.set_metadata(spare(TOPIC), False)
    assert ask(crew, 0.0, wait=False) == (SQUARES, "", [])
    crew.client.set_metadata(spare(TOPIC), True)


def test_what_is_wrong_with_a_part_is_told_as_if_done_here(crew: Crew) -> None:
    with pytest.raises(ValueError, match="7 is no good"):
        ask(crew, 0.0, bad=7)


def test_a_helper_killed_loses_nothing(crew: Crew) -> None:
    """Number 0 is in the first part, which a helper takes: it ends, and so does the next that is given it."""
    found, _, count = ask(crew, 0.01, bad=KILLS)
    assert found == SQUARES
    assert count == [2]


def test_alone_everything_is_done_at_once() -> None:
    ((which, found),) = ALONE.work(lambda base, some: base + some, (10,), np.array([3, 1]), lambda which: (which,))
    assert which.tolist() == [0, 1]
    assert found.tolist() == [10, 11]
