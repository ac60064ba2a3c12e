"""The zoning of a study as one problem (see ``engineering.prizes``), its costs in parts so that prices can be varied.

Nodes are places of the road graph where ways meet, and one node for every unit. A unit's own sewers are part of what serving
it costs: where it is served, other sewage may come in and leave anywhere along them for nothing but what the flow then must
climb. Where it is not, the same roads have their price as everywhere else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.chains import Chains, chains, without_dead_ends
from sewerzone.engineering.doors import possible
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.itemised import LAYING, Itemised, Upkeeps, adverse_m, climb_parts, formula_parts
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.networks import Ground, Loads
from sewerzone.engineering.paths import arcs_between, cost_to
from sewerzone.engineering.prizes import Prizes

NAMES = (
    *LAYING, "treatment.capital", "treatment.upkeep", "plant.capital", "plant.upkeep", "johkasou.capital", "johkasou.upkeep",
    "avoidance",
)  # fmt: skip
"""Parts of cost. ``avoidance`` is no money: what it is worth not to use an edge, see ``Ground``."""


class Parts(NamedTuple):
    """Yen a year by part; p names, m arcs, u units, e entries, k kinds of delivery (by m3 a day of the daily maximum)."""

    names: tuple[str, ...]
    arc: Floats
    serving: Floats
    tanks: Floats
    entry: Floats
    kind: Floats


class _Regions(NamedTuple):
    """Nodes at which units have sewers or houses, by unit, then node; what must be climbed to leave there, -1: the outflow."""

    unit: Ints
    node: Ints
    extra_m: Floats


class Layout(NamedTuple):
    """Where a problem lies, whatever it costs: units' own sewers (unit, up, down), ways, and nodes at which units are left."""

    own: tuple[Ints, Ints, Ints]
    chains: Chains
    ports: _Regions


class Candidates(NamedTuple):
    """The problem of a study, where its parts lie, and what its costs consist of.

    ``arc_chain`` is the chain an arc of the problem stands for, -1 for the arcs into and out of units; ``chains`` tells which
    arcs of the road graph lie on it; ``kind_mode`` is ``connect``, ``own_plant`` or ``existing k``; ``node`` (n,) is the node
    of the road graph, -1 for those of units but existing plants that treat others' sewage.
    """

    problem: Prizes
    parts: Parts
    arc_chain: Ints
    node: Ints
    layout: Layout
    kind_mode: tuple[str, ...]

    @property
    def chains(self) -> Chains:
        """The ways of the problem."""
        return self.layout.chains

    def at(self, factors: Floats) -> Prizes:
        """The same problem with every part multiplied by its factor (p,)."""
        return priced(self.problem, self.parts, factors)


class UnitFigures(NamedTuple):
    """What the u units bring: (u, 2) capital and upkeep a year of tanks, ``leftover`` those for houses no sewer reaches.

    ``kept`` (u, 2) is what existing plants among the units cost, which they have in place of tanks.
    """

    tanks: Floats
    leftover: Floats
    flow_m3_per_d: Floats
    side: Ints
    kept: Floats

    def apart_yen_per_yr(self) -> Floats:
        """(u,) tanks, or for an existing plant keeping it."""
        return np.asarray(self.tanks.sum(axis=1) + self.kept.sum(axis=1), dtype=np.float64)


class Places(NamedTuple):
    """Places of delivery; e entries, k kinds. Costs (…, p) by part, those of kinds per m3 a day of the daily maximum.

    ``kind_host`` (k,) is the unit that an existing plant is, through which all that it treats must go: -1 for other kinds.
    """

    node: Ints
    kind: Ints
    entry: Floats
    kind_mode: tuple[str, ...]
    kind_price: Floats
    kind_most_m3_per_d: Floats
    kind_host: Ints


class Sewers(NamedTuple):
    """Sewers as they are priced now: along the arcs of the road graph (arcs, l), a metre of depth gained (l,), and those of
    every unit's own."""

    arc: Floats
    climb: Floats
    own: Itemised


def first_sewers(ground: Ground, own: Itemised, upkeeps: Upkeeps) -> Sewers:
    """Prices before anything joint is designed: links by formula, the units' own sewers from their networks alone.

    The formula does not see that depth gained here may be lost again there; its pumps are scaled to those that the networks
    alone have along the same ways.
    """
    arc, climb = formula_parts(ground, upkeeps), climb_parts(ground, upkeeps)
    pumps = climb > 0.0
    asked = float(arc[arcs_between(ground.graph, own.down, own.up)][:, pumps].sum())
    built = float(own.yen_per_yr[:, pumps].sum())
    scale = built / asked if asked > 0.0 else 1.0
    arc[:, pumps] *= scale
    return Sewers(arc, climb * scale, own)


