"""What becomes of the existing small plants: the table of those kept and those joined to others, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sewerzone import tables
from sewerzone.engineering.forest import Bools, Floats
from sewerzone.engineering.groups import Group, Zoning
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.networks import Loads, Members, load_places
from sewerzone.model import Plan
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages import reasons
from sewerzone.stages.existing import Existing, position
from sewerzone.stages.outcome import collective, kind

_TO = {"connect": "served_network", "own_plant": "own_plant", "existing": "existing_plant"}


def consolidated(
    plan: Plan, zoning: Zoning, margins: Floats, late: Bools, official: Zoning | None, town: Town, field: Field
) -> Plan:  # fmt: skip
    """The plan with the table of existing plants, whose rows leave the tables of units.

    Parameters
    ----------
    margins, late : (u,) what the plan would cost more with the unit treated the other way; what could not be built in time
    official : what the official procedure gives, where the plan is another
    """
    if town.existing is None:
        return plan
    sure = plan.robustness
    join_share = sure["sewer_probability"].to_numpy(float)[town.houses_units :] if len(sure) else None
    plan = replace(plan, robustness=sure[: town.houses_units])
    if plan.config.zoning.is_reference:
        return plan
    rows = verdicts(zoning, margins, town.existing, field)
    host = np.isin(np.arange(town.plants), list(town.existing.hosts().values()))
    # in samples a plant that treats others' sewage counts as served like those it is joined to
    rows["join_probability"] = np.nan if join_share is None else np.where(host, np.nan, join_share)
    rows["official_verdict"] = None if official is None else verdicts(official, margins, town.existing, field)["verdict"]
    facts = rows.assign(is_late=late[town.houses_units :], others=_others(zoning, town.existing))
    rows["reason"] = reasons.consolidation_reasons(facts, plan.config.study.language)
    return replace(plan, consolidation=tables.CONSOLIDATION.conform(rows))


def verdicts(zoning: Zoning, margins: Floats, existing: Existing, field: Field) -> pd.DataFrame:
    """The CONSOLIDATION table without reasons, in the order of the plants."""
    systems = collective(zoning.groups)
    rows = []
    for k, keep in enumerate(existing.keep_yen_per_yr.sum(axis=1).tolist()):
        unit = existing.first_unit + k
        system = next((s for s, group in enumerate(systems) if unit in group.units), None)
        group = None if system is None else systems[system]
        host = -1 if group is None else position(group.mode)
        is_joined = group is not None and host != k
        margin = float(margins[unit])
        rows.append(
            {
                "plant_id": existing.plant_id[k],
                "flow_max_m3_per_d": existing.flow_max_m3_per_d[k],
                "capacity_m3_per_d": existing.capacity_m3_per_d[k],
                "verdict": "join" if is_joined else "keep",
                "joined_to": _TO[kind(group)] if group is not None and is_joined else None,
                "to_plant_id": existing.plant_id[host] if is_joined and host >= 0 else None,
                "system_id": system,
                "keep_yen_per_yr": keep,
                "join_yen_per_yr": keep - margin if is_joined else keep + margin,
                "saving_yen_per_yr": margin if is_joined else -margin,
                "link_m": _link_m(group, unit, field) if group is not None and is_joined else _alone_m(unit, field),
                "decision": "keep" if existing.is_kept[k] else "join" if existing.is_joined[k] else None,
            }
        )
    return pd.DataFrame(rows)


def _link_m(group: Group, unit: int, field: Field) -> float:
    """Metres of the network of a group that carry the sewage of one of its units alone."""
    trees, loads = group.trees, field.loads
    assert trees is not None
    place, at = load_places(trees, loads, Members.of([group.units]), field.ground.nodes)
    mine = _unit_of(loads)[at] == unit
    every = np.bincount(place, minlength=len(trees.node))
    own = np.bincount(place[mine], minlength=len(trees.node))
    for row in reversed(list(from_roots(trees.parent))):
        for count in (every, own):
            np.add.at(count, trees.parent[row], count[row])
    alone = (trees.parent >= 0) & (own > 0) & (own == every)
    return float(field.ground.length_m[trees.arc_edge[alone]].sum())


def _alone_m(unit: int, field: Field) -> float:
    """Metres of the network of a plant alone to the served network; NaN where none is within reach."""
    at = np.flatnonzero(field.alone.connect.members.units == unit)
    return float(field.alone.connect.sewer_m[at[0]]) if len(at) else float("nan")


def _unit_of(loads: Loads) -> np.ndarray:
    return np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))


def _others(zoning: Zoning, existing: Existing) -> list[int]:
    """(p,) units and plants treated together with each."""
    size = {int(u): len(g.units) - 1 for g in zoning.groups for u in g.units}
    return [size[existing.first_unit + k] for k in range(len(existing.plant_id))]
