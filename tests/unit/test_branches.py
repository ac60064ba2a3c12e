"""Branches dearer than tanks, on a fork small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sewerzone.engineering.branches import dear_loads
from sewerzone.engineering.networks import Ground, Loads, Members, cheapest, no_exit
from tests import grounds

BRANCH_M = 40.0


def fork() -> tuple[Ground, Loads]:
    """A falling street with houses at 50 and 100 m, and one at the end of a side street of 40 m that leaves at 50 m."""
    x, y = np.array([0.0, 50.0, 100.0, 50.0]), np.array([0.0, 0.0, 0.0, BRANCH_M])
    ground = grounds.ground_of(x, y, 0.02 * (x + y), np.array([0, 1, 1]), np.array([1, 2, 3]))
    flow = np.full(3, 0.02)
    return ground, Loads(np.array([0, 3]), np.array([1, 2, 3]), flow, flow, np.ones(3))


def left_out(worth_yen: float) -> list[bool]:
    ground, loads = fork()
    members = Members.single(np.array([0]))
    network = cheapest(ground, loads, members, (np.array([0, 1]), np.array([0])), [no_exit(ground)] * len(ground.arc_costs))
    return dear_loads(ground, loads, network.trees, members, np.full(3, worth_yen)).tolist()


def test_worthless_branches_go_but_never_the_street_itself() -> None:
    assert left_out(1.0) == [False, True, True]


def test_nothing_goes_where_every_house_is_worth_its_way() -> None:
    assert left_out(1e6) == [False, False, False]


@pytest.mark.parametrize(("factor", "goes"), [(0.999, True), (1.001, False)])
def test_a_branch_turns_at_its_own_cost(factor: float, goes: bool) -> None:
    assert left_out(factor * BRANCH_M * grounds.SEWER_YEN_PER_M_YR)[2] == goes


def test_a_branch_of_most_houses_is_the_unit_itself() -> None:
    ground, loads = fork()
    heavy = Loads(loads.offsets, loads.node, loads.flow_l_per_s, loads.flow_mean_m3_per_d, np.array([1.0, 1.0, 9.0]))
    members = Members.single(np.array([0]))
    network = cheapest(ground, heavy, members, (np.array([0, 1]), np.array([0])), [no_exit(ground)] * len(ground.arc_costs))
    assert not dear_loads(ground, heavy, network.trees, members, np.ones(3))[2]
