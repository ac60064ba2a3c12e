"""``sewerzone check`` on what a run accepts though it can hardly be meant: each with its numbers, its place and its remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from click.testing import CliRunner
from pyproj import Transformer

from sewerzone import samples
from sewerzone.cli import cli
from sewerzone.config import load
from sewerzone.formats import mesh
from sewerzone.io.checking import Findings, check
from sewerzone.io.read import read
from sewerzone.io.study import write_sample
from sewerzone.output import check_text
from sewerzone.samples.town import Sample
from tests.agency import building, dataset, elevation_sheet, shapefile, zipped

CRS = "EPSG:6676"
Change = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def sample() -> Sample:
    return samples.town(150, 1)


@pytest.fixture
def study(sample: Sample, tmp_path: Path) -> Path:
    """The town: nothing to warn of."""
    return write_sample(sample, tmp_path / "town")


def changed(study: Path, layer: str, change: Change) -> None:
    """Write a layer of the town anew."""
    path = study.parent / "town.gpkg"
    change(gpd.read_file(path, layer=layer)).to_file(path, layer=layer, mode="w")


def with_line(study: Path, start: str, line: str) -> None:
    text, found = re.subn(rf"^{re.escape(start)}.*$", lambda _: line, study.read_text("utf-8"), count=1, flags=re.M)
    assert found == 1
    study.write_text(text, "utf-8")


def outlined(study: Path, area: shapely.Geometry) -> None:
    gpd.GeoDataFrame({"code": ["22210"], "name": ["見本市"]}, geometry=[area], crs=CRS).to_file(study.parent / "outline.gpkg")
    text = study.read_text("utf-8")
    study.write_text(text.replace("# code = ", "code = ").replace("# boundary = ", "boundary = "), "utf-8")
    with_line(study, "code = ", 'code = "22210"')
    with_line(study, "boundary = ", 'boundary = "outline.gpkg"')


def only(found: Findings, part: str) -> str:
    """The one warning that speaks of something; each says why it matters and what to do."""
    assert not found.problems
    (said,) = [w for w in found.warnings if part in w]
    assert "Why it matters: " in said
    assert "What to do: " in said
    return said


def number(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    assert found, (pattern, text)
    return float(found[1].replace(",", ""))


def mesh_of(x: float, y: float) -> str:
    return mesh.code(*Transformer.from_crs(CRS, 6668, always_xy=True).transform(x, y), 8)


def test_nothing_to_warn_of(study: Path) -> None:
    found = check(study)
    assert found.problems == ()
    assert found.warnings == ()
    assert check_text.text(vars(found), "en").endswith("No problems.")
    assert check_text.text(vars(found), "ja").endswith("問題はない。")


def test_holes_in_the_ground(study: Path, sample: Sample) -> None:
    at = sample.buildings.centroid
    house = at.iloc[0]
    away = np.maximum(abs(at.x - house.x), abs(at.y - house.y))
    with rasterio.open(study.parent / "terrain.tif", "r+") as raster:
        values = raster.read(1)
        row, column = np.indices(values.shape)
        x, y = rasterio.transform.xy(raster.transform, row.ravel(), column.ravel())
        hole = (abs(np.array(x) - house.x) <= 50) & (abs(np.array(y) - house.y) <= 50)
        values.ravel()[hole] = raster.nodata
        raster.write(values, 1)
        cell = raster.res[0]
    found = check(study)
    said = only(found, "ground elevation is unknown at")
    count = number(said, r"unknown at ([\d,]+) of 166 buildings")
    assert (away < 50 - cell).sum() <= count <= (away < 50 + cell).sum()
    assert f"in mesh {mesh_of(house.x, house.y)}: " in said
    assert "DEM10B" in said
    outlined(study, shapely.box(*sample.buildings.buffer(150).total_bounds))
    said = only(check(study), "ground is unknown on")
    first = number(said, r"patch(?:es)?: ([\d.]+) ha") * 1e4  # the one with houses before those of the rim
    assert (100 - 2 * cell) ** 2 <= first <= (100 + 2 * cell) ** 2
    x_m, y_m = number(said, r"at x ([-\d,]+)"), number(said, r", y ([-\d,]+)")
    assert np.hypot(x_m - house.x, y_m - house.y) < 40
    assert number(said, r"\), (\d+) building") >= (away < 50 - cell).sum()


def test_sheets_missing_inside_the_municipality(study: Path, sample: Sample, tmp_path: Path) -> None:
    rings = [np.asarray(g.exterior.coords).tolist() for g in sample.buildings.to_crs(6668).geometry]
    spot = sample.buildings.to_crs(6668).geometry.iloc[0].centroid
    here = mesh.code(spot.x, spot.y, 6)
    zipped(
        study.parent / "bld.zip",
        {f"FG-GML-{here}-BldA-20240101-0001.xml": dataset([building(f"f{i}", [r]) for i, r in enumerate(rings)])},
    )
    roads = sample.roads.to_crs(6668)
    table = {"N13_002": ["1"] * len(roads), "N13_003": ["3"] * len(roads), "N13_006": ["2"] * len(roads)}
    (study.parent / "n13").mkdir()
    shapefile(study.parent / "n13" / f"N13-24_{here[:4]}.shp", table, list(roads.geometry))
    with_line(study, "buildings = ", 'buildings = "bld.zip"')
    with_line(study, "roads = ", 'roads = "n13"')
    area = shapely.box(*sample.districts.total_bounds)
    outlined(study, area)
    assert check(study).warnings == ()
    west, south, _, _ = area.bounds
    outlined(study, area | shapely.box(west - 9000, south, west, south + 500))
    said = only(check(study), "lacks")
    (lost,) = re.findall(r"municipality: (\d{6}) \(", said)
    assert lost == mesh.code(*Transformer.from_crs(CRS, 6668, always_xy=True).transform(west - 8000, south + 250), 6)
    assert "inputs.buildings: bld.zip lacks 1 sheet" in said
    assert "fetch the sheets" in said
    box = mesh.bounds([lost])[0]
    share = shapely.box(*box).intersection(gpd.GeoSeries([area | shapely.box(west - 9000, south, west, south + 500)], crs=CRS)
                                           .to_crs(6668).iloc[0]).area / shapely.box(*box).area  # fmt: skip
    assert f"({share:.0%} of it in the municipality, " in said


def test_elevation_sheets_missing(study: Path, sample: Sample) -> None:
    west, south, east, north = sample.buildings.buffer(400).to_crs(6668).total_bounds
    codes = sorted({mesh.code(x, y, 8) for x in (west, (west + east) / 2, east) for y in (south, (south + north) / 2, north)})
    assert len(codes) >= 2
    (study.parent / "dem").mkdir()
    for code in codes:
        w, s, _, _ = mesh.bounds([code])[0]
        name = f"FG-GML-{code[:4]}-{code[4:6]}-{code[6:]}-DEM5A-20240101.xml"
        (study.parent / "dem" / name).write_text(elevation_sheet(s, w, 0.2, np.full((150, 225), 30.0)), "utf-8")
    with_line(study, "terrain = ", 'terrain = ["dem"]')
    outlined(study, shapely.box(*sample.buildings.total_bounds))
    assert not [w for w in check(study).warnings if "lacks" in w]
    counts = gpd.GeoSeries(sample.buildings.to_crs(6668).centroid).map(lambda p: mesh.code(p.x, p.y, 8)).value_counts()
    gone = str(counts.index[-1])
    next((study.parent / "dem").glob(f"*-{gone[6:]}-DEM5A*")).unlink()
    found = check(study)
    assert f"lacks 1 sheet inside the municipality: {gone} (" in only(found, "lacks")
    assert f"mesh {gone}: " in only(found, "ground elevation is unknown at")


def test_datums_that_do_not_go_together(study: Path, sample: Sample) -> None:
    table = {"name": list(sample.districts["name"]), "people": list(sample.districts["people"]),
             "dwellings": list(sample.districts["dwellings"])}  # fmt: skip
    shapefile(study.parent / "old.shp", table, list(sample.districts.to_crs(4612).geometry), 4612)
    with_line(study, "districts = ", 'districts = "old.shp"')
    said = only(check(study), "datums")
    assert "files are in 2 datums: JGD2000: districts (old.shp); JGD2011: " in said
    assert "buildings (town.gpkg:buildings)" in said
    assert "terrain.tif" in said
    assert "up to 5 m" in said


def test_a_system_of_another_place(study: Path) -> None:
    """Zone I some 800 km to the east of its origin: PROJ's scale there is 1 + x² / 2R² = 1.0081."""
    assert not [note for note in read(load(study), study.parent).notes if "off at" in note]
    with_line(study, "crs = ", 'crs = "EPSG:6669"')
    said = only(check(study), "off at")
    assert "JGD2011 / Japan Plane Rectangular CS I draws lengths" in said
    assert number(said, r"lengths \+([0-9.]+)% off at") == pytest.approx(0.8, abs=0.15)
    assert "EPSG:6676" in said
    assert said in read(load(study), study.parent).notes, "a run tells of it as well"


