"""Reading today's sewer plan, and writing what a new plan changes in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from sewerzone import style
from sewerzone.config import Layer
from sewerzone.errors import ConfigError, DataError, SewerzoneError, problem
from sewerzone.io.geopackage import write_declared
from sewerzone.io.layers import read_layer
from sewerzone.io.write import swap, temporary_beside, writable, write_json
from sewerzone.model import Plan, Redrawing
from sewerzone.stages.redrawing.concerned import concerned
from sewerzone.style import COLLECTIVE, Language
from sewerzone.tables import redrawing as declared
from sewerzone.tables.redrawing import CONCERNED

BACK_TO_FRONT = (
    declared.REDRAWN_AREAS, declared.REDRAWN_BUILDINGS, declared.REDRAWN_UNITS, declared.REDRAWING, declared.REDRAWING_EFFECT,
)  # fmt: skip
_ROLE = "served_areas"
_DANGEROUS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Controls, and marks that turn the direction of writing."""
_FORMULA = ("=", "+", "-", "@")


def read_area(path: str, new: Plan, only: str | None = None) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Polygons of the old sewer area in the new plan's system, and notes as ``key: number``.

    Parameters
    ----------
    path : any vector file, ``file.gpkg:layer`` where it holds several
    new : polygons away from its houses, units and zones are left out
    only : ``COLUMN=VALUE,VALUE``: rows with these values are sewer; else, where there is a column ``treatment``, those of a
        common sewer, as in the layer ``zones`` of a plan; else all

    Raises
    ------
    SewerzoneError
        The file cannot be read, holds no such column, or none of its polygons is sewer near the plan.
    """
    column, values = _condition(only)
    layer = Layer.model_validate(path)
    try:
        frame, _ = read_layer(layer, Path(), CRS.from_user_input(new.config.study.crs), _ROLE, keep=(column,))
    except SewerzoneError as error:
        raise type(error)(str(error).replace(f"inputs.{_ROLE}", "OLD")) from error
    frame = frame[~frame.geometry.isna() & ~frame.geometry.is_empty]
    if column in frame:
        frame = frame[frame[column].astype(str).str.strip().isin(values)]
    elif only is not None:
        raise ConfigError(
            problem(
                f"{path} has no column {column!r}", "it tells which polygons are sewer", "name one of its columns in --only"
            )
        )
    boxes = np.array([f.total_bounds for f in (new.buildings, new.units, new.zones) if len(f)])
    window = shapely.box(*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)) if len(boxes) else shapely.Polygon()
    near = frame.geometry.intersects(window)
    if not near.any():
        raise DataError(
            problem(
                f"{path}: none of {len(frame):,} polygons of sewer meets the plan",
                "nothing could be compared",
                "check that the file is of this municipality, its coordinate system, and --only",
            )
        )
    notes = [] if near.all() else [f"old_elsewhere: {int((~near).sum())}"]
    return frame[near].reset_index(drop=True), notes


def _condition(only: str | None) -> tuple[str, tuple[str, ...]]:
    if only is None:
        return "treatment", COLLECTIVE
    column, equals, values = only.partition("=")
    if not equals or not column.strip():
        raise ConfigError(
            problem(
                f"--only {only!r} names no column and value", "it tells which polygons are sewer", "write --only COLUMN=VALUE"
            )
        )
    return column.strip(), tuple(value.strip() for value in values.split(","))


def write(redrawing: Redrawing, directory: Path, language: Language, finish: Callable[[Path], None]) -> None:
    """Write the tables; ``finish`` adds maps and workbook to the folder before any file takes its place."""
    with writable(directory), temporary_beside(directory) as fresh:
        write_layers(redrawing, fresh / "redrawing.gpkg", language)
        write_households(redrawing, fresh / "households.csv", language)
        write_json(facts(redrawing), fresh / "redrawing.json")
        finish(fresh)
        swap(fresh, directory, ())


def write_layers(redrawing: Redrawing, path: Path, language: Language) -> None:
    """Write the tables as a styled GeoPackage."""
    write_declared(BACK_TO_FRONT, redrawing.tables(), path, language)


def write_households(redrawing: Redrawing, path: Path, language: Language) -> None:
    """Write the list of households as CSV that Excel opens."""
    households(redrawing, language).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def households(redrawing: Redrawing, language: Language) -> pd.DataFrame:
    """The list of households as people read it, safe to open in a spreadsheet."""
    frame = concerned(redrawing.redrawn_buildings)
    nowhere = style.text("no_district", language)
    frame["district"] = [
        nowhere if pd.isna(i) else safe_cell(n) for i, n in zip(frame["district_id"], frame["district"], strict=True)
    ]
    frame["district_code"] = [None if pd.isna(c) else safe_cell(c) for c in frame["district_code"]]
    frame["change"] = [style.text(change, language) for change in frame["change"]]
    ours = {"district_id"} | (set() if frame["district_code"].notna().any() else {"district_code"})
    shown = [c for c in CONCERNED.columns if c.name not in ours]
    told = {c.name: style.heading(c, language).replace("\n", " ") for c in shown}
    return frame[list(told)].rename(columns=told)


def safe_cell(value: Any) -> str:
    """Text that no spreadsheet takes for a formula and that stays on its line."""
    text = _DANGEROUS.sub(" ", "" if value is None or value != value else str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def facts(redrawing: Redrawing) -> dict[str, Any]:
    """Effect and summary as plain data."""
    tables = {
        name: json.loads(getattr(redrawing, name).to_json(orient="records")) for name in ("redrawing_effect", "redrawing")
    }
    return {"study": redrawing.config.study.name, **redrawing.run, **tables}
