"""Whether what was read can be true of a place: people against houses, and layers that do not meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sewerzone.errors import problem
from sewerzone.io.coverage import MOST_NAMED, by_mesh
from sewerzone.meeting import centroids, lying_in
from sewerzone.model import Inputs
from sewerzone.stages.prepare import Cleaned

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
    out = []
    for what, above, below, (least, most), remedy in (
        (
            "people per dwelling", "people", "dwellings", PEOPLE_PER_DWELLING,
            "see whether buildings are missing or are no homes, whether the figures are those of this area and year, and "
            "prepare.people_per_dwelling",
        ),
        (
            "m2 of floor per person", "floor_area_m2", "people", FLOOR_AREA_PER_PERSON_M2,
            "see whether buildings or storeys are missing, whether factories and sheds count as homes (use), and whether the "
            "people are those of this area",
        ),
    ):  # fmt: skip
        numerator, denominator = homes[above].to_numpy(float), homes[below].to_numpy(float)
        if not denominator.sum() > 0:
            continue
        found = []
        ratio = numerator.sum() / denominator.sum()
        if not least <= ratio <= most:
            found.append(f"{ratio:,.1f} in the whole study ({numerator.sum():,.0f} over {denominator.sum():,.0f})")
        found += _odd_districts(clean, homes, above, below, (least, most))
        if found:
            out.append(
                problem(
                    f"{what}: not within {least:g} to {most:g}: {'; '.join(found)}",
                    "sewage, tanks and costs follow from people and dwellings",
                    remedy,
                )
            )
    return out


def _odd_districts(clean: Cleaned, homes: Any, above: str, below: str, limits: tuple[float, float]) -> list[str]:
    """The districts whose ratio lies beyond the limits, those with most people first."""
    if not len(clean.districts):
        return []
    sums = homes[homes["district_id"].notna()].groupby("district_id")[["people", "dwellings", "floor_area_m2"]].sum()
    ratio = sums[above] / sums[below]
    odd = sums[(sums["people"] >= LEAST_PEOPLE) & ~ratio.between(*limits)].sort_values("people", ascending=False, kind="stable")
    name = clean.districts.set_index("district_id")["name"]
    said = [
        f"{name.get(k) or f'district {k}'} {ratio[k]:,.1f} ({row[above]:,.0f} over {row[below]:,.0f})"
        for k, row in odd.head(MOST_NAMED).iterrows()
    ]
    return [*said, f"{len(odd) - MOST_NAMED:,} more districts"] if len(odd) > MOST_NAMED else said


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
    return [
        problem(
            f"inputs.districts: {int(lost.sum()):,} of {len(at):,} homes lie in none, up to {gap_m.max():,.0f} m away, "
            f"{by_mesh(at[lost, 0], at[lost, 1], inputs.terrain.study_crs)}",
            "they share the people of the nearest district, and those who live there really are missing",
            "add the districts (census areas, meshes) that cover them",
        )
    ]


def apart(inputs: Inputs, clean: Cleaned) -> list[str]:
    """Warnings on layers without any row in the study area, served areas without a house, and houses far from all roads."""
    out = []
    for role in _OPTIONAL:
        layer = getattr(inputs.config.inputs, role)
        if layer is not None and not len(getattr(inputs, role)):
            out.append(
                problem(
                    f"inputs.{role}: {layer.short} has no row in the study area",
                    "it has no effect on the plan",
                    "where it should have, its file is of another municipality, or its coordinates or its CRS are wrong",
                )
            )
    placed = clean.buildings[clean.buildings["status"] != "no_geometry"]
    at = centroids(placed.geometry.to_numpy())
    if len(clean.served_areas) and not clean.buildings["is_served"].any():
        out.append(
            problem(
                f"inputs.served_areas: none of {len(placed):,} buildings lies in its {len(clean.served_areas):,} areas",
                "nothing counts as sewered today, and no unit can be connected to houses there",
                "see in a GIS whether the layers lie where they should",
            )
        )
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
    return [
        problem(
            f"inputs.roads: {int(far.sum()):,} of {len(at):,} buildings lie more than {FAR_FROM_ROADS_M:,.0f} m from any road, "
            f"{by_mesh(at[far, 0], at[far, 1], inputs.terrain.study_crs)}",
            "they can only take tanks",
            "see whether sheets of roads are missing there, or network.kinds excludes their roads",
        )
    ]
