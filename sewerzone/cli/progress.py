"""Progress bars on stderr."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

LABELS = {
    "read": "Reading", "robustness": "Sampling", "break_evens": "Deciding again", "write": "Writing",
    "elevation": "Fetching elevation", "roads": "Fetching roads", "squares": "Making towns", "borders": "Comparing",
}  # fmt: skip
PLANNING = "Planning"


def is_watched() -> bool:
    """Whether stderr is a terminal."""
    return sys.stderr.isatty()


class Bars:
    """A progress callback that draws a bar each for reading, planning, sampling and writing; silent where nobody watches."""

    def __init__(self, quiet: bool) -> None:
        console = Console(stderr=True)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[stage]}"),
            TimeElapsedColumn(),
        )
        self.progress = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
        self.tasks: dict[str, TaskID] = {}
        self.planned = (0, 0)

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note of ``done`` of ``total`` steps of a stage; a total of 0 is not known."""
        label = LABELS.get(stage, PLANNING)
        if label not in self.tasks:
            self.tasks[label] = self.progress.add_task(label, total=None, stage="")
        shown = stage if label == PLANNING else ""
        self.progress.update(self.tasks[label], completed=done, total=total or None, stage=shown)
