"""Decisions priced anew, and the prices at which they turn."""

from __future__ import annotations

import numpy as np
import pytest

from sewerzone.engineering.break_even import Line, envelope, lower, nearest_turns
from sewerzone.engineering.prizes import FREE, SERVED, TANKS, cost_of
from tests.itemised_zonings import IS_SEWER, IS_TANK, NAMES, instance
from tests.least_zonings import least_cost

SEEDS = [seed for seed in range(60) if np.isfinite(least_cost(instance(seed, 2 + seed % 5, seed % 6).problem))]


def test_a_decision_costs_by_its_parts_what_it_costs_as_a_whole() -> None:
    draw = np.random.default_rng(1)
    served = 0
    for seed in SEEDS:
        repricer = instance(seed, 2 + seed % 5, seed % 6)
        found = repricer.solve(np.ones(len(NAMES)))
        factors, people = draw.uniform(0.5, 2.0, len(NAMES)), float(draw.uniform(0.7, 1.3))
        problem = repricer.problem_at(factors, people)
        assert found.decision.yen_per_yr(factors, people) == pytest.approx(cost_of(problem, found.decision.zoned))
        line = repricer.line(found.decision, IS_SEWER)
        problem = repricer.problem_at(np.where(IS_SEWER, 1.7, 1.0))
        assert line.at(1.7) == pytest.approx(cost_of(problem, found.decision.zoned))
        served += int(found.decision.is_served.sum())
    assert served > 40


def test_people_scale_houses_and_flow_and_leave_sewers_and_places_of_delivery() -> None:
    repricer = instance(3, 5, 4)
    one, half = repricer.problem, repricer.problem_at(np.ones(len(NAMES)), 0.5)
    assert half.tanks_yen_per_yr == pytest.approx(one.tanks_yen_per_yr / 2)
    assert half.flow_m3_per_d == pytest.approx(one.flow_m3_per_d / 2)
    for name in ("cost_yen_per_yr", "entry_yen_per_yr", "kind_yen_per_m3_per_d"):
        assert getattr(half, name) == pytest.approx(getattr(one, name))
    tanks = repricer.parts.serving[:, IS_TANK].sum(axis=1)
    assert half.serving_yen_per_yr == pytest.approx(one.serving_yen_per_yr - tanks / 2)


def test_what_is_known_is_never_forgotten() -> None:
    for seed in SEEDS[:20]:
        repricer = instance(seed, 2 + seed % 5, seed % 6)
        best = repricer.solve(np.ones(len(NAMES)))
        repricer.remember(best.decision)
        repricer.remember(best.decision)
        assert len(repricer.known) == 1
        repricer.zone = lambda problem, start: start  # a search that finds nothing
        assert repricer.solve(np.ones(len(NAMES))).yen_per_yr == pytest.approx(best.yen_per_yr)


def test_decisions_there_is_no_room_for_are_no_start() -> None:
    repricer = next(r for r in (instance(s, 5, 4) for s in SEEDS) if r.solve(np.ones(len(NAMES))).decision.is_served.any())
    found = repricer.solve(np.ones(len(NAMES))).decision
    repricer.remember(found)
    repricer.problem = repricer.problem._replace(kind_most_m3_per_d=found.flow_m3_per_d * 1.2)
    assert repricer.best_known(np.ones(len(NAMES)), 1.1) is found
    assert repricer.best_known(np.ones(len(NAMES)), 1.3) is None
    assert not repricer.has_room(found, 1.3)


def least_with(repricer, factor: float, unit: int, side: int) -> float:
    """Least cost at a price of sewers where a unit is on one side, by trying everything."""
    problem = repricer.problem_at(np.where(IS_SEWER, factor, 1.0))
    sides = problem.side.copy()
    sides[unit] = side
    return least_cost(problem._replace(side=sides))


def test_break_even_prices_hold_where_everything_is_tried_a_per_cent_below_and_above() -> None:
    flips = 0
    for seed in SEEDS:
        repricer = instance(seed, 2 + seed % 5, seed % 6)

        def solve(x: float, repricer=repricer) -> Line:
            found = repricer.solve(np.where(IS_SEWER, x, 1.0)).decision
            repricer.remember(found)
            return repricer.line(found, IS_SEWER)

        found = envelope(solve, 0.2, 5.0, [], 1e-7)
        for x in np.geomspace(0.2, 5.0, 7):
            best = min(line.at(x) for line in found.lines)
            assert best == pytest.approx(least_cost(repricer.problem_at(np.where(IS_SEWER, x, 1.0))), rel=1e-6)
        now = repricer.solve(np.ones(len(NAMES))).decision.is_served
        others = np.append(found.turns, [0.2, 5.0])
        for unit, at in enumerate(nearest_turns(found, 1.0)):
            if np.isnan(at) or repricer.problem.side[unit] != FREE:
                continue
            beyond = at * 1.01 if at > 1.0 else at / 1.01
            if (np.abs(np.log(others / at)) < 0.011).sum() > 1:
                continue  # another turn is nearer than a per cent: it may turn back
            today, other = (SERVED, TANKS) if now[unit] else (TANKS, SERVED)
            assert least_with(repricer, beyond, unit, other) < least_with(repricer, beyond, unit, today)
            within = at / 1.01 if at > 1.0 else at * 1.01
            assert least_with(repricer, within, unit, today) < least_with(repricer, within, unit, other)
            flips += 1
    assert flips > 60


def test_lines_known_twice_change_nothing() -> None:
    repricer = instance(SEEDS[5], 5, 4)
    lines = [repricer.line(repricer.solve(np.where(IS_SEWER, x, 1.0)).decision, IS_SEWER) for x in (0.3, 1.0, 3.0)]
    assert lower(lines, 0.2, 5.0).turns.tolist() == lower(lines * 2, 0.2, 5.0).turns.tolist()
