"""A synthetic prefecture: whole, joined across its borders, the same each time, and read one municipality at a time."""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone import config as config_file
from sewerzone.batch.areas import read_table
from sewerzone.batch.places import Place
from sewerzone.errors import ConfigError
from sewerzone.formats import codes
from sewerzone.io import prefecture as writing
from sewerzone.io.accounting import account
from sewerzone.io.read import read
from sewerzone.output.prefecture.words import how_many
from sewerzone.samples import prefecture as samples

DWELLINGS, MUNICIPALITIES = 2000, 4


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return writing.write_prefecture(DWELLINGS, MUNICIPALITIES, 1, tmp_path_factory.mktemp("some") / "prefecture").parent


def test_every_building_lies_in_a_municipality_and_all_dwellings_are_there(place: Path) -> None:
    study = config_file.load(place / "study.toml")
    counted = account(study, place)
    houses = gpd.read_parquet(place / "buildings.parquet")
    assert len(counted.outside) == 0
    assert counted.municipalities["buildings"].sum() == len(houses) == counted.buildings
    assert (counted.municipalities["buildings"] > 20).all()
    assert houses["dwellings"].sum() == DWELLINGS
    assert houses["id"].is_unique
    assert tomllib.loads((place / "prefecture.toml").read_text("utf-8"))["study"] == "study.toml"


def test_its_table_shows_what_can_be_written_in_it(place: Path, tmp_path: Path) -> None:
    """Without the marks in front it is read, and so is the column of codes alone."""
    shutil.copytree(place, tmp_path / "p")
    table, text = tmp_path / "p" / "prefecture.toml", (place / "prefecture.toml").read_text("utf-8")
    code = gpd.read_file(place / "boundaries.gpkg")["N03_007"].min()
    shown = text.partition("\n\n")[2].replace("22201", code).splitlines()[1:]
    table.write_text('study = "study.toml"\n' + "\n".join(line.removeprefix("# ") for line in shown), "utf-8")
    areas = read_table(Place(table))
    assert len(areas) == MUNICIPALITIES
    covers = {area.code: [change for change in area.changes if "cover" in change][-1] for area in areas}
    assert [covers.pop(code), *set(covers.values())] == ["design.cover_min_m=1.5", "design.cover_min_m=1.2"]
    table.write_text(text + '[boundaries]\ncode = "N03_007"\n', "utf-8")
    assert [area.code for area in read_table(Place(table))] == [area.code for area in areas]


def test_borders_have_the_columns_of_n03_and_no_gaps(place: Path) -> None:
    borders = gpd.read_file(place / "boundaries.gpkg")
    assert borders.geometry.is_valid.all()
    assert borders.union_all().area == pytest.approx(borders.area.sum(), rel=1e-9)
    assert borders["N03_007"].is_unique
    assert [codes.with_check_digit(c) for c in borders["N03_007"]] == borders["code_with_check_digit"].tolist()
    assert borders["N03_004"].str[-1].isin(list("市町村")).all()


def test_roads_and_ground_go_on_across_the_seams(place: Path) -> None:
    borders = gpd.read_file(place / "boundaries.gpkg").set_index("N03_007").geometry
    roads = gpd.read_parquet(place / "roads.parquet")
    crossing = [int(roads.intersects(a.intersection(b)).sum()) for k, a in enumerate(borders) for b in borders.iloc[k + 1 :]
                if a.intersection(b).length > 500]  # fmt: skip
    assert crossing
    assert min(crossing) >= 1
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(roads.geometry.to_numpy(), k)) for k in (0, -1)])
    _, node = np.unique(ends, axis=0, return_inverse=True)
    u, v = node[: len(roads)], node[len(roads) :]
    label = connected_components(coo_matrix((np.ones(len(u)), (u, v)), shape=(node.max() + 1,) * 2), directed=False)[1]
    length = roads.length.groupby(label[u]).sum()
    motorway_m = roads.length[roads["highway"] == "motorway"].sum()
    assert length.max() > 0.95 * (length.sum() - motorway_m)
    layout = samples.lay_out(DWELLINGS, MUNICIPALITIES, 1)
    inputs = read(config_file.load(place / "study.toml"), place)
    for one, other, is_east in layout.seams():
        x, y = layout.corner_m(other)
        along = np.arange(20.0, layout.side_m, 10.0)
        side = 5.0 * np.array([-1.0, 1.0])
        near, far = (
            inputs.terrain.sample(np.full(len(along), x + s), y + along)
            if is_east
            else inputs.terrain.sample(x + along, np.full(len(along), y + s))
            for s in side
        )
        assert np.abs(near - far).max() < 3.0, (one, other)


