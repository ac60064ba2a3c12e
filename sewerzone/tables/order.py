"""The order in which people look for names and codes."""

from __future__ import annotations

import re


def natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts "2" before "10", and "A-2" before "A-10"."""
    return [(int(part), part) if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text)]
