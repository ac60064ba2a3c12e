"""Fonts of printed pages: Japanese on every computer, by a font that comes with the program; no box in place of a letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

JAPANESE_FONT = "IPAexGothic"
"""Comes with the package matplotlib-fontja. The same on every computer, so that a plan gives the same sheet everywhere."""

LATIN_FONT = "DejaVu Sans"
"""Comes with matplotlib; has the letters of other scripts that the Japanese font lacks."""

GETA = "〓"
"""What Japanese printers set in place of a letter they have no type for."""

LONGEST = 120
"""Letters of a user's text on a sheet; more is cut and ends in an ellipsis."""


def family() -> list[str]:
    """Font names in which each letter is looked for, first to last; all of them known to matplotlib from now on."""
    _install()
    return [JAPANESE_FONT, LATIN_FONT]


def printable(text: str, most: int = LONGEST) -> str:
    """A user's text as one line can show it: without control marks, with :data:`GETA` for letters that no font has."""
    plain = " ".join("".join(" " if c.isspace() else c for c in text if _is_plain(c)).split())
    if len(plain) > most:
        plain = plain[: most - 1] + "…"
    known = _letters()
    return "".join(c if c == " " or ord(c) in known else GETA for c in plain)


def missing(texts: Iterable[str]) -> list[str]:
    """Letters of ``texts`` that no font has, as ``U+20BB7``, in order and once each."""
    known = _letters()
    lacking = {ord(c) for text in texts for c in text if _is_plain(c) and not c.isspace() and ord(c) not in known}
    return [f"U+{code:04X}" for code in sorted(lacking)]


def fitting(text: str, names: list[str], size_pt: float, width_in: float) -> FontProperties:
    """A font for one line of ``text``: ``size_pt``, or smaller where the line would be wider than ``width_in`` inches."""
    font = FontProperties(family=names, size=size_pt)
    needed_pt = 1.02 * width_pt(text, font)
    font.set_size(min(size_pt, size_pt * 72 * width_in / max(needed_pt, 1e-9)))
    return font


def width_pt(text: str, font: FontProperties) -> float:
    """Width of a line of ``text`` in points."""
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def _is_plain(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] != "C"


@cache
def _install() -> None:
    """Make the Japanese font known to matplotlib; its package is not imported, for that would change matplotlib's settings."""
    font_manager.fontManager.addfont(japanese_path())


def japanese_path() -> Path:
    """The file of the Japanese font."""
    found = find_spec("matplotlib_fontja")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("the package matplotlib-fontja, a requirement of sewerzone, is not installed")
    return Path(found.origin).parent / "fonts" / "ipaexg.ttf"


def _letters() -> frozenset[int]:
    """Codes of all letters that one of the fonts has."""
    return _letters_of(JAPANESE_FONT) | _letters_of(LATIN_FONT)


@cache
def _letters_of(name: str) -> frozenset[int]:
    path = str(japanese_path()) if name == JAPANESE_FONT else font_manager.findfont(FontProperties(family=name))
    charmap: dict[int, Any] = FT2Font(path).get_charmap()
    return frozenset(charmap)
