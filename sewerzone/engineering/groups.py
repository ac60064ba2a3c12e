"""Groups: units treated together, and how they came to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.steiner import Trees

ROUNDING = 1e-9
"""Share by which the flow of a group may exceed what an existing plant takes: sums round."""


@dataclass(frozen=True, eq=False)
class Group:
    """Units treated together: ``mode`` is connect, own_plant, existing k or johkasou, and all but the last have one tree.

    In mode ``existing k`` the existing small plant k treats them, see ``stages.existing``; johkasou also stands for keeping
    such a plant.

    ``bases`` are the networks another group may be hung on, by mode; ``yen_per_yr`` is the whole yearly cost.
    """

    units: Ints
    mode: str
    yen_per_yr: float
    trees: Trees | None
    slope_weight: int
    bases: dict[str, Trees]


class Join(NamedTuple):
    """One step of the connection study: in ``round`` the groups of two units became one, saving ``saving_yen_per_yr``."""

    round: int
    unit: int
    with_unit: int
    saving_yen_per_yr: float


class Zoning(NamedTuple):
    """The outcome: groups in the order of their smallest unit, and how they came about.

    ``best_join_yen_per_yr`` (u,) is the largest saving of a join tried with the unit's final group (negative: it would
    cost that much), -inf where none could be tried.
    """

    groups: list[Group]
    joins: list[Join]
    rounds: int
    best_join_yen_per_yr: Floats


class Hosts(NamedTuple):
    """Existing small plants among the units: ``is_plant`` (u,) tells which they are.

    ``unit`` tells by mode which of them may treat sewage of others, and ``most_m3_per_d`` how much each takes in all.
    """

    is_plant: Bools
    unit: dict[str, int]
    most_m3_per_d: dict[str, float]

    def is_host(self, mode: str, units: Ints) -> Bools:
        """Which of the units is the plant that treats groups of a mode."""
        return np.asarray(units == self.unit.get(mode, -1), dtype=np.bool_)

    def may_treat(self, mode: str, units: Ints, flow_m3_per_d: float) -> bool:
        """Whether a group may have a mode: with the plant itself among its units, others besides, and no more than it takes."""
        if mode not in self.unit:
            return True
        is_whole = len(units) > 1 and bool(self.is_host(mode, units).any())
        return is_whole and flow_m3_per_d <= self.most_m3_per_d[mode] * (1.0 + ROUNDING)
