"""Flows against hand calculation and tanks against JIS A 3302; spreading against its promise to conserve totals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering.sewage import daily_flow_m3, flow_l_per_s, spread, tanks


def test_flows_of_the_basin_plan_used_at_fuji():
    people = np.array([1000.0])
    assert daily_flow_m3(people, 300 + 75 + 100) == pytest.approx([475.0])
    assert daily_flow_m3(people, 400 + 100 + 100) == pytest.approx([600.0])
    assert flow_l_per_s(people, 600 + 150 + 100) == pytest.approx([850_000 / 86_400])


@pytest.mark.parametrize(
    ("dwellings", "area_m2", "persons", "count"),
    [
        (1.0, 130.0, 5, 1.0),  # 130 m2 itself is still small
        (1.0, 130.1, 7, 1.0),
        (1.0, 0.0, 5, 1.0),  # unknown area: every house counts as 5-person
        (0.0, 500.0, 0, 0.0),
        (0.4, 200.0, 7, 1.0),  # a share of a dwelling still takes a whole tank
        (0.4, 60.0, 5, 1.0),
        (1.9, 240.0, 5, 1.0),  # by floor area per dwelling
        (2.0, 90.0, 10, 1.0),
        (3.0, 90.0, 10, 2.0),
        (8.0, 900.0, 10, 4.0),
    ],
)
def test_tank_sizes(dwellings: float, area_m2: float, persons: int, count: float):
    got_persons, got_count = tanks(np.array([dwellings]), np.array([area_m2]))
    assert (got_persons[0], got_count[0]) == (persons, count)


def test_limits_of_tank_sizes_can_be_set():
    persons, count = tanks(np.array([1.0, 3.0]), np.array([100.0, 100.0]), 90.0, 4.0)
    assert persons.tolist() == [7, 5]
    assert count.tolist() == [1.0, 1.0]


def test_spread_by_weight_and_evenly_where_nothing_weighs():
    shares = spread(np.array([10.0, 6.0, 5.0]), np.array([0, 0, -1, 1, 1, 1]), np.array([1.0, 4.0, 9.0, 0.0, 0.0, 0.0]))
    assert shares.tolist() == [2.0, 8.0, 0.0, 2.0, 2.0, 2.0]


def test_spread_over_nobody():
    assert spread(np.array([3.0]), np.full(4, -1), np.ones(4)).tolist() == [0.0] * 4
    assert spread(np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0)).tolist() == []


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_spread_conserves_every_total(data: st.DataObject):
    groups = data.draw(st.integers(1, 6))
    members = data.draw(st.lists(st.tuples(st.integers(-1, groups - 1), st.floats(0, 1e6)), min_size=1, max_size=60))
    totals = np.array(data.draw(st.lists(st.floats(0, 1e7), min_size=groups, max_size=groups)))
    group = np.array([g for g, _ in members], dtype=np.int64)
    shares = spread(totals, group, np.array([w for _, w in members]))
    held = np.unique(group[group >= 0])
    sums = np.array([np.sum(shares[group == g]) for g in held])
    assert sums == pytest.approx(totals[held], rel=1e-12, abs=1e-9)
    assert (shares >= -1e-9).all()
    assert not shares[group < 0].any()
