"""Side by side with pysewer on its own example at equal rules: 800 houses in Oman, every house on the sewer, one outlet.

    PYSEWER_PYTHON=… python tests/bench/against_pysewer.py [--best] [--keep FOLDER]

pysewer 0.3.1 with its defaults, every house joined to the road by itself and the outlet at the lowest place: the case
whose published figures the table repeats. ``PYSEWER_PYTHON`` names a Python that has pysewer, which then runs here as a
program of its own: its fast solver (half a minute), with ``--best`` the other one too (some minutes); ``--keep`` leaves
what it found in a folder and takes it from there the next time. Then ours is routed, laid and searched on the very graph
pysewer routes on (see ``connection_graph``), for several prices of a pump, and all designs are counted and priced alike.

From the files, ours goes its own way: houses far from the road share a way to it. That row needs no pysewer.
Seconds are CPU seconds; ours after one warm-up in the same process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from connection_graph import (
    DESIGN,
    Built,
    Connection,
    arcs_of,
    built,
    built_by_pysewer,
    forest_on,
    laying_prices,
    least_length_m,
    numbered_arcs,
    read_connection,
    streets,
    yen_per_yr,
)
from measure import DATA, HERE, cpu_seconds, table

import sewerzone as sz
from sewerzone.engineering.forest import LayingPrices
from sewerzone.engineering.networks import Priced, cheapest
from sewerzone.engineering.search import Outlets, descended, refine
from sewerzone.engineering.trench import lay
from sewerzone.io.write import write

OMAN = DATA / "om_pysewer_example"
FILES = OMAN / "dem_10m1.tif", OMAN / "roads_projected.shp", OMAN / "buildings_projected.shp"
OUTLET = (691258.122, 2554226.805)
"""The lowest place on the roads, where pysewer puts it."""
OWN_BOOK = str(HERE / "pysewer_prices.toml")
BOOKS = {"pump = 1,000 m": OWN_BOOK, "fuji_2018": "fuji_2018", "snip_2015": "snip_2015", "rust_2021": "rust_2021"}
FUJI_PUMP_M, PYSEWER_PUMP_M = 284.0, 1000.0
"""Metres of sewer a pump is worth: at Fuji's prices, and pysewer's own penalty."""
SEARCHES = ((100.0, 0), (FUJI_PUMP_M, 0), (PYSEWER_PUMP_M, 0), (PYSEWER_PUMP_M, 60))
"""Prices of a pump in metres, and rounds of ways tried round pumps; 0: key paths are exchanged, no more."""
SLOPE_WEIGHTS = (0.0, 20.0, 60.0, 120.0)
SEARCH_ROUNDS = 60
PUBLISHED = {
    "pysewer best, published": {"length": 35_057.0, "stations": 17, "private": 1, "all": 270.0},
    "pysewer fast, published": {"length": 36_113.0, "stations": 22, "private": 1, "all": 65.0},
}
STAGES = ("read, network", "route, profile", "write", "all")


class Ours(NamedTuple):
    """A design of ours on pysewer's graph, and the CPU seconds of routing, search and profile."""

    design: Built
    arcs: np.ndarray
    seconds: float


