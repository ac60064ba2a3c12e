"""Branches that change hands: what hangs on one network is taken off it, stands alone, or is put on one beside it.

The problem prices roads, so networks that only together are cheaper than others may never be wanted by it, and which of them
are met depends on the price. So every branch of the zonings at hand is tried elsewhere, and every unit with tanks on the
networks beside it. Most of that is laid without a search; of what is nearly worth it better networks are looked for. The
cheapest zoning of all that is known (``designs``) takes what pays, also at prices nearby.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.groups import Group
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.networks import Members, concat, load_places, price
from sewerzone.engineering.partition import values
from sewerzone.engineering.strips import trimmed
from sewerzone.pipeline.designs import Pool
from sewerzone.pipeline.settling import Studies
from sewerzone.pipeline.town import Field
from sewerzone.stages.zone import COLLECTIVE, priced_group

MOST_ROUNDS = 6
"""Times branches are tried at most: every round tries those of the zonings that the last one led to."""
DEARER = 0.5
"""Share by which a branch may cost more elsewhere than where it hangs: that may pay at prices nearby, or with others."""
LARGE = 1.0
"""Dwellings over those of a network up to which a branch is hung on it; with a larger one the whole is grown anew."""
SEARCHED = 0.01
"""Share of its cost that a group may be short of being worth it for a better network to be looked for."""


class Guest(NamedTuple):
    """What is tried elsewhere: units at the most they may cost there, and the number of the group they are in."""

    group: Group
    home: int


class Exchange:
    """Branches tried elsewhere, each once; ``pairs`` are units that lie beside one another, ``trial`` an empty pool."""

    def __init__(self, studies: Studies, pairs: tuple[Ints, Ints], field: Field, trial: Pool) -> None:
        self.studies, self.pairs, self.field, self.trial = studies, pairs, field, trial
        self.tried: set[tuple[str, bytes]] = set()
        self.searched: set[tuple[str, bytes]] = set()
        self.cut: dict[tuple[str, bytes, float], list[tuple[Ints, Group]]] = {}

    def seek(self, pool: Pool, prices: Sequence[Floats]) -> None:
        """Add to the pool what the cheapest zonings at some prices, factors (p,) on the parts of cost, take of all tried.

        Better networks are looked for at the first of the prices.
        """
        if not pool.groups:
            return
        self.trial.include(pool)
        for _ in range(MOST_ROUNDS):
            before = len(pool.groups)
            for factors in prices:
                self._try(self.trial.cheapest(factors))
            self._search(pool.groups, prices[0])
            for factors in prices:
                pool.add([g for g in self.trial.cheapest(factors) if not pool.knows(g.mode, g.units)])
            if len(pool.groups) == before:
                return
            self.trial.include(pool)

    def _try(self, groups: list[Group]) -> None:
        """Lay the groups without each of their branches, and these elsewhere; units with tanks too."""
        self._cut([group for group in groups if _network(group) not in self.cut])
        guests = []
        for n, group in enumerate(groups):
            for branch, rest in self.cut[_network(group)]:
                most = (1.0 + DEARER) * (group.yen_per_yr - rest.yen_per_yr)
                guests.append(Guest(Group(branch, "johkasou", most, None, rest.slope_weight, {}), n))
        for n, group in enumerate(groups):
            if group.trees is None and not self.studies.whole.decisions.is_johkasou[group.units].any():
                guests.append(Guest(Group(group.units, group.mode, (1.0 + DEARER) * group.yen_per_yr, None, 0, {}), n))
        self._place(groups, guests)

    def _cut(self, groups: list[Group]) -> None:
        """Keep every branch of the groups, and what is left of them without it, as it is laid."""
        cut = [(group, branch) for group in groups for branch in branches(self.field, group)]
        self.cut |= {_network(group): [] for group in groups}
        for (group, branch), rest in zip(cut, self._without(cut), strict=True):
            self.cut[_network(group)].append((branch, rest))
            if self.studies.whole.is_allowed(rest.mode, rest.units):
                self._note(rest)

    def _without(self, cut: list[tuple[Group, Ints]]) -> list[Group]:
        """Groups without one branch each, as they are laid."""
        if not cut:
            return []
        ground, loads = self.field.ground, self.field.loads
        trees = concat([group.trees for group, _ in cut if group.trees is not None])
        members = Members.of([np.setdiff1d(group.units, branch) for group, branch in cut])
        place, _ = load_places(trees, loads, members, ground.nodes)
        priced = price(ground, trimmed(trees, place), loads, members, np.array([group.slope_weight for group, _ in cut]))
        ends = members.offsets.tolist()
        return [
            priced_group(members.units[a:b], group.mode, priced, k, self.studies.whole.yearly)
            for k, ((group, _), a, b) in enumerate(zip(cut, ends[:-1], ends[1:], strict=True))
        ]

    def _place(self, groups: list[Group], guests: list[Guest]) -> None:
        """Guests by themselves, and with each network beside them: hung on it, or where they are the larger grown with it."""
        size, every = self.studies.whole.yearly.dwellings, dict(enumerate([*groups, *(guest.group for guest in guests)]))
        owner = np.full(len(size), -1, np.int64)
        for n, group in enumerate(groups):
            owner[group.units] = n
        pairs, large, alone = list[tuple[int, int]](), list[tuple[str, Ints]](), list[tuple[str, Ints]]()
        for at, guest in enumerate(guests, start=len(groups)):
            units = guest.group.units
            for n in self._beside(units, owner):
                host, both = groups[n], np.union1d(units, groups[n].units)
                if n == guest.home or host.trees is None or not self._is_new(host.mode, both):
                    continue
                if size[units].sum() <= LARGE * size[host.units].sum():
                    pairs.append((n, at))
                else:
                    large.append((host.mode, both))
            if len(units) > 1:
                alone += [(mode, units) for mode in COLLECTIVE if self._is_new(mode, units)]
        hung = self.studies.whole.try_joins(every, pairs).values()
        grown = [*self.studies.whole.grown(large, is_quick=True), *self.studies.draft.grown(alone, is_quick=True)]
        for found in [*(trial[1] for trial in hung if trial is not None), *grown]:
            if found is not None:
                self._note(found)

    def _beside(self, units: Ints, owner: Ints) -> list[int]:
        """Numbers of the groups that own a unit beside these."""
        one, other = self.pairs
        near = np.unique(np.concatenate([owner[other[np.isin(one, units)]], owner[one[np.isin(other, units)]]]))
        return [int(n) for n in near[near >= 0]]

    def _search(self, designed: list[Group], factors: Floats) -> None:
        """Look once for better networks for the groups that a little less cost would make worth it."""
        groups, yen = self.trial.groups, self.trial.parts @ factors
        worth = values([g.units for g in groups], yen, len(self.studies.whole.yearly.dwellings))
        some = []
        for group, cost in zip(groups, yen.tolist(), strict=True):
            key = group.mode, group.units.tobytes()
            if group.trees is not None and cost * (1.0 - SEARCHED) <= worth[group.units].sum() and key not in self.searched:
                self.searched.add(key)
                some.append(group)
        whole = self.studies.whole
        near = whole.alike([(g.mode, g.units) for g in some], designed)
        for group in [g for g in near if g is not None]:
            self.trial.add([group])
        for group in whole.polish([g for g, alike in zip(some, near, strict=True) if alike is None], is_quick=True):
            self.trial.add([group])

    def _is_new(self, mode: str, units: Ints) -> bool:
        """Whether such a group was not tried before; it counts as tried from now on."""
        key = mode, units.tobytes()
        is_new = key not in self.tried and not self.trial.knows(mode, units)
        self.tried.add(key)
        return is_new

    def _note(self, group: Group) -> None:
        if not self.trial.knows(group.mode, group.units):
            self.trial.add([group])


def _network(group: Group) -> tuple[str, bytes, float]:
    """What tells a group's network from others: one that is replaced by a better one costs less."""
    return group.mode, group.units.tobytes(), group.yen_per_yr


def branches(field: Field, group: Group) -> list[Ints]:
    """Sets of units that lie wholly behind one place of a group's network, some but not all of its units."""
    if group.trees is None or len(group.units) < 2:
        return []
    loads, trees = field.loads, group.trees
    place, at = load_places(trees, loads, Members.of([group.units]), field.ground.nodes)
    unit = np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))[at]
    number = np.searchsorted(group.units, unit)
    behind = np.zeros((len(trees.node), len(group.units)), np.int64)
    np.add.at(behind, (place, number), 1)
    every = np.bincount(number, minlength=len(group.units))
    for row in reversed(from_roots(trees.parent)):
        np.add.at(behind, trees.parent[row], behind[row])
    whole = np.unique((behind == every) & (every > 0), axis=0)
    size = whole.sum(axis=1)
    return [group.units[row] for row in whole[(size > 0) & (size < len(group.units))]]
