"""Studies on real files as agencies deliver them, as far as files of one place are at hand; else the rest is SYNTHETIC."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import sewerzone as sz
from sewerzone.io.checking import check
from sewerzone.stages import prepare
from tests.agency import SHARED
from tests.e2e.conftest import call

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="real files are not at hand")
KSJ, TOWNS = SHARED / "jp_ksj_estat", "population_town_2020_pts"


def test_fringe_of_sendai_in_its_ward_and_did(tmp_path: Path) -> None:
    """Outline (KSJ N03) and densely inhabited districts (e-Stat) of the whole prefecture, as downloaded."""
    path = tmp_path / "study.toml"
    sendai = SHARED / "jp_sendai_osm_gsi"
    path.write_text(
        f"""[study]
crs = "EPSG:6678"
[inputs]
buildings = "{sendai}/sendai_west_fringe.gpkg:buildings"
roads = "{sendai}/sendai_west_fringe.gpkg:roads"
terrain = "{sendai}/sendai_west_fringe_dem.tif"
served_areas = "{KSJ}/did/r02_did_04_miyagi.geojson"
districts = {{ path = "{sendai}/sendai_west_fringe.gpkg", layer = "{TOWNS}", columns = {{ people = "total_pop" }} }}
[municipality]
boundary = "{KSJ}/n03/N03-21_04_210101_simplified.geojson"
code = "04101"
""",
        "utf-8",
    )
    inputs = sz.read(path)
    assert inputs.municipality["name"] == "仙台市青葉区"
    assert inputs.municipality["buildings"]["in_file"] == 5_182
    own = inputs.municipality["buildings"]["own"]
    assert len(inputs.buildings) == own
    wards = gpd.read_file(KSJ / "n03" / "N03-21_04_210101_simplified.geojson").to_crs(6678)
    ward = wards[wards["N03_007"] == "04101"].union_all()
    assert own == shapely.intersects(ward, inputs.buildings.representative_point().to_numpy()).sum()
    others = {k: v for k, v in inputs.municipality["buildings"].items() if k in ("neighbours", "nowhere")}
    assert own + sum(others.values()) == 5_182, "each building is someone's or nobody's"
    clean = prepare.clean(inputs)
    did = gpd.read_file(KSJ / "did" / "r02_did_04_miyagi.geojson").to_crs(6678).union_all()
    inside = shapely.intersects(did, clean.buildings.centroid.to_numpy())
    assert clean.buildings["is_served"].mean() == pytest.approx(inside.mean(), abs=0.01)
    found = check(path)
    assert found.problems == ()
    assert {w.partition(":")[0] for w in found.warnings} <= {
        "inputs.terrain", "inputs.roads", "people per dwelling", "m2 of floor per person"
    }, "no layer lies elsewhere, no datum but JGD2011 and WGS 84"  # fmt: skip


def test_taketomi_from_sheets_to_a_plan(tmp_path: Path) -> None:
    """A real FGD DEM5B delivery (zip of XML) and the island's real roads; the houses along them are SYNTHETIC points."""
    island = SHARED / "jp_taketomi_dem5b_roads"
    roads = gpd.read_file(island / "road.shp")
    lines = roads.geometry[roads.length > 30.0].to_numpy()
    at = np.concatenate([shapely.line_interpolate_point(lines, share, normalized=True) for share in (0.3, 0.7)])
    middle = shapely.centroid(shapely.union_all(at))
    near = at[np.argsort(shapely.distance(at, middle), kind="stable")[:60]]
    gpd.GeoDataFrame(geometry=near, crs=roads.crs).to_file(tmp_path / "houses.gpkg")
    path = tmp_path / "study.toml"
    path.write_text(
        f'[study]\ncrs = "EPSG:6684"\n[inputs]\nbuildings = "houses.gpkg"\nroads = "{island}/road.shp"\n'
        f'terrain = "{island}/FG-GML-3624-30-DEM5B.zip"\n',
        "utf-8",
    )
    told = json.loads(call("check", path, "--json").stdout)
    assert told["problems"] == []
    assert told["summary"]["terrain"]["lowest_elev_m"] >= -0.1
    done = call("run", path, "--quiet")
    assert done.exit_code == 0, done.output
    plan = sz.load(tmp_path / "out")
    assert len(plan.buildings) == 60
    assert plan.units["dwellings"].sum() == 60
    assert any("8 sheets of DEM5B" in w or "sheets of DEM5B" in w for w in plan.run["warnings"])
