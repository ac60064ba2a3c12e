"""One layer of a study: columns renamed to ours, geometry flat, of the right kind and in the study CRS."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from sewerzone import crs as crs_guard
from sewerzone.config import Layer
from sewerzone.errors import ConfigError, CRSError, DataError, problem
from sewerzone.io import dividing, vector
from sewerzone.io.municipality import Part
from sewerzone.io.systems import missing_grids, refuse_wrong_unit
from sewerzone.io.vector import Bounds, Source
from sewerzone.meeting import surface_points
from sewerzone.noted import Note

ROLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "buildings": (
        "source_id",
        "use",
        "floor_area_m2",
        "storeys",
        "height_m",
        "dwellings",
        "people",
        "existing_tanks",
        "district",
    ),
    "plants": (
        "name",
        "kind",
        "capacity_m3_per_d",
        "invert_elev_m",
        "flow_max_m3_per_d",
        "keep_yen_per_yr",
        "decision",
        "installed_year",
        "replacement_yen",
    ),
    "roads": ("source_id",),
    "served_areas": ("name",),
    "districts": ("name", "people", "dwellings", "vacant_share", "code"),
    "barriers": ("kind",),
    "overrides": ("kind", "note", "group", "unit_id", "building_id"),
    "sewers": (
        "source_id",
        "kind",
        "diameter_mm",
        "length_m",
        "excavation_m",
        "up_manhole",
        "down_manhole",
        "up_invert_elev_m",
        "down_invert_elev_m",
        "installed_year",
        "material",
        "urgency",
        "inspected_year",
        "decision",
    ),
    "projected_people": (),
    "present_plan": ("name",),
}
"""Our column names, per layer, that ``columns = {people = "JINKO"}`` may map; layers in the order of reading."""

MAY_BE_TABLES = ("overrides", "sewers")
"""Layers that may come without geometry (CSV, spreadsheet): their rows name what they mean by its id."""
OWN = ("buildings", "districts", "sewers")
"""Layers of which a municipality has rows of its own: no house, resident or metre of old sewer may count in two. A district
that a border cuts is a row of each, with its share."""
BEYOND = "is_beyond"
"""Column of plants that lie in another municipality: seen on the way, decided and renewed there."""
_NEEDED = ("buildings", "roads")
_KINDS = {
    "Point": "points", "MultiPoint": "points", "LineString": "lines", "MultiLineString": "lines", "LinearRing": "lines",
    "Polygon": "polygons", "MultiPolygon": "polygons", "GeometryCollection": "mixed collections",
}  # fmt: skip
_ALLOWED: dict[str, tuple[str, ...]] = {
    "buildings": ("polygons", "points"), "plants": ("points", "polygons"), "roads": ("lines",), "served_areas": ("polygons",),
    "districts": ("polygons", "points"), "barriers": ("lines", "polygons"), "overrides": ("polygons",),
    "sewers": ("lines",),
    "projected_people": ("polygons",), "present_plan": ("polygons",),
}  # fmt: skip
_REMEDY = {
    "roads": "give road centre lines (道路中心線: OSM, KSJ N13 or GSI RdCL); carriageway areas only as "
    "PLATEAU delivers them (udx/tran), of which centre lines are derived",
    "buildings": "give footprints (polygons) or one point per house",
    "plants": "give one point per site",
    "sewers": "give lines from manhole to manhole",
    "barriers": "give river and railway lines or polygons",
}


def read_layer(
    layer: Layer, base: Path, crs: CRS, role: str, near: Bounds | None = None, keep: Sequence[str] = (),
    part: Part | None = None,
) -> tuple[gpd.GeoDataFrame, list[str]]:  # fmt: skip
    """As :func:`layer_as_placed`, without the file's system."""
    frame, notes, _ = layer_as_placed(layer, base, crs, role, near, keep, part)
    return frame, notes


