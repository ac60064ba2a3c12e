"""How near the networks of units alone and of the plan are to the best there could be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sewerzone.engineering.groups import Zoning
from sewerzone.engineering.networks import Ground, Loads, Members, Priced, concat, price
from sewerzone.engineering.proof import Ends, Proof, prove
from sewerzone.engineering.search import pick
from sewerzone.pipeline.town import Field
from sewerzone.stages.outcome import collective, kind
from sewerzone.stages.route import Exits, sizes_of

KINDS = ("connect", "own_plant", "existing")


def prove_alone(field: Field) -> dict[str, Callable[[], Proof]]:
    """What gives bounds for the networks of units standing alone, by option: begun now where others have time."""
    return {
        "connect": _begun(field, field.alone.connect, "connect"),
        "own_plant": _begun(field, field.alone.own_plant, "own_plant"),
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
        parts.append(pd.DataFrame(_proved(*_given(field, pick(laid, which), name)).columns(), index=which))
    return pd.concat(parts).sort_index()


def _begun(field: Field, found: Priced, mode: str) -> Callable[[], Proof]:
    ground, loads, exits, *rest = _given(field, found, mode)
    size = int(sizes_of(loads, found.members).sum())
    return field.hands.later(_proved, size, lambda: ((ground, loads, exits), tuple(rest)))


def _given(field: Field, found: Priced, mode: str) -> tuple[Ground, Loads, Exits, Priced, bool]:
    """Connections may end wherever there is a place of delivery, own plants at any named site or where they stand, and what
    an existing plant treats there only."""
    open_to = {"connect": field.exits, "own_plant": field.plant_exits, "existing": None}[mode]
    return field.ground, field.loads, field.exits if open_to is None else open_to, found, open_to is not None


def _proved(ground: Ground, loads: Loads, exits: Exits, found: Priced, is_open: bool) -> Proof:
    """Bounds for networks that may end at any of the exits, or, unless ``is_open``, only where they do."""
    networks = len(found.yen_per_yr)
    ends = Ends.anywhere(networks, exits.targets, exits.is_reachable) if is_open else Ends.of_own(found, ground.nodes)
    return prove(ground, loads, found, ends)
