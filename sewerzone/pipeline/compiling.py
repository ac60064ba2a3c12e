"""The first run on a computer: much of the compiling is done by other processes meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys

from sewerzone.model import Progress

NEEDED_FROM = "route"
"""The stage that uses what the other processes compile."""
PARTS = (("routing", "proof"), ("profile", "search"))
"""What each of the processes compiles, one after the other: of two parts that share kernels the second finds them made."""


def compiled_beside(progress: Progress) -> Progress:
    """``progress``, which starts the other processes now and waits for them before the stage that needs them.

    A process that fails loses nothing: this one then compiles for itself.
    """
    if (os.cpu_count() or 1) < 2:
        return progress
    silent = subprocess.DEVNULL
    command = [sys.executable, "-m", "sewerzone.engineering.warm"]
    beside = [subprocess.Popen([*command, *parts], stdin=silent, stdout=silent, stderr=silent) for parts in PARTS]

    def waiting(stage: str, done: int, total: int) -> None:
        progress(stage, done, total)
        if stage == NEEDED_FROM:
            for process in beside:
                process.wait()

    return waiting
