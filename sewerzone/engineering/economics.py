"""Money over time and price curves: pure functions on numbers and arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Method = Literal["straight_line", "annuity"]

WATER_KN_PER_M3 = 9.81
HOURS_PER_YR = 8760.0


def annuity_factor(rate: float, life_yr: float) -> float:
    """Share of a capital to be paid each year over its life: i (1+i)^n / ((1+i)^n - 1); 1/n at rate 0.

    >>> round(annuity_factor(0.02, 80), 7)
    0.0251607
    """
    if life_yr <= 0:
        raise ValueError(f"life must be positive, got {life_yr} years")
    return 1.0 / life_yr if rate == 0 else float(rate / -np.expm1(-life_yr * np.log1p(rate)))


def present_value(rate: float, life_yr: float) -> float:
    """Today's worth of one yen a year over a life; annuity_factor x present_value = 1."""
    return 1.0 / annuity_factor(rate, life_yr)


def capital_share(life_yr: float, method: Method, rate: float) -> float:
    """Yearly share of a capital: 1/life (年価, the official way) or the annuity factor."""
    return 1.0 / life_yr if method == "straight_line" else annuity_factor(rate, life_yr)


def annualise(capital_yen: ArrayLike, life_yr: float, method: Method, rate: float) -> Floats:
    """Yearly amount of a capital (yen per year)."""
    return np.asarray(capital_yen, dtype=np.float64) * capital_share(life_yr, method, rate)


def limit_distance(
    johkasou_yen_per_dwelling_yr: ArrayLike, treatment_yen_per_dwelling_yr: ArrayLike, sewer_yen_per_m_yr: ArrayLike
) -> Floats:
    """Metres of sewer per dwelling at which collective and individual treatment cost the same (家屋間限界距離).

    A value of 0 or less means that a sewer never pays.

    >>> round(float(limit_distance(75_500, 0.0, 2_071)), 1)
    36.5
    """
    johkasou = np.asarray(johkasou_yen_per_dwelling_yr, dtype=np.float64)
    saving = johkasou - np.asarray(treatment_yen_per_dwelling_yr, dtype=np.float64)
    return np.asarray(saving / np.asarray(sewer_yen_per_m_yr, dtype=np.float64), dtype=np.float64)


def fixed_point(update: Callable[[float], float], start: float, most_rounds: int) -> tuple[float, int, bool]:
    """Repeat ``value = update(value)`` until it stays the same (relative 1e-9).

    Returns
    -------
    value : the fixed point; of a cycle the smallest member (the cautious limit); else the last value
    rounds : updates made; ``most_rounds`` without a cycle can mean that it has not settled
    is_cycle : whether a value came back that was not the last one
    """
    seen = [float(start)]
    for rounds in range(1, most_rounds + 1):
        value = float(update(seen[-1]))
        same = [abs(value - old) <= 1e-9 * max(abs(value), abs(old)) for old in seen]
        if same[-1]:
            return value, rounds, False
        if any(same):
            return min(seen[same.index(True) :]), rounds, True
        seen.append(value)
    return seen[-1], most_rounds, False


def power_total(quantity: ArrayLike, a: float, q0: float, b: float, factor: float = 1.0) -> Floats:
    """Total cost a (Q/q0)^b factor; 0 at Q = 0."""
    return np.asarray(a * factor * (np.asarray(quantity, dtype=np.float64) / q0) ** b, dtype=np.float64)


def step_total(quantity: ArrayLike, limits: ArrayLike, prices: ArrayLike) -> Floats:
    """Total cost Q p, where the price p per unit is ``prices[i]`` for sizes below ``limits[i]``."""
    size = np.asarray(quantity, dtype=np.float64)
    index = np.searchsorted(np.asarray(limits, dtype=np.float64), size, side="right")
    return np.asarray(size * np.asarray(prices, dtype=np.float64)[index], dtype=np.float64)


