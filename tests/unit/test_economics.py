import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone.engineering import economics as ec

rates = st.floats(1e-6, 0.3)
lives = st.floats(1.0, 150.0)


@given(rates, lives)
@settings(deadline=None, max_examples=100)
def test_annuity_repays_exactly_the_capital(rate, life):
    assert ec.annuity_factor(rate, life) * ec.present_value(rate, life) == pytest.approx(1.0)
    years = int(life)
    paid = sum(ec.annuity_factor(rate, years) / (1 + rate) ** t for t in range(1, years + 1))
    assert paid == pytest.approx(1.0, rel=1e-9)
    assert ec.annuity_factor(rate, life) > 1 / life


def test_annuity_without_interest_is_the_straight_line():
    assert ec.annuity_factor(0.0, 72) == 1 / 72
    assert ec.annuity_factor(1e-12, 72) == pytest.approx(1 / 72)
    assert ec.annualise([7_200.0, 0.0], 72, "straight_line", 0.04).tolist() == [100.0, 0.0]
    assert ec.annualise(100.0, 80, "annuity", 0.02) == pytest.approx(2.51607, abs=1e-5)


@pytest.mark.parametrize("life", [0, -3])
def test_life_must_be_positive(life):
    with pytest.raises(ValueError, match="life"):
        ec.annuity_factor(0.04, life)


def test_limit_is_never_positive_when_treatment_costs_as_much_as_a_tank():
    assert ec.limit_distance([75_500, 75_500, 75_500], [0, 75_500, 80_000], 2_071).round(2).tolist() == [36.46, 0.0, -2.17]


def test_fixed_point_is_found():
    value, rounds, is_cycle = ec.fixed_point(lambda x: 10 + x // 2, 100.0, 50)
    assert value == 10 + value // 2
    assert not is_cycle
    assert rounds < 50


def test_two_cycle_is_detected_and_gives_its_smaller_member():
    assert ec.fixed_point(lambda x: {50.0: 36.0, 36.0: 42.0, 42.0: 36.0}[x], 50.0, 20) == (36.0, 3, True)


def test_longer_cycle_and_no_settlement():
    follow = {1.0: 2.0, 2.0: 3.0, 3.0: 4.0, 4.0: 2.0}
    assert ec.fixed_point(follow.__getitem__, 1.0, 20) == (2.0, 4, True)
    assert ec.fixed_point(lambda x: x + 1, 0.0, 5) == (5.0, 5, False)


def test_size_steps_change_at_their_limits():
    assert ec.step_total([4.9, 5.0, 9.9, 10.0, 80.0], [5, 10], [3, 2, 1]).tolist() == pytest.approx([14.7, 10, 19.8, 10, 80])


def test_power_total_has_economies_of_scale():
    total = ec.power_total([0.0, 1000.0, 2000.0], 1_380e6, 1000, 0.42, 103.3 / 101.5)
    assert total[0] == 0
    assert total[1] == pytest.approx(1_380e6 * 103.3 / 101.5)
    assert total[2] == pytest.approx(total[1] * 2**0.42)


def test_pump_energy_as_in_snip():
    # SNIP: 9.81 Q[l/s] H[m] / 500 kW over 8,760 h
    assert ec.pump_energy_kwh_per_yr(3.0 * 86.4, 7.0, 0.5) == pytest.approx(9.81 * 3.0 * 7.0 / 500 * 8760)


def test_rows_go_on_rising_above_the_last_diameter_but_not_below_the_first():
    rows = ec.interpolate_rows([50, 100, 150, 200, 400], [100, 200], [[10.0, 20.0], [20.0, 40.0]])
    assert rows.tolist() == [[10, 20], [10, 20], [15, 30], [20, 40], [40, 80]]


@given(st.lists(st.floats(-5, 15), min_size=1, max_size=20))
@settings(deadline=None, max_examples=50)
def test_depth_interpolation_is_numpys(depths):
    knots, row = [1.0, 2.0, 2.001, 6.0], [3.0, 3.0, 8.0, 12.0]
    got = ec.interpolate_depth(depths, knots, np.tile(row, (len(depths), 1)))
    assert got == pytest.approx(np.interp(depths, knots, row))
