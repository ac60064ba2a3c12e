"""Bad studies through the command line: one clear message, an exit code, no traceback, nothing half-written."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely

from tests.e2e.conftest import Town, call

LAYERS = ("buildings", "roads", "served_areas", "districts", "barriers", "plants")


@dataclass
class Draft:
    """A study in the making: its directory, and its settings as TOML texts by ``section.key``."""

    place: Path
    data: Path
    settings: dict[str, str] = field(default_factory=dict)

    def write(self) -> Path:
        sections: dict[str, list[str]] = {}
        for name, value in self.settings.items():
            section, key = name.split(".", 1)
            sections.setdefault(section, []).append(f"{key} = {value}")
        text = "\n".join(f"[{section}]\n" + "\n".join(lines) for section, lines in sections.items())
        (self.place / "study.toml").write_text(text + "\n", encoding="utf-8")
        return self.place / "study.toml"

    def read(self, layer: str) -> gpd.GeoDataFrame:
        return pyogrio.read_dataframe(self.data / "town.gpkg", layer=layer)

    def replace(self, layer: str, frame: gpd.GeoDataFrame, **options: Any) -> None:
        """Let the study read another file for a layer."""
        pyogrio.write_dataframe(frame, self.place / f"{layer}.gpkg", layer=layer, **options)
        self.settings[f"inputs.{layer}"] = f'"{layer}.gpkg:{layer}"'

    def terrain(self, change: Callable[[np.ndarray], np.ndarray] = lambda z: z, **profile: Any) -> None:
        """Let the study read another terrain."""
        with rasterio.open(self.data / "terrain.tif") as raster:
            grid, held = raster.read(1), raster.profile
        with rasterio.open(self.place / "other.tif", "w", **{**held, **profile}) as raster:
            raster.write(change(grid).astype("float32"), 1)
        self.settings["inputs.terrain"] = '["other.tif"]'


@pytest.fixture
def draft(town: Town, tmp_path: Path) -> Draft:
    """A study without fault; its files are the town's."""
    data = town.study.parent
    (tmp_path / "study").mkdir()
    draft = Draft(tmp_path / "study", data, {"study.name": '"Bad"', "study.crs": '"EPSG:6676"'})
    for layer in LAYERS:
        draft.settings[f"inputs.{layer}"] = f'"{(data / "town.gpkg").as_posix()}:{layer}"'
    draft.settings["inputs.terrain"] = f'["{(data / "terrain.tif").as_posix()}"]'
    return draft


Case = tuple[Callable[[Draft], Any], str]
CASES: dict[str, Case] = {}


def case(name: str, said: str) -> Callable[[Callable[[Draft], None]], None]:
    """Declare a bad study; ``said`` is what the message must contain, as a regular expression over all its lines."""

    def add(spoil: Callable[[Draft], None]) -> None:
        CASES[name] = (spoil, said)

    return add


def setting(name: str, key: str, value: str | None, said: str) -> None:
    """Declare a study with one wrong setting; None takes the setting out."""

    def spoil(draft: Draft) -> None:
        draft.settings.pop(key, None)
        if value is not None:
            draft.settings[key] = value

    CASES[name] = (spoil, said)


# --- settings -------------------------------------------------------------------------------------------------------

