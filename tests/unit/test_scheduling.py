"""Years of construction: against all schedules of small cases, and what must hold of large ones."""

import itertools
import time

import numpy as np
import pytest
from scipy.optimize import linprog

from sewerzone.engineering import scheduling_exact
from sewerzone.engineering.scheduling import (
    Caps,
    Schedule,
    Work,
    chain,
    depth,
    fitted,
    fluid_worth,
    in_order,
    of_both,
    schedule,
    spread,
    yearly,
)
from sewerzone.engineering.scheduling_search import bettered


def case(rng: np.random.Generator, most_packages: int, most_years: int, has_ha: bool) -> tuple[Work, Caps]:
    """Packages in random trees and caps that pay for some of them."""
    n, years = int(rng.integers(1, most_packages + 1)), int(rng.integers(1, most_years + 1))
    below = np.array([rng.integers(-1, k) if k else -1 for k in range(n)])
    yen, ha, worth = rng.integers(1, 20, n), rng.integers(0, 9, n), rng.integers(0, 30, n)
    work = Work(yen.astype(float), ha.astype(float), worth.astype(float), below)
    cap_ha = rng.integers(1, 9, years).astype(float) if has_ha else np.full(years, np.inf)
    return work, Caps(rng.integers(0, 20, years).astype(float), cap_ha)


def is_possible(finished: np.ndarray, work: Work, caps: Caps) -> bool:
    """Whether shares of work exist that keep every cap and finish every package in its year, upstream not before."""
    n, years = len(finished), len(caps.yen)
    up = np.flatnonzero(work.below >= 0)
    if (finished[up] < finished[work.below[up]]).any():
        return False
    at = np.flatnonzero(finished < years)
    allowed = np.zeros((n, years))
    for k in at:
        begin = finished[work.below[k]] if work.below[k] >= 0 else 0
        allowed[k, begin : finished[k] + 1] = 1.0
    rows = [np.kron(need, np.eye(years)) for need in (work.yen, work.ha)]
    cap = np.concatenate([caps.yen, np.where(np.isinf(caps.ha), 1e9, caps.ha)])
    whole = np.kron(np.eye(n), np.ones(years))[at]
    found = linprog(np.zeros(n * years), np.vstack(rows), cap, whole, np.ones(len(at)), [(0, a) for a in allowed.ravel()])
    return bool(found.status == 0)


def best_of_all(work: Work, caps: Caps) -> float:
    """The greatest worth-years of all schedules, tried from the best down."""
    n, years = len(work.yen), len(caps.yen)
    every = np.array(list(itertools.product(range(years + 1), repeat=n)))
    value = (years - every) @ work.worth
    for k in np.argsort(-value, kind="stable"):
        done = every[k][:, None] <= np.arange(years)
        if (work.yen @ done <= np.cumsum(caps.yen) + 1e-9).all() and is_possible(every[k], work, caps):
            return float(value[k])
    raise AssertionError("to build nothing is always possible")


def check(found: Schedule, work: Work, caps: Caps) -> None:
    """No cap exceeded, all work of what is finished done by then, none upstream before what lies downstream is finished."""
    years = len(caps.yen)
    for need, cap in ((work.yen, caps.yen), (work.ha, caps.ha)):
        spent = np.bincount(found.year, found.share * need[found.package], minlength=years)
        assert (spent <= cap * (1.0 + 1e-9) + 1e-9).all()
    n = len(work.yen)
    is_in_time = found.year <= found.finished[found.package]
    done = np.bincount(found.package[is_in_time], found.share[is_in_time], minlength=n)
    assert (done[found.finished < years] > 1.0 - 1e-6).all()
    lower = work.below[found.package]
    assert (found.year >= np.where(lower >= 0, found.finished[lower], 0)).all()
    up = work.below >= 0
    assert (found.finished[up] >= found.finished[work.below[up]]).all()
    assert found.worth_years == pytest.approx(float(work.worth @ (years - found.finished)))
    assert found.worth_years <= found.bound + 1e-6


@pytest.mark.parametrize("seed", range(25))
def test_money_alone_is_the_best_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    work, caps = case(rng, 5, 4 if seed % 2 else 3, has_ha=False)
    best = best_of_all(work, caps)
    found, quick = schedule(work, caps), schedule(work, caps, most_exact=0)
    check(found, work, caps)
    check(quick, work, caps)
    assert found.worth_years == pytest.approx(best)
    assert found.bound == pytest.approx(best, abs=1e-6)
    assert quick.worth_years <= best + 1e-9 <= quick.bound + 2e-9


@pytest.mark.parametrize("seed", range(15))
def test_money_and_hectares_are_the_best_of_all(seed: int) -> None:
    work, caps = case(np.random.default_rng(100 + seed), 4, 3, has_ha=True)
    best = best_of_all(work, caps)
    found = schedule(work, caps)
    check(found, work, caps)
    assert found.worth_years == pytest.approx(best)
    assert found.bound == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("seed", range(15))
