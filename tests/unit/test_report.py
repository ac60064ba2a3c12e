"""The report and the binder: every number from the tables, names that mean harm, words instead of names of columns."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from sewerzone import binder, config, tables
from sewerzone.errors import DataError
from sewerzone.output import coverage_chart, maps, report
from sewerzone.output.report import ahead, finance, forms, page
from sewerzone.output.report.blocks import Grid, Picture, Section, Text
from sewerzone.output.report.case import Case, in_language
from sewerzone.output.report.file_words import FILES
from sewerzone.output.report.method_words import LIMITS, METHOD
from sewerzone.output.report.people import followed
from sewerzone.output.report.words import PHRASES, Words
from sewerzone.stages import redrawing as redrawings
from sewerzone.stages.outlook import finance_form
from sewerzone.stages.redrawing.concerned import concerned
from sewerzone.tables.redrawing import CONCERNED, REDRAWING, REDRAWING_EFFECT
from tests.plans import frame, small_plan, wide_plan

HOSTILE = (
    "<script>alert(1)</script>", "=cmd|' /C calc'!A1", "\u202egnp.exe", "a\x00b\x0bc", "x" * 10_000, "</style><b>", "{{ 7*7 }}",
)  # fmt: skip
NO_CLOSE = {"meta", "img", "link", "br"}


FILLED = (
    "summary",
    "map",
    "method",
    "programme",
    "cost",
    "payers",
    "accounts",
    "decline",
    "renewal",
    "areas",
    "sewers",
    "sureness",
    "close",
    "decisions",
    "official",
    "houses",
    "plants",
    "inputs",
    "assumptions",
    "limits",
    "record",
)
"""Sections for which the full plan below has something."""


class Page(HTMLParser):
    """Tags, attributes, and the text of a page without its style sheet and the notes of the run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag not in NO_CLOSE:
            self.open.append("log" if found.get("class") == "log" else tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1] in (tag, "log"), (tag, self.open)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not {"style", "log", "code"} & set(self.open):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


@pytest.fixture(autouse=True)
def _no_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """The map has tests of its own; a dot stands for it."""
    for kind in ("png", "pdf"):
        monkeypatch.setattr(maps, kind, lambda plan, path, *_: Path(path).write_bytes(b"a map"))


def later(plan: Any) -> dict[str, Any]:
    """What comes after the zoning: programme, money, decline, renewal, retreat."""
    return {
        "programme_areas": frame(
            tables.PROGRAMME_AREAS,
            plan.units.geometry.iloc[:1],
            kind="sewer",
            built_year=[2026],
            period=[1],
            people=6.0,
        ),
        "payments": frame(
            tables.PAYMENTS,
            measure=["sewer", "sewer", "johkasou"],
            payer=["national", "bond", "resident"],
            paid_yen=[3_210_000, 1_000_000, 500_000],
        ),
        "households": frame(tables.HOUSEHOLDS, kind="sewer", charge=["fee", "all_charges"], yen_per_yr=[36_123.0, 36_123.0]),
        "indicators": frame(
            tables.INDICATORS_TABLE, indicator=["fee_price"], measured_in="yen_per_m3", now=[133.3], formula="fees"
        ),
        "outlook": frame(
            tables.OUTLOOK,
            plan=["today_plan"] * 2 + ["new_plan"] * 2,
            year=[2026, 2027] * 2,
            balance_yen=[1e6, -2e6, 3e6, 4e6],
        ),
        "decline": frame(
            tables.DECLINE,
            unit_id=[0, 1],
            option="connect",
            static_treatment="sewer",
            decline_treatment=["johkasou", "sewer"],
            steady_treatment="sewer",
            is_turned=[True, False],
            least_regret_treatment="johkasou",
            sewer_regret_yen=[7_654_321.0, 0.0],
        ),
        "renewal": frame(tables.RENEWAL, year=[2026, 2027], asset="pipe", levelled_yen=[1e6, 1e6], target_yen=[2e6, 0.0]),
        "renewal_sums": frame(tables.RENEWAL_SUMS, asset=["pipe", "all"], target_yen=[2_345_678.0, 2_345_678.0]),
    }


