"""The log file of a batch: one line per event, added to by every start."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


class Log:
    """Lines of time, event, municipality and what happened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, event: str, code: str = "", text: str = "") -> None:
        """Add a line."""
        now = datetime.now().astimezone().isoformat(timespec="milliseconds")
        line = f"{now} {event:<6} {code or '-':<8} {' '.join(text.split())}".rstrip()
        with self.path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(line + "\n")