def layer_as_placed(
    layer: Layer, base: Path, crs: CRS, role: str, near: Bounds | None = None, keep: Sequence[str] = (),
    part: Part | None = None,
) -> tuple[gpd.GeoDataFrame, list[str], CRS | None]:  # fmt: skip
    """One layer in ``crs`` with our column names, notes on what was noticed, and the system of the file as it came.

    Parameters
    ----------
    layer : file, layer name, encoding and column map
    base : folder that the path is relative to
    crs : study CRS
    role : a key of ``ROLE_COLUMNS``
    near : only rows whose bounding box meets these bounds (study CRS)
    keep : further columns of the file to keep under their own names
    part : one municipality of many; of ``OWN`` layers only its own rows are kept, of others those within its halo

    Raises
    ------
    ConfigError, CRSError, DataError
        File, layer, column, CRS or geometry is not what the role needs.
    """
    key = f"inputs.{role}"
    with vector.opened(layer, base, key, role in MAY_BE_TABLES, role) as source:
        notes = list(source.notes)
        columns = _columns(layer, source, role, keep, key)
        if not source.rows:
            return _empty(columns, crs, source, role, key), notes, None
        if not source.is_placed:
            whole = [] if part is None else [Note("rows_unplaced", layer=key, rows=source.rows, name=part.name)]
            return _table(source, columns, crs, key), [*notes, *whole], None
        file_crs = _file_crs(source, key)
        bounds = _in_file(near, crs, file_crs)
        raw = vector.frame(source, list(columns.values()), bounds, key)
    _refuse_mojibake(raw, source, key)
    flat = raw.geometry.to_numpy()
    flat = shapely.force_2d(flat) if shapely.has_z(flat).any() else flat
    refuse_wrong_unit(flat, file_crs, source, key)
    notes += missing_grids(flat, file_crs, crs, source, key)
    extra: dict[str, Any] = {}
    if part is not None and role in OWN:
        mine, extra = dividing.own(part, flat, file_crs, role, (layer, base, bounds))
        raw, flat = raw[mine], flat[mine]
    elif part is not None and role == "plants":
        extra[BEYOND] = ~part.mine(surface_points(flat), file_crs)[0]
    data = {ours: raw[theirs].to_numpy() for ours, theirs in columns.items()} | extra
    frame = gpd.GeoDataFrame(data, geometry=flat, crs=file_crs)
    frame = _transformed(frame, crs, source, key)
    frame, said = of_right_kind(frame, source, role, key)
    _refuse_nothing(frame, source, role, key)
    if part is not None:
        frame = frame if role in OWN else part.within(frame, role)
        part.facts[role]["in_file"] = source.rows
        if not len(frame) and role in _NEEDED:
            raise DataError(part.lacks(role, f"{key}: {source.path}"))
        return frame, [*notes, *said, part.said(role, key)], CRS.from_user_input(source.crs)
    if near is not None:
        frame = _meeting(frame, near)
        notes += _left_out(frame, source, file_crs, crs, near, role, key)
    return frame, notes + said, CRS.from_user_input(source.crs)


def _refuse_nothing(frame: gpd.GeoDataFrame, source: Source, role: str, key: str) -> None:
    if role in _NEEDED and len(frame) and (frame.geometry.isna() | frame.geometry.is_empty).all():
        raise DataError(
            problem(
                f"{key}: none of {len(frame):,} rows of {source.path} has a geometry",
                "places are needed, not only a table",
                "export the layer anew with its geometry",
            )
        )


def _left_out(frame: gpd.GeoDataFrame, source: Source, file_crs: CRS, crs: CRS, near: Bounds, role: str, key: str) -> list[str]:
    """A note on rows far from the buildings; raises where none is left of a layer that is needed."""
    if not len(frame) and role in _NEEDED:
        raise DataError(_elsewhere(source, file_crs, crs, near, role, key))
    if not len(frame) and source.rows:
        return [Note("layer_far", layer=key, rows=source.rows)]
    if len(frame) < source.rows:
        return [Note("rows_near", layer=key, near=len(frame), rows=source.rows)]
    return []


def _columns(layer: Layer, source: Source, role: str, keep: Sequence[str], key: str) -> dict[str, str]:
    """Our name -> the file's name, for every column to be read."""
    allowed = (*ROLE_COLUMNS[role], *keep)
    complaints = []
    if unknown := sorted(set(layer.columns) - set(allowed)):
        near = {name: difflib.get_close_matches(name, allowed, n=1) for name in unknown}
        meant = "".join(f"did you mean {like[0]} for {name}? " for name, like in near.items() if like)
        mean = "means" if len(unknown) == 1 else "mean"
        complaints.append(
            f"columns names {', '.join(unknown)}, which {mean} nothing for {role}; {meant}known are {', '.join(allowed)}"
        )
    for ours, theirs in layer.columns.items():
        if theirs not in source.fields:
            close = difflib.get_close_matches(theirs, source.fields, n=1)
            complaints.append(
                f"column {theirs!r} (for {ours}) is not in {source.path.name}" + (f"; is it {close[0]!r}?" if close else "")
            )
    if complaints:
        raise ConfigError(
            problem(
                f"{key}: {'; '.join(complaints)}",
                "the figures in it would silently be missing",
                f"the file's columns are: {', '.join(source.fields) or 'none'}",
            )
        )
    found = {name: name for name in allowed if name in source.fields}
    return {**found, **layer.columns}


