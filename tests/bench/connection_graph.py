"""pysewer's connection graph as our ground, and its designs and ours as one kind of record, so that equal rules apply.

Both programs route over the same nodes and edges and see the same ground: the points every 10 m that pysewer samples. The
search sees every edge with the points of one direction; a design is laid and judged with the points pysewer sees in the
direction of flow. A sewer is pysewer's line: 0.25 to 8 m below ground, with 0.7 m/s when full, filled to at most 70 %.
Stations, lengths and yearly costs of all designs are counted here, by the same few lines.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sewerzone import costbooks
from sewerzone.config import Cost, Design
from sewerzone.engineering import exact
from sewerzone.engineering.forest import Bools, Floats, Forest, Ints, LayingPrices
from sewerzone.engineering.networks import Ground, Loads, Members, ground_costs
from sewerzone.engineering.paths import road_graph
from sewerzone.engineering.steiner import Trees
from sewerzone.engineering.trench import lay, manhole_flows
from sewerzone.stages import cost
from sewerzone.stages.design import rules

sys.path.append(str(Path(__file__).parents[2]))
from tests.least_trees import of_edges

LINE_M = (0.25, 8.0)
"""Least and largest depth of pysewer's line."""
DIAMETERS_MM = (200, 300, 400, 500, 600, 800, 1000, 1200, 1500, 2000)
FLOW_AT_70_PERCENT = 0.837
"""Flow of a pipe filled to 70 %, over its flow when full."""
MEAN_M3_PER_D = 2 * 0.15
PEAK_L_PER_S = 4.0 * MEAN_M3_PER_D / 86.4
"""Sewage of a house: two people, 150 l a day, a peak of four times the mean."""
DESIGN = Design(
    manning_n=0.013,
    diameters_mm=DIAMETERS_MM,
    velocity_min_m_per_s=0.7,
    velocity_max_m_per_s=100.0,  # pysewer reports larger velocities but does not prevent them
    slope_min_permille=0.5,
    margin_small=1.0 / FLOW_AT_70_PERCENT - 1.0,
    margin_medium=1.0 / FLOW_AT_70_PERCENT - 1.0,
    margin_large=1.0 / FLOW_AT_70_PERCENT - 1.0,
    cover_min_m=LINE_M[0] - DIAMETERS_MM[0] / 1000.0,  # excavation of the least pipe is the depth of pysewer's line
    excavation_max_m=LINE_M[1],
    pipe_wall_m=0.0,
    bedding_m=0.0,
    manhole_spacing_m=1e4,
    bend_deg=180.0,
    ground_tolerance_m=0.001,  # the line follows every point of the ground
    wet_well_m=0.0,
    pressure_hazen_williams_c=1e6,  # pysewer's head is the static one
)
YEN = {"snip_2015": 126.0, "rust_2021": 17.0}
"""Yen per Swiss franc in 2015, per yuan in 2021: they change the unit of a column, not its order."""


class Connection(NamedTuple):
    """pysewer's connection graph: c nodes, a arcs, both directions of every edge.

    Attributes
    ----------
    x_m, y_m, is_house : (c,)
    sink : the node everything drains to
    tail, head : (a,) in the direction of flow
    along_m, ground_elev_m : per arc the points of the ground as pysewer samples them in that direction
    """

    x_m: Floats
    y_m: Floats
    is_house: Bools
    sink: int
    tail: Ints
    head: Ints
    along_m: list[Floats]
    ground_elev_m: list[Floats]

    @property
    def length_m(self) -> Floats:
        """(a,)"""
        return np.array([along[-1] for along in self.along_m])


class Streets(NamedTuple):
    """The connection graph cut at its ground points.

    ``arc`` (e,) is the arc a piece of street lies on, the one of the two directions whose points are taken.
    """

    ground: Ground
    loads: Loads
    members: Members
    roots: tuple[Ints, Ints]
    arc: Ints


class Built(NamedTuple):
    """A design, whoever made it: r pieces of pipe, h manholes, s stations.

    A manhole stands at every node of the connection graph that is no house; ``manhole_m`` (h,) is its depth.
    ``is_private`` are stations that lift the sewage of one house.
    """

    length_m: Floats
    diameter_mm: Floats
    depth_m: Floats
    is_pressure: Bools
    manhole_m: Floats
    head_m: Floats
    flow_l_per_s: Floats
    mean_m3_per_d: Floats

    @property
    def is_private(self) -> Bools:
        """(s,)"""
        return np.asarray(self.mean_m3_per_d < 1.5 * MEAN_M3_PER_D)


