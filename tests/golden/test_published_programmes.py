"""The programme printed by Fuji City, from its inputs through the program's own functions (METHOD 8).

Long-term domestic wastewater plan (富士市生活排水処理長期計画, April 2018). Single figures are in test_printed_figures.py.
"""

import numpy as np
import pandas as pd
import pytest

from sewerzone.config import Programme
from sewerzone.stages import programme

YEN_PER_TANK = 940_000.0
FUJI_TANKS = (250, 250, 250, 450, 450, 450, 450, 450, 350, 350, 350, 350, 357)
FUJI_HA = (30.0, 45.0, 50.0, *[60.0] * 6, 32.0)
RECORDS_HA, BUILT_2017_HA = 159.0, 39.0
"""The correction of records in FY2017; the rest of 3,982 to 4,180 ha was built."""
NEED_2026, NEED_2036, CAP = 16_391e6, 28_011e6, 2_200e6


def hectares(count: int, yen: float) -> pd.DataFrame:
    """Packages of a hectare and a hundred people each."""
    facts = {"system_id": 0, "dwellings": 40.0, "people": 100.0, "score": 1.0, "sewer_m": 200.0, "area_ha": 1.0}
    return pd.DataFrame([facts | {"capital_yen": yen}] * count).assign(unit_id=pd.array([0] * count, dtype="Int64"))


def built(packages: pd.DataFrame, settings: Programme, money: float, start_ha: float) -> pd.DataFrame:
    """The table of years of free packages."""
    timed = programme.build(packages, np.full(len(packages), -1), settings, (money,) * settings.years)
    none = pd.DataFrame({"late_verdict": [None] * len(packages), "late_yen_per_yr": np.nan})
    made = programme.programme(timed, settings, 10, "en", none)
    no_tanks = pd.DataFrame({"unit_id": [], "tanks": [], "people": [], "capital_yen": []})
    rows = programme.years_table(
        timed, made, programme.works(timed, settings), programme.tanks(no_tanks, settings), settings, start_ha
    )
    return rows.set_index("year")


def test_fuji_sewers_are_built_out_as_printed() -> None:
    """3,982 ha in FY2016, 4,180 in FY2017 after the correction, 4,665 in FY2026, 4,985 in FY2036."""
    start_ha = 3_982.0 + RECORDS_HA + BUILT_2017_HA
    assert start_ha == 4_180.0
    settings = Programme(years=19, first_year=2018, cap_ha_per_yr=FUJI_HA)
    rows = built(hectares(4_985 - 4_180, 1e6), settings, np.inf, start_ha)
    assert rows["finished_ha"].tolist() == pytest.approx([30, 45, 50, *[60] * 6, *[32] * 10])
    assert rows["built_ha"][[2018, 2019, 2020, 2026, 2036]].tolist() == pytest.approx([4_210, 4_255, 4_305, 4_665, 4_985])


def test_fuji_sewers_keep_the_cap_and_need_the_printed_sums() -> None:
    """16,391 M yen FY2018-26 and 28,011 M yen FY2018-36, each year within 2,200 M yen.

    The plan prints the sums, not the price of a hectare: that is their quotient, for each of the two periods (one price for
    both would contradict it, see test_printed_figures.py). What is left of the cap is what may be renewed.
    """
    first, second = hectares(485, NEED_2026 / 485), hectares(320, (NEED_2036 - NEED_2026) / 320).assign(people=90.0)
    packages = pd.concat([first, second], ignore_index=True)
    settings = Programme(years=19, first_year=2018, cap_ha_per_yr=FUJI_HA)
    rows = built(packages, settings, CAP, 4_180.0)
    assert (rows["sewer_yen"] <= CAP).all()
    assert round(rows["sewer_yen"].loc[:2026].sum() / 1e6) == 16_391
    assert round(rows["sewer_yen"].sum() / 1e6) == 28_011
    renewal = CAP - rows["sewer_yen"]
    again = built(packages, settings.model_copy(update={"renewal_yen_per_yr": tuple(renewal)}), CAP, 4_180.0)
    assert again["sewer_yen"].to_numpy() == pytest.approx(rows["sewer_yen"].to_numpy())


def test_fuji_tanks_are_installed_as_printed() -> None:
    """4,757 tanks in FY2017-2029, 940,000 yen each."""
    assert sum(FUJI_TANKS) == 4_757
    settings = Programme(years=13, first_year=2017, tanks_per_yr=FUJI_TANKS)
    units = pd.DataFrame({"unit_id": np.arange(3), "tanks": [1_000.0, 3_000.0, 757.0]})
    units = units.assign(people=units["tanks"] * 2.5, capital_yen=units["tanks"] * YEN_PER_TANK)
    rows = programme.tanks(units, settings).groupby("year")[["tanks", "capital_yen"]].sum()
    assert rows["tanks"].tolist() == pytest.approx(list(FUJI_TANKS))
    assert rows["capital_yen"].tolist() == pytest.approx([n * YEN_PER_TANK for n in FUJI_TANKS])
    assert rows["tanks"].sum() == pytest.approx(4_757)
