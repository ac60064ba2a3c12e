"""The first run on a computer: half of the compiling is done by a second process meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys

from sewerzone.model import Progress

NEEDED_FROM = "route"
"""The stage that uses what the second process compiles."""


def compiled_beside(progress: Progress) -> Progress:
    """``progress``, which starts the second process now and waits for it before the stage that needs it.

    A process that fails loses nothing: this one then compiles for itself.
    """
    if (os.cpu_count() or 1) < 2:
        return progress
    beside = subprocess.Popen(
        [sys.executable, "-m", "sewerzone.engineering.warm"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def waiting(stage: str, done: int, total: int) -> None:
        progress(stage, done, total)
        if stage == NEEDED_FROM:
            beside.wait()

    return waiting
