"""Districts in a later year: shares against scipy and by hand, totals exact, what cannot be forecast is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import linregress

import sewerzone as sz
from sewerzone.engineering.forecast import shares, whole_numbers
from sewerzone.errors import ConfigError, DataError
from sewerzone.io.history import read_history
from sewerzone.tables.forecast import FORECAST, FORECAST_WITH_DWELLINGS
from tests.e2e.conftest import call

YEARS = np.arange(2008.0, 2018.0)


def history(**counts: list[float]) -> pd.DataFrame:
    """Districts with their figures from 2008 on."""
    rows = [(d, 2008 + i, c) for d, held in counts.items() for i, c in enumerate(held)]
    return pd.DataFrame(rows, columns=["district", "year", "count"])


def by_name(table: pd.DataFrame) -> dict[str, Any]:
    return {str(r["name"]): r for r in table.to_dict("records")}


# --- the rule


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_shares_are_those_of_scipys_regression(data: st.DataObject) -> None:
    n, m = data.draw(st.integers(1, 8)), data.draw(st.integers(3, 10))
    figures = np.array(
        data.draw(st.lists(st.lists(st.integers(1, 900), min_size=m, max_size=m), min_size=n, max_size=n)), float
    )
    years, target = YEARS[:m], data.draw(st.integers(2020, 2045))
    found = shares(years, figures, target)
    assert found.share.sum() == pytest.approx(1.0, abs=1e-12)
    share = figures / figures.sum(axis=0)
    wanted = np.empty(n)
    for k in range(n):
        if np.ptp(share[k]) < 1e-9:
            assert np.isnan(found.correlation[k])
            assert found.slope_per_yr[k] == 0.0
            wanted[k] = share[k, -1]
            continue
        fit = linregress(years, share[k])
        assert found.correlation[k] == pytest.approx(fit.rvalue, abs=1e-9)
        assert found.slope_per_yr[k] == pytest.approx(fit.slope, rel=1e-9, abs=1e-12)
        if abs(abs(fit.rvalue) - 0.9) > 1e-9:
            assert found.is_trend[k] == (abs(fit.rvalue) >= 0.9)
        line = max(fit.intercept + fit.slope * target, 0.0)
        wanted[k] = line if found.is_trend[k] else share[k, -1]
    assert found.unscaled == pytest.approx(wanted, abs=1e-8)
    assert found.share == pytest.approx(wanted / wanted.sum(), abs=1e-7)


def test_a_correlation_of_exactly_the_limit_follows_its_line() -> None:
    """Shares 0.4, 0.5, 0.4, 0.6: r = 0.25 / sqrt(5 * 0.0275); the limit is inclusive."""
    figures = np.array([[40.0, 50, 40, 60], [60.0, 50, 60, 40]])
    r = float(shares(YEARS[:4], figures, 2020.0).correlation[0])
    assert r == pytest.approx(0.25 / np.sqrt(5.0 * 0.0275))
    for limit, is_trend in ((r, True), (np.nextafter(r, 2.0), False)):
        assert shares(YEARS[:4], figures, 2020.0, limit).is_trend[0] == is_trend


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10**7), st.lists(st.integers(0, 1000), min_size=1, max_size=30).filter(any))
def test_whole_numbers_sum_to_the_total(total: int, weights: list[int]) -> None:
    share = np.array(weights) / sum(weights)
    found = whole_numbers(total, share)
    assert found.sum() == total
    assert (np.abs(found - total * share) < 1.0).all()
    assert (found[share == 0] == 0).all()


def test_a_town_by_hand() -> None:
    """East gains a hundredth a year, west loses it, the hills swing about a fifth."""
    swing = [200.0, 210, 190, 200, 210, 190, 200, 210, 190, 200]
    east = [300.0 + 10 * i for i in range(10)]
    west = [1000 - s - e for s, e in zip(swing, east, strict=True)]
    table = by_name(sz.forecast(history(hills=swing, east=east, west=west), 2000, 2027))
    assert table["hills"]["people_rule"] == "last_share"
    assert abs(table["hills"]["people_r"]) < 0.2
    assert table["hills"]["people_share_unscaled"] == pytest.approx(0.2)
    assert table["east"]["people_rule"] == "trend"
    assert table["east"]["people_r"] == pytest.approx(1.0)
    assert table["east"]["people_slope_per_yr"] == pytest.approx(0.01)
    assert table["east"]["people_share_unscaled"] == pytest.approx(0.3 + 0.01 * 19)
    fit = linregress(YEARS, np.array(west) / 1000)
    assert table["west"]["people_share_unscaled"] == pytest.approx(fit.intercept + fit.slope * 2027)
    whole = 0.2 + 0.49 + fit.intercept + fit.slope * 2027
    assert [table[n]["people_share"] for n in ("hills", "east")] == pytest.approx([0.2 / whole, 0.49 / whole])
    assert sum(r["people"] for r in table.values()) == 2000
    assert abs(table["east"]["people"] - 2000 * 0.49 / whole) < 1


def test_a_line_that_falls_below_nothing_counts_as_nothing() -> None:
    table = by_name(sz.forecast(history(ghost=[50.0, 40, 30, 20, 10], town=[950.0, 960, 970, 980, 990]), 900, 2030))
    assert table["ghost"]["people_rule"] == "trend_to_nothing"
    assert [table[n]["people"] for n in ("ghost", "town")] == [0, 900]


def test_only_the_last_years_count() -> None:
    """A fall long ago is forgotten: the last ten years are level."""
    rows = history(a=[900.0, 700, *[500.0] * 10], b=[100.0, 300, *[500.0] * 10])
    table = by_name(sz.forecast(rows, 100, 2030))
    assert table["a"]["people"] == 50
    assert table["a"]["people_rule"] == "last_share"
    assert np.isnan(table["a"]["people_r"])
    longer = by_name(sz.forecast(rows, 100, 2030, last_years=12))
    assert longer["a"]["people_r"] < -0.5


def test_households_follow_from_people_and_their_size() -> None:
    """1,000 people in 400 households (2.5 each); the prefecture's fall from 2.4 to 2.1: 900 / (2.5 * 2.1 / 2.4) = 411."""
    people = history(a=[500.0] * 5, b=[500.0] * 5)
    homes = history(a=[100.0, 110, 120, 130, 140], b=[300.0, 290, 280, 270, 260])
    table = by_name(sz.forecast(people, 900, 2020, homes, (2.4, 2.1)))
    assert sum(r["dwellings"] for r in table.values()) == 411
    assert table["a"]["dwellings_share"] == pytest.approx(0.25 + 0.025 * 12)
    assert table["a"]["people"] == 450
    assert FORECAST_WITH_DWELLINGS.names == list(sz.forecast(people, 900, 2020, homes, (2.4, 2.1)).columns)
    assert FORECAST.names == list(sz.forecast(people, 900, 2020).columns)


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    rows = history(**{f"d{k}": list(rng.integers(1, 999, 10).astype(float)) for k in range(40)})
    assert_frame_equal(sz.forecast(rows, 12345, 2035), sz.forecast(rows.sample(frac=1, random_state=1), 12345, 2035))


