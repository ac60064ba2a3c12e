"""Exact Steiner trees against enumeration, a flow model and shortest ways; honest bounds where a limit stops them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_matrix, eye_array, hstack, vstack
from scipy.sparse.csgraph import maximum_flow, shortest_path

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.ascent import tree_along
from sewerzone.engineering.cutmodel import CutModel
from sewerzone.engineering.cuts import Separator, unfed
from sewerzone.engineering.exact import Exact, solve
from sewerzone.engineering.primal import exchanged
from sewerzone.errors import NetworkError
from tests.least_trees import of_edges

CLOSE = 1e-6


def directed(seed: int, nodes: int, arcs: int, terminals: int, whole: bool = False) -> Arborescence:
    """Random arcs, a random way to every terminal among them."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(nodes)
    ends = {(int(order[draw.integers(i)]), int(order[i])) for i in range(1, nodes)}
    while len(ends) < arcs:
        a, b = (int(v) for v in draw.integers(0, nodes, 2))
        if a != b:
            ends.add((a, b))
    tail, head = np.array(sorted(ends)).T
    cost = draw.integers(0, 6, arcs).astype(float) if whole else np.round(draw.random(arcs) * 10.0, 3)
    joined = np.sort(order[1:][draw.permutation(nodes - 1)[:terminals]])
    return Arborescence(nodes, tail, head, cost, int(order[0]), joined)


def undirected(seed: int, nodes: int, edges: int, terminals: int) -> Arborescence:
    """Random connected graph, costs 1 … 10, both directions."""
    draw = np.random.default_rng(seed)
    ends = {tuple(sorted((i, int(draw.integers(i))))) for i in range(1, nodes)}
    while len(ends) < edges:
        a, b = (int(v) for v in draw.integers(0, nodes, 2))
        if a != b:
            ends.add((min(a, b), max(a, b)))
    a, b = np.array(sorted(ends)).T
    joined = draw.permutation(nodes)[:terminals]
    return of_edges(nodes, a, b, draw.integers(1, 11, edges).astype(float), int(joined[0]), joined)


def enumerated(task: Arborescence) -> float:
    """Cost of the cheapest of all sets of arcs by which the root reaches every terminal."""
    m = len(task.cost)
    has = (np.arange(1 << m)[:, None] >> np.arange(m)) & 1 == 1
    reached = np.zeros((1 << m, task.nodes), dtype=bool)
    reached[:, task.root] = True
    for _ in range(task.nodes):
        for a in range(m):
            reached[:, task.head[a]] |= reached[:, task.tail[a]] & has[:, a]
    return float((has @ task.cost)[reached[:, task.terminals].all(axis=1)].min())


def flow_model(task: Arborescence) -> float:
    """Optimum of the multi-commodity flow model: one unit from the root to every terminal, over arcs that are paid for."""
    m, k = len(task.cost), len(task.terminals)
    every = np.arange(m)
    balance = csr_matrix(
        (np.r_[-np.ones(m), np.ones(m)], (np.r_[task.tail, task.head], np.r_[every, every])), shape=(task.nodes, m)
    )
    demand = np.zeros((k, task.nodes))
    demand[np.arange(k), task.terminals] = 1.0
    demand[:, task.root] = -1.0
    flows = hstack([csr_matrix((k * task.nodes, m)), block_diag([balance] * k)])
    paid = hstack([vstack([eye_array(m)] * k), -eye_array(k * m)])
    found = milp(
        np.r_[task.cost, np.zeros(k * m)], integrality=np.r_[np.ones(m), np.zeros(k * m)], bounds=Bounds(0.0, 1.0),
        constraints=[LinearConstraint(flows, demand.ravel(), demand.ravel()), LinearConstraint(paid, 0.0, np.inf)],
    )  # fmt: skip
    assert found.success
    return float(found.fun)


def check_tree(task: Arborescence, found: Exact) -> None:
    """The arcs cost what is said, and are an arborescence from the root whose leaves are terminals."""
    tail, head = task.tail[found.arcs], task.head[found.arcs]
    assert task.cost[found.arcs].sum() == pytest.approx(found.upper, abs=1e-9)
    assert len(np.unique(head)) == len(head)
    assert set(head) | {task.root} >= set(task.terminals.tolist())
    assert set(head) - set(tail) <= set(task.terminals.tolist())
    reached = {task.root}
    for _ in tail:
        reached |= {h for t, h in zip(tail.tolist(), head.tolist(), strict=True) if t in reached}
    assert set(head.tolist()) <= reached


