"""Which branches go back to tanks, and when: the optimum against brute force and a plain twin, and the network below it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import shapely

from sewerzone.config import Retreat
from sewerzone.engineering import draining, noding, retreat
from sewerzone.engineering.retreat import Years, best_years
from sewerzone.stages import prepare
from sewerzone.stages import retreat as stage
from tests import hamlet

# The optimum ----------------------------------------------------------------------------------------------------------


def forest(rng: np.random.Generator, size: int) -> np.ndarray:
    """A random forest: every pipe drains to one with a smaller number, or is an outlet; numbers then shuffled."""
    down = np.array([int(rng.integers(-1, k)) if rng.random() < 0.9 else -1 for k in range(size)])
    name = rng.permutation(size)
    out = np.full(size, -1, np.int64)
    out[name] = np.where(down >= 0, name[np.maximum(down, 0)], -1)
    return out


Pins = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def is_allowed(years: tuple[int, ...], down: np.ndarray, never: int, pins: Pins) -> bool:
    stay, follows, passes_on, small = pins
    for v, t in enumerate(years):
        latest = years[down[v]] if down[v] >= 0 else never
        if t > latest or (stay[v] and t < never) or (follows[v] and t != latest):
            return False
        if small[v] and t < never and (down[v] < 0 or years[down[v]] == never):
            return False
        if passes_on[v] and t != max(years[u] for u in np.flatnonzero((down == v) & ~follows)):
            return False
    return True


def brute_force(down: np.ndarray, cost: np.ndarray, pins: Pins) -> float:
    """All years of all pipes."""
    never = cost.shape[1] - 1
    return min(
        sum(cost[v, t] for v, t in enumerate(years))
        for years in itertools.product(range(never + 1), repeat=len(down))
        if is_allowed(years, down, never, pins)
    )


def plain(down: np.ndarray, cost: np.ndarray, pins: Pins) -> np.ndarray:
    """f(v, t) as the module says it, pipe by pipe."""
    stay, follows, passes_on, small = pins
    never = cost.shape[1] - 1
    upstream: list[list[int]] = [[] for _ in down]
    for v, w in enumerate(down.tolist()):
        if w >= 0:
            upstream[w].append(v)
    out = np.full(cost.shape, np.nan)

    def f(v: int) -> list[float]:
        of_v = [float("inf") if stay[v] and t < never else float(cost[v, t]) for t in range(never + 1)]
        of = [f(u) for u in upstream[v]]
        for t in range(never + 1):
            least = [
                of_u[t] if follows[u] or (small[u] and t == never) else min(of_u[: t + 1])
                for u, of_u in zip(upstream[v], of, strict=True)
            ]
            of_v[t] += sum(least)
            if passes_on[v] and of_v[t] < float("inf"):
                of_v[t] += min(of_u[t] - m for u, of_u, m in zip(upstream[v], of, least, strict=True) if not follows[u])
        out[v] = of_v
        return of_v

    for root in np.flatnonzero(down < 0):
        f(int(root))
    return out


def pinned(rng: np.random.Generator, down: np.ndarray, is_pinned: bool = True) -> Pins:
    """Some that must stay, some with all upstream of them that follow, and some that pass on, with one that does not follow."""
    none = np.zeros(len(down), bool)
    if not is_pinned:
        return none, none, none, none
    stay, follows, passes_on, small = (rng.random(len(down)) < share for share in (0.15, 0.2, 0.5, 0.4))
    for _ in down:
        follows |= np.where(down >= 0, follows[np.maximum(down, 0)], False)
    brings = np.zeros(len(down), bool)
    brings[down[(down >= 0) & ~follows]] = True
    stay &= ~follows
    return stay, follows, passes_on & brings & ~follows & ~stay, small


@pytest.mark.parametrize("seed", range(300))
def test_it_equals_brute_force_on_small_trees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    down = forest(rng, int(rng.integers(1, 7)))
    cost = rng.integers(0, 30, (len(down), int(rng.integers(2, 5)))).astype(float)
    pins = pinned(rng, down, seed % 3 > 0)
    found = best_years(down, cost, *pins)
    assert is_allowed(tuple(found.year.tolist()), down, cost.shape[1] - 1, pins)
    assert cost[np.arange(len(down)), found.year].sum() == brute_force(down, cost, pins)


@pytest.mark.parametrize("seed", range(20))
def test_its_levels_give_what_the_plain_recursion_gives(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    down = forest(rng, 300)
    cost = rng.normal(0.0, 10.0, (300, 12))
    pins = pinned(rng, down)
    found, twin = best_years(down, cost, *pins), plain(down, cost, pins)
    assert found.keep == pytest.approx(twin[:, -1])
    assert found.turn == pytest.approx(twin[:, :-1].min(axis=1))
    whole = np.where(pins[1] | pins[3], twin[:, -1], twin.min(axis=1))[down < 0].sum()
    assert cost[np.arange(300), found.year].sum() == pytest.approx(whole)
    assert is_allowed(tuple(found.year.tolist()), down, 11, pins)


def test_of_equal_costs_the_pipe_stays() -> None:
    cost = np.array([[5.0, 5.0, 5.0], [1.0, 0.1 + 0.2, 0.3]])
    none = np.zeros(2, bool)
    assert best_years(np.array([-1, 0]), cost, none, none, none, none).year.tolist() == [2, 2]


def test_a_pipe_that_only_passes_on_goes_with_the_last_of_those_it_serves() -> None:
    """By itself it would best be given up in year 2, long after the houses upstream left in year 0."""
    cost = np.array([[9.0, 8.0, 1.0, 9.0], [0.0, 5.0, 20.0, 30.0], [0.0, 1.0, 20.0, 30.0]])
    down, no, passes_on = np.array([-1, 0, 0]), np.zeros(3, bool), np.array([True, False, False])
    assert best_years(down, cost, no, no, no, no).year.tolist() == [2, 0, 0]
    assert best_years(down, cost, no, no, passes_on, no).year.tolist() in ([0, 0, 0], [1, 0, 1])  # both cost 9
    cost[0, 0] = 20.0
    assert best_years(down, cost, no, no, passes_on, no).year.tolist() == [1, 0, 1]


# What a year costs ----------------------------------------------------------------------------------------------------


def test_present_values_by_hand() -> None:
    """Without interest a yen is a yen: lives and years can be counted."""
    years = Years(4, 10, 0.0)
    assert years.ends.tolist() == [0, 1, 2, 3, 10]
    renewed = retreat.renewals(years, 5.0)
    # due in year 2 and 7: given up before, nothing; after, the fifth of a yen a year until 7, and again until 10
    assert renewed[2].tolist() == pytest.approx([0.0, 0.0, 0.0, 1.0, 1.6])
    assert renewed[0].tolist() == pytest.approx([0.0, 1.0, 1.0, 1.0, 2.0])
    assert renewed[8].tolist() == pytest.approx([0.0, 0.0, 0.0, 0.0, 0.4])
    path = 0.5 ** np.arange(10.0)[None, :]
    assert retreat.until(years, path)[0].tolist() == pytest.approx([0.0, 1.0, 1.5, 1.75, 2.0 - 0.5**9])
    assert (retreat.until(years, path) + retreat.after(years, path)).tolist() == [pytest.approx([2.0 - 0.5**9] * 5)]
    assert retreat.at_turning(years, path)[0].tolist() == [1.0, 0.5, 0.25, 0.125, 0.0]
    # tanks of year 1 serve half as they were five years, then those of year 6 for four
    assert retreat.installations(years, path, 5.0)[0, 1] == pytest.approx((5 * 0.5 + 4 * 0.5**6) / 5)
    assert retreat.installations(years, path, 5.0)[0, -1] == 0.0


def test_a_life_charged_by_the_year_is_worth_its_price() -> None:
    years = Years(5, 60, 0.04)
    assert retreat.renewals(years, 60.0)[0, -1] == pytest.approx(1.0)
    assert retreat.installations(years, np.ones((1, 60)), 32.0)[0, 0] == pytest.approx(
        1.0 + (1.0 - 1.04**-28) / (1.0 - 1.04**-32) * 1.04**-32
    )


# The network ----------------------------------------------------------------------------------------------------------


def network(lines: list[list[tuple[float, float]]], snap_m: float = 0.5) -> noding.Streets:
    xy = np.array([p for line in lines for p in line], float)
    line = np.repeat(np.arange(len(lines)), [len(one) for one in lines])
    streets = noding.weld(xy[:, 0], xy[:, 1], line, np.arange(len(lines)))
    streets, _ = noding.snap_ends(streets, snap_m)
    return noding.join_ends(streets, snap_m, np.ones(len(lines), bool))[0]


def drained(lines: list[list[tuple[float, float]]], *places: tuple[float, float]) -> draining.Drained:
    streets = network(lines)
    at = draining.outlets(streets, *np.array(places).reshape(-1, 2).T, 5.0)
    return draining.drain(streets, at, unknown(streets))


def unknown(streets: noding.Streets) -> np.ndarray:
    """No segment is known to flow either way."""
    return np.zeros(len(streets.start), np.int64)


def test_pieces_end_at_junctions_and_drain_to_the_outlet() -> None:
    """A bent main with a branch that meets it halfway, drawn the wrong way and not quite to it, and one at its upper end."""
    lines = [[(0, 0), (50, 0), (100, 10)], [(50, 0.3), (50, 40)], [(100, 10), (160, 10)], [(100.2, 10), (100, 60)]]
    found = drained(lines, (0, 1))
    assert found.sewer.tolist() == [0, 0, 1, 2, 3]
    assert found.down.tolist() == [-1, 0, 0, 1, 1]
    assert found.length_m.tolist() == pytest.approx([50.0, np.hypot(50, 10), 40.0, 60.0, 50.0], abs=0.5)
    assert found.outlet.tolist() == [0] * 5
    ends = [k for k in range(len(found.piece_of)) if k == 0 or found.piece_of[k] != found.piece_of[k - 1]]
    assert np.column_stack([found.x_m, found.y_m])[ends[:2]] == pytest.approx(np.array([[50.0, 0.0], [100.0, 10.0]]), abs=0.1)


def test_loops_are_opened_and_nothing_is_lost() -> None:
    square = [[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(100, 100), (0, 100)], [(0, 100), (0, 0)], [(0, 0), (-50, 0)]]
    found = drained(square, (-50, 0))
    assert found.length_m.sum() == pytest.approx(450.0)
    assert sorted(found.sewer.tolist()) == [0, 1, 2, 3, 4]
    assert (found.down >= 0).sum() == 4
    rounds = found.down.copy()
    for _ in range(6):
        rounds = np.where(rounds >= 0, found.down[np.maximum(rounds, 0)], -1)
    assert (rounds == -1).all()


def test_parts_without_an_outlet_drain_to_their_lowest_end() -> None:
    lines = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(0, 500), (100, 500)], [(100, 500), (100, 600)]]
    streets = network(lines)
    given = draining.outlets(streets, np.array([0.0]), np.array([0.0]), 10.0)
    lowest = draining.lowest_ends(streets, given, 10.0 - streets.y_m / 100.0, unknown(streets))
    assert list(zip(streets.x_m[lowest], streets.y_m[lowest], strict=True)) == [(100.0, 600.0)]
    found = draining.drain(streets, np.concatenate([given, lowest]), unknown(streets))
    assert found.outlet.tolist() == [0, 0, 1, 1]
    assert found.down.tolist() == [-1, 0, 3, -1]
    assert draining.outlets(streets, np.array([0.0]), np.array([50.0]), 10.0).tolist() == [-1]


def surveyed(lines: list[list[tuple[float, float]]], place: tuple[float, float], **columns: Any) -> stage.Network:
    """The network of a ledger with one plant."""
    plant = hamlet.layer([shapely.Point(place)], kind=["terminal"])
    ledger = hamlet.layer([hamlet.line(*line) for line in lines], source_id=[str(k) for k in range(len(lines))], **columns)
    inputs = hamlet.study(hamlet.row(50, 3), [hamlet.line((0, 0), (300, 0))], sewers=ledger, plants=plant)
    clean = prepare.clean(inputs)
    found = stage.survey(clean.sewers, clean.plants, Retreat(years=50), lambda x, y: np.zeros(len(x)))
    assert found is not None
    return found._replace(sewer_id=clean.sewers["source_id"].astype(int).to_numpy()[found.sewer_id])


def to(found: stage.Network) -> dict[int, int]:
    """Which sewer each drains to, -1: an outlet; of those in one piece."""
    down = found.drained.down
    return dict(
        zip(found.sewer_id.tolist(), np.where(down >= 0, found.sewer_id[np.maximum(down, 0)], -1).tolist(), strict=True)
    )


ROUND = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (200, 300), (0, 300)], [(0, 300), (0, 0)]]
"""A loop back to its plant: from its upper end it is 200 m along one street and 800 m round the other way."""


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "shortest_way"),
        ({"up_invert_elev_m": [10.0, 9.0, 8.0, 7.0], "down_invert_elev_m": [9.0, 8.0, 7.0, 6.0]}, "inverts"),
        ({"up_manhole": ["A", "B", "C", "D"], "down_manhole": ["B", "C", "D", "P"]}, "manholes"),
    ],
)
def test_sewers_drain_as_the_ledger_says_and_else_the_shortest_way(columns: dict[str, Any], said: str) -> None:
    lines = [*ROUND[:3], [(0, 300), (-400, 300), (-400, -100), (0, -100)]]
    found = surveyed([*lines, [(0, 0), (0, -100)]], (0, -100), **{name: [*c, None] for name, c in columns.items()})
    here = to(found)
    if said == "shortest_way":
        assert here == {0: 4, 1: 0, 2: 3, 3: -1, 4: -1} or here[1] == 0
        assert here[0] == 4
    else:
        assert here == {0: 1, 1: 2, 2: 3, 3: -1, 4: -1}
        assert dict(zip(found.sewer_id.tolist(), found.direction, strict=True)) == dict.fromkeys(range(4), said) | {
            4: "shortest_way"
        }
        (note,) = [n for n in found.notes if "shortest way" in str(n)]
        assert "100 m of which the ledger says nothing" in str(note)


def test_lines_drawn_upstream_are_turned_by_their_manholes_and_rising_inverts() -> None:
    lines = [*ROUND[:3], [(0, 300), (-400, 300), (-400, -100), (0, -100)], [(0, 0), (0, -100)]]
    turned = [lines[0], lines[1][::-1], lines[2], lines[3], lines[4]]
    manholes = {"up_manhole": ["A", "B", "C", "D", None], "down_manhole": ["B", "C", "D", "P", None]}
    assert to(surveyed(turned, (0, -100), **manholes)) == {0: 1, 1: 2, 2: 3, 3: -1, 4: -1}
    inverts = {"up_invert_elev_m": [10.0, 8.0, 8.0, 7.0, None], "down_invert_elev_m": [9.0, 9.0, 7.0, 6.0, None]}
    assert to(surveyed(turned, (0, -100), **inverts)) == {0: 1, 1: 2, 2: 3, 3: -1, 4: -1}
    main = {"kind": ["gravity", "pressure", "gravity", "gravity", "gravity"]}
    assert to(surveyed(turned, (0, -100), **inverts, **main))[1] in (0, 2)  # a rising main is no fall the other way
    assert surveyed(turned, (0, -100), **inverts, **main).direction.tolist().count("inverts") == 3


def test_what_cannot_flow_as_the_ledger_says_is_turned_and_told() -> None:
    """The middle one of three in a row is said to flow away from the plant: nothing else leads there."""
    lines = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)]]
    inverts = {"up_invert_elev_m": [1.0, 3.0, 3.0], "down_invert_elev_m": [2.0, 2.0, 4.0]}
    found = surveyed(lines, (0, 0), **inverts)
    assert to(found) == {0: -1, 1: 0, 2: 1}
    assert dict(zip(found.sewer_id.tolist(), found.direction, strict=True)) == {0: "inverts", 1: "against_ledger", 2: "inverts"}
    assert any("100 m against the ledger" in str(note) for note in found.notes)


def test_order_and_direction_of_lines_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    lines = [[(0.0, 0.0), (40.0, 0.0)]]
    for _ in range(60):
        x, y = lines[int(rng.integers(len(lines)))][-1]
        dx, dy = [(40, 0), (0, 40), (-40, 0), (0, -40)][int(rng.integers(4))]
        lines.append([(x, y), (x + dx, y + dy)])
    lines = [list(line) for line in {tuple(sorted(line)): line for line in lines}.values()]
    order = rng.permutation(len(lines))
    one, other = drained(lines, (0, 0)), drained([lines[k][::-1] for k in order], (0, 0))

    def shape(found: draining.Drained, name: np.ndarray) -> list[tuple[int, int]]:
        low = np.where(found.down >= 0, name[found.sewer[np.maximum(found.down, 0)]], -1)
        return sorted(zip(name[found.sewer].tolist(), low.tolist(), strict=True))

    assert shape(one, np.arange(len(lines))) == shape(other, order)