DESIGNED, AGAIN = "networks_designed", "decided_again"


def full_plan() -> Any:
    """A small plan with something in every section."""
    plan = small_plan()
    plan.units["override_id"] = pd.array([None, None, 0], dtype="Int64")
    plan.units["override_price_yen_per_yr"] = [None, None, 12_345.0]
    plan.units["district_id"] = pd.array([0, 0, 1], dtype="Int64")
    plan.systems["built_year"] = [2.0, 5.0]
    settings = plan.config.model_copy(update={"design": plan.config.design.model_copy(update={"cover_min_m": 1.2})})
    return replace(
        plan,
        config=settings,
        overrides=frame(tables.OVERRIDES, plan.units.geometry.iloc[2:], kind="force_johkasou", note="slope slips"),
        districts=frame(tables.DISTRICTS, plan.units.geometry.iloc[:2], name=["East", "West"]),
        robustness=frame(
            tables.ROBUSTNESS, unit_id=[0, 1, 2], sureness=["firm_sewer", "contested", "firm_johkasou"],
            sewer_probability=[1.0, 0.61, 0.0], plan_agrees=True, sewer_yen_per_m=100_000.0,
            break_even_sewer_yen_per_m=[123_400.0, 98_700.0, None], break_even_sewer_basis=[DESIGNED, AGAIN, "not_confirmed"],
            break_even_treatment_share=[None, 0.456, None], break_even_treatment_basis=[None, DESIGNED, None],
        ),
        figures=frame(tables.FIGURES, figure=["sewer.capital", "people"], mark=["P", "U"], sewered_index=[0.7, 0.1]),
        scenarios=frame(tables.SCENARIOS, scenario=["as_studied", "few_people"], yen_per_yr=[1e6, 2e6]),
        differences=frame(
            tables.DIFFERENCES, unit_id=[0, 1, 2], official_treatment=["sewer", "johkasou", "johkasou"],
            optimum_treatment=["sewer", "own_plant", "johkasou"], is_changed=[False, True, False], reason="shares a pump",
        ),
        unit_edits=frame(tables.UNIT_EDITS, unit_id=[1], kind="cut", buildings=1, reason="far off"),
        consolidation=frame(tables.CONSOLIDATION, plant_id=[0], verdict="join", reason="the link is short"),
        coverage=frame(tables.COVERAGE, year=[2025, 2026], people=10.0, people_sewered=[4.0, 6.0], people_left=[6.0, 4.0]),
        programme_years=frame(tables.PROGRAMME_YEARS, year=[2026], built_ha=3.0, finished_ha=1.0),
        programme=frame(tables.PROGRAMME, package_id=[1], unit_id=[0], built_year=[2026], reason="6 people"),
        **later(plan),
        cost_curve=frame(tables.COST_CURVE, kind=["least", "least"], people_sewered_share=[0.0, 1.0], yen_per_yr=[1e6, 2e6]),
    )  # fmt: skip


def test_prices_at_which_verdicts_turn_stand_nearest_first_and_in_brackets_where_not_decided_again() -> None:
    plan = full_plan()
    text = Page(report.html(plan, "en")).text
    assert 0 <= text.index("98.7%") < text.index("(123.4%)")
    assert "(98.7%)" not in text
    assert "(45.6%)" in text
    assert "with a range to verify in the settings they are decided again" in " ".join(text.split())
    asked = plan.config.robustness.model_copy(update={"verified_range": (0.8, 1.25)})
    verified = replace(plan, config=plan.config.model_copy(update={"robustness": asked}))
    told = " ".join(Page(report.html(verified, "en")).text.split())
    assert "1 % on either side (from 80% to 125%)" in told


