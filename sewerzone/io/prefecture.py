"""Writing a synthetic prefecture: square by square, in several processes, so that memory holds a few of them at most."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from sewerzone import config as config_
from sewerzone.config import Config
from sewerzone.io.study import DISTRICT_CODES, FILE_NAME, arriving, fixed_date, refuse_taken, render, write_terrain
from sewerzone.model import Progress, Terrain, no_progress
from sewerzone.samples import Sample
from sewerzone.samples import prefecture as samples
from sewerzone.samples.grids import Floats
from sewerzone.samples.terrain import FINE_M
from sewerzone.samples.town import CRS_TEXT

TABLE_NAME = "prefecture.toml"
BOUNDARY_NAME, LAYERS_NAME, BUILDINGS_NAME, ROADS_NAME = "boundaries.gpkg", "layers.gpkg", "buildings.parquet", "roads.parquet"
SMALL_LAYERS = ("served_areas", "districts", "barriers", "plants")
GROUP = 10_000
"""Rows of a row group: a few square kilometres of a town, so that a municipality reads little beyond its own."""
CELL_M = 1_000.0
"""Rows of a square are sorted by such cells."""
ALONE_UP_TO = 30_000
"""Dwellings for which starting processes takes longer than they save."""
TABLE_TEXT = """\
# All municipalities of a synthetic prefecture. Run them with:  sewerzone batch prefecture.toml
# Each is a part of the layers in study.toml, cut out by the polygons of its municipality.boundary.
study = "study.toml"

# What is different from the study, without the # in front: another boundary layer and its columns, settings of all, of one.
# [boundaries]
# layer = "boundaries.gpkg"
# code = "N03_007"
# name = "N03_004"
# [set]
# design.cover_min_m = 1.2
# [[areas]]
# code = "22201"
# set.design.cover_min_m = 1.5
"""


class _Square(NamedTuple):
    """What is kept of a square: its files, how many buildings, and where its roads end."""

    folder: Path
    buildings: int
    ends: Floats


def write_prefecture(
    dwellings: int, municipalities: int, seed: int, directory: str | Path, force: bool = False, progress: Progress = no_progress
) -> Path:
    """Write a synthetic prefecture with its study and table of municipalities; returns the path of ``prefecture.toml``.

    The same numbers give the same bytes, however many processes made them.

    Raises
    ------
    ConfigError : such a prefecture is not possible, or the directory is taken or cannot be written
    """
    layout = samples.lay_out(dwellings, municipalities, seed)
    directory = Path(directory).resolve()
    refuse_taken(directory, force, f"{BUILDINGS_NAME}, {ROADS_NAME}, {FILE_NAME} and the like")
    with arriving(directory) as fresh, tempfile.TemporaryDirectory(dir=fresh.parent) as spare:
        squares = []
        for made in _made(layout, Path(spare), dwellings):
            squares.append(made)
            progress("squares", len(squares), len(layout.dwellings) + 1)
        roads = samples.joining_roads(layout, [s.ends for s in squares])
        roads.to_parquet(Path(spare) / "more.parquet", index=False, write_covering_bbox=True)
        _gather([s.folder / BUILDINGS_NAME for s in squares], fresh / BUILDINGS_NAME, [s.buildings for s in squares])
        _gather([*(s.folder / ROADS_NAME for s in squares), Path(spare) / "more.parquet"], fresh / ROADS_NAME, None)
        sheets = _write_ground(layout, [s.folder for s in squares], fresh)
        _write_small(layout, [s.folder for s in squares], fresh)
        remarks = ("a synthetic prefecture: no such places exist, and no figure in it is real",)
        (fresh / FILE_NAME).write_text(render(study_of(sheets), remarks), encoding="utf-8", newline="\n")
        (fresh / TABLE_NAME).write_text(TABLE_TEXT, encoding="utf-8", newline="\n")
        progress("squares", len(squares) + 1, len(squares) + 1)
    return directory / TABLE_NAME


def study_of(sheets: Sequence[str]) -> Config:
    """The study of a synthetic prefecture whose files lie beside its study file."""
    layers: dict[str, Any] = {name: {"path": LAYERS_NAME, "layer": name} for name in SMALL_LAYERS}
    layers |= {"buildings": {"path": BUILDINGS_NAME, "columns": {"source_id": "id"}}, "roads": {"path": ROADS_NAME}}
    layers["districts"]["columns"] = DISTRICT_CODES
    data = {
        "study": {"name": samples.PREFECTURE, "crs": CRS_TEXT},
        "inputs": {**layers, "terrain": list(sheets)},
        "municipality": {"boundary": BOUNDARY_NAME},
    }
    return config_.parse(data, "the study of a synthetic prefecture")


def _made(layout: samples.Layout, spare: Path, dwellings: int) -> Iterator[_Square]:
    """Every square, in order of their numbers; the largest are begun first, so that none is waited for long."""
    towns = np.unique(layout.shows)
    towns = towns[np.lexsort((towns, -layout.dwellings[towns]))].tolist()
    workers = min(os.cpu_count() or 1, len(towns)) if dwellings > ALONE_UP_TO else 1
    held: dict[int, _Square] = {}
    with ProcessPoolExecutor(workers, get_context("spawn")) if workers > 1 else nullcontext() as pool:
        begun = {k: pool.submit(_make, layout, k, spare) for k in towns} if pool else {}
        for number, shown in enumerate(layout.shows.tolist()):
            if number not in held:
                held |= begun[shown].result() if pool else _make(layout, shown, spare)
            yield held.pop(number)


def _make(layout: samples.Layout, shown: int, spare: Path) -> dict[int, _Square]:
    """The squares that show one town by their numbers, each written to a folder of its own."""
    return {number: _write_square(made, spare / f"{number}") for number, made in samples.squares(layout, shown)}


def _write_square(made: Sample, folder: Path) -> _Square:
    folder.mkdir()
    for frame, name in ((made.buildings, BUILDINGS_NAME), (made.roads, ROADS_NAME)):
        _by_place(frame).to_parquet(folder / name, index=False, write_covering_bbox=True, row_group_size=GROUP)
    for name in SMALL_LAYERS:
        getattr(made, name).to_parquet(folder / f"{name}.parquet")
    np.save(folder / "ground.npy", made.terrain.elevation_m)
    return _Square(folder, len(made.buildings), samples.road_ends(made.roads))


def _by_place(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows of a kilometre together, kilometres to and fro, so that a row group covers little ground."""
    at = np.floor(frame.geometry.bounds[["minx", "miny"]].to_numpy() / CELL_M).astype(np.int64)
    east = np.where(at[:, 1] % 2 == 0, at[:, 0], -at[:, 0])
    return frame.iloc[np.lexsort((east, at[:, 1]))].reset_index(drop=True)


