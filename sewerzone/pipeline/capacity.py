"""What inlets and plants with a limit take, and whether a zoning keeps it."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Floats
from sewerzone.engineering.groups import Group
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.networks import Members, concat, load_places
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages.existing import MODE

SPARE = 1e-9
"""A limit is kept if it is exceeded by no more than this share: sums round."""


def capacities(town: Town) -> dict[int, float]:
    """Nodes of inlets and sites that take so much (m3 a day at most) and no more, in all."""
    plants = town.clean.plants[town.clean.plants["kind"] != MODE]  # existing plants know their own
    plants = plants.dropna(subset="capacity_m3_per_d").set_index("plant_id")["capacity_m3_per_d"]
    nodes = town.roads.plant_nodes.reindex(plants.index)
    known = nodes.notna()
    return {int(n): float(c) for n, c in plants[known].groupby(nodes[known].astype("int64")).sum().items()}


def are_kept(limits: dict[int, float], groups: list[Group], field: Field, flow_m3_per_d: Floats) -> bool:
    """Whether no node with a limit receives more; ``flow_m3_per_d`` (u,) is the daily maximum of every unit."""
    systems = [g for g in groups if g.trees is not None]
    if not limits or not systems:
        return True
    trees, members = concat([g.trees for g in systems if g.trees is not None]), Members.of([g.units for g in systems])
    root = np.arange(len(trees.node))
    for row in from_roots(trees.parent):
        root[row] = root[trees.parent[row]]
    place, at = load_places(trees, field.loads, members, field.ground.nodes)
    unit = np.repeat(np.arange(len(flow_m3_per_d)), np.diff(field.loads.offsets))[at]
    hourly = field.loads.flow_l_per_s[at]
    whole = np.bincount(unit, hourly, minlength=len(flow_m3_per_d))
    flow = flow_m3_per_d[unit] * hourly / np.maximum(whole[unit], 1e-12)
    arriving = np.bincount(trees.node[root[place]], flow, minlength=field.ground.nodes)
    return all(arriving[node] <= most * (1.0 + SPARE) for node, most in limits.items())
