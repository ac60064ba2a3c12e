"""The problem of a study made ready to be decided at other prices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sewerzone.config import Config
from sewerzone.costbooks import CostBook, Figure, Flat, Item
from sewerzone.costbooks.cited import ELECTRICITY
from sewerzone.engineering.forest import Bools, Floats
from sewerzone.engineering.groups import Zoning
from sewerzone.engineering.prizes import Prizes, Zoned, zone
from sewerzone.engineering.repricing import Repricer
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages import cost
from sewerzone.stages.candidates import Candidates, Parts, priced


def in_money(candidates: Candidates) -> Candidates:
    """The problem without what decides between networks and is no cost: verdicts go by money alone."""
    parts = candidates.parts
    is_money = np.array([name != "avoidance" for name in parts.names])
    return with_parts(candidates, Parts(parts.names, *(values * is_money for values in parts[1:])))


def with_parts(candidates: Candidates, parts: Parts) -> Candidates:
    """The problem with other costs."""
    return candidates._replace(problem=priced(candidates.problem, parts, np.ones(len(parts.names))), parts=parts)


def served_by(zoning: Zoning, units: int) -> Bools:
    """(u,) units that get a sewer."""
    out = np.zeros(units, bool)
    for group in zoning.groups:
        out[group.units] = group.trees is not None
    return out


def connected(town: Town, field: Field, figure: str) -> Floats:
    """(u,) how much of a figure of the houses, ``people`` or ``dwellings``, a sewer of their unit would serve."""
    homes = town.buildings[town.buildings["unit_id"].notna()]
    status = field.laterals.set_index("building_id")["status"].reindex(homes["building_id"])
    joined = homes[figure].to_numpy(float) * (status == "connected").to_numpy()
    out = np.bincount(homes["unit_id"].to_numpy(np.int64), joined, minlength=len(town.units)).astype(np.float64)
    out[town.houses_units :] = 0.0  # nobody lives in an existing plant
    return out


def repricer(candidates: Candidates) -> Repricer:
    """The problem at any prices, each time decided by what growth finds."""
    is_tank = np.array([name.startswith("johkasou") for name in candidates.parts.names])
    return Repricer(candidates.at, candidates.parts, is_tank, _fast)


def _fast(problem: Prizes, start: Zoned | None) -> Zoned:
    return zone(problem, pivots=0, start=start)


def item_of(head: str, town: Town, config: Config, book: CostBook) -> Item | None:
    """The item of the cost book whose figures a part of cost rests on: of plants
    that for the flow of a typical unit, of tanks and crossings the most frequent one, as certain as those that make a material
    part of the yen."""
    if head == "energy" and config.cost.electricity_yen_per_kwh > 0:
        price = Flat(kind="flat", price=config.cost.electricity_yen_per_kwh)
        own = Figure(price, "U", ELECTRICITY, None, "JPY", "study", ELECTRICITY)
        return Item(head, "kWh", None, own, None, None)
    if head == "johkasou":
        homes = town.buildings[town.buildings["unit_id"].notna()]
        persons, count, existing = (homes[name] for name in ("tank_persons", "tank_count", "existing_tank_count"))
        return cost.typical_tank(persons, count, existing, book, config.cost)
    if head == "crossing":
        return _crossing(town.roads.edges["crossing"], config, book)
    if head == "plant":
        flow = town.units["flow_max_m3_per_d"].to_numpy(float)
        small, typical = book.find("plant_small"), float((flow**2).sum() / max(flow.sum(), 1e-9))
        is_small = small is not None and typical <= (small.up_to_m3_per_d or np.inf)
        return small if is_small else book.find("plant_large")
    return book.find(head)


def _crossing(kinds: pd.Series[str], config: Config, book: CostBook) -> Item | None:
    """The crossing that the most roads have; None without any."""
    counts = kinds.value_counts().sort_index()
    if counts.empty:
        return None
    number = np.asarray(counts, dtype=np.float64)
    items = [book.item(f"crossing_{kind}") for kind in counts.index]
    return cost.stands_for(int(number.argmax()), items, number, number, config.cost)
