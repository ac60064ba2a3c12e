"""What a section is made of: paragraphs, lists, key figures, tables, pictures and the lines of a log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

SHORT = 12
"""Rows of a table that is not parted between pages."""


@dataclass(frozen=True)
class Text:
    """A paragraph; ``look`` is ``plain``, ``note`` (small print) or ``heading`` (of a part of a section)."""

    words: str
    look: str = "plain"
    kind: ClassVar[str] = "text"


@dataclass(frozen=True)
class Points:
    """A list; a point may begin with what it is about."""

    points: Sequence[tuple[str, str]]
    is_numbered: bool = False
    kind: ClassVar[str] = "points"


@dataclass(frozen=True)
class Figures:
    """Key figures: (what, value, unit)."""

    figures: Sequence[tuple[str, str, str]]
    kind: ClassVar[str] = "figures"


@dataclass(frozen=True)
class Grid:
    """A table of texts; columns in ``right`` are numbers. ``swatches`` colour the first cell of a row (``#rrggbb``)."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()
    caption: str = ""
    total: Sequence[str] = ()
    swatches: Sequence[str] = ()
    verbatim: frozenset[int] = field(default_factory=frozenset)
    kind: ClassVar[str] = "grid"


@dataclass(frozen=True)
class Picture:
    """A picture inside the page: a data address, and what it shows in words; a map takes a page if it needs one."""

    source: str
    caption: str
    is_map: bool = False
    kind: ClassVar[str] = "picture"


@dataclass(frozen=True)
class Log:
    """Lines as the program wrote them, names of settings and all."""

    lines: Sequence[str]
    kind: ClassVar[str] = "log"


Block = Text | Points | Figures | Grid | Picture | Log


@dataclass(frozen=True)
class Section:
    """One numbered section; a sheet is printed on a landscape page of its own."""

    key: str
    title: str
    blocks: Sequence[Block]

    @property
    def is_sheet(self) -> bool:
        """Whether it is one picture and nothing else."""
        return len(self.blocks) == 1 and isinstance(self.blocks[0], Picture)

    @property
    def groups(self) -> list[tuple[str, list[Block]]]:
        """Its blocks in groups with a class: ``keep`` stays on one page, ``lead`` on that of what follows, too.

        Texts go with the picture or short table they lead to.
        """
        out: list[list[Block]] = [[]]
        for block in self.blocks:
            starts = block.look == "heading" if isinstance(block, Text) else not _fits(block)
            if out[-1] and (starts or not isinstance(out[-1][-1], Text)):
                out.append([])
            out[-1].append(block)
        return [(_class(group), group) for group in out]


def _class(group: list[Block]) -> str:
    if isinstance(group[-1], Text):
        return "keep lead"
    return "keep" if _fits(group[-1]) else "long"


def _fits(block: Block) -> bool:
    """Whether a page surely has room for it."""
    return isinstance(block, Picture | Figures) or (isinstance(block, Grid) and len(block.rows) <= SHORT)
