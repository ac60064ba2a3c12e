"""Study files: rendered whole, parsed back equal, proposed from a user's files, written whole or not at all."""

import re
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

import sewerzone as sz
from sewerzone import config
from sewerzone.config import Config, KindRule
from sewerzone.errors import ConfigError, CRSError, DataError
from sewerzone.io import study
from sewerzone.samples import Sample, town

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SENDAI = DATA / "jp_sendai_osm_gsi"
OMAN = DATA / "om_pysewer_example"


@pytest.fixture(scope="module")
def sample() -> Sample:
    return town(120, 1)


def least(**sections: dict[str, object]) -> Config:
    """A study with only what has no default, and some sections."""
    inputs = {"buildings": "b.gpkg", "roads": "r.gpkg", "terrain": ["t.tif"]}
    return config.parse({"study": {"crs": "EPSG:6678"}, "inputs": inputs, **sections})


def again(config_: Config, remarks: tuple[str, ...] = ()) -> Config:
    return config.parse(tomllib.loads(study.render(config_, remarks)))


def test_defaults_come_back_equal() -> None:
    assert again(least()) == least()


def test_varied_values_come_back_equal() -> None:
    varied = config.parse(
        {
            "study": {"name": '山"田\\町\n\t\x7f🏘', "crs": "EPSG:6676", "language": "en"},
            "inputs": {
                "buildings": {
                    "path": "C:\\data\\建物.shp",
                    "encoding": "cp932",
                    "columns": {"people": '人口 "2020"', "odd key": "u"},
                },
                "roads": "../a b/r.gpkg:道路",
                "terrain": ["a.tif", "b'.tif"],
                "districts": {"path": "odd:name.gpkg"},
                "sources": {"buildings": '測量 "A"', "terrain": {"date": 2024}, "roads": {"source": "b", "date": "r6"}},
            },
            "cluster": {"limit_distance_m": 36.5, "representative_dwellings": 12, "rule": "mean"},
            "network": {
                "kinds": [{"column": "w", "values": [1, 2.5, "x"], "kind": "path"}],
                "weights": {"steps": 2.5},
                "unusable_kinds": [],
            },
            "design": {"cover_min_m": 1e-05, "diameters_mm": [100, 150]},
            "cost": {"fallback": None, "yen_per_currency": 140},
            "zoning": {"build_cap_yen_per_yr": 1e17},
        }
    )
    assert again(varied, ("a remark\nwith a second line = 1", "[section]")) == varied


@given(st.text(min_size=1), st.text(), st.dictionaries(st.text(min_size=1), st.text(), max_size=3), st.floats(1e-300, 1e300))
@settings(deadline=None, max_examples=30)
def test_any_text_and_number_survives(name: str, note: str, columns: dict[str, str], weight: float) -> None:
    # lone surrogates cannot be written as UTF-8 and never reach a study file
    name, note = (t.encode("utf-8", "ignore").decode() for t in (name, note))
    columns = {k.encode("utf-8", "ignore").decode(): v.encode("utf-8", "ignore").decode() for k, v in columns.items()}
    wanted = least(network={"weights": {"path": weight}}, cost={"book": name})
    roads = wanted.inputs.roads.model_copy(update={"columns": columns})
    wanted = wanted.model_copy(update={"inputs": wanted.inputs.model_copy(update={"roads": roads})})
    assert again(wanted, (note,)) == wanted


def test_sources_are_of_layers_and_take_dates_as_toml_has_them() -> None:
    inputs = {"buildings": "b.gpkg", "roads": "r.gpkg", "terrain": ["t.tif"]}
    given = tomllib.loads('sources.buildings = { source = "city", date = 2024-04-01 }')
    made = config.parse({"study": {"crs": "EPSG:6678"}, "inputs": {**inputs, **given}}).inputs.sources
    assert made.buildings is not None
    assert (made.buildings.source, made.buildings.date) == ("city", "2024-04-01")
    for wrong, said in (
        ({"barriers": "x"}, "no such layer"),
        ({"building": "x"}, "buildings"),
        ({"roads": {"by": "x"}}, "source"),
    ):
        with pytest.raises(ConfigError, match=said):
            config.parse({"study": {"crs": "EPSG:6678"}, "inputs": {**inputs, "sources": wrong}})


def fields(model: type[BaseModel] = Config, head: str = "") -> dict[str, tuple[str, object]]:
    out: dict[str, tuple[str, object]] = {}
    for name, field in model.model_fields.items():
        if head == "":
            assert isinstance(field.annotation, type)
            out.update(fields(field.annotation, f"{name}."))
        else:
            out[head + name] = (field.description or "", field)
    return out


