"""The SWMM model of systems made by hand; what the engine says is checked against Manning's formula."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sewerzone import tables
from sewerzone.errors import DataError, SewerzoneError
from sewerzone.io import swmm

N = 0.010
engine = pytest.mark.skipif(not swmm.has_engine(), reason="swmm-toolkit is not installed")


def normal_filling(flow_l_per_s, diameter_mm, slope):
    """Depth over diameter of uniform flow by Manning, by bisection over the rising branch."""
    d = diameter_mm / 1000.0
    low, high = 1e-6, 0.93
    for _ in range(80):
        y = 0.5 * (low + high)
        angle = 2.0 * np.arccos(1.0 - 2.0 * y)
        area, wet = d**2 / 8.0 * (angle - np.sin(angle)), d * angle / 2.0
        flow = area * (area / wet) ** (2.0 / 3.0) * slope**0.5 / N * 1000.0
        low, high = (y, high) if flow < flow_l_per_s else (low, y)
    return 0.5 * (low + high)


def system(reaches, pumps=(), ground=None):
    """Tables of one system.

    ``reaches``: (from, to, kind, length, flow, diameter mm, invert up, invert down); ``pumps``: (manhole, kind, flow).
    """
    ids = sorted({m for r in reaches for m in r[:2]})
    ground = ground or {}
    elevation = {m: ground.get(m, 12.0) for m in ids}
    names = ["from_manhole_id", "to_manhole_id", "kind", "length_m", "flow_l_per_s", "diameter_mm"]
    frame = pd.DataFrame(reaches, columns=[*names, "invert_up_elev_m", "invert_down_elev_m"])
    fall = frame["invert_up_elev_m"] - frame["invert_down_elev_m"]
    frame = frame.assign(
        pipe_id=range(len(frame)), system_id=3, unit_id=pd.NA, dwellings=1.0,
        slope_permille=(1000 * fall / frame["length_m"]).clip(0),
        velocity_m_per_s=0.6, filling_share=0.5, excavation_up_m=2.0, excavation_down_m=2.0, cover_up_m=1.0, cover_down_m=1.0,
        price_factor=1.0, crossing=None, off_road_m=0.0, ground_up_elev_m=frame["from_manhole_id"].map(elevation),
        ground_down_elev_m=frame["to_manhole_id"].map(elevation),
    )  # fmt: skip
    frame["unit_id"] = frame["unit_id"].astype("Int64")
    lines = [shapely.LineString([(100 * a, 0), (100 * a + 20, 15), (100 * b, 0)]) for a, b in frame.iloc[:, :2].to_numpy()]
    pipes = tables.PIPES.conform(gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:6676"))
    out = frame.set_index("from_manhole_id")["invert_up_elev_m"]
    into = frame.groupby("to_manhole_id")["invert_down_elev_m"].min()
    holes = pd.DataFrame(
        {"manhole_id": ids, "system_id": 3, "node_id": ids, "kind": "ordinary", "excavation_m": 2.0, "drop_m": 0.0}
    )
    holes = holes.assign(ground_elev_m=list(elevation.values()), invert_elev_m=[out.get(m, into.get(m)) for m in ids])
    points = [shapely.Point(100 * m, 0) for m in ids]
    manholes = tables.MANHOLES.conform(gpd.GeoDataFrame(holes, geometry=points, crs="EPSG:6676"))
    rows = pd.DataFrame(pumps, columns=["manhole_id", "kind", "flow_l_per_s"]).assign(system_id=3)
    rows = rows.assign(
        pump_id=range(len(rows)), flow_mean_m3_per_d=1.0, head_m=3.0, main_m=0.0, power_kw=1.0, energy_kwh_per_yr=1.0
    )
    places = [shapely.Point(100 * p[0], 0) for p in pumps]
    stations = tables.PUMPS.empty("EPSG:6676")
    if len(rows):
        stations = tables.PUMPS.conform(gpd.GeoDataFrame(rows, geometry=places, crs="EPSG:6676"))
    return pipes, manholes, stations


def branched():
    """Two branches that join, a drop of 1 m, a bigger pipe to the outlet 9."""
    return system(
        [
            (1, 3, "gravity", 60.0, 4.0, 150, 10.00, 9.70),
            (2, 3, "gravity", 45.0, 2.5, 150, 11.00, 10.70),
            (3, 4, "gravity", 70.0, 8.0, 200, 9.65, 9.45),
            (4, 9, "gravity", 75.0, 9.0, 200, 9.45, 9.225),
        ]
    )


def pumped():
    """A lift at 2, a rising main from 4 through 5 to 6, gravity to the outlet 7."""
    return system(
        [
            (1, 2, "gravity", 60.0, 3.0, 150, 9.0, 8.7),
            (2, 3, "gravity", 60.0, 4.0, 150, 10.8, 10.5),
            (3, 4, "gravity", 60.0, 4.0, 150, 10.5, 10.2),
            (4, 5, "pressure", 80.0, 5.0, 75, 10.9, 12.9),
            (5, 6, "pressure", 80.0, 5.0, 75, 12.9, 14.9),
            (6, 7, "gravity", 60.0, 6.0, 150, 14.8, 14.4),
        ],
        [(2, "lift", 3.0), (4, "rising_main", 4.0)],
        {5: 14.0, 6: 16.0, 7: 16.0},
    )


def run(tmp_path, frames, **options):
    return swmm.simulate(swmm.write_inp(tmp_path / "system.inp", swmm.inp(*frames, manning_n=N, **options)))


def section(text, name):
    return f"\n{text}".split(f"\n[{name}]\n")[1].split("\n\n")[0].split("\n")


def test_inflows_make_every_pipe_carry_its_design_flow():
    pipes, manholes, _ = branched()
    assert swmm.inflows(pipes, manholes).to_dict() == {1: 4.0, 2: 2.5, 3: 1.5, 4: 1.0, 9: 0.0}


def test_flow_that_falls_downstream_is_refused():
    pipes, manholes, _ = branched()
    with pytest.raises(DataError, match=r"1 manholes more arrives than leaves \(ids 3\)"):
        swmm.inflows(pipes.assign(flow_l_per_s=pipes["flow_l_per_s"].where(pipes["pipe_id"] != 2, 5.0)), manholes)


def test_drops_are_offsets_and_the_manhole_is_as_deep_as_its_lowest_pipe():
    text = swmm.inp(*branched(), manning_n=N, title="富士 [1]\n[JUNCTIONS]")
    assert text.isascii()
    assert section(text, "TITLE") == ["?? [1]; [JUNCTIONS]"]
    assert "M3 9.650000 2.350000 0 0 0" in section(text, "JUNCTIONS")
    assert "P1 M2 M3 45.000000 0.01 11.000000 10.700000 0 0" in section(text, "CONDUITS")
    assert "P1 CIRCULAR 0.150000 0 0 0 1" in section(text, "XSECTIONS")
    assert section(text, "VERTICES")[0] == "P0 120.000000 15.000000"


def test_rising_mains_go_straight_to_their_end():
    text = swmm.inp(*pumped(), manning_n=N)
    assert section(text, "PUMPS") == ["U0 M2 M2_R * ON 0 0", "U1 M4 M6 * ON 0 0"]
    names = [line.split()[0] for line in section(text, "JUNCTIONS")]
    assert names == ["M1", "M2", "M3", "M4", "M6", "M7", "M2_R"]


def test_a_model_may_hold_one_system_and_unknown_ones_are_refused():
    frames = branched()
    assert swmm.inp(*frames, manning_n=N, system_id=3) == swmm.inp(*(f.iloc[::-1] for f in frames), manning_n=N)
    with pytest.raises(DataError, match="none of system 4"):
        swmm.inp(*frames, manning_n=N, system_id=4)
    with pytest.raises(DataError, match="unknown"):
        swmm.inp(frames[0], frames[1].iloc[1:], frames[2], manning_n=N)


@engine
def test_a_sound_system_neither_floods_nor_fills_up(tmp_path):
    pipes, manholes, pumps = branched()
    result = run(tmp_path, (pipes, manholes, pumps))
    assert result.flooded_m3.to_dict() == dict.fromkeys(manholes["manhole_id"], 0.0)
    assert abs(result.continuity_error_percent) < 1.0
    assert result.flow_l_per_s.to_numpy() == pytest.approx(pipes["flow_l_per_s"].to_numpy(), rel=1e-3)
    assert (result.filling_share < 0.75).all()


@engine
def test_filling_is_mannings_part_full_depth(tmp_path):
    """Four equal reaches of uniform flow in a row; the middle ones have neither entry nor fall at their ends."""
    length, slope, flow = 75.0, 0.004, 6.0
    invert = 10.0 - length * slope * np.arange(5)
    reaches = [(i, i + 1, "gravity", length, flow, 150, invert[i], invert[i + 1]) for i in range(4)]
    result = run(tmp_path, system(reaches))
    expected = normal_filling(flow, 150, slope)
    assert result.filling_share[[0, 1, 2]].to_numpy() == pytest.approx(np.full(3, expected), rel=0.01)
    assert result.largest_filling_share.max() == pytest.approx(expected, rel=0.03)


@engine
def test_pumps_lift_what_arrives(tmp_path):
    pipes, manholes, pumps = pumped()
    result = run(tmp_path, (pipes, manholes, pumps))
    gravity = pipes[pipes["kind"] == "gravity"]
    assert result.flow_l_per_s.index.tolist() == gravity["pipe_id"].tolist()
    # What enters along a rising main is put into its wet well, so the sewer below the main carries its design flow.
    assert result.flow_l_per_s.to_numpy() == pytest.approx(gravity["flow_l_per_s"].to_numpy(), rel=1e-3)
    assert result.flooded_m3.sum() == 0
    assert abs(result.continuity_error_percent) < 1.0


@engine
def test_a_pump_at_the_outlet_delivers_to_the_outfall(tmp_path):
    frames = system([(1, 2, "gravity", 60.0, 3.0, 150, 9.0, 8.7)], [(2, "lift", 3.0)])
    assert section(swmm.inp(*frames, manning_n=N), "PUMPS") == ["U0 M2 M2_OUT * ON 0 0"]
    result = run(tmp_path, frames)
    assert abs(result.continuity_error_percent) < 1.0
    assert result.flooded_m3.sum() == 0


@engine
def test_chains_of_pumps_need_no_sewer_between_them(tmp_path):
    """Head 1 pumps to 2, 2 pumps to the outlet 3: no sewer comes to 2 nor 3; a sewer 4 to 5 makes it a model."""
    frames = system(
        [
            (1, 2, "pressure", 80.0, 2.0, 75, 10.9, 10.9),
            (2, 3, "pressure", 80.0, 3.0, 75, 10.9, 10.9),
            (4, 5, "gravity", 60.0, 3.0, 150, 9.0, 8.7),
            (5, 3, "pressure", 60.0, 3.0, 75, 10.9, 10.9),
        ],
        [(1, "rising_main", 2.0), (2, "rising_main", 3.0), (5, "rising_main", 3.0)],
    )
    text = swmm.inp(*frames, manning_n=N)
    assert section(text, "PUMPS") == ["U0 M1 M2_A * ON 0 0", "U1 M2 M3_A * ON 0 0", "U2 M5 M3_A * ON 0 0"]
    result = run(tmp_path, frames)
    assert result.flooded_m3.sum() == 0
    assert abs(result.continuity_error_percent) < 1.0
    assert result.flow_l_per_s.to_dict() == pytest.approx({2: 3.0}, rel=1e-3)


@engine
def test_a_well_takes_sewers_and_rising_mains_together(tmp_path):
    """Without a conduit between pump and wet well the engine's ideal pump at 2 stops and the sewer floods."""
    frames = system(
        [
            (1, 2, "gravity", 60.0, 0.1, 150, 9.0, 8.7),
            (3, 2, "pressure", 60.0, 0.2, 75, 10.9, 10.9),
            (2, 4, "gravity", 60.0, 0.4, 150, 10.8, 10.5),
        ],
        [(2, "lift", 0.3), (3, "rising_main", 0.2)],
    )
    result = run(tmp_path, frames)
    assert result.flooded_m3.sum() == 0
    assert result.flow_l_per_s.to_dict() == pytest.approx({0: 0.1, 2: 0.4}, rel=1e-2)


@engine
def test_an_undersized_pipe_is_caught(tmp_path):
    """The same system with the last pipe far too small floods: the check can fail."""
    pipes, manholes, pumps = branched()
    small = pipes.assign(diameter_mm=pipes["diameter_mm"].where(pipes["pipe_id"] != 3, 50))
    result = run(tmp_path, (small, manholes, pumps))
    assert result.flooded_m3.sum() > 1.0
    assert result.filling_share[3] == pytest.approx(1.0, abs=0.01)


@engine
def test_a_model_the_engine_refuses_is_reported(tmp_path):
    path = tmp_path / "broken.inp"
    path.write_text("[JUNCTIONS]\nM1 0 1\n[CONDUITS]\nP1 M1 M2 10 0.01 0 0\n", encoding="ascii")
    with pytest.raises(SewerzoneError, match=r"could not run the model: .*ERROR"):
        swmm.simulate(path)
