"""What the files of a study leave open inside the municipality: ground that is unknown, sheets that were not delivered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from scipy import ndimage

from sewerzone.config import Layer
from sewerzone.formats import mesh
from sewerzone.formats.sheets import sheets
from sewerzone.io import agency
from sewerzone.meeting import centroids
from sewerzone.model import Inputs
from sewerzone.noted import Note

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

MOST_PLACES = 250_000
"""At which the municipality's ground is looked at; the step follows from its area."""
LEAST_STEP_M = 5.0
LEAST_HOLE_M2 = 2_500.0
"""Smaller holes without a building are ponds and pixels."""
MOST_NAMED = 5
LEAST_PART = 0.005
"""Of a mesh that must lie inside the municipality for its sheet to be missed."""
_NAMES = {
    "buildings": re.compile(r"FG-GML-(\d{6})-(?:BldA|BldL|ALL)|(?:^|/)(\d{8}|\d{6})_bldg_", re.IGNORECASE),
    "roads": re.compile(r"N13-\d{2}_(\d{4})(?!\d)", re.IGNORECASE),
    "terrain": re.compile(r"FG-GML-(\d{4})-?(\d{2})(?:-(\d{2}))?-DEM", re.IGNORECASE),
}
"""Mesh codes in the names of sheets as agencies deliver them."""
_CODE_DIGITS = (4, 6, 8)


def study_area(inputs: Inputs) -> shapely.Geometry | None:
    """The municipality's outline; else the districts', where these are polygons; else None."""
    if inputs.boundary is not None:
        return inputs.boundary
    shape = inputs.districts.geometry.to_numpy()
    shape = shape[shapely.get_dimensions(shape) == 2]
    return shapely.union_all(shapely.make_valid(shape)) if len(shape) else None


def where(x_m: float, y_m: float, crs: CRS) -> dict[str, Any]:
    """A place as a fact of notes: coordinates in the study CRS, and the 1 km mesh in Japan."""
    return {"x": x_m, "y": y_m, "mesh": _mesh_of(np.array([x_m]), np.array([y_m]), crs)[0]}


def by_mesh(x_m: Floats, y_m: Floats, crs: CRS) -> dict[str, Any]:
    """How many places lie in which 1 km mesh, the fullest first; where there is no mesh, the box round them."""
    codes = _mesh_of(x_m, y_m, crs)
    if not codes.all():
        return {"box": [x_m.min(), y_m.min(), x_m.max(), y_m.max()]}
    names, counts = np.unique(codes.astype(str), return_counts=True)
    order = np.lexsort((names, -counts))[:MOST_NAMED]
    return {"meshes": {names[k]: counts[k] for k in order}, "more": len(names) - len(order)}


def _mesh_of(x_m: Floats, y_m: Floats, crs: CRS) -> NDArray[np.object_]:
    """The 1 km mesh of each place; empty outside Japan."""
    longitude, latitude = Transformer.from_crs(crs, 6668, always_xy=True).transform(x_m, y_m)
    is_in = (longitude >= 122) & (longitude < 154) & (latitude >= 20) & (latitude < 46)
    out = np.full(len(x_m), "", dtype=object)
    for k in np.flatnonzero(is_in):
        out[k] = mesh.code(float(longitude[k]), float(latitude[k]), 8)
    return out


def holes(inputs: Inputs) -> list[str]:
    """A warning where ground is unknown under buildings, and one where it is inside the municipality."""
    at = centroids(inputs.buildings.geometry.to_numpy())
    at = at[np.isfinite(at).all(axis=1)]
    unknown = np.isnan(inputs.terrain.sample(at[:, 0], at[:, 1]))
    crs = inputs.terrain.study_crs
    out: list[str] = []
    if unknown.any():
        lost = at[unknown]
        places = by_mesh(lost[:, 0], lost[:, 1], crs)
        out.append(Note("ground_unknown", count=unknown.sum(), buildings=len(at), places=places))
    area = study_area(inputs)
    if area is not None:
        out += _open_ground(inputs, area, at)
    return out