def test_houses_of_two_municipalities_stand_side_by_side(place: Path) -> None:
    study = config_file.load(place / "study.toml")
    names = account(study, place).municipalities["code"]
    own = [read(config_file.load(place / "study.toml", (f"municipality.code={c}",)), place).buildings for c in names]
    near = [
        shapely.STRtree(one.geometry.to_numpy()).query(other.geometry.to_numpy(), predicate="dwithin", distance=30.0).shape[1]
        for k, one in enumerate(own)
        for other in own[k + 1 :]
    ]
    assert sum(near) > 0


def test_the_same_numbers_give_the_same_bytes_in_any_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = writing.write_prefecture(400, 2, 2, tmp_path / "one").parent
    monkeypatch.setattr(writing, "ALONE_UP_TO", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    again = writing.write_prefecture(400, 2, 2, tmp_path / "again").parent
    files = sorted(p.relative_to(place) for p in place.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    for name in files:
        one, other = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for folder in (place, again))
        assert one == other, name


def test_large_prefectures_have_a_city_of_several_squares_and_sizes_of_all_kinds() -> None:
    layout = samples.lay_out(1_500_000, 40, 1)
    sizes = np.bincount(layout.municipality, weights=layout.dwellings)
    assert len(sizes) == 40
    assert sizes.sum() == 1_500_000
    assert sizes[0] > 5 * np.median(sizes)
    assert (layout.municipality == 0).sum() == 4
    assert layout.dwellings.max() <= 200_000
    borders = samples.boundaries(layout)
    assert borders.geometry.is_valid.all()
    assert (borders.geometry.geom_type == "Polygon").all()


@pytest.mark.parametrize(("dwellings", "municipalities", "seed"), [(2000, 1, 1), (100, 4, 1), (9_000_000, 4, 1), (2000, 4, -1)])
def test_impossible_prefectures_are_refused(dwellings: int, municipalities: int, seed: int) -> None:
    with pytest.raises(ConfigError, match="not possible"):
        samples.lay_out(dwellings, municipalities, seed)


def test_one_municipality_in_the_right_words() -> None:
    with pytest.raises(ConfigError, match="a prefecture of 1 municipality with seed 1 is not possible"):
        samples.lay_out(2000, 1, 1)
    assert [how_many(count, language) for count in (1, 2) for language in ("en", "ja")] == [
        "1 municipality", "1 市区町村", "2 municipalities", "2 市区町村",
    ]  # fmt: skip


def test_squares_of_like_size_show_one_town_mirrored() -> None:
    layout = samples.lay_out(20_000, 30)
    assert layout.dwellings.sum() == 20_000
    assert (np.sort(np.bincount(layout.municipality))[::-1][:2] == [4, 1]).all()
    towns, uses = np.unique(layout.shows, return_counts=True)
    assert len(towns) < len(layout.dwellings) / 2
    assert uses.max() == samples.MIRRORED
    assert len(np.unique(np.column_stack([layout.shows, layout.mirror]), axis=0)) == len(layout.shows)
    assert (layout.dwellings == layout.dwellings[layout.shows]).all()
    shown = towns[np.argmax(uses)]
    made = dict(samples.squares(layout, int(shown)))
    first = made[int(shown)]
    for number, other in made.items():
        shift = np.subtract(layout.corner_m(number), layout.corner_m(int(shown)))
        mirror = int(layout.mirror[number])
        xy = np.column_stack([first.buildings.centroid.x, first.buildings.centroid.y])
        middle = np.array(layout.corner_m(int(shown))) + layout.side_m / 2
        turned = middle + (xy - middle) * [-1 if mirror & 1 else 1, -1 if mirror & 2 else 1] + shift
        np.testing.assert_allclose(np.column_stack([other.buildings.centroid.x, other.buildings.centroid.y]), turned, atol=0.02)
        assert (shapely.is_ccw(shapely.get_exterior_ring(other.buildings.geometry.to_numpy()[:50]))).all()
        at = [(t.terrain.transform, t.terrain.elevation_m) for t in (first, other)]
        ground = [g[((f[5] - y) / f[0]).astype(int), ((x - f[2]) / f[0]).astype(int)]
                  for (f, g), (x, y) in zip(at, (xy.T, turned.T), strict=True)]  # fmt: skip
        assert np.abs(ground[0] - ground[1]).max() < 3.0  # one cell of 10 m aside at most