setting("unknown key", "design.cover_m", "1.0", r"design\.cover_m: no such key; did you mean cover_min_m\?")
setting("unknown section", "desing.cover_min_m", "1.0", r"desing: no such key; did you mean design\?")
setting("text for a number", "design.cover_min_m", '"deep"', r"design\.cover_min_m = 'deep'.*number")
setting("negative people", "prepare.people_per_dwelling", "-2.2", r"people_per_dwelling = -2\.2.*greater than 0")
setting("no such rule", "cluster.rule", '"median"', r"cluster\.rule = 'median'.*'link' or 'mean'")
setting("contradictory limits", "design.excavation_max_m", "0.8", r"excavation_max_m = 0\.8 m is less than .*no pipe fits")
setting("velocities crossed", "design.velocity_min_m_per_s", "4.0", r"velocity_min_m_per_s must be below")
setting("diameters not rising", "design.diameters_mm", "[200, 150]", r"diameters_mm must rise")
setting("not a number", "cost.discount_rate", "nan", r"cost\.discount_rate = nan.*(finite|less|greater)")
setting("no terrain named", "inputs.terrain", "[]", r"inputs\.terrain")
setting("roads not named", "inputs.roads", None, r"inputs\.roads: missing")
setting("no CRS", "study.crs", None, r"study\.crs: missing")
setting("CRS unknown", "study.crs", '"EPSG:999999"', r"not a coordinate reference system.*What to do")
setting("degrees", "study.crs", '"EPSG:6668"', r"EPSG:6668 is in degrees.*plane rectangular zone")
setting("settings that do not go together", "curve.second_aim", '"in_time"', r"second_aim = 'in_time' needs zoning\.build_cap")
setting("feet", "study.crs", '"EPSG:2263"', r"foot.*What to do")
setting("Web Mercator", "study.crs", '"EPSG:3857"', r"one metre of .* on the ground.*EPSG:6676")
setting("currency without a rate", "cost.book", '"snip_2015"', r"yen_per_currency is not set.*CHF.*What to do")
setting("tank without a price", "cost.fallback", '""', r"tanks priced .*What to do")
setting("unknown cost book", "cost.book", '"fuji"', r"fuji.*fuji_2018")

# --- files ----------------------------------------------------------------------------------------------------------

setting("missing file", "inputs.buildings", '"houses.gpkg"', r"inputs\.buildings.*houses\.gpkg.*What to do")
setting("missing terrain", "inputs.terrain", '["hills.tif"]', r"inputs\.terrain.*hills\.tif.*What to do")


@case("wrong layer", r"inputs\.buildings.*houses.*buildings, roads.*What to do")
def _(draft: Draft) -> None:
    draft.settings["inputs.buildings"] = draft.settings["inputs.buildings"].replace(":buildings", ":houses")


@case("layer not named", r"inputs\.roads.*layers.*What to do")
def _(draft: Draft) -> None:
    draft.settings["inputs.roads"] = draft.settings["inputs.roads"].replace(":roads", "")


@case("no such column", r"inputs\.districts.*JINKO.*What to do")
def _(draft: Draft) -> None:
    draft.settings["inputs.districts"] = (
        f'{{path = "{(draft.data / "town.gpkg").as_posix()}", layer = "districts", columns = {{people = "JINKO"}}}}'
    )


@case("not our column", r"inputs\.districts.*inhabitants.*What to do")
def _(draft: Draft) -> None:
    draft.settings["inputs.districts"] = (
        f'{{path = "{(draft.data / "town.gpkg").as_posix()}", layer = "districts", columns = {{inhabitants = "people"}}}}'
    )


@case("damaged file", r"inputs\.roads.*cannot be read.*What to do|inputs\.roads.*What to do")
def _(draft: Draft) -> None:
    (draft.place / "roads.gpkg").write_bytes((draft.data / "town.gpkg").read_bytes()[:5000])
    draft.settings["inputs.roads"] = '"roads.gpkg:roads"'


@case("terrain is no raster", r"inputs\.terrain.*town\.gpkg|inputs\.terrain.*hills\.txt.*What to do")
def _(draft: Draft) -> None:
    (draft.place / "hills.txt").write_text("up and down")
    draft.settings["inputs.terrain"] = '["hills.txt"]'


@case("broken cost book", r"book\.toml.*TOML")
def _(draft: Draft) -> None:
    (draft.place / "book.toml").write_text("[items\n")
    draft.settings["cost.book"] = '"book.toml"'


@case("mojibake", r"inputs\.districts.*not encoded as utf-8.*What to do.*cp932")
def _(draft: Draft) -> None:
    frame = draft.read("districts").assign(name="東山町二丁目", people=10)
    pyogrio.write_dataframe(frame[["name", "people", "geometry"]], draft.place / "districts.shp", encoding="CP932")
    (draft.place / "districts.cpg").unlink(missing_ok=True)
    draft.settings["inputs.districts"] = '{path = "districts.shp", encoding = "UTF-8"}'


# --- places ---------------------------------------------------------------------------------------------------------


@case("layer without CRS", r"inputs\.roads.*CRS|inputs\.roads.*coordinate reference system.*What to do")
def _(draft: Draft) -> None:
    frame = draft.read("roads")
    frame = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=frame.geometry.to_numpy())
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        draft.replace("roads", frame)


