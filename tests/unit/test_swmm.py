"""The SWMM model of systems made by hand; what the engine says is checked against Manning's formula."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sewerzone import tables
from sewerzone.config import Design
from sewerzone.errors import DataError, SewerzoneError
from sewerzone.io import swmm
from sewerzone.io.swmm_model import CYCLE_S, SUMP_M
from sewerzone.io.swmm_text import daily_factors

DESIGN = Design()
N = DESIGN.manning_n
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

    ``reaches``: (from, to, kind, length, flow, diameter mm, invert up, invert down); ``pumps``: (manhole, kind, flow, head).
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
        {
            "manhole_id": ids,
            "system_id": 3,
            "node_id": ids,
            "kind": "ordinary",
            "excavation_m": 2.0,
            "priced_excavation_m": 2.0,
            "drop_m": 0.0,
        }
    )
    holes = holes.assign(ground_elev_m=list(elevation.values()), invert_elev_m=[out.get(m, into.get(m)) for m in ids])
    points = [shapely.Point(100 * m, 0) for m in ids]
    manholes = tables.MANHOLES.conform(gpd.GeoDataFrame(holes, geometry=points, crs="EPSG:6676"))
    rows = pd.DataFrame(pumps, columns=["manhole_id", "kind", "flow_l_per_s", "head_m"]).assign(system_id=3)
    rows = rows.assign(pump_id=range(len(rows)), flow_mean_m3_per_d=1.0, main_m=0.0, power_kw=1.0, energy_kwh_per_yr=1.0)
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
        [(2, "lift", 4.0, 3.1), (4, "rising_main", 5.0, 9.3)],
        {5: 14.0, 6: 16.0, 7: 16.0},
    )


def run(tmp_path, frames, **options):
    return swmm.simulate(swmm.write_inp(tmp_path / "system.inp", swmm.inp(*frames, design=DESIGN, **options)))


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
    text = swmm.inp(*branched(), design=DESIGN, title="富士 [1]\n[JUNCTIONS]")
    assert text.isascii()
    assert section(text, "TITLE") == ["?? [1]; [JUNCTIONS]"]
    assert "M3 9.650000 2.350000 0.000000 0.000000 0" in section(text, "JUNCTIONS")
    assert "P1 M2 M3 45.000000 0.010000 11.000000 10.700000 0 0" in section(text, "CONDUITS")
    assert "P1 CIRCULAR 0.150000 0 0 0 1" in section(text, "XSECTIONS")
    assert section(text, "VERTICES")[0] == "P0 120.000000 15.000000"


def test_pumps_stand_in_wet_wells_and_feed_force_mains():
    text = swmm.inp(*pumped(), design=DESIGN)
    names = [line.split()[0] for line in section(text, "JUNCTIONS")]
    assert names == ["M1", "M3", "M5", "M6", "M7", "M2_R", "M4_D", "M6_E4"]
    wells = {line.split()[0]: [float(v) for v in line.split()[1:4]] for line in section(text, "STORAGE")}
    assert wells == {"M2": pytest.approx([8.7 - 1.0 - SUMP_M, 12.0 - 7.4, SUMP_M]), "M4": pytest.approx([8.9, 3.1, SUMP_M])}
    assert [line.split()[:3] for line in section(text, "PUMPS")] == [["U0", "M2", "M2_R"], ["U1", "M4", "M4_D"]]
    shapes = {line.split()[0]: line.split()[1] for line in section(text, "XSECTIONS")}
    assert (shapes["P3"], shapes["P4"], shapes["P5"]) == ("FORCE_MAIN", "FORCE_MAIN", "CIRCULAR")
    resting = {line.split()[0]: float(line.split()[3]) for line in section(text, "JUNCTIONS")}
    assert resting["M4_D"] == pytest.approx(14.9 + 0.075 - 10.9), "full up to the crown of its end"


def test_wells_are_as_wide_as_the_least_cycle_asks():
    """Flow x cycle / 4 between the levels: with inflow at half the pump's flow it starts once a cycle."""
    frames = system([(1, 2, "gravity", 60.0, 50.0, 400, 9.0, 8.7)], [(2, "lift", 50.0, 3.0)])
    (well,) = section(swmm.inp(*frames, design=DESIGN, peak_factor=2.0), "STORAGE")
    (pump,) = section(swmm.inp(*frames, design=DESIGN, peak_factor=2.0), "PUMPS")
    start, stop = (float(v) for v in pump.split()[-2:])
    assert float(well.split()[7]) * (start - stop) == pytest.approx(0.050 * CYCLE_S / 4.0, rel=1e-6)
    assert stop == SUMP_M
    assert start <= SUMP_M + DESIGN.wet_well_m


