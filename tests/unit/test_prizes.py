"""The least-cost zoning equals trying everything; bounds and decisions hold wherever it is stopped."""

from __future__ import annotations

import numpy as np
import pytest

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.ascent import dual_ascent
from sewerzone.engineering.ascent_cuts import ascent_cuts
from sewerzone.engineering.contraction import contract
from sewerzone.engineering.cutmodel import CutModel
from sewerzone.engineering.decisions import decided
from sewerzone.engineering.layering import layered
from sewerzone.engineering.primal import Grower
from sewerzone.engineering.prizes import FREE, SERVED, TANKS, Prizes, Zoned, cost_of, zone
from sewerzone.errors import NetworkError
from tests.least_trees import check_tree, random_problem
from tests.least_zonings import least_cost, random_zoning, with_plants

CLOSE = 1.0 + 1e-9


def without_limits(given: Prizes) -> Prizes:
    return given._replace(kind_most_m3_per_d=np.full(len(given.kind_most_m3_per_d), np.inf))


def check_against_everything(given: Prizes) -> Zoned | None:
    """The zoning, fast and exact, or the error where no decision is allowed."""
    least = least_cost(given)
    if not np.isfinite(least):
        with pytest.raises(NetworkError, match="must be served"):
            zone(given)
        return None
    found, fast = zone(given), zone(given, pivots=0)
    assert found.is_proven
    assert found.yen_per_yr == pytest.approx(least, rel=1e-6, abs=1e-9)
    for one in (found, fast):
        assert one.yen_per_yr == cost_of(given, one)
        assert one.least_yen_per_yr <= least * CLOSE + 1e-9
        assert one.yen_per_yr >= least / CLOSE - 1e-9
    return found


@pytest.mark.parametrize("first", [0, 100, 200, 300])
def test_equals_trying_everything(first: int) -> None:
    found = [
        check_against_everything(without_limits(random_zoning(seed, 1 + seed % 7, seed % 9, whole=seed % 3 == 0)))
        for seed in range(first, first + 100)
    ]
    assert sum(int(z.is_served.sum()) for z in found if z is not None) > 80


@pytest.mark.parametrize("first", [0, 100, 200])
def test_equals_trying_everything_within_limits_of_flow(first: int) -> None:
    limited = 0
    for seed in range(1000 + first, 1100 + first):
        given = random_zoning(seed, 1 + seed % 7, seed % 7, whole=seed % 3 == 0)
        found = check_against_everything(given)
        free = without_limits(given)
        if found is not None and np.isfinite(given.kind_most_m3_per_d).any():
            limited += zone(free).yen_per_yr < found.yen_per_yr / CLOSE
    assert limited > 5


def test_equals_trying_everything_with_ten_units() -> None:
    for seed in range(30):
        check_against_everything(random_zoning(5000 + seed, 8 + seed % 3, seed % 6))


def test_equals_trying_everything_with_existing_plants() -> None:
    """Existing plants are units whose tanks are keeping them; those with room for others are places of delivery besides."""
    joined = hosted = 0
    for seed in range(3000, 3100):
        plain = random_zoning(seed, 2 + seed % 5, seed % 6)
        given = with_plants(plain, seed)
        found = check_against_everything(given)
        if found is not None:
            kind = given.entry_kind[found.entry[found.is_served]]
            hosted += int((np.bincount(kind, minlength=1)[len(plain.kind_most_m3_per_d) :] > 1).sum())
            joined += int((given.serving_yen_per_yr[found.is_served] == 0.0).sum())
    assert joined > 50
    assert hosted > 5


def test_no_dearer_than_the_start_whatever_the_prices() -> None:
    better = 0
    for seed in range(40):
        given = random_zoning(seed, 9, 6)
        draw = np.random.default_rng(seed)
        other = given._replace(tanks_yen_per_yr=given.tanks_yen_per_yr * draw.uniform(0.7, 1.5))
        try:
            start = zone(other, pivots=0)
        except NetworkError:
            continue
        for pivots in (0, 10_000):
            found = zone(given, pivots=pivots, start=start)
            assert found.least_yen_per_yr <= found.yen_per_yr <= cost_of(given, start) * CLOSE
            better += found.yen_per_yr < cost_of(given, start) / CLOSE
    assert better > 10


def test_the_same_whatever_the_order_of_the_rows() -> None:
    for seed in range(20):
        given = without_limits(random_zoning(seed, 8, 6))
        draw = np.random.default_rng(seed)
        arcs, units = draw.permutation(len(given.tail)), draw.permutation(len(given.unit_node))
        mixed = given._replace(
            tail=given.tail[arcs],
            head=given.head[arcs],
            cost_yen_per_yr=given.cost_yen_per_yr[arcs],
            **{
                name: getattr(given, name)[units]
                for name in ("unit_node", "serving_yen_per_yr", "tanks_yen_per_yr", "flow_m3_per_d", "side")
            },
        )
        try:
            one, two = zone(given), zone(mixed)
        except NetworkError:
            continue
        assert two.yen_per_yr == pytest.approx(one.yen_per_yr, rel=1e-12)
        assert one.is_served[units].tolist() == two.is_served.tolist()


