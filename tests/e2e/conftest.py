"""A small town and a small prefecture, each made and planned once by the command line, for all tests that look at them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from sewerzone.cli import cli
from tests.prefectures import Prefecture, make

SIZES = {"22101": 60, "22102": 70, "22103": 60}
BROKEN = "22109"
"""A municipality whose buildings cannot be read."""
Call = Callable[..., Result]


class Town(NamedTuple):
    """A study file, the directory its plan was written to, and what the commands said."""

    study: Path
    out: Path
    made: Result
    ran: Result


def call(*words: object) -> Result:
    """Run the program in this process."""
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    place = tmp_path_factory.mktemp("town") / "study"
    made = call("new", place, "--dwellings", 200)
    assert made.exit_code == 0, made.output
    ran = call("run", place / "study.toml")
    assert ran.exit_code == 0, ran.output
    return Town(place / "study.toml", place / "out", made, ran)


@pytest.fixture(scope="session")
def prefecture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefecture]:
    """A batch of three municipalities and one that fails, made once; tests that change it copy it."""
    place = tmp_path_factory.mktemp("prefecture")
    table = make(place, {**SIZES, BROKEN: 60})
    (place / BROKEN / "town.gpkg").write_bytes(b"no GeoPackage")
    done = call("batch", table, "--out", place / "out", "--no-maps", "--memory", "2GB", "--json")
    assert done.exit_code == 3, done.output
    facts = json.loads(done.stdout)
    assert (facts["areas"], facts["done"], facts["failed"]) == (4, 3, 1)
    yield Prefecture(table, place / "out")
    shutil.rmtree(place)
