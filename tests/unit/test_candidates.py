"""The zoning of a study as one problem: its parts add up to designed costs, and its ways to those of the roads."""

from __future__ import annotations

import numpy as np
import pytest

from sewerzone import costbooks
from sewerzone.engineering.chains import chains, without_dead_ends
from sewerzone.engineering.itemised import itemise
from sewerzone.engineering.paths import road_graph
from sewerzone.engineering.prizes import TANKS, zone
from sewerzone.model import Inputs, no_progress
from sewerzone.pipeline import candidates, verdicts
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.town import Field, Town, build_town, lay_ground
from sewerzone.stages import prepare
from tests import hamlet


def laid(inputs: Inputs) -> tuple[Town, Field, costbooks.CostBook]:
    book = costbooks.load(inputs.config.cost.book, inputs.config.cost.fallback, inputs.base)
    town = build_town(inputs, prepare.clean(inputs), book, Clock(no_progress))
    return town, lay_ground(town, inputs.config, book), book


@pytest.mark.parametrize("book", ["fuji_2018", "generic"])
def test_the_parts_of_networks_add_up_to_their_cost(book: str) -> None:
    inputs = hamlet.sample(300, 3, cost={"book": book})
    town, field, prices = laid(inputs)
    upkeeps = candidates.study_upkeeps(town, prices, inputs.config)
    for alone in (field.alone.connect, candidates.networks_alone(field, inputs.config)):
        found = itemise(field.ground, field.loads, alone.trees, alone.members, upkeeps)
        assert found.yen_per_yr.sum() + found.outlet_yen_per_yr.sum() == pytest.approx(alone.yen_per_yr.sum())
        assert found.yen_per_yr.min() >= -1e-9
        assert (found.unit >= 0).any()
        assert (found.unit < 0).any()


def test_a_unit_s_own_sewers_are_those_between_its_houses() -> None:
    """Houses from 400 to 610 m east on a road to a sewered area: 210 m of their own, 400 m of link."""
    roads = [hamlet.line((-100, 0), (0, 0), (2000, 0))]
    served = hamlet.layer([hamlet.box(-200, -200, 1, 3000)])
    inputs = hamlet.study(hamlet.row(400, 15, 15.0), roads, hamlet.rising_east(5.0), served_areas=served)
    town, field, prices = laid(inputs)
    alone = field.alone.connect
    upkeeps = candidates.study_upkeeps(town, prices, inputs.config)
    found = itemise(field.ground, field.loads, alone.trees, alone.members, upkeeps)
    metres = field.ground.length_m[found.edge]
    assert metres[found.unit == 0].sum() == pytest.approx(210.0)
    assert metres[found.unit < 0].sum() == pytest.approx(400.0)
    none = np.zeros(1, bool)
    problem = candidates.study_candidates(town, field, inputs.config, prices, (none, none)).candidates.problem
    assert problem.serving_yen_per_yr[0] == pytest.approx(210 * (138_000 / 72 + 154))
    ways = problem.cost_yen_per_yr[(problem.cost_yen_per_yr > 0)]
    assert ways.min() == pytest.approx(400 * (138_000 / 72 + 154))


def test_the_problem_at_other_prices_is_that_of_its_parts() -> None:
    inputs = hamlet.sample(300, 3)
    town, field, prices = laid(inputs)
    none = np.zeros(len(town.units), bool)
    found = candidates.study_candidates(town, field, inputs.config, prices, (none, none)).candidates
    same = found.at(np.ones(len(found.parts.names)))
    for one, other in zip(same, found.problem, strict=True):
        np.testing.assert_array_equal(one, other)
    yearly = verdicts.yearly_costs(town, field, inputs.config, prices)
    np.testing.assert_allclose(found.problem.tanks_yen_per_yr, yearly.johkasou)
    factors = np.where(np.array([n.startswith("johkasou") for n in found.parts.names]), 2.0, 1.0)
    assert found.at(factors).tanks_yen_per_yr == pytest.approx(2.0 * yearly.johkasou)
    decided = zone(found.problem)
    assert decided.least_yen_per_yr <= decided.yen_per_yr <= yearly.johkasou.sum() + 1.0


def test_forced_tanks_and_units_out_of_reach_keep_tanks() -> None:
    inputs = hamlet.sample(300, 3)
    town, field, prices = laid(inputs)
    every, none = np.ones(len(town.units), bool), np.zeros(len(town.units), bool)
    found = candidates.study_candidates(town, field, inputs.config, prices, (none, every)).candidates.problem
    assert (found.side == TANKS).all()


def test_chains_and_dead_ends() -> None:
    """A path 0-1-2-3, a dead end 1-4, a ring 3-5-6-3 and a lone ring 7-8-9."""
    ends = np.array([[0, 1], [1, 2], [2, 3], [1, 4], [3, 5], [5, 6], [6, 3], [7, 8], [8, 9], [9, 7]])
    graph = road_graph(10, ends[:, 0], ends[:, 1], np.arange(1.0, 11.0))
    kept = np.isin(np.arange(10), [0, 6])
    left = without_dead_ends(graph, np.ones(20, bool), kept)
    assert not left[(graph.row == 4) | (graph.neighbour == 4)].any()
    found = chains(graph, left, kept)
    lengths = found.sums(graph.length_m[:, None])[:, 0]
    rows = sorted(zip(found.tail.tolist(), found.head.tolist(), lengths.tolist(), strict=True))
    assert rows == [(0, 3, 6.0), (3, 0, 6.0), (3, 6, 7.0), (3, 6, 11.0), (6, 3, 7.0), (6, 3, 11.0)]
    for arc in np.flatnonzero(found.of_arc >= 0):
        back = found.of_arc[graph.reverse[arc]]
        assert found.tail[back] == found.head[found.of_arc[arc]]