def main() -> None:
    """Print the comparison."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--best", action="store_true", help="run pysewer's best solver too")
    arguments.add_argument("--keep", type=Path, help="folder for what pysewer finds; taken from there if it is there")
    given = arguments.parse_args()
    if not OMAN.is_dir():
        print(f"no example data at {OMAN}: nothing to compare")
        return
    solvers = ["fast", "best"] if given.best else ["fast"]
    python = os.environ.get("PYSEWER_PYTHON")
    rows: dict[str, dict[str, Any]] = dict(PUBLISHED)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        is_there = (folder / "graph.json").exists() and all((folder / f"{s}.json").exists() for s in solvers)
        if python and not is_there:
            run_pysewer(python, folder, "route", *prepared(folder), *solvers)
        if python or is_there:
            rows.update(on_its_graph(folder, solvers, python))
    rows["sewerzone, from the files, shared ways to the road"] = from_files()
    keys = ["length", "stations", "private", *BOOKS, *STAGES]
    heads = ["", "sewer and laterals, m", "stations", "single houses' pumps", *(f"million yen a year, {b}" for b in BOOKS),
             *(f"{s}, s" for s in STAGES)]  # fmt: skip
    print(table(heads, [[name, *(row.get(key) for key in keys)] for name, row in rows.items()]))
    print_verdict(rows)


def print_verdict(rows: dict[str, dict[str, Any]]) -> None:
    """What the table says, in a few lines."""
    files = rows["sewerzone, from the files, shared ways to the road"]
    print()
    for name, row in rows.items():
        if name.startswith("pysewer") and "all" in row:
            print(f"Read, design, write: {row['all'] / files['all']:,.0f} times faster than {name}.")
    best = rows.get("pysewer best, this run", rows["pysewer best, published"])
    for name in [name for name in rows if name.startswith("sewerzone on") and "route, profile" in rows[name]]:
        row = rows[name]
        if row["stations"] >= best["stations"] or row["length"] > best["length"] + 0.5:
            print(f"{name}: not better than pysewer's best in both length and stations.")
            continue
        cheaper = [b for b in BOOKS if b in best and row[b] < best[b]]
        print(
            f"{name}: {best['stations'] - row['stations']} stations fewer and {best['length'] - row['length']:,.1f} m shorter "
            f"than pysewer's best; cheaper by {len(cheaper)} of {len(BOOKS)} books."
        )
        if "route, profile" in best:
            print(f"Routing and profile: {best['route, profile'] / row['route, profile']:,.0f} times faster.")


def on_its_graph(folder: Path, solvers: list[str], python: str | None) -> dict[str, dict[str, Any]]:
    """Rows of all designs over the connection graph."""
    connection = read_connection(folder / "graph.json")
    prices = {name: laying_prices(book) for name, book in BOOKS.items()}
    rows: dict[str, dict[str, Any]] = {}
    for solver in solvers:
        result = json.loads((folder / f"{solver}.json").read_text())
        rows[f"pysewer {solver}, this run"] = row_of(built_by_pysewer(connection, result), prices) | seconds_of(result)
        arcs = numbered_arcs(connection, [(p["from"], p["to"]) for p in result["pipes"]])
        rows[f"pysewer {solver}'s tree, our profile"] = row_of(built(connection, arcs, prices["pump = 1,000 m"]), prices)
    for worth_m, rounds in SEARCHES:
        name = f"sewerzone on that graph, a pump worth {worth_m:,.0f} m{', ways round pumps' * bool(rounds)}"
        found = ours(connection, prices["pump = 1,000 m"], worth_m, rounds)
        rows[name] = row_of(found.design, prices) | {"route, profile": found.seconds}
        if python:
            tails, heads = connection.tail[found.arcs].tolist(), connection.head[found.arcs].tolist()
            (folder / "ours.json").write_text(json.dumps(list(zip(tails, heads, strict=True))))
            run_pysewer(python, folder, "lay", str(folder / "ours.json"))
            laid = built_by_pysewer(connection, json.loads((folder / "laid.json").read_text()))
            rows[f"{name}, pysewer's profile"] = row_of(laid, prices)
    rows["shortest tree on that graph, proven"] = {"length": least_length_m(connection)}
    return rows


def row_of(design: Built, prices: dict[str, LayingPrices]) -> dict[str, Any]:
    """Length, stations and yearly cost of a design."""
    private = int(design.is_private.sum())
    counts = {"length": float(design.length_m.sum()), "stations": len(design.head_m) - private, "private": private}
    return counts | {book: yen_per_yr(design, price) / 1e6 for book, price in prices.items()}


def seconds_of(result: dict[str, Any]) -> dict[str, float]:
    """pysewer's seconds by our stages."""
    spent = result["seconds"]
    stages = [spent["network"], spent["routing"] + spent["profile"], spent["write"]]
    return dict(zip(STAGES, [*stages, sum(stages)], strict=True))


