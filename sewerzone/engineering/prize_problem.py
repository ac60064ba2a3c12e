"""The zoning as one problem: which units are worth a sewer, along which ways, to which place of delivery.

Every unit either keeps its tanks, at a known price, or is served; then its own sewers are paid, a way along the graph to a
place of delivery, and treatment there by its flow. The least yearly cost of all that together is a prize-collecting Steiner
arborescence (Ljubic et al. 2006, Math. Program. 105): the prize of a unit is what its tanks would cost.

Places of delivery (inlets of a served network, plants) belong to kinds; one kind has one price of flow and one limit of
flow, which all its places share. A concave cost of treatment is the least of several straight lines: each line is a kind of
its own, with its fixed price at the entries, and as every network takes the line that is cheapest for it, nothing needs to
be said about which part of the curve it is on. Networks of different kinds are laid beside one another; they share no sewer,
and a unit lies on one of them at most.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.errors import NetworkError, first_ids, problem

SERVED, FREE, TANKS = 1, 0, -1
"""Sides: a unit that must be served, one that cost decides, one that must keep its tanks."""


class Prizes(NamedTuple):
    """A zoning to be decided; n nodes, m arcs, u units, e entries, k kinds of delivery.

    Attributes
    ----------
    nodes : n
    tail, head : (m,) ends of every arc; as networks grow outward from their entries, sewage flows from head to tail
    cost_yen_per_yr : (m,) laying a sewer along the arc, not negative; may differ by direction
    unit_node : (u,) a node of the unit's own that nothing but the unit lies at; networks may pass through it, and serve the
        unit thereby
    serving_yen_per_yr : (u,) what serving the unit costs beside ways and treatment, not negative: its own sewers, tanks for
        houses no sewer reaches
    tanks_yen_per_yr : (u,) what it costs not to serve it
    flow_m3_per_d : (u,)
    side : (u,) ``SERVED``, ``FREE`` or ``TANKS``
    entry_node, entry_kind, entry_yen_per_yr : (e,) places of delivery with what using them costs whatever the flow
    kind_yen_per_m3_per_d, kind_most_m3_per_d : (k,) price of flow a year, and the most a kind takes in all, infinite if any
    """

    nodes: int
    tail: Ints
    head: Ints
    cost_yen_per_yr: Floats
    unit_node: Ints
    serving_yen_per_yr: Floats
    tanks_yen_per_yr: Floats
    flow_m3_per_d: Floats
    side: Ints
    entry_node: Ints
    entry_kind: Ints
    entry_yen_per_yr: Floats
    kind_yen_per_m3_per_d: Floats
    kind_most_m3_per_d: Floats


class Zoned(NamedTuple):
    """A decision, and how near the best it is.

    Attributes
    ----------
    yen_per_yr : the whole yearly cost of the decision at the problem's prices, tanks included
    least_yen_per_yr : no decision costs less
    is_proven : none does, to 1e-6 of it
    entry : (u,) place of delivery each unit drains to, -1 for tanks
    arcs, arc_kind : (a,) the arcs used and the kind of delivery they lead to, sorted by kind, then arc
    """

    yen_per_yr: float
    least_yen_per_yr: float
    is_proven: bool
    entry: Ints
    arcs: Ints
    arc_kind: Ints

    @property
    def is_served(self) -> Bools:
        """(u,) whether a unit is served."""
        return self.entry >= 0


def check(given: Prizes) -> None:
    """Refuse a zoning whose arrays do not fit together or hold what they may not.

    Raises
    ------
    NetworkError
        naming the array and the first rows that are wrong
    """
    arcs, units = len(given.tail), len(given.unit_node)
    entries, kinds = len(given.entry_node), len(given.kind_yen_per_m3_per_d)
    for names, count in (
        (("tail", "head", "cost_yen_per_yr"), arcs),
        (("unit_node", "serving_yen_per_yr", "tanks_yen_per_yr", "flow_m3_per_d", "side"), units),
        (("entry_node", "entry_kind", "entry_yen_per_yr"), entries),
        (("kind_yen_per_m3_per_d", "kind_most_m3_per_d"), kinds),
    ):
        for name in names:
            if getattr(given, name).shape != (count,):
                raise _refused(f"{name} has shape {getattr(given, name).shape}, its companions have ({count},)")
    for name, most in (
        ("tail", given.nodes), ("head", given.nodes), ("unit_node", given.nodes), ("entry_node", given.nodes),
        ("entry_kind", kinds),
    ):  # fmt: skip
        values = getattr(given, name)
        _none_of((values < 0) | (values >= most), f"{name} outside 0 … {most - 1}")
    for name in ("cost_yen_per_yr", "serving_yen_per_yr", "flow_m3_per_d", "entry_yen_per_yr", "kind_yen_per_m3_per_d"):
        values = getattr(given, name)
        _none_of(~(np.isfinite(values) & (values >= 0.0)), f"{name} negative, infinite or unknown")
    _none_of(~np.isfinite(given.tanks_yen_per_yr), "tanks_yen_per_yr infinite or unknown")
    _none_of(~(given.kind_most_m3_per_d >= 0.0), "kind_most_m3_per_d negative or unknown")
    _none_of(~np.isin(given.side, (SERVED, FREE, TANKS)), f"side other than {SERVED}, {FREE} or {TANKS}")
    _none_of(np.bincount(given.unit_node, minlength=given.nodes)[given.unit_node] > 1, "unit_node of two units")


def cost_of(given: Prizes, zoned: Zoned) -> float:
    """What a decision costs a year, added up from its parts.

    Raises
    ------
    NetworkError
        arcs that do not hang together, units served that no arc leads to or the other way round, a side or a limit of
        flow that is not kept
    """
    served = np.flatnonzero(zoned.entry >= 0)
    entry = zoned.entry[served]
    used = np.unique(entry)
    _none_of((zoned.entry >= 0) != (given.side == SERVED), "units not on the side asked for", given.side != FREE)
    n = given.nodes
    root = given.entry_kind[used] * n + given.entry_node[used]
    tail, head = zoned.arc_kind * n + given.tail[zoned.arcs], zoned.arc_kind * n + given.head[zoned.arcs]
    place = np.concatenate([root, head])
    order = np.argsort(place, kind="stable")
    _none_of(np.diff(place[order]) == 0, "nodes entered twice")
    at = np.searchsorted(place[order], tail)
    is_loose = at >= len(place)
    is_loose[~is_loose] = place[order][at[~is_loose]] != tail[~is_loose]
    _none_of(is_loose, "arcs that no arc and no place of delivery leads to")
    above = np.concatenate([np.full(len(used), -1, dtype=np.int64), order[at]])
    leads_to = roots_of(above)
    unit_at = np.full(n, -1, dtype=np.int64)
    unit_at[given.unit_node] = np.arange(len(given.unit_node))
    unit = unit_at[place % n]
    passed = unit >= 0
    _none_of(leads_to[passed] >= len(used), "arcs that lead round in a circle")
    _none_of(used[leads_to[passed]] != zoned.entry[unit[passed]], "units that drain elsewhere than their arcs lead")
    if len(np.unique(unit[passed])) != len(served) or passed.sum() != len(served):
        raise _refused("units are served that no arc leads to, or passed twice")
    flow = np.bincount(given.entry_kind[entry], given.flow_m3_per_d[served], len(given.kind_most_m3_per_d))
    _none_of(flow > given.kind_most_m3_per_d * (1.0 + 1e-9), "kinds with more flow than they take")
    return float(
        given.cost_yen_per_yr[zoned.arcs].sum()
        + given.entry_yen_per_yr[used].sum()
        + given.serving_yen_per_yr[served].sum()
        + given.kind_yen_per_m3_per_d @ flow
        + given.tanks_yen_per_yr[zoned.entry < 0].sum()
    )


def roots_of(above: Ints) -> Ints:
    """The root of every entry of a forest; entries on circles are their own or one another's."""
    root = np.where(above >= 0, above, np.arange(len(above)))
    for _ in range(int(np.ceil(np.log2(max(2, len(above))))) + 1):
        root = root[root]
    return root


def _none_of(is_wrong: Bools, what: str, among: Bools | None = None) -> None:
    """Refuse if any row is wrong."""
    rows = np.flatnonzero(is_wrong if among is None else is_wrong & among)
    if len(rows):
        raise _refused(f"{what}: rows {first_ids(rows.tolist())}")


def _refused(what: str) -> NetworkError:
    return NetworkError(problem(f"Zoning: {what}", "no least cost follows from such figures", "mend the tables they come from"))
