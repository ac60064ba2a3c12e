"""A forecast joined to the districts of a study: every row of either side finds the other, totals are exact."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

import sewerzone as sz
from sewerzone import samples
from sewerzone.cli import cli
from sewerzone.errors import ConfigError, DataError
from sewerzone.io.future import with_forecast
from sewerzone.io.study import write_sample
from sewerzone.stages import prepare


def districts(**columns: list[Any]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(k, 0, k + 1, 1) for k in range(count)], crs=6676)


TOWNS = ["岸谷", "宮町", "本町１丁目"]


def joined(tmp_path: Path, text: str, frame: gpd.GeoDataFrame, encoding: str = "utf-8", **more: Any) -> gpd.GeoDataFrame:
    (tmp_path / "f.csv").write_bytes(text.encode(encoding))
    before = frame.copy()
    out, joined.notes = with_forecast(frame, None, "f.csv", tmp_path, **more)  # type: ignore[attr-defined]
    assert frame.equals(before), "the caller's table is not touched"
    return out


def test_by_name_whatever_the_width_of_letters(tmp_path: Path) -> None:
    frame = districts(name=TOWNS, people=[1, 2, 3], dwellings=[1, 1, 1])
    out = joined(tmp_path, "地区名,人口\n本町1丁目, 1,203 \n宮町 ,20\n岸谷,0\n".replace(" 1,203 ", '"1,203"'), frame, "cp932")
    assert out["people"].tolist() == [0.0, 20.0, 1203.0]
    assert out["dwellings"].tolist() == [1, 1, 1]
    assert joined.notes == [  # type: ignore[attr-defined]
        "districts.people: 1,223 of f.csv, joined by name (the layer has 6)",
        "districts.dwellings: f.csv has none; those of the layer stay, of whatever year they are",
    ]


def test_by_code_and_with_households(tmp_path: Path) -> None:
    frame = districts(name=["同じ", "同じ", "同じ"], code=["222100010", "222100020", "222100020"], people=[5, 7, 0])
    out = joined(tmp_path, "KEY_CODE,people,households\n222100020,70,30\n222100010,50,20\n", frame)
    assert out["people"].tolist() == [50.0, 70.0, 70.0], "parts of one district: preparing counts the figure of a code once"
    assert out["dwellings"].tolist() == [20.0, 30.0, 30.0]
    assert "120 of f.csv, joined by code (the layer has 12)" in joined.notes[0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,people\n岸谷,1\n宮町,2\n", r"1 districts are not in f.csv \(本町1丁目\)"),
        (
            "name,people\n岸谷,1\n宮町,2\n本町1丁目,3\n港,40\n",
            r"1 rows of f.csv with 40 people are no districts of the layer \(港\)",
        ),
        ("name,people\n岸谷,1\n岸谷,2\n宮町,2\n本町1丁目,3\n", r"1 names more than once \(岸谷\)"),
        ("name,people\n岸谷,1\n宮町,x\n本町1丁目,-3\n", r"2 figures of people in f.csv are no numbers from 0 on \(x, -3\)"),
        ("name,number\n岸谷,1\n", "people of districts are needed"),
        ("code,people\n1,1\n", "nothing tells which row is of which district"),
        ("name,people\n岸谷\n", "another number of cells than the header"),
        ("", "its columns|the columns of"),
    ],
)
def test_what_does_not_match_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        joined(tmp_path, text, districts(name=TOWNS, people=[1, 2, 3]))


def test_both_sides_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        joined(tmp_path, "name,people\n岸谷,1\n宮丁,2\n本町1丁目,3\n", districts(name=TOWNS, people=[1, 2, 3]))
    assert "1 districts are not in f.csv (宮町)" in str(caught.value)
    assert "1 rows of f.csv with 2 people are no districts of the layer (宮丁)" in str(caught.value)
    with pytest.raises(DataError, match="1 names are those of several rows"):
        joined(tmp_path, "name,people\n岸谷,1\n", districts(name=["岸谷", "岸谷"], people=[1, 2]))
    with pytest.raises(DataError, match="and 1 have no name"):
        joined(tmp_path, "name,people\n岸谷,1\n", districts(name=["岸谷", None], people=[1, 2]))


def test_one_municipality_of_many(tmp_path: Path) -> None:
    frame = districts(name=TOWNS[:2], people=[1, 2])
    out = joined(tmp_path, "name,people\n岸谷,10\n宮町,20\n港,40\n", frame, is_part=True)
    assert out["people"].tolist() == [10.0, 20.0]
    assert joined.notes[0] == "inputs.forecast: 1 rows of f.csv with 40 people are of other places"  # type: ignore[attr-defined]


def test_from_the_command_to_the_houses(tmp_path: Path) -> None:
    """``sewerzone forecast`` writes what a study reads: the people of the target year are the forecast's, to the last one."""
    sample = samples.town(150, 1)
    study = write_sample(sample, tmp_path / "town")
    names = sample.districts["name"]
    rows = [f"{n},{y},{200 + 10 * k - (k + 1) * (y - 2015)}" for k, n in enumerate(names) for y in range(2015, 2021)]
    (tmp_path / "past.csv").write_text("地区名,年,人口\n" + "\n".join(rows), "utf-8")
    words = ["forecast", str(tmp_path / "past.csv"), "--total", "321", "--year", "2040", "-o", str(study.parent / "f.csv")]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    inputs = sz.read(study, changes=("inputs.forecast='f.csv'",))
    assert inputs.districts["people"].sum() == 321
    assert "f.csv" in inputs.hashes
    clean = prepare.clean(inputs)
    assert clean.buildings["people"].sum() == pytest.approx(321, abs=1e-9)
    per = clean.buildings.groupby("district_id")["people"].sum()
    assert per.to_numpy() == pytest.approx(clean.districts.set_index("district_id")["people"][per.index].to_numpy())
    text = re.sub("^districts = ", "# districts = ", study.read_text("utf-8"), flags=re.MULTILINE)  # the layer and its source
    study.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"inputs.forecast without inputs.districts"):
        sz.read(study, changes=("inputs.forecast='f.csv'",))


def test_a_forecast_that_would_have_no_effect(tmp_path: Path) -> None:
    study = write_sample(samples.town(150, 1), tmp_path / "town")
    path = study.parent / "town.gpkg"
    gpd.read_file(path, layer="buildings").assign(people=2.0).to_file(path, layer="buildings")
    names = gpd.read_file(path, layer="districts")["name"]
    (study.parent / "f.csv").write_text("name,people\n" + "".join(f"{n},5\n" for n in names), "utf-8")
    with pytest.raises(ConfigError, match="the buildings have people of their own"):
        sz.read(study, changes=("inputs.forecast='f.csv'",))
