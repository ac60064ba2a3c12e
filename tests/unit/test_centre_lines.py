"""Centre lines derived from areas and outlines of roads: SYNTHETIC ones drawn round known lines, and the real ones at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from sewerzone import samples
from sewerzone.errors import NetworkError
from sewerzone.formats import axis_lines, centre_lines, cityobjects, derived_roads, medial, published
from tests.agency import SHARED, carriageway, city, dataset, road_edge, square

CROSS = np.array([shapely.LineString([(0, 0), (200, 0)]), shapely.LineString([(100, -80), (100, 80)])])
ALONG = np.linspace(0.0, 1.0, 21)


def strips(lines: Any, width_m: Any) -> NDArray[Any]:
    return np.asarray(shapely.buffer(np.asarray(lines), np.asarray(width_m) / 2.0, cap_style="flat", join_style="mitre"))


def outlines(lines: Any, width_m: Any) -> NDArray[Any]:
    return shapely.get_parts(shapely.boundary(shapely.union_all(strips(lines, width_m))))


def away_m(some: NDArray[Any], others: NDArray[Any]) -> float:
    """How far the farthest point of some lines lies from the others."""
    points = shapely.line_interpolate_point(np.repeat(some, len(ALONG)), np.tile(ALONG, len(some)), normalized=True)
    return float(shapely.STRtree(others).query_nearest(points, return_distance=True, all_matches=False)[1].max())


@pytest.fixture(scope="module")
def town() -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Streets of a sample town and their widths; motorways, which cross streets on bridges, left out."""
    roads = samples.town(150, 1).roads
    lines = roads.geometry[roads["highway"] != "motorway"].to_numpy()
    return lines, np.random.default_rng(3).uniform(3.0, 6.0, len(lines))


def test_axis_of_a_crossing() -> None:
    made = centre_lines.of_areas(strips(CROSS, 6.0))
    assert len(made.line) == 4
    assert made.quality.junctions == 1
    assert made.quality.dead_ends == 4
    assert shapely.length(made.line).sum() == pytest.approx(360.0, abs=0.5), "dead ends reach the border"
    assert made.width_m == pytest.approx(np.full(4, 6.0), abs=0.02)
    assert away_m(made.line, CROSS) < 0.1
    ends = shapely.get_coordinates(shapely.get_point(made.line, [0, 0, 0, 0]))
    others = shapely.get_coordinates(shapely.get_point(made.line, [-1, -1, -1, -1]))
    meet = np.concatenate([ends, others])
    assert (np.hypot(meet[:, 0] - 100, meet[:, 1]) < 0.05).sum() == 4, "in the middle of the crossing"


@pytest.mark.parametrize("angle", [35.0, 60.0, 90.0, 145.0])
def test_junctions_lie_where_directions_meet(angle: float) -> None:
    tip = 80 * np.cos(np.radians(angle)), 80 * np.sin(np.radians(angle))
    lines = np.array([shapely.LineString([(-90, 0), (90, 0)]), shapely.LineString([(0, 0), tip])])
    made = centre_lines.of_areas(strips(lines, [8.0, 5.0]))
    assert (made.quality.junctions, made.quality.dead_ends, len(made.line)) == (1, 3, 3)
    assert away_m(made.line, lines) < 1.2
    assert np.sort(made.width_m) == pytest.approx([5.0, 8.0, 8.0], abs=0.2)


def test_towns_of_areas(town: tuple[NDArray[Any], NDArray[np.float64]]) -> None:
    """Measured: 2.5 m at most off the known lines, where three of them meet."""
    lines, width = town
    made = centre_lines.of_areas(strips(lines, width))
    assert away_m(made.line, lines) < 3.0
    assert away_m(lines, made.line) < 3.0
    total = shapely.length(shapely.union_all(lines))
    assert shapely.length(made.line).sum() == pytest.approx(total, rel=0.02)
    known, _ = axis_lines.components(axis_lines.merged(shapely.get_parts(shapely.node(shapely.union_all(lines)))))
    assert made.quality.components == known.max() + 1
    assert made.quality.covered_share > 0.98
    assert made.quality.length_km * made.quality.mean_width_m / 1e3 == pytest.approx(made.quality.area_km2, rel=0.05)
    which = shapely.STRtree(lines).nearest(shapely.line_interpolate_point(made.line, 0.5, normalized=True))
    long = shapely.length(made.line) > 30
    assert np.abs(made.width_m[long] / width[which[long]] - 1.0).max() < 0.35
    assert np.median(np.abs(made.width_m[long] / width[which[long]] - 1.0)) < 0.01


