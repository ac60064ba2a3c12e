"""A study's files -> Inputs: every layer and the terrain; every problem of a study is raised at once."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Proj, Transformer

from sewerzone import crs as crs_guard
from sewerzone.config import Config, Layer
from sewerzone.errors import CRSError, DataError, SewerzoneError, TerrainError, problem, raise_all
from sewerzone.io import vector
from sewerzone.io.future import with_forecast
from sewerzone.io.layers import ROLE_COLUMNS, extent, layer_as_placed, read_layer
from sewerzone.io.municipality import Part, part_of
from sewerzone.io.people import YEARS, history_of, refuse_wrong_squares
from sewerzone.io.systems import scale_error
from sewerzone.io.terrain import read_terrain, refuse_unusable
from sewerzone.io.vector import Bounds
from sewerzone.model import Inputs, Progress, Terrain, no_progress
from sewerzone.noted import Note
from sewerzone.stages import network, prepare

HALO_M = 2000.0
"""Roads, barriers and terrain farther from buildings and plants than this are not read."""
WORST_SCALE_ERROR = 0.01
"""A study CRS in which lengths are off by more than this share is refused (Web Mercator: 27 % at Sendai)."""
ROAD_EDGE_COLUMNS = ("type", "derived_from")
"""Columns of roads by which road edges (FGD RdEdg) are told from centre lines, also from those derived from them."""
MOST_UNKNOWN = 0.5
"""Share of buildings on unknown ground above which a study is refused."""
FARTHEST_M = {"plants": 20_000.0, "served_areas": 20_000.0, "districts": 0.0, "overrides": 0.0, "sewers": 2_000.0}
"""How far a layer's extent may lie from the buildings' before it must be a mistake; roads have the halo."""

__all__ = ["gather", "problems", "read", "read_layer", "summary"]


def read(config: Config, base: Path, progress: Progress = no_progress, part: Part | None = None) -> Inputs:
    """All layers of a study in its CRS, and its terrain.

    Parameters
    ----------
    config : the study
    base : folder that paths in the study file are relative to
    progress : called as (stage, done, total)
    part : what of the layers is read; that of the settings' municipality if not given

    Raises
    ------
    SewerzoneError
        One error that lists every problem of every layer: missing files and columns, layers without a CRS,
        wrong geometry, layers that do not overlap, terrain without values. Of the most special kind
        (ConfigError, CRSError, TerrainError, DataError) that all problems share.
    """
    inputs, found = gather(config, Path(base), progress, part)
    if inputs is None:
        raise_all([str(error) for error in found], _common_kind(found))
        raise AssertionError("nothing was read, yet nothing is wrong")
    return inputs


def problems(config: Config, base: Path) -> list[str]:
    """Everything that is wrong with a study at once, one message each: files, layers, values, road edges."""
    inputs, found = gather(config, Path(base))
    messages = [str(error) for error in found]
    if inputs is not None:
        roads = config.inputs.roads
        try:
            network.refuse_road_edges(inputs.roads, roads.short)
        except SewerzoneError as error:
            messages.append(str(error))
        messages += prepare.problems(inputs)
    return messages


def summary(inputs: Inputs) -> dict[str, Any]:
    """Rows, columns and extent of every layer, and the terrain's grid, as plain data."""
    out: dict[str, Any] = {"crs": inputs.config.study.crs}
    for role in ROLE_COLUMNS:
        frame = getattr(inputs, role)
        box = _bounds(frame)
        extent = [round(v, 1) for v in box] if box else None
        out[role] = {"rows": len(frame), "columns": [str(c) for c in frame.columns.drop("geometry")], "extent_m": extent}
    grid = inputs.terrain.elevation_m
    out["terrain"] = {
        "rows": int(grid.shape[0]),
        "columns": int(grid.shape[1]),
        "crs": inputs.terrain.crs.name,
        "lowest_elev_m": round(float(np.nanmin(grid)), 2),
        "highest_elev_m": round(float(np.nanmax(grid)), 2),
        "share_unknown": round(float(np.isnan(grid).mean()), 4),
    }
    return out


def gather(
    config: Config, base: Path, progress: Progress = no_progress, part: Part | None = None
) -> tuple[Inputs | None, list[SewerzoneError]]:
    """The inputs, or None and every problem met."""
    crs = crs_guard.metric(config.study.crs)
    found: list[SewerzoneError] = []
    if part is None and config.municipality.code is not None:
        try:
            part = part_of(config, base)
        except SewerzoneError as error:
            return None, [error]
    frames, systems, notes = _layers(config, base, crs, part, found, progress)
    history = _history(config, base, frames, part is not None, found, notes)
    apart = _apart(frames) if part is None else {}
    found += apart.values()
    try:
        _refuse_stretched(crs, frames)
    except SewerzoneError as error:
        found.append(error)
    progress("read", len(ROLE_COLUMNS), len(ROLE_COLUMNS) + 1)
    # under buildings that lie elsewhere, the terrain tells nothing more
    placed = {role: frame for role, frame in frames.items() if role != "buildings" or role not in apart}
    terrain, said = _terrain(config, base, crs, placed, part, found)
    progress("read", len(ROLE_COLUMNS) + 1, len(ROLE_COLUMNS) + 1)
    if found or terrain is None:
        return None, found
    config, hashes = config if part is None else part.named(config), _hashes(config, base)
    facts = {} if part is None else part.facts
    return Inputs(
        config=config, terrain=terrain, hashes=hashes, notes=(*notes, *said), base=base, municipality=facts,
        boundary=None if part is None else part.outline(crs), systems=systems, people_history=history, **frames,
    ), []  # fmt: skip