def read_connection(path: Path) -> Connection:
    """What ``run_pysewer.py route`` wrote."""
    found = json.loads(path.read_text())
    kind, arcs = np.array(found["kind"]), found["arcs"]
    return Connection(
        np.array(found["x_m"]),
        np.array(found["y_m"]),
        kind == "building",
        int(np.flatnonzero(kind == "wwtp")[0]),
        np.array([a["from"] for a in arcs]),
        np.array([a["to"] for a in arcs]),
        [np.array(a["along_m"]) for a in arcs],
        [np.array(a["ground_elev_m"]) for a in arcs],
    )


def laying_prices(book: str) -> LayingPrices:
    """What laying costs by a book."""
    settings = Cost(book=book, yen_per_currency=YEN.get(book))
    return cost.laying_prices(costbooks.load(settings.book, settings.fallback), settings, DESIGN)


def streets(connection: Connection, prices: LayingPrices, slope_weights: tuple[float, ...]) -> Streets:
    """The connection graph as ground, every house a load, the sink the only outlet; manholes are left to ``yen_per_yr``."""
    limits = rules(DESIGN)
    arc = np.flatnonzero(connection.tail < connection.head)
    chains = _chains(connection, arc, len(connection.x_m))
    along = [connection.along_m[k] for k in arc]
    size = int(max(chain.max() for chain in chains)) + 1
    x, y, elevation = np.empty(size), np.empty(size), np.empty(size)
    for k, chain, metres in zip(arc, chains, along, strict=True):
        share, ends = metres / metres[-1], [connection.tail[k], connection.head[k]]
        x[chain], y[chain] = (np.interp(share, [0.0, 1.0], place[ends]) for place in (connection.x_m, connection.y_m))
        elevation[chain] = connection.ground_elev_m[k]
    length = np.concatenate([np.diff(metres) for metres in along])
    a, b = (np.concatenate([chain[end] for chain in chains]) for end in (slice(-1), slice(1, None)))
    graph = road_graph(size, a, b, length)
    one, zero = np.ones(len(length)), np.zeros(len(length))
    costs = ground_costs(graph, elevation, one, slope_weights, float(limits.slope_min[0]))
    entry = np.full(size, LINE_M[1])
    bare = replace(prices, manhole_yen_per_yr=np.zeros_like(prices.depth_m), drop_yen_per_yr=0.0)
    ground = Ground(graph, x, y, elevation, entry, length, one, zero, zero, zero, costs, limits, bare)
    house = np.flatnonzero(connection.is_house)
    each = np.ones(len(house))
    loads = Loads(np.array([0, len(house)]), house, PEAK_L_PER_S * each, MEAN_M3_PER_D * each, each)
    roots = np.array([0, 1]), np.array([connection.sink])
    return Streets(ground, loads, Members.single(np.zeros(1, np.int64)), roots, np.repeat(arc, [len(m) - 1 for m in along]))


def least_length_m(connection: Connection) -> float:
    """Length of the shortest tree that joins every house to the sink, proven."""
    one_way = connection.tail < connection.head
    ends, length = (connection.tail[one_way], connection.head[one_way]), connection.length_m[one_way]
    houses = np.flatnonzero(connection.is_house)
    found = exact.solve(of_edges(len(connection.x_m), *ends, length, connection.sink, houses))
    assert found.is_proven
    return found.lower


def arcs_of(connection: Connection, there: Streets, trees: Trees) -> Ints:
    """The arcs of the connection graph that one tree uses, in the direction of flow."""
    at_tail = np.concatenate([[True], np.diff(there.arc) != 0])  # the piece of street at the tail of its arc
    way = np.flatnonzero(trees.parent >= 0)
    way = way[at_tail[trees.arc_edge[way]]]
    arc = there.arc[trees.arc_edge[way]]
    ends = np.column_stack([connection.tail[arc], connection.head[arc]])
    is_back = trees.node[way] != ends[:, 0]
    ends[is_back] = ends[is_back, ::-1]
    return numbered_arcs(connection, ends)


def numbered_arcs(connection: Connection, ends: ArrayLike) -> Ints:
    """The arcs with these (tail, head), rising."""
    count = len(connection.x_m)
    place = connection.tail * count + connection.head
    order = np.argsort(place)
    tail, head = np.asarray(ends, np.int64).T
    return np.sort(order[np.searchsorted(place[order], tail * count + head)])


