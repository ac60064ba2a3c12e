"""Synthetic municipalities: seeded, of the size asked for, and sound as data."""

import hashlib

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone.errors import ConfigError
from sewerzone.samples import Sample, town
from sewerzone.samples.grids import accumulate, depths, independent

LAYERS = ("buildings", "roads", "served_areas", "districts", "barriers", "plants")
NOT_LIVED_IN = {"shed", "carport", "warehouse", "retail", "office", "school", "shrine", "industrial"}


@pytest.fixture(scope="module")
def sample() -> Sample:
    return town(1500, 1)


def fingerprint(sample: Sample) -> str:
    total = hashlib.sha256(sample.terrain.elevation_m.tobytes())
    for name in LAYERS:
        frame = getattr(sample, name)
        total.update(b"".join(shapely.to_wkb(frame.geometry.to_numpy())))
        total.update(frame.drop(columns="geometry").to_csv().encode())
    return total.hexdigest()


def test_the_same_seed_gives_the_same_town_and_another_seed_another(sample: Sample) -> None:
    assert fingerprint(sample) == fingerprint(town(1500, 1))
    assert fingerprint(town(200, 1)) != fingerprint(town(200, 2))


@pytest.mark.parametrize(("dwellings", "seed"), [(50, 1), (50, 7), (137, 3), (500, 2), (1500, 1), (5000, 1)])
def test_any_size_has_exactly_the_dwellings_asked_for(dwellings: int, seed: int) -> None:
    made = town(dwellings, seed)
    assert made.buildings.dwellings.sum() == dwellings
    assert made.districts.dwellings.sum() == dwellings
    assert made.buildings.dwellings.min() == 0
    homes = made.buildings[made.buildings.dwellings > 0]
    inside = shapely.contains(made.served_areas.union_all(), homes.centroid.to_numpy())
    assert 0.40 <= homes.dwellings[inside].sum() / dwellings <= 0.60


def test_sizes_out_of_range_are_refused() -> None:
    for wrong in (0, 49, 200_001):
        with pytest.raises(ConfigError, match="50 to 200,000"):
            town(wrong)
    with pytest.raises(ConfigError, match="seed -1"):
        town(100, -1)


def test_buildings_neither_overlap_nor_stand_on_roads_or_in_the_river(sample: Sample) -> None:
    shapes = sample.buildings.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (one == other).all()
    surface = sample.roads[sample.roads.tunnel.isna()]
    hit, _ = shapely.STRtree(surface.geometry.to_numpy()).query(shapes, predicate="intersects")
    assert len(hit) == 0
    assert not shapely.intersects(sample.barriers.union_all(), shapes).any()


def test_buildings_have_ids_uses_and_sheds(sample: Sample) -> None:
    frame = sample.buildings
    assert frame.id.is_unique
    assert {"house", "apartments", "shed", "carport", "retail"} <= set(frame.use)
    assert (frame.dwellings[frame.use.isin(NOT_LIVED_IN)] == 0).all()
    assert (frame.dwellings[frame.use == "house"] == 1).all()
    assert (frame.area[frame.use == "shed"] < 20.0).all()
    assert frame.area[frame.use == "house"].between(40.0, 260.0).all()
    assert frame.storeys.between(1, 6).all()


def ends(roads: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    lines = roads.geometry.to_numpy()
    points = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)])
    _, node = np.unique(points, axis=0, return_inverse=True)
    return node[: len(lines)], node[len(lines) :], int(node.max()) + 1


@pytest.mark.parametrize("seed", [1, 4])
def test_roads_connect_by_their_ends(seed: int) -> None:
    roads = town(800, seed).roads
    roads = roads[roads.highway != "motorway"]
    u, v, count = ends(roads)
    _, label = connected_components(coo_matrix((np.ones(len(u)), (u, v)), shape=(count, count)), directed=False)
    largest = label[u] == np.argmax(np.bincount(label))
    assert roads.length[largest].sum() > 0.99 * roads.length.sum()


def test_every_dwelling_has_a_road_near(sample: Sample) -> None:
    homes = sample.buildings[sample.buildings.dwellings > 0].geometry.to_numpy()
    surface = sample.roads[sample.roads.highway != "motorway"].geometry.to_numpy()
    _, away = shapely.STRtree(surface).query_nearest(homes, return_distance=True, all_matches=False)
    assert away.max() < 30.0


def test_river_is_crossed_on_bridges_only(sample: Sample) -> None:
    river = shapely.buffer(sample.barriers.union_all(), -1.0)
    wet = shapely.intersects(river, sample.roads.geometry.to_numpy())
    assert wet.sum() >= 1
    crossing = sample.roads[wet]
    assert ((crossing.bridge == "yes") | (crossing.tunnel == "yes")).all()
    bridges = sample.roads[(sample.roads.bridge == "yes") & (sample.roads.highway != "motorway")]
    assert len(bridges) <= 15


