"""Where roads run through barriers: in at one bank, out at another.

Every stretch of a bank that meets a segment gives a cut with its place along the bank; between two cuts a segment is inside
a barrier or outside as its middle is. So a river system joined into one area with a thousand islands costs no more than its
banks near roads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.engineering import crossings
from sewerzone.engineering.crossings import Chains, Stretches
from sewerzone.engineering.noding import Streets
from sewerzone.engineering.segments import Floats, Ints
from sewerzone.meeting import meeting

Bools = NDArray[np.bool_]

SAME_BANK = 1.5
"""Along the bank hardly longer than straight: the road entered and left on the same bank."""
ALONG_DEG = 15.0
"""A road that meets both banks at less than this runs along the barrier; no bridge is so skew."""
TOUCH_M = 1e-3
"""Pieces of one way through a barrier meet within this."""
PARALLEL = 1e-12
"""Sine below which a segment and a bank count as parallel: the next stretch of the bank gives the cut."""


class Obstacles(NamedTuple):
    """Connected areas of one kind (o,); ``rank`` of the kind."""

    area: NDArray[Any]
    rank: Ints


class Cuts(NamedTuple):
    """Where segments meet banks (k,): share along the segment; area, ring of the bank, place along it, angle they meet at."""

    segment: Ints
    share: Floats
    area: Ints
    ring: Ints
    at_m: Floats
    angle_deg: Floats


def through(streets: Streets, along: Chains, barriers: Obstacles) -> Stretches:
    """Stretches of chains inside barriers that lead from one bank to another, or to a stop inside."""
    xy = np.column_stack([streets.x_m, streets.y_m])
    area, segment = meeting(xy[streets.start], xy[streets.end], barriers.area)
    is_on = along.chain[segment] >= 0
    area, segment = area[is_on], segment[is_on]
    cuts, ring_m = _cuts(xy, streets, np.unique(segment), barriers)
    one, other, s, a = _inside(streets, barriers, area, segment, cuts)
    turned = along.at_end_m[s] < along.at_start_m[s]
    length = streets.length_m[s]
    begin = along.at_start_m[s] + np.where(turned, -other, one) * length
    end = along.at_start_m[s] + np.where(turned, -one, other) * length
    # A chain may meet several barriers: each is joined by itself.
    most = max(len(barriers.area), 1)
    found, _ = crossings.joined(along.chain[s] * most + a, begin, end, barriers.rank[a], TOUCH_M)
    entry, leave = (_bank_at(along, cuts, most, found.chain, t) for t in (found.begin_m, found.end_m))
    pair = found.chain
    found = found._replace(chain=pair // most)
    whole = along.length_m[found.chain]
    keep = (found.begin_m > TOUCH_M) | (found.end_m < whole - TOUCH_M)
    both = np.flatnonzero((entry >= 0) & (leave >= 0))
    keep[both] &= ~_is_beside(streets, along, found.pick(both), cuts, entry[both], leave[both], ring_m)
    return found.pick(keep)


def _cuts(place: Floats, streets: Streets, met: Ints, barriers: Obstacles) -> tuple[Cuts, Floats]:
    """All cuts of the segments ``met``, and the length of every ring; ``place`` (n, 2) of the nodes."""
    rings, area = shapely.get_rings(barriers.area, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring[1:] == ring[:-1])
    step = xy[first + 1] - xy[first]
    size = np.hypot(step[:, 0], step[:, 1])
    reach = np.cumsum(size) - size
    ring_m = np.bincount(ring[first], size, minlength=len(rings))
    before = reach - (np.cumsum(ring_m) - ring_m)[ring[first]]
    lines, stretches = (
        np.asarray(shapely.linestrings(np.stack(ends, axis=1)))
        for ends in ((place[streets.start[met]], place[streets.end[met]]), (xy[first], xy[first + 1]))
    )
    bank, found = shapely.STRtree(lines).query(stretches, predicate="intersects")
    s = met[found]
    at = place[streets.start[s]]
    way = place[streets.end[s]] - at
    gap, side = xy[first[bank]] - at, step[bank]
    turn = way[:, 0] * side[:, 1] - way[:, 1] * side[:, 0]
    product = np.hypot(way[:, 0], way[:, 1]) * size[bank]
    ok = np.abs(turn) > PARALLEL * product
    bank, s, gap, side, way, turn, product = (v[ok] for v in (bank, s, gap, side, way, turn, product))
    share = np.clip((gap[:, 0] * side[:, 1] - gap[:, 1] * side[:, 0]) / turn, 0.0, 1.0)
    on_bank = np.clip((gap[:, 0] * way[:, 1] - gap[:, 1] * way[:, 0]) / turn, 0.0, 1.0)
    angle = np.degrees(np.arcsin(np.minimum(np.abs(turn) / product, 1.0)))
    of = ring[first[bank]]
    at_m = before[bank] + on_bank * size[bank]
    order = np.lexsort((at_m, of, share, area[of], s))
    cuts = Cuts(s[order], share[order], area[of[order]], of[order], at_m[order], angle[order])
    return cuts, np.asarray(ring_m, dtype=np.float64)


def _inside(streets: Streets, barriers: Obstacles, area: Ints, segment: Ints, cuts: Cuts) -> tuple[Floats, Floats, Ints, Ints]:
    """Parts of segments inside barriers: shares at which they begin and end, segment, area."""
    zero = np.zeros(len(segment))
    s, a = np.r_[segment, segment, cuts.segment], np.r_[area, area, cuts.area]
    share = np.r_[zero, zero + 1.0, cuts.share]
    order = np.lexsort((share, a, s))
    s, a, share = s[order], a[order], share[order]
    is_part = (s[1:] == s[:-1]) & (a[1:] == a[:-1]) & (share[1:] > share[:-1])
    at = np.flatnonzero(is_part)
    middle = crossings.points(streets, s[at], 0.5 * (share[at] + share[at + 1]))
    shapely.prepare(barriers.area)
    at = at[shapely.contains_xy(barriers.area[a[at]], middle[:, 0], middle[:, 1])]
    return share[at], share[at + 1], s[at], a[at]


def _bank_at(along: Chains, cuts: Cuts, most: int, pair: Ints, at_m: Floats) -> Ints:
    """The cut at places given by pair of chain and area and distance; -1 where there is none."""
    if not len(cuts.segment) or not len(pair):
        return np.full(len(pair), -1, np.int64)
    s = cuts.segment
    reach = along.at_start_m[s] + cuts.share * (along.at_end_m[s] - along.at_start_m[s])
    name = along.chain[s] * most + cuts.area
    order = np.lexsort((np.arange(len(s)), reach, name))
    step = float(along.length_m.max()) + 1.0
    names = np.unique(np.r_[name, pair])  # numbered anew, so that the lifted distances keep their decimals
    key = reach[order] + np.searchsorted(names, name[order]) * step
    wanted = at_m + np.searchsorted(names, pair) * step
    near = np.clip(np.searchsorted(key, wanted - TOUCH_M), 0, len(key) - 1)
    return np.where(np.abs(key[near] - wanted) <= TOUCH_M, order[near], -1)


def _is_beside(
    streets: Streets, along: Chains, found: Stretches, cuts: Cuts, entry: Ints, leave: Ints, ring_m: Floats
) -> Bools:
    """Whether ways into and out of areas stay on one bank or run along it."""
    ends = [crossings.points(streets, *crossings.place(along, found.chain, t)) for t in (found.begin_m, found.end_m)]
    straight = np.hypot(*(ends[1] - ends[0]).T)
    way = np.abs(cuts.at_m[entry] - cuts.at_m[leave])
    way = np.minimum(way, ring_m[cuts.ring[entry]] - way)
    is_same = (cuts.ring[entry] == cuts.ring[leave]) & (way <= SAME_BANK * straight)
    return np.asarray(is_same | (np.maximum(cuts.angle_deg[entry], cuts.angle_deg[leave]) < ALONG_DEG))
