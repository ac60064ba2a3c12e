"""Study units by hand: links, barriers, borders, the mean rule, houses round served areas, totals, outlines."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone.config import Cluster
from sewerzone.errors import DataError
from sewerzone.stages import cluster
from sewerzone.tables import BARRIERS, DISTRICTS, SERVED_AREAS

CRS = "EPSG:6678"
FRINGE = Path(__file__).parents[2].parent / "shared" / "data" / "jp_sendai_osm_gsi" / "sendai_west_fringe.gpkg"


def houses(footprints: Any, **columns: Any) -> gpd.GeoDataFrame:
    count = len(footprints)
    data: dict[str, Any] = {
        "building_id": np.arange(count), "status": "dwelling", "dwellings": 1.0, "people": 2.0, "flow_mean_m3_per_d": 0.5,
        "flow_max_m3_per_d": 0.75, "flow_hourly_l_per_s": 0.01, "is_served": False,
        "district_id": pd.array([pd.NA] * count, dtype="Int64"), "unit_id": pd.array([pd.NA] * count, dtype="Int64"),
    }  # fmt: skip
    return gpd.GeoDataFrame(data | columns, geometry=np.asarray(footprints, dtype=object), crs=CRS)


def square(x: float, y: float = 0.0, side: float = 10.0) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


def layer(table: Any, *shapes: Any) -> gpd.GeoDataFrame:
    ids = {table.key[0]: np.arange(len(shapes))}
    return gpd.GeoDataFrame(ids, geometry=list(shapes), crs=CRS)


def group(
    buildings: gpd.GeoDataFrame,
    limit_m: float = 30.0,
    served_limit_m: float = 30.0,
    served: tuple[Any, ...] = (),
    barriers: tuple[Any, ...] = (),
    districts: gpd.GeoDataFrame | None = None,
    **settings: Any,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    return cluster.group(
        buildings, layer(SERVED_AREAS, *served), layer(BARRIERS, *barriers),
        layer(DISTRICTS) if districts is None else districts, limit_m, served_limit_m, Cluster(**settings), CRS,
    )  # fmt: skip


def ids(buildings: gpd.GeoDataFrame) -> list[int | None]:
    return [None if pd.isna(v) else int(v) for v in buildings["unit_id"]]


def check_outlines(buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> None:
    outline = units.geometry.to_numpy()
    assert shapely.is_valid(outline).all()
    assert not shapely.is_empty(outline).any()
    i, j = shapely.STRtree(outline).query(outline, predicate="intersects")
    overlap = shapely.area(shapely.intersection(outline[i[i < j]], outline[j[i < j]]))
    assert overlap.max(initial=0.0) < 1e-6
    inside = buildings[buildings["unit_id"].notna()]
    own = outline[inside["unit_id"].to_numpy(dtype=np.int64)]
    assert shapely.covers(own, inside.geometry.representative_point().to_numpy()).all()


def test_houses_within_the_limit_are_one_unit_and_others_keep_no_unit() -> None:
    frame = houses([square(0), square(40), square(81), square(500), square(20)])
    frame.loc[4, "status"] = "shed"
    frame.loc[3, "dwellings"] = 0.0
    before = frame.copy()
    out, units = group(frame)
    assert ids(out) == [0, 0, 1, None, None]
    assert units["buildings"].tolist() == [2, 1]
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    check_outlines(out, units)


def test_served_buildings_are_not_grouped() -> None:
    out, units = group(houses([square(0), square(20)], is_served=[True, False]))
    assert ids(out) == [None, 0]
    assert len(units) == 1


def test_a_limit_of_nothing_links_only_what_touches() -> None:
    out, units = group(houses([square(0), square(10), square(20.5)]), limit_m=-4.0)
    assert ids(out) == [0, 0, 1]
    check_outlines(out, units)


def test_no_dwelling_gives_no_unit() -> None:
    out, units = group(houses([square(0)], status="shed"))
    assert ids(out) == [None]
    assert list(units.columns) == [*cluster.COLUMNS, "geometry"]
    assert len(units) == 0


def test_a_dwelling_without_footprint_is_refused() -> None:
    with pytest.raises(DataError, match=r"1 dwellings have no footprint \(ids 1\)"):
        group(houses([square(0), shapely.Polygon()]))


def test_a_river_parts_houses() -> None:
    river = shapely.LineString([(15, -500), (15, 500)])
    assert ids(group(houses([square(0), square(20)]), barriers=(river,))[0]) == [0, 1]
    assert ids(group(houses([square(0), square(20)]))[0]) == [0, 0]


def test_a_river_in_two_reaches_has_no_gap_at_the_joint() -> None:
    reaches = (shapely.LineString([(15, -500), (15, 5)]), shapely.LineString([(15, 5), (15, 500)]))
    points = [shapely.Point(5, 5), shapely.Point(25, 5)]
    assert ids(group(houses(points), barriers=reaches)[0]) == [0, 1]


def test_a_river_area_parts_houses_and_a_bank_does_not() -> None:
    river = shapely.box(12, -500, 20, 500)
    frame = houses([square(0), square(20), square(2, 40), square(20, 40)])
    out, units = group(frame, barriers=(river,))
    assert ids(out) == [0, 1, 0, 1]
    check_outlines(out, units)


def test_a_house_drawn_over_the_bank_belongs_to_its_own_side() -> None:
    river = shapely.box(12, -500, 30, 500)
    frame = houses([shapely.box(0, 0, 14, 10), shapely.box(0, 20, 14, 30), square(30), square(30, 20)])
    assert ids(group(frame, barriers=(river,))[0]) == [0, 0, 1, 1]


def test_what_reaches_over_the_water_does_not_part_neighbours() -> None:
    """The jetty's end is nearest to the neighbour and the line from it crosses the bank; the houses stand on one side."""
    river, jetty = shapely.box(12, -500, 30, 500), shapely.box(12.5, 10, 14, 18)
    frame = houses([shapely.union(shapely.box(0, 0, 14, 10), jetty), shapely.box(0, 20, 11, 30)])
    assert ids(group(frame, barriers=(river,))[0]) == [0, 0]


