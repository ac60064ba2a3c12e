"""Study units do not depend on the order of rows, on where the town lies, or on how it is cut up to be computed."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components
from shapely import affinity

from sewerzone import outlines, shapes
from sewerzone.config import Cluster
from sewerzone.engineering import neighbours
from sewerzone.stages import cluster
from sewerzone.tables import BARRIERS, DISTRICTS, SERVED_AREAS

CRS = "EPSG:6678"
RIVER = shapely.LineString([(-10, 60), (90, 75), (130, 140), (300, 150)])
LAKE = shapely.Point(160, 60).buffer(25)
SERVED = shapely.box(-50, -50, 20, 40)


@st.composite
def towns(draw: Any) -> gpd.GeoDataFrame:
    count = draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    footprints = []
    for _ in range(count):
        x, y = random.uniform(0, 250, 2)
        w, h = random.lognormal(2.2, 0.6, 2)
        box = affinity.rotate(shapely.box(x, y, x + w, y + h), random.uniform(0, 90))
        footprints.append(shapely.Point(x, y) if random.random() < 0.2 else box)
    data = {
        "building_id": np.arange(count), "status": "dwelling", "dwellings": random.integers(1, 5, count).astype(float),
        "people": random.uniform(0, 9, count), "flow_mean_m3_per_d": 0.5, "flow_max_m3_per_d": 0.75,
        "flow_hourly_l_per_s": 0.01, "is_served": False, "unit_id": pd.array([pd.NA] * count, dtype="Int64"),
        "district_id": pd.array(random.integers(0, 3, count), dtype="Int64"),
    }  # fmt: skip
    return gpd.GeoDataFrame(data, geometry=footprints, crs=CRS)


def layer(table: Any, *geometries: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({table.key[0]: np.arange(len(geometries))}, geometry=list(geometries), crs=CRS)


def group(
    frame: gpd.GeoDataFrame, rule: str, by: tuple[float, float] = (0.0, 0.0)
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    river, lake, served = (affinity.translate(g, *by) for g in (RIVER, LAKE, SERVED))
    options = Cluster.model_validate({"rule": rule, "split_at_districts": rule == "mean"})
    return cluster.group(
        frame, layer(SERVED_AREAS, served), layer(BARRIERS, river, lake), layer(DISTRICTS), 18.0, 25.0, options, CRS
    )


@settings(deadline=None, max_examples=30)
@given(frame=towns(), rule=st.sampled_from(["link", "mean"]), seed=st.integers(0, 999))
def test_row_order_changes_nothing(frame: gpd.GeoDataFrame, rule: str, seed: int) -> None:
    buildings, units = group(frame, rule)
    shuffled, other = group(frame.sample(frac=1, random_state=seed), rule)
    assert shuffled.sort_index()["unit_id"].equals(buildings["unit_id"])
    pd.testing.assert_frame_equal(pd.DataFrame(other), pd.DataFrame(units))


@settings(deadline=None, max_examples=30)
@given(frame=towns(), rule=st.sampled_from(["link", "mean"]), x=st.floats(-1e6, 1e6), y=st.floats(-1e6, 1e6))
def test_translation_changes_nothing(frame: gpd.GeoDataFrame, rule: str, x: float, y: float) -> None:
    moved = frame.set_geometry(frame.geometry.translate(x, y))
    assert group(moved, rule, (x, y))[0]["unit_id"].equals(group(frame, rule)[0]["unit_id"])


def test_an_outline_others_leave_nothing_of_has_a_density() -> None:
    assert outlines.per_ha(np.array([2.0, 2.0]), np.array([0.5, 0.0])).tolist() == [4.0, 20_000.0]


@settings(deadline=None, max_examples=30)
@given(frame=towns(), cut=st.floats(0, 250))
def test_blocks_computed_apart_and_joined_at_the_seam_are_the_whole(frame: gpd.GeoDataFrame, cut: float) -> None:
    footprints = np.asarray(frame.geometry.to_numpy(), dtype=object)
    features = shapes.features(footprints)
    block = (frame.geometry.centroid.x.to_numpy() > cut).astype(np.int64)
    apart = neighbours.components(features, 18.0, block)
    a, b, _ = neighbours.pairs(features, 18.0, block, is_same_group=False)
    np.testing.assert_array_equal(neighbours.joined(apart, a, b), neighbours.components(features, 18.0))


@settings(deadline=None, max_examples=40)
@given(frame=towns(), rule=st.sampled_from(["link", "mean"]), margin_m=st.sampled_from([0.5, 5.0, 20.0]))
def test_outlines_hold_their_houses_and_never_overlap(frame: gpd.GeoDataFrame, rule: str, margin_m: float) -> None:
    options = Cluster.model_validate({"rule": rule, "outline_margin_m": margin_m})
    buildings, units = cluster.group(
        frame, layer(SERVED_AREAS), layer(BARRIERS, RIVER, LAKE), layer(DISTRICTS), 18.0, 25.0, options, CRS
    )
    outline = units.geometry.to_numpy()
    assert shapely.is_valid(outline).all()
    i, j = np.triu_indices(len(outline), 1)
    assert shapely.area(shapely.intersection(outline[i], outline[j])).max(initial=0.0) < 1e-6
    own = outline[buildings["unit_id"].to_numpy(dtype=np.int64)]
    assert shapely.covers(own, buildings.geometry.representative_point().to_numpy()).all()
    assert units["dwellings"].sum() == pytest.approx(frame["dwellings"].sum())


@settings(deadline=None, max_examples=30)
@given(frame=towns())
def test_units_equal_judging_every_pair(frame: gpd.GeoDataFrame) -> None:
    """Links that keep clear of river and lake, over all pairs, without any index or shortcut."""
    land = [g.difference(LAKE) for g in frame.geometry]
    linked = np.zeros((len(land), len(land)), dtype=bool)
    whole, bank = frame.geometry.to_numpy(), LAKE.buffer(-0.01).boundary
    for i in range(len(land)):
        for j in range(i):
            stands = whole if land[i].is_empty or land[j].is_empty else land
            line = shapely.shortest_line(stands[i], stands[j])
            is_free = not line.crosses(RIVER) and not line.intersects(bank)
            linked[i, j] = whole[i].distance(whole[j]) == 0 or (whole[i].distance(whole[j]) <= 18.0 and is_free)
    count, label = connected_components(linked, directed=False)
    buildings, units = cluster.group(
        frame, layer(SERVED_AREAS), layer(BARRIERS, RIVER, LAKE), layer(DISTRICTS), 18.0, 25.0, Cluster(), CRS
    )
    assert len(units) == count == len(set(zip(label, buildings["unit_id"], strict=True)))
