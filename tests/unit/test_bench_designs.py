"""What the benches count and price: designs over a connection graph, shortest-path trees, the plain rules."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sewerzone.engineering.networks import Ground, Loads, Members, cheapest, price
from sewerzone.engineering.paths import cost_to
from sewerzone.engineering.steiner import Trees
from tests.grounds import random_ground, random_loads

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import connection_graph as designs
import joint
from rules import greedy

PRICES = replace(designs.laying_prices("fuji_2018"), manhole_yen_per_yr=np.full(2, 100.0))


def arc(tail: int, head: int, along: list[float], ground: list[float]) -> dict[str, Any]:
    return {"from": tail, "to": head, "private": False, "along_m": along, "ground_elev_m": ground}


@pytest.fixture
def connection(tmp_path: Path) -> designs.Connection:
    """House 0 and house 1 join the road at 2; from there to the sink 3 a short steep way and a long flat one by 4."""
    arcs = [
        arc(0, 2, [0.0, 5.0], [20.0, 20.0]),
        arc(1, 2, [0.0, 8.0], [21.0, 20.0]),
        arc(2, 3, [0.0, 10.0, 15.0], [20.0, 35.0, 19.0]),
        arc(2, 4, [0.0, 10.0, 20.0], [20.0, 19.9, 19.8]),
        arc(4, 3, [0.0, 10.0], [19.8, 19.0]),
    ]
    back = [arc(a["to"], a["from"], [a["along_m"][-1] - m for m in a["along_m"][::-1]], a["ground_elev_m"][::-1]) for a in arcs]
    found = {"x_m": [0.0, 0.0, 5.0, 20.0, 12.0], "y_m": [0.0] * 5, "kind": ["building", "building", "", "wwtp", ""]}
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(found | {"arcs": arcs + back}))
    return designs.read_connection(path)


@pytest.mark.parametrize(
    ("pump_yen", "ways", "stations"), [(1e4, [(0, 2), (1, 2), (2, 3)], 1), (1e6, [(0, 2), (1, 2), (2, 4), (4, 3)], 0)]
)
def test_arcs_of_the_cheapest_tree(
    connection: designs.Connection, pump_yen: float, ways: list[tuple[int, int]], stations: int
) -> None:
    """A cheap pump takes the short way over the hill, a dear one the long way round it."""
    prices = replace(PRICES, pump_yen_per_yr=pump_yen)
    there = designs.streets(connection, prices, (0.0, 20.0))
    found = cheapest(there.ground, there.loads, there.members, there.roots, None)
    arcs = designs.arcs_of(connection, there, found.trees)
    assert sorted(zip(connection.tail[arcs].tolist(), connection.head[arcs].tolist(), strict=True)) == ways
    built = designs.built(connection, arcs, prices)
    assert built.length_m.sum() == pytest.approx(connection.length_m[arcs].sum())
    assert len(built.head_m) == stations
    assert not built.is_private.any()
    joints = len({node for way in ways for node in way} - {0, 1})
    per_metre = np.where(built.is_pressure, prices.pressure_yen_per_m_yr, prices.trench_yen_per_m_yr[0, 0])
    expected = (per_metre * built.length_m).sum() + 100.0 * joints + pump_yen * stations
    assert designs.yen_per_yr(built, prices) == pytest.approx(expected)


def test_shortest_tree_is_proven(connection: designs.Connection) -> None:
    assert designs.least_length_m(connection) == pytest.approx(5.0 + 8.0 + 15.0)


def test_a_design_of_pysewer_is_counted_alike(connection: designs.Connection) -> None:
    def pipe(tail: int, head: int, along: list[float], depth: list[float], is_pressure: bool) -> dict[str, Any]:
        return {"from": tail, "to": head, "along_m": along, "depth_m": depth, "is_pressure": is_pressure, "diameter_mm": 200.0}

    def station(node: int, houses: int) -> dict[str, Any]:
        return {"node": node, "head_m": 3.0, "flow_l_per_s": 0.1, "mean_m3_per_d": houses * designs.MEAN_M3_PER_D}

    result = {
        "pipes": [pipe(0, 2, [0.0, 5.0], [0.25, 1.25], False), pipe(2, 3, [0.0, 10.0, 15.0], [1.25, 2.25, 4.25], False),
                  pipe(1, 2, [0.0, 8.0], [0.25, 0.25], True)],
        "stations": [station(1, 1), station(2, 2)],
    }  # fmt: skip
    built = designs.built_by_pysewer(connection, result)
    assert built.length_m.tolist() == [5.0, 10.0, 5.0, 8.0]
    assert built.depth_m.tolist() == pytest.approx([0.75, 1.75, 3.25, 0.25])
    assert built.is_private.tolist() == [True, False]
    assert built.manhole_m.tolist() == pytest.approx([1.25, 4.25])
    deeper = replace(PRICES, depth_m=np.array([0.0, 10.0]), trench_yen_per_m_yr=np.tile([0.0, 100.0], (10, 1)))
    metres = 5.0 * 7.5 + 10.0 * 17.5 + 5.0 * 32.5 + 8.0 * deeper.pressure_yen_per_m_yr
    assert designs.yen_per_yr(built, deeper) == pytest.approx(metres + 2 * deeper.pump_yen_per_yr + 2 * 100.0)


def case_of(seed: int) -> joint.Case:
    ground: Ground = random_ground(seed, relief_m=8.0)
    loads: Loads = random_loads(seed, ground)
    members = Members.single(np.arange(len(loads.offsets) - 1))
    low = np.array([n[np.argmin(ground.ground_elev_m[n])] for n in np.split(loads.node, loads.offsets[1:-1])])
    return joint.Case(ground, loads, members, (members.offsets, low), 5)


@pytest.mark.parametrize("seed", range(6))
def test_steps_are_in_order(seed: int) -> None:
    """No rule is cheaper than the exact profile of its tree, no step dearer than the one before, the bound below all."""
    case = case_of(seed)
    found = joint.stepped(case)
    yen = found.yen_per_yr
    assert set(yen) == set(joint.STEPS)
    for tree in ("SPT", "shortest"):
        assert yen[f"{tree}, exact"] <= min(yen[f"{tree}, greedy"], yen[f"{tree}, greedy with mains"]) + 1.0
        assert found.pumps[f"{tree}, greedy with mains"] <= found.pumps[f"{tree}, greedy"]
    assert yen["lower bound"] <= yen["search"] <= yen[joint.BEST] + 1.0


@pytest.mark.parametrize("seed", range(3))
def test_shortest_paths_are_shortest(seed: int) -> None:
    """Every house is as far from its outlet along the tree as along the roads."""
    case = case_of(seed)
    trees: Trees = joint.shortest_paths(case)
    graph = case.ground.graph
    for k, root in enumerate(case.roots[1]):
        span = slice(trees.offsets[k], trees.offsets[k + 1])
        away, _ = cost_to(graph, graph.length_m, np.array([root]))
        along = np.zeros(trees.offsets[-1])
        for i in range(span.start, span.stop):
            parent = trees.parent[i]
            assert parent < i
            along[i] = 0.0 if parent < 0 else along[parent] + case.ground.length_m[trees.arc_edge[i]]
        assert along[span] == pytest.approx(away[trees.node[span]])
        houses = case.loads.node[case.loads.offsets[k] : case.loads.offsets[k + 1]]
        assert np.isin(houses, trees.node[span]).all()
    exact = price(case.ground, trees, case.loads, case.members, np.zeros(len(trees.cost), np.int64))
    dug, _ = joint.by_rule(case, trees, greedy)
    assert (exact.yen_per_yr <= dug + 1.0).all()
