"""Zoning by the official procedure: every unit alone, then the connection study to its fixed point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.adapting import LEAST_PLACES, MOST_CHANGED, Growers, is_large, nearest, places_of
from sewerzone.engineering.along import grown_along
from sewerzone.engineering.avoidable import avoidable_yen_per_yr
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.groups import Group, Hosts, Join, Zoning
from sewerzone.engineering.joining import Tried, best_joins, group_pairs, matching
from sewerzone.engineering.networks import (
    Alone,
    Ground,
    Loads,
    Members,
    Priced,
    avoidance_yen_per_yr,
    concat,
    load_places,
    price,
    take,
    terminals,
    tree_of,
)
from sewerzone.engineering.strips import trimmed
from sewerzone.engineering.trials import Case, tried

COLLECTIVE = ("connect", "own_plant")
Known = dict[tuple[Group, Group], Tried]
LEAST_SAVING_YEN = 1.0
"""A join that saves less than this a year is no join."""


class Yearly(NamedTuple):
    """Yearly costs (yen) the search compares; u units.

    ``treatment(mode, mean m3/d, maximum m3/d)`` prices treatment of whole groups; ``johkasou`` (u,) is a tank for
    every house; ``leftover`` (u,) tanks for the houses of a unit that no sewer can reach.
    """

    treatment: Callable[[str, Floats, Floats], Floats]
    johkasou: Floats
    leftover: Floats
    flow_mean_m3_per_d: Floats
    flow_max_m3_per_d: Floats
    dwellings: Floats

    def treatment_saved(self, group: Group) -> Floats:
        """What treatment of a group would cost less without each of its units."""
        mean, most = self.flow_mean_m3_per_d[group.units], self.flow_max_m3_per_d[group.units]
        whole = self.treatment(group.mode, np.array([mean.sum()]), np.array([most.sum()]))
        return np.asarray(whole - self.treatment(group.mode, mean.sum() - mean, most.sum() - most), dtype=np.float64)


class Decisions(NamedTuple):
    """(u,) sewer, or johkasou, whatever it costs: by the planner; a sewer also where absorbed round a served area."""

    is_sewer: Bools
    is_johkasou: Bools


def all_sewer(alone: Alone, component: Ints, growers: Growers, yearly: Yearly) -> Zoning:
    """Reference plan: a sewer for every unit that can have one, each connected part of the roads as one network.

    ``component`` (u,) is the part of the road graph a unit drains along, -1 without any.
    """
    groups = []
    can = alone.can_connect | alone.can_own_plant
    for part in np.unique(component[can]):
        units = np.flatnonzero(can & (component == part))
        mode = "connect" if alone.can_connect[units].any() else "own_plant"
        grown = growers.grown(mode, Members.of([units]), False)
        groups.append(priced_group(units, mode, grown, 0, yearly))
    groups += [_tanks(int(u), yearly) for u in np.flatnonzero(~can)]
    return Zoning(sorted(groups, key=lambda g: int(g.units[0])), [], 0, np.full(len(component), -np.inf))


def all_johkasou(yearly: Yearly) -> Zoning:
    """Reference plan: a tank for every house."""
    units = len(yearly.johkasou)
    return Zoning([_tanks(u, yearly) for u in range(units)], [], 0, np.full(units, -np.inf))


@dataclass(frozen=True, eq=False)
class Study:
    """The data of one connection study, and its steps.

    ``is_brief``: joins to large networks are laid only where what joins, by itself, might pay, and searched only near there.
    """

    ground: Ground
    loads: Loads
    growers: Growers
    yearly: Yearly
    decisions: Decisions
    min_plant_dwellings: int
    hosts: Hosts | None = None
    is_brief: bool = False

    @property
    def modes(self) -> tuple[str, ...]:
        """Where groups may drain to: the served network, a plant of their own, existing plants."""
        return COLLECTIVE if self.hosts is None else (*COLLECTIVE, *self.hosts.unit)

    def start(self, alone: Alone) -> Iterable[Group]:
        """Every unit alone with its cheapest allowed option."""
        at = {"connect": _rank(alone.can_connect), "own_plant": _rank(alone.can_own_plant)}
        networks = {"connect": alone.connect, "own_plant": alone.own_plant}
        cost = {mode: collective_yen_per_yr(mode, networks[mode], self.yearly) for mode in COLLECTIVE}
        stands = {} if self.hosts is None else {unit: mode for mode, unit in self.hosts.unit.items()}
        for unit in range(len(self.yearly.johkasou)):
            bases, options = {}, [(self.yearly.johkasou[unit], 2, "johkasou")]
            if unit in stands:
                bases[stands[unit]] = self.growers.grown(stands[unit], Members.single(np.array([unit])), True).trees
            for order, mode in enumerate(COLLECTIVE):
                k = at[mode][unit]
                if k < 0:
                    continue
                bases[mode] = take(networks[mode].trees, np.array([k]))
                if self.is_allowed(mode, np.array([unit])):
                    options.append((cost[mode][k], order, mode))
            if self.decisions.is_johkasou[unit]:
                options = options[:1]
            elif self.decisions.is_sewer[unit] and len(options) > 1:
                options = options[1:]
            yen, _, mode = min((round(float(y), 3), o, m) for y, o, m in options)
            weight = int(networks[mode].slope_weight[at[mode][unit]]) if mode in COLLECTIVE else 0
            yield Group(np.array([unit]), mode, yen, bases.get(mode), weight, bases)

    def without_losers(self, groups: list[Group]) -> list[Ints]:
        """Per group with a network the units that pay in it, all else staying: for the others tanks are cheaper."""
        trees, y = concat([g.trees for g in groups if g.trees is not None]), self.yearly
        members = Members.of([g.units for g in groups])
        laying = avoidable_yen_per_yr(self.ground, self.loads, trees, members, len(y.johkasou))
        out = []
        for group in groups:
            own = laying[group.units] + y.treatment_saved(group) + y.leftover[group.units]
            pays = own <= y.johkasou[group.units] + LEAST_SAVING_YEN
            pays |= False if self.hosts is None else self.hosts.is_host(group.mode, group.units)
            out.append(group.units[pays | self.decisions.is_sewer[group.units]])
        return out

    def cut(self, groups: list[Group]) -> list[Group]:
        """The groups with the branches of units that do not pay cut off their networks as laid, as long as that saves."""
        final: list[Group] = []
        while groups:
            systems = [g for g in groups if g.trees is not None]
            final += [g for g in groups if g.trees is None]
            left = self.without_losers(systems) if systems else []
            some = [k for k, (g, rest) in enumerate(zip(systems, left, strict=True)) if len(rest) < len(g.units)]
            some = [k for k in some if self.is_allowed(systems[k].mode, left[k])]
            final += [g for k, g in enumerate(systems) if k not in some]
            groups = []
            for k in some:
                smaller = serving(self.ground, self.loads, self.yearly, systems[k], left[k])
                tanks = [_tanks(int(u), self.yearly) for u in np.setdiff1d(systems[k].units, left[k])]
                saves = systems[k].yen_per_yr - sum(g.yen_per_yr for g in [*smaller, *tanks]) > LEAST_SAVING_YEN
                final += tanks if saves else [systems[k]]
                groups += smaller if saves else []
        return sorted(final, key=lambda g: int(g.units[0]))

    def official(self, alone: Alone, pairs: tuple[Ints, Ints], most_rounds: int) -> Zoning:
        """Steps 3 and 4 of the official procedure: every unit alone, then the connection study with these pairs of units."""
        return self.joined(list(self.start(alone)), pairs, most_rounds)

    def joined(self, start: list[Group], pairs: tuple[Ints, Ints], most_rounds: int, known: Known | None = None) -> Zoning:
        """The connection study from these groups on.

        ``pairs`` are the neighbouring units with which joining is tried. A join is kept while the joint yearly cost is
        lower than the sum of the separate ones; rounds go on until none is. ``known`` are joins tried before; others are added.
        """
        known, groups = {} if known is None else known, dict(enumerate(start))
        owner = np.empty(len(self.yearly.johkasou), np.int64)
        for number, group in groups.items():
            owner[group.units] = number
        tried: dict[tuple[int, int], Tried] = {}
        joins, rounds = list[Join](), 0
        while rounds < most_rounds:
            rounds += 1
            now = group_pairs(pairs, owner, groups, self.decisions.is_johkasou)
            fresh = [p for p in now if p not in tried and (groups[p[0]], groups[p[1]]) not in known]
            known |= {(groups[a], groups[b]): found for (a, b), found in self.try_joins(groups, fresh).items()}
            tried |= {p: known[groups[p[0]], groups[p[1]]] for p in now if p not in tried}
            worth = {p: (found[0], found[1]) for p in now if (found := tried[p]) is not None and found[1] is not None}
            made = self._made(groups, worth)
            if not made:
                break
            for numbers, group in made:
                saving = sum(groups[n].yen_per_yr for n in numbers) - group.yen_per_yr
                tried_yen = np.array([worth[min(numbers[0], n), max(numbers[0], n)][0] for n in numbers[1:]])
                for n, share in zip(numbers[1:], tried_yen / tried_yen.sum(), strict=True):
                    units = groups[numbers[0]].units[0], groups[n].units[0]
                    joins.append(Join(rounds, int(units[0]), int(units[1]), saving * float(share)))
                new = max(groups) + 1
                owner[group.units] = new
                for n in numbers:
                    del groups[n]
                groups[new] = group
        stays = [len(g.units) == 1 or (self.is_brief and is_large(self.loads, g.units)) for g in groups.values()]
        several, rest = ([g for g, stay in zip(groups.values(), stays, strict=True) if stay is to] for to in (False, True))
        final = sorted([*self.polish(several, is_quick=False), *rest], key=lambda g: int(g.units[0]))
        return Zoning(final, joins, rounds, best_joins(tried, groups, len(owner)))

    def _made(
        self, groups: dict[int, Group], worth: dict[tuple[int, int], tuple[float, Group]]
    ) -> list[tuple[tuple[int, ...], Group]]:  # fmt: skip
        """The joins of a round: the groups that become one, and that one.

        In brief large groups take several others at once, if together they save more than the best of them.
        """
        size = {n: places_of(self.loads, g.units) for n, g in groups.items()} if self.is_brief else {}
        room = {n: MOST_CHANGED * k for n, k in size.items() if k >= LEAST_PLACES and groups[n].trees is not None}
        accepted = matching(worth, {n: groups[n].mode for n in room}, room, size)
        crowds, made = [numbers for numbers in accepted if len(numbers) > 2], list[tuple[tuple[int, ...], Group]]()
        pairs = [(a, b) for a, b in (numbers for numbers in accepted if len(numbers) == 2)]
        for host, *guests in crowds:
            units = np.sort(np.concatenate([groups[n].units for n in (host, *guests)]))
            joint = self.alike([(groups[host].mode, units)], [groups[host]])[0]
            best = min(host, guests[0]), max(host, guests[0])
            apart = sum(groups[n].yen_per_yr for n in (host, *guests))
            if joint is not None and apart - joint.yen_per_yr >= worth[best][0]:
                made.append(((host, *guests), joint))
            else:
                pairs.append(best)
        parts = [groups[n] for pair in pairs for n in pair]
        merged = self.polish([worth[p][1] for p in pairs], is_quick=True, parts=parts)
        return [*zip(pairs, merged, strict=True), *made]

    def grown(self, wanted: list[tuple[str, Ints]], is_quick: bool, sites: list[int] | None = None) -> list[Group | None]:
        """Groups of (mode, units) routed as a whole; None where not all houses can be reached or a plant would be too small.

        ``sites`` are nodes that plants may take besides those they would be tried at, -1: none.
        """
        out: list[Group | None] = [None] * len(wanted)
        site = np.full(len(wanted), -1) if sites is None else np.array(sites, dtype=np.int64)
        for mode in self.modes:
            at = [i for i, (kind, units) in enumerate(wanted) if kind == mode and self.is_allowed(mode, units)]
            if not at:
                continue
            grown = self.growers.grown(mode, Members.of([wanted[i][1] for i in at]), is_quick, site[at])
            for i, group in zip(at, self._whole([mode] * len(at), grown), strict=True):
                out[i] = group
        return out

    def alike(self, wanted: list[tuple[str, Ints]], known: list[Group]) -> list[Group | None]:
        """Large groups of (mode, units) from nearly the same ones ``known``, None for the others, see ``adapting``."""
        out: list[Group | None] = [None] * len(wanted)
        for i, (mode, units) in enumerate(wanted):
            like = nearest(self.loads, units, [g for g in known if g.mode == mode])
            if like is not None and self.is_allowed(mode, units):
                out[i] = self._whole([mode], self.growers.alike(mode, like, units))[0]
        return out

    def along(self, wanted: list[tuple[str, Ints]], roots: list[Ints], ways: list[Ints]) -> list[Group | None]:
        """Groups of (mode, units) along ways of their own to their roots, see ``grown_along``; None as of ``grown``."""
        out: list[Group | None] = [None] * len(wanted)
        at = [i for i, (mode, units) in enumerate(wanted) if self.is_allowed(mode, units)]
        if at:
            members = Members.of([wanted[i][1] for i in at])
            laid = grown_along(self.ground, self.loads, members, [roots[i] for i in at], [ways[i] for i in at])
            for i, group in zip(at, self._whole([wanted[i][0] for i in at], laid), strict=True):
                out[i] = group
        return out

    def _whole(self, modes: list[str], priced: Priced) -> list[Group | None]:
        """Networks as groups, None for those that do not reach all houses."""
        members, tree = priced.members, tree_of(priced.trees)
        place, _ = load_places(priced.trees, self.loads, members, self.ground.nodes)
        reached = np.bincount(tree[place], minlength=len(modes))
        houses = np.diff(terminals(self.loads, members)[0])
        return [
            priced_group(members.units[a:b], mode, priced, k, self.yearly) if reached[k] == houses[k] else None
            for k, (mode, (a, b)) in enumerate(zip(modes, pairwise(members.offsets), strict=True))
        ]

    def try_joins(self, groups: dict[int, Group], pairs: list[tuple[int, int]]) -> dict[tuple[int, int], Tried]:
        """For every pair of groups the largest saving of joining them (a loss is negative) and the joint group."""
        found: dict[tuple[int, int], Tried] = dict.fromkeys(pairs)
        cases = [
            Case(pair, groups[host], groups[guest], mode)
            for mode in self.modes
            for pair in pairs
            for host, guest in (pair, pair[::-1])
            if self._worth_hanging(groups[host], groups[guest]) and mode in groups[host].bases
        ]
        if not cases:
            return found
        trial = tried(self.ground, self.loads, cases, self._yearly, self.is_brief)
        for k, case in enumerate(cases):
            if not np.isfinite(trial.yen_per_yr[k]) or not self.is_allowed(case.mode, trial.units(k)):
                continue
            saving = case.host.yen_per_yr + case.guest.yen_per_yr - float(trial.yen_per_yr[k])
            best, at = found[case.pair], int(trial.number[k])
            if best is None or saving > best[0] + 1e-3:
                pays = saving > LEAST_SAVING_YEN and at >= 0
                joint = priced_group(trial.units(k), case.mode, trial.laid, at, self.yearly) if pays else None
                found[case.pair] = (saving, joint)
        return found

    def _yearly(self, mode: str, priced: Priced) -> Floats:
        return collective_yen_per_yr(mode, priced, self.yearly)

    def polish(self, groups: list[Group], is_quick: bool, parts: Sequence[Group] = ()) -> list[Group]:
        """Each joint group routed anew as a whole, or in brief from one of its ``parts``; the cheaper network stays."""
        wanted = [(g.mode, g.units) for g in groups]
        anew = self.alike(wanted, list(parts) if self.is_brief else [])
        for mode in self.modes:
            at = [i for i, g in enumerate(groups) if g.mode == mode and anew[i] is None]
            if not at:
                continue
            grown = self.growers.grown(mode, Members.of([groups[i].units for i in at]), is_quick)
            for k, i in enumerate(at):
                anew[i] = priced_group(groups[i].units, mode, grown, k, self.yearly)
        pairs = zip(groups, anew, strict=True)
        return [new if new is not None and self._judged(new) < self._judged(old) - 1e-3 else old for old, new in pairs]

    def _judged(self, group: Group) -> float:
        """Yearly cost of a group with a network, and what avoiding the edges of that is worth."""
        assert group.trees is not None
        return group.yen_per_yr + float(avoidance_yen_per_yr(self.ground, group.trees)[0])

    def is_allowed(self, mode: str, units: Ints) -> bool:
        """Whether such a group may be: a plant of its own large enough, and no existing one built anew for itself alone."""
        if mode == "own_plant":
            is_old = self.hosts is not None and len(units) == 1 and bool(self.hosts.is_plant[units[0]])
            return float(self.yearly.dwellings[units].sum()) >= self.min_plant_dwellings and not is_old
        return self.hosts is None or self.hosts.may_treat(mode, units, float(self.yearly.flow_max_m3_per_d[units].sum()))

    def _worth_hanging(self, host: Group, guest: Group) -> bool:
        """A guest much larger than its host is not hung on it: the other way round is tried."""
        size = self.yearly.dwellings
        has_houses = bool((self.loads.offsets[guest.units + 1] > self.loads.offsets[guest.units]).any())
        return has_houses and float(size[guest.units].sum()) <= 3.0 * float(size[host.units].sum())


def collective_yen_per_yr(mode: str, priced: Priced, yearly: Yearly) -> Floats:
    """Yearly cost of networks: laying, treatment, and tanks for houses they cannot reach."""
    members = priced.members
    network = np.repeat(np.arange(len(members.offsets) - 1), np.diff(members.offsets))
    count = len(members.offsets) - 1

    def total(values: Floats) -> Floats:
        return np.bincount(network, values[members.units], minlength=count).astype(np.float64)

    return (
        priced.yen_per_yr
        + yearly.treatment(mode, total(yearly.flow_mean_m3_per_d), total(yearly.flow_max_m3_per_d))
        + total(yearly.leftover)
    )


def priced_group(units: Ints, mode: str, priced: Priced, k: int, yearly: Yearly) -> Group:
    """Network ``k`` of some as the group of the units it serves, with its whole yearly cost."""
    one = Priced(
        take(priced.trees, np.array([k])), Members.of([units]), priced.yen_per_yr[k : k + 1], priced.sewer_m[k : k + 1],
        priced.pumps[k : k + 1], priced.slope_weight[k : k + 1],
    )  # fmt: skip
    yen = round(float(collective_yen_per_yr(mode, one, yearly)[0]), 3)
    return Group(units, mode, yen, one.trees, int(one.slope_weight[0]), {mode: one.trees})


def serving(ground: Ground, loads: Loads, yearly: Yearly, group: Group, units: Ints) -> list[Group]:
    """A group with a network as it is laid, as far as it serves these of its units; nothing for no unit."""
    if group.trees is None or not len(units):
        return []
    members = Members.of([units])
    place, _ = load_places(group.trees, loads, members, ground.nodes)
    priced = price(ground, trimmed(group.trees, place), loads, members, np.array([group.slope_weight]))
    return [priced_group(units, group.mode, priced, 0, yearly)]


def _tanks(unit: int, yearly: Yearly) -> Group:
    return Group(np.array([unit]), "johkasou", float(yearly.johkasou[unit]), None, 0, {})


def _rank(can: Bools) -> Ints:
    """Position of every unit among those that can, -1 for the others."""
    return np.where(can, np.cumsum(can) - 1, -1)
