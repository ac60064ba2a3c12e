"""The problem of a study from its town and field: unit figures, places of delivery, first prices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.itemised import Upkeeps, itemise
from sewerzone.engineering.networks import Members, Priced
from sewerzone.engineering.prizes import FREE, SERVED, TANKS
from sewerzone.engineering.search import append, pick
from sewerzone.pipeline.capacity import capacities
from sewerzone.pipeline.town import Field, Town, has_road, kept_yen_per_yr
from sewerzone.stages import candidates, cost, route
from sewerzone.stages.candidates import NAMES, Candidates, Places, Sewers, UnitFigures
from sewerzone.stages.existing import position

LINES = 3
"""Straight lines that stand for the concave cost of a plant."""


class Instance(NamedTuple):
    """The problem of a study and what it was built from."""

    candidates: Candidates
    sewers: Sewers
    units: UnitFigures
    places: Places

    def at(self, sewers: Sewers, field: Field, config: Config) -> Instance:
        """The same at other prices of sewers."""
        return build(field, config, sewers, self.units, self.places, self.candidates)


def study_candidates(town: Town, field: Field, config: Config, book: CostBook, forced: tuple[Bools, Bools]) -> Instance:
    """The problem of a study at its first prices; ``forced`` (u,) to sewer and to tanks, see ``zone.Decisions``."""
    upkeeps = study_upkeeps(town, book, config)
    alone = networks_alone(field, config)
    own = itemise(field.ground, field.loads, alone.trees, alone.members, upkeeps)
    sewers = candidates.first_sewers(field.ground, own, upkeeps)
    units = unit_figures(town, field, config, book, forced)
    places = delivery(town, field, config, book, units)
    return build(field, config, sewers, units, places)


def build(
    field: Field, config: Config, sewers: Sewers, units: UnitFigures, places: Places, before: Candidates | None = None
) -> Instance:  # fmt: skip
    """The problem at these prices; ``before`` it was at others."""
    found = candidates.build(field.ground, field.loads, sewers, units, places, config.route.max_link_m, before)
    return Instance(found, sewers, units, places)


def study_upkeeps(town: Town, book: CostBook, config: Config) -> Upkeeps:
    """What of the study's laying prices is upkeep."""
    edges = town.roads.edges
    off_road_m = np.where(edges["road_id"].isna(), edges["length_m"], 0.0)
    return cost.upkeeps(edges["crossing"], off_road_m, book, config.cost)


def unit_figures(town: Town, field: Field, config: Config, book: CostBook, forced: tuple[Bools, Bools]) -> UnitFigures:
    """Tanks, flow and side of every unit."""
    homes = town.buildings[town.buildings["unit_id"].notna()]
    tanks = cost.tank_split(homes["tank_persons"], homes["tank_count"], homes["existing_tank_count"], book, config.cost)
    status = field.laterals.set_index("building_id")["status"].reindex(homes["building_id"])
    joined = (status == "connected").to_numpy()
    of, count = homes["unit_id"].to_numpy(np.int64), len(town.units)

    def per_unit(values: Floats) -> Floats:
        return np.stack([np.bincount(of, column, minlength=count) for column in values.T], axis=1).astype(np.float64)

    flow = per_unit((homes["flow_max_m3_per_d"].to_numpy(float) * joined)[:, None])[:, 0]
    is_sewer, is_johkasou = forced
    side = np.where(is_johkasou | ~has_road(field), TANKS, np.where(is_sewer, SERVED, FREE))
    kept = kept_yen_per_yr(homes)
    leftover = per_unit(tanks * ~joined[:, None])
    return UnitFigures(per_unit(tanks), leftover, flow, side.astype(np.int64), per_unit(kept))


def delivery(town: Town, field: Field, config: Config, book: CostBook, units: UnitFigures) -> Places:
    """Served nodes and inlets, and the sites of plants, with what treatment costs there."""
    rows = []
    limit = capacities(town)
    targets = field.exits.targets
    free = targets[~np.isin(targets, list(limit))]
    typical = float((units.flow_m3_per_d**2).sum() / max(units.flow_m3_per_d.sum(), 1e-9))
    price = np.zeros(len(NAMES))
    mean = mean_share(town)
    price[_columns("treatment")] = cost.treatment_split(
        [mean * typical], [typical], config.compare.treatment, book, config.cost, config.compare
    )[0] / max(typical, 1e-9)
    zero = np.zeros(len(NAMES))
    rows += [(free, zero, "connect", price, np.inf)] if len(free) else []
    rows += [(np.array([n]), zero, "connect", price, limit[n]) for n in targets[np.isin(targets, list(limit))].tolist()]
    sites = _sites(field)
    if len(sites):
        for fixed, slope in plant_lines(town, field, config, book, units):
            free = sites[~np.isin(sites, list(limit))]
            rows += [(free, fixed, "own_plant", slope, np.inf)] if len(free) else []
            some = sites[np.isin(sites, list(limit))].tolist()
            rows += [(np.array([n]), fixed, "own_plant", slope, limit[n]) for n in some]
    rows += _hosts(town)
    return Places(
        np.concatenate([r[0] for r in rows]).astype(np.int64) if rows else np.empty(0, np.int64),
        np.repeat(np.arange(len(rows)), [len(r[0]) for r in rows]).astype(np.int64),
        np.concatenate([np.tile(r[1], (len(r[0]), 1)) for r in rows]) if rows else np.zeros((0, len(NAMES))),
        tuple(r[2] for r in rows),
        np.array([r[3] for r in rows]).reshape(-1, len(NAMES)),
        np.array([r[4] for r in rows], dtype=np.float64),
        np.array([town.houses_units + k if (k := position(r[2])) >= 0 else -1 for r in rows], dtype=np.int64),
    )


