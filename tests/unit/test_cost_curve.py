"""The least cost of every share of people on sewers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sewerzone.engineering.prizes import FREE, SERVED, TANKS
from sewerzone.engineering.repricing import Decision, Repricer
from sewerzone.stages.cost_curve import PlanPoint, SecondAim, cost_curve, front
from tests.itemised_zonings import IS_SEWER, NAMES, instance
from tests.least_zonings import least_cost

UNITS = 5
SEEDS = [s for s in range(40) if np.isfinite(least_cost(instance(s, UNITS, 4).problem))]
TODAY = np.ones(len(NAMES))


def people_of(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 50, UNITS).astype(float)


def every_zoning(repricer: Repricer, people: np.ndarray) -> np.ndarray:
    """People served and least cost of every choice of units."""
    problem, out = repricer.problem, []
    for served in itertools.product([False, True], repeat=UNITS):
        wanted = np.where(served, SERVED, TANKS)
        if ((problem.side != FREE) & (wanted != problem.side)).any():
            continue
        cost = least_cost(problem._replace(side=wanted))
        if np.isfinite(cost):
            out.append((people[np.array(served)].sum(), cost))
    return np.array(out)


def hull_at(points: np.ndarray, people: float) -> float:
    """Least of all straight lines between two points, at a number of people."""
    best = np.inf
    for (p, c), (q, d) in itertools.product(points, repeat=2):
        if p <= people <= q:
            best = min(best, c if p == q else c + (d - c) * (people - p) / (q - p))
    return best


def test_the_curve_is_the_lower_hull_of_all_zonings() -> None:
    corners = 0
    for seed in SEEDS:
        repricer, people = instance(seed, UNITS, 4), people_of(seed)
        points = every_zoning(repricer, people)
        table = cost_curve(repricer, people, people.sum(), 1000, {})
        assert table["people_sewered"].is_monotonic_increasing
        assert table["people_sewered"].iloc[[0, -1]].tolist() == [points[:, 0].min(), points[:, 0].max()]
        for row in table.itertuples():
            assert row.yen_per_yr == pytest.approx(hull_at(points, row.people_sewered), abs=0.02)
            assert row.least_yen_per_yr == pytest.approx(row.yen_per_yr, rel=1e-5)
        for people_sewered, cost in points:
            told = np.interp(people_sewered, table["people_sewered"], table["yen_per_yr"])
            assert told <= cost + 0.02
        corners += len(table)
    assert corners > 3 * len(SEEDS)


def test_bounds_hold_between_the_corners_too() -> None:
    for seed in SEEDS[:12]:
        repricer, people = instance(seed, UNITS, 4), people_of(seed)
        forced = repricer.problem.side == SERVED
        every = np.ones(UNITS, bool)
        table = cost_curve(
            repricer, people, people.sum(), 1000, {"official": PlanPoint(every, 1e9), "today": PlanPoint(~every, 1e9)}
        )
        plans = table.set_index("kind").loc[["official", "today"]]
        points = every_zoning(repricer, people)
        if points[:, 0].max() == people.sum():
            assert plans.loc["official", "least_yen_per_yr"] <= hull_at(points, people.sum()) + 0.02
        assert np.isnan(plans.loc["today", "least_yen_per_yr"]) == forced.any()


def test_the_hull_is_never_above_a_plan_and_no_bound_is_told_of_one_that_costs_less() -> None:
    seen = 0
    for seed in SEEDS[:12]:
        repricer, people = instance(seed, UNITS, 4), people_of(seed)
        forced = repricer.problem.side == SERVED
        served = forced | (np.arange(UNITS) < 3)
        cheap = 0.9 * hull_at(every_zoning(repricer, people), people[served].sum())
        if not np.isfinite(cheap):
            continue
        table = cost_curve(repricer, people, 2.0 * people.sum(), 1000, {"official": PlanPoint(served, cheap, 7.0)})
        least, plan = table[table["kind"] == "least"], table[table["kind"] == "official"].iloc[0]
        assert np.interp(plan["people_sewered"], least["people_sewered"], least["yen_per_yr"]) <= cheap + 0.02
        assert np.isnan(plan["least_yen_per_yr"])
        assert plan["second_aim"] == 7.0
        assert plan["people_sewered_share"] == pytest.approx(people[served].sum() / people.sum() / 2.0)
        assert (np.diff(np.diff(least["yen_per_yr"]) / np.diff(least["people_sewered"])) > -1e-6).all()
        seen += 1
    assert seen > 5


def test_few_steps_ask_for_few_zonings_that_are_corners_all_the_same() -> None:
    asked = {}
    for steps in (2, 1000):
        repricer, people = instance(SEEDS[3], UNITS, 4), people_of(SEEDS[3])
        zone, count = repricer.zone, [0]

        def counted(problem, start, zone=zone, count=count):
            count[0] += 1
            return zone(problem, start)

        repricer.zone = counted
        asked[steps] = count[0], cost_curve(repricer, people, people.sum(), steps, {})
        asked[steps] = count[0], asked[steps][1]
    assert asked[2][0] < asked[1000][0]
    few, many = (set(zip(t["people_sewered"], t["yen_per_yr"], strict=True)) for _, t in (asked[2], asked[1000]))
    assert few < many


def test_the_front_trades_cost_for_the_second_aim() -> None:
    seen = 0
    for seed in SEEDS:
        repricer = instance(seed, UNITS, 4)

        def sewers(decision: Decision) -> float:
            return float(decision.fixed_yen_per_yr[IS_SEWER].sum())

        found = front(repricer, SecondAim("few_pumps", sewers, False, IS_SEWER))
        cost, value = [d.yen_per_yr(TODAY) for d in found], [sewers(d) for d in found]
        assert cost[0] == pytest.approx(least_cost(repricer.problem), rel=1e-6)
        assert (np.diff(cost) > 0).all()
        assert (np.diff(value) < 0).all()
        table = cost_curve(
            repricer, people_of(seed), people_of(seed).sum(), 4, {}, SecondAim("few_pumps", sewers, False, IS_SEWER)
        )
        rows = table[table["kind"] == "few_pumps"]
        assert sorted(rows["second_aim"]) == pytest.approx(sorted(value), abs=0.02)
        seen += len(found)
    assert seen > len(SEEDS)
