"""A small prefecture: the same tables however it is worked through, what is done skipped, what fails failing alone."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.conftest import call

SIZES = {"22101": 60, "22102": 70, "22103": 80, "22104": 60, "22105": 100, "22106": 60}
RAISED = "22103"
"""The municipality whose sewers lie deeper."""


class Prefecture(NamedTuple):
    """A table of six tiny municipalities, and the folder of an undisturbed batch."""

    table: Path
    out: Path


@pytest.fixture(scope="module")
def prefecture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefecture]:
    place = tmp_path_factory.mktemp("prefecture")
    lines = ["code,name,study,design.cover_min_m"]
    for seed, (code, dwellings) in enumerate(SIZES.items(), 1):
        assert call("new", place / code, "--dwellings", dwellings, "--seed", seed).exit_code == 0
        lines.append(f"{code},第{seed}町,{code}/study.toml,{'1.2' if code == RAISED else ''}")
    table = place / "areas.csv"
    table.write_text("\n".join(lines) + "\n", "utf-8")
    done = call("batch", table, "--out", place / "out", "--no-maps", "--memory", "2GB")
    assert done.exit_code == 0, done.output
    yield Prefecture(table, place / "out")
    shutil.rmtree(place)


def tables(out: Path) -> dict[str, bytes]:
    """Every table of a batch by its path, byte by byte."""
    kept = [*out.glob("*/tables/*.parquet"), *out.glob("*/plan.gpkg"), *out.glob("*/summary.json"), *out.glob("*.csv")]
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted([*kept, out / "run.json"])}


def failures(out: Path) -> list[dict[str, str]]:
    with (out / "failures.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_municipality_has_its_plan_and_manifest(prefecture: Prefecture) -> None:
    assert failures(prefecture.out) == []
    for code in SIZES:
        manifest = json.loads((prefecture.out / code / "manifest.json").read_text("utf-8"))
        assert manifest["status"] == "done"
        assert manifest["summary"]["totals"]["buildings"] > 40
        assert manifest["seconds"].keys() >= {"read", "prepare", "zone", "write"}
        assert 100 < manifest["peak_memory_mb"] < 2000
        config = json.loads((prefecture.out / code / "run.json").read_text("utf-8"))["config"]
        assert config["design"]["cover_min_m"] == (1.2 if code == RAISED else 1.0)