def _layers(
    config: Config, base: Path, crs: CRS, part: Part | None, found: list[SewerzoneError], progress: Progress
) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, CRS], list[str]]:
    """Every vector layer, the systems of the files, and notes; problems are added to ``found``."""
    frames: dict[str, gpd.GeoDataFrame] = {}
    systems: dict[str, CRS] = {}
    notes = [] if part is None else list(part.areas.notes)
    kinds = tuple(dict.fromkeys([*(rule.column for rule in config.network.kinds), *ROAD_EDGE_COLUMNS]))
    kept = {"roads": kinds, "projected_people": YEARS}
    for done, role in enumerate(ROLE_COLUMNS):
        progress("read", done, len(ROLE_COLUMNS) + 1)
        layer: Layer | None = getattr(config.inputs, role)
        if layer is None:
            frames[role] = _nothing(role, crs)
            continue
        near = _study_bounds(frames) if role in ("roads", "barriers", "projected_people") else None
        if part is not None:
            near = part.own_bounds if role == "buildings" else part.bounds
        try:
            frames[role], said, came_in = layer_as_placed(layer, base, crs, role, near, kept.get(role, ()), part)
            if role == "projected_people":
                refuse_wrong_squares(frames[role])
        except SewerzoneError as error:
            found.append(error)
        else:
            notes += said
            if role == "districts" and config.inputs.forecast is not None:
                frames[role] = _forecast(frames, config.inputs.forecast, base, part is not None, found, notes)
            if came_in is not None:
                systems[f"{role} ({layer.short})"] = came_in
    return frames, systems, notes


def _forecast(
    frames: dict[str, gpd.GeoDataFrame], text: str, base: Path, is_part: bool, found: list[SewerzoneError], notes: list[str]
) -> gpd.GeoDataFrame:
    """Districts with the people of a forecast; where it cannot be joined the reason is added to ``found``."""
    try:
        districts, said = with_forecast(frames["districts"], frames.get("buildings"), text, base, is_part)
    except SewerzoneError as error:
        found.append(error)
        return frames["districts"]
    notes += said
    return districts


def _history(
    config: Config, base: Path, frames: dict[str, gpd.GeoDataFrame], is_part: bool, found: list[SewerzoneError],
    notes: list[str],
) -> pd.DataFrame | None:  # fmt: skip
    """People of districts over the years, where they are given; problems are added to ``found``."""
    if config.inputs.people_history is None or "districts" not in frames:
        return None
    try:
        history, said = history_of(frames["districts"], config.inputs.people_history, base, is_part)
    except SewerzoneError as error:
        found.append(error)
        return None
    notes += said
    return history


def _nothing(role: str, crs: CRS) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: pd.Series(dtype=object) for name in ROLE_COLUMNS[role]}, geometry=[], crs=crs)


def _common_kind(found: list[SewerzoneError]) -> type[SewerzoneError]:
    """The most special class that all errors share."""
    return next(
        kind for kind in type(found[0]).__mro__ if issubclass(kind, SewerzoneError) and all(isinstance(e, kind) for e in found)
    )


def _bounds(frame: gpd.GeoDataFrame | None) -> Bounds | None:
    if frame is None or not len(frame):
        return None
    west, south, east, north = map(float, frame.total_bounds)
    return (west, south, east, north) if np.isfinite((west, south, east, north)).all() else None


def _study_bounds(frames: dict[str, gpd.GeoDataFrame]) -> Bounds | None:
    """Bounding box of buildings and plants with the halo round it."""
    boxes = [b for b in (_bounds(frames.get("buildings")), _bounds(frames.get("plants"))) if b]
    if not boxes or _bounds(frames.get("buildings")) is None:
        return None
    west, south = np.min([box[:2] for box in boxes], axis=0)
    east, north = np.max([box[2:] for box in boxes], axis=0)
    return west - HALO_M, south - HALO_M, east + HALO_M, north + HALO_M


def _any_bounds(frames: dict[str, gpd.GeoDataFrame]) -> Bounds:
    """Of the first layer that has any, where the buildings could not be read; else of the origin."""
    return next((box for role in ROLE_COLUMNS if (box := _bounds(frames.get(role)))), (0.0, 0.0, 1.0, 1.0))


