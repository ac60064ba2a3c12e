"""What a study is made from: its files, told apart cheaply by size and time, surely by content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sewerzone import costbooks
from sewerzone.config import Config, Layer
from sewerzone.io import vector

Stamp = list[list[Any]]
"""Name, size and time (ns) of each file behind one path of a study."""


def paths(config: Config) -> list[str]:
    """Every path a study names, as it is written there: layers, terrain, cost books of its own."""
    books = [book for book in (config.cost.book, config.cost.fallback) if book and book not in costbooks.SHIPPED]
    return sorted({*_layers(config), *config.inputs.terrain, *books})


def stamps(config: Config, base: Path) -> dict[str, Stamp]:
    """Size and time of every file of a study; an empty stamp where there is none."""
    return {text: _stamp(base / text) for text in paths(config)}


def record(config: Config, base: Path) -> dict[str, dict[str, Any]]:
    """Stamps and content hashes of all files of a study, as a manifest keeps them."""
    return {
        text: {"stamp": stamp, "sha256": vector.digest(base / text) if stamp else None}
        for text, stamp in stamps(config, base).items()
    }


def is_unchanged(kept: dict[str, dict[str, Any]], config: Config, base: Path) -> bool:
    """Whether a study's files are those of a manifest; their content is looked at only where size or time differ."""
    now = stamps(config, base)
    return kept.keys() == now.keys() and all(
        stamp and (stamp == kept[text]["stamp"] or vector.digest(base / text) == kept[text]["sha256"])
        for text, stamp in now.items()
    )


def _layers(part: BaseModel) -> Iterator[str]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Layer):
            yield value.path
        elif isinstance(value, BaseModel):
            yield from _layers(value)


def _stamp(path: Path) -> Stamp:
    out = []
    for file in vector.parts(path):
        try:
            facts = file.stat()
        except OSError:  # what is not there has no stamp; reading the study tells it properly
            return []
        out.append([file.name, facts.st_size, facts.st_mtime_ns])
    return out
