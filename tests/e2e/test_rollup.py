"""The roll-up of a small prefecture: what stands in it is what stands in the plans, whatever they are called."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from sewerzone.batch import boundaries, rollup
from sewerzone.batch.area import Area
from sewerzone.batch.places import Place
from sewerzone.batch.remote import FarStore
from sewerzone.batch.store import Store
from sewerzone.io import gathered, geoparquet
from sewerzone.io.gathered import CRS_OF_ALL
from sewerzone.output.prefecture import content
from sewerzone.tables import ZONES
from sewerzone.tables.prefecture import ALL_UNITS, ALL_ZONES, EFFORT, MUNICIPAL_DISTRICTS, MUNICIPALITIES
from tests.browser import CHROMIUM, Browser
from tests.e2e.conftest import BROKEN, SIZES, call
from tests.prefectures import Prefecture, until

EVIL = '=cmd()|</script><script>alert(1)</script>\u202e"\x07&$x_{' + "長" * 10_000

SEEN = """[...document.querySelectorAll(".sz-list tbody tr")].map(row => {
  const cell = row.cells[0], edge = cell.getBoundingClientRect().right;
  return [...cell.querySelectorAll("small, .sz-failed")].filter(part => part.getBoundingClientRect().right <= edge)
    .map(part => part.innerText).join(" ");
}).sort()"""
"""What can be seen in the list of municipalities beside their names."""


def plan_table(out: Path, code: str, name: str) -> gpd.GeoDataFrame:
    return gpd.read_parquet(out / code / "tables" / f"{name}.parquet")


def made(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in rollup.FILES if (out / name).exists()}


def test_tables_hold_what_the_plans_hold(prefecture: Prefecture) -> None:
    out = prefecture.out
    rows = MUNICIPALITIES.conform(gpd.read_parquet(out / "municipalities.parquet")).set_index("code")
    assert rows["status"].to_dict() == {**dict.fromkeys(SIZES, "done"), BROKEN: "failed"}
    assert rows.loc[BROKEN].drop(["name", "status"]).isna().all()
    for code in SIZES:
        plan = json.loads((out / code / "summary.json").read_text("utf-8"))
        row = rows.loc[code]
        assert row["total_yen_per_yr"] == row["official_yen_per_yr"] == plan["cost"]["total_yen_per_yr"]
        assert row["sewer_m"] == plan["sewers"]["length_m"]
        assert row["sewer_people"] == plan["by_treatment"]["sewer"]["people"]
        assert row.geometry.contains_properly(plan_table(out, code, "zones").to_crs(CRS_OF_ALL).union_all())
    districts = MUNICIPAL_DISTRICTS.conform(pd.read_parquet(out / "municipal_districts.parquet"))
    sums = districts.groupby("code")[["dwellings", "people", "johkasou_people", "served_dwellings"]].sum()
    np.testing.assert_allclose(sums, rows.loc[list(SIZES), sums.columns].astype(float), atol=0.01)
    assert EFFORT.conform(pd.read_parquet(out / "effort.parquet"))["seconds"].gt(0).all()
    facts = json.loads((out / "summary.json").read_text("utf-8"))
    assert facts["municipalities"] == {"done": 3, "failed": 1, "not_run": 0}
    assert facts["totals"]["people"] == pytest.approx(rows["people"].sum())


def test_layers_hold_all_zones_and_units_in_one_crs(prefecture: Prefecture) -> None:
    out = prefecture.out
    for table, name in ((ALL_ZONES, "zones"), (ALL_UNITS, "units")):
        rows = table.conform(gpd.read_parquet(out / f"{table.name}.parquet"))
        layer = pyogrio.read_dataframe(out / "prefecture.gpkg", layer=table.name)
        assert rows.crs == layer.crs == CRS_OF_ALL
        assert list(layer["code"]) == list(rows["code"])
        assert list(layer.columns[:-1]) == table.names
        for code in SIZES:
            plan = plan_table(out, code, name)
            back = rows[rows["code"] == code].to_crs(plan.crs)
            assert len(plan) == len(back)
            moved = shapely.hausdorff_distance(plan.geometry.to_numpy(), back.geometry.to_numpy())
            assert moved.max() < 0.001
    west, south, east, north = rows.total_bounds
    near = (west, south, (west + east) / 2, north)
    sifted = geoparquet.read(str(out / "all_units.parquet"), ["code", "unit_id"], near)
    assert 0 < len(sifted) < len(rows)
    assert len(sifted) == rows.intersects(shapely.box(*near)).sum()  # boxes of units meet what units meet
    with_style = pyogrio.read_dataframe(out / "prefecture.gpkg", layer="layer_styles")
    assert set(with_style["f_table_name"]) == {"municipalities", "municipal_districts", "all_zones", "all_units"}
    assert "treatment" in with_style.set_index("f_table_name").loc["all_zones", "styleQML"]


def test_the_same_folders_give_the_same_bytes(prefecture: Prefecture, tmp_path: Path) -> None:
    shutil.copytree(prefecture.table.parent, tmp_path / "p")
    out = tmp_path / "p" / "out"
    before = made(out)
    (out / "prefecture.html").write_text("damaged")
    (out / "prefecture.gpkg-journal").write_bytes(b"of a killed process")
    said = call("batch", tmp_path / "p" / "areas.csv", "--out", out, "--no-maps", "--quiet", "--only", ",".join(SIZES))
    assert f"{out}/prefecture.html" in said.stdout, said.output
    after = made(out)
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == []


def test_names_do_no_harm(prefecture: Prefecture, tmp_path: Path) -> None:
    """What people call a municipality, and what went wrong with it, is text and nothing else."""
    shutil.copytree(prefecture.out, tmp_path / "out")
    areas = [Area(code, EVIL) for code in (*SIZES, BROKEN)]
    failures = [{"code": BROKEN, "name": EVIL, "kind": "DataError", "message": EVIL}]
    rollup.write(Store(tmp_path / "out"), areas, {**dict.fromkeys(SIZES, "done"), BROKEN: "failed"}, failures)
    page = (tmp_path / "out" / "prefecture.html").read_text("utf-8")
    assert page.count("<script") == page.count("</script>") == 2
    assert "\u202e" not in re.sub(r"drawPrefecture\(\{.*", "", page)
    data = json.loads(page.rpartition("drawPrefecture(")[2].partition(");</script>")[0])
    assert data["columns"]["name"] == [EVIL] * 4
    assert data["messages"] == [None, None, None, EVIL]
    if CHROMIUM is not None:
        with Browser() as browser:  # in the list a long name leaves room for its code and what became of it
            browser.send("Page.navigate", url=(tmp_path / "out" / "prefecture.html").as_uri())
            until(lambda: len(browser.run(SEEN)) == 4)
            assert browser.run(SEEN) == [*SIZES, f"{BROKEN} 失敗"]
    book = openpyxl.load_workbook(tmp_path / "out" / "prefecture.xlsx")
    named = [cell for sheet in book for line in sheet for cell in line if "cmd()" in str(cell.value)]
    assert len(named) > 8
    assert {cell.data_type for cell in named} == {"s"}
    assert not any("\u202e" in str(cell.value) or "\x07" in str(cell.value) for cell in named)
    assert set(gpd.read_parquet(tmp_path / "out" / "all_zones.parquet")["municipality"]) == {EVIL}


def test_totals_of_a_part_say_so(prefecture: Prefecture, tmp_path: Path) -> None:
    """In the summary, on the page and on every sheet with totals; and nothing of it where all are done."""
    whole = tmp_path / "out"
    shutil.copytree(prefecture.out, whole)
    areas = [Area(code, code) for code in SIZES]
    rollup.write(Store(whole), areas, dict.fromkeys(SIZES, "done"), [])
    for out, told in ((prefecture.out, "計画済み 3 市区町村のもの(全 4)"), (whole, "")):
        facts = json.loads((out / "summary.json").read_text("utf-8"))
        assert facts["totals_are_partial"] is bool(told)
        assert facts["not_in_totals"] == ([BROKEN] if told else [])
        page = (out / "prefecture.html").read_text("utf-8")
        said = json.loads(page.rpartition("drawPrefecture(")[2].partition(");</script>")[0])["partial"]
        assert (told in said["ja"]) if told else not any(said.values())
        book = openpyxl.load_workbook(out / "prefecture.xlsx")
        notes = [str(book[name].cell(2, 1).value or "") for name in ("要約", "市区町村別", "市区町村・地区別")]
        assert all(told in note if told else "一部" not in note for note in notes)


def test_buildings_in_no_municipality_are_told_beside_the_totals(prefecture: Prefecture, tmp_path: Path) -> None:
    shutil.copytree(prefecture.out, tmp_path / "out")
    areas = [Area(code, code) for code in SIZES]
    for lost, told in ((139, "建物139棟は合計にない"), (None, "建物の数は不明")):
        rollup.write(Store(tmp_path / "out"), areas, dict.fromkeys(SIZES, "done"), [], lost)
        facts = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
        assert (facts["totals_are_partial"], facts["buildings_in_no_municipality"]) == (True, lost)
        assert told in (tmp_path / "out" / "prefecture.html").read_text("utf-8")
        assert told in openpyxl.load_workbook(tmp_path / "out" / "prefecture.xlsx")["要約"].cell(2, 1).value


def test_page_asks_nothing_of_the_network(prefecture: Prefecture) -> None:
    page = (prefecture.out / "prefecture.html").read_text("utf-8")
    assert "default-src 'none'; script-src 'unsafe-inline'" in page
    code = page.partition("drawPrefecture({")[0]
    assert not re.search(r"<(link|img|iframe)|\bsrc\s*=\s*[\"']http|@import|url\([\"']?(http|//)", code)
    data: dict[str, Any] = json.loads(page.rpartition("drawPrefecture(")[2].partition(");</script>")[0])
    assert data["maps"] == [None] * 4  # --no-maps
    assert data["outlines"][3] is None
    assert "inputs.buildings" in data["messages"][3]
    places = data["places"]
    (x, y, *_), *_ = data["outlines"][0][0]
    assert data["bounds"][0][1] <= x / places <= data["bounds"][1][1]
    assert data["bounds"][0][0] <= y / places <= data["bounds"][1][0]
    assert data["texts"]["ja"].keys() == data["texts"]["en"].keys()


def test_workbook_adds_up_by_formulas(prefecture: Prefecture) -> None:
    live = openpyxl.load_workbook(prefecture.out / "prefecture.xlsx")
    shown = openpyxl.load_workbook(prefecture.out / "prefecture.xlsx", data_only=True)
    rows = gpd.read_parquet(prefecture.out / "municipalities.parquet")
    sheet, values = live["市区町村別"], shown["市区町村別"]
    column = MUNICIPALITIES.names.index("people") + 1
    assert sheet.cell(3, column).value == "=SUM(F5:F8)"
    assert values.cell(3, column).value == pytest.approx(rows["people"].sum())
    summary = [[cell.value for cell in line] for line in shown["要約"].iter_rows(min_row=4, max_col=4)]
    assert ["市区町村: 計画済み", 3, None, None] in summary
    assert next(line for line in summary if line[0] == "合計")[2] == pytest.approx(rows["people"].sum())
    assert "失敗した市区町村" in live.sheetnames


def test_far_storage_and_nothing_done(prefecture: Prefecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    store = FarStore(Place("memory://prefecture/out"))
    store.root.mkdir(parents=True)
    store.system.put(f"{prefecture.out}/", store.folder, recursive=True)
    areas = [Area(code, f"第{k}町") for k, code in enumerate(SIZES, 1)]
    rollup.write(store, areas, dict.fromkeys(SIZES, "done"), [])
    assert store.system.cat_file(f"{store.folder}/all_zones.parquet") == (prefecture.out / "all_zones.parquet").read_bytes()
    rollup.write(store, areas, dict.fromkeys(SIZES, "not run"), [])
    assert json.loads(store.system.cat_file(f"{store.folder}/summary.json"))["municipalities"]["not_run"] == 3
    assert not store.system.exists(f"{store.folder}/prefecture.gpkg-wal")


def test_plans_in_different_systems_meet(tmp_path: Path) -> None:
    place = gpd.GeoSeries([shapely.Point(138.5, 35.0).buffer(0.01)], crs=6668)
    row = {"zone_id": 1, "treatment": "sewer", "system_id": None, "units": 1, "dwellings": 1.0, "people": 1.0, "area_ha": 1.0}
    parts = []
    for code, crs in (("1", 6676), ("2", 6677), ("3", 2450)):
        plan = ZONES.conform(gpd.GeoDataFrame([row], geometry=place.to_crs(crs).to_numpy(), crs=crs))
        parts.append(gathered.rows(ALL_ZONES, plan.assign(code=code, municipality="町")))
    gathered.write(tmp_path, [(ALL_ZONES, parts)], "en")
    rows = gpd.read_parquet(tmp_path / "all_zones.parquet")
    assert list(rows["code"]) == ["1", "2", "3"]
    assert shapely.hausdorff_distance(rows.geometry.to_numpy(), place[0]).max() < 1e-5


def test_coarse_areas_keep_to_their_budget() -> None:
    points = np.random.default_rng(1).uniform(0, 3000, (400, 2))
    zones = gpd.GeoDataFrame(
        {"treatment": ["sewer", "johkasou"] * 200}, geometry=shapely.buffer(shapely.points(points), 25.0), crs=6677
    )
    for most in (20_000, 1000, 100):
        drawn = content.coarse_areas(zones, most, 6677)
        assert sum(map(shapely.get_num_coordinates, drawn.values())) <= most
        assert all(shapely.is_valid(shape) for shape in drawn.values())
    near = content.coarse_areas(zones, 20_000, 6677)["sewer"]
    own = zones.geometry[zones["treatment"] == "sewer"].union_all()
    assert shapely.area(shapely.difference(own, near)) < 0.12 * shapely.area(own)
    half = content.within(content.coarse_areas(zones, 20_000, 6677), shapely.box(0, 0, 1500, 3000))
    assert shapely.total_bounds(list(half.values()))[2] <= 1500


def test_a_page_that_would_be_heavy_is_drawn_coarser() -> None:
    points = np.random.default_rng(1).uniform((138.0, 35.0), (138.03, 35.03), (400, 2))
    areas = {"sewer": shapely.union_all(shapely.buffer(shapely.points(points), 0.0003))}
    drawn = {code: content.Drawn(shapely.box(138, 35, 138.03, 35.03), areas) for code in "ab"}
    assert content.few_enough(drawn) is drawn
    light = content.few_enough(drawn, 6000)
    assert sum(shapely.get_num_coordinates(d.areas["sewer"]) for d in light.values()) <= 6000
    assert shapely.area(shapely.difference(areas["sewer"], light["a"].areas["sewer"])) < 0.2 * shapely.area(areas["sewer"])


def test_outlines_come_from_the_boundary_layer(tmp_path: Path) -> None:
    """Also for a municipality whose study cannot be read, where others name the layer."""
    done = call("new", tmp_path / "p", "--dwellings", 400, "--municipalities", 2)
    assert done.exit_code == 0, done.output
    study = str(tmp_path / "p" / "study.toml")
    layer = gpd.read_file(tmp_path / "p" / "boundaries.gpkg")
    one, other = layer["N03_007"]
    areas = [Area(one, "", study, (f'municipality.code="{one}"',)), Area(other, "", study, ("zoning.method=7",))]
    found = boundaries.outlines(areas, layer.crs)
    assert shapely.equals(found[one], layer.geometry[0])
    assert shapely.equals(found[other], layer.geometry[1])
    assert boundaries.outlines(areas[1:], layer.crs) == {}
