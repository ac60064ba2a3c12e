"""Random zonings whose costs are known by part, as those of a study are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.forest import Floats
from sewerzone.engineering.prizes import Prizes, Zoned, zone
from sewerzone.engineering.repricing import Repricer
from tests.least_zonings import random_zoning

NAMES = (
    "sewer.capital", "sewer.upkeep", "treatment.capital", "treatment.upkeep", "plant.capital", "plant.upkeep",
    "johkasou.capital", "johkasou.upkeep", "avoidance",
)  # fmt: skip
IS_TANK = np.array([name.startswith("johkasou") for name in NAMES])
IS_SEWER = np.array([name == "sewer.capital" for name in NAMES])


class Itemised(NamedTuple):
    """Yearly costs by part, see ``engineering.repricing.Parts``."""

    names: tuple[str, ...]
    arc: Floats
    serving: Floats
    tanks: Floats
    entry: Floats
    kind: Floats


def parts_of(given: Prizes, seed: int) -> Itemised:
    """The costs of a zoning, each spread over the parts it may consist of."""
    draw = np.random.default_rng(seed)

    def spread(values: Floats, heads: tuple[str, ...]) -> Floats:
        may = np.array([name.partition(".")[0] in heads for name in NAMES])
        weight = np.where(may, draw.random((len(values), len(NAMES))), 0.0)
        return values[:, None] * weight / weight.sum(axis=1, keepdims=True)

    return Itemised(
        NAMES,
        spread(given.cost_yen_per_yr, ("sewer",)),
        spread(given.serving_yen_per_yr, ("sewer", "johkasou")),
        spread(given.tanks_yen_per_yr, ("johkasou",)),
        spread(given.entry_yen_per_yr, ("plant",)),
        spread(given.kind_yen_per_m3_per_d, ("treatment",)),
    )


def repriced(given: Prizes, parts: Itemised, factors: Floats) -> Prizes:
    """The problem with every part times its factor."""
    return given._replace(
        cost_yen_per_yr=parts.arc @ factors,
        serving_yen_per_yr=parts.serving @ factors,
        tanks_yen_per_yr=parts.tanks @ factors,
        entry_yen_per_yr=parts.entry @ factors,
        kind_yen_per_m3_per_d=parts.kind @ factors,
    )


def decide(problem: Prizes, start: Zoned | None) -> Zoned:
    """The proven best."""
    return zone(problem, start=start)


def instance(seed: int, units: int, plain: int) -> Repricer:
    """A random zoning without limits of flow, its costs in parts."""
    given = random_zoning(seed, units, plain)
    given = given._replace(kind_most_m3_per_d=np.full(len(given.kind_most_m3_per_d), np.inf))
    parts = parts_of(given, seed)
    return Repricer(lambda factors: repriced(given, parts, factors), parts, IS_TANK, decide)
