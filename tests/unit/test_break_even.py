"""Prices at which decisions turn."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering.break_even import Line, envelope, lower, nearest_turns

UNITS = 5


def decisions(seed: int) -> list[Line]:
    """Every way to serve some of a few units: dear tanks, or sewers that are shared in a way nothing simple describes."""
    rng = np.random.default_rng(seed)
    tanks = rng.uniform(0.5, 3.0, UNITS)
    out = []
    for served in itertools.product([False, True], repeat=UNITS):
        is_served = np.array(served)
        sewers = rng.uniform(0.6, 1.2) * 1.2 * is_served.sum() ** 0.8
        out.append(Line(float(tanks[~is_served].sum() + 0.2 * is_served.sum()), float(sewers), is_served))
    return out


def brute(lines: list[Line], x: float) -> Line:
    return min(lines, key=lambda line: line.at(x))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_the_envelope_is_the_least_of_all_decisions_at_every_price(seed: int) -> None:
    every = decisions(seed)
    asked: list[float] = []

    def solve(x: float) -> Line:
        asked.append(x)
        return brute(every, x)

    found = envelope(solve, 0.1, 10.0, [every[0]], 1e-9)
    assert (np.diff(found.turns) > 0).all()
    assert len(asked) <= 2 * len(found.lines) + 1
    for x in np.geomspace(0.1, 10.0, 400):
        piece = found.lines[int(np.searchsorted(found.turns, x))]
        assert piece.at(x) == pytest.approx(brute(every, x).at(x), rel=1e-9)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_verdicts_turn_exactly_where_said_and_nowhere_nearer(seed: int) -> None:
    every = decisions(seed)
    found = envelope(lambda x: brute(every, x), 0.1, 10.0, [], 1e-9)
    at, now = nearest_turns(found, 1.0), brute(every, 1.0).is_served
    for unit in np.flatnonzero(~np.isnan(at)):
        beyond, before = (1.0 + 1e-6, 1.0 - 1e-6) if at[unit] > 1.0 else (1.0 - 1e-6, 1.0 + 1e-6)
        assert brute(every, at[unit] * beyond).is_served[unit] != now[unit]
        assert brute(every, at[unit] * before).is_served[unit] == now[unit]
    for x in np.geomspace(0.1, 10.0, 300):
        differs = brute(every, x).is_served != now
        assert not (differs & ~(np.abs(np.log(at)) <= abs(np.log(x)) + 1e-9)).any()


def test_the_nearer_of_two_turns_is_told_and_none_where_nothing_turns() -> None:
    never, below, both = [True, False, True], [True, True, False], [True, False, False]
    lines = [Line(0.0, 3.0, np.array(below)), Line(1.2, 1.5, np.array(never)), Line(2.6, 0.5, np.array(both))]
    found = lower(lines, 0.01, 10.0)
    assert found.turns == pytest.approx([0.8, 1.4])
    at = nearest_turns(found, 1.0)
    assert np.isnan(at[0])
    assert at[1] == pytest.approx(0.8)
    assert at[2] == pytest.approx(0.8)  # 1 / 0.8 is nearer than 1.4


def test_a_verdict_that_turns_twice_is_told_at_its_nearest_turn() -> None:
    lines = [Line(0.0, 4.0, np.array([True])), Line(1.0, 2.0, np.array([False])), Line(2.4, 1.0, np.array([True]))]
    assert nearest_turns(lower(lines, 0.1, 10.0), 2.0) == pytest.approx([1.4])
    assert nearest_turns(lower(lines, 0.1, 10.0), 0.45) == pytest.approx([0.5])


def test_decisions_known_from_elsewhere_count() -> None:
    poor = Line(10.0, 0.0, np.array([False]))
    found = envelope(lambda x: poor, 0.5, 2.0, [Line(0.0, 9.0, np.array([True]))], 1e-9)
    assert found.turns == pytest.approx([10 / 9])


def test_what_is_near_enough_is_not_searched_between() -> None:
    every = decisions(11)
    asked: list[float] = []

    def solve(x: float) -> Line:
        asked.append(x)
        return brute(every, x)

    envelope(solve, 0.1, 10.0, [], 1e-9, lambda one, other: True)
    assert asked == [0.1, 10.0]
