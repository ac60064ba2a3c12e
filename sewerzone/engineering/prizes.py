"""The zoning as one problem: which units are worth a sewer, along which ways, to which place of delivery.

Every unit either keeps its tanks, at a known price, or is served; then its own sewers are paid, a way along the graph to a place
of delivery, and treatment there by its flow. The least yearly cost of all that together is a prize-collecting Steiner
arborescence (Ljubic et al. 2006, Math. Program. 105): the prize of a unit is what its tanks would cost.

Places of delivery (inlets of a served network, plants) belong to kinds; one kind has one price of flow and one limit of flow. A
concave cost of treatment is the least of several straight lines: each line is a kind of its own, with its fixed price at the
entries, and as every network takes the line that is cheapest for it, nothing needs to be said about which part of the curve it is
on. Networks of different kinds are laid beside one another; they share no sewer.
"""

from __future__ import annotations

from typing import NamedTuple

from sewerzone.engineering.forest import Bools, Floats, Ints

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
