"""Fonts for printed maps: Japanese where the computer has a Japanese font, never a box in place of a letter."""

from __future__ import annotations

from functools import cache
from typing import Any
from unicodedata import east_asian_width

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

JAPANESE_FONTS = (
    "Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic", "IPAGothic", "BIZ UDGothic", "Yu Gothic", "Hiragino Sans",
    "Hiragino Kaku Gothic ProN", "Meiryo", "MS Gothic", "TakaoGothic", "VL Gothic", "Source Han Sans JP",
)  # fmt: skip
"""In order of preference; the first one installed is used."""

LATIN_FONT = "DejaVu Sans"
"""Comes with matplotlib."""


def japanese_font() -> str | None:
    """The preferred installed font that has Japanese letters; None when there is none."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in JAPANESE_FONTS if name in installed), None)


def family(japanese: str | None) -> list[str]:
    """Font names in which each letter is looked for, first to last."""
    return [japanese, LATIN_FONT] if japanese else [LATIN_FONT]


def can_draw(text: str, names: list[str]) -> bool:
    """Whether every letter of ``text`` is in one of the fonts."""
    known = set().union(*(_letters(name) for name in names))
    return all(ord(letter) in known for letter in text if not letter.isspace())


def fitting(text: str, names: list[str], size_pt: float, width_in: float) -> FontProperties:
    """A font for one line of ``text``: ``size_pt``, or smaller where the line would be wider than ``width_in`` inches."""
    font = FontProperties(family=names, size=size_pt)
    needed_pt = 1.05 * size_pt * sum(1.0 if east_asian_width(letter) in "WFA" else 0.6 for letter in text)
    font.set_size(min(size_pt, size_pt * 72 * width_in / max(needed_pt, 1e-9)))
    return font


@cache
def _letters(name: str) -> frozenset[int]:
    charmap: dict[int, Any] = FT2Font(font_manager.findfont(FontProperties(family=name))).get_charmap()
    return frozenset(charmap)
