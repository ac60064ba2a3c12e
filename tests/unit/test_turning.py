"""Where comparisons linear in one price turn, against looking at every price of a fine grid; verdicts as laid likewise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone import tables
from sewerzone.engineering.turning import Lines, kept_between, last_price
from sewerzone.stages.as_laid import BY_COST, BY_DECISION, BY_OTHER, BY_RULE, as_laid
from tests.plans import frame

PRICES = np.concatenate([np.linspace(0.001, 3.0, 149), np.geomspace(3.0, 900.0, 29)])


def test_the_last_price_by_hand() -> None:
    ways = Lines(np.array([[20.0, 100.0], [np.inf, 50.0], [30.0, 10.0], [95.0, np.inf]]),
                 np.array([[95.0, 10.0], [1.0, 10.0], [0.0, 5.0], [1.0, 0.0]]))  # fmt: skip
    assert last_price(ways, np.array([90.0, 90.0, 40.0, 90.0])).tolist() == [pytest.approx(70 / 95), 4.0, np.inf, -5.0]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_a_group_is_kept_between_two_prices_and_nowhere_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, members = 4, 12
    of = rng.integers(-1, count, members)
    ways = Lines(rng.uniform(1, 50, (members, 3)), rng.uniform(0, 40, (members, 3)) * [1, 1, 0])
    ways.fixed[rng.random((members, 3)) < 0.3] = np.inf
    ways.fixed[:, 2] = rng.uniform(20, 60, members)
    groups = Lines(np.zeros(count), rng.uniform(0, 60, count))
    apart = np.array([ways.at(1.0).min(axis=1)[of == g].sum() for g in range(count)])
    groups = Lines(apart - groups.slope - rng.uniform(0, 5, count), groups.slope)
    low, high = kept_between(groups, of, ways, 1.0)
    for price in PRICES:
        apart = np.array([ways.at(price).min(axis=1)[of == g].sum() for g in range(count)])
        spare = apart + 1.0 - groups.at(price)
        clear = np.abs(spare) > 1e-6
        assert ((spare > 0) == ((low <= price) & (price <= high)))[clear].all()


def _town(seed: int) -> tuple[pd.DataFrame, ...]:
    """Eight units, two systems of three and two of them; costs at random, one sewer row and one other a unit and option."""
    rng = np.random.default_rng(seed)
    units = 8
    system = [0, 0, 0, 1, 1, None, None, None]
    rows, possible = [], []
    for unit in range(units):
        for option in ("connect", "own_plant", "johkasou"):
            is_possible = option == "johkasou" or rng.random() < 0.8
            possible.append(is_possible)
            sewer = 0.0 if option == "johkasou" else rng.uniform(5, 60)
            rows.append((option, unit, None, "sewer", sewer))
            rows.append((option, unit, None, "other", rng.uniform(5, 60) * (1 + (option == "johkasou"))))
    for number in (0, 1):
        rows += [("plan", None, number, "sewer", rng.uniform(10, 80)), ("plan", None, number, "other", rng.uniform(10, 60))]
    rows += [("plan", unit, None, "tank", 3.0) for unit in (0, 5, 6, 7)]
    option, unit, number, item, yen = (list(c) for c in zip(*rows, strict=True))
    costs = frame(tables.COSTS, option=option, unit_id=unit, system_id=number, item=item, quantity=1.0,
                  capital_yen=np.array(yen) * 50, capital_yen_per_yr=yen, is_in_plan=[o == "plan" for o in option])  # fmt: skip
    treatment = ["absorbed", "sewer", "sewer", "own_plant", "own_plant", "johkasou", "johkasou", "johkasou"]
    table = pd.DataFrame({"unit_id": range(units), "system_id": pd.array(system, dtype="Int64"), "treatment": treatment,
                          "override_id": pd.array([None] * 7 + [0], dtype="Int64")})  # fmt: skip
    options = pd.DataFrame({"unit_id": np.repeat(range(units), 3), "option": ["connect", "own_plant", "johkasou"] * units,
                            "is_possible": possible})  # fmt: skip
    overrides = pd.DataFrame({"override_id": [0], "kind": ["force_johkasou"]})
    plants = pd.DataFrame({"system_id": pd.array([1, None], dtype="Int64"), "keep_yen_per_yr": [7.0, 99.0]})
    return table, options, costs, overrides, plants


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_verdicts_turn_at_the_prices_told_and_nowhere_nearer(seed: int) -> None:
    laid = as_laid(*_town(seed))
    assert laid.verdicts().tolist() == laid.treatment.tolist()
    assert laid.held_by[0] == BY_RULE
    assert laid.held_by[7] == BY_DECISION
    held = laid.held_by != BY_COST
    today = laid.verdicts() == "johkasou"
    alone_today = laid.by_itself() == "johkasou"
    falling, rising = laid.turns()
    alone, _ = laid.turns_by_itself()
    assert np.isnan(falling[held]).all()
    assert np.isnan(rising[held]).all()
    for price in PRICES:
        turned = (laid.verdicts(price) == "johkasou") != today
        told = np.nan_to_num(falling, nan=0.0) >= price if price < 1.0 else np.nan_to_num(rising, nan=np.inf) < price
        assert not (turned & ~told).any(), price
        back = told & ~turned  # units of a system may turn back far beyond the price told, where they pay by themselves
        assert not back[laid.system < 0].any()
        by_itself = (laid.by_itself(price) == "johkasou") != alone_today
        assert (by_itself == ((np.nan_to_num(alone, nan=0.0) >= price) != ~alone_today)).all()


def test_what_the_comparison_would_turn_is_held_and_said() -> None:
    units, options, costs, overrides, plants = _town(1)
    costs = costs.assign(capital_yen_per_yr=costs["capital_yen_per_yr"].where(costs["system_id"].fillna(-1) != 1, 900.0))
    laid = as_laid(units, options, costs, overrides, plants)
    assert laid.held_by[[3, 4]].tolist() == [BY_OTHER, BY_OTHER]
    assert laid.verdicts(50.0)[[3, 4]].tolist() == ["own_plant", "own_plant"]


def test_a_system_saves_what_keeping_existing_plants_would_cost() -> None:
    units, options, costs, overrides, plants = _town(1)
    without = as_laid(units, options, costs, overrides, plants.iloc[:0])
    assert as_laid(units, options, costs, overrides, plants).apart() - without.apart() == pytest.approx([0.0, 7.0])
