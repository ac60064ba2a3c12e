"""What can be taken off a network, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from sewerzone.engineering.groups import Group
from sewerzone.engineering.networks import Loads
from sewerzone.engineering.steiner import Trees
from sewerzone.pipeline.exchange import branches

NONE = np.empty(0, np.int64)


def test_branches_are_units_wholly_behind_one_place() -> None:
    # 10 <- 11 <- 12, and 11 <- 13 <- 14; unit 0 at 12, unit 1 at 13 and 14, unit 2 at 14, unit 3 at 11 and 12
    trees = Trees(np.array([0, 5]), np.array([10, 11, 12, 13, 14]), np.array([-1, 0, 1, 1, 3]), np.zeros(5, np.int64), NONE,
                  np.zeros(1))  # fmt: skip
    node = np.array([12, 13, 14, 14, 11, 12])
    loads = Loads(np.array([0, 1, 3, 4, 6]), node, np.ones(6), np.ones(6), np.ones(6))
    field = SimpleNamespace(loads=loads, ground=SimpleNamespace(nodes=20))
    group = Group(np.arange(4), "connect", 1.0, trees, 0, {})
    found = sorted(branch.tolist() for branch in branches(field, group))  # type: ignore[arg-type]
    assert found == [[0], [1, 2], [2]]
    assert branches(field, Group(np.array([0]), "connect", 1.0, trees, 0, {})) == []  # type: ignore[arg-type]
    assert branches(field, Group(np.arange(4), "johkasou", 1.0, None, 0, {})) == []  # type: ignore[arg-type]
