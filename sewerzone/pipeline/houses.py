"""The reference house by house: the cheapest zoning that is not bound to units, with its networks designed, and its bound.

The zoning by units is one of its decisions, and stays wherever nothing cheaper was designed: so the reference never costs more,
and what it costs less is what the units cost. Decisions of the planner, absorption and what could not be built in time hold
for houses as for their units; dear branches are left to the problem itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.branches import dear_loads
from sewerzone.engineering.doors import Delivery, DoorProblem, Doors, door_prices, door_problem, networks_of
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.groups import Group, Zoning
from sewerzone.engineering.itemised import Upkeeps, itemise
from sewerzone.engineering.networks import Members, avoidance_yen_per_yr, concat, load_places, price, take
from sewerzone.engineering.overlay import cheaper
from sewerzone.engineering.paths import arcs_between
from sewerzone.engineering.prizes import FREE, SERVED, TANKS, Zoned, zone
from sewerzone.engineering.strips import trimmed
from sewerzone.engineering.trees import Trees
from sewerzone.pipeline.candidates import Instance, study_upkeeps, unit_figures
from sewerzone.pipeline.capacity import are_kept, capacities
from sewerzone.pipeline.doors import DoorTown, door_town, groups_of_doors, tank_groups
from sewerzone.pipeline.least import begin_least, bounded
from sewerzone.pipeline.optimum import PIVOTS, Sought, yen
from sewerzone.pipeline.town import Field, Town
from sewerzone.pipeline.verdicts import Absorbed, yearly_costs
from sewerzone.stages.zone import LEAST_SAVING_YEN, Decisions, priced_group

MOST_ROUNDS = 12
"""Times the problem is solved at most."""
MOST_IDLE = 3
"""Rounds without a saving after which the search ends."""
MOST_GRAFTS = 3
"""Times doors are added to the networks found."""
MOST_TRIMS = 3
"""Times what does not pay is cut from a network."""
PROVEN_DOORS = 10_000
"""With more doors the problem is decided by growth alone."""


class Reference(NamedTuple):
    """The zoning house by house beside that by units.

    Attributes
    ----------
    doors : the study door by door
    by_unit : the zoning by units, as groups of doors
    same_houses : sewers for the same houses, laid by the means of the reference
    groups : the reference
    least_yen_per_yr : no zoning of houses or of units costs less
    rounds : times the problem was solved
    least_at_prices_yen_per_yr : what its solution at the last prices costs at least, without what avoiding edges is worth
    """

    doors: DoorTown
    by_unit: list[Group]
    same_houses: list[Group]
    groups: list[Group]
    least_yen_per_yr: float
    rounds: int
    least_at_prices_yen_per_yr: float

    def facts(self) -> dict[str, Any]:
        """The figures of the record."""
        plan, same, best = (yen(g) + self.doors.kept_yen_per_yr for g in (self.by_unit, self.same_houses, self.groups))
        least_at_prices, gap_at_prices = bounded(best, self.least_at_prices_yen_per_yr)
        return {
            "by_unit_yen_per_yr": plan,
            "same_houses_yen_per_yr": same,
            "yen_per_yr": best,
            "saving_yen_per_yr": plan - best,
            "saving_share": (plan - best) / plan if plan > 0.0 else 0.0,
            "units_cost_yen_per_yr": same - best,
            "doors": len(self.doors.unit),
            "rounds": self.rounds,
            "least_at_final_prices_yen_per_yr": least_at_prices,
            "gap_at_final_prices_share": gap_at_prices,
            "least_of_any_plan_yen_per_yr": self.least_yen_per_yr,
            "gap_of_any_plan_share": _gap(best, self.least_yen_per_yr),
        }


def _gap(yen_per_yr: float, least_yen_per_yr: float) -> float:
    return max(yen_per_yr / least_yen_per_yr - 1.0, 0.0) if least_yen_per_yr > 0.0 else 0.0


def reference(
    zoning: Zoning, sought: Sought, late: Bools, town: Town, field: Field, config: Config, book: CostBook, absorbed: Absorbed
) -> Reference:  # fmt: skip
    """The cheapest zoning house by house that is met; ``late`` (u,) are units that could not be built in time."""
    doors = door_town(town, field, config, book, absorbed, late)
    by_unit = groups_of_doors(doors, zoning, yearly_costs(town, field, config, book).leftover)
    decisions = doors.study.decisions
    figures = unit_figures(doors.town, doors.field, config, book, (decisions.is_sewer, decisions.is_johkasou))
    least = begin_least(doors.town, doors.field, config, book, figures)() + doors.kept_yen_per_yr
    served = served_doors(by_unit, len(doors.unit))
    if not sought.final.places.node.size:
        return Reference(doors, by_unit, by_unit, by_unit, least, 0, least)
    search = _Search(doors, sought.final, by_unit, study_upkeeps(town, book, config))
    same, _, _ = search.run(by_unit, Decisions(served, ~served))
    # what no sewer can reach keeps its tanks
    groups, rounds, at_prices = search.run(same, Decisions(decisions.is_sewer & served, decisions.is_johkasou))
    return Reference(doors, by_unit, same, groups, least, rounds, at_prices + doors.kept_yen_per_yr)


def served_doors(groups: list[Group], doors: int) -> Bools:
    """(h,) whether a door gets a sewer."""
    out = np.zeros(doors, bool)
    for group in groups:
        out[group.units] = group.trees is not None
    return out


class _Search:
    """Problem solved, networks designed, ways priced by these, and again."""

    def __init__(self, doors: DoorTown, instance: Instance, by_unit: list[Group], upkeeps: Upkeeps) -> None:
        study = doors.study
        self.field, self.limits = doors.field, capacities(doors.town)
        self.study, self.upkeeps, self.decisions = study, upkeeps, study.decisions
        self.tanks = study.yearly.johkasou
        self.modes = instance.places.kind_mode
        self.places = places_of(instance, by_unit)
        sewers = instance.sewers
        self.prices = door_prices(study.ground, sewers.arc.sum(axis=1), float(sewers.climb.sum()), sewers.own)

    def run(self, best: list[Group], decisions: Decisions) -> tuple[list[Group], int, float]:
        """The cheapest groups met, rounds, and what the problem's solution at the last prices costs at least."""
        self.decisions = decisions
        rounds, idle, known = 0, 0, set[bytes]()
        self._price_by(best)
        while True:
            problem, decided = self.decided(self.prices)
            rounds += 1
            key = decided.entry.tobytes() + decided.arcs.tobytes()
            if key in known or idle >= MOST_IDLE or rounds >= MOST_ROUNDS:
                break
            known.add(key)
            raw, built = self.built(problem, decided)
            before, best = yen(best), self._cheaper(best, built)
            best = self._cheaper(best, self.trimmed(systems(best)))
            idle = 0 if yen(best) < before else idle + 1
            for groups in (raw, built, best):  # what is laid in the end keeps its own price
                self._price_by(groups)
        best = self.grafted(self._cheaper(best, self.study.polish(systems(best), is_quick=False)))
        avoidance = sum(float(avoidance_yen_per_yr(self.study.ground, g.trees)[0]) for g in best if g.trees is not None)
        return best, rounds, decided.least_yen_per_yr - avoidance

    def grafted(self, best: list[Group]) -> list[Group]:
        """The groups with doors added that pay once the sewers of the groups are there, and without such as do not."""
        for _ in range(MOST_GRAFTS):
            before = yen(best)
            prices = self.prices.copy()
            for group in systems(best):
                assert group.trees is not None
                way = np.flatnonzero(group.trees.parent >= 0)
                down, up = group.trees.node[group.trees.parent[way]], group.trees.node[way]
                prices[arcs_between(self.study.ground.graph, down, up)] = 0.0
            best = self._cheaper(best, self.built(*self.decided(prices))[1])
            best = self._cheaper(best, self.trimmed(systems(best)))
            if yen(best) >= before:
                break
        return best

    def built(self, problem: DoorProblem, decided: Zoned) -> tuple[list[Group], list[Group]]:
        """The groups of a decision as it is, and made better."""
        raw = self.decided_groups(problem, decided)
        return raw, self.trimmed(self.grown(raw))

    def decided(self, prices: Floats) -> tuple[DoorProblem, Zoned]:
        """The problem at these prices by arc, and its solution."""
        study, decisions = self.study, self.decisions
        side = np.where(decisions.is_johkasou, TANKS, np.where(decisions.is_sewer, SERVED, FREE)).astype(np.int64)
        doors = Doors(study.loads.node, self.tanks, study.yearly.flow_max_m3_per_d, side)
        found = door_problem(study.ground.graph, prices, doors, self.places)
        return found, zone(found.problem, pivots=PIVOTS if len(self.tanks) <= PROVEN_DOORS else 0)

    def decided_groups(self, problem: DoorProblem, decided: Zoned) -> list[Group]:
        """The decision's own trees as designed groups."""
        found = networks_of(self.study.ground.graph, problem, self.places.node, decided)
        mode = np.array(self.modes)[found.kind]
        which = [np.flatnonzero(mode == name) for name in np.unique(mode)]
        groups = []
        for some in which:
            units = [found.members.units[found.members.offsets[k] : found.members.offsets[k + 1]] for k in some]
            groups += self._groups(str(mode[some[0]]), units, take(found.trees, some))
        return groups

    def grown(self, groups: list[Group]) -> list[Group]:
        """Each group as it is, or grown anew where that is cheaper; where places have limits, to its own place only."""
        anew = self.study.grown([(g.mode, g.units) for g in groups], is_quick=True)
        return [
            g if a is None or a.yen_per_yr >= g.yen_per_yr or (self.limits and _ends(a) != _ends(g)) else a
            for g, a in zip(groups, anew, strict=True)
        ]

    def trimmed(self, groups: list[Group]) -> list[Group]:
        """The groups without doors that do not pay, as long as that makes them cheaper."""
        for _ in range(MOST_TRIMS):
            fewer = self._without_dear(groups)
            if fewer is groups:
                break
            groups = fewer
        return groups

    def _without_dear(self, groups: list[Group]) -> list[Group]:
        """The groups without the doors behind branches that do not pay; the same list if nothing is gained."""
        if not groups:
            return groups
        trees, members = concat([g.trees for g in groups if g.trees is not None]), Members.of([g.units for g in groups])
        is_dear = dear_loads(self.study.ground, self.study.loads, trees, members, self._worth(groups))
        rest = [g.units[~is_dear[g.units]] for g in groups]
        changed = [k for k, (g, left) in enumerate(zip(groups, rest, strict=True)) if 0 < len(left) < len(g.units)]
        out = list(groups)
        for mode in sorted({groups[k].mode for k in changed}):
            some = [k for k in changed if groups[k].mode == mode]
            part = concat([t for k in some if (t := groups[k].trees) is not None])
            left = [rest[k] for k in some]
            place, _ = load_places(part, self.study.loads, Members.of(left), self.study.ground.nodes)
            smaller = self._groups(mode, left, trimmed(part, place))
            for k, group in zip(some, self.grown(smaller), strict=True):
                left_yen = float(self.tanks[np.setdiff1d(groups[k].units, group.units)].sum())
                if group.yen_per_yr + left_yen < groups[k].yen_per_yr - LEAST_SAVING_YEN:
                    out[k] = group
        return out if any(a is not b for a, b in zip(out, groups, strict=True)) else groups

    def _worth(self, groups: list[Group]) -> Floats:
        """(h,) tanks less treatment of every door, the rest of its group being there; infinite where it must be served."""
        worth = self.tanks.copy()
        for group in groups:
            worth[group.units] -= self.study.yearly.treatment_saved(group)
        worth[self.decisions.is_sewer] = np.inf
        return worth

    def _groups(self, mode: str, units: list[Ints], trees: Trees) -> list[Group]:
        """Networks of given trees as groups."""
        study, members = self.study, Members.of(units)
        priced = price(study.ground, trees, study.loads, members, np.zeros(len(units), np.int64))
        return [priced_group(u, mode, priced, k, study.yearly) for k, u in enumerate(units)]

    def _cheaper(self, best: list[Group], other: list[Group]) -> list[Group]:
        """In every part of the study the cheaper of the best and of other groups, all further doors keeping their tanks."""
        y = self.study.yearly
        large = [g for g in other if self.study.is_allowed(g.mode, g.units)]
        is_tank = np.ones(len(self.tanks), bool)
        for group in large:
            is_tank[group.units] = False
        every = large + tank_groups(np.flatnonzero(is_tank), np.where(self.decisions.is_sewer, np.inf, self.tanks))
        found = cheaper(best, every, len(self.tanks), LEAST_SAVING_YEN)
        return found if are_kept(self.limits, found, self.field, y.flow_max_m3_per_d) else best

    def _price_by(self, groups: list[Group]) -> None:
        """Ways take the price of the networks designed along them, their mean where there are several."""
        ground, trees = self.study.ground, [g.trees for g in groups if g.trees is not None]
        if not trees:
            return
        members = Members.of([g.units for g in groups if g.trees is not None])
        found = itemise(ground, self.study.loads, concat(trees), members, self.upkeeps)
        used, back, count = np.unique(arcs_between(ground.graph, found.down, found.up), return_inverse=True, return_counts=True)
        yen_per_yr = found.yen_per_yr.sum(axis=1) + ground.avoid_yen_per_yr[found.edge]
        self.prices[used] = np.bincount(back, yen_per_yr) / count