def _empty(columns: dict[str, str], crs: CRS, source: Source, role: str, key: str) -> gpd.GeoDataFrame:
    if role in _NEEDED:
        raise DataError(
            problem(
                f"{key}: {source.path}{f', layer {source.layer},' if source.layer else ''} holds no rows",
                f"without {role} there is nothing to plan",
                "check that the right layer is named and that the export covers the area",
            )
        )
    return gpd.GeoDataFrame({name: pd.Series(dtype=object) for name in columns}, geometry=[], crs=crs)


def _table(source: Source, columns: dict[str, str], crs: CRS, key: str) -> gpd.GeoDataFrame:
    """Rows without geometry."""
    raw = vector.frame(source, list(columns.values()), None, key)
    _refuse_mojibake(raw, source, key)
    data = {ours: raw[theirs].to_numpy() for ours, theirs in columns.items()}
    return gpd.GeoDataFrame(data, geometry=np.full(len(raw), None, dtype=object), crs=crs)


def _file_crs(source: Source, key: str) -> CRS:
    if source.crs is None:
        raise CRSError(
            problem(
                f"{key}: {source.path} has no coordinate reference system"
                + (f" (x, y from {source.bounds[0]:,.6g}, {source.bounds[1]:,.6g})" if source.bounds else ""),
                "the layer cannot be placed, and nothing is guessed",
                "find out the system from whoever made the file and assign it in a GIS (for a Shapefile: write the .prj)",
            )
        )
    return crs_guard.horizontal(CRS.from_user_input(source.crs))


def _in_file(near: Bounds | None, crs: CRS, file_crs: CRS) -> Bounds | None:
    """``near`` in the file's CRS; None where it cannot be expressed there (rows are then filtered after reading)."""
    if near is None:
        return None
    west, south, east, north = Transformer.from_crs(crs, file_crs, always_xy=True).transform_bounds(*near, densify_pts=21)
    return (west, south, east, north) if np.isfinite((west, south, east, north)).all() else None


def _refuse_mojibake(raw: pd.DataFrame, source: Source, key: str) -> None:
    """C1 controls and replacement characters never occur in honest text; they are wrongly decoded bytes."""
    texts = [pd.Series(source.fields, dtype=object)]
    texts += [raw[c] for c in raw.columns.drop("geometry", errors="ignore") if not pd.api.types.is_numeric_dtype(raw[c].dtype)]
    bad = [t[hit].iloc[0] for t in texts if (hit := t.astype(str).str.contains("[\u0080-\u009f\ufffd]", regex=True)).any()]
    if bad:
        raise DataError(
            problem(
                f"{key}: text of {source.path} is garbled, e.g. {bad[0]!r}",
                "names and classes would be wrong",
                'say how it is encoded: {path = "...", encoding = "cp932"} (most Japanese Shapefiles) or "utf-8"',
            )
        )


def _transformed(frame: gpd.GeoDataFrame, crs: CRS, source: Source, key: str) -> gpd.GeoDataFrame:
    lost = ~_finite(frame)
    try:
        out = frame.to_crs(crs) if frame.crs != crs else frame
    except ProjError as error:
        raise CRSError(
            problem(
                f"{key}: {source.path} cannot be transformed from {frame.crs.name} to {crs.name} ({error})",
                "layers must lie in one system",
                "assign a known CRS to the layer in a GIS",
            )
        ) from error
    if out is not frame:
        lost |= ~_finite(out)
    if lost.any():
        raise CRSError(
            problem(
                f"{key}: {int(lost.sum()):,} of {len(frame):,} rows of {source.path} have coordinates that are infinite "
                f"or mean no place in {frame.crs.name} (rows {_rows(lost)})",
                "they cannot be placed in the study CRS",
                "the usual causes are swapped axes (latitude before longitude) and a wrongly assigned CRS; correct the layer",
            )
        )
    return out