def build(
    ground: Ground, loads: Loads, sewers: Sewers, units: UnitFigures, places: Places, max_link_m: float,
    before: Candidates | None = None,
) -> Candidates:  # fmt: skip
    """The problem of a study at the prices of these sewers; links longer than ``max_link_m`` are left out.

    ``before`` is the problem at other prices, for the same units and places: where the units' own sewers lie as they did, so do
    its nodes and arcs.
    """
    own = _lying(sewers.own)
    if before is not None and all(np.array_equal(one, other) for one, other in zip(own, before.layout.own, strict=True)):
        return _assembled(ground, before.layout, sewers, units, places)
    found, ports = _laid_out(ground, loads, sewers.own, places, max_link_m)
    return _assembled(ground, Layout(own, found, ports), sewers, units, places)


def _lying(own: Itemised) -> tuple[Ints, Ints, Ints]:
    """Where units' own sewers lie, whatever their order."""
    order = np.lexsort((own.down, own.up, own.unit))
    return own.unit[order], own.up[order], own.down[order]


def _laid_out(ground: Ground, loads: Loads, own: Itemised, places: Places, max_link_m: float) -> tuple[Chains, _Regions]:
    """The ways between units and places of delivery, and where units are left."""
    graph = ground.graph
    region = _regions(ground, loads, own)
    is_entry, is_served = np.zeros(len(graph), bool), np.zeros(len(graph), bool)
    is_entry[places.node] = True
    is_served[places.node[~places.entry.any(axis=1)]] = True
    wanted = is_entry.copy()
    wanted[region.node] = True
    # no place on a link is farther from both of its ends than half of the longest; looked up from where others lie beside
    is_inside = wanted.copy()
    is_inside[graph.row[~wanted[graph.neighbour]]] = False
    outward = np.where(wanted[graph.row] & wanted[graph.neighbour], np.inf, graph.length_m)
    far, _ = cost_to(graph, outward, np.flatnonzero(wanted & ~is_inside), max_link_m / 2.0)
    near = np.isfinite(far) | wanted
    usable = near[graph.row] & near[graph.neighbour]
    usable &= ~(is_served[graph.row] & is_served[graph.neighbour])  # within the served network nothing is laid
    usable = without_dead_ends(graph, usable, wanted)
    is_port = _is_port(graph.row[usable], len(graph), own, region) | is_entry[region.node] | (region.extra_m < 0.0)
    kept = is_entry.copy()
    kept[region.node[is_port]] = True
    usable = without_dead_ends(graph, usable, kept)
    found = chains(graph, usable, kept)
    return found, _ports(region, is_port)


def _regions(ground: Ground, loads: Loads, own: Itemised) -> _Regions:
    """Nodes of the units' own sewers, with the depth gained where the flow leaves there instead of where it does."""
    graph = ground.graph
    adverse = adverse_m(ground)
    arc = arcs_between(ground.graph, own.down, own.up)
    reverse = graph.reverse[arc]
    turned = np.maximum(0.0, adverse[reverse] - adverse[arc])
    is_own = own.unit >= 0
    same = is_own & (own.below >= 0) & (own.unit[own.below] == own.unit)
    extra = np.where(is_own, turned, 0.0)
    for row in from_roots(own.below):
        extra[row] += np.where(same[row], extra[own.below[row]], 0.0)
    at = np.flatnonzero(is_own)
    tops = at[~same[at]]
    at_load = np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))
    single = np.setdiff1d(np.unique(at_load), own.unit[at])  # all houses at one node: no sewer of their own
    alone = np.isin(at_load, single)
    unit = np.concatenate([own.unit[at], own.unit[tops], at_load[alone]])
    node = np.concatenate([own.up[at], own.down[tops], loads.node[alone]])
    climbed = np.concatenate([extra[at], np.full(len(tops) + int(alone.sum()), -1.0)])
    order = np.lexsort((climbed, unit * len(graph) + node))
    unit, node, climbed = unit[order], node[order], climbed[order]
    is_new = np.ones(len(unit), bool)
    is_new[1:] = (unit[1:] != unit[:-1]) | (node[1:] != node[:-1])
    return _Regions(unit[is_new], node[is_new], climbed[is_new])


