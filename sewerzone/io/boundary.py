"""The outline of the municipality that is studied, and which buildings lie in it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from sewerzone.config import Config
from sewerzone.errors import ConfigError, DataError, problem
from sewerzone.io.layers import layer_as_placed

ROLE = "boundary"
_SHOWN = 8


def area(config: Config, base: Path, crs: CRS) -> tuple[shapely.Geometry | None, list[str]]:
    """The area of ``inputs.boundary`` in ``crs``, of the municipalities that the study names; and notes.

    None where no boundary is given.

    Raises
    ------
    ConfigError, CRSError, DataError
        The layer cannot be read, lacks a municipality, or holds several and none is named.
    """
    layer, wanted = config.inputs.boundary, config.study.municipalities
    if layer is None:
        return None, []
    frame, notes, _ = layer_as_placed(layer, base, crs, ROLE)
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if wanted or "municipality_code" in frame:
        frame = _of(frame, wanted, layer.short)
    return shapely.union_all(shapely.make_valid(frame.geometry.to_numpy())), notes


def _of(frame: gpd.GeoDataFrame, wanted: tuple[str, ...], where: str) -> gpd.GeoDataFrame:
    """Rows of the municipalities wanted; all, where none is wanted and there is only one."""
    if "municipality_code" not in frame:
        raise ConfigError(
            problem(
                f"inputs.boundary: {where} has no column municipality_code",
                "study.municipalities cannot be found in it",
                'map it, e.g. columns = {municipality_code = "N03_007"}, or leave study.municipalities out',
            )
        )
    code = frame["municipality_code"].astype(str)
    held = dict(zip(code, frame["name"] if "name" in frame else [""] * len(frame), strict=True))
    lost = [c for c in wanted if c not in held]
    if lost or (not wanted and len(held) > 1):
        named = [f"{c} {n}".strip() for c, n in sorted(held.items())]
        listed = ", ".join(named[:_SHOWN]) + (" ..." if len(named) > _SHOWN else "")
        what = f"has no municipality {', '.join(lost)}" if lost else f"holds {len(held):,} municipalities"
        raise ConfigError(
            problem(
                f"inputs.boundary: {where} {what}; it has {listed}",
                "which area is studied is not known",
                'name it, e.g. study.municipalities = ["22210"]; of a designated city name its wards',
            )
        )
    return frame[code.isin(wanted)] if wanted else frame


def within(buildings: gpd.GeoDataFrame, outline: shapely.Geometry) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Buildings whose middle lies in the municipality, and those without a place; and a note on the others.

    Raises DataError where all lie outside.
    """
    shapely.prepare(outline)
    middle = shapely.centroid(buildings.geometry.to_numpy())
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    is_placed = np.isfinite(x)
    inside = ~is_placed
    inside[is_placed] = shapely.contains_xy(outline, x[is_placed], y[is_placed])
    if inside.all():
        return buildings, []
    if is_placed.any() and not (inside & is_placed).any():
        west, south, east, north = shapely.bounds(outline)
        raise DataError(
            problem(
                f"inputs.buildings: none of {len(buildings):,} lies in the municipality of inputs.boundary "
                f"(x {west:,.0f} to {east:,.0f}, y {south:,.0f} to {north:,.0f})",
                "there is nothing to plan",
                "the usual causes are a file of another municipality, a wrong code in study.municipalities or a wrong CRS",
            )
        )
    said = f"buildings: {int((~inside).sum()):,} of {len(buildings):,} lie outside the municipality and were left out"
    return buildings[inside].reset_index(drop=True), [said]
