"""The road network on hand-made streets, and on the real ones where they are at hand."""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from sewerzone import tables
from sewerzone.errors import NetworkError, TerrainError
from sewerzone.model import Terrain
from sewerzone.stages import network
from sewerzone.stages.network import refusal

sys.path.insert(0, str(Path(__file__).parents[1]))
from roadside import CRS, SHARED_DATA, barriers, build, degrees, houses, plane, plants, roads

MAIN = [(0, 0), (100, 0)]
CLOSE = {"profile_spacing_m": 1000.0}
"""Profile points out of the way: nodes are ends, vertices and junctions."""


def junctions(net):
    """Places of nodes where three or more edges meet."""
    busy = np.array(degrees(net)) >= 3
    return [tuple(np.round(row, 3)) for row in net.nodes.loc[busy, ["x_m", "y_m"]].to_numpy()]


def parts(net):
    return int(net.nodes["component"].max()) + 1


# Noding


def test_shared_vertex_is_a_junction():
    net = build(roads([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 40)]), **CLOSE)
    assert junctions(net) == [(50.0, 0.0)]
    assert len(net.nodes) == 4
    assert len(net.edges) == 3


def test_numbers_are_canonical():
    net = build(roads([(100, 0), (50, 0), (0, 0)], [(50, 40), (50, 0)]), **CLOSE)
    assert net.nodes[["x_m", "y_m"]].to_numpy().tolist() == [[0, 0], [50, 0], [50, 40], [100, 0]]
    assert net.edges[["from_node_id", "to_node_id"]].to_numpy().tolist() == [[0, 1], [1, 2], [1, 3]]
    assert net.edges["road_id"].tolist() == [0, 1, 0]


@pytest.mark.parametrize("gap_m", [0.0, 0.3, 0.5])
def test_end_near_the_middle_of_a_line_is_joined_to_it(gap_m):
    net = build(roads(MAIN, [(40, gap_m), (40, 60)]), **CLOSE)
    assert junctions(net) == [(40.0, 0.0)]
    assert parts(net) == 1


def test_end_is_not_joined_beyond_the_tolerance_or_when_told_not_to():
    stub = [(40, 0.6), (40, 60)]
    assert parts(build(roads(MAIN, stub), **CLOSE)) == 2
    assert parts(build(roads(MAIN, stub), snap_tolerance_m=0.7, **CLOSE)) == 1
    assert parts(build(roads(MAIN, [(40, 0), (40, 60)]), join_ends_to_lines=False, **CLOSE)) == 2
    assert parts(build(roads(MAIN, [(40, 0), (40, 60)]), snap_tolerance_m=0.0, **CLOSE)) == 2


def test_end_is_never_joined_to_the_middle_of_a_bridge():
    net = build(roads(MAIN, [(40, 0), (40, 60)], kind=["bridge", "ordinary"]), **CLOSE)
    assert parts(net) == 2


@pytest.mark.parametrize(("gap_m", "expected"), [(0.4, 1), (0.6, 2)])
def test_ends_closer_than_the_tolerance_are_one_node(gap_m, expected):
    net = build(roads(MAIN, [(100 + gap_m, 0), (200, 0)]), **CLOSE)
    assert parts(net) == expected
    assert len(net.nodes) == (3 if expected == 1 else 4)
    assert any("line ends" in note for note in net.notes) == (expected == 1)


def test_three_ends_round_a_junction_become_one_node():
    net = build(roads([(0, 0), (100, 0)], [(100.3, 0), (200, 0)], [(100.1, 0.2), (100, 90)]), **CLOSE)
    assert len(junctions(net)) == 1
    assert len(net.nodes) == 4


def test_curve_in_short_steps_does_not_collapse_when_snapped():
    """Each step of 0.2 m is a line of its own, so every vertex is a line end within 0.5 m of others."""
    angle = np.linspace(0, np.pi, 160)
    curve = np.column_stack([10 * np.cos(angle), 10 * np.sin(angle)])
    net = build(roads(*[curve[i : i + 2] for i in range(159)]))
    assert len(net.edges) == 159
    assert net.edges["length_m"].sum() == pytest.approx(np.hypot(*np.diff(curve, axis=0).T).sum(), abs=1e-9)