def depth_diameter_price(
    diameter_m: ArrayLike, depth_m: ArrayLike, dh: float, h_only: float, d_only: float, constant: float, diameter_cap_m: float
) -> Floats:
    """Sewer price per m, (dh D + h_only) h + d_only D + constant, with D capped (the form of SNIP); never below 0."""
    d = np.minimum(np.asarray(diameter_m, dtype=np.float64), diameter_cap_m)
    h = np.asarray(depth_m, dtype=np.float64)
    return np.maximum((dh * d + h_only) * h + d_only * d + constant, 0.0)


def interpolate_rows(x: ArrayLike, knots: ArrayLike, rows: ArrayLike) -> Floats:
    """Rows (k, m) known at ``knots`` (k,), linear at ``x`` (n,): the first row below the knots, the last slope above.

    Returns (n, m).
    """
    at, k, table = (np.asarray(v, dtype=np.float64) for v in (x, knots, rows))
    i = np.clip(np.searchsorted(k, at, side="right") - 1, 0, len(k) - 2)
    t = np.maximum((at - k[i]) / (k[i + 1] - k[i]), 0.0)
    return np.asarray(table[i] + t[:, None] * (table[i + 1] - table[i]), dtype=np.float64)


def interpolate_depth(depth_m: ArrayLike, knots: ArrayLike, rows: ArrayLike) -> Floats:
    """One value per row of ``rows`` (n, m), linear at ``depth_m`` (n,) between ``knots`` (m,); constant beyond both ends."""
    h, k, table = (np.asarray(v, dtype=np.float64) for v in (depth_m, knots, rows))
    i = np.clip(np.searchsorted(k, h, side="right") - 1, 0, len(k) - 2)
    t = np.clip((h - k[i]) / (k[i + 1] - k[i]), 0.0, 1.0)
    each = np.arange(len(h))
    return np.asarray(table[each, i] + t * (table[each, i + 1] - table[each, i]), dtype=np.float64)


def pump_energy_kwh_per_yr(flow_mean_m3_per_d: ArrayLike, head_m: ArrayLike, efficiency: float) -> Floats:
    """Energy a pump takes a year: weight of the water x head / efficiency (9.81 kN/m3, 8,760 h)."""
    flow_m3_per_s = np.asarray(flow_mean_m3_per_d, dtype=np.float64) / 86_400.0
    return np.asarray(WATER_KN_PER_M3 * flow_m3_per_s * np.asarray(head_m, dtype=np.float64) / efficiency * HOURS_PER_YR)


def pump_power_kw(flow_l_per_s: ArrayLike, head_m: ArrayLike, efficiency: float) -> Floats:
    """Shaft power of a pump: weight of the water x head / efficiency."""
    flow_m3_per_s = np.asarray(flow_l_per_s, dtype=np.float64) / 1000.0
    return np.asarray(WATER_KN_PER_M3 * flow_m3_per_s * np.asarray(head_m, dtype=np.float64) / efficiency)


def building_years(group_capital_yen: Floats, dwellings_per_ha: Floats, cap_yen: Floats | float) -> Floats:
    """Year (from 1) in which each collective area is finished under a yearly budget, densest first (10年概成).

    ``cap_yen`` is the budget of each year, (years,); that of the last one goes on.
    """
    order = np.lexsort((np.arange(len(group_capital_yen)), -dwellings_per_ha))
    years = np.empty(len(order))
    caps = np.atleast_1d(cap_yen)
    budget, spent = np.cumsum(caps), np.cumsum(group_capital_yen[order])
    is_within = spent <= budget[-1] * (1.0 + 1e-9)  # a budget used up to the yen is kept
    with np.errstate(divide="ignore"):
        later = len(budget) + np.ceil(np.round(np.maximum(spent - budget[-1], 0.0) / caps[-1], 9))
    within = 1.0 + np.searchsorted(budget * (1.0 + 1e-9), spent)
    years[order] = np.maximum(np.where(is_within, within, later), 1.0)
    return years


def stranded_yen_per_yr(tank_capital_yen_per_yr: Floats, year: Floats, tank_life_yr: float) -> Floats:
    """Yearly worth of tanks given up early when the sewer comes in ``year``: houses of an area not reached in time
    get tanks now, and what is left of their life then is lost."""
    return tank_capital_yen_per_yr * np.maximum(0.0, 1.0 - year / tank_life_yr)
