"""How sure verdicts are: samples, scenarios, figures and break-even prices of small zonings."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from sewerzone import config, costbooks
from sewerzone.config import Cost, Robustness
from sewerzone.engineering.break_even import Line, envelope, nearest_turns
from sewerzone.engineering.prizes import FREE
from sewerzone.engineering.repricing import Repricer
from sewerzone.engineering.sampling import spread
from sewerzone.errors import ConfigError
from sewerzone.output.explain_words import Words
from sewerzone.stages.cost import typical_tank
from sewerzone.stages.robustness import OTHER_PARTS, Findings, Ledger, Question, Verified, judge, notes, turns
from tests.itemised_zonings import IS_SEWER, IS_TANK, NAMES, instance
from tests.least_zonings import least_cost

SEED, UNITS, PLAIN = 17, 6, 5
ITEMS = {"sewer": "sewer", "treatment": "treatment", "plant": "plant_small", "johkasou": "johkasou_7"}
BOOK = costbooks.load("fuji_2018", "generic")


def ledger(cost: Cost) -> Ledger:
    return Ledger(NAMES, [BOOK.find(ITEMS.get(name.partition(".")[0], "")) for name in NAMES], cost)


def question(seed: int = SEED, cost: Cost | None = None, differs: tuple[int, ...] = ()) -> Question:
    """A plan that decides as the model does but for the units ``differs``."""
    repricer = instance(seed, UNITS, PLAIN)
    is_sewered = repricer.solve(np.ones(len(NAMES))).decision.is_served.copy()
    is_sewered[list(differs)] ^= True
    heads = np.array([name.partition(".")[0] for name in NAMES])
    groups = {"sewer": IS_SEWER, "johkasou": IS_TANK, "treatment": np.isin(heads, ("treatment", "plant"))}
    dwellings = np.arange(1.0, UNITS + 1.0)
    cheapest, turns = is_sewered.copy(), {name: turning(repricer, varies) for name, varies in groups.items()}
    cheapest[list(differs)] ^= True
    return Question(repricer, {}, ledger(cost or Cost()), groups, turns, None, cheapest, [], is_sewered, dwellings, 138_000.0)


def turning(repricer: Repricer, varies: np.ndarray) -> np.ndarray:
    """Factors on the parts that vary at which verdicts turn, by the model's own decisions."""

    def solve(x: float) -> Line:
        return repricer.line(repricer.solve(np.where(varies, x, 1.0)).decision, varies)

    return nearest_turns(envelope(solve, 0.2, 5.0, [], 1e-9), 1.0)


def judged(settings: Robustness, seed: int = SEED, cost: Cost | None = None) -> Findings:
    return judge(question(seed, cost), settings, "en", lambda done, total: None)


def test_the_same_seed_gives_the_same_tables_and_another_seed_other_samples() -> None:
    one, same, other = (judged(Robustness(samples=64, seed=seed)) for seed in (3, 3, 4))
    for mine, yours in zip(one, same, strict=True):
        pd.testing.assert_frame_equal(mine, yours)
    assert not one.figures["cost_index"].equals(other.figures["cost_index"])
    pd.testing.assert_frame_equal(one.scenarios, other.scenarios)


def test_probabilities_are_those_of_zoning_every_sample_by_trying_everything() -> None:
    settings = Robustness(samples=24, seed=5, published_range=(0.5, 2.0), unverified_range=(0.4, 2.5))
    asked = question()
    tables = judge(asked, settings, "en", lambda done, total: None)
    figures = asked.ledger.figures(np.ones(len(NAMES), bool), settings)
    points = spread([f.low_share for f in figures], [f.high_share for f in figures], settings.samples, settings.seed)
    served = np.zeros(UNITS)
    for point in points:
        values = dict(zip((f.name for f in figures), point.tolist(), strict=True))
        problem = asked.repricer.problem_at(asked.ledger.factors(values), values["people"])
        best = least_cost(problem)
        for unit in range(UNITS):
            side = problem.side.copy()
            side[unit] = 1
            served[unit] += least_cost(problem._replace(side=side)) <= best * (1.0 + 1e-9)
    assert tables.robustness["sewer_probability"].to_numpy() == pytest.approx(served / settings.samples)
    assert ((served > 0) & (served < settings.samples)).any()


def test_classes_follow_the_share_of_samples() -> None:
    settings = Robustness(samples=64, published_range=(0.4, 2.0), contested_share=0.2)
    table = judged(settings).robustness
    share = table["sewer_probability"]
    expected = np.where(share >= 0.8, "firm_sewer", np.where(share <= 0.2, "firm_johkasou", "contested"))
    assert table["sureness"].tolist() == expected.tolist()


