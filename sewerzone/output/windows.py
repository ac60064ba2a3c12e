"""Windows on a plan: what of it reaches into one sheet, so that a series takes the time and room of its sheets alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from sewerzone.model import Plan
from sewerzone.output.map_content import Box

LAYERS = (
    "buildings", "roads", "served_areas", "districts", "barriers", "plants", "overrides", "units", "zones", "systems", "pipes",
    "manholes", "pumps", "links",
)  # fmt: skip
"""Layers that a sheet draws."""
MANY = 200
"""Corners from which a polygon is cut at the edge of the sheet: few of its corners lie on it."""


def seen(plan: Plan, view: Box) -> Plan:
    """The plan with nothing but what can be seen within ``view``, as a legend needs it."""
    frame = shapely.box(*view)
    layers: dict[str, Any] = {name: getattr(plan, name) for name in LAYERS}
    some = {name: layer[shapely.intersects(layer.geometry.to_numpy(), frame)] for name, layer in layers.items()}
    laterals = plan.laterals[plan.laterals["building_id"].isin(some["buildings"]["building_id"])]
    return replace(plan, **some, laterals=laterals)


class Windows:
    """A plan with the edges of all its shapes, looked up once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._edges = {name: shapely.bounds(getattr(plan, name).geometry.to_numpy()) for name in LAYERS}

    def on(self, view: Box) -> Plan:
        """The plan with no shapes but those that reach into ``view``; large ones are cut a little outside it."""
        return replace(self.plan, **{name: self._part(name, view) for name in LAYERS})

    def _part(self, name: str, view: Box) -> gpd.GeoDataFrame:
        west, south, east, north = self._edges[name].T
        reaches = (west <= view[2]) & (east >= view[0]) & (south <= view[3]) & (north >= view[1])
        some: gpd.GeoDataFrame = getattr(self.plan, name)[reaches]
        shapes: Any = some.geometry.to_numpy()
        is_large = shapely.get_num_coordinates(shapes) > MANY
        if not is_large.any():
            return some
        x, y = 0.05 * (view[2] - view[0]), 0.05 * (view[3] - view[1])
        cut = np.array(shapes, dtype=object)
        cut[is_large] = shapely.clip_by_rect(cut[is_large], view[0] - x, view[1] - y, view[2] + x, view[3] + y)
        return some.set_geometry(gpd.GeoSeries(cut, index=some.index, crs=some.crs))