def _ends(group: Group) -> list[int]:
    """Nodes at which the network of a group ends."""
    assert group.trees is not None
    return sorted(group.trees.node[group.trees.parent < 0].tolist())


def systems(groups: list[Group]) -> list[Group]:
    """Groups with a network."""
    return [g for g in groups if g.trees is not None]


def places_of(instance: Instance, by_unit: list[Group]) -> Delivery:
    """Places of delivery of the problem by units, and wherever plants of the zoning by units stand."""
    places = instance.places
    mode = np.array(instance.places.kind_mode)
    plants = [int(g.trees.node[g.trees.parent < 0][0]) for g in by_unit if g.trees is not None and g.mode == "own_plant"]
    kinds = np.flatnonzero((mode == "own_plant") & np.isinf(places.kind_most_m3_per_d))
    fixed = places.entry.sum(axis=1)
    first = np.array([fixed[places.kind == k][0] for k in kinds])
    sites = np.unique(np.array(plants, dtype=np.int64))
    return Delivery(
        np.concatenate([places.node, np.tile(sites, len(kinds))]),
        np.concatenate([places.kind, np.repeat(kinds, len(sites))]),
        np.concatenate([fixed, np.repeat(first, len(sites))]),
        places.kind_price.sum(axis=1),
        places.kind_most_m3_per_d,
    )
