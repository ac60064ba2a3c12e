"""Where and when: what the programme builds as areas and sewers to draw, each with its year."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone import tables
from sewerzone.engineering.forest import Ints
from sewerzone.tables.programme import PERIOD_ENDS

_TOUCHING_M = 0.5
"""A house whose node is this near a pipe joins it."""


def areas(
    made: pd.DataFrame, tank_rows: pd.DataFrame, tank_units: pd.DataFrame, units: gpd.GeoDataFrame, houses: pd.DataFrame,
    first_year: int,
) -> gpd.GeoDataFrame:  # fmt: skip
    """The table PROGRAMME_AREAS: the outlines of study units, divided among the packages that serve their houses.

    Parameters
    ----------
    made, tank_rows : PROGRAMME, TANK_PROGRAMME
    tank_units : ``unit_id``, ``tanks`` and ``people`` of the units where tanks are to be installed
    units : UNITS
    houses : ``unit_id``, ``package_id`` (-1: none), ``x_m``, ``y_m`` of houses that the plan gives a sewer
    """
    outlines = units.set_index("unit_id").geometry
    cells = _cells(houses[houses["package_id"] >= 0], outlines)
    of_package = made.set_index("package_id").loc[cells.index]
    sewers = of_package[["unit_id", "start_year", "built_year", "people", "dwellings"]].assign(
        kind="sewer", package_id=cells.index, geometry=cells.to_numpy()
    )
    alone = tank_units[tank_units["unit_id"].isin(units.loc[units["treatment"] == "johkasou", "unit_id"])]
    alone = alone.set_index("unit_id").sort_index()
    span = tank_rows.groupby("unit_id").agg(start=("year", "min"), last=("year", "max"), tanks=("tanks", "sum"))
    span = span.reindex(alone.index)
    whole = span["tanks"] >= alone["tanks"] * (1.0 - 1e-9)
    tanks = pd.DataFrame(
        {
            "kind": "johkasou", "unit_id": alone.index, "package_id": np.nan, "start_year": span["start"].to_numpy(),
            "built_year": span["last"].where(whole).to_numpy(), "people": alone["people"].to_numpy(float),
            "dwellings": alone["tanks"].to_numpy(float), "geometry": outlines.reindex(alone.index).to_numpy(),
        }
    )  # fmt: skip
    whole_numbers = dict.fromkeys(("package_id", "unit_id", "start_year", "built_year"), "Int64")
    rows = [frame.astype(whole_numbers) for frame in (sewers, tanks) if len(frame)]
    if not rows:
        none: gpd.GeoDataFrame = tables.PROGRAMME_AREAS.empty(units.crs)
        return none
    out = pd.concat(rows, ignore_index=True)
    out = out.assign(area_id=np.arange(len(out)), period=_period(out["built_year"], first_year))
    shown: gpd.GeoDataFrame = tables.PROGRAMME_AREAS.conform(gpd.GeoDataFrame(out, geometry="geometry", crs=units.crs))
    return shown


def sewers(made: pd.DataFrame, pipes: gpd.GeoDataFrame, package_of: Ints, first_year: int) -> gpd.GeoDataFrame:
    """The table PROGRAMME_SEWERS: every package's pipes as one line.

    ``package_of`` : (pipes,) package of PROGRAMME that each pipe belongs to
    """
    if not len(made):
        none: gpd.GeoDataFrame = tables.PROGRAMME_SEWERS.empty(pipes.crs)
        return none
    order = np.argsort(package_of, kind="stable")
    number, begin = np.unique(package_of[order], return_index=True)
    lines = [shapely.multilinestrings(some) for some in np.split(np.asarray(pipes.geometry)[order], begin[1:])]
    some = made.set_index("package_id").loc[number].reset_index()
    some = some.assign(is_trunk=some["people"] <= 0.0, period=_period(some["built_year"], first_year))
    shown: gpd.GeoDataFrame = tables.PROGRAMME_SEWERS.conform(gpd.GeoDataFrame(some, geometry=lines, crs=pipes.crs))
    return shown


def package_of_houses(places: pd.DataFrame, pipes: gpd.GeoDataFrame, package_of: Ints) -> Ints:
    """(houses,) package whose pipe each joins; -1 where its system has none.

    ``places`` : ``system_id`` (-1: none) of every house and ``x_m``, ``y_m`` of the node it is connected to. Where pipes
    meet there it is the one that begins: what arrives is of the package upstream.
    """
    out = np.full(len(places), -1, np.int64)
    if not len(pipes) or not len(places):
        return out
    points = np.asarray(shapely.points(places[["x_m", "y_m"]].to_numpy(float)), dtype=object)
    lines = np.asarray(pipes.geometry)
    system, of_pipe = places["system_id"].to_numpy(np.int64), pipes["system_id"].to_numpy(np.int64)
    house, pipe = shapely.STRtree(lines).query(points, predicate="dwithin", distance=_TOUCHING_M)
    same = system[house] == of_pipe[pipe]
    house, pipe = house[same], pipe[same]
    ends = shapely.distance(points[house], shapely.get_point(lines[pipe], -1)) <= _TOUCHING_M
    order = np.lexsort((pipe, ends, house))
    first = order[np.unique(house[order], return_index=True)[1]]
    out[house[first]] = package_of[pipe[first]]
    for number in np.unique(system[(out < 0) & (system >= 0)]):  # by a way that is no road: the nearest of its system
        own, left = np.flatnonzero(of_pipe == number), np.flatnonzero((out < 0) & (system == number))
        if len(own):
            nearest = shapely.STRtree(lines[own]).query_nearest(points[left], all_matches=False)
            out[left[nearest[0]]] = package_of[own[nearest[1]]]
    return out


def _cells(houses: pd.DataFrame, outlines: gpd.GeoSeries) -> pd.Series[Any]:
    """Area of every package: units wholly its own, and of others what lies nearer to its houses than to any other's."""
    pairs = houses[["unit_id", "package_id"]].drop_duplicates().sort_values(["unit_id", "package_id"])
    shared = pairs["unit_id"].duplicated(keep=False)
    unit, package = pairs["unit_id"].to_numpy(), pairs["package_id"].to_numpy()
    shape = outlines.loc[unit].to_numpy().copy()
    divided = houses[houses["unit_id"].isin(pairs.loc[shared, "unit_id"])].sort_values(["unit_id", "x_m", "y_m", "package_id"])
    divided = divided.drop_duplicates(["unit_id", "x_m", "y_m"])
    part = {}
    for number, some in divided.groupby("unit_id"):
        points = shapely.MultiPoint(some[["x_m", "y_m"]].to_numpy(float))
        cell = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=outlines.loc[number], ordered=True))
        own = some["package_id"].to_numpy()
        for one in np.unique(own):
            ground = shapely.intersection(shapely.union_all(cell[own == one]), outlines.loc[number])
            part[number, one] = _areal(ground)
    for k in np.flatnonzero(shared):
        shape[k] = part.get((unit[k], package[k]))
    keep = np.array([one is not None and not one.is_empty for one in shape], dtype=bool)
    frame = gpd.GeoDataFrame({"package_id": package[keep]}, geometry=shape[keep])
    joined: pd.Series[Any] = frame.dissolve("package_id").geometry
    return joined


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Only what has an area."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.area(parts) > 0.0])


def _period(built_year: pd.Series[int], first_year: int) -> pd.Series[int]:
    """Which stretch of years from the first a year lies in, from 1; missing: not within the programme."""
    ago = (built_year.astype("Float64") - first_year + 1).to_numpy(float, na_value=np.nan)
    out = pd.Series(np.searchsorted(np.array(PERIOD_ENDS), ago) + 1, index=built_year.index, dtype="Int64")
    return out.mask(np.isnan(ago))