def test_heights_that_do_not_go_together(study: Path, sample: Sample) -> None:
    west, south, _, _ = sample.buildings.to_crs(6668).total_bounds
    for name, datum, at in (("old", "jgd2000", south), ("new", "jgd2011", south - 0.01)):
        (study.parent / f"FG-GML-{name}-DEM5A.xml").write_text(
            elevation_sheet(at, west, 0.2, np.full((20, 20), 30.0), datum=datum), "utf-8"
        )
    with_line(study, "terrain = ", 'terrain = ["terrain.tif", "FG-GML-new-DEM5A.xml", "FG-GML-old-DEM5A.xml"]')
    said = only(check(study), "heights are counted from")
    assert "JGD2000: FG-GML-old-DEM5A.xml; JGD2011: FG-GML-new-DEM5A.xml" in said
    with rasterio.open(study.parent / "terrain.tif") as raster:
        profile, values = raster.profile, raster.read(1)
    with rasterio.open(study.parent / "two.tif", "w", **{**profile, "crs": "EPSG:6676+6695"}) as raster:
        raster.write(values, 1)
    with_line(study, "terrain = ", 'terrain = ["two.tif", "FG-GML-old-DEM5A.xml"]')
    assert "JGD2000: FG-GML-old-DEM5A.xml; JGD2011: two.tif" in only(check(study), "heights are counted from")
    with_line(study, "terrain = ", 'terrain = ["two.tif"]')
    assert check(study).warnings == ()