def test_crossing_without_shared_vertex_is_noted_and_joined_only_on_request():
    cross = roads(MAIN, [(30, -20), (30, 20)])
    net = build(cross, **CLOSE)
    assert junctions(net) == []
    assert parts(net) == 2
    assert any("at 1 place " in note and "node_crossings" in note for note in net.notes)
    net = build(cross, node_crossings=True, **CLOSE)
    assert junctions(net) == [(30.0, 0.0)]
    assert net.edges["length_m"].sum() == pytest.approx(140.0, abs=1e-9)


@pytest.mark.parametrize("kind", ["bridge", "tunnel", "motorway"])
def test_crossing_of_a_road_at_another_level_is_never_joined(kind):
    net = build(roads(MAIN, [(30, -20), (30, 20)], kind=["ordinary", kind]), node_crossings=True, **CLOSE)
    assert parts(net) == 2
    assert not any("cross" in note and "vertex" in note for note in net.notes)


def test_line_through_the_vertex_of_another_is_one_crossing():
    cross = roads([(0, 0), (30, 0), (100, 0)], [(30, -20), (30, 20)])
    assert any("at 1 place " in note for note in build(cross, **CLOSE).notes)
    net = build(cross, node_crossings=True, **CLOSE)
    assert junctions(net) == [(30.0, 0.0)]
    assert len(net.edges) == 4


def test_unusable_roads_carry_nothing():
    net = build(roads(MAIN, [(50, 0), (50, 40)], status=["usable", "unusable"]), houses((52, 35)), **CLOSE)
    assert net.edges["road_id"].unique().tolist() == [0]
    assert net.laterals["length_m"].tolist() == [35.0]


def test_ring_road_survives():
    ring = [(0, 0), (50, 0), (50, 50), (0, 50), (0, 0)]
    net = build(roads(ring), **CLOSE)
    assert degrees(net) == [2, 2, 2, 2]
    assert net.edges["length_m"].sum() == 200.0


def test_multilinestring_and_z_are_accepted():
    line = shapely.MultiLineString([[(0, 0, 5), (50, 0, 9)], [(50, 0, 1), (50, 40, 2)]])
    net = build(roads(line), **CLOSE)
    assert len(net.nodes) == 3
    assert not net.edges.geometry.has_z.any()


def test_doubles_are_kept_once_and_the_light_one_wins():
    net = build(roads([(0, 0), (100, 0)], [(100, 0), (0, 0)], [(0, 0), (100, 0)], weight=[2.0, 1.3, 1.3]), **CLOSE)
    assert net.edges[["road_id", "weight", "length_m"]].to_numpy().tolist() == [[1, 1.3, 100.0]]


def test_profile_points_are_even_and_no_farther_apart_than_told():
    net = build(roads([(0, 0), (0, 50)], [(0, 50), (20, 50)]), profile_spacing_m=20.0)
    assert sorted(net.edges["length_m"].round(9)) == [round(50 / 3, 9)] * 3 + [20.0]
    expected = 100 + net.nodes["x_m"] / 100 + net.nodes["y_m"] / 50
    np.testing.assert_allclose(net.nodes["ground_elev_m"], expected, atol=1e-5)


# Dwellings


def test_lateral_runs_from_the_centroid_to_the_foot_and_the_edge_is_cut_there():
    home = houses((0, 0))
    home.geometry = [shapely.box(30, 5, 40, 25)]
    net = build(roads(MAIN), home, **CLOSE)
    row = net.laterals.iloc[0]
    assert row["status"] == "connected"
    assert list(row.geometry.coords) == [(35.0, 15.0), (35.0, 0.0)]
    assert net.nodes.loc[row["node_id"], ["x_m", "y_m"]].tolist() == [35.0, 0.0]
    assert sorted(net.edges["length_m"]) == [35.0, 65.0]


