"""The house rules that a machine can check: style, types, layers, sizes, names, light imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sewerzone.tables import ALL_TABLES

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "sewerzone").rglob("*.py"))
SUFFIXES = (
    "_m", "_m2", "_m3", "_ha", "_mm", "_permille", "_m3_per_d", "_l_per_s", "_m_per_s", "_kw", "_yr", "_yen", "_yen_per_m",
    "_yen_per_yr", "_per_ha", "_kwh_per_yr",
)  # fmt: skip
BANNED = {"depth", "height", "level", "elevation"}


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)], ids=" ".join)
def test_style_and_types(command: tuple[str, ...]) -> None:
    run(*command)


def test_layers() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_modules_and_functions_fit_the_eye() -> None:
    too_long = []
    for path in MODULES:
        source = path.read_text("utf-8")
        if source.count("\n") > 400:
            too_long.append(f"{path.relative_to(ROOT)}: {source.count(chr(10))} lines")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and (size := (node.end_lineno or 0) - node.lineno + 1) > 60:
                too_long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {size} lines")
    assert not too_long, too_long


def test_numbers_carry_their_unit() -> None:
    bad = [
        f"{t.name}.{c.name}"
        for t in ALL_TABLES
        for c in t.columns
        if c.unit and c.unit not in ("persons", "1/ha") and not c.name.endswith(SUFFIXES) and c.name != "built_year"
    ]
    assert not bad, bad
    alone = [f"{t.name}.{c.name}" for t in ALL_TABLES for c in t.columns if c.name in BANNED]
    assert not alone, alone


def test_every_column_is_explained_in_both_languages() -> None:
    for table in ALL_TABLES:
        assert table.meaning
        assert table.ja
        for column in table.columns:
            assert column.meaning, column.name
            assert column.ja, column.name


def test_public_functions_are_documented() -> None:
    bare = []
    for path in MODULES:
        for node in ast.parse(path.read_text("utf-8")).body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node):  # type: ignore[arg-type]
                bare.append(f"{path.relative_to(ROOT)}: {node.name}")  # type: ignore[attr-defined]
    assert not bare, bare


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("sewerzone", ("geopandas", "matplotlib", "rasterio", "dask", "numba")), ("sewerzone.batch.work", ("matplotlib",))],
)
def test_import_is_light(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_no_machine_paths_in_tracked_text() -> None:
    pattern = re.compile(r"/(root|work|farm)/|/tmp/\w")
    bad = []
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("*.toml"),
        *(ROOT / "sewerzone").rglob("*.*"),
        *(ROOT / "notebooks").glob("*.ipynb"),
    ]:
        if path.suffix in {".py", ".md", ".toml", ".ipynb", ".html", ".css"} and pattern.search(
            path.read_text("utf-8", "ignore")
        ):
            bad.append(str(path.relative_to(ROOT)))
    assert not bad, bad