def _finite(frame: gpd.GeoDataFrame) -> Any:
    """Whether all coordinates of each row are finite; rows without geometry count as finite."""
    geometry = frame.geometry.to_numpy()
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    coordinates, row = shapely.get_coordinates(geometry, return_index=True)
    good = np.ones(len(frame), dtype=bool)
    good[row[~np.isfinite(coordinates).all(axis=1)]] = False
    return good | empty


def _rows(mask: Any) -> str:
    where = np.flatnonzero(mask)
    return ", ".join(str(i) for i in where[:5]) + (" ..." if len(where) > 5 else "")


def of_right_kind(frame: gpd.GeoDataFrame, source: Source, role: str, key: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The layer with the form of geometry its role needs, and notes; raises DataError where it has another."""
    kinds = frame.geometry.geom_type.map(_KINDS)
    wrong = ~kinds.isin(_ALLOWED[role]) & ~(frame.geometry.isna() | frame.geometry.is_empty)
    if not wrong.any():
        if role == "plants" and (kinds == "polygons").any():
            return frame.set_geometry(frame.representative_point()), [Note("polygons_as_points", layer=key)]
        if role == "roads":
            _refuse_outlines(frame, source, key)
        return frame, []
    lines = wrong & (kinds == "lines")
    remedy = _REMEDY.get(role, "give polygons")
    if "polygons" in _ALLOWED[role] and lines.equals(wrong):
        merged = shapely.line_merge(frame.geometry.to_numpy()[lines.to_numpy()])
        closed = shapely.is_closed(merged) & (shapely.get_num_coordinates(merged) >= 4) & (shapely.get_type_id(merged) == 1)
        if closed.all():
            geometry = frame.geometry.to_numpy().copy()
            coordinates, ring = shapely.get_coordinates(merged, return_index=True)
            geometry[lines.to_numpy()] = shapely.polygons(shapely.linearrings(coordinates, indices=ring))
            said = Note("lines_as_areas", layer=key, count=lines.sum())
            return frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=frame.crs)), [said]
        remedy = f"close the {int((~closed).sum()):,} open lines in a GIS (polygonise), or {remedy}"
    have = ", ".join(f"{n:,} {kind}" for kind, n in kinds[wrong].value_counts().sort_index().items())
    raise DataError(
        problem(
            f"{key}: {source.path} holds {have} (first rows {_rows(wrong.to_numpy())}), but {role} are "
            f"{' or '.join(_ALLOWED[role])}",
            "sewers follow lines between junctions; outlines are no network" if role == "roads" else f"{role} need that form",
            remedy,
        )
    )


def _refuse_outlines(frame: gpd.GeoDataFrame, source: Source, key: str) -> None:
    """Roads that mostly are closed rings are polygons drawn as lines."""
    parts = frame.geometry.to_numpy()
    if (shapely.get_num_geometries(parts) != 1).any():  # parts are copies
        parts = shapely.get_parts(parts)
    closed = shapely.is_closed(parts) & (shapely.get_num_coordinates(parts) >= 4)
    if closed.sum() < 2 or closed.mean() <= 0.5:  # one loop may be a street
        return
    raise DataError(
        problem(
            f"{key}: {closed.sum():,} of {len(parts):,} lines of {source.path} are closed rings, the outlines of carriageways",
            "sewers follow lines between junctions; outlines are no network",
            _REMEDY["roads"],
        )
    )


def extent(bounds: Bounds) -> str:
    """Bounds in words."""
    return f"x {bounds[0]:,.0f} to {bounds[2]:,.0f}, y {bounds[1]:,.0f} to {bounds[3]:,.0f}"


def _elsewhere(source: Source, file_crs: CRS, crs: CRS, near: Bounds, role: str, key: str) -> str:
    there = "nowhere known"
    if source.bounds:
        west, south, east, north = Transformer.from_crs(file_crs, crs, always_xy=True).transform_bounds(*source.bounds)
        there = extent((west, south, east, north))
    return problem(
        f"{key}: {source.path} does not meet the buildings: it covers {there}, the buildings with their "
        f"surroundings {extent(near)} (metres in the study CRS)",
        f"no house can be reached by {role} that lie elsewhere",
        "the usual causes are a wrong CRS or zone, swapped axes, or a file of another municipality",
    )


def _meeting(frame: gpd.GeoDataFrame, near: Bounds) -> gpd.GeoDataFrame:
    west, south, east, north = near
    box = shapely.bounds(frame.geometry.to_numpy())
    inside = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
    return frame[inside | np.isnan(box).any(axis=1)].reset_index(drop=True)
