"""Groups: units treated together, and how they came to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.steiner import Trees


@dataclass(frozen=True, eq=False)
class Group:
    """Units treated together: ``mode`` is connect, own_plant or johkasou; a network of one tree unless johkasou.

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
