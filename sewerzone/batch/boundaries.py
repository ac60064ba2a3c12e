"""Outlines of municipalities from the boundary layers their studies name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from sewerzone.batch import sources
from sewerzone.batch.area import Area
from sewerzone.batch.places import Place
from sewerzone.errors import SewerzoneError
from sewerzone.io.municipality import Areas, read_areas, spellings
from sewerzone.output.prefecture.content import polygons_of


def outlines(areas: Sequence[Area], crs: Any) -> dict[str, shapely.Geometry]:
    """Outlines by code, as far as they are known: no area of a study of its own has one, nor one whose boundary is far away.

    A boundary layer is read once for all municipalities of it. What is wrong with one, planning the municipality tells.
    """
    out: dict[str, shapely.Geometry] = {}
    layers: dict[tuple[str, str], Areas | None] = {}
    for area in areas:
        try:
            settings = sources.load(area)
            boundary, code = settings.municipality.boundary, settings.municipality.code
            if boundary is None or code is None or not Place(area.study).beside(boundary.path).is_local:
                continue
            key = (area.study, boundary.model_dump_json())
            if key not in layers:
                layers[key] = None
                layers[key] = read_areas(settings.municipality, Place(area.study).path.parent)
        except SewerzoneError:
            continue
        if (layer := layers[key]) is not None:
            out |= _outline(layer, code, area.code, crs)
    for area in areas:  # one whose study cannot be read may still be on the boundary layer of the others
        for layer in (found for found in layers.values() if found is not None and area.code not in out):
            out |= _outline(layer, area.code, area.code, crs)
    return out


def _outline(layer: Areas, code: str, called: str, crs: Any) -> dict[str, shapely.Geometry]:
    number = np.flatnonzero(np.isin(layer.codes, spellings(code)))
    if not number.size:
        return {}
    own = gpd.GeoSeries(layer.whole(int(number[0])), crs=layer.crs).to_crs(crs).to_numpy()
    return {called: polygons_of(shapely.get_parts(shapely.union_all(shapely.make_valid(own))))}
