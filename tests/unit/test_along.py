"""Networks along given ways: those of known networks give these back, and nothing else is used."""

from __future__ import annotations

import numpy as np
import pytest

from sewerzone import costbooks
from sewerzone.engineering.along import grown_along
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.networks import Members, dwellings_at, take
from sewerzone.engineering.paths import arcs_between
from sewerzone.engineering.trees import Trees
from sewerzone.model import no_progress
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.town import Field, build_town, lay_ground
from sewerzone.stages import prepare
from tests import hamlet


@pytest.fixture(scope="module")
def field() -> Field:
    inputs = hamlet.sample(300, 3)
    book = costbooks.load(inputs.config.cost.book, inputs.config.cost.fallback, inputs.base)
    town = build_town(inputs, prepare.clean(inputs), book, Clock(no_progress))
    return lay_ground(town, inputs.config, book)


def ways_of(field: Field, trees: Trees) -> tuple[list[Ints], list[Ints]]:
    """Roots of every tree, and its arcs, every other one turned."""
    roots, ways = [], []
    for k in range(len(trees.offsets) - 1):
        one = take(trees, np.array([k]))
        at = np.flatnonzero(one.parent >= 0)
        arc = arcs_between(field.ground.graph, one.node[one.parent[at]], one.node[at])
        arc[::2] = field.ground.graph.reverse[arc[::2]]
        roots.append(one.node[one.parent < 0])
        ways.append(arc)
    return roots, ways


def test_the_ways_of_networks_give_the_same_networks(field: Field) -> None:
    """Networks to the served area share ways; each is as it was by itself."""
    known = field.alone.connect
    found = grown_along(field.ground, field.loads, known.members, *ways_of(field, known.trees))
    np.testing.assert_allclose(found.yen_per_yr, known.yen_per_yr, rtol=1e-9)
    np.testing.assert_allclose(found.sewer_m, known.sewer_m)


def test_only_its_own_ways_are_used(field: Field) -> None:
    """Without the first of its ways a network does not reach the houses behind it, whatever the others have."""
    known = field.alone.connect
    roots, ways = ways_of(field, known.trees)
    at = int(np.argmax([len(w) for w in ways]))
    one = Members.of([known.members.units[known.members.offsets[at] : known.members.offsets[at + 1]]])
    both = Members.of([one.units, one.units])
    tree = take(known.trees, np.array([at]))
    behind_root = np.isin(field.ground.graph.edge[ways[at]], tree.arc_edge[tree.parent == 0])
    found = grown_along(field.ground, field.loads, both, [roots[at]] * 2, [ways[at], ways[at][~behind_root]])
    served = dwellings_at(field.ground, found.trees, field.loads, both)
    first, second = (served[a:b].sum() for a, b in zip(found.trees.offsets[:-1], found.trees.offsets[1:], strict=True))
    assert first > second
    assert found.yen_per_yr[0] == pytest.approx(known.yen_per_yr[at])


def test_no_networks(field: Field) -> None:
    assert len(grown_along(field.ground, field.loads, Members.of([]), [], []).yen_per_yr) == 0
