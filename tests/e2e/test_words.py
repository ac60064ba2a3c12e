"""Nobody sees a name of the program: explanations, the brief and the words of maps are in people's words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sewerzone import style
from sewerzone.io.load import load
from sewerzone.output import explain
from tests.e2e.conftest import Town, call

NAME = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
BOOKS = {"fuji_2018", "snip_2015", "rust_2021"}
"""Cost books are named as they are chosen."""


@pytest.mark.parametrize("language", ["ja", "en"])
def test_explanations_and_maps_speak_in_words(town: Town, language: Any) -> None:
    plan = load(town.out)
    for unit in explain.explain(plan, plan.units["unit_id"].tolist()):
        assert not set(NAME.findall(explain.text(unit, language))) - BOOKS
    assert not [word for words in style.texts(language).values() for word in NAME.findall(words)]


def test_the_brief_speaks_in_words(town: Town) -> None:
    assert not NAME.findall(town.ran.stdout.replace(str(town.out), ""))


def test_one_command_makes_everything(town: Town, tmp_path: Path) -> None:
    done = call("report", town.out, "--out", tmp_path / "binder", "--language", "en", "--quiet")
    assert done.exit_code == 0, done.output
    names = {line.rpartition("/")[2] for line in done.stdout.split()}
    assert names >= {"index.html", "report.html", "map.html", "map_a3.pdf", "map.png", "workbook.xlsx", "plan.gpkg", "plan.inp"}
    assert "How it is decided" in (tmp_path / "binder" / "report.html").read_text("utf-8")
    wrong = call("report", town.out / "nowhere")
    assert wrong.exit_code == 1
    assert "no sewerzone plan" in wrong.output
