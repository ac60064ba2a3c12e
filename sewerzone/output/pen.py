"""A pen for the panel of a printed sheet: places in inches of A3 from its top left, letters and lines in points of A3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from sewerzone.output import fonts
from sewerzone.style import Language

LEAST_PT = 4.8
"""Letters get no smaller on A4 than this, wherever they fit."""

Colour = tuple[float, float, float] | tuple[float, float, float, float] | str


@dataclass(frozen=True)
class Pen:
    """Draws on ``axes``; everything is ``size`` times as large as on A3."""

    axes: Axes
    size: float
    language: Language

    def text(
        self, x: float, y: float, words: str, size_pt: float, colour: Colour = "black",
        across: Literal["left", "center", "right"] = "left", down: Literal["top", "center", "bottom", "baseline"] = "top",
        width_in: float | None = None,
    ) -> None:  # fmt: skip
        """One line of text, smaller where it would be wider than ``width_in``; no letter of it is a command."""
        letters = max(size_pt * self.size, LEAST_PT)
        if width_in is None:
            font = FontProperties(family=fonts.family(), size=letters)
        else:
            font = fonts.fitting(words, fonts.family(), letters, width_in * self.size)
        self.axes.text(
            x, y, words, ha=across, va=down, color=colour, fontproperties=font, parse_math=False,
        )  # fmt: skip

    def box(
        self, x: float, y: float, width: float, height: float, fill: Colour, edge: Colour, line_pt: float, **more: Any
    ) -> None:  # fmt: skip
        """A rectangle with its upper left corner at ``x``, ``y``."""
        self.axes.add_patch(
            Rectangle((x, y), width, height, facecolor=fill, edgecolor=edge, linewidth=line_pt * self.size, **more)
        )

    def line(self, xs: tuple[float, float], ys: tuple[float, float], colour: Colour, line_pt: float, **more: Any) -> None:
        """A straight line."""
        self.axes.add_line(Line2D(xs, ys, color=colour, linewidth=line_pt * self.size, **more))

    def shape(self, corners: list[tuple[float, float]], fill: Colour, edge: Colour, line_pt: float) -> None:
        """A closed polygon."""
        self.axes.add_patch(Polygon(corners, closed=True, facecolor=fill, edgecolor=edge, linewidth=line_pt * self.size))

    def mark(self, x: float, y: float, fill: Colour, marker: str, area: float, edge: Colour, line_pt: float) -> None:
        """A marker of ``area`` square points."""
        self.axes.scatter(
            [x], [y], s=area * self.size**2, marker=marker, facecolors=[fill], edgecolors=[edge],
            linewidths=line_pt * self.size,
        )  # fmt: skip
