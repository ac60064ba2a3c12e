"""Circular pipes: slopes and capacities by Manning, textbook values of part-full flow, inverses."""

import numpy as np
import pytest
from scipy.integrate import quad

from sewerzone.engineering.hydraulics import (
    FULLEST_RATIO,
    full_area_m2,
    full_flow_l_per_s,
    full_velocity_m_per_s,
    largest_flows,
    largest_slope,
    least_slope,
    part_full,
    pressure_loss,
    slope_never_too_steep,
)

DIAMETER = np.array([150.0, 200.0, 250.0, 300.0])


@pytest.mark.parametrize(("velocity", "permille"), [(0.6, [2.87, 1.95, 1.45, 1.14]), (1.0, [7.97, 5.43, 4.03, 3.16])])
def test_least_slopes_of_the_method(velocity, permille):
    assert (np.round(1000.0 * least_slope(DIAMETER, velocity, 0.010), 2) == permille).all()


def test_full_flow_inverts_least_slope():
    slope = least_slope(DIAMETER, 0.8, 0.013)
    assert full_velocity_m_per_s(DIAMETER, slope, 0.013) == pytest.approx(0.8)
    assert full_flow_l_per_s(DIAMETER, slope, 0.013) == pytest.approx(800.0 * full_area_m2(DIAMETER))


def test_half_full_runs_at_full_velocity():
    full = full_flow_l_per_s(200.0, 0.004, 0.010)
    filling, velocity = part_full(0.5 * full, 200.0, 0.004, 0.010)
    assert filling == pytest.approx(0.5)
    assert velocity == pytest.approx(full_velocity_m_per_s(200.0, 0.004, 0.010))


@pytest.mark.parametrize(
    ("filling", "flow_ratio", "velocity_ratio"),
    # Hydraulic elements of circular sections, as printed in sewer handbooks.
    [
        (0.1, 0.021, 0.401),
        (0.2, 0.088, 0.615),
        (0.3, 0.196, 0.776),
        (0.4, 0.337, 0.902),
        (0.6, 0.671, 1.072),
        (0.8, 0.977, 1.140),
    ],
)
def test_hydraulic_elements(filling, flow_ratio, velocity_ratio):
    full = full_flow_l_per_s(300.0, 0.003, 0.013)
    found, velocity = part_full(flow_ratio * full, 300.0, 0.003, 0.013)
    assert found == pytest.approx(filling, abs=0.002)
    assert velocity / full_velocity_m_per_s(300.0, 0.003, 0.013) == pytest.approx(velocity_ratio, abs=0.005)


def test_largest_flow_is_at_a_filling_of_0938():
    assert pytest.approx(1.0757, abs=1e-4) == FULLEST_RATIO
    full = full_flow_l_per_s(150.0, 0.01, 0.010)
    assert part_full(FULLEST_RATIO * full, 150.0, 0.01, 0.010)[0] == pytest.approx(0.938, abs=5e-4)
    assert part_full(1.08 * full, 150.0, 0.01, 0.010)[0] == 1.0


def test_flow_is_area_times_velocity_and_manning_holds():
    """Area by quadrature over the depth, wetted perimeter by the arc: no formula shared with the program."""
    radius = 0.1
    for ratio in (1e-6, 1e-3, 0.03, 0.25, 0.5, 0.9, 1.05):
        flow = ratio * float(full_flow_l_per_s(200.0, 0.006, 0.011))
        filling, velocity = (float(v) for v in part_full(flow, 200.0, 0.006, 0.011))
        depth = 2.0 * radius * filling
        area = quad(lambda h: 2.0 * np.sqrt(max(2.0 * radius * h - h * h, 0.0)), 0.0, depth, epsabs=0.0)[0]
        perimeter = 2.0 * radius * np.arccos(1.0 - depth / radius)
        assert area * velocity * 1000.0 == pytest.approx(flow, rel=1e-6)
        assert velocity == pytest.approx((area / perimeter) ** (2.0 / 3.0) * 0.006**0.5 / 0.011, rel=1e-6)


def test_filling_rises_with_flow():
    flow = np.linspace(0.0, 1.0757, 5000) * full_flow_l_per_s(250.0, 0.002, 0.010)
    filling = part_full(flow, 250.0, 0.002, 0.010)[0]
    assert (np.diff(filling) > 0.0).all()
    assert filling[0] == 0.0


def test_edges_of_part_full():
    filling, velocity = part_full([0.0, 5.0, 5.0], 150.0, [0.01, 0.0, -0.01], 0.010)
    assert filling.tolist() == [0.0, 1.0, 1.0]
    assert velocity[0] == 0.0
    assert velocity[1] == pytest.approx(0.005 / full_area_m2(150.0))


def test_largest_slope_gives_the_velocity():
    flow = np.array([0.01, 0.1, 1.0, 5.0, 20.0, 45.0])
    slope = np.array([largest_slope(q, 150.0, 3.0, 0.010) for q in flow])
    assert part_full(flow, 150.0, slope, 0.010)[1] == pytest.approx(3.0, rel=1e-6)
    assert (np.diff(slope) < 0.0).all()  # more water is faster, so less slope is left
    assert np.isinf(largest_slope(0.0, 150.0, 3.0, 0.010))


def test_largest_slope_of_a_flow_larger_than_the_pipe():
    assert largest_slope(500.0, 150.0, 3.0, 0.010) == pytest.approx(least_slope(150.0, 3.0, 0.010))


def test_no_flow_is_too_fast_at_the_safe_slope():
    safe = float(slope_never_too_steep(150.0, 3.0, 0.010))
    slope = [largest_slope(q, 150.0, 3.0, 0.010) for q in np.linspace(0.01, 60.0, 3000)]
    assert safe <= min(slope) <= safe * (1.0 + 1e-4)


def test_largest_flows_take_the_margin_and_their_own_slope():
    slope = least_slope(DIAMETER, 0.6, 0.010)
    assert largest_flows(DIAMETER, slope, np.ones(4), 0.010) == pytest.approx(600.0 * full_area_m2(DIAMETER) / 2.0)
    # Even where a larger diameter is given a flatter slope than it needs, so that it carries less.
    uneven = largest_flows(DIAMETER, np.array([0.01, 0.001, 0.01, 0.002]), np.ones(4), 0.010)
    assert (np.diff(uneven) >= 0.0).all()


@pytest.mark.parametrize(("flow", "diameter", "c"), [(2.65, 75.0, 130.0), (20.0, 150.0, 130.0), (60.0, 300.0, 110.0)])
def test_loss_under_pressure_is_that_of_the_epanet_manual(flow: float, diameter: float, c: float) -> None:
    """In feet and cubic feet per second: 4.727 C^-1.852 d^-4.871 q^1.852 per foot (EPANET 2 manual, Hazen-Williams)."""
    q, d = flow / 1000.0 / 0.3048**3, diameter / 1000.0 / 0.3048
    assert pressure_loss(flow, diameter, c) == pytest.approx(4.727 * c**-1.852 * d**-4.871 * q**1.852, rel=2e-3)