def test_bounds_of_both_caps_hold_and_are_below_those_of_each(seed: int) -> None:
    work, caps = case(np.random.default_rng(100 + seed), 4, 3, has_ha=True)
    best, together = best_of_all(work, caps), of_both(work, caps)
    for cost, cap in ((work.yen, caps.yen), (work.ha, caps.ha)):
        alone = fluid_worth(work.worth, cost, chain(work.worth, cost, work.below), np.cumsum(cap))
        assert (together <= alone + 1e-9).all()
    relaxed = scheduling_exact.relaxed(*work, caps.yen, caps.ha)
    assert best - 1e-6 <= relaxed <= float(together.sum()) + 1e-3


def test_two_caps_together_bound_more_than_either() -> None:
    """Half of the packages cost money only, half hectares only: each cap alone pays for the other half at once."""
    work = Work(np.array([4.0] * 5 + [0.0] * 5), np.array([0.0] * 5 + [4.0] * 5), np.ones(10), np.full(10, -1))
    caps = Caps(np.array([6.0, 6.0]), np.array([6.0, 6.0]))
    assert of_both(work, caps).tolist() == pytest.approx([3.0, 6.0], rel=1e-3)  # alone: 5 + 1.5 and 5 + 3
    found = schedule(work, caps)
    check(found, work, caps)
    assert found.worth_years == pytest.approx(2 + 6)
    assert found.bound == pytest.approx(2 + 6)


@pytest.mark.parametrize("has_ha", [False, True])
def test_search_keeps_downstream_first_and_never_ends_worse(has_ha: bool) -> None:
    rng = np.random.default_rng(9)
    work, caps = case(rng, 60, 12, has_ha)
    work, caps = work._replace(yen=work.yen + rng.random(len(work.yen))), caps._replace(yen=caps.yen + 10.0)
    start = np.lexsort((np.arange(len(work.yen)), depth(work.below)))
    for threshold in (0.0, 5.0):
        order = bettered(start, *work, caps.yen, caps.ha, threshold)
        assert sorted(order.tolist()) == list(range(len(work.yen)))
        check(in_order(order, work, caps), work, caps)
        assert in_order(order, work, caps).worth_years > in_order(start, work, caps).worth_years


def test_a_package_larger_than_the_cap_spans_years() -> None:
    work = Work(np.array([10.0, 1.0]), np.zeros(2), np.array([5.0, 1.0]), np.array([-1, 0]))
    found = schedule(work, Caps(np.full(4, 4.0), np.full(4, np.inf)))
    assert found.finished.tolist() == [2, 2]
    spent = np.bincount(found.year, found.share * work.yen[found.package], minlength=4)
    assert spent.tolist() == pytest.approx([4.0, 4.0, 3.0, 0.0])


def test_a_trunk_is_built_for_what_lies_upstream() -> None:
    """The trunk serves nobody, and yet comes before a package of middling density since all behind it are dense."""
    work = Work(np.array([4.0, 1.0, 1.0, 3.0]), np.zeros(4), np.array([0.0, 9.0, 9.0, 5.0]), np.array([-1, 0, 0, -1]))
    assert chain(work.worth, work.yen, work.below).order.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("seed", range(5))
def test_the_chain_is_in_falling_density_with_downstream_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 300
    below = np.array([rng.integers(max(-1, k - 20), k) if k else -1 for k in range(n)])
    worth, cost = rng.random(n) * (rng.random(n) < 0.7), rng.random(n) + 0.1
    found = chain(worth, cost, below)
    position = np.empty(n, int)
    position[found.order] = np.arange(n)
    assert sorted(found.order.tolist()) == list(range(n))
    assert (position[below >= 0] > position[below[below >= 0]]).all()
    value, price = (np.bincount(found.block, v[found.order]) for v in (worth, cost))
    assert (np.diff(value / price) <= 1e-12).all()


def test_thousands_of_packages_are_near_the_bound_within_seconds() -> None:
    rng = np.random.default_rng(7)
    n, years = 5_000, 20
    below = np.array([rng.integers(max(-1, k - 50), k) if k else -1 for k in range(n)])
    work = Work(rng.lognormal(16, 1, n), rng.random(n), rng.lognormal(3, 1, n), below)
    caps = Caps(np.full(years, work.yen.sum() / 25), np.full(years, np.inf))
    begin = time.process_time()
    found = schedule(work, caps)
    assert time.process_time() - begin < 10.0
    check(found, work, caps)
    assert found.gap_share < 0.01


def test_fitted_keeps_downstream_first() -> None:
    work, caps = case(np.random.default_rng(3), 40, 5, has_ha=False)
    order = fitted(np.lexsort((np.arange(len(work.yen)), depth(work.below))), work, caps)
    assert sorted(order.tolist()) == list(range(len(work.yen)))
    check(in_order(order, work, caps), work, caps)


def test_yearly_and_spread() -> None:
    assert yearly((3.0, 5.0), 4, 0.0).tolist() == [3.0, 5.0, 5.0, 5.0]
    assert yearly((), 2, np.inf).tolist() == [np.inf, np.inf]
    lot, year, part = spread(np.array([3.0, 5.0]), np.array([2.0, 0.0, 4.0, 1.0]))
    assert (lot.tolist(), year.tolist(), part.tolist()) == ([0, 0, 1, 1], [0, 2, 2, 3], [2.0, 1.0, 3.0, 1.0])
