"""A study seen door by door: every place where houses of one unit enter the road graph is a unit of its own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Bools, Ints
from sewerzone.engineering.groups import Group, Zoning
from sewerzone.pipeline.growers import growers
from sewerzone.pipeline.town import Field, Town, kept_yen_per_yr
from sewerzone.pipeline.verdicts import Absorbed, hosts_of, yearly_costs
from sewerzone.stages import cost, route
from sewerzone.stages.zone import Decisions, Study

ON_ROADS = ("connected", "dear_branch", "cut_off")
"""Houses a sewer can reach, each by itself: units leave out dear branches and what is not on their part of the roads."""


class DoorTown(NamedTuple):
    """The study with h doors as its units.

    Attributes
    ----------
    town, field : with doors as units; what concerns units as a whole (outlines, networks alone) is that of the units
    study : data of designing groups of doors
    unit : (h,) unit of every door
    is_in_unit : (h,) whether its houses get a sewer where the unit does
    kept_yen_per_yr : tanks of houses without a door
    """

    town: Town
    field: Field
    study: Study
    unit: Ints
    is_in_unit: Bools
    kept_yen_per_yr: float


def door_town(
    town: Town, field: Field, config: Config, book: CostBook, absorbed: Absorbed, late: Bools
) -> DoorTown:  # fmt: skip
    """The study door by door; what is decided for units, or could not be built in time, is decided for their doors."""
    homes = pd.DataFrame(town.buildings.loc[town.buildings["unit_id"].notna()].drop(columns="geometry"))
    homes = homes.merge(field.laterals[["building_id", "status", "node_id"]], on="building_id", suffixes=("", "_lateral"))
    has = homes["status_lateral"].isin(ON_ROADS)
    left, homes = homes[~has], homes[has].astype({"unit_id": "int64", "node_id": "int64"})
    nodes = field.ground.nodes
    doors, door = np.unique(homes["unit_id"].to_numpy() * nodes + homes["node_id"].to_numpy(), return_inverse=True)
    unit, count = doors // nodes, len(doors)
    in_unit = np.zeros(count, bool)
    in_unit[door[(homes["status_lateral"] == "connected").to_numpy()]] = True
    of_building = pd.Series(door, index=homes["building_id"].to_numpy(), dtype="Int64")
    buildings = town.buildings.assign(unit_id=of_building.reindex(town.buildings["building_id"]).array)
    laterals = field.laterals.copy()
    laterals.loc[laterals["status"].isin(ON_ROADS), "status"] = "connected"
    loads, laterals = route.load_units(buildings, laterals, town.roads.nodes, count)
    sums = homes.groupby(door)[["dwellings", "flow_mean_m3_per_d", "flow_max_m3_per_d"]].sum().reset_index(drop=True)
    at_doors, on = town._replace(buildings=buildings, units=sums), field._replace(loads=loads, laterals=laterals)
    is_sewer = (town.decided.is_sewer | absorbed.is_absorbed) & ~late
    decisions = Decisions(is_sewer[unit] & in_unit, (town.decided.is_johkasou | late)[unit])
    yearly = yearly_costs(at_doors, on, config, book)
    hosts = hosts_of(town, unit >= town.houses_units)
    study = Study(field.ground, loads, growers(on, config), yearly, decisions, config.compare.own_plant_min_dwellings, hosts)
    tanks = left["tank_persons"], left["tank_count"], left["existing_tank_count"]
    kept = float(cost.johkasou_yen_per_yr(*tanks, book, config.cost).sum() + kept_yen_per_yr(left).sum())
    return DoorTown(at_doors, on, study, unit, in_unit, kept)


def groups_of_doors(doors: DoorTown, zoning: Zoning, leftover_yen_per_yr: np.ndarray) -> list[Group]:
    """A zoning of the units as one of their doors; ``leftover_yen_per_yr`` (u,) are the tanks that sewered units keep."""
    tanks = doors.study.yearly.johkasou
    is_tank = np.ones(len(tanks), bool)
    out = []
    for group in zoning.groups:
        if group.trees is None:
            continue
        mine = np.flatnonzero(np.isin(doors.unit, group.units) & doors.is_in_unit)
        is_tank[mine] = False
        yen = group.yen_per_yr - float(leftover_yen_per_yr[group.units].sum())
        out.append(Group(mine, group.mode, yen, group.trees, group.slope_weight, group.bases))
    return sorted(out + tank_groups(np.flatnonzero(is_tank), tanks), key=lambda g: int(g.units[0]))


def tank_groups(doors: Ints, tanks_yen_per_yr: np.ndarray) -> list[Group]:
    """Doors that keep their tanks, each by itself."""
    return [Group(doors[k : k + 1], "johkasou", float(tanks_yen_per_yr[d]), None, 0, {}) for k, d in enumerate(doors.tolist())]
