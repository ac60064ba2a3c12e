"""Aligned columns of plain text; Japanese characters count double, as terminals draw them."""

from __future__ import annotations

import re
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


def folded(sentence: str, most: float) -> list[str]:
    """A sentence on lines of at most ``most`` cells; a word is parted only where it is longer than that."""
    lines, line = [], ""
    for piece in re.findall(r"[\x21-\x7e]+ ?|.[。、)]?", sentence):  # a word, or a Japanese letter
        for part in _parted(piece, most):
            if line and width(line + part.rstrip()) > most:
                lines.append(line.rstrip())
                line = ""
            line += part
    return [*lines, line.rstrip()]


def _parted(piece: str, most: float) -> list[str]:
    step = max(int(most), 1)
    return [piece] if width(piece.rstrip()) <= most else [piece[k : k + step] for k in range(0, len(piece), step)]
