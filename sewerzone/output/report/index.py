"""The first page of the binder: what each file is."""

from __future__ import annotations

from collections.abc import Sequence

from sewerzone.model import Plan
from sewerzone.output.report import page
from sewerzone.output.report.words import Words

_KB = 1000


def html(plan: Plan, made: Sequence[tuple[str, int]]) -> str:
    """A page that names files of the same folder (name, bytes), in the plan's language."""
    say = Words(plan.config.study.language)
    rows = [(name, say(f"file_{name.rpartition('.')[0]}_{name.rpartition('.')[2]}"), _size(size)) for name, size in made]
    return page.fill("index.html", plan, say, kind="binder", rows=rows, intro=say("binder_text"))


def _size(size: int) -> str:
    return f"{size / _KB**2:,.1f} MB" if size >= _KB**2 else f"{max(size // _KB, 1):,} kB"
