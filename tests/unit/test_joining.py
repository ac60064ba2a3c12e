"""Which joins of a round are made together."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.groups import Group
from sewerzone.engineering.joining import group_pairs, matching


def group(mode: str = "connect") -> Group:
    return Group(np.array([0]), mode, 0.0, None, 0, {})


def worth(savings: dict[tuple[int, int], float], mode: str = "connect") -> dict[tuple[int, int], tuple[float, Group]]:
    return {pair: (saving, group(mode)) for pair, saving in savings.items()}


def test_without_room_every_group_joins_once_the_best_first():
    found = worth({(0, 1): 5.0, (1, 2): 9.0, (2, 3): 7.0, (0, 4): 1.0})
    assert matching(found, {}, {}, {}) == [(1, 2), (0, 4)]


def test_a_group_with_room_takes_several_until_it_is_full():
    found = worth({(0, 5): 5.0, (1, 5): 9.0, (2, 5): 7.0, (3, 5): 1.0, (3, 4): 0.5})
    size = {0: 10, 1: 10, 2: 10, 3: 10, 4: 10, 5: 200}
    assert matching(found, {5: "connect"}, {5: 35.0}, size) == [(3, 4), (5, 1, 2, 0)]  # 3 comes too late
    assert matching(found, {5: "connect"}, {5: 11.0}, size) == [(3, 4), (1, 5)]


def test_a_join_that_changes_the_mode_and_one_of_two_large_groups_stay_pairs():
    found = worth({(0, 5): 5.0, (1, 5): 4.0}, "own_plant")
    assert matching(found, {5: "connect"}, {5: 100.0}, {0: 1, 1: 1, 5: 500}) == [(0, 5)]
    found = worth({(4, 5): 5.0, (1, 5): 4.0, (2, 4): 3.0})
    room, size = {4: 100.0, 5: 100.0}, {1: 1, 2: 1, 4: 500, 5: 500}
    assert matching(found, {4: "connect", 5: "connect"}, room, size) == [(4, 5)]


def test_pairs_of_groups_are_told_once_and_not_of_units_that_keep_tanks():
    groups = {
        0: group(),
        1: Group(np.array([1]), "johkasou", 0.0, None, 0, {}),
        7: Group(np.array([2, 3]), "connect", 0.0, None, 0, {}),
    }
    owner, is_fixed = np.array([0, 1, 7, 7]), np.array([False, True, False, False])
    pairs = np.array([0, 0, 0, 1]), np.array([2, 3, 1, 2])
    assert group_pairs(pairs, owner, groups, is_fixed) == [(0, 7)]
