"""A study made of nothing but files as agencies publish them: SYNTHETIC ones, written from a synthetic town."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

import sewerzone as sz
from sewerzone import samples
from sewerzone.errors import ConfigError, DataError, NetworkError, TerrainError
from sewerzone.samples.town import Sample
from tests.agency import (
    building,
    carriageway,
    city,
    dataset,
    elevation_sheet,
    footprint,
    road_edge,
    shapefile,
    water_area,
    zipped,
)
from tests.e2e.conftest import call

DEGREES = "EPSG:6668"
CELL_S = 0.2
STUDY = """
[study]
crs = "EPSG:6676"
name = "見本町"
[inputs]
buildings = "{buildings}"
roads = "N13-24_5238_SHP.zip"
terrain = "dem"
districts = "A002005212020DDSWC22999.zip"
served_areas = "2020_did_ddsw_22.zip"
barriers = "FG-GML-523857-ALL-20240101.zip"
"""


@pytest.fixture(scope="module")
def sample() -> Sample:
    return samples.town(150, 1)


@pytest.fixture(scope="module")
def folder(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything an analyst would download for the town."""
    path = tmp_path_factory.mktemp("agency")
    houses = sample.buildings.to_crs(DEGREES)
    rings = [np.asarray(g.exterior.coords).tolist() for g in houses.geometry]
    sheets = [building(f"f{i}", [r]) for i, r in enumerate(rings)]
    water = [water_area(f"w{i}", list(g.exterior.coords)) for i, g in enumerate(sample.barriers.to_crs(DEGREES).geometry)]
    edges = [road_edge(f"r{i}", list(g.coords)) for i, g in enumerate(sample.roads.to_crs(DEGREES).geometry)]
    zipped(
        path / "FG-GML-523857-ALL-20240101.zip",
        {"FG-GML-523857-BldA-20240101-0001.xml": dataset(sheets[:100]),
         "FG-GML-523857-BldA-20240101-0002.xml": dataset(sheets[90:]),
         "FG-GML-523857-WA-20240101-0001.xml": dataset(water),
         "FG-GML-523857-RdEdg-20240101-0001.xml": dataset(edges)},
    )  # fmt: skip
    (path / "52385706_bldg_6697_op.gml").write_text(
        city({f"bldg_{i}": f"<bldg:usage>411</bldg:usage>{footprint(r)}" for i, r in enumerate(rings)}), "utf-8"
    )
    roads = sample.roads.to_crs(DEGREES)
    kind = np.where(roads["highway"] == "motorway", "4", "3")
    state = np.where(roads["bridge"] == "yes", "2", np.where(roads["tunnel"] == "yes", "3", "1"))
    table = {"N13_002": ["1"] * len(roads), "N13_003": kind, "N13_004": state, "N13_006": ["2"] * len(roads)}
    _packed(path, "N13-24_5238_SHP.zip", "N13-24_5238", table, roads)
    towns = sample.districts.to_crs(DEGREES)
    count = len(towns)
    table = {"KEY_CODE": [f"22999{i:04d}" for i in range(count)], "PREF": ["22"] * count, "CITY": ["999"] * count,
             "S_NAME": towns["name"], "CITY_NAME": ["見本町"] * count, "HCODE": [8101] * count,
             "JINKO": towns["people"].round().astype(int), "SETAI": towns["dwellings"].round().astype(int)}  # fmt: skip
    _packed(path, "A002005212020DDSWC22999.zip", "r2ka22999", table, towns)
    areas = sample.served_areas.to_crs(DEGREES)
    table = {"KEN": ["22"], "CITY": ["999"], "CITYNAME": ["見本町"], "CLASS": [1], "JINKO": [100], "MENSEKI": [0.1]}
    _packed(path, "2020_did_ddsw_22.zip", "r02_did_22", table, areas)
    (path / "dem").mkdir()
    _terrain(sample, path / "dem")
    return path


