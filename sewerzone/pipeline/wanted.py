"""What a decision of the zoning problem would build: the units that drain to one place, and the roads they drain along."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Ints
from sewerzone.engineering.networks import segments
from sewerzone.engineering.paths import arcs_between
from sewerzone.engineering.prizes import Zoned
from sewerzone.engineering.pruning import root_of
from sewerzone.pipeline.candidates import Instance
from sewerzone.pipeline.town import Field


class Wanted(NamedTuple):
    """Units that drain to one place along ``ways``, arcs of the road graph in either direction.

    ``is_limited``: the place takes so much and no more; ``site``: node of a plant that may stand elsewhere, or -1; ``roots``:
    the place, and others of its kind that own sewers of the units lead to, nodes of the road graph.
    """

    mode: str
    units: Ints
    is_limited: bool
    site: int
    roots: Ints
    ways: Ints

    def key(self) -> bytes:
        """What tells decisions apart."""
        return self.mode.encode() + self.units.tobytes() + self.ways.tobytes() + self.roots.tobytes()


def wanted_by(instance: Instance, decided: Zoned, field: Field) -> list[Wanted]:
    """The decision as groups: all that drains to one place, by smallest unit."""
    found, own, problem = instance.candidates, instance.sewers.own, instance.candidates.problem
    graph, loads = field.ground.graph, field.loads
    served = np.flatnonzero(decided.entry >= 0)
    kind, node = problem.entry_kind[decided.entry[served]], problem.entry_node[decided.entry[served]]
    modes, is_limited = np.array(found.kind_mode, dtype=object), np.isfinite(problem.kind_most_m3_per_d)[kind]
    layer, head = decided.arc_kind * problem.nodes, problem.head[decided.arcs]
    above = np.full(len(modes) * problem.nodes, -1, np.int64)
    above[layer + head] = layer + problem.tail[decided.arcs]
    root = root_of(above)[layer + head] % problem.nodes
    chain = found.arc_chain[decided.arcs]
    names = sorted(set(modes))
    number = np.array([names.index(mode) for mode in modes], dtype=np.int64)
    place, drained = number[kind] * problem.nodes + node, number[decided.arc_kind] * problem.nodes + root
    by_place, by_drained = np.argsort(place, kind="stable"), np.flatnonzero(chain >= 0)
    by_drained = by_drained[np.argsort(drained[by_drained], kind="stable")]
    place, drained = place[by_place], drained[by_drained]
    link, chain_of = _those(found.chains.of_arc, chain)
    sewer, unit_of = _those(own.unit, served)
    own_arc = arcs_between(graph, own.down[sewer], own.up[sewer])
    places = instance.places
    is_target = np.zeros(len(graph), bool)
    is_target[places.node[((modes == "connect") & np.isinf(problem.kind_most_m3_per_d))[places.kind]]] = True
    out = []
    for key in np.unique(place):
        mode, n = names[key // problem.nodes], key % problem.nodes
        at = by_place[_of(place, np.array([key]))]
        links = chain[by_drained[_of(drained, np.array([key]))]]
        ways = np.concatenate([link[_of(chain_of, links)], own_arc[_of(unit_of, served[at])]])
        ways = np.unique(np.minimum(ways, graph.reverse[ways]))
        houses = loads.node[segments(loads.offsets[served[at]], loads.offsets[served[at] + 1])]
        roots = found.node[[n]]
        if is_target[roots[0]]:
            passed = np.concatenate([graph.row[ways], graph.neighbour[ways], houses])
            roots = np.union1d(roots, passed[is_target[passed]])
        site = int(found.node[n]) if mode == "own_plant" and field.plant_exits is None else -1
        out.append(Wanted(mode, served[at], bool(is_limited[at].any()), site, roots, ways))
    return sorted(out, key=lambda item: int(item.units[0]))


def _those(labels: Ints, asked: Ints) -> tuple[Ints, Ints]:
    """Where labels are among those asked for, by label, and these labels; labels may be -1, for none."""
    is_asked = np.zeros(max(int(labels.max(initial=-1)), int(asked.max(initial=-1))) + 2, dtype=np.bool_)
    is_asked[asked] = True
    is_asked[-1] = False
    at = np.flatnonzero(is_asked[labels])
    at = at[np.argsort(labels[at], kind="stable")]
    return at, labels[at]


def _of(labels: Ints, wanted: Ints) -> Ints:
    """Where sorted labels are those wanted."""
    return segments(np.searchsorted(labels, wanted), np.searchsorted(labels, wanted, side="right"))
