"""The geometry of a printed sheet: paper, frame of the map, panel beside or below it, and a round scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sewerzone.output.map_content import Box

Paper = Literal["a3", "a4"]
PAPERS: tuple[Paper, ...] = ("a3", "a4")

MM_PER_IN = 25.4
_LONG_MM = {"a3": 420.0, "a4": 297.0}
_SHORT_MM = {"a3": 297.0, "a4": 210.0}
_SIZE = {"a3": 1.0, "a4": 0.76}
_EDGE_MM, _GAP_MM, _SIDE_MM, _FOOT_MM = 9.0, 4.0, 95.0, 94.0
_STEPS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5)
_MARGIN = 1.04
_LEAST_SCALE = 250.0


@dataclass(frozen=True)
class Rect:
    """A rectangle on the sheet in mm from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    paper : its size
    width_mm, height_mm : of the paper as it lies
    size : of letters, lines and markers, 1 on A3
    frame, panel : the map, and what stands beside it (landscape) or below it (portrait)
    """

    paper: Paper
    width_mm: float
    height_mm: float
    size: float
    frame: Rect
    panel: Rect

    @property
    def is_wide(self) -> bool:
        """Whether it lies in landscape."""
        return self.width_mm > self.height_mm

    def scale_for(self, box: Box) -> float:
        """The denominator at which ``box`` (metres) just fits the frame, a margin included."""
        west, south, east, north = box
        wide, high = _MARGIN * (east - west) * 1000 / self.frame.width, _MARGIN * (north - south) * 1000 / self.frame.height
        return max(wide, high, _LEAST_SCALE)

    def view(self, box: Box, scale: float) -> Box:
        """Edges of the map at 1:``scale`` with ``box`` in its middle."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        half_x, half_y = self.frame.width * scale / 2000, self.frame.height * scale / 2000
        return x - half_x, y - half_y, x + half_x, y + half_y


def wide(paper: Paper) -> Sheet:
    """Landscape, the panel at the right."""
    size, width, height = _SIZE[paper], _LONG_MM[paper], _SHORT_MM[paper]
    edge, side = _EDGE_MM * size, _SIDE_MM * size
    panel = Rect(width - edge - side, edge, side, height - 2 * edge)
    frame = Rect(edge, edge, panel.left - edge - _GAP_MM * size, height - 2 * edge)
    return Sheet(paper, width, height, size, frame, panel)


def tall(paper: Paper) -> Sheet:
    """Portrait, the panel at the foot."""
    size, width, height = _SIZE[paper], _SHORT_MM[paper], _LONG_MM[paper]
    edge = _EDGE_MM * size
    panel = Rect(edge, edge, width - 2 * edge, _FOOT_MM * size)
    bottom = edge + panel.height + _GAP_MM * size
    frame = Rect(edge, bottom, width - 2 * edge, height - edge - bottom)
    return Sheet(paper, width, height, size, frame, panel)


def best(paper: Paper, box: Box) -> tuple[Sheet, float]:
    """The way of laying the paper on which ``box`` is larger (landscape if equal), and its round scale."""
    sheet = min((wide(paper), tall(paper)), key=lambda s: s.scale_for(box))
    return sheet, round_scale(sheet.scale_for(box))


def round_scale(least: float) -> float:
    """The smallest round denominator that is at least ``least``: 1:2,500, 1:3,000, 1:4,000 and so on."""
    power = 1.0
    while power * 10 <= least * (1 + 1e-12):
        power *= 10
    rounds = [power * step for step in _STEPS] + [power * 10]
    return next(value for value in rounds if value >= least * (1 - 1e-12))