@case("roads elsewhere", r"inputs\.roads.*What to do")
def _(draft: Draft) -> None:
    draft.replace("roads", moved(draft.read("roads"), 50_000.0))


@case("plants elsewhere", r"inputs\.plants does not meet the buildings.*What to do")
def _(draft: Draft) -> None:
    draft.replace("plants", moved(draft.read("plants"), 80_000.0))


@case("buildings elsewhere", r"inputs\.buildings does not meet any of plants, served_areas.*What to do")
def _(draft: Draft) -> None:
    draft.replace("buildings", moved(draft.read("buildings"), 80_000.0))


@case("axes swapped", r"does not meet the buildings.*swapped axes")
def _(draft: Draft) -> None:
    frame = draft.read("served_areas")
    frame.geometry = shapely.transform(frame.geometry.array, lambda xy: xy[:, ::-1])
    draft.replace("served_areas", frame)


@case("terrain elsewhere", r"inputs\.terrain.*What to do")
def _(draft: Draft) -> None:
    draft.terrain(transform=rasterio.Affine(10.0, 0.0, 500_000.0, 0.0, -10.0, 500_000.0))


@case("terrain of nodata", r"inputs\.terrain.*What to do")
def _(draft: Draft) -> None:
    draft.terrain(lambda z: np.full_like(z, -9999.0))


@case("terrain without CRS", r"inputs\.terrain.*(CRS|coordinate).*What to do")
def _(draft: Draft) -> None:
    draft.terrain(crs=None)


# --- geometry and values --------------------------------------------------------------------------------------------


@case("lines as buildings", r"inputs\.buildings.*[Ll]ine.*What to do")
def _(draft: Draft) -> None:
    draft.replace("buildings", draft.read("roads"))


@case("areas as roads", r"inputs\.roads.*[Pp]olygon.*What to do")
def _(draft: Draft) -> None:
    draft.replace("roads", draft.read("districts"))


@case("points as served areas", r"inputs\.served_areas.*[Pp]oint.*What to do")
def _(draft: Draft) -> None:
    draft.replace("served_areas", draft.read("plants"))


@case("no buildings", r"inputs\.buildings.*What to do")
def _(draft: Draft) -> None:
    draft.replace("buildings", draft.read("buildings").iloc[:0], geometry_type="Polygon")


@case("no roads", r"inputs\.roads.*What to do")
def _(draft: Draft) -> None:
    draft.replace("roads", draft.read("roads").iloc[:0], geometry_type="LineString")


@case("buildings without geometry", r"buildings.*geometry")
def _(draft: Draft) -> None:
    frame = draft.read("buildings")
    frame.geometry = gpd.GeoSeries([None] * len(frame), crs=frame.crs)
    draft.replace("buildings", frame, geometry_type="Polygon")


@case("negative population", r"districts.*people.*-5.*What to do")
def _(draft: Draft) -> None:
    draft.replace("districts", draft.read("districts").assign(people=-5.0))


@case("words for people", r"districts.*people.*many.*What to do")
def _(draft: Draft) -> None:
    draft.replace("districts", draft.read("districts").assign(people="many"))


@case("duplicate ids", r"buildings.*share 1 ids.*What to do")
def _(draft: Draft) -> None:
    draft.replace("buildings", draft.read("buildings").rename(columns={"id": "source_id"}).assign(source_id=7))


@case("unknown kind of plant", r"plants.*kind.*lagoon.*What to do")
def _(draft: Draft) -> None:
    draft.replace("plants", draft.read("plants").assign(kind="lagoon"))


@case("unknown decision", r"overrides.*kind.*maybe.*What to do")
def _(draft: Draft) -> None:
    draft.replace("overrides", draft.read("served_areas").assign(kind="maybe"))


@case("nobody lives here", r"dwelling.*What to do")
def _(draft: Draft) -> None:
    draft.replace("buildings", draft.read("buildings").assign(use="warehouse", dwellings=0))


@case("no usable road", r"roads.*usable.*What to do")
def _(draft: Draft) -> None:
    draft.replace("roads", draft.read("roads").assign(highway="motorway"))


@case("road edges", r"road edges.*What to do")
def _(draft: Draft) -> None:
    draft.replace("roads", draft.read("roads").assign(type="真幅道路"))


