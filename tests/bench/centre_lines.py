"""Centre lines derived from areas and outlines of roads, beside the lines the areas were drawn round.

    python tests/bench/centre_lines.py           # real streets of Sendai drawn as areas and outlines; a sample town's plan
    python tests/bench/centre_lines.py --large   # 474 km as 20,000 areas as well

With pygeoops installed (BSD, Voronoi of GEOS) its centre lines of the same area stand beside ours.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from measure import DATA, table
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))
import sewerzone as sz
from sewerzone import samples
from sewerzone.formats import axis_lines, centre_lines
from tests.e2e.conftest import call

ALONG = np.linspace(0.0, 1.0, 21)
HEADER = ["what", "CPU s", "km", "off the known lines: median, 99 %", "known lines off: 99 %", "components", "junctions"]


def streets(name: str) -> tuple[gpd.GeoDataFrame, NDArray[Any]]:
    """Real streets with real widths, and their areas."""
    roads = gpd.read_file(DATA / "jp_sendai_osm_gsi" / f"{name}.gpkg", layer="roads").to_crs(6678).query("4 <= width_m < 16")
    return roads, shapely.buffer(roads.geometry.to_numpy(), roads["width_m"].to_numpy() / 2.0, cap_style="flat")


def off_m(some: NDArray[Any], others: NDArray[Any], share: float) -> float:
    """Distance from the others that so great a share of the length does not exceed."""
    points = shapely.line_interpolate_point(np.repeat(some, len(ALONG)), np.tile(ALONG, len(some)), normalized=True)
    away = shapely.STRtree(others).query_nearest(points, return_distance=True, all_matches=False)[1]
    weight = np.repeat(shapely.length(some), len(ALONG))
    order = np.argsort(away)
    return float(away[order][np.searchsorted(np.cumsum(weight[order]), share * weight.sum())])


def row(title: str, known: NDArray[Any], run: Callable[[], NDArray[Any]]) -> list[str]:
    """One line of the table."""
    start = time.process_time()
    lines = run()
    cpu = time.process_time() - start
    component, degree = axis_lines.components(lines)
    return [
        title, f"{cpu:.1f}", f"{shapely.length(lines).sum() / 1e3:.1f}",
        f"{off_m(lines, known, 0.5):.2f}, {off_m(lines, known, 0.99):.1f} m", f"{off_m(known, lines, 0.99):.1f} m",
        f"{component.max() + 1:,}", f"{(degree > 2).sum():,}",
    ]  # fmt: skip


def voronoi(area: NDArray[Any]) -> NDArray[Any]:
    """pygeoops' centre lines, borders sampled every two metres."""
    import pygeoops  # type: ignore[import-not-found]

    return shapely.get_parts(
        shapely.line_merge(shapely.union_all(pygeoops.centerline(area, densify_distance=2.0, min_branch_length=6.0)))
    )


def geometry(large: bool) -> None:
    """Lines against the lines they should be."""
    roads, areas = streets("sendai_small_tile")
    known = shapely.get_parts(shapely.node(shapely.union_all(roads.geometry.to_numpy())))
    whole = shapely.union_all(areas)
    edges = shapely.get_parts(shapely.boundary(whole))
    houses = gpd.read_file(DATA / "jp_sendai_osm_gsi" / "sendai_small_tile.gpkg", layer="buildings").to_crs(6678)
    places = shapely.line_interpolate_point(edges, np.random.default_rng(1).random((8, len(edges))), normalized=True).ravel()
    gaps = shapely.union_all(shapely.buffer(places, 4.0))
    broken = shapely.get_parts(shapely.difference(shapely.union_all(edges), gaps))
    rows = [
        row("the known lines themselves", known, lambda: axis_lines.merged(known)),
        row("areas", known, lambda: centre_lines.of_areas(areas).line),
        row("closed outlines", known, lambda: centre_lines.of_outlines(edges).line),
        row("outlines with gaps", known, lambda: centre_lines.of_outlines(broken).line),
        row(
            "outlines with gaps, buildings known",
            known,
            lambda: centre_lines.of_outlines(broken, houses.geometry.to_numpy()).line,
        ),
    ]
    if importlib.util.find_spec("pygeoops"):
        rows.append(row("areas, by pygeoops", known, lambda: voronoi(shapely.get_parts(whole))))
    if large:
        roads, areas = streets("sendai_yagiyama_nagamachi")
        west, south, east, north = shapely.total_bounds(areas)
        x, y = (v.ravel() for v in np.meshgrid(np.arange(west, east, 95.0), np.arange(south, north, 95.0)))
        grid = shapely.box(x, y, x + 95.0, y + 95.0)
        area, cell = shapely.STRtree(grid).query(areas)
        pieces = shapely.get_parts(shapely.intersection(areas[area], grid[cell]))
        title = f"{len(pieces):,} areas"
        rows.append(row(title, roads.geometry.to_numpy(), lambda: centre_lines.of_areas(pieces).line))
    print(table(HEADER, rows))


def plans() -> None:
    """What a plan costs on derived roads."""
    sample = samples.town(300, 1)
    on_ground = sample.roads[
        (sample.roads["highway"] != "motorway") & (sample.roads["bridge"] != "yes") & (sample.roads["tunnel"] != "yes")
    ]
    lines = on_ground.geometry.to_numpy()
    areas = shapely.buffer(lines, np.random.default_rng(1).uniform(1.5, 3.0, len(lines)), cap_style="flat")
    edges = shapely.get_parts(shapely.boundary(shapely.union_all(areas)))
    made = {
        "the known lines": lines,
        "areas": centre_lines.of_areas(areas).line,
        "outlines": centre_lines.of_outlines(edges, sample.buildings.geometry.to_numpy()).line,
    }
    rows = []
    with tempfile.TemporaryDirectory() as spare:
        call("new", Path(spare) / "town", "--dwellings", 300)
        inputs = sz.read(Path(spare) / "town" / "study.toml")
        for title, held in made.items():
            roads = gpd.GeoDataFrame({"derived_from": ["known"] * len(held)}, geometry=held, crs=sample.crs)
            plan = sz.run(replace(inputs, roads=roads))
            cost = plan.run["plan_yen_per_yr"]
            rows.append([title, f"{cost / 1e6:.2f}", f"{plan.pipes.length.sum() / 1e3:.2f}"])
    print(table(["roads from", "plan, million yen a year", "km of sewers"], rows))


if __name__ == "__main__":
    geometry("--large" in sys.argv)
    plans()
