"""How near networks are to the best there could be: lower bounds of their length and of their laying cost.

Both hold for every network that joins the same houses to the same outlets along the roads (see ``bounds``). A network longer
than the shortest is so because the shortest would cost more to lay; how far its cost may lie above that of the best design
is what the second bound tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sewerzone.engineering.bounds import certify
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.laying_bound import least_arc_costs
from sewerzone.engineering.networks import Ground, Loads, Priced, no_exit, terminals, tree_of
from sewerzone.engineering.paths import cost_within
from sewerzone.engineering.pump_bound import least_pumps
from sewerzone.engineering.steiner import grow_trees

# Networks of more arcs than this, after all reductions, are bounded by dual ascent alone: of a thousand houses it leaves less
# than a thousandth, and the exact method takes seconds where the design itself takes less than one.
_MOST_ARCS = 1_000
# Costs whose ratio varies by no more than this, by rounding, are proportional.
_SAME_FACTOR = 1e-12

PROVEN = (
    "laying_yen_per_yr", "least_sewer_m", "least_laying_yen_per_yr", "least_pumps", "length_gap_share", "laying_gap_share"
)  # fmt: skip
"""Names of ``Proof.columns`` beside the length."""


@dataclass(frozen=True, eq=False)
class Proof:
    """What t networks measure, and lower bounds over all networks of the same houses and outlets.

    Attributes
    ----------
    sewer_m, laying_yen_per_yr : (t,) length and yearly cost of laying of the networks found
    least_sewer_m, least_laying_yen_per_yr : (t,) their bounds, never above them
    least_pumps : (t,) pumps none of the networks can do without
    """

    sewer_m: Floats
    laying_yen_per_yr: Floats
    least_sewer_m: Floats
    least_laying_yen_per_yr: Floats
    least_pumps: Ints

    def columns(self) -> dict[str, Floats]:
        """All of it by name, with the shares by which the networks found lie above their bounds (0 where the bound is 0)."""
        return {
            **vars(self),
            "length_gap_share": _above(self.sewer_m, self.least_sewer_m),
            "laying_gap_share": _above(self.laying_yen_per_yr, self.least_laying_yen_per_yr),
        }


@dataclass(frozen=True, eq=False)
class Ends:
    """Where networks may end: at ``roots`` of their own (offsets, nodes), or at any of ``targets`` from nodes ``near`` them."""

    roots: tuple[Ints, Ints]
    targets: Ints
    near: Bools

    @classmethod
    def of_own(cls, found: Priced, nodes: int) -> Ends:
        """The outlets the networks found have, no others; ``nodes`` is the number of nodes of the graph."""
        at = np.flatnonzero(found.trees.parent < 0)
        offsets = np.searchsorted(at, found.trees.offsets).astype(np.int64)
        return cls((offsets, found.trees.node[at]), np.empty(0, np.int64), np.zeros(nodes, bool))

    @classmethod
    def anywhere(cls, networks: int, targets: Ints, near: Bools) -> Ends:
        """Any of the targets, for all networks, along nodes near them."""
        return cls((np.zeros(networks + 1, np.int64), np.empty(0, np.int64)), targets, near)


def prove(ground: Ground, loads: Loads, found: Priced, ends: Ends) -> Proof:
    """Bounds for the networks ``found``; houses they do not reach are left out."""
    groups = _joined(found, *terminals(loads, found.members), ground.nodes)

    def bound(cost: Floats) -> Floats:
        ways = cost_within(ground.graph, cost, ends.targets, ends.near) if len(ends.targets) else no_exit(ground)
        given = *groups, *ends.roots, *ways
        return certify(ground.graph, cost, grow_trees(ground.graph, cost, *given), *given, most_arcs=_MOST_ARCS).lower

    metres, yen, pump_yen = found.sewer_m, found.yen_per_yr, ground.prices.pump_yen_per_yr
    pumps = least_pumps(ground, loads, found.members, groups, ends.roots, ends.targets)
    costs = ground.graph.length_m, least_arc_costs(ground), least_arc_costs(ground, with_mains=False)  # no pumps, no mains
    least_m, any_way, without = _bounds(costs, bound)
    least_yen = np.where(pumps > 0, any_way + pump_yen * pumps, np.minimum(without, any_way + pump_yen))
    return Proof(metres, yen, np.minimum(least_m, metres), np.minimum(least_yen, yen), pumps)


def _bounds(costs: Sequence[Floats], bound: Callable[[Floats], Floats]) -> list[Floats]:
    """The bounds for some arc costs; those that are others times a factor, as where every road has one price, are so too."""
    out: list[Floats] = []
    for k, cost in enumerate(costs):
        factors = [_factor(cost, other) for other in costs[:k]]
        same = next((j for j, factor in enumerate(factors) if factor > 0.0), None)
        out.append(bound(cost) if same is None else out[same] * factors[same])
    return out


def _factor(cost: Floats, other: Floats) -> float:
    """What ``other`` must be multiplied by to give ``cost``, never more, on every arc; 0 if they are not proportional."""
    is_free = other <= 0.0
    if is_free.all() or (cost[is_free] > 0.0).any():
        return 0.0
    ratio = cost[~is_free] / other[~is_free]
    least = float(ratio.min())
    return least if float(ratio.max()) <= least * (1.0 + _SAME_FACTOR) else 0.0


def _joined(found: Priced, offsets: Ints, node: Ints, nodes: int) -> tuple[Ints, Ints]:
    """The terminals that the networks join, as offsets and nodes."""
    network = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    wanted, there = network * nodes + node, np.sort(tree_of(found.trees) * nodes + found.trees.node)
    is_joined = np.searchsorted(there, wanted, side="right") > np.searchsorted(there, wanted)
    counts = np.bincount(network[is_joined], minlength=len(offsets) - 1)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), node[is_joined]


def _above(value: Floats, least: Floats) -> Floats:
    return np.divide(value, least, out=np.ones_like(value), where=least > 0.0) - 1.0