def _apart(frames: dict[str, gpd.GeoDataFrame]) -> dict[str, SewerzoneError]:
    """By layer an error where it lies so far from the buildings that something must be wrong."""
    here = _bounds(frames.get("buildings"))
    if here is None:
        return {}
    boxes = {role: box for role in FARTHEST_M if (box := _bounds(frames.get(role)))}
    away = {role: box for role, box in boxes.items() if _gap_m(here, box) > FARTHEST_M[role]}
    if len(away) > 1 and len(away) == len(boxes) and all(
        _gap_m(a, b) <= max(FARTHEST_M.values()) for a, b in combinations(away.values(), 2)
    ):  # fmt: skip
        return {"buildings": _elsewhere("buildings", here, f"any of {', '.join(away)}", next(iter(away.values())))}
    return {role: _elsewhere(role, box, "the buildings", here) for role, box in away.items()}


def _gap_m(one: Bounds, other: Bounds) -> float:
    """Between two boxes along the axis in which they are farther apart; negative where they meet."""
    return max(one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])


def _elsewhere(role: str, box: Bounds, others: str, there: Bounds) -> SewerzoneError:
    own = role == "buildings"
    return DataError(
        problem(
            f"inputs.{role} does not meet {others}: it covers {extent(box)}, {'the first of them' if own else others} "
            f"{extent(there)} (metres in the study CRS)",
            "nothing could be planned for them" if own else "it would have no effect on the plan",
            "the usual causes are a wrong CRS or zone, swapped axes, or a file of another municipality",
        )
    )


def _refuse_stretched(crs: CRS, frames: dict[str, gpd.GeoDataFrame]) -> None:
    """Refuse a study CRS whose metres are no metres where the buildings lie (Web Mercator, a far zone)."""
    here = _bounds(frames.get("buildings"))
    if here is None:
        return
    middle = (here[0] + here[2]) / 2, (here[1] + here[3]) / 2
    place = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(*middle)
    factors = Proj(crs).get_factors(*place)
    scale = max((factors.meridional_scale, factors.parallel_scale), key=lambda k: abs(k - 1.0))
    if not abs(scale - 1.0) <= WORST_SCALE_ERROR:
        better = crs_guard.propose_zone(*place) or crs_guard.propose_utm(*place)
        raise CRSError(
            problem(
                f"study.crs: one metre of {crs.name} is {1 / scale:.3f} m on the ground at {place[0]:.3f} E, {place[1]:.3f} N",
                "gaps between houses, lengths and costs would all be wrong by that factor",
                f"use a system made for the place, such as {better}",
            )
        )


def _terrain(
    config: Config, base: Path, crs: CRS, frames: dict[str, gpd.GeoDataFrame], part: Part | None, found: list[SewerzoneError]
) -> tuple[Terrain | None, list[str]]:
    """The terrain and notes; None, with the reason added to ``found``, where it cannot be had."""
    bounds = _study_bounds(frames)
    if part is not None and bounds is not None:
        bounds = part.bounds
    try:
        if bounds is None:  # without buildings nobody knows where the terrain should be
            refuse_unusable(config.inputs.terrain, base, crs, _any_bounds(frames))
            return None, []
        terrain, notes = read_terrain(config.inputs.terrain, base, crs, bounds)
        return terrain, [*scale_error(crs, bounds), *notes, *_holes(terrain, frames["buildings"])]
    except SewerzoneError as error:
        found.append(error)
        return None, []


def _holes(terrain: Terrain, buildings: gpd.GeoDataFrame) -> list[str]:
    """How much ground is unknown, in the window and at the buildings; raises where most buildings have none."""
    box = shapely.bounds(buildings.geometry.to_numpy())
    box = box[np.isfinite(box).all(axis=1)]
    unknown = np.isnan(terrain.sample((box[:, 0] + box[:, 2]) / 2.0, (box[:, 1] + box[:, 3]) / 2.0))
    if unknown.mean() > MOST_UNKNOWN:
        raise TerrainError(
            problem(
                f"inputs.terrain: ground elevation is unknown at {int(unknown.sum()):,} of {len(unknown):,} buildings",
                "no sewer can be laid to them",
                "add sheets that cover the buildings, after the present ones (earlier files win)",
            )
        )
    share = np.isnan(terrain.elevation_m).mean()
    if not share and not unknown.any():
        return []
    return [Note("terrain_unknown", share=share, unknown=unknown.sum(), buildings=len(unknown))]


def _hashes(config: Config, base: Path) -> dict[str, str]:
    """SHA-256 of every input file, by its path as written in the study file."""
    layers = [getattr(config.inputs, role) for role in ROLE_COLUMNS]
    texts = [layer.path for layer in layers if layer is not None] + list(config.inputs.terrain)
    texts += [text for text in (config.inputs.forecast, config.inputs.people_history) if text is not None]
    return {text: vector.digest(base / text) for text in dict.fromkeys(texts)}
