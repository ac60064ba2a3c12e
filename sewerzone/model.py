"""The bundles that travel between stages: Terrain, Inputs, Plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from sewerzone import tables
from sewerzone.engineering.grid import bilinear

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import shapely

    from sewerzone.config import Config

POINTS_AT_ONCE = 200_000
"""Of elevations asked for, whose places in the grid and weights are held together."""

Progress = Callable[[str, int, int], None]
"""Called as (stage, done, total); total 0 means unknown."""


def no_progress(stage: str, done: int, total: int) -> None:
    """The silent progress callback."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """A grid of ground elevations in its own CRS; points are transformed to it, never the grid to them.

    Attributes
    ----------
    elevation_m : float32 array (rows, columns), row 0 in the north; NaN where unknown
    transform : (a, b, c, d, e, f) with x = a col + b row + c, y = d col + e row + f at pixel corners
    crs : of the grid
    study_crs : of the points given to :meth:`sample`
    """

    elevation_m: NDArray[np.float32]
    transform: tuple[float, float, float, float, float, float]
    crs: CRS
    study_crs: CRS

    @cached_property
    def _to_grid(self) -> Transformer:
        return Transformer.from_crs(self.study_crs, self.crs, always_xy=True)

    def sample(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ground elevation (m) at points of the study CRS, bilinear; NaN outside the grid or on nodata."""
        out = np.empty(len(x_m))
        for begin in range(0, len(out), POINTS_AT_ONCE):
            some = slice(begin, begin + POINTS_AT_ONCE)
            out[some] = self._sample(x_m[some], y_m[some])
        return out

    def _sample(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = (x_m, y_m) if self.crs == self.study_crs else self._to_grid.transform(x_m, y_m)
        a, b, c, d, e, f = self.transform
        determinant = a * e - b * d
        dx, dy = np.asarray(x, float) - c, np.asarray(y, float) - f
        column, row = (e * dx - b * dy) / determinant, (a * dy - d * dx) / determinant
        return bilinear(self.elevation_m, column - 0.5, row - 0.5)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything read for one study: tables in the study CRS, terrain, and what was noticed on the way.

    ``buildings`` and ``roads`` are raw: columns renamed to ours, geometry transformed, nothing yet cleaned.
    """

    config: Config
    buildings: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    terrain: Terrain
    served_areas: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame
    overrides: gpd.GeoDataFrame
    sewers: gpd.GeoDataFrame = field(default_factory=tables.SEWERS.empty)
    projected_people: gpd.GeoDataFrame | None = None
    """Polygons with ``people_<year>``; None or empty: not given."""
    present_plan: gpd.GeoDataFrame | None = None
    """Polygons that today's plan gives a sewer; None or empty: not given."""
    people_history: pd.DataFrame | None = None
    """``district`` (a name of the districts), ``year``, ``count``; None: not given."""
    base: Path = Path()
    hashes: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    boundary: shapely.Geometry | None = None
    """Outline of the municipality, study CRS; None where none is given."""
    systems: dict[str, CRS] = field(default_factory=dict)
    """The system of reference of each file as it came, by layer and path (``buildings (houses.gpkg)``)."""
    municipality: dict[str, Any] = field(default_factory=dict)
    """Where one municipality of many was read: its code, name, halo, and how many rows of each layer are its own."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The result of a study: one frame per declared table, and the record of the run."""

    config: Config
    buildings: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    served_areas: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame
    overrides: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    options: pd.DataFrame
    costs: pd.DataFrame
    zones: gpd.GeoDataFrame
    systems: gpd.GeoDataFrame
    pipes: gpd.GeoDataFrame
    manholes: gpd.GeoDataFrame
    pumps: gpd.GeoDataFrame
    links: gpd.GeoDataFrame
    laterals: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    differences: pd.DataFrame = field(default_factory=tables.DIFFERENCES.empty)
    robustness: pd.DataFrame = field(default_factory=tables.ROBUSTNESS.empty)
    scenarios: pd.DataFrame = field(default_factory=tables.SCENARIOS.empty)
    figures: pd.DataFrame = field(default_factory=tables.FIGURES.empty)
    cost_curve: pd.DataFrame = field(default_factory=tables.COST_CURVE.empty)
    consolidation: pd.DataFrame = field(default_factory=tables.CONSOLIDATION.empty)
    unit_edits: pd.DataFrame = field(default_factory=tables.UNIT_EDITS.empty)
    programme: pd.DataFrame = field(default_factory=tables.PROGRAMME.empty)
    programme_areas: gpd.GeoDataFrame = field(default_factory=tables.PROGRAMME_AREAS.empty)
    programme_sewers: gpd.GeoDataFrame = field(default_factory=tables.PROGRAMME_SEWERS.empty)
    programme_works: pd.DataFrame = field(default_factory=tables.PROGRAMME_WORKS.empty)
    programme_years: pd.DataFrame = field(default_factory=tables.PROGRAMME_YEARS.empty)
    tank_programme: pd.DataFrame = field(default_factory=tables.TANK_PROGRAMME.empty)
    programme_curve: pd.DataFrame = field(default_factory=tables.PROGRAMME_CURVE.empty)
    population: pd.DataFrame = field(default_factory=tables.POPULATION.empty)
    coverage: pd.DataFrame = field(default_factory=tables.COVERAGE.empty)
    coverage_districts: pd.DataFrame = field(default_factory=tables.COVERAGE_DISTRICTS.empty)
    coverage_goal: pd.DataFrame = field(default_factory=tables.COVERAGE_GOAL.empty)
    payments: pd.DataFrame = field(default_factory=tables.PAYMENTS.empty)
    payment_years: pd.DataFrame = field(default_factory=tables.PAYMENT_YEARS.empty)
    households: pd.DataFrame = field(default_factory=tables.HOUSEHOLDS.empty)
    decline: pd.DataFrame = field(default_factory=tables.DECLINE.empty)
    decline_populations: pd.DataFrame = field(default_factory=tables.DECLINE_POPULATIONS.empty)
    indicators: pd.DataFrame = field(default_factory=tables.INDICATORS_TABLE.empty)
    outlook: pd.DataFrame = field(default_factory=tables.OUTLOOK.empty)
    form_1: pd.DataFrame = field(default_factory=tables.FORM_1.empty)
    form_2: pd.DataFrame = field(default_factory=tables.FORM_2.empty)
    form_3: pd.DataFrame = field(default_factory=tables.FORM_3.empty)
    sewers: gpd.GeoDataFrame = field(default_factory=tables.SEWERS.empty)
    renewal_stock: pd.DataFrame = field(default_factory=tables.RENEWAL_STOCK.empty)
    renewal: pd.DataFrame = field(default_factory=tables.RENEWAL.empty)
    renewal_sums: pd.DataFrame = field(default_factory=tables.RENEWAL_SUMS.empty)
    renewal_urgency: pd.DataFrame = field(default_factory=tables.RENEWAL_URGENCY.empty)
    retreat: pd.DataFrame = field(default_factory=tables.RETREAT.empty)
    retreat_sewers: gpd.GeoDataFrame = field(default_factory=tables.RETREAT_SEWERS.empty)
    retreat_houses: pd.DataFrame = field(default_factory=tables.RETREAT_HOUSES.empty)
    retreat_outlets: pd.DataFrame = field(default_factory=tables.RETREAT_OUTLETS.empty)
    retreat_years: pd.DataFrame = field(default_factory=tables.RETREAT_YEARS.empty)
    retreat_warnings: pd.DataFrame = field(default_factory=tables.RETREAT_WARNINGS.empty)
    run: dict[str, Any] = field(default_factory=dict)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, in the order of their declaration."""
        return {t.name: getattr(self, t.name) for t in tables.ALL_TABLES}


@dataclass(frozen=True, eq=False)
class Redrawing:
    """A new plan against today's sewer area or an earlier plan: one frame per declared table of tables.redrawing."""

    config: Config
    """Of the new plan."""
    redrawing_effect: pd.DataFrame
    redrawing: pd.DataFrame
    redrawn_areas: gpd.GeoDataFrame
    redrawn_units: gpd.GeoDataFrame
    redrawn_buildings: gpd.GeoDataFrame
    served_areas: gpd.GeoDataFrame
    run: dict[str, Any] = field(default_factory=dict)
    """``basis`` of the old plan's cost, ``notes`` as facts (key: number), where both plans lie."""

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, in the order of their declaration."""
        return {t.name: getattr(self, t.name) for t in tables.REDRAWING_TABLES}
