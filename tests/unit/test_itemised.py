"""Whose sewers ways are, where loads enter trees, what is remembered of an object: against plain counting."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering.itemised import LAYING, Itemised, _own_ways, relaid
from sewerzone.engineering.networks import Loads, Members, load_places
from sewerzone.engineering.paths import road_graph
from sewerzone.engineering.remembered import remembered
from sewerzone.engineering.trees import Trees

NODES = 40


class Case:
    """Trees with one or several roots over shuffled nodes, and units whose houses lie anywhere on one of them."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        sizes = rng.integers(1, 15, rng.integers(1, 5))
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        parent = np.concatenate([
            [-1 if i == 0 or rng.random() < 0.15 else start + rng.integers(0, i) for i in range(size)]
            for start, size in zip(offsets, sizes, strict=False)
        ]).astype(np.int64)  # fmt: skip
        node = np.concatenate([rng.permutation(NODES)[:size] for size in sizes])
        self.trees = Trees(offsets, node, parent, np.zeros(len(node), np.int64), np.empty(0, np.int64), np.zeros(len(sizes)))
        tree = rng.integers(0, len(sizes), rng.integers(1, 8))
        homes = []
        for t in tree:
            on = node[offsets[t] : offsets[t + 1]]
            off = np.setdiff1d(np.arange(NODES), on)[: rng.integers(0, 2)]  # houses the tree does not reach
            homes.append(np.union1d(rng.choice(on, rng.integers(1, 6)), off))
        self.tree, self.homes = tree, homes
        counts = [len(h) for h in homes]
        nothing = np.zeros(sum(counts))
        self.loads = Loads(np.concatenate([[0], np.cumsum(counts)]), np.concatenate(homes), nothing, nothing, nothing)
        self.members = Members.of([np.flatnonzero(tree == t) for t in range(len(sizes))])

    def entries(self, unit: int) -> list[int]:
        """Tree entries at which the sewage of a unit enters."""
        start, stop = self.trees.offsets[self.tree[unit] : self.tree[unit] + 2]
        return [i for i in range(start, stop) if self.trees.node[i] in self.homes[unit]]

    def down(self, entry: int) -> list[int]:
        """An entry and all below it."""
        out = []
        while entry >= 0:
            out.append(entry)
            entry = int(self.trees.parent[entry])
        return out


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_loads_enter_where_their_node_is(seed: int) -> None:
    case = Case(seed)
    place, at = load_places(case.trees, case.loads, case.members, NODES)
    unit = np.repeat(np.arange(len(case.homes)), np.diff(case.loads.offsets))
    found = sorted(zip(unit[at].tolist(), place.tolist(), strict=True))
    assert found == sorted((u, e) for u in range(len(case.homes)) for e in case.entries(u))
    assert (case.trees.node[place] == case.loads.node[at]).all()


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_a_way_with_part_of_a_units_sewage_is_its_own(seed: int) -> None:
    case, units = Case(seed), len(Case(seed).homes)
    own, first = _own_ways(SimpleNamespace(nodes=NODES), case.trees, case.loads, case.members, units)  # type: ignore[arg-type]
    through = np.zeros((units, len(own)), np.int64)
    for unit in range(units):
        for entry in case.entries(unit):
            through[unit, case.down(entry)] += 1
    whole = np.array([len(case.entries(u)) for u in range(units)])[:, None]
    is_part = (through > 0) & (through < whole) & (case.trees.parent >= 0)
    want = np.where(is_part.any(axis=0), is_part.argmax(axis=0), -1)
    assert (own == want).all()
    roots = case.trees.parent < 0
    assert (first[roots] == np.where(through.any(axis=0), (through > 0).argmax(axis=0), -1)[roots]).all()


def _laid(rng: np.random.Generator, units: int, served: np.ndarray) -> Itemised:
    """Ways along a row of nodes, each some unit's own or a link, with any costs."""
    down = rng.permutation(NODES - 1)[: rng.integers(1, NODES - 1)]
    unit = rng.choice([-1, *served], len(down))
    below = np.where(np.arange(len(down)) > 0, np.arange(len(down)) - 1, -1)
    yen, outlet = rng.random((len(down), len(LAYING))), rng.random((units, len(LAYING)))
    return Itemised(down, down + 1, below, down, unit, yen, outlet, np.unique(served))


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_the_last_networks_tell_what_a_unit_and_a_link_cost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    units, row = int(rng.integers(2, 8)), np.arange(NODES - 1)
    ground = SimpleNamespace(graph=road_graph(NODES, row, row + 1, np.ones(NODES - 1)))
    known = _laid(rng, units, np.arange(units))
    batches = [_laid(rng, units, rng.choice(units, rng.integers(1, units))) for _ in range(rng.integers(1, 4))]
    arc = np.zeros((2 * (NODES - 1), len(LAYING)))
    found = relaid(arc, known, batches, ground)  # type: ignore[arg-type]
    for unit in range(units):
        last = next((b for b in reversed(batches) if unit in b.served), known)
        assert (found.outlet_yen_per_yr[unit] == last.outlet_yen_per_yr[unit]).all()
        assert (found.yen_per_yr[found.unit == unit] == last.yen_per_yr[last.unit == unit]).all()
        assert (found.down[found.unit == unit] == last.down[last.unit == unit]).all()
        at, was = np.flatnonzero(found.unit == unit), np.flatnonzero(last.unit == unit)
        for one, other in zip(found.below[at], last.below[was], strict=True):
            assert one < 0 or (found.up[one] == last.up[other] and found.unit[one] == last.unit[other])
    assert not (found.unit < 0).any()
    links = {int(d): b.yen_per_yr[i] for b in batches for i, (d, u) in enumerate(zip(b.down, b.unit, strict=True)) if u < 0}
    for k in range(len(arc)):
        one, other = ground.graph.row[k], ground.graph.neighbour[k]
        want = links.get(int(one), 0.0) if other == one + 1 else 0.0  # flow runs from the neighbour to the row's node
        assert (arc[k] == want).all()


def test_what_is_remembered_goes_with_its_object() -> None:
    class Thing:
        """Something to ask about."""

    asked: list[Thing] = []

    @remembered
    def ask(thing: Thing) -> list[int]:
        asked.append(thing)
        return [len(asked)]

    one, two = Thing(), Thing()
    assert ask(one) is ask(one)
    assert ask(two) == [2]
    assert len(asked) == 2
    asked.clear()
    del one, two
    gc.collect()
    assert ask(Thing()) == [1]
    with pytest.raises(TypeError):
        ask(3)  # type: ignore[arg-type]
