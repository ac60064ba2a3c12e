"""What inlets and plants with a limit take, and whether a zoning keeps it."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Floats
from sewerzone.engineering.groups import Group
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.networks import Members, concat, load_places, tree_of
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
    arriving = arrivals(limits, groups, field, flow_m3_per_d).sum(axis=0)
    return bool((arriving <= np.array(list(limits.values())) * (1.0 + SPARE)).all())


def arrivals(limits: dict[int, float], groups: list[Group], field: Field, flow_m3_per_d: Floats) -> Floats:
    """(g, k) what every group brings to each node with a limit (m3 a day at most), in the order of ``limits``."""
    out = np.zeros((len(groups), len(limits)))
    at = [k for k, g in enumerate(groups) if g.trees is not None]
    systems = [groups[k] for k in at]
    if not limits or not systems:
        return out
    trees, members = concat([g.trees for g in systems if g.trees is not None]), Members.of([g.units for g in systems])
    root = np.arange(len(trees.node))
    for row in from_roots(trees.parent):
        root[row] = root[trees.parent[row]]
    tree = tree_of(trees)
    place, load = load_places(trees, field.loads, members, field.ground.nodes)
    unit = np.repeat(np.arange(len(flow_m3_per_d)), np.diff(field.loads.offsets))
    hourly = field.loads.flow_l_per_s
    share = hourly / np.maximum(np.bincount(unit, hourly, minlength=len(flow_m3_per_d))[unit], 1e-12)
    flow = (flow_m3_per_d[unit] * share)[load]
    for k, node in enumerate(limits):
        here = trees.node[root[place]] == node
        out[:, k] = np.bincount(np.array(at)[tree[place[here]]], flow[here], minlength=len(groups))
    return out
