"""Who gets a sewer: units alone, absorption, and the connection study."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.avoidable import avoidable_yen_per_yr
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.groups import Hosts, Zoning
from sewerzone.engineering.networks import Members, concat
from sewerzone.engineering.paths import nearest_pairs
from sewerzone.noted import Note, some
from sewerzone.pipeline import optimum
from sewerzone.pipeline.capacity import capacities
from sewerzone.pipeline.growers import growers
from sewerzone.pipeline.proofs import prove_alone
from sewerzone.pipeline.town import Field, Town, has_road, kept_yen_per_yr, main_component
from sewerzone.stages import compare, cost, route, sites, zone
from sewerzone.stages.existing import position
from sewerzone.tables import no_ids

TANKS = ("tank_persons", "tank_count", "existing_tank_count")


class AloneVerdicts(NamedTuple):
    """Options of every unit alone with their cost rows, the verdict under either set of lives and its measures, by unit_id."""

    costs: pd.DataFrame
    options: pd.DataFrame
    verdict: pd.Series[str]
    other_lives: pd.Series[str]
    measures: pd.DataFrame


class Absorbed(NamedTuple):
    """Units absorbed round served areas (周辺家屋の取り込み): metres of sewer per house against the limit."""

    is_absorbed: Bools
    metres_per_house: Floats
    limit_m: Floats


def compare_alone(town: Town, field: Field, config: Config, book: CostBook) -> AloneVerdicts:
    """Price the three options of every unit, under the chosen and under the other set of lives."""
    frames = _quantities(town, field, config)
    has_inlet = len(town.clean.served_areas) > 0 or bool((town.clean.plants["kind"] == "outlet").any())
    proofs = {} if config.zoning.is_reference else prove_alone(field)  # what is not searched for has no proof
    rows = [
        cost.sewer_rows(frames["pipes"], book, config.cost),
        cost.manhole_rows(frames["manholes"], book, config.cost),
        cost.pump_rows(frames["pumps"], book, config.cost),
        cost.way_rows(frames["ways"], book, config.cost),
        cost.treatment_rows(frames["treatment"], book, config.cost, config.compare),
        cost.johkasou_rows(frames["tanks"], book, config.cost),
        *kept_rows(town, config, book),
    ]
    costs = cost.finish(rows, is_in_plan=False)
    options = compare.option_table(
        town.units, field.alone, proofs, costs, config.compare, config.route, has_road(field), has_inlet,
        config.study.language,
    )  # fmt: skip
    verdict = compare.alone_verdicts(options)
    other = compare.alone_verdicts(compare.with_capital(options, cost.other_capital_yen_per_yr(rows)))
    return AloneVerdicts(costs, options, verdict, other, compare.measures(options, costs, cost.priced_by_sewer(book)))


def absorb(town: Town, field: Field) -> Absorbed:
    """Adjoining units whose sewer metres per house stay within the served limit become part of the served area.

    Pumps, depth and road classes count: metres are the yearly laying cost over that of a metre of sewer.
    """
    count = len(town.units)
    metres = np.full(count, np.nan)
    per_metre = float(town.limits["sewer_yen_per_m_yr"].to_numpy()[1])
    metres[field.alone.can_connect] = field.alone.connect.yen_per_yr / per_metre
    per_house = metres / np.maximum(_sewered_dwellings(field), 1e-9)
    adjoins = town.units["is_adjoining"].to_numpy(bool) & field.alone.can_connect & ~town.decided.is_johkasou
    return Absorbed(adjoins & (per_house <= town.served_limit_m), per_house, np.full(count, town.served_limit_m))


def zone_units(
    town: Town, field: Field, config: Config, book: CostBook, absorbed: Absorbed, without_override: int | None = None
) -> Zoning:
    """The zoning by the method of the study; ``without_override`` leaves one of the planner's decisions out."""
    if config.zoning.method == "all_johkasou":
        return zone.all_johkasou(yearly_costs(town, field, config, book))
    if config.zoning.method == "all_sewer":
        yearly = yearly_costs(town, field, config, book)
        return zone.all_sewer(field.alone, main_component(field, town.roads.nodes), growers(field, config), yearly)
    if config.zoning.method == "optimum":
        return seek_optimum(town, field, config, book, absorbed, without_override).zoning
    return _official(_study(town, field, config, book, absorbed, without_override), field, config)


def seek_optimum(
    town: Town, field: Field, config: Config, book: CostBook, absorbed: Absorbed, without_override: int | None = None
) -> optimum.Sought:
    """The cheapest zoning that can be found beside that of the official procedure."""
    study = _study(town, field, config, book, absorbed, without_override)
    no_rivers = growers(field._replace(rivers=sites.NO_RIVERS), config)
    procedure, pairs = replace(study, growers=no_rivers), neighbours(field, config)
    known: zone.Known = {}
    singles = list(procedure.start(field.alone))
    official = procedure.joined(singles, pairs, config.zoning.most_rounds, known)
    singles = singles if study.hosts is None else list(study.start(field.alone))  # plants that stand are routed anew
    limits = list(capacities(town))
    rest = replace(study, growers=growers(_without(field, limits, config), config)) if limits else None
    draft = replace(study, growers=growers(field, config.model_copy(update={"route": config.route.unsearched()})))
    studies = optimum.Studies(study, rest, singles, known, draft)
    return optimum.find(town, field, config, book, studies, official, pairs)


