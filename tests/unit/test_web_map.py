"""The interactive map: it needs no internet, no text in it becomes code, it speaks two languages, and it measures."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone import style, tables
from sewerzone.model import Plan
from sewerzone.output import maps, web_map
from sewerzone.output.web_map import content, packing, words
from tests.browser import CHROMIUM, Browser
from tests.plans import frame, small_plan, wide_plan
from tests.web_page import data_of

EVIL = "</script><img src=x onerror=\"document.title='HIT'\">'\"`${document.title='HIT'}\u2028<!--"
HOSTILE = ("=cmd()<b>bold</b>\x00\x07", "\u202egnp.exe\ufeff" + "長" * 10_000)


class Loads(HTMLParser):
    """Collects every address a page would load from, and the texts of its scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] in self.inside:
            self.inside[self.tags[-1]].append(data)


def evil_plan(text: str = EVIL) -> Plan:
    """User texts of every kind that want to become code."""
    plan = small_plan(language="en", name=text, reason=text)
    overrides = frame(tables.OVERRIDES, plan.units.geometry.iloc[:1], kind="force_sewer", note=text)
    barriers = frame(tables.BARRIERS, plan.roads.geometry, kind=text)
    districts = frame(tables.DISTRICTS, [shapely.box(*plan.buildings.total_bounds)], name=text)
    options = plan.options.assign(reason=text)
    return dataclasses.replace(plan, overrides=overrides, barriers=barriers, districts=districts, options=options)