def street(**changes: object) -> Prizes:
    """Entry, junction, and two units in a row, of which the far one pays for both."""
    given = Prizes(
        nodes=4, tail=np.array([0, 1, 2]), head=np.array([1, 2, 3]), cost_yen_per_yr=np.array([4.0, 3.0, 2.0]),
        unit_node=np.array([2, 3]), serving_yen_per_yr=np.array([2.0, 1.0]), tanks_yen_per_yr=np.array([5.0, 12.0]),
        flow_m3_per_d=np.array([1.0, 2.0]), side=np.array([FREE, FREE]), entry_node=np.array([0]), entry_kind=np.array([0]),
        entry_yen_per_yr=np.array([0.5]), kind_yen_per_m3_per_d=np.array([0.25]), kind_most_m3_per_d=np.array([np.inf]),
    )  # fmt: skip
    return given._replace(**changes)  # type: ignore[arg-type]


def test_units_that_pay_together_only_are_served() -> None:
    found = zone(street())
    assert found.entry.tolist() == [0, 0]
    assert found.arcs.tolist() == [0, 1, 2]
    assert found.yen_per_yr == pytest.approx(9.0 + 0.5 + 3.0 + 0.75)
    assert found.is_proven
    assert not zone(street(tanks_yen_per_yr=np.array([5.0, 8.0]))).is_served.any()


def test_limits_and_sides_are_kept() -> None:
    assert not zone(street(kind_most_m3_per_d=np.array([2.9]))).is_served.any()
    assert zone(street(kind_most_m3_per_d=np.array([3.0]))).is_served.all()
    assert zone(street(side=np.array([SERVED, TANKS]))).is_served.tolist() == [True, False]
    assert not zone(street(side=np.array([TANKS, FREE]))).is_served.any()  # the way leads through a unit


def test_nothing_to_decide() -> None:
    none = np.zeros(0, dtype=np.int64)
    empty = Prizes(0, none, none, np.zeros(0), none, *(np.zeros(0),) * 3, none, none, none, *(np.zeros(0),) * 3)
    assert zone(empty)[:3] == (0.0, 0.0, True)
    nowhere = street(entry_node=none, entry_kind=none, entry_yen_per_yr=np.zeros(0))
    assert zone(nowhere).yen_per_yr == 17.0
    assert zone(street(side=np.array([TANKS, TANKS]))).is_proven


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"side": np.array([TANKS, SERVED])}, "no way leads from a place of delivery"),
        ({"side": np.array([SERVED, SERVED]), "kind_most_m3_per_d": np.array([2.5])}, "keeps all limits of flow"),
        ({"side": np.array([FREE, SERVED]), "kind_most_m3_per_d": np.array([1.5])}, "to the units 1, which must be served"),
        ({"cost_yen_per_yr": np.array([4.0, -3.0, 2.0])}, "cost_yen_per_yr negative, infinite or unknown: rows 1"),
        ({"tanks_yen_per_yr": np.array([np.nan, 1.0])}, "tanks_yen_per_yr infinite or unknown: rows 0"),
        ({"unit_node": np.array([2, 2])}, "unit_node of two units"),
        ({"head": np.array([1, 2, 4])}, "head outside 0 … 3: rows 2"),
        ({"side": np.array([FREE, 2])}, "side other than"),
        ({"flow_m3_per_d": np.array([1.0])}, "flow_m3_per_d has shape"),
        ({"kind_most_m3_per_d": np.array([np.nan])}, "kind_most_m3_per_d negative or unknown"),
    ],
)
def test_figures_that_make_no_sense_are_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        zone(street(**changes))


def test_a_cost_is_added_up_only_for_decisions_that_hold_together() -> None:
    given, found = street(), zone(street())
    assert cost_of(given, found) == found.yen_per_yr
    for wrong, message in (
        (found._replace(entry=np.array([0, -1])), "drain elsewhere"),
        (found._replace(arcs=np.array([0, 1]), arc_kind=np.zeros(2, np.int64)), "that no arc leads to"),
        (found._replace(arcs=np.array([1, 2]), arc_kind=np.zeros(2, np.int64)), "no arc and no place"),
        (found._replace(arcs=np.array([0, 1, 2, 2]), arc_kind=np.zeros(4, np.int64)), "entered twice"),
    ):
        with pytest.raises(NetworkError, match=message):
            cost_of(given, wrong)
    with pytest.raises(NetworkError, match="more flow than they take"):
        cost_of(street(kind_most_m3_per_d=np.array([1.0])), found)
    with pytest.raises(NetworkError, match="side asked for"):
        cost_of(street(side=np.array([TANKS, FREE])), found)


