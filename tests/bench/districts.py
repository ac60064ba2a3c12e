"""Synthetic districts for zoning: towns and hamlets on valley roads, at the level of what ``engineering.prizes`` is asked.

Prices are placeholders of usual size (ALGORITHMS.md, part B, section 5): sewers 110,000 yen/m over 72 years and 60 yen/m a
year, pumps 9.2 M yen over 25 years and 0.22 M a year, treatment 14,000 yen a household and year, tanks as asked for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.prizes import FREE, Prizes

PIPE_YEN_PER_M_PER_YR = 110e3 / 72.0 + 60.0
PUMP_YEN_PER_YR = 9.2e6 / 25.0 + 0.22e6
TREATMENT_YEN_PER_YR = 14e3
CONNECTION_YEN_PER_YR = 3e3
PLANT_YEN_PER_YR = 4.5e6
M3_PER_D = 0.6
UNITS_PER_KM2 = 0.75
# Plants are for units of so many households; the sewered towns are those above, or the largest.
LEAST_FOR_PLANT, SEWERED = 30.0, 1500.0
# A plant's concave cost a * households ** 0.72, by its tangents at these sizes.
CONCAVE_YEN, CONCAVE_POWER, CONCAVE_AT = 214e3, 0.72, np.array([30.0, 150.0, 700.0])


class District(NamedTuple):
    """Roads between places, of which the first are units: ends, lengths, ground of places, households of units."""

    a: Ints
    b: Ints
    length_m: Floats
    ground_m: Floats
    households: Floats


def district(seed: int, units: int) -> District:
    """Places where the ground is low, roads between neighbours: all that a tree needs, and every third of the others."""
    draw = np.random.default_rng(seed)
    side = 1000.0 * np.sqrt(units / UNITS_PER_KM2)
    xy = draw.random((8 * units, 2)) * side
    ground = _ground(draw, xy)
    chosen = np.argsort(ground + draw.gumbel(0.0, 25.0, len(xy)), kind="stable")[: round(2.5 * units)]
    chosen = draw.permutation(chosen)
    xy, ground, n = xy[chosen], ground[chosen], len(chosen)
    sides = np.concatenate([Delaunay(xy).simplices[:, pair] for pair in ([0, 1], [1, 2], [0, 2])])
    a, b = np.unique(np.sort(sides, axis=1), axis=0).T.astype(np.int64)
    length = np.hypot(*(xy[a] - xy[b]).T) * draw.uniform(1.1, 1.5, len(a)) + 50.0
    effort = length + 20.0 * np.abs(ground[a] - ground[b])
    tree = minimum_spanning_tree(csr_matrix((effort, (a, b)), shape=(n, n))).tocoo()
    is_road = np.isin(a * n + b, np.minimum(tree.row, tree.col).astype(np.int64) * n + np.maximum(tree.row, tree.col))
    is_road |= (effort < np.quantile(effort, 0.6)) & (draw.random(len(a)) < 1.0 / 3.0)
    households = np.ceil(np.maximum(3.0, draw.lognormal(np.log(22.0), 1.25, units)))
    return District(a[is_road], b[is_road], length[is_road], ground, households)


def _ground(draw: np.random.Generator, xy: Floats) -> Floats:
    """Hills of 2 to 20 km."""
    ground = np.zeros(len(xy))
    for wave_m in np.geomspace(2e3, 20e3, 12):
        turn, phase = draw.uniform(0.0, 2.0 * np.pi, 2)
        ground += 2e-3 * wave_m * np.sin(2.0 * np.pi / wave_m * (xy @ [np.cos(turn), np.sin(turn)]) + phase)
    return ground


def zoning(of: District, tanks_yen: float, plants: str = "none") -> Prizes:
    """The district's zoning with tanks at so many yen a household and year, and plants none, ``linear`` or ``concave``."""
    sewered = of.households >= min(SEWERED, of.households.max())
    households = 0.8 * of.households
    rise = of.ground_m[of.b] - of.ground_m[of.a]
    pipe = of.length_m * PIPE_YEN_PER_M_PER_YR
    cost = np.concatenate([pipe + _pumps(rise, of.length_m), pipe + _pumps(-rise, of.length_m)])
    sewer_m = 12.0 * of.households * (of.households / 22.0) ** -0.2
    open_units = np.flatnonzero(~sewered)
    sites = np.flatnonzero(~sewered & (of.households >= LEAST_FOR_PLANT))
    if plants == "concave":
        slope = CONCAVE_POWER * CONCAVE_YEN * CONCAVE_AT ** (CONCAVE_POWER - 1.0)
        fixed = (1.0 - CONCAVE_POWER) * CONCAVE_YEN * CONCAVE_AT**CONCAVE_POWER
    else:
        slope, fixed = (
            np.full(int(plants == "linear"), TREATMENT_YEN_PER_YR),
            np.full(int(plants == "linear"), PLANT_YEN_PER_YR),
        )
    inlets, lines = np.flatnonzero(sewered), len(slope)
    kind = np.concatenate([np.zeros(len(inlets), dtype=np.int64), np.repeat(np.arange(1, lines + 1), len(sites))])
    return Prizes(
        nodes=len(of.ground_m),
        tail=np.concatenate([of.b, of.a]),
        head=np.concatenate([of.a, of.b]),
        cost_yen_per_yr=cost,
        unit_node=open_units,
        serving_yen_per_yr=(households * CONNECTION_YEN_PER_YR + sewer_m * PIPE_YEN_PER_M_PER_YR)[open_units],
        tanks_yen_per_yr=tanks_yen * households[open_units],
        flow_m3_per_d=M3_PER_D * households[open_units],
        side=np.full(len(open_units), FREE),
        entry_node=np.concatenate([inlets, np.tile(sites, lines)]),
        entry_kind=kind,
        entry_yen_per_yr=np.concatenate([np.zeros(len(inlets)), np.repeat(fixed, len(sites))]),
        kind_yen_per_m3_per_d=np.concatenate([[TREATMENT_YEN_PER_YR], slope]) / M3_PER_D,
        kind_most_m3_per_d=np.full(1 + lines, np.inf),
    )


def _pumps(rise_m: Floats, length_m: Floats) -> Floats:
    """Yearly cost of the pumps a sewer needs that drains towards higher ground: one for every 6 m beyond the first 2.5."""
    return np.where(rise_m > 0.0, np.ceil(np.maximum(0.0, rise_m + 0.003 * length_m - 2.5) / 6.0), 0.0) * PUMP_YEN_PER_YR
