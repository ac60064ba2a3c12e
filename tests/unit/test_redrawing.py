"""A redrawing small enough to add up by hand, the figures Fuji printed, hostile names, and sums that are conserved."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from sewerzone import api, pipeline, tables
from sewerzone.cli import cli
from sewerzone.errors import SewerzoneError
from sewerzone.model import Plan
from sewerzone.output.changes import printed
from sewerzone.stages import redrawing
from sewerzone.stages.redrawing import areas
from tests import hamlet
from tests.plans import CRS, _box, _plan, _point, frame, study

HOSTILE = "=cmd()|'/c calc'<script>alert(1)</script>\u202eabc" + "長" * 10_000


def plan(second: str = "西") -> Plan:
    """Served houses, two units on one system, two with tanks; a unit is 100 m high, houses stand in a row."""
    houses = [
        *((x, 1.0, "served", None) for x in (20, 60)),
        (120, 4.0, "sewer", 0),
        (160, 6.0, "sewer", 0),
        *((x, 1.0, "johkasou", 1) for x in (310, 330, 350, 370)),
        (550, 8.0, "sewer", 2),
        *((x, 1.0, "johkasou", 3) for x in (810, 830, 860, 870, 880)),
        (450, 0.0, "none", None),
    ]
    dwellings = np.array([h[1] for h in houses])
    in_west = [h[0] >= 300 for h in houses]
    return _plan(
        study("en", second),
        buildings=frame(
            tables.BUILDINGS,
            [_point(h[0], 50) for h in houses],
            dwellings=dwellings,
            people=2.5 * dwellings,
            status=["dwelling"] * 14 + ["shed"],
            treatment=[h[2] for h in houses],
            unit_id=[h[3] for h in houses],
            is_served=[h[2] == "served" for h in houses],
            district_id=[int(w) for w in in_west],
        ),
        districts=frame(tables.DISTRICTS, [_box(0, -100, 300, 300), _box(300, -100, 700, 300)], name=["東", second]),
        units=frame(
            tables.UNITS,
            [_box(100, 0, 100, 100), _box(300, 0, 100, 100), _box(500, 0, 200, 100), _box(800, 0, 100, 100)],
            buildings=[2, 4, 1, 5],
            dwellings=[10.0, 4.0, 8.0, 5.0],
            people=[25.0, 10.0, 20.0, 12.5],
            treatment=["sewer", "johkasou", "sewer", "johkasou"],
            system_id=[0, None, 0, None],
            district_id=[0, 1, 1, 1],
            margin_yen_per_yr=[7e5, 2e5, 1e5, 5e4],
            johkasou_yen_per_yr=[7.5e5, 3e5, 6e5, 3.75e5],
        ),
        options=frame(
            tables.OPTIONS,
            unit_id=[0, 1, 2, 3],
            option="connect",
            is_possible=True,
            sewer_m=[300.0, 400.0, 350.0, 500.0],
            pumps=[0, 1, 0, 0],
            total_yen_per_yr=[9e5, 4.9e5, 5.2e5, 4.3e5],
            rank=1,
        ),
        costs=frame(
            tables.COSTS,
            option="plan",
            unit_id=[None, 1, 3],
            system_id=[0, None, None],
            item=["sewer", "johkasou_5", "johkasou_5"],
            capital_yen_per_yr=[1.5e6, 1e5, 1.25e5],
            upkeep_yen_per_yr=[3e5, 2e5, 2.5e5],
            is_in_plan=True,
        ),
        systems=frame(tables.SYSTEMS, [_point(100, 50)], kind="connect", units=2, dwellings=18.0),
        pipes=frame(tables.PIPES, [shapely.LineString([(0, 0), (1, 0)])], system_id=0, length_m=[900.0]),
        pumps=frame(tables.PUMPS, [_point(300, 50), _point(400, 50)], system_id=0),
        served_areas=frame(tables.SERVED_AREAS, [_box(0, 0, 100, 100)]),
        zones=frame(
            tables.ZONES,
            [
                _box(0, 0, 100, 100),
                shapely.union(_box(100, 0, 100, 100), _box(500, 0, 200, 100)),
                _box(300, 0, 100, 100),
                _box(800, 0, 100, 100),
            ],
            treatment=["served", "sewer", "johkasou", "johkasou"],
            area_ha=[1.0, 3.0, 1.0, 1.0],
        ),
    )


def today() -> gpd.GeoDataFrame:
    """150 m x 400 m in the east, and half of the last unit; the two polygons overlap with a third."""
    return gpd.GeoDataFrame(geometry=[_box(0, -50, 400, 150), _box(800, 0, 50, 100), _box(0, -50, 50, 150)], crs=CRS)


def total(listed: pd.DataFrame) -> pd.DataFrame:
    return listed[listed["scope"] == "total"].set_index("change")


def test_redrawing_adds_up_by_hand() -> None:
    found = redrawing.compare(plan(), today())
    by = total(found.redrawing)
    assert by["area_ha"].to_dict() == pytest.approx(
        {
            "stays_sewer": 2.0,
            "stays_johkasou": 0.5,
            "sewer_to_johkasou": 1.5,
            "johkasou_to_sewer": 2.0,
            "nobody": 3.0,
            "split": 0.0,
        }
    )
    assert by["dwellings"].to_dict() == {
        "stays_sewer": 12.0,
        "stays_johkasou": 3.0,
        "sewer_to_johkasou": 6.0,
        "johkasou_to_sewer": 8.0,
        "nobody": 0.0,
        "split": 0.0,
    }
    assert by["buildings"].tolist() == [4, 3, 6, 1, 1, 0]
    assert by["units"].tolist() == [1, 0, 1, 1, 0, 1]
    # 900 m, 2 pumps and 1.8 million yen are shared by 18 dwellings; 4 of 4 and 2 of 5 dwellings leave the sewer
    assert by.loc["sewer_to_johkasou", "old_sewer_m"] == pytest.approx(400.0 + 0.4 * 500.0)
    assert by.loc["sewer_to_johkasou", "old_pumps"] == pytest.approx(1.0)
    assert by.loc["johkasou_to_sewer", "new_sewer_m"] == pytest.approx(900.0 * 8 / 18)
    assert by.loc["johkasou_to_sewer", "old_sewer_m"] == pytest.approx(0.0)
    assert by["saving_yen_per_yr"].to_dict() == pytest.approx(
        {
            "stays_sewer": 0.0,
            "stays_johkasou": 0.0,
            "sewer_to_johkasou": 200_000 + 0.4 * 50_000,
            "johkasou_to_sewer": 100_000,
            "nobody": 0.0,
            "split": 0.0,
        }
    )
    effect = found.redrawing_effect.iloc[0]
    assert [effect[f"{w}_area_ha"] for w in ("old", "new", "moved", "empty")] == pytest.approx([6.5, 7.0, 0.5, 3.0])
    assert (effect["old_unserved_dwellings"], effect["new_unserved_dwellings"], effect["moved_dwellings"]) == (16.0, 18.0, 2.0)
    assert (effect["old_unserved_people"], effect["new_unserved_people"]) == (40.0, 45.0)
    assert effect["new_yen_per_yr"] == pytest.approx(1_800_000 + 300_000 + 375_000)
    assert effect["saving_yen_per_yr"] == pytest.approx(320_000)
    assert effect["saving_20_yr_yen"] == pytest.approx(6_400_000)
    assert effect["saving_50_yr_yen"] == pytest.approx(16_000_000)
    units = found.redrawn_units.set_index("unit_id")
    assert units["change"].tolist() == ["stays_sewer", "sewer_to_johkasou", "johkasou_to_sewer", "split"]
    assert units.loc[3, "old_sewer_share"] == pytest.approx(0.4)
    assert units["basis"].tolist() == ["nothing_moves", "by_margin", "by_margin", "by_margin"]


def test_where_all_had_tanks_the_old_plan_costs_all_tanks_whatever_houses_a_unit_leaves_out() -> None:
    new = plan()
    left_out = new.buildings["dwellings"] == 6.0  # of the 10 dwellings of a sewered unit keep tanks of 500,000 yen a year
    houses = new.buildings.assign(treatment=new.buildings["treatment"].mask(left_out, "johkasou"))
    own = new.costs.iloc[[1]].assign(unit_id=0, capital_yen_per_yr=2e5, upkeep_yen_per_yr=3e5)
    new = replace(new, buildings=houses, costs=pd.concat([new.costs, own], ignore_index=True))
    effect = redrawing.compare(new, gpd.GeoDataFrame(geometry=[_box(0, 0, 100, 100)], crs=CRS)).redrawing_effect.iloc[0]
    assert effect["new_yen_per_yr"] == pytest.approx(1_800_000 + 500_000 + 300_000 + 375_000)
    assert effect["old_yen_per_yr"] == pytest.approx(new.units["johkasou_yen_per_yr"].sum())


def test_districts_add_up_to_the_total() -> None:
    found = redrawing.compare(plan(), today())
    numbers = ["area_ha", "units", "buildings", "dwellings", "people", "old_sewer_m", "new_yen_per_yr", "saving_yen_per_yr"]
    parts = found.redrawing[found.redrawing["scope"] != "total"].groupby("change")[numbers].sum()
    pd.testing.assert_frame_equal(
        parts, total(found.redrawing).loc[parts.index, numbers], check_names=False, check_dtype=False, check_index_type=False
    )
    effect = found.redrawing_effect
    east, west = (effect[effect["district"] == d].iloc[0] for d in ("東", "西"))
    assert east["old_area_ha"] == pytest.approx(4.5)
    assert west["saving_yen_per_yr"] == pytest.approx(320_000)
    assert found.redrawn_areas["area_ha"].sum() == pytest.approx(6.5 + 2.0 + 0.5)
    assert shapely.area(shapely.union_all(found.redrawn_areas.geometry.to_numpy())) == pytest.approx(90_000)


def test_served_houses_count_as_sewer_wherever_the_old_area_lies() -> None:
    found = redrawing.compare(plan(), today().iloc[[1]])
    by = total(found.redrawing)
    assert by.loc["stays_sewer", "dwellings"] == 2.0
    assert by.loc["stays_sewer", "area_ha"] == pytest.approx(1.0)
    assert "served_outside: 2" in found.run["notes"]


def test_maps_show_what_is_studied_and_not_all_that_is_sewered() -> None:
    far = pd.concat([today(), gpd.GeoDataFrame(geometry=[_box(50_000, 0, 9_000, 9_000)], crs=CRS)], ignore_index=True)
    found = redrawing.compare(plan(), far)
    assert found.redrawn_areas.total_bounds[2] - found.redrawn_units.total_bounds[0] > 50_000
    west, south, east, north = printed.window(found)
    assert (east - west, north - south) == (880.0, 100.0), "houses and units"


def test_two_plans_compare_by_what_each_costs() -> None:
    new = plan()
    units = new.units.assign(
        treatment=["sewer", "sewer", "johkasou", "johkasou"], system_id=pd.array([0, 0, None, None], dtype="Int64")
    )
    houses = new.buildings.assign(
        treatment=new.buildings["unit_id"].map(units.set_index("unit_id")["treatment"]).fillna(new.buildings["treatment"])
    )
    costs = new.costs.assign(unit_id=pd.array([None, 2, 3], dtype="Int64"), upkeep_yen_per_yr=[1.1e6, 6e5, 2.5e5])
    zones = new.zones.assign(treatment=["served", "sewer", "sewer", "johkasou"])
    old = replace(
        new,
        units=units,
        buildings=houses,
        costs=costs,
        zones=zones.set_geometry([zones.geometry[0], _box(100, 0, 100, 100), _box(300, 0, 100, 100), _box(800, 0, 100, 100)]),
        pumps=new.pumps.iloc[:1],
    )
    found = redrawing.compare(new, old)
    effect = found.redrawing_effect.iloc[0]
    assert effect["old_yen_per_yr"] == pytest.approx(1.5e6 + 1.1e6 + 7e5 + 3.75e5)
    assert effect["saving_yen_per_yr"] == pytest.approx(3.675e6 - 2.475e6)
    assert (effect["old_pumps"], effect["new_pumps"]) == pytest.approx((1.0, 2.0))
    assert found.redrawn_units["change"].tolist() == ["stays_sewer", "sewer_to_johkasou", "johkasou_to_sewer", "stays_johkasou"]
    same = redrawing.compare(new, new)
    assert same.redrawing_effect["saving_yen_per_yr"].abs().max() == 0.0
    assert total(same.redrawing).loc[["sewer_to_johkasou", "johkasou_to_sewer"], "area_ha"].sum() == 0.0


def test_figures_fuji_printed() -> None:
    """富士市生活排水処理長期計画 (April 2018): 6,091 -> 5,991 ha; 12,977 -> 11,131 houses; 30,845 -> 26,014 people."""
    both = {"district_id": pd.array([None, None], dtype="Int64"), "change": ["stays_sewer", "sewer_to_johkasou"]}
    areas = pd.DataFrame({**both, "area_ha": [5991.0, 100.0]})
    houses = pd.DataFrame(
        {
            **both,
            "treatment": ["sewer", "johkasou"],
            "dwellings": [11_131.0, 1_846.0],
            "people": [26_014.0, 4_831.0],
            "old_sewer_m": 0.0,
            "new_sewer_m": 0.0,
            "old_pumps": 0.0,
            "new_pumps": 0.0,
            "old_yen_per_yr": [0.0, 177e6],
            "new_yen_per_yr": [0.0, 100e6],
        }
    )
    districts = pd.DataFrame({"district_id": [], "name": [], "code": []})
    listed = redrawing.summary(areas, pd.DataFrame(both), houses, districts, np.zeros((2, 3)))
    effect = redrawing.effects(listed, houses).iloc[0]
    assert (effect["old_area_ha"], effect["new_area_ha"]) == (6091.0, 5991.0)
    assert (effect["old_unserved_dwellings"], effect["new_unserved_dwellings"], effect["moved_dwellings"]) == (
        12_977,
        11_131,
        -1_846,
    )
    assert (effect["old_unserved_people"], effect["new_unserved_people"], effect["moved_people"]) == (30_845, 26_014, -4_831)
    assert effect["saving_yen_per_yr"] == 77e6
    assert round(effect["saving_20_yr_yen"] / 1e9, 2) == 1.54
    assert round(effect["saving_50_yr_yen"] / 1e9, 2) == 3.85


def stored(there: Path, name: str = "西") -> tuple[Path, Path]:
    """The plan with its old area as files; the area has a column that tells its kind."""
    api.Plan(**vars(plan(name))).write(there / "plan", maps=False)
    old = pd.concat(
        [today(), gpd.GeoDataFrame(geometry=[_box(500, 0, 200, 100), _box(90_000, 0, 9, 9)], crs=CRS)], ignore_index=True
    )
    old.assign(kind=[1, 1, 1, 2, 1]).to_crs(4326).to_file(there / "old.gpkg")
    return there / "old.gpkg", there / "plan"


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(cli, ["compare", *map(str, arguments)], catch_exceptions=False)


def test_command_writes_everything_and_hostile_names_do_no_harm(tmp_path: Path) -> None:
    old, new = stored(tmp_path, HOSTILE)
    done = run(old, new, "--only", "kind=1", "--language", "en")
    assert done.exit_code == 0, done.output
    assert "Saves in 1 year 0.32, in 20 years 6.40, in 50 years 16.00 million yen" in done.output
    assert "left out: 1" in done.output
    out = new / "redrawing"
    assert {p.name for p in out.iterdir()} == {
        "redrawing.gpkg",
        "redrawing.json",
        "redrawing.xlsx",
        "households.csv",
        "changes.png",
        "changes.pdf",
        "changes.html",
    }
    page = (out / "changes.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert not re.search(r"src=.https?:", page)
    raw = (out / "households.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    listed = pd.read_csv(out / "households.csv")
    assert len(listed) == 7
    assert listed["District"].str.startswith("'=cmd").all()
    assert not {"people", "People"} & set(listed.columns)
    book = openpyxl.load_workbook(out / "redrawing.xlsx")
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert all(c.value.startswith("=SUM(") for c in cells)
    layers = gpd.read_file(out / "redrawing.gpkg", layer="redrawn_areas")
    assert layers["area_ha"].sum() == pytest.approx(9.0, abs=0.01)
    assert json.loads((out / "redrawing.json").read_text("utf-8"))["redrawing_effect"][0]["saving_50_yr_yen"] == pytest.approx(
        16e6
    )


def test_python_interface_and_refusals(tmp_path: Path) -> None:
    old, new = stored(tmp_path)
    found = api.compare(old, new, only="kind=1")
    assert found.redrawing_effect.loc[0, "saving_yen_per_yr"] == pytest.approx(320_000)
    for arguments, told in (
        ({"only": "kind=7"}, "none of 0 polygons"),
        ({"only": "class=1"}, "no column 'class'"),
        ({"only": "kind"}, "COLUMN=VALUE"),
    ):
        with pytest.raises(SewerzoneError, match=told):
            api.compare(old, new, **arguments)
    with pytest.raises(SewerzoneError, match="OLD"):
        api.compare(tmp_path / "none.gpkg", new)
    assert api.compare(new / "plan.gpkg:zones", new).redrawing_effect.loc[0, "moved_area_ha"] == pytest.approx(0.0)
    assert run(old, tmp_path).exit_code == 1


def test_the_old_area_is_laid_out_where_the_study_is_given() -> None:
    """Twenty houses by the served end and four far out: today's plan sewers both, the new one what is cheaper."""
    houses = hamlet.row(60, 12) + hamlet.row(1500, 4)
    settings = {"cluster": {"limit_distance_m": 30.0, "served_limit_distance_m": 10.0, "absorb_round_served": False}}
    served = {"served_areas": hamlet.layer([hamlet.box(-100, -50, 30, 50)])}
    inputs = hamlet.study(houses, [hamlet.line((-50, 0), (1700, 0))], hamlet.rising_east(5), settings, **served)
    new = pipeline.run(inputs)
    assert new.units["treatment"].tolist() == ["sewer", "johkasou"]
    old = hamlet.layer([hamlet.box(-100, -60, 1800, 60)])
    laid = pipeline.run(redrawing.forced(inputs, new, old))
    assert laid.units["treatment"].tolist() == ["sewer", "sewer"]
    found = redrawing.compare(new, old, laid)
    effect = found.redrawing_effect.iloc[0]
    assert effect["saving_yen_per_yr"] == pytest.approx(laid.run["plan_yen_per_yr"] - new.run["plan_yen_per_yr"])
    assert effect["saving_yen_per_yr"] > 0.0
    assert effect["old_sewer_m"] == pytest.approx(laid.pipes["length_m"].sum())
    assert found.redrawn_units["basis"].tolist() == ["two_plans", "two_plans"]
    by_margin = redrawing.compare(new, old).redrawing_effect.iloc[0]
    assert by_margin["saving_yen_per_yr"] == pytest.approx(effect["saving_yen_per_yr"], rel=0.05)