def _without(field: Field, nodes: list[int], config: Config) -> Field:
    """The field without these places of delivery."""

    def others(exits: route.Exits) -> route.Exits:
        return route.find_exits(field.ground, exits.targets[~np.isin(exits.targets, nodes)], config.route)

    plants = None if field.plant_exits is None else others(field.plant_exits)
    return field._replace(exits=others(field.exits), plant_exits=plants)


def _study(
    town: Town, field: Field, config: Config, book: CostBook, absorbed: Absorbed, without_override: int | None
) -> zone.Study:
    holds = town.decided.override_id != (-2 if without_override is None else without_override)
    decisions = zone.Decisions((town.decided.is_sewer & holds) | absorbed.is_absorbed, town.decided.is_johkasou & holds)
    yearly = yearly_costs(town, field, config, book)
    least = config.compare.own_plant_min_dwellings
    is_plant = np.arange(len(town.units)) >= town.houses_units
    hosts, is_brief = hosts_of(town, is_plant), not optimum.is_thorough(config, len(town.units))
    return zone.Study(field.ground, field.loads, growers(field, config), yearly, decisions, least, hosts, is_brief)


def hosts_of(town: Town, is_plant: Bools) -> Hosts | None:
    """The existing plants among the units, which ``is_plant`` (u,) tells in their order; None without any."""
    if town.existing is None:
        return None
    unit, hosts = np.flatnonzero(is_plant), town.existing.hosts()
    most = town.existing.capacity_m3_per_d
    return Hosts(is_plant, {m: int(unit[k]) for m, k in hosts.items()}, {m: float(most[k]) for m, k in hosts.items()})


def _official(study: zone.Study, field: Field, config: Config) -> Zoning:
    return study.official(field.alone, neighbours(field, config), config.zoning.most_rounds)


def neighbours(field: Field, config: Config) -> tuple[Ints, Ints]:
    """Pairs of units, the smaller first, with which joining is tried: the nearest along roads, and those at one node."""
    loads, graph = field.loads, field.ground.graph
    unit = _unit_of_loads(field)
    order = np.lexsort((unit, loads.node))
    node, unit = loads.node[order], unit[order]
    label = np.full(len(graph), -1, np.int64)
    label[node[::-1]] = unit[::-1]  # of units at one node the smallest stands for all
    a, b, _ = nearest_pairs(graph, graph.length_m, label, config.zoning.neighbours, config.route.max_link_m)
    together = np.flatnonzero(node[1:] == node[:-1]) if config.zoning.neighbours else np.empty(0, np.int64)
    a, b = np.concatenate([a, unit[together]]), np.concatenate([b, unit[together + 1]])
    pairs = np.unique(np.stack([a, b]), axis=1)
    return pairs[0], pairs[1]


def margins(zoning: Zoning, town: Town, field: Field, config: Config, book: CostBook) -> Floats:
    """(u,) what the plan would cost more a year if the unit were treated the other way, the rest staying as it is.

    A sewered unit would take tanks, and the reaches that serve it alone would not be built (where that seems to save, the rest
    of its network is designed anew); a unit with tanks would take
    the cheaper of a network of its own and of a join with a neighbour. NaN where there is no other way, and in
    reference plans.
    """
    yearly = yearly_costs(town, field, config, book)
    out = np.full(len(town.units), np.nan)
    if config.zoning.is_reference:
        return out
    alone = np.full(len(out), np.inf)
    for mode, networks in (("connect", field.alone.connect), ("own_plant", field.alone.own_plant)):
        units, yen = networks.members.units, zone.collective_yen_per_yr(mode, networks, yearly)
        is_large = yearly.dwellings[units] >= config.compare.own_plant_min_dwellings
        is_large &= units < town.houses_units  # an existing plant is not built anew for itself
        alone[units] = np.minimum(alone[units], np.where(is_large | (mode == "connect"), yen, np.inf))
    systems = [g for g in zoning.groups if g.trees is not None]
    other = np.minimum(alone - yearly.johkasou, -zoning.best_join_yen_per_yr)
    if systems:
        trees, members = concat([g.trees for g in systems if g.trees is not None]), Members.of([g.units for g in systems])
        laying = avoidable_yen_per_yr(field.ground, field.loads, trees, members, len(out))
        for group in systems:
            saved = yearly.treatment_saved(group)
            own = laying[group.units] + saved + yearly.leftover[group.units]
            other[group.units] = yearly.johkasou[group.units] - own
            if position(group.mode) >= 0:  # the plant that treats them is kept in any case
                other[town.houses_units + position(group.mode)] = np.inf
            for unit in group.units[other[group.units] < 0.0]:  # with less flow the rest may lie steeper: designed anew
                rest = zone.serving(field.ground, field.loads, yearly, group, group.units[group.units != unit])
                other[unit] = sum(g.yen_per_yr for g in rest) + yearly.johkasou[unit] - group.yen_per_yr
    found = np.isfinite(other)
    out[found] = other[found]
    return out