def test_a_motorway_crosses_the_area(sample: Sample) -> None:
    motorway = sample.roads[sample.roads.highway == "motorway"]
    west, _, east, _ = motorway.total_bounds
    assert east - west == pytest.approx(sample.terrain.elevation_m.shape[1] * 10.0)
    assert motorway.tunnel.eq("yes").any()


def test_districts_cover_all_without_overlap_and_are_peopled(sample: Sample) -> None:
    districts = sample.districts
    assert districts.is_valid.all()
    side = sample.terrain.elevation_m.shape[0] * 10.0
    assert districts.area.sum() == pytest.approx(side**2, rel=1e-6)
    whole = districts.union_all()
    assert whole.area == pytest.approx(side**2, rel=1e-6)
    assert shapely.covers(shapely.buffer(whole, 0.01), sample.buildings.geometry.to_numpy()).all()
    assert districts.name.is_unique
    years = [f"people_{year}" for year in range(2014, 2024)]
    assert (districts[["people", "dwellings", *years]] >= 1).all().all()
    homes = sample.buildings[sample.buildings.dwellings > 0]
    held = (
        gpd.sjoin(homes.set_geometry(homes.centroid), districts, predicate="within").groupby("index_right").dwellings_left.sum()
    )
    assert (held.reindex(districts.index, fill_value=0) - districts.dwellings).abs().sum() <= 2  # centres on a border


def test_population_trends_are_plausible(sample: Sample) -> None:
    first, last = sample.districts.people_2014.sum(), sample.districts.people_2023.sum()
    assert 0.80 * first < last < 1.02 * first
    assert 1.8 < last / sample.districts.dwellings.sum() < 3.0


def test_terrain_drains_and_covers_everything(sample: Sample) -> None:
    grid = sample.terrain.elevation_m
    assert grid.dtype == np.float32
    assert np.isfinite(grid).all()
    assert 50.0 < np.ptp(grid) < 2000.0
    corners = sample.buildings.total_bounds
    x, y = corners[[0, 2]], corners[[1, 3]]
    assert np.isfinite(sample.terrain.sample(x, y)).all()
    served = sample.served_areas.union_all().centroid
    town_elev = sample.terrain.sample(np.array([served.x]), np.array([served.y]))[0]
    assert town_elev < np.quantile(grid, 0.25), "the town lies in the plain"


def test_plants_stand_dry_inside_the_area(sample: Sample) -> None:
    assert len(sample.plants) >= 1
    assert (sample.plants.kind == "plant").all()
    assert (sample.plants.distance(sample.barriers.union_all()) > 10.0).all()
    assert sample.plants.within(shapely.box(*sample.districts.total_bounds)).all()


def test_all_layers_are_in_the_metric_crs_of_their_place(sample: Sample) -> None:
    for name in LAYERS:
        assert getattr(sample, name).crs == sample.crs == "EPSG:6676"
    longitude, latitude = sample.served_areas.to_crs(4326).union_all().centroid.coords[0]
    assert 138.0 < longitude < 139.0
    assert 34.5 < latitude < 35.5


@given(st.integers(1, 40), st.integers(0, 200), st.integers(0, 2**31))
@settings(deadline=None, max_examples=60)
def test_independent_is_the_greedy_choice(count: int, pairs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    i, j = rng.integers(0, count, (2, pairs))
    i, j = i[i != j], j[i != j]
    rank = rng.permutation(count)
    kept = independent(count, i, j, rank)
    expected: set[int] = set()
    for thing in np.argsort(rank):
        rivals = set(j[i == thing].tolist()) | set(i[j == thing].tolist())
        if not rivals & expected:
            expected.add(int(thing))
    assert set(np.flatnonzero(kept).tolist()) == expected


@given(st.integers(1, 60), st.integers(0, 2**31))
@settings(deadline=None, max_examples=60)
def test_sums_along_a_tree(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parent = np.array([0, *(rng.integers(0, k) for k in range(1, count))], dtype=np.int64)
    step, weight = rng.integers(1, 9, (2, count)).astype(float)
    depth, total = np.zeros(count), weight.copy()
    for k in range(1, count):
        depth[k] = depth[parent[k]] + step[k]
    for k in range(count - 1, 0, -1):
        total[parent[k]] += total[k]
    assert np.array_equal(depths(parent, step), depth)
    assert np.array_equal(accumulate(parent, weight), total)