def test_feet_within_five_centimetres_share_a_node():
    net = build(roads(MAIN), houses((50, 10), (50.04, -8), (0.03, 5), (60, 3)), **CLOSE)
    node = net.laterals["node_id"].tolist()
    assert node[0] == node[1]
    assert net.nodes.loc[node[2], "x_m"] == 0.0
    assert len(net.nodes) == 4


def test_every_dwelling_has_one_row_and_a_reason():
    homes = houses((10, 5), (20, 5), (30, 150), (40, 5), (50, 5), (60, 100),
                   dwellings=[1, 1, 1, 0, 1, 1], is_served=[False, True, False, False, False, False],
                   status=["dwelling"] * 4 + ["shed", "dwelling"])  # fmt: skip
    net = build(roads(MAIN), homes, **CLOSE)
    assert net.laterals["building_id"].tolist() == [0, 1, 2, 3, 5]
    assert net.laterals["status"].tolist() == ["connected", "not_needed", "too_far", "not_needed", "connected"]
    assert net.laterals["node_id"].isna().tolist() == [False, True, True, True, False]
    assert net.laterals["length_m"].fillna(-1).tolist() == [5.0, -1.0, 150.0, -1.0, 100.0]
    assert net.laterals.geometry.isna().tolist() == [False, True, True, True, False]


def test_no_usable_road_is_a_status_not_an_error():
    net = build(roads(MAIN, status="unusable"), houses((10, 5)), plants=plants((0, 0)))
    assert net.laterals["status"].tolist() == ["no_road"]
    assert len(net.nodes) == len(net.edges) == 0
    assert net.plant_nodes.isna().tolist() == [True]
    assert any("no usable road" in note for note in net.notes)


def test_house_on_the_road_has_a_lateral_of_no_length():
    net = build(roads(MAIN), houses((50, 0)), barriers=barriers(shapely.box(40, 5, 60, 6)), **CLOSE)
    assert net.laterals[["status", "length_m"]].to_numpy().tolist() == [["connected", 0.0]]


# Barriers

RIVER = shapely.box(-50, 8, 150, 14)
RAILWAY = shapely.LineString([(-50, 10), (150, 10)])


@pytest.mark.parametrize("barrier", [RIVER, RAILWAY])
def test_house_behind_a_barrier_takes_the_nearest_road_on_its_own_side(barrier):
    streets = roads(MAIN, [(0, 60), (100, 60)], [(0, 90), (100, 90)])
    free = build(streets, houses((50, 20)), **CLOSE)
    assert free.laterals["length_m"].tolist() == [20.0]
    net = build(streets, houses((50, 20)), barriers=barriers(barrier), **CLOSE)
    assert net.laterals[["status", "length_m"]].to_numpy().tolist() == [["connected", 40.0]]
    assert net.nodes.loc[net.laterals["node_id"], ["x_m", "y_m"]].to_numpy().tolist() == [[50.0, 60.0]]
    allowed = build(streets, houses((50, 20)), barriers=barriers(barrier), laterals_cross_barriers=True, **CLOSE)
    assert allowed.laterals["length_m"].tolist() == [20.0]


def test_house_with_no_way_round_is_blocked():
    streets = roads(MAIN, [(0, 60), (100, 60)])
    net = build(streets, houses((50, 20), (50, 5)), barriers=barriers(RAILWAY), max_lateral_m=30.0, **CLOSE)
    assert net.laterals["status"].tolist() == ["blocked", "connected"]
    assert net.laterals["length_m"].tolist() == [20.0, 5.0]
    assert net.laterals["node_id"].isna().tolist() == [True, False]


def test_road_on_the_very_bank_is_reached_from_its_own_side_only():
    net = build(roads(MAIN), houses((50, 10), (60, -40)), barriers=barriers(shapely.box(-50, -20, 150, 0)), **CLOSE)
    assert net.laterals["status"].tolist() == ["connected", "blocked"]


# Plants, served areas


