"""What the other processes of a first run compile, and that they are waited for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import typeof

from sewerzone import api
from sewerzone.batch import compiling as first
from sewerzone.batch import prefecture
from sewerzone.engineering import ascent, descent, exchange, labels, moves, paths, profile, pump_bound, steiner, warm
from sewerzone.pipeline import compiling


def test_every_kernel_of_routing_and_profile_is_compiled() -> None:
    for compile_part in warm.PARTS.values():
        compile_part()
    kernels = [paths._dijkstra, steiner._grow, exchange._exchange, labels._label, profile._choose, profile._evaluate]
    kernels += [descent._descend, pump_bound._pack, ascent._ascend]
    assert all(kernel.signatures for kernel in kernels)
    kept = moves._labels._cache._cache_file._load_index()
    assert len(kept) == 1  # compiled once, not for every constant it is given


def test_a_run_waits_for_it_before_routing(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    class Process:
        def __init__(self, command: list[str], **_: object) -> None:
            assert command[:3] == [sys.executable, "-m", "sewerzone.engineering.warm"]
            assert set(command[3:]) <= set(warm.PARTS)

        def wait(self) -> None:
            told.append("waited")

    monkeypatch.setattr(subprocess, "Popen", Process)
    monkeypatch.setattr(compiling.os, "cpu_count", lambda: 2)
    progress = compiling.compiled_beside(lambda stage, done, total: told.append(stage))
    for stage in ("prepare", "cluster", "route", "zone"):
        progress(stage, 0, 0)
    assert told == ["prepare", "cluster", "route", *["waited"] * len(compiling.PARTS), "zone"]
    assert sorted(part for parts in compiling.PARTS for part in parts) == sorted(warm.PARTS)


def test_one_processor_compiles_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.os, "cpu_count", lambda: 1)

    def progress(stage: str, done: int, total: int) -> None:
        raise AssertionError(stage)

    assert compiling.compiled_beside(progress) is progress


def test_a_road_graph_of_a_table_is_as_that_of_arrays() -> None:
    """A read-only array would be another type, for which every kernel is compiled a second time."""
    part = np.zeros(2, np.int64)
    part.flags.writeable = False
    graph = paths.road_graph(2, np.array([0]), np.array([1]), np.ones(1), part)
    assert graph.part.flags.writeable
    assert {str(typeof(array)) for array in (graph.part, graph.row, graph.reverse)} == {"array(int64, 1d, C)"}


def test_a_batch_compiles_before_its_workers_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hamlet is planned in a process of its own, by the optimum; not for workers that are elsewhere, nor a second time."""
    told: list[str] = []

    class NoneStart(Exception):
        pass

    def crew(*_: object) -> None:
        told.append("workers")
        raise NoneStart

    monkeypatch.setattr(prefecture, "_crew", crew)
    monkeypatch.setattr(prefecture, "is_compiled_before", lambda: False)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: told.append(command[2]))
    study = api.sample(tmp_path / "a", 50)
    (tmp_path / "areas.csv").write_text(f"code,name,study\n1,a,{study.as_posix()}\n", "utf-8")
    for scheduler in (None, "tcp://127.0.0.1:9"):
        with pytest.raises(NoneStart):
            prefecture.run(tmp_path / "areas.csv", tmp_path / "out", scheduler=scheduler)
    monkeypatch.setattr(prefecture, "is_compiled_before", lambda: True)
    with pytest.raises(NoneStart):
        prefecture.run(tmp_path / "areas.csv", tmp_path / "out")
    assert told == ["sewerzone.batch.compiling", "workers", "workers", "workers"]
    monkeypatch.setattr(first, "compiled_beside", lambda progress: progress)
    assert not first.plan_hamlet(tmp_path).differences.empty  # told by the optimum alone
