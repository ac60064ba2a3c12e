"""Where decisions turn that are each made anew: a search may turn to and fro."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering.stepping import BESIDE, RATIO, steps, turns

UNITS = 6
LOW, HIGH = st.floats(0.5, 1.0), st.floats(1.0, 2.0)


class Search:
    """Decisions that turn at some price each, and by chance wherever else one looks; equal where asked twice."""

    def __init__(self, seed: int, chance: float) -> None:
        rng = np.random.default_rng(seed)
        self.seed, self.chance = seed, chance
        self.today, self.turns = rng.random(UNITS) < 0.5, np.exp(rng.normal(0.0, 0.2, UNITS))
        self.asked: list[float] = []

    def expected(self, off: float) -> np.ndarray:
        """Where they are expected to turn: some nowhere, the others not quite where they do."""
        rng = np.random.default_rng(self.seed + 1)
        return np.where(rng.random(UNITS) < 0.2, np.nan, self.turns * np.exp(rng.normal(0.0, off, UNITS)))

    def decide(self, price: float) -> np.ndarray:
        self.asked.append(price)
        chance = np.random.default_rng([self.seed, round(price * 1e9)]).random(UNITS) < self.chance
        beyond = np.where(self.turns > 1.0, price > self.turns, price < self.turns)
        return self.today ^ ((beyond ^ chance) & (price != 1.0))


@given(seed=st.integers(0, 10_000), chance=st.sampled_from([0.0, 0.05, 0.3]), off=st.floats(0.0, 0.1), low=LOW, high=HIGH)
@settings(max_examples=150, deadline=None)
def test_a_per_cent_before_every_turn_the_decision_is_todays_and_a_per_cent_beyond_it_is_not(
    seed: int, chance: float, off: float, low: float, high: float
) -> None:
    search = Search(seed, chance)
    found = turns(search.decide, search.today, search.expected(off), low, high)
    assert len(search.asked) == len(set(search.asked))
    decided = {round(price, 12): price for price in [1.0, *search.asked]}
    for unit in np.flatnonzero(np.isfinite(found)):
        near, far = (1.0 - BESIDE, 1.0 + BESIDE) if found[unit] > 1.0 else (1.0 + BESIDE, 1.0 - BESIDE)
        before, beyond = (decided[round(found[unit] * side, 12)] for side in (near, far))
        assert search.decide(before)[unit] == search.today[unit]
        assert search.decide(beyond)[unit] != search.today[unit]


@given(seed=st.integers(0, 10_000), off=st.floats(0.0, 0.1), low=LOW, high=HIGH)
@settings(max_examples=150, deadline=None)
def test_what_turns_within_the_range_is_found_also_where_it_was_expected_elsewhere(
    seed: int, off: float, low: float, high: float
) -> None:
    search = Search(seed, 0.0)
    expected = search.expected(off)
    found = turns(search.decide, search.today, expected, low, high)
    told = np.isfinite(found)
    is_within = (search.turns > low) & (search.turns < high) & (expected > low) & (expected < high)
    assert told[is_within & ((expected > 1.0) == (search.turns > 1.0))].all()
    assert (np.abs(np.log(found[told] / search.turns[told])) < np.log(RATIO) / 2 + 1e-3).all()
    down, up = steps(low, high)
    assert not (told & ((search.turns < RATIO**-down) | (search.turns > RATIO**up))).any()


def test_where_all_is_as_expected_two_decisions_are_enough_for_each_turn() -> None:
    search = Search(0, 0.0)
    search.turns = np.array([0.8, 0.8, 0.5, 1.3, 3.0, 1.3])
    found = turns(search.decide, search.today, search.turns, 0.6, 2.0)
    assert np.isfinite(found).tolist() == [True, True, False, True, False, True]
    assert len(search.asked) == 4


def test_steps_hold_the_range_and_go_no_farther() -> None:
    down, up = steps(0.85, 1.15)
    assert RATIO**-down <= 0.85 < RATIO ** (1 - down)
    assert RATIO ** (up - 1) < 1.15 <= RATIO**up
    assert steps(1.0, 1.0) == (0, 0)
    assert np.isnan(turns(lambda price: np.ones(2, bool), np.zeros(2, bool), np.array([1.0, np.nan]), 1.0, 1.0)).all()


def test_of_turns_met_both_ways_the_nearer_is_told() -> None:
    def decide(price: float) -> np.ndarray:
        return np.array([price < 0.9 or price > 1.05, price < 0.95 or price > 1.1])

    found = turns(decide, np.zeros(2, bool), np.array([0.9, 1.1]), 0.5, 2.0)
    assert 1.03 < found[0] < 1.07  # met where the other's turn was looked for
    assert 0.93 < found[1] < 0.97


def test_a_turn_that_is_not_where_it_is_expected_is_looked_for_to_the_end_of_the_range() -> None:
    asked = []

    def decide(price: float) -> np.ndarray:
        asked.append(price)
        return np.array([price > 1.7])

    found = turns(decide, np.zeros(1, bool), np.array([1.1]), 0.5, 2.0)
    assert 1.68 < found[0] < 1.72
    assert len(asked) < 14
    assert np.isnan(turns(decide, np.zeros(1, bool), np.array([1.1]), 0.5, 1.6)[0])
