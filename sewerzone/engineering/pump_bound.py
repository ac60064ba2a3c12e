"""How many pumps any network needs at least: sewage that cannot run to an outlet by gravity, from places that share no pump.

Take the crown of a pipe. It lies no higher than the least cover allows and no lower than the deepest trench, and falls at
least by the flattest slope any pipe of the network may have. So for every house there is a set of nodes its sewage can reach
before the first pump (its *basin*), found by a search that keeps the highest crown attainable. Where that set holds no outlet
within its entry depth, one of its nodes has a pump, whatever the network. Basins without a common node need a pump each;
they are taken greedily, from the lowest house up. The yearly price of that many pumps adds to the bound of laying, whose
arc costs hold none.
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering import pipes
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.heap import kernel, lean_kernel, offer, take
from sewerzone.engineering.networks import Ground, Loads, Members, segments

# Rows of the marks by node: whether it drains to a target (0, else -1); of which network it drains to a root, is a place, lies
# in a basin counted; for which a search from ``level`` or above is known to meet such a basin or to grow too large; where a
# search came from.
DRY, OWN, HELD, USED, VAIN, VIA, MARKS = range(7)

MOST_NODES = 20_000
"""A basin that is larger is not followed to its end, and not counted."""


def least_pumps(
    ground: Ground, loads: Loads, members: Members, places: tuple[Ints, Ints], roots: tuple[Ints, Ints], targets: Ints
) -> Ints:
    """(t,) pumps that any network joining ``places`` (offsets, nodes) to its ``roots`` or to any of ``targets`` has at least.

    ``members`` are the units the networks serve; the sewage of all of them decides how flat the flattest pipe may be.
    """
    count = len(members.offsets) - 1
    unit = np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))
    of_unit = np.bincount(unit, loads.flow_l_per_s, minlength=len(loads.offsets) - 1)
    of_network = np.repeat(np.arange(count), np.diff(members.offsets))
    flow = np.bincount(of_network, of_unit[members.units], minlength=count)
    rules = ground.rules
    size = np.searchsorted(pipes.size_table(rules)[:, pipes.FLOW_MOST], flow, side="left")
    flattest = np.minimum.accumulate(rules.slope_min)[np.minimum(size, len(rules.slope_min) - 1)]
    highest, lowest, entry = _crowns(ground)
    out, n = np.zeros(count, np.int64), ground.nodes
    key, heap, place, seen = np.full(n, np.inf), np.zeros(n + 1, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    marks, level, reach = np.full((MARKS, n), -1, np.int64), np.zeros(n), np.full(n, np.inf)
    # what drains to a target does so at any flatter slope as well: all nodes are looked at for the steepest alone
    for slope in np.unique(flattest)[::-1]:
        which = np.flatnonzero(flattest == slope)
        some = _some(places, which), _some(roots, which)
        _pack(
            ground.graph.indptr, ground.graph.neighbour, ground.graph.length_m, highest, lowest, entry, float(slope),
            *some[0], *some[1], targets, which, key, heap, place, seen, marks, level, reach, out,
        )  # fmt: skip
        targets = targets[:0]
    return out


def _crowns(ground: Ground) -> tuple[Floats, Floats, Floats]:
    """(n,) elevations of the highest crown, of the lowest one (none under crossings), and of the lowest an outlet takes."""
    rules = ground.rules
    least = float(rules.diameter_mm.min()) / 1000.0
    cover = pipes.rule_list(rules)[pipes.COVER]
    lowest = ground.ground_elev_m - (rules.excavation_max_m - least)
    crossed = np.flatnonzero(ground.least_excavation_m[ground.graph.edge] > 0.0)
    lowest[ground.graph.row[crossed]] = -np.inf
    entry = ground.ground_elev_m - (ground.entry_m - least)
    return ground.ground_elev_m - cover, lowest - pipes.TOLERANCE_M, np.maximum(entry, lowest) - pipes.TOLERANCE_M


def _some(groups: tuple[Ints, Ints], which: Ints) -> tuple[Ints, Ints]:
    offsets, values = groups
    counts = np.diff(offsets)[which]
    at = segments(offsets[which], offsets[which + 1])
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), np.ascontiguousarray(values[at], np.int64)


@kernel
def _pack(
    indptr: Ints, neighbour: Ints, length_m: Floats, highest: Floats, lowest: Floats, entry: Floats, slope: float,
    offsets: Ints, places: Ints, root_offsets: Ints, roots: Ints, targets: Ints, number: Ints,
    key: Floats, heap: Ints, place: Ints, seen: Ints, marks: Ints, level: Floats, reach: Floats, out: Ints,
) -> None:  # fmt: skip
    """Fill ``out`` at the numbers of the networks; ``marks`` and ``level`` are scratch, see its rows.

    ``reach`` (n,) is the lowest crown from which sewage is known to drain to a target at this slope.
    """
    if len(targets):
        count = _drain(
            indptr, neighbour, length_m, highest, lowest, entry, slope, targets, DRY, 0, len(key) + 1,
            key, heap, place, seen, marks,
        )  # fmt: skip
        for i in range(count):
            reach[seen[i]] = key[seen[i]]
        _clear(key, heap, place, seen, count)
    for t in range(len(number)):
        ends = roots[root_offsets[t] : root_offsets[t + 1]]
        own = places[offsets[t] : offsets[t + 1]]
        left = 0
        for v in own:
            if marks[HELD, v] != number[t]:
                marks[HELD, v] = number[t]
                left += 1
        if len(ends):
            count = _drain(
                indptr, neighbour, length_m, highest, lowest, entry, slope, ends, OWN, number[t], left,
                key, heap, place, seen, marks,
            )  # fmt: skip
            _clear(key, heap, place, seen, count)
        for k in np.argsort(highest[own], kind="mergesort"):
            v = own[k]
            if marks[DRY, v] < 0 and marks[OWN, v] != number[t] and marks[USED, v] != number[t]:
                out[number[t]] += _basin(
                    indptr, neighbour, length_m, highest, lowest, slope, v, number[t],
                    key, heap, place, seen, marks, level, reach,
                )  # fmt: skip


@lean_kernel
def _drain(
    indptr: Ints, neighbour: Ints, length_m: Floats, highest: Floats, lowest: Floats, entry: Floats, slope: float, ends: Ints,
    row: int, number: int, left: int, key: Floats, heap: Ints, place: Ints, seen: Ints, marks: Ints,
) -> int:  # fmt: skip
    """Mark the nodes whose sewage can reach one of ``ends`` by gravity with ``number`` in a row.

    No further than until ``left`` places of network ``number`` are marked, which are all that is asked for. The key, left for
    as many nodes ``seen`` as are returned, is the lowest crown that still does.
    """
    count = 0
    for v in ends:
        if marks[row, v] != number:
            marks[row, v] = number  # a house at an outlet needs no pipe to it, however shallow that would have to arrive
            left -= marks[HELD, v] == number
        if key[v] == np.inf and entry[v] <= highest[v]:
            seen[count] = v
            count += 1
            key[v] = entry[v]
            offer(heap, place, key, v)
    while heap[0] > 0 and left > 0:
        v = take(heap, place, key)
        if marks[row, v] != number:
            marks[row, v] = number
            left -= marks[HELD, v] == number
        for q in range(indptr[v], indptr[v + 1]):
            y = neighbour[q]
            crown = max(key[v] + slope * length_m[q], lowest[y])
            if crown <= highest[y] and crown < key[y]:
                if key[y] == np.inf:
                    seen[count] = y
                    count += 1
                key[y] = crown
                offer(heap, place, key, y)
    return count


@lean_kernel
def _clear(key: Floats, heap: Ints, place: Ints, seen: Ints, count: int) -> None:
    """Make the queue ready for the next search; ``seen`` are the nodes of this one."""
    for i in range(count):
        key[seen[i]] = np.inf
        place[seen[i]] = 0
    heap[0] = 0


@lean_kernel
def _basin(
    indptr: Ints, neighbour: Ints, length_m: Floats, highest: Floats, lowest: Floats, slope: float, start: int, number: int,
    key: Floats, heap: Ints, place: Ints, seen: Ints, marks: Ints, level: Floats, reach: Floats,
) -> int:  # fmt: skip
    """Search the basin of a node; 1 and its nodes marked as used if it shares none with those counted before, else 0.

    The key is the highest crown attainable, with its sign turned. A search that arrives where an earlier one led nowhere,
    no lower than that was there, holds all that one found from there, and leads nowhere either. One that arrives where sewage
    is known to drain to a target tells that of the way it came.
    """
    count, last, is_dry = 1, -1, False
    seen[0] = start
    key[start] = -highest[start]
    marks[VIA, start] = -1
    offer(heap, place, key, start)
    while heap[0] > 0:
        v = take(heap, place, key)
        is_dry = -key[v] >= reach[v]
        if is_dry or marks[USED, v] == number or (marks[VAIN, v] == number and -key[v] >= level[v]):
            last = v
            break
        if count > MOST_NODES:
            last = start
            break
        for q in range(indptr[v], indptr[v + 1]):
            y = neighbour[q]
            crown = min(-key[v] - slope * length_m[q], highest[y])
            if crown >= lowest[y] and -crown < key[y]:
                if key[y] == np.inf:
                    seen[count] = y
                    count += 1
                key[y] = -crown
                marks[VIA, y] = v
                offer(heap, place, key, y)
    v = last
    while v >= 0:
        if is_dry:
            marks[DRY, v] = 0
            reach[v] = min(reach[v], -key[v])
        elif marks[VAIN, v] != number or -key[v] < level[v]:
            marks[VAIN, v] = number
            level[v] = -key[v]
        v = marks[VIA, v]
    if last < 0:
        for i in range(count):
            marks[USED, seen[i]] = number
    _clear(key, heap, place, seen, count)
    return 1 if last < 0 else 0