def _open_ground(inputs: Inputs, area: shapely.Geometry, buildings: Floats) -> list[str]:
    """A warning on connected patches of unknown ground inside an area; the largest, and those with buildings, by place."""
    west, south, east, north = shapely.bounds(area)
    step = max(LEAST_STEP_M, float(np.sqrt((east - west) * (north - south) / MOST_PLACES)))
    x, y = np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
    xs, ys = (a.ravel() for a in np.meshgrid(x, y))
    shapely.prepare(area)
    inside = shapely.contains_xy(area, xs, ys)
    lost = np.zeros(len(xs), dtype=bool)
    lost[inside] = np.isnan(inputs.terrain.sample(xs[inside], ys[inside]))
    if not lost.any():
        return []
    patch, count = ndimage.label(lost.reshape(len(y), len(x)), structure=np.ones((3, 3)))
    size = np.bincount(patch.ravel(), minlength=count + 1)[1:] * step**2
    column = np.clip(((buildings[:, 0] - west) / step).astype(int), 0, len(x) - 1)
    row = np.clip(((buildings[:, 1] - south) / step).astype(int), 0, len(y) - 1)
    built = np.bincount(patch[row, column], minlength=count + 1)[1:]
    counts = np.flatnonzero((size >= LEAST_HOLE_M2) | (built > 0))
    if not len(counts):
        return []
    middle = np.array(ndimage.center_of_mass(patch > 0, patch, counts + 1))
    order = np.lexsort((counts, -size[counts], -built[counts]))
    crs = inputs.terrain.study_crs
    named = []
    for k in order[:MOST_NAMED]:
        place = where(x[0] + middle[k, 1] * step, y[0] + middle[k, 0] * step, crs)
        named.append({**place, "ha": size[counts[k]] / 1e4, "buildings": built[counts[k]]})
    patches = {"first": named, "more": len(counts) - len(named)}
    lost_ha, area_ha = size[counts].sum() / 1e4, shapely.area(area) / 1e4
    return [Note("ground_open", lost_ha=lost_ha, area_ha=area_ha, count=len(counts), patches=patches)]


def missing_sheets(inputs: Inputs, base: Path) -> list[str]:
    """A warning for each delivery, sorted by mesh, that lacks meshes of the municipality; by their codes."""
    area = study_area(inputs)
    if area is None:
        return []
    to_degrees = Transformer.from_crs(inputs.terrain.study_crs, 6668, always_xy=True)
    placed = shapely.transform(area, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1])))
    layers = inputs.config.inputs
    out = []
    for role in ("buildings", "roads", "terrain"):
        given: Layer | tuple[str, ...] = getattr(layers, role)
        texts = (given.path,) if isinstance(given, Layer) else given
        held = delivered(texts, base, role)
        if held:
            lost = _lost(placed, held)
            if lost:
                out.append(_missing(role, texts, lost, inputs))
    return out


def delivered(paths: Sequence[str], base: Path, role: str) -> set[str]:
    """Codes of the meshes that sheets of a layer are named for; none where a file has no mesh in its name."""
    out: set[str] = set()
    for text in paths:
        if not agency.is_there(base / text):
            if role == "terrain":
                return set()  # rasters may cover all of it
            continue
        for sheet in sheets(base / text):
            for found in _NAMES[role].finditer(sheet.name):
                code = "".join(part or "" for part in found.groups())
                if mesh.is_code(code) and len(code) in _CODE_DIGITS:
                    out.add(code)
    return out


def _lost(area: shapely.Geometry, held: set[str]) -> list[tuple[str, float]]:
    """Meshes of the finest level delivered that lie in an area (degrees) and in no delivered mesh, with their part in it."""
    digits = max(len(code) for code in held)
    west, south, east, north = shapely.bounds(area)
    down, across = mesh.squares_of_the_first(digits)
    columns = (np.arange(int(np.floor(west * across)), int(np.floor(east * across)) + 1) + 0.5) / across
    rows = (np.arange(int(np.floor(south * 1.5 * down)), int(np.floor(north * 1.5 * down)) + 1) + 0.5) / down / 1.5
    codes = [mesh.code(float(c), float(r), digits) for r in rows for c in columns]
    wanted = [c for c in codes if not any(c[:k] in held for k in _CODE_DIGITS if k <= digits)]
    if not wanted:
        return []
    shapely.prepare(area)
    square: Any = mesh.polygons(wanted)
    part = shapely.area(shapely.intersection(square, area)) / shapely.area(square)
    return [(code, float(p)) for code, p in zip(wanted, part, strict=True) if p > LEAST_PART]


def _missing(role: str, texts: Sequence[str], lost: list[tuple[str, float]], inputs: Inputs) -> str:
    """Mesh codes that lack a sheet; with the length of road in them where this tells whether anybody can live there."""
    codes = [code for code, _ in lost]
    square = mesh.polygons(codes)
    to_plane = Transformer.from_crs(6668, inputs.terrain.study_crs, always_xy=True)
    flat = shapely.transform(square, lambda xy: np.column_stack(to_plane.transform(xy[:, 0], xy[:, 1])))
    roads = inputs.roads.geometry.to_numpy()
    box, road = shapely.STRtree(roads).query(flat, predicate="intersects")
    length = np.bincount(box, shapely.length(shapely.intersection(flat[box], roads[road])), minlength=len(codes))
    order = np.lexsort((np.array(codes), np.array([-p for _, p in lost]), -length))
    named = [
        {"code": codes[k], "share": lost[k][1], "road_km": length[k] / 1e3 if role != "roads" else None}
        for k in order[:MOST_NAMED]
    ]
    sheets_lost = {"first": named, "more": len(lost) - len(named)}
    return Note(f"sheets_{role}", files=texts, count=len(lost), sheets=sheets_lost)