def test_plants_connect_at_any_distance_up_to_500_m():
    net = build(roads(MAIN), plants=plants((30, 400), (30, 501)), **CLOSE)
    assert net.plant_nodes.index.tolist() == [0, 1]
    assert net.nodes.loc[net.plant_nodes[0], ["x_m", "y_m"]].tolist() == [30.0, 0.0]
    assert net.plant_nodes.isna().tolist() == [False, True]
    assert any("plants: 1 of 2" in note for note in net.notes)


def test_served_nodes_lie_in_a_served_area_or_are_outlets():
    area = gpd.GeoDataFrame({"area_id": [0], "name": None}, geometry=[shapely.box(-1, -1, 31, 1)], crs=CRS)
    streets = roads([(0, 0), (30, 0), (60, 0), (100, 0)])
    sites = plants((60, 5), (100, 5), kind=["outlet", "plant"])
    net = build(streets, served_areas=area, plants=sites, **CLOSE)
    assert net.nodes["is_served"].tolist() == [True, True, True, False]


# Ground


def test_a_few_nodes_without_ground_take_the_next_one_along_the_road():
    """Cells x 480..520 are unknown, so of the nodes every 20 m only the one at 500 has no known cell round it."""
    terrain = plane(hole=(slice(199, 201), slice(248, 252)))
    net = build(roads([(0, 0), (1000, 0)]), houses((0, 5), (1000, 5)), terrain=terrain)
    assert net.nodes["ground_elev_m"].notna().all()
    filled = net.nodes.loc[net.nodes["x_m"] == 500.0, "ground_elev_m"].item()
    assert filled in net.nodes.loc[net.nodes["x_m"].isin([480.0, 520.0]), "ground_elev_m"].tolist()
    assert any(note.startswith("terrain: 1 road node (1 of them") for note in net.notes)


def test_ground_missing_between_the_dwellings_is_an_error_with_a_remedy():
    terrain = plane(hole=(slice(None), slice(230, 270)))
    with pytest.raises(TerrainError, match=r"of 51 road nodes.*e\.g\. at \(\d+, 0\).*add terrain tiles"):
        build(roads([(0, 0), (1000, 0)]), houses((0, 5), (1000, 5)), terrain=terrain)


def test_ground_missing_far_from_the_dwellings_is_only_noted():
    terrain = plane(hole=(slice(None), slice(230, 400)))
    net = build(roads([(0, 0), (1000, 0)]), houses((0, 5), (200, 5)), terrain=terrain)
    assert net.nodes["ground_elev_m"].notna().all()
    assert any("(0 of them between the dwellings)" in note for note in net.notes)


def test_an_unreached_part_without_ground_takes_the_nearest_node_across():
    terrain = plane(hole=(slice(130, 150), slice(None)))
    streets = roads([(0, 0), (1000, 0)], [(500, 600), (510, 600)])
    net = build(streets, houses((0, 5), (1000, 5)), terrain=terrain)
    far = net.nodes[net.nodes["y_m"] == 600]
    assert far["ground_elev_m"].tolist() == pytest.approx([105.0, 105.1], abs=0.11)


# Disconnected parts


def test_parts_are_numbered_by_size_and_their_gap_is_noted():
    streets = roads([(0, 0), (30, 0), (60, 0), (90, 0)], [(93.5, 0), (150, 0)], [(500, 3), (500, 60)])
    homes = houses((10, 5), (100, 5), (505, 30), dwellings=[1, 4, 2])
    net = build(streets, homes, **CLOSE)
    assert net.nodes.sort_values("x_m")["component"].tolist()[:5] == [0] * 5
    text = "\n".join(net.notes)
    assert "fall into 3 disconnected parts; 6 of 7 connected dwellings are not on the largest" in text
    assert "comes within 3.50 m of the largest part at (93.5, 0.0)" in text
    assert "snap_tolerance_m" not in text, "3.5 m are no inaccuracy"
    assert "unusable_kinds" not in text
    assert text.index("(4 dwellings)") < text.index("(2 dwellings)")


