"""Random zonings, and their least cost by trying everything: an oracle written for plainness."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.prize_problem import FREE, SERVED, TANKS, Prizes


def random_zoning(seed: int, units: int, plain: int, whole: bool = False) -> Prizes:
    """Units and junctions strewn about, with places of delivery of one to four kinds, some with limits, some overrides.

    Some kinds are lines of one concave cost at the same places. ``whole`` costs are small whole numbers, so that many tie.
    """
    draw = np.random.default_rng(seed)
    nodes = units + plain
    place = draw.permutation(nodes)
    edges = int(draw.integers(nodes - 1, 2 * nodes))
    a = np.concatenate([np.arange(1, nodes), draw.integers(0, nodes, edges - nodes + 1)])
    b = np.concatenate(
        [(draw.random(nodes - 1) * np.arange(1, nodes)).astype(np.int64), draw.integers(0, nodes, edges - nodes + 1)]
    )
    keep = draw.random(2 * edges) < draw.choice([0.8, 1.0])
    tail, head = np.concatenate([a, b])[keep], np.concatenate([b, a])[keep]
    cost = np.tile(draw.gamma(2.0, 20.0, edges), 2)[keep] * draw.choice([1.0, 1.0, 1.7], len(tail))
    flow = draw.lognormal(1.0, 0.8, units)
    tanks = flow * draw.uniform(8.0, 16.0)
    entry_node, entry_kind, entry_yen, price, most = _places(draw, nodes, float(flow.sum()))
    serving = flow * draw.uniform(0.0, 8.0, units)
    side = draw.choice([FREE] * 8 + [SERVED, TANKS], units) if draw.random() < 0.4 else np.full(units, FREE)
    if whole:
        cost, flow, tanks, serving, entry_yen, price = (
            np.ceil(v / 9.0) for v in (cost, flow, tanks, serving, entry_yen, price)
        )
    return Prizes(
        nodes, place[tail], place[head], cost, place[:units], serving, tanks, flow, side.astype(np.int64),
        place[entry_node], entry_kind, entry_yen, price, most,
    )  # fmt: skip


def _places(draw: np.random.Generator, nodes: int, flow: float) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """A served network with one or two inlets, and plants whose cost is one to three lines."""
    node, kind, yen, price, most = [], [], [], [], []
    if draw.random() < 0.8:
        count = int(draw.integers(1, 3))
        node += draw.integers(0, nodes, count).tolist()
        kind += [0] * count
        yen += (draw.random(count) * 10.0 * (draw.random() < 0.5)).tolist()
        price.append(float(draw.uniform(0.0, 4.0)))
    plants = int(draw.integers(0 if price else 1, 4))
    at = draw.integers(0, nodes, plants).tolist()
    fixed, slope = float(draw.uniform(5.0, 40.0)), float(draw.uniform(1.0, 6.0))
    for line in range(int(draw.integers(1, 4)) if plants else 0):
        node += at
        kind += [len(price)] * plants
        yen += [fixed * (1.0 + line)] * plants
        price.append(slope / (1.0 + line))
    most = np.where(draw.random(len(price)) < draw.choice([0.2, 0.9]), flow * draw.uniform(0.1, 0.7, len(price)), np.inf)
    return np.array(node), np.array(kind), np.array(yen), np.array(price), most


def with_plants(given: Prizes, seed: int) -> Prizes:
    """The zoning with some units as existing plants: no sewers of their own, kept or joined, some with room for others."""
    draw = np.random.default_rng(seed + 77)
    units, kinds = len(given.unit_node), len(given.kind_most_m3_per_d)
    is_plant = draw.random(units) < 0.6
    flow = np.where(is_plant, given.flow_m3_per_d * draw.choice([1.0, 4.0], units), given.flow_m3_per_d)
    keep = flow**0.7 * draw.uniform(8.0, 30.0, units)
    more = keep / flow * draw.uniform(0.2, 1.0, units)
    host = np.flatnonzero(is_plant & (draw.random(units) < 0.6) & (given.side == FREE))
    return given._replace(
        serving_yen_per_yr=np.where(is_plant, 0.0, given.serving_yen_per_yr),
        tanks_yen_per_yr=np.where(is_plant, keep, given.tanks_yen_per_yr),
        flow_m3_per_d=flow,
        entry_node=np.append(given.entry_node, given.unit_node[host]),
        entry_kind=np.append(given.entry_kind, kinds + np.arange(len(host))),
        entry_yen_per_yr=np.append(given.entry_yen_per_yr, (keep - more * flow)[host]),
        kind_yen_per_m3_per_d=np.append(given.kind_yen_per_m3_per_d, more[host]),
        kind_most_m3_per_d=np.append(given.kind_most_m3_per_d, (flow * draw.uniform(1.0, 3.0, units))[host]),
    )


def least_cost(given: Prizes) -> float:
    """Least yearly cost, by dynamic programming over sets of units; infinite if no decision is allowed."""
    units = len(given.unit_node)
    sets = np.arange(1 << units)
    has = (sets[:, None] >> np.arange(units)) & 1 == 1
    flow = has @ given.flow_m3_per_d
    best = np.where(sets == 0, 0.0, np.inf)
    for kind, most in enumerate(given.kind_most_m3_per_d.tolist()):
        alone = np.where(flow <= most * (1.0 + 1e-9), _least_of_kind(given, kind), np.inf)
        best = np.array([(best[some] + alone[s ^ some]).min() for s in sets for some in [_within(s)]])
    allowed = has[:, given.side == SERVED].all(axis=1) & ~has[:, given.side == TANKS].any(axis=1)
    return float((best + ~has @ given.tanks_yen_per_yr)[allowed].min())


def _within(s: int) -> Ints:
    """All subsets of a set."""
    subsets, some = [s], s
    while some:
        some = (some - 1) & s
        subsets.append(some)
    return np.array(subsets)


def _least_of_kind(given: Prizes, kind: int) -> Floats:
    """Cost of serving exactly a set of units by one kind, for every set."""
    units, n = len(given.unit_node), given.nodes
    serving = given.serving_yen_per_yr + given.kind_yen_per_m3_per_d[kind] * given.flow_m3_per_d
    unit_at = np.full(n, -1)
    unit_at[given.unit_node] = np.arange(units)
    arc = np.full((n, n), np.inf)
    np.minimum.at(arc, (given.tail, given.head), given.cost_yen_per_yr)
    through = np.where(unit_at >= 0, np.inf, arc)  # ways whose nodes but the first are junctions
    np.fill_diagonal(through, 0.0)
    for v in np.flatnonzero(unit_at < 0):
        through = np.minimum(through, through[:, v, None] + through[v])
    below = np.full((1 << units, n), np.inf)  # trees from a node that serve a set beyond it
    below[0] = 0.0
    rooted = np.full(1 << units, np.inf)
    rooted[0] = 0.0
    for s in range(1, 1 << units):
        some = _within(s)[1:-1]
        least = (below[some] + below[s ^ some]).min(axis=0, initial=np.inf)
        entered = np.full(n, np.inf)
        for u in range(units):
            if s >> u & 1:
                v = given.unit_node[u]
                entered[v] = below[s ^ (1 << u), v] + serving[u]
        least = np.minimum(least, (arc + entered).min(axis=1))
        below[s] = (through + least).min(axis=1)
        begun = np.where(unit_at >= 0, entered, below[s])
        mine = given.entry_kind == kind
        first = (given.entry_yen_per_yr + begun[given.entry_node])[mine].min(initial=np.inf)
        rooted[s] = min(first, (rooted[some] + rooted[s ^ some]).min(initial=np.inf))
    return rooted