def test_short_conduits_are_stretched_and_smoothed():
    frames = system([(1, 2, "gravity", 2.0, 3.0, 150, 9.0, 8.99)])
    (line,) = (row.split() for row in section(swmm.inp(*frames, design=DESIGN), "CONDUITS") if row.startswith("P"))
    length, rough = float(line[3]), float(line[4])
    assert length > 2.0
    assert rough**2 * length == pytest.approx(N**2 * 2.0, rel=1e-3), "Manning: the same flow at the same depth"


def test_hours_of_a_day_have_mean_one_and_the_peak_asked_for():
    for peak in (1.0, 1.5, 1.789, 3.0, 10.0):
        factors = daily_factors(peak)
        assert factors.mean() == pytest.approx(1.0)
        assert factors.max() == pytest.approx(peak)
        assert (factors > 0.0).all()
    with pytest.raises(ValueError, match="1 to 24 times"):
        daily_factors(0.9)


def test_units_name_their_system_and_their_peak():
    units = pd.DataFrame(
        {
            "unit_id": [0, 1, 2],
            "system_id": pd.array([4, pd.NA, 4], dtype="Int64"),
            "treatment": ["sewer", "johkasou", "sewer"],
            "flow_hourly_l_per_s": [2.0, 9.0, 1.0],
            "flow_mean_m3_per_d": [86.4, 86.4, 86.4],
        }
    )
    assert swmm.system_of_unit(units, 2) == 4
    assert swmm.peak_factor(units, 4) == swmm.peak_factor(units) == pytest.approx(1.5)
    with pytest.raises(DataError, match="no unit 7"):
        swmm.system_of_unit(units, 7)
    with pytest.raises(DataError, match="unit 1 has no sewer system"):
        swmm.system_of_unit(units, 1)


def test_a_model_may_hold_one_system_and_unknown_ones_are_refused():
    frames = branched()
    assert swmm.inp(*frames, design=DESIGN, system_id=3) == swmm.inp(*(f.iloc[::-1] for f in frames), design=DESIGN)
    with pytest.raises(DataError, match="none of system 4"):
        swmm.inp(*frames, design=DESIGN, system_id=4)
    with pytest.raises(DataError, match="unknown"):
        swmm.inp(frames[0], frames[1].iloc[1:], frames[2], design=DESIGN)


@engine
def test_a_sound_system_neither_floods_nor_fills_up(tmp_path):
    pipes, manholes, pumps = branched()
    result = run(tmp_path, (pipes, manholes, pumps))
    assert result.flooded_m3.to_dict() == dict.fromkeys(manholes["manhole_id"], 0.0)
    assert abs(result.continuity_error_percent) < 1.0
    assert result.pipes["flow_l_per_s"].to_numpy() == pytest.approx(pipes["flow_l_per_s"].to_numpy(), rel=1e-3)
    assert (result.pipes["filling_share"] < 0.75).all()


@engine
def test_filling_is_mannings_part_full_depth(tmp_path):
    """Four equal reaches of uniform flow in a row; the middle ones have neither entry nor fall at their ends."""
    length, slope, flow = 75.0, 0.004, 6.0
    invert = 10.0 - length * slope * np.arange(5)
    reaches = [(i, i + 1, "gravity", length, flow, 150, invert[i], invert[i + 1]) for i in range(4)]
    result = run(tmp_path, system(reaches))
    expected = normal_filling(flow, 150, slope)
    assert result.pipes["filling_share"].loc[[0, 1, 2]].to_numpy() == pytest.approx(np.full(3, expected), rel=0.01)
    assert result.pipes["largest_filling_share"].max() == pytest.approx(expected, rel=0.03)


def hazen_williams_m(flow_l_per_s, diameter_m, length_m, c=130.0):
    return 10.67 * length_m * (flow_l_per_s / 1000.0) ** 1.852 / c**1.852 / diameter_m**4.8704


@engine
def test_pumps_lift_what_arrives(tmp_path):
    pipes, manholes, pumps = pumped()
    result = run(tmp_path, (pipes, manholes, pumps))
    # What enters along a rising main is put into its wet well, so the main carries its design flow too.
    assert result.pipes["flow_l_per_s"].to_numpy() == pytest.approx(pipes["flow_l_per_s"].to_numpy(), rel=1e-3)
    assert result.pipes["is_pressure"].to_list() == [False, False, False, True, True, False]
    assert result.flooded_m3.sum() == 0
    assert abs(result.continuity_error_percent) < 1.0
    level = 10.2 - DESIGN.wet_well_m + 0.05  # the pump of 5 l/s gives its duty 5 cm above the stop level
    static = 14.9 + 0.075 - level
    friction = hazen_williams_m(5.0, 0.075, 160.0)
    assert result.pumps["head_m"][1] == pytest.approx(static + friction, abs=0.1)


