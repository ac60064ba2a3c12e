"""Parts of networks, on trees small enough to draw."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.strips import strips, trimmed
from sewerzone.engineering.trees import Trees

NONE = np.empty(0, np.int64)


def drawn() -> Trees:
    """Root 0 - 1 - 2 - 3 with a branch 2 - 4 - 5 and 4 - 6; a second tree 7 - 8. Entries are nodes plus ten."""
    parent = np.array([-1, 0, 1, 2, 2, 4, 4, -1, 7])
    return Trees(np.array([0, 7, 9]), np.arange(10, 19), parent, np.where(parent < 0, -1, np.arange(9)), NONE, np.zeros(2))


def test_a_tree_is_cut_back_to_its_loads() -> None:
    left = trimmed(drawn(), np.array([4, 7]))
    assert left.offsets.tolist() == [0, 4, 5]
    assert left.node.tolist() == [10, 11, 12, 14, 17]
    assert left.parent.tolist() == [-1, 0, 1, 2, -1]
    assert left.arc_edge.tolist() == [-1, 1, 2, 4, -1]


def test_loads_of_one_branch_are_one_strip() -> None:
    """Loads at 3, 5, 6 and 8: the fork at 4 serves none but those wanted; metres are 1, 2, 4, … from the root."""
    place, ways = np.array([3, 5, 6, 8]), 2.0 ** np.arange(9)[:, None]
    found = strips(drawn(), ways, place, np.zeros(4, np.int64), np.array([False, True, True, True]))
    assert found.strip[0] == -1
    assert found.strip[1] == found.strip[2] != found.strip[3]
    assert found.alone[found.strip[1], 0] == 2.0**4 + 2.0**5 + 2.0**6
    assert found.alone[found.strip[3], 0] == 2.0**8


def test_loads_of_two_units_on_one_branch_are_two_strips() -> None:
    """The way they share is nobody's alone."""
    place, ways = np.array([3, 5, 6]), 2.0 ** np.arange(9)[:, None]
    found = strips(drawn(), ways, place, np.array([0, 0, 1]), np.array([False, True, True]))
    assert found.strip[1] != found.strip[2]
    assert sorted(found.alone[:, 0].tolist()) == [2.0**5, 2.0**6]


def test_neighbours_on_a_trunk_are_one_strip() -> None:
    """Loads at 1 and 3, with none between them, on the way of others: nothing is theirs alone but the end at 3."""
    place, ways = np.array([1, 3, 5]), 2.0 ** np.arange(9)[:, None]
    found = strips(drawn(), ways, place, np.zeros(3, np.int64), np.array([True, True, False]))
    assert found.strip.tolist() == [0, 0, -1]
    assert found.alone[0, 0] == 2.0**3
    apart = strips(drawn(), ways, np.array([1, 2, 3]), np.zeros(3, np.int64), np.array([True, False, True]))
    assert apart.strip[0] != apart.strip[2]