def ours(connection: Connection, prices: LayingPrices, worth_m: float, rounds: int) -> Ours:
    """Our design on pysewer's graph, found with a pump at the price of so many metres of sewer, and so many rounds.

    The seconds are those of routing, search and the profile of the tree found.
    """
    prices = replace(prices, pump_yen_per_yr=worth_m * float(prices.trench_yen_per_m_yr[0, 0]))
    there = streets(connection, prices, SLOPE_WEIGHTS if rounds else SLOPE_WEIGHTS[:1])
    ground, loads = there.ground, there.loads
    outlets = Outlets(there.roots, np.empty(0, np.int64), np.zeros(ground.nodes, bool))

    def search() -> Priced:
        start = cheapest(ground, loads, there.members, there.roots, None)
        if rounds:
            return refine(ground, loads, start, outlets, rounds)
        return descended(ground, loads, start, outlets, np.zeros(1, np.int64))

    found, search_s = after_warm_up(search)
    arcs = arcs_of(connection, there, found.trees)
    forest, _ = forest_on(connection, arcs)
    _, lay_s = after_warm_up(lambda: lay(forest, ground.rules, prices))
    return Ours(built(connection, arcs, prices), arcs, search_s + lay_s)


def from_files() -> dict[str, Any]:
    """Our own plan: read, design, write (all tables, no pictures)."""
    with tempfile.TemporaryDirectory() as folder:
        study = write_study(Path(folder))
        inputs, read_s = after_warm_up(lambda: sz.read(study))
        plan, run_s = after_warm_up(lambda: sz.run(inputs))
        _, write_s = after_warm_up(lambda: write(plan, Path(folder) / "plan"))
    connected = plan.laterals[plan.laterals["status"] == "connected"]
    assert len(connected) == int(plan.buildings["dwellings"].gt(0).sum()), "every house is on the sewer"
    first = plan.pipes.groupby("from_manhole_id")["dwellings"].first()
    private = int((first.reindex(plan.pumps["manhole_id"]) <= 1.0).sum())
    wall = {s["stage"]: float(s["seconds"]) for s in plan.run["stages"]}
    network = sum(wall[s] for s in ("prepare", "cluster", "network")) / sum(wall.values())
    return {
        "length": float(plan.pipes["length_m"].sum() + connected["length_m"].sum()),
        "stations": len(plan.pumps) - private,
        "private": private,
        "read, network": read_s + network * run_s,
        "route, profile": (1.0 - network) * run_s,
        "write": write_s,
        "all": read_s + run_s + write_s,
    }


def after_warm_up(run: Callable[[], Any], runs: int = 3) -> tuple[Any, float]:
    """What a function returns, and its least CPU seconds after a first run that compiles and fills caches."""
    run()
    spent = []
    for _ in range(runs):
        start = cpu_seconds()
        result = run()
        spent.append(cpu_seconds() - start)
    return result, min(spent)


def prepared(folder: Path) -> list[str]:
    """The input files, the terrain as a copy: pysewer writes to it."""
    terrain = folder / "dem.tif"
    shutil.copyfile(FILES[0], terrain)
    return [str(terrain), *map(str, FILES[1:])]


def run_pysewer(python: str, folder: Path, verb: str, *arguments: str) -> None:
    """``run_pysewer.py`` in pysewer's own Python."""
    command = [python, str(HERE / "run_pysewer.py"), verb, str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"run_pysewer.py {verb} failed:\n{done.stderr}")


def write_study(folder: Path) -> Path:
    """The study of the comparison, by the same rules."""
    feature = {"type": "Feature", "properties": {"kind": "outlet"}, "geometry": {"type": "Point", "coordinates": OUTLET}}
    crs = {"type": "name", "properties": {"name": "EPSG:32640"}}
    (folder / "outlet.geojson").write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    study = folder / "study.toml"
    rules = DESIGN.model_dump(mode="json", exclude_defaults=True) | {"manhole_spacing_m": 75.0, "ground_tolerance_m": 0.3}
    study.write_text(
        f"""
[study]
name = "Oman"
crs = "EPSG:32640"
language = "en"
[inputs]
buildings = "{FILES[2]}"
roads = "{FILES[1]}"
terrain = ["{FILES[0]}"]
plants = "outlet.geojson"
[network]
max_lateral_m = 1000.0
share_laterals_over_m = 20.0
[route]
max_link_m = 20000.0
free_slope_permille = 4.5
search_rounds = {SEARCH_ROUNDS}
slope_weights = {list(SLOPE_WEIGHTS)}
[cost]
book = "{OWN_BOOK}"
[zoning]
method = "all_sewer"
[design]
"""
        + "\n".join(f"{key} = {value}" for key, value in rules.items())
    )
    return study


if __name__ == "__main__":
    main()
