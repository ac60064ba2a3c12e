"""Networks of many units made from those of nearly the same units.

Branches of what leaves are cut off, units that come are hung on, and the local search looks near these changes alone. A
network of thousands of houses that gains or loses a unit costs little that way; anew it would cost all of the search again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.groups import Group
from sewerzone.engineering.hanging import hung, joined, unite
from sewerzone.engineering.manholes import courses
from sewerzone.engineering.networks import (
    Ground,
    Loads,
    Members,
    Priced,
    forest,
    load_places,
    price,
)
from sewerzone.engineering.search import Outlets, descended, refine
from sewerzone.engineering.strips import leading, part_of
from sewerzone.engineering.trees import Trees

LEAST_PLACES = 200
"""Places where sewage enters that a group must have to be made from another."""
MANY_PLACES = 2_000
"""Places from which on a group stays as it was made that way: its network is not searched as a whole in the end."""
MOST_CHANGED = 0.2
"""Share of them by which the two may differ."""
_NO_BEND, _DIGITS = 180.0, 9


class Growers(NamedTuple):
    """How whole groups are routed anew: to the served network, and to a plant of their own.

    Called with the units of each group, and whether a quick search is enough; for plants with a site (t,) that each group
    may also take, -1: none.
    """

    connect: Callable[[Members, bool], Priced]
    own_plant: Callable[[Members, bool, Ints], Priced]
    host: Callable[[str, Members, bool], Priced]
    """To the existing plant of a mode."""
    alike: Callable[[str, Group, Ints], Priced]
    """By a mode from a group that has it, to where that leads or may lead."""

    def grown(self, mode: str, members: Members, is_quick: bool, site: Ints | None = None) -> Priced:
        """The networks of some groups by mode."""
        if mode == "connect":
            return self.connect(members, is_quick)
        if mode != "own_plant":
            return self.host(mode, members, is_quick)
        return self.own_plant(members, is_quick, np.full(len(members.offsets) - 1, -1) if site is None else site)


def is_large(loads: Loads, units: Ints) -> bool:
    """Whether the network of a group is too large to be searched as a whole again and again."""
    return places_of(loads, units) >= MANY_PLACES


def places_of(loads: Loads, units: Ints) -> int:
    """Places where sewage of a group enters."""
    return int((loads.offsets[units + 1] - loads.offsets[units]).sum())


def nearest(loads: Loads, units: Ints, known: Iterable[Group]) -> Group | None:
    """Of the groups with a network that from which a group of these units differs least; None where none is near enough."""
    places = np.diff(loads.offsets)
    best, least = None, MOST_CHANGED * float(places[units].sum())
    if places_of(loads, units) < LEAST_PLACES:
        return None
    for group in known:
        changed = int(places[np.setxor1d(group.units, units, assume_unique=True)].sum())
        if group.trees is not None and changed < least:
            best, least = group, changed
    return best


def adapted(ground: Ground, loads: Loads, known: Group, units: Ints, outlets: Outlets | None) -> Priced:
    """The network of these units from that of a group ``known``; see ``refine`` for ``outlets``, None: only where it ends."""
    before, one, weight = known.trees, np.zeros(1, np.int64), np.array([known.slope_weight])
    assert before is not None
    stay, come = Members.of([np.intersect1d(known.units, units)]), Members.of([np.setdiff1d(units, known.units)])
    left = part_of(before, leading(before, load_places(before, loads, stay, ground.nodes)[0]))
    more = hung(ground, loads, [left], one, come, weight, False)
    members = unite(stay, come)
    start = price(ground, joined([left], one, more.trees, ground.nodes), loads, members, weight)
    was = Members.of([known.units])
    is_changed = _flows(ground, start.trees, loads, members, start.trees) != _flows(ground, before, loads, was, start.trees)
    ends = start.trees.node[start.trees.parent < 0]
    nowhere = np.empty(0, np.int64), np.zeros(ground.nodes, bool)
    outlets = Outlets((np.array([0, len(ends)]), ends), *nowhere) if outlets is None else outlets
    return descended(ground, loads, start, outlets, one, is_changed)


def shrunk(ground: Ground, before: Loads, loads: Loads, known: Priced, outlets: Outlets, rounds: int) -> Priced:
    """Networks of the same units with some of their loads gone: the branches to these cut off, and searched near there.

    No network may have lost all of its loads; ``rounds`` as in ``refine``.
    """
    is_left = leading(known.trees, load_places(known.trees, loads, known.members, ground.nodes)[0])
    trees = part_of(known.trees, is_left)
    found = price(ground, trees, loads, known.members, known.slope_weight)
    was = _flow(ground, known.trees, before, known.members)[is_left]
    is_changed = _flow(ground, trees, loads, known.members) != was
    return refine(ground, loads, found, outlets, rounds, is_changed)


def _flow(ground: Ground, trees: Trees, loads: Loads, members: Members) -> Floats:
    """What passes every entry of the trees, rounded."""
    return np.round(courses(forest(ground, trees, loads, members), _NO_BEND).flow_l_per_s, _DIGITS)


def _flows(ground: Ground, trees: Trees, loads: Loads, members: Members, asked: Trees) -> Floats:
    """What passes the entries of the trees ``asked`` in these, -1 where they do not lead."""
    at = np.full(ground.nodes, -1.0)
    at[trees.node] = _flow(ground, trees, loads, members)
    return at[asked.node]
