"""The whole chain without the zoning, stage by stage: CPU seconds per 100,000 buildings, peak memory, growth.

    python tests/bench/chain.py [--large] [NAME …]

Read buildings, roads and terrain; clean; group houses; draw the outlines of the groups; build the road graph; one
collector tree for every study unit to its lowest house, routed by one slope weight; exact profiles; write units, pipes,
manholes and pumps as GeoParquet and GeoPackage, buildings as GeoParquet. All by the product's own functions. No area counts
as served, so every dwelling is drained. A table is written as soon as no later stage changes it, and held no longer, nor
wider, than later stages ask for.

Names are dwellings of synthetic towns (1000, 10000, 100000, 1300000) and ``full``, all of Sendai with its 160,355
buildings; by default the three smaller towns and Sendai, with ``--large`` all. Towns above 100,000 dwellings are the town
of 100,000, with its terrain and its 118,801 buildings, laid side by side; the largest is 13 of it, 1.54 million buildings.
Every town is made in one process and measured in another, after a town of 300 dwellings that loads the compiled kernels;
the peak is of the whole process, programs loaded included.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from measure import alone, cpu_seconds, peak_mb, table
from numpy.typing import NDArray
from stages import REAL

import sewerzone as sz
from sewerzone import config, costbooks
from sewerzone.engineering.forest import Forest
from sewerzone.engineering.groups import Group
from sewerzone.engineering.networks import Ground, Loads, Members, cheapest, take
from sewerzone.io import study
from sewerzone.io.geopackage import write_layers
from sewerzone.io.parquet import write_parquet
from sewerzone.memory import give_back, seldom_collected
from sewerzone.model import Inputs
from sewerzone.pipeline.town import find_limits, price_factors
from sewerzone.samples import Sample, town
from sewerzone.stages import cluster, cost, design, network, outcome, prepare, route

SIZES = (1_000, 10_000, 100_000, 1_300_000)
TILE = 100_000
SLOPE_WEIGHT = 20.0
"""One of the product's own; the zoning tries several trees per unit, this chain one."""
STAGES = ("read", "prepare", "cluster", "outlines", "network", "route", "profile", "write")
ASKED = ("building_id", "unit_id", "dwellings", "flow_hourly_l_per_s", "flow_mean_m3_per_d")
"""Columns of the buildings that the routing looks at."""
T = TypeVar("T")


def main() -> None:
    """Print the tables, or do one step for them in this process."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", choices=[*map(str, SIZES), "full", []])
    arguments.add_argument("--large", action="store_true", help="the town of 1,300,000 dwellings too")
    arguments.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    arguments.add_argument("--run", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.make:
        print(json.dumps({"path": str(made(given.make[0], Path(given.make[1])))}))
        return
    if given.run:
        print(json.dumps(measured(Path(given.run))))
        return
    names = given.names or [*map(str, SIZES[: 4 if given.large else 3]), "full"]
    if "full" in names and not Path(REAL["full"][0]).exists():
        names.remove("full")
    runs = {name: one(name) for name in names}
    rows = [[stage, *(runs[n]["cpu_s"][stage] / runs[n]["buildings"] * 1e5 for n in names)] for stage in STAGES]
    rows.append(["all", *(total(runs[n]) / runs[n]["buildings"] * 1e5 for n in names)])
    without = [total(runs[n]) - runs[n]["cpu_s"]["outlines"] for n in names]
    rows.append(["all but outlines", *(s / runs[n]["buildings"] * 1e5 for s, n in zip(without, names, strict=True))])
    rows.append(["all, CPU s", *(total(runs[n]) for n in names)])
    rows += [[f"peak during {stage}, MB", *(runs[n]["peak_mb"][stage] for n in names)] for stage in ("start", *STAGES)]
    counts = ("buildings", "dwellings", "edges", "units", "sewer_km", "pipes", "pumps")
    rows += [[key.replace("_", " "), *(runs[n][key] for n in names)] for key in counts]
    print(table(["CPU s per 100,000 buildings", *names], rows))
    towns = [n for n in names if n != "full"]
    steps = [*pairwise(towns), (towns[0], towns[-1])] if len(towns) > 2 else list(pairwise(towns))
    if steps:
        print("\nGrowth with the number of buildings (CPU seconds ~ buildings ^ exponent):\n")
        print(
            table(["exponent", *(f"{a} → {b}" for a, b in steps)], [["all", *(exponent(runs[a], runs[b]) for a, b in steps)]])
        )


def total(run: dict[str, Any]) -> float:
    """CPU seconds of all stages."""
    return float(sum(run["cpu_s"].values()))


def exponent(small: dict[str, Any], large: dict[str, Any]) -> float:
    """Growth of the whole between two sizes."""
    return math.log(total(large) / total(small)) / math.log(large["buildings"] / small["buildings"])


def one(name: str) -> dict[str, Any]:
    """Make one study and measure it, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return alone(__file__, "--run", alone(__file__, "--make", name, folder)["path"])


