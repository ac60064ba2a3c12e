"""Where sewage enters the roads and leaves them, and which sites a plant may have."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sewerzone.config import Route
from sewerzone.engineering import networks
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, take
from sewerzone.engineering.trees import Trees
from sewerzone.stages import route
from tests.grounds import PRICES, RULES, SEWER_YEN_PER_M_YR, ground_of, random_ground, random_loads, same_trees

NONE = np.empty(0, np.int64)


def line_ground(count: int = 11, step_m: float = 100.0, height_m: Any = None) -> Ground:
    """A straight road of nodes 0, 1, 2 ... to the east."""
    x = step_m * np.arange(count)
    height = np.zeros(count) if height_m is None else np.asarray(height_m, float)
    return ground_of(x, np.zeros(count), height, np.arange(count - 1), np.arange(1, count))


def loads_at(*nodes: list[int]) -> Loads:
    counts = [len(n) for n in nodes]
    every = np.array([n for some in nodes for n in some], np.int64)
    one = np.ones(len(every))
    return Loads(np.concatenate([[0], np.cumsum(counts)]), every, 0.02 * one, 0.7 * one, one)


# --- load_units


def laterals(status: list[str], node: list[int | None]) -> gpd.GeoDataFrame:
    data = {"building_id": np.arange(len(node)), "status": status, "node_id": pd.array(node, dtype="Int64"), "length_m": 5.0}
    return gpd.GeoDataFrame(data, geometry=[shapely.LineString([(0, 0), (1, 1)])] * len(node), crs="EPSG:6678")


def houses(unit: list[int | None], dwellings: list[float]) -> gpd.GeoDataFrame:
    data = {
        "building_id": np.arange(len(unit)), "unit_id": pd.array(unit, dtype="Int64"), "dwellings": dwellings,
        "flow_hourly_l_per_s": 0.01 * np.array(dwellings), "flow_mean_m3_per_d": 0.5 * np.array(dwellings),
    }  # fmt: skip
    return gpd.GeoDataFrame(data, geometry=[shapely.Point(0, 0)] * len(unit), crs="EPSG:6678")


def nodes(component: list[int]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"component": component}, geometry=[shapely.Point(0, 0)] * len(component), crs="EPSG:6678")


def test_houses_at_one_node_are_summed_and_units_kept_apart() -> None:
    homes = houses([0, 0, 1, 0, None, 1], [1.0, 2.0, 1.0, 4.0, 9.0, 3.0])
    ways = laterals(["connected"] * 6, [3, 3, 3, 1, 2, 0])
    loads, marked = route.load_units(homes, ways, nodes([0, 0, 0, 0]), 3)
    assert loads.offsets.tolist() == [0, 2, 4, 4]
    assert loads.node.tolist() == [1, 3, 0, 3]
    assert loads.dwellings.tolist() == [4.0, 3.0, 3.0, 1.0]
    assert loads.flow_l_per_s.tolist() == pytest.approx([0.04, 0.03, 0.03, 0.01])
    assert loads.flow_mean_m3_per_d.tolist() == pytest.approx([2.0, 1.5, 1.5, 0.5])
    assert (marked["status"] == "connected").all()


def test_a_unit_drains_along_the_part_of_the_roads_with_most_of_its_dwellings() -> None:
    """Three houses on part 0, one building of five flats on part 1; on a tie the first part wins."""
    homes = houses([0, 0, 0, 0, 1, 1], [1.0, 1.0, 1.0, 5.0, 2.0, 2.0])
    ways = laterals(["connected"] * 6, [0, 1, 1, 2, 0, 2])
    loads, marked = route.load_units(homes, ways, nodes([0, 0, 1]), 2)
    assert marked["status"].tolist() == ["cut_off"] * 3 + ["connected"] * 2 + ["cut_off"]
    assert loads.node.tolist() == [2, 0]
    assert loads.dwellings.tolist() == [5.0, 2.0]
    assert (ways["status"] == "connected").all()  # the caller's table is left alone


def test_houses_without_a_lateral_load_nothing() -> None:
    homes = houses([0, 0, 1], [1.0, 1.0, 1.0])
    ways = laterals(["connected", "too_far", "no_road"], [0, None, None])
    loads, marked = route.load_units(homes, ways, nodes([0]), 2)
    assert loads.offsets.tolist() == [0, 1, 1]
    assert marked["status"].tolist() == ["connected", "too_far", "no_road"]


# --- find_exits


def test_exits_lie_within_the_longest_link() -> None:
    ground = line_ground()
    out = route.find_exits(ground, np.array([0]), Route(max_link_m=400.0))
    assert out.is_reachable.tolist() == [True] * 5 + [False] * 6  # the limit itself included
    assert len(out.ways) == len(ground.arc_costs)
    for cost, following in out.ways:
        assert np.isfinite(cost).tolist() == out.is_reachable.tolist()
        assert following[:5].tolist() == [-1, 0, 1, 2, 3]
        assert (np.diff(cost[:5]) >= 100.0).all()


def test_without_targets_nobody_leaves() -> None:
    out = route.find_exits(line_ground(), NONE, Route())
    assert not out.is_reachable.any()
    assert all(np.isinf(cost).all() for cost, _ in out.ways)


def test_a_unit_half_within_reach_is_connected_whole() -> None:
    ground, loads = line_ground(), loads_at([3, 4], [4, 9], [8, 9])
    exits = route.find_exits(ground, np.array([0]), Route(max_link_m=400.0))
    settings = Route(search_rounds=0)
    alone = route.route_alone(ground, loads, exits, None, np.array([False, True, True]), settings, np.full(10, -1))
    assert alone.can_connect.tolist() == [True, True, False]
    assert alone.can_own_plant.tolist() == [False, True, True]
    assert alone.connect.sewer_m.tolist() == [400.0, 900.0]
    assert alone.own_plant.sewer_m.tolist() == [500.0, 100.0]
    assert alone.connect.members.units.tolist() == [0, 1]


def test_links_are_what_lies_outside_the_unit() -> None:
    ground, loads = line_ground(), loads_at([3, 5], [7])
    exits = route.find_exits(ground, np.array([0]), Route())
    edge_unit = np.array([-1, -1, -1, 0, 0, -1, 1, -1, -1, -1])  # the road from 3 to 5 lies in unit 0, from 6 to 7 in unit 1
    alone = route.route_alone(ground, loads, exits, None, np.ones(2, bool), Route(search_rounds=0), edge_unit)
    assert alone.connect_link_m.tolist() == [300.0, 600.0]
    assert alone.own_plant_link_m.tolist() == [0.0, 0.0]


def test_named_plants_are_the_only_ones() -> None:
    ground, loads = line_ground(), loads_at([3, 5], [8, 9])
    exits = route.find_exits(ground, NONE, Route())
    sites = route.find_exits(ground, np.array([6]), Route(max_link_m=250.0))
    alone = route.route_alone(ground, loads, exits, sites, np.ones(2, bool), Route(search_rounds=0), np.full(10, -1))
    assert not alone.can_connect.any()
    assert alone.can_own_plant.tolist() == [True, True]
    assert alone.own_plant.sewer_m.tolist() == [300.0, 300.0]


# --- plant_sites


def test_sites_are_the_lowest_of_equal_parts_along_the_longer_axis() -> None:
    height = [9, 5, 9, 2, 9, 7, 9, 9, 9, 1, 3]
    ground, loads = line_ground(height_m=height), loads_at([1, 2, 3, 5, 6, 7, 9, 10])
    sites = route.plant_sites(ground, loads, Members.single(np.array([0])), 4)
    assert sites.tolist() == [[1, 3, 6, 9]]  # of (1 2) (3 5) (6 7) (9 10); 6 and 7 lie level: the smaller node
    assert route.plant_sites(ground, loads, Members.single(np.array([0])), 1).tolist() == [[9]]


def test_few_houses_have_fewer_sites() -> None:
    ground, loads = line_ground(height_m=np.arange(11)), loads_at([4], [2, 8])
    sites = route.plant_sites(ground, loads, Members.of([np.array([0]), np.array([1]), np.array([0, 1])]), 4)
    assert [sorted(set(row)) for row in sites.tolist()] == [[4], [2, 8], [2, 4, 8]]
    assert route.plant_sites(ground, loads, Members.single(NONE), 4).shape == (0, 4)


def test_the_axis_may_run_north() -> None:
    ground = ground_of(np.zeros(6), 100.0 * np.arange(6), [3, 1, 2, 2, 1, 3], np.arange(5), np.arange(1, 6))
    assert route.plant_sites(ground, loads_at([0, 1, 2, 3, 4, 5]), Members.single(np.array([0])), 2).tolist() == [[1, 4]]


@pytest.mark.parametrize("seed", range(4))
def test_the_cheapest_site_wins(seed: int) -> None:
    ground = random_ground(seed)
    loads = random_loads(seed, ground)
    members = Members.single(np.arange(5))
    best = route.plant_networks(ground, loads, members, Route(outlet_candidates=4, search_rounds=0))
    for k in range(4):
        site = route.plant_sites(ground, loads, members, 4)[:, k]
        one = route.cheapest(ground, loads, members, (np.arange(6), site.copy()), None)
        assert (best.yen_per_yr <= one.yen_per_yr + 1e-3).all()
    searched = route.plant_networks(ground, loads, members, Route(outlet_candidates=4, search_rounds=8))
    assert (searched.yen_per_yr <= best.yen_per_yr).all()
    for t in range(5):
        alone = route.plant_networks(ground, loads, Members.single(np.array([t])), Route(outlet_candidates=4, search_rounds=0))
        assert alone.yen_per_yr[0] == best.yen_per_yr[t]
        assert same_trees(alone.trees, take(best.trees, np.array([t])))


# --- units_of_edges, build_ground


def frames(x: list[float], y: list[float], ends: list[tuple[int, int]]) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    points = gpd.GeoDataFrame(
        {
            "x_m": x, "y_m": y, "ground_elev_m": [10.0] * len(x), "is_served": [k == 0 for k in range(len(x))], "component": 0,
        },
        geometry=shapely.points(x, y), crs="EPSG:6678",
    )  # fmt: skip
    lines = [shapely.LineString([(x[a], y[a]), (x[b], y[b])]) for a, b in ends]
    data = {
        "from_node_id": [a for a, _ in ends], "to_node_id": [b for _, b in ends], "weight": 1.0,
        "length_m": [line.length for line in lines], "least_excavation_m": 0.0,
    }  # fmt: skip
    return points, gpd.GeoDataFrame(data, geometry=lines, crs="EPSG:6678")


def test_an_edge_belongs_to_the_unit_its_middle_lies_in() -> None:
    points, lines = frames([0, 10, 20, 30], [0, 0, 0, 0], [(0, 1), (1, 2), (2, 3)])
    shape = [shapely.box(14, -1, 40, 1), shapely.box(-1, -1, 16, 1)]
    units = gpd.GeoDataFrame({"unit_id": [0, 1]}, geometry=shape, crs="EPSG:6678")
    assert route.units_of_edges(points, lines, units).tolist() == [1, 0, 0]  # both hold the second: the smaller unit
    assert route.units_of_edges(points, lines, units[:0]).tolist() == [-1, -1, -1]


def test_sewage_enters_the_served_network_at_its_invert_where_that_is_known() -> None:
    points, lines = frames([0, 10, 20], [0, 0, 0], [(0, 1), (1, 2)])
    settings = Route(entry_max_excavation_m=2.5)
    unknown = pd.Series(dtype=float)
    ground = route.build_ground(points, lines, np.ones(2), np.zeros(2), unknown, RULES, PRICES, settings)
    assert ground.entry_m.tolist() == [2.5, RULES.excavation_max_m, RULES.excavation_max_m]
    known = pd.Series([8.2], index=[2])
    ground = route.build_ground(points, lines, np.ones(2), np.zeros(2), known, RULES, PRICES, settings)
    assert ground.entry_m[2] == pytest.approx(10.0 - 8.2 + RULES.pipe_wall_m + RULES.bedding_m)


def test_the_weight_of_a_road_is_worth_metres_of_the_least_sewer() -> None:
    points, lines = frames([0, 10, 30], [0, 0, 0], [(0, 1), (1, 2)])
    lines["weight"] = [1.0, 3.0]
    nothing = pd.Series(np.empty(0), index=np.empty(0, np.int64))
    ground = route.build_ground(points, lines, np.ones(2), np.zeros(2), nothing, RULES, PRICES, Route())
    assert ground.avoid_yen_per_yr.tolist() == pytest.approx([0.0, 2.0 * 20.0 * SEWER_YEN_PER_M_YR])


@pytest.mark.parametrize("longest_m", [100.0, 150.0, 250.0, 400.0])
def test_ways_out_end_only_where_sewage_is_delivered(longest_m):
    """A cheap way may leave the nodes within the longest link and come back; such a way must not end on its border."""
    for seed in range(12):
        ground = random_ground(seed, relief_m=8.0)
        targets = np.random.default_rng(seed).choice(ground.nodes, 2, replace=False)
        settings = Route(max_link_m=longest_m)
        exits = route.find_exits(ground, targets, settings)
        loads = random_loads(seed, ground)
        members = Members.single(np.flatnonzero(route.reaches(loads, exits)))
        for total, following in exits.ways:
            arrived = np.isfinite(total) & (following < 0)
            assert set(np.flatnonzero(arrived)) == set(targets)
            assert (np.isfinite(total) == exits.is_reachable).all()
        if len(members.units):
            trees = route.connect_networks(ground, loads, members, exits, settings).trees
            assert set(trees.node[trees.parent < 0]) <= set(targets)


def test_a_tree_that_two_slope_weights_lead_to_is_laid_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ground = random_ground(3)
    laid: list[int] = []
    loads, members, closed = random_loads(3, ground), Members.single(np.arange(5)), networks.closed_nets(ground)
    roots = np.arange(6), np.array([0, 4, 12, 20, 24])
    whole = networks.price

    def counted(ground: Ground, trees: Trees, *others: Any) -> Priced:
        laid.append(len(trees.cost))
        return whole(ground, trees, *others)

    monkeypatch.setattr(networks, "price", counted)
    once = networks.cheapest_along(closed[:1], ground, loads, members, roots, 1)
    twice = networks.cheapest_along((*closed[:1], *closed[:1], *closed[1:]), ground, loads, members, roots, 1)
    assert laid[:3] == [5, 5, 0]
    assert (twice.yen_per_yr <= once.yen_per_yr).all()
    again = whole(ground, twice.trees, loads, members, twice.slope_weight)
    assert twice.yen_per_yr.tolist() == again.yen_per_yr.tolist()
    assert twice.pumps.tolist() == again.pumps.tolist()