def test_a_study_file_stands_for_its_plan_and_prices_the_old_area_of_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`report STUDY` is `report STUDY's folder/out`; --study goes where `compare` takes it, and alone says what to write."""
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(api, "compare", lambda *given: asked.append(given))
    monkeypatch.setattr("sewerzone.binder.bind", lambda plan, *_: asked.append((plan,)) or [])
    monkeypatch.setattr("sewerzone.io.load.load", lambda folder: folder)
    study = tmp_path / "study.toml"
    study.write_text("", encoding="utf-8")
    call = CliRunner().invoke
    assert call(cli, ["report", str(study), "--against", "a.shp", "--study", str(study)]).exit_code == 0
    assert asked == [("a.shp", tmp_path / "out", None, study), (tmp_path / "out",)]
    alone = call(cli, ["report", str(tmp_path / "out"), "--study", str(study)])
    assert alone.exit_code == 2
    assert f"sewerzone report {study}" in " ".join(alone.output.split())
    assert call(cli, ["compare", "a.shp", str(tmp_path / "none.toml")]).exit_code != 0, "no such study: a folder of this name"


def test_districts_given_as_points_have_the_area_that_is_nearest_to_them() -> None:
    """Ten by twenty metres of zone between two points and a third at the place of the first: halves, all told once."""
    zones = gpd.GeoDataFrame({"treatment": ["sewer"]}, geometry=[shapely.box(0, 0, 20, 10)], crs=CRS)
    spots = [shapely.Point(5, 5), shapely.Point(15, 5), shapely.Point(5, 5)]
    points = gpd.GeoDataFrame({"district_id": [0, 1, 2]}, geometry=spots, crs=CRS)
    old = areas.surface(np.array([shapely.box(0, 0, 5, 10)], dtype=object))
    found = areas.overlay(zones, old, points).set_index(["district_id", "change"])["area_ha"] * 1e4
    assert found.to_dict() == pytest.approx(
        {(0, "stays_sewer"): 50, (0, "johkasou_to_sewer"): 50, (1, "johkasou_to_sewer"): 100}
    )
    alone = areas.overlay(zones, old, points.iloc[:1])
    assert alone["area_ha"].sum() * 1e4 == pytest.approx(200.0)
    assert alone["district_id"].tolist() == [0, 0]