def test_the_page_loads_nothing() -> None:
    page = maps.html(small_plan()).page
    loads = Loads()
    loads.feed(page)
    assert loads.addresses == []
    assert "link" not in loads.tags
    css = "".join(loads.inside["style"])
    assert "leaflet-container" in css
    assert set(re.findall(r"url\(([^)]*)\)", css)) <= {"#default#VML"}  # Internet Explorer's own drawing, no address
    assert "@import" not in css
    addresses = set(re.findall(r"https?://[\w./-]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg", "https://leafletjs.com"}  # a namespace and a hyperlink we switch off
    assert "sourceMappingURL" not in page
    assert "Redistributions in binary form" in page  # the licence travels with the library
    assert "default-src 'none'" in page
    assert "cyberjapandata" not in json.dumps(data_of(page)[0])


def test_only_a_base_map_names_a_host() -> None:
    page = maps.html(small_plan(), base_map=True).page
    assert "img-src data: https://cyberjapandata.gsi.go.jp" in page
    told, _ = data_of(page)
    assert told["base_maps"][0]["url"] == "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png"
    assert "国土地理院" in told["texts"]["ja"]["tiles_source"]


def test_texts_of_users_stay_texts() -> None:
    page = maps.html(evil_plan()).page
    loads = Loads()
    loads.feed(page)
    assert "img" not in loads.tags
    assert loads.tags.count("script") == len(re.findall(r"</script>", page))
    assert "\u2028" not in "".join(loads.inside["script"])
    told, _ = data_of(page)
    assert told["layers"]["served_areas"]["columns"]["name"]["words"] == [EVIL]
    for name in ("data", "canvas", "popups", "search", "measure", "panel", "start"):
        code = (Path(web_map.__file__).parents[1] / "page" / "zoning" / f"{name}.js").read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function", code)


@given(st.lists(st.integers(-(2**40), 2**40), max_size=40))
@settings(deadline=None, max_examples=60)
def test_whole_numbers_take_few_bytes_and_come_back(values: list[int]) -> None:
    read, number, shift = [], 0, 0
    for byte in packing.varints(np.array(values, np.int64)):
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            read.append((number >> 1) ^ -(number & 1))
            number = shift = 0
    assert read == values


def test_shapes_are_steps_of_a_decimetre() -> None:
    square = shapely.box(10, 20, 30, 40).difference(shapely.box(15, 25, 20, 30))
    line, point = shapely.LineString([(0, 0), (5, 5)]), shapely.Point(1, 2)
    mixed = np.array([shapely.GeometryCollection([line, point]), square, shapely.MultiPoint([(1, 1), (2, 2)])])
    packed = packing.shapes(mixed, (0, 0))
    assert packed.parts.tolist() == [2, 2, 2]
    assert packed.kinds.tolist() == [packing.LINE, packing.POINT, packing.RING, packing.RING, packing.POINT, packing.POINT]
    assert packed.points.tolist() == [2, 1, 4, 4, 1, 1]
    at = np.cumsum(packed.steps.reshape(-1, 2), axis=0) * packing.STEP_M
    outer, inner = at[3:7], at[7:11]
    assert shapely.LinearRing(outer).is_ccw != shapely.LinearRing(inner).is_ccw  # so that holes stay holes
    assert shapely.Polygon(outer, [inner]).equals(square)


def test_page_data_are_the_plan() -> None:
    plan = small_plan()
    data = web_map.page_data(plan)
    units = data["layers"]["units"]["columns"]
    assert [units["treatment"]["words"][c] for c in units["treatment"]["codes"]] == plan.units["treatment"].tolist()
    assert units["system_id"] == [0, 1, None]
    assert data["layers"]["unconnected"]["columns"]["building_id"] == [6]
    shapes, origin = data["layers"]["zones"]["shapes"], np.array(data["origin"])
    corner = (np.cumsum(shapes["steps"].reshape(-1, 2), axis=0)[:4] + origin) * packing.STEP_M
    there = plan.zones.geometry.iloc[:1].to_crs(3857).iloc[0]
    assert shapely.Polygon(corner).symmetric_difference(there).area < 0.2 * there.length
    switches = {one["key"]: one for one in data["switches"]}
    areas = {c["label"][1]: c["figure"][1] for c in switches["by_treatment"]["classes"]}
    assert areas["Connect to the sewer"] == "4 people (29 %)"
    sewers = [(c["label"][1], c["figure"][1]) for c in switches["by_diameter"]["classes"]]
    assert sewers == [("up to 150 mm", "40 m"), ("up to 250 mm", "80 m"), ("Rising main", "120 m")]  # the headline's 240 m


def test_margins_are_shades_of_the_kind_chosen() -> None:
    plan = small_plan()
    units = plan.units.assign(margin_share=[0.3, 0.02, -0.9])
    data = web_map.page_data(dataclasses.replace(plan, units=units))
    (margin,) = [one for one in data["switches"] if one["key"] == "by_gap"]
    said = [margin["classes"][k]["label"][1] for k in margin["of_row"]]
    assert said == ["Sewer better by over 30 %", "Sewer better by less than 10 %", "Not decided by cost"]


def test_rows_without_geometry_are_not_drawn() -> None:
    plan = small_plan()
    buildings, pipes = plan.buildings.copy(), plan.pipes.copy()
    buildings.loc[7, "geometry"] = pipes.loc[0, "geometry"] = None
    data = web_map.page_data(dataclasses.replace(plan, buildings=buildings, pipes=pipes))
    assert data["layers"]["buildings"]["columns"]["building_id"] == list(range(7))
    for one in data["switches"]:
        assert len(one["of_row"]) == data["layers"][one["layer"]]["rows"], one["key"]


def test_the_page_of_a_large_plan_is_small(tmp_path: Path) -> None:
    plan = wide_plan(units=120, houses=17)
    assert len(plan.buildings) > 2_000
    maps.html(plan, tmp_path / "map.html")
    assert (tmp_path / "map.html").stat().st_size < 4e5


def test_points_stand_for_the_buildings_of_a_city(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_OUTLINES", 7)
    data = web_map.page_data(small_plan())
    assert set(data["layers"]["buildings"]["shapes"]["kinds"].tolist()) == {packing.POINT}
    assert len(data["layers"]["buildings"]["shapes"]["kinds"]) == 8


def test_decisions_of_a_table_lie_where_their_units_are() -> None:
    plan = rich_plan()
    found = content.frames(plan)["overrides"]
    assert found["price_yen_per_yr"].tolist() == [12_345.0, 777.0]
    assert found["units"].tolist() == [1, 1]
    assert found.geometry.iloc[1].equals(plan.units.geometry.iloc[1])


def test_every_word_has_both_languages() -> None:
    for key, (japanese, english) in words.PHRASES.items():
        assert japanese, key
        assert english, key
        assert key not in style.TEXTS, key
    assert words.of_page("ja").keys() == words.of_page("en").keys()


@pytest.fixture(scope="module")
def shared() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this computer")
    with Browser() as browser:
        yield browser


@pytest.fixture
def browser(shared: Browser) -> Browser:
    shared.forget()
    return shared


PLACE_OF_UNIT_1 = """(() => {
  const at = sewerzone.map.latLngToContainerPoint(sewerzone.spot({ layer: "units", row: 1 }));
  const box = sewerzone.map.getContainer().getBoundingClientRect();
  return [box.x + at.x, box.y + at.y];
})()"""
NAMES_OF_CONTROLS = (
    "[...document.querySelectorAll('[title], [aria-label]')].map(e => e.title + ', ' + (e.ariaLabel || '')).join()"
)
EVERY_POPUP = """(() => {
  const { data, tell } = sewerzone, said = [];
  for (const one of data.switches) {
    if (one.layer === "roads") continue;
    one.of_row.forEach((k, row) => {
      if (k < 0) return;
      tell({ layer: one.layer, row });
      said.push(document.querySelector(".leaflet-popup-content").textContent);
    });
  }
  return said.join("\\n");
})()"""


def rich_plan(language: str = "en") -> Plan:
    """A plan with something in every layer and every way of colouring."""
    plan = small_plan(language, reason="浄化槽の方が安い" if language == "ja" else "tanks cost less")
    plan.units["district_id"] = pd.array([0, 0, 1], dtype="Int64")
    plan.units["override_id"] = pd.array([None, 1, 0], dtype="Int64")
    plan.units["override_price_yen_per_yr"] = [None, 777.0, 12_345.0]
    plan.pipes["crossing"] = pd.Series(["river", None, "railway"], dtype=object)
    plan.pipes["excavation_up_m"], plan.pipes["excavation_down_m"] = [1.2, 0.9, 4.4], [1.4, 0.9, 2.0]
    at = plan.plants.geometry.iloc[0]
    sites = [shapely.Point(at.x + 40 * k, at.y - 30) for k in range(4)]
    both = {"unit_id": [0, 1, 2], "reason": "it shares a pump"}
    return dataclasses.replace(
        plan,
        overrides=frame(
            tables.OVERRIDES, [plan.units.geometry.iloc[2], None], kind=["force_johkasou", "force_sewer"], note="slope slips"
        ),
        barriers=frame(tables.BARRIERS, [*plan.roads.geometry, plan.zones.geometry.iloc[0]], kind=["river", "railway"]),
        districts=frame(tables.DISTRICTS, plan.units.geometry.iloc[:2], name=["East", "West"]),
        plants=frame(
            tables.PLANTS, sites, name=["First", "Second", None, None], kind=["existing", "existing", "outlet", "plant"]
        ),
        consolidation=frame(
            tables.CONSOLIDATION, plant_id=[0, 1], verdict=["join", "keep"], joined_to=["existing_plant", None],
            to_plant_id=[1, None], keep_yen_per_yr=[9e5, 5e5], join_yen_per_yr=[7e5, 6e5], saving_yen_per_yr=[2e5, -1e5],
            join_probability=[0.8, 0.1], decision=[None, "keep"], reason="the link is short",
        ),
        robustness=frame(
            tables.ROBUSTNESS, unit_id=[0, 1, 2], sureness=["firm_sewer", "contested", "firm_johkasou"],
            sewer_probability=[1.0, 0.61, 0.0], plan_agrees=True, scenarios_turned=[None, "few_people, annuity_4pct", None],
        ),
        differences=frame(
            tables.DIFFERENCES, official_treatment=["sewer", "johkasou", "johkasou"],
            optimum_treatment=["sewer", "own_plant", "johkasou"], is_changed=[False, True, False], **both,
        ),
        unit_edits=frame(tables.UNIT_EDITS, unit_id=[1, 2], kind=["cut", "grow"], building_ids=["4 5", "6"], reason="far off"),
        programme=frame(
            tables.PROGRAMME, package_id=[1, 2], unit_id=[0, None], system_id=[0, 1], start_year=[2026, 2029],
            built_year=[2028, None],
        ),
        sewers=frame(
            tables.SEWERS, [*plan.roads.geometry, *plan.roads.geometry], diameter_mm=200.0, urgency=["II", None],
            installed_year=[1975, None],
        ),
        retreat_sewers=frame(
            tables.RETREAT_SEWERS, [*plan.roads.geometry, *plan.roads.geometry], sewer_id=[0, 1], length_m=[400.0, 360.0],
            status=["turned", "needed_by_plan"], turn_year=[2031, None],
        ),
        tank_programme=frame(tables.TANK_PROGRAMME, unit_id=[2, 2], year=[2027, 2030], tanks=1.0),
    )  # fmt: skip


def test_ways_of_colouring_are_those_of_the_plan() -> None:
    told = {one["key"]: one for one in web_map.page_data(rich_plan())["switches"]}

    def classes(key: str) -> list[str]:
        return [told[key]["classes"][k]["label"][1] for k in told[key]["of_row"]]

    assert classes("by_sureness") == ["Firm: sewer", "Contested", "Firm: johkasou"]
    assert classes("by_change") == ["Same verdict", "Johkasou (on-site tanks) → Own treatment plant", "Same verdict"]
    assert classes("by_year") == ["2028", "Not within the programme", "2030"]
    assert classes("stock") == ["Existing sewers to be given up", "Existing sewers that stay"]
    assert [c["figure"][0] for c in told["stock"]["classes"]] == ["360 m", "400 m"]
    assert classes("by_depth") == ["up to 1.5 m", "Rising main", "over 4 m"]
    assert [c["figure"][0] for c in told["by_depth"]["classes"]] == ["40 m", "80 m", "120 m"]
    assert [c["label"][0] for c in told["plants"]["classes"]][-2:] == ["既設小規模処理場(存続)", "既設小規模処理場(統合)"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_nobody_sees_a_name_of_the_program(language: str, browser: Browser, tmp_path: Path) -> None:
    maps.html(rich_plan(language), tmp_path / "map.html")
    browser.open(tmp_path / "map.html")
    shown = [browser.run("document.body.innerText"), browser.run(EVERY_POPUP)]
    for group in ("areas", "sewers"):
        for way in browser.run(f"[...document.querySelectorAll('#colour-{group} option')].map(o => o.value)"):
            select = f"document.getElementById('colour-{group}')"
            browser.run(f"{select}.value = '{way}'; {select}.dispatchEvent(new Event('change'))")
            shown.append(browser.run("document.body.innerText"))
    shown.append(browser.run(NAMES_OF_CONTROLS))
    text = re.sub("slope slips|it shares a pump|the link is short|far off|along the road", "", "\n".join(shown))
    assert not set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", text))
    assert not re.search(r"undefined|NaN|\[object|null", text)
    plain = {word for t in tables.ALL_TABLES for c in t.columns for word in c.choices}
    if language == "ja":
        assert not set(re.findall(r"(?<![\w.])[a-z]{4,}(?!\w)", text)) - {"sewerzone", "mm"}, "all words are Japanese"
    else:
        assert not re.search("[\u3041-\u30ff\u4e00-\u9fff]", text.replace("日本語", "")), "all words are English"
        assert not re.search(rf"(?m)^(?:{'|'.join(plain)})$", text)
    told = {
        "ja": (
            "統合先",
            "他の既設処理場",
            "Second",
            "河川",
            "割引率4%の年賦",
            "整備年度",
            "2026–2028",
            "浄化槽へ",
            "存続(計画の流入先)",
        ),
        "en": (
            "Joined to",
            "another existing plant",
            "Second",
            "river",
            "annuity at 4 %",
            "2026–2028",
            "Better with tanks",
            "Stays: new sewers drain to it",
        ),
    }
    for words_told in told[language]:
        assert words_told in text, words_told


def test_a_browser_draws_it_without_errors_network_or_injection(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "map.html"
    maps.html(evil_plan(), page)
    assert browser.open(page) < 10
    said = browser.run(EVERY_POPUP)
    for wanted in (
        "Study unit 1",
        "Own treatment plant",
        "52,000 yen/m",
        "Too far from a road",
        "Rising main 1",
        "onerror=",
    ):
        assert wanted in said, wanted
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert not browser.run("document.title").startswith("HIT")
    assert browser.run("document.documentElement.lang") == "en"
    for text in HOSTILE:
        maps.html(evil_plan(text), page)
        browser.open(page)
        browser.run(EVERY_POPUP)
        browser.press("#language")
        assert browser.run("document.title.includes('汚水処理区域図')")
        assert browser.run("document.querySelectorAll('#panel b, #map b').length") == 0
    assert browser.complaints == []  # the page's content policy would report any load from outside here
    assert {address.partition(":")[0] for address in browser.requests} == {"file"}


def test_a_click_tells_the_costs_of_the_three_options(browser: Browser, tmp_path: Path) -> None:
    maps.html(small_plan(), tmp_path / "map.html")
    browser.open(tmp_path / "map.html")
    at = "(({ map, spot }) => { const p = map.latLngToContainerPoint(spot({ layer: 'units', row: 1 })), b = map.getContainer()"
    x, y = browser.run(at + ".getBoundingClientRect(); return [b.x + p.x, b.y + p.y + 12]; })(sewerzone)")
    browser.click(x, y)
    cells = browser.run(
        "[...document.querySelectorAll('.sz-options tr')].map(r => [...r.cells].map(c => c.textContent).join('|'))"
    )
    assert cells[0] == "Option (yen)|Construction|Construction a year|Upkeep a year|Total a year"
    assert cells[1] == "Connect|5,000,000|100,000|30,000|130,000"
    assert cells[3] == "Own plant ✓ the plan|9,000,000|200,000|60,000|260,000"
    browser.press("#language")
    assert "単独集合処理 ✓ 計画" in browser.run("document.querySelector('.leaflet-popup-content').textContent")
    browser.key("Escape", 27)
    assert browser.run("document.querySelector('.leaflet-popup-content')") is None


@pytest.mark.parametrize("language", ["ja", "en"])
def test_popups_of_long_texts_scroll_down_only_and_keep_their_labels(language: str, browser: Browser, tmp_path: Path) -> None:
    plan = rich_plan(language)
    plan.differences["reason"] = {"ja": "隣接区域と一体で集合処理とする方が有利、", "en": "It shares the link. "}[language] * 10
    plan.robustness["scenarios_turned"] = "few_people, annuity_4pct, annuity_2pct, sewer_cheap, sewer_dear"
    maps.html(plan, tmp_path / "map.html")
    browser.open(tmp_path / "map.html")
    seen = browser.run(
        """(() => sewerzone.data.layers.units.columns.unit_id && [0, 1, 2].map(row => {
          sewerzone.tell({ layer: "units", row });
          const box = document.querySelector(".leaflet-popup-content"), facts = [...box.querySelectorAll(".sz-facts tr")];
          return [box.scrollWidth - box.clientWidth, Math.min(...facts.map(r => r.cells[0].clientWidth)), facts.length,
            Math.max(...facts.map(r => r.cells[1].getBoundingClientRect().right)) - box.getBoundingClientRect().right];
        }))()"""
    )
    for overflow, narrowest, facts, beyond in seen:
        assert facts > 5
        assert overflow <= 0
        assert beyond <= 0
        assert narrowest > 90  # eight letters of a label side by side


def test_tiles_are_asked_for_only_where_wanted(browser: Browser, tmp_path: Path) -> None:
    maps.html(small_plan(), tmp_path / "map.html", base_map=True)
    browser.open(tmp_path / "map.html")
    assert any(address.startswith("https://cyberjapandata.gsi.go.jp/xyz/pale/") for address in browser.requests)
    assert "Geospatial Information Authority of Japan" in browser.run("document.querySelector('.sz-credit').textContent")
    select = "document.getElementById('base')"
    browser.run(f"{select}.value = -1; {select}.dispatchEvent(new Event('change'))")
    assert browser.run("document.querySelector('.sz-credit').textContent") == ""
    assert browser.run("document.querySelectorAll('#map img').length") == 0


def test_the_keyboard_alone_opens_what_lies_in_the_middle(browser: Browser, tmp_path: Path) -> None:
    maps.html(small_plan(), tmp_path / "map.html")
    browser.open(tmp_path / "map.html")
    browser.run("void sewerzone.map.setView(sewerzone.spot({ layer: 'units', row: 1 }), 19, { animate: false })")
    browser.run("document.getElementById('map').focus()")
    browser.key("Enter", 13)
    assert browser.run("document.querySelector('.leaflet-popup-content h3').textContent") == "Study unit 1"


def test_plans_without_anything_open_too(browser: Browser, tmp_path: Path) -> None:
    plan = small_plan()
    empty = {t.name: t.empty("EPSG:6678") for t in tables.ALL_TABLES}
    for gone in (empty, {"zones": plan.zones.iloc[:0], "pipes": plan.pipes.iloc[:0]}):
        maps.html(dataclasses.replace(plan, **gone), tmp_path / "map.html")
        browser.open(tmp_path / "map.html")
        browser.press("#language")
    assert browser.complaints == []
    assert browser.run("document.getElementById('colour-areas').value") == "by_treatment"


@pytest.mark.parametrize("size", [(1400, 900), (1024, 700)])
def test_controls_leave_the_map_free_and_keys_reach_them(size: tuple[int, int], browser: Browser, tmp_path: Path) -> None:
    maps.html(rich_plan("ja"), tmp_path / "map.html")
    browser.resize(*size)
    browser.open(tmp_path / "map.html")
    boxes = "['panel', 'map'].map(id => document.getElementById(id).getBoundingClientRect()).map(b => [b.left, b.right])"
    panel, shown = browser.run(boxes)
    assert panel[1] <= shown[0]
    assert shown[1] - shown[0] > 0.65 * size[0]
    for language in ("ja", "en"):
        assert browser.run("document.documentElement.lang") == language
        wide = browser.run("[...document.querySelectorAll('#panel, .sz-scroll')].map(e => e.scrollWidth - e.clientWidth)")
        assert max(wide) <= 0
        browser.press("#language")
    browser.run("document.body.focus()")
    reached = []
    for _ in range(40):
        browser.key("Tab", 9)
        reached.append(browser.run("document.activeElement.id"))
    for name in (
        "language",
        "search",
        "measure-length",
        "measure-area",
        "measure-clear",
        "colour-areas",
        "show-unit",
        "map",
        "fold",
    ):
        assert name in reached, name
    browser.press("#fold")
    assert browser.run("document.getElementById('map').getBoundingClientRect().width") == size[0]
    browser.resize(1400, 900)


def test_search_finds_units_districts_and_places(browser: Browser, tmp_path: Path) -> None:
    plan = small_plan()
    districts = frame(tables.DISTRICTS, [plan.units.geometry.iloc[1].buffer(20)], name="大河原町")
    maps.html(dataclasses.replace(plan, districts=districts), tmp_path / "map.html")
    browser.open(tmp_path / "map.html")

    def search(text: str) -> list[str]:
        browser.run("document.getElementById('search').select(); document.getElementById('search').focus()")
        browser.type(text)
        return list(browser.run("[...document.querySelectorAll('#found button, #found p')].map(b => b.textContent)"))

    assert search("大河") == ["District 大河原町"]
    browser.key("Enter", 13)
    assert "大河原町" in browser.run("document.querySelector('.leaflet-popup-content h3').textContent")
    assert browser.run("document.getElementById('found').hidden")  # it lay over the tools
    assert search("unit 2") == ["Study unit 2"]
    browser.key("ArrowDown", 40)
    browser.key("Enter", 13)
    assert browser.run("document.querySelector('.leaflet-popup-content h3').textContent") == "Study unit 2"
    assert browser.run("sewerzone.map.getZoom()") >= 17
    assert search("区域 ２") == ["Study unit 2"]  # either language, wide digits
    assert search("村 2") == ["Nothing found"]
    assert "Building 2" in search("2")
    assert search("38.25, 140.8") == ["Latitude, longitude 38.25, 140.8"]
    assert browser.complaints == []


def test_lengths_and_areas_are_those_of_the_ground(browser: Browser, tmp_path: Path) -> None:
    maps.html(small_plan(), tmp_path / "map.html")
    ellipsoid = pyproj.Geod(ellps="GRS80")
    browser.open(tmp_path / "map.html")
    browser.press("#measure-length")
    for x in (500, 900):
        browser.click(x, 400)
    a, b = browser.run(
        "[500, 900].map(x => sewerzone.map.containerPointToLatLng([x - panel.offsetWidth, 400])).map(p => [p.lng, p.lat])"
    )
    wanted = ellipsoid.inv(*a, *b)[2]
    assert browser.run("sewerzone.measure.value()") == pytest.approx(wanted, rel=1e-6)
    assert browser.run("document.querySelector('#measured b').textContent") == f"{wanted:,.1f} m"
    browser.press("#measure-area")
    corners = [(140.8, 38.2), (140.82, 38.201), (140.819, 38.216), (140.805, 38.22)]
    browser.run(f"{json.dumps(corners)}.forEach(([lng, lat]) => sewerzone.measure.add(L.latLng(lat, lng)))")
    wanted = abs(ellipsoid.polygon_area_perimeter(*zip(*corners, strict=True))[0])
    assert browser.run("sewerzone.measure.value()") == pytest.approx(wanted, rel=1e-5)
    browser.press("#measure-clear")
    assert browser.run("sewerzone.measure.text()") == ""
    assert browser.run("document.querySelector('#measured').textContent") == ""
    assert browser.run("document.querySelector('.leaflet-popup-content')") is None
