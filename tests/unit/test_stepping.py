"""Where decisions turn that are each made anew: a search may turn to and fro."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering.stepping import BESIDE, RATIO, first_turns, steps

UNITS = 6


class Search:
    """Decisions that turn at some price each, and by chance wherever else one looks; equal where asked twice."""

    def __init__(self, seed: int, chance: float) -> None:
        rng = np.random.default_rng(seed)
        self.seed, self.chance = seed, chance
        self.today, self.turns = rng.random(UNITS) < 0.5, np.exp(rng.normal(0.0, 0.2, UNITS))
        self.asked: list[float] = []

    def decide(self, price: float) -> np.ndarray:
        self.asked.append(price)
        chance = np.random.default_rng([self.seed, round(price * 1e9)]).random(UNITS) < self.chance
        beyond = np.where(self.turns > 1.0, price > self.turns, price < self.turns)
        return self.today ^ ((beyond ^ chance) & (price != 1.0))


@given(seed=st.integers(0, 10_000), chance=st.sampled_from([0.0, 0.05, 0.3]), low=st.floats(0.5, 1.0), high=st.floats(1.0, 2.0))
@settings(max_examples=150, deadline=None)
def test_a_per_cent_before_every_turn_the_decision_is_todays_and_a_per_cent_beyond_it_is_not(
    seed: int, chance: float, low: float, high: float
) -> None:
    search = Search(seed, chance)
    found = first_turns(search.decide, search.today, low, high)
    for unit in np.flatnonzero(np.isfinite(found)):
        near, far = (1.0 - BESIDE, 1.0 + BESIDE) if found[unit] > 1.0 else (1.0 + BESIDE, 1.0 - BESIDE)
        before, beyond = (round(found[unit] * side, 12) for side in (near, far))
        decided = {round(price, 12): price for price in [1.0, *search.asked]}
        assert search.decide(decided[before])[unit] == search.today[unit]
        assert search.decide(decided[beyond])[unit] != search.today[unit]


@given(seed=st.integers(0, 10_000), low=st.floats(0.5, 1.0), high=st.floats(1.0, 2.0))
@settings(max_examples=100, deadline=None)
def test_the_nearest_turn_is_told_and_none_within_the_range_is_missed(seed: int, low: float, high: float) -> None:
    search = Search(seed, 0.0)
    found = first_turns(search.decide, search.today, low, high)
    is_within = (search.turns > low) & (search.turns < high)
    assert np.isfinite(found[is_within]).all()
    told = np.isfinite(found)
    assert (np.abs(np.log(found[told] / search.turns[told])) < np.log(RATIO) / 2 + 1e-3).all()
    lowest, highest = (prices[-1] for prices in steps(low, high))
    assert not (told & ((search.turns < lowest) | (search.turns > highest))).any()
    assert len(search.asked) == len(set(search.asked))


def test_steps_hold_the_range_and_go_no_farther() -> None:
    down, up = steps(0.85, 1.15)
    assert down[0] == up[0] == 1.0
    assert down[-1] <= 0.85 < down[-2]
    assert up[-2] < 1.15 <= up[-1]
    assert [len(prices) for prices in steps(1.0, 1.0)] == [1, 1]
    assert np.isnan(first_turns(lambda price: np.ones(2, bool), np.zeros(2, bool), 1.0, 1.0)).all()


def test_of_turns_both_ways_the_nearer_is_told() -> None:
    def decide(price: float) -> np.ndarray:
        return np.array([price < 0.9 or price > 1.05, price < 0.95 or price > 1.1])

    found = first_turns(decide, np.zeros(2, bool), 0.5, 2.0)
    assert 1.03 < found[0] < 1.07
    assert 0.93 < found[1] < 0.97