def test_a_bridge_left_out_is_named_where_roads_fall_apart():
    lines = [[(0, 0), (60, 0)], [(60, 0), (90, 0)], [(90, 0), (150, 0)], [(20, 0), (20, 90)], [(20, 90), (20, 95)]]
    kind = ["ordinary", "bridge", "ordinary", "ordinary", "tunnel"]
    status = ["usable", "unusable", "usable", "usable", "unusable"]
    net = build(roads(*lines, kind=kind, status=status), houses((10, 5), (100, 5)), **CLOSE)
    text = "\n".join(net.notes)
    assert "1 bridge road and 1 tunnel road are excluded by network.unusable_kinds and may be what parts" in text
    assert "part 1 (1 dwelling) comes within 30.00 m" in text
    assert "add the missing road or allow the kind of road (network.unusable_kinds)." in text
    assert "raise network.snap" not in text
    whole = build(roads(*lines, kind=kind), houses((10, 5), (100, 5)), **CLOSE)
    assert not any("unusable_kinds" in note for note in whole.notes)


def test_a_gap_of_drawing_is_to_be_snapped():
    text = "\n".join(build(roads(MAIN, [(101.5, 0), (150, 0)]), **CLOSE).notes)
    assert "raise network.snap_tolerance_m (now 0.5 m), set network.node_crossings, or add the missing road." in text
    text = "\n".join(build(roads(MAIN, [(101.5, 0), (150, 0)]), node_crossings=True, **CLOSE).notes)
    assert "set network.node_crossings" not in text


def test_nothing_joined_is_not_noted_and_one_is_singular():
    assert build(roads(MAIN, [(100, 0), (150, 0)]), **CLOSE).notes == []
    (note,) = build(roads(MAIN, [(40, 0.3), (40, 60)]), **CLOSE).notes
    assert note.startswith("roads: 1 line end was joined to the middle of a line, 0.5 m apart at most")
    (note,) = build(roads(MAIN, [(100, 0.3), (150, 0)]), **CLOSE).notes
    assert note.startswith("roads: 1 pair of line ends was made one node, 0.5 m")
    notes = build(roads(MAIN, [(40, 0.3), (40, 60)], [(60, 0.3), (60, 60)]), **CLOSE).notes
    assert notes[0].startswith("roads: 2 line ends were joined")


def test_inputs_are_left_as_they_were():
    streets, homes, walls = roads(MAIN, [(40, 0.3), (40, 60)]), houses((50, 20), (10, 5)), barriers(RAILWAY)
    before = [frame.copy(deep=True) for frame in (streets, homes, walls)]
    build(streets, homes, barriers=walls)
    for old, new in zip(before, (streets, homes, walls), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))


# Road edges


def grid_town(count=7, block_m=(80.0, 50.0)):
    """Centre lines of a grid town."""
    across = [[(0, j * block_m[1]), (count * block_m[0], j * block_m[1])] for j in range(count + 1)]
    along = [[(i * block_m[0], 0), (i * block_m[0], count * block_m[1])] for i in range(count + 1)]
    return shapely.get_parts(shapely.node(shapely.multilinestrings([shapely.LineString(c) for c in across + along])))


def outlines(lines, width_m):
    """What FGD would hold of these roads: the outlines of the carriageways, cut at sheet borders."""
    surface = shapely.union_all(shapely.buffer(np.asarray(lines), width_m / 2, cap_style="flat"))
    rings = shapely.get_parts(shapely.boundary(shapely.get_parts(surface)))
    sheets = shapely.union_all(
        [shapely.box(i * 100, j * 100, i * 100 + 100, j * 100 + 100) for i in range(9) for j in range(9)]
    )
    return shapely.get_parts(shapely.line_merge(shapely.get_parts(shapely.intersection(rings, sheets))))


@pytest.mark.parametrize("width_m", [4.0, 6.0, 8.0])
def test_road_edges_are_refused_by_their_geometry(width_m):
    with pytest.raises(NetworkError, match=r"not centre lines: \d+% .*parallel line .*KSJ N13.*RdCL.*OpenStreetMap"):
        network.refuse_road_edges(roads(*outlines(grid_town(), width_m)), "roads.gpkg")


