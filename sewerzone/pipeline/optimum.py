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
    rounds : times the problem was solved
    is_settled : whether the solution at the last prices is the zoning found; if not, its networks cost more than the problem
        expects, and the zoning found remains the cheapest that was designed
    final : the problem at those prices
    decided : its solution, with the bound that no decision at those prices lies below
    """

    zoning: Zoning
    official: Zoning
    rounds: int
    is_settled: bool
    final: Instance
    decided: Zoned


def find(
    town: Town, field: Field, config: Config, book: CostBook, study: Study, official: Zoning, pairs: tuple[Ints, Ints]
) -> Sought:  # fmt: skip
    """The cheapest zoning met, never dearer than the official one."""
    upkeeps = study_upkeeps(town, book, config)
    forced = study.decisions.is_sewer, study.decisions.is_johkasou
    instance = study_candidates(town, field, config, book, forced)
    maker = _Maker(study, list(study.start(field.alone)))
    best, joined, rounds, repeats = official, official, 0, 0
    seen: set[bytes] = set()
    while True:
        decided, rounds = zone(instance.candidates.problem, pivots=PIVOTS), rounds + 1
        wanted = _wanted(instance, decided)
        is_settled = _key(wanted) == _key([(g.mode, g.units) for g in best.groups if g.trees is not None])
        repeats += _key(wanted) in seen
        if is_settled or repeats >= MOST_REPEATS or rounds >= MOST_ROUNDS:
            if joined.groups is not best.groups:
                joined = _joined_on(best, study, maker, pairs, config)
                best, repeats = joined, 0
                continue
            return Sought(best, official, rounds, is_settled, instance, decided)
        seen.add(_key(wanted))
        plan, built = maker.plan(wanted)
        found = cheaper(best.groups, plan, len(maker.singles), LEAST_SAVING_YEN)
        best = best._replace(groups=found) if yen(found) < yen(best.groups) else best
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

    def __init__(self, study: Study, singles: list[Group]) -> None:
        self.study, self.singles = study, singles
        self.known: dict[tuple[str, bytes], Group | None] = {}

    def plan(self, wanted: list[tuple[str, Ints]]) -> tuple[list[Group], list[Group]]:
        """A plan for all units, and the groups wanted as they were designed.

        Of every group the cheapest is taken of it, of it without the units that do not pay in it, and of its units each by
        itself; the other units are by themselves.
        """
        whole = self._grown(wanted)
        built = [g for g in whole if g is not None]
        paying = iter(self.study.without_losers(built) if built else [])
        fewer = [(mode, next(paying) if g is not None else units[:0]) for (mode, units), g in zip(wanted, whole, strict=True)]
        smaller = self._grown(fewer)
        out = {int(g.units[0]): [g] for g in self.singles}
        for (_, units), *joint in zip(wanted, whole, smaller, strict=True):
            apart = [self.singles[int(u)] for u in units]
            choices = [apart] + [[g, *(a for a in apart if a.units[0] not in g.units)] for g in joint if g is not None]
            out |= {int(u): [] for u in units} | {int(units[0]): min(choices, key=yen)}
        return sorted((g for groups in out.values() for g in groups), key=lambda g: int(g.units[0])), built

    def based(self, group: Group) -> Group:
        """The group, where it is a single unit, with all networks others may be hung on."""
        if len(group.units) > 1:
            return group
        alone = self.singles[int(group.units[0])]
        return Group(group.units, group.mode, group.yen_per_yr, group.trees, group.slope_weight, alone.bases | group.bases)

    def _grown(self, wanted: list[tuple[str, Ints]]) -> list[Group | None]:
        keys = [(mode, units.tobytes()) for mode, units in wanted]
        fresh = [
            i for i, (key, (_, units)) in enumerate(zip(keys, wanted, strict=True)) if len(units) and key not in self.known
        ]
        for i, group in zip(fresh, self.study.grown([wanted[i] for i in fresh], is_quick=True), strict=True):
            self.known[keys[i]] = group
        return [self.known.get(key) for key in keys]


def _wanted(instance: Instance, decided: Zoned) -> list[tuple[str, Ints]]:
    """The decision as (mode, units): all that drains to one place."""
    problem, found = instance.candidates.problem, instance.candidates
    served = np.flatnonzero(decided.entry >= 0)
    entry = decided.entry[served]
    mode = np.array(found.kind_mode)[problem.entry_kind[entry]]
    out = []
    for name in np.unique(mode):
        at = served[mode == name]
        node = problem.entry_node[decided.entry[at]]
        out += [(str(name), at[node == n]) for n in np.unique(node)]
    return sorted(out, key=lambda item: int(item[1][0]))


def _key(wanted: list[tuple[str, Ints]]) -> bytes:
    return b"|".join(mode.encode() + units.tobytes() for mode, units in wanted)


def yen(groups: list[Group]) -> float:
    """Yearly cost of groups."""
    return float(sum(g.yen_per_yr for g in groups))