def _hosts(town: Town) -> list[tuple[Ints, Floats, str, Floats, float]]:
    """Existing plants as places of delivery for others: kept, and with more upkeep for all they treat beyond today."""
    if town.existing is None:
        return []
    known, rows = town.existing, []
    for mode, k in known.hosts().items():
        fixed, price = np.zeros(len(NAMES)), np.zeros(len(NAMES))
        fixed[_columns("plant")] = known.keep_yen_per_yr[k]
        price[NAMES.index("plant.upkeep")] = known.more_yen_per_m3_per_d[k]
        fixed[NAMES.index("plant.upkeep")] -= known.more_yen_per_m3_per_d[k] * known.flow_max_m3_per_d[k]
        rows.append((known.node[[k]], fixed, mode, price, float(known.capacity_m3_per_d[k])))
    return rows


def plant_lines(town: Town, field: Field, config: Config, book: CostBook, units: UnitFigures) -> list[tuple[Floats, Floats]]:
    """Straight lines for the cost of an own plant over its flow: (p,) at no flow and per m3 a day.

    Each touches the curve in the middle of one of equal parts of the range of flows, by their logarithm, from the least group
    to all units together. On a concave curve no line lies below it, and their least is near it everywhere.
    """
    least, most = flow_range(town, config, units)
    ends = np.geomspace(least, most, LINES + 1)
    middle, mean = np.sqrt(ends[1:] * ends[:-1]), mean_share(town)
    out = []
    for q in middle:
        flow = np.array([q / 1.02, q * 1.02])
        split = cost.treatment_split(mean * flow, flow, "own_plant", book, config.cost, config.compare)
        slope = np.maximum((split[1] - split[0]) / (flow[1] - flow[0]), 0.0)
        fixed, per = np.zeros(len(NAMES)), np.zeros(len(NAMES))
        per[_columns("plant")] = slope
        fixed[_columns("plant")] = np.maximum(split.mean(axis=0) - slope * flow.mean(), 0.0)
        out.append((fixed, per))
    return out


def flow_range(town: Town, config: Config, units: UnitFigures) -> tuple[float, float]:
    """Least and largest daily maximum a plant may have to treat."""
    total, dwellings = float(units.flow_m3_per_d.sum()), float(town.units["dwellings"].sum())
    least = total / max(dwellings, 1e-9) * config.compare.own_plant_min_dwellings
    return max(min(least, total), 1e-6), max(total, 2e-6)


def mean_share(town: Town) -> float:
    """Daily mean over daily maximum."""
    units = town.units
    return float(units["flow_mean_m3_per_d"].sum()) / max(float(units["flow_max_m3_per_d"].sum()), 1e-9)


def networks_alone(field: Field, config: Config) -> Priced:
    """One network for every unit with houses on the roads: to the served network, else to a plant, else grown for this."""
    alone, has = field.alone, has_road(field)
    own = pick(alone.own_plant, np.flatnonzero(~alone.can_connect[alone.own_plant.members.units]))
    rest = np.flatnonzero(has & ~alone.can_connect & ~alone.can_own_plant)
    parts = [alone.connect, own]
    if len(rest):
        parts.append(route.plant_networks(field.ground, field.loads, Members.single(rest), config.route.unsearched()))
    every = append([p for p in parts if len(p.yen_per_yr)] or parts[:1])
    return pick(every, np.argsort(every.members.units, kind="stable"))


def _sites(field: Field) -> Ints:
    """Nodes at which an own plant may stand: those named, else the outlets of the units' own networks to one, and rivers."""
    if field.plant_exits is not None:
        return field.plant_exits.targets
    trees = field.alone.own_plant.trees
    return np.union1d(trees.node[trees.parent < 0], field.rivers.node)


def _columns(item: str) -> slice:
    at = NAMES.index(f"{item}.capital")
    return slice(at, at + 2)
