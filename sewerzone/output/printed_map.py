"""The printed zoning map: sheets of A3 or A4 at a round scale with legend, scale bar, north arrow, title block and inset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import shapely
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import fonts, headline, inset, legend, map_content, map_layers, map_scale, title_block
from sewerzone.output.artists import areas, parts
from sewerzone.output.map_content import Box
from sewerzone.output.pen import Pen
from sewerzone.output.sheet import MM_PER_IN, Paper, Rect, Sheet, best
from sewerzone.output.windows import seen
from sewerzone.style import Language

EMPTY: Box = (0.0, 0.0, 100.0, 100.0)
_LEAST_INSET_IN = 1.5
"""Height that must be left in the panel for the inset to stand there and not in the map."""


@dataclass(frozen=True)
class Theme:
    """What a sheet is about.

    Attributes
    ----------
    title : key of the kind of map
    layers : draws on axes, of a plan, within a view, so many times as large as on A3
    legend : groups of what of a plan is on the sheet, in a language; with figures unless the sheet is of a part
    lines : headline figures
    numbers : what is written on the map: as ``layers``, with the width of the map in points before the size
    """

    title: str
    layers: Callable[[Axes, Plan, Box, float], None]
    legend: Callable[[Plan, Language, Plan | None], list[legend.Group]]
    lines: Callable[[Plan, Language], list[str]]
    numbers: Callable[[Axes, Plan, Box, float, float], None]


ZONING = Theme("map_title", map_layers.draw, legend.groups, headline.lines, map_layers.number_units)


@dataclass(frozen=True)
class Page:
    """What one sheet shows.

    Attributes
    ----------
    plan : everything that is drawn and told
    box : the window in metres; the sheet shows at least this
    subtitle : below the title
    part : the plan of the window alone, whose figures are printed; None if the sheet shows the whole plan
    shade : the area looked at; all beyond is paler
    frames : other sheets' windows and what stands in them (on a key map)
    notes : for the title block
    shown : what of the plan reaches into the window, where that is known; it is drawn in place of the plan
    overview : the whole study for the inset, where it is known
    theme : what the sheet is about
    """

    plan: Plan
    box: Box
    subtitle: str = ""
    part: Plan | None = None
    shade: shapely.Geometry | None = None
    frames: tuple[tuple[Box, str], ...] = ()
    notes: tuple[str, ...] = ()
    shown: Plan | None = None
    overview: inset.Overview | None = None
    theme: Theme = ZONING


def whole(plan: Plan) -> Page:
    """The sheet of the whole study."""
    return Page(plan, map_content.window(plan) or EMPTY)


def png(plan: Plan, path: str | Path, width_px: int = 1600, paper: Paper = "a3", language: Language | None = None) -> None:
    """Draw the zoning map of ``plan`` as a PNG file of ``width_px`` pixels in width; equal plans give equal bytes."""
    write_png(whole(plan), path, width_px, paper, language or plan.config.study.language)


def write_png(page: Page, path: str | Path, width_px: int, paper: Paper, language: Language) -> None:
    """Draw one sheet as a PNG file."""
    with _settings(paper):
        figure = draw(page, paper, language)
        FigureCanvasAgg(figure)
        dpi = (width_px + 0.01) / figure.get_figwidth()
        figure.savefig(path, format="png", dpi=dpi, metadata={"Software": None})


def pdf(plan: Plan, path: str | Path, paper: Paper = "a3", language: Language | None = None) -> None:
    """Draw the zoning map of ``plan`` as one page of vectors in true scale; equal plans give equal bytes."""
    write_pdf([whole(plan)], path, paper, language or plan.config.study.language)


def write_pdf(pages: Iterable[Page], path: str | Path, paper: Paper, language: Language) -> None:
    """Draw sheets as the pages of one PDF file, one after the other."""
    with _settings(paper):
        book: PdfPages | None = None
        try:
            for page in pages:
                if book is None:
                    title = fonts.printable(headline.title(page.plan, language))
                    book = PdfPages(path, metadata={"Title": title, "Creator": "sewerzone", "CreationDate": None})
                book.savefig(draw(page, paper, language))
        finally:
            if book is not None:
                book.close()


@contextmanager
def _settings(paper: Paper) -> Iterator[None]:
    """Letters that can be searched and copied, hatches as fine as the paper is small."""
    with rc_context({"pdf.fonttype": 42, "hatch.linewidth": 0.7 if paper == "a3" else 0.5, "path.simplify": False}):
        yield


def draw(page: Page, paper: Paper, language: Language) -> Figure:
    """One sheet."""
    sheet, scale = best(paper, page.box)
    view, shown = sheet.view(page.box, scale), page.shown or page.plan
    figure = Figure(figsize=(sheet.width_mm / MM_PER_IN, sheet.height_mm / MM_PER_IN), facecolor="white")
    axes = _axes(figure, sheet, sheet.frame, map_layers.BACKGROUND)
    axes.set_xlim(view[0], view[2])
    axes.set_ylim(view[1], view[3])
    page.theme.layers(axes, shown, view, sheet.size)
    if page.shade is not None:
        _shade(axes, page.shade, view, sheet.size)
    if page.frames:
        _frames(axes, page.frames, sheet.size)
    else:
        page.theme.numbers(axes, shown, view, 72 * sheet.frame.width / MM_PER_IN, sheet.size)
    panel = _axes(figure, sheet, sheet.panel, "white")
    width, height = (side / MM_PER_IN / sheet.size for side in (sheet.panel.width, sheet.panel.height))
    panel.set_xlim(0, width)
    panel.set_ylim(height, 0)
    pen = Pen(panel, sheet.size, language)
    room = _panel(pen, page, sheet, scale, page.plan if page.part is None else seen(shown, view))
    overview = page.overview or inset.overview(page.plan)
    if overview is not None and inset.is_needed(overview, view):
        place = _inset_in_panel(pen, sheet, room) or inset.corner(shown, view, sheet.frame)
        small = _axes(figure, sheet, place, "white")
        inset.draw(small, overview, view, sheet.size, place.width / place.height)
    return figure


def _axes(figure: Figure, sheet: Sheet, place: Rect, colour: str) -> Axes:
    sides = (
        place.left / sheet.width_mm,
        place.bottom / sheet.height_mm,
        place.width / sheet.width_mm,
        place.height / sheet.height_mm,
    )
    axes = figure.add_axes(sides, facecolor=colour)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_autoscale_on(False)
    for side in axes.spines.values():
        side.set_linewidth(0.8 * sheet.size)
    return axes


def _shade(axes: Axes, area: shapely.Geometry, view: Box, size: float) -> None:
    """What lies outside the area looked at, paler; its border on top."""
    outside, inside = (
        parts(gpd.GeoSeries([shape]).to_frame("geometry"), "POLYGON")
        for shape in (shapely.difference(shapely.box(*view), area), area)
    )
    areas(axes, outside, (255, 255, 255), (255, 255, 255), 0.0, alpha=0.6, zorder=6)
    areas(axes, inside, None, style.UNIT, 1.6 * size, dash=(0, (8, 2, 2, 2)), zorder=6)


def _frames(axes: Axes, frames: Iterable[tuple[Box, str]], size: float) -> None:
    for (west, south, east, north), words in frames:
        axes.add_patch(
            Rectangle((west, south), east - west, north - south, facecolor="none", edgecolor=inset.FRAME_COLOUR,
                      linewidth=1.1 * size, zorder=8)
        )  # fmt: skip
        axes.text(
            (west + east) / 2, (south + north) / 2, words, ha="center", va="center", color=inset.FRAME_COLOUR, zorder=9,
            size=13 * size, family=fonts.family(), parse_math=False, clip_on=True,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1.2 * size},
        )  # fmt: skip


def _panel(pen: Pen, page: Page, sheet: Sheet, scale: float, on_sheet: Plan) -> tuple[float, float, float, float]:
    """Title, figures, legend of what is on the sheet, scale and title block; returns the sides left, right, top and bottom
    of what stays empty."""
    width, height = pen.axes.get_xlim()[1], pen.axes.get_ylim()[0]
    count = 1 if sheet.is_wide else 3
    column = (width - 0.4 - 0.3 * (count - 1)) / count
    left, right = 0.2, 0.2 + column
    lacking = fonts.missing([page.plan.config.study.name, page.subtitle, *title_block.sources(page.plan, pen.language)])
    notes = [
        *page.notes,
        *([f"{fonts.GETA} {style.text('no_letter', pen.language)}: {', '.join(lacking[:6])}"] if lacking else []),
    ]
    y = _titles(pen, page, left, column)
    foot = height - 0.18
    block = title_block.rows(page.plan, sheet, scale, pen.language, notes, with_data=sheet.is_wide)
    bar = title_block.draw(pen, block, left, right, foot) - 0.1 - map_scale.HEIGHT_IN
    map_scale.draw(pen, left, right, bar, scale / 1000 * MM_PER_IN * sheet.size)
    groups = page.theme.legend(on_sheet, pen.language, page.part)
    if sheet.is_wide:
        return left, right, legend.draw(pen, groups, left, right, y + 0.12, bar), bar
    end = 0.2
    for index, some in enumerate(legend.columns(groups, count - 1)):
        left = 0.2 + (column + 0.3) * (index + 1)
        right = left + column
        bottom = height - 0.2
        if index == 0:  # the first column has no room for the sources
            bottom = title_block.draw(pen, title_block.data(page.plan, pen.language), left, right, foot) - 0.1
        end = legend.draw(pen, some, left, right, 0.2, bottom)
    return left, right, end, height - 0.2


def _inset_in_panel(pen: Pen, sheet: Sheet, room: tuple[float, float, float, float]) -> Rect | None:
    """The place of the inset on the sheet where the panel has room for it, with its heading written above."""
    left, right, top, bottom = room
    if bottom - top < _LEAST_INSET_IN:
        return None
    pen.text(left, top + 0.02, style.text("place", pen.language), 8.5, "#555555")
    first, height, mm = top + 0.22, pen.axes.get_ylim()[0], MM_PER_IN * sheet.size
    high = min(bottom - first - 0.06, 0.85 * (right - left))
    low = sheet.panel.bottom + (height - first - high) * mm
    return Rect(sheet.panel.left + left * mm, low, (right - left) * mm, high * mm)


def _titles(pen: Pen, page: Page, left: float, width: float) -> float:
    """Study, kind of map, district, figures; returns where they end."""
    y = 0.2
    name, kind = page.plan.config.study.name, style.text(page.theme.title, pen.language)
    for text, size_pt, step in ((name, 20, 0.42), (kind, 13, 0.32), (page.subtitle, 13, 0.32)):
        printed = fonts.printable(text)
        if printed:
            pen.text(left, y, printed, size_pt, width_in=width)
            y += step
    y += 0.06
    figures = page.theme.lines(page.part, pen.language)[:1] if page.part else page.theme.lines(page.plan, pen.language)
    for line in figures:
        pen.text(left, y, line, 9.5, "#444444", width_in=width)
        y += 0.215
    return y
