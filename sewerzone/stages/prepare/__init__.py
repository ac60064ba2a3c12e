"""Clean: raw layers -> the input tables, with canonical ids; every building gets a status, dwellings, people and flows."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd

from sewerzone.config import Layer
from sewerzone.errors import raise_all
from sewerzone.model import Inputs
from sewerzone.stages.prepare import layers
from sewerzone.stages.prepare.buildings import buildings
from sewerzone.stages.prepare.layers import inside
from sewerzone.stages.prepare.sewers import sewers
from sewerzone.stages.prepare.values import Findings
from sewerzone.tables import BARRIERS, BUILDINGS, DISTRICTS, OVERRIDES, PLANTS, ROADS, SERVED_AREAS, SEWERS

__all__ = ["Cleaned", "clean", "inside", "problems"]


class Cleaned(NamedTuple):
    """The input tables, each as declared, and notes for the run record."""

    buildings: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    served_areas: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame
    overrides: gpd.GeoDataFrame
    sewers: gpd.GeoDataFrame
    plants_beyond: gpd.GeoDataFrame
    """Small plants in use of neighbours, as PLANTS: they treat what their own areas send, and are not decided here."""
    notes: list[str]


def clean(inputs: Inputs) -> Cleaned:
    """All input tables of a study; the given frames are not touched.

    Ids count rows in canonical order (place, size, shape, values), so they do not depend on the order of the input; those
    of districts alone follow the user's codes or, without, rows.

    Raises
    ------
    DataError
        One error that lists every problem: numbers that are none or negative, repeated ids, unknown kinds of
        plants or overrides, no dwelling, no usable road.
    """
    cleaned, found = _clean(inputs)
    raise_all(_placed(found.problems, inputs))
    return Cleaned(
        BUILDINGS.conform(cleaned.buildings), ROADS.conform(cleaned.roads), DISTRICTS.conform(cleaned.districts),
        SERVED_AREAS.conform(cleaned.served_areas), BARRIERS.conform(cleaned.barriers), PLANTS.conform(cleaned.plants),
        OVERRIDES.conform(cleaned.overrides), SEWERS.conform(cleaned.sewers),
        PLANTS.conform(cleaned.plants_beyond), cleaned.notes,
    )  # fmt: skip


def problems(inputs: Inputs) -> list[str]:
    """Everything in the layers that :func:`clean` would refuse, one message each."""
    return _placed(_clean(inputs)[1].problems, inputs)


def _placed(messages: list[str], inputs: Inputs) -> list[str]:
    """Every message with the file and layer of the table that it begins with."""
    out = []
    for message in messages:
        head, colon, rest = message.partition(":")
        layer: Layer | None = getattr(inputs.config.inputs, head.partition(".")[0])
        out.append(message if layer is None else f"{head} ({layer.short}){colon}{rest}")
    return out


def _clean(inputs: Inputs) -> tuple[Cleaned, Findings]:
    found, config = Findings(), inputs.config
    districts = layers.districts(inputs.districts, found)
    served = layers.served_areas(inputs.served_areas, found)
    houses = buildings(inputs.buildings, districts, served, config.prepare, found)
    districts, houses = layers.in_their_order(districts, houses)
    roads, barriers = layers.roads(inputs.roads, config.network, found), layers.barriers(inputs.barriers, found)
    plants, beyond = layers.plants(inputs.plants, inputs.sewers, config.retreat.outlet_reach_m, found)
    tables = Cleaned(
        houses,
        roads,
        districts,
        served,
        barriers,
        plants,
        layers.overrides(inputs.overrides, len(houses), found),
        sewers(inputs.sewers, inputs.buildings.crs, found, inputs.config.programme.first_year),
        beyond,
        found.notes,
    )
    return tables, found
