"""The workbook: its formulas, its manners on screen and paper, and names that mean harm."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from sewerzone import tables
from sewerzone.errors import DataError
from sewerzone.output import workbook
from sewerzone.output.districts import labels
from sewerzone.output.workbook import book, declared, words
from sewerzone.output.workbook.prices import price_list
from tests.plans import frame, small_plan

HOSTILE = ("=cmd|' /C calc'!A1", "<script>alert(1)</script>", "+1+1", "-2+3", "@SUM(A1)", "x" * 40_000, "\u202egnp.exe",
           "a\x00b\x0bc\ufffe", "_x0041_", "'quoted'", "&amp; ]]>")  # fmt: skip


def written(plan: Any, path: Path, **options: Any) -> tuple[Any, Any]:
    """The workbook's formulas and what its cells show."""
    workbook.write(plan, path, **options)
    return openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)


def texts(found: Any) -> list[str]:
    return [str(c.value) for sheet in found for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]


def test_figures_that_were_varied_have_names() -> None:
    column, say = tables.FIGURES.column("figure"), words.Words("ja")
    told = [
        say.said(column, name) for name in ("johkasou.capital", "people", "sewer.life", "treatment.upkeep", "discount_rate")
    ]
    assert told[:3] == ["浄化槽 建設費", "人口", "自然流下管 耐用年数"]
    assert not [one for one in told if re.search("[a-z]", one)]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_sheets_stand_ready_to_read_and_print(language: str, tmp_path: Path) -> None:
    found, _ = written(small_plan("en"), tmp_path / "a.xlsx", language=language)
    say = words.Words(language)  # type: ignore[arg-type]
    expected = ["cover", "summary", "prices", "units", "systems", "options", "plan_rows", "alone_rows"]
    assert found.sheetnames[: len(expected)] == [say(key) for key in expected]
    listed = [row[0] for row in found[say("cover")].iter_rows(values_only=True)]
    assert set(found.sheetnames) <= set(listed)
    assert all(sheet["A2"].value for sheet in found.worksheets[1:]), "what it holds"
    for sheet in found:
        assert sheet.page_setup.paperSize == 8, "A3"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_area
        if sheet.title not in (say("cover"), say("summary")):
            assert sheet.freeze_panes
            assert sheet.auto_filter.ref
            assert sheet.print_title_rows
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.number_format in {*book.FORMATS.values(), "General", "0.000"}, "no seven decimals"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_nobody_sees_a_name_of_the_program(language: str, tmp_path: Path) -> None:
    _, shown = written(small_plan(), tmp_path / "a.xlsx", language=language)
    names = {c.name for t in tables.ALL_TABLES for c in t.columns if "_" in c.name}
    names |= {v for t in tables.ALL_TABLES for c in t.columns for v in c.choices if "_" in v}
    for text in texts(shown):
        assert not names & set(re.findall(r"\w+", text)), text


def test_declared_tables_in_both_languages_have_a_heading_of_their_own_for_every_column() -> None:
    for language in ("ja", "en"):
        say = words.Words(language)  # type: ignore[arg-type]
        for listed in declared.SHEETS:
            heads = [say.heading(c) for c in listed.table.columns]
            assert len(set(heads)) == len(heads), (listed.table.name, heads)
            assert say.note(listed.table)
            assert all("_" not in head for head in heads)
            assert set(listed.totals) <= set(listed.table.names)