def test_every_key_stands_in_the_file_with_its_meaning() -> None:
    text = study.render(least())
    words = " ".join(line.removeprefix("#").strip() for line in text.splitlines())
    for key, (meaning, _) in fields().items():
        assert meaning, key
        assert " ".join(meaning.split()) in words, key
        name = key.split(".")[1]
        forms = f"{name} = ", f"# {name} = ", f"[{key}]"
        assert any(line.startswith(forms) for line in text.splitlines()), key


FOLLOWED = ("people_history", "projected_people", "people_year", "present_plan")
"""People over the years, which something must follow."""
FOLLOWING = (
    ("horizon_yr = 0", "horizon_yr = 30"), ("people = []", "people = [[2025, 10.0], [2045, 8.0]]"),
    ('today_plan = "all_sewer"', 'today_plan = "areas"'), ("outlook_years = 0", "outlook_years = 30"),
    ('book = ""', 'book = "generic"'),
)  # fmt: skip
"""What follows the first three, and what asks for the last."""


def test_lines_switched_off_work_when_switched_on() -> None:
    text = study.render(least())
    off = [line for line in text.splitlines() if re.match(r"# [a-z_0-9]+ = ", line)]
    assert {line.split()[1] for line in off} >= {"served_areas", "overrides", "representative_dwellings", "yen_per_currency"}
    accounts = [line for line in text.split("[accounts]")[1].split("\n[")[0].splitlines() if line in off]
    together = dict.fromkeys(accounts, accounts)  # given as a whole
    of_districts = [line for line in off if line.startswith(("# districts", "# forecast"))]  # a forecast is of districts
    together |= {line: of_districts for line in off if line.startswith("# forecast")}
    by_start = {name: next(line for line in off if line.startswith(f"# {name} ")) for name in FOLLOWED}
    together |= {by_start["people_history"]: [of_districts[0], by_start["people_history"]]}
    together |= {by_start["people_year"]: [by_start["projected_people"], by_start["people_year"]]}
    together |= {by_start["present_plan"]: [*accounts, by_start["present_plan"]]}
    for line in off:
        switched_on = text
        for was, wanted in FOLLOWING[: 5 if line == by_start["present_plan"] else 2] if line in by_start.values() else ():
            switched_on = switched_on.replace(was, wanted)
        for needed in together.get(line, [line]):
            switched_on = switched_on.replace(needed, needed.removeprefix("# "))
        assert config.parse(tomllib.loads(switched_on)) != least(), line


def test_comments_fit_a_screen_and_defaults_are_named_where_changed() -> None:
    text = study.render(least(design={"cover_min_m": 1.5}))
    assert max(len(line) for line in text.splitlines() if line.startswith("#")) <= 100
    assert "Least cover over the pipe's crown (最小土被り). Default: 1.0.\ncover_min_m = 1.5" in text


