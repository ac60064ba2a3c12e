"""Every figure of METHOD 8 that follows from other printed ones, computed by the program from these as printed.

Inputs that are printed rounded stand for all figures that round to them (``tests/printed.py``): the print must lie in what they
allow. Counts of people, tanks and houses and the rules of law are exact. Sums over years are in test_published_programmes.py.
"""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from sewerzone import config
from sewerzone.costbooks.payers import PAYERS, load
from sewerzone.engineering import economics
from sewerzone.engineering.payments import in_thousands
from sewerzone.stages import coverage, indicators, payers, programme, redrawing
from tests.printed import Span, exactly, printed, reachable

FUJI = "Fuji City, long-term domestic wastewater plan (富士市生活排水処理長期計画), April 2018"
NAKAI = "Nakai Town, sewerage plan"
FUSSA = "Fussa City, sewerage plan"


def sewered(people: float, everybody: float) -> float:
    return 100.0 * float(coverage.rates(everybody, people, 0, 0, 0, 0, 0)["sewered_share"])


def treated(sewer: float, other: float, everybody: float) -> float:
    return 100.0 * float(coverage.rates(everybody, sewer, sewer, other, 0, 0, 0)["coverage_share"])


def by_tanks(other: float, everybody: float) -> float:
    return treated(0, other, everybody)


def connected(people: float, in_area: float) -> float:
    return 100.0 * float(coverage.rates(in_area, in_area, people, 0, 0, 0, 0)["connected_share"])


def built(done_ha: float, planned_ha: float) -> float:
    return 100.0 * float(coverage.rates(1, 1, 0, 0, 0, done_ha, planned_ha)["built_share"])


def recovery(fee: float, price: float) -> float:
    found = indicators.values(indicators.State(fee, price, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))["recovery_rate"]
    assert found is not None
    return found


def effect(column: str, **figures: Any) -> float:
    """Of a redrawing by which houses leave the sewer area."""
    both = {"district_id": pd.array([None, None], dtype="Int64"), "change": ["stays_sewer", "sewer_to_johkasou"]}
    facts = {name: [0.0, 0.0] for name in ("area_ha", "dwellings", "people", "old_yen_per_yr", "new_yen_per_yr")} | figures
    zero = dict.fromkeys(("old_sewer_m", "new_sewer_m", "old_pumps", "new_pumps"), 0.0)
    areas = pd.DataFrame({**both, "area_ha": facts.pop("area_ha")})
    houses = pd.DataFrame({**both, "treatment": ["sewer", "johkasou"], **facts, **zero})
    listed = redrawing.summary(
        areas, pd.DataFrame(both), houses, pd.DataFrame({"district_id": [], "name": [], "code": []}), np.zeros((2, 3))
    )
    return float(redrawing.effects(listed, houses).iloc[0][column])


def left_ha(old: float, new: float) -> float:
    return effect("moved_area_ha", area_ha=[new, old - new])


def left_houses(old: float, new: float) -> float:
    return effect("moved_dwellings", dwellings=[new, old - new])


def left_people(old: float, new: float) -> float:
    return effect("moved_people", people=[new, old - new])


def saved_20(million: float) -> float:
    return effect("saving_20_yr_yen", old_yen_per_yr=[0.0, million * 1e6]) / 1e9


def saved_50(million: float) -> float:
    return effect("saving_50_yr_yen", old_yen_per_yr=[0.0, million * 1e6]) / 1e9


def yearly(capital: float, life: float) -> float:
    return float(economics.annualise(capital, life, "straight_line", 0.0))


class Row(NamedTuple):
    case: str
    source: str
    result: Any
    inputs: tuple[Span, ...]
    print: str