def choices_of_settings() -> set[str]:
    """Names that settings may have as values, but those of rules of kinds of road and barrier, which are data."""
    sections = [field.annotation for field in config.Config.model_fields.values()]
    hints = [f.annotation for s in sections for f in getattr(s, "model_fields", {}).values()]
    found = {v for h in hints for part in (h, *get_args(h)) if get_origin(part) is Literal for v in get_args(part)}
    return {v for v in found if isinstance(v, str)}


def test_settings_are_told_in_japanese_and_years_as_years() -> None:
    say = Words("ja")
    assert len(choices_of_settings()) > 20
    for name in choices_of_settings():
        assert re.search("[\u3040-\u30ff\u4e00-\u9fff]", say.value(name)), name
    people = ((2025, 1383.0), (2045, 1000.0))
    assert say.value(people, "people") == "2025年 1,383、2045年 1,000"
    assert Words("en").value(people, "people") == "2025: 1,383; 2045: 1,000"
    assert (say.value(2026, "first_year"), say.value(2026, "least_m2")) == ("2026年", "2,026")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_section_is_there_and_nobody_sees_a_name_of_the_program(language: Any) -> None:
    plan = full_plan()
    shown = Page(report.html(plan, language))
    ids = [found["id"] for tag, found in shown.tags if tag == "section"]
    assert ids == [key for key, _ in report.SECTIONS if key in FILLED]
    say = Words(language)
    for key in ids:
        assert say(f"section_{key}") in shown.text
    names = {c.name for t in tables.ALL_TABLES for c in t.columns if "_" in c.name}
    names |= {v for t in tables.ALL_TABLES for c in t.columns for v in c.choices if "_" in v}
    names |= {
        name for section in config.Config.model_fields for name in dir(getattr(plan.config, section)) if "_" in name.strip("_")
    }
    seen = {name for name in names if re.search(rf"(?<!\w){name}(?!\w)", shown.text)}
    assert not seen, seen
    snakes = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", shown.text)) - {"fuji_2018"}
    assert not snakes, snakes
    if language == "ja":
        assert "cheapest" in shown.text, "reasons stay in the language of the run"
        assert say("reasons_told") in shown.text


def test_numbers_are_those_of_the_tables() -> None:
    plan = full_plan()
    text = Page(report.html(plan)).text
    rows = plan.costs[plan.costs["is_in_plan"]]
    yearly = float((rows["capital_yen_per_yr"] + rows["upkeep_yen_per_yr"]).sum())
    assert Case.of(plan).yen_per_yr == yearly
    assert f"{yearly / 1e6:,.2f}" in text
    assert "12,345" in text, "price of the decision"
    assert "61.0%" in text, "contested in the samples"
    for amount in ("3.21", "36,123", "133.3", "7,654,321", "2,345,678"):
        assert amount in text, amount
    assert "1.2" in text, "the setting that differs"
    assert f"{plan.buildings['people'].sum():,.0f}" in text


def test_the_page_asks_nobody_for_anything_and_runs_nothing() -> None:
    text = report.html(full_plan())
    shown = Page(text)
    assert not [tag for tag, _ in shown.tags if tag in ("script", "link", "iframe", "object", "form")]
    assert "default-src 'none'" in text
    for _, found in shown.tags:
        assert (found.get("src") or "data:image/").startswith("data:image/")
        assert (found.get("href") or "#").startswith("#")
        assert not [name for name in found if name.startswith("on")]
    assert "://" not in re.sub(r'src="data:[^"]*"', "", text)


