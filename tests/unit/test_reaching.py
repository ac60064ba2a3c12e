"""The cheapest way to reach so many people, against every choice of small cases."""

import itertools

import numpy as np
import pandas as pd
import pytest

from sewerzone.engineering import reaching
from sewerzone.engineering.scheduling import chain
from sewerzone.stages import coverage


def case(seed: int) -> tuple[np.ndarray, ...]:
    """Packages in random trees, and tanks of three units."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    below = np.array([rng.integers(-1, k) if k else -1 for k in range(n)])
    worth, cost = rng.integers(0, 20, n).astype(float), rng.integers(1, 30, n).astype(float)
    return worth, cost, below, rng.integers(1, 9, 3).astype(float), rng.integers(5, 40, 3).astype(float)


def least(
    worth: np.ndarray, cost: np.ndarray, below: np.ndarray, parts: np.ndarray, part_cost: np.ndarray, wanted: float
) -> float:
    """Every set of packages that keeps downstream first, with the cheapest tanks for the rest."""
    best, order = np.inf, np.argsort(part_cost / parts)
    people, yen = (np.append(0.0, np.cumsum(values[order])) for values in (parts, part_cost))
    for taken in itertools.product([False, True], repeat=len(worth)):
        some = np.array(taken)
        if (some & (below >= 0) & ~some[below]).any():
            continue
        rest = max(wanted - worth[some].sum(), 0.0)
        if rest <= people[-1]:
            best = min(best, cost[some].sum() + np.interp(rest, people, yen))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_no_other_choice_costs_less(seed: int) -> None:
    worth, cost, below, parts, part_cost = case(seed)
    wanted = 0.6 * (worth.sum() + parts.sum())
    found = reaching.cheapest(worth, cost, below, parts, part_cost, wanted)
    assert found is not None
    up = below >= 0
    assert not (found.is_taken[up] & ~found.is_taken[below[up]]).any()
    assert worth[found.is_taken].sum() + parts @ found.share >= wanted - 1e-6
    assert cost[found.is_taken].sum() + part_cost @ found.share == pytest.approx(
        least(worth, cost, below, parts, part_cost, wanted)
    )
    assert reaching.cheapest(worth, cost, below, parts, part_cost, worth.sum() + parts.sum() + 1.0) is None


def test_the_goal_takes_no_dense_package_that_it_does_not_need() -> None:
    """Two packages, the denser one upstream; 18 people are wanted: 37 and 38 together, not 35 besides."""
    people, yen = np.array([15.0, 10.0, 18.0]), np.array([12.0, 12.0, 11.0])
    found = chain(people, yen, np.array([-1, -1, 1]))
    rows = pd.DataFrame({"kind": "sewer", "package_id": [35, 37, 38], "unit_id": 0, "tanks": np.nan, "people": people})
    rows = rows.assign(capital_yen=yen).iloc[found.order].assign(block=found.block).reset_index(drop=True)
    place = {package: k for k, package in enumerate(rows["package_id"])}
    rows["below"] = [place[37] if package == 38 else -1 for package in rows["package_id"]]
    made = coverage._cheapest(rows, rows.iloc[:0].drop(columns=["block", "below"]), 18.4)
    assert made["package_id"].tolist() == [37, 38]
    one = coverage._cheapest(rows, rows.iloc[:0].drop(columns=["block", "below"]), 9.0)
    assert one["package_id"].tolist() in ([35], [37])
    every = coverage._cheapest(rows, rows.iloc[:0].drop(columns=["block", "below"]), 99.0)
    assert len(every) == 3
