"""The command line from a new study to an explained verdict, on a town of 200 dwellings."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pandas.testing import assert_frame_equal

import sewerzone as sz
from sewerzone import config as study_file
from sewerzone import pipeline
from sewerzone.cli import cli
from sewerzone.cli.guard import EchoHandler
from sewerzone.engineering import heap
from sewerzone.errors import DataError
from sewerzone.output import maps
from sewerzone.tables import ALL_TABLES
from sewerzone.tables.inputs import TREATMENTS
from tests.e2e.conftest import Town, call
from tests.web_page import data_of

FILES = {"plan.gpkg", "plan.qgz", "map.html", "map.png", "summary.json", "run.json", "tables"}


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(out / "tables" / f"{name}.parquet")


def tables(out: Path) -> dict[str, pd.DataFrame]:
    return {t.name: table(out, t.name) for t in ALL_TABLES}


def contents(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


def commands(group: click.Group, head: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    out = [head]
    for name, command in group.commands.items():
        out += commands(command, (*head, name)) if isinstance(command, click.Group) else [(*head, name)]
    return out


# --- help and start -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", commands(cli), ids=" ".join)
def test_help_has_an_example(words: tuple[str, ...]) -> None:
    result = call(*words, "--help")
    assert result.exit_code == 0
    assert re.search(r"Examples?.*:\n", result.stdout)
    assert f"sewerzone {' '.join(words)}" in result.stdout


def test_help_is_quick_because_it_loads_little() -> None:
    code = (
        "import sys\nfrom sewerzone.cli import cli\ncli(['--help'], standalone_mode=False)\n"
        "heavy = {'numpy', 'pandas', 'geopandas', 'pydantic', 'pyproj', 'rich', 'numba', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "Commands:" in done.stdout


def test_the_module_is_the_program() -> None:
    done = subprocess.run([sys.executable, "-m", "sewerzone", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"sewerzone {sz.__version__}"


# --- new ------------------------------------------------------------------------------------------------------------


def test_new_prints_the_study_and_names_the_next_command(town: Town) -> None:
    assert Path(town.made.stdout.strip()) == town.study
    assert "sewerzone run" in town.made.stderr


def test_new_keeps_what_is_there(town: Town) -> None:
    before = contents(town.study.parent)
    result = call("new", town.study.parent, "--dwellings", 60)
    assert result.exit_code == 1
    assert "not empty" in result.stderr
    assert "--force" in result.stderr
    assert contents(town.study.parent) == before


def test_new_with_force_and_a_seed_makes_another_town(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert call("new", tmp_path, "--dwellings", 60, "--force").exit_code == 0
    one = (tmp_path / "town.gpkg").read_bytes()
    assert call("new", tmp_path, "--dwellings", 60, "--seed", 2, "--force").exit_code == 0
    assert (tmp_path / "town.gpkg").read_bytes() != one
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_new_on_own_files(town: Town, tmp_path: Path) -> None:
    data = town.study.parent / "town.gpkg"
    result = call(
        "new", tmp_path / "own", "--buildings", f"{data}:buildings", "--roads", f"{data}:roads", "--terrain",
        data.with_name("terrain.tif"), "--served", f"{data}:served_areas", "--districts", f"{data}:districts",
        "--barriers", f"{data}:barriers", "--plants", f"{data}:plants", "--crs", "EPSG:6676", "--name", "Own",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    study = study_file.load(result.stdout.strip())
    assert (study.study.name, study.study.crs) == ("Own", "EPSG:6676")
    given = {k for k, v in study.inputs.model_dump().items() if v is not None}
    assert given == {"buildings", "roads", "terrain", "served_areas", "districts", "barriers", "plants", "sources"}
    assert call("check", result.stdout.strip()).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--buildings", "b.gpkg"], "--roads and --terrain"),
        (["--crs", "EPSG:6678"], "--buildings"),
        (["--buildings", "b", "--roads", "r", "--terrain", "t", "--dwellings", "100"], "--dwellings"),
        (["--dwellings", "many"], "many"),
    ],
)
def test_new_refuses_half_a_call(words: list[str], said: str, tmp_path: Path) -> None:
    result = call("new", tmp_path / "x", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "x").exists()


# --- check ----------------------------------------------------------------------------------------------------------


def test_check_tells_what_was_read(town: Town) -> None:
    result = call("check", town.study, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["problems"] == []
    raw = pyogrio.read_info(town.study.parent / "town.gpkg", layer="buildings")["features"]
    assert found["summary"]["buildings"]["rows"] == raw == sum(found["summary"]["building_statuses"].values())
    assert found["summary"]["dwellings"] == 200
    text = call("check", town.study).stdout
    assert "問題はない。" in text
    assert re.search(rf"建物 +{raw}件", text)
    text = call("check", town.study, "--language", "en").stdout
    assert "No problems." in text
    assert re.search(rf"{raw} +buildings", text)


# --- run ------------------------------------------------------------------------------------------------------------


def test_run_writes_everything(town: Town) -> None:
    assert {p.name for p in town.out.iterdir()} == FILES
    assert {p.stem for p in (town.out / "tables").iterdir()} == {t.name for t in ALL_TABLES}
    assert (town.out / "map.png").read_bytes().startswith(b"\x89PNG")
    for word in ("200", "map.html", "plan.gpkg", "sewerzone explain"):
        assert word in town.ran.stdout
    assert "注意: 道路: " in town.ran.stderr
    assert sorted(p.name for p in town.study.parent.iterdir()) == ["out", "study.toml", "terrain.tif", "town.gpkg"]


def test_nobody_is_lost(town: Town) -> None:
    data = town.study.parent / "town.gpkg"
    buildings = table(town.out, "buildings")
    run = json.loads((town.out / "run.json").read_text("utf-8"))
    raw = pyogrio.read_info(data, layer="buildings")["features"]
    assert len(buildings) == raw
    for counts in ("buildings", "treatments"):
        assert sum(run["status_counts"][counts].values()) == raw
    assert set(buildings["treatment"]) <= set(TREATMENTS)
    assert (buildings["treatment"] == "none").eq(buildings["dwellings"] == 0).all()
    given = pyogrio.read_dataframe(data, layer="districts")["people"].sum()
    assert buildings["people"].sum() == pytest.approx(given, abs=1e-6)
    assert buildings["dwellings"].sum() == 200
    by_unit = buildings.groupby("unit_id")[["people", "dwellings"]].sum()
    units = table(town.out, "units").set_index("unit_id")
    assert np.allclose(units[["people", "dwellings"]], by_unit.loc[units.index])


def test_every_yen_is_a_row(town: Town) -> None:
    run = json.loads((town.out / "run.json").read_text("utf-8"))
    summary = json.loads((town.out / "summary.json").read_text("utf-8"))
    costs = table(town.out, "costs")
    yearly = costs["capital_yen_per_yr"] + costs["upkeep_yen_per_yr"]
    whole = yearly[costs["is_in_plan"]].sum()
    assert whole == pytest.approx(run["plan_yen_per_yr"])
    assert whole == pytest.approx(summary["cost"]["total_yen_per_yr"], abs=1)
    assert np.allclose(costs["quantity"] * costs["unit_cost_yen"], costs["capital_yen"])
    assert np.allclose(costs["quantity"] * costs["unit_upkeep_yen_per_yr"], costs["upkeep_yen_per_yr"])
    alone = yearly.groupby([costs["unit_id"], costs["option"]]).sum()
    options = table(town.out, "options").dropna(subset="total_yen_per_yr").set_index(["unit_id", "option"])
    assert np.allclose(options["total_yen_per_yr"], alone.reindex(options.index, fill_value=0.0))


def test_the_map_loads_nothing_from_elsewhere(town: Town) -> None:
    page = (town.out / "map.html").read_text("utf-8")
    assert not re.findall(r"<(?:script|img|link|iframe)[^>]*(?:src|href)\s*=", page)
    assert "default-src 'none'" in page
    told, _ = data_of(page)
    assert set(table(town.out, "units")["reason"]) <= set(told["layers"]["units"]["columns"]["reason"]["words"])


def test_json_quiet_and_set(town: Town, tmp_path: Path) -> None:
    result = call("run", town.study, "--out", tmp_path / "deep", "--set", "zoning.method=all_johkasou", "--json", "--quiet")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert json.loads(result.stdout) == json.loads((tmp_path / "deep" / "summary.json").read_text("utf-8"))
    assert set(table(tmp_path / "deep", "units")["treatment"]) == {"johkasou"}
    run = json.loads((tmp_path / "deep" / "run.json").read_text("utf-8"))
    assert run["config"]["zoning"]["method"] == "all_johkasou"


def test_two_runs_are_identical(town: Town, tmp_path: Path) -> None:
    assert call("run", town.study, "--out", tmp_path / "again").exit_code == 0
    one, other = contents(town.out), contents(tmp_path / "again")
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name] and name != "run.json"] == []
    records = [json.loads(held["run.json"]) for held in (one, other)]
    for record in records:
        for stage in record["stages"]:
            stage.pop("seconds")
    assert records[0] == records[1]


def test_the_order_of_input_rows_does_not_matter(town: Town, tmp_path: Path) -> None:
    place = tmp_path / "shuffled"
    place.mkdir()
    for name in ("study.toml", "terrain.tif"):
        shutil.copy(town.study.parent / name, place / name)
    for seed, (layer, _) in enumerate(pyogrio.list_layers(town.study.parent / "town.gpkg")):
        frame = pyogrio.read_dataframe(town.study.parent / "town.gpkg", layer=layer)
        shuffled = frame.sample(frac=1, random_state=seed, ignore_index=True)
        pyogrio.write_dataframe(shuffled, place / "town.gpkg", layer=layer)
    assert call("run", place / "study.toml").exit_code == 0
    for (name, one), other in zip(tables(town.out).items(), tables(place / "out").values(), strict=True):
        assert_frame_equal(one, other, check_exact=True, obj=name)


# --- failing --------------------------------------------------------------------------------------------------------


def test_a_failed_run_leaves_the_earlier_plan(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(town.study.parent)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(maps, "png", full)
    result = call("run", town.study)
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert "What to do" in result.stderr
    assert "Traceback" not in result.output
    assert contents(town.study.parent) == before
    assert call("map", town.out).exit_code == 1
    assert contents(town.study.parent) == before


@pytest.mark.parametrize("inside_compiled_code", [False, True])
def test_interrupting_writes_nothing(
    inside_compiled_code: bool, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        if inside_compiled_code:  # what Numba makes of it
            raise SystemError("returned a result with an exception set") from KeyboardInterrupt()
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run", interrupted)
    result = call("run", town.study, "--out", tmp_path / "new")
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert list(tmp_path.iterdir()) == []


def never(*_: object, **__: object) -> None:
    raise AssertionError("the method ran although its result could not be written")


def test_output_into_a_file(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "run", never)
    (tmp_path / "file").write_text("mine")
    assert call("run", town.study, "--out", tmp_path / "file").exit_code == 2
    result = call("run", town.study, "--out", tmp_path / "file" / "deeper")
    assert result.exit_code == 1
    assert "no directory" in result.stderr
    assert "What to do" in result.stderr
    assert (tmp_path / "file").read_text() == "mine"
    assert call("new", tmp_path / "file", "--dwellings", 60).exit_code == 1
    assert (tmp_path / "file").read_text() == "mine"


def test_a_foreign_directory_is_refused_before_the_work(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "run", never)
    (tmp_path / "map.html").write_text("mine")
    result = call("run", town.study, "--out", tmp_path)
    assert result.exit_code == 1
    assert "map.html" in result.stderr
    assert contents(tmp_path) == {"map.html": b"mine"}


def test_a_folder_in_use_is_refused_without_force(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "run", never)
        result = call("run", town.study, "--out", tmp_path)
    assert result.exit_code == 1
    assert f"{tmp_path} holds thesis.docx but is not the output of an earlier run. Why it matters: " in result.stderr
    assert "What to do: name another output directory, or give --force" in result.stderr
    assert contents(tmp_path) == {"thesis.docx": b"mine"}
    quick = ("run", town.study, "--out", tmp_path, "--set", "zoning.method=all_johkasou")
    assert call(*quick, "--force").exit_code == 0
    assert {p.name for p in tmp_path.iterdir()} == FILES | {"thesis.docx"}
    assert call(*quick).exit_code == 0, "now it is a plan's folder"
    assert (tmp_path / "thesis.docx").read_text() == "mine"


def test_the_first_run_says_that_it_compiles(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise DataError("enough")

    monkeypatch.setattr(pipeline, "run", stop)
    said = "初回の実行: コンパイルする(一度だけ)。"
    for is_terminal, is_warm, is_said in ((True, False, True), (True, True, False), (False, False, False)):
        with monkeypatch.context() as patched:
            if is_terminal:
                patched.setattr("sewerzone.cli.progress.is_watched", lambda: True)
            held = tmp_path / f"{is_warm}"
            held.mkdir(exist_ok=True)
            if is_warm:
                (held / "offer.nbi").write_text("")
            patched.setattr(heap, "offer", SimpleNamespace(stats=SimpleNamespace(cache_path=str(held))))
            assert (said in call("run", town.study, "--out", tmp_path / "new").stderr) == is_said


def test_run_tells_how_far_figures_are_unverified(town: Town) -> None:
    costs = table(town.out, "costs").query("is_in_plan")
    yearly = costs["capital_yen_per_yr"] + costs["upkeep_yen_per_yr"]
    share = yearly[costs["mark"] == "U"].sum() / yearly.sum()
    assert 0 < share < 1
    summary = json.loads((town.out / "summary.json").read_text("utf-8"))
    assert summary["cost"]["unverified_share"] == pytest.approx(share, abs=1e-4)
    assert f"計画の年価の{share * 100:.0f} %は未検証の単価(確度U)による" in town.ran.stdout


def test_nothing_to_decide_is_said(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.study.parent, tmp_path / "town", ignore=shutil.ignore_patterns("out"))
    data = tmp_path / "town" / "town.gpkg"
    buildings = pyogrio.read_dataframe(data, layer="buildings")
    whole = buildings.iloc[:1].set_geometry([shapely.box(*buildings.total_bounds).buffer(50)])[["geometry"]]
    pyogrio.write_dataframe(whole.set_crs(buildings.crs), tmp_path / "town" / "served.gpkg")
    result = call("run", tmp_path / "town" / "study.toml", "--set", "inputs.served_areas=served.gpkg")
    assert result.exit_code == 0, result.output
    assert "検討単位区域がない: すべての家屋が既整備であり、決めることがない" in result.stdout
    assert "explain" not in result.stdout
    assert "僅差" not in result.stdout


def test_debug_shows_the_error_itself(town: Town) -> None:
    for words in (["--debug", "explain", town.out, 999], ["explain", town.out, 999, "--debug"]):
        assert isinstance(call(*words).exception, DataError)


def test_verbose_tells_the_stages(tmp_path: Path, town: Town) -> None:
    done = call("run", town.study, "--out", tmp_path / "out", "-v", "--set", "zoning.method=all_johkasou")
    assert done.exit_code == 0
    assert re.search(r"prepare: \d+\.\d+ s", done.stderr)
    assert "prepare:" not in done.stdout
    assert logging.getLogger("sewerzone").level == logging.NOTSET
    assert not [handler for handler in logging.getLogger().handlers if isinstance(handler, EchoHandler)]


def test_a_console_without_japanese_letters(town: Town) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sewerzone", "config", "show", str(town.study)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert "study.crs" in done.stdout


# --- map ------------------------------------------------------------------------------------------------------------


def test_no_maps_draws_none_and_clears_stale_ones(town: Town, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(town.out, out)
    result = call("run", town.study, "--out", out, "--no-maps", "--set", "design.cover_min_m=1.4")
    assert result.exit_code == 0, result.output
    assert f"sewerzone map {out}" in result.stdout
    assert {path.name for path in out.iterdir()} == FILES - {"map.html", "map.png"}
    assert call("map", out).exit_code == 0
    assert {path.name for path in out.iterdir()} == FILES


def test_map_in_another_language(town: Town, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(town.out, out)
    before = contents(out)
    result = call("map", out, "--language", "en")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [str(out / "map.html"), str(out / "map.png")]
    after = contents(out)
    assert {name for name in after if after[name] != before.get(name)} == {"map.html", "map.png"}
    assert after.keys() == before.keys()
    assert '<html lang="en">' in (out / "map.html").read_text("utf-8")
    assert call("map", out).exit_code == 0
    assert contents(out) == before


def test_one_map_elsewhere(town: Town, tmp_path: Path) -> None:
    before = contents(town.out)
    result = call("map", town.out, "-o", tmp_path / "council.html", "--base-map")
    assert result.exit_code == 0, result.output
    assert "cyberjapandata.gsi.go.jp" in (tmp_path / "council.html").read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["council.html"]
    assert contents(town.out) == before
    assert call("map", town.out, "-o", tmp_path / "map.jpg").exit_code == 2
    assert call("map", town.out, "-o", tmp_path / "map.html", "--paper", "a4").exit_code == 2
    assert call("map", town.out, "-o", tmp_path / "map.pdf", "--base-map").exit_code == 2
    missing = call("map", town.out, "-o", tmp_path / "no" / "map.html")
    assert missing.exit_code == 1
    assert "What to do" in missing.stderr


def test_map_of_nothing(tmp_path: Path) -> None:
    result = call("map", tmp_path)
    assert result.exit_code == 1
    assert "no sewerzone plan" in result.stderr


# --- explain --------------------------------------------------------------------------------------------------------


def test_explain_shows_every_yen(town: Town) -> None:
    units, options = table(town.out, "units"), table(town.out, "options")
    systems = table(town.out, "systems").set_index("system_id")
    found = json.loads(call("explain", town.out, *units["unit_id"], "--json").stdout)
    assert [unit["unit_id"] for unit in found] == list(units["unit_id"])
    for unit, (_, row) in zip(found, units.iterrows(), strict=True):
        assert unit["reason"] == row["reason"]
        for option in unit["options"]:
            stored = options[(options["unit_id"] == row["unit_id"]) & (options["option"] == option["option"])].iloc[0]
            assert option["is_possible"] == stored["is_possible"]
            if option["is_possible"]:
                assert sum(c["total_yen_per_yr"] for c in option["costs"]) == pytest.approx(stored["total_yen_per_yr"])
            else:
                assert option["reason"]
                assert option["total_yen_per_yr"] is None
        if unit["system"] is None:
            assert row["treatment"] == "johkasou"
            assert sum(c["total_yen_per_yr"] for c in unit["plan_costs"]) == pytest.approx(row["johkasou_yen_per_yr"])
        else:
            assert row["unit_id"] in unit["system"]["unit_ids"]
            whole = sum(c["total_yen_per_yr"] for c in unit["system"]["costs"])
            assert whole == pytest.approx(systems.loc[unit["system"]["system_id"], "total_yen_per_yr"])


def test_explain_reads_well(town: Town) -> None:
    units = table(town.out, "units").set_index("unit_id")
    unit = units[units["treatment"] == "sewer"].index[0]
    result = call("explain", town.out, unit, "--language", "en")
    assert result.exit_code == 0
    for part in (units.loc[unit, "reason"], "connect", "johkasou", "own plant", "How sure", "Sources", "In the plan: system"):
        assert part in result.stdout
    assert f"{units.loc[unit, 'johkasou_yen_per_yr']:,.0f}" in result.stdout
    assert f"{units.loc[unit, 'margin_yen_per_yr']:,.0f}" in result.stdout


def test_explain_in_japanese(town: Town) -> None:
    units = table(town.out, "units").set_index("unit_id")
    result = call("explain", town.out, *units.index)
    assert result.exit_code == 0
    assert call("explain", town.out, *units.index, "--language", "ja").stdout == result.stdout, "the study's language"
    body = "\n".join(re.sub(r"(?m)^  \[\d+\] .*$", "", result.stdout).splitlines())
    words = set(re.findall(r"[A-Za-z]{2,}", body)) - {"ha", "mm"}
    assert not words, words
    for unit in units.index:
        assert f"{units.loc[unit, 'johkasou_yen_per_yr']:,.0f}" in result.stdout
    english = call("explain", town.out, *units.index, "--language", "en").stdout
    name = json.loads((town.out / "summary.json").read_text("utf-8"))["study"]
    own = {*units["reason"], *table(town.out, "options")["reason"], *table(town.out, "districts")["name"], name} - {""}
    for text in sorted(own, key=len, reverse=True):  # a short one may be part of a longer one
        english = english.replace(text, "")
    assert not re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]", english)


def test_a_verdict_that_no_price_turns_says_so(town: Town) -> None:
    plan = sz.load(town.out)
    unit = int(plan.units.loc[plan.units["sewer_yen_per_yr"].notna(), "unit_id"].iloc[0])
    price = plan.units.set_index("unit_id").loc[unit, "break_even_yen_per_m"]
    assert f"turns: {price:,.0f} yen/m" in plan.explain(unit, "en")
    plan.units.loc[plan.units["unit_id"] == unit, "break_even_yen_per_m"] = np.nan
    assert "even free sewers would not turn it" in plan.explain(unit, "en")
    assert "管渠が無料でも判定は変わらない" in plan.explain(unit)
    with pytest.raises(DataError, match="there is no unit 999"):
        plan.explain(999)


def test_joins_lead_to_the_system(town: Town) -> None:
    joins = json.loads((town.out / "run.json").read_text("utf-8"))["joins"]
    units = table(town.out, "units").set_index("unit_id")
    assert joins, "the sample town should have units that join"
    join = joins[0]
    (unit,) = json.loads(call("explain", town.out, join["with_unit"], "--json").stdout)
    assert join in unit["joins"]
    assert units.loc[join["unit"], "system_id"] == unit["system"]["system_id"]


def test_an_unknown_unit_names_the_known(town: Town) -> None:
    last = table(town.out, "units")["unit_id"].max()
    result = call("explain", town.out, 0, last + 1)
    assert result.exit_code == 1
    assert f"0 to {last}" in result.stderr
    assert result.stdout == ""
    assert call("explain", town.out, "three").exit_code == 2
    assert call("explain", town.out).exit_code == 2


# --- swmm -----------------------------------------------------------------------------------------------------------


def conduits(model: Path) -> set[int]:
    """Numbers of the pipes in a SWMM model."""
    section = model.read_text("ascii").split("[CONDUITS]")[1].split("[")[0]
    return {int(name[1:]) for line in section.splitlines() if re.fullmatch(r"P\d+", name := line.split(" ")[0])}


def test_swmm_models_every_sewer_and_rising_main(town: Town, tmp_path: Path) -> None:
    pipes = table(town.out, "pipes")
    before = contents(town.out)
    result = call("swmm", town.out, "-o", tmp_path / "all.inp")
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(tmp_path / "all.inp")
    assert conduits(tmp_path / "all.inp") == set(pipes["pipe_id"])
    system = int(pipes["system_id"].iloc[-1])
    assert call("swmm", town.out, "--system", system, "-o", tmp_path / "one.inp").exit_code == 0
    assert conduits(tmp_path / "one.inp") == set(pipes.loc[pipes["system_id"] == system, "pipe_id"])
    assert contents(town.out) == before
    wrong = call("swmm", town.out, "--system", 999, "-o", tmp_path / "no.inp")
    assert wrong.exit_code == 1
    assert "of system 999" in wrong.stderr
    assert not (tmp_path / "no.inp").exists()


# --- config and tables ----------------------------------------------------------------------------------------------


def test_config_new_is_a_study_file() -> None:
    result = call("config", "new")
    assert result.exit_code == 0
    parsed = study_file.parse(tomllib.loads(result.stdout))
    assert study_file.Config.model_fields.keys() <= tomllib.loads(result.stdout).keys()
    assert parsed.design == study_file.Design()


def test_config_new_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    result = call("config", "new", file)
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    assert file.read_text("utf-8") == call("config", "new").stdout
    file.write_text("mine")
    again = call("config", "new", file)
    assert again.exit_code == 1
    assert "exists" in again.stderr
    assert "What to do" in again.stderr
    assert file.read_text() == "mine"


def test_config_show_tells_what_was_changed(town: Town) -> None:
    lines = call("config", "show", town.study, "--set", "design.cover_min_m=1.2").stdout.splitlines()
    assert "design.cover_min_m = 1.2   # default: 1.0" in lines
    assert "design.excavation_max_m = 5.0" in lines
    held = json.loads(call("config", "show", town.study, "--json").stdout)
    assert study_file.parse(held) == study_file.load(town.study)


def test_config_diff(town: Town, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(town.study.read_text("utf-8").replace("cover_min_m = 1.0", "cover_min_m = 1.5"), "utf-8")
    assert call("config", "diff", town.study, town.study).stdout == ""
    assert call("config", "diff", town.study, other).stdout == "design.cover_min_m: 1.0 -> 1.5\n"
    assert json.loads(call("config", "diff", town.study, other, "--json").stdout) == [
        {"key": "design.cover_min_m", "one": 1.0, "other": 1.5}
    ]


def test_config_diff_of_lists_tells_what_was_added_and_removed(town: Town, tmp_path: Path) -> None:
    text = town.study.read_text("utf-8")
    one, other, turned = (tmp_path / f"{name}.toml" for name in ("one", "other", "turned"))
    kinds = 'unusable_kinds = ["motorway", "tunnel", "construction"]'
    assert kinds in text
    one.write_text(text, "utf-8")
    other.write_text(text.replace(kinds, 'unusable_kinds = ["motorway", "path"]'), "utf-8")
    wanted = "network.unusable_kinds: added 'path'; removed 'tunnel'; removed 'construction'\n"
    assert call("config", "diff", one, other).stdout == wanted
    turned.write_text(text.replace(kinds, 'unusable_kinds = ["tunnel", "motorway", "construction"]'), "utf-8")
    assert "['motorway', 'tunnel'," in call("config", "diff", one, turned).stdout


def test_tables_are_a_dictionary() -> None:
    text = call("tables").stdout
    for declared in ALL_TABLES:
        assert f"### {declared.name}" in text
    assert call("tables", "units").stdout == next(t for t in ALL_TABLES if t.name == "units").to_markdown() + "\n"
    held = json.loads(call("tables", "units", "costs", "--json").stdout)
    assert [t["name"] for t in held] == ["units", "costs"]
    assert {c["name"] for c in held[0]["columns"]} == set(next(t for t in ALL_TABLES if t.name == "units").names)
    unknown = call("tables", "houses")
    assert unknown.exit_code == 2
    assert "buildings" in unknown.stderr