def test_hostile_names_do_no_harm() -> None:
    plan = full_plan()
    settings = plan.config.model_copy(update={"study": plan.config.study.model_copy(update={"name": HOSTILE[0]})})
    plan.units["reason"] = pd.Series(HOSTILE[1:4], dtype=object)
    plan.costs["source"] = [*HOSTILE[4:7], HOSTILE[0]]
    plan.costs["item"] = [HOSTILE[0], HOSTILE[5], HOSTILE[6], HOSTILE[3]]
    plan.overrides["note"] = HOSTILE[0]
    plan.districts["name"] = [HOSTILE[0], HOSTILE[4]]
    plan.run["warnings"] = list(HOSTILE)
    text = report.html(replace(plan, config=settings))
    shown = Page(text)
    assert not shown.open, "all tags are closed"
    assert "<script" not in text
    assert "{{ 7*7 }}" in text, "a template in the data is text"
    assert "\u202e" not in text
    assert "\x00" not in text
    assert max(map(len, shown.texts)) <= page.MOST_LETTERS + 10


def test_equal_plans_give_equal_pages() -> None:
    assert report.html(wide_plan(6)) == report.html(wide_plan(6))


def test_a_plan_of_nothing_makes_a_report() -> None:
    plan = small_plan()
    empty = {t.name: t.empty(plan.units.crs) for t in tables.ALL_TABLES}
    text = Page(report.html(replace(plan, **empty))).text
    assert Words("en")("section_summary") in text


def test_phrases_are_complete_in_both_languages() -> None:
    for key, (japanese, english) in {**PHRASES, **FILES, **METHOD}.items():
        places = [sorted(re.findall(r"{(\w+)", words)) for words in (japanese, english)]
        assert places[0] == places[1], key
    assert {f"section_{key}" for key, _ in report.SECTIONS} <= {*PHRASES, *FILES}
    made = {f"file_{name.replace('.', '_')}" for d in binder.DELIVERABLES for name in (d.name, *d.along)}
    assert made <= set(FILES)


def test_texts_stay_with_the_picture_or_short_table_they_lead_to() -> None:
    long, short = Grid(["a"], [["x"]] * 40), Grid(["a"], [["x"]])
    head, note, picture = Text("h", "heading"), Text("n", "note"), Picture("data:,", "p")
    groups = Section("key", "title", [note, picture, short, head, note, long, head, short]).groups
    assert groups == [
        ("keep", [note, picture]), ("keep", [short]), ("keep lead", [head, note]), ("long", [long]), ("keep", [head, short]),
    ]  # fmt: skip


def test_what_a_later_part_holds_is_no_limit_any_more() -> None:
    held = {table for _, _, table in LIMITS} - {""}
    assert held <= {t.name for t in tables.ALL_TABLES} | {"renewal"}, held
    assert len(Page(report.html(small_plan())).text)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_settings_are_told_in_words(language: Any) -> None:
    say = Words(language)
    for room in config.Config.model_fields:
        section = config.Config.model_fields[room].annotation
        for name in section.model_fields:  # type: ignore[union-attr]
            said = say.setting(section, name)  # type: ignore[arg-type]
            assert said, (room, name)
            assert "_" not in said, (room, name, said)
            assert len(said) < 160, (room, name, said)


