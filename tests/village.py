"""A village of twelve houses on disk: every layer a study can have, small enough to count by hand.

Houses are 10 m by 10 m, 30 m apart in two rows of six beside one road; two districts halve the village; the western
end is sewered; the ground rises 1 m per 100 m to the east.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

from sewerzone import config as config_file
from sewerzone.config import Config

CRS = "EPSG:6678"
EAST_M, NORTH_M = -5000.0, -190000.0
"""South-west corner, a place west of Sendai in plane rectangular zone X."""
HOUSES = 12
PEOPLE = 31.0

Study = dict[str, Any]


def house_places() -> np.ndarray[Any, Any]:
    """Centres of the houses (12, 2)."""
    column, row = np.meshgrid(np.arange(6) * 30.0 + 15.0, [20.0, 60.0])
    return np.column_stack([column.ravel() + EAST_M, row.ravel() + NORTH_M])


def houses(**columns: Any) -> gpd.GeoDataFrame:
    """The houses as polygons, with further columns."""
    x, y = house_places().T
    data = {"fid_text": [f"h{i}" for i in range(HOUSES)], **columns}
    return gpd.GeoDataFrame(data, geometry=shapely.box(x - 5, y - 5, x + 5, y + 5), crs=CRS)


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> Any:
    """A rectangle, counted from the village's corner."""
    return shapely.box(EAST_M + west_m, NORTH_M + south_m, EAST_M + east_m, NORTH_M + north_m)


def line(*places_m: tuple[float, float]) -> Any:
    """A line, counted from the village's corner."""
    return shapely.LineString([(EAST_M + x, NORTH_M + y) for x, y in places_m])


def ground() -> np.ndarray[Any, Any]:
    """Elevations on 10 m cells from 100 m west and south of the corner, 60 rows and 60 columns."""
    east = np.arange(60) * 10.0 - 100.0 + 5.0
    return np.broadcast_to(50.0 + east / 100.0, (60, 60)).astype("float32").copy()


def write_raster(path: Path, values: Any, *, cell_m: float = 10.0, crs: str | None = CRS, east_m: float = -100.0,
                 north_m: float = 500.0, nodata: float | None = None, dtype: str = "float32") -> None:  # fmt: skip
    """A GeoTIFF whose north-west corner lies so far from the village's corner."""
    stack = np.atleast_3d(np.asarray(values)) if np.ndim(values) == 2 else np.moveaxis(values, 0, -1)
    with rasterio.open(
        path, "w", driver="GTiff", height=stack.shape[0], width=stack.shape[1], count=stack.shape[2], dtype=dtype, crs=crs,
        nodata=nodata, transform=from_origin(EAST_M + east_m, NORTH_M + north_m, cell_m, cell_m),
    ) as out:  # fmt: skip
        out.write(np.moveaxis(stack, -1, 0).astype(dtype))


def write(folder: Path) -> Study:
    """All files of the village in ``folder``; returns the study as plain data."""
    file = folder / "village.gpkg"
    layers: dict[str, gpd.GeoDataFrame] = {
        "houses": houses(),
        "roads": gpd.GeoDataFrame(
            {"highway": ["residential", "tertiary"]}, geometry=[line((0, 40), (180, 40)), line((90, 0), (90, 80))], crs=CRS
        ),
        "served": gpd.GeoDataFrame({"name": ["west"]}, geometry=[box(0, 0, 35, 80)], crs=CRS),
        "districts": gpd.GeoDataFrame(
            {"town": ["upper", "lower"], "JINKO": [20.0, PEOPLE - 20.0], "SETAI": [8.0, 5.0]},
            geometry=[box(0, 0, 95, 80), box(95, 0, 190, 80)], crs=CRS,
        ),
        "rivers": gpd.GeoDataFrame({"kind": ["river"]}, geometry=[line((180, -50), (180, 200))], crs=CRS),
        "plants": gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.Point(EAST_M + 5, NORTH_M + 40)], crs=CRS),
        "decisions": gpd.GeoDataFrame({"kind": ["force_sewer"], "note": ["school"]}, geometry=[box(100, 0, 190, 80)], crs=CRS),
    }  # fmt: skip
    for name, frame in layers.items():
        frame.to_file(file, layer=name, driver="GPKG")
    write_raster(folder / "dem.tif", ground())
    return {
        "study": {"crs": CRS},
        "inputs": {
            "buildings": {"path": "village.gpkg", "layer": "houses", "columns": {"source_id": "fid_text"}},
            "roads": "village.gpkg:roads",
            "terrain": "dem.tif",
            "served_areas": "village.gpkg:served",
            "districts": {"path": "village.gpkg", "layer": "districts", "columns": {"name": "town", "people": "JINKO"}},
            "barriers": "village.gpkg:rivers",
            "plants": "village.gpkg:plants",
            "overrides": "village.gpkg:decisions",
        },
    }


def study(data: Study) -> Config:
    """The study as read from its file."""
    return config_file.parse(data)