def test_order_of_rows_does_not_matter(town: tuple[NDArray[Any], NDArray[np.float64]]) -> None:
    areas = strips(*town)
    edges = outlines(*town)
    shuffle = np.random.default_rng(5).permutation
    first, again = centre_lines.of_areas(areas), centre_lines.of_areas(shuffle(areas))
    assert (shapely.to_wkb(first.line) == shapely.to_wkb(again.line)).all()
    assert (first.width_m == again.width_m).all()
    assert first.quality == again.quality
    parts = shapely.reverse(shuffle(edges))
    assert (shapely.to_wkb(centre_lines.of_outlines(edges).line) == shapely.to_wkb(centre_lines.of_outlines(parts).line)).all()


def test_pieces_islands_and_gaps() -> None:
    """Areas cut at junctions and sheet borders are one road; islands of a few metres are no blocks, houses are."""
    whole = strips(CROSS, 6.0)
    halves = [shapely.intersection(shapely.union_all(whole), shapely.box(x, -90, x + 40.02, 90)) for x in range(0, 200, 40)]
    cut = centre_lines.of_areas(np.array(halves))
    assert (cut.quality.components, cut.quality.junctions, cut.quality.dead_ends) == (1, 1, 4)
    apart = centre_lines.of_areas(
        np.array([shapely.transform(h, lambda xy, k=k: xy + np.array([2.0 * k, 0.0])) for k, h in enumerate(halves)])
    )
    assert apart.quality.components == 5, "two metres apart they are roads of their own"
    wide = strips([CROSS[0]], 12.0)[0]
    for size, lines in ((3.0, 1), (8.0, 4)):
        hole = shapely.box(90, -size / 2, 90 + 30, size / 2)
        assert len(centre_lines.of_areas(np.array([wide.difference(hole)])).line) == lines


def test_outlines_of_a_town(town: tuple[NDArray[Any], NDArray[np.float64]]) -> None:
    lines, width = town
    edges = outlines(lines, width)
    made = centre_lines.of_outlines(edges)
    assert away_m(lines, made.line) < 2.5
    assert shapely.length(made.line).sum() == pytest.approx(shapely.length(shapely.union_all(lines)), rel=0.08)
    assert made.quality.largest_share > 0.95
    places = np.tile([0.1, 0.3, 0.5, 0.6, 0.8, 0.9], len(edges))
    gaps = shapely.buffer(shapely.line_interpolate_point(np.repeat(edges, 6), places, normalized=True), 3.0)
    broken = shapely.get_parts(shapely.difference(shapely.union_all(edges), shapely.union_all(gaps)))
    houses = samples.town(150, 1).buildings.geometry.to_numpy()
    bare, kept_off = centre_lines.of_outlines(broken), centre_lines.of_outlines(broken, houses)
    assert away_m(lines, kept_off.line) < 12.0, "open outlines still give every road"
    inner = shapely.union_all(shapely.buffer(houses, -1.0))
    through = [shapely.length(shapely.intersection(made.line, inner)).sum() for made in (bare, kept_off)]
    assert through[1] < 0.2 * through[0]
    assert kept_off.quality.length_km < bare.quality.length_km, "houses keep lines out of yards"


def test_what_is_no_network_is_refused() -> None:
    single = np.array([shapely.LineString([(0, 60 * k), (400, 60 * k)]) for k in range(6)])
    with pytest.raises(NetworkError, match=r"outlines' length has a line in its middle.*N13.*RdCL.*OpenStreetMap"):
        centre_lines.of_outlines(single)
    with pytest.raises(NetworkError, match="enclose nothing"):
        centre_lines.of_outlines(single[:1])
    with pytest.raises(NetworkError, match="there is no area"):
        centre_lines.of_areas(np.array([shapely.LineString([(0, 0), (1, 1)])]))
    blocks = np.array([shapely.box(x, y, x + 60, y + 60) for x in range(0, 400, 100) for y in range(0, 400, 100)])
    with pytest.raises(NetworkError, match=r"of the area has a line|no network"):
        centre_lines.of_areas(blocks)
    with pytest.raises(NetworkError, match="runs straight for 6,000 km"):
        centre_lines.of_outlines(np.array([*outlines(CROSS, 6.0), shapely.LineString([(0, 0), (6e6, 0)])]))
    far = [shapely.LineString([(0, k), (49e3, k)]) for k in range(200)]
    with pytest.raises(NetworkError, match="borders of 9,800 km are too many"):
        centre_lines.of_outlines(np.array(far))
    loose = strips([shapely.LineString([(0, 50 * k), (300, 50 * k)]) for k in range(40)], 4.0)
    with pytest.raises(NetworkError, match=r"12\.0 km fall into 40 pieces, the largest 2% of it"):
        centre_lines.of_areas(loose)