ROWS = [
    Row("a metre of sewer, man-yen a year", FUJI, yearly, (printed("13.8"), exactly("72")), "0.1917"),
    Row("a tank, man-yen a year", FUJI, yearly, (printed("75.2"), exactly("32")), "2.35"),
    Row("a pump, man-yen a year", FUJI, yearly, (printed("920"), exactly("25")), "36.8"),
    Row("area that leaves, ha", FUJI, left_ha, (printed("6,091"), printed("5,991")), "-100"),
    Row("houses that leave", FUJI, left_houses, (exactly("12,977"), exactly("11,131")), "-1,846"),
    Row("people who leave", FUJI, left_people, (exactly("30,845"), exactly("26,014")), "-4,831"),
    Row("saved in 20 years, bn yen", FUJI, saved_20, (printed("77"),), "1.54"),
    Row("saved in 50 years, bn yen", FUJI, saved_50, (printed("77"),), "3.85"),
    Row("sewered FY2016, %", FUJI, sewered, (exactly("191,668"), exactly("255,060")), "75.1"),
    Row("tanks and plants FY2016, %", FUJI, by_tanks, (exactly("31,667"), exactly("255,060")), "12.4"),
    Row("treated FY2016, %", FUJI, treated, (exactly("191,668"), exactly("31,667"), exactly("255,060")), "87.6"),
    Row("sewered, %", NAKAI, sewered, (exactly("6,667"), exactly("8,860")), "75.2"),
    Row("area built, %", NAKAI, built, (printed("252"), printed("306.05")), "82.5"),
    Row("treated FY2017, %", NAKAI, sewered, (exactly("6,113"), exactly("9,595")), "63.7"),
    Row("connected, %", FUSSA, connected, (exactly("56,696"), exactly("56,786")), "99.8"),
    Row("area built, %", FUSSA, built, (printed("653.3"), printed("663.3")), "98.5"),
    Row("fee over cost, %", FUSSA, recovery, (printed("126.6"), printed("97.9")), "129.3"),
]
NAMES = [f"{row.source.partition(' ')[0]}: {row.case}" for row in ROWS]
ROUNDED_MORE = ["Nakai: area built, %"]
"""252 ha over 306.05 is 82.3 %: the 82.5 printed is that of 252.3 to 252.5 ha."""


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_printed_figure_lies_in_what_its_inputs_allow(row: Row) -> None:
    found = reachable(row.result, row.inputs)
    assert found.meets(printed(row.print)), f"{row.source}: {row.case}"
    digit = Fraction(1, 10 ** len(row.print.partition(".")[2]))
    for wrong in (found.low - 2 * digit, found.high + 2 * digit):
        text = f"{float(wrong):.{len(row.print.partition('.')[2])}f}"
        assert not found.meets(printed(text)), f"{text} would pass, too"


def test_most_follow_from_the_figures_as_they_stand() -> None:
    """Without the rounding of the inputs: all but one."""
    plain = [reachable(row.result, [exactly(str(float((low + high) / 2))) for low, high in row.inputs]) for row in ROWS]
    assert [name for name, found, row in zip(NAMES, plain, ROWS, strict=True) if not found.meets(printed(row.print))] == (
        ROUNDED_MORE
    )


def test_nakai_area_is_near_the_end_of_its_rounding() -> None:
    found = reachable(built, (printed("252"), printed("306.05")))
    assert [round(float(end), 2) for end in found] == [82.17, 82.5]
    assert not found.meets(printed("82.6"))


PERCENT = {"national": "20.0", "prefecture": "5.3", "city": "64.7", "resident": "10.0"}
THOUSANDS = {"national": 187, "prefecture": 50, "city": 609, "resident": 94}


def test_fuji_tank_is_shared_as_printed_by_shares_that_round_to_the_printed_ones() -> None:
    """20.0 % of 940 thousand yen is 187 rounded down for all shares from 19.95 to 20 %, of which the book holds one."""
    sharing = load("fuji_2018").measures["johkasou"]
    share = {rule.payer: 100 * Fraction(rule.share or 0) for rule in sharing.rules}
    share[sharing.remainder] = 100 - sum(share.values(), Fraction(0))
    assert all(Span(share[payer], share[payer]).meets(printed(text)) for payer, text in PERCENT.items())
    paid = payers.shares(sharing, np.array([940_000.0]), np.array([1.0]))[0]
    assert {payer: yen / 1000 for payer, yen in zip(PAYERS, paid.tolist(), strict=True) if yen} == THOUSANDS, FUJI


@pytest.mark.parametrize("payer", ["national", "prefecture", "resident"])
def test_fuji_amounts_of_a_tank_lie_in_what_the_printed_shares_allow(payer: str) -> None:
    low, high = printed(PERCENT[payer])
    ends = [int(in_thousands(np.array([940_000]), share / 100, "down")[0]) // 1000 for share in (low, high)]
    assert ends[0] <= THOUSANDS[payer] <= ends[1]
    assert ends[1] - ends[0] <= 1


def test_a_print_that_its_inputs_do_not_allow_is_told() -> None:
    """No one price a hectare gives both of Fuji's sums: 485 ha for 16,391 and 805 ha for 28,011 M yen differ by 3.0 %."""

    def by_one_price(whole: float, first_ha: float, all_ha: float) -> float:
        facts = {"system_id": 0, "dwellings": 1.0, "score": 1.0, "sewer_m": 1.0, "unit_id": pd.array([0, 0], dtype="Int64")}
        ha = np.array([first_ha, all_ha - first_ha])
        packages = pd.DataFrame({**facts, "people": [2.0, 1.0], "area_ha": ha, "capital_yen": whole * ha / all_ha})
        settings = config.Programme(years=2, first_year=2018, cap_ha_per_yr=tuple(ha))
        timed = programme.build(packages, np.full(2, -1), settings, (np.inf,) * 2)
        return float(programme.works(timed, settings).groupby("year")["capital_yen"].sum().loc[2018])

    found = reachable(by_one_price, (printed("28,011"), Span(Fraction(484), Fraction(486)), Span(Fraction(804), Fraction(806))))
    assert not found.meets(printed("16,391"))
    assert round(by_one_price(28_011, 485, 805)) == 16_876
