"""Sites for own plants beside those among the houses: where roads come near a river, the receiving water."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sewerzone.engineering.forest import Bools, Ints
from sewerzone.engineering.networks import Ground, Loads, Members, segments
from sewerzone.engineering.paths import components, nearest_label


class Rivers(NamedTuple):
    """Sites near rivers: ``node`` of each, ascending, and per slope weight the site (n,) that a node's sewage gets to most
    easily, -1: none."""

    node: Ints
    nearest: tuple[Ints, ...]


NO_RIVERS = Rivers(np.empty(0, np.int64), ())


def at_rivers(ground: Ground, loads: Loads, is_near: Bools, may_own: Bools, max_link_m: float) -> Rivers:
    """Few of the nodes near rivers: per neighbourhood of a unit the lowest, and the lowest of the nearest stretch.

    Every site makes the problem larger. A neighbourhood is what lies nearer to a unit, along roads, than to the others; a
    stretch is what hangs together there near a river.

    Parameters
    ----------
    is_near : (n,) nodes near rivers
    may_own : (u,) units that may have a plant of their own; others have no neighbourhood
    max_link_m : farther from all units nothing is a site
    """
    graph = ground.graph
    unit = np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))
    own = may_own[unit]
    label = np.full(len(graph), -1, np.int64)
    label[loads.node[own][::-1]] = unit[own][::-1]  # of units at one node the smallest stands for all
    metres, host = nearest_label(graph, graph.length_m, label, max_link_m)
    host = np.where(is_near, host, -1)
    stretch = components(graph, (host[graph.row] >= 0) & (host[graph.row] == host[graph.neighbour]))
    node = np.flatnonzero(host >= 0)
    nearest = np.full(int(stretch.max(initial=-1)) + 1, np.inf)
    np.minimum.at(nearest, stretch[node], metres[node])
    height = ground.ground_elev_m[node]
    lowest = np.lexsort((node, height, host[node]))
    close = np.lexsort((node, height, stretch[node], nearest[stretch[node]], host[node]))
    found = np.unique(np.concatenate([_firsts(node[order], host[node[order]]) for order in (lowest, close)]))
    if not len(found):
        return NO_RIVERS
    place = np.full(len(graph), -1, np.int64)
    place[found] = found
    return Rivers(found, tuple(nearest_label(graph, cost, place, np.inf)[1] for cost in ground.arc_costs))


def of_groups(rivers: Rivers, loads: Loads, members: Members) -> NDArray[np.int64]:
    """(t, k) sites near rivers for each group: by every slope weight that to which most of its sewage gets most easily.

    -1 where there is none.
    """
    count = len(members.offsets) - 1
    out = np.full((count, len(rivers.nearest)), -1, np.int64)
    first, last = loads.offsets[members.units], loads.offsets[members.units + 1]
    at = segments(first, last)
    of = np.repeat(np.repeat(np.arange(count), np.diff(members.offsets)), last - first)
    for k, nearest in enumerate(rivers.nearest):
        site = nearest[loads.node[at]]
        there = site >= 0
        votes, back = np.unique(np.stack([of[there], site[there]]), axis=1, return_inverse=True)
        flow = np.bincount(back.ravel(), loads.flow_l_per_s[at[there]], minlength=votes.shape[1])
        order = np.lexsort((-votes[1], np.round(flow, 9), votes[0]))  # the last written stays: most sewage, the smallest node
        out[votes[0, order], k] = votes[1, order]
    return out


def _firsts(node: Ints, host: Ints) -> Ints:
    """The first node of every run of equal hosts."""
    is_first = np.ones(len(node), bool)
    is_first[1:] = host[1:] != host[:-1]
    return node[is_first]
