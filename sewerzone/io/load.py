"""Directory -> Plan: the exact inverse of :func:`sewerzone.io.write.write`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from sewerzone import config
from sewerzone.errors import DataError, problem
from sewerzone.io.write import RUN, TABLES
from sewerzone.model import Plan
from sewerzone.tables import ALL_TABLES, Table


def load(directory: str | Path) -> Plan:
    """Read back a written plan, with full precision.

    Raises
    ------
    DataError
        The directory is no plan, or a file in it is missing, damaged or breaks its declaration.
    """
    directory = Path(directory)
    run = _read_run(directory)
    study = config.parse(run["config"], str(directory / RUN))
    frames = {t.name: _read_table(t, directory / TABLES / f"{t.name}.parquet") for t in ALL_TABLES}
    return Plan(config=study, run=run, **frames)


def _not_a_plan(directory: Path, what: str) -> DataError:
    return DataError(
        problem(
            f"{directory} is no sewerzone plan: {what}",
            "a plan is read from its tables and its run record",
            "name a directory written by `sewerzone run`, or run the study again",
        )
    )


def _read_run(directory: Path) -> dict[str, Any]:
    if not directory.is_dir():
        raise _not_a_plan(directory, "no such directory")
    path = directory / RUN
    try:
        run = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise _not_a_plan(directory, f"it has no {RUN}") from error
    except (OSError, ValueError) as error:
        raise _not_a_plan(directory, f"{RUN} cannot be read ({error})") from error
    if not isinstance(run, dict) or not isinstance(run.get("config"), dict):
        raise _not_a_plan(directory, f"{RUN} holds no configuration")
    return run


def _read_table(table: Table, path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise _not_a_plan(path.parent.parent, f"{TABLES}/{path.name} is missing")
    try:
        frame = gpd.read_parquet(path) if table.geometry else pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise _not_a_plan(path.parent.parent, f"{TABLES}/{path.name} cannot be read ({error})") from error
    out: pd.DataFrame = table.conform(frame)
    for column in table.columns:
        if column.kind == "text":  # Parquet has one missing value for text; so has a plan
            out[column.name] = out[column.name].astype(object).where(out[column.name].notna(), None)
    return out
