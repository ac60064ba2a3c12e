"""The cheapest zoning that can be found: one problem solved, its networks designed, its prices set by these, and again.

The problem (``candidates``) knows what a way costs only as well as networks were designed along it. So every decision is
designed by the same means as the official zoning, and judged by what it then costs; ways and units' own sewers take the prices
of these designs, and the problem is solved again, until a decision comes back. The official zoning takes part: wherever it is
the cheaper of the two it stays, so the result never costs more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.groups import Group, Zoning
from sewerzone.engineering.overlay import cheaper
from sewerzone.engineering.prizes import Zoned, zone
from sewerzone.pipeline.candidates import Instance, corrected, priced_anew, study_candidates, study_upkeeps
from sewerzone.pipeline.capacity import are_kept, capacities
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages.zone import LEAST_SAVING_YEN, Study

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
    is_settled : whether the solution at the last prices is the zoning found; if not, its networks cost more than the problem
        expects, and the zoning found remains the cheapest that was designed
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
    """Units that drain to one place.

    ``is_limited``: to one that takes so much and no more; ``site``: node of a plant that may stand elsewhere, or -1.
    """

    mode: str
    units: Ints
    is_limited: bool
    site: int


class Studies(NamedTuple):
    """The study, and the same without the places of delivery that have a limit (None where none has)."""

    whole: Study
    rest: Study | None


def find(
    town: Town, field: Field, config: Config, book: CostBook, studies: Studies, official: Zoning, pairs: tuple[Ints, Ints]
) -> Sought:  # fmt: skip
    """The cheapest zoning met, never dearer than the official one unless that exceeds a limit."""
    study = studies.whole
    upkeeps = study_upkeeps(town, book, config)
    forced = study.decisions.is_sewer, study.decisions.is_johkasou
    instance = study_candidates(town, field, config, book, forced)
    limits, flow = capacities(town), instance.units.flow_m3_per_d
    maker = _Maker(studies, list(study.start(field.alone)))
    keeps = are_kept(limits, official.groups, field, flow)
    best = official if keeps else Zoning(maker.apart(), [], 0, np.full(len(maker.singles), -np.inf))
    joined, rounds, repeats = best, 0, 0
    seen: set[bytes] = set()
    last: tuple[bytes, int] | None = None
    while True:
        decided, rounds = zone(instance.candidates.problem, pivots=PIVOTS), rounds + 1
        wanted = _wanted(instance, decided, field.plant_exits is None)
        is_settled = _key(wanted) == _key([Wanted(g.mode, g.units, False, -1) for g in best.groups if g.trees is not None])
        is_settled = is_settled and maker.has_tried_plants(wanted)
        repeats += _key(wanted) in seen
        repeats = MOST_REPEATS if (_key(wanted), round(decided.yen_per_yr)) == last else repeats
        last = _key(wanted), round(decided.yen_per_yr)
        if is_settled and rounds == 1:  # found at first prices: the gap stated is that at its own
            instance = priced_anew(instance, field, config, upkeeps, best.groups)
            continue
        if is_settled or repeats >= MOST_REPEATS or rounds >= MOST_ROUNDS:
            if joined.groups is not best.groups:
                joined = _joined_on(best, study, maker, pairs, config)
                joined = joined if are_kept(limits, joined.groups, field, flow) else best
                best, repeats, last = joined, 0, None
                instance = priced_anew(instance, field, config, upkeeps, best.groups)
                continue
            return Sought(best, official, keeps, rounds, is_settled, instance, decided)
        seen.add(_key(wanted))
        plan, built = maker.plan(wanted)
        for found in (plan, cheaper(best.groups, plan, len(maker.singles), LEAST_SAVING_YEN)):
            if yen(found) < yen(best.groups) and are_kept(limits, found, field, flow):
                best = best._replace(groups=found)
        for groups in (built, best.groups):  # what is laid in the end keeps its own price
            instance = priced_anew(instance, field, config, upkeeps, groups)
        instance = corrected(instance, field, config, upkeeps, built, best.groups)


def _joined_on(best: Zoning, study: Study, maker: _Maker, pairs: tuple[Ints, Ints], config: Config) -> Zoning:
    """The zoning with joins of the connection study on top, if that is cheaper."""
    joined = study.joined([maker.based(g) for g in best.groups], pairs, config.zoning.most_rounds)
    if yen(joined.groups) < yen(best.groups):
        return joined
    return joined._replace(groups=best.groups, joins=[])


class _Maker:
    """Decisions of the problem as designed groups, each set of units designed once."""

    def __init__(self, studies: Studies, singles: list[Group]) -> None:
        self.studies, self.singles = studies, singles
        self.known: dict[tuple[str, bytes, bool, int], Group | None] = {}

    def apart(self) -> list[Group]:
        """Every unit by itself at its cheapest; where places of delivery have limits, with tanks if nothing forces a sewer."""
        if self.studies.rest is None:
            return self.singles
        johkasou, is_sewer = self.studies.whole.yearly.johkasou, self.studies.whole.decisions.is_sewer
        return [
            g if is_sewer[g.units[0]] else Group(g.units, "johkasou", float(johkasou[g.units[0]]), None, 0, g.bases)
            for g in self.singles
        ]

    def plan(self, wanted: list[Wanted]) -> tuple[list[Group], list[Group]]:
        """A plan for all units, and the groups wanted as they were designed.

        Of every group the cheapest is taken of it, of it without the units that do not pay in it, and of its units each by
        itself; the other units are by themselves.
        """
        whole = self._grown(wanted)
        built = [g for g in whole if g is not None]
        paying = iter(self.studies.whole.without_losers(built) if built else [])
        smaller = self._grown(
            [w._replace(units=next(paying) if g is not None else w.units[:0]) for w, g in zip(wanted, whole, strict=True)]
        )
        singles = self.apart()
        out = {int(g.units[0]): [g] for g in singles}
        for (_, units, *_), *joint in zip(wanted, whole, smaller, strict=True):
            apart = [singles[int(u)] for u in units]
            choices = [apart] + [[g, *(a for a in apart if a.units[0] not in g.units)] for g in joint if g is not None]
            out |= {int(u): [] for u in units} | {int(units[0]): min(choices, key=yen)}
        return sorted((g for groups in out.values() for g in groups), key=lambda g: int(g.units[0])), built

    def based(self, group: Group) -> Group:
        """The group, where it is a single unit, with all networks others may be hung on."""
        if len(group.units) > 1:
            return group
        alone = self.singles[int(group.units[0])]
        return Group(group.units, group.mode, group.yen_per_yr, group.trees, group.slope_weight, alone.bases | group.bases)

    def has_tried_plants(self, wanted: list[Wanted]) -> bool:
        """Whether plants wanted at sites of choice were designed there."""
        return all(w.site < 0 or self._name(w) in self.known for w in wanted)

    @staticmethod
    def _name(w: Wanted) -> tuple[str, bytes, bool, int]:
        return w.mode, w.units.tobytes(), w.is_limited, w.site

    def _grown(self, wanted: list[Wanted]) -> list[Group | None]:
        keys = [self._name(w) for w in wanted]
        for is_limited in (False, True):
            study = self.studies.whole if is_limited or self.studies.rest is None else self.studies.rest
            fresh = [
                i for i, w in enumerate(wanted) if len(w.units) and w.is_limited == is_limited and keys[i] not in self.known
            ]
            sites = [wanted[i].site for i in fresh]
            grown = study.grown([(wanted[i].mode, wanted[i].units) for i in fresh], is_quick=True, sites=sites)
            self.known |= {keys[i]: group for i, group in zip(fresh, grown, strict=True)}
        return [self.known.get(key) for key in keys]


def _wanted(instance: Instance, decided: Zoned, has_choice: bool) -> list[Wanted]:
    """The decision as groups: all that drains to one place; ``has_choice``: plants may stand elsewhere than at given sites."""
    problem, found = instance.candidates.problem, instance.candidates
    served = np.flatnonzero(decided.entry >= 0)
    kind, node = problem.entry_kind[decided.entry[served]], problem.entry_node[decided.entry[served]]
    mode, is_limited = np.array(found.kind_mode, dtype=object)[kind], np.isfinite(problem.kind_most_m3_per_d)[kind]
    out = []
    for name in sorted(set(mode)):
        for n in np.unique(node[mode == name]):
            at = (mode == name) & (node == n)
            out.append(
                Wanted(
                    name,
                    served[at],
                    bool(is_limited[at].any()),
                    int(found.node[n]) if name == "own_plant" and has_choice else -1,
                )
            )
    return sorted(out, key=lambda item: int(item.units[0]))


def _key(wanted: list[Wanted]) -> bytes:
    return b"|".join(w.mode.encode() + w.units.tobytes() for w in wanted)


def yen(groups: list[Group]) -> float:
    """Yearly cost of groups."""
    return float(sum(g.yen_per_yr for g in groups))
