"""What cutting at municipal borders costs: a prefecture as one study against its municipalities with several halos.

    python tests/bench/borders.py [--dwellings N] [--municipalities M] [--seed S] [--halos 0 200 500 1000] [--sendai]

Total yearly cost of all plans together, official procedure and optimum. Beside a synthetic prefecture, with ``--sendai`` a
real town cut by a grid (population from the constants, so that no district is cut). Every dwelling is in exactly one plan.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from measure import DATA, cpu_seconds, table

from sewerzone import config as study_file
from sewerzone.io.accounting import list_municipalities
from sewerzone.io.prefecture import write_prefecture
from sewerzone.io.read import read
from sewerzone.pipeline import run

METHODS = ("official", "optimum")
SENDAI = "sendai_west_fringe"


def prefecture(folder: Path, dwellings: int, municipalities: int, seed: int) -> dict[str, Any]:
    """A synthetic prefecture as plain settings; people from the constants, as districts may be cut by borders."""
    write_prefecture(dwellings, municipalities, seed, folder)
    data = study_file.plain(folder / "study.toml")
    data["inputs"].pop("districts")
    return data


def sendai(folder: Path, cuts: int) -> dict[str, Any]:
    """The western fringe of Sendai cut by a grid; inhabited districts of 2020 stand for areas sewered today."""
    source = DATA / "jp_sendai_osm_gsi"
    houses = gpd.read_file(source / f"{SENDAI}.gpkg", layer="buildings").to_crs(6678)
    west, south, east, north = houses.total_bounds
    x, y = np.linspace(west - 1, east + 1, cuts + 1), np.linspace(south - 1, north + 1, cuts + 1)
    cells = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(cuts) for i in range(cuts)]
    names = {"N03_007": [f"{4101 + k:05d}" for k in range(len(cells))]}
    gpd.GeoDataFrame(names, geometry=cells, crs=houses.crs).to_file(folder / "grid.gpkg")
    layers = {"buildings": f"{source / SENDAI}.gpkg:buildings", "roads": f"{source / SENDAI}.gpkg:roads"}
    layers["served_areas"] = f"{source / SENDAI}.gpkg:did_2020"
    inputs = {**layers, "terrain": [f"{source / SENDAI}_dem.tif"]}
    return {"study": {"crs": "EPSG:6678"}, "inputs": inputs, "municipality": {"boundary": "grid.gpkg"}}


def planned(data: dict[str, Any], folder: Path, method: str, **municipality: Any) -> tuple[float, float]:
    """Yearly cost and dwellings of one plan."""
    zoning = {**data.get("zoning", {}), "method": method}
    settings = {**data, "zoning": zoning, "municipality": {**data["municipality"], **municipality}}
    made = run(read(study_file.parse(settings), folder)).run
    return made["plan_yen_per_yr"], made["dwellings"]


def compared(name: str, data: dict[str, Any], folder: Path, halos: list[float]) -> list[list[Any]]:
    """One row per method and halo."""
    listed = list_municipalities(study_file.parse(data), folder)
    codes = listed.loc[listed["buildings"] > 0, "code"].tolist()
    rows = []
    for method in METHODS:
        whole, dwellings = planned(data, folder, method)
        for halo in halos:
            start = cpu_seconds()
            parts = np.array([planned(data, folder, method, code=code, halo_m=halo) for code in codes])
            seconds = cpu_seconds() - start
            assert round(parts[:, 1].sum(), 3) == round(dwellings, 3), "a dwelling is in two plans or in none"
            apart = float(parts[:, 0].sum())
            rows.append(
                [name, len(codes), dwellings, method, halo, whole / 1e6, apart / 1e6, 100.0 * (apart / whole - 1.0), seconds]
            )
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dwellings", type=int, default=12_000)
    arguments.add_argument("--municipalities", type=int, default=6)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--halos", type=float, nargs="+", default=[0.0, 200.0, 500.0, 1000.0])
    arguments.add_argument("--sendai", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        if given.sendai:
            rows = compared("Sendai", sendai(Path(spare), 3), Path(spare), given.halos)
        else:
            folder = Path(spare) / "prefecture"
            data = prefecture(folder, given.dwellings, given.municipalities, given.seed)
            rows = compared("synthetic", data, folder, given.halos)
    heads = ("place", "parts", "dwellings", "method", "halo m", "whole M yen/yr", "apart M yen/yr", "difference %", "CPU s")
    print(table(heads, rows))


if __name__ == "__main__":
    main()
