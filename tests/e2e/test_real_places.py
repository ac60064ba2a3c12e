"""Real municipalities through the command line; skipped where the data set is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.e2e.conftest import call

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SENDAI = DATA / "jp_sendai_osm_gsi"
OMAN = DATA / "om_pysewer_example"
OUTLET = {
    "type": "FeatureCollection",
    "crs": {"type": "name", "properties": {"name": "EPSG:32640"}},
    "features": [
        {
            "type": "Feature",
            "properties": {"kind": "outlet"},
            "geometry": {"type": "Point", "coordinates": [691350.0, 2553250.0]},
        }
    ],
}


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(out / "tables" / f"{name}.parquet")


@pytest.mark.skipif(not SENDAI.is_dir(), reason="no real data beside the repository")
def test_sendai(tmp_path: Path) -> None:
    layers = SENDAI / "sendai_west_fringe.gpkg"
    made = call(
        "new", tmp_path / "s", "--buildings", f"{layers}:buildings", "--roads", f"{layers}:roads", "--terrain",
        SENDAI / "sendai_west_fringe_dem.tif", "--served", f"{layers}:did_2020", "--districts",
        f"{layers}:population_town_2020_pts", "--crs", "EPSG:6678",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    done = call("run", tmp_path / "s" / "study.toml", "--json")
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert summary["totals"]["buildings"] == 5182
    assert sum(summary["totals"]["buildings_by_status"].values()) == 5182
    assert sum(facts["buildings"] for facts in summary["by_treatment"].values()) == 5182
    assert summary["totals"]["people"] == 17009
    buildings = table(tmp_path / "s" / "out", "buildings")
    assert buildings["people"].sum() == pytest.approx(17009, abs=1e-6)
    assert buildings["treatment"].notna().all()
    assert {"served", "sewer", "johkasou"} <= set(buildings["treatment"])
    run = json.loads((tmp_path / "s" / "out" / "run.json").read_text("utf-8"))
    assert run["plan_yen_per_yr"] == pytest.approx(summary["cost"]["total_yen_per_yr"], abs=1)


@pytest.mark.skipif(not OMAN.is_dir(), reason="no real data beside the repository")
def test_oman(tmp_path: Path) -> None:
    (tmp_path / "outlet.geojson").write_text(json.dumps(OUTLET))
    made = call(
        "new", tmp_path / "om", "--buildings", OMAN / "buildings_projected.shp", "--roads", OMAN / "roads_projected.shp",
        "--terrain", OMAN / "dem_10m1.tif", "--plants", tmp_path / "outlet.geojson", "--crs", "EPSG:32640",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    words = ["--set", "zoning.method=all_sewer", "--set", "network.max_lateral_m=1000", "--set", "route.max_link_m=20000"]
    done = call("run", tmp_path / "om" / "study.toml", *words, "--json")
    assert done.exit_code == 0, done.output
    buildings = table(tmp_path / "om" / "out", "buildings").set_index("building_id")
    assert len(buildings) == 800
    assert set(buildings["treatment"]) <= {"sewer", "johkasou"}
    laterals = table(tmp_path / "om" / "out", "laterals").set_index("building_id")["status"]
    left = buildings[buildings["treatment"] == "johkasou"]
    assert (laterals[buildings.index[buildings["treatment"] == "sewer"]] == "connected").all()
    assert (left["reason"].str.len() > 0).all()
    assert len(left) < 80  # the outlet can be reached along the roads from almost everywhere
    (system,) = table(tmp_path / "om" / "out", "systems").itertuples()
    assert system.dwellings == len(buildings) - len(left)
