"""Texts that mean harm, in every place where data hold text, through everything that is handed over."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest

from sewerzone import api, pipeline
from tests import hamlet

LONG = 10_000
EVIL = (
    "<script>alert(1)</script></script><img src=x onerror=alert(2)>", "=cmd|' /C calc'!A0", "@SUM(1)\u202egnp.exe\u2066",
    "+1\x00\x07\x1b[2J\r\n[PIPES]\nevil ;", "-長" * (LONG // 2), "{{ 7*7 }}${1}$x_{2}^'\"&lt;\\",
)  # fmt: skip
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@pytest.fixture(scope="module")
def binder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that is handed over of a hamlet where each name is one of these texts, against an earlier plan."""
    folder = tmp_path_factory.mktemp("evil")
    houses = [*hamlet.row(30, 6), *hamlet.row(600, 5), *hamlet.row(900, 3)]
    layers: dict[str, Any] = {
        "served_areas": hamlet.layer([hamlet.box(-100, -50, 60, 50)], name=[EVIL[0]]),
        "districts": hamlet.layer(
            [hamlet.box(-100, -300, 500, 300), hamlet.box(500, -300, 800, 300), hamlet.box(800, -300, 1200, 300)],
            name=[EVIL[0], EVIL[4], EVIL[2]],
            people=[15.0, 12.0, 8.0],
        ),
        "barriers": hamlet.layer([hamlet.line((300, 40), (400, 40))], kind=["river"]),
        "plants": hamlet.layer([hamlet.box(690, 0, 691, 1).centroid], kind=["plant"], name=[EVIL[5]]),
        "overrides": hamlet.layer([hamlet.box(880, -40, 1000, 60)], kind=["force_johkasou"], note=[EVIL[1]]),
    }
    columns = {"source_id": [EVIL[k % len(EVIL)] + str(k) for k in range(len(houses))], "use": [EVIL[3]] * len(houses)}
    source = {"source": EVIL[0] + EVIL[2], "date": EVIL[1]}
    sections = {
        "study": {"crs": hamlet.CRS, "language": "ja", "name": EVIL[0] + EVIL[2] + EVIL[3]},
        "inputs": {
            "buildings": "b", "roads": "r", "terrain": "t", "districts": "d",
            "sources": {"buildings": source, "roads": EVIL[4], "districts": EVIL[5]},
        },
        "zoning": {"build_cap_yen_per_yr": 4e6},
        "programme": {"years": 10},
        "payers": {"book": "generic"},
    }  # fmt: skip
    made = pipeline.run(hamlet.study(houses, [hamlet.line((-50, 0), (1200, 0))], sections=sections, columns=columns, **layers))
    plan = api.Plan(**vars(made))
    plan.write(folder / "out", maps=False)
    stored = api.load(folder / "out")
    old = hamlet.layer([hamlet.box(-100, -60, 1200, 60)], treatment=["sewer"])
    old.to_file(folder / "old.gpkg")
    stored.report(folder / "binder", against=folder / "old.gpkg")
    return folder / "binder"


def test_pages_hold_no_code_of_the_data_and_ask_for_nothing(binder: Path) -> None:
    pages = sorted(binder.glob("*.html"))
    assert {p.name for p in pages} == {"index.html", "report.html", "map.html", "changes.html"}
    for page in pages:
        text = page.read_text("utf-8")
        lower = text.lower()
        assert "<script>alert" not in lower, page
        assert "<img src=x" not in lower, page
        assert "content-security-policy" in lower, page
        assert not CONTROLS.search(text), page
    for name in ("index.html", "report.html"):
        text = (binder / name).read_text("utf-8")
        assert "<script" not in text
        assert not BIDI.search(text)
        assert "長" * 2_000 not in text


def test_no_cell_is_a_formula_of_the_data(binder: Path) -> None:
    book = openpyxl.load_workbook(binder / "workbook.xlsx")
    texts = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert "cmd" not in str(cell.value), cell.coordinate
                if isinstance(cell.value, str):
                    texts += 1
                    assert len(cell.value) <= 32_767
                    assert not BIDI.search(cell.value), (sheet.title, cell.coordinate)
                    assert not CONTROLS.search(cell.value), (sheet.title, cell.coordinate)
    assert texts > 100
    with (binder / "households.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    for row in rows:
        for text in row:
            assert not text.startswith(("=", "+", "-", "@")), text[:20]
            assert not BIDI.search(text)


def test_data_files_are_whole(binder: Path) -> None:
    for name in ("plan.gpkg", "changes.gpkg"):
        for layer, _ in pyogrio.list_layers(binder / name):
            pyogrio.read_dataframe(binder / name, layer=layer)
    with zipfile.ZipFile(binder / "plan.qgz") as project:
        for name in project.namelist():
            if name.endswith(".qgs"):
                ET.fromstring(project.read(name))
    sections = re.findall(r"^\[(\w+)\]", (binder / "plan.inp").read_text("utf-8"), re.MULTILINE)
    assert len(sections) == len(set(sections)), "no section of the model comes from a name"
    assert json.loads((binder / "binder.json").read_text("utf-8"))


def test_prints_are_there(binder: Path) -> None:
    names = {p.name for p in binder.glob("*.pdf")}
    assert {"map_a3.pdf", "map_a4.pdf", "map_districts_a4.pdf", "programme_a3.pdf", "changes_a3.pdf"} <= names
    for path in binder.glob("*.pdf"):
        assert path.read_bytes().startswith(b"%PDF")
    for path in binder.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
