"""The official procedure on a zoning as one problem: unit by unit, then pair by pair; what ``optimum.py`` compares with.

A reading of the manual at the level of ``engineering.prizes``. Each unit alone takes the cheaper of its tanks and a plant of
its own. Then, the nearest first, each is asked whether the way to the served network, its sewers and treatment cost less than
that; whom the way passes is served with it, and counts on both sides. Last, units still outside are joined with one of their
neighbours while one plant for both costs less than the two apart. In one pass a refusal is final; repeated, all who were
refused are asked again after every change until nobody agrees.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.prizes import Prizes, Zoned, cost_of

NEIGHBOURS = 6
LEAST_SAVING_YEN = 1e-6


class Network(NamedTuple):
    """Units, ways between them, their plant (an entry; -1 for the tanks of a single unit), and all that in yen a year."""

    units: tuple[int, ...]
    arcs: tuple[int, ...]
    entry: int
    yen: float


def official(given: Prizes, is_repeated: bool) -> Zoned:
    """The decision of the procedure; every unit is free, the first kind of delivery is the served network."""
    study = _Study(given)
    study.connect(is_repeated)
    groups = study.join(is_repeated)
    entry = study.entry.copy()
    arcs, kinds = list(study.used), [0] * len(study.used)
    for group in groups:
        entry[list(group.units)] = group.entry
        arcs += group.arcs
        kinds += [int(given.entry_kind[group.entry])] * len(group.arcs)
    order = np.lexsort((arcs, kinds))
    found = Zoned(math.nan, math.nan, False, entry, np.array(arcs, np.int64)[order], np.array(kinds, np.int64)[order])
    return found._replace(yen_per_yr=cost_of(given, found))


class _Growth:
    """Cheapest ways outward from a network that grows; only what comes nearer is looked at again."""

    def __init__(self, study: _Study, roots: Iterable[int], blocked: set[int]) -> None:
        self.study, self.blocked = study, blocked
        self.yen, self.via = [math.inf] * study.given.nodes, [-1] * study.given.nodes
        self.add(roots)

    def add(self, nodes: Iterable[int]) -> None:
        """Nodes now in the network."""
        heap = [(0.0, n) for n in nodes]
        for _, n in heap:
            self.yen[n], self.via[n] = 0.0, -1
        heapq.heapify(heap)
        while heap:
            yen, n = heapq.heappop(heap)
            if yen > self.yen[n]:
                continue
            for arc, head, cost in self.study.out[n]:
                if yen + cost < self.yen[head] and head not in self.blocked:
                    self.yen[head], self.via[head] = yen + cost, arc
                    heapq.heappush(heap, (yen + cost, head))

    def way(self, node: int) -> list[int]:
        """Arcs from a node back to the network."""
        arcs = []
        while self.via[node] >= 0:
            arcs.append(self.via[node])
            node = int(self.study.given.tail[self.via[node]])
        return arcs


class _Study:
    def __init__(self, given: Prizes) -> None:
        self.given = given
        self.out: list[list[tuple[int, int, float]]] = [[] for _ in range(given.nodes)]
        for arc, (a, b, yen) in enumerate(
            zip(given.tail.tolist(), given.head.tolist(), given.cost_yen_per_yr.tolist(), strict=True)
        ):
            self.out[a].append((arc, b, yen))
        self.node = given.unit_node.tolist()
        self.unit_at = {n: u for u, n in enumerate(self.node)}
        self.plants: dict[int, list[int]] = {}
        for e in np.flatnonzero(given.entry_kind > 0).tolist():
            self.plants.setdefault(int(given.entry_node[e]), []).append(e)
        self.alone = [self._alone(u) for u in range(len(self.node))]
        self.entry = np.full(len(self.node), -1)
        self.used: list[int] = []
        # places of delivery that the nodes of the served network drain to
        self.inlet_of = {int(given.entry_node[e]): int(e) for e in np.flatnonzero(given.entry_kind == 0)}

    def _alone(self, unit: int) -> Network:
        tanks = Network((unit,), (), -1, float(self.given.tanks_yen_per_yr[unit]))
        return min([tanks, *self._with_plant([unit], [], self.node[unit])], key=lambda n: n.yen)

    def _with_plant(self, units: list[int], arcs: list[int], site: int) -> list[Network]:
        """The network with each plant that may stand at the site."""
        g = self.given
        yen, flow = g.cost_yen_per_yr[arcs].sum() + g.serving_yen_per_yr[units].sum(), g.flow_m3_per_d[units].sum()
        price = g.kind_yen_per_m3_per_d[g.entry_kind]
        return [
            Network(tuple(units), tuple(arcs), e, float(yen + g.entry_yen_per_yr[e] + price[e] * flow))
            for e in self.plants.get(site, [])
        ]

    def connect(self, is_repeated: bool) -> None:
        """Units to the served network, the nearest first."""
        g = self.given
        served = (g.serving_yen_per_yr + g.kind_yen_per_m3_per_d[0] * g.flow_m3_per_d).tolist()
        growth = _Growth(self, sorted(self.inlet_of), set())
        waiting = set(range(len(self.node)))
        while waiting:
            unit = min(waiting, key=lambda u: (growth.yen[self.node[u]], u))
            if not math.isfinite(growth.yen[self.node[unit]]):
                return
            waiting.discard(unit)
            way = growth.way(self.node[unit])
            passed = [int(g.head[a]) for a in way]
            units = [self.unit_at[n] for n in passed if n in self.unit_at]
            joint = growth.yen[self.node[unit]] + sum(served[u] for u in units)
            if joint < sum(self.alone[u].yen for u in units) - LEAST_SAVING_YEN:
                inlet = self.inlet_of[int(g.tail[way[-1]])]
                self.inlet_of |= dict.fromkeys(passed, inlet)
                self.entry[units] = inlet
                self.used += way
                growth.add(passed)
                waiting = set(np.flatnonzero(self.entry < 0).tolist()) if is_repeated else waiting - set(units)

    def join(self, is_repeated: bool) -> list[Network]:
        """Units outside the served network, pair by pair."""
        groups = {u: self.alone[u] for u in np.flatnonzero(self.entry < 0).tolist()}
        owner = {u: u for u in groups}
        pairs = self._pairs(groups) if self.plants else []
        is_changed = True
        while is_changed:
            is_changed = False
            for _, a, b in pairs:
                one, other = groups[owner[a]], groups[owner[b]]
                joint = self._joint(one, other, groups, owner) if one is not other else None
                if joint is None:
                    continue
                dissolved = {owner[u] for u in joint.units}
                if joint.yen < sum(groups[d].yen for d in dissolved) - LEAST_SAVING_YEN:
                    first = min(dissolved)
                    for d in dissolved:
                        del groups[d]
                    groups[first] = joint
                    owner |= dict.fromkeys(joint.units, first)
                    is_changed = is_repeated
        return list(groups.values())

    def _pairs(self, groups: dict[int, Network]) -> list[tuple[float, int, int]]:
        """Each unit with its nearest neighbours, the nearest pairs first."""
        found = set()
        for unit in groups:
            growth = _Growth(self, [self.node[unit]], set(self.inlet_of))
            near = heapq.nsmallest(NEIGHBOURS, ((growth.yen[self.node[o]], o) for o in groups if o != unit))
            found |= {(yen, min(unit, o), max(unit, o)) for yen, o in near if math.isfinite(yen)}
        return sorted(found)

    def _joint(self, one: Network, other: Network, groups: dict[int, Network], owner: dict[int, int]) -> Network | None:
        """One plant for both, at a site of either; single units with tanks on the way join them."""
        wanted = {*one.units, *other.units}
        blocked = set(self.inlet_of) | {
            n for g in groups.values() if g.entry >= 0 and wanted.isdisjoint(g.units) for n in self._nodes(g)
        }
        sites = {max((u for u in g.units if self.node[u] in self.plants), key=lambda u: self.given.flow_m3_per_d[u], default=-1)
                 for g in (one, other)} - {-1}  # fmt: skip
        grown = [n for s in sorted(sites) for n in self._grown(self.node[s], wanted, blocked)]
        return min(grown, key=lambda n: n.yen, default=None)

    def _nodes(self, group: Network) -> set[int]:
        return {int(self.given.entry_node[group.entry]), *self.given.head[list(group.arcs)].tolist()}

    def _grown(self, site: int, wanted: set[int], blocked: set[int]) -> list[Network]:
        """The nearest unit first, from a site outward."""
        growth = _Growth(self, [site], blocked)
        left, units = wanted - {self.unit_at[site]}, [self.unit_at[site]]
        arcs: list[int] = []
        while left:
            unit = min(left, key=lambda u: (growth.yen[self.node[u]], u))
            if not math.isfinite(growth.yen[self.node[unit]]):
                return []
            way = growth.way(self.node[unit])
            passed = [int(self.given.head[a]) for a in way]
            served = [self.unit_at[n] for n in passed if n in self.unit_at]
            arcs, units = arcs + way, units + served
            left -= set(served)
            growth.add(passed)
        return self._with_plant(units, arcs, site)
