"""Dwellings and people of every building: from its own columns, from districts, or from stated constants."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sewerzone.config import Prepare
from sewerzone.engineering.sewage import spread
from sewerzone.errors import first_ids, problem
from sewerzone.meeting import lying_in
from sewerzone.noted import Note, some
from sewerzone.stages.prepare.layers import HAS_HOUSES
from sewerzone.stages.prepare.values import Findings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MARGIN_M = 500.0
"""District points farther than this from every building stand for other places."""
CROWDED_PEOPLE_PER_DWELLING = 10.0
NONE = -1


class Houses(NamedTuple):
    """What the allocation needs to know of the buildings, row by row."""

    x_m: Floats
    y_m: Floats
    is_building: Bools
    """Rows that stand for a building of their own (with geometry, no duplicate)."""
    is_home: Bools
    floor_area_m2: Floats
    dwellings: Floats
    """As given, NaN where unknown."""
    people: Floats
    """As given, NaN where unknown."""
    district_name: Any
    """As given, None where unknown."""


class Load(NamedTuple):
    """Dwellings and people per building, and the district it belongs to (-1: none)."""

    dwellings: Floats
    people: Floats
    district: Ints


def load(houses: Houses, districts: gpd.GeoDataFrame, settings: Prepare, found: Findings) -> Load:
    """Dwellings and people of every building; buildings that are no homes have neither.

    A column of the buildings wins over districts, and these over the constants of the settings. Districts are
    polygons (the building's point lies in it, else the nearest) or points (the nearest). A polygon that holds no
    building, or a point far from all, lies outside the study and is left out, with a note (of one that several
    municipalities share, houses have told its part before); a district without homes gives its total to the district
    of the nearest home. All totals but those left out are conserved exactly.
    """
    district, is_inside = _districts_of(houses, districts, found)
    is_inside |= districts[HAS_HOUSES].to_numpy(bool)
    by_area = settings.spread_people_by == "floor_area"
    one = np.ones(len(district))
    dwellings, known = _from_districts(
        "dwellings", houses, districts, district, is_inside, houses.floor_area_m2 if by_area else one, found
    )
    lived_in = settings.dwellings_per_building * (1.0 - _vacant(districts, district, settings))
    dwellings = _resolved("dwellings", houses, houses.dwellings, dwellings, known, lived_in, found)
    people, known = _from_districts(
        "people", houses, districts, district, is_inside, houses.floor_area_m2 if by_area else dwellings, found
    )
    people = _resolved("people", houses, houses.people, people, known, dwellings * settings.people_per_dwelling, found)
    if len(districts) and districts["people"].isna().all() and np.isnan(houses.people).all():
        found.notes.append(Note("no_people", people=settings.people_per_dwelling))
    _note_crowds(dwellings, people, district, districts, found)
    return Load(dwellings, people, district)


def _vacant(districts: gpd.GeoDataFrame, district: Ints, settings: Prepare) -> Floats:
    """The share of empty dwellings where each building stands: its district's, else that of the settings."""
    share = np.append(districts["vacant_share"].to_numpy(dtype=float), np.nan)[district]
    return np.asarray(np.where(np.isnan(share), settings.vacant_share, share), dtype=np.float64)


def _resolved(
    name: str, houses: Houses, given: Floats, spread_out: Floats, known: Bools, constant: Floats, found: Findings
) -> Floats:
    """One quantity of all buildings: own column where there is one, else the district's share, else the constant."""
    home = houses.is_home
    if np.isnan(given).all():
        lacking = home & ~known
        if known.any() and lacking.any():
            found.notes.append(Note("homes_in_districts_without", figure=name, count=lacking.sum()))
        return np.where(home, np.where(known, spread_out, constant), 0.0)
    lacking = home & np.isnan(given)
    if lacking.any():
        found.notes.append(Note("homes_without", figure=name, count=lacking.sum()))
    if known.any():
        found.notes.append(Note("district_figure_unused", figure=name))
    return np.where(home, np.where(lacking, constant, given), 0.0)


def _from_districts(
    name: str, houses: Houses, districts: gpd.GeoDataFrame, district: Ints, is_inside: Bools, weight: Floats, found: Findings
) -> tuple[Floats, Bools]:
    """Each home's share of its district's total, and whether the total is known."""
    total = districts[name].to_numpy(dtype=float)
    nothing = np.zeros(len(district)), np.zeros(len(district), dtype=bool)
    if not np.isfinite(total).any() or not np.isnan(getattr(houses, name)).all():
        return nothing
    outside = ~is_inside & (total > 0)
    if outside.any():
        who, lost = some(_called(districts, outside)), total[outside].sum()
        found.notes.append(Note("districts_outside", figure=name, count=outside.sum(), total=lost, names=who))
    total = np.where(is_inside, total, np.nan)
    known = houses.is_home & (district >= 0) & np.isfinite(np.append(total, np.nan))[district]
    if not known.any():
        return nothing
    has_home = np.bincount(district[known], minlength=len(total)) > 0
    heir = np.where(has_home, np.arange(len(total)), NONE)
    homeless = np.flatnonzero(np.isfinite(total) & (total > 0) & ~has_home)
    if len(homeless):
        spot = shapely.get_coordinates(shapely.point_on_surface(districts.geometry.to_numpy()[homeless]))
        tree = cKDTree(np.column_stack([houses.x_m[known], houses.y_m[known]]))
        heir[homeless] = district[known][tree.query(spot)[1]]
        who, given_on = some(_called(districts, homeless)), total[homeless].sum()
        found.notes.append(Note("districts_homeless", figure=name, count=len(homeless), total=given_on, names=who))
    given = np.isfinite(total) & (heir >= 0)
    moved = np.bincount(heir[given], total[given], minlength=len(total)).astype(np.float64)
    return spread(moved, np.where(known, district, NONE), weight), known


def _districts_of(houses: Houses, districts: gpd.GeoDataFrame, found: Findings) -> tuple[Ints, Bools]:
    """The district of every building (-1 where there is none), and which districts belong to the study."""
    district = np.full(len(houses.x_m), NONE, dtype=np.int64)
    inside = np.zeros(len(districts), dtype=bool)
    rows = np.flatnonzero(houses.is_building)
    if not len(districts) or not len(rows):
        return district, inside
    if not pd.isna(houses.district_name).all():
        district[rows] = _by_name(houses.district_name[rows], districts, found)
        inside[district[rows][district[rows] >= 0]] = True
        return district, inside
    shape = districts.geometry.to_numpy()
    x, y = houses.x_m[rows], houses.y_m[rows]
    is_point = shapely.get_dimensions(shape) == 0
    if is_point.all():
        spots, places = shapely.get_coordinates(shapely.centroid(shape)), np.column_stack([x, y])
        inside = np.asarray(cKDTree(places).query(spots)[0]) <= MARGIN_M
        if (near := np.flatnonzero(inside)).size:
            district[rows] = near[cKDTree(spots[near]).query(places)[1]]
        return district, inside
    if is_point.any():
        found.problems.append(
            problem(
                f"districts: {int(is_point.sum()):,} rows are points, {int((~is_point).sum()):,} are polygons",
                "which houses a point stands for cannot be told beside polygons",
                "give districts all as polygons or all as points",
            )
        )
        return district, inside
    district[rows] = _by_polygon(x, y, shape, found)
    inside[district[rows]] = True
    return district, inside


def _by_polygon(x: Floats, y: Floats, shape: Any, found: Findings) -> Ints:
    """The first polygon a point lies in; else the nearest of those that hold a point."""
    out = np.full(len(x), NONE, dtype=np.int64)
    row, polygon = lying_in(x, y, shape)
    out[row[::-1]] = polygon[::-1]  # the smallest number is written last and stays
    lost = np.flatnonzero(out == NONE)
    if len(lost):
        held = np.unique(out[out != NONE])
        held = held if len(held) else np.arange(len(shape))
        (row, near), gap_m = shapely.STRtree(shape[held]).query_nearest(shapely.points(x[lost], y[lost]), return_distance=True)
        order = np.lexsort((near, row))[::-1]
        out[lost[row[order]]] = held[near[order]]
        found.notes.append(Note("buildings_outside", count=len(lost), gap_m=gap_m.max()))
    return out


def _by_name(wanted: Any, districts: gpd.GeoDataFrame, found: Findings) -> Ints:
    number = {name: k for k, name in reversed(list(enumerate(districts["name"]))) if name is not None}
    out = np.array([number.get(name, NONE) for name in pd.unique(wanted)])
    code = pd.factorize(wanted, use_na_sentinel=False)[0]
    names = pd.unique(wanted)
    unknown = [f"{n}" for n, k in zip(names, out, strict=True) if k == NONE]
    if unknown:
        found.problems.append(
            problem(
                f"buildings.district: {len(unknown):,} names are none of the districts': {first_ids(unknown)}",
                "their people could not be placed",
                "write the names as in the districts layer, or drop the column: the place then decides",
            )
        )
    return out[code]


def _called(districts: gpd.GeoDataFrame, which: Any) -> list[str]:
    chosen = districts[["district_id", "name"]].iloc[np.flatnonzero(which) if np.asarray(which).dtype == bool else which]
    return [f"{n}" if n is not None else f"district {k}" for k, n in zip(chosen["district_id"], chosen["name"], strict=True)]


def _note_crowds(dwellings: Floats, people: Floats, district: Ints, districts: gpd.GeoDataFrame, found: Findings) -> None:
    """Say where far more people fall on a dwelling than can live there: footprints are missing, or the place is cut."""
    if not len(districts):
        return
    own = district >= 0
    homes = np.bincount(district[own], dwellings[own], minlength=len(districts))
    souls = np.bincount(district[own], people[own], minlength=len(districts))
    crowded = souls > CROWDED_PEOPLE_PER_DWELLING * np.maximum(homes, 1e-9)
    if crowded.any():
        named = some(zip(_called(districts, crowded), souls[crowded], homes[crowded], strict=True))
        found.notes.append(Note("crowded", most=CROWDED_PEOPLE_PER_DWELLING, count=crowded.sum(), names=named))
