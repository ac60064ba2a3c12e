"""What is written is run: the README's Python and commands, the example, the shipped sample study."""

from __future__ import annotations

import re
import runpy
import shutil
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from sewerzone import config
from sewerzone.cli import cli
from sewerzone.formats import fgd, ksj, osm, published

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)


def test_python_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert "unit_id" in out
    assert "johkasou" in out
    assert (tmp_path / "map.html").stat().st_size > 10_000
    assert (tmp_path / "hamlet" / "out" / "plan.gpkg").exists()


def test_first_command_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = blocks("sh")[0]
    assert re.search(r"pip install \. && \.venv/bin/sewerzone new town && \.venv/bin/sewerzone run town/study\.toml", first)
    monkeypatch.chdir(tmp_path)
    for arguments in re.findall(r"\.venv/bin/sewerzone (new town|run town/study\.toml)", first):
        done = CliRunner().invoke(cli, arguments.split())
        assert done.exit_code == 0, done.output
    written = {p.name for p in (tmp_path / "town" / "out").iterdir()}
    assert written >= {"map.html", "map.png", "plan.gpkg", "tables", "summary.json", "run.json"}


def test_prefecture_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As printed, but for the maps, which take longest."""
    monkeypatch.chdir(tmp_path)
    made, ran = next(b for b in blocks("sh") if "sewerzone batch" in b).splitlines()
    for command, more in ((made, []), (ran, ["--no-maps", "--memory", "2GB"])):
        done = CliRunner().invoke(cli, [*command.split()[1:], *more])
        assert done.exit_code == 0, done.output
    assert "4市区町村: 計画4、変更なし0、失敗0" in done.stdout
    folders = [p for p in (tmp_path / "prefecture" / "out").iterdir() if (p / "plan.gpkg").exists()]
    assert len(folders) == 4
    assert all((tmp_path / "prefecture" / "out" / f"prefecture.{kind}").exists() for kind in ("html", "png", "xlsx", "gpkg"))


def rows_of_downloads(page: str) -> list[list[str]]:
    """Cells of the table of what is downloaded, from whom, and what to do with it."""
    lines = (ROOT / page).read_text("utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|") and "`study.toml`" in line)
    table = lines[start + 2 :]
    end = next(i for i, line in enumerate(table) if not line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[:end]]


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_table_of_downloads(page: str) -> None:
    """Every line is one that a study file takes, alike on both pages, and every kind of data named is one we read."""
    rows = rows_of_downloads(page)
    lines = [re.findall(r"`([\w.]+ = .*?)`(?:, |$)", cells[3]) for cells in rows]
    assert all(lines)
    assert lines == [re.findall(r"`([\w.]+ = .*?)`(?:, |$)", cells[3]) for cells in rows_of_downloads("README.md")]
    for row in lines:
        data = tomllib.loads("\n".join(row))
        inputs = {"buildings": "b", "roads": "r", "terrain": "t", "districts": "d"} | {
            k: v for k, v in data.items() if k != "municipality"
        }  # fmt: skip
        config.parse({"study": {"crs": "EPSG:6676"}, "inputs": inputs, "municipality": data.get("municipality", {})})
    named = " ".join(cells[0] for cells in rows)
    for product in ("N13", "N03", "A16", "A09"):
        assert product in named
        assert product in ksj.PRODUCTS
    assert {"BldA", "WA", "RailCL"} <= set(re.findall(r"\w+", named)) & set(fgd.TYPES)
    assert all(f".{ending}" in "".join(osm.ENDINGS) for ending in ("osm", "pbf"))
    kinds = {kind for kinds in published.ROLE_KINDS.values() for kind in kinds}
    assert kinds >= {"buildings", "roads", "did", "urbanisation", "city_regions", "small_areas", "population", "water_areas",
                     "railways", "plants", "municipalities"}  # fmt: skip


def test_ci_runs_the_test_command_of_the_readme() -> None:
    second = next(b for b in blocks("sh") if "pytest" in b)
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    for step in ("python3 -m venv .venv", '".[test]"', ".venv/bin/python -m pytest"):
        assert step in second
        assert step in script


def test_example(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "lives_and_prices.py"), run_name="__main__")
    out = capsys.readouterr().out
    assert out.count("M yen a year") == 5


def test_shipped_study_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "hamlet", tmp_path / "hamlet")
    done = CliRunner().invoke(cli, ["run", str(tmp_path / "hamlet" / "study.toml"), "--quiet"])
    assert done.exit_code == 0, done.output
