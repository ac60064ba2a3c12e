"""Sites at rivers: which are kept, and which of them a group tries; on a street with known heights."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sewerzone import costbooks
from sewerzone.config import Route
from sewerzone.engineering.forest import Bools
from sewerzone.engineering.networks import Ground, Loads, Members
from sewerzone.stages import cost, design, route, sites
from sewerzone.stages.network import near_rivers
from tests import hamlet

HEIGHT_M = np.array([9.0, 8.0, 6.0, 5.0, 5.5, 7.0, 8.0, 4.0, 8.5, 3.0, 9.0])
STEP_M = 100.0


def street(height_m: np.ndarray) -> Ground:
    """Nodes in a row, 100 m apart."""
    book, config = costbooks.load("fuji_2018", "generic"), hamlet.study([], []).config
    n = len(height_m)
    nodes = pd.DataFrame({
        "x_m": np.arange(n) * STEP_M, "y_m": 0.0, "ground_elev_m": height_m, "component": 0, "is_served": False,
    })  # fmt: skip
    edges = pd.DataFrame({
        "from_node_id": np.arange(n - 1), "to_node_id": np.arange(1, n), "length_m": STEP_M, "weight": 1.0,
        "least_excavation_m": 0.0,
    })  # fmt: skip
    prices = cost.laying_prices(book, config.cost, config.design)
    none = pd.Series(dtype=float)
    return route.build_ground(nodes, edges, np.ones(n - 1), np.zeros(n - 1), none, design.rules(config.design), prices, Route())


def loads_at(*nodes: int) -> Loads:
    """One unit at each node."""
    count = len(nodes)
    one = np.ones(count)
    return Loads(np.arange(count + 1), np.array(nodes, dtype=np.int64), one, one, one)


def near(*nodes: int) -> Bools:
    out = np.zeros(len(HEIGHT_M), bool)
    out[list(nodes)] = True
    return out


def test_the_lowest_and_the_lowest_of_the_nearest_stretch_are_kept() -> None:
    """Unit 0 at node 0 has the stretches 1-3 and 7 and 9 on its side: 3 is lowest of the nearest, 9 of all."""
    ground = street(HEIGHT_M)
    found = sites.at_rivers(ground, loads_at(0), near(1, 2, 3, 7, 9), np.ones(1, bool), 5000.0)
    assert found.node.tolist() == [3, 9]
    assert len(found.nearest) == len(ground.arc_costs)
    assert found.nearest[0].tolist() == [3] * 7 + [9] * 4


def test_every_neighbourhood_has_its_own() -> None:
    """Of two units at the ends each takes what is nearer; a unit that may have no plant has no neighbourhood."""
    ground = street(HEIGHT_M)
    both = loads_at(0, 10)
    is_near = near(1, 2, 3, 4, 6)
    assert sites.at_rivers(ground, both, is_near, np.ones(2, bool), 5000.0).node.tolist() == [3, 6]
    assert sites.at_rivers(ground, both, is_near, np.array([False, True]), 5000.0).node.tolist() == [3, 6]
    assert sites.at_rivers(ground, both, is_near, np.array([False, True]), 450.0).node.tolist() == [6]
    assert sites.at_rivers(ground, both, near(), np.ones(2, bool), 5000.0) is sites.NO_RIVERS


def test_a_group_tries_the_site_most_of_its_sewage_gets_to() -> None:
    loads = loads_at(0, 5, 10)
    rivers = sites.Rivers(np.array([3, 9]), (np.array([3] * 7 + [9] * 4), np.array([3] * 4 + [9] * 7)))
    members = Members.of([np.array([0, 1, 2]), np.array([2])])
    assert sites.of_groups(rivers, loads, members).tolist() == [[3, 9], [9, 9]]
    assert sites.of_groups(sites.NO_RIVERS, loads, members).shape == (2, 0)


def test_networks_end_at_another_site_only_where_that_is_cheaper() -> None:
    """Both ends of the street fall towards node 3: a plant there needs no pump, one at a house does."""
    ground = street(30.0 + 6.0 * np.abs(np.arange(7) - 3))
    loads, members = loads_at(0, 6), Members.of([np.array([0, 1])])
    home = route.plant_networks(ground, loads, members, Route())
    there = route.plant_networks(ground, loads, members, Route(), np.array([[3, -1]]))
    assert home.pumps.tolist() == [1]
    assert there.pumps.tolist() == [0]
    assert there.trees.node[there.trees.parent < 0].tolist() == [3]
    assert there.yen_per_yr[0] < home.yen_per_yr[0]
    worse = route.plant_networks(street(30.0 - 1.0 * np.arange(7.0)), loads, members, Route(), np.array([[3, 0]]))
    assert worse.trees.node[worse.trees.parent < 0].tolist() == [6]


def test_nodes_near_rivers() -> None:
    """50 m from the line of a river and not served; other barriers do not count."""
    nodes = pd.DataFrame({"x_m": [0.0, 49.0, 51.0, 10.0, 500.0], "y_m": 0.0, "is_served": [False, False, False, True, False]})
    layer = hamlet.layer(
        [hamlet.line((0, -20), (0, 20)), hamlet.line((500, -20), (500, 20)), None], kind=["river", "railway", "river"]
    )
    nodes["x_m"] += hamlet.EAST_M
    nodes["y_m"] += hamlet.NORTH_M
    settings = hamlet.study([], []).config.network
    assert near_rivers(nodes, layer, 50.0, settings).tolist() == [True, True, False, False, False]
    assert not near_rivers(nodes, layer.iloc[:0], 50.0, settings).any()