def test_a_unit_passed_in_two_copies_is_left_in_the_cheaper() -> None:
    """Two kinds at both ends of a street, each of which was laid through the unit in the middle."""
    given = Prizes(
        nodes=5, tail=np.array([0, 1, 2, 3, 3, 2, 4, 1]), head=np.array([1, 2, 3, 4, 2, 1, 3, 0]), cost_yen_per_yr=np.ones(8),
        unit_node=np.array([1, 2, 3]), serving_yen_per_yr=np.zeros(3), tanks_yen_per_yr=np.full(3, 50.0),
        flow_m3_per_d=np.ones(3), side=np.zeros(3, np.int64), entry_node=np.array([0, 4]), entry_kind=np.array([0, 1]),
        entry_yen_per_yr=np.zeros(2), kind_yen_per_m3_per_d=np.array([1.0, 2.0]), kind_most_m3_per_d=np.full(2, np.inf),
    )  # fmt: skip
    layers = layered(given)
    copies = np.flatnonzero((layers.chain >= 0) | (layers.entry >= 0))
    head = layers.task.head[copies]
    tail_node = np.where(layers.task.tail[copies] == 0, -1, layers.node[layers.task.tail[copies]])
    forth = (layers.kind[head] == 0) & (tail_node < layers.node[head]) & (layers.node[head] < 4)
    back = (layers.kind[head] == 1) & ((tail_node > layers.node[head]) | (tail_node < 0))
    found = decided(given, layers, copies[forth | back])
    assert found.entry.tolist() == [0, 0, 0]
    assert cost_of(given, found) == 6.0


def test_cuts_of_dual_ascent_give_its_bound_and_part_a_terminal_from_the_root() -> None:
    for seed in range(30):
        task = random_problem(seed, directed=True, nodes=12, edges=20, most=9)
        if len(task.terminals) == 0:
            continue
        cuts = ascent_cuts(task, 1_000_000)
        for start, end in zip(cuts.offsets[:-1].tolist(), cuts.offsets[1:].tolist(), strict=True):
            keep = np.ones(len(task.cost), dtype=bool)
            keep[cuts.arc[start:end]] = False
            reached = {task.root}
            for _ in range(task.nodes):
                reached |= {int(h) for t, h in zip(task.tail[keep], task.head[keep], strict=True) if int(t) in reached}
            assert set(task.terminals.tolist()) - reached
        model = CutModel(task)
        model.add_cuts(cuts)
        assert model.relax(10_000, 60.0).lower >= dual_ascent(task).lower * (1.0 - 1e-9)


def test_contraction_keeps_the_ways_between_the_nodes_kept() -> None:
    for seed in range(200):
        draw = np.random.default_rng(seed)
        n, m = int(draw.integers(2, 25)), int(draw.integers(0, 45))
        tail, head, cost = draw.integers(0, n, m), draw.integers(0, n, m), draw.integers(1, 9, m).astype(float)
        if seed % 2:
            tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
            cost = np.concatenate([cost, cost + draw.integers(0, 3, m)])
        is_kept = draw.random(n) < 0.3
        found = contract(n, tail, head, cost, is_kept)
        kept = np.flatnonzero(is_kept)
        ways = [_ways(n, *arcs)[np.ix_(kept, kept)] for arcs in ((tail, head, cost), found[:3])]
        assert np.array_equal(*ways)
        steps, of = found.expand(np.arange(len(found.tail)))
        assert np.bincount(of, cost[steps], len(found.tail)) == pytest.approx(found.cost)
        degree = np.bincount(np.concatenate([found.tail, found.head]), minlength=n)
        assert not ((degree == 1) & ~is_kept).any() or seed % 2 == 0


def _ways(n: int, tail: np.ndarray, head: np.ndarray, cost: np.ndarray) -> np.ndarray:
    away = np.full((n, n), np.inf)
    np.minimum.at(away, (tail, head), cost)
    np.fill_diagonal(away, 0.0)
    for v in range(n):
        away = np.minimum(away, away[:, v, None] + away[v])
    return away


def test_a_grower_keeps_trees_and_never_makes_them_dearer() -> None:
    for seed in range(40):
        task = random_problem(seed, directed=seed % 2 == 0, nodes=10, edges=16)
        grower = Grower(task)
        tree = grower.grown(task.cost)
        better = grower.exchanged(tree, task.cost)
        assert check_tree(task, better) <= check_tree(task, tree)
    lonely = Arborescence(3, np.array([0]), np.array([1]), np.array([1.0]), 0, np.array([1, 2]))
    assert Grower(lonely).grown(lonely.cost).tolist() == [0]