def test_a_sample_is_written_readable_and_the_same_each_time(sample: Sample, tmp_path: Path) -> None:
    path = study.write_sample(sample, tmp_path / "one")
    study.write_sample(sample, tmp_path / "two")
    assert sorted(p.name for p in path.parent.iterdir()) == ["study.toml", "terrain.tif", "town.gpkg"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]
    for name in ("study.toml", "terrain.tif", "town.gpkg"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    assert config.load(path) == study.sample_config(sample)
    for name in study.LAYERS:
        layer = gpd.read_file(path.parent / "town.gpkg", layer=name)
        assert len(layer) == len(getattr(sample, name))
        assert layer.crs == sample.crs
    with rasterio.open(path.parent / "terrain.tif") as raster:
        assert np.array_equal(raster.read(1), sample.terrain.elevation_m)
        assert tuple(raster.transform)[:6] == sample.terrain.transform
        assert raster.crs.to_epsg() == 6676


def test_a_directory_in_use_is_left_alone_unless_forced(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ConfigError, match=r"not empty \(it holds mine.txt\)"):
        study.write_sample(sample, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
    study.write_sample(sample, tmp_path, force=True)
    assert (tmp_path / "mine.txt").read_text() == "precious"
    assert (tmp_path / "study.toml").exists()


def test_a_file_in_the_way_is_an_error_and_stays(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConfigError, match="cannot be written"):
        study.write_sample(sample, tmp_path / "taken")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_a_failure_leaves_nothing_behind(sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(study, "write_terrain", fail)
    with pytest.raises(ConfigError, match="No space left"):
        study.write_sample(sample, tmp_path / "town")
    assert list(tmp_path.iterdir()) == []


def test_write_study_keeps_an_earlier_one_and_prints_remarks(tmp_path: Path) -> None:
    path = study.write_study(least(), tmp_path, ["look here"])
    assert "# - look here\n" in path.read_text("utf-8")
    with pytest.raises(ConfigError, match="exists"):
        study.write_study(least(), tmp_path)
    study.write_study(least(study={"crs": "EPSG:6677"}), tmp_path, force=True)
    assert config.load(path).study.crs == "EPSG:6677"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small set of a user's files in the working directory."""
    monkeypatch.chdir(tmp_path)
    boxes = [shapely.box(x, -105000, x + 10, -104990) for x in (-30000, -29980, -29960)]
    frame = gpd.GeoDataFrame(
        {"ID": [1, 2, 2], "osm_id": ["a", "b", "c"], "人口": [2, 3, 4], "用途": ["411"] * 3}, geometry=boxes, crs=6677
    )
    frame.to_file("own.gpkg", layer="houses")
    lines = gpd.GeoDataFrame({"width_m": [18.0, 4.0]}, geometry=[shapely.LineString([(0, 0), (9, 9)])] * 2, crs=6677)
    lines.to_file("own.gpkg", layer="streets")
    areas = gpd.GeoDataFrame({"POP": ["many"] * 3, "JINKO": [1, 2, 3], "S_NAME": ["一", "二", "三"]}, geometry=boxes, crs=6677)
    areas.to_file("own.gpkg", layer="areas")
    (tmp_path / "dem.tif").write_bytes(b"")
    return tmp_path


def test_columns_are_recognised_and_paths_made_relative(files: Path) -> None:
    made, remarks = study.propose("s", "own.gpkg:houses", "own.gpkg:streets", "dem.tif", districts="own.gpkg:areas")
    assert made.study.name == "s"
    assert made.study.crs == "EPSG:6677"
    assert made.inputs.buildings.path == "../own.gpkg"
    assert made.inputs.buildings.layer == "houses"
    assert made.inputs.buildings.columns == {"people": "人口", "use": "用途", "source_id": "osm_id"}, "ID repeats a value"
    assert made.inputs.districts is not None
    assert made.inputs.districts.columns == {"people": "JINKO", "name": "S_NAME"}
    assert made.inputs.terrain == ("../dem.tif",)
    assert any("人口" in r for r in remarks)
    assert any("dwellings_per_building" in r for r in remarks)
    assert not any("people_per_dwelling" in r for r in remarks)


MOTORWAY = KindRule(column="width_m", values=(18.0,), kind="motorway")
PATH = KindRule(column="width_m", values=(2.0, 2.5), kind="path")


@pytest.mark.parametrize(
    ("widths", "rules"),
    [
        ([18.0, 6.0, 4.0, 2.5], (MOTORWAY, PATH)),
        ([18.0, 6.0, 2.0], (MOTORWAY,)),
        ([12.0, 8.0, 4.0, 2.0], (PATH,)),
        ([18.0, 4.0], ()),
        ([18.0, 12.0, 8.0, 6.0, 4.0], ()),
        ([6.0, 4.0, 2.0], ()),
        ([18.0, 17.3, 6.0, 4.0, 2.5], ()),
    ],
)
def test_widths_that_encode_classes_become_rules(files: Path, widths: list[float], rules: tuple[KindRule, ...]) -> None:
    lines = [shapely.LineString([(0, k), (9, k)]) for k in range(len(widths))]
    gpd.GeoDataFrame({"width_m": widths}, geometry=lines, crs=6677).to_file("coded.gpkg")
    made, remarks = study.propose("s", "own.gpkg:houses", "coded.gpkg", "dem.tif")
    assert made.network.kinds == (*config.OSM_AND_KSJ_KINDS, *rules)
    said = "\n".join(r for r in remarks if "width_m" in r)
    assert ("18 m is taken as motorway" in said, "2 and 2.5 m as paths" in said) == (MOTORWAY in rules, PATH in rules)


def test_swapped_layers_are_refused(files: Path) -> None:
    with pytest.raises(DataError, match=r"--roads: .*holds 3 polygons.*but roads are lines.*What to do.*swapped\?"):
        study.propose("s", "own.gpkg:houses", "own.gpkg:houses", "dem.tif")
    with pytest.raises(DataError, match=r"--buildings: .*holds 2 lines.*but buildings are polygons or points.*swapped\?"):
        study.propose("s", "own.gpkg:streets", "own.gpkg:houses", "dem.tif")


def test_roads_without_a_class_are_ordinary(files: Path) -> None:
    streets = gpd.read_file("own.gpkg", layer="streets").assign(width_m=[17.3, 4.0])
    streets.to_file("real.gpkg")
    made, remarks = study.propose("s", "own.gpkg:houses", "real.gpkg", "dem.tif")
    assert made.network.kinds == config.OSM_AND_KSJ_KINDS
    assert made.inputs.roads.layer is None
    assert any("count as ordinary roads" in r for r in remarks)
    streets.assign(highway="residential").to_file("osm.gpkg")
    _, remarks = study.propose("s", "own.gpkg:houses", "osm.gpkg", "dem.tif")
    assert not any("--roads" in r for r in remarks)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"buildings": "none.gpkg"}, ConfigError, "--buildings: there is no file"),
        ({"terrain": "none.tif"}, ConfigError, "--terrain: there is no file"),
        ({"roads": "own.gpkg:strets"}, ConfigError, "streets"),
        ({"buildings": "own.gpkg"}, ConfigError, "areas, houses, streets|houses, streets, areas"),
        ({"crs": "EPSG:4326"}, CRSError, "--crs: EPSG:4326 is in degrees"),
        ({"crs": "EPSG:nonsense"}, CRSError, "not a coordinate reference system"),
        ({"served_areas": "dem.tif"}, DataError, "--served"),
        ({"buildings": "nocrs.gpkg"}, CRSError, "no coordinate reference system"),
    ],
)  # fmt: skip
def test_what_cannot_be_proposed_is_refused(files: Path, changed: dict[str, str], error: type[Exception], says: str) -> None:
    gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]).to_file("nocrs.gpkg")
    given_ = {"buildings": "own.gpkg:houses", "roads": "own.gpkg:streets", "terrain": "dem.tif", **changed}
    with pytest.raises(error, match=says):
        study.propose("s", **given_)  # type: ignore[arg-type]