def test_units_go_round_the_end_of_a_barrier() -> None:
    wall = shapely.LineString([(15, -500), (15, 30)])
    pair = [square(0), square(20)]
    round_the_end = [*pair, square(0, 35), square(20, 35)]
    assert ids(group(houses(pair), barriers=(wall,))[0]) == [0, 1]
    assert ids(group(houses(round_the_end), barriers=(wall,))[0]) == [0, 0, 0, 0]


def test_barrier_points_part_nothing() -> None:
    assert ids(group(houses([square(0), square(20)]), barriers=(shapely.Point(15, 5),))[0]) == [0, 0]


@pytest.mark.parametrize("rule", ["link", "mean"])
def test_barriers_hold_under_both_rules(rule: str) -> None:
    river = shapely.LineString([(35, -500), (35, 500)])
    frame = houses([square(0), square(20), square(40), square(60)])
    assert ids(group(frame, barriers=(river,), rule=rule)[0]) == [0, 0, 1, 1]
    assert ids(group(frame, rule=rule)[0]) == [0, 0, 0, 0]


def test_districts_part_only_when_asked() -> None:
    district = pd.array([7, 7, 3], dtype="Int64")
    frame = houses([square(0), square(20), square(40)], district_id=district)
    polygons = gpd.GeoDataFrame(
        {"district_id": [3, 7]}, geometry=[shapely.box(35, -99, 200, 99), shapely.box(-99, -99, 35, 99)], crs=CRS
    )
    out, units = group(frame, districts=polygons)
    assert ids(out) == [0, 0, 0]
    assert units["district_id"].tolist() == [7]
    out, units = group(frame, districts=polygons, split_at_districts=True)
    assert ids(out) == [0, 0, 1]
    assert units["district_id"].tolist() == [7, 3]
    assert units.total_bounds[[0, 1, 3]].tolist() == pytest.approx([-10, -10, 20], abs=1.0)
    assert units.geometry.iloc[0].bounds[2] <= 35.0 <= units.geometry.iloc[1].bounds[0] + 1e-9
    check_outlines(out, units)