def test_totals_and_costs_are_formulas_that_show_our_numbers(tmp_path: Path) -> None:
    plan = small_plan("en")
    found, shown = written(plan, tmp_path / "a.xlsx")
    say = words.Words("en")
    rows, values = found[say("plan_rows")], shown[say("plan_rows")]
    assert [rows[f"{c}5"].value for c in "LNOPQ"] == [
        "='Unit costs'!$K$7*J5", "=G5*L5", "=N5*'Unit costs'!$M$7", "=G5*M5", "=O5+P5",
    ]  # fmt: skip
    assert rows["Q3"].value == "=SUM(Q5:Q7)"
    in_plan = plan.costs[plan.costs["is_in_plan"]]
    assert values["Q3"].value == in_plan["capital_yen_per_yr"].sum() + in_plan["upkeep_yen_per_yr"].sum()
    assert found[say("units")]["D5"].value == '=IF(\'Systems\'!$Q$5="yes",C5,IF(V5<>"cost",C5,U5))'
    assert found[say("systems")]["M5"].value == "=SUMIF('Study units'!$M$5:$M$7,A5,'Study units'!$X$5:$X$7)"


def test_hostile_names_do_no_harm(tmp_path: Path) -> None:
    plan = small_plan("ja", name=HOSTILE[0], reason=HOSTILE[5])
    plan.units["reason"] = pd.Series(HOSTILE[5:8], dtype=object)
    plan.costs["source"] = list(HOSTILE[:4])
    plan.costs["detail"] = pd.Series(HOSTILE[7:11], dtype=object)
    plan.costs["item"] = list(HOSTILE[1:5])
    names = frame(tables.DISTRICTS, plan.units.geometry.iloc[:2], name=[HOSTILE[0], HOSTILE[4]])
    plan.units["district_id"] = pd.array([0, 1, None], dtype="Int64")
    plan = replace(plan, districts=names, plants=plan.plants.assign(name=HOSTILE[4]))
    found, shown = written(plan, tmp_path / "a.xlsx")
    assert {c.data_type for sheet in shown for row in sheet.iter_rows() for c in row} <= {"n", "s", "b"}
    said = texts(shown)
    for harmless in (HOSTILE[0], HOSTILE[4], HOSTILE[1]):
        assert any(harmless in text for text in said)
    assert max(map(len, said)) <= 32_767
    assert not any(ord(letter) < 32 and letter != "\n" for text in said for letter in text)
    assert not any("\u202e" in text for text in said)
    formulas = [c.value for sheet in found for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert not any("cmd" in str(f) or "script" in str(f) for f in formulas)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        assert not [n for n in parts.namelist() if "external" in n.lower()]
        for name in parts.namelist():
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in parts.read(name)


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(1)", "*", ">0", "=cmd|'/C calc'!A0"])
def test_districts_bear_their_own_names_and_nothing_takes_them_for_orders(name: str, tmp_path: Path) -> None:
    plan = small_plan()
    named = frame(tables.DISTRICTS, plan.units.geometry.iloc[:2], name=[name, "West"])
    plan.units["district_id"] = pd.array([0, 1, 0], dtype="Int64")
    found, shown = written(replace(plan, districts=named), tmp_path / "a.xlsx")
    say = words.Words("en")
    units, listed = found[say("units")], found[say("districts")]
    for cell in (units["B5"], units["B7"], listed["A5"]):
        assert (cell.value, cell.data_type, cell.number_format) == (name, "s", "@")
    assert listed["A6"].value == "West"
    assert (
        listed["G5"].value
        == "=SUMPRODUCT(('Study units'!$B$5:$B$7=A5)*('Study units'!$D$5:$D$7<>\"Johkasou (on-site tanks)\"))"
    )
    assert shown[say("districts")]["G5"].value == int((plan.units["treatment"].iloc[[0, 2]] != "johkasou").sum())


def test_no_two_districts_are_called_alike() -> None:
    table = pd.DataFrame(
        {"district_id": range(7), "name": ["A", "A", "B", None, " ", "A", "B"], "code": ["1", "2", None, "9", None, None, None]}
    )
    called = {0: "A (1)", 1: "A (2)", 2: "B", 3: "District 9", 4: "District 5", 5: "A", 6: "B (2)"}
    assert labels(table, "en") == called
    assert labels(table[::-1], "en") == called
    assert set(labels(table.assign(name=None)[:2], "en").values()) == {"1", "2"}


def test_halves_of_letters_are_shown_as_blanks() -> None:
    assert book.safe_text("a\ud800b\u2066c") == "a b c"


def test_equal_plans_give_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        workbook.write(small_plan(), tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"], "nothing left behind"


def test_a_failure_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook.write(small_plan(), path)
    before = path.read_bytes()
    with pytest.raises(KeyError):
        workbook.write(replace(small_plan(), zones=pd.DataFrame({"zone_id": [1]})), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_longer_than_a_sheet_goes_on_on_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_ROWS", 10)
    costs = frame(
        tables.COSTS, option="plan", unit_id=[2] * 4 + [None] * 8, system_id=[None] * 4 + [0] * 4 + [1] * 4, item="sewer",
        capital_yen_per_yr=np.arange(12.0), is_in_plan=True,
    )  # fmt: skip
    found, shown = written(replace(small_plan("en"), costs=costs), tmp_path / "a.xlsx")
    name = words.Words("en")("plan_rows")
    assert f"{name} (2)" in found.sheetnames
    assert shown[name]["A1"].value == f"{name} (rows 1 to 8 of 12)"
    assert found["Systems"]["J5"].value == f"=SUM('{name}'!$O$9:$O$12)"
    assert found["Systems"]["J6"].value == f"=SUM('{name} (2)'!$O$5:$O$8)"
    assert found["Study units"]["X7"].value == f"=SUM('{name}'!$Q$5:$Q$8)"
    assert found["Summary"]["C17"].value == f"=(SUM('{name}'!$O$5:$O$12)+SUM('{name} (2)'!$O$5:$O$8))/1000"
    assert shown["Summary"]["C17"].value == pytest.approx(0.066)


def test_more_options_than_a_sheet_takes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_ROWS", 8)
    with pytest.raises(DataError, match="study units"):
        workbook.write(small_plan(), tmp_path / "a.xlsx")


def test_rows_of_one_sum_are_never_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_ROWS", 4)
    groups = np.array([1, 1, 1, 2, 2, 2, 3, 4, 4, 5])
    placed = book.Placed.of("rows", len(groups), groups)
    assert placed.starts.tolist() == [0, 3, 7]
    assert placed.sheets == ("rows", "rows (2)", "rows (3)")
    assert placed.cells("B", 7, 9) == "'rows (3)'!$B$5:$B$6"


def test_lines_of_unit_costs_give_every_row_its_own_price() -> None:
    costs = frame(
        tables.COSTS, item=["sewer"] * 3 + ["plant_small"] * 2, detail=["150 mm"] * 3 + ["for 1.2 m3/d", "for 3.0 m3/d"],
        quantity=[10.0, 30.0, 5.0, 1.0, 1.0], unit_cost_yen=[100.0, 200.0, 100.0, 7e6 / 3, 9e6],
        life_yr=[50.0] * 3 + [25.0] * 2, unit_upkeep_yen_per_yr=[3.0, 3.0, 3.0, 0.0, 0.0],
        mark=["P", "P", "U", "P", "P"], source="x", option="connect", unit_id=0,
    )  # fmt: skip
    found = price_list(costs, ("sewer",))
    assert found.lines["unit_cost_yen"].tolist() == [175.0, 100.0, 5666670.0]
    assert found.lines["factor"].tolist() == ["sewer", "sewer", "treatment"]
    assert found.of_row.tolist() == [0, 0, 1, 2, 2]
    again = found.lines["unit_cost_yen"].to_numpy()[found.of_row] * found.price_factor
    assert again == pytest.approx(costs["unit_cost_yen"].to_numpy(), rel=1e-15)
    assert found.upkeep_factor.tolist() == [1.0] * 5


def test_an_empty_plan_is_still_a_workbook(tmp_path: Path) -> None:
    plan = small_plan()
    empty = {t.name: t.empty(plan.units.crs) for t in tables.ALL_TABLES}
    found, _ = written(replace(plan, **empty), tmp_path / "a.xlsx")
    assert words.Words("en")("units") in found.sheetnames
