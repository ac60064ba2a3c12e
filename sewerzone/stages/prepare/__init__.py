"""Clean: raw layers -> the input tables, with canonical ids; every building gets a status, dwellings, people and flows."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd

from sewerzone.errors import raise_all
from sewerzone.model import Inputs
from sewerzone.stages.prepare import layers
from sewerzone.stages.prepare.buildings import buildings
from sewerzone.stages.prepare.values import Findings
from sewerzone.tables import BARRIERS, BUILDINGS, DISTRICTS, OVERRIDES, PLANTS, ROADS, SERVED_AREAS

__all__ = ["Cleaned", "clean", "problems"]


class Cleaned(NamedTuple):
    """The input tables, each as declared, and notes for the run record."""

    buildings: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    served_areas: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame
    overrides: gpd.GeoDataFrame
    notes: list[str]


def clean(inputs: Inputs) -> Cleaned:
    """All input tables of a study; the given frames are not touched.

    Ids count rows in canonical order (place, size, shape, values), so they do not depend on the order of the input.

    Raises
    ------
    DataError
        One error that lists every problem: numbers that are none or negative, repeated ids, unknown kinds of
        plants or overrides, no dwelling, no usable road.
    """
    cleaned, found = _clean(inputs)
    raise_all(found.problems)
    return Cleaned(
        BUILDINGS.conform(cleaned.buildings), ROADS.conform(cleaned.roads), DISTRICTS.conform(cleaned.districts),
        SERVED_AREAS.conform(cleaned.served_areas), BARRIERS.conform(cleaned.barriers), PLANTS.conform(cleaned.plants),
        OVERRIDES.conform(cleaned.overrides), cleaned.notes,
    )  # fmt: skip


def problems(inputs: Inputs) -> list[str]:
    """Everything in the layers that :func:`clean` would refuse, one message each."""
    return _clean(inputs)[1].problems


def _clean(inputs: Inputs) -> tuple[Cleaned, Findings]:
    found, config = Findings(), inputs.config
    districts = layers.districts(inputs.districts, found)
    served = layers.served_areas(inputs.served_areas, found)
    houses = buildings(inputs.buildings, districts, served, config.prepare, found)
    tables = Cleaned(
        houses,
        layers.roads(inputs.roads, config.network, found),
        districts,
        served,
        layers.barriers(inputs.barriers, found),
        layers.plants(inputs.plants, found),
        layers.overrides(inputs.overrides, len(houses), found),
        found.notes,
    )
    return tables, found