def test_equals_enumeration_of_directed_problems() -> None:
    for seed in range(80):
        task = directed(seed, nodes=4 + seed % 5, arcs=12, terminals=1 + seed % 3, whole=seed % 2 == 0)
        found = solve(task)
        assert found.is_proven
        assert found.upper == pytest.approx(enumerated(task), abs=1e-9)
        assert found.lower == pytest.approx(found.upper, rel=CLOSE)
        check_tree(task, found)


def test_equals_the_flow_model() -> None:
    for seed in range(12):
        for task in (undirected(seed, 18, 30, 6), directed(seed, 16, 40, 5), directed(seed, 16, 40, 5, whole=True)):
            found = solve(task)
            assert found.is_proven
            assert found.upper == pytest.approx(flow_model(task), abs=1e-6)
            check_tree(task, found)


@pytest.mark.parametrize(("seed", "nodes", "arcs", "terminals"), [(90, 60, 400, 10), (183, 60, 400, 10)])
def test_whole_trees_where_the_fractional_one_is_cheaper(seed: int, nodes: int, arcs: int, terminals: int) -> None:
    task = directed(seed, nodes, arcs, terminals)
    found = solve(task)
    assert found.whole_rounds > 0
    assert found.is_proven
    assert found.upper == pytest.approx(flow_model(task), abs=1e-6)
    check_tree(task, found)


def test_one_terminal_is_a_shortest_way() -> None:
    for seed in range(10):
        task = directed(seed, 20, 60, 1)
        costs = csr_matrix((task.cost, (task.tail, task.head)), shape=(20, 20))
        way = shortest_path(costs, indices=task.root)[task.terminals[0]]
        assert solve(task).upper == pytest.approx(way, abs=1e-9)


def line(cost: list[float], terminals: list[int]) -> Arborescence:
    """A street of nodes 0, 1, 2 … with the root at 0."""
    a = np.arange(len(cost))
    return of_edges(len(cost) + 1, a, a + 1, np.array(cost), 0, np.array(terminals, dtype=np.int64))


@pytest.mark.parametrize(
    ("cost", "terminals", "expected"),
    [
        ([3.0, 4.0], [1], [0]),
        ([3.0, 4.0], [2], [0, 1]),
        ([0.0, 0.0], [1, 2], [0, 1]),
        ([0.0, 4.0], [2], [0, 1]),
        ([3.0], [], []),
    ],
)
def test_small_and_free_problems(cost: list[float], terminals: list[int], expected: list[int]) -> None:
    found = solve(line(cost, terminals))
    assert found.arcs.tolist() == expected
    assert found.is_proven
    assert found.lower == pytest.approx(found.upper, rel=CLOSE)
    assert found.upper == sum(cost[k] for k in expected)


def test_a_root_among_the_terminals_and_parallel_arcs() -> None:
    task = of_edges(3, np.array([0, 0, 1]), np.array([1, 1, 2]), np.array([5.0, 2.0, 1.0]), 1, np.array([0, 1, 2]))
    found = solve(task)
    assert found.arcs.tolist() == [2, 4]
    assert found.upper == 3.0


def test_a_terminal_out_of_reach_is_named() -> None:
    task = Arborescence(4, np.array([0, 2]), np.array([1, 1]), np.array([1.0, 1.0]), 0, np.array([1, 2, 3]))
    with pytest.raises(NetworkError, match=r"terminals 2, 3\."):
        solve(task)


def test_bounds_hold_wherever_a_limit_stops_it() -> None:
    task = directed(0, 150, 900, 60)
    best = solve(task)
    assert best.is_proven
    assert best.rounds > 2
    unproven = 0
    for pivots in (0, 1, 2, 5, 10, 20, 50, 100, 200, 300):
        found = solve(task, pivots=pivots)
        unproven += not found.is_proven
        assert found.lower <= best.upper * (1.0 + 1e-9)
        assert found.upper >= best.upper * (1.0 - 1e-9)
        check_tree(task, found)
    assert unproven > 3
    stopped = solve(task, seconds=0.0)
    assert not stopped.is_proven
    assert 0.0 < stopped.lower <= best.upper <= stopped.upper


def test_bounds_hold_where_the_search_for_whole_trees_is_stopped() -> None:
    task = directed(183, 60, 400, 10)
    best = solve(task)
    assert best.whole_rounds > 0
    for pivots in range(0, 120, 8):
        found = solve(task, pivots=pivots)
        assert found.lower <= best.upper * (1.0 + 1e-9) <= found.upper * (1.0 + 2e-9)


def test_only_cheaper_trees_than_the_callers_are_returned() -> None:
    for task in (directed(5, 14, 40, 4), directed(5, 14, 40, 4, whole=True)):
        best = solve(task)
        equal, dearer = solve(task, upper=best.upper), solve(task, upper=best.upper * 1.5)
        assert equal.is_proven
        assert equal.upper == best.upper
        assert len(equal.arcs) == 0
        assert dearer.is_proven
        assert dearer.upper == best.upper
        assert dearer.arcs.tolist() == best.arcs.tolist()


