"""Study units: dwellings grouped into contiguous neighbourhoods, and the outlines drawn round them.

Two houses are linked when the gap between their footprints is within the limit distance and the shortest line
between them crosses no barrier. Rule ``link`` takes the chains of such links; rule ``mean`` grows neighbourhoods
along the shortest gaps while their metres per dwelling stay within the limit. Houses whose group at the served
limit reaches a served area are units of their own kind: the candidates for absorption.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone import outlines, shapes
from sewerzone.config import Cluster
from sewerzone.engineering import neighbours
from sewerzone.errors import DataError, first_ids, problem
from sewerzone.tables import UNITS
from sewerzone.tables.schema import Table

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MEAN_REACH = 3.0
"""Under the rule ``mean`` a single gap may be this many limit distances: dense houses make up for it."""
CLOSING_MOST_M = 20.0
"""Bays of an outline are filled up to twice this width, however large the limit distance."""

COLUMNS = (
    "unit_id", "is_adjoining", "buildings", "dwellings", "people", "flow_mean_m3_per_d", "flow_max_m3_per_d",
    "flow_hourly_l_per_s", "area_ha", "dwellings_per_ha", "district_id",
)  # fmt: skip
"""Columns of the table of units that this stage fills; the verdict follows in later stages."""
GROUPED = Table(UNITS.name, UNITS.ja, UNITS.meaning, UNITS.key, UNITS.geometry, tuple(UNITS.column(name) for name in COLUMNS))
"""The table of units as this stage returns it."""
_SUMS = ("dwellings", "people", "flow_mean_m3_per_d", "flow_max_m3_per_d", "flow_hourly_l_per_s")

_log = logging.getLogger(__name__)


def group(
    buildings: gpd.GeoDataFrame,
    served_areas: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    limit_m: float,
    served_limit_m: float,
    settings: Cluster,
    crs: Any,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Group dwellings outside the served areas into study units.

    Parameters
    ----------
    buildings : table ``buildings``; rows with status dwelling, dwellings above 0 and not served are grouped
    served_areas, barriers, districts : the tables of these names; any may be empty
    limit_m, served_limit_m : limit distance, and the one round served areas; at 0 or less only houses that touch
        are linked
    settings : rule, absorption, district borders, margin of outlines
    crs : study CRS

    Returns
    -------
    buildings : a copy with ``unit_id`` filled, missing where a building is not grouped
    units : the columns of :data:`GROUPED`, with outlines; unit 0 holds the smallest building_id, and so on

    Raises
    ------
    DataError : a dwelling has no footprint
    """
    found = members(buildings, served_areas, barriers, limit_m, served_limit_m, settings)
    return outline(found, buildings, served_areas, districts, limit_m, served_limit_m, settings, crs)


class Members(NamedTuple):
    """Which buildings are in which unit.

    Attributes
    ----------
    rows : (k,) positions of the grouped buildings, by building_id
    unit : (k,) unit of each, 0 .. u-1
    is_adjoining : (k,) whether its unit adjoins a served area
    """

    rows: Ints
    unit: Ints
    is_adjoining: Bools


def members(
    buildings: gpd.GeoDataFrame,
    served_areas: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    limit_m: float,
    served_limit_m: float,
    settings: Cluster,
) -> Members:
    """The grouping alone, without outlines; parameters as in :func:`group`."""
    rows = _study_rows(buildings)
    study = buildings[["dwellings", "district_id", "geometry"]].iloc[rows]
    footprints = np.asarray(study.geometry.to_numpy(), dtype=object)
    links = _Links(footprints, study, shapes.Barriers(shapes.geometries(barriers)), settings)
    label, is_adjoining = _labels(links, shapes.geometries(served_areas), limit_m, served_limit_m, settings)
    _, unit = np.unique(label, return_inverse=True)
    _log.info("%d units of %d buildings", int(unit.max(initial=-1)) + 1, len(rows))
    return Members(rows, unit.astype(np.int64), is_adjoining)


