"""Joins tried: units hung on networks, laid and priced.

What joins a large network is first laid by itself, as if the network did not notice. Where not even that pays the whole is not
laid: of hundreds of units round a network of thousands of houses few do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.groups import Group
from sewerzone.engineering.hanging import FEW_NODES, hung, joined, unite
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, concat, price, take
from sewerzone.engineering.trees import Trees

ROOM_YEN = 20_000.0
"""By how much a join may look too dear, of its parts, and still be laid: more sewage may let a network lie a little flatter."""


class Case(NamedTuple):
    """A join to be tried: the units of ``guest`` are hung on the network of ``host`` to where ``mode`` says."""

    pair: tuple[int, int]
    host: Group
    guest: Group
    mode: str


class Trial(NamedTuple):
    """What came of t cases: ``yen_per_yr`` (t,) of the joint groups, infinite where there is no way, and their members.

    ``number`` (t,) of the network among those ``laid``, -1 where it was not laid: then the yearly cost is what it would be if
    the network joined did not notice.
    """

    yen_per_yr: Floats
    members: Members
    number: Ints
    laid: Priced

    def units(self, k: int) -> Ints:
        """The units of the joint group."""
        return self.members.units[self.members.offsets[k] : self.members.offsets[k + 1]]


def tried(
    ground: Ground, loads: Loads, cases: Sequence[Case], yen: Callable[[str, Priced], Floats], is_screened: bool
) -> Trial:  # fmt: skip
    """The cases laid and priced; with ``is_screened`` those that join large networks only if they might pay.

    ``yen`` tells by mode the whole yearly cost of networks.
    """
    every = {id(base): base for base in (c.host.bases[c.mode] for c in cases)}
    number = {key: k for k, key in enumerate(every)}
    bases, of = list(every.values()), np.array([number[id(c.host.bases[c.mode])] for c in cases])
    guests, weights = Members.of([c.guest.units for c in cases]), np.array([c.guest.slope_weight for c in cases])
    more = hung(ground, loads, bases, of, guests, weights, is_screened)
    members = unite(Members.of([c.host.units for c in cases]), guests)
    total = np.where(more.is_reached, -np.inf, np.inf)
    if is_screened:
        at = np.flatnonzero(more.is_reached & (np.array([len(b.node) for b in bases]) > FEW_NODES)[of])
        total[at] = _unnoticed(ground, loads, [cases[k] for k in at.tolist()], take(more.trees, at), members.some(at), yen)
    apart = np.array([c.host.yen_per_yr + c.guest.yen_per_yr for c in cases])
    at = np.flatnonzero(total < apart + ROOM_YEN)
    trees = joined(bases, of[at], take(more.trees, at), ground.nodes)
    laid = price(ground, trees, loads, members.some(at), weights[at])
    total[at] = _by_mode([cases[k].mode for k in at.tolist()], laid, yen)
    place = np.full(len(cases), -1)
    place[at] = np.arange(len(at))
    return Trial(total, members, place, laid)


def _unnoticed(
    ground: Ground, loads: Loads, cases: list[Case], more: Trees, members: Members, yen: Callable[[str, Priced], Floats]
) -> Floats:  # fmt: skip
    """What the joint groups would cost if the networks joined cost what they did."""
    if not cases:
        return np.empty(0)
    guests = Members.of([c.guest.units for c in cases])
    free = replace(ground, entry_m=np.full(ground.nodes, ground.rules.excavation_max_m))  # where they meet nothing ends
    laid = price(free, more, loads, guests, np.zeros(len(cases), np.int64))
    every = {id(c.host.bases[c.mode]): c for c in cases}
    trees, hosts = [c.host.bases[c.mode] for c in every.values()], Members.of([c.host.units for c in every.values()])
    base = price(ground, concat(trees), loads, hosts, np.zeros(len(trees), np.int64)).yen_per_yr
    of = dict(zip(every, base.tolist(), strict=True))
    laying = laid.yen_per_yr + np.array([of[id(c.host.bases[c.mode])] for c in cases])
    return _by_mode([c.mode for c in cases], replace(laid, members=members, yen_per_yr=laying), yen)


def _by_mode(modes: list[str], laid: Priced, yen: Callable[[str, Priced], Floats]) -> Floats:
    """The whole yearly cost of networks, each by its mode."""
    out, mode = np.empty(len(modes)), np.array(modes)
    for one in sorted(set(modes)):
        out[mode == one] = yen(one, laid)[mode == one]
    return out