def test_years_five_apart_will_do() -> None:
    rows = history(a=[1.0, 2, 3, 4], b=[9.0, 8, 7, 6])
    rows["year"] = 2000 + 5 * (rows["year"] - 2008)
    table = by_name(sz.forecast(rows, 100, 2020, last_years=20))
    assert table["a"]["people_share"] == pytest.approx(0.5)


# --- what is refused


def test_what_cannot_be_forecast_is_refused() -> None:
    good = history(a=[1.0, 2, 3, 4], b=[9.0, 8, 7, 6])
    cases: list[tuple[pd.DataFrame, int, int, str]] = [
        (good.drop(index=2), 9, 2030, "1 figures are missing (a 2010)"),
        (good[good["year"] != 2010], 9, 2030, "figure for 2010"),
        (good[good["year"] < 2010], 9, 2030, "only 2 of the last 10 years"),
        (pd.concat([good, good.iloc[:1]]), 9, 2030, "repeat a district and year (a 2008)"),
        (good, 9, 2011, "2011 is not after 2011"),
        (good.assign(count=[-1.0] * 8), 9, 2030, "below 0"),
        (good.assign(count=[np.nan, *[1.0] * 7]), 9, 2030, "have no value"),
        (good.assign(count=[0.0, 1, 1, 1] * 2), 9, 2030, "nobody at all in 2008"),
        (good.drop(columns="year"), 9, 2030, "no column year"),
        (good.iloc[:0], 9, 2030, "no rows"),
        (good, -1, 2030, "-1 is no number of people"),
    ]
    for rows, total, year, said in cases:
        with pytest.raises(DataError) as error:
            sz.forecast(rows, total, year)
        assert said in str(error.value), str(error.value)
    with pytest.raises(DataError, match="2 problems"):
        sz.forecast(good.drop(index=2), 9, 2011)