@engine
def test_a_day_starts_pumps_as_often_as_volumes_tell(tmp_path):
    """Every start empties the volume between the levels, less what flows in meanwhile."""
    pipes, manholes, pumps = pumped()
    result = run(tmp_path, (pipes, manholes, pumps), peak_factor=1.8)
    assert result.hours == pytest.approx(24.0, abs=0.01)
    assert result.flooded_m3.sum() == 0
    assert abs(result.continuity_error_percent) < 1.0
    inflow_m3_per_s = 0.005 / 1.8 * daily_factors(1.8)
    lifted_m3_per_s = inflow_m3_per_s.mean() / result.pumps["running_share"][1]
    assert 0.005 < lifted_m3_per_s < 0.006, "the duty at the lowest level, a little more above it"
    volume_m3 = 0.005 * CYCLE_S / 4.0
    starts = 3600.0 * (inflow_m3_per_s * (1.0 - inflow_m3_per_s / lifted_m3_per_s) / volume_m3).sum()
    assert result.pumps["starts"][1] == pytest.approx(starts, rel=0.1)
    assert result.pumps["starts"][1] < 86_400.0 / CYCLE_S
    assert (result.pumps["largest_m"] < SUMP_M + DESIGN.wet_well_m).all(), "wells never back up into the sewers"


@engine
def test_a_pump_too_small_for_its_main_floods_its_well(tmp_path):
    """The check can fail: a main three times as high as the plan's head."""
    pipes, manholes, pumps = pumped()
    weak = pumps.assign(head_m=pumps["head_m"].where(pumps["pump_id"] != 1, 2.5))
    result = run(tmp_path, (pipes, manholes, weak), peak_factor=1.8)
    assert result.flooded_m3.sum() > 10.0


@engine
def test_a_pump_at_the_outlet_delivers_to_the_outfall(tmp_path):
    frames = system([(1, 2, "gravity", 60.0, 3.0, 150, 9.0, 8.7)], [(2, "lift", 3.0, 4.0)])
    text = swmm.inp(*frames, design=DESIGN)
    assert [line.split()[:3] for line in section(text, "PUMPS")] == [["U0", "M2", "M2_OUT"]]
    assert section(text, "OUTFALLS") == [f"M2_OUT {8.7 - 1.0 + 4.0:.6f} FREE NO"]
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
        [(1, "rising_main", 2.0, 3.0), (2, "rising_main", 3.0, 3.0), (5, "rising_main", 3.0, 5.0)],
    )
    result = run(tmp_path, frames)
    assert result.flooded_m3.sum() == 0
    assert abs(result.continuity_error_percent) < 1.0
    assert result.pipes["flow_l_per_s"].to_dict() == pytest.approx({0: 2.0, 1: 3.0, 2: 3.0, 3: 3.0}, rel=1e-2)


@engine
def test_a_well_takes_sewers_and_rising_mains_together(tmp_path):
    frames = system(
        [
            (1, 2, "gravity", 60.0, 0.1, 150, 9.0, 8.7),
            (3, 2, "pressure", 60.0, 0.2, 75, 10.9, 10.9),
            (2, 4, "gravity", 60.0, 0.4, 150, 10.8, 10.5),
        ],
        [(2, "lift", 0.4, 3.1), (3, "rising_main", 0.2, 2.0)],
    )
    result = run(tmp_path, frames)
    assert result.flooded_m3.sum() == 0
    assert result.pipes["flow_l_per_s"].to_dict() == pytest.approx({0: 0.1, 1: 0.2, 2: 0.4}, rel=0.05)


@engine
def test_an_undersized_pipe_is_caught(tmp_path):
    """The same system with the last pipe far too small floods: the check can fail."""
    pipes, manholes, pumps = branched()
    small = pipes.assign(diameter_mm=pipes["diameter_mm"].where(pipes["pipe_id"] != 3, 50))
    result = run(tmp_path, (small, manholes, pumps))
    assert result.flooded_m3.sum() > 1.0
    assert result.pipes["filling_share"][3] == pytest.approx(1.0, abs=0.01)


@engine
def test_a_model_the_engine_refuses_is_reported(tmp_path):
    path = tmp_path / "broken.inp"
    path.write_text("[JUNCTIONS]\nM1 0 1\n[CONDUITS]\nP1 M1 M2 10 0.01 0 0\n", encoding="ascii")
    with pytest.raises(SewerzoneError, match=r"could not run the model: .*ERROR"):
        swmm.simulate(path)
