"""Scale bar and north arrow of the printed map; they stand in its side panel, where they cover nothing."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Polygon, Rectangle

from sewerzone import style
from sewerzone.style import Language

HEIGHT_IN = 0.62
"""What the two need of the panel."""

_ARROW_IN = 0.4
_BAR_IN = 0.075


def draw(
    axes: Axes, sides_in: tuple[float, float], top_in: float, metres_per_in: float, names: list[str], language: Language
) -> None:
    """Draw both on an axis measured in inches from the top left, between ``sides_in``, from ``top_in`` downwards."""
    left, right = sides_in
    font = FontProperties(family=names, size=8.5)
    _bar(axes, left + 0.05, top_in + 0.36, right - left - 1.2, metres_per_in, font)
    _arrow(axes, right - 0.22, top_in + 0.17, style.text("north", language), font)


def round_length(most_m: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is at most ``most_m``."""
    step = 10.0 ** np.floor(np.log10(most_m))
    return float(step * max(m for m in (1, 2, 5) if m * step <= most_m))


def _bar(axes: Axes, left_in: float, top_in: float, most_in: float, metres_per_in: float, font: FontProperties) -> None:
    """Four blocks, black and white."""
    length_m = round_length(most_in * metres_per_in)
    length_in = length_m / metres_per_in
    for block in range(4):
        corner = (left_in + block * length_in / 4, top_in)
        colour = "black" if block % 2 == 0 else "white"
        axes.add_patch(Rectangle(corner, length_in / 4, _BAR_IN, facecolor=colour, edgecolor="black", linewidth=0.7))
    for share in (0.0, 0.5, 1.0):
        value = share * length_m
        words = "0" if share == 0 else f"{value / 1000:g} km" if length_m >= 1000 else f"{value:g} m"
        axes.text(left_in + share * length_in, top_in - 0.05, words, ha="center", va="bottom", fontproperties=font)


def _arrow(axes: Axes, x_in: float, top_in: float, word: str, font: FontProperties) -> None:
    """Grid north of the study's coordinate system."""
    tip, foot, notch = top_in, top_in + _ARROW_IN, top_in + 0.78 * _ARROW_IN
    for side, colour in ((-1, "black"), (1, "white")):
        corners = [(x_in, tip), (x_in + side * 0.13, foot), (x_in, notch)]
        axes.add_patch(Polygon(corners, closed=True, facecolor=colour, edgecolor="black", linewidth=0.9))
    axes.text(x_in, tip - 0.03, word, ha="center", va="bottom", fontproperties=font)
