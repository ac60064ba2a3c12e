"""The rounds of the connection study: which groups lie side by side, and which of the joins tried are made together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.groups import Group

Tried = tuple[float, Group | None] | None
"""The largest saving of joining two groups, and the joint group if that is one; None if there is no way."""
Pair = tuple[int, int]


def group_pairs(pairs: tuple[Ints, Ints], owner: Ints, groups: Mapping[int, Group], is_fixed: Bools) -> list[Pair]:
    """Neighbouring groups whose joining may be tried, each once, ascending; none with a unit that ``is_fixed`` (u,)."""
    a, b = owner[pairs[0]], owner[pairs[1]]
    both = np.unique(np.stack([np.minimum(a, b), np.maximum(a, b)], axis=1), axis=0)
    fixed = {g for g, group in groups.items() if is_fixed[group.units].any()}
    return [(int(x), int(y)) for x, y in both if x != y and x not in fixed and y not in fixed]


def best_joins(tried: Mapping[Pair, Tried], groups: Mapping[int, Group], units: int) -> Floats:
    """Per unit the largest saving among the joins tried between final groups."""
    best = np.full(units, -np.inf)
    for (a, b), found in tried.items():
        if found is not None and a in groups and b in groups:
            for unit in (*groups[a].units, *groups[b].units):
                best[unit] = max(best[unit], found[0])
    return best


def matching(
    worth: Mapping[Pair, tuple[float, Group]], modes: Mapping[int, str], room: Mapping[int, float], size: Mapping[int, int]
) -> list[tuple[int, ...]]:  # fmt: skip
    """Groups to be joined, pairs by falling saving, each group at most once; but several at once to those with ``room``.

    A group with room takes others while their ``size`` together is less than that, if the join leaves it its mode; of several
    it stands first, then those that join it by falling saving.
    """
    used, out, crowds, left = set[int](), list[tuple[int, ...]](), dict[int, list[int]](), dict(room)
    for pair, (_, joint) in sorted(worth.items(), key=lambda item: (-round(item[1][0], 3), item[0])):
        hosts = [g for g in pair if g in left and joint.mode == modes[g]]
        if len(hosts) == 1 and (guest := sum(pair) - hosts[0]) not in left:
            host = hosts[0]
            if guest not in used and size[guest] < left[host] and (host not in used or host in crowds):
                used.update(pair)
                left[host] -= size[guest]
                crowds.setdefault(host, []).append(guest)
        if used.isdisjoint(pair):
            used.update(pair)
            out.append(pair)
    lone = [(min(host, guests[0]), max(host, guests[0])) for host, guests in crowds.items() if len(guests) == 1]
    return [*out, *lone, *((host, *guests) for host, guests in crowds.items() if len(guests) > 1)]
