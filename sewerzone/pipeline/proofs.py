"""How near the networks of units alone and of the plan are to the best there could be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sewerzone.engineering.groups import Zoning
from sewerzone.engineering.networks import Members, Priced, concat, price
from sewerzone.engineering.proof import Ends, Proof, prove
from sewerzone.engineering.search import pick
from sewerzone.pipeline.town import Field
from sewerzone.stages.outcome import collective, kind

KINDS = ("connect", "own_plant", "existing")


def prove_alone(field: Field) -> dict[str, Proof]:
    """Bounds for the networks of units standing alone, by option."""
    return {
        "connect": _prove(field, field.alone.connect, "connect"),
        "own_plant": _prove(field, field.alone.own_plant, "own_plant"),
    }


def prove_systems(zoning: Zoning, field: Field) -> pd.DataFrame:
    """The columns of ``Proof`` for the systems of the plan, in their order."""
    systems = collective(zoning.groups)
    if not systems:
        return pd.DataFrame()
    trees = concat([g.trees for g in systems if g.trees is not None])
    members = Members.of([g.units for g in systems])
    laid = price(field.ground, trees, field.loads, members, np.zeros(len(systems), np.int64))
    kinds = np.array([kind(g) for g in systems])
    parts = []
    for name in KINDS:
        which = np.flatnonzero(kinds == name)
        if not len(which):
            continue
        parts.append(pd.DataFrame(_prove(field, pick(laid, which), name).columns(), index=which))
    return pd.concat(parts).sort_index()


def _prove(field: Field, found: Priced, mode: str) -> Proof:
    """Connections may end wherever there is a place of delivery, own plants at any named site or where they stand, and what
    an existing plant treats there only."""
    exits = {"connect": field.exits, "own_plant": field.plant_exits, "existing": None}[mode]
    if exits is None:
        return prove(field.ground, field.loads, found, Ends.of_own(found, field.ground.nodes))
    return prove(field.ground, field.loads, found, Ends.anywhere(len(found.yen_per_yr), exits.targets, exits.is_reachable))
