"""Every building of the input, exactly once, with a status, its dwellings, people, tanks and flows."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.config import Prepare
from sewerzone.engineering.sewage import daily_flow_m3, flow_l_per_s, tanks
from sewerzone.errors import first_ids, problem
from sewerzone.meeting import lying_in
from sewerzone.noted import Note
from sewerzone.stages.prepare import geometry as shapes
from sewerzone.stages.prepare.people import NONE, Houses, load
from sewerzone.stages.prepare.values import Findings, ids, numbers, texts

Bools = NDArray[np.bool_]
_NUMBERS = ("floor_area_m2", "storeys", "height_m", "dwellings", "people", "existing_tanks")
_TEXTS = ("source_id", "use", "district")
LARGE_M2 = 1000.0
"""Few houses have a larger footprint; schools, factories and blocks of flats have."""


def buildings(
    raw: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, served: gpd.GeoDataFrame, settings: Prepare, found: Findings
) -> gpd.GeoDataFrame:
    """The table of buildings; problems are added to ``found``."""
    base = _base(raw, found)
    shape = base.geometry.to_numpy()
    status = _status(base, settings)
    is_home = status == "dwelling"
    _refuse_no_home(status, found)
    x_m, y_m = base["x_m"].to_numpy(), base["y_m"].to_numpy()
    floor_m2 = _floor_area(base, settings.storey_height_m)
    is_building = ~np.isin(status, ("duplicate", "no_geometry"))
    houses = Houses(
        x_m,
        y_m,
        is_building,
        is_home,
        floor_m2,
        base["dwellings"].to_numpy(),
        base["people"].to_numpy(),
        base["district"].to_numpy(),
    )
    _note_lost(base, status, found)
    _note_large(base, is_home, found)
    dwellings, people, district = load(houses, districts, settings, found)
    persons, count = tanks(dwellings, floor_m2, settings.tank_five_person_up_to_m2, settings.tank_ten_person_from_dwellings)
    mean, most, hourly = (
        getattr(settings, f"domestic_{k}_l_per_person_d")
        + getattr(settings, f"business_{k}_l_per_person_d")
        + settings.infiltration_l_per_person_d
        for k in ("mean", "max", "hourly")
    )
    data = {
        "building_id": np.arange(len(base)),
        "source_id": base["source_id"].to_numpy(),
        "status": status,
        "use": base["use"].to_numpy(),
        "floor_area_m2": floor_m2,
        "dwellings": dwellings,
        "people": people,
        "tank_persons": persons,
        "tank_count": count,
        "existing_tank_count": np.nan_to_num(base["existing_tanks"].to_numpy()),
        "flow_mean_m3_per_d": daily_flow_m3(people, mean),
        "flow_max_m3_per_d": daily_flow_m3(people, most),
        "flow_hourly_l_per_s": flow_l_per_s(people, hourly),
        "district_id": pd.array(np.where(district == NONE, 0, district), dtype="Int64"),
        "is_served": _is_served(x_m, y_m, is_building, served),
        "unit_id": pd.array([pd.NA] * len(base), dtype="Int64"),
        "treatment": "none",
        "reason": "",
    }
    del base
    out = gpd.GeoDataFrame(data, geometry=shape, crs=raw.crs, copy=False)
    out.loc[district == NONE, "district_id"] = pd.NA
    return out


def _refuse_no_home(status: Any, found: Findings) -> None:
    if (status == "dwelling").any():
        return
    found.problems.append(
        problem(
            f"buildings: none of {len(status):,} is a dwelling ({_counted(status)})",
            "there is no sewage to plan for",
            "check prepare.shed_below_m2, non_residential_uses and wall_less_uses, and the columns dwellings and people",
        )
    )


def _counted(status: Any) -> str:
    return ", ".join(f"{n:,} {s}" for s, n in _counts(status).items())


def _counts(status: Any) -> dict[str, int]:
    names, counts = np.unique(status.astype(str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def _base(raw: gpd.GeoDataFrame, found: Findings) -> gpd.GeoDataFrame:
    """The columns read and checked, geometry valid, rows in canonical order."""
    data: dict[str, Any] = {name: texts(raw, name) for name in _TEXTS}
    data |= {name: numbers(raw, name, "buildings", found) for name in _NUMBERS}
    shape, mended = shapes.repaired(raw.geometry.to_numpy())
    if mended:
        found.notes.append(Note("repaired", layer="buildings", count=mended))
    many = np.flatnonzero(shapely.get_type_id(shape) == shapely.GeometryType.MULTIPOINT)
    if len(many):
        shape = shape.copy()
        shape[many] = shapely.point_on_surface(shape[many])
    data["x_m"], data["y_m"] = shapes.places(shape)
    order = shapes.canonical_order(shape, [data[name] for name in (*_TEXTS, *_NUMBERS)], (data["x_m"], data["y_m"]))
    data["shape_key"] = shapes.shape_keys(shape)
    _refuse_repeated_ids(raw, data["source_id"], data["shape_key"], found)
    columns = {name: data.pop(name)[order] for name in list(data)}
    return gpd.GeoDataFrame(columns, geometry=shape[order], crs=raw.crs, copy=False)


def _refuse_repeated_ids(raw: gpd.GeoDataFrame, source_id: Any, shape_key: Any, found: Findings) -> None:
    """The same id on the same shape is a sheet delivered twice; on different shapes nobody knows which is meant."""
    rows = np.flatnonzero(~pd.isna(source_id) & ~shapes.repeats(shape_key, (source_id,)))
    again = pd.Series(source_id[rows]).duplicated(keep=False).to_numpy()
    if again.any():
        repeated = pd.unique(pd.Series(ids(raw)[rows][again]))
        found.problems.append(
            problem(
                f"buildings.source_id: {int(again.sum()):,} rows share {len(repeated):,} ids ({first_ids(repeated)})",
                "results could not be joined back to your buildings",
                "give every building its own id, or map another column as source_id",
            )
        )


def _loaded(base: gpd.GeoDataFrame) -> Bools:
    """Rows whose own columns say that people live there."""
    return np.asarray((base["dwellings"] > 0) | (base["people"] > 0), dtype=bool)


def _status(base: gpd.GeoDataFrame, settings: Prepare) -> Any:
    shape = base.geometry.to_numpy()
    loaded = _loaded(base)
    empty_home = ~loaded & np.asarray((base["dwellings"] == 0) | (base["people"] == 0) & base["dwellings"].isna(), dtype=bool)
    # Two rows of one shape are one building, unless both say who lives there and differ in it (flats at one point).
    again = shapes.repeats(
        base["shape_key"].to_numpy(), [np.where(loaded, base[name], None) for name in ("source_id", "dwellings", "people")]
    )
    small = (shapely.get_dimensions(shape) == 2) & (shapely.area(shape) < settings.shed_below_m2)
    use = base["use"]
    rules = [
        (shapes.is_nothing(shape), "no_geometry"),
        (again, "duplicate"),
        (~loaded & use.isin(settings.wall_less_uses).to_numpy(), "wall_less"),
        (~loaded & use.isin(settings.non_residential_uses).to_numpy(), "non_residential"),
        (~loaded & (small | use.isin(settings.shed_uses).to_numpy()), "shed"),
        (empty_home, "non_residential"),
    ]
    return np.select([mask for mask, _ in rules], [name for _, name in rules], default="dwelling").astype(object)


def _floor_area(base: gpd.GeoDataFrame, storey_height_m: float | None) -> NDArray[np.float64]:
    """Given, else footprint times storeys (given, else those that fit in the height if these count, else one); 0 for points."""
    footprint = np.nan_to_num(shapely.area(base.geometry.to_numpy()))
    fitting = np.floor(base["height_m"].to_numpy() / (storey_height_m or np.nan))
    storeys = np.maximum(np.nan_to_num(np.where(base["storeys"].isna(), fitting, base["storeys"]), nan=1.0), 1.0)
    given = base["floor_area_m2"].to_numpy()
    return np.asarray(np.where(np.isnan(given), footprint * storeys, given), dtype=np.float64)


def _is_served(x_m: Any, y_m: Any, is_building: Bools, served: gpd.GeoDataFrame) -> Bools:
    out = np.zeros(len(x_m), dtype=bool)
    rows = np.flatnonzero(is_building)
    out[rows[lying_in(x_m[rows], y_m[rows], served.geometry.to_numpy())[0]]] = True
    return out


def _note_lost(base: gpd.GeoDataFrame, status: Any, found: Findings) -> None:
    """Count what is not a dwelling, and the people that go with rows without geometry."""
    found.notes.append(Note("buildings", statuses=_counts(status)))
    people = float(np.nansum(base["people"].to_numpy()[np.isin(status, ("no_geometry", "duplicate"))]))
    if people:
        found.notes.append(Note("people_lost", people=people))


def _note_large(base: gpd.GeoDataFrame, is_home: Bools, found: Findings) -> None:
    """Count dwellings too large for a house of which no column says what they are."""
    if base["use"].notna().any():
        return
    area_m2 = np.nan_to_num(shapely.area(base.geometry.to_numpy()))
    large = is_home & ~_loaded(base) & (area_m2 > LARGE_M2)
    if large.any():
        count, homes, largest_m2 = large.sum(), is_home.sum(), area_m2[large].max()
        found.notes.append(Note("large_homes", count=count, homes=homes, least_m2=LARGE_M2, largest_m2=largest_m2))