def forest_on(connection: Connection, arcs: Ints) -> tuple[Forest, Bools]:
    """A tree of arcs, each with its ground as seen in the direction of flow, and which of its nodes are joints.

    A joint is a node of the connection graph that is no house.
    """
    count = len(connection.x_m)
    chains = _chains(connection, arcs, count)
    size = max(count, int(max(chain.max() for chain in chains)) + 1)
    parent, length = np.full(size, -1), np.zeros(size)
    elevation = np.zeros(size)
    for k, chain in zip(arcs, chains, strict=True):
        parent[chain[:-1]], length[chain[:-1]] = chain[1:], np.diff(connection.along_m[k])
        elevation[chain] = connection.ground_elev_m[k]
    is_house = np.concatenate([connection.is_house, np.zeros(size - count, bool)])
    used = np.zeros(size, bool)
    used[np.concatenate(chains)] = True
    number = np.cumsum(used) - 1
    zero = np.zeros(int(used.sum()))
    is_joint = np.concatenate([~connection.is_house, np.zeros(size - count, bool)])[used]
    forest = Forest(
        parent=np.where(parent < 0, -1, number[parent])[used],
        length_m=length[used],
        x_m=zero,
        y_m=zero,
        ground_elev_m=elevation[used],
        flow_l_per_s=PEAK_L_PER_S * is_house[used],
        flow_mean_m3_per_d=MEAN_M3_PER_D * is_house[used],
        price_factor=zero + 1.0,
        root_max_excavation_m=zero + LINE_M[1],
        least_excavation_m=zero,
        fixed_yen_per_yr=zero,
    )
    return forest, is_joint


def built(connection: Connection, arcs: Ints, prices: LayingPrices) -> Built:
    """A tree of arcs with our profile."""
    forest, is_joint = forest_on(connection, arcs)
    bare = replace(prices, manhole_yen_per_yr=np.zeros_like(prices.depth_m), drop_yen_per_yr=0.0)
    laid = lay(forest, rules(DESIGN), bare)
    deepest = laid.arrival_m.copy()
    deepest[laid.up] = np.maximum(deepest[laid.up], laid.excavation_up_m)
    flow, mean = manhole_flows(forest, laid)
    return Built(
        laid.length_m,
        laid.diameter_mm,
        0.5 * (laid.excavation_up_m + laid.excavation_down_m),
        laid.is_pressure,
        deepest[is_joint[laid.manhole]],
        laid.head_m[laid.is_pump],
        flow[laid.is_pump],
        mean[laid.is_pump],
    )


def built_by_pysewer(connection: Connection, result: dict[str, Any]) -> Built:
    """A design of pysewer's, from the JSON of ``run_pysewer.py``."""
    pipes, stations = result["pipes"], result["stations"]
    deepest = np.zeros(len(connection.x_m))
    for pipe in pipes:
        for end, depth in ((pipe["from"], pipe["depth_m"][0]), (pipe["to"], pipe["depth_m"][-1])):
            deepest[end] = max(deepest[end], depth)
    is_joint = ~connection.is_house & (deepest > 0.0)
    pieces = [len(p["along_m"]) - 1 for p in pipes]
    return Built(
        np.concatenate([np.diff(p["along_m"]) for p in pipes]),
        np.repeat([p["diameter_mm"] for p in pipes], pieces),
        np.concatenate([0.5 * np.add(p["depth_m"][1:], p["depth_m"][:-1]) for p in pipes]),
        np.repeat([p["is_pressure"] for p in pipes], pieces),
        deepest[is_joint],
        *(np.array([s[key] for s in stations]) for key in ("head_m", "flow_l_per_s", "mean_m3_per_d")),
    )


def yen_per_yr(design: Built, prices: LayingPrices) -> float:
    """What a design costs a year: sewers by diameter and depth, rising mains, pumps, their energy, manholes."""
    is_sewer = ~design.is_pressure
    size = np.searchsorted(DIAMETERS_MM, design.diameter_mm[is_sewer])
    length, depth = design.length_m[is_sewer], design.depth_m[is_sewer]
    sewers = [
        length[size == row] * np.interp(depth[size == row], prices.depth_m, prices.trench_yen_per_m_yr[row])
        for row in np.unique(size)
    ]
    mains = prices.pressure_yen_per_m_yr * design.length_m[design.is_pressure]
    by_size = prices.pump_size_yen_per_yr * design.flow_l_per_s + prices.energy_yen_per_yr * design.mean_m3_per_d
    pumps = prices.pump_yen_per_yr + by_size * design.head_m
    manholes = np.interp(design.manhole_m, prices.depth_m, prices.manhole_yen_per_yr)
    return float(sum(part.sum() for part in (*sewers, mains, pumps, manholes)))


def _chains(connection: Connection, arcs: Ints, first: int) -> list[Ints]:
    """The nodes along every arc, its ends among them; points between are numbered from ``first``."""
    out = []
    for k in arcs:
        between = np.arange(first, first + len(connection.along_m[k]) - 2)
        first += len(between)
        out.append(np.concatenate([[connection.tail[k]], between, [connection.head[k]]]).astype(np.int64))
    return out