def test_the_binder_is_whole_and_leaves_the_users_files_alone(tmp_path: Path) -> None:
    plan, out = small_plan(), tmp_path / "binder"
    out.mkdir()
    (out / "letter.txt").write_text("mine")
    written = binder.bind(plan, out)
    assert [p.name for p in written] == [
        "index.html",
        "report.html",
        "map.html",
        "map_a3.pdf",
        "map_a4.pdf",
        "map.png",
        "workbook.xlsx",
        "plan.gpkg",
        "plan.qgz",
        "plan.inp",
    ]
    assert all(p.is_file() for p in written)
    links = [found["href"] for tag, found in Page((out / "index.html").read_text("utf-8")).tags if tag == "a"]
    assert links == [p.name for p in written[1:]]
    none = replace(plan, pipes=plan.pipes.iloc[:0], manholes=plan.manholes.iloc[:0], pumps=plan.pumps.iloc[:0])
    binder.bind(none, out, "ja")
    assert not (out / "plan.inp").exists(), "no model of sewers that are not there"
    assert (out / "letter.txt").read_text() == "mine"
    assert "検討報告書" in (out / "report.html").read_text("utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["binder"], "nothing left behind"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_changes_is_in_the_binder_where_it_is_made_against_an_earlier_plan(language: Any, tmp_path: Path) -> None:
    plan, hostile = small_plan(), HOSTILE[1] + HOSTILE[0] + HOSTILE[2]
    plan = replace(plan, districts=frame(tables.DISTRICTS, plan.units.geometry.iloc[:2], name=[hostile, "West"]))
    plan.units["district_id"] = pd.array([0, 0, 1], dtype="Int64")
    plan.units["margin_yen_per_yr"] = [7e5, 2e5, 1e5]
    old = gpd.GeoDataFrame(geometry=[*plan.units.geometry.iloc[1:], plan.buildings.geometry[1]], crs=plan.units.crs)
    found = redrawings.compare(plan, old)
    effect = found.redrawing_effect.iloc[0]
    assert effect["saving_yen_per_yr"] != 0.0
    out = tmp_path / "binder"
    written = {p.name: p for p in binder.bind(plan, out, language, redrawing=found)}
    assert {"changes.html", "changes_a3.pdf", "changes.png", "changes.gpkg", "households.csv"} <= set(written)
    page = Page(written["report.html"].read_text("utf-8"))
    say = Words(language)
    assert say("section_redrawing") in page.text
    for years in (1, 20, 50):
        assert f"{years * effect['saving_yen_per_yr'] / 1e6:,.2f}" in page.text
        assert say("saved_in", years=years) in page.text
    assert "redrawing" in [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    listed = written["households.csv"].read_text("utf-8-sig").splitlines()
    assert len(listed) - 1 == len(concerned(found.redrawn_buildings)) > 0
    assert "<script" not in written["report.html"].read_text("utf-8")
    sheets = openpyxl.load_workbook(written["workbook.xlsx"]).sheetnames
    assert {say.table(t) for t in (REDRAWING, REDRAWING_EFFECT, CONCERNED)} <= set(sheets)
    binder.bind(plan, out, language)
    assert not (out / "changes.html").exists(), "not of this binder any more"


def test_a_failure_leaves_the_earlier_binder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "binder"
    binder.bind(small_plan(), out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def fails(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(binder, "DELIVERABLES", (*binder.DELIVERABLES[:2], binder.Deliverable("plan.inp", fails)))
    with pytest.raises(DataError, match="No space left"):
        binder.bind(small_plan(), out)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["binder"]


def test_files_that_no_binder_wrote_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(DataError, match=r"report\.html"):
        binder.bind(small_plan(), tmp_path)
    assert (tmp_path / "report.html").read_text() == "mine"
    (tmp_path / binder.LISTED).write_text(json.dumps(["../report.html", "/etc/passwd", 3]))
    with pytest.raises(DataError, match=r"report\.html"):
        binder.bind(small_plan(), tmp_path)
    (tmp_path / binder.LISTED).write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        binder.bind(small_plan(), tmp_path)
    (tmp_path / binder.LISTED).unlink()
    binder.bind(small_plan(), tmp_path, force=True)
    assert "mine" not in (tmp_path / "report.html").read_text("utf-8")[:10]


def test_coverage_by_district_is_drawn_and_listed_from_the_table() -> None:
    """Rates of the first, the goal's and the last year by district, those outside last, empty ones left out."""
    plan = small_plan("en")
    places = frame(tables.DISTRICTS, plan.units.geometry.iloc[:3], name=["West", "East", "Moor"])
    years, people = [2025, 2035, 2037], {-1: 10.0, 0: 50.0, 1: 0.0, 2: 20.0}
    rates = {-1: (0.0, 0.5, 1.0), 0: (0.5, 0.96, 1.0), 1: (None,) * 3, 2: (0.1, 0.2, 0.3)}
    rows = [
        {"district_id": d, "year": y, "people": n, "people_sewered": 0.0, "people_tanks": 0.0, "coverage_share": rates[d][k]}
        for d, n in people.items()
        for k, y in enumerate(years)
    ]
    covered = tables.COVERAGE_DISTRICTS.conform(pd.DataFrame(rows))
    plan = replace(plan, districts=places, coverage_districts=covered)
    found = coverage_chart.by_district(plan)
    assert coverage_chart.moments(plan) == (2025, 2035, 2037)
    assert found["district_id"].tolist() == [0, 2, -1]
    assert found[["first", "goal", "last"]].to_numpy().tolist() == [[0.5, 0.96, 1.0], [0.1, 0.2, 0.3], [0.0, 0.5, 1.0]]
    figure = coverage_chart.draw(plan)
    said = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert list(said) == ["50.0% → 100.0%   50 people", "10.0% → 30.0%   20 people", "0.0% → 100.0%   10 people"]
    assert [colour == coverage_chart.MISSED for colour in said.values()] == [False, True, True]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["West", "Moor", "In no district"]
    heading, picture, grid = ahead._districts(Case.of(plan))
    assert isinstance(heading, Text)
    assert isinstance(picture, Picture)
    assert isinstance(grid, Grid)
    assert [row[0] for row in grid.rows] == ["West", "Moor", "(no district)"]
    assert grid.rows[1][1:] == ["10.0%", "20.0%", "30.0%"]


def test_forms_show_every_line_of_both_plans() -> None:
    items = [("Fees", 3e6, 4e6), ("Balance", -1e6, 2.5e6)]
    rows = [
        {"year": 2026 + k, "item_of_form": item, "today_plan_yen": a, "new_plan_yen": b + k * 1e6, "more_yen": b - a}
        for k in range(8)
        for item, a, b in items
    ]
    plan = replace(small_plan("en"), form_3=tables.FORM_3.conform(pd.DataFrame(rows)))
    *_, today, new = forms.forms(Case.of(plan))
    assert isinstance(today, Grid)
    assert isinstance(new, Grid)
    assert list(today.heads[1:]) == ["2026", "2031", "2033"]
    assert {row[0]: row[1:] for row in today.rows} == {"Fees": ["3.00"] * 3, "Balance": ["-1.00"] * 3}
    assert {row[0]: row[1:] for row in new.rows}["Fees"] == ["4.00", "9.00", "11.00"]


def test_amounts_and_their_difference_agree_as_they_are_printed() -> None:
    case = Case.of(small_plan("ja"))
    for one, other in ((77_574_000.0, 61_626_000.0), (77_565_000.0, 61_634_999.0), (1_297_260_000.0, 61_630_000.0)):
        printed = [float(text.replace(",", "")) for text in (case.million(one), case.million(other))]
        digits = min(len(case.million(yen).partition(".")[2]) for yen in (one, other))
        assert float(case.million_between(one, other).replace(",", "")) == pytest.approx(
            round(printed[0], digits) - round(printed[1], digits), abs=1e-9
        )


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_limit_of_neighbours_is_told_in_metres(language: Any) -> None:
    plan = small_plan(language)
    given = {"limit_m": 47.4, "is_given": False}
    plan.run["limits"] = [{"for": "units", **given}, {"for": "served", **given, "limit_m": 38.2}]
    said = {"ja": "1戸当たりの管渠延長が38 m 以内", "en": "the sewer per house is no longer than 38 m"}
    assert said[language] in report.html(plan)


def test_no_status_is_told_by_its_name_in_japanese() -> None:
    say = Words("ja")
    told = {s for t in tables.ALL_TABLES if "status" in t.names for s in t.column("status").choices}
    assert [s for s in sorted(told) if say.status(s).isascii()] == []


def test_finance_plan_and_formulas_are_in_the_language_asked_for() -> None:
    """Stored in Japanese, told in English, figures as they are; in their own language nothing changes."""
    rows = [{"plan": plan, "year": 2026, "fee_yen": fee} for plan, fee in (("today_plan", 3e6), ("new_plan", 5e6))]
    money = frame(tables.OUTLOOK, **{k: [r[k] for r in rows] for k in rows[0]})
    rates = frame(tables.INDICATORS_TABLE, indicator=["fee_price"], formula=["使用料収入÷有収水量"])
    plan = replace(small_plan("ja"), outlook=money, form_3=finance_form(money, "ja"), indicators=rates)
    for language, line, formula in (("ja", "01 使用料収入", "使用料収入÷有収水量"), ("en", "01 Fees", "fees / water billed")):
        told = in_language(plan, language)  # type: ignore[arg-type]
        first = told.form_3.iloc[0]
        assert (first["item_of_form"], first["today_plan_yen"], first["more_yen"]) == (line, 3e6, 2e6)
        assert told.indicators["formula"].tolist() == [formula]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_sewered_units_dearer_over_the_horizon_though_nobody_leaves_are_told_and_why(language: Any) -> None:
    """Units 0 and 1 are sewered: 0 pays by static cost only, 1 only beside others; 2, on tanks, is not spoken of."""
    plan = small_plan(language)
    buildings = plan.buildings.assign(
        unit_id=pd.array(np.arange(len(plan.buildings)) % 3, dtype="Int64"), dwellings=2.0,
        treatment=np.array(["sewer", "sewer", "johkasou"], object)[np.arange(len(plan.buildings)) % 3],
    )  # fmt: skip
    rows = frame(
        tables.DECLINE, unit_id=[0, 1, 2], option="connect", static_treatment=["sewer", "johkasou", "johkasou"],
        decline_treatment="johkasou", steady_treatment="johkasou", is_turned=False, least_regret_treatment="johkasou",
        sewer_present_yen=[5e6, 9e6, 9e6], johkasou_present_yen=[4e6, 3e6, 1e6], turn_year=pd.array([None, None, 65], "Int64"),
    )  # fmt: skip
    config = plan.config.model_copy(update={"decline": plan.config.decline.model_copy(update={"horizon_yr": 50})})
    case = Case.of(replace(plan, buildings=buildings, decline=rows, config=config))
    blocks = finance.decline(case)
    dwellings = int(buildings.loc[buildings["treatment"] == "sewer", "dwellings"].sum())
    first, told = (block.words for block in blocks[:2] if isinstance(block, Text))
    want = {
        "ja": (f"2区域のうち2区域({dwellings}戸)", "うち1区域は単独の年価では", "1区域は単独では年価でも浄化槽"),
        "en": (f"Of 2 units that the plan sewers, 2 ({dwellings} dwellings)", "1 of them", "1 cost less"),
    }[language]
    assert all(words in told for words in want)
    assert ("うち1区域は50年より後" if language == "ja" else "1 of them after year 50") in first
    grid = blocks[2]
    assert isinstance(grid, Grid)
    assert [row[0] for row in grid.rows] == ["1", "0"]  # those that lose most first
    holds = replace(case.plan, decline=rows.assign(steady_treatment="sewer"))
    assert case.say("steady_holds", units=2, years=50, rate="4.0%") in [
        block.words for block in finance.decline(Case.of(holds)) if isinstance(block, Text)
    ]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_report_says_which_people_its_chapters_count(language: Any) -> None:
    plan = small_plan(language)

    def said(**sections: dict[str, Any]) -> list[str]:
        update = {k: getattr(plan.config, k).model_copy(update=v) for k, v in sections.items()}
        case = Case.of(replace(plan, config=plan.config.model_copy(update=update)))
        return [block.words for block in followed(case) if isinstance(block, Text)]

    assert said() == []
    (steady,), (given,) = (
        said(decline={"horizon_yr": 50}, **more) for more in ({}, {"coverage": {"people": ((2025, 9.0), (2041, 5.0))}})
    )
    assert "-1.0%" in steady
    assert "2041" not in steady
    assert "2041" in given