def test_road_edges_in_degrees_are_refused_too():
    with pytest.raises(NetworkError, match="parallel line"):
        network.refuse_road_edges(roads(*outlines(grid_town(), 6.0)).to_crs(6668), "roads.gpkg")


def test_very_many_lines_are_judged_by_those_in_the_middle(monkeypatch):
    monkeypatch.setattr(refusal, "MOST_LINES", 20)
    town = grid_town()
    assert len(town) > 20
    network.refuse_road_edges(roads(*town), "roads.gpkg")
    with pytest.raises(NetworkError, match="parallel line"):
        network.refuse_road_edges(roads(*outlines(town, 6.0)), "roads.gpkg")


def test_lines_in_the_middle_are_the_same_in_any_order(monkeypatch):
    monkeypatch.setattr(refusal, "MOST_LINES", 4)
    lines = np.array([shapely.LineString([(k, 0), (k + 1, 0)]) for k in range(11)], dtype=object)
    chosen = [{line.coords[0][0] for line in refusal._in_the_middle(some)} for some in (lines, lines[::-1])]
    assert chosen == [{3.0, 4.0, 5.0, 6.0, 7.0}] * 2


@pytest.mark.parametrize("name", ["FG-GML-533946-RdEdg-20151001-0001.xml", "town.gpkg:rdedg"])
def test_road_edges_are_refused_by_their_name(name):
    with pytest.raises(NetworkError, match="its name says RdEdg"):
        network.refuse_road_edges(roads(MAIN), name)


@pytest.mark.parametrize("values", [["真幅道路", "徒歩道", None], ["トンネル内の道路", "軽車道", "不明"]])
def test_road_edges_are_refused_by_their_types(values):
    lines = roads(MAIN, MAIN, MAIN).assign(type=values)
    with pytest.raises(NetworkError, match="column type has FGD's road edge types"):
        network.refuse_road_edges(lines, "roads.gpkg")


@pytest.mark.parametrize("values", [["通常部", "徒歩道", "庭園路等"], ["徒歩道", "徒歩道", "不明"], [3, 4, None]])
def test_centre_lines_of_gsi_pass(values):
    network.refuse_road_edges(roads(MAIN, MAIN, MAIN).assign(type=values), "RdCL.geojson")


def test_towns_dual_carriageways_and_empty_layers_pass():
    network.refuse_road_edges(roads(*grid_town()), "roads.gpkg")
    both = roads(*([(0, y), (4000, y)] for y in (0, 11)))
    network.refuse_road_edges(both, "trunk.gpkg")
    near = [[(0, y), *((x, y) for x in range(200, 4000, 200)), (4000, y)] for y in (0, 8)]
    links = [[(x, -300), (x, 0), (x, 8), (x, 300)] for x in range(200, 4000, 400)]
    network.refuse_road_edges(roads(*near, *links), "avenue.gpkg")
    network.refuse_road_edges(roads(), "nothing.gpkg")


# Real places


def raster_terrain(path, study_crs):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(path) as source:
        grid = source.read(1, masked=True).astype(np.float32).filled(np.nan)
        return Terrain(grid, tuple(source.transform)[:6], pyproj.CRS(source.crs), pyproj.CRS(study_crs))


def real_table(lines, **columns):
    return gpd.GeoDataFrame(columns, geometry=lines.geometry.to_numpy(), crs=lines.crs)


