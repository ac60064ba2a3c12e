"""Progress of a batch on a terminal: all municipalities, and each that is worked on, with the time left."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sewerzone.batch.board import Status, span


class Display:
    """A progress callback; where nobody watches it prints one line for each municipality that ends."""

    def __init__(self, quiet: bool) -> None:
        self.console = Console(stderr=True)
        self.quiet = quiet
        self.status: Status | None = None
        self.live = Live(console=self.console, refresh_per_second=4, transient=True, auto_refresh=False)
        self.is_live = not quiet and self.console.is_terminal

    def __enter__(self) -> Self:
        if self.is_live:
            self.live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Leave the terminal as it was."""
        self.live.stop()

    def __call__(self, status: Status) -> None:
        """Show how it stands."""
        self.status = status
        if self.quiet:
            return
        if status.event:
            counts = f"[{status.done + status.skipped + status.failed}/{status.areas}]"
            left = "" if status.left_s is None or not status.running else f" (about {span(status.left_s)} left)"
            self.console.print(f"{counts} {status.event}{left}", markup=False, highlight=False, soft_wrap=True)
        if self.is_live:
            self.live.update(_drawn(status), refresh=True)


def _drawn(status: Status) -> Group:
    head = Table.grid(padding=(0, 1))
    head.add_row(ProgressBar(total=1.0, completed=status.share, width=30), Text(str(status._replace(running=()))))
    rows = Table.grid(padding=(0, 2))
    for row in status.running:
        left = "" if row.left_s is None else f"about {span(row.left_s)} left"
        rows.add_row(Text(f"  {row.code}"), Text(row.name), Text(row.stage), Text(span(row.elapsed_s)), Text(left))
    return Group(head, rows)
