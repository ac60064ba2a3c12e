"""What lies across municipal borders: groups of houses that a border parts, and what planning them together would change.

Each municipality plans for itself, as its sewers are its own business. Along every border the houses within reach of it are
planned once together and once by each side alone, with the same roads, ground and served areas; the difference is what the
border costs there. Groups that go on beyond the strip are counted apart, as their difference is not known in full.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from sewerzone import pipeline
from sewerzone.config import Config
from sewerzone.errors import DataError
from sewerzone.io.municipality import Areas, border_strips, read_areas, strip_part
from sewerzone.io.read import read
from sewerzone.model import Plan

REACH_M = 500.0
"""Houses so far from the border on both sides are planned together; most groups that a border parts end within it."""
NEAR_RIM_M = 50.0
"""A group so near the rim of the strip may go on beyond it."""
COLUMNS = (
    "code", "other_code", "groups", "groups_beyond_strip", "dwellings", "other_dwellings", "strip_dwellings",
    "joint_yen_per_yr", "apart_yen_per_yr", "apart_more_yen_per_yr", "note",
)  # fmt: skip


class Border(NamedTuple):
    """Two municipalities side by side, by their numbers, and the strip along their border (study CRS)."""

    one: int
    other: int
    strip: shapely.Geometry


def borders(config: Config, base: Path, reach_m: float = REACH_M) -> tuple[Areas, list[Border]]:
    """All pairs of municipalities within reach of each other, by their codes; each may be compared on its own."""
    areas = read_areas(config.municipality, base)
    return areas, [Border(a, b, strip) for (a, b), strip in border_strips(config, areas, reach_m).items()]


def compare(config: Config, base: Path, areas: Areas, border: Border) -> dict[str, Any]:
    """A row of the table of borders; costs are missing where a side has nothing to plan in the strip, which `note` then tells.

    Returns
    -------
    dict of ``COLUMNS``: groups of houses (study units) that the border parts and those of them that may go on beyond the
    strip; dwellings of these groups on each side; dwellings and yearly cost of the whole strip planned together and apart.
    """
    codes = str(areas.codes[border.one]), str(areas.codes[border.other])
    out: dict[str, Any] = {**dict.fromkeys(COLUMNS, np.nan), "code": codes[0], "other_code": codes[1], "note": ""}
    sides = []
    for number in (border.one, border.other):
        try:
            sides.append(_planned(config, base, areas, (number,), border.strip))
        except DataError as error:  # a side without a home or a road: nothing to compare, and said so
            none = {"groups": 0, "groups_beyond_strip": 0, "dwellings": 0.0, "other_dwellings": 0.0}
            return {**out, **none, "note": f"{areas.codes[number]} alone: {' '.join(str(error).split())}"}
    joint = _planned(config, base, areas, (border.one, border.other), border.strip)
    houses = joint.buildings[joint.buildings["unit_id"].notna()]
    owner = areas.owners(np.asarray(houses.geometry.to_numpy(), dtype=object), houses.crs)[0]
    unit = houses["unit_id"].to_numpy(np.int64)
    of = [
        np.bincount(unit[owner == k], houses["dwellings"].to_numpy()[owner == k], minlength=len(joint.units))
        for k in border[:2]
    ]
    parted = (of[0] > 0) & (of[1] > 0)
    shapely.prepare(inner := shapely.buffer(border.strip, -NEAR_RIM_M))
    beyond = parted & ~shapely.contains(inner, joint.units.geometry.to_numpy())
    joint_yen = joint.run["plan_yen_per_yr"]
    apart_yen = sum(plan.run["plan_yen_per_yr"] for plan in sides)
    return {
        **out,
        "groups": int(parted.sum()), "groups_beyond_strip": int(beyond.sum()),
        "dwellings": float(of[0][parted].sum()), "other_dwellings": float(of[1][parted].sum()),
        "strip_dwellings": float(joint.run["dwellings"]), "joint_yen_per_yr": joint_yen, "apart_yen_per_yr": apart_yen,
        "apart_more_yen_per_yr": apart_yen - joint_yen,
    }  # fmt: skip


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows of :func:`compare` as a table, by code."""
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(["code", "other_code"], ignore_index=True)


def _planned(config: Config, base: Path, areas: Areas, numbers: tuple[int, ...], strip: shapely.Geometry) -> Plan:
    """The plan of what these municipalities have in a strip."""
    return pipeline.run(read(config, base, part=strip_part(config, areas, numbers, strip)))