def test_a_house_across_the_border_keeps_its_ground() -> None:
    frame = houses([square(30), square(0), square(45)], district_id=pd.array([3, 7, 3], dtype="Int64"))
    polygons = gpd.GeoDataFrame(
        {"district_id": [3, 7]}, geometry=[shapely.box(35, -99, 200, 99), shapely.box(-99, -99, 35, 99)], crs=CRS
    )
    out, units = group(frame, districts=polygons, split_at_districts=True)
    assert ids(out) == [0, 1, 0]
    check_outlines(out, units)


def test_district_of_most_dwellings_ties_to_the_smallest() -> None:
    frame = houses(
        [square(0), square(20), square(40), square(60)],
        dwellings=[1.0, 2.0, 1.0, 9.0],
        district_id=pd.array([5, 4, 5, pd.NA], dtype="Int64"),
    )
    assert group(frame)[1]["district_id"].tolist() == [4]
    assert group(frame.iloc[:1].assign(district_id=pd.array([pd.NA], dtype="Int64")))[1]["district_id"].isna().all()


def test_mean_rule_by_hand() -> None:
    """Four houses 5 m apart and a fifth 45 m on: 60 m over 5 houses is 12 m per house."""
    frame = houses([square(x) for x in (0, 15, 30, 45, 100)])
    assert ids(group(frame, limit_m=15.0, rule="link")[0]) == [0, 0, 0, 0, 1]
    assert ids(group(frame, limit_m=15.0, rule="mean")[0]) == [0, 0, 0, 0, 0]
    assert ids(group(frame, limit_m=11.9, rule="mean")[0]) == [0, 0, 0, 0, 1]
    assert ids(group(frame, limit_m=14.9, rule="mean")[0]) == [0, 0, 0, 0, 1]  # 45 m is more than three limits


def test_houses_chained_to_a_served_area_adjoin_it() -> None:
    served = shapely.box(-100, -50, -20, 60)
    frame = houses([square(0), square(25), square(70), square(95), square(300)])
    out, units = group(frame, limit_m=30.0, served_limit_m=20.0, served=(served,))
    assert ids(out) == [0, 0, 1, 1, 2]
    assert units["is_adjoining"].tolist() == [True, False, False]
    out, units = group(frame, limit_m=50.0, served_limit_m=20.0, served=(served,))
    assert ids(out) == [0, 0, 1, 1, 2]  # 35 m from the adjoining houses, yet grouped apart from them
    out, units = group(frame, limit_m=50.0, served_limit_m=20.0, served=(served,), absorb_round_served=False)
    assert ids(out) == [0, 0, 0, 0, 1]
    assert not units["is_adjoining"].any()
    assert not group(frame, served_limit_m=0.0, served=(served,))[1]["is_adjoining"].any()


def test_a_river_before_the_served_area_keeps_houses_apart_from_it() -> None:
    served, river = shapely.box(-100, -50, -10, 60), shapely.LineString([(-5, -500), (-5, 500)])
    assert group(houses([square(0)]), served=(served,))[1]["is_adjoining"].tolist() == [True]
    assert group(houses([square(0)]), served=(served,), barriers=(river,))[1]["is_adjoining"].tolist() == [False]


def test_outlines_stay_off_served_areas() -> None:
    served = shapely.box(-100, -50, -3, 60)
    out, units = group(houses([square(0), square(20)]), served=(served,))
    assert units.geometry.intersection(served).area.max() < 1e-9
    check_outlines(out, units)