def check_consistency(net, homes, streets):
    tables.NODES.check(net.nodes)
    tables.EDGES.check(net.edges)
    tables.LATERALS.check(net.laterals)
    assert net.laterals["building_id"].tolist() == homes["building_id"].tolist()
    done = net.laterals[net.laterals["status"] == "connected"]
    foot = shapely.get_coordinates(shapely.get_point(done.geometry.to_numpy(), -1))
    np.testing.assert_array_equal(foot, net.nodes[["x_m", "y_m"]].to_numpy()[done["node_id"].to_numpy(dtype=int)])
    assert (net.edges["from_node_id"] < net.edges["to_node_id"]).all()
    np.testing.assert_allclose(net.edges.geometry.length, net.edges["length_m"], rtol=0, atol=1e-6)
    assert net.edges.loc[net.edges["crossing"].isna(), "length_m"].max() <= 20.0 + 1e-9
    usable = streets[streets["status"] == "usable"].geometry.force_2d().to_numpy()
    start = shapely.get_point(done.geometry.to_numpy(), 0)
    nearest = shapely.distance(usable[shapely.STRtree(usable).nearest(start)], start)
    # Longer than the nearest only where a barrier is in the way, or by the 5 cm within which feet share a node.
    assert ((done["length_m"] - nearest) > -0.5).all()
    assert ((done["length_m"] - nearest) < 0.1).mean() > 0.99


@pytest.mark.skipif(not (SHARED_DATA / "jp_sendai_osm_gsi").exists(), reason="real data not at hand")
def test_fringe_of_sendai():
    path = SHARED_DATA / "jp_sendai_osm_gsi" / "sendai_west_fringe.gpkg"
    raw = {name: gpd.read_file(path, layer=name).to_crs(CRS) for name in ("buildings", "roads", "waters")}
    network.refuse_road_edges(raw["roads"], "sendai_west_fringe.gpkg:roads")
    is_motorway = raw["roads"]["width_m"] == 18
    streets = real_table(raw["roads"], road_id=np.arange(len(raw["roads"])), weight=1.0,
                         kind=np.where(is_motorway, "motorway", "ordinary"),
                         status=np.where(is_motorway, "unusable", "usable"))  # fmt: skip
    homes = real_table(
        raw["buildings"], building_id=np.arange(len(raw["buildings"])), status="dwelling", dwellings=1.0, is_served=False
    )
    rivers = real_table(raw["waters"], barrier_id=np.arange(len(raw["waters"])), kind="river")
    net = build(streets, homes, barriers=rivers, terrain=raster_terrain(path.with_name("sendai_west_fringe_dem.tif"), CRS))
    check_consistency(net, homes, streets)
    counts = net.laterals["status"].value_counts()
    assert counts.sum() == 5182
    assert counts["connected"] > 5150
    # A crossing is straight where its road bends.
    assert net.edges["length_m"].sum() == pytest.approx(streets[~is_motorway].length.sum(), rel=1e-5)
    crossings = net.edges[net.edges["crossing"] == "river"]
    assert len(crossings) == 12
    assert crossings["length_m"].between(10.0, 80.0).all()
    assert (crossings["least_excavation_m"] >= 2.5).all()
    assert net.nodes["ground_elev_m"].between(30, 300).all()


@pytest.mark.skipif(not (SHARED_DATA / "om_pysewer_example").exists(), reason="real data not at hand")
def test_village_in_oman():
    folder = SHARED_DATA / "om_pysewer_example"
    lines, points = gpd.read_file(folder / "roads_projected.shp"), gpd.read_file(folder / "buildings_projected.shp")
    network.refuse_road_edges(lines, "roads_projected.shp")
    crs = "EPSG:32640"
    streets = real_table(lines, road_id=np.arange(len(lines)), weight=1.0, kind="ordinary", status="usable")
    homes = real_table(points, building_id=np.arange(len(points)), status="dwelling", dwellings=1.0, is_served=False)
    outlet = plants((691350.0, 2553250.0), kind="outlet")
    net = build(streets.set_crs(crs, allow_override=True), homes.set_crs(crs, allow_override=True),
                plants=outlet, terrain=raster_terrain(folder / "dem_10m1.tif", crs), max_lateral_m=260.0)  # fmt: skip
    check_consistency(net, homes, streets)
    assert len(net.laterals) == 800
    assert (net.laterals["status"] == "connected").all()
    assert net.nodes.loc[net.plant_nodes[0], "is_served"]
