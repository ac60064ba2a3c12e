"""Aligned columns of plain text; Japanese characters count double, as terminals draw them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Cells a terminal needs for a text."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def columns(rows: Sequence[Sequence[str]], align: str, gap: int = 2) -> list[str]:
    """Rows as lines; ``align`` has one letter per column, l or r."""
    widths = [max((width(row[k]) for row in rows), default=0) for k in range(len(align))]
    lines = []
    for row in rows:
        cells = []
        for cell, side, cells_wide in zip(row, align, widths, strict=True):
            blank = " " * (cells_wide - width(cell))
            cells.append(blank + cell if side == "r" else cell + blank)
        lines.append((" " * gap).join(cells).rstrip())
    return lines
