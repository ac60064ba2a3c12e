"""Who pays, falling population, indicators, outlook, forms: hand-made figures, sums to the yen, debts that close."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone import config, tables
from sewerzone.config import Accounts, Decline
from sewerzone.costbooks import payers as books
from sewerzone.engineering import decline as falling
from sewerzone.engineering.economics import annuity_factor
from sewerzone.engineering.payments import Part, redemption_plan, service, split
from sewerzone.errors import ConfigError
from sewerzone.pipeline.money import money
from sewerzone.stages import decline, forms, indicators, outlook, payers
from tests import plans

GIVEN = {
    "fee_yen_per_yr": 100e6, "treatment_cost_yen_per_yr": 150e6, "billed_m3_per_yr": 8e5, "treated_m3_per_yr": 1e6,
    "people_in_area": 8000.0, "people_connected": 7200.0, "built_ha": 300.0, "planned_ha": 400.0,
}  # fmt: skip

# Shares ---------------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(
    yen=st.lists(st.integers(0, 10**13), min_size=1, max_size=5),
    of=st.lists(st.tuples(st.fractions(0, 1, max_denominator=10_000), st.sampled_from(["down", "nearest", "up"])), max_size=4),
)
def test_shares_are_whole_thousands_and_sum_to_the_yen(yen: list[int], of: list[tuple[Fraction, str]]) -> None:
    out = split(np.array(yen, np.int64), [Part(share, 0, rounding) for share, rounding in of])
    assert out.sum(axis=1).tolist() == yen
    assert (out >= 0).all()
    left = list(yen)
    for k, (share, rounding) in enumerate(of):
        for row, amount in enumerate(yen):
            exact = amount * share / 1000
            if rounding == "nearest":
                whole = (2 * exact + 1).__floor__() // 2
            else:
                whole = exact.__floor__() if rounding == "down" else exact.__ceil__()
            assert out[row, k] == min(1000 * whole, left[row])
            left[row] -= out[row, k]


def test_fixed_amounts_come_in_their_order_and_never_exceed_what_is_left() -> None:
    out = split(np.array([100_000, 30_500]), [Part(None, 40_000, "down"), Part(Fraction(9, 10), 0, "up")])
    assert out.tolist() == [[40_000, 60_000, 0], [30_500, 0, 0]]


def cost_rows(**columns: object) -> pd.DataFrame:
    """Cost rows of a plan: three tanks of two sizes, two metres of sewer, a pump and a plant."""
    quantity = np.array([2.0, 1.0, 100.0, 1.0, 50.0, 3.0])
    unit = np.array([940_000.0, 1_100_000.0, 81_500.7, 9_200_000.0, 335_000.0, 0.0])
    given = {
        "item": ["johkasou_5", "johkasou_7", "sewer", "pump", "treatment", "johkasou_5_upkeep"], "quantity": quantity,
        "unit_cost_yen": unit, "capital_yen": quantity * unit, "option": "plan", "is_in_plan": True,
        "upkeep_yen_per_yr": [0.0, 0.0, 6_000.0, 220_000.0, 250_000.0, 156_000.0],
    }  # fmt: skip
    return plans.frame(tables.COSTS, **{**given, **columns})


@pytest.mark.parametrize("name", books.SHIPPED)
def test_payments_sum_to_each_measure_and_name_the_remainder(name: str) -> None:
    book, costs = books.load(name), cost_rows()
    paid = payers.payments(costs, book)
    by = paid.groupby("measure")["paid_yen"].sum()
    assert by.to_dict() == {"johkasou": 2_980_000, "sewer": 8_150_070, "pump": 9_200_000, "plant": 16_750_000}
    assert (paid[~paid["is_remainder"]]["paid_yen"] % 1000 == 0).all()
    assert paid[paid["is_remainder"]].set_index("measure")["payer"].to_dict() == {
        measure: sharing.remainder for measure, sharing in book.measures.items()
    }
    assert paid.groupby("measure")["paid_share"].sum().to_numpy() == pytest.approx(1.0)
    tanks = paid[paid["measure"] == "johkasou"].set_index("payer")["paid_yen"]
    if name == "fuji_2018":  # by tank, not of the sum: 2 x 187 + 219 thousand
        assert tanks["national"] == 2 * 187_000 + 219_000


def test_payments_by_year_sum_to_what_the_programme_spends() -> None:
    years = pd.DataFrame(
        {"year": [2027, 2028], "sewer_yen": [20_000_001.0, 14_100_069.0], "tanks": [2.0, 0.0], "tank_yen": [1_880_000.0, 0.0]}
    )
    paid = payers.payment_years(years, cost_rows(), books.load("fuji_2018"))
    assert (paid["paid_yen"] > 0).all()
    sums = paid.assign(is_tank=paid["measure"] == "johkasou").groupby(["year", "is_tank"])["paid_yen"].sum()
    assert sums[2027, True] == 1_880_000
    assert sums[2027, False] == pytest.approx(20_000_001, abs=2)  # three measures, each in whole yen
    assert sums[2028, False] == pytest.approx(14_100_069, abs=2)
    assert (2028, True) not in sums


def test_a_household_pays_the_fee_by_its_water_or_its_share_of_a_tank() -> None:
    book = books.load("generic")
    table = payers.households(cost_rows(), book).set_index(["kind", "charge"])
    assert table.loc[("sewer", "fee"), "yen_per_yr"] == 12 * (1_000 + 20 * 100)
    mean = (2 * 940_000 + 1_100_000) / 3
    assert table.loc[("johkasou", "tank_share"), "once_yen"] == round(mean / 10, -3)
    assert table.loc[("johkasou", "tank_upkeep"), "yen_per_yr"] == 52_000
    assert table.loc[("sewer", "all_charges"), "once_yen"] == 600_000
    assert table.loc[("johkasou", "all_charges"), "mark"] == "U"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('payer = "national", share = "1/3"', 'payer = "bond", share = "1/3"', "each payer once"),
        ('share = "1/3"', 'share = "4/3"', "between 0 and 1"),
        ('share = "1/3", mark', 'share = "1/3", yen = 5, mark', "either share or yen"),
        ("[measures.pump]", "[measures.pumps]", "measures"),
    ],
)
def test_a_wrong_book_of_shares_is_told(old: str, new: str, said: str, tmp_path) -> None:
    text = (books.Path(books.__file__).with_name("payers_generic.toml")).read_text("utf-8")
    assert old in text
    (tmp_path / "own.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigError, match=said):
        books.load("own.toml", tmp_path)
    with pytest.raises(ConfigError, match="fuji_2018"):
        books.load("nowhere.toml", tmp_path)


# Bonds ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "life", "grace"), [(0.0, 30, 5), (0.015, 30, 5), (0.04, 2, 1), (0.02, 20, 0)])
def test_a_bond_is_paid_back_to_the_last_yen_in_equal_yearly_amounts(rate: float, life: int, grace: int) -> None:
    issued = np.zeros(life + 3)
    issued[1] = 1e9
    made = service(issued, rate, life, grace)
    assert made.debt[1 + life] == pytest.approx(0.0, abs=1e-3)
    assert made.debt[life] > 1e6
    owed = 1e9
    for year in range(2, life + 2):  # the ledger, by hand
        assert made.interest[year] == pytest.approx(rate * owed, abs=1e-3)
        owed -= made.redemption[year]
        assert made.debt[year] == pytest.approx(owed, abs=1e-3)
    paid = (made.interest + made.redemption)[2 + grace : 2 + life]
    assert paid == pytest.approx(1e9 * annuity_factor(rate, life - grace))
    assert not made.redemption[: 2 + grace].any()
    assert redemption_plan(rate, life, grace).sum() == pytest.approx(1.0)


# Falling population ---------------------------------------------------------------------------------------------------


def two_options(**changed: object) -> dict[str, object]:
    """One unit alone: a sewer of 30 years and treatment, or tanks of 10 years."""
    costs = plans.frame(
        tables.COSTS,
        option=["connect", "connect", "johkasou", "johkasou"], unit_id=[7, 7, 7, 7],
        item=["sewer", "treatment", "johkasou_5", "johkasou_5_upkeep"],
        capital_yen=[3e6, 0.0, 8e5, 0.0], upkeep_yen_per_yr=[1e4, 2e4, 0.0, 5.2e4], life_yr=[30.0, np.nan, 10.0, np.nan],
    )  # fmt: skip
    options = plans.frame(
        tables.OPTIONS, unit_id=[7, 7, 7], option=["connect", "own_plant", "johkasou"], is_possible=[True, False, True],
        total_yen_per_yr=[130_000.0, None, 132_000.0],
    )  # fmt: skip
    units = pd.DataFrame({"unit_id": [7], "district_id": pd.array([3], dtype="Int64")})
    return {"units": units, "options": options, "costs": costs, "names": {3: "East"}, **changed}


def test_without_decline_at_rate_0_the_horizon_is_the_static_cost_times_its_years() -> None:
    out = decline.decline(**two_options(), config=Decline(horizon_yr=30, discount_rate=0.0, rate_per_yr=0.0, spread_per_yr=0.0))
    row = out["decline"].iloc[0]
    assert row["sewer_present_yen"] == pytest.approx(30 * 130_000)
    assert row["johkasou_present_yen"] == pytest.approx(30 * 132_000)
    assert not row["is_turned"]
    assert row["steady_treatment"] == row["static_treatment"] == "sewer"
    assert pd.isna(row["turn_year"])
    assert row["sewer_regret_yen"] == 0.0
    assert row["johkasou_regret_yen"] == pytest.approx(30 * 2_000)


def test_a_falling_village_turns_and_the_ledger_agrees_year_by_year() -> None:
    given = Decline(horizon_yr=25, discount_rate=0.03, rate_per_yr=-0.02, spread_per_yr=0.0, household_size_rate_per_yr=-0.005)
    row = decline.decline(**two_options(), config=given)["decline"].iloc[0]
    sewer = tank = 0.0
    turned = None
    for t in range(25):
        people, homes = 0.98**t, (0.98 / 0.995) ** t
        of_sewer = 3e6 * annuity_factor(0.03, 30) + 1e4 + 2e4 * people
        renewed = (0.98 / 0.995) ** (t // 10 * 10)
        of_tank = 8e5 * annuity_factor(0.03, 10) * renewed + 5.2e4 * homes
        sewer, tank = sewer + of_sewer / 1.03 ** (t + 1), tank + of_tank / 1.03 ** (t + 1)
        if t == 0:
            first = of_sewer <= of_tank
        elif turned is None and (of_sewer <= of_tank) != first:
            turned = t + 1
    assert row["sewer_present_yen"] == pytest.approx(sewer)
    assert row["johkasou_present_yen"] == pytest.approx(tank)
    # at the rate, nobody leaving
    level = 3e6 * annuity_factor(0.03, 30) + 3e4 <= 8e5 * annuity_factor(0.03, 10) + 5.2e4
    assert row["steady_treatment"] == ("sewer" if level else "johkasou")
    assert row["is_turned"] == (row["decline_treatment"] != row["steady_treatment"])
    assert (None if pd.isna(row["turn_year"]) else row["turn_year"]) == turned


def test_regret_is_over_all_three_populations_and_district_rates_win() -> None:
    given = Decline(horizon_yr=30, discount_rate=0.0, rate_per_yr=0.0, spread_per_yr=0.02)
    out = decline.decline(**two_options(), config=given)
    by = out["decline_populations"].set_index("population")
    assert by.loc["low", "sewer_regret_yen"] > 0 == by.loc["low", "johkasou_regret_yen"]
    assert by.loc["high", "johkasou_regret_yen"] > 0 == by.loc["high", "sewer_regret_yen"]
    row = out["decline"].iloc[0]
    assert row["sewer_regret_yen"] == by["sewer_regret_yen"].max()
    assert row["least_regret_treatment"] == ("sewer" if row["sewer_regret_yen"] <= row["johkasou_regret_yen"] else "johkasou")
    local = decline.decline(**two_options(), config=given.model_copy(update={"district_rates": {"East": -0.02}}))[
        "decline"
    ].iloc[0]
    assert local["people_rate_per_yr"] == -0.02
    assert local["is_turned"]
    assert 1 < local["turn_year"] <= 30


def test_lives_that_are_no_whole_years_are_renewed_after_them() -> None:
    path = falling.paths(np.array([-0.1]), 8)
    charge = falling.charges(0.0, 2.5, path, is_sized=True)[0] * 2.5
    assert charge == pytest.approx([1.0] * 3 + [0.9**3] * 2 + [0.9**5] * 3)


# Indicators and outlook -----------------------------------------------------------------------------------------------


def test_indicators_with_the_plan_built() -> None:
    added = indicators.Added(people=1000.0, billed_m3=1e5, treated_m3=1.25e5, area_ha=50.0, cost_yen=10e6)
    table = indicators.indicators(Accounts(**GIVEN), added, "ja").set_index("indicator")
    assert table["now"].to_dict() == pytest.approx(
        {"fee_price": 125.0, "treatment_price": 187.5, "recovery_rate": 66.6667, "billed_rate": 80.0,
         "connection_rate": 90.0, "built_rate": 75.0},
        rel=1e-5,
    )  # fmt: skip
    assert table.loc["fee_price", "planned"] == pytest.approx(125.0)
    assert table.loc["treatment_price", "planned"] == pytest.approx(160e6 / 8.9e5)
    assert table.loc["recovery_rate", "planned"] == pytest.approx(100 * 125.0 * 8.9e5 / 160e6)
    assert table.loc["billed_rate", "planned"] == pytest.approx(100 * 8.9e5 / 1.1125e6)


def building(years: int, bond: float, people: float) -> outlook.Building:
    one = np.zeros(years)
    one[0] = 1.0
    return outlook.Building(
        one * 50e6, one * 5e6, one * 1e6, one * bond, one * 2e6, np.full(years, people), np.full(years, 3e6)
    )


def test_every_year_of_the_outlook_balances_and_debts_close() -> None:
    accounts = Accounts(
        **GIVEN, outlook_years=31, debt_yen=300e6, debt_years=10, upkeep_yen_per_yr=80e6, transfer_yen_per_yr=7e6
    )
    path = 0.99 ** np.arange(31)
    table = outlook.outlook(building(31, 40e6, 0.0), building(31, 90e6, 500.0), accounts, path)
    for _, row in table.iterrows():
        income = row[["fee_yen", "subsidy_yen", "bond_yen", "resident_yen", "transfer_yen"]].sum()
        spent = row[["construction_yen", "renewal_yen", "upkeep_yen", "interest_yen", "redemption_yen"]].sum()
        assert row["balance_yen"] == pytest.approx(income - spent, abs=1e-3)
        assert row["lacking_yen"] == pytest.approx(max(0.0, spent - income), abs=1e-3)
    new = table[table["plan"] == "new_plan"].reset_index(drop=True)
    assert new["redemption_yen"].sum() == pytest.approx(300e6 + 90e6)
    assert new["debt_yen"].iloc[-1] == pytest.approx(0.0, abs=1e-2)
    assert new["debt_yen"].iloc[9] == pytest.approx(90e6 - new["redemption_yen"].iloc[:10].sum() + 300e6)
    assert new["people_connected"].iloc[0] == 7200.0
    assert new["people_connected"].iloc[1] == pytest.approx((7200 + 450) * 0.99)
    assert new["fee_yen"].iloc[1] == pytest.approx(new["people_connected"].iloc[1] * 100e6 / 7200)
    form = outlook.finance_form(table, "ja")
    assert len(form) == 31 * 13
    assert (form["more_yen"] == form["new_plan_yen"] - form["today_plan_yen"]).all()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"accounts": {"fee_yen_per_yr": 1.0}}, "missing: treatment_cost_yen_per_yr"),
        ({"accounts": {**GIVEN, "people_connected": 9000.0}}, "more than people_in_area"),
        ({"accounts": {**GIVEN, "outlook_years": 10}}, "needs payers.book"),
        ({"accounts": {**GIVEN, "bond_years": 5, "bond_grace_years": 5}}, "nothing of bond_years"),
    ],
)
def test_accounts_that_cannot_be_are_told(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        config.parse({**plans.study().model_dump(), **changed})


# A whole plan ---------------------------------------------------------------------------------------------------------

ASKED = {
    "payers": {"book": "generic"}, "decline": {"horizon_yr": 50}, "accounts": {**GIVEN, "outlook_years": 40, "building_yr": 10},
}  # fmt: skip


def test_todays_plan_is_that_of_the_areas_it_gives_a_sewer() -> None:
    """Polygons over everything are all_sewer, over nothing as_built, and over one unit that unit alone."""
    plan = plans.small_plan("en")
    has_sewer = plan.options[plan.options["is_possible"] & (plan.options["option"] != "johkasou")]["unit_id"]
    unit = plan.units[plan.units["unit_id"] == has_sewer.iloc[0]]

    def outlook(today: str, present: Any = None) -> Any:
        asked = {**ASKED, "accounts": {**ASKED["accounts"], "today_plan": today}}
        inputs = plan.config.model_dump()["inputs"] | {"present_plan": "p.shp" if today == "areas" else None}
        given = config.parse({**plan.config.model_dump(), **asked, "inputs": inputs})
        table = money(dataclasses.replace(plan, config=given), present=present)["outlook"]
        return table[table["plan"] == "today_plan"].drop(columns="plan").reset_index(drop=True)

    everywhere = plan.units.assign(geometry=plan.units.buffer(1e5))[:1]
    nowhere = plan.units.assign(geometry=plan.units.translate(1e6, 1e6))
    assert outlook("areas", everywhere).equals(outlook("all_sewer"))
    assert outlook("areas", nowhere).equals(outlook("as_built"))
    one = outlook("areas", unit)
    added = one["people_connected"].iloc[-1] - outlook("as_built")["people_connected"].iloc[-1]
    connected = GIVEN["people_connected"] / GIVEN["people_in_area"]
    path = outlook("as_built")["people_connected"].iloc[-1] / GIVEN["people_connected"]
    assert added == pytest.approx(float(unit["people"].iloc[0]) * connected * path)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_plan_gets_every_table_and_nothing_unasked(language: str) -> None:
    plan = plans.small_plan(language)
    assert money(plan) == {}
    asked = dataclasses.replace(plan, config=config.parse({**plan.config.model_dump(), **ASKED}))
    out = money(asked)
    assert set(out) == {table.name for table in tables.MONEY_TABLES}
    for table in tables.MONEY_TABLES:
        table.check(out[table.name])
    assert len(out["decline"]) == len(plan.units)
    new = out["outlook"].query("plan == 'new_plan'")
    assert new["construction_yen"].sum() == pytest.approx(out["payments"]["paid_yen"].sum(), abs=40)
    assert out["payment_years"].empty  # without a programme no year is invented for what each payer bears
    built = plans.frame(tables.PROGRAMME_YEARS, year=[2026], sewer_yen=1e6, tanks=1.0, tank_yen=9e5, people_reached=1.0)
    covered = plans.frame(tables.COVERAGE, year=[2025, 2035], people=10.0, coverage_share=[0.7, 0.953])
    later = money(dataclasses.replace(asked, programme_years=built, coverage=covered))
    assert set(later["payment_years"]["year"]) == {2026}
    assert later["form_1"]["mid_term"].iloc[0] == "95.3 %"
    assert later["outlook"].query("plan == 'new_plan'")["construction_yen"].tolist() == [1.9e6] + [0.0] * 39


def test_form_2_takes_renewal_from_the_outlook_where_there_is_one() -> None:
    costs = pd.DataFrame({"measure": ["sewer", "johkasou"], "capital_yen": [8e6, 1e6], "life_yr": [72.0, 30.0]})
    needs = pd.DataFrame(
        {"year": [2026, 2027] * 2, "asset": ["pipe"] * 2 + ["plant"] * 2, "levelled_yen": [3e6, 4e6, 5e6, 6e6]}
    )
    alone, found = (forms.upkeep_form(costs, "en", given).set_index("facility") for given in (None, needs))
    assert alone["renewal_outlook"].to_dict() == {"Sewers": "0 M yen in 50 years", "Johkasou": "1 M yen in 50 years"}
    assert found["renewal_outlook"].to_dict() == {
        "Sewers": "7 M yen in 2 years", "Treatment": "11 M yen in 2 years", "Johkasou": "1 M yen in 50 years",
    }  # fmt: skip
    assert "existing works left out" in alone.loc["Sewers", "assumptions"]
    assert "existing works and what" in found.loc["Sewers", "assumptions"]
    assert "nothing new" in found.loc["Treatment", "renewal_outline"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_form_1_says_where_a_row_rests_on_accounts_and_on_coverage(language: str) -> None:
    goals = [forms.Goal("a", 1.0, 2.0, 3.0), forms.Goal("b", 30.0, 92.8, 100.0, True), forms.Goal("c", 30.0, None, 100.0, True)]
    table = forms.goals_form(goals, forms.Works(1, 2.0, 3.0, 4.0, 5.0, 6.0), language)
    assert table.loc[1, ["now", "mid_term", "long_term"]].tolist() == ["30.0 %", "92.8 %", "100.0 %"]
    assert table["remarks"].tolist()[1] == forms.TEXTS[language]["bases"]
    assert table["remarks"].isna().tolist() == [False, False, True]
