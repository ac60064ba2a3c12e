"""The maps: both show the study, the sheet has no boxes for letters."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from sewerzone import style, tables
from sewerzone.model import Plan
from sewerzone.output import artists, fonts, headline, map_content, map_labels, map_scale, maps, web_map
from tests.plans import frame, small_plan, wide_plan


def test_both_maps_show_the_study_not_all_that_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = small_plan()
    study = np.array([p.total_bounds for p in (plan.buildings, plan.units, plan.pipes)])
    middle = shapely.box(*study[0]).centroid
    huge = frame(tables.SERVED_AREAS, [middle.buffer(20_000)], name="whole prefecture")
    zones = frame(tables.ZONES, [middle.buffer(20_000)], treatment="served", units=0)
    sites = [shapely.Point(study[:, 0].min() - 50, middle.y), shapely.Point(study[:, 0].min() - 30_000, middle.y)]
    plants = frame(tables.PLANTS, sites, kind="plant")
    wide = dataclasses.replace(plan, served_areas=huge, zones=zones, plants=plants)
    window = map_content.window(wide)
    assert window is not None
    west, south, east, north = window
    assert west == pytest.approx(sites[0].x)
    assert [south, east, north] == pytest.approx([study[:, 1].min(), study[:, 2].max(), study[:, 3].max()])
    (bottom, left), (top, right) = web_map.page_data(wide)["bounds"]
    assert top - bottom < 0.01
    assert right - left < 0.02
    assert map_content.window(
        dataclasses.replace(wide, **{n: getattr(wide, n).iloc[:0] for n in ("buildings", "units", "pipes")})
    )


def test_same_plan_same_page_and_sheet(tmp_path: Path) -> None:
    for name in ("a", "b"):
        maps.html(small_plan(), tmp_path / f"{name}.html")
        maps.png(small_plan("ja"), tmp_path / f"{name}.png", width_px=500)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_empty_plans_have_maps_too(tmp_path: Path) -> None:
    plan = small_plan()
    empty = dataclasses.replace(plan, **{t.name: t.empty("EPSG:6678") for t in tables.ALL_TABLES})
    maps.html(empty, tmp_path / "map.html")
    maps.png(empty, tmp_path / "map.png", width_px=400)
    assert imread(tmp_path / "map.png").shape[1] == 400


def drawn_texts(plan: Plan, path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    figures: list[Figure] = []
    save = Figure.savefig

    def remember(self: Figure, *args: object, **kwargs: object) -> None:
        figures.append(self)
        save(self, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", remember)
    maps.png(plan, path, width_px=600)
    return [t.get_text() for t in figures[0].findobj(Text) if t.get_text()]


@pytest.mark.filterwarnings("error::UserWarning")  # matplotlib warns when a letter is missing in all fonts
def test_the_sheet_speaks_japanese_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = drawn_texts(small_plan("ja", name="試験町"), tmp_path / "map.png", monkeypatch)
    assert {"試験町", "汚水処理区域図", "浄化槽区域(個別処理)", "北"} <= set(texts)
    image = imread(tmp_path / "map.png")
    assert image.shape[1] == 600
    fill = np.array(style.TREATMENT_LOOKS["johkasou"].fill) / 255
    assert (np.abs(image[:, :, :3] - fill).max(axis=2) < 0.02).sum() > 50


def test_letters_no_font_has_are_noticed() -> None:
    assert fonts.missing(["Wastewater 12 m³", "汚水"]) == []
    assert fonts.missing(["𠮷田", "汚水"]) == ["U+20BB7"]


def test_the_sheet_names_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = small_plan()
    texts = drawn_texts(plan, tmp_path / "map.png", monkeypatch)
    assert {"0", "1", "2", "Plant site", "Houses no sewer can reach", "40 m", "80 m", "120 m", "of which links"} <= set(texts)
    without = dataclasses.replace(plan, plants=plan.plants.iloc[:0])
    assert "Plant site" not in drawn_texts(without, tmp_path / "map.png", monkeypatch)


def test_numbers_of_units_do_not_overlap_and_depend_on_nothing_else() -> None:
    plan = wide_plan(units=150, houses=9)
    units = plan.units.assign(dwellings=np.where(plan.units["unit_id"] % 3 == 0, 30.0, 2.0))
    view = tuple(units.total_bounds.tolist())
    width_pt, size_pt = 400.0, 7.0
    drawn = [shapely.get_coordinates(shapely.segmentize(units.geometry.to_numpy(), 5.0))]
    found = map_labels.places(units, drawn, view, width_pt, size_pt)
    again = map_labels.places(units.sample(frac=1, random_state=3), drawn, view, width_pt, size_pt)
    assert found.equals(again)
    large = set(units.loc[units["dwellings"] >= 10, "unit_id"])
    assert len(large - set(found.index)) <= 2
    assert 5 < len(set(found.index) - large) < len(units) - len(large)  # small ones only where there is room
    metres_per_pt = (view[2] - view[0]) / width_pt
    half = 0.25 * size_pt * metres_per_pt * np.array([len(str(i)) for i in found.index]), 0.35 * size_pt * metres_per_pt
    boxes = shapely.box(found.x - half[0], found.y - half[1], found.x + half[0], found.y + half[1])
    one, other = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    assert (one == other).all()
    small = ~found.index.isin(list(large))
    assert not shapely.STRtree(shapely.points(drawn[0])).query(boxes[small], predicate="contains").size
    assert len(map_labels.places(units.iloc[:0], [], view, width_pt, size_pt)) == 0


@pytest.mark.parametrize(("most_m", "length_m"), [(1.0, 1), (4.99, 2), (730, 500), (99_999, 50_000)])
def test_scale_bars_have_round_lengths(most_m: float, length_m: float) -> None:
    assert map_scale.round_length(most_m) == length_m


@pytest.mark.parametrize(("length_m", "words"), [(0, "0 m"), (12.3, "12 m"), (999.6, "1.00 km"), (12_345, "12.35 km")])
def test_short_lengths_are_metres(length_m: float, words: str) -> None:
    assert headline.length(length_m) == words


def test_one_is_not_many() -> None:
    assert headline.people_share(1.2, 10, "en") == "1 person (12 %)"
    assert headline.people_share(1.2, 10, "ja") == "1 人 (12 %)"


def test_scale_bar_fits_every_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = drawn_texts(wide_plan(units=200, houses=9, language="en"), tmp_path / "map.png", monkeypatch)
    bar = [t for t in texts if re.fullmatch(r"[\d.]+ k?m", t)]
    assert len(bar) >= 2


def test_headline_counts_what_is_in_the_plan() -> None:
    assert headline.lines(small_plan(), "en") == [
        "7 dwellings, 15 people, 3 study units",
        "240 m of new sewers, 1 pump",
        "0.50 million yen a year",
    ]
    assert "EPSG:6678" in headline.source(small_plan(), "en")


def test_holes_stay_holes() -> None:
    ring = shapely.Point(0, 0).buffer(10).difference(shapely.Point(0, 0).buffer(5))
    for polygon in (ring, ring.reverse()):
        (path,) = artists.outlines(np.array([polygon]))
        outer, inner = (shapely.LinearRing(p) for p in path.to_polygons())
        assert outer.is_ccw != inner.is_ccw  # equal directions would fill the hole


def test_long_lines_shrink_to_the_panel() -> None:
    names = fonts.family()
    assert fonts.fitting("short", names, 20, 3.3).get_size_in_points() == 20
    for name in ("a" * 80, "町" * 40):
        size = fonts.fitting(name, names, 20, 3.3).get_size_in_points()
        outline = TextPath((0, 0), name, prop=fonts.fitting(name, names, 20, 3.3))
        assert size < 20
        assert outline.get_extents().width / 72 <= 3.3