def test_too_few_samples_call_nothing_firm_and_few_are_noted() -> None:
    assert judged(Robustness(samples=49)).robustness["sureness"].isna().all()
    said = {count: notes(Robustness(samples=count)) for count in (0, 49, 50, 255, 256)}
    assert [len(said[count]) for count in (0, 49, 50, 255, 256)] == [0, 1, 1, 1, 0]
    assert "no verdict is called firm or contested" in said[49][0]
    assert "rough" in said[50][0]


def test_scenarios_are_zoned_at_their_own_lives_rates_and_populations() -> None:
    asked, settings = question(), Robustness(samples=1, people_range=(0.7, 1.2), discount_rates=(0.01, 0.05))
    table = judge(asked, settings, "en", lambda done, total: None).scenarios.set_index("scenario")
    assert set(table.index) == {
        "as_studied", "statutory_lives", "annuity_1pct", "annuity_5pct", "few_people", "many_people",
    }  # fmt: skip
    sewer = 72.0 / 50.0
    tanks, plant = 32.0 / 26.0, 33.0 / 23.0
    times = {"sewer.capital": sewer, "johkasou.capital": tanks, "treatment.capital": plant, "plant.capital": plant}
    longer = np.array([times.get(name, 1.0) for name in NAMES])
    for name, factors, people in (
        ("as_studied", np.ones(len(NAMES)), 1.0),
        ("statutory_lives", longer, 1.0),
        ("few_people", np.ones(len(NAMES)), 0.7),
        ("many_people", np.ones(len(NAMES)), 1.2),
    ):
        assert table.loc[name, "yen_per_yr"] == pytest.approx(least_cost(asked.repricer.problem_at(factors, people)), abs=0.01)
        assert table.loc[name, "least_yen_per_yr"] <= table.loc[name, "yen_per_yr"]
    assert table.loc["as_studied", "units_turned"] == 0
    assert table.loc["annuity_5pct", "yen_per_yr"] > table.loc["annuity_1pct", "yen_per_yr"]


def test_the_study_of_annuities_has_the_straight_line_as_scenario_and_its_rate_as_figure() -> None:
    found = judged(Robustness(samples=1), cost=Cost(annualisation="annuity", discount_rate=0.04))
    assert "straight_line" in set(found.scenarios["scenario"])
    assert "annuity_4pct" not in set(found.scenarios["scenario"])
    rate = found.figures.set_index("figure").loc["discount_rate"]
    assert (rate["low_share"], rate["high_share"]) == pytest.approx((0.5, 1.0))


def test_figures_have_the_ranges_of_their_marks() -> None:
    settings = Robustness(samples=1, published_range=(0.9, 1.2), unverified_range=(0.6, 1.6))
    table = judged(settings).figures.set_index("figure")
    assert table.loc["sewer.capital", ["low_share", "high_share", "mark"]].tolist() == [0.9, 1.2, "P"]
    assert table.loc["treatment.upkeep", ["low_share", "high_share", "mark"]].tolist() == [0.6, 1.6, "U"]
    assert table.loc["johkasou.life", "mark"] == "P"
    assert "avoidance" not in table.index


def test_a_verdict_rests_on_unverified_figures_where_one_of_these_alone_turns_it() -> None:
    wide = judged(Robustness(samples=1, unverified_range=(0.05, 20.0)))
    narrow = judged(Robustness(samples=1, unverified_range=(0.999, 1.001), published_range=(0.05, 20.0)))
    assert wide.robustness["rests_on_unverified"].any()
    assert not narrow.robustness["rests_on_unverified"].any()
    turned = wide.figures.set_index("figure")["units_turned"]
    assert turned[wide.figures.set_index("figure")["mark"] == "U"].max() > 0


def test_break_even_prices_are_told_in_yen_a_metre_and_as_shares() -> None:
    checked = 0
    for seed in range(8):
        asked = question(seed)
        if not np.isfinite(least_cost(asked.repricer.problem)):
            continue
        table = judge(asked, Robustness(samples=1), "en", lambda done, total: None).robustness
        groups = {"break_even_johkasou_share": IS_TANK, "break_even_treatment_share": asked.groups["treatment"]}
        shares = table["break_even_sewer_yen_per_m"] / table["sewer_yen_per_m"]
        for varies, at in ((IS_SEWER, shares), *((groups[c], table[c]) for c in groups)):
            for unit in np.flatnonzero(at.notna() & (asked.repricer.problem.side == FREE)):
                # at the turn both verdicts cost the same
                problem = asked.repricer.problem_at(np.where(varies, at[unit], 1.0))
                sides = np.tile(problem.side, (2, 1))
                sides[:, unit] = 1, -1
                sewer, tanks = (least_cost(problem._replace(side=side)) for side in sides)
                assert sewer == pytest.approx(tanks, rel=1e-5)
                checked += 1
    assert checked > 15


