"""Buildings in no municipality: counted exactly where plans do not add up to the layer, never where they do; told by all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sewerzone import config as config_file
from sewerzone.batch import nowhere
from sewerzone.batch.area import Area
from sewerzone.batch.areas import buildings
from sewerzone.batch.nowhere import Lost
from sewerzone.batch.rollup_rows import summary
from sewerzone.batch.store import Store
from sewerzone.config import Config
from sewerzone.io import accounting, checking
from sewerzone.io.accounting import account
from sewerzone.io.layers import read_layer
from sewerzone.io.municipality import part_of
from sewerzone.io.study import write_sample
from sewerzone.samples import town
from sewerzone.tables.prefecture import MUNICIPALITIES

CODES = ("22201", "22301")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town in two halves, and a boundary that lacks a strip in the east; one building of it has no place."""
    directory = tmp_path_factory.mktemp("town")
    write_sample(town(60, 3), directory, force=True)
    houses = gpd.read_file(directory / "town.gpkg", layer="buildings")
    west, south, east, north = houses.total_bounds
    middle, edge = (west + east) / 2 + 0.123, east - 60.0
    for name, end in (("whole", east + 9), ("lacking", edge)):
        cells = [shapely.box(west - 9, south - 9, middle, north + 9), shapely.box(middle, south - 9, end, north + 9)]
        gpd.GeoDataFrame({"N03_007": CODES}, geometry=cells, crs=houses.crs).to_file(directory / f"{name}.gpkg", layer="n03")
    placeless = houses.copy()
    placeless.loc[len(houses) // 2, "geometry"] = None
    placeless.to_parquet(directory / "placeless.parquet")
    return directory


def configs(place: Path, boundary: str, *changes: str) -> dict[str, Config]:
    layer = f'municipality.boundary="{boundary}.gpkg"'
    return {code: config_file.load(place / "study.toml", (layer, f'municipality.code="{code}"', *changes)) for code in CODES}


def found(place: Path, out: Path, asked: dict[str, Config], done: set[str]) -> nowhere.Nowhere:
    """What is found beside the records of the plans in ``done``."""
    for code in done:
        part, layer = part_of(asked[code], place), asked[code].inputs.buildings
        read_layer(layer, place, part.study_crs, "buildings", part.own_bounds, (), part)
        (out / code).mkdir(exist_ok=True)
        (out / code / "run.json").write_text(json.dumps({"municipality": part.facts}), "utf-8")
    areas = [Area(code, code, str(place / "study.toml")) for code in CODES]
    return nowhere.found(Store(out), areas, asked, done)


@pytest.mark.parametrize("done", [set(CODES), {CODES[0]}, set()])
def test_buildings_in_no_municipality_are_listed_whatever_is_planned(place: Path, tmp_path: Path, done: set[str]) -> None:
    asked = configs(place, "lacking")
    houses = gpd.read_file(place / "town.gpkg", layer="buildings")
    gone = gpd.read_file(place / "lacking.gpkg").union_all().disjoint(houses.representative_point())
    out = found(place, tmp_path, asked, done)
    assert 0 < gone.sum() < len(houses)
    assert out.lost == (Lost("town.gpkg:buildings", "lacking.gpkg", int(gone.sum())),)
    assert out.total == len(out.rows) == gone.sum()
    assert out.untold == ()
    assert list(out.rows.columns) == ["file", "row", "id", "x", "y", "why"]
    assert sorted(out.rows["id"]) == sorted(houses["id"].astype(str)[gone])
    assert set(out.rows["why"]) == {"outside"}


def test_nothing_is_read_where_the_plans_have_every_building(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Any] = []
    monkeypatch.setattr(accounting, "account", lambda *given: reads.append(given) or account(*given))
    assert found(place, tmp_path, configs(place, "whole"), set(CODES)).total == 0
    assert reads == []
    assert found(place, tmp_path, configs(place, "whole"), {CODES[0]}).total == 0
    assert len(reads) == 1


def test_a_building_without_a_place_is_one_of_them(place: Path, tmp_path: Path) -> None:
    asked = configs(place, "whole", 'inputs.buildings="placeless.parquet"')
    out = found(place, tmp_path, asked, set(CODES))
    assert out.total == 1
    assert list(out.rows["why"]) == ["no_geometry"]


def test_what_cannot_be_counted_is_told_and_stays_open(place: Path, tmp_path: Path) -> None:
    (place / "broken.parquet").write_bytes(b"no Parquet")
    out = found(place, tmp_path, configs(place, "whole", 'inputs.buildings="broken.parquet"'), set())
    assert out.total is None
    assert "broken.parquet" in out.untold[0]
    assert len(out.rows) == 0


@pytest.mark.parametrize("layer", ["town.gpkg:buildings", "covered.parquet"])
def test_they_are_told_before_the_batch_begins(place: Path, layer: str) -> None:
    gpd.read_file(place / "town.gpkg", layer="buildings").to_parquet(place / "covered.parquet", write_covering_bbox=True)
    areas = [Area(code, code, str(place / "study.toml")) for code in CODES]
    change = f'inputs.buildings="{layer}"'
    counts, lost = buildings(areas, configs(place, "lacking", change))
    exact = account(configs(place, "lacking", change)[CODES[0]], place)
    assert [(one.file, one.boundary) for one in lost] == [(layer, "lacking.gpkg")]
    assert lost[0].buildings == pytest.approx(len(exact.outside), abs=3)
    assert sum(counts.values()) + lost[0].buildings == exact.buildings
    assert buildings(areas, configs(place, "whole", change))[1] == []


@pytest.mark.parametrize(("lost", "is_partial"), [(0, False), (3, True), (None, True)])
def test_totals_without_some_buildings_are_partial(lost: int | None, is_partial: bool) -> None:
    row = pd.DataFrame({"code": ["22201"], "status": ["done"]}).reindex(columns=MUNICIPALITIES.names)
    facts = summary(row, "", lost)
    assert facts["totals_are_partial"] is is_partial
    assert facts["buildings_in_no_municipality"] == lost


def test_a_check_says_so(place: Path) -> None:
    told = checking.check(place / "study.toml", ('municipality.boundary="lacking.gpkg"',)).warnings
    count = len(account(configs(place, "lacking")[CODES[0]], place).outside)
    assert [w for w in told if "no municipality" in w and f"{count} of " in w]
    clean = checking.check(place / "study.toml", ('municipality.boundary="whole.gpkg"',)).warnings
    assert not [w for w in clean if "no municipality" in w]
