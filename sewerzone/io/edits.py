"""Decisions drawn or written by hand after a run: polygons, a table, or edited zones of the plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from sewerzone.config import Layer
from sewerzone.errors import ConfigError, DataError, SewerzoneError, problem
from sewerzone.io import vector
from sewerzone.io.layers import read_layer
from sewerzone.io.load import load
from sewerzone.io.write import is_plan
from sewerzone.model import Inputs
from sewerzone.noted import Note
from sewerzone.stages import overrides

_ROLE = "overrides"


def add_edits(inputs: Inputs, path: str, earlier: Path | None = None) -> Inputs:
    """The inputs with further decisions, which win over the study's own on the same units.

    Parameters
    ----------
    inputs : of the study; they are not changed
    path : ``file.gpkg:layer`` or a table (CSV): columns as of the study's overrides; or zones of a plan, whose column
        ``treatment`` (sewer, johkasou) or shapes were edited
    earlier : folder of the plan whose zones were edited, where they do not lie in it

    Raises
    ------
    SewerzoneError
        The file cannot be read or holds no decisions, or no plan is known that the zones are of.
    """
    layer = Layer.model_validate(path)
    try:
        rows, said = read_layer(layer, Path(), CRS.from_user_input(inputs.config.study.crs), _ROLE, keep=("treatment",))
    except SewerzoneError as error:
        raise type(error)(str(error).replace(f"inputs.{_ROLE}", "--overrides")) from error
    if "kind" not in rows and "treatment" in rows:
        rows = _decisions(rows, inputs, path, [Path(layer.path).parent, *([earlier] if earlier is not None else [])])
    elif "kind" not in rows:
        raise ConfigError(
            problem(
                f"--overrides: {path} has neither a column `kind` nor `treatment`",
                "it is not clear what is decided",
                "add `kind` (force_sewer, force_johkasou, keep_together), or give the layer `zones` of a plan, edited",
            )
        )
    own = inputs.overrides.assign(is_edit=False)
    parts = [frame for frame in (own, rows.drop(columns="treatment", errors="ignore").assign(is_edit=True)) if len(frame)]
    every = own if not parts else gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=own.crs)
    told = Note("decisions_given", count=len(rows), file=str(path), own=len(own))
    hashes = {**inputs.hashes, layer.path: vector.digest(Path(layer.path))}
    missing = {name: None for name in ("note", "group", "unit_id", "building_id", "kind") if name not in every}
    return replace(inputs, overrides=every.assign(**missing), hashes=hashes, notes=(*inputs.notes, *said, told))


def _decisions(zones: gpd.GeoDataFrame, inputs: Inputs, path: str, folders: list[Path]) -> gpd.GeoDataFrame:
    """What edited zones decide, against the plan they come from."""
    known = next((folder for folder in folders if is_plan(folder)), None)
    if known is None:
        raise ConfigError(
            problem(
                f"--overrides: {path} holds zones, and there is no plan they come from",
                "only what differs from a plan is a decision",
                "run the study first, with the same --out, or give polygons with a column `kind`",
            )
        )
    plan = load(known)
    if len(plan.buildings) != len(inputs.buildings):
        raise DataError(
            problem(
                f"--overrides: the plan in {known} has {len(plan.buildings):,} buildings, the study {len(inputs.buildings):,}",
                "units of the plan would be others than those of the study",
                "run the study again without --overrides, and edit the zones of that plan",
            )
        )
    return overrides.of_zones(zones[zones.geometry.notna()].reset_index(drop=True), plan)
