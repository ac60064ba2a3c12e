"""What the other processes of a first run compile, and that they are waited for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sewerzone.cli import compiling
from sewerzone.engineering import ascent, descent, exchange, labels, paths, profile, pump_bound, steiner, warm


def test_every_kernel_of_routing_and_profile_is_compiled() -> None:
    for compile_part in warm.PARTS.values():
        compile_part()
    kernels = [paths._dijkstra, steiner._grow, exchange._exchange, labels._label, profile._choose, profile._evaluate]
    kernels += [descent._descend, pump_bound._pack, ascent._ascend]
    assert all(kernel.signatures for kernel in kernels)


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