def shortfalls(zoning: Zoning, town: Town, config: Config) -> list[str]:
    """What the zoning could not do as asked, one sentence each."""
    notes: list[str] = []
    if config.zoning.is_reference:
        return notes
    if zoning.joins and zoning.joins[-1].round >= config.zoning.most_rounds:
        notes.append(Note("unsettled", rounds=config.zoning.most_rounds))
    unmet = [int(u) for g in zoning.groups if g.trees is None for u in g.units if town.decided.is_sewer[u]]
    if unmet:
        notes.append(Note("unmet", units=some(unmet)))
    return notes


def yearly_costs(town: Town, field: Field, config: Config, book: CostBook) -> zone.Yearly:
    """What the search compares."""
    homes = homes_of(town)
    persons, count, existing = (homes[column].to_numpy() for column in TANKS)
    tanks = cost.johkasou_yen_per_yr(persons, count, existing, book, config.cost) + kept_yen_per_yr(homes).sum(axis=1)
    of = homes["unit_id"].to_numpy(np.int64)
    left = ~_is_connected(homes, field)

    def per_unit(unit: Ints, values: Floats) -> Floats:
        return np.bincount(unit, values, minlength=len(town.units)).astype(np.float64)

    def treatment(mode: str, mean: Floats, most: Floats) -> Floats:
        if town.existing is not None and position(mode) >= 0:
            return town.existing.treatment_yen_per_yr(mode, most)
        basis = "own_plant" if mode == "own_plant" else config.compare.treatment
        return cost.treatment_yen_per_yr(mean, most, basis, book, config.cost, config.compare)

    sewered = homes[~left]
    at = sewered["unit_id"].to_numpy(np.int64)
    return zone.Yearly(
        treatment,
        per_unit(of, tanks),
        per_unit(of[left], tanks[left]),
        per_unit(at, sewered["flow_mean_m3_per_d"].to_numpy(float)),
        per_unit(at, sewered["flow_max_m3_per_d"].to_numpy(float)),
        per_unit(at, sewered["dwellings"].to_numpy(float)),
    )


def homes_of(town: Town) -> pd.DataFrame:
    """Buildings and existing plants of units."""
    return pd.DataFrame(town.buildings[town.buildings["unit_id"].notna()])


def _is_connected(homes: pd.DataFrame, field: Field) -> Bools:
    status = field.laterals.set_index("building_id")["status"].reindex(homes["building_id"])
    return np.asarray(status == "connected", dtype=np.bool_)


def _unit_of_loads(field: Field) -> Ints:
    return np.repeat(np.arange(len(field.loads.offsets) - 1), np.diff(field.loads.offsets))


def _sewered_dwellings(field: Field) -> Floats:
    """(u,) dwellings a sewer can reach."""
    count = len(field.loads.offsets) - 1
    return np.bincount(_unit_of_loads(field), field.loads.dwellings, minlength=count).astype(np.float64)


def _quantities(town: Town, field: Field, config: Config) -> dict[str, pd.DataFrame]:
    """Quantities of all options of units alone: pipes, manholes, pumps, treatment, tanks."""
    parts = [
        compare.quantities(field.ground, field.loads, priced, option, town.roads.edges)
        for priced, option in ((field.alone.connect, "connect"), (field.alone.own_plant, "own_plant"))
        if len(priced.yen_per_yr)
    ]
    parts = parts or [compare.no_quantities()]
    out = {key: pd.concat([p[key] for p in parts], ignore_index=True) for key in ("pipes", "manholes", "pumps", "ways")}
    homes = homes_of(town)
    homes = homes.assign(is_connected=_is_connected(homes, field), system_id=no_ids(len(homes)))
    flows = homes[homes["is_connected"]].groupby("unit_id")[["flow_mean_m3_per_d", "flow_max_m3_per_d"]].sum().reset_index()
    flows["system_id"] = no_ids(len(flows))
    can = {"connect": field.alone.can_connect, "own_plant": field.alone.can_own_plant}
    basis = {"connect": config.compare.treatment, "own_plant": "own_plant"}
    some = {o: flows[can[o][flows["unit_id"].to_numpy(np.int64)]].assign(option=o, basis=basis[o]) for o in can}
    out["treatment"] = pd.concat(some.values(), ignore_index=True)
    columns = ["option", "unit_id", "system_id", *TANKS]
    left = homes[~homes["is_connected"]]
    tanks = [homes.assign(option="johkasou")]
    tanks += [left[can[o][left["unit_id"].to_numpy(np.int64)]].assign(option=o) for o in can]
    out["tanks"] = pd.DataFrame(pd.concat(tanks, ignore_index=True)[columns])
    return out


def kept_rows(town: Town, config: Config, book: CostBook) -> list[pd.DataFrame]:
    """Cost rows of keeping every existing plant, as what it has in place of tanks."""
    if town.existing is None:
        return []
    unit = town.houses_units + np.arange(town.plants)
    return [cost.existing_rows(town.existing.frame("johkasou").assign(unit_id=unit), book, config.cost, config.compare)]