def test_households_must_fit_the_people() -> None:
    people, homes = history(a=[10.0] * 4, b=[20.0] * 4), history(a=[5.0] * 4, b=[9.0] * 4)
    with pytest.raises(ConfigError, match="go together"):
        sz.forecast(people, 30, 2030, homes)
    with pytest.raises(DataError, match="not positive"):
        sz.forecast(people, 30, 2030, homes, (2.4, 0.0))
    with pytest.raises(DataError, match=r"in only one of people and households \(b, c\)"):
        sz.forecast(people, 30, 2030, homes.replace("b", "c"), (2.4, 2.2))
    with pytest.raises(DataError, match="more of them than people"):
        sz.forecast(homes, 30, 2030, people, (2.4, 2.2))
    with pytest.raises(DataError, match="the last year is 2012, that of people 2011"):
        sz.forecast(people, 30, 2030, homes.assign(year=homes["year"] + 1), (2.4, 2.2))


# --- files and the command

LONG = "district,year,people\n" + "".join(f"{d},{y},{c}\n" for d, c in (("本町", 30), ("港", 70)) for y in (2015, 2016, 2017))
WIDE = "地区名,２０１５年,2016年,2017年\n本町,30,30,30\n港,70,70,７０\n\n"


@pytest.mark.parametrize(("text", "encoding"), [(LONG, "utf-8-sig"), (LONG, "cp932"), (WIDE, "utf-8"), (WIDE, "cp932")])
def test_histories_of_either_form_and_encoding(text: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(text, encoding)
    read = read_history(tmp_path / "d.csv").sort_values(["district", "year"], ignore_index=True)
    assert read["district"].tolist() == ["本町"] * 3 + ["港"] * 3
    assert read["year"].tolist() == [2015, 2016, 2017] * 2
    assert read["count"].tolist() == [30.0] * 3 + [70.0] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "its columns are a, b"),
        ("", "its columns are none"),
        ("district,2015,2016\nx,1\n", "another number of cells"),
        ("district,2015,2016\nx,1,\n", "1 figures of people are missing (x 2016)"),
        ("district,2015,2016\nx,1,X\n", "are no numbers (x 2016: X)"),
        ("district,2015,2016\n,1,2\n", "2 figures have no district"),
        ("district,year,people\nx,平成27年,2\n", "no four digits"),
    ],
)
def test_histories_that_cannot_be_read(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(text, "utf-8")
    with pytest.raises(DataError) as error:
        read_history(tmp_path / "d.csv")
    assert said in str(error.value)
    assert "d.csv" in str(error.value)


def test_the_command_writes_the_table_and_tells_the_rules(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(WIDE, "cp932")
    words = ("forecast", tmp_path / "d.csv", "--total", 1001, "--year", 2040, "-o", tmp_path / "o.csv")
    done = call(*words)
    assert done.exit_code == 0, done.output
    assert "last share" in done.stdout
    written = pd.read_csv(tmp_path / "o.csv")
    assert_frame_equal(written, sz.forecast(tmp_path / "d.csv", 1001, 2040), check_dtype=False, rtol=0)
    assert written["people"].tolist() == [300, 701]
    again = call(*words)
    assert again.exit_code == 1
    assert "exists" in again.stderr
    japanese = call(*words, "--force", "--language", "ja")
    assert "現況構成比" in japanese.stdout
    told = json.loads(call(*words, "--force", "--json").stdout)
    assert [d["people"] for d in told["districts"]] == [300, 701]
    assert call(*words, "--force", "--households", tmp_path / "d.csv").exit_code == 2
    both = call(*words, "--force", "--households", _households(tmp_path), "--household-size", 2.4, 2.0)
    assert both.exit_code == 0, both.output
    assert pd.read_csv(tmp_path / "o.csv")["dwellings"].sum() == round(1001 / (100 / 50 * 2.0 / 2.4))
    assert "Households 2040" in both.stdout


def _households(folder: Path) -> Path:
    (folder / "h.csv").write_text("district,2015,2016,2017\n本町,20,20,20\n港,30,30,30\n", "utf-8")
    return folder / "h.csv"