def test_borders_are_sides_of_triangles() -> None:
    """Two borders 0.4 m apart among points 3 m apart: points are added until the triangles keep to them."""
    xy = np.array([(0, 0), (30, 0), (10, 0.4), (20, 0.4), (10, -0.4), (20, -0.4)], dtype=float)
    held = medial.borders(xy, np.array([0, 0, 1, 1, 2, 2]), np.zeros(6, dtype=bool))
    assert np.sort(medial.triangulate(held._replace(start=held.start[1:], end=held.end[1:])).xy[:, 0])[1] == 10
    made = medial.triangulate(held)
    above, below = ((side * made.xy[made.corner][:, :, 1]).max(axis=1) > 1e-9 for side in (1.0, -1.0))
    assert len(made.xy) > len(xy)
    assert not (above & below).any(), "no triangle crosses the long border"
    assert made.area().sum() == pytest.approx(2 * 0.4 * (30 + 10) / 2)
    assert len(np.unique(medial.regions(made))) >= 2


def test_real_junction_area_is_no_network() -> None:
    """The one real PLATEAU ``tran`` at hand is the area of a single junction, 24 m by 29 m."""
    if not SHARED.exists():
        pytest.skip("real data are not at hand")
    path = SHARED / "jp_plateau_citygml" / "tran"
    assert len(cityobjects.read(path, "carriageways").frame) == 1
    with pytest.raises(NetworkError, match=r"areas of carriageways: only 0% of the area"):
        published.for_role(path, "roads")


@pytest.mark.skipif(not SHARED.exists(), reason="real data are not at hand")
def test_real_streets_drawn_as_areas() -> None:
    """1,599 real roads of Sendai, 69 km with their real widths; most is found to the centimetre."""
    path = SHARED / "jp_sendai_osm_gsi" / "sendai_small_tile.gpkg"
    roads = gpd.read_file(path, layer="roads").to_crs(6678).query("4 <= width_m < 16")
    areas = shapely.buffer(roads.geometry.to_numpy(), roads["width_m"].to_numpy() / 2.0, cap_style="flat")
    made = centre_lines.of_areas(areas)
    points = shapely.line_interpolate_point(made.line, 0.5, normalized=True)
    _, away = shapely.STRtree(roads.geometry.to_numpy()).query_nearest(points, return_distance=True, all_matches=False)
    assert np.median(away) < 0.05
    assert made.quality.length_km == pytest.approx(roads.length.sum() / 1e3, rel=0.05)
    assert made.quality.covered_share > 0.98
    assert made.quality.largest_share > 0.9


def degrees(lines: Any) -> list[Any]:
    return list(gpd.GeoSeries(np.asarray(lines), crs="EPSG:6676").to_crs("EPSG:6668"))


def test_files_of_areas_and_outlines(tmp_path: Path) -> None:
    expressway = shapely.LineString([(200, 0), (500, 0)])
    areas = degrees(strips([*CROSS, expressway], 6.0))
    tran = tmp_path / "52385706_tran_6697_op.gml"
    members = {f"road_{k}": carriageway(list(a.exterior.coords), "1" if k == 2 else "4") for k, a in enumerate(areas)}
    tran.write_text(city(members, "tran:Road"), "utf-8")
    found = published.for_role(tran, "roads")
    assert found is not None
    assert found.frame.crs.to_epsg() == 6668
    assert found.frame.to_crs(6676).length.sum() == pytest.approx(660.0, abs=2.0)
    assert found.frame["road_class"].value_counts().to_dict() == {"municipal": 3, "expressway": 1}
    assert found.frame["highway"].dropna().tolist() == ["motorway"]
    assert found.frame[derived_roads.MARK].unique().tolist() == ["carriageways"]
    assert any("centre lines derived from areas of carriageways: 0.66 km, 6.0 m wide" in n for n in found.notes)
    assert any("second choice" in n for n in found.notes)
    edges = tmp_path / "FG-GML-523857-RdEdg-20240101-0001.xml"
    sheet = [road_edge(f"r{k}", list(g.coords)) for k, g in enumerate(degrees(outlines([*CROSS, expressway], 6.0)))]
    tunnel = road_edge("t", list(square(138.5, 36.01))).replace("真幅道路", "トンネル内の道路")
    edges.write_text(dataset([*sheet, tunnel]), "utf-8")
    with pytest.raises(NetworkError, match="no network"):
        published.for_role(edges, "roads")  # one outline all round: a block, for all that is known