def moved(frame: gpd.GeoDataFrame, by_m: float) -> gpd.GeoDataFrame:
    return frame.set_geometry(frame.geometry.translate(by_m, by_m))


# --- the tests ------------------------------------------------------------------------------------------------------


def test_a_study_without_fault(draft: Draft) -> None:
    result = call("check", draft.write(), "--language", "en")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", CASES)
def test_bad_study(name: str, draft: Draft) -> None:
    spoil, said = CASES[name]
    spoil(draft)
    study = draft.write()
    held = sorted(draft.place.parent.rglob("*"))
    ran, checked = call("run", study), call("check", study)
    for result, text in ((ran, ran.stderr), (checked, checked.output)):
        assert result.exit_code == 1, (result.output, result.exception)
        assert isinstance(result.exception, SystemExit)
        assert "Traceback" not in text
        assert re.search(said, text, re.DOTALL), text
    assert ran.stdout == ""
    assert sorted(draft.place.parent.rglob("*")) == held


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such study file"),
        (b"[study\ncrs = 1", "not a readable TOML file"),
        ('[study]\nname = "仙台市"'.encode("cp932"), "UTF-8"),
    ],
)
def test_no_study_file(text: bytes | None, said: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "study.toml").write_bytes(text)
    for command in (["run"], ["check"], ["config", "show"]):
        result = call(*command, tmp_path / "study.toml")
        assert result.exit_code == 1
        assert said in result.stderr
        assert "Traceback" not in result.output
        assert result.stdout == ""
    assert [p.name for p in tmp_path.iterdir()] == ([] if text is None else ["study.toml"])


def test_a_directory_is_no_study_file(tmp_path: Path) -> None:
    result = call("run", tmp_path)
    assert result.exit_code == 1
    assert "give the path of a study.toml" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "design.cover_min_m"], "section.key=value"),
        (["--set", "cover_min_m=1"], "section.key=value"),
        (["--set", "design.cover=1"], "no such key"),
        (["--set", "design.cover_min_m=-1"], "greater than 0"),
        (["--set", "study.crs.x=1"], "single value"),
    ],
)
def test_bad_overrides(words: list[str], said: str, draft: Draft) -> None:
    for command in ("run", "check"):
        result = call(command, draft.write(), *words)
        assert result.exit_code == 1
        assert said in result.output
        assert "Traceback" not in result.output
    assert [p.name for p in draft.place.iterdir()] == ["study.toml"]


@pytest.mark.parametrize("words", [["fly"], ["run"], ["run", "a", "b"], ["run", "a", "--deep"], ["tables", "--csv"], []])
def test_wrong_usage(words: list[str]) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert "Usage:" in result.output
    assert "Traceback" not in result.output


def test_settings_that_do_not_go_together_hide_nothing_else(draft: Draft) -> None:
    draft.settings["inputs.barriers"] = '"rivers.shp"'
    words = ("--set", "curve.second_aim=in_time", "--set", "curve.points=10", "--set", "inputs.plants=sites.gpkg")
    result = call("check", draft.write(), *words, "--language", "en")
    assert result.exit_code == 1
    for said in ("3 problems", "needs zoning.build_cap_yen_per_yr", "rivers.shp", "sites.gpkg"):
        assert said in result.stdout, result.output
    words = ("--set", "inputs.barriers=no.shp", "--set", "design.cover_m=1.0")
    result = call("check", draft.write(), *words, "--language", "en")
    assert "no.shp" in result.stdout, "what --set says holds where another setting is wrong, too"
    assert "rivers.shp" not in result.stdout


def test_check_lists_everything_at_once(draft: Draft) -> None:
    draft.settings |= {
        "design.cover_m": "1.0",
        "cost.book": '"fuji"',
        "inputs.barriers": '"rivers.shp"',
        "inputs.terrain": '["hills.tif"]',
    }
    draft.replace("plants", moved(draft.read("plants"), 80_000.0))
    result = call("check", draft.write(), "--language", "en")
    assert result.exit_code == 1
    for said in ("5 problems", "design.cover_m", "fuji_2018", "rivers.shp", "hills.tif", "inputs.plants does not meet"):
        assert said in result.stdout, said
    assert call("run", draft.write()).exit_code == 1


