"""Published money and indicators from their inputs, at printed rounding."""

from fractions import Fraction

import numpy as np

from sewerzone.costbooks.payers import PAYERS, load
from sewerzone.engineering.payments import in_thousands
from sewerzone.stages import indicators, payers

FUJI = "Fuji City, long-term domestic wastewater plan, April 2018: shares of a tank of 940,000 yen"
FUKUSHIMA = "tank subsidy of Fukushima prefecture, 2004: a tank of 1,026,000 yen"
FUSSA = "Fussa City: connected people, sewered hectares, fee and cost per m3"


def borne(book: str, tank_yen: float, tanks: float = 1.0) -> dict[str, int]:
    paid = payers.shares(load(book).measures["johkasou"], np.array([tank_yen]), np.array([tanks]))[0]
    return {payer: int(yen) for payer, yen in zip(PAYERS, paid, strict=True) if yen}


def test_fuji_shares_of_a_tank() -> None:
    printed = {"national": 187, "prefecture": 50, "city": 609, "resident": 94}
    paid = borne("fuji_2018", 940_000)
    assert {payer: yen / 1000 for payer, yen in paid.items()} == printed, FUJI
    assert sum(printed.values()) == 940


def test_fuji_shares_cannot_be_the_printed_percentages_exactly() -> None:
    """Why the book holds 19.98 %: 20.0 % exactly gives 188 thousand yen by any rounding, and 187 is printed."""
    tank = np.array([940_000])
    assert {int(in_thousands(tank, Fraction(1, 5), how)[0]) for how in ("down", "nearest", "up")} == {188_000}


def test_fuji_tank_programme_by_payer() -> None:
    """4,757 tanks of 940,000 yen: every payer's amount is the printed one for a tank times their number, year by year."""
    tanks = np.array([250.0] * 3 + [450.0] * 5 + [350.0] * 4 + [357.0])
    assert tanks.sum() == 4757
    paid = payers.shares(load("fuji_2018").measures["johkasou"], np.full(len(tanks), 940_000.0), tanks)
    assert (paid.sum(axis=1) == tanks * 940_000).all(), FUJI
    assert dict(zip(PAYERS, paid.sum(axis=0).tolist(), strict=True)) == {
        "national": 4757 * 187_000, "prefecture": 4757 * 50_000, "city": 4757 * 609_000, "bond": 0, "resident": 4757 * 94_000,
    }  # fmt: skip


def test_fukushima_tank() -> None:
    paid = {payer: yen / 1000 for payer, yen in borne("fukushima_2004", 1_026_000).items()}
    assert paid == {"resident": 103, "prefecture": 76, "national": 342, "bond": 505}, FUKUSHIMA


def test_fussa() -> None:
    billed_m3 = 1e6  # prices are per m3, whatever is billed
    state = indicators.State(126.6 * billed_m3, 97.9 * billed_m3, billed_m3, billed_m3, 56_786, 56_696, 653.3, 663.3)
    found = indicators.values(state)
    assert round(found["fee_price"], 1) == 126.6
    assert round(found["treatment_price"], 1) == 97.9
    assert round(found["recovery_rate"], 1) == 129.3, FUSSA
    assert round(found["connection_rate"], 1) == 99.8, FUSSA
    assert round(found["built_rate"], 1) == 98.5, FUSSA