def test_totals_are_sums_and_numbers_follow_the_smallest_building() -> None:
    frame = houses(
        [square(500), square(0), square(515), square(15)], dwellings=[1.0, 2.0, 4.0, 8.0], people=[1.0, 2.0, 3.0, 4.0]
    )
    out, units = group(frame)
    assert ids(out) == [0, 1, 0, 1]
    assert units["dwellings"].tolist() == [5.0, 10.0]
    assert units["people"].tolist() == [4.0, 6.0]
    assert units["flow_max_m3_per_d"].tolist() == [1.5, 1.5]
    assert units["area_ha"].tolist() == pytest.approx(units.geometry.area / 10_000)
    assert (units["dwellings_per_ha"] * units["area_ha"]).tolist() == pytest.approx([5.0, 10.0])


def test_outlines_keep_the_margin_fill_bays_and_small_holes() -> None:
    ring = [square(x, y) for x in range(0, 90, 15) for y in (0, 75)] + [
        square(x, y) for x in (0, 75) for y in range(15, 75, 15)
    ]
    out, units = group(houses(ring), outline_margin_m=5.0)
    (outline,) = units.geometry
    assert outline.geom_type == "Polygon"
    assert shapely.area(shapely.difference(shapely.union_all(ring).buffer(4.0), outline)) == pytest.approx(0.0, abs=1e-9)
    assert not any(shapely.Polygon(hole).area < 500 for hole in outline.interiors)
    check_outlines(out, units)


def test_contested_ground() -> None:
    """A house in the bay of a bigger unit across a river, houses wall to wall across a border, a house in a courtyard."""
    river = shapely.LineString([(-200, 14), (-14, 14), (-14, 60), (24, 60), (24, 14), (200, 14)])
    bend = [square(x, 0) for x in (-30, -15, 0, 15, 30)] + [square(-30, y) for y in (15, 30, 45)]
    out, units = group(houses([*bend, square(0, 18)]), barriers=(river,), outline_margin_m=15.0)
    assert len(units) == 2
    check_outlines(out, units)
    yard = square(200, 0, 60).difference(square(210, 10, 40))
    touching = [square(0), square(10), yard, square(225, 25)]
    frame = houses(touching, district_id=pd.array([1, 2, 1, 2], dtype="Int64"))
    out, units = group(frame, split_at_districts=True)
    assert ids(out) == [0, 1, 2, 3]
    check_outlines(out, units)


@pytest.mark.skipif(not FRINGE.exists(), reason="real data not at hand")
def test_real_fringe() -> None:
    footprints = gpd.read_file(FRINGE, layer="buildings").to_crs(CRS).geometry.make_valid().to_numpy()
    rivers = gpd.read_file(FRINGE, layer="waters").to_crs(CRS).geometry.make_valid()
    served = shapely.union_all(gpd.read_file(FRINGE, layer="did_2020").to_crs(CRS).geometry.make_valid().to_numpy())
    frame = houses(footprints)
    i, j = shapely.STRtree(footprints).query(footprints, predicate="dwithin", distance=20.0)
    count, label = connected_components(coo_matrix((np.ones(len(i)), (i, j)), shape=(len(frame),) * 2), directed=False)
    out, units = group(frame, limit_m=20.0)
    assert len(units) == count == len(set(zip(label, ids(out), strict=True)))
    check_outlines(out, units)

    frame["is_served"] = shapely.contains(served, frame.geometry.representative_point().to_numpy())
    out, units = group(frame, limit_m=20.0, served_limit_m=40.0, served=(served,), barriers=tuple(rivers))
    assert units["buildings"].sum() == (~frame["is_served"]).sum()
    assert units["is_adjoining"].any()
    assert units.geometry.intersection(served).area.sum() < 1e-3
    check_outlines(out, units)
