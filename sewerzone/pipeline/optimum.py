"""The cheapest zoning that can be found: one problem solved, its networks designed, its prices set by these, and again.

The problem (``candidates``) knows what a way costs only as well as networks were designed along it. So every decision is
designed, along its own ways and by the same means as the official zoning, and judged by what it then costs; ways and units' own
sewers take the prices of these designs, and the problem is solved again, until a decision comes back. The official zoning takes
part: wherever it is the cheaper of the two it stays, so the result never costs more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.groups import Group, Zoning
from sewerzone.engineering.networks import segments
from sewerzone.engineering.overlay import cheaper
from sewerzone.engineering.paths import arcs_between
from sewerzone.engineering.prizes import Zoned, zone
from sewerzone.engineering.pruning import root_of
from sewerzone.pipeline.candidates import Instance, corrected, designed, priced_anew, study_candidates, study_upkeeps
from sewerzone.pipeline.capacity import are_kept, capacities
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages.zone import LEAST_SAVING_YEN, Known, Study

MOST_ROUNDS = 30
"""Times the problem is solved at most."""
MOST_REPEATS = 3
"""Known decisions that may come back, at other prices, before the search ends."""
PIVOTS = 20_000
"""Effort for the proof of one problem, in steps of the simplex method: results do not depend on the computer."""


class Sought(NamedTuple):
    """The optimum beside the official zoning.

    Attributes
    ----------
    zoning, official : what was found, and what the official procedure gives
    official_keeps_limits : whether the official zoning does; if not, it may be the cheaper
    rounds : times the problem was solved
    is_settled : whether the solution at the last prices has the groups of the zoning found; if not, its networks cost more
        than the problem expects, and the zoning found remains the cheapest that was designed
    final : the problem at those prices
    decided : its solution, with the bound that no decision at those prices lies below
    """

    zoning: Zoning
    official: Zoning
    official_keeps_limits: bool
    rounds: int
    is_settled: bool
    final: Instance
    decided: Zoned


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


class Studies(NamedTuple):
    """The study, and the same without the places of delivery that have a limit (None where none has).

    ``singles`` are every unit by itself, ``known`` the joins tried by the official procedure.
    """

    whole: Study
    rest: Study | None
    singles: list[Group]
    known: Known


def find(
    town: Town, field: Field, config: Config, book: CostBook, studies: Studies, official: Zoning, pairs: tuple[Ints, Ints]
) -> Sought:  # fmt: skip
    """The cheapest zoning met, never dearer than the official one unless that exceeds a limit."""
    study = studies.whole
    upkeeps = study_upkeeps(town, book, config)
    forced = study.decisions.is_sewer, study.decisions.is_johkasou
    instance = study_candidates(town, field, config, book, forced)
    limits, flow = capacities(town), instance.units.flow_m3_per_d
    maker = _Maker(studies, studies.singles)
    keeps = are_kept(limits, official.groups, field, flow)
    best = official if keeps else Zoning(maker.apart(), [], 0, np.full(len(maker.singles), -np.inf))
    joined, rounds, repeats = best, 0, 0
    seen: set[bytes] = set()
    last: tuple[bytes, int] | None = None
    while True:
        decided, rounds = zone(instance.candidates.problem, pivots=PIVOTS), rounds + 1
        wanted = _wanted(instance, decided, field)
        key = b"|".join(w.key() for w in wanted)
        is_settled = [(w.mode, *w.units) for w in wanted] == [(g.mode, *g.units) for g in best.groups if g.trees is not None]
        repeats += key in seen
        repeats = MOST_REPEATS if (key, round(decided.yen_per_yr)) == last else repeats
        last = key, round(decided.yen_per_yr)
        if (is_settled and key in seen) or repeats >= MOST_REPEATS or rounds >= MOST_ROUNDS:
            if joined.groups is not best.groups:
                before, joined = best.groups, _joined_on(best, studies, maker, pairs, config)
                joined = joined if are_kept(limits, joined.groups, field, flow) else best
                best, repeats, last = joined, 0, None
                if best.groups is not before:
                    sewers = priced_anew(instance.sewers, field, designed(field, upkeeps, best.groups))
                    instance = instance.at(sewers, field, config)
                    continue
            best = best._replace(groups=study.cut(best.groups))
            return Sought(best, official, keeps, rounds, is_settled, instance, decided)
        seen.add(key)
        plan, grown, along = maker.plan(wanted)
        for found in (plan, cheaper(best.groups, plan, len(maker.singles), LEAST_SAVING_YEN)):
            if yen(found) < yen(best.groups) and are_kept(limits, found, field, flow):
                best = best._replace(groups=found)
        tried, kept = designed(field, upkeeps, grown, along), designed(field, upkeeps, best.groups)
        sewers = priced_anew(instance.sewers, field, [*tried, *kept])  # what is laid in the end keeps its own price
        instance = instance.at(corrected(sewers, field, tried, kept), field, config)


def _joined_on(best: Zoning, studies: Studies, maker: _Maker, pairs: tuple[Ints, Ints], config: Config) -> Zoning:
    """The zoning with joins of the connection study on top, if that is cheaper."""
    start, most = [maker.based(g) for g in best.groups], config.zoning.most_rounds
    joined = studies.whole.joined(start, pairs, most, studies.known)
    if yen(joined.groups) < yen(best.groups):
        return joined
    return joined._replace(groups=best.groups, joins=[])


class _Maker:
    """Decisions of the problem as designed groups, each designed once."""

    def __init__(self, studies: Studies, singles: list[Group]) -> None:
        self.studies, self.singles = studies, singles
        self.known: dict[tuple[str, bytes, bool, int], Group | None] = {}
        self.known_along: dict[bytes, Group | None] = {}

    def apart(self) -> list[Group]:
        """Every unit by itself at its cheapest; where places of delivery have limits, with tanks if nothing forces a sewer."""
        if self.studies.rest is None:
            return self.singles
        johkasou, is_sewer = self.studies.whole.yearly.johkasou, self.studies.whole.decisions.is_sewer
        return [
            g if is_sewer[g.units[0]] else Group(g.units, "johkasou", float(johkasou[g.units[0]]), None, 0, g.bases)
            for g in self.singles
        ]

    def plan(self, wanted: list[Wanted]) -> tuple[list[Group], list[Group], list[Group]]:
        """A plan for all units, and the groups wanted as they were designed, grown anew and along the ways decided.

        Of every group the cheapest is taken of it, of it without the units that do not pay in it, and of its units each by
        itself; the other units are by themselves.
        """
        grown, along = self._grown(wanted), self._along(wanted)
        pairs = ([g for g in pair if g is not None] for pair in zip(grown, along, strict=True))
        whole = [min(pair, key=lambda g: g.yen_per_yr, default=None) for pair in pairs]
        built = [g for g in whole if g is not None]
        paying = iter(self.studies.whole.without_losers(built) if built else [])
        smaller = self._grown(
            [w._replace(units=next(paying) if g is not None else w.units[:0]) for w, g in zip(wanted, whole, strict=True)]
        )
        singles = self.apart()
        out = {int(g.units[0]): [g] for g in singles}
        for units, *joint in zip((w.units for w in wanted), whole, smaller, strict=True):
            apart = [singles[int(u)] for u in units]
            choices = [apart] + [[g, *(a for a in apart if a.units[0] not in g.units)] for g in joint if g is not None]
            out |= {int(u): [] for u in units} | {int(units[0]): min(choices, key=yen)}
        plan = sorted((g for groups in out.values() for g in groups), key=lambda g: int(g.units[0]))
        return plan, [g for g in grown if g is not None], [g for g in along if g is not None]

    def based(self, group: Group) -> Group:
        """The group, where it is a single unit, with all networks others may be hung on."""
        if len(group.units) > 1:
            return group
        alone = self.singles[int(group.units[0])]
        if group is alone:
            return group
        return Group(group.units, group.mode, group.yen_per_yr, group.trees, group.slope_weight, alone.bases | group.bases)

    def _along(self, wanted: list[Wanted]) -> list[Group | None]:
        """The groups along the ways decided."""
        fresh = [w for w in wanted if w.key() not in self.known_along]
        laid = self.studies.whole.along([(w.mode, w.units) for w in fresh], [w.roots for w in fresh], [w.ways for w in fresh])
        self.known_along |= {w.key(): group for w, group in zip(fresh, laid, strict=True)}
        return [self.known_along[w.key()] for w in wanted]

    def _grown(self, wanted: list[Wanted]) -> list[Group | None]:
        """The groups by the means of the official zoning."""
        keys = [(w.mode, w.units.tobytes(), w.is_limited, w.site) for w in wanted]
        for is_limited in (False, True):
            study = self.studies.whole if is_limited or self.studies.rest is None else self.studies.rest
            fresh = [
                i for i, w in enumerate(wanted) if len(w.units) and w.is_limited == is_limited and keys[i] not in self.known
            ]
            sites = [wanted[i].site for i in fresh]
            grown = study.grown([(wanted[i].mode, wanted[i].units) for i in fresh], is_quick=True, sites=sites)
            self.known |= {keys[i]: group for i, group in zip(fresh, grown, strict=True)}
        return [self.known.get(key) for key in keys]


def _wanted(instance: Instance, decided: Zoned, field: Field) -> list[Wanted]:
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
    link, sewer = np.argsort(found.chains.of_arc, kind="stable"), np.argsort(own.unit, kind="stable")
    own_arc = arcs_between(graph, own.down, own.up)[sewer]
    places = instance.places
    is_target = np.zeros(len(graph), bool)
    is_target[places.node[((modes == "connect") & np.isinf(problem.kind_most_m3_per_d))[places.kind]]] = True
    out = []
    for mode in sorted(set(modes[kind])):
        for n in np.unique(node[modes[kind] == mode]):
            at = (modes[kind] == mode) & (node == n)
            links = chain[(modes[decided.arc_kind] == mode) & (root == n) & (chain >= 0)]
            arcs = link[_of(found.chains.of_arc[link], links)], own_arc[_of(own.unit[sewer], served[at])]
            ways = np.concatenate(arcs)
            ways = np.unique(np.minimum(ways, graph.reverse[ways]))
            houses = loads.node[segments(loads.offsets[served[at]], loads.offsets[served[at] + 1])]
            roots = found.node[[n]]
            if is_target[roots[0]]:
                passed = np.concatenate([graph.row[ways], graph.neighbour[ways], houses])
                roots = np.union1d(roots, passed[is_target[passed]])
            site = int(found.node[n]) if mode == "own_plant" and field.plant_exits is None else -1
            out.append(Wanted(mode, served[at], bool(is_limited[at].any()), site, roots, ways))
    return sorted(out, key=lambda item: int(item.units[0]))


def _of(labels: Ints, wanted: Ints) -> Ints:
    """Where sorted labels are those wanted."""
    return segments(np.searchsorted(labels, wanted), np.searchsorted(labels, wanted, side="right"))


def yen(groups: list[Group]) -> float:
    """Yearly cost of groups."""
    return float(sum(g.yen_per_yr for g in groups))