def test_the_unit_of_costs_does_not_matter() -> None:
    task = directed(270, 30, 120, 8)
    best = solve(task)
    for unit in (1e-6, 1e7):
        found = solve(task._replace(cost=task.cost * unit))
        assert found.is_proven
        assert found.arcs.tolist() == best.arcs.tolist()


def test_cuts_are_violated_and_none_is_missed() -> None:
    units = 1000
    for seed in range(30):
        task = directed(seed, 14, 45, 6)
        draw = np.random.default_rng(seed)
        units_at = np.where(draw.random(45) < 0.7, draw.integers(0, units + 1, 45), 0)
        if seed % 3 == 0:
            units_at[solve(task).arcs] = units
        capacity = csr_matrix((units_at, (task.tail, task.head)), shape=(14, 14), dtype=np.int32)
        lacking = [t for t in task.terminals if maximum_flow(capacity, task.root, t).flow_value < units]
        value = units_at / units
        cuts = Separator(task).violated(value, 1e-4, 3)
        assert (len(cuts.offsets) > 1) == (len(lacking) > 0)
        for start, end in zip(cuts.offsets[:-1], cuts.offsets[1:], strict=True):
            arcs = cuts.arc[start:end]
            assert value[arcs].sum() < 1.0 - 1e-4
            assert (np.diff(arcs) > 0).all()
            left = np.delete(np.arange(45), arcs)
            rest = csr_matrix((np.ones(len(left)), (task.tail[left], task.head[left])), shape=(14, 14))
            way = shortest_path(rest, indices=task.root, unweighted=True)
            assert np.isinf(way[task.terminals]).any()  # without the cut some terminal is lost


def test_rows_on_turning_back_hold_in_every_least_tree() -> None:
    found_rows = 0
    for seed in range(20):
        task = undirected(seed, 12, 24, 4)
        value = np.random.default_rng(seed).random(48)
        rows = unfed(task, value, 0.05)
        found_rows += rows.shape[0]
        assert (rows @ value < -0.05).all()
        tree = np.zeros(48)
        tree[solve(task).arcs] = 1.0
        assert (rows @ tree >= 0.0).all()
    assert found_rows > 0


def test_the_same_result_every_time_and_for_arcs_in_any_order() -> None:
    task = directed(11, 40, 160, 10)
    one, two = solve(task), solve(task)
    assert one.arcs.tolist() == two.arcs.tolist()
    assert one[:2] == two[:2]
    order = np.random.default_rng(0).permutation(160)
    mixed = solve(task._replace(tail=task.tail[order], head=task.head[order], cost=task.cost[order]))
    assert sorted(order[mixed.arcs].tolist()) == one.arcs.tolist()


def test_others_who_ran_the_solver_with_more_threads_are_no_hindrance() -> None:
    program = f"""
import highspy, sys
other = highspy.Highs()
other.setOptionValue("output_flag", False)
other.setOptionValue("threads", 2)
other.addVar(0.0, 1.0)
other.run()
sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(Path(__file__).parents[2])!r}]
from test_exact import directed, solve
print(solve(directed(183, 60, 400, 10)).is_proven)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"]


def test_duals_price_the_least_tree_from_below_wherever_the_solver_stops() -> None:
    for seed in (0, 2):
        task = directed(seed, 60, 300, 20)
        best = solve(task)
        bounds = []
        for pivots in (0, 1, 3, 10, 30, 1000):
            model, separator = CutModel(task), Separator(task)
            for _ in range(4):
                found = model.relax(pivots, 60.0)
                assert found.lower + found.reduced_cost[best.arcs].sum() <= best.upper * (1.0 + 1e-9)
                model.add_cuts(separator.violated(found.value, 1e-4, 3))
                model.add_rows(unfed(task, found.value, 1e-4))
            bounds.append(found.lower)
        assert bounds[-1] > 0.8 * best.upper
        assert bounds[0] < bounds[-1]


def test_exchange_keeps_trees_and_never_makes_them_dearer() -> None:
    gained = 0
    for seed in range(20):
        task = directed(seed, 40, 200, 12)
        tree = tree_along(task, np.ones(200, dtype=bool))
        better = exchanged(task, tree)
        cost = float(task.cost[better].sum())
        assert cost <= task.cost[tree].sum() + 1e-9
        gained += cost < task.cost[tree].sum() - 1e-9
        check_tree(task, Exact(0.0, cost, better, False, 0, 0))
    assert gained > 0
