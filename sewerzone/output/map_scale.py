"""Scale bar and north arrow of the printed map; they stand in its panel, where they cover nothing."""

from __future__ import annotations

import numpy as np

from sewerzone import style
from sewerzone.output.pen import Pen

HEIGHT_IN = 0.62
"""What the two need of the panel."""

_ARROW_IN = 0.4
_BAR_IN = 0.075


def draw(pen: Pen, left: float, right: float, top: float, metres_per_in: float) -> None:
    """Draw both between two sides of the panel, from ``top`` downwards; an inch of the panel is ``metres_per_in``."""
    _bar(pen, left + 0.05, top + 0.36, right - left - 1.2, metres_per_in)
    _arrow(pen, right - 0.22, top + 0.17)


def round_length(most_m: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is at most ``most_m``."""
    step = 10.0 ** np.floor(np.log10(most_m))
    return float(step * max(m for m in (1, 2, 5) if m * step <= most_m))


def _bar(pen: Pen, left: float, top: float, most_in: float, metres_per_in: float) -> None:
    """Four blocks, black and white."""
    length_m = round_length(most_in * metres_per_in)
    length_in = length_m / metres_per_in
    for block in range(4):
        colour = "black" if block % 2 == 0 else "white"
        pen.box(left + block * length_in / 4, top, length_in / 4, _BAR_IN, colour, "black", 0.7)
    for share in (0.0, 0.5, 1.0):
        value = share * length_m
        words = "0" if share == 0 else f"{value / 1000:g} km" if length_m >= 1000 else f"{value:g} m"
        pen.text(left + share * length_in, top - 0.05, words, 8.5, across="center", down="bottom")


def _arrow(pen: Pen, x: float, top: float) -> None:
    """Grid north of the study's coordinate system."""
    tip, foot, notch = top, top + _ARROW_IN, top + 0.78 * _ARROW_IN
    for side, colour in ((-1, "black"), (1, "white")):
        pen.shape([(x, tip), (x + side * 0.13, foot), (x, notch)], colour, "black", 0.9)
    pen.text(x, tip - 0.03, style.text("north", pen.language), 8.5, across="center", down="bottom")