def made(name: str, folder: Path) -> Path:
    """The study file of a synthetic town, its layers in GeoParquet, or of Sendai, without served areas."""
    if name == "full":
        buildings, roads, terrain = REAL["full"]
        proposed, remarks = study.propose(
            folder, terrain=(terrain,), crs="EPSG:6678", name=name, buildings=buildings, roads=roads
        )
        return study.write_study(proposed, folder, remarks, False)
    tiles = -(-int(name) // TILE)
    sample = tiled(town(int(name) // tiles), tiles)
    layers: dict[str, Any] = {}
    for layer in ("buildings", "roads", "districts", "barriers"):
        getattr(sample, layer).to_parquet(folder / f"{layer}.parquet")
        layers[layer] = {"path": f"{layer}.parquet"}
    layers["buildings"]["columns"] = {"source_id": "id"}
    study.write_terrain(sample.terrain, folder / "terrain.tif")
    data = {"study": {"name": name, "crs": sample.crs}, "inputs": {**layers, "terrain": ["terrain.tif"]}}
    return study.write_study(config.parse(data, name), folder)


def tiled(sample: Sample, tiles: int) -> Sample:
    """So many copies of a town side by side, row by row in a square, eastwards and southwards; ids stay unique."""
    rows, columns = sample.terrain.elevation_m.shape
    across = math.isqrt(tiles - 1) + 1
    step_m = sample.terrain.transform[0]
    shifts = [(k % across * columns * step_m, -(k // across) * rows * step_m) for k in range(tiles)]

    def copies(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        geometry = frame.geometry.to_numpy()
        moved = [np.asarray(shapely.transform(geometry, partial(np.add, by))) for by in shifts]
        out = gpd.GeoDataFrame(
            pd.concat([frame] * tiles, ignore_index=True).assign(geometry=np.concatenate(moved)), crs=frame.crs
        )
        return out.assign(id=np.arange(1, len(out) + 1)) if "id" in out else out

    ground = np.full((rows * -(-tiles // across), columns * across), np.nan, np.float32)
    for k in range(tiles):
        row, column = k // across * rows, k % across * columns
        ground[row : row + rows, column : column + columns] = sample.terrain.elevation_m
    layers = {name: copies(getattr(sample, name)) for name in ("buildings", "roads", "districts", "barriers")}
    return replace(sample, terrain=replace(sample.terrain, elevation_m=ground), **layers)


class Laps:
    """CPU seconds and peak memory of each stage."""

    def __init__(self) -> None:
        self.cpu_s = dict.fromkeys(STAGES, 0.0)
        self.peak_mb = {"start": peak_mb()}

    def __call__(self, stage: str, run: Callable[..., T], *given: Any) -> T:
        """What ``run`` returns, timed as part of the stage."""
        start = cpu_seconds()
        give_back()
        forget_peak()
        out = run(*given)
        give_back()
        self.cpu_s[stage] += cpu_seconds() - start
        self.peak_mb[stage] = max(peak_mb(), self.peak_mb.get(stage, 0.0))
        return out


def forget_peak() -> None:
    """Let the peak start anew from the memory now held (Linux; elsewhere peaks are those so far)."""
    switch = Path("/proc/self/clear_refs")
    if switch.exists():
        switch.write_text("5")


@seldom_collected()
def measured(path: Path) -> dict[str, Any]:
    """The chain on one study in this process, after a small town."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small"
        small.mkdir()
        chain(made("300", small), small / "out", Laps())
        laps = Laps()
        counts = chain(path, Path(folder) / "out", laps)
    return {"cpu_s": laps.cpu_s, "peak_mb": laps.peak_mb, **counts}


def chain(path: Path, out: Path, lap: Laps) -> dict[str, float]:
    """The stages in their order, each table held no longer than a later stage asks for it; returns what they made."""
    inputs = lap("read", sz.read, path)
    settings, terrain = inputs.config, inputs.terrain
    settings = settings.model_copy(update={"route": settings.route.model_copy(update={"slope_weights": (SLOPE_WEIGHT,)})})
    book = costbooks.load(settings.cost.book, settings.cost.fallback, inputs.base)
    clean = lap("prepare", cleaned, inputs)
    del inputs
    limits = lap("cluster", find_limits, clean, clean.barriers, settings, book)["limit_m"]
    found = lap("cluster", cluster.members, clean.buildings, clean.served_areas, clean.barriers, *limits, settings.cluster)
    buildings, units = lap(
        "outlines", cluster.outline, found, clean.buildings, clean.served_areas, clean.districts, *limits, settings.cluster,
        clean.buildings.crs,
    )  # fmt: skip
    del found
    lap("write", write_buildings, buildings, out)
    counts = {"buildings": len(buildings), "dwellings": float(buildings["dwellings"].sum()), "units": len(units)}
    houses = lap("network", network.houses, buildings)
    footprints = network.in_the_way(buildings, settings.network)
    clean, crs = clean._replace(buildings=pd.DataFrame(buildings[list(ASKED)])), buildings.crs
    del buildings
    found = lap(
        "network", network.survey, clean.roads, houses, footprints, terrain, clean.barriers, clean.plants, settings.network
    )
    del houses, footprints
    clean = clean._replace(roads=clean.roads.drop(columns="geometry"))
    del terrain
    roads = lap("network", network.tabulate, found, clean.served_areas, clean.plants, settings.network)
    counts["edges"] = len(roads.edges)
    del found
    ground, loads, edge_unit = lap("route", laid_out, clean, roads, units, settings, book)
    ways = roads.edges[["crossing", "road_id", "length_m"]]
    del roads, clean
    forest, places = lap("route", routed, ground, loads, edge_unit, ways)
    del ground, loads, edge_unit, ways
    rules, prices = design.rules(settings.design), cost.laying_prices(book, settings.cost, settings.design)
    pipes, manholes, pumps = lap("profile", design.lay, forest, places, crs, rules, prices, settings.cost)
    del forest, places
    lap("write", write_tables, {"units": units, "pipes": pipes, "manholes": manholes, "pumps": pumps}, out)
    return {**counts, "sewer_km": float(pipes["length_m"].sum()) / 1000.0, "pipes": len(pipes), "pumps": len(pumps)}


def cleaned(inputs: Inputs) -> prepare.Cleaned:
    """As the pipeline begins."""
    network.refuse_road_edges(inputs.roads, inputs.config.inputs.roads.short)
    return prepare.clean(inputs)


def laid_out(
    clean: prepare.Cleaned, roads: network.RoadNetwork, units: gpd.GeoDataFrame, settings: sz.Config, book: Any
) -> tuple[Ground, Loads, NDArray[np.int64]]:
    """The road graph as priced ground, the loads of the units, and the unit each edge lies in."""
    factor = price_factors(clean.roads, roads.edges, book)
    prices = cost.laying_prices(book, settings.cost, settings.design)
    nothing = pd.Series(dtype=float)
    ground = route.build_ground(
        roads.nodes, roads.edges, factor, np.zeros(len(factor)), nothing, design.rules(settings.design), prices, settings.route
    )
    loads, _ = route.load_units(clean.buildings, roads.laterals, roads.nodes, len(units))
    return ground, loads, route.units_of_edges(roads.nodes, roads.edges, units)


def routed(ground: Ground, loads: Loads, edge_unit: NDArray[np.int64], edges: pd.DataFrame) -> tuple[Forest, pd.DataFrame]:
    """One tree per unit with houses on the roads, the cheapest designed over all slope weights, as one forest."""
    members = Members.single(np.flatnonzero(np.diff(loads.offsets) > 0))
    sites = route.plant_sites(ground, loads, members, 1)
    priced = cheapest(ground, loads, members, (members.offsets, sites[:, 0].copy()), None)
    trees = (take(priced.trees, np.array([k])) for k in range(len(members.units)))
    groups = [Group(np.array([u]), "own_plant", 0.0, tree, 0, {}) for u, tree in zip(members.units, trees, strict=True)]
    return outcome.network_places(groups, ground, loads, edge_unit, edges)


def write_buildings(buildings: pd.DataFrame, out: Path) -> None:
    """As a plan is written."""
    out.mkdir()
    write_parquet({"buildings": buildings}, out / "buildings")


def write_tables(tables: dict[str, pd.DataFrame], out: Path) -> None:
    """As a plan is written."""
    write_parquet(tables, out / "tables")
    write_layers(tables, out / "plan.gpkg")


if __name__ == "__main__":
    main()
