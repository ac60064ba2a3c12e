"""Easements: straight ways off the road where roads leave a gap, never through a building or a closed barrier."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone import config
from sewerzone.engineering import easements, noding
from sewerzone.engineering.noding import Streets
from sewerzone.engineering.segments import Ints
from sewerzone.noted import Note
from sewerzone.stages.network.banks import Obstacles
from sewerzone.stages.network.crossings import CLOSED, ORDER


def add(
    streets: Streets, footprints: NDArray[Any], barriers: Obstacles, road: int, settings: config.Network, notes: list[str]
) -> tuple[Streets, Ints]:
    """The streets with easements as segments of ``road``, and the new number of every node.

    ``footprints`` of buildings, in the streets' coordinates; points stand in nobody's way.
    """
    reach_m = settings.easement_max_m
    part = noding.components(streets)
    links = easements.candidates(streets, part, reach_m, settings.easement_detour)
    lines = np.stack([streets.x_m, streets.y_m], axis=1)[np.stack([links.one, links.other], axis=1)]
    is_open = np.ones(len(links.one), bool)
    if len(links.one):
        tree = shapely.STRtree(np.asarray(shapely.linestrings(lines)))
        walls = footprints[shapely.get_dimensions(footprints) == 2]
        for shapes in (walls, barriers.area[barriers.rank == ORDER.index(CLOSED)]):
            is_open[tree.query(shapes, predicate="intersects")[1]] = False
    kept = easements.chosen(streets, part, links, is_open, reach_m)
    if len(kept.one):
        notes.append(Note("easements", ways=len(kept.one), longest_m=kept.length_m.max()))
    return easements.add(streets, kept, road)
