"""Charts of the report: drawn by matplotlib as SVG whose letters are outlines, so that they look alike on every computer."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

from sewerzone.output import charts, fonts

WIDTH_IN = 8.2
MARKERS = ("s", "o", "D", "^", "v", "P")
"""Of groups, so that a black and white print tells them apart."""
DASHES = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
"""Of lines, likewise."""
GRID_COLOUR, TEXT_COLOUR = "#d9dee5", "#1b2430"


def font(size_pt: float = 9.5) -> FontProperties:
    """The font of charts."""
    return FontProperties(family=fonts.family(), size=size_pt)


@dataclass(frozen=True)
class Chart:
    """A figure with one pair of axes, dressed alike in all charts."""

    figure: Figure
    axes: Axes

    @classmethod
    def of(cls, height_in: float, left: float = 0.11, bottom: float = 0.16, top: float = 0.97) -> Chart:
        """Empty axes; the margins are shares of the figure."""
        figure = Figure(figsize=(WIDTH_IN, height_in), facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((left, bottom, 0.975 - left, top - bottom))
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.set_axisbelow(True)
        return cls(figure, axes)

    def source(self) -> str:
        """The chart as a data address of an SVG picture; its letters dressed."""
        for label in (*self.axes.get_xticklabels(), *self.axes.get_yticklabels()):
            label.set_fontproperties(font())
        for axis in (self.axes.xaxis, self.axes.yaxis):
            axis.label.set_fontproperties(font())
        return address(charts.svg(self.figure), "image/svg+xml")


def address(data: bytes, kind: str) -> str:
    """A data address of a picture."""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


@dataclass(frozen=True)
class Bars:
    """Bars side by side from the left: ``parts`` (label, colour, value of every row) are stacked; ``ends`` stand behind."""

    rows: Sequence[str]
    parts: Sequence[tuple[str, str, Sequence[float]]]
    ends: Sequence[str]
    axis: str = ""
    row_colours: Sequence[str] = field(default_factory=tuple)

    def source(self) -> str:
        """The drawn chart."""
        widest = max((len(r.encode("cp932", "replace")) for r in self.rows), default=10)
        has_axis, has_key = bool(self.axis), len(self.parts) > 1
        height = 0.36 * len(self.rows) + 0.35 + 0.4 * has_axis + 0.3 * has_key
        chart = Chart.of(
            height, left=min(0.04 + 0.0108 * widest, 0.42), bottom=(0.22 + 0.3 * has_axis) / height,
            top=1.0 - (0.08 + 0.3 * has_key) / height,
        )  # fmt: skip
        axes, at = chart.axes, range(len(self.rows))
        left = [0.0] * len(self.rows)
        for label, colour, values in self.parts:
            axes.barh(at, values, left=left, height=0.62, color=list(self.row_colours) or colour, label=label)
            left = [a + b for a, b in zip(left, values, strict=True)]
        most = max([*left, 1e-9])
        for k, (end, words) in enumerate(zip(left, self.ends, strict=True)):
            axes.text(end + 0.01 * most, k, words, va="center", fontproperties=font(9), color=TEXT_COLOUR)
        axes.set_xlim(0, 1.17 * most)
        axes.set_yticks(at, [fonts.printable(row) for row in self.rows], parse_math=False)
        axes.invert_yaxis()
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color=GRID_COLOUR, linewidth=0.6)
        axes.xaxis.set_major_formatter(_plain)
        if has_axis:
            axes.set_xlabel(self.axis)
        if has_key:
            axes.legend(
                prop=font(9),
                ncol=len(self.parts),
                frameon=False,
                loc="lower left",
                bbox_to_anchor=(0.0, 1.0),
                borderaxespad=0.0,
            )
        return chart.source()


def _plain(value: float, _: Any) -> str:
    return f"{value:,.10g}"


@dataclass(frozen=True)
class Dots:
    """Dots by group: (label, colour, across, up, size of each); a line at ``level`` of a logarithmic axis upwards."""

    groups: Sequence[tuple[str, str, Any, Any, Any]]
    across: str
    up: str
    level: float

    def source(self) -> str:
        """The drawn chart."""
        chart = Chart.of(4.4, left=0.1, bottom=0.13)
        axes = chart.axes
        axes.set_yscale("log")
        axes.axhline(self.level, color=TEXT_COLOUR, linewidth=1.0, linestyle=(0, (4, 3)))
        for marker, (label, colour, x, y, size) in zip(MARKERS, self.groups, strict=False):
            axes.scatter(x, y, s=size, color=colour, marker=marker, alpha=0.75, edgecolors="white", linewidths=0.6, label=label)
        axes.set_xlabel(self.across)
        axes.set_ylabel(self.up)
        axes.yaxis.set_major_formatter(_plain)
        axes.yaxis.set_minor_formatter(lambda value, _: f"{value:.10g}" if f"{value:.0e}"[0] in "25" else "")
        axes.xaxis.set_major_formatter(_plain)
        for tick in axes.get_yticklabels(minor=True):
            tick.set_fontproperties(font(8.5))
        axes.grid(which="both", color=GRID_COLOUR, linewidth=0.5)
        key: Any = axes.legend(prop=font(9), frameon=True, framealpha=0.9, edgecolor=GRID_COLOUR)
        for handle in key.legend_handles:
            handle.set_sizes([36.0])
        return chart.source()


@dataclass(frozen=True)
class Stairs:
    """A figure that rises from year to year."""

    years: Sequence[float]
    values: Sequence[float]
    across: str
    up: str

    def source(self) -> str:
        """The drawn chart."""
        chart = Chart.of(3.2, left=0.1, bottom=0.17)
        chart.axes.fill_between(self.years, self.values, step="post", color="#9db8dd")
        chart.axes.step(self.years, self.values, where="post", color="#1f3864")
        chart.axes.set_xlabel(self.across)
        chart.axes.set_ylabel(self.up)
        chart.axes.set_ylim(bottom=0)
        chart.axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        chart.axes.yaxis.set_major_formatter(_plain)
        chart.axes.grid(color=GRID_COLOUR, linewidth=0.5)
        return chart.source()


@dataclass(frozen=True)
class Lines:
    """Amounts by year as lines: (label, colour, value of every year)."""

    years: Sequence[float]
    lines: Sequence[tuple[str, str, Any]]
    up: str

    def source(self) -> str:
        """The drawn chart."""
        chart = Chart.of(3.6, left=0.11, bottom=0.1, top=0.86)
        axes = chart.axes
        for dash, (label, colour, values) in zip(DASHES, self.lines, strict=False):
            axes.plot(self.years, values, color=colour, linewidth=1.8, linestyle=dash, label=label)
        axes.axhline(0.0, color=TEXT_COLOUR, linewidth=0.8)
        axes.set_ylabel(self.up)
        axes.yaxis.set_major_formatter(_plain)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.grid(axis="y", color=GRID_COLOUR, linewidth=0.5)
        axes.legend(prop=font(9), ncol=4, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.01), borderaxespad=0.0)
        return chart.source()
