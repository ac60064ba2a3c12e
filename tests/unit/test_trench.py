"""Manholes, reaches, limits and pumps on forests small enough to check by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sewerzone.engineering import hydraulics
from sewerzone.engineering.forest import Forest, LayingPrices, Rules
from sewerzone.engineering.reaches import main_diameter_mm
from sewerzone.engineering.trench import lay, least_excavation_m, manhole_flows
from sewerzone.errors import DesignError, TerrainError

DIAMETER = np.array([150.0, 200.0, 250.0])
RULES = Rules(
    diameter_mm=DIAMETER,
    capacity_margin=np.ones(3),
    slope_min=np.array([0.004, 0.003, 0.002]),
    manning_n=0.010,
    velocity_max_m_per_s=3.0,
    cover_min_m=1.0,
    excavation_max_m=3.0,
    pipe_wall_m=0.01,
    bedding_m=0.0,
    manhole_spacing_m=75.0,
    bend_deg=30.0,
    ground_tolerance_m=0.3,
    drop_manhole_m=0.6,
    wet_well_m=1.0,
    pressure_velocity_m_per_s=1.0,
    pressure_diameter_min_mm=75.0,
    pressure_velocity_min_m_per_s=0.6,
    pressure_hazen_williams_c=130.0,
)
PRICES = LayingPrices(
    depth_m=np.array([1.0, 5.0]),
    trench_yen_per_m_yr=np.array([[1000.0, 3000.0]] * 3),
    pressure_yen_per_m_yr=5000.0,
    pump_yen_per_yr=1e6,
    pump_size_yen_per_yr=0.0,
    energy_yen_per_yr=0.0,
    manhole_yen_per_yr=np.full(2, 0.0),
    drop_yen_per_yr=0.0,
    is_depth_priced=True,
)
LEAST_M = 1.0 + 0.02 + 0.15
MAIN_LOSS = 10.67 * (0.6 * np.pi / 4.0 * 0.075**2 / 130.0) ** 1.852 / 0.075**4.8704
"""Loss per metre of the least main at its least velocity, by Hazen and Williams."""


def chain(ground, step_m=50.0, flow=0.1, root_max_m=9.0, **changes):
    """A straight way; node 0 is the head, the last the root."""
    n = len(ground)
    length = np.full(n, step_m)
    length[-1] = 0.0
    base = Forest(
        parent=np.append(np.arange(1, n), -1),
        length_m=length,
        x_m=step_m * np.arange(n),
        y_m=np.zeros(n),
        ground_elev_m=np.asarray(ground, float),
        flow_l_per_s=np.full(n, flow),
        flow_mean_m3_per_d=np.full(n, 10.0 * flow),
        price_factor=np.ones(n),
        root_max_excavation_m=np.full(n, root_max_m),
        least_excavation_m=np.zeros(n),
        fixed_yen_per_yr=np.zeros(n),
    )
    return replace(base, **changes)


def test_flat_ground_is_dug_at_least_slope():
    laid = lay(chain([0.0, 0.0, 0.0]), RULES, PRICES)
    assert laid.manhole.tolist() == [0, 1, 2]
    assert laid.excavation_up_m == pytest.approx([LEAST_M, LEAST_M + 0.2])
    assert laid.excavation_down_m == pytest.approx([LEAST_M + 0.2, LEAST_M + 0.4])
    assert laid.flow_l_per_s == pytest.approx([0.1, 0.2])
    mean = [LEAST_M + 0.1, LEAST_M + 0.3]
    assert laid.yen_per_yr == pytest.approx([50.0 * (500.0 + 500.0 * m) for m in mean] + [0.0])
    assert not laid.is_pump.any()
    assert laid.reach_of.tolist() == [0, 1, -1]


def test_falling_ground_is_followed_at_least_cover():
    laid = lay(chain([2.0, 1.0, 0.0]), RULES, PRICES)
    assert laid.excavation_up_m == pytest.approx([LEAST_M] * 2)
    assert laid.excavation_down_m == pytest.approx([LEAST_M] * 2)


@pytest.mark.parametrize(("spare_m", "pumps"), [(0.0, 0), (-1e-6, 1)])
def test_excavation_limit_is_included(spare_m, pumps):
    """The only profile without a pump ends exactly at the limit."""
    rules = replace(RULES, excavation_max_m=LEAST_M + 4 * 0.2 + spare_m)
    laid = lay(chain([0.0] * 5), rules, PRICES)
    assert laid.is_pump.sum() == pumps


@pytest.mark.parametrize(("spare_m", "lifts"), [(0.0, 0), (-1e-6, 1)])
def test_arrival_limit_of_the_root_is_included(spare_m, lifts):
    laid = lay(chain([0.0, 0.0], root_max_m=LEAST_M + 0.2 + spare_m), RULES, PRICES)
    assert laid.is_pump.tolist() == [False, bool(lifts)]
    if lifts:
        assert laid.head_m[-1] == pytest.approx(1.0, abs=1e-5)
        assert laid.yen_per_yr[-1] == pytest.approx(1e6)


def test_lift_restarts_at_least_cover_and_pays_its_head():
    ground = [0.0, 1.0, 2.0, 2.0]
    laid = lay(chain(ground, step_m=10.0), replace(RULES, manhole_spacing_m=10.0), replace(PRICES, energy_yen_per_yr=7.0))
    assert laid.is_pump.tolist() == [False, True, False, False]
    assert not laid.is_pressure.any()
    assert laid.arrival_m[1] == pytest.approx(LEAST_M + 1.04)
    assert laid.excavation_up_m[1] == pytest.approx(LEAST_M)
    assert laid.head_m[1] == pytest.approx(1.04 + 1.0)
    trench = 10.0 * (500.0 + 500.0 * (LEAST_M + 0.52))
    assert laid.yen_per_yr[1] == pytest.approx(trench + 1e6 + 7.0 * 2.0 * laid.head_m[1])


def test_one_pump_feeds_a_main_over_several_reaches():
    """Nothing flows in on the climb, so a main takes it in one; gravity would need several lifts."""
    ground = np.array([0.0, 0.0, 2.0, 4.0, 6.0, 6.0])
    flow = np.array([0.5, 0.5, 0.0, 0.0, 0.0, 0.2])
    rules = replace(RULES, manhole_spacing_m=50.0)
    laid = lay(chain(ground, flow_l_per_s=flow, flow_mean_m3_per_d=flow), rules, PRICES)
    assert laid.is_pressure.tolist() == [False, True, True, True, False]
    assert laid.is_pump.tolist() == [False, True, False, False, False, False]
    main_m = 1.0 + 0.02 + 0.075
    assert laid.excavation_up_m[1:4] == pytest.approx([main_m] * 3)
    assert laid.head_m[1] == pytest.approx(6.0 + (LEAST_M + 0.2 - main_m) + 1.0 + MAIN_LOSS * 150.0)
    assert laid.excavation_up_m[4] == pytest.approx(LEAST_M)
    assert laid.diameter_mm.tolist() == [150.0, 75.0, 75.0, 75.0, 150.0]


def test_a_pump_without_head_is_still_a_pump():
    """Down a cliff nothing but the wet well has to be lifted; without one the pump of a main has no head."""
    rules = replace(RULES, wet_well_m=0.0, pressure_hazen_williams_c=1e9, pressure_diameter_min_mm=200.0)
    laid = lay(chain([1.0, 0.0], flow=0.1), rules, replace(PRICES, pump_yen_per_yr=0.0, pressure_yen_per_m_yr=0.0))
    assert laid.is_pressure.all()
    assert laid.is_pump.tolist() == [True, False]
    assert laid.head_m[0] == 0.0


def test_no_main_where_houses_enter_on_the_way():
    """The climb has an interior house on every reach, so it is lifted step by step."""
    ground = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    laid = lay(chain(ground, step_m=25.0), RULES, replace(PRICES, pressure_yen_per_m_yr=1.0))
    dry = np.array([laid.manhole[d] - laid.manhole[u] == 1 for u, d in zip(laid.up, laid.down, strict=True)])
    assert not laid.is_pressure[~dry].any()
    assert laid.is_pump.any()


def test_pipes_join_at_the_crown():
    flow = np.array([1.0, 0.0, 6.0, 0.0])
    laid = lay(chain([0.0] * 4, flow_l_per_s=flow), RULES, PRICES)
    assert laid.diameter_mm.tolist() == [150.0, 150.0, 200.0]
    assert laid.excavation_up_m[2] == pytest.approx(laid.excavation_down_m[1] + 0.05)


def test_fast_water_gets_a_drop_at_the_manhole():
    """Ground falls faster than the flow may: the pipe starts deeper and ends at least cover."""
    rules = replace(RULES, velocity_max_m_per_s=0.8)
    steepest = float(hydraulics.largest_slope(1.0, 150.0, 0.8, 0.010))
    laid = lay(chain([2.0, 0.0], flow=1.0), rules, PRICES)
    assert steepest < 0.04
    assert laid.excavation_up_m == pytest.approx([LEAST_M + 2.0 - 50.0 * steepest])
    assert laid.excavation_down_m == pytest.approx([LEAST_M])


def test_steep_reaches_are_split_at_the_points_between():
    """Gravity over 60 m of a 5 % climb is too deep, over 20 m it is not."""
    ground = 0.05 * 20.0 * np.arange(4)
    laid = lay(chain(ground, step_m=20.0), RULES, PRICES)
    assert laid.manhole.tolist() == [0, 1, 2, 3]
    assert (laid.excavation_down_m <= 3.0).all()


def test_a_cliff_down_is_a_chute_and_a_cliff_up_a_main():
    down = lay(chain([9.0, 0.0], step_m=10.0, flow=1.0), replace(RULES, velocity_max_m_per_s=0.8), PRICES)
    assert not down.is_pressure.any()
    assert down.excavation_up_m == pytest.approx([3.0])
    up = lay(chain([0.0, 9.0], step_m=10.0), RULES, PRICES)
    assert up.is_pressure.all()
    assert up.is_pump.tolist() == [True, False]


def test_a_dip_between_manholes_lowers_the_pipe():
    laid = lay(chain([0.0, -0.25, 0.0], step_m=20.0), RULES, PRICES)
    assert laid.manhole.tolist() == [0, 2]
    assert laid.excavation_up_m == pytest.approx([LEAST_M + 0.25 - 0.08])  # by the dip the pipe lies 0.08 m lower anyway
    falling = lay(chain([1.0, 0.25, 0.0], step_m=20.0), RULES, PRICES)
    assert falling.excavation_up_m == falling.excavation_down_m == pytest.approx([LEAST_M + 0.25])


def test_a_bump_between_manholes_lowers_the_limit():
    ground = [0.0, 0.25, 0.0]
    fits = replace(RULES, excavation_max_m=LEAST_M + 0.08 + 0.25)
    assert len(lay(chain(ground, step_m=20.0), fits, PRICES).manhole) == 2
    tight = replace(RULES, excavation_max_m=LEAST_M + 0.08 + 0.25 - 1e-6)
    assert len(lay(chain(ground, step_m=20.0), tight, PRICES).manhole) == 3  # split there


def test_manholes_at_most_their_spacing_apart():
    laid = lay(chain([0.0] * 16, step_m=10.0), RULES, PRICES)
    assert laid.manhole.tolist() == [0, 7, 14, 15]
    exact = lay(chain([0.0] * 16, step_m=15.0), RULES, PRICES)
    assert exact.manhole.tolist() == [0, 5, 10, 15]  # 75 m is allowed


def test_manholes_where_ground_departs_from_a_straight_line():
    assert lay(chain([0.0, 0.0, 0.31, 0.0, 0.0], step_m=10.0), RULES, PRICES).manhole.tolist() == [0, 2, 4]
    assert lay(chain([0.0, 0.0, 0.30, 0.0, 0.0], step_m=10.0), RULES, PRICES).manhole.tolist() == [0, 4]


@pytest.mark.parametrize(("turn_deg", "manholes"), [(29.0, [0, 2]), (31.0, [0, 1, 2])])
def test_manholes_at_sharp_bends(turn_deg, manholes):
    turn = np.radians(turn_deg)
    forest = chain([0.0] * 3, step_m=10.0)
    forest = replace(
        forest, x_m=np.array([0.0, 10.0, 10.0 + 10.0 * np.cos(turn)]), y_m=np.array([0.0, 0.0, 10.0 * np.sin(turn)])
    )
    assert lay(forest, RULES, PRICES).manhole.tolist() == manholes


def test_manhole_at_a_junction_and_flows_of_reaches():
    forest = Forest(
        parent=np.array([2, 2, 3, 4, -1]),
        length_m=np.array([30.0, 40.0, 20.0, 20.0, 0.0]),
        x_m=np.array([-30.0, 0.0, 0.0, 20.0, 40.0]),
        y_m=np.array([0.0, 40.0, 0.0, 0.0, 0.0]),
        ground_elev_m=np.zeros(5),
        flow_l_per_s=np.array([0.1, 0.2, 0.3, 0.4, 0.5]),
        flow_mean_m3_per_d=np.array([1.0, 2.0, 3.0, 4.0, 5.0]),
        price_factor=np.array([1.0, 1.0, 1.0, 2.0, 1.0]),
        root_max_excavation_m=np.full(5, 9.0),
        least_excavation_m=np.zeros(5),
        fixed_yen_per_yr=np.zeros(5),
    )
    laid = lay(forest, RULES, PRICES)
    assert laid.manhole.tolist() == [0, 1, 2, 4]
    assert laid.reach_of.tolist() == [0, 1, 2, 2, -1]
    assert laid.flow_l_per_s == pytest.approx([0.1, 0.2, 1.0])
    assert laid.flow_mean_m3_per_d == pytest.approx([1.0, 2.0, 10.0])
    assert laid.price_factor == pytest.approx([1.0, 1.0, 1.5])
    assert laid.arrival_m[2] == pytest.approx(LEAST_M + 0.004 * 40.0)
    assert (laid.root_of == 3).all()
    flow, mean = manhole_flows(forest, laid)
    assert flow == pytest.approx([0.1, 0.2, 0.6, 1.5])
    assert mean == pytest.approx([1.0, 2.0, 6.0, 15.0])


def test_flat_price_is_pumps_first_then_least_excavation():
    flat = replace(PRICES, trench_yen_per_m_yr=np.full((3, 2), 2000.0), is_depth_priced=False)
    deep = lay(chain([0.0] * 6), RULES, flat)
    assert not deep.is_pump.any()
    assert deep.excavation_up_m[0] == pytest.approx(LEAST_M)
    assert deep.yen_per_yr.sum() == pytest.approx(250.0 * 2000.0, abs=1e-9)
    # One pump is needed; of the places where it can stand the one with least digging is taken.
    rules = replace(RULES, excavation_max_m=LEAST_M + 0.65)
    pumped = lay(chain([0.0] * 7), rules, flat)
    assert pumped.is_pump.tolist() == [False, False, False, True, False, False, False]


def test_prices_of_manholes_and_roads():
    forest = chain([0.0] * 3, price_factor=np.array([2.0, 1.0, 1.0]))
    plain = lay(chain([0.0] * 3), RULES, PRICES).yen_per_yr
    dear = lay(forest, RULES, replace(PRICES, manhole_yen_per_yr=np.full(2, 300.0))).yen_per_yr
    assert dear == pytest.approx([2.0 * plain[0] + 300.0, plain[1] + 300.0, 300.0])


def test_manholes_are_priced_by_their_depth():
    prices = replace(PRICES, manhole_yen_per_yr=np.array([100.0, 500.0]))  # 100 at 1 m and 100 more for every metre
    plain, priced = lay(chain([0.0] * 4), RULES, PRICES), lay(chain([0.0] * 4), RULES, prices)
    expected = 100.0 * np.array([*priced.excavation_up_m, priced.arrival_m[-1]])
    assert priced.yen_per_yr - plain.yen_per_yr == pytest.approx(expected)


def test_pumps_are_priced_by_flow_and_head():
    prices = replace(PRICES, pump_size_yen_per_yr=50.0)
    plain, sized = (
        lay(chain([0.0, 1.0, 2.0, 2.0], step_m=10.0), replace(RULES, manhole_spacing_m=10.0), p) for p in (PRICES, prices)
    )
    assert sized.is_pump.tolist() == [False, True, False, False]
    assert sized.yen_per_yr - plain.yen_per_yr == pytest.approx([0.0, 50.0 * 0.2 * sized.head_m[1], 0.0, 0.0])


@pytest.mark.parametrize(("spare_m", "drops"), [(0.0, 1), (-1e-6, 0)])
def test_a_drop_of_exactly_the_limit_is_a_drop(spare_m, drops):
    """Ground falls, so the first pipe arrives at least cover; the second must lie deeper, under a crossing."""
    clearance = np.array([0.0, LEAST_M + RULES.drop_manhole_m + spare_m, 0.0])
    laid = lay(chain([2.0, 1.0, 0.0], least_excavation_m=clearance), RULES, replace(PRICES, drop_yen_per_yr=777.0))
    assert laid.excavation_down_m[0] == pytest.approx(LEAST_M)
    trench = 50.0 * (500.0 + 500.0 * (LEAST_M + RULES.drop_manhole_m + spare_m))
    assert laid.yen_per_yr[1] == pytest.approx(trench + 777.0 * drops)


def test_a_crossing_lies_at_its_clearance_and_the_next_reach_is_lifted_to():
    """Shafts at both ends, deeper than anything may be dug; the fixed cost is paid at the upper one."""
    clearance, fixed = np.array([0.0, 0.0, 5.0, 0.0, 0.0]), np.array([0.0, 0.0, 9_000.0, 0.0, 0.0])
    crossing = chain([0.0] * 5, step_m=20.0, least_excavation_m=clearance, fixed_yen_per_yr=fixed)
    laid = lay(crossing, RULES, PRICES)
    assert laid.manhole.tolist() == [0, 2, 3, 4]  # shafts at 2 and 3, though pipes of 60 m are allowed
    assert laid.excavation_up_m[1:2] == pytest.approx([5.0])
    assert laid.excavation_down_m[1:2] == pytest.approx([5.0 + 0.08])
    assert laid.is_pump.tolist() == [False, False, True, False]
    assert laid.head_m[2] == pytest.approx(5.08 - LEAST_M + RULES.wet_well_m)
    assert laid.yen_per_yr[1] == pytest.approx(20.0 * 3000.0 + 9_000.0)


def test_compensation_along_a_way_is_paid_in_full_and_asks_for_no_manhole():
    """Ways off the road cost something per metre, piece by piece; only a clearance makes shafts."""
    plain = lay(chain([4.0, 3.0, 2.0, 1.0, 0.0], step_m=15.0), RULES, PRICES)
    paid = lay(
        chain([4.0, 3.0, 2.0, 1.0, 0.0], step_m=15.0, fixed_yen_per_yr=np.array([0.0, 7.0, 5.0, 3.0, 0.0])), RULES, PRICES
    )
    assert paid.manhole.tolist() == plain.manhole.tolist() == [0, 4]
    assert paid.yen_per_yr.sum() == pytest.approx(plain.yen_per_yr.sum() + 15.0)


def test_a_main_passes_a_crossing_at_its_clearance():
    clearance = np.array([0.0, 5.0, 0.0, 0.0])
    dry = np.array([0.5, 0.0, 0.0, 0.0])
    cheap = replace(PRICES, pressure_yen_per_m_yr=1.0, pump_yen_per_yr=1.0)
    laid = lay(chain([0.0] * 4, least_excavation_m=clearance, flow_l_per_s=dry, flow_mean_m3_per_d=dry), RULES, cheap)
    assert laid.is_pressure.all()
    assert laid.excavation_up_m == pytest.approx([1.095, 5.0, 1.095])
    assert laid.excavation_down_m == pytest.approx([1.095, 5.0, 1.095])
    assert laid.is_pump.tolist() == [True, False, False, False]


FLOW_OF_200 = 8.0
"""More than 150 mm carries at its least slope, less than 200 mm does."""


def steep_for_150() -> float:
    full = float(hydraulics.full_flow_l_per_s(150.0, 1.0, 0.010))
    return (2.0 * FLOW_OF_200 / full) ** 2


def test_a_smaller_pipe_where_the_ground_is_just_steep_enough():
    """At exactly the slope that carries the flow with its margin 150 mm follows the ground; 200 mm is never cheaper."""
    slope = steep_for_150()
    laid = lay(chain([50.0 * slope, 0.0], flow=FLOW_OF_200), RULES, PRICES)
    assert laid.diameter_mm.tolist() == [150.0]
    assert laid.excavation_up_m == laid.excavation_down_m == pytest.approx([LEAST_M])
    flat = lay(chain([0.0, 0.0], flow=FLOW_OF_200), RULES, PRICES)
    assert flat.diameter_mm.tolist() == [200.0]  # 150 mm would have to be dug deeper


@pytest.mark.parametrize(("share", "size"), [(1.0, 150.0), (1.0 - 1e-6, 200.0)])
def test_velocity_limit_of_the_smaller_pipe_is_included(share, size):
    slope = steep_for_150()
    velocity = float(hydraulics.part_full(FLOW_OF_200, 150.0, slope, 0.010)[1])
    rules = replace(RULES, velocity_max_m_per_s=velocity * share)
    assert lay(chain([50.0 * slope, 0.0], flow=FLOW_OF_200), rules, PRICES).diameter_mm.tolist() == [size]


@pytest.mark.parametrize(("spare_m", "size"), [(0.0, 150.0), (-1e-6, 200.0)])
def test_excavation_limit_of_the_smaller_pipe_is_included(spare_m, size):
    """On flat ground 150 mm needs more fall; with wide pipes dear it is taken while its lower end is just allowed."""
    dear = replace(PRICES, trench_yen_per_m_yr=np.array([[1000.0, 3000.0], [9000.0, 9500.0], [9000.0, 9500.0]]))
    rules = replace(RULES, excavation_max_m=LEAST_M + 50.0 * steep_for_150() + spare_m)
    assert lay(chain([0.0, 0.0], flow=FLOW_OF_200), rules, dear).diameter_mm.tolist() == [size]


def test_no_smaller_pipe_downstream_not_even_behind_a_pump():
    """A flat reach asks for 200 mm, so the steep one behind it, which 150 mm could serve, has 200 mm too."""
    slope = steep_for_150()
    flow = np.array([FLOW_OF_200, 0.0, 0.0, 0.0])
    free = chain([50.0 * slope, 0.0], flow=FLOW_OF_200)
    assert lay(free, RULES, PRICES).diameter_mm.tolist() == [150.0]
    behind = chain([0.0, 0.0, 1.5, 1.5 - 50.0 * slope], flow_l_per_s=flow, flow_mean_m3_per_d=flow)
    laid = lay(behind, RULES, PRICES)
    assert laid.is_pump.any()
    assert laid.diameter_mm[~laid.is_pressure].tolist() == [200.0] * int((~laid.is_pressure).sum())


def test_a_root_alone():
    laid = lay(chain([5.0]), RULES, PRICES)
    assert laid.manhole.tolist() == [0]
    assert len(laid.up) == 0
    assert laid.yen_per_yr.tolist() == [0.0]
    assert laid.arrival_m == pytest.approx([LEAST_M])


def test_points_in_one_place():
    laid = lay(chain([0.0, 0.0, 0.0], length_m=np.array([0.0, 20.0, 0.0]), x_m=np.array([0.0, 0.0, 20.0])), RULES, PRICES)
    assert np.isfinite(laid.yen_per_yr).all()


def test_inputs_are_left_alone():
    forest = chain([0.0, 1.0, 0.0, 2.0])
    before = {k: v.copy() for k, v in vars(forest).items()}
    lay(forest, RULES, PRICES)
    assert all((before[k] == v).all() for k, v in vars(forest).items())


def test_main_diameters_come_in_steps():
    assert main_diameter_mm(np.array([0.0, 4.0, np.pi * 2.5, 8.0]), RULES).tolist() == [75.0, 75.0, 100.0, 125.0]
    assert least_excavation_m(np.array([75.0]), RULES) == pytest.approx([1.095])


def test_too_much_flow_names_the_place():
    with pytest.raises(DesignError, match=r"x = 50\.0, y = 0\.0.*800\.0 l/s.*250 mm.*design\.diameters_mm"):
        lay(chain([0.0, 0.0, 0.0], flow=400.0), RULES, PRICES)


def test_cover_that_does_not_fit_names_the_limit():
    with pytest.raises(DesignError, match=r"150 mm needs 1\.17 m.*excavation_max_m is 1\.1 m"):
        lay(chain([0.0, 0.0]), replace(RULES, excavation_max_m=1.1), PRICES)


def test_a_circle_is_refused():
    with pytest.raises(DesignError, match="2 of 3 nodes"):
        lay(chain([0.0] * 3, parent=np.array([1, 0, -1])), RULES, PRICES)


def test_unknown_ground_is_refused():
    with pytest.raises(TerrainError, match=r"1 of 3 points.*x = 50\.0"):
        lay(chain([0.0, np.nan, 0.0]), RULES, PRICES)


def test_lists_of_labels_may_grow():
    """A star of ways, each with its own depth: as many labels at the root as ways, more than the first room."""
    ways = 1500
    depth = np.linspace(0.0, 1.5, ways)
    forest = Forest(
        parent=np.append(np.full(ways, ways), [ways + 1, -1]),
        length_m=np.append(np.full(ways, 10.0), [10.0, 0.0]),
        x_m=np.append(np.cos(np.arange(ways)), [0.0, 10.0]),
        y_m=np.append(np.sin(np.arange(ways)), [0.0, 0.0]),
        ground_elev_m=np.append(-depth, [0.0, 0.0]),
        flow_l_per_s=np.append(np.full(ways, 0.001), [0.0, 0.0]),
        flow_mean_m3_per_d=np.append(np.full(ways, 0.01), [0.0, 0.0]),
        price_factor=np.ones(ways + 2),
        root_max_excavation_m=np.full(ways + 2, 9.0),
        least_excavation_m=np.zeros(ways + 2),
        fixed_yen_per_yr=np.zeros(ways + 2),
    )
    laid = lay(forest, replace(RULES, manhole_spacing_m=10.0), replace(PRICES, pump_yen_per_yr=1e9))
    assert laid.arrival_m[ways] == pytest.approx(LEAST_M + 1.5 + 0.04)
    assert not laid.is_pump.any()
    # With pumps nearly for nothing the labels of all ways meet at the junction.
    cheap = lay(forest, replace(RULES, manhole_spacing_m=10.0), replace(PRICES, pump_yen_per_yr=1.0, pressure_yen_per_m_yr=0.0))
    assert cheap.yen_per_yr.sum() < laid.yen_per_yr.sum()
