"""Circular pipes by Manning's formula: full and part-full flow, least and largest slope, choice of diameter.

Part-full flow is described by the angle ``theta`` (0 to 2 pi) under which the water surface is seen from the centre:
area = D^2/8 (theta - sin theta), wetted perimeter = D theta/2, depth/D = (1 - cos(theta/2))/2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sewerzone.engineering.forest import Floats
from sewerzone.engineering.heap import lean_kernel

FULLEST_THETA = 5.278107137933795
"""Angle of the largest flow (depth/D 0.938): beyond it flow falls again, so no pipe is designed fuller."""
FULLEST_RATIO = 1.075706129400465
"""Largest flow of a pipe over its flow when full."""
WIDEST_RADIUS = 0.304309
"""Largest hydraulic radius over diameter, at a filling of 0.813."""
SMALL_THETA = 0.05
"""Below this angle theta - sin(theta) is taken from its series, as the difference loses its digits."""


def full_velocity_m_per_s(diameter_mm: ArrayLike, slope: ArrayLike, manning_n: float) -> Floats:
    """Velocity of a pipe running full; ``slope`` in m per m."""
    hydraulic_radius = np.asarray(diameter_mm, np.float64) / 4000.0
    return np.asarray(hydraulic_radius ** (2.0 / 3.0) * np.sqrt(np.asarray(slope, np.float64)) / manning_n)


def full_flow_l_per_s(diameter_mm: ArrayLike, slope: ArrayLike, manning_n: float) -> Floats:
    """Flow of a pipe running full; ``slope`` in m per m."""
    return np.asarray(1000.0 * full_area_m2(diameter_mm) * full_velocity_m_per_s(diameter_mm, slope, manning_n))


def full_area_m2(diameter_mm: ArrayLike) -> Floats:
    """Cross-section of a pipe."""
    return np.asarray(np.pi / 4.0 * (np.asarray(diameter_mm, np.float64) / 1000.0) ** 2)


def least_slope(diameter_mm: ArrayLike, velocity_m_per_s: float, manning_n: float) -> Floats:
    """Slope (m per m) at which a full pipe reaches the velocity; 150 mm, 0.6 m/s, n = 0.010: 2.87 permille."""
    hydraulic_radius = np.asarray(diameter_mm, np.float64) / 4000.0
    return np.asarray((velocity_m_per_s * manning_n / hydraulic_radius ** (2.0 / 3.0)) ** 2)


def pressure_loss(flow_l_per_s: ArrayLike, diameter_mm: ArrayLike, hazen_williams_c: float) -> Floats:
    """Friction loss of a full pipe under pressure, m of head per m of pipe, by Hazen and Williams."""
    flow, diameter = np.asarray(flow_l_per_s, np.float64) / 1000.0, np.asarray(diameter_mm, np.float64) / 1000.0
    return np.asarray(10.67 * (flow / hazen_williams_c) ** 1.852 / diameter**4.8704)


@lean_kernel
def largest_slope(flow_l_per_s: float, diameter_mm: float, velocity_m_per_s: float, manning_n: float) -> float:
    """Slope (m per m) at which a flow reaches the velocity, part-full; infinite without flow.

    At that slope the water takes the area flow/velocity, so the angle and the hydraulic radius follow. A flow that
    needs more than the whole pipe is faster at any slope that carries it: the slope of the full pipe is returned.
    """
    if flow_l_per_s <= 0.0:
        return np.inf
    diameter = diameter_mm / 1000.0
    segment = min(8.0 * flow_l_per_s / 1000.0 / velocity_m_per_s / diameter**2, 2.0 * np.pi)
    hydraulic_radius = diameter / 4.0 * segment / _angle_of_segment(segment)
    return float((velocity_m_per_s * manning_n / hydraulic_radius ** (2.0 / 3.0)) ** 2)


def slope_never_too_steep(diameter_mm: ArrayLike, velocity_m_per_s: float, manning_n: float) -> Floats:
    """Slope (m per m) at which no flow is faster than the velocity: the least of all ``largest_slope``."""
    hydraulic_radius = WIDEST_RADIUS * np.asarray(diameter_mm, np.float64) / 1000.0
    return np.asarray((velocity_m_per_s * manning_n / hydraulic_radius ** (2.0 / 3.0)) ** 2)


def part_full(flow_l_per_s: ArrayLike, diameter_mm: ArrayLike, slope: ArrayLike, manning_n: float) -> tuple[Floats, Floats]:
    """Filling (depth over diameter) and velocity (m/s) of a flow in a pipe of a slope (m per m).

    On the rising branch, up to the largest flow (1.0757 of full, at a filling of 0.938). A larger flow, or any flow
    without slope, fills the pipe: filling 1 and flow over the whole area. No flow: 0 and 0.
    """
    flow, diameter, fall = np.broadcast_arrays(
        np.asarray(flow_l_per_s, np.float64), np.asarray(diameter_mm, np.float64), np.asarray(slope, np.float64)
    )
    full = full_flow_l_per_s(diameter, np.maximum(fall, 0.0), manning_n)
    ratio = np.divide(flow, full, out=np.full(flow.shape, np.inf), where=full > 0.0)
    is_part = (flow > 0.0) & (ratio <= FULLEST_RATIO)
    theta = _angle_of_ratio(np.where(is_part, ratio, 1.0))
    area = (diameter / 1000.0) ** 2 / 8.0 * _segment(theta)
    filling = np.where(is_part, 0.5 * (1.0 - np.cos(0.5 * theta)), np.where(flow > 0.0, 1.0, 0.0))
    velocity = flow / 1000.0 / np.where(is_part, area, full_area_m2(diameter))
    return filling, velocity


def largest_flows(diameter_mm: Floats, slope_min: Floats, capacity_margin: Floats, manning_n: float) -> Floats:
    """Largest design flow (l/s) of every size: with its margin it fills the pipe at its own least slope.

    Never falling with the size. Since the least slope belongs to the diameter and not to the ground, the smallest size
    whose largest flow is not exceeded never becomes smaller downstream, where the flow is larger.
    """
    usable = full_flow_l_per_s(diameter_mm, slope_min, manning_n) / (1.0 + capacity_margin)
    return np.asarray(np.maximum.accumulate(usable) * (1.0 + 1e-9))


def _segment(theta: Floats) -> Floats:
    """theta - sin(theta), by its series where the difference would lose its digits."""
    square = theta * theta
    series = theta * square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0))
    return np.where(theta < SMALL_THETA, series, theta - np.sin(theta))


@lean_kernel
def _angle_of_segment(segment: float) -> float:
    """Solve theta - sin(theta) = segment for 0 < segment <= 2 pi."""
    # The function is antisymmetric about pi; on the lower half Newton from the cube root falls monotonically.
    target = min(segment, 2.0 * np.pi - segment)
    theta = min(np.cbrt(6.0 * target) * (1.0 + target / 20.0), np.pi)
    for _ in range(5):
        square = theta * theta
        difference = theta - np.sin(theta)
        if theta < SMALL_THETA:
            difference = theta * square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0))
        slope = 1.0 - np.cos(theta)
        if slope > 1e-12:
            theta -= (difference - target) / slope
    return float(theta if segment <= np.pi else 2.0 * np.pi - theta)


def _log_ratio(theta: Floats) -> Floats:
    """Logarithm of the flow at an angle over the flow when full."""
    return np.asarray((5.0 * np.log(_segment(theta)) - 2.0 * np.log(theta)) / 3.0 - np.log(2.0 * np.pi))


_TABLE_LOG_THETA = np.linspace(np.log(1e-3), np.log(FULLEST_THETA), 2001)
_TABLE_LOG_RATIO = _log_ratio(np.exp(_TABLE_LOG_THETA))


def _angle_of_ratio(ratio: Floats) -> Floats:
    """Solve flow / full flow = ratio on the rising branch: a table for the start, then guarded Newton steps."""
    target = np.log(np.maximum(ratio, np.exp(_TABLE_LOG_RATIO[0])))
    cell = np.clip(np.searchsorted(_TABLE_LOG_RATIO, target) - 1, 0, len(_TABLE_LOG_THETA) - 2)
    low, high = np.exp(_TABLE_LOG_THETA[cell]), np.exp(_TABLE_LOG_THETA[cell + 1])
    theta = np.exp(np.interp(target, _TABLE_LOG_RATIO, _TABLE_LOG_THETA))
    for _ in range(4):
        slope = (5.0 * (1.0 - np.cos(theta)) / _segment(theta) - 2.0 / theta) / 3.0
        step = np.divide(_log_ratio(theta) - target, slope, out=np.zeros_like(theta), where=slope > 1e-9)
        theta = np.clip(theta - step, low, high)
    return np.asarray(theta)
