"""Whether what was read can be true of a place: people against houses, and layers that do not meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.io.coverage import MOST_NAMED, by_mesh
from sewerzone.meeting import centroids, lying_in
from sewerzone.model import Inputs
from sewerzone.noted import Note
from sewerzone.stages.prepare import Cleaned, inside

PEOPLE_PER_DWELLING = (1.0, 6.0)
"""Of a district or a whole study; Japan has 2.2, no municipality less than 1.6 or more than 3.2."""
FLOOR_AREA_PER_PERSON_M2 = (10.0, 250.0)
"""Of a district or a whole study, footprints for want of better; Japan has some 40."""
LEAST_PEOPLE = 20.0
"""In a district, below which a few houses make any ratio."""
FAR_FROM_ROADS_M = 300.0
_OPTIONAL = ("served_areas", "districts", "barriers", "plants", "overrides", "sewers")


def people(clean: Cleaned) -> list[str]:
    """Warnings where people per dwelling, or floor area per person, are not those of a place where people live."""
    homes = clean.buildings[clean.buildings["status"] == "dwelling"]
    out: list[str] = []
    for kind, above, below, (least, most) in (
        ("people_per_dwelling", "people", "dwellings", PEOPLE_PER_DWELLING),
        ("floor_per_person", "floor_area_m2", "people", FLOOR_AREA_PER_PERSON_M2),
    ):
        numerator, denominator = homes[above].to_numpy(float), homes[below].to_numpy(float)
        if not denominator.sum() > 0:
            continue
        found = []
        ratio = numerator.sum() / denominator.sum()
        if not least <= ratio <= most:
            found.append((None, ratio, numerator.sum(), denominator.sum()))
        odd, more = _odd_districts(clean, homes, above, below, (least, most))
        if found or odd:
            out.append(Note(kind, least=least, most=most, ratios={"first": [*found, *odd], "more": more}))
    return out


def _odd_districts(clean: Cleaned, homes: Any, above: str, below: str, limits: tuple[float, float]) -> tuple[list[Any], int]:
    """The first districts whose ratio lies beyond the limits, those with most people first; and how many more there are."""
    if not len(clean.districts):
        return [], 0
    sums = homes[homes["district_id"].notna()].groupby("district_id")[["people", "dwellings", "floor_area_m2"]].sum()
    ratio = sums[above] / sums[below]
    odd = sums[(sums["people"] >= LEAST_PEOPLE) & ~ratio.between(*limits)].sort_values("people", ascending=False, kind="stable")
    name = clean.districts.set_index("district_id")["name"]
    said = [(name.get(k) or f"district {k}", ratio[k], row[above], row[below]) for k, row in odd.head(MOST_NAMED).iterrows()]
    return said, len(odd) - len(said)


def uncovered(inputs: Inputs, clean: Cleaned) -> list[str]:
    """A warning where homes lie in no district: they take their people from the nearest one, at its residents' expense."""
    shape = clean.districts.geometry.to_numpy()
    homes = clean.buildings[clean.buildings["status"] == "dwelling"]
    if not len(shape) or not len(homes) or (shapely.get_dimensions(shape) < 2).any():
        return []
    if "district" in inputs.buildings and inputs.buildings["district"].notna().any():
        return []  # the buildings name their districts
    at = centroids(homes.geometry.to_numpy())
    lost = np.ones(len(at), dtype=bool)
    lost[lying_in(at[:, 0], at[:, 1], shape)[0]] = False
    if not lost.any():
        return []
    gap_m = shapely.STRtree(shape).query_nearest(shapely.points(at[lost]), return_distance=True, all_matches=False)[1]
    places = by_mesh(at[lost, 0], at[lost, 1], inputs.terrain.study_crs)
    return [Note("homes_outside", count=lost.sum(), homes=len(at), gap_m=gap_m.max(), places=places)]


def apart(inputs: Inputs, clean: Cleaned) -> list[str]:
    """Warnings on layers without any row in the study area, served areas without a house, and houses far from all roads."""
    out: list[str] = []
    for role in _OPTIONAL:
        layer = getattr(inputs.config.inputs, role)
        if layer is not None and not len(getattr(inputs, role)):
            out.append(Note("layer_elsewhere", layer=role, file=layer.short))
    placed = clean.buildings[clean.buildings["status"] != "no_geometry"]
    at = centroids(placed.geometry.to_numpy())
    if (areas := len(inside(clean.served_areas, inputs.boundary))) and not clean.buildings["is_served"].any():
        out.append(Note("nobody_served", buildings=len(placed), areas=areas))
    return out + _far_from_roads(inputs, clean, at)


def _far_from_roads(inputs: Inputs, clean: Cleaned, at: NDArray[np.float64]) -> list[str]:
    usable = clean.roads.geometry.to_numpy()[(clean.roads["status"] == "usable").to_numpy()]
    if not len(usable) or not len(at):
        return []
    near = shapely.STRtree(usable).query(shapely.points(at), predicate="dwithin", distance=FAR_FROM_ROADS_M)[0]
    far = np.ones(len(at), dtype=bool)
    far[near] = False
    if not far.any():
        return []
    places = by_mesh(at[far, 0], at[far, 1], inputs.terrain.study_crs)
    return [Note("far_from_roads", count=far.sum(), buildings=len(at), most_m=FAR_FROM_ROADS_M, places=places)]
