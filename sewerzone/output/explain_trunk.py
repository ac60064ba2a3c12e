"""Who pays for the sewers that a joined plant's sewage shares with others'."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from sewerzone.model import Plan

TREATMENT = ("plant", "treatment", "existing_plant")
"""How cost items begin that are no network."""


def trunk(plan: Plan, plant: int, system: int) -> dict[str, Any] | None:
    """Sewers that the sewage of an existing plant runs through together with others', on its way to the outlet.

    ``shared_m`` and their ``capital_yen`` (by the mean price of the system's metre), ``part_yen``: the plant's part by what is
    connected upstream of each pipe; ``unit_ids`` and ``plant_ids``: with whom. None where it shares none.
    """
    pipes = plan.pipes[plan.pipes["system_id"] == system]
    manholes = plan.manholes[plan.manholes["system_id"] == system]
    if not len(pipes):
        return None
    spot = plan.plants.set_index("plant_id").loc[plant, "geometry"]
    first = int(manholes["manhole_id"].to_numpy()[np.argmin(shapely.distance(np.asarray(manholes.geometry), spot))])
    leaving = dict(zip(pipes["from_manhole_id"].tolist(), range(len(pipes)), strict=True))
    to, upstream = pipes["to_manhole_id"].tolist(), pipes["dwellings"].to_numpy(float)
    way, at = [], first
    while at in leaving and leaving[at] not in way:
        way.append(leaving[at])
        at = to[way[-1]]
    if not way:
        return None
    arriving = upstream[(pipes["to_manhole_id"] == first).to_numpy()].sum()
    own = max(float(upstream[way[0]] - arriving), 0.0)
    is_shared = upstream[way] > own * (1.0 + 1e-9)
    length = pipes["length_m"].to_numpy(float)[way] * is_shared
    if not length.sum():
        return None
    costs = plan.costs[plan.costs["system_id"].eq(system).fillna(False) & plan.costs["is_in_plan"].astype(bool)]
    laid = float(costs.loc[~costs["item"].str.startswith(TREATMENT), "capital_yen"].sum())
    per_m = laid / max(float(pipes["length_m"].sum()), 1e-9)
    members = plan.units.loc[plan.units["system_id"].eq(system).fillna(False), "unit_id"].astype(int).tolist()
    others = plan.consolidation.loc[plan.consolidation["system_id"].eq(system).fillna(False), "plant_id"].astype(int)
    return {
        "shared_m": float(length.sum()), "capital_yen": per_m * float(length.sum()),
        "part_yen": per_m * float((length * own / np.maximum(upstream[way], 1e-9)).sum()),
        "unit_ids": members, "plant_ids": [p for p in others.tolist() if p != plant],
    }  # fmt: skip