def _is_port(row: Ints, nodes: int, own: Itemised, region: _Regions) -> Bools:
    """Nodes of a unit's sewers at which a usable road leaves them."""
    degree = np.bincount(row, minlength=nodes)
    at = own.unit >= 0
    ends = np.concatenate([own.unit[at] * nodes + own.up[at], own.unit[at] * nodes + own.down[at]])
    key = region.unit * nodes + region.node
    within = np.bincount(np.searchsorted(key, ends), minlength=len(key))
    return np.asarray(degree[region.node] > within)


def _ports(region: _Regions, is_port: Bools) -> _Regions:
    return _Regions(region.unit[is_port], region.node[is_port], np.maximum(region.extra_m[is_port], 0.0))


def _assembled(ground: Ground, layout: Layout, sewers: Sewers, units: UnitFigures, places: Places) -> Candidates:
    """Everything numbered and priced."""
    found, ports = layout.chains, layout.ports
    count, width = len(units.side), len(NAMES)
    used = np.unique(np.concatenate([found.tail, found.head, ports.node]))
    there = np.isin(places.node, used)
    places = places._replace(node=places.node[there], kind=places.kind[there], entry=places.entry[there])
    number = np.full(ground.nodes, -1, np.int64)
    number[used] = np.arange(len(used))
    unit_node = len(used) + np.arange(count)
    links = np.zeros((len(found.tail), width))
    links[:, : len(LAYING)] = found.sums(sewers.arc)
    links[:, -1] = found.sums(ground.avoid_yen_per_yr[ground.graph.edge][:, None])[:, 0]
    climb = np.zeros((len(ports.node), width))
    climb[:, : len(LAYING)] = ports.extra_m[:, None] * sewers.climb
    tail = np.concatenate([number[found.tail], number[ports.node], unit_node[ports.unit]])
    head = np.concatenate([number[found.head], unit_node[ports.unit], number[ports.node]])
    arc = np.concatenate([links, climb, np.zeros_like(climb)])
    arc_chain = np.concatenate([np.arange(len(found.tail)), np.full(2 * len(ports.node), -1)]).astype(np.int64)
    serving, tanks = np.zeros((count, width)), np.zeros((count, width))
    at = np.flatnonzero(sewers.own.unit >= 0)
    of = sewers.own.unit[at]
    for k, column in enumerate(sewers.own.yen_per_yr.T):
        serving[:, k] = np.bincount(of, column[at], minlength=count)
    serving[:, : len(LAYING)] += sewers.own.outlet_yen_per_yr
    serving[:, -1] = np.bincount(of, ground.avoid_yen_per_yr[sewers.own.edge[at]], minlength=count)
    johkasou = slice(NAMES.index("johkasou.capital"), NAMES.index("johkasou.upkeep") + 1)
    serving[:, johkasou], tanks[:, johkasou] = units.leftover, units.tanks
    plant = slice(NAMES.index("plant.capital"), NAMES.index("plant.upkeep") + 1)
    tanks[:, plant] = units.kept
    host = places.kind_host[places.kind]
    entry_node = np.where(host >= 0, unit_node[host] if count else -1, number[places.node])
    side = possible(len(used) + count, tail, head, unit_node, entry_node, units.side)
    parts = Parts(NAMES, arc, serving, tanks, places.entry, places.kind_price)
    problem = Prizes(
        max(len(used) + count, 1), tail, head, arc.sum(axis=1), unit_node, serving.sum(axis=1), tanks.sum(axis=1),
        units.flow_m3_per_d, side, entry_node, places.kind, places.entry.sum(axis=1),
        places.kind_price.sum(axis=1), places.kind_most_m3_per_d,
    )  # fmt: skip
    node = np.concatenate([used, np.full(count, -1)])
    node[entry_node] = places.node
    return Candidates(priced(problem, parts, np.ones(width)), parts, arc_chain, node, layout, places.kind_mode)


def priced(problem: Prizes, parts: Parts, factors: Floats) -> Prizes:
    """The problem with its costs from the parts times their factors; what is preferred is never worth more than it costs."""
    return problem._replace(
        cost_yen_per_yr=np.maximum(parts.arc @ factors, 0.0),
        serving_yen_per_yr=np.maximum(parts.serving @ factors, 0.0),
        tanks_yen_per_yr=parts.tanks @ factors,
        entry_yen_per_yr=np.maximum(parts.entry @ factors, 0.0),
        kind_yen_per_m3_per_d=np.maximum(parts.kind @ factors, 0.0),
    )
