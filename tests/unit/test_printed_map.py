"""Printed sheets: true scale, the same bytes, no boxes for letters, one sheet a district, nothing left out in silence."""

from __future__ import annotations

import dataclasses
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.figure import Figure
from matplotlib.text import Text

from sewerzone import tables
from sewerzone.config import Programme, Sources
from sewerzone.errors import DataError
from sewerzone.model import Plan
from sewerzone.output import (
    artists,
    columns,
    fonts,
    inset,
    legend,
    map_series,
    maps,
    printed_map,
    programme_map,
    sheet,
    title_block,
    windows,
)
from tests.plans import frame, small_plan, wide_plan

PDF_POINTS_PER_MM = 72 / 25.4


def texts_of(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


def in_districts(plan: Plan, names: list[str | None]) -> Plan:
    """The plan with upright strips as districts; the last one holds no house."""
    west, south, east, north = plan.buildings.total_bounds
    edges = np.r_[np.linspace(west - 1, east + 1, len(names)), east + 500]
    strips = [shapely.box(edges[k], south - 50, edges[k + 1], north + 50) for k in range(len(names))]
    districts = frame(tables.DISTRICTS, strips, name=names)
    number = {t: np.searchsorted(edges, f.geometry.centroid.x) - 1 for t, f in (("b", plan.buildings), ("u", plan.units))}
    return dataclasses.replace(
        plan,
        districts=districts,
        buildings=plan.buildings.assign(district_id=number["b"]),
        units=plan.units.assign(district_id=number["u"]),
    )


@pytest.mark.parametrize(
    ("least", "scale"), [(250, 250), (2_400, 2_500), (2_500, 2_500), (2_501, 3_000), (9_999, 10_000), (15_100, 20_000)]
)
def test_scales_are_round(least: float, scale: float) -> None:
    assert sheet.round_scale(least) == scale


@pytest.mark.parametrize("paper", sheet.PAPERS)
@pytest.mark.parametrize(("width_m", "height_m"), [(3_000, 1_000), (1_000, 3_000), (0.0, 0.0)])
def test_the_study_fits_the_frame_at_the_scale_that_is_printed(paper: sheet.Paper, width_m: float, height_m: float) -> None:
    box = (0.0, 0.0, width_m, height_m)
    chosen, scale = sheet.best(paper, box)
    assert chosen.is_wide == (width_m >= height_m)
    west, south, east, north = chosen.view(box, scale)
    assert west <= 0
    assert south <= 0
    assert east >= width_m
    assert north >= height_m
    assert (east - west) / scale * 1000 == pytest.approx(chosen.frame.width)
    assert (north - south) / scale * 1000 == pytest.approx(chosen.frame.height)
    for part in (chosen.frame, chosen.panel):
        assert part.left >= 0
        assert part.bottom >= 0
        assert part.left + part.width <= chosen.width_mm
        assert part.bottom + part.height <= chosen.height_mm
    apart = shapely.box(*_corners(chosen.frame)).intersection(shapely.box(*_corners(chosen.panel)))
    assert apart.area == 0


def _corners(rect: sheet.Rect) -> tuple[float, float, float, float]:
    return rect.left, rect.bottom, rect.left + rect.width, rect.bottom + rect.height


@pytest.mark.filterwarnings("error::UserWarning")  # matplotlib warns when a letter is missing in all fonts
def test_a_pdf_has_the_size_of_the_paper_the_font_and_the_same_bytes(tmp_path: Path) -> None:
    plan = small_plan("ja", name="試験町")
    for name in ("a", "b"):
        maps.pdf(plan, tmp_path / f"{name}.pdf", "a4")
    data = (tmp_path / "a.pdf").read_bytes()
    assert data == (tmp_path / "b.pdf").read_bytes()
    assert b"CreationDate" not in data
    assert b"IPAexGothic" in data
    box = data.partition(b"/MediaBox [")[2].partition(b"]")[0].split()
    assert [float(v) for v in box[2:]] == pytest.approx([297 * PDF_POINTS_PER_MM, 210 * PDF_POINTS_PER_MM], abs=0.01)
    assert b"/Subtype /Image" not in data  # vectors only


@pytest.mark.filterwarnings("error::UserWarning")
def test_hostile_and_rare_letters_are_plain_text_and_told(tmp_path: Path) -> None:
    name = "𠮷田\x00\u202e$\\frac{1}$\n村" + "長" * 10_000
    plan = small_plan("ja", name=name)
    figure = printed_map.draw(printed_map.whole(plan), "a3", "ja")
    texts = texts_of(figure)
    title = next(t for t in texts if "田" in t)
    assert title.startswith("〓田$\\frac{1}$ 村長")
    assert len(title) == fonts.LONGEST
    assert "〓 字形のない文字: U+20BB7" in texts
    maps.pdf(plan, tmp_path / "map.pdf")
    assert fonts.missing(["漢字 ABC"]) == []


def test_the_title_block_tells_scale_paper_date_and_data() -> None:
    plan = dataclasses.replace(small_plan(), run={"version": "1.2", "date": "2026-11-22"})
    chosen, scale = sheet.best("a3", (0.0, 0.0, 740.0, 100.0))
    rows = title_block.rows(plan, chosen, scale, "en")
    block = dict(rows[:-1])
    assert block["Scale"] == "1:3,000 (A3)"
    assert block["Date"] == "2026-11-22"
    assert block["Data"] == "All data: buildings.gpkg, roads.gpkg, dem.tif:"
    assert ("", "source and date not stated") in rows
    assert "Date" not in dict(title_block.rows(small_plan(), chosen, scale, "en"))


def test_the_title_block_names_sources_with_their_dates() -> None:
    plan = small_plan()
    made = {"buildings": {"source": "市", "date": "2024"}, "roads": {"source": "市", "date": "2024"}, "terrain": {"date": "r6"}}
    inputs = plan.config.inputs.model_copy(update={"sources": Sources.model_validate(made)})
    plan = dataclasses.replace(plan, config=plan.config.model_copy(update={"inputs": inputs}))
    assert [line for _, line in title_block.data(plan, "ja")] == ["建物、道路: 市(2024)", "標高: dem.tif: 出典の記載なし(r6)"]
    made = {"buildings": "長い名前の" * 100 + "\u202e\x00"}
    inputs = inputs.model_copy(update={"sources": Sources.model_validate(made)})
    plan = dataclasses.replace(plan, config=plan.config.model_copy(update={"inputs": inputs}))
    lines = [line for _, line in title_block.data(plan, "ja")]
    assert len(lines) <= 6
    assert "\u202e" not in "".join(lines)
    assert max(map(columns.width, lines)) <= 52


def test_the_map_of_the_programme_tells_when_what_is_built(tmp_path: Path) -> None:
    plan = small_plan()
    areas = frame(
        tables.PROGRAMME_AREAS, plan.units.geometry, kind=["sewer", "sewer", "johkasou"], people=[4.4, 4.4, 2.2],
        built_year=pd.array([2027, None, 2031], dtype="Int64"), period=pd.array([1, None, 2], dtype="Int64"),
    )  # fmt: skip
    sewers = frame(
        tables.PROGRAMME_SEWERS, plan.pipes.geometry.iloc[:2], sewer_m=[100.0, 50.0], is_trunk=[False, True],
        built_year=pd.array([2027, None], dtype="Int64"), period=pd.array([1, None], dtype="Int64"),
    )  # fmt: skip
    settings = plan.config.model_copy(update={"programme": Programme(years=20)})
    plan = dataclasses.replace(plan, config=settings, programme_areas=areas, programme_sewers=sewers)
    groups = {g.title: {r.label: r.figure for r in g.rows} for g in programme_map.THEME.legend(plan, "en", None)}
    assert groups["Sewered areas, by year of completion"] == {"2026–2030": "4 people", "Not within the programme": "4 people"}
    assert groups["Johkasou, by year of completion"] == {"2031–2035": "2 people"}
    assert groups["Sewers, by year of completion"] == {
        "2026–2030": "100 m", "Not within the programme": "50 m", "Trunks among them": "50 m",
    }  # fmt: skip
    page = programme_map.page(plan)
    texts = texts_of(printed_map.draw(page, "a3", "en"))
    assert "2027" in texts, "the year on the area"
    assert "Programme of construction by year" in texts
    maps.programme_pdf(plan, tmp_path / "p.pdf")
    maps.programme_png(plan, tmp_path / "p.png", 400)
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")


def test_contested_and_changed_units_are_in_the_legend() -> None:
    robustness = frame(tables.ROBUSTNESS, unit_id=[0, 1, 2], sureness=["firm_sewer", "contested", "contested"])
    differences = frame(tables.DIFFERENCES, unit_id=[0, 1, 2], is_changed=[False, True, False])
    plan = dataclasses.replace(small_plan(), robustness=robustness, differences=differences)
    rows = {row.label: row.figure for group in legend.groups(plan, "en") for row in group.rows}
    assert rows["Contested"] == "2"
    assert rows["Changed against the official procedure"] == "1"


def test_legends_in_two_columns_keep_their_order_and_are_even() -> None:
    groups = [legend.Group(str(k), [legend.Row(lambda *_: None, "x")] * n) for k, n in enumerate((6, 5, 2, 3))]
    first, second = legend.columns(groups, 2)
    assert [g.title for g in first + second] == ["0", "1", "2", "3"]
    assert len(first) == 2 or len(first) == 1
    assert abs(sum(len(g.rows) for g in first) - sum(len(g.rows) for g in second)) <= 6


def test_the_inset_stands_where_least_is_drawn() -> None:
    plan = small_plan()
    box = tuple(plan.buildings.total_bounds.tolist())
    chosen, scale = sheet.best("a3", box)
    view = chosen.view(box, scale)
    whole = inset.overview(plan)
    assert whole is not None
    assert not inset.is_needed(whole, view)
    assert inset.is_needed(whole, (box[0], box[1], box[0] + 10, box[1] + 10))
    low = (view[0], box[1] - 1, view[2], box[1] - 1 + view[3] - view[1])  # everything lies at the foot of this map
    assert inset.corner(plan, low, chosen.frame).bottom > chosen.frame.bottom


def test_a_window_holds_what_reaches_into_it_and_cuts_what_is_large() -> None:
    plan = small_plan()
    ring = shapely.Point(*plan.buildings.total_bounds[:2]).buffer(2_000.0, quad_segs=200)
    plan = dataclasses.replace(plan, zones=frame(tables.ZONES, [ring], treatment="johkasou"))
    first = plan.buildings.geometry[0]
    west, south, east, north = first.bounds
    view = (west - 5, south - 5, east + 5, north + 5)
    part = windows.Windows(plan).on(view)
    assert part.buildings["building_id"].tolist() == [0]
    (zone,) = part.zones.geometry
    assert zone.contains(shapely.box(*view))
    assert zone.area < 1.3 * shapely.box(*view).area
    assert len(plan.buildings) == 8
    assert plan.zones.geometry[0] is ring


def test_a_series_has_a_sheet_a_district_and_tells_who_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = in_districts(small_plan(), ["West", None, "East", "Forest"])
    monkeypatch.setattr(map_series, "MOST_DISTRICTS", 2)
    pages: list[printed_map.Page] = []
    monkeypatch.setattr(map_series, "write_pdf", lambda given, *_: pages.extend(given))
    told = maps.pdf(plan, tmp_path / "series.pdf", series=True, language="en")
    assert told == ("Districts with fewest dwellings left out: 1 (East)", "Districts without buildings left out: 1")
    assert [page.subtitle for page in pages] == ["Key map", "West (2/3)", "District 2 (3/3)"]
    assert [words for _, words in pages[0].frames] == ["2", "3"]
    assert set(told) <= set(pages[0].notes)
    key = shapely.box(*pages[0].box)
    assert all(key.covers(shapely.box(*frame_box)) for frame_box, _ in pages[0].frames)
    parts = [page.part for page in pages[1:]]
    assert [sorted(part.buildings["building_id"]) for part in parts if part] == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(DataError, match="no district"):
        maps.pdf(small_plan(), tmp_path / "none.pdf", series=True)


def test_a_series_is_one_file(tmp_path: Path) -> None:
    plan = in_districts(small_plan("ja"), ["西<b>", "東", None])
    maps.pdf(plan, tmp_path / "series.pdf", "a4", series=True)
    data = (tmp_path / "series.pdf").read_bytes()
    assert data.count(b"/Type /Page ") + data.count(b"/Type /Page\n") == 3


def test_many_houses_are_few_paths() -> None:
    plan = wide_plan(units=30, houses=20)
    figure = printed_map.draw(printed_map.whole(plan), "a3", "ja")
    assert len(figure.axes[0].artists) + len(figure.axes[0].patches) < 80
    polygons = artists.parts(plan.buildings, "POLYGON")
    (path,) = artists.outlines(polygons)
    assert sum(shapely.polygons(ring).area for ring in path.to_polygons()) == pytest.approx(plan.buildings.area.sum())
    west, south, east, north = plan.buildings.total_bounds
    half = artists.parts(plan.buildings, "POLYGON", (west, south, (west + east) / 2, north))
    assert 0 < len(half) < len(polygons)


def test_zlib_streams_of_an_empty_plan_can_be_read(tmp_path: Path) -> None:
    plan = small_plan()
    empty = dataclasses.replace(plan, **{t.name: t.empty("EPSG:6678") for t in tables.ALL_TABLES})
    maps.pdf(empty, tmp_path / "map.pdf")
    stream = (tmp_path / "map.pdf").read_bytes().partition(b"stream\n")[2].partition(b"\nendstream")[0]
    assert zlib.decompress(stream)