def _gather(parts: Sequence[Path], path: Path, buildings: Sequence[int] | None) -> None:
    """One GeoParquet file of many, group by group; with ``buildings`` their ids go on from part to part."""
    metas = [json.loads(pq.read_schema(p).metadata[b"geo"]) for p in parts]
    column = metas[0]["columns"]["geometry"]
    boxes = np.array([m["columns"]["geometry"]["bbox"] for m in metas if "bbox" in m["columns"]["geometry"]])
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    column["bbox"] = [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]
    column["geometry_types"] = sorted({t for m in metas for t in m["columns"]["geometry"]["geometry_types"]})
    schema = pq.read_schema(parts[0])
    schema = schema.with_metadata({b"geo": json.dumps({**metas[0], "columns": {"geometry": column}}).encode()})
    before = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for number, part in enumerate(parts):
            with pq.ParquetFile(part) as held:
                for group in range(held.num_row_groups):
                    table = held.read_row_group(group)
                    if buildings is not None:
                        ids = pa.array(table["id"].to_numpy() + before)
                        table = table.set_column(table.schema.get_field_index("id"), "id", ids)
                    file.write_table(table.cast(schema))
            before += buildings[number] if buildings is not None else 0


def _write_ground(layout: samples.Layout, folders: Sequence[Path], fresh: Path) -> list[str]:
    """The ground joined at the seams, a sheet for each square; returns their names."""
    for one, other, is_east in sorted(layout.seams(), key=lambda s: not s[2]):  # the second pass ends what the first began
        near, far = (np.load(folders[k] / "ground.npy", mmap_mode="r+") for k in (one, other))
        samples.join_ground(near, far, is_east)
    (fresh / "terrain").mkdir()
    crs, names = CRS.from_user_input(CRS_TEXT), []
    for k, folder in enumerate(folders):
        x, y = layout.corner_m(k)
        grid = np.load(folder / "ground.npy")
        names.append(f"terrain/{layout.column[k]:02d}{layout.row[k]:02d}.tif")
        transform = (FINE_M, 0.0, x, 0.0, -FINE_M, y + layout.side_m)
        write_terrain(Terrain(grid, transform, crs, crs), fresh / names[-1])
    return names


def _write_small(layout: samples.Layout, folders: Sequence[Path], fresh: Path) -> None:
    """Served areas, districts, rivers and sites of plants, and the boundaries."""
    with fixed_date():
        for name in SMALL_LAYERS:
            frames = [gpd.read_parquet(folder / f"{name}.parquet") for folder in folders]
            whole = pd.concat(frames, ignore_index=True)
            if name == "districts":
                whole["district_id"] = np.arange(1, len(whole) + 1)
            gpd.GeoDataFrame(whole, crs=CRS_TEXT).to_file(fresh / LAYERS_NAME, layer=name, driver="GPKG")
        samples.boundaries(layout).to_file(fresh / BOUNDARY_NAME, layer="municipalities", driver="GPKG")