def test_a_place_abroad_gets_its_utm_zone(files: Path) -> None:
    houses = gpd.GeoDataFrame(geometry=[shapely.box(58.86, 23.09, 58.87, 23.1)], crs=4326)
    houses.to_file("abroad.gpkg")
    made, remarks = study.propose("s", "abroad.gpkg", "own.gpkg:streets", "dem.tif")
    assert made.study.crs == "EPSG:32640"
    assert any("people_per_dwelling" in r for r in remarks)


@pytest.mark.skipif(not SENDAI.exists(), reason="real data not at hand")
def test_sendai_is_proposed_as_an_analyst_would(tmp_path: Path) -> None:
    file = f"{SENDAI / 'sendai_west_fringe.gpkg'}"
    made, remarks = study.propose(
        tmp_path / "s", f"{file}:buildings", f"{file}:roads", str(SENDAI / "sendai_west_fringe_dem.tif"),
        served_areas=f"{file}:did_2020", districts=f"{file}:population_town_2020_pts",
    )  # fmt: skip
    assert made.study.crs == "EPSG:6678"
    assert made.inputs.districts is not None
    assert made.inputs.districts.columns == {"people": "total_pop", "name": "town_name"}
    assert made.network.kinds[-2:] == (MOTORWAY, PATH)
    path = study.write_study(made, tmp_path / "s", remarks)
    assert config.load(path) == made
    named = made.inputs.buildings.path
    assert (path.parent / named).exists()
    assert pyogrio.read_info(path.parent / named, layer=made.inputs.buildings.layer)["features"] == 5182


@pytest.mark.skipif(not OMAN.exists(), reason="real data not at hand")
def test_oman_is_proposed_in_its_utm_zone(tmp_path: Path) -> None:
    files_ = [str(OMAN / name) for name in ("buildings_projected.shp", "roads_projected.shp", "dem_10m1.tif")]
    made, _ = study.propose(tmp_path, *files_)
    assert made.study.crs == "EPSG:32640"
    assert made.inputs.buildings.columns == {"people": "Einw_GEB"}


def test_a_sample_from_python(tmp_path: Path) -> None:
    path = sz.sample(tmp_path / "town", dwellings=60)
    with pytest.raises(ConfigError, match="in Python force=True"):
        sz.sample(tmp_path / "town", dwellings=60, seed=2)
    before = (tmp_path / "town" / "town.gpkg").read_bytes()
    assert sz.sample(tmp_path / "town", dwellings=60, seed=2, force=True) == path
    assert (tmp_path / "town" / "town.gpkg").read_bytes() != before
    assert sz.read(path, changes=("design.cover_min_m=1.5",)).config.design.cover_min_m == 1.5
