"""The ledger of existing sewers, and what their renewal costs when: sums that can be checked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from sewerzone import config as config_file
from sewerzone import pipeline
from sewerzone.config import Renewal
from sewerzone.engineering import renewing
from sewerzone.errors import ConfigError, DataError
from sewerzone.io.read import read
from sewerzone.stages import prepare, renewal
from sewerzone.stages.prepare.years import year
from tests import hamlet, village

LINES = [hamlet.line((100.0 * k, 0), (100.0 * k + 100.0, 0)) for k in range(6)]


def ledger(**columns: Any) -> gpd.GeoDataFrame:
    """Six sewers of 100 m in a row as they come out of cleaning."""
    inputs = hamlet.study(hamlet.row(50, 3), [hamlet.line((0, 0), (300, 0))], sewers=hamlet.layer(LINES, **columns))
    return prepare.clean(inputs).sewers


# The ledger -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1977", 1977), ("1977.0", 1977), ("1977年度", 1977), ("2015年", 2015), ("昭和52年", 1977), ("昭和52年度", 1977),
        ("S52", 1977), ("S52.4", 1977), ("S52.3.31", 1976), ("平成元年度", 1989), ("平成元年1月", 1988), ("R5", 2023),
        ("1977-03-31", 1976), ("1977/04/01", 1977), ("19770331", 1976), ("１９７７", 1977), ("H3年度", 1991),
        ("1977-03-31 00:00:00", 1976), ("0", None), ("0年", None), ("不明", None), ("9999", None), ("soon", 0), ("S", 0),
        ("1977-13-01", 0),
    ],
)  # fmt: skip
def test_years_as_ledgers_write_them(text: str, meant: float | None) -> None:
    assert np.isnan(year(text)) if meant is None else year(text) == meant


def test_every_row_stays_with_a_status() -> None:
    rows = ledger(
        installed_year=["昭和52年", "0年", 1999.0, None, "2001年度", "1977"],
        kind=["自然流下", "圧送", None, "", "汚水", "gravity"],
        diameter_mm=["200", "0", "２５０", None, "150", "150"], urgency=["Ⅱ", None, "劣化なし", None, "3", None],
        inspected_year=["R4", None, None, None, 2020, None], length_m=[None, 0, 55.5, None, None, None],
        id=list("abcdef"),
    )  # fmt: skip
    assert len(rows) == 6
    assert rows["installed_year"].fillna(0).tolist() == [1977, 0, 1999, 0, 2001, 1977]
    assert rows["status"].tolist() == ["known", "unknown_year", "known", "unknown_year", "known", "known"]
    assert rows["kind"].tolist() == ["gravity", "pressure", "gravity", "gravity", "gravity", "gravity"]
    assert rows["length_m"].tolist() == [100.0, 100.0, 55.5, 100.0, 100.0, 100.0]
    assert rows["urgency"].fillna("").tolist() == ["II", "", "none", "", "III", ""]
    assert rows["diameter_mm"].isna().tolist() == [False, True, False, True, False, False]


def test_order_of_rows_and_direction_of_lines_do_not_matter() -> None:
    years = [1970, 1971, 1972, 1973, 1974, 1975]
    turned = hamlet.layer([line.reverse() for line in LINES[::-1]], installed_year=years[::-1])
    inputs = hamlet.study(hamlet.row(50, 3), [hamlet.line((0, 0), (300, 0))], sewers=turned)
    one, other = ledger(installed_year=years), prepare.clean(inputs).sewers
    pd.testing.assert_frame_equal(pd.DataFrame(one.drop(columns="geometry")), pd.DataFrame(other.drop(columns="geometry")))


def test_all_that_is_wrong_is_told_at_once() -> None:
    lines = [*LINES[:4], None]
    layer = hamlet.layer(
        lines, installed_year=[1977, "soon", 77, None, None], kind=["雨水", None, None, None, None],
        urgency=["A", "II", None, None, None],
        diameter_mm=[-5, 200, 200, 200, 200], decision=["join", None, None, None, None],
    )  # fmt: skip
    inputs = hamlet.study(hamlet.row(50, 3), [hamlet.line((0, 0), (300, 0))], sewers=layer)
    with pytest.raises(DataError) as caught:
        prepare.clean(inputs)
    said = str(caught.value)
    for words in (
        "sewers.installed_year: 2 are no year from 1850 to 2300: 'soon', '77' (row 1, row 2)",
        "sewers.kind: 1 rows have '雨水'",
        "sewers.urgency: 1 rows have 'A'", "sewers.inspected_year: 1 rows with a class of urgency",
        "sewers.diameter_mm: 1 value is",
        "sewers.length_m: 1 rows have neither a line nor a length (row 4)", "sewers.decision: 1 rows have 'join'",
    ):  # fmt: skip
        assert words in said, words


def test_twice_drawn_and_unknown_are_told(tmp_path: Path) -> None:
    layer = hamlet.layer([*LINES[:3], LINES[0].reverse()], installed_year=[1977, None, None, 1977])
    clean = prepare.clean(hamlet.study(hamlet.row(50, 3), [hamlet.line((0, 0), (300, 0))], sewers=layer))
    assert sorted(clean.sewers["status"]) == ["duplicate", "known", "unknown_year", "unknown_year"]
    said = " ".join(clean.notes)
    assert "sewers: 2 of 3 have no year of installation (200 of 300 m)" in said
    assert "sewers: 1 drawn twice" in said


def test_sewers_of_years_to_come_are_told() -> None:
    """昭和99年 is 2024 and may stand; 2099 cannot, nor counts what is drawn twice."""
    layer = hamlet.layer([*LINES[:3], LINES[0]], installed_year=["2099", "昭和99年", "2026", "2099"])
    clean = prepare.clean(hamlet.study(hamlet.row(50, 3), [hamlet.line((0, 0), (300, 0))], sewers=layer))
    assert "sewers: 1 were installed after the programme's first year 2026 (latest 2099)" in " ".join(clean.notes)
    layer["installed_year"] = "2026"
    clean = prepare.clean(hamlet.study(hamlet.row(50, 3), [hamlet.line((0, 0), (300, 0))], sewers=layer))
    assert "installed after" not in " ".join(clean.notes)


def test_a_ledger_is_read_through_a_field_map(tmp_path: Path) -> None:
    data = village.write(tmp_path)
    roads = gpd.read_file(tmp_path / "village.gpkg", layer="roads")
    made = roads[["geometry"]].assign(SAFIELD007=200, 布設年度="2015年")
    made.to_file(tmp_path / "ledger.shp", encoding="cp932")
    (tmp_path / "ledger.cpg").unlink()
    named = {"path": "ledger.shp", "columns": {"diameter_mm": "SAFIELD007", "installed_year": "布設年度"}}
    study = config_file.parse({**data, "inputs": {**data["inputs"], "sewers": named}, "renewal": {"years": 30}})
    rows = prepare.clean(read(study, tmp_path)).sewers
    assert len(rows) == len(roads)
    assert set(rows["installed_year"]) == {2015}
    assert set(rows["diameter_mm"]) == {200.0}
    named["columns"] = {"diameter_mm": "SAFIELD070"}
    wrong = config_file.parse({**data, "inputs": {**data["inputs"], "sewers": named}})
    with pytest.raises(ConfigError, match="SAFIELD007"):
        read(wrong, tmp_path)
    with pytest.raises(ConfigError, match=r"renewal\.years = 30 needs inputs\.sewers"):
        config_file.parse({**data, "renewal": {"years": 30}})


# Years and sums -------------------------------------------------------------------------------------------------------


def test_what_is_due_comes_again_after_every_life() -> None:
    due = renewing.dues(np.array([-3, 4, 30]), np.array([10.0, 3.5, 5.0]), np.array([100.0, 10.0, 1.0]), 15)
    assert np.flatnonzero(due).tolist() == [0, 4, 7, 10, 11, 14]
    assert due[[0, 4, 7, 10, 11, 14]].tolist() == [100.0, 10.0, 10.0, 100.0, 10.0, 10.0]


WINDOWS = st.builds(renewing.Window, st.integers(0, 3), st.integers(0, 4))


@given(st.lists(st.integers(0, 9), min_size=5, max_size=10), WINDOWS)
@settings(deadline=None, max_examples=60)
def test_the_levelled_amounts_are_of_the_least_peak_and_then_as_even_as_can_be(due: list[int], window: Any) -> None:
    """By a linear and a quadratic programme over all years: nothing outside its window, no lower peak, no less spread."""
    need, years = np.array(due, float), len(due) - window.early_yr
    sums = np.concatenate([[0.0], np.cumsum(need)])
    must = sums[np.clip(np.arange(years + window.late_yr + 1) - window.late_yr, 0, years)]
    may = sums[np.minimum(np.arange(1, years + 1) + window.early_yr, len(need))]
    done = renewing.levelled(need, years, window)
    rate = renewing.least_rate(need, years, window)
    so_far = np.cumsum(done)
    assert (so_far >= must[1 : years + 1] - 1e-9).all()
    assert (so_far <= may + 1e-9).all()
    assert (so_far[-1] + rate * np.arange(window.late_yr + 1) >= must[years:] - 1e-9).all()
    count = years + window.late_yr
    lower = np.tril(np.ones((count, count)))
    rows = np.vstack([np.hstack([-lower, np.zeros((count, 1))]), np.hstack([lower[:years], np.zeros((years, 1))]),
                      np.hstack([np.eye(count), -np.ones((count, 1))])])  # fmt: skip
    least = linprog(np.append(np.zeros(count), 1.0), rows, np.concatenate([-must[1:], may, np.zeros(count)]))
    assert rate == pytest.approx(least.fun, abs=1e-7)
    assert done.max() <= rate * (1.0 + 1e-8)
    left = max(float(np.max(must[years:] - rate * np.arange(window.late_yr + 1))), 0.0)
    sides = [{"type": "ineq", "fun": lambda x: np.cumsum(x) - must[1 : years + 1]},
             {"type": "ineq", "fun": lambda x: may - np.cumsum(x)}, {"type": "ineq", "fun": lambda x: rate - x},
             {"type": "ineq", "fun": lambda x: x.sum() - left}]  # fmt: skip
    even = minimize(lambda x: float(np.var(x)), done, constraints=sides, bounds=[(0.0, None)] * years, method="SLSQP")
    assert float(np.var(done)) <= float(even.fun) + 1e-5


def test_what_can_be_level_is_level() -> None:
    """100 a year by and by, all in one year, or none for a while: flat where the window allows, by hand."""
    flat = renewing.levelled(np.array([400.0, 0, 0, 0]), 4, renewing.Window(0, 3))
    assert flat.tolist() == pytest.approx([100.0] * 4)
    forward = renewing.levelled(np.array([0, 0, 0, 400.0]), 4, renewing.Window(3, 0))
    assert forward.tolist() == pytest.approx([100.0] * 4)
    both = renewing.levelled(np.array([0, 400.0, 0, 0, 0, 400.0, 0, 0, 0]), 8, renewing.Window(1, 2))
    assert both.tolist() == pytest.approx([100.0] * 8)
    later = renewing.levelled(np.array([0, 0, 90.0, 0, 0, 0]), 6, renewing.Window(0, 2))  # nothing before it is due
    assert later.tolist() == pytest.approx([0, 0, 30.0, 30.0, 30.0, 0])


def assets(**columns: Any) -> pd.DataFrame:
    """Sewers of 1 M yen each."""
    count = len(columns["installed_year"])
    plain: dict[str, Any] = {
        "asset": "pipe", "status": "known", "urgency": None, "inspected_year": np.nan, "quantity": 10.0, "quantity_unit": "m",
        "replacement_yen": 1e6, "statutory_life_yr": 50.0, "target_life_yr": 72.0, "mark": "P", "source": "here",
    }  # fmt: skip
    return pd.DataFrame({**{k: [v] * count for k, v in plain.items()}, **columns})


def test_golden_outlook_by_hand() -> None:
    """Four sewers of 1 M yen, a plant of 5 M yen and a pump of 0.2 M yen, over 40 years from 2026.

    Statutory: 1970 -> at once, 1980 -> 2030, 2000 -> 2050, 2010 -> 2060; the plant of 2000, 23 years -> at once and 2049;
    the pump of 2015, 15 years -> 2030, 2045, 2060. Target: 1970 -> 2042, 1980 -> 2052, the others after 2065; the plant, 33
    years -> 2033; the pump, 25 years -> 2040, 2065.
    """
    table = assets(
        installed_year=[1970, 1980, 2000, 2010, 2000, 2015], asset=["pipe"] * 4 + ["plant", "pump"],
        replacement_yen=[1e6] * 4 + [5e6, 2e5], statutory_life_yr=[50.0] * 4 + [23.0, 15.0],
        target_life_yr=[72.0] * 4 + [33.0, 25.0], status=["known"] * 3 + ["assumed_year"] + ["known"] * 2,
    )  # fmt: skip
    asked = Renewal(years=40, late_yr=4)
    made = renewal.outlook(renewal.due_years(table, asked, 2026), asked, 2026)
    yearly = made["renewal"]

    def years(asset: str, which: str) -> dict[int, float]:
        rows = yearly[(yearly["asset"] == asset) & (yearly[which] > 0)]
        return dict(zip(rows["year"].tolist(), rows[which].tolist(), strict=True))

    assert years("pipe", "statutory_yen") == {2026: 1e6, 2030: 1e6, 2050: 1e6, 2060: 1e6}
    assert years("plant", "statutory_yen") == {2026: 5e6, 2049: 5e6}
    assert years("pump", "statutory_yen") == {2030: 2e5, 2045: 2e5, 2060: 2e5}
    assert years("pipe", "target_yen") == {2042: 1e6, 2052: 1e6}
    assert years("plant", "target_yen") == {2033: 5e6}
    assert years("pump", "target_yen") == {2040: 2e5, 2065: 2e5}
    sums = made["renewal_sums"].set_index("asset")
    assert sums.loc["all", "levelled_yen_per_yr"] == 1e6  # the plant, over its year and the four it may be put off
    assert years("plant", "levelled_yen") == pytest.approx(dict.fromkeys(range(2033, 2038), 1e6))
    assert sums["replacement_yen"].to_dict() == {"pipe": 4e6, "plant": 5e6, "pump": 2e5, "all": 9.2e6}
    assert sums["statutory_yen"].to_dict() == {"pipe": 4e6, "plant": 10e6, "pump": 6e5, "all": 14.6e6}
    assert sums["target_yen"].to_dict() == {"pipe": 2e6, "plant": 5e6, "pump": 4e5, "all": 7.4e6}
    assert sums["unknown_yen"].to_dict() == {"pipe": 1e6, "plant": 0.0, "pump": 0.0, "all": 1e6}
    assert years("pump", "levelled_yen")[2065] == pytest.approx(
        7.2e6 / 39
    )  # of 0.2 M yen due in the last year: the mean of all
    assert sums.loc["all", "overdue_yen"] == 0.0
    assert yearly["levelled_yen"].groupby(yearly["year"]).sum().max() == pytest.approx(1e6)


def test_urgency_comes_before_age() -> None:
    """Of urgency I a year after inspection, II after five, III by age but not before five years; sound ones by age."""
    table = assets(
        installed_year=[2000, 2000, 1950, 2000, 2000, 1940], urgency=["I", "II", "III", "III", "none", "I"],
        inspected_year=[2027.0, 2026.0, 2026.0, 2026.0, 2026.0, 2010.0],
    )  # fmt: skip
    due = renewal.due_years(table, Renewal(years=30), 2026)
    assert due["target_due_year"].tolist() == [2028, 2031, 2031, 2072, 2072, 2026]
    found = renewal.urgencies(due, 2026).set_index("urgency")
    assert found["sewers"].to_dict() == {"I": 2, "II": 1, "III": 2, "none": 1}
    assert found["due_5_m"].to_dict() == {"I": 20.0, "II": 0.0, "III": 0.0, "none": 0.0}
    assert found["due_10_m"].to_dict() == {"I": 20.0, "II": 10.0, "III": 10.0, "none": 0.0}
    assert found.loc["III", ["first_year", "last_year"]].tolist() == [2031, 2072]


def test_unknown_years_count_and_are_shown_apart() -> None:
    year = pd.Series([1970, None, 1990, None, 2000], dtype="Int64")
    metres = np.array([10.0, 500.0, 30.0, 1.0, 10.0])
    found = renewal.assumed_years(year, metres, None, 2026)
    assert found.year.tolist() == [1970, 1990, 1990, 1990, 2000]
    assert found.is_assumed.tolist() == [False, True, False, True, False]
    assert renewal.assumed_years(year, metres, 1965, 2026).year.tolist() == [1970, 1965, 1990, 1965, 2000]
    assert set(renewal.assumed_years(pd.Series([None], dtype="Int64"), metres[:1], None, 2026).year) == {2026}


def test_what_the_programme_builds_falls_due_in_its_turn() -> None:
    """New sewers are assets of the year in which the programme finishes them, worth what it spends on them."""
    roads = [hamlet.line((-100, 0), (0, 0), (1000, 0))]
    served = hamlet.layer([hamlet.box(-100, -50, 0, 50)], name=["today"])
    sections = {
        "inputs": {"buildings": "b", "roads": "r", "terrain": "t", "sewers": "s"},
        "zoning": {"build_cap_yen_per_yr": 12e6, "build_years": 50, "method": "all_sewer"},
        "programme": {"years": 8, "package_max_yen": 8e6},
        "renewal": {"years": 90},
    }
    ledger = hamlet.layer([hamlet.line((-100, 0), (0, 0))], installed_year=[1980])
    inputs = hamlet.study(
        hamlet.row(50, 10, 15.0), roads, hamlet.rising_east(0.01), sections, served_areas=served, sewers=ledger
    )
    plan = pipeline.run(inputs)
    new = plan.renewal_stock[plan.renewal_stock["status"] == "planned"]
    done = plan.programme.dropna(subset="built_year")
    assert len(done)
    assert new["replacement_yen"].sum() == pytest.approx(done["capital_yen"].sum())
    assert set(new["installed_year"]) == set(done["built_year"].astype(int))
    pipes = new[new["asset"] == "pipe"]
    assert (pipes["target_due_year"] == pipes["installed_year"] + 72).all()
    sums = plan.renewal_sums.set_index("asset")
    assert sums.loc["pipe", "replacement_yen"] == pytest.approx(100.0 * 138_000.0)  # of what stands today
    later = plan.renewal[(plan.renewal["year"] >= 2026 + 72) & (plan.renewal["asset"] == "pipe")]
    assert later["target_yen"].sum() == pytest.approx(pipes["replacement_yen"].sum())
