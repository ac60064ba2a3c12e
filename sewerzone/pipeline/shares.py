"""What other shares of people on sewers would cost, where the study asks for it: the problem, the plans on it, second aims."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.economics import building_years, capital_share
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.groups import Zoning
from sewerzone.engineering.prizes import FREE, SERVED, Prizes, Zoned
from sewerzone.engineering.repricing import Decision, Repricer
from sewerzone.pipeline.candidates import Instance
from sewerzone.pipeline.outcome import lay_systems
from sewerzone.pipeline.repriced import connected, item_of, repricer, served_by
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages import cost
from sewerzone.stages.cost_curve import PlanPoint, SecondAim, cost_curve


def curve(
    instance: Instance, zonings: Mapping[str, Zoning], town: Town, field: Field, config: Config, book: CostBook
) -> pd.DataFrame:
    """The table of least cost for every share of people on sewers, with today's tanks and the plan's ``zonings`` by kind.

    What is absorbed round served areas is absorbed by rule, not by cost: the curve decides it by cost, so that it starts
    from nobody. Decisions of the planner hold.
    """
    people, everyone = connected(town, field, "people"), float(town.units["people"].sum())
    problem = instance.candidates.problem
    is_free = (problem.side == SERVED) & ~town.decided.is_sewer
    problem = problem._replace(side=np.where(is_free, FREE, problem.side))
    repriced = repricer(instance.candidates._replace(problem=problem))
    nobody = np.zeros(len(people), bool)
    aim = _second_aim(repriced, town, people, config, book)
    known = {"few_pumps": 0.0, "fast": everyone}.get(aim.kind, np.nan) if aim else np.nan
    plans = {"today": PlanPoint(nobody, float(problem.tanks_yen_per_yr.sum()), known)}
    for kind, zoning in zonings.items():
        pumps = np.nan
        if aim is not None and aim.kind == "few_pumps":
            pumps = float(len(lay_systems(zoning, town, field, config, book).pumps))
        plans[kind] = PlanPoint(served_by(zoning, len(people)), float(sum(g.yen_per_yr for g in zoning.groups)), pumps)
    return cost_curve(repriced, people, everyone, config.curve.points, plans, aim)


def _second_aim(repriced: Repricer, town: Town, people: Floats, config: Config, book: CostBook) -> SecondAim | None:
    """The aim of the study; pumps of the model are an estimate, their cost over the price of one."""
    heads = np.array([name.partition(".")[0] for name in repriced.parts.names])
    if config.curve.second_aim == "pumps":
        each = cost.laying_prices(book, config.cost, config.design).pump_yen_per_yr
        is_pump = heads == "pump"

        def pumps(decision: Decision) -> float:
            return float(decision.fixed_yen_per_yr[is_pump].sum()) / each

        return SecondAim("few_pumps", pumps, False, is_pump)
    if config.curve.second_aim == "in_time":
        in_time = _InTime(repriced, town, people, config, book)
        is_built = np.array([name.endswith(".capital") for name in repriced.parts.names]) & (heads != "johkasou")
        return SecondAim("fast", in_time.people, True, is_built)
    return None


class _InTime:
    """People treated within the building years: those with tanks, and those on sewers the yearly budget reaches by then."""

    def __init__(self, repriced: Repricer, town: Town, people: Floats, config: Config, book: CostBook) -> None:
        self.problem, self.settings = repriced.problem, config.zoning
        self.money = np.array(config.money_by_year(max(len(config.programme.renewal_yen_per_yr), 1)))
        units = town.units
        self.dwellings, self.people_of = units["dwellings"].to_numpy(float), people
        self.everyone = float(units["people"].sum())
        self.density = self.dwellings / np.maximum(units["area_ha"].to_numpy(float), 1e-9)
        parts = repriced.parts
        per_yen = np.zeros(len(parts.names))
        for k, name in enumerate(parts.names):
            head, _, side = name.rpartition(".")
            item = item_of(head, town, config, book)
            if side == "capital" and head != "johkasou" and item is not None:
                life = item.life(config.cost.lives).years
                per_yen[k] = 1.0 / capital_share(life, config.cost.annualisation, config.cost.discount_rate)
        self.arc, self.serving, self.entry, self.kind = (
            values @ per_yen for values in (parts.arc, parts.serving, parts.entry, parts.kind)
        )

    def people(self, decision: Decision) -> float:
        """People treated in time under a zoning; denser networks are built first (10年概成)."""
        zoned, problem = decision.zoned, self.problem
        served = np.flatnonzero(zoned.is_served)
        out = self.everyone - float(self.people_of[zoned.is_served].sum())
        if not len(served):
            return out
        entries, system = np.unique(zoned.entry[served], return_inverse=True)
        count = len(entries)
        own = self.serving[served] + self.kind[problem.entry_kind[zoned.entry[served]]] * problem.flow_m3_per_d[served]
        capital = self.entry[entries] + np.bincount(system, own, minlength=count)
        ways = np.searchsorted(entries, entry_of_arcs(problem, zoned))
        capital += np.bincount(ways, self.arc[zoned.arcs], minlength=count)
        size = np.maximum(self.dwellings[served], 1e-9)
        density = np.bincount(system, self.density[served] * size, minlength=count) / np.bincount(system, size, minlength=count)
        years = building_years(capital, density, self.money)
        in_time = years[system] <= self.settings.build_years
        return out + float(self.people_of[served[in_time]].sum())


def entry_of_arcs(problem: Prizes, zoned: Zoned) -> Ints:
    """(a,) the place of delivery each arc of a decision leads to."""
    tail = zoned.arc_kind * problem.nodes + problem.tail[zoned.arcs]
    head = zoned.arc_kind * problem.nodes + problem.head[zoned.arcs]
    order = np.argsort(head, kind="stable")
    at = np.minimum(np.searchsorted(head[order], tail), max(len(head) - 1, 0))
    above = np.where(head[order][at] == tail, order[at], np.arange(len(tail))) if len(tail) else at
    for _ in range(int(np.ceil(np.log2(max(2, len(tail))))) + 1):
        above = above[above]
    used = np.unique(zoned.entry[zoned.entry >= 0])
    place = problem.entry_kind[used] * problem.nodes + problem.entry_node[used]
    order = np.argsort(place, kind="stable")
    return np.asarray(used[order][np.searchsorted(place[order], tail[above])], dtype=np.int64)