def _packed(folder: Path, name: str, stem: str, table: dict[str, Any], frame: gpd.GeoDataFrame) -> None:
    spare = folder / f"spare_{stem}"
    spare.mkdir()
    shapefile(spare / f"{stem}.shp", {k: list(v) for k, v in table.items()}, list(frame.geometry))
    zipped(folder / name, {f"{stem}/{p.name}": p.read_bytes() for p in sorted(spare.iterdir())})
    for part in spare.iterdir():
        part.unlink()
    spare.rmdir()


def _terrain(sample: Sample, folder: Path) -> None:
    """DEM5A in two sheets with a hole, DEM10B beneath."""
    to_plane = Transformer.from_crs(DEGREES, sample.crs, always_xy=True)
    west, south, east, north = sample.buildings.buffer(250).to_crs(DEGREES).total_bounds

    def ground(south_cell: int, west_cell: int, rows: int, columns: int, seconds: float) -> Any:
        x = (west_cell + np.arange(columns) + 0.5) * seconds / 3600
        y = (south_cell + np.arange(rows)[::-1] + 0.5) * seconds / 3600
        return sample.terrain.sample(*to_plane.transform(*(a.ravel() for a in np.meshgrid(x, y)))).reshape(rows, columns)

    left, low = int(west * 3600 / CELL_S), int(south * 3600 / CELL_S)
    columns, rows = int(east * 3600 / CELL_S) - left, int(north * 3600 / CELL_S) - low
    half = columns // 2
    for name, start, wide in (("30-00", left, half), ("30-01", left + half, columns - half)):
        elevation = ground(low, start, rows, wide, CELL_S)
        elevation[40:60, 10:30] = np.nan
        text = elevation_sheet(low * CELL_S / 3600, start * CELL_S / 3600, CELL_S, elevation)
        (folder / f"FG-GML-SYNTHETIC-{name}-DEM5A-20240101.xml").write_text(text, "utf-8")
    coarse = ground(low // 2, left // 2, rows // 2 + 1, columns // 2 + 1, 2 * CELL_S)
    text = elevation_sheet(low // 2 * 2 * CELL_S / 3600, left // 2 * 2 * CELL_S / 3600, 2 * CELL_S, coarse)
    zipped(folder / "FG-GML-5238-57-DEM10B.zip", {"FG-GML-SYNTHETIC-DEM10B-20240101.xml": text})


def study(folder: Path, name: str = "study.toml", **changed: str) -> Path:
    text = STUDY.format(buildings=changed.pop("buildings", "FG-GML-523857-ALL-20240101.zip"))
    for key, value in changed.items():
        line = next(row for row in text.splitlines() if row.startswith(f"{key} = "))
        text = text.replace(line, f"{key} = {value}")
    (folder / name).write_text(text, "utf-8")
    return folder / name


def test_study_of_agency_files_alone(sample: Sample, folder: Path, tmp_path: Path) -> None:
    done = call("run", study(folder), "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    plan = sz.load(tmp_path / "out")
    assert len(plan.buildings) == len(sample.buildings), "houses on the border of sheets once"
    assert plan.buildings["people"].sum() == pytest.approx(sample.districts["people"].round().sum())
    assert len(plan.roads) == len(sample.roads)
    assert set(plan.roads["kind"]) >= {"ordinary"}
    assert plan.barriers["kind"].tolist() == ["water"]
    said = " ".join(plan.run["warnings"])
    assert "BldA: 2 sheets read as one" in said
    assert "delivered more than once, kept once" in said
    assert "2 sheets of DEM5A" in said
    assert re.search(r"DEM10B, cells of 0.4 seconds gave [\d,]+ cells where", said)
    manholes = plan.manholes
    x, y = shapely.get_coordinates(manholes.geometry.to_numpy()).T
    assert np.abs(manholes["ground_elev_m"] - sample.terrain.sample(x, y)).max() < 1.5


def test_plateau_buildings_and_patterns(sample: Sample, folder: Path) -> None:
    inputs = sz.read(study(folder, "plateau.toml", buildings="*_bldg_6697_op.gml", terrain='["dem/*DEM5A*.xml", "dem/*.zip"]'))
    assert len(inputs.buildings) == len(sample.buildings)
    assert set(inputs.buildings["use"]) == {"411"}
    ours = sample.buildings.union_all()
    assert inputs.buildings.union_all().symmetric_difference(ours).area < 1e-4 * ours.area
    assert set(inputs.hashes) >= {"*_bldg_6697_op.gml", "dem/*DEM5A*.xml"}
    assert not np.isnan(inputs.terrain.elevation_m).all()


def test_roads_derived_from_carriageways(sample: Sample, folder: Path) -> None:
    """PLATEAU's areas of carriageways in place of lines: the plan costs nearly the same."""
    roads = sample.roads
    width = np.where(roads["highway"] == "motorway", 12.0, 4.0)
    areas = gpd.GeoSeries(roads.geometry.buffer(width / 2.0, cap_style="flat"), crs=sample.crs).to_crs(DEGREES)
    code = np.where(roads["highway"] == "motorway", "1", "4")
    on_ground = ((roads["bridge"] != "yes") & (roads["tunnel"] != "yes")).to_numpy()
    members = {f"tran_{i}": carriageway(list(areas[i].exterior.coords), code[i]) for i in np.flatnonzero(on_ground)}
    (folder / "tran").mkdir()
    (folder / "tran" / "52385706_tran_6697_op.gml").write_text(city(members, "tran:Road"), "utf-8")
    derived = sz.run(sz.read(study(folder, "tran.toml", roads='"tran"')))
    known = sz.run(sz.read(study(folder, "n13.toml")))
    assert any("centre lines derived from areas of carriageways" in w for w in derived.run["warnings"])
    assert "motorway" in set(derived.roads["kind"]), "the area's class tells what takes no sewer"
    cost, other = (p.run["plan_yen_per_yr"] for p in (derived, known))
    assert cost == pytest.approx(other, rel=0.05)
    findings = call("check", study(folder, "tran.toml", roads='"tran"'))
    assert findings.exit_code == 0, findings.output
    assert "道路の面から道路中心線を作った" in findings.stdout


def test_road_edges_that_are_none_are_refused(folder: Path) -> None:
    path = study(folder, "edges.toml", roads='"FG-GML-523857-ALL-20240101.zip"')
    with pytest.raises(NetworkError, match=r"inputs.roads: .*outlines of carriageways \(道路縁\).*N13"):
        sz.read(path)
    path = study(folder, "wrong.toml", districts='"N13-24_5238_SHP.zip"')
    with pytest.raises(ConfigError, match=r"inputs.districts: .* holds roads, nothing for districts"):
        sz.read(path)


def test_check_tells_of_damaged_files(folder: Path, tmp_path: Path) -> None:
    whole = (folder / "FG-GML-523857-ALL-20240101.zip").read_bytes()
    (folder / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (folder / "cut.xml").write_text((folder / "52385706_bldg_6697_op.gml").read_text("utf-8")[:-100], "utf-8")
    for key, value, kind, said in (
        ("barriers", '"cut.zip"', DataError, "inputs.barriers: .*cut.zip is damaged"),
        ("barriers", '"cut.xml"', ConfigError, "holds buildings, nothing for barriers"),
        ("terrain", '"cut.zip"', TerrainError, "inputs.terrain: .*cut.zip is damaged"),
        ("terrain", '"nowhere"', ConfigError, "there is no file"),
    ):
        with pytest.raises(kind, match=said):
            sz.read(study(folder, "bad.toml", **{key: value}))
    (folder / "cut.zip").unlink()
    (folder / "cut.xml").unlink()


def test_new_writes_a_study_on_agency_files(folder: Path, tmp_path: Path) -> None:
    done = call(
        "new", tmp_path / "mine", "--buildings", folder / "*_bldg_6697_op.gml", "--roads",
        folder / "N13-24_5238_SHP.zip", "--terrain", folder / "dem", "--districts", folder / "A002005212020DDSWC22999.zip",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "study.crs = EPSG:6676 is the plane rectangular zone of municipality 22999" in done.stderr
    inputs = sz.read(tmp_path / "mine" / "study.toml")
    assert inputs.config.study.crs == "EPSG:6676"
    assert pd.notna(inputs.districts["people"]).all()