def test_check_looks_at_the_terrain_where_buildings_are_wrong(draft: Draft) -> None:
    (draft.place / "hills.tif").write_text("no raster")
    draft.settings |= {"inputs.terrain": '["hills.tif"]', "inputs.buildings": draft.settings["inputs.roads"]}
    result = call("check", draft.write(), "--language", "en")
    assert result.exit_code == 1
    for said in ("2 problems", "inputs.buildings", "hills.tif cannot be read"):
        assert said in result.stdout, said


def test_check_lists_every_wrong_value_at_once(draft: Draft) -> None:
    draft.replace("districts", draft.read("districts").assign(people=-5.0))
    draft.replace("plants", draft.read("plants").assign(kind="lagoon"))
    draft.replace("roads", draft.read("roads").assign(type="真幅道路"))
    result = call("check", draft.write(), "--language", "en")
    assert result.exit_code == 1
    for said in ("3 problems", "-5", "lagoon", "road edges"):
        assert said in result.stdout, said


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--buildings", "none.gpkg"], "--buildings.*none.gpkg"),
        (["--crs", "EPSG:4326"], "--crs.*degrees"),
        (["--crs", "zone ten"], "not a coordinate reference system"),
        (["--terrain", "none.tif"], "--terrain.*none.tif"),
        (["--served", "none.shp"], "--served.*none.shp"),
    ],
)
def test_new_on_bad_files(option: list[str], said: str, town: Town, tmp_path: Path) -> None:
    data = (town.study.parent / "town.gpkg").as_posix()
    words = ["--buildings", f"{data}:buildings", "--roads", f"{data}:roads", "--terrain", f"{data[:-9]}/terrain.tif"]
    result = call("new", tmp_path / "own", *words, *option)
    assert result.exit_code == 1
    assert re.search(said, result.stderr, re.DOTALL)
    assert "What to do" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_plan(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.out, tmp_path / "out")
    (tmp_path / "out" / "tables" / "costs.parquet").write_bytes(b"PAR1")
    for words in (["explain", tmp_path / "out", 0], ["map", tmp_path / "out"]):
        result = call(*words)
        assert result.exit_code == 1
        assert "costs.parquet" in result.stderr
        assert "What to do" in result.stderr


# --- strange, but no mistake ----------------------------------------------------------------------------------------


def one_house(draft: Draft) -> None:
    frame = draft.read("buildings")
    draft.replace("buildings", frame[frame["dwellings"] > 0].iloc[:1])


def one_house_alone(draft: Draft) -> None:
    one_house(draft)
    for layer in ("served_areas", "districts", "barriers", "plants"):
        del draft.settings[f"inputs.{layer}"]


def everybody_served(draft: Draft) -> None:
    frame = draft.read("buildings")
    area = shapely.buffer(shapely.box(*frame.total_bounds), 500.0)
    draft.replace("served_areas", gpd.GeoDataFrame(geometry=[area], crs=frame.crs))


def all_on_one_spot(draft: Draft) -> None:
    frame = draft.read("buildings")
    draft.replace("buildings", frame.set_geometry([frame.geometry.iloc[0]] * len(frame)))


def nobody_near_a_road(draft: Draft) -> None:
    draft.settings["network.max_lateral_m"] = "0.1"


def nobody_at_home(draft: Draft) -> None:
    draft.replace("districts", draft.read("districts").assign(people=0.0))


@pytest.mark.parametrize(
    "strange", [one_house, one_house_alone, everybody_served, all_on_one_spot, nobody_near_a_road, nobody_at_home]
)
def test_a_strange_study_runs(strange: Callable[[Draft], None], draft: Draft) -> None:
    strange(draft)
    result = call("run", draft.write(), "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    out = draft.place / "out"
    buildings, units = (pd.read_parquet(out / "tables" / f"{name}.parquet") for name in ("buildings", "units"))
    summary = json.loads(result.stdout)
    assert sum(facts["buildings"] for facts in summary["by_treatment"].values()) == len(buildings)
    assert (buildings["treatment"] == "none").eq(buildings["dwellings"] == 0).all()
    if len(units):
        assert call("explain", out, *units["unit_id"]).exit_code == 0
    else:
        assert "no study units" in call("explain", out, 0).stderr
