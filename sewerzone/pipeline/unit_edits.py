"""From two zonings of the doors to the edits of units: houses beside one another that would be treated otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.groups import Group, Zoning
from sewerzone.engineering.itemised import Upkeeps, itemise
from sewerzone.engineering.networks import Members, concat, load_places
from sewerzone.engineering.overlay import part_sums, parts
from sewerzone.engineering.strips import strips
from sewerzone.model import Plan
from sewerzone.pipeline.candidates import study_upkeeps
from sewerzone.pipeline.doors import DoorTown
from sewerzone.pipeline.houses import Reference, reference, served_doors, systems
from sewerzone.pipeline.optimum import Sought
from sewerzone.pipeline.town import Field, Town
from sewerzone.pipeline.verdicts import Absorbed
from sewerzone.stages import unit_edits
from sewerzone.stages.zone import Study


def house_by_house(
    plan: Plan, zoning: Zoning, sought: Sought, late: Bools, town: Town, field: Field, book: CostBook, absorbed: Absorbed
) -> Plan:  # fmt: skip
    """The plan with the reference house by house in its record, and what that would change of the units."""
    if not len(town.units):
        return plan
    found = reference(zoning, sought, late, town, field, plan.config, book, absorbed)
    edits = edits_of(found, study_upkeeps(town, book, plan.config), plan.config.study.language)
    edits = edits[edits["unit_id"] < town.houses_units]
    return replace(plan, unit_edits=edits, run={**plan.run, "houses": found.facts()})


def edits_of(found: Reference, upkeeps: Upkeeps, language: str) -> pd.DataFrame:
    """The UNIT_EDITS table: what the zoning house by house cuts off sewered units, and what it adds to sewers."""
    doors = found.doors
    before, after = (served_doors(groups, len(doors.unit)) for groups in (found.same_houses, found.groups))
    cut = _edits(doors, systems(found.same_houses), before & ~after, "cut", upkeeps)
    grown = _edits(doors, systems(found.groups), after & ~before, "grow", upkeeps)
    edits = pd.concat([cut, grown], ignore_index=True)
    part = parts(found.same_houses, found.groups, len(doors.unit))
    saving = part_sums(found.same_houses, part) - part_sums(found.groups, part)
    at = part[edits["door"].to_numpy(np.int64)]
    count = np.bincount(at, minlength=len(saving))
    homes = np.bincount(doors.unit)
    edits = edits.assign(
        unit_id=doors.unit[edits["door"].to_numpy(np.int64)], saving_yen_per_yr=saving[at], others=count[at] - 1,
    )  # fmt: skip
    edits["is_whole"] = edits["doors"].to_numpy() == homes[edits["unit_id"].to_numpy(np.int64)]
    return unit_edits.edit_table(edits, language)


def _edits(doors: DoorTown, groups: list[Group], is_wanted: Bools, kind: str, upkeeps: Upkeeps) -> pd.DataFrame:
    """One row per strip of the wanted doors on the networks of some groups."""
    columns = ["kind", "door", "doors", "buildings", "dwellings", "sewer_m", "sewer_yen_per_yr", "johkasou_yen_per_yr",
               "building_ids"]  # fmt: skip
    if not is_wanted.any():
        return pd.DataFrame({name: [] for name in columns})
    study = doors.study
    trees = concat([g.trees for g in groups if g.trees is not None])
    members = Members.of([g.units for g in groups])
    place, at = load_places(trees, study.loads, members, study.ground.nodes)
    way = np.flatnonzero(trees.parent >= 0)
    ways = np.zeros((len(trees.node), 2))
    ways[way, 0] = study.ground.length_m[trees.arc_edge[way]]
    ways[way, 1] = itemise(study.ground, study.loads, trees, members, upkeeps).yen_per_yr.sum(axis=1)
    found = strips(trees, ways, place, doors.unit[at], is_wanted[at])
    strip = np.full(len(is_wanted), -1, np.int64)
    strip[at] = found.strip
    wanted = np.flatnonzero(strip >= 0)
    of = strip[wanted]
    count = len(found.alone)
    _, first = np.unique(of, return_index=True)
    homes = doors.town.buildings[["building_id", "unit_id", "dwellings"]].dropna(subset="unit_id")
    homes = pd.DataFrame(homes).assign(strip=strip[homes["unit_id"].to_numpy(np.int64)])
    homes = homes[homes["strip"] >= 0].sort_values("building_id").groupby("strip")
    return pd.DataFrame(
        {
            "kind": kind,
            "door": wanted[first],
            "doors": np.bincount(of, minlength=count),
            "buildings": homes.size().to_numpy(),
            "dwellings": homes["dwellings"].sum().to_numpy(),
            "sewer_m": found.alone[:, 0],
            "sewer_yen_per_yr": found.alone[:, 1] + _treatment_yen_per_yr(study, groups, strip, count),
            "johkasou_yen_per_yr": np.bincount(of, study.yearly.johkasou[wanted], minlength=count),
            "building_ids": homes["building_id"].agg(lambda ids: " ".join(map(str, ids))).to_numpy(),
        }
    )


def _treatment_yen_per_yr(study: Study, groups: list[Group], strip: Ints, count: int) -> Floats:
    """(s,) what treatment would cost less without each strip."""
    out, y = np.zeros(count), study.yearly
    for group in groups:
        mine = group.units[strip[group.units] >= 0]
        if not len(mine):
            continue
        some, back = np.unique(strip[mine], return_inverse=True)
        mean, most = y.flow_mean_m3_per_d[group.units], y.flow_max_m3_per_d[group.units]
        less_mean = np.bincount(back, y.flow_mean_m3_per_d[mine]).astype(np.float64)
        less_most = np.bincount(back, y.flow_max_m3_per_d[mine]).astype(np.float64)
        whole = y.treatment(group.mode, np.array([mean.sum()]), np.array([most.sum()]))
        out[some] += whole - y.treatment(group.mode, mean.sum() - less_mean, most.sum() - less_most)
    return out