def outline(
    found: Members,
    buildings: gpd.GeoDataFrame,
    served_areas: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    limit_m: float,
    served_limit_m: float,
    settings: Cluster,
    crs: Any,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The tables of :func:`group` from a grouping: unit_id of the buildings, units with totals and outlines."""
    study = buildings[[*_SUMS, "district_id", "geometry"]].iloc[found.rows]
    units = _totals(study, found.unit, found.is_adjoining)
    closing = np.clip(np.where(units["is_adjoining"], served_limit_m, limit_m) / 2, 0.0, CLOSING_MOST_M)
    home = _homes(districts, units["district_id"]) if settings.split_at_districts else None
    footprints, served = np.asarray(study.geometry.to_numpy(), dtype=object), shapes.geometries(served_areas)
    drawn = outlines.outlines(footprints, found.unit, closing, settings.outline_margin_m, served, home)
    units["area_ha"] = shapely.area(drawn) / 10_000.0
    units["dwellings_per_ha"] = outlines.per_ha(units["dwellings"].to_numpy(float), units["area_ha"].to_numpy(float))
    unit_id = np.full(len(buildings), -1, np.int64)
    unit_id[found.rows] = found.unit
    column = pd.array(unit_id, dtype="Int64")
    column[unit_id < 0] = pd.NA
    frame = gpd.GeoDataFrame(units, geometry=drawn, crs=crs)
    return buildings.assign(unit_id=column), cast(gpd.GeoDataFrame, GROUPED.conform(frame))


def _study_rows(buildings: gpd.GeoDataFrame) -> Ints:
    """Positions of the buildings to group, by building_id."""
    wanted = (
        (buildings["status"] == "dwelling").to_numpy()
        & (buildings["dwellings"] > 0).to_numpy()
        & ~buildings["is_served"].to_numpy(dtype=bool)
    )
    rows = np.flatnonzero(wanted)
    ids = buildings["building_id"].to_numpy(dtype=np.int64)
    values = np.asarray(buildings.geometry.to_numpy(), dtype=object)[rows]
    bare = shapely.is_missing(values) | shapely.is_empty(values)
    if bare.any():
        lacking = np.sort(ids[rows][bare])
        raise DataError(
            problem(
                f"buildings.geometry: {len(lacking):,} dwellings have no footprint (ids {first_ids(lacking)})",
                "gaps between houses cannot be measured without one",
                "give them the status no_geometry, or a point",
            )
        )
    return rows[np.argsort(ids[rows], kind="stable")]


class _Links:
    """The houses of a study and what decides whether two of them may be linked."""

    def __init__(
        self, footprints: shapes.Geometries, study: pd.DataFrame, barriers: shapes.Barriers, settings: Cluster
    ) -> None:
        self.footprints = footprints
        self.features = shapes.features(footprints)
        self.barriers = barriers
        self.on_land, self.is_afloat = barriers.on_land(footprints)
        self.dwellings = study["dwellings"].to_numpy(dtype=np.float64)
        self.rule = settings.rule
        district = study["district_id"].astype("Int64").fillna(-1).to_numpy(dtype=np.int64)
        self.border = district if settings.split_at_districts else np.zeros(len(study), np.int64)

    def labels(self, limit_m: float, part: Ints) -> Ints:
        """Canonical labels of all houses: houses of the same ``part`` are grouped at the limit, by the rule."""
        limit_m = max(limit_m, 0.0)
        _, group = np.unique(np.stack([part, self.border]), axis=1, return_inverse=True)
        group = np.ravel(group).astype(np.int64)
        if self.rule == "mean" and limit_m > 0:
            return self._grown(limit_m, group)
        wall_m = self.barriers.distance_m(self.footprints, limit_m)
        is_near = np.isfinite(wall_m)
        label = neighbours.components(self.features, limit_m, group, is_near)
        a, b, gap_m = neighbours.pairs(self.features, limit_m, group, is_marked=is_near, label=label)
        free = ~self._is_parted(a, b, gap_m, wall_m)
        return neighbours.joined(label, a[free], b[free])

    def _grown(self, limit_m: float, group: Ints) -> Ints:
        most_m = MEAN_REACH * limit_m
        wall_m = self.barriers.distance_m(self.footprints, most_m)
        is_near = np.isfinite(wall_m)
        forest = neighbours.spanning_forest(self.features, most_m, group, is_near)
        a, b, gap_m = neighbours.pairs(self.features, most_m, group, is_marked=is_near)
        free = ~self._is_parted(a, b, gap_m, wall_m)
        every = [np.concatenate([old, new[free]]) for old, new in zip(forest, (a, b, gap_m), strict=True)]
        a, b, gap_m = neighbours.least_forest(len(self.dwellings), every[0], every[1], every[2])
        return neighbours.grown(a, b, gap_m, self.dwellings, limit_m)

    def _is_parted(self, a: Ints, b: Ints, gap_m: Floats, wall_m: Floats) -> Bools:
        """Whether a barrier lies between; only asked where both are near enough to one for the gap to reach across."""
        out = np.zeros(len(a), np.bool_)
        ask = np.flatnonzero((gap_m > neighbours.SLACK_M) & (wall_m[a] + wall_m[b] <= gap_m + neighbours.SLACK_M))
        a, b = a[ask], b[ask]
        has_land = ~(self.is_afloat[a] | self.is_afloat[b])
        one = np.where(has_land, self.on_land[a], self.footprints[a])
        other = np.where(has_land, self.on_land[b], self.footprints[b])
        out[ask] = self.barriers.is_between(one, other)
        return out

    def reaches(self, areas: shapes.Geometries, limit_m: float) -> Bools:
        """Houses within the limit of one of the areas, with no barrier between."""
        inside = np.zeros(len(self.footprints), np.bool_)
        inside[shapely.STRtree(self.footprints).query(areas, predicate="intersects")[1]] = True
        border = shapes.boundary(areas)
        row, segment = shapely.STRtree(border).query_nearest(
            self.footprints, max_distance=limit_m + neighbours.SLACK_M, all_matches=False
        )
        free = ~self.barriers.is_between(self.on_land[row], border[segment])
        inside[row[free]] = True
        return inside


def _labels(
    links: _Links, served: shapes.Geometries, limit_m: float, served_limit_m: float, settings: Cluster
) -> tuple[Ints, Bools]:
    """Group of every house, and whether the group adjoins a served area."""
    everyone = np.zeros(len(links.footprints), np.int64)
    if not (settings.absorb_round_served and len(served) and served_limit_m > 0):
        return links.labels(limit_m, everyone), everyone.astype(np.bool_)
    label = links.labels(served_limit_m, everyone)
    is_adjoining = np.isin(label, label[links.reaches(served, served_limit_m)])
    rest = links.labels(limit_m, is_adjoining.astype(np.int64))
    return np.where(is_adjoining, label, rest), is_adjoining


def _totals(study: pd.DataFrame, unit: Ints, is_adjoining: Bools) -> pd.DataFrame:
    """One row per unit: buildings, dwellings, people, flows and the district of most dwellings."""
    count = np.bincount(unit)
    units = pd.DataFrame({"unit_id": np.arange(len(count), dtype=np.int64)})
    first = np.searchsorted(np.sort(unit), units["unit_id"].to_numpy())
    units["is_adjoining"] = is_adjoining[np.argsort(unit, kind="stable")][first]
    units["buildings"] = count
    for name in _SUMS:
        units[name] = np.bincount(unit, weights=study[name].to_numpy(dtype=np.float64), minlength=len(count))
    units["district_id"] = _main_district(study, unit).reindex(units["unit_id"]).astype("Int64").to_numpy()
    return units


def _main_district(study: pd.DataFrame, unit: Ints) -> pd.Series[Any]:
    """District of most dwellings by unit, the smallest id on a tie; units without one are left out."""
    known = study["district_id"].notna().to_numpy()
    parts = pd.DataFrame({"unit": unit[known], "district": study["district_id"][known].to_numpy(dtype=np.int64)})
    parts["dwellings"] = study["dwellings"][known].to_numpy(dtype=np.float64)
    sums = parts.groupby(["unit", "district"])["dwellings"].sum().reset_index()
    best = sums.sort_values(["unit", "dwellings", "district"], ascending=[True, False, True]).drop_duplicates("unit")
    return pd.Series(best["district"].to_numpy(), index=best["unit"].to_numpy())


def _homes(districts: gpd.GeoDataFrame, district_id: pd.Series[Any]) -> shapes.Geometries:
    """The polygon of each unit's district; missing where it has none, or the district is a point."""
    polygons = districts[districts.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    by_id = pd.Series(polygons.geometry.to_numpy(), index=polygons["district_id"].to_numpy(), dtype=object)
    home = np.asarray(by_id.reindex(district_id.to_numpy(dtype=np.float64, na_value=np.nan)).to_numpy(), dtype=object).copy()
    home[~shapely.is_geometry(home)] = None
    return home
