"""Writing and loading a plan: the GeoPackage, the identity, and that nothing is ever half done."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from sewerzone import tables
from sewerzone.errors import DataError
from sewerzone.io.geopackage import BACK_TO_FRONT, FIXED_DATE, _values
from sewerzone.io.load import load
from sewerzone.io.wkb import wkb
from sewerzone.io.write import OWN_FILES, write
from sewerzone.tables import ALL_TABLES, FINDINGS, PIPES
from tests.plans import frame, small_plan, wide_plan


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plan") / "out"
    write(small_plan(language="ja", name="試験町"), out)
    return out


def query(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def bytes_of(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


def test_every_table_is_a_layer_and_every_layer_has_its_rows(written: Path) -> None:
    assert sorted(BACK_TO_FRONT) == sorted(t.name for t in ALL_TABLES)
    layers = dict(pyogrio.list_layers(written / "plan.gpkg"))
    plan = small_plan()
    asked = [t for t in ALL_TABLES if t not in FINDINGS]
    assert set(layers) & {t.name for t in ALL_TABLES} == {t.name for t in asked}
    for table in asked:
        frame = pyogrio.read_dataframe(written / "plan.gpkg", layer=table.name)
        assert len(frame) == len(getattr(plan, table.name)), table.name
        assert set(table.names) <= set(frame.columns)
        assert (layers[table.name] is not None) == (table.geometry is not None)
    assert layers["zones"] == "MultiPolygon"
    assert layers["districts"] == "Unknown"  # empty, of any geometry


def test_styles_are_registered_as_qgis_needs_them(written: Path) -> None:
    gpkg = written / "plan.gpkg"
    assert query(gpkg, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'") == [("attributes",)]
    dates = {d for (d,) in query(gpkg, "SELECT update_time FROM layer_styles UNION SELECT last_change FROM gpkg_contents")}
    assert all(d.startswith("2000-01-01T") and d.endswith("Z") for d in dates)
    rows = query(gpkg, "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles")
    assert {r[0] for r in rows} == {t.name for t in ALL_TABLES if t not in FINDINGS}
    columns = {r[0]: r[1] for r in query(gpkg, "SELECT table_name, column_name FROM gpkg_geometry_columns")}
    for name, geometry_column, default, text in rows:
        assert default == 1
        assert geometry_column == columns.get(name, "")
        root = ET.fromstring(text.partition("\n")[2])
        assert len(root.findall("aliases/alias")) == len(next(t for t in ALL_TABLES if t.name == name).columns)
    qml = {r[0]: ET.fromstring(r[3].partition("\n")[2]) for r in rows}
    filters = [r.get("filter") for r in qml["zones"].iter("rule")]
    assert "\"treatment\" = 'johkasou'" in filters
    labels = [r.get("label") for r in qml["zones"].iter("rule")]
    assert "浄化槽区域(個別処理)" in labels
    symbols = {s.get("name") for s in qml["pipes"].iter("symbol")}
    assert symbols == {r.get("symbol") for r in qml["pipes"].iter("rule")} - {None}
    alias = {a.get("field"): a.get("name") for a in qml["units"].iter("alias")}
    assert alias["area_ha"] == "面積 (ha)"


def test_field_aliases_follow_the_schema_extension(written: Path) -> None:
    gpkg = written / "plan.gpkg"
    title = query(gpkg, "SELECT title FROM gpkg_data_columns WHERE table_name='pipes' AND column_name='diameter_mm'")
    assert title == [("管径 (mm)",)]
    extensions = query(gpkg, "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'")
    assert ("gpkg_data_columns",) in extensions


def test_every_pipe_is_drawn_by_exactly_one_rule(written: Path) -> None:
    (text,) = query(written / "plan.gpkg", "SELECT styleQML FROM layer_styles WHERE f_table_name = 'pipes'")[0]
    filters = [r.get("filter") for r in ET.fromstring(text.partition("\n")[2]).iter("rule")]
    hits = " + ".join(f"({f})" for f in filters)
    assert query(written / "plan.gpkg", f"SELECT DISTINCT {hits} FROM pipes") == [(1,)]


def test_run_table_tells_origin_without_times(written: Path) -> None:
    run = dict(query(written / "plan.gpkg", "SELECT key, value FROM run"))
    assert run["config.study.name"] == "試験町"
    assert run["stages.prepare.rows"] == "8"
    assert not [k for k in run if "seconds" in k or "started" in k]


def test_numbers_are_rounded_for_reading_but_whole_in_parquet(written: Path) -> None:
    pipes = pyogrio.read_dataframe(written / "plan.gpkg", layer="pipes")
    assert pipes["flow_l_per_s"].iloc[0] == 0.123
    assert pipes["ground_up_elev_m"].iloc[0] == 20.123
    assert pyogrio.read_dataframe(written / "plan.gpkg", layer="units")["break_even_yen_per_m"].iloc[0] in (81_234, 81_235)
    assert gpd.read_parquet(written / "tables" / "pipes.parquet")["ground_up_elev_m"].iloc[0] == 20.1234567
    before = small_plan().pipes
    _values(PIPES, before)
    pd.testing.assert_frame_equal(before, small_plan().pipes)


def test_shapes_become_the_bytes_that_geos_makes_of_them() -> None:
    points = shapely.points([0.0, -1e9, 0.1], [1.5, 2.0**-40, -0.0])
    lines = shapely.linestrings([[(0, 0), (1, 2)], [(3, 4), (5.5, 6)]])
    longer = shapely.linestrings([(0, 0), (1, 2), (1, 3)])
    squares = shapely.box([0, 10.5], 0, [1, 11.25], 7)
    holed = shapely.Polygon([(0, 0), (9, 0), (9, 9)], [[(5, 1), (6, 1), (6, 2)]])
    triangle = shapely.Polygon([(0, 0), (9, 0), (9, 9)])
    empty, mixed = shapely.Point(), [points[0], lines[0]]
    for shapes in (
        [*points], [*points, None], [*points, empty], [None], [*lines], [*lines, longer], [None, *lines, longer], mixed,
        [*squares], [*squares, triangle], [*squares, holed], [shapely.MultiPolygon(list(squares)), squares[0]], [],
    ):  # fmt: skip
        held = np.array([*shapes, None], dtype=object)[:-1]  # NumPy would take points apart
        assert wkb(held).to_pylist() == list(shapely.to_wkb(held, byte_order=1)), shapes
        assert wkb(held[1:]).to_pylist() == list(shapely.to_wkb(held[1:], byte_order=1)), shapes


def test_the_road_graph_may_be_left_to_the_tables(written: Path, tmp_path: Path) -> None:
    write(small_plan(language="ja", name="試験町"), tmp_path / "out", has_graph=False)
    layers = {kept: {str(name) for name, _ in pyogrio.list_layers(folder / "plan.gpkg")}
              for kept, folder in (("all", written), ("some", tmp_path / "out"))}  # fmt: skip
    assert layers["all"] - layers["some"] == {"nodes", "edges"}
    with zipfile.ZipFile(tmp_path / "out" / "plan.qgz") as project:
        text = project.read("plan.qgs").decode()
    assert "layername=buildings" in text
    assert "layername=edges" not in text
    full, lean = bytes_of(written), bytes_of(tmp_path / "out")
    assert {name for name in full if full[name] != lean[name]} <= {"plan.gpkg", "plan.qgz"}


def test_same_plan_same_bytes(written: Path, tmp_path: Path) -> None:
    plan = small_plan(language="ja", name="試験町")
    later = dataclasses.replace(plan, run={**plan.run, "started": "2030-01-01T00:00:00Z"})
    write(later, tmp_path / "b")
    one, two = bytes_of(written), bytes_of(tmp_path / "b")
    assert one.keys() == two.keys()
    assert [k for k in one if one[k] != two[k]] == ["run.json"]
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None
    assert FIXED_DATE.encode() in two["plan.gpkg"]


def test_write_load_write_is_the_identity(written: Path, tmp_path: Path) -> None:
    plan = load(written)
    original = small_plan(language="ja", name="試験町")
    assert plan.config == original.config
    assert {k: v for k, v in plan.run.items() if k != "config"} == original.run
    for name, table in original.tables().items():
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(plan, name)), pd.DataFrame(table), check_exact=True)
        if isinstance(table, gpd.GeoDataFrame):
            assert getattr(plan, name).crs == table.crs
    write(plan, tmp_path / "again")
    assert bytes_of(tmp_path / "again") == bytes_of(written)


def test_summary_adds_up(written: Path) -> None:
    summary = json.loads((written / "summary.json").read_text("utf-8"))
    assert summary["totals"]["people"] == 15.4
    assert sum(v["people"] for v in summary["by_treatment"].values()) == pytest.approx(15.4)
    assert sum(v["buildings"] for v in summary["by_treatment"].values()) == summary["totals"]["buildings"] == 8
    assert summary["totals"]["collective_people_share"] == pytest.approx(6 / 7, abs=1e-4)
    cost = summary["cost"]
    assert cost["total_yen_per_yr"] == 130_000 + 260_000 + 110_000  # the row outside the plan does not count
    assert cost["total_yen_per_yr_by_kind"] == {"connect": 130_000, "johkasou": 110_000, "own_plant": 260_000}
    assert cost["total_yen_per_yr_by_mark"] == {"P": 240_000, "U": 260_000}
    assert summary["sewers"]["length_m"] == 240
    assert summary["sewers"]["pressure_m"] == 120
    assert summary["units"]["close_calls"] == 1  # unit 1: 2 % margin, and other lives turn it


def test_a_plan_without_anything_can_be_written(tmp_path: Path) -> None:
    plan = small_plan()
    empty = dataclasses.replace(plan, **{t.name: t.empty("EPSG:6678") for t in ALL_TABLES})
    write(empty, tmp_path / "out")
    again = load(tmp_path / "out")
    assert len(again.units) == 0
    assert again.units.crs == empty.units.crs


def test_a_table_that_breaks_its_declaration_is_refused(tmp_path: Path) -> None:
    plan = small_plan()
    wrong = dataclasses.replace(plan, pumps=plan.pumps.assign(head_m=-1.0))
    with pytest.raises(DataError, match=r"pumps.head_m: 1 rows are below 0"):
        write(wrong, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_foreign_files_survive_and_stale_ones_of_ours_go(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(small_plan(), out, finish=lambda d: (d / "map.png").write_bytes(b"old"))
    (out / "notes.txt").write_text("mine")
    (out / "tables" / "mine.csv").write_text("a,b")
    (out / "plan.gpkg-wal").write_bytes(b"left by a crashed QGIS")
    write(wide_plan(units=9, houses=4), out)
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "tables" / "mine.csv").read_text() == "a,b"
    assert not (out / "map.png").exists()
    assert not (out / "plan.gpkg-wal").exists()
    assert len(load(out).units) == 9
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("moment", ["finish", "swap"])
def test_a_failure_leaves_the_previous_output_intact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    out = tmp_path / "out"
    write(small_plan(), out)
    (out / "notes.txt").write_text("mine")
    before = bytes_of(out)

    def fail(directory: Path) -> None:
        assert (directory / "plan.gpkg").exists()
        raise RuntimeError("no map today")

    if moment == "finish":
        with pytest.raises(RuntimeError, match="no map today"):
            write(wide_plan(units=4, houses=4), out, finish=fail)
    else:
        replace, moves = Path.replace, []

        def full_disk(self: Path, target: Path) -> Path:
            moves.append(target)
            if len(moves) == 30:
                raise OSError(28, "No space left on device")
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", full_disk)
        with pytest.raises(DataError, match="No space left"):
            write(wide_plan(units=4, houses=4), out)
        monkeypatch.undo()
        assert len(moves) > 30
    assert bytes_of(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_failed_first_run_leaves_nothing(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        raise RuntimeError("no map today")

    with pytest.raises(RuntimeError):
        write(small_plan(), tmp_path / "out", finish=fail)
    assert list(tmp_path.iterdir()) == []


def test_someone_elses_directory_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "map.html").write_text("my holiday map")
    with pytest.raises(DataError, match=r"map.html but is not the output of an earlier run"):
        write(small_plan(), tmp_path)
    assert bytes_of(tmp_path) == {"map.html": b"my holiday map"}
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="is a file"):
        write(small_plan(), tmp_path / "file")


def test_own_files_are_all_that_is_written(written: Path) -> None:
    assert set(bytes_of(written)) <= {str(Path(f)) for f in OWN_FILES}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d: (d / "run.json").unlink(), "it has no run.json"),
        (lambda d: (d / "run.json").write_text("{"), "run.json cannot be read"),
        (lambda d: (d / "run.json").write_text("{}"), "holds no configuration"),
        (lambda d: (d / "tables" / "units.parquet").unlink(), "tables/units.parquet is missing"),
        (lambda d: (d / "tables" / "units.parquet").write_bytes(b"PAR1"), "units.parquet cannot be read"),
    ],
)
def test_loading_what_is_no_plan_says_so(written: Path, tmp_path: Path, damage, message: str) -> None:
    shutil.copytree(written, tmp_path / "out")
    damage(tmp_path / "out")
    with pytest.raises(DataError, match=message):
        load(tmp_path / "out")


def test_loading_from_nowhere_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such directory"):
        load(tmp_path / "nowhere")


def test_the_project_opens_what_is_there_and_nothing_else(tmp_path: Path) -> None:
    name = "<\x00名&\u202e"
    plan = small_plan("ja", name=name)
    robustness = frame(tables.ROBUSTNESS, unit_id=[0, 1, 2], sureness=["firm_sewer", "contested", "firm_johkasou"])
    for out in ("a", "b"):
        write(dataclasses.replace(plan, robustness=robustness), tmp_path / out)
    assert (tmp_path / "a" / "plan.qgz").read_bytes() == (tmp_path / "b" / "plan.qgz").read_bytes()
    with zipfile.ZipFile(tmp_path / "a" / "plan.qgz") as box:
        assert box.namelist() == ["plan.qgs"]
        project = ET.fromstring(box.read("plan.qgs"))
    layers = {node.findtext("id"): node for node in project.iter("maplayer")}
    stored = {name for (name,) in query(tmp_path / "a" / "plan.gpkg", "SELECT table_name FROM gpkg_contents")}
    for node in layers.values():
        folder, _, layer = (node.findtext("datasource") or "").partition("|layername=")
        assert folder == "./plan.gpkg"  # relative: the folder can be moved
        assert layer in stored
    in_tree = [node.get("id") for node in project.iter("layer-tree-layer")]
    assert sorted(in_tree) == sorted(layers)
    assert len(set(in_tree)) == len(in_tree)
    titles = [node.get("name") for node in project.find("layer-tree-group")]
    assert titles[0] == "判定の検証"
    assert "処理区域" in titles
    ends = {r.get(end) for r in project.iter("relation") for end in ("referencedLayer", "referencingLayer")}
    joins = {j.get("joinLayerId") for j in project.iter("join")}
    assert joins
    assert ends | joins <= set(layers)
    assert not any("overrides" in layer for layer in layers)  # it has no rows
    (units,) = (n for n in layers.values() if n.findtext("layername") == "検討単位区域")
    assert {a.get("name") for a in units.iter("alias")} >= {"検討単位区域番号"}
    assert units.find("labeling/settings/text-style").get("fieldName") == "unit_id"
