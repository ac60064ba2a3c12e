"""The first batch on a computer: a hamlet is planned before any worker starts, so that they do not each compile everything."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from sewerzone import api
from sewerzone.model import no_progress
from sewerzone.pipeline.compiling import compiled_beside

DWELLINGS = 150
"""Enough for every part of the method to have something to do."""
SETTINGS = ("zoning.method=optimum",)
"""The optimum starts with the official plan, and so needs the kernels of both."""


def compile_once() -> None:
    """Compile in processes of their own; one that fails loses nothing, for workers then compile for themselves."""
    silent = subprocess.DEVNULL
    with suppress(OSError), tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", __name__, folder]
        subprocess.run(command, stdin=silent, stdout=silent, stderr=silent, check=False)


def plan_hamlet(folder: Path) -> api.Plan:
    """Make a hamlet and plan it, while other processes compile what its later stages need."""
    progress = compiled_beside(no_progress)
    study = api.sample(folder / "hamlet", DWELLINGS)
    return api.run(api.read(study, changes=SETTINGS), progress=progress)


if __name__ == "__main__":
    plan_hamlet(Path(sys.argv[1]))