@pytest.mark.parametrize(("factor", "said"), [(10.0, "people per dwelling"), (0.05, "people per dwelling")])
def test_people_that_do_not_fit_the_houses(study: Path, sample: Sample, factor: float, said: str) -> None:
    changed(study, "districts", lambda d: d.assign(people=d["people"] * factor))
    text = only(check(study), said)
    people, dwellings = sample.districts["people"].sum() * factor, sample.districts["dwellings"].sum()
    assert f"{people / dwellings:,.1f} in the whole study ({people:,.0f} over {dwellings:,.0f})" in text
    assert "not within 1 to 6" in text


def test_a_district_whose_people_do_not_fit(study: Path, sample: Sample) -> None:
    first = sample.districts["people"].idxmax()
    factor = np.where(sample.districts.index == first, 4.0, 1.0)
    changed(study, "districts", lambda d: d.assign(people=d["people"] * factor))
    text = only(check(study), "people per dwelling")
    row = sample.districts.loc[first]
    assert "whole study" not in text
    assert (
        f"{row['name']} {row['people'] * 4 / row['dwellings']:,.1f} ({row['people'] * 4:,.0f} over {row['dwellings']:,.0f})"
        in text
    )


def test_floor_area_that_does_not_fit(study: Path, sample: Sample) -> None:
    changed(study, "buildings", lambda b: b.assign(floor_area_m2=9.0))
    assert "not within 10 to 250" in only(check(study), "m2 of floor per person")


def test_districts_that_leave_houses_out(study: Path, sample: Sample) -> None:
    first = sample.districts.geometry.iloc[0]
    changed(study, "districts", lambda d: d.iloc[1:])
    said = only(check(study), "lie in none")
    homes = check(study).summary["building_statuses"]["dwelling"]
    inside = sample.buildings.centroid.within(first)
    count = number(said, r"inputs.districts: ([\d,]+) of")
    assert f" of {homes:,} homes lie in none" in said
    assert 0 < count <= inside.sum()
    spots = sample.buildings.centroid[inside]
    assert set(re.findall(r"(\d{8}): ", said)) <= {mesh_of(p.x, p.y) for p in spots}


def test_layers_that_do_not_meet(study: Path, sample: Sample) -> None:
    changed(study, "barriers", lambda b: b.set_geometry(b.translate(30_000.0, 0.0)))
    changed(study, "served_areas", lambda s: s.set_geometry(s.translate(3_000.0, 0.0)))
    found = check(study)
    assert "town.gpkg:barriers has no row in the study area" in only(found, "inputs.barriers")
    assert "none of 166 buildings lies in its 1 areas" in only(found, "inputs.served_areas")
    west = sample.buildings.total_bounds[0]
    changed(study, "roads", lambda r: r[r.bounds["minx"] > west + 400.0])
    said = only(check(study), "inputs.roads")
    usable = sample.roads[sample.roads.bounds["minx"] > west + 400.0].union_all()
    assert (
        0
        < number(said, r"inputs.roads: ([\d,]+) of 166 buildings lie more than 300 m")
        <= (sample.buildings.centroid.distance(usable) > 290).sum()
    )


def test_all_at_once_and_as_json(study: Path, sample: Sample) -> None:
    changed(study, "districts", lambda d: d.iloc[1:].assign(people=d["people"] * 10))
    changed(study, "barriers", lambda b: b.set_geometry(b.translate(30_000.0, 0.0)))
    done = CliRunner().invoke(cli, ["check", str(study), "--json"])
    assert done.exit_code == 0, "a run goes on"
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["problems"] == []
    assert [w.split(":")[0] for w in told["warnings"]] == [
        "people per dwelling", "m2 of floor per person", "inputs.districts", "inputs.barriers"
    ]  # fmt: skip
    plain = CliRunner().invoke(cli, ["check", str(study), "--language", "en"]).output
    assert "4 warnings (a run goes on):" in plain
    assert "\n  4. " in plain
    with_line(study, "cover_min_m = ", "cover_min_m = -1")
    done = CliRunner().invoke(cli, ["check", str(study), "--json"])
    assert done.exit_code == 1
    assert len(json.loads(done.stdout)["warnings"]) == 4, "beside the problems"