def test_nothing_is_told_of_what_turns_a_verdict_that_the_plan_has_not_got() -> None:
    settings = Robustness(samples=1, unverified_range=(0.05, 20.0))
    own = judged(settings).robustness
    unit = int(own.dropna(subset=["break_even_sewer_yen_per_m", "scenarios_turned"])["unit_id"].iloc[0])
    assert own["plan_agrees"].all()
    assert own.loc[unit, "rests_on_unverified"]
    other = judge(question(differs=(unit,)), settings, "en", lambda done, total: None).robustness
    assert other["plan_agrees"].tolist() == [u != unit for u in range(UNITS)]
    told = ["break_even_sewer_yen_per_m", "break_even_johkasou_share", "break_even_treatment_share", "scenarios_turned"]
    assert other.loc[unit, told].isna().all()
    assert not other.loc[unit, "rests_on_unverified"]
    pd.testing.assert_frame_equal(own.drop(index=unit), other.drop(index=unit))


@pytest.mark.parametrize(
    ("sevens", "mark"),
    [(0, "P"), (3, "P"), (40, "U")],  # of 100 tanks; upkeep of seven persons is unverified, of five published
)
def test_tanks_are_as_certain_as_those_that_make_a_material_part_of_the_yen(sevens: int, mark: str) -> None:
    persons, count = np.array([5.0, 7.0]), np.array([100.0 - sevens, float(sevens)])
    item = typical_tank(persons, count, np.zeros(2), BOOK, Cost())
    assert item.key == "johkasou_5"
    assert item.upkeep.mark == mark
    assert item.upkeep.curve == BOOK.item("johkasou_5").upkeep.curve
    assert item.life("actual").mark == "P"


def test_every_scenario_has_a_name_in_japanese() -> None:
    said = Words("ja").scenarios(
        ", ".join(
            ["actual_lives", "statutory_lives", "straight_line", "few_people", "many_people", *OTHER_PARTS, "annuity_2pct"]
        )
    )
    assert not re.search("[a-z_]", said)
    assert "割引率2%の年賦" in said
    assert Words("en").scenarios("few_people, annuity_2pct") == "few people, annuity at 2 %"
    assert (Words("en").pumps(1), Words("en").pumps(2), Words("ja").pumps(1)) == ("1 pump", "2 pumps", "1基")


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    judge(question(), Robustness(samples=5), "ja", lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1]


def test_whole_decisions_go_before_networks_designed_and_each_price_says_how_it_was_found() -> None:
    nan = np.nan
    designed = np.array([0.9, 0.9, 0.7, nan, nan, 1.1])
    agrees = np.array([True, True, True, True, True, False])
    again = Verified({"sewer": np.array([0.93, nan, nan, 1.05, nan, 1.02])}, 0.8, 1.25)
    told = turns.told(designed, again, "sewer", agrees)
    assert told.basis == ["decided_again", "not_confirmed", "networks_designed", "decided_again", None, "decided_again"]
    assert told.share == pytest.approx([0.93, nan, 0.7, 1.05, nan, 1.02], nan_ok=True)
    without = turns.told(designed, None, "sewer", agrees)
    assert without.basis == [*["networks_designed"] * 3, None, None, None]
    assert without.share == pytest.approx([0.9, 0.9, 0.7, nan, nan, nan], nan_ok=True)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            {"robustness": {"people_range": [1.1, 1.3]}},
            "robustness.people_range = [1.1, 1.3]: [low, high] must rise and hold 1",
        ),
        (
            {"robustness": {"verified_range": [0.8, 0.9]}},
            "robustness.verified_range = [0.8, 0.9]: [low, high] must rise and hold 1",
        ),
        ({"robustness": {"discount_rates": [0.04, 0.02]}}, "robustness.discount_rates = [0.04, 0.02]: [low, high] must rise"),
        ({"curve": {"second_aim": "pumps"}}, "curve.second_aim = 'pumps' with curve.points = 0: the second aim is shown on"),
        (
            {"robustness": {"samples": 100}, "curve": {"points": 9}, "zoning": {"method": "all_sewer"}},
            "robustness.samples and curve.points with zoning.method = 'all_sewer'",
        ),
        ({"curve": {"second_aim": "in_time"}}, "  curve.second_aim = 'in_time' needs zoning.build_cap_yen_per_yr"),
    ],
)
def test_ranges_that_make_no_sense_are_refused(section: dict[str, dict[str, object]], said: str) -> None:
    study = {"study": {"crs": "EPSG:6678"}, "inputs": {"buildings": "b", "roads": "r", "terrain": "t"}}
    with pytest.raises(ConfigError) as error:
        config.parse({**study, **section})
    assert said in str(error.value)
