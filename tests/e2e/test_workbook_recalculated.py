"""A reviewer's check without us: LibreOffice computes the workbook anew, at our prices and at others."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from sewerzone import api
from sewerzone.output.workbook.words import Words
from sewerzone.stages.as_laid import as_laid
from tests.e2e.conftest import Town, call

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SAY = Words("ja")
SEWER_FACTOR = "E4"


def computed(path: Path, place: Path, sewer_factor: float) -> Any:
    """What LibreOffice finds in the cells, all computed by itself: the file handed over has formulas without values."""
    place.mkdir()
    bare = openpyxl.load_workbook(path)
    bare[SAY("prices")][SEWER_FACTOR] = sewer_factor
    bare.save(place / "bare.xlsx")
    own = f"-env:UserInstallation=file://{place.parent / 'profile'}"
    command = [str(SOFFICE), own, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(place / "out")]
    subprocess.run([*command, str(place / "bare.xlsx")], check=True, capture_output=True, timeout=120)
    return openpyxl.load_workbook(place / "out" / "bare.xlsx", data_only=True)


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_finds_our_totals_and_verdicts_and_flips_what_we_print(town: Town, tmp_path: Path) -> None:
    made = call("workbook", town.out, "-o", tmp_path / "book.xlsx")
    assert made.exit_code == 0, made.output
    plan = api.load(town.out)
    ours = openpyxl.load_workbook(tmp_path / "book.xlsx", data_only=True)
    theirs = computed(tmp_path / "book.xlsx", tmp_path / "now", 1.0)
    cells = 0
    for sheet in ours:
        for row in sheet.iter_rows():
            for cell in row:
                other = theirs[sheet.title][cell.coordinate].value
                if isinstance(cell.value, int | float):
                    assert abs(other - cell.value) <= 0.01 + 1e-9 * abs(cell.value), (sheet.title, cell.coordinate)
                    cells += 1
                else:
                    assert (other or "") == (cell.value or ""), (sheet.title, cell.coordinate)
    assert cells > 500
    assert_as_planned(plan, theirs)
    assert_flips(plan, theirs, tmp_path)


def rows_of(sheet: Any, *headings: str) -> list[tuple[Any, ...]]:
    """Some columns of a table, by heading."""
    heads = [cell.value for cell in sheet[4]]
    return [tuple(row[heads.index(SAY(h))] for h in headings) for row in sheet.iter_rows(min_row=5, values_only=True)]


def assert_as_planned(plan: api.Plan, found: Any) -> None:
    units = rows_of(found[SAY("units")], "unit", "live_verdict", "alone_verdict")
    assert [u[0] for u in units] == plan.units["unit_id"].tolist()
    assert [u[1] for u in units] == [SAY.treatment(t) for t in plan.units["treatment"]]
    assert [u[2] for u in units] == [SAY.treatment(t) for t in plan.units["alone_treatment"]]
    total = plan.options.set_index(["unit_id", "option"])["total_yen_per_yr"]
    options = [o for o in rows_of(found[SAY("options")], "unit", "option", "total_per_yr") if o[2] is not None]
    assert len(options) == total.notna().sum()
    name = {SAY.option(o): o for o in ("connect", "own_plant", "johkasou")}
    for unit, option, yen in options:
        assert yen == pytest.approx(total[unit, name[option]], abs=0.5)
    in_plan = plan.costs[plan.costs["is_in_plan"]]
    whole = in_plan["capital_yen_per_yr"].sum() + in_plan["upkeep_yen_per_yr"].sum()
    assert found[SAY("plan_rows")]["Q3"].value == pytest.approx(whole, abs=0.5)
    systems = [row[0] for row in rows_of(found[SAY("systems")], "total_per_yr")]
    assert systems == pytest.approx(plan.systems["total_yen_per_yr"].tolist(), abs=0.5)


def assert_flips(plan: api.Plan, today: Any, tmp_path: Path) -> None:
    """At a price beyond the break-even of some units but not of others, exactly those turn."""
    laid = as_laid(plan.units, plan.options, plan.costs, plan.overrides, plan.consolidation, plan.run["priced_by_sewer"])
    assert laid.turns_by_itself()[1] == pytest.approx(plan.units["break_even_yen_per_m"].to_numpy(), nan_ok=True)
    printed = rows_of(today[SAY("units")], "falling_turn", "rising_turn", "alone_turn")
    falling, rising, alone = (np.array([v if v else np.nan for v in c], float) for c in zip(*printed, strict=True))
    tank = SAY.treatment("johkasou")
    turns = {"dear": (rising[np.isfinite(rising)], 1.001), "cheap": (falling[np.isfinite(falling)], 0.999)}
    assert any(len(prices) for prices, _ in turns.values())
    for name, factor in ((n, np.median(prices) * beyond) for n, (prices, beyond) in turns.items() if len(prices)):
        found = rows_of(computed(tmp_path / "book.xlsx", tmp_path / name, factor)[SAY("units")],
                        "plan_verdict", "live_verdict", "alone_verdict")  # fmt: skip
        before, after, by_itself = (np.array([v == tank for v in c]) for c in zip(*found, strict=True))
        expected = np.nan_to_num(rising, nan=np.inf) < factor if factor > 1 else np.nan_to_num(falling, nan=0.0) >= factor
        assert expected.any()
        assert not expected.all()
        assert (before != after).tolist() == expected.tolist()
        assert by_itself.tolist() == (~(np.nan_to_num(alone, nan=0.0) >= factor)).tolist()


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_it_prints(town: Town, tmp_path: Path) -> None:
    """The file as written opens and becomes a PDF."""
    assert call("workbook", town.out, "-o", tmp_path / "book.xlsx", "--language", "en").exit_code == 0
    command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(tmp_path / "book.xlsx")], check=True, capture_output=True, timeout=120
    )
    assert (tmp_path / "book.pdf").stat().st_size > 20_000


def test_a_wrong_name_is_refused(town: Town, tmp_path: Path) -> None:
    assert call("workbook", town.out, "-o", tmp_path / "book.ods").exit_code == 2
    assert call("workbook", tmp_path).exit_code == 1
