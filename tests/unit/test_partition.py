"""The cheapest partition into known groups, against trying every choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.partition import cheapest_partition, values
from sewerzone.errors import NetworkError

NO_LIMIT = np.empty(0)


def least(members: list[Ints], yen: Floats, things: int, load: Floats, most: Floats) -> float:
    """The least cost of all choices that cover every thing once."""
    best = np.inf
    for count in range(1, things + 1):
        for choice in combinations(range(len(members)), count):
            at = list(choice)
            inside = np.concatenate([members[k] for k in at])
            if len(inside) == things == len(set(inside.tolist())) and (load[at].sum(axis=0) <= most + 1e-9).all():
                best = min(best, float(yen[at].sum()))
    return best


@pytest.mark.parametrize("seed", range(60))
def test_equal_to_trying_everything(seed: int) -> None:
    draw = np.random.default_rng(seed)
    things = int(draw.integers(1, 6))
    members = [np.array([t]) for t in range(things)]
    for _ in range(int(draw.integers(0, 7))):
        members.append(np.sort(draw.choice(things, int(draw.integers(1, things + 1)), replace=False)))
    yen = np.array([draw.uniform(5.0, 9.0) * len(m) for m in members])
    yen[:things] = 10.0
    load = np.where(draw.random((len(members), 2)) < 0.4, draw.uniform(0.0, 2.0, (len(members), 2)), 0.0)
    load[:things] = 0.0
    load *= seed % 3 > 0
    most = draw.uniform(0.5, 3.0, 2) if seed % 2 else np.full(2, np.inf)
    chosen = cheapest_partition(members, yen, things, load, most)
    assert sorted(np.concatenate([members[k] for k in chosen]).tolist()) == list(range(things))
    assert (load[chosen].sum(axis=0) <= most * (1 + 1e-6)).all()
    assert yen[chosen].sum() == pytest.approx(least(members, yen, things, load, most))


def test_of_equal_single_groups_the_first_is_taken() -> None:
    members = [np.array([0]), np.array([1]), np.array([1]), np.array([0])]
    chosen = cheapest_partition(members, np.array([2.0, 3.0, 3.0, 1.0]), 2, np.zeros((4, 0)), NO_LIMIT)
    assert chosen.tolist() == [1, 3]


def test_a_mixture_cheaper_than_every_choice_is_none() -> None:
    """Half of each pair would serve all three for 3.15."""
    members = [np.array(m) for m in ([0], [1], [2], [0, 1], [1, 2], [0, 2])]
    yen = np.array([2.0, 2.0, 2.3, 2.1, 2.1, 2.1])
    assert values(members, yen, 3).sum() == pytest.approx(3.15)
    chosen = cheapest_partition(members, yen, 3, np.zeros((6, 0)), NO_LIMIT)
    assert yen[chosen].sum() == pytest.approx(4.1)


def test_no_choice_within_the_limits_is_told() -> None:
    with pytest.raises(NetworkError, match="no choice among 2 groups"):
        cheapest_partition([np.array([0]), np.array([1])], np.ones(2), 2, np.ones((2, 1)), np.array([1.5]))


@pytest.mark.parametrize("seed", range(20))
def test_no_group_costs_less_than_its_things_are_worth(seed: int) -> None:
    draw = np.random.default_rng(seed)
    things = int(draw.integers(2, 8))
    members = [np.array([t]) for t in range(things)]
    members += [np.sort(draw.choice(things, int(draw.integers(2, things + 1)), replace=False)) for _ in range(8)]
    yen = np.array([draw.uniform(5.0, 9.0) * len(m) for m in members])
    worth = values(members, yen, things)
    chosen = cheapest_partition(members, yen, things, np.empty((len(members), 0)), NO_LIMIT)
    assert all(worth[m].sum() <= y + 1e-6 for m, y in zip(members, yen, strict=True))
    assert worth.sum() <= yen[chosen].sum() + 1e-6
    assert worth.sum() >= 5.0 * things - 1e-6
