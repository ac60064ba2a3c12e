"""Options of units standing alone: every yen by hand, and what is said about the verdict."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sewerzone import pipeline
from sewerzone.model import Inputs, Plan
from sewerzone.stages.compare import OPTIONS, alone_verdicts, measures
from tests import hamlet

METRE = 138_000 / 72 + 154
TANK = 752_000 / 32 + 52_000
PUMP = 9_200_000 / 25 + 220_000
SERVED = hamlet.layer([hamlet.box(-200, -200, 1, 200)])


def treatment(dwellings: float, basis: str = "marginal") -> float:
    """The receiving plant of 20,000 m3/d with so many dwellings more, of 1.32 m3/d each."""
    new = 1.32 * dwellings
    factor = 103.3 / 101.5
    extra = 18.8e6 * factor * ((20.0 + new / 1000) ** 0.69 - 20.0**0.69)
    share = 18_714e6 / 55_800 * new / 33  # Fuji's own price per m3/d
    return extra + (share if basis == "full" else 0.0)


def village(
    first_m: float = 100.0, count: int = 10, permille: float = 5.0, base: Path | None = None, **sections: Any
) -> Inputs:
    """Houses every 20 m along a road that falls by so much towards the sewered area, whose last node is at 0."""
    road = hamlet.line((-100, 0), (0, 0), (2000, 0))
    made = hamlet.study(hamlet.row(first_m, count), [road], hamlet.rising_east(permille), sections, served_areas=SERVED)
    return made if base is None else replace(made, base=base)


def options(plan: Plan) -> pd.DataFrame:
    assert len(plan.units) == 1
    return plan.options.set_index("option")


def test_every_yen_of_a_connection() -> None:
    plan = pipeline.run(village())
    connect = options(plan).loc["connect"]
    assert connect["sewer_m"] == pytest.approx(280.0)
    assert connect["pumps"] == 0
    assert connect["capital_yen"] == pytest.approx(280 * 138_000)
    assert connect["capital_yen_per_yr"] == pytest.approx(280 * 138_000 / 72)
    assert connect["upkeep_yen_per_yr"] == pytest.approx(280 * 154 + treatment(10))
    assert connect["total_yen_per_yr"] == pytest.approx(280 * METRE + treatment(10))
    outline = plan.units.geometry.iloc[0]
    inside = plan.edges.geometry.centroid.within(outline)
    beyond = plan.edges[
        ~inside & (plan.edges.bounds["minx"] > hamlet.EAST_M - 1) & (plan.edges.bounds["maxx"] < hamlet.EAST_M + 281)
    ]
    assert connect["link_m"] == pytest.approx(beyond["length_m"].sum())


def test_every_yen_of_tanks() -> None:
    tanks = options(pipeline.run(village())).loc["johkasou"]
    assert tanks["capital_yen"] == pytest.approx(10 * 752_000)
    assert tanks["capital_yen_per_yr"] == pytest.approx(10 * 752_000 / 32)
    assert tanks["upkeep_yen_per_yr"] == pytest.approx(10 * 52_000)
    assert tanks["total_yen_per_yr"] == pytest.approx(10 * TANK)


def test_pumps_are_paid_for() -> None:
    """The village lies below the sewered area: the road climbs 20 permille to it."""
    plan = pipeline.run(village(permille=-20.0))
    connect = options(plan).loc["connect"]
    rows = plan.costs[plan.costs["option"] == "connect"].groupby("item")["quantity"].sum()
    assert connect["pumps"] == rows["pump"] >= 1
    gravity, pressure = rows["sewer"], rows["pressure_main"]
    assert gravity + pressure == pytest.approx(280.0)
    main = 138_000 / 72 + 60  # the generic upkeep: the Fuji plan does not price rising mains
    by_hand = gravity * METRE + pressure * main + connect["pumps"] * PUMP + treatment(10)
    assert connect["total_yen_per_yr"] == pytest.approx(by_hand)


def test_treatment_may_pay_its_share_of_the_plant() -> None:
    plan = pipeline.run(village(compare={"treatment": "full"}))
    assert options(plan).loc["connect", "total_yen_per_yr"] == pytest.approx(280 * METRE + treatment(10, "full"))


def test_annuities() -> None:
    def share(life: int) -> float:
        return 0.04 * 1.04**life / (1.04**life - 1)

    plan = options(pipeline.run(village(cost={"annualisation": "annuity"}, zoning={"leave_out_dear_branches": False})))
    assert plan.loc["connect", "total_yen_per_yr"] == pytest.approx(280 * (138_000 * share(72) + 154) + treatment(10))
    assert plan.loc["johkasou", "total_yen_per_yr"] == pytest.approx(10 * (752_000 * share(32) + 52_000))


def test_impossible_options_say_why() -> None:
    plan = pipeline.run(village())
    own = options(plan).loc["own_plant"]
    assert not own["is_possible"]
    assert own["reason"] == "fewer than 20 dwellings"
    assert np.isnan(own["total_yen_per_yr"])
    assert pd.isna(own["rank"])
    assert "switched off" in options(pipeline.run(village(count=25, compare={"own_plant": False}))).loc["own_plant", "reason"]
    far = options(pipeline.run(village(600, route={"max_link_m": 400.0})))
    assert far.loc["connect", "reason"] == "no place of delivery within 400 m along usable roads"
    nowhere = options(pipeline.run(village(network={"max_lateral_m": 5.0})))
    assert nowhere.loc[["connect", "own_plant"], "reason"].tolist() == ["no house within reach of a usable road"] * 2


def test_the_verdict_under_the_other_lives() -> None:
    """330 m: 752,000 yen against 755,000 with actual lives; statutory ones are 50 years for a sewer, 26 for a tank."""
    assert 330 * METRE + treatment(10) < 10 * TANK
    assert 330 * (138_000 / 50 + 154) + treatment(10) > 10 * (752_000 / 26 + 52_000)
    unit = pipeline.run(village(150)).units.iloc[0]
    assert (unit["treatment"], unit["other_lives_treatment"]) == ("sewer", "johkasou")
    unit = pipeline.run(village(150, cost={"lives": "statutory"})).units.iloc[0]
    assert (unit["treatment"], unit["other_lives_treatment"]) == ("johkasou", "sewer")


def test_the_share_of_unverified_figures() -> None:
    """Only the upkeep of the receiving plant is unverified."""
    unit = pipeline.run(village()).units.iloc[0]
    assert unit["unverified_share"] == pytest.approx(treatment(10) / (280 * METRE + treatment(10) + 10 * TANK))


@pytest.mark.parametrize(("first_m", "verdict"), [(100.0, "sewer"), (600.0, "johkasou")])
def test_the_verdict_turns_at_the_break_even_price(first_m: float, verdict: str, tmp_path: Path) -> None:
    book = resources.files("sewerzone.costbooks").joinpath("fuji_2018.toml").read_text("utf-8")

    def run(price: float) -> pd.Series[Any]:
        (tmp_path / "own.toml").write_text(book.replace("price = 138_000", f"price = {price!r}"), "utf-8")
        sections = {"cost": {"book": "own.toml"}, "cluster": {"limit_distance_m": 30.0}}
        return pipeline.run(village(first_m, base=tmp_path, **sections)).units.iloc[0]

    unit = run(138_000.0)
    assert unit["treatment"] == verdict
    price = float(unit["break_even_yen_per_m"])
    metres = first_m + 180
    assert price == pytest.approx(72 * ((10 * TANK - treatment(10)) / metres - 154))
    assert run(price * 0.999)["treatment"] == "sewer"
    assert run(price * 1.001)["treatment"] == "johkasou"


def test_rising_mains_priced_as_sewers_move_with_their_price(tmp_path: Path) -> None:
    """30 houses whose road climbs 3 permille to the sewered area: one pump, 131 m of rising main."""
    book = resources.files("sewerzone.costbooks").joinpath("fuji_2018.toml").read_text("utf-8")

    def run(price: float) -> Plan:
        (tmp_path / "own.toml").write_text(book.replace("price = 138_000", f"price = {price!r}"), "utf-8")
        sections = {"cost": {"book": "own.toml"}, "cluster": {"limit_distance_m": 30.0}}
        return pipeline.run(village(150.0, 30, permille=-3.0, base=tmp_path, **sections))

    plan = run(138_000.0)
    assert (plan.costs["item"] == "pressure_main").any()
    price = float(plan.units["break_even_yen_per_m"].iloc[0])
    assert run(price * 0.999).units["treatment"].tolist() == ["sewer"]
    assert run(price * 1.001).units["treatment"].tolist() == ["johkasou"]


# --- the measures themselves, on tables made by hand


def table(*rows: tuple[float, float, float]) -> pd.DataFrame:
    """Options of units from their totals, NaN where impossible."""
    out = pd.DataFrame(
        {
            "unit_id": np.repeat(np.arange(len(rows)), 3),
            "option": list(OPTIONS) * len(rows),
            "total_yen_per_yr": np.ravel(rows),
        }
    )
    out["rank"] = out.groupby("unit_id")["total_yen_per_yr"].rank(method="first").astype("Int64")
    return out


def costs(*rows: tuple[int, str, str, float, float, str]) -> pd.DataFrame:
    """Cost rows: unit, option, item, metres, yen a year, mark; capital lasts 50 years."""
    out = pd.DataFrame(rows, columns=["unit_id", "option", "item", "quantity", "capital_yen_per_yr", "mark"])
    return out.assign(capital_yen=50 * out["capital_yen_per_yr"], upkeep_yen_per_yr=0.0)


def test_verdicts_and_runners_up() -> None:
    nan = np.nan
    some = table((3.0, 2.0, 1.0), (1.0, nan, 2.0), (nan, nan, 5.0), (2.0, 1.0, 3.0), (4.0, 4.0, 4.0))
    assert alone_verdicts(some).tolist() == ["johkasou", "sewer", "johkasou", "own_plant", "sewer"]
    out = measures(some, costs((0, "own_plant", "sewer", 1.0, 1.0, "P")))
    assert out["cheapest_collective"].fillna("").tolist() == ["own_plant", "connect", "", "own_plant", "connect"]
    assert out["sewer_yen_per_yr"].fillna(-1).tolist() == [2.0, 1.0, -1.0, 1.0, 4.0]
    assert out["johkasou_yen_per_yr"].tolist() == [1.0, 2.0, 5.0, 3.0, 4.0]


def test_break_even_by_hand() -> None:
    """100 m of sewer at 50 yen a metre and year; other collective costs 30; tanks 60 and 20."""
    some = table((80.0, np.nan, 60.0), (80.0, np.nan, 20.0), (80.0, np.nan, 100.0))
    rows = [(u, "connect", "sewer", 100.0, 50.0, "P") for u in range(3)]
    found = measures(some, costs(*rows))["break_even_yen_per_m"]
    # 100 m x p / 50 years = 60 - 30, so p = 15; at tanks of 20 not even a free sewer pays; at 100 p = 35
    assert found.fillna(-1).tolist() == pytest.approx([15.0, -1.0, 35.0])


def test_the_option_that_stands_dearer_sewers_longest_decides() -> None:
    """An own plant is cheapest today, but at cheap sewers it is the long way to the served network that beats tanks."""
    some = table((115.0, 110.0, 90.0), (115.0, 110.0, 120.0))
    rows = [(u, o, "sewer", 100.0, y, "P") for u in range(2) for o, y in (("connect", 95.0), ("own_plant", 10.0))]
    found = measures(some, costs(*rows))["break_even_yen_per_m"]
    # connect: 20 + 95 x = 90; own plant: 100 + 10 x = 90 never. At tanks of 120 the own plant pays up to x = 2
    assert found.tolist() == pytest.approx([50 * 95 / 100 * 70 / 95, 50 * 10 / 100 * 2.0])


def test_unverified_share_by_hand() -> None:
    rows = [
        (0, "connect", "sewer", 1.0, 60.0, "P"), (0, "connect", "treatment", 1.0, 20.0, "U"),
        (0, "own_plant", "sewer", 1.0, 99.0, "U"), (0, "johkasou", "johkasou_5", 1.0, 100.0, "P"),
        (0, "johkasou", "johkasou_7", 1.0, 20.0, "U"),
    ]  # fmt: skip
    found = measures(table((80.0, 99.0, 120.0)), costs(*rows))
    assert found["unverified_share"].tolist() == pytest.approx([40.0 / 200.0])


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "no served area or inlet is given to connect to"), ("ja", "既整備区域も流入点も与えられていない")],
)
def test_nothing_to_connect_to_is_no_matter_of_distance(language: str, said: str) -> None:
    road = [hamlet.line((-100, 0), (2000, 0))]
    study = {"crs": hamlet.CRS, "language": language}
    lonely = hamlet.study(hamlet.row(100.0, 10), road, sections={"study": study})
    assert options(pipeline.run(lonely)).loc["connect", "reason"] == said
    far = layers_away(lonely)
    assert "5,000 m" in options(pipeline.run(far)).loc["connect", "reason"]


def layers_away(study: Inputs) -> Inputs:
    """The study with a served area that no road reaches."""
    return replace(study, served_areas=hamlet.layer([hamlet.box(0, 900, 50, 950)]))
