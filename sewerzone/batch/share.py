"""A municipality's share of the roll-up, made by the worker that plans it; in the end shares are only put together.

Zones and units in the coordinate system of all, dwellings and people by district, and its zones drawn coarsely.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from sewerzone.batch import rollup_rows
from sewerzone.batch.area import Area
from sewerzone.batch.store import SHARE
from sewerzone.io import gathered
from sewerzone.io.gathered import CRS_OF_ALL
from sewerzone.model import Plan
from sewerzone.output.prefecture import content
from sewerzone.tables import Table
from sewerzone.tables.prefecture import ALL_UNITS, ALL_ZONES, MUNICIPAL_DISTRICTS

UNITS, ZONES, DISTRICTS, DRAWN = SHARE
_NAMED = {ALL_UNITS: (UNITS, "municipality"), ALL_ZONES: (ZONES, "municipality"), MUNICIPAL_DISTRICTS: (DISTRICTS, "name")}
"""Where the rows of a table are, and the column with the name of the municipality."""
_HULL = "hull"


class Drawn(NamedTuple):
    """Zones of one plan by treatment, drawn coarsely, and an outline round them where its boundary is not known (degrees)."""

    areas: dict[str, shapely.Geometry]
    hull: shapely.Geometry | None


def write(plan: Plan, area: Area, folder: Path) -> None:
    """Write the share of a plan into the folder of the municipality."""
    (folder / DRAWN).parent.mkdir()
    called = {"code": area.code, "municipality": area.name}
    frames = {
        ALL_UNITS: plan.units.assign(**called), ALL_ZONES: plan.zones.assign(**called),
        MUNICIPAL_DISTRICTS: rollup_rows.by_district(area.code, area.name, plan.buildings, plan.districts),
    }  # fmt: skip
    for table, frame in frames.items():
        gathered.write_rows(gathered.rows(table, frame), folder / _NAMED[table][0])
    shapes: Mapping[str, Any] = {
        **content.coarse_areas(plan.zones, content.most_vertices(float(plan.run["dwellings"])), CRS_OF_ALL),
        _HULL: content.hull(plan.zones, CRS_OF_ALL),
    }
    drawn = pa.table({"treatment": list(shapes), "geometry": shapely.to_wkb(np.array(list(shapes.values()), dtype=object))})
    pq.write_table(drawn, folder / DRAWN, compression="zstd")


def read(table: Table, area: Area, folder: Path) -> pa.Table:
    """The rows a municipality has of a table of all."""
    name, column = _NAMED[table]
    return gathered.read_rows(table, folder / name, column, area.name)


def drawn(folder: Path) -> Drawn:
    """How a municipality is drawn."""
    held = pq.ParquetFile(folder / DRAWN).read()
    shapes = dict(zip(held["treatment"].to_pylist(), shapely.from_wkb(held["geometry"].to_numpy()), strict=True))
    hull = shapes.pop(_HULL)
    return Drawn(shapes, hull)
