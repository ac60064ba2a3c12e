"""What a user can get wrong: each case gives one error with what, why and remedy, and leaves every file as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sewerzone import config as config_file
from sewerzone.config import load
from sewerzone.errors import ConfigError, CRSError, DataError, NetworkError, SewerzoneError, TerrainError
from sewerzone.io.read import problems, read
from sewerzone.stages.prepare import clean
from tests import village
from tests.village import Study

Break = Callable[[Path, Study], None]
CASES: list[Any] = []


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study]:
    folder = tmp_path_factory.mktemp("village")
    return folder, village.write(folder)


@pytest.fixture
def study(template: tuple[Path, Study], tmp_path: Path) -> tuple[Path, Study]:
    folder = tmp_path / "study"
    shutil.copytree(template[0], folder)
    data = {name: dict(section) for name, section in template[1].items()}
    return folder, data


def case(kind: type[SewerzoneError], *fragments: str) -> Callable[[Break], Break]:
    """Register a way to break the village, the error it must raise and what the message must say."""

    def register(function: Break) -> Break:
        CASES.append(pytest.param(function, kind, fragments, id=function.__name__))
        return function

    return register


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(p.relative_to(folder)): (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(folder.rglob("*")) if p.is_file()
    }


def save(frame: gpd.GeoDataFrame, path: Path, **options: Any) -> str:
    frame.to_file(path, **options)
    return path.name


def buildings(**columns: Any) -> dict[str, Any]:
    return {"path": "bad.gpkg", "columns": {"source_id": "fid_text", **columns}}


# --- files and layers


@case(ConfigError, "no file", "hauses.gpkg", "houses.gpkg", "inputs.buildings")
def missing_file(folder: Path, data: Study) -> None:
    save(village.houses(), folder / "houses.gpkg")
    data["inputs"]["buildings"] = "hauses.gpkg"


@case(ConfigError, "no file", "nowhere")
def missing_folder(folder: Path, data: Study) -> None:
    data["inputs"]["roads"] = "nowhere/deep/roads.gpkg"


@case(ConfigError, "no layer 'house'", "houses", "village.gpkg:houses")
def wrong_layer(folder: Path, data: Study) -> None:
    data["inputs"]["buildings"] = "village.gpkg:house"


@case(ConfigError, "7 layers", "houses, roads", "cannot be guessed")
def several_layers_and_none_named(folder: Path, data: Study) -> None:
    data["inputs"]["buildings"] = "village.gpkg"


@case(ConfigError, "is a folder", "village.gpkg")
def folder_as_file(folder: Path, data: Study) -> None:
    data["inputs"]["buildings"] = "."


@case(DataError, "broken.gpkg", "cannot be read")
def broken_geopackage(folder: Path, data: Study) -> None:
    noise = np.random.default_rng(1).integers(0, 256, 4096, dtype=np.uint8)
    (folder / "broken.gpkg").write_bytes(b"SQLite format 3\0" + noise.tobytes())
    data["inputs"]["buildings"] = "broken.gpkg"


@case(DataError, "half.gpkg", "cannot be read")
def truncated_geopackage(folder: Path, data: Study) -> None:
    whole = (folder / "village.gpkg").read_bytes()
    (folder / "half.gpkg").write_bytes(whole[: len(whole) // 3])
    data["inputs"]["buildings"] = "half.gpkg:houses"


@case(DataError, "bare.shp", "cannot be read", ".shx")
def shapefile_without_its_index(folder: Path, data: Study) -> None:
    save(village.houses(), folder / "bare.shp")
    (folder / "bare.shx").unlink()
    data["inputs"]["buildings"] = "bare.shp"


@case(DataError, "is a raster", "inputs.terrain")
def raster_as_vector(folder: Path, data: Study) -> None:
    data["inputs"]["buildings"] = "dem.tif"


@case(DataError, "no layer with geometry", "CSV")
def table_without_geometry(folder: Path, data: Study) -> None:
    (folder / "houses.csv").write_text("id,x,y\n1,2,3\n")
    data["inputs"]["buildings"] = "houses.csv"


@case(DataError, "cannot be read", "houses.parquet")
def parquet_without_geometry(folder: Path, data: Study) -> None:
    village.houses().drop(columns="geometry").to_parquet(folder / "houses.parquet")
    data["inputs"]["buildings"] = "houses.parquet"


@case(DataError, "no vector file", "readme.txt")
def zip_without_a_layer(folder: Path, data: Study) -> None:
    (folder / "pack").mkdir()
    (folder / "pack" / "readme.txt").write_text("nothing here")
    shutil.make_archive(str(folder / "pack"), "zip", folder / "pack")
    data["inputs"]["buildings"] = "pack.zip"


@case(ConfigError, "2 .shp files", "unpack")
def zip_with_two_layers(folder: Path, data: Study) -> None:
    (folder / "pack").mkdir()
    for name in ("a", "b"):
        save(village.houses(), folder / "pack" / f"{name}.shp")
    shutil.make_archive(str(folder / "pack"), "zip", folder / "pack")
    data["inputs"]["buildings"] = "pack.zip"


@case(DataError, "inputs.buildings", "holds no rows")
def empty_layer(folder: Path, data: Study) -> None:
    save(village.houses().iloc[:0], folder / "bad.gpkg", layer="none", geometry_type="Polygon")
    data["inputs"]["buildings"] = "bad.gpkg"


# --- coordinate systems


@case(ConfigError, "study.crs", "degree", "plane rectangular")
def degrees_as_study_crs(folder: Path, data: Study) -> None:
    data["study"]["crs"] = "EPSG:6668"


@case(ConfigError, "study.crs", "not a coordinate reference system")
def nonsense_as_study_crs(folder: Path, data: Study) -> None:
    data["study"]["crs"] = "zone ten"


@case(CRSError, "study.crs", "on the ground", "EPSG:6678")
def web_mercator_as_study_crs(folder: Path, data: Study) -> None:
    data["study"]["crs"] = "EPSG:3857"


@case(CRSError, "no coordinate reference system", "nothing is guessed")
def layer_without_crs(folder: Path, data: Study) -> None:
    save(village.houses().set_crs(None, allow_override=True), folder / "bad.shp")
    (folder / "bad.prj").unlink(missing_ok=True)
    data["inputs"]["buildings"] = "bad.shp"


@case(CRSError, "says it is in degrees", "assign the CRS")
def metres_called_degrees(folder: Path, data: Study) -> None:
    save(village.houses().set_crs(4326, allow_override=True), folder / "bad.gpkg")
    data["inputs"]["buildings"] = "bad.gpkg"


@case(CRSError, "says it is in metres", "look like degrees")
def degrees_called_metres(folder: Path, data: Study) -> None:
    save(village.houses().to_crs(4326).set_crs(6678, allow_override=True), folder / "bad.gpkg")
    data["inputs"]["buildings"] = "bad.gpkg"


@case(CRSError, "12 of 12 rows", "swapped axes")
def swapped_axes(folder: Path, data: Study) -> None:
    frame = village.houses().to_crs(4326)
    frame["geometry"] = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    save(frame, folder / "bad.gpkg")
    data["inputs"]["buildings"] = "bad.gpkg"


@case(CRSError, "1 of 12 rows", "infinite", "rows 3")
def infinite_coordinates(folder: Path, data: Study) -> None:
    frame = village.houses()
    frame.loc[3, "geometry"] = shapely.Polygon([(np.inf, 0), (1, 1), (2, 0)])
    frame.to_parquet(folder / "bad.parquet")
    data["inputs"]["buildings"] = {"path": "bad.parquet", "columns": {"source_id": "fid_text"}}


@case(DataError, "inputs.roads", "does not meet the buildings", "wrong CRS or zone")
def roads_elsewhere(folder: Path, data: Study) -> None:
    roads = gpd.GeoDataFrame({"highway": ["x"]}, geometry=[village.line((0, 90_000), (50, 90_000))], crs=village.CRS)
    save(roads, folder / "bad.gpkg")
    data["inputs"]["roads"] = "bad.gpkg"


@case(DataError, "inputs.districts", "does not meet the buildings", "another municipality")
def districts_elsewhere(folder: Path, data: Study) -> None:
    far = gpd.GeoDataFrame({"people": [3.0]}, geometry=[village.box(5000, 5000, 6000, 6000)], crs=village.CRS)
    save(far, folder / "bad.gpkg")
    data["inputs"]["districts"] = "bad.gpkg"


# --- geometry


@case(DataError, "polygons", "centre lines", "PLATEAU")
def polygons_as_roads(folder: Path, data: Study) -> None:
    data["inputs"]["roads"] = "village.gpkg:houses"


@case(DataError, "none of 12 rows", "has a geometry")
def rows_without_geometry(folder: Path, data: Study) -> None:
    frame = village.houses()
    frame["geometry"] = None
    save(frame, folder / "bad.gpkg", geometry_type="Polygon")
    data["inputs"]["buildings"] = buildings()


@case(DataError, "1 points", "roads are lines")
def points_as_roads(folder: Path, data: Study) -> None:
    data["inputs"]["roads"] = "village.gpkg:plants"


@case(DataError, "lines", "served_areas are polygons", "open lines")
def open_lines_as_areas(folder: Path, data: Study) -> None:
    data["inputs"]["served_areas"] = "village.gpkg:roads"


@case(DataError, "inputs.buildings", "lines", "footprints")
def lines_as_buildings(folder: Path, data: Study) -> None:
    data["inputs"]["buildings"] = "village.gpkg:roads"


@case(DataError, "1 rows are points, 1 are polygons", "all as polygons or all as points")
def points_and_polygons_as_districts(folder: Path, data: Study) -> None:
    mixed = gpd.GeoDataFrame(
        {"people": [3.0, 4.0]}, geometry=[village.box(0, 0, 50, 80), village.box(50, 0, 90, 80).centroid], crs=village.CRS
    )
    save(mixed, folder / "bad.gpkg")
    data["inputs"]["districts"] = "bad.gpkg"


# --- columns and values


@case(ConfigError, "'NINZU'", "JINKO", "the file's columns are")
def missing_mapped_column(folder: Path, data: Study) -> None:
    data["inputs"]["districts"] = {"path": "village.gpkg", "layer": "districts", "columns": {"people": "NINZU"}}


@case(ConfigError, "popel", "known are", "people")
def unknown_name_of_ours(folder: Path, data: Study) -> None:
    data["inputs"]["districts"] = {"path": "village.gpkg", "layer": "districts", "columns": {"popel": "JINKO"}}


@case(ConfigError, "encoding 'latin-99'", "cp932")
def unknown_encoding(folder: Path, data: Study) -> None:
    data["inputs"]["buildings"] = {"path": "village.gpkg", "layer": "houses", "encoding": "latin-99"}


@case(DataError, "inputs.roads", "2 of 3 lines", "closed rings, the outlines of carriageways", "N13")
def roads_as_closed_outlines(folder: Path, data: Study) -> None:
    rings = [village.box(0, 38, 180, 42).exterior, village.box(90, 0, 94, 80).exterior, village.line((0, 40), (180, 40))]
    save(gpd.GeoDataFrame(geometry=[shapely.LineString(r.coords) for r in rings], crs=village.CRS), folder / "bad.gpkg")
    data["inputs"]["roads"] = "bad.gpkg"


@case(DataError, "garbled", "cp932")
def mojibake(folder: Path, data: Study) -> None:
    frame = village.houses(use=["普通建物"] * village.HOUSES)
    save(frame, folder / "bad.shp", encoding="CP932")
    (folder / "bad.cpg").write_text("ISO-8859-1")
    data["inputs"]["buildings"] = {"path": "bad.shp", "columns": {"use": "use"}}


@case(DataError, "share 1 ids", "h3")
def duplicate_ids(folder: Path, data: Study) -> None:
    frame = village.houses()
    frame.loc[7, "fid_text"] = "h3"
    save(frame, folder / "bad.gpkg")
    data["inputs"]["buildings"] = buildings()


@case(DataError, "buildings.people (bad.gpkg)", "1 value is below 0", "-4", "h2")
def negative_people(folder: Path, data: Study) -> None:
    save(village.houses(n=[3.0, 2.0, -4.0] + [1.0] * 9), folder / "bad.gpkg")
    data["inputs"]["buildings"] = buildings(people="n")


@case(DataError, "districts.people", "below 0")
def negative_people_of_a_district(folder: Path, data: Study) -> None:
    frame = gpd.read_file(folder / "village.gpkg", layer="districts")
    save(frame.assign(JINKO=-1.0), folder / "bad.gpkg")
    data["inputs"]["districts"] = {"path": "bad.gpkg", "columns": {"people": "JINKO"}}


@case(DataError, "buildings.dwellings", "1 value is no number", "two", "h1")
def text_in_a_number_column(folder: Path, data: Study) -> None:
    save(village.houses(n=["1", "two"] + ["1"] * 10), folder / "bad.gpkg")
    data["inputs"]["buildings"] = buildings(dwellings="n")


@case(DataError, "buildings.people", "no value in any of 12 rows")
def people_all_missing(folder: Path, data: Study) -> None:
    save(village.houses(n=[np.nan] * 12), folder / "bad.gpkg")
    data["inputs"]["buildings"] = buildings(people="n")


@case(DataError, "neither people nor dwellings", "JINKO")
def districts_without_people(folder: Path, data: Study) -> None:
    data["inputs"]["districts"] = "village.gpkg:districts"


@case(DataError, "buildings.district", "middle", "names as in the districts")
def unknown_district_name(folder: Path, data: Study) -> None:
    save(village.houses(d=["upper"] * 11 + ["middle"]), folder / "bad.gpkg")
    data["inputs"]["buildings"] = buildings(district="d")


@case(DataError, "overrides.kind", "'sewer'", "force_sewer")
def wrong_override_kind(folder: Path, data: Study) -> None:
    frame = gpd.GeoDataFrame({"kind": ["sewer"]}, geometry=[village.box(0, 0, 50, 50)], crs=village.CRS)
    save(frame, folder / "bad.gpkg")
    data["inputs"]["overrides"] = "bad.gpkg"


@case(DataError, "overrides.kind", "None")
def override_without_kind(folder: Path, data: Study) -> None:
    save(gpd.GeoDataFrame({"note": ["?"]}, geometry=[village.box(0, 0, 50, 50)], crs=village.CRS), folder / "bad.gpkg")
    data["inputs"]["overrides"] = "bad.gpkg"


@case(DataError, "plants.kind", "'pond'", "plant, outlet")
def wrong_plant_kind(folder: Path, data: Study) -> None:
    frame = gpd.GeoDataFrame({"kind": ["pond"]}, geometry=[shapely.Point(village.EAST_M, village.NORTH_M)], crs=village.CRS)
    save(frame, folder / "bad.gpkg")
    data["inputs"]["plants"] = "bad.gpkg"


@case(DataError, "none of 12 is a dwelling", "12 shed", "shed_below_m2")
def no_dwelling_at_all(folder: Path, data: Study) -> None:
    data["prepare"] = {"shed_below_m2": 500.0}


@case(DataError, "none of 2 lines is usable", "unusable_kinds")
def no_usable_road(folder: Path, data: Study) -> None:
    data["network"] = {"unusable_kinds": ["ordinary"]}


# --- terrain


@case(TerrainError, "nodata", "cannot be laid without ground elevations")
def terrain_of_nodata_only(folder: Path, data: Study) -> None:
    village.write_raster(folder / "dem.tif", np.full((60, 60), -9999.0), nodata=-9999.0)


@case(TerrainError, "unknown at 12 of 12 buildings", "add sheets")
def terrain_with_a_hole_under_the_village(folder: Path, data: Study) -> None:
    values = village.ground()
    values[40:, :] = -9999.0
    village.write_raster(folder / "dem.tif", values)


@case(CRSError, "dem.tif has no coordinate reference system")
def terrain_without_crs(folder: Path, data: Study) -> None:
    village.write_raster(folder / "dem.tif", village.ground(), crs=None)


@case(TerrainError, "lies elsewhere", "wrong zone")
def terrain_elsewhere(folder: Path, data: Study) -> None:
    village.write_raster(folder / "dem.tif", village.ground(), east_m=80_000.0)


@case(TerrainError, "cannot be read as a raster")
def vector_as_raster(folder: Path, data: Study) -> None:
    save(village.houses(), folder / "houses.geojson", driver="GeoJSON")
    data["inputs"]["terrain"] = "houses.geojson"


@case(TerrainError, "colour bands", "not elevations")
def picture_as_terrain(folder: Path, data: Study) -> None:
    village.write_raster(folder / "dem.tif", np.zeros((3, 60, 60)), dtype="uint8")


@case(ConfigError, "inputs.terrain", "no file", "dem2.tif")
def terrain_missing(folder: Path, data: Study) -> None:
    data["inputs"]["terrain"] = ["dem.tif", "dem2.tif"]


# --- the study file


@case(ConfigError, "prepare.sheds_below", "no such key", "shed_below_m2")
def unknown_key(folder: Path, data: Study) -> None:
    data["prepare"] = {"sheds_below": 3}


@case(ConfigError, "excavation_max_m = 1.0", "no pipe fits")
def contradictory_limits(folder: Path, data: Study) -> None:
    data["design"] = {"cover_min_m": 1.2, "excavation_max_m": 1.0}


@case(ConfigError, "prepare.people_per_dwelling", "greater than 0")
def value_out_of_range(folder: Path, data: Study) -> None:
    data["prepare"] = {"people_per_dwelling": -2.2}


@case(ConfigError, "inputs.terrain", "missing")
def no_terrain_named(folder: Path, data: Study) -> None:
    del data["inputs"]["terrain"]


def run(folder: Path, data: Study) -> None:
    clean(read(config_file.parse(data), folder))


@pytest.mark.parametrize(("break_it", "kind", "fragments"), CASES)
def test_bad_input(study: tuple[Path, Study], break_it: Break, kind: type[SewerzoneError], fragments: tuple[str, ...]):
    folder, data = study
    break_it(folder, data)
    before = listing(folder)
    with pytest.raises(SewerzoneError) as caught:
        run(folder, data)
    message = str(caught.value)
    assert caught.type is kind, message
    assert [f for f in fragments if f not in message] == [], message
    if "wrong setting" not in message:
        assert "Why it matters: " in message
        assert "What to do: " in message
        assert "problems:" not in message, "one cause, one problem"
        assert problems(config_file.parse(data), folder) == [message]
    assert listing(folder) == before


def test_there_are_at_least_thirty_cases():
    assert len(CASES) >= 30


def test_the_village_itself_is_fine(study: tuple[Path, Study]):
    folder, data = study
    before = listing(folder)
    assert problems(config_file.parse(data), folder) == []
    run(folder, data)
    assert listing(folder) == before


def test_every_problem_of_a_study_is_raised_at_once(study: tuple[Path, Study]):
    folder, data = study
    data["inputs"] |= {
        "buildings": "none.gpkg", "roads": "village.gpkg:streets", "terrain": "dem2.tif", "served_areas": "village.gpkg:rivers",
        "districts": {"path": "village.gpkg", "layer": "districts", "columns": {"people": "NINZU"}},
    }  # fmt: skip
    with pytest.raises(SewerzoneError, match="5 problems") as caught:
        run(folder, data)
    for fragment in ("none.gpkg", "'streets'", "dem2.tif", "open lines", "'NINZU'"):
        assert fragment in str(caught.value)
    assert len(problems(config_file.parse(data), folder)) == 5


def test_a_terrain_cut_short_is_told_beside_buildings_that_are(study: tuple[Path, Study]):
    folder, data = study
    truncated_geopackage(folder, data)
    whole = (folder / "dem.tif").read_bytes()
    (folder / "dem.tif").write_bytes(whole[: len(whole) // 2])
    buildings_told, terrain_told = problems(config_file.parse(data), folder)
    assert "half.gpkg" in buildings_told
    assert "dem.tif is damaged" in terrain_told


def test_nothing_is_said_of_the_terrain_under_buildings_of_another_zone(study: tuple[Path, Study]):
    folder, data = study
    away = village.houses()
    save(away.set_geometry(away.geometry.translate(120_000.0)), folder / "bad.gpkg")
    data["inputs"] |= {"buildings": buildings()}
    (told,) = problems(config_file.parse(data), folder)
    assert "inputs.buildings does not meet any of" in told


def test_every_problem_of_the_values_is_raised_at_once(study: tuple[Path, Study]):
    folder, data = study
    save(village.houses(n=[-1.0] + [1.0] * 11, m=["x"] + ["1"] * 11), folder / "bad.gpkg")
    data["inputs"]["buildings"] = buildings(people="n", dwellings="m")
    with pytest.raises(DataError, match="2 problems"):
        run(folder, data)


def test_road_edges_are_among_the_problems(study: tuple[Path, Study]):
    folder, data = study
    edges = gpd.read_file(folder / "village.gpkg", layer="roads").assign(type="真幅道路")
    save(edges, folder / "edges.gpkg")
    data["inputs"]["roads"] = "edges.gpkg"
    found = problems(config_file.parse(data), folder)
    assert len(found) == 1
    assert "道路縁" in found[0]
    assert issubclass(NetworkError, SewerzoneError)


@pytest.mark.parametrize("text", ["[study\ncrs = 3", "a = \udcff"])
def test_broken_study_file(tmp_path: Path, text: str):
    (tmp_path / "study.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match="not a readable TOML file"):
        load(tmp_path / "study.toml")
    with pytest.raises(ConfigError, match="no such study file"):
        load(tmp_path / "other.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
